use serde::Serialize;

use super::boot::BootPlan;
use super::document::{
    Details, FileId, GuestSummary, ImageId, Kernel, TableSummary, Tool, VolumeSummary,
};
use crate::container::Snapshot;
use crate::evidence::linux::{Account, Package};
use crate::evidence::windows::Service;
use crate::evidence::{Found, Gap, Location};

/// What an image is and holds, without judgement.
#[derive(Debug, Clone, Serialize)]
pub struct Info {
    /// `imgscan-info/1`.
    pub schema: &'static str,
    /// What wrote it.
    pub tool: Tool,
    /// Which image.
    pub image: ImageId,
    /// Facts of the container.
    pub container: Details,
    /// Every host file that was opened, the image first.
    pub files: Vec<FileId>,
    /// Internal snapshots.
    pub snapshots: Vec<Snapshot>,
    /// Its partition table.
    pub table: TableSummary,
    /// Its volumes.
    pub volumes: Vec<VolumeSummary>,
    /// Its operating systems.
    pub guests: Vec<GuestInfo>,
    /// Everything that could not be read, sorted, each once.
    pub gaps: Vec<Gap>,
    /// What is unusual, but took nothing from the reading.
    pub notices: Vec<Gap>,
}

/// An operating system and its inventory.
#[derive(Debug, Clone, Serialize)]
pub struct GuestInfo {
    /// Which.
    #[serde(flatten)]
    pub summary: GuestSummary,
    /// What it boots (Linux).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boot: Option<BootPlan>,
    /// Installed kernels (Linux).
    pub kernels: Vec<Kernel>,
    /// Installed packages, where there is a package database that is read.
    pub packages: Option<PackageList>,
    /// Accounts of the databases in use.
    pub accounts: Vec<Found<Account>>,
    /// Services and drivers (Windows).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub services: Option<ServiceList>,
    /// Everything else of a Windows guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub windows: Option<super::windows::WindowsInfo>,
}

/// The services and drivers of a Windows guest.
#[derive(Debug, Clone, Serialize)]
pub struct ServiceList {
    /// The control set that they are of, which the next boot uses.
    pub control_set: u32,
    /// The control set of the last boot, where the registry tells it.
    pub current_control_set: Option<u32>,
    /// How many there are.
    pub count: usize,
    /// Which, in the order of the registry.
    pub items: Vec<ServiceInfo>,
}

/// A service or driver, as its values in the registry stand.
#[derive(Debug, Clone, Serialize)]
pub struct ServiceInfo {
    /// The name of its key.
    pub name: String,
    /// `DisplayName`.
    pub display_name: Option<String>,
    /// `Type`: 1 kernel driver, 2 file system driver, 0x10 and 0x20 programs.
    pub kind: Option<u32>,
    /// `Start`: 0 boot, 1 system, 2 automatic, 3 manual, 4 disabled.
    pub start: Option<u32>,
    /// `DelayedAutostart`.
    pub delayed: bool,
    /// `DeleteFlag` is set.
    pub deleted: bool,
    /// `ImagePath`.
    pub image_path: Option<String>,
    /// `Parameters\ServiceDll`.
    pub service_dll: Option<String>,
    /// `ObjectName`, the account it runs as.
    pub object_name: Option<String>,
    /// When its key was last written (RFC 3339).
    pub last_written: Option<String>,
    /// Its key.
    pub at: Location,
}

impl ServiceInfo {
    pub(crate) fn of(service: &Service) -> Self {
        let text = |value: &Option<Found<String>>| value.as_ref().map(|v| v.fact.clone());
        Self {
            name: service.name.clone(),
            display_name: service.display_name.clone(),
            kind: service.kind,
            start: service.start.as_ref().map(|s| s.fact),
            delayed: service.delayed,
            deleted: service.delete_flag.is_some(),
            image_path: text(&service.image_path),
            service_dll: text(&service.service_dll),
            object_name: text(&service.object_name),
            last_written: service.last_written.map(|t| t.to_string()),
            at: service.at.clone(),
        }
    }
}

/// Installed packages.
#[derive(Debug, Clone, Serialize)]
pub struct PackageList {
    /// How many, as the system's own package tool counts.
    pub count: usize,
    /// Which.
    pub items: Vec<Found<Package>>,
}
