//! `rc.local` and its like.

use super::{Inactive, Init, Start, StartLine, Starter, exists, shell};
use crate::evidence::Found;
use crate::evidence::linux::reader::{Reader, TextFile};

/// The files.
const FILES: &[&str] = &[
    "/etc/rc.local",
    "/etc/rc.d/rc.local",
    "/etc/rc.d/boot.local",
    "/etc/init.d/boot.local",
    "/etc/init.d/after.local",
];

/// Collects the lines. systemd starts `rc.local` by its generator where the file has the x bit and
/// the unit is neither absent nor masked.
pub(super) fn collect(
    reader: &Reader<'_>,
    all: &mut Start,
    init: Init,
    debian: bool,
    masked: bool,
) {
    // The unit that the generator pulls in must start one of the files.
    let has_unit = all.lines.iter().any(|l| {
        l.fact.starter == Starter::Systemd
            && l.fact.when.as_deref() == Some("rc-local.service")
            && l.fact
                .calls(&|_| None)
                .iter()
                .any(|c| FILES.contains(&c.program.as_str()))
    });
    // Where its unit says that it does not start.
    let held = all.lines.iter().find_map(|l| {
        let own = l.fact.when.as_deref() == Some("rc-local.service");
        let held = [Inactive::ConditionFalse, Inactive::FailsBefore];
        l.fact.inactive.filter(|why| own && held.contains(why))
    });
    let mut seen = Vec::new();
    for path in FILES {
        let Some(file) = reader.text(path, &mut all.gaps) else {
            continue;
        };
        // On Red Hat systems /etc/rc.local is a link to the file in rc.d.
        if seen.contains(&file.at) {
            continue;
        }
        seen.push(file.at.clone());
        let real = file.at.path.as_deref().unwrap_or(path);
        let executable = file.metadata.mode.is_none_or(|m| m & 0o111 != 0);
        let whole = if !executable {
            Some(Inactive::NotExecutable)
        } else if init == Init::Systemd && masked {
            Some(Inactive::Masked)
        } else if debian && real != "/etc/rc.local" && *path != "/etc/rc.local" {
            Some(Inactive::WrongPlace)
        } else if init == Init::Systemd && !has_unit {
            Some(Inactive::RunnerDisabled)
        } else if init == Init::Systemd && held.is_some() {
            held
        } else {
            // systemd starts the file itself; a run level reads it by a shell.
            match shell::is_for_shell(&file.text) {
                Some(true) => None,
                None if init != Init::Systemd => None,
                _ => Some(Inactive::NoShell),
            }
        };
        push(reader, all, &file, whole);
    }
    let local = all.services.contains_key("local");
    for file in reader.texts_in(b"/etc/local.d", &[".start"], &mut all.gaps) {
        let whole = if file.metadata.mode.is_some_and(|m| m & 0o111 == 0) {
            Some(Inactive::NotExecutable)
        } else {
            (!local).then_some(Inactive::RunnerDisabled)
        };
        push(reader, all, &file, whole);
    }
}

fn push(reader: &Reader<'_>, all: &mut Start, file: &TextFile, whole: Option<Inactive>) {
    for line in shell::script(&file.text, &|path| exists(reader, path)) {
        all.lines.push(Found {
            fact: StartLine {
                starter: Starter::RcLocal,
                command: line.text,
                when: None,
                user: None,
                inactive: line.inactive.or(whole),
                conditional: line.conditional,
            },
            at: file.line(line.line),
        });
    }
}
