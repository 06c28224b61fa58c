//! What starts by itself: every command line that the system runs at boot or by the clock, whether
//! it really runs, and if not, why not.

pub(super) mod alters;
pub(super) mod cloud_init;
mod cron;
mod environment;
pub(super) mod follow;
mod rc_local;
mod shell;
mod systemd;
mod sysv;
pub(super) mod tmpfiles;
mod whole;

use std::collections::BTreeMap;

pub use alters::{Alteration, Alters};
pub use cloud_init::{CloudFact, CloudInit, CloudUser};
pub(in crate::evidence::linux) use cron::{PERIODIC, SPOOLS};
pub use follow::{Run, RunCommand, Touch};
pub use shell::{Call, Exists, PlainCommand, calls, exec_calls};
pub(in crate::evidence::linux) use shell::{
    Piece, every, every_of_exec, is_for_shell, plain, plain_text, quoted_words,
};
pub use tmpfiles::{MadeAtBoot, SysUser, TmpLine};
pub(in crate::evidence::linux) use whole::FORMATS;
pub(crate) use whole::{is_usual_in_path, is_usual_path};

use crate::evidence::linux::accounts::Accounts;
use crate::evidence::linux::reader::Reader;
use crate::evidence::{Found, Gap, Location};
use crate::guest::linux::units::{Machine, Units};

/// What runs a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Starter {
    /// A line of a crontab.
    Crontab,
    /// A script in `/etc/cron.daily` and its like, or a line of it.
    CronScript,
    /// A job of anacron.
    Anacron,
    /// A line of `rc.local` and its like.
    RcLocal,
    /// A command of a systemd unit.
    Systemd,
    /// A script that a run level starts, of System V init or OpenRC.
    InitScript,
    /// A line of inittab.
    Inittab,
}

/// Why a line does not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Inactive {
    /// It is commented out.
    Commented,
    /// It stands behind an unconditional `exit`.
    AfterExit,
    /// It stands under a condition that does not hold (`true ||`, `if false`, a missing file).
    ConditionFalse,
    /// It stands in a function that nothing calls.
    NotCalled,
    /// Its file is a script for something that is no shell, or has no `#!` line where the system
    /// needs one.
    NoShell,
    /// Its schedule never comes, or cron refuses the line.
    BadSchedule,
    /// It is text of a here-document.
    HereDocument,
    /// Its file lacks the x bit.
    NotExecutable,
    /// Cron passes over its file: name, owner or permissions.
    FileIgnored,
    /// Its user does not exist.
    NoSuchUser,
    /// The system has another place for this file and does not run it here.
    WrongPlace,
    /// No target or run level starts it.
    NotEnabled,
    /// Its unit is masked.
    Masked,
    /// The daemon or service that would run it is not enabled.
    RunnerDisabled,
    /// Its unit fails before: a command before it, or a file, an account or a unit that it needs.
    FailsBefore,
}

/// A command that starts by itself, or would.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct StartLine {
    /// What would run it.
    pub starter: Starter,
    /// The command.
    pub command: String,
    /// The schedule of a crontab line; the unit of a systemd command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// As whom, where the line says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Why it does not run; `None` where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inactive: Option<Inactive>,
    /// It runs only under a condition that is known at run time, or less than once a day.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub conditional: bool,
}

impl StartLine {
    /// The programs that the line starts when it runs.
    #[must_use]
    pub fn calls(&self, exists: Exists<'_>) -> Vec<Call> {
        let mut calls = match self.starter {
            Starter::Systemd => exec_calls(&self.command, exists),
            _ => calls(&self.command, exists),
        };
        for call in &mut calls {
            call.certain &= !self.conditional;
        }
        calls
    }
}

/// A setting of a unit.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct UnitSetting {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// A service that starts.
#[derive(Debug, Clone, Default)]
pub struct ServiceUnit {
    /// Its settings, in the order of its files.
    pub settings: Vec<Found<UnitSetting>>,
    /// Those of its conditions that depend on the running machine.
    pub undecided: Vec<Found<UnitSetting>>,
    /// Variables of its environment, and where a file sets them.
    pub variables: BTreeMap<String, (String, Option<Location>)>,
}

