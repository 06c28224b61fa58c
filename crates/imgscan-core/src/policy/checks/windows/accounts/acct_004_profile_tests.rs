//! WIN-ACCT-004.

use crate::policy::Status;
use crate::policy::checks::windows::testing::{
    assert_ready_and_wrong, hive, ready, replaced, result,
};

#[test]
fn later_servers_are_not_asked() {
    assert_ready_and_wrong("WIN-ACCT-004", Status::NotApplicable, Status::NotApplicable);
}

#[test]
fn data_in_the_profile_of_a_2008_server_warns() {
    let old = || replaced(ready(), "SOFTWARE", hive!("software-2008"));
    assert_eq!(result(old(), "WIN-ACCT-004").status, Status::Pass);
    let data = result(
        old().file("/Users/Administrator/Documents/product.ini", 0o644, "x"),
        "WIN-ACCT-004",
    );
    assert_eq!(data.status, Status::Warn);
    let path = "C:/Users/Administrator/Documents/product.ini";
    assert!(
        data.evidence
            .iter()
            .any(|i| i.at.path.as_deref() == Some(path)),
        "{data:#?}"
    );
}
