//! Programs of Windows that load or start what their command line names.

use super::Carried::{self, *};
use super::{STOPPING, acts, is_plain, is_switch};
use crate::evidence::windows::execution::words::file_name;
use crate::text::strip_any_case;

/// What makes Explorer show a folder that its caller names, or start without a privilege.
const EXPLORER_SHOWS: [&str; 2] = ["/nouaccheck", "/idlist,"];

pub(super) fn rundll32(rest: &str) -> Vec<Carried> {
    let mut rest = rest.trim();
    // Microsoft uses `/d` in tasks of its own; the library follows.
    while let Some(behind) = strip_any_case(rest, "/d").filter(|b| b.starts_with([' ', '\t'])) {
        rest = behind.trim_start();
    }
    let lower = rest.to_lowercase();
    if rest.is_empty() {
        return Vec::new();
    }
    if lower.contains("javascript:") || lower.contains("vbscript:") {
        return vec![Code(rest.to_owned())];
    }
    for switch in ["-sta", "/sta", "-localserver", "/localserver"] {
        if let Some(behind) = lower.strip_prefix(switch) {
            return vec![Class(behind.trim().to_owned())];
        }
    }
    if is_switch(rest) {
        return vec![Unclear(rest.to_owned())];
    }
    let (file, behind) = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
        None => rest.split_at(rest.find([',', ' ']).unwrap_or(rest.len())),
    };
    let name = file_name(file);
    let stem = name.strip_suffix(".dll").unwrap_or(&name).to_owned();
    let file = match name.contains('.') {
        true => file.to_owned(),
        false => format!("{file}.dll"),
    };
    let behind = behind.trim_start_matches([',', ' ']);
    let (entry, arguments) = behind.split_once(' ').unwrap_or((behind, ""));
    let arguments = arguments.trim();
    let stops = |(library, function): &(&str, &str)| {
        stem == *library && entry.eq_ignore_ascii_case(function)
    };
    if STOPPING.iter().any(stops) {
        return vec![Library(file), Code(format!("rundll32 {rest}"))];
    }
    if arguments.is_empty() {
        return vec![Library(file)];
    }
    let second = match (stem.as_str(), entry.to_lowercase().as_str()) {
        ("shell32", "shellexec_rundll" | "shellexec_rundlla" | "shellexec_rundllw")
        | ("zipfldr", "routethecall")
        | ("pcwutl", "launchapplication")
        | ("url" | "ieframe" | "shdocvw", "openurl")
        | ("url", "fileprotocolhandler") => Command(arguments.to_owned()),
        ("shell32", "control_rundll" | "control_rundllasuser") => {
            let file = arguments.split(',').next().unwrap_or_default();
            Library(file.trim_matches('"').to_owned())
        }
        _ => return vec![Function(file, rest.to_owned())],
    };
    vec![Library(file), second]
}

pub(super) fn regsvr32(words: &[String]) -> Vec<Carried> {
    let mut out = Vec::new();
    let mut argument = None;
    for word in words {
        if let Some(of_i) = strip_any_case(word, "/i:").or_else(|| strip_any_case(word, "-i:")) {
            argument = Some(of_i.to_owned());
        } else if !is_switch(word) {
            out.push(Library(word.clone()));
        }
    }
    let scriptlet = |c: &Carried| matches!(c, Library(l) if file_name(l).starts_with("scrobj"));
    if let Some(argument) = argument.filter(|_| out.iter().any(scriptlet)) {
        out.push(Script(argument));
    }
    out
}

pub(super) fn msiexec(words: &[String]) -> Vec<Carried> {
    let mut out = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let lower = word.to_lowercase();
        let option = lower.trim_start_matches(['/', '-']);
        let is_option = option.len() < lower.len();
        if is_option && option.starts_with(['i', 'a', 'j', 'p', 'u', 'f', 'y', 'z', 't', 'x']) {
            // `/passive`, `/uninstall`, `/update` and the like.
            if matches!(option, "passive" | "promptrestart") {
                continue;
            }
            let glued = word.get(2..).unwrap_or_default();
            let named = match glued {
                "" | "ackage" | "pdate" | "ninstall" => words.next().cloned(),
                _ if matches!(option, "package" | "update" | "uninstall" | "jm" | "ju") => {
                    words.next().cloned()
                }
                glued if option.starts_with('f') => {
                    words.next().cloned().or(Some(glued.to_owned()))
                }
                glued => Some(glued.to_owned()),
            };
            let Some(named) = named else { continue };
            out.push(match option.chars().next() {
                Some('y' | 'z') => Library(named),
                // A product by its code is the package that was kept when it was installed.
                _ if named.starts_with('{') => Unclear(named),
                _ => Script(named),
            });
        } else if let Some(list) =
            strip_any_case(word, "TRANSFORMS=").or_else(|| strip_any_case(word, "PATCH="))
        {
            out.extend(list.split(';').map(|f| Script(f.to_owned())));
        }
    }
    out
}

