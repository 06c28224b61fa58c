//! Who may become root without being asked: sudoers(5), doas.conf(5), rules of polkit(8).

use std::collections::BTreeMap;

use crate::error::{Error, Layer};
use crate::evidence::linux::packages::{Provenance, Vendor};
use crate::evidence::linux::reader::{Reader, TextFile, base};
use crate::evidence::{Found, Gap, Location};
use crate::text::lossless;

/// Files that include one another.
const MAX_FILES: usize = 256;

/// A rule by which somebody may run programs as somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SudoRule {
    /// Users, `%groups`, `ALL`, aliases resolved.
    pub who: Vec<String>,
    /// No password is asked for.
    pub no_password: bool,
    /// Every command.
    pub everything: bool,
    /// The file stands as its package brought it.
    pub packaged: bool,
    /// The rule as it stands.
    pub text: String,
    /// The line that includes its file, where that is another than `/etc/sudoers`.
    pub included: Option<Location>,
}

/// All rules.
#[derive(Debug, Clone, Default)]
pub struct Sudo {
    /// Rules of sudoers and doas.
    pub rules: Vec<Found<SudoRule>>,
    /// Settings by which nobody, or fewer, are asked for a password.
    pub unasked: Vec<Found<String>>,
    /// Lines that are not understood, and rules of polkit that no package brought and that grant
    /// something.
    pub unclear: Vec<Found<String>>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

struct Parser<'a> {
    reader: &'a Reader<'a>,
    vendor: &'a Vendor,
    all: Sudo,
    users: BTreeMap<String, Vec<String>>,
    commands: BTreeMap<String, Vec<String>>,
    /// Files that may still be read; `None` where one was refused, which is told once.
    left: Option<usize>,
    /// The line that leads to the file that is read.
    included: Option<Location>,
}

pub(in crate::evidence::linux) fn collect(reader: &Reader<'_>, vendor: &Vendor) -> Sudo {
    let mut parser = Parser {
        reader,
        vendor,
        all: Sudo::default(),
        users: BTreeMap::new(),
        commands: BTreeMap::new(),
        left: Some(MAX_FILES),
        included: None,
    };
    parser.file(b"/etc/sudoers");
    parser.file(b"/usr/etc/sudoers");
    parser.resolve();
    let mut all = parser.all;
    front_end(reader, &mut all);
    doas(reader, vendor, &mut all);
    polkit(reader, vendor, &mut all);
    all
}

