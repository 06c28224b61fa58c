//! Windows' firewall: its rules as it reads them, and whom each profile lets in.
//!
//! A rule is a text of fields that `|` divides (\[MS-FASP\] 2.2.19, `v2.30|Action=Allow|…`). A rule
//! that blocks wins over one that allows; policy goes before the machine's own settings.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::commands;
use super::values::{SET, Values};
use crate::evidence::{Found, Location};
use crate::policy::Item;
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
/// So many local ports hold some of those that programs ask from: these are taken at random from a range of
/// 16,384, or from one that an administrator sets (Microsoft, "The default dynamic port range for TCP/IP").
const MANY_LOCAL: u16 = 1_024;
/// The first port that programs ask from.
const FIRST_DYNAMIC: u16 = 1_024;
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

    /// The keys of its settings that group policies have, in the order in which they count.
    fn policies(self) -> Vec<String> {
        let names: &[&str] = match self {
            Self::Private => &["PrivateProfile", "StandardProfile"],
            Self::Public => &["PublicProfile"],
        };
        let names = names.iter();
        names.map(|name| format!(r"{POLICY}\{name}")).collect()
    }

    /// Those of the machine and of a management, of which it is not known here whether it is there.
    fn keys(self) -> Vec<String> {
        let names: &[&str] = match self {
            Self::Private => &[
                "StandardProfile",
                r"Mdm\StandardProfile",
                r"Mdm\PrivateProfile",
            ],
            Self::Public => &["PublicProfile", r"Mdm\PublicProfile"],
        };
        let names = names.iter();
        names.map(|name| format!(r"{SET}\{OWN}\{name}")).collect()
    }
}

/// Whose rules stand at a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Store {
    /// The machine's own.
    Own,
    /// A group policy's.
    Policy,
    /// A management's, or those of isolated programs and adapters; what they open counts where such a
    /// management or isolation is on.
    Managed,
    /// Those that harden services: they come before all others and open nothing themselves. The ones
    /// of Windows have no field that says that they are on.
    Hardening,
}

/// What the machine asks others for by a service of Windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Names.
    Names,
    /// Its own address.
    Addresses,
    /// The time.
    Time,
}

impl Need {
    /// The service, in lower case.
    fn service(self) -> &'static str {
        match self {
            Self::Names => "dnscache",
            Self::Addresses => "dhcp",
            Self::Time => "w32time",
        }
    }

    /// The port that is asked.
    fn port(self) -> u16 {
        match self {
            Self::Names => 53,
            Self::Addresses => 67,
            Self::Time => 123,
        }
    }

    /// The port of this machine that the answer comes to, where it is always the same.
    fn local(self) -> Option<u16> {
        match self {
            Self::Names => None,
            Self::Addresses => Some(68),
            Self::Time => Some(123),
        }
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
    store: Store,
}

impl Rule {
    fn new(at: Location, name: String, text: String, store: Store) -> Self {
        let fields = text.split('|').filter_map(|field| {
            let (name, value) = field.split_once('=')?;
            Some((name.trim().to_lowercase(), value.trim().to_lowercase()))
        });
        Self {
            at,
            name,
            fields: fields.collect(),
            text,
            store,
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
            false if self.store == Store::Hardening => false,
            false => self.is("action", "allow") || self.is("action", "bypass"),
        };
        action && self.is_on() && self.is("dir", "in")
    }

    /// True for one that is switched on.
    fn is_on(&self) -> bool {
        match self.store {
            Store::Hardening => !self.is("active", "false") && !self.is("action", "bypass"),
            _ => self.is("active", "true"),
        }
    }

    /// The program that it is of, in lower case.
    pub(super) fn program(&self) -> Option<&str> {
        self.all("app").next()
    }

