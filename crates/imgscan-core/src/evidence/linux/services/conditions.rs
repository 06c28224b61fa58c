//! Whether the conditions of a unit hold: systemd.unit(5), "Conditions and Asserts". The image is
//! taken to run as a virtual machine of a cloud.

use crate::evidence::linux::reader::Reader;
use crate::fs::FileKind;

/// What conditions are held against, beside the files.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::evidence::linux) struct Machine<'a> {
    /// Arguments of the kernel that starts by default, where that is known.
    pub(in crate::evidence::linux) arguments: Option<&'a str>,
    /// `x86_64`, `aarch64`.
    pub(in crate::evidence::linux) architecture: Option<&'a str>,
}

/// Whether all of `conditions` (key, value) hold; `None` where that depends on the running machine.
pub(super) fn hold<'c>(
    reader: &Reader<'_>,
    machine: Machine<'_>,
    conditions: impl Iterator<Item = (&'c str, &'c str)>,
) -> Option<bool> {
    // Of those with a `|` one must hold, of the others all. Asserts are a set of their own.
    let mut all = Some(true);
    let mut any: [Option<Option<bool>>; 2] = [None; 2];
    for (key, value) in conditions {
        let (triggering, value) = match value.strip_prefix('|') {
            Some(rest) => (true, rest.trim_start()),
            None => (false, value),
        };
        let (negated, value) = match value.strip_prefix('!') {
            Some(rest) => (true, rest.trim_start()),
            None => (false, value),
        };
        let holds = one(reader, machine, key, value).map(|holds| holds != negated);
        if triggering {
            let set = &mut any[usize::from(key.starts_with("Assert"))];
            *set = Some(match set {
                Some(before) => or(*before, holds),
                None => holds,
            });
        } else {
            all = and(all, holds);
        }
    }
    any.into_iter().flatten().fold(all, and)
}

fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn or(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    and(a.map(|a| !a), b.map(|b| !b)).map(|neither| !neither)
}

fn one(reader: &Reader<'_>, machine: Machine<'_>, key: &str, value: &str) -> Option<bool> {
    let test = key
        .strip_prefix("Condition")
        .or_else(|| key.strip_prefix("Assert"))?;
    match test {
        "KernelCommandLine" => {
            let mut words = machine.arguments?.split_whitespace();
            // Either the whole word, or its part before the `=`.
            Some(
                words.any(|w| {
                    w == value || !value.contains('=') && w.split('=').next() == Some(value)
                }),
            )
        }
        "Virtualization" => match value {
            "yes" | "true" | "1" | "vm" | "kvm" => Some(true),
            "no" | "false" | "0" | "container" | "private-users" => Some(false),
            _ => None,
        },
        "Architecture" => {
            let own = match machine.architecture? {
                "aarch64" => "arm64",
                "x86_64" => "x86-64",
                other => other,
            };
            (value != "native").then_some(value == own)
        }
        // The service manager has them all, and is root.
        "Capability" => Some(value.starts_with("CAP_")),
        "User" => match value {
            "root" | "0" | "@system" => Some(true),
            _ => Some(false),
        },
        "Group" => (value == "root" || value == "0").then_some(true),
        _ => path(reader, test, value),
    }
}

/// A condition on files.
fn path(reader: &Reader<'_>, test: &str, path: &str) -> Option<bool> {
    let made_at_boot = [
        "/run", "/proc", "/sys", "/dev", "/tmp", "/var/run", "/var/tmp", "/mnt",
    ];
    let is_made = made_at_boot.iter().any(|d| {
        path.strip_prefix(d)
            .is_some_and(|r| r.is_empty() || r.starts_with('/'))
    });
    if !path.starts_with('/') || is_made || path.contains('%') {
        return None;
    }
    let mut gaps = Vec::new();
    if test == "PathExistsGlob" {
        let found = reader.glob(path.as_bytes(), &mut gaps).ok()?;
        let there = found.iter().any(|p| reader.find(p, &mut gaps).is_some());
        return gaps.is_empty().then_some(there);
    }
    let found = reader
        .find(path.as_bytes(), &mut gaps)
        .map(|at| at.metadata);
    let is = |wanted: FileKind| found.as_ref().is_some_and(|m| m.kind == wanted);
    let holds = match test {
        "PathExists" => found.is_some(),
        "PathIsDirectory" => is(FileKind::Directory),
        "FileNotEmpty" => is(FileKind::Regular) && found.as_ref().is_some_and(|m| m.size > 0),
        "FileIsExecutable" => {
            is(FileKind::Regular)
                && found
                    .as_ref()
                    .is_some_and(|m| m.mode.is_none_or(|mode| mode & 0o111 != 0))
        }
        "PathIsSymbolicLink" => reader
            .paths()
            .resolve_link(path.as_bytes())
            .is_ok_and(|at| at.metadata.kind == FileKind::Symlink),
        "DirectoryNotEmpty" => !reader.children(path.as_bytes(), &mut gaps).is_empty(),
        _ => return None,
    };
    gaps.is_empty().then_some(holds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::linux::testing::{Build, guest};

    #[test]
    fn conditions_hold_as_systemd_says() {
        // `systemd-analyze condition` 252 on a virtual machine with these arguments and files.
        let guest = guest(
            Build::bare()
                .file("/etc/a", 0o644, "x")
                .file("/etc/b", 0o644, ""),
        );
        let reader = Reader::new(&guest.paths);
        let machine = Machine {
            arguments: Some("root=/dev/vda1 ro quiet"),
            architecture: Some("x86_64"),
        };
        let of = |list: &[(&str, &str)]| hold(&reader, machine, list.iter().copied());
        assert_eq!(of(&[("ConditionKernelCommandLine", "never")]), Some(false));
        assert_eq!(of(&[("ConditionKernelCommandLine", "!never")]), Some(true));
        assert_eq!(of(&[("ConditionKernelCommandLine", "root")]), Some(true));
        assert_eq!(
            of(&[("ConditionKernelCommandLine", "root=/dev/vda1")]),
            Some(true)
        );
        assert_eq!(of(&[("ConditionPathExists", "!/etc/a")]), Some(false));
        assert_eq!(
            of(&[
                ("ConditionPathExists", "/etc/a"),
                ("AssertFileNotEmpty", "/etc/b")
            ]),
            Some(false)
        );
        assert_eq!(
            of(&[
                ("ConditionPathExists", "|/etc/no"),
                ("ConditionPathExists", "|/etc/a")
            ]),
            Some(true)
        );
        assert_eq!(of(&[("ConditionPathExistsGlob", "/etc/[ab]")]), Some(true));
        assert_eq!(of(&[("ConditionVirtualization", "!container")]), Some(true));
        assert_eq!(of(&[("ConditionArchitecture", "arm64")]), Some(false));
        assert_eq!(of(&[("ConditionCapability", "CAP_SYS_TIME")]), Some(true));
        assert_eq!(of(&[("ConditionPathExists", "/run/x")]), None);
        assert_eq!(
            of(&[
                ("ConditionPathExists", "/run/x"),
                ("ConditionPathExists", "/etc/no")
            ]),
            Some(false)
        );
        assert_eq!(of(&[("ConditionMemory", ">1G")]), None);
    }
}
