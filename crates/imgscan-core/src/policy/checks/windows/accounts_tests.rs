//! Checks of accounts and passwords on images that pass and that fail. The hives are those of
//! testdata/recipes/winstate.py; impacket reads the same password hashes out of them.

use super::state_tests::{SAM, SOFTWARE, USERS, WINLOGON, hive, ready, replaced, wrong};
use super::tests::{assert_at, item, result};
use crate::policy::Status;

#[test]
fn accounts_that_are_off_hidden_or_hijacked_are_named_with_their_key() {
    let off = result(wrong(), "WIN-ACCT-001");
    assert_at(
        item(&off, "0x0011 (disabled)"),
        SAM,
        &format!(r"{USERS}\000001F4"),
        "F",
    );
    let hidden = result(wrong(), "WIN-ACCT-002");
    assert_at(
        item(&hidden, "RID 500"),
        SAM,
        &format!(r"{USERS}\000001F5"),
        "F",
    );
    assert_at(
        item(
            &hidden,
            "0x0214 (password not required, password never expires)",
        ),
        SAM,
        &format!(r"{USERS}\000001F5"),
        "F",
    );
    assert_at(
        item(&hidden, "nobody"),
        SAM,
        &format!(r"{USERS}\Names\nobody"),
        "",
    );
    assert_at(
        item(&hidden, "none"),
        SAM,
        &format!(r"{USERS}\000003E9"),
        "",
    );
    let group = r"HKLM\SAM\SAM\Domains\Builtin\Aliases\00000220";
    assert_at(
        item(&hidden, "ghost$ (S-1-5-21-1111-2222-3333-1001)"),
        SAM,
        group,
        "C",
    );
    assert_at(
        item(&hidden, "ops, an administrator"),
        SOFTWARE,
        &format!(r"{WINLOGON}\SpecialAccounts\UserList"),
        "ops",
    );
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
