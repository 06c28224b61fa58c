//! What holds for all that starts: settings of the service manager and of its slices, the environment that
//! PAM gives to jobs and logins, and programs that run in the place of others. systemd-system.conf(5),
//! systemd.slice(5), pam_env(8), binfmt.d(5).

use super::{Start, UnitSetting, is_heavy, shell};
use crate::evidence::linux::reader::{PATH, Reader, TextFile};
use crate::evidence::{Found, Location};
use crate::guest::linux::assignments;
use crate::guest::linux::units::{Units, settings};

/// Folders of systemd's own configuration.
const MANAGER: &[&str] = &["/etc/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd"];
/// Settings of the manager that keep nothing from starting and doing its work.
const HARMLESS: &[&str] = &[
    "LogLevel",
    "LogTarget",
    "LogColor",
    "LogLocation",
    "LogTime",
    "DumpCore",
    "ShowStatus",
    "CrashChangeVT",
    "CrashReboot",
    "CtrlAltDelBurstAction",
    "RuntimeWatchdogSec",
    "RebootWatchdogSec",
    "ShutdownWatchdogSec",
    "KExecWatchdogSec",
    "WatchdogDevice",
    "TimerSlackNSec",
    "StatusUnitFormat",
    "DefaultTimerAccuracySec",
    "DefaultStandardOutput",
    "DefaultStandardError",
    "DefaultTimeoutStopSec",
    "DefaultTimeoutAbortSec",
    "DefaultRestartSec",
    "DefaultStartLimitIntervalSec",
    "DefaultStartLimitBurst",
    "DefaultCPUAccounting",
    "DefaultIOAccounting",
    "DefaultIPAccounting",
    "DefaultBlockIOAccounting",
    "DefaultMemoryAccounting",
    "DefaultTasksAccounting",
    "DefaultLimitCORE",
    "DefaultLimitMEMLOCK",
    "DefaultOOMPolicy",
    "CPUAccounting",
    "IOAccounting",
    "IPAccounting",
    "MemoryAccounting",
    "TasksAccounting",
    "CPUWeight",
    "IOWeight",
    "MemoryMin",
    "MemoryLow",
    "Description",
    "Documentation",
    "DefaultDependencies",
    "Before",
    "After",
];
/// Slices that services are in by themselves.
const SLICES: &[&str] = &["system.slice", "-.slice"];
/// Folders beside [`PATH`] in which programs are found by their bare names on usual systems.
const MORE_OF_PATH: &[&str] = &["/usr/games", "/usr/local/games", "/snap/bin"];
/// Folders of formats of programs: binfmt.d(5).
pub(in crate::evidence::linux) const FORMATS: &[&str] = &[
    "/etc/binfmt.d",
    "/usr/local/lib/binfmt.d",
    "/usr/lib/binfmt.d",
    "/lib/binfmt.d",
];

/// True for a number of tasks or files, or a share of what there is, with which services do their work.
fn is_enough(value: &str) -> bool {
    // `soft:hard`
    value.split(':').all(|value| match value.strip_suffix('%') {
        Some(share) => share.parse::<u64>().is_ok_and(|n| n >= 5),
        None => value == "infinity" || value.parse::<u64>().is_ok_and(|n| n >= 64),
    })
}

fn is_harmless(key: &str, value: &str) -> bool {
    match key {
        _ if value.is_empty() => true,
        "DefaultTasksMax" | "DefaultLimitNOFILE" | "DefaultLimitNPROC" | "TasksMax" => {
            is_enough(value)
        }
        "MemoryMax" | "MemoryHigh" => value == "infinity",
        // Less than this is no time for a start.
        "DefaultTimeoutStartSec" | "DefaultDeviceTimeoutSec" => {
            value == "infinity"
                || value
                    .strip_suffix("min")
                    .is_some_and(|n| n.trim().parse::<u64>().is_ok_and(|n| n > 0))
                || value
                    .trim_end_matches('s')
                    .trim()
                    .parse::<u64>()
                    .is_ok_and(|n| n >= 10)
        }
        // Escapes stand for other characters.
        "DefaultEnvironment" | "ManagerEnvironment" => {
            !value.contains('\\')
                && shell::quoted_words(value)
                    .iter()
                    .all(|word| !is_heavy(word))
        }
        "SystemCallArchitectures" => value == "native",
        key => HARMLESS.contains(&key) || key.starts_with("X-"),
    }
}

