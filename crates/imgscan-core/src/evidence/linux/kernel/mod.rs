//! The kernel: the images of it that may boot, and what loads its modules.

pub(super) mod autoload;
pub(super) mod bootable;

pub use autoload::{Autoload, LoadKind, LoadLine, Program, Residue, SysctlSetting};
pub use bootable::{Kernel, KernelFormat, Kernels};
#[cfg(test)]
pub(crate) use bootable::{seal, sound_bzimage, test_bzimage};
