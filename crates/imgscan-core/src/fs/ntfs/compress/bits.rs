//! The bit order that XPRESS and LZX share: little-endian 16-bit words, the highest bit first.

use super::Malformed;

/// Reads bits from `data`. Behind the end come zeros: the last symbol may need fewer bits than a
/// look-up asks for. More than eight bytes of them are an error.
pub(super) struct Bits<'a> {
    data: &'a [u8],
    /// The next byte of `data` that is not in `buffer` yet.
    at: usize,
    /// Bits read ahead, the first one highest.
    buffer: u64,
    /// How many bits of `buffer` count.
    left: u32,
    past_end: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self {
            data,
            at: 0,
            buffer: 0,
            left: 0,
            past_end: 0,
        }
    }

    /// Makes at least `count` bits (at most 48) available. XPRESS reads bytes between the bits
    /// from where the words read so far end, so no word more than needed is taken.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "at most 48 bits are wanted, so fewer are left; past the end at most 4 words are counted"
    )]
    #[inline]
    pub(super) fn ensure(&mut self, count: u32) -> Result<(), Malformed> {
        while self.left < count {
            let word = match self.data.get(self.at..self.at + 2) {
                Some([low, high]) => u16::from_le_bytes([*low, *high]),
                _ => {
                    self.past_end += 1;
                    if self.past_end > 4 {
                        return Err(Malformed::EndsEarly);
                    }
                    0
                }
            };
            self.at += 2;
            self.buffer |= u64::from(word) << (48 - self.left);
            self.left += 16;
        }
        Ok(())
    }

    /// The next `count` bits (1 to 16) without taking them.
    #[expect(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        reason = "1 to 16 bits"
    )]
    #[inline]
    pub(super) fn peek(&self, count: u32) -> usize {
        (self.buffer >> (64 - count)) as usize
    }

    /// Takes `count` bits that [`Bits::ensure`] made available.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "no more bits are taken than were made available"
    )]
    #[inline]
    pub(super) fn take(&mut self, count: u32) {
        self.buffer <<= count;
        self.left -= count;
    }

    /// The next `count` bits (0 to 17).
    #[inline]
    pub(super) fn read(&mut self, count: u32) -> Result<usize, Malformed> {
        if count == 0 {
            return Ok(0);
        }
        self.ensure(count)?;
        let value = self.peek(count);
        self.take(count);
        Ok(value)
    }

    /// The next byte behind the words read so far (XPRESS).
    #[inline]
    pub(super) fn byte(&mut self) -> Result<u8, Malformed> {
        let byte = self.data.get(self.at).copied();
        self.at = self.at.saturating_add(1);
        byte.ok_or(Malformed::EndsEarly)
    }

    /// The bytes of the input that were read.
    pub(super) fn taken(&self) -> usize {
        self.at
    }

    /// Skips to the next word boundary, by a whole word where the position is one already, and
    /// hands out the `len` bytes behind it; then goes on at the next even byte (LZX).
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "the bits that are left were read as words before"
    )]
    pub(super) fn raw(&mut self, len: usize) -> Result<&'a [u8], Malformed> {
        self.ensure(1)?;
        self.at -= 2 * (self.left / 16) as usize;
        if self.left >= 16 && self.left.is_multiple_of(16) {
            self.at += 2;
        }
        self.buffer = 0;
        self.left = 0;
        let end = self.at.checked_add(len);
        let bytes = end
            .and_then(|end| self.data.get(self.at..end))
            .ok_or(Malformed::RawEnd)?;
        self.at += len.next_multiple_of(2);
        Ok(bytes)
    }
}
