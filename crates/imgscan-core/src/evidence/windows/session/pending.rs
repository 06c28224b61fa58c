//! Files that the next start renames or deletes: `PendingFileRenameOperations`.
//!
//! The value is a list of texts in pairs, of which the second is empty for a file that is to be
//! deleted, so the list does not end at its first empty text. Before a path may stand `!` (an
//! existing file is replaced) and `*` with a number. Source: Microsoft "MoveFileEx".

use std::collections::BTreeMap;

use serde::Serialize;

use super::{manager_if_read, value};
use crate::error::{Error, Layer};
use crate::evidence::windows::{KeyAt, Windows, services};
use crate::evidence::{Collected, Gap, Location};
use crate::fs::NodeId;
use crate::guest::windows::of_kernel;

/// The values, in the order in which they are worked off.
const VALUES: [&str; 2] = [
    "PendingFileRenameOperations",
    "PendingFileRenameOperations2",
];
/// Operations that are taken from one value.
const MAX_OPERATIONS: usize = 65_536;

/// A file or folder that the next start renames or deletes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PendingRename {
    /// What is moved or deleted, as it stands there.
    pub from: String,
    /// Its path with its drive; `None` where that can't be told.
    pub path: Option<String>,
    /// The file or folder, where it is there.
    pub source: Option<Location>,
    /// What it is moved to, as it stands there; `None` where it is deleted.
    pub to: Option<String>,
    /// That path with its drive; `None` where that can't be told, too.
    pub to_path: Option<String>,
    /// The services whose program it is, or whose program stands in it.
    pub services: Vec<String>,
}

pub(super) fn collect(windows: &Windows<'_>) -> Collected<PendingRename> {
    let mut out = Collected::default();
    let Some(key) = manager_if_read(windows, &mut out.gaps) else {
        return out;
    };
    let mut programs = None;
    for name in VALUES {
        of_value(windows, &key, name, &mut programs, &mut out);
    }
    out
}

/// Services by the files and folders that lead to their programs.
type Programs = BTreeMap<(String, NodeId), Vec<String>>;

fn of_value(
    windows: &Windows<'_>,
    key: &KeyAt<'_>,
    name: &str,
    programs: &mut Option<Programs>,
    out: &mut Collected<PendingRename>,
) {
    let raw = |v: &crate::hive::Value<'_>| v.bytes().map(Some);
    let Some(found) = value(key, name, &mut out.gaps, raw) else {
        return;
    };
    let (units, rest) = found.fact.as_chunks::<2>();
    let texts: Vec<String> = units
        .split(|unit| *unit == [0, 0])
        .map(|text| {
            let units = text.iter().map(|u| u16::from_le_bytes(*u));
            let text: String = char::decode_utf16(units)
                .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect();
            text
        })
        .collect();
    let (pairs, mut whole) = pairs(&texts);
    whole &= rest.is_empty() && pairs.len() <= MAX_OPERATIONS;
    if !whole {
        let why = Error::corrupt(Layer::Hive, found.at.offset, say!(error_pending_pairs));
        out.gaps.push(Gap::new(found.at.clone(), &why));
    }
    for (from, to) in pairs.into_iter().take(MAX_OPERATIONS) {
        let programs = programs.get_or_insert_with(|| programs_of(windows, &mut out.gaps));
        let operation = operation(windows, from, to, programs, &mut out.gaps);
        out.push(operation, found.at.clone());
    }
}

/// The pairs of `texts`; false where some of it is in no pair.
fn pairs(texts: &[String]) -> (Vec<(&str, &str)>, bool) {
    let mut out = Vec::new();
    let mut left = texts;
    loop {
        match left {
            [] => return (out, true),
            [only] => {
                let whole = only.is_empty();
                out.extend((!whole).then_some((only.as_str(), "")));
                return (out, whole);
            }
            [from, _, ..] if from.is_empty() => {
                // The end: what stands behind it may still be read by another reader.
                return (out, left.iter().all(String::is_empty));
            }
            [from, to, rest @ ..] => {
                out.push((from, to));
                left = rest;
            }
        }
    }
}

/// A path without the signs before it.
fn plain(mut text: &str) -> &str {
    loop {
        text = match text.as_bytes() {
            [b'!', ..] => &text[1..],
            [b'*', ..] => text[1..].trim_start_matches(|c: char| c.is_ascii_digit()),
            _ => return text,
        };
    }
}

fn operation(
    windows: &Windows<'_>,
    from: &str,
    to: &str,
    programs: &Programs,
    gaps: &mut Vec<Gap>,
) -> PendingRename {
    let roots = windows.roots();
    let path = of_kernel(plain(from), &roots);
    let mut out = PendingRename {
        from: from.to_owned(),
        source: None,
        to: (!to.is_empty()).then(|| to.to_owned()),
        to_path: of_kernel(plain(to), &roots),
        services: Vec::new(),
        path,
    };
    let Some(path) = &out.path else {
        return out;
    };
    match windows.guest.paths.find(path.as_bytes()) {
        Ok(Some(at)) => {
            let services = programs.get(&(at.volume.clone(), at.id));
            out.services = services.cloned().unwrap_or_default();
            out.source = Some(Location::of(&at));
        }
        Ok(None) => {}
        Err(e) => gaps.push(Gap::at_path(path.replace('\\', "/"), &e)),
    }
    out
}

/// The programs of the services and the folders that they stand in.
fn programs_of(windows: &Windows<'_>, gaps: &mut Vec<Gap>) -> Programs {
    let mut out = Programs::new();
    let all = match windows.services() {
        Ok(all) => all,
        Err(gap) => {
            gaps.push(gap);
            return out;
        }
    };
    let paths = &windows.guest.paths;
    for service in &all.items {
        // What can't be told of a service's program is a gap of the checks of services.
        let files = services::image_paths(windows, service).unwrap_or_default();
        let there = |file: &String| matches!(paths.find(file.as_bytes()), Ok(Some(_)));
        let Some(file) = files.into_iter().find(there) else {
            continue;
        };
        let ends = file.match_indices('\\').map(|(at, _)| at).skip(1);
        for end in ends.chain([file.len()]) {
            let Some(part) = file.get(..end) else {
                continue;
            };
            if let Ok(Some(at)) = paths.find(part.as_bytes()) {
                let services = out.entry((at.volume.clone(), at.id)).or_default();
                if !services.contains(&service.name) {
                    services.push(service.name.clone());
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<String> {
        text.split('\0').map(str::to_owned).collect()
    }

    #[test]
    fn operations_come_in_pairs_and_an_empty_second_deletes() {
        let texts = split("\\??\\C:\\a\0\0\\??\\C:\\b\0!\\??\\C:\\c\0\0");
        let (found, whole) = pairs(&texts);
        assert!(whole);
        assert_eq!(found, [(r"\??\C:\a", ""), (r"\??\C:\b", r"!\??\C:\c")]);
        assert_eq!(pairs(&split("\0")), (vec![], true));
        assert_eq!(pairs(&split("")), (vec![], true));
        // An odd number, and something behind the end.
        assert_eq!(
            pairs(&split("a\0b\0c")),
            (vec![("a", "b"), ("c", "")], false)
        );
        assert_eq!(pairs(&split("a\0b\0\0\0c\0")), (vec![("a", "b")], false));
    }

    #[test]
    fn signs_before_a_path_are_none_of_it() {
        for text in [r"\??\C:\a", r"!\??\C:\a", r"*1\??\C:\a", r"*12!\??\C:\a"] {
            assert_eq!(plain(text), r"\??\C:\a");
        }
    }
}
