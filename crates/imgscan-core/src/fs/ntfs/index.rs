//! Indexes: the B-trees of directories and of `$Secure`, in `$INDEX_ROOT` and, from a few
//! entries on, in the blocks of `$INDEX_ALLOCATION`, of which `$BITMAP` says which are in use.

use std::cmp::Ordering;
use std::collections::HashSet;

use crate::bytes::{le16, le32, le64};
use crate::error::{Error, Result};
use crate::source::ReadAt;
use crate::text::Text;

use super::boot::restore;
use super::name::{UpCase, units};
use super::node::{Node, Value};
use super::record::{Reference, kind};
use super::runs::Extents;
use super::{Volume, corrupt};

/// The index of names, `$I30` in UTF-16LE.
pub(super) const NAMES: &[u8] = b"$\0I\x003\x000\0";
/// The index of security descriptors by number, `$SII`.
pub(super) const SECURITY_IDS: &[u8] = b"$\0S\0I\0I\0";

/// Entry flag: a block with smaller keys hangs below.
const HAS_CHILD: u16 = 1;
/// Entry flag: the last of its block, without a key.
const LAST: u16 = 2;
/// Blocks on the way to a name. Windows needs four levels for a billion names, and names that are
/// equal but for case lead into a few more blocks.
const MAX_VISITED: usize = 128;
/// Problems of one directory that are told one by one.
const MAX_DAMAGE: usize = 64;
/// Bytes of blocks that are read together.
const BATCH: u64 = 64 * 1024;

/// An entry.
#[derive(Clone, Copy)]
pub(super) struct IndexEntry<'a> {
    /// All of it.
    pub(super) bytes: &'a [u8],
    /// The key; empty in the last entry.
    pub(super) key: &'a [u8],
    /// Where the block with smaller keys begins, in the units of the index.
    child: Option<u64>,
}

/// A name in a directory's index: the layout of `$FILE_NAME`.
#[derive(Clone, Copy)]
pub(super) struct FileName<'a> {
    /// The file.
    pub(super) reference: Reference,
    /// True for a name that is only the short (8.3) form of another one.
    pub(super) short: bool,
    /// The name in UTF-16LE.
    pub(super) name: &'a [u8],
}

impl<'a> IndexEntry<'a> {
    /// The entry as one of a directory.
    pub(super) fn file_name(&self) -> Option<FileName<'a>> {
        const DOS: u8 = 2;
        let len = usize::from(*self.key.get(64)?).saturating_mul(2);
        Some(FileName {
            reference: le64(self.bytes, 0)?.into(),
            short: *self.key.get(65)? == DOS,
            name: self.key.get(66..)?.get(..len).filter(|n| !n.is_empty())?,
        })
    }
}

/// An index that is open.
pub(super) struct Index {
    root: Vec<u8>,
    root_offset: u64,
    blocks: Option<Extents>,
    in_use: Vec<u8>,
    /// Bytes of a block.
    block: u64,
    /// Bytes that a block number counts.
    unit: u64,
    sector: u32,
}

/// Where the header of the entries stands in `$INDEX_ROOT`.
const ROOT_HEADER: usize = 16;
/// Where it stands in a block.
const BLOCK_HEADER: usize = 24;

