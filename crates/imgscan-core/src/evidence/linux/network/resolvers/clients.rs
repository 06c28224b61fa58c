//! Programs beside the resolver that set its servers: DHCP clients, dnsmasq, hook scripts.

use std::collections::BTreeSet;

use super::{Resolvers, ServerRole};
use crate::evidence::linux::packages::{self, Owner, Packages};
use crate::evidence::linux::reader::{Reader, TextFile, base, keep};
use crate::fs::FileKind;
use crate::text::lossless;

/// The statements of dhclient.conf(5), each with the line that it ends in: up to a `;`, without
/// comments and without the head of a block around.
pub(super) fn statements(text: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    let mut open = String::new();
    for (i, line) in text.lines().enumerate() {
        let mut quoted = false;
        for c in line.chars() {
            match c {
                '"' => {
                    quoted = !quoted;
                    open.push(c);
                }
                c if quoted => open.push(c),
                '#' => break,
                ';' => {
                    let words: Vec<&str> = open.split_whitespace().collect();
                    out.push((i + 1, words.join(" ")));
                    open.clear();
                }
                '{' | '}' => open.clear(),
                c => open.push(c),
            }
        }
        open.push(' ');
    }
    let words: Vec<&str> = open.split_whitespace().collect();
    out.push((text.lines().count(), words.join(" ")));
    out
}

