//! WIN-ACCT-001: the built-in Administrator is enabled.

use schemars::JsonSchema;
use serde::Deserialize;

use super::local_accounts::{ADMINISTRATOR, accounts, flags, name, value};
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
    let off = control.disabled || control.locked;
    let item = Item::at(value(user, "F"), say!(win_acct_001_flags, user = name));
    let item = item.compare(say!(win_acct_001_enabled), flags(control));
    if off {
        found.fail(item);
        found.fix(say!(win_acct_001_fix_enable, user = name));
    } else {
        found.pass(item);
    }
    if let Some(expires) = control.expires {
        let last = context.evidence.windows.last_seen();
        let over = last.is_some_and(|seen| expires <= seen);
        let item = Item::at(value(user, "F"), say!(win_acct_001_expires));
        let shown = Text::verbatim(expires.to_string());
        found.fail_if(over, item.compare(say!(win_acct_001_never), shown));
        found.fix(say!(win_acct_001_fix_expiry, user = name));
    }
    if !with.names.iter().any(|n| matches(n, name)) {
        let item = Item::at(value(user, "V"), say!(win_acct_001_renamed));
        found.warn(item.compare(one_of(&with.names), Text::verbatim(name)));
        if let Some(usual) = with.names.first() {
            found.fix(say!(win_acct_001_fix_rename, user = name, usual = usual));
        }
    }
    found.conclude(|status, _| match status {
        Status::Fail if off => say!(win_acct_001_fail, user = name),
        Status::Fail => say!(win_acct_001_expired, user = name),
        Status::Warn => say!(win_acct_001_warn, user = name),
        _ => say!(win_acct_001_pass, user = name),
    })
}
