//! LNX-TIME-001: the clock is kept from an approved time server.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::linux::TimeSync;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::fits;
use crate::policy::checks::registry::Parameters;
use crate::policy::{Context, Item, Ntp, Outcome, Status};
use crate::text::{Text, terminal};

/// No parameters of its own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct TimeServers {}

impl Parameters for TimeServers {
    const SHARED: &'static [&'static str] = &["ntp"];
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, _: &TimeServers) -> Outcome {
    let ntp = &context.shared.ntp;
    let approved = |server: &str| ntp.approved.iter().any(|p| fits(p, server));
    let all = context.evidence.linux.times();
    let times: Vec<&TimeSync> = all.items.iter().map(|i| &i.fact).collect();
    let (status, reason, at_fault) = judge(&times, approved);
    let mut found = Findings::new();
    for sync in &all.items {
        let fact = &sync.fact;
        let note = match (fact.active, fact.missing) {
            (true, false) => say!(lnx_time_001_active, name = fact.name.clone()),
            (true, true) => say!(lnx_time_001_missing, name = fact.name.clone()),
            (false, _) => say!(lnx_time_001_inactive, name = fact.name.clone()),
        };
        let names = Text::list(fact.servers.iter().map(|s| terminal(&s.fact)));
        let names = if fact.servers.is_empty() {
            say!(lnx_time_001_no_server)
        } else {
            names
        };
        let own = if at_fault(fact) { status } else { Status::Pass };
        found.add(
            own,
            Item::at(sync.at.clone(), note).compare(expected(ntp), names),
        );
        for server in fact.servers.iter().filter(|s| s.at != sync.at) {
            let (of_server, note) = if approved(&server.fact) {
                (Status::Pass, say!(lnx_time_001_approved))
            } else {
                let is_asked = fact.servers.iter().all(|s| !approved(&s.fact));
                let of_server = if is_asked { own } else { Status::Pass };
                (of_server, say!(lnx_time_001_foreign))
            };
            let shown = Text::verbatim(terminal(&server.fact));
            let item = Item::at(server.at.clone(), note);
            found.add(of_server, item.compare(expected(ntp), shown));
        }
    }
    let outcome = found.concluded(status, |_, _| reason.clone());
    let gaps = all.gaps.iter().chain(&context.evidence.linux.start().gaps);
    match status {
        // What was found proves itself; only what was not found may be hidden.
        Status::Pass => outcome,
        _ => outcome.unless_hidden(crate::policy::checks::findings::tidy(
            gaps.cloned().collect(),
        )),
    }
}

fn expected(ntp: &Ntp) -> Text {
    let approved = Text::list(ntp.approved.iter().map(String::as_str));
    say!(lnx_time_001_expected, approved = approved)
}

/// The answer, and of which of `all` it comes.
fn judge(
    all: &[&TimeSync],
    approved: impl Fn(&str) -> bool,
) -> (Status, Text, fn(&TimeSync) -> bool) {
    let good = |t: &TimeSync| t.servers.iter().any(|s| approved(&s.fact));
    let active: Vec<_> = all.iter().filter(|t| t.active && !t.missing).collect();
    let daemons = active.iter().filter(|t| t.daemon).count();
    if active.iter().any(|t| good(t)) {
        if daemons > 1 {
            (
                Status::Warn,
                say!(lnx_time_001_warn_daemons, count = daemons),
                |t| t.active && !t.missing && t.daemon,
            )
        } else {
            (Status::Pass, say!(lnx_time_001_pass), |_| false)
        }
    } else if active.iter().any(|t| t.servers.is_empty() && t.dhcp)
        && active.iter().all(|t| t.servers.is_empty())
    {
        (Status::Unknown, say!(lnx_time_001_unknown), |t| {
            t.active && !t.missing
        })
    } else if !active.is_empty() {
        (Status::Warn, say!(lnx_time_001_warn_foreign), |t| {
            t.active && !t.missing
        })
    } else if all.iter().any(|t| t.active && t.missing) {
        (Status::Warn, say!(lnx_time_001_warn_missing), |t| {
            t.active && t.missing
        })
    } else {
        (Status::Fail, say!(lnx_time_001_fail), |_| true)
    }
}