/// Settings of units that change nothing about whether a service starts and does its work.
const HARMLESS: &[&str] = &[
    "Description",
    "Documentation",
    "Before",
    "Wants",
    "WantedBy",
    "RequiredBy",
    "Alias",
    "Also",
    "DefaultDependencies",
    "OnFailure",
    "OnSuccess",
    "StartLimitIntervalSec",
    "StartLimitBurst",
    "StartLimitInterval",
    "Restart",
    "RestartSec",
    "RestartPreventExitStatus",
    "SuccessExitStatus",
    "KillMode",
    "KillSignal",
    "SendSIGKILL",
    "TimeoutStopSec",
    "RemainAfterExit",
    "GuessMainPID",
    "OOMPolicy",
    "OOMScoreAdjust",
    "Nice",
    "CPUWeight",
    "CPUShares",
    "IOWeight",
    "MemoryMin",
    "MemoryLow",
    "Delegate",
    "IgnoreSIGPIPE",
    "SyslogIdentifier",
    "SyslogFacility",
    "LogLevelMax",
    "UMask",
    "RuntimeDirectory",
    "RuntimeDirectoryMode",
    "RuntimeDirectoryPreserve",
    "StateDirectory",
    "StateDirectoryMode",
    "LogsDirectory",
    "LogsDirectoryMode",
    "CacheDirectory",
    "ConfigurationDirectory",
    "LimitCORE",
    "LimitMEMLOCK",
    "PrivateTmp",
    "ExecReload",
    "ExecStop",
    "ExecStopPost",
    "Environment",
    "EnvironmentFile",
    "PassEnvironment",
    "ExecStart",
    "ExecStartPre",
    "ExecStartPost",
    "ConditionCapability",
    "BusName",
    "Sockets",
    "NonBlocking",
];

/// Units that every service conflicts with: the system goes down by them.
const GOING_DOWN: &[&str] = &[
    "shutdown.target",
    "umount.target",
    "reboot.target",
    "poweroff.target",
    "halt.target",
    "kexec.target",
    "final.target",
];

/// Units that every system reaches, and that wait for nothing of their own: systemd.special(7).
const SPECIAL: &[&str] = &[
    "-.mount",
    "-.slice",
    "system.slice",
    "basic.target",
    "sysinit.target",
    "local-fs.target",
    "local-fs-pre.target",
    "remote-fs.target",
    "remote-fs-pre.target",
    "network.target",
    "network-pre.target",
    "network-online.target",
    "nss-lookup.target",
    "nss-user-lookup.target",
    "time-set.target",
    "time-sync.target",
    "sockets.target",
    "timers.target",
    "paths.target",
    "swap.target",
    "slices.target",
    "multi-user.target",
    "dbus.socket",
    "syslog.socket",
    "systemd-journald.socket",
    "systemd-journald-dev-log.socket",
];

