//! What starts an agent.

use std::collections::BTreeMap;

use super::agent_001_installed::Family;
use super::hindrance::{Hindrance, Hindrances, changed_programs, own_units, stops, taken_away};
use crate::evidence::files::{Executable, FileFact};
use crate::evidence::linux::{Call, Inactive, StartLine, Starter, Use, calls};
use crate::evidence::{Found, Gap, Location};
use crate::fs::FileKind;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::boot::remove_argument;
use crate::policy::checks::linux::commands::{Commands, word};
use crate::policy::checks::linux::wording;
use crate::policy::{Context, Item, Status};
use crate::text::{Text, terminal};

/// The longest start script that is looked into, in bytes.
pub(super) const MAX_SCRIPT: u64 = 1024 * 1024;

/// Words that start no program of their own.
pub(super) const NO_PROGRAMS: &[&str] = &[
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
    let mut hindrances = Hindrances::of_system(context);
    let mut best = Start::None;
    let mut seen = BTreeMap::new();
    let mut lines = Vec::new();
    let mut on_the_way = Vec::new();
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
        let changed = changed_programs(context, &line.fact, &call);
        let mut hindered = hindrances.of(context, &line.fact);
        if !changed.is_empty() {
            hindered = hindered.max(Some(Hindrance::Possible));
        }
        on_the_way.extend(changed.into_iter().map(|item| (Status::Unknown, item)));
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
    let starting: Vec<String> = lines
        .iter()
        .filter(|(_, this, ..)| *this == Start::Active)
        .filter_map(|(line, ..)| line.at.path.clone())
        .collect();
    let named: Vec<Location> = lines.iter().map(|(line, ..)| line.at.clone()).collect();
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
        for (status, item) in hindrances.items.into_iter().chain(on_the_way) {
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
            if stops(context, &command.fact, family, root, &starting) {
                best = Start::Conditional;
                let shown = Text::verbatim(terminal(&command.fact.text()));
                let item = Item::at(command.at.clone(), say!(linux_agent_stopped));
                found.unknown(item.compare(say!(linux_agent_not_stopped), shown));
            }
        }
    }
    if best == Start::Active && taken_away(context, root, &starting, found) {
        best = Start::Conditional;
    }
    if let Some((item, fix)) = other_boot {
        found.unknown(item);
        found.fix(fix);
    }
    if best == Start::RunnerDisabled {
        for at in own_units(context) {
            found.fail(Item::at(at, say!(linux_agent_unit_doubt)));
        }
    }
    if best == Start::None {
        for line in start.lines.iter().filter(|l| l.fact.command.contains(root)) {
            if !named.contains(&line.at) {
                let item = Item::at(line.at.clone(), say!(linux_agent_names_only));
                let shown = Text::verbatim(terminal(&line.fact.command));
                found.fail(item.compare(say!(linux_agent_expected_start), shown));
            }
        }
    }
    // Only where a line may be hidden do the gaps of the start lines matter.
    if best != Start::Active {
        found.gaps(start.gaps.iter().cloned());
    }
    best
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

pub(super) fn exists(context: &Context<'_>, path: &str) -> Option<bool> {
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
