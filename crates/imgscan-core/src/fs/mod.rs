//! File systems, read-only: from the bytes of a volume to its files.

mod bounded;
pub mod ext;
pub mod fat;
pub mod memory;
mod names;
pub mod ntfs;
mod signature;
pub mod walk;

use std::sync::Arc;

pub(crate) use bounded::bounded;
pub use signature::{Signature, others, signature};

use crate::descriptor::Descriptor;
use crate::error::{Error, Layer, Result};
use crate::source::ReadAt;
use crate::text::Text;
pub use crate::time::Timestamp;
use crate::volume::Volume;

/// An object of a file system: the ext inode number, the NTFS MFT record number, or a number that
/// a FAT reader gives. Hard links to one object have one id. Stable for the same image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct NodeId(pub u64);

/// What kind of object a name leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FileKind {
    /// A regular file.
    Regular,
    /// A directory.
    Directory,
    /// A symbolic link; on NTFS a symbolic link or a junction.
    Symlink,
    /// A character device.
    CharDevice,
    /// A block device.
    BlockDevice,
    /// A named pipe.
    Fifo,
    /// A socket.
    Socket,
    /// None of these, for example an NTFS reparse point of another purpose.
    Other,
}

bitflags::bitflags! {
    /// Attributes that matter to a reviewer, under one name for all file systems.
    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
    pub struct Attributes: u32 {
        /// ext immutable.
        const IMMUTABLE = 1;
        /// ext append-only.
        const APPEND_ONLY = 1 << 1;
        /// Contents encrypted (ext fscrypt, NTFS EFS): they can't be read.
        const ENCRYPTED = 1 << 2;
        /// Stored compressed; reads give the plain contents.
        const COMPRESSED = 1 << 3;
        /// Has holes by declaration (NTFS).
        const SPARSE = 1 << 4;
        /// ext fs-verity.
        const VERITY = 1 << 5;
        /// DOS read-only.
        const READ_ONLY = 1 << 6;
        /// DOS hidden.
        const HIDDEN = 1 << 7;
        /// DOS system.
        const SYSTEM = 1 << 8;
        /// DOS archive.
        const ARCHIVE = 1 << 9;
        /// ext case-insensitive directory.
        const CASEFOLD = 1 << 10;
    }
}

/// What a file system records of an object besides its names and contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// Which object.
    pub id: NodeId,
    /// What kind.
    pub kind: FileKind,
    /// Size in bytes of the main contents (of the target text for a symbolic link; 0 for FAT and
    /// NTFS directories).
    pub size: u64,
    /// Number of names.
    pub links: u32,
    /// Permission bits (`0o7777`), where the file system has them.
    pub mode: Option<u32>,
    /// Owner, where the file system has numbers for it.
    pub uid: Option<u32>,
    /// Group.
    pub gid: Option<u32>,
    /// Major and minor number of a device.
    pub device: Option<(u32, u32)>,
    /// Created.
    pub created: Option<Timestamp>,
    /// Contents last changed.
    pub modified: Option<Timestamp>,
    /// Metadata last changed.
    pub changed: Option<Timestamp>,
    /// Last read.
    pub accessed: Option<Timestamp>,
    /// Attributes.
    pub attributes: Attributes,
    /// NTFS reparse tag, where there is one.
    pub reparse_tag: Option<u32>,
}

impl Metadata {
    /// True for a file of a cloud provider (tags 0x9000_001A to 0x9000_F01A, MS-FSCC 2.1.2.1): its filter serves the
    /// contents, or refuses them where it does not know the file.
    #[must_use]
    pub fn is_of_cloud(&self) -> bool {
        self.reparse_tag
            .is_some_and(|tag| tag & 0xFFFF_0FFF == 0x9000_001A)
    }
}

/// A name in a directory. `.` and `..` are never listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirEntry {
    /// The name as bytes: as stored on ext; UTF-8 for FAT and NTFS, where an unpaired surrogate
    /// becomes its three generalised (WTF-8) bytes. Encrypted names (ext fscrypt) are base64url of
    /// what is stored.
    pub name: Vec<u8>,
    /// What it leads to.
    pub id: NodeId,
    /// The kind, where the directory itself tells it.
    pub kind: Option<FileKind>,
}

/// A directory's entries in the order of the disk, and what of it could not be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory {
    /// What could be read.
    pub entries: Vec<DirEntry>,
    /// Damage: each a part of this directory that may hide names.
    pub damage: Vec<Error>,
}

