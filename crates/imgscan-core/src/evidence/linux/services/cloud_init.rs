//! cloud-init, as far as the image itself tells it what to do: `/etc/cloud`, seeds, and scripts
//! below `/var/lib/cloud`. What the cloud gives a machine is not in the image.
//!
//! Source: cloud-init's documentation, "Module reference" and "User data formats", 22.4 to 24.4.

use serde_yaml_ng::{Mapping, Value};

use crate::error::{Error, Layer};
use crate::evidence::linux::reader::{Reader, TextFile, base};
use crate::evidence::linux::yaml;
use crate::evidence::{Found, Gap, Location};
use crate::text::lossless;

/// Nested values that are looked into.
const MAX_DEPTH: usize = 32;

/// Something that cloud-init does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CloudFact {
    /// Runs a command as root (`bootcmd`, `runcmd`, user data that is a script).
    Command(String),
    /// Runs the script at this path.
    Script(String),
    /// Writes a file.
    Write {
        /// Its path.
        path: String,
        /// What is written, where it stands there as text.
        content: Option<String>,
    },
    /// Makes an account, or changes one.
    User(CloudUser),
    /// Sets a password, or several (`password`, `chpasswd`).
    Password,
    /// Lets the holders of keys in (`ssh_authorized_keys`, `ssh_import_id`).
    Keys,
    /// Sets name servers.
    Resolver(String),
    /// Keeps name servers of DHCP out (`use-dns: false`).
    NoDhcpDns,
    /// Sets time servers, or turns the module off.
    Time(String),
    /// Keeps the keys of the host as they are in the image.
    KeepsHostKeys,
    /// Mounts something there.
    Mount(String),
    /// Divides disks or makes file systems (`fs_setup`, `disk_setup`).
    Disk(String),
    /// Takes further data from elsewhere, or is in a form that is not read.
    Opaque(String),
}

/// An account that cloud-init makes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CloudUser {
    /// Its name.
    pub name: String,
    /// A password is set.
    pub password: bool,
    /// Keys of it are set.
    pub keys: bool,
    /// Its user id.
    pub uid: Option<String>,
    /// What it may do by sudo.
    pub sudo: bool,
    /// It is the default account of the distribution.
    pub default: bool,
}

