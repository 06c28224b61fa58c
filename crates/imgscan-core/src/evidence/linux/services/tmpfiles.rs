//! What systemd makes at each boot: tmpfiles.d(5), sysusers.d(5), and the credentials that both
//! take from the image.

use std::collections::{BTreeMap, BTreeSet};

use super::shell::quoted_words;
use crate::evidence::linux::reader::{Reader, TextFile, base};
use crate::evidence::{Found, Gap, Location};
use crate::fs::FileKind;
use crate::glob::{Flags, Pattern};
use crate::text::lossless;

/// A line of tmpfiles.d.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TmpLine {
    /// Its type, one letter.
    pub kind: char,
    /// The modifiers behind the letter.
    pub modifiers: String,
    /// The path, or the pattern of paths.
    pub path: String,
    /// The mode, as it stands.
    pub mode: String,
    /// The user.
    pub user: String,
    /// From which age on files are removed, as it stands.
    pub age: String,
    /// What is written, linked to or copied from.
    pub argument: Option<String>,
}

impl TmpLine {
    /// The argument names a credential in place of what it says.
    #[must_use]
    pub fn from_credential(&self) -> bool {
        self.modifiers.contains('^')
    }

    /// True of a copy (`C`) that is not made because something is there: a file, or a directory that is not empty
    /// (tmpfiles.d(5)).
    fn finds_its_target(&self, reader: &Reader<'_>, gaps: &mut Vec<Gap>) -> bool {
        if self.kind != 'C' || self.modifiers.contains(['+', '=']) {
            return false;
        }
        match reader.find(self.path.as_bytes(), gaps) {
            Some(at) if at.metadata.kind == FileKind::Directory => {
                !reader.children(self.path.as_bytes(), gaps).is_empty()
            }
            Some(at) => at.metadata.kind == FileKind::Regular,
            None => false,
        }
    }

    /// True where the line puts something at one of `paths` or changes what is there.
    #[must_use]
    pub fn changes(&self, path: &str) -> bool {
        let makes = matches!(
            self.kind,
            'f' | 'F' | 'w' | 'L' | 'C' | 'r' | 'R' | 'D' | 'c' | 'b' | 'p'
        );
        if !makes {
            return false;
        }
        let own = self.path.trim_end_matches('/');
        let below = path
            .strip_prefix(own)
            .is_some_and(|rest| rest.starts_with('/'));
        let fits = own.contains(['*', '?', '['])
            && Pattern::new(own.as_bytes(), Flags::PATH).is_ok_and(|p| p.matches(path.as_bytes()));
        own == path || fits || matches!(self.kind, 'L' | 'C' | 'R' | 'D') && below
    }

    /// True where the line may take away the file or the folder at `path`, put something in its place,
    /// or change who may run it.
    #[must_use]
    pub fn disturbs(&self, path: &str) -> bool {
        if self.changes(path) {
            return true;
        }
        let own = self.path.trim_end_matches('/');
        let is_below = |path: &str, folder: &str| {
            path.strip_prefix(folder)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let fits = own.contains(['*', '?', '['])
            && Pattern::new(own.as_bytes(), Flags::PATH).is_ok_and(|p| p.matches(path.as_bytes()));
        let sets = self.mode != "-" || self.user != "-";
        match self.kind {
            'z' | 'm' => own == path || fits,
            'Z' | 'M' => is_below(path, own) || fits,
            't' | 'a' | 'h' => own == path || fits,
            'T' | 'A' | 'H' => is_below(path, own) || fits,
            'd' | 'e' | 'v' | 'q' | 'Q' | 'D' => {
                self.age != "-" && is_below(path, own) || sets && own == path
            }
            _ => false,
        }
    }
}

/// An account of sysusers.d.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SysUser {
    /// Its name.
    pub name: String,
    /// Its id, as it stands.
    pub id: String,
    /// Its shell, where the line has one.
    pub shell: Option<String>,
    /// It is a line of membership (`m`): this group.
    pub group: Option<String>,
}

