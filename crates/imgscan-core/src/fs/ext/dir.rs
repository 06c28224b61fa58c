//! Directories: blocks of entries with an inode, a length and a name each, read from the first to
//! the last. The blocks of a hash index look like blocks without names.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::Core;
use super::checksum::crc32c;
use super::htree;
use super::inode::{ENCRYPTED, INDEX, INLINE_DATA, Inode};
use super::map::BlockMap;
use super::place::Place;
use crate::bytes::{le16, le32};
use crate::error::{Error, Layer, Result};
use crate::fs::{DirEntry, Directory, FileKind, NodeId};
use crate::text::{Text, terminal_bytes};

/// Most names of one directory.
const MAX_ENTRIES: usize = 1 << 22;
/// Most errors of one directory that are kept apart.
const MAX_DAMAGE: usize = 256;
/// Bytes of an entry before its name.
const HEAD: usize = 8;
/// Bytes of the checksum at the end of a block, disguised as an entry.
const TAIL: usize = 12;

/// An entry as it stands on the disk.
#[derive(Debug, Clone, Copy)]
pub(super) struct OnDiskEntry<'a> {
    /// Inode, not 0.
    pub inode: u32,
    /// Its name.
    pub name: &'a [u8],
    /// File type byte; 0 where the file system does not store it.
    pub kind: u8,
}

/// Where entries stand one behind the other.
#[derive(Clone, Copy)]
struct Area<'a> {
    bytes: &'a [u8],
    /// Its byte of the volume.
    at: u64,
    /// True where names are ciphertext and may hold any byte.
    encrypted: bool,
}

/// Takes each entry; may end the reading.
pub(super) type Visit<'v> = dyn FnMut(OnDiskEntry<'_>) -> ControlFlow<()> + 'v;

/// What can't be read of a directory, bounded.
#[derive(Default)]
pub(super) struct Damage(pub(super) Vec<Error>);

impl Damage {
    fn add(&mut self, error: Error) {
        if self.0.len() < MAX_DAMAGE {
            self.0.push(error);
        }
    }

    fn corrupt(&mut self, at: u64, what: Text) {
        self.add(Error::corrupt(Layer::Ext, at, what));
    }
}

impl Core {
    /// All names of directory `inode`.
    pub(super) fn read_dir(&self, inode: &Inode) -> Result<Directory> {
        let mut entries = Vec::new();
        let mut damage = Damage::default();
        let mut full = false;
        self.scan(inode, &mut damage, &mut |entry| {
            full = entries.len() >= MAX_ENTRIES;
            if full {
                return ControlFlow::Break(());
            }
            entries.push(DirEntry {
                name: entry.name.to_vec(),
                id: NodeId(entry.inode.into()),
                kind: kind(entry.kind),
            });
            ControlFlow::Continue(())
        })?;
        if full {
            damage.add(Error::limit(
                Layer::Ext,
                inode.at,
                say!(
                    error_ext_directory_many,
                    inode = inode.number,
                    most = MAX_ENTRIES
                ),
            ));
        }
        if let Some(edits) = self.fast.names(inode.number) {
            edits.apply(&mut entries);
        }
        Ok(Directory {
            entries,
            damage: damage.0,
        })
    }

    /// Visits every sound entry of directory `inode` as the disk has them, `.` and `..` excepted.
    /// The names of an encrypted directory are ciphertext, any bytes: they are shown as base64url,
    /// so that they stay names.
    pub(super) fn scan(
        &self,
        inode: &Inode,
        damage: &mut Damage,
        visit: &mut Visit<'_>,
    ) -> Result<()> {
        if !inode.has(ENCRYPTED) {
            return self.scan_stored(inode, damage, visit);
        }
        self.scan_stored(inode, damage, &mut |entry| {
            let name = base64url(entry.name);
            visit(OnDiskEntry {
                name: &name,
                ..entry
            })
        })
    }