/// What cloud-init does by itself.
#[derive(Debug, Clone, Default)]
pub struct CloudInit {
    /// The program is there and not turned off.
    pub runs: bool,
    /// The facts.
    pub items: Vec<Found<CloudFact>>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// Folders of seeds.
const SEEDS: &[&str] = &[
    "/var/lib/cloud/seed",
    "/usr/lib/cloud/seed",
    "/writable/system-data/var/lib/cloud/seed",
];

/// Collects what cloud-init does; `command_lines` are all that the kernel may start with.
pub(in crate::evidence::linux) fn collect(
    reader: &Reader<'_>,
    command_lines: &[Vec<String>],
) -> CloudInit {
    let mut all = CloudInit::default();
    let mut gaps = Vec::new();
    let there = |path: &str, gaps: &mut Vec<Gap>| reader.find(path.as_bytes(), gaps).is_some();
    let programs = [
        "/usr/bin/cloud-init",
        "/usr/local/bin/cloud-init",
        "/bin/cloud-init",
    ];
    let disables = |line: &Vec<String>| line.iter().any(|w| w == "cloud-init=disabled");
    let off = there("/etc/cloud/cloud-init.disabled", &mut gaps)
        || !command_lines.is_empty() && command_lines.iter().all(disables);
    all.runs = programs.iter().any(|p| there(p, &mut gaps)) && !off;
    if !all.runs {
        all.gaps = gaps;
        return all;
    }
    let mut files: Vec<TextFile> = Vec::new();
    files.extend(reader.text("/etc/cloud/cloud.cfg", &mut gaps));
    files.extend(reader.texts_in(b"/etc/cloud/cloud.cfg.d", &[".cfg"], &mut gaps));
    let mut cloud_dir = "/var/lib/cloud".to_owned();
    for file in &files {
        if let Some(value) = parse(&mut all, file) {
            if let Some(dir) = value
                .get("system_info")
                .and_then(|v| v.get("paths"))
                .and_then(|v| v.get("cloud_dir"))
                .and_then(Value::as_str)
            {
                cloud_dir = dir.trim_end_matches('/').to_owned();
            }
            config(&mut all, file, &value, 0);
        }
    }
    let seeds: Vec<String> = SEEDS
        .iter()
        .map(|s| (*s).to_owned())
        .chain([format!("{cloud_dir}/seed")])
        .collect();
    let mut seen = std::collections::BTreeSet::new();
    for seed in &seeds {
        for folder in reader.children(seed.as_bytes(), &mut gaps) {
            for path in reader.children(&folder, &mut gaps) {
                let Some(file) = reader.text(&path, &mut gaps) else {
                    continue;
                };
                if !seen.insert(file.at.clone()) {
                    continue;
                }
                match base(&path) {
                    b"user-data" | b"vendor-data" | b"vendor-data2" | b"userdata" => {
                        user_data(&mut all, &file, &file.text, 0);
                    }
                    b"meta-data" | b"network-config" => {
                        if let Some(value) = parse(&mut all, &file) {
                            config(&mut all, &file, &value, 0);
                        }
                    }
                    _ => {}
                }
            }
        }
    }
    for kind in ["per-boot", "per-instance", "per-once", "vendor"] {
        let folder = format!("{cloud_dir}/scripts/{kind}");
        for path in reader.children(folder.as_bytes(), &mut gaps) {
            if let Some(at) = reader.find(&path, &mut gaps) {
                all.items.push(Found {
                    fact: CloudFact::Script(lossless(&path)),
                    at: Location::of(&at),
                });
            }
        }
    }
    all.gaps.extend(gaps);
    all
}

fn parse(all: &mut CloudInit, file: &TextFile) -> Option<Value> {
    match yaml::parse(&file.text) {
        Ok(value) => Some(value),
        Err(line) => {
            let why = Error::corrupt(Layer::Config, None, say!(error_yaml, line = line));
            all.gaps.push(Gap::new(file.at.clone(), &why));
            None
        }
    }
}

/// The line of `file` that first holds `text`.
fn line_of(file: &TextFile, text: &str) -> Location {
    let first = text.lines().next().unwrap_or("").trim();
    let found = file
        .lines()
        .find(|(_, l)| !first.is_empty() && l.contains(first) && !l.trim_start().starts_with('#'));
    file.line(found.map_or(1, |l| l.0))
}

impl CloudInit {
    fn add(&mut self, fact: CloudFact, at: Location) {
        self.items.push(Found { fact, at });
    }

    fn opaque(&mut self, what: &str, at: Location) {
        self.add(CloudFact::Opaque(what.to_owned()), at);
    }

    /// A file goes on below the levels that are read, which is told once.
    fn too_deep(&mut self, file: &TextFile) {
        let fact = CloudFact::Opaque("…".to_owned());
        let told = self.items.iter().any(|f| f.fact == fact && f.at == file.at);
        if !told {
            self.add(fact, file.at.clone());
        }
    }
}

/// User data: cloud-config, a script, or a form that is not read.
fn user_data(all: &mut CloudInit, file: &TextFile, text: &str, depth: usize) {
    let head = text.lines().next().unwrap_or("").trim_end();
    let at = line_of(file, head);
    if text.trim().is_empty() {
        return;
    }
    if depth > 4 {
        return all.opaque(head, at);
    }
    if head.starts_with("#!") {
        all.add(CloudFact::Command(text.to_owned()), at);
    } else if head.starts_with("#cloud-config-archive") || head == "## template: jinja" {
        all.opaque(head, at);
    } else if head.starts_with("#cloud-config") {
        match yaml::parse(text) {
            Ok(value) => config(all, file, &value, 0),
            Err(_) => all.opaque(head, at),
        }
    } else if let Some(text) = text.strip_prefix("#cloud-boothook") {
        all.add(CloudFact::Command(text.to_owned()), at);
    } else {
        all.opaque(head, at);
    }
}

/// One `key` of a mapping as text.
fn text_of(map: &Mapping, key: &str) -> Option<String> {
    match map.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        _ => None,
    }
}

fn is_set(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Sequence(list)) => !list.is_empty(),
        Some(Value::Mapping(map)) => !map.is_empty(),
        Some(_) => true,
    }
}

fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(b) => Some(*b),
        Value::Number(n) => Some(n.as_i64() != Some(0)),
        Value::String(s) => match s.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// The keys of cloud-config that reach beyond cloud-init itself.
