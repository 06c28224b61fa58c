//! Inodes: kind, owner, times, flags, and where contents and attributes are described.
//!
//! Source of the offsets: the kernel's documentation, "ext4 Data Structures and Algorithms",
//! chapter "Index Nodes". All numbers are little-endian.

use super::Core;
use super::cache::Bytes;
use super::checksum::crc32c;
use crate::bytes::{le16, le32};
use crate::error::{Error, Layer, Result};
use crate::fs::{Attributes, FileKind, Metadata, NodeId, Timestamp};

/// The size of an inode of the first revision, in bytes.
const OLD_SIZE: usize = 128;
/// Byte and length of the block map (or of inline contents, or of a short link target).
const MAP: std::ops::Range<usize> = 40..100;
/// Bytes of the map area.
pub(super) const MAP_LEN: usize = 60;

/// The first two bytes of a node of an extent tree.
pub(super) const EXTENT_MAGIC: u16 = 0xF30A;

/// Flag: immutable.
const IMMUTABLE: u32 = 0x10;
/// Flag: append-only.
const APPEND: u32 = 0x20;
/// Flag: contents (or names) encrypted by fscrypt.
pub(super) const ENCRYPTED: u32 = 0x800;
/// Flag: the directory has a hash index.
pub(super) const INDEX: u32 = 0x1000;
/// Flag: mapped by extents.
pub(super) const EXTENTS: u32 = 0x8_0000;
/// Flag: fs-verity.
const VERITY: u32 = 0x10_0000;
/// Flag: the inode holds the value of an extended attribute.
pub(super) const EA_INODE: u32 = 0x20_0000;
/// Flag: contents in the inode.
pub(super) const INLINE_DATA: u32 = 0x1000_0000;
/// Flag: case-insensitive directory.
pub(super) const CASEFOLD: u32 = 0x4000_0000;

/// An inode as it stands on the disk.
#[derive(Clone)]
pub(super) struct Inode {
    /// Its number.
    pub number: u32,
    /// Byte of the volume where it begins.
    pub at: u64,
    /// True where a fast commit gave it: its checksum is that of an older state.
    pub replayed: bool,
    raw: Bytes,
    large_dir: bool,
}

impl Core {
    /// Reads inode `id`.
    pub(super) fn inode(&self, id: NodeId) -> Result<Inode> {
        let number = u32::try_from(id.0)
            .ok()
            .filter(|n| (1..=self.sb.inodes).contains(n));
        let Some(number) = number else {
            return Err(Error::corrupt(
                Layer::Ext,
                None,
                say!(error_ext_inode_range, inode = id.0, last = self.sb.inodes),
            ));
        };
        let (group, index) = self.sb.inode_place(number);
        let table = self.groups.inode_table(group).ok_or_else(|| {
            Error::corrupt(
                Layer::Ext,
                None,
                say!(error_ext_inode_table, inode = number, group = group),
            )
        })?;
        let at = table
            .saturating_mul(self.sb.block_size.into())
            .saturating_add(index.saturating_mul(self.sb.inode_size.into()));
        let raw = self.cache.read(at, self.sb.inode_size as usize)?;
        let mut inode = Inode {
            number,
            at,
            replayed: false,
            raw,
            large_dir: self.sb.has_large_dir(),
        };
        if let Some(newer) = self.fast.inode(number) {
            inode.raw = merged(newer, &inode.raw).into();
            inode.replayed = true;
        }
        Ok(inode)
    }
}

/// True where the map area holds the root of an extent tree.
pub(super) fn is_extent_root(map: &[u8]) -> bool {
    le16(map, 0) == Some(EXTENT_MAGIC)
}

/// The inode whose bytes on the disk are `old`, with all of `new` but the block map, which fast
/// commits change range by range.
fn merged(new: &[u8], old: &[u8]) -> Vec<u8> {
    let mut out = old.to_vec();
    let mut take = |range: std::ops::Range<usize>| {
        if let (Some(to), Some(from)) = (out.get_mut(range.clone()), new.get(range)) {
            to.copy_from_slice(from);
        }
    };
    take(0..MAP.start);
    take(MAP.end..new.len().min(old.len()));
    let flags = le32(new, 32).unwrap_or(0);
    if flags & INLINE_DATA != 0 {
        take(MAP);
    } else if flags & EXTENTS != 0 && !old.get(MAP.start..).is_some_and(is_extent_root) {
        // An empty root: magic, no entries of 4, depth 0.
        let empty = [0x0A, 0xF3, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0];
        if let Some(root) = out.get_mut(40..52) {
            root.copy_from_slice(&empty);
        }
    }
    out
}

impl Inode {
    fn u16(&self, at: usize) -> u16 {
        le16(&self.raw, at).unwrap_or(0)
    }

    fn u32(&self, at: usize) -> u32 {
        le32(&self.raw, at).unwrap_or(0)
    }

    /// Mode with the file type in its high four bits.
    pub(super) fn mode(&self) -> u16 {
        self.u16(0)
    }

    /// Kind by the mode.
    pub(super) fn kind(&self) -> FileKind {
        match self.mode() >> 12 {
            0x1 => FileKind::Fifo,
            0x2 => FileKind::CharDevice,
            0x4 => FileKind::Directory,
            0x6 => FileKind::BlockDevice,
            0x8 => FileKind::Regular,
            0xA => FileKind::Symlink,
            0xC => FileKind::Socket,
            _ => FileKind::Other,
        }
    }

    /// Size in bytes.
    pub(super) fn size(&self) -> u64 {
        let low = u64::from(self.u32(4));
        // In a directory the high half meant something else before large_dir.
        if self.kind() == FileKind::Regular || self.large_dir {
            low | u64::from(self.u32(108)) << 32
        } else {
            low
        }
    }

