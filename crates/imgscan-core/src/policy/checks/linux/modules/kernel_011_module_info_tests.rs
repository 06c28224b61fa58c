//! LNX-KERNEL-011.

use super::testing::{RELEASE, with_file, with_module};
use crate::evidence::linux::testing::{ko, ko_of};
use crate::policy::Status;
use crate::policy::checks::linux::testing::{check, status};

#[test]
fn what_a_module_says_of_itself_fits_its_kernel() {
    assert_eq!(status("LNX-KERNEL-011", with_module()), Status::Pass);
    let other = with_file("kernel/a.ko", ko_of("6.9.9-evil", "a"));
    let result = check("LNX-KERNEL-011", other);
    assert_eq!(result.status, Status::Fail);
    let item = &result.evidence[0];
    assert_eq!(
        item.expected.as_ref().map(|t| t.en.as_str()),
        Some("vermagic=6.1.0-9-amd64")
    );
    let name = with_file("kernel/a.ko", ko_of(RELEASE, "b"));
    assert_eq!(status("LNX-KERNEL-011", name), Status::Fail);
    let magic = format!("{RELEASE} SMP");
    let tree = with_file("kernel/a.ko", ko(&[("name", "a"), ("vermagic", &magic)]));
    assert_eq!(status("LNX-KERNEL-011", tree), Status::Fail);
    let none = with_file("kernel/a.ko", b"no module".to_vec());
    assert_eq!(status("LNX-KERNEL-011", none), Status::Fail);
}
