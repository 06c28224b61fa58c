//! Name servers: every place that sets one, and what keeps DHCP from setting them.

mod clients;
mod effects;

use std::net::{IpAddr, Ipv4Addr};

use serde_yaml_ng::Value;

use crate::error::{Error, Layer};
use crate::evidence::linux::accounts::NameService;
use crate::evidence::linux::packages::Packages;
use crate::evidence::linux::packages::Vendor;
use crate::evidence::linux::reader::{Reader, TextFile, base, keep};
use crate::evidence::linux::services::follow::{interface_files, whole_lines};
use crate::evidence::linux::services::{CloudInit, MadeAtBoot, Run, Start};
use crate::evidence::{Found, Gap, Location};
use crate::fs::{Attributes, FileKind};
use crate::guest::linux::assignments;

/// How a name server comes into force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServerRole {
    /// Set by the image.
    Static,
    /// Asked only where nothing else is set.
    Fallback,
    /// Left in a file that a service of the image writes anew at boot.
    Generated,
    /// An address of the machine itself, behind which another resolver stands.
    Stub,
}

/// A name server.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct NameServer {
    /// Its address, without port and interface.
    pub address: String,
    /// The setting (`nameserver`, `DNS`).
    pub key: String,
    /// How it comes into force.
    pub role: ServerRole,
}

/// The resolver configuration of a guest.
#[derive(Debug, Clone, Default)]
pub struct Resolvers {
    /// Name servers.
    pub servers: Vec<Found<NameServer>>,
    /// Settings that keep name servers of DHCP out.
    pub suppressed: Vec<Found<String>>,
    /// `/etc/resolv.conf` where it carries the immutable attribute.
    pub immutable: Option<Location>,
    /// Scripts of no package that write the resolver configuration, and whatever else sets name
    /// servers that can't be told: how it stands there.
    pub scripts: Vec<Found<String>>,
    /// Rules that send questions to name servers elsewhere.
    pub redirects: Vec<Found<String>>,
    /// Lines that give names an address of their own: address, and names.
    pub names: Vec<Found<(String, Vec<String>)>>,
    /// Lines that give the machine an address or a route of their own.
    pub routes: Vec<Found<String>>,
    /// The sources of host names, where the name service is told them.
    pub sources: Option<Found<Vec<String>>>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

impl Resolvers {
    fn add(&mut self, text: &str, key: &str, role: ServerRole, at: &Location) {
        for word in text.split([' ', '\t', ',', ';']).filter(|w| !w.is_empty()) {
            let Some(address) = address(word.trim_matches(['"', '\''])) else {
                continue;
            };
            let role = if address.parse().is_ok_and(|a: IpAddr| a.is_loopback()) {
                ServerRole::Stub
            } else {
                role
            };
            let server = NameServer {
                address,
                key: key.to_owned(),
                role,
            };
            keep(&mut self.servers, &mut self.gaps, server, at.clone());
        }
    }

