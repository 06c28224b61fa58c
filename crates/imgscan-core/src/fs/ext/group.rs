//! Group descriptors: where each group's inode table stands.

use super::checksum::{crc16, crc32c};
use super::superblock::Superblock;
use crate::bytes::{le16, le32};
use crate::error::{Error, Layer, Result};
use crate::source::ReadAt;

/// More groups than this are refused: 2^20 groups of 128 MiB are 128 TiB.
const MAX_GROUPS: u64 = 1 << 20;
/// Warnings of single descriptors that are kept.
const MAX_WARNINGS: usize = 16;

/// First block of each group's inode table; `None` where no sound descriptor tells it.
pub(super) struct Groups(Vec<Option<u64>>);

impl Groups {
    /// Reads all descriptors of `sb`. A damaged one is taken from the backup, if that is sound.
    pub(super) fn read(
        volume: &dyn ReadAt,
        sb: &Superblock,
        warnings: &mut Vec<Error>,
    ) -> Result<Self> {
        // Groups without inodes need no descriptor.
        let used = u64::from(sb.inodes).div_ceil(u64::from(sb.inodes_per_group));
        let count = sb.groups().min(used);
        if count > MAX_GROUPS {
            return Err(Error::limit(
                Layer::Ext,
                None,
                say!(error_ext_groups, count = count, most = MAX_GROUPS),
            ));
        }
        let mut damaged = 0_usize;
        let mut groups = Vec::new();
        let per_block = sb.descriptors_per_block();
        let mut raw = vec![0; sb.block_size as usize];
        for block in 0..count.div_ceil(per_block) {
            let at = location(sb, block).saturating_mul(sb.block_size.into());
            let read = volume.read_at(&mut raw, at);
            let mut copy = None;
            let first = block.saturating_mul(per_block);
            let size = sb.desc_size as usize;
            let descriptors = raw.chunks_exact(size).zip((0_usize..).step_by(size));
            for (group, (desc, offset)) in (first..count).zip(descriptors) {
                let primary = table(sb, desc).filter(|_| read.is_ok());
                if primary.is_some() && checksum(sb, group, desc).is_none() {
                    groups.push(primary);
                    continue;
                }
                // The copy is read once for all descriptors of the block: a superblock can claim
                // a million groups that are all damaged.
                let copy = copy.get_or_insert_with(|| backup(volume, sb, block));
                let second = copy.as_ref().and_then(|c| {
                    let desc = c.get(offset..)?.get(..size)?;
                    table(sb, desc).filter(|_| checksum(sb, group, desc).is_none())
                });
                damaged = damaged.saturating_add(1);
                if damaged <= MAX_WARNINGS {
                    let e = match &read {
                        Ok(()) => fault(sb, group, desc, at.saturating_add(offset as u64)),
                        Err(e) => e.clone(),
                    };
                    warnings.push(match second {
                        Some(_) => Error::notice(
                            Layer::Ext,
                            e.offset,
                            say!(error_ext_group_backup, why = &*e.detail),
                        ),
                        None => e,
                    });
                }
                // Without a sound backup a plausible table is better than none.
                groups.push(second.or(primary));
            }
        }
        if let Some(more) = damaged.checked_sub(MAX_WARNINGS + 1) {
            warnings.push(Error::corrupt(
                Layer::Ext,
                None,
                say!(error_ext_groups_more, count = more.saturating_add(1)),
            ));
        }
        Ok(Self(groups))
    }

    /// First block of the inode table of `group`.
    pub(super) fn inode_table(&self, group: u64) -> Option<u64> {
        *self.0.get(usize::try_from(group).ok()?)?
    }
}

