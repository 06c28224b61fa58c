//! WIN-KERNEL-002: the kernel, the loaders and what starts with them carry valid signatures of
//! Microsoft.

use schemars::JsonSchema;
use serde::Deserialize;

use super::proof::{blind, item, restore, unproven, vouched};
use crate::evidence::windows::{KernelFile, Part, Standing};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::commands;
use crate::policy::{Context, Item, Outcome, Status};
use crate::trust::known::{self, BootCode, CodePlace};

/// The boot manager of BIOS systems: code of 16 bits with a packed program behind it.
const MANAGER: &str = "bootmgr";

/// Files of Windows itself, and who signs them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks::windows) struct CoreFiles {
    /// Names of files that every Windows has.
    required: Vec<String>,
    /// Extended key usages (dotted) of which a signer of Windows' own files has one.
    usages: Vec<String>,
}

impl Parameters for CoreFiles {
    const SHARED: &'static [&'static str] = &["windows_anchors"];

    fn validate(&self) -> Result<(), BadParameter> {
        valid::entries("required", &self.required)?;
        valid::entries("usages", &self.usages)
    }
}

pub(in crate::policy::checks::windows) fn run(context: &Context<'_>, with: &CoreFiles) -> Outcome {
    let all = context.evidence.windows.kernel_files();
    let mut found = Findings::with_gaps(&all.gaps);
    let own = |f: &&KernelFile| matches!(f.part, Part::Loader | Part::Core | Part::Native);
    let boot = |f: &&KernelFile| f.part == Part::Driver && f.start() == 0;
    for file in all.files.iter().filter(|f| own(f) || boot(f)) {
        let strict = own(&file);
        let proof = &file.proof;
        let (status, note) = match &proof.standing {
            Standing::Trusted if !vouched(context, proof) && file.part == Part::Loader => {
                // It may start what nobody whom Microsoft trusts has seen.
                (Status::Unknown, say!(win_kernel_002_other_loader))
            }
            Standing::Trusted if !vouched(context, proof) => {
                (Status::Fail, say!(win_kernel_002_other_anchor))
            }
            Standing::Trusted
                if strict
                    && !proof.by_user
                    && !proof.usages.iter().any(|u| with.usages.contains(u)) =>
            {
                (Status::Fail, say!(win_kernel_002_other_usage))
            }
            Standing::Trusted => match proof.packed {
                Some(at) => (Status::Pass, say!(win_kernel_002_packed, at = at)),
                None => (Status::Pass, say!(win_kernel_signed)),
            },
            Standing::Modified => (Status::Fail, say!(win_kernel_modified)),
            Standing::SelfSigned | Standing::Unanchored if strict => {
                (Status::Fail, say!(win_kernel_002_other_signer))
            }
            Standing::NoPe if is_manager(file) => match is_known(file) {
                true => (Status::Pass, say!(win_kernel_002_known)),
                false => (Status::Unknown, say!(win_kernel_002_no_pe)),
            },
            Standing::Unsigned | Standing::NoPe if blind(all) => {
                (Status::Unknown, say!(win_kernel_no_signature_seen))
            }
            Standing::Unsigned | Standing::NoPe if strict => {
                (Status::Fail, say!(win_kernel_unsigned))
            }
            Standing::Unproven(why) => {
                found.gap(unproven(file, why.clone()));
                continue;
            }
            // A boot-start driver of another kind is the matter of WIN-KERNEL-006.
            _ => continue,
        };
        found.add(status, item(file, note, say!(win_kernel_002_wanted)));
        match status {
            Status::Fail => found.fix(restore(context, file)),
            Status::Unknown => found.fix(commands::restore_all(context)),
            _ => {}
        }
    }
    for name in &with.required {
        let mut core = all.of(Part::Core);
        if !core.any(|f| f.name().eq_ignore_ascii_case(name)) {
            let at = context.evidence.windows.system_root_location();
            let item = Item::at(at, say!(win_kernel_002_missing, name = name));
            let wanted = say!(win_kernel_002_wanted);
            found.unknown(item.compare(wanted, say!(win_no_file)));
            let folder = context.evidence.windows.roots().windows;
            let path = format!(r"{folder}\System32\{name}");
            found.fix(commands::restore_file(context, &path));
        }
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_kernel_002_fail, count = count),
        Status::Warn => say!(win_kernel_002_warn, count = count),
        Status::Unknown => say!(win_kernel_002_unknown, count = count),
        _ => say!(win_kernel_002_pass),
    })
}

/// The boot manager of BIOS systems, which is no PE image.
fn is_manager(file: &KernelFile) -> bool {
    file.part == Part::Loader && file.name().eq_ignore_ascii_case(MANAGER)
}

/// True for a boot manager that is known by its digest.
fn is_known(file: &KernelFile) -> bool {
    let same = |c: &BootCode| {
        let digest = file.at.sha256.as_deref();
        let whole = u64::try_from(c.bytes) == Ok(file.bytes);
        whole
            && c.of == CodePlace::Manager
            && digest.is_some_and(|d| d.eq_ignore_ascii_case(&c.sha256))
    };
    known::boot_code().iter().any(same)
}