fn config(all: &mut CloudInit, file: &TextFile, value: &Value, depth: usize) {
    let Value::Mapping(map) = value else { return };
    if depth > MAX_DEPTH {
        all.opaque("…", file.at.clone());
        return;
    }
    for (key, value) in map {
        let Some(key) = key.as_str() else { continue };
        // Keys may be written with either.
        let plain = key.replace('-', "_");
        let at = line_of(file, key);
        match plain.as_str() {
            "bootcmd" | "runcmd" => commands(all, file, value, &at),
            "write_files" => {
                for entry in value.as_sequence().into_iter().flatten() {
                    if let Value::Mapping(entry) = entry {
                        write_file(all, file, entry, &at);
                    }
                }
            }
            "users" | "user" => users(all, file, value, &at),
            "password" if is_set(Some(value)) => all.add(CloudFact::Password, at),
            "chpasswd" => {
                let set = match value {
                    Value::Mapping(map) => is_set(map.get("list")) || is_set(map.get("users")),
                    other => is_set(Some(other)),
                };
                if set {
                    all.add(CloudFact::Password, at);
                }
            }
            "ssh_authorized_keys" | "ssh_import_id" | "public_keys" if is_set(Some(value)) => {
                all.add(CloudFact::Keys, at);
            }
            "ssh_deletekeys" if truth(value) == Some(false) => {
                all.add(CloudFact::KeepsHostKeys, at);
            }
            "ssh_keys" if is_set(Some(value)) => all.add(CloudFact::KeepsHostKeys, at),
            "resolv_conf" => {
                // It counts where the module may write the file, which is not the default.
                let may = map
                    .get("manage_resolv_conf")
                    .or_else(|| map.get("manage-resolv-conf"));
                if may.and_then(truth).unwrap_or(false) {
                    servers(all, file, value, 0);
                }
            }
            "network" | "ethernets" | "bonds" | "bridges" | "vlans" => network(all, file, value, 0),
            "config" if depth > 0 => network(all, file, value, 0),
            "ntp" => time(all, file, value, &at),
            "vendor_data" | "vendor_data2" => {}
            "datasource" => datasource(all, file, value),
            "system_info" => {
                if let Some(Value::Mapping(user)) = value.get("default_user") {
                    let mut user = user_of(user);
                    user.default = true;
                    let at = line_of(file, "default_user");
                    all.add(CloudFact::User(user), at);
                }
            }
            "mounts" => mounts(all, value, &at),
            "fs_setup" | "disk_setup" if is_set(Some(value)) => {
                all.add(CloudFact::Disk(key.to_owned()), at);
            }
            "merge_how" | "merge_type" => {}
            _ => {}
        }
    }
}

/// Lines of fstab: the device, the place and the rest. A device alone takes its line away.
fn mounts(all: &mut CloudInit, value: &Value, at: &Location) {
    for line in value.as_sequence().into_iter().flatten() {
        match line.as_sequence().map(|fields| fields.get(1)) {
            Some(Some(Value::String(place))) => {
                all.add(CloudFact::Mount(place.clone()), at.clone());
            }
            Some(None | Some(Value::Null)) => {}
            _ => all.opaque("mounts", at.clone()),
        }
    }
}

fn commands(all: &mut CloudInit, file: &TextFile, value: &Value, at: &Location) {
    let quoted = |word: &str| format!("'{}'", word.replace('\'', r"'\''"));
    match value {
        Value::String(text) => {
            let at = line_of(file, text);
            all.add(CloudFact::Command(text.clone()), at);
        }
        Value::Sequence(list) => {
            for entry in list {
                match entry {
                    Value::String(text) => {
                        let at = line_of(file, text);
                        all.add(CloudFact::Command(text.clone()), at);
                    }
                    Value::Sequence(words) => {
                        let words: Vec<String> = words
                            .iter()
                            .filter_map(|w| match w {
                                Value::String(text) => Some(text.clone()),
                                Value::Number(n) => Some(n.to_string()),
                                _ => None,
                            })
                            .collect();
                        let at = words
                            .last()
                            .map_or_else(|| at.clone(), |w| line_of(file, w));
                        let text: Vec<String> = words.iter().map(|w| quoted(w)).collect();
                        all.add(CloudFact::Command(text.join(" ")), at);
                    }
                    Value::Null => {}
                    _ => all.opaque("runcmd", at.clone()),
                }
            }
        }
        Value::Null => {}
        _ => all.opaque("runcmd", at.clone()),
    }
}

