//! The file allocation table: chains of clusters, resolved into runs of bytes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bpb::{Bpb, Width};
use crate::bytes::{le16, le32};
use crate::error::{Error, Layer, Result};
use crate::source::{ReadAt, read_vec};
use crate::text::Text;

/// The table is read in windows of this many bytes; entries of FAT32 never cross one.
const WINDOW: u64 = 4096;
/// The longest run list of one chain: bounds memory on a hostile table (24 bytes each and index).
const MAX_RUNS: usize = 1 << 20;

/// A contiguous piece of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// First byte within the chain.
    pub(super) from: u64,
    /// First byte on the volume.
    pub(super) offset: u64,
    /// Length in bytes.
    pub(super) len: u64,
}

/// A chain as far as it could be followed, and why it ends early if it does.
#[derive(Debug, Clone, Default)]
pub(super) struct Chain {
    pub(super) runs: Vec<Run>,
    /// Bytes that the runs hold.
    pub(super) len: u64,
    pub(super) damage: Option<Error>,
}

/// What an entry of the table says of its cluster.
enum Next {
    Cluster(u32),
    End,
    Free,
    Bad,
}

/// The table in use.
pub(super) struct Table {
    volume: Arc<dyn ReadAt>,
    bpb: Bpb,
    /// All of a FAT12 or FAT16 table (at most 128 KiB): 12-bit entries cross every boundary.
    small: Option<Vec<u8>>,
}

impl Table {
    /// Opens the table; a small one is read at once, from whichever copy can be read.
    pub(super) fn open(volume: Arc<dyn ReadAt>, bpb: Bpb) -> Result<Self> {
        let bits = match bpb.width {
            Width::Fat12 => 12,
            Width::Fat16 => 16,
            Width::Fat32 => {
                return Ok(Self {
                    volume,
                    bpb,
                    small: None,
                });
            }
        };
        let entries = u64::from(bpb.clusters).saturating_add(2);
        let used = entries.saturating_mul(bits).div_ceil(8);
        let len = used.min(bpb.fat_len);
        let small = copies(&bpb, |start| {
            read_vec(volume.as_ref(), start, usize::try_from(len).unwrap_or(0))
        })?;
        Ok(Self {
            volume,
            bpb,
            small: Some(small),
        })
    }

    /// Follows the chain from `first` for at most `limit` bytes. `at` is where the chain was
    /// named, for errors.
    pub(super) fn chain(&self, first: u32, limit: u64, at: u64) -> Chain {
        let mut chain = Chain::default();
        // Start cluster of each run, to notice a cluster that was met before.
        let mut starts: BTreeMap<u32, u32> = BTreeMap::new();
        let mut run_start = first;
        let (mut cluster, mut named_at) = (first, at);
        let mut window = Window::default();
        while chain.len < limit {
            let Some(offset) = self.bpb.cluster_offset(cluster) else {
                return chain.ends(named_at, say!(error_fat_cluster_none, cluster = cluster));
            };
            let met = starts
                .range(..=cluster)
                .next_back()
                .is_some_and(|(_, end)| cluster < *end);
            if met {
                return chain.ends(named_at, say!(error_fat_cluster_loop, cluster = cluster));
            }
            let len = self.bpb.cluster;
            let pieces = chain.runs.len();
            match chain.runs.last_mut() {
                Some(run) if run.offset.checked_add(run.len) == Some(offset) => {
                    run.len = run.len.saturating_add(len);
                }
                _ if pieces == MAX_RUNS => {
                    chain.damage = Some(Error::limit(
                        Layer::Fat,
                        named_at,
                        say!(error_fat_pieces, most = MAX_RUNS),
                    ));
                    return chain;
                }
                _ => {
                    chain.runs.push(Run {
                        from: chain.len,
                        offset,
                        len,
                    });
                    run_start = cluster;
                }
            }
            starts.insert(run_start, cluster.saturating_add(1));
            chain.len = chain.len.saturating_add(len);
            if chain.len >= limit {
                break;
            }
            named_at = self.entry_offset(cluster);
            cluster = match self.next(cluster, &mut window) {
                Ok(Next::Cluster(next)) => next,
                Ok(Next::End) => return chain,
                Ok(Next::Free) => {
                    return chain.ends(named_at, say!(error_fat_cluster_free, cluster = cluster));
                }
                Ok(Next::Bad) => {
                    return chain.ends(named_at, say!(error_fat_cluster_bad, cluster = cluster));
                }
                Err(e) => {
                    chain.damage = Some(e);
                    return chain;
                }
            };
        }
        chain
    }

