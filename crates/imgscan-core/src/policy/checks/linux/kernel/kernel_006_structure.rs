//! LNX-KERNEL-006: kernel images are sound, and the versions that they name agree.

use super::candidates::{Candidate, candidates, no_kernel};
use crate::error::Kind;
use crate::evidence::Gap;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::NoParameters;
use crate::policy::{Context, Outcome, Status};
use crate::text::{Text, terminal};

pub(in crate::policy::checks) fn run(context: &Context<'_>, _: &NoParameters) -> Outcome {
    let Some((kernels, mut found)) = candidates(context) else {
        return no_kernel(context);
    };
    for one in &kernels {
        match &one.image.inside.problem {
            Some(e) if e.kind == Kind::Corrupt => {
                let note = say!(lnx_kernel_006_damaged, error = e.text());
                found.fail_if(one.counts, one.item(note));
                found.fix(one.fix(context));
            }
            Some(e) => found.gap(Gap::new(one.kernel.at.clone(), e)),
            None => versions(context, one, &mut found),
        }
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(lnx_kernel_006_fail, count = count),
        Status::Warn => say!(lnx_kernel_006_warn, count = count),
        Status::Unknown => say!(lnx_kernel_006_unproven, count = count),
        _ => say!(lnx_kernel_006_pass),
    })
}

/// What an oddity of a kernel means: nothing beside a proof, and that it can't be told without one.
const fn unproven(one: &Candidate<'_>) -> Status {
    if one.proven {
        Status::Warn
    } else {
        Status::Unknown
    }
}

/// The release that a kernel's file name or folder of modules tells.
fn named(path: &str) -> Option<&str> {
    if let Some(rest) = path.split("lib/modules/").nth(1) {
        return rest.split('/').next();
    }
    let name = path.rsplit('/').next()?;
    let begins = ["vmlinuz-", "vmlinux-", "Image-", "kernel-", "bzImage-"];
    let release = begins.iter().find_map(|b| name.strip_prefix(b))?;
    let release = release.trim_end_matches(".efi").trim_end_matches(".old");
    release
        .starts_with(|c: char| c.is_ascii_digit())
        .then_some(release)
        .filter(|r| !r.starts_with("0-rescue-"))
}

/// The release that the name of a Debian kernel's package tells.
fn packaged<'a>(one: &'a Candidate<'_>) -> Option<&'a str> {
    let rest = one.package()?.name.strip_prefix("linux-image-")?;
    let rest = rest
        .trim_start_matches("unsigned-")
        .trim_end_matches("-unsigned");
    rest.starts_with(|c: char| c.is_ascii_digit())
        .then_some(rest)
}

fn versions(context: &Context<'_>, one: &Candidate<'_>, found: &mut Findings) {
    let inside = &one.image.inside;
    let Some(banner) = &inside.banner else {
        found.add(unproven(one), one.item(say!(linux_kernel_no_banner)));
        return found.fix(one.fix(context));
    };
    let release = banner.release.as_str();
    let setup = inside.setup.as_ref().and_then(|s| s.version.as_deref());
    let others = [
        ("header", setup.and_then(|s| s.split_whitespace().next())),
        ("name", named(&one.kernel.fact.path)),
        ("package", packaged(one)),
    ];
    let mut agree = true;
    for (place, other) in others {
        let Some(other) = other.filter(|other| *other != release) else {
            continue;
        };
        agree = false;
        let (release, other) = (terminal(release), terminal(other));
        let note = say!(
            lnx_kernel_006_differs,
            release = release.as_str(),
            place = place,
            other = other.as_str()
        );
        let item = one.item(note);
        let item = item.compare(Text::verbatim(other), Text::verbatim(release));
        found.fail_if(one.counts, item);
        found.fix(one.fix(context));
    }
    if agree {
        found.pass(one.item(Text::verbatim(terminal(&banner.text))));
    }
    if let Some((package, kernel)) = other_version(one) {
        let note = say!(
            lnx_kernel_006_package_version,
            package = package.as_str(),
            kernel = kernel.as_str()
        );
        let item = one.item(note);
        let item = item.compare(Text::verbatim(package), Text::verbatim(kernel));
        // Which flaws a proven kernel has is judged by its own version.
        found.fail_if(one.counts && !one.proven, item);
        found.fix(one.fix(context));
    }
    // The same text stands in the set-up header (arch/x86/boot/version.c).
    let builder = banner.builder.as_deref().unwrap_or("");
    let whole = format!("{release} ({builder}) {}", banner.build);
    if let Some(setup) = setup.filter(|s| s.trim_end() != whole.trim_end()) {
        let verbatim = |text: &str| Text::verbatim(terminal(text));
        let item = one.item(say!(lnx_kernel_006_other_build));
        found.add(
            unproven(one),
            item.compare(verbatim(setup), verbatim(&whole)),
        );
        found.fix(one.fix(context));
    }
    if one.image.modules == Some(false) && one.counts {
        let release = terminal(release);
        found.warn(one.item(say!(lnx_kernel_006_no_modules, release = release)));
        found.fix(one.fix(context));
    }
}

