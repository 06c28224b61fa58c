//! Cron and anacron: crontab(5), cron(8) of Debian and of cronie, run-parts(8), anacrontab(5).

mod schedule;

use std::collections::BTreeMap;

use schedule::Schedule;

use super::{Inactive, Start, StartLine, Starter, System, shell};
use crate::evidence::Found;
use crate::evidence::linux::accounts::Accounts;
use crate::evidence::linux::reader::{Reader, TextFile, base};
use crate::fs::FileKind;
use crate::text::lossless;

/// Folders with one crontab for each user.
pub(in crate::evidence::linux) const SPOOLS: &[&str] = &[
    "/var/spool/cron/crontabs",
    "/var/spool/cron/tabs",
    "/var/spool/cron",
    "/etc/crontabs",
];

/// Folders whose scripts run by the clock.
pub(in crate::evidence::linux) const PERIODIC: &[&str] = &[
    "/etc/cron.hourly",
    "/etc/cron.daily",
    "/etc/cron.weekly",
    "/etc/cron.monthly",
    "/etc/cron.yearly",
    "/etc/periodic/15min",
    "/etc/periodic/hourly",
    "/etc/periodic/daily",
    "/etc/periodic/weekly",
    "/etc/periodic/monthly",
];

/// What holds for all tables.
struct Cron<'a> {
    reader: &'a Reader<'a>,
    accounts: &'a Accounts,
    /// User ids by name, of the first account of each.
    users: BTreeMap<&'a str, Option<u32>>,
    system: System,
    /// A daemon is enabled.
    runs: bool,
}

pub(super) fn collect(
    reader: &Reader<'_>,
    all: &mut Start,
    accounts: &Accounts,
    system: System,
    runs: bool,
) {
    let mut users = BTreeMap::new();
    for user in accounts.active() {
        users
            .entry(user.fact.name.as_str())
            .or_insert(user.fact.uid);
    }
    let cron = Cron {
        reader,
        accounts,
        users,
        system,
        runs,
    };
    if let Some(file) = reader.text("/etc/crontab", &mut all.gaps) {
        let whole = cron.refuses(&file, None).then_some(Inactive::FileIgnored);
        cron.table(all, &file, None, whole);
    }
    for file in reader.texts_in(b"/etc/cron.d", &[], &mut all.gaps) {
        let name = base(file.asked.as_bytes());
        let refused = !accepts_name(name, system.debian) || cron.refuses(&file, None);
        cron.table(all, &file, None, refused.then_some(Inactive::FileIgnored));
    }
    for folder in SPOOLS {
        for file in reader.texts_in(folder.as_bytes(), &[], &mut all.gaps) {
            cron.spool(all, folder, &file);
        }
    }
    // The hourly scripts start anacron on Red Hat systems, and anacron the others.
    let (hourly, others) = PERIODIC.split_at(1);
    for folder in hourly {
        cron.periodic(all, folder);
    }
    if let Some(file) = reader.text("/etc/anacrontab", &mut all.gaps) {
        cron.anacron(all, &file);
    }
    for folder in others {
        cron.periodic(all, folder);
    }
}

