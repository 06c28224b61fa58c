//! XPRESS with Huffman codes (LZ77+Huffman): Microsoft MS-XCA 2.2.
//!
//! 256 bytes hold the code lengths of 512 symbols, four bits each, the lower four first. Then
//! the bits: a symbol below 256 is a literal; above, its low four bits are the match length minus
//! three (15: more in bytes between the bits) and the next four the bits of the distance.

use super::bits::Bits;
use super::huffman::Huffman;
use super::{Malformed, copy_match};

/// Bytes that the code lengths take.
const LENGTHS: usize = 256;

/// A decompressor that keeps its tables' memory from one chunk to the next.
pub struct Decoder {
    code: Huffman,
}

impl Default for Decoder {
    fn default() -> Self {
        Self {
            code: Huffman::new(11),
        }
    }
}

impl Decoder {
    /// Decompresses the one block of `input` into all of `out` (at most 65,536 bytes).
    ///
    /// # Errors
    /// If the input is too short for `out` or contradicts the format.
    #[expect(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::indexing_slicing,
        reason = "every position is compared with the length of the output before (here or in copy_match); symbols are below 512"
    )]
    pub fn decompress(&mut self, input: &[u8], out: &mut [u8]) -> Result<(), Malformed> {
        if out.len() > 65536 {
            return Err(Malformed::LongBlock);
        }
        let Some((packed, data)) = input.split_at_checked(LENGTHS) else {
            return Err(Malformed::NoLengths);
        };
        let mut lengths = [0; 2 * LENGTHS];
        for (pair, byte) in lengths.chunks_exact_mut(2).zip(packed) {
            pair[0] = byte & 0xF;
            pair[1] = byte >> 4;
        }
        self.code.build(&lengths)?;
        let mut bits = Bits::new(data);
        let mut done = 0;
        while done < out.len() {
            bits.ensure(16)?;
            let symbol = self.code.symbol(&mut bits)?;
            if symbol < 256 {
                out[done] = symbol as u8;
                done += 1;
                continue;
            }
            bits.ensure(16)?;
            let distance_bits = (symbol >> 4 & 0xF) as u32;
            let mut len = symbol & 0xF;
            if len == 15 {
                let more = bits.byte()?;
                len = if more == 255 {
                    usize::from(u16::from_le_bytes([bits.byte()?, bits.byte()?]))
                } else {
                    15 + usize::from(more)
                };
            }
            let distance = 1 << distance_bits | bits.read(distance_bits)?;
            copy_match(out, done, distance, len + 3)?;
            done += len + 3;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_input_is_an_error() {
        let mut out = [0; 10];
        let mut decoder = Decoder::default();
        assert!(decoder.decompress(&[0; 100], &mut out).is_err());
        assert!(decoder.decompress(&[0; 300], &mut out).is_err());
        assert!(decoder.decompress(&[0x11; 300], &mut out).is_err());
    }
}
