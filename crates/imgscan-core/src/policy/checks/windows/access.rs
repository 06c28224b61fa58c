//! WIN-CAP-001: logging on by remote desktop works.

pub(super) mod cap_003_foreign_tools;

use super::probe::{Probe, SET};
use crate::error::Result;
use crate::evidence::windows::Datum;
use crate::policy::checks::findings::worse;
use crate::policy::{Context, Outcome, Status};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// The port that clients use where nobody tells them another.
    port: u64,
    /// The service, which has not to be disabled.
    service: String,
    /// Services that it uses for some abilities.
    helpers: Vec<String>,
    /// SIDs whose members administrate, and may not be kept out; `*-500` is the Administrator.
    administrators: Vec<String>,
}

/// The bits of ntsecapi.h for logging on by remote desktop, and for being kept from it.
const REMOTE_LOGON: u32 = 0x400;
const DENY_REMOTE_LOGON: u32 = 0x800;

pub(super) fn remote(context: &Context<'_>) -> Result<Outcome> {
    let with: With = context.check.with()?;
    let mut probe = Probe::new(context);
    let mut status = denied(&mut probe);
    status = worse(status, listener(&mut probe, &with));
    status = worse(status, services(&mut probe, &with));
    status = worse(status, rights(&mut probe, &with));
    status = worse(status, firewall(&mut probe, &with));
    let (en, zh) = match status {
        Status::Pass => ("remote desktop is enabled", "远程桌面已启用"),
        Status::Warn => (
            "remote desktop is enabled, but see the evidence",
            "远程桌面已启用，但需关注所列证据",
        ),
        _ => ("remote desktop is off", "远程桌面不可用"),
    };
    Ok(probe.end(status, en, zh))
}

/// Whether connections are refused; a group policy comes before the machine's own setting.
fn denied(probe: &mut Probe<'_>) -> Status {
    let policy = r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services";
    let own = format!(r"{SET}\Control\Terminal Server");
    let name = "fDenyTSConnections";
    let note = (
        "remote desktop connections are refused",
        "是否拒绝远程桌面连接",
    );
    if let Some(found) = probe.number(policy, name) {
        let status = if found.fact == 0 {
            Status::Pass
        } else {
            Status::Fail
        };
        probe.say(found.at, note, "0", format!("{} (by policy)", found.fact));
        return status;
    }
    match probe.number(&own, name) {
        Some(found) => {
            let status = if found.fact == 0 {
                Status::Pass
            } else {
                Status::Fail
            };
            probe.say(found.at, note, "0", found.fact.to_string());
            status
        }
        None => {
            let at = probe.place(&own, name);
            probe.say(at, note, "0", "not there");
            if probe.sure() {
                Status::Fail
            } else {
                Status::Pass
            }
        }
    }
}

fn listener(probe: &mut Probe<'_>, with: &With) -> Status {
    let key = format!(r"{SET}\Control\Terminal Server\WinStations\RDP-Tcp");
    let mut status = Status::Pass;
    if let Some(off) = probe
        .number(&key, "fEnableWinStation")
        .filter(|v| v.fact == 0)
    {
        status = Status::Fail;
        let note = ("the listener is off", "监听器被关闭");
        probe.say(off.at, note, "1", "0");
    }
    if let Some(port) = probe
        .number(&key, "PortNumber")
        .filter(|p| p.fact != with.port)
    {
        status = worse(status, Status::Warn);
        let note = ("the port", "端口");
        probe.say(port.at, note, with.port.to_string(), port.fact.to_string());
    }
    if let Some(off) = probe
        .number(&key, "UserAuthentication")
        .filter(|v| v.fact == 0)
    {
        status = worse(status, Status::Warn);
        let note = (
            "network level authentication is off",
            "未启用网络级身份验证",
        );
        probe.say(off.at, note, "1", "0");
    }
    status
}

