//! `rc.local` and its like.

use super::{Inactive, Init, Start, StartLine, Starter, shell};
use crate::evidence::Found;
use crate::evidence::linux::reader::Reader;

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
    let mut units: Vec<bool> = Vec::new();
    for folder in [
        "/usr/lib/systemd/system",
        "/lib/systemd/system",
        "/etc/systemd/system",
    ] {
        let path = format!("{folder}/rc-local.service");
        units.push(reader.find(path.as_bytes(), &mut all.gaps).is_some());
    }
    let has_unit = units.contains(&true);
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
        } else {
            None
        };
        push(all, &file, whole);
    }
    let local = all.services.contains_key("local");
    for file in reader.texts_in(b"/etc/local.d", &[".start"], &mut all.gaps) {
        let whole = if file.metadata.mode.is_some_and(|m| m & 0o111 == 0) {
            Some(Inactive::NotExecutable)
        } else {
            (!local).then_some(Inactive::RunnerDisabled)
        };
        push(all, &file, whole);
    }
}

fn push(all: &mut Start, file: &super::super::reader::TextFile, whole: Option<Inactive>) {
    for (n, command, why) in shell::script(&file.text) {
        all.lines.push(Found {
            fact: StartLine {
                starter: Starter::RcLocal,
                command,
                when: None,
                user: None,
                inactive: why.or(whole),
            },
            at: file.line(n),
        });
    }
}
