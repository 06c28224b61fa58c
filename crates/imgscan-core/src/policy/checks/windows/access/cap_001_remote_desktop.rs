//! WIN-CAP-001: logging on by remote desktop works.

use schemars::JsonSchema;
use serde::Deserialize;

use super::cap_001_sessions;
use crate::evidence::Location;
use crate::evidence::windows::Accounts;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::accounts::local_accounts::{ADMINISTRATOR, holds_for};
use crate::policy::checks::windows::agents::service;
use crate::policy::checks::windows::firewall::{self, Profile, Reach};
use crate::policy::checks::windows::values::{SET, Values};
use crate::policy::checks::windows::{commands, matches};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// The bits of ntsecapi.h for logging on by remote desktop and over the network, as network level
/// authentication does first, and for being kept from either.
const REMOTE_LOGON: u32 = 0x400;
const NETWORK_LOGON: u32 = 0x2;
const DENIED: u32 = 0x800 | 0x80;
/// Group policies over the remote desktop.
const POLICY: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services";
const WINLOGON: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon";
/// Numbers of the server, or of its listener, that keep everybody out: name, what keeps out (`None`
/// for all but what is right), what is right.
const SERVER: [(&str, Option<u64>, u64); 3] = [
    ("TSEnabled", Some(0), 1),
    ("TSUserEnabled", Some(1), 0),
    ("TSServerDrainMode", None, 0),
];
const LISTENER: [(&str, Option<u64>, u64); 4] = [
    ("fEnableWinStation", Some(0), 1),
    ("fLogonDisabled", None, 0),
    ("MaxInstanceCount", Some(0), 0xFFFF_FFFF),
    // Any but 0 listens on that adapter alone.
    ("LanAdapter", None, 0),
];

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
    const SHARED: &'static [&'static str] = &["windows_programs"];

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
    library(context, with, &mut found);
    rights(context, with, &mut found);
    reachable(values, with, &mut found);
    cap_001_sessions::run(context, &mut found);
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
    let policy = POLICY;
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
    let server = format!(r"{SET}\Control\Terminal Server");
    let policies = [
        (POLICY.to_owned(), &SERVER[..]),
        (POLICY.to_owned(), &LISTENER[..]),
    ];
    let own = [(server, &SERVER[..]), (key.clone(), &LISTENER[..])];
    for (key, names) in own.into_iter().chain(policies) {
        for (name, wrong, right) in names {
            let set = values.number(found, &key, name);
            let keeps_out = |n: u64| wrong.map_or(n != *right, |wrong| n == wrong);
            if let Some(set) = set.filter(|v| keeps_out(v.fact)) {
                let item = Item::at(set.at, say!(win_cap_001_setting, name = *name));
                let shown = Text::verbatim(set.fact.to_string());
                found.fail(item.compare(Text::verbatim(right.to_string()), shown));
                found.fix(set_number(&key, name, *right));
            }
        }
    }
    if let Some(off) = values.first(found, WINLOGON, "WinStationsDisabled")
        && !matches!(off.fact.data.to_string().trim(), "0" | "")
    {
        let item = Item::at(
            off.at,
            say!(win_cap_001_setting, name = "WinStationsDisabled"),
        );
        found.fail(item.compare(zero(), Text::verbatim(off.fact.data.to_string())));
        let fix = commands::set_value(WINLOGON, "WinStationsDisabled", "REG_SZ", "0");
        found.fix(fix);
    }
    let wanted = u64::from(with.port);
    let port = values.number(found, &key, "PortNumber");
    if let Some(port) = port.filter(|p| p.fact != wanted) {
        let shown = Text::verbatim(port.fact.to_string());
        let item = Item::at(port.at, say!(win_cap_001_port));
        found.warn(item.compare(Text::verbatim(wanted.to_string()), shown));
        found.fix(set_number(&key, "PortNumber", wanted));
    }
    // Windows Server 2008 R2 has it off from the beginning; a policy comes before the listener's own.
    let keys = [POLICY, key.as_str()];
    let authentication = keys
        .iter()
        .find_map(|key| Some((*key, values.number(found, key, "UserAuthentication")?)));
    if let Some((key, off)) = authentication.filter(|(_, v)| v.fact == 0) {
        found.warn(Item::at(off.at, say!(win_cap_001_no_authentication)).compare(one(), zero()));
        found.fix(set_number(key, "UserAuthentication", 1));
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

/// The library that the service runs: another one in its place is no remote desktop of Windows.
fn library(context: &Context<'_>, with: &RemoteDesktop, found: &mut Findings) {
    let services = match context.evidence.windows.services() {
        Ok(services) => services,
        Err(gap) => return found.gap(gap),
    };
    if let Some(it) = service::named(services, &with.service) {
        let note = say!(win_cap_001_library);
        service::is_windows_own(context, it, "termsrv.dll", &note, Status::Fail, found);
    }
}

/// Rights of accounts: administrators may log on by remote desktop, and nobody keeps them out.
fn rights(context: &Context<'_>, with: &RemoteDesktop, found: &mut Findings) {
    let rights = match context.evidence.windows.rights() {
        Ok(rights) => found.keep(rights),
        Err(gap) => return found.gap(gap),
    };
    // Without the accounts it is not known who is in which group.
    let accounts = match context.evidence.windows.accounts() {
        Ok(accounts) => Some(accounts),
        Err(gap) => {
            found.gap(gap);
            None
        }
    };
    let ours = |sid: &str| {
        let holds = |accounts: &Accounts| holds_for(accounts, sid, ADMINISTRATOR);
        with.administrators.iter().any(|p| matches(p, sid)) || accounts.as_ref().is_some_and(holds)
    };
    let mut may = 0;
    for right in &rights {
        let it = &right.fact;
        if !ours(&it.sid) {
            continue;
        }
        may |= it.logon.fact;
        let denied = it.logon.fact & DENIED;
        if denied != 0 {
            let item = Item::at(it.logon.at.clone(), say!(win_cap_001_kept_out));
            let shown = Text::verbatim(format!("{}: {:#x}", it.sid, it.logon.fact));
            let clear = say!(win_cap_001_bit_clear, bit = format!("{denied:#x}"));
            found.fail(item.compare(clear, shown));
            found.fix(say!(win_cap_001_fix_kept_out, sid = &it.sid));
        }
    }
    for bit in [REMOTE_LOGON, NETWORK_LOGON] {
        if may & bit != 0 || !found.complete() {
            continue;
        }
        let at = Location {
            key: Some(r"HKLM\SECURITY\Policy\Accounts".into()),
            ..Location::default()
        };
        let item = Item::at(at, say!(win_cap_001_no_right));
        let wanted = say!(win_cap_001_bit_set, bit = format!("{bit:#x}"));
        found.unknown(item.compare(wanted, say!(win_none)));
        found.fix(say!(win_cap_001_fix_right));
    }
}

/// A firewall that is on needs a rule that lets the port in, and nothing that keeps it out.
fn reachable(values: Values<'_>, with: &RemoteDesktop, found: &mut Findings) {
    let rules = firewall::rules(values, found);
    // Images without any setting of it have no firewall of this kind.
    if !firewall::is_there(values, &rules, found) || firewall::service_off(values, found).is_some()
    {
        return;
    }
    let key = format!(r"{SET}\Control\Terminal Server\WinStations\RDP-Tcp");
    let port = values.number(found, &key, "PortNumber");
    let port = port.map_or(u64::from(with.port), |p| p.fact);
    let number = u16::try_from(port).unwrap_or(with.port);
    let wanted = || say!(win_cap_001_rule, port = port);
    let service = with.service.to_lowercase();
    for profile in [Profile::Public, Profile::Private] {
        let name = profile.name();
        let (status, at, note, shown) =
            match firewall::reach(values, &rules, profile, &service, number, found) {
                Reach::Open(at, shown) => {
                    (Status::Pass, at, say!(win_cap_001_firewall_open), shown)
                }
                Reach::Blocked(at, note, shown) => (Status::Fail, at, note, shown),
                Reach::Doubt(at, note, shown) => (Status::Unknown, at, note, shown),
                Reach::Closed(at) => {
                    // Networks of an instance that nobody named are public.
                    let status = match profile {
                        Profile::Public => Status::Fail,
                        Profile::Private => Status::Unknown,
                    };
                    (
                        status,
                        at,
                        say!(win_cap_001_firewall_closed),
                        say!(win_none),
                    )
                }
            };
        let note = say!(win_cap_001_profile, profile = name, what = note);
        found.add(status, Item::at(at, note).compare(wanted(), shown));
        if status != Status::Pass {
            found.fix(say!(win_cap_001_fix_firewall, port = port));
        }
    }
}
