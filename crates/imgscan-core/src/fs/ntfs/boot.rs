//! The boot sector: where the MFT begins, and the sizes of clusters and records.
//!
//! Layout: Microsoft, "How NTFS Works", NTFS boot sector; the negative encodings as the Windows
//! and Linux drivers read them.

use crate::bytes::{le16, le32, le64};
use crate::error::{Error, Result};
use crate::source::ReadAt;
use crate::text::Text;

use super::{corrupt, notice};

/// What the boot sector says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Boot {
    /// Bytes of a sector.
    pub(super) sector: u32,
    /// Bytes of a cluster: a power of two, 512 B to 2 MiB.
    pub(super) cluster: u32,
    /// Clusters of the volume as claimed.
    pub(super) clusters: u64,
    /// Sectors of the volume as claimed.
    pub(super) sectors: u64,
    /// First cluster of `$MFT`.
    pub(super) mft: u64,
    /// First cluster of `$MFTMirr`.
    pub(super) mirror: u64,
    /// Bytes of an MFT record: a power of two, 512 B to 64 KiB.
    pub(super) record: u32,
    /// Bytes of an index block that `$INDEX_ROOT` may override.
    pub(super) index: u32,
    /// Volume serial number.
    pub(super) serial: u64,
}

impl Boot {
    /// Reads the boot sector, or its copy in the last sector where it is damaged: then with what
    /// is wrong.
    pub(super) fn read(volume: &dyn ReadAt) -> Result<(Self, Option<Error>)> {
        let damage = match Self::at(volume, 0) {
            Ok(boot) => return Ok((boot, None)),
            Err(damage) => damage,
        };
        // The copy stands in the last sector of the partition, whatever the sector size.
        for size in [512, 4096, 1024, 2048] {
            let Some(offset) = volume.len().checked_sub(size) else {
                continue;
            };
            if let Ok(boot) = Self::at(volume, offset)
                && u64::from(boot.sector) == size
            {
                let warning = notice(
                    damage.offset,
                    say!(error_ntfs_boot_copy, why = &*damage.detail, at = offset),
                );
                return Ok((boot, Some(warning)));
            }
        }
        Err(damage)
    }

    fn at(volume: &dyn ReadAt, offset: u64) -> Result<Self> {
        let mut bytes = [0; 512];
        volume.read_at(&mut bytes, offset)?;
        Self::parse(&bytes, offset)
    }

    /// Parses the 512 bytes that stood at `offset` of the volume.
    fn parse(bytes: &[u8; 512], offset: u64) -> Result<Self> {
        let bad = |at: u64, detail: Text| corrupt(offset.saturating_add(at), detail);
        if &bytes[3..11] != b"NTFS    " {
            return Err(bad(3, say!(error_ntfs_boot_name)));
        }
        let field16 = |at| le16(bytes, at).unwrap_or(0);
        let field64 = |at| le64(bytes, at).unwrap_or(0);
        let sector = u32::from(field16(11));
        if !matches!(sector, 512 | 1024 | 2048 | 4096) {
            return Err(bad(11, say!(error_boot_sector_size, size = sector)));
        }
        // Up to 128 the sectors of a cluster; above, minus the power of two of them.
        let per_cluster = match bytes[13] {
            n @ 1..=128 if n.is_power_of_two() => u32::from(n),
            n @ 0xE0..=0xFF => 1_u32
                .checked_shl(u32::from(0_u8.wrapping_sub(n)))
                .unwrap_or(0),
            _ => 0,
        };
        let cluster = sector
            .checked_mul(per_cluster)
            .filter(|c| (512..=2 << 20).contains(c))
            .ok_or_else(|| {
                let found = format!("{:#04x}", bytes[13]);
                bad(13, say!(error_boot_cluster, found = found))
            })?;
        let sectors = field64(0x28);
        let clusters = sectors.checked_div(u64::from(per_cluster)).unwrap_or(0);
        let mft = field64(0x30);
        let mirror = field64(0x38);
        if clusters == 0 || clusters.checked_mul(u64::from(cluster)).is_none() {
            return Err(bad(0x28, say!(error_ntfs_boot_sectors, sectors = sectors)));
        }
        if mft >= clusters && mirror >= clusters {
            return Err(bad(
                0x30,
                say!(error_ntfs_boot_mft, cluster = mft, clusters = clusters),
            ));
        }
        let record = unit(bytes[0x40], cluster).ok_or_else(|| {
            bad(
                0x40,
                say!(
                    error_ntfs_boot_record,
                    found = format!("{:#04x}", bytes[0x40])
                ),
            )
        })?;
        // Each index states its own block size; this one only fills in.
        let index = unit(bytes[0x44], cluster).unwrap_or(4096);
        Ok(Self {
            sector,
            cluster,
            clusters,
            sectors,
            mft,
            mirror,
            record,
            index,
            serial: field64(0x48),
        })
    }

