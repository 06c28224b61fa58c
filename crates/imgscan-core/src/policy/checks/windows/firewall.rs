//! Windows' firewall: its rules as it reads them, and whom each profile lets in.
//!
//! A rule is a text of fields that `|` divides (\[MS-FASP\] 2.2.19, `v2.30|Action=Allow|…`). A rule
//! that blocks wins over one that allows; policy goes before the machine's own settings.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::values::{SET, Values};
use crate::evidence::{Found, Location};
use crate::policy::checks::findings::Findings;
use crate::text::Text;

/// Characters of a rule that are shown.
const SHOWN: usize = 200;
/// A range of so many ports is as good as all.
const WIDE: u16 = 32_768;
/// TCP, and the number that some write for any protocol.
const TCP: u32 = 6;
const UDP: u32 = 17;
const ANY: u32 = 256;
/// So many addresses of IPv4 are some computers, and not half the world: a private network of 24 bits.
const FEW: u128 = 1 << 24;
/// Bits of an address of IPv6 that one customer of a provider has for himself.
const SITE: u32 = 96;
/// Networks of sites, of a provider's own side, of neighbours and of the machine itself (RFC 1918, 3927,
/// 6598, 1122): who writes from there is no stranger of the internet.
const INNER_NETWORKS: [(Ipv4Addr, u32); 6] = [
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
];
/// Where the provider's metadata, its name servers and the servers of its agents are.
const NEEDED_NETWORKS: [(Ipv4Addr, Ipv4Addr); 3] = [
    (
        Ipv4Addr::new(169, 254, 0, 0),
        Ipv4Addr::new(169, 254, 255, 255),
    ),
    (
        Ipv4Addr::new(183, 60, 83, 19),
        Ipv4Addr::new(183, 60, 83, 19),
    ),
    (
        Ipv4Addr::new(183, 60, 82, 98),
        Ipv4Addr::new(183, 60, 82, 98),
    ),
];
/// Names, addresses, the web, and the ports of the security agent.
const NEEDED_PORTS: [u16; 8] = [53, 67, 80, 443, 5574, 8080, 8186, 9080];
/// So many of them are asked with UDP.
const OF_UDP: usize = 2;
/// The machine's own settings, below the control set.
const OWN: &str = r"Services\SharedAccess\Parameters\FirewallPolicy";
/// Those of group policies.
const POLICY: &str = r"HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall";

/// A profile: which settings hold depends on the network that an adapter is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Profile {
    Private,
    Public,
}

impl Profile {
    /// As rules name it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Private => "Private",
            Self::Public => "Public",
        }
    }

    /// The keys of its settings, in the order in which they count.
    fn keys(self) -> Vec<String> {
        let (own, policies): (_, &[&str]) = match self {
            Self::Private => ("StandardProfile", &["PrivateProfile", "StandardProfile"]),
            Self::Public => ("PublicProfile", &["PublicProfile"]),
        };
        let policies = policies.iter().map(|name| format!(r"{POLICY}\{name}"));
        policies.chain([format!(r"{SET}\{OWN}\{own}")]).collect()
    }
}

/// A rule.
pub(super) struct Rule {
    /// Its value.
    pub(super) at: Location,
    /// The name of the value.
    pub(super) name: String,
    /// As it stands there.
    pub(super) text: String,
    /// Fields in lower case, in their order.
    fields: Vec<(String, String)>,
    /// A policy sets it.
    by_policy: bool,
}

impl Rule {
    fn new(at: Location, name: String, text: String, by_policy: bool) -> Self {
        let fields = text.split('|').filter_map(|field| {
            let (name, value) = field.split_once('=')?;
            Some((name.trim().to_lowercase(), value.trim().to_lowercase()))
        });
        Self {
            at,
            name,
            fields: fields.collect(),
            text,
            by_policy,
        }
    }

