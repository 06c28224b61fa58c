//! Drivers: of services, of the stack that writes crash dumps, of scripts, and those that nothing
//! names.

use std::collections::BTreeMap;

use super::list::{List, find};
use super::{DriverService, KernelFiles, LoadedBy, MissingDriver, Part};
use crate::evidence::files::Files;
use crate::evidence::windows::{Datum, Service, Windows, outside, services};
use crate::evidence::{Found, Gap};
use crate::fs::FileKind;
use crate::guest::windows::{expand, of_kernel};

/// Types of services that the kernel loads: kernel driver, file system driver, recogniser.
const LOADED: u32 = 0x1 | 0x2 | 0x8;
/// Scripts that setup runs as the system, in `Setup\Scripts` of the folder of Windows.
const SCRIPTS: [&str; 3] = ["SetupComplete.cmd", "ErrorHandler.cmd", "OOBE.cmd"];

/// The drivers of services, those that other values name, and the ones in their folder that nothing
/// names.
pub(super) fn add(windows: &Windows<'_>, list: &mut List, out: &mut KernelFiles) {
    let all = match windows.services() {
        Ok(all) => all,
        Err(gap) => {
            out.gaps.push(gap);
            return;
        }
    };
    out.gaps.extend(all.gaps.iter().cloned());
    let earlier = earlier(windows, &mut out.gaps);
    for service in &all.items {
        // A service whose type can't be read may be a driver.
        if service.kind.is_some_and(|k| k & LOADED == 0) {
            continue;
        }
        if service.kind.is_none() {
            out.gaps.extend(service.gaps.iter().cloned());
            continue;
        }
        out.gaps.extend(service.gaps.iter().cloned());
        driver(windows, service, &earlier, list, out);
    }
    dump_filters(windows, list, out);
    scripted(windows, list, &mut out.gaps);
    unused(windows, list, &mut out.gaps);
}

/// Services that may start earlier than their `Start` says, by name in lower case: for one kind of
/// boot (`BootFlags`), or on one configuration of hardware (`StartOverride`).
fn earlier(windows: &Windows<'_>, gaps: &mut Vec<Gap>) -> BTreeMap<String, u32> {
    let mut out: BTreeMap<String, u32> = BTreeMap::new();
    let services = r"HKLM\SYSTEM\CurrentControlSet\Services\*";
    let flags = windows.values(services, "BootFlags");
    let overrides = windows.values(&format!(r"{services}\StartOverride"), "*");
    gaps.extend(flags.gaps.into_iter().chain(overrides.gaps));
    let mut earliest = |key: Option<&str>, above: usize, start: u32| {
        let name = key.and_then(|key| key.rsplit('\\').nth(above));
        if let Some(name) = name {
            let known = out.entry(name.to_lowercase()).or_insert(start);
            *known = start.min(*known);
        }
    };
    for value in flags.items {
        // What is no number is not 0 either.
        if value.fact.data != Datum::Number(0) {
            earliest(value.at.key.as_deref(), 0, 0);
        }
    }
    for value in overrides.items {
        let start = match value.fact.data {
            Datum::Number(start) => u32::try_from(start).unwrap_or(u32::MAX),
            _ => 0,
        };
        earliest(value.at.key.as_deref(), 1, start);
    }
    out
}

/// The filters of the stack that writes crash dumps: files of the folder of drivers, which the
/// kernel loads at start.
fn dump_filters(windows: &Windows<'_>, list: &mut List, out: &mut KernelFiles) {
    let key = r"HKLM\SYSTEM\CurrentControlSet\Control\CrashControl";
    let found = windows.values(key, "DumpFilters");
    out.gaps.extend(found.gaps);
    for Found { fact, at } in found.items {
        let names = match fact.data {
            Datum::List(list) => list,
            other => vec![other.to_string()],
        };
        for name in names.iter().filter(|n| !n.is_empty()) {
            let service = DriverService {
                by: LoadedBy::DumpFilters,
                name: "DumpFilters".into(),
                start: Some(0),
                image_path: Some(name.clone()),
                at: at.clone(),
            };
            let root = windows.roots().windows;
            let path = match name.contains('\\') {
                true => of_kernel(name, &windows.roots()),
                false => Some(format!(r"{root}\System32\drivers\{name}")),
            };
            named(windows, path, service, list, out);
        }
    }
}

