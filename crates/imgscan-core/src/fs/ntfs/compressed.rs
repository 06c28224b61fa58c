//! Contents that are stored compressed: attributes with LZNT1 units, and files of the Windows
//! Overlay Filter.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use crate::bytes::{le32, le64};
use crate::error::{Layer, Result};
use crate::source::{ReadAt, check_range, read_vec};
use crate::text::Text;

use super::compress::{Malformed, lznt1, lzx, xpress};
use super::corrupt;
use super::runs::Extents;

/// Decompressed units that an open file keeps, so that small reads in a row decompress once.
const KEPT: usize = 4;

/// The most recently used decompressed units.
#[derive(Default)]
struct Cache(Mutex<Vec<(u64, Arc<Vec<u8>>)>>);

impl Cache {
    fn get(&self, unit: u64) -> Option<Arc<Vec<u8>>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(u, _)| *u == unit)?;
        let entry = kept.remove(at);
        let bytes = Arc::clone(&entry.1);
        kept.push(entry);
        Some(bytes)
    }

    fn put(&self, unit: u64, bytes: Arc<Vec<u8>>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(u, _)| *u != unit);
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push((unit, bytes));
    }
}

/// The units of `unit` bytes that `len` bytes at `offset` touch, and for each the bytes of it and
/// of the buffer.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "the range lies in a file of at most 2^53 bytes (check_range, Volume::contents), and \
              no length is more than that of the buffer or of a unit"
)]
fn pieces(offset: u64, len: usize, unit: u64) -> impl Iterator<Item = (u64, Range<usize>, usize)> {
    let end = offset + len as u64;
    let first = offset / unit;
    let last = end.div_ceil(unit);
    (first..last).map(move |index| {
        let start = index * unit;
        let from = offset.max(start);
        let to = end.min(start + unit);
        let within = (from - start) as usize..(to - start) as usize;
        (index, within, (from - offset) as usize)
    })
}

/// An attribute compressed with LZNT1 in units of several clusters. A unit without clusters is
/// zeros, one with all its clusters is stored plain, any other is compressed.
pub(super) struct Lznt1 {
    data: Extents,
    /// Bytes of a unit.
    unit: u64,
    cache: Cache,
}

enum Unit {
    Hole,
    Plain,
    /// Compressed bytes stored.
    Compressed(usize),
}

impl Lznt1 {
    /// `unit` is the number of bytes of a compression unit, a multiple of the cluster size.
    pub(super) fn new(data: Extents, unit: u64) -> Self {
        Self {
            data,
            unit,
            cache: Cache::default(),
        }
    }

    /// The bytes of the attribute before unit `unit`.
    fn start(&self, unit: u64) -> u64 {
        unit.saturating_mul(self.unit)
    }

    #[expect(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        reason = "a unit is at most 1 MiB of clusters of 512 bytes or more, inside an attribute of \
                  at most 2^53 bytes (Volume::contents); what is stored is at most a unit"
    )]
    fn state(&self, unit: u64) -> Result<Unit> {
        let clusters = self.unit / self.data.cluster;
        let first = unit * clusters;
        let end = first + clusters;
        let mut stored = 0;
        let mut mapped = first;
        let mut holes = false;
        for run in self.data.runs.within(first..end) {
            if run.vcn > mapped {
                return Err(self.bad(unit, say!(error_ntfs_unit_gap)));
            }
            let to = run.end().min(end);
            match run.lcn {
                None => holes = true,
                Some(_) if holes => {
                    return Err(self.bad(unit, say!(error_ntfs_unit_hole)));
                }
                Some(_) => stored += to - mapped,
            }
            mapped = to;
        }
        if mapped == first {
            return Err(self.bad(unit, say!(error_ntfs_unit_unmapped)));
        }
        Ok(match stored {
            0 => Unit::Hole,
            all if all == clusters => Unit::Plain,
            some => Unit::Compressed((some * self.data.cluster) as usize),
        })
    }

    fn bad(&self, unit: u64, why: Text) -> crate::Error {
        corrupt(
            self.data
                .physical(self.start(unit))
                .unwrap_or(self.data.offset),
            say!(error_ntfs_unit, at = self.start(unit), why = why),
        )
    }

    /// Decompresses a unit into all of `out`.
    fn decompress(&self, unit: u64, stored: usize, out: &mut [u8]) -> Result<()> {
        let mut input = vec![0; stored];
        self.data.read_clusters(&mut input, self.start(unit))?;
        let made = lznt1::decompress(&input, out).map_err(|e| self.bad(unit, e.text()))?;
        let needed = self.data.initialized.saturating_sub(self.start(unit));
        if (made as u64) < needed.min(out.len() as u64) {
            // The drivers fill up with zeros as well, but whole chunks of zeros are stored too:
            // a stream that ends early was cut or overwritten.
            return Err(self.bad(
                unit,
                say!(
                    error_ntfs_unit_short,
                    found = made,
                    expected = needed.min(out.len() as u64)
                ),
            ));
        }
        Ok(())
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::indexing_slicing,
        reason = "a unit is at most 1 MiB (MAX_UNIT), and `within` is a part of it (pieces)"
    )]
    fn read_unit(&self, unit: u64, within: Range<usize>, out: &mut [u8]) -> Result<()> {
        match self.state(unit)? {
            Unit::Hole => out.fill(0),
            Unit::Plain => {
                let at = self.start(unit).saturating_add(within.start as u64);
                self.data.read_clusters(out, at)?;
            }
            Unit::Compressed(stored) if out.len() as u64 == self.unit => {
                self.decompress(unit, stored, out)?;
            }
            Unit::Compressed(stored) => {
                let plain = match self.cache.get(unit) {
                    Some(plain) => plain,
                    None => {
                        let mut plain = vec![0; self.unit as usize];
                        self.decompress(unit, stored, &mut plain)?;
                        let plain = Arc::new(plain);
                        self.cache.put(unit, Arc::clone(&plain));
                        plain
                    }
                };
                out.copy_from_slice(&plain[within]);
            }
        }
        Ok(())
    }
}

