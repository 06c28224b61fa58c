//! The signed images of the boot chain taken apart: boot loaders, kernels.

mod bios;
mod contents;
mod extlinux;
mod grub;
mod loader;
mod signature;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use bios::{BiosBoot, BiosPart};
pub use contents::{KernelContents, MapCheck, Piece, settings};
pub use grub::GrubModules;
pub use loader::{LoaderImage, LoaderKind, PackagedFile};
pub use signature::{SignState, Signature};

use crate::error::{Error, Layer, Result, contained};
use crate::evidence::linux::boot::menu::Boot;
use crate::evidence::linux::kernel::{Kernel, KernelFormat, Kernels};
use crate::evidence::linux::packages::{self, Owner, Packages};
use crate::evidence::linux::reader::Reader;
use crate::evidence::{Found, Gap, Location};
use crate::fs::FileKind;
use crate::source::{MemorySource, ReadAt, read_all};
use crate::trust::{Bundle, Role, bzimage, pe::Pe, unpack};

/// The longest kernel image that is read, in bytes.
const MAX_KERNEL: u64 = 256 * 1024 * 1024;
/// Kernels that are taken apart; those that may boot come first.
const MAX_KERNELS: usize = 32;

/// A kernel image taken apart.
#[derive(Debug, Clone)]
pub struct KernelImage {
    /// Its path in the guest, links followed.
    pub path: String,
    /// Whether it boots by default; `None` where that can't be told.
    pub default: Option<bool>,
    /// Its own signature.
    pub signature: Signature,
    /// What is inside.
    pub inside: Arc<KernelContents>,
    /// `/boot/config-<release>`.
    pub config: Option<ConfigFile>,
    /// Whether there is a folder of modules for its release; `None` where that can't be told.
    pub modules: Option<bool>,
}

/// The configuration that a kernel's package brought.
#[derive(Debug, Clone)]
pub struct ConfigFile {
    /// Where.
    pub at: Location,
    /// Its text.
    pub text: String,
    /// Its package.
    pub owner: Owner,
}

/// The images of the boot chain.
#[derive(Debug, Clone, Default)]
pub struct Images {
    /// The kernels, in the order of [`Kernels::items`].
    pub kernels: Vec<Found<KernelImage>>,
    /// The programs of the EFI system partition, by path.
    pub loaders: Vec<Found<LoaderImage>>,
    /// GRUB's modules below `/boot`, by folder.
    pub grub: Vec<GrubModules>,
    /// What a BIOS starts; `None` where the disk's first sector holds no code.
    pub bios: Option<BiosBoot>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

impl Images {
    /// The image of the kernel at `path`.
    #[must_use]
    pub fn kernel(&self, path: &str) -> Option<&Found<KernelImage>> {
        self.kernels.iter().find(|k| k.fact.path == path)
    }

    /// True where a loader or kernel other than the one at `path` carries a proven signature.
    #[must_use]
    pub fn signed_elsewhere(&self, path: &str) -> bool {
        let proven = |s: &Signature| s.state == SignState::Trusted;
        let mut loaders = self.loaders.iter();
        let mut kernels = self.kernels.iter();
        loaders.any(|l| l.fact.path != path && proven(&l.fact.signature))
            || kernels.any(|k| proven(&k.fact.signature))
    }

    /// The shims that accept what the certificate `der` signed.
    pub fn shims_of<'a>(&'a self, der: &'a [u8]) -> impl Iterator<Item = &'a Found<LoaderImage>> {
        self.loaders.iter().filter(move |l| {
            let vendor = l.fact.vendor.iter();
            vendor.flat_map(|v| &v.authorities).any(|c| &*c.der == der)
        })
    }
}

/// What the collector works with.
pub(in crate::evidence::linux) struct Facts<'a> {
    pub(in crate::evidence::linux) reader: Reader<'a>,
    pub(in crate::evidence::linux) packages: &'a Packages,
    pub(in crate::evidence::linux) kernels: &'a Kernels,
    pub(in crate::evidence::linux) boot: &'a Boot,
    pub(in crate::evidence::linux) bundle: &'a Bundle,
    /// `ID` of os-release.
    pub(in crate::evidence::linux) os: Option<&'a str>,
    pub(in crate::evidence::linux) disk: Option<&'a dyn ReadAt>,
}

