//! The boot plan: from what the firmware starts to the kernels, initial file systems and arguments
//! that may start by themselves, computed from the disk's volumes alone. What the guest mounts
//! where is nothing to a boot loader.
//!
//! What is not understood on the way is a doubt with its place; a doubt never reads as a certain
//! default. The rules are told in `docs/boot.md`.

mod bls;
mod chain;
mod grub;
mod journal;
mod legacy;
mod raw;
mod script;
mod syslinux;
mod systemd_boot;
mod version;
mod volumes;

pub use version::compare as compare_versions;
pub(super) use volumes::BootPath;

use super::menu::{BootCommand, Firmware, Loader};
use crate::evidence::{Found, Gap, Location};
use crate::fs::OpenVolume;
use crate::source::ReadAt;
use crate::text::Text;
use volumes::{Target, Volumes};

pub(super) use raw::{bytes, show};

/// Entries of all menus of a disk.
const MAX_ENTRIES: usize = 8_000;
/// Doubts of all menus of a disk.
const MAX_DOUBTS: usize = 256;

/// An entry as a loader has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Entry {
    title: String,
    id: Option<String>,
    place: String,
    kernel: Option<Target>,
    starts: String,
    /// One character for each byte.
    arguments: String,
    initrds: Vec<Target>,
    by: Option<String>,
    forced: bool,
    doubts: Vec<Found<Text>>,
}

/// What an entry starts, whatever it is called.
type Effect<'a> = (&'a Option<Target>, String, &'a [Target], &'a Option<String>);

/// Arguments that change what a person sees and nothing else, by their beginning: Ubuntu's menus set
/// this one by the machine's graphics.
const SHOWN: &[&str] = &["vt.handoff="];

impl Entry {
    fn effect(&self) -> Effect<'_> {
        let mut words: Vec<&str> = self.arguments.split(' ').collect();
        words.retain(|w| !w.is_empty() && !SHOWN.iter().any(|s| w.starts_with(s)));
        (&self.kernel, words.join(" "), &self.initrds, &self.by)
    }
}

/// The menu of one loader.
#[derive(Debug, Clone, Default)]
struct Menu {
    loader: Option<Loader>,
    config: Location,
    configs: Vec<Location>,
    entries: Vec<Found<Entry>>,
    /// Those that may start at the next boot.
    first: Vec<usize>,
    /// Those that may start at the boots after it.
    later: Vec<usize>,
    /// Where the entry of the next boot alone is set.
    once: Option<Location>,
    timeout: Option<String>,
    commands: Vec<Found<BootCommand>>,
    /// Folders from which GRUB could load code: volume, path, and where that is set.
    prefixes: Vec<(usize, String, Location)>,
    doubts: Vec<Found<Text>>,
}

impl Menu {
    fn doubt(&mut self, fact: Text, at: Location) {
        let found = Found { fact, at };
        if self.doubts.len() < MAX_DOUBTS && !self.doubts.contains(&found) {
            self.doubts.push(found);
        }
    }

    /// Adds an entry once; gives its place in the list.
    fn add(&mut self, entry: Found<Entry>) -> usize {
        let same = |e: &Found<Entry>| {
            e.at == entry.at
                && e.fact.place == entry.fact.place
                && e.fact.effect() == entry.fact.effect()
        };
        match self.entries.iter().position(same) {
            Some(at) => at,
            None => {
                self.entries.push(entry);
                self.entries.len() - 1
            }
        }
    }

    /// Whether these entries start different things.
    fn differ(&self, entries: &[usize]) -> bool {
        let mut effects = entries.iter().map(|i| self.entries[*i].fact.effect());
        effects
            .next()
            .is_some_and(|first| effects.any(|e| e != first))
    }

    /// What starts in the long run is known once all boots are.
    fn settle(&mut self) {
        if self.later.is_empty() {
            self.later.clone_from(&self.first);
        }
        let mut seen = Vec::new();
        self.later.retain(|i| {
            let new = !seen.contains(i);
            seen.push(*i);
            new
        });
        let differ = self.differ(&self.later) && !self.differ(&self.first);
        if differ && self.doubts.is_empty() {
            self.doubt(say!(boot_default_changes), self.config.clone());
        }
    }

    fn effects(&self, entries: &[usize]) -> Vec<Effect<'_>> {
        let mut all: Vec<Effect<'_>> = Vec::new();
        for effect in entries.iter().map(|i| self.entries[*i].fact.effect()) {
            if !all.contains(&effect) {
                all.push(effect);
            }
        }
        all
    }
}

/// A file that an entry names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PlanFile {
    On(BootPath),
    /// On no volume of the image; as it stands.
    Outside(String),
}

/// An entry of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlanEntry {
    pub(super) title: String,
    pub(super) id: Option<String>,
    pub(super) place: String,
    pub(super) kernel: Option<PlanFile>,
    pub(super) starts: String,
    pub(super) arguments: Vec<u8>,
    pub(super) initrds: Vec<PlanFile>,
    pub(super) by: Option<String>,
    pub(super) forced: bool,
}