    /// Byte offset of cluster `lcn`.
    pub(super) fn offset(&self, lcn: u64) -> Option<u64> {
        lcn.checked_mul(u64::from(self.cluster))
    }
}

/// A size that is a count of clusters or, negative, the power of two of its bytes.
fn unit(code: u8, cluster: u32) -> Option<u32> {
    let size = match code {
        1..=127 => cluster.checked_mul(u32::from(code))?,
        129..=255 => 1_u32.checked_shl(u32::from(0_u8.wrapping_sub(code)))?,
        _ => return None,
    };
    (size.is_power_of_two() && (512..=65536).contains(&size)).then_some(size)
}

/// Undoes the protection of a multi-sector record in place: the last two bytes of every 512 (or
/// sector-size) bytes hold the update sequence number, and their own bytes stand in the array in
/// the header. Microsoft, NTFS on-disk structures, "MULTI_SECTOR_HEADER".
///
/// # Errors
/// What does not match; `bytes` is then part restored.
pub(super) fn restore(bytes: &mut [u8], offset: u64, sector: u32) -> Result<()> {
    let bad = |at: usize, detail: Text| corrupt(offset.saturating_add(at as u64), detail);
    let array = usize::from(le16(bytes, 4).unwrap_or(0));
    let count = usize::from(le16(bytes, 6).unwrap_or(0));
    let strides = count.saturating_sub(1);
    // Windows and its tools protect units of 512 bytes even where sectors have 4,096.
    let stride = [512, sector as usize]
        .into_iter()
        .find(|s| strides.checked_mul(*s) == Some(bytes.len()));
    let Some(stride) = stride else {
        return Err(bad(
            6,
            say!(error_ntfs_update_count, count = count, bytes = bytes.len()),
        ));
    };
    let behind = array.saturating_add(count.saturating_mul(2));
    let values = bytes
        .get(array..behind)
        .filter(|_| array >= 8 && behind <= stride.saturating_sub(2))
        .ok_or_else(|| bad(4, say!(error_ntfs_update_place, at = array)))?
        .to_vec();
    let (number, own) = values.split_at_checked(2).unwrap_or_default();
    let mut torn = None;
    let units = bytes.chunks_exact_mut(stride).zip((0..).step_by(stride));
    for ((unit, at), own) in units.zip(own.chunks_exact(2)) {
        let place = unit.len().saturating_sub(2);
        let Some(end) = unit.get_mut(place..) else {
            continue;
        };
        if end != number {
            torn.get_or_insert(place.saturating_add(at));
        }
        end.copy_from_slice(own);
    }
    match torn {
        None => Ok(()),
        Some(at) => Err(bad(at, say!(error_ntfs_torn))),
    }
}

/// How `$LogFile` was left.
pub(super) enum Journal {
    /// The volume was unmounted cleanly.
    Clean,
    /// It was not.
    InUse,
}

/// Where the journal says that the volume was not unmounted, or itself is damaged.
///
/// A restart page begins with `RSTR`; its restart area holds the list of clients in use (0xFFFF:
/// none) and the flag "volume is clean" (2). The newer of two pages counts.
pub(super) fn journal_state(log: &dyn ReadAt) -> Result<Journal> {
    let mut newest: Option<(u64, bool)> = None;
    let mut pages = Vec::new();
    for offset in [0_u64, 4096] {
        if log.len() < offset.saturating_add(4096) {
            break;
        }
        let mut page = vec![0; 4096];
        log.read_at(&mut page, offset)?;
        if let Some(state) = restart_page(&mut page)
            && newest.is_none_or(|n| state.0 > n.0)
        {
            newest = Some(state);
        }
        pages.push(page);
    }
    match newest {
        Some((_, true)) => Ok(Journal::Clean),
        Some((_, false)) => Ok(Journal::InUse),
        // A journal that mkfs or a repair emptied is filled with ones.
        None if pages.iter().flatten().all(|b| *b == 0xFF) => Ok(Journal::Clean),
        None => Err(corrupt(None, say!(error_ntfs_log_pages))),
    }
}

/// The sequence number of a restart page and whether it says that the volume is clean.
fn restart_page(page: &mut [u8]) -> Option<(u64, bool)> {
    const CLEAN: u16 = 2;
    const NONE: u16 = 0xFFFF;
    let checked = page.starts_with(b"CHKD");
    if !checked && !page.starts_with(b"RSTR") {
        return None;
    }
    if !checked && le32(page, 16) == Some(4096) {
        restore(page, 0, 512).ok()?;
    }
    let area = usize::from(le16(page, 0x18)?);
    let lsn = le64(page, area)?;
    let in_use = le16(page, area.checked_add(12)?)?;
    let flags = le16(page, area.checked_add(14)?)?;
    Some((lsn, in_use == NONE || flags & CLEAN != 0))
}