impl Cron<'_> {
    /// True where cron does not read the file for its owner, its permissions, its links, or, on
    /// Debian, any line that it does not understand. `user` is given for a user's own table.
    fn refuses(&self, file: &TextFile, user: Option<&str>) -> bool {
        let meta = &file.metadata;
        let owner = meta.uid.unwrap_or(0);
        let own = user.and_then(|user| self.users.get(user).copied().flatten());
        let link = self
            .reader
            .paths()
            .resolve_link(file.asked.as_bytes())
            .is_ok_and(|at| at.metadata.kind == FileKind::Symlink);
        let mode = match (meta.mode, self.system.debian, user) {
            (None, ..) => true,
            (Some(mode), true, Some(_)) => mode & 0o7777 == 0o600,
            (Some(mode), true, None) => mode & 0o022 == 0,
            // cronie wants a file that its owner reads and that nobody else writes or runs.
            (Some(mode), false, _) => mode & 0o7533 == 0o400,
        };
        !mode
            || owner != 0 && Some(owner) != own
            || user.is_some() && (meta.links > 1 || link && self.system.debian)
            || self.system.debian && malformed(file, user)
    }

    fn spool(&self, all: &mut Start, folder: &str, file: &TextFile) {
        let user = lossless(base(file.asked.as_bytes()));
        // Debian's cron reads `crontabs`, the one of Red Hat and SUSE does not.
        let place = match folder {
            "/var/spool/cron/crontabs" => !self.system.rpm,
            _ => !self.system.debian,
        };
        // Busybox reads its tables whatever their permissions.
        let checked = folder != "/etc/crontabs";
        let whole = if !place {
            Some(Inactive::WrongPlace)
        } else if !self.knows(all, &user) {
            Some(Inactive::NoSuchUser)
        } else if checked && self.refuses(file, Some(&user)) {
            Some(Inactive::FileIgnored)
        } else {
            None
        };
        self.table(all, file, Some(&user), whole);
    }

    /// True where there is an account `user`. Where the accounts could not be read whole, that
    /// stands in the gaps.
    fn knows(&self, all: &mut Start, user: &str) -> bool {
        let known = self.users.contains_key(user);
        if !known && !all.gaps.ends_with(&self.accounts.gaps) {
            all.gaps.extend(self.accounts.gaps.iter().cloned());
        }
        known
    }

    /// The lines of a crontab; `user` is given for a user's own, which has no user field.
    fn table(&self, all: &mut Start, file: &TextFile, user: Option<&str>, whole: Option<Inactive>) {
        let mut shell = true;
        let lines = file.text.lines().count();
        for (n, line) in file.lines() {
            let commented = line.trim_start().starts_with('#');
            if let Some((name, value)) = setting(line)
                && name == "SHELL"
            {
                shell = self.is_shell(value);
            }
            let text = line.trim_start().trim_start_matches('#').trim();
            let Some(entry) = entry(text, user) else {
                continue;
            };
            // A last line without its end is not read.
            let cut = n == lines && !file.text.ends_with('\n');
            let inactive = if commented {
                Some(Inactive::Commented)
            } else if whole.is_some() {
                whole
            } else if cut {
                Some(Inactive::FileIgnored)
            } else if matches!(entry.schedule, Schedule::Never | Schedule::Bad) {
                Some(Inactive::BadSchedule)
            } else if user.is_none() && !self.knows(all, &entry.who) {
                Some(Inactive::NoSuchUser)
            } else if !shell {
                Some(Inactive::NoShell)
            } else {
                (!self.runs).then_some(Inactive::RunnerDisabled)
            };
            all.lines.push(Found {
                fact: StartLine {
                    starter: Starter::Crontab,
                    command: entry.command,
                    when: Some(entry.when),
                    user: Some(entry.who),
                    inactive,
                    conditional: entry.schedule == Schedule::Seldom,
                },
                at: file.line(n),
            });
        }
    }

    /// True where `path` leads to a shell: by the name of what is there, links followed. What is
    /// not there or can't be read is taken by its own name.
    fn is_shell(&self, path: &str) -> bool {
        let mut gaps = Vec::new();
        let found = self.reader.find(path.as_bytes(), &mut gaps);
        let real = match &found {
            Some(at) if at.metadata.kind == FileKind::Regular => at.path_text(),
            Some(_) => return false,
            None if gaps.is_empty() => return false,
            None => path.to_owned(),
        };
        shell::is_shell(real.rsplit('/').next().unwrap_or(""))
    }
}

/// `name = value` of a crontab.
fn setting(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim().trim_matches(['"', '\'']);
    let ok = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    ok.then(|| (name, value.trim().trim_matches(['"', '\''])))
}

/// Debian's cron passes over a table of which it does not understand one line, or whose last line
/// has no end.
fn malformed(file: &TextFile, user: Option<&str>) -> bool {
    let bad = |line: &str| {
        let line = line.trim_start();
        !line.is_empty()
            && !line.starts_with('#')
            && setting(line).is_none()
            && entry(line, user).is_none_or(|e| e.schedule == Schedule::Bad)
    };
    !file.text.is_empty() && !file.text.ends_with('\n') || file.text.lines().any(bad)
}

/// Names that cron and run-parts take: on Debian letters, digits, `_` and `-` only; elsewhere all
/// but backups of editors and of package managers.
fn accepts_name(name: &[u8], debian: bool) -> bool {
    if debian {
        return !name.is_empty()
            && name
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b == b'-');
    }
    let bad = [
        "~", ",v", ".rpmsave", ".rpmorig", ".rpmnew", ".swp", ".cfsaved",
    ];
    !name.starts_with(b".")
        && !name.starts_with(b"#")
        && !bad.iter().any(|e| name.ends_with(e.as_bytes()))
}

/// A line of a crontab.
struct CronEntry {
    when: String,
    schedule: Schedule,
    who: String,
    command: String,
}

/// Reads a crontab line; `None` for a setting or something else.
fn entry(line: &str, user: Option<&str>) -> Option<CronEntry> {
    let mut rest = line;
    let fields = if line.starts_with('@') { 1 } else { 5 };
    let mut when = Vec::new();
    for _ in 0..fields {
        let (field, tail) = take(rest)?;
        if fields == 5 && !schedule::looks_like_field(field) {
            return None;
        }
        when.push(field);
        rest = tail;
    }
    let who = match user {
        Some(user) => user,
        None => {
            let (who, tail) = take(rest)?;
            rest = tail;
            who
        }
    };
    let command = rest.trim();
    // An unescaped % ends the command; what follows is its input.
    let mut end = command.len();
    let bytes = command.as_bytes();
    for (i, b) in bytes.iter().enumerate() {
        if *b == b'%' && (i == 0 || bytes[i - 1] != b'\\') {
            end = i;
            break;
        }
    }
    let command = command[..end].trim();
    (!command.is_empty()).then(|| CronEntry {
        when: when.join(" "),
        schedule: schedule::judge(&when),
        who: who.to_owned(),
        command: command.to_owned(),
    })
}

