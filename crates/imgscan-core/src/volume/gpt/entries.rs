//! GPT partition entries: UEFI specification 2.10, table 5.6.

use std::sync::Arc;

use super::header::Copy;
use crate::bytes::{array, guid, le16, le64};
use crate::error::{Error, Layer};
use crate::source::{ReadAt, Section};
use crate::volume::{Volume, layout};

/// The most partitions that are listed: four times what Linux shows of one disk.
const MAX_PARTITIONS: usize = 1024;
/// Bit 2 of the attributes: legacy BIOS bootable.
const LEGACY_BOOT: u64 = 1 << 2;

/// The partitions of a table by their number, and what is wrong with them.
pub(super) fn volumes(
    disk: &Arc<dyn ReadAt>,
    copy: &Copy,
    sector: u32,
) -> (Vec<Volume>, Vec<Error>) {
    let mut volumes = Vec::new();
    let mut notes = Vec::new();
    let size = copy.entry_size as usize;
    for (i, entry) in copy.array.chunks_exact(size).enumerate() {
        if entry.iter().take(16).all(|b| *b == 0) {
            continue;
        }
        let at = copy
            .array_offset
            .saturating_add(i.saturating_mul(size) as u64);
        if volumes.len() == MAX_PARTITIONS {
            notes.push(Error::limit(
                Layer::Gpt,
                at,
                say!(error_partition_many, most = MAX_PARTITIONS),
            ));
            break;
        }
        match volume(disk, copy, sector, i, entry, at, &mut notes) {
            Ok(volume) => volumes.push(volume),
            Err(e) => notes.push(e),
        }
    }
    notes.extend(layout::notes(Layer::Gpt, &volumes));
    (volumes, notes)
}

fn volume(
    disk: &Arc<dyn ReadAt>,
    copy: &Copy,
    sector: u32,
    index: usize,
    entry: &[u8],
    at: u64,
    notes: &mut Vec<Error>,
) -> Result<Volume, Error> {
    let wide = |at| le64(entry, at).unwrap_or(0);
    let number = u32::try_from(index.saturating_add(1)).unwrap_or(u32::MAX);
    let range_at = at.saturating_add(32);
    let (first, last) = (wide(32), wide(40));
    let range = || {
        let start = first.checked_mul(u64::from(sector))?;
        let end = last.checked_add(1)?.checked_mul(u64::from(sector))?;
        end.checked_sub(start)
            .filter(|l| *l > 0)
            .map(|l| (start, l))
    };
    let Some((offset, len)) = range() else {
        return Err(Error::corrupt(
            Layer::Gpt,
            range_at,
            say!(
                error_partition_range,
                number = number,
                from = first,
                to = last
            ),
        ));
    };
    if first < copy.first_usable || last > copy.last_usable {
        notes.push(Error::corrupt(
            Layer::Gpt,
            range_at,
            say!(
                error_partition_unusable,
                number = number,
                from = first,
                to = last,
                first = copy.first_usable,
                last = copy.last_usable
            ),
        ));
    }
    notes.extend(layout::past_end(
        Layer::Gpt,
        range_at,
        number,
        offset,
        len,
        disk.len(),
    ));
    let id = |from: usize| guid(&array(entry, from).unwrap_or_default());
    Ok(Volume {
        name: format!("p{number}"),
        number,
        offset,
        len,
        kind: id(0),
        label: name(entry),
        part_uuid: Some(id(16).to_lowercase()),
        bootable: wide(48) & LEGACY_BOOT != 0,
        attributes: wide(48),
        data: Arc::new(Section::new(Arc::clone(disk), offset, len)),
    })
}

/// The name: up to 36 little-endian UTF-16 units, ended by a zero. An unpaired surrogate becomes
/// U+FFFD.
fn name(entry: &[u8]) -> Option<String> {
    let units = (56..128)
        .step_by(2)
        .map_while(|at| le16(entry, at).filter(|u| *u != 0));
    let name: String = char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    (!name.is_empty()).then_some(name)
}