    fn scan_stored(&self, inode: &Inode, damage: &mut Damage, visit: &mut Visit<'_>) -> Result<()> {
        if inode.kind() != FileKind::Directory {
            return Err(Error::not_found(
                Layer::Ext,
                say!(error_ext_not_directory, inode = inode.number),
            ));
        }
        if inode.has(INLINE_DATA) {
            return self.scan_inline(inode, damage, visit);
        }
        // The blocks of a directory that a fast commit made were never written.
        if self.fast.is_new_directory(inode.number) {
            return Ok(());
        }
        let map = self.map(inode);
        for error in map.errors() {
            damage.add(error.clone());
        }
        let seed = inode.seed(self.sb.seed);
        let block_size = u64::from(self.sb.block_size);
        let blocks = inode.size().div_ceil(block_size);
        let mut seen = overlaps(&map).then(HashSet::new);
        let mut next = 0;
        for run in &map.runs {
            let first = u64::from(run.logical);
            let end = run.end().min(blocks);
            if first >= end {
                break;
            }
            self.hole(inode, next, first, damage);
            next = end;
            let Place::Data(start) = run.place else {
                if run.place == Place::Unwritten {
                    self.hole(inode, first, end, damage);
                }
                continue;
            };
            let behind = start.saturating_add(end.saturating_sub(first));
            for block in start..behind {
                let at = block.saturating_mul(block_size);
                if seen.as_mut().is_some_and(|s| !s.insert(block)) {
                    damage.corrupt(at, say!(error_ext_directory_twice, inode = inode.number));
                    continue;
                }
                let bytes = match self.cache.read(at, self.sb.block_size as usize) {
                    Ok(bytes) => bytes,
                    Err(e) => {
                        damage.add(e);
                        continue;
                    }
                };
                let is_root = inode.has(INDEX) && block == start && first == 0;
                self.verify(&bytes, at, seed, is_root, damage);
                let area = Area {
                    bytes: &bytes,
                    at,
                    encrypted: inode.has(ENCRYPTED),
                };
                if self.block(area, damage, visit).is_break() {
                    return Ok(());
                }
            }
        }
        self.hole(inode, next, blocks, damage);
        Ok(())
    }

    fn hole(&self, inode: &Inode, from: u64, end: u64, damage: &mut Damage) {
        if from < end {
            damage.corrupt(
                inode.at,
                say!(
                    error_ext_directory_hole,
                    inode = inode.number,
                    from = from,
                    to = end.saturating_sub(1)
                ),
            );
        }
    }

    /// Names in the inode: in the map area behind the parent's number, then in the attribute.
    fn scan_inline(&self, inode: &Inode, damage: &mut Damage, visit: &mut Visit<'_>) -> Result<()> {
        let (in_map, in_attribute) = self.inline_parts(inode)?;
        let at = inode.map_at().saturating_add(4);
        let encrypted = inode.has(ENCRYPTED);
        let bytes = in_map.get(4..).unwrap_or_default();
        let area = Area {
            bytes,
            at,
            encrypted,
        };
        if self.block(area, damage, visit).is_continue() {
            let area = Area {
                bytes: &in_attribute,
                at: inode.at,
                encrypted,
            };
            let _ = self.block(area, damage, visit);
        }
        Ok(())
    }

    /// Checks the checksum of a block: at its end, or behind the index entries.
    fn verify(&self, bytes: &[u8], at: u64, seed: u32, is_root: bool, damage: &mut Damage) {
        if !self.sb.has_metadata_csum() {
            return;
        }
        let is_node =
            le32(bytes, 0) == Some(0) && self.entry_len(le16(bytes, 4).unwrap_or(0)) == bytes.len();
        let sums = if is_root || is_node {
            htree::checksums(bytes, seed)
        } else {
            leaf_checksums(bytes, seed)
        };
        match sums {
            Some((expected, found)) if expected == found => {}
            Some((expected, found)) => damage.corrupt(
                at,
                say!(
                    error_ext_checksum,
                    what = say!(ext_directory_block),
                    expected = format!("{expected:#010x}"),
                    found = format!("{found:#010x}")
                ),
            ),
            None => damage.corrupt(at, say!(error_ext_directory_no_checksum)),
        }
    }

    /// Visits the entries of one block, without regard to damage.
    pub(super) fn leaf(&self, bytes: &[u8], visit: &mut Visit<'_>) {
        let area = Area {
            bytes,
            at: 0,
            encrypted: false,
        };
        let _ = self.block(area, &mut Damage::default(), visit);
    }

