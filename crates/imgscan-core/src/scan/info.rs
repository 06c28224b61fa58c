//! From an open image to its description.

use super::identity;
use crate::error::{Layer, contained};
use crate::evidence::gaps::{budget_gap, guest_gaps, image_gaps, told};
use crate::evidence::windows::Windows;
use crate::evidence::{Collected, Evidence, Found, Gap, Location, linux};
use crate::guest::{Family, Guest};
use crate::inspect::Inspection;
use crate::report::{
    BootPath, BootPlan, BootStart, GuestInfo, GuestSummary, Info, Kernel, PackageList, ServiceInfo,
    ServiceList, TableSummary, Tool, VolumeSummary, WindowsInfo, details,
};

/// Describes an image that is open.
#[must_use]
pub fn info(inspection: &Inspection) -> Info {
    let mut gaps = image_gaps(inspection);
    let image = identity::image(inspection, &mut gaps);
    let files = identity::files(inspection, &image, &mut gaps);
    gaps.extend(inspection.guests.iter().flat_map(guest_gaps));
    let named = inspection.guests.len() > 1;
    let guests = inspection.guests.iter();
    let guests = guests.map(|g| inventory(g, named, &mut gaps)).collect();
    gaps.extend(budget_gap(inspection));
    let gaps = told(gaps);
    Info {
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
        notices: super::notices(inspection),
    }
}

fn inventory(guest: &Guest, named: bool, gaps: &mut Vec<Gap>) -> GuestInfo {
    let evidence = Evidence::new(guest);
    let mut info = GuestInfo {
        summary: GuestSummary::of(guest),
        boot: None,
        kernels: Vec::new(),
        packages: None,
        accounts: Vec::new(),
        services: None,
        windows: None,
    };
    let (kernels, missing) = installed_kernels(&evidence, named);
    info.kernels = kernels;
    gaps.extend(missing);
    let collected = contained(
        Layer::Guest,
        || say!(doing_inventory),
        || {
            match guest.family {
                Family::Linux => linux_inventory(&evidence, &mut info, gaps),
                Family::Windows => windows_inventory(&evidence, &mut info, gaps),
            }
            Ok(())
        },
    );
    gaps.extend(collected.err().map(|e| Gap::new(Location::default(), &e)));
    info
}

/// What the system boots, and why it may be something else.
fn boot_plan(evidence: &Evidence<'_>) -> BootPlan {
    let boot = evidence.linux.boot();
    let mounts = &evidence.guest.mounts;
    let mut doubts = boot.gaps.clone();
    doubts.extend(mounts.doubts.iter().cloned());
    let start = |(when, entry): &(linux::When, Found<linux::BootEntry>)| BootStart {
        when: *when,
        root: evidence.linux.root_of(&entry.fact).into(),
        entry: entry.clone(),
    };
    let ways = boot.ways.iter().map(|way| BootPath {
        firmware: way.firmware,
        programs: way.programs.clone(),
        loader: way.loader,
        configs: way.configs.clone(),
        starts: way.starts.iter().map(start).collect(),
    });
    // What is mounted is told without the arguments of the entry.
    for (_, entry) in boot.ways.iter().flat_map(|way| &way.starts) {
        let arguments = entry.fact.words();
        let affect = arguments.iter().filter_map(|a| mounts.affects_mounts(a));
        doubts.extend(affect.map(|why| Gap::new(entry.at.clone(), &why)));
    }
    let mut seen = Vec::new();
    doubts.retain(|doubt| {
        let new = !seen.contains(doubt);
        if new {
            seen.push(doubt.clone());
        }
        new
    });
    BootPlan {
        ways: ways.collect(),
        doubts,
    }
}

fn linux_inventory(evidence: &Evidence<'_>, info: &mut GuestInfo, gaps: &mut Vec<Gap>) {
    let plan = boot_plan(evidence);
    gaps.extend(plan.doubts.iter().cloned());
    info.boot = Some(plan);
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
    info.windows = Some(windows_info(&evidence.windows, gaps));
}

/// The inventory of a Windows guest besides its services; what can't be read goes to `gaps`.
fn windows_info(windows: &Windows<'_>, gaps: &mut Vec<Gap>) -> WindowsInfo {
    fn items<T>(found: Collected<T>, gaps: &mut Vec<Gap>) -> Vec<Found<T>> {
        gaps.extend(found.gaps);
        found.items
    }
    fn whole<T>(found: Result<T, Gap>, gaps: &mut Vec<Gap>) -> Option<T> {
        found.map_err(|gap| gaps.push(gap)).ok()
    }
    let accounts = whole(windows.accounts(), gaps);
    gaps.extend(accounts.iter().flat_map(|a| a.gaps.iter().cloned()));
    let updates = windows.updates(gaps);
    WindowsInfo {
        accounts,
        autostarts: items(windows.autostarts(), gaps),
        settings: items(windows.settings(), gaps),
        setup_files: items(windows.setup_files(), gaps),
        adapters: items(windows.adapters(), gaps),
        programs: items(windows.programs(), gaps),
        updates: whole(updates, gaps),
    }
}

/// The kernels of one guest, and what hides more. `named` is true where the image holds several
/// guests.
pub(super) fn installed_kernels(evidence: &Evidence<'_>, named: bool) -> (Vec<Kernel>, Vec<Gap>) {
    if evidence.guest.family != Family::Linux {
        return (Vec::new(), Vec::new());
    }
    let collected = contained(
        Layer::Boot,
        || say!(doing_kernels),
        || Ok((evidence.linux.kernels(), evidence.linux.boot())),
    );
    let (found, boot) = match collected {
        Ok(found) => found,
        Err(e) => return (Vec::new(), vec![Gap::new(Location::default(), &e)]),
    };
    let kernel = |at: &Location, fact: &linux::Kernel| Kernel {
        guest: named.then(|| evidence.guest.root_volume.clone()),
        version: fact.release.clone(),
        volume: at.volume.clone(),
        path: fact.path.clone(),
        sha256: Some(fact.sha256.clone()),
        package: match &fact.owner {
            linux::Owner::Package(recorded) => Some(recorded.package.name.clone()),
            _ => None,
        },
        default: boot.boots(fact),
    };
    let items = found.items.iter().map(|k| kernel(&k.at, &k.fact));
    let gaps = found.gaps.iter().chain(&boot.gaps).cloned();
    (items.collect(), gaps.collect())
}
