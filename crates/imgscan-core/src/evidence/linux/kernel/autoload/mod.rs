//! What loads kernel modules, or runs in their place, without anybody asking: lists of modules,
//! modprobe's hooks, rules of udev, helpers that the kernel starts, hooks of what makes the
//! initramfs, and commands that load modules or another kernel.
//!
//! Sources: modules-load.d(5), modprobe.d(5), udev(7), sysctl.d(5), initramfs-tools(7),
//! dracut.conf(5), Linux `Documentation/admin-guide/sysctl/kernel.rst`.

mod effects;
mod lists;
mod residue;
mod rules;
mod sysctl;

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::linux::packages::{Packages, key_of, listed};
use crate::evidence::linux::reader::{Reader, keep};
use crate::evidence::linux::services::{
    self, Call, MadeAtBoot, PlainCommand, Run, Start, StartLine, calls, exec_calls, plain,
};
use crate::evidence::{Found, Gap, Location};

pub use residue::Residue;
pub(in crate::evidence::linux) use rules::wanted;
pub use sysctl::Setting as SysctlSetting;

/// What a line does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoadKind {
    /// Loads the module that it names.
    Load,
    /// Loads the module in a file.
    Insmod,
    /// Runs a command instead of loading or removing a module.
    Instead,
    /// Gives a module another name.
    Alias,
    /// Loads further modules with one.
    Softdep,
    /// Keeps a module from being loaded by its aliases.
    Blacklist,
    /// A program that the kernel starts by itself.
    Helper,
    /// A program or file that becomes part of the initramfs, or that runs when it is made.
    Hook,
    /// A command of a rule of udev.
    Rule,
    /// Loads another kernel.
    Kexec,
    /// Gives modprobe other modules or settings than those of its own folders.
    Options,
    /// A command that sets, or may set, a program that the kernel starts by itself.
    Sets,
}

/// A program that a line runs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Program {
    /// Its path, or as it stands where it was not found.
    pub path: String,
    /// It is there.
    pub exists: bool,
    /// The package that owns it.
    pub package: Option<String>,
    /// What it does, where a rule of udev runs it and it is a script so simple that its text tells
    /// all of it.
    #[serde(skip)]
    pub script: Option<Vec<PlainCommand>>,
}

/// A line that loads, or runs something.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LoadLine {
    /// What it does.
    pub kind: LoadKind,
    /// The line.
    pub text: String,
    /// The module that it speaks of, `-` as `_`, or the path of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    /// What it runs.
    pub programs: Vec<Program>,
    /// The package that owns the file that it stands in.
    pub package: Option<String>,
    /// What it does, where it is a command of a rule of udev whose text tells all of it.
    #[serde(skip)]
    pub script: Option<Vec<PlainCommand>>,
    /// It takes effect.
    pub active: bool,
}

