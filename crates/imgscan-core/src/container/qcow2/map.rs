//! The cluster mapping: L1 and L2 tables (specification, sections "Cluster mapping" and
//! "Extended L2 Entries").

use std::sync::Arc;

use super::cache::Caches;
use super::header::{Header, L1};
use crate::bytes::be64;
use crate::error::{Error, Layer, Result};
use crate::source::{ReadAt, read_vec};
use crate::text::Text;

/// Bits 9 to 55 of L1 entries and standard L2 entries.
const OFFSET: u64 = 0x00ff_ffff_ffff_fe00;
/// Bit 62 of an L2 entry.
const COMPRESSED: u64 = 1 << 62;
/// Bit 63: with an external data file, an offset of 0 with this bit is allocated.
const COPIED: u64 = 1 << 63;
/// Bit 0 of a standard L2 entry.
const ZERO: u64 = 1;
/// Subclusters of a cluster with extended L2 entries, as a power of two.
const SUBCLUSTER_BITS: u32 = 5;
/// Tables are read and kept in blocks of at most this many bytes, as a power of two.
const BLOCK_BITS: u32 = 14;

/// Where bytes of the disk come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Run {
    /// All zeros.
    Zeros,
    /// The backing file's bytes, or zeros where there is none.
    Unallocated,
    /// One to one at this byte offset of the data file.
    Plain(u64),
    /// In a compressed cluster whose data begins at this byte of the image file and is at most
    /// `len` bytes long. A run ends with its cluster.
    Compressed {
        /// Byte offset in the image file.
        host: u64,
        /// Upper bound of the compressed bytes.
        len: u64,
    },
}

/// A run and how many bytes of the disk it serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) run: Run,
    pub(super) len: u64,
}

/// The mapping of one layer.
pub(super) struct Map {
    /// The layer's number in the caches.
    id: u32,
    file: Arc<dyn ReadAt>,
    caches: Arc<Caches>,
    l1: L1,
    version: u32,
    cluster_bits: u32,
    extended: bool,
    external: bool,
}

impl Map {
    pub(super) fn new(
        id: u32,
        file: Arc<dyn ReadAt>,
        caches: Arc<Caches>,
        header: &Header,
        l1: L1,
    ) -> Self {
        Self {
            id,
            file,
            caches,
            l1,
            version: header.version,
            cluster_bits: header.cluster_bits,
            extended: header.extended_l2,
            external: header.has_data_file,
        }
    }

    /// Cluster size in bytes.
    pub(super) fn cluster_size(&self) -> u64 {
        1 << self.cluster_bits
    }

    /// Bytes of an L2 entry as a power of two.
    fn entry_bits(&self) -> u32 {
        if self.extended { 4 } else { 3 }
    }

