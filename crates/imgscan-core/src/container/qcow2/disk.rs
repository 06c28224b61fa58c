//! The disk that one layer of a chain shows.

use std::ops::Range;
use std::sync::Arc;

use super::cache::Caches;
use super::header::Compression;
use super::inflate::Inflate;
use super::map::{Map, Run};
use crate::error::{Error, Layer, Result};
use crate::source::{ReadAt, check_range};

/// Compressed clusters that stand close together are read from the file in one piece of at most
/// this many bytes (or one cluster).
const BATCH: u64 = 1 << 20;
/// [`ReadAt::next_data`] looks at no more runs than this in one call, so that tables that point at
/// each other over and over can't make it endless.
const MAX_RUNS: u32 = 1 << 16;
/// A range of data is not grown further than this in one call, in bytes.
const MAX_RANGE: u64 = 256 << 20;

/// What a layer reads where it has nothing allocated.
pub(super) struct Backing {
    pub(super) source: Arc<dyn ReadAt>,
    /// The file's name for messages.
    pub(super) name: String,
}

impl Backing {
    fn named(&self, e: Error) -> Error {
        e.within(say!(qcow2_backing, name = &self.name))
    }
}

/// One qcow2 file, or an internal snapshot of it, over its backing file.
pub(super) struct Disk {
    /// The layer's number in the caches.
    pub(super) id: u32,
    pub(super) map: Map,
    /// The image file: tables and compressed clusters.
    pub(super) file: Arc<dyn ReadAt>,
    /// Where plain clusters stand: the image file or the external data file.
    pub(super) data: Arc<dyn ReadAt>,
    pub(super) backing: Option<Backing>,
    pub(super) caches: Arc<Caches>,
    pub(super) compression: Compression,
    /// Virtual size in bytes.
    pub(super) len: u64,
}

/// A whole compressed cluster that is to be read.
struct Pending {
    /// Where it goes in the caller's buffer.
    at: usize,
    guest: u64,
    host: u64,
    /// Compressed bytes, inside the file.
    len: u64,
}

impl Disk {
    fn read_plain(&self, buf: &mut [u8], host: u64, guest: u64) -> Result<()> {
        let (len, size) = (buf.len() as u64, self.data.len());
        if host.checked_add(len).is_none_or(|end| end > size) {
            return Err(Error::corrupt(
                Layer::Qcow2,
                host.max(size.min(host.saturating_add(len))),
                say!(
                    error_qcow2_data_past_end,
                    from = guest,
                    to = guest.saturating_add(len),
                    at = host,
                    end = host.saturating_add(len),
                    size = size
                ),
            ));
        }
        self.data.read_at(buf, host)
    }

    fn read_backing(&self, buf: &mut [u8], pos: u64) -> Result<()> {
        let Some(backing) = &self.backing else {
            buf.fill(0);
            return Ok(());
        };
        // What lies behind the end of a shorter backing file reads as zeros.
        let there = backing.source.len().saturating_sub(pos);
        let there = usize::try_from(there).unwrap_or(usize::MAX).min(buf.len());
        let (inside, behind) = buf.split_at_mut(there);
        behind.fill(0);
        if inside.is_empty() {
            return Ok(());
        }
        backing
            .source
            .read_at(inside, pos)
            .map_err(|e| backing.named(e))
    }

    /// The compressed bytes of a cluster that are inside the file: its last sector may be cut.
    fn clipped(&self, host: u64, len: u64, guest: u64) -> Result<u64> {
        match self.file.len().checked_sub(host) {
            Some(rest) if rest > 0 => Ok(len.min(rest)),
            _ => Err(Error::corrupt(
                Layer::Qcow2,
                host,
                say!(
                    error_qcow2_compressed_past_end,
                    guest = guest,
                    size = self.file.len()
                ),
            )),
        }
    }

