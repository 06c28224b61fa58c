//! LNX-KERNEL-009: every module is signed by a key of its kernel, or proven by its package.

use super::describe::{mend, no_modules, signature};
use crate::error::{Error, Layer};
use crate::evidence::linux::{KernelModule, ModuleSignature};
use crate::evidence::{Found, Gap};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::Commands;
use crate::policy::checks::registry::NoParameters;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, terminal};

pub(in crate::policy::checks) fn run(context: &Context<'_>, _: &NoParameters) -> Outcome {
    let modules = context.evidence.linux.modules();
    if let Some(outcome) = no_modules(modules) {
        return outcome;
    }
    let commands = Commands::of(context);
    let mut found = Findings::with_gaps(&modules.gaps);
    let (mut signed, mut given, mut recorded) = (0_usize, 0_usize, 0_usize);
    for module in &modules.items {
        let fact = &module.fact;
        let item = |note: Text| {
            Item::at(module.at.clone(), note)
                .compare(say!(lnx_kernel_009_expected), signature(fact))
        };
        match (&fact.signature, fact.recorded) {
            (ModuleSignature::Good(_), _) => signed += 1,
            (ModuleSignature::Given(_), _) => given += 1,
            (ModuleSignature::Bad(name), _) => {
                found.fail(item(say!(lnx_kernel_009_changed, signer = terminal(name))));
                found.fix(mend(commands, module));
            }
            (ModuleSignature::Unread, _) => found.gap(unread(module)),
            (ModuleSignature::Foreign(_), _) if !fact.keys_read => found.gap(unread(module)),
            (_, Some(false)) => {
                let package = terminal(fact.package.as_deref().unwrap_or_default());
                found.fail(item(say!(lnx_kernel_009_differs, package = package)));
                found.fix(mend(commands, module));
            }
            // A kernel without keys takes every module; then the packages' record is all there is.
            (_, Some(true)) if !fact.has_keys => recorded += 1,
            _ => not_signed(commands, module, item, &mut found),
        }
    }
    let has_keys = modules.items.iter().all(|m| m.fact.has_keys);
    let all = modules.items.len();
    found.conclude(|status, count| match status {
        Status::Fail => say!(lnx_kernel_009_fail, count = count),
        Status::Unknown => say!(lnx_kernel_009_concerns, count = count),
        _ if has_keys && given > 0 => {
            say!(lnx_kernel_009_pass_given, count = signed, given = given)
        }
        _ if has_keys => say!(lnx_kernel_009_pass, count = signed),
        _ => say!(
            lnx_kernel_009_pass_no_keys,
            count = all,
            signed = signed.saturating_add(given),
            recorded = recorded
        ),
    })
}

/// A module that no key of its kernel signed.
fn not_signed(
    commands: Commands<'_>,
    module: &Found<KernelModule>,
    item: impl Fn(Text) -> Item,
    found: &mut Findings,
) {
    let fact = &module.fact;
    let remove = |package: &str| {
        say!(
            lnx_kernel_009_fix_signed,
            package = terminal(package),
            command = terminal(&commands.remove(package))
        )
    };
    if fact.has_keys && comes_signed(module.at.path.as_deref().unwrap_or_default()) {
        found.fail(item(say!(lnx_kernel_009_stripped)));
        found.fix(mend(commands, module));
    } else if let Some(package) = &fact.package {
        found.unknown(item(say!(
            lnx_kernel_009_packaged,
            package = terminal(package)
        )));
        found.fix(remove(package));
    } else if let Some(package) = &fact.built_from {
        found.unknown(item(say!(
            lnx_kernel_009_built,
            package = terminal(package)
        )));
        found.fix(remove(package));
    } else {
        found.fail(item(say!(lnx_kernel_009_unowned)));
        found.fix(mend(commands, module));
    }
}

/// True of a place where only modules of the kernel's own build are, all of which a build that signs
/// modules signs (scripts/Makefile.modinst); of drivers in staging Ubuntu signs a part.
fn comes_signed(path: &str) -> bool {
    let inside = path.split_once("/modules/").map_or("", |(_, rest)| rest);
    let below = inside.split_once('/').map_or("", |(_, rest)| rest);
    below.starts_with("kernel/") && !below.contains("/staging/")
}

fn unread(module: &Found<KernelModule>) -> Gap {
    let why = Error::corrupt(Layer::Kernel, None, say!(error_module_unread));
    Gap::new(module.at.clone(), &why)
}
