//! WIN-CAP-002: what making an image and shutting down need.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::Location;
use crate::evidence::windows::{Datum, Services};
use crate::fs::Content;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::agents::service::named;
use crate::policy::checks::windows::firewall::{self, Need};
use crate::policy::checks::windows::kernel::kernel_007_early_values as early;
use crate::policy::checks::windows::kernel::kernel_007_pending::is_harmless;
use crate::policy::checks::windows::rules::{self, Rule};
use crate::policy::checks::windows::values::{SET, Values};
use crate::policy::checks::windows::{agents, commands, texts_of};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// The flag of an NTFS volume that autochk.exe has to check.
const DIRTY: &str = "VOLUME_IS_DIRTY";
/// Characters of a list of pending changes that are shown.
const SHOWN: usize = 200;

/// Services that making an image and shutting down need.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct BasicServices {
    /// Services without which no image can be made.
    needed: Vec<String>,
    /// Services whose absence is a warning.
    wanted: Vec<String>,
    /// Those of them that start automatically on a fresh Windows, for the advice; the others are
    /// started on demand.
    automatic: Vec<String>,
    /// Services and drivers that a start, a logon or the network needs where they are there, with the
    /// latest start type that serves (0 with the loader, 1 with the kernel, 2 by itself, 3 on demand).
    on_time: Vec<(String, u32)>,
    /// What registry values may be for Windows to start, to run on and to write over nothing.
    settings: Vec<Rule>,
}

impl Parameters for BasicServices {
    fn validate(&self) -> Result<(), BadParameter> {
        let all = [&self.needed[..], &self.wanted].concat();
        valid::some("needed", &self.needed)?;
        valid::entries("wanted", &self.wanted)?;
        valid::entries("needed and wanted", &all)?;
        valid::entries("automatic", &self.automatic)?;
        let on_time: Vec<&str> = self.on_time.iter().map(|(name, _)| name.as_str()).collect();
        valid::entries("on_time", &on_time)?;
        rules::validate(&self.settings, "settings")?;
        for (i, name) in self.automatic.iter().enumerate() {
            if !all.contains(name) {
                let problem = say!(policy_bad_unneeded, name = name.as_str());
                return Err(BadParameter::new(format!("automatic[{i}]"), problem));
            }
        }
        Ok(())
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &BasicServices) -> Outcome {
    let mut found = Findings::new();
    let services = match context.evidence.windows.services() {
        Ok(services) => services,
        Err(gap) => {
            found.gap(gap);
            return found.unreadable();
        }
    };
    for (names, effect) in [(&with.needed, Status::Fail), (&with.wanted, Status::Warn)] {
        for name in names {
            startable(services, with, name, effect, &mut found);
            if let Some(service) = named(services, name).filter(|_| effect == Status::Fail) {
                agents::service::startable(context, service, effect, &mut found);
            }
        }
    }
    on_time(services, with, &mut found);
    bound(context, services, &mut found);
    switched_off(context, &mut found);
    starved(context, &mut found);
    packets(context, &mut found);
    rules::apply(context, &with.settings, &mut found);
    pending(context, &mut found);
    checked(context, &mut found);
    hibernated(context, &mut found);
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_cap_002_fail, count = count),
        Status::Unknown => say!(win_cap_002_unknown, count = count),
        Status::Warn => say!(win_cap_002_warn, count = count),
        _ => say!(win_cap_002_pass),
    })
}

/// Files a service that can't start.
fn startable(
    services: &Services,
    with: &BasicServices,
    name: &str,
    effect: Status,
    found: &mut Findings,
) {
    let service = named(services, name);
    let start = service.and_then(|s| s.start.as_ref());
    let (at, shown) = match (service, start) {
        (_, Some(start)) => (
            start.at.clone(),
            say!(win_service_start_type, start = start.fact),
        ),
        (Some(service), None) => {
            found.gaps(service.gaps.iter().cloned());
            (service.at.clone(), say!(win_service_no_start))
        }
        (None, _) => {
            found.gaps(services.gaps.iter().cloned());
            (services.at.clone(), say!(win_service_absent))
        }
    };
    if !start.map_or(found.complete(), |s| s.fact >= 4) {
        return;
    }
    let item = Item::at(at, say!(win_cap_002_service, service = name));
    found.add(effect, item.compare(Text::verbatim("0–3"), shown));
    let start = if with.automatic.iter().any(|n| n == name) {
        "2"
    } else {
        "3"
    };
    found.fix(match service {
        Some(_) => {
            let key = format!(r"{SET}\Services\{name}");
            commands::set_value(&key, "Start", "REG_DWORD", start)
        }
        None => say!(win_cap_002_fix_absent, service = name),
    });
}

