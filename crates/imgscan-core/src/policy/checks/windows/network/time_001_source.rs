//! WIN-TIME-001: the clock is kept from an approved time server.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::windows::Image;
use crate::guest::windows::expand;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::agents::service;
use crate::policy::checks::windows::firewall::{self, Need};
use crate::policy::checks::windows::values::{SET, Values};
use crate::policy::checks::windows::{commands, matches, one_of};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// Corrections of fewer seconds than this are no corrections of a clock that is wrong.
const LEAST_CORRECTION: u64 = 300;
/// The longest time between two questions, in seconds: 30 days.
const LONGEST_POLL: u64 = 30 * 24 * 3600;
/// Settings of the clock with what they may be at most for it to be asked for and set: some hundred times
/// what Windows has, and the longest poll of the protocol (Microsoft, "Windows Time service tools and
/// settings"; RFC 5905, `MAXPOLL`). Times are in seconds, polls powers of two of them, `UpdateInterval` in
/// hundredths.
const CLOCK: [(&str, u64, u64); 8] = [
    ("MinPollInterval", 0, 17),
    ("MaxPollInterval", 0, 17),
    ("PhaseCorrectRate", 1, 100),
    ("UpdateInterval", 1, 8_640_000),
    ("MaxAllowedPhaseOffset", 0, 3_600),
    ("FrequencyCorrectRate", 1, 100),
    ("SpikeWatchPeriod", 0, 86_400),
    ("HoldPeriod", 0, 1_000),
];
/// The privilege by which the service sets the clock, in lower case.
const SETS_THE_CLOCK: &str = "sesystemtimeprivilege";
/// The kind of trigger that a domain is: Windows itself stops the service where there is none.
const OF_DOMAIN: u32 = 3;
/// Settings of group policies.
const POLICY: &str = r"HKLM\SOFTWARE\Policies\Microsoft\W32Time";

/// Time servers besides those of the provider.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct TimeSource {
    /// Patterns of time servers of the world that everybody knows.
    public: Vec<String>,
}

impl Parameters for TimeSource {
    const SHARED: &'static [&'static str] = &["ntp"];

    fn validate(&self) -> Result<(), BadParameter> {
        valid::entries("public", &self.public)
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &TimeSource) -> Outcome {
    let mut found = Findings::new();
    let values = Values::of(context);
    let runs = service(values, &mut found);
    startable(context, &mut found);
    corrections(values, &mut found);
    servers(values, with, &context.shared.ntp.approved, &mut found);
    found.conclude(|status, _| match status {
        Status::Fail if !runs => say!(win_time_001_fail),
        Status::Fail => say!(win_time_001_never),
        Status::Unknown => say!(win_time_001_unknown),
        Status::Warn => say!(win_time_001_warn),
        _ => say!(win_time_001_pass),
    })
}

/// Whether the time service and its client run.
fn service(values: Values<'_>, found: &mut Findings) -> bool {
    let service = format!(r"{SET}\Services\W32Time");
    let start = values.number(found, &service, "Start");
    let off = start.as_ref().map_or(found.complete(), |s| s.fact == 4);
    let (at, shown) = match start {
        Some(start) => (start.at, say!(win_service_start_type, start = start.fact)),
        None => (values.place(&service, "Start"), say!(win_value_absent)),
    };
    let item = Item::at(at, say!(win_start_type, service = "W32Time"));
    let item = item.compare(say!(win_time_001_start), shown);
    if off {
        found.fail(item);
        found.fix(say!(win_service_fix_start, service = "W32Time"));
    } else {
        found.pass(item);
    }
    let mut runs = !off;
    let own = format!(r"{service}\TimeProviders\NtpClient");
    let policy = format!(r"{POLICY}\TimeProviders\NtpClient");
    for name in ["Enabled", "InputProvider"] {
        let mut keys = [&policy, &own].into_iter();
        let set = keys.find_map(|key| Some((values.number(found, key, name)?, key)));
        if let Some((off, key)) = set.filter(|(v, _)| v.fact == 0) {
            runs = false;
            let item = Item::at(off.at, say!(win_time_001_client_off));
            found.fail(item.compare(Text::verbatim("1"), Text::verbatim("0")));
            found.fix(commands::set_value(key, name, "REG_DWORD", "1"));
        }
    }
    runs
}

