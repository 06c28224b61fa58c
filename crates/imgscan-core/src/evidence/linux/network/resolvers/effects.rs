//! What sets name servers when the machine runs: commands, tmpfiles.d, cloud-init, credentials;
//! rules of the packet filter; names with an address of their own.

use super::{Facts, Resolvers, ServerRole};
use crate::evidence::Location;
use crate::evidence::linux::packages::Provenance;
use crate::evidence::linux::reader::{TextFile, keep};
use crate::evidence::linux::services::follow::{interface_files, whole_lines};
use crate::evidence::linux::services::{CloudFact, RunCommand, Touch};

/// Files that decide how names are resolved.
const PATHS: &[&str] = &[
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/systemd/resolved.conf",
    "/run/systemd/resolve/resolv.conf",
    "/etc/dhcp/dhclient.conf",
];

/// Scripts of DHCP clients, which write what was answered.
const CLIENT_SCRIPTS: &[&str] = &[
    "/sbin/dhclient-script",
    "/usr/share/udhcpc/default.script",
    "/usr/lib/dhcpcd/dhcpcd-run-hooks",
];

fn is_resolver(word: &str) -> bool {
    [
        "resolv.conf",
        "/etc/hosts",
        "nsswitch.conf",
        "resolved.conf",
        "/run/systemd/resolve/",
        "dhclient.conf",
        "/etc/systemd/network",
        "/etc/netplan",
        "/etc/NetworkManager",
        "/etc/network/interfaces",
        "network-scripts/ifcfg-",
        "/etc/dnsmasq",
    ]
    .iter()
    // hosts.allow and hosts.deny have nothing to do with names.
    .any(|part| word.contains(part) && !word.contains("/etc/hosts."))
}

/// What a command does to name resolution.
fn of_command(command: &RunCommand) -> Option<Touch> {
    if !command.foreign {
        let has = |text: &str| command.operands().any(|w| w == text);
        let part = |text: &str| command.operands().any(|w| w.contains(text));
        let sets = match command.name() {
            "resolvectl" => has("dns") || has("domain") || has("default-route") || has("revert"),
            "systemd-resolve" => part("--set-dns") || part("--set-domain"),
            "resolvconf" => has("-a") || has("-d"),
            "nmcli" => part("dns"),
            "networkctl" => has("edit"),
            "netplan" => has("set"),
            "dhclient" => has("-cf") || has("-sf") || has("-e"),
            "dhcpcd" => has("-f") || has("--config") || part("nameserver"),
            "dnsmasq" => part("-S") || part("--server") || part("-C") || part("--conf-file"),
            "unbound" | "named" => has("-c"),
            "augtool" => part("resolv"),
            _ => false,
        };
        if sets {
            return Some(Touch::Writes);
        }
    }
    command.touches(&is_resolver, PATHS)
}

/// True for a rule of the packet filter that sends on what goes to port 53.
fn redirects(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == '.'))
        .filter(|w| !w.is_empty())
        .collect();
    let moves = words
        .iter()
        .any(|w| matches!(*w, "dnat" | "redirect" | "forward-port" | "tproxy"));
    let port = |w: &str| matches!(w, "53" | "domain" | "853");
    let names_port = words
        .iter()
        .any(|w| matches!(*w, "dport" | "--dport" | "--dports" | "port" | "dports"));
    moves && (words.iter().any(|w| port(w)) || !names_port)
}