fn services(probe: &mut Probe<'_>, with: &With) -> Status {
    let mut status = Status::Pass;
    let helpers = with.helpers.iter().map(|h| (h, Status::Warn));
    for (name, effect) in [(&with.service, Status::Fail)].into_iter().chain(helpers) {
        let key = format!(r"{SET}\Services\{name}");
        let start = probe.number(&key, "Start");
        let (at, shown) = match &start {
            Some(start) => (start.at.clone(), start.fact.to_string()),
            None => (probe.place(&key, "Start"), "not there".into()),
        };
        if start.map_or(probe.sure(), |s| s.fact >= 4) {
            status = worse(status, effect);
        }
        let note = (
            format!("start type of {name}"),
            format!("{name} 的启动类型"),
        );
        probe.say(at, note, "2 or 3", shown);
    }
    status
}

/// Rights of accounts: administrators may log on by remote desktop, and nobody keeps them out.
fn rights(probe: &mut Probe<'_>, with: &With) -> Status {
    let read = probe.windows.logon_rights();
    let rights = match read {
        Ok(rights) => rights,
        Err(gap) => {
            probe.gaps.push(gap);
            return Status::Pass;
        }
    };
    probe.gaps.extend(rights.gaps);
    let mut status = Status::Pass;
    let ours = |sid: &str| with.administrators.iter().any(|p| super::matches(p, sid));
    let mut allowed = rights.items.is_empty();
    for right in rights.items {
        let (sid, bits) = right.fact;
        if !ours(&sid) {
            continue;
        }
        allowed |= bits & REMOTE_LOGON != 0;
        if bits & DENY_REMOTE_LOGON != 0 {
            status = Status::Fail;
            let note = (
                "administrators are kept from the remote desktop",
                "管理员被拒绝通过远程桌面登录",
            );
            probe.say(
                right.at,
                note,
                "bit 0x800 clear",
                format!("{sid}: {bits:#x}"),
            );
        }
    }
    if !allowed {
        status = worse(status, Status::Warn);
        let note = (
            "no right of administrators to log on by remote desktop is recorded",
            "未授予管理员通过远程桌面登录的权限",
        );
        let at = crate::evidence::Location {
            key: Some(r"HKLM\SECURITY\Policy\Accounts".into()),
            ..Default::default()
        };
        probe.say(
            at,
            note,
            "bit 0x400 of an account of administrators",
            "clear",
        );
    }
    status
}

/// A firewall that is on needs a rule that lets the port in.
fn firewall(probe: &mut Probe<'_>, with: &With) -> Status {
    let root = format!(r"{SET}\Services\SharedAccess\Parameters\FirewallPolicy");
    let rules = probe.values(&format!(r"{root}\FirewallRules"), "*");
    // Images without any rule have no firewall of this kind, or its defaults.
    if rules.is_empty() {
        return Status::Pass;
    }
    let key = format!(r"{SET}\Control\Terminal Server\WinStations\RDP-Tcp");
    let port = probe
        .number(&key, "PortNumber")
        .map_or(with.port, |p| p.fact);
    let lets_in = |rule: &str| {
        let has = |wanted: &str| {
            rule.split('|')
                .any(|part| part.eq_ignore_ascii_case(wanted))
        };
        has("Action=Allow")
            && has("Active=TRUE")
            && has("Dir=In")
            && (has("Protocol=6") || !rule.contains("|Protocol="))
            && (has(&format!("LPort={port}")) || !rule.contains("|LPort="))
            && (rule.to_ascii_lowercase().contains("svchost.exe") || !rule.contains("|App="))
    };
    for rule in &rules {
        if let Datum::Text(text) = &rule.fact.data
            && lets_in(text)
        {
            let shown = text.chars().take(200).collect::<String>();
            let note = (
                "a rule of the firewall that lets remote desktop in",
                "放行远程桌面的防火墙规则",
            );
            probe.say(rule.at.clone(), note, format!("port {port}"), shown);
            return Status::Pass;
        }
    }
    let mut status = Status::Pass;
    for profile in ["DomainProfile", "StandardProfile", "PublicProfile"] {
        let key = format!(r"{root}\{profile}");
        if let Some(on) = probe.number(&key, "EnableFirewall").filter(|v| v.fact != 0) {
            status = Status::Warn;
            let note = (
                "the firewall is on, and no active rule lets remote desktop in",
                "防火墙已启用，且没有放行远程桌面的规则",
            );
            probe.say(on.at, note, format!("a rule for port {port}"), "none");
        }
    }
    status
}
