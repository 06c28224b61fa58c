//! What the firmware of a BIOS system starts: the code of the disk's first sector and of the
//! partition that it goes on to, and what stands in the sectors that belong to no partition.
//!
//! A master boot record has code in its first 440 bytes, before the disk's signature (Microsoft
//! "Master Boot Record"). A boot sector of NTFS has a jump, its parameters up to byte 0x54, and code
//! up to the end of `$Boot`, 16 sectors of 512 bytes.

use serde::Serialize;

use super::Windows;
use crate::bytes::{hex, le32, le64};
use crate::error::{Error, Layer, Result};
use crate::evidence::{Gap, Location};
use crate::source::{ReadAt, read_vec};
use crate::trust::DigestKind;
use crate::volume::Volume;

/// Bytes of code in a master boot record.
const MBR_CODE: usize = 440;
/// Bytes of `$Boot` that hold code of NTFS.
const NTFS_BOOT: usize = 8192;
/// Where the code of a boot sector begins: on NTFS, and on FAT32.
const NTFS_CODE: usize = 0x54;
const FAT_CODE: usize = 0x5A;
const SECTOR: usize = 512;
/// The most bytes outside of partitions that are read, holes not counted.
const MAX_FREE: u64 = 4 << 30;
/// The most bytes of one such place that are hashed.
const MAX_HASHED: u64 = 2 << 20;
/// Bytes that are read at once.
const PIECE: u64 = 1 << 20;
/// The most bytes that the entries of a GPT take.
const MAX_ENTRIES: u64 = 1 << 20;
/// Where a boot sector of NTFS or FAT has the number of sectors before its volume.
const SECTORS_BEFORE: usize = 0x1C;

/// Where code stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BootSector {
    /// The first sector of the disk.
    Disk,
    /// The first sectors of the active partition.
    Partition,
}

/// Code that starts without a file; all zeros is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BootCode {
    /// Where.
    pub of: BootSector,
    /// The code, without the parameters in its midst.
    #[serde(skip)]
    pub code: Vec<u8>,
    /// Of a partition: the byte of the disk at which its boot sector says that it begins, where it
    /// begins elsewhere. The code loads what follows it from there.
    pub misplaced: Option<u64>,
    /// Its place, with the SHA-256 of `code`.
    pub at: Location,
}

impl BootCode {
    fn new(of: BootSector, code: Vec<u8>, volume: &str) -> Self {
        let sha256 = Some(hex(&DigestKind::Sha256.of(&code)));
        let at = Location {
            volume: Some(volume.to_owned()),
            offset: Some(0),
            sha256,
            ..Location::default()
        };
        Self {
            of,
            code,
            misplaced: None,
            at,
        }
    }

    /// True where there is no code.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.code.iter().all(|b| *b == 0)
    }

    /// Lower-case hexadecimal SHA-256 of the first `len` bytes; `None` where there are fewer.
    #[must_use]
    pub fn digest(&self, len: usize) -> Option<String> {
        self.code
            .get(..len)
            .map(|head| hex(&DigestKind::Sha256.of(head)))
    }
}

/// Sectors outside of partitions that hold something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unallocated {
    /// Sectors of 512 bytes that are not all zeros.
    pub sectors: usize,
    /// Bytes from the first such sector to the end of the last.
    pub bytes: u64,
    /// They stand before the first partition.
    pub before: bool,
    /// The first such sector on the disk, with the SHA-256 of those bytes where they are few.
    pub at: Location,
}

/// The sectors of the disk that matter to its start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Sectors {
    /// Code, the disk's first.
    pub code: Vec<BootCode>,
    /// What stands outside of partitions, by its place.
    pub free: Vec<Unallocated>,
    /// Bytes outside of partitions that were looked at.
    pub looked: u64,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