pub(super) fn collect(facts: &Facts<'_>, all: &mut Resolvers) {
    let reader = &facts.reader;
    let of = |path: Option<&str>| path.map_or(Provenance::Unknown, |p| facts.vendor.of(reader, p));
    for command in &facts.run.commands {
        let fact = &command.fact;
        let filter = matches!(
            fact.name(),
            "iptables" | "ip6tables" | "nft" | "iptables-nft" | "ebtables"
        );
        let text = fact.text();
        if filter && redirects(&text) {
            keep(&mut all.redirects, &mut all.gaps, text, command.at.clone());
            continue;
        }
        if matches!(fact.name(), "ip" | "ifconfig" | "route" | "arp" | "nmcli") && !fact.foreign {
            keep(
                &mut all.routes,
                &mut all.gaps,
                text.clone(),
                command.at.clone(),
            );
        }
        let touch = of_command(fact);
        let unseen = fact.runs_unseen_text();
        if touch.is_none() && !unseen {
            continue;
        }
        // A script of a package does what the package is for, but for servers that it names itself.
        let literal = text
            .split(|c: char| !(c.is_ascii_hexdigit() || c == '.' || c == ':'))
            .any(|w| {
                w.parse::<std::net::IpAddr>()
                    .is_ok_and(|a| !a.is_loopback() && !a.is_unspecified())
            });
        let standing = of(fact.file.as_deref());
        let own = matches!(standing, Provenance::Unchanged);
        if own && !(literal && touch == Some(Touch::Writes)) {
            continue;
        }
        keep(&mut all.scripts, &mut all.gaps, text, command.at.clone());
    }
    for item in &facts.cloud.items {
        match &item.fact {
            CloudFact::Resolver(address) => {
                all.add(address, "nameservers", ServerRole::Static, &item.at);
            }
            CloudFact::NoDhcpDns => all.suppress("use-dns: false", item.at.clone()),
            CloudFact::Write { path, content } if is_resolver(path) => keep(
                &mut all.scripts,
                &mut all.gaps,
                format!("{path}: {}", content.as_deref().unwrap_or("…")),
                item.at.clone(),
            ),
            _ => {}
        }
    }
    for line in &facts.made.tmpfiles {
        let fact = &line.fact;
        let path = PATHS.iter().find(|p| fact.changes(p));
        let Some(path) = path
            .copied()
            .or_else(|| is_resolver(&fact.path).then_some(fact.path.as_str()))
        else {
            continue;
        };
        if !fact.changes(path) {
            continue;
        }
        let argument = fact.argument.as_deref().unwrap_or("");
        if fact.from_credential() && !facts.made.credentials.iter().any(|c| c.fact == argument) {
            continue;
        }
        // systemd's own lines link to what its resolver writes, and fill an empty `/etc`.
        let usual =
            argument.contains("run/systemd/resolve/") || fact.kind == 'C' && argument.is_empty();
        if usual || of(line.at.path.as_deref()) == Provenance::Unchanged {
            continue;
        }
        keep(
            &mut all.scripts,
            &mut all.gaps,
            format!("{}{} {} {argument}", fact.kind, fact.modifiers, fact.path),
            line.at.clone(),
        );
    }
    for held in &facts.made.credentials {
        if held.fact.starts_with("network.") || held.fact.starts_with("tmpfiles.") {
            all.scripts.push(held.clone());
        }
    }
    for script in CLIENT_SCRIPTS {
        let found = reader.find(script.as_bytes(), &mut all.gaps);
        let Some(at) = found.filter(|at| of(Some(&at.path_text())) == Provenance::Changed) else {
            continue;
        };
        keep(
            &mut all.scripts,
            &mut all.gaps,
            at.path_text(),
            Location::of(&at),
        );
    }
    filters(facts, all);
    names(facts, all);
    routes(facts, all);
    all.sources = facts.names.hosts.clone();
    for module in &facts.names.foreign {
        keep(
            &mut all.scripts,
            &mut all.gaps,
            format!("libnss_{}", module.fact),
            module.at.clone(),
        );
    }
}

/// Saved rules of the packet filter.
fn filters(facts: &Facts<'_>, all: &mut Resolvers) {
    let reader = &facts.reader;
    let mut files: Vec<TextFile> = Vec::new();
    for path in [
        "/etc/nftables.conf",
        "/etc/sysconfig/nftables.conf",
        "/etc/iptables/rules.v4",
        "/etc/iptables/rules.v6",
        "/etc/iptables.rules",
        "/etc/iptables.up.rules",
        "/etc/sysconfig/iptables",
        "/etc/sysconfig/ip6tables",
        "/etc/firewalld/direct.xml",
        "/var/lib/nftables/rules.nft",
        "/var/lib/iptables/rules-save",
    ] {
        files.extend(reader.text(path, &mut all.gaps));
    }
    for folder in [
        &b"/etc/nftables"[..],
        b"/etc/nftables.d",
        b"/etc/ufw",
        b"/etc/firewalld/zones",
        b"/etc/firewalld/policies",
        b"/etc/iptables",
    ] {
        files.extend(reader.texts_in(folder, &[], &mut all.gaps));
    }
    let mut seen = Vec::new();
    for file in &files {
        if seen.contains(&file.at) {
            continue;
        }
        seen.push(file.at.clone());
        for (n, line) in file.lines() {
            let line = line.trim();
            if !line.starts_with('#') && redirects(line) {
                keep(
                    &mut all.redirects,
                    &mut all.gaps,
                    line.to_owned(),
                    file.line(n),
                );
            }
        }
    }
}

