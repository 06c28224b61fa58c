//! LNX-TIME-001: the clock is kept from an approved time server.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::Found;
use crate::evidence::linux::{SourceUse, TimeSync};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::Commands;
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
    for doubt in times.iter().filter(|t| t.active).flat_map(|t| &t.doubts) {
        let shown = Text::verbatim(terminal(&doubt.text));
        let item = Item::at(doubt.at.clone(), say!(lnx_time_001_doubt));
        found.unknown(item.compare(say!(lnx_time_001_undisturbed), shown));
        found.fix(say!(
            lnx_time_001_fix_line,
            place = terminal(&doubt.at.to_string())
        ));
    }
    let others = found.worst();
    let (status, reason, at_fault) = judge(&times, approved, others);
    for (service, at) in &context.evidence.linux.start().broken {
        if DAEMONS
            .iter()
            .any(|d| d.services.contains(&service.as_str()))
        {
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
        let is_fault = at_fault(fact, whose(fact, &approved));
        let own = if is_fault { status } else { Status::Pass };
        found.add(
            own,
            Item::at(sync.at.clone(), note).compare(expected(ntp), names),
        );
        for server in fact.servers.iter().filter(|s| s.at != sync.at) {
            let (counts, note) = match (approved(&server.fact.name), server.fact.used) {
                (_, SourceUse::Never) => (false, say!(lnx_time_001_never)),
                (own, SourceUse::Unsure) => (own, say!(lnx_time_001_unsure)),
                (true, _) => (false, say!(lnx_time_001_approved)),
                (false, SourceUse::Preferred) => (true, say!(lnx_time_001_preferred)),
                (false, SourceUse::Normal) => (true, say!(lnx_time_001_foreign)),
            };
            // Of several daemons none is at fault for its servers.
            let of_server = match own {
                Status::Fail | Status::Unknown if counts => own,
                _ => Status::Pass,
            };
            let shown = format!("{} {}", server.fact.name, server.fact.options);
            let shown = Text::verbatim(terminal(shown.trim_end()));
            let item = Item::at(server.at.clone(), note);
            found.add(of_server, item.compare(expected(ntp), shown));
        }
    }
    let fixes = match (status, others) {
        // What leaves the doubt has fixes of its own.
        (Status::Unknown, Status::Unknown) => Vec::new(),
        _ => fixes(context, &all.items, status, approved),
    };
    if status == Status::Unknown {
        fixes.into_iter().for_each(|fix| found.fix_of_unknown(fix));
    } else {
        found.fix_by(fixes);
    }
    let outcome = found.concluded(status, |_, _| reason.clone());
    let linux = &context.evidence.linux;
    let gaps = all.gaps.iter().chain(&linux.start().gaps);
    match status {
        // What was found proves itself; only what was not found may be hidden.
        Status::Pass => outcome,
        _ => outcome.unless_hidden(crate::evidence::gaps::told(gaps.cloned().collect())),
    }
}

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

/// The answer, and of which ways to keep the time it comes.
fn judge(
    all: &[&TimeSync],
    approved: impl Fn(&str) -> bool,
    others: Status,
) -> (Status, Text, fn(&TimeSync, Whose) -> bool) {
    let active: Vec<_> = all.iter().filter(|t| t.active && !t.missing).collect();
    let daemons = active.iter().filter(|t| t.daemon).count();
    let of = |wanted: Whose| active.iter().any(|t| whose(t, &approved) == wanted);
    let dhcp = active
        .iter()
        .any(|t| t.dhcp && whose(t, &approved) == Whose::Nobody);
    if active.is_empty() {
        if all.iter().any(|t| t.active && t.missing) {
            (Status::Fail, say!(lnx_time_001_fail_missing), |t, _| {
                t.active && t.missing
            })
        } else {
            (Status::Fail, say!(lnx_time_001_fail), |_, _| true)
        }
    } else if others == Status::Unknown {
        (Status::Unknown, say!(lnx_time_001_unknown_doubt), |_, _| {
            false
        })
    } else if of(Whose::Mixed) {
        (Status::Unknown, say!(lnx_time_001_unknown_mixed), |t, w| {
            t.active && !t.missing && w == Whose::Mixed
        })
    } else if of(Whose::Foreign) {
        (
            Status::Unknown,
            say!(lnx_time_001_unknown_foreign),
            |t, w| t.active && !t.missing && w == Whose::Foreign,
        )
    } else if of(Whose::Approved) && daemons > 1 {
        (
            Status::Warn,
            say!(lnx_time_001_warn_daemons, count = daemons),
            |t, _| t.active && !t.missing && t.daemon,
        )
    } else if of(Whose::Approved) {
        (Status::Pass, say!(lnx_time_001_pass), |_, _| false)
    } else if dhcp {
        (Status::Unknown, say!(lnx_time_001_unknown), |t, _| {
            t.active && !t.missing
        })
    } else {
        (
            Status::Unknown,
            say!(lnx_time_001_unknown_foreign),
            |t, _| t.active && !t.missing,
        )
    }
}