fn write_file(all: &mut CloudInit, file: &TextFile, entry: &Mapping, at: &Location) {
    let Some(path) = text_of(entry, "path") else {
        return all.opaque("write_files", at.clone());
    };
    let encoded = text_of(entry, "encoding").is_some_and(|e| e != "text/plain");
    let content = text_of(entry, "content").filter(|_| !encoded && entry.get("source").is_none());
    let at = line_of(file, &path);
    all.add(CloudFact::Write { path, content }, at);
}

fn user_of(map: &Mapping) -> CloudUser {
    let set = |keys: &[&str]| keys.iter().any(|k| is_set(map.get(*k)));
    CloudUser {
        name: text_of(map, "name").unwrap_or_default(),
        password: set(&[
            "passwd",
            "hashed_passwd",
            "hashed-passwd",
            "plain_text_passwd",
            "plain-text-passwd",
            "password",
        ]),
        keys: set(&[
            "ssh_authorized_keys",
            "ssh-authorized-keys",
            "ssh_import_id",
            "ssh-import-id",
        ]),
        uid: text_of(map, "uid"),
        sudo: set(&["sudo"]),
        default: false,
    }
}

fn users(all: &mut CloudInit, file: &TextFile, value: &Value, at: &Location) {
    match value {
        Value::Sequence(list) => {
            for entry in list {
                users(all, file, entry, at);
            }
        }
        Value::Mapping(map) if map.contains_key("name") => {
            let user = user_of(map);
            let at = line_of(file, &user.name);
            all.add(CloudFact::User(user), at);
        }
        Value::Mapping(map) => {
            // `users: {NAME: {…}}`, or `user: {…}` over the default account.
            for (name, value) in map {
                if let (Some(name), Value::Mapping(value)) = (name.as_str(), value) {
                    let mut user = user_of(value);
                    name.clone_into(&mut user.name);
                    all.add(CloudFact::User(user), line_of(file, name));
                }
            }
            let user = user_of(map);
            if user.password || user.keys {
                all.add(CloudFact::User(user), at.clone());
            }
        }
        Value::String(names) => {
            for name in names.split(',').map(str::trim) {
                if name != "default" && !name.is_empty() {
                    let user = CloudUser {
                        name: name.to_owned(),
                        ..CloudUser::default()
                    };
                    all.add(CloudFact::User(user), line_of(file, name));
                }
            }
        }
        _ => {}
    }
}

/// Every address below `nameservers` and `dns_nameservers`.
fn network(all: &mut CloudInit, file: &TextFile, value: &Value, depth: usize) {
    match value {
        Value::Mapping(map) if depth < MAX_DEPTH => {
            let named = text_of(map, "type").is_some_and(|t| t == "nameserver");
            for (key, value) in map {
                match key.as_str() {
                    Some("nameservers" | "dns_nameservers" | "dns-nameservers") => {
                        servers(all, file, value, 0);
                    }
                    Some("address") if named => servers(all, file, value, 0),
                    Some("use-dns") if truth(value) == Some(false) => {
                        let at = line_of(file, "use-dns");
                        all.add(CloudFact::NoDhcpDns, at);
                    }
                    _ => network(all, file, value, depth + 1),
                }
            }
        }
        Value::Sequence(list) if depth < MAX_DEPTH => {
            for value in list {
                network(all, file, value, depth + 1);
            }
        }
        Value::Mapping(_) | Value::Sequence(_) => all.too_deep(file),
        _ => {}
    }
}

/// The texts in `value`, all of them servers.
fn servers(all: &mut CloudInit, file: &TextFile, value: &Value, depth: usize) {
    match value {
        Value::String(text) => {
            for word in text.split([' ', ',', '\t']).filter(|w| !w.is_empty()) {
                let at = line_of(file, word);
                all.add(CloudFact::Resolver(word.to_owned()), at);
            }
        }
        Value::Sequence(list) if depth < MAX_DEPTH => {
            for value in list {
                servers(all, file, value, depth + 1);
            }
        }
        Value::Mapping(map) if depth < MAX_DEPTH => {
            for (key, value) in map {
                if key.as_str() != Some("search") && key.as_str() != Some("searchdomains") {
                    servers(all, file, value, depth + 1);
                }
            }
        }
        Value::Mapping(_) | Value::Sequence(_) => all.too_deep(file),
        _ => {}
    }
}

