//! Settings of the registry that say in what state a Windows is: how far its setup is, its time,
//! its remote access, its firewall, its network adapters.

use serde::Serialize;

use super::{KeyAt, Windows};
use crate::evidence::{Collected, Gap, Location};
use crate::guest::windows::shown;
use crate::hive::Data;

/// The hive, and the key in it, that a setting's path starts at.
#[derive(Clone, Copy)]
enum From {
    System,
    /// The control set that the next boot uses.
    ControlSet,
    Software,
}

/// What each setting is called, and where it stands.
const SETTINGS: &[(&str, From, &str, &[&str])] = &[
    (
        "setup",
        From::System,
        r"Setup\Status\SysprepStatus",
        &["GeneralizationState", "CleanupState"],
    ),
    (
        "setup",
        From::System,
        "Setup",
        &[
            "SystemSetupInProgress",
            "SetupType",
            "SetupPhase",
            "OOBEInProgress",
            "FactoryPreInstallInProgress",
            "RestartSetup",
            "CmdLine",
        ],
    ),
    (
        "setup",
        From::Software,
        r"Microsoft\Windows\CurrentVersion\Setup\State",
        &["ImageState"],
    ),
    (
        "installed",
        From::Software,
        r"Microsoft\Windows NT\CurrentVersion",
        &["InstallDate", "UBR", "ReleaseId", "DisplayVersion"],
    ),
    (
        "time zone",
        From::ControlSet,
        r"Control\TimeZoneInformation",
        &[
            "TimeZoneKeyName",
            "StandardName",
            "Bias",
            "RealTimeIsUniversal",
        ],
    ),
    (
        "time source",
        From::ControlSet,
        r"Services\W32Time\Parameters",
        &["Type", "NtpServer"],
    ),
    (
        "time source (by policy)",
        From::Software,
        r"Policies\Microsoft\W32Time\Parameters",
        &["Type", "NtpServer"],
    ),
    (
        "remote desktop",
        From::ControlSet,
        r"Control\Terminal Server",
        &["fDenyTSConnections"],
    ),
    (
        "remote desktop",
        From::ControlSet,
        r"Control\Terminal Server\WinStations\RDP-Tcp",
        &["PortNumber", "UserAuthentication"],
    ),
    (
        "remote desktop (by policy)",
        From::Software,
        r"Policies\Microsoft\Windows NT\Terminal Services",
        &["fDenyTSConnections"],
    ),
    (
        "firewall (domain)",
        From::ControlSet,
        FIREWALL_DOMAIN,
        FIREWALL,
    ),
    (
        "firewall (private)",
        From::ControlSet,
        FIREWALL_PRIVATE,
        FIREWALL,
    ),
    (
        "firewall (public)",
        From::ControlSet,
        FIREWALL_PUBLIC,
        FIREWALL,
    ),
    (
        "firewall (domain, by policy)",
        From::Software,
        r"Policies\Microsoft\WindowsFirewall\DomainProfile",
        FIREWALL,
    ),
    (
        "firewall (private, by policy)",
        From::Software,
        r"Policies\Microsoft\WindowsFirewall\StandardProfile",
        FIREWALL,
    ),
    (
        "firewall (public, by policy)",
        From::Software,
        r"Policies\Microsoft\WindowsFirewall\PublicProfile",
        FIREWALL,
    ),
    (
        "network",
        From::ControlSet,
        r"Services\Tcpip\Parameters",
        &["NameServer", "DhcpNameServer", "Domain", "SearchList"],
    ),
];
const FIREWALL: &[&str] = &[
    "EnableFirewall",
    "DefaultInboundAction",
    "DefaultOutboundAction",
];
const FIREWALL_DOMAIN: &str = r"Services\SharedAccess\Parameters\FirewallPolicy\DomainProfile";
const FIREWALL_PRIVATE: &str = r"Services\SharedAccess\Parameters\FirewallPolicy\StandardProfile";
const FIREWALL_PUBLIC: &str = r"Services\SharedAccess\Parameters\FirewallPolicy\PublicProfile";
/// Below the control set: a key for each adapter.
const INTERFACES: [&str; 2] = [
    r"Services\Tcpip\Parameters\Interfaces",
    r"Services\Tcpip6\Parameters\Interfaces",
];
/// Files that the setup and sysprep leave, from the folder of Windows.
const SETUP_FILES: &[&str] = &[
    r"System32\Sysprep\Sysprep_succeeded.tag",
    r"System32\Sysprep\Panther\setupact.log",
    r"System32\Sysprep\Panther\setuperr.log",
    r"Panther\setupact.log",
    r"Panther\setuperr.log",
    r"Panther\unattend.xml",
    r"Panther\UnattendGC\setupact.log",
];

/// A value's data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Datum {
    /// A number.
    Number(u64),
    /// A text; the first 100 bytes in hexadecimal digits for what is neither.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
    /// A text in a value of a type without texts, as a reader that does not ask for the type takes it.
    Hidden(String),
}

impl Datum {
    pub(super) fn of(data: Data) -> Self {
        match data {
            Data::Number(number) => Self::Number(number.into()),
            Data::Long(number) => Self::Number(number),
            Data::Text(text) | Data::Expand(text) => Self::Text(text),
            Data::List(list) => Self::List(list),
            bytes @ Data::Bytes(_) => match bytes.hidden_text() {
                Some(text) => Self::Hidden(text),
                None => Self::Text(shown(&bytes)),
            },
        }
    }
}