    fn all<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        let named = self.fields.iter().filter(move |(n, _)| n == name);
        named.map(|(_, value)| value.as_str())
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|v| v == value)
    }

    /// True for one that lets in, or keeps out where `blocks`, and that is switched on.
    pub(super) fn is_inbound(&self, blocks: bool) -> bool {
        let action = match blocks {
            true => self.is("action", "block"),
            false => self.is("action", "allow") || self.is("action", "bypass"),
        };
        action && self.is("active", "true") && self.is("dir", "in")
    }

    /// The program that it is of, in lower case.
    pub(super) fn program(&self) -> Option<&str> {
        self.all("app").next()
    }

    /// True for one that is switched on and keeps the service `service` in, whose program `is_app`
    /// tells, or every program: from all ports and hosts, or from those that agents ask.
    pub(super) fn keeps_in(&self, service: &str, is_app: impl Fn(&str) -> bool) -> bool {
        let on = self.is("action", "block") && self.is("active", "true") && self.is("dir", "out");
        let app = self.all("app").next().filter(|app| *app != "*");
        let svc = self.all("svc").next().filter(|svc| *svc != "*");
        let own = match (app, svc) {
            (_, Some(svc)) => svc == service,
            (Some(app), None) => is_app(app),
            (None, None) => false,
        };
        let limited = ["if", "iftype", "luauth"]
            .iter()
            .any(|name| !self.is_free(name));
        let values = |names: &[&str]| -> Vec<&str> {
            let named = self.fields.iter().filter(|(name, value)| {
                names.iter().any(|n| name.starts_with(n)) && !["*", "any"].contains(&value.as_str())
            });
            named.flat_map(|(_, value)| value.split(',')).collect()
        };
        let (addresses, ports) = (values(&["ra4", "ra6"]), values(&["rport"]));
        let reached = addresses.is_empty() || addresses.iter().any(|a| is_needed_address(a));
        let protocol = self.all("protocol").next().and_then(|p| p.parse().ok());
        let udp = protocol == Some(UDP);
        let asked = ports.is_empty() || ports.iter().any(|p| is_needed_port(p, udp));
        let limited = limited || !values(&["lport"]).is_empty();
        let of_ports = protocol.is_none_or(|p: u32| [TCP, UDP, ANY].contains(&p));
        let everybody = app.is_none() && svc.is_none() && !limited && reached && asked && of_ports;
        on && (own || everybody) && !self.is_of_packages()
    }

    /// The local ports as ranges; empty where the rule is of every port, `None` where it is of none
    /// that has a number (`RPC`, `IPHTTPS`).
    pub(super) fn ports(&self) -> Option<Vec<(u16, u16)>> {
        let named = |name: &str| name == "lport" || name.starts_with("lport2_");
        let written: Vec<&str> = self
            .fields
            .iter()
            .filter(|(name, _)| named(name))
            .flat_map(|(_, value)| value.split(','))
            .collect();
        if written.is_empty() {
            return Some(Vec::new());
        }
        let range = |text: &&str| {
            let (first, last) = text.split_once('-').unwrap_or((text, text));
            Some((first.trim().parse().ok()?, last.trim().parse().ok()?))
        };
        let ranges: Vec<(u16, u16)> = written.iter().filter_map(range).collect();
        (!ranges.is_empty()).then_some(ranges)
    }

    /// True where the rule is of the TCP port `port`.
    pub(super) fn is_of_port(&self, port: u16) -> bool {
        let protocol = self
            .all("protocol")
            .next()
            .and_then(|p| p.parse::<u32>().ok());
        let tcp = protocol.is_none_or(|p| p == TCP || p == ANY);
        let within = |ports: Vec<(u16, u16)>| {
            ports.is_empty()
                || ports
                    .iter()
                    .any(|(first, last)| (*first..=*last).contains(&port))
        };
        tcp && self.ports().is_some_and(within)
    }

    /// True where the rule is only of packages of the store or of programs in containers.
    fn is_of_packages(&self) -> bool {
        ["pfn", "apppkgid", "luown"]
            .iter()
            .any(|name| self.all(name).next().is_some())
    }

    /// True where the rule is of the service `service`, which svchost or the kernel serves, or of
    /// every program.
    fn is_of_service(&self, service: &str) -> bool {
        let app = self.all("app").next();
        let app = app.is_none_or(|app| {
            let file = app.rsplit(['\\', '/']).next().unwrap_or(app);
            matches!(file, "svchost.exe" | "system" | "*")
        });
        let svc = self.all("svc").next();
        app && svc.is_none_or(|svc| svc == "*" || svc == service)
    }

    /// True where no field says anything of `name`.
    fn is_free(&self, name: &str) -> bool {
        self.all(name)
            .all(|v| v.is_empty() || v == "*" || v == "any")
    }

    /// True for a rule of all ports of TCP, of UDP or of both.
    fn is_of_all_ports(&self) -> bool {
        let protocol = self.all("protocol").next();
        let protocol = protocol.and_then(|p| p.parse::<u32>().ok());
        let wide = |ports: Vec<(u16, u16)>| ports.iter().all(|(a, b)| b.abs_diff(*a) > WIDE);
        protocol.is_none_or(|p| [TCP, UDP, ANY].contains(&p)) && self.ports().is_some_and(wide)
    }

    /// True for a rule of whatever program, service and port.
    pub(super) fn is_of_everything(&self) -> bool {
        self.is_free("app") && self.is_free("svc") && self.is_of_all_ports()
    }

    /// True for a rule of every port of whatever the kernel or the hosts of services serve: file
    /// sharing and remote management among them.
    pub(super) fn is_of_every_service(&self) -> bool {
        let host = |app: &str| {
            let file = app.rsplit(['\\', '/']).next().unwrap_or(app);
            matches!(file, "svchost.exe" | "system")
        };
        self.all("app").any(host) && self.is_free("svc") && self.is_of_all_ports()
    }

    /// True where the rule is of strangers: of a network that is no domain's, and not only of
    /// neighbours, of some users, of those who prove who they are, or of packages.
    pub(super) fn is_of_strangers(&self) -> bool {
        let foreign = |name: &str| self.is_of_profile_named(name);
        (foreign("public") || foreign("private"))
            && !self.is_of_packages()
            && !self.fields.iter().any(|(name, value)| {
                let limits = ["luauth", "ruauth", "rmauth", "security", "security2", "lom"];
                // Keywords of what Windows itself made out (\[MS-FASP\] 2.2.40).
                let limits = limits.contains(&name.as_str()) || name.starts_with("ttk");
                limits && !["", "*", "any", "false"].contains(&value.as_str())
            })
            && !self.is_of_few_addresses()
    }

    /// True where remote addresses are given, they are neighbours or not many, and none is of the
    /// internet.
    fn is_of_few_addresses(&self) -> bool {
        let given = self.fields.iter().filter(|(name, value)| {
            let remote = name.starts_with("ra4") || name.starts_with("ra6");
            remote && !["", "*", "any"].contains(&value.as_str())
        });
        let mut few = false;
        let mut all: u128 = 0;
        for (_, value) in given {
            if value.split(',').any(is_of_internet) {
                return false;
            }
            few = true;
            // Of IPv4 only networks inside are left.
            let others = value.split(',').filter(|part| range(part.trim()).is_none());
            all = others.map(hosts).fold(all, u128::saturating_add);
        }
        few && all <= FEW
    }

    /// True where the rule is of the profile.
    pub(super) fn is_of_profile(&self, profile: Profile) -> bool {
        self.is_of_profile_named(&profile.name().to_lowercase())
    }

    fn is_of_profile_named(&self, name: &str) -> bool {
        let mut profiles = self.all("profile").peekable();
        profiles.peek().is_none() || profiles.any(|p| p == name || p == "*" || p == "any")
    }

    /// True where the rule is only of some computers, users or adapters.
    pub(super) fn is_limited(&self) -> bool {
        self.fields.iter().any(|(name, value)| {
            let address = ["ra4", "ra6", "la4", "la6"]
                .iter()
                .any(|n| name.starts_with(n));
            let other = [
                "if",
                "iftype",
                "luauth",
                "ruauth",
                "rmauth",
                "security",
                "security2",
                "rport",
                "lom",
            ];
            let other = other.contains(&name.as_str()) || name.starts_with("rport2_");
            (address || other) && value != "*" && value != "any"
        })
    }

    /// The rule as reports show it.
    pub(super) fn shown(&self) -> Text {
        Text::verbatim(self.text.chars().take(SHOWN).collect::<String>())
    }
}

