//! The contents of a regular file.

use std::num::NonZeroU64;
use std::ops::Range;
use std::sync::Arc;

use super::Core;
use super::inode::{ENCRYPTED, INLINE_DATA, Inode};
use super::map::BlockMap;
use super::place::Place;
use crate::error::{Error, Layer, Result};
use crate::source::{MemorySource, ReadAt, check_range};

struct File {
    volume: Arc<dyn ReadAt>,
    map: BlockMap,
    block_size: NonZeroU64,
    size: u64,
}

impl Core {
    /// The contents of `inode`.
    pub(super) fn contents(&self, inode: &Inode) -> Result<Arc<dyn ReadAt>> {
        if inode.has(ENCRYPTED) {
            return Err(Error::unsupported(
                Layer::Ext,
                inode.at,
                say!(error_ext_encrypted, inode = inode.number),
            ));
        }
        if inode.has(INLINE_DATA) {
            return Ok(Arc::new(MemorySource(self.inline_data(inode)?)));
        }
        if inode.size() > i64::MAX.cast_unsigned() {
            return Err(Error::corrupt(
                Layer::Ext,
                inode.at.saturating_add(4),
                say!(error_ext_size, size = inode.size()),
            ));
        }
        Ok(Arc::new(File {
            volume: Arc::clone(&self.volume),
            map: self.map(inode),
            block_size: NonZeroU64::new(self.sb.block_size.into()).unwrap_or(NonZeroU64::MIN),
            size: inode.size(),
        }))
    }
}

impl File {
    /// The bytes of the file that run `at` covers.
    fn bytes(&self, at: usize) -> Option<(Range<u64>, Place)> {
        let run = self.map.runs.get(at)?;
        let bytes = |blocks: u64| blocks.saturating_mul(self.block_size.get());
        Some((bytes(run.logical.into())..bytes(run.end()), run.place))
    }

    /// The byte of the volume where block `block` begins.
    fn place(&self, block: u64) -> u64 {
        block.saturating_mul(self.block_size.get())
    }
}

impl ReadAt for File {
    fn len(&self) -> u64 {
        self.size
    }

    fn read_at(&self, mut buf: &mut [u8], mut offset: u64) -> Result<()> {
        check_range(Layer::Ext, offset, buf.len() as u64, self.size)?;
        let mut at = self.map.position(offset / self.block_size);
        while !buf.is_empty() {
            let left = buf.len() as u64;
            let (end, place, start) = match self.bytes(at) {
                Some((run, place)) if run.start <= offset => (run.end, place, run.start),
                // Between runs, and behind the last, are holes.
                Some((run, _)) => (run.start, Place::Unwritten, offset),
                None => (u64::MAX, Place::Unwritten, offset),
            };
            let n = usize::try_from(left.min(end.saturating_sub(offset))).unwrap_or(buf.len());
            let (part, rest) = buf.split_at_mut(n);
            match place {
                Place::Data(block) => {
                    let skip = offset.saturating_sub(start);
                    self.volume
                        .read_at(part, self.place(block).saturating_add(skip))?;
                }
                Place::Unwritten => part.fill(0),
                Place::Bad(number) => return Err(self.map.error(number)),
            }
            offset = offset.saturating_add(n as u64);
            buf = rest;
            if offset == end && self.bytes(at).is_some_and(|(run, _)| run.end == end) {
                at = at.saturating_add(1);
            }
        }
        Ok(())
    }

    fn next_data(&self, from: u64) -> Result<Option<Range<u64>>> {
        let mut at = self.map.position(from / self.block_size);
        while let Some((run, place)) = self.bytes(at) {
            let range = run.start.max(from)..run.end.min(self.size);
            if range.is_empty() {
                return Ok(None);
            }
            match place {
                Place::Unwritten => {}
                Place::Bad(_) => return Ok(Some(range)),
                Place::Data(block) => {
                    let base = self.place(block);
                    let on_volume = |at: u64| base.saturating_add(at.saturating_sub(run.start));
                    let in_file = |at: u64| run.start.saturating_add(at.saturating_sub(base));
                    let inside = on_volume(range.start)..on_volume(range.end);
                    // An allocation map that can't be read shows when the data is read.
                    let Ok(found) = self.volume.next_data(inside.start) else {
                        return Ok(Some(range));
                    };
                    if let Some(found) = found.filter(|f| f.start < inside.end) {
                        let start = in_file(found.start.max(inside.start));
                        let end = in_file(found.end.min(inside.end));
                        return Ok(Some(start..end));
                    }
                    // A volume that is too short has no zeros behind its end.
                    if inside.end > self.volume.len() {
                        return Ok(Some(range));
                    }
                }
            }
            at = at.saturating_add(1);
        }
        Ok(None)
    }
}
