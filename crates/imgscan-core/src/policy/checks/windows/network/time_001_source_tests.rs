//! WIN-TIME-001.

use crate::policy::Status;
use crate::policy::checks::windows::testing::{
    SERVICES, SYSTEM, assert_at, assert_ready_and_wrong, assert_unknown_without, hive, item, ready,
    replaced, result, wrong,
};

#[test]
fn the_ready_server_passes_and_the_wrong_one_does_not() {
    assert_ready_and_wrong("WIN-TIME-001", Status::Pass, Status::Fail);
}

#[test]
fn without_the_hive_that_it_needs_it_is_unknown() {
    assert_unknown_without("WIN-TIME-001", "SYSTEM");
}

#[test]
fn a_time_service_that_is_off_is_named() {
    let time = result(wrong(), "WIN-TIME-001");
    assert_at(
        item(&time, "4 (disabled)"),
        SYSTEM,
        &format!(r"{SERVICES}\W32Time"),
        "Start",
    );
}

#[test]
fn a_clock_that_is_never_corrected_fails() {
    let found = result(
        replaced(ready(), "SYSTEM", hive!("system-blocked")),
        "WIN-TIME-001",
    );
    assert_eq!(found.status, Status::Fail);
    assert_at(
        item(&found, "0"),
        SYSTEM,
        &format!(r"{SERVICES}\W32Time\Config"),
        "MaxPosPhaseCorrection",
    );
    // The hierarchy of a domain that the machine is not in.
    assert_eq!(item(&found, "NT5DS").status, Status::Unknown);
}