/// The command behind one of the switches; what else stands there is not understood.
pub(super) fn after(
    words: &[String],
    rest: &str,
    switches: &[&str],
    none: &[&str],
) -> Vec<Carried> {
    let is = |w: &String, list: &[&str]| list.iter().any(|s| s.eq_ignore_ascii_case(w));
    match words.iter().position(|w| is(w, switches)) {
        Some(at) => {
            let command = words.get(at + 1..).unwrap_or_default();
            // What a program was given in one word is a line of its own.
            match command {
                [] => vec![Unclear(rest.to_owned())],
                [one, ..] => vec![Command(one.clone())],
            }
        }
        None if words.iter().all(|w| is(w, none)) => Vec::new(),
        None => vec![Unclear(rest.to_owned())],
    }
}

/// What forfiles starts for each file; its own command only shows the name.
pub(super) fn forfiles(words: &[String], rest: &str) -> Vec<Carried> {
    let is = |w: &&String| w.eq_ignore_ascii_case("/c") || w.eq_ignore_ascii_case("-c");
    if !words.iter().any(|w| is(&w)) {
        return Vec::new();
    }
    // `@file` and `0xNN` stand for what is known only when it runs.
    if rest.contains('@') || rest.to_lowercase().contains("0x") {
        return match on_each(words) {
            Some(command) => vec![Code(command)],
            None => vec![Unclear(rest.to_owned())],
        };
    }
    after(words, rest, &["/c", "-c"], &[])
}

/// The one command of the command processor that forfiles carries out on each file, where it starts none of
/// them: `cmd /c del @path`.
fn on_each(words: &[String]) -> Option<String> {
    const VERBS: [&str; 11] = [
        "copy", "del", "echo", "erase", "move", "rd", "ren", "rename", "rmdir", "type", "dir",
    ];
    let at = words
        .iter()
        .position(|w| ["/c", "-c"].iter().any(|c| c.eq_ignore_ascii_case(w)))?;
    let line = words.get(at + 1)?;
    let (program, rest) = line.split_once(' ')?;
    let shell = super::super::words::program_name(program) == "cmd";
    let command = strip_any_case(rest.trim_start(), "/c ")?.trim();
    let verb = command.split([' ', '/']).next().unwrap_or_default();
    let plain = !command.contains(['&', '|', '<', '>', '^', '(', '%'])
        && !command.to_lowercase().contains("0x");
    let is_known = VERBS.iter().any(|v| v.eq_ignore_ascii_case(verb));
    (shell && plain && is_known).then(|| command.to_owned())
}

pub(super) fn acting(words: &[String], rest: &str, switches: &[&str]) -> Vec<Carried> {
    let is = |w: &String| switches.iter().any(|s| s.eq_ignore_ascii_case(w));
    match words.iter().position(is) {
        Some(at) => words
            .get(at + 1)
            .map(|c| vec![Command(c.clone())])
            .unwrap_or_default(),
        None => acts("schtasks", rest),
    }
}

pub(super) fn conhost(words: &[String], rest: &str) -> Vec<Carried> {
    // The console's own use: a handle and `-ForceV1`.
    let own = |w: &String| strip_any_case(w, "0x").is_some() || w.eq_ignore_ascii_case("-ForceV1");
    if words.iter().all(own) {
        return Vec::new();
    }
    let mut left = rest.trim();
    while let Some((word, behind)) = left.split_once(' ') {
        if !is_switch(word) {
            break;
        }
        left = behind.trim_start();
        // Options that take a value.
        if ["--width", "--height", "--signal", "--server"]
            .iter()
            .any(|o| o.eq_ignore_ascii_case(word))
        {
            left = left.split_once(' ').map_or("", |(_, rest)| rest);
        }
    }
    vec![Command(left.to_owned())]
}