/// The block of descriptor block `number`.
fn location(sb: &Superblock, number: u64) -> u64 {
    // The superblock stands in block 1 where blocks are 1 KiB, else in block 0.
    let super_block = u64::from(sb.block_size == 1024);
    if !sb.has_meta_bg() || number < u64::from(sb.first_meta_bg) {
        return super_block.saturating_add(1).saturating_add(number);
    }
    let group = number.saturating_mul(sb.descriptors_per_block());
    // bigalloc counts group 0 from block 0 even where the superblock is in block 1.
    let hidden = number == 0 && sb.block_size == 1024 && sb.first_data_block == 0;
    sb.group_start(group)
        .saturating_add(sb.has_super(group).into())
        .saturating_add(hidden.into())
}

/// The first backup copy of descriptor block `number`, if it can be read.
fn backup(volume: &dyn ReadAt, sb: &Superblock, number: u64) -> Option<Vec<u8>> {
    let at = backup_block(sb, number)?.checked_mul(sb.block_size.into())?;
    let mut copy = vec![0; sb.block_size as usize];
    volume.read_at(&mut copy, at).ok()?;
    Some(copy)
}

/// The block of the first backup copy of descriptor block `number`.
fn backup_block(sb: &Superblock, number: u64) -> Option<u64> {
    Some(
        if !sb.has_meta_bg() || number < u64::from(sb.first_meta_bg) {
            let copy = (1..sb.groups().min(64)).find(|g| sb.has_super(*g))?;
            sb.group_start(copy)
                .saturating_add(1)
                .saturating_add(number)
        } else {
            // The second group of a meta group holds the second copy.
            let copy = number
                .saturating_mul(sb.descriptors_per_block())
                .saturating_add(1);
            sb.group_start(copy)
                .saturating_add(sb.has_super(copy).into())
        },
    )
}

/// Why a descriptor is not sound. `at` is its byte.
fn fault(sb: &Superblock, group: u64, desc: &[u8], at: u64) -> Error {
    match checksum(sb, group, desc).filter(|_| table(sb, desc).is_some()) {
        Some((expected, found)) => Error::corrupt(
            Layer::Ext,
            at.saturating_add(30),
            say!(
                error_ext_checksum,
                what = say!(ext_group_descriptor, group = group),
                expected = format!("{expected:#06x}"),
                found = format!("{found:#06x}")
            ),
        ),
        None => Error::corrupt(
            Layer::Ext,
            at.saturating_add(8),
            say!(error_ext_group_table, group = group, blocks = sb.blocks),
        ),
    }
}

/// The checksums (expected, found) of a descriptor where they differ.
fn checksum(sb: &Superblock, group: u64, desc: &[u8]) -> Option<(u16, u16)> {
    // A descriptor has at least 32 bytes (Superblock::check).
    let (head, tail) = (desc.get(..30)?, desc.get(32..)?);
    let found = le16(desc, 30)?;
    // Group numbers fit in 32 bits: there are at most MAX_GROUPS.
    let number = u32::try_from(group).unwrap_or(u32::MAX).to_le_bytes();
    let expected = if sb.has_metadata_csum() {
        let crc = crc32c(crc32c(sb.seed, &number), head);
        let [a, b, ..] = crc32c(crc32c(crc, &[0, 0]), tail).to_le_bytes();
        u16::from_le_bytes([a, b])
    } else if sb.has_gdt_csum() {
        crc16(crc16(crc16(crc16(!0, &sb.uuid), &number), head), tail)
    } else {
        found
    };
    (expected != found).then_some((expected, found))
}

/// First block of the inode table, if the table lies inside the file system.
fn table(sb: &Superblock, desc: &[u8]) -> Option<u64> {
    let high = if desc.len() >= 64 { le32(desc, 40)? } else { 0 };
    let start = u64::from(le32(desc, 8)?) | u64::from(high) << 32;
    let bytes = u64::from(sb.inodes_per_group).saturating_mul(sb.inode_size.into());
    let blocks = bytes.div_ceil(sb.block_size.into());
    let end = start.checked_add(blocks)?;
    (start > u64::from(sb.first_data_block) && end <= sb.blocks).then_some(start)
}
