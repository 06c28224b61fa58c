//! sshd_config(5).

use std::collections::BTreeSet;

use crate::error::{Error, Layer, Result};
use crate::evidence::linux::packages::{Provenance, Vendor};
use crate::evidence::linux::reader::Reader;
use crate::evidence::linux::services::{Run, RunCommand};
use crate::evidence::{Found, Gap, Location};
use crate::fs::FileKind;
use crate::guest::Located;
use crate::guest::linux::assignments;
use crate::source::{holds, read_vec};
use crate::text::lossless;

/// Files that one configuration may include.
const MAX_FILES: usize = 256;
/// The largest program that is looked into, in bytes.
const MAX_PROGRAM: u64 = 2 << 30;
/// The server's own configuration file.
const OWN: &str = "/etc/ssh/sshd_config";

/// A setting of the server.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Setting {
    /// Keyword in lower case.
    pub keyword: String,
    /// Its value as it stands, without quotes around it.
    pub value: String,
    /// Its words, as the server splits them.
    #[serde(skip)]
    pub arguments: Vec<String>,
    /// The `Match` condition that it stands under, if any.
    pub condition: Option<String>,
}

impl Setting {
    /// True where the keyword is `keyword` (lower case).
    #[must_use]
    pub fn is(&self, keyword: &str) -> bool {
        self.keyword == keyword
    }

    /// Its first word, without quotes and comment; empty where there is none.
    #[must_use]
    pub fn first(&self) -> &str {
        self.arguments.first().map_or("", String::as_str)
    }

    /// True where its first word is `value`, whatever the case.
    #[must_use]
    pub fn says(&self, value: &str) -> bool {
        self.first().eq_ignore_ascii_case(value)
    }

    /// Keyword and words, for people.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{} {}", self.keyword, self.arguments.join(" "))
    }

    fn new(keyword: String, value: &str, condition: Option<String>) -> Self {
        Self {
            keyword,
            arguments: arguments(value).0,
            value: value.trim_matches('"').to_owned(),
            condition,
        }
    }
}

/// An SSH server that something starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The program, links followed.
    pub program: String,
    /// The command that starts it.
    pub command: String,
    /// It is no program of a package, or one under another name than its own.
    pub disguised: bool,
}

/// The settings of the server, in the order in which they are read: outside of `Match` the first
/// of a keyword holds.
#[derive(Debug, Clone, Default)]
pub struct Sshd {
    /// The settings.
    pub settings: Vec<Found<Setting>>,
    /// What starts it.
    pub servers: Vec<Found<Server>>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

impl Sshd {
    /// The settings of `keyword` (lower case) that hold somewhere: the first of them outside of
    /// `Match`, and all inside.
    pub fn in_force<'s>(&'s self, keyword: &'s str) -> impl Iterator<Item = &'s Found<Setting>> {
        let mut seen = false;
        self.settings.iter().filter(move |s| {
            if !s.fact.is(keyword) {
                return false;
            }
            if s.fact.condition.is_some() {
                return true;
            }
            !std::mem::replace(&mut seen, true)
        })
    }
}

pub(in crate::evidence::linux) fn collect(reader: &Reader<'_>, run: &Run, vendor: &Vendor) -> Sshd {
    let mut all = Sshd::default();
    let mut left = Some(MAX_FILES);
    let mut condition = None;
    // What stands on the command line goes before every file.
    let mut files = Vec::new();
    servers(reader, &mut all, run, vendor, &mut files);
    files.push(OWN.to_owned());
    let before = all.settings.len();
    let mut seen = BTreeSet::new();
    for path in &files {
        if seen.insert(path.clone()) {
            read(reader, &mut all, path.as_bytes(), &mut condition, &mut left);
            condition = None;
        }
    }
    if all.settings.len() == before {
        // openSUSE keeps the vendor's file below /usr.
        read(
            reader,
            &mut all,
            b"/usr/etc/ssh/sshd_config",
            &mut condition,
            &mut left,
        );
    }
    all
}

/// The servers that something starts, their options (sshd(8): `-f FILE`, `-o OPTION`), and the
/// files that units and init scripts take further options from.
fn servers(
    reader: &Reader<'_>,
    all: &mut Sshd,
    run: &Run,
    vendor: &Vendor,
    files: &mut Vec<String>,
) {
    let mut programs = Programs {
        reader,
        vendor,
        own: reader
            .find(b"/usr/sbin/sshd", &mut all.gaps)
            .map(|at| at.metadata.size),
        known: Default::default(),
        gaps: Vec::new(),
    };
    for command in &run.commands {
        let fact = &command.fact;
        if fact.foreign {
            continue;
        }
        let Some(server) = programs.server(fact) else {
            continue;
        };
        options(
            all,
            fact.operands().map(str::to_owned).collect(),
            &command.at,
            files,
        );
        all.servers.push(Found {
            fact: server,
            at: command.at.clone(),
        });
    }
    all.gaps.append(&mut programs.gaps);
    for path in [
        "/etc/default/ssh",
        "/etc/sysconfig/sshd",
        "/etc/sysconfig/ssh",
        "/etc/conf.d/sshd",
        "/etc/default/dropbear",
    ] {
        if let Some(file) = reader.text(path, &mut all.gaps) {
            for (n, key, value) in assignments(&file.text) {
                if matches!(key.as_str(), "SSHD_OPTS" | "OPTIONS" | "SSHD_OPTIONS") {
                    options(all, words(&value), &file.line(n), files);
                }
            }
        }
    }
}

struct Programs<'a> {
    reader: &'a Reader<'a>,
    vendor: &'a Vendor,
    /// The size of the packaged server.
    own: Option<u64>,
    /// By name: the program and whether it is disguised, where it is a server.
    known: std::collections::BTreeMap<String, Option<(String, bool)>>,
    gaps: Vec<Gap>,
}

