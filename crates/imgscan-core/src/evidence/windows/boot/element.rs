//! Elements of boot configuration data: their numbers, their names, their data.
//!
//! An element's number is its key's name in eight hexadecimal digits: bits 28 to 31 the class (1
//! library, 2 application, 3 device, 4 template), bits 24 to 27 the form of its data. Sources:
//! Microsoft "Boot Configuration Data (BCD) Reference" (BcdLibraryElementTypes,
//! BcdOSLoaderElementTypes, BcdBootMgrElementTypes); the layout of a device is that of stores which
//! bcdedit wrote, whose partitions are known.

use serde::Serialize;

use crate::bytes::{guid, le32, le64};
use crate::hive::Data;
use crate::text::Text;

/// Numbers of a list that are kept.
const MAX_NUMBERS: usize = 256;

/// The names that bcdedit shows.
const NAMES: &[(u32, &str)] = &[
    (0x1100_0001, "device"),
    (0x1200_0002, "path"),
    (0x1200_0004, "description"),
    (0x1200_0005, "locale"),
    (0x1400_0006, "inherit"),
    (0x1500_0007, "truncatememory"),
    (0x1400_0008, "recoverysequence"),
    (0x1600_0009, "recoveryenabled"),
    (0x1600_0010, "bootdebug"),
    (0x1500_0011, "debugtype"),
    (0x1600_0020, "bootems"),
    (0x1200_0030, "loadoptions"),
    (0x1600_0040, "advancedoptions"),
    (0x1600_0041, "optionsedit"),
    (0x1600_0048, "nointegritychecks"),
    (0x1600_0049, "testsigning"),
    (0x1500_004B, "integrityservices"),
    (0x1600_0060, "isolatedcontext"),
    (0x1500_0065, "displaymessage"),
    (0x1500_0066, "displaymessageoverride"),
    (0x1700_0077, "allowedinmemorysettings"),
    (0x1600_007E, "flightsigning"),
    (0x2400_0001, "displayorder"),
    (0x2400_0002, "bootsequence"),
    (0x2300_0003, "default"),
    (0x2500_0004, "timeout"),
    (0x2600_0005, "resume"),
    (0x2300_0006, "resumeobject"),
    (0x2400_0010, "toolsdisplayorder"),
    (0x2100_0001, "osdevice"),
    (0x2200_0002, "systemroot"),
    (0x2200_0011, "kernel"),
    (0x2200_0012, "hal"),
    (0x2200_0013, "dbgtransport"),
    (0x2500_0020, "nx"),
    (0x2600_0022, "winpe"),
    (0x2600_0024, "nocrashautoreboot"),
    (0x2600_0026, "nointegritychecks (legacy)"),
    (0x2600_0027, "testsigning (legacy)"),
    (0x2600_0052, "onecpu"),
    (0x2500_0080, "safeboot"),
    (0x2600_0081, "safebootalternateshell"),
    (0x2600_0090, "bootlog"),
    (0x2600_00A0, "debug"),
    (0x2600_00B0, "ems"),
    (0x2500_00C2, "bootmenupolicy"),
    (0x2500_00E0, "bootstatuspolicy"),
    (0x2600_00E1, "disableelamdrivers"),
    (0x2500_00F0, "hypervisorlaunchtype"),
    (0x2200_00F1, "hypervisorpath"),
    (0x2600_00F2, "hypervisordebug"),
    (0x2500_0142, "vsmlaunchtype"),
    (0x2500_0144, "hypervisorenforcedcodeintegrity"),
];

/// The name of element `id` as bcdedit shows it. `resumeobject` of a loader has the number of
/// `default` of the boot manager.
#[must_use]
pub fn element_name(id: u32) -> Option<&'static str> {
    let named = NAMES.iter().find(|(number, _)| *number == id);
    named.map(|(_, name)| *name)
}

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
    /// A file on a partition, or a RAM disk that is loaded from one.
    File,
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
            Self::Boot | Self::Locate | Self::File => Text::verbatim(self.to_string()),
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
            Self::File => f.write_str("file"),
            Self::Other { number } => write!(f, "device of type {number}"),
        }
    }
}

