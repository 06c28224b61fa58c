//! WIN-ACCT-003: no password is empty or known to everybody, and nobody is logged on automatically.

use schemars::JsonSchema;
use serde::Deserialize;

use super::local_accounts::{accounts, flags, name, value};
use crate::evidence::windows::{Datum, Password};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::commands;
use crate::policy::checks::windows::values::{SET, Values};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, hidden};

const WINLOGON: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon";

/// The secret that holds a machine's own password for its domain.
const MACHINE: &str = "$MACHINE.ACC";

/// Passwords that are known to everybody.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct KnownPasswords {
    /// Passwords that no account may have.
    words: Vec<String>,
}

impl Parameters for KnownPasswords {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::some("words", &self.words)
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &KnownPasswords) -> Outcome {
    let mut found = Findings::new();
    let Some(accounts) = accounts(context, &mut found) else {
        return found.unreadable();
    };
    let passwords = found.keep(context.evidence.windows.passwords(&with.words));
    for user in &accounts.users {
        let it = &user.fact;
        let Some(control) = it.account.as_ref().filter(|c| !c.disabled) else {
            continue;
        };
        let who = name(it);
        let password = passwords.iter().find(|p| p.fact.rid == it.rid);
        let (status, shown) = match password.map(|p| p.fact.password) {
            Some(Password::Empty) => (Status::Fail, say!(win_acct_003_empty)),
            Some(Password::Listed) => (Status::Fail, say!(win_acct_003_listed)),
            Some(Password::Other) => (Status::Pass, say!(win_acct_003_other)),
            None => (Status::Pass, say!(win_acct_003_not_told)),
        };
        let at = password.map_or_else(|| user.at.clone(), |p| p.at.clone());
        let item = Item::at(at, say!(win_acct_003_password, user = who, rid = it.rid));
        found.add(status, item.compare(say!(win_acct_003_wanted), shown));
        if status == Status::Fail {
            found.fix(say!(win_acct_003_fix_password, user = who));
        }
        if control.password_not_required {
            let item = Item::at(
                value(user, "F"),
                say!(win_acct_003_may_be_empty, user = who),
            );
            found.warn(item.compare(say!(win_acct_003_required), flags(control)));
            found.fix(say!(win_acct_003_fix_required, user = who));
        }
    }
    let values = Values::of(context);
    autologon(context, values, &mut found);
    domain(values, &mut found);
    let key = format!(r"{SET}\Control\Lsa");
    let limit = values.number(&mut found, &key, "LimitBlankPasswordUse");
    if let Some(limit) = limit.filter(|l| l.fact == 0) {
        let item = Item::at(limit.at, say!(win_acct_003_empty_over_network));
        found.unknown(item.compare(Text::verbatim("1"), Text::verbatim("0")));
        found.fix(commands::set_value(
            &key,
            "LimitBlankPasswordUse",
            "REG_DWORD",
            "1",
        ));
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_acct_003_fail, count = count),
        Status::Unknown => say!(win_acct_003_unknown, count = count),
        Status::Warn => say!(win_acct_003_warn, count = count),
        _ => say!(win_acct_003_pass),
    })
}

/// The SID of the domain that the machine is in; a machine of a work group has none there.
fn domain(values: Values<'_>, found: &mut Findings) {
    let key = r"HKLM\SECURITY\Policy\PolPrDmS";
    for sid in values.all(found, key, "*") {
        let text = sid.fact.data.to_string();
        // A SID in hexadecimal digits begins with its revision, 1.
        if text.starts_with("01") {
            let item = Item::at(sid.at, say!(win_acct_003_domain));
            found.unknown(item.compare(say!(win_value_absent), hidden(&text)));
            found.fix(say!(win_acct_003_fix_domain));
        }
    }
}

/// The settings of the automatic logon, and the secrets of the local security authority.
fn autologon(context: &Context<'_>, values: Values<'_>, found: &mut Findings) {
    let on = values.first(found, WINLOGON, "AutoAdminLogon");
    let on = on.filter(|v| !matches!(v.fact.data.to_string().trim(), "0" | ""));
    let user = values.text(found, WINLOGON, "DefaultUserName");
    if let Some(password) = values.first(found, WINLOGON, "DefaultPassword") {
        let secret = match &password.fact.data {
            Datum::Text(text) => text.clone(),
            other => other.to_string(),
        };
        if !secret.is_empty() {
            let item = Item::at(password.at, say!(win_acct_003_clear_text));
            found.fail(item.compare(say!(win_value_absent), hidden(&secret)));
            found.fix(commands::delete_value(WINLOGON, "DefaultPassword"));
        }
    }
    if let Some(on) = &on {
        let who = user.as_ref().map_or("?", |u| u.fact.as_str());
        let item = Item::at(on.at.clone(), say!(win_acct_003_autologon, user = who));
        let shown = Text::verbatim(on.fact.data.to_string());
        found.unknown(item.compare(say!(win_acct_003_off), shown));
        found.fix(commands::set_value(
            WINLOGON,
            "AutoAdminLogon",
            "REG_SZ",
            "0",
        ));
        if let Some(count) = values.first(found, WINLOGON, "AutoLogonCount") {
            let item = Item::at(count.at, say!(win_acct_003_logons_left));
            let shown = Text::verbatim(count.fact.data.to_string());
            found.pass(item.compare(say!(win_value_absent), shown));
        }
    }
    let secrets = match context.evidence.windows.secrets() {
        Ok(secrets) => found.keep(secrets),
        Err(gap) => return found.gap(gap),
    };
    for secret in secrets {
        let (name, len) = secret.fact;
        if len == 0 {
            continue;
        }
        if name.eq_ignore_ascii_case("DefaultPassword") {
            let key = secret.at.key.clone().unwrap_or_default();
            let item = Item::at(secret.at, say!(win_acct_003_secret));
            // Windows itself leaves this secret behind; it counts where it is used.
            found.fail_if(
                on.is_some(),
                item.compare(
                    say!(win_value_absent),
                    say!(win_acct_003_encrypted, bytes = len),
                ),
            );
            found.fix(say!(win_acct_003_fix_secret, key = key));
        } else if name.eq_ignore_ascii_case(MACHINE) {
            let item = Item::at(secret.at, say!(win_acct_003_domain));
            let shown = say!(win_acct_003_encrypted, bytes = len);
            found.unknown(item.compare(say!(win_value_absent), shown));
            found.fix(say!(win_acct_003_fix_domain));
        } else if let Some(service) = name.strip_prefix("_SC_") {
            found.pass(Item::at(
                secret.at,
                say!(win_acct_003_service, service = service),
            ));
        }
    }
}
