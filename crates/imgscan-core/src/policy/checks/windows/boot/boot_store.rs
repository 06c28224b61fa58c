//! What WIN-KERNEL-004 sees in one store: the settings of everything that may start, and where that
//! leads.

use super::kernel_004_boot_settings::BootSettings;
use crate::evidence::windows::{
    BootEntry, BootObject, BootStore, Effective, Firmware, Starts, Target, element_name,
};
use crate::evidence::{Found, Location};
use crate::policy::checks::findings::{Findings, worse};
use crate::policy::{Context, Item, Status};
use crate::text::Text;

/// The boot manager's settings that hold for all.
const SETTINGS: &[&str] = &[
    "{7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e}",
    "{6efb52bf-1766-41db-a6b3-0ee5eff72bd7}",
    "{7ff607e0-4395-11db-b0de-0800200c9a66}",
];
/// Types of objects: a loader, what wakes a hibernated system, the memory test.
const LOADER: u32 = 0x1020_0003;
const RESUME: u32 = 0x1020_0004;
const MEMORY_TEST: u32 = 0x1020_0005;
/// `path` of the boot manager and of a loader.
const PATH: u32 = 0x1200_0002;
/// The environment for setup and recovery.
const WINPE: u32 = 0x2600_0022;

/// What was seen so far. A setting that several entries inherit is shown once, under the worst
/// that it means.
pub(super) struct Seen<'a> {
    with: &'a BootSettings,
    context: &'a Context<'a>,
    items: Vec<(Status, Item)>,
    pub(super) found: Findings,
}

impl<'a> Seen<'a> {
    pub(super) fn new(with: &'a BootSettings, context: &'a Context<'a>, found: Findings) -> Self {
        Self {
            with,
            context,
            items: Vec::new(),
            found,
        }
    }

    /// The findings with everything that was seen.
    pub(super) fn filed(self) -> Findings {
        let mut found = self.found;
        for (status, item) in self.items {
            found.add(status, item);
        }
        found
    }

    /// Everything of `store` that has a say in what starts.
    pub(super) fn store(&mut self, store: &BootStore) {
        let with = self.with;
        let usual = |paths: &[String]| {
            let ends = |p: &&String| p.to_lowercase().ends_with(".efi");
            let efi = store.firmware == Firmware::Efi;
            let mut fitting = paths.iter().filter(|p| ends(p) == efi);
            fitting.next().or(paths.first()).cloned()
        };
        if let Some(manager) = store.manager() {
            self.object(store, manager, false);
            if let Some(path) = manager.elements.get(&PATH) {
                let shown = path.fact.to_string();
                if self.path(path.at.clone(), &shown, &with.managers) {
                    self.set(&manager.id, "path", usual(&with.managers));
                }
            }
        }
        for object in SETTINGS.iter().filter_map(|id| store.object(id)) {
            self.object(store, object, false);
        }
        for entry in &store.resolved {
            if let Some(object) = store.object(&entry.id) {
                let ram = matches!(entry.device.0, Target::File { ram: true, .. });
                self.object(store, object, ram);
            }
            let (paths, roots) = match entry.kind {
                Some(LOADER) => (&with.loaders, &with.system_roots),
                Some(RESUME) => (&with.resumers, &with.memory_files),
                Some(MEMORY_TEST) => (&with.tools, &with.system_roots),
                _ => {
                    let note = say!(win_kernel_004_kind, title = entry.title.as_str());
                    let kind = entry.kind.map_or(Text::verbatim("-"), |kind| {
                        Text::verbatim(format!("{kind:08x}"))
                    });
                    let item = Item::at(entry.at.clone(), note);
                    self.add(
                        Status::Unknown,
                        item.compare(say!(win_kernel_004_kind_wanted), kind),
                    );
                    continue;
                }
            };
            let odd = |seen: &mut Self, found: &Option<Found<String>>, wanted: &[String]| {
                found
                    .as_ref()
                    .is_some_and(|f| seen.path(f.at.clone(), &f.fact, wanted))
            };
            if odd(self, &entry.path, paths) {
                self.set(&entry.id, "path", usual(paths));
            }
            if odd(self, &entry.system_root, roots) {
                self.set(&entry.id, "systemroot", roots.first().cloned());
            }
            self.leads(entry);
        }
    }

    /// The settings that hold for `object`; `ram` where it starts from a RAM disk, as the
    /// environments for setup and recovery do.
    fn object(&mut self, store: &BootStore, object: &BootObject, ram: bool) {
        let mut gaps = Vec::new();
        for element in store.effective(object, &mut gaps) {
            if ram && element.id == WINPE {
                continue;
            }
            let broken = self.with.broken(element).map(|rule| rule.status.into());
            // The memory test loads nothing; templates are not for what starts.
            let silent = match element.id >> 28 {
                2 => object.kind == Some(MEMORY_TEST),
                4 => true,
                _ => false,
            };
            let strange = !silent && !self.with.understands(element.id);
            if let Some(status) = broken.or(strange.then_some(Status::Unknown)) {
                self.element(element, status, strange);
            }
        }
        self.found.gaps(gaps);
    }

