//! LNX-TIME-001: the clock is kept from an approved time server.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::linux::{SourceUse, TimeSync};
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
    let mut found = Findings::new();
    // cloud-init may write the servers of the provider as well.
    let disturbed = all.disturbed.iter().filter(|d| !approved(&d.fact));
    for command in disturbed {
        let shown = Text::verbatim(terminal(&command.fact));
        let item = Item::at(command.at.clone(), say!(lnx_time_001_disturbed));
        found.unknown(item.compare(say!(lnx_time_001_undisturbed), shown));
        found.fix(say!(
            lnx_time_001_fix_line,
            place = terminal(&command.at.to_string())
        ));
    }
    for (service, at) in &context.evidence.linux.start().broken {
        if DAEMONS.contains(&service.as_str()) {
            let note = say!(lnx_time_001_broken, name = terminal(service));
            found.pass(Item::at(at.clone(), note));
        }
    }
    for sync in &all.items {
        let fact = &sync.fact;
        let note = match (fact.active, fact.missing) {
            (true, false) => say!(lnx_time_001_active, name = fact.name.clone()),
            (true, true) => say!(lnx_time_001_missing, name = fact.name.clone()),
            (false, _) => say!(lnx_time_001_inactive, name = fact.name.clone()),
        };
        let names = Text::list(fact.servers.iter().map(|s| terminal(&s.fact.name)));
        let names = if fact.servers.is_empty() {
            say!(lnx_time_001_no_server)
        } else {
            names
        };
        found.pass(Item::at(sync.at.clone(), note).compare(expected(ntp), names));
        for server in fact.servers.iter().filter(|s| s.at != sync.at) {
            let note = match (approved(&server.fact.name), server.fact.used) {
                (_, SourceUse::Never) => say!(lnx_time_001_never),
                (_, SourceUse::Unsure) => say!(lnx_time_001_unsure),
                (true, _) => say!(lnx_time_001_approved),
                (false, SourceUse::Preferred) => say!(lnx_time_001_preferred),
                (false, SourceUse::Normal) => say!(lnx_time_001_foreign),
            };
            let shown = format!("{} {}", server.fact.name, server.fact.options);
            let shown = Text::verbatim(terminal(shown.trim_end()));
            found.pass(Item::at(server.at.clone(), note).compare(expected(ntp), shown));
        }
        for doubt in fact.doubts.iter().filter(|_| fact.active) {
            let shown = Text::verbatim(terminal(&doubt.text));
            let item = Item::at(doubt.at.clone(), say!(lnx_time_001_doubt));
            found.unknown(item.compare(say!(lnx_time_001_undisturbed), shown));
            found.fix(say!(
                lnx_time_001_fix_line,
                place = terminal(&doubt.at.to_string())
            ));
        }
    }
    let (status, reason) = judge(&times, approved, found.worst());
    let outcome = found.concluded(status, |_, _| reason.clone());
    let linux = &context.evidence.linux;
    let gaps = all.gaps.iter().chain(&linux.start().gaps);
    match status {
        // What was found proves itself; only what was not found may be hidden.
        Status::Pass => outcome,
        _ => outcome.unless_hidden(crate::policy::checks::findings::tidy(
            gaps.cloned().collect(),
        )),
    }
}

/// Services that keep the time.
const DAEMONS: &[&str] = &[
    "chronyd",
    "chrony",
    "ntpsec",
    "ntpd",
    "ntp",
    "openntpd",
    "systemd-timesyncd",
];

fn expected(ntp: &Ntp) -> Text {
    let approved = Text::list(ntp.approved.iter().map(String::as_str));
    say!(lnx_time_001_expected, approved = approved)
}

/// Whose time one way takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// The approved servers decide.
    Approved,
    /// Some approved servers are among them, or one that may be used.
    Mixed,
    /// None is approved.
    Foreign,
    Nobody,
}

fn whose(sync: &TimeSync, approved: &impl Fn(&str) -> bool) -> Whose {
    let (mut good, mut bad, mut unsure, mut preferred) = (0u32, 0u32, false, false);
    for server in &sync.servers {
        let own = approved(&server.fact.name);
        match server.fact.used {
            SourceUse::Never => {}
            SourceUse::Unsure => unsure |= own,
            used => {
                preferred |= !own && used == SourceUse::Preferred;
                let count = if own { &mut good } else { &mut bad };
                *count = count.saturating_add(server.fact.weight);
            }
        }
    }
    match (good, bad) {
        (0, 0) if unsure => Whose::Mixed,
        (0, 0) => Whose::Nobody,
        (0, _) if !unsure => Whose::Foreign,
        // A minority that nothing prefers is outvoted.
        (good, bad) if good > bad && !preferred => Whose::Approved,
        _ => Whose::Mixed,
    }
}

fn judge(all: &[&TimeSync], approved: impl Fn(&str) -> bool, others: Status) -> (Status, Text) {
    let active: Vec<_> = all.iter().filter(|t| t.active && !t.missing).collect();
    let daemons = active.iter().filter(|t| t.daemon).count();
    let of = |wanted: Whose| active.iter().any(|t| whose(t, &approved) == wanted);
    let dhcp = active
        .iter()
        .any(|t| t.dhcp && whose(t, &approved) == Whose::Nobody);
    if active.is_empty() {
        let job = all.iter().any(|t| t.active && t.missing);
        let reason = if job {
            say!(lnx_time_001_fail_missing)
        } else {
            say!(lnx_time_001_fail)
        };
        (Status::Fail, reason)
    } else if others == Status::Unknown {
        (Status::Unknown, say!(lnx_time_001_unknown_doubt))
    } else if of(Whose::Mixed) {
        (Status::Unknown, say!(lnx_time_001_unknown_mixed))
    } else if of(Whose::Foreign) {
        (Status::Unknown, say!(lnx_time_001_unknown_foreign))
    } else if of(Whose::Approved) && daemons > 1 {
        (
            Status::Warn,
            say!(lnx_time_001_warn_daemons, count = daemons),
        )
    } else if of(Whose::Approved) {
        (Status::Pass, say!(lnx_time_001_pass))
    } else if dhcp {
        (Status::Unknown, say!(lnx_time_001_unknown))
    } else {
        (Status::Unknown, say!(lnx_time_001_unknown_foreign))
    }
}
