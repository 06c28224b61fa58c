//! Where the name service looks for accounts: nsswitch.conf(5), and the modules behind it.

use std::collections::BTreeSet;

use crate::evidence::linux::packages::{Provenance, Vendor};
use crate::evidence::linux::reader::{Reader, base};
use crate::evidence::{Found, Gap, Location};

/// Sources that bring no account which is not read: those of the image's own files, and those
/// that answer about the running system.
const KNOWN: &[&str] = &[
    "files",
    "compat",
    "systemd",
    "mymachines",
    "cache",
    "extrausers",
    "role",
];
/// Sources of accounts elsewhere, which bring none where they are not set up: source, and files
/// that set them up.
const REMOTE: &[(&str, &[&str])] = &[
    ("sss", &["/etc/sssd/sssd.conf", "/etc/sssd/conf.d"]),
    ("nis", &["/etc/yp.conf"]),
    ("nisplus", &["/var/nis/NIS_COLD_START"]),
    (
        "ldap",
        &["/etc/nslcd.conf", "/etc/ldap.conf", "/etc/libnss-ldap.conf"],
    ),
    ("winbind", &["/etc/samba/smb.conf"]),
    ("hesiod", &["/etc/hesiod.conf"]),
    ("db", &["/var/lib/misc/passwd.db", "/var/db/passwd.db"]),
    ("altfiles", &["/lib/passwd", "/usr/lib/passwd"]),
];

/// What the name service asks besides the files that are read.
#[derive(Debug, Clone, Default)]
pub struct NameService {
    /// Sources of accounts that are not read, by name.
    pub unread: Vec<Found<String>>,
    /// Modules that stand as no package brought them.
    pub foreign: Vec<Found<String>>,
    /// The line for host names, with its sources.
    pub hosts: Option<Found<Vec<String>>>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

pub(in crate::evidence::linux) fn collect(reader: &Reader<'_>, vendor: &Vendor) -> NameService {
    let mut all = NameService::default();
    let mut gaps = Vec::new();
    let file = reader
        .text("/etc/nsswitch.conf", &mut gaps)
        .or_else(|| reader.text("/usr/etc/nsswitch.conf", &mut gaps))
        .or_else(|| reader.text("/usr/share/nsswitch/nsswitch.conf", &mut gaps));
    let mut in_use: BTreeSet<String> = BTreeSet::new();
    for (n, line) in file.iter().flat_map(|f| f.lines()) {
        let line = line.split('#').next().unwrap_or("");
        let Some((database, sources)) = line.split_once(':') else {
            continue;
        };
        let at = file.as_ref().map(|f| f.line(n)).unwrap_or_default();
        // What stands in brackets says when the next source is asked.
        let mut plain = String::new();
        let mut depth = 0;
        for c in sources.chars() {
            match c {
                '[' => depth += 1,
                ']' => depth -= 1,
                c if depth == 0 => plain.push(c),
                _ => {}
            }
        }
        let sources: Vec<String> = plain.split_whitespace().map(str::to_owned).collect();
        in_use.extend(sources.iter().cloned());
        let database = database.trim();
        if database == "hosts" {
            all.hosts = Some(Found { fact: sources, at });
            continue;
        }
        if !matches!(
            database,
            "passwd"
                | "shadow"
                | "group"
                | "gshadow"
                | "initgroups"
                | "sudoers"
                | "passwd_compat"
                | "group_compat"
                | "shadow_compat"
        ) {
            continue;
        }
        for source in sources {
            if KNOWN.contains(&source.as_str()) {
                continue;
            }
            let remote = REMOTE.iter().find(|(name, _)| *name == source);
            let set_up = remote.is_none_or(|(_, files)| {
                let mut there = |path: &&str| {
                    let Some(at) = reader.find(path.as_bytes(), &mut gaps) else {
                        return false;
                    };
                    at.metadata.kind != crate::fs::FileKind::Directory
                        || !reader.children(path.as_bytes(), &mut gaps).is_empty()
                };
                files.iter().any(&mut there)
            });
            if set_up {
                all.unread.push(Found {
                    fact: format!("{database}: {source}"),
                    at: at.clone(),
                });
            }
        }
    }
    in_use.insert("files".into());
    for folder in [
        "/lib",
        "/lib64",
        "/usr/lib",
        "/usr/lib64",
        "/usr/local/lib",
        "/usr/lib/x86_64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu",
        "/lib/x86_64-linux-gnu",
        "/lib/aarch64-linux-gnu",
    ] {
        for path in reader.children(folder.as_bytes(), &mut gaps) {
            let name = String::from_utf8_lossy(base(&path)).into_owned();
            let Some(module) = name
                .strip_prefix("libnss_")
                .and_then(|n| n.strip_suffix(".so.2"))
            else {
                continue;
            };
            let Some(at) = reader.find(&path, &mut gaps) else {
                continue;
            };
            let at = Location::of(&at);
            if all.foreign.iter().any(|f| f.at == at) || !in_use.contains(module) {
                continue;
            }
            let real = at.path.clone().unwrap_or_default();
            if matches!(
                vendor.of(reader, &real),
                Provenance::Foreign | Provenance::Changed
            ) {
                all.foreign.push(Found {
                    fact: module.to_owned(),
                    at,
                });
            }
        }
    }
    all.gaps = gaps;
    all
}
