//! LZO1X in the container of lzop, as the Linux build packs kernels.
//!
//! Sources: Linux `Documentation/staging/lzo.rst` (the stream), `lib/decompress_unlzo.c` and the
//! manual of lzop (the container). All numbers of the container are big-endian.

use crate::bytes::{be16, be32, le16};

/// Bytes that one block unpacks to at most (lzop's default, the kernel's bound).
const MAX_BLOCK: usize = 256 * 1024;

/// Flags of the container: checksums of the unpacked and of the packed bytes, a filter.
const CHECKS_UNPACKED: [u32; 2] = [0x1, 0x100];
const CHECKS_PACKED: [u32; 2] = [0x2, 0x200];
const FILTER: u32 = 0x800;

/// Why a stream is refused, and at which of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is not sound at this byte.
    Corrupt(usize),
    /// It unpacks to more than the limit.
    TooLong,
}

/// Unpacks the container `bytes` to at most `limit` bytes.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "no place is further behind the end of a slice than a header of a block is long, and \
              no block is longer than MAX_BLOCK"
)]
pub(super) fn unpack(bytes: &[u8], limit: usize) -> Result<Vec<u8>, Fault> {
    let (mut at, flags) = header(bytes).ok_or(Fault::Corrupt(0))?;
    let sums = |of: [u32; 2]| of.iter().filter(|f| flags & **f != 0).count() * 4;
    let (before, packed_sums) = (sums(CHECKS_UNPACKED), sums(CHECKS_PACKED));
    let mut out = Vec::new();
    loop {
        let here = at;
        let word = |at: usize| {
            let n = be32(bytes, at).and_then(|n| usize::try_from(n).ok());
            n.ok_or(Fault::Corrupt(here))
        };
        let unpacked = word(at)?;
        if unpacked == 0 {
            return Ok(out);
        }
        let packed = word(at + 4)?;
        if packed == 0 || packed > unpacked || unpacked > MAX_BLOCK {
            return Err(Fault::Corrupt(here));
        }
        if out.len() + unpacked > limit {
            return Err(Fault::TooLong);
        }
        at += 8 + before + if packed < unpacked { packed_sums } else { 0 };
        let block = bytes.get(at..at + packed).ok_or(Fault::Corrupt(here))?;
        if packed == unpacked {
            out.extend_from_slice(block);
        } else {
            let start = out.len();
            stream(block, &mut out, start + unpacked).map_err(|i| Fault::Corrupt(at + i))?;
            if out.len() != start + unpacked {
                return Err(Fault::Corrupt(here));
            }
        }
        at += packed;
    }
}

/// Where the blocks begin, and the flags.
fn header(bytes: &[u8]) -> Option<(usize, u32)> {
    // Magic of 9 bytes; versions of the program, of the library and of the format; the method.
    let version = be16(bytes, 9)?;
    let newer = version >= 0x940;
    let flags_at: usize = if newer { 17 } else { 16 };
    let flags = be32(bytes, flags_at)?;
    let filter = if flags & FILTER == 0 { 0 } else { 4 };
    // Mode and time, with its upper half in newer versions; the name with its length before it;
    // the header's checksum.
    let times = if newer { 12 } else { 8 };
    let name_at = [4, filter, times]
        .into_iter()
        .try_fold(flags_at, usize::checked_add)?;
    let name = usize::from(*bytes.get(name_at)?);
    Some((name_at.checked_add(name)?.checked_add(5)?, flags))
}

