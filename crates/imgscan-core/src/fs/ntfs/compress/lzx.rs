//! LZX as WIM files and the Windows Overlay Filter use it: Microsoft's "LZX DELTA" description
//! (MS-PATCH 2) and the WIM differences: each chunk of 32 KiB stands alone, a block's size is one
//! bit (32,768 bytes) or 16 bits, and x86 call targets are always translated as for a file of
//! 12,000,000 bytes.

use super::bits::Bits;
use super::huffman::Huffman;
use super::{Malformed, copy_match};

/// Plain bytes of a chunk; also the window.
pub const CHUNK: usize = 32768;
/// Position slots of a window of 32 KiB.
const SLOTS: usize = 30;
/// Symbols of the main code: literals, and eight length headers for each slot.
const MAIN: usize = 256 + 8 * SLOTS;
/// Symbols of the length code.
const LENGTHS: usize = 249;
/// The file size that call targets are translated with.
const CALL_FILE_SIZE: i32 = 12_000_000;

/// Extra bits of each position slot.
const EXTRA_BITS: [u8; SLOTS] = [
    0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13,
    13,
];

/// First formatted distance of each position slot.
#[expect(clippy::indexing_slicing, reason = "computed by the compiler")]
const BASES: [u32; SLOTS] = {
    let mut bases = [0; SLOTS];
    let mut slot = 1;
    while slot < SLOTS {
        bases[slot] = bases[slot - 1] + (1 << EXTRA_BITS[slot - 1]);
        slot += 1;
    }
    bases
};

/// A decompressor that keeps its tables' memory from one chunk to the next.
pub struct Decoder {
    main: Huffman,
    lengths: Huffman,
    aligned: Huffman,
    pre: Huffman,
    main_lengths: [u8; MAIN],
    length_lengths: [u8; LENGTHS],
}

impl Default for Decoder {
    fn default() -> Self {
        Self {
            main: Huffman::new(11),
            lengths: Huffman::new(9),
            aligned: Huffman::new(7),
            pre: Huffman::new(6),
            main_lengths: [0; MAIN],
            length_lengths: [0; LENGTHS],
        }
    }
}

impl Decoder {
    /// Decompresses the chunk `input` into all of `out` (at most [`CHUNK`] bytes).
    ///
    /// # Errors
    /// If the input is too short for `out` or contradicts the format.
    #[expect(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        reason = "no block is longer than what is left of the chunk of at most 32 KiB"
    )]
    pub fn decompress(&mut self, input: &[u8], out: &mut [u8]) -> Result<(), Malformed> {
        if out.len() > CHUNK {
            return Err(Malformed::LongChunk);
        }
        self.main_lengths = [0; MAIN];
        self.length_lengths = [0; LENGTHS];
        let mut recent = [1_u32; 3];
        let mut bits = Bits::new(input);
        let mut done = 0;
        while done < out.len() {
            let kind = bits.read(3)?;
            let size = if bits.read(1)? == 1 {
                CHUNK
            } else {
                bits.read(16)?
            };
            if size == 0 || size > out.len() - done {
                return Err(Malformed::BlockSize);
            }
            match kind {
                1 | 2 => {
                    self.codes(&mut bits, kind == 2)?;
                    self.block(&mut bits, out, done, size, kind == 2, &mut recent)?;
                }
                3 => {
                    let raw = bits.raw(12 + size)?;
                    for (slot, bytes) in recent.iter_mut().zip(raw.chunks_exact(4)) {
                        *slot = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
                    }
                    out[done..done + size].copy_from_slice(&raw[12..]);
                }
                _ => return Err(Malformed::BlockType),
            }
            done += size;
        }
        translate_calls(out);
        Ok(())
    }

    /// Reads the codes of a compressed block.
    #[expect(clippy::cast_possible_truncation, reason = "3 bits")]
    fn codes(&mut self, bits: &mut Bits<'_>, aligned: bool) -> Result<(), Malformed> {
        if aligned {
            let mut lengths = [0; 8];
            for len in &mut lengths {
                *len = bits.read(3)? as u8;
            }
            self.aligned.build(&lengths)?;
        }
        let (literals, matches) = self.main_lengths.split_at_mut(256);
        read_lengths(bits, &mut self.pre, literals)?;
        read_lengths(bits, &mut self.pre, matches)?;
        read_lengths(bits, &mut self.pre, &mut self.length_lengths)?;
        self.main.build(&self.main_lengths)?;
        self.lengths.build(&self.length_lengths)
    }

    /// Decodes the literals and matches of one block of `size` bytes at `done`.
    #[expect(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::indexing_slicing,
        reason = "the block ends inside the output, symbols are below 496 and so slots below 30, whose bases are 3 or more where 2 is taken away; checked access would cost in the inner loop"
    )]
    fn block(
        &self,
        bits: &mut Bits<'_>,
        out: &mut [u8],
        mut done: usize,
        size: usize,
        aligned: bool,
        recent: &mut [u32; 3],
    ) -> Result<(), Malformed> {
        let end = done + size;
        while done < end {
            // The longest main code and the longest length code.
            bits.ensure(32)?;
            let symbol = self.main.symbol(bits)?;
            if symbol < 256 {
                out[done] = symbol as u8;
                done += 1;
                continue;
            }
            let mut len = (symbol - 256) & 7;
            if len == 7 {
                len += self.lengths.symbol(bits)?;
            }
            len += 2;
            let slot = (symbol - 256) >> 3;
            let distance = if slot < 3 {
                let distance = recent[slot];
                recent[slot] = recent[0];
                distance
            } else {
                let extra = u32::from(EXTRA_BITS[slot]);
                let low = if aligned && extra >= 3 {
                    let high = bits.read(extra - 3)? << 3;
                    bits.ensure(16)?;
                    high | self.aligned.symbol(bits)?
                } else {
                    bits.read(extra)?
                };
                recent[2] = recent[1];
                recent[1] = recent[0];
                BASES[slot] + low as u32 - 2
            };
            recent[0] = distance;
            if len > end - done {
                return Err(Malformed::MatchBlock);
            }
            copy_match(out, done, distance as usize, len)?;
            done += len;
        }
        Ok(())
    }
}

