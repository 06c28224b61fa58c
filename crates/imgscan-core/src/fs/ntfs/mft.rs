//! The master file table: records by number, read several at a time and cached.

use std::collections::HashMap;
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, Kind, Layer, Result};
use crate::source::ReadAt;

use super::boot::{Boot, restore};
use super::record::{RawBody, Record, Reference, kind};
use super::runs::{Extents, Part, Runs};
use super::{corrupt, list, notice};

/// Bytes of the table that are read together.
const CHUNK: u64 = 32 * 1024;
/// Independent parts of the cache, so that threads seldom wait for each other.
const SHARDS: usize = 16;
/// Chunks in each part: 16 × 32 × 32 KiB are 16 MiB at most.
const PER_SHARD: usize = 32;

/// A chunk of records after their update sequences were undone.
struct Chunk {
    bytes: Arc<Vec<u8>>,
    /// What is wrong with each record; most often nothing.
    damage: Vec<Option<Error>>,
}

/// A chunk and when it was last used.
type Shard = HashMap<u64, (Arc<Chunk>, u64)>;

/// The table.
pub(super) struct Mft {
    data: Extents,
    record: u64,
    sector: u32,
    count: u64,
    /// Records of a chunk: 1 or more.
    per_chunk: NonZeroU64,
    shards: Vec<Mutex<Shard>>,
    /// What could not be read of the table's own map.
    pub(super) warnings: Vec<Error>,
}

impl Mft {
    /// Reads record 0 from where the boot sector points, or from the mirror, and the map of the
    /// table from it.
    pub(super) fn open(volume: &Arc<dyn ReadAt>, boot: &Boot, clusters: u64) -> Result<Self> {
        let mut warnings = Vec::new();
        let first = match read_alone(volume, boot, boot.mft) {
            Ok(record) => record,
            Err(damage) => {
                let mirrored = read_alone(volume, boot, boot.mirror);
                let record = mirrored.map_err(|_| damage.clone())?;
                warnings.push(notice(
                    damage.offset,
                    say!(error_ntfs_mirror, why = &*damage.detail),
                ));
                record
            }
        };
        let mut map = Map::of(&first, volume, boot, clusters)?;
        if let Err(damage) = map.extend(&first) {
            warnings.push(damage);
        }
        let data = map.extents()?;
        let record = u64::from(boot.record);
        Ok(Self {
            count: data
                .size
                .min(data.initialized)
                .checked_div(record)
                .unwrap_or(0),
            per_chunk: CHUNK
                .checked_div(record)
                .and_then(NonZeroU64::new)
                .unwrap_or(NonZeroU64::MIN),
            data,
            record,
            sector: boot.sector,
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            warnings,
        })
    }

    /// How many records the table has.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Record `number`, in use or not.
    pub(super) fn record(&self, number: u64) -> Result<Record> {
        if number >= self.count {
            return Err(Error::new(
                Layer::Ntfs,
                Kind::NotFound,
                None,
                say!(
                    error_ntfs_record_missing,
                    record = number,
                    count = self.count
                ),
            ));
        }
        let chunk = self.chunk(number / self.per_chunk)?;
        let within = usize::try_from(number % self.per_chunk).unwrap_or(usize::MAX);
        if let Some(Some(damage)) = chunk.damage.get(within) {
            return Err(damage.clone());
        }
        let at = number.saturating_mul(self.record);
        let len = usize::try_from(self.record).unwrap_or(0);
        Ok(Record {
            bytes: Arc::clone(&chunk.bytes),
            start: within.saturating_mul(len),
            len,
            number,
            offset: self.data.physical(at).unwrap_or(0),
        })
    }

    /// The record that `reference` leads to, in use and with the right sequence number.
    pub(super) fn referred(&self, reference: Reference) -> Result<Record> {
        let record = self.record(reference.record)?;
        if !record.in_use() {
            return Err(record.bad(22, say!(error_ntfs_record_unused)));
        }
        // Sequence 0 in a reference means that it is not checked.
        if reference.sequence != 0 && record.sequence() != reference.sequence {
            let (expected, found) = (reference.sequence, record.sequence());
            return Err(record.bad(
                16,
                say!(
                    error_ntfs_record_sequence,
                    found = found,
                    expected = expected
                ),
            ));
        }
        Ok(record)
    }