/// What keeps the service from running, from setting the clock and from asking.
fn startable(context: &Context<'_>, found: &mut Findings) {
    let windows = &context.evidence.windows;
    let values = Values::of(context);
    let services = match windows.services() {
        Ok(services) => services,
        Err(gap) => return found.gap(gap),
    };
    if let Some(it) = service::named(services, "W32Time") {
        let mut it = it.clone();
        it.triggers.retain(|trigger| trigger.fact.kind != OF_DOMAIN);
        service::startable(context, &it, Status::Fail, found);
    }
    let key = format!(r"{SET}\Services\W32Time");
    if let Some(list) = values.first(found, &key, "RequiredPrivileges") {
        let shown = list.fact.data.to_string();
        if !shown.to_lowercase().contains(SETS_THE_CLOCK) {
            let item = Item::at(list.at, say!(win_time_001_privilege));
            let wanted = Text::verbatim("SeSystemtimePrivilege");
            found.fail(item.compare(wanted, Text::verbatim(shown)));
            found.fix(say!(win_service_fix_hindered, service = "W32Time"));
        }
    }
    let key = format!(r"{key}\TimeProviders\NtpClient");
    if let Some(library) = values.text(found, &key, "DllName") {
        let roots = windows.roots();
        let path = expand(library.fact.trim(), &roots, &[]);
        // A bare name is searched for; whose the library is, is told where it starts.
        let path = match path.contains(['\\', '/']) {
            true => path,
            false => format!(r"{}\System32\{path}", roots.windows),
        };
        match windows.signed_file(&path).0 {
            Image::Missing(_) | Image::None => {
                let item = Item::at(library.at, say!(win_time_001_no_library));
                let wanted = Text::verbatim(r"%systemroot%\system32\w32time.dll");
                found.fail(item.compare(wanted, Text::verbatim(library.fact)));
            }
            Image::Unknown(gap) => found.gap(gap),
            Image::File(_) => {}
        }
    }
    let rules = firewall::rules(values, found);
    firewall::tell_starving(Need::Time, &rules, found);
}

/// How far the clock may be wrong and still be corrected, and how often it is asked for.
fn corrections(values: Values<'_>, found: &mut Findings) {
    let own = format!(r"{SET}\Services\W32Time");
    let mut first = |key: &str, name: &str| {
        let mut keys = [POLICY, own.as_str()].into_iter();
        keys.find_map(|base| values.number(found, &format!(r"{base}\{key}"), name))
    };
    let limits =
        ["MaxPosPhaseCorrection", "MaxNegPhaseCorrection"].map(|n| (n, first("Config", n)));
    let poll = first(r"TimeProviders\NtpClient", "SpecialPollInterval");
    let clock = CLOCK.map(|(name, least, most)| (name, least, most, first("Config", name)));
    for (name, least, most, set) in clock {
        let Some(set) = set.filter(|v| !(least..=most).contains(&v.fact)) else {
            continue;
        };
        let item = Item::at(set.at, say!(win_time_001_correction, name = name));
        let wanted = Text::verbatim(format!("{least}–{most}"));
        found.unknown(item.compare(wanted, Text::verbatim(set.fact.to_string())));
    }
    for (name, limit) in limits {
        let Some(limit) = limit.filter(|v| v.fact < LEAST_CORRECTION) else {
            continue;
        };
        let status = if limit.fact == 0 {
            Status::Fail
        } else {
            Status::Unknown
        };
        let item = Item::at(limit.at, say!(win_time_001_correction, name = name));
        let wanted = Text::verbatim(format!("≥ {LEAST_CORRECTION}"));
        found.add(
            status,
            item.compare(wanted, Text::verbatim(limit.fact.to_string())),
        );
        let key = format!(r"{own}\Config");
        found.fix(commands::set_value(&key, name, "REG_DWORD", "4294967295"));
    }
    if let Some(poll) = poll.filter(|v| v.fact == 0 || v.fact > LONGEST_POLL) {
        let item = Item::at(poll.at, say!(win_time_001_poll));
        let wanted = Text::verbatim(format!("1–{LONGEST_POLL}"));
        found.unknown(item.compare(wanted, Text::verbatim(poll.fact.to_string())));
    }
}