/// Files what starts later than Windows needs it.
fn on_time(services: &Services, with: &BasicServices, found: &mut Findings) {
    for (name, latest) in &with.on_time {
        let start = named(services, name).and_then(|service| service.start.as_ref());
        let Some(start) = start.filter(|start| start.fact > *latest) else {
            continue;
        };
        let wanted = say!(win_service_start_type, start = *latest);
        let shown = say!(win_service_start_type, start = start.fact);
        let note = say!(win_cap_002_late, service = name.as_str());
        found.unknown(Item::at(start.at.clone(), note).compare(wanted, shown));
        let key = format!(r"{SET}\Services\{name}");
        found.fix(commands::set_value(
            &key,
            "Start",
            "REG_DWORD",
            latest.to_string(),
        ));
    }
}

/// Filters of the network that an adapter is not bound without (Microsoft, "Specifying a filter run type"), and
/// that can't be loaded.
fn bound(context: &Context<'_>, services: &Services, found: &mut Findings) {
    const MANDATORY: u64 = 1;
    let values = Values::of(context);
    let key = format!(r"{SET}\Control\Network\{{4d36e974-e325-11ce-bfc1-08002be10318}}\*\Ndi");
    for value in values.all(found, &key, "FilterRunType") {
        let key = value.at.key.clone().unwrap_or_default();
        let media = values.text(found, &format!(r"{key}\Interfaces"), "FilterMediaTypes");
        let is_ethernet = media.is_none_or(|media| {
            let mut all = media.fact.split(',').map(str::trim);
            all.any(|medium| medium.eq_ignore_ascii_case("ethernet"))
        });
        if value.fact.data != Datum::Number(MANDATORY) || !is_ethernet {
            continue;
        }
        let name = values.text(found, &key, "Service");
        let name = name.map(|n| n.fact).unwrap_or_default();
        let service = named(services, &name);
        let start = service.and_then(|s| s.start.as_ref());
        let shown = match (service, start) {
            (None, _) if !services.gaps.is_empty() => {
                found.gaps(services.gaps.iter().cloned());
                continue;
            }
            (None, _) => say!(win_service_absent),
            (Some(_), Some(start)) if start.fact >= 4 => {
                say!(win_service_start_type, start = start.fact)
            }
            _ => continue,
        };
        let note = say!(win_cap_002_network_filter, service = name.as_str());
        found.unknown(Item::at(value.at, note).compare(Text::verbatim("0–3"), shown));
        found.fix(say!(win_cap_002_fix_network_filter, key = key));
    }
}

/// Devices of the provider's that are switched off in the device manager (`CONFIGFLAG_DISABLED`, regstr.h).
fn switched_off(context: &Context<'_>, found: &mut Findings) {
    const DISABLED: u64 = 1;
    /// Virtio's network, disk and SCSI, in their old and new forms (Virtual I/O Device Version 1.2, 4.1.2), and
    /// discs.
    const DEVICES: [&str; 7] = [
        r"\pci\ven_1af4&dev_1000",
        r"\pci\ven_1af4&dev_1001",
        r"\pci\ven_1af4&dev_1004",
        r"\pci\ven_1af4&dev_1041",
        r"\pci\ven_1af4&dev_1042",
        r"\pci\ven_1af4&dev_1048",
        r"\cdrom",
    ];
    let values = Values::of(context);
    for value in values.all(found, &format!(r"{SET}\Enum\*\*\*"), "ConfigFlags") {
        let Datum::Number(flags) = value.fact.data else {
            continue;
        };
        let key = value.at.key.clone().unwrap_or_default();
        let lower = key.to_lowercase();
        if flags & DISABLED == 0 || !DEVICES.iter().any(|device| lower.contains(device)) {
            continue;
        }
        let item = Item::at(value.at, say!(win_cap_002_device_off));
        let shown = Text::verbatim(format!("{flags:#x}"));
        found.unknown(item.compare(Text::verbatim("0"), shown));
        found.fix(commands::set_value(&key, "ConfigFlags", "REG_DWORD", "0"));
    }
}

