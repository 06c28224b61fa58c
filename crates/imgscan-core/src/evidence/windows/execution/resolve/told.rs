//! Files that a program which is no known host is told of: settings in which commands stand, and what
//! may be a script under any name.
//!
//! Manuals of Telegraf (`inputs.exec`), Consul (`enable_script_checks`), `NSClient++` (external scripts)
//! and Splunk (`deploymentclient.conf`).

use super::{Link, MAX_SCRIPT, Resolver, Role};
use crate::evidence::files::Files;
use crate::evidence::windows::execution::hosts::{is_told_code, paths_to_programs};
use crate::evidence::windows::execution::paths::absolute;
use crate::evidence::windows::execution::words::{file_name, words};
use crate::evidence::windows::xml;
use crate::fs::FileKind;
use crate::source::read_vec;
use crate::trust::pe::looks_like_pe;

/// What is looked at of a file of a kind that is not known, in bytes.
const HEAD: usize = 64 * 1024;
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
/// Programs that carry out commands of their settings, wherever below their folder those lie; in lower case.
const TAKE_COMMANDS: [&str; 10] = [
    "consul",
    "fluent-bit",
    "icinga2",
    "nomad",
    "nscp",
    "pg_ctl",
    "postgres",
    "splunkd",
    "telegraf",
    "vector",
];
/// What in settings is a command of its own or lets others start some, in lower case.
const ORDERS: [&str; 9] = [
    "inputs.exec",
    "outputs.exec",
    "processors.exec",
    "targeturi",
    "bash -c",
    "sh -c",
    "/bin/sh",
    "bitsadmin /",
    "certutil -",
];
/// Switches that let others start commands, in lower case; each may be off.
const SWITCHES: [&str; 2] = ["enable_script_checks", "enable_local_script_checks"];
/// Programs of Windows that carry out what follows them, in lower case.
const HOSTS: [&str; 8] = [
    "powershell",
    "pwsh",
    "wscript",
    "cscript",
    "mshta",
    "rundll32",
    "regsvr32",
    "cmd",
];

/// True for a program (its name without an ending, in lower case) that carries out commands of its settings.
pub(super) fn has_commands_in_its_settings(name: &str) -> bool {
    TAKE_COMMANDS.contains(&name)
}

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
    lines.any(|line| {
        ORDERS.iter().any(|order| line.contains(order))
            || SWITCHES.iter().any(|switch| line.contains(switch)) && line.contains("true")
            || HOSTS.iter().any(|host| {
                let mut after = line.split(host).skip(1);
                after.any(follows)
            })
    })
}

/// True where `rest` behind the name of a host is what that host is told: the name alone says which is used.
fn follows(rest: &str) -> bool {
    let rest = rest.strip_prefix(".exe").unwrap_or(rest);
    let told = rest.trim_start_matches(['"', '\'', ',', ' ', '\t']);
    let is_apart = told.len() < rest.len();
    let is_path = told.get(1..3).is_some_and(|p| p == ":\\" || p == ":/");
    is_apart && (told.starts_with(['-', '/', '\\', '&', '.', '%', '$']) || is_path)
}

/// Bytes by which files of code are known that an interpreter has put into a form of its own: archives,
/// classes of Java, chunks of Lua, modules of WebAssembly.
const PACKED: [&[u8]; 4] = [b"PK\x03\x04", b"\xca\xfe\xba\xbe", b"\x1bLua", b"\0asm"];

/// True where `bytes`, the beginning of a file of a kind that is not known, looks like a script.
fn is_code(bytes: &[u8]) -> bool {
    if PACKED.iter().any(|sign| bytes.starts_with(sign)) {
        return true;
    }
    let is_wide = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    if bytes.contains(&0) && !is_wide {
        return false;
    }
    let text = xml::decode(bytes).to_lowercase();
    let mut lines = text.lines().map(str::trim);
    text.starts_with("#!")
        || names_commands(&text)
        || lines.any(|line| {
            is_told_code(&[line.to_owned()]) || is_told_code(&words(line)) || line.ends_with(");")
        })
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
                let len = usize::try_from(found.metadata.size).unwrap_or(usize::MAX);
                let head = found.open();
                let head = head.and_then(|data| read_vec(data.as_ref(), 0, len.min(HEAD)));
                // What can't be read is told where it is loaded.
                let is_code = head.map_or(true, |head| !looks_like_pe(&head) && is_code(&head));
                if is_code {
                    self.load(Role::Script, path, link);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{is_code, names_commands};

    #[test]
    fn commands_in_settings_are_known_and_comments_are_none() {
        let telegraf = "[[inputs.cpu]]\n# commands = [\"powershell -c x\"]\n";
        assert!(!names_commands(telegraf));
        assert!(names_commands("[[inputs.exec]]\n  commands = [\"x\"]\n"));
        assert!(names_commands("x=cmd /c $arg1$"));
        assert!(names_commands(
            r#"args = ["powershell.exe", "-enc", "sqbf"]"#
        ));
        assert!(names_commands("archive_command='powershell -enc sqbf'"));
        assert!(names_commands("enable_script_checks = true"));
        for usual in [
            "log = c:/x.log\nport = 80\n",
            "terminal = powershell.exe\nshell=c:\\windows\\system32\\cmd.exe\n",
            "about = the powershell console",
            "enable_script_checks = false",
        ] {
            assert!(!names_commands(usual), "{usual}");
        }
    }

    #[test]
    fn a_file_of_another_kind_is_code_by_what_stands_in_it() {
        for code in [
            "system('calc')".as_bytes(),
            b"run(\"calc\")\n",
            b"#!/usr/bin/x\n",
            b"PK\x03\x04abc",
            b"run powershell -enc x",
            b"require('child_process').exec('calc');\n",
        ] {
            assert!(is_code(code), "{}", String::from_utf8_lossy(code));
        }
        for data in [&b"SQLite format 3\0abc"[..], b"name value\nport 80\n", b""] {
            assert!(!is_code(data), "{}", String::from_utf8_lossy(data));
        }
    }
}