impl Index {
    /// Opens the index `name` of `node`; `None` where it has none.
    ///
    /// # Errors
    /// If its root can't be read. What else is damaged shows in [`Index::scan`].
    pub(super) fn open(volume: &Volume, node: &Node, name: &[u8]) -> Result<Option<Self>> {
        let Some(root) = node.find_or_damage(kind::INDEX_ROOT, name)? else {
            return Ok(None);
        };
        let bad = |why: Text| corrupt(root.offset, say!(error_ntfs_index_root, why = why));
        let bytes = root
            .resident()
            .ok_or_else(|| bad(say!(error_ntfs_index_nonresident)))?;
        let block = le32(bytes, 8).unwrap_or(0);
        if !block.is_power_of_two() || !(512..=65536).contains(&block) {
            return Err(bad(say!(error_ntfs_index_block_size, size = block)));
        }
        let blocks = match node.find(kind::INDEX_ALLOCATION, name) {
            None => None,
            Some(attribute) => match &attribute.value {
                Value::Mapped(mapped) => Some(volume.extents(mapped, attribute.offset)?),
                Value::Resident(_) => return Err(bad(say!(error_ntfs_index_allocation))),
            },
        };
        let in_use = match node.find(kind::BITMAP, name) {
            None => Vec::new(),
            Some(attribute) => {
                // A bit for each block: no more than the image can hold.
                let image = volume
                    .clusters
                    .saturating_mul(u64::from(volume.boot.cluster));
                let blocks = image.checked_div(u64::from(block)).unwrap_or(0);
                let most = (blocks / 8).saturating_add(8);
                let data = volume.contents(attribute)?;
                let len = usize::try_from(data.len().min(most)).unwrap_or(0);
                crate::source::read_vec(data.as_ref(), 0, len)?
            }
        };
        let cluster = u64::from(volume.boot.cluster);
        Ok(Some(Self {
            root: bytes.to_vec(),
            root_offset: root.offset,
            blocks,
            in_use,
            block: u64::from(block),
            // Blocks smaller than a cluster are counted in units of 512 bytes.
            unit: if cluster <= u64::from(block) {
                cluster
            } else {
                512
            },
            sector: volume.boot.sector,
        }))
    }

    /// Bytes of memory that it takes.
    pub(super) fn held(&self) -> usize {
        let runs = self.blocks.as_ref().map_or(0, |blocks| blocks.runs.held());
        let lists = self.root.len().saturating_add(self.in_use.len());
        lists.saturating_add(runs).saturating_add(size_of::<Self>())
    }

    fn is_in_use(&self, block: u64) -> bool {
        usize::try_from(block / 8)
            .ok()
            .and_then(|at| self.in_use.get(at))
            .is_some_and(|byte| byte >> (block % 8) & 1 != 0)
    }

    /// Number of blocks.
    fn count(&self) -> u64 {
        self.blocks
            .as_ref()
            .and_then(|b| b.size.min(b.initialized).checked_div(self.block))
            .unwrap_or(0)
    }

