//! Kernel modules and what loads them.

mod describe;
pub(super) mod kernel_009_module_signatures;
#[cfg(test)]
mod kernel_009_module_signatures_tests;
pub(super) mod kernel_010_module_owners;
#[cfg(test)]
mod kernel_010_module_owners_tests;
pub(super) mod kernel_011_module_info;
#[cfg(test)]
mod kernel_011_module_info_tests;
pub(super) mod kernel_012_module_hooks;
#[cfg(test)]
mod kernel_012_module_hooks_tests;
pub(super) mod kernel_015_live_patches;
#[cfg(test)]
mod kernel_015_live_patches_tests;
pub(super) mod kernel_018_hand_built;
#[cfg(test)]
mod kernel_018_hand_built_tests;
pub(super) mod kernel_022_other_kernels;
#[cfg(test)]
mod kernel_022_other_kernels_tests;
pub(super) mod kernel_023_rootkits;
#[cfg(test)]
mod kernel_023_rootkits_tests;
pub(super) mod kernel_024_settings;
#[cfg(test)]
mod kernel_024_settings_tests;
#[cfg(test)]
mod testing;
