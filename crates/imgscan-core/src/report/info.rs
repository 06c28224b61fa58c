use serde::Serialize;

use super::document::{
    Details, FileId, GuestSummary, ImageId, TableSummary, Tool, VolumeSummary, as_map,
};
use super::identity;
use crate::container::Snapshot;
use crate::error::Result;
use crate::evidence::{Evidence, Gap};
use crate::guest::Guest;
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
}

/// Describes an image that is open.
///
/// # Errors
/// Where the image file can't be read for its identity.
pub fn info(inspection: &Inspection) -> Result<Info> {
    let files = identity::files(inspection)?;
    let mut gaps = inspection.gaps();
    gaps.extend(inspection.guests.iter().flat_map(guest_gaps));
    let guests = inspection.guests.iter().map(|g| inventory(g, &mut gaps));
    let guests = guests.collect();
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

fn inventory(guest: &Guest, _gaps: &mut Vec<Gap>) -> GuestInfo {
    let _evidence = Evidence::new(guest);
    GuestInfo {
        summary: GuestSummary::of(guest),
    }
}
