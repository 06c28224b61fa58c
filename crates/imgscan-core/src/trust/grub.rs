//! GRUB as a BIOS starts it: the first sector of the disk (`boot.img`), and what that loads, made
//! by `grub-mkimage` from files that a package keeps: `diskboot.img`, `lzma_decompress.img`, and
//! packed behind it the kernel and modules of GRUB, a configuration and a prefix.
//! `grub-bios-setup` puts Reed-Solomon codes behind them, with which the decompressor repairs damage
//! before it unpacks anything: what runs is what the codes make of it.
//!
//! Sources: GRUB manual, "BIOS installation" and "Images"; `include/grub/i386/pc/boot.h` and
//! `kernel.h`, `include/grub/kernel.h`, `include/grub/offsets.h` of GRUB 2.06 for the offsets. All
//! integers are little-endian; sectors have 512 bytes.

use std::io::Read as _;
use std::ops::Range;

use crate::bytes::{le16, le32, le64};
use crate::error::{Error, Kind, Layer, Result};
use crate::text::Text;

/// Bytes of a sector.
pub const SECTOR: usize = 512;
/// Bytes of code in the first sector; then come the disk's signature and the partitions.
pub const CODE: usize = 440;
/// Entries of the partition table in it: four of 16 bytes, the fifth byte of each its type.
const ENTRIES: Range<usize> = 446..510;

/// True where the first sector `sector` of a disk holds something to run: in the place of code, or in
/// entries that are no partitions. A processor runs through zeros to what stands behind them.
#[must_use]
pub fn holds_code(sector: &[u8]) -> bool {
    let any = |bytes: &[u8]| bytes.iter().any(|b| *b != 0);
    let entries = sector.get(ENTRIES).unwrap_or_default().chunks(16);
    let is_partition = |entry: &[u8]| {
        let number = |at: usize| le32(entry, at).unwrap_or(0);
        matches!(entry.first(), Some(0 | 0x80))
            && entry.get(4) != Some(&0)
            && number(8) != 0
            && number(12) != 0
    };
    let mut others = entries.filter(|entry| !is_partition(entry));
    sector.get(..CODE).is_some_and(any) || others.any(any)
}
/// Where the first sector holds the parameters of a file system, which its code jumps over.
const PARAMETERS: Range<usize> = 3..0x5A;
/// Where it holds the number of the sector that it loads.
const KERNEL_SECTOR: Range<usize> = 0x5C..0x64;
/// Where it holds the drive that it loads from.
const DRIVE: Range<usize> = 0x64..0x65;
/// A jump over a check of the drive, which is taken out for hard disks.
const DRIVE_CHECK: Range<usize> = 0x66..0x68;
/// Where the first list of sectors stands in what is loaded; further ones stand before it.
const LIST: usize = 0x1F4;
const LIST_BYTES: usize = 12;
/// Lists that are followed.
const MAX_LISTS: usize = 16;
/// What `grub-mkimage` and `grub-bios-setup` write into the decompressor: the lengths of the packed
/// and unpacked bytes and of the codes that repair them, and the boot device.
const LENGTHS: Range<usize> = 8..0x14;
const BOOT_DEVICE: Range<usize> = 0x18..0x1C;
/// Where the part without codes ends, in bytes from the decompressor's start.
const PLAIN_END: usize = 0x14;
/// Data and codes that are taken together, in sectors.
const BLOCK_SECTORS: usize = 200;
/// Above x^8 in the polynomial of the field of the codes.
const FIELD: u16 = 0x11D;
/// The longest unpacked image, in bytes.
const MAX_UNPACKED: usize = 16 << 20;
/// Objects of one image.
const MAX_OBJECTS: usize = 1024;
/// What begins the objects behind the kernel.
const OBJECTS: &[u8] = b"mimg";

