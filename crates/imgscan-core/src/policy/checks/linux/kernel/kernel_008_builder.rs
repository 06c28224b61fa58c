//! LNX-KERNEL-008: the kernels were built by their distribution, by what their banners say.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::candidates::{Candidate, candidates, install, no_kernel};
use crate::evidence::Gap;
use crate::evidence::linux::Owner;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::Commands;
use crate::policy::checks::linux::fits;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::{Context, Outcome, Status};
use crate::text::{Text, terminal};

/// Who builds kernels: `user@host` of the banner, `*` for any characters.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Builders {
    /// The builders of each system (`ID` of os-release).
    vendors: BTreeMap<String, Vec<String>>,
    /// Builders that no distribution has: such a kernel was built by hand.
    own: Vec<String>,
    /// Releases that tell of a changed source, `*` for any characters.
    changed: Vec<String>,
}

impl Parameters for Builders {
    fn validate(&self) -> Result<(), BadParameter> {
        for (system, builders) in &self.vendors {
            valid::some(&format!("vendors.{system}"), builders)?;
        }
        valid::entries("own", &self.own)?;
        valid::entries("changed", &self.changed)
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Builders) -> Outcome {
    let Some((kernels, mut found)) = candidates(context) else {
        return no_kernel(context);
    };
    let os = context.evidence.guest.os.id.as_deref();
    let commands = Commands::of(context);
    for one in &kernels {
        if built_by(one, os, with, &mut found) {
            continue;
        }
        // The package itself is another vendor's, so installing it anew mends nothing.
        found.fix(match one.package() {
            Some(_) => install(commands),
            None => one.fix(commands),
        });
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(lnx_kernel_008_fail, count = count),
        Status::Unknown => say!(lnx_kernel_008_unproven, count = count),
        _ => say!(lnx_kernel_008_pass),
    })
}

/// Adds what the banner of a kernel says of its builder; true where that is the distribution, or
/// can't be told.
fn built_by(one: &Candidate<'_>, os: Option<&str>, with: &Builders, found: &mut Findings) -> bool {
    let inside = &one.image.inside;
    let plain = one.kernel.fact.banner.as_deref();
    let Some(text) = inside.banner.as_ref().map(|b| b.text.as_str()).or(plain) else {
        match &inside.problem {
            Some(e) => found.gap(Gap::new(one.kernel.at.clone(), e)),
            None if one.proven => found.pass(one.item(say!(lnx_kernel_008_proven))),
            None => found.unknown(one.item(say!(linux_kernel_no_banner))),
        }
        return inside.problem.is_some() || one.proven;
    };
    let builder = match inside.banner.as_ref() {
        Some(banner) => banner.builder.clone(),
        None => text
            .split_once('(')
            .and_then(|(_, rest)| Some(rest.split_once(')')?.0.to_owned())),
    };
    let builder = builder.unwrap_or_default();
    let release = one.kernel.fact.release.as_deref().unwrap_or("");
    let item = |note: Text| {
        let note = say!(lnx_kernel_008_banner, note = note, banner = terminal(text));
        let builder = Text::verbatim(terminal(&builder));
        one.item(note)
            .compare(say!(lnx_kernel_008_expected), builder)
    };
    let among = |patterns: &[String], text: &str| patterns.iter().any(|p| fits(p, text));
    // Who signed it vouches for what was built, whoever the banner names.
    if one.proven {
        found.pass(item(say!(lnx_kernel_008_proven)));
        return true;
    }
    if among(&with.changed, release) {
        found.unknown(item(say!(lnx_kernel_008_changed)));
        return false;
    }
    match os.and_then(|os| with.vendors.get(os)) {
        Some(patterns) if among(patterns, &builder) => {
            found.pass(item(say!(lnx_kernel_008_distribution)));
            return true;
        }
        _ if among(&with.own, &builder) => {
            let unowned = one.kernel.fact.owner == Owner::Nobody;
            let note = item(say!(lnx_kernel_008_by_hand));
            if one.counts && unowned {
                found.fail(note);
            } else {
                found.unknown(note);
            }
        }
        Some(_) => found.unknown(item(say!(lnx_kernel_008_other))),
        None => found.unknown(item(say!(lnx_kernel_008_not_known))),
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::evidence::linux::testing::{Build, sound_bzimage};
    use crate::policy::Status;
    use crate::policy::checks::linux::kernel::testing::{BUILDER, RELEASE, clean, with};
    use crate::policy::checks::linux::testing::status;

    #[test]
    fn a_kernel_built_by_hand_fails_where_no_package_owns_it() {
        assert_eq!(status("LNX-KERNEL-008", clean()), Status::Pass);
        let own = sound_bzimage(RELEASE, "root@localhost");
        assert_eq!(status("LNX-KERNEL-008", with(&own)), Status::Unknown);
        let unowned = clean()
            .file("/boot/vmlinuz-6.1.0-9-amd64", 0o644, own)
            .file(
                "/var/lib/dpkg/info/linux-image-6.1.0-9-amd64.list",
                0o644,
                "/.\n",
            );
        assert_eq!(status("LNX-KERNEL-008", unowned), Status::Fail);
        let dirty = sound_bzimage("6.1.0-dirty", BUILDER);
        let dirty = Build::debian().kernel("6.1.0-dirty", &dirty);
        assert_eq!(status("LNX-KERNEL-008", dirty), Status::Unknown);
    }
}
