//! systemd units: which are reached from the default target, which are masked, what they run.
//! systemd.unit(5), systemd.service(5).

use std::collections::{BTreeMap, BTreeSet};

use super::{Inactive, ServiceUnit, Start, StartLine, Starter, UnitSetting, environment, shell};
use crate::evidence::linux::reader::Reader;
use crate::evidence::{Found, Gap, Location};
use crate::guest::linux::units::{
    Holds, Loaded, Machine, Reached, Setting, Units, hold, undecided,
};

/// Collects what systemd starts. `pulls` are units that lines of fstab pull in, `users` the
/// accounts that there are.
pub(super) fn collect(
    reader: &Reader<'_>,
    all: &mut Start,
    pulls: &[Found<String>],
    users: &BTreeSet<String>,
    machine: Machine<'_>,
) -> Units {
    let units = Units::load(reader.paths(), &mut all.gaps);
    let reached = units.reach(reader.paths(), pulls, machine, &mut all.gaps);
    lines(reader, all, users, &units, reached, machine);
    units
}

/// What a service says: what it runs, as whom, and what it can't do without.
#[derive(Debug, Default)]
struct Service {
    /// Units without which it does not start.
    needs: Vec<Found<String>>,
    commands: Vec<Exec>,
    user: Option<Found<String>>,
    /// `Environment=`, by the order of its lines.
    environment: Vec<(String, String)>,
    /// `EnvironmentFile=` as it stands.
    environment_files: Vec<Found<String>>,
    /// Accounts are made for it when it starts.
    dynamic_user: bool,
}

/// A command of a service.
#[derive(Debug, Clone)]
struct Exec {
    /// `ExecStart`, `ExecStartPre`, …
    key: String,
    /// Without its prefixes.
    command: String,
    /// With `-`: that it fails does not matter.
    may_fail: bool,
    at: Location,
}

/// A setting as the reports tell it.
fn told((setting, at): &(Setting, Location)) -> Found<UnitSetting> {
    Found {
        fact: UnitSetting {
            key: setting.key.clone(),
            value: setting.value.clone(),
        },
        at: at.clone(),
    }
}

impl Service {
    fn of(unit: &Loaded) -> Self {
        let mut service = Self::default();
        for (setting, at) in &unit.settings {
            service.set(setting, at);
        }
        service
    }

    fn set(&mut self, setting: &Setting, at: &Location) {
        let value = setting.value.as_str();
        let found = |text: &str| Found {
            fact: text.to_owned(),
            at: at.clone(),
        };
        match (setting.section.as_str(), setting.key.as_str()) {
            ("Unit", "Requires" | "BindsTo" | "Requisite") => {
                self.needs.extend(value.split_whitespace().map(found));
            }
            ("Service", "User") => {
                self.user = Some(found(value)).filter(|v| !v.fact.is_empty());
            }
            ("Service", "DynamicUser") => self.dynamic_user = value != "no",
            ("Service", "Environment") if value.is_empty() => self.environment.clear(),
            ("Service", "Environment") => {
                let words = shell::quoted_words(value);
                let pairs = words.iter().filter_map(|w| w.split_once('='));
                let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
                self.environment.extend(pairs);
            }
            ("Service", "EnvironmentFile") if value.is_empty() => self.environment_files.clear(),
            ("Service", "EnvironmentFile") => self.environment_files.push(found(value)),
            (
                "Service",
                key @ ("ExecStart" | "ExecStartPre" | "ExecStartPost" | "ExecCondition"),
            ) => {
                // An empty value takes back what was set before.
                if value.is_empty() {
                    self.commands.retain(|c| c.key != key);
                } else {
                    let command = value.trim_start_matches(['@', '-', ':', '+', '!', '|']);
                    let prefix = &value[..value.len() - command.len()];
                    self.commands.push(Exec {
                        key: key.to_owned(),
                        command: command.to_owned(),
                        may_fail: prefix.contains('-'),
                        at: at.clone(),
                    });
                }
            }
            _ => {}
        }
    }

    /// Why it certainly fails before its programs have run: a file or an account that is missing,
    /// or a command before them that fails. The place is that of the setting.
    fn broken(
        &self,
        reader: &Reader<'_>,
        users: &dyn Fn(&str) -> bool,
        has_unit: &dyn Fn(&str) -> bool,
    ) -> Option<Location> {
        for file in &self.environment_files {
            if !file.fact.starts_with('-')
                && !file.fact.contains(['%', '*', '?', '['])
                && super::exists(reader, &file.fact) == Some(false)
            {
                return Some(file.at.clone());
            }
        }
        if let Some(user) = &self.user
            && !user.fact.contains('%')
            && !user.fact.chars().all(|c| c.is_ascii_digit())
            && !users(&user.fact)
            && !self.dynamic_user
        {
            return Some(user.at.clone());
        }
        for need in &self.needs {
            let is_file = [".service", ".socket", ".target"]
                .iter()
                .any(|k| need.fact.ends_with(k));
            if is_file && !need.fact.contains(['%', '@']) && !has_unit(&need.fact) {
                return Some(need.at.clone());
            }
        }
        for command in &self.commands {
            let before = matches!(command.key.as_str(), "ExecStartPre" | "ExecCondition");
            if before && !command.may_fail && fails(reader, &command.command) {
                return Some(command.at.clone());
            }
        }
        None
    }
}

