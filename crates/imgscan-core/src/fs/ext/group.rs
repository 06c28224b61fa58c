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
                format!("{count} block groups"),
            ));
        }
        let mut damaged = 0_usize;
        let mut groups = Vec::new();
        let size = u64::from(sb.desc_size);
        let per_block = u64::from(sb.block_size) / size;
        let mut raw = vec![0; sb.block_size as usize];
        for block in 0..count.div_ceil(per_block) {
            let at = location(sb, block).saturating_mul(sb.block_size.into());
            let read = volume.read_at(&mut raw, at);
            if let Err(e) = &read
                && backup_block(sb, block)
                    .is_none_or(|b| b.saturating_mul(sb.block_size.into()) >= volume.len())
            {
                // A superblock can claim far more groups than the volume has room for: what lies
                // past its end in both copies is not asked for one by one.
                if damaged <= MAX_WARNINGS {
                    warnings.push(e.clone());
                }
                let lost = per_block.min(count - block * per_block);
                damaged += lost as usize;
                groups.resize(groups.len() + lost as usize, None);
                continue;
            }
            for (i, desc) in (0..per_block).zip(raw.chunks_exact(sb.desc_size as usize)) {
                let group = block * per_block + i;
                if group == count {
                    break;
                }
                let found = match &read {
                    Ok(()) => check(sb, group, desc, at.saturating_add(i * size)),
                    Err(e) => Err(e.clone()),
                };
                groups.push(found.map_or_else(
                    |e| {
                        damaged += 1;
                        let backup = backup(volume, sb, group);
                        if damaged <= MAX_WARNINGS {
                            warnings.push(match backup {
                                Some(_) => Error::notice(
                                    Layer::Ext,
                                    e.offset,
                                    format!("{}; its backup is used", e.detail),
                                ),
                                None => e,
                            });
                        }
                        // Without a sound backup a plausible table is better than none.
                        backup.or_else(|| read.is_ok().then(|| table(sb, desc)).flatten())
                    },
                    Some,
                ));
            }
        }
        if let Some(more) = damaged.checked_sub(MAX_WARNINGS + 1) {
            warnings.push(Error::corrupt(
                Layer::Ext,
                None,
                format!("{} more group descriptors are damaged", more + 1),
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
        return super_block + 1 + number;
    }
    let group = number * (u64::from(sb.block_size) / u64::from(sb.desc_size));
    // bigalloc counts group 0 from block 0 even where the superblock is in block 1.
    let hidden = number == 0 && sb.block_size == 1024 && sb.first_data_block == 0;
    sb.group_start(group) + u64::from(sb.has_super(group)) + u64::from(hidden)
}

/// The inode table that the first backup copy of a descriptor names, if the copy is sound.
fn backup(volume: &dyn ReadAt, sb: &Superblock, group: u64) -> Option<u64> {
    let per_block = u64::from(sb.block_size) / u64::from(sb.desc_size);
    let block = backup_block(sb, group / per_block)?;
    let at = block
        .checked_mul(sb.block_size.into())?
        .checked_add(group % per_block * u64::from(sb.desc_size))?;
    let mut desc = vec![0; sb.desc_size as usize];
    volume.read_at(&mut desc, at).ok()?;
    check(sb, group, &desc, at).ok()
}

/// The block of the first backup copy of descriptor block `number`.
fn backup_block(sb: &Superblock, number: u64) -> Option<u64> {
    let per_block = u64::from(sb.block_size) / u64::from(sb.desc_size);
    Some(
        if !sb.has_meta_bg() || number < u64::from(sb.first_meta_bg) {
            let copy = (1..sb.groups().min(64)).find(|g| sb.has_super(*g))?;
            sb.group_start(copy) + 1 + number
        } else {
            // The second group of a meta group holds the second copy.
            let copy = number * per_block + 1;
            sb.group_start(copy) + u64::from(sb.has_super(copy))
        },
    )
}

/// The inode table of a descriptor whose checksum and table are sound. `at` is its byte.
fn check(sb: &Superblock, group: u64, desc: &[u8], at: u64) -> Result<u64> {
    let table = table(sb, desc).ok_or_else(|| {
        Error::corrupt(
            Layer::Ext,
            at + 8,
            format!(
                "inode table of group {group} lies outside of the {} blocks",
                sb.blocks
            ),
        )
    })?;
    let found = le16(desc, 30).unwrap_or(0);
    // Group numbers fit in 32 bits: there are at most MAX_GROUPS.
    let number = u32::try_from(group).unwrap_or(u32::MAX).to_le_bytes();
    let expected = if sb.has_metadata_csum() {
        let crc = crc32c(crc32c(sb.seed, &number), &desc[..30]);
        let [a, b, ..] = crc32c(crc32c(crc, &[0, 0]), &desc[32..]).to_le_bytes();
        u16::from_le_bytes([a, b])
    } else if sb.has_gdt_csum() {
        crc16(
            crc16(crc16(crc16(!0, &sb.uuid), &number), &desc[..30]),
            &desc[32..],
        )
    } else {
        found
    };
    if expected != found {
        return Err(Error::corrupt(
            Layer::Ext,
            at + 30,
            format!(
                "checksum of group descriptor {group}: expected {expected:#06x}, found {found:#06x}"
            ),
        ));
    }
    Ok(table)
}

/// First block of the inode table, if the table lies inside the file system.
fn table(sb: &Superblock, desc: &[u8]) -> Option<u64> {
    let high = if desc.len() >= 64 { le32(desc, 40)? } else { 0 };
    let start = u64::from(le32(desc, 8)?) | u64::from(high) << 32;
    let blocks =
        (u64::from(sb.inodes_per_group) * u64::from(sb.inode_size)).div_ceil(sb.block_size.into());
    let end = start.checked_add(blocks)?;
    (start > u64::from(sb.first_data_block) && end <= sb.blocks).then_some(start)
}
