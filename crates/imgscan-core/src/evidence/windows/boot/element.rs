//! Elements of boot configuration data: their numbers, their names, their data.
//!
//! An element's number is its key's name in eight hexadecimal digits: bits 28 to 31 the class (1
//! library, 2 application, 3 device, 4 template), bits 24 to 27 the form of its data. Sources:
//! Microsoft "Boot Configuration Data (BCD) Reference" (BcdLibraryElementTypes,
//! BcdOSLoaderElementTypes, BcdBootMgrElementTypes).

use serde::Serialize;

use super::Device;
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
    (0x2600_0060, "onecpu"),
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
    (0x1100_0084, "systemdevice"),
    (0x1200_0019, "busparams"),
    (0x1200_001D, "key"),
    (0x1200_004A, "fontpath"),
    (0x1200_0088, "additionalcipolicy"),
    (0x1500_0013, "debugport"),
    (0x1500_0014, "baudrate"),
    (0x1500_001A, "hostip"),
    (0x1500_001B, "port"),
    (0x1500_0022, "emsport"),
    (0x1500_0023, "emsbaudrate"),
    (0x1500_0076, "securebootrawpolicy"),
    (0x1600_000B, "badmemoryaccess"),
    (0x1600_0053, "restartonfailure"),
    (0x2100_0022, "bcddevice"),
    (0x2100_0138, "imcdevice"),
    (0x2100_0154, "bspdevice"),
    (0x2200_0023, "bcdfilepath"),
    (0x2200_00F9, "hypervisorbusparams"),
    (0x2200_0117, "hypervisorloadoptions"),
    (0x2200_012D, "kernelbusparams"),
    (0x2200_0137, "imchivename"),
    (0x2200_0140, "manufacturingmode"),
    (0x2200_0155, "bsppath"),
    (0x2400_0007, "startupsequence"),
    (0x2500_0008, "bootmenupolicy"),
    (0x2500_0021, "pae"),
    (0x2500_00C1, "driverloadfailurepolicy"),
    (0x2600_0025, "lastknowngood"),
    (0x2600_0028, "customactionsfirst"),
    (0x2600_0031, "persistbootsequence"),
    (0x2600_0145, "dtrace"),
    (0x2700_0030, "customactions"),
    (0x3100_0003, "ramdisksdidevice"),
    (0x3200_0004, "ramdisksdipath"),
];

/// The name of element `id` as bcdedit shows it. `resumeobject` of a loader has the number of
/// `default` of the boot manager.
#[must_use]
pub fn element_name(id: u32) -> Option<&'static str> {
    let named = NAMES.iter().find(|(number, _)| *number == id);
    named.map(|(_, name)| *name)
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
    /// What is not of the form or the length that its number says, as a text or in hexadecimal
    /// digits (at most 64 bytes).
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
            (5, Data::Bytes(bytes)) if bytes.len() == 8 => Self::Number(number(&bytes)),
            // Windows takes any byte but 0 for yes.
            (6, Data::Bytes(bytes)) if bytes.len() == 1 => Self::Switch(bytes != [0]),
            (7, Data::Bytes(bytes))
                if bytes.len().is_multiple_of(8) && bytes.len() <= 8 * MAX_NUMBERS =>
            {
                Self::Numbers(bytes.chunks(8).map(number).collect())
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
