//! WIN-ACCT-002.

use crate::policy::Status;
use crate::policy::checks::windows::testing::{
    SAM, SOFTWARE, USERS, WINLOGON, assert_at, assert_ready_and_wrong, assert_unknown_without,
    item, result, wrong,
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
