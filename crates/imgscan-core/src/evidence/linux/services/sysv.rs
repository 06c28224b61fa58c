//! Run levels of System V init and OpenRC, and inittab(5).

use super::{Inactive, Init, Start, StartLine, Starter};
use crate::evidence::linux::reader::{Reader, base, join};
use crate::evidence::{Found, Location};
use crate::text::lossless;

/// Folders of the run levels that a normal boot reaches.
const LEVELS: &[&str] = &[
    "/etc/rcS.d",
    "/etc/rc2.d",
    "/etc/rc3.d",
    "/etc/rc5.d",
    "/etc/rc.d/rc2.d",
    "/etc/rc.d/rc3.d",
    "/etc/rc.d/rc5.d",
    "/etc/init.d/boot.d",
    "/etc/init.d/rc3.d",
    "/etc/init.d/rc5.d",
    "/etc/rc.d/boot.d",
];

const OPENRC: &[&str] = &[
    "/etc/runlevels/sysinit",
    "/etc/runlevels/boot",
    "/etc/runlevels/default",
];

/// Collects what the run levels start. `native` tells for which services systemd has a unit of
/// its own, so that it passes over the script.
pub(super) fn collect(
    reader: &Reader<'_>,
    all: &mut Start,
    init: Init,
    native: impl Fn(&str) -> bool,
) {
    for (folders, sysv) in [(LEVELS, true), (OPENRC, false)] {
        // Links that the init of this system does not read start nothing.
        if sysv == (init == Init::OpenRc) {
            continue;
        }
        for folder in folders {
            for path in reader.children(folder.as_bytes(), &mut all.gaps) {
                let name = base(&path);
                let service = match (sysv, name) {
                    (false, name) => name,
                    (true, [b'S', a, b, rest @ ..]) if a.is_ascii_digit() && b.is_ascii_digit() => {
                        rest
                    }
                    _ => continue,
                };
                let service = lossless(service);
                if sysv && native(&format!("{service}.service")) {
                    continue;
                }
                let script = join(b"/etc/init.d", service.as_bytes());
                let Some(at) = reader.find(&path, &mut all.gaps) else {
                    continue;
                };
                let executable = at.metadata.mode.is_none_or(|m| m & 0o111 != 0);
                let link = Location {
                    volume: Some(at.volume.clone()),
                    ..Location::of_path(lossless(&path))
                };
                if executable {
                    all.services.entry(service).or_insert_with(|| link.clone());
                }
                all.lines.push(Found {
                    fact: StartLine {
                        starter: Starter::InitScript,
                        command: lossless(&script),
                        when: Some((*folder).into()),
                        user: None,
                        inactive: (!executable).then_some(Inactive::NotExecutable),
                        conditional: false,
                    },
                    at: link,
                });
            }
        }
    }
    inittab(reader, all, init);
}

/// `id:levels:action:process`.
fn inittab(reader: &Reader<'_>, all: &mut Start, init: Init) {
    let Some(file) = reader.text("/etc/inittab", &mut all.gaps) else {
        return;
    };
    for (n, line) in file.lines() {
        let commented = line.trim_start().starts_with('#');
        let fields: Vec<&str> = line.trim_start_matches(['#', ' ']).splitn(4, ':').collect();
        let [_, _, action, process] = fields.as_slice() else {
            continue;
        };
        if process.is_empty() || action.contains(' ') || *action == "off" {
            continue;
        }
        all.lines.push(Found {
            fact: StartLine {
                starter: Starter::Inittab,
                command: (*process).into(),
                when: Some((*action).into()),
                user: None,
                inactive: if commented {
                    Some(Inactive::Commented)
                } else {
                    // systemd does not read the file.
                    (init == Init::Systemd).then_some(Inactive::WrongPlace)
                },
                conditional: false,
            },
            at: file.line(n),
        });
    }
}
