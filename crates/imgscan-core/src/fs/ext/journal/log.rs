//! The journal's superblock and its blocks.

use super::super::Core;
use super::super::checksum::crc32c;
use super::super::inode::Inode;
use super::super::map::BlockMap;
use super::super::place::Place;
use super::overlay::MAGIC;
use crate::bytes::{be16, be32, be64};
use crate::error::{Error, Layer, Result};
use crate::fs::FileKind;
use crate::text::Text;

/// Block types.
pub(super) const DESCRIPTOR: u32 = 1;
pub(super) const COMMIT: u32 = 2;
const SUPER_V1: u32 = 3;
const SUPER_V2: u32 = 4;
pub(super) const REVOKE: u32 = 5;

const COMPAT_CHECKSUM: u32 = 1;
const INCOMPAT_64BIT: u32 = 2;
const INCOMPAT_ASYNC_COMMIT: u32 = 4;
const INCOMPAT_CSUM_V2: u32 = 8;
const INCOMPAT_CSUM_V3: u32 = 0x10;
const INCOMPAT_FAST_COMMIT: u32 = 0x20;
const KNOWN_INCOMPAT: u32 = 0x3F;
/// The type of checksum that versions 2 and 3 use: CRC-32C.
const CHECKSUM_CRC32C: u8 = 4;
/// The length of a commit block's header in bytes, and where its checksum stands in it.
const COMMIT_HEADER: usize = 60;
const COMMIT_CHECKSUM: std::ops::Range<usize> = 16..20;
/// Blocks for fast commits, where the superblock does not say.
const DEFAULT_FAST_BLOCKS: u32 = 256;
/// A journal has at least this many blocks beside those for fast commits.
const MIN_BLOCKS: u32 = 1024;

const FLAG_ESCAPED: u16 = 1;
const FLAG_SAME_UUID: u16 = 2;
const FLAG_LAST: u16 = 8;

/// An open journal.
pub(super) struct Log<'a> {
    core: &'a Core,
    map: BlockMap,
    compat: u32,
    incompat: u32,
    seed: u32,
    /// First block of the circular log.
    pub first: u32,
    /// The block behind the log.
    pub last: u32,
    /// The block behind the journal.
    pub end: u32,
    /// Number of the first transaction.
    pub sequence: u32,
    /// Its first block; 0 where the journal is empty.
    pub start: u32,
    /// The error with which it was aborted; 0 if none.
    pub error: u32,
}

/// A block that a descriptor announces.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag {
    /// Its place in the file system.
    pub block: u64,
    /// True where its first four bytes are replaced.
    pub escaped: bool,
    checksum: u32,
}

