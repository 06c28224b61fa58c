//! Files in Windows' own folders that nothing names: every program of the system finds them there.
//! Programs and libraries that nobody vouches for, configurations that lead a program to other code,
//! modules of the web server, and preferences of group policies.
//!
//! Microsoft, "Dynamic-link library search order", "Dynamic-link library redirection", "Configuration
//! file schema for the .NET Framework", "IIS global modules" and \[MS-GPPREF\].

use super::classes::types_of;
use super::resolve::CARRYING_CONFIGURATION;
use super::sources::Collector;
use super::{Account, Occasion, Subject};
use crate::evidence::Location;
use crate::fs::FileKind;

/// Files of preferences that are told, and folders below folders that they are looked for in.
const MAX_PREFERENCES: usize = 64;
const MAX_DEPTH: usize = 8;
/// What besides [`CARRYING_CONFIGURATION`] leads a program of Windows to other code, in lower case. Windows' own
/// configurations are in its catalogs.
const LEADS: [&str; 4] = ["privatepath", "<listeners", "<configsections", "loadfrom"];

/// True where `text`, a configuration of all programs in lower case, names a type of an assembly without
/// a key: those of Windows and of the cache of assemblies have one, and a program looks for others in
/// its own folder.
fn names_unsigned(text: &str) -> bool {
    let keyless = |name: &str| match name.split_once("publickeytoken") {
        Some((_, token)) => token.trim_start_matches([' ', '=']).starts_with("null"),
        None => name.contains(','),
    };
    types_of(text).any(keyless)
}

impl Collector<'_, '_> {
    /// Configurations beside programs of Windows, and those of all programs of .NET, that lead to
    /// other code.
    pub(super) fn configurations(&mut self) {
        const KIND: &str = "Configuration of a program";
        let root = self.windows.roots().windows;
        let mut folders = vec![root.clone()];
        for system in ["System32", "SysWOW64"] {
            for below in ["", r"\wbem", r"\WindowsPowerShell\v1.0", r"\inetsrv"] {
                folders.push(format!(r"{root}\{system}{below}"));
            }
        }
        let mut files = Vec::new();
        for frame in ["Framework", "Framework64"] {
            let frame = format!(r"{root}\Microsoft.NET\{frame}");
            for version in self.names(&frame) {
                if version.to_lowercase().starts_with('v') {
                    let folder = format!(r"{frame}\{version}");
                    files.push(format!(r"{folder}\Config\machine.config"));
                    folders.push(folder);
                }
            }
        }
        for folder in folders {
            for name in self.names(&folder) {
                let lower = name.to_lowercase();
                let path = format!(r"{folder}\{name}");
                if lower.ends_with(".exe.local") || lower.ends_with(".dll.local") {
                    self.add(
                        (Subject::Extension, KIND, &name),
                        (Occasion::Demand, Account::System),
                        &path,
                        Location::of_path(&path),
                        |r| r.unclear_value(&path),
                    );
                } else if [".exe.config", ".exe.manifest"]
                    .iter()
                    .any(|e| lower.ends_with(e))
                {
                    files.push(path);
                }
            }
        }
        for path in files {
            let of_machine = path.ends_with("machine.config");
            let leads = |text: &String| {
                let has = |signs: &[&str]| signs.iter().any(|sign| text.contains(sign));
                // Sections and listeners are the machine's business.
                let more = match of_machine {
                    true => names_unsigned(text),
                    false => has(&LEADS),
                };
                has(&CARRYING_CONFIGURATION) || more
            };
            if self.text_of(&path).as_ref().is_some_and(leads) {
                self.file(Subject::Extension, KIND, Occasion::Demand, &path);
            }
        }
    }

    /// Programs of Windows that the shell finds elsewhere (Microsoft, "Application Registration"): who
    /// starts one by its name starts that.
    pub(super) fn application_paths(&mut self) {
        const PATHS: &str = r"Microsoft\Windows\CurrentVersion\App Paths";
        let root = self.windows.roots().windows;
        let folders = [r"\System32", "", r"\System32\WindowsPowerShell\v1.0"];
        for software in [
            r"HKLM\SOFTWARE",
            r"HKLM\SOFTWARE\Wow6432Node",
            r"HKU\*\Software",
        ] {
            let found = self.windows.values(&format!(r"{software}\{PATHS}\*"), "");
            for value in self.keep(found) {
                let text = value.fact.data.to_string();
                let key = value.at.key.clone().unwrap_or_default();
                let name = key.rsplit('\\').next().unwrap_or_default().to_owned();
                let own = |folder: &&str| {
                    let path = format!(r"{root}{folder}\{name}");
                    !matches!(self.windows.guest.paths.find(path.as_bytes()), Ok(None))
                };
                if text.trim().is_empty() || !folders.iter().any(own) {
                    continue;
                }
                let what = (Subject::Class, "Application path", name.as_str());
                let runs = (Occasion::Demand, Account::User);
                self.add(what, runs, &text, value.at, |r| r.program(&text, ""));
            }
        }
    }