    fn element(&mut self, element: Effective<'_>, status: Status, strange: bool) {
        let name = match element_name(element.id) {
            Some(name) => name.to_owned(),
            None => format!("custom:{:08x}", element.id),
        };
        let note = say!(
            win_kernel_004_element,
            name = &name,
            id = format!("{:08x}", element.id),
            title = element.of.title(),
        );
        let found = element.element.fact.text();
        let item = Item::at(element.element.at.clone(), note);
        let wanted = match strange {
            true => say!(win_kernel_004_understood),
            false => say!(win_value_absent),
        };
        self.add(status, item.compare(wanted, found));
        self.found.fix(say!(
            win_kernel_004_fix_delete,
            object = &element.of.id,
            name = name
        ));
    }

    /// Where an entry leads: what is not of this Windows, or can't be told, is not what was proven.
    fn leads(&mut self, entry: &BootEntry) {
        let ours = say!(win_kernel_004_ours);
        for (name, (target, shown)) in [("device", &entry.device), ("osdevice", &entry.os_device)] {
            let note = match target {
                Target::Volume { .. } => continue,
                // Nothing of this image starts; of the entries that boot WIN-BOOT-001 tells it.
                Target::Elsewhere | Target::Absent => continue,
                Target::File {
                    at: None,
                    known: true,
                    ..
                } => continue,
                Target::File {
                    ram: true,
                    at: Some(at),
                    template: Some(template),
                    ..
                } if self.is_known(at) && self.is_known(template) => {
                    let path = at.path.as_deref().unwrap_or_default();
                    let title = entry.title.as_str();
                    let note = say!(win_kernel_004_reference, title = title, path = path);
                    self.add(Status::Pass, Item::at((**at).clone(), note));
                    continue;
                }
                Target::File { at: Some(at), .. } => {
                    let path = at.path.as_deref().unwrap_or_default();
                    say!(
                        win_kernel_004_nested,
                        title = entry.title.as_str(),
                        path = path
                    )
                }
                Target::File { .. } | Target::Unknown => {
                    say!(win_kernel_004_device, title = entry.title.as_str())
                }
                Target::Ambiguous { names } => say!(
                    win_kernel_004_ambiguous,
                    title = entry.title.as_str(),
                    volumes = names.clone()
                ),
            };
            let place = shown.as_ref().map_or(&entry.at, |s| &s.at).clone();
            let is = shown.as_ref().map(|s| s.fact.clone());
            let is = is.unwrap_or_else(|| Text::verbatim(name));
            let item = Item::at(place, note).compare(ours.clone(), is);
            self.add(Status::Unknown, item);
        }
        if entry.kind == Some(LOADER) && entry.started == Starts::Other {
            let place = entry.os_device.1.as_ref().map_or(&entry.at, |s| &s.at);
            let note = say!(win_kernel_004_other_windows, title = entry.title.as_str());
            let root = entry.system_root.as_ref().map(|r| r.fact.as_str());
            let volume = match &entry.os_device.0 {
                Target::Volume { name } => name.as_str(),
                _ => "",
            };
            let is = format!("{volume}:{}", root.unwrap_or_default());
            let item = Item::at(place.clone(), note);
            self.add(
                Status::Unknown,
                item.compare(self.own(), Text::verbatim(is)),
            );
        }
    }

    /// True for a file whose bytes the reference knows.
    fn is_known(&self, at: &Location) -> bool {
        let baseline = self.context.evidence.references.baseline;
        let sha256 = at.sha256.as_deref();
        sha256.is_some_and(|sha256| baseline.is_some_and(|b| b.by_digest(sha256).is_some()))
    }

    /// The Windows that is judged.
    fn own(&self) -> Text {
        let root = self.context.evidence.windows.system_root_location();
        let (volume, path) = (root.volume.unwrap_or_default(), root.path);
        Text::verbatim(format!("{volume}:{}", path.unwrap_or_default()))
    }

    /// Files a path that is none of the usual ones; true where it is so.
    fn path(&mut self, at: Location, shown: &str, usual: &[String]) -> bool {
        if usual.iter().any(|u| u.eq_ignore_ascii_case(shown)) {
            return false;
        }
        let item = Item::at(at, say!(win_kernel_004_path))
            .compare(Text::list(usual.iter()), Text::verbatim(shown));
        self.add(Status::Fail, item);
        true
    }

    fn set(&mut self, object: &str, name: &str, wanted: Option<String>) {
        if let Some(wanted) = wanted {
            self.found.fix(say!(
                win_kernel_004_fix_set,
                object = object,
                name = name,
                wanted = wanted
            ));
        }
    }

    fn add(&mut self, status: Status, item: Item) {
        match self.items.iter_mut().find(|(_, seen)| *seen == item) {
            Some((before, _)) => *before = worse(*before, status),
            None => self.items.push((status, item)),
        }
    }
}
