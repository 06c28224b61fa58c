//! What starts Windows: the boot configuration data (BCD) of the image's volumes.
//!
//! A store is a hive: `Objects\{guid}\Description` holds the object's type, and
//! `Objects\{guid}\Elements\<number>` the value `Element`.

mod device;
mod element;
mod entry;
mod hibernation;
mod reach;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

pub use device::Device;
pub use element::{ElementData, element_name};
pub use entry::{BootEntry, Starts, Target};
pub use hibernation::Hibernated;
pub use reach::BootReason;

use super::{HiveFile, KeyAt, Windows, boot_configurations, place, reliable};
use crate::error::{Error, Layer};
use crate::evidence::{Collected, Found, Gap, Location};
use crate::fs::OpenVolume;
use crate::guest::PathSpace;
use crate::guest::windows::GuestHive;

/// The boot manager's object.
pub const BOOT_MANAGER: &str = "{9dea862c-5cdd-4e70-acc1-f32b344d4795}";
/// Objects in one store, and elements in one object: real ones have a few dozens.
const MAX_OBJECTS: usize = 4096;
const MAX_ELEMENTS: usize = 1024;
/// Objects that one may inherit from, at any distance.
const MAX_INHERITED: usize = 64;
const INHERIT: u32 = 0x1400_0006;
const DEFAULT: u32 = 0x2300_0003;
const DISPLAY_ORDER: u32 = 0x2400_0001;

/// The firmware that a store is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Firmware {
    /// `\EFI\Microsoft\Boot\BCD`.
    Efi,
    /// `\Boot\BCD`.
    Bios,
}

/// An object of a store.
#[derive(Debug, Clone, Serialize)]
pub struct BootObject {
    /// Its id, lower case with braces.
    pub id: String,
    /// `Description\Type`: bits 28 to 31 say 1 application, 2 settings to inherit, 3 device.
    pub kind: Option<u32>,
    /// Its elements by their number.
    pub elements: BTreeMap<u32, Found<ElementData>>,
    /// Its key.
    pub at: Location,
}

impl BootObject {
    /// Element `id` as a text.
    #[must_use]
    pub fn text(&self, id: u32) -> Option<&str> {
        match &self.elements.get(&id)?.fact {
            ElementData::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Its description for people, or its id.
    #[must_use]
    pub fn title(&self) -> &str {
        self.text(0x1200_0004).unwrap_or(&self.id)
    }
}

/// An element that holds for an entry, and whose it is.
#[derive(Debug, Clone, Copy)]
pub struct Effective<'s> {
    /// The object that has the element: the entry, or one that it inherits from.
    pub of: &'s BootObject,
    /// The element's number.
    pub id: u32,
    /// Its data and where it stands.
    pub element: &'s Found<ElementData>,
}

/// A boot configuration.
#[derive(Debug, Clone, Serialize)]
pub struct BootStore {
    /// For which firmware.
    pub firmware: Firmware,
    /// Its volume.
    pub volume: String,
    /// Its file.
    pub at: Location,
    /// In the order of the registry.
    pub objects: Vec<BootObject>,
    /// The entries that may boot, with what they name; [`BootStore::read`] leaves it empty.
    pub resolved: Vec<BootEntry>,
    /// The program that loads this store: `/bootmgr`, `/EFI/Microsoft/Boot/bootmgfw.efi`; `None`
    /// where it is not there.
    pub program: Option<Location>,
    /// What of it can't be read.
    pub gaps: Vec<Gap>,
}

impl BootStore {
    /// Reads the store in `hive`.
    #[must_use]
    pub fn read(hive: &GuestHive, firmware: Firmware) -> Self {
        let mut store = Self {
            firmware,
            volume: hive.at.volume.clone(),
            at: Location::of(&hive.at),
            objects: Vec::new(),
            resolved: Vec::new(),
            program: None,
            gaps: Vec::new(),
        };
        let root = match KeyAt::open(hive, "Objects") {
            Ok(Some(root)) => root,
            Ok(None) => {
                let missing = Error::not_found(Layer::Hive, say!(error_bcd_objects));
                store
                    .gaps
                    .push(Gap::new(place(hive, "Objects", None, None), &missing));
                return store;
            }
            Err(gap) => {
                store.gaps.push(gap);
                return store;
            }
        };
        let keys = root.subkeys(&mut store.gaps);
        if keys.len() > MAX_OBJECTS {
            store
                .gaps
                .push(root.gap(None, &too_many(MAX_OBJECTS, "objects")));
        }
        for key in keys.iter().take(MAX_OBJECTS) {
            let object = object(key, &mut store.gaps);
            store.objects.push(object);
        }
        store
    }

