//! The bytes of the hive bins: read from the file piece by piece when asked for, with the pages
//! that logs replace laid over them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use memmap2::MmapMut;

use super::base::BASE_LEN;
use crate::budget::Mapping;
use crate::bytes::le32;
use crate::error::{Error, Layer, Result};
use crate::source::{ReadAt, read_vec};

/// Bytes that are read from the file at once.
const CHUNK: usize = 16 * 1024;
/// Bytes that are read at once where all of them are wanted: a large page of x86-64 and AArch64.
const BLOCK: usize = 2 * 1024 * 1024;
/// The unit in which logs replace parts of a hive, in bytes.
pub(super) const PAGE_LEN: u32 = 512;
pub(super) const PAGE: usize = PAGE_LEN as usize;

/// An offset that leads nowhere.
pub(super) const NOWHERE: u32 = u32::MAX;

/// Pages that replace those of the file, by their number (offset in the bins / 512).
pub(super) type Overlay = BTreeMap<u32, Box<[u8]>>;

/// Large pieces of the bins; `None` for one that can't be read whole.
type Blocks = Box<[OnceLock<Option<Block>>]>;

/// A large piece in a map of its own.
struct Block {
    bytes: MmapMut,
    _held: Mapping,
}

/// Hive bins. Offsets are in bytes from the first bin.
pub(super) struct Store {
    source: Arc<dyn ReadAt>,
    chunks: Box<[OnceLock<Box<[u8]>>]>,
    /// All bins in large pieces, once all of them are wanted.
    blocks: OnceLock<Blocks>,
    overlay: Overlay,
    /// Bytes that the base block or the last log entry claims.
    len: u64,
    /// Bytes of them that the file has.
    on_disk: u64,
}

