use serde::Serialize;

use super::document::{
    Details, FileId, GuestSummary, ImageId, Kernel, TableSummary, Tool, VolumeSummary, as_map,
    kernels,
};
use super::identity;
use crate::container::Snapshot;
use crate::error::{Layer, Result, contained};
use crate::evidence::linux::{Account, Package};
use crate::evidence::{Evidence, Found, Gap, Location};
use crate::guest::{Family, Guest};
use crate::inspect::{Inspection, guest_gaps};

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
    #[serde(serialize_with = "as_map")]
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
    let files = identity::files(inspection)?;
    let mut gaps = inspection.gaps();
    gaps.extend(inspection.guests.iter().flat_map(guest_gaps));
    let named = inspection.guests.len() > 1;
    let guests = inspection.guests.iter();
    let guests = guests.map(|g| inventory(g, named, &mut gaps)).collect();
    gaps.sort();
    gaps.dedup();
    Ok(Info {
        schema: "imgscan-info/1",
        tool: Tool::THIS,
        image: identity::image(inspection, &files),
        container: inspection.container.details.clone(),
        files,
        snapshots: inspection.container.snapshots.clone(),
        table: TableSummary::of(&inspection.table),
        volumes: inspection.volumes.iter().map(VolumeSummary::of).collect(),
        guests,
        gaps,
        notices: inspection.notices(),
    })
}

fn inventory(guest: &Guest, named: bool, gaps: &mut Vec<Gap>) -> GuestInfo {
    let evidence = Evidence::new(guest);
    let mut info = GuestInfo {
        summary: GuestSummary::of(guest),
        kernels: Vec::new(),
        packages: None,
        accounts: Vec::new(),
    };
    let (kernels, missing) = kernels(&evidence, named);
    info.kernels = kernels;
    gaps.extend(missing);
    let collected = contained(Layer::Guest, "the inventory", || {
        if guest.family == Family::Linux {
            linux_inventory(&evidence, &mut info, gaps);
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
