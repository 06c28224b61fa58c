//! Rules of udev(7) that run programs or start units.

use super::lists::joined;
use super::{Autoload, LoadKind, add, executed, line};
use crate::evidence::linux::reader::{Reader, TextFile};
use crate::evidence::linux::services::{self, PlainCommand, plain_text, quoted_words};
use crate::evidence::{Found, Gap};

const FOLDERS: &[&str] = &[
    "/etc/udev/rules.d",
    "/usr/local/lib/udev/rules.d",
    "/usr/lib/udev/rules.d",
    "/lib/udev/rules.d",
];
/// Where a program without a path is.
const PROGRAMS: &str = "/usr/lib/udev";
const WANTS: &str = "ENV{SYSTEMD_WANTS}";

pub(super) fn collect(reader: &Reader<'_>, all: &mut Autoload) {
    for file in files(reader, &mut all.gaps) {
        rules(reader, &file, all);
    }
}

fn files(reader: &Reader<'_>, gaps: &mut Vec<Gap>) -> Vec<TextFile> {
    let mut seen = std::collections::BTreeSet::new();
    let mut all = Vec::new();
    for folder in FOLDERS {
        let files = reader.texts_in(folder.as_bytes(), &[".rules"], gaps);
        all.extend(
            files
                .into_iter()
                .filter(|file| seen.insert(file.at.path.clone())),
        );
    }
    all
}

/// The units that rules start with their devices: systemd.device(5).
pub(in crate::evidence::linux) fn wanted(
    reader: &Reader<'_>,
    gaps: &mut Vec<Gap>,
) -> Vec<Found<String>> {
    let mut all = Vec::new();
    for file in files(reader, gaps) {
        for (n, text) in joined(&file) {
            if text.trim_start().starts_with('#') || !text.contains(WANTS) {
                continue;
            }
            for (_, value) in tokens(&text).into_iter().filter(|(key, _)| key == WANTS) {
                all.extend(value.split_whitespace().map(|unit| Found {
                    fact: unit.to_owned(),
                    at: file.line(n),
                }));
            }
        }
    }
    all
}

fn rules(reader: &Reader<'_>, file: &TextFile, all: &mut Autoload) {
    for (n, text) in joined(file) {
        if text.trim_start().starts_with('#') {
            continue;
        }
        for (key, value) in tokens(&text) {
            let runs = matches!(
                key.as_str(),
                "RUN" | "RUN{program}" | "RUN{fail_event_on_error}" | "PROGRAM" | "IMPORT{program}"
            );
            // systemd starts these with the device (systemd.device(5)).
            let wants = matches!(key.as_str(), WANTS | "ENV{SYSTEMD_USER_WANTS}");
            let built_in = key == "RUN{builtin}";
            if !runs && !wants && !built_in || value.trim().is_empty() {
                continue;
            }
            let first = value.split_whitespace().next().unwrap_or_default();
            let own = format!("{PROGRAMS}/{first}");
            let is_own = runs
                && !first.is_empty()
                && !first.starts_with('/')
                && services::exists(reader, &own) == Some(true);
            let command = if is_own {
                format!("{PROGRAMS}/{}", value.trim_start())
            } else {
                value.clone()
            };
            let mut one = line(LoadKind::Rule, &command);
            if runs {
                one.programs = executed(reader, &command);
                // A helper that its package left out runs nothing.
                one.programs.retain(|p| p.exists || first.starts_with('/'));
                super::scripts(reader, &mut one.programs);
            }
            if runs && key.starts_with("RUN") && !command.contains(['"', '\\']) {
                one.script = run_of(&command);
                super::inner(reader, one.script.as_deref(), &mut one.programs);
            }
            add(all, file.line(n), one);
        }
    }
}

/// What a command of a rule does, where its text tells all of it: udev(7) splits it at blanks outside
/// of single quotes, and puts the device's own names in.
fn run_of(command: &str) -> Option<Vec<PlainCommand>> {
    let mut rest = command;
    while let Some((_, after)) = rest.split_once('%') {
        rest = after.strip_prefix(['k', 'n', 'p'])?;
    }
    if command.contains('$') {
        return None;
    }
    let words = quoted_words(command);
    match words
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["/bin/sh" | "/usr/bin/sh", "-c", text] => plain_text(text),
        [_, ..] => Some(vec![PlainCommand {
            words,
            writes: Vec::new(),
        }]),
        [] => None,
    }
}

/// The keys of a rule with their values. Blanks and commas stand between them, and inside of the
/// quotation marks anything but a bare quotation mark (udev-rules.c, parse_line).
fn tokens(text: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        let Some(end) = rest.find(['=', '!', '+', '-', ':', '"']) else {
            return all;
        };
        let key = rest[..end].trim().to_owned();
        let Some(open) = rest[end..].find('"') else {
            return all;
        };
        let mut value = String::new();
        let mut chars = rest[end + open + 1..].char_indices();
        let mut closed = None;
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    closed = Some(at);
                    break;
                }
                '\\' => match chars.next() {
                    Some((_, '"')) => value.push('"'),
                    Some((_, other)) => value.extend(['\\', other]),
                    None => {}
                },
                c => value.push(c),
            }
        }
        let Some(closed) = closed else { return all };
        all.push((key, value));
        rest = &rest[end + open + 1 + closed + 1..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::linux::testing::{Build, guest};

    #[test]
    fn keys_stand_between_blanks_or_commas_and_quotation_marks_hold_both() {
        // udevadm test of systemd 252 takes all of these.
        let of = |text: &str| tokens(text);
        let pair = |k: &str, v: &str| (k.to_owned(), v.to_owned());
        assert_eq!(
            of(r#"ACTION=="add", KERNEL=="vd*" RUN{program}+="/bin/sh -c 'a,b; x=1'""#),
            [
                pair("ACTION", "add"),
                pair("KERNEL", "vd*"),
                pair("RUN{program}", "/bin/sh -c 'a,b; x=1'")
            ]
        );
        assert_eq!(
            of(r#"ENV{A-B}!="?*",RUN+="a \"b\" \\c""#),
            [pair("ENV{A", "?*"), pair("RUN", r#"a "b" \\c"#)]
        );
        assert_eq!(of("RUN+=x"), []);
    }

    #[test]
    fn programs_without_a_path_are_those_of_udev() {
        let text = "RUN+=\"own arg\"\nIMPORT{program}=\"left_out --x\"\nENV{SYSTEMD_WANTS}+=\"x.service\"\nRUN{builtin}+=\"kmod load x\"\n";
        let guest = guest(
            Build::bare()
                .file("/etc/udev/rules.d/1.rules", 0o644, text)
                .file("/usr/lib/udev/own", 0o755, "#!/bin/sh\n"),
        );
        let mut all = Autoload::default();
        collect(&Reader::new(&guest.paths), &mut all);
        let found: Vec<_> = all
            .items
            .iter()
            .map(|i| {
                let programs = i.fact.programs.iter().map(|p| p.path.as_str());
                (i.at.line.unwrap(), programs.collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(
            found,
            [
                (1, vec!["/usr/lib/udev/own"]),
                (2, vec![]),
                (3, vec![]),
                (4, vec![])
            ]
        );
    }
}
