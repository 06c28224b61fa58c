//! Which of the mounts that are asked for the system makes by itself: what pulls a unit in, which
//! unit of a name counts, what a drop-in changes (9.1, 9.2).

use std::rc::Rc;

use super::{
    BOOT, Builder, Origin, Request, bears, canonical, fstab, is_made_at_boot, is_of_mount, is_on,
    unit_name,
};
use crate::error::Kind;
use crate::guest::linux::units::{
    FOLDERS, Holds, Loaded, Machine, Presets, Reached, Units, hold, name,
};
use crate::guest::{Location, PathSpace};
use crate::text::lossless;

/// The mounts that the system makes.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) requests: Vec<Request>,
}

impl Builder<'_> {
    /// Of the lines in `asked` and the mount units of the system those that it mounts.
    pub(super) fn wanted(&mut self, asked: Vec<Request>) -> Vec<Request> {
        let mut wanted = Wanted::default();
        let passive = |r: &Request| r.last_is("noauto", "auto") && !r.is_automount();
        let idles = asked.iter().any(|r| passive(r) && !is_boot(r));
        let units = if self.systemd && (idles || self.has_mount_units()) {
            self.units()
        } else {
            Rc::default()
        };
        let units = units.as_ref();
        let own: Vec<String> = if self.systemd {
            self.unit_names(units, &asked)
        } else {
            Vec::new()
        };
        let mut reached = Reached::default();
        if self.systemd && (!own.is_empty() || idles) {
            let machine = Machine::default();
            reached = units.reach(self.paths, &self.plan.pulls, machine, &mut self.plan.doubts);
        }
        let masked = self.systemd && self.generator_is_masked("systemd-fstab-generator");
        let mut idle = Vec::new();
        for line in asked {
            let Some(line) = self.counts(units, line) else {
                continue;
            };
            if masked && line.origin == Origin::Fstab && !is_boot(&line) {
                let why = say!(error_mount_no_generator, at = lossless(&line.at));
                self.notice(line.place, why);
            } else if passive(&line) && !line_is_pulled(&line, &reached) {
                idle.push(line);
            } else {
                wanted.requests.push(line);
            }
        }
        let presets = match own.as_slice() {
            [] => None,
            _ => Presets::of_first_boot(self.paths, &mut self.plan.doubts),
        };
        for unit in own {
            self.unit(
                units,
                &unit,
                &reached,
                presets.as_ref(),
                &mut wanted,
                &mut idle,
            );
        }
        pull_parents(&mut wanted.requests, &mut idle, &required_paths(&reached));
        for mut line in idle {
            // Boot loaders read these all the same.
            if is_boot(&line) {
                line.origin = Origin::Loader;
                wanted.requests.push(line);
            }
        }
        wanted.into_requests()
    }

    /// True where a unit folder holds anything that bears on mounts, or can't be read.
    fn has_mount_units(&self) -> bool {
        FOLDERS
            .iter()
            .any(|folder| match self.paths.list(folder.as_bytes()) {
                Ok(listing) => {
                    !listing.damage.is_empty() || listing.names.iter().any(|name| is_of_mount(name))
                }
                Err(e) => e.kind != Kind::NotFound,
            })
    }

    /// The mount units of the system that are not those of lines.
    fn unit_names(&self, units: &Units, lines: &[Request]) -> Vec<String> {
        let of_lines: Vec<String> = lines.iter().filter_map(|r| unit_name(&r.at)).collect();
        let names = units.names().filter(|unit| {
            unit.ends_with(".mount")
                && !units.is_masked(unit)
                && !units.is_alias(unit)
                && !of_lines.contains(unit)
                && name::to_path(unit).is_some_and(|at| !is_made_at_boot(&at) && at != b"/")
        });
        names.cloned().collect()
    }

    /// What a line becomes by units: a file of its name before the generators replaces or masks it
    /// (9.1a, 9.1c), drop-ins change it (9.1d).
    fn counts(&mut self, units: &Units, mut line: Request) -> Option<Request> {
        if !self.systemd {
            return Some(line);
        }
        let Some(unit) = unit_name(&line.at) else {
            let why = say!(error_mount_unit_long, at = lossless(&line.at));
            self.doubt(line.place.clone(), why);
            return Some(line);
        };
        match units.file(&unit).filter(|file| file.before_generators) {
            Some(file) if file.masked => {
                let at = Location::of_path(lossless(&file.path));
                self.notice(
                    at.clone(),
                    say!(error_mount_masked, at = lossless(&line.at)),
                );
                // systemd gives up what local-fs.target requires at the first unit that is masked, in
                // an order that differs from boot to boot (transaction.c).
                let waits = line.last_is("noauto", "auto") || line.is_automount();
                if !waits && !line.has("nofail") {
                    self.doubt(at, say!(error_mount_masked_required, unit = unit));
                }
                None
            }
            Some(_) => {
                let loaded = units.read(self.paths, &unit, &mut self.plan.doubts);
                let Some(mut own) = self.checked(&unit, &loaded) else {
                    let why = say!(error_mount_unit_refused, unit = unit.as_str());
                    self.doubt(line.place.clone(), why);
                    return None;
                };
                // The line still decides whether anything wants the unit.
                let wants = ["noauto", "auto", "x-systemd.automount", "nofail"];
                let kept = line.options.iter().filter(|o| wants.contains(&o.as_str()));
                own.options.extend(kept.cloned());
                Some(own)
            }
            None => {
                let more = units.drop_ins_of(self.paths, &unit, &mut self.plan.doubts);
                for (setting, at) in more.settings.iter().filter(|(s, _)| s.section == "Mount") {
                    match setting.key.as_str() {
                        "What" => line.what = setting.value.clone().into_bytes(),
                        "Type" => line.kind.clone_from(&setting.value),
                        "Options" => line.options = fstab::options(&setting.value),
                        _ => continue,
                    }
                    line.origin = Origin::Unit;
                    line.place = at.clone();
                }
                Some(line)
            }
        }
    }

    /// A unit as a request; `None` where systemd refuses it (9.1b).
    fn checked(&mut self, unit: &str, loaded: &Loaded) -> Option<Request> {
        let path = name::to_path(unit)?;
        let said = loaded.last("Mount", "Where").map(|w| simple(w.as_bytes()));
        if said.is_some_and(|said| said != path) {
            return None;
        }
        let mut request = of_unit(&canonical(self.paths, &path), loaded)?;
        let mut whole = percent(&mut request.what);
        for option in &mut request.options {
            let mut bytes = std::mem::take(option).into_bytes();
            whole &= percent(&mut bytes);
            *option = lossless(&bytes);
        }
        if !whole {
            let why = say!(error_mount_specifier, unit = unit);
            self.doubt(request.place.clone(), why);
        }
        if request.what.starts_with(b"/") {
            request.what = simple(&request.what);
        }
        Some(request)
    }

    /// A mount unit of the system: mounted where something pulls it in.
    fn unit(
        &mut self,
        units: &Units,
        unit: &str,
        reached: &Reached,
        presets: Option<&Presets>,
        wanted: &mut Wanted,
        idle: &mut Vec<Request>,
    ) {
        let is_reached = reached.by.contains_key(unit);
        let loaded = match reached.loaded.get(unit) {
            Some(loaded) => loaded.clone(),
            None => units.read(self.paths, unit, &mut self.plan.doubts),
        };
        let Some(mut request) = self.checked(unit, &loaded) else {
            if is_reached {
                let at = loaded.at.unwrap_or_default();
                self.notice(at, say!(error_mount_unit_refused, unit = unit));
            }
            return;
        };
        let holds = hold(self.paths, Machine::default(), &loaded);
        if holds == Holds::No {
            return;
        }
        if !is_reached {
            let installs = loaded.of("Install").any(|s| !s.value.is_empty());
            let enables = presets.is_some_and(|presets| presets.enable(unit));
            if installs && enables && bears(&request.at) {
                let why = say!(error_mount_first_boot, unit = unit);
                self.doubt(request.place.clone(), why);
            }
            idle.push(request);
            return;
        }
        // What only wants it starts without it.
        let by = reached
            .by
            .get(unit)
            .and_then(|by| by.as_ref()?.path.as_deref());
        if !by.is_some_and(|by| by.contains(".requires/")) {
            request.options.push("nofail".to_owned());
        }
        if holds == Holds::Unknown && bears(&request.at) {
            let why = say!(error_mount_condition, unit = unit);
            self.doubt(request.place.clone(), why);
        }
        wanted.requests.push(request);
    }

    /// True where a generator is switched off by a link to `/dev/null` (10.2).
    pub(super) fn generator_is_masked(&self, generator: &str) -> bool {
        let folders = ["/etc", "/usr/local/lib"];
        folders.iter().any(|folder| {
            let path = format!("{folder}/systemd/system-generators/{generator}");
            is_null(self.paths, path.as_bytes())
        })
    }
}

