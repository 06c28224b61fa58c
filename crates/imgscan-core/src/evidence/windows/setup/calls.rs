//! How commands of the first start name what they run: scripts, `cmd`, `start` and PowerShell.

use crate::evidence::windows::execution::options::{Told, told};
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

/// What the command line `text` of `host` (`powershell` or `pwsh`) runs.
pub(super) fn power(host: &str, text: &str) -> Power {
    let words = words(text);
    match told(words.get(1..).unwrap_or_default(), host == "pwsh") {
        Told::File(path, given) => Power::File(path.to_owned(), given.to_vec()),
        Told::Command(words) => Power::Command(words.join(" ")),
        Told::Encoded | Told::Nothing | Told::Unknown => Power::Unknown,
    }
}

/// How long a command waits, in seconds: `None` for one that does something else, `Some(None)` where
/// that can't be told. Its name and its words in lower case.
#[must_use]
pub fn waits(name: &str, words: &[String]) -> Option<Option<u64>> {
    let words = words.get(1..).unwrap_or_default();
    let behind = |switches: &[&str]| -> Option<&str> {
        let at = words.iter().position(|w| {
            let w = w.split(':').next().unwrap_or_default();
            switches.contains(&w)
        })?;
        let word = words.get(at)?;
        match word.split_once(':') {
            Some((_, value)) => Some(value),
            None => words.get(at + 1).map(String::as_str),
        }
    };
    // `c,10`: what is chosen, and after how long.
    let number = |text: &str| -> Option<u64> { text.rsplit(',').next()?.parse().ok() };
    let has = |switches: &[&str]| words.iter().any(|w| switches.contains(&w.as_str()));
    let plain = || {
        let mut all = words.iter().map(String::as_str);
        all.find(|w| !w.starts_with(['/', '-']))
    };
    Some(match name {
        "ping" if has(&["-t", "/t"]) => None,
        "ping" => {
            let count = behind(&["-n", "/n"]).map_or(Some(4), number);
            let each = behind(&["-w", "/w"]).map_or(Some(1000), number);
            count
                .zip(each)
                .map(|(count, each)| count.saturating_mul(each.max(1000)) / 1000)
        }
        "choice" => behind(&["/t"]).and_then(number),
        "timeout" | "sleep" | "start-sleep" => {
            let milliseconds = behind(&["-m", "-milliseconds"]).map(number);
            let seconds = behind(&["/t", "-s", "-seconds"]).or_else(plain);
            match (milliseconds, seconds) {
                (Some(given), _) => given.map(|given| given / 1000),
                (None, Some(given)) => number(given),
                (None, None) => words.iter().all(|w| w.starts_with(['/', '>'])).then_some(0),
            }
        }
        _ => return None,
    })
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
        let file = |text: &str| match power("powershell", text) {
            Power::File(path, _) => Some(path),
            _ => None,
        };
        let command = |text: &str| match power("powershell", text) {
            Power::Command(text) => Some(text),
            _ => None,
        };
        assert_eq!(
            file(r#"powershell -nop -ExecutionPolicy Bypass -File "C:\a b.ps1" x"#).as_deref(),
            Some(r"C:\a b.ps1")
        );
        assert_eq!(command("powershell /c iex x").as_deref(), Some("iex x"));
        assert_eq!(command("powershell Get-X y").as_deref(), Some("Get-X y"));
        assert!(matches!(
            power("powershell", "powershell -enc AAA"),
            Power::Unknown
        ));
    }
}