    /// The object `id` (braces, any case).
    #[must_use]
    pub fn object(&self, id: &str) -> Option<&BootObject> {
        let same = |o: &&BootObject| o.id.eq_ignore_ascii_case(id);
        self.objects.iter().find(same)
    }

    /// The boot manager.
    #[must_use]
    pub fn manager(&self) -> Option<&BootObject> {
        self.object(BOOT_MANAGER)
    }

    /// The id of the entry that boots by default: `default` of the boot manager, or where that is
    /// not set the first of its `displayorder`.
    #[must_use]
    pub fn default_id(&self) -> Option<&str> {
        let manager = self.manager()?;
        match (
            manager.elements.get(&DEFAULT).map(|e| &e.fact),
            manager.elements.get(&DISPLAY_ORDER).map(|e| &e.fact),
        ) {
            (Some(ElementData::Object(id)), _) => Some(id),
            (_, Some(ElementData::Objects(ids))) => ids.first().map(String::as_str),
            _ => None,
        }
    }

    /// The entries that may start, each once, with the strongest reason.
    #[must_use]
    pub fn entries(&self) -> Vec<(BootReason, &BootObject)> {
        reach::entries(self)
    }

    /// The elements that hold for `entry`: its own, and those of the objects that it inherits
    /// from, the nearer first. Its own hide the others; which of several inherited ones counts is
    /// not documented, so all are there. A chain that is a loop ends there; one that leads to more than 64 objects is a gap, and so is one that leads to
    /// an object that is not there.
    pub fn effective<'s>(
        &'s self,
        entry: &'s BootObject,
        gaps: &mut Vec<Gap>,
    ) -> Vec<Effective<'s>> {
        let mut out: Vec<Effective<'s>> = Vec::new();
        let mut seen = BTreeSet::from([entry.id.as_str()]);
        let mut level = vec![entry];
        while !level.is_empty() {
            let mut next = Vec::new();
            for of in level {
                let own = of.id == entry.id;
                for (id, element) in &of.elements {
                    if own || !entry.elements.contains_key(id) {
                        let id = *id;
                        out.push(Effective { of, id, element });
                    }
                }
                let Some(inherit) = of.elements.get(&INHERIT) else {
                    continue;
                };
                let ids = match &inherit.fact {
                    ElementData::Objects(ids) => ids.as_slice(),
                    ElementData::Object(id) => std::slice::from_ref(id),
                    _ => &[],
                };
                for id in ids {
                    let Some(above) = self.object(id) else {
                        let why = Error::not_found(Layer::Boot, say!(error_bcd_object, id = id));
                        gaps.push(Gap::new(inherit.at.clone(), &why));
                        continue;
                    };
                    if seen.len() > MAX_INHERITED {
                        let why = too_many(MAX_INHERITED, "parents");
                        gaps.push(Gap::new(inherit.at.clone(), &why));
                        return out;
                    }
                    if seen.insert(&above.id) {
                        next.push(above);
                    }
                }
            }
            level = next;
        }
        out
    }
}

fn too_many(most: usize, what: &str) -> Error {
    Error::limit(
        Layer::Boot,
        None,
        say!(error_too_many, most = most, what = what),
    )
}

