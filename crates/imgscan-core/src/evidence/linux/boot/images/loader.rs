//! The programs of the EFI system partition.

use super::{Facts, Images, SignState, Signature, signature};
use crate::bytes::hex;
use crate::error::{Layer, Result, contained};
use crate::evidence::files::{Files, sha256};
use crate::evidence::linux::packages;
use crate::evidence::{Found, Gap, Location};
use crate::fs::FileKind;
use crate::guest::Located;
use crate::source::{read_all, read_vec};
use crate::trust::pe::Pe;
use crate::trust::sbat::{self, Component};
use crate::trust::shim::{self, Vendor};
use crate::trust::{Role, pe};

/// Where the EFI system partition is mounted.
const ESPS: &[&str] = &["/boot/efi", "/efi", "/boot"];
/// The longest loader that is compared with a packaged one, in bytes.
const MAX_LOADER: u64 = 64 * 1024 * 1024;
/// Folders below `EFI` that are looked at.
const DEPTH: usize = 16;

/// What sort of program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoaderKind {
    /// shim: carries an authority of its own.
    Shim,
    /// MokManager or the fallback program, which belong to shim.
    ShimHelper,
    /// GRUB.
    Grub,
    /// systemd-boot.
    SystemdBoot,
    /// The firmware updater.
    Fwupd,
    /// Something else.
    Other,
}

/// A program of the EFI system partition.
#[derive(Debug, Clone)]
pub struct LoaderImage {
    /// Its path in the guest.
    pub path: String,
    /// What it is, by what it carries.
    pub kind: LoaderKind,
    /// Size in bytes.
    pub bytes: u64,
    /// Its signature.
    pub signature: Signature,
    /// What a shim accepts and refuses.
    pub vendor: Option<Vendor>,
    /// Why that could not be read.
    pub vendor_problem: Option<crate::Error>,
    /// The generations of its parts.
    pub sbat: Vec<Component>,
    /// Why they could not be read.
    pub sbat_problem: Option<crate::Error>,
    /// The packaged file that it is a copy of; only looked for where no signature proves it.
    pub copy_of: Option<PackagedFile>,
}

/// A file of the system that a package lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackagedFile {
    /// Its path in the guest.
    pub path: String,
    /// The package's name.
    pub package: String,
    /// Whether it has the digest that the package recorded; `None` where it recorded none.
    pub recorded: Option<bool>,
}

pub(super) fn collect(facts: &Facts<'_>, all: &mut Images) {
    let files = Files::new(facts.reader.paths());
    let mut found: Vec<Found<LoaderImage>> = Vec::new();
    for esp in partitions(facts) {
        let esp = format!("{esp}/EFI");
        let names = match files.tree(&esp, DEPTH) {
            Ok(names) => names.whole(DEPTH),
            Err(gap) => {
                all.gaps.push(gap);
                continue;
            }
        };
        all.gaps.extend(names.gaps);
        for path in &names.names {
            let Some(at) = facts.reader.find(path.as_bytes(), &mut all.gaps) else {
                continue;
            };
            if at.metadata.kind != FileKind::Regular || !is_program(path, &at) {
                continue;
            }
            let path = at.path_text();
            // A unified kernel image stands among the kernels.
            let kernel = facts.kernels.at_path(&path).is_some();
            if at.metadata.kind != FileKind::Regular
                || kernel
                || found.iter().any(|l| l.fact.path == path)
            {
                continue;
            }
            let read = contained(Layer::Pe, || say!(doing_boot_loader), || loader(facts, &at));
            match read {
                Ok(loader) => found.push(loader),
                Err(e) => {
                    all.gaps.push(Gap::new(Location::of(&at), &e));
                    found.push(unread(&at, e));
                }
            }
        }
    }
    found.sort_by(|a, b| a.fact.path.cmp(&b.fact.path));
    copies(facts, &mut found, &mut all.gaps);
    all.loaders = found;
}

/// Looks for the packaged files that the loaders without a proven signature are copies of:
/// bootctl(1) and grub-install(8) copy theirs to the EFI system partition, where no package owns them.
fn copies(facts: &Facts<'_>, found: &mut [Found<LoaderImage>], gaps: &mut Vec<Gap>) {
    let unproven = |l: &Found<LoaderImage>| l.fact.signature.state != SignState::Trusted;
    if !facts.packages.has_database() || !found.iter().any(unproven) {
        return;
    }
    let program = |path: &str| path.ends_with(".efi") || path.ends_with(".efi.signed");
    let listed = packages::listed(&facts.reader, facts.packages, program, gaps);
    for loader in found.iter_mut().filter(|l| unproven(l)) {
        let (bytes, sum) = (loader.fact.bytes, loader.at.sha256.clone());
        loader.fact.copy_of = listed.iter().find_map(|(key, of)| {
            let path = format!("/usr/{key}");
            let at = facts.reader.paths().find(path.as_bytes()).ok()??;
            if at.path_text() == loader.fact.path || at.metadata.size != bytes {
                return None;
            }
            let file = at.open().ok()?;
            if sha256(file.as_ref()).ok() != sum {
                return None;
            }
            let digest = of.digest.as_ref().and_then(|d| {
                let all = read_all(file.as_ref(), MAX_LOADER).ok()?;
                Some(d.hex == hex(&d.kind.of(&all)))
            });
            Some(PackagedFile {
                path: at.path_text(),
                package: of.package.clone(),
                recorded: digest,
            })
        });
    }
}

