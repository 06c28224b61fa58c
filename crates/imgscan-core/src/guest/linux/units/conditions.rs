//! Conditions and asserts of units, as far as the image decides them: systemd.unit(5),
//! "Conditions and Asserts".

use super::{Loaded, Setting};
use crate::error::Kind;
use crate::fs::FileKind;
use crate::guest::{Location, PathSpace, listing};

/// What conditions are held against, beside the files.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Machine<'a> {
    /// Every command line that the kernel may start with, cut into words as systemd cuts it; none
    /// where they are not known.
    pub(crate) command_lines: &'a [Vec<String>],
    /// `x86_64`, `aarch64`.
    pub(crate) architecture: Option<&'a str>,
    /// It is taken for a virtual machine of a cloud, by KVM; otherwise it may be any.
    pub(crate) in_cloud: bool,
}

/// Whether a unit starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Nothing stands against it.
    Yes,
    /// A condition certainly fails in this image.
    No,
    /// It depends on the running machine.
    Unknown,
}

impl From<Option<bool>> for Holds {
    fn from(holds: Option<bool>) -> Self {
        match holds {
            Some(true) => Self::Yes,
            Some(false) => Self::No,
            None => Self::Unknown,
        }
    }
}

/// Whether the conditions and asserts of a unit hold.
#[must_use]
pub(crate) fn hold(paths: &PathSpace, machine: Machine<'_>, unit: &Loaded) -> Holds {
    let conditions = of_unit(unit).into_iter();
    let conditions = conditions.map(|(s, _)| (s.key.as_str(), s.value.as_str()));
    all_hold(paths, machine, conditions).into()
}

/// The conditions and asserts of a unit that depend on the running machine.
#[must_use]
pub(crate) fn undecided<'u>(
    paths: &PathSpace,
    machine: Machine<'_>,
    unit: &'u Loaded,
) -> Vec<&'u (Setting, Location)> {
    let mut open = of_unit(unit);
    open.retain(|(s, _)| {
        let alone = (s.key.as_str(), s.value.trim_start_matches('|'));
        all_hold(paths, machine, std::iter::once(alone)).is_none()
    });
    open
}

/// The conditions and asserts of a unit that count.
fn of_unit(unit: &Loaded) -> Vec<&(Setting, Location)> {
    let mut conditions: Vec<&(Setting, Location)> = Vec::new();
    for setting in unit.settings.iter().filter(|(s, _)| s.section == "Unit") {
        let key = setting.0.key.as_str();
        let kinds = ["Condition", "Assert"];
        let Some(kind) = kinds.into_iter().find(|kind| key.starts_with(kind)) else {
            continue;
        };
        // An empty value takes back all of the kind that was set before.
        if setting.0.value.is_empty() {
            conditions.retain(|(s, _)| !s.key.starts_with(kind));
        } else {
            conditions.push(setting);
        }
    }
    conditions
}

