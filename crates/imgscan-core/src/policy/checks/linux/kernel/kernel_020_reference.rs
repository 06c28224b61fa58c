//! LNX-KERNEL-020: what runs in ring 0 equals the reference database that the user gave.

use super::object_place;
use crate::baseline::Match;
use crate::evidence::{Object, ObjectKind};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::Commands;
use crate::policy::checks::registry::NoParameters;
use crate::policy::levels::{Level, standing};
use crate::policy::{Context, Item, KernelArguments, Outcome, Status};
use crate::text::{Text, terminal};

pub(in crate::policy::checks) fn run(context: &Context<'_>, _: &NoParameters) -> Outcome {
    let evidence = context.evidence;
    let Some(baseline) = evidence.references.baseline else {
        return Outcome::of(Status::NotApplicable, say!(lnx_kernel_020_no_reference));
    };
    let ring0 = evidence.linux.ring0();
    let commands = Commands::of(context);
    let mut found = Findings::with_gaps(&ring0.gaps);
    let mut equal = 0_usize;
    let compared = |o: &&Object| {
        let generated = matches!(o.kind, ObjectKind::BootConfig | ObjectKind::Initramfs);
        !generated && o.sha256.is_some()
    };
    for object in ring0.objects.iter().filter(compared) {
        let sha256 = object.sha256.as_deref().unwrap_or_default();
        let (package, version) = (object.package.as_deref(), object.package_version.as_deref());
        match baseline.compare(&object.path, package, version, sha256) {
            Match::Equal(_) => equal += 1,
            Match::Different(known) => {
                let source = terminal(&baseline.origin(known));
                let digest = |hex: &str| Text::verbatim(format!("sha256:{hex}"));
                let note = say!(lnx_kernel_020_differs, source = source);
                let item = Item::at(object_place(object), note);
                found.fail(item.compare(digest(&known.sha256), digest(sha256)));
                found.fix(match package {
                    Some(package) => say!(
                        linux_reinstall,
                        package = terminal(package),
                        command = terminal(&commands.reinstall(package))
                    ),
                    None => say!(lnx_kernel_020_fix_file, path = terminal(&object.path)),
                });
            }
            // What a signature proves needs no reference.
            Match::Absent if signed(object, &context.shared.kernel_arguments) => {}
            Match::Absent => {
                let note = say!(lnx_kernel_020_absent);
                found.warn(Item::at(object_place(object), note));
            }
        }
    }
    let absent = found.count(Status::Warn);
    if absent > 0 {
        found.fix(say!(lnx_kernel_020_fix_reference));
    }
    let status = match found.worst() {
        Status::Pass if equal == 0 => Status::Unknown,
        worst => worst,
    };
    found.concluded(status, |status, count| match status {
        Status::Fail => say!(
            lnx_kernel_020_fail,
            count = count,
            equal = equal,
            absent = absent
        ),
        Status::Unknown => say!(lnx_kernel_020_nothing),
        Status::Warn => say!(lnx_kernel_020_warn, count = count, equal = equal),
        _ => say!(lnx_kernel_020_pass, equal = equal),
    })
}

/// A signature proves `object`.
fn signed(object: &Object, arguments: &KernelArguments) -> bool {
    let standing = standing(object, arguments);
    standing.level == Level::K5 && !standing.explained
}

#[cfg(test)]
mod tests {
    use crate::baseline::{Baseline, FileKind, Known, Source};
    use crate::evidence::linux::testing::{Build, bzimage, guest};
    use crate::evidence::{Evidence, References};
    use crate::policy::checks::linux::testing::status;
    use crate::policy::{Policy, Status, run};

    fn booted() -> Build {
        Build::debian().kernel("1", &bzimage("1 (x)", b"")).file(
            "/boot/grub/grub.cfg",
            0o600,
            "menuentry a {\nlinux /boot/vmlinuz-1 root=x ro\n}\n",
        )
    }

    fn referenced(sha256: &str, version: &str) -> Status {
        let guest = guest(booted());
        let mut baseline = Baseline::default();
        let known = Known {
            path: "/boot/vmlinuz-1".into(),
            package: Some("linux-image-1".into()),
            version: Some(version.into()),
            architecture: None,
            kind: FileKind::Kernel,
            sha256: sha256.into(),
            bytes: 1,
        };
        let source = Source {
            name: "x.deb".into(),
            sha256: None,
            level: None,
        };
        baseline.add(known, source);
        let mut policy = Policy::built_in("tencent-marketplace").unwrap();
        policy.checks.retain(|c| c.id == "LNX-KERNEL-020");
        let references = References {
            trust: None,
            baseline: Some(&baseline),
        };
        let evidence = [Evidence::with(&guest, references)];
        run(&policy, &evidence, &[], &|_| {}).remove(0).status
    }

    #[test]
    fn the_reference_tells_equal_other_and_unknown_bytes() {
        use sha2::Digest as _;
        assert_eq!(status("LNX-KERNEL-020", booted()), Status::NotApplicable);
        let real = crate::bytes::hex(&sha2::Sha256::digest(bzimage("1 (x)", b"")));
        let other = "0".repeat(64);
        assert_eq!(referenced(&other, "1-1"), Status::Fail);
        // The stand-in kernel can't be unpacked for its keys: a gap, so no pass and no warning.
        assert_ne!(referenced(&real, "1-1"), Status::Fail);
        assert_ne!(referenced(&other, "2"), Status::Fail);
    }
}