    /// True for one that is switched on and keeps the service `service` in, whose program `is_app`
    /// tells, or every program: from all ports and hosts, or from those that agents ask. What limits it
    /// otherwise (an adapter, a user) limits it for nobody that is known here.
    pub(super) fn keeps_in(&self, service: &str, is_app: impl Fn(&str) -> bool) -> bool {
        let app = self.all("app").next().filter(|app| *app != "*");
        let svc = self.all("svc").next().filter(|svc| *svc != "*");
        let own = match (app, svc) {
            (_, Some(svc)) => svc == service,
            (Some(app), None) => is_app(app),
            (None, None) => false,
        };
        let protocol = self.protocol();
        let ports = self.values(&["rport"]);
        let asked = ports.is_empty()
            || ports
                .iter()
                .any(|p| is_needed_port(p, protocol == Some(UDP)));
        let of_ports = protocol.is_none_or(|p| [TCP, UDP, ANY].contains(&p));
        let everybody = app.is_none()
            && svc.is_none()
            && self.is_of_adapters()
            && self.reaches_needed()
            && self.is_of_dynamic_ports()
            && asked
            && of_ports;
        self.blocks_out() && (own || everybody) && !self.is_of_packages()
    }

    /// True for one that keeps the service of Windows in that asks for `need`, or its answers out, where no other rule
    /// leaves it its way.
    fn starves(&self, need: Need) -> bool {
        let out = self.blocks_out();
        let answers = self.is_inbound(true) && need == Need::Addresses;
        let mut apps = self.all("app").filter(|app| *app != "*").peekable();
        let mut services = self.all("svc").filter(|svc| *svc != "*").peekable();
        // Every program, svchost.exe whole, or the service by its name.
        let host = |app: &str| file_of(app) == "svchost.exe";
        let of_service = services.peek().is_none() || services.any(|svc| svc == need.service());
        let of_program = apps.peek().is_none() || apps.any(host);
        let protocol = self.protocol();
        // All three are asked for with UDP; TCP has the longest of the names' answers.
        let of_ports = protocol.is_none_or(|p| [UDP, ANY].contains(&p));
        (out || answers)
            && of_service
            && of_program
            && of_ports
            && self.is_of_adapters()
            && self.reaches_needed()
            && self.is_of_way(need)
            && !self.is_of_packages()
    }

    /// True for one that goes with those that harden the service which asks for `need`, and leaves it its way in the
    /// direction `way`.
    fn spares(&self, need: Need, way: &str) -> bool {
        self.store == Store::Hardening
            && self.is("action", "allow")
            && !self.is("active", "false")
            && self.is("dir", way)
            && self.all("svc").any(|svc| svc == need.service())
            && self.is_of_way(need)
    }

    /// True where the ports of the rule hold those of `need`.
    fn is_of_way(&self, need: Need) -> bool {
        let remote = self.values(&["rport"]);
        let local = self.ports();
        let asked = remote.is_empty() || remote.iter().any(|p| is_within(p, need.port()));
        let from = match (need.local(), local) {
            (_, Some(ports)) if ports.is_empty() => true,
            (Some(port), Some(ports)) => ports.iter().any(|(a, b)| (*a..=*b).contains(&port)),
            (None, Some(_)) => self.is_of_dynamic_ports(),
            (_, None) => false,
        };
        asked && from
    }

    /// True for one that is switched on and keeps in what goes out.
    fn blocks_out(&self) -> bool {
        self.is("action", "block") && self.is_on() && self.is("dir", "out")
    }

    fn protocol(&self) -> Option<u32> {
        self.all("protocol").next().and_then(|p| p.parse().ok())
    }

    /// What fields whose names begin so are, without those that say nothing.
    fn values(&self, names: &[&str]) -> Vec<&str> {
        let named = self.fields.iter().filter(|(name, value)| {
            names.iter().any(|n| name.starts_with(n)) && !["*", "any"].contains(&value.as_str())
        });
        named.flat_map(|(_, value)| value.split(',')).collect()
    }