fn take(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let end = text.find(char::is_whitespace)?;
    Some((&text[..end], &text[end..]))
}

impl Cron<'_> {
    /// Scripts that run by the clock: each as a whole and by its lines.
    fn periodic(&self, all: &mut Start, folder: &str) {
        // Some line must run the folder; SUSE's `run-crons` runs them all.
        let runs = |l: &Found<StartLine>| {
            l.fact.inactive.is_none()
                && (l.fact.command.contains(folder) || l.fact.command.contains("run-crons"))
        };
        let runs = self.runs && all.lines.iter().any(runs);
        let seldom = ["weekly", "monthly", "yearly"];
        let seldom = seldom.iter().any(|period| folder.ends_with(period));
        for path in self.reader.children(folder.as_bytes(), &mut all.gaps) {
            let Some(at) = self.reader.find(&path, &mut all.gaps) else {
                continue;
            };
            if at.metadata.kind != FileKind::Regular || base(&path).starts_with(b".") {
                continue;
            }
            let whole = if !accepts_name(base(&path), self.system.debian) {
                Some(Inactive::FileIgnored)
            } else if at.metadata.mode.is_some_and(|m| m & 0o111 == 0) {
                Some(Inactive::NotExecutable)
            } else {
                (!runs).then_some(Inactive::RunnerDisabled)
            };
            let Some(file) = self.reader.text(&path, &mut all.gaps) else {
                continue;
            };
            let mut push = |command: String, at, inactive, conditional| {
                all.lines.push(Found {
                    fact: StartLine {
                        starter: Starter::CronScript,
                        command,
                        when: Some(folder.to_owned()),
                        user: None,
                        inactive,
                        conditional: conditional || seldom,
                    },
                    at,
                });
            };
            push(lossless(&path), file.at.clone(), whole, false);
            if shell::is_for_shell(&file.text) != Some(true) {
                continue;
            }
            for line in shell::script(&file.text, &|p| super::exists(self.reader, p)) {
                let at = file.line(line.line);
                push(line.text, at, line.inactive.or(whole), line.conditional);
            }
        }
    }

    /// Period, delay, job name, command.
    fn anacron(&self, all: &mut Start, file: &TextFile) {
        let there = super::exists(self.reader, "/usr/sbin/anacron") != Some(false);
        let runs = there
            && (all.services.contains_key("anacron")
                || all
                    .lines
                    .iter()
                    .any(|l| l.fact.inactive.is_none() && l.fact.command.contains("anacron")));
        for (n, line) in file.lines() {
            let commented = line.trim_start().starts_with('#');
            let text = line.trim_start().trim_start_matches('#').trim();
            let fields: Vec<&str> = text.split_whitespace().collect();
            let number = |f: &str| f.starts_with('@') || f.chars().all(|c| c.is_ascii_digit());
            if fields.len() < 4 || !number(fields[0]) || !number(fields[1]) {
                continue;
            }
            let inactive = if commented {
                Some(Inactive::Commented)
            } else {
                (!runs).then_some(Inactive::RunnerDisabled)
            };
            all.lines.push(Found {
                fact: StartLine {
                    starter: Starter::Anacron,
                    command: fields[3..].join(" "),
                    when: Some(fields[0].to_owned()),
                    user: None,
                    inactive,
                    conditional: !matches!(fields[0], "1" | "@daily"),
                },
                at: file.line(n),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crontab_lines_with_and_without_a_user() {
        let got = |line: &str, user| entry(line, user).map(|e| (e.when, e.who, e.command));
        let want = |a: &str, b: &str, c: &str| Some((a.into(), b.into(), c.into()));
        assert_eq!(
            got("*/20 * * * * root /x -y", None),
            want("*/20 * * * *", "root", "/x -y")
        );
        assert_eq!(
            got("@reboot root sleep 30 && /x", None),
            want("@reboot", "root", "sleep 30 && /x")
        );
        assert_eq!(
            got("17 * * jan mon-fri /x%input", Some("u")),
            want("17 * * jan mon-fri", "u", "/x")
        );
        assert_eq!(got("PATH=/bin:/usr/bin", None), None);
        assert_eq!(got("some words of a comment here and more", None), None);
    }

    #[test]
    fn names_that_cron_passes_over() {
        assert!(accepts_name(b"0hourly", true));
        assert!(!accepts_name(b"x.sh", true));
        assert!(accepts_name(b"x.sh", false));
        assert!(!accepts_name(b"x.rpmsave", false));
        assert!(!accepts_name(b".placeholder", false));
    }
}
