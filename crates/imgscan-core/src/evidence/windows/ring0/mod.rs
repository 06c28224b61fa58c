//! What a Windows loads into ring 0, and how far each file is proven.
//!
//! Examined are the boot programs, the kernel and what it is linked with, the drivers of the
//! control set that the next boot uses, and the native programs that run before any logon.

mod bill;
mod catalogs;
mod component;
mod integrity;
mod proof;
mod spares;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

pub(super) use bill::bill;
pub use catalogs::Catalogs;
pub(super) use catalogs::Index;
pub use component::Component;
pub use integrity::IntegrityPolicy;
pub(super) use integrity::policies;
pub use proof::{Proof, Standing};
pub use spares::HiddenProgram;
pub(super) use spares::hidden;

use super::{Service, Windows, services};
use crate::bytes::hex;
use crate::error::{Error, Layer, contained};
use crate::evidence::files::Files;
use crate::evidence::{Gap, Location};
use crate::fs::walk::map_in_order;
use crate::fs::{FileKind, NodeId};
use crate::guest::{Located, PathSpace};
use crate::source::{MemorySource, read_all};
use crate::trust::{Bundle, DigestKind, FileVersion, Version};

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
/// The longest file that is read, in bytes.
const MAX_FILE: u64 = 128 * 1024 * 1024;
/// Files of one system.
const MAX_FILES: usize = 16_384;
/// Folders below `\EFI` that are looked at.
const EFI_DEPTH: usize = 6;

/// What a file is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// A boot program: of the EFI system partition, the boot manager, a loader.
    Loader,
    /// The kernel, the hardware layer, code integrity, the hypervisor.
    Core,
    /// A driver of a service.
    Driver,
    /// A program of the session manager (`BootExecute`).
    Native,
}

/// A service that loads a driver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DriverService {
    /// Its name.
    pub name: String,
    /// `Start`: 0 boot, 1 system, 2 automatic, 3 manual, 4 disabled.
    pub start: Option<u32>,
    /// `ImagePath` as it stands there; `None` where the name alone leads to the file.
    pub image_path: Option<String>,
    /// The value, or the key where there is none.
    pub at: Location,
}

/// A file that runs, or may run, in ring 0.
#[derive(Debug, Clone, Serialize)]
pub struct KernelFile {
    /// What for.
    pub part: Part,
    /// Its path in the guest, with its drive; on a volume without a letter from the volume's root.
    pub path: String,
    /// Where, with its SHA-256.
    pub at: Location,
    /// Size in bytes.
    pub bytes: u64,
    /// For a driver: the services that load it.
    pub services: Vec<DriverService>,
    /// The version that it carries.
    pub version: Option<FileVersion>,
    /// The names that its version resource gives it: the original file name, then the internal
    /// one.
    pub names: Vec<String>,
    /// How far it is proven.
    pub proof: Proof,
    /// For a core file: its like in the component store.
    pub component: Option<Component>,
}

impl KernelFile {
    /// The name in its folder.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit(['/', '\\']).next().unwrap_or_default()
    }

    /// The earliest start type of its services; 4 where none has one.
    #[must_use]
    pub fn start(&self) -> u32 {
        let starts = self.services.iter().filter_map(|s| s.start);
        starts.min().unwrap_or(4)
    }
}

/// A driver whose file is not in the image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissingDriver {
    /// The service.
    pub service: DriverService,
    /// The path at which there is no file.
    pub path: String,
}

