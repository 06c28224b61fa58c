//! WIN-ACCT-002.

use crate::policy::Status;
use crate::policy::checks::windows::testing::{
    SAM, SOFTWARE, USERS, WINLOGON, assert_at, assert_ready_and_wrong, assert_unknown_without,
    hive, item, ready, replaced, result, wrong,
};

#[test]
fn the_ready_server_passes_and_the_wrong_one_does_not() {
    assert_ready_and_wrong("WIN-ACCT-002", Status::Pass, Status::Fail);
}

#[test]
fn without_the_hive_that_it_needs_it_is_unknown() {
    assert_unknown_without("WIN-ACCT-002", "SAM");
}

#[test]
fn accounts_that_are_hidden_or_hijacked_are_named_with_their_key() {
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
fn power_is_found_in_every_group_and_right() {
    let fs = replaced(ready(), "SAM", hive!("sam-groups"));
    let fs = replaced(fs, "SECURITY", hive!("security-strangers"));
    let found = result(fs, "WIN-ACCT-002");
    assert_eq!(found.status, Status::Fail);
    let aliases = r"HKLM\SAM\SAM\Domains\Builtin\Aliases";
    let everyone = item(&found, "S-1-1-0 (S-1-1-0)");
    assert_at(everyone, SAM, &format!(r"{aliases}\00000220"), "C");
    assert_eq!(everyone.status, Status::Fail);
    // Only the index of members names this one.
    let looks = "Admin\u{ad}istrator (S-1-5-21-1111-2222-3333-1001)";
    let index = format!(r"{aliases}\Members\S-1-5-21-1111-2222-3333\000003E9");
    assert_at(item(&found, looks), SAM, &index, "");
    let ops = item(&found, "ops (S-1-5-21-1111-2222-3333-1002)");
    assert_at(ops, SAM, &format!(r"{aliases}\00000227"), "C");
    assert_eq!(ops.status, Status::Unknown);
    assert_at(
        item(&found, "RID 600"),
        SAM,
        &format!(r"{USERS}\00000258"),
        "",
    );
    assert_at(
        item(&found, "Admin\u{ad}istrator"),
        SAM,
        &format!(r"{USERS}\000003E9"),
        "V",
    );
    let debug = item(&found, "S-1-5-32-545 (S-1-5-32-545)");
    assert_eq!(debug.status, Status::Fail);
    let key = r"HKLM\SECURITY\Policy\Accounts\S-1-5-32-545\Privilgs";
    assert_eq!(debug.at.key.as_deref(), Some(key));
}