    /// True where its remote addresses hold those that the machine needs.
    fn reaches_needed(&self) -> bool {
        let addresses = self.values(&["ra4", "ra6"]);
        addresses.is_empty() || addresses.iter().any(|a| is_needed_address(a))
    }

    /// True where it is of adapters by a cable, as a machine of a provider has them alone.
    fn is_of_adapters(&self) -> bool {
        let kinds = self.values(&["iftype"]);
        kinds.is_empty()
            || kinds
                .iter()
                .any(|kind| !["wireless", "remoteaccess"].contains(kind))
    }

    /// True where its local ports hold some of those that programs ask from.
    fn is_of_dynamic_ports(&self) -> bool {
        let many = |(first, last): &(u16, u16)| {
            last.saturating_sub(FIRST_DYNAMIC.max(*first)) >= MANY_LOCAL.saturating_sub(1)
        };
        let ports = self.ports();
        ports.is_some_and(|ports| ports.is_empty() || ports.iter().any(many))
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
        ["pfn", "apppkgid"]
            .iter()
            .any(|name| self.all(name).next().is_some())
    }

    /// True where the rule is of the service `service`, which svchost or the kernel serves, or of
    /// every program.
    fn is_of_service(&self, service: &str) -> bool {
        let app = self.all("app").next();
        let app = app.is_none_or(|app| matches!(file_of(app), "svchost.exe" | "system" | "*"));
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
        let host = |app: &str| matches!(file_of(app), "svchost.exe" | "system");
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

    /// Files the rule, which should not be there, as a doubt.
    fn tell(&self, note: Text, found: &mut Findings) {
        let item = Item::at(self.at.clone(), note);
        found.unknown(item.compare(say!(win_absent), self.shown()));
        let key = self.at.key.as_deref().unwrap_or_default();
        found.fix(commands::delete_value(key, &self.name));
    }

    /// The rule as reports show it.
    pub(super) fn shown(&self) -> Text {
        Text::verbatim(self.text.chars().take(SHOWN).collect::<String>())
    }
}

/// Those of `rules` that keep Windows from asking for `need`.
fn starving(need: Need, rules: &[Rule]) -> impl Iterator<Item = &Rule> {
    let spared = |way| rules.iter().any(|rule| rule.spares(need, way));
    let (out, back) = (spared("out"), spared("in"));
    rules.iter().filter(move |rule| {
        let spared = rule.store == Store::Hardening && if rule.blocks_out() { out } else { back };
        rule.starves(need) && !spared
    })
}

/// Files those of `rules` that keep Windows from asking for `need`.
pub(super) fn tell_starving(need: Need, rules: &[Rule], found: &mut Findings) {
    for rule in starving(need, rules) {
        let note = match need {
            Need::Names => say!(win_firewall_no_names),
            Need::Addresses => say!(win_firewall_no_addresses),
            Need::Time => say!(win_firewall_no_time),
        };
        rule.tell(note, found);
    }
}

/// The file name of a program.
fn file_of(app: &str) -> &str {
    app.rsplit(['\\', '/']).next().unwrap_or(app)
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
    needed.iter().any(|port| is_within(text, *port))
}

/// True where `text`, a port or a range of them, holds `port`.
fn is_within(text: &str, port: u16) -> bool {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.trim().parse::<u16>(), last.trim().parse::<u16>()) {
        (Ok(first), Ok(last)) => (first..=last).contains(&port),
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
        (r"FirewallRules", Store::Own),
        (r"Mdm\FirewallRules", Store::Managed),
        (r"AppIso\FirewallRules", Store::Managed),
        (r"RestrictedInterfaces\*\FirewallRules", Store::Managed),
        (r"RestrictedServices\AppIso\FirewallRules", Store::Managed),
        (r"RestrictedServices\*\System", Store::Hardening),
    ];
    let own = own.map(|(key, store)| (format!(r"{SET}\{OWN}\{key}"), store));
    let policy = [
        (format!(r"{POLICY}\FirewallRules"), Store::Policy),
        (format!(r"{POLICY}\Mdm\FirewallRules"), Store::Managed),
    ];
    let mut out = exceptions(values, found);
    for (key, store) in own.into_iter().chain(policy) {
        for value in values.all(found, &key, "*") {
            let text = value.fact.data.to_string();
            out.push(Rule::new(value.at, value.fact.name, text, store));
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
        out.push(Rule::new(at, name.to_owned(), text, Store::Policy));
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

/// What may hold for a setting of a profile: the first number that group policies have, or else those of
/// the machine and of a management.
pub(super) fn settings(
    values: Values<'_>,
    profile: Profile,
    name: &str,
    found: &mut Findings,
) -> Vec<Found<u64>> {
    holding(values, &profile.policies(), &profile.keys(), name, found)
}

/// The first number that `policies` have, or else all that the keys `own` have.
pub(super) fn holding(
    values: Values<'_>,
    policies: &[String],
    own: &[String],
    name: &str,
    found: &mut Findings,
) -> Vec<Found<u64>> {
    let mut number = |key: &String| values.number(found, key, name);
    match policies.iter().find_map(&mut number) {
        Some(set) => vec![set],
        None => own.iter().filter_map(number).collect(),
    }
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
    // Off where nothing that may hold says otherwise.
    let on = settings(values, profile, "EnableFirewall", found);
    if let Some(off) = on.first().filter(|_| on.iter().all(|v| v.fact == 0)) {
        return Reach::Open(off.at.clone(), Text::verbatim("EnableFirewall = 0"));
    }
    let shield = settings(values, profile, "DoNotAllowExceptions", found);
    if let Some(shield) = shield.into_iter().find(|v| v.fact != 0) {
        let shown = Text::verbatim(format!("DoNotAllowExceptions = {}", shield.fact));
        return Reach::Blocked(shield.at, say!(win_firewall_no_exceptions), shown);
    }
    // Without the merge only rules of the policy count.
    let name = "AllowLocalPolicyMerge";
    let alone = settings(values, profile, name, found);
    let alone = alone.into_iter().find(|v| v.fact == 0);
    let counts = |rule: &&Rule| {
        ([Store::Policy, Store::Hardening].contains(&rule.store) || alone.is_none())
            && rule.is_of_profile(profile)
            && rule.is_of_port(port)
            && rule.is_of_service(service)
            && !rule.is_of_packages()
    };
    // What hardens a service goes with others that leave it its way.
    let spared = rules.iter().any(|rule| {
        rule.store == Store::Hardening
            && rule.is("action", "allow")
            && rule.is_on()
            && rule.is("dir", "in")
            && rule.is_of_port(port)
            && rule.all("svc").any(|svc| svc == service)
    });
    let mut doubt = None;
    for rule in rules.iter().filter(counts) {
        let open = rule.store == Store::Hardening && spared;
        if rule.is_inbound(true) && !open {
            if rule.is_limited() {
                doubt = doubt.or(Some((rule, say!(win_firewall_block_some))));
            } else {
                let note = say!(win_firewall_block);
                return Reach::Blocked(rule.at.clone(), note, rule.shown());
            }
        }
    }
    let opens =
        |rule: &&Rule| rule.is_inbound(false) && [Store::Own, Store::Policy].contains(&rule.store);
    let mut lets_in = rules.iter().filter(counts).filter(opens);
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
    let default = settings(values, profile, "DefaultInboundAction", found);
    if let Some(open) = default
        .first()
        .filter(|_| default.iter().all(|v| v.fact == 0))
    {
        let shown = Text::verbatim("DefaultInboundAction = 0");
        return Reach::Open(open.at.clone(), shown);
    }
    if let Some(alone) = alone {
        let shown = Text::verbatim("AllowLocalPolicyMerge = 0");
        return Reach::Blocked(alone.at, say!(win_firewall_no_merge), shown);
    }
    let own = profile.keys().into_iter().next().unwrap_or_default();
    let at = on.into_iter().next().map(|on| on.at);
    Reach::Closed(at.unwrap_or_else(|| values.place(&own, "EnableFirewall")))
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
    let on = |profile| !settings(values, profile, "EnableFirewall", found).is_empty();
    !rules.is_empty() || [Profile::Public, Profile::Private].into_iter().any(on)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Rule {
        Rule::new(Location::default(), "x".into(), text.into(), Store::Own)
    }

    /// Rules as Windows 7 and Windows Server 2016 have them: what hardens DHCP leaves it its way. Others
    /// keep DHCP, the names and the time in, whatever limits them in words.
    #[test]
    fn what_windows_asks_for_is_told_by_service_program_and_ports() {
        let hardening = |text: &str| Rule {
            store: Store::Hardening,
            ..rule(text)
        };
        let host = r"App=%SystemRoot%\system32\svchost.exe";
        let windows = [
            hardening(&format!(
                "V2.0|Action=Allow|Dir=Out|LPORT=68|RPort=67|Protocol=17|{host}|Svc=DHCP|"
            )),
            hardening(&format!("V2.0|Action=Block|Dir=Out|{host}|Svc=DHCP|")),
        ];
        let starves = |need: Need, rules: &[Rule]| {
            let last = rules.last().map(|rule| rule.text.as_str());
            starving(need, rules).any(|rule| Some(rule.text.as_str()) == last)
        };
        assert!(!starves(Need::Addresses, &windows));
        assert!(starves(Need::Addresses, &windows[1..]));
        // It opens nothing itself.
        let open = hardening("V2.0|Action=Allow|Dir=In|LPort=445|Protocol=6|App=System|");
        assert!(!open.is_inbound(false));
        let out = |fields: &str| rule(&format!("v2.30|Action=Block|Active=TRUE|Dir=Out|{fields}|"));
        for (need, fields) in [
            (
                Need::Names,
                format!("Protocol=17|RPort=53|{host}|Svc=Dnscache"),
            ),
            (Need::Names, host.to_owned()),
            (Need::Names, format!("{host}|Svc=*|IFType=Lan")),
            (
                Need::Addresses,
                format!("Protocol=17|LPort=68|RPort=67|{host}|Svc=Dhcp"),
            ),
            (Need::Addresses, "Protocol=17|LPort=1-1023".to_owned()),
            (
                Need::Time,
                format!("Protocol=17|RPort=123|{host}|Svc=W32Time"),
            ),
            (Need::Time, "Protocol=17|RPort=100-200".to_owned()),
        ] {
            assert!(starves(need, &[out(&fields)]), "{fields}");
        }
        for (need, fields) in [
            (
                Need::Names,
                format!("Protocol=6|RPort=443|{host}|Svc=DiagTrack"),
            ),
            (Need::Names, format!("Protocol=6|RPort=80,443|{host}")),
            (Need::Names, r"App=C:\x\other.exe".to_owned()),
            (Need::Addresses, "Protocol=17|RPort=5355".to_owned()),
            (Need::Time, format!("{host}|Svc=W32Time|IFType=Wireless")),
            (Need::Time, format!("{host}|Svc=W32Time|RA4=65.55.252.43")),
        ] {
            assert!(!starves(need, &[out(&fields)]), "{fields}");
        }
        let answers = rule("v2.30|Action=Block|Active=TRUE|Dir=In|Protocol=17|LPort=68|");
        let answers = [answers];
        assert!(starves(Need::Addresses, &answers) && !starves(Need::Names, &answers));
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
            "IFType=Lan",
            "IF={11111111-2222-3333-4444-555555555555}",
            "Protocol=6|LPort=1024-65535",
            "LUOwn=S-1-5-18",
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
            "Protocol=6|LPort=5000-5010",
            "IFType=Wireless",
            "PFN=S-1-15-2-4",
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