    fn suppress(&mut self, what: &str, at: Location) {
        keep(&mut self.suppressed, &mut self.gaps, what.to_owned(), at);
    }
}

/// The address in `word`, without server name (`#name`), interface (`%eth0`) and port.
fn address(word: &str) -> Option<String> {
    let word = word.split(['#', '%', '@']).next()?;
    let bare = word.trim_start_matches('[');
    if let Ok(ip) = bare.parse::<IpAddr>() {
        return Some(ip.to_string());
    }
    let host = match bare.split_once(']') {
        Some((host, _)) => host,
        None => bare.rsplit_once(':')?.0,
    };
    host.parse::<IpAddr>().ok().map(|ip| ip.to_string())
}

/// An IPv4 address as inet_aton(3) reads it: one to four numbers, decimal, octal or hexadecimal,
/// the last of which fills what is left.
fn inet_aton(text: &str) -> Option<Ipv4Addr> {
    let number = |part: &str| -> Option<u32> {
        let lower = part.to_ascii_lowercase();
        match lower.strip_prefix("0x") {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None if lower.len() > 1 && lower.starts_with('0') => {
                u32::from_str_radix(&lower, 8).ok()
            }
            None if lower.starts_with(|c: char| c.is_ascii_digit()) => lower.parse().ok(),
            None => None,
        }
    };
    let parts: Vec<u32> = text.split('.').map(number).collect::<Option<_>>()?;
    let (last, first) = parts.split_last()?;
    if first.len() > 3 || first.iter().any(|p| *p > 255) {
        return None;
    }
    let left = 32 - 8 * u32::try_from(first.len()).ok()?;
    if u64::from(*last) >= 1 << left {
        return None;
    }
    let head = first.iter().fold(0u64, |v, p| v << 8 | u64::from(*p));
    u32::try_from(head << left | u64::from(*last))
        .ok()
        .map(Ipv4Addr::from)
}

/// What the collector is given.
pub(in crate::evidence::linux) struct Facts<'a> {
    pub(in crate::evidence::linux) reader: Reader<'a>,
    pub(in crate::evidence::linux) start: &'a Start,
    pub(in crate::evidence::linux) packages: &'a Packages,
    pub(in crate::evidence::linux) vendor: &'a Vendor,
    pub(in crate::evidence::linux) run: &'a Run,
    pub(in crate::evidence::linux) cloud: &'a CloudInit,
    pub(in crate::evidence::linux) made: &'a MadeAtBoot,
    pub(in crate::evidence::linux) names: &'a NameService,
}

pub(in crate::evidence::linux) fn collect(facts: &Facts<'_>) -> Resolvers {
    let mut all = Resolvers::default();
    let reader = &facts.reader;
    network_manager(reader, &mut all);
    resolv_conf(reader, &mut all, facts.start);
    systemd(reader, &mut all);
    red_hat(reader, &mut all);
    yaml_files(reader, &mut all);
    debian(reader, &mut all);
    clients::clients(reader, &mut all);
    clients::dnsmasq(reader, &mut all);
    clients::hooks(reader, &mut all, facts.packages);
    effects::collect(facts, &mut all);
    all
}

/// Words by which a service marks a file that it writes anew, and the services.
const WRITERS: &[(&str, &[&str])] = &[
    ("NetworkManager", &["NetworkManager"]),
    (
        "cloud-init",
        &["cloud-init", "cloud-init-network", "cloud-config"],
    ),
    ("dhclient", &["networking", "network", "dhclient", "ifup@"]),
    ("dhcpcd", &["dhcpcd"]),
    ("resolvconf", &["resolvconf", "networking"]),
    ("systemd-resolved", &["systemd-resolved"]),
    ("netconfig", &["network", "wicked"]),
];

fn resolv_conf(reader: &Reader<'_>, all: &mut Resolvers, start: &Start) {
    let path = "/etc/resolv.conf";
    if let Ok(at) = reader.paths().resolve_link(path.as_bytes())
        && at.metadata.attributes.contains(Attributes::IMMUTABLE)
    {
        all.immutable = Some(Location::of(&at));
    }
    let Some(file) = reader.text(path, &mut all.gaps) else {
        // A link to where a service writes the file when the machine runs is usual; another is
        // filled by something that is not known.
        if let Ok(at) = reader.paths().resolve_link(path.as_bytes())
            && at.metadata.kind == FileKind::Symlink
        {
            let target = at.fs.read_link(at.id).unwrap_or_default();
            let target = crate::text::lossless(&target);
            let usual = [
                "run/systemd/resolve/",
                "run/resolvconf/",
                "run/NetworkManager/",
                "run/connman/",
                "run/netconfig/",
                "run/dhcpcd/",
                "usr/lib/systemd/resolv.conf",
            ];
            if !usual.iter().any(|u| target.contains(u)) {
                keep(
                    &mut all.scripts,
                    &mut all.gaps,
                    format!("{path} -> {target}"),
                    Location::of(&at),
                );
            }
        }
        return;
    };
    if file.metadata.attributes.contains(Attributes::IMMUTABLE) {
        all.immutable = Some(file.at.clone());
    }
    let head: String = file
        .text
        .lines()
        .filter(|l| l.starts_with(['#', ';']))
        .collect();
    let enabled = |names: &[&str]| names.iter().any(|n| start.enabled(n).is_some());
    let written = all.immutable.is_none()
        && all.suppressed.is_empty()
        && head.to_ascii_lowercase().contains("ed by")
        && WRITERS
            .iter()
            .any(|(mark, services)| head.contains(mark) && enabled(services));
    let role = if written {
        ServerRole::Generated
    } else {
        ServerRole::Static
    };
    servers_of(all, &file, role);
}

