//! NTFS, read-only: versions 1.2 to 3.1.
//!
//! * [`boot`](self) sector → the MFT (`Mft`) → records → files with all their attributes
//!   (`Node`) → contents as [`ReadAt`] (plain, LZNT1, or behind the Windows Overlay Filter).
//! * [`NodeId`] is the number of a file's base record. Sequence numbers of references are checked.
//! * `$MFT`, `$LogFile` and the other files of the system (records below 16) are not listed in
//!   the root, but found by look-up. A short (8.3) name is found, and listed only where its file
//!   has no other name in the directory.
//! * The stream `WofCompressedData` of a file that the overlay filter compressed is the storage of
//!   the main contents and not listed as a stream, as on Windows; [`FileSystem::open_stream`]
//!   opens it all the same.
//! * The journal is not replayed: a volume that was not unmounted gives a warning.
//!
//! On-disk facts: Microsoft MS-FSCC and MS-XCA, and the Linux-NTFS project's documentation.

#![warn(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::indexing_slicing
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::indexing_slicing
    )
)]

mod boot;
pub mod compress;
mod compressed;
mod index;
mod list;
mod mft;
mod name;
mod node;
mod record;
mod reparse;
mod runs;
mod secure;
mod standard;
#[cfg(test)]
mod tests;
mod tree;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::bytes::{le16, le32};
use crate::error::{Error, Kind, Layer, Result};
use crate::generations::Generations;
use crate::source::{MemorySource, ReadAt, read_all};
use crate::text::{Text, terminal_bytes};

use super::{DirEntry, Directory, FileKind, FileSystem, NodeId};
use boot::{Boot, Journal};
use compressed::{Lznt1, Wof};
use index::{FileName, Index, NAMES};
use mft::Mft;
use name::{UpCase, to_wtf8};
use node::{Attribute, COMPRESSION_MASK, ENCRYPTED, Mapped, Node, Value};
use record::{Record, kind};
use reparse::Purpose;
use runs::{Extents, Runs};
use secure::Secure;
use standard::Standard;

/// Numbers of the system's files.
mod system {
    pub(super) const LOG_FILE: u64 = 2;
    pub(super) const VOLUME: u64 = 3;
    pub(super) const ROOT: u64 = 5;
    pub(super) const SECURE: u64 = 9;
    pub(super) const UP_CASE: u64 = 10;
    pub(super) const FIRST_USER: u64 = 16;
}

/// The stream that holds the contents of a file of the overlay filter, in UTF-16LE.
const WOF_STREAM: &[u8] = b"W\0o\0f\0C\0o\0m\0p\0r\0e\0s\0s\0e\0d\0D\0a\0t\0a\0";
/// Bytes of the directories' indexes that are kept.
const KEPT_INDEXES: usize = 2 << 20;
/// A reparse point has at most 16 KiB; twice that is read.
const MAX_REPARSE: u64 = 32 * 1024;
/// The largest compression unit that Windows makes is 64 KiB.
const MAX_UNIT: u64 = 1 << 20;

/// Standard-information flags: attributes of a file.
mod flag {
    pub(super) const OFFLINE: u32 = 0x1000;
    pub(super) const RECALL_ON_OPEN: u32 = 0x4_0000;
    pub(super) const RECALL_ON_DATA_ACCESS: u32 = 0x40_0000;
}

/// Damage at byte `offset` of the volume.
fn corrupt(offset: impl Into<Option<u64>>, detail: Text) -> Error {
    Error::corrupt(Layer::Ntfs, offset, detail)
}

/// Something unusual that lost nothing.
fn notice(offset: impl Into<Option<u64>>, detail: Text) -> Error {
    Error::new(Layer::Ntfs, Kind::Notice, offset, detail)
}

/// The volume and its file table.
struct Volume {
    data: Arc<dyn ReadAt>,
    boot: Boot,
    /// Clusters that the image holds.
    clusters: u64,
    mft: Mft,
}