/// The first and the last address of IPv4 that `text` stands for; `None` where it is no address of that.
fn range(text: &str) -> Option<(u32, u32)> {
    let address = |text: &str| text.trim().parse::<Ipv4Addr>().ok().map(u32::from);
    if let Some((first, last)) = text.split_once('-') {
        return Some((address(first)?, address(last)?));
    }
    let first = text.split('/').next().and_then(address)?;
    let count = u32::try_from(hosts(text)).unwrap_or(u32::MAX);
    Some((first, first.saturating_add(count.saturating_sub(1))))
}

/// True where the remote address `text` holds one of the internet: what is not wholly of a network
/// inside, and not one that the provider needs.
fn is_of_internet(text: &str) -> bool {
    let text = text.trim();
    if let Some((first, last)) = range(text) {
        let inner = INNER_NETWORKS.iter().map(|(from, length)| {
            let from = u32::from(*from);
            (
                from,
                from | u32::MAX.checked_shr(*length).unwrap_or_default(),
            )
        });
        let needed = NEEDED_NETWORKS
            .iter()
            .map(|(from, to)| (u32::from(*from), u32::from(*to)));
        let mut known = inner.chain(needed);
        return !known.any(|(from, to)| from <= first.min(last) && first.max(last) <= to);
    }
    let first = text.split(['-', '/']).next().unwrap_or_default().trim();
    match first.parse::<Ipv6Addr>() {
        Ok(address) => {
            let inside = address.is_unicast_link_local() || address.is_unique_local();
            !inside && !address.is_loopback()
        }
        // A word of the firewall (`LocalSubnet`).
        Err(_) => text == "internet",
    }
}

