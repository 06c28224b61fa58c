//! What keeps the lines that start an agent from running, stops the agent, or takes it away.

use std::collections::BTreeMap;

use super::agent_001_installed::Family;
use super::start::{MAX_SCRIPT, NO_PROGRAMS, exists};
use crate::evidence::files::Executable;
use crate::evidence::linux::{
    Answer, Call, PATH, Provenance, RunCommand, StartLine, Starter, Touch, UnitSetting, calls,
};
use crate::evidence::{Found, Location};
use crate::glob::{Flags, Pattern};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::fits;
use crate::policy::{Context, Item, Status};
use crate::text::{Text, terminal};

/// What keeps lines from running that the system would run otherwise.
pub(super) struct Hindrances {
    /// Of all lines.
    all: Option<Hindrance>,
    /// Of those that cron runs.
    cron: Option<Hindrance>,
    /// Of those that single units of systemd run, by unit.
    units: BTreeMap<String, Option<Hindrance>>,
    pub(super) items: Vec<(Status, Item)>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hindrance {
    Possible,
    Certain,
}

/// Services of cron daemons.
const CRON: &[&str] = &["cron.service", "crond.service", "cronie.service"];
const RC_LOCAL: &str = "rc-local.service";
/// A library of it is loaded into every program: ld.so(8).
const PRELOAD: &str = "/etc/ld.so.preload";
/// What the kernel starts first: kernel_init of init/main.c.
const INIT: &str = "/sbin/init";
/// Where that is by itself, and no link to the program of a package.
const INIT_PATHS: &[&str] = &["/sbin/init", "/usr/sbin/init"];

/// Options with which the daemons read their tables and run the lines as without them: cron(8) of
/// Debian 12 and 13, crond(8) of cronie. With any other they may end at once, run nothing (`-x test`)
/// or read other tables.
const CRON_OPTIONS: &[&str] = &["-f", "-n", "-l", "-s", "-i", "-p"];
/// The same, with a value.
const CRON_VALUED: &[&str] = &["-L", "-m"];

/// The first option of the daemon's command that is not one of these.
fn odd_option(line: &StartLine) -> Option<&str> {
    let mut words = line.command.split_whitespace();
    words.find(|w| w.rsplit('/').next().is_some_and(|n| n.contains("cron")));
    while let Some(word) = words.next() {
        let word = word.trim_matches(['"', '\'']);
        if CRON_VALUED.contains(&word) {
            words.next();
        } else if !word.is_empty()
            && !CRON_OPTIONS.contains(&word)
            && !CRON_VALUED.iter().any(|v| word.starts_with(v))
        {
            return Some(word);
        }
    }
    None
}

impl Hindrances {
    pub(super) fn of_system(context: &Context<'_>) -> Self {
        let linux = &context.evidence.linux;
        let mut all = Self {
            all: None,
            cron: None,
            units: BTreeMap::new(),
            items: Vec::new(),
        };
        // Only a daemon that uses PAM has a service of its own there.
        match &linux.pam().cron {
            Some((Answer::No, at)) => {
                let item = Item::at(at.clone(), say!(linux_agent_pam_denies));
                all.cron = all.add(Hindrance::Certain, item).max(all.cron);
            }
            Some((Answer::Depends(at), _)) => {
                let item = Item::at(at.clone(), say!(linux_agent_pam_depends));
                all.cron = all.add(Hindrance::Possible, item).max(all.cron);
            }
            _ => {}
        }
        for limit in &linux.pam().limits {
            let item = Item::at(limit.at.clone(), say!(linux_agent_limit));
            let shown = Text::verbatim(terminal(&limit.fact));
            let item = item.compare(say!(linux_agent_no_limit), shown);
            all.cron = all.add(Hindrance::Possible, item).max(all.cron);
        }
        for line in &linux.start().cron_daemons {
            if let Some(option) = odd_option(&line.fact) {
                let item = Item::at(line.at.clone(), say!(linux_agent_unit_doubt));
                let shown = Text::verbatim(terminal(option));
                let usual = say!(linux_agent_cron_options);
                all.cron = all
                    .add(Hindrance::Possible, item.compare(usual, shown))
                    .max(all.cron);
            }
        }
        for name in CRON {
            all.cron = all.cron.max(all.unit(context, name));
        }
        all.programs(context);
        for doubt in linux.doubts_of_all() {
            let item = Item::at(doubt.at.clone(), say!(linux_agent_of_all));
            let shown = Text::verbatim(terminal(&shown(&doubt.fact)));
            let item = item.compare(say!(linux_agent_of_all_expected), shown);
            all.all = all.add(Hindrance::Possible, item).max(all.all);
        }
        all
    }