    /// Flags.
    pub(super) fn flags(&self) -> u32 {
        self.u32(32)
    }

    /// True where all bits of `flag` are set.
    pub(super) fn has(&self, flag: u32) -> bool {
        self.flags() & flag == flag
    }

    /// Number of names.
    pub(super) fn links(&self) -> u16 {
        self.u16(26)
    }

    /// The 60 bytes of the block map.
    pub(super) fn map(&self) -> &[u8] {
        self.raw.get(MAP).unwrap_or_default()
    }

    /// Byte of the volume where the block map begins.
    pub(super) fn map_at(&self) -> u64 {
        self.at.saturating_add(MAP.start as u64)
    }

    /// Block with extended attributes, 0 if none.
    pub(super) fn attribute_block(&self) -> u64 {
        u64::from(self.u32(104)) | u64::from(self.u16(118)) << 32
    }

    /// Length of the fields behind the first 128 bytes; `None` where it contradicts the size.
    pub(super) fn extra_size(&self) -> Option<usize> {
        if self.raw.len() <= OLD_SIZE {
            return Some(0);
        }
        let extra = usize::from(self.u16(OLD_SIZE));
        let room = self.raw.len().saturating_sub(OLD_SIZE);
        (extra.is_multiple_of(4) && extra <= room).then_some(extra)
    }

    /// What stands behind the fields (room for extended attributes) and its byte in the inode.
    pub(super) fn tail(&self) -> (&[u8], usize) {
        match self.extra_size() {
            // Without any extra field there are no attributes either.
            Some(extra) if extra > 0 => {
                let at = OLD_SIZE.saturating_add(extra);
                (self.raw.get(at..).unwrap_or_default(), at)
            }
            _ => (&[], OLD_SIZE),
        }
    }

    /// A 32-bit field behind byte 128, where the inode has it.
    fn extra(&self, at: usize) -> Option<u32> {
        let end = OLD_SIZE.saturating_add(self.extra_size()?);
        (at.saturating_add(4) <= end).then(|| self.u32(at))
    }

    /// 34-bit seconds and nanoseconds: the extra field's low two bits extend the epoch, the other
    /// 30 are nanoseconds.
    fn time(&self, at: usize, extra: usize) -> Timestamp {
        let seconds = i64::from(self.u32(at).cast_signed());
        match self.extra(extra) {
            Some(e) => Timestamp {
                secs: seconds.saturating_add(i64::from(e & 3) << 32),
                nanos: (e >> 2).min(999_999_999),
            },
            None => Timestamp {
                secs: seconds,
                nanos: 0,
            },
        }
    }

    /// Start value of the checksums of what belongs to this inode.
    pub(super) fn seed(&self, seed: u32) -> u32 {
        crc32c(
            crc32c(seed, &self.number.to_le_bytes()),
            &self.u32(100).to_le_bytes(),
        )
    }

    /// Expected and found checksum, where they differ; `seed` is that of the file system.
    pub(super) fn checksum_mismatch(&self, seed: u32) -> Option<(u32, u32)> {
        let raw = &self.raw[..];
        let mut crc = crc32c(self.seed(seed), raw.get(..124)?);
        crc = crc32c(crc32c(crc, &[0, 0]), raw.get(126..OLD_SIZE)?);
        let mut mask = 0xFFFF;
        let mut found = u32::from(self.u16(124));
        if raw.len() > OLD_SIZE {
            crc = crc32c(crc, raw.get(OLD_SIZE..130)?);
            let mut rest = 130;
            if self.u16(OLD_SIZE) >= 4 {
                crc = crc32c(crc, &[0, 0]);
                rest = 132;
                mask = u32::MAX;
                found |= u32::from(self.u16(130)) << 16;
            }
            crc = crc32c(crc, raw.get(rest..)?);
        }
        (crc & mask != found).then_some((crc & mask, found))
    }

    /// Major and minor number: in the first word as 8 and 8 bits, else in the second as 12 and 20.
    fn device(&self) -> (u32, u32) {
        let (old, new) = (self.u32(MAP.start), self.u32(MAP.start + 4));
        if old != 0 {
            (old >> 8 & 0xFF, old & 0xFF)
        } else {
            (new >> 8 & 0xFFF, new & 0xFF | new >> 12 & 0xF_FF00)
        }
    }

    /// Everything that [`Metadata`] holds.
    pub(super) fn metadata(&self) -> Metadata {
        let kind = self.kind();
        let mut attributes = Attributes::empty();
        for (flag, attribute) in [
            (IMMUTABLE, Attributes::IMMUTABLE),
            (APPEND, Attributes::APPEND_ONLY),
            (ENCRYPTED, Attributes::ENCRYPTED),
            (VERITY, Attributes::VERITY),
            (CASEFOLD, Attributes::CASEFOLD),
        ] {
            attributes.set(attribute, self.has(flag));
        }
        Metadata {
            id: NodeId(self.number.into()),
            kind,
            size: self.size(),
            links: self.links().into(),
            mode: Some(u32::from(self.mode()) & 0o7777),
            uid: Some(u32::from(self.u16(2)) | u32::from(self.u16(120)) << 16),
            gid: Some(u32::from(self.u16(24)) | u32::from(self.u16(122)) << 16),
            device: matches!(kind, FileKind::CharDevice | FileKind::BlockDevice)
                .then(|| self.device()),
            created: self.extra(144).map(|_| self.time(144, 148)),
            modified: Some(self.time(16, 136)),
            changed: Some(self.time(12, 132)),
            accessed: Some(self.time(8, 140)),
            attributes,
            reparse_tag: None,
        }
    }
}
