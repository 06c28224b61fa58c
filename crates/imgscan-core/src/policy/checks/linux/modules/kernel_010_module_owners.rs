//! LNX-KERNEL-010: every module belongs to a package, and no module is hidden elsewhere.

use schemars::JsonSchema;
use serde::Deserialize;

use super::describe::{fields, is_proven, mend, signature};
use crate::evidence::linux::Modules;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::{Commands, word};
use crate::policy::checks::linux::fits;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, terminal};

/// Where modules of others than the kernel's vendor are installed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct ThirdParty {
    /// Patterns of paths, `*` for any characters. A package's module there is worth a look where no
    /// key of its kernel signed it.
    third_party: Vec<String>,
}

impl Parameters for ThirdParty {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::entries("third_party", &self.third_party)
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &ThirdParty) -> Outcome {
    let modules = context.evidence.linux.modules();
    let commands = Commands::of(context);
    let mut found = Findings::with_gaps(&modules.gaps);
    elsewhere(modules, &mut found);
    if modules.has_database {
        unowned(modules, commands, &mut found);
    }
    third_party(modules, with, commands, &mut found);
    let count = modules.items.len();
    let no_database = !modules.has_database && count > 0;
    let status = match found.worst() {
        Status::Fail => Status::Fail,
        _ if no_database => Status::Unknown,
        worst => worst,
    };
    if status == Status::Unknown && no_database {
        found.fix_of_unknown(say!(lnx_kernel_010_fix_database));
    }
    found.concluded(status, |status, bad| match status {
        Status::Fail => say!(lnx_kernel_010_fail, count = bad),
        Status::Unknown if no_database => say!(lnx_kernel_010_unknown),
        Status::Warn | Status::Unknown => say!(lnx_kernel_010_concerns, count = bad),
        _ => say!(lnx_kernel_010_pass, count = count),
    })
}

/// Modules and eBPF programs outside of `/lib/modules` that no package owns.
fn elsewhere(modules: &Modules, found: &mut Findings) {
    for misplaced in &modules.misplaced {
        let fact = &misplaced.fact;
        if fact.package.is_some() || !fact.bpf && fact.built_from.is_some() {
            continue;
        }
        let item = |note: Text| {
            Item::at(misplaced.at.clone(), note).compare(
                say!(lnx_kernel_010_expected),
                Text::list(fields(Some(&fact.info))),
            )
        };
        if fact.bpf {
            // What loads it decides what it does, and that is no package's either.
            found.unknown(item(say!(lnx_kernel_010_bpf)));
        } else {
            found.fail(item(say!(lnx_kernel_010_elsewhere)));
        }
        let path = misplaced.at.path.as_deref().unwrap_or_default();
        found.fix(say!(linux_modules_fix_file, file = terminal(&word(path))));
    }
}

/// Modules of the kernels that no package owns.
fn unowned(modules: &Modules, commands: Commands<'_>, found: &mut Findings) {
    let on_disk = modules.items.iter().filter(|m| m.fact.initramfs.is_none());
    for module in on_disk.filter(|m| m.fact.package.is_none()) {
        let note = match &module.fact.built_from {
            Some(package) => say!(lnx_kernel_010_built, package = terminal(package)),
            None => say!(lnx_kernel_010_unowned),
        };
        let mut shown = vec![signature(&module.fact)];
        shown.extend(fields(module.fact.info.as_ref()));
        let item = Item::at(module.at.clone(), note)
            .compare(say!(lnx_kernel_010_expected), Text::list(shown));
        // A key of its kernel signed it, whoever put it there.
        if is_proven(&module.fact) {
            found.pass(item);
            continue;
        }
        if module.fact.built_from.is_some() {
            found.unknown(item);
        } else {
            found.fail(item);
        }
        found.fix(match &module.fact.built_from {
            Some(package) => say!(
                lnx_kernel_010_fix_built,
                package = terminal(package),
                command = terminal(&commands.remove(package))
            ),
            None => mend(commands, module),
        });
    }
    for spare in &modules.spare {
        found.warn(Item::at(spare.at.clone(), say!(lnx_kernel_010_spare)));
        let path = spare.at.path.as_deref().unwrap_or_default();
        found.fix(say!(linux_modules_fix_file, file = terminal(&word(path))));
    }
}

/// Modules of packages in the folders for what does not come with the kernel.
fn third_party(modules: &Modules, with: &ThirdParty, commands: Commands<'_>, found: &mut Findings) {
    for module in &modules.items {
        let Some(package) = &module.fact.package else {
            continue;
        };
        let path = module.at.path.as_deref().unwrap_or_default();
        if !is_proven(&module.fact) && with.third_party.iter().any(|p| fits(p, path)) {
            let note = say!(lnx_kernel_010_third_party, package = terminal(package));
            found.unknown(Item::at(module.at.clone(), note));
            found.fix(say!(
                lnx_kernel_010_fix_third_party,
                package = terminal(package),
                command = terminal(&commands.remove(package))
            ));
        }
    }
}
