//! Files that the kernel and its drivers are linked with: they are loaded without a service.

use std::collections::{BTreeMap, BTreeSet};

use super::list::{List, Wanted};
use super::{DriverService, LoadedBy, MAX_FILE, Part};
use crate::error::{Error, Layer, contained};
use crate::evidence::windows::Windows;
use crate::evidence::{Gap, Location};
use crate::fs::FileKind;
use crate::guest::{Located, PathSpace};
use crate::source::read_all;
use crate::trust::imports;

/// Names of sets of functions, which no file has.
const SETS: [&str; 2] = ["api-ms-", "ext-ms-"];
/// Folders of the libraries of ring 0, from that of Windows; beside them the importer's own.
const FOLDERS: [&str; 2] = [r"System32", r"System32\drivers"];
/// A service that is off.
const DISABLED: u32 = 4;

/// Adds what the files of `list` are linked with, and what those are, until nothing is new. What is
/// in the list already gets the importer as one that loads it.
pub(super) fn add(windows: &Windows<'_>, list: &mut List, gaps: &mut Vec<Gap>) {
    let mut started: BTreeMap<usize, u32> = BTreeMap::new();
    let mut open: Vec<usize> = (0..list.items.len()).collect();
    while let Some(index) = open.pop() {
        let Some(wanted) = list.items.get(index) else {
            continue;
        };
        let Some(start) = start(wanted) else {
            continue;
        };
        // Each again only where it starts earlier than it was known to.
        if started.get(&index).is_some_and(|known| *known <= start) {
            continue;
        }
        started.insert(index, start);
        let importer = wanted.at.clone();
        for name in linked(&windows.guest.paths, &importer, gaps) {
            for found in files(windows, &importer, &name, gaps) {
                let service = DriverService {
                    by: LoadedBy::Import,
                    name: importer.path_text(),
                    start: Some(start),
                    image_path: None,
                    at: Location::of(&importer),
                };
                open.push(list.import(found, service));
            }
        }
    }
}

/// When a file of ring 0 is loaded; `None` for one that is not.
fn start(wanted: &Wanted) -> Option<u32> {
    let starts = wanted.services.iter().filter_map(|s| s.start);
    match wanted.part {
        Part::Core => Some(0),
        Part::Driver => starts.min().filter(|start| *start < DISABLED),
        Part::Loader | Part::Native => None,
    }
}

/// The libraries that the file at `at` is linked with. One that is no PE image has none; its
/// signature tells what it is.
fn linked(paths: &PathSpace, at: &Located, gaps: &mut Vec<Gap>) -> BTreeSet<String> {
    let read = contained(
        Layer::Pe,
        || say!(doing_ring0_file),
        || {
            let data = at.open()?;
            // Copying the file costs about what a digest does.
            paths.pay_digests(1, data.len().min(MAX_FILE))?;
            let bytes = read_all(data.as_ref(), MAX_FILE)?;
            imports(&bytes).ok_or_else(|| Error::corrupt(Layer::Pe, None, say!(error_pe_imports)))
        },
    );
    match read {
        Ok(names) => names.into_iter().map(|n| n.to_ascii_lowercase()).collect(),
        Err(e) => {
            gaps.push(Gap::new(Location::of(at), &e));
            BTreeSet::new()
        }
    }
}

/// The files that `name` may mean to an importer. Which folder comes first is not documented, so
/// each of them counts.
fn files(
    windows: &Windows<'_>,
    importer: &Located,
    name: &str,
    gaps: &mut Vec<Gap>,
) -> Vec<Located> {
    let mut out = Vec::new();
    if SETS.iter().any(|set| name.starts_with(set)) || name.contains(['\\', '/', ':']) {
        return out;
    }
    let root = windows.roots().windows;
    let mut folders: Vec<String> = FOLDERS.iter().map(|f| format!(r"{root}\{f}")).collect();
    let own = importer.path_text();
    folders.extend(own.rsplit_once('/').map(|(folder, _)| folder.to_owned()));
    for folder in folders {
        let path = format!("{folder}/{name}");
        match windows.guest.paths.find(path.as_bytes()) {
            Ok(Some(at)) if at.metadata.kind == FileKind::Regular => out.push(at),
            Ok(_) => {}
            Err(e) => gaps.push(Gap::at_path(path, &e)),
        }
    }
    out
}
