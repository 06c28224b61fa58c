//! sshd_config(5).

use crate::error::{Error, Layer, Result};
use crate::evidence::linux::reader::Reader;
use crate::evidence::linux::services::Start;
use crate::evidence::{Found, Gap, Location};
use crate::guest::linux::assignments;
use crate::text::lossless;

/// Files that one configuration may include.
const MAX_FILES: usize = 256;

/// A setting of the server.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Setting {
    /// Keyword in lower case.
    pub keyword: String,
    /// Its value as it stands, without quotes.
    pub value: String,
    /// The `Match` condition that it stands under, if any.
    pub condition: Option<String>,
}

impl Setting {
    /// True where the keyword is `keyword` (lower case).
    #[must_use]
    pub fn is(&self, keyword: &str) -> bool {
        self.keyword == keyword
    }
}

/// The settings of the server, in the order in which they are read: outside of `Match` the first
/// of a keyword holds.
#[derive(Debug, Clone, Default)]
pub struct Sshd {
    /// The settings.
    pub settings: Vec<Found<Setting>>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

pub(in crate::evidence::linux) fn collect(reader: &Reader<'_>, start: &Start) -> Sshd {
    let mut all = Sshd::default();
    let mut left = MAX_FILES;
    let mut condition = None;
    // What stands on the command line goes before every file.
    let mut other_files = Vec::new();
    command_lines(reader, &mut all, start, &mut other_files);
    other_files.push("/etc/ssh/sshd_config".to_owned());
    let before = all.settings.len();
    for path in &other_files {
        read(reader, &mut all, path.as_bytes(), &mut condition, &mut left);
        condition = None;
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

/// Options of the server on its command lines (sshd(8): `-f FILE`, `-o OPTION`), and in the files
/// that units and init scripts take further options from.
fn command_lines(reader: &Reader<'_>, all: &mut Sshd, start: &Start, files: &mut Vec<String>) {
    let mut lines: Vec<(String, Location)> = Vec::new();
    for line in start.lines.iter().filter(|l| l.fact.inactive.is_none()) {
        let calls = line.fact.calls(&|_| None);
        if calls
            .iter()
            .any(|c| c.program.ends_with("/sshd") || c.program == "sshd")
        {
            lines.push((line.fact.command.clone(), line.at.clone()));
        }
    }
    for path in [
        "/etc/default/ssh",
        "/etc/sysconfig/sshd",
        "/etc/sysconfig/ssh",
        "/etc/conf.d/sshd",
    ] {
        if let Some(file) = reader.text(path, &mut all.gaps) {
            for (n, key, value) in assignments(&file.text) {
                if matches!(key.as_str(), "SSHD_OPTS" | "OPTIONS" | "SSHD_OPTIONS") {
                    lines.push((value, file.line(n)));
                }
            }
        }
    }
    for (text, at) in lines {
        let words = words(&text);
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            let mut value = |option: &str| {
                let tail = word.strip_prefix(option)?;
                if tail.is_empty() {
                    rest.next().cloned()
                } else {
                    Some(tail.to_owned())
                }
            };
            if let Some(path) = value("-f") {
                files.push(path);
            } else if let Some(option) = value("-o")
                && let Some((keyword, value)) = split(&option)
            {
                all.settings.push(Found {
                    fact: Setting {
                        keyword,
                        value,
                        condition: None,
                    },
                    at: at.clone(),
                });
            }
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

/// Keyword in lower case and value.
fn split(line: &str) -> Option<(String, String)> {
    let end = line
        .find(|c: char| c.is_whitespace() || c == '=')
        .unwrap_or(line.len());
    let (keyword, rest) = line.split_at(end);
    let value = rest
        .trim_start_matches(|c: char| c.is_whitespace() || c == '=')
        .trim();
    (!keyword.is_empty()).then(|| (keyword.to_ascii_lowercase(), value.to_owned()))
}

fn read(
    reader: &Reader<'_>,
    all: &mut Sshd,
    path: &[u8],
    condition: &mut Option<String>,
    left: &mut usize,
) {
    if *left == 0 {
        let why = Error::limit(
            Layer::Config,
            None,
            say!(error_too_many, most = MAX_FILES, what = "includes"),
        );
        all.gaps.push(Gap::at_path(lossless(path), &why));
        return;
    }
    *left -= 1;
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
                *condition = Some(value.clone()).filter(|v| !v.eq_ignore_ascii_case("all"));
                continue;
            }
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
            fact: Setting {
                keyword,
                value: value.trim_matches('"').to_owned(),
                condition: condition.clone(),
            },
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
