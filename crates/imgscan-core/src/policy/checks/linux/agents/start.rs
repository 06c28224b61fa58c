//! What starts an agent.

use std::collections::BTreeMap;

use super::agent_001_installed::Family;
use crate::evidence::files::{Executable, FileFact};
use crate::evidence::linux::{
    Answer, Call, Inactive, Provenance, RunCommand, StartLine, Starter, Touch, Use, calls,
};
use crate::evidence::{Found, Gap};
use crate::fs::FileKind;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::boot::remove_argument;
use crate::policy::checks::linux::commands::{Commands, word};
use crate::policy::checks::linux::{fits, wording};
use crate::policy::{Context, Item, Status};
use crate::text::{Text, terminal};

/// The longest start script that is looked into, in bytes.
const MAX_SCRIPT: u64 = 1024 * 1024;

/// Words that start no program of their own.
const NO_PROGRAMS: &[&str] = &[
    "true", "false", ":", "exit", "return", "echo", "printf", "sleep", "cd", "set", "export", "[",
    "[[", "test", "umask", "unset", "shift", "break", "continue", "trap",
];

/// The best start line that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Start {
    None,
    RunnerDisabled,
    /// Under a condition that is only known at run time.
    Conditional,
    Active,
}

/// Whether a line starts something of the tree, with the lines as evidence.
pub(super) fn starts(
    context: &Context<'_>,
    family: &Family,
    root: &str,
    found: &mut Findings,
) -> Start {
    let start = context.evidence.linux.start();
    let hindrances = Hindrances::of_system(context);
    let mut best = Start::None;
    let mut seen = BTreeMap::new();
    let mut lines = Vec::new();
    for line in &start.lines {
        let Some(call) = started(context, &line.fact, family, root) else {
            continue;
        };
        // Many lines may start one program, which is read once.
        let key = (call.program.clone(), call.direct, line.fact.user.clone());
        let known = seen
            .entry(key)
            .or_insert_with(|| trouble(context, &line.fact, &call, root));
        let why = match known.clone() {
            Ok(why) => why,
            Err(gap) => {
                found.gap(gap);
                continue;
            }
        };
        let hindered = hindrances.of(&line.fact);
        let why = why
            .or_else(|| (hindered == Some(Hindrance::Certain)).then(|| say!(linux_start_hindered)));
        let this = match line.fact.inactive {
            _ if why.is_some() => Start::None,
            None if hindered.is_some() => Start::Conditional,
            None if call.certain => Start::Active,
            None => Start::Conditional,
            Some(Inactive::RunnerDisabled) => Start::RunnerDisabled,
            Some(_) => Start::None,
        };
        best = best.max(this);
        let why = line.fact.inactive.map(wording::inactive).or(why);
        lines.push((line, this, call.certain, why));
    }
    let other_boot = (best == Start::Active)
        .then(|| other_boot(context))
        .flatten();
    if best == Start::Active {
        // Where it can't be told what boots, it can't be told what starts either.
        found.gaps(context.evidence.linux.boot().gaps.iter().cloned());
    }
    if other_boot.is_some() {
        best = Start::Conditional;
    }
    let status = match best {
        Start::None => Status::Fail,
        Start::RunnerDisabled => Status::Fail,
        Start::Conditional => Status::Unknown,
        Start::Active => Status::Pass,
    };
    for (line, this, certain, why) in lines {
        // A line that starts the agent but for the other boot is met by itself.
        let met = this == Start::Active;
        found.add(
            if met { Status::Pass } else { status },
            start_item(line, certain, why),
        );
        if !met && this == best {
            fix(context, line, best, family, found);
        }
    }
    if best != Start::Active {
        for (status, item) in hindrances.items {
            found.add(status, item);
        }
        for (service, at) in &start.broken {
            let note = say!(linux_agent_broken_service, name = terminal(service));
            found.add(status, Item::at(at.clone(), note));
        }
    }
    // What stops the agent or takes it away when the machine runs.
    if best == Start::Active {
        for command in &context.evidence.linux.run().commands {
            if stops(context, &command.fact, family, root) {
                best = Start::Conditional;
                let shown = Text::verbatim(terminal(&command.fact.text()));
                let item = Item::at(command.at.clone(), say!(linux_agent_stopped));
                found.unknown(item.compare(say!(linux_agent_not_stopped), shown));
            }
        }
    }
    if let Some((item, fix)) = other_boot {
        found.unknown(item);
        found.fix(fix);
    }
    // Only where a line may be hidden do the gaps of the start lines matter.
    if best != Start::Active {
        found.gaps(start.gaps.iter().cloned());
    }
    best
}