/// A named stream beside an object's main contents (an NTFS alternate data stream).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    /// Its name, encoded as [`DirEntry::name`].
    pub name: Vec<u8>,
    /// Its size in bytes.
    pub size: u64,
}

/// An extended attribute: full name (`user.x`, `security.selinux`, `system.posix_acl_access`) and
/// value as the kernel returns it.
pub type Xattr = (Vec<u8>, Vec<u8>);

/// What a file system says of itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FsInfo {
    /// `ext2`, `ext3`, `ext4`, `ntfs`, `fat12`, `fat16`, `fat32`.
    pub kind: &'static str,
    /// Label.
    pub label: Option<String>,
    /// The id that blkid prints as UUID.
    pub uuid: Option<String>,
    /// Block or cluster size in bytes.
    pub block_size: u32,
    /// Size in bytes that the file system claims.
    pub size: u64,
    /// Further facts (name, value) in a fixed order, for example features or the version.
    pub details: Vec<(&'static str, Text)>,
}

/// A read-only file system, used by several threads at once.
pub trait FileSystem: Send + Sync {
    /// What it is.
    fn info(&self) -> FsInfo;

    /// What is wrong with it as a whole: a journal that was replayed or could not be, a dirty
    /// flag, a checksum of its superblock. Not the damage of single files. What lost nothing is
    /// of [`crate::Kind::Notice`]; any other kind counts as a part that was not read.
    fn warnings(&self) -> Vec<Error>;

    /// What it keeps while it is in use and loses when it is closed in order: flags and states by
    /// the names of its format. Empty where it was closed.
    fn unclean(&self) -> Vec<Text>;

    /// The file system as it stands on the disk, where its journal was replayed to read it: boot
    /// loaders replay none. `None` where the two are the same.
    fn unreplayed(&self) -> Option<Arc<dyn FileSystem>> {
        None
    }

    /// True where look-up ignores case throughout (FAT, NTFS).
    fn ignores_case(&self) -> bool;

    /// The root directory.
    fn root(&self) -> NodeId;

    /// Metadata of an object.
    ///
    /// # Errors
    /// If its record can't be read.
    fn metadata(&self, id: NodeId) -> Result<Metadata>;

    /// What is wrong with an object, though it can be read: a checksum of its record, a part of
    /// its block map that will fail, attributes that can't be read. Empty where nothing is.
    /// Damage of a directory's names stands in [`Directory::damage`].
    ///
    /// # Errors
    /// If its record can't be read.
    fn damage(&self, id: NodeId) -> Result<Vec<Error>>;

    /// The names in a directory.
    ///
    /// # Errors
    /// If `id` is no directory or nothing of it can be read; partial damage stands in
    /// [`Directory::damage`].
    fn read_dir(&self, id: NodeId) -> Result<Directory>;

    /// The object that `name` leads to in directory `dir`, compared as the file system compares.
    ///
    /// # Errors
    /// If `dir` is no directory, or if the name was not found and part of the directory could not
    /// be read: absence is only reported where it is certain.
    fn lookup(&self, dir: NodeId, name: &[u8]) -> Result<Option<NodeId>> {
        let listing = self.read_dir(dir)?;
        if let Some(entry) = listing.entries.iter().find(|e| e.name == name) {
            return Ok(Some(entry.id));
        }
        match listing.damage.into_iter().next() {
            Some(damage) => Err(damage),
            None => Ok(None),
        }
    }

    /// The target text of a symbolic link; for NTFS the target path with backslashes as stored
    /// (substitute name for a junction).
    ///
    /// # Errors
    /// If `id` is no symbolic link or its target can't be read.
    fn read_link(&self, id: NodeId) -> Result<Vec<u8>>;

    /// Pays for reading a file of `bytes` bytes whole, where there is a budget.
    ///
    /// # Errors
    /// If the budget is spent.
    fn pay_whole(&self, _bytes: u64) -> Result<()> {
        Ok(())
    }

    /// The main contents of a regular file.
    ///
    /// # Errors
    /// If `id` is no regular file, or its contents can't be mapped or are encrypted. Damage in
    /// the middle shows when those bytes are read.
    fn open(&self, id: NodeId) -> Result<Arc<dyn ReadAt>>;

    /// Named streams. Empty where the file system has none.
    ///
    /// # Errors
    /// If the object's record can't be read.
    fn streams(&self, _id: NodeId) -> Result<Vec<Stream>> {
        Ok(Vec::new())
    }

    /// The contents of the named stream `name`.
    ///
    /// # Errors
    /// If there is no such stream, or as [`FileSystem::open`].
    fn open_stream(&self, id: NodeId, name: &[u8]) -> Result<Arc<dyn ReadAt>> {
        let _ = (id, name);
        Err(Error::not_found(Layer::Volume, say!(error_fs_no_streams)))
    }