    fn inflate(
        &self,
        inflate: &mut Inflate,
        input: &[u8],
        out: &mut [u8],
        host: u64,
        guest: u64,
    ) -> Result<()> {
        inflate
            .cluster(self.compression, input, out)
            .map_err(|why| {
                Error::corrupt(
                    Layer::Qcow2,
                    host,
                    say!(error_qcow2_compressed, guest = guest, why = why),
                )
            })
    }

    /// Copies a part of a compressed cluster out of the cache, decompressing it before if needed.
    fn read_part(&self, buf: &mut [u8], pos: u64, host: u64, len: u64) -> Result<()> {
        let size = self.map.cluster_size();
        let guest = pos & !size.wrapping_sub(1);
        let len = self.clipped(host, len, guest)?;
        let bytes = usize::try_from(size).unwrap_or(0);
        let cluster = self.caches.cluster((self.id, host), bytes, || {
            self.caches.with_inflate(|inflate| {
                let mut out = vec![0; bytes];
                let mut input = std::mem::take(&mut inflate.input);
                let result = self
                    .fill(&mut input, host, len)
                    .and_then(|()| self.inflate(inflate, &input, &mut out, host, guest));
                inflate.input = input;
                result.map(|()| out.into())
            })
        })?;
        // A host offset that two guest clusters share is one cluster of the same size.
        let start = usize::try_from(pos.saturating_sub(guest)).unwrap_or(usize::MAX);
        let part = cluster.get(start..).unwrap_or_default();
        #[expect(
            clippy::indexing_slicing,
            reason = "a run of a compressed cluster ends with the cluster (Map::mapped)"
        )]
        buf.copy_from_slice(&part[..buf.len()]);
        Ok(())
    }

    /// Makes `input` the `len` bytes at `host` of the image file.
    fn fill(&self, input: &mut Vec<u8>, host: u64, len: u64) -> Result<()> {
        // At most BATCH or the compressed bytes of one cluster, 4 MiB.
        input.resize(usize::try_from(len).unwrap_or(0), 0);
        self.file.read_at(input, host)
    }

    /// Decompresses whole clusters straight into the caller's buffer, reading those that stand
    /// together in one piece.
    #[expect(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        reason = "read_compressed made each Pending of a cluster of this buffer and of bytes inside \
                  the file; a group's input goes from its first byte to its last"
    )]
    fn flush(&self, buf: &mut [u8], pending: &mut Vec<Pending>) -> Result<()> {
        let bytes = usize::try_from(self.map.cluster_size()).unwrap_or(0);
        let mut rest = pending.as_slice();
        while let Some(first) = rest.first() {
            let mut end = first.host + first.len;
            let mut count = 1;
            for next in &rest[1..] {
                let next_end = end.max(next.host + next.len);
                let near = next.host >= first.host && next.host <= end;
                if !near || next_end - first.host > BATCH {
                    break;
                }
                end = next_end;
                count += 1;
            }
            let (group, later) = rest.split_at(count);
            rest = later;
            self.caches.with_inflate(|inflate| {
                let mut input = std::mem::take(&mut inflate.input);
                let mut result = self.fill(&mut input, first.host, end - first.host);
                for p in group {
                    if result.is_err() {
                        break;
                    }
                    // Inside the group, which is at most a few MiB.
                    let start = usize::try_from(p.host - first.host).unwrap_or(0);
                    let len = usize::try_from(p.len).unwrap_or(0);
                    let out = &mut buf[p.at..p.at + bytes];
                    let input = &input[start..start + len];
                    result = self.inflate(inflate, input, out, p.host, p.guest);
                }
                inflate.input = input;
                result
            })?;
        }
        pending.clear();
        Ok(())
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "`at` is a range of `buf` (read_at)"
    )]
    fn read_compressed(
        &self,
        buf: &mut [u8],
        at: Range<usize>,
        pos: u64,
        (host, len): (u64, u64),
        pending: &mut Vec<Pending>,
    ) -> Result<()> {
        if at.len() as u64 != self.map.cluster_size() {
            return self.read_part(&mut buf[at], pos, host, len);
        }
        if let Some(kept) = self.caches.finished((self.id, host)) {
            buf[at].copy_from_slice(&kept);
            return Ok(());
        }
        pending.push(Pending {
            at: at.start,
            guest: pos,
            host,
            len: self.clipped(host, len, pos)?,
        });
        Ok(())
    }

    /// Where the run at `pos` ends, and what of it may hold data.
    fn data_at(&self, pos: u64) -> Result<(Option<Range<u64>>, u64)> {
        let extent = self.map.extent(pos, self.len.saturating_sub(pos))?;
        let end = pos.saturating_add(extent.len);
        let data = match extent.run {
            Run::Zeros => None,
            Run::Compressed { .. } => Some(pos..end),
            Run::Unallocated => match &self.backing {
                None => None,
                Some(backing) => backing
                    .source
                    .next_data(pos)
                    .map_err(|e| backing.named(e))?
                    .filter(|r| r.start < end)
                    .map(|r| r.start..r.end.min(end)),
            },
            Run::Plain(host) => {
                // Behind the end of the file is damage, not a hole.
                let inside = self.data.len().saturating_sub(host).min(extent.len);
                let hole = match self.data.next_data(host)? {
                    _ if inside == 0 => 0,
                    Some(r) => r.start.saturating_sub(host).min(inside),
                    None => inside,
                };
                (hole < extent.len).then(|| pos.saturating_add(hole)..end)
            }
        };
        Ok((data, end))
    }
}

