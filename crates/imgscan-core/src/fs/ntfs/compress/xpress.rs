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

/// Bytes that a block stands for.
const BLOCK: usize = 65_536;

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
    pub fn decompress(&mut self, input: &[u8], out: &mut [u8]) -> Result<(), Malformed> {
        if out.len() > BLOCK {
            return Err(Malformed::LongBlock);
        }
        self.block(input, out, 0).map(|_| ())
    }

    /// Decompresses the blocks of `input`, each of which stands for 65,536 bytes, into all of `out`.
    /// A block begins where the words end that were read for the one before it.
    ///
    /// # Errors
    /// If the input is too short for `out` or contradicts the format.
    pub fn decompress_blocks(&mut self, input: &[u8], out: &mut [u8]) -> Result<(), Malformed> {
        let mut at = 0_usize;
        let mut done = 0;
        while done < out.len() {
            let end = out.len().min(done.saturating_add(BLOCK));
            let block = input.get(at..).ok_or(Malformed::EndsEarly)?;
            let made = out.get_mut(..end).ok_or(Malformed::MatchEnd)?;
            at = at.saturating_add(self.block(block, made, done)?);
            done = end;
        }
        Ok(())
    }

    /// Decompresses a block into `out` from byte `done`; the bytes of `input` that it takes.
    #[expect(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::indexing_slicing,
        reason = "every position is compared with the length of the output before (here or in copy_match); symbols are below 512"
    )]
    fn block(&mut self, input: &[u8], out: &mut [u8], mut done: usize) -> Result<usize, Malformed> {
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
        // Two words are read ahead at first, and one each time fewer than 16 bits are left.
        bits.ensure(16)?;
        Ok(LENGTHS + bits.taken())
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

    /// A block of plain bytes: every literal has its own value as its code of eight bits, so that
    /// each pair of bytes is a word; one word is read behind the last.
    fn plain(bytes: &[u8]) -> Vec<u8> {
        let mut out = [vec![0x88; 128], vec![0; 128]].concat();
        for pair in bytes.chunks(2) {
            out.extend([pair[1], pair[0]]);
        }
        out.extend([0, 0]);
        out
    }

    #[test]
    fn a_block_follows_the_words_of_the_one_before() {
        let bytes: Vec<u8> = (0..100_000_u32).map(|i| (i / 251) as u8).collect();
        let input: Vec<u8> = bytes.chunks(BLOCK).flat_map(plain).collect();
        let mut out = vec![0; bytes.len()];
        let mut decoder = Decoder::default();
        decoder.decompress_blocks(&input, &mut out).unwrap();
        assert!(out == bytes);
        let cut = &input[..BLOCK + 300];
        assert!(decoder.decompress_blocks(cut, &mut out).is_err());
    }
}
