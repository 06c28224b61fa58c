//! What can be found of an object of ring 0.

use crate::evidence::linux::Cause;
use crate::text::Text;

/// Something that was found of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ring0Fact {
    /// Its Authenticode digest is the signed one, and the signature ends at a pinned certificate.
    Trusted,
    /// The day on which the signer's certificate ends.
    SignerEnds {
        /// As `2026-06-26`.
        day: String,
    },
    /// Only one source vouches for the pinned certificate.
    AnchorOneSource {
        /// That source, where it is known.
        source: Option<String>,
    },
    /// It has a signature, and the bytes are not those that were signed.
    SignedBytesDiffer,
    /// Its signer claims a pinned authority that did not issue it.
    IssuerForged,
    /// Its signature could not be judged.
    SignatureUnread {
        /// Why.
        why: Text,
    },
    /// No PE image, so it carries no signature.
    NoPe,
    /// A PE image without a signature.
    Unsigned,
    /// A right signature that ends at no pinned certificate.
    Unanchored,
    /// A right signature whose certificate signed itself.
    SelfSigned {
        /// Windows itself would bring it signed.
        of_windows: bool,
    },
    /// No signature, and no catalog lists it.
    InNoCatalog {
        /// Windows itself would bring it signed.
        of_windows: bool,
    },
    /// The pinned certificate also signs for others than the system's vendor.
    SignsForAnybody {
        /// Its name.
        anchor: String,
    },
    /// The services that load it.
    DriverOf {
        /// Their names.
        services: Vec<String>,
    },
    /// The catalog that lists it.
    InCatalog {
        /// Its path.
        catalog: String,
    },
    /// When its time stamp says that it was signed.
    TimeStamp {
        /// As the time stamp says it.
        at: String,
    },
    /// It could not be read.
    Unread {
        /// Why.
        why: Text,
    },
    /// A proven shim of the image carries the authority that signed it.
    ShimCarries {
        /// The path of the shim; none where it is a kernel that several accept.
        shim: Option<String>,
        /// Its common name.
        authority: String,
    },
    /// No proven shim of the image carries the authority that signed it.
    NoShimCarries {
        /// Its common name.
        authority: String,
    },
    /// A shim, which accepts what this authority signed.
    ShimAccepts {
        /// Its common name.
        authority: String,
    },
    /// Whose signatures a shim accepts could not be read.
    ShimUnread {
        /// Why.
        why: Text,
    },
    /// A BIOS starts it, which verifies no signature.
    StartedByBios,
    /// Every piece of the boot code is made of a file that a package owns.
    BootPiecesExplained {
        /// How many.
        pieces: usize,
    },
    /// Not all pieces of the boot code could be told apart.
    BootCodeUnread {
        /// Why.
        why: Text,
    },
    /// A piece of the boot code is made of a file of which its package recorded another digest.
    BootPieceChanged {
        /// What it is.
        piece: String,
    },
    /// A piece of the boot code is made of no file that a package owns.
    BootPieceUnowned {
        /// What it is.
        piece: String,
    },
    /// Signed by an authority that is not this system's vendor.
    OtherVendor {
        /// Its common name.
        authority: String,
    },
    /// Whether the signer is this system's vendor is not known.
    VendorUnknown,
    /// Its image could not be taken apart.
    ImageUnread,
    /// Its release can't be told, so its modules were not found.
    NoRelease,
    /// Its digest is the one in its package's header, which a pinned key of the system's vendor signed.
    InSignedHeader,
    /// Its digest is not the one in its package's header, which a pinned key of the system's vendor signed.
    NotInSignedHeader,
    /// The record of its package was changed.
    RecordForged {
        /// Why.
        why: Text,
    },
    /// Its package recorded the same digest, which is not signed.
    RecordEqual,
    /// Its package recorded another digest.
    RecordDiffers,
    /// A vendor signed it, but it is not what its package installed.
    SignedButRecordDiffers,
    /// Its package recorded another digest, which is not signed; its signature is right.
    UnsignedRecordDiffers,
    /// Neither a signature nor a package's record speaks for it.
    NothingSpeaks,
    /// No package owns this kernel.
    KernelUnowned,
    /// No package owns this kernel, but one whom the user trusts signed it (a unified kernel image).
    KernelUnownedSigned,
    /// It is a copy of a file of a package.
    CopyOf {
        /// The file.
        path: String,
    },
    /// No package owns this module.
    ModuleUnowned,
    /// Whether a package owns it can't be told.
    OwnerUnknown {
        /// Why.
        why: Text,
    },
    /// There is no package database that tells whose it is.
    NoPackageDatabase,
    /// A key that is built into its proven kernel signed it.
    ByKernelKey,
    /// A key that the user gave signed it.
    ByGivenKey,
    /// A key that is built into its kernel signed it, and the kernel is not proven.
    ByUnprovenKernel,
    /// It names a key of its kernel, and the bytes are not those that were signed.
    KernelKeyBytesDiffer,
    /// A key that is not built into its kernel signed it.
    ForeignKey,
    /// The keys of its kernel could not be read, so its signature was not verified.
    KernelKeysUnread,
    /// It is not signed; its kernel has no keys for modules.
    NoModuleKeys,
    /// It is not signed, and its kernel has keys for modules.
    ModuleUnsigned,
    /// It is for no kernel that boots.
    ForNoBootingKernel,
    /// An entry starts what is no Linux kernel.
    StartsForeign {
        /// From 1.
        line: u32,
        /// What it starts.
        starts: String,
        /// The command that starts it.
        by: String,
    },
    /// A line starts something before any menu is shown.
    StartsEarly {
        /// From 1.
        line: u32,
        /// What it starts.
        starts: String,
    },
    /// A line runs a command.
    Runs {
        /// From 1.
        line: u32,
        /// The command.
        what: String,
    },
    /// A line gives the kernel an argument. Whether that harms is for a policy to say.
    Argument {
        /// From 1.
        line: u32,
        /// As it is written.
        argument: String,
    },
    /// Its entries start only what is listed here.
    ConfigExplained,
    /// A member of the initramfs that is not explained.
    LeftOver {
        /// Its name in the archive.
        name: String,
        /// Why.
        cause: Cause,
        /// Nothing acts upon it: no program, script, setting or key.
        data: bool,
    },
    /// It carries a module of its own that is not proven.
    CarriesModule {
        /// Its path.
        path: String,
        /// What was found of the module.
        facts: Vec<Ring0Fact>,
    },
    /// How its files are explained.
    Members {
        /// Regular files.
        files: usize,
        /// Equal to the same path of the root file system.
        same: usize,
        /// Kernel modules among all.
        modules: usize,
        /// Equal to another file of the system.
        copied: usize,
        /// Derived from other members, or empty.
        derived: usize,
        /// Not explained.
        left: usize,
    },
    /// There is no package database that tells whose the files are that it equals.
    NobodyOwns,
    /// Files that only a package's unsigned record speaks for.
    OnlyRecorded {
        /// Regular files.
        files: usize,
    },
    /// Parts of it could not be read.
    PartsUnread {
        /// Why.
        why: Text,
    },
    /// It is part of a proven kernel image.
    PartOfKernel,
    /// The reference database has the same bytes.
    ReferenceEqual {
        /// Where the database has them from.
        from: String,
    },
    /// The reference database has other bytes for this version.
    ReferenceDiffers {
        /// Where the database has them from.
        from: String,
        /// The digest of these.
        sha256: String,
    },
}