impl Volume {
    fn node(&self, record: Record) -> Result<Node> {
        Node::of(self, record)
    }

    /// The clusters of an attribute as bytes, as they are stored.
    fn extents(&self, mapped: &Mapped, offset: u64) -> Result<Extents> {
        Ok(Extents {
            volume: Arc::clone(&self.data),
            runs: Runs::decode(&mapped.parts, &self.boot, self.clusters)?,
            cluster: u64::from(self.boot.cluster),
            size: mapped.size,
            initialized: mapped.initialized,
            offset,
        })
    }

    /// The contents of an attribute, decompressed.
    fn contents(&self, attribute: &Attribute) -> Result<Arc<dyn ReadAt>> {
        let unsupported = |what: Text| Error::unsupported(Layer::Ntfs, attribute.offset, what);
        if attribute.flags & ENCRYPTED != 0 {
            return Err(unsupported(say!(error_ntfs_encrypted)));
        }
        let mapped = match &attribute.value {
            Value::Resident(bytes) => return Ok(Arc::new(MemorySource(bytes.clone()))),
            Value::Mapped(mapped) => mapped,
        };
        // A file can't be longer than the clusters that a file can have.
        let cluster = u64::from(self.boot.cluster);
        if mapped.size.div_ceil(cluster) > 1 << 32 {
            let what = say!(error_ntfs_size, size = mapped.size, cluster = cluster);
            return Err(corrupt(attribute.offset, what));
        }
        let extents = self.extents(mapped, attribute.offset)?;
        match attribute.flags & COMPRESSION_MASK {
            0 => Ok(Arc::new(extents)),
            1 => {
                let unit = cluster.checked_shl(u32::from(mapped.unit)).unwrap_or(0);
                if mapped.unit == 0 || mapped.unit > 16 || unit > MAX_UNIT {
                    let what = say!(error_ntfs_unit_size, power = mapped.unit);
                    return Err(unsupported(what));
                }
                Ok(Arc::new(Lznt1::new(extents, unit)))
            }
            method => Err(unsupported(say!(error_ntfs_method, method = method))),
        }
    }

    /// Tag and value of the reparse point of `node`.
    fn reparse(&self, node: &Node) -> Result<Option<(u32, Vec<u8>)>> {
        let Some(attribute) = node.find(kind::REPARSE_POINT, &[]) else {
            return Ok(None);
        };
        let value = match attribute.resident() {
            Some(value) => value.to_vec(),
            None => read_all(self.contents(attribute)?.as_ref(), MAX_REPARSE)?,
        };
        let tag = le32(&value, 0)
            .ok_or_else(|| corrupt(attribute.offset, say!(error_ntfs_reparse_tagless)))?;
        Ok(Some((tag, value)))
    }
}

/// An open NTFS volume.
struct Ntfs {
    volume: Volume,
    upcase: UpCase,
    warnings: Vec<Error>,
    label: Option<String>,
    version: Option<(u8, u8)>,
    dirty: bool,
    /// `$LogFile` says that it was not unmounted.
    in_use: bool,
    secure: OnceLock<Result<Secure>>,
    /// Name indexes of the directories that names were looked up in of late, by record.
    indexes: Mutex<Generations<NodeId, Arc<Index>>>,
}