/// A daemon that keeps the clock: its services, its configuration, and how that names a server.
struct Daemon {
    /// In the order of what Debian and others call it.
    services: [&'static str; 2],
    files: &'static [&'static str],
    /// What stands before and behind the server's name.
    line: (&'static str, &'static str),
    /// The section that the line belongs into.
    section: Option<&'static str>,
}

const DAEMONS: &[Daemon] = &[
    Daemon {
        services: ["chrony", "chronyd"],
        files: &["/etc/chrony/chrony.conf", "/etc/chrony.conf"],
        line: ("server ", " iburst"),
        section: None,
    },
    Daemon {
        services: ["systemd-timesyncd", "systemd-timesyncd"],
        files: &["/etc/systemd/timesyncd.conf"],
        line: ("NTP=", ""),
        section: Some("[Time]"),
    },
    Daemon {
        services: ["ntpsec", "ntpsec"],
        files: &["/etc/ntpsec/ntp.conf", "/etc/ntp.conf"],
        line: ("server ", " iburst"),
        section: None,
    },
    Daemon {
        services: ["openntpd", "openntpd"],
        files: &["/etc/openntpd/ntpd.conf", "/etc/ntpd.conf"],
        line: ("server ", ""),
        section: None,
    },
    Daemon {
        services: ["ntp", "ntpd"],
        files: &["/etc/ntp.conf"],
        line: ("server ", " iburst"),
        section: None,
    },
];

impl Daemon {
    /// The service that the image has.
    fn service(&self, commands: Commands<'_>) -> Option<&'static str> {
        let [debian, others] = self.services;
        let order = if commands.is_debian() {
            [debian, others]
        } else {
            [others, debian]
        };
        order.into_iter().find(|s| commands.has_service(s))
    }
}

/// How an approved server comes to keep the clock: in the daemon that is enabled, or else is there,
/// or else is to be installed.
fn fixes(
    context: &Context<'_>,
    all: &[Found<TimeSync>],
    status: Status,
    approved: impl Fn(&str) -> bool,
) -> Vec<Text> {
    let commands = Commands::of(context);
    let runs = |service: &str| {
        let mut active = all.iter().filter(|t| t.fact.active && t.fact.daemon);
        active.any(|t| t.fact.name == service)
    };
    let good = |t: &TimeSync| whose(t, &approved) == Whose::Approved;
    let daemons: Vec<&TimeSync> = all
        .iter()
        .map(|t| &t.fact)
        .filter(|t| t.active && t.daemon)
        .collect();
    if status == Status::Warn && daemons.len() > 1 && daemons.iter().any(|t| good(t)) {
        let keep = daemons.iter().position(|t| good(t));
        let others = daemons.iter().enumerate().filter(|(i, _)| Some(*i) != keep);
        let disable = |(_, other): (usize, &&TimeSync)| {
            let command = terminal(&commands.disable(&other.name));
            say!(lnx_time_001_fix_others, command = command)
        };
        return others.map(disable).collect();
    }
    let servers = context.shared.ntp.approved.iter();
    let Some(server) = servers.into_iter().find(|s| !s.contains(['*', '?'])) else {
        return Vec::new();
    };
    let there = || {
        DAEMONS
            .iter()
            .filter_map(|d| Some((d, d.service(commands)?)))
    };
    let enabled = there().find(|(d, s)| runs(s) || d.services.iter().any(|s| runs(s)));
    let (daemon, service, install) = match enabled.or_else(|| there().next()) {
        Some((daemon, service)) => (daemon, service, None),
        None => {
            let chrony = &DAEMONS[0];
            let [debian, others] = chrony.services;
            let service = if commands.is_debian() { debian } else { others };
            (chrony, service, Some(commands.install("chrony")))
        }
    };
    let usual = match daemon.files {
        [debian, others] if !commands.is_debian() && !commands.is_alpine() => [others, debian],
        [first, others] => [first, others],
        files => [&files[0], &files[0]],
    };
    let file = usual.iter().find(|file| commands.has(file));
    let file = **file.unwrap_or(&usual[0]);
    let line = format!("{}{server}{}", daemon.line.0, daemon.line.1);
    let line = match daemon.section {
        Some(section) => format!("{section} {line}"),
        None => line,
    };
    let enable = commands.enable(service);
    vec![match install {
        Some(install) => say!(
            lnx_time_001_fix_install,
            install = install,
            line = line,
            file = file,
            command = enable
        ),
        None => say!(
            lnx_time_001_fix_set,
            line = line,
            file = file,
            command = enable
        ),
    }]
}