    fn chunk(&self, index: u64) -> Result<Arc<Chunk>> {
        #[expect(
            clippy::arithmetic_side_effects,
            clippy::cast_possible_truncation,
            clippy::indexing_slicing,
            reason = "the remainder is below SHARDS, the number of shards"
        )]
        let shard = &self.shards[(index % SHARDS as u64) as usize];
        {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let now = shard
                .values()
                .map(|(_, used)| *used)
                .max()
                .unwrap_or(0)
                .saturating_add(1);
            if let Some((chunk, used)) = shard.get_mut(&index) {
                *used = now;
                return Ok(Arc::clone(chunk));
            }
        }
        // Read without the lock; two threads may read the same chunk at the same time.
        let chunk = Arc::new(self.read_chunk(index)?);
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if shard.len() >= PER_SHARD
            && let Some(oldest) = shard
                .iter()
                .min_by_key(|(_, (_, used))| *used)
                .map(|(k, _)| *k)
        {
            shard.remove(&oldest);
        }
        let now = shard
            .values()
            .map(|(_, used)| *used)
            .max()
            .unwrap_or(0)
            .saturating_add(1);
        shard.insert(index, (Arc::clone(&chunk), now));
        Ok(chunk)
    }

    #[expect(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::indexing_slicing,
        reason = "a chunk is at most 64 KiB of whole records inside the table, whose length fits \
                  in 64 bits, and there is one place in `failed` for each record"
    )]
    fn read_chunk(&self, index: u64) -> Result<Chunk> {
        let size = CHUNK.max(self.record);
        let per_chunk = self.per_chunk.get();
        let start = index * size;
        let end = (start + size).min(self.count * self.record);
        let mut bytes = vec![0; (end - start) as usize];
        let each = self.record as usize;
        let mut failed = vec![None; bytes.len() / each];
        if self.data.read_at(&mut bytes, start).is_err() {
            // Part of it can't be read: then each record by itself.
            for (i, record) in bytes.chunks_exact_mut(each).enumerate() {
                let at = start + (i * each) as u64;
                failed[i] = self.data.read_at(record, at).err();
            }
        }
        for (i, record) in bytes.chunks_exact_mut(each).enumerate() {
            if failed[i].is_none() {
                let number = index * per_chunk + i as u64;
                let offset = self.data.physical(start + (i * each) as u64).unwrap_or(0);
                failed[i] = check(record, number, offset, self.sector).err();
            }
        }
        Ok(Chunk {
            bytes: Arc::new(bytes),
            damage: failed,
        })
    }
}

/// Checks the signature and undoes the update sequence of a record.
fn check(bytes: &mut [u8], number: u64, offset: u64, sector: u32) -> Result<()> {
    if !bytes.starts_with(b"FILE") {
        let found = crate::bytes::hex(bytes.get(..4).unwrap_or_default());
        let why = say!(error_ntfs_record_signature, found = found);
        return Err(corrupt(
            offset,
            say!(error_ntfs_record, record = number, why = why),
        ));
    }
    restore(bytes, offset, sector).map_err(|e| {
        corrupt(
            e.offset,
            say!(error_ntfs_record, record = number, why = &*e.detail),
        )
    })
}

/// Reads record 0 at cluster `lcn`.
fn read_alone(volume: &Arc<dyn ReadAt>, boot: &Boot, lcn: u64) -> Result<Record> {
    let offset = boot
        .offset(lcn)
        .filter(|_| lcn < boot.clusters)
        .ok_or_else(|| corrupt(0x30, say!(error_ntfs_mft_place, cluster = lcn)))?;
    let mut bytes = vec![0; boot.record as usize];
    volume.read_at(&mut bytes, offset)?;
    check(&mut bytes, 0, offset, boot.sector)?;
    Ok(Record {
        len: bytes.len(),
        bytes: Arc::new(bytes),
        start: 0,
        number: 0,
        offset,
    })
}

