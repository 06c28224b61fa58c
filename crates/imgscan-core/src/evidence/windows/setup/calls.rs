//! How commands of the first start name what they run: scripts, `cmd`, `start` and PowerShell.

use crate::evidence::windows::execution::words::words;

/// Commands that are no programs: `cmd.exe` has them itself, whatever files there are.
const OF_SHELL: [&str; 44] = [
    "", "assoc", "break", "call", "cd", "chdir", "cls", "color", "copy", "date", "del", "dir",
    "echo", "endlocal", "erase", "exit", "for", "ftype", "goto", "if", "md", "mkdir", "mklink",
    "move", "path", "pause", "popd", "prompt", "pushd", "rd", "rem", "ren", "rename", "rmdir",
    "set", "setlocal", "shift", "start", "time", "title", "type", "ver", "verify", "vol",
];
/// Commands that change the folder of a script.
const MOVES: [&str; 6] = [
    "cd",
    "chdir",
    "pushd",
    "set-location",
    "sl",
    "push-location",
];
/// Commands that leave nothing undone where a restart comes before them.
const TRIVIAL: [&str; 16] = [
    "",
    "cls",
    "cd",
    "del",
    "echo",
    "endlocal",
    "erase",
    "exit",
    "goto",
    "popd",
    "rd",
    "rem",
    "rmdir",
    "shutdown",
    "timeout",
    "write-host",
];

/// True for a command that `cmd.exe` has itself; its name in lower case.
#[must_use]
pub fn is_of_shell(name: &str) -> bool {
    OF_SHELL.contains(&name)
}

/// True for a command that nobody misses where the machine restarts before it.
pub(super) fn is_trivial(name: &str) -> bool {
    TRIVIAL.contains(&name)
}

/// The folder that the command of these words leads to; `None` for another command.
pub(super) fn leads_to(words: &[String]) -> Option<String> {
    let (name, rest) = words.split_first()?;
    let name = name.trim_start_matches('@').to_ascii_lowercase();
    // `cd\` and `cd..` have no blank between.
    let glued = ["cd", "chdir"].iter().find_map(|n| {
        let behind = name.strip_prefix(n)?;
        behind.starts_with(['\\', '.']).then(|| behind.to_owned())
    });
    if glued.is_some() {
        return glued;
    }
    let switch = |word: &&String| !word.starts_with('/') && !word.starts_with('-');
    let folder: Vec<&str> = rest.iter().filter(switch).map(String::as_str).collect();
    (MOVES.contains(&name.as_str()) && !folder.is_empty()).then(|| folder.join(" "))
}

/// What a script is by its name or its first line.
pub(super) enum Kind {
    Batch,
    PowerShell,
    Other,
}

/// What a script is.
pub(super) fn kind(path: &str, text: &str) -> Kind {
    let name = path.rsplit(['\\', '/']).next().unwrap_or_default();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending.to_ascii_lowercase().as_str() {
        "cmd" | "bat" => Kind::Batch,
        "ps1" | "psm1" => Kind::PowerShell,
        _ => {
            let first = text.lines().next().unwrap_or_default().trim();
            let first = first.to_ascii_lowercase();
            if first.starts_with("rem cmd") {
                Kind::Batch
            } else if first.starts_with("#ps1") {
                Kind::PowerShell
            } else {
                Kind::Other
            }
        }
    }
}

/// `text` with the variables of the script's own place replaced.
pub(super) fn placed(text: &str, folder: &str) -> String {
    let folder = folder.replace('/', "\\");
    let drive: String = folder.chars().take(2).collect();
    text.replace("%~dp0", &format!("{folder}\\"))
        .replace("%~d0", &drive)
        .replace("$PSScriptRoot", &folder)
}