/// True where the remote addresses `text` hold one that agents and the setup of an instance need: those of
/// the provider inside its own network, its name servers, or more than some computers.
fn is_needed_address(text: &str) -> bool {
    let text = text.trim();
    if ["internet", "intranet", "dns", "dhcp", "defaultgateway"].contains(&text) {
        return true;
    }
    if hosts(text) > FEW {
        return true;
    }
    let Some((first, last)) = range(text) else {
        return false;
    };
    let mut needed = NEEDED_NETWORKS
        .iter()
        .map(|(from, to)| (u32::from(*from), u32::from(*to)));
    needed.any(|(from, to)| first <= to && last >= from)
}

/// True where the remote ports `text`, one or a range, hold one that agents and the setup need: with
/// UDP names and addresses alone.
fn is_needed_port(text: &str, udp: bool) -> bool {
    let needed = match udp {
        true => NEEDED_PORTS.get(..OF_UDP).unwrap_or_default(),
        false => &NEEDED_PORTS[..],
    };
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.trim().parse::<u16>(), last.trim().parse::<u16>()) {
        (Ok(first), Ok(last)) => needed.iter().any(|p| (first..=last).contains(p)),
        _ => false,
    }
}

/// How many addresses of IPv4 a remote address is as good as: those of a range, of a prefix with its
/// length or mask, or none for a word that stands for neighbours (`LocalSubnet`). A part of IPv6 is
/// as good as all where it is longer than a provider gives to one customer.
fn hosts(text: &str) -> u128 {
    let text = text.trim();
    if text == "internet" {
        return u128::MAX;
    }
    let address = |text: &str| text.trim().parse::<IpAddr>();
    if let Some((first, last)) = text.split_once('-') {
        return match (address(first), address(last)) {
            (Ok(IpAddr::V4(a)), Ok(IpAddr::V4(b))) => {
                u128::from(u32::from(b).abs_diff(u32::from(a))) + 1
            }
            (Ok(IpAddr::V6(a)), Ok(IpAddr::V6(b))) => {
                let parts = u128::from(b).abs_diff(u128::from(a));
                if parts >> SITE == 0 { 1 } else { u128::MAX }
            }
            _ => 0,
        };
    }
    let Some((first, length)) = text.split_once('/') else {
        return u128::from(address(text).is_ok());
    };
    let mask = length.trim().parse::<Ipv4Addr>();
    let length = match mask {
        Ok(mask) => Ok(u32::from(mask).leading_ones()),
        Err(_) => length.trim().parse::<u32>(),
    };
    match (address(first), length) {
        (Ok(IpAddr::V4(_)), Ok(length)) => 1 << 32_u32.saturating_sub(length),
        // fe80::/10 and fc00::/7 are of neighbours and of sites.
        (Ok(IpAddr::V6(a)), Ok(length)) if length < 128 - SITE => {
            let local = a.is_unicast_link_local() || a.is_unique_local();
            if local && length >= 7 { 1 } else { u128::MAX }
        }
        _ => 1,
    }
}