/// Settings whose value decides whether the service still does its work.
fn is_harmless(key: &str, value: &str, others: &Others<'_>) -> bool {
    let most = |least: u64| value == "infinity" || value.parse::<u64>().is_ok_and(|n| n >= least);
    let starts = |unit: &str| others.start.starts(unit);
    match key {
        // It goes with the other unit, and does not start without it.
        "Requires" | "Requisite" | "BindsTo" | "PartOf" => {
            value.split_whitespace().all(|unit| others.stands(unit))
        }
        // It waits until the start of the other unit has ended.
        "After" => value.split_whitespace().all(|unit| {
            others.stands(unit)
                || unit.ends_with(".service") && !starts(unit)
                || !unit.ends_with(".service") && !unit.ends_with(".target")
        }),
        "JobTimeoutSec" | "JobRunningTimeoutSec" => matches!(value, "" | "0" | "infinity"),
        "Slice" => matches!(value, "" | "system.slice"),
        "PIDFile" => true,
        // Whoever never says that it is ready is killed.
        "Type" => matches!(value, "simple" | "exec" | "forking" | "oneshot" | "idle"),
        "NotifyAccess" => value != "none",
        "User" | "Group" => matches!(value, "" | "root" | "0"),
        // What does not start in time is killed.
        "TimeoutSec" | "TimeoutStartSec" => is_long(value),
        // A file that can't be opened ends the start.
        "StandardInput" => matches!(value, "" | "null"),
        "StandardOutput" | "StandardError" => {
            let file = value.split_once(':').filter(|(kind, _)| *kind != "fd");
            file.is_none_or(|(_, path)| path.starts_with("/var/log/"))
        }
        "WatchdogSec" => matches!(value, "0" | "infinity"),
        "Conflicts" => value.split_whitespace().all(|unit| {
            GOING_DOWN.contains(&unit)
                || [".service", ".socket", ".timer", ".path"]
                    .iter()
                    .any(|kind| unit.ends_with(kind))
                    && !starts(unit)
        }),
        "TasksMax" | "LimitNPROC" | "LimitNOFILE" => most(64),
        key => HARMLESS.contains(&key) || key.starts_with("X-"),
    }
}

/// True for a time span of at least ten seconds, or without an end: systemd.time(7).
fn is_long(value: &str) -> bool {
    let end = value
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(value.len());
    let seconds = match value[end..].trim() {
        "" | "s" | "sec" | "second" | "seconds" => 1,
        "m" | "min" | "minute" | "minutes" => 60,
        "h" | "hr" | "hour" | "hours" => 3600,
        _ => 0,
    };
    let number = value[..end].parse::<u64>();
    // Nothing and 0 leave it without a bound.
    matches!(value, "" | "0" | "infinity") || number.is_ok_and(|n| n.saturating_mul(seconds) >= 10)
}

/// Variables of the environment that make any program load or run something else.
fn is_heavy(value: &str) -> bool {
    [
        "LD_",
        "BASH_ENV",
        "PATH=",
        "GCONV_PATH",
        "PYTHON",
        "PERL",
        "GLIBC_TUNABLES",
    ]
    .iter()
    .any(|name| value.contains(name))
}

/// What is known of the units beside one.
pub(super) struct Others<'a> {
    pub(super) start: &'a Start,
    /// True of the path of a file that stands as its package brought it.
    pub(super) own: &'a dyn Fn(&str) -> bool,
}

impl Others<'_> {
    fn is_own(&self, at: &Location) -> bool {
        (self.own)(at.path.as_deref().unwrap_or(""))
    }

    /// True of a unit that starts and that a package brought, whole.
    fn stands(&self, unit: &str) -> bool {
        let found = self.start.units.get(unit);
        SPECIAL.contains(&unit)
            || found.is_some_and(|u| {
                !u.settings.is_empty() && u.settings.iter().all(|s| self.is_own(&s.at))
            })
    }

    /// Settings of other units that stop `unit`, or that may keep its start waiting, where no package
    /// brought them.
    pub(super) fn against(&self, unit: &str) -> Vec<Found<UnitSetting>> {
        let hits = |s: &&Found<UnitSetting>| {
            let mut named = s.fact.value.split_whitespace();
            let waits = s.fact.key == "Before";
            named.any(|name| {
                name == unit || ON_THE_WAY.contains(&name) || !waits && HOLDING.contains(&name)
            })
        };
        let against = self.start.against.iter().filter(hits);
        against.filter(|s| !self.is_own(&s.at)).cloned().collect()
    }
}

/// Targets that services start behind.
const ON_THE_WAY: &[&str] = &[
    "sysinit.target",
    "basic.target",
    "local-fs.target",
    "local-fs-pre.target",
    "remote-fs.target",
    "nss-user-lookup.target",
    "sockets.target",
    "timers.target",
    "paths.target",
    "slices.target",
];
/// Targets that hold the services.
const HOLDING: &[&str] = &["multi-user.target", "graphical.target", "default.target"];

