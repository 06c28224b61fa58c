//! Time synchronisation: daemons and jobs that set the clock, and the servers that they ask.

use std::collections::BTreeMap;

use super::chrony::MAX_DOUBTS;
use crate::evidence::linux::packages::{Provenance, Vendor};
use crate::evidence::linux::reader::{Reader, TextFile};
use crate::evidence::linux::services::{
    CloudFact, CloudInit, Others, Run, RunCommand, ServiceUnit, Start, StartLine, Starter,
};
use crate::evidence::{Found, Gap, Location};
use crate::glob::{Flags, Pattern};

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
            for odd in odd_words(&words, daemon.files) {
                doubts.push(Doubt::new(&odd, &command.fact.text(), command.at.clone()));
            }
        }
        if daemon.programs == ["systemd-timesyncd"] {
            timesyncd(&files, &mut servers, &mut doubts);
        } else {
            ntpd(&files, daemon.keys, &mut servers, &mut doubts);
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

/// Options of ntpd by which it ends, leaves the clock alone, or reads something else: ntpd(8) of ntpsec
/// 1.2, of ntp 4.2.8 and of OpenNTPD.
fn odd_words(words: &[&str], files: &[&str]) -> Vec<String> {
    let long = [
        "--panicgate",
        "--nofork",
        "--novirtualips",
        "--pidfile",
        "--logfile",
    ];
    let mut odd = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if let Some(name) = word.strip_prefix("--") {
            let name = name.split('=').next().unwrap_or_default();
            let known = long.iter().any(|l| l.trim_start_matches('-') == name);
            if !known && !name.is_empty() {
                odd.push((*word).to_owned());
            }
            continue;
        }
        let Some(letters) = word.strip_prefix('-') else {
            continue;
        };
        for (i, letter) in letters.char_indices() {
            let valued = "cDfiIklpPrstuUVwz".contains(letter);
            let tail = &letters[i + letter.len_utf8()..];
            let value = match (valued, tail) {
                (false, _) => "",
                (true, "") => rest.clone().next().copied().unwrap_or(""),
                (true, tail) => tail,
            };
            let account = value.split(':').next().unwrap_or_default();
            let is_odd = match letter {
                'c' => !files.contains(&value),
                // Of OpenNTPD the configuration, of the others the file of the drift.
                'f' => value.ends_with(".conf") && !files.contains(&value),
                'u' => !["ntp", "ntpsec", "openntpd", "_ntp", "root"].contains(&account),
                'q' | 'x' | 'S' | 'i' | 'I' | 'h' | '6' | 'W' | 'w' => true,
                _ => false,
            };
            if is_odd {
                odd.push(format!("-{letter}"));
            }
            if valued {
                if tail.is_empty() {
                    rest.next();
                }
                break;
            }
        }
    }
    odd
}

/// The configuration of systemd-timesyncd: timesyncd.conf(5). An empty `NTP=` takes back what stands
/// before it; of drop-ins with one name the one of the first folder is read, all by their names.
fn timesyncd(files: &[TextFile], servers: &mut Vec<Found<Source>>, doubts: &mut Vec<Doubt>) {
    let mut drop_ins: BTreeMap<&str, &TextFile> = BTreeMap::new();
    let mut order: Vec<&TextFile> = Vec::new();
    for file in files {
        if file.asked.contains(".conf.d/") {
            let name = file.asked.rsplit('/').next().unwrap_or_default();
            drop_ins.entry(name).or_insert(file);
        } else if order.is_empty() {
            order.push(file);
        }
    }
    order.extend(drop_ins.into_values());
    let mut lists: [Vec<Found<Source>>; 2] = Default::default();
    for file in order {
        let mut section = String::new();
        let mut carried = String::new();
        for (n, line) in file.lines() {
            if line.trim_start().starts_with(['#', ';']) {
                continue;
            }
            if let Some(more) = line.strip_suffix('\\') {
                carried.push_str(more);
                carried.push(' ');
                continue;
            }
            let line = std::mem::take(&mut carried) + line;
            let line = line.trim();
            if line.starts_with('[') {
                line.clone_into(&mut section);
                continue;
            }
            let Some((key, value)) = line.split_once('=').filter(|_| section == "[Time]") else {
                continue;
            };
            let (key, value) = (key.trim(), value.trim());
            let list = match key {
                "NTP" => &mut lists[0],
                "FallbackNTP" => &mut lists[1],
                key => {
                    if !is_usual(key, value) && doubts.len() < MAX_DOUBTS {
                        doubts.push(Doubt::new("", line, file.line(n)));
                    }
                    continue;
                }
            };
            if value.is_empty() {
                list.clear();
            }
            let found = servers_of(&format!("{key}={value}"), &["NTP", "FallbackNTP"]);
            list.extend(found.into_iter().map(|fact| Found {
                fact,
                at: file.line(n),
            }));
        }
    }
    servers.extend(lists.into_iter().flatten());
}