/// Everything that loads modules by itself.
#[derive(Debug, Clone, Default)]
pub struct Autoload {
    /// The lines, by place.
    pub items: Vec<Found<LoadLine>>,
    /// Settings of the kernel, the last of each key as sysctl reads them.
    pub settings: Vec<Found<SysctlSetting>>,
    /// Options that the kernels were built with, of `/boot/config-*`.
    pub built: Vec<Found<SysctlSetting>>,
    /// Signs that a kernel was built or put in by hand.
    pub residue: Vec<Found<Residue>>,
    /// There is a database of packages that tells who owns a file.
    pub has_database: bool,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// Stands for the release of the running kernel.
const RUNNING: &str = "$(uname-r)";
/// Words that a shell does by itself.
const BUILT_IN: &[&str] = &[
    "true", "false", ":", "echo", "test", "[", "exit", "cd", "export", "exec", "set", "return",
    "printf", "read", "unset", "shift", "trap", "wait", "umask", "eval", ".", "source", "local",
    "command", "type",
];

pub(in crate::evidence::linux) fn collect(
    reader: &Reader<'_>,
    packages: &Packages,
    start: &Start,
    made: &MadeAtBoot,
    run: &Run,
) -> Autoload {
    let mut all = Autoload {
        has_database: packages.has_database(),
        ..Autoload::default()
    };
    lists::collect(reader, &mut all);
    sysctl::collect(reader, &mut all);
    effects::collect(reader, made, run, &mut all);
    for line in &start.lines {
        started(reader, line, &mut all);
    }
    all.gaps.extend(start.gaps.iter().cloned());
    residue::collect(reader, packages, &mut all);
    own(reader, packages, &mut all);
    all.items
        .sort_by(|a, b| (&a.at, a.fact.kind).cmp(&(&b.at, b.fact.kind)));
    all.items.dedup();
    all
}

/// A line of `kind` whose command is `command`.
fn line(kind: LoadKind, text: &str) -> LoadLine {
    LoadLine {
        kind,
        text: text.to_owned(),
        module: None,
        programs: Vec::new(),
        package: None,
        script: None,
        active: true,
    }
}

/// The name of a module as the kernel writes it.
fn normal(name: &str) -> String {
    name.replace('-', "_")
}

/// The programs that a shell command runs.
fn programs(reader: &Reader<'_>, command: &str) -> Vec<Program> {
    let exists = |path: &str| services::exists(reader, path);
    let all = calls(command, &exists);
    all.iter()
        .filter_map(|call| program(reader, call))
        .collect()
}

/// The programs that a command runs which no shell reads.
fn executed(reader: &Reader<'_>, command: &str) -> Vec<Program> {
    let exists = |path: &str| services::exists(reader, path);
    let all = exec_calls(command, &exists);
    all.iter()
        .filter_map(|call| program(reader, call))
        .collect()
}

/// What the scripts among the programs of a rule do, and what these run in turn.
fn scripts(reader: &Reader<'_>, programs: &mut Vec<Program>) {
    let mut all = Vec::new();
    for program in programs.iter_mut().filter(|p| p.exists) {
        // One that can't be read is not explained.
        let text = reader.text(&program.path, &mut Vec::new());
        program.script = text.and_then(|file| plain(&file.text));
        all.extend(program.script.iter().flatten().cloned());
    }
    inner(reader, Some(&all), programs);
}

/// Adds the programs that the commands of a script run.
fn inner(reader: &Reader<'_>, script: Option<&[PlainCommand]>, programs: &mut Vec<Program>) {
    for command in script.unwrap_or_default() {
        let Some(name) = command.words.first() else {
            continue;
        };
        let call = Call {
            program: name.clone(),
            certain: false,
            direct: true,
        };
        if let Some(program) = program(reader, &call)
            && !programs.iter().any(|p| p.path == program.path)
        {
            programs.push(program);
        }
    }
}

fn program(reader: &Reader<'_>, call: &Call) -> Option<Program> {
    let name = call.program.as_str();
    if BUILT_IN.contains(&name) {
        return None;
    }
    let found = if name.starts_with('/') {
        reader.find(name.as_bytes(), &mut Vec::new())
    } else {
        reader.program(name, &mut Vec::new())
    };
    let found = found.map(|at| at.path_text());
    Some(Program {
        exists: found.is_some(),
        path: found.unwrap_or_else(|| name.to_owned()),
        package: None,
        script: None,
    })
}

/// What a line that starts by itself loads.
fn started(reader: &Reader<'_>, found: &Found<StartLine>, all: &mut Autoload) {
    let command = &found.fact.command;
    if !["insmod", "modprobe", "kmod", "kexec"]
        .iter()
        .any(|w| command.contains(w))
    {
        return;
    }
    let exists = |path: &str| services::exists(reader, path);
    for call in found.fact.calls(&exists) {
        let name = call.program.rsplit('/').next().unwrap_or_default();
        let kind = match name {
            "insmod" => LoadKind::Insmod,
            "modprobe" | "kmod" => LoadKind::Load,
            "kexec" => LoadKind::Kexec,
            _ => continue,
        };
        let mut one = line(kind, command);
        one.active = found.fact.inactive.is_none();
        // One word of a path.
        let command = command
            .replace("$(uname -r)", RUNNING)
            .replace("`uname -r`", RUNNING);
        let mut words = command.split(|c: char| c.is_whitespace() || ";|&\"'".contains(c));
        let behind = words.by_ref().find(|w| w.rsplit('/').next() == Some(name));
        let mut operands = words.filter(|w| !w.is_empty() && !w.starts_with('-') && *w != "insmod");
        one.module = behind.and(operands.next()).map(str::to_owned);
        if kind == LoadKind::Load {
            let module = one.module.take().filter(|m| !m.contains(['$', '%']));
            one.module = module.map(|m| normal(&m));
        }
        one.programs.extend(program(reader, &call));
        add(all, found.at.clone(), one);
    }
}

/// Who owns the files and the programs.
fn own(reader: &Reader<'_>, packages: &Packages, all: &mut Autoload) {
    if !packages.has_database() {
        return;
    }
    let key = |path: &str| key_of(path).to_owned();
    let mut wanted = BTreeSet::new();
    for found in &all.items {
        wanted.extend(found.at.path.as_deref().map(key));
        wanted.extend(found.fact.programs.iter().map(|p| key(&p.path)));
    }
    let owners = listed(reader, packages, |p| wanted.contains(p), &mut all.gaps);
    let owners: BTreeMap<&str, &str> = owners
        .iter()
        .map(|(path, listed)| (path.as_str(), listed.package.as_str()))
        .collect();
    let of = |path: &str| owners.get(key(path).as_str()).map(|p| (*p).to_owned());
    for found in &mut all.items {
        found.fact.package = found.at.path.as_deref().and_then(of);
        for program in &mut found.fact.programs {
            program.package = of(&program.path);
        }
    }
}

/// Adds a line of a file.
fn add(all: &mut Autoload, at: Location, fact: LoadLine) {
    keep(&mut all.items, &mut all.gaps, fact, at);
}
