//! What boots, and with which arguments.

pub(super) mod kernel_002_inventory;
pub(super) mod kernel_013_command_line;
pub(super) mod kernel_014_initramfs;
#[cfg(test)]
mod kernel_014_initramfs_tests;
pub(super) mod kernel_017_boot_chain;

pub(super) use kernel_013_command_line::{remove_argument, remove_arguments};
pub(super) use kernel_014_initramfs::is_foreign;
