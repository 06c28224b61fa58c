//! WIN-ACCT-001.

use crate::policy::Status;
use crate::policy::checks::windows::testing::{
    SAM, USERS, assert_at, assert_ready_and_wrong, assert_unknown_without, hive, item, ready,
    replaced, result, wrong,
};

#[test]
fn the_ready_server_passes_and_the_wrong_one_does_not() {
    assert_ready_and_wrong("WIN-ACCT-001", Status::Pass, Status::Fail);
}

#[test]
fn without_the_hive_that_it_needs_it_is_unknown() {
    assert_unknown_without("WIN-ACCT-001", "SAM");
}

#[test]
fn an_administrator_that_is_off_is_named_with_its_key() {
    let off = result(wrong(), "WIN-ACCT-001");
    assert_at(
        item(&off, "0x0011 (disabled)"),
        SAM,
        &format!(r"{USERS}\000001F4"),
        "F",
    );
}

#[test]
fn a_right_that_keeps_local_accounts_out_fails() {
    let fs = replaced(ready(), "SECURITY", hive!("security-strangers"));
    let found = result(fs, "WIN-ACCT-001");
    assert_eq!(found.status, Status::Fail);
    let key = r"HKLM\SECURITY\Policy\Accounts\S-1-5-113\ActSysAc";
    let denied = item(&found, "S-1-5-113: 0x80");
    assert_eq!(denied.at.key.as_deref(), Some(key));
}