    /// Extended attributes, sorted by name.
    ///
    /// # Errors
    /// If they can't be read.
    fn xattrs(&self, _id: NodeId) -> Result<Vec<Xattr>> {
        Ok(Vec::new())
    }

    /// Who owns an object and who may do what with it, where the file system has it from Windows.
    ///
    /// # Errors
    /// If the security descriptor can't be read.
    fn descriptor(&self, _id: NodeId) -> Result<Option<Arc<Descriptor>>> {
        Ok(None)
    }

    /// The owner as a Windows security identifier (`S-1-5-…`), where the file system has one.
    ///
    /// # Errors
    /// If the security descriptor can't be read.
    fn owner_sid(&self, id: NodeId) -> Result<Option<String>> {
        Ok(self.descriptor(id)?.and_then(|d| d.owner.clone()))
    }
}

/// What a volume holds.
#[derive(Clone)]
#[non_exhaustive]
pub enum Content {
    /// A file system that is read.
    FileSystem(Arc<dyn FileSystem>),
    /// Something recognised that holds no files of its own to read: swap, an empty volume.
    Nothing(Signature),
    /// A gap: an unknown, unsupported, encrypted or damaged content, with what was recognised.
    Gap(Signature, Error),
}

impl Content {
    /// What it is, in a word.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::FileSystem(fs) => Text::verbatim(fs.info().kind),
            Self::Nothing(signature) | Self::Gap(signature, _) => signature.text(),
        }
    }
}

/// A volume and what it holds.
#[derive(Clone)]
pub struct OpenVolume {
    /// The volume.
    pub volume: Volume,
    /// Its content.
    pub content: Content,
    /// Whose signatures it carries besides: what else the system may take it for.
    pub also: Vec<Signature>,
}

impl OpenVolume {
    /// Why what it was read as is not the only reading of it.
    #[must_use]
    pub fn ambivalent(&self) -> Option<Error> {
        if self.also.is_empty() {
            return None;
        }
        let others: Vec<Text> = self.also.iter().map(|sig| sig.text()).collect();
        let detail = say!(
            error_fs_ambivalent,
            read = self.content.text(),
            others = Text::list(&others)
        );
        Some(Error::doubt(Layer::Volume, detail))
    }

    /// The file system, where it is read.
    #[must_use]
    pub fn file_system(&self) -> Option<&Arc<dyn FileSystem>> {
        match &self.content {
            Content::FileSystem(fs) => Some(fs),
            _ => None,
        }
    }
}

/// GPT partition types that hold no file system by their definition: Microsoft reserved (Windows
/// setup leaves what was there before), BIOS boot and PowerPC PReP boot (raw code).
const RAW_TYPES: &[&str] = &[
    "E3C9E316-0B5C-4DB8-817D-F92DF00215AE",
    "21686148-6449-6E6F-744E-656564454649",
    "9E1A2D38-C612-4316-AA26-8B49521E5A8B",
];

/// Recognises and opens the content of a volume. Never fails: what can't be read is a
/// [`Content::Gap`].
#[must_use]
pub fn open(volume: &Volume) -> OpenVolume {
    let data = &volume.data;
    let sig = match signature(data.as_ref()) {
        Ok(sig) => sig,
        Err(e) => {
            return OpenVolume {
                volume: volume.clone(),
                content: Content::Gap(Signature::Unknown, e),
                also: Vec::new(),
            };
        }
    };
    let also = others(data.as_ref(), sig);
    let opened = match sig {
        Signature::Ext => ext::open(Arc::clone(data)),
        Signature::Ntfs => ntfs::open(Arc::clone(data)),
        Signature::Fat => fat::open(Arc::clone(data)),
        Signature::Swap | Signature::Blank | Signature::BiosBoot => {
            return OpenVolume {
                volume: volume.clone(),
                content: Content::Nothing(sig),
                also,
            };
        }
        Signature::Unknown if RAW_TYPES.contains(&volume.kind.as_str()) => {
            return OpenVolume {
                volume: volume.clone(),
                content: Content::Nothing(sig),
                also,
            };
        }
        other => Err(Error::unsupported(
            Layer::Volume,
            0,
            say!(error_fs_unread, what = other.text()),
        )),
    };
    let content = match opened {
        Ok(fs) => Content::FileSystem(fs),
        Err(e) => Content::Gap(sig, e),
    };
    OpenVolume {
        volume: volume.clone(),
        content,
        also,
    }
}
