//! WIN-KERNEL-011.

use super::testing::{SYSTEM32, item, on, proven, signed};
use crate::policy::Status;

#[test]
fn a_kernel_of_another_build_fails() {
    let path = format!("{SYSTEM32}/ntoskrnl.exe");
    let old = on(
        proven().file(&path, 0o644, signed!("old-kernel.exe")),
        "WIN-KERNEL-011",
    );
    assert_eq!(old.status, Status::Fail);
    let item = item(&old, "10.0.17763.1");
    assert_eq!(
        item.expected.as_ref().map(|t| t.en.as_str()),
        Some("20348.169")
    );
}