    /// Modules, filters and interpreters of the web server of Windows.
    pub(super) fn web_server(&mut self) {
        const KIND: &str = "Module of the web server";
        let root = self.windows.roots().windows;
        let path = format!(r"{root}\System32\inetsrv\config\applicationHost.config");
        let Some(text) = self.text_of(&path) else {
            return;
        };
        let runs = || (Occasion::Boot, Account::System);
        let at = || Location::of_path(path.replace('\\', "/"));
        for name in ["image", "scriptprocessor", "fullpath"] {
            for value in attributes(&text, name) {
                // What follows a bar is given to the interpreter.
                let file = value.split('|').next().unwrap_or_default().to_owned();
                let what = (Subject::Extension, KIND, name);
                self.add(what, runs(), &value, at(), |r| r.library(&file));
            }
        }
        for element in text.split("<filter ").skip(1) {
            let element = element.split('>').next().unwrap_or_default();
            for value in attributes(&format!(" {element}"), "path") {
                let what = (Subject::Extension, KIND, "filter");
                self.add(what, runs(), &value, at(), |r| r.library(&value));
            }
        }
        for value in attributes(&text, "type") {
            let own = ["system.", "microsoft."]
                .iter()
                .any(|o| value.starts_with(o));
            if !own && value.contains(['.', ',']) {
                let what = (Subject::Extension, KIND, "type");
                self.add(what, runs(), &value, at(), |r| r.unclear_value(&value));
            }
        }
    }

    /// Preferences that group policies bring (files, services, tasks, values of the registry), and
    /// what is kept of policies of a domain: an image that belongs to none has no use for either.
    pub(super) fn preferences(&mut self) {
        let roots = self.windows.roots();
        let policy = format!(r"{}\System32\GroupPolicy", roots.windows);
        let mut todo = vec![
            (
                format!(
                    r"{}\ProgramData\Microsoft\Group Policy\History",
                    roots.drive
                ),
                0,
            ),
            (format!(r"{policy}\DataStore"), 0),
            (format!(r"{policy}\Machine\Preferences"), 0),
            (format!(r"{policy}\User\Preferences"), 0),
        ];
        let mut told = 0;
        while let Some((folder, depth)) = todo.pop() {
            for name in self.names(&folder) {
                let path = format!(r"{folder}\{name}");
                let Some(found) = self.located(&path) else {
                    continue;
                };
                match found.metadata.kind {
                    FileKind::Directory if depth < MAX_DEPTH => todo.push((path, depth + 1)),
                    FileKind::Directory => {
                        self.bounded(&path, depth + 1, MAX_DEPTH);
                        return;
                    }
                    // Each is one to be looked at, so that more of them say no more.
                    FileKind::Regular if Self::applies(&path) && told < MAX_PREFERENCES => {
                        told += 1;
                        self.add(
                            (Subject::Script, "Group policy preference", &name),
                            (Occasion::Boot, Account::System),
                            &path,
                            Location::of(&found),
                            |r| r.unclear_value(&path),
                        );
                    }
                    _ => {}
                }
            }
        }
    }

    /// True for a file of a policy that holds what is applied.
    fn applies(path: &str) -> bool {
        let lower = path.to_lowercase();
        lower.ends_with(".xml")
            || lower.ends_with(".pol")
            || lower.ends_with(r"\scripts.ini")
            || lower.ends_with(r"\psscripts.ini")
    }
}

/// The values of the attributes called `name` in `text`, both in lower case.
pub(super) fn attributes(text: &str, name: &str) -> Vec<String> {
    let mut out = Vec::new();
    for (at, _) in text.match_indices(name) {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        if !before.is_some_and(char::is_whitespace) {
            continue;
        }
        let rest = text.get(at + name.len()..).unwrap_or_default().trim_start();
        let Some(rest) = rest.strip_prefix('=') else {
            continue;
        };
        let rest = rest.trim_start();
        let Some(mark) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            continue;
        };
        let value = rest.get(1..).and_then(|r| r.split(mark).next());
        out.extend(value.filter(|v| !v.trim().is_empty()).map(str::to_owned));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_found_by_their_whole_name() {
        let text = "<add name=\"x\" image = 'c:\\a b.dll' preimage=\"no\"\n\timage=\"\"/>";
        assert_eq!(attributes(text, "image"), [r"c:\a b.dll"]);
    }
}