/// The lines of a file of resolv.conf(5), as res_init of glibc and musl reads them: the keyword stands
/// at the beginning of the line and before a blank.
fn servers_of(all: &mut Resolvers, file: &TextFile, role: ServerRole) {
    // A carriage return belongs to the address, which is none with it: the machine itself is asked.
    let returns = |line: &str| line.starts_with("nameserver") && line.ends_with('\r');
    if let Some(i) = file.text.split('\n').position(returns) {
        let text = "nameserver …\\r".to_owned();
        keep(&mut all.scripts, &mut all.gaps, text, file.line(i + 1));
    }
    for (n, line) in file.lines() {
        let Some((keyword, rest)) = line.split_once([' ', '\t']) else {
            continue;
        };
        let mut words = rest.split_whitespace();
        match keyword {
            "nameserver" => {
                let Some(value) = words.next() else { continue };
                // The C library also reads numbers that are no dotted quad.
                let value = inet_aton(value).map_or_else(|| value.to_owned(), |ip| ip.to_string());
                all.add(&value, "nameserver", role, &file.line(n));
            }
            // With more dots asked for, every name is first looked for below the names of `search`.
            "options" => {
                let dots = |w: &str| w.strip_prefix("ndots:").and_then(|n| n.parse::<u32>().ok());
                if words.any(|w| dots(w).is_some_and(|n| n > 1)) {
                    let line = line.trim().to_owned();
                    keep(&mut all.scripts, &mut all.gaps, line, file.line(n));
                }
            }
            _ => {}
        }
    }
}

/// `key=value` lines of an ini file with their section, comments dropped.
fn ini(file: &TextFile) -> Vec<(usize, String, String, String)> {
    let mut section = String::new();
    let mut out = Vec::new();
    for (n, line) in whole_lines(file, true) {
        let line = line.trim();
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']).to_ascii_lowercase();
        } else if let Some((key, value)) = line.split_once('=')
            && !line.starts_with(['#', ';'])
        {
            out.push((
                n,
                section.clone(),
                key.trim().to_ascii_lowercase(),
                value.trim().to_owned(),
            ));
        }
    }
    out
}

fn is_no(value: &str) -> bool {
    matches!(
        value
            .trim_matches(['"', '\''])
            .to_ascii_lowercase()
            .as_str(),
        "no" | "false" | "0" | "off"
    )
}

