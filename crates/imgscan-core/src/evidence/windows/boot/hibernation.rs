//! The memory of a hibernated Windows, which the boot manager puts back in place of a start.

use super::{BootStores, ElementData, Target};
use crate::evidence::windows::Windows;
use crate::evidence::{Collected, Gap, Location};
use crate::guest::PathSpace;
use crate::source::read_vec;

/// Of the boot manager: it goes on with a hibernated system.
const RESUME: u32 = 0x2600_0005;
/// Objects that wake a hibernated system.
const WAKES: u32 = 0x1020_0004;

/// A file that holds the memory of a hibernated system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hibernated {
    /// The element by which a boot manager goes on with it; `None` where none does.
    pub resumed_by: Option<Location>,
}

pub(in crate::evidence::windows) fn collect(
    windows: &Windows<'_>,
    boot: &BootStores,
) -> Collected<Hibernated> {
    let mut out = Collected::default();
    let resumed_by = boot.stores.iter().find_map(|store| {
        let manager = store.manager()?;
        let held = store.effective(manager, &mut Vec::new());
        let on = |data: &ElementData| !matches!(data, ElementData::Switch(false));
        let set = held.iter().find(|e| e.id == RESUME && on(&e.element.fact));
        set.map(|e| e.element.at.clone())
    });
    let mut files = vec![(
        windows.guest.root_volume.clone(),
        r"\hiberfil.sys".to_owned(),
    )];
    let entries = boot.stores.iter().flat_map(|store| &store.resolved);
    for entry in entries.filter(|e| e.kind == Some(WAKES)) {
        if let (Target::Volume { name }, Some(path)) = (&entry.os_device.0, &entry.system_root) {
            let file = (name.clone(), path.fact.clone());
            let same = |known: &(String, String)| {
                known.0 == file.0 && known.1.eq_ignore_ascii_case(&file.1)
            };
            if !files.iter().any(same) {
                files.push(file);
            }
        }
    }
    for (volume, path) in files {
        let mut volumes = windows.guest.paths.volumes().iter();
        let Some(volume) = volumes.find(|v| v.volume.name == volume) else {
            continue;
        };
        let read = PathSpace::new(volume).and_then(|paths| {
            let Some(at) = paths.find(path.as_bytes())? else {
                return Ok(None);
            };
            let data = at.open()?;
            let head = read_vec(data.as_ref(), 0, if data.len() < 4 { 0 } else { 4 })?;
            Ok(head
                .eq_ignore_ascii_case(b"hibr")
                .then(|| Location::of(&at)))
        });
        match read {
            Ok(Some(at)) => {
                let resumed_by = resumed_by.clone();
                out.push(Hibernated { resumed_by }, at);
            }
            Ok(None) => {}
            Err(e) => out.gaps.push(Gap::at_path(path.replace('\\', "/"), &e)),
        }
    }
    out
}
