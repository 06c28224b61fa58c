//! The superblock: 1024 bytes, little-endian, at byte 1024 of the volume and again in some groups.
//!
//! Source of the offsets: the kernel's documentation, "ext4 Data Structures and Algorithms",
//! chapter "Super Block".

use super::checksum::crc32c;
use crate::bytes::{array, hex, le16, le32};
use crate::error::{Error, Layer, Result};
use crate::source::ReadAt;
use crate::text::Text;

/// Byte of the primary superblock.
pub(super) const PRIMARY: u64 = 1024;
const LEN: usize = 1024;
const MAGIC: u16 = 0xEF53;
/// Largest block: 64 KiB.
const MAX_LOG_BLOCK_SIZE: u32 = 6;

/// Compatible feature: a journal.
pub(super) const COMPAT_HAS_JOURNAL: u32 = 0x4;
/// Compatible feature: hashed directories.
pub(super) const COMPAT_DIR_INDEX: u32 = 0x20;
const COMPAT_SPARSE_SUPER2: u32 = 0x200;

const INCOMPAT_FILETYPE: u32 = 0x2;
/// The journal must be replayed.
pub(super) const INCOMPAT_RECOVER: u32 = 0x4;
const INCOMPAT_META_BG: u32 = 0x10;
const INCOMPAT_64BIT: u32 = 0x80;
const INCOMPAT_CSUM_SEED: u32 = 0x2000;
const INCOMPAT_LARGEDIR: u32 = 0x4000;

const RO_SPARSE_SUPER: u32 = 0x1;
const RO_GDT_CSUM: u32 = 0x10;
const RO_METADATA_CSUM: u32 = 0x400;

/// Names as `dumpe2fs` prints them, by bit.
const COMPAT: [&str; 13] = [
    "dir_prealloc",
    "imagic_inodes",
    "has_journal",
    "ext_attr",
    "resize_inode",
    "dir_index",
    "lazy_bg",
    "exclude_inode",
    "exclude_bitmap",
    "sparse_super2",
    "fast_commit",
    "stable_inodes",
    "orphan_file",
];
const INCOMPAT: [&str; 18] = [
    "compression",
    "filetype",
    "needs_recovery",
    "journal_dev",
    "meta_bg",
    "",
    "extent",
    "64bit",
    "mmp",
    "flex_bg",
    "ea_inode",
    "",
    "dirdata",
    "metadata_csum_seed",
    "large_dir",
    "inline_data",
    "encrypt",
    "casefold",
];
const RO_COMPAT: [&str; 17] = [
    "sparse_super",
    "large_file",
    "",
    "huge_file",
    "uninit_bg",
    "dir_nlink",
    "extra_isize",
    "",
    "quota",
    "bigalloc",
    "metadata_csum",
    "replica",
    "readonly",
    "project",
    "shared_blocks",
    "verity",
    "orphan_present",
];

/// Incompatible features that this reader knows: all of the kernel's, and `dirdata`, whose
/// additions stand behind the names.
const KNOWN_INCOMPAT: u32 = 0x2
    | 0x4
    | 0x10
    | 0x40
    | 0x80
    | 0x100
    | 0x200
    | 0x400
    | 0x1000
    | 0x2000
    | 0x4000
    | 0x8000
    | 0x1_0000
    | 0x2_0000;

