//! What boots.

pub(super) mod kernel_014_initramfs;
pub(super) mod kernel_017_boot_chain;
