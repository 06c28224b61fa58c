//! Whether kernels still get mends, and have those that matter.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::kernel_image::item;
use crate::error::Result;
use crate::evidence::linux::{Owner, compare_versions};
use crate::policy::checks::linux::fits;
use crate::policy::checks::linux::kernel::kernel_signature::{none, start};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, terminal};

/// A flaw that is known to be used, and the package version that mends it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Flaw {
    id: String,
    os: String,
    version: String,
    /// Kernel releases that had it.
    releases: String,
    package: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Support {
    exploited: Vec<Flaw>,
    /// System versions that their vendor no longer mends.
    ended: BTreeMap<String, Vec<String>>,
}

/// LNX-KERNEL-021.
pub(in crate::policy::checks) fn support(context: &Context<'_>) -> Result<Outcome> {
    let with: Support = context.check.with()?;
    let Some((seen, mut found)) = start(context) else {
        return Ok(none(context));
    };
    let os = &context.evidence.guest.os;
    let (id, version) = (
        os.id.as_deref().unwrap_or(""),
        os.version.as_deref().unwrap_or(""),
    );
    let in_series = |v: &str| version == v || version.starts_with(&format!("{v}."));
    let over = with
        .ended
        .get(id)
        .is_some_and(|all| all.iter().any(|v| in_series(v)));
    let table = with
        .exploited
        .iter()
        .any(|f| f.os == id && in_series(&f.version));
    for one in &seen {
        let fact = &one.kernel.fact;
        let release = fact.release.as_deref().unwrap_or("");
        let package = match &fact.owner {
            Owner::Package(record) => record.package.version.as_str(),
            _ => continue,
        };
        let flaws = with.exploited.iter().filter(|f| {
            f.os == id
                && in_series(&f.version)
                && fits(&f.releases, release)
                && compare_versions(package, &f.package).is_lt()
        });
        let mut flawed = false;
        for flaw in flaws {
            flawed = true;
            let it = item(
                one,
                format!(
                    "{} is known to be used, and mended in {}",
                    flaw.id, flaw.package
                ),
                format!("{} 已被利用，修复版本为 {}", flaw.id, flaw.package),
            );
            let it = it.compare(format!("{} or later", flaw.package), terminal(package));
            found.fail_if(one.counts, it);
        }
        if !flawed {
            let text = format!("{} ({})", terminal(release), terminal(package));
            found.good(item(one, text.clone(), text));
        }
    }
    if over {
        let at = seen[0].kernel.at.clone();
        let system = format!("{} {}", terminal(id), terminal(version));
        found.warn(Item::new(
            at,
            format!("{system} gets no more updates from its vendor"),
            format!("{system} 的厂商已停止更新"),
        ));
    }
    let told = table || over || !found.gaps.is_empty();
    let outcome = found.outcome(
        (
            "the kernel that boots has a flaw that is known to be used",
            "启动的内核存在已被利用的漏洞",
        ),
        ("a kernel, or the system, is old", "内核或系统版本过旧"),
        (
            "no kernel has a flaw of the policy's table",
            "内核不在策略的漏洞版本表中",
        ),
    );
    if !told {
        return Ok(Outcome {
            status: Status::NotApplicable,
            reason: Text::new(
                "the policy's table says nothing of this system",
                "策略的版本表未涉及该系统",
            ),
            ..outcome
        });
    }
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::linux::testing::{Build, sound_bzimage};
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