/// What keeps lines from running that the system would run otherwise.
struct Hindrances {
    cron: Option<Hindrance>,
    items: Vec<(Status, Item)>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hindrance {
    Possible,
    Certain,
}

/// Services of cron daemons.
const CRON: &[&str] = &["cron.service", "crond.service", "cronie.service"];

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
    fn of_system(context: &Context<'_>) -> Self {
        let linux = &context.evidence.linux;
        let mut all = Self {
            cron: None,
            items: Vec::new(),
        };
        // Only a daemon that uses PAM has a service of its own there.
        match &linux.pam().cron {
            Some((Answer::No, at)) => {
                let item = Item::at(at.clone(), say!(linux_agent_pam_denies));
                all.add(Hindrance::Certain, item);
            }
            Some((Answer::Depends(at), _)) => {
                let item = Item::at(at.clone(), say!(linux_agent_pam_depends));
                all.add(Hindrance::Possible, item);
            }
            _ => {}
        }
        for line in &linux.start().cron_daemons {
            if let Some(option) = odd_option(&line.fact) {
                let item = Item::at(line.at.clone(), say!(linux_agent_unit_doubt));
                let shown = Text::verbatim(terminal(option));
                let usual = say!(linux_agent_cron_options);
                all.add(Hindrance::Possible, item.compare(usual, shown));
            }
        }
        for name in CRON {
            for doubt in linux.unit_doubts(name) {
                let shown = format!("{}={}", doubt.fact.key, doubt.fact.value);
                let item = Item::at(doubt.at, say!(linux_agent_unit_doubt));
                let shown = Text::verbatim(terminal(&shown));
                all.add(
                    Hindrance::Possible,
                    item.compare(say!(linux_agent_unit_own), shown),
                );
            }
        }
        all
    }

    fn add(&mut self, hindrance: Hindrance, item: Item) {
        self.cron = self.cron.max(Some(hindrance));
        let status = match hindrance {
            Hindrance::Certain => Status::Fail,
            Hindrance::Possible => Status::Unknown,
        };
        self.items.push((status, item));
    }

    /// What hinders a line.
    fn of(&self, line: &StartLine) -> Option<Hindrance> {
        match line.starter {
            Starter::Crontab | Starter::CronScript | Starter::Anacron => self.cron,
            _ => None,
        }
    }
}

/// True for a command that stops the agent or its daemon, or takes away a file of it, and that is
/// not the agent's own.
fn stops(context: &Context<'_>, command: &RunCommand, family: &Family, root: &str) -> bool {
    let file = command.file.as_deref().unwrap_or("");
    let mut roots = family.roots.iter();
    let own = roots.any(|r| file.starts_with(&format!("{r}/")));
    if command.foreign || own {
        return false;
    }
    let has = |words: &[&str]| command.operands().any(|w| words.contains(&w));
    let cron = |w: &str| matches!(w.trim_end_matches(".service"), "cron" | "crond" | "cronie");
    let named = |w: &str| {
        let name = w.rsplit('/').next().unwrap_or(w);
        let mut programs = family.programs.iter();
        // `agent` alone is a word of many programs.
        programs.any(|p| p.name.trim_matches('*').len() > 5 && fits(&p.name, name))
    };
    let hit = match command.name() {
        "systemctl" | "service" | "rc-service" | "update-rc.d" | "chkconfig" => {
            has(&["stop", "disable", "mask", "off", "remove", "kill"])
                && command.operands().any(cron)
        }
        "killall" | "pkill" | "skill" => command.operands().any(|w| named(w) || cron(w)),
        _ => {
            let inside = |w: &str| w == root || w.contains(&format!("{root}/"));
            command.touches(&inside, &[root]) == Some(Touch::Writes)
                && !command.redirects.iter().any(|r| r.contains(root))
        }
    };
    hit && context.evidence.linux.provenance(file) != Provenance::Unchanged
}