/// Opens the NTFS file system on `data`.
///
/// # Errors
/// If neither the boot sector nor its copy is sound, or neither `$MFT` nor its mirror.
pub fn open(data: Arc<dyn ReadAt>) -> Result<Arc<dyn FileSystem>> {
    let (boot, boot_warning) = Boot::read(data.as_ref())?;
    let mut warnings: Vec<Error> = boot_warning.into_iter().collect();
    let claimed = boot.sectors.saturating_mul(u64::from(boot.sector));
    if claimed > data.len() {
        warnings.push(corrupt(
            0x28,
            say!(error_fs_past_end, size = claimed, found = data.len()),
        ));
    }
    let clusters = boot
        .clusters
        .min(data.len().div_ceil(u64::from(boot.cluster)));
    let mft = Mft::open(&data, &boot, clusters)?;
    warnings.extend(mft.warnings.iter().cloned());
    let volume = Volume {
        data,
        boot,
        clusters,
        mft,
    };
    let upcase = upcase(&volume).unwrap_or_else(|e| {
        let what = say!(error_ntfs_upcase, why = &*e.detail);
        warnings.push(corrupt(e.offset, what));
        UpCase::simple()
    });
    let mut fs = Ntfs {
        volume,
        upcase,
        warnings,
        label: None,
        version: None,
        dirty: false,
        in_use: false,
        secure: OnceLock::new(),
        indexes: Mutex::new(Generations::new(KEPT_INDEXES)),
    };
    if let Err(e) = fs.read_volume_file() {
        fs.warnings.push(e);
    }
    match fs.journal() {
        Ok(Journal::Clean) => {}
        Ok(Journal::InUse) => {
            fs.in_use = true;
            fs.warnings.push(Error::unsupported(
                Layer::Ntfs,
                None,
                say!(error_ntfs_log_unclean),
            ));
        }
        Err(e) => fs.warnings.push(e),
    }
    Ok(Arc::new(fs))
}

fn upcase(volume: &Volume) -> Result<UpCase> {
    let node = volume.node(volume.mft.record(system::UP_CASE)?)?;
    match node.find_or_damage(kind::DATA, &[])? {
        Some(data) => UpCase::read(volume.contents(data)?.as_ref()),
        None => Err(node.record.bad(0, say!(error_ntfs_no_contents))),
    }
}

impl Ntfs {
    /// Reads label, version and dirty flag from `$Volume`.
    fn read_volume_file(&mut self) -> Result<()> {
        const DIRTY: u16 = 1;
        let node = self.system_file(system::VOLUME)?;
        if let Some(name) = node
            .find(kind::VOLUME_NAME, &[])
            .and_then(Attribute::resident)
        {
            let label = crate::text::lossless(&to_wtf8(name));
            self.label = (!label.is_empty()).then_some(label);
        }
        let information = node
            .find_or_damage(kind::VOLUME_INFORMATION, &[])?
            .and_then(Attribute::resident)
            .filter(|v| v.len() >= 12)
            .ok_or_else(|| node.record.bad(0, say!(error_ntfs_information)))?;
        self.version = information.get(8).copied().zip(information.get(9).copied());
        let flags = le16(information, 10).unwrap_or(0);
        self.dirty = flags & DIRTY != 0;
        if self.dirty {
            self.warnings
                .push(notice(node.record.offset, say!(error_ntfs_dirty)));
        }
        Ok(())
    }

    fn journal(&self) -> Result<Journal> {
        let node = self.system_file(system::LOG_FILE)?;
        match node.find_or_damage(kind::DATA, &[])? {
            Some(data) => boot::journal_state(self.volume.contents(data)?.as_ref()),
            None => Err(node.record.bad(0, say!(error_ntfs_log_empty))),
        }
    }

    fn system_file(&self, number: u64) -> Result<Node> {
        self.volume.node(self.volume.mft.record(number)?)
    }

    fn node(&self, id: NodeId) -> Result<Node> {
        let record = self.volume.mft.record(id.0)?;
        if !record.in_use() {
            return Err(Error::not_found(
                Layer::Ntfs,
                say!(error_ntfs_unused, record = id.0),
            ));
        }
        self.volume.node(record)
    }

    fn kind(node: &Node, purpose: Option<&(u32, Purpose)>) -> FileKind {
        match purpose {
            Some((tag, _)) if reparse::is_link(*tag) => FileKind::Symlink,
            Some((_, Purpose::Special(kind))) => *kind,
            _ if node.record.is_directory() => FileKind::Directory,
            _ => FileKind::Regular,
        }
    }

