//! The boot sector with its BIOS parameter block: Microsoft's FAT specification 1.03, section 3.

use crate::bytes::{array, le16, le32};
use crate::error::{Error, Layer, Result};
use crate::source::{ReadAt, read_vec};
use crate::text::Text;

/// Width of the entries of the file allocation table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// 12 bits.
    Fat12,
    /// 16 bits.
    Fat16,
    /// 28 of 32 bits.
    Fat32,
}

/// The geometry of a volume. All offsets and lengths are bytes on the volume.
#[derive(Debug, Clone)]
pub(super) struct Bpb {
    pub(super) width: Width,
    /// Bytes a sector.
    pub(super) sector: u64,
    /// Bytes a cluster.
    pub(super) cluster: u64,
    /// Start of the first copy of the table.
    pub(super) fat_start: u64,
    /// Length of one copy.
    pub(super) fat_len: u64,
    /// Number of copies.
    pub(super) fats: u64,
    /// The copy in use.
    pub(super) active: u64,
    /// Start of the root directory of FAT12 and FAT16.
    pub(super) root_start: u64,
    /// Its length.
    pub(super) root_len: u64,
    /// First cluster of the root directory of FAT32.
    pub(super) root_cluster: u32,
    /// Start of cluster 2.
    pub(super) data_start: u64,
    /// Number of clusters; the last has the number `clusters + 1`.
    pub(super) clusters: u32,
    /// Length of the volume as the boot sector says.
    pub(super) size: u64,
    /// Volume serial number, where the boot sector has one.
    pub(super) serial: Option<u32>,
    /// Label of the boot sector, 11 bytes as stored.
    pub(super) label: Option<[u8; 11]>,
    /// OEM name, 8 bytes as stored.
    pub(super) oem: [u8; 8],
    /// Bit 0 of the state byte: the volume was not unmounted.
    pub(super) dirty: bool,
}

impl Bpb {
    /// Reads the first sector of `volume`.
    pub(super) fn read(volume: &dyn ReadAt) -> Result<Self> {
        let head = read_vec(volume, 0, 512)?;
        let sector = u64::from(le16(&head, 11).unwrap_or(0));
        if !matches!(sector, 512 | 1024 | 2048 | 4096) {
            return Err(wrong(11, say!(error_boot_sector_size, size = sector)));
        }
        let byte = |at: usize| head.get(at).copied().unwrap_or(0);
        let per_cluster = u64::from(byte(13));
        if !per_cluster.is_power_of_two() {
            return Err(wrong(13, say!(error_boot_cluster, found = per_cluster)));
        }
        let reserved = u64::from(le16(&head, 14).unwrap_or(0));
        if reserved == 0 {
            return Err(wrong(14, say!(error_fat_reserved)));
        }
        let fats = u64::from(byte(16));
        if fats == 0 {
            return Err(wrong(16, say!(error_fat_tables)));
        }
        let wide = |at16: usize, at32: usize| match le16(&head, at16) {
            Some(0) | None => u64::from(le32(&head, at32).unwrap_or(0)),
            Some(n) => u64::from(n),
        };
        let (sectors, fat_sectors) = (wide(19, 32), wide(22, 36));
        // As Linux decides it: the 16-bit length of the table is zero on FAT32 and only there.
        let is_32 = le16(&head, 22) == Some(0);
        let root_len = u64::from(le16(&head, 17).unwrap_or(0)) * 32;
        // All below 2^8 tables of 2^32 sectors of 2^12 bytes.
        let bytes = |sectors: u64| sectors.saturating_mul(sector);
        let root_start = bytes(fats.saturating_mul(fat_sectors).saturating_add(reserved));
        let data_start = root_start.saturating_add(root_len.next_multiple_of(sector));
        let cluster = bytes(per_cluster);
        let Some(data) = bytes(sectors).checked_sub(data_start) else {
            return Err(wrong(
                19,
                say!(error_fat_short, sectors = sectors, at = data_start),
            ));
        };
        let mut clusters = data.checked_div(cluster).unwrap_or(0);
        let width = match clusters {
            _ if is_32 => Width::Fat32,
            0..4085 => Width::Fat12,
            _ => Width::Fat16,
        };
        // Clusters that the table has no entry for don't exist: Linux counts in the same way.
        let fat_len = bytes(fat_sectors);
        let entries = match width {
            Width::Fat12 => fat_len.saturating_mul(2) / 3,
            Width::Fat16 => fat_len / 2,
            Width::Fat32 => fat_len / 4,
        };
        clusters = clusters.min(entries.saturating_sub(2)).min(0x0FFF_FFF4);
        // FAT32 puts 28 bytes of its own before the extended boot record.
        let extended = if is_32 { 64 } else { 36 };
        let flags = le16(&head, 40).filter(|f| is_32 && f & 0x80 != 0);
        let active = flags
            .map_or(0, |f| u64::from(f & 15))
            .min(fats.saturating_sub(1));
        let extended = head.get(extended..).unwrap_or_default();
        let signature = extended.get(2).copied().unwrap_or(0);
        Ok(Self {
            width,
            sector,
            cluster,
            fat_start: bytes(reserved),
            fat_len,
            fats,
            active,
            root_start,
            root_len: if is_32 { 0 } else { root_len },
            root_cluster: if is_32 {
                le32(&head, 44).unwrap_or(0)
            } else {
                0
            },
            data_start,
            // In range: at most 0x0FFF_FFF4.
            clusters: u32::try_from(clusters).unwrap_or(0),
            size: bytes(sectors),
            serial: matches!(signature, 0x28 | 0x29)
                .then(|| le32(extended, 3))
                .flatten(),
            label: array(extended, 7).filter(|_| signature == 0x29),
            oem: array(&head, 3).unwrap_or_default(),
            dirty: extended.get(1).is_some_and(|state| state & 1 != 0),
        })
    }

    /// The first byte of copy `copy` of the table.
    pub(super) fn copy_start(&self, copy: u64) -> u64 {
        self.fat_start
            .saturating_add(copy.saturating_mul(self.fat_len))
    }

    /// The first byte of `cluster`, where it exists.
    pub(super) fn cluster_offset(&self, cluster: u32) -> Option<u64> {
        let index = cluster.checked_sub(2).filter(|i| *i < self.clusters)?;
        let within = u64::from(index).checked_mul(self.cluster)?;
        self.data_start.checked_add(within)
    }

    /// `fat12`, `fat16` or `fat32`.
    pub(super) fn kind(&self) -> &'static str {
        match self.width {
            Width::Fat12 => "fat12",
            Width::Fat16 => "fat16",
            Width::Fat32 => "fat32",
        }
    }
}

fn wrong(at: u64, what: Text) -> Error {
    Error::corrupt(Layer::Fat, at, what)
}
