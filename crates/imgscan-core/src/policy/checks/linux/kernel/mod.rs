//! The kernels: whose they are, and whether they are whole.

mod candidates;
mod image_signature;
pub(super) mod kernel_001_authentic;
pub(super) mod kernel_003_owned;
pub(super) mod kernel_004_package_signature;
#[cfg(test)]
mod kernel_004_package_signature_tests;
pub(super) mod kernel_005_signature;
pub(super) mod kernel_006_structure;
pub(super) mod kernel_007_checksum;
pub(super) mod kernel_008_builder;
pub(super) mod kernel_016_companions;
pub(super) mod kernel_019_vendor;
pub(super) mod kernel_020_reference;
pub(super) mod kernel_021_support;
#[cfg(test)]
mod testing;

pub(super) use candidates::{proven_kernels, remove, replace};
pub(super) use image_signature::{by_state, signed_item};

use crate::evidence::{Location, Object};

/// Where `object` is.
fn object_place(object: &Object) -> Location {
    Location {
        volume: object.volume.clone(),
        path: Some(object.path.clone()),
        sha256: object.sha256.clone(),
        ..Location::default()
    }
}
