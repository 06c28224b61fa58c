//! LNX-NET-001: the name servers are the provider's.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::Found;
use crate::evidence::linux::{NameServer, Resolvers, ServerRole};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::word;
use crate::policy::checks::registry::Parameters;
use crate::policy::{Context, Dns, Item, Outcome, Status};
use crate::text::{Text, terminal};

/// No parameters of its own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct NameServers {}

impl Parameters for NameServers {
    const SHARED: &'static [&'static str] = &["dns"];
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, _: &NameServers) -> Outcome {
    let dns = &context.shared.dns;
    let all = context.evidence.linux.resolvers();
    let (decided, reason) = judge(dns, all);
    let misprint = is_misprint(dns, all);
    let mut found = Findings::with_gaps(&all.gaps);
    for server in &all.servers {
        let (status, note) = match (server.fact.role, region(dns, &server.fact.address)) {
            (ServerRole::Stub, _) if leads_nowhere(all, server) => {
                (Status::Unknown, say!(lnx_net_001_stub))
            }
            (ServerRole::Stub, _) => (Status::Pass, say!(lnx_net_001_stub)),
            (ServerRole::Static, Some(region)) if misprint => {
                let note = say!(lnx_net_001_approved, region = region);
                (Status::Warn, note)
            }
            (_, Some(region)) => (Status::Pass, say!(lnx_net_001_approved, region = region)),
            (ServerRole::Fallback, None) => (Status::Warn, say!(lnx_net_001_fallback)),
            (ServerRole::Generated, None) => (Status::Warn, say!(lnx_net_001_left_over)),
            // Beside approved servers it is a warning.
            (ServerRole::Static, None) if decided == Status::Fail => {
                (Status::Fail, say!(lnx_net_001_foreign))
            }
            (ServerRole::Static, None) => (Status::Warn, say!(lnx_net_001_foreign)),
        };
        let shown = format!("{} {}", server.fact.key, server.fact.address);
        let item = Item::at(server.at.clone(), note)
            .compare(expected(dns), Text::verbatim(terminal(&shown)));
        found.add(status, item);
        if server.fact.role != ServerRole::Stub && region(dns, &server.fact.address).is_none() {
            found.fix(say!(
                lnx_net_001_fix_server,
                address = terminal(&server.fact.address),
                place = server.at.to_string(),
                approved = addresses(dns)
            ));
        }
    }
    for kept_out in &all.suppressed {
        let line = terminal(&kept_out.fact);
        let note = say!(lnx_net_001_keeps_dhcp_out, line = line);
        // Where the image has approved servers of its own, that does no harm.
        let status = match decided {
            Status::Pass => Status::Pass,
            _ => Status::Warn,
        };
        found.add(status, Item::at(kept_out.at.clone(), note));
    }
    if let Some(at) = &all.immutable {
        found.add(
            if decided == Status::Fail {
                decided
            } else {
                Status::Pass
            },
            Item::at(at.clone(), say!(lnx_net_001_immutable)),
        );
        found.fix(say!(
            lnx_net_001_fix_immutable,
            file = terminal(&word(at.path.as_deref().unwrap_or_default()))
        ));
    }
    for at in &all.scripts {
        found.unknown(Item::at(at.clone(), say!(lnx_net_001_script)));
        found.fix(say!(
            lnx_net_001_fix_script,
            file = terminal(&word(at.path.as_deref().unwrap_or_default()))
        ));
    }
    found.concluded(decided, |_, _| reason.clone())
}

/// The approved addresses in one line.
fn addresses(dns: &Dns) -> Text {
    Text::list(dns.approved.values().flatten().map(String::as_str))
}

fn expected(dns: &Dns) -> Text {
    say!(lnx_net_001_expected, approved = addresses(dns))
}

/// The region of which `address` is an approved server.
fn region<'d>(dns: &'d Dns, address: &str) -> Option<&'d str> {
    let mut all = dns.approved.iter();
    all.find(|(_, list)| list.iter().any(|a| a == address))
        .map(|(region, _)| region.as_str())
}

/// True where every name server that the image sets is one that the guide misprints.
fn is_misprint(dns: &Dns, all: &Resolvers) -> bool {
    let own = all.servers.iter();
    let mut own = own.filter(|s| s.fact.role == ServerRole::Static).peekable();
    own.peek().is_some() && own.all(|s| dns.misprinted.contains(&s.fact.address))
}

/// True where the stub `server` leads to another resolver of this machine of which no server is
/// known. systemd-resolved (127.0.0.53, .54) asks the servers of its settings, dnsmasq those of its
/// own.
fn leads_nowhere(all: &Resolvers, server: &Found<NameServer>) -> bool {
    let resolved = matches!(server.fact.address.as_str(), "127.0.0.53" | "127.0.0.54");
    let of_dnsmasq =
        |s: &Found<NameServer>| s.fact.role == ServerRole::Static && s.fact.key == "server";
    !resolved && !all.servers.iter().any(of_dnsmasq)
}

/// The answer, from what decides most to what decides least.
fn judge(dns: &Dns, all: &Resolvers) -> (Status, Text) {
    let of = |role| all.servers.iter().filter(move |s| s.fact.role == role);
    let is_foreign = |s: &&Found<NameServer>| region(dns, &s.fact.address).is_none();
    let own: Vec<_> = of(ServerRole::Static).collect();
    let foreign = own.iter().copied().filter(is_foreign).count();
    let weak = of(ServerRole::Fallback)
        .chain(of(ServerRole::Generated))
        .filter(is_foreign)
        .count();
    let blind = of(ServerRole::Stub).any(|s| leads_nowhere(all, s));
    if all.immutable.is_some() && foreign > 0 {
        (Status::Fail, say!(lnx_net_001_fail_immutable))
    } else if foreign > 0 && foreign == own.len() {
        (Status::Fail, say!(lnx_net_001_fail, count = foreign))
    } else if !all.scripts.is_empty() {
        (Status::Unknown, say!(lnx_net_001_unknown_script))
    } else if blind {
        (Status::Unknown, say!(lnx_net_001_unknown_stub))
    } else if foreign > 0 {
        let total = own.len();
        (
            Status::Warn,
            say!(lnx_net_001_warn_mixed, count = foreign, total = total),
        )
    } else if is_misprint(dns, all) {
        (Status::Warn, say!(lnx_net_001_warn_misprint))
    } else if own.is_empty() && !all.suppressed.is_empty() {
        (Status::Warn, say!(lnx_net_001_warn_kept_out))
    } else if weak > 0 {
        (Status::Warn, say!(lnx_net_001_warn_weak))
    } else if own.is_empty() && dns.require_static {
        (Status::Warn, say!(lnx_net_001_warn_not_static))
    } else if own.is_empty() {
        (Status::Pass, say!(lnx_net_001_pass_dhcp))
    } else {
        (Status::Pass, say!(lnx_net_001_pass))
    }
}