/// dhclient and dhcpcd.
pub(super) fn clients(reader: &Reader<'_>, all: &mut Resolvers) {
    let mut files: Vec<TextFile> = Vec::new();
    for path in [
        "/etc/dhcp/dhclient.conf",
        "/etc/dhclient.conf",
        "/etc/dhcp/dhclient6.conf",
        "/etc/dhclient6.conf",
        "/etc/dhcp3/dhclient.conf",
    ] {
        files.extend(reader.text(path, &mut all.gaps));
    }
    // Files that these include, each once.
    let mut at = 0;
    while at < files.len().min(64) {
        for (_, statement) in statements(&files[at].text) {
            let (verb, path) = statement.split_once(' ').unwrap_or_default();
            if verb.eq_ignore_ascii_case("include")
                && let Some(more) = reader.text(path.trim().trim_matches('"'), &mut all.gaps)
                && !files.iter().any(|f| f.at == more.at)
            {
                files.push(more);
            }
        }
        at += 1;
    }
    for path in reader.children(b"/etc/dhcp", &mut all.gaps) {
        if base(&path).starts_with(b"dhclient-") && path.ends_with(b".conf") {
            files.extend(reader.text(&path, &mut all.gaps));
        }
    }
    for file in &files {
        let all_of = statements(&file.text);
        // Names that the file itself gives the options of name servers: of DHCP 6, of DHCPv6 23.
        let named: BTreeSet<String> = all_of.iter().filter_map(|(_, s)| defined(s)).collect();
        for (n, statement) in &all_of {
            dhclient(all, file, *n, statement, &named);
        }
    }
    if let Some(file) = reader.text("/etc/dhcpcd.conf", &mut all.gaps) {
        for (n, line) in file.lines() {
            let line = line.trim();
            let (key, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            let (name, value) = rest.split_once('=').unwrap_or((rest, ""));
            let servers = ["domain_name_servers", "dhcp6_name_servers", "rdnss"];
            match key {
                "static" if servers.contains(&name.trim()) => all.add(
                    value,
                    "static domain_name_servers",
                    ServerRole::Static,
                    &file.line(n),
                ),
                "nohook" if line.contains("resolv.conf") => {
                    all.suppress("nohook resolv.conf", file.line(n));
                }
                "nooption" if line.contains("domain_name_servers") => {
                    all.suppress("nooption domain_name_servers", file.line(n));
                }
                // It runs instead of the hooks.
                "script" => {
                    keep(
                        &mut all.scripts,
                        &mut all.gaps,
                        line.to_owned(),
                        file.line(n),
                    );
                }
                _ => {}
            }
        }
    }
}

/// The name of an option of name servers that a statement defines: `option NAME code 6 = …`.
fn defined(statement: &str) -> Option<String> {
    let words: Vec<String> = statement
        .split_whitespace()
        .map(str::to_ascii_lowercase)
        .collect();
    match words.as_slice() {
        [option, name, code, number, ..]
            if option == "option"
                && code == "code"
                && matches!(number.trim_end_matches('='), "6" | "23") =>
        {
            Some(name.clone())
        }
        _ => None,
    }
}

/// One statement of dhclient.conf(5). Keywords are compared without case; the name of an option may
/// have that of its space before it.
fn dhclient(
    all: &mut Resolvers,
    file: &TextFile,
    n: usize,
    statement: &str,
    named: &BTreeSet<String>,
) {
    let mut words = statement.split_whitespace();
    let mut next = || words.next().unwrap_or_default();
    let (verb, option) = (next().to_ascii_lowercase(), next());
    let rest = words.collect::<Vec<&str>>().join(" ");
    let script = |all: &mut Resolvers| {
        keep(
            &mut all.scripts,
            &mut all.gaps,
            statement.to_owned(),
            file.line(n),
        );
    };
    match verb.as_str() {
        "script" => {
            let usual = ["/sbin/dhclient-script", "/usr/sbin/dhclient-script"];
            if !usual.contains(&option.trim_matches('"')) {
                script(all);
            }
            return;
        }
        // What is not asked for most servers don't tell.
        "request" if !statement.to_ascii_lowercase().contains("name-servers") => {
            return all.suppress("request", file.line(n));
        }
        _ => {}
    }
    let option = option.to_ascii_lowercase();
    let name = option.rsplit('.').next().unwrap_or_default();
    let usual = name == "domain-name-servers" || option == "dhcp6.name-servers";
    let own = named.contains(&option)
        || matches!(name, "unknown-6" | "option-6" | "unknown-23" | "option-23");
    if !usual && !own {
        return;
    }
    let (key, role) = match verb.as_str() {
        "supersede" => {
            all.suppress("supersede domain-name-servers", file.line(n));
            ("supersede domain-name-servers", ServerRole::Static)
        }
        "prepend" => ("prepend domain-name-servers", ServerRole::Static),
        // `append` is asked where the others don't answer in time, `option` is of a lease that is kept
        // for the case that nobody answers.
        "append" => ("append", ServerRole::Static),
        "option" => ("option", ServerRole::Static),
        "default" => ("default", ServerRole::Fallback),
        _ => return,
    };
    if own && verb == "option" && rest.starts_with("code") {
        return script(all);
    }
    let mut values = rest.split([' ', ',', ';', '=']).filter(|w| !w.is_empty());
    // A name is looked up, and an expression is worked out.
    if own || values.any(|w| super::address(w).is_none()) {
        script(all);
    }
    all.add(&rest, key, role, &file.line(n));
}

/// Servers that resolvers of the machine ask for everything: dnsmasq, unbound, BIND.
pub(super) fn dnsmasq(reader: &Reader<'_>, all: &mut Resolvers) {
    let mut files: Vec<TextFile> = Vec::new();
    files.extend(reader.text("/etc/dnsmasq.conf", &mut all.gaps));
    for folder in [
        &b"/etc/dnsmasq.d"[..],
        b"/etc/NetworkManager/dnsmasq.d",
        b"/etc/NetworkManager/dnsmasq-shared.d",
    ] {
        files.extend(reader.texts_in(folder, &[], &mut all.gaps));
    }
    let mut at = 0;
    while at < files.len().min(256) {
        let file = files[at].clone();
        at += 1;
        for (n, line) in file.lines() {
            let Some((key, value)) = line.trim().split_once('=') else {
                continue;
            };
            let value = value.trim();
            match key.trim() {
                "server" if !value.starts_with('/') => {
                    all.add(value, "server", ServerRole::Static, &file.line(n));
                }
                "resolv-file" | "conf-file" | "servers-file" => {
                    let more = reader.text(value, &mut all.gaps);
                    files.extend(more.filter(|m| !files.iter().any(|f| f.at == m.at)));
                }
                "conf-dir" => {
                    let folder = value.split(',').next().unwrap_or(value);
                    for more in reader.texts_in(folder.as_bytes(), &[], &mut all.gaps) {
                        if !files.iter().any(|f| f.at == more.at) {
                            files.push(more);
                        }
                    }
                }
                _ => {}
            }
        }
        // A file of `resolv-file` is one of name servers.
        for (n, line) in file.lines() {
            if let Some(value) = line.trim().strip_prefix("nameserver ")
                && at > 1
            {
                all.add(value, "nameserver", ServerRole::Static, &file.line(n));
            }
        }
    }
    let mut files: Vec<TextFile> = Vec::new();
    for path in [
        "/etc/unbound/unbound.conf",
        "/etc/bind/named.conf.options",
        "/etc/named.conf",
        "/etc/bind/named.conf",
    ] {
        files.extend(reader.text(path, &mut all.gaps));
    }
    for folder in [
        &b"/etc/unbound/unbound.conf.d"[..],
        b"/etc/unbound/conf.d",
        b"/etc/unbound/local.d",
    ] {
        files.extend(reader.texts_in(folder, &[".conf"], &mut all.gaps));
    }
    for file in &files {
        let mut forwarders = false;
        for (n, line) in file.lines() {
            let line = line.trim();
            if line.starts_with(['#', '/']) {
                continue;
            }
            if let Some(value) = line.strip_prefix("forward-addr:") {
                all.add(
                    value.trim(),
                    "forward-addr",
                    ServerRole::Static,
                    &file.line(n),
                );
            }
            let rest = match line.split_once("forwarders") {
                Some((_, rest)) => {
                    forwarders = true;
                    rest
                }
                None => line,
            };
            if forwarders {
                let text = rest.replace(['{', '}', ';'], " ");
                all.add(&text, "forwarders", ServerRole::Static, &file.line(n));
                forwarders = !rest.contains('}');
            }
        }
    }
}

/// Scripts that write the resolver configuration and that no package brought.
pub(super) fn hooks(reader: &Reader<'_>, all: &mut Resolvers, packages: &Packages) {
    let folders = [
        "/etc/dhcp/dhclient-enter-hooks.d",
        "/etc/dhcp/dhclient-exit-hooks.d",
        "/etc/dhcp/dhclient.d",
        "/etc/NetworkManager/dispatcher.d",
        "/etc/NetworkManager/dispatcher.d/pre-up.d",
        "/etc/NetworkManager/dispatcher.d/no-wait.d",
        "/etc/network/if-up.d",
        "/etc/resolvconf/update.d",
        "/etc/networkd-dispatcher/routable.d",
        "/etc/ppp/ip-up.d",
    ];
    let mut paths: Vec<Vec<u8>> = vec![
        b"/etc/dhcp/dhclient-enter-hooks".to_vec(),
        b"/etc/dhcp/dhclient-exit-hooks".to_vec(),
        b"/etc/dhcp/dhclient-up-hooks".to_vec(),
        b"/sbin/dhclient-script".to_vec(),
    ];
    for folder in folders {
        paths.extend(reader.children(folder.as_bytes(), &mut all.gaps));
    }
    for path in paths {
        let is_file = reader
            .find(&path, &mut all.gaps)
            .is_some_and(|at| at.metadata.kind == FileKind::Regular);
        if !is_file {
            continue;
        }
        let Some(file) = reader.text(&path, &mut all.gaps) else {
            continue;
        };
        let of = |words: &[&str]| {
            file.lines().find(|(_, l)| {
                !l.trim_start().starts_with('#') && words.iter().any(|w| l.contains(w))
            })
        };
        let writes = of(&["resolv.conf", "make_resolv_conf", "resolvectl"]);
        // The answer as dhclient-script(8) sees it, which a hook may change.
        let answers = of(&["name_servers="]);
        let at = match (writes, answers) {
            (Some(_), _) => file.at.clone(),
            (None, Some((n, _))) => file.line(n),
            (None, None) => continue,
        };
        let real = file.at.path.clone().unwrap_or_else(|| lossless(&path));
        let likely = |name: &str| {
            ["dhc", "resolv", "network", "systemd", "ifupdown", "ppp"]
                .iter()
                .any(|w| name.contains(w))
        };
        let owner = packages::owner(reader, packages, &real, likely);
        // Without a database of packages a script in a vendor's place may well be the vendor's.
        if owner == Owner::Nobody {
            let fact = file.asked.clone();
            keep(&mut all.scripts, &mut all.gaps, fact, at);
        }
    }
}
