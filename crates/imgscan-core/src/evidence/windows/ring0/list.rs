//! Which files are to be examined.

use std::collections::BTreeMap;

use super::{DriverService, EFI_DEPTH, KernelFiles, MissingDriver, Part, spares};
use crate::error::{Error, Layer};
use crate::evidence::files::Files;
use crate::evidence::windows::{Service, Windows, services};
use crate::evidence::{Gap, Location};
use crate::fs::{FileKind, NodeId};
use crate::guest::{Located, PathSpace};

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
/// Types of services that the kernel loads: kernel driver, file system driver, recogniser.
const LOADED: u32 = 0x1 | 0x2 | 0x8;
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
struct List {
    items: Vec<Wanted>,
    seen: BTreeMap<(String, NodeId), usize>,
}

impl List {
    fn add(&mut self, part: Part, at: Located, service: Option<DriverService>) {
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
}

/// The files that are loaded or may be, and the spare ones; gaps and drivers without a file go to
/// `out`.
pub(super) fn wanted(windows: &Windows<'_>, out: &mut KernelFiles) -> (Vec<Wanted>, Vec<Wanted>) {
    let mut list = List::default();
    loaders(windows, &mut list, &mut out.gaps);
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
    for name in natives(windows) {
        let path = system32(&[&name]);
        find(windows, Part::Native, &path[0], &mut list, &mut out.gaps);
    }
    drivers(windows, &mut list, out);
    unused(windows, &mut list, &mut out.gaps);
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

fn find(windows: &Windows<'_>, part: Part, path: &str, list: &mut List, gaps: &mut Vec<Gap>) {
    match windows.guest.paths.find(path.as_bytes()) {
        Ok(Some(at)) if at.metadata.kind == FileKind::Regular => list.add(part, at, None),
        Ok(_) => {}
        Err(e) => gaps.push(Gap::at_path(path.replace('\\', "/"), &e)),
    }
}

/// The boot manager of each store, and every program of EFI system partitions.
fn loaders(windows: &Windows<'_>, list: &mut List, gaps: &mut Vec<Gap>) {
    let boot = windows.boot();
    for volume in windows.guest.paths.volumes() {
        let Some(fs) = volume.file_system() else {
            continue;
        };
        let Ok(paths) = PathSpace::new(volume) else {
            continue;
        };
        let mut names: Vec<String> = boot
            .stores
            .iter()
            .filter(|s| s.volume == volume.volume.name)
            .filter_map(|s| s.program.as_ref()?.path.clone())
            .collect();
        if fs.info().kind.starts_with("fat") {
            match Files::new(&paths).tree("/EFI", EFI_DEPTH) {
                Ok(tree) => {
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

/// The programs that the values of the session manager name: `autocheck` stands before a name and
/// is none.
fn natives(windows: &Windows<'_>) -> Vec<String> {
    let autostarts = windows.autostarts();
    let mut names: Vec<String> = Vec::new();
    let items = autostarts.items.into_iter();
    for item in items.filter(|a| a.fact.kind == "Session Manager") {
        for command in item.fact.command.unwrap_or_default().split("; ") {
            let Some(name) = native(command) else {
                continue;
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// The file name of the program in an entry of `BootExecute`.
pub(super) fn native(command: &str) -> Option<String> {
    let mut words = command.split_whitespace();
    let first = words.next()?;
    let name = match first.eq_ignore_ascii_case("autocheck") {
        true => words.next()?,
        false => first,
    };
    let name = name.rsplit('\\').next()?;
    Some(match name.contains('.') {
        true => name.to_owned(),
        false => format!("{name}.exe"),
    })
}

fn drivers(windows: &Windows<'_>, list: &mut List, out: &mut KernelFiles) {
    let all = match windows.services() {
        Ok(all) => all,
        Err(gap) => {
            out.gaps.push(gap);
            return;
        }
    };
    out.gaps.extend(all.gaps.iter().cloned());
    for service in &all.items {
        // A service whose type can't be read may be a driver.
        if service.kind.is_some_and(|k| k & LOADED == 0) {
            continue;
        }
        if service.kind.is_none() {
            out.gaps.extend(service.gaps.iter().cloned());
            continue;
        }
        out.gaps.extend(service.gaps.iter().cloned());
        driver(windows, service, list, out);
    }
}

/// The drivers in their folder that no service loads.
fn unused(windows: &Windows<'_>, list: &mut List, gaps: &mut Vec<Gap>) {
    let folder = format!(r"{}\System32\drivers", windows.roots().windows);
    match Files::new(&windows.guest.paths).names(&folder) {
        Ok(listed) => {
            let listed = listed.unwrap_or_default();
            gaps.extend(listed.gaps);
            let is = |n: &&String| n.to_ascii_lowercase().ends_with(".sys");
            for name in listed.names.iter().filter(is) {
                let path = format!(r"{folder}\{name}");
                find(windows, Part::Driver, &path, list, gaps);
            }
        }
        Err(gap) => gaps.push(gap),
    }
}

fn driver(windows: &Windows<'_>, service: &Service, list: &mut List, out: &mut KernelFiles) {
    let image = service.image_path.as_ref();
    let fact = DriverService {
        name: service.name.clone(),
        start: service.start.as_ref().map(|s| s.fact),
        image_path: image.map(|i| i.fact.clone()),
        at: image.map_or_else(|| service.at.clone(), |i| i.at.clone()),
    };
    let paths = match services::image_paths(windows, service) {
        Ok(paths) => paths,
        Err(gap) => {
            out.gaps.push(gap);
            return;
        }
    };
    for path in &paths {
        match windows.guest.paths.find(path.as_bytes()) {
            Ok(Some(at)) if at.metadata.kind == FileKind::Regular => {
                list.add(Part::Driver, at, Some(fact));
                return;
            }
            Ok(_) => {}
            Err(e) => {
                out.gaps.push(Gap::at_path(path.replace('\\', "/"), &e));
                return;
            }
        }
    }
    if let Some(path) = paths.into_iter().next_back() {
        out.missing.push(MissingDriver {
            service: fact,
            path,
        });
    }
}