/// The map of the table while it is put together.
struct Map<'a> {
    volume: &'a Arc<dyn ReadAt>,
    boot: &'a Boot,
    clusters: u64,
    parts: Vec<Part>,
    size: u64,
    initialized: u64,
    offset: u64,
}

impl<'a> Map<'a> {
    /// The part of the map that stands in record 0.
    fn of(
        first: &Record,
        volume: &'a Arc<dyn ReadAt>,
        boot: &'a Boot,
        clusters: u64,
    ) -> Result<Self> {
        for raw in first.attributes() {
            let raw = raw?;
            if raw.kind == kind::DATA
                && raw.name.is_empty()
                && let RawBody::NonResident {
                    lowest: 0,
                    size,
                    initialized,
                    runs,
                    ..
                } = raw.body
            {
                let part = Part {
                    lowest: 0,
                    encoded: runs.to_vec(),
                    offset: first.offset.saturating_add(raw.at as u64),
                };
                return Ok(Self {
                    volume,
                    boot,
                    clusters,
                    parts: vec![part],
                    size,
                    initialized,
                    offset: first.offset,
                });
            }
        }
        Err(first.bad(0, say!(error_ntfs_mft_unmapped)))
    }

    fn extents(&self) -> Result<Extents> {
        Ok(Extents {
            volume: Arc::clone(self.volume),
            runs: Runs::decode(&self.parts, self.boot, self.clusters)?,
            cluster: u64::from(self.boot.cluster),
            size: self.size,
            initialized: self.initialized,
            offset: self.offset,
        })
    }

    /// Adds the parts that extension records hold. Each must lie in what is mapped so far.
    fn extend(&mut self, first: &Record) -> Result<()> {
        let Some(bytes) = list::read(first, self.volume, self.boot, self.clusters)? else {
            return Ok(());
        };
        let mut entries: Vec<list::AttributeListEntry> = Vec::new();
        for entry in list::entries(&bytes, first) {
            let entry = entry?;
            if entry.kind == kind::DATA && entry.name.is_empty() && entry.lowest > 0 {
                entries.push(entry);
            }
        }
        entries.sort_by_key(|e| e.lowest);
        for entry in entries {
            let record = self.record(entry.reference.record)?;
            // Its base is record 0, whose sequence number is 1.
            if Reference::from(record.base()).record != 0 {
                return Err(record.bad(32, say!(error_ntfs_mft_foreign)));
            }
            let part = record
                .attributes()
                .filter_map(Result::ok)
                .find_map(|raw| match raw.body {
                    RawBody::NonResident { lowest, runs, .. }
                        if raw.kind == kind::DATA && lowest == entry.lowest =>
                    {
                        Some(Part {
                            lowest,
                            encoded: runs.to_vec(),
                            offset: record.offset.saturating_add(raw.at as u64),
                        })
                    }
                    _ => None,
                });
            self.parts
                .push(part.ok_or_else(|| record.bad(0, say!(error_ntfs_mft_part)))?);
        }
        Ok(())
    }

    fn record(&self, number: u64) -> Result<Record> {
        let data = self.extents()?;
        let size = u64::from(self.boot.record);
        let at = number
            .checked_mul(size)
            .filter(|a| a.checked_add(size).is_some_and(|end| end <= data.size));
        let at = at.ok_or_else(|| {
            corrupt(
                self.offset,
                say!(error_ntfs_record_outside, record = number),
            )
        })?;
        let offset = data.physical(at).unwrap_or(0);
        let mut bytes = vec![0; self.boot.record as usize];
        data.read_at(&mut bytes, at)?;
        check(&mut bytes, number, offset, self.boot.sector)?;
        Ok(Record {
            len: bytes.len(),
            bytes: Arc::new(bytes),
            start: 0,
            number,
            offset,
        })
    }
}