/// Every volume that firmware reads, whether the guest mounts it or not: by its mount point, else by
/// its name.
fn partitions(facts: &Facts<'_>) -> Vec<String> {
    let paths = facts.reader.paths();
    let mounts = paths.mounts();
    let mut all: Vec<String> = ESPS.iter().map(|p| (*p).to_owned()).collect();
    for volume in paths.volumes() {
        let kind = volume.file_system().map(|fs| fs.info().kind);
        if !kind.is_some_and(|kind| kind.starts_with("fat")) {
            continue;
        }
        let name = &volume.volume.name;
        let alone = format!("({name})");
        let mount = mounts.iter().find(|(_, v)| v == name);
        let path = mount.map_or(alone, |(at, _)| at.trim_end_matches('/').to_owned());
        if !all.contains(&path) {
            all.push(path);
        }
    }
    all
}

/// A program by its ending or by its first bytes, whatever it is called.
fn is_program(path: &str, at: &Located) -> bool {
    let named = path.to_ascii_lowercase().ends_with(".efi");
    named
        || at
            .open()
            .is_ok_and(|f| read_vec(f.as_ref(), 0, 2).is_ok_and(|b| b == b"MZ"))
}

fn unread(at: &Located, e: crate::Error) -> Found<LoaderImage> {
    Found {
        at: Location::of(at),
        fact: LoaderImage {
            path: at.path_text(),
            kind: LoaderKind::Other,
            bytes: at.metadata.size,
            signature: Signature::unread(e),
            vendor: None,
            vendor_problem: None,
            sbat: Vec::new(),
            sbat_problem: None,
            copy_of: None,
        },
    }
}

fn loader(facts: &Facts<'_>, at: &Located) -> Result<Found<LoaderImage>> {
    let file = at.open()?;
    let file = file.as_ref();
    let mut location = Location::of(at);
    location.sha256 = Some(sha256(file)?);
    let roles = [
        Role::UefiDb,
        Role::DistroSecureBoot,
        Role::DistroSigner,
        Role::User,
    ];
    let signature = signature::judge(file, facts.bundle, &roles, facts.os);
    let pe: Option<Pe> = pe::Pe::parse(file).ok();
    let carried = pe.as_ref().map(|pe| shim::vendor(pe, file));
    let (vendor, vendor_problem) = halves(carried);
    let parts = pe.as_ref().map(|pe| sbat::components(pe, file));
    let (parts, sbat_problem) = halves(parts);
    let parts = parts.unwrap_or_default();
    let path = at.path_text();
    Ok(Found {
        at: location,
        fact: LoaderImage {
            kind: kind(&path, pe.as_ref(), &parts),
            path,
            bytes: file.len(),
            signature,
            vendor,
            vendor_problem,
            sbat: parts,
            sbat_problem,
            copy_of: None,
        },
    })
}

fn halves<T>(result: Option<Result<Option<T>>>) -> (Option<T>, Option<crate::Error>) {
    match result {
        Some(Ok(value)) => (value, None),
        Some(Err(e)) => (None, Some(e)),
        None => (None, None),
    }
}

fn kind(path: &str, pe: Option<&Pe>, parts: &[Component]) -> LoaderKind {
    let has = |name: &str| parts.iter().any(|c| c.name == name);
    if pe.is_some_and(|pe| pe.section(".vendor_cert").is_some()) {
        return LoaderKind::Shim;
    }
    let name = path.rsplit('/').next().unwrap_or("").to_ascii_lowercase();
    if has("shim") || name.starts_with("mm") || name.starts_with("fb") {
        LoaderKind::ShimHelper
    } else if has("grub") || name.starts_with("grub") {
        LoaderKind::Grub
    } else if has("systemd-boot") || pe.is_some_and(|pe| pe.section(".sdmagic").is_some()) {
        LoaderKind::SystemdBoot
    } else if has("fwupd-efi") || name.starts_with("fwupd") {
        LoaderKind::Fwupd
    } else {
        LoaderKind::Other
    }
}
