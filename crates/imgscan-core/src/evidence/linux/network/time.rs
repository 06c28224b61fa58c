//! Time synchronisation: daemons and jobs that set the clock, and the servers that they ask.

use crate::evidence::linux::packages::{Provenance, Vendor};
use crate::evidence::linux::reader::{Reader, TextFile};
use crate::evidence::linux::services::{
    CloudFact, CloudInit, Others, Run, RunCommand, ServiceUnit, Start, StartLine, Starter,
};
use crate::evidence::{Found, Gap, Location};

/// How a source of time is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// Its answers are weighed against those of the others.
    Normal,
    /// It decides over the others.
    Preferred,
    /// Whether it is used, or what is made of its answers, can't be told.
    Unsure,
    /// It is never taken (`noselect`).
    Never,
}

/// A source of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name or address.
    pub name: String,
    /// Its options, as they stand.
    pub options: String,
    /// How many servers it stands for.
    pub weight: u32,
    /// How it is used.
    pub used: Use,
}

/// Something that may keep the clock from being kept, or from being right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// How it stands in the image.
    pub text: String,
    /// Where.
    pub at: Location,
}

impl Doubt {
    pub(super) fn new(key: &str, value: &str, at: Location) -> Self {
        Self {
            text: format!("{key} {value}").trim().to_owned(),
            at,
        }
    }
}

/// A way of keeping the time that the image is set up for.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    pub servers: Vec<Found<Source>>,
    /// It also takes servers that DHCP names.
    pub dhcp: bool,
    /// What is not understood of it.
    pub doubts: Vec<Doubt>,
}

/// All ways of keeping the time.
#[derive(Debug, Clone, Default)]
pub struct Times {
    /// The ways.
    pub items: Vec<Found<TimeSync>>,
    /// Commands that set the clock, or stop what keeps it.
    pub disturbed: Vec<Found<String>>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

struct Daemon {
    services: &'static [&'static str],
    programs: &'static [&'static str],
    files: &'static [&'static str],
    folders: &'static [(&'static str, &'static str)],
    keys: &'static [&'static str],
}