/// The data as a person reads it.
impl std::fmt::Display for Datum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) | Self::Hidden(text) => f.write_str(text),
            Self::List(list) => f.write_str(&list.join(", ")),
        }
    }
}

/// A setting that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// What it is about: `setup`, `installed`, `time zone`, `time source`, `remote desktop`,
    /// `network`, `firewall (domain)` (or `private`, `public`). What a group policy set over it
    /// says so: `remote desktop (by policy)`.
    pub topic: &'static str,
    /// The value's name.
    pub name: &'static str,
    /// Its data.
    pub data: Datum,
}

/// A network adapter's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Adapter {
    /// The name of its key: the adapter's GUID in braces.
    pub name: String,
    /// `EnableDHCP`.
    pub dhcp: Option<u32>,
    /// `IPAddress`, set by hand.
    pub addresses: Vec<String>,
    /// `DhcpIPAddress`, last given by a server.
    pub dhcp_address: Option<String>,
    /// `NameServer`, set by hand: one at a time.
    pub name_servers: Vec<String>,
    /// `DhcpNameServer`, last given by a server: one at a time.
    pub dhcp_name_servers: Vec<String>,
}

/// The settings that are there, in a fixed order.
pub(super) fn collect(windows: &Windows<'_>) -> Collected<Setting> {
    let mut out = Collected::default();
    for (topic, from, path, names) in SETTINGS {
        match open(windows, *from, path) {
            Ok(Some(key)) => {
                for name in *names {
                    match key.value(name, |v| v.data().map(Some)) {
                        Ok(Some(found)) => {
                            let data = Datum::of(found.fact);
                            out.push(Setting { topic, name, data }, found.at);
                        }
                        Ok(None) => {}
                        Err(gap) => out.gaps.push(gap),
                    }
                }
            }
            Ok(None) => {}
            Err(gap) => out.gaps.push(gap),
        }
    }
    // A hive that can't be read is told once.
    out.gaps.sort();
    out.gaps.dedup();
    out
}

fn open<'w>(windows: &'w Windows<'_>, from: From, path: &str) -> Result<Option<KeyAt<'w>>, Gap> {
    match from {
        From::System => KeyAt::open(windows.system()?, path),
        From::ControlSet => {
            let set = windows.control_set()?;
            KeyAt::open(windows.system()?, &format!(r"{}\{path}", set.name))
        }
        From::Software => KeyAt::open(windows.software()?, path),
    }
}

/// The network adapters, with the addresses of IPv4 and of IPv6 apart.
pub(super) fn adapters(windows: &Windows<'_>) -> Collected<Adapter> {
    let mut out = Collected::default();
    for path in INTERFACES {
        match open(windows, From::ControlSet, path) {
            Ok(Some(root)) => {
                for key in root.subkeys(&mut out.gaps) {
                    let adapter = adapter(&key, &mut out.gaps);
                    out.push(adapter, key.location());
                }
            }
            Ok(None) => {}
            Err(gap) => out.gaps.push(gap),
        }
    }
    out.gaps.sort();
    out.gaps.dedup();
    out
}

fn adapter(key: &KeyAt<'_>, gaps: &mut Vec<Gap>) -> Adapter {
    let mut datum = |name: &str| {
        let read = key.value(name, |v| v.data().map(Some));
        let found = read.unwrap_or_else(|gap| {
            gaps.push(gap);
            None
        });
        found.map(|f| Datum::of(f.fact))
    };
    let list = |datum: Option<Datum>| -> Vec<String> {
        let split = |text: &str| -> Vec<String> {
            let parts = text.split([',', ' ', ';']);
            parts.filter(|p| !p.is_empty()).map(str::to_owned).collect()
        };
        match datum {
            Some(Datum::List(list)) => list,
            Some(other) => split(&other.to_string()),
            None => Vec::new(),
        }
    };
    Adapter {
        name: key.key.name().to_owned(),
        dhcp: match datum("EnableDHCP") {
            Some(Datum::Number(number)) => u32::try_from(number).ok(),
            _ => None,
        },
        addresses: list(datum("IPAddress")),
        dhcp_address: datum("DhcpIPAddress").map(|d| d.to_string()),
        name_servers: list(datum("NameServer")),
        dhcp_name_servers: list(datum("DhcpNameServer")),
    }
}

/// A file that the setup of Windows left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetupFile {
    /// Bytes.
    pub size: u64,
}

/// The files that setup and sysprep leave, as far as they are there.
pub(super) fn setup_files(windows: &Windows<'_>) -> Collected<SetupFile> {
    let mut out = Collected::default();
    for file in SETUP_FILES {
        let path = format!(r"{}\{file}", windows.roots().windows);
        match windows.guest.paths.find(path.as_bytes()) {
            Ok(Some(found)) => {
                let size = found.metadata.size;
                out.push(SetupFile { size }, Location::of(&found));
            }
            Ok(None) => {}
            Err(e) => out.gaps.push(Gap::at_path(path.replace('\\', "/"), &e)),
        }
    }
    out
}