/// Settings of the manager and of the slices that are not understood to be harmless.
pub(super) fn manager(reader: &Reader<'_>, units: &Units, all: &mut Start) {
    let mut files: Vec<TextFile> = Vec::new();
    for folder in MANAGER {
        files.extend(reader.text(format!("{folder}/system.conf"), &mut all.gaps));
        let more = format!("{folder}/system.conf.d");
        files.extend(reader.texts_in(more.as_bytes(), &[".conf"], &mut all.gaps));
    }
    for file in files {
        for setting in settings(&file.text) {
            if setting.section == "Manager" && !is_harmless(&setting.key, &setting.value) {
                let at = file.line(setting.line);
                all.of_all.push(found(setting.key, setting.value, at));
            }
        }
    }
    for slice in SLICES {
        for (setting, at) in units.read(reader.paths(), slice, &mut all.gaps).settings {
            if !is_harmless(&setting.key, &setting.value) {
                all.of_all.push(found(setting.key, setting.value, at));
            }
        }
    }
}

fn found(key: String, value: String, at: Location) -> Found<UnitSetting> {
    Found {
        fact: UnitSetting { key, value },
        at,
    }
}

/// Variables by which programs load or run something else, in the files that pam_env reads.
pub(super) fn environment(reader: &Reader<'_>, all: &mut Start) {
    for path in ["/etc/environment", "/etc/default/locale"] {
        let Some(file) = reader.text(path, &mut all.gaps) else {
            continue;
        };
        for (n, name, value) in assignments(&file.text) {
            variable(all, &name, &value, file.line(n));
        }
    }
    // NAME DEFAULT=value OVERRIDE=value
    if let Some(file) = reader.text("/etc/security/pam_env.conf", &mut all.gaps) {
        for (n, line) in file.lines() {
            let line = line.trim();
            let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            for value in rest.split_whitespace().filter_map(|w| w.split_once('=')) {
                if !name.starts_with('#') {
                    variable(all, name, value.1.trim_matches('"'), file.line(n));
                }
            }
        }
    }
}

/// True for a folder in which usual systems look for programs by their bare names.
pub(crate) fn is_usual_in_path(folder: &str) -> bool {
    PATH.contains(&folder)
}

/// True for a `PATH` with which programs of usual folders are found as ever: what is searched behind them hides none.
pub(crate) fn is_usual_path(value: &str) -> bool {
    let (mut of_users, mut of_system) = (false, false);
    for folder in value.split(':') {
        match folder {
            "/usr/bin" | "/bin" => of_users = true,
            "/usr/sbin" | "/sbin" => of_system = true,
            folder if PATH.contains(&folder) => {}
            folder if of_users && MORE_OF_PATH.contains(&folder) => {}
            _ => return of_users && of_system,
        }
    }
    true
}

fn variable(all: &mut Start, name: &str, value: &str, at: Location) {
    if is_heavy(&format!("{name}={value}")) && !(name == "PATH" && is_usual_path(value)) {
        all.of_all
            .push(found(name.to_owned(), value.to_owned(), at));
    }
}

/// Formats of programs that the kernel gives to another program: each may take the place of an agent or
/// of its shell.
pub(super) fn formats(reader: &Reader<'_>, all: &mut Start) {
    let mut seen = Vec::new();
    for folder in FORMATS {
        for file in reader.texts_in(folder.as_bytes(), &[".conf"], &mut all.gaps) {
            if seen.contains(&file.at.path) {
                continue;
            }
            for (n, line) in file.lines() {
                let line = line.trim();
                if !line.is_empty() && !line.starts_with(['#', ';']) {
                    all.of_all
                        .push(found("binfmt".to_owned(), line.to_owned(), file.line(n)));
                }
            }
            seen.push(file.at.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_leave_services_alone_are_told_from_others() {
        for (key, value) in [
            ("DefaultTasksMax", "15%"),
            ("DefaultLimitNOFILE", "1024:524288"),
            ("DefaultTimeoutStartSec", "90s"),
            ("DefaultTimeoutStartSec", "5min"),
            ("DefaultEnvironment", "LANG=C \"TZ=UTC\""),
            ("LogLevel", "info"),
            ("MemoryMax", "infinity"),
            ("CapabilityBoundingSet", ""),
        ] {
            assert!(is_harmless(key, value), "{key}={value}");
        }
        for (key, value) in [
            ("DefaultTasksMax", "1"),
            ("DefaultLimitNOFILE", "2:524288"),
            ("DefaultTimeoutStartSec", "1s"),
            ("DefaultTimeoutStartSec", "10ms"),
            ("DefaultEnvironment", "A=b LD_PRELOAD=/srv/x.so"),
            ("MemoryMax", "1M"),
            ("CPUQuota", "1%"),
            ("CapabilityBoundingSet", "CAP_CHOWN"),
        ] {
            assert!(!is_harmless(key, value), "{key}={value}");
        }
    }
}
