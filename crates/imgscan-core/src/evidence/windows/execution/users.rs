//! What runs when a user opens a link of his desktop or start menu, or uses a client whose
//! configuration names commands.

use std::collections::BTreeSet;

use super::sources::Collector;
use super::{Account, Execution, Language, Occasion, Role, Subject};
use crate::error::{Error, Layer};
use crate::evidence::Gap;
use crate::guest::windows::Roots;

const LINK: &str = "Link";
/// Folders that are looked at in the start menus.
const MAX_FOLDERS: usize = 2_000;
/// Levels of folders of a start menu.
const MAX_DEPTH: usize = 6;
/// Folders of a profile whose links the shell shows, besides the desktop and the start menu.
const SHOWN: [&str; 4] = [
    r"AppData\Roaming\Microsoft\Internet Explorer\Quick Launch",
    r"AppData\Roaming\Microsoft\Internet Explorer\Quick Launch\User Pinned\TaskBar",
    r"AppData\Roaming\Microsoft\Internet Explorer\Quick Launch\User Pinned\StartMenu",
    r"AppData\Local\Microsoft\Windows\WinX\Group3",
];
/// Programs of Windows that carry out what their arguments say.
const CARRIERS: [&str; 10] = [
    "powershell.exe",
    "powershell_ise.exe",
    "pwsh.exe",
    "mshta.exe",
    "wscript.exe",
    "cscript.exe",
    "regsvr32.exe",
    "rundll32.exe",
    "msbuild.exe",
    "installutil.exe",
];
/// Names of links of Windows to its own tools, without the ending.
const TOOLS: [&str; 40] = [
    "administrative tools",
    "command prompt",
    "computer management",
    "control panel",
    "device manager",
    "disk management",
    "event viewer",
    "file explorer",
    "internet explorer",
    "local security policy",
    "microsoft edge",
    "notepad",
    "paint",
    "performance monitor",
    "registry editor",
    "remote desktop connection",
    "resource monitor",
    "run",
    "server manager",
    "services",
    "system configuration",
    "system information",
    "task manager",
    "task scheduler",
    "this pc",
    "windows defender firewall with advanced security",
    "windows explorer",
    "windows powershell",
    "windows powershell (x86)",
    "windows powershell ise",
    "windows security",
    "wordpad",
    "任务管理器",
    "任务计划程序",
    "命令提示符",
    "控制面板",
    "文件资源管理器",
    "服务",
    "服务器管理器",
    "此电脑",
];
/// Keywords of ssh_config by which a client runs something, or loads it.
const SSH: [&str; 5] = [
    "proxycommand",
    "localcommand",
    "knownhostscommand",
    "pkcs11provider",
    "securitykeyprovider",
];
/// Settings of Git whose value is a command or a folder of commands.
const GIT: [&str; 8] = [
    "askpass",
    "editor",
    "fsmonitor",
    "gitproxy",
    "hookspath",
    "pager",
    "sshcommand",
    "external",
];
/// What such settings may be without naming a command of somebody's.
const PLAIN: [&str; 12] = [
    "", "none", "internal", "true", "false", "0", "1", "less", "vim", "vi", "notepad", "nano",
];
/// Helpers that Git for Windows brings to keep passwords.
const HELPERS: [&str; 7] = [
    "manager",
    "manager-core",
    "manager-ui",
    "wincred",
    "cache",
    "store",
    "helper-selector",
];

impl Collector<'_, '_> {
    /// Links that a user opens, as far as they do more than to start a program: those that give a
    /// program of Windows something to carry out, and those that are named like a tool of Windows
    /// and start another program.
    pub(super) fn links(&mut self) {
        let mut menus: Vec<String> = Vec::new();
        let startup = self.startup_places();
        for folder in &startup {
            menus.extend(folder.rsplit_once('\\').map(|(menu, _)| menu.to_owned()));
        }
        let mut folders: Vec<String> = Vec::new();
        for desktop in &self.windows.desktops().items {
            folders.push(desktop.fact.folder.clone());
        }
        for profile in &self.windows.profiles().items {
            let home = &profile.fact.folder;
            folders.extend(SHOWN.iter().map(|shown| format!(r"{home}\{shown}")));
        }
        let plain = |folder: &str| folder.to_lowercase().replace('/', "\\");
        let mut seen: BTreeSet<String> = startup.iter().map(|folder| plain(folder)).collect();
        let mut is_deep = false;
        let mut waiting: Vec<(String, usize)> = menus.into_iter().map(|m| (m, MAX_DEPTH)).collect();
        while let Some((folder, depth)) = waiting.pop() {
            if !seen.insert(plain(&folder)) {
                continue;
            }
            if seen.len() > MAX_FOLDERS {
                self.bounded(&folder, seen.len(), MAX_FOLDERS);
                break;
            }
            let below = self.names_of_folders(&folder);
            if depth == 0 {
                is_deep |= !below.is_empty();
            } else {
                waiting.extend(
                    below
                        .iter()
                        .map(|name| (format!(r"{folder}\{name}"), depth - 1)),
                );
            }
            self.links_in(&folder);
        }
        if is_deep {
            let what = say!(error_sweep_deep, most = MAX_DEPTH);
            let at = self.windows.system_root_location();
            self.gap(Gap::new(at, &Error::limit(Layer::Guest, None, what)));
        }
        for folder in folders {
            if seen.insert(plain(&folder)) {
                self.links_in(&folder);
            }
        }
    }