const DAEMONS: &[Daemon] = &[
    Daemon {
        services: &["chronyd", "chrony", "chronyd-restricted"],
        programs: &["chronyd"],
        files: &["/etc/chrony/chrony.conf", "/etc/chrony.conf"],
        folders: &[],
        keys: &["server", "pool", "peer"],
    },
    Daemon {
        services: &["ntpsec", "ntpd", "ntp", "openntpd"],
        programs: &["ntpd"],
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
        programs: &["systemd-timesyncd"],
        files: &["/etc/systemd/timesyncd.conf"],
        folders: &[
            ("/etc/systemd/timesyncd.conf.d", ".conf"),
            ("/usr/local/lib/systemd/timesyncd.conf.d", ".conf"),
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

/// What the collector is given.
pub(in crate::evidence::linux) struct Facts<'a> {
    pub(in crate::evidence::linux) reader: Reader<'a>,
    pub(in crate::evidence::linux) start: &'a Start,
    pub(in crate::evidence::linux) vendor: &'a Vendor,
    pub(in crate::evidence::linux) run: &'a Run,
    pub(in crate::evidence::linux) cloud: &'a CloudInit,
}

pub(in crate::evidence::linux) fn collect(facts: &Facts<'_>) -> Times {
    let mut all = Times::default();
    for daemon in DAEMONS {
        all.items.extend(service(facts, daemon, &mut all.gaps));
    }
    for line in &facts.start.lines {
        // The daemons' own units stand above.
        if line.fact.starter != Starter::Systemd {
            all.items.extend(job(&facts.reader, line, &mut all.gaps));
        }
    }
    disturbed(facts, &mut all);
    all
}

/// A daemon, as what starts it has it.
fn service(facts: &Facts<'_>, daemon: &Daemon, gaps: &mut Vec<Gap>) -> Option<Found<TimeSync>> {
    let (reader, start) = (&facts.reader, facts.start);
    let enabled = daemon
        .services
        .iter()
        .find_map(|s| Some((*s, start.enabled(s)?)));
    let mut files: Vec<TextFile> = Vec::new();
    for path in daemon.files {
        files.extend(reader.text(path, gaps));
    }
    for (folder, ending) in daemon.folders {
        files.extend(reader.texts_in(folder.as_bytes(), &[*ending], gaps));
    }
    let first = files.first().map(|f| f.at.clone());
    if enabled.is_none() && first.is_none() {
        return None;
    }
    let mut servers: Vec<Found<Source>> = Vec::new();
    let mut doubts: Vec<Doubt> = Vec::new();
    let mut dhcp = false;
    let mut active = enabled.is_some();
    let mut missing = false;
    let chrony = daemon.programs == ["chronyd"];
    // What really starts it, and how.
    let commands: Vec<&Found<RunCommand>> = facts
        .run
        .commands
        .iter()
        .filter(|c| !c.fact.foreign && daemon.programs.contains(&c.fact.name()))
        .collect();
    let services: Vec<String> = daemon
        .services
        .iter()
        .map(|s| format!("{s}.service"))
        .collect();
    let units = start
        .units
        .iter()
        .filter(|(name, _)| services.contains(name));
    let by_script = start.lines.iter().any(|l| {
        l.fact.starter == Starter::InitScript
            && l.fact.inactive.is_none()
            && daemon
                .services
                .iter()
                .any(|s| l.fact.command.ends_with(&format!("/{s}")))
    });
    if enabled.is_some() {
        for (_, unit) in units {
            doubts.extend(unit_doubts(facts, unit));
        }
    }
    let own = daemon
        .files
        .iter()
        .find(|p| files.iter().any(|f| f.asked == **p));
    let own = own.map_or("/etc/chrony.conf", |p| *p);
    if chrony && !commands.is_empty() {
        let mut keeps = false;
        for command in &commands {
            let words = told(facts, command, &mut doubts);
            let found = super::chrony::of(reader, &words, &command.at, own, gaps);
            keeps |= found.keeps;
            if found.keeps {
                servers.extend(found.sources);
                doubts.extend(found.doubts);
                dhcp |= found.dhcp;
            }
        }
        active &= keeps;
    } else if chrony {
        // An init script may start it by words of its own.
        missing = enabled.is_some() && !by_script;
        let found = super::chrony::of(reader, &[], &Location::default(), own, gaps);
        servers.extend(found.sources);
        doubts.extend(found.doubts);
        dhcp |= found.dhcp;
    } else {
        missing = enabled.is_some() && commands.is_empty() && !by_script;
        for command in &commands {
            let words = told(facts, command, &mut doubts);
            let mut rest = words.iter();
            while let Some(word) = rest.next() {
                // Another file, one shot, or a clock that is left alone.
                let odd = match *word {
                    "-c" => rest.next().is_none_or(|f| !daemon.files.contains(f)),
                    "-q" | "-x" | "-S" => true,
                    _ => false,
                };
                if odd {
                    doubts.push(Doubt::new(word, &command.fact.text(), command.at.clone()));
                }
            }
        }
        for file in &files {
            for (n, line) in file.lines() {
                servers.extend(servers_of(line, daemon.keys).into_iter().map(|fact| Found {
                    fact,
                    at: file.line(n),
                }));
                let words: Vec<&str> = line.split_whitespace().collect();
                if matches!(words.as_slice(), ["disable", rest @ ..] if rest.contains(&"ntp"))
                    || matches!(
                        words.first(),
                        Some(&"includefile" | &"fudge" | &"tinker" | &"tos")
                    ) && daemon.programs == ["ntpd"]
                        && !matches!(
                            words.get(1),
                            Some(
                                &"panic" | &"minclock" | &"minsane" | &"maxclock" | &"127.127.1.0"
                            )
                        )
                {
                    doubts.push(Doubt::new("", line.trim(), file.line(n)));
                }
            }
        }
    }
    for command in &commands {
        doubts.extend(program_doubt(facts, command));
    }
    let name = enabled.map_or(daemon.services[0], |(s, _)| s);
    let at = enabled
        .map(|(_, at)| at.clone())
        .or(first)
        .unwrap_or_default();
    Some(Found {
        fact: TimeSync {
            name: name.into(),
            daemon: true,
            active,
            missing,
            servers,
            dhcp,
            doubts,
        },
        at,
    })
}

/// The words of a command that are known. Variables of a packaged script are what its package
/// makes of them; of another they are a doubt.
fn told<'c>(
    facts: &Facts<'_>,
    command: &'c Found<RunCommand>,
    doubts: &mut Vec<Doubt>,
) -> Vec<&'c str> {
    let (open, known): (Vec<&str>, Vec<&str>) = command
        .fact
        .operands()
        .partition(|w| w.contains(['$', '`']));
    if let Some(word) = open.first() {
        let file = command.fact.file.as_deref().unwrap_or("");
        let changed = |path: &str| {
            let there = facts.reader.find(path.as_bytes(), &mut Vec::new());
            there.is_some() && facts.vendor.of(&facts.reader, path) != Provenance::Unchanged
        };
        // What it reads sets its variables too.
        let sourced = facts.run.sourced_by(file);
        let own = facts.vendor.of(&facts.reader, file) != Provenance::Unchanged;
        if own || sourced.iter().any(|path| changed(path)) {
            doubts.push(Doubt::new(word, &command.fact.text(), command.at.clone()));
        }
    }
    known
}

