//! What runs in ring 0 at the next boot, and how far each of it is proven.
//!
//! The boot loaders of the EFI system partition, what decides which kernel boots and how, the
//! kernels, their initial file systems, and the modules of the kernels that may boot.

mod config;
mod judge;
mod modules;
mod parts;
mod reference;
mod whole;

use super::images::{self, Images};
use super::{Boot, CommandLine, Kernel, Kernels, Packages};
use crate::evidence::linux::reader::Reader;
use crate::evidence::{Collected, Level, Object, ObjectKind, References, Ring0};

/// What the collector works with.
pub(super) struct Facts<'a> {
    pub(super) reader: Reader<'a>,
    pub(super) packages: &'a Packages,
    pub(super) kernels: &'a Kernels,
    pub(super) boot: &'a Boot,
    pub(super) references: References<'a>,
    pub(super) images: &'a Images,
    pub(super) command_lines: &'a Collected<CommandLine>,
}

impl Facts<'_> {
    /// Whether `kernel` boots by default under any of its names.
    fn boots(&self, kernel: &Kernel) -> Option<bool> {
        images::boots(self.boot, kernel)
    }
}

pub(super) fn collect(facts: &Facts<'_>) -> Ring0 {
    let mut all = Ring0 {
        level: Level::K5,
        reasons: Vec::new(),
        objects: Vec::new(),
        keys: Vec::new(),
        gaps: Vec::new(),
    };
    all.gaps.extend(facts.kernels.gaps.iter().cloned());
    all.gaps.extend(facts.boot.gaps.iter().cloned());
    all.gaps.extend(facts.command_lines.gaps.iter().cloned());
    all.gaps.extend(facts.images.gaps.iter().cloned());
    parts::loaders(facts, &mut all);
    let certain = facts
        .kernels
        .items
        .iter()
        .any(|k| facts.boots(&k.fact) == Some(true));
    let proven = parts::kernels(facts, certain, &mut all);
    modules::modules(facts, &proven, &mut all);
    config::files(facts, &mut all);
    reference::compare(facts, &mut all);
    whole::judge(&whole::Chain::of(facts, certain), &mut all);
    all
}
