//! WIN-BOOT-001: boot manager, default entry and loader are there.

use super::{no_store, too_old};
use crate::evidence::windows::{BootEntry, BootReason, BootStore, Firmware, Target};
use crate::evidence::{Found, Location};
use crate::policy::checks::findings::{Findings, worse};
use crate::policy::checks::registry::NoParameters;
use crate::policy::checks::windows::commands;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

pub(in crate::policy::checks::windows) fn run(context: &Context<'_>, _: &NoParameters) -> Outcome {
    if let Some(outcome) = too_old(context) {
        return outcome;
    }
    let boot = context.evidence.windows.boot();
    if boot.stores.is_empty() {
        return no_store(context, boot.gaps.clone(), Status::Fail);
    }
    let judged: Vec<Vec<(Status, Item)>> = boot
        .stores
        .iter()
        .map(|s| judge(s, boot.active.as_deref()))
        .collect();
    let of_store = |items: &Vec<(Status, Item)>| {
        let all = items.iter().map(|(status, _)| *status);
        all.fold(Status::Pass, worse)
    };
    let mut found = Findings::with_gaps(&boot.gaps);
    found.gaps(boot.stores.iter().flat_map(|s| s.gaps.iter().cloned()));
    // One store that leads to its Windows is enough: the other is for other firmware.
    let best = judged.iter().map(of_store).min_by_key(|s| s.rank());
    let others = judged.iter().any(|items| of_store(items) == Status::Fail);
    let status = match best {
        Some(Status::Fail) if !found.complete() => Status::Unknown,
        Some(Status::Fail) => Status::Fail,
        Some(Status::Pass) if !others => Status::Pass,
        _ => Status::Warn,
    };
    if matches!(status, Status::Fail | Status::Warn) {
        found.fix(commands::write_boot_files(context));
    }
    for (of_item, item) in judged.into_iter().flatten() {
        // An item counts for no more than the whole.
        let worse = of_item.rank() > status.rank();
        found.add(if worse { status } else { of_item }, item);
    }
    found.concluded(status, |status, _| match status {
        Status::Unknown => say!(win_boot_001_unknown),
        Status::Fail => say!(win_boot_001_fail),
        Status::Warn => say!(win_boot_001_warn),
        _ => say!(win_boot_001_pass),
    })
}

fn judge(store: &BootStore, active: Option<&[String]>) -> Vec<(Status, Item)> {
    let mut items = Vec::new();
    items.extend(active.and_then(|active| started(store, active)));
    match &store.program {
        Some(at) => items.push((
            Status::Pass,
            Item::at(at.clone(), say!(win_boot_001_manager)),
        )),
        None => {
            let name = match store.firmware {
                Firmware::Efi => "/EFI/Microsoft/Boot/bootmgfw.efi",
                Firmware::Bios => "/bootmgr",
            };
            let at = Location {
                volume: Some(store.volume.clone()),
                ..Location::of_path(name)
            };
            let item = Item::at(at, say!(win_boot_001_no_manager));
            let item = item.compare(Text::verbatim(name), say!(win_no_file));
            items.push((Status::Fail, item));
        }
    }
    let default = store
        .resolved
        .iter()
        .find(|e| e.reason == BootReason::Default);
    let next = store.resolved.iter().find(|e| e.reason == BootReason::Next);
    match default.or(next) {
        None => {
            let at = store.manager().map_or(&store.at, |m| &m.at);
            let shown = match store.default_id() {
                Some(id) => Text::verbatim(id),
                None => say!(win_boot_001_no_default_set),
            };
            let item = Item::at(at.clone(), say!(win_boot_001_no_default));
            items.push((Status::Fail, item.compare(say!(win_boot_001_object), shown)));
        }
        Some(entry) => items.extend(way(entry)),
    }
    items
}

/// The volume of a store for a BIOS is the one that a BIOS starts.
fn started(store: &BootStore, active: &[String]) -> Option<(Status, Item)> {
    if store.firmware != Firmware::Bios {
        return None;
    }
    let shown = match active {
        [] => say!(win_boot_001_none_active),
        names => Text::list(names.iter()),
    };
    let right = active == [store.volume.clone()];
    let at = Location {
        volume: Some(store.volume.clone()),
        ..Location::default()
    };
    let item = Item::at(at, say!(win_boot_001_active));
    let item = item.compare(Text::verbatim(&store.volume), shown);
    Some((if right { Status::Pass } else { Status::Fail }, item))
}

/// What an entry leads to.
fn way(entry: &BootEntry) -> Vec<(Status, Item)> {
    let mut out = Vec::new();
    let at = |found: &Option<Found<String>>| {
        let found = found.as_ref().map(|f| f.at.clone());
        found.unwrap_or_else(|| entry.at.clone())
    };
    let text = |found: &Option<Found<String>>| match found {
        Some(found) => Text::verbatim(&found.fact),
        None => say!(win_value_absent),
    };
    let devices = [("device", &entry.device), ("osdevice", &entry.os_device)];
    for (name, (target, shown)) in devices {
        let (status, expected) = match target {
            Target::Volume { .. } => (Status::Pass, None),
            Target::Elsewhere => (Status::Fail, Some(say!(win_boot_001_here))),
            Target::Absent => (Status::Fail, Some(say!(win_boot_001_device))),
            // What WIN-KERNEL-004 leaves to a person.
            Target::Unknown | Target::Ambiguous { .. } | Target::File { .. } => {
                (Status::Unknown, Some(say!(win_boot_001_here)))
            }
        };
        let title = entry.title.as_str();
        let note = say!(win_boot_001_element, name = name, title = title);
        let place = shown.as_ref().map_or(&entry.at, |s| &s.at).clone();
        let mut item = Item::at(place, note);
        item.expected = expected;
        item.found = Some(match (target, shown) {
            (Target::Volume { name }, Some(shown)) => {
                say!(win_boot_001_volume, device = &shown.fact, volume = name)
            }
            (_, Some(shown)) => shown.fact.clone(),
            (_, None) => say!(win_value_absent),
        });
        out.push((status, item));
    }
    match &entry.loader {
        Some(file) => out.push((
            Status::Pass,
            Item::at(file.clone(), say!(win_boot_001_loader)),
        )),
        None => {
            let item = Item::at(at(&entry.path), say!(win_boot_001_no_loader));
            let item = item.compare(say!(win_boot_001_file), text(&entry.path));
            out.push((Status::Fail, item));
        }
    }
    if let Some(lost) = &entry.lost_recovery {
        let item = Item::at(lost.at.clone(), say!(win_boot_001_no_recovery));
        let shown = Text::verbatim(&lost.fact);
        out.push((Status::Warn, item.compare(say!(win_boot_001_object), shown)));
    }
    out
}
