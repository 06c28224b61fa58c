//! Commands about services and accounts.

use super::{Command, Deed, forms, unclear};
use crate::evidence::windows::{FirstCommand, Language, Service};
use crate::policy::Context;
use crate::policy::checks::windows::agents;

/// Services that protect the machine.
const PROTECTING: [&str; 8] = [
    "windefend",
    "wdnissvc",
    "wdfilter",
    "sense",
    "mpssvc",
    "bfe",
    "eventlog",
    "wscsvc",
];

/// What a command does to a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::policy::checks::windows) enum Act {
    /// It starts it, or sets it to start.
    Enables,
    /// It stops, disables, deletes or cripples it.
    Disables,
}

/// What `command` does to `service`, where that can be told; what it deletes of its program counts.
pub(in crate::policy::checks::windows) fn act_on(
    context: &Context<'_>,
    command: &FirstCommand,
    service: &Service,
) -> Option<Act> {
    let it = Command::new(context, &command.carried_out());
    let name = it.name();
    let same = |other: &str| {
        let other = other.trim_matches(['"', '\'']);
        service.name.eq_ignore_ascii_case(other)
            || service
                .display_name
                .as_deref()
                .is_some_and(|d| d.eq_ignore_ascii_case(other))
    };
    let named = || it.rest(1).iter().any(|w| same(w));
    let program = program(context, service);
    if command.language == Language::PowerShell {
        let down = ["stop-service", "remove-service", "suspend-service"];
        if named() && down.iter().any(|d| it.has(d)) {
            return Some(Act::Disables);
        }
        if named() && it.has("set-service") {
            let off = it.has("disabled") || it.has("stopped");
            return Some(if off { Act::Disables } else { Act::Enables });
        }
        if named() && it.has("start-service") {
            return Some(Act::Enables);
        }
    }
    match name.as_str() {
        "sc" if same(it.word(2)) => match it.word(1) {
            "config" => match start(&it) {
                Some("auto" | "delayed-auto") if only_start(&it) => Some(Act::Enables),
                None if only_start(&it) => None,
                _ => Some(Act::Disables),
            },
            "delete" | "stop" | "pause" | "sdset" | "triggerinfo" => Some(Act::Disables),
            "start" => Some(Act::Enables),
            _ => None,
        },
        "net" | "net1" if same(&it.rest(2).join(" ")) || same(it.word(2)) => match it.word(1) {
            "stop" | "pause" => Some(Act::Disables),
            "start" | "continue" => Some(Act::Enables),
            _ => None,
        },
        "reg" => {
            let key = it.word(2);
            let key = key.rsplit('\\').next().unwrap_or_default();
            let at_service = it.has(r"\services\") && same(key);
            let queries = ["query", "export"].contains(&it.word(1));
            (at_service && !queries).then(|| {
                let auto = it.has("/v start ") && it.has("/d 2");
                if auto { Act::Enables } else { Act::Disables }
            })
        }
        "taskkill" | "del" | "erase" | "rd" | "rmdir" | "move" | "ren" | "rename" | "icacls"
        | "cacls" | "takeown" | "attrib" => {
            let path = program?;
            let file = path.rsplit('\\').next().unwrap_or_default();
            let folder = path.rsplit_once('\\').map_or("", |(folder, _)| folder);
            let mut words = it.rest(1).iter().map(|w| w.trim_end_matches('\\'));
            let hits = words.any(|w| {
                w == file || w == folder || w == path || w.starts_with(&format!("{folder}\\"))
            });
            hits.then_some(Act::Disables)
        }
        // Another way that names it can't be told to be harmless.
        "wmic" | "psexec" | "nssm" if named() || it.has(&service.name.to_lowercase()) => {
            Some(Act::Disables)
        }
        _ => None,
    }
}

/// The path of the program of `service` in lower case, with backslashes.
fn program(context: &Context<'_>, service: &Service) -> Option<String> {
    match context.evidence.windows.image(service) {
        crate::evidence::windows::Image::File(file) => {
            Some(file.at.path?.replace('/', "\\").to_lowercase())
        }
        _ => None,
    }
}

/// The start type that `sc config` sets.
fn start<'i>(it: &'i Command<'_>) -> Option<&'i str> {
    let at = it.words.iter().position(|w| w.starts_with("start="))?;
    match it.word(at).strip_prefix("start=") {
        Some("") => Some(it.word(at + 1)),
        kind => kind,
    }
}

/// True where `sc config` sets nothing but the start type.
fn only_start(it: &Command<'_>) -> bool {
    let sets = it.words.iter().filter(|w| w.contains('='));
    sets.count() == 1 && it.words.iter().any(|w| w.starts_with("start="))
}

pub(super) fn of(it: &Command<'_>, name: &str) -> Deed {
    match name {
        "sc" => control(it),
        "taskkill" => kills(it),
        _ => net(it),
    }
}

/// Programs that protect the machine.
const PROTECTORS: [&str; 6] = [
    "msmpeng.exe",
    "nissrv.exe",
    "mssense.exe",
    "securityhealthservice.exe",
    "mpdefendercoreservice.exe",
    "smartscreen.exe",
];
/// Programs that nobody misses: those of the desktop, and those that set the system up.
const SPARE_PROGRAMS: [&str; 32] = [
    "calc.exe",
    "chrome.exe",
    "cleanmgr.exe",
    "dism.exe",
    "dismhost.exe",
    "explorer.exe",
    "firefox.exe",
    "iexplore.exe",
    "mmc.exe",
    "msedge.exe",
    "msiexec.exe",
    "msinfo32.exe",
    "msoobe.exe",
    "mspaint.exe",
    "notepad.exe",
    "oobe.exe",
    "onedrive.exe",
    "onedrivesetup.exe",
    "regedit.exe",
    "searchapp.exe",
    "searchui.exe",
    "servermanager.exe",
    "setup.exe",
    "shellexperiencehost.exe",
    "startmenuexperiencehost.exe",
    "sysprep.exe",
    "systemsettings.exe",
    "taskmgr.exe",
    "werfault.exe",
    "wermgr.exe",
    "windeploy.exe",
    "wordpad.exe",
];
/// Services that nobody misses.
const SPARE: [&str; 8] = [
    "remoteregistry",
    "spooler",
    "diagtrack",
    "dmwappushservice",
    "sysmain",
    "wsearch",
    "fax",
    "mapsbroker",
];

/// `taskkill`: what is named by itself, and guards nothing.
fn kills(it: &Command<'_>) -> Deed {
    let of_agents = agents::programs(it.context);
    let mut agents = of_agents.iter().filter_map(|path| path.rsplit('/').next());
    let named = |file: &str| it.rest(1).iter().any(|w| w == file);
    if agents.any(named) || PROTECTORS.iter().any(|p| named(p)) {
        return Deed::Hostile(say!(win_first_stops));
    }
    let mut words = it.rest(1).iter();
    while let Some(word) = words.next() {
        let plain = match word.as_str() {
            "/f" | "/t" => true,
            "/im" => words
                .next()
                .is_some_and(|n| SPARE_PROGRAMS.contains(&n.as_str())),
            _ => false,
        };
        if !plain {
            return unclear();
        }
    }
    Deed::Harmless
}

/// `net accounts`: limits that are no weaker than usual, and that keep nobody out who mistypes a password
/// once or does not change it within days. Microsoft, "Account lockout threshold", "Maximum password age".
fn accounts(it: &Command<'_>) -> Deed {
    let known = |word: &String| {
        let (name, value) = word.split_once(':').unwrap_or((word, ""));
        let number = value.parse::<u32>().ok();
        match name {
            "/maxpwage" => value == "unlimited" || number.is_some_and(|n| n >= 30),
            "/minpwlen" => number.is_some_and(|n| n >= 8),
            "/lockoutthreshold" => number.is_some_and(|n| (3..=10).contains(&n)),
            "/lockoutduration" | "/lockoutwindow" => {
                number.is_some_and(|n| (5..=1440).contains(&n))
            }
            "/minpwage" | "/uniquepw" => number.is_some(),
            "/forcelogoff" => true,
            _ => false,
        }
    };
    if it.rest(2).iter().all(known) {
        Deed::Harmless
    } else {
        unclear()
    }
}

/// True for a service that a check asks for, or that protects the machine.
fn guarded(it: &Command<'_>, service: &str) -> bool {
    PROTECTING.contains(&service) || agents::is_required(it.context.policy, service)
}

/// A service that is started: one that is disabled is switched on by somebody.
fn starts(it: &Command<'_>, service: &str) -> Deed {
    let windows = &it.context.evidence.windows;
    let services = match windows.services() {
        Ok(services) => services,
        Err(gap) => return Deed::Unclear((*gap.reason).clone()),
    };
    if agents::is_required(it.context.policy, service) {
        return Deed::Harmless;
    }
    let mut all = services.items.iter();
    let found = all.find(|s| {
        s.name.eq_ignore_ascii_case(service)
            || s.display_name
                .as_deref()
                .is_some_and(|d| d.eq_ignore_ascii_case(service))
    });
    match found.and_then(|s| s.start.as_ref()) {
        Some(start) if start.fact <= 3 => Deed::Harmless,
        // A service that is not there does not start.
        None if found.is_none() => Deed::Harmless,
        _ => unclear(),
    }
}

fn control(it: &Command<'_>) -> Deed {
    let service = it.word(2);
    match it.word(1) {
        "query" | "queryex" | "qc" | "description" | "failureflag" | "sdshow" | "qfailure" => {
            Deed::Harmless
        }
        // What restarts the machine does so whenever the service ends (Microsoft, "sc failure").
        "failure" if !it.has("command=") && !it.has("reboot") => Deed::Harmless,
        "triggerinfo" if forms::is_known(it, "sc") => Deed::Harmless,
        "start" => starts(it, service),
        "stop" if guarded(it, service) => Deed::Hostile(say!(win_first_stops)),
        "stop" => Deed::Harmless,
        "delete" if guarded(it, service) => Deed::Hostile(say!(win_first_stops)),
        "config" if only_start(it) => match start(it) {
            Some("auto" | "delayed-auto" | "demand") if guarded(it, service) => match start(it) {
                Some("demand") => unclear(),
                _ => Deed::Harmless,
            },
            Some("auto" | "delayed-auto" | "demand") => starts(it, service),
            Some("disabled") if guarded(it, service) => Deed::Hostile(say!(win_first_stops)),
            Some("disabled") if SPARE.contains(&service) => Deed::Harmless,
            _ => unclear(),
        },
        "config" if guarded(it, service) => Deed::Hostile(say!(win_first_stops)),
        "create" if it.has("kernel") || it.has("filesys") => Deed::Hostile(say!(win_first_driver)),
        _ => unclear(),
    }
}

fn net(it: &Command<'_>) -> Deed {
    let given = |switch: &str| it.words.iter().any(|w| w.starts_with(switch));
    let names: Vec<&String> = it.rest(2).iter().filter(|w| !w.starts_with('/')).collect();
    match it.word(1) {
        "start" => starts(it, &it.rest(2).join(" ")),
        "stop" if guarded(it, it.word(2)) => Deed::Hostile(say!(win_first_stops)),
        "accounts" => accounts(it),
        "time" if it.rest(2).iter().any(|w| w != "/querysntp") => unclear(),
        "stop" | "time" | "config" | "view" | "statistics" => Deed::Harmless,
        "user" | "users" => {
            if given("/ad") {
                return Deed::Hostile(say!(win_first_user));
            }
            if names.len() > 1 {
                return Deed::Hostile(say!(win_first_password));
            }
            let administrator = names.first().is_some_and(|n| *n == "administrator");
            if given("/active:n") && administrator {
                return Deed::Hostile(say!(win_first_administrator));
            }
            let guest = names.first().is_some_and(|n| *n == "guest");
            if given("/active:n") && guest && it.words.len() == 4 {
                return Deed::Harmless;
            }
            if it.rest(2).is_empty() || given("/active:y") && administrator {
                return Deed::Harmless;
            }
            unclear()
        }
        "localgroup" | "group" => {
            if given("/ad") && !it.rest(2).is_empty() {
                return Deed::Hostile(say!(win_first_member));
            }
            if names.len() < 2 && !given("/") {
                return Deed::Harmless;
            }
            unclear()
        }
        _ => unclear(),
    }
}