/// An allocated cell, without its size field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell<'s> {
    /// Offset of its contents from the first bin.
    start: u64,
    /// Bytes of its contents.
    pub(super) len: u64,
    /// Its contents, where they lie in one piece in memory.
    here: Option<&'s [u8]>,
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
            blocks: OnceLock::new(),
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
            .range(page_of(self.on_disk.next_multiple_of(PAGE as u64))..);
        let written = (pages.count() as u64).saturating_mul(PAGE as u64);
        self.len
            .saturating_sub(self.on_disk)
            .saturating_sub(written)
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
        if len == 0 {
            return Ok(Cow::Borrowed(&[]));
        }
        if end > self.on_disk {
            self.check_beyond_file(at, end)?;
        }
        // In range, so it fits: the bins are shorter than 4 GiB.
        let start = usize::try_from(at).unwrap_or(usize::MAX);
        if let Some(piece) = self.block(start).and_then(|b| b.get(..len)) {
            return Ok(Cow::Borrowed(piece));
        }
        let (first, within) = (start / CHUNK, start % CHUNK);
        let mut rest = self.chunk(first)?.get(within..).unwrap_or_default();
        if let Some(piece) = rest.get(..len) {
            return Ok(Cow::Borrowed(piece));
        }
        let mut out = Vec::with_capacity(len);
        for next in first.. {
            let missing = len.saturating_sub(out.len());
            out.extend_from_slice(rest.get(..missing).unwrap_or(rest));
            if out.len() >= len {
                break;
            }
            rest = self.chunk(next.saturating_add(1))?;
        }
        Ok(Cow::Owned(out))
    }

    /// What lies behind the end of the file is only there where a log wrote it. The range from
    /// `at` to `end` is not empty.
    fn check_beyond_file(&self, at: u64, end: u64) -> Result<()> {
        let pages = page_of(at.max(self.on_disk))..page_of(end.next_multiple_of(PAGE as u64));
        if self.overlay.range(pages.clone()).count() == pages.len() {
            return Ok(());
        }
        Err(past_end(at, end.saturating_sub(at), self.on_disk))
    }

    fn chunk(&self, index: usize) -> Result<&[u8]> {
        let start = (index as u64).saturating_mul(CHUNK as u64);
        let slot = self
            .chunks
            .get(index)
            .ok_or_else(|| past_end(start, 1, self.len))?;
        if let Some(chunk) = slot.get() {
            return Ok(chunk);
        }
        let len = left(self.len, start, CHUNK);
        let from_file = left(self.on_disk, start, len);
        let mut chunk = read_vec(self.source.as_ref(), file_offset(start), from_file)?;
        chunk.resize(len, 0);
        self.lay_over(&mut chunk, start);
        Ok(slot.get_or_init(|| chunk.into_boxed_slice()))
    }

    /// Lays the pages of the logs over `piece`, the bytes from `start`.
    fn lay_over(&self, piece: &mut [u8], start: u64) {
        for (page, bytes) in self.overlay.range(page_of(start)..) {
            let at = u64::from(*page).saturating_mul(PAGE as u64);
            let at = at.saturating_sub(start);
            let rest = usize::try_from(at).ok().and_then(|at| piece.get_mut(at..));
            let Some(rest) = rest.filter(|rest| !rest.is_empty()) else {
                break;
            };
            // Where the file ends within a page, so does the piece.
            let len = rest.len().min(bytes.len());
            if let (Some(to), Some(from)) = (rest.get_mut(..len), bytes.get(..len)) {
                to.copy_from_slice(from);
            }
        }
    }

    /// From now on reads all bins in large pieces. Returns what reads them ahead: it can run on
    /// another thread, and ends once `done` is set.
    pub(super) fn whole(&self) -> impl Fn(&AtomicBool) + Sync + '_ {
        let blocks = self.blocks.get_or_init(|| {
            let count = usize::try_from(self.on_disk.div_ceil(BLOCK as u64)).unwrap_or_default();
            (0..count).map(|_| OnceLock::new()).collect()
        });
        move |done| {
            for number in 0..blocks.len() {
                if done.load(Ordering::Relaxed) {
                    return;
                }
                self.block(number.saturating_mul(BLOCK));
            }
        }
    }

    /// The bytes from `at` to the end of their large piece, as far as the file has them.
    #[inline]
    fn block(&self, at: usize) -> Option<&[u8]> {
        let (number, within) = (at / BLOCK, at % BLOCK);
        let start = at.saturating_sub(within) as u64;
        let slot = self.blocks.get()?.get(number)?;
        let block = slot.get_or_init(|| self.read_block(start)).as_ref()?;
        block.bytes.get(within..left(self.on_disk, start, BLOCK))
    }

    /// Reads the large piece from `start`. Memory that the system gives in large pages costs a fraction of what
    /// thousands of small ones do. `None` where that fails: then the small pieces tell why.
    fn read_block(&self, start: u64) -> Option<Block> {
        let len = left(self.on_disk, start, BLOCK);
        let mut bytes = MmapMut::map_anon(BLOCK).ok()?;
        let held = Mapping::of(BLOCK);
        #[cfg(target_os = "linux")]
        let _ = bytes.advise(memmap2::Advice::HugePage);
        let piece = bytes.get_mut(..len)?;
        self.source.read_at(piece, file_offset(start)).ok()?;
        self.lay_over(piece, start);
        Some(Block { bytes, _held: held })
    }

    /// The bytes from `at` on that lie in one piece, as far as the file has them.
    #[inline]
    fn piece(&self, at: u32) -> Option<&[u8]> {
        let at = at as usize;
        if self.blocks.get().is_some() {
            return self.block(at);
        }
        let (number, within) = (at / CHUNK, at % CHUNK);
        let chunk = self.chunk(number).ok()?;
        let start = at.saturating_sub(within) as u64;
        chunk.get(within..left(self.on_disk, start, chunk.len()))
    }

    /// The contents of the allocated cell at `at`, where they lie in one piece. `None` tells
    /// nothing: [`Store::cell`] does.
    #[inline(always)]
    pub(super) fn contents(&self, at: u32) -> Option<&[u8]> {
        let piece = self
            .piece(at)
            .filter(|_| at.is_multiple_of(8) && at >= 32)?;
        let (size, rest) = piece.split_first_chunk::<4>()?;
        // A negative size is that of an allocated cell.
        let size = u32::from_le_bytes(*size).wrapping_neg();
        let fits = size.is_multiple_of(8) && (8..=i32::MAX.unsigned_abs()).contains(&size);
        rest.get(..(size as usize).checked_sub(4)?).filter(|_| fits)
    }

    /// The allocated cell at `at`.
    ///
    /// # Errors
    /// If there is no allocated cell.
    pub(super) fn cell(&self, at: u32) -> Result<Cell<'_>> {
        let start = u64::from(at);
        if !at.is_multiple_of(8) || at < 32 {
            return Err(corrupt(start, say!(error_hive_cell_offset)));
        }
        let piece = self.piece(at);
        let size = match piece.and_then(|p| le32(p, 0)) {
            Some(size) => size,
            None => le32(&self.bytes(start, 4)?, 0).unwrap_or_default(),
        };
        let signed = i64::from(size.cast_signed());
        if signed >= 0 {
            return Err(corrupt(start, say!(error_hive_cell_free, len = signed)));
        }
        let size = signed.unsigned_abs();
        if size < 8 || !size.is_multiple_of(8) || start.saturating_add(size) > self.len {
            return Err(corrupt(
                start,
                say!(error_hive_cell_size, len = size, bins = self.len),
            ));
        }
        Ok(Cell {
            start: start + 4,
            len: size.saturating_sub(4),
            here: piece.and_then(|p| p.get(4..usize::try_from(size).ok()?)),
        })
    }

    /// The first `N` bytes of a cell.
    ///
    /// # Errors
    /// If it is shorter.
    pub(super) fn head<const N: usize>(&self, cell: Cell<'_>) -> Result<[u8; N]> {
        if let Some(head) = cell.here.and_then(<[u8]>::first_chunk) {
            return Ok(*head);
        }
        let head = self.in_cell(cell, 0, N)?;
        Ok(head.first_chunk().copied().unwrap_or([0; N]))
    }

    /// `len` bytes of a cell from byte `from` of its contents.
    ///
    /// # Errors
    /// If they cross its end.
    pub(super) fn in_cell<'s>(
        &'s self,
        cell: Cell<'s>,
        from: u64,
        len: usize,
    ) -> Result<Cow<'s, [u8]>> {
        let here = cell.here.and_then(|here| {
            let rest = here.get(usize::try_from(from).ok()?..)?;
            rest.get(..len)
        });
        if let Some(here) = here {
            return Ok(Cow::Borrowed(here));
        }
        match from.checked_add(len as u64) {
            Some(end) if end <= cell.len => self.bytes(cell.start.saturating_add(from), len),
            _ => Err(corrupt(
                cell.start,
                say!(error_hive_cell_end, len = len, at = from, cell = cell.len),
            )),
        }
    }
}