fn systemd(reader: &Reader<'_>, all: &mut Resolvers) {
    let mut files: Vec<TextFile> = Vec::new();
    files.extend(reader.text("/etc/systemd/resolved.conf", &mut all.gaps));
    files.extend(reader.text("/usr/lib/systemd/resolved.conf", &mut all.gaps));
    files.extend(reader.texts_in(
        b"/etc/systemd/dns-delegate.d",
        &[".dns-delegate"],
        &mut all.gaps,
    ));
    for folder in [
        "/etc/systemd/resolved.conf.d",
        "/usr/local/lib/systemd/resolved.conf.d",
        "/usr/lib/systemd/resolved.conf.d",
    ] {
        files.extend(reader.texts_in(folder.as_bytes(), &[".conf"], &mut all.gaps));
    }
    for file in &files {
        for (n, section, key, value) in ini(file) {
            match (section.as_str(), key.as_str()) {
                ("resolve" | "delegate", "dns") => {
                    all.add(&value, "DNS", ServerRole::Static, &file.line(n))
                }
                ("resolve", "fallbackdns") => {
                    all.add(&value, "FallbackDNS", ServerRole::Fallback, &file.line(n))
                }
                _ => {}
            }
        }
    }
    let mut networks = Vec::new();
    for folder in [
        &b"/etc/systemd/network"[..],
        b"/usr/local/lib/systemd/network",
        b"/usr/lib/systemd/network",
    ] {
        networks.extend(reader.texts_in(folder, &[".network"], &mut all.gaps));
        for folder in reader.children(folder, &mut all.gaps) {
            if folder.ends_with(b".network.d") {
                networks.extend(reader.texts_in(&folder, &[".conf"], &mut all.gaps));
            }
        }
    }
    for file in &networks {
        for (n, section, key, value) in ini(file) {
            match (section.as_str(), key.as_str()) {
                ("network", "dns") => all.add(&value, "DNS", ServerRole::Static, &file.line(n)),
                ("dhcpv4" | "dhcpv6" | "dhcp", "usedns") if is_no(&value) => {
                    all.suppress("UseDNS=no", file.line(n));
                }
                _ => {}
            }
        }
    }
}

fn network_manager(reader: &Reader<'_>, all: &mut Resolvers) {
    let mut connections = Vec::new();
    for folder in [
        &b"/etc/NetworkManager/system-connections"[..],
        b"/usr/lib/NetworkManager/system-connections",
    ] {
        connections.extend(reader.texts_in(folder, &[], &mut all.gaps));
    }
    for file in connections {
        for (n, section, key, value) in ini(&file) {
            if section != "ipv4" && section != "ipv6" {
                continue;
            }
            match key.as_str() {
                "dns" => all.add(&value, "dns", ServerRole::Static, &file.line(n)),
                "ignore-auto-dns" if !is_no(&value) => {
                    all.suppress("ignore-auto-dns=true", file.line(n))
                }
                _ => {}
            }
        }
    }
    let mut files: Vec<TextFile> = Vec::new();
    files.extend(reader.text("/etc/NetworkManager/NetworkManager.conf", &mut all.gaps));
    for folder in [
        &b"/etc/NetworkManager/conf.d"[..],
        b"/usr/lib/NetworkManager/conf.d",
    ] {
        files.extend(reader.texts_in(folder, &[".conf"], &mut all.gaps));
    }
    // What was set while the system ran goes before all of them.
    let own = "/var/lib/NetworkManager/NetworkManager-intern.conf";
    files.extend(reader.text(own, &mut all.gaps));
    for file in &files {
        for (n, section, key, value) in ini(file) {
            match key.as_str() {
                "dns" if section == "main" && value == "none" => {
                    all.suppress("dns=none", file.line(n))
                }
                // Connections of a folder that is not known.
                "path" if section == "keyfile" => {
                    let usual = "/etc/NetworkManager/system-connections";
                    if value.trim_end_matches('/') != usual {
                        let text = format!("[keyfile] path={value}");
                        keep(&mut all.scripts, &mut all.gaps, text, file.line(n));
                    }
                }
                "servers" if section.starts_with("global-dns-domain") => {
                    all.add(&value, "servers", ServerRole::Static, &file.line(n));
                }
                _ => {}
            }
        }
    }
}

