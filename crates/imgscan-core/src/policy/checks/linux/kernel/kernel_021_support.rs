//! LNX-KERNEL-021: the kernels have no flaw that is known to be exploited, and their system still
//! gets updates.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::candidates::{candidates, no_kernel};
use crate::evidence::linux::compare_versions;
use crate::policy::checks::linux::commands::Commands;
use crate::policy::checks::linux::fits;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, terminal};

/// Flaws and ends of support.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Support {
    /// Flaws that are known to be exploited.
    exploited: Vec<Flaw>,
    /// Versions (`VERSION_ID` of os-release, or what is before its dot) of each system (`ID`) that
    /// get no more updates from their vendor.
    ended: BTreeMap<String, Vec<String>>,
}

/// A flaw, and the package that mends it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Flaw {
    /// Its name (`CVE-2024-1086`).
    id: String,
    /// The system: `ID` of os-release.
    os: String,
    /// The system's version: `VERSION_ID`, or what is before its dot.
    version: String,
    /// Kernel releases that have it, `*` for any characters.
    releases: String,
    /// The first version of the kernel's package without it.
    package: String,
}

impl Parameters for Support {
    fn validate(&self) -> Result<(), BadParameter> {
        for (i, flaw) in self.exploited.iter().enumerate() {
            let fields = [
                ("id", &flaw.id),
                ("os", &flaw.os),
                ("version", &flaw.version),
                ("releases", &flaw.releases),
                ("package", &flaw.package),
            ];
            for (name, value) in fields {
                valid::text(&format!("exploited[{i}].{name}"), value)?;
            }
            let same = |other: &Flaw| {
                (&other.id, &other.os, &other.version, &other.releases)
                    == (&flaw.id, &flaw.os, &flaw.version, &flaw.releases)
            };
            if self.exploited[..i].iter().any(same) {
                let problem = say!(policy_bad_duplicated, entry = flaw.id.as_str());
                return Err(BadParameter::new(format!("exploited[{i}]"), problem));
            }
        }
        for (system, versions) in &self.ended {
            valid::some(&format!("ended.{system}"), versions)?;
        }
        Ok(())
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Support) -> Outcome {
    let Some((kernels, mut found)) = candidates(context) else {
        return no_kernel(context);
    };
    let commands = Commands::of(context);
    let os = &context.evidence.guest.os;
    let id = os.id.as_deref().unwrap_or("");
    let version = os.version.as_deref().unwrap_or("");
    let in_series = |v: &str| version == v || version.starts_with(&format!("{v}."));
    let ended = with.ended.get(id);
    let ended = ended.is_some_and(|all| all.iter().any(|v| in_series(v)));
    let of_system = |f: &&Flaw| f.os == id && in_series(&f.version);
    let listed = with.exploited.iter().any(|f| of_system(&f));
    for one in &kernels {
        let release = one.kernel.fact.release.as_deref().unwrap_or("");
        let Some(package) = one.package() else {
            continue;
        };
        // The kernel tells its own version; a package of another brought it under its name.
        let version = one
            .debian_version()
            .filter(|told| compare_versions(told, &package.version).is_lt())
            .unwrap_or(&package.version);
        let has =
            |f: &&Flaw| fits(&f.releases, release) && compare_versions(version, &f.package).is_lt();
        let mut flawed = false;
        for flaw in with.exploited.iter().filter(of_system).filter(has) {
            flawed = true;
            let (id, first) = (flaw.id.as_str(), flaw.package.as_str());
            let item = one
                .item(say!(lnx_kernel_021_flaw, flaw = id, version = first))
                .compare(
                    say!(lnx_kernel_021_or_later, version = first),
                    Text::verbatim(terminal(version)),
                );
            found.fail_if(one.counts, item);
            found.fix(say!(
                lnx_kernel_021_fix_update,
                package = terminal(&package.name),
                version = first,
                command = commands.update(&package.name)
            ));
        }
        if !flawed {
            let (release, package) = (terminal(release), terminal(version));
            let note = say!(lnx_kernel_021_kernel, release = release, package = package);
            found.pass(one.item(note));
        }
    }
    let spare = found.count(Status::Warn);
    let system = format!("{} {}", terminal(id), terminal(version));
    let system = system.as_str();
    if ended {
        let at = kernels[0].kernel.at.clone();
        found.warn(Item::at(at, say!(lnx_kernel_021_ended, system = system)));
        found.fix(say!(lnx_kernel_021_fix_system, system = system));
    }
    let status = match found.worst() {
        _ if !listed && !ended && found.complete() => Status::NotApplicable,
        worst => worst,
    };
    found.concluded(status, |status, count| match status {
        Status::NotApplicable => say!(lnx_kernel_021_not_listed),
        Status::Fail => say!(lnx_kernel_021_fail, count = count),
        Status::Warn if spare == 0 => say!(lnx_kernel_021_ended, system = system),
        Status::Warn => say!(lnx_kernel_021_warn, count = spare),
        _ => say!(lnx_kernel_021_pass),
    })
}

#[cfg(test)]
mod tests {
    use crate::evidence::linux::testing::{Build, sound_bzimage};
    use crate::policy::Status;
    use crate::policy::checks::linux::testing::status;

    const RELEASE: &str = "6.1.0-9-amd64";

    fn clean() -> Build {
        Build::debian().kernel(RELEASE, &sound_bzimage(RELEASE, "x@y"))
    }

    #[test]
    fn a_kernel_older_than_a_known_mend_fails() {
        let at = |version: &str| {
            let status_text = format!(
                "Package: linux-image-{RELEASE}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n"
            );
            let build = clean().file("/var/lib/dpkg/status", 0o644, status_text);
            let mut guest = crate::evidence::linux::testing::guest(build);
            guest.os.version = Some("12".into());
            crate::policy::checks::linux::testing::check_guest("LNX-KERNEL-021", &guest, |_| {})
                .status
        };
        assert_eq!(at("6.1.69-1"), Status::Fail);
        assert_eq!(at("6.1.176-1"), Status::Pass);
        assert_eq!(status("LNX-KERNEL-021", clean()), Status::NotApplicable);
    }
}
