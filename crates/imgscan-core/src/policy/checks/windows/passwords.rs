//! WIN-ACCT-003: passwords that everybody knows, and secrets for logging on by itself.

use super::accounts::{accounts, flags, unreadable};
use super::probe::{Probe, SET};
use crate::error::Result;
use crate::evidence::windows::{Datum, Password};
use crate::policy::checks::findings::worse;
use crate::policy::{Context, Outcome, Status};

const WINLOGON: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon";

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// Passwords that no account may have.
    words: Vec<String>,
}

pub(super) fn known(context: &Context<'_>) -> Result<Outcome> {
    let with: With = context.check.with()?;
    let mut probe = Probe::new(context);
    let Some(accounts) = accounts(&mut probe) else {
        return Ok(unreadable(probe));
    };
    let mut status = Status::Pass;
    let passwords = probe.windows.passwords(&with.words);
    probe.gaps.extend(passwords.gaps);
    for user in &accounts.users {
        let it = &user.fact;
        let Some(control) = it.account.as_ref().filter(|c| !c.disabled) else {
            continue;
        };
        let name = it.name.as_deref().unwrap_or("?");
        let found = passwords.items.iter().find(|p| p.fact.rid == it.rid);
        let class = found.map(|p| p.fact.password);
        let shown = match class {
            Some(Password::Empty) => "an empty password",
            Some(Password::Listed) => "a password of the list",
            Some(Password::Other) => "another password",
            None => "can't be told",
        };
        if matches!(class, Some(Password::Empty | Password::Listed)) {
            status = Status::Fail;
        }
        let at = found.map_or_else(|| user.at.clone(), |p| p.at.clone());
        probe.say(
            at,
            (
                format!("password of {name} (RID {}), which is enabled", it.rid),
                format!("已启用账户 {name}（RID {}）的密码", it.rid),
            ),
            "a password that is neither empty nor in the policy's list",
            shown,
        );
        if control.password_not_required {
            status = worse(status, Status::Warn);
            let mut at = user.at.clone();
            at.value = Some("F".into());
            probe.say(
                at,
                (
                    format!("{name} may have an empty password"),
                    format!("{name} 允许空密码"),
                ),
                "bit 0x0004 clear",
                flags(control),
            );
        }
    }
    status = worse(status, autologon(&mut probe));
    let key = format!(r"{SET}\Control\Lsa");
    if let Some(limit) = probe
        .number(&key, "LimitBlankPasswordUse")
        .filter(|l| l.fact == 0)
    {
        status = worse(status, Status::Warn);
        probe.say(
            limit.at,
            (
                "accounts with an empty password may log on over the network",
                "空密码账户可通过网络登录",
            ),
            "1",
            "0",
        );
    }
    let (en, zh) = match status {
        Status::Pass => (
            "no account that is enabled has an empty or known password, and nobody is logged on automatically",
            "已启用账户无空口令或弱口令，且未设置自动登录",
        ),
        Status::Warn => (
            "settings about passwords want a look",
            "存在需要关注的口令设置",
        ),
        _ => (
            "an account has an empty or known password, or a password stands in the registry",
            "存在空口令、弱口令，或注册表中存有密码",
        ),
    };
    Ok(probe.end(status, en, zh))
}

/// The settings of the automatic logon, and the secrets of the local security authority.
fn autologon(probe: &mut Probe<'_>) -> Status {
    let mut status = Status::Pass;
    let on = probe.value(WINLOGON, "AutoAdminLogon");
    let on = on.filter(|v| !matches!(v.fact.data.to_string().trim(), "0" | ""));
    let user = probe.text(WINLOGON, "DefaultUserName").map(|u| u.fact);
    let password = probe.value(WINLOGON, "DefaultPassword");
    if let Some(password) = password {
        let secret = match &password.fact.data {
            Datum::Text(text) => text.clone(),
            other => other.to_string(),
        };
        if !secret.is_empty() {
            status = Status::Fail;
            probe.say(
                password.at,
                ("a password in clear text", "明文密码"),
                "not there",
                crate::text::masked(&secret),
            );
        }
    }
    if let Some(on) = &on {
        status = worse(status, Status::Warn);
        probe.say(
            on.at.clone(),
            (
                format!(
                    "{} is logged on automatically",
                    user.as_deref().unwrap_or("?")
                ),
                format!("自动登录 {}", user.as_deref().unwrap_or("?")),
            ),
            "0 or not there",
            on.fact.data.to_string(),
        );
        if let Some(count) = probe.value(WINLOGON, "AutoLogonCount") {
            probe.say(
                count.at,
                ("how often yet", "剩余自动登录次数"),
                "not there",
                count.fact.data.to_string(),
            );
        }
    }
    let read = probe.windows.secrets();
    let secrets = match read {
        Ok(secrets) => secrets,
        Err(gap) => {
            probe.gaps.push(gap);
            return status;
        }
    };
    probe.gaps.extend(secrets.gaps);
    for secret in secrets.items {
        let (name, len) = secret.fact;
        if len == 0 {
            continue;
        }
        if name.eq_ignore_ascii_case("DefaultPassword") {
            // Windows itself leaves this secret behind; it counts where it is used.
            status = worse(
                status,
                if on.is_some() {
                    Status::Fail
                } else {
                    Status::Warn
                },
            );
            probe.say(
                secret.at,
                ("the password of the automatic logon", "自动登录密码"),
                "not there",
                format!("<masked, {len} bytes encrypted>"),
            );
        } else if let Some(service) = name.strip_prefix("_SC_") {
            probe.note(
                secret.at,
                format!(
                    "the password of the account of service {service} is stored, as it has to be"
                ),
                format!("保存了服务 {service} 的账户密码（属正常）"),
            );
        }
    }
    status
}