    /// Hands every entry to `visit`, those of the root first, then block by block. Returns what
    /// is damaged: each may hide entries.
    pub(super) fn scan(&self, visit: &mut dyn FnMut(IndexEntry<'_>)) -> Vec<Error> {
        let mut scan = Scan {
            visit,
            referred: HashSet::new(),
            fresh: Vec::new(),
            read: HashSet::new(),
            damage: Vec::new(),
            more: 0,
        };
        scan.node(&self.root, ROOT_HEADER, self.root_offset, self);
        let blocks = self.count();
        let mut next = 0;
        while next < blocks {
            next = self.batch(next, blocks, &mut scan);
        }
        // The system's look-up follows the tree, whatever the bitmap says.
        while let Some(block) = scan.fresh.pop() {
            if !scan.read.insert(block) {
                continue;
            }
            let at = block.saturating_mul(self.block);
            scan.damage(self.bad(at, say!(error_ntfs_index_unmarked, at = at)));
            match self.read(block) {
                Ok(bytes) => scan.node(&bytes, BLOCK_HEADER, self.physical(at), self),
                Err(damage) => scan.damage(damage),
            }
        }
        if scan.more > 0 {
            let detail = say!(error_ntfs_index_more, count = scan.more);
            scan.damage.push(corrupt(self.root_offset, detail));
        }
        scan.damage
    }

    /// Reads the blocks in use from `first` on, as many as belong together, and returns the next.
    #[expect(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::indexing_slicing,
        reason = "blocks have 512 to 65,536 bytes and lie inside the attribute (count), and a batch \
                  is at most BATCH bytes; the bits are sliced from no further than their end"
    )]
    fn batch(&self, first: u64, blocks: u64, scan: &mut Scan<'_>) -> u64 {
        let Some(data) = &self.blocks else {
            return blocks;
        };
        if !self.is_in_use(first) {
            // Whole bytes of zeros are skipped together.
            return if first.is_multiple_of(8)
                && self
                    .in_use
                    .get((first / 8) as usize)
                    .is_none_or(|b| *b == 0)
            {
                let skip = self.in_use[(first as usize / 8).min(self.in_use.len())..]
                    .iter()
                    .position(|b| *b != 0);
                skip.map_or(blocks, |n| (first / 8 + n as u64) * 8)
            } else {
                first + 1
            };
        }
        let most = (BATCH / self.block).max(1);
        let mut end = first + 1;
        while end < blocks && end - first < most && self.is_in_use(end) {
            end += 1;
        }
        let mut bytes = vec![0; ((end - first) * self.block) as usize];
        let whole = data.read_at(&mut bytes, first * self.block);
        for (i, block) in bytes.chunks_exact_mut(self.block as usize).enumerate() {
            let number = first + i as u64;
            let at = number * self.block;
            scan.read.insert(number);
            let single = match &whole {
                Ok(()) => Ok(()),
                Err(_) => data.read_at(block, at),
            };
            match single.and_then(|()| self.check(block, at)) {
                Ok(()) => scan.node(block, BLOCK_HEADER, self.physical(at), self),
                Err(damage) => scan.damage(damage),
            }
        }
        end
    }

    fn physical(&self, at: u64) -> u64 {
        let data = self.blocks.as_ref();
        data.and_then(|d| d.physical(at))
            .unwrap_or(self.root_offset)
    }

    fn bad(&self, at: u64, detail: Text) -> Error {
        corrupt(self.physical(at), detail)
    }

    /// Checks the signature and undoes the update sequence of the block at byte `at`.
    fn check(&self, bytes: &mut [u8], at: u64) -> Result<()> {
        if !bytes.starts_with(b"INDX") {
            return Err(self.bad(at, say!(error_ntfs_index_magic, at = at)));
        }
        restore(bytes, self.physical(at), self.sector)?;
        if le64(bytes, 16).and_then(|vcn| vcn.checked_mul(self.unit)) != Some(at) {
            return Err(self.bad(at, say!(error_ntfs_index_place, at = at)));
        }
        Ok(())
    }

    /// Reads block `block`.
    fn read(&self, block: u64) -> Result<Vec<u8>> {
        let at = block
            .checked_mul(self.block)
            .filter(|_| block < self.count())
            .ok_or_else(|| {
                corrupt(
                    self.root_offset,
                    say!(error_ntfs_index_block, block = block),
                )
            })?;
        let mut bytes = vec![0; usize::try_from(self.block).unwrap_or(0)];
        if let Some(data) = &self.blocks {
            data.read_at(&mut bytes, at)?;
        }
        self.check(&mut bytes, at)?;
        Ok(bytes)
    }

    /// The block that the child number `vcn` means.
    fn block_of(&self, vcn: u64) -> Option<u64> {
        let at = vcn.checked_mul(self.unit)?;
        at.is_multiple_of(self.block)
            .then(|| at.checked_div(self.block))
            .flatten()
    }

    /// The names equal to `name` without regard to case, by the tree.
    ///
    /// # Errors
    /// If a block on the way is damaged or out of order.
    pub(super) fn find(&self, name: &[u16], upcase: &UpCase) -> Result<Vec<(Reference, Vec<u8>)>> {
        let mut found = Vec::new();
        let root = (&self.root[..], ROOT_HEADER, self.root_offset);
        let mut visited = HashSet::new();
        self.descend(root, name, upcase, &mut visited, &mut found)?;
        Ok(found)
    }

    fn descend(
        &self,
        (bytes, header, offset): (&[u8], usize, u64),
        name: &[u16],
        upcase: &UpCase,
        visited: &mut HashSet<u64>,
        found: &mut Vec<(Reference, Vec<u8>)>,
    ) -> Result<()> {
        let mut previous: Option<&[u8]> = None;
        for entry in entries(bytes, header, offset) {
            let entry = entry?;
            let bad = |detail: Text| corrupt(offset, detail);
            let order = if entry.key.is_empty() {
                Ordering::Greater
            } else {
                let key = entry
                    .file_name()
                    .ok_or_else(|| bad(say!(error_ntfs_index_name)))?;
                if previous
                    .is_some_and(|p| upcase.compare(units(p), units(key.name)) == Ordering::Greater)
                {
                    return Err(bad(say!(error_ntfs_index_order)));
                }
                previous = Some(key.name);
                let order = upcase.compare(units(key.name), name.iter().copied());
                if order == Ordering::Equal {
                    found.push((key.reference, key.name.to_vec()));
                }
                order
            };
            if order == Ordering::Less {
                continue;
            }
            if let Some(child) = entry.child {
                // No block hangs in two places, and a sound tree is never deep.
                let block = self
                    .block_of(child)
                    .filter(|block| visited.len() < MAX_VISITED && visited.insert(*block));
                let block = block.ok_or_else(|| bad(say!(error_ntfs_index_child)))?;
                let below = self.read(block)?;
                let at = self.physical(block.saturating_mul(self.block));
                self.descend((&below, BLOCK_HEADER, at), name, upcase, visited, found)?;
            }
            if order == Ordering::Greater {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// A scan on its way.
struct Scan<'a> {
    visit: &'a mut dyn FnMut(IndexEntry<'_>),
    /// Blocks that entries refer to.
    referred: HashSet<u64>,
    /// The same, as far as it was not yet seen to that they are read.
    fresh: Vec<u64>,
    /// Blocks that were read.
    read: HashSet<u64>,
    damage: Vec<Error>,
    more: usize,
}

impl Scan<'_> {
    fn damage(&mut self, damage: Error) {
        if self.damage.len() < MAX_DAMAGE {
            self.damage.push(damage);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    fn node(&mut self, bytes: &[u8], header: usize, offset: u64, index: &Index) {
        for entry in entries(bytes, header, offset) {
            match entry {
                Ok(entry) => {
                    if let Some(child) = entry.child {
                        match index.block_of(child) {
                            Some(block) => {
                                if self.referred.insert(block) {
                                    self.fresh.push(block);
                                }
                            }
                            None => self.damage(corrupt(
                                offset,
                                say!(error_ntfs_index_nowhere, block = child),
                            )),
                        }
                    }
                    if !entry.key.is_empty() {
                        (self.visit)(entry);
                    }
                }
                Err(damage) => self.damage(damage),
            }
        }
    }
}

/// The entries of a root or block whose header stands at `header`; an error ends them.
fn entries(
    bytes: &[u8],
    header: usize,
    offset: u64,
) -> impl Iterator<Item = Result<IndexEntry<'_>>> {
    let fields = bytes.get(header..).unwrap_or_default();
    let field = |at: usize| le32(fields, at).map_or(usize::MAX, |v| v as usize);
    let mut at = field(0).saturating_add(header);
    let end = field(4).saturating_add(header);
    let mut done = false;
    std::iter::from_fn(move || {
        if done {
            return None;
        }
        let parsed = bytes.get(..end).and_then(|used| parse(used.get(at..)?));
        match parsed {
            Some((entry, last)) => {
                at = at.saturating_add(entry.bytes.len());
                done = last;
                Some(Ok(entry))
            }
            None => {
                done = true;
                let shown = at.min(bytes.len()) as u64;
                Some(Err(corrupt(
                    offset.saturating_add(shown),
                    say!(error_ntfs_index_entry),
                )))
            }
        }
    })
}

/// The entry that `bytes` begin with, and whether it is the last.
fn parse(bytes: &[u8]) -> Option<(IndexEntry<'_>, bool)> {
    let len = usize::from(le16(bytes, 8)?);
    let key_len = usize::from(le16(bytes, 10)?);
    let flags = le16(bytes, 12)?;
    let bytes = bytes.get(..len).filter(|_| len >= 16)?;
    let last = flags & LAST != 0;
    let child = if flags & HAS_CHILD != 0 {
        Some(le64(bytes, len.checked_sub(8).filter(|at| *at >= 16)?)?)
    } else {
        None
    };
    let key = if last {
        &[]
    } else {
        bytes.get(16..)?.get(..key_len).filter(|k| !k.is_empty())?
    };
    Some((IndexEntry { bytes, key, child }, last))
}
