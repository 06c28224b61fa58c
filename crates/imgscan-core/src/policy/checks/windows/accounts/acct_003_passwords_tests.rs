//! WIN-ACCT-003. impacket reads the same password hashes out of the hives.

use crate::policy::Status;
use crate::policy::checks::windows::testing::{
    SAM, SOFTWARE, USERS, WINLOGON, assert_at, assert_ready_and_wrong, assert_unknown_without,
    hive, item, ready, replaced, result, wrong,
};

#[test]
fn the_ready_server_passes_and_the_wrong_one_does_not() {
    assert_ready_and_wrong("WIN-ACCT-003", Status::Pass, Status::Fail);
}

#[test]
fn without_the_hive_that_it_needs_it_is_unknown() {
    assert_unknown_without("WIN-ACCT-003", "SAM");
}

#[test]
fn passwords_are_judged_and_never_shown() {
    let found = result(wrong(), "WIN-ACCT-003");
    assert_at(
        item(&found, "a password of the list"),
        SAM,
        &format!(r"{USERS}\000003E8"),
        "V",
    );
    let empty: Vec<_> = found
        .evidence
        .iter()
        .filter(|i| i.found.as_ref().map(|t| t.en.as_str()) == Some("an empty password"))
        .collect();
    let keys: Vec<_> = empty.iter().map(|i| i.at.key.clone().unwrap()).collect();
    // Guest stores no hash, ghost$ stores the hash of the empty password.
    assert_eq!(
        keys,
        [format!(r"{USERS}\000001F5"), format!(r"{USERS}\000003E9")]
    );
    assert_at(
        item(&found, "another password"),
        SAM,
        &format!(r"{USERS}\000003EB"),
        "V",
    );
    assert_at(
        item(&found, "<masked, 14 characters>"),
        SOFTWARE,
        WINLOGON,
        "DefaultPassword",
    );
    let secret = item(&found, "<masked, 60 bytes encrypted>");
    assert_eq!(
        secret.at.key.as_deref(),
        Some(r"HKLM\SECURITY\Policy\Secrets\DefaultPassword")
    );
    let all = format!("{found:?}");
    for secret in [
        "not to be seen",
        "Passw0rd!",
        "Nb7!kq-2Lw",
        "fc525c9683e8fe067095ba2ddc971889",
        "31d6cfe0",
    ] {
        assert!(!all.contains(secret), "{secret}");
    }
    // The boot key of another system leaves nothing to compare.
    let other = result(
        replaced(ready(), "SYSTEM", hive!("system-good")),
        "WIN-ACCT-003",
    );
    assert_eq!(other.status, Status::Unknown);
    let swapped = result(
        replaced(wrong(), "SYSTEM", hive!("system-good")),
        "WIN-ACCT-003",
    );
    assert_eq!(swapped.status, Status::Fail, "the empty Guest needs no key");
    assert!(
        swapped
            .gaps
            .iter()
            .any(|g| g.reason.en.contains("boot key"))
    );
}