    fn links_in(&mut self, folder: &str) {
        let roots = self.windows.roots();
        for name in self.names(folder) {
            if name.to_lowercase().ends_with(".lnk") {
                let path = format!(r"{folder}\{name}");
                self.file(Subject::Autostart, LINK, Occasion::Logon, &path);
                self.drop_last_unless(|entry| entry.kind != LINK || carries(entry, &roots));
            }
        }
    }

    /// Configurations of clients, of the machine and of each user, that name a command.
    pub(super) fn clients(&mut self) {
        let roots = self.windows.roots();
        let mut homes: Vec<String> =
            vec![format!(r"{}\System32\config\systemprofile", roots.windows)];
        let profiles = self.windows.profiles().items.iter();
        homes.extend(profiles.map(|p| p.fact.folder.clone()));
        let git = format!(r"{}\Program Files\Git", roots.drive);
        let mut ssh = vec![
            format!(r"{}\ProgramData\ssh\ssh_config", roots.drive),
            format!(r"{git}\etc\ssh\ssh_config"),
        ];
        ssh.extend(homes.iter().map(|home| format!(r"{home}\.ssh\config")));
        for path in ssh {
            self.client("OpenSSH client", &path, of_ssh);
        }
        let mut configured = vec![
            format!(r"{}\ProgramData\Git\config", roots.drive),
            format!(r"{git}\etc\gitconfig"),
            format!(r"{git}\mingw64\etc\gitconfig"),
        ];
        for home in &homes {
            configured.push(format!(r"{home}\.gitconfig"));
            configured.push(format!(r"{home}\.config\git\config"));
        }
        for path in configured {
            self.client("Git", &path, of_git);
        }
    }

    fn client(&mut self, kind: &str, path: &str, names_command: fn(&str) -> bool) {
        for (line, at) in self.lines(path) {
            if names_command(&line) {
                let what = (Subject::Extension, kind, path);
                let runs = (Occasion::Demand, Account::User);
                self.add(what, runs, &line, at, |r| r.code(&line, Language::Command));
            }
        }
    }
}

/// True for a link that has more done than the start of the program that it is named after.
fn carries(entry: &Execution, roots: &Roots) -> bool {
    let stem = entry.name.to_lowercase();
    let stem = stem.strip_suffix(".lnk").unwrap_or(&stem);
    let is_tool = TOOLS.contains(&stem.trim());
    let windows = format!(r"{}\", roots.windows).to_lowercase();
    // The first part is the link itself.
    let mut behind = entry.parts.iter().skip(1);
    let programs = entry.parts.iter().skip(1);
    let mut programs = programs.filter(|p| p.role == Role::Program);
    let named = |named: &str| named.to_lowercase().replace('/', "\\");
    programs.any(|program| {
        let path = named(&program.named);
        let file = path.rsplit('\\').next().unwrap_or_default();
        let more = behind.any(|part| part.role != Role::Program);
        let host = CARRIERS.contains(&file) || is_tool && file == "cmd.exe";
        host && more || is_tool && path.contains('\\') && !path.starts_with(&windows)
    })
}

/// True for a line of ssh_config that has the client run or load something.
fn of_ssh(line: &str) -> bool {
    let mut words = line
        .split(|c: char| c.is_whitespace() || c == '=')
        .filter(|w| !w.is_empty());
    let keyword = words.next().unwrap_or_default().to_lowercase();
    let mut rest = words.map(|word| word.trim_matches('"').to_lowercase());
    match keyword.as_str() {
        "match" => rest.any(|word| word.trim_start_matches('!').starts_with("exec")),
        keyword if SSH.contains(&keyword) => {
            let first = rest.next().unwrap_or_default();
            !["", "none", "internal"].contains(&first.as_str())
        }
        _ => false,
    }
}

/// True for a line of a configuration of Git that has it run something.
fn of_git(line: &str) -> bool {
    // A section may stand before its first setting.
    let line = match line.strip_prefix('[') {
        Some(rest) => rest.rsplit_once(']').map_or("", |(_, setting)| setting),
        None => line,
    };
    let (name, value) = line.split_once('=').unwrap_or((line, ""));
    let name = name.trim().to_lowercase();
    let value = value.trim().trim_matches('"').trim();
    let plain = |known: &[&str]| known.iter().any(|k| k.eq_ignore_ascii_case(value));
    match name.as_str() {
        "helper" => !value.is_empty() && !plain(&HELPERS),
        name if GIT.contains(&name) => !plain(&PLAIN),
        // The alias of a command line.
        _ => value.starts_with('!'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_in_the_configurations_of_clients_are_told_from_settings() {
        // ssh_config(5).
        for line in [
            r"ProxyCommand C:\x.exe %h",
            "localcommand=\"x\"",
            "Match host a exec \"x.exe\"",
            r"PKCS11Provider C:\x.dll",
        ] {
            assert!(of_ssh(line), "{line}");
        }
        for line in [
            "ProxyCommand none",
            "Host *",
            "Match host a",
            "PermitLocalCommand yes",
        ] {
            assert!(!of_ssh(line), "{line}");
        }
        // git-config(1), gitcredentials(7).
        for line in [
            "fsmonitor=C:/x.exe",
            "[core] sshCommand = x",
            "helper = !x",
            "helper = C:/x.exe",
            "st = !cmd",
        ] {
            assert!(of_git(line), "{line}");
        }
        for line in [
            "fsmonitor = true",
            "[credential]",
            "helper = manager",
            "symlinks = false",
            "clean = git-lfs clean -- %f",
            "textconv = astextplain",
        ] {
            assert!(!of_git(line), "{line}");
        }
    }
}
