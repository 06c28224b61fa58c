//! LNX-KERNEL-012: only what packages brought loads modules, or runs in their place.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;

use super::describe::{delete_line, file_name, is_menu_script, is_proven, module_name, unlisted};
use crate::evidence::Found;
use crate::evidence::linux::{LoadKind, LoadLine, Modules, PlainCommand, Program, Provenance};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::{Commands, word};
use crate::policy::checks::linux::fits;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, matches, terminal};

/// What lines that load modules may name.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Hooks {
    /// Names of programs that any line may run in place of a module.
    harmless: Vec<String>,
    /// Patterns of modules of security software: a line that keeps one from loading is a warning.
    security_modules: Vec<String>,
    /// What a script may consist of that nobody's package brought and that a package's rule runs.
    generated: Generated,
    /// What a rule of udev may run that no package brought.
    rules: Generated,
}

/// Scripts and commands that are harmless because of all that they do.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Generated {
    /// Programs, each with patterns of its operands, `*` for any characters.
    commands: BTreeMap<String, Vec<String>>,
    /// Patterns of the files that they may write.
    writes: Vec<String>,
}

impl Generated {
    /// The name of a program: one with a path is asked for who brought it.
    fn name(program: &str) -> &str {
        let folders = ["/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"];
        let name = folders.iter().find_map(|f| program.strip_prefix(f));
        name.unwrap_or(program)
    }

    /// True of a script every command of which may be there.
    fn explains(&self, script: &[PlainCommand]) -> bool {
        let fits = |patterns: &[String], word: &str| {
            !word.split('/').any(|part| part == "..") && patterns.iter().any(|p| matches(p, word))
        };
        script.iter().all(|command| {
            let writes = command.writes.iter().all(|file| fits(&self.writes, file));
            let known = match command.words.split_first() {
                None => true,
                Some((program, operands)) => {
                    let patterns = self.commands.get(Self::name(program));
                    patterns.is_some_and(|p| operands.iter().all(|word| fits(p, word)))
                }
            };
            writes && known
        })
    }
}

impl Parameters for Hooks {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::entries("harmless", &self.harmless)?;
        valid::entries("security_modules", &self.security_modules)?;
        for (list, path) in [(&self.generated, "generated"), (&self.rules, "rules")] {
            for (program, operands) in &list.commands {
                valid::entries(&format!("{path}.commands.{program}"), operands)?;
            }
            valid::entries(&format!("{path}.writes"), &list.writes)?;
        }
        Ok(())
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Hooks) -> Outcome {
    let all = context.evidence.linux.autoload();
    let modules = context.evidence.linux.modules();
    let foreign = foreign(modules);
    let known = known(modules);
    let mut found = Findings::with_gaps(&all.gaps);
    for line in all.items.iter().filter(|f| f.fact.active) {
        let fact = &line.fact;
        if fact.kind == LoadKind::Kexec || is_menu_script(line) {
            continue;
        }
        programs(context, line, with, &mut found);
        let name = fact.module.as_deref().unwrap_or_default();
        let unowned = all.has_database && fact.package.is_none();
        let text = terminal(&fact.text);
        let (status, note) = match fact.kind {
            LoadKind::Insmod => by_file(modules, [name], text),
            LoadKind::Load | LoadKind::Alias | LoadKind::Softdep
                if foreign.get(name).is_some_and(|built| !built || unowned) =>
            {
                (
                    Status::Fail,
                    say!(lnx_kernel_012_unproven_module, line = text),
                )
            }
            // What depmod writes is no package's.
            LoadKind::Softdep if made_by_depmod(line) => continue,
            LoadKind::Options | LoadKind::Sets if !stands(context, line) => {
                let note = match fact.kind {
                    LoadKind::Options => say!(lnx_kernel_012_options, line = text),
                    _ => say!(lnx_kernel_012_sets, line = text),
                };
                (Status::Unknown, note)
            }
            LoadKind::Blacklist | LoadKind::Instead
                if (fact.kind == LoadKind::Blacklist || keeps_out(fact, with))
                    && with.security_modules.iter().any(|s| fits(s, name)) =>
            {
                (Status::Warn, say!(lnx_kernel_012_kept_out, line = text))
            }
            // It runs with nobody asked when a kernel is updated, and what it puts into the boot is not
            // in the image yet.
            LoadKind::Hook if unowned && is_program(context, line) => {
                (Status::Unknown, say!(lnx_kernel_012_own_hook, line = text))
            }
            LoadKind::Instead if keeps_out(fact, with) => continue,
            // Each module of the kernels is judged by itself, whatever loads it.
            LoadKind::Load | LoadKind::Alias | LoadKind::Softdep if known.contains(name) => {
                continue;
            }
            LoadKind::Load
            | LoadKind::Alias
            | LoadKind::Softdep
            | LoadKind::Hook
            | LoadKind::Instead
                if unowned =>
            {
                (Status::Warn, say!(lnx_kernel_012_unowned_file, line = text))
            }
            _ => continue,
        };
        found.add(status, Item::at(line.at.clone(), note));
        found.fix(delete_line(line));
    }
    scripts(context, &mut found);
    if all.has_database {
        loaders(context, &mut found);
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(lnx_kernel_012_fail, count = count),
        Status::Warn | Status::Unknown => say!(lnx_kernel_012_concerns, count = count),
        _ => say!(lnx_kernel_012_pass),
    })
}