/// True for a command that certainly fails: `false`, or a program that is not there.
fn fails(reader: &Reader<'_>, command: &str) -> bool {
    let calls = super::exec_calls(command, &|path| super::exists(reader, path));
    let Some(first) = calls.first() else {
        return false;
    };
    let program = first.program.as_str();
    if program.starts_with('/') && super::exists(reader, program) == Some(false) {
        return true;
    }
    if program.rsplit('/').next() == Some("false") {
        return true;
    }
    let words = shell::quoted_words(command);
    match words.as_slice() {
        [_, option, text] if option.starts_with('-') && option.contains('c') => {
            super::shell::fails(text, &|path| super::exists(reader, path))
        }
        _ => false,
    }
}

/// The unit that systemd-rc-local-generator(8) starts where `rc.local` may be run.
const RC_LOCAL: &str = "rc-local.service";

/// Settings of the units that start by which these stop others, or let others wait for as long as they
/// like: systemd.unit(5), systemd.service(5).
fn against(
    by: &BTreeMap<String, Option<Location>>,
    loaded: &BTreeMap<String, Loaded>,
) -> Vec<Found<UnitSetting>> {
    let mut all = Vec::new();
    for (_, unit) in loaded.iter().filter(|(name, _)| by.contains_key(*name)) {
        let kind = unit.last("Service", "Type").unwrap_or("simple");
        let bounded = unit.last("Service", "TimeoutStartSec");
        let bounded = bounded.or(unit.last("Service", "TimeoutSec"));
        let bounded = bounded.is_some_and(|v| !matches!(v, "0" | "infinity"));
        let waits = kind == "oneshot" && !bounded;
        for (setting, at) in unit.settings.iter().filter(|(s, _)| s.section == "Unit") {
            let counts = match setting.key.as_str() {
                "Conflicts" | "PropagatesStopTo" => true,
                "Before" => waits,
                _ => false,
            };
            if counts {
                all.push(told(&(setting.clone(), at.clone())));
            }
        }
    }
    all
}

/// The commands of every service, and the services that are enabled.
fn lines(
    reader: &Reader<'_>,
    all: &mut Start,
    all_users: &BTreeSet<String>,
    units: &Units,
    reached: Reached,
    machine: Machine<'_>,
) {
    let Reached { by, mut loaded } = reached;
    let users = |name: &str| all_users.is_empty() || all_users.contains(name);
    let has_unit =
        |name: &str| units.file(name).is_some() || units.is_alias(name) || by.contains_key(name);
    for (name, by) in &by {
        if let Some(service) = name.strip_suffix(".service") {
            let own = loaded.get(name).and_then(|u| u.at.clone());
            // A link to a unit that is not there starts nothing.
            if let Some(own) = own {
                let at = by.clone().unwrap_or(own);
                all.services.insert(service.to_owned(), at);
            }
        }
    }
    all.against = against(&by, &loaded);
    let names: BTreeSet<&String> = units.names().chain(by.keys()).collect();
    for name in names {
        if !name.ends_with(".service") || units.is_alias(name) {
            continue;
        }
        let unit = match (loaded.remove(name), units.file(name)) {
            (Some(unit), _) => unit,
            (None, Some(file)) if !file.masked => units.read(reader.paths(), name, &mut all.gaps),
            // What a masked unit would run stands in the folder behind it.
            _ => match below_mask(reader, units, name, &mut all.gaps) {
                Some(unit) => unit,
                None => continue,
            },
        };
        let service = Service::of(&unit);
        let inactive = if units.is_masked(name) {
            Some(Inactive::Masked)
        } else if hold(reader.paths(), machine, &unit) == Holds::No {
            Some(Inactive::ConditionFalse)
        } else if !by.contains_key(name) && name != RC_LOCAL {
            Some(Inactive::NotEnabled)
        } else if let Some(at) = service.broken(reader, &users, &has_unit) {
            if let Some(service) = name.strip_suffix(".service") {
                all.services.remove(service);
                all.broken.insert(service.to_owned(), at);
            }
            Some(Inactive::FailsBefore)
        } else {
            None
        };
        let works = inactive.is_none();
        // What its generator has it start stands in rc.local, line by line.
        let generated = works && !by.contains_key(name);
        let inactive = inactive.or(generated.then_some(Inactive::NotEnabled));
        let variables = environment::variables(
            reader,
            &service.environment,
            &service.environment_files,
            &mut all.gaps,
        );
        for exec in &service.commands {
            // What fails before the others run has run itself.
            let inactive = match inactive {
                Some(Inactive::FailsBefore) if exec.key == "ExecStartPre" => None,
                other => other,
            };
            all.lines.push(Found {
                fact: StartLine {
                    starter: Starter::Systemd,
                    command: environment::expand(&exec.command, &variables, name),
                    when: Some(name.clone()),
                    user: service.user.as_ref().map(|u| u.fact.clone()),
                    inactive,
                    conditional: false,
                },
                at: exec.at.clone(),
            });
        }
        if works {
            let sections = ["Unit", "Service"];
            let settings = unit.settings.iter();
            let settings = settings.filter(|(s, _)| sections.contains(&s.section.as_str()));
            let open = undecided(reader.paths(), machine, &unit);
            let service = ServiceUnit {
                settings: settings.map(told).collect(),
                undecided: open.into_iter().map(told).collect(),
                variables,
            };
            all.units.insert(name.clone(), service);
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
