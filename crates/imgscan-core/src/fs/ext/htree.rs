//! The hash index of a directory: a tree over its blocks, ordered by a hash of the names.
//!
//! Source of the layout and the hashes: the kernel's documentation, "ext4 Data Structures and
//! Algorithms", chapter "Hash Tree Directories"; the hashes are reduced MD4 and TEA.

use std::ops::ControlFlow;

use super::Core;
use super::checksum::crc32c;
use super::inode::Inode;
use super::map::BlockMap;
use super::place::Place;
use crate::bytes::{le16, le32};
use crate::fs::NodeId;

/// Bytes of an index entry: hash and block.
const ENTRY: usize = 8;
/// Levels of index nodes below the root, with `large_dir`.
const MAX_LEVELS: u8 = 3;

/// Where the count of the index entries stands in a block: behind one empty entry in a node,
/// behind `.`, `..` and the header in the root.
fn count_offset(bytes: &[u8]) -> usize {
    // The root's first entry is `.`, 12 bytes long; a node's spans the block.
    if le16(bytes, 4) == Some(12) { 32 } else { 8 }
}

/// The index entries of a node: (hash, block). The first has no hash and stands for 0.
fn entries(bytes: &[u8]) -> Option<impl Iterator<Item = (u32, u32)> + '_> {
    let at = count_offset(bytes);
    let list = bytes.get(at..)?;
    let (limit, count) = (le16(list, 0)?, le16(list, 2)?);
    let room = list.len() / ENTRY;
    if count == 0 || count > limit || usize::from(limit) > room {
        return None;
    }
    let list = list.chunks_exact(ENTRY).take(count.into());
    Some(list.enumerate().map(|(i, e)| {
        let hash = if i == 0 { 0 } else { le32(e, 0).unwrap_or(0) };
        (hash, le32(e, 4).unwrap_or(0) & 0x0FFF_FFFF)
    }))
}

/// Expected and found checksum of an index block; `None` where there is no room for one.
pub(super) fn checksums(bytes: &[u8], seed: u32) -> Option<(u32, u32)> {
    let at = count_offset(bytes);
    let (limit, count) = (le16(bytes, at)?, le16(bytes, at.checked_add(2)?)?);
    let behind = |entries: u16| usize::from(entries).checked_mul(ENTRY)?.checked_add(at);
    let used = bytes.get(..behind(count)?).filter(|_| count <= limit)?;
    let tail = bytes.get(behind(limit)?..)?;
    let crc = crc32c(crc32c(seed, used), tail.get(..4)?);
    Some((crc32c(crc, &[0; 4]), le32(tail, 4)?))
}

