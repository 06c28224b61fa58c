//! Start-up folders and folders of documents, wherever the shell puts them, and programs in the folder
//! that the shell of a server without windows starts in.
//!
//! Microsoft, "KNOWNFOLDERID", "KNOWNFOLDER_DEFINITION" (`ParentFolder`, `RelativePath`) and the
//! values of `User Shell Folders`.

use std::collections::BTreeSet;

use super::paths::absolute;
use super::sources::Collector;
use super::{Account, Occasion, Subject};
use crate::evidence::Location;
use crate::guest::windows::expand;

const EXPLORER: &str = r"Microsoft\Windows\CurrentVersion\Explorer";
/// Folders that are looked at of one folder in another.
const MAX_PARENTS: usize = 8;

/// A known folder on the way to a start-up folder.
struct Known {
    id: &'static str,
    /// Its name among the values of the shell folders.
    value: &'static str,
    /// The folder that it is in; empty for one that everything begins at.
    parent: &'static str,
    /// Its path from there.
    relative: &'static str,
    /// It is of all users.
    is_common: bool,
}

const COMMON_DATA: &str = "{62AB5D82-FDC1-4DC3-A9DD-070D1D495D97}";
const PROFILE: &str = "{5E6C858F-0E22-4760-9AFE-EA3317B67173}";
const DATA: &str = "{3EB685DB-65F9-4CF6-A03A-E3EF65729F3D}";
const COMMON_MENU: &str = "{A4115719-D62E-491D-AA7C-E74B8BE3B067}";
const MENU: &str = "{625B53C3-AB48-4EC1-BA1F-A1EF4146FC19}";
const COMMON_PROGRAMS: &str = "{0139D44E-6AFE-49F2-8690-3DAFCAE6FFB8}";
const PROGRAMS: &str = "{A77F5D77-2E2B-44C3-A6A2-ABA601054A51}";
const COMMON_STARTUP: &str = "{82A5EA35-D9CD-47C5-9629-E15D2F714E6E}";
const STARTUP: &str = "{B97D20BB-F46A-4C97-BA10-5E3608430854}";

/// `FOLDERID_Documents` and `FOLDERID_LocalDocuments`, which are below the profile.
const DOCUMENTS: [&str; 2] = [
    "{FDD39AD0-238F-46AF-ADB4-6C85480369C7}",
    "{F42EE2D3-909F-4907-8871-4C22FC0BF756}",
];
/// The name of documents among the values of the shell folders.
const PERSONAL: &str = "Personal";
/// Programs that the default shells start by their names alone, without their endings. That of Server
/// Core is `cmd.exe /c "cd /d "%USERPROFILE%" & start cmd.exe /k runonce.exe /AlternateShellStartup"`:
/// the command processor looks in the current folder first (Microsoft, "Configure Server Core").
const OF_SHELLS: [&str; 6] = [
    "cmd",
    "runonce",
    "powershell",
    "pwsh",
    "sconfig",
    "explorer",
];
/// Ends of their names.
const STARTED: [&str; 10] = [
    "exe", "com", "bat", "cmd", "vbs", "vbe", "js", "jse", "wsf", "wsh",
];

/// From the start-up folder up.
const KNOWN: [Known; 9] = [
    known(
        COMMON_STARTUP,
        "Common Startup",
        COMMON_PROGRAMS,
        "Startup",
        true,
    ),
    known(
        COMMON_PROGRAMS,
        "Common Programs",
        COMMON_MENU,
        "Programs",
        true,
    ),
    known(
        COMMON_MENU,
        "Common Start Menu",
        COMMON_DATA,
        r"Microsoft\Windows\Start Menu",
        true,
    ),
    known(COMMON_DATA, "Common AppData", "", "%ProgramData%", true),
    known(STARTUP, "Startup", PROGRAMS, "Startup", false),
    known(PROGRAMS, "Programs", MENU, "Programs", false),
    known(
        MENU,
        "Start Menu",
        DATA,
        r"Microsoft\Windows\Start Menu",
        false,
    ),
    known(DATA, "AppData", PROFILE, r"AppData\Roaming", false),
    known(PROFILE, "", "", "%UserProfile%", false),
];

const fn known(
    id: &'static str,
    value: &'static str,
    parent: &'static str,
    relative: &'static str,
    is_common: bool,
) -> Known {
    Known {
        id,
        value,
        parent,
        relative,
        is_common,
    }
}

fn of_id(id: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|k| k.id.eq_ignore_ascii_case(id))
}

/// The path from `known` to the start-up folder of the same users, which begins with a backslash.
fn to_startup(known: &Known) -> String {
    let mut out = String::new();
    let mut at = of_id(match known.is_common {
        true => COMMON_STARTUP,
        false => STARTUP,
    });
    while let Some(step) = at.filter(|step| step.id != known.id && !step.parent.is_empty()) {
        out = format!(r"\{}{out}", step.relative);
        at = of_id(step.parent);
    }
    out
}

