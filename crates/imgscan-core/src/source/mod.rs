//! Where bytes come from: a positional reader that everything above is built on.

#![warn(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::indexing_slicing
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::indexing_slicing
    )
)]

mod file;
mod memory;
mod pipeline;
mod section;

use std::ops::Range;
use std::sync::Arc;

pub use file::{FileSource, open_file};
pub use memory::MemorySource;
pub use pipeline::{Chunk, digest, stream};
pub use section::Section;

use crate::error::{Error, Layer, Result};

/// Bytes at positions. An image file, the guest's disk, a volume and a file inside a volume are
/// all `ReadAt`, so one can always stand inside another.
///
/// Implementations are shared between threads and keep no cursor.
pub trait ReadAt: Send + Sync {
    /// Length in bytes.
    fn len(&self) -> u64;

    /// True where [`ReadAt::len`] is 0.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills all of `buf` from byte `offset`. Holes read as zeros.
    ///
    /// # Errors
    /// If any byte of the range lies past the end or can't be read; `buf` is then unspecified.
    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()>;

    /// The first range at or behind `from` that may hold something else than zeros; `None` where
    /// only zeros follow. All bytes between `from` and the start of the range read as zeros.
    ///
    /// The default knows of no holes.
    ///
    /// # Errors
    /// If the allocation map can't be read.
    fn next_data(&self, from: u64) -> Result<Option<Range<u64>>> {
        let len = self.len();
        Ok((from < len).then_some(from..len))
    }
}

impl<T: ReadAt + ?Sized> ReadAt for Arc<T> {
    fn len(&self) -> u64 {
        (**self).len()
    }
    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        (**self).read_at(buf, offset)
    }
    fn next_data(&self, from: u64) -> Result<Option<Range<u64>>> {
        (**self).next_data(from)
    }
}

/// `len` bytes from `offset` as a vector. The caller bounds `len`; what crosses the end of
/// `source` is refused before anything is allocated.
///
/// # Errors
/// As [`ReadAt::read_at`].
pub fn read_vec(source: &dyn ReadAt, offset: u64, len: usize) -> Result<Vec<u8>> {
    check_range(Layer::Source, offset, len as u64, source.len())?;
    let mut buf = vec![0; len];
    source.read_at(&mut buf, offset)?;
    Ok(buf)
}

/// What is searched at a time, in bytes.
const WINDOW: usize = 64 << 10;

/// Whether `text` stands anywhere in `file`.
///
/// # Errors
/// As [`ReadAt::read_at`].
pub(crate) fn holds(file: &dyn ReadAt, text: &[u8]) -> Result<bool> {
    let mut buffer = vec![0; WINDOW];
    let mut at = 0;
    while let Some(left) = file.len().checked_sub(at).filter(|left| *left > 0) {
        let len = usize::try_from(left).map_or(WINDOW, |left| left.min(WINDOW));
        let (part, _) = buffer.split_at_mut(len);
        file.read_at(part, at)?;
        if memchr::memmem::find(part, text).is_some() {
            return Ok(true);
        }
        // What lies across the end of this window is whole in the next one.
        let step = match len == WINDOW {
            true => WINDOW.saturating_sub(text.len()).max(1),
            false => len,
        };
        at = at.saturating_add(step as u64);
    }
    Ok(false)
}

/// All of `source` where it is at most `limit` bytes.
///
/// # Errors
/// [`crate::Kind::Limit`] where it is longer; otherwise as [`ReadAt::read_at`].
pub fn read_all(source: &dyn ReadAt, limit: u64) -> Result<Vec<u8>> {
    read_vec(source, 0, length(source, limit)?)
}

/// As [`read_all`], into the start of `buffer`, which grows where it is too short.
///
/// # Errors
/// As [`read_all`].
pub fn read_all_into<'b>(
    source: &dyn ReadAt,
    limit: u64,
    buffer: &'b mut Vec<u8>,
) -> Result<&'b [u8]> {
    let len = length(source, limit)?;
    if buffer.len() < len {
        buffer.resize(len, 0);
    }
    let (read, _) = buffer.split_at_mut(len);
    source.read_at(read, 0)?;
    Ok(read)
}

/// The bytes of `source`, which are at most `limit`.
fn length(source: &dyn ReadAt, limit: u64) -> Result<usize> {
    let len = source.len();
    let fits = usize::try_from(len).ok().filter(|_| len <= limit);
    fits.ok_or_else(|| {
        let what = say!(error_source_long, bytes = len, most = limit);
        Error::limit(Layer::Source, None, what)
    })
}

/// Checks that `len` bytes at `offset` lie inside something `size` bytes long.
///
/// # Errors
/// [`Error::past_end`] of `layer`.
pub fn check_range(layer: Layer, offset: u64, len: u64, size: u64) -> Result<()> {
    match offset.checked_add(len) {
        Some(end) if end <= size => Ok(()),
        _ => Err(Error::past_end(layer, offset, len, size)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_wherever_it_lies() {
        for before in [0, 1, WINDOW - 2, WINDOW - 1, WINDOW, 3 * WINDOW - 1] {
            let file = MemorySource([vec![0; before], b"abc".to_vec()].concat());
            assert!(holds(&file, b"abc").unwrap(), "{before}");
            assert!(!holds(&file, b"abd").unwrap(), "{before}");
        }
    }
}