/// Finds `name` by the index of directory `inode`. `None` where it is not found or the index is
/// not sound.
pub(super) fn find(core: &Core, inode: &Inode, name: &[u8]) -> Option<NodeId> {
    let map = core.map(inode);
    let root = block(core, &map, 0)?;
    if le32(&root, 24)? != 0 || root.get(29) != Some(&8) {
        return None;
    }
    let hash = Hash::new(*root.get(28)?, core)?.of(name);
    let levels = *root.get(30)?;
    if levels > MAX_LEVELS {
        return None;
    }
    let mut node = root;
    for _ in 0..levels {
        let next = entries(&node)?.take_while(|(h, _)| *h <= hash).last()?.1;
        node = block(core, &map, next)?;
    }
    // Names of one hash may go on in the next block, whose hash is then odd.
    let leaves: Vec<u32> = {
        let list: Vec<(u32, u32)> = entries(&node)?.collect();
        let first = list.partition_point(|(h, _)| *h <= hash).checked_sub(1)?;
        let (first, rest) = list.get(first..)?.split_first()?;
        let more = rest.iter().take_while(|(h, _)| *h & !1 == hash);
        std::iter::once(first)
            .chain(more)
            .map(|(_, b)| *b)
            .collect()
    };
    leaves.into_iter().find_map(|leaf| {
        let mut found = None;
        core.leaf(&block(core, &map, leaf)?, &mut |entry| {
            if entry.name == name {
                found = Some(NodeId(entry.inode.into()));
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        found
    })
}

fn block(core: &Core, map: &BlockMap, logical: u32) -> Option<super::cache::Bytes> {
    let run = map.runs.get(map.position(logical.into()))?;
    let (Place::Data(start), Some(skip)) = (run.place, logical.checked_sub(run.logical)) else {
        return None;
    };
    let block = start.checked_add(skip.into())?;
    let at = block.checked_mul(core.sb.block_size.into())?;
    core.cache.read(at, core.sb.block_size as usize).ok()
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Legacy,
    HalfMd4,
    Tea,
}

/// A directory hash with its seed.
struct Hash {
    kind: Kind,
    unsigned: bool,
    seed: [u32; 4],
}

impl Hash {
    fn new(version: u8, core: &Core) -> Option<Self> {
        let (kind, unsigned) = match version {
            0 => (Kind::Legacy, core.sb.unsigned_hash),
            1 => (Kind::HalfMd4, core.sb.unsigned_hash),
            2 => (Kind::Tea, core.sb.unsigned_hash),
            3 => (Kind::Legacy, true),
            4 => (Kind::HalfMd4, true),
            5 => (Kind::Tea, true),
            // SipHash needs the directory's encryption key.
            _ => return None,
        };
        let given = core.sb.hash_seed;
        // MD4's own start values, where the file system has no seed.
        let own = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476];
        Some(Self {
            kind,
            unsigned,
            seed: if given == [0; 4] { own } else { given },
        })
    }

    /// The hash of `name`, its lowest bit clear.
    fn of(&self, name: &[u8]) -> u32 {
        let mut state = self.seed;
        let hash = match self.kind {
            Kind::Legacy => self.legacy(name),
            Kind::HalfMd4 => {
                let mut left = name.len();
                for part in name.chunks(32) {
                    half_md4(&mut state, &self.words::<8>(part, left));
                    left = left.saturating_sub(part.len());
                }
                state[1]
            }
            Kind::Tea => {
                let mut left = name.len();
                for part in name.chunks(16) {
                    tea(&mut state, &self.words::<4>(part, left));
                    left = left.saturating_sub(part.len());
                }
                state[0]
            }
        };
        // The largest value marks the end of a directory.
        match hash & !1 {
            0xFFFF_FFFE => 0xFFFF_FFFC,
            hash => hash,
        }
    }

    fn char(&self, c: u8) -> u32 {
        if self.unsigned {
            c.into()
        } else {
            i32::from(c.cast_signed()).cast_unsigned()
        }
    }

    fn legacy(&self, name: &[u8]) -> u32 {
        let (mut hash0, mut hash1) = (0x12A3_FE2D_u32, 0x37AB_E8F9_u32);
        for c in name {
            let mut hash = hash1.wrapping_add(hash0 ^ self.char(*c).wrapping_mul(7_152_373));
            if hash & 0x8000_0000 != 0 {
                hash = hash.wrapping_sub(0x7FFF_FFFF);
            }
            (hash1, hash0) = (hash0, hash);
        }
        hash0 << 1
    }

    /// Big-endian words of `part`, padded with the length of all that is left.
    fn words<const N: usize>(&self, part: &[u8], left: usize) -> [u32; N] {
        // A name has at most 255 bytes on the disk; a longer one is not found anyway.
        let low = u32::try_from(left & 0xFFFF).unwrap_or(0);
        let pad = low | low << 8;
        let pad = pad | pad << 16;
        let mut words = [pad; N];
        for (word, chars) in words.iter_mut().zip(part.chunks(4)) {
            *word = chars
                .iter()
                .fold(pad, |w, c| self.char(*c).wrapping_add(w << 8));
        }
        words
    }
}

/// One block of MD4 with three rounds of eight steps.
#[expect(
    clippy::indexing_slicing,
    reason = "the orders below name words 0 to 7 of 8, and steps are taken modulo 4"
)]
fn half_md4(state: &mut [u32; 4], input: &[u32; 8]) {
    type Mix = fn(u32, u32, u32) -> u32;
    let choose: Mix = |x, y, z| z ^ (x & (y ^ z));
    let majority: Mix = |x, y, z| (x & y).wrapping_add((x ^ y) & z);
    let parity: Mix = |x, y, z| x ^ y ^ z;
    let rounds: [(Mix, u32, [usize; 8], [u32; 4]); 3] = [
        (choose, 0, [0, 1, 2, 3, 4, 5, 6, 7], [3, 7, 11, 19]),
        (
            majority,
            0x5A82_7999,
            [1, 3, 5, 7, 0, 2, 4, 6],
            [3, 5, 9, 13],
        ),
        (
            parity,
            0x6ED9_EBA1,
            [3, 7, 2, 6, 1, 5, 0, 4],
            [3, 9, 11, 15],
        ),
    ];
    let [mut a, mut b, mut c, mut d] = *state;
    for (mix, constant, order, shifts) in rounds {
        for (step, word) in order.into_iter().enumerate() {
            let sum = a
                .wrapping_add(mix(b, c, d))
                .wrapping_add(input[word])
                .wrapping_add(constant)
                .rotate_left(shifts[step % 4]);
            (a, b, c, d) = (d, sum, b, c);
        }
    }
    for (old, new) in state.iter_mut().zip([a, b, c, d]) {
        *old = old.wrapping_add(new);
    }
}

/// 16 rounds of the Tiny Encryption Algorithm with the input as the key.
fn tea(state: &mut [u32; 4], key: &[u32; 4]) {
    let [mut x, mut y, ..] = *state;
    let mut sum = 0_u32;
    for _ in 0..16 {
        sum = sum.wrapping_add(0x9E37_79B9);
        x = x.wrapping_add(
            (y << 4).wrapping_add(key[0]) ^ y.wrapping_add(sum) ^ (y >> 5).wrapping_add(key[1]),
        );
        y = y.wrapping_add(
            (x << 4).wrapping_add(key[2]) ^ x.wrapping_add(sum) ^ (x >> 5).wrapping_add(key[3]),
        );
    }
    state[0] = state[0].wrapping_add(x);
    state[1] = state[1].wrapping_add(y);
}
