//! WIN-ACCT-002: no account is hidden or stands for another.

use schemars::JsonSchema;
use serde::Deserialize;

use super::groups::{self, user_of};
use super::local_accounts::{ADMINISTRATORS, accounts, flags, members, name, value};
use super::names;
use crate::evidence::windows::{Accounts, Datum, LocalUser};
use crate::evidence::{Found, Location};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::values::Values;
use crate::policy::checks::windows::{commands, matches, one_of};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// The relative identifiers of accounts that Windows makes itself.
const BUILT_IN: std::ops::RangeInclusive<u32> = 500..=504;
/// The first identifier of an account that somebody made.
const FIRST_MADE: u32 = 1000;
/// The values here keep accounts out of the list of the logon screen.
const UNLISTED: &str =
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon\SpecialAccounts\UserList";

/// The test's name in policies.
pub(in crate::policy::checks::windows) const NAME: &str = "windows_acct_002_hidden";

/// Accounts that need no look.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct UsualAccounts {
    /// Patterns of the names of administrators besides the built-in one.
    pub(super) administrators: Vec<String>,
    /// Patterns of the names of users who may log on by remote desktop.
    pub(super) remote_users: Vec<String>,
    /// Patterns of the names of users that products make for their services.
    pub(super) users: Vec<String>,
    /// RIDs of built-in accounts that must be disabled.
    disabled: Vec<u32>,
    /// Patterns of the names that may be kept out of the list of the logon screen.
    unlisted: Vec<String>,
}

impl Parameters for UsualAccounts {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::entries("administrators", &self.administrators)?;
        valid::entries("remote_users", &self.remote_users)?;
        valid::entries("users", &self.users)?;
        let disabled: Vec<String> = self.disabled.iter().map(u32::to_string).collect();
        valid::entries("disabled", &disabled)?;
        valid::entries("unlisted", &self.unlisted)
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &UsualAccounts) -> Outcome {
    let mut found = Findings::new();
    let Some(accounts) = accounts(context, &mut found) else {
        return found.unreadable();
    };
    for user in &accounts.users {
        records(with, user, &mut found);
    }
    for entry in &accounts.names_of_nobody {
        let item = Item::at(entry.at.clone(), say!(win_acct_002_name_of_nobody));
        let key = Text::verbatim(format!(r"Users\{:08X}", entry.fact.rid));
        found.fail(item.compare(key, Text::verbatim(&entry.fact.name)));
        found.fix(delete_key(&entry.at));
    }
    names::odd(&accounts, &mut found);
    groups::judge(context, with, &accounts, &mut found);
    unlisted(context, with, &accounts, &mut found);
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_acct_002_fail, count = count),
        Status::Unknown => say!(win_acct_002_unknown, count = count),
        Status::Warn => say!(win_acct_002_warn, count = count),
        _ => say!(win_acct_002_pass),
    })
}

/// What is wrong with the record of one user.
fn records(with: &UsualAccounts, user: &Found<LocalUser>, found: &mut Findings) {
    let it = &user.fact;
    let who = name(it);
    if let Some(control) = &it.account {
        if control.record_rid != it.rid {
            let item = Item::at(value(user, "F"), say!(win_acct_002_hijacked, user = who));
            let rid = |rid: u32| Text::verbatim(format!("RID {rid}"));
            found.fail(item.compare(rid(it.rid), rid(control.record_rid)));
            found.fix(say!(win_acct_002_fix_account, user = who));
        }
        if with.disabled.contains(&it.rid) && !control.disabled {
            let item = Item::at(value(user, "F"), say!(win_acct_002_enabled, user = who));
            found.fail(item.compare(say!(win_account_disabled), flags(control)));
            found.fix(say!(win_acct_002_fix_disable, user = who));
        }
        if who.ends_with('$') && !control.disabled {
            let item = Item::at(value(user, "V"), say!(win_acct_002_left_out));
            found.fail(item.compare(say!(win_acct_002_no_dollar), Text::verbatim(who)));
            found.fix(say!(win_acct_002_fix_account, user = who));
        }
    }
    if !BUILT_IN.contains(&it.rid) && it.rid < FIRST_MADE {
        let item = Item::at(user.at.clone(), say!(win_acct_002_low_rid, user = who));
        let shown = Text::verbatim(format!("RID {}", it.rid));
        found.fail(item.compare(say!(win_acct_002_made_rid), shown));
        found.fix(delete_key(&user.at));
    }
    if it.hidden == Some(true) {
        let item = Item::at(user.at.clone(), say!(win_acct_002_unnamed, user = who));
        found.fail(item.compare(say!(win_acct_002_name_key), say!(win_none)));
        found.fix(delete_key(&user.at));
    }
    let others: Vec<&str> = (it.listed_names.iter())
        .map(String::as_str)
        .filter(|n| {
            it.name
                .as_deref()
                .is_some_and(|own| !own.eq_ignore_ascii_case(n))
        })
        .collect();
    if !others.is_empty() {
        let item = Item::at(value(user, "V"), say!(win_acct_002_second_name));
        let shown = Text::verbatim(others.join(", "));
        found.fail(item.compare(Text::verbatim(who), shown));
        found.fix(say!(win_acct_002_fix_account, user = who));
    }
}

/// Deletes what is at `at`.
fn delete_key(at: &Location) -> Text {
    say!(
        win_acct_002_fix_key,
        key = at.key.as_deref().unwrap_or_default()
    )
}

/// Accounts that the logon screen does not show.
fn unlisted(
    context: &Context<'_>,
    with: &UsualAccounts,
    accounts: &Accounts,
    found: &mut Findings,
) {
    for entry in Values::of(context).all(found, UNLISTED, "*") {
        let who = entry.fact.name.as_str();
        // 1 shows the account.
        if entry.fact.data == Datum::Number(1) {
            continue;
        }
        // The installer of a service hides the account that it makes for it.
        let usual = with.unlisted.iter().any(|p| matches(p, who));
        if usual && groups::serves(context, who, found) {
            continue;
        }
        let user = accounts.users.iter().find(|u| {
            let same = |n: &str| n.eq_ignore_ascii_case(who);
            u.fact.name.as_deref().is_some_and(same) || u.fact.listed_names.iter().any(|n| same(n))
        });
        let Some(user) = user else {
            continue;
        };
        let enabled = user.fact.account.as_ref().is_none_or(|a| !a.disabled);
        let same = |sid: &str| user_of(accounts, sid).is_some_and(|u| u.fact.rid == user.fact.rid);
        let administers = members(accounts, ADMINISTRATORS)
            .iter()
            .any(|m| same(&m.sid));
        let shown = if administers {
            say!(win_acct_002_administers, user = who)
        } else {
            Text::verbatim(who)
        };
        let item = Item::at(entry.at, say!(win_acct_002_unlisted));
        let status = match (enabled, administers) {
            (true, true) => Status::Fail,
            (true, false) => Status::Unknown,
            (false, _) => Status::Warn,
        };
        found.add(status, item.compare(one_of(&with.unlisted), shown));
        found.fix(commands::delete_value(UNLISTED, who));
    }
}