impl Programs<'_> {
    fn server(&mut self, command: &RunCommand) -> Option<Server> {
        let program = command
            .words
            .iter()
            .find(|w| w.split_once('=').is_none_or(|(k, _)| k.contains('/')))?;
        if !self.known.contains_key(program) {
            let answer = self.judge(program);
            let answer = answer.unwrap_or_else(|gap| {
                self.gaps.push(gap);
                None
            });
            self.known.insert(program.clone(), answer);
        }
        let (path, disguised) = self.known.get(program)?.clone()?;
        Some(Server {
            program: path,
            command: command.text(),
            disguised,
        })
    }

    fn judge(&self, program: &str) -> Result<Option<(String, bool)>, Gap> {
        let named = program.rsplit('/').next() == Some("sshd");
        let mut gaps = Vec::new();
        let found = if program.starts_with('/') {
            self.reader.find(program.as_bytes(), &mut gaps)
        } else if program.contains(['/', '$']) || program.is_empty() {
            None
        } else {
            self.reader.program(program, &mut gaps)
        };
        let Some(at) = found.filter(|at| at.metadata.kind == FileKind::Regular) else {
            return Ok(named.then(|| (program.to_owned(), false)));
        };
        let path = at.path_text();
        if named && path.ends_with("/sshd") {
            let foreign = matches!(
                self.vendor.of(self.reader, &path),
                Provenance::Foreign | Provenance::Changed
            );
            return Ok(Some((path, foreign)));
        }
        // A copy of the server, or a server of another make: by what it holds. A packaged
        // program of another size is what its package says.
        let other = self.vendor.lists(&path) && self.own != Some(at.metadata.size);
        if other || at.metadata.size < 32 * 1024 {
            return Ok(None);
        }
        let server = is_server(&at).map_err(|e| Gap::new(Location::of(&at), &e))?;
        let packaged = self.vendor.of(self.reader, &path) == Provenance::Unchanged;
        Ok(server.then_some((path, !packaged)))
    }
}

/// True for a program that is a server of SSH by what it holds.
fn is_server(at: &Located) -> Result<bool> {
    let file = at.open()?;
    if read_vec(file.as_ref(), 0, 4)? != b"\x7fELF" {
        return Ok(false);
    }
    if file.len() > MAX_PROGRAM {
        let what = say!(error_program_long, len = file.len(), most = MAX_PROGRAM);
        return Err(Error::limit(Layer::Guest, None, what));
    }
    let has = |text: &[u8]| holds(file.as_ref(), text);
    Ok(has(b"Dropbear server")? || has(b"authorizedkeysfile")? && has(b"trustedusercakeys")?)
}

