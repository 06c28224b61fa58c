//! LNX-NET-001: the name servers are the provider's.

use std::net::{IpAddr, Ipv4Addr};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::Found;
use crate::evidence::linux::{NameServer, Resolvers, ServerRole};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::word;
use crate::policy::checks::linux::fits;
use crate::policy::checks::registry::Parameters;
use crate::policy::{Context, Dns, Item, Outcome, Status};
use crate::text::{Text, terminal};

/// Names that the provider's own servers answer for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct NameServers {
    /// Names, `*` for any characters, that no line of the image may give an address.
    #[serde(default)]
    names: Vec<String>,
}

impl Parameters for NameServers {
    const SHARED: &'static [&'static str] = &["dns"];
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &NameServers) -> Outcome {
    let dns = &context.shared.dns;
    let all = context.evidence.linux.resolvers();
    let misprint = is_misprint(dns, all);
    let mut found = Findings::with_gaps(&all.gaps);
    found.gaps(context.evidence.linux.run().gaps.iter().cloned());
    names(all, with, &mut found);
    sources(all, &mut found);
    for rule in &all.redirects {
        let shown = Text::verbatim(terminal(&rule.fact));
        let item = Item::at(rule.at.clone(), say!(lnx_net_001_redirect));
        found.unknown(item.compare(say!(lnx_net_001_no_redirect), shown));
        found.fix(say!(
            lnx_net_001_fix_line,
            place = terminal(&rule.at.to_string())
        ));
    }
    // An approved address that the machine itself takes, or sends elsewhere, is nobody's.
    for line in &all.routes {
        let mut words = line
            .fact
            .split(|c: char| !(c.is_ascii_hexdigit() || c == '.' || c == ':'));
        if words.any(|w| region(dns, w).is_some()) {
            let shown = Text::verbatim(terminal(&line.fact));
            let item = Item::at(line.at.clone(), say!(lnx_net_001_route));
            found.unknown(item.compare(say!(lnx_net_001_no_redirect), shown));
            found.fix(say!(
                lnx_net_001_fix_line,
                place = terminal(&line.at.to_string())
            ));
        }
    }
    let others = found.worst();
    let (decided, reason) = judge(dns, all, others);
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
            (ServerRole::Generated, None) if is_private(&server.fact.address) => {
                (Status::Warn, say!(lnx_net_001_left_over))
            }
            (ServerRole::Generated, None) => (Status::Unknown, say!(lnx_net_001_left_over)),
            // Beside approved servers it can't be told which one answers.
            (ServerRole::Static, None) if decided == Status::Fail => {
                (Status::Fail, say!(lnx_net_001_foreign))
            }
            (ServerRole::Static, None) => (Status::Unknown, say!(lnx_net_001_foreign)),
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
    for script in &all.scripts {
        let shown = Text::verbatim(terminal(&script.fact));
        let item = Item::at(script.at.clone(), say!(lnx_net_001_script));
        found.unknown(item.compare(say!(lnx_net_001_no_script), shown));
        found.fix(say!(
            lnx_net_001_fix_script,
            file = terminal(&word(script.at.path.as_deref().unwrap_or_default()))
        ));
    }
    found.concluded(decided, |_, _| reason.clone())
}

/// Names of the provider that a line of the image gives an address.
fn names(all: &Resolvers, with: &NameServers, found: &mut Findings) {
    for line in &all.names {
        let (address, names) = &line.fact;
        let hit = names.iter().find(|name| {
            let name = name.trim_end_matches('.').trim_start_matches("*.");
            with.names.iter().any(|pattern| {
                fits(pattern, name) || pattern.strip_prefix("*.").is_some_and(|p| fits(p, name))
            })
        });
        let Some(name) = hit else { continue };
        // The provider's own services stand behind link-local addresses.
        let own = address.parse::<Ipv4Addr>().is_ok_and(|a| a.is_link_local());
        let shown = Text::verbatim(terminal(&format!("{address} {name}")));
        let item = Item::at(
            line.at.clone(),
            say!(lnx_net_001_name, name = terminal(name)),
        );
        let item = item.compare(say!(lnx_net_001_no_name), shown);
        if own {
            found.pass(item);
        } else {
            found.fail(item);
            found.fix(say!(
                lnx_net_001_fix_line,
                place = terminal(&line.at.to_string())
            ));
        }
    }
}

