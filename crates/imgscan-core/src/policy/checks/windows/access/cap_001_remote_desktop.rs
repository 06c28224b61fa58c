//! WIN-CAP-001: logging on by remote desktop works.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::Location;
use crate::evidence::windows::Datum;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::agents::service;
use crate::policy::checks::windows::values::{SET, Values};
use crate::policy::checks::windows::{commands, matches};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// The bits of ntsecapi.h for logging on by remote desktop, and for being kept from it.
const REMOTE_LOGON: u32 = 0x400;
const DENY_REMOTE_LOGON: u32 = 0x800;
/// Characters of a firewall rule that are shown.
const SHOWN: usize = 200;

/// The remote desktop.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct RemoteDesktop {
    /// The port that clients use where nobody tells them another.
    port: u16,
    /// The service, which must not be disabled.
    service: String,
    /// Services that it uses for some abilities.
    helpers: Vec<String>,
    /// Patterns of SIDs whose members administrate, and must not be kept out; `*-500` is the
    /// Administrator.
    administrators: Vec<String>,
}

impl Parameters for RemoteDesktop {
    fn validate(&self) -> Result<(), BadParameter> {
        if self.port == 0 {
            return Err(BadParameter::new("port", say!(policy_bad_port)));
        }
        valid::text("service", &self.service)?;
        valid::entries("helpers", &self.helpers)?;
        valid::some("administrators", &self.administrators)
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &RemoteDesktop) -> Outcome {
    let mut found = Findings::new();
    let values = Values::of(context);
    connections(values, &mut found);
    listener(values, with, &mut found);
    services(values, with, &mut found);
    startable(context, with, &mut found);
    rights(context, with, &mut found);
    firewall(values, with, &mut found);
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_cap_001_fail, count = count),
        Status::Unknown => say!(win_cap_001_unknown, count = count),
        Status::Warn => say!(win_cap_001_warn, count = count),
        _ => say!(win_cap_001_pass),
    })
}

fn set_number(key: &str, name: &str, number: u64) -> Text {
    commands::set_value(key, name, "REG_DWORD", number.to_string())
}

/// Whether connections are refused; a group policy comes before the machine's own setting.
fn connections(values: Values<'_>, found: &mut Findings) {
    let policy = r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services";
    let own = format!(r"{SET}\Control\Terminal Server");
    let name = "fDenyTSConnections";
    let allowed = || Text::verbatim("0");
    if let Some(set) = values.number(found, policy, name) {
        let shown = Text::verbatim(set.fact.to_string());
        if set.fact == 0 {
            let item = Item::at(set.at, say!(win_cap_001_allowed_by_policy));
            found.pass(item.compare(allowed(), shown));
        } else {
            let item = Item::at(set.at, say!(win_cap_001_refused_by_policy));
            found.fail(item.compare(allowed(), shown));
            found.fix(set_number(policy, name, 0));
        }
        return;
    }
    match values.number(found, &own, name) {
        Some(set) if set.fact == 0 => {
            let item = Item::at(set.at, say!(win_cap_001_allowed));
            found.pass(item.compare(allowed(), allowed()));
        }
        Some(set) => {
            let item = Item::at(set.at, say!(win_cap_001_refused));
            found.fail(item.compare(allowed(), Text::verbatim(set.fact.to_string())));
            found.fix(set_number(&own, name, 0));
        }
        // Where a part was not read, the value may be there.
        None if !found.complete() => {}
        None => {
            let item = Item::at(
                values.place(&own, name),
                say!(win_cap_001_refused_by_default),
            );
            found.fail(item.compare(allowed(), say!(win_value_absent)));
            found.fix(set_number(&own, name, 0));
        }
    }
}

fn listener(values: Values<'_>, with: &RemoteDesktop, found: &mut Findings) {
    let key = format!(r"{SET}\Control\Terminal Server\WinStations\RDP-Tcp");
    let one = || Text::verbatim("1");
    let zero = || Text::verbatim("0");
    let enabled = values.number(found, &key, "fEnableWinStation");
    if let Some(off) = enabled.filter(|v| v.fact == 0) {
        found.fail(Item::at(off.at, say!(win_cap_001_listener_off)).compare(one(), zero()));
        found.fix(set_number(&key, "fEnableWinStation", 1));
    }
    let wanted = u64::from(with.port);
    let port = values.number(found, &key, "PortNumber");
    if let Some(port) = port.filter(|p| p.fact != wanted) {
        let shown = Text::verbatim(port.fact.to_string());
        let item = Item::at(port.at, say!(win_cap_001_port));
        found.warn(item.compare(Text::verbatim(wanted.to_string()), shown));
        found.fix(set_number(&key, "PortNumber", wanted));
    }
    let authentication = values.number(found, &key, "UserAuthentication");
    if let Some(off) = authentication.filter(|v| v.fact == 0) {
        found.warn(Item::at(off.at, say!(win_cap_001_no_authentication)).compare(one(), zero()));
        found.fix(set_number(&key, "UserAuthentication", 1));
    }
}

