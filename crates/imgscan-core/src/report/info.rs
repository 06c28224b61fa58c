use serde::Serialize;

use super::document::{
    Details, FileId, GuestSummary, ImageId, Kernel, TableSummary, Tool, VolumeSummary, details,
    installed_kernels,
};
use super::identity;
use crate::container::Snapshot;
use crate::error::{Layer, Result, contained};
use crate::evidence::gaps::{guest_gaps, image_gaps, image_notices};
use crate::evidence::linux::{Account, Package};
use crate::evidence::windows::Service;
use crate::evidence::{Evidence, Found, Gap, Location};
use crate::guest::{Family, Guest};
use crate::inspect::Inspection;

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
    fn of(service: &Service) -> Self {
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

/// Describes an image that is open.
///
/// # Errors
/// Where the image file can't be read for its identity.
pub fn info(inspection: &Inspection) -> Result<Info> {
    let image = identity::image(inspection)?;
    let files = identity::files(inspection, &image)?;
    let mut gaps = image_gaps(inspection);
    gaps.extend(inspection.guests.iter().flat_map(guest_gaps));
    let named = inspection.guests.len() > 1;
    let guests = inspection.guests.iter();
    let guests = guests.map(|g| inventory(g, named, &mut gaps)).collect();
    gaps.sort();
    gaps.dedup();
    Ok(Info {
        schema: "imgscan-info/1",
        tool: Tool::THIS,
        image,
        container: details(inspection.container.details.clone()),
        files,
        snapshots: inspection.container.snapshots.clone(),
        table: TableSummary::of(&inspection.table),
        volumes: inspection.volumes.iter().map(VolumeSummary::of).collect(),
        guests,
        gaps,
        notices: image_notices(inspection),
    })
}

fn inventory(guest: &Guest, named: bool, gaps: &mut Vec<Gap>) -> GuestInfo {
    let evidence = Evidence::new(guest);
    let mut info = GuestInfo {
        summary: GuestSummary::of(guest),
        kernels: Vec::new(),
        packages: None,
        accounts: Vec::new(),
        services: None,
        windows: None,
    };
    let (kernels, missing) = installed_kernels(&evidence, named);
    info.kernels = kernels;
    gaps.extend(missing);
    let collected = contained(Layer::Guest, "the inventory", || {
        match guest.family {
            Family::Linux => linux_inventory(&evidence, &mut info, gaps),
            Family::Windows => windows_inventory(&evidence, &mut info, gaps),
        }
        Ok(())
    });
    gaps.extend(collected.err().map(|e| Gap::new(Location::default(), &e)));
    info
}

fn linux_inventory(evidence: &Evidence<'_>, info: &mut GuestInfo, gaps: &mut Vec<Gap>) {
    let packages = evidence.linux.packages();
    gaps.extend(packages.gaps.iter().cloned());
    info.packages = packages.count().map(|count| PackageList {
        count,
        items: packages.listed().cloned().collect(),
    });
    let accounts = evidence.linux.accounts();
    gaps.extend(accounts.gaps.iter().cloned());
    info.accounts = accounts.active().cloned().collect();
}

fn windows_inventory(evidence: &Evidence<'_>, info: &mut GuestInfo, gaps: &mut Vec<Gap>) {
    match evidence.windows.services() {
        Ok(services) => {
            gaps.extend(services.gaps.iter().cloned());
            gaps.extend(services.items.iter().flat_map(|s| s.gaps.iter().cloned()));
            info.services = Some(ServiceList {
                control_set: services.control_set.number,
                current_control_set: services.control_set.current,
                count: services.items.len(),
                items: services.items.iter().map(ServiceInfo::of).collect(),
            });
        }
        Err(gap) => gaps.push(gap),
    }
    info.windows = Some(super::windows::WindowsInfo::of(&evidence.windows, gaps));
}