/// A way from the firmware to what starts. Places are those on the volumes.
#[derive(Debug, Clone)]
pub(super) struct PlanWay {
    pub(super) firmware: Option<Firmware>,
    pub(super) programs: Vec<Location>,
    pub(super) loader: Option<Loader>,
    pub(super) configs: Vec<Location>,
    /// What may start at the next boot.
    pub(super) next: Vec<Found<PlanEntry>>,
    /// What may start at the boots after it.
    pub(super) later: Vec<Found<PlanEntry>>,
}

/// What the disk boots. Places are those on the volumes.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    pub(super) ways: Vec<PlanWay>,
    pub(super) loader: Option<Loader>,
    pub(super) config: Option<Location>,
    pub(super) entries: Vec<Found<PlanEntry>>,
    pub(super) default: Option<usize>,
    pub(super) one_shot: Option<(Option<usize>, Location)>,
    pub(super) timeout: Option<String>,
    pub(super) commands: Vec<Found<BootCommand>>,
    pub(super) others: Vec<Found<Loader>>,
    /// Folders with modules that GRUB could load.
    pub(super) modules: Vec<Found<BootPath>>,
    pub(super) doubts: Vec<Found<Text>>,
    pub(super) gaps: Vec<Gap>,
}

/// The plan of the disk that `volumes` are parts of. Loaders replay no journal: where one was
/// replayed, the next boot may read other files than those that are judged.
pub(super) fn plan(all: &[OpenVolume], disk: Option<&dyn ReadAt>) -> Plan {
    let volumes = Volumes::new(all);
    let mut plan = plan_of(&volumes, disk);
    if let Some(before) = Volumes::unreplayed(all) {
        let first = plan_of(&before, disk);
        journal::compare(&mut plan, &volumes, &first, &before);
    }
    plan
}

fn plan_of(volumes: &Volumes<'_>, disk: Option<&dyn ReadAt>) -> Plan {
    let mut found = chain::ways(volumes, disk);
    let mut menus: Vec<Menu> = Vec::new();
    let mut plan = Plan::default();
    for (chain, way) in std::mem::take(&mut found.ways) {
        let mut menu = way.menu(volumes);
        // Where no loader tells which configuration is read, a file without entries is none.
        let counts = way.is_certain() || !menu.entries.is_empty() || !menu.doubts.is_empty();
        if counts {
            for entry in &mut menu.entries {
                stub_initrds(volumes, &mut entry.fact, menu.loader);
            }
            plan.ways.push(way_of(volumes, chain, &mut menu));
            menus.push(menu);
        }
    }
    let mut menus = menus.into_iter();
    let Some(mut first) = menus.next() else {
        plan.doubts.append(&mut found.doubts);
        plan.gaps = volumes.take_gaps();
        return plan;
    };
    for other in menus {
        merge(&mut first, other, &mut plan.others);
    }
    let doubts = std::mem::take(&mut found.doubts);
    for doubt in doubts {
        first.doubt(doubt.fact, doubt.at);
    }
    finish(volumes, first, &mut plan);
    plan.gaps = volumes.take_gaps();
    plan
}

/// Adds the menu of another way to boot. Which way is taken is not in the image; only where all
/// lead to the same is the default known.
fn merge(first: &mut Menu, other: Menu, others: &mut Vec<Found<Loader>>) {
    let same = first.effects(&first.first) == other.effects(&other.first)
        && first.effects(&first.later) == other.effects(&other.later);
    if !same {
        let text = match first.loader == other.loader {
            true => say!(boot_other_config),
            false => say!(boot_other_loader),
        };
        first.doubt(text, other.config.clone());
    }
    if let Some(fact) = other.loader
        && first.loader != other.loader
    {
        let at = other.config.clone();
        others.push(Found { fact, at });
    }
    for entry in other.entries {
        let known = first
            .entries
            .iter()
            .any(|e| e.at == entry.at && e.fact.effect() == entry.fact.effect());
        if known {
            continue;
        }
        if first.entries.len() >= MAX_ENTRIES {
            let what = say!(error_too_many, most = MAX_ENTRIES, what = "entries");
            first.doubt(what, entry.at);
            break;
        }
        first.entries.push(entry);
    }
    for command in other.commands {
        if !first.commands.contains(&command) {
            first.commands.push(command);
        }
    }
    for doubt in other.doubts {
        first.doubt(doubt.fact, doubt.at);
    }
    for prefix in other.prefixes {
        let known = |p: &(usize, String, Location)| (p.0, &p.1) == (prefix.0, &prefix.1);
        if !first.prefixes.iter().any(known) {
            first.prefixes.push(prefix);
        }
    }
    first.once = first.once.take().or(other.once);
}

