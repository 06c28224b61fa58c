//! What starts by itself: every command line that the system runs at boot or by the clock, whether
//! it really runs, and if not, why not.

mod cron;
mod rc_local;
mod shell;
mod systemd;
mod sysv;

use std::collections::BTreeMap;

pub use shell::programs;

use super::accounts::Accounts;
use super::reader::Reader;
use crate::evidence::{Found, Gap, Location};

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
}

/// Everything that starts by itself.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// The lines.
    pub lines: Vec<Found<StartLine>>,
    /// Enabled services by name without `.service`, with what enables each.
    pub services: BTreeMap<String, Location>,
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

pub(super) fn collect(reader: &Reader<'_>, accounts: &Accounts, debian: bool) -> Start {
    let mut all = Start::default();
    let init = init(reader, &mut all.gaps);
    let units = if init == Init::Systemd {
        systemd::collect(reader, &mut all)
    } else {
        systemd::Units::default()
    };
    sysv::collect(reader, &mut all, |name| units.has(name));
    let masked = units.is_masked("rc-local.service");
    rc_local::collect(reader, &mut all, init, debian, masked);
    let runs = CRON.iter().any(|c| all.services.contains_key(*c));
    cron::collect(reader, &mut all, accounts, debian, runs);
    all
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
