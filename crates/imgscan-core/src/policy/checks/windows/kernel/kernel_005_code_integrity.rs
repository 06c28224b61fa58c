//! WIN-KERNEL-005: neither values nor policies weaken code integrity.

use schemars::JsonSchema;
use serde::Deserialize;

use super::proof::{blind, shown as proven, vouched};
use crate::evidence::windows::{KernelFile, Part, Proof, Standing};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::windows::commands;
use crate::policy::checks::windows::rules::{self, Rule};
use crate::policy::{Context, Effect, Item, Outcome, Status};
use crate::text::Text;
use crate::trust::ci_policy::{CiPolicy, KERNEL};

/// Values of code integrity.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks::windows) struct IntegrityValues {
    /// What each may be.
    rules: Vec<Rule>,
}

impl Parameters for IntegrityValues {
    const SHARED: &'static [&'static str] = &["windows_anchors"];

    fn validate(&self) -> Result<(), BadParameter> {
        rules::validate(&self.rules, "rules")
    }
}

pub(in crate::policy::checks::windows) fn run(
    context: &Context<'_>,
    with: &IntegrityValues,
) -> Outcome {
    let mut found = Findings::new();
    rules::apply(context, &with.rules, &mut found);
    let policies = found.keep(context.evidence.windows.integrity_policies());
    for policy in policies {
        let proof = &policy.fact.proof;
        let read = policy.fact.policy.as_ref();
        let (status, note) = match read {
            _ if vouched(context, proof) => (Status::Pass, say!(win_kernel_005_signed)),
            Ok(read) => custom(proof, read),
            Err(gap) => {
                found.gap(gap.clone());
                (Status::Unknown, say!(win_kernel_005_unreadable))
            }
        };
        let note = match read.ok().and_then(|p| p.name.as_deref()) {
            Some(name) => say!(win_kernel_005_policy, note = note, name = name),
            None => note,
        };
        let shown = match proof.standing {
            Standing::Unsigned => say!(win_signature_none),
            _ => proven(proof),
        };
        let path = policy.at.path.clone().unwrap_or_default();
        let item = Item::at(policy.at, note);
        found.add(
            status,
            item.compare(say!(win_kernel_005_policy_wanted), shown),
        );
        let path = commands::plain(&path);
        match status {
            Status::Pass => {}
            Status::Unknown => found.fix(say!(win_kernel_005_fix_unknown, path = path)),
            _ => found.fix(say!(win_kernel_005_fix_policy, path = path)),
        }
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_kernel_005_fail, count = count),
        Status::Warn => say!(win_kernel_005_warn, count = count),
        Status::Unknown => say!(win_kernel_005_unknown, count = count),
        _ => say!(win_kernel_005_pass),
    })
}

/// What a policy is that is not Microsoft's.
fn custom(proof: &Proof, policy: &CiPolicy) -> (Status, Text) {
    let open = policy.allows_all.contains(&KERNEL);
    match &proof.standing {
        Standing::Modified => (Status::Fail, say!(win_kernel_005_modified)),
        Standing::Unproven(_) => (Status::Unknown, say!(win_kernel_005_unproven)),
        Standing::Unsigned if open => (Status::Fail, say!(win_kernel_005_unsigned_open)),
        _ if open => (Status::Unknown, say!(win_kernel_005_foreign_open)),
        // It refuses nothing, and allows no more than without it.
        _ if policy.audit => (Status::Warn, say!(win_kernel_005_audit)),
        // It may refuse what protects the system, or the agents of the cloud.
        Standing::Unsigned => (Status::Unknown, say!(win_kernel_005_unsigned)),
        _ => (Status::Unknown, say!(win_kernel_005_foreign)),
    }
}

/// Files the drivers that start with the system and are not signed; true where there are any.
pub(in crate::policy::checks::windows) fn unsigned_boot_drivers(
    context: &Context<'_>,
    effect: Effect,
    found: &mut Findings,
) -> bool {
    let all = context.evidence.windows.kernel_files();
    let unsigned = |f: &&KernelFile| match f.proof.standing {
        Standing::Modified | Standing::SelfSigned => true,
        Standing::Unsigned | Standing::NoPe => !blind(all),
        _ => false,
    };
    let boot = all.of(Part::Driver).filter(|f| f.start() == 0);
    let drivers: Vec<&KernelFile> = boot.filter(unsigned).collect();
    if drivers.is_empty() {
        found.gaps(all.gaps.iter().cloned());
        found.gaps(all.catalogs.iter().flat_map(|c| c.gaps.iter().cloned()));
    }
    for file in &drivers {
        let note = say!(win_kernel_005_boot_driver, name = file.name());
        let item = Item::at(file.at.clone(), note);
        let wanted = say!(win_signature_wanted);
        found.add(effect.into(), item.compare(wanted, proven(&file.proof)));
    }
    !drivers.is_empty()
}
