//! What runs in ring 0 at the next boot, and what proves it.
//!
//! The boot loaders of the EFI system partition, what decides which kernel boots and how, the
//! kernels, their initial file systems, and the modules of the kernels that may boot.

mod config;
mod dkms;
mod initramfs;
mod misplaced;
mod modinfo;
mod module;
mod modules;
mod programs;
mod reference;
mod shortfalls;
mod signatures;

pub use initramfs::{Cause, Initramfs, Leftover, MemberClass};
pub use misplaced::MisplacedModule;
pub use modinfo::ModuleInfo;
pub use module::{KernelModule, ModuleSignature, Modules};

pub(in crate::evidence::linux) use initramfs::{Archives, settings};

use crate::evidence::linux::boot::images::Images;
use crate::evidence::linux::reader::Reader;
use crate::evidence::linux::{Boot, CommandLine, Kernels, Packages};
use crate::evidence::{
    Collected, Found, Object, ObjectKind, References, Ring0, Ring0Fact, Shortfall,
};

/// What the collector works with.
pub(in crate::evidence::linux) struct Facts<'a> {
    pub(in crate::evidence::linux) reader: Reader<'a>,
    pub(in crate::evidence::linux) packages: &'a Packages,
    pub(in crate::evidence::linux) kernels: &'a Kernels,
    pub(in crate::evidence::linux) boot: &'a Boot,
    /// `ID` of os-release.
    pub(in crate::evidence::linux) os: Option<&'a str>,
    pub(in crate::evidence::linux) references: References<'a>,
    pub(in crate::evidence::linux) images: &'a Images,
    pub(in crate::evidence::linux) command_lines: &'a Collected<CommandLine>,
    pub(in crate::evidence::linux) archives: &'a Archives,
}

/// What runs in ring 0, and what of it checks ask for one by one.
pub(in crate::evidence::linux) struct Ring0Evidence {
    pub(in crate::evidence::linux) ring0: Ring0,
    pub(in crate::evidence::linux) modules: Modules,
    pub(in crate::evidence::linux) initramfs: Vec<Found<Initramfs>>,
}

pub(in crate::evidence::linux) fn collect(facts: &Facts<'_>) -> Ring0Evidence {
    let mut all = Ring0::default();
    all.gaps.extend(facts.kernels.gaps.iter().cloned());
    all.gaps.extend(facts.boot.gaps.iter().cloned());
    all.gaps.extend(facts.command_lines.gaps.iter().cloned());
    all.gaps.extend(facts.images.gaps.iter().cloned());
    programs::bios(facts, &mut all);
    programs::loaders(facts, &mut all);
    let certain = facts
        .kernels
        .items
        .iter()
        .any(|k| facts.boot.boots(&k.fact) == Some(true));
    let proven = programs::kernels(facts, certain, &mut all);
    let mut modules = modules::modules(facts, &proven, &mut all);
    let initramfs = initramfs::collect(facts, &proven, &mut modules, &mut all);
    config::files(facts, &mut all);
    reference::compare(facts, &mut all);
    shortfalls::collect(&shortfalls::Chain::of(facts, certain), &mut all);
    Ring0Evidence {
        ring0: all,
        modules,
        initramfs,
    }
}
