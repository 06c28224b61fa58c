//! systemd units: where they come from, which the system reaches by itself, and what they say.
//! systemd.unit(5).

mod conditions;
mod file;
pub(crate) mod name;
mod presets;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub(crate) use conditions::{Holds, Machine, hold, undecided};
pub(crate) use file::{Setting, settings};
pub(crate) use presets::Presets;

use crate::error::{Error, Layer};
use crate::fs::FileKind;
use crate::guest::listing::{base, children};
use crate::guest::{Found, Gap, Location, PathSpace};
use crate::text::lossless;

/// Unit folders, the first wins (systemd.unit(5), table 1). `/run` is empty before the system
/// boots.
pub(crate) const FOLDERS: &[&str] = &[
    "/etc/systemd/system.control",
    "/etc/systemd/system",
    "/etc/systemd/system.attached",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];
/// Endings of the units that are read.
pub(crate) const KINDS: &[&str] = &[
    ".service",
    ".target",
    ".timer",
    ".socket",
    ".path",
    ".mount",
    ".automount",
    ".swap",
    ".slice",
];
/// The folders that come before the units that generators write.
const BEFORE_GENERATORS: &[&str] = &[
    "/etc/systemd/system.control",
    "/etc/systemd/system",
    "/etc/systemd/system.attached",
];
/// Units that one system may reach.
const MAX_UNITS: usize = 8192;
/// Settings of one unit in all of its drop-ins.
const MAX_SETTINGS: usize = 20_000;
/// The longest unit file that is read, in bytes.
const MAX_FILE: u64 = 1024 * 1024;

/// A unit's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnitFile {
    /// Its path.
    pub(crate) path: Vec<u8>,
    /// It is a link to `/dev/null`, or empty: the unit can't start.
    pub(crate) masked: bool,
    /// Its folder comes before what generators write.
    pub(crate) before_generators: bool,
}

/// A link in a `.wants`, `.requires` or `.upholds` folder.
#[derive(Debug, Clone)]
struct Link {
    /// The unit that it pulls in: the link's own name.
    unit: String,
    at: Location,
    /// It leads to `/dev/null`, which takes back a link of a later folder.
    masked: bool,
}

/// The units of a system by name.
#[derive(Debug, Default)]
pub(crate) struct Units {
    files: BTreeMap<String, UnitFile>,
    /// What stands behind the first file of a name.
    behind: BTreeMap<String, Vec<Vec<u8>>>,
    links: BTreeMap<String, Vec<Link>>,
    /// Which links there are: folder and unit.
    linked: BTreeSet<(String, String)>,
    /// Drop-in files by the name before `.d` and their own name.
    drop_ins: BTreeMap<String, BTreeMap<Vec<u8>, Vec<u8>>>,
    /// Other names of a unit, made by links.
    aliases: BTreeMap<String, String>,
}

/// What a unit says: its file and drop-ins in the order in which they are read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Loaded {
    /// Its file, where it could be read.
    pub(crate) at: Option<Location>,
    /// Its assignments, each with its place.
    pub(crate) settings: Vec<(Setting, Location)>,
}

impl Loaded {
    /// The assignments of one section.
    pub(crate) fn of(&self, section: &str) -> impl Iterator<Item = &Setting> {
        let all = self.settings.iter().map(|(setting, _)| setting);
        all.filter(move |s| s.section == section)
    }

    /// The last assignment of a single value; `None` where there is none or an empty one.
    #[must_use]
    pub(crate) fn last(&self, section: &str, key: &str) -> Option<&str> {
        let mut all = self.settings.iter().map(|(setting, _)| setting);
        let value = all.rfind(|s| s.section == section && s.key == key)?;
        Some(value.value.as_str()).filter(|v| !v.is_empty())
    }
}

/// The units that the system starts by itself.
#[derive(Debug, Default)]
pub(crate) struct Reached {
    /// By name, with what enables each.
    pub(crate) by: BTreeMap<String, Option<Location>>,
    /// What was read on the way, also of units whose conditions fail.
    pub(crate) loaded: BTreeMap<String, Loaded>,
}

