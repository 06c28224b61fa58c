//! Master boot records with extended boot records: the layout of Microsoft and IBM as Linux reads
//! it (`block/partitions/msdos.c` gives the facts: which EBR entries count, how numbers run).

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Extended, Scheme, Table, Volume, layout};
use crate::bytes::{le16, le32};
use crate::error::{Error, Layer, Result};
use crate::source::{ReadAt, Section, read_vec};
use crate::text::Text;

/// Byte offset of the four entries in a boot record.
const ENTRIES: usize = 446;
/// Length of a boot record in bytes, and the sector size by which an MBR is read first.
const SECTOR: u64 = 512;
/// The sector size of disks with large sectors, in bytes: the table itself does not tell.
const LARGE_SECTOR: u64 = 4096;
/// Bytes at the beginning of a partition in which every file system has something.
const PROBE: usize = 64 << 10;
/// The most boot records of one extended chain that are followed.
const MAX_CHAIN: usize = 1024;

/// One of the four entries of a boot record.
#[derive(Debug, Clone, Copy)]
pub(super) struct PartitionEntry {
    /// Where the entry stands, in bytes on the disk.
    pub(super) offset: u64,
    /// Its place in its record, 1 to 4.
    slot: u32,
    /// The boot indicator: 0 or 0x80 in a sound record.
    flag: u8,
    /// Partition type.
    pub(super) kind: u8,
    /// First sector, relative to something that depends on the record.
    pub(super) start: u64,
    /// Length in sectors.
    pub(super) sectors: u64,
}

impl PartitionEntry {
    fn is_extended(&self) -> bool {
        matches!(self.kind, 0x05 | 0x0F | 0x85)
    }

    fn end(&self) -> u64 {
        self.start.saturating_add(self.sectors)
    }
}

/// The first sector of a disk, where it ends with the signature 55 AA.
pub(super) struct BootRecord {
    entries: [PartitionEntry; 4],
    /// The disk signature; 0 where there is none.
    signature: u32,
    /// What else the sector may be: a boot sector of this file system.
    file_system: Option<&'static str>,
}

impl BootRecord {
    /// Reads the first sector. `None` where the disk is shorter or the signature is not there.
    ///
    /// # Errors
    /// If the sector can't be read.
    pub(super) fn read(disk: &dyn ReadAt) -> Result<Option<Self>> {
        if disk.len() < SECTOR {
            return Ok(None);
        }
        let head = read_vec(disk, 0, 512)?;
        let Some(entries) = entries(&head, 0) else {
            return Ok(None);
        };
        Ok(Some(Self {
            entries,
            signature: le32(&head, 440).unwrap_or(0),
            file_system: boot_sector(&head),
        }))
    }

    /// The entries in use.
    pub(super) fn entries(&self) -> impl Iterator<Item = &PartitionEntry> {
        let sane = self.flags_are_sane();
        self.entries
            .iter()
            .filter(move |e| sane && e.kind != 0 && e.sectors != 0)
    }

    /// Linux takes a record with any other boot indicator for something else.
    fn flags_are_sane(&self) -> bool {
        self.entries.iter().all(|e| matches!(e.flag, 0 | 0x80))
    }

    /// True where an entry announces a GPT as Linux wants it: type EE from sector 1, whatever its
    /// other fields.
    pub(super) fn is_protective(&self) -> bool {
        self.entries.iter().any(|e| e.kind == 0xEE && e.start == 1)
    }

    /// True where the record holds partitions that are no announcement of a GPT.
    pub(super) fn has_own_partitions(&self) -> bool {
        self.has_partitions() && self.entries().any(|e| e.kind != 0xEE)
    }

    /// The last sector (of the disk's own size) that a protective entry covers.
    pub(super) fn protected_end(&self) -> Option<u64> {
        let entry = self.entries().find(|e| e.kind == 0xEE)?;
        entry.end().checked_sub(1)
    }

    /// True where the record holds partitions, and the sector is not rather a file system's boot
    /// sector.
    pub(super) fn has_partitions(&self) -> bool {
        let used = self.entries().count();
        let from_start = self.entries().any(|e| e.start == 0);
        if used == 0 || from_start {
            return false;
        }
        self.file_system.is_none() || self.is_strict()
    }

