//! Decoders of the compressions that NTFS files use: LZNT1 in compressed attributes, XPRESS with
//! Huffman codes and LZX (the variant of WIM files) behind the Windows Overlay Filter.

mod bits;
mod huffman;
pub mod lznt1;
pub mod lzx;
pub mod xpress;

use crate::text::Text;

/// How compressed bytes contradict their format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformed {
    /// The compressed data ends too early.
    EndsEarly,
    /// An uncompressed block ends behind the data.
    RawEnd,
    /// A Huffman code of more than 16 bits.
    LongCode,
    /// More Huffman codes than there is room for.
    FullCode,
    /// Bits that are no Huffman code.
    NoCode,
    /// A chunk crosses the end of the compressed data.
    ChunkEnd,
    /// The data ends inside a match token.
    HalfToken,
    /// A match begins before its chunk.
    MatchBeforeChunk,
    /// A match begins before the output.
    MatchBegin,
    /// A match ends behind the output.
    MatchEnd,
    /// A match crosses the end of its block.
    MatchBlock,
    /// An LZX chunk stands for more than 32,768 bytes.
    LongChunk,
    /// A block's size is 0 or crosses the end of the chunk.
    BlockSize,
    /// A block of an unknown type.
    BlockType,
    /// A run of code lengths crosses their end.
    LengthsEnd,
    /// A run inside a run of code lengths.
    NestedLengths,
    /// An XPRESS block stands for more than 65,536 bytes.
    LongBlock,
    /// The data is too short for the code lengths.
    NoLengths,
}

impl Malformed {
    /// The sentence for it.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::EndsEarly => say!(error_malformed_early),
            Self::RawEnd => say!(error_malformed_raw),
            Self::LongCode => say!(error_malformed_code_long),
            Self::FullCode => say!(error_malformed_code_full),
            Self::NoCode => say!(error_malformed_code_none),
            Self::ChunkEnd => say!(error_malformed_chunk),
            Self::HalfToken => say!(error_malformed_token),
            Self::MatchBeforeChunk => say!(error_malformed_match_chunk),
            Self::MatchBegin => say!(error_malformed_match_begin),
            Self::MatchEnd => say!(error_malformed_match_end),
            Self::MatchBlock => say!(error_malformed_match_block),
            Self::LongChunk => say!(error_malformed_lzx_long),
            Self::BlockSize => say!(error_malformed_block_size),
            Self::BlockType => say!(error_malformed_block_type),
            Self::LengthsEnd => say!(error_malformed_lengths),
            Self::NestedLengths => say!(error_malformed_lengths_nested),
            Self::LongBlock => say!(error_malformed_xpress_long),
            Self::NoLengths => say!(error_malformed_no_lengths),
        }
    }
}

/// English.
impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for Malformed {}

/// Copies `len` bytes within `out` from `offset` bytes before `at` to `at`; the ranges may
/// overlap, and then the copied bytes repeat.
///
/// # Errors
/// If the match begins before the output or ends behind it.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "the match begins inside the output and ends inside it, as is checked first; `at` is no further than its end"
)]
#[inline]
fn copy_match(out: &mut [u8], at: usize, offset: usize, len: usize) -> Result<(), Malformed> {
    if offset == 0 || offset > at {
        return Err(Malformed::MatchBegin);
    }
    let left = out.len() - at;
    if len > left {
        return Err(Malformed::MatchEnd);
    }
    // Eight bytes at a time may write up to seven bytes more than asked for: they are still free.
    if offset >= 8 && len + 8 <= left {
        let mut done = 0;
        while done < len {
            let from = at - offset + done;
            let mut word = [0; 8];
            word.copy_from_slice(&out[from..from + 8]);
            out[at + done..at + done + 8].copy_from_slice(&word);
            done += 8;
        }
        return Ok(());
    }
    if offset == 1 {
        let byte = out[at - 1];
        out[at..at + len].fill(byte);
        return Ok(());
    }
    if offset >= len {
        out.copy_within(at - offset..at - offset + len, at);
    } else {
        for i in at..at + len {
            out[i] = out[i - offset];
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_repeat_and_never_leave_the_output() {
        let mut out = *b"abc.......";
        copy_match(&mut out, 3, 3, 7).unwrap();
        assert_eq!(&out, b"abcabcabca");
        assert!(copy_match(&mut out, 3, 4, 1).is_err());
        assert!(copy_match(&mut out, 3, 0, 1).is_err());
        assert!(copy_match(&mut out, 3, 1, 8).is_err());
    }
}