/// `a@b.service` → `a@.service`.
fn template(name: &str) -> Option<String> {
    let (stem, rest) = name.split_once('@')?;
    let (_, kind) = rest.rsplit_once('.')?;
    Some(format!("{stem}@.{kind}"))
}

/// The names whose drop-ins hold for unit `name`, its own first: `a-b.mount`, `a-.mount`, `mount`.
fn drop_in_names(name: &str) -> Vec<String> {
    let mut names = vec![name.to_owned()];
    names.extend(template(name));
    if let Some((stem, kind)) = name.rsplit_once('.') {
        let mut stem = stem.trim_end_matches('-');
        while let Some((before, _)) = stem.rsplit_once('-') {
            // A name of dashes alone is the root's, and no prefix.
            let before = before.trim_end_matches('-');
            if before.is_empty() {
                break;
            }
            names.push(format!("{before}-.{kind}"));
            stem = before;
        }
        names.push(kind.to_owned());
    }
    names
}

impl Units {
    /// The units of the system whose files are `paths`; what can't be read goes to `gaps`.
    #[must_use]
    pub(crate) fn load(paths: &PathSpace, gaps: &mut Vec<Gap>) -> Self {
        let mut units = Self::default();
        let mut folders: Vec<(Vec<u8>, bool)> = Vec::new();
        for folder in FOLDERS {
            // With a merged /usr two of them are one.
            match paths.find(folder.as_bytes()) {
                Ok(Some(at)) if at.metadata.kind == FileKind::Directory => {
                    if !folders.iter().any(|(path, _)| *path == at.path) {
                        folders.push((at.path, BEFORE_GENERATORS.contains(folder)));
                    }
                }
                Ok(_) => {}
                Err(e) => gaps.push(Gap::at_path(*folder, &e)),
            }
        }
        for (folder, before_generators) in &folders {
            for path in children(paths, folder, gaps) {
                units.entry(paths, &path, *before_generators, gaps);
            }
        }
        units
    }

