//! Programs beside the resolver that set its servers: DHCP clients, dnsmasq, hook scripts.

use super::{Resolvers, ServerRole};
use crate::evidence::linux::packages::{self, Owner, Packages};
use crate::evidence::linux::reader::{Reader, TextFile, base};
use crate::fs::FileKind;
use crate::text::lossless;

/// The statements of dhclient.conf(5), each with the line that it ends in: up to a `;`, without
/// comments and without the head of a block around.
pub(super) fn statements(text: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    let mut open = String::new();
    for (i, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or("");
        for c in line.chars() {
            match c {
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
    for path in ["/etc/dhcp/dhclient.conf", "/etc/dhclient.conf"] {
        files.extend(reader.text(path, &mut all.gaps));
    }
    for path in reader.children(b"/etc/dhcp", &mut all.gaps) {
        if base(&path).starts_with(b"dhclient-") && path.ends_with(b".conf") {
            files.extend(reader.text(&path, &mut all.gaps));
        }
    }
    for file in &files {
        for (n, statement) in statements(&file.text) {
            let Some((verb, rest)) = statement.split_once(char::is_whitespace) else {
                continue;
            };
            let Some(value) = rest.trim().strip_prefix("domain-name-servers") else {
                continue;
            };
            match verb {
                "supersede" => {
                    all.suppress("supersede domain-name-servers", file.line(n));
                    all.add(
                        value,
                        "supersede domain-name-servers",
                        ServerRole::Static,
                        &file.line(n),
                    );
                }
                "prepend" => all.add(
                    value,
                    "prepend domain-name-servers",
                    ServerRole::Static,
                    &file.line(n),
                ),
                "append" | "default" => all.add(value, verb, ServerRole::Fallback, &file.line(n)),
                _ => {}
            }
        }
    }
    if let Some(file) = reader.text("/etc/dhcpcd.conf", &mut all.gaps) {
        for (n, line) in file.lines() {
            let line = line.trim();
            if let Some(value) = line.strip_prefix("static domain_name_servers=") {
                all.add(
                    value,
                    "static domain_name_servers",
                    ServerRole::Static,
                    &file.line(n),
                );
            } else if line.starts_with("nohook") && line.contains("resolv.conf") {
                all.suppress("nohook resolv.conf", file.line(n));
            }
        }
    }
}

/// Servers that dnsmasq asks for everything.
pub(super) fn dnsmasq(reader: &Reader<'_>, all: &mut Resolvers) {
    let mut files: Vec<TextFile> = Vec::new();
    files.extend(reader.text("/etc/dnsmasq.conf", &mut all.gaps));
    files.extend(reader.texts_in(b"/etc/dnsmasq.d", &[], &mut all.gaps));
    for file in &files {
        for (n, line) in file.lines() {
            if let Some(value) = line.trim().strip_prefix("server=")
                && !value.starts_with('/')
            {
                all.add(value, "server", ServerRole::Static, &file.line(n));
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
        let writes = file.text.lines().any(|l| {
            !l.trim_start().starts_with('#')
                && (l.contains("resolv.conf")
                    || l.contains("make_resolv_conf")
                    || l.contains("resolvectl"))
        });
        if !writes {
            continue;
        }
        let real = file.at.path.clone().unwrap_or_else(|| lossless(&path));
        let likely = |name: &str| {
            ["dhc", "resolv", "network", "systemd", "ifupdown", "ppp"]
                .iter()
                .any(|w| name.contains(w))
        };
        let owner = packages::owner(reader, packages, &real, likely);
        // Without a database of packages a script in a vendor's place may well be the vendor's.
        if owner == Owner::Nobody {
            all.scripts.push(file.at);
        }
    }
}