/// What `cmd /c` runs: its text behind the switch, without marks around it as a whole.
pub(super) fn shell(text: &str) -> Option<&str> {
    let lower = text.to_ascii_lowercase();
    let at = ["/c", "/k", "/r"]
        .iter()
        .filter_map(|s| lower.find(s))
        .min()?;
    let rest = text.get(at.checked_add(2)?..)?.trim();
    if rest.is_empty() {
        return None;
    }
    let marks = rest.matches('"').count();
    let special = rest.contains(['&', '<', '>', '(', ')', '@', '^', '|']);
    let inside = rest.strip_prefix('"').and_then(|r| r.rsplit_once('"'));
    match inside {
        // The first and the last mark go, and what stands behind the last one stays.
        Some((inner, "")) if marks > 2 || special => Some(inner),
        Some((inner, "")) if !inner.contains(' ') || marks > 2 => Some(inner),
        _ => Some(rest),
    }
}

/// What `start` runs: behind a title and its switches.
pub(super) fn started(text: &str) -> Option<String> {
    let rest = text.trim_start().get(5..)?.trim_start();
    let mut rest = rest.trim_start_matches('.');
    if let Some(title) = rest.strip_prefix('"') {
        rest = title.split_once('"')?.1.trim_start();
    }
    while let Some(switch) = rest.strip_prefix('/') {
        let (name, behind) = switch.split_once(char::is_whitespace)?;
        rest = behind.trim_start();
        // `/d folder`, `/node n`, `/affinity n`
        let takes = ["d", "node", "affinity", "machine"];
        if takes.contains(&name.to_ascii_lowercase().as_str()) {
            rest = match rest.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"')?.1,
                None => rest.split_once(char::is_whitespace)?.1,
            };
            rest = rest.trim_start();
        }
    }
    (!rest.is_empty()).then(|| rest.to_owned())
}

/// What a call of PowerShell runs.
pub(super) enum Power {
    File(String, Vec<String>),
    Command(String),
    Unknown,
}

pub(super) fn power(text: &str) -> Power {
    let mut words = words(text).into_iter().skip(1);
    while let Some(word) = words.next() {
        let switch = word
            .strip_prefix(['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'])
            .map(str::to_ascii_lowercase);
        let Some(switch) = switch else {
            // A first word without a sign is a command.
            let rest: Vec<String> = std::iter::once(word).chain(words).collect();
            return Power::Command(rest.join(" "));
        };
        let is = |long: &str, least: usize| switch.len() >= least && long.starts_with(&switch);
        if is("file", 1) {
            return match words.next() {
                Some(path) => Power::File(path, words.collect()),
                None => Power::Unknown,
            };
        }
        if is("command", 1) {
            let rest: Vec<String> = words.collect();
            return Power::Command(rest.join(" "));
        }
        if is("executionpolicy", 2) || switch == "ep" || is("windowstyle", 1) || is("version", 1) {
            words.next();
        } else if !(is("noprofile", 3)
            || is("nologo", 3)
            || is("noninteractive", 4)
            || is("sta", 1)
            || is("mta", 1))
        {
            return Power::Unknown;
        }
    }
    Power::Unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_taken_apart() {
        assert_eq!(shell("cmd /c a b"), Some("a b"));
        assert_eq!(
            shell(r#"cmd.exe /c ""C:\a b\c.exe" --x "d" && exit 1""#),
            Some(r#""C:\a b\c.exe" --x "d" && exit 1"#)
        );
        assert_eq!(shell(r#"cmd /s /c "net user""#), Some(r#""net user""#));
        assert_eq!(shell("cmd"), None);
        assert_eq!(
            started(r#"start "" /wait /d "C:\a b" x.exe y"#).as_deref(),
            Some("x.exe y")
        );
        assert_eq!(started("start x").as_deref(), Some("x"));
        let file = |text: &str| match power(text) {
            Power::File(path, _) => Some(path),
            _ => None,
        };
        let command = |text: &str| match power(text) {
            Power::Command(text) => Some(text),
            _ => None,
        };
        assert_eq!(
            file(r#"powershell -nop -ExecutionPolicy Bypass -File "C:\a b.ps1" x"#).as_deref(),
            Some(r"C:\a b.ps1")
        );
        assert_eq!(command("powershell /c iex x").as_deref(), Some("iex x"));
        assert_eq!(command("powershell Get-X y").as_deref(), Some("Get-X y"));
        assert!(matches!(power("powershell -enc AAA"), Power::Unknown));
    }
}