/// The drivers that the scripts of setup name: they may register them.
fn scripted(windows: &Windows<'_>, list: &mut List, gaps: &mut Vec<Gap>) {
    let root = windows.roots().windows;
    for script in SCRIPTS {
        let lines = match windows.lines(&format!(r"{root}\Setup\Scripts\{script}")) {
            Ok(lines) => lines,
            Err(gap) => {
                gaps.push(gap);
                continue;
            }
        };
        gaps.extend(lines.gaps);
        for Found { fact, at } in lines.items {
            let ends = |c: char| {
                c.is_whitespace() || matches!(c, '"' | '\'' | '=' | ',' | ';' | '(' | ')')
            };
            let words = fact.split(ends).map(|w| expand(w, &windows.roots(), &[]));
            for path in words.filter(|w| w.to_ascii_lowercase().ends_with(".sys")) {
                let service = DriverService {
                    by: LoadedBy::Script,
                    name: script.to_owned(),
                    start: Some(3),
                    image_path: Some(path.clone()),
                    at: at.clone(),
                };
                let Some(path) = of_kernel(&path, &windows.roots()) else {
                    continue;
                };
                match windows.guest.paths.find(path.as_bytes()) {
                    Ok(Some(at)) if at.metadata.kind == FileKind::Regular => {
                        list.add(Part::Driver, at, Some(service));
                    }
                    Ok(_) => {}
                    Err(e) => gaps.push(Gap::at_path(path.replace('\\', "/"), &e)),
                }
            }
        }
    }
}

/// The driver of `service` at `path`; where that can't be told it is a gap.
fn named(
    windows: &Windows<'_>,
    path: Option<String>,
    service: DriverService,
    list: &mut List,
    out: &mut KernelFiles,
) {
    let Some(path) = path else {
        let text = service.image_path.clone().unwrap_or_default();
        out.gaps.push(Gap::new(service.at, &outside(text)));
        return;
    };
    match windows.guest.paths.find(path.as_bytes()) {
        Ok(Some(at)) if at.metadata.kind == FileKind::Regular => {
            list.add(Part::Driver, at, Some(service));
        }
        Ok(_) => out.missing.push(MissingDriver { service, path }),
        Err(e) => out.gaps.push(Gap::at_path(path.replace('\\', "/"), &e)),
    }
}

/// The drivers in their folder that no service loads.
fn unused(windows: &Windows<'_>, list: &mut List, gaps: &mut Vec<Gap>) {
    let folder = format!(r"{}\System32\drivers", windows.roots().windows);
    match Files::new(&windows.guest.paths).names(&folder) {
        Ok(listed) => {
            let listed = listed.unwrap_or_default();
            gaps.extend(listed.gaps);
            let is = |n: &&String| n.to_ascii_lowercase().ends_with(".sys");
            for name in listed.names.iter().filter(is) {
                let path = format!(r"{folder}\{name}");
                find(windows, Part::Driver, &path, list, gaps);
            }
        }
        Err(gap) => gaps.push(gap),
    }
}

fn driver(
    windows: &Windows<'_>,
    service: &Service,
    earlier: &BTreeMap<String, u32>,
    list: &mut List,
    out: &mut KernelFiles,
) {
    let image = service.image_path.as_ref();
    let start = service.start.as_ref().map(|s| s.fact);
    let other = earlier.get(&service.name.to_lowercase()).copied();
    let fact = DriverService {
        by: LoadedBy::Service,
        name: service.name.clone(),
        start: start.into_iter().chain(other).min(),
        image_path: image.map(|i| i.fact.clone()),
        at: image.map_or_else(|| service.at.clone(), |i| i.at.clone()),
    };
    let paths = match services::image_paths(windows, service) {
        Ok(paths) => paths,
        Err(gap) => {
            out.gaps.push(gap);
            return;
        }
    };
    for path in &paths {
        match windows.guest.paths.find(path.as_bytes()) {
            Ok(Some(at)) if at.metadata.kind == FileKind::Regular => {
                list.add(Part::Driver, at, Some(fact));
                return;
            }
            Ok(_) => {}
            Err(e) => {
                out.gaps.push(Gap::at_path(path.replace('\\', "/"), &e));
                return;
            }
        }
    }
    if let Some(path) = paths.into_iter().next_back() {
        out.missing.push(MissingDriver {
            service: fact,
            path,
        });
    }
}