/// What runs in ring 0.
#[derive(Debug, Clone, Default, Serialize)]
pub struct KernelFiles {
    /// By part, then by path.
    pub files: Vec<KernelFile>,
    /// Kernels and loaders in `System32` under other names than theirs, by path.
    pub spares: Vec<KernelFile>,
    /// Drivers without a file, in the order of the registry.
    pub missing: Vec<MissingDriver>,
    /// The catalogs, where any file needed them.
    pub catalogs: Option<Catalogs>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

impl KernelFiles {
    /// The files of `part`.
    pub fn of(&self, part: Part) -> impl Iterator<Item = &KernelFile> {
        self.files.iter().filter(move |f| f.part == part)
    }
}

/// A file to be examined.
struct Wanted {
    part: Part,
    at: Located,
    services: Vec<DriverService>,
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

pub(super) fn collect(windows: &Windows<'_>) -> KernelFiles {
    let mut out = KernelFiles::default();
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
    drivers(windows, &mut list, &mut out);
    unused(windows, &mut list, &mut out.gaps);
    if list.items.len() > MAX_FILES {
        let why = Error::limit(Layer::Guest, None, format!("more than {MAX_FILES} files"));
        out.gaps.push(Gap::new(Location::default(), &why));
        list.items.truncate(MAX_FILES);
    }
    let named = list.items.len();
    spares::list(windows, &mut list, &mut out.gaps);
    let spares = list.items.split_off(named);
    examine(windows, list.items, &mut out);
    let mut apart = KernelFiles::default();
    examine(windows, spares, &mut apart);
    out.spares = apart.files;
    out.gaps.append(&mut apart.gaps);
    component::link(windows, &mut out);
    out.files
        .sort_by(|a, b| (a.part, &a.path).cmp(&(b.part, &b.path)));
    out
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

/// A file with what it says itself, and the digests to look for in catalogs.
type Examined = (KernelFile, Vec<Vec<u8>>);

/// Reads and proves all files, on all processors; then looks for what is not proven in the
/// catalogs, all at once.
fn examine(windows: &Windows<'_>, items: Vec<Wanted>, out: &mut KernelFiles) {
    let trust = windows.references().trust;
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let mut found: Vec<Examined> = Vec::new();
    map_in_order(
        items.into_iter(),
        (threads, threads * 2),
        |_| false,
        |wanted| one(wanted, trust),
        |examined| {
            found.push(examined);
            true
        },
    );
    let wanted: HashSet<Vec<u8>> = found.iter().flat_map(|(_, d)| d.iter().cloned()).collect();
    if !wanted.is_empty() {
        let paths = &windows.guest.paths;
        let catalogs = windows.catalogs().ask(paths, &wanted, trust);
        for (file, digests) in &mut found {
            let Some(best) = catalogs.best(digests) else {
                continue;
            };
            // A catalog that nobody vouches for does not outweigh what the file says itself.
            let empty = matches!(file.proof.standing, Standing::Unsigned | Standing::NoPe);
            if best.standing == Standing::Trusted || empty {
                let digests = std::mem::take(&mut file.proof.digests);
                file.proof = best.clone();
                file.proof.digests = digests;
            }
        }
        out.gaps.extend(catalogs.gaps.iter().cloned());
        out.catalogs = Some(catalogs);
    }
    out.files = found.into_iter().map(|(file, _)| file).collect();
}

fn one(wanted: Wanted, trust: &Bundle) -> Examined {
    let at = wanted.at;
    let mut file = KernelFile {
        part: wanted.part,
        path: at.path_text(),
        at: Location::of(&at),
        bytes: at.metadata.size,
        services: wanted.services,
        version: None,
        names: Vec::new(),
        proof: Proof::new(Standing::Unsigned),
        component: None,
    };
    let read = contained(Layer::Pe, "a file of ring 0", || {
        let bytes = read_all(at.open()?.as_ref(), MAX_FILE)?;
        file.at.sha256 = Some(hex(&DigestKind::Sha256.of(&bytes)));
        let source = MemorySource(bytes);
        if let Ok(Some(version)) = Version::read(&source) {
            file.names = version.names();
            file.version = Some(version.file);
        }
        Ok(proof::embedded(&source, trust))
    });
    let digests = match read {
        Ok((proof, digests)) => {
            let trusted = proof.standing == Standing::Trusted;
            file.proof = proof;
            if trusted { Vec::new() } else { digests }
        }
        Err(e) => {
            file.proof = Proof::new(Standing::Unproven(e.to_string()));
            Vec::new()
        }
    };
    (file, digests)
}