/// Addresses and routes in the configuration of interfaces, and variables by which every program
/// resolves names otherwise: resolver(5), hostname(7).
fn routes(facts: &Facts<'_>, all: &mut Resolvers) {
    let reader = &facts.reader;
    let mut files = interface_files(reader, &mut all.gaps);
    for folder in [
        &b"/etc/systemd/network"[..],
        b"/usr/lib/systemd/network",
        b"/etc/netplan",
        b"/etc/NetworkManager/system-connections",
        b"/etc/sysconfig/network-scripts",
    ] {
        files.extend(reader.texts_in(folder, &[], &mut all.gaps));
    }
    for file in &files {
        for (n, line) in whole_lines(file, false) {
            let line = line.trim();
            let lower = line.to_ascii_lowercase();
            let is_route = ["address", "route", "destination", "gateway", "ipaddr", "- "]
                .iter()
                .any(|key| lower.starts_with(key));
            if is_route && !lower.contains("nameserver") {
                keep(
                    &mut all.routes,
                    &mut all.gaps,
                    line.to_owned(),
                    file.line(n),
                );
            }
        }
    }
    let mut files: Vec<TextFile> = Vec::new();
    for path in [
        "/etc/environment",
        "/etc/security/pam_env.conf",
        "/etc/systemd/system.conf",
    ] {
        files.extend(reader.text(path, &mut all.gaps));
    }
    for folder in [
        &b"/etc/environment.d"[..],
        b"/etc/profile.d",
        b"/etc/systemd/system.conf.d",
    ] {
        files.extend(reader.texts_in(folder, &[], &mut all.gaps));
    }
    for file in &files {
        for (n, line) in file.lines() {
            let set = ["HOSTALIASES", "LOCALDOMAIN", "RES_OPTIONS"];
            if !line.trim_start().starts_with('#') && set.iter().any(|v| line.contains(v)) {
                keep(
                    &mut all.scripts,
                    &mut all.gaps,
                    line.trim().to_owned(),
                    file.line(n),
                );
            }
        }
    }
}

/// Names with an address of their own: hosts(5), what cloud-init makes of it, dnsmasq.
fn names(facts: &Facts<'_>, all: &mut Resolvers) {
    let reader = &facts.reader;
    let mut files: Vec<TextFile> = Vec::new();
    files.extend(reader.text("/etc/hosts", &mut all.gaps));
    files.extend(reader.text("/usr/etc/hosts", &mut all.gaps));
    files.extend(reader.texts_in(b"/etc/cloud/templates", &[], &mut all.gaps));
    for file in &files {
        let templates = file.asked.contains("/templates/");
        if templates && !file.asked.contains("/hosts.") {
            continue;
        }
        for (n, line) in file.lines() {
            let line = line.split('#').next().unwrap_or("");
            let mut words = line.split_whitespace();
            let Some(address) = words.next() else {
                continue;
            };
            let names: Vec<String> = words.map(str::to_owned).collect();
            if !names.is_empty() {
                keep(
                    &mut all.names,
                    &mut all.gaps,
                    (address.to_owned(), names),
                    file.line(n),
                );
            }
        }
    }
    let mut files: Vec<TextFile> = Vec::new();
    files.extend(reader.text("/etc/dnsmasq.conf", &mut all.gaps));
    files.extend(reader.texts_in(b"/etc/dnsmasq.d", &[], &mut all.gaps));
    files.extend(reader.texts_in(b"/etc/unbound/unbound.conf.d", &[], &mut all.gaps));
    for file in &files {
        for (n, line) in file.lines() {
            let line = line.trim();
            let line = [
                "address=",
                "host-record=",
                "cname=",
                "local-data:",
                "local-zone:",
                "server=/",
                "local=/",
            ]
            .iter()
            .find_map(|key| line.strip_prefix(key));
            let Some(line) = line else { continue };
            let words: Vec<String> = line
                .split(['/', ',', ' ', '"', '\''])
                .filter(|w| !w.is_empty())
                .map(str::to_owned)
                .collect();
            let address = words.iter().find(|w| w.parse::<std::net::IpAddr>().is_ok());
            let address = address.cloned().unwrap_or_default();
            keep(
                &mut all.names,
                &mut all.gaps,
                (address, words),
                file.line(n),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::redirects;

    #[test]
    fn rules_that_move_questions_are_told_from_others() {
        // iptables-save(8), nft(8), firewalld.zone(5).
        for rule in [
            "-A OUTPUT -p udp -m udp --dport 53 -j DNAT --to-destination 203.0.113.53:53",
            "udp dport 53 dnat to 203.0.113.53",
            "udp dport domain redirect to :5353",
            "-A OUTPUT -p udp -j DNAT --to-destination 203.0.113.53",
            "<forward-port port=\"53\" protocol=\"udp\" to-addr=\"203.0.113.53\"/>",
        ] {
            assert!(redirects(rule), "{rule}");
        }
        for rule in [
            "-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80",
            "-A INPUT -p udp --dport 53 -j ACCEPT",
            "tcp dport 22 accept",
        ] {
            assert!(!redirects(rule), "{rule}");
        }
    }
}