    /// What is not understood of a unit, and a program of it that is not as its package brought it.
    fn unit(&mut self, context: &Context<'_>, name: &str) -> Option<Hindrance> {
        if let Some(known) = self.units.get(name) {
            return *known;
        }
        let linux = &context.evidence.linux;
        let mut items = Vec::new();
        // The unit of an agent itself is the agent's; what others add to it is not.
        let own = !CRON.contains(&name) && name != RC_LOCAL;
        for doubt in linux.unit_doubts(name) {
            let path = doubt.at.path.as_deref().unwrap_or_default();
            if own && !path.contains(".d/") {
                continue;
            }
            items.push(unit_item(doubt));
        }
        items.extend(linux.doubts_beside(name).into_iter().map(unit_item));
        let lines = linux.start().lines.iter();
        let own = lines.filter(|l| l.fact.when.as_deref() == Some(name));
        for call in own.flat_map(|l| l.fact.calls(&|path| exists(context, path))) {
            items.extend(changed_program(context, &call.program));
        }
        let hindrance = (!items.is_empty()).then_some(Hindrance::Possible);
        let items = items.into_iter().map(|item| (Status::Unknown, item));
        self.items.extend(items);
        self.units.insert(name.to_owned(), hindrance);
        hindrance
    }

    /// What runs before all else, or inside of it.
    fn programs(&mut self, context: &Context<'_>) {
        let linux = &context.evidence.linux;
        let paths = &context.evidence.guest.paths;
        if !linux.packages().has_database() {
            return;
        }
        if let Ok(Some(file)) = context.evidence.files.file(INIT) {
            let real = file.at.path.clone().unwrap_or_default();
            // A package that brought a link there brought no digest of what stands there now.
            let own = match linux.provenance(&real) {
                Provenance::Unchanged => true,
                Provenance::Changed => false,
                _ => {
                    context.shared.full_boot.init.contains(&real)
                        && !INIT_PATHS.contains(&real.as_str())
                }
            };
            if !own {
                let item = Item::at(file.at.clone(), say!(linux_agent_init));
                self.all = self.add(Hindrance::Possible, item);
            }
        }
        let file = match paths.read_if_there(PRELOAD.as_bytes(), MAX_SCRIPT) {
            Ok(Some(file)) => file,
            Ok(None) => return,
            Err(_) => {
                let item = Item::at(Location::of_path(PRELOAD), say!(linux_agent_preload));
                self.all = self.add(Hindrance::Possible, item);
                return;
            }
        };
        let text = String::from_utf8_lossy(&file.bytes).into_owned();
        for (n, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default();
            let words = line.split(|c: char| c.is_whitespace() || c == ':');
            for library in words.filter(|w| !w.is_empty()) {
                if linux.provenance(library) != Provenance::Unchanged {
                    let at = Location::of_path(PRELOAD).line(n + 1);
                    let item = Item::at(at, say!(linux_agent_preload));
                    let shown = Text::verbatim(terminal(library));
                    self.all = self.add(
                        Hindrance::Possible,
                        item.compare(say!(linux_agent_preload_expected), shown),
                    );
                }
            }
        }
    }

    fn add(&mut self, hindrance: Hindrance, item: Item) -> Option<Hindrance> {
        let status = match hindrance {
            Hindrance::Certain => Status::Fail,
            Hindrance::Possible => Status::Unknown,
        };
        self.items.push((status, item));
        Some(hindrance)
    }