/// True for a setting of timesyncd that leaves it asking often, and takes answers of usual servers:
/// seconds, by default 5, 32, 2048 and 30.
fn is_usual(key: &str, value: &str) -> bool {
    let number = value
        .strip_suffix("sec")
        .or(value.strip_suffix('s'))
        .unwrap_or(value);
    let within = |least: f64, most: f64| {
        value.is_empty()
            || number
                .trim()
                .parse::<f64>()
                .is_ok_and(|n| (least..=most).contains(&n))
    };
    match key {
        "RootDistanceMaxSec" => within(1.0, f64::MAX),
        "PollIntervalMinSec" | "ConnectionRetrySec" => within(1.0, 3600.0),
        "PollIntervalMaxSec" => within(32.0, 86400.0),
        // What is not known is passed over.
        _ => true,
    }
}

/// The configuration of ntpd: ntp.conf(5), ntpd.conf(5).
fn ntpd(
    files: &[TextFile],
    keys: &[&str],
    servers: &mut Vec<Found<Source>>,
    doubts: &mut Vec<Doubt>,
) {
    let usual = ["panic", "minclock", "minsane", "maxclock", "127.127.1.0"];
    for file in files {
        for (n, line) in file.lines() {
            let line = line.split('#').next().unwrap_or_default();
            servers.extend(servers_of(line, keys).into_iter().map(|fact| Found {
                fact,
                at: file.line(n),
            }));
            let words: Vec<&str> = line.split_whitespace().collect();
            let Some((first, rest)) = words.split_first() else {
                continue;
            };
            let has = |list: &[&str]| rest.iter().any(|w| list.contains(w));
            let odd = match *first {
                "disable" => has(&["ntp"]),
                "includefile" | "fudge" | "tinker" | "tos" => {
                    !rest.first().is_some_and(|w| usual.contains(w))
                }
                // Answers of servers are passed over as everything else from there.
                "restrict" => has(&["ignore", "noserve", "notrust", "flake"]),
                "interface" | "nic" => has(&["ignore", "drop"]) && !has(&["wildcard", "ipv6"]),
                // What keys are asked for, servers of others don't have.
                "enable" => has(&["auth"]),
                // Servers are asked from an address, or by a table of routes, that may not be there.
                "query" | "rtable" => true,
                _ => false,
            };
            if odd && doubts.len() < MAX_DOUBTS {
                doubts.push(Doubt::new("", line.trim(), file.line(n)));
            }
        }
    }
}

