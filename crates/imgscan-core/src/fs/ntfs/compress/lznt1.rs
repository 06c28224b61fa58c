//! LZNT1, the compression of NTFS attributes: Microsoft MS-XCA 2.5.
//!
//! A stream of chunks, each standing for 4,096 bytes: a 16-bit header (bit 15: compressed; bits
//! 0 to 11: bytes behind the header minus one), then either plain bytes or groups of a flag byte
//! and eight tokens, each a literal byte or a 16-bit match whose split between distance and
//! length depends on the position inside the chunk. A header of 0 ends the stream.

use super::{Malformed, copy_match};

/// Plain bytes that a chunk stands for.
const CHUNK: usize = 4096;

/// Decompresses `input` into `out`, whose rest, where the stream ends early or a chunk is short,
/// becomes zeros. Returns how many bytes of `out` the chunks covered.
///
/// # Errors
/// If a chunk crosses the end of the input or a match the start of its chunk.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "positions are inside the input and the output, or behind them by at most a chunk"
)]
pub fn decompress(input: &[u8], out: &mut [u8]) -> Result<usize, Malformed> {
    let mut at = 0;
    let mut done = 0;
    while done < out.len() {
        let Some(header) = crate::bytes::le16(input, at) else {
            break;
        };
        if header == 0 {
            break;
        }
        at += 2;
        let len = usize::from(header & 0x0FFF) + 1;
        let body = input.get(at..at + len).ok_or(Malformed::ChunkEnd)?;
        at += len;
        let end = out.len().min(done + CHUNK);
        let plain = &mut out[done..end];
        let filled = if header & 0x8000 == 0 {
            let n = len.min(plain.len());
            plain[..n].copy_from_slice(&body[..n]);
            n
        } else {
            chunk(body, plain)?
        };
        plain[filled..].fill(0);
        done = end;
    }
    out[done..].fill(0);
    Ok(done)
}

/// Decompresses the body of one chunk; `out` is at most [`CHUNK`] long. Returns the bytes made.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "every position is compared with its length before, and a chunk is at most 4096 bytes; checked access would cost in the inner loop"
)]
fn chunk(body: &[u8], out: &mut [u8]) -> Result<usize, Malformed> {
    let mut at = 0;
    let mut done = 0;
    while at < body.len() && done < out.len() {
        let flags = body[at];
        at += 1;
        if flags == 0 && at + 8 <= body.len() && done + 8 <= out.len() {
            out[done..done + 8].copy_from_slice(&body[at..at + 8]);
            at += 8;
            done += 8;
            continue;
        }
        for bit in 0..8 {
            if at >= body.len() || done >= out.len() {
                break;
            }
            if flags >> bit & 1 == 0 {
                out[done] = body[at];
                at += 1;
                done += 1;
                continue;
            }
            let token = crate::bytes::le16(body, at).ok_or(Malformed::HalfToken)?;
            at += 2;
            if done == 0 {
                return Err(Malformed::MatchBeforeChunk);
            }
            // Four bits of distance at first, one more each time the position doubles past 16.
            let distance_bits = (usize::BITS - (done - 1).leading_zeros()).max(4);
            let distance = usize::from(token >> (16 - distance_bits)) + 1;
            let len = usize::from(token & (0xFFFF >> distance_bits)) + 3;
            // The last match of a file may run over the end that the caller asked for.
            let len = len.min(out.len() - done);
            copy_match(out, done, distance, len)?;
            done += len;
        }
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of MS-XCA 3.3.
    #[test]
    fn the_published_example_is_decompressed() {
        let input: [u8; 59] = [
            0x38, 0xb0, 0x88, 0x46, 0x23, 0x20, 0x00, 0x20, 0x47, 0x20, 0x41, 0x00, 0x10, 0xa2,
            0x47, 0x01, 0xa0, 0x45, 0x20, 0x44, 0x00, 0x08, 0x45, 0x01, 0x50, 0x79, 0x00, 0xc0,
            0x45, 0x20, 0x05, 0x24, 0x13, 0x88, 0x05, 0xb4, 0x02, 0x4a, 0x44, 0xef, 0x03, 0x58,
            0x02, 0x8c, 0x09, 0x16, 0x01, 0x48, 0x45, 0x00, 0xbe, 0x00, 0x9e, 0x00, 0x04, 0x01,
            0x18, 0x90, 0x00,
        ];
        let mut out = [0xAA; 142];
        assert_eq!(decompress(&input, &mut out).unwrap(), 142);
        assert_eq!(
            &out[..],
            b"F# F# G A A G F# E D D E F# F# E E F# F# G A A G F# E D D E F# E D D E E F# D E F# \
              G F# D E F# G F# E D E A F# F# G A A G F# E D D E F# E D D\0"
                .as_slice()
        );
    }

    #[test]
    fn short_and_broken_streams_end_in_zeros_or_an_error() {
        let mut out = [0xAA; 10];
        assert_eq!(decompress(&[0, 0], &mut out), Ok(0));
        assert_eq!(out, [0; 10]);
        assert!(decompress(&[0xFF, 0x30, 1], &mut out).is_err());
        // A match as the first token.
        assert!(decompress(&[0x02, 0xB0, 1, 0, 0], &mut out).is_err());
        assert_eq!(decompress(&[0x01, 0x30, 7, 8], &mut out), Ok(10));
        assert_eq!(out, [7, 8, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
}
