//! LNX-KERNEL-011: what every module says of itself fits its kernel and its file.

use super::describe::{is_proven, mend, module_name, no_modules};
use crate::evidence::Found;
use crate::evidence::linux::{KernelModule, ModuleInfo, ModuleSignature};
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
    // Kernels before 3.x know no such flag.
    let mut infos = modules.items.iter().filter_map(|m| m.fact.info.as_ref());
    let flagged = infos.any(|i| i.get("intree").is_some());
    for module in &modules.items {
        if let Some(info) = &module.fact.info {
            for item in contradictions(module, info, flagged) {
                // What the kernel's own key signed was made with it, whatever it says.
                found.fail_if(!is_proven(&module.fact), item);
                found.fix(mend(commands, module));
            }
        } else if !matches!(module.fact.signature, ModuleSignature::Unread) {
            found.fail(Item::at(module.at.clone(), say!(lnx_kernel_011_no_module)));
            found.fix(mend(commands, module));
        }
    }
    let all = modules.items.len();
    found.conclude(|status, count| match status {
        Status::Fail => say!(lnx_kernel_011_fail, count = count),
        Status::Warn => say!(lnx_kernel_011_warn, count = count),
        _ => say!(lnx_kernel_011_pass, count = all),
    })
}

/// The fields that do not fit the kernel or the file. `flagged`: modules of this system say whether
/// they come with the kernel.
fn contradictions(module: &Found<KernelModule>, info: &ModuleInfo, flagged: bool) -> Vec<Item> {
    let release = &module.fact.release;
    let path = module.at.path.as_deref().unwrap_or_default();
    let mut items = Vec::new();
    let mut differs = |key: &str, expected: &str, value: Option<&str>| {
        let field = |value: &str| Text::verbatim(format!("{key}={}", terminal(value)));
        let is = value.map_or_else(|| say!(lnx_kernel_011_absent, field = key), field);
        let item = Item::at(module.at.clone(), say!(lnx_kernel_011_differs, field = key));
        items.push(item.compare(field(expected), is));
    };
    let magic = info.get("vermagic");
    if magic.and_then(|magic| magic.split(' ').next()) != Some(release.as_str()) {
        differs("vermagic", release, magic);
    }
    let file = module_name(path);
    if let Some(name) = info.get("name")
        && name.replace('-', "_") != file
    {
        differs("name", &file, Some(name));
    }
    let inside = path.contains(&format!("/modules/{release}/kernel/"));
    if flagged && inside && info.get("intree") != Some("Y") {
        differs("intree", "Y", info.get("intree"));
    }
    items
}