/// What makes a line start the agent.
fn fix(
    context: &Context<'_>,
    line: &Found<StartLine>,
    best: Start,
    family: &Family,
    found: &mut Findings,
) {
    let place = terminal(&line.at.to_string());
    let command = terminal(&line.fact.command);
    let commands = Commands::of(context);
    let unit = line
        .fact
        .when
        .as_deref()
        .filter(|_| line.fact.starter == Starter::Systemd);
    let unit = unit.and_then(|unit| unit.strip_suffix(".service"));
    let path = word(line.at.path.as_deref().unwrap_or_default());
    let by_reason = match (line.fact.inactive, unit) {
        (Some(Inactive::NotExecutable), _) => Some(format!("chmod +x {path}")),
        (Some(Inactive::FileIgnored), _) => {
            Some(format!("chown root:root {path} && chmod 644 {path}"))
        }
        (Some(Inactive::Masked), Some(unit)) => {
            let enable = commands.enable(unit);
            Some(format!("systemctl unmask {} && {enable}", word(unit)))
        }
        (Some(Inactive::NotEnabled), Some(unit)) => Some(commands.enable(unit)),
        _ => None,
    };
    if let Some(mend) = by_reason.filter(|_| best == Start::None) {
        found.fix(say!(
            linux_agent_fix_reason,
            agent = &family.name,
            place = place.as_str(),
            command = terminal(&mend)
        ));
    }
    found.fix(match best {
        Start::RunnerDisabled => say!(
            linux_agent_fix_runner,
            place = place,
            command = terminal(&runner(context, line.fact.starter))
        ),
        Start::Conditional => say!(linux_agent_fix_condition, place = place, command = command),
        _ => say!(
            linux_agent_fix_start,
            agent = &family.name,
            place = place,
            command = command
        ),
    });
}

/// An argument of the default kernel by which another program than the init of the image runs, or
/// fewer of its units (kernel-parameters, systemd(1), systemd-debug-generator(8)): as evidence, and
/// how it goes.
fn other_boot(context: &Context<'_>) -> Option<(Item, Text)> {
    let linux = &context.evidence.linux;
    let full = &context.shared.full_boot;
    let has = |list: &[String], word: &str| list.iter().any(|known| known == word);
    let is_odd = |word: &&str| {
        let word = word.trim_matches('"');
        match word.split_once('=') {
            Some(("init", program)) => !has(&full.init, program),
            Some(("systemd.unit", unit)) => !has(&full.units, unit),
            Some((key, _)) => key == "systemd.mask",
            None => has(&full.reduced_by, word),
        }
    };
    let lines = linux.command_lines().items.iter();
    let mut by_default = lines.filter(|l| l.fact.use_ == Use::Default);
    let (line, argument) = by_default.find_map(|l| Some((l, l.fact.arguments().find(is_odd)?)))?;
    let odd = terminal(argument);
    let item = Item::at(line.at.clone(), say!(linux_agent_other_boot)).compare(
        say!(linux_agent_no_such_argument),
        Text::verbatim(odd.as_str()),
    );
    Some((item, remove_argument(context, line, argument)))
}

/// What enables the daemon that runs lines of this kind.
fn runner(context: &Context<'_>, starter: Starter) -> String {
    let commands = Commands::of(context);
    let service = match starter {
        Starter::RcLocal => "rc-local",
        _ => {
            let known = ["cron", "crond", "cronie", "dcron"];
            let there = known.iter().find(|service| commands.has_service(service));
            let usual = if commands.is_debian() {
                "cron"
            } else {
                "crond"
            };
            there.copied().unwrap_or(usual)
        }
    };
    commands.enable(service)
}