impl ReadAt for Lznt1 {
    fn len(&self) -> u64 {
        self.data.size
    }

    #[expect(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        reason = "the pieces are ranges of the buffer"
    )]
    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        check_range(Layer::Ntfs, offset, buf.len() as u64, self.data.size)?;
        let written = self.data.initialized.saturating_sub(offset);
        let n = usize::try_from(written).map_or(buf.len(), |w| w.min(buf.len()));
        let (stored, zeros) = buf.split_at_mut(n);
        zeros.fill(0);
        for (unit, within, at) in pieces(offset, stored.len(), self.unit) {
            let len = within.len();
            self.read_unit(unit, within, &mut stored[at..at + len])?;
        }
        Ok(())
    }

    #[expect(
        clippy::arithmetic_side_effects,
        reason = "a unit has at least one cluster, a cluster at least 512 bytes, and positions are \
                  at most 2^53 (Volume::contents)"
    )]
    fn next_data(&self, from: u64) -> Result<Option<Range<u64>>> {
        let end = self.data.size.min(self.data.initialized);
        let mut at = from;
        while at < end {
            // A hole ends where the next cluster is; the unit that holds it has data.
            let vcn = at / self.unit * (self.unit / self.data.cluster);
            match self.data.runs.find(vcn) {
                Some(run) if run.lcn.is_none() => {
                    let hole_end = run.end() * self.data.cluster / self.unit * self.unit;
                    if hole_end <= at {
                        return Ok(Some(at..end.min((at / self.unit + 1) * self.unit)));
                    }
                    at = hole_end;
                }
                _ => return Ok(Some(at..end.min((at / self.unit + 1) * self.unit))),
            }
        }
        Ok(None)
    }
}

/// How the Windows Overlay Filter compressed a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// XPRESS with Huffman codes in chunks of so many bytes.
    Xpress(u32),
    /// LZX in chunks of 32 KiB.
    Lzx,
}

impl Algorithm {
    fn chunk(self) -> u64 {
        match self {
            Self::Xpress(size) => u64::from(size),
            Self::Lzx => lzx::CHUNK as u64,
        }
    }
}

/// Bytes of compressed input that are read at once.
const SPAN: u64 = 1 << 20;
/// Bytes of the chunk table that an open file keeps.
const TABLE_KEPT: u64 = 1 << 20;

/// A file of the Windows Overlay Filter: the stream `WofCompressedData` begins with a table of
/// the offsets (behind the table) where the second and later chunks begin, 4 bytes each (8 where
/// the file is longer than 4 GiB); a chunk as long as its contents is stored plain.
pub(super) struct Wof {
    data: Arc<dyn ReadAt>,
    size: u64,
    algorithm: Algorithm,
    table_len: u64,
    wide: bool,
    table: Vec<u8>,
    offset: u64,
    cache: Cache,
}

/// The decoder of one read.
enum Decoder {
    Xpress(xpress::Decoder),
    Lzx(Box<lzx::Decoder>),
}

impl Decoder {
    fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Xpress(_) => Self::Xpress(xpress::Decoder::default()),
            Algorithm::Lzx => Self::Lzx(Box::default()),
        }
    }

    fn decompress(&mut self, input: &[u8], out: &mut [u8]) -> Result<(), Malformed> {
        match self {
            Self::Xpress(decoder) => decoder.decompress(input, out),
            Self::Lzx(decoder) => decoder.decompress(input, out),
        }
    }
}

impl Wof {
    /// The file of `size` bytes that `data` holds. `offset` is the byte of the volume to name in
    /// errors.
    pub(super) fn new(
        data: Arc<dyn ReadAt>,
        size: u64,
        algorithm: Algorithm,
        offset: u64,
    ) -> Result<Self> {
        let wide = size > u64::from(u32::MAX);
        let chunks = size.div_ceil(algorithm.chunk());
        let table_len = chunks
            .saturating_sub(1)
            .saturating_mul(if wide { 8 } else { 4 });
        if table_len > data.len() {
            return Err(corrupt(
                offset,
                say!(error_ntfs_chunk_table, chunks = chunks, bytes = data.len()),
            ));
        }
        let kept = usize::try_from(table_len.min(TABLE_KEPT)).unwrap_or(0);
        let table = read_vec(data.as_ref(), 0, kept)?;
        Ok(Self {
            data,
            size,
            algorithm,
            table_len,
            wide,
            table,
            offset,
            cache: Cache::default(),
        })
    }