/// True where `a` and `b` are of one length and equal but for the ranges.
fn equal_but(a: &[u8], b: &[u8], ranges: &[Range<usize>]) -> bool {
    let free = |at: usize| ranges.iter().any(|r| r.contains(&at));
    let mut both = a.iter().zip(b).enumerate();
    a.len() == b.len() && both.all(|(at, (a, b))| a == b || free(at))
}

/// True where the disk's first sector is `original`, a package's `boot.img`, as
/// `grub-bios-setup` writes it.
#[must_use]
pub fn is_boot_sector(sector: &[u8], original: &[u8]) -> bool {
    let (Some(sector), Some(original)) = (sector.get(..CODE), original.get(..CODE)) else {
        return false;
    };
    let check = sector.get(DRIVE_CHECK);
    let usual = check == original.get(DRIVE_CHECK) || check == Some(&[0x90, 0x90]);
    let free = [PARAMETERS, KERNEL_SECTOR, DRIVE, DRIVE_CHECK];
    usual && equal_but(sector, original, &free)
}

/// The sector that the disk's first sector loads.
#[must_use]
pub fn loads(sector: &[u8]) -> Option<u64> {
    le64(sector, KERNEL_SECTOR.start)
}

/// Where the first sector of the core says that the rest of it is: first sector and number of
/// sectors of each part.
#[must_use]
pub fn lists(first: &[u8]) -> Vec<(u64, u16)> {
    let at = |i: usize| LIST.checked_sub(i.checked_mul(LIST_BYTES)?);
    let one = |at: usize| Some((le64(first, at)?, le16(first, at.checked_add(8)?)?));
    let all = (0..MAX_LISTS).map_while(|i| one(at(i)?));
    all.take_while(|(_, sectors)| *sectors > 0).collect()
}

/// True where the first sector of the core is `original`, a package's `diskboot.img`, but for its
/// lists.
#[must_use]
pub fn is_disk_boot(first: &[u8], original: &[u8]) -> bool {
    let used = lists(first).len().max(1).saturating_mul(LIST_BYTES);
    let code = SECTOR.saturating_sub(used);
    match (first.get(..code), original.get(..code)) {
        (Some(a), Some(b)) => a == b && original.len() == SECTOR,
        _ => false,
    }
}

/// True where `core`, what follows the first sector, begins with `original`, a package's
/// `lzma_decompress.img`.
#[must_use]
pub fn is_decompressor(core: &[u8], original: &[u8]) -> bool {
    core.get(..original.len())
        .is_some_and(|c| equal_but(c, original, &[LENGTHS, BOOT_DEVICE]))
}

/// Unpacks what follows the decompressor of `length` bytes in `core`.
///
/// # Errors
/// If the lengths do not fit or the stream is not sound.
pub fn unpack(core: &[u8], length: usize) -> Result<Vec<u8>> {
    let bad = |what: Text| Error::corrupt(Layer::Boot, None, what);
    let number = |at| le32(core, at).and_then(|n| usize::try_from(n).ok());
    let (packed, plain) = (number(8).unwrap_or(0), number(12).unwrap_or(0));
    if plain > MAX_UNPACKED {
        let what = say!(error_packed_limit, most = MAX_UNPACKED);
        return Err(Error::new(Layer::Boot, Kind::Limit, None, what));
    }
    let stream = length
        .checked_add(packed)
        .and_then(|end| core.get(length..end));
    let stream = stream.ok_or_else(|| bad(say!(error_grub_end, what = "packed")))?;
    let damaged = |_: std::io::Error| bad(say!(error_packed_damaged, packing = "lzma"));
    // LZMA without a header: lc 3, lp 0, pb 2, a dictionary of 64 KiB.
    let reader = lzma_rust2::LzmaReader::new(stream, plain as u64, 3, 0, 2, 1 << 16, None);
    let mut out = Vec::new();
    let reader = reader.map_err(damaged)?;
    let mut reader = reader.take(plain as u64);
    reader.read_to_end(&mut out).map_err(damaged)?;
    if out.len() != plain {
        return Err(bad(say!(
            error_packed_length,
            packing = "lzma",
            found = out.len(),
            expected = plain
        )));
    }
    Ok(out)
}

