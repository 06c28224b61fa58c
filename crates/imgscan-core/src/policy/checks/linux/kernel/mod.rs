//! Kernels.

#[allow(clippy::module_inception)]
pub(super) mod kernel;
pub(super) mod kernel_image;
pub(super) mod kernel_signature;
pub(super) mod kernel_support;
pub(super) mod signed;
pub(super) mod whole;