    fn purpose(&self, node: &Node) -> Result<Option<(u32, Purpose)>> {
        let reparse = self.volume.reparse(node)?;
        Ok(reparse.map(|(tag, value)| (tag, reparse::parse(&value))))
    }

    /// The kind of the file with base record `record`, where its record tells it at once.
    fn kind_at_once(record: &Record) -> Option<FileKind> {
        for raw in record.attributes() {
            match raw.ok()?.kind {
                kind::ATTRIBUTE_LIST | kind::REPARSE_POINT => return None,
                _ => {}
            }
        }
        Some(if record.is_directory() {
            FileKind::Directory
        } else {
            FileKind::Regular
        })
    }

    /// The name index of directory `id`, kept for the next name that is looked up in it.
    fn kept_directory(&self, id: NodeId) -> Result<Arc<Index>> {
        // No invariant spans a panic: the indexes are a cache.
        let kept = || self.indexes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = kept().get(&id) {
            return Ok(index);
        }
        let index = Arc::new(self.directory(id)?);
        kept().insert(id, Arc::clone(&index), index.held());
        Ok(index)
    }

    /// The name index of directory `id`.
    fn directory(&self, id: NodeId) -> Result<Index> {
        let node = self.node(id)?;
        let index = if node.record.is_directory() {
            Index::open(&self.volume, &node, NAMES)?
        } else {
            None
        };
        index.ok_or_else(|| {
            Error::not_found(Layer::Ntfs, say!(error_ntfs_not_directory, record = id.0))
        })
    }

    /// Adds a name to the listing of a directory, or the reason why it leads nowhere.
    fn list(&self, name: FileName<'_>, listing: &mut Directory) {
        let mut kind = None;
        match self.volume.mft.record(name.reference.record) {
            // The name is sure; its file will give the error.
            Err(e) if e.kind != Kind::NotFound => {}
            _ => match self.volume.mft.referred(name.reference) {
                Ok(record) => kind = Self::kind_at_once(&record),
                Err(e) => {
                    let shown = terminal_bytes(&to_wtf8(name.name));
                    let what = say!(error_ntfs_name_nowhere, name = shown, why = &*e.detail);
                    listing.damage.push(corrupt(e.offset, what));
                    return;
                }
            },
        }
        listing.entries.push(DirEntry {
            name: to_wtf8(name.name),
            id: NodeId(name.reference.record),
            kind,
        });
    }

    /// The contents of a file of the overlay filter.
    fn open_wof(&self, node: &Node, algorithm: compressed::Algorithm) -> Result<Arc<dyn ReadAt>> {
        let stream = node
            .find_or_damage(kind::DATA, WOF_STREAM)?
            .ok_or_else(|| node.record.bad(0, say!(error_ntfs_no_wof_stream)))?;
        let size = node
            .find_or_damage(kind::DATA, &[])?
            .map_or(0, Attribute::size);
        let cluster = u64::from(self.volume.boot.cluster);
        if size.div_ceil(cluster) > 1 << 32 {
            return Err(corrupt(
                node.record.offset,
                say!(error_ntfs_size, size = size, cluster = cluster),
            ));
        }
        let data = self.volume.contents(stream)?;
        let wof = Wof::new(data, size, algorithm, stream.offset)?;
        Ok(Arc::new(wof))
    }

    /// True where the contents of a cloud provider's file are on the volume.
    fn is_here(&self, node: &Node) -> Result<bool> {
        let away = flag::OFFLINE | flag::RECALL_ON_OPEN | flag::RECALL_ON_DATA_ACCESS;
        Ok(Standard::of(node)?.flags & away == 0)
    }

    fn secure(&self) -> Result<&Secure> {
        let secure = self.secure.get_or_init(|| {
            let node = self.system_file(system::SECURE)?;
            Secure::open(&self.volume, &node)
        });
        secure.as_ref().map_err(Clone::clone)
    }
}