/// True of a hook that can run, or that is sourced or obeyed by one that runs: other settings beside
/// them can't do anything.
fn is_program(context: &Context<'_>, line: &Found<LoadLine>) -> bool {
    let path = line.at.path.as_deref().unwrap_or_default();
    let file = context.evidence.files.file(path).ok().flatten();
    let obeyed = path.starts_with("/etc/initramfs-tools/conf.d/") || path == "/etc/kernel/uki.conf";
    line.at.line.is_none()
        && (obeyed || file.is_some_and(|f| f.metadata.mode.is_none_or(|mode| mode & 0o111 != 0)))
}

/// Lines of scripts that start lines lead to, where no package brought the script as it is.
fn scripts(context: &Context<'_>, found: &mut Findings) {
    let modules = context.evidence.linux.modules();
    for command in unlisted(context, "insmod") {
        let text = terminal(&command.fact.text());
        let (status, note) = by_file(modules, command.fact.operands(), text);
        found.add(status, Item::at(command.at.clone(), note));
        let place = terminal(&command.at.to_string());
        found.fix(say!(linux_modules_fix_line, place = place));
    }
}

/// What loads modules, for the kernel, for udev and at boot.
const LOADERS: &[&str] = &[
    "/sbin/modprobe",
    "/sbin/insmod",
    "/bin/kmod",
    "/lib/systemd/systemd-modules-load",
    "/lib/systemd/systemd-udevd",
    "/bin/udevadm",
];

/// Names of kmod.
const LINKS: &[&str] = &["modprobe", "insmod"];

/// Programs that load modules and are not as a package brought them.
fn loaders(context: &Context<'_>, found: &mut Findings) {
    let linux = &context.evidence.linux;
    let mut seen = BTreeSet::new();
    for path in LOADERS {
        let Some(file) = found.read(context.evidence.files.file(path)) else {
            continue;
        };
        let real = file.at.path.clone().unwrap_or_default();
        let other = match linux.provenance(&real) {
            Provenance::Changed | Provenance::Foreign => true,
            // A package that has kmod has only links to it of these names.
            Provenance::Unknown => {
                let kmod = context.evidence.files.file("/bin/kmod").ok().flatten();
                LINKS.contains(&file_name(&real)) && kmod.is_some()
            }
            Provenance::Unchanged => false,
        };
        if !other || !seen.insert(real) {
            continue;
        }
        let note = say!(lnx_kernel_012_loader, program = *path);
        found.unknown(Item::at(file.at.clone(), note));
        found.fix(say!(
            lnx_kernel_012_fix_loader,
            search = terminal(&Commands::of(context).find_package(path))
        ));
    }
}

/// True where the file of a line stands as its package brought it.
fn stands(context: &Context<'_>, line: &Found<LoadLine>) -> bool {
    let path = line.at.path.as_deref().unwrap_or_default();
    context.evidence.linux.provenance(path) == Provenance::Unchanged
}

fn made_by_depmod(line: &Found<LoadLine>) -> bool {
    let path = line.at.path.as_deref().unwrap_or_default();
    inside_modules(path).is_some() && file_name(path) == "modules.softdep"
}

/// Modules that neither a signature nor a package proves, by name, and whether DKMS built them:
/// what DKMS built may be loaded by what a package brought.
fn foreign(modules: &Modules) -> BTreeMap<String, bool> {
    let all = modules.items.iter();
    let foreign = all.filter(|m| !is_proven(&m.fact) && m.fact.package.is_none());
    foreign
        .filter_map(|m| {
            let name = module_name(m.at.path.as_deref()?);
            Some((name, m.fact.built_from.is_some()))
        })
        .collect()
}

/// The names of the modules that the kernels have, built-in ones too.
fn known(modules: &Modules) -> BTreeSet<String> {
    let files = modules.items.iter().filter(|m| m.fact.initramfs.is_none());
    let names = files.filter_map(|m| Some(module_name(m.at.path.as_deref()?)));
    names.chain(modules.built_in.iter().cloned()).collect()
}

