//! WIN-CAP-001.

use crate::policy::Status;
use crate::policy::checks::windows::testing::{
    SERVICES, SYSTEM, assert_at, assert_ready_and_wrong, assert_unknown_without, hive, item, ready,
    replaced, result, wrong,
};

#[test]
fn the_ready_server_passes_and_the_wrong_one_does_not() {
    assert_ready_and_wrong("WIN-CAP-001", Status::Pass, Status::Fail);
}

#[test]
fn without_the_hive_that_it_needs_it_is_unknown() {
    assert_unknown_without("WIN-CAP-001", "SYSTEM");
}

#[test]
fn what_keeps_the_remote_desktop_away_is_named() {
    let remote = result(wrong(), "WIN-CAP-001");
    assert_at(
        item(&remote, "1"),
        SYSTEM,
        r"HKLM\SYSTEM\ControlSet001\Control\Terminal Server",
        "fDenyTSConnections",
    );
    assert_at(
        item(&remote, "4 (disabled)"),
        SYSTEM,
        &format!(r"{SERVICES}\TermService"),
        "Start",
    );
    let denied = item(&remote, "S-1-5-32-544: 0xc03");
    assert_eq!(
        denied.at.key.as_deref(),
        Some(r"HKLM\SECURITY\Policy\Accounts\S-1-5-32-544\ActSysAc")
    );
}

#[test]
fn a_firewall_that_blocks_goes_before_a_rule_that_allows() {
    let found = result(
        replaced(ready(), "SYSTEM", hive!("system-blocked")),
        "WIN-CAP-001",
    );
    assert_eq!(found.status, Status::Fail);
    let firewall = format!(r"{SERVICES}\SharedAccess\Parameters\FirewallPolicy");
    let block =
        "v2.30|Action=Block|Active=TRUE|Dir=In|Protocol=6|LPort2_10=3000-4000|Profile=Public|";
    assert_at(
        item(&found, block),
        SYSTEM,
        &format!(r"{firewall}\FirewallRules"),
        "block",
    );
    assert_at(
        item(&found, "DoNotAllowExceptions = 1"),
        SYSTEM,
        &format!(r"{firewall}\StandardProfile"),
        "DoNotAllowExceptions",
    );
    // A value of another type is a doubt.
    let odd = found
        .gaps
        .iter()
        .find(|g| g.at.value.as_deref() == Some("TSUserEnabled"));
    assert!(odd.is_some(), "{:#?}", found.gaps);
}
