//! WIN-AGENT-003.

use crate::policy::Status;
use crate::policy::checks::windows::testing::{
    SERVICES, SYSTEM, assert_at, assert_ready_and_wrong, assert_unknown_without, item, ready,
    result, signed, wrong,
};

#[test]
fn the_ready_server_passes_and_the_wrong_one_does_not() {
    assert_ready_and_wrong("WIN-AGENT-003", Status::Pass, Status::Warn);
}

#[test]
fn without_the_hive_that_it_needs_it_is_unknown() {
    assert_unknown_without("WIN-AGENT-003", "SYSTEM");
}

#[test]
fn an_agent_without_its_service_is_named() {
    let agent = result(wrong(), "WIN-AGENT-003");
    assert_at(item(&agent, "no such key"), SYSTEM, SERVICES, "");
}

#[test]
fn its_program_has_to_be_signed() {
    let path = "/Program Files/QCloud/tat_agent/tat_agent.exe";
    let unsigned = ready().file(path, 0o644, signed!("unsigned.sys"));
    let found = result(unsigned, "WIN-AGENT-003");
    assert_eq!(found.status, Status::Unknown);
    assert_at(
        item(&found, "no valid signature"),
        &format!("C:{path}"),
        "",
        "",
    );
}

#[test]
fn a_changed_program_does_not_start_the_agent() {
    let mut changed = signed!("kernel.exe").to_vec();
    changed[600] ^= 1;
    let path = "/Program Files/QCloud/tat_agent/tat_agent.exe";
    let found = result(ready().file(path, 0o644, changed), "WIN-AGENT-003");
    assert_eq!(found.status, Status::Fail);
    assert_eq!(found.reason.code, "win-agent-003-fail");
}