pub(super) fn explorer(words: &[String]) -> Vec<Carried> {
    let Some(word) = words.first() else {
        return Vec::new();
    };
    let line = words.join(" ");
    // A process of its own shows what follows.
    if let Some(behind) = strip_any_case(word, "/separate,") {
        let more = words.iter().skip(1).cloned();
        return explorer(
            &std::iter::once(behind.to_owned())
                .chain(more)
                .collect::<Vec<_>>(),
        );
    }
    // By its number; a path may stand behind that.
    if let Some(item) = strip_any_case(word, "/idlist,")
        && let Some(path) = item.split(',').find(|part| part.contains(":\\"))
    {
        return vec![Command(path.trim_matches('"').to_owned())];
    }
    let named = strip_any_case(word, "/root,")
        .or_else(|| strip_any_case(word, "/e,"))
        .or_else(|| strip_any_case(word, "/select,"));
    match named {
        Some(named) => vec![Command(named.trim_matches('"').to_owned())],
        None if words.len() == 1
            && EXPLORER_SHOWS
                .iter()
                .any(|show| strip_any_case(word, show).is_some()) =>
        {
            Vec::new()
        }
        None if is_switch(word) => vec![Unclear(line)],
        None => vec![Command(line)],
    }
}

pub(super) fn dllhost(words: &[String]) -> Vec<Carried> {
    words
        .iter()
        .map(|word| match strip_any_case(word, "/Processid:") {
            Some(id) => Class(id.to_owned()),
            None => Unclear(word.clone()),
        })
        .collect()
}

/// The runner of the tasks of telemetry: `-m:` is a library and `-f:` its function.
pub(super) fn telemetry(words: &[String]) -> Vec<Carried> {
    let known = |word: &String| strip_any_case(word, "-f:").is_some() || is_plain("", word);
    let carried = |word: &String| match strip_any_case(word, "-m:") {
        Some(library) => Some(Library(library.to_owned())),
        None if known(word) => None,
        None => Some(Unclear(word.clone())),
    };
    words.iter().filter_map(carried).collect()
}

/// True where Defender's own program looks for what harms, or looks after itself, as the tasks of
/// Windows have it do (Microsoft Learn, "Configure and manage Microsoft Defender Antivirus with the
/// mpcmdrun.exe command-line tool").
pub(super) fn scans(words: &[String]) -> bool {
    const SWITCHES: &[&str] = &[
        "scan",
        "idletask",
        "schedulejob",
        "idlescheduledjob",
        "restrictprivileges",
        "restrictprivilegesscan",
        "quick",
        "reinvoke",
        "wintask",
        "signatureupdate",
        "cputhrottling",
        "bootsectorscan",
    ];
    const VALUES: &[&str] = &["taskname", "scantrigger", "scantype", "timeout"];
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let name = word.trim_start_matches(['-', '/']).to_lowercase();
        let known = match name.as_str() {
            name if SWITCHES.contains(&name) => true,
            name if VALUES.contains(&name) => words
                .next()
                .is_some_and(|value| value.chars().all(|c| c.is_ascii_alphanumeric())),
            _ => false,
        };
        if !known {
            return false;
        }
    }
    true
}

/// True where a debugger does nothing but take over a program that failed: `%ld` and `%p` stand for
/// the numbers of the program, of its event and of what is told of it (Microsoft Learn, "Configuring
/// automatic debugging" and "CDB command-line options").
pub(super) fn attaches(words: &[String]) -> bool {
    let number = |word: &str| {
        let hex = word.strip_prefix("0x").unwrap_or(word);
        matches!(hex, "%ld" | "%d" | "%p" | "%u")
            || !word.is_empty() && word.chars().all(|c| c.is_ascii_digit())
    };
    let mut words = words.iter();
    let mut any = false;
    while let Some(word) = words.next() {
        let known = match word.to_lowercase().as_str() {
            "-p" | "-e" | "-j" | "/p" | "/e" | "/j" => words.next().is_some_and(|w| number(w)),
            // A dump in memory; with a path it would be a file that somebody made.
            "-z" | "/z" => words.next().is_some_and(|w| w == "%p" || w == "0x%p"),
            "-g" | "/g" => true,
            _ => false,
        };
        if !known {
            return false;
        }
        any = true;
    }
    any
}
