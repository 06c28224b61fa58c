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
/// The most bytes before the first partition that are looked at: Windows leaves 1 MiB.
const MAX_FREE: u64 = 2 << 20;
/// The most bytes that the entries of a GPT take.
const MAX_ENTRIES: u64 = 1 << 20;

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
        Self { of, code, at }
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

/// Sectors before the first partition that hold something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unallocated {
    /// Sectors of 512 bytes that are not all zeros.
    pub sectors: usize,
    /// Bytes from the first such sector to the end of the last.
    pub bytes: usize,
    /// The first such sector on the disk, with the SHA-256 of those bytes.
    pub at: Location,
}

/// The sectors of the disk that matter to its start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Sectors {
    /// Code, the disk's first.
    pub code: Vec<BootCode>,
    /// What stands before the first partition.
    pub free: Option<Unallocated>,
    /// Bytes before the first partition that were looked at.
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
    let mut volumes = windows.guest.paths.volumes().iter().map(|v| &v.volume);
    // A disk without partitions starts as a partition does.
    let whole = volumes.clone().any(|v| v.number == 0);
    match &windows.guest.disk {
        Some(disk) if !whole => {
            match read_vec(disk.as_ref(), 0, MBR_CODE) {
                Ok(code) => out.code.push(BootCode::new(BootSector::Disk, code, "disk")),
                Err(e) => out.gaps.push(Gap::new(of_disk.clone(), &e)),
            }
            let first = volumes.clone().map(|v| v.offset).min();
            if let Err(e) = free(disk.as_ref(), first.unwrap_or(0), &mut out) {
                out.gaps.push(Gap::new(of_disk, &e));
            }
        }
        Some(_) => {}
        None => {
            let why = Error::not_found(Layer::Guest, say!(error_no_disk));
            out.gaps.push(Gap::new(of_disk, &why));
        }
    }
    let starts = |v: &&Volume| v.bootable || v.number == 0;
    if let Some(volume) = volumes.find(starts) {
        match partition(volume) {
            Ok(code) => out
                .code
                .push(BootCode::new(BootSector::Partition, code, &volume.name)),
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
fn partition(volume: &Volume) -> Result<Vec<u8>> {
    let data = volume.data.as_ref();
    let head = read_vec(data, 0, SECTOR)?;
    let (from, bytes) = match head.get(3..11) {
        Some(b"NTFS    ") => (NTFS_CODE, read_vec(data, 0, NTFS_BOOT)?),
        _ => (FAT_CODE, head),
    };
    let mut code = bytes.get(..3).unwrap_or_default().to_vec();
    code.extend(bytes.get(from..).unwrap_or_default());
    Ok(code)
}

/// Looks at what stands between the partition table and the first partition, at byte `first`.
fn free(disk: &dyn ReadAt, first: u64, out: &mut Sectors) -> Result<()> {
    let start = table_end(disk)?;
    let end = first.min(disk.len());
    if end <= start {
        return Ok(());
    }
    let len = (end - start).min(MAX_FREE);
    let bytes = read_vec(disk, start, usize::try_from(len).unwrap_or(0))?;
    out.looked = len;
    let used = |sector: &[u8]| sector.iter().any(|b| *b != 0);
    let sectors = || bytes.chunks(SECTOR);
    let (Some(from), Some(to)) = (sectors().position(used), sectors().rposition(used)) else {
        return Ok(());
    };
    let held = &bytes[from * SECTOR..((to + 1) * SECTOR).min(bytes.len())];
    out.free = Some(Unallocated {
        sectors: sectors().filter(|s| used(s)).count(),
        bytes: held.len(),
        at: Location {
            volume: Some("disk".into()),
            offset: Some(start + (from * SECTOR) as u64),
            sha256: Some(hex(&DigestKind::Sha256.of(held))),
            ..Location::default()
        },
    });
    Ok(())
}

/// The end of the partition table: of the first sector, or of a GPT's entries. Their header (UEFI
/// specification, 5.3.2) stands in the second sector and holds where they begin (byte 72, sectors),
/// how many there are (80) and the length of one (84).
fn table_end(disk: &dyn ReadAt) -> Result<u64> {
    for size in [512_u64, 4096] {
        if disk.len() < size + 92 {
            continue;
        }
        let header = read_vec(disk, size, 92)?;
        if !header.starts_with(b"EFI PART") {
            continue;
        }
        let number = |at| u64::from(le32(&header, at).unwrap_or(0));
        let at = le64(&header, 72).unwrap_or(0).saturating_mul(size);
        let len = number(80).saturating_mul(number(84)).min(MAX_ENTRIES);
        // Entries that stand behind the first partition leave all before it unused.
        return Ok(at.saturating_add(len).max(size * 2).min(MAX_FREE));
    }
    Ok(SECTOR as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemorySource;

    fn looked(disk: Vec<u8>, first: u64) -> Sectors {
        let mut out = Sectors::default();
        free(&MemorySource(disk), first, &mut out).unwrap();
        out
    }

    #[test]
    fn used_sectors_before_the_first_partition_are_told_with_their_place() {
        assert_eq!(looked(vec![0; 8192], 8192).free, None);
        let mut disk = vec![0; 8192];
        disk[0] = 1;
        disk[8191] = 1;
        let found = looked(disk, 4096);
        assert_eq!((found.free, found.looked), (None, 3584));
        let mut disk = vec![0; 8192];
        disk[1024] = 1;
        disk[2048] = 1;
        let found = looked(disk, 4096).free.unwrap();
        assert_eq!((found.sectors, found.bytes), (2, 1536));
        assert_eq!(found.at.offset, Some(1024));
    }

    #[test]
    fn the_table_of_a_gpt_is_not_unallocated() {
        let mut disk = vec![0; 65_536];
        disk[512..520].copy_from_slice(b"EFI PART");
        disk[584] = 2;
        disk[592] = 128;
        disk[596] = 128;
        disk[1024] = 1;
        assert_eq!(looked(disk.clone(), 65_536).free, None);
        disk[34 * 512] = 1;
        let found = looked(disk.clone(), 65_536).free.unwrap();
        assert_eq!(found.at.offset, Some(34 * 512));
        // Numbers that no disk has.
        disk[584..592].fill(0xFF);
        disk[592..600].fill(0xFF);
        assert_eq!(looked(disk, 65_536).looked, 0);
    }
}