    /// The entries of one block (or of inline contents) at byte `at`.
    fn block(&self, area: Area<'_>, damage: &mut Damage, visit: &mut Visit<'_>) -> ControlFlow<()> {
        let Area {
            bytes,
            at,
            encrypted,
        } = area;
        let mut offset = 0_usize;
        // What is too short for an entry at the end of inline contents is padding.
        while let Some(entry) = bytes.get(offset..).filter(|rest| rest.len() >= HEAD) {
            let len = self.entry_len(le16(entry, 4).unwrap_or(0));
            let inode = le32(entry, 0).unwrap_or(0);
            let field = le16(entry, 6).unwrap_or(0);
            let (name_len, kind) = if self.sb.has_filetype() {
                let [name_len, kind] = field.to_le_bytes();
                (usize::from(name_len), kind)
            } else {
                (usize::from(field), 0)
            };
            let here = at.saturating_add(offset as u64);
            if len < TAIL || !len.is_multiple_of(4) || len > entry.len() {
                // Inline contents that are not used up are zeros.
                if len != 0 || entry.iter().any(|b| *b != 0) || bytes.len() >= 1024 {
                    damage.corrupt(
                        here.saturating_add(4),
                        say!(error_ext_entry_length, length = len, left = entry.len()),
                    );
                }
                return ControlFlow::Continue(());
            }
            offset = offset.saturating_add(len);
            if inode == 0 {
                continue;
            }
            let own = entry.get(HEAD..len).unwrap_or_default();
            let Some(name) = own.get(..name_len) else {
                damage.corrupt(
                    here.saturating_add(6),
                    say!(error_ext_entry_name, name = name_len, entry = len),
                );
                continue;
            };
            if name == b"." || name == b".." {
                continue;
            }
            let impossible = name.iter().any(|b| matches!(b, b'/' | 0));
            if name.is_empty() || impossible && !encrypted {
                damage.corrupt(
                    here.saturating_add(8),
                    say!(
                        error_ext_name_invalid,
                        name = terminal_bytes(name),
                        inode = inode
                    ),
                );
                continue;
            }
            if inode > self.sb.inodes {
                damage.corrupt(
                    here,
                    say!(
                        error_ext_name_nowhere,
                        name = terminal_bytes(name),
                        inode = inode
                    ),
                );
            }
            visit(OnDiskEntry { inode, name, kind })?;
        }
        ControlFlow::Continue(())
    }

    /// The length of an entry: blocks of 64 KiB need one bit more than the field has.
    pub(super) fn entry_len(&self, field: u16) -> usize {
        let len = usize::from(field);
        if self.sb.block_size < 65536 {
            len
        } else if len == 65535 || len == 0 {
            65536
        } else {
            (len & 65532) | (len & 3) << 16
        }
    }
}

/// Expected and found checksum of a block of names.
fn leaf_checksums(bytes: &[u8], seed: u32) -> Option<(u32, u32)> {
    let (entries, tail) = bytes.split_at_checked(bytes.len().checked_sub(TAIL)?)?;
    // Inode 0, 12 bytes long, no name, type 0xDE.
    let is_tail = tail.starts_with(&[0, 0, 0, 0, 12, 0, 0, 0xDE]);
    is_tail.then_some((crc32c(seed, entries), le32(tail, 8)?))
}

/// Base64 with the alphabet for file names (RFC 4648, section 5), without padding.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a group has 1 to 3 bytes, so shifts are 0 to 18; six bits index 64 letters"
)]
fn base64url(bytes: &[u8]) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = Vec::with_capacity(bytes.len().div_ceil(3).saturating_mul(4));
    for group in bytes.chunks(3) {
        let bits =
            group.iter().fold(0_u32, |b, c| b << 8 | u32::from(*c)) << (8 * (3 - group.len()));
        // As many digits as bytes, and one more.
        for digit in 0..=group.len() {
            out.push(ALPHABET[(bits >> (18 - 6 * digit) & 63) as usize]);
        }
    }
    out
}

/// True where a directory's map names a block of the volume twice: names could be multiplied.
fn overlaps(map: &BlockMap) -> bool {
    let mut places: Vec<(u64, u64)> = map
        .runs
        .iter()
        .filter_map(|r| match r.place {
            Place::Data(block) => Some((block, block.saturating_add(r.len.into()))),
            _ => None,
        })
        .collect();
    places.sort_unstable();
    let next = places.iter().skip(1);
    places
        .iter()
        .zip(next)
        .any(|((_, end), (start, _))| end > start)
}

/// The kind that an entry's type byte tells.
fn kind(byte: u8) -> Option<FileKind> {
    // Lustre marks additions behind the name in the high half.
    Some(match byte & 0xF {
        1 => FileKind::Regular,
        2 => FileKind::Directory,
        3 => FileKind::CharDevice,
        4 => FileKind::BlockDevice,
        5 => FileKind::Fifo,
        6 => FileKind::Socket,
        7 => FileKind::Symlink,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::base64url;

    /// The test vectors of RFC 4648, section 10, without padding.
    #[test]
    fn base64_of_the_rfc() {
        for (plain, text) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
        ] {
            assert_eq!(base64url(plain.as_bytes()), text.as_bytes());
        }
        assert_eq!(base64url(&[0xFB, 0xFF]), b"-_8");
    }
}