/// Powers of x in the field, and the exponents of its elements.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "i is below 255, so i + 255 is below 510; a byte indexes 256 exponents"
)]
fn field() -> ([u8; 510], [usize; 256]) {
    let (mut powers, mut exponents) = ([0; 510], [0; 256]);
    let mut x: u16 = 1;
    for i in 0..255 {
        let byte = (x & 0xFF) as u8;
        (powers[i], powers[i + 255]) = (byte, byte);
        exponents[usize::from(byte)] = i;
        x <<= 1;
        if x > 0xFF {
            x ^= FIELD;
        }
    }
    (powers, exponents)
}

/// True where the codes behind `core`, whose decompressor has `length` bytes, are those of its
/// bytes: then they repair nothing. The bytes at one place in every sector, with those of the
/// sectors of codes behind them, are the coefficients of a polynomial, the highest first, that has
/// a root at x^0, x^1 and so on, one for each sector of codes.
///
/// # Errors
/// If the lengths do not fit.
pub fn codes_agree(core: &[u8], length: usize) -> Result<bool> {
    let number = |at| le32(core, at).and_then(|n| usize::try_from(n).ok());
    let end = number(8).and_then(|packed| length.checked_add(packed));
    let parts = end.zip(number(0x10)).zip(number(PLAIN_END));
    let parts = parts.and_then(|((end, codes), start)| {
        let codes = core.get(end..end.checked_add(codes)?)?;
        Some((core.get(start..end)?, codes))
    });
    let (mut data, mut codes) = parts
        .ok_or_else(|| Error::corrupt(Layer::Boot, None, say!(error_grub_end, what = "codes")))?;
    let field = field();
    while !data.is_empty() && !codes.is_empty() {
        let (mut own, mut of_codes) = (data.len(), codes.len());
        let all = own.saturating_add(of_codes);
        if all > BLOCK_SECTORS * SECTOR {
            let share = |len: usize| {
                let sectors = len.checked_mul(BLOCK_SECTORS)?.checked_div(all)?;
                sectors.checked_mul(SECTOR)
            };
            own = share(own).unwrap_or(0);
            of_codes = share(of_codes).unwrap_or(0);
        }
        if own == 0 || of_codes == 0 {
            return Ok(false);
        }
        let parts = data
            .split_at_checked(own)
            .zip(codes.split_at_checked(of_codes));
        let Some(((block, next), (of_block, next_codes))) = parts else {
            return Ok(false);
        };
        if !(0..SECTOR).all(|at| has_roots(block, of_block, at, &field)) {
            return Ok(false);
        }
        (data, codes) = (next, next_codes);
    }
    Ok(true)
}

/// Whether the bytes at `at` of every sector of `data` and `codes` are a polynomial with the roots.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a byte indexes 256 exponents, which are below 255, as the remainder is: their sum \
              indexes 510 powers"
)]
fn has_roots(
    data: &[u8],
    codes: &[u8],
    at: usize,
    (powers, exponents): &([u8; 510], [usize; 256]),
) -> bool {
    let column = |bytes: &[u8]| -> Vec<u8> {
        let behind = bytes.get(at..).unwrap_or_default();
        behind.iter().step_by(SECTOR).copied().collect()
    };
    let (mut all, codes) = (column(data), column(codes));
    let roots = codes.len();
    all.extend(codes);
    (0..roots).all(|root| {
        let value = all.iter().fold(0_u8, |sum, byte| match sum {
            0 => *byte,
            sum => powers[exponents[usize::from(sum)] + root % 255] ^ byte,
        });
        value == 0
    })
}

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ObjectKind {
    /// A module, as an ELF object.
    Module,
    /// Commands that run first.
    Config,
    /// The folder of GRUB's files.
    Prefix,
    /// Something else, by its number (1 is a memory disk, 4 a key).
    Other(u32),
}

/// Objects with their places in the unpacked core.
pub type Objects = Vec<(ObjectKind, Range<usize>)>;

