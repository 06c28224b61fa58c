//! A GPT header and its array of entries: UEFI specification 2.10, sections 5.3.2 and 5.3.3.

use crate::bytes::{array, le32, le64};
use crate::error::{Error, Layer, Result};
use crate::source::{ReadAt, read_vec};
use crate::text::Text;

/// `EFI PART`, the first bytes of a header.
const MAGIC: &[u8; 8] = b"EFI PART";
/// The smallest header that revision 1.0 knows, in bytes.
const MIN_HEADER: u32 = 92;
/// The smallest entry, in bytes.
const MIN_ENTRY: u32 = 128;
/// The largest entry that is read, in bytes: far above anything in use.
const MAX_ENTRY: u32 = 4096;
/// The longest array that is read, in bytes: 131,072 entries of 128 bytes.
const MAX_ARRAY: u64 = 16 * 1024 * 1024;

/// A header with its entries, and what is wrong with either.
pub(super) struct Copy {
    /// Where the header stands, in bytes on the disk.
    pub(super) offset: u64,
    /// Where it stands, in sectors.
    pub(super) lba: u64,
    /// Where it says that the other header stands, in sectors.
    pub(super) alternate: u64,
    /// The first sector that partitions may use.
    pub(super) first_usable: u64,
    /// The last sector that partitions may use.
    pub(super) last_usable: u64,
    /// The disk GUID in its disk form.
    pub(super) disk_guid: [u8; 16],
    /// Where the array of entries stands, in bytes on the disk.
    pub(super) array_offset: u64,
    /// Size of an entry in bytes.
    pub(super) entry_size: u32,
    /// The array; empty where it can't be read.
    pub(super) array: Vec<u8>,
    /// The header's own checksum and place are right.
    pub(super) header_sound: bool,
    /// The array was read and its checksum is right.
    pub(super) array_sound: bool,
    /// Everything that is wrong with the two.
    pub(super) problems: Vec<Error>,
}

impl Copy {
    /// True where header and array are both right.
    pub(super) fn sound(&self) -> bool {
        self.header_sound && self.array_sound
    }
}

/// Reads the header at `lba` and its array. `None` where no header begins there.
///
/// # Errors
/// If the sector can't be read, or if the header is too damaged to find the array.
pub(super) fn read(disk: &dyn ReadAt, lba: u64, sector: u32) -> Result<Option<Copy>> {
    let Some(offset) = lba.checked_mul(u64::from(sector)) else {
        return Ok(None);
    };
    // A header behind the end of the disk is the caller's matter: it knows why it looked there.
    if offset
        .checked_add(u64::from(sector))
        .is_none_or(|end| end > disk.len())
    {
        return Ok(None);
    }
    let mut head = vec![0; sector as usize];
    disk.read_at(&mut head, offset)?;
    if !head.starts_with(MAGIC) {
        return Ok(None);
    }
    let mut copy = parse(&head, offset, lba)?;
    let field = |at| le32(&head, at).unwrap_or(0);
    let (array_lba, count) = (le64(&head, 72).unwrap_or(0), field(80));
    match read_array(disk, array_lba, count, copy.entry_size, sector) {
        Ok((at, array)) => {
            let found = crc32fast::hash(&array);
            copy.array_sound = found == field(88);
            if !copy.array_sound {
                copy.problems.push(Error::corrupt(
                    Layer::Gpt,
                    at,
                    say!(
                        error_gpt_entries_checksum,
                        expected = format!("{:08x}", field(88)),
                        found = format!("{found:08x}")
                    ),
                ));
            }
            copy.array_offset = at;
            copy.array = array;
        }
        Err(e) => copy.problems.push(e),
    }
    Ok(Some(copy))
}

/// The fixed fields of the header in `head` (one sector).
fn parse(head: &[u8], offset: u64, lba: u64) -> Result<Copy> {
    let field = |at| le32(head, at).unwrap_or(0);
    let wide = |at| le64(head, at).unwrap_or(0);
    let mut problems = Vec::new();
    let mut problem = |at: u64, text: Text| {
        problems.push(Error::corrupt(Layer::Gpt, offset.saturating_add(at), text));
    };
    let mut header_sound = true;
    let size = field(12);
    match head.get(..size as usize).filter(|_| size >= MIN_HEADER) {
        None => {
            header_sound = false;
            problem(
                12,
                say!(error_gpt_header_length, found = size, least = MIN_HEADER),
            );
        }
        Some(covered) => {
            let mut summed = covered.to_vec();
            if let Some(own) = summed.get_mut(16..20) {
                own.fill(0);
            }
            let found = crc32fast::hash(&summed);
            if found != field(16) {
                header_sound = false;
                problem(
                    16,
                    say!(
                        error_gpt_header_checksum,
                        expected = format!("{:08x}", field(16)),
                        found = format!("{found:08x}")
                    ),
                );
            }
        }
    }
    if wide(24) != lba {
        header_sound = false;
        problem(
            24,
            say!(error_gpt_header_place, lba = lba, found = wide(24)),
        );
    }
    if field(8) != 0x0001_0000 {
        let found = format!("{:08x}", field(8));
        problem(8, say!(error_gpt_revision, found = found));
    }
    let entry_size = field(84);
    if !(MIN_ENTRY..=MAX_ENTRY).contains(&entry_size) || !entry_size.is_multiple_of(8) {
        return Err(Error::corrupt(
            Layer::Gpt,
            offset.saturating_add(84),
            say!(error_gpt_entry_size, found = entry_size),
        ));
    }
    if entry_size != MIN_ENTRY {
        problem(84, say!(error_gpt_entry_size_linux, found = entry_size));
    }
    Ok(Copy {
        offset,
        lba,
        alternate: wide(32),
        first_usable: wide(40),
        last_usable: wide(48),
        disk_guid: array(head, 56).unwrap_or_default(),
        array_offset: 0,
        entry_size,
        array: Vec::new(),
        header_sound,
        array_sound: false,
        problems,
    })
}

/// The array of `count` entries at sector `lba`: its byte offset and bytes.
fn read_array(
    disk: &dyn ReadAt,
    lba: u64,
    count: u32,
    entry: u32,
    sector: u32,
) -> Result<(u64, Vec<u8>)> {
    let len = u64::from(count).saturating_mul(u64::from(entry));
    let Some(at) = lba
        .checked_mul(u64::from(sector))
        .filter(|at| at.checked_add(len).is_some_and(|end| end <= disk.len()))
    else {
        return Err(Error::corrupt(
            Layer::Gpt,
            None,
            say!(
                error_gpt_entries_past_end,
                count = count,
                lba = lba,
                size = disk.len()
            ),
        ));
    };
    if len > MAX_ARRAY {
        return Err(Error::limit(
            Layer::Gpt,
            at,
            say!(
                error_gpt_entries_long,
                count = count,
                entry = entry,
                most = MAX_ARRAY
            ),
        ));
    }
    let array = read_vec(disk, at, usize::try_from(len).unwrap_or(0))?;
    Ok((at, array))
}
