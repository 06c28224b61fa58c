//! LNX-KERNEL-024.

use super::testing::{added, at, with_hooks};
use crate::policy::Status;
use crate::policy::checks::linux::testing::check;

#[test]
fn settings_are_listed_with_their_lines_and_the_last_of_a_key_counts() {
    const ID: &str = "LNX-KERNEL-024";
    let result = check(
        ID,
        with_hooks().file("/etc/sysctl.d/z.conf", 0o644, "kernel.sysrq = 1\n"),
    );
    assert_eq!(result.status, Status::Pass);
    let notes: Vec<&str> = result.evidence.iter().map(|e| e.note.en.as_str()).collect();
    assert_eq!(
        notes,
        ["kernel.modprobe=/usr/sbin/modprobe", "kernel.sysrq=1"]
    );
    let text = "kernel/kptr_restrict=1\nkernel.kptr_restrict=0\n";
    assert_eq!(
        added(ID, "/etc/sysctl.conf", text),
        at(Status::Warn, "/etc/sysctl.conf", 2)
    );
    let config = "CONFIG_MODULE_SIG=y\n# CONFIG_STRICT_DEVMEM is not set\n";
    assert_eq!(
        added(ID, "/boot/config-1", config),
        at(Status::Warn, "/boot/config-1", 2)
    );
}