/// Options of a source of ntpd that leave it asked and its answers taken: ntp.conf(5).
fn are_plain(options: &[&str]) -> bool {
    let mut rest = options.iter();
    while let Some(option) = rest.next() {
        let mut number = |least: i32, most: i32| {
            let value = rest.next().and_then(|v| v.parse::<i32>().ok());
            value.is_some_and(|n| (least..=most).contains(&n))
        };
        let plain = match *option {
            "iburst" | "burst" | "prefer" | "true" | "noselect" | "dynamic" | "preempt" => true,
            "minpoll" | "maxpoll" => number(3, 14),
            "version" => number(3, 4),
            // OpenNTPD
            "weight" => number(1, 10),
            _ => false,
        };
        if !plain {
            return false;
        }
    }
    true
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
                let pattern = w.contains(['*', '?', '[']) && !w.starts_with('-');
                let pattern = Pattern::new(w.as_bytes(), Flags::PATH)
                    .ok()
                    .filter(|_| pattern);
                let fits = |s: &&str| {
                    let full = format!("{s}.service");
                    pattern
                        .as_ref()
                        .is_some_and(|p| p.matches(full.as_bytes()) || p.matches(s.as_bytes()))
                };
                services.contains(&w.trim_end_matches(".service"))
                    || part("chrony")
                    || w == "ntpd"
                    || services.iter().any(fits)
            })
        };
        // pkill(1) looks for a part of the name.
        let seeks_service = || {
            fact.operands().any(|w| {
                let w = w.trim_start_matches('^').trim_end_matches('$');
                !w.starts_with('-') && w.len() > 2 && services.iter().any(|s| s.contains(w))
            })
        };
        let first = fact.words.first().map_or("", String::as_str);
        let script = ["/etc/init.d/", "/etc/rc.d/init.d/"];
        let script = script.iter().find_map(|folder| first.strip_prefix(folder));
        let hit = match fact.name() {
            "timedatectl" => {
                has(&["set-time", "set-ntp", "ntp-servers"]) && !has(&["true", "yes", "1", "on"])
            }
            _ if script.is_some_and(|name| services.contains(&name)) => has(&["stop", "zap"]),
            // `MMDDhhmm[[CC]YY][.ss]` sets it as well.
            "date" => {
                let digits =
                    |w: &str| w.len() >= 8 && w.chars().all(|c| c.is_ascii_digit() || c == '.');
                let shows =
                    |w: &str| w.starts_with("-d") || w.starts_with("--d") || w.starts_with("-r");
                let sets = ["-s", "-us", "--s"];
                fact.operands()
                    .any(|w| sets.iter().any(|s| w.starts_with(s)))
                    || fact.operands().any(digits) && !fact.operands().any(shows)
            }
            "hwclock" => part("--set") || part("--date"),
            "busctl" | "dbus-send" | "gdbus" => part("timedate1") || part("SetNTP"),
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
            "systemctl" | "service" | "rc-service" | "update-rc.d" | "chkconfig"
            | "invoke-rc.d" | "rc-update" | "initctl" => {
                let verbs = [
                    "stop", "disable", "mask", "off", "remove", "kill", "freeze", "del", "delete",
                ];
                has(&verbs) && names_service()
            }
            "killall" => names_service(),
            "pkill" => names_service() || seeks_service(),
            "kill" | "pidof" => part("chronyd") || part("timesyncd"),
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
    let at = rest
        .iter()
        .position(|w| w == name)
        .map_or(rest.len(), |i| i + 1);
    let used = if has("noselect") {
        Use::Never
    } else if !are_plain(&rest[at..]) {
        Use::Unsure
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::linux::testing::{Build, guest};

    fn read(files: &[(&str, &str)], sync: bool) -> (Vec<(String, Use)>, usize) {
        let mut build = Build::bare();
        for (path, text) in files {
            build = build.file(path, 0o644, *text);
        }
        let guest = guest(build);
        let reader = Reader::new(&guest.paths);
        let texts: Vec<TextFile> = files
            .iter()
            .filter_map(|(path, _)| reader.text(path, &mut Vec::new()))
            .collect();
        let (mut servers, mut doubts) = (Vec::new(), Vec::new());
        if sync {
            timesyncd(&texts, &mut servers, &mut doubts);
        } else {
            ntpd(&texts, &["server", "pool"], &mut servers, &mut doubts);
        }
        let names = servers.into_iter().map(|s| (s.fact.name, s.fact.used));
        (names.collect(), doubts.len())
    }

    /// timesyncd.conf(5), systemd.syntax(7).
    #[test]
    fn timesyncd_takes_what_stands_last_in_its_own_section() {
        let own = "/etc/systemd/timesyncd.conf";
        let of = |text: &str| read(&[(own, text)], true);
        let normal = |name: &str| (name.to_owned(), Use::Normal);
        assert_eq!(of("[Time]\nNTP=a b\n").0, [normal("a"), normal("b")]);
        assert_eq!(of("[Time]\nNTP=a \\\nb\n").0, [normal("a"), normal("b")]);
        assert_eq!(of("[Time]\nNTP=a\nNTP=\nNTP=b\n").0, [normal("b")]);
        for nothing in ["NTP=a\n", "[Clock]\nNTP=a\n", "[Time]\n#NTP=a\nntp=a\n"] {
            assert_eq!(of(nothing).0, [], "{nothing}");
        }
        let hidden = [
            (own, "[Time]\nNTP=a\n"),
            ("/etc/systemd/timesyncd.conf.d/x.conf", "[Time]\nNTP=\n"),
            (
                "/usr/lib/systemd/timesyncd.conf.d/x.conf",
                "[Time]\nNTP=b\n",
            ),
            (
                "/usr/lib/systemd/timesyncd.conf.d/a.conf",
                "[Time]\nNTP=c\n",
            ),
        ];
        assert_eq!(read(&hidden, true).0, []);
        for (usual, odd) in [
            ("RootDistanceMaxSec=5", "RootDistanceMaxSec=0.0001"),
            ("PollIntervalMaxSec=2048s", "PollIntervalMaxSec=1y"),
            ("PollIntervalMinSec=32", "ConnectionRetrySec=90d"),
        ] {
            let doubts = |line: &str| of(&format!("[Time]\n{line}\n")).1;
            assert_eq!((doubts(usual), doubts(odd)), (0, 1), "{usual}, {odd}");
        }
    }

    /// ntp.conf(5), "Access Control Options", "Configuration Options"; ntpd.conf(5).
    #[test]
    fn lines_of_ntpd_by_which_no_answer_is_taken_are_doubts() {
        let of = |line: &str| read(&[("/etc/ntp.conf", line)], false).1;
        for usual in [
            "restrict default kod nomodify notrap nopeer noquery limited",
            "restrict -6 ::1",
            "tinker panic 0",
            "tos minclock 4 minsane 3",
            "interface ignore wildcard",
            "disable monitor",
            "#restrict default ignore",
        ] {
            assert_eq!(of(usual), 0, "{usual}");
        }
        for odd in [
            "restrict default ignore",
            "restrict 203.0.113.1 noserve",
            "interface ignore all",
            "tinker step 0",
            "disable ntp",
            "enable auth",
            "query from 203.0.113.1",
        ] {
            assert_eq!(of(odd), 1, "{odd}");
        }
        let used = |line: &str| read(&[("/etc/ntp.conf", line)], false).0[0].1;
        assert_eq!(used("server a iburst minpoll 6 maxpoll 10"), Use::Normal);
        assert_eq!(used("pool -4 a iburst prefer"), Use::Preferred);
        for odd in ["server a key 7", "server a maxpoll 17", "server a nts"] {
            assert_eq!(used(odd), Use::Unsure, "{odd}");
        }
        let files = ["/etc/ntp.conf"];
        let odd = |words: &[&str]| odd_words(words, &files).len();
        let debian = [
            "-p",
            "/run/ntpd.pid",
            "-c",
            "/etc/ntp.conf",
            "-g",
            "-N",
            "-u",
            "ntpsec:ntpsec",
        ];
        assert_eq!(odd(&debian), 0);
        for words in [
            &["-gx"][..],
            &["-u", "nosuch:nosuch"],
            &["-c/srv/x"],
            &["--quit"],
            &["-I", "lo"],
        ] {
            assert_eq!(odd(words), 1, "{words:?}");
        }
    }
}
