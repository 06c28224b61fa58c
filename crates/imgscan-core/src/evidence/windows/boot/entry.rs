//! From the entries of a store to the volumes and files that they name.

use serde::Serialize;

use super::{BootObject, BootReason, BootStore, Device, ElementData};
use crate::evidence::{Found, Gap, Location};
use crate::fs::OpenVolume;
use crate::guest::PathSpace;
use crate::text::Text;

const DEVICE: u32 = 0x1100_0001;
const PATH: u32 = 0x1200_0002;
const OS_DEVICE: u32 = 0x2100_0001;
const SYSTEM_ROOT: u32 = 0x2200_0002;
const RECOVERY: u32 = 0x1400_0008;

/// Where a device element leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Target {
    /// A volume of the image, by its name.
    Volume {
        /// The name.
        name: String,
    },
    /// A partition that is none of this image's.
    Elsewhere,
    /// It is searched for at boot, or is the device that the boot manager came from.
    Found,
    /// The entry has no such element.
    Absent,
    /// A device that is not understood.
    Unknown,
}

/// An entry that may boot, with what it names.
#[derive(Debug, Clone, Serialize)]
pub struct BootEntry {
    /// Why it boots.
    pub reason: BootReason,
    /// The id of its object.
    pub id: String,
    /// Its description, or its id.
    pub title: String,
    /// `path`: the loader.
    pub path: Option<Found<String>>,
    /// `systemroot`.
    pub system_root: Option<Found<String>>,
    /// `device`: where the loader is.
    pub device: (Target, Option<Found<Text>>),
    /// `osdevice`: where Windows is.
    pub os_device: (Target, Option<Found<Text>>),
    /// The loader's file, where it is there.
    pub loader: Option<Location>,
    /// The first object of `recoverysequence` that the store does not have.
    pub lost_recovery: Option<Found<String>>,
    /// The entry's key.
    pub at: Location,
}

/// The entries of `store` that may boot. A `boot` or searched device is taken as the volume `root`,
/// where Windows is.
pub(super) fn entries(
    store: &BootStore,
    volumes: &[OpenVolume],
    root: &str,
    gaps: &mut Vec<Gap>,
) -> Vec<BootEntry> {
    let entries = store.entries().into_iter();
    entries
        .map(|(reason, object)| entry(store, reason, object, volumes, root, gaps))
        .collect()
}

fn entry(
    store: &BootStore,
    reason: BootReason,
    object: &BootObject,
    volumes: &[OpenVolume],
    root: &str,
    gaps: &mut Vec<Gap>,
) -> BootEntry {
    let held = store.effective(object, gaps);
    let element = |id: u32| held.iter().find(|e| e.id == id).map(|e| e.element);
    let text = |id: u32| {
        let found = element(id)?;
        match &found.fact {
            ElementData::Text(text) => Some(Found {
                fact: text.clone(),
                at: found.at.clone(),
            }),
            _ => None,
        }
    };
    let device = |id: u32| {
        let Some(found) = element(id) else {
            return (Target::Absent, None);
        };
        let shown = Found {
            fact: found.fact.text(),
            at: found.at.clone(),
        };
        (target(&found.fact, volumes), Some(shown))
    };
    let path = text(PATH);
    let place = device(DEVICE);
    let on = match &place.0 {
        Target::Volume { name } => Some(name.as_str()),
        Target::Found => Some(root),
        _ => None,
    };
    let mut loader = None;
    if let (Some(path), Some(on)) = (&path, on)
        && let Some(volume) = volumes.iter().find(|v| v.volume.name == on)
    {
        match PathSpace::new(volume).and_then(|p| p.find(path.fact.as_bytes())) {
            Ok(found) => loader = found.as_ref().map(Location::of),
            Err(e) => gaps.push(Gap::at_path(path.fact.replace('\\', "/"), &e)),
        }
    }
    let lost_recovery = match element(RECOVERY) {
        Some(Found {
            fact: ElementData::Objects(ids),
            at,
        }) => ids
            .iter()
            .find(|id| store.object(id).is_none())
            .map(|id| Found {
                fact: id.clone(),
                at: at.clone(),
            }),
        _ => None,
    };
    BootEntry {
        reason,
        id: object.id.clone(),
        title: object.title().to_owned(),
        path,
        system_root: text(SYSTEM_ROOT),
        device: place,
        os_device: device(OS_DEVICE),
        loader,
        lost_recovery,
        at: object.at.clone(),
    }
}

fn target(data: &ElementData, volumes: &[OpenVolume]) -> Target {
    let ElementData::Device(device) = data else {
        return Target::Unknown;
    };
    match device {
        Device::Gpt { .. } | Device::Mbr { .. } => match super::volume_of(device, volumes) {
            Some(volume) => Target::Volume {
                name: volume.volume.name.clone(),
            },
            None => Target::Elsewhere,
        },
        Device::Boot | Device::Locate => Target::Found,
        Device::File | Device::Other { .. } => Target::Unknown,
    }
}