    /// What hinders a line.
    pub(super) fn of(&mut self, context: &Context<'_>, line: &StartLine) -> Option<Hindrance> {
        let own = match line.starter {
            Starter::Crontab | Starter::CronScript | Starter::Anacron => self.cron,
            Starter::RcLocal => self.unit(context, RC_LOCAL),
            Starter::Systemd => line
                .when
                .as_deref()
                .and_then(|unit| self.unit(context, unit)),
            _ => None,
        };
        own.max(self.all)
    }
}

fn shown(setting: &UnitSetting) -> String {
    format!("{}={}", setting.key, setting.value)
}

fn unit_item(doubt: Found<UnitSetting>) -> Item {
    let shown = Text::verbatim(terminal(&shown(&doubt.fact)));
    let item = Item::at(doubt.at, say!(linux_agent_unit_doubt));
    item.compare(say!(linux_agent_unit_own), shown)
}

/// What the image itself sets of the units that start lines of cron and of rc.local.
pub(super) fn own_units(context: &Context<'_>) -> Vec<Location> {
    let paths = &context.evidence.guest.paths;
    let mut all = Vec::new();
    for unit in CRON.iter().chain([&RC_LOCAL, &"default.target"]) {
        let path = format!("/etc/systemd/system/{unit}");
        all.extend(
            paths
                .resolve_link(path.as_bytes())
                .ok()
                .map(|at| Location::of(&at)),
        );
        let folder = format!("{path}.d");
        let names = context.evidence.files.names(&folder).ok().flatten();
        let names = names.map(|n| n.names).unwrap_or_default();
        all.extend(
            names
                .iter()
                .map(|name| Location::of_path(format!("{folder}/{name}"))),
        );
    }
    all
}

/// The program of a command, where a package brought it and it was changed since.
fn changed_program(context: &Context<'_>, program: &str) -> Option<Item> {
    let candidates = if program.starts_with('/') {
        vec![program.to_owned()]
    } else {
        PATH.iter().map(|f| format!("{f}/{program}")).collect()
    };
    let mut there = candidates.iter();
    let at = there.find_map(|path| {
        let found = context.evidence.guest.paths.find(path.as_bytes());
        found.ok().flatten()
    })?;
    let real = at.path_text();
    (context.evidence.linux.provenance(&real) == Provenance::Changed).then(|| {
        let shown = Text::verbatim(terminal(program));
        let item = Item::at(Location::of(&at), say!(linux_agent_changed_program));
        item.compare(say!(linux_agent_changed_program_expected), shown)
    })
}

/// Programs that the start lines of an agent run on their way to it and that were changed since
/// their packages brought them.
pub(super) fn changed_programs(context: &Context<'_>, line: &StartLine, call: &Call) -> Vec<Item> {
    let exists = |path: &str| exists(context, path);
    let mut programs: Vec<String> = line.calls(&exists).into_iter().map(|c| c.program).collect();
    let script = context.evidence.files.file(&call.program).ok().flatten();
    if script.is_some_and(|f| f.executable == Some(Executable::Script)) {
        let file = context
            .evidence
            .guest
            .paths
            .read(call.program.as_bytes(), MAX_SCRIPT);
        if let Ok(file) = file {
            let text = String::from_utf8_lossy(&file.bytes);
            programs.extend(calls(&text, &exists).into_iter().map(|c| c.program));
        }
    }
    programs.push("sh".to_owned());
    programs.sort();
    programs.dedup();
    programs.retain(|p| !NO_PROGRAMS.contains(&p.as_str()));
    let items = programs.iter().filter_map(|p| changed_program(context, p));
    items.collect()
}

/// True where a line of tmpfiles.d may take the agent or the file of a line that starts it away at
/// boot; each is an item.
pub(super) fn taken_away(
    context: &Context<'_>,
    root: &str,
    starting: &[String],
    found: &mut Findings,
) -> bool {
    let linux = &context.evidence.linux;
    let mut any = false;
    for line in &linux.made_at_boot().tmpfiles {
        let path = line.at.path.as_deref().unwrap_or_default();
        let own = line.fact.path.as_str();
        let inside = own.strip_prefix(root).is_some_and(|r| r.starts_with('/'));
        let disturbs = line.fact.disturbs(root)
            || inside && line.fact.disturbs(own)
            || starting.iter().any(|file| line.fact.disturbs(file));
        if !disturbs || linux.provenance(path) == Provenance::Unchanged {
            continue;
        }
        any = true;
        let shown = Text::verbatim(terminal(&format!("{} {own}", line.fact.kind)));
        let item = Item::at(line.at.clone(), say!(linux_agent_stopped));
        found.unknown(item.compare(say!(linux_agent_not_stopped), shown));
    }
    any
}

/// The programs of cron.
const DAEMONS: &[&str] = &[
    "/usr/sbin/cron",
    "/usr/sbin/crond",
    "/sbin/cron",
    "/sbin/crond",
];
/// Methods of the manager that stop something or keep it from starting: org.freedesktop.systemd1(5).
const METHODS: &[&str] = &[
    "StopUnit",
    "StopUnitWithFlags",
    "KillUnit",
    "KillUnitSubgroup",
    "FreezeUnit",
    "MaskUnitFiles",
    "DisableUnitFiles",
    "DisableUnitFilesWithFlags",
    "DisableUnitFilesWithFlagsAndInstallInfo",
    "SetUnitProperties",
    "SetEnvironment",
    "SetDefaultTarget",
    "StartTransientUnit",
    "SwitchRoot",
    "Stop",
    "Kill",
    "Freeze",
    "SetProperties",
];

/// True for a command that takes away a folder which holds `path`.
fn takes_whole(command: &RunCommand, path: &str) -> bool {
    let holds = |word: &&str| {
        let folder = word.trim_end_matches(['*', '/']);
        word.starts_with('/')
            && path
                .strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/'))
    };
    let deep = |w: &str| w == "--recursive" || w.starts_with('-') && w.contains('R');
    match command.name() {
        "rm" => command.operands().any(|w| holds(&w)),
        "mv" => {
            let operands: Vec<&str> = command.operands().filter(|w| !w.starts_with('-')).collect();
            let moved = operands.split_last().map_or(&[][..], |(_, moved)| moved);
            moved.iter().any(&holds)
        }
        "chmod" | "chattr" | "setfacl" => {
            command.operands().any(deep) && command.operands().any(|w| holds(&w))
        }
        _ => false,
    }
}

/// True for a command that stops the agent or its daemon, or takes away a file of it, and that is
/// not the agent's own.
pub(super) fn stops(
    context: &Context<'_>,
    command: &RunCommand,
    family: &Family,
    root: &str,
    starting: &[String],
) -> bool {
    let file = command.file.as_deref().unwrap_or("");
    let mut roots = family.roots.iter();
    let own = roots.any(|r| file.starts_with(&format!("{r}/")));
    if command.foreign || own {
        return false;
    }
    let has = |words: &[&str]| command.operands().any(|w| words.contains(&w));
    let bare = |w: &str| w.trim_end_matches(".service").to_owned();
    // The units that start the agent, beside those of cron.
    let units: Vec<String> = starting
        .iter()
        .filter_map(|path| path.rsplit('/').next()?.strip_suffix(".service"))
        .map(str::to_owned)
        .chain(["cron", "crond", "cronie"].map(str::to_owned))
        .collect();
    // systemctl(1) takes patterns.
    let service = |w: &str| {
        let is_pattern = w.contains(['*', '?', '[']) && !w.starts_with('-');
        let pattern = Pattern::new(w.as_bytes(), Flags::PATH)
            .ok()
            .filter(|_| is_pattern);
        units.iter().any(|unit| {
            let full = format!("{unit}.service");
            *unit == bare(w)
                || pattern
                    .as_ref()
                    .is_some_and(|p| p.matches(full.as_bytes()) || p.matches(unit.as_bytes()))
        })
    };
    // `agent` alone is a word of many programs.
    let programs = || {
        let all = family.programs.iter().map(|p| p.name.trim_matches('*'));
        all.filter(|name| name.len() > 5)
    };
    let named = |w: &str| {
        let name = w.rsplit('/').next().unwrap_or(w);
        let mut programs = family.programs.iter();
        programs.any(|p| p.name.trim_matches('*').len() > 5 && fits(&p.name, name))
    };
    // A regular expression, of which plain text is looked for anywhere.
    let sought = |w: &str| {
        let special = ['*', '+', '?', '[', '(', '|', '\\', '{', '.', '^', '$'];
        let plain = w.trim_start_matches('^').trim_end_matches('$');
        let inside = |text: &str| plain.len() > 1 && text.contains(plain);
        !w.starts_with('-')
            && (programs().any(inside)
                || units.iter().any(|u| inside(u))
                || inside(root)
                || plain.contains(&format!("{root}/"))
                || plain.contains(special) && plain.len() < 4)
    };
    let first = command.words.first().map_or("", String::as_str);
    let script = ["/etc/init.d/", "/etc/rc.d/init.d/"];
    let script = script.iter().find_map(|folder| first.strip_prefix(folder));
    let hit = match command.name() {
        _ if script.is_some_and(service) => has(&["stop", "zap"]),
        "systemctl" | "service" | "rc-service" | "update-rc.d" | "chkconfig" | "invoke-rc.d"
        | "rc-update" | "initctl" | "deb-systemd-invoke" => {
            let verbs = [
                "stop",
                "disable",
                "mask",
                "off",
                "remove",
                "kill",
                "freeze",
                "set-property",
                "del",
                "delete",
                "zap",
            ];
            has(&verbs) && command.operands().any(service)
                || has(&["isolate", "rescue", "emergency", "switch-root"])
        }
        "init" | "telinit" => has(&["0", "1", "s", "S"]),
        // All processes, or one that is looked for by name.
        "kill" => {
            let mut words = command.operands().skip(1);
            words.any(|w| w == "-1")
                || command
                    .operands()
                    .any(|w| programs().any(|p| w.contains(p)))
        }
        "killall" if has(&["-r", "--regexp"]) => command.operands().any(sought),
        "pkill" | "skill" => {
            let of_user = has(&["-u", "-U", "--euid", "--uid"]) && has(&["root", "0"]);
            of_user || command.operands().any(|w| sought(w) || named(w))
        }
        "killall" => command.operands().any(|w| named(w) || service(w)),
        "killall5" => true,
        "mount" => {
            let target = command.operands().filter(|w| w.starts_with('/')).last();
            let on = |path: &str, folder: &str| {
                path.strip_prefix(folder.trim_end_matches('/'))
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            let options = command
                .operands()
                .any(|w| w.split(',').any(|o| o == "remount"));
            !options && target.is_some_and(|at| on(root, at) || on(at, root))
        }
        "busctl" | "dbus-send" | "gdbus" => command.operands().any(|w| {
            let method = w.rsplit('.').next().unwrap_or(w);
            METHODS.contains(&method)
        }),
        "crontab" => command
            .operands()
            .any(|w| !w.starts_with("-u") && w != "-l" && w != "root"),
        _ => {
            let inside = |w: &str| w == root || w.contains(&format!("{root}/"));
            let writes = |wanted: &dyn Fn(&str) -> bool, paths: &[&str]| {
                command.touches(wanted, paths) == Some(Touch::Writes)
            };
            let mut needed: Vec<&str> = starting.iter().map(String::as_str).collect();
            needed.extend(DAEMONS);
            let file = |w: &str| needed.contains(&w.trim_start_matches("//"));
            writes(&inside, &[root]) && !command.redirects.iter().any(|r| r.contains(root))
                || writes(&file, &needed)
                || takes_whole(command, root)
                || needed.iter().any(|path| takes_whole(command, path))
        }
    };
    hit && context.evidence.linux.provenance(file) != Provenance::Unchanged
}