/// The options `-f` and `-o` among the words of a command.
fn options(all: &mut Sshd, words: Vec<String>, at: &Location, files: &mut Vec<String>) {
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        // Options without a value may stand in one word with one that has it.
        let Some(letters) = word.strip_prefix('-') else {
            continue;
        };
        let Some(i) =
            letters.find(['f', 'o', 'p', 'h', 'b', 'c', 'C', 'E', 'g', 'k', 'u', 'D'].as_slice())
        else {
            continue;
        };
        let i = match letters.as_bytes().get(i) {
            // `-D` takes nothing.
            Some(b'D') => match letters[i + 1..].find(['f', 'o', 'p', 'h'].as_slice()) {
                Some(more) => i + 1 + more,
                None => continue,
            },
            _ => i,
        };
        let (letter, tail) = (&letters[i..=i], &letters[i + 1..]);
        let value = if tail.is_empty() {
            rest.next().cloned()
        } else {
            Some(tail.to_owned())
        };
        let Some(value) = value else { continue };
        if value.contains(['$', '`']) && matches!(letter, "f" | "o") {
            let why =
                Error::unsupported(Layer::Config, None, say!(error_ssh_option, value = value));
            all.gaps.push(Gap::new(at.clone(), &why));
        } else if letter == "f" {
            let path = if value.starts_with('/') {
                value
            } else {
                format!("/{value}")
            };
            files.push(path);
        } else if letter == "o"
            && let Some((keyword, value)) = split(&value)
        {
            all.settings.push(Found {
                fact: Setting::new(keyword, &value, None),
                at: at.clone(),
            });
        }
    }
}

/// Words at blanks, with quotes taken off.
fn words(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in text.chars() {
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, c) if c.is_whitespace() => out.extend(word.take()),
            (_, c) => word.get_or_insert_with(String::new).push(c),
        }
    }
    out.extend(word);
    out
}

/// Keyword in lower case and what stands behind it, as strdelim of OpenSSH 9.2 reads a line: the
/// keyword ends at a blank or at one `=`, and a quote in it leads on to the next one.
fn split(line: &str) -> Option<(String, String)> {
    let blank = [' ', '\t', '\r', '\n'];
    let line = line.trim_start_matches(blank).trim_start_matches('=');
    let line = line.trim_start_matches(blank);
    let end = line.find(|c: char| blank.contains(&c) || c == '=' || c == '"');
    let end = end.unwrap_or(line.len());
    let (head, rest) = line.split_at(end);
    let (keyword, rest) = match rest.strip_prefix('"') {
        Some(inner) => {
            let (quoted, rest) = inner.split_once('"')?;
            (format!("{head}{quoted}"), rest)
        }
        None => {
            let rest = rest.trim_start_matches(blank);
            (head.to_owned(), rest.strip_prefix('=').unwrap_or(rest))
        }
    };
    (!keyword.is_empty()).then(|| (keyword.to_ascii_lowercase(), rest.trim().to_owned()))
}

fn read(
    reader: &Reader<'_>,
    all: &mut Sshd,
    path: &[u8],
    condition: &mut Option<String>,
    left: &mut Option<usize>,
) {
    let Some(now) = *left else { return };
    *left = now.checked_sub(1);
    if left.is_none() {
        // Told once: what leads to further files may stand on a million lines.
        let why = Error::limit(
            Layer::Config,
            None,
            say!(error_too_many, most = MAX_FILES, what = "includes"),
        );
        all.gaps.push(Gap::at_path(lossless(path), &why));
        return;
    }
    let Some(file) = reader.text(path, &mut all.gaps) else {
        return;
    };
    for (n, line) in file.lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((keyword, value)) = split(line) else {
            continue;
        };
        match keyword.as_str() {
            "match" => {
                // What stands below `Match all` goes before what stands outside, too.
                *condition = Some(value.clone());
                continue;
            }
            "include" if left.is_none() => continue,
            "include" => {
                let (patterns, doubt) = arguments(&value);
                let doubt = doubt.map(|e| Gap::new(file.line(n), &e));
                all.gaps.extend(doubt);
                for pattern in patterns {
                    let paths = expand(reader, &pattern, &mut all.gaps).unwrap_or_else(|e| {
                        all.gaps.push(Gap::new(file.line(n), &e));
                        Vec::new()
                    });
                    for path in paths {
                        // A Match inside an included file ends with it.
                        let mut inner = condition.clone();
                        read(reader, all, &path, &mut inner, left);
                    }
                }
                continue;
            }
            _ => {}
        }
        all.settings.push(Found {
            fact: Setting::new(keyword, &value, condition.clone()),
            at: file.line(n),
        });
    }
}