pub(super) fn collect(windows: &Windows<'_>) -> Sectors {
    let mut out = Sectors::default();
    let of_disk = Location {
        volume: Some("disk".into()),
        ..Location::default()
    };
    let volumes = || windows.guest.paths.volumes().iter().map(|v| &v.volume);
    // A disk without partitions starts as a partition does.
    let whole = volumes().any(|v| v.number == 0);
    match &windows.guest.disk {
        Some(disk) if !whole => {
            match read_vec(disk.as_ref(), 0, MBR_CODE) {
                Ok(code) => out.code.push(BootCode::new(BootSector::Disk, code, "disk")),
                Err(e) => out.gaps.push(Gap::new(of_disk.clone(), &e)),
            }
            let used: Vec<(u64, u64)> = volumes()
                .map(|v| (v.offset, v.offset.saturating_add(v.len)))
                .collect();
            if let Err(e) = unallocated(disk.as_ref(), used, &mut out) {
                out.gaps.push(Gap::new(of_disk, &e));
            }
        }
        Some(_) => {}
        None => {
            let why = Error::not_found(Layer::Guest, say!(error_no_disk));
            out.gaps.push(Gap::new(of_disk, &why));
        }
    }
    for volume in volumes().filter(|v| v.bootable || v.number == 0) {
        match partition(volume) {
            Ok(code) => out.code.push(code),
            Err(e) => {
                let at = Location {
                    volume: Some(volume.name.clone()),
                    ..Location::default()
                };
                out.gaps.push(Gap::new(at, &e));
            }
        }
    }
    out
}

/// The code of a partition: its jump, and what follows its parameters.
fn partition(volume: &Volume) -> Result<BootCode> {
    let data = volume.data.as_ref();
    let head = read_vec(data, 0, SECTOR)?;
    let before = le32(&head, SECTORS_BEFORE).map(|n| u64::from(n).saturating_mul(SECTOR as u64));
    let (from, bytes) = match head.get(3..11) {
        Some(b"NTFS    ") => (NTFS_CODE, read_vec(data, 0, NTFS_BOOT)?),
        _ => (FAT_CODE, head),
    };
    let mut code = bytes.get(..3).unwrap_or_default().to_vec();
    code.extend(bytes.get(from..).unwrap_or_default());
    let mut out = BootCode::new(BootSector::Partition, code, &volume.name);
    out.misplaced = before.filter(|b| volume.number != 0 && *b != volume.offset);
    Ok(out)
}

/// Looks at what stands on the disk outside of the ranges `used` and of the partition tables.
fn unallocated(disk: &dyn ReadAt, mut used: Vec<(u64, u64)>, out: &mut Sectors) -> Result<()> {
    let first = used.iter().map(|(start, _)| *start).min().unwrap_or(0);
    used.extend(tables(disk)?);
    used.sort_unstable();
    let mut at = 0;
    for (start, end) in used.into_iter().chain([(disk.len(), disk.len())]) {
        let start = start.min(disk.len());
        if at < start {
            free(disk, at, start, first, out)?;
        }
        at = at.max(end);
    }
    Ok(())
}

/// Looks at the bytes from `start` to `end`; `first` is where the first partition begins.
fn free(disk: &dyn ReadAt, start: u64, end: u64, first: u64, out: &mut Sectors) -> Result<()> {
    let (mut sectors, mut from, mut to) = (0_usize, None, start);
    let mut at = start;
    while let Some(data) = disk.next_data(at)?.filter(|d| d.start < end) {
        let piece = data.start.max(at);
        let stop = data.end.min(end).min(piece.saturating_add(PIECE));
        let len = stop.saturating_sub(piece);
        if len == 0 {
            break;
        }
        out.looked = out.looked.saturating_add(len);
        if out.looked > MAX_FREE {
            let why = say!(error_unallocated_long, most = MAX_FREE);
            return Err(Error::limit(Layer::Guest, piece, why));
        }
        let bytes = read_vec(disk, piece, usize::try_from(len).unwrap_or(0))?;
        for (i, sector) in bytes.chunks(SECTOR).enumerate() {
            let place = piece.saturating_add((i as u64).saturating_mul(SECTOR as u64));
            if sector.iter().all(|b| *b == 0) || is_extended(sector) {
                continue;
            }
            sectors = sectors.saturating_add(1);
            from.get_or_insert(place);
            to = place.saturating_add(sector.len() as u64);
        }
        at = stop;
    }
    let Some(from) = from else {
        return Ok(());
    };
    let bytes = to.saturating_sub(from);
    let sha256 = match usize::try_from(bytes) {
        Ok(len) if bytes <= MAX_HASHED => {
            Some(hex(&DigestKind::Sha256.of(&read_vec(disk, from, len)?)))
        }
        _ => None,
    };
    out.free.push(Unallocated {
        sectors,
        bytes,
        before: from < first,
        at: Location {
            volume: Some("disk".into()),
            offset: Some(from),
            sha256,
            ..Location::default()
        },
    });
    Ok(())
}

/// True for a sector that holds the table of an extended partition and nothing else.
fn is_extended(sector: &[u8]) -> bool {
    let table = 446;
    sector
        .get(..table)
        .is_some_and(|code| code.iter().all(|b| *b == 0))
        && sector.get(510..512) == Some(&[0x55, 0xAA])
}