impl Collector<'_, '_> {
    pub(super) fn startup_folders(&mut self) {
        for folder in self.startup_places() {
            self.folder(Subject::Autostart, "Startup", Occasion::Logon, &folder);
        }
    }

    /// The folders whose files start at a logon.
    pub(super) fn startup_places(&mut self) -> Vec<String> {
        let roots = self.windows.roots();
        self.gaps(self.windows.profiles().gaps.iter().cloned());
        let own = format!(r"{}\System32\config\systemprofile", roots.windows);
        let profiles = self.windows.profiles().items.iter();
        let homes: Vec<String> = profiles
            .map(|p| p.fact.folder.clone())
            .chain([own])
            .collect();
        let mut folders: Vec<String> = Vec::new();
        let of_each = |text: &str| match text.to_lowercase().contains("%userprofile%") {
            true => homes
                .iter()
                .map(|home| expand(text, &roots, &[("userprofile", home)]))
                .collect(),
            false => vec![expand(text, &roots, &[])],
        };
        for id in [COMMON_STARTUP, STARTUP] {
            let mut path = String::new();
            let mut at = of_id(id);
            while let Some(step) = at {
                path = match path.is_empty() {
                    true => step.relative.to_owned(),
                    false => format!(r"{}\{path}", step.relative),
                };
                at = of_id(step.parent);
            }
            folders.extend(of_each(&path));
        }
        for text in self.described() {
            folders.extend(of_each(&text));
        }
        for known in &KNOWN {
            if known.value.is_empty() {
                continue;
            }
            let behind = to_startup(known);
            let root = match known.is_common {
                true => r"HKLM\SOFTWARE",
                false => r"HKU\*\Software",
            };
            for list in ["User Shell Folders", "Shell Folders"] {
                for name in [known.value, known.id] {
                    let found = self
                        .windows
                        .values(&format!(r"{root}\{EXPLORER}\{list}"), name);
                    for value in self.keep(found) {
                        let variables = self.windows.variables_at(&value.at);
                        let pairs = variables.iter();
                        let extra: Vec<(&str, &str)> =
                            pairs.map(|(n, v)| (n.as_str(), v.as_str())).collect();
                        let text = value.fact.data.to_string();
                        let text = expand(&text, &roots, &extra);
                        folders.push(format!("{}{behind}", text.trim_end_matches('\\')));
                    }
                }
            }
        }
        // Where the data of all programs are.
        let found = self.windows.values(
            r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList",
            "ProgramData",
        );
        for value in self.keep(found) {
            let text = expand(&value.fact.data.to_string(), &roots, &[]);
            let behind = of_id(COMMON_DATA).map(to_startup).unwrap_or_default();
            folders.push(format!("{}{behind}", text.trim_end_matches('\\')));
        }
        let mut seen = BTreeSet::new();
        folders.retain(|folder| seen.insert(folder.to_lowercase().replace('/', "\\")));
        folders
    }

    /// Folders of documents that the settings of users or the descriptions of known folders put
    /// elsewhere than where Windows has them.
    pub(super) fn moved_documents(&mut self) -> Vec<String> {
        let mut out = Vec::new();
        let names = [PERSONAL].into_iter().chain(DOCUMENTS);
        for name in names {
            let key = format!(r"HKU\*\Software\{EXPLORER}\User Shell Folders");
            let found = self.windows.values(&key, name);
            for value in self.keep(found) {
                let text = value.fact.data.to_string();
                let text = self.windows.expanded_at(&text, &value.at);
                match absolute(self.windows, &text, None) {
                    _ if text.trim().is_empty() => {}
                    Ok(folder) => out.push(folder.trim_end_matches('\\').to_owned()),
                    // On another computer, or where that can't be told.
                    Err(_) => self.somewhere(&text, value.at),
                }
            }
        }
        for root in [r"HKLM\SOFTWARE", r"HKU\*\Software"] {
            for id in DOCUMENTS {
                let key = format!(r"{root}\{EXPLORER}\FolderDescriptions\{id}");
                let (parents, paths) = (
                    self.windows.values(&key, "ParentFolder"),
                    self.windows.values(&key, "RelativePath"),
                );
                for parent in self.keep(parents) {
                    let text = parent.fact.data.to_string();
                    if !text.eq_ignore_ascii_case(PROFILE) {
                        self.somewhere(&text, parent.at);
                    }
                }
                for path in self.keep(paths) {
                    let relative = path.fact.data.to_string();
                    for profile in &self.windows.profiles().items {
                        let home = profile.fact.folder.replace('/', "\\");
                        out.push(format!(r"{home}\{}", relative.trim_matches('\\')));
                    }
                }
            }
        }
        out
    }