/// The program of the family that the line starts.
fn started(context: &Context<'_>, line: &StartLine, family: &Family, root: &str) -> Option<Call> {
    let exists = |path: &str| exists(context, path);
    let mut found: Vec<Call> = line.calls(&exists);
    for call in &mut found {
        call.program = tidy_path(&call.program);
    }
    found.retain(|call| {
        let program = call.program.to_lowercase();
        family
            .start
            .iter()
            .any(|below| program.starts_with(&format!("{root}/{below}").to_lowercase()))
    });
    let at = found.iter().position(|call| call.certain).unwrap_or(0);
    (!found.is_empty()).then(|| found.swap_remove(at))
}

fn exists(context: &Context<'_>, path: &str) -> Option<bool> {
    let found = context.evidence.guest.paths.find(path.as_bytes());
    found.ok().map(|at| at.is_some())
}

/// The path without `.`, `..` and doubled slashes.
fn tidy_path(path: &str) -> String {
    if !path.starts_with('/') {
        return path.to_owned();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// Why the line, when it runs, does not start the agent.
fn trouble(
    context: &Context<'_>,
    line: &StartLine,
    call: &Call,
    root: &str,
) -> Result<Option<Text>, Gap> {
    let program = &call.program;
    let shown = terminal(program);
    let fact = context.evidence.files.file(program)?;
    let Some(fact) = fact.filter(|f| f.metadata.kind == FileKind::Regular && f.metadata.size > 0)
    else {
        return Ok(Some(say!(linux_start_no_program, program = shown)));
    };
    let real = fact.at.path.clone().unwrap_or_default();
    if let Some(tree) = context.evidence.files.file(root)?.and_then(|f| f.at.path)
        && !real.starts_with(&format!("{tree}/"))
    {
        let real = terminal(&real);
        return Ok(Some(say!(
            linux_start_leads_out,
            program = shown,
            path = real
        )));
    }
    if call.direct && fact.metadata.mode.is_some_and(|m| m & 0o111 == 0) {
        return Ok(Some(say!(
            linux_start_program_not_executable,
            program = shown
        )));
    }
    if let Some(user) = &line.user
        && !is_root(context, user)
    {
        return Ok(Some(say!(linux_start_not_root, user = terminal(user))));
    }
    if is_stub(context, &fact)? {
        return Ok(Some(say!(linux_start_stub, program = shown)));
    }
    Ok(None)
}

fn is_root(context: &Context<'_>, user: &str) -> bool {
    let accounts = context.evidence.linux.accounts();
    let mut all = accounts.active();
    user == "root"
        || user == "0"
        || all
            .find(|u| u.fact.name == user)
            .is_some_and(|u| u.fact.uid == Some(0))
}

/// True for a shell script of which no command can start a program.
fn is_stub(context: &Context<'_>, fact: &FileFact) -> Result<bool, Gap> {
    if fact.executable != Some(Executable::Script) {
        return Ok(false);
    }
    let path = fact.at.path.as_deref().unwrap_or_default();
    let file = context
        .evidence
        .guest
        .paths
        .read(path.as_bytes(), MAX_SCRIPT);
    let file = file.map_err(|e| Gap::at_path(path, &e))?;
    let text = String::from_utf8_lossy(&file.bytes);
    let first = text.lines().next().unwrap_or("");
    if !first.split(['/', ' ']).any(|w| w.ends_with("sh")) {
        return Ok(false);
    }
    let exists = |path: &str| exists(context, path);
    Ok(calls(&text, &exists).iter().all(|call| {
        NO_PROGRAMS.contains(&call.program.as_str())
            || matches!(
                call.program.as_str(),
                "/bin/true" | "/usr/bin/true" | "/bin/false"
            )
    }))
}

fn start_item(line: &Found<StartLine>, certain: bool, why: Option<Text>) -> Item {
    let note = match why {
        None if certain => say!(linux_agent_starts),
        None => say!(linux_agent_starts_conditionally),
        Some(why) => say!(linux_agent_does_not_start, why = why),
    };
    Item::at(line.at.clone(), note).compare(
        say!(linux_agent_expected_start),
        Text::verbatim(terminal(&line.fact.command)),
    )
}
