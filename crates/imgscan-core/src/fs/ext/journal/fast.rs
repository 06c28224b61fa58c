//! Fast commits: small records behind the last full transaction, of inodes, block ranges and
//! names. They are kept as changes that reading applies.
//!
//! Source of the records: the kernel's documentation, "ext4 Data Structures and Algorithms",
//! chapter "Fast commits". Numbers are little-endian.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::Core;
use super::super::checksum::crc32c;
use super::super::extent;
use super::super::inode::{EXTENTS, INLINE_DATA};
use super::super::map::Place;
use super::log::Log;
use crate::bytes::{le16, le32};
use crate::error::{Error, Layer, Result};
use crate::fs::{DirEntry, NodeId};

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

/// What fast commits change.
#[derive(Default)]
pub(in super::super) struct FastCommits {
    /// Number of records.
    pub records: usize,
    inodes: BTreeMap<u32, Vec<u8>>,
    ranges: BTreeMap<u32, Ranges>,
    names: BTreeMap<u32, Names>,
    new_directories: BTreeSet<u32>,
}

/// Ranges of a file's blocks that are elsewhere than the block map says.
#[derive(Default)]
pub(in super::super) struct Ranges(BTreeMap<u64, (u64, Option<Place>)>);

/// Names of a directory that were added (with their inode) or removed.
#[derive(Default)]
pub(in super::super) struct Names(HashMap<Vec<u8>, Option<NodeId>>);

impl Ranges {
    /// Start, end and place (`None` for a hole) in ascending order.
    pub(in super::super) fn iter(&self) -> impl Iterator<Item = (u64, u64, Option<Place>)> + '_ {
        self.0
            .iter()
            .map(|(start, (end, place))| (*start, *end, *place))
    }

    /// Replaces what was known of blocks `start` to `end`.
    fn set(&mut self, start: u64, end: u64, place: Option<Place>) {
        let overlapping: Vec<_> = self
            .0
            .range(..end)
            .rev()
            .take_while(|(_, (e, _))| *e > start)
            .map(|(s, (e, p))| (*s, *e, *p))
            .collect();
        for (s, e, p) in overlapping {
            self.0.remove(&s);
            if s < start {
                self.0.insert(s, (start, p));
            }
            if e > end {
                let moved = match p {
                    Some(Place::Data(block)) => Some(Place::Data(block + (end - s))),
                    other => other,
                };
                self.0.insert(end, (e, moved));
            }
        }
        self.0.insert(start, (end, place));
    }
}

impl Names {
    /// Applies the changes to what the directory's blocks hold.
    pub(in super::super) fn apply(&self, entries: &mut Vec<DirEntry>) {
        let mut kept = std::collections::HashSet::new();
        entries.retain(|e| match self.0.get(&e.name) {
            None => true,
            Some(now) => *now == Some(e.id) && kept.insert(e.name.clone()),
        });
        let mut added: Vec<_> = self
            .0
            .iter()
            .filter_map(|(name, id)| Some((name, (*id)?)))
            .filter(|(name, _)| !kept.contains(*name))
            .collect();
        added.sort_unstable();
        let entry = |(name, id): (&Vec<u8>, NodeId)| DirEntry {
            name: name.clone(),
            id,
            kind: None,
        };
        entries.extend(added.into_iter().map(entry));
    }

    /// What became of `name`: added, removed (`Some(None)`) or unknown (`None`).
    pub(in super::super) fn lookup(&self, name: &[u8]) -> Option<Option<NodeId>> {
        self.0.get(name).copied()
    }
}

impl FastCommits {
    /// The newer state of inode `number`, whose bytes on the disk are `old`.
    pub(in super::super) fn inode(&self, number: u32, old: &[u8]) -> Option<Vec<u8>> {
        let new = self.inodes.get(&number)?;
        let mut out = old.to_vec();
        // All but the block map: that is changed by ranges.
        let mut take = |range: std::ops::Range<usize>| {
            if let (Some(to), Some(from)) = (out.get_mut(range.clone()), new.get(range)) {
                to.copy_from_slice(from);
            }
        };
        take(0..40);
        take(100..new.len().min(old.len()));
        let flags = le32(new, 32).unwrap_or(0);
        if flags & INLINE_DATA != 0 {
            take(40..100);
        } else if flags & EXTENTS != 0 && !old.get(40..).is_some_and(extent::is_root) {
            // An empty root: magic, no entries of 4, depth 0.
            let empty = [0x0A, 0xF3, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0];
            if let Some(root) = out.get_mut(40..52) {
                root.copy_from_slice(&empty);
            }
        }
        Some(out)
    }

    /// Changed ranges of inode `number`.
    pub(in super::super) fn ranges(&self, number: u32) -> Option<&Ranges> {
        self.ranges.get(&number)
    }

    /// Changed names of directory `number`.
    pub(in super::super) fn names(&self, number: u32) -> Option<&Names> {
        self.names.get(&number)
    }

    /// True where directory `number` was made by a fast commit.
    pub(in super::super) fn is_new_directory(&self, number: u32) -> bool {
        self.new_directories.contains(&number)
    }

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
                    self.ranges
                        .entry(word(0))
                        .or_default()
                        .set(start, start + len, Some(place));
                }
            }
            DEL_RANGE => {
                let (start, len) = (u64::from(word(4)), u64::from(word(8)));
                if len > 0 {
                    self.ranges
                        .entry(word(0))
                        .or_default()
                        .set(start, start + len, None);
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
        let mut at = 0;
        while let Some(len) = le16(&bytes, at + 2).map(usize::from) {
            let tag = le16(&bytes, at).unwrap_or(0);
            let Some(value) = bytes.get(at + PREFIX..at + PREFIX + len) else {
                break 'blocks;
            };
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
                crc = crc32c(crc, &bytes[at..at + PREFIX + 4]);
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
                found.records += pending.len();
                for (tag, value) in pending.drain(..) {
                    found.apply(tag, &value);
                }
            } else {
                crc = crc32c(crc, &bytes[at..at + PREFIX + len]);
                if found.records + pending.len() >= MAX_RECORDS {
                    return Err(Error::limit(
                        Layer::Ext,
                        None,
                        say!(error_ext_fast_many, most = MAX_RECORDS),
                    ));
                }
                pending.push((tag, value.to_vec()));
            }
            at += PREFIX + len;
        }
    }
    Ok(found)
}

fn is_valid(tag: u16, len: usize, core: &Core) -> bool {
    match tag {
        ADD_RANGE => len == 16,
        DEL_RANGE => len == 12,
        CREATE | LINK | UNLINK => (9..=8 + 255).contains(&len),
        INODE => (4 + 128..=4 + core.sb.inode_size as usize).contains(&len),
        TAIL => len >= 8,
        HEAD => len == 8,
        PAD => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_range_replaces_the_part_of_earlier_ones_that_it_covers() {
        let mut ranges = Ranges::default();
        ranges.set(10, 20, Some(Place::Data(100)));
        ranges.set(30, 40, Some(Place::Data(200)));
        ranges.set(15, 35, None);
        ranges.set(17, 18, Some(Place::Unwritten));
        let got: Vec<_> = ranges.iter().collect();
        assert_eq!(
            got,
            [
                (10, 15, Some(Place::Data(100))),
                (15, 17, None),
                (17, 18, Some(Place::Unwritten)),
                (18, 35, None),
                (35, 40, Some(Place::Data(205))),
            ]
        );
    }
}
