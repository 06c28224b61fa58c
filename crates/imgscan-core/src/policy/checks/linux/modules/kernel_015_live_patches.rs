//! LNX-KERNEL-015: no live patch changes the kernel.

use schemars::JsonSchema;
use serde::Deserialize;

use super::describe::{fields, is_proven};
use crate::evidence::Location;
use crate::evidence::linux::ModuleInfo;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::{Commands, word};
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, terminal};

/// Where live patches are kept, and what applies them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct LivePatching {
    /// Folders: a module there counts as a live patch.
    folders: Vec<String>,
    /// Services that apply live patches at boot.
    services: Vec<String>,
}

impl Parameters for LivePatching {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::entries("folders", &self.folders)?;
        valid::entries("services", &self.services)
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &LivePatching) -> Outcome {
    let linux = &context.evidence.linux;
    let modules = linux.modules();
    let commands = Commands::of(context);
    let mut found = Findings::with_gaps(&modules.gaps);
    let known = modules.items.iter().map(|m| {
        let fact = &m.fact;
        let proven = is_proven(fact);
        (&m.at, fact.info.as_ref(), fact.package.as_deref(), proven)
    });
    let misplaced = modules.misplaced.iter();
    let misplaced = misplaced.map(|s| {
        let fact = &s.fact;
        (&s.at, Some(&fact.info), fact.package.as_deref(), false)
    });
    for (at, info, package, proven) in known.chain(misplaced) {
        let path = at.path.as_deref().unwrap_or_default();
        let below = |folder: &String| {
            let rest = path.strip_prefix(folder.as_str());
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        let kept = with.folders.iter().any(below);
        let Some(info) = info.filter(|i| kept || i.patches()) else {
            continue;
        };
        let item = patch(at, info, package, proven);
        found.fail_if(package.is_none(), item);
        found.fix(match package {
            Some(package) => say!(
                lnx_kernel_015_fix_package,
                package = terminal(package),
                command = terminal(&commands.remove(package))
            ),
            None => say!(linux_modules_fix_file, file = terminal(&word(path))),
        });
    }
    for folder in &with.folders {
        let names = found.read(context.evidence.files.names(folder));
        if names.is_some_and(|names| !names.names.is_empty()) {
            let at = Location::of_path(folder);
            found.unknown(Item::at(at, say!(lnx_kernel_015_folder)));
            found.fix(say!(lnx_kernel_015_fix_folder, folder = word(folder)));
        }
    }
    for service in &with.services {
        if let Some(at) = linux.start().enabled(service) {
            let note = say!(lnx_kernel_015_service, service = service);
            found.warn(Item::at(at.clone(), note));
            found.fix(say!(
                lnx_kernel_015_fix_service,
                command = commands.disable(service)
            ));
        }
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(lnx_kernel_015_fail, count = count),
        Status::Warn | Status::Unknown => say!(lnx_kernel_015_concerns, count = count),
        _ => say!(lnx_kernel_015_pass),
    })
}

fn patch(at: &Location, info: &ModuleInfo, package: Option<&str>, proven: bool) -> Item {
    let owner = match package {
        Some(package) if proven => say!(lnx_kernel_015_signed, package = terminal(package)),
        Some(package) => say!(lnx_kernel_015_not_signed, package = terminal(package)),
        None => say!(lnx_kernel_015_no_owner),
    };
    let mut shown = vec![owner];
    shown.extend(fields(Some(info)));
    Item::at(at.clone(), say!(lnx_kernel_015_patch))
        .compare(say!(lnx_kernel_015_expected), Text::list(shown))
}