    /// Programs in the folders of profiles that a default shell would start in place of Windows' own.
    pub(super) fn beside_shells(&mut self) {
        let root = self.windows.roots().windows;
        let mut homes = vec![format!(r"{root}\System32\config\systemprofile")];
        let profiles = self.windows.profiles().items.iter();
        homes.extend(profiles.map(|p| p.fact.folder.replace('/', "\\")));
        for home in homes {
            for name in self.names(&home) {
                if is_of_a_shell(&name) {
                    let path = format!(r"{home}\{name}");
                    self.file(Subject::Autostart, "Shell", Occasion::Logon, &path);
                }
            }
        }
    }

    /// Start-up folders as the descriptions of known folders make them, variables not yet replaced.
    fn described(&mut self) -> Vec<String> {
        let mut out = Vec::new();
        for root in [r"HKLM\SOFTWARE", r"HKU\*\Software"] {
            for id in [COMMON_STARTUP, STARTUP] {
                let mut path = String::new();
                let mut next = Some(id.to_owned());
                let mut is_changed = false;
                let mut last = None;
                for _ in 0..MAX_PARENTS {
                    let Some(id) = next.take().filter(|id| !id.is_empty()) else {
                        break;
                    };
                    let key = format!(r"{root}\{EXPLORER}\FolderDescriptions\{id}");
                    let mut read = |name: &str| {
                        let found = self.windows.values(&key, name);
                        let found = self.keep(found).into_iter().next();
                        found.map(|v| (v.fact.data.to_string(), v.at))
                    };
                    let (relative, parent) = (read("RelativePath"), read("ParentFolder"));
                    is_changed |= relative.is_some() || parent.is_some();
                    let at = parent
                        .as_ref()
                        .or(relative.as_ref())
                        .map(|(_, at)| at.clone());
                    last = at.or(last);
                    let known = of_id(&id);
                    if let (None, Some((_, at))) = (known, relative.as_ref().or(parent.as_ref())) {
                        self.somewhere(&id, at.clone());
                    }
                    let step = relative.map(|(text, _)| text);
                    let step = step.or(known.map(|k| k.relative.to_owned()));
                    path = match (step, path.as_str()) {
                        (Some(step), "") => step,
                        (Some(step), path) => format!(r"{step}\{path}"),
                        (None, _) => path,
                    };
                    let above = known.map(|k| k.parent.to_owned());
                    next = match parent {
                        Some((parent, at)) if of_id(&parent).is_none() => {
                            self.somewhere(&parent, at);
                            None
                        }
                        Some((parent, _)) => Some(parent),
                        None => above,
                    };
                }
                // Folders that lie in one another lie nowhere that is known.
                if let (Some(id), Some(at)) = (next.filter(|id| !id.is_empty()), last) {
                    self.somewhere(&id, at);
                }
                if is_changed {
                    out.push(path);
                }
            }
        }
        out
    }

    /// A known folder of which it can't be told where it is.
    fn somewhere(&mut self, id: &str, at: Location) {
        self.add(
            (Subject::Autostart, "Startup", id),
            (Occasion::Logon, Account::User),
            id,
            at,
            |r| r.unclear_value(id),
        );
    }
}

/// True for the name of a file that stands for a program which default shells start.
fn is_of_a_shell(name: &str) -> bool {
    let lower = name.to_lowercase();
    let (stem, ending) = lower.rsplit_once('.').unwrap_or((&lower, ""));
    // `cmd.exe.bat` is found by the name `cmd.exe`, too.
    let stem = stem.strip_suffix(".exe").unwrap_or(stem);
    OF_SHELLS.contains(&stem) && STARTED.contains(&ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_beside_a_shell_are_known_by_their_names() {
        for name in ["cmd.exe", "RunOnce.EXE", "cmd.exe.bat", "sconfig.cmd"] {
            assert!(is_of_a_shell(name), "{name}");
        }
        for name in ["cmd.txt", "cmd", "mycmd.exe", "NTUSER.DAT", "setup.exe"] {
            assert!(!is_of_a_shell(name), "{name}");
        }
    }

    #[test]
    fn each_known_folder_leads_to_the_startup_folder() {
        // KNOWNFOLDERID: the default paths of FOLDERID_CommonStartup and FOLDERID_Startup.
        let of = |id| to_startup(of_id(id).unwrap());
        assert_eq!(
            of(COMMON_DATA),
            r"\Microsoft\Windows\Start Menu\Programs\Startup"
        );
        assert_eq!(
            of(PROFILE),
            r"\AppData\Roaming\Microsoft\Windows\Start Menu\Programs\Startup"
        );
        assert_eq!(of(PROGRAMS), r"\Startup");
        assert_eq!(of(COMMON_STARTUP), "");
    }
}
