//! The kernel: the images of it that may boot, what loads its modules, and what runs in ring 0.

pub(super) mod autoload;
pub(super) mod bootable;
pub(super) mod ring0;

pub use autoload::{Autoload, LoadKind, LoadLine, Program, Residue, SysctlSetting};
pub use bootable::{Kernel, KernelFormat, Kernels};
#[cfg(test)]
pub(crate) use bootable::{seal, sound_bzimage, sound_bzimage_built, test_bzimage};
pub use ring0::{
    Cause, Initramfs, KernelModule, Leftover, MemberClass, MisplacedModule, ModuleInfo,
    ModuleSignature, Modules,
};
