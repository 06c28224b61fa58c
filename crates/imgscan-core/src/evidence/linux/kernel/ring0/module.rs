//! What is known of a kernel module.

use std::collections::BTreeSet;

use super::misplaced::MisplacedModule;
use super::modinfo::ModuleInfo;
use super::programs::Booting;
use crate::evidence::{Found, Gap};

/// A module of a kernel that may boot.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct KernelModule {
    /// The release of the kernel that would load it.
    pub release: String,
    /// What its signature says.
    pub signature: ModuleSignature,
    /// That kernel's keys were read; without them no signature was verified.
    pub keys_read: bool,
    /// That kernel has keys for modules.
    pub has_keys: bool,
    /// The package that owns it.
    pub package: Option<String>,
    /// Whether that package recorded the same digest, where it recorded one that was compared.
    pub recorded: Option<bool>,
    /// The package whose sources DKMS built it from, where no package owns it.
    pub built_from: Option<String>,
    /// What it says of itself.
    pub info: Option<ModuleInfo>,
    /// The initramfs that it is in, where it is in one and equal to no file of the root.
    pub initramfs: Option<String>,
}

/// The modules of the kernels that may boot, and modules in other places.
#[derive(Debug, Clone, Default)]
pub struct Modules {
    /// Those that the kernels may load by name, by release and path.
    pub items: Vec<Found<KernelModule>>,
    /// Files below `/lib/modules` of other releases that no package owns; empty where there is no
    /// database.
    pub spare: Vec<Found<String>>,
    /// The names of those that are built into the kernels, `-` as `_`.
    pub built_in: BTreeSet<String>,
    /// Modules outside of `/lib/modules`, whatever they are called.
    pub misplaced: Vec<Found<MisplacedModule>>,
    /// There is a database of packages that tells who owns a file.
    pub has_database: bool,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// What the signature of a module says.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ModuleSignature {
    /// There is none.
    None,
    /// A key that is built into its kernel made it, and the bytes are those that were signed.
    Good(String),
    /// A key that the user gave made it, and the bytes are those that were signed.
    Given(String),
    /// Of another signer.
    Foreign(String),
    /// It names a built-in key, and the bytes are not those that were signed.
    Bad(String),
    /// It could not be read.
    Unread,
}

impl ModuleSignature {
    /// True where it is right, and made by a key that counts.
    #[must_use]
    pub const fn proves(&self) -> bool {
        matches!(self, Self::Good(_) | Self::Given(_))
    }
}

impl KernelModule {
    /// A module of `kernel` of which nothing is known yet.
    pub(super) fn of(kernel: &Booting) -> Self {
        Self {
            release: kernel.release.clone(),
            signature: ModuleSignature::Unread,
            keys_read: kernel.keys.is_some(),
            has_keys: kernel.keys.as_ref().is_some_and(|k| !k.is_empty()),
            package: None,
            recorded: None,
            built_from: None,
            info: None,
            initramfs: None,
        }
    }
}
