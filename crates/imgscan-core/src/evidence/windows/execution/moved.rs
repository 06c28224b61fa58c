//! Folders and profiles that lead elsewhere than Windows puts them: what is read by their usual places
//! would not be what runs.
//!
//! Microsoft, "KNOWNFOLDERID", "User profiles" (`ProfileList`), "Roaming user profiles", and
//! \[MS-SAMR\] ("Common User Fields": `ProfilePath`, `ScriptPath`).

use super::paths::absolute;
use super::sources::Collector;
use super::{Account, Occasion, Subject};
use crate::evidence::Location;
use crate::guest::windows::expand;

/// The kind of these entries.
const KIND: &str = "Moved folder";
/// Keys of the machine whose values name folders.
const CURRENT: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion";
const CURRENT_32: &str = r"HKLM\SOFTWARE\Wow6432Node\Microsoft\Windows\CurrentVersion";
const PROFILES: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList";
/// Values of [`CURRENT`] and [`CURRENT_32`], and where each leads in either view.
const FOLDERS: &[(&str, &[&str], &[&str])] = &[
    ("ProgramFilesDir", &[PROGRAMS], &[PROGRAMS_32]),
    ("ProgramFilesDir (x86)", &[PROGRAMS_32], &[PROGRAMS_32]),
    ("ProgramFilesDir (Arm)", &[PROGRAMS_ARM], &[PROGRAMS_ARM]),
    ("ProgramW6432Dir", &[PROGRAMS], &[PROGRAMS]),
    ("ProgramFilesPath", &[PROGRAMS], &[PROGRAMS, PROGRAMS_32]),
    ("CommonFilesDir", &[COMMON], &[COMMON_32]),
    ("CommonFilesDir (x86)", &[COMMON_32], &[COMMON_32]),
    ("CommonFilesDir (Arm)", &[COMMON_ARM], &[COMMON_ARM]),
    ("CommonW6432Dir", &[COMMON], &[COMMON]),
    ("DevicePath", &[INF], &[INF]),
];
const PROGRAMS: &str = r"%SystemDrive%\Program Files";
const PROGRAMS_32: &str = r"%SystemDrive%\Program Files (x86)";
const PROGRAMS_ARM: &str = r"%SystemDrive%\Program Files (Arm)";
const COMMON: &str = r"%SystemDrive%\Program Files\Common Files";
const COMMON_32: &str = r"%SystemDrive%\Program Files (x86)\Common Files";
const COMMON_ARM: &str = r"%SystemDrive%\Program Files (Arm)\Common Files";
const INF: &str = r"%SystemRoot%\inf";
/// Values of [`PROFILES`] and where they lead.
const OF_PROFILES: &[(&str, &[&str])] = &[
    ("ProfilesDirectory", &[r"%SystemDrive%\Users"]),
    ("Default", &[r"%SystemDrive%\Users\Default"]),
    ("Public", &[r"%SystemDrive%\Users\Public"]),
    ("ProgramData", &[r"%SystemDrive%\ProgramData"]),
];
/// Values that name a folder of Windows' own from which it loads code, by their keys: wherever they lead
/// below the folder of Windows, the files there are looked at.
///
/// Microsoft, ".NET Framework deployment" (`InstallRoot`) and "WMI infrastructure"; the servicing stack
/// is found by the values of `Version`.
const OF_WINDOWS: &[(&str, &str)] = &[
    (r"HKLM\SOFTWARE\Microsoft\.NETFramework", "InstallRoot"),
    (
        r"HKLM\SOFTWARE\Wow6432Node\Microsoft\.NETFramework",
        "InstallRoot",
    ),
    (
        r"HKLM\SOFTWARE\Microsoft\NET Framework Setup\NDP\*\*",
        "InstallPath",
    ),
    (
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\Version",
        "*",
    ),
    (
        r"HKLM\SOFTWARE\Microsoft\PowerShell\*\PowerShellEngine",
        "ApplicationBase",
    ),
    (
        r"HKLM\SOFTWARE\Wow6432Node\Microsoft\PowerShell\*\PowerShellEngine",
        "ApplicationBase",
    ),
    (r"HKLM\SOFTWARE\Microsoft\WBEM", "Installation Directory"),
    (r"HKLM\SOFTWARE\Microsoft\WBEM\CIMOM", "Working Directory"),
    (
        r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion",
        "PathName",
    ),
];
/// Assemblies that PowerShell itself starts with (`PowerShellEngine`), and who signs them.
const ENGINE: &str = r"HKLM\SOFTWARE\Microsoft\PowerShell\*\PowerShellEngine";
const ENGINE_VALUES: [&str; 2] = ["ConsoleHostAssemblyName", "ConsoleHostModuleName"];
const MICROSOFTS_KEY: &str = "publickeytoken=31bf3856ad364e35";
/// Values that name a profile which lies elsewhere, by their keys.
const ELSEWHERE: &[(&str, &str)] = &[
    (
        r"HKLM\SOFTWARE\Policies\Microsoft\Windows\System",
        "MachineProfilePath",
    ),
    (
        r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services",
        "WFProfilePath",
    ),
    (
        r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList\*",
        "CentralProfile",
    ),
];