/// Sources of host names that are understood, beside name servers.
const SOURCES: &[&str] = &[
    "files",
    "dns",
    "resolve",
    "myhostname",
    "mymachines",
    "mdns",
    "mdns4",
    "mdns6",
    "mdns_minimal",
    "mdns4_minimal",
    "mdns6_minimal",
    "libvirt",
    "libvirt_guest",
    "wins",
    "db",
    "cache",
    "usrfiles",
    "nis",
    "nisplus",
    "sss",
];

/// Whether the name service asks name servers at all, and whom else.
fn sources(all: &Resolvers, found: &mut Findings) {
    let Some(sources) = &all.sources else { return };
    let shown = || Text::verbatim(terminal(&format!("hosts: {}", sources.fact.join(" "))));
    let asks = sources.fact.iter().any(|s| s == "dns" || s == "resolve");
    if !asks {
        let item = Item::at(sources.at.clone(), say!(lnx_net_001_no_dns));
        found.fail(item.compare(say!(lnx_net_001_asks_dns), shown()));
    } else if sources.fact.iter().any(|s| !SOURCES.contains(&s.as_str())) {
        let item = Item::at(sources.at.clone(), say!(lnx_net_001_other_source));
        found.unknown(item.compare(say!(lnx_net_001_asks_dns), shown()));
    } else {
        return;
    }
    found.fix(say!(
        lnx_net_001_fix_sources,
        place = terminal(&sources.at.to_string())
    ));
}

fn is_private(address: &str) -> bool {
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(a)) => a.is_private() || a.is_link_local(),
        Ok(IpAddr::V6(a)) => a.is_unique_local() || a.is_unicast_link_local(),
        Err(_) => false,
    }
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
fn judge(dns: &Dns, all: &Resolvers, others: Status) -> (Status, Text) {
    let of = |role| all.servers.iter().filter(move |s| s.fact.role == role);
    let is_foreign = |s: &&Found<NameServer>| region(dns, &s.fact.address).is_none();
    let own: Vec<_> = of(ServerRole::Static).collect();
    let foreign = own.iter().copied().filter(is_foreign).count();
    let weak = of(ServerRole::Fallback)
        .chain(of(ServerRole::Generated))
        .filter(is_foreign)
        .count();
    let kept = of(ServerRole::Generated)
        .filter(is_foreign)
        .any(|s| !is_private(&s.fact.address));
    let blind = of(ServerRole::Stub).any(|s| leads_nowhere(all, s));
    if all.immutable.is_some() && foreign > 0 {
        (Status::Fail, say!(lnx_net_001_fail_immutable))
    } else if foreign > 0 && foreign == own.len() {
        (Status::Fail, say!(lnx_net_001_fail, count = foreign))
    } else if others == Status::Fail {
        (Status::Fail, say!(lnx_net_001_fail_names))
    } else if !all.scripts.is_empty() {
        (Status::Unknown, say!(lnx_net_001_unknown_script))
    } else if blind {
        (Status::Unknown, say!(lnx_net_001_unknown_stub))
    } else if others == Status::Unknown {
        (Status::Unknown, say!(lnx_net_001_unknown_path))
    } else if foreign > 0 {
        // The foreign one is asked as soon as the others don't answer in time.
        let total = own.len();
        (
            Status::Unknown,
            say!(lnx_net_001_unknown_mixed, count = foreign, total = total),
        )
    } else if kept {
        (Status::Unknown, say!(lnx_net_001_unknown_kept))
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