/// The rules of the firewall.
pub(super) fn rules(values: Values<'_>, found: &mut Findings) -> Vec<Rule> {
    let own = [
        r"FirewallRules",
        r"RestrictedServices\Configurable\System",
        r"RestrictedServices\Static\System",
    ];
    let own = own.map(|key| (format!(r"{SET}\{OWN}\{key}"), false));
    let policy = (format!(r"{POLICY}\FirewallRules"), true);
    let mut out = exceptions(values, found);
    for (key, by_policy) in own.into_iter().chain([policy]) {
        for value in values.all(found, &key, "*") {
            let text = value.fact.data.to_string();
            out.push(Rule::new(value.at, value.fact.name, text, by_policy));
        }
    }
    out
}

/// The exceptions of older policies, which every Windows still reads, as rules of today
/// (WindowsFirewall.admx: `445:TCP:*:enabled:Name`, `C:\x.exe:*:enabled:Name`). Settings of the
/// standard profile are those of private and public networks.
fn exceptions(values: Values<'_>, found: &mut Findings) -> Vec<Rule> {
    let mut out = Vec::new();
    let mut add = |at: Location, name: &str, profiles: &str, scope: &str, what: String| {
        let scope: String = scope
            .split(',')
            .map(|part| match part.contains(':') {
                true => format!("RA6={part}|"),
                false => format!("RA4={part}|"),
            })
            .collect();
        let text = format!("v2.10|Action=Allow|Active=TRUE|Dir=In|{profiles}{scope}{what}");
        out.push(Rule::new(at, name.to_owned(), text, true));
    };
    let profiles = [
        ("DomainProfile", "Profile=Domain|"),
        ("StandardProfile", "Profile=Private|Profile=Public|"),
    ];
    for (profile, profiles) in profiles {
        for list in ["GloballyOpenPorts", "AuthorizedApplications"] {
            let key = format!(r"{POLICY}\{profile}\{list}\List");
            for value in values.all(found, &key, "*") {
                let text = value.fact.data.to_string();
                // From the right: a path and an address of IPv6 have colons, too.
                let lower = text.to_lowercase();
                let Some(at) = lower.rfind(":enabled") else {
                    continue;
                };
                let head = text.get(..at).unwrap_or_default();
                let what = match list {
                    "GloballyOpenPorts" => port_exception(head),
                    _ => program_exception(head),
                };
                if let Some((what, scope)) = what {
                    add(value.at, &value.fact.name, profiles, &scope, what);
                }
            }
        }
        let services = [
            ("RemoteAdminSettings", "LPort=135|LPort=445|"),
            (r"Services\FileAndPrint", "LPort=139|LPort=445|"),
            (r"Services\RemoteDesktop", "LPort=3389|"),
        ];
        for (name, ports) in services {
            let key = format!(r"{POLICY}\{profile}\{name}");
            let on = values.number(found, &key, "Enabled");
            if let Some(on) = on.filter(|on| on.fact != 0) {
                let scope = values.text(found, &key, "RemoteAddresses");
                let scope = scope.map_or_else(|| "*".to_owned(), |s| s.fact);
                let what = format!("Protocol=6|{ports}");
                add(on.at, "Enabled", profiles, &scope, what);
            }
        }
    }
    out
}

/// What `445:TCP:*` opens, and for whom.
fn port_exception(text: &str) -> Option<(String, String)> {
    let (port, rest) = text.split_once(':')?;
    let (protocol, scope) = rest.split_once(':')?;
    let number = match protocol.trim().to_lowercase().as_str() {
        "tcp" => TCP,
        "udp" => UDP,
        _ => return None,
    };
    Some((format!("Protocol={number}|LPort={port}|"), scope.to_owned()))
}

