//! LNX-KERNEL-018.

use super::testing::{added, at, with_hooks};
use crate::policy::Status;
use crate::policy::checks::linux::testing::{check, status};

#[test]
fn what_building_a_kernel_leaves_is_told() {
    const ID: &str = "LNX-KERNEL-018";
    assert_eq!(status(ID, with_hooks()), Status::Pass);
    assert_eq!(
        status(ID, with_hooks().dir("/usr/src/linux-6.9")),
        Status::Warn
    );
    assert_eq!(
        status(ID, with_hooks().dir("/usr/src/linux-headers-6.9")),
        Status::Pass
    );
    for path in [
        "/root/linux-image-6.9_1_amd64.deb",
        "/boot/vmlinuz.old",
        "/opt/src/Module.symvers",
    ] {
        assert_eq!(added(ID, path, "x").0, Status::Warn, "{path}");
    }
    for path in [
        "/var/lib/dkms/mok.key",
        "/var/lib/shim-signed/mok/MOK.priv",
        "/usr/src/linux-6.9/certs/signing_key.pem",
    ] {
        assert_eq!(added(ID, path, "key").0, Status::Unknown, "{path}");
        assert_ne!(added(ID, path, "").0, Status::Unknown, "{path}");
    }
    let settings = "# mok_signing_key=/a\nmok_signing_key=\"/srv/own.key\"\n";
    let own = with_hooks().file("/etc/dkms/framework.conf", 0o644, settings);
    let result = check(ID, own.file("/srv/own.key", 0o600, "key"));
    let place = result.evidence[0].at.path.as_deref();
    assert_eq!(
        (result.status, place),
        (Status::Unknown, Some("/srv/own.key"))
    );
    let history = "/root/.bash_history";
    assert_eq!(
        added(ID, history, "ls\nmake modules_install\n"),
        at(Status::Warn, history, 2)
    );
    let status_file = "Package: linux-image-6.1.0-9-amd64\nStatus: install ok installed\n\
                       Maintainer: root <root@buildhost>\nArchitecture: amd64\nVersion: 1\n";
    let menu = "set default=0\nmenuentry a {\nlinux /boot/vmlinuz-6.1.0-9-amd64\n}\n";
    let made = with_hooks()
        .file("/var/lib/dpkg/status", 0o644, status_file)
        .file("/boot/grub/grub.cfg", 0o600, menu);
    assert_eq!(status(ID, made), Status::Fail);
}