/// What of the superblock reading needs, checked.
#[derive(Debug, Clone)]
pub(super) struct Superblock {
    /// Block size in bytes, a power of two from 1 KiB to 64 KiB.
    pub block_size: u32,
    /// Number of blocks.
    pub blocks: u64,
    /// Number of inodes.
    pub inodes: u32,
    /// The block that group 0 begins with.
    pub first_data_block: u32,
    /// Blocks in a group, not 0.
    pub blocks_per_group: u32,
    /// Inodes in a group, not 0.
    pub inodes_per_group: u32,
    /// Inode size in bytes, a power of two from 128 to the block size.
    pub inode_size: u32,
    /// Size of a group descriptor in bytes, 32 to 1024.
    pub desc_size: u32,
    /// Descriptor blocks that stand together in spite of `meta_bg`.
    pub first_meta_bg: u32,
    /// Compatible features.
    pub compat: u32,
    /// Incompatible features.
    pub incompat: u32,
    /// Read-only compatible features.
    pub ro_compat: u32,
    /// UUID.
    pub uuid: [u8; 16],
    /// Start value of metadata checksums.
    pub seed: u32,
    /// Seed of directory hashes.
    pub hash_seed: [u32; 4],
    /// True where directory hashes take characters as unsigned.
    pub unsigned_hash: bool,
    /// Inode of the journal, 0 if none or on another device.
    pub journal_inode: u32,
    /// Device number of an external journal.
    pub journal_device: u32,
    /// State bits: 1 cleanly unmounted, 2 errors detected, 4 orphans being recovered.
    pub state: u16,
    /// Errors that the kernel counted.
    pub error_count: u32,
    /// Label, up to the first NUL.
    pub label: Vec<u8>,
    /// Where it was last mounted, up to the first NUL.
    pub last_mounted: Vec<u8>,
    /// Groups with a backup superblock under `sparse_super2`.
    backup_groups: [u32; 2],
}

impl Superblock {
    /// The superblock at byte `at`, with what is wrong with it but does not stop the reading.
    pub(super) fn read(volume: &dyn ReadAt, at: u64) -> Result<(Self, Option<Error>)> {
        let mut raw = vec![0; LEN];
        volume.read_at(&mut raw, at)?;
        Self::parse(&raw, at)
    }

    /// The primary superblock or, where that is not sound, the first sound backup.
    pub(super) fn find(volume: &dyn ReadAt, warnings: &mut Vec<Error>) -> Result<Self> {
        let primary = match Self::read(volume, PRIMARY) {
            Ok((sb, None)) => return Ok(sb),
            other => other,
        };
        if let Err(e) = &primary
            && e.kind == crate::Kind::Unsupported
        {
            return Err(e.clone());
        }
        for (at, block_size) in backup_positions() {
            let Ok((mut sb, None)) = Self::read(volume, at) else {
                continue;
            };
            // Data may look like a superblock: it must say that it stands where it stands, and
            // be of the file system that the damaged one still names.
            let same = primary.as_ref().is_ok_and(|(p, _)| p.uuid == sb.uuid) || primary.is_err();
            if !sb.is_backup_at(at, block_size) || !same {
                continue;
            }
            let why = match primary {
                Err(e) => e,
                Ok((_, warning)) => warning.unwrap_or_else(|| {
                    Error::corrupt(Layer::Ext, PRIMARY + 56, say!(error_ext_superblock))
                }),
            };
            warnings.push(Error::corrupt(
                Layer::Ext,
                PRIMARY,
                say!(error_ext_superblock_backup, at = at, why = &*why.detail),
            ));
            // Backups are never marked as clean: what the primary said is not known.
            sb.state |= 1;
            return Ok(sb);
        }
        let (sb, warning) = primary?;
        warnings.extend(warning);
        Ok(sb)
    }

    /// True where a sound backup superblock stands where one must stand.
    pub(super) fn has_backup(volume: &dyn ReadAt) -> bool {
        backup_positions().any(|(at, block_size)| {
            Self::read(volume, at)
                .is_ok_and(|(sb, warning)| warning.is_none() && sb.is_backup_at(at, block_size))
        })
    }

    /// True where this superblock says that group 1 begins at byte `at`.
    fn is_backup_at(&self, at: u64, block_size: u32) -> bool {
        let start = u64::from(self.blocks_per_group).saturating_add(self.first_data_block.into());
        self.block_size == block_size && start.saturating_mul(block_size.into()) == at
    }