    /// The bytes of the file before chunk `chunk`.
    fn start(&self, chunk: u64) -> u64 {
        chunk.saturating_mul(self.algorithm.chunk())
    }

    fn bad(&self, chunk: u64, why: Text) -> crate::Error {
        let at = self.start(chunk);
        corrupt(self.offset, say!(error_ntfs_chunk, at = at, why = why))
    }

    /// Where chunk `chunk` begins in the compressed stream; for the one behind the last, its end.
    fn begin(&self, chunk: u64) -> Result<u64> {
        if chunk == 0 {
            return Ok(self.table_len);
        }
        let width = if self.wide { 8 } else { 4 };
        let at = chunk.saturating_sub(1).saturating_mul(width as u64);
        if at >= self.table_len {
            return Ok(self.data.len());
        }
        let kept = usize::try_from(at).ok();
        let kept = kept.and_then(|at| self.table.get(at..)?.get(..width));
        let entry = match kept {
            Some(entry) => entry.to_vec(),
            None => read_vec(self.data.as_ref(), at, width)?,
        };
        let begin = if self.wide {
            le64(&entry, 0)
        } else {
            le32(&entry, 0).map(u64::from)
        };
        begin
            .and_then(|b| b.checked_add(self.table_len))
            .filter(|b| *b <= self.data.len())
            .ok_or_else(|| self.bad(chunk, say!(error_ntfs_chunk_begin)))
    }

    /// Plain bytes of chunk `chunk`.
    fn plain_len(&self, chunk: u64) -> usize {
        let left = self.size.saturating_sub(self.start(chunk));
        usize::try_from(left.min(self.algorithm.chunk())).unwrap_or(0)
    }

    /// Decodes chunk `chunk`, whose stored bytes are `input`, into all of `out`.
    fn decode(
        &self,
        decoder: &mut Decoder,
        chunk: u64,
        input: &[u8],
        out: &mut [u8],
    ) -> Result<()> {
        if input.len() == out.len() {
            out.copy_from_slice(input);
            return Ok(());
        }
        decoder
            .decompress(input, out)
            .map_err(|e| self.bad(chunk, e.text()))
    }

    /// Checked length of the stored bytes of `chunk` that begin at `from` and end at `to`.
    fn stored(&self, chunk: u64, from: u64, to: u64) -> Result<usize> {
        let most = self.plain_len(chunk) as u64;
        to.checked_sub(from)
            .filter(|n| (1..=most).contains(n))
            .and_then(|n| usize::try_from(n).ok())
            .ok_or_else(|| {
                self.bad(
                    chunk,
                    say!(error_ntfs_chunk_stored, from = from, to = to, plain = most),
                )
            })
    }
}

impl ReadAt for Wof {
    fn len(&self) -> u64 {
        self.size
    }

    #[expect(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::indexing_slicing,
        reason = "the pieces are ranges of the buffer and of a chunk; the stored bytes of a chunk \
                  lie inside the compressed data (begin, stored) and inside `input`, which is at \
                  most SPAN long"
    )]
    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        check_range(Layer::Ntfs, offset, buf.len() as u64, self.size)?;
        let mut decoder = None;
        let mut input: Vec<u8> = Vec::new();
        let mut input_at = 0;
        let last = (offset + buf.len() as u64).div_ceil(self.algorithm.chunk());
        for (chunk, within, at) in pieces(offset, buf.len(), self.algorithm.chunk()) {
            let out = &mut buf[at..at + within.len()];
            if let Some(plain) = self.cache.get(chunk) {
                out.copy_from_slice(&plain[within]);
                continue;
            }
            let (from, to) = (self.begin(chunk)?, self.begin(chunk + 1)?);
            let stored = self.stored(chunk, from, to)?;
            if from < input_at || to > input_at + input.len() as u64 {
                // The stored bytes of all chunks of this read, as far as a bound allows.
                let end = self.begin(last)?.clamp(to, from + SPAN);
                input = read_vec(self.data.as_ref(), from, (end - from) as usize)?;
                input_at = from;
            }
            let begin = (from - input_at) as usize;
            let stored = &input[begin..begin + stored];
            let decoder = decoder.get_or_insert_with(|| Decoder::new(self.algorithm));
            let len = self.plain_len(chunk);
            if within == (0..len) {
                self.decode(decoder, chunk, stored, out)?;
            } else {
                let mut plain = vec![0; len];
                self.decode(decoder, chunk, stored, &mut plain)?;
                out.copy_from_slice(&plain[within]);
                self.cache.put(chunk, Arc::new(plain));
            }
        }
        Ok(())
    }
}
