//! LNX-TIME-001: the clock is kept from an approved time server.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::Found;
use crate::evidence::linux::TimeSync;
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
    let fixes = fixes(context, &all.items, status, approved);
    if status == Status::Unknown {
        fixes.into_iter().for_each(|fix| found.fix_of_unknown(fix));
    } else {
        found.fix_by(fixes);
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
    let good = |t: &TimeSync| t.servers.iter().any(|s| approved(&s.fact));
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