/// True of a line that runs a program which does nothing, so that a module is not loaded.
fn keeps_out(fact: &LoadLine, with: &Hooks) -> bool {
    let words: Vec<&str> = fact.text.split_whitespace().collect();
    let [_, _, program] = words.as_slice() else {
        return false;
    };
    with.harmless.iter().any(|h| h == file_name(program))
}

/// The release and the rest of `path`, where that is below the folder of modules.
fn inside_modules(path: &str) -> Option<(&str, &str)> {
    let bare = path.strip_prefix("/usr").unwrap_or(path);
    let inside = bare.strip_prefix("/lib/modules/")?;
    let running = ["$(uname -r)", "$(uname-r)", "`uname -r`"];
    let release = running.iter().find_map(|r| inside.strip_prefix(r));
    match release.and_then(|rest| rest.strip_prefix('/')) {
        Some(rest) => Some(("", rest)),
        None => inside.split_once('/'),
    }
}

/// What it means that `line` loads the file that is among `words`.
fn by_file<'a>(
    modules: &Modules,
    words: impl IntoIterator<Item = &'a str>,
    line: String,
) -> (Status, Text) {
    let Some((release, rest)) = words.into_iter().find_map(inside_modules) else {
        return (Status::Fail, say!(lnx_kernel_012_outside, line = line));
    };
    let mut named = modules.items.iter().filter(|m| {
        let own = m.at.path.as_deref().and_then(inside_modules);
        own.is_some_and(|(of, own)| own == rest && (release.is_empty() || of == release))
    });
    // Each module of the kernels is judged by itself.
    if named.any(|m| is_proven(&m.fact) || m.fact.package.is_some()) {
        return (Status::Warn, say!(lnx_kernel_012_by_file, line = line));
    }
    (
        Status::Fail,
        say!(lnx_kernel_012_unproven_module, line = line),
    )
}

/// Programs that run instead of loading a module, or that the kernel and udev start.
fn programs(context: &Context<'_>, line: &Found<LoadLine>, with: &Hooks, found: &mut Findings) {
    let all = context.evidence.linux.autoload();
    let fact = &line.fact;
    let runs = [
        LoadKind::Instead,
        LoadKind::Helper,
        LoadKind::Rule,
        LoadKind::Hook,
    ];
    if !runs.contains(&fact.kind) || !all.has_database {
        return;
    }
    let text = terminal(&fact.text);
    let text = text.as_str();
    let place = terminal(&line.at.to_string());
    let commands = Commands::of(context);
    let missing = |program: &Program, place: &str| {
        say!(
            lnx_kernel_012_fix_missing,
            program = terminal(&program.path),
            search = terminal(&commands.find_package(&program.path)),
            place = place
        )
    };
    let mut other = false;
    for program in &fact.programs {
        let known = with.harmless.iter().any(|h| h == file_name(&program.path));
        other |= !known;
        let here =
            fact.package.is_some() || !matches!(fact.kind, LoadKind::Helper | LoadKind::Instead);
        let path = terminal(&program.path);
        if !program.exists && here {
            let note = say!(lnx_kernel_012_no_program, line = text);
            found.warn(
                Item::at(line.at.clone(), note)
                    .compare(say!(lnx_kernel_012_expected), Text::verbatim(path.as_str())),
            );
            found.fix(missing(program, place.as_str()));
        } else if program.package.is_none() {
            // The rule gives it the name of a device, and it does what its text says.
            let script = program.script.as_deref();
            if fact.package.is_some() && script.is_some_and(|s| with.generated.explains(s)) {
                continue;
            }
            // It would run what somebody puts there.
            let note = if program.exists {
                say!(lnx_kernel_012_unowned_program, line = text)
            } else {
                say!(lnx_kernel_012_no_program, line = text)
            };
            found.fail(
                Item::at(line.at.clone(), note)
                    .compare(say!(lnx_kernel_012_expected), Text::verbatim(path.as_str())),
            );
            found.fix(if program.exists {
                say!(
                    lnx_kernel_012_fix_program,
                    program = terminal(&word(&program.path)),
                    place = place.as_str()
                )
            } else {
                missing(program, place.as_str())
            });
        }
    }
    // A rule may start a unit, or a program that is not there yet.
    let other = other || fact.kind == LoadKind::Rule && fact.programs.is_empty();
    if !other || fact.package.is_some() {
        return;
    }
    // A shell of a package does what the line says.
    if fact.kind == LoadKind::Instead {
        let note = say!(lnx_kernel_012_instead, line = text);
        found.fail(Item::at(line.at.clone(), note));
        found.fix(delete_line(line));
    }
    let script = fact.script.as_deref();
    if fact.kind == LoadKind::Rule && !script.is_some_and(|s| with.rules.explains(s)) {
        let note = say!(lnx_kernel_012_rule, line = text);
        found.unknown(Item::at(line.at.clone(), note));
        found.fix(delete_line(line));
    }
}