/// Whether all of `conditions` (key, value) hold; `None` where that depends on the running machine.
fn all_hold<'c>(
    paths: &PathSpace,
    machine: Machine<'_>,
    conditions: impl Iterator<Item = (&'c str, &'c str)>,
) -> Option<bool> {
    // Of those with a `|` one must hold, of the others all. Asserts are a set of their own.
    let mut all = Some(true);
    let (mut any_condition, mut any_assert) = (None, None);
    for (key, value) in conditions {
        let (triggering, value) = match value.strip_prefix('|') {
            Some(rest) => (true, rest.trim_start()),
            None => (false, value),
        };
        let (negated, value) = match value.strip_prefix('!') {
            Some(rest) => (true, rest.trim_start()),
            None => (false, value),
        };
        let holds = one(paths, machine, key, value).map(|holds| holds != negated);
        if triggering {
            let any = if key.starts_with("Assert") {
                &mut any_assert
            } else {
                &mut any_condition
            };
            *any = Some(match *any {
                Some(before) => or(before, holds),
                None => holds,
            });
        } else {
            all = and(all, holds);
        }
    }
    [any_condition, any_assert]
        .into_iter()
        .flatten()
        .fold(all, and)
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

fn one(paths: &PathSpace, machine: Machine<'_>, key: &str, value: &str) -> Option<bool> {
    let test = key
        .strip_prefix("Condition")
        .or_else(|| key.strip_prefix("Assert"))?;
    match test {
        "KernelCommandLine" => {
            // Either the whole word, or its part before the `=`.
            let is_it = |word: &String| {
                word == value || !value.contains('=') && word.split('=').next() == Some(value)
            };
            let mut lines = machine.command_lines.iter();
            let first = lines.next()?.iter().any(is_it);
            lines
                .all(|line| line.iter().any(is_it) == first)
                .then_some(first)
        }
        "Virtualization" if !machine.in_cloud => None,
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
        _ => of_path(paths, test, value),
    }
}

/// A condition on files.
fn of_path(paths: &PathSpace, test: &str, path: &str) -> Option<bool> {
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
    let bytes = path.as_bytes();
    let mut gaps = Vec::new();
    if test == "PathExistsGlob" {
        let found = listing::glob(paths, bytes, &mut gaps).ok()?;
        let mut there = false;
        for path in found {
            there |= paths.find(&path).ok()?.is_some();
        }
        return gaps.is_empty().then_some(there);
    }
    if test == "PathIsSymbolicLink" {
        return match paths.resolve_link(bytes) {
            Ok(at) => Some(at.metadata.kind == FileKind::Symlink),
            Err(e) => (e.kind == Kind::NotFound).then_some(false),
        };
    }
    let found = paths.find(bytes).ok()?.map(|at| at.metadata);
    let is = |wanted: FileKind| found.as_ref().is_some_and(|m| m.kind == wanted);
    match test {
        "PathExists" => Some(found.is_some()),
        "PathIsDirectory" => Some(is(FileKind::Directory)),
        "FileNotEmpty" => Some(is(FileKind::Regular) && found.is_some_and(|m| m.size > 0)),
        "FileIsExecutable" => Some(
            is(FileKind::Regular)
                && found.is_some_and(|m| m.mode.is_none_or(|mode| mode & 0o111 != 0)),
        ),
        "DirectoryNotEmpty" => {
            let holds_some = !listing::children(paths, bytes, &mut gaps).is_empty();
            gaps.is_empty().then_some(holds_some)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::fs::NodeId;
    use crate::fs::memory::MemoryFs;

    #[test]
    fn conditions_hold_as_systemd_says() {
        // systemd.unit(5) of 252.
        let fs = MemoryFs::default()
            .file("/etc/a", 0o644, "x")
            .file("/etc/b", 0o644, "")
            .file("/srv/d/x", 0o644, "")
            .link("/etc/l", "a");
        let paths = PathSpace::from_fs("p1", Arc::new(fs), NodeId(0));
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let lines = [words("root=/dev/vda1 ro quiet")];
        let machine = Machine {
            command_lines: &lines,
            architecture: Some("x86_64"),
            in_cloud: true,
        };
        let of = |list: &[(&str, &str)]| all_hold(&paths, machine, list.iter().copied());
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
        assert_eq!(of(&[("ConditionPathIsSymbolicLink", "/etc/l")]), Some(true));
        assert_eq!(of(&[("ConditionDirectoryNotEmpty", "/srv/d")]), Some(true));
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
        let unknown = Machine::default();
        let anywhere = one(&paths, unknown, "ConditionVirtualization", "kvm");
        assert_eq!(anywhere, None);
    }

    /// An argument of one of two lines that may start is neither there nor not; without any line
    /// nothing is known.
    #[test]
    fn command_lines_that_differ_decide_nothing() {
        let paths = PathSpace::from_fs("p1", Arc::new(MemoryFs::default()), NodeId(0));
        let lines = [vec!["ro".to_owned(), "x".to_owned()], vec!["ro".to_owned()]];
        let of = |command_lines, value| {
            let machine = Machine {
                command_lines,
                ..Machine::default()
            };
            one(&paths, machine, "ConditionKernelCommandLine", value)
        };
        assert_eq!(of(&lines, "ro"), Some(true));
        assert_eq!(of(&lines, "x"), None);
        assert_eq!(of(&lines, "y"), Some(false));
        assert_eq!(of(&[], "ro"), None);
    }

    /// systemd.unit(5): "If any of these options is assigned the empty string, the list of
    /// conditions is reset completely"; asserts are a list of their own.
    #[test]
    fn an_empty_value_takes_back_its_own_kind() {
        let paths = PathSpace::from_fs("p1", Arc::new(MemoryFs::default()), NodeId(0));
        let unit = |text: &str| Loaded {
            at: None,
            settings: super::super::settings(text)
                .into_iter()
                .map(|s| (s, Location::default()))
                .collect(),
        };
        let holds = |text: &str| hold(&paths, Machine::default(), &unit(text));
        let failing = "[Unit]\nConditionPathExists=/no\nAssertPathExists=/no\n";
        assert_eq!(holds(failing), Holds::No);
        let one_left = format!("{failing}ConditionUser=\n");
        assert_eq!(holds(&one_left), Holds::No);
        let none_left = format!("{one_left}AssertUser=\n");
        assert_eq!(holds(&none_left), Holds::Yes);
        let open = unit("[Unit]\nConditionMemory=|>1G\nConditionPathExists=!/no\n");
        let open = undecided(&paths, Machine::default(), &open).len();
        assert_eq!(open, 1);
    }
}
