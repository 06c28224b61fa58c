//! The program inside of the boot manager for BIOS systems, `bootmgr`: behind code of 16 bits and the
//! head of a PE image stands the packed image of the boot manager itself, which carries a signature.
//!
//! It is packed by LZNT1 before Windows 8, and since then by XPRESS with Huffman codes. Where it begins
//! is not written down in a documented place, so it is searched for.

use super::pe::Pe;
use crate::bytes::{le16, le32};
use crate::fs::ntfs::compress::{lznt1, xpress};
use crate::source::MemorySource;

/// Where the packed program can begin at the earliest, and the step of the search.
const FIRST: usize = 0x400;
const STEP: usize = 4;
/// The longest file that is searched, and the longest program.
const MAX_FILE: usize = 16 << 20;
const MAX_PROGRAM: usize = 16 << 20;
/// Bytes that are unpacked to read the head of the program.
const HEAD: usize = 1024;
/// Places at which a head is unpacked.
const MAX_TRIED: usize = 4096;

/// The program that is packed in a boot manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// Where it begins in the file.
    pub offset: usize,
    /// It, unpacked.
    pub program: Vec<u8>,
}

/// The program that is packed in `file`; `None` where there is none.
#[must_use]
pub fn packed(file: &[u8]) -> Option<Packed> {
    if file.len() > MAX_FILE {
        return None;
    }
    let mut tried = 0_usize;
    for offset in (FIRST..file.len()).step_by(STEP) {
        let rest = file.get(offset..)?;
        let unpack: fn(&[u8], &mut [u8]) -> bool = if may_be_lznt1(rest) {
            |input, out| lznt1::decompress(input, out).is_ok_and(|done| done >= out.len())
        } else if may_be_xpress(rest) {
            |input, out| {
                let mut decoder = xpress::Decoder::default();
                decoder.decompress_blocks(input, out).is_ok()
            }
        } else {
            continue;
        };
        tried = tried.saturating_add(1);
        if tried > MAX_TRIED {
            return None;
        }
        if let Some(program) = program(rest, unpack) {
            return Some(Packed { offset, program });
        }
    }
    None
}

/// The program at the start of `input`: as long as its headers say.
fn program(input: &[u8], unpack: fn(&[u8], &mut [u8]) -> bool) -> Option<Vec<u8>> {
    let mut head = vec![0; HEAD];
    if !unpack(input, &mut head) || !head.starts_with(b"MZ") {
        return None;
    }
    let pe = usize::try_from(le32(&head, 60)?).ok()?;
    if head.get(pe..pe.checked_add(4)?)? != b"PE\0\0" {
        return None;
    }
    // The end is that of the certificates, or of the last section.
    let mut whole = MemorySource(head);
    whole.0.resize(MAX_PROGRAM, 0);
    let pe = Pe::parse(&whole).ok()?;
    let sections = pe.sections.iter().map(|s| s.file.end);
    let certified = (!pe.certificates.is_empty()).then_some(pe.certificates.end);
    let end = sections.chain(certified).max()?;
    let end = usize::try_from(end)
        .ok()
        .filter(|end| *end <= MAX_PROGRAM)?;
    let mut out = vec![0; end];
    unpack(input, &mut out).then_some(out)
}

/// A compressed chunk of LZNT1 (bits 12 to 14 of its header are 3) whose first two bytes are plain.
fn may_be_lznt1(bytes: &[u8]) -> bool {
    le16(bytes, 0).is_some_and(|header| header & 0xF000 == 0xB000)
        && bytes.get(2).is_some_and(|flags| flags & 3 == 0)
        && bytes.get(3..5) == Some(b"MZ")
}

/// Lengths of Huffman codes among which are those of the bytes 0, `M` and `Z`.
fn may_be_xpress(bytes: &[u8]) -> bool {
    let high = |at: usize| bytes.get(at).is_some_and(|b| b >> 4 != 0);
    let low = |at: usize| bytes.get(at).is_some_and(|b| b & 0xF != 0);
    low(0) && high(usize::from(b'M') / 2) && low(usize::from(b'Z') / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRAM: &[u8] = include_bytes!("../../../../testdata/signed/kernel.exe");

    /// One chunk of LZNT1: runs of a byte as matches, the rest plain.
    fn lznt1(bytes: &[u8]) -> Vec<u8> {
        let mut body = Vec::new();
        let (mut at, mut bit, mut flags) = (0, 8, 0);
        while at < bytes.len() {
            if bit == 8 {
                (bit, flags) = (0, body.len());
                body.push(0);
            }
            let before = at.checked_sub(1).map(|i| bytes[i]);
            let run = bytes[at..].iter().take_while(|b| Some(**b) == before);
            let distance_bits = match at {
                0 => 4,
                _ => (usize::BITS - (at - 1).leading_zeros()).max(4),
            };
            let run = run.take((1 << (16 - distance_bits)) + 2).count();
            if run >= 3 {
                body[flags] |= 1 << bit;
                body.extend(((run - 3) as u16).to_le_bytes());
                at += run;
            } else {
                body.push(bytes[at]);
                at += 1;
            }
            bit += 1;
        }
        let header = 0xB000 | (body.len() - 1) as u16;
        [&header.to_le_bytes()[..], &body].concat()
    }

    /// A block of XPRESS whose every byte is plain: each literal has its own value as its code.
    fn xpress(bytes: &[u8]) -> Vec<u8> {
        let mut out = [vec![0x88; 128], vec![0; 128]].concat();
        for pair in bytes.chunks(2) {
            out.extend([pair[1], pair[0]]);
        }
        [out, vec![0; 4]].concat()
    }

    fn manager(packed: &[u8]) -> Vec<u8> {
        let mut out = vec![0; 0x800];
        out[..3].copy_from_slice(&[0xE9, 0xD5, 1]);
        out.extend(packed);
        out
    }

    #[test]
    fn the_program_is_found_and_is_whole() {
        for stream in [lznt1(PROGRAM), xpress(PROGRAM)] {
            let found = packed(&manager(&stream)).unwrap();
            assert_eq!(found.offset, 0x800);
            assert!(found.program == PROGRAM);
        }
        // Without the program, or with another one than the headers of the stub say.
        assert!(packed(&manager(&[])).is_none());
        assert!(packed(&manager(PROGRAM)).is_none());
        assert!(packed(&[0x88; 0x4000]).is_none());
        assert!(packed(b"").is_none());
    }

    #[test]
    fn a_cut_or_changed_stream_is_no_panic() {
        let whole = manager(&xpress(PROGRAM));
        for at in (0x800..whole.len()).step_by(97) {
            let _ = packed(&whole[..at]);
            let mut changed = whole.clone();
            changed[at] ^= 0x5A;
            let _ = packed(&changed);
        }
    }
}