    /// The names of all unit files.
    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.files.keys()
    }

    /// True where there is a file of this name.
    #[must_use]
    pub(crate) fn has(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// True where the unit is masked.
    #[must_use]
    pub(crate) fn is_masked(&self, name: &str) -> bool {
        self.files.get(name).is_some_and(|file| file.masked)
    }

    /// True where `name` is another name of some unit.
    #[must_use]
    pub(crate) fn is_alias(&self, name: &str) -> bool {
        self.aliases.contains_key(name)
    }

    /// The file of a unit; for an instance that of its template.
    #[must_use]
    pub(crate) fn file(&self, name: &str) -> Option<&UnitFile> {
        let of_template = || self.files.get(&template(name)?);
        self.files.get(name).or_else(of_template)
    }

    /// The files that a unit's first file hides, in their order.
    #[must_use]
    pub(crate) fn behind(&self, name: &str) -> &[Vec<u8>] {
        self.behind.get(name).map_or(&[], Vec::as_slice)
    }

    /// Sorts one name of a unit folder: a folder of links, of drop-ins, or a unit.
    fn entry(
        &mut self,
        paths: &PathSpace,
        path: &[u8],
        before_generators: bool,
        gaps: &mut Vec<Gap>,
    ) {
        let name = lossless(base(path));
        for ending in [".wants", ".requires", ".upholds"] {
            if let Some(unit) = name.strip_suffix(ending) {
                for link in children(paths, path, gaps) {
                    let wanted = lossless(base(&link));
                    // The same name in a folder before it wins.
                    if self.linked.insert((name.clone(), wanted.clone())) {
                        let masked = is_null(paths, &link);
                        self.links.entry(unit.into()).or_default().push(Link {
                            unit: wanted,
                            at: Location::of_path(lossless(&link)),
                            masked,
                        });
                    }
                }
                return;
            }
        }
        if let Some(unit) = name.strip_suffix(".d") {
            for file in children(paths, path, gaps) {
                if file.ends_with(b".conf") {
                    let drop_ins = self.drop_ins.entry(unit.into()).or_default();
                    drop_ins.entry(base(&file).to_vec()).or_insert(file);
                }
            }
            return;
        }
        if !KINDS.iter().any(|k| name.ends_with(k)) {
            return;
        }
        if self.files.contains_key(&name) {
            self.behind.entry(name).or_default().push(path.to_vec());
            return;
        }
        let link = paths.resolve_link(path);
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
                Ok(_) if is_null(paths, path) => masked = true,
                Ok(target) => {
                    let to = lossless(base(&target));
                    if to != name {
                        self.aliases.insert(name.clone(), to);
                    }
                }
                Err(e) => gaps.push(Gap::at_path(lossless(path), &e)),
            }
        }
        let file = UnitFile {
            path: path.to_vec(),
            masked,
            before_generators,
        };
        self.files.insert(name, file);
    }

    /// What the unit says, drop-ins included.
    #[must_use]
    pub(crate) fn read(&self, paths: &PathSpace, name: &str, gaps: &mut Vec<Gap>) -> Loaded {
        match self.file(name) {
            Some(file) => self.read_at(paths, name, &file.path, gaps),
            None => self.drop_ins_of(paths, name, gaps),
        }
    }

    /// What the unit would say if its file were that at `path`.
    #[must_use]
    pub(crate) fn read_at(
        &self,
        paths: &PathSpace,
        name: &str,
        path: &[u8],
        gaps: &mut Vec<Gap>,
    ) -> Loaded {
        let mut unit = Loaded::default();
        if let Some((at, settings)) = read_file(paths, path, gaps) {
            unit.settings = settings;
            unit.at = Some(at);
        }
        let more = self.drop_ins_of(paths, name, gaps);
        unit.settings.extend(more.settings);
        unit
    }

    /// What the drop-ins of a unit say: of all folders that hold for it, by the names of the files.
    #[must_use]
    pub(crate) fn drop_ins_of(&self, paths: &PathSpace, name: &str, gaps: &mut Vec<Gap>) -> Loaded {
        let mut files: BTreeMap<&[u8], &Vec<u8>> = BTreeMap::new();
        for name in drop_in_names(name) {
            for (file, path) in self.drop_ins.get(&name).into_iter().flatten() {
                files.entry(file).or_insert(path);
            }
        }
        let mut unit = Loaded::default();
        for path in files.values() {
            if let Some((at, settings)) = read_file(paths, path, gaps) {
                unit.settings.extend(settings);
                if unit.settings.len() > MAX_SETTINGS {
                    let what = say!(error_too_many, most = MAX_SETTINGS, what = "lines");
                    gaps.push(Gap::new(at, &Error::limit(Layer::Guest, None, what)));
                    break;
                }
            }
        }
        unit
    }

    /// The units that are reached from the default target, and from those that every system
    /// starts: sysinit.target and with it local-fs.target (bootup(7)); and those in `more`, with
    /// what pulls each in.
    #[must_use]
    pub(crate) fn reach(
        &self,
        paths: &PathSpace,
        more: &[Found<String>],
        machine: Machine<'_>,
        gaps: &mut Vec<Gap>,
    ) -> Reached {
        let mut reached = Reached::default();
        let mut todo: VecDeque<(String, Option<Location>)> = VecDeque::new();
        for first in [
            "default.target",
            "sysinit.target",
            "basic.target",
            "local-fs.target",
        ] {
            todo.push_back((first.into(), None));
        }
        for unit in more {
            todo.push_back((unit.fact.clone(), Some(unit.at.clone())));
        }
        while let Some((name, by)) = todo.pop_front() {
            if self.is_masked(&name) || reached.by.contains_key(&name) {
                continue;
            }
            if reached.by.len() >= MAX_UNITS {
                let why = Error::limit(
                    Layer::Config,
                    None,
                    say!(error_too_many, most = MAX_UNITS, what = "units"),
                );
                gaps.push(Gap::at_path("/etc/systemd/system", &why));
                break;
            }
            let mut names = BTreeSet::from([name.clone()]);
            if let Some(alias) = self.aliases.get(&name) {
                if self.is_masked(alias) {
                    continue;
                }
                todo.push_back((alias.clone(), by.clone()));
            }
            names.extend(template(&name));
            let links = names.iter().filter_map(|name| self.links.get(name));
            for link in links.flatten().filter(|link| !link.masked) {
                todo.push_back((link.unit.clone(), Some(link.at.clone())));
            }
            // What a generator writes has no file, and drop-ins all the same.
            let generated = [".mount", ".automount", ".swap"];
            if self.file(&name).is_some() || generated.iter().any(|kind| name.ends_with(kind)) {
                let unit = self.read(paths, &name, gaps);
                if hold(paths, machine, &unit) == Holds::No {
                    reached.loaded.insert(name, unit);
                    continue;
                }
                for pulled in pulls(&name, &unit) {
                    todo.push_back((pulled, unit.at.clone()));
                }
                reached.loaded.insert(name.clone(), unit);
            }
            reached.by.insert(name, by);
        }
        reached
    }
}