    /// What only a table that is meant as one fulfils: at most one active entry, unused entries
    /// all zero, no overlap. Boot code in its place does not.
    fn is_strict(&self) -> bool {
        let clean =
            |e: &PartitionEntry| e.kind != 0 || (e.flag == 0 && e.start == 0 && e.sectors == 0);
        let active = self.entries().filter(|e| e.flag == 0x80).count();
        let apart = self.entries().all(|a| {
            self.entries()
                .all(|b| a.slot == b.slot || a.end() <= b.start || b.end() <= a.start)
        });
        self.entries.iter().all(clean) && active <= 1 && apart
    }
}

/// The four entries of the boot record in `sector`, which stands at byte `offset` of the disk.
/// `None` without the signature 55 AA.
fn entries(sector: &[u8], offset: u64) -> Option<[PartitionEntry; 4]> {
    if sector.get(510..512)? != [0x55, 0xAA] {
        return None;
    }
    let one = |slot: u32, at: usize| {
        let raw = sector.get(at..)?;
        Some(PartitionEntry {
            offset: offset.saturating_add(at as u64),
            slot,
            flag: *raw.first()?,
            kind: *raw.get(4)?,
            start: u64::from(le32(raw, 8)?),
            sectors: u64::from(le32(raw, 12)?),
        })
    };
    Some([
        one(1, ENTRIES)?,
        one(2, ENTRIES + 16)?,
        one(3, ENTRIES + 32)?,
        one(4, ENTRIES + 48)?,
    ])
}

/// The file system whose boot sector this looks like: those end with 55 AA too.
fn boot_sector(head: &[u8]) -> Option<&'static str> {
    if !matches!(head.first(), Some(0xEB | 0xE9)) {
        return None;
    }
    match head.get(3..11)? {
        b"NTFS    " => return Some("NTFS"),
        b"EXFAT   " => return Some("exFAT"),
        b"-FVE-FS-" => return Some("BitLocker"),
        _ => {}
    }
    let bytes = le16(head, 11)?;
    let (per_cluster, fats, media) = (*head.get(13)?, *head.get(16)?, *head.get(21)?);
    let fat = matches!(bytes, 512 | 1024 | 2048 | 4096)
        && per_cluster.is_power_of_two()
        && le16(head, 14)? > 0
        && matches!(fats, 1 | 2)
        && (media == 0xF0 || media >= 0xF8);
    fat.then_some("FAT")
}

/// Reads the partitions of `mbr`. `None` where it holds none.
///
/// # Errors
/// Never for a damaged table.
pub(super) fn open(disk: &Arc<dyn ReadAt>, mbr: &BootRecord) -> Result<Option<Table>> {
    if !mbr.has_partitions() {
        return Ok(None);
    }
    let sector = sector_size(disk.as_ref(), mbr);
    let mut found = Collected {
        disk,
        sector,
        signature: mbr.signature,
        volumes: Vec::new(),
        notes: Vec::new(),
        next: 5,
    };
    if let Some(name) = mbr.file_system {
        found.notes.push(Error::notice(
            Layer::Mbr,
            0,
            say!(error_mbr_boot_sector, fs = name),
        ));
    }
    if sector != SECTOR {
        found.notes.push(Error::notice(
            Layer::Mbr,
            ENTRIES as u64,
            say!(error_mbr_sectors, size = sector),
        ));
    }
    let mut extended = Vec::new();
    for entry in mbr.entries() {
        if entry.is_extended() {
            extended.push(Extended {
                number: entry.slot,
                offset: entry.start.saturating_mul(sector),
                len: entry.sectors.saturating_mul(sector),
                kind: format!("{:02x}", entry.kind),
            });
            continue;
        }
        found.add(entry, entry.slot, entry.start);
    }
    for entry in mbr.entries().filter(|e| e.is_extended()) {
        found.chain(entry);
    }
    let Collected { volumes, notes, .. } = found;
    let mut warnings = notes;
    warnings.extend(layout::notes(Layer::Mbr, &volumes));
    Ok(Some(Table {
        scheme: Scheme::Mbr,
        sector_size: u32::try_from(sector).unwrap_or(u32::MAX),
        disk_id: (mbr.signature != 0).then(|| format!("{:08x}", mbr.signature)),
        volumes,
        extended,
        warnings,
    }))
}