/// Which way a fact points. How far it reaches is said in `policy::levels`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// A signature of the system's vendor proves the object.
    Signed,
    /// The system's own files explain the object.
    Explained,
    /// An independent reference has the same bytes.
    Equal,
    /// It speaks against the object, or leaves it unproven.
    Doubt,
    /// It changes nothing.
    Remark,
}

impl Ring0Fact {
    /// Which way it points.
    #[must_use]
    pub const fn nature(&self) -> Nature {
        match self {
            Self::Trusted
            | Self::InSignedHeader
            | Self::ByKernelKey
            | Self::ByGivenKey
            | Self::PartOfKernel => Nature::Signed,
            Self::ConfigExplained | Self::BootPiecesExplained { .. } => Nature::Explained,
            Self::ReferenceEqual { .. } => Nature::Equal,
            Self::Members { left: 0, .. } => Nature::Explained,
            Self::Members { .. }
            | Self::SignerEnds { .. }
            | Self::AnchorOneSource { .. }
            | Self::DriverOf { .. }
            | Self::InCatalog { .. }
            | Self::TimeStamp { .. }
            | Self::ShimCarries { .. }
            | Self::ShimAccepts { .. }
            | Self::ShimUnread { .. }
            | Self::StartedByBios
            | Self::KernelUnownedSigned
            | Self::CopyOf { .. }
            | Self::RecordEqual
            | Self::UnsignedRecordDiffers
            | Self::ModuleUnowned
            | Self::NoPackageDatabase
            | Self::OnlyRecorded { .. }
            | Self::Argument { .. } => Nature::Remark,
            Self::SignedBytesDiffer
            | Self::IssuerForged
            | Self::SignatureUnread { .. }
            | Self::NoPe
            | Self::Unsigned
            | Self::Unanchored
            | Self::SelfSigned { .. }
            | Self::InNoCatalog { .. }
            | Self::SignsForAnybody { .. }
            | Self::Unread { .. }
            | Self::NoShimCarries { .. }
            | Self::BootCodeUnread { .. }
            | Self::BootPieceChanged { .. }
            | Self::BootPieceUnowned { .. }
            | Self::OtherVendor { .. }
            | Self::VendorUnknown
            | Self::ImageUnread
            | Self::NoRelease
            | Self::NotInSignedHeader
            | Self::RecordForged { .. }
            | Self::RecordDiffers
            | Self::SignedButRecordDiffers
            | Self::NothingSpeaks
            | Self::KernelUnowned
            | Self::OwnerUnknown { .. }
            | Self::ByUnprovenKernel
            | Self::KernelKeyBytesDiffer
            | Self::ForeignKey
            | Self::KernelKeysUnread
            | Self::NoModuleKeys
            | Self::ModuleUnsigned
            | Self::ForNoBootingKernel
            | Self::StartsForeign { .. }
            | Self::StartsEarly { .. }
            | Self::Runs { .. }
            | Self::LeftOver { .. }
            | Self::CarriesModule { .. }
            | Self::NobodyOwns
            | Self::PartsUnread { .. }
            | Self::ReferenceDiffers { .. } => Nature::Doubt,
        }
    }
}

