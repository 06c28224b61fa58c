//! From the entries of a store to the volumes and files that they name.

use serde::Serialize;

use super::{BootObject, BootReason, BootStore, Device, Effective, ElementData, volumes_of};
use crate::evidence::files::sha256;
use crate::evidence::windows::Windows;
use crate::evidence::{Found, Gap, Location};
use crate::fs::OpenVolume;
use crate::guest::{Located, PathSpace};
use crate::text::Text;

const DEVICE: u32 = 0x1100_0001;
const PATH: u32 = 0x1200_0002;
const OS_DEVICE: u32 = 0x2100_0001;
const SYSTEM_ROOT: u32 = 0x2200_0002;
const RECOVERY: u32 = 0x1400_0008;
/// `ramdisksdidevice` and `ramdisksdipath` of the options of a RAM disk.
const TEMPLATE_DEVICE: u32 = 0x3100_0003;
const TEMPLATE: u32 = 0x3200_0004;

/// Where a device element leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Target {
    /// A volume of the image, by its name.
    Volume {
        /// The name.
        name: String,
    },
    /// A partition that is none of this image's, or a search that finds none.
    Elsewhere,
    /// More than one volume fits.
    Ambiguous {
        /// Their names.
        names: Vec<String>,
    },
    /// A disk in a file.
    File {
        /// It is loaded into memory.
        ram: bool,
        /// The file, where it is in the image; with its digest where that is held against a
        /// reference.
        at: Option<Box<Location>>,
        /// The file that a RAM disk begins as (`ramdisksdipath`), likewise.
        template: Option<Box<Location>>,
        /// The volume that it stands on can be told.
        known: bool,
    },
    /// The entry has no such element.
    Absent,
    /// A device that is not understood.
    Unknown,
}

/// The Windows that an entry starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Starts {
    /// The one that the facts are of.
    Own,
    /// Another one, or none, on a volume of the image.
    Other,
    /// None of this image, or that can't be told.
    Unknown,
}

/// An entry that may start, with what it names.
#[derive(Debug, Clone, Serialize)]
pub struct BootEntry {
    /// Why it starts.
    pub reason: BootReason,
    /// The id of its object.
    pub id: String,
    /// The type of its object: 10200003 a loader, 10200004 one that wakes a hibernated system.
    pub kind: Option<u32>,
    /// Its description, or its id.
    pub title: String,
    /// `path`: the program that it starts.
    pub path: Option<Found<String>>,
    /// `systemroot`; of an entry that wakes, the file of the memory.
    pub system_root: Option<Found<String>>,
    /// `device`: where the program is.
    pub device: (Target, Option<Found<Text>>),
    /// `osdevice`: where Windows is; of an entry that wakes, where the file of the memory is.
    pub os_device: (Target, Option<Found<Text>>),
    /// The Windows that it starts.
    pub started: Starts,
    /// The program's file, where it is there.
    pub loader: Option<Location>,
    /// The first object of `recoverysequence` that the store does not have.
    pub lost_recovery: Option<Found<String>>,
    /// The entry's key.
    pub at: Location,
}

/// The entries of `store` that may start.
pub(super) fn entries(
    store: &BootStore,
    windows: &Windows<'_>,
    gaps: &mut Vec<Gap>,
) -> Vec<BootEntry> {
    let entries = store.entries().into_iter();
    entries
        .map(|(reason, object)| entry(store, reason, object, windows, gaps))
        .collect()
}

fn entry(
    store: &BootStore,
    reason: BootReason,
    object: &BootObject,
    windows: &Windows<'_>,
    gaps: &mut Vec<Gap>,
) -> BootEntry {
    let volumes = windows.guest.paths.volumes();
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
    let path = text(PATH);
    let system_root = text(SYSTEM_ROOT);
    let mut device = |id: u32, sought: &Option<Found<String>>| {
        let Some(found) = element(id) else {
            return (Target::Absent, None);
        };
        let shown = Found {
            fact: found.fact.text(),
            at: found.at.clone(),
        };
        let sought = sought.as_ref().map(|s| s.fact.as_str());
        let mut target = target(&found.fact, volumes, &store.volume, sought, gaps);
        if let Target::File {
            ram: true,
            at,
            template,
            ..
        } = &mut target
            && windows.references.baseline.is_some()
        {
            digest(at, volumes, gaps);
            *template = template_of(&found.fact, store, volumes, gaps).map(Box::new);
            digest(template, volumes, gaps);
        }
        (target, Some(shown))
    };
    let place = device(DEVICE, &path);
    let os_device = device(OS_DEVICE, &system_root);
    let loader = path.as_ref().and_then(|path| {
        let found = on_target(&place.0, &path.fact, volumes, gaps);
        found.as_ref().map(Location::of)
    });
    let started = started(windows, &os_device.0, system_root.as_ref(), gaps);
    BootEntry {
        reason,
        id: object.id.clone(),
        kind: object.kind,
        title: object.title().to_owned(),
        started,
        path,
        system_root,
        device: place,
        os_device,
        loader,
        lost_recovery: lost(store, &held),
        at: object.at.clone(),
    }
}

