//! Metadata of the volume in memory: inode tables, directory blocks, extent and attribute blocks.

use std::ops::{Deref, Range};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Layer, Result};
use crate::source::{ReadAt, check_range};

/// What the cache holds at most, in bytes.
const CAPACITY: u64 = 16 << 20;

/// The smallest unit that is read, in bytes: a walk comes back to the neighbours of an inode.
const UNIT: u64 = 16 << 10;

/// A direct-mapped cache of aligned units. Each slot has a lock of its own, so threads meet only
/// where they read the same unit.
pub(super) struct Cache {
    volume: Arc<dyn ReadAt>,
    unit: u64,
    slots: Box<[Mutex<Slot>]>,
}

type Slot = Option<(u64, Arc<Vec<u8>>)>;

/// Bytes of the volume that stay valid when the cache forgets them.
#[derive(Clone)]
pub(super) struct Bytes {
    unit: Arc<Vec<u8>>,
    range: Range<usize>,
}

impl Deref for Bytes {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.unit.get(self.range.clone()).unwrap_or_default()
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        let range = 0..bytes.len();
        Self {
            unit: Arc::new(bytes),
            range,
        }
    }
}

impl Cache {
    /// A cache of `volume`, for reads that never cross a multiple of `block_size` bytes.
    pub(super) fn new(volume: Arc<dyn ReadAt>, block_size: u64) -> Self {
        let unit = UNIT.max(block_size);
        let slots = (CAPACITY / unit).min(volume.len() / unit + 1);
        Self {
            volume,
            unit,
            slots: (0..slots).map(|_| Mutex::new(None)).collect(),
        }
    }

    /// The `len` bytes at byte `offset`.
    pub(super) fn read(&self, offset: u64, len: usize) -> Result<Bytes> {
        check_range(Layer::Ext, offset, len as u64, self.volume.len())?;
        let number = offset / self.unit;
        let start = number * self.unit;
        let begin = usize::try_from(offset - start).unwrap_or(usize::MAX);
        let range = begin..begin.saturating_add(len);
        if range.end as u64 > self.unit {
            return self.direct(offset, len);
        }
        let slot = &self.slots[usize::try_from(number % self.slots.len() as u64).unwrap_or(0)];
        if let Some((held, unit)) = &*slot.lock().unwrap_or_else(PoisonError::into_inner)
            && *held == number
        {
            return Ok(Bytes {
                unit: Arc::clone(unit),
                range,
            });
        }
        let left = self.unit.min(self.volume.len() - start);
        let mut bytes = vec![0; usize::try_from(left).unwrap_or(0)];
        if self.volume.read_at(&mut bytes, start).is_err() {
            // Only a neighbour may be unreadable.
            return self.direct(offset, len);
        }
        let unit = Arc::new(bytes);
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some((number, Arc::clone(&unit)));
        Ok(Bytes { unit, range })
    }

    fn direct(&self, offset: u64, len: usize) -> Result<Bytes> {
        let mut bytes = vec![0; len];
        self.volume.read_at(&mut bytes, offset)?;
        Ok(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::source::MemorySource;

    struct BadTail(MemorySource);

    impl ReadAt for BadTail {
        fn len(&self) -> u64 {
            self.0.len()
        }
        fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
            if offset + buf.len() as u64 > 20_000 {
                return Err(Error::past_end(Layer::Source, offset, 0, 20_000));
            }
            self.0.read_at(buf, offset)
        }
    }

    #[test]
    fn what_can_be_read_beside_an_unreadable_sector_is_read() {
        let bytes: Vec<u8> = (0..40_000_u32).map(|i| i.to_le_bytes()[0]).collect();
        let cache = Cache::new(Arc::new(BadTail(MemorySource(bytes))), 1024);
        assert_eq!(cache.read(17_000, 3).unwrap()[..], [104, 105, 106]);
        assert_eq!(cache.read(5, 2).unwrap()[..], [5, 6]);
        assert!(cache.read(21_000, 1).is_err());
        assert!(cache.read(39_999, 2).is_err());
        assert!(cache.read(u64::MAX, 2).is_err());
    }
}