/// What is missing for a system to be proven, beside what its objects say.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shortfall {
    /// No kernel was found.
    NoKernel,
    /// There is no `System32\ntoskrnl.exe`.
    NoWindowsKernel,
    /// Which kernel boots by default can't be told.
    DefaultUnknown,
    /// Parts that could not be read.
    Unread {
        /// How many.
        parts: usize,
    },
    /// There is no package database that this version reads.
    NoPackageDatabase,
    /// No boot loader was found.
    NoLoader,
    /// No configuration of a boot loader was found.
    NoBootConfig,
    /// There is no boot configuration data.
    NoBootStore,
    /// The kernel loads modules, and none was found.
    NoModules,
    /// The boot menu starts what is no kernel of this image.
    StartsNoKernel {
        /// What the entry starts.
        starts: String,
    },
    /// An initramfs of the boot menu was not examined.
    InitramfsUnexamined {
        /// Its path.
        path: String,
        /// What the entry starts.
        starts: String,
    },
    /// An entry of the boot configuration turns code integrity off.
    IntegrityOff {
        /// The title of the entry.
        entry: String,
        /// The element that does it.
        element: u32,
    },
    /// Nothing of the system could be examined.
    NotExamined,
    /// Parts of the image could not be read.
    ImageIncomplete,
}