/// True for a link to `/dev/null`.
pub(super) fn is_null(paths: &PathSpace, path: &[u8]) -> bool {
    let link = paths.resolve_link(path);
    link.is_ok_and(|link| {
        link.fs
            .read_link(link.id)
            .is_ok_and(|to| to == b"/dev/null")
    })
}

/// What a mount unit asks for; `None` without a source.
pub(super) fn of_unit(at: &[u8], loaded: &Loaded) -> Option<Request> {
    Some(Request {
        at: at.to_vec(),
        origin: Origin::Unit,
        place: loaded.at.clone().unwrap_or_default(),
        what: loaded.last("Mount", "What")?.as_bytes().to_vec(),
        kind: loaded.last("Mount", "Type").unwrap_or_default().to_owned(),
        options: fstab::options(loaded.last("Mount", "Options").unwrap_or_default()),
    })
}

/// A path without doubled and trailing slashes.
fn simple(path: &[u8]) -> Vec<u8> {
    let parts = path.split(|b| *b == b'/').filter(|p| !p.is_empty());
    let joined: Vec<u8> = parts.flat_map(|p| [b"/", p].concat()).collect();
    if joined.is_empty() {
        b"/".to_vec()
    } else {
        joined
    }
}

fn is_boot(line: &Request) -> bool {
    BOOT.contains(&line.at.as_slice())
}