    fn parse(raw: &[u8], at: u64) -> Result<(Self, Option<Error>)> {
        let b16 = |o| le16(raw, o).unwrap_or(0);
        let b32 = |o| le32(raw, o).unwrap_or(0);
        let err = |o: u64, what: Text| Error::corrupt(Layer::Ext, at.saturating_add(o), what);
        if b16(56) != MAGIC {
            return Err(err(
                56,
                say!(
                    error_ext_superblock_magic,
                    found = format!("{:#x}", b16(56))
                ),
            ));
        }
        let incompat = b32(96);
        if incompat & !KNOWN_INCOMPAT != 0 {
            return Err(Error::unsupported(
                Layer::Ext,
                at.saturating_add(96),
                say!(
                    error_ext_feature,
                    names = names(incompat & !KNOWN_INCOMPAT, &INCOMPAT)
                ),
            ));
        }
        let log = b32(24);
        if log > MAX_LOG_BLOCK_SIZE {
            return Err(err(24, say!(error_ext_block_size, power = log)));
        }
        let wide = incompat & INCOMPAT_64BIT != 0;
        let uuid: [u8; 16] = array(raw, 104).unwrap_or_default();
        let part = |range: std::ops::Range<usize>| raw.get(range).unwrap_or_default();
        let sb = Self {
            block_size: 1024 << log,
            blocks: u64::from(b32(4)) | if wide { u64::from(b32(336)) << 32 } else { 0 },
            inodes: b32(0),
            first_data_block: b32(20),
            blocks_per_group: b32(32),
            inodes_per_group: b32(40),
            inode_size: if b32(76) == 0 { 128 } else { b16(88).into() },
            desc_size: if wide { b16(254).into() } else { 32 },
            first_meta_bg: b32(260),
            compat: b32(92),
            incompat,
            ro_compat: b32(100),
            seed: if incompat & INCOMPAT_CSUM_SEED != 0 {
                b32(624)
            } else {
                crc32c(!0, &uuid)
            },
            uuid,
            hash_seed: [b32(236), b32(240), b32(244), b32(248)],
            unsigned_hash: b32(352) & 2 != 0,
            journal_inode: b32(224),
            journal_device: b32(228),
            state: b16(58),
            error_count: b32(404),
            label: until_nul(part(120..136)),
            last_mounted: until_nul(part(136..200)),
            backup_groups: [b32(588), b32(592)],
        };
        sb.check(&err)?;
        let sum = crc32c(!0, part(0..1020));
        let warning = (sb.has_metadata_csum() && sum != b32(1020)).then(|| {
            err(
                1020,
                say!(
                    error_ext_checksum,
                    what = say!(ext_superblock),
                    expected = format!("{sum:#010x}"),
                    found = format!("{:#010x}", b32(1020))
                ),
            )
        });
        Ok((sb, warning))
    }

    fn check(&self, err: &dyn Fn(u64, Text) -> Error) -> Result<()> {
        let block_bits = self.block_size.saturating_mul(8);
        if !self.inode_size.is_power_of_two() || !(128..=self.block_size).contains(&self.inode_size)
        {
            return Err(err(88, say!(error_ext_inode_size, size = self.inode_size)));
        }
        if !self.desc_size.is_power_of_two() || !(32..=1024).contains(&self.desc_size) {
            return Err(err(
                254,
                say!(error_ext_descriptor_size, size = self.desc_size),
            ));
        }
        // With bigalloc a group has as many clusters as a bitmap block has bits, and each cluster
        // many blocks; the product stays below 2^32.
        if self.blocks_per_group == 0 {
            return Err(err(32, say!(error_ext_group_empty)));
        }
        if self.inodes_per_group == 0 || self.inodes_per_group > block_bits {
            return Err(err(
                40,
                say!(error_ext_group_inodes, count = self.inodes_per_group),
            ));
        }
        if self.blocks <= u64::from(self.first_data_block) {
            return Err(err(
                4,
                say!(
                    error_ext_first_block,
                    blocks = self.blocks,
                    first = self.first_data_block
                ),
            ));
        }
        if self
            .blocks
            .checked_mul(u64::from(self.block_size))
            .is_none()
        {
            return Err(err(336, say!(error_ext_blocks, blocks = self.blocks)));
        }
        Ok(())
    }

    /// Bytes of the file system.
    pub(super) fn size(&self) -> u64 {
        self.blocks.saturating_mul(u64::from(self.block_size))
    }

    /// Number of block groups.
    pub(super) fn groups(&self) -> u64 {
        let blocks = self.blocks.saturating_sub(self.first_data_block.into());
        blocks.div_ceil(self.blocks_per_group.into())
    }

    /// Group descriptors in a block, at least 1.
    pub(super) fn descriptors_per_block(&self) -> u64 {
        let count = self.block_size.checked_div(self.desc_size).unwrap_or(1);
        count.max(1).into()
    }

