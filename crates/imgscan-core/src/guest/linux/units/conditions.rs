//! Conditions and asserts of units, as far as the image decides them: systemd.unit(5),
//! "Conditions and Asserts".

use super::Loaded;
use crate::fs::FileKind;
use crate::guest::PathSpace;

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

/// Whether the conditions and asserts of a unit hold.
#[must_use]
pub(crate) fn hold(paths: &PathSpace, unit: &Loaded) -> Holds {
    let mut conditions: Vec<(&str, &str)> = Vec::new();
    for setting in unit.of("Unit") {
        let key = setting.key.as_str();
        if !key.starts_with("Condition") && !key.starts_with("Assert") {
            continue;
        }
        // An empty value takes back all that was set before.
        if setting.value.is_empty() {
            conditions.clear();
        } else {
            conditions.push((key, &setting.value));
        }
    }
    // Of those with a `|` one must hold, of the others all.
    let mut any: Option<Holds> = None;
    let mut all = Holds::Yes;
    for (key, value) in conditions {
        let (triggering, value) = match value.strip_prefix('|') {
            Some(rest) => (true, rest.trim_start()),
            None => (false, value),
        };
        let (negated, value) = match value.strip_prefix('!') {
            Some(rest) => (true, rest.trim_start()),
            None => (false, value),
        };
        let holds = match condition(paths, key, value) {
            Some(holds) if holds != negated => Holds::Yes,
            Some(_) => Holds::No,
            None => Holds::Unknown,
        };
        if triggering {
            any = Some(match (any, holds) {
                (Some(Holds::Yes), _) | (_, Holds::Yes) => Holds::Yes,
                (Some(Holds::Unknown), _) | (_, Holds::Unknown) => Holds::Unknown,
                _ => Holds::No,
            });
        } else {
            all = worse(all, holds);
        }
    }
    worse(all, any.unwrap_or(Holds::Yes))
}

fn worse(a: Holds, b: Holds) -> Holds {
    match (a, b) {
        (Holds::No, _) | (_, Holds::No) => Holds::No,
        (Holds::Unknown, _) | (_, Holds::Unknown) => Holds::Unknown,
        _ => Holds::Yes,
    }
}

/// Whether a condition on files holds; `None` where that depends on the running machine.
fn condition(paths: &PathSpace, key: &str, path: &str) -> Option<bool> {
    let test = key
        .strip_prefix("Condition")
        .or_else(|| key.strip_prefix("Assert"))?;
    let made_at_boot = [
        "/run", "/proc", "/sys", "/dev", "/tmp", "/var/run", "/var/tmp", "/mnt",
    ];
    let is_made = made_at_boot.iter().any(|d| {
        path.strip_prefix(d)
            .is_some_and(|r| r.is_empty() || r.starts_with('/'))
    });
    if !path.starts_with('/') || is_made || path.contains(['%', '*', '?', '[']) {
        return None;
    }
    let found = paths.find(path.as_bytes()).ok()?.map(|at| at.metadata);
    let is = |wanted: FileKind| found.as_ref().is_some_and(|m| m.kind == wanted);
    match test {
        "PathExists" => Some(found.is_some()),
        "PathIsDirectory" => Some(is(FileKind::Directory)),
        "FileNotEmpty" => Some(is(FileKind::Regular) && found.is_some_and(|m| m.size > 0)),
        "FileIsExecutable" => Some(
            is(FileKind::Regular)
                && found.is_some_and(|m| m.mode.is_none_or(|mode| mode & 0o111 != 0)),
        ),
        _ => None,
    }
}
