//! What runs in ring 0 at the next boot, and what was found of it, whatever the system. What the
//! facts are worth is said in `policy::levels`.

mod fact;
mod words;

pub use fact::{Nature, Ring0Fact, Shortfall};

use super::Gap;
use crate::baseline::{FileKind, Known, canonical};
use crate::text::Text;

/// What sort of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ObjectKind {
    /// A program of the EFI system partition.
    BootLoader,
    /// What a BIOS starts from sectors of the disk; its path is `disk:` and the first byte.
    BootCode,
    /// A kernel image.
    Kernel,
    /// An initial file system.
    Initramfs,
    /// A kernel module.
    Module,
    /// What decides what boots and with which arguments: a boot loader's configuration.
    BootConfig,
}

/// Something that runs, or may run, in ring 0.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Object {
    /// Its path in the guest.
    pub path: String,
    /// The volume.
    pub volume: Option<String>,
    /// What sort.
    pub kind: ObjectKind,
    /// Size in bytes.
    pub bytes: Option<u64>,
    /// Lower-case hexadecimal SHA-256 of the file as it is stored.
    pub sha256: Option<String>,
    /// Who signed it: the common name of a certificate, or how the signature names one.
    pub signer: Option<String>,
    /// What vouches for the signer.
    pub anchor: Option<Text>,
    /// The package that owns it.
    pub package: Option<String>,
    /// That package's version or, of a Windows file, the version that it carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_version: Option<String>,
    /// For a kernel: whether it boots by default; absent where that can't be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<bool>,
    /// What was found of it, in the order in which it was found.
    #[serde(skip)]
    pub facts: Vec<Ring0Fact>,
}

/// A certificate that is built into a kernel.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct BuiltInKey {
    /// The kernel's path.
    pub kernel: String,
    /// Subject.
    pub subject: String,
    /// Serial number, hexadecimal: what modinfo prints as `sig_key`.
    pub serial: String,
    /// Lower-case hexadecimal SHA-256 of the certificate.
    pub sha256: String,
    /// Where it begins in the unpacked kernel, in bytes.
    pub offset: u64,
}

/// What runs in ring 0 at the next boot of a system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ring0 {
    /// What is missing for the system to be proven, beside what its objects say.
    pub shortfalls: Vec<Shortfall>,
    /// Which kernel boots by default is known.
    pub default_known: bool,
    /// Boot loaders, kernels, modules; each sorted by path.
    pub objects: Vec<Object>,
    /// The certificates that are built into the kernels that may boot.
    pub keys: Vec<BuiltInKey>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

impl Object {
    pub(crate) fn new(path: String, volume: Option<String>, kind: ObjectKind) -> Self {
        Self {
            path,
            volume,
            kind,
            bytes: None,
            sha256: None,
            signer: None,
            anchor: None,
            package: None,
            package_version: None,
            default: None,
            facts: Vec::new(),
        }
    }

    /// What a reference database keeps of it; `None` of what differs from machine to machine, and
    /// where it could not be hashed.
    #[must_use]
    pub fn known(&self) -> Option<Known> {
        let kind = match self.kind {
            ObjectKind::Kernel => FileKind::Kernel,
            ObjectKind::Module => FileKind::Module,
            ObjectKind::BootLoader | ObjectKind::BootCode => FileKind::Boot,
            ObjectKind::Initramfs | ObjectKind::BootConfig => return None,
        };
        Some(Known {
            path: canonical(&self.path),
            package: self.package.clone(),
            version: self.package_version.clone(),
            architecture: None,
            kind,
            sha256: self.sha256.clone()?,
            bytes: self.bytes.unwrap_or(0),
        })
    }

    /// Adds what was found of it.
    pub(in crate::evidence) fn fact(&mut self, fact: Ring0Fact) {
        self.facts.push(fact);
    }

    /// Something proves it and nothing that was found of it speaks against that. What a policy
    /// makes of arguments of the kernel is not in it.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        let proof = |f: &Ring0Fact| matches!(f.nature(), Nature::Signed | Nature::Explained);
        let doubt = |f: &Ring0Fact| f.nature() == Nature::Doubt;
        self.facts.iter().any(proof) && !self.facts.iter().any(doubt)
    }
}

impl Ring0 {
    /// Adds what is missing, once.
    pub(crate) fn lacks(&mut self, what: Shortfall) {
        if !self.shortfalls.contains(&what) {
            self.shortfalls.push(what);
        }
    }
}
