//! GUID partition tables: UEFI specification 2.10, chapter 5.

mod entries;
mod header;

use std::sync::Arc;

use super::mbr::BootRecord;
use super::{Scheme, Table};
use crate::bytes::guid;
use crate::error::{Error, Kind, Layer, Result};
use crate::source::{ReadAt, read_vec};
use crate::text::Text;
use header::Copy;

/// Logical sector sizes in bytes that disks have.
const SECTORS: [u32; 2] = [512, 4096];
/// A backup header is believed without a protective MBR only where this much of the start of the
/// disk is zeros: more than any file system leaves untouched before its own superblock.
const WIPED: u64 = 68 * 1024;

/// Reads the GUID partition table of `disk`; `mbr` is what its first sector holds. What is wrong
/// with a table that is not taken is added to `warnings`.
///
/// The rules are those of Linux and of UEFI firmware: without a protective MBR a GPT does not
/// count where the first sector holds partitions of its own. Beyond them, a table that they would
/// refuse is taken with a warning where nothing else explains the disk.
///
/// # Errors
/// Never for a damaged table. Kept for a disk that can't be read at all.
pub(super) fn open(
    disk: &Arc<dyn ReadAt>,
    mbr: Option<&BootRecord>,
    warnings: &mut Vec<Error>,
) -> Result<Option<Table>> {
    let mut best: Option<(u32, Found)> = None;
    for sector in SECTORS {
        let Some(found) = find(disk.as_ref(), sector, mbr) else {
            continue;
        };
        match &best {
            Some((first, _)) => warnings.push(Error::corrupt(
                Layer::Gpt,
                u64::from(sector),
                say!(error_gpt_two, first = *first, second = sector),
            )),
            None => best = Some((sector, found)),
        }
    }
    let protected = mbr.is_some_and(BootRecord::is_protective);
    let Some((sector, found)) = best else {
        if protected {
            warnings.push(Error::corrupt(
                Layer::Gpt,
                u64::from(SECTORS[0]),
                say!(error_gpt_missing),
            ));
        }
        return Ok(None);
    };
    if !protected && let Some(reason) = refuse(disk.as_ref(), mbr, &found)? {
        warnings.push(Error::notice(Layer::Gpt, found.offset(), reason));
        return Ok(None);
    }
    let Some((copy, mut notes)) = found.choose(sectors_of(disk.as_ref(), sector)) else {
        warnings.extend(found.into_problems());
        return Ok(None);
    };
    notes.extend(mbr_notes(mbr, sector));
    let (volumes, partition_notes) = entries::volumes(disk, copy, sector);
    if let Some(mbr) = mbr {
        notes.extend(hybrid_notes(mbr, &volumes));
    }
    notes.extend(partition_notes);
    warnings.append(&mut notes);
    Ok(Some(Table {
        scheme: Scheme::Gpt,
        sector_size: sector,
        disk_id: Some(guid(&copy.disk_guid).to_lowercase()),
        volumes,
        extended: Vec::new(),
        warnings: Vec::new(),
    }))
}

/// The copies of the table that were found for one sector size.
struct Found {
    primary: Option<Copy>,
    backups: Vec<Copy>,
    /// Headers that could not be read or interpreted.
    broken: Vec<Error>,
}

/// The length of `disk` in whole sectors of `sector` bytes.
fn sectors_of(disk: &dyn ReadAt, sector: u32) -> u64 {
    disk.len().checked_div(u64::from(sector)).unwrap_or(0)
}

/// Looks for the primary header and, wherever one may stand, for the backup.
fn find(disk: &dyn ReadAt, sector: u32, mbr: Option<&BootRecord>) -> Option<Found> {
    let mut broken = Vec::new();
    let mut get = |lba| match header::read(disk, lba, sector) {
        Ok(copy) => copy,
        Err(e) => {
            // Sector 1 and the last sector are read on every disk: damage there only tells of a
            // GPT where another sign of one is found.
            broken.push(e);
            None
        }
    };
    let primary = get(1);
    let last = sectors_of(disk, sector).checked_sub(1);
    let mut places: Vec<u64> = last.into_iter().collect();
    places.extend(primary.as_ref().map(|p| p.alternate));
    // A disk that grew, with its primary header lost: the protective MBR still has the old size.
    places.extend(mbr.and_then(BootRecord::protected_end));
    let mut backups: Vec<Copy> = Vec::new();
    for (i, lba) in places.iter().enumerate() {
        if *lba > 1 && !places.iter().take(i).any(|p| p == lba) {
            backups.extend(get(*lba));
        }
    }
    (primary.is_some() || !backups.is_empty()).then_some(Found {
        primary,
        backups,
        broken,
    })
}

impl Found {
    /// Where the first of the headers stands, in bytes.
    fn offset(&self) -> Option<u64> {
        self.primary
            .as_ref()
            .or(self.backups.first())
            .map(|c| c.offset)
    }