impl ReadAt for Disk {
    fn len(&self) -> u64 {
        self.len
    }

    #[expect(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        reason = "the range lies on the disk (check_range), and an extent is no longer than what \
                  is left of it (Map::extent)"
    )]
    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        check_range(Layer::Qcow2, offset, buf.len() as u64, self.len)?;
        let mut pending = Vec::new();
        let mut done = 0;
        while done < buf.len() {
            let pos = offset + done as u64;
            let extent = self.map.extent(pos, (buf.len() - done) as u64)?;
            // No longer than the rest of the buffer.
            let n = usize::try_from(extent.len).unwrap_or(0);
            let part = done..done + n;
            match extent.run {
                Run::Zeros => buf[part].fill(0),
                Run::Unallocated => self.read_backing(&mut buf[part], pos)?,
                Run::Plain(host) => self.read_plain(&mut buf[part], host, pos)?,
                Run::Compressed { host, len } => {
                    self.read_compressed(buf, part, pos, (host, len), &mut pending)?;
                }
            }
            done += n;
        }
        self.flush(buf, &mut pending)
    }

    fn next_data(&self, from: u64) -> Result<Option<Range<u64>>> {
        let mut pos = from;
        let mut found: Option<Range<u64>> = None;
        for _ in 0..MAX_RUNS {
            if pos >= self.len {
                return Ok(found);
            }
            let (data, end) = match (self.data_at(pos), &found) {
                (Ok(seen), _) => seen,
                (Err(_), Some(_)) => return Ok(found),
                (Err(e), None) => return Err(e),
            };
            match (&mut found, data) {
                (None, data) => {
                    if data.as_ref().is_some_and(|r| r.end < end) {
                        return Ok(data);
                    }
                    found = data;
                }
                (Some(range), Some(more)) if more.start == range.end => {
                    range.end = more.end;
                    if more.end < end || range.end.saturating_sub(range.start) >= MAX_RANGE {
                        return Ok(found);
                    }
                }
                (Some(_), _) => return Ok(found),
            }
            pos = end;
        }
        // Nothing but holes so far: what follows is taken as data, which is always allowed.
        Ok(found.or(Some(pos..self.len.min(pos.saturating_add(MAX_RANGE)))))
    }
}