/// ifcfg files and `/etc/sysconfig/network` of Red Hat; `network/config` of SUSE.
fn red_hat(reader: &Reader<'_>, all: &mut Resolvers) {
    let mut files: Vec<TextFile> = Vec::new();
    for folder in ["/etc/sysconfig/network-scripts", "/etc/sysconfig/network"] {
        for path in reader.children(folder.as_bytes(), &mut all.gaps) {
            if base(&path).starts_with(b"ifcfg-") {
                files.extend(reader.text(&path, &mut all.gaps));
            }
        }
    }
    files.extend(reader.text("/etc/sysconfig/network", &mut all.gaps));
    files.extend(reader.text("/etc/sysconfig/network/config", &mut all.gaps));
    for file in &files {
        for (n, key, value) in assignments(&file.text) {
            match key.as_str() {
                "PEERDNS" if is_no(&value) => all.suppress("PEERDNS=no", file.line(n)),
                "NETCONFIG_DNS_POLICY" if value.is_empty() => {
                    all.suppress("NETCONFIG_DNS_POLICY=\"\"", file.line(n))
                }
                "NETCONFIG_DNS_STATIC_SERVERS" => {
                    all.add(&value, &key, ServerRole::Static, &file.line(n))
                }
                k if k
                    .strip_prefix("DNS")
                    .is_some_and(|d| !d.is_empty() && d.chars().all(|c| c.is_ascii_digit())) =>
                {
                    all.add(&value, &key, ServerRole::Static, &file.line(n));
                }
                _ => {}
            }
        }
    }
}

/// netplan and cloud-init.
fn yaml_files(reader: &Reader<'_>, all: &mut Resolvers) {
    let mut files = Vec::new();
    for folder in ["/etc/netplan", "/usr/lib/netplan", "/etc/cloud/cloud.cfg.d"] {
        let endings = if folder.contains("cloud") {
            &[".cfg"][..]
        } else {
            &[".yaml", ".yml"]
        };
        files.extend(reader.texts_in(folder.as_bytes(), endings, &mut all.gaps));
    }
    files.extend(reader.text("/etc/cloud/cloud.cfg", &mut all.gaps));
    for file in &files {
        let words = ["nameservers", "use-dns"];
        if !words.iter().any(|w| file.text.contains(w)) {
            continue;
        }
        match crate::evidence::linux::yaml::parse(&file.text) {
            Ok(value) => yaml(all, file, &value, 0),
            Err(line) => {
                let why = Error::corrupt(Layer::Config, None, say!(error_yaml, line = line));
                all.gaps.push(Gap::new(file.at.clone(), &why));
            }
        }
    }
}

/// Levels of a YAML file that are read.
const MAX_DEPTH: usize = 32;

fn yaml(all: &mut Resolvers, file: &TextFile, value: &Value, depth: usize) {
    match value {
        Value::Mapping(map) if depth < MAX_DEPTH => {
            for (key, value) in map {
                match (key.as_str(), value) {
                    (Some("nameservers"), value) => {
                        let list = value.get("addresses").unwrap_or(value);
                        for server in list
                            .as_sequence()
                            .into_iter()
                            .flatten()
                            .filter_map(Value::as_str)
                        {
                            let line = file
                                .lines()
                                .find(|(_, l)| l.contains(server))
                                .map_or(1, |l| l.0);
                            all.add(server, "nameservers", ServerRole::Static, &file.line(line));
                        }
                    }
                    (Some("use-dns"), value)
                        if *value == Value::Bool(false) || value.as_str().is_some_and(is_no) =>
                    {
                        let line = file
                            .lines()
                            .find(|(_, l)| l.contains("use-dns"))
                            .map_or(1, |l| l.0);
                        all.suppress("use-dns: false", file.line(line));
                    }
                    _ => yaml(all, file, value, depth + 1),
                }
            }
        }
        Value::Sequence(list) if depth < MAX_DEPTH => {
            for value in list {
                yaml(all, file, value, depth + 1);
            }
        }
        Value::Mapping(_) | Value::Sequence(_) => {
            let what = say!(error_too_many, most = MAX_DEPTH, what = "levels");
            let why = Error::limit(Layer::Config, None, what);
            let gap = Gap::new(file.at.clone(), &why);
            if all.gaps.last() != Some(&gap) {
                all.gaps.push(gap);
            }
        }
        _ => {}
    }
}

