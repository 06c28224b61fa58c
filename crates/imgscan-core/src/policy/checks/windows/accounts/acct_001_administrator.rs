//! WIN-ACCT-001: the built-in Administrator is enabled.

use schemars::JsonSchema;
use serde::Deserialize;

use super::local_accounts::{
    ADMINISTRATOR, NORMAL, SMART_CARD, accounts, flags, holds_for, name, value,
};
use crate::evidence::windows::{Accounts, LocalUser, PasswordRules};
use crate::evidence::{Found, Location};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::{matches, one_of};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// The built-in Administrator.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Administrator {
    /// The names that Windows gives to the account in its languages, the first for the advice.
    names: Vec<String>,
}

impl Parameters for Administrator {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::some("names", &self.names)
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Administrator) -> Outcome {
    let mut found = Findings::new();
    let Some(accounts) = accounts(context, &mut found) else {
        return found.unreadable();
    };
    let user = accounts.users.iter().find(|u| u.fact.rid == ADMINISTRATOR);
    let Some(user) = user else {
        let item = Item::at(accounts.at.clone(), say!(win_acct_001_no_account));
        let key = Text::verbatim(r"Users\000001F4");
        found.fail(item.compare(key, say!(win_key_absent)));
        found.fix(say!(win_acct_001_fix_absent));
        let outcome = found.conclude(|_, _| say!(win_acct_001_absent));
        return outcome.unless_hidden([]);
    };
    let Some(control) = &user.fact.account else {
        return found.unreadable();
    };
    let name = name(&user.fact);
    let card = control.control_bits & SMART_CARD != 0;
    let off = control.disabled || control.locked || card;
    let item = Item::at(value(user, "F"), say!(win_acct_001_flags, user = name));
    let item = item.compare(say!(win_acct_001_enabled), flags(control));
    if off {
        found.fail(item);
        found.fix(say!(win_acct_001_fix_enable, user = name));
    } else {
        let usual = control.control_bits & NORMAL != 0;
        found.add(if usual { Status::Pass } else { Status::Unknown }, item);
    }
    let mut limited = false;
    if let Some(expires) = control.expires {
        let last = context.evidence.windows.last_seen();
        let over = last.is_some_and(|seen| expires <= seen);
        let item = Item::at(value(user, "F"), say!(win_acct_001_expires));
        let shown = Text::verbatim(expires.to_string());
        // Who starts the image later than that can't log on.
        let status = if over { Status::Fail } else { Status::Unknown };
        limited |= over;
        found.add(status, item.compare(say!(win_acct_001_never), shown));
        found.fix(say!(win_acct_001_fix_expiry, user = name));
    }
    restricted(user, &mut found);
    if let Some(rules) = &accounts.password_rules {
        let stays = control.password_never_expires;
        aged_or_locked(rules, stays, value_of_all(&accounts), &mut found);
    }
    denied(context, &accounts, name, &mut found);
    if !with.names.iter().any(|n| matches(n, name)) {
        let item = Item::at(value(user, "V"), say!(win_acct_001_renamed));
        found.warn(item.compare(one_of(&with.names), Text::verbatim(name)));
        if let Some(usual) = with.names.first() {
            found.fix(say!(win_acct_001_fix_rename, user = name, usual = usual));
        }
    }
    found.conclude(|status, _| match status {
        Status::Fail if off => say!(win_acct_001_fail, user = name),
        Status::Fail if limited => say!(win_acct_001_expired, user = name),
        Status::Fail => say!(win_acct_001_restricted, user = name),
        Status::Unknown => say!(win_acct_001_doubt, user = name),
        Status::Warn => say!(win_acct_001_warn, user = name),
        _ => say!(win_acct_001_pass, user = name),
    })
}

