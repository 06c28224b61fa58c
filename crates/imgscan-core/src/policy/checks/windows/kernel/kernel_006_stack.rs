//! Part of WIN-KERNEL-006: filters of devices, and services of types that are none of drivers.

use super::kernel_006_drivers::DriverPlaces;
use crate::evidence::windows::{Datum, Service, Services};
use crate::evidence::{Found, Location};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::windows::commands;
use crate::policy::checks::windows::values::{SET, Values};
use crate::policy::{Context, Item, Status};
use crate::text::Text;

/// Types of drivers: kernel driver, file system driver, adapter, recogniser. No driver has two.
const TYPES: [u32; 4] = [1, 2, 4, 8];
/// The bits of those.
const DRIVER: u32 = 0xF;
const DISABLED: u32 = 4;
/// The class of the devices of the system itself.
const SYSTEM: &str = "{4d36e97d-e325-11ce-bfc1-08002be10318}";

/// Services whose `Type` says that they are drivers and something else, or nothing.
pub(super) fn types(context: &Context<'_>, found: &mut Findings) {
    let Ok(services) = context.evidence.windows.services() else {
        // That is a gap of the drivers.
        return;
    };
    for service in &services.items {
        let shown = match service.kind {
            Some(kind) if kind & DRIVER == 0 || TYPES.contains(&kind) => continue,
            Some(kind) => Text::verbatim(format!("{kind:#x}")),
            None if !names_driver(service) => continue,
            None => say!(win_value_absent),
        };
        let name = service.name.as_str();
        let item = Item::at(
            service.at.clone(),
            say!(win_kernel_006_type, service = name),
        );
        found.unknown(item.compare(Text::verbatim("1, 2, 4, 8"), shown));
        found.fix(say!(win_kernel_006_fix_type, service = name));
    }
}

fn names_driver(service: &Service) -> bool {
    let image = service.image_path.as_ref();
    image.is_some_and(|i| i.fact.trim().to_ascii_lowercase().ends_with(".sys"))
}

/// The filters of classes and of single devices: each is a service of a driver that has to be there.
pub(super) fn filters(context: &Context<'_>, with: &DriverPlaces, found: &mut Findings) {
    let Ok(services) = context.evidence.windows.services() else {
        return;
    };
    let values = Values::of(context);
    for (keys, of_class) in [(r"Control\Class\*", true), (r"Enum\*\*\*", false)] {
        for name in ["UpperFilters", "LowerFilters"] {
            for value in values.all(found, &format!(r"{SET}\{keys}"), name) {
                let key = value.at.key.clone().unwrap_or_default();
                let class = match of_class {
                    true => key.rsplit('\\').next().unwrap_or_default().to_owned(),
                    false => values
                        .text(found, &key, "ClassGUID")
                        .map_or_else(String::new, |c| c.fact),
                };
                // Not every device of the system's class is needed for the start.
                let boots = (of_class || !class.eq_ignore_ascii_case(SYSTEM))
                    && with
                        .boot_classes
                        .iter()
                        .any(|c| c.eq_ignore_ascii_case(&class));
                let names = match value.fact.data {
                    Datum::List(list) => list,
                    other => vec![other.to_string()],
                };
                for filter in names.iter().filter(|n| !n.trim().is_empty()) {
                    let level = Level { boots, of_class };
                    judge(context, services, filter, &value.at, level, found);
                }
            }
        }
    }
}

/// What hangs on a filter.
#[derive(Clone, Copy)]
struct Level {
    /// Windows does not start without the devices of its class.
    boots: bool,
    /// It is one of all devices of a class.
    of_class: bool,
}

fn judge(
    context: &Context<'_>,
    services: &Services,
    filter: &str,
    at: &Location,
    level: Level,
    found: &mut Findings,
) {
    let service = services
        .items
        .iter()
        .find(|s| s.name.eq_ignore_ascii_case(filter));
    let all = context.evidence.windows.kernel_files();
    let no_file = || {
        let missing = all.missing.iter();
        let mut missing = missing.map(|m| m.service.name.as_str());
        missing.any(|name| name.eq_ignore_ascii_case(filter))
    };
    let start = |s: &Found<u32>| s.fact >= DISABLED;
    let shown = match service {
        None if !services.gaps.is_empty() => {
            found.gaps(services.gaps.iter().cloned());
            return;
        }
        None => say!(win_kernel_006_filter_absent),
        Some(service) if !service.is_driver() => say!(win_kernel_006_filter_no_driver),
        Some(_) if no_file() => say!(win_kernel_006_filter_no_file),
        Some(service) if service.start.as_ref().is_some_and(start) => {
            say!(win_kernel_006_filter_disabled)
        }
        Some(_) => return,
    };
    let gone = service.is_none() || no_file();
    let status = match level {
        Level {
            boots: true,
            of_class: true,
        } if gone => Status::Fail,
        // A disk of its own, which may be the one that Windows starts from.
        Level { boots: true, .. } | Level { of_class: true, .. } => Status::Unknown,
        // One device less, which Windows does not need for its start.
        Level { .. } => Status::Warn,
    };
    let note = match level.boots {
        true => say!(win_kernel_006_filter_boots, filter = filter),
        false => say!(win_kernel_006_filter, filter = filter),
    };
    let item = Item::at(at.clone(), note);
    found.add(
        status,
        item.compare(say!(win_kernel_006_filter_wanted), shown),
    );
    let key = at.key.as_deref().unwrap_or_default();
    let value = at.value.as_deref().unwrap_or_default();
    let fix = say!(win_fix_reg_entry, key = key, value = value, entry = filter);
    found.fix(commands::loaded(at, fix));
}
