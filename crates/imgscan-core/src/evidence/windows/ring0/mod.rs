//! What a Windows loads into ring 0, and how far each file is proven.
//!
//! Examined are the boot programs, the kernel and what it is linked with, the drivers of the
//! control set that the next boot uses, and the native programs that run before any logon.

mod catalogs;
mod component;
mod drivers;
mod imports;
mod integrity;
mod list;
mod loaders;
mod objects;
mod proof;
mod spares;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use serde::Serialize;

pub use catalogs::Catalogs;
pub(super) use catalogs::Index;
pub use component::Component;
pub use integrity::IntegrityPolicy;
pub use proof::{Proof, Standing};
pub use spares::HiddenProgram;

use self::list::Wanted;
use super::{Sectors, Windows, sectors};
use crate::bytes::hex;
use crate::error::{Layer, contained};
use crate::evidence::{Collected, Gap, Location, Ring0};
use crate::guest::PathSpace;
use crate::source::{MemorySource, read_all};
use crate::trust::{Bundle, DigestKind, FileVersion, Version};

/// The longest file that is read, in bytes.
const MAX_FILE: u64 = 128 * 1024 * 1024;

/// Of a file: its own, the two by which catalogs list it, and that of its signature.
const DIGESTS: u64 = 4;
/// Folders below `\EFI` that are looked at.
const EFI_DEPTH: usize = 16;
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
    /// A program of the session manager (`BootExecute`), or of the subsystem of Windows.
    Native,
}

/// What has a driver loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoadedBy {
    /// A service.
    Service,
    /// The value `DumpFilters`.
    DumpFilters,
    /// A script of setup that names it.
    Script,
    /// Another file of ring 0, which is linked with it.
    Import,
}

/// A service that loads a driver, or what loads one without a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DriverService {
    /// What it is.
    pub by: LoadedBy,
    /// Its name: of a service, a value, a script or a file.
    pub name: String,
    /// `Start`: 0 boot, 1 system, 2 automatic, 3 manual, 4 disabled; earlier where `BootFlags` or
    /// `StartOverride` says so.
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
    /// The name that its maker gave it, where that is the name of a program, and it stands under the
    /// name of a driver: a signature of a program does not make it a driver.
    fn made_as_program(&self) -> Option<&str> {
        let name = self.path.to_lowercase();
        let original = self.names.first()?;
        let made = original.to_lowercase();
        let program = made.trim_end_matches(".mui").ends_with(".exe");
        (name.ends_with(".sys") && program).then_some(original)
    }

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

pub(super) fn collect(windows: &Windows<'_>) -> KernelFiles {
    let mut out = KernelFiles::default();
    let (files, spares) = list::wanted(windows, &mut out);
    examine(windows, files, &mut out);
    let mut apart = KernelFiles::default();
    examine(windows, spares, &mut apart);
    out.spares = apart.files;
    out.gaps.append(&mut apart.gaps);
    component::link(windows, &mut out);
    out.files
        .sort_by(|a, b| (a.part, &a.path).cmp(&(b.part, &b.path)));
    out
}

/// A file with what it says itself, and the digests to look for in catalogs.
type Examined = (KernelFile, Vec<Vec<u8>>);

/// Reads and proves all files, on all processors; then looks for what is not proven in the
/// catalogs, all at once.
fn examine(windows: &Windows<'_>, items: Vec<Wanted>, out: &mut KernelFiles) {
    let trust = windows.references().bundle();
    let mut found: Vec<Examined> = Vec::new();
    crate::parallel::each(
        items,
        |wanted| one(wanted, &windows.guest.paths, trust),
        |examined| found.push(examined),
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
    for (file, _) in &mut found {
        if file.proof.standing == Standing::Trusted
            && let Some(name) = file.made_as_program()
        {
            let why = say!(ring0_made_as_program, name = name);
            file.proof.standing = Standing::Unproven(why);
        }
    }
    out.files = found.into_iter().map(|(file, _)| file).collect();
}

fn one(wanted: Wanted, paths: &PathSpace, trust: &Bundle) -> Examined {
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
    let read = contained(
        Layer::Pe,
        || say!(doing_ring0_file),
        || {
            let data = at.open()?;
            paths.pay_digests(DIGESTS, data.len().min(MAX_FILE))?;
            let bytes = read_all(data.as_ref(), MAX_FILE)?;
            file.at.sha256 = Some(hex(&DigestKind::Sha256.of(&bytes)));
            let source = MemorySource(bytes);
            if let Ok(Some(version)) = Version::read(&source) {
                file.names = version.names();
                file.version = Some(version.file);
            }
            Ok(proof::embedded(&source, trust))
        },
    );
    let digests = match read {
        Ok((proof, digests)) => {
            let trusted = proof.standing == Standing::Trusted;
            file.proof = proof;
            if trusted { Vec::new() } else { digests }
        }
        Err(e) => {
            file.proof = Proof::new(Standing::Unproven(e.text()));
            Vec::new()
        }
    };
    (file, digests)
}

impl Windows<'_> {
    /// The files that run in ring 0, each with how far it is proven.
    pub fn kernel_files(&self) -> &KernelFiles {
        self.kernel_files.get_or_init(|| collect(self))
    }

    /// The code integrity policies of the system and of its boot manager.
    #[must_use]
    pub fn integrity_policies(&self) -> Collected<IntegrityPolicy> {
        integrity::policies(self)
    }

    /// The index of the catalogs.
    pub(super) fn catalogs(&self) -> &Index {
        let read = || Index::read(&self.guest.paths, &self.roots());
        self.catalogs.get_or_init(read)
    }

    /// Programs on EFI system partitions under names that no EFI program has.
    #[must_use]
    pub fn hidden_programs(&self) -> Collected<HiddenProgram> {
        spares::hidden(self)
    }

    /// The sectors of the disk that matter to its start.
    #[must_use]
    pub fn sectors(&self) -> Sectors {
        sectors::collect(self)
    }

    /// What runs in ring 0 at the next boot.
    pub fn ring0(&self) -> &Ring0 {
        self.ring0.get_or_init(|| objects::ring0(self))
    }
}
