//! Fast commits: small records behind the last full transaction, of inodes, block ranges and
//! names. They are kept as changes (module `changes`) that reading applies.
//!
//! Source of the records: the kernel's documentation, "ext4 Data Structures and Algorithms",
//! chapter "Fast commits". Numbers are little-endian.

use super::super::Core;
use super::super::changes::FastCommits;
use super::super::checksum::crc32c;
use super::super::place::Place;
use super::log::Log;
use crate::bytes::{le16, le32};
use crate::error::{Error, Layer, Result};
use crate::fs::NodeId;

const ADD_RANGE: u16 = 1;
const DEL_RANGE: u16 = 2;
const CREATE: u16 = 3;
const LINK: u16 = 4;
const UNLINK: u16 = 5;
const INODE: u16 = 6;
const PAD: u16 = 7;
const TAIL: u16 = 8;
const HEAD: u16 = 9;
/// Most records that are held.
const MAX_RECORDS: usize = 1 << 18;
/// Bytes of tag and length before each record.
const PREFIX: usize = 4;

impl FastCommits {
    fn apply(&mut self, tag: u16, value: &[u8]) {
        let word = |at| le32(value, at).unwrap_or(0);
        match tag {
            ADD_RANGE => {
                let start = u64::from(word(4));
                let len = u64::from(le16(value, 8).unwrap_or(0));
                let block = u64::from(word(12)) | u64::from(le16(value, 10).unwrap_or(0)) << 32;
                // Lengths above 32768 mark blocks that were never written.
                let (len, place) = match len.checked_sub(32768) {
                    Some(len) if len > 0 => (len, Place::Unwritten),
                    _ => (len, Place::Data(block)),
                };
                if len > 0 {
                    self.ranges.entry(word(0)).or_default().set(
                        start,
                        start.saturating_add(len),
                        Some(place),
                    );
                }
            }
            DEL_RANGE => {
                let (start, len) = (u64::from(word(4)), u64::from(word(8)));
                if len > 0 {
                    self.ranges.entry(word(0)).or_default().set(
                        start,
                        start.saturating_add(len),
                        None,
                    );
                }
            }
            CREATE | LINK | UNLINK => {
                let name = value.get(8..).unwrap_or_default().to_vec();
                let id = (tag != UNLINK).then(|| NodeId(word(4).into()));
                self.names.entry(word(0)).or_default().0.insert(name, id);
                let is_directory = self
                    .inodes
                    .get(&word(4))
                    .is_some_and(|i| le16(i, 0).unwrap_or(0) >> 12 == 4);
                if tag == CREATE && is_directory {
                    self.new_directories.insert(word(4));
                }
            }
            INODE => {
                self.inodes
                    .insert(word(0), value.get(4..).unwrap_or_default().to_vec());
            }
            _ => {}
        }
    }
}

/// Reads the fast commits that follow the last full transaction; `expected` is the number of the
/// next.
pub(super) fn read(core: &Core, log: &Log<'_>, expected: u32) -> Result<FastCommits> {
    let mut found = FastCommits::default();
    let mut pending: Vec<(u16, Vec<u8>)> = Vec::new();
    let mut crc = 0;
    let mut bytes = vec![0; core.sb.block_size as usize];
    // The area begins one block behind the log.
    'blocks: for number in log.last.saturating_add(1)..log.end {
        log.block(number, &mut bytes)?;
        if pending.is_empty() && found.records == 0 && le16(&bytes, 0) != Some(HEAD) {
            break;
        }
        let mut rest = bytes.as_slice();
        while let (Some(tag), Some(len)) = (le16(rest, 0), le16(rest, 2).map(usize::from)) {
            let whole = PREFIX.saturating_add(len);
            let Some((record, behind)) = rest.split_at_checked(whole) else {
                break 'blocks;
            };
            let value = record.get(PREFIX..).unwrap_or_default();
            rest = behind;
            if !is_valid(tag, len, core) || (tag == HEAD && le32(value, 4) != Some(expected)) {
                break 'blocks;
            }
            if tag == HEAD && le32(value, 0) != Some(0) {
                return Err(Error::unsupported(
                    Layer::Ext,
                    None,
                    say!(error_ext_fast_feature),
                ));
            }
            if tag == TAIL {
                // The checksum covers everything before itself.
                crc = crc32c(crc, record.get(..PREFIX + 4).unwrap_or_default());
                if le32(value, 0) != Some(expected) || le32(value, 4) != Some(crc) {
                    if found.records == 0 {
                        return Err(Error::corrupt(
                            Layer::Ext,
                            None,
                            say!(error_ext_fast_checksum),
                        ));
                    }
                    break 'blocks;
                }
                crc = 0;
                found.records = found.records.saturating_add(pending.len());
                for (tag, value) in pending.drain(..) {
                    found.apply(tag, &value);
                }
            } else {
                crc = crc32c(crc, record);
                if found.records.saturating_add(pending.len()) >= MAX_RECORDS {
                    return Err(Error::limit(
                        Layer::Ext,
                        None,
                        say!(error_ext_fast_many, most = MAX_RECORDS),
                    ));
                }
                pending.push((tag, value.to_vec()));
            }
        }
    }
    Ok(found)
}

fn is_valid(tag: u16, len: usize, core: &Core) -> bool {
    match tag {
        ADD_RANGE => len == 16,
        DEL_RANGE => len == 12,
        CREATE | LINK | UNLINK => (9..=8 + 255).contains(&len),
        INODE => (4 + 128..=(core.sb.inode_size as usize).saturating_add(4)).contains(&len),
        TAIL => len >= 8,
        HEAD => len == 8,
        PAD => true,
        _ => false,
    }
}