/// The unpacked core: the bytes of the kernel, and the places of the objects behind it.
///
/// # Errors
/// If no list of objects that ends with the core is found, or it is not sound.
pub fn objects(plain: &[u8]) -> Result<(usize, Objects)> {
    let bad = |what: Text| Error::corrupt(Layer::Boot, None, what);
    let number = |at: usize| le32(plain, at).and_then(|n| usize::try_from(n).ok());
    // The kernel's code holds the same four bytes.
    let ends = |at: &usize| {
        let size = number(at.saturating_add(8));
        size.and_then(|size| at.checked_add(size)) == Some(plain.len())
    };
    let head = memchr::memmem::find_iter(plain, OBJECTS)
        .find(ends)
        .ok_or_else(|| bad(say!(error_grub_no_objects)))?;
    let mut at = number(head.saturating_add(4))
        .and_then(|start| head.checked_add(start))
        .ok_or_else(|| bad(say!(error_grub_no_objects)))?;
    let mut all = Vec::new();
    while at < plain.len() {
        let kind = le32(plain, at).ok_or_else(|| bad(say!(error_grub_end, what = "object")))?;
        let end = number(at.saturating_add(4))
            .filter(|size| *size >= 8)
            .and_then(|size| at.checked_add(size))
            .filter(|end| *end <= plain.len());
        let end = end.ok_or_else(|| bad(say!(error_grub_end, what = "object")))?;
        if all.len() >= MAX_OBJECTS {
            return Err(Error::limit(
                Layer::Boot,
                None,
                say!(error_grub_objects, most = MAX_OBJECTS),
            ));
        }
        let kind = match kind {
            0 => ObjectKind::Module,
            2 => ObjectKind::Config,
            3 => ObjectKind::Prefix,
            other => ObjectKind::Other(other),
        };
        all.push((kind, at.saturating_add(8)..end));
        at = end;
    }
    Ok((head, all))
}

/// What of `original`, a package's `kernel.img`, is loaded: the bytes of its first segment.
#[must_use]
pub fn loaded(original: &[u8]) -> Option<&[u8]> {
    /// `PT_LOAD`.
    const LOAD: u32 = 1;
    let (1, Some(_)) = (*original.get(4)?, crate::elf::head(original)) else {
        return None;
    };
    let header = usize::try_from(le32(original, 28)?).ok()?;
    let field = |at: usize| usize::try_from(le32(original, header.checked_add(at)?)?).ok();
    if le32(original, header)? != LOAD {
        return None;
    }
    let start = field(4)?;
    original.get(start..start.checked_add(field(16)?)?)
}

