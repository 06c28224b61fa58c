//! WIN-TIME-001: the clock is kept from an approved time server.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::Parameters;
use crate::policy::checks::windows::values::{SET, Values};
use crate::policy::checks::windows::{commands, matches, one_of};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// The test takes no parameters of its own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct TimeSource {}

impl Parameters for TimeSource {
    const SHARED: &'static [&'static str] = &["ntp"];
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, _: &TimeSource) -> Outcome {
    let mut found = Findings::new();
    let values = Values::of(context);
    service(values, &mut found);
    servers(values, &context.shared.ntp.approved, &mut found);
    found.conclude(|status, _| match status {
        Status::Fail => say!(win_time_001_fail),
        Status::Warn => say!(win_time_001_warn),
        _ => say!(win_time_001_pass),
    })
}

/// Whether the time service and its client run.
fn service(values: Values<'_>, found: &mut Findings) {
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
    let client = format!(r"{service}\TimeProviders\NtpClient");
    let enabled = values.number(found, &client, "Enabled");
    if let Some(off) = enabled.filter(|e| e.fact == 0) {
        let item = Item::at(off.at, say!(win_time_001_client_off));
        found.fail(item.compare(Text::verbatim("1"), Text::verbatim("0")));
        found.fix(commands::set_value(&client, "Enabled", "REG_DWORD", "1"));
    }
}

/// Where the time comes from. What a group policy sets comes before what the machine has.
fn servers(values: Values<'_>, approved: &[String], found: &mut Findings) {
    let policy = r"HKLM\SOFTWARE\Policies\Microsoft\W32Time\Parameters";
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
    let status = |good: bool| if good { Status::Pass } else { Status::Warn };
    let shown = |text: Option<&String>| text.map_or_else(|| say!(win_value_absent), Text::verbatim);
    let at = kind
        .as_ref()
        .map_or_else(|| place("Type"), |k| k.at.clone());
    let item = Item::at(at, say!(win_time_001_kind));
    found.add(
        status(uses_servers),
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
        status(right),
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
