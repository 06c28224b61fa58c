//! Programs that Windows starts by itself, besides its services.

use serde::Serialize;

use super::{KeyAt, Windows, place};
use crate::error::{Error, Layer};
use crate::evidence::{Collected, Found, Gap, Location};
use crate::fs::FileKind;
use crate::guest::windows::{GuestHive, shown};

/// Keys of a machine's SOFTWARE or a user's `Software` whose every value is a command.
const RUN: &[&str] = &[
    r"Microsoft\Windows\CurrentVersion\Run",
    r"Microsoft\Windows\CurrentVersion\RunOnce",
    r"Microsoft\Windows\CurrentVersion\RunServices",
    r"Microsoft\Windows\CurrentVersion\RunServicesOnce",
    r"Microsoft\Windows\CurrentVersion\Policies\Explorer\Run",
    r"Microsoft\Windows NT\CurrentVersion\Terminal Server\Install\Software\Microsoft\Windows\CurrentVersion\Run",
    r"Microsoft\Windows NT\CurrentVersion\Terminal Server\Install\Software\Microsoft\Windows\CurrentVersion\RunOnce",
];
/// A key whose subkeys hold the commands.
const RUN_ONCE_EX: &str = r"Microsoft\Windows\CurrentVersion\RunOnceEx";
/// Single values that name programs, in SOFTWARE and in `Software` of a user.
const VALUES: &[(&str, &[&str])] = &[
    (
        r"Microsoft\Windows NT\CurrentVersion\Winlogon",
        &["Shell", "Userinit", "Taskman", "AppSetup", "GinaDLL"],
    ),
    (
        r"Microsoft\Windows NT\CurrentVersion\Windows",
        &["AppInit_DLLs", "Load", "Run"],
    ),
];
/// Each subkey's `StubPath` runs once for each user.
const ACTIVE_SETUP: &str = r"Microsoft\Active Setup\Installed Components";
/// Values of `Control\Session Manager` that the session manager runs before any logon.
const SESSION_MANAGER: [&str; 3] = ["BootExecute", "SetupExecute", "Execute"];
/// Programs and libraries that parts of Windows load: kind, key (`*` for each key there), value
/// (`*` for every one).
const LOADED: &[(&str, &str, &str)] = &[
    (
        "Winlogon Notify",
        r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon\Notify\*",
        "DllName",
    ),
    (
        "AppCertDlls",
        r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\AppCertDlls",
        "*",
    ),
    (
        "Print Monitor",
        r"HKLM\SYSTEM\CurrentControlSet\Control\Print\Monitors\*",
        "Driver",
    ),
    ("Netsh helper", r"HKLM\SOFTWARE\Microsoft\NetSh", "*"),
    (
        "Time provider",
        r"HKLM\SYSTEM\CurrentControlSet\Services\W32Time\TimeProviders\*",
        "DllName",
    ),
    (
        "Group Policy script",
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Group Policy\Scripts\*\*\*",
        "Script",
    ),
    (
        "Group Policy script",
        r"HKU\*\Software\Microsoft\Windows\CurrentVersion\Group Policy\Scripts\*\*\*",
        "Script",
    ),
    (
        "Command Processor",
        r"HKLM\SOFTWARE\Microsoft\Command Processor",
        "AutoRun",
    ),
    (
        "Command Processor",
        r"HKU\*\Software\Microsoft\Command Processor",
        "AutoRun",
    ),
];
/// The class libraries that a user's hive of classes puts before those of the machine.
const USER_CLASSES: &str = r"CLSID\*\InprocServer32";
/// Scripts of PowerShell that run with every session, from the folder of Windows and from a
/// profile.
const POWERSHELL: &[&str] = &[
    r"System32\WindowsPowerShell\v1.0\profile.ps1",
    r"System32\WindowsPowerShell\v1.0\Microsoft.PowerShell_profile.ps1",
];
const USER_POWERSHELL: &[&str] = &[
    r"Documents\WindowsPowerShell\profile.ps1",
    r"Documents\WindowsPowerShell\Microsoft.PowerShell_profile.ps1",
    r"Documents\PowerShell\profile.ps1",
    r"Documents\PowerShell\Microsoft.PowerShell_profile.ps1",
];
/// The longest shell link that is read, in bytes.
const MAX_LINK: u64 = 1024 * 1024;
/// Where the programs of 32 bits have their part of SOFTWARE.
const WOW: &str = "Wow6432Node";
/// The folders whose files start at a logon: of all users, and below a profile.
const COMMON_STARTUP: &str = r"ProgramData\Microsoft\Windows\Start Menu\Programs\Startup";
const USER_STARTUP: &str = r"AppData\Roaming\Microsoft\Windows\Start Menu\Programs\Startup";

