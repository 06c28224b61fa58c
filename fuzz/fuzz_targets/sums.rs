//! Writes checksums as the writer of an image does, so that what a mutation changed is read and not refused.

#![allow(dead_code)]

use imgscan_core::bytes::{le32, le64};
use imgscan_core::hive::marvin::{LOG_SEED, marvin32};

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    if let Some(place) = bytes.get_mut(at..at + value.len()) {
        place.copy_from_slice(value);
    }
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The sum of the base block that a hive or a log begins with: XOR of the 127 numbers before it, where all zeros
/// and all ones stand for two others.
pub fn hive_base(file: &mut [u8]) {
    let Some(head) = file.get(..508) else { return };
    let (words, _) = head.as_chunks::<4>();
    let sum = words.iter().fold(0, |sum, word| sum ^ u32::from_le_bytes(*word));
    let sum = match sum {
        0 => 1,
        u32::MAX => u32::MAX - 1,
        other => other,
    };
    put(file, 508, &sum.to_le_bytes());
}

/// The hashes of a log's entries, which follow its base block.
pub fn hive_log(log: &mut [u8]) {
    hive_base(log);
    let mut at = 512;
    while let Some(entry) = log.get_mut(at..) {
        let len = le32(entry, 4).unwrap_or_default() as usize;
        let Some(entry) = entry.get_mut(..len).filter(|e| e.len() >= 40 && e.starts_with(b"HvLE")) else {
            return;
        };
        let body = marvin32(LOG_SEED, &entry[40..]);
        put(entry, 24, &body.to_le_bytes());
        let head = marvin32(LOG_SEED, &entry[..32]);
        put(entry, 32, &head.to_le_bytes());
        at += len;
    }
}

/// The sums of the GPT header at `at` and of its entries.
pub fn gpt(disk: &mut [u8], at: usize, sector: usize) {
    let Some(header) = disk.get(at..).filter(|h| h.starts_with(b"EFI PART") && h.len() >= sector) else {
        return;
    };
    let field = |at| le32(header, at).unwrap_or_default() as usize;
    let (size, bytes) = (field(12), field(80).saturating_mul(field(84)));
    let from = (le64(header, 72).unwrap_or_default() as usize).saturating_mul(sector);
    if let Some(entries) = disk.get(from..from.saturating_add(bytes)) {
        let sum = crc32fast::hash(entries);
        put(disk, at + 88, &sum.to_le_bytes());
    }
    put(disk, at + 16, &[0; 4]);
    if let Some(header) = disk.get(at..at.saturating_add(size.min(sector))) {
        let sum = crc32fast::hash(header);
        put(disk, at + 16, &sum.to_le_bytes());
    }
}

/// CRC-32C without the inversions at its ends, as ext4 and its journal use it.
fn crc32c(seed: u32, bytes: &[u8]) -> u32 {
    !crc32c::crc32c_append(!seed, bytes)
}

/// The sums of a journal of version 3, in blocks of `block` bytes: superblock, descriptors with what they list,
/// revocations and commits.
pub fn journal(bytes: &mut [u8], block: usize) {
    const MAGIC: u32 = 0xC03B_3998;
    let Some(uuid) = bytes.get(48..64) else { return };
    let seed = crc32c(!0, uuid);
    if bytes.len() >= 1024 {
        put(bytes, 252, &[0; 4]);
        let sum = crc32c(!0, &bytes[..1024]);
        put(bytes, 252, &sum.to_be_bytes());
    }
    for at in (block..(bytes.len() / block) * block).step_by(block) {
        let kind = (be32(bytes, at) == Some(MAGIC)).then(|| be32(bytes, at + 4)).flatten();
        let field = match kind {
            Some(1) => {
                tags(bytes, at, block, seed);
                at + block - 4
            }
            Some(2) => at + 16,
            Some(5) => at + block - 4,
            _ => continue,
        };
        put(bytes, field, &[0; 4]);
        let sum = crc32c(seed, &bytes[at..at + block]);
        put(bytes, field, &sum.to_be_bytes());
    }
}

/// The sums that the tags of the descriptor at `at` hold of the blocks behind it.
fn tags(bytes: &mut [u8], at: usize, block: usize, seed: u32) {
    let sequence = crc32c(seed, &bytes[at + 8..at + 12]);
    let (mut tag, mut data) = (at + 12, at + block);
    while tag + 16 <= at + block - 4 {
        let flags = be32(bytes, tag + 4).unwrap_or_default();
        let Some(content) = bytes.get(data..data + block) else { return };
        let sum = crc32c(sequence, content);
        put(bytes, tag + 12, &sum.to_be_bytes());
        // The same UUID as before is not written again; the last tag says that it is.
        tag += if flags & 2 == 0 { 32 } else { 16 };
        data += block;
        if flags & 8 != 0 {
            return;
        }
    }
}