impl ServiceUnit {
    /// True of a setting by which the manager waits for another sign that the service has started than
    /// its package knows of: it then ends the daemon, or takes it for one that has ended.
    fn starts_otherwise(&self, key: &str, value: &str, others: &Others<'_>) -> bool {
        let own = |key: &str| {
            let mut all = self.settings.iter().rev();
            let found = all.find(|o| o.fact.key == key && others.is_own(&o.at));
            found.map(|o| o.fact.value.as_str())
        };
        let packaged = own("ExecStart").is_some();
        let like = |kind: &str| matches!(kind, "simple" | "exec" | "idle");
        packaged
            && match key {
                "Type" => own("Type").map_or(!like(value), |kind| kind != value),
                "PIDFile" => own("Type") == Some("forking") && own("PIDFile") != Some(value),
                _ => false,
            }
    }

    /// Settings that are not understood, and conditions that depend on the running machine, of files that
    /// do not stand as a package brought them.
    pub(super) fn not_understood(&self, others: &Others<'_>) -> Vec<Found<UnitSetting>> {
        let foreign = |s: &&Found<UnitSetting>| !others.is_own(&s.at);
        let unclear = self.settings.iter().filter(|s| {
            let key = s.fact.key.as_str();
            let decided = key.starts_with("Condition") || key.starts_with("Assert");
            !decided && !is_harmless(key, &s.fact.value, others)
                || key == "Environment" && is_heavy(&s.fact.value)
                || matches!(key, "ExecStartPre" | "ExecStartPost") && !s.fact.value.starts_with('-')
                || self.starts_otherwise(key, &s.fact.value, others)
        });
        let mut found: Vec<_> = unclear.filter(foreign).cloned().collect();
        found.extend(self.undecided.iter().filter(foreign).cloned());
        for (name, (value, at)) in &self.variables {
            let text = format!("{name}={value}");
            if let Some(at) = at.as_ref().filter(|_| is_heavy(&text))
                && !others.is_own(at)
            {
                found.push(Found {
                    fact: UnitSetting {
                        key: name.clone(),
                        value: value.clone(),
                    },
                    at: at.clone(),
                });
            }
        }
        found
    }
}

/// Everything that starts by itself.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// The lines.
    pub lines: Vec<Found<StartLine>>,
    /// Enabled services by name without `.service`, with what enables each.
    pub services: BTreeMap<String, Location>,
    /// Units of services that start, by name.
    pub units: BTreeMap<String, ServiceUnit>,
    /// Settings of units that start which stop other units, or let these wait.
    pub against: Vec<Found<UnitSetting>>,
    /// Settings and variables that hold for all that starts, and are not understood to be harmless.
    pub of_all: Vec<Found<UnitSetting>>,
    /// Enabled services that fail before their programs run, with the setting at fault.
    pub broken: BTreeMap<String, Location>,
    /// The commands that start the cron daemon.
    pub cron_daemons: Vec<Found<StartLine>>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

impl Start {
    /// What enables the service: a wants link, a run level link.
    #[must_use]
    pub fn enabled(&self, service: &str) -> Option<&Location> {
        self.services.get(service)
    }
}

impl Start {
    /// True where a unit starts.
    pub(super) fn starts(&self, unit: &str) -> bool {
        let service = unit.strip_suffix(".service");
        self.units.contains_key(unit) || service.is_some_and(|s| self.services.contains_key(s))
    }
}

/// What runs as process 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Init {
    Systemd,
    OpenRc,
    Sysv,
}

/// Names of cron daemons' services.
const CRON: &[&str] = &[
    "cron",
    "crond",
    "cronie",
    "dcron",
    "fcron",
    "bcron",
    "busybox-cron",
];

/// The daemons themselves.
const CRON_PROGRAMS: &[&str] = &[
    "/usr/sbin/cron",
    "/usr/sbin/crond",
    "/usr/bin/crond",
    "/usr/sbin/fcron",
    "/usr/sbin/dcron",
    "/bin/busybox",
    "/usr/bin/busybox",
];