impl<'a> Log<'a> {
    /// Opens the journal in `inode`.
    pub(super) fn open(core: &'a Core, inode: &Inode) -> Result<Self> {
        let err = |what: Text| Error::corrupt(Layer::Ext, inode.at, what);
        if inode.kind() != FileKind::Regular || inode.links() == 0 {
            return Err(err(say!(error_ext_journal_inode, inode = inode.number)));
        }
        let mut log = Self {
            core,
            map: core.map(inode),
            compat: 0,
            incompat: 0,
            seed: 0,
            first: 0,
            last: 0,
            end: u32::MAX,
            sequence: 0,
            start: 0,
            error: 0,
        };
        let mut raw = vec![0; core.sb.block_size as usize];
        log.block(0, &mut raw)?;
        let field = |at| be32(&raw, at).unwrap_or(0);
        let part = |range: std::ops::Range<usize>| raw.get(range).unwrap_or_default();
        let version = field(4);
        if !raw.starts_with(&MAGIC) || !matches!(version, SUPER_V1 | SUPER_V2) {
            return Err(err(say!(error_ext_journal_magic)));
        }
        if version == SUPER_V2 {
            (log.compat, log.incompat) = (field(36), field(40));
            log.seed = crc32c(!0, part(48..64));
        }
        // No feature is known that allows to read, but not to write.
        let read_only = if version == SUPER_V2 { field(44) } else { 0 };
        for unknown in [log.incompat & !KNOWN_INCOMPAT, read_only] {
            if unknown != 0 {
                return Err(Error::unsupported(
                    Layer::Ext,
                    inode.at,
                    say!(error_ext_journal_feature, feature = format!("{unknown:#x}")),
                ));
            }
        }
        let versions = [
            log.has_old_checksums(),
            log.incompat & INCOMPAT_CSUM_V2 != 0,
            log.incompat & INCOMPAT_CSUM_V3 != 0,
        ];
        if versions.iter().filter(|has| **has).count() > 1 {
            return Err(err(say!(error_ext_journal_checksums)));
        }
        if log.has_checksums() && raw.get(80) != Some(&CHECKSUM_CRC32C) {
            return Err(err(say!(
                error_ext_journal_checksum_type,
                found = raw.get(80).copied().unwrap_or_default()
            )));
        }
        if log.has_checksums() {
            let crc = crc32c(crc32c(crc32c(!0, part(0..252)), &[0; 4]), part(256..1024));
            if crc != field(252) {
                return Err(err(say!(
                    error_ext_checksum,
                    what = say!(ext_journal_superblock),
                    expected = format!("{crc:#010x}"),
                    found = format!("{:#010x}", field(252))
                )));
            }
        }
        let (size, end, first) = (field(12), field(16), field(20));
        let blocks = inode
            .size()
            .checked_div(core.sb.block_size.into())
            .unwrap_or(0);
        if size != core.sb.block_size || u64::from(end) > blocks || first == 0 || first >= end {
            return Err(err(say!(
                error_ext_journal_size,
                blocks = end,
                size = size,
                first = first,
                found = blocks
            )));
        }
        (log.first, log.last, log.end) = (first, end, end);
        if log.has_fast_commits() {
            let fast = if field(84) == 0 {
                DEFAULT_FAST_BLOCKS
            } else {
                field(84)
            };
            if let Some(last) = end.checked_sub(fast).filter(|l| *l >= MIN_BLOCKS) {
                log.last = last;
            }
        }
        // Where the last block is `last` - 1, this many stand from the first one.
        if log.last.saturating_sub(first) < MIN_BLOCKS - 1 {
            return Err(err(say!(
                error_ext_journal_log,
                from = first,
                to = log.last,
                least = MIN_BLOCKS
            )));
        }
        (log.sequence, log.start, log.error) = (field(24), field(28), field(32));
        if log.start != 0 && !(log.first..log.last).contains(&log.start) {
            return Err(err(say!(
                error_ext_journal_start,
                found = log.start,
                from = log.first,
                to = log.last
            )));
        }
        Ok(log)
    }

    /// The block of the volume that is block `number` of the journal.
    pub(super) fn place(&self, number: u32) -> Result<u64> {
        let run = self.map.runs.get(self.map.position(number.into()));
        match run.map(|r| (r.place, number.checked_sub(r.logical))) {
            Some((Place::Data(start), Some(skip))) => Ok(start.saturating_add(skip.into())),
            Some((Place::Bad(error), Some(_))) => Err(self.map.error(error)),
            _ => Err(Error::corrupt(
                Layer::Ext,
                None,
                say!(error_ext_journal_hole, block = number),
            )),
        }
    }

    /// Reads block `number` of the journal.
    pub(super) fn block(&self, number: u32, into: &mut [u8]) -> Result<()> {
        let at = self
            .place(number)?
            .saturating_mul(self.core.sb.block_size.into());
        self.core.volume.read_at(into, at)
    }

    /// The block behind `number`, with the wrap-around of the log.
    pub(super) fn after(&self, number: u32, count: u32) -> u32 {
        let span = self.last.saturating_sub(self.first);
        let count = count.checked_rem(span).unwrap_or(0);
        let next = u64::from(number).saturating_add(count.into());
        let wrapped = if next >= u64::from(self.last) {
            next.saturating_sub(span.into())
        } else {
            next
        };
        u32::try_from(wrapped).unwrap_or(self.first)
    }

    /// Type and transaction of a block of the log; `None` for any other block.
    pub(super) fn header(bytes: &[u8]) -> Option<(u32, u32)> {
        bytes.starts_with(&MAGIC).then_some(())?;
        Some((be32(bytes, 4)?, be32(bytes, 8)?))
    }

    pub(super) fn has_fast_commits(&self) -> bool {
        self.incompat & INCOMPAT_FAST_COMMIT != 0
    }

    /// Commit blocks hold a CRC-32 over their transaction.
    pub(super) fn has_old_checksums(&self) -> bool {
        self.compat & COMPAT_CHECKSUM != 0
    }

    /// A commit block may have been written before its transaction.
    pub(super) fn is_asynchronous(&self) -> bool {
        self.incompat & INCOMPAT_ASYNC_COMMIT != 0
    }

    fn has_checksums(&self) -> bool {
        self.incompat & (INCOMPAT_CSUM_V2 | INCOMPAT_CSUM_V3) != 0
    }

