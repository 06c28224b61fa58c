//! systemd units: which are reached from the default target, which are masked, what they run.
//! systemd.unit(5), systemd.service(5).

use std::collections::{BTreeMap, BTreeSet};

use super::{Inactive, Start, StartLine, Starter};
use crate::evidence::linux::reader::Reader;
use crate::evidence::{Found, Gap, Location};
use crate::guest::linux::units::{Holds, Loaded, Units, hold};

pub(super) fn collect(reader: &Reader<'_>, pulls: &[Found<String>], all: &mut Start) -> Units {
    let units = Units::load(reader.paths(), &mut all.gaps);
    let reached = units.reach(reader.paths(), pulls, &mut all.gaps);
    lines(reader, all, &units, &reached.by, reached.loaded);
    units
}

/// What a service runs, and as whom.
#[derive(Default)]
struct Service {
    commands: Vec<(String, Location)>,
    user: Option<String>,
}

impl Service {
    fn of(unit: &Loaded) -> Self {
        let mut service = Self::default();
        for (setting, at) in unit.settings.iter().filter(|(s, _)| s.section == "Service") {
            let value = setting.value.as_str();
            match setting.key.as_str() {
                "User" => service.user = Some(value.to_owned()).filter(|v| !v.is_empty()),
                "ExecStart" | "ExecStartPre" | "ExecStartPost" => {
                    // An empty value takes back what was set before.
                    if value.is_empty() {
                        service.commands.clear();
                    } else {
                        let command = value.trim_start_matches(['@', '-', ':', '+', '!', '|']);
                        service.commands.push((command.to_owned(), at.clone()));
                    }
                }
                _ => {}
            }
        }
        service
    }
}

/// The commands of every service, and the services that are enabled.
fn lines(
    reader: &Reader<'_>,
    all: &mut Start,
    units: &Units,
    reached: &BTreeMap<String, Option<Location>>,
    mut parsed: BTreeMap<String, Loaded>,
) {
    for (name, by) in reached {
        if let Some(service) = name.strip_suffix(".service") {
            let own = parsed.get(name).and_then(|u| u.at.clone());
            // A link to a unit that is not there starts nothing.
            if let Some(own) = own {
                let at = by.clone().unwrap_or(own);
                all.services.insert(service.to_owned(), at);
            }
        }
    }
    let names: BTreeSet<&String> = units.names().chain(reached.keys()).collect();
    for name in names {
        if !name.ends_with(".service") || units.is_alias(name) {
            continue;
        }
        let unit = match (parsed.remove(name), units.file(name)) {
            (Some(unit), _) => unit,
            (None, Some(file)) if !file.masked => units.read(reader.paths(), name, &mut all.gaps),
            // What a masked unit would run stands in the folder behind it.
            _ => match below_mask(reader, units, name, &mut all.gaps) {
                Some(unit) => unit,
                None => continue,
            },
        };
        let inactive = if units.is_masked(name) {
            Some(Inactive::Masked)
        } else if hold(reader.paths(), &unit) == Holds::No {
            Some(Inactive::ConditionFalse)
        } else {
            (!reached.contains_key(name)).then_some(Inactive::NotEnabled)
        };
        let service = Service::of(&unit);
        for (command, at) in service.commands {
            all.lines.push(Found {
                fact: StartLine {
                    starter: Starter::Systemd,
                    command,
                    when: Some(name.clone()),
                    user: service.user.clone(),
                    inactive,
                    conditional: false,
                },
                at,
            });
        }
    }
}

fn below_mask(
    reader: &Reader<'_>,
    units: &Units,
    name: &str,
    gaps: &mut Vec<Gap>,
) -> Option<Loaded> {
    units.behind(name).iter().find_map(|path| {
        let unit = units.read_at(reader.paths(), name, path, gaps);
        let runs = !Service::of(&unit).commands.is_empty();
        runs.then_some(unit)
    })
}
