//! WIN-KERNEL-003.

use super::testing::{STORE, on, proven, signed};
use crate::policy::Status;

#[test]
fn a_catalog_that_is_gone_changed_or_cut_does_not_pass() {
    let path = format!("{STORE}/oem1.cat");
    let gone = on(
        proven().file(&path, 0o644, signed!("other.cat")),
        "WIN-KERNEL-006",
    );
    assert_eq!(gone.status, Status::Fail);
    let mut cut = signed!("driver.cat").to_vec();
    cut.truncate(1000);
    let mut changed = signed!("driver.cat").to_vec();
    // A digit of the name of the first member, whose digest nobody asks for.
    let at = changed
        .windows(4)
        .position(|w| w == b"2\x003\x00")
        .unwrap_or(200);
    changed[at] ^= 1;
    for bytes in [&cut, &changed] {
        let result = on(
            proven().file(&path, 0o644, bytes.as_slice()),
            "WIN-KERNEL-003",
        );
        assert_eq!(result.status, Status::Unknown);
        assert!(
            result
                .gaps
                .iter()
                .any(|g| g.at.path.as_ref().is_some_and(|p| p.contains("oem1.cat")))
        );
    }
}
