//! The command processor, PowerShell and the hosts of scripts.

use super::Carried::{self, *};
use super::{acts, joined, script};
use crate::evidence::windows::execution::options::{self, told};
use crate::evidence::windows::execution::words::file_name;

/// The text behind the first `/c`, `/k` or `/r`; before it stand only switches.
pub(super) fn command_processor(rest: &str) -> Vec<Carried> {
    let mut left = rest.trim_start_matches([' ', '\t', ',', ';', '=', '"']);
    let mut strip = false;
    while let Some(switch) = left.strip_prefix('/') {
        let mut chars = switch.chars();
        let letter = chars.next().unwrap_or_default().to_ascii_lowercase();
        let behind = chars.as_str();
        match letter {
            'c' | 'k' | 'r' => {
                let text = behind.trim();
                return match unquoted(text, strip) {
                    "" => Vec::new(),
                    text => vec![Shell(text.to_owned())],
                };
            }
            's' => strip = true,
            _ => {}
        }
        let end = behind.find([' ', '\t', '/', ',', ';', '=']);
        left = end.map_or("", |end| &behind[end..]);
        left = left.trim_start_matches([' ', '\t', ',', ';', '=']);
    }
    // Without such a switch it waits for a person; what follows has no effect.
    match left.trim() {
        "" => Vec::new(),
        text => vec![Unclear(text.to_owned())],
    }
}

/// `text` without the outer marks as cmd takes them off: always with `/s`, or where they are not
/// the only pair.
pub(super) fn unquoted(text: &str, strip: bool) -> &str {
    let Some(inner) = text.strip_prefix('"') else {
        return text;
    };
    let marks = text.matches('"').count();
    if !strip && marks == 2 {
        return text;
    }
    match inner.rfind('"') {
        Some(end) if inner[end..].trim_end() == "\"" => &inner[..end],
        _ => inner,
    }
}

/// What a command line of PowerShell runs; `is_core` for that of `pwsh`.
pub(super) fn powershell(words: &[String], rest: &str, is_core: bool) -> Vec<Carried> {
    match told(words, is_core) {
        options::Told::File(file, given) => {
            vec![script(file, joined(given), format!("powershell {rest}"))]
        }
        options::Told::Command(words) => bare_text(words, PowerShell),
        options::Told::Encoded => vec![PowerShell(rest.to_owned())],
        options::Told::Nothing => Vec::new(),
        options::Told::Unknown => vec![Unclear(rest.to_owned())],
    }
}

/// A text for PowerShell: a script that it calls, or code.
pub(super) fn bare_text(words: &[String], make: fn(String) -> Carried) -> Vec<Carried> {
    let text = words.join(" ");
    let call = text.trim().trim_start_matches(['&', '.', '{', ' ']);
    let (file, rest) = match call.strip_prefix(['\'', '"']) {
        Some(quoted) => quoted.split_once(['\'', '"']).unwrap_or((quoted, "")),
        None => call.split_once(' ').unwrap_or((call, "")),
    };
    let plain = !rest.contains([';', '|', '&', '(', '{', '$', '`']);
    if plain && file_name(file).ends_with(".ps1") {
        return vec![script(
            file,
            rest.trim().to_owned(),
            format!("powershell {text}"),
        )];
    }
    match text.trim() {
        "" => Vec::new(),
        text => vec![make(text.to_owned())],
    }
}

/// Languages of Windows' own engines, in lower case; others are classes of their own.
const ENGINES: [&str; 6] = [
    "ecmascript",
    "javascript",
    "jscript",
    "js",
    "vbs",
    "vbscript",
];

/// True for a switch of the hosts of scripts, which they take with one slash or two before the
/// script: `cscript /?`.
#[must_use]
pub fn is_script_switch(word: &str) -> bool {
    let name = word.strip_prefix("//").or_else(|| word.strip_prefix('/'));
    let name = name.unwrap_or_default().to_ascii_lowercase();
    let (name, value) = name.split_once(':').unwrap_or((&name, ""));
    match name {
        "b" | "d" | "i" | "logo" | "nologo" | "s" | "u" | "x" => value.is_empty(),
        "t" => !value.is_empty() && value.chars().all(|c| c.is_ascii_digit()),
        "h" => ["cscript", "wscript"].contains(&value),
        "e" => ENGINES.contains(&value),
        "job" => !value.is_empty(),
        _ => false,
    }
}

/// The script, behind the switches of its host. Two slashes are the host's behind it, too.
pub(super) fn scripts(program: &str, words: &[String], rest: &str) -> Vec<Carried> {
    let first = words.iter().position(|w| !w.starts_with('/'));
    let (own, behind) = words.split_at(first.unwrap_or(words.len()));
    let (switches, told): (Vec<String>, Vec<String>) = behind
        .iter()
        .skip(1)
        .cloned()
        .partition(|w| w.starts_with("//"));
    if !own.iter().chain(&switches).all(|w| is_script_switch(w)) {
        return vec![Unclear(format!("{program} {rest}"))];
    }
    let Some(file) = behind.first() else {
        return Vec::new();
    };
    let mut out = vec![script(file, joined(&told), format!("{program} {rest}"))];
    // Some scripts of Windows run what they are told of.
    let runs = |w: &&String| {
        let w = w.to_lowercase();
        w.contains("script:") || w.contains("://")
    };
    out.extend(told.iter().find(runs).map(|w| Code(w.clone())));
    out
}

pub(super) fn mshta(rest: &str) -> Vec<Carried> {
    let text = rest.trim().trim_matches('"');
    let lower = text.to_lowercase();
    match text {
        "" => Vec::new(),
        _ if lower.contains("script:") || lower.contains("://") => vec![Code(text.to_owned())],
        _ => vec![Script(text.to_owned())],
    }
}

pub(super) fn wmic(rest: &str) -> Vec<Carried> {
    let lower = rest.to_ascii_lowercase();
    if let Some(at) = lower.find("call create") {
        let behind = rest.get(at + "call create".len()..).unwrap_or_default();
        return vec![Command(behind.trim().trim_matches(['"', '\'']).to_owned())];
    }
    acts("wmic", rest)
}
