//! The block map of a file, resolved once: which blocks of the volume its blocks are.

use std::collections::HashSet;

use super::Core;
use super::changes::Ranges;
use super::inode::{EXTENTS, Inode};
use super::place::{Place, Run};
use super::{extent, indirect};
use crate::error::{Error, Layer, Result};

/// Most runs of one file that are held: what lies behind them can't be read.
const MAX_RUNS: usize = 1 << 21;
/// Most errors of one file that are kept apart.
const MAX_ERRORS: usize = 64;
/// The first block number that no file has.
pub(super) const END: u64 = u32::MAX as u64;

/// All runs in ascending order; what lies between them is a hole.
#[derive(Debug, Default)]
pub(super) struct BlockMap {
    /// The runs.
    pub runs: Vec<Run>,
    errors: Vec<Error>,
}

impl BlockMap {
    /// The error that [`Place::Bad`] names.
    pub(super) fn error(&self, number: u16) -> Error {
        self.errors
            .get(usize::from(number))
            .cloned()
            .unwrap_or_else(|| Error::corrupt(Layer::Ext, None, say!(error_ext_map)))
    }

    /// All that is wrong with the map, whether or not its blocks can be read.
    pub(super) fn errors(&self) -> &[Error] {
        &self.errors
    }

    /// The first run that ends behind block `logical`.
    pub(super) fn position(&self, logical: u64) -> usize {
        self.runs.partition_point(|r| r.end() <= logical)
    }
}

/// Builds a map in ascending order and keeps it bounded, whatever the disk says.
pub(super) struct Builder<'a> {
    /// The file system.
    pub core: &'a Core,
    /// Start value of the checksums of the inode's blocks.
    pub seed: u32,
    /// The block behind the last run.
    pub next: u64,
    map: BlockMap,
    visited: HashSet<u64>,
}

impl<'a> Builder<'a> {
    fn new(core: &'a Core, inode: &Inode) -> Self {
        Self {
            core,
            seed: inode.seed(core.sb.seed),
            next: 0,
            map: BlockMap::default(),
            visited: HashSet::new(),
        }
    }

    /// True where no more runs can be held.
    pub(super) fn full(&self) -> bool {
        self.next >= END
    }

    /// Notes an error and returns its number.
    pub(super) fn note(&mut self, error: Error) -> u16 {
        if self.map.errors.len() < MAX_ERRORS {
            self.map.errors.push(error);
        }
        u16::try_from(self.map.errors.len().saturating_sub(1)).unwrap_or(0)
    }

    /// Blocks `from` to `end` of the file can't be located because of `error`.
    pub(super) fn bad(&mut self, from: u64, end: u64, error: Error) {
        let number = self.note(error);
        self.push(from.max(self.next), end, Place::Bad(number));
    }

    /// Appends blocks `from` (at or behind [`Self::next`]) to `end`.
    pub(super) fn push(&mut self, from: u64, end: u64, mut place: Place) {
        let mut end = end.min(END);
        if from < self.next || from >= end {
            return;
        }
        if self.map.runs.len() >= MAX_RUNS {
            let number = self.note(Error::limit(
                Layer::Ext,
                None,
                say!(error_ext_pieces, most = MAX_RUNS),
            ));
            (place, end) = (Place::Bad(number), END);
        }
        self.next = end;
        // Both are below 2^32 by the limit above.
        let (Ok(logical), Ok(len)) = (u32::try_from(from), u32::try_from(end.saturating_sub(from)))
        else {
            return;
        };
        if let Some(last) = self.map.runs.last_mut() {
            let joined = match (last.place, place) {
                (Place::Data(a), Place::Data(b)) => a.checked_add(last.len.into()) == Some(b),
                (a, b) => a == b,
            };
            if joined && last.end() == from {
                last.len = last.len.saturating_add(len);
                return;
            }
        }
        self.map.runs.push(Run {
            logical,
            len,
            place,
        });
    }

    /// Where `count` blocks from `block` are, if the file system has them.
    pub(super) fn data(&mut self, block: u64, count: u64, at: u64) -> Place {
        let sb = &self.core.sb;
        let inside = block > u64::from(sb.first_data_block)
            && block.checked_add(count).is_some_and(|end| end <= sb.blocks);
        if inside {
            return Place::Data(block);
        }
        let error = Error::corrupt(
            Layer::Ext,
            at,
            say!(
                error_ext_data_outside,
                length = count,
                block = block,
                blocks = sb.blocks
            ),
        );
        Place::Bad(self.note(error))
    }

    /// A block of the map itself. Each is read once: a map that comes back to one is cyclic.
    pub(super) fn node(&mut self, block: u64) -> Result<super::cache::Bytes> {
        let size = self.core.sb.block_size;
        let at = block.checked_mul(size.into());
        let (Some(at), true) = (at, block < self.core.sb.blocks && block > 0) else {
            return Err(Error::corrupt(
                Layer::Ext,
                None,
                say!(
                    error_ext_map_outside,
                    block = block,
                    blocks = self.core.sb.blocks
                ),
            ));
        };
        if !self.visited.insert(block) {
            return Err(Error::corrupt(Layer::Ext, at, say!(error_ext_map_twice)));
        }
        self.core.cache.read(at, size as usize)
    }

    fn finish(self) -> BlockMap {
        self.map
    }
}

impl Core {
    /// The block map of `inode`.
    pub(super) fn map(&self, inode: &Inode) -> BlockMap {
        let mut builder = Builder::new(self, inode);
        if inode.has(EXTENTS) {
            extent::read(&mut builder, inode);
        } else {
            indirect::read(&mut builder, inode);
        }
        let map = builder.finish();
        match self.fast.ranges(inode.number) {
            Some(edits) => edited(self, inode, map, edits),
            None => map,
        }
    }
}

/// `map` with the ranges that fast commits changed.
fn edited(core: &Core, inode: &Inode, map: BlockMap, edits: &Ranges) -> BlockMap {
    let mut builder = Builder::new(core, inode);
    builder.map.errors = map.errors;
    let mut old = map.runs.iter().copied().peekable();
    // What of a run is not covered by an edit stays; `keep` adds the part before `end`.
    let mut keep = |builder: &mut Builder<'_>, end: u64| {
        while let Some(run) = old.peek() {
            let from = u64::from(run.logical).max(builder.next);
            if from >= end {
                break;
            }
            let skipped = from.saturating_sub(run.logical.into());
            let place = match run.place {
                Place::Data(block) => Place::Data(block.saturating_add(skipped)),
                other => other,
            };
            builder.push(from, run.end().min(end), place);
            if run.end() > end {
                break;
            }
            old.next();
        }
    };
    for (from, end, place) in edits.iter() {
        keep(&mut builder, from);
        match place {
            Some(place) => {
                let place = match place {
                    Place::Data(block) => builder.data(block, end.saturating_sub(from), inode.at),
                    other => other,
                };
                builder.push(from, end, place);
            }
            None => builder.next = builder.next.max(end),
        }
    }
    keep(&mut builder, END);
    builder.finish()
}