impl Parser<'_> {
    fn file(&mut self, path: &[u8]) {
        let Some(left) = self.left else { return };
        let Some(file) = self.reader.text(path, &mut self.all.gaps) else {
            return;
        };
        self.left = left.checked_sub(1);
        if self.left.is_none() {
            let why = Error::limit(
                Layer::Config,
                None,
                say!(error_too_many, most = MAX_FILES, what = "includes"),
            );
            self.all.gaps.push(Gap::new(file.at, &why));
            return;
        }
        let packaged = file
            .at
            .path
            .as_deref()
            .is_some_and(|p| self.vendor.of(self.reader, p) == Provenance::Unchanged);
        let mut carried: Option<(usize, String)> = None;
        for (n, line) in file.lines() {
            let (n, line) = match carried.take() {
                Some((first, before)) => (first, before + line.trim_start()),
                None => (n, line.to_owned()),
            };
            if let Some(more) = line.strip_suffix('\\') {
                carried = Some((n, format!("{more} ")));
                continue;
            }
            self.line(&file, n, line.trim(), packaged);
        }
        if let Some((n, line)) = carried {
            self.line(&file, n, line.trim(), packaged);
        }
    }

    fn line(&mut self, file: &TextFile, n: usize, line: &str, packaged: bool) {
        for word in ["include", "includedir"] {
            let rest = line
                .strip_prefix(['#', '@'])
                .and_then(|l| l.strip_prefix(word));
            let Some(rest) = rest.filter(|r| r.starts_with([' ', '\t'])) else {
                continue;
            };
            let path = unquote(rest.trim());
            let path = if path.starts_with('/') {
                path
            } else {
                let folder = file.asked.rsplit_once('/').map_or("/etc", |(f, _)| f);
                format!("{folder}/{path}")
            };
            if self.left.is_none() {
                return;
            }
            let before = self.included.replace(file.line(n));
            if path.contains("%h") {
                self.unclear(file, n, line);
            } else if word == "include" {
                self.file(path.as_bytes());
            } else {
                for child in self.reader.children(path.as_bytes(), &mut self.all.gaps) {
                    let name = base(&child);
                    if !name.contains(&b'.') && !name.ends_with(b"~") {
                        self.file(&child);
                    }
                }
            }
            self.included = before;
            return;
        }
        let line = without_comment(line);
        let line = line.trim();
        if line.is_empty() {
            return;
        }
        let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        if first.starts_with("Defaults") {
            let asks = ["!authenticate", "exempt_group", "!use_pty_auth"];
            let plain: String = line.split_whitespace().collect();
            if asks.iter().any(|a| plain.contains(a)) {
                self.all.unasked.push(Found {
                    fact: line.to_owned(),
                    at: file.line(n),
                });
            }
            return;
        }
        let alias = match first {
            "User_Alias" => Some(&mut self.users),
            "Cmnd_Alias" | "Cmd_Alias" => Some(&mut self.commands),
            "Host_Alias" | "Runas_Alias" => return,
            _ => None,
        };
        if let Some(map) = alias {
            for part in rest.split(" : ").flat_map(|p| p.split(':')) {
                if let Some((name, members)) = part.split_once('=') {
                    let members = members.split(',').map(|m| m.trim().to_owned());
                    map.insert(name.trim().to_owned(), members.collect());
                }
            }
            return;
        }
        self.rule(file, n, line, packaged);
    }

    /// `WHO HOSTS = (RUNAS) TAGS COMMANDS : HOSTS = …`
    fn rule(&mut self, file: &TextFile, n: usize, line: &str, packaged: bool) {
        let Some((left, right)) = line.split_once('=') else {
            return self.unclear(file, n, line);
        };
        // The hosts are the last word before the `=`; a list has no blanks but behind commas.
        let joined = left.replace(", ", ",").replace(" ,", ",");
        let left = joined.trim();
        let Some((who, _)) = left.rsplit_once(char::is_whitespace) else {
            return self.unclear(file, n, line);
        };
        let mut who: Vec<String> = who.split(',').map(|w| unquote(w.trim())).collect();
        who.retain(|w| !w.is_empty());
        let upper = right.to_owned();
        let mut no_password = false;
        let mut everything = false;
        for part in upper.split(',') {
            let mut part = part.trim();
            // The runas list, behind which tags stand.
            if let Some((_, rest)) = part.rsplit_once(')') {
                part = rest.trim();
            }
            while let Some((tag, rest)) = part.split_once(':') {
                let tag = tag.trim();
                let is_tag =
                    !tag.is_empty() && tag.chars().all(|c| c.is_ascii_uppercase() || c == '_');
                if !is_tag {
                    break;
                }
                no_password |= tag == "NOPASSWD";
                part = rest.trim();
            }
            let program = part.split_whitespace().next().unwrap_or("");
            everything |= gives_all(program)
                || self.commands.get(program).is_some_and(|list| {
                    list.iter()
                        .any(|c| gives_all(c.split_whitespace().next().unwrap_or("")))
                });
        }
        no_password |= right.contains("NOPASSWD");
        self.all.rules.push(Found {
            fact: SudoRule {
                who,
                no_password,
                everything,
                packaged,
                text: line.to_owned(),
                included: self.included.clone(),
            },
            at: file.line(n),
        });
    }

    fn unclear(&mut self, file: &TextFile, n: usize, line: &str) {
        self.all.unclear.push(Found {
            fact: line.to_owned(),
            at: file.line(n),
        });
    }

    /// Puts the members of aliases in their place, whichever file names them.
    fn resolve(&mut self) {
        for rule in &mut self.all.rules {
            for _ in 0..8 {
                let mut next = Vec::new();
                for who in &rule.fact.who {
                    match self.users.get(who) {
                        Some(members) => next.extend(members.iter().cloned()),
                        None => next.push(who.clone()),
                    }
                }
                next.truncate(4096);
                if next == rule.fact.who {
                    break;
                }
                rule.fact.who = next;
            }
        }
    }
}

/// Commands that are as good as every command.
fn gives_all(program: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or(program);
    program == "ALL"
        || matches!(
            name,
            "sh" | "bash"
                | "dash"
                | "zsh"
                | "ksh"
                | "su"
                | "sudo"
                | "env"
                | "vi"
                | "vim"
                | "python"
                | "python3"
                | "perl"
                | "*"
                | "less"
                | "find"
                | "tee"
                | "cp"
                | "dd"
                | "chmod"
                | "chown"
        )
}

/// Quotes and backslashes taken off.
fn unquote(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {}
            '\\' => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    out
}

/// The line up to its comment; `#1000` is a user.
fn without_comment(line: &str) -> String {
    let mut quoted = false;
    let mut before = ' ';
    let bytes: Vec<(usize, char)> = line.char_indices().collect();
    for (i, (at, c)) in bytes.iter().enumerate() {
        match c {
            '"' if before != '\\' => quoted = !quoted,
            '#' if !quoted && before != '\\' => {
                let digit = bytes
                    .get(i + 1)
                    .is_some_and(|(_, c)| c.is_ascii_digit() || *c == '-');
                if !digit {
                    return line[..*at].to_owned();
                }
            }
            _ => {}
        }
        before = *c;
    }
    line.to_owned()
}

