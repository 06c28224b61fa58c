//! What is kept in memory of the image, bounded for the whole backing chain together.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::inflate::Inflate;
use crate::error::Result;
use crate::generations::Generations;

/// Layer of the chain and byte offset in its file.
pub(super) type Key = (u32, u64);

/// A decompressed cluster, or one that some thread is decompressing right now.
#[derive(Default)]
struct Slot(OnceLock<Result<Arc<[u8]>>>);

/// Bytes of L1 and L2 tables that are kept.
const TABLE_BYTES: usize = 8 << 20;
/// Bytes of decompressed clusters that are kept: the files of one directory are not always in the
/// order of the disk.
const CLUSTER_BYTES: usize = 24 << 20;
const SHARDS: usize = 16;
/// What an entry costs besides its bytes.
const OVERHEAD: usize = 128;

/// The caches of one container.
pub(super) struct Caches {
    hasher: RandomState,
    tables: [Mutex<Generations<Key, Arc<[u8]>>>; SHARDS],
    clusters: Mutex<Generations<Key, Arc<Slot>>>,
    idle: Mutex<Vec<Inflate>>,
}

impl Default for Caches {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            tables: std::array::from_fn(|_| Mutex::new(Generations::new(TABLE_BYTES / SHARDS))),
            clusters: Mutex::new(Generations::new(CLUSTER_BYTES)),
            idle: Mutex::default(),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // No invariant spans a panic: the values are caches.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Caches {
    /// The block of a table at `key`, read with `read` where it isn't kept. Errors are not kept.
    pub(super) fn table(
        &self,
        key: Key,
        read: impl FnOnce() -> Result<Arc<[u8]>>,
    ) -> Result<Arc<[u8]>> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::indexing_slicing,
            reason = "any bits of the hash choose a shard, and the remainder is below their number"
        )]
        let shard = &self.tables[self.hasher.hash_one(key) as usize % SHARDS];
        if let Some(block) = lock(shard).get(&key) {
            return Ok(block);
        }
        let block = read()?;
        lock(shard).insert(
            key,
            Arc::clone(&block),
            block.len().saturating_add(OVERHEAD),
        );
        Ok(block)
    }

    /// The cluster at `key` if it is kept and complete.
    pub(super) fn finished(&self, key: Key) -> Option<Arc<[u8]>> {
        let slot = lock(&self.clusters).get(&key)?;
        slot.0.get().and_then(|r| r.as_ref().ok()).cloned()
    }

    /// The cluster at `key`, which is `bytes` long. Of several threads that want the same cluster
    /// one runs `make`, the others wait for it.
    pub(super) fn cluster(
        &self,
        key: Key,
        bytes: usize,
        make: impl FnOnce() -> Result<Arc<[u8]>>,
    ) -> Result<Arc<[u8]>> {
        let slot = {
            let mut clusters = lock(&self.clusters);
            match clusters.get(&key) {
                Some(slot) => slot,
                None => {
                    let slot = Arc::new(Slot::default());
                    clusters.insert(key, Arc::clone(&slot), bytes.saturating_add(OVERHEAD));
                    slot
                }
            }
        };
        slot.0.get_or_init(make).clone()
    }

    /// Runs `work` with a decompressor of its own.
    pub(super) fn with_inflate<T>(&self, work: impl FnOnce(&mut Inflate) -> T) -> T {
        let mut inflate = lock(&self.idle).pop().unwrap_or_default();
        let out = work(&mut inflate);
        lock(&self.idle).push(inflate);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_that_want_one_cluster_make_it_once() {
        let caches = Caches::default();
        let made = std::sync::atomic::AtomicU32::new(0);
        std::thread::scope(|s| {
            for _ in 0..8 {
                s.spawn(|| {
                    let got = caches.cluster((0, 7), 3, || {
                        made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        Ok(Arc::from([1, 2, 3].as_slice()))
                    });
                    assert_eq!(&*got.unwrap(), &[1, 2, 3]);
                });
            }
        });
        assert_eq!(made.into_inner(), 1);
    }
}
