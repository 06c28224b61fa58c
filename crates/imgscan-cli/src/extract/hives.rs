//! All registry hives of an image, with their logs, as targets.

use std::collections::BTreeSet;

use imgscan_core::evidence::Evidence;
use imgscan_core::evidence::windows::boot_configurations;
use imgscan_core::fs::{FileSystem, NodeId};
use imgscan_core::guest::{self, Family, Located};

use crate::exit::Failure;
use crate::image::{Image, Target};
use crate::output::Ui;

/// The hives and logs, and whether something may hide more.
pub(super) fn targets(image: &Image, ui: &Ui) -> Result<(Vec<Target>, bool), Failure> {
    let mut found = boot_configurations(image.volumes());
    for guest in guest::find(image.volumes()) {
        if guest.family == Family::Windows {
            let hives = Evidence::new(&guest).windows.hives();
            found.items.extend(hives.items);
            found.gaps.extend(hives.gaps);
        }
    }
    for gap in &found.gaps {
        ui.gap(gap);
    }
    if found.items.is_empty() && found.gaps.is_empty() {
        return Err(Failure::Usage(say!(extract_no_hives)));
    }
    let mut seen = BTreeSet::new();
    let files = found.items.iter().map(|found| &found.fact);
    let files = files.flat_map(|file| std::iter::once(&file.at).chain(file.logs()));
    let targets = files
        .filter(|at| seen.insert((at.volume.clone(), at.id)))
        .map(|at| image.located(at, stored_path(at)))
        .collect();
    Ok((targets, !found.gaps.is_empty()))
}

/// The path in the volume with the names as the folders spell them: hives were asked for by
/// other spellings, and one folder must not become two on the host.
fn stored_path(at: &Located) -> Vec<u8> {
    let asked = match at.path.as_slice() {
        [_, b':', rest @ ..] => rest,
        path => path,
    };
    let mut here = at.fs.root();
    let mut out = Vec::new();
    for name in asked.split(|b| *b == b'/').filter(|n| !n.is_empty()) {
        out.push(b'/');
        match stored_name(at.fs.as_ref(), here, name) {
            Some((stored, id)) => {
                out.extend_from_slice(&stored);
                here = id;
            }
            // What was found once is found again; the spelling of the rest is all that is lost.
            None => out.extend_from_slice(name),
        }
    }
    out
}

fn stored_name(fs: &dyn FileSystem, folder: NodeId, name: &[u8]) -> Option<(Vec<u8>, NodeId)> {
    let id = fs.lookup(folder, name).ok()??;
    let lower = |name: &[u8]| imgscan_core::text::lossless(name).to_lowercase();
    let wanted = lower(name);
    let listing = fs.read_dir(folder).ok()?;
    let entry = listing
        .entries
        .into_iter()
        .find(|e| e.id == id && lower(&e.name) == wanted)?;
    Some((entry.name, id))
}