    /// True where the checksum at the end of a descriptor or revoke block is right.
    pub(super) fn tail_is_sound(&self, bytes: &[u8]) -> bool {
        let (data, tail) = bytes.split_at(bytes.len().saturating_sub(4));
        !self.has_checksums() || be32(tail, 0) == Some(crc32c(crc32c(self.seed, data), &[0; 4]))
    }

    /// True where the checksum of a commit block is right.
    pub(super) fn commit_is_sound(&self, bytes: &[u8]) -> bool {
        !self.has_checksums() || self.commit_checksum(bytes, bytes.len()) == be32(bytes, 16)
    }

    /// True where the checksum of a commit block is right for its header with zeros behind it,
    /// which newer kernels take as well (Linux, fs/jbd2/recovery.c,
    /// `jbd2_commit_block_csum_verify_partial`).
    pub(super) fn commit_header_is_sound(&self, bytes: &[u8]) -> bool {
        self.commit_checksum(bytes, COMMIT_HEADER) == be32(bytes, 16)
    }

    /// The checksum of a commit block of which the first `len` bytes count and the others are
    /// zeros; its own field is zero too.
    fn commit_checksum(&self, bytes: &[u8], len: usize) -> Option<u32> {
        let head = bytes.get(..COMMIT_CHECKSUM.start)?;
        let rest = bytes.get(COMMIT_CHECKSUM.end..len)?;
        let crc = crc32c(crc32c(crc32c(self.seed, head), &[0; 4]), rest);
        let zeros = vec![0; bytes.len().saturating_sub(len)];
        Some(crc32c(crc, &zeros))
    }

    /// True where the contents that `tag` of transaction `sequence` announces are right.
    pub(super) fn data_is_sound(&self, tag: &Tag, sequence: u32, bytes: &[u8]) -> bool {
        let crc = crc32c(crc32c(self.seed, &sequence.to_be_bytes()), bytes);
        if self.incompat & INCOMPAT_CSUM_V3 != 0 {
            crc == tag.checksum
        } else {
            self.incompat & INCOMPAT_CSUM_V2 == 0 || crc & 0xFFFF == tag.checksum
        }
    }

    /// Bytes of a block before the checksum at its end.
    fn payload(&self, bytes: &[u8]) -> usize {
        bytes
            .len()
            .saturating_sub(if self.has_checksums() { 4 } else { 0 })
    }

    /// The blocks that a descriptor announces, in the order in which they follow it.
    pub(super) fn tags(&self, bytes: &[u8]) -> Vec<Tag> {
        let wide = self.incompat & INCOMPAT_64BIT != 0;
        let v3 = self.incompat & INCOMPAT_CSUM_V3 != 0;
        let v2 = self.incompat & INCOMPAT_CSUM_V2 != 0;
        let len = match (v3, wide, v2) {
            (true, ..) => 16,
            (false, true, true) => 14,
            (false, true, false) => 12,
            (false, false, true) => 10,
            (false, false, false) => 8,
        };
        let mut tags = Vec::new();
        let mut rest = bytes.get(12..self.payload(bytes)).unwrap_or_default();
        while let Some((tag, behind)) = rest.split_at_checked(len) {
            let word = |at| be32(tag, at).unwrap_or(0);
            let flags = be16(tag, 6).unwrap_or(0);
            let high = if wide { u64::from(word(8)) << 32 } else { 0 };
            tags.push(Tag {
                block: u64::from(word(0)) | high,
                escaped: flags & FLAG_ESCAPED != 0,
                checksum: if v3 {
                    word(12)
                } else {
                    be16(tag, 4).unwrap_or(0).into()
                },
            });
            rest = behind;
            if flags & FLAG_SAME_UUID == 0 {
                rest = rest.get(16..).unwrap_or_default();
            }
            if flags & FLAG_LAST != 0 {
                break;
            }
        }
        tags
    }

    /// The blocks that a revoke block names; `None` where it is malformed.
    pub(super) fn revoked<'b>(&self, bytes: &'b [u8]) -> Option<impl Iterator<Item = u64> + 'b> {
        let wide = self.incompat & INCOMPAT_64BIT != 0;
        let used = usize::try_from(be32(bytes, 12)?).ok()?;
        let list = bytes
            .get(16..used)
            .filter(|_| used <= self.payload(bytes))?;
        let size = if wide { 8 } else { 4 };
        Some(list.chunks_exact(size).filter_map(move |e| {
            if wide {
                be64(e, 0)
            } else {
                be32(e, 0).map(u64::from)
            }
        }))
    }
}
