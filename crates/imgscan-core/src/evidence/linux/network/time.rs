//! Time synchronisation: daemons and jobs that set the clock, and the servers that they ask.

use crate::evidence::linux::reader::{Reader, TextFile};
use crate::evidence::linux::services::{Start, StartLine, Starter};
use crate::evidence::{Found, Gap, Location};

/// A way of keeping the time that the image is set up for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct TimeSync {
    /// The daemon's service, or the program that a job runs.
    pub name: String,
    /// It runs all the time; otherwise a line starts it by the clock or at boot.
    pub daemon: bool,
    /// It is enabled, or its line runs.
    pub active: bool,
    /// The program that a job names is not in the image.
    pub missing: bool,
    /// Its servers, each where it is set.
    pub servers: Vec<Found<String>>,
    /// It also takes servers that DHCP names.
    pub dhcp: bool,
}

/// All ways of keeping the time.
#[derive(Debug, Clone, Default)]
pub struct Times {
    /// The ways.
    pub items: Vec<Found<TimeSync>>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

struct Daemon {
    services: &'static [&'static str],
    files: &'static [&'static str],
    folders: &'static [(&'static str, &'static str)],
    keys: &'static [&'static str],
}

const DAEMONS: &[Daemon] = &[
    Daemon {
        services: &["chronyd", "chrony"],
        files: &["/etc/chrony.conf", "/etc/chrony/chrony.conf"],
        folders: &[
            ("/etc/chrony/conf.d", ".conf"),
            ("/etc/chrony.d", ".conf"),
            ("/etc/chrony/sources.d", ".sources"),
        ],
        keys: &["server", "pool", "peer"],
    },
    Daemon {
        services: &["ntpsec", "ntpd", "ntp", "openntpd"],
        files: &[
            "/etc/ntp.conf",
            "/etc/ntpsec/ntp.conf",
            "/etc/openntpd/ntpd.conf",
            "/etc/ntpd.conf",
        ],
        folders: &[("/etc/ntpsec/ntp.d", ".conf")],
        keys: &["server", "servers", "pool", "peer"],
    },
    Daemon {
        services: &["systemd-timesyncd"],
        files: &["/etc/systemd/timesyncd.conf"],
        folders: &[
            ("/etc/systemd/timesyncd.conf.d", ".conf"),
            ("/usr/lib/systemd/timesyncd.conf.d", ".conf"),
        ],
        keys: &["NTP", "FallbackNTP"],
    },
];

/// Programs that set the clock once.
const CLIENTS: &[&str] = &[
    "ntpdate",
    "ntpd",
    "chronyd",
    "sntp",
    "ntpdig",
    "rdate",
    "htpdate",
    "ntpdate-debian",
];

const BINARIES: &[&str] = &[
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
    "/usr/local/sbin",
    "/usr/local/bin",
];

pub(in crate::evidence::linux) fn collect(reader: &Reader<'_>, start: &Start) -> Times {
    let mut all = Times::default();
    for daemon in DAEMONS {
        let enabled = daemon
            .services
            .iter()
            .find_map(|s| Some((*s, start.enabled(s)?)));
        let mut servers = Vec::new();
        let mut dhcp = false;
        let mut first: Option<Location> = None;
        let mut files: Vec<TextFile> = Vec::new();
        for path in daemon.files {
            files.extend(reader.text(path, &mut all.gaps));
        }
        for (folder, ending) in daemon.folders {
            files.extend(reader.texts_in(folder.as_bytes(), &[*ending], &mut all.gaps));
        }
        for file in &files {
            first.get_or_insert_with(|| file.at.clone());
            for (n, line) in file.lines() {
                dhcp |= line.trim_start().starts_with("sourcedir /run/");
                for server in servers_of(line, daemon.keys) {
                    servers.push(Found {
                        fact: server,
                        at: file.line(n),
                    });
                }
            }
        }
        if enabled.is_none() && first.is_none() {
            continue;
        }
        let name = enabled.map_or(daemon.services[0], |(s, _)| s);
        let at = enabled
            .map(|(_, at)| at.clone())
            .or(first)
            .unwrap_or_default();
        all.items.push(Found {
            fact: TimeSync {
                name: name.into(),
                daemon: true,
                active: enabled.is_some(),
                missing: false,
                servers,
                dhcp,
            },
            at,
        });
    }
    for line in &start.lines {
        // The daemons' own units stand above.
        if line.fact.starter != Starter::Systemd {
            all.items.extend(job(reader, line, &mut all.gaps));
        }
    }
    all
}

/// The servers that a configuration line names. timesyncd writes `NTP=a b`, the others
/// `server a options`.
fn servers_of(line: &str, keys: &[&str]) -> Vec<String> {
    let line = line.trim();
    let is_host = |w: &&str| {
        w.chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._:".contains(c))
    };
    if let Some((key, value)) = line.split_once('=')
        && keys.contains(&key.trim())
    {
        return value
            .split_whitespace()
            .filter(is_host)
            .map(str::to_owned)
            .collect();
    }
    let mut words = line.split_whitespace();
    match words.next() {
        Some(key) if keys.contains(&key) => words
            .find(|w| !w.starts_with('-'))
            .filter(is_host)
            .map(str::to_owned)
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

/// A line that sets the clock by a client.
fn job(
    reader: &Reader<'_>,
    line: &Found<StartLine>,
    gaps: &mut Vec<Gap>,
) -> Option<Found<TimeSync>> {
    let command = &line.fact.command;
    let exists = |path: &str| {
        let mut gaps = Vec::new();
        let found = reader.find(path.as_bytes(), &mut gaps).is_some();
        gaps.is_empty().then_some(found)
    };
    // What stands behind a condition that is only known at run time is not counted on.
    let program = line.fact.calls(&exists).into_iter().find_map(|call| {
        let name = call.program.rsplit('/').next().unwrap_or("");
        (call.certain && CLIENTS.contains(&name)).then_some(call.program)
    })?;
    let name = program.rsplit('/').next().unwrap_or(&program).to_owned();
    // As daemons these two belong to their services; `-q` sets the clock once.
    if matches!(name.as_str(), "ntpd" | "chronyd")
        && !command
            .split_whitespace()
            .any(|w| w.starts_with('-') && w.contains('q'))
    {
        return None;
    }
    // These only ask for the time and set nothing.
    if name == "ntpdate"
        && command.split_whitespace().any(|w| {
            w.strip_prefix('-')
                .is_some_and(|o| o.starts_with(['q', 'd']) || o == "uq" || o == "uqv")
        })
    {
        return None;
    }
    let there = |path: String, gaps: &mut Vec<Gap>| reader.find(path.as_bytes(), gaps).is_some();
    let missing = if program.starts_with('/') {
        !there(program.clone(), gaps)
    } else {
        !BINARIES.iter().any(|b| there(format!("{b}/{name}"), gaps))
    };
    let after = command
        .split_once(name.as_str())
        .map_or("", |(_, rest)| rest);
    let end = after.find(['>', '&', ';', '|']).unwrap_or(after.len());
    let servers = after[..end]
        .split_whitespace()
        .map(|w| w.trim_matches(['"', '\'']))
        .filter(|w| w.contains('.') && !w.starts_with(['-', '/']))
        .map(|w| Found {
            fact: w.to_owned(),
            at: line.at.clone(),
        })
        .collect();
    Some(Found {
        fact: TimeSync {
            name,
            daemon: false,
            active: line.fact.inactive.is_none(),
            missing,
            servers,
            dhcp: false,
        },
        at: line.at.clone(),
    })
}