    /// The group of inode `number` (from 1), and its place in the group's table.
    pub(super) fn inode_place(&self, number: u32) -> (u64, u64) {
        let index = number.saturating_sub(1);
        let group = index.checked_div(self.inodes_per_group).unwrap_or(0);
        let within = index.checked_rem(self.inodes_per_group).unwrap_or(0);
        (group.into(), within.into())
    }

    /// First block of `group`.
    pub(super) fn group_start(&self, group: u64) -> u64 {
        u64::from(self.first_data_block)
            .saturating_add(group.saturating_mul(u64::from(self.blocks_per_group)))
    }

    /// True where `group` begins with a backup superblock.
    pub(super) fn has_super(&self, group: u64) -> bool {
        if group == 0 {
            return true;
        }
        if self.compat & COMPAT_SPARSE_SUPER2 != 0 {
            return self.backup_groups.iter().any(|g| u64::from(*g) == group);
        }
        if group == 1 || self.ro_compat & RO_SPARSE_SUPER == 0 {
            return true;
        }
        [3_u64, 5, 7].iter().any(|base| {
            let mut rest = group;
            while let (Some(next), true) = (rest.checked_div(*base), rest.is_multiple_of(*base)) {
                rest = next;
            }
            rest == 1
        })
    }

    /// Metadata carries CRC-32C.
    pub(super) fn has_metadata_csum(&self) -> bool {
        self.ro_compat & RO_METADATA_CSUM != 0
    }

    /// Group descriptors carry CRC-16.
    pub(super) fn has_gdt_csum(&self) -> bool {
        self.ro_compat & RO_GDT_CSUM != 0 && !self.has_metadata_csum()
    }

    /// Descriptor blocks are spread over the groups.
    pub(super) fn has_meta_bg(&self) -> bool {
        self.incompat & INCOMPAT_META_BG != 0
    }

    /// Directory entries tell the file type.
    pub(super) fn has_filetype(&self) -> bool {
        self.incompat & INCOMPAT_FILETYPE != 0
    }

    /// Directories may be larger than 4 GiB.
    pub(super) fn has_large_dir(&self) -> bool {
        self.incompat & INCOMPAT_LARGEDIR != 0
    }

    /// ext2, ext3 or ext4, by the rule of `blkid`: ext4 is what older drivers can't read.
    pub(super) fn kind(&self) -> &'static str {
        let journal = self.compat & COMPAT_HAS_JOURNAL != 0;
        let old = self.ro_compat & !0x7 == 0;
        if old && !journal && self.incompat & !0x12 == 0 {
            "ext2"
        } else if old && journal && self.incompat & !0x16 == 0 {
            "ext3"
        } else {
            "ext4"
        }
    }

    /// Feature names, in the order of `dumpe2fs`.
    pub(super) fn features(&self) -> String {
        [
            names(self.compat, &COMPAT),
            names(self.incompat, &INCOMPAT),
            names(self.ro_compat, &RO_COMPAT),
        ]
        .concat()
        .join(" ")
    }

    /// The UUID as `blkid` prints it.
    pub(super) fn uuid_text(&self) -> String {
        let u = &self.uuid;
        [&u[..4], &u[4..6], &u[6..8], &u[8..10], &u[10..]]
            .map(hex)
            .join("-")
    }
}

/// Where group 1 begins for each block size, with as many blocks in a group as its bitmap has bits.
fn backup_positions() -> impl Iterator<Item = (u64, u32)> {
    (0..=MAX_LOG_BLOCK_SIZE).map(|log| {
        let size = 1024_u64 << log;
        let first = u64::from(log == 0);
        let at = size.saturating_mul(8).saturating_add(first);
        (at.saturating_mul(size), 1024 << log)
    })
}

fn until_nul(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().take_while(|b| *b != 0).collect()
}

fn names(bits: u32, table: &[&str]) -> Vec<String> {
    (0..32)
        .filter(|i| bits >> i & 1 == 1)
        .map(|i| match table.get(i).copied().unwrap_or_default() {
            "" => format!("{:#x}", 1_u32 << i),
            name => name.into(),
        })
        .collect()
}