/// The version of a Debian kernel's package and the one that its banner tells, where they differ.
fn other_version(one: &Candidate<'_>) -> Option<(String, String)> {
    let told = one.debian_version()?;
    let package = one.package()?.version.as_str();
    // A package that was only signed anew has `+b1` and the like behind the version.
    let rest = package.strip_prefix(told);
    let same = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('+'));
    (!same).then(|| (terminal(package), terminal(told)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::linux::testing::{Build, sound_bzimage, sound_bzimage_built};
    use crate::policy::checks::linux::kernel::testing::{BUILDER, RELEASE, clean, with};
    use crate::policy::checks::linux::testing::{check, status};

    #[test]
    fn a_sound_kernel_passes_and_each_contradiction_fails() {
        let got = check("LNX-KERNEL-006", clean());
        assert_eq!(got.status, Status::Pass, "{got:?}");
        // The kernel inside is another than the header says.
        let mut image = sound_bzimage("6.1.0-8-amd64", BUILDER);
        let at = image
            .windows(13)
            .position(|w| w == b"6.1.0-8-amd64")
            .unwrap();
        image[at + 6] = b'9';
        let got = check("LNX-KERNEL-006", with(&image));
        assert_eq!(got.status, Status::Fail, "{got:?}");
        // A payload that does not unpack, with its offset.
        let mut image = sound_bzimage(RELEASE, BUILDER);
        image[0x404] ^= 0xFF;
        let got = check("LNX-KERNEL-006", with(&image));
        assert_eq!(got.status, Status::Fail, "{got:?}");
        assert_eq!(status("LNX-KERNEL-006", Build::debian()), Status::Unknown);
    }

    /// Debian writes the version of its package into the banner (debian/rules.d of its linux source).
    #[test]
    fn the_version_of_the_package_is_the_one_of_the_banner() {
        let judged = |package: &str, banner: &str| {
            let image = sound_bzimage_built(
                RELEASE,
                BUILDER,
                &format!("#1 SMP PREEMPT_DYNAMIC Debian {banner} (2023-05-08)"),
            );
            let package = format!(
                "Package: linux-image-{RELEASE}\nStatus: install ok installed\nMaintainer: x\nArchitecture: amd64\nVersion: {package}\n"
            );
            let build = with(&image).file("/var/lib/dpkg/status", 0o644, package);
            status("LNX-KERNEL-006", build)
        };
        assert_eq!(judged("6.1.27-1", "6.1.27-1"), Status::Pass);
        assert_eq!(judged("6.1.27-1+b1", "6.1.27-1"), Status::Pass);
        assert_eq!(judged("6.1.99-1", "6.1.27-1"), Status::Fail);
        assert_eq!(judged("6.1.27-12", "6.1.27-1"), Status::Fail);
        assert_eq!(judged("6.1.27-1", "6.1.27-12"), Status::Fail);
    }

    #[test]
    fn releases_are_read_from_names() {
        assert_eq!(named("/boot/vmlinuz-6.1.0-9-amd64"), Some("6.1.0-9-amd64"));
        assert_eq!(named("/usr/lib/modules/5.14/vmlinuz"), Some("5.14"));
        assert_eq!(named("/boot/vmlinuz-0-rescue-1234"), None);
        assert_eq!(named("/boot/bzImage"), None);
    }
}