impl Device {
    /// Reads a device element: a GUID of further options (16 bytes), then type, flags, length and
    /// a word of zero (4 bytes each, little-endian), then what the type asks for. `None` where it
    /// is cut.
    fn read(bytes: &[u8]) -> Option<Self> {
        let number = le32(bytes, 0x10)?;
        Some(match number {
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
            0 | 3 => Self::File,
            8 => Self::Locate,
            _ => Self::Other { number },
        })
    }
}

fn lower_guid(bytes: &[u8], at: usize) -> Option<String> {
    let raw: &[u8; 16] = bytes.get(at..at.checked_add(16)?)?.try_into().ok()?;
    Some(guid(raw).to_ascii_lowercase())
}

/// An element's data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ElementData {
    /// A device.
    Device(Device),
    /// A text.
    Text(String),
    /// The id of an object, lower case with braces.
    Object(String),
    /// Ids of objects.
    Objects(Vec<String>),
    /// A number.
    Number(u64),
    /// A switch.
    Switch(bool),
    /// Numbers.
    Numbers(Vec<u64>),
    /// What is not of the form that its number says, in hexadecimal digits (at most 64 bytes).
    Odd(String),
}

impl ElementData {
    /// The data for people.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::Device(device) => device.text(),
            Self::Switch(true) => say!(bcd_yes),
            Self::Switch(false) => say!(bcd_no),
            other => Text::verbatim(other.to_string()),
        }
    }
}

impl std::fmt::Display for ElementData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Device(device) => write!(f, "{device}"),
            Self::Text(text) | Self::Object(text) | Self::Odd(text) => f.write_str(text),
            Self::Objects(list) => f.write_str(&list.join(", ")),
            Self::Number(number) => write!(f, "{number}"),
            Self::Switch(on) => f.write_str(if *on { "yes" } else { "no" }),
            Self::Numbers(list) => {
                let list: Vec<String> = list.iter().map(u64::to_string).collect();
                f.write_str(&list.join(", "))
            }
        }
    }
}

impl ElementData {
    /// What `data` means in element `id`.
    pub(super) fn read(id: u32, data: Data) -> Self {
        let odd = |bytes: &[u8]| Self::Odd(crate::bytes::hex(&bytes[..bytes.len().min(64)]));
        match (id >> 24 & 0xF, data) {
            (1, Data::Bytes(bytes)) => {
                Device::read(&bytes).map_or_else(|| odd(&bytes), Self::Device)
            }
            (2, Data::Text(text) | Data::Expand(text)) => Self::Text(text),
            (3, Data::Text(text)) => Self::Object(text.to_lowercase()),
            (4, Data::List(list)) => {
                Self::Objects(list.into_iter().map(|id| id.to_lowercase()).collect())
            }
            (5, Data::Bytes(bytes)) if bytes.len() <= 8 => Self::Number(number(&bytes)),
            // Windows takes any byte but 0 for yes.
            (6, Data::Bytes(bytes)) if !bytes.is_empty() => {
                Self::Switch(bytes.iter().any(|b| *b != 0))
            }
            (5, Data::Number(number)) => Self::Number(number.into()),
            (5, Data::Long(number)) => Self::Number(number),
            (6, Data::Number(number)) => Self::Switch(number != 0),
            (7, Data::Bytes(bytes)) => {
                Self::Numbers(bytes.chunks(8).take(MAX_NUMBERS).map(number).collect())
            }
            (_, Data::Bytes(bytes)) => odd(&bytes),
            (_, other) => Self::Odd(crate::guest::windows::shown(&other)),
        }
    }
}

/// Little-endian, at most eight bytes.
fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |number, b| number << 8 | u64::from(*b))
}