/// Hours and computers at which the user may log on.
fn restricted(user: &Found<LocalUser>, found: &mut Findings) {
    let it = &user.fact;
    let any = || say!(win_acct_001_any);
    if it.hours.iter().any(|hours| *hours != 0xFF) {
        let shown = Text::verbatim(crate::bytes::hex(&it.hours));
        let item = Item::at(value(user, "V"), say!(win_acct_001_hours));
        found.fail(item.compare(any(), shown));
        found.fix(say!(win_acct_001_fix_hours, user = name(it)));
    }
    if !it.workstations.is_empty() {
        let item = Item::at(value(user, "V"), say!(win_acct_001_computers));
        found.fail(item.compare(any(), Text::verbatim(&it.workstations)));
        found.fix(say!(win_acct_001_fix_computers, user = name(it)));
    }
}

/// Where the rules of all passwords stand.
fn value_of_all(accounts: &Accounts) -> Location {
    Location {
        value: Some("F".into()),
        ..accounts.at.clone()
    }
}

/// A password that is soon over, which network level authentication refuses then, a lock that
/// whoever knows the address closes, and a length that the passwords of a provider do not have.
fn aged_or_locked(rules: &PasswordRules, stays: bool, at: Location, found: &mut Findings) {
    /// Units of 100 ns.
    const MINUTE: u64 = 600_000_000;
    const DAY: u64 = 24 * 60 * MINUTE;
    const SOON: u64 = 7 * DAY;
    /// A mistake or two are usual.
    const FEW: u16 = 3;
    /// Characters that baselines ask for (Microsoft's, CIS); generated passwords have 12 to 20.
    const LONG_ENOUGH: u16 = 14;
    if let Some(age) = rules.longest.filter(|age| *age < SOON && !stays) {
        let item = Item::at(at.clone(), say!(win_acct_001_age));
        let minutes = |time: u64| say!(win_acct_001_minutes, count = time / MINUTE);
        found.unknown(item.compare(minutes(42 * DAY), minutes(age)));
        found.fix(Text::verbatim("net accounts /maxpwage:42"));
    }
    let long = rules.locked_for.is_none_or(|time| time > DAY);
    let locks = rules.locks_administrator && rules.wrong_ones > 0 && long;
    // Who is not the Administrator (the account of a service, a user of the customer's) is locked by so few
    // in any case.
    if locks || (1..FEW).contains(&rules.wrong_ones) {
        let item = Item::at(at.clone(), say!(win_acct_001_lock));
        let shown = say!(win_acct_001_wrong_ones, count = rules.wrong_ones);
        found.unknown(item.compare(say!(win_acct_001_wrong_ones, count = 10), shown));
        found.fix(Text::verbatim(
            "net accounts /lockoutthreshold:10 /lockoutduration:10",
        ));
    }
    if rules.shortest > LONG_ENOUGH {
        let item = Item::at(at, say!(win_acct_001_length));
        let shown = Text::verbatim(rules.shortest.to_string());
        found.unknown(item.compare(Text::verbatim(format!("0–{LONG_ENOUGH}")), shown));
        found.fix(Text::verbatim("net accounts /minpwlen:14"));
    }
}

/// Logons that the security policy denies the user.
fn denied(context: &Context<'_>, accounts: &Accounts, user: &str, found: &mut Findings) {
    /// Interactive, network and remote interactive logon (ntsecapi.h).
    const DENIED: u32 = 0x40 | 0x80 | 0x800;
    let rights = match context.evidence.windows.rights() {
        Ok(rights) => found.keep(rights),
        Err(gap) => return found.gap(gap),
    };
    for right in rights {
        let it = right.fact;
        let bits = it.logon.fact & DENIED;
        if bits == 0 || !holds_for(accounts, &it.sid, ADMINISTRATOR) {
            continue;
        }
        let item = Item::at(it.logon.at, say!(win_acct_001_denied, user = user));
        let shown = Text::verbatim(format!("{}: {bits:#x}", it.sid));
        found.fail(item.compare(say!(win_none), shown));
        found.fix(say!(win_acct_001_fix_denied, sid = it.sid));
    }
}
