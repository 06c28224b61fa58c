//! Files of settings of old programs: `win.ini` and `system.ini`, whose lines start programs at a logon where
//! the registry does not stand for them.
//!
//! `IniFileMapping` says which key stands for a section or a line (Microsoft, "WritePrivateProfileString":
//! `SYS:` is of the machine, `USR:` of the user; `!`, `#` and `@` before it change nothing of where). The
//! defaults are those of the registries of Windows 7, Windows 10 and Windows Server 2016.

use super::sources::Collector;
use super::{Account, Occasion, Subject};

const MAPPINGS: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\IniFileMapping";
const KIND: &str = "Line of an old settings file";
/// Files with the sections and lines that start something, in lower case.
const LINES: [(&str, &str, &[&str]); 2] = [
    ("win.ini", "[windows]", &["load", "run", "appinit_dlls"]),
    ("system.ini", "[boot]", &["shell", "scrnsave.exe"]),
];
const WINDOWS: &str = r"microsoft\windows nt\currentversion\windows";
const OF_USER: &str = r"usr:software\microsoft\windows nt\currentversion\windows";
const WINLOGON: &str = r"microsoft\windows nt\currentversion\winlogon";
/// Keys below [`MAPPINGS`] and their values, each with the key that Windows itself has stand for it, in lower case.
const DEFAULTS: [(&str, &[(&str, &str)]); 4] = [
    (
        r"win.ini\Windows",
        &[
            ("", OF_USER),
            ("load", OF_USER),
            ("run", OF_USER),
            ("appinit_dlls", WINDOWS),
        ],
    ),
    (r"win.ini", &[("windows", OF_USER), ("winlogon", WINLOGON)]),
    (
        r"system.ini\boot",
        &[
            ("", r"microsoft\windows nt\currentversion\wow\boot"),
            ("shell", WINLOGON),
            ("scrnsave.exe", r"usr:control panel\desktop"),
        ],
    ),
    (
        r"system.ini",
        &[(
            "drivers32",
            r"microsoft\windows nt\currentversion\drivers32",
        )],
    ),
];

/// The key that Windows itself has stand for the value `name` of `key`.
fn default(key: &str, name: &str) -> Option<&'static str> {
    let (_, names) = DEFAULTS.into_iter().find(|(k, _)| *k == key)?;
    let mut names = names.iter();
    names
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, target)| *target)
}

impl Collector<'_, '_> {
    /// What old settings files start, and where the registry stands for them in another way.
    pub(super) fn ini_files(&mut self) {
        let root = self.windows.roots().windows;
        let runs = || (Occasion::Logon, Account::User);
        for (file, section, names) in LINES {
            let mut inside = false;
            for (line, at) in self.lines(&format!(r"{root}\{file}")) {
                if line.starts_with('[') {
                    inside = line.to_lowercase().starts_with(section);
                    continue;
                }
                let Some((name, value)) = line.split_once('=').filter(|_| inside) else {
                    continue;
                };
                let (name, value) = (name.trim().to_lowercase(), value.trim().to_owned());
                if names.contains(&name.as_str()) && !value.is_empty() {
                    let what = (Subject::Autostart, KIND, name.as_str());
                    self.add(what, runs(), &value, at, |r| r.command(&value));
                }
            }
        }
        for (key, _) in DEFAULTS {
            let values = self.windows.values(&format!(r"{MAPPINGS}\{key}"), "*");
            for value in self.keep(values) {
                let text = value.fact.data.to_string();
                let wanted = default(key, &value.fact.name);
                if wanted.is_some_and(|wanted| target(&text) != wanted) {
                    let what = (Subject::Autostart, KIND, key);
                    self.add(what, runs(), &text, value.at, |r| r.unclear_value(&text));
                }
            }
        }
    }
}

/// The key that a mapping leads to, in lower case: one of the machine without its sign.
fn target(text: &str) -> String {
    let text = text
        .trim()
        .trim_start_matches(['!', '#', '@'])
        .to_lowercase();
    let text = text.replace(r"\\", r"\");
    text.strip_prefix("sys:")
        .map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{default, target};

    /// Mappings as a Windows 7 has them.
    #[test]
    fn mappings_of_windows_lead_where_windows_has_them() {
        let wanted = |key: &str, name: &str| default(key, name).map(str::to_owned);
        for (key, name, text) in [
            (
                r"win.ini\Windows",
                "",
                r"USR:Software\Microsoft\Windows NT\CurrentVersion\Windows",
            ),
            (
                r"win.ini\Windows",
                "appinit_dlls",
                r"SYS:MICROSOFT\\WINDOWS NT\\CURRENTVERSION\\WINDOWS",
            ),
            (
                r"system.ini\boot",
                "shell",
                r"SYS:Microsoft\Windows NT\CurrentVersion\Winlogon",
            ),
            (
                r"system.ini\boot",
                "scrnsave.exe",
                r"USR:Control Panel\Desktop",
            ),
            (
                r"system.ini",
                "drivers32",
                r"#SYS:Microsoft\Windows NT\CurrentVersion\Drivers32",
            ),
        ] {
            assert_eq!(wanted(key, name), Some(target(text)), "{key} {name}");
        }
        assert_ne!(target(r"SYS:Contoso\Ini"), target(r"USR:Contoso\Ini"));
    }
}
