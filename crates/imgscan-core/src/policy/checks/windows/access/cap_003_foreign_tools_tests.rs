//! WIN-CAP-003.

use crate::policy::Status;
use crate::policy::checks::windows::testing::{
    SERVICES, SYSTEM, assert_at, assert_ready_and_wrong, assert_unknown_without, item, result,
    wrong,
};

#[test]
fn the_ready_server_passes_and_the_wrong_one_does_not() {
    assert_ready_and_wrong("WIN-CAP-003", Status::Pass, Status::Warn);
}

#[test]
fn without_the_hive_that_it_needs_it_is_unknown() {
    assert_unknown_without("WIN-CAP-003", "SYSTEM");
}

#[test]
fn tools_of_another_hypervisor_are_named() {
    let tools = result(wrong(), "WIN-CAP-003");
    assert_at(
        item(
            &tools,
            r#"VMTools, Start 2, "C:\Program Files\VMware\VMware Tools\vmtoolsd.exe""#,
        ),
        SYSTEM,
        &format!(r"{SERVICES}\VMTools"),
        "",
    );
}
