//! LNX-KERNEL-022: nothing starts another kernel than those of the boot menu.

use schemars::JsonSchema;
use serde::Deserialize;

use super::describe::{delete_line, is_menu_script, unlisted};
use crate::evidence::linux::{Alters, Autoload, Boot, LoadKind};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::{Commands, word};
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, terminal};

/// What starts another system.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct BootCommands {
    /// Commands of boot loaders that start something other than a Linux kernel.
    commands: Vec<String>,
}

impl Parameters for BootCommands {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::entries("commands", &self.commands)
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &BootCommands) -> Outcome {
    let linux = &context.evidence.linux;
    let (all, boot) = (linux.autoload(), linux.boot());
    let mut found = Findings::with_gaps(&all.gaps);
    found.gaps(boot.gaps.iter().cloned());
    by_lines(all, boot, Commands::of(context), &mut found);
    by_scripts(context, &mut found);
    by_the_running_system(context, &mut found);
    by_menu(boot, with, Commands::of(context), &mut found);
    found.conclude(|status, count| match status {
        Status::Fail => say!(lnx_kernel_022_fail, count = count),
        Status::Warn | Status::Unknown => say!(lnx_kernel_022_concerns, count = count),
        _ => say!(lnx_kernel_022_pass),
    })
}

/// Scripts and settings that load another kernel, or that write the boot menu.
fn by_lines(all: &Autoload, boot: &Boot, commands: Commands<'_>, found: &mut Findings) {
    for line in all.items.iter().filter(|f| f.fact.active) {
        let unowned = all.has_database && line.fact.package.is_none();
        if is_menu_script(line) && unowned {
            found.unknown(Item::at(line.at.clone(), say!(lnx_kernel_022_menu_script)));
            let delete = format!("rm {}", word(line.at.path.as_deref().unwrap_or_default()));
            let command = match commands.make_menu(boot) {
                Some(menu) => format!("{delete} && {menu}"),
                None => delete,
            };
            found.fix(say!(
                lnx_kernel_022_fix_menu_script,
                command = terminal(&command)
            ));
        }
        if line.fact.kind != LoadKind::Kexec {
            continue;
        }
        // kdump loads a kernel for the case that this one crashes.
        let mut words = line.fact.text.split_whitespace();
        if words.any(|w| w == "-p" || w.starts_with("--load-panic")) {
            continue;
        }
        let note = say!(lnx_kernel_022_kexec, line = terminal(&line.fact.text));
        found.fail_if(unowned, Item::at(line.at.clone(), note));
        found.fix(delete_line(line));
    }
}

/// Lines of scripts that start lines lead to, where no package brought the script as it is.
fn by_scripts(context: &Context<'_>, found: &mut Findings) {
    for command in unlisted(context, "kexec") {
        // kdump loads a kernel for the case that this one crashes.
        let mut words = command.fact.operands();
        if words.any(|w| w == "-p" || w.starts_with("--load-panic")) {
            continue;
        }
        let line = terminal(&command.fact.text());
        let note = say!(lnx_kernel_022_kexec, line = line);
        found.fail(Item::at(command.at.clone(), note));
        let place = terminal(&command.at.to_string());
        found.fix(say!(linux_modules_fix_line, place = place));
    }
}

/// What changes the files and settings of the boot once the system runs.
fn by_the_running_system(context: &Context<'_>, found: &mut Findings) {
    for altered in context.evidence.linux.alterations() {
        if altered.fact.what != Alters::Boot {
            continue;
        }
        let shown = Text::verbatim(terminal(&altered.fact.by));
        let item = Item::at(altered.at.clone(), say!(lnx_kernel_022_altered));
        found.unknown(item.compare(say!(lnx_kernel_022_unaltered), shown));
        let place = terminal(&altered.at.to_string());
        found.fix(say!(linux_modules_fix_line, place = place));
    }
}

/// Commands and entries of the boot menu that start something else.
fn by_menu(boot: &Boot, with: &BootCommands, commands: Commands<'_>, found: &mut Findings) {
    let listed = |name: &str| with.commands.iter().any(|c| c == name);
    for command in boot.commands.iter().filter(|c| listed(&c.fact.name)) {
        let text = terminal(&format!("{} {}", command.fact.name, command.fact.arguments));
        let note = say!(lnx_kernel_022_command, command = text);
        found.unknown(Item::at(command.at.clone(), note));
        let place = terminal(&command.at.to_string());
        found.fix(say!(lnx_kernel_022_fix_command, place = place));
    }
    let once = boot.one_shot.as_ref().and_then(|(entry, _)| *entry);
    for (i, entry) in boot.entries.iter().enumerate() {
        let Some(by) = entry.fact.by.as_deref().filter(|by| listed(by)) else {
            continue;
        };
        let text = terminal(&format!("{by} {}", entry.fact.starts));
        let note = say!(lnx_kernel_022_entry, command = text);
        let next = boot.default == Some(i) || once == Some(i) || entry.fact.forced;
        found.fail_if(next, Item::at(entry.at.clone(), note));
        let place = terminal(&entry.at.to_string());
        let made = entry
            .at
            .path
            .as_deref()
            .is_some_and(|p| p.ends_with("/grub.cfg"));
        found.fix(match commands.make_menu(boot).filter(|_| made) {
            Some(menu) => say!(
                lnx_kernel_022_fix_made,
                place = place,
                word = terminal(&word(&entry.fact.starts)),
                command = terminal(&menu)
            ),
            None => say!(lnx_kernel_022_fix_entry, place = place),
        });
    }
}
