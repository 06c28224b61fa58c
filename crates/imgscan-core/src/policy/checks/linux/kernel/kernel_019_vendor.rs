//! LNX-KERNEL-019: the kernels are those of the distribution that the system says it is.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::candidates::{Candidate, candidates, no_kernel, remove, replace};
use crate::evidence::linux::SignState;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::fits;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::{Context, Outcome, Status};
use crate::text::{Text, terminal};

/// Whose kernels have which releases (`*` for any characters).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Releases {
    /// Systems by `ID` of os-release.
    systems: BTreeMap<String, OwnReleases>,
    /// Kernels that no distribution ships, by name.
    foreign: BTreeMap<String, Vec<String>>,
}

/// The releases of a system's own kernels.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OwnReleases {
    /// Their forms.
    releases: Vec<String>,
    /// No other release is the vendor's.
    #[serde(default)]
    complete: bool,
}

impl Parameters for Releases {
    fn validate(&self) -> Result<(), BadParameter> {
        for (system, own) in &self.systems {
            valid::some(&format!("systems.{system}.releases"), &own.releases)?;
        }
        for (name, releases) in &self.foreign {
            valid::some(&format!("foreign.{name}"), releases)?;
        }
        Ok(())
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Releases) -> Outcome {
    let Some((kernels, mut found)) = candidates(context) else {
        return no_kernel(context);
    };
    let os = context.evidence.guest.os.id.as_deref();
    for one in &kernels {
        let status = judge(one, os, with, &mut found);
        if status != Status::Pass {
            found.fix(if one.counts {
                replace(context, &one.kernel.fact)
            } else {
                remove(context, &one.kernel.fact)
            });
        }
    }
    let system = terminal(os.unwrap_or("?"));
    let system = system.as_str();
    found.conclude(|status, count| match status {
        Status::Fail => say!(lnx_kernel_019_fail, count = count, system = system),
        Status::Unknown => say!(lnx_kernel_019_unproven, count = count, system = system),
        _ => say!(lnx_kernel_019_pass, system = system),
    })
}

/// Adds whose a kernel is, and gives its status.
fn judge(one: &Candidate<'_>, os: Option<&str>, with: &Releases, found: &mut Findings) -> Status {
    let release = terminal(one.kernel.fact.release.as_deref().unwrap_or("?"));
    let (status, note) = vendor(one, &release, os, with);
    let item = one
        .item(say!(
            lnx_kernel_019_release,
            release = release.as_str(),
            note = note
        ))
        .compare(
            say!(
                lnx_kernel_019_expected,
                system = terminal(os.unwrap_or("?"))
            ),
            Text::verbatim(release),
        );
    found.add(status, item);
    status
}

fn vendor(one: &Candidate<'_>, release: &str, os: Option<&str>, with: &Releases) -> (Status, Text) {
    let severe = if one.counts {
        Status::Fail
    } else {
        Status::Unknown
    };
    // The signature or the reference says whose it is, where the release does not.
    let without_proof = if one.proven {
        Status::Pass
    } else {
        Status::Unknown
    };
    let has = |patterns: &[String]| patterns.iter().any(|p| fits(p, release));
    let signature = &one.image.signature;
    if signature.state == SignState::Trusted && signature.vendor == Some(false) {
        let name = terminal(signature.anchor_name().unwrap_or("?"));
        return (severe, say!(lnx_kernel_019_signed_by_other, name = name));
    }
    if let Some((name, _)) = with.foreign.iter().find(|(_, patterns)| has(patterns)) {
        return (severe, say!(lnx_kernel_019_foreign, name = name.as_str()));
    }
    // What can't be read is nobody's.
    if one.kernel.fact.release.is_none() {
        return (without_proof, say!(lnx_kernel_019_unread));
    }
    let own = os.and_then(|os| with.systems.get(os));
    if own.is_some_and(|own| has(&own.releases)) {
        return (Status::Pass, say!(lnx_kernel_019_own));
    }
    let others = with
        .systems
        .iter()
        .filter(|(id, other)| Some(id.as_str()) != os && has(&other.releases));
    let others: Vec<&str> = others.map(|(id, _)| id.as_str()).collect();
    match own {
        None => (without_proof, say!(lnx_kernel_019_not_known)),
        Some(_) if !others.is_empty() => {
            (severe, say!(lnx_kernel_019_other_form, systems = others))
        }
        Some(own) if own.complete => (severe, say!(lnx_kernel_019_no_release)),
        Some(_) => (without_proof, say!(lnx_kernel_019_other_release)),
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::linux::testing::{Build, sound_bzimage};
    use crate::policy::Status;
    use crate::policy::checks::linux::kernel::testing::{MENU, debian};
    use crate::policy::checks::linux::testing::status;

    #[test]
    fn a_release_of_another_distribution_fails_where_it_boots() {
        assert_eq!(status("LNX-KERNEL-019", debian("x")), Status::Pass);
        let other = |release: &str| {
            let image = sound_bzimage(release, "root@box");
            let menu = MENU.replace("6.1.0-9-amd64", release);
            let build =
                Build::debian()
                    .kernel(release, &image)
                    .file("/boot/grub/grub.cfg", 0o600, menu);
            status("LNX-KERNEL-019", build)
        };
        assert_eq!(other("5.14.0-427.el9.x86_64"), Status::Fail);
        assert_eq!(other("6.9.1-1.el9.elrepo.x86_64"), Status::Fail);
        assert_eq!(other("6.6.6"), Status::Fail);
        let image = sound_bzimage("6.6.6", "root@box");
        let spare = debian("x").file("/boot/vmlinuz-6.6.6", 0o644, image);
        assert_eq!(status("LNX-KERNEL-019", spare), Status::Unknown);
    }
}