/// The partition tables: the first sector, or a GPT with its copy at the end of the disk. Its header
/// (UEFI specification, 5.3.2) stands in the second sector and holds where the other header is (byte
/// 32, sectors), where the entries begin (72), how many there are (80) and the length of one (84).
fn tables(disk: &dyn ReadAt) -> Result<Vec<(u64, u64)>> {
    for size in [512_u64, 4096] {
        let Some((own, copy)) = gpt(disk, size, size)? else {
            continue;
        };
        let mut out = vec![(0, size.saturating_mul(2)), own];
        if let Some((entries, _)) = gpt(disk, copy, size)? {
            out.extend([(copy, copy.saturating_add(size)), entries]);
        }
        return Ok(out);
    }
    Ok(vec![(0, SECTOR as u64)])
}

/// The entries of the GPT whose header is at byte `at`, and where its other header is; `None` where
/// there is none.
fn gpt(disk: &dyn ReadAt, at: u64, size: u64) -> Result<Option<((u64, u64), u64)>> {
    if disk.len() < at.saturating_add(92) {
        return Ok(None);
    }
    let header = read_vec(disk, at, 92)?;
    if !header.starts_with(b"EFI PART") {
        return Ok(None);
    }
    let number = |at| u64::from(le32(&header, at).unwrap_or(0));
    let place = |at| le64(&header, at).unwrap_or(0).saturating_mul(size);
    let entries = place(72);
    let len = number(80).saturating_mul(number(84)).min(MAX_ENTRIES);
    Ok(Some(((entries, entries.saturating_add(len)), place(32))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemorySource;

    fn looked(disk: Vec<u8>, volumes: &[(u64, u64)]) -> Sectors {
        let mut out = Sectors::default();
        unallocated(&MemorySource(disk), volumes.to_vec(), &mut out).unwrap();
        out
    }

    #[test]
    fn used_sectors_outside_of_partitions_are_told_with_their_place() {
        let volumes = [(4096, 6144)];
        let mut disk = vec![0; 8192];
        // The table, and inside of the partition.
        disk[0] = 1;
        disk[4096] = 1;
        assert_eq!(looked(disk.clone(), &volumes).free, []);
        disk[1024] = 1;
        disk[2048] = 1;
        disk[8191] = 1;
        let found = looked(disk, &volumes).free;
        let shown = |u: &Unallocated| (u.at.offset, u.sectors, u.bytes, u.before);
        let shown: Vec<_> = found.iter().map(shown).collect();
        assert_eq!(
            shown,
            [(Some(1024), 2, 1536, true), (Some(7680), 1, 512, false)]
        );
    }

    #[test]
    fn the_table_of_an_extended_partition_is_not_unallocated() {
        let mut disk = vec![0; 4096];
        disk[1024 + 450] = 7;
        disk[1024 + 510..1024 + 512].copy_from_slice(&[0x55, 0xAA]);
        assert_eq!(looked(disk.clone(), &[(2048, 4096)]).free, []);
        disk[1024] = 0xE9;
        let found = looked(disk, &[(2048, 4096)]).free;
        assert_eq!(found[0].at.offset, Some(1024));
    }

    #[test]
    fn the_table_of_a_gpt_and_its_copy_are_not_unallocated() {
        let mut disk = vec![0; 65_536];
        let mut header = |at: usize, other: u8, entries: u8| {
            disk[at..at + 8].copy_from_slice(b"EFI PART");
            disk[at + 32] = other;
            disk[at + 72] = entries;
            disk[at + 80] = 4;
            disk[at + 84] = 128;
        };
        header(512, 127, 2);
        header(127 * 512, 1, 126);
        disk[1024] = 1;
        disk[126 * 512] = 1;
        let volumes = [(40 * 512, 100 * 512)];
        assert_eq!(looked(disk.clone(), &volumes).free, []);
        disk[34 * 512] = 1;
        disk[110 * 512] = 1;
        let found = looked(disk.clone(), &volumes).free;
        let places: Vec<_> = found.iter().map(|u| u.at.offset).collect();
        assert_eq!(places, [Some(34 * 512), Some(110 * 512)]);
        // Numbers that no disk has.
        disk[584..592].fill(0xFF);
        disk[592..600].fill(0xFF);
        assert!(!looked(disk, &volumes).free.is_empty());
    }
}
