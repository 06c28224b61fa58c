//! Devices of boot configuration data: the partition, file or search that an element names.
//!
//! The layout is that of stores which bcdedit wrote, whose partitions are known.

use serde::Serialize;

use crate::bytes::{guid, le16, le32, le64};
use crate::text::Text;

/// Bytes before the data of a device: a GUID of further options (16), then type, flags, length and
/// a word of zero.
const HEADER: usize = 0x20;
/// The length of a device that is a whole partition, header included, but not the GUID.
const PARTITION: u32 = 0x48;
/// The longest path of a file that is read, in UTF-16 units.
const MAX_PATH: usize = 1024;

/// The partition or other place that a device element names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Device {
    /// The device that the boot manager itself came from.
    Boot,
    /// A partition of a GPT disk.
    Gpt {
        /// The partition's GUID, lower case.
        partition: String,
        /// The disk's GUID, lower case.
        disk: String,
    },
    /// A partition of an MBR disk.
    Mbr {
        /// The partition's first byte on the disk.
        offset: u64,
        /// The disk signature.
        disk: u32,
    },
    /// The partition is searched for by a file (`locate=`), as in an image that setup made ready
    /// for another disk.
    Locate,
    /// A disk in a file of a partition (a virtual disk), or a RAM disk that is loaded from one.
    File {
        /// It is loaded into memory.
        ram: bool,
        /// The file's path from the root of its partition, with backslashes.
        path: String,
        /// The device that the file is on; `None` where that is not understood.
        on: Option<Box<Device>>,
        /// The object with further options of the device, lower case with braces.
        options: Option<String>,
    },
    /// Another device, by the number of its type.
    Other {
        /// The type.
        number: u32,
    },
}

impl Device {
    /// The device for people.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::Gpt { partition, disk } => say!(
                bcd_partition,
                partition = partition.to_string(),
                disk = disk.to_string()
            ),
            Self::Mbr { offset, disk } => say!(
                bcd_partition_at,
                offset = *offset,
                disk = format!("{disk:08x}")
            ),
            Self::Other { number } => say!(bcd_device, number = *number),
            Self::File { ram, path, on, .. } => {
                let on = match on {
                    Some(on) => on.text(),
                    None => Text::verbatim("?"),
                };
                match ram {
                    true => say!(bcd_ram_disk, path = path, device = on),
                    false => say!(bcd_file, path = path, device = on),
                }
            }
            Self::Boot | Self::Locate => Text::verbatim(self.to_string()),
        }
    }
}

impl std::fmt::Display for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Boot => f.write_str("boot"),
            Self::Gpt { partition, disk } => write!(f, "partition {partition} of disk {disk}"),
            Self::Mbr { offset, disk } => {
                write!(f, "partition at byte {offset} of disk {disk:08x}")
            }
            Self::Locate => f.write_str("locate"),
            Self::File { ram, path, on, .. } => {
                f.write_str(if *ram { "RAM disk" } else { "disk" })?;
                write!(f, " in file {path}")?;
                on.as_ref().map_or(Ok(()), |on| write!(f, " on {on}"))
            }
            Self::Other { number } => write!(f, "device of type {number}"),
        }
    }
}

impl Device {
    /// Reads a device element: a GUID of further options (16 bytes), then type, flags, length and
    /// a word of zero (4 bytes each, little-endian), then what the type asks for. `None` where it
    /// is cut, or where its length is not that of its bytes.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let options = lower_guid(bytes, 0)?;
        let options = (!bytes.starts_with(&[0; 16])).then(|| format!("{{{options}}}"));
        let body = bytes.get(16..)?;
        if u64::from(le32(body, 8)?) != body.len() as u64 {
            return None;
        }
        let number = le32(body, 0)?;
        Some(match number {
            // A block device whose kind is the first word: 3 a RAM disk; and as old stores have it.
            0 | 3 => match file(bytes) {
                Some((path, on)) => Self::File {
                    ram: number == 3 || le32(bytes, HEADER) == Some(3),
                    path,
                    on: on.map(Box::new),
                    options,
                },
                None => Self::Other { number },
            },
            // What the options of another device would do is not known.
            _ if options.is_some() => Self::Other { number },
            5 => Self::Boot,
            // A qualified partition: its id (16 bytes), then the parent's type (0 a disk), the
            // kind of its table (0 GPT, 1 MBR), the disk's id.
            6 if le32(bytes, 0x30)? == 0 => match le32(bytes, 0x34)? {
                0 => Self::Gpt {
                    partition: lower_guid(bytes, 0x20)?,
                    disk: lower_guid(bytes, 0x38)?,
                },
                1 => Self::Mbr {
                    offset: le64(bytes, 0x20)?,
                    disk: le32(bytes, 0x38)?,
                },
                _ => Self::Other { number },
            },
            8 => Self::Locate,
            _ => Self::Other { number },
        })
    }
}

/// The path at the end of a file's device, and the partition before it.
fn file(bytes: &[u8]) -> Option<(String, Option<Device>)> {
    let (units, _) = bytes.as_chunks::<2>();
    let (end, text) = units.split_last()?;
    if *end != [0, 0] {
        return None;
    }
    let printed = |u: &&[u8; 2]| le16(*u, 0).is_some_and(|u| u >= 0x20);
    let len = text.iter().rev().take_while(printed).count();
    // The end of a longer one could be the path of another file.
    if len > MAX_PATH {
        return None;
    }
    let tail = text.get(text.len().saturating_sub(len)..)?;
    let units: Vec<u16> = tail.iter().map(|u| u16::from_le_bytes(*u)).collect();
    let path = String::from_utf16(&units).ok()?;
    // What stands before the path may look like a letter.
    let path = path.get(path.find('\\')?..)?.to_owned();
    let nested = (HEADER..bytes.len()).step_by(4).find_map(|at| {
        let end = at.checked_add(PARTITION as usize)?;
        let inner = bytes.get(at..end)?;
        let is = matches!(le32(inner, 0), Some(5 | 6 | 8)) && le32(inner, 8) == Some(PARTITION);
        let whole = || [[0; 16].as_slice(), inner].concat();
        match is.then(|| Device::read(&whole())).flatten()? {
            Device::Other { .. } | Device::File { .. } => None,
            device => Some(device),
        }
    });
    Some((path, nested))
}

fn lower_guid(bytes: &[u8], at: usize) -> Option<String> {
    let raw: &[u8; 16] = bytes.get(at..at.checked_add(16)?)?.try_into().ok()?;
    Some(guid(raw).to_ascii_lowercase())
}