/// Adds its digest to where a file is.
fn digest(at: &mut Option<Box<Location>>, volumes: &[OpenVolume], gaps: &mut Vec<Gap>) {
    let Some(at) = at else { return };
    let (Some(volume), Some(path)) = (at.volume.clone(), at.path.clone()) else {
        return;
    };
    let Some(found) = on_volume(&volume, &path, volumes, gaps) else {
        return;
    };
    match found.open().and_then(|data| sha256(data.as_ref())) {
        Ok(sha256) => at.sha256 = Some(sha256),
        Err(e) => gaps.push(Gap::at_path(path, &e)),
    }
}

/// The file that the RAM disk of `data` begins as, which the options of its device name.
fn template_of(
    data: &ElementData,
    store: &BootStore,
    volumes: &[OpenVolume],
    gaps: &mut Vec<Gap>,
) -> Option<Location> {
    let ElementData::Device(Device::File {
        options: Some(id), ..
    }) = data
    else {
        return None;
    };
    let held = store.effective(store.object(id)?, gaps);
    let element = |id: u32| held.iter().find(|e| e.id == id).map(|e| &e.element.fact);
    let ElementData::Text(path) = element(TEMPLATE)? else {
        return None;
    };
    match target(
        element(TEMPLATE_DEVICE)?,
        volumes,
        &store.volume,
        Some(path),
        gaps,
    ) {
        Target::Volume { name } => {
            let found = on_volume(&name, path, volumes, gaps);
            found.as_ref().map(Location::of)
        }
        _ => None,
    }
}

/// The first object of `recoverysequence` that is not there.
fn lost(store: &BootStore, held: &[Effective<'_>]) -> Option<Found<String>> {
    let found = held.iter().find(|e| e.id == RECOVERY)?.element;
    let ElementData::Objects(ids) = &found.fact else {
        return None;
    };
    let lost = ids.iter().find(|id| store.object(id).is_none())?;
    Some(Found {
        fact: lost.clone(),
        at: found.at.clone(),
    })
}

/// The file or folder `path` of the volume `name`.
fn on_volume(
    name: &str,
    path: &str,
    volumes: &[OpenVolume],
    gaps: &mut Vec<Gap>,
) -> Option<Located> {
    let volume = volumes.iter().find(|v| v.volume.name == name)?;
    match PathSpace::new(volume).and_then(|p| p.find(path.as_bytes())) {
        Ok(found) => found,
        Err(e) => {
            gaps.push(Gap::at_path(path.replace('\\', "/"), &e));
            None
        }
    }
}

fn on_target(
    target: &Target,
    path: &str,
    volumes: &[OpenVolume],
    gaps: &mut Vec<Gap>,
) -> Option<Located> {
    match target {
        Target::Volume { name } => on_volume(name, path, volumes, gaps),
        _ => None,
    }
}

/// Which Windows stands in the folder `system_root` of `target`.
fn started(
    windows: &Windows<'_>,
    target: &Target,
    system_root: Option<&Found<String>>,
    gaps: &mut Vec<Gap>,
) -> Starts {
    let (Target::Volume { name }, Some(root)) = (target, system_root) else {
        return Starts::Unknown;
    };
    if *name != windows.guest.root_volume {
        return Starts::Other;
    }
    let volumes = windows.guest.paths.volumes();
    let own = windows.roots().windows;
    let own = own.split_once(':').map_or(own.as_str(), |(_, path)| path);
    let named = on_volume(name, &root.fact, volumes, gaps);
    let own = on_volume(name, own, volumes, gaps);
    match (named, own) {
        (Some(named), Some(own)) if named.id == own.id => Starts::Own,
        _ => Starts::Other,
    }
}

/// Where `data` leads; `store` is the volume that the boot manager came from, and `sought` the path
/// that a search looks for.
fn target(
    data: &ElementData,
    volumes: &[OpenVolume],
    store: &str,
    sought: Option<&str>,
    gaps: &mut Vec<Gap>,
) -> Target {
    let ElementData::Device(device) = data else {
        return Target::Unknown;
    };
    let names = |found: Vec<&OpenVolume>| {
        let names = found.iter().map(|v| v.volume.name.clone());
        let mut names: Vec<String> = names.collect();
        match names.len() {
            0 => Target::Elsewhere,
            1 => Target::Volume {
                name: names.remove(0),
            },
            _ => Target::Ambiguous { names },
        }
    };
    match device {
        Device::Gpt { .. } | Device::Mbr { .. } => names(volumes_of(device, volumes).collect()),
        Device::Boot => Target::Volume {
            name: store.to_owned(),
        },
        Device::Locate => {
            let Some(sought) = sought else {
                return Target::Unknown;
            };
            let holds = |v: &&OpenVolume| {
                let windows = v.file_system().is_some_and(|fs| fs.ignores_case());
                windows && on_volume(&v.volume.name, sought, volumes, gaps).is_some()
            };
            names(volumes.iter().filter(holds).collect())
        }
        Device::File { ram, path, on, .. } => {
            let on = on.as_deref().map(|on| {
                let on = ElementData::Device(on.clone());
                match target(&on, volumes, store, Some(path), gaps) {
                    Target::Volume { name } => vec![name],
                    Target::Ambiguous { names } => names,
                    _ => Vec::new(),
                }
            });
            let found = on.iter().flatten().find_map(|name| {
                let at = on_volume(name, path, volumes, gaps)?;
                Some(Box::new(Location::of(&at)))
            });
            Target::File {
                ram: *ram,
                at: found,
                template: None,
                known: on.is_some(),
            }
        }
        Device::Other { .. } => Target::Unknown,
    }
}