/// What `C:\x.exe:*` opens, and for whom.
fn program_exception(text: &str) -> Option<(String, String)> {
    let end = text.to_lowercase().find(".exe:")?;
    let (program, scope) = text.split_at_checked(end.saturating_add(4))?;
    let scope = scope.strip_prefix(':').unwrap_or(scope);
    Some((format!("App={program}|"), scope.to_owned()))
}

/// Whether a profile lets somebody in.
pub(super) enum Reach {
    /// It does, and by which rule or setting.
    Open(Location, Text),
    /// Something that was set keeps everybody out.
    Blocked(Location, Text, Text),
    /// Nothing lets anybody in.
    Closed(Location),
    /// It does or does not for some, or that can't be told.
    Doubt(Location, Text, Text),
}

/// A setting of a profile: the first number that policy or machine have.
pub(super) fn setting(
    values: Values<'_>,
    profile: Profile,
    name: &str,
    found: &mut Findings,
) -> Option<Found<u64>> {
    let mut keys = profile.keys().into_iter();
    keys.find_map(|key| values.number(found, &key, name))
}

/// Whether `profile` lets the service `service` be reached at the TCP port `port`.
pub(super) fn reach(
    values: Values<'_>,
    rules: &[Rule],
    profile: Profile,
    service: &str,
    port: u16,
    found: &mut Findings,
) -> Reach {
    let on = setting(values, profile, "EnableFirewall", found);
    if let Some(off) = on.as_ref().filter(|v| v.fact == 0) {
        return Reach::Open(off.at.clone(), Text::verbatim("EnableFirewall = 0"));
    }
    let shield = setting(values, profile, "DoNotAllowExceptions", found);
    if let Some(shield) = shield.filter(|v| v.fact != 0) {
        let shown = Text::verbatim(format!("DoNotAllowExceptions = {}", shield.fact));
        return Reach::Blocked(shield.at, say!(win_firewall_no_exceptions), shown);
    }
    // Without the merge only rules of the policy count.
    let policies = profile.keys();
    let policies = policies
        .get(..policies.len().saturating_sub(1))
        .unwrap_or_default();
    let merge = policies
        .iter()
        .find_map(|key| values.number(found, key, "AllowLocalPolicyMerge"));
    let alone = merge.filter(|v| v.fact == 0);
    let counts = |rule: &&Rule| {
        (rule.by_policy || alone.is_none())
            && rule.is_of_profile(profile)
            && rule.is_of_port(port)
            && rule.is_of_service(service)
            && !rule.is_of_packages()
    };
    let mut doubt = None;
    for rule in rules.iter().filter(counts) {
        if rule.is_inbound(true) {
            if rule.is_limited() {
                doubt = doubt.or(Some((rule, say!(win_firewall_block_some))));
            } else {
                let note = say!(win_firewall_block);
                return Reach::Blocked(rule.at.clone(), note, rule.shown());
            }
        }
    }
    let mut lets_in = rules.iter().filter(counts).filter(|r| r.is_inbound(false));
    let allows = lets_in.clone().find(|r| !r.is_limited());
    if let Some((rule, note)) = doubt {
        return Reach::Doubt(rule.at.clone(), note, rule.shown());
    }
    if let Some(rule) = allows {
        return Reach::Open(rule.at.clone(), rule.shown());
    }
    if let Some(rule) = lets_in.next() {
        let note = say!(win_firewall_allow_some);
        return Reach::Doubt(rule.at.clone(), note, rule.shown());
    }
    let default = setting(values, profile, "DefaultInboundAction", found);
    if let Some(default) = default.filter(|v| v.fact == 0) {
        return Reach::Open(default.at, Text::verbatim("DefaultInboundAction = 0"));
    }
    if let Some(alone) = alone {
        let shown = Text::verbatim("AllowLocalPolicyMerge = 0");
        return Reach::Blocked(alone.at, say!(win_firewall_no_merge), shown);
    }
    let own = profile.keys().pop().unwrap_or_default();
    Reach::Closed(on.map_or_else(|| values.place(&own, "EnableFirewall"), |on| on.at))
}

/// The services of the firewall with the libraries that they are.
pub(super) const SERVICES: [(&str, &str); 2] = [("MpsSvc", "mpssvc.dll"), ("BFE", "bfe.dll")];