/// The units that a unit pulls in or starts.
fn pulls(name: &str, unit: &Loaded) -> Vec<String> {
    let mut pulled = Vec::new();
    for setting in unit.of("Unit") {
        if matches!(
            setting.key.as_str(),
            "Wants" | "Requires" | "BindsTo" | "Requisite" | "Upholds"
        ) {
            pulled.extend(setting.value.split_whitespace().map(str::to_owned));
        }
    }
    let triggers = [
        (".timer", "Timer"),
        (".socket", "Socket"),
        (".path", "Path"),
    ];
    for (ending, section) in triggers {
        if let Some(stem) = name.strip_suffix(ending) {
            let set = unit.of(section);
            let set = set.filter(|s| s.key == "Unit" || s.key == "Service").last();
            // A service of its own for each connection.
            let accepts = unit.last(section, "Accept");
            let many =
                accepts.is_some_and(|v| matches!(v, "yes" | "y" | "true" | "t" | "1" | "on"));
            let own = if many {
                format!("{stem}@.service")
            } else {
                format!("{stem}.service")
            };
            pulled.push(set.map_or(own, |s| s.value.clone()));
        }
    }
    // What an automount unit watches is mounted when it is first asked for.
    if let Some(stem) = name.strip_suffix(".automount") {
        pulled.push(format!("{stem}.mount"));
    }
    pulled
}

fn read_file(
    paths: &PathSpace,
    path: &[u8],
    gaps: &mut Vec<Gap>,
) -> Option<(Location, Vec<(Setting, Location)>)> {
    let at = match paths.find(path) {
        Ok(at) => at?,
        Err(e) => {
            gaps.push(Gap::at_path(lossless(path), &e));
            return None;
        }
    };
    if at.metadata.kind != FileKind::Regular {
        return None;
    }
    match paths.read(path, MAX_FILE) {
        Ok(file) => {
            let at = Location::of_file(&file);
            let settings = settings(&lossless(&file.bytes)).into_iter();
            let placed = settings.map(|s| {
                let line = at.clone().line(s.line);
                (s, line)
            });
            let placed = placed.collect();
            Some((at, placed))
        }
        Err(e) => {
            gaps.push(Gap::new(Location::of(&at), &e));
            None
        }
    }
}

/// True for a link to `/dev/null`, which holds no file of its own in an image.
fn is_null(paths: &PathSpace, path: &[u8]) -> bool {
    let Ok(link) = paths.resolve_link(path) else {
        return false;
    };
    link.metadata.kind == FileKind::Symlink
        && link
            .fs
            .read_link(link.id)
            .is_ok_and(|t| t == b"/dev/null" || t.ends_with(b"../dev/null"))
}

#[cfg(test)]
mod tests;