/// Appends what the LZO1X stream `input` unpacks to, at most up to `end` bytes of `out`, of which
/// those before the stream's own are not seen. On a fault, the byte of the input.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "distances and lengths are of at most 16 bits and MAX_BLOCK; `out` never grows beyond \
              `end`, for literals and matches are compared with what is left; a match begins before \
              the end of `out` (distances are 1 or more)"
)]
fn stream(input: &[u8], out: &mut Vec<u8>, end: usize) -> Result<(), usize> {
    let start = out.len();
    let mut s = Stream { input, at: 0 };
    // Literals that the last instruction copied; 4 for four and more.
    let mut state = 0;
    if let Some(first @ 18..) = input.first() {
        s.at = 1;
        let n = usize::from(first - 17);
        s.literals(n, out, end)?;
        state = n.min(4);
    }
    loop {
        let here = s.at;
        let code = usize::from(s.byte()?);
        let (distance, len, literals) = match code {
            0..16 if state == 0 => {
                let n = 3 + s.length(code, 15)?;
                s.literals(n, out, end)?;
                state = 4;
                continue;
            }
            0..16 => {
                let distance = (usize::from(s.byte()?) << 2) + (code >> 2);
                if state == 4 {
                    (distance + 2049, 3, code & 3)
                } else {
                    (distance + 1, 2, code & 3)
                }
            }
            16..32 => {
                let len = 2 + s.length(code & 7, 7)?;
                let word = s.word()?;
                let distance = 16_384 + ((code & 8) << 11) + (word >> 2);
                if distance == 16_384 {
                    return Ok(());
                }
                (distance, len, word & 3)
            }
            32..64 => {
                let len = 2 + s.length(code & 31, 31)?;
                let word = s.word()?;
                ((word >> 2) + 1, len, word & 3)
            }
            _ => {
                let distance = (usize::from(s.byte()?) << 3) + (code >> 2 & 7) + 1;
                let len = if code < 128 {
                    3 + (code >> 5 & 1)
                } else {
                    5 + (code >> 5 & 3)
                };
                (distance, len, code & 3)
            }
        };
        let from = out.len().checked_sub(distance).filter(|f| *f >= start);
        let from = from.filter(|_| len <= end - out.len()).ok_or(here)?;
        // Source and target may overlap: then what was just written is repeated.
        for i in from..from + len {
            out.push(out[i]);
        }
        s.literals(literals, out, end)?;
        state = literals;
    }
}

struct Stream<'a> {
    input: &'a [u8],
    at: usize,
}

#[expect(
    clippy::arithmetic_side_effects,
    reason = "`at` is behind bytes that were read; lengths end above MAX_BLOCK"
)]
impl Stream<'_> {
    fn byte(&mut self) -> Result<u8, usize> {
        let byte = *self.input.get(self.at).ok_or(self.at)?;
        self.at += 1;
        Ok(byte)
    }

    fn word(&mut self) -> Result<usize, usize> {
        let word = le16(self.input, self.at).ok_or(self.at)?;
        self.at += 2;
        Ok(usize::from(word))
    }

    /// A length: `bits`, or where these are 0 `base` and what follows, 255 for each zero byte.
    fn length(&mut self, bits: usize, base: usize) -> Result<usize, usize> {
        if bits != 0 {
            return Ok(bits);
        }
        let mut len = base;
        loop {
            match self.byte()? {
                0 => len += 255,
                last => return Ok(len + usize::from(last)),
            }
            if len > MAX_BLOCK {
                return Err(self.at);
            }
        }
    }

    fn literals(&mut self, n: usize, out: &mut Vec<u8>, end: usize) -> Result<(), usize> {
        let bytes = self.input.get(self.at..self.at + n).ok_or(self.at)?;
        if n > end.saturating_sub(out.len()) {
            return Err(self.at);
        }
        out.extend_from_slice(bytes);
        self.at += n;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpacked(input: &[u8]) -> Result<Vec<u8>, usize> {
        let mut out = b"before".to_vec();
        stream(input, &mut out, 6 + 64)?;
        Ok(out.split_off(6))
    }

    #[test]
    fn instructions_do_what_the_kernels_document_says() {
        // 4 literals, a match of 3 at distance 1 (0x40: length 3, no literals), the end.
        let end = [0x11, 0, 0];
        let input = [&[21_u8, b'a', b'b', b'c', b'd', 0x40, 0][..], &end].concat();
        assert_eq!(unpacked(&input).unwrap(), b"abcdddd");
        // A match that reaches before the stream, into what another block gave.
        let input = [&[21_u8, b'a', b'b', b'c', b'd', 0x40 | 4 << 2, 0][..], &end].concat();
        assert_eq!(unpacked(&input), Err(5));
        // Cut.
        assert_eq!(unpacked(&[21, b'a']), Err(1));
        // More than the block may hold.
        let input = [&[21_u8, b'a', b'b', b'c', b'd', 0x20, 200, 0, 0][..], &end].concat();
        assert_eq!(unpacked(&input), Err(5));
    }
}