/// True where `object` is the module `original`, with zeros to the next multiple of four.
#[must_use]
pub fn is_module(object: &[u8], original: &[u8]) -> bool {
    object
        .strip_prefix(original)
        .is_some_and(|rest| rest.len() < 4 && rest.iter().all(|b| *b == 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sector() -> Vec<u8> {
        (0..SECTOR).map(|i| (i % 251) as u8).collect()
    }

    #[test]
    fn a_boot_sector_may_differ_where_it_is_set_up_and_nowhere_else() {
        let original = sector();
        for at in 0..SECTOR {
            let mut changed = original.clone();
            changed[at] ^= 0xFF;
            let free = PARAMETERS.contains(&at) || (0x5C..0x65).contains(&at) || at >= CODE;
            assert_eq!(is_boot_sector(&changed, &original), free, "byte {at}");
        }
        let mut checked = original.clone();
        checked[DRIVE_CHECK].fill(0x90);
        assert!(is_boot_sector(&checked, &original));
        assert!(!is_boot_sector(&original[..100], &original));
    }

    /// A protective record (UEFI 2.10, table 5.4) has one entry and zeros; the bytes of 440 to 446 are
    /// an id of the disk.
    #[test]
    fn code_may_stand_behind_zeros() {
        let mut sector = vec![0; SECTOR];
        sector[440..446].fill(7);
        sector[446..462].copy_from_slice(&[
            0, 0, 2, 0, 0xEE, 0xFF, 0xFF, 0xFF, 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF,
        ]);
        sector[510..].copy_from_slice(&[0x55, 0xAA]);
        assert!(!holds_code(&sector));
        for at in [0, 439, 462, 478 + 4, 509] {
            let mut changed = sector.clone();
            changed[at] = 0x90;
            assert!(holds_code(&changed), "byte {at}");
        }
        // A second partition is none.
        sector[462 + 4] = 0x83;
        sector[462 + 8] = 1;
        sector[462 + 12] = 1;
        assert!(!holds_code(&sector));
    }

    #[test]
    fn the_lists_of_sectors_go_backwards_and_end_with_an_empty_one() {
        let mut first = vec![0; SECTOR];
        first[LIST..LIST + 10].copy_from_slice(&[35, 0, 0, 0, 0, 0, 0, 0, 113, 0]);
        first[LIST - 12..LIST - 2].copy_from_slice(&[200, 0, 0, 0, 0, 0, 0, 0, 2, 0]);
        assert_eq!(lists(&first), [(35, 113), (200, 2)]);
        assert!(is_disk_boot(&first, &vec![0; SECTOR]));
        first[LIST - 13] = 1;
        assert!(!is_disk_boot(&first, &vec![0; SECTOR]));
    }

    #[test]
    fn objects_that_lie_about_their_length_are_refused() {
        let mut plain = b"code mimg code".to_vec();
        let at = plain.len();
        plain.extend(b"mimg");
        plain.extend([12, 0, 0, 0, 36, 0, 0, 0]);
        plain.extend([3, 0, 0, 0, 12, 0, 0, 0]);
        plain.extend(b"/x\0\0");
        plain.extend([2, 0, 0, 0, 12, 0, 0, 0]);
        plain.extend(b"set\0");
        let (kernel, all) = objects(&plain).unwrap();
        assert_eq!(kernel, at);
        assert_eq!(all[0], (ObjectKind::Prefix, at + 20..at + 24));
        assert_eq!(all[1].0, ObjectKind::Config);
        let mut long = plain.clone();
        long[at + 28] = 200;
        assert!(objects(&long).is_err());
        let mut none = plain.clone();
        none[at + 28] = 0;
        assert!(objects(&none).is_err());
        assert!(objects(&plain[..20]).is_err());
        let mut huge = vec![0; 64];
        huge[12..16].fill(0xFF);
        assert_eq!(unpack(&huge, 32).unwrap_err().kind, Kind::Limit);
        huge[12..16].copy_from_slice(&[16, 0, 0, 0]);
        huge[8..12].copy_from_slice(&[64, 0, 0, 0]);
        assert_eq!(unpack(&huge, 32).unwrap_err().kind, Kind::Corrupt);
    }

    /// That the codes of a real core agree shows `.ci/e2e/bios.py`.
    #[test]
    fn codes_of_other_bytes_do_not_agree() {
        let mut core = vec![0; 4096];
        // The decompressor has 32 bytes, no part is without codes, 1,000 bytes are packed.
        core[8..12].copy_from_slice(&1000_u32.to_le_bytes());
        core[0x10..0x14].copy_from_slice(&1024_u32.to_le_bytes());
        core[0x14..0x18].copy_from_slice(&32_u32.to_le_bytes());
        assert!(codes_agree(&core, 32).unwrap());
        for at in [32, 1031, 1032, 2055] {
            let mut other = core.clone();
            other[at] = 1;
            assert!(!codes_agree(&other, 32).unwrap(), "byte {at}");
        }
        core[0x10..0x14].copy_from_slice(&4096_u32.to_le_bytes());
        assert_eq!(codes_agree(&core, 32).unwrap_err().kind, Kind::Corrupt);
        core[0x14..0x18].copy_from_slice(&2000_u32.to_le_bytes());
        assert!(codes_agree(&core, 32).is_err());
    }
}
