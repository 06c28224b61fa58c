//! The file as a stream for decoders, and the one decoder that is ours.

use std::io::{BufRead, Error as IoError, Read};

use crate::bytes::le32;
use crate::error::{Error, Layer, Result};
use crate::source::ReadAt;

/// Bytes read at once.
const BLOCK: usize = 256 * 1024;
/// Bytes that one block of an LZ4 legacy frame unpacks to at most, and is packed at most.
const LZ4_BLOCK: usize = 8 * 1024 * 1024;
const LZ4_PACKED: usize = LZ4_BLOCK + LZ4_BLOCK / 255 + 16;
const LZ4_LEGACY: u32 = 0x184C_2102;

/// A cursor over a file.
pub(super) struct Input<'f> {
    file: &'f dyn ReadAt,
    /// Where the bytes behind the buffer begin in the file.
    next: u64,
    buffer: Vec<u8>,
    used: usize,
}

impl<'f> Input<'f> {
    pub(super) fn new(file: &'f dyn ReadAt) -> Self {
        Self {
            file,
            next: 0,
            buffer: Vec::new(),
            used: 0,
        }
    }

    /// Where the next byte is in the file.
    pub(super) fn position(&self) -> u64 {
        self.next.saturating_sub(self.left().len() as u64)
    }

    /// What of the buffer was not passed over.
    fn left(&self) -> &[u8] {
        self.buffer.get(self.used..).unwrap_or_default()
    }

    /// The next bytes, at least `n` where there are so many, without passing over them.
    pub(super) fn peek(&mut self, n: usize) -> Result<&[u8]> {
        if self.left().len() < n {
            self.buffer.drain(..self.used);
            self.used = 0;
            let left = self.file.len().saturating_sub(self.next);
            let more = usize::try_from(left).map_or(BLOCK, |left| left.min(BLOCK));
            let old = self.buffer.len();
            self.buffer.resize(old.saturating_add(more), 0);
            let (_, piece) = self.buffer.split_at_mut(old);
            if let Err(e) = self.file.read_at(piece, self.next) {
                self.buffer.truncate(old);
                return Err(e);
            }
            self.next = self.next.saturating_add(more as u64);
        }
        Ok(self.left())
    }

    /// Passes over zeros.
    pub(super) fn skip_zeros(&mut self) -> Result<()> {
        loop {
            let bytes = self.peek(1)?;
            let (len, zeros) = (bytes.len(), bytes.iter().take_while(|b| **b == 0).count());
            self.consume(zeros);
            if zeros < len || len == 0 {
                return Ok(());
            }
        }
    }
}

impl Read for Input<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let n = self.fill_buf()?.read(buf)?;
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for Input<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.peek(1).map_err(IoError::other)
    }

    fn consume(&mut self, n: usize) {
        self.used = self.used.saturating_add(n).min(self.buffer.len());
    }
}

/// The LZ4 legacy frame (LZ4 frame format, section "Legacy frame"): the magic, then blocks with
/// their packed length before them, little-endian. Linux ends at a length of 0.
pub(super) struct Lz4<'i, 'f> {
    input: &'i mut Input<'f>,
    packed: Vec<u8>,
    block: Vec<u8>,
    /// Bytes of the block that are there, and those that were given.
    have: usize,
    given: usize,
    ended: bool,
}

impl<'i, 'f> Lz4<'i, 'f> {
    pub(super) fn new(input: &'i mut Input<'f>) -> Self {
        Self {
            input,
            packed: Vec::new(),
            block: Vec::new(),
            have: 0,
            given: 0,
            ended: false,
        }
    }

    fn next(&mut self) -> std::io::Result<()> {
        let head = self.input.peek(4).map_err(IoError::other)?;
        let len = match le32(head, 0) {
            None if head.is_empty() => None,
            None => return Err(fault(say!(error_packed_cut, packing = "lz4"))),
            Some(0) => None,
            Some(len) => Some(len),
        };
        let Some(len) = len else {
            self.ended = true;
            return Ok(());
        };
        self.input.consume(4);
        if len == LZ4_LEGACY {
            return Ok(());
        }
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        let left = self.input.file.len().saturating_sub(self.input.position());
        if len > LZ4_PACKED || len as u64 > left {
            return Err(fault(say!(error_packed_block, packing = "lz4", len = len)));
        }
        self.packed.resize(len, 0);
        self.input.read_exact(&mut self.packed)?;
        self.block.resize(LZ4_BLOCK, 0);
        self.have = lz4_flex::block::decompress_into(&self.packed, &mut self.block)
            .map_err(IoError::other)?;
        self.given = 0;
        Ok(())
    }
}

/// What is wrong with the stream, for who reads it.
fn fault(detail: crate::text::Text) -> IoError {
    IoError::other(Error::corrupt(Layer::Cpio, None, detail))
}

impl Read for Lz4<'_, '_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        while self.given == self.have && !self.ended {
            self.next()?;
        }
        let mut left = self.block.get(self.given..self.have).unwrap_or_default();
        let n = left.read(buf)?;
        self.given = self.given.saturating_add(n);
        Ok(n)
    }
}