pub(in crate::evidence::linux) fn collect(facts: &Facts<'_>) -> Images {
    let mut all = Images::default();
    loader::collect(facts, &mut all);
    all.grub = grub::collect(facts);
    all.bios = bios::collect(facts, &mut all.gaps);
    let mut known: BTreeMap<&str, (Signature, Arc<KernelContents>)> = BTreeMap::new();
    for kernel in &facts.kernels.items {
        let sum = kernel.fact.sha256.as_str();
        if !known.contains_key(sum) {
            let full = known.len() >= MAX_KERNELS;
            let taken = contained(
                Layer::Kernel,
                || say!(doing_kernel_image),
                || {
                    if full {
                        let what = say!(error_too_many, most = MAX_KERNELS, what = "kernels");
                        return Err(Error::limit(Layer::Kernel, 0, what));
                    }
                    take_apart(facts, kernel)
                },
            );
            let pair = taken.unwrap_or_else(|e| {
                all.gaps.push(Gap::new(kernel.at.clone(), &e));
                (
                    Signature::unread(e.clone()),
                    Arc::new(KernelContents::unread(e)),
                )
            });
            known.insert(sum, pair);
        }
        let (signature, inside) = known[sum].clone();
        all.kernels.push(Found {
            at: kernel.at.clone(),
            fact: KernelImage {
                path: kernel.fact.path.clone(),
                default: facts.boot.boots(&kernel.fact),
                signature,
                inside,
                config: config_file(facts, kernel.fact.release.as_deref(), &mut all.gaps),
                modules: modules_folder(facts, kernel.fact.release.as_deref()),
            },
        });
    }
    all
}

/// A release that can be part of a path.
fn sound(release: Option<&str>) -> Option<&str> {
    release.filter(|r| !r.contains('/') && !r.starts_with('.') && !r.is_empty())
}

fn config_file(
    facts: &Facts<'_>,
    release: Option<&str>,
    gaps: &mut Vec<Gap>,
) -> Option<ConfigFile> {
    let path = format!("/boot/config-{}", sound(release)?);
    let file = facts.reader.text(&path, gaps)?;
    let path = file.at.path.clone().unwrap_or(path);
    let likely = |name: &str| name.starts_with("linux-") || name.contains("kernel");
    Some(ConfigFile {
        owner: packages::owner(&facts.reader, facts.packages, &path, likely),
        at: file.at,
        text: file.text,
    })
}

fn modules_folder(facts: &Facts<'_>, release: Option<&str>) -> Option<bool> {
    let path = format!("/lib/modules/{}", sound(release)?);
    let mut gaps = Vec::new();
    let found = facts.reader.find(path.as_bytes(), &mut gaps);
    let there = found.is_some_and(|at| at.metadata.kind == FileKind::Directory);
    (there || gaps.is_empty()).then_some(there)
}

fn take_apart(
    facts: &Facts<'_>,
    kernel: &Found<Kernel>,
) -> Result<(Signature, Arc<KernelContents>)> {
    let located = facts.reader.paths().resolve(kernel.fact.path.as_bytes())?;
    let mut bytes = read_all(located.open()?.as_ref(), MAX_KERNEL)?;
    // What a boot loader unpacks first, as on AArch64: the image inside is the signed one.
    let packed = matches!(
        kernel.fact.format,
        KernelFormat::Gzip | KernelFormat::Packed
    );
    if packed && let Some(how) = unpack::packing(&bytes) {
        bytes = unpack::unpack(how, &bytes, bzimage::MAX_VMLINUX, 0)?;
    }
    let source = MemorySource(bytes);
    let roles = [Role::DistroSecureBoot, Role::DistroSigner, Role::User];
    let signature = signature::judge(&source, facts.bundle, &roles, facts.os);
    let pe = Pe::parse(&source).ok();
    let release = kernel.fact.release.as_deref();
    let map = contents::SystemMap::read(&facts.reader, release);
    let inside = contents::look(&source, pe.as_ref(), map);
    Ok((signature, Arc::new(inside)))
}

/// A part of `file` as a source of its own.
fn part(pe: &Pe, file: &dyn ReadAt, name: &str) -> Option<Result<Vec<u8>>> {
    let section = pe.section(name)?;
    Some(pe.section_bytes(file, section))
}