/// The sector size in bytes by which `mbr` counts. Where every partition is empty at the place
/// that sectors of 512 bytes give, all lie on the disk by sectors of 4096 bytes, and one has
/// something there, it is 4096.
fn sector_size(disk: &dyn ReadAt, mbr: &BootRecord) -> u64 {
    let begun = |sector: u64| {
        mbr.entries().any(|e| {
            let at = e.start.saturating_mul(sector);
            let left = usize::try_from(disk.len().saturating_sub(at)).unwrap_or(PROBE);
            read_vec(disk, at, left.min(PROBE)).is_ok_and(|head| head.iter().any(|b| *b != 0))
        })
    };
    let fits = mbr
        .entries()
        .all(|e| e.end().saturating_mul(LARGE_SECTOR) <= disk.len());
    if fits && !begun(SECTOR) && begun(LARGE_SECTOR) {
        LARGE_SECTOR
    } else {
        SECTOR
    }
}

struct Collected<'a> {
    disk: &'a Arc<dyn ReadAt>,
    /// Sector size in bytes.
    sector: u64,
    signature: u32,
    volumes: Vec<Volume>,
    notes: Vec<Error>,
    /// The number of the next logical partition.
    next: u32,
}

impl Collected<'_> {
    /// Sectors as bytes: at most 2^33 sectors of 2^12 bytes.
    fn bytes(&self, sectors: u64) -> u64 {
        sectors.saturating_mul(self.sector)
    }

    /// Adds the partition of `entry`, which begins at sector `start` of the disk.
    fn add(&mut self, entry: &PartitionEntry, number: u32, start: u64) {
        let (offset, len) = (self.bytes(start), self.bytes(entry.sectors));
        self.notes.extend(layout::past_end(
            Layer::Mbr,
            entry.offset.saturating_add(8),
            number,
            offset,
            len,
            self.disk.len(),
        ));
        self.volumes.push(Volume {
            name: format!("p{number}"),
            number,
            offset,
            len,
            kind: format!("{:02x}", entry.kind),
            label: None,
            part_uuid: (self.signature != 0)
                .then(|| format!("{:08x}-{number:02x}", self.signature)),
            bootable: entry.flag == 0x80,
            attributes: 0,
            data: Arc::new(Section::new(Arc::clone(self.disk), offset, len)),
        });
    }

    /// Follows the chain of boot records of the extended partition `outer`.
    fn chain(&mut self, outer: &PartitionEntry) {
        let mut seen = BTreeSet::new();
        let (mut at, mut size) = (outer.start, outer.sectors);
        loop {
            if !seen.insert(at) {
                self.note(self.bytes(at), say!(error_mbr_loop));
                return;
            }
            if seen.len() > MAX_CHAIN {
                self.notes.push(Error::limit(
                    Layer::Mbr,
                    self.bytes(at),
                    say!(error_mbr_logical_many, most = MAX_CHAIN),
                ));
                return;
            }
            let offset = self.bytes(at);
            let record = match read_vec(self.disk.as_ref(), offset, 512) {
                Ok(sector) => entries(&sector, offset),
                Err(e) => {
                    self.note(offset, say!(error_mbr_extended_unread, why = e.text()));
                    return;
                }
            };
            let Some(record) = record else {
                self.note(
                    offset.saturating_add(510),
                    say!(error_mbr_extended_unsigned),
                );
                return;
            };
            for entry in record.iter().filter(|e| e.sectors != 0 && e.kind != 0) {
                let start = at.saturating_add(entry.start);
                // The third and fourth entry hold garbage on some disks: Linux takes them only
                // where they lie inside.
                let inside = entry.end() <= size
                    && start >= outer.start
                    && start.saturating_add(entry.sectors) <= outer.end();
                if entry.is_extended() || (entry.slot > 2 && !inside) {
                    continue;
                }
                let number = self.next;
                self.next = number.saturating_add(1);
                self.add(entry, number, start);
            }
            let Some(link) = record.iter().find(|e| e.is_extended() && e.sectors != 0) else {
                return;
            };
            at = outer.start.saturating_add(link.start);
            size = link.sectors;
        }
    }

    fn note(&mut self, at: u64, text: Text) {
        self.notes.push(Error::corrupt(Layer::Mbr, at, text));
    }
}