/// Rules of the firewall that keep Windows from its address and from names.
fn starved(context: &Context<'_>, found: &mut Findings) {
    let rules = firewall::rules(Values::of(context), found);
    for need in [Need::Addresses, Need::Names] {
        firewall::tell_starving(need, &rules, found);
    }
}

/// Adapters that send packets so small that nothing gets on; every host takes some of 576 bytes (RFC 791).
fn packets(context: &Context<'_>, found: &mut Findings) {
    const LEAST: u64 = 576;
    let values = Values::of(context);
    for version in ["Tcpip", "Tcpip6"] {
        let key = format!(r"{SET}\Services\{version}\Parameters\Interfaces\*");
        for size in values.all(found, &key, "MTU") {
            if matches!(size.fact.data, Datum::Number(bytes) if bytes == 0 || bytes >= LEAST) {
                continue;
            }
            let key = size.at.key.clone().unwrap_or_default();
            let item = Item::at(size.at, say!(win_cap_002_packets));
            let shown = Text::verbatim(size.fact.data.to_string());
            found.unknown(item.compare(Text::verbatim(format!("≥ {LEAST}")), shown));
            found.fix(commands::delete_value(&key, "MTU"));
        }
    }
}

/// Changes that wait for a restart; temporary files that are cleared away then are none.
fn pending(context: &Context<'_>, found: &mut Findings) {
    let values = Values::of(context);
    let harmless = texts_of(context.policy, early::NAME, "harmless");
    let all = found.keep(context.evidence.windows.pending_renames());
    let mut all = all.into_iter();
    if let Some(first) = all.find(|it| !is_harmless(&harmless, &it.fact)) {
        let it = &first.fact;
        let to = it.to.as_deref().unwrap_or_default();
        let shown: String = format!("{}; {to}", it.from).chars().take(SHOWN).collect();
        let item = Item::at(first.at, say!(win_cap_002_pending_files));
        found.warn(item.compare(say!(win_nothing), Text::verbatim(shown)));
        found.fix(say!(win_cap_002_fix_restart));
    }
    let servicing =
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending";
    for key in values.keys(found, servicing) {
        let item = Item::at(key.at, say!(win_cap_002_pending_updates));
        found.warn(item.compare(say!(win_key_absent), Text::verbatim(key.fact)));
        found.fix(say!(win_cap_002_fix_restart));
    }
}

/// Volumes that Windows checks at its next start: what it repairs is other than what is seen here.
fn checked(context: &Context<'_>, found: &mut Findings) {
    for volume in context.evidence.guest.paths.volumes() {
        let Content::FileSystem(fs) = &volume.content else {
            continue;
        };
        let mut flags = fs.unclean().into_iter();
        let Some(flag) = flags.find(|flag| *flag == Text::verbatim(DIRTY)) else {
            continue;
        };
        let at = Location {
            volume: Some(volume.volume.name.clone()),
            ..Location::default()
        };
        let item = Item::at(at, say!(win_cap_002_checked));
        found.unknown(item.compare(say!(win_none), flag));
        found.fix(say!(win_cap_002_fix_checked));
    }
}

/// A hibernated system: its memory is in a file, and its volumes are not closed.
fn hibernated(context: &Context<'_>, found: &mut Findings) {
    let windows = &context.evidence.windows;
    let path = format!(r"{}\hiberfil.sys", windows.roots().drive);
    let read = found.read(windows.head(&path, 4));
    if let Some((at, head)) = read
        && matches!(head.to_ascii_lowercase().as_slice(), b"hibr" | b"wake")
    {
        let item = Item::at(at, say!(win_cap_002_hibernated));
        let shown = Text::verbatim(crate::text::lossless(&head));
        found.warn(item.compare(say!(win_cap_002_no_memory), shown));
        found.fix(say!(win_cap_002_fix_hibernated));
    }
}