/// Adds the files that the EFI stub of the kernel loads by itself (rule 6.3): from the volume that
/// the kernel was loaded from, which some loaders tell it is their own.
fn stub_initrds(volumes: &Volumes<'_>, entry: &mut Entry, loader: Option<Loader>) {
    if loader == Some(Loader::Extlinux) || entry.by.is_some() {
        return;
    }
    let Some(Target::On { volume, .. }) = entry.kernel else {
        return;
    };
    for path in super::arguments::stub_initrds(&bytes(&entry.arguments)) {
        let path = raw::raw(path.as_bytes());
        let name = |t: &Target| matches!(t, Target::On { path: p, .. } if p.ends_with(&path));
        if entry.initrds.iter().any(name) {
            continue;
        }
        let mut places = vec![volume];
        places.extend(volumes.fat().into_iter().filter(|v| *v != volume));
        let there: Vec<usize> = places
            .into_iter()
            .filter(|v| volumes.find(*v, &path).is_some())
            .collect();
        let from = if there.is_empty() {
            vec![volume]
        } else {
            there
        };
        entry
            .initrds
            .extend(from.into_iter().map(|volume| Target::On {
                volume,
                path: path.clone(),
            }));
    }
}

/// The folders below the prefixes that hold modules of GRUB.
fn modules(volumes: &Volumes<'_>, prefixes: &[(usize, String, Location)]) -> Vec<Found<BootPath>> {
    let mut all = Vec::new();
    for (volume, path, at) in prefixes {
        for name in volumes.names(*volume, path).unwrap_or_default() {
            let folder = format!("{path}/{name}");
            let inside = volumes.names(*volume, &folder).unwrap_or_default();
            if inside.iter().any(|n| n.ends_with(".mod")) {
                all.push(Found {
                    fact: volumes.boot_path(*volume, path),
                    at: at.clone(),
                });
                break;
            }
        }
    }
    all
}

fn finish(volumes: &Volumes<'_>, mut menu: Menu, plan: &mut Plan) {
    let once = menu.once.clone();
    let differ = menu.effects(&menu.first) != menu.effects(&menu.later);
    plan.default = menu.later.first().copied();
    let next = menu.first.first().copied();
    plan.one_shot = match (once, differ) {
        (Some(at), _) => Some((next, at)),
        (None, true) => Some((next, menu.config.clone())),
        (None, false) => None,
    };
    // What may start by itself lies outside of the image.
    let mut outside = Vec::new();
    for i in menu.first.iter().chain(&menu.later) {
        let entry = &menu.entries[*i];
        let kernel = entry.fact.kernel.iter();
        for target in kernel.chain(&entry.fact.initrds) {
            if let Target::Outside(path) = target {
                let path = crate::text::terminal(path);
                outside.push((say!(boot_script_outside, path = path), entry.at.clone()));
            }
        }
    }
    for i in menu.first.iter().chain(&menu.later) {
        let entry = &menu.entries[*i];
        if let Some(by) = &entry.fact.by {
            let command = crate::text::terminal(&format!("{by} {}", entry.fact.starts));
            let fact = say!(boot_starts_other, command = command);
            outside.push((fact, entry.at.clone()));
        } else if entry.fact.kernel.is_none() {
            outside.push((say!(boot_starts_nothing), entry.at.clone()));
        }
    }
    if menu.first.is_empty() && menu.doubts.is_empty() {
        outside.push((say!(boot_no_entry), menu.config.clone()));
    }
    for (fact, at) in outside {
        menu.doubt(fact, at);
    }
    plan.modules = modules(volumes, &menu.prefixes);
    plan.loader = menu.loader;
    plan.config = Some(menu.config);
    plan.timeout = menu.timeout;
    plan.commands = menu.commands;
    plan.doubts = menu.doubts;
    let entries = menu.entries.iter();
    plan.entries = entries.map(|entry| entry_of(volumes, entry)).collect();
}

/// A way with what starts by it.
fn way_of(volumes: &Volumes<'_>, chain: chain::Chain, menu: &mut Menu) -> PlanWay {
    let all = |entries: &[usize]| {
        let entries = entries.iter().filter_map(|i| menu.entries.get(*i));
        entries.map(|entry| entry_of(volumes, entry)).collect()
    };
    let (next, later) = (all(&menu.first), all(&menu.later));
    let configs = std::mem::take(&mut menu.configs);
    PlanWay {
        firmware: chain.firmware,
        programs: chain.programs,
        loader: menu.loader,
        configs: chain.lists.into_iter().chain(configs).collect(),
        next,
        later,
    }
}

fn entry_of(volumes: &Volumes<'_>, entry: &Found<Entry>) -> Found<PlanEntry> {
    let file = |target: &Target| match target {
        Target::On { volume, path } => PlanFile::On(volumes.boot_path(*volume, path)),
        Target::Outside(text) => PlanFile::Outside(text.clone()),
    };
    let Found { fact, at } = entry;
    Found {
        at: at.clone(),
        fact: PlanEntry {
            title: fact.title.clone(),
            id: fact.id.clone(),
            place: fact.place.clone(),
            kernel: fact.kernel.as_ref().map(file),
            starts: fact.starts.clone(),
            arguments: bytes(&fact.arguments),
            initrds: fact.initrds.iter().map(file).collect(),
            by: fact.by.clone(),
            forced: fact.forced,
        },
    }
}