    /// The copy to read, and why; `sectors` is the disk's length.
    fn choose(&self, sectors: u64) -> Option<(&Copy, Vec<Error>)> {
        let all = || self.primary.iter().chain(&self.backups);
        let copy = all()
            .find(|c| c.sound())
            // Nothing is fully right: an array with the right checksum proves its entries even
            // under a damaged header, and a right header at least says where they stand.
            .or_else(|| all().find(|c| c.array_sound))
            .or_else(|| all().find(|c| c.header_sound && !c.array.is_empty()))?;
        let mut notes = self.broken.clone();
        for c in all() {
            notes.extend(c.problems.iter().cloned());
        }
        if copy.sound() {
            // Damage of the other copy hides nothing.
            for note in &mut notes {
                note.kind = Kind::Notice;
            }
        }
        if copy.lba != 1 {
            notes.push(Error::notice(
                Layer::Gpt,
                copy.offset,
                say!(error_gpt_backup_read, lba = copy.lba),
            ));
        } else {
            notes.extend(self.backup_notes(copy, sectors));
        }
        if !copy.sound() {
            notes.push(Error::corrupt(
                Layer::Gpt,
                copy.offset,
                say!(error_gpt_unsound),
            ));
        }
        Some((copy, notes))
    }

    /// What the backup of a sound primary header says: moved, missing, or different.
    fn backup_notes(&self, primary: &Copy, sectors: u64) -> Vec<Error> {
        let last = sectors.saturating_sub(1);
        let (mut notes, mut differs) = (Vec::new(), Vec::new());
        let mut note = |at: Option<u64>, text: Text| {
            notes.push(Error::notice(Layer::Gpt, at, text));
        };
        if primary.alternate > last {
            note(
                Some(primary.offset.saturating_add(32)),
                say!(error_gpt_cut, lba = primary.alternate, last = last),
            );
        } else if primary.alternate != last {
            note(
                Some(primary.offset.saturating_add(32)),
                say!(error_gpt_grown, lba = primary.alternate, last = last),
            );
        }
        if self.backups.is_empty() && primary.alternate <= last {
            note(None, say!(error_gpt_no_backup, lba = primary.alternate));
        }
        for backup in self.backups.iter().filter(|b| b.sound()) {
            if backup.array != primary.array || backup.disk_guid != primary.disk_guid {
                differs.push(Error::corrupt(
                    Layer::Gpt,
                    backup.offset,
                    say!(error_gpt_backup_differs, lba = backup.lba),
                ));
            }
        }
        notes.append(&mut differs);
        notes
    }

    fn into_problems(self) -> Vec<Error> {
        let mut all = self.broken;
        for copy in self.primary.into_iter().chain(self.backups) {
            all.extend(copy.problems);
        }
        all
    }
}

/// Why a GPT on a disk without a protective MBR is not this disk's table, if it is not.
fn refuse(disk: &dyn ReadAt, mbr: Option<&BootRecord>, found: &Found) -> Result<Option<Text>> {
    if let Some(mbr) = mbr
        && mbr.has_own_partitions()
    {
        return Ok(Some(say!(error_gpt_left_mbr)));
    }
    if found.primary.as_ref().is_some_and(Copy::sound) {
        return Ok(None);
    }
    let len = usize::try_from(disk.len().min(WIPED)).unwrap_or(0);
    if read_vec(disk, 0, len)?.iter().all(|b| *b == 0) {
        return Ok(None);
    }
    Ok(Some(say!(error_gpt_left_disk)))
}

/// What the first sector lacks beside a GPT.
fn mbr_notes(mbr: Option<&BootRecord>, sector: u32) -> Vec<Error> {
    let mut notes = Vec::new();
    if !mbr.is_some_and(BootRecord::is_protective) {
        notes.push(Error::notice(Layer::Gpt, 0, say!(error_gpt_unprotected)));
    }
    if sector != 512 {
        notes.push(Error::notice(
            Layer::Gpt,
            u64::from(sector),
            say!(error_gpt_sectors, size = sector),
        ));
    }
    notes
}

/// Partitions that only the MBR beside the GPT lists: Linux does not see them, Windows and a BIOS
/// boot loader do.
fn hybrid_notes(mbr: &BootRecord, volumes: &[super::Volume]) -> Vec<Error> {
    let mut notes = Vec::new();
    for entry in mbr.entries().filter(|e| e.kind != 0xEE) {
        let (start, len) = (
            entry.start.saturating_mul(512),
            entry.sectors.saturating_mul(512),
        );
        let same = volumes.iter().find(|v| v.offset == start && v.len == len);
        let code = format!("{:02x}", entry.kind);
        let (kind, detail) = match same {
            Some(v) => (
                Kind::Notice,
                say!(
                    error_gpt_hybrid_same,
                    kind = code,
                    at = start,
                    bytes = len,
                    volume = &v.name
                ),
            ),
            // Not read, so something may hide there.
            None => (
                Kind::Unsupported,
                say!(error_gpt_hybrid_own, kind = code, at = start, bytes = len),
            ),
        };
        notes.push(Error::new(Layer::Mbr, kind, entry.offset, detail));
    }
    notes
}
