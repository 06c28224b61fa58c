//! systemd units: which are reached from the default target, which are masked, what they run.
//! systemd.unit(5), systemd.service(5).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::conditions::{Machine, hold};
use super::{Inactive, ServiceUnit, Start, StartLine, Starter, UnitSetting, environment};
use crate::error::{Error, Layer};
use crate::evidence::linux::reader::{Reader, TextFile, base, join};
use crate::evidence::{Found, Gap, Location};
use crate::fs::FileKind;
use crate::text::lossless;

/// Unit folders, the first wins. `/run` is empty before the system boots.
const FOLDERS: &[&str] = &[
    "/etc/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];
/// Units that one system may reach.
const MAX_UNITS: usize = 8192;

/// The units of a guest.
#[derive(Debug, Default)]
pub(super) struct Units {
    /// Unit files by unit name: path, and whether it is masked.
    files: BTreeMap<String, (Vec<u8>, bool)>,
    /// Wants, requires and upholds links: unit, what it pulls in, and the link.
    links: BTreeMap<String, Vec<(String, Location, bool)>>,
    /// Which links there are: folder and unit.
    linked: BTreeSet<(String, String)>,
    /// Drop-in files by unit name, in the order of their names.
    drop_ins: BTreeMap<String, BTreeMap<Vec<u8>, Vec<u8>>>,
    /// Other names of a unit, made by links.
    aliases: BTreeMap<String, String>,
}

impl Units {
    pub(super) fn has(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    pub(super) fn is_masked(&self, name: &str) -> bool {
        self.files.get(name).is_some_and(|(_, masked)| *masked)
    }

    /// The file of a unit; for an instance that of its template.
    fn file(&self, name: &str) -> Option<&(Vec<u8>, bool)> {
        self.files
            .get(name)
            .or_else(|| self.files.get(&template(name)?))
    }
}

/// `a@b.service` → `a@.service`.
fn template(name: &str) -> Option<String> {
    let (stem, rest) = name.split_once('@')?;
    let (_, kind) = rest.rsplit_once('.')?;
    Some(format!("{stem}@.{kind}"))
}

pub(super) fn collect(
    reader: &Reader<'_>,
    all: &mut Start,
    users: &BTreeSet<String>,
    machine: Machine<'_>,
) -> Units {
    let mut units = Units::default();
    let mut folders: Vec<Vec<u8>> = Vec::new();
    for folder in FOLDERS {
        // With a merged /usr two of them are one.
        let Some(at) = reader.find(folder.as_bytes(), &mut all.gaps) else {
            continue;
        };
        if !folders.contains(&at.path) {
            folders.push(at.path);
        }
    }
    for folder in &folders {
        for path in reader.children(folder, &mut all.gaps) {
            entry(reader, &mut units, &path, &mut all.gaps);
        }
    }
    let mut parsed = BTreeMap::new();
    let reached = reach(reader, &units, &mut parsed, machine, &mut all.gaps);
    lines(reader, all, users, &units, &reached, parsed, machine);
    units
}

/// True for a link to `/dev/null`, which holds no file of its own in an image.
fn is_null(reader: &Reader<'_>, path: &[u8]) -> bool {
    let Ok(link) = reader.paths().resolve_link(path) else {
        return false;
    };
    link.metadata.kind == FileKind::Symlink
        && link
            .fs
            .read_link(link.id)
            .is_ok_and(|t| t == b"/dev/null" || t.ends_with(b"../dev/null"))
}

/// Sorts one name of a unit folder: a folder of links, of drop-ins, or a unit.
fn entry(reader: &Reader<'_>, units: &mut Units, path: &[u8], gaps: &mut Vec<Gap>) {
    let name = lossless(base(path));
    for ending in [".wants", ".requires", ".upholds"] {
        if let Some(unit) = name.strip_suffix(ending) {
            for link in reader.children(path, gaps) {
                let wanted = lossless(base(&link));
                let at = Location::of_path(lossless(&link));
                // The same name in a folder before it wins; a link to /dev/null takes it back.
                if units.linked.insert((name.clone(), wanted.clone())) {
                    let masked = is_null(reader, &link);
                    let all = units.links.entry(unit.into()).or_default();
                    all.push((wanted, at, masked));
                }
            }
            return;
        }
    }
    if let Some(unit) = name.strip_suffix(".d") {
        for file in reader.children(path, gaps) {
            if file.ends_with(b".conf") {
                let drop_ins = units.drop_ins.entry(unit.into()).or_default();
                drop_ins.entry(base(&file).to_vec()).or_insert(file);
            }
        }
        return;
    }
    let kinds = [
        ".service", ".target", ".timer", ".socket", ".path", ".mount",
    ];
    if !kinds.iter().any(|k| name.ends_with(k)) || units.files.contains_key(&name) {
        return;
    }
    // Masked: a link to /dev/null (which holds no file of its own here), or an empty file.
    let link = reader.paths().resolve_link(path);
    let link = match link.and_then(|at| at.sound().map(|()| at)) {
        Ok(at) => at,
        Err(e) => {
            gaps.push(Gap::at_path(lossless(path), &e));
            return;
        }
    };
    let mut masked = link.metadata.kind == FileKind::Regular && link.metadata.size == 0;
    if link.metadata.kind == FileKind::Symlink {
        match link.fs.read_link(link.id) {
            Ok(_) if is_null(reader, path) => masked = true,
            Ok(target) => {
                let to = lossless(base(&target));
                if to != name {
                    units.aliases.insert(name.clone(), to);
                }
            }
            Err(e) => gaps.push(Gap::at_path(lossless(path), &e)),
        }
    }
    units.files.insert(name, (path.to_vec(), masked));
}

/// What a unit file says, drop-ins included.
#[derive(Debug, Default, Clone)]
struct Unit {
    pulls: Vec<String>,
    /// Units without which it does not start.
    needs: Vec<Found<String>>,
    triggers: Option<String>,
    commands: Vec<Exec>,
    user: Option<Found<String>>,
    /// `Environment=`, by the order of its lines.
    environment: Vec<(String, String)>,
    /// `EnvironmentFile=` as it stands.
    environment_files: Vec<Found<String>>,
    /// `Condition…` and `Assert…` settings.
    conditions: Vec<Condition>,
    /// Every setting.
    settings: Vec<Found<UnitSetting>>,
    at: Option<Location>,
}

#[derive(Debug, Clone)]
struct Condition {
    key: String,
    value: String,
    at: Location,
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

/// Units reached from the default target, with what enables each.
fn reach(
    reader: &Reader<'_>,
    units: &Units,
    parsed: &mut BTreeMap<String, Unit>,
    machine: Machine<'_>,
    gaps: &mut Vec<Gap>,
) -> BTreeMap<String, Option<Location>> {
    let mut reached: BTreeMap<String, Option<Location>> = BTreeMap::new();
    let mut todo: VecDeque<(String, Option<Location>)> = VecDeque::new();
    // Every service wants these two by default, and basic.target the rest of an early boot.
    for first in ["default.target", "sysinit.target", "basic.target"] {
        todo.push_back((first.into(), None));
    }
    while let Some((name, by)) = todo.pop_front() {
        if units.is_masked(&name) || reached.contains_key(&name) {
            continue;
        }
        if reached.len() >= MAX_UNITS {
            let why = Error::limit(
                Layer::Config,
                None,
                say!(error_too_many, most = MAX_UNITS, what = "units"),
            );
            gaps.push(Gap::at_path("/etc/systemd/system", &why));
            break;
        }
        let mut names = BTreeSet::from([name.clone()]);
        if let Some(alias) = units.aliases.get(&name) {
            if units.is_masked(alias) {
                continue;
            }
            todo.push_back((alias.clone(), by.clone()));
        }
        names.extend(template(&name));
        for name in &names {
            for (wanted, link, masked) in units.links.get(name).into_iter().flatten() {
                if *masked {
                    continue;
                }
                todo.push_back((wanted.clone(), Some(link.clone())));
            }
        }
        if let Some((path, _)) = units.file(&name) {
            let unit = parse(reader, units, &name, path, gaps);
            if unit.holds(reader, machine) == Some(false) {
                parsed.insert(name.clone(), unit);
                continue;
            }
            let at = unit.at.clone();
            for pulled in unit.pulls.iter().chain(&unit.triggers) {
                todo.push_back((pulled.clone(), at.clone()));
            }
            parsed.insert(name.clone(), unit);
        }
        reached.insert(name, by);
    }
    reached
}

/// Reads a unit with its drop-ins.
fn parse(reader: &Reader<'_>, units: &Units, name: &str, path: &[u8], gaps: &mut Vec<Gap>) -> Unit {
    let mut unit = Unit::default();
    if let Some(stem) = [".timer", ".socket", ".path"]
        .iter()
        .find_map(|k| name.strip_suffix(k))
    {
        unit.triggers = Some(format!("{stem}.service"));
    }
    if let Some(file) = reader.text(path, gaps) {
        unit.at = Some(file.at.clone());
        settings(&mut unit, &file);
    }
    // `service.d` holds for every service.
    let class = name.rsplit_once('.').map(|(_, kind)| kind.to_owned());
    let kinds = class
        .into_iter()
        .chain(template(name))
        .chain([name.to_owned()]);
    for kind in kinds {
        for path in units
            .drop_ins
            .get(&kind)
            .into_iter()
            .flat_map(BTreeMap::values)
        {
            if let Some(file) = reader.text(path, gaps) {
                settings(&mut unit, &file);
            }
        }
    }
    unit
}

fn settings(unit: &mut Unit, file: &TextFile) {
    let mut section = "";
    let mut carried: Option<(usize, String)> = None;
    for (n, line) in file.lines() {
        let line = line.trim();
        if line.starts_with(['#', ';']) {
            continue;
        }
        let (n, line) = match carried.take() {
            Some((start, before)) => (start, format!("{before} {line}")),
            None => (n, line.to_owned()),
        };
        if let Some(more) = line.strip_suffix('\\') {
            carried = Some((n, more.to_owned()));
            continue;
        }
        if line.starts_with('[') {
            section = match line.as_str() {
                "[Unit]" => "unit",
                "[Service]" => "service",
                "[Timer]" | "[Socket]" | "[Path]" => "trigger",
                _ => "",
            };
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            continue;
        };
        let value = value.trim();
        let key = key.trim();
        if !section.is_empty() {
            unit.settings.push(Found {
                fact: UnitSetting {
                    key: key.to_owned(),
                    value: value.to_owned(),
                },
                at: file.line(n),
            });
        }
        let found = |text: &str| Found {
            fact: text.to_owned(),
            at: file.line(n),
        };
        match (section, key) {
            ("unit", "Wants" | "Requires" | "BindsTo" | "Requisite" | "Upholds") => {
                unit.pulls
                    .extend(value.split_whitespace().map(str::to_owned));
                if matches!(key, "Requires" | "BindsTo" | "Requisite") {
                    unit.needs.extend(value.split_whitespace().map(found));
                }
            }
            ("unit", key) if key.starts_with("Condition") || key.starts_with("Assert") => {
                // An empty value takes back all that was set before.
                if value.is_empty() {
                    let kind = &key[..6.min(key.len())];
                    unit.conditions.retain(|c| !c.key.starts_with(kind));
                } else {
                    unit.conditions.push(Condition {
                        key: key.to_owned(),
                        value: value.to_owned(),
                        at: file.line(n),
                    });
                }
            }
            ("service", "User") => {
                unit.user = Some(found(value)).filter(|v| !v.fact.is_empty());
            }
            ("service", "Environment") if value.is_empty() => unit.environment.clear(),
            ("service", "Environment") => {
                let words = environment::words(value);
                unit.environment.extend(
                    words
                        .iter()
                        .filter_map(|w| w.split_once('='))
                        .map(|(name, value)| (name.to_owned(), value.to_owned())),
                );
            }
            ("service", "EnvironmentFile") if value.is_empty() => unit.environment_files.clear(),
            ("service", "EnvironmentFile") => unit.environment_files.push(found(value)),
            // A service of its own for each connection.
            ("trigger", "Accept") if matches!(value, "yes" | "true" | "1" | "on") => {
                unit.triggers = unit
                    .triggers
                    .take()
                    .and_then(|t| Some(format!("{}@.service", t.strip_suffix(".service")?)));
            }
            ("trigger", "Unit" | "Service") => unit.triggers = Some(value.to_owned()),
            ("service", "ExecStart" | "ExecStartPre" | "ExecStartPost" | "ExecCondition") => {
                // An empty value takes back what was set before.
                if value.is_empty() {
                    unit.commands.retain(|c| c.key != key);
                } else {
                    let command = value.trim_start_matches(['@', '-', ':', '+', '!', '|']);
                    let prefix = &value[..value.len() - command.len()];
                    unit.commands.push(Exec {
                        key: key.to_owned(),
                        command: command.to_owned(),
                        may_fail: prefix.contains('-'),
                        at: file.line(n),
                    });
                }
            }
            _ => {}
        }
    }
}

impl Unit {
    /// Whether its conditions hold.
    fn holds(&self, reader: &Reader<'_>, machine: Machine<'_>) -> Option<bool> {
        let conditions = self.conditions.iter();
        hold(
            reader,
            machine,
            conditions.map(|c| (c.key.as_str(), c.value.as_str())),
        )
    }

    /// The conditions that can't be decided.
    fn undecided(&self, reader: &Reader<'_>, machine: Machine<'_>) -> Vec<Found<UnitSetting>> {
        let open = self.conditions.iter().filter(|c| {
            hold(
                reader,
                machine,
                std::iter::once((c.key.as_str(), c.value.trim_start_matches('|'))),
            )
            .is_none()
        });
        open.map(|c| Found {
            fact: UnitSetting {
                key: c.key.clone(),
                value: c.value.clone(),
            },
            at: c.at.clone(),
        })
        .collect()
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
            && !self
                .settings
                .iter()
                .any(|s| s.fact.key == "DynamicUser" && s.fact.value != "no")
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
    let words = environment::words(command);
    match words.as_slice() {
        [_, option, text] if option.starts_with('-') && option.contains('c') => {
            super::shell::fails(text, &|path| super::exists(reader, path))
        }
        _ => false,
    }
}

/// The commands of every service, and the services that are enabled.
fn lines(
    reader: &Reader<'_>,
    all: &mut Start,
    all_users: &BTreeSet<String>,
    units: &Units,
    reached: &BTreeMap<String, Option<Location>>,
    mut parsed: BTreeMap<String, Unit>,
    machine: Machine<'_>,
) {
    let users = |name: &str| all_users.is_empty() || all_users.contains(name);
    let has_unit = |name: &str| {
        units.file(name).is_some() || units.aliases.contains_key(name) || reached.contains_key(name)
    };
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
    let names: BTreeSet<&String> = units.files.keys().chain(reached.keys()).collect();
    for name in names {
        if !name.ends_with(".service") || units.aliases.contains_key(name) {
            continue;
        }
        let unit = match (parsed.remove(name), units.file(name)) {
            (Some(unit), _) => unit,
            (None, Some((path, masked))) if !masked => {
                parse(reader, units, name, path, &mut all.gaps)
            }
            // What a masked unit would run stands in the folder behind it.
            _ => match below_mask(reader, units, name, &mut all.gaps) {
                Some(unit) => unit,
                None => continue,
            },
        };
        let inactive = if units.is_masked(name) {
            Some(Inactive::Masked)
        } else if unit.holds(reader, machine) == Some(false) {
            Some(Inactive::ConditionFalse)
        } else if !reached.contains_key(name) {
            Some(Inactive::NotEnabled)
        } else if let Some(at) = unit.broken(reader, &users, &has_unit) {
            if let Some(service) = name.strip_suffix(".service") {
                all.services.remove(service);
                all.broken.insert(service.to_owned(), at);
            }
            Some(Inactive::FailsBefore)
        } else {
            None
        };
        let variables = environment::variables(
            reader,
            &unit.environment,
            &unit.environment_files,
            &mut all.gaps,
        );
        for exec in &unit.commands {
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
                    user: unit.user.as_ref().map(|u| u.fact.clone()),
                    inactive,
                    conditional: false,
                },
                at: exec.at.clone(),
            });
        }
        if inactive.is_none() {
            let undecided = unit.undecided(reader, machine);
            let service = ServiceUnit {
                settings: unit.settings,
                undecided,
                variables,
            };
            all.units.insert(name.clone(), service);
        }
    }
}

fn below_mask(reader: &Reader<'_>, units: &Units, name: &str, gaps: &mut Vec<Gap>) -> Option<Unit> {
    FOLDERS[1..].iter().find_map(|folder| {
        let path = join(folder.as_bytes(), name.as_bytes());
        reader.find(&path, gaps)?;
        let unit = parse(reader, units, name, &path, gaps);
        (!unit.commands.is_empty()).then_some(unit)
    })
}
