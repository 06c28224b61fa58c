//! LNX-KERNEL-009.

use super::testing::{RELEASE, with_file, with_module};
use crate::evidence::linux::testing::{Build, keyless, ko_of};
use crate::policy::Status;
use crate::policy::checks::linux::testing::{check, status};

#[test]
fn modules_of_a_kernel_without_keys_are_those_of_its_packages_or_not() {
    assert_eq!(status("LNX-KERNEL-009", with_module()), Status::Pass);
    let result = check(
        "LNX-KERNEL-009",
        with_file("updates/evil.ko", ko_of(RELEASE, "evil")),
    );
    assert_eq!(result.status, Status::Fail);
    let path = result.evidence[0].at.path.as_deref();
    assert_eq!(path, Some("/usr/lib/modules/6.1.0-9-amd64/updates/evil.ko"));
    // Another content than the package recorded.
    let changed = with_file("kernel/drivers/net/tun-x.ko", ko_of(RELEASE, "tun_y"));
    assert_eq!(status("LNX-KERNEL-009", changed), Status::Fail);
    // A signature that is cut.
    let mut cut = ko_of(RELEASE, "x");
    cut.extend(b"~Module signature appended~\n");
    assert_eq!(
        status("LNX-KERNEL-009", with_file("kernel/x.ko", cut)),
        Status::Unknown
    );
    let bare = Build::debian().kernel(RELEASE, &keyless(RELEASE));
    assert_eq!(status("LNX-KERNEL-009", bare), Status::NotApplicable);
}

/// Modules of a kernel that an entry starts are judged, of one that none starts they are not.
#[test]
fn modules_of_the_kernels_of_all_entries_are_judged() {
    const OTHER: &str = "6.1.0-8-amd64";
    let path = format!("/usr/lib/modules/{OTHER}/updates/evil.ko");
    let entry = |r: &str| format!("menuentry {r} {{\nlinux /boot/vmlinuz-{r} root=x\n}}\n");
    let with = |menu: String| {
        let build = with_module()
            .kernel(OTHER, &keyless(OTHER))
            .file(&path, 0o644, ko_of(OTHER, "evil"))
            .file("/boot/grub/grub.cfg", 0o600, menu);
        check("LNX-KERNEL-009", build)
    };
    let both = with(entry(RELEASE) + &entry(OTHER));
    assert_eq!(both.status, Status::Fail, "{both:?}");
    assert_eq!(both.evidence[0].at.path.as_deref(), Some(path.as_str()));
    assert_eq!(with(entry(RELEASE)).status, Status::Pass);
}

#[test]
fn a_module_that_dkms_built_from_a_packages_sources_is_not_proven() {
    let module = || ko_of(RELEASE, "gpu");
    let kept = format!("/var/lib/dkms/gpu/1.0/{RELEASE}/x86_64/module/gpu.ko");
    let built = |conf: &str, kept_bytes: Vec<u8>| {
        with_file("updates/dkms/gpu.ko", module())
            .file(&kept, 0o644, kept_bytes)
            .owned("gpu-dkms", &[(conf, 0o644, b"PACKAGE_NAME=gpu\n")])
    };
    let conf = "/usr/src/gpu-1.0/dkms.conf";
    for id in ["LNX-KERNEL-009", "LNX-KERNEL-010"] {
        let result = check(id, built(conf, module()));
        assert_eq!(result.status, Status::Unknown, "{id}");
        let text = &result.evidence[0].note.en;
        assert!(text.contains("sources of gpu-dkms"), "{text}");
        // Sources that no package brought, of another version, and other bytes than were built.
        let unowned = with_file("updates/dkms/gpu.ko", module())
            .file(&kept, 0o644, module())
            .file(conf, 0o644, b"PACKAGE_NAME=gpu\n".to_vec());
        assert_eq!(status(id, unowned), Status::Fail, "{id}");
        let other = built("/usr/src/gpu-2.0/dkms.conf", module());
        assert_eq!(status(id, other), Status::Fail, "{id}");
        let changed = built(conf, ko_of(RELEASE, "gpu2"));
        assert_eq!(status(id, changed), Status::Fail, "{id}");
    }
}