/// sudo.conf(5): who judges, and where that is loaded from. What another plugin grants, or sudo's own
/// by another file of rules, is not in `/etc/sudoers`.
fn front_end(reader: &Reader<'_>, all: &mut Sudo) {
    const OWN: &[&str] = &[
        "sudoers.so",
        "/usr/libexec/sudo/sudoers.so",
        "/usr/lib/sudo/sudoers.so",
    ];
    let Some(file) = reader.text("/etc/sudo.conf", &mut all.gaps) else {
        return;
    };
    for (n, line) in file.lines() {
        let text = line.split('#').next().unwrap_or_default().trim();
        let words: Vec<&str> = text.split_whitespace().collect();
        let odd = match words.as_slice() {
            ["Plugin", symbol, library] => {
                !symbol.starts_with("sudoers_") || !OWN.contains(library)
            }
            ["Plugin", ..] => true,
            ["Path", "plugin_dir", ..] => true,
            _ => false,
        };
        if odd {
            all.unclear.push(Found {
                fact: text.to_owned(),
                at: file.line(n),
            });
        }
    }
}

fn doas(reader: &Reader<'_>, vendor: &Vendor, all: &mut Sudo) {
    let mut files: Vec<TextFile> = Vec::new();
    files.extend(reader.text("/etc/doas.conf", &mut all.gaps));
    files.extend(reader.texts_in(b"/etc/doas.d", &[".conf"], &mut all.gaps));
    for file in &files {
        let path = file.at.path.clone().unwrap_or_default();
        let packaged = vendor.of(reader, &path) == Provenance::Unchanged;
        for (n, line) in file.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            if words.first() != Some(&"permit") {
                continue;
            }
            let options = ["nopass", "persist", "keepenv", "nolog"];
            let who = words[1..].iter().find(|w| {
                !options.contains(w) && !w.starts_with("setenv") && !w.contains(['{', '}', '='])
            });
            let who = who.map_or_else(String::new, |w| w.replace(':', "%"));
            all.rules.push(Found {
                fact: SudoRule {
                    who: vec![who],
                    no_password: words.contains(&"nopass"),
                    everything: !words.contains(&"cmd"),
                    packaged,
                    text: line.trim().to_owned(),
                    included: None,
                },
                at: file.line(n),
            });
        }
    }
}

/// Rules of polkit are programs; those of packages are taken for what they are for.
fn polkit(reader: &Reader<'_>, vendor: &Vendor, all: &mut Sudo) {
    for folder in [
        &b"/etc/polkit-1/rules.d"[..],
        b"/usr/share/polkit-1/rules.d",
        b"/usr/local/share/polkit-1/rules.d",
    ] {
        for file in reader.texts_in(folder, &[".rules"], &mut all.gaps) {
            let path = file.at.path.clone().unwrap_or_else(|| lossless(folder));
            if vendor.of(reader, &path) == Provenance::Unchanged {
                continue;
            }
            let grants = file.lines().find(|(_, l)| {
                !l.trim_start().starts_with("//")
                    && (l.contains("YES") || l.contains("addAdminRule"))
            });
            if let Some((n, line)) = grants {
                all.unclear.push(Found {
                    fact: line.trim().to_owned(),
                    at: file.line(n),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::linux::packages::Vendor;
    use crate::evidence::linux::testing::{Build, guest};

    #[test]
    fn rules_are_read_as_visudo_lists_them() {
        // sudoers(5) of 1.9.13.
        let main = "Defaults env_reset\nUser_Alias OPS = ann, bob\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\nOPS ALL = NOPASSWD: /bin/ls, \\\n  /bin/bash\n#includedir /srv/sudo\n@include \"/srv/a b\"\n#1000 ALL=(ALL) NOPASSWD: ALL # a comment\n";
        let guest = guest(
            Build::bare()
                .file("/etc/sudoers", 0o440, main)
                .file("/srv/sudo/a", 0o440, "nobody ALL=(ALL) NOPASSWD: ALL\n")
                .file("/srv/sudo/a.bak", 0o440, "bin ALL=(ALL) NOPASSWD: ALL\n")
                .file("/srv/a b", 0o440, "Defaults:ann !authenticate\n"),
        );
        let reader = Reader::new(&guest.paths);
        let all = collect(&reader, &Vendor::default());
        let rules: Vec<_> = all
            .rules
            .iter()
            .map(|r| (r.fact.who.join(","), r.fact.no_password, r.fact.everything))
            .collect();
        let want = |who: &str, a, b| (who.to_owned(), a, b);
        assert_eq!(
            rules,
            [
                want("root", false, true),
                want("%sudo", false, true),
                want("ann,bob", true, true),
                want("nobody", true, true),
                want("#1000", true, true),
            ]
        );
        assert_eq!(all.unasked.len(), 1);
        assert!(all.unclear.is_empty());
    }
}
