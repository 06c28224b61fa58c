//! Metadata of the volume in memory: inode tables, directory blocks, extent and attribute blocks.

use std::num::NonZeroU64;
use std::ops::{Deref, Range};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Layer, Result};
use crate::source::{ReadAt, check_range};

/// What the cache holds at most, in bytes.
const CAPACITY: u64 = 16 << 20;

/// The smallest unit that is read, in bytes: a walk comes back to the neighbours of an inode.
const UNIT: NonZeroU64 = match NonZeroU64::new(16 << 10) {
    Some(unit) => unit,
    None => NonZeroU64::MIN,
};

/// A direct-mapped cache of aligned units. Each slot has a lock of its own, so threads meet only
/// where they read the same unit.
pub(super) struct Cache {
    volume: Arc<dyn ReadAt>,
    unit: NonZeroU64,
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
        let unit = NonZeroU64::new(block_size).map_or(UNIT, |size| size.max(UNIT));
        let slots = (CAPACITY / unit).min((volume.len() / unit).saturating_add(1));
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
        let start = number.saturating_mul(self.unit.get());
        let begin = usize::try_from(offset.saturating_sub(start)).unwrap_or(usize::MAX);
        let range = begin..begin.saturating_add(len);
        if range.end as u64 > self.unit.get() {
            return self.direct(offset, len);
        }
        let place = number.checked_rem(self.slots.len() as u64);
        let place = place.and_then(|place| self.slots.get(usize::try_from(place).ok()?));
        let Some(slot) = place else {
            return self.direct(offset, len);
        };
        if let Some((held, unit)) = &*slot.lock().unwrap_or_else(PoisonError::into_inner)
            && *held == number
        {
            return Ok(Bytes {
                unit: Arc::clone(unit),
                range,
            });
        }
        let left = self.unit.get().min(self.volume.len().saturating_sub(start));
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
