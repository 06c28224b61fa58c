//! Which files are to be examined.

use std::collections::BTreeMap;

use super::{DriverService, KernelFiles, Part, drivers, imports, loaders, spares};
use crate::error::{Error, Layer};
use crate::evidence::windows::Windows;
use crate::evidence::{Gap, Location};
use crate::fs::{FileKind, NodeId};
use crate::guest::Located;

/// Boot programs, from `System32`.
const LOADERS: &[&str] = &[
    "winload.exe",
    "winload.efi",
    "winresume.exe",
    "winresume.efi",
    r"Boot\winload.exe",
    r"Boot\winload.efi",
    r"Boot\winresume.exe",
    r"Boot\winresume.efi",
];
/// What the loader puts into memory beside the drivers, from `System32`.
const CORE: &[&str] = &[
    "ntoskrnl.exe",
    "ntkrnlpa.exe",
    "hal.dll",
    "halacpi.dll",
    "halmacpi.dll",
    "kdcom.dll",
    "mcupdate_AuthenticAMD.dll",
    "mcupdate_GenuineIntel.dll",
    "ci.dll",
    "PSHED.dll",
    "BOOTVID.dll",
    r"drivers\CLFS.SYS",
    "clfs.sys",
    "win32k.sys",
    "win32kbase.sys",
    "win32kfull.sys",
    "securekernel.exe",
    "skci.dll",
    "hvix64.exe",
    "hvax64.exe",
    "hvloader.dll",
    "hvloader.exe",
    "hvloader.efi",
    "tcblaunch.exe",
];
/// Files of one system.
const MAX_FILES: usize = 16_384;

/// A file to be examined.
pub(super) struct Wanted {
    pub(super) part: Part,
    pub(super) at: Located,
    pub(super) services: Vec<DriverService>,
}

/// Files to be examined, each once.
#[derive(Default)]
pub(super) struct List {
    pub(super) items: Vec<Wanted>,
    seen: BTreeMap<(String, NodeId), usize>,
}

impl List {
    pub(super) fn add(&mut self, part: Part, at: Located, service: Option<DriverService>) {
        let key = (at.volume.clone(), at.id);
        let index = *self.seen.entry(key).or_insert(self.items.len());
        if index == self.items.len() {
            self.items.push(Wanted {
                part,
                at,
                services: Vec::new(),
            });
        }
        self.items[index].services.extend(service);
    }

    /// Adds a library that `service` is linked with; its index. A file that is no driver keeps its
    /// part, and one that is loaded as early by another importer gets no further one.
    pub(super) fn import(&mut self, at: Located, service: DriverService) -> usize {
        let key = (at.volume.clone(), at.id);
        let index = self.seen.get(&key).copied();
        let Some(index) = index else {
            self.add(Part::Driver, at, Some(service));
            return self.items.len().saturating_sub(1);
        };
        if let Some(item) = self.items.get_mut(index)
            && item.part == Part::Driver
        {
            let start = |s: &DriverService| s.start.unwrap_or(u32::MAX);
            let known = item.services.iter().map(start).min();
            if known.is_none_or(|known| known > start(&service)) {
                item.services.push(service);
            }
        }
        index
    }
}

/// The files that are loaded or may be, and the spare ones; gaps and drivers without a file go to
/// `out`.
pub(super) fn wanted(windows: &Windows<'_>, out: &mut KernelFiles) -> (Vec<Wanted>, Vec<Wanted>) {
    let mut list = List::default();
    let system32 = |names: &[&str]| -> Vec<String> {
        let root = windows.roots().windows;
        let below = names.iter();
        below.map(|n| format!(r"{root}\System32\{n}")).collect()
    };
    for (part, names) in [(Part::Loader, LOADERS), (Part::Core, CORE)] {
        for path in system32(names) {
            find(windows, part, &path, &mut list, &mut out.gaps);
        }
    }
    // Those of this Windows are named with its drive by now.
    loaders::add(windows, &mut list, &mut out.gaps);
    natives(windows, &mut list, &mut out.gaps);
    drivers::add(windows, &mut list, out);
    imports::add(windows, &mut list, &mut out.gaps);
    if list.items.len() > MAX_FILES {
        let why = Error::limit(
            Layer::Guest,
            None,
            say!(error_too_many, most = MAX_FILES, what = "files"),
        );
        out.gaps.push(Gap::new(Location::default(), &why));
        list.items.truncate(MAX_FILES);
    }
    let named = list.items.len();
    // Those that stand under their own names are in the list already.
    for at in spares::renamed(windows, &mut out.gaps) {
        list.add(Part::Core, at, None);
    }
    let spares = list.items.split_off(named);
    (list.items, spares)
}

pub(super) fn find(
    windows: &Windows<'_>,
    part: Part,
    path: &str,
    list: &mut List,
    gaps: &mut Vec<Gap>,
) {
    match windows.guest.paths.find(path.as_bytes()) {
        Ok(Some(at)) if at.metadata.kind == FileKind::Regular => list.add(part, at, None),
        Ok(_) => {}
        Err(e) => gaps.push(Gap::at_path(path.replace('\\', "/"), &e)),
    }
}

/// What runs before any logon beside the drivers: the session manager, the programs that its values
/// name, and the subsystem with its libraries.
fn natives(windows: &Windows<'_>, list: &mut List, gaps: &mut Vec<Gap>) {
    let roots = windows.roots();
    let mut paths = vec![format!(r"{}\System32\smss.exe", roots.windows)];
    // What of these values can't be read is a gap of the check of the values.
    let commands = windows.native_commands().items.into_iter();
    paths.extend(commands.filter_map(|c| c.fact.program));
    if let Ok(Some(subsystem)) = windows.subsystem() {
        paths.extend(subsystem.fact.program.clone());
        paths.extend(subsystem.fact.files(&roots));
    }
    paths.push(format!(r"{}\System32\csrsrv.dll", roots.windows));
    for path in paths {
        find(windows, Part::Native, &path, list, gaps);
    }
}