/// A service of the firewall that does not start by itself, without which nothing is filtered; its
/// driver starts on demand.
pub(super) fn service_off(values: Values<'_>, found: &mut Findings) -> Option<Found<u64>> {
    [("MpsSvc", 2), ("BFE", 2), ("mpsdrv", 3)]
        .iter()
        .find_map(|(name, last)| {
            let start = values.number(found, &format!(r"{SET}\Services\{name}"), "Start");
            start.filter(|s| s.fact > *last)
        })
}

/// True where values that the registry has say that there is a firewall at all.
pub(super) fn is_there(values: Values<'_>, rules: &[Rule], found: &mut Findings) -> bool {
    let on = |profile| setting(values, profile, "EnableFirewall", found).is_some();
    !rules.is_empty() || [Profile::Public, Profile::Private].into_iter().any(on)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Rule {
        Rule::new(Location::default(), "x".into(), text.into(), false)
    }

    #[test]
    fn what_keeps_an_agent_in_is_told_by_whom_and_what_it_asks() {
        let keeps = |fields: &str| {
            let text = format!("v2.30|Action=Block|Active=TRUE|Dir=Out|{fields}|");
            rule(&text).keeps_in("agent", |app| app == r"c:\agent.exe")
        };
        for fields in [
            "RA4=169.254.0.0/255.255.0.0|RA4=10.0.0.0/255.0.0.0",
            "RA4=169.254.0.1-169.254.0.9",
            "RA4=160.0.0.0/4",
            "RA4=183.60.83.19",
            "RA4=Internet",
            "RA4=DNS",
            "Protocol=6|RPort=443",
            "Protocol=6|RPort=1-1024",
            "Protocol=17|RPort=53",
            r"App=C:\agent.exe|RPort=9",
            "Svc=agent",
        ] {
            assert!(keeps(fields), "{fields}");
        }
        for fields in [
            "RA4=65.55.252.43",
            "RA4=LocalSubnet",
            "RA6=2001:db8::1",
            "Protocol=6|RPort=445",
            "Protocol=17|RPort=443",
            "Protocol=1",
            "Protocol=6|LPort=80",
            r"App=C:\other.exe",
            "Svc=other",
        ] {
            assert!(!keeps(fields), "{fields}");
        }
    }

    /// The first two texts are those of Windows Server 2016 and of Windows 7.
    #[test]
    fn rules_are_read_as_the_firewall_reads_them() {
        let own = rule(
            r"v2.27|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=3389|App=%SystemRoot%\system32\svchost.exe|Svc=termservice|Name=@FirewallAPI.dll,-28775|",
        );
        assert!(own.is_inbound(false) && !own.is_inbound(true) && !own.is_limited());
        assert!(own.is_of_port(3389) && !own.is_of_port(3390));
        assert!(own.is_of_service("termservice") && !own.is_of_service("other"));
        let old = rule(
            "v2.10|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Domain|Profile=Private|LPort=3389|App=System|",
        );
        assert!(old.is_of_profile(Profile::Private) && !old.is_of_profile(Profile::Public));
        let range = rule(
            "v2.10|Action=Block|Active=TRUE|Dir=In|Protocol=6|LPort2_10=1000-5000|LPort2_10=7000-7001|",
        );
        assert!(range.is_inbound(true) && range.is_of_port(3389) && !range.is_of_port(6000));
        assert!(range.is_of_port(7001));
        let all = rule("v2.10|Action=Block|Active=TRUE|Dir=In|");
        assert!(all.is_of_port(3389) && all.is_of_service("termservice"));
        assert_eq!(rule("v2.10|Protocol=6|LPort=RPC|").ports(), None);
        let package =
            rule("v2.27|Action=Block|Active=TRUE|Dir=In|LUOwn=S-1-5-21|AppPkgId=S-1-15-2|");
        assert!(package.is_of_packages());
        assert!(rule("v2.10|RA4=LocalSubnet|").is_limited());
        assert!(!rule("v2.10|Protocol=17|LPort=3389|").is_of_port(3389));
    }

    /// Rules of a Windows 7 and of a Windows 10, as their hives have them: for a domain, for private
    /// networks, for neighbours, for packages. None is of strangers.
    #[test]
    fn rules_of_windows_are_not_of_strangers() {
        let own = [
            "v2.10|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Domain|LPort=445|App=System|Name=@FirewallAPI.dll,-28511|",
            "v2.27|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Private|Profile=Public|LPort=445|RA4=LocalSubnet|RA6=LocalSubnet|App=System|",
            "v2.27|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Public|App=System|Name=@FirewallAPI.dll,-32762|TTK2_27=UPnP|",
            "v2.27|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Public|LPort=10246|RA42=Ply2Renders|RA62=Ply2Renders|App=System|",
            "v2.27|Action=Allow|Active=TRUE|Dir=In|Profile=Domain|Profile=Private|Name=Print 3D|LUOwn=S-1-5-21-2-1001|AppPkgId=S-1-15-2-4|",
        ];
        for text in own {
            assert!(!rule(text).is_of_strangers(), "{text}");
        }
        let any = "v2.10|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=445|App=System|";
        let scopes = [
            "",
            "RA4=*|",
            "RA4=0.0.0.0/0|",
            "RA4=0.0.0.0-127.255.255.255|RA4=128.0.0.0/1|",
            "RA4=1.0.0.0/255.0.0.0,2.0.0.0/8,3.0.0.0/8|",
            "RA4=203.0.113.7|",
            "RA4=203.0.113.0/255.255.255.0|",
            "RA4=10.0.0.0/8,203.0.113.7|",
            "RA4=192.168.0.0-203.0.113.7|",
            "RA6=::/0|",
            "RA6=2000::/3|",
            "RA6=2001:db8:1:2::/64|",
            "RA42=IntErnet|",
            "RPort=1024-65535|",
            "IFType=Lan|",
            "LA4=0.0.0.0/0|",
        ];
        for scope in scopes {
            assert!(rule(&format!("{any}{scope}")).is_of_strangers(), "{scope}");
        }
        let few = [
            "RA4=192.168.2.7|",
            "RA4=10.0.0.0/8|",
            "RA4=172.16.0.0-172.31.255.255|",
            "RA4=100.64.0.0/10|",
            "RA4=10.0.0.0/255.0.0.0|RA4=172.16.0.0/255.240.0.0|RA4=192.168.0.0/16|RA6=fc00::/7|",
            "RA4=183.60.83.19|",
            "RA4=LocalSubnet|",
            "RA6=fd00::/8|",
            "RA4=10.0.0.0/255.0.0.0|",
            "RA4=192.168.0.0-192.168.255.255|",
            "RA6=fe80::/64|",
            "Security=Authenticate|",
            "Profile=Domain|",
        ];
        for scope in few {
            assert!(!rule(&format!("{any}{scope}")).is_of_strangers(), "{scope}");
        }
    }

    #[test]
    fn a_rule_of_every_service_of_windows_has_no_service_and_no_port() {
        let any = |more: &str| rule(&format!("v2.10|Action=Allow|Active=TRUE|Dir=In|{more}"));
        assert!(any("Protocol=6|App=System|").is_of_every_service());
        assert!(any(r"App=%SystemRoot%\system32\svchost.exe|Svc=*|").is_of_every_service());
        assert!(!any(r"App=%SystemRoot%\system32\svchost.exe|Svc=x|").is_of_every_service());
        assert!(!any("Protocol=41|App=System|").is_of_every_service());
        assert!(!any("Protocol=6|LPort=5985|App=System|").is_of_every_service());
        assert!(any("Protocol=17|").is_of_everything() && any("").is_of_everything());
        assert!(!any("Protocol=1|").is_of_everything());
    }

    /// Lines as WindowsFirewall.admx explains them.
    #[test]
    fn exceptions_of_policies_are_rules() {
        let port = port_exception("445:TCP:*");
        assert_eq!(port, Some(("Protocol=6|LPort=445|".into(), "*".into())));
        let program = program_exception(r"%programfiles%\test.exe:10.0.0.1,10.3.4.0/24");
        let wanted = (r"App=%programfiles%\test.exe|", "10.0.0.1,10.3.4.0/24");
        assert_eq!(program, Some((wanted.0.into(), wanted.1.into())));
        assert_eq!(port_exception("x"), None);
        assert_eq!(program_exception("x"), None);
    }
}
