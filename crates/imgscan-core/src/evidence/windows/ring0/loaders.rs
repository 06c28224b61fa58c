//! Boot programs: what firmware and boot managers start.

use super::list::List;
use super::{EFI_DEPTH, Part};
use crate::evidence::files::Files;
use crate::evidence::windows::{BootStore, Windows};
use crate::evidence::{Gap, Location};
use crate::fs::FileKind;
use crate::guest::PathSpace;

/// The boot manager of each store and of each active partition, what the entries of the stores start,
/// and every program of EFI system partitions.
pub(super) fn add(windows: &Windows<'_>, list: &mut List, gaps: &mut Vec<Gap>) {
    let boot = windows.boot();
    for volume in windows.guest.paths.volumes() {
        let Some(fs) = volume.file_system() else {
            continue;
        };
        let Ok(paths) = PathSpace::new(volume) else {
            continue;
        };
        let own = |at: &&Location| at.volume.as_ref() == Some(&volume.volume.name);
        let of_store = |s: &BootStore| {
            let entries = s.resolved.iter().filter_map(|e| e.loader.clone());
            let all: Vec<Location> = s.program.iter().cloned().chain(entries).collect();
            all
        };
        let programs: Vec<Location> = boot.stores.iter().flat_map(of_store).collect();
        let programs = programs.iter().filter(own);
        let mut names: Vec<String> = programs.filter_map(|at| at.path.clone()).collect();
        // The code of a boot sector loads it from its own volume.
        if volume.volume.bootable || volume.volume.number == 0 {
            names.push("/bootmgr".into());
        }
        if fs.info().kind.starts_with("fat") {
            match Files::new(&paths).tree("/EFI", EFI_DEPTH) {
                Ok(tree) => {
                    let tree = tree.whole(EFI_DEPTH);
                    gaps.extend(tree.gaps);
                    let is = |n: &String| n.to_ascii_lowercase().ends_with(".efi");
                    names.extend(tree.names.into_iter().filter(is));
                }
                Err(gap) => gaps.push(gap),
            }
        }
        for name in names {
            match paths.find(name.as_bytes()) {
                Ok(Some(at)) if at.metadata.kind == FileKind::Regular => {
                    list.add(Part::Loader, at, None);
                }
                Ok(_) => {}
                Err(e) => gaps.push(Gap::at_path(name, &e)),
            }
        }
    }
}
