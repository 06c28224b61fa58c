//! The base block: the first 4,096 bytes of a hive, of which a log keeps the first 512.

use crate::bytes::{le32, le64};
use crate::error::{Error, Layer, Result};
use crate::source::ReadAt;

/// Bytes of the base block; hive bins start behind it.
pub(super) const BASE_LEN: u64 = 4096;
/// Bytes of the base block that its checksum covers, and that a log keeps.
pub(super) const HEAD_LEN: usize = 512;

/// The fields of a base block. All integers on disk are little-endian.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseBlock {
    /// Incremented when a write to the hive begins.
    pub primary_sequence: u32,
    /// Set to the primary one when that write is complete.
    pub secondary_sequence: u32,
    /// Last write as FILETIME (100 ns since 1601-01-01 UTC).
    pub last_written: u64,
    /// Major version; 1.
    pub major: u32,
    /// Minor version; 3 to 6.
    pub minor: u32,
    /// 0 for a hive, 1 and 2 for an old log, 6 for a new log.
    pub file_type: u32,
    /// Offset of the root key's cell, from the first hive bin.
    pub root: u32,
    /// Bytes of all hive bins.
    pub bins_len: u32,
    /// The last characters of the path that the hive was loaded from.
    pub name: String,
    /// True where the checksum of the block is right.
    pub checksum_ok: bool,
}

impl BaseBlock {
    /// Reads the block at the start of `source`.
    ///
    /// # Errors
    /// If there is none, or of a version that has another layout.
    pub(super) fn read(source: &dyn ReadAt) -> Result<Self> {
        let len = source.len();
        if len < HEAD_LEN as u64 {
            return Err(Error::corrupt(
                Layer::Hive,
                0,
                say!(error_hive_short, len = HEAD_LEN, file = len),
            ));
        }
        let mut head = [0; HEAD_LEN];
        source.read_at(&mut head, 0)?;
        if !head.starts_with(b"regf") {
            return Err(Error::corrupt(
                Layer::Hive,
                0,
                say!(
                    error_magic_found,
                    expected = "regf",
                    found = crate::bytes::hex(&head[..4])
                ),
            ));
        }
        // All offsets below lie inside the 512 bytes just read.
        let field = |at| le32(&head, at).unwrap_or_default();
        let block = Self {
            primary_sequence: field(4),
            secondary_sequence: field(8),
            last_written: le64(&head, 12).unwrap_or_default(),
            major: field(20),
            minor: field(24),
            file_type: field(28),
            root: field(36),
            bins_len: field(40),
            name: super::name::utf16(&head[48..112], true),
            checksum_ok: field(508) == checksum(&head[..508]),
        };
        if block.major != 1 || !(3..=6).contains(&block.minor) {
            return Err(Error::unsupported(
                Layer::Hive,
                20,
                say!(
                    error_hive_version,
                    version = format!("{}.{}", block.major, block.minor)
                ),
            ));
        }
        Ok(block)
    }

    /// True where a write to the hive was begun and not completed.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        !self.checksum_ok || self.primary_sequence != self.secondary_sequence
    }
}

/// The exclusive or of the 127 words; 0 and 2³²−1 are replaced by their neighbours.
fn checksum(head: &[u8]) -> u32 {
    let (words, _) = head.as_chunks::<4>();
    match words
        .iter()
        .fold(0, |sum, word| sum ^ u32::from_le_bytes(*word))
    {
        0 => 1,
        u32::MAX => u32::MAX - 1,
        sum => sum,
    }
}