fn page_of(at: u64) -> u32 {
    const LEN: u64 = PAGE as u64;
    u32::try_from(at / LEN).unwrap_or(u32::MAX)
}

/// Where an offset from the first bin stands in the file.
pub(super) fn file_offset(at: u64) -> u64 {
    BASE_LEN.saturating_add(at)
}

/// Bytes from `start` to `len`, at most `most`.
fn left(len: u64, start: u64, most: usize) -> usize {
    let left = usize::try_from(len.saturating_sub(start)).unwrap_or(usize::MAX);
    left.min(most)
}

/// Damage at `at` bytes from the first bin.
pub(super) fn corrupt(at: u64, detail: crate::text::Text) -> Error {
    Error::corrupt(Layer::Hive, file_offset(at), detail)
}

fn past_end(at: u64, len: u64, size: u64) -> Error {
    Error::past_end(Layer::Hive, file_offset(at), len, file_offset(size))
}

/// The little-endian words of `raw`; an incomplete last one is left out.
pub(super) fn words(raw: &[u8]) -> impl Iterator<Item = u32> + '_ {
    let (words, _) = raw.as_chunks::<4>();
    words.iter().map(|w| u32::from_le_bytes(*w))
}

/// The pairs of little-endian words of `raw`; an incomplete last one is left out.
pub(super) fn pairs(raw: &[u8]) -> impl Iterator<Item = (u32, u32)> + '_ {
    let (pairs, _) = raw.as_chunks::<8>();
    pairs.iter().map(|[a, b, c, d, e, f, g, h]| {
        let first = u32::from_le_bytes([*a, *b, *c, *d]);
        (first, u32::from_le_bytes([*e, *f, *g, *h]))
    })
}

/// Another signature than `wanted` in the cell at `at`.
pub(super) fn unexpected(at: u32, wanted: &str, head: &[u8]) -> Error {
    let found: String = head
        .iter()
        .take(2)
        .map(|b| b.escape_ascii().to_string())
        .collect();
    corrupt(
        at.into(),
        say!(error_hive_cell_type, expected = wanted, found = found),
    )
}