    /// Bytes that an L2 table maps, as a power of two: at most 2^39.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "cluster_bits is 9 to 21 (Header::read)"
    )]
    fn span_bits(&self) -> u32 {
        2 * self.cluster_bits - self.entry_bits()
    }

    /// Bytes that are mapped at once, as a power of two: a cluster or a subcluster.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "cluster_bits is at least 9, with subclusters at least 14 (Header::read)"
    )]
    fn unit_bits(&self) -> u32 {
        self.cluster_bits - if self.extended { SUBCLUSTER_BITS } else { 0 }
    }

    /// What serves the disk's bytes from `pos`, over at most `max` bytes (at least 1). `pos` lies
    /// inside the size that [`Header::check_l1`] saw.
    ///
    /// # Errors
    /// If the tables can't be read there or contradict the format.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "cluster_bits is 9 to 21 (Header::read), and positions are below 2^61: 2^22 L1 entries \
                  that span 2^39 bytes each"
    )]
    pub(super) fn extent(&self, pos: u64, max: u64) -> Result<Extent> {
        let index = pos >> self.span_bits();
        match self.l2_table(index)? {
            Some(table) => self.mapped(table, pos, max),
            None => {
                let end = pos.saturating_add(max);
                let mut next = index + 1;
                while next << self.span_bits() < end && matches!(self.l2_table(next), Ok(None)) {
                    next += 1;
                }
                Ok(Extent {
                    run: Run::Unallocated,
                    len: ((next << self.span_bits()) - pos).min(max),
                })
            }
        }
    }

    /// The block of a table that holds byte `at` of the file, and where in it that byte is. The
    /// block ends with the file where that comes first.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "both shifts are by at most BLOCK_BITS, and the block begins at or before `at`"
    )]
    fn block(&self, at: u64) -> Result<(Arc<[u8]>, usize)> {
        let bits = self.cluster_bits.min(BLOCK_BITS);
        let start = at >> bits << bits;
        let file_len = self.file.len();
        let block = self.caches.table((self.id, start), || {
            let len = file_len.saturating_sub(start).min(1 << bits);
            Ok(read_vec(&*self.file, start, usize::try_from(len).unwrap_or(0))?.into())
        })?;
        Ok((block, usize::try_from(at - start).unwrap_or(usize::MAX)))
    }

    fn cut(&self, at: u64) -> Error {
        Error::corrupt(
            Layer::Qcow2,
            at,
            say!(error_qcow2_table_past_end, size = self.file.len()),
        )
    }

    /// Where the L2 table `index` stands; `None` where nothing is allocated.
    fn l2_table(&self, index: u64) -> Result<Option<u64>> {
        if index >= u64::from(self.l1.entries) {
            return Ok(None);
        }
        let at = self.l1.offset.saturating_add(index.saturating_mul(8));
        let (block, i) = self.block(at)?;
        let entry = be64(&block, i).ok_or_else(|| self.cut(at))?;
        let table = entry & OFFSET;
        if table == 0 {
            return Ok(None);
        }
        if !table.is_multiple_of(self.cluster_size()) || table >= self.file.len() {
            return Err(Error::corrupt(
                Layer::Qcow2,
                at,
                say!(
                    error_qcow2_l1_entry,
                    index = index,
                    at = table,
                    size = self.file.len()
                ),
            ));
        }
        Ok(Some(table))
    }

    /// The run at `pos`, which the L2 table at `table` maps: up to the end of the table's block.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "cluster_bits is 9 to 21 (Header::read), and positions are below 2^61: 2^22 L1 entries \
                  that span 2^39 bytes each"
    )]
    fn mapped(&self, table: u64, pos: u64, max: u64) -> Result<Extent> {
        let clusters = 1 << (self.cluster_bits - self.entry_bits());
        let index = (pos >> self.cluster_bits) & (clusters - 1);
        let at = table.saturating_add(index << self.entry_bits());
        let (block, at_in_block) = self.block(at)?;
        let unit_bits = self.unit_bits();
        let first = pos >> unit_bits;
        // The first unit of the cluster that the entry at `at` is for.
        let origin = pos >> self.cluster_bits << (self.cluster_bits - unit_bits);
        let entries = (block.len() - at_in_block.min(block.len())) >> self.entry_bits();
        let limit = origin + ((entries as u64) << (self.cluster_bits - unit_bits));
        let unit_run = |unit: u64| {
            let skip = (unit >> (self.cluster_bits - unit_bits))
                - (origin >> (self.cluster_bits - unit_bits));
            let skip = skip << self.entry_bits();
            let i = at_in_block + usize::try_from(skip).unwrap_or(usize::MAX);
            self.unit(&block, i, at + skip, unit)
        };
        let run = unit_run(first)?;
        let end = pos.saturating_add(max);
        if matches!(run, Run::Compressed { .. }) {
            let cluster_end = (pos >> self.cluster_bits).saturating_add(1) << self.cluster_bits;
            return Ok(Extent {
                run,
                len: cluster_end.min(end) - pos,
            });
        }
        let mut next = first + 1;
        while next < limit && next << unit_bits < end {
            let same = match (run, unit_run(next)) {
                (Run::Plain(host), Ok(Run::Plain(other))) => {
                    host.checked_add((next - first) << unit_bits) == Some(other)
                }
                (Run::Zeros, Ok(Run::Zeros)) | (Run::Unallocated, Ok(Run::Unallocated)) => true,
                _ => false,
            };
            if !same {
                break;
            }
            next += 1;
        }
        let run = match run {
            // `first` begins before `pos`.
            Run::Plain(host) => Run::Plain(host.saturating_add(pos - (first << unit_bits))),
            other => other,
        };
        Ok(Extent {
            run,
            len: (next << unit_bits).min(end) - pos,
        })
    }

    /// The run of one unit, whose L2 entry is at byte `i` of `block` and at byte `at` of the file.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "cluster_bits is 9 to 21 (Header::read), `unit` is a position in units, and a compressed \
                  cluster has 1 to 2^13 sectors"
    )]
    fn unit(&self, block: &[u8], i: usize, at: u64, unit: u64) -> Result<Run> {
        let wrong = |detail: Text| Error::corrupt(Layer::Qcow2, at, detail);
        let entry = be64(block, i).ok_or_else(|| self.cut(at))?;
        if entry & COMPRESSED != 0 {
            if self.external {
                return Err(wrong(say!(error_qcow2_l2_compressed)));
            }
            let shift = 62 - (self.cluster_bits - 8);
            let host = entry & ((1 << shift) - 1);
            let sectors = (entry >> shift & ((1 << (self.cluster_bits - 8)) - 1)) + 1;
            return Ok(Run::Compressed {
                host,
                len: sectors * 512 - (host & 511),
            });
        }
        let host = entry & OFFSET;
        let allocated = host != 0 || (self.external && entry & COPIED != 0);
        if !host.is_multiple_of(self.cluster_size()) {
            return Err(wrong(say!(error_qcow2_l2_unaligned, at = host)));
        }
        let cluster = unit << self.unit_bits() >> self.cluster_bits << self.cluster_bits;
        if allocated && self.external && host != cluster {
            return Err(wrong(say!(
                error_qcow2_l2_external,
                guest = cluster,
                at = host
            )));
        }
        if self.extended {
            let bitmap = be64(block, i.saturating_add(8)).ok_or_else(|| self.cut(at))?;
            return self
                .subcluster(host, allocated, bitmap, unit)
                .map_err(wrong);
        }
        if entry & ZERO != 0 {
            if self.version < 3 {
                return Err(wrong(say!(error_qcow2_l2_zero)));
            }
            return Ok(Run::Zeros);
        }
        Ok(if allocated {
            Run::Plain(host)
        } else {
            Run::Unallocated
        })
    }

    fn subcluster(&self, host: u64, allocated: bool, bitmap: u64, unit: u64) -> Result<Run, Text> {
        let filled = bitmap & 0xffff_ffff;
        let zero = bitmap >> 32;
        if filled & zero != 0 {
            let bitmap = format!("{bitmap:#018x}");
            return Err(say!(error_qcow2_subcluster_both, bitmap = bitmap));
        }
        if !allocated && filled != 0 {
            let bitmap = format!("{bitmap:#018x}");
            return Err(say!(error_qcow2_subcluster_unmapped, bitmap = bitmap));
        }
        let sub = unit & ((1 << SUBCLUSTER_BITS) - 1);
        Ok(if zero >> sub & 1 != 0 {
            Run::Zeros
        } else if filled >> sub & 1 != 0 {
            Run::Plain(host.saturating_add(sub << self.unit_bits()))
        } else {
            Run::Unallocated
        })
    }
}