/// The files of an include pattern, relative to `/etc/ssh`.
fn expand(reader: &Reader<'_>, pattern: &str, gaps: &mut Vec<Gap>) -> Result<Vec<Vec<u8>>> {
    let escaped = |at: usize| {
        let digits = pattern.as_bytes().get(at + 2..at + 4);
        digits.is_some_and(|d| (b'8'..=b'f').contains(&d[0]) && d[1].is_ascii_hexdigit())
    };
    // Either a byte that is no UTF-8 or an escaped `x`.
    if pattern.match_indices(r"\x").any(|(at, _)| escaped(at)) {
        let why = say!(error_pattern_utf8, pattern = crate::text::terminal(pattern));
        return Err(Error::unsupported(Layer::Config, None, why));
    }
    // A tilde is no home folder here: sshd takes it as it stands, from the root that it works in.
    let path = match pattern.chars().next() {
        Some('/') => pattern.to_owned(),
        Some('~') => format!("/{pattern}"),
        _ => format!("/etc/ssh/{pattern}"),
    };
    reader.glob(path.as_bytes(), gaps)
}

/// The arguments of a keyword as OpenSSH has split them since 8.7: quotes of both kinds, a
/// backslash before a quote, a backslash or (outside of quotes) a blank, and comments. The error
/// says where earlier releases read them otherwise, or where there is no reading at all.
fn arguments(value: &str) -> (Vec<String>, Option<Error>) {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut doubt = None;
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '#' if word.is_none() => break,
            '\\' if chars.peek().is_some_and(|next| {
                matches!(next, '\'' | '"' | '\\') || *next == ' ' && quote.is_none()
            }) =>
            {
                doubt = Some(say!(error_ssh_backslash));
                word.get_or_insert_default().extend(chars.next());
            }
            ' ' | '\t' if quote.is_none() => words.extend(word.take()),
            '\'' | '"' if quote.is_none() => {
                if c == '\'' {
                    doubt = Some(say!(error_ssh_single_quote));
                }
                quote = Some(c);
                word.get_or_insert_default();
            }
            c if quote == Some(c) => quote = None,
            c => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        doubt = Some(say!(error_ssh_quote_open));
    }
    words.extend(word);
    let doubt = doubt.map(|why| {
        let value = crate::text::terminal(value);
        Error::unsupported(
            Layer::Config,
            None,
            say!(error_ssh_include, value = value, why = why),
        )
    });
    (words, doubt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_read_as_strdelim_reads_them() {
        // What `sshd -T` of OpenSSH 9.2 makes of the lines.
        for line in [
            "PermitEmptyPasswords yes",
            "  permitemptypasswords\tyes",
            "PermitEmptyPasswords=yes",
            "PermitEmptyPasswords = yes",
            "\"PermitEmptyPasswords\" yes",
            "Permit\"EmptyPasswords\"yes",
            "PermitEmptyPasswords \"yes\" # a comment",
            "PermitEmptyPasswords YES",
        ] {
            let (keyword, value) = split(line).unwrap();
            let setting = Setting::new(keyword, &value, None);
            assert!(setting.is("permitemptypasswords"), "{line}");
            assert!(setting.says("yes"), "{line}: {setting:?}");
        }
        for line in ["\"PermitEmptyPasswords yes", "=", ""] {
            assert_eq!(split(line), None, "{line}");
        }
        let (_, value) = split("\"PermitEmptyPasswords\"=yes").unwrap();
        assert_eq!(value, "=yes");
    }
}
