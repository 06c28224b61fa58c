//! LNX-KERNEL-005: the kernels carry a signature of their distribution.

use schemars::JsonSchema;
use serde::Deserialize;

use super::candidates::{Candidate, candidates, no_kernel};
use super::image_signature::{by_state, signed_item};
use crate::evidence::linux::{LoaderImage, SignState, compare_versions};
use crate::evidence::{Found, Gap};
use crate::guest::Os;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::Commands;
use crate::policy::checks::linux::fits;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, terminal};

/// Which kernels must be signed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct SignedKernels {
    /// Systems whose kernels their vendor always signs: one without that signature was replaced.
    signed: Vec<SignedSystem>,
}

/// Kernels of one vendor. It goes by what the system is; what a package says of itself could only
/// lower the demand.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SignedSystem {
    /// The system: `ID` of os-release.
    os: String,
    /// The first version (`VERSION_ID`) whose kernels are signed. A system without a version is the
    /// vendor's newest.
    from: String,
    /// Architectures as Linux names them.
    architectures: Vec<String>,
    /// Only kernels of these releases, `*` for any characters; none for all.
    #[serde(default)]
    releases: Vec<String>,
}

impl Parameters for SignedKernels {
    fn validate(&self) -> Result<(), BadParameter> {
        for (i, one) in self.signed.iter().enumerate() {
            let fields = [("os", &one.os), ("from", &one.from)];
            for (name, value) in fields {
                valid::text(&format!("signed[{i}].{name}"), value)?;
            }
            valid::some(&format!("signed[{i}].architectures"), &one.architectures)?;
            valid::entries(&format!("signed[{i}].releases"), &one.releases)?;
        }
        Ok(())
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &SignedKernels) -> Outcome {
    let Some((kernels, mut found)) = candidates(context) else {
        return no_kernel(context);
    };
    let linux = &context.evidence.linux;
    let commands = Commands::of(context);
    let os = &context.evidence.guest.os;
    for one in &kernels {
        let status = judge(one, always_signed(&with.signed, os, one), &mut found);
        match status {
            Status::Fail => found.fix(one.fix(commands)),
            Status::Unknown => found.fix(say!(
                lnx_kernel_005_fix_signed,
                command = commands.install_kernel()
            )),
            _ => {}
        }
        for shim in &linux.images().loaders {
            if let Some(item) = refused(one, shim) {
                found.warn(item);
                let package = one.package().map(|p| p.name.as_str());
                let command = package.map_or_else(
                    || commands.install_kernel().to_owned(),
                    |name| commands.update(name),
                );
                found.fix(say!(lnx_kernel_005_fix_revoked, command = command));
            }
        }
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(lnx_kernel_005_fail, count = count),
        Status::Warn => say!(lnx_kernel_005_revoked, count = count),
        Status::Unknown => say!(lnx_kernel_005_unproven, count = count),
        _ => say!(lnx_kernel_005_pass),
    })
}

/// Whether the vendor of the system signs every kernel of this release.
fn always_signed(rules: &[SignedSystem], os: &Os, one: &Candidate<'_>) -> bool {
    let release = one.kernel.fact.release.as_deref().unwrap_or("");
    rules.iter().any(|rule| {
        let version = os.version.as_deref();
        os.id.as_deref() == Some(rule.os.as_str())
            && version.is_none_or(|v| compare_versions(v, &rule.from).is_ge())
            && os
                .architecture
                .as_ref()
                .is_none_or(|a| rule.architectures.contains(a))
            && (rule.releases.is_empty() || rule.releases.iter().any(|r| fits(r, release)))
    })
}

/// Adds what the signature of a kernel says of it, and gives its status.
fn judge(one: &Candidate<'_>, always: bool, found: &mut Findings) -> Status {
    let signature = &one.image.signature;
    let severe = if one.counts {
        Status::Fail
    } else {
        Status::Unknown
    };
    let (status, note): (Status, Text) = match &signature.state {
        SignState::Trusted => match signature.vendor {
            Some(true) => (Status::Pass, say!(lnx_kernel_005_own)),
            _ if one.proven => (Status::Pass, say!(lnx_kernel_005_proven)),
            Some(false) => (severe, say!(lnx_kernel_005_other_system)),
            None => (Status::Unknown, say!(lnx_kernel_005_known_vendor)),
        },
        // The signed header of its package, or a reference.
        SignState::Unanchored | SignState::Unsigned | SignState::NoPe if one.proven => {
            (Status::Pass, say!(lnx_kernel_005_proven))
        }
        SignState::Unanchored if always => (severe, say!(lnx_kernel_005_other_key)),
        SignState::Unsigned | SignState::NoPe if always => {
            (severe, say!(lnx_kernel_005_not_signed))
        }
        SignState::Unread(e) => {
            found.gap(Gap::new(one.kernel.at.clone(), e));
            return Status::Unknown;
        }
        _ => {
            let status = by_state(&one.kernel.at, signature, found);
            return status.unwrap_or(Status::Unknown);
        }
    };
    found.add(status, signed_item(one.kernel.at.clone(), signature, note));
    status
}

/// Says so where the shim `shim` refuses the kernel.
fn refused(one: &Candidate<'_>, shim: &Found<LoaderImage>) -> Option<Item> {
    let vendor = shim.fact.vendor.as_ref()?;
    let signature = &one.image.signature;
    let digest = signature.computed.as_deref()?.strip_prefix("sha256:")?;
    let by_digest = vendor.revoked_digests.iter().any(|d| d == digest);
    let signer = signature.signer_sha256.as_deref();
    let by_signer = vendor
        .revoked
        .iter()
        .any(|c| Some(c.sha256().as_str()) == signer);
    (by_digest || by_signer).then(|| {
        one.item(say!(
            lnx_kernel_005_refused,
            shim = terminal(&shim.fact.path)
        ))
    })
}

#[cfg(test)]
mod tests {
    use crate::evidence::linux::testing::{Build, guest};
    use crate::policy::Status;
    use crate::policy::checks::linux::kernel::testing::debian;
    use crate::policy::checks::linux::testing::{check, check_guest, status};

    /// kernel-evidence, section 5: Debian signs from version 10 on. What a package says of its
    /// maintainer changes nothing, and what os-release says leaves at best a kernel without proof.
    #[test]
    fn an_unsigned_kernel_fails_where_the_systems_vendor_signs_all_and_is_unproven_elsewhere() {
        for maintainer in [
            "me <me@x>",
            "Debian Kernel Team <debian-kernel@lists.debian.org>",
        ] {
            let result = check("LNX-KERNEL-005", debian(maintainer));
            assert_eq!(result.status, Status::Fail, "{result:?}");
            let path = result.evidence[0].at.path.as_deref();
            assert_eq!(path, Some("/boot/vmlinuz-6.1.0-9-amd64"));
        }
        let as_system = |id: &str, version: Option<&str>| {
            let mut guest = guest(debian("x"));
            guest.os.id = Some(id.into());
            guest.os.version = version.map(str::to_owned);
            check_guest("LNX-KERNEL-005", &guest, |_| {}).status
        };
        assert_eq!(as_system("debian", None), Status::Fail);
        assert_eq!(as_system("debian", Some("12")), Status::Fail);
        assert_eq!(as_system("debian", Some("9")), Status::Unknown);
        assert_eq!(as_system("alpine", Some("3.19")), Status::Unknown);
        assert_eq!(status("LNX-KERNEL-005", Build::debian()), Status::Unknown);
    }
}