/// Settings of a unit that no package brought and that are not understood, and its conditions
/// that depend on the running machine.
fn unit_doubts(facts: &Facts<'_>, unit: &ServiceUnit) -> Vec<Doubt> {
    let found = unit.not_understood(&Others {
        start: facts.start,
        own: &|path| facts.vendor.of(&facts.reader, path) == Provenance::Unchanged,
    });
    found
        .into_iter()
        .map(|s| Doubt {
            text: format!("{}={}", s.fact.key, s.fact.value),
            at: s.at,
        })
        .collect()
}

/// A daemon that was changed since its package brought it.
fn program_doubt(facts: &Facts<'_>, command: &Found<RunCommand>) -> Option<Doubt> {
    let program = command.fact.words.first()?;
    let mut gaps = Vec::new();
    let at = facts.reader.find(program.as_bytes(), &mut gaps)?;
    let path = at.path_text();
    (facts.vendor.of(&facts.reader, &path) == Provenance::Changed).then(|| Doubt {
        text: path,
        at: Location::of(&at),
    })
}

/// Commands that set the clock from elsewhere, or stop what keeps it.
fn disturbed(facts: &Facts<'_>, all: &mut Times) {
    let services: Vec<&str> = DAEMONS.iter().flat_map(|d| d.services).copied().collect();
    for command in &facts.run.commands {
        let fact = &command.fact;
        if fact.foreign {
            continue;
        }
        let has = |texts: &[&str]| fact.operands().any(|w| texts.contains(&w));
        let part = |text: &str| fact.operands().any(|w| w.contains(text));
        let names_service = || {
            fact.operands().any(|w| {
                services.contains(&w.trim_end_matches(".service")) || part("chrony") || w == "ntpd"
            })
        };
        let hit = match fact.name() {
            "timedatectl" => {
                has(&["set-time", "set-ntp", "ntp-servers"]) && !has(&["true", "yes", "1", "on"])
            }
            "date" => part("--set") || fact.operands().any(|w| w.starts_with("-s")),
            "chronyc" => has(&[
                "add",
                "delete",
                "offline",
                "settime",
                "manual",
                "selectopts",
                "local",
                "reselect",
            ]),
            "adjtimex" | "ntptime" => fact.operands().next().is_some(),
            "systemctl" | "service" | "rc-service" | "update-rc.d" | "chkconfig" => {
                has(&["stop", "disable", "mask", "off", "remove"]) && names_service()
            }
            "killall" | "pkill" => names_service(),
            _ => {
                let wanted = |w: &str| {
                    (w.contains("/etc/chrony")
                        || w.contains("/run/chrony")
                        || w.contains("/etc/ntp")
                        || w.contains("timesyncd.conf"))
                        && !w.contains(".drift")
                };
                fact.touches(
                    &wanted,
                    &[
                        "/etc/chrony/chrony.conf",
                        "/etc/chrony.conf",
                        "/etc/ntp.conf",
                    ],
                )
                .is_some()
            }
        };
        if !hit {
            continue;
        }
        let path = fact.file.as_deref().unwrap_or("");
        if facts.vendor.of(&facts.reader, path) == Provenance::Unchanged {
            continue;
        }
        all.disturbed.push(Found {
            fact: fact.text(),
            at: command.at.clone(),
        });
    }
    for item in &facts.cloud.items {
        let text = match &item.fact {
            CloudFact::Time(server) => server.clone(),
            CloudFact::Write { path, .. }
                if path.contains("/chrony")
                    || path.contains("/ntp")
                    || path.contains("timesyncd") =>
            {
                path.clone()
            }
            _ => continue,
        };
        all.disturbed.push(Found {
            fact: text,
            at: item.at.clone(),
        });
    }
}