/// True where a unit that is reached wants the line (8.2e, 8.2k).
fn line_is_pulled(line: &Request, reached: &Reached) -> bool {
    let by = |option: &str| {
        line.value(option)
            .is_some_and(|unit| reached.by.contains_key(unit))
    };
    let unit = unit_name(&line.at);
    by("x-systemd.wanted-by")
        || by("x-systemd.required-by")
        || unit.is_some_and(|unit| reached.by.contains_key(&unit))
}

/// Paths that units which start need: `RequiresMountsFor=` and its like pull in what is mounted on
/// the way (8.2e, 9.2a).
fn required_paths(reached: &Reached) -> Vec<Vec<u8>> {
    let started = reached
        .by
        .keys()
        .filter_map(|name| reached.loaded.get(name));
    let mut paths = Vec::new();
    for unit in started {
        for (setting, _) in &unit.settings {
            let (folder, value) = match (setting.section.as_str(), setting.key.as_str()) {
                ("Unit", "RequiresMountsFor" | "WantsMountsFor")
                | ("Service", "WorkingDirectory" | "RootDirectory") => ("", &setting.value),
                ("Service", "StateDirectory") => ("/var/lib/", &setting.value),
                ("Service", "CacheDirectory") => ("/var/cache/", &setting.value),
                ("Service", "LogsDirectory") => ("/var/log/", &setting.value),
                ("Service", "ConfigurationDirectory") => ("/etc/", &setting.value),
                _ => continue,
            };
            let words = value.split_whitespace();
            paths.extend(words.map(|path| format!("{folder}{path}").into_bytes()));
        }
    }
    paths.retain(|path| path.starts_with(b"/"));
    paths
}

/// Moves to `wanted` what others need: a mount on the way to another one, to what is bound, or to
/// a path that a unit requires.
fn pull_parents(wanted: &mut Vec<Request>, idle: &mut Vec<Request>, required: &[Vec<u8>]) {
    loop {
        let needs = |r: &Request| {
            let by_mount = |other: &Request| {
                is_on(&other.at, &r.at) || other.sources().iter().any(|path| is_on(path, &r.at))
            };
            wanted.iter().any(by_mount) || required.iter().any(|path| is_on(path, &r.at))
        };
        let Some(at) = idle.iter().position(needs) else {
            return;
        };
        wanted.push(idle.remove(at));
    }
}

/// `%%` stands for one `%` (systemd.unit(5), specifiers). False where another specifier is left, which
/// only the running system knows.
fn percent(text: &mut Vec<u8>) -> bool {
    let mut whole = true;
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        out.push(*byte);
        if *byte == b'%' && !rest.as_slice().starts_with(b"%") {
            whole = false;
        } else if *byte == b'%' {
            rest.next();
        }
    }
    *text = out;
    whole
}
