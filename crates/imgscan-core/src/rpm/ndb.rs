//! rpm's own database (`Packages.db`). Format: lib/backend/ndb/rpmpkg.c of rpm. Integers are
//! little-endian.

use super::{Each, MAX_BLOB, Record, corrupt};
use crate::bytes::le32;
use crate::error::{Error, Layer, Result};
use crate::source::{ReadAt, read_vec};

/// `RpmP`.
pub(super) const MAGIC: u32 = 0x506d_7052;
const SLOT: u32 = u32::from_le_bytes(*b"Slot");
const HEAD: u32 = u32::from_le_bytes(*b"BlbS");
const TAIL: u32 = u32::from_le_bytes(*b"BlbE");
/// Bytes of a page of slots.
const PAGE: u64 = 4096;
/// Bytes of a block, the unit of places and lengths.
const BLOCK: u64 = 16;

#[expect(
    clippy::arithmetic_side_effects,
    reason = "the pages of slots lie inside the file, and places of blocks are 32 bits times 16"
)]
pub(super) fn records(file: &dyn ReadAt, each: &mut Each<'_>) -> Result<()> {
    let head = read_vec(file, 0, 32).map_err(|_| corrupt(0, say!(error_rpm_short)))?;
    let field = |at| le32(&head, at).unwrap_or(0);
    if field(4) != 0 {
        let what = say!(error_ndb_version, version = field(4));
        return Err(Error::unsupported(Layer::Packages, 4, what));
    }
    let pages = u64::from(field(12));
    let slots = pages.checked_mul(PAGE).filter(|end| *end <= file.len());
    let Some(slots) = slots.filter(|_| pages > 0) else {
        return Err(corrupt(12, say!(error_ndb_pages, count = pages)));
    };
    // Blocks of packages, sorted by place, so that none is read twice.
    let mut found: Vec<(u64, u64, u32)> = Vec::new();
    for page in 0..pages {
        let bytes = read_vec(file, page * PAGE, 4096)?;
        let first = if page == 0 { 32 } else { 0 };
        for at in (first..4096).step_by(16) {
            let field = |n: usize| le32(&bytes, at + n * 4).unwrap_or(0);
            let place = page * PAGE + at as u64;
            if field(0) != SLOT {
                each(Err(corrupt(place, say!(error_ndb_slot))));
                return Ok(());
            }
            // A slot without a package is free.
            if field(1) != 0 {
                let (start, count) = (u64::from(field(2)) * BLOCK, u64::from(field(3)) * BLOCK);
                found.push((start, count, field(1)));
            }
        }
    }
    found.sort_unstable();
    let mut end = slots;
    for (start, length, number) in found {
        let blob = if start < end {
            Err(corrupt(start, say!(error_rpm_overlap, what = "blocks")))
        } else {
            blob(file, start, length, number)
        };
        end = start.saturating_add(length).max(end);
        let record = blob.map(|blob| Record {
            number: u64::from(number),
            offset: start + 16,
            blob,
        });
        if !each(record) {
            break;
        }
    }
    Ok(())
}

fn blob(file: &dyn ReadAt, start: u64, length: u64, number: u32) -> Result<Vec<u8>> {
    if length > MAX_BLOB {
        let what = say!(error_rpm_package_long, len = length, most = MAX_BLOB);
        return Err(Error::limit(Layer::Packages, start, what));
    }
    let size = usize::try_from(length).unwrap_or(usize::MAX);
    let bytes = read_vec(file, start, size)
        .map_err(|_| corrupt(start, say!(error_ndb_end, len = length)))?;
    let field = |at| le32(&bytes, at).unwrap_or(0);
    let len = usize::try_from(field(12)).unwrap_or(usize::MAX);
    // Head of 16 bytes, the header, zeros up to a block, tail of 12 bytes at the end of a block.
    let whole = len.checked_add(16 + 12).map(|n| n.next_multiple_of(16));
    if field(0) != HEAD || field(4) != number || whole != Some(size) {
        return Err(corrupt(start, say!(error_ndb_head)));
    }
    let parts = bytes.split_last_chunk::<12>();
    let (covered, tail) = parts.ok_or_else(|| corrupt(start, say!(error_ndb_head)))?;
    if le32(tail, 4) != le32(&bytes, 12) || le32(tail, 8) != Some(TAIL) {
        return Err(corrupt(start, say!(error_ndb_tail)));
    }
    if Some(adler32(covered)) != le32(tail, 0) {
        return Err(corrupt(start, say!(error_ndb_checksum)));
    }
    let header = covered.get(16..).and_then(|rest| rest.get(..len));
    let header = header.ok_or_else(|| corrupt(start, say!(error_ndb_head)))?;
    Ok(header.to_vec())
}

/// Adler-32 (RFC 1950, section 8.2).
#[expect(
    clippy::arithmetic_side_effects,
    reason = "with 65,520 each before them, the sums over 5,552 bytes stay below 2^32 (RFC 1950)"
)]
fn adler32(bytes: &[u8]) -> u32 {
    let (mut a, mut b) = (1_u32, 0_u32);
    // So many sums fit in 32 bits before the modulus is due.
    for piece in bytes.chunks(5552) {
        for byte in piece {
            a += u32::from(*byte);
            b += a;
        }
        a %= 65521;
        b %= 65521;
    }
    b << 16 | a
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_checksum_is_adler_32() {
        // The value that zlib gives for this text.
        assert_eq!(super::adler32(b"Wikipedia"), 0x11E6_0398);
    }
}