fn time(all: &mut CloudInit, file: &TextFile, value: &Value, at: &Location) {
    let Value::Mapping(map) = value else { return };
    for key in ["servers", "pools", "peers"] {
        for server in map
            .get(key)
            .and_then(Value::as_sequence)
            .into_iter()
            .flatten()
        {
            if let Some(server) = server.as_str() {
                let at = line_of(file, server);
                all.add(CloudFact::Time(server.to_owned()), at);
            }
        }
    }
    if is_set(map.get("config")) || is_set(map.get("ntp_client")) {
        all.opaque("ntp", at.clone());
    }
}

/// Data that a source carries in the configuration itself.
fn datasource(all: &mut CloudInit, file: &TextFile, value: &Value) {
    let Value::Mapping(sources) = value else {
        return;
    };
    for (_, source) in sources {
        let Value::Mapping(source) = source else {
            continue;
        };
        for key in ["user-data", "userdata_raw", "vendor-data", "user_data"] {
            if let Some(text) = source.get(key).and_then(Value::as_str) {
                user_data(all, file, text, 1);
            }
        }
        for key in ["seedfrom", "dsmode_seed"] {
            if let Some(from) = source.get(key).and_then(Value::as_str) {
                all.opaque(&format!("seedfrom: {from}"), line_of(file, "seedfrom"));
            }
        }
        if let Some(meta) = source
            .get("meta-data")
            .or_else(|| source.get("metadata_raw"))
        {
            config(all, file, meta, 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::linux::testing::{Build, guest};

    fn facts(files: &[(&str, &str)]) -> Vec<CloudFact> {
        let mut build = Build::bare().file("/usr/bin/cloud-init", 0o755, "#!/usr/bin/python3\n");
        for (path, text) in files {
            build = build.file(path, 0o644, *text);
        }
        let guest = guest(build);
        let reader = Reader::new(&guest.paths);
        let all = collect(&reader, &[]);
        assert!(all.gaps.is_empty(), "{:?}", all.gaps);
        all.items.into_iter().map(|f| f.fact).collect()
    }

    #[test]
    fn what_lies_too_deep_is_told_once() {
        let deep = format!(
            "network:\n  a: {}{}\n  b: {}{}\n",
            "[".repeat(40),
            "]".repeat(40),
            "[".repeat(40),
            "]".repeat(40)
        );
        let found = facts(&[("/etc/cloud/cloud.cfg.d/9.cfg", &deep)]);
        assert_eq!(found, [CloudFact::Opaque("…".into())]);
    }

    #[test]
    fn what_cloud_config_does() {
        // The forms are those of cloud-init's module reference.
        let seed = "#cloud-config\nchpasswd:\n  expire: false\n  users:\n  - {name: root, password: x, type: text}\n";
        assert_eq!(
            facts(&[("/var/lib/cloud/seed/nocloud/user-data", seed)]),
            [CloudFact::Password]
        );
        let cfg = "write_files:\n- path: /etc/resolv.conf\n  content: nameserver 203.0.113.53\nbootcmd:\n- echo a > /etc/b\n- [sh, -c, 'x y']\n";
        assert_eq!(
            facts(&[("/etc/cloud/cloud.cfg.d/9.cfg", cfg)]),
            [
                CloudFact::Write {
                    path: "/etc/resolv.conf".into(),
                    content: Some("nameserver 203.0.113.53".into()),
                },
                CloudFact::Command("echo a > /etc/b".into()),
                CloudFact::Command("'sh' '-c' 'x y'".into()),
            ]
        );
        let script = "#!/bin/sh\npasswd -d root\n";
        assert!(matches!(
            facts(&[("/var/lib/cloud/seed/nocloud-net/user-data", script)]).as_slice(),
            [CloudFact::Command(_)]
        ));
        let default = "users:\n- default\nsystem_info:\n  default_user:\n    name: debian\n    lock_passwd: True\n    sudo: ['ALL=(ALL) NOPASSWD:ALL']\n";
        assert_eq!(
            facts(&[("/etc/cloud/cloud.cfg", default)]),
            [CloudFact::User(CloudUser {
                name: "debian".into(),
                sudo: true,
                default: true,
                ..CloudUser::default()
            })]
        );
        assert!(matches!(
            facts(&[(
                "/var/lib/cloud/seed/nocloud/user-data",
                "Content-Type: multipart/mixed\n"
            )])
            .as_slice(),
            [CloudFact::Opaque(_)]
        ));
    }
}
