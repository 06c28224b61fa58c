//! WIN-KERNEL-003: a catalog lists each file of the kernel that carries no signature of its own.

use super::proof::{blind, item, restore, vouched};
use crate::evidence::windows::{KernelFile, Part, Standing};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::Parameters;
use crate::policy::checks::windows::commands;
use crate::policy::{Context, Outcome, Status};

/// No parameters of its own.
#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks::windows) struct Catalogs {}

impl Parameters for Catalogs {
    const SHARED: &'static [&'static str] = &["windows_anchors"];
}

pub(in crate::policy::checks::windows) fn run(context: &Context<'_>, _: &Catalogs) -> Outcome {
    let all = context.evidence.windows.kernel_files();
    let mut found = Findings::with_gaps(&all.gaps);
    let store = all.catalogs.as_ref().is_some_and(|c| c.store);
    let needs = |f: &&KernelFile| {
        f.part != Part::Loader
            && (f.proof.catalog.is_some() || f.proof.standing == Standing::Unsigned)
    };
    let files: Vec<&KernelFile> = all.files.iter().filter(needs).collect();
    if files.is_empty() {
        return found.concluded(Status::NotApplicable, |_, _| say!(win_kernel_003_none));
    }
    for file in files {
        let used = file.part != Part::Driver || file.start() < 4;
        let (status, note) = match &file.proof.standing {
            _ if vouched(context, &file.proof) => (Status::Pass, say!(win_kernel_003_listed)),
            Standing::Unsigned if !used => (Status::Warn, say!(win_kernel_003_idle)),
            Standing::Unsigned if blind(all) => (Status::Unknown, say!(win_kernel_003_not_seen)),
            Standing::Unsigned if !store => (Status::Unknown, say!(win_kernel_003_no_store)),
            Standing::Unsigned => (Status::Fail, say!(win_kernel_003_unlisted)),
            _ => (Status::Warn, say!(win_kernel_003_other_signer)),
        };
        found.add(status, item(file, note, say!(win_kernel_003_wanted)));
        match status {
            Status::Fail => found.fix(restore(context, file)),
            Status::Unknown => found.fix(commands::restore_all(context)),
            _ => {}
        }
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_kernel_003_fail, count = count),
        Status::Warn => say!(win_kernel_003_warn, count = count),
        Status::Unknown => say!(win_kernel_003_unknown, count = count),
        _ => say!(win_kernel_003_pass),
    })
}