    /// The raw entry 1, whose upper bits say whether the volume was unmounted.
    pub(super) fn clean(&self) -> Result<bool> {
        let raw = self.raw(1, &mut Window::default())?;
        Ok(match self.bpb.width {
            Width::Fat12 => true,
            Width::Fat16 => raw & 0x8000 != 0,
            Width::Fat32 => raw & 0x0800_0000 != 0,
        })
    }

    /// Where the entry of `cluster` stands on the volume.
    fn entry_offset(&self, cluster: u32) -> u64 {
        let n = u64::from(cluster);
        let within = match self.bpb.width {
            Width::Fat12 => n.saturating_add(n / 2),
            Width::Fat16 => n.saturating_mul(2),
            Width::Fat32 => n.saturating_mul(4),
        };
        self.bpb.copy_start(self.bpb.active).saturating_add(within)
    }

    fn next(&self, cluster: u32, window: &mut Window) -> Result<Next> {
        let raw = self.raw(cluster, window)?;
        // The values above the highest cluster are 12, 16 or 28 bits of the same pattern.
        let base = match self.bpb.width {
            Width::Fat12 => 0xF00,
            Width::Fat16 => 0xFF00,
            Width::Fat32 => 0x0FFF_FF00,
        };
        Ok(match raw {
            0 => Next::Free,
            n if n >= base | 0xF8 => Next::End,
            n if n == base | 0xF7 => Next::Bad,
            n => Next::Cluster(n),
        })
    }

    fn raw(&self, cluster: u32, window: &mut Window) -> Result<u32> {
        let n = cluster as usize;
        let short = || {
            Error::corrupt(
                Layer::Fat,
                self.entry_offset(cluster),
                say!(error_fat_table_end),
            )
        };
        match (&self.small, self.bpb.width) {
            (Some(table), Width::Fat12) => {
                let pair = le16(table, n.saturating_add(n / 2)).ok_or_else(short)?;
                Ok(u32::from(if n.is_multiple_of(2) {
                    pair & 0xFFF
                } else {
                    pair >> 4
                }))
            }
            (Some(table), _) => le16(table, n.saturating_mul(2))
                .map(u32::from)
                .ok_or_else(short),
            (None, _) => {
                let within = u64::from(cluster).saturating_mul(4);
                let in_window = within % WINDOW;
                let start = within.saturating_sub(in_window);
                if window.at != Some(start) {
                    let len = self.bpb.fat_len.saturating_sub(start).min(WINDOW);
                    window.bytes = copies(&self.bpb, |fat| {
                        read_vec(
                            self.volume.as_ref(),
                            fat.saturating_add(start),
                            usize::try_from(len).unwrap_or(0),
                        )
                    })?;
                    window.at = Some(start);
                }
                let at = usize::try_from(in_window).unwrap_or(usize::MAX);
                let raw = le32(&window.bytes, at).ok_or_else(short)?;
                // Entry 1 carries its flags in bits 26 and 27; the upper four are reserved.
                Ok(raw & 0x0FFF_FFFF)
            }
        }
    }
}

/// The piece of a FAT32 table that was read last.
#[derive(Default)]
struct Window {
    at: Option<u64>,
    bytes: Vec<u8>,
}

impl Chain {
    fn ends(mut self, at: u64, why: Text) -> Self {
        self.damage = Some(Error::corrupt(Layer::Fat, at, why));
        self
    }
}

/// Calls `read` with the start of the table in use and then of the other copies, until one works;
/// the error is that of the first.
fn copies(bpb: &Bpb, read: impl Fn(u64) -> Result<Vec<u8>>) -> Result<Vec<u8>> {
    let start = |copy: u64| bpb.copy_start(copy);
    let first = match read(start(bpb.active)) {
        Ok(bytes) => return Ok(bytes),
        Err(e) => e,
    };
    (0..bpb.fats.min(4))
        .filter(|copy| *copy != bpb.active)
        .find_map(|copy| read(start(copy)).ok())
        .ok_or(first)
}
