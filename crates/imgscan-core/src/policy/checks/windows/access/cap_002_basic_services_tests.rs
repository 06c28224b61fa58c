//! WIN-CAP-002.

use crate::policy::Status;
use crate::policy::checks::windows::testing::{
    SERVICES, SYSTEM, assert_at, assert_ready_and_wrong, assert_unknown_without, item, ready,
    result, wrong,
};

#[test]
fn the_ready_server_passes_and_the_wrong_one_does_not() {
    assert_ready_and_wrong("WIN-CAP-002", Status::Pass, Status::Fail);
}

#[test]
fn without_the_hive_that_it_needs_it_is_unknown() {
    assert_unknown_without("WIN-CAP-002", "SYSTEM");
}

#[test]
fn what_keeps_a_server_from_serving_is_named() {
    let basics = result(wrong(), "WIN-CAP-002");
    assert_at(
        item(&basics, "4 (disabled)"),
        SYSTEM,
        &format!(r"{SERVICES}\PlugPlay"),
        "Start",
    );
    // A temporary file that the next start deletes is no change that waits.
    let value = Some("PendingFileRenameOperations");
    let mut items = basics.evidence.iter();
    assert!(!items.any(|item| item.at.value.as_deref() == value));
    let asleep = result(
        ready().file("/hiberfil.sys", 0o644, "HIBR\0\0"),
        "WIN-CAP-002",
    );
    assert_eq!(asleep.status, Status::Warn);
    assert_eq!(
        item(&asleep, "HIBR").at.path.as_deref(),
        Some("C:/hiberfil.sys")
    );
}