/// Collects what starts. `pulls` are units that lines of fstab pull in.
pub(super) fn collect(
    reader: &Reader<'_>,
    accounts: &Accounts,
    system: System,
    pulls: &[Found<String>],
    machine: Machine<'_>,
) -> Start {
    let mut all = Start::default();
    let init = init(reader, &mut all.gaps);
    let units = if init == Init::Systemd {
        let users = accounts.active().map(|u| u.fact.name.clone()).collect();
        let units = systemd::collect(reader, &mut all, pulls, &users, machine);
        whole::manager(reader, &units, &mut all);
        whole::formats(reader, &mut all);
        units
    } else {
        Units::default()
    };
    whole::environment(reader, &mut all);
    sysv::collect(reader, &mut all, init, |name| units.has(name));
    let masked = units.is_masked("rc-local.service");
    rc_local::collect(reader, &mut all, init, system.debian, masked);
    let runs = cron_runs(reader, &mut all);
    cron::collect(reader, &mut all, accounts, system, runs);
    all
}

/// What of the system decides where its files stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct System {
    /// It has a dpkg database, and so the cron and the places of Debian.
    pub(super) debian: bool,
    /// It has an rpm database.
    pub(super) rpm: bool,
}

/// True where a cron daemon is enabled, and what its service starts is one.
fn cron_runs(reader: &Reader<'_>, all: &mut Start) -> bool {
    let (mut gaps, mut daemons) = (Vec::new(), Vec::new());
    let runs = CRON.iter().any(|name| {
        if !all.services.contains_key(*name) {
            return false;
        }
        let unit = format!("{name}.service");
        let mut commands = all
            .lines
            .iter()
            .filter(|l| l.fact.starter == Starter::Systemd && l.fact.inactive.is_none())
            .filter(|l| l.fact.when.as_deref() == Some(&unit))
            .peekable();
        // A script of a run level: any of the daemons will do.
        if commands.peek().is_none() {
            let mut programs = CRON_PROGRAMS.iter();
            return programs.any(|p| reader.find(p.as_bytes(), &mut gaps).is_some());
        }
        let mut runs = false;
        for line in commands {
            let is_daemon = line.fact.calls(&|_| None).iter().any(|call| {
                let name = call.program.rsplit('/').next().unwrap_or("");
                (name.contains("cron") || name == "busybox")
                    && reader.find(call.program.as_bytes(), &mut gaps).is_some()
            });
            if is_daemon {
                daemons.push(line.clone());
            }
            runs |= is_daemon;
        }
        runs
    });
    all.cron_daemons = daemons;
    all.gaps.extend(gaps);
    runs
}

/// Tells of paths for conditions in scripts.
pub(super) fn exists(reader: &Reader<'_>, path: &str) -> Option<bool> {
    // What is there is made when the machine runs.
    const MADE: &[&str] = &[
        "/run",
        "/proc",
        "/sys",
        "/dev",
        "/tmp",
        "/var/run",
        "/var/lock",
        "/var/tmp",
    ];
    let below = |dir: &&str| {
        let rest = path.strip_prefix(*dir);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if !path.starts_with('/') || path.contains("/..") || MADE.iter().any(below) {
        return None;
    }
    let mut gaps = Vec::new();
    let found = reader.find(path.as_bytes(), &mut gaps).is_some();
    gaps.is_empty().then_some(found)
}

fn init(reader: &Reader<'_>, gaps: &mut Vec<Gap>) -> Init {
    let mut there = |path: &str| reader.find(path.as_bytes(), gaps).is_some();
    if there("/usr/lib/systemd/systemd") || there("/lib/systemd/systemd") {
        Init::Systemd
    } else if there("/sbin/openrc") || there("/usr/sbin/openrc") {
        Init::OpenRc
    } else {
        Init::Sysv
    }
}