/// Where the time comes from. What a group policy sets comes before what the machine has.
fn servers(values: Values<'_>, with: &TimeSource, approved: &[String], found: &mut Findings) {
    let policy = &format!(r"{POLICY}\Parameters");
    let own = format!(r"{SET}\Services\W32Time\Parameters");
    let setting = |found: &mut Findings, name: &str| match values.text(found, policy, name) {
        Some(set) => Some(set),
        None => values.text(found, &own, name),
    };
    let kind = setting(found, "Type");
    let servers = setting(found, "NtpServer");
    let place = |name: &str| values.place(&own, name);
    let uses_servers = kind.as_ref().is_some_and(|k| {
        ["NTP", "AllSync"]
            .iter()
            .any(|u| k.fact.eq_ignore_ascii_case(u))
    });
    let list: Vec<&str> = servers
        .iter()
        .flat_map(|s| s.fact.split(' '))
        .filter_map(|s| s.split(',').next().filter(|s| !s.is_empty()))
        .collect();
    let known = |s: &&str| approved.iter().any(|p| matches(p, s));
    let right = !list.is_empty() && list.iter().all(known);
    let public = |s: &str| with.public.iter().any(|p| matches(p, s));
    let named = kind.as_ref().map(|k| k.fact.trim());
    let parameters = format!(r"{SET}\Services\Tcpip\Parameters");
    let how = match named {
        _ if uses_servers => Status::Pass,
        Some(kind) if kind.eq_ignore_ascii_case("NoSync") => Status::Fail,
        // The hierarchy of a domain, which an image of a marketplace is in only until it is started.
        Some(kind) if kind.eq_ignore_ascii_case("NT5DS") => {
            let domain = values.text(found, &parameters, "Domain");
            let member = domain.is_some_and(|d| !d.fact.trim().is_empty());
            if member {
                Status::Warn
            } else {
                Status::Unknown
            }
        }
        Some(_) => Status::Unknown,
        None => Status::Warn,
    };
    let foreign = list.iter().any(|s| !known(s) && !public(s));
    let whose = match (right, uses_servers) {
        (true, _) => Status::Pass,
        // Servers that are not asked.
        (false, false) => Status::Warn,
        (false, true) if foreign || list.is_empty() => Status::Unknown,
        (false, true) => Status::Warn,
    };
    let shown = |text: Option<&String>| text.map_or_else(|| say!(win_value_absent), Text::verbatim);
    let at = kind
        .as_ref()
        .map_or_else(|| place("Type"), |k| k.at.clone());
    let item = Item::at(at, say!(win_time_001_kind));
    found.add(
        how,
        item.compare(
            one_of(&["NTP", "AllSync"]),
            shown(kind.as_ref().map(|k| &k.fact)),
        ),
    );
    let at = servers
        .as_ref()
        .map_or_else(|| place("NtpServer"), |s| s.at.clone());
    let item = Item::at(at, say!(win_time_001_servers));
    found.add(
        whose,
        item.compare(
            say!(win_time_001_expected, approved = approved.to_vec()),
            shown(servers.as_ref().map(|s| &s.fact)),
        ),
    );
    let plain = approved.iter().find(|p| !p.contains(['*', '?']));
    if let (false, Some(server)) = (uses_servers && right, plain) {
        found.fix(say!(win_time_001_fix_server, server = server));
    }
}
