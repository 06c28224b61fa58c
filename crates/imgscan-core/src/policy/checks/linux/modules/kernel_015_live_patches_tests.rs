//! LNX-KERNEL-015.

use super::testing::{RELEASE, with_module};
use crate::evidence::linux::testing::{ko, ko_of};
use crate::policy::Status;
use crate::policy::checks::linux::testing::{check, status};

#[test]
fn live_patches_are_told() {
    assert_eq!(status("LNX-KERNEL-015", with_module()), Status::Pass);
    let magic = format!("{RELEASE} SMP");
    let patch = ko(&[("name", "klp"), ("livepatch", "Y"), ("vermagic", &magic)]);
    let unowned = with_module().file("/var/lib/kpatch/klp.ko", 0o644, patch.clone());
    assert_eq!(status("LNX-KERNEL-015", unowned), Status::Fail);
    let kept = with_module().file("/var/lib/kpatch/1/fix.ko", 0o644, ko_of(RELEASE, "fix"));
    let result = check("LNX-KERNEL-015", kept);
    let path = result.evidence[0].at.path.as_deref();
    assert_eq!(path, Some("/var/lib/kpatch/1/fix.ko"));
    let owned = with_module().owned("kpatch", &[("/opt/klp.ko", 0o644, &patch)]);
    assert_eq!(status("LNX-KERNEL-015", owned), Status::Warn);
}