/// A program that starts by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Autostart {
    /// The key that names it (`Run`, `RunOnce`, `Winlogon`), what loads it (`Print Monitor`,
    /// `PowerShell profile`), or `Startup` for a file in that folder.
    pub kind: String,
    /// The value's or the file's name.
    pub name: String,
    /// The command as it stands there, or where a shell link leads to; `None` for another file.
    pub command: Option<String>,
}

pub(super) fn collect(windows: &Windows<'_>) -> Collected<Autostart> {
    let mut out = Collected::default();
    match windows.software() {
        Ok(hive) => {
            programs(hive, "", &mut out);
            programs(hive, &format!(r"{WOW}\"), &mut out);
        }
        Err(gap) => out.gaps.push(gap),
    }
    session_manager(windows, &mut out);
    let users = windows.users();
    out.gaps.extend(users.1.iter().cloned());
    for hive in &users.0 {
        programs(hive, r"Software\", &mut out);
        programs(hive, &format!(r"Software\{WOW}\"), &mut out);
        if let Some(key) = opened(hive, "Environment", &mut out.gaps) {
            single(&key, "Environment", "UserInitMprLogonScript", &mut out);
        }
    }
    startup_folders(windows, &mut out);
    loaded(windows, &mut out);
    classes_of_users(windows, &mut out);
    powershell(windows, &mut out);
    out
}

/// What [`LOADED`] names.
fn loaded(windows: &Windows<'_>, out: &mut Collected<Autostart>) {
    for (kind, key, value) in LOADED {
        let found = windows.values(key, value);
        out.gaps.extend(found.gaps);
        for Found { fact, at } in found.items {
            let command = fact.data.to_string();
            if !command.is_empty() {
                let fact = Autostart {
                    kind: (*kind).to_owned(),
                    name: fact.name,
                    command: Some(command),
                };
                out.push(fact, at);
            }
        }
    }
}

/// Class libraries of users.
fn classes_of_users(windows: &Windows<'_>, out: &mut Collected<Autostart>) {
    let hives = windows.hives();
    let of_users = hives.items.iter().filter_map(|file| {
        let root = file.fact.roots.iter().find(|r| r.ends_with("_Classes"))?;
        Some((file, root))
    });
    for (file, root) in of_users {
        let hive = match super::reliable(file.fact.open(root), file.fact.at.path_text()) {
            Ok(hive) => hive,
            Err(gap) => {
                out.gaps.push(gap);
                continue;
            }
        };
        let mut gaps = Vec::new();
        super::registry::below(&hive, USER_CLASSES, &mut gaps, &mut |key, _| {
            single(key, "COM class of a user", "", out);
        });
        out.gaps.extend(gaps);
    }
}

fn powershell(windows: &Windows<'_>, out: &mut Collected<Autostart>) {
    let root = &windows.roots().windows;
    let mut files: Vec<String> = POWERSHELL.iter().map(|f| format!(r"{root}\{f}")).collect();
    for profile in &windows.profiles().items {
        let folder = &profile.fact.folder;
        files.extend(USER_POWERSHELL.iter().map(|f| format!(r"{folder}\{f}")));
    }
    for path in files {
        match windows.guest.paths.find(path.as_bytes()) {
            Ok(Some(found)) => {
                let fact = Autostart {
                    kind: "PowerShell profile".into(),
                    name: path.rsplit('\\').next().unwrap_or_default().to_owned(),
                    command: None,
                };
                out.push(fact, Location::of(&found));
            }
            Ok(None) => {}
            Err(e) => out.gaps.push(Gap::at_path(path, &e)),
        }
    }
}

/// The key at `path`. One that can't be read is a gap, and so is a link: Windows would see its
/// target's values.
fn opened<'h>(hive: &'h GuestHive, path: &str, gaps: &mut Vec<Gap>) -> Option<KeyAt<'h>> {
    match KeyAt::open(hive, path) {
        Ok(found) => {
            if let Some(key) = found.as_ref().filter(|k| k.key.is_link()) {
                let what = say!(error_registry_link);
                let link = Error::unsupported(Layer::Hive, key.key.offset(), what);
                gaps.push(key.gap(None, &link));
            }
            found
        }
        Err(gap) => {
            gaps.push(gap);
            None
        }
    }
}

/// The autostarts of one hive, whose keys stand below `prefix`.
fn programs(hive: &GuestHive, prefix: &str, out: &mut Collected<Autostart>) {
    for path in RUN {
        if let Some(key) = opened(hive, &format!("{prefix}{path}"), &mut out.gaps) {
            all(&key, path.rsplit('\\').next().unwrap_or_default(), out);
        }
    }
    if let Some(key) = opened(hive, &format!("{prefix}{RUN_ONCE_EX}"), &mut out.gaps) {
        for below in key.subkeys(&mut out.gaps) {
            all(&below, "RunOnceEx", out);
        }
    }
    for (path, names) in VALUES {
        if let Some(key) = opened(hive, &format!("{prefix}{path}"), &mut out.gaps) {
            let kind = path.rsplit('\\').next().unwrap_or_default();
            for name in *names {
                single(&key, kind, name, out);
            }
        }
    }
    if let Some(key) = opened(hive, &format!("{prefix}{ACTIVE_SETUP}"), &mut out.gaps) {
        for below in key.subkeys(&mut out.gaps) {
            single(&below, "Active Setup", "StubPath", out);
        }
    }
}

/// Every value of `key` as an autostart.
fn all(key: &KeyAt<'_>, kind: &str, out: &mut Collected<Autostart>) {
    let values = key.key.values();
    out.gaps
        .extend(values.damage.iter().map(|e| key.gap(None, e)));
    for value in values.items {
        let at = place(
            key.hive,
            &key.path,
            Some(value.name()),
            Some(value.offset()),
        );
        match value.data() {
            Ok(data) => out.push(
                Autostart {
                    kind: kind.to_owned(),
                    name: value.name().to_owned(),
                    command: Some(super::whole_text(&data).unwrap_or_else(|| shown(&data))),
                },
                at,
            ),
            Err(e) => out.gaps.push(Gap::new(at, &e)),
        }
    }
}

/// The value `name` of `key` as an autostart, where it is there and not empty.
fn single(key: &KeyAt<'_>, kind: &str, name: &str, out: &mut Collected<Autostart>) {
    match key.value(name, |v| v.data().map(Some)) {
        Ok(Some(found)) => {
            let command = super::whole_text(&found.fact).unwrap_or_else(|| shown(&found.fact));
            if !command.is_empty() {
                let name = name.to_owned();
                let kind = kind.to_owned();
                let command = Some(command);
                out.push(
                    Autostart {
                        kind,
                        name,
                        command,
                    },
                    found.at,
                );
            }
        }
        Ok(None) => {}
        Err(gap) => out.gaps.push(gap),
    }
}

fn session_manager(windows: &Windows<'_>, out: &mut Collected<Autostart>) {
    let found = windows
        .system()
        .and_then(|hive| Ok((hive, windows.control_set()?)));
    match found {
        Ok((hive, set)) => {
            let path = format!(r"{}\Control\Session Manager", set.name);
            if let Some(key) = opened(hive, &path, &mut out.gaps) {
                for name in SESSION_MANAGER {
                    single(&key, "Session Manager", name, out);
                }
            }
        }
        Err(gap) => out.gaps.push(gap),
    }
}

fn startup_folders(windows: &Windows<'_>, out: &mut Collected<Autostart>) {
    let profiles = windows.profiles();
    out.gaps.extend(profiles.gaps.iter().cloned());
    let mut folders = vec![format!(r"{}\{COMMON_STARTUP}", windows.roots().drive)];
    let users = profiles.items.iter();
    folders.extend(users.map(|p| format!(r"{}\{USER_STARTUP}", p.fact.folder)));
    for folder in folders {
        if let Err(e) = startup_folder(windows, &folder, out) {
            out.gaps.push(Gap::at_path(&folder, &e));
        }
    }
}

fn startup_folder(
    windows: &Windows<'_>,
    folder: &str,
    out: &mut Collected<Autostart>,
) -> Result<(), Error> {
    let paths = &windows.guest.paths;
    match paths.find(folder.as_bytes())? {
        Some(found) if found.metadata.kind == FileKind::Directory => {}
        _ => return Ok(()),
    }
    let listing = paths.list(folder.as_bytes())?;
    out.gaps
        .extend(listing.damage.iter().map(|e| Gap::at_path(folder, e)));
    for name in listing.names {
        let shown = crate::text::lossless(&name);
        if shown.eq_ignore_ascii_case("desktop.ini") {
            continue;
        }
        let path = [folder.as_bytes(), b"\\", &name].concat();
        match paths.resolve_link(&path) {
            Ok(found) => {
                let kind = "Startup".to_owned();
                let link = paths.read(&path, MAX_LINK).ok();
                let fact = Autostart {
                    kind,
                    name: shown,
                    command: link.and_then(|file| super::shortcut::target(&file.bytes)),
                };
                out.push(fact, Location::of(&found));
            }
            Err(e) => {
                let e = Error {
                    layer: Layer::Guest,
                    ..e
                };
                out.gaps
                    .push(Gap::at_path(format!(r"{folder}\{shown}"), &e));
            }
        }
    }
    Ok(())
}
