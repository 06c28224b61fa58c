//! The bytes of the hive bins: read from the file piece by piece when asked for, with the pages
//! that logs replace laid over them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::base::BASE_LEN;
use crate::bytes::le32;
use crate::error::{Error, Layer, Result};
use crate::source::{ReadAt, read_vec};

/// Bytes that are read from the file at once.
const CHUNK: usize = 16 * 1024;
/// The unit in which logs replace parts of a hive, in bytes.
pub(super) const PAGE: usize = 512;

/// Pages that replace those of the file, by their number (offset in the bins / 512).
pub(super) type Overlay = BTreeMap<u32, Box<[u8]>>;

/// Hive bins. Offsets are in bytes from the first bin.
pub(super) struct Store {
    source: Arc<dyn ReadAt>,
    chunks: Box<[OnceLock<Box<[u8]>>]>,
    overlay: Overlay,
    /// Bytes that the base block or the last log entry claims.
    len: u64,
    /// Bytes of them that the file has.
    on_disk: u64,
}

/// An allocated cell, without its size field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    /// Offset of its contents from the first bin.
    start: u64,
    /// Bytes of its contents.
    pub(super) len: u64,
}

impl Store {
    /// Bins of `len` bytes behind the base block of `source`. The caller bounds `len`.
    pub(super) fn new(source: Arc<dyn ReadAt>, len: u32, overlay: Overlay) -> Self {
        let len = u64::from(len);
        let on_disk = source.len().saturating_sub(BASE_LEN).min(len);
        let count = usize::try_from(len.div_ceil(CHUNK as u64)).unwrap_or_default();
        Self {
            source,
            chunks: (0..count).map(|_| OnceLock::new()).collect(),
            overlay,
            len,
            on_disk,
        }
    }

    /// Bytes of all bins.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Bytes of the bins that neither the file nor a log has: the hive is cut.
    pub(super) fn missing(&self) -> u64 {
        let pages = self
            .overlay
            .range(page_of(self.on_disk.div_ceil(512) * 512)..);
        (self.len - self.on_disk).saturating_sub(pages.count() as u64 * PAGE as u64)
    }

    /// `len` bytes at `at`.
    ///
    /// # Errors
    /// If any of them is not there or can't be read.
    pub(super) fn bytes(&self, at: u64, len: usize) -> Result<Cow<'_, [u8]>> {
        let end = at
            .checked_add(len as u64)
            .filter(|end| *end <= self.len)
            .ok_or_else(|| past_end(at, len as u64, self.len))?;
        if end > self.on_disk {
            self.check_beyond_file(at, end)?;
        }
        // In range, so it fits: the bins are shorter than 4 GiB.
        let start = usize::try_from(at).unwrap_or(usize::MAX);
        let (first, within) = (start / CHUNK, start % CHUNK);
        if within + len <= CHUNK && len > 0 {
            return Ok(Cow::Borrowed(&self.chunk(first)?[within..within + len]));
        }
        let mut out = Vec::with_capacity(len);
        let (mut index, mut within) = (first, within);
        while out.len() < len {
            let chunk = self.chunk(index)?;
            let take = (chunk.len() - within).min(len - out.len());
            out.extend_from_slice(&chunk[within..within + take]);
            (index, within) = (index + 1, 0);
        }
        Ok(Cow::Owned(out))
    }

    /// What lies behind the end of the file is only there where a log wrote it.
    fn check_beyond_file(&self, at: u64, end: u64) -> Result<()> {
        let first = page_of(at.max(self.on_disk));
        let pages = (end - 1) / PAGE as u64;
        let pages = u32::try_from(pages).unwrap_or(u32::MAX);
        let complete = self.overlay.range(first..=pages).count() as u64;
        if complete == u64::from(pages - first) + 1 {
            return Ok(());
        }
        Err(past_end(at, end - at, self.on_disk))
    }

    fn chunk(&self, index: usize) -> Result<&[u8]> {
        let slot = self
            .chunks
            .get(index)
            .ok_or_else(|| past_end((index * CHUNK) as u64, 1, self.len))?;
        if let Some(chunk) = slot.get() {
            return Ok(chunk);
        }
        let start = (index * CHUNK) as u64;
        let len = (self.len - start).min(CHUNK as u64) as usize;
        let from_file = self.on_disk.saturating_sub(start).min(len as u64) as usize;
        let mut chunk = read_vec(self.source.as_ref(), BASE_LEN + start, from_file)?;
        chunk.resize(len, 0);
        for (page, bytes) in self.overlay.range(page_of(start)..) {
            let at = u64::from(*page) * PAGE as u64;
            let Some(at) = at
                .checked_sub(start)
                .and_then(|at| usize::try_from(at).ok())
                .filter(|at| at + PAGE <= len)
            else {
                break;
            };
            chunk[at..at + PAGE].copy_from_slice(bytes);
        }
        Ok(slot.get_or_init(|| chunk.into_boxed_slice()))
    }

    /// The allocated cell at `at`.
    ///
    /// # Errors
    /// If there is no allocated cell.
    pub(super) fn cell(&self, at: u32) -> Result<Cell> {
        let start = u64::from(at);
        if !at.is_multiple_of(8) || at < 32 {
            return Err(corrupt(
                start,
                "a cell's offset is a multiple of 8 behind a bin's header",
            ));
        }
        let size = le32(&self.bytes(start, 4)?, 0).unwrap_or_default();
        let signed = i64::from(size.cast_signed());
        if signed >= 0 {
            return Err(corrupt(
                start,
                format!("allocated cell expected, found a free one of {signed} bytes"),
            ));
        }
        let size = signed.unsigned_abs();
        if size < 8 || !size.is_multiple_of(8) || start + size > self.len {
            return Err(corrupt(
                start,
                format!(
                    "cell of {size} bytes does not fit in bins of {} bytes",
                    self.len
                ),
            ));
        }
        Ok(Cell {
            start: start + 4,
            len: size - 4,
        })
    }

    /// The first `N` bytes of a cell.
    ///
    /// # Errors
    /// If it is shorter.
    pub(super) fn head<const N: usize>(&self, cell: Cell) -> Result<[u8; N]> {
        let head = self.in_cell(cell, 0, N)?;
        Ok(head.first_chunk().copied().unwrap_or([0; N]))
    }

    /// `len` bytes of a cell from byte `from` of its contents.
    ///
    /// # Errors
    /// If they cross its end.
    pub(super) fn in_cell(&self, cell: Cell, from: u64, len: usize) -> Result<Cow<'_, [u8]>> {
        match from.checked_add(len as u64) {
            Some(end) if end <= cell.len => self.bytes(cell.start + from, len),
            _ => Err(corrupt(
                cell.start,
                format!(
                    "{len} bytes from byte {from} cross the end of a cell of {} bytes",
                    cell.len
                ),
            )),
        }
    }
}

fn page_of(at: u64) -> u32 {
    u32::try_from(at / PAGE as u64).unwrap_or(u32::MAX)
}

/// Where an offset from the first bin stands in the file.
pub(super) fn file_offset(at: u64) -> u64 {
    BASE_LEN + at
}

/// Damage at `at` bytes from the first bin.
pub(super) fn corrupt(at: u64, detail: impl Into<String>) -> Error {
    Error::corrupt(Layer::Hive, file_offset(at), detail)
}

fn past_end(at: u64, len: u64, size: u64) -> Error {
    Error::past_end(Layer::Hive, file_offset(at), len, file_offset(size))
}
