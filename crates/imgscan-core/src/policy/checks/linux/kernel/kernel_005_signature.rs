//! LNX-KERNEL-005: the kernels carry a signature of their distribution.

use schemars::JsonSchema;
use serde::Deserialize;

use super::candidates::{Candidate, candidates, no_kernel};
use super::image_signature::{by_state, signed_item};
use crate::evidence::linux::{LoaderImage, SignState, compare_versions};
use crate::evidence::{Found, Gap};
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
    /// Packages whose kernel their vendor always signs: one without that signature was replaced.
    signed: Vec<SignedPackage>,
}

/// Packages of one vendor.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SignedPackage {
    /// The system: `ID` of os-release.
    os: String,
    /// Name of the package, `*` for any characters.
    package: String,
    /// Its maintainer, `*` for any characters.
    maintainer: String,
    /// Names of packages that are excepted, `*` for any characters.
    unless: String,
    /// Architectures.
    architectures: Vec<String>,
    /// The first version whose kernel is signed.
    from: String,
}

impl Parameters for SignedKernels {
    fn validate(&self) -> Result<(), BadParameter> {
        for (i, one) in self.signed.iter().enumerate() {
            let fields = [
                ("os", &one.os),
                ("package", &one.package),
                ("maintainer", &one.maintainer),
                ("from", &one.from),
            ];
            for (name, value) in fields {
                valid::text(&format!("signed[{i}].{name}"), value)?;
            }
            valid::some(&format!("signed[{i}].architectures"), &one.architectures)?;
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
    let os = context.evidence.guest.os.id.as_deref();
    let mut revoked = 0;
    for one in &kernels {
        let status = judge(one, always_signed(&with.signed, os, one), &mut found);
        match status {
            Status::Fail => found.fix(one.fix(context)),
            Status::Warn if !one.counts => found.fix(one.fix(context)),
            Status::Warn => found.fix(say!(
                lnx_kernel_005_fix_signed,
                command = commands.install_kernel()
            )),
            _ => {}
        }
        for shim in &linux.images().loaders {
            if let Some(item) = refused(one, shim) {
                revoked += 1;
                found.warn(item);
                let package = one.package().map(|p| p.name.as_str());
                let command =
                    package.map_or_else(|| commands.install_kernel(), |name| commands.update(name));
                found.fix(say!(lnx_kernel_005_fix_revoked, command = command));
            }
        }
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(lnx_kernel_005_fail, count = count),
        Status::Warn if count == revoked => say!(lnx_kernel_005_revoked, count = count),
        Status::Warn => say!(lnx_kernel_005_warn, count = count - revoked),
        _ => say!(lnx_kernel_005_pass),
    })
}

/// Whether the package that owns the kernel has a signed image wherever its vendor built it.
fn always_signed(rules: &[SignedPackage], os: Option<&str>, one: &Candidate<'_>) -> bool {
    let Some(package) = one.package() else {
        return false;
    };
    let maintainer = package.maintainer.as_deref().unwrap_or("");
    rules.iter().any(|rule| {
        os == Some(rule.os.as_str())
            && fits(&rule.package, &package.name)
            && fits(&rule.maintainer, maintainer)
            && !fits(&rule.unless, &package.name)
            && rule.architectures.contains(&package.architecture)
            && compare_versions(&package.version, &rule.from).is_ge()
    })
}

/// Adds what the signature of a kernel says of it, and gives its status.
fn judge(one: &Candidate<'_>, always: bool, found: &mut Findings) -> Status {
    let signature = &one.image.signature;
    let severe = if one.counts {
        Status::Fail
    } else {
        Status::Warn
    };
    let (status, note): (Status, Text) = match &signature.state {
        SignState::Trusted => match signature.vendor {
            Some(true) => (Status::Pass, say!(lnx_kernel_005_own)),
            Some(false) => (severe, say!(lnx_kernel_005_other_system)),
            None => (Status::Warn, say!(lnx_kernel_005_known_vendor)),
        },
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
    use crate::evidence::linux::testing::Build;
    use crate::policy::Status;
    use crate::policy::checks::linux::kernel::testing::debian;
    use crate::policy::checks::linux::testing::{check, status};

    #[test]
    fn an_unsigned_kernel_warns_and_one_of_a_package_that_is_always_signed_fails() {
        assert_eq!(status("LNX-KERNEL-005", debian("me <me@x>")), Status::Warn);
        let theirs = "Debian Kernel Team <debian-kernel@lists.debian.org>";
        let result = check("LNX-KERNEL-005", debian(theirs));
        assert_eq!(result.status, Status::Fail, "{result:?}");
        let path = result.evidence[0].at.path.as_deref();
        assert_eq!(path, Some("/boot/vmlinuz-6.1.0-9-amd64"));
        assert_eq!(status("LNX-KERNEL-005", Build::debian()), Status::Unknown);
    }
}
