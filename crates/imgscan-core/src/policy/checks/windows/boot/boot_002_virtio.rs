//! WIN-BOOT-002: the virtio drivers start with the system and are signed.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::error::{Error, Layer};
use crate::evidence::Gap;
use crate::evidence::windows::{Datum, Image, Service, Services, Signed};
use crate::policy::checks::findings::{Findings, worse};
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::programs::signature;
use crate::policy::checks::windows::values::{SET, Values};
use crate::policy::checks::windows::{commands, matches};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// The drivers that an image needs in the cloud.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks::windows) struct VirtioDrivers {
    /// Patterns of the services of storage drivers, one of which has to start with the system.
    storage: Vec<String>,
    /// Patterns of those of network drivers.
    network: Vec<String>,
    /// Patterns of those of other devices, which are listed only.
    others: Vec<String>,
    /// PCI identifiers of the storage devices that the system has to know.
    devices: Vec<String>,
}

impl Parameters for VirtioDrivers {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::some("storage", &self.storage)?;
        valid::some("network", &self.network)?;
        valid::entries("others", &self.others)?;
        valid::some("devices", &self.devices)
    }
}

pub(in crate::policy::checks::windows) fn run(
    context: &Context<'_>,
    with: &VirtioDrivers,
) -> Outcome {
    let mut found = Findings::new();
    let services = match context.evidence.windows.services() {
        Ok(services) => services,
        Err(gap) => {
            found.gap(gap);
            return found.conclude(|_, _| say!(win_boot_002_pass));
        }
    };
    let mut seen = Seen {
        context,
        services,
        items: Vec::new(),
        found,
    };
    let storage = seen.best(&with.storage, 0);
    let network = seen.best(&with.network, 3);
    seen.best(&with.others, 3);
    let known = seen.devices(with);
    if storage.is_none() || network.is_none() {
        seen.found.gaps(services.gaps.iter().cloned());
        for (driver, names, missing) in [
            (storage, &with.storage, Status::Fail),
            (network, &with.network, Status::Warn),
        ] {
            if driver.is_none() {
                let item = Item::at(services.at.clone(), say!(win_boot_002_none));
                let wanted = Text::list(names.iter());
                seen.add(missing, item.compare(wanted, say!(win_none_of_these)));
            }
        }
    }
    let Seen {
        items, mut found, ..
    } = seen;
    let (status, reason) = judge(storage, network, known, services);
    for (of_item, item) in items {
        // An item counts for no more than the whole: one driver of a kind is enough.
        let worse = of_item.rank() > status.rank();
        found.add(if worse { status } else { of_item }, item);
    }
    found.concluded(status, |_, _| reason.clone())
}

/// The status, and why.
fn judge(
    storage: Option<Driver>,
    network: Option<Driver>,
    known: bool,
    services: &Services,
) -> (Status, Text) {
    let signed = worse(
        storage.map_or(Status::Pass, |d| d.signed),
        network.map_or(Status::Pass, |d| d.signed),
    );
    match (storage.map(|d| d.starts), network.map(|d| d.starts)) {
        (Some(Status::Pass | Status::Warn), _) if signed == Status::Fail => {
            (Status::Fail, say!(win_boot_002_modified))
        }
        (Some(Status::Pass), Some(Status::Pass)) if signed == Status::Warn => {
            (Status::Warn, say!(win_boot_002_unsigned))
        }
        (Some(Status::Pass), Some(Status::Pass)) if known => {
            (Status::Pass, say!(win_boot_002_pass))
        }
        (Some(Status::Pass), Some(Status::Pass)) => (Status::Warn, say!(win_boot_002_no_device)),
        (Some(Status::Pass), _) => (Status::Warn, say!(win_boot_002_no_network)),
        (Some(Status::Warn), _) => (Status::Warn, say!(win_boot_002_late)),
        _ if !services.gaps.is_empty() => (Status::Unknown, say!(win_boot_002_unknown)),
        _ => (Status::Fail, say!(win_boot_002_fail)),
    }
}

/// A driver of a service.
#[derive(Clone, Copy)]
struct Driver {
    /// How well it starts.
    starts: Status,
    /// What its signature says.
    signed: Status,
}

/// What was seen so far.
struct Seen<'a> {
    context: &'a Context<'a>,
    services: &'a Services,
    items: Vec<(Status, Item)>,
    found: Findings,
}