/// The servers that a configuration line names. timesyncd writes `NTP=a b`, the others
/// `server a options`.
fn servers_of(line: &str, keys: &[&str]) -> Vec<Source> {
    let line = line.trim();
    let is_host = |w: &&str| {
        w.chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._:".contains(c))
    };
    let plain = |name: &str, used| Source {
        name: name.to_owned(),
        options: String::new(),
        weight: 1,
        used,
    };
    if let Some((key, value)) = line.split_once('=')
        && keys.contains(&key.trim())
    {
        // Those of FallbackNTP are asked only where no others are named.
        let used = if key.trim() == "FallbackNTP" {
            Use::Never
        } else {
            Use::Normal
        };
        let words = value.split_whitespace().filter(is_host);
        return words.map(|w| plain(w, used)).collect();
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let Some((key, rest)) = words.split_first() else {
        return Vec::new();
    };
    if !keys.contains(key) {
        return Vec::new();
    }
    let Some(name) = rest
        .iter()
        .find(|w| !w.starts_with('-'))
        .filter(|w| is_host(w))
    else {
        return Vec::new();
    };
    // Drivers of clocks that are attached to the machine.
    if name.starts_with("127.127.") {
        return Vec::new();
    }
    let has = |option: &str| rest.contains(&option);
    let used = if has("noselect") {
        Use::Never
    } else if has("prefer") || has("true") {
        Use::Preferred
    } else {
        Use::Normal
    };
    let pool = *key == "pool" || *key == "servers";
    vec![Source {
        weight: if pool { 4 } else { 1 },
        options: rest.iter().skip(1).copied().collect::<Vec<_>>().join(" "),
        ..plain(name, used)
    }]
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
    let found = if program.starts_with('/') {
        reader.find(program.as_bytes(), gaps)
    } else {
        reader.program(&name, gaps)
    };
    let missing = found.is_none();
    let after = command
        .split_once(name.as_str())
        .map_or("", |(_, rest)| rest);
    let end = after.find(['>', '&', ';', '|']).unwrap_or(after.len());
    let servers = after[..end]
        .split_whitespace()
        .map(|w| w.trim_matches(['"', '\'']))
        .filter(|w| w.contains('.') && !w.starts_with(['-', '/']))
        .map(|w| Found {
            fact: Source {
                name: w.to_owned(),
                options: String::new(),
                weight: 1,
                used: Use::Normal,
            },
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
            doubts: Vec::new(),
        },
        at: line.at.clone(),
    })
}
