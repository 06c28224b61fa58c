//! Programs without their symbols: dracut strips what it copies, where strip(1) is installed.
//!
//! Source: System V ABI, "Program Header". What is loaded and run is what the program headers tell;
//! stripping takes sections away and with them what the ELF header says of the section headers.

use crate::bytes::{le16, le32, le64};

const PT_LOAD: u32 = 1;
const MAX_HEADERS: usize = 256;

/// True where `one` and `other` are loaded with the same bytes at the same addresses.
pub(super) fn same_when_loaded(one: &[u8], other: &[u8]) -> bool {
    let (Some(one), Some(other)) = (Loaded::of(one), Loaded::of(other)) else {
        return false;
    };
    one == other
}

#[derive(PartialEq, Eq)]
struct Loaded {
    headers: Vec<u8>,
    segments: Vec<Vec<u8>>,
}

impl Loaded {
    fn of(bytes: &[u8]) -> Option<Self> {
        // 64 bits, little-endian.
        if !bytes.starts_with(b"\x7fELF\x02\x01") {
            return None;
        }
        let mut bytes = bytes.to_vec();
        let at = usize::try_from(le64(&bytes, 32)?).ok()?;
        let (size, count) = (
            usize::from(le16(&bytes, 54)?),
            usize::from(le16(&bytes, 56)?),
        );
        if size < 56 || count == 0 || count > MAX_HEADERS {
            return None;
        }
        // The section headers: where, how many, and which has their names.
        for range in [40..48, 60..64] {
            bytes.get_mut(range)?.fill(0);
        }
        let headers = bytes.get(at..at.checked_add(size.checked_mul(count)?)?)?;
        let mut segments = Vec::new();
        for header in headers.chunks_exact(size) {
            if le32(header, 0)? != PT_LOAD {
                continue;
            }
            let start = usize::try_from(le64(header, 8)?).ok()?;
            let len = usize::try_from(le64(header, 32)?).ok()?;
            segments.push(bytes.get(start..start.checked_add(len)?)?.to_vec());
        }
        let headers = [bytes.get(..64)?, headers].concat();
        (!segments.is_empty()).then_some(Self { headers, segments })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(segment: &[u8], behind: &[u8]) -> Vec<u8> {
        let mut b = crate::evidence::linux::testing::elf(64);
        b[32..40].copy_from_slice(&64_u64.to_le_bytes());
        b[40..48].copy_from_slice(&(behind.len() as u64).to_le_bytes());
        b[54..56].copy_from_slice(&56_u16.to_le_bytes());
        b[56..58].copy_from_slice(&1_u16.to_le_bytes());
        b.resize(120, 0);
        b[64] = 1;
        let len = (120 + segment.len()) as u64;
        b[96..104].copy_from_slice(&len.to_le_bytes());
        b.extend(segment);
        b.extend(behind);
        b
    }

    #[test]
    fn what_is_not_loaded_makes_no_difference_and_what_is_does() {
        let whole = program(b"code", b"symbols");
        assert!(same_when_loaded(&whole, &program(b"code", b"")));
        assert!(!same_when_loaded(&whole, &program(b"evil", b"symbols")));
        assert!(!same_when_loaded(&whole, &program(b"code!", b"")));
        let mut entry = whole.clone();
        entry[24] = 1;
        assert!(!same_when_loaded(&whole, &entry));
        for len in 0..124 {
            assert!(!same_when_loaded(&whole[..len], &whole[..len]), "{len}");
        }
    }
}