/// True for a value that names such a profile.
pub(super) fn is_profile(key: &str, name: &str) -> bool {
    let key = format!(r"HKLM\{key}");
    let mut values = ELSEWHERE.iter();
    values.any(|(of, value)| of.eq_ignore_ascii_case(&key) && value.eq_ignore_ascii_case(name))
}

impl Collector<'_, '_> {
    /// Folders of the machine and profiles that lead elsewhere.
    pub(super) fn moved(&mut self) {
        for (name, usual, usual_32) in FOLDERS {
            self.folder_of_machine(CURRENT, name, usual);
            self.folder_of_machine(CURRENT_32, name, usual_32);
        }
        for (name, usual) in OF_PROFILES {
            self.folder_of_machine(PROFILES, name, usual);
        }
        let windows = format!(r"{}\", self.windows.roots().windows).to_lowercase();
        for (key, name) in OF_WINDOWS {
            let found = self.windows.values(key, name);
            for value in self.keep(found) {
                let text = value.fact.data.to_string();
                let folder = expand(text.trim().trim_matches('"'), &self.windows.roots(), &[]);
                let folder = absolute(self.windows, &folder, None).unwrap_or_default();
                if !format!(r"{}\", folder.to_lowercase()).starts_with(&windows) {
                    self.elsewhere(&value.fact.name, &text, value.at);
                }
            }
        }
        for name in ENGINE_VALUES {
            let found = self.windows.values(ENGINE, name);
            for value in self.keep(found) {
                let text = value.fact.data.to_string();
                let own = expand(&text, &self.windows.roots(), &[]).to_lowercase();
                let own = own.replace(' ', "");
                let is_usual = own.contains(MICROSOFTS_KEY)
                    || own.starts_with(&windows) && !own.contains("..");
                if !is_usual {
                    self.elsewhere(name, &text, value.at);
                }
            }
        }
        for (key, name) in ELSEWHERE {
            let found = self.windows.values(key, name);
            for value in self.keep(found) {
                self.elsewhere(name, &value.fact.data.to_string(), value.at);
            }
        }
        self.profiles_of_accounts();
    }

    /// The value `name`, which leads to one of `usual`.
    fn folder_of_machine(&mut self, key: &str, name: &str, usual: &[&str]) {
        let roots = self.windows.roots();
        let plain = |text: &str| {
            let text = expand(text.trim(), &roots, &[]).to_lowercase();
            text.trim_end_matches('\\').to_owned()
        };
        let found = self.windows.values(key, name);
        for value in self.keep(found) {
            let text = value.fact.data.to_string();
            if !usual.iter().any(|u| plain(u) == plain(&text)) {
                self.elsewhere(name, &text, value.at);
            }
        }
    }

    /// Profiles and scripts that the records of accounts name.
    fn profiles_of_accounts(&mut self) {
        // The checks of accounts tell what of them can't be read.
        let Ok(accounts) = self.windows.accounts() else {
            return;
        };
        for user in &accounts.users {
            let name = user.fact.name.as_deref().unwrap_or_default();
            let paths = [&user.fact.profile_path, &user.fact.script_path];
            for path in paths.into_iter().flatten() {
                let at = Location {
                    value: Some("V".into()),
                    ..user.at.clone()
                };
                self.elsewhere(name, path, at);
            }
        }
    }

    fn elsewhere(&mut self, name: &str, text: &str, at: Location) {
        if text.trim().is_empty() {
            return;
        }
        let runs = (Occasion::Logon, Account::User);
        self.add((Subject::Autostart, KIND, name), runs, text, at, |r| {
            r.unclear_value(text);
        });
    }
}