impl Seen<'_> {
    fn add(&mut self, status: Status, item: Item) {
        self.items.push((status, item));
    }

    /// How well the best of the services that `names` name starts; `limit` is the latest start type
    /// that is good. `None` where there is none.
    fn best(&mut self, names: &[String], limit: u32) -> Option<Driver> {
        let named = |s: &&Service| names.iter().any(|n| matches(n, &s.name));
        let services: Vec<&Service> = self.services.items.iter().filter(named).collect();
        let mut out: Option<Driver> = None;
        for service in services {
            let this = self.driver(service, limit);
            out = Some(match out {
                Some(before) if worse(before.starts, this.starts) == this.starts => before,
                _ => this,
            });
        }
        out
    }

    fn driver(&mut self, service: &Service, limit: u32) -> Driver {
        self.found.gaps(service.gaps.iter().cloned());
        let name = service.name.as_str();
        let key = format!(r"{SET}\Services\{name}");
        let start = service.start.as_ref();
        let mut starts = match start.map(|s| s.fact) {
            Some(start) if start <= limit => Status::Pass,
            Some(1 | 2) => Status::Warn,
            // A start type that can't be read is a gap, and no start type.
            None if !service.gaps.is_empty() => Status::Pass,
            _ => Status::Fail,
        };
        let values = Values::of(self.context);
        let at = start.map_or_else(|| values.place(&key, "Start"), |s| s.at.clone());
        let wanted = match limit {
            0 => say!(win_boot_002_boot_start),
            _ => say!(win_boot_002_any_start),
        };
        let shown = match start {
            Some(start) => Text::verbatim(start.fact.to_string()),
            None => say!(win_value_absent),
        };
        if starts != Status::Pass {
            let key = at.key.clone().unwrap_or(key.clone());
            let limit = limit.to_string();
            self.found
                .fix(commands::set_value(&key, "Start", "REG_DWORD", limit));
        }
        let item = Item::at(at, say!(win_boot_002_start, service = name));
        self.add(starts, item.compare(wanted, shown));
        // A value 3 here holds the driver back although its start type says otherwise.
        for value in values.all(&mut self.found, &format!(r"{key}\StartOverride"), "*") {
            if !matches!(&value.fact.data, Datum::Number(n) if *n >= 3) {
                continue;
            }
            let counts = value.fact.name == "0";
            if counts {
                starts = Status::Fail;
            }
            let key = value.at.key.clone().unwrap_or_default();
            self.found
                .fix(commands::delete_value(&key, &value.fact.name));
            let item = Item::at(value.at, say!(win_boot_002_override, service = name));
            let shown = Text::verbatim(value.fact.data.to_string());
            let status = if counts { Status::Fail } else { Status::Pass };
            self.add(
                status,
                item.compare(say!(win_boot_002_override_wanted), shown),
            );
        }
        let signed = match self.context.evidence.windows.image(service) {
            Image::File(file) => {
                let path = file.at.path.clone().unwrap_or_default();
                let (_, by) = self.context.evidence.windows.signed_file(&path);
                let (signed, why) = signature(by.as_ref());
                if let Some(Signed::Unproven(why)) = &by {
                    let why = Error::unsupported(Layer::Pe, None, why.clone());
                    self.found.gap(Gap::new(file.at.clone(), &why));
                }
                let note = say!(
                    win_boot_002_driver,
                    service = name,
                    bytes = file.metadata.size,
                    why = why
                );
                let mut item = Item::at(file.at, note);
                if signed != Status::Pass {
                    item.expected = Some(say!(win_boot_002_signature));
                    let path = commands::plain(&path);
                    self.found.fix(say!(win_boot_002_fix_driver, path = path));
                }
                self.add(signed, item);
                signed
            }
            Image::Missing(path) => {
                starts = Status::Fail;
                let item = Item::at(
                    service.at.clone(),
                    say!(win_boot_002_missing, service = name),
                );
                self.found
                    .fix(say!(win_boot_002_fix_driver, path = commands::plain(&path)));
                let item = item.compare(Text::verbatim(path), say!(win_no_file));
                self.add(Status::Fail, item);
                Status::Pass
            }
            Image::None => Status::Pass,
            Image::Unknown(gap) => {
                self.found.gap(gap);
                Status::Pass
            }
        };
        Driver { starts, signed }
    }

    /// True where the driver database, or the list of critical devices before Windows 8, names one
    /// of the storage devices.
    fn devices(&mut self, with: &VirtioDrivers) -> bool {
        let lists = [
            r"HKLM\SYSTEM\DriverDatabase\DeviceIds\PCI\*".to_owned(),
            format!(r"{SET}\Control\CriticalDeviceDatabase\*"),
        ];
        let values = Values::of(self.context);
        let mut known = None;
        for list in lists {
            for key in values.keys(&mut self.found, &list) {
                let name = key.fact.trim_start_matches("PCI#");
                let name = name.trim_start_matches("pci#");
                let is = |device: &String| {
                    let head = name.get(..device.len());
                    head.is_some_and(|h| h.eq_ignore_ascii_case(device))
                };
                if known.is_none() && with.devices.iter().any(is) {
                    known = Some(key.at);
                }
            }
        }
        if let Some(at) = known {
            self.add(Status::Pass, Item::at(at, say!(win_boot_002_device)));
            return true;
        }
        let windows = &self.context.evidence.windows;
        let at = windows.place(r"HKLM\SYSTEM\DriverDatabase\DeviceIds\PCI", None);
        let item = Item::at(at, say!(win_boot_002_device_absent));
        let wanted = Text::list(with.devices.iter());
        self.add(Status::Warn, item.compare(wanted, say!(win_none_of_these)));
        false
    }
}
