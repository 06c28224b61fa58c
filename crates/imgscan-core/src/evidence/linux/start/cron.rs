//! Cron and anacron: crontab(5), cron(8) of Debian and of cronie, run-parts(8), anacrontab(5).

use super::{Inactive, Start, StartLine, Starter, shell};
use crate::evidence::Found;
use crate::evidence::linux::accounts::Accounts;
use crate::evidence::linux::reader::{Reader, TextFile, base};
use crate::fs::FileKind;
use crate::text::lossless;

/// Folders with one crontab for each user: (folder, Debian's strict permissions hold there).
const SPOOLS: &[(&str, bool)] = &[
    ("/var/spool/cron/crontabs", true),
    ("/var/spool/cron/tabs", false),
    ("/var/spool/cron", false),
    ("/etc/crontabs", false),
];

/// Folders whose scripts run by the clock.
const PERIODIC: &[&str] = &[
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

pub(super) fn collect(
    reader: &Reader<'_>,
    all: &mut Start,
    accounts: &Accounts,
    debian: bool,
    runs: bool,
) {
    if let Some(file) = reader.text("/etc/crontab", &mut all.gaps) {
        let whole = if writable_by_others(&file) || file.metadata.uid.unwrap_or(0) != 0 {
            Some(Inactive::FileIgnored)
        } else {
            None
        };
        table(all, &file, None, whole, runs);
    }
    for file in reader.texts_in(b"/etc/cron.d", &[], &mut all.gaps) {
        let name = base(file.asked.as_bytes());
        let refused = !accepts_name(name, debian)
            || writable_by_others(&file)
            || file.metadata.uid.unwrap_or(0) != 0;
        table(
            all,
            &file,
            None,
            refused.then_some(Inactive::FileIgnored),
            runs,
        );
    }
    for (folder, strict) in SPOOLS {
        for file in reader.texts_in(folder.as_bytes(), &[], &mut all.gaps) {
            let user = lossless(base(file.asked.as_bytes()));
            let mode = file.metadata.mode.unwrap_or(0o600);
            let refused = if *strict && debian {
                mode & 0o7777 != 0o600
            } else {
                mode & 0o133 != 0
            };
            let known = accounts.active().any(|u| u.fact.name == user);
            let whole = match (known, refused && *folder != "/etc/crontabs") {
                (false, _) => Some(Inactive::NoSuchUser),
                (_, true) => Some(Inactive::FileIgnored),
                _ => None,
            };
            table(all, &file, Some(&user), whole, runs);
        }
    }
    for folder in PERIODIC {
        periodic(reader, all, folder, debian, runs);
    }
    if let Some(file) = reader.text("/etc/anacrontab", &mut all.gaps) {
        anacron(all, &file);
    }
}

fn writable_by_others(file: &TextFile) -> bool {
    file.metadata.mode.is_some_and(|m| m & 0o022 != 0)
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

/// The lines of a crontab; `user` is given for a user's own, which has no user field.
fn table(
    all: &mut Start,
    file: &TextFile,
    user: Option<&str>,
    whole: Option<Inactive>,
    runs: bool,
) {
    for (n, line) in file.lines() {
        let commented = line.trim_start().starts_with('#');
        let text = line.trim_start().trim_start_matches('#').trim();
        let Some((when, who, command)) = entry(text, user) else {
            continue;
        };
        let inactive = if commented {
            Some(Inactive::Commented)
        } else {
            whole.or((!runs).then_some(Inactive::RunnerDisabled))
        };
        all.lines.push(Found {
            fact: StartLine {
                starter: Starter::Crontab,
                command,
                when: Some(when),
                user: Some(who),
                inactive,
            },
            at: file.line(n),
        });
    }
}

/// (schedule, user, command) of a crontab line; `None` for a setting or something else.
fn entry(line: &str, user: Option<&str>) -> Option<(String, String, String)> {
    let mut rest = line;
    let fields = if line.starts_with('@') { 1 } else { 5 };
    let mut when = Vec::new();
    for _ in 0..fields {
        let (field, tail) = take(rest)?;
        if fields == 5 && !is_time_field(field) {
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
    // A `-` before the command asks SUSE's cron not to log it.
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
    (!command.is_empty()).then(|| (when.join(" "), who.to_owned(), command.to_owned()))
}

fn take(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let end = text.find(char::is_whitespace)?;
    Some((&text[..end], &text[end..]))
}

/// Digits, ranges, steps, lists, names of months and days, and `~` of cronie.
fn is_time_field(field: &str) -> bool {
    let field = field.strip_prefix('-').unwrap_or(field);
    let names = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "sun",
        "mon", "tue", "wed", "thu", "fri", "sat",
    ];
    !field.is_empty()
        && field.split([',', '-', '/', '~']).all(|p| {
            p == "*"
                || !p.is_empty() && p.chars().all(|c| c.is_ascii_digit())
                || names.contains(&p.to_ascii_lowercase().as_str())
        })
}

/// Scripts that run by the clock: each as a whole and by its lines.
fn periodic(reader: &Reader<'_>, all: &mut Start, folder: &str, debian: bool, runs: bool) {
    for path in reader.children(folder.as_bytes(), &mut all.gaps) {
        let Some(at) = reader.find(&path, &mut all.gaps) else {
            continue;
        };
        if at.metadata.kind != FileKind::Regular || base(&path).starts_with(b".") {
            continue;
        }
        let whole = if !accepts_name(base(&path), debian) {
            Some(Inactive::FileIgnored)
        } else if at.metadata.mode.is_some_and(|m| m & 0o111 == 0) {
            Some(Inactive::NotExecutable)
        } else {
            (!runs).then_some(Inactive::RunnerDisabled)
        };
        let Some(file) = reader.text(&path, &mut all.gaps) else {
            continue;
        };
        let mut push = |command: String, at, inactive| {
            all.lines.push(Found {
                fact: StartLine {
                    starter: Starter::CronScript,
                    command,
                    when: Some(folder.to_owned()),
                    user: None,
                    inactive,
                },
                at,
            });
        };
        push(lossless(&path), file.at.clone(), whole);
        if file.text.starts_with("\\x7f") || file.text.starts_with('\x7f') {
            continue;
        }
        for (n, text, why) in shell::script(&file.text) {
            push(text, file.line(n), why.or(whole));
        }
    }
}

/// Period, delay, job name, command.
fn anacron(all: &mut Start, file: &TextFile) {
    for (n, line) in file.lines() {
        let commented = line.trim_start().starts_with('#');
        let text = line.trim_start().trim_start_matches('#').trim();
        let fields: Vec<&str> = text.split_whitespace().collect();
        let number = |f: &str| f.starts_with('@') || f.chars().all(|c| c.is_ascii_digit());
        if fields.len() < 4 || !number(fields[0]) || !number(fields[1]) {
            continue;
        }
        all.lines.push(Found {
            fact: StartLine {
                starter: Starter::Anacron,
                command: fields[3..].join(" "),
                when: Some(fields[0].to_owned()),
                user: None,
                inactive: commented.then_some(Inactive::Commented),
            },
            at: file.line(n),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crontab_lines_with_and_without_a_user() {
        let got = |line: &str, user| entry(line, user);
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