fn object(key: &KeyAt<'_>, gaps: &mut Vec<Gap>) -> BootObject {
    let mut out = BootObject {
        id: key.key.name().to_lowercase(),
        kind: None,
        elements: BTreeMap::new(),
        at: key.location(),
    };
    let below = |name: &str| KeyAt::open(key.hive, &format!(r"{}\{name}", key.path));
    let kind = below("Description").and_then(|d| d.map_or(Ok(None), |d| d.number("Type")));
    match kind {
        Ok(kind) => out.kind = kind.map(|k| k.fact),
        Err(gap) => gaps.push(gap),
    }
    let elements = match below("Elements") {
        Ok(Some(elements)) => elements,
        Ok(None) => return out,
        Err(gap) => {
            gaps.push(gap);
            return out;
        }
    };
    let keys = elements.subkeys(gaps);
    if keys.len() > MAX_ELEMENTS {
        gaps.push(elements.gap(None, &too_many(MAX_ELEMENTS, "elements")));
    }
    for element in keys.iter().take(MAX_ELEMENTS) {
        let name = element.key.name();
        let digits = name.len() == 8 && name.bytes().all(|b| b.is_ascii_hexdigit());
        let Some(id) = u32::from_str_radix(name, 16).ok().filter(|_| digits) else {
            let why = Error::corrupt(
                Layer::Boot,
                element.key.offset(),
                say!(error_bcd_element, name = element.key.name()),
            );
            gaps.push(element.gap(None, &why));
            continue;
        };
        match element.value("Element", |v| v.data().map(Some)) {
            Ok(Some(found)) => {
                let fact = ElementData::read(id, found.fact);
                if matches!(fact, ElementData::Odd(_)) && id >> 28 <= 3 {
                    let why = Error::corrupt(
                        Layer::Boot,
                        None,
                        say!(error_bcd_data, element = format!("{id:08x}")),
                    );
                    gaps.push(Gap::new(found.at.clone(), &why));
                }
                out.elements.insert(id, Found { fact, at: found.at });
            }
            Ok(None) => {
                let why = Error::not_found(Layer::Boot, say!(error_bcd_no_data));
                gaps.push(element.gap(Some("Element"), &why));
            }
            Err(gap) => gaps.push(gap),
        }
    }
    out
}

/// The boot configurations of an image.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BootStores {
    /// In the order of the volumes, for EFI first.
    pub stores: Vec<BootStore>,
    /// The active partitions of a disk with a master boot record, of which a BIOS starts one; `None`
    /// for a disk with another table, or without one.
    pub active: Option<Vec<String>>,
    /// What may hide more.
    pub gaps: Vec<Gap>,
}

pub(super) fn collect(windows: &Windows<'_>) -> BootStores {
    let volumes = windows.guest.paths.volumes();
    let files = boot_configurations(volumes);
    let mut out = BootStores {
        gaps: files.gaps,
        ..BootStores::default()
    };
    // The kind of a GPT's partition is a GUID.
    if !volumes.is_empty() && volumes.iter().all(|v| v.volume.kind.len() == 2) {
        let active = volumes.iter().filter(|v| v.volume.bootable);
        out.active = Some(active.map(|v| v.volume.name.clone()).collect());
    }
    for file in files.items {
        let path = file.fact.at.path_text();
        let (firmware, program) = if path.to_ascii_lowercase().contains("/efi/") {
            (Firmware::Efi, "/EFI/Microsoft/Boot/bootmgfw.efi")
        } else {
            (Firmware::Bios, "/bootmgr")
        };
        let hive = match open(&file.fact) {
            Ok(hive) => hive,
            Err(gap) => {
                out.gaps.push(gap);
                continue;
            }
        };
        let mut store = BootStore::read(&hive, firmware);
        let mut gaps = Vec::new();
        store.resolved = entry::entries(&store, windows, &mut gaps);
        let of = volumes.iter().find(|v| v.volume.name == store.volume);
        if let Some(paths) = of.and_then(|v| PathSpace::new(v).ok()) {
            match paths.find(program.as_bytes()) {
                Ok(found) => store.program = found.as_ref().map(Location::of),
                Err(e) => gaps.push(Gap::at_path(program, &e)),
            }
        }
        store.gaps.append(&mut gaps);
        out.stores.push(store);
    }
    out
}

fn open(file: &HiveFile) -> Result<GuestHive, Gap> {
    let root = file.roots.first().map_or("BCD", String::as_str);
    reliable(file.open(root), file.at.path_text())
}

/// The volumes of the image that `device` names by their ids: none where it names one of another
/// disk or no partition, several where ids are not unique.
fn volumes_of<'v>(
    device: &Device,
    volumes: &'v [OpenVolume],
) -> impl Iterator<Item = &'v OpenVolume> {
    let is = move |v: &&OpenVolume| match (device, v.volume.part_uuid.as_deref()) {
        (Device::Gpt { partition, .. }, Some(uuid)) => uuid.eq_ignore_ascii_case(partition),
        (Device::Mbr { offset, disk }, Some(uuid)) => {
            v.volume.offset == *offset && uuid.split('-').next() == Some(&format!("{disk:08x}"))
        }
        _ => false,
    };
    volumes.iter().filter(is)
}

impl Windows<'_> {
    /// The files that hold the memory of a hibernated system.
    #[must_use]
    pub fn hibernated(&self) -> Collected<Hibernated> {
        hibernation::collect(self, self.boot())
    }
}
