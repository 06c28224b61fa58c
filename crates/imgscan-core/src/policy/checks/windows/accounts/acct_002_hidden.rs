//! WIN-ACCT-002: no account is hidden or stands for another.

use schemars::JsonSchema;
use serde::Deserialize;

use super::local_accounts::{ADMINISTRATOR, accounts, flags, name, value};
use crate::evidence::windows::{Accounts, LocalUser};
use crate::evidence::{Found, Location};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::values::Values;
use crate::policy::checks::windows::{commands, matches, one_of};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// RID of the group Administrators.
const ADMINISTRATORS: u32 = 544;
/// RID of the group Remote Desktop Users.
const REMOTE_USERS: u32 = 555;
/// The values here keep accounts out of the list of the logon screen.
const UNLISTED: &str =
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon\SpecialAccounts\UserList";

/// Accounts that need no look.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct UsualAccounts {
    /// Patterns of the names of administrators besides the built-in one.
    administrators: Vec<String>,
    /// Patterns of the names of users who may log on by remote desktop.
    remote_users: Vec<String>,
    /// RIDs of built-in accounts that must be disabled.
    disabled: Vec<u32>,
    /// Patterns of the names that may be kept out of the list of the logon screen.
    unlisted: Vec<String>,
}

impl Parameters for UsualAccounts {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::entries("administrators", &self.administrators)?;
        valid::entries("remote_users", &self.remote_users)?;
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
    let allowed = |list: &[String], who: &str| list.iter().any(|p| matches(p, who));
    for (at, sid) in members(&accounts, ADMINISTRATORS) {
        let user = user_of(&accounts, &sid);
        let who = user.map_or(sid.as_str(), |u| name(&u.fact));
        let built_in = user.is_some_and(|u| u.fact.rid == ADMINISTRATOR);
        if built_in || allowed(&with.administrators, who) {
            continue;
        }
        let item = Item::at(at, say!(win_acct_002_administrator));
        let shown = Text::verbatim(format!("{who} ({sid})"));
        // Programs that ask for users leave out names with this end.
        found.fail_if(
            who.ends_with('$'),
            item.compare(one_of(&with.administrators), shown),
        );
        found.fix(leave(&accounts, ADMINISTRATORS, user.is_some(), who));
    }
    for (at, sid) in members(&accounts, REMOTE_USERS) {
        let who = accounts.named(&sid).to_owned();
        if !allowed(&with.remote_users, &who) {
            let item = Item::at(at, say!(win_acct_002_remote_user));
            let shown = Text::verbatim(format!("{who} ({sid})"));
            found.warn(item.compare(one_of(&with.remote_users), shown));
            let named = user_of(&accounts, &sid).is_some();
            found.fix(leave(&accounts, REMOTE_USERS, named, &who));
        }
    }
    unlisted(context, with, &accounts, &mut found);
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_acct_002_fail, count = count),
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
            found.warn(item.compare(say!(win_acct_002_no_dollar), Text::verbatim(who)));
            found.fix(say!(win_acct_002_fix_account, user = who));
        }
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

/// Takes `who`, a user's name or else a SID, out of the group that every Windows has by that number.
fn leave(accounts: &Accounts, rid: u32, named: bool, who: &str) -> Text {
    let mut groups = accounts.groups.iter();
    let group = groups.find(|g| g.fact.domain == "Builtin" && g.fact.rid == rid);
    let name = group.and_then(|g| g.fact.name.as_deref());
    let group = name.unwrap_or(match rid {
        ADMINISTRATORS => "Administrators",
        _ => "Remote Desktop Users",
    });
    if named {
        say!(win_acct_002_fix_member, group = group, user = who)
    } else {
        say!(win_acct_002_fix_sid, group = group, sid = who)
    }
}

/// The members of a group that every Windows has, each with the group's place.
fn members(accounts: &Accounts, rid: u32) -> Vec<(Location, String)> {
    let groups = accounts.groups.iter();
    groups
        .filter(|g| g.fact.domain == "Builtin" && g.fact.rid == rid)
        .flat_map(|g| {
            let at = Location {
                value: Some("C".into()),
                ..g.at.clone()
            };
            g.fact.members.iter().map(move |m| (at.clone(), m.clone()))
        })
        .collect()
}

/// The user of this machine with that SID.
fn user_of<'a>(accounts: &'a Accounts, sid: &str) -> Option<&'a Found<LocalUser>> {
    let rest = sid.strip_prefix(accounts.machine_sid.as_deref()?)?;
    let rid: u32 = rest.strip_prefix('-')?.parse().ok()?;
    accounts.users.iter().find(|u| u.fact.rid == rid)
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
        if with.unlisted.iter().any(|p| matches(p, who)) {
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
        let administers = members(accounts, ADMINISTRATORS)
            .iter()
            .any(|(_, sid)| user_of(accounts, sid).is_some_and(|u| u.fact.rid == user.fact.rid));
        let shown = if administers {
            say!(win_acct_002_administers, user = who)
        } else {
            Text::verbatim(who)
        };
        let item = Item::at(entry.at, say!(win_acct_002_unlisted));
        found.fail_if(
            enabled && administers,
            item.compare(one_of(&with.unlisted), shown),
        );
        found.fix(commands::delete_value(UNLISTED, who));
    }
}
