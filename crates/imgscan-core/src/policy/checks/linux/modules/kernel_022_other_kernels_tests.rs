//! LNX-KERNEL-022.

use super::testing::{added, at, with_hooks};
use crate::policy::Status;
use crate::policy::checks::linux::testing::status;

#[test]
fn ways_to_another_kernel_are_told() {
    const ID: &str = "LNX-KERNEL-022";
    assert_eq!(status(ID, with_hooks()), Status::Pass);
    let local = "/etc/rc.local";
    let kexec = "#!/bin/sh\nkexec -l /root/vmlinuz\n";
    let (got, path, _) = added(ID, local, kexec);
    assert_eq!((got, path.as_deref()), (Status::Fail, Some(local)));
    assert_eq!(
        added(ID, local, "#!/bin/sh\nkexec -p /root/vmlinuz\n").0,
        Status::Pass
    );
    let set = "/etc/default/kexec";
    assert_eq!(
        added(ID, set, "LOAD_KEXEC=true\n"),
        at(Status::Fail, set, 1)
    );
    assert_eq!(added(ID, set, "LOAD_KEXEC=false\n").0, Status::Pass);
    let menu = |n| {
        let head =
            format!("set default={n}\nmenuentry a {{\nlinux /boot/vmlinuz-6.1.0-9-amd64\n}}\n");
        format!("{head}menuentry b {{\nchainloader /evil.efi\n}}\n")
    };
    let grub = "/boot/grub/grub.cfg";
    assert_eq!(added(ID, grub, &menu(1)).0, Status::Fail);
    assert_eq!(added(ID, grub, &menu(0)).0, Status::Unknown);
    assert_eq!(
        added(ID, "/etc/grub.d/09_evil", "#!/bin/sh\n").0,
        Status::Unknown
    );
}