fn services(values: Values<'_>, with: &RemoteDesktop, found: &mut Findings) {
    let helpers = with.helpers.iter().map(|h| (h, Status::Warn));
    for (name, effect) in [(&with.service, Status::Fail)].into_iter().chain(helpers) {
        let key = format!(r"{SET}\Services\{name}");
        let start = values.number(found, &key, "Start");
        let (at, shown) = match &start {
            Some(start) => (
                start.at.clone(),
                say!(win_service_start_type, start = start.fact),
            ),
            None => (values.place(&key, "Start"), say!(win_value_absent)),
        };
        let off = start.map_or(found.complete(), |s| s.fact >= 4);
        let item = Item::at(at, say!(win_start_type, service = name));
        let wanted = vec![
            say!(win_service_start_type, start = 2),
            say!(win_service_start_type, start = 3),
        ];
        let item = item.compare(say!(win_one_of, values = wanted), shown);
        if off {
            found.add(effect, item);
            found.fix(set_number(&key, "Start", 3));
        } else {
            found.pass(item);
        }
    }
}

/// What else stands against the start of the service.
fn startable(context: &Context<'_>, with: &RemoteDesktop, found: &mut Findings) {
    let services = match context.evidence.windows.services() {
        Ok(services) => services,
        Err(gap) => return found.gap(gap),
    };
    if let Some(service) = service::named(services, &with.service) {
        service::startable(context, service, Status::Fail, found);
    }
}

/// Rights of accounts: administrators may log on by remote desktop, and nobody keeps them out.
fn rights(context: &Context<'_>, with: &RemoteDesktop, found: &mut Findings) {
    let rights = match context.evidence.windows.logon_rights() {
        Ok(rights) => found.keep(rights),
        Err(gap) => return found.gap(gap),
    };
    let ours = |sid: &str| with.administrators.iter().any(|p| matches(p, sid));
    let mut allowed = rights.is_empty();
    for right in rights {
        let (sid, bits) = right.fact;
        if !ours(&sid) {
            continue;
        }
        allowed |= bits & REMOTE_LOGON != 0;
        if bits & DENY_REMOTE_LOGON != 0 {
            let item = Item::at(right.at, say!(win_cap_001_kept_out));
            let shown = Text::verbatim(format!("{sid}: {bits:#x}"));
            found.fail(item.compare(say!(win_cap_001_bit_clear, bit = "0x800"), shown));
            found.fix(say!(win_cap_001_fix_kept_out, sid = sid));
        }
    }
    if !allowed {
        let at = Location {
            key: Some(r"HKLM\SECURITY\Policy\Accounts".into()),
            ..Location::default()
        };
        let item = Item::at(at, say!(win_cap_001_no_right));
        found.warn(item.compare(say!(win_cap_001_bit_set, bit = "0x400"), say!(win_none)));
        found.fix(say!(win_cap_001_fix_right));
    }
}

/// True where an active rule of the firewall lets `port` in.
fn lets_in(rule: &str, port: u64) -> bool {
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
}

/// A firewall that is on needs a rule that lets the port in.
fn firewall(values: Values<'_>, with: &RemoteDesktop, found: &mut Findings) {
    let root = format!(r"{SET}\Services\SharedAccess\Parameters\FirewallPolicy");
    let rules = values.all(found, &format!(r"{root}\FirewallRules"), "*");
    // Images without any rule have no firewall of this kind, or its defaults.
    if rules.is_empty() {
        return;
    }
    let key = format!(r"{SET}\Control\Terminal Server\WinStations\RDP-Tcp");
    let port = values.number(found, &key, "PortNumber");
    let port = port.map_or(u64::from(with.port), |p| p.fact);
    let wanted = || say!(win_cap_001_rule, port = port);
    for rule in &rules {
        if let Datum::Text(text) = &rule.fact.data
            && lets_in(text, port)
        {
            let shown: String = text.chars().take(SHOWN).collect();
            let item = Item::at(rule.at.clone(), say!(win_cap_001_firewall_open));
            found.pass(item.compare(wanted(), Text::verbatim(shown)));
            return;
        }
    }
    for profile in ["DomainProfile", "StandardProfile", "PublicProfile"] {
        let key = format!(r"{root}\{profile}");
        let on = values.number(found, &key, "EnableFirewall");
        if let Some(on) = on.filter(|v| v.fact != 0) {
            let item = Item::at(on.at, say!(win_cap_001_firewall_closed));
            found.warn(item.compare(wanted(), say!(win_none)));
            found.fix(say!(win_cap_001_fix_firewall, port = port));
        }
    }
}