/// What systemd makes at boot.
#[derive(Debug, Clone, Default)]
pub struct MadeAtBoot {
    /// Lines of tmpfiles.d that count: of those for one path the first.
    pub tmpfiles: Vec<Found<TmpLine>>,
    /// Accounts of sysusers.d.
    pub sysusers: Vec<Found<SysUser>>,
    /// Credentials in the image, by name.
    pub credentials: Vec<Found<String>>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// Folders of configuration, the first wins.
const PLACES: &[&str] = &["/etc", "/usr/local/lib", "/usr/lib", "/lib"];

/// The files of `folder` in all places: by name, each the first of its name, and none for a link
/// to `/dev/null`.
pub(in crate::evidence::linux) fn files(
    reader: &Reader<'_>,
    folder: &str,
    ending: &str,
    gaps: &mut Vec<Gap>,
) -> Vec<TextFile> {
    let mut by_name: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    for place in PLACES {
        for path in reader.children(format!("{place}/{folder}").as_bytes(), gaps) {
            if path.ends_with(ending.as_bytes()) {
                by_name.entry(base(&path).to_vec()).or_insert(path);
            }
        }
    }
    by_name
        .into_values()
        .filter_map(|path| reader.text(&path, gaps))
        .collect()
}

pub(in crate::evidence::linux) fn collect(reader: &Reader<'_>) -> MadeAtBoot {
    let mut all = MadeAtBoot::default();
    credentials(reader, &mut all);
    let mut seen = BTreeSet::new();
    // A line whose credential nobody gave is passed over, and stands in no other's way.
    let unset = |line: &TmpLine, all: &MadeAtBoot| {
        let name = line.argument.as_deref().unwrap_or_default();
        line.from_credential() && !all.credentials.iter().any(|c| c.fact == name)
    };
    for file in files(reader, "tmpfiles.d", ".conf", &mut all.gaps) {
        for (n, line) in file.lines() {
            if let Some(line) = tmp_line(line)
                && !unset(&line, &all)
                // `w`, and what only changes modes, adds to another line of the path.
                && (!matches!(line.kind, 'f' | 'F' | 'L' | 'C' | 'd' | 'D') || seen.insert(line.path.clone()))
                && !line.finds_its_target(reader, &mut all.gaps)
            {
                all.tmpfiles.push(Found {
                    fact: line,
                    at: file.line(n),
                });
            }
        }
    }
    for file in files(reader, "sysusers.d", ".conf", &mut all.gaps) {
        for (n, line) in file.lines() {
            if let Some(fact) = sys_user(line) {
                let at = file.line(n);
                all.sysusers.push(Found { fact, at });
            }
        }
    }
    all
}

fn credentials(reader: &Reader<'_>, all: &mut MadeAtBoot) {
    let mut seen = BTreeSet::new();
    for place in PLACES {
        for folder in ["credstore", "credstore.encrypted"] {
            for path in reader.children(format!("{place}/{folder}").as_bytes(), &mut all.gaps) {
                if let Some(at) = reader.find(&path, &mut all.gaps)
                    && at.metadata.kind == FileKind::Regular
                    && seen.insert(at.path.clone())
                {
                    all.credentials.push(Found {
                        fact: lossless(base(&path)),
                        at: Location::of(&at),
                    });
                }
            }
        }
    }
}

fn tmp_line(line: &str) -> Option<TmpLine> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let fields = quoted_words(line);
    let field = |i: usize| fields.get(i).map_or("-", String::as_str).to_owned();
    let kind = fields.first()?.chars().next()?;
    // The argument is the rest of the line.
    let argument = (fields.len() > 6).then(|| fields[6..].join(" "));
    Some(TmpLine {
        kind,
        modifiers: fields.first()?.chars().skip(1).collect(),
        path: field(1),
        mode: field(2),
        user: field(3),
        age: field(5),
        argument: argument.filter(|a| a != "-"),
    })
}

fn sys_user(line: &str) -> Option<SysUser> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let fields = quoted_words(line);
    let field = |i: usize| fields.get(i).cloned().filter(|f| f != "-" && !f.is_empty());
    match fields.first()?.trim_end_matches('!') {
        "u" => Some(SysUser {
            name: field(1)?,
            id: field(2).unwrap_or_default(),
            shell: field(5),
            group: None,
        }),
        "m" => Some(SysUser {
            name: field(1)?,
            id: String::new(),
            shell: None,
            group: Some(field(2)?),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::linux::testing::{Build, guest};

    #[test]
    fn the_earliest_file_speaks_for_a_path() {
        // As systemd-tmpfiles --cat-config and --create of 252 have it.
        let guest = guest(
            Build::bare()
                .file(
                    "/etc/tmpfiles.d/00-x.conf",
                    0o644,
                    "L+ /etc/resolv.conf - - - - /srv/r\n",
                )
                .file(
                    "/usr/lib/tmpfiles.d/a.conf",
                    0o644,
                    "f /etc/resolv.conf 0644 root root - a b\nd /run/x 0755\n",
                )
                .link("/etc/tmpfiles.d/b.conf", "/dev/null")
                .file(
                    "/usr/lib/tmpfiles.d/b.conf",
                    0o644,
                    "f /root/.ssh/authorized_keys - - - - key\n",
                )
                .file(
                    "/usr/lib/sysusers.d/a.conf",
                    0o644,
                    "u ops 0:0 \"An account\" /root /bin/bash\nm ops sudo\n",
                ),
        );
        let all = collect(&Reader::new(&guest.paths));
        let lines: Vec<_> = all
            .tmpfiles
            .iter()
            .map(|l| (l.fact.kind, l.fact.path.as_str()))
            .collect();
        assert_eq!(lines, [('L', "/etc/resolv.conf"), ('d', "/run/x")]);
        assert!(all.tmpfiles[0].fact.changes("/etc/resolv.conf"));
        assert_eq!(all.sysusers[0].fact.id, "0:0");
        assert_eq!(all.sysusers[0].fact.shell.as_deref(), Some("/bin/bash"));
        assert_eq!(all.sysusers[1].fact.group.as_deref(), Some("sudo"));
    }

    #[test]
    fn a_copy_is_made_only_where_nothing_is() {
        // tmpfiles.d(5): "C" copies if the destination does not exist yet or is an empty directory, "C+" always.
        let guest = guest(
            Build::bare()
                .file("/etc/nsswitch.conf", 0o644, "passwd: files\n")
                .file("/etc/pam.d/login", 0o644, "x\n")
                .dir("/etc/empty")
                .file(
                    "/usr/lib/tmpfiles.d/a.conf",
                    0o644,
                    "C! /etc/nsswitch.conf\nC /etc/pam.d\nC /etc/empty\nC /etc/none\nC+ /etc/pam.d/login\n",
                ),
        );
        let all = collect(&Reader::new(&guest.paths));
        let lines = all.tmpfiles.iter().map(|l| l.fact.path.as_str());
        let lines: Vec<_> = lines.collect();
        assert_eq!(lines, ["/etc/empty", "/etc/none", "/etc/pam.d/login"]);
    }
}
