//! What runs in ring 0 at the next boot: the form of the bill, whatever the system.

use super::Gap;
use crate::baseline::{FileKind, Known, canonical};
use crate::text::Text;

/// How far something is proven. The order is that of trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub enum Level {
    /// Proven modified: a signature or a recorded digest does not match the bytes.
    K0,
    /// Replaced: a kernel that no package owns, or another vendor's.
    K1,
    /// Foreign parts, or parts that could not be judged.
    K2,
    /// Unproven: agrees with itself and with the image's own records.
    K3,
    /// Equal to an independent reference.
    K4,
    /// Proven by a signature that ends at a pinned vendor certificate.
    K5,
}

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
    pub anchor: Option<String>,
    /// The package that owns it.
    pub package: Option<String>,
    /// That package's version or, of a Windows file, the version that it carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_version: Option<String>,
    /// For a kernel: whether it boots by default; absent where that can't be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<bool>,
    /// How far it is proven.
    pub level: Level,
    /// Why.
    pub reasons: Vec<Text>,
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

/// The bill of ring 0.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Ring0 {
    /// How far the whole is proven: the lowest of what boots, and at most K3 by what is not
    /// examined.
    pub level: Level,
    /// Why it is not higher.
    pub reasons: Vec<Text>,
    /// Boot loaders, kernels, modules; each sorted by path.
    pub objects: Vec<Object>,
    /// The certificates that are built into the kernels that may boot.
    pub keys: Vec<BuiltInKey>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

impl Object {
    pub(in crate::evidence) fn new(path: String, volume: Option<String>, kind: ObjectKind) -> Self {
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
            level: Level::K5,
            reasons: Vec::new(),
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

    /// Lowers the level to `level` where it is higher, and says why.
    pub(in crate::evidence) fn lower(
        &mut self,
        level: Level,
        en: impl Into<String>,
        zh: impl Into<String>,
    ) {
        self.level = self.level.min(level);
        self.reasons.push(Text::new(en, zh));
    }

    /// A fact that does not change the level.
    pub(in crate::evidence) fn note(&mut self, en: impl Into<String>, zh: impl Into<String>) {
        self.reasons.push(Text::new(en, zh));
    }
}
