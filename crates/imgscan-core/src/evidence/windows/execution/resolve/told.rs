//! Files that a program which is no known host is told of: settings in which commands stand, and what
//! may be a script under any name.
//!
//! Manuals of Telegraf (`inputs.exec`), Consul (`enable_script_checks`), `NSClient++` (external scripts)
//! and Splunk (`deploymentclient.conf`).

use super::{Link, MAX_SCRIPT, Resolver, Role};
use crate::evidence::files::Files;
use crate::evidence::windows::execution::hosts::paths_to_programs;
use crate::evidence::windows::execution::paths::absolute;
use crate::evidence::windows::execution::words::{file_name, words};
use crate::fs::FileKind;
use crate::source::read_vec;
use crate::trust::pe::looks_like_pe;

/// Ends of the names of files of settings, in lower case.
const SETTINGS: [&str; 14] = [
    ".cfg",
    ".cnf",
    ".conf",
    ".config",
    ".hcl",
    ".ini",
    ".json",
    ".properties",
    ".toml",
    ".xml",
    ".yaml",
    ".yml",
    ".env",
    ".options",
];
/// Ends of the names of files that programs read as data, in lower case.
const DATA: [&str; 36] = [
    ".bak",
    ".bin",
    ".bmp",
    ".cer",
    ".chm",
    ".crl",
    ".crt",
    ".csv",
    ".db",
    ".der",
    ".gif",
    ".ico",
    ".jks",
    ".jpg",
    ".key",
    ".lic",
    ".license",
    ".lock",
    ".log",
    ".manifest",
    ".mdb",
    ".mdf",
    ".p12",
    ".pdf",
    ".pem",
    ".pfx",
    ".pid",
    ".png",
    ".sqlite",
    ".svg",
    ".ttf",
    ".txt",
    ".html",
    ".htm",
    ".mo",
    ".md",
];
/// What in settings starts something or lets others start it, in lower case.
const COMMANDS: [&str; 20] = [
    "powershell",
    "pwsh",
    "cmd /c",
    "cmd /k",
    "cmd.exe",
    "wscript",
    "cscript",
    "mshta",
    "rundll32",
    "regsvr32",
    "bitsadmin",
    "bash -c",
    "sh -c",
    "/bin/sh",
    "inputs.exec",
    "outputs.exec",
    "processors.exec",
    "enable_script_checks",
    "enable_local_script_checks",
    "targeturi",
];

/// True for the name of a file of settings.
pub(super) fn is_settings(name: &str) -> bool {
    let lower = name.to_lowercase();
    SETTINGS.iter().any(|ending| lower.ends_with(ending))
}

/// True where a line of `text` (in lower case) that is no comment names a command.
pub(super) fn names_commands(text: &str) -> bool {
    const COMMENTS: [&str; 7] = ["#", ";", "//", "--", "<!--", "*", "rem "];
    let said = |line: &&str| {
        let line = line.trim_start();
        !COMMENTS.iter().any(|mark| line.starts_with(mark))
    };
    let mut lines = text.lines().filter(said);
    lines.any(|line| COMMANDS.iter().any(|command| line.contains(command)))
}

impl Resolver<'_, '_> {
    /// The files that `rest` of a command line names, and those in the folders that it names.
    pub(super) fn told_of(&mut self, rest: &str, link: Link) {
        let from = self.folder.clone();
        for word in words(rest) {
            let value = match word.starts_with('-') {
                true => word.split_once('=').map(|(_, value)| value),
                false => Some(word.as_str()),
            };
            let Some(value) = value.map(|v| v.trim_matches(['"', '\''])) else {
                continue;
            };
            let is_path = value.contains(['\\', '/', '.']) && !value.contains("://");
            if !is_path || !paths_to_programs(&format!("\"{value}\"")).is_empty() {
                continue;
            }
            let current = self.current.as_deref().or(from.as_deref());
            let Ok(path) = absolute(self.windows, value, current) else {
                continue;
            };
            self.told_file(&path, true, link);
        }
    }

    /// The file at `path`, or the settings in the folder there.
    fn told_file(&mut self, path: &str, is_named: bool, link: Link) {
        let paths = &self.windows.guest.paths;
        let Ok(Some(found)) = paths.find(path.as_bytes()) else {
            return;
        };
        let name = file_name(path);
        match found.metadata.kind {
            FileKind::Directory if is_named => {
                let listed = Files::new(paths).names(path).ok().flatten();
                for name in listed.map(|l| l.names).unwrap_or_default() {
                    if is_settings(&name) {
                        self.told_file(&format!(r"{path}\{name}"), false, link);
                    }
                }
            }
            FileKind::Regular if is_settings(&name) => {
                // Longer ones are data.
                let text = match found.metadata.size <= MAX_SCRIPT {
                    true => self.text_of(path, link),
                    false => None,
                };
                if text.is_some_and(|text| names_commands(&text)) {
                    self.load(Role::Script, path, link);
                }
            }
            FileKind::Regular if !DATA.iter().any(|ending| name.ends_with(ending)) => {
                let head = found.open().and_then(|data| read_vec(data.as_ref(), 0, 2));
                let is_long = found.metadata.size >= 64;
                let is_program = is_long && head.is_ok_and(|head| looks_like_pe(&head));
                if !is_program && found.metadata.size > 0 {
                    self.load(Role::Script, path, link);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::names_commands;

    #[test]
    fn commands_in_settings_are_known_and_comments_are_none() {
        let telegraf = "[[inputs.cpu]]\n# commands = [\"powershell -c x\"]\n";
        assert!(!names_commands(telegraf));
        assert!(names_commands("[[inputs.exec]]\n  commands = [\"x\"]\n"));
        assert!(names_commands("x=cmd /c $arg1$"));
        assert!(!names_commands("log = c:/x.log\nport = 80\n"));
    }
}
