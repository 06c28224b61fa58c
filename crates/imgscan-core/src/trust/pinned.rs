//! What is compiled in: the pinned certificates and OpenPGP keys, and what a certificate may vouch
//! for.

use std::sync::Arc;

use super::Certificate;

include!("anchors.rs");

/// What a pinned certificate may vouch for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Role {
    /// The firmware's signature database: boot loaders.
    UefiDb,
    /// A distribution's secure-boot authority, as shim carries it.
    DistroSecureBoot,
    /// A distribution's end-entity signer, pinned exactly.
    DistroSigner,
    /// A Windows root.
    WindowsRoot,
    /// A Windows intermediate: helps to build chains, is no anchor.
    WindowsIntermediate,
    /// A kernel module or live-patch signer.
    KernelModule,
    /// Known, and no anchor: firmware key exchange, revoked signers, historic roots.
    KnownOnly,
    /// Given by the user.
    User,
}

/// A pinned certificate.
#[derive(Debug, Clone)]
pub struct Anchor {
    /// The certificate.
    pub certificate: Arc<Certificate>,
    /// What it may vouch for.
    pub role: Role,
    /// Where it came from.
    pub source: String,
    /// True where two or more independent sources agree on it; a report that rests on a single
    /// source says so.
    pub confirmed: bool,
}