/// ifupdown and resolvconf.
fn debian(reader: &Reader<'_>, all: &mut Resolvers) {
    for file in &interface_files(reader, &mut all.gaps) {
        for (n, line) in whole_lines(file, false) {
            let (key, value) = line
                .trim()
                .split_once(char::is_whitespace)
                .unwrap_or(("", ""));
            // It reaches resolvconf as IF_DNS_NAMESERVERS, however it is written.
            let key = key.to_ascii_lowercase().replace('_', "-");
            if matches!(key.as_str(), "dns-nameservers" | "dns-nameserver") {
                all.add(value, &key, ServerRole::Static, &file.line(n));
            }
        }
    }
    // What resolvconf and dhcpcd put around the servers that they are told.
    for (path, role) in [
        ("/etc/resolv.conf.head", ServerRole::Static),
        ("/etc/resolv.conf.tail", ServerRole::Fallback),
    ] {
        if let Some(file) = reader.text(path, &mut all.gaps) {
            servers_of(all, &file, role);
        }
    }
    for (name, role) in [
        ("head", ServerRole::Static),
        ("base", ServerRole::Static),
        ("tail", ServerRole::Fallback),
        ("original", ServerRole::Fallback),
    ] {
        let path = format!("/etc/resolvconf/resolv.conf.d/{name}");
        if let Some(file) = reader.text(path, &mut all.gaps) {
            servers_of(all, &file, role);
        }
    }
    if let Some(file) = reader.text("/etc/resolvconf.conf", &mut all.gaps) {
        for (n, key, value) in assignments(&file.text) {
            match key.as_str() {
                "name_servers" | "prepend_nameservers" => {
                    all.add(&value, &key, ServerRole::Static, &file.line(n))
                }
                "append_nameservers" => all.add(&value, &key, ServerRole::Fallback, &file.line(n)),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::clients::statements;
    use super::{address, inet_aton};

    #[test]
    fn numbers_are_addresses_to_the_c_library() {
        // inet_aton(3)
        let of = |w: &str| inet_aton(w).map(|a| a.to_string());
        assert_eq!(of("134744072").as_deref(), Some("8.8.8.8"));
        assert_eq!(of("0x08080808").as_deref(), Some("8.8.8.8"));
        assert_eq!(of("8.8.2056").as_deref(), Some("8.8.8.8"));
        assert_eq!(of("010.1.1.1").as_deref(), Some("8.1.1.1"));
        assert_eq!(of("256.1.1.1"), None);
        assert_eq!(of("fe80::1"), None);
    }

    #[test]
    fn statements_of_dhclient_may_stand_on_several_lines() {
        let text =
            "# a;\ninterface \"eth0\" { supersede\n  domain-name-servers\n 8.8.8.8;\n}\nsend x;\n";
        let got = statements(text);
        assert_eq!(got[0], (4, "supersede domain-name-servers 8.8.8.8".into()));
        assert_eq!(got[1], (6, "send x".into()));
        // What stands in quotes ends nothing.
        let quoted = statements("send x \"a;b#c\";\nscript \"/x\";\n");
        assert_eq!(quoted[0], (1, "send x \"a;b#c\"".into()));
        assert_eq!(quoted[1], (2, "script \"/x\"".into()));
    }

    #[test]
    fn addresses_lose_ports_names_and_interfaces() {
        let of = |w: &str| address(w);
        assert_eq!(of("1.1.1.1"), Some("1.1.1.1".into()));
        assert_eq!(of("1.1.1.1:53#dns.example"), Some("1.1.1.1".into()));
        assert_eq!(of("fe80::1%eth0"), Some("fe80::1".into()));
        assert_eq!(of("[2001:db8::1]:53"), Some("2001:db8::1".into()));
        assert_eq!(of("example.com"), None);
    }
}