/// Reads code lengths as differences to the previous ones, themselves coded by a code of 20
/// symbols whose lengths come first.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    reason = "4 bits; positions are below the number of lengths, runs below 52"
)]
fn read_lengths(
    bits: &mut Bits<'_>,
    pre: &mut Huffman,
    lengths: &mut [u8],
) -> Result<(), Malformed> {
    let mut pre_lengths = [0; 20];
    for len in &mut pre_lengths {
        *len = bits.read(4)? as u8;
    }
    pre.build(&pre_lengths)?;
    let mut at = 0;
    while at < lengths.len() {
        bits.ensure(16)?;
        let symbol = pre.symbol(bits)?;
        let (run, value) = match symbol {
            17 => (4 + bits.read(4)?, 0),
            18 => (20 + bits.read(5)?, 0),
            19 => {
                let run = 4 + bits.read(1)?;
                bits.ensure(16)?;
                let delta = pre.symbol(bits)?;
                (run, difference(lengths[at], delta)?)
            }
            delta => (1, difference(lengths[at], delta)?),
        };
        // A run may not cross the end of the lengths.
        let slots = lengths.get_mut(at..at + run).ok_or(Malformed::LengthsEnd)?;
        slots.fill(value);
        at += run;
    }
    Ok(())
}

/// The code length `delta` below `previous`, modulo 17.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "the remainder is below 17, and `delta` at most 16"
)]
fn difference(previous: u8, delta: usize) -> Result<u8, Malformed> {
    if delta > 16 {
        return Err(Malformed::NestedLengths);
    }
    Ok(((usize::from(previous) + 17 - delta) % 17) as u8)
}

/// Turns the absolute targets behind x86 call opcodes (0xE8) back into relative ones.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::indexing_slicing,
    reason = "positions are 10 bytes or more before the end of a chunk of at most 32 KiB, and only targets within 12,000,000 of them are changed"
)]
fn translate_calls(out: &mut [u8]) {
    let Some(last) = out.len().checked_sub(10) else {
        return;
    };
    let mut at = 0;
    while at < last {
        let Some(next) = out[at..last].iter().position(|b| *b == 0xE8) else {
            return;
        };
        at += next;
        let target = [out[at + 1], out[at + 2], out[at + 3], out[at + 4]];
        let absolute = i32::from_le_bytes(target);
        let here = at as i32;
        let relative = if (0..CALL_FILE_SIZE).contains(&absolute) {
            Some(absolute - here)
        } else if absolute < 0 && absolute >= -here {
            Some(absolute + CALL_FILE_SIZE)
        } else {
            None
        };
        if let Some(relative) = relative {
            out[at + 1..at + 5].copy_from_slice(&relative.to_le_bytes());
        }
        at += 5;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_uncompressed_block_is_copied_and_broken_ones_are_refused() {
        // Type 3, size 5 in 16 bits, padding to the word, three recent distances, five bytes.
        let mut input = vec![];
        let word = 0b0110_0000_0000_0000_u16;
        input.extend(word.to_le_bytes());
        input.extend(0b0101_0000_0000_0000_u16.to_le_bytes());
        for recent in [1_u32, 1, 1] {
            input.extend(recent.to_le_bytes());
        }
        input.extend(b"hello\0");
        let mut out = [0; 5];
        let mut decoder = Decoder::default();
        decoder.decompress(&input, &mut out).unwrap();
        assert_eq!(&out, b"hello");
        assert!(decoder.decompress(&input, &mut [0; 6]).is_err());
        assert!(decoder.decompress(&input[..10], &mut out).is_err());
        assert!(decoder.decompress(&[0; 100], &mut out).is_err());
        assert!(decoder.decompress(&[0xFF; 100], &mut out).is_err());
    }

    #[test]
    fn bases_are_those_of_the_published_table() {
        assert_eq!(BASES[..10], [0, 1, 2, 3, 4, 6, 8, 12, 16, 24]);
        assert_eq!(BASES[29], 24576);
    }
}
