//! How the system boots: the boot loaders' menus, the kernel's command lines, and the images that
//! the firmware and the boot loaders start, taken apart.

pub(super) mod arguments;
pub(super) mod cmdline;
pub(super) mod images;
pub(super) mod menu;
pub(super) mod plan;
pub(super) mod root;

pub use cmdline::{CommandLine, Use, normal};
pub use images::{
    BiosBoot, BiosPart, ConfigFile, GrubModules, Images, KernelContents, KernelImage, LoaderImage,
    LoaderKind, MapCheck, PackagedFile, Piece, SignState, Signature, settings,
};
pub use menu::{Boot, BootCommand, BootEntry, BootWay, Firmware, Loader, When};
pub use plan::compare_versions;
pub use root::{Root, RootOf};
