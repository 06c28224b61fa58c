//! Proof by public keys: signed boot files, drivers and kernel modules, and the certificates that
//! vouch for them; OpenPGP keys that sign packages. Works on bytes only; which file stands where is the matter of the evidence.

#![warn(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::indexing_slicing
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::indexing_slicing
    )
)]

mod boot_manager;
mod bundle;
pub mod bzimage;
pub mod catalog;
mod certificate;
mod chain;
pub mod ci_policy;
mod der;
mod dsa;
mod ecdsa;
pub mod grub;
pub(crate) mod imports;
mod key;
mod keyring;
pub(crate) mod known;
mod lzo;
pub mod module;
mod numbers;
pub mod openpgp;
pub mod pe;
mod pinned;
pub mod pkcs7;
mod prepared;
mod rsa;
pub mod sbat;
mod script;
pub mod shim;
mod stamp;
pub mod syslinux;
pub mod unpack;
mod version;
pub mod vmlinux;

pub use boot_manager::{Packed, packed};
pub use bundle::Bundle;
pub use certificate::Certificate;
pub use chain::{Authenticode, Chain, DataSignature, PeSignature, Verification, authenticode};
pub use dsa::DsaKey;
pub use ecdsa::EcKey;
pub use imports::imports;
pub use key::{DigestKind, Hasher, PublicKey};
pub use keyring::{PinnedKey, signers};
pub use pinned::{Anchor, Role};
pub use rsa::RsaKey;
pub use script::script_signatures;
pub use version::{FileVersion, Version};
