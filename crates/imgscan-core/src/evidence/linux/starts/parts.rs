//! The files of start places, taken apart by the grammar of what reads each.

use super::{StartKind, StartPart};
use crate::evidence::linux::services::{Piece, every, every_of_exec, is_for_shell};
use crate::guest::linux::units::{KINDS, settings};

/// A part with its line, from 1; 0 for the whole file.
type Part = (usize, StartPart);

/// Endings in the folders of units beside those of units that start by themselves: what devices and other programs
/// make, and drop-ins.
const BESIDE_UNITS: &[&str] = &[".scope", ".device", ".conf"];
/// Names of settings that boot menus are made of; what is odd in them is told where menus are judged.
const OF_MENUS: &[&str] = &["grub", "grub.d"];

/// True for a file that is read at its place.
pub(super) fn is_read(kind: StartKind, path: &[u8]) -> bool {
    let name = path.rsplit(|b| *b == b'/').next().unwrap_or(path);
    let ends = |ending: &str| name.ends_with(ending.as_bytes());
    match kind {
        StartKind::SystemUnit | StartKind::UserUnit => {
            let mut all = KINDS.iter().chain(BESIDE_UNITS);
            all.any(|ending| ends(ending))
        }
        StartKind::Interpreter => {
            ends(".pth")
                || ends(".pm")
                || ends(".pl")
                || ends(".ph")
                || [
                    &b"sitecustomize.py"[..],
                    b"usercustomize.py",
                    b"sitecustomize.pyc",
                    b"usercustomize.pyc",
                ]
                .contains(&name)
        }
        StartKind::Defaults => !OF_MENUS.iter().any(|menu| name == menu.as_bytes()),
        // Beside the folders of scripts there are files that only hold values.
        StartKind::PackageHook if path.starts_with(b"/etc/kernel/") => {
            path.windows(3).any(|part| part == b".d/")
        }
        // What editors and package managers leave is read by nobody.
        StartKind::Crontab | StartKind::ClockScript => !name.starts_with(b"."),
        _ => true,
    }
}

/// The parts of the file at `path`, whose text is `text`.
pub(super) fn parts(kind: StartKind, path: &str, text: &str) -> Vec<Part> {
    match kind {
        StartKind::SystemUnit | StartKind::UserUnit => unit(text),
        StartKind::BusService | StartKind::ApplicationStart => entry(text),
        StartKind::Crontab => crontab(path, text),
        StartKind::DeviceRule if path.ends_with(".hwdb") => lines(text, "hwdb"),
        StartKind::DeviceRule => rules(text),
        StartKind::DynamicLoader if path.ends_with("preload") => {
            let words = text.lines().enumerate().flat_map(|(n, line)| {
                let line = line.split('#').next().unwrap_or_default();
                let words = line.split([' ', '\t', ':', ',']).filter(|w| !w.is_empty());
                words
                    .map(move |w| setting(n + 1, "preload", w))
                    .collect::<Vec<_>>()
            });
            words.collect()
        }
        StartKind::DynamicLoader => lines(text, "folder"),
        StartKind::CloudConfiguration => cloud(text),
        StartKind::ProgramFormat => lines(text, "format"),
        // A line is code, or a folder that is searched before those that follow.
        StartKind::Interpreter if path.ends_with(".pth") => lines(text, "import"),
        StartKind::LoadedByProgram if path.ends_with("openssl.cnf") => openssl(text),
        StartKind::LoadedByProgram => lines(text, "mechanism"),
        StartKind::Environment if path.contains("/systemd/") => {
            let all = settings(text).into_iter();
            all.map(|set| setting(set.line, &set.key, &set.value))
                .collect()
        }
        StartKind::Environment => lines(text, "environment"),
        StartKind::ClientConfiguration => ssh(text),
        StartKind::PackageHook if path.contains("/sources.list") => sources(text),
        StartKind::PackageHook if path.contains("/apt.conf") => apt(text),
        StartKind::PackageHook if path.contains("dpkg.cfg") => lines(text, "dpkg"),
        StartKind::LogRotation => rotation(text),
        StartKind::NetworkHook if path.starts_with("/etc/network/interfaces") => interfaces(text),
        StartKind::InitScript if path == "/etc/inittab" => inittab(text),
        _ if is_for_shell(text) == Some(false) => vec![(0, StartPart::Code)],
        // Their grammars are others.
        StartKind::LoginScript
            if path.contains("/fish") || path.contains("csh") || path.ends_with("/.login") =>
        {
            match lines(text, "").is_empty() {
                true => Vec::new(),
                false => vec![(0, StartPart::Code)],
            }
        }
        StartKind::HidingProgram | StartKind::StartedProgram | StartKind::Interpreter => {
            vec![(0, StartPart::Code)]
        }
        // Headings of settings that no shell reads.
        StartKind::Defaults => {
            let is_heading = |line: &str| {
                let inner = line
                    .trim()
                    .strip_prefix('[')
                    .and_then(|l| l.strip_suffix(']'));
                let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                inner.is_some_and(|inner| !inner.is_empty() && inner.chars().all(plain))
            };
            let lines = text
                .lines()
                .map(|line| if is_heading(line) { "" } else { line });
            script(&lines.collect::<Vec<_>>().join("\n"))
        }
        StartKind::Generator if is_for_shell(text).is_none() => vec![(0, StartPart::Code)],
        _ => script(text),
    }
}

fn setting(line: usize, key: &str, value: &str) -> Part {
    let part = StartPart::Setting {
        key: key.to_owned(),
        value: value.trim().to_owned(),
    };
    (line, part)
}

/// Each line that is no comment is a part.
fn lines(text: &str, key: &str) -> Vec<Part> {
    let lines = text.lines().enumerate();
    let lines =
        lines.filter(|(_, l)| !l.trim().is_empty() && !l.trim_start().starts_with(['#', ';']));
    lines.map(|(n, line)| setting(n + 1, key, line)).collect()
}

/// A shell script: all its commands, whatever their conditions.
fn script(text: &str) -> Vec<Part> {
    let first = text.lines().next().unwrap_or_default();
    let interpreter = first.strip_prefix("#!");
    let interpreter = interpreter.map(|line| setting(1, "#!", line));
    let pieces = every(text).into_iter();
    let pieces = pieces.map(|(line, piece)| (line, part(piece, true)));
    interpreter.into_iter().chain(pieces).collect()
}

fn part(piece: Piece, by_shell: bool) -> StartPart {
    match piece {
        Piece::Command {
            words,
            redirects,
            cut,
        } => StartPart::Command {
            words,
            redirects,
            by_shell,
            cut,
        },
        Piece::Function(name) => StartPart::Function(name),
        Piece::LoopVariable(name) => StartPart::LoopVariable(name),
        Piece::Unclear(text) => StartPart::Unclear(text),
    }
}

/// A command that is started as it stands.
fn command(words: Vec<String>) -> StartPart {
    StartPart::Command {
        words,
        redirects: Vec::new(),
        by_shell: false,
        cut: true,
    }
}

/// Shell text that stands on line `line`.
fn shell_text(line: usize, text: &str) -> Vec<Part> {
    let mut all = script(text);
    for part in &mut all {
        part.0 = line;
    }
    all
}

/// What may stand in front of a command: systemd.service(5), table 1.
const PREFIXES: [char; 6] = ['@', '-', ':', '+', '!', '|'];

/// systemd.syntax(7): commands of `Exec` settings, and all other settings.
fn unit(text: &str) -> Vec<Part> {
    let mut all = Vec::new();
    for set in settings(text) {
        let is_command = set.key.starts_with("Exec") && set.key != "ExecSearchPath";
        let value = set.value.trim_start_matches(PREFIXES);
        // Escapes and specifiers stand for other characters, and with `@` the first argument is another name.
        let is_other = value.contains(['\\', '%'])
            || set.value.contains('@') && set.value.starts_with(PREFIXES);
        if !is_command || is_other {
            let key = format!("{}.{}", set.section, set.key);
            all.push(setting(set.line, &key, &set.value));
            continue;
        }
        let pieces = every_of_exec(value).into_iter();
        all.extend(pieces.map(|(_, piece)| (set.line, part(piece, false))));
    }
    all
}

/// A desktop entry, or a service of the message bus.
fn entry(text: &str) -> Vec<Part> {
    let mut all = Vec::new();
    for set in settings(text) {
        if set.key != "Exec" {
            all.push(setting(set.line, &set.key, &set.value));
        } else if set.value.contains(['\\', '$', '`']) {
            all.push(setting(set.line, "Exec", &set.value));
        } else {
            let words = crate::evidence::linux::services::quoted_words(&set.value);
            // %U and its like stand for what the user opens.
            let words = words.into_iter().filter(|w| !w.starts_with('%')).collect();
            all.push((set.line, command(words)));
        }
    }
    all
}

/// crontab(5), anacrontab(5), incrontab(5).
fn crontab(path: &str, text: &str) -> Vec<Part> {
    let mut all = Vec::new();
    let of_system = path == "/etc/crontab" || path.starts_with("/etc/cron.d/");
    let anacron = path.ends_with("/anacrontab");
    for (n, line) in text.lines().enumerate() {
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with('#') {
            continue;
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_\"' \t".contains(c);
        if let Some((name, value)) = bare.split_once('=')
            && name.chars().all(is_name)
            && !name.starts_with(|c: char| c.is_ascii_digit())
        {
            let name = name.trim().trim_matches(['"', '\'']);
            all.push(setting(n + 1, name, value.trim().trim_matches(['"', '\''])));
            continue;
        }
        let times = match (anacron, bare.starts_with('@')) {
            (true, _) => 3,
            (false, true) => 1,
            (false, false) => 5,
        };
        let fields = times + usize::from(of_system);
        let mut rest = bare;
        for _ in 0..fields {
            rest = rest.trim_start();
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            rest = &rest[end..];
        }
        let rest = rest.trim_start();
        // What stands behind a `%` is the command's input.
        if rest.contains('%') || path.contains("/incron/") {
            all.push(setting(n + 1, "job", bare));
        } else {
            all.extend(shell_text(n + 1, rest));
        }
    }
    all
}

/// inittab(5): `id:levels:action:process`.
fn inittab(text: &str) -> Vec<Part> {
    let mut all = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match line.splitn(4, ':').nth(3) {
            Some(process) => all.extend(shell_text(n + 1, process.trim_start_matches('+'))),
            None => all.push(setting(n + 1, "inittab", line)),
        }
    }
    all
}

/// The lines of `text` with those that a backslash continues, each under the number of its first, joined by `between`;
/// and what the end of the text leaves without an end.
type Joined = (Vec<(usize, String)>, Option<(usize, String)>);

fn joined_lines(text: &str, between: &str) -> Joined {
    let mut all = Vec::new();
    let mut carried: Option<(usize, String)> = None;
    for (n, line) in text.lines().enumerate() {
        // A comment goes on in no other line, and ends none.
        if line.trim_start().starts_with('#') {
            continue;
        }
        let (first, mut whole) = carried.take().unwrap_or((n + 1, String::new()));
        match line.strip_suffix('\\') {
            Some(line) => {
                whole.push_str(line);
                whole.push_str(between);
                carried = Some((first, whole));
            }
            None => {
                whole.push_str(line);
                all.push((first, whole));
            }
        }
    }
    (all, carried)
}

/// interfaces(5): the lines that run something.
fn interfaces(text: &str) -> Vec<Part> {
    let mut all = Vec::new();
    let (lines, unfinished) = joined_lines(text, " ");
    for (number, whole) in lines.into_iter().chain(unfinished) {
        let (key, value) = whole
            .trim()
            .split_once(char::is_whitespace)
            .unwrap_or(("", ""));
        match key {
            "up" | "pre-up" | "post-up" | "down" | "pre-down" | "post-down" => {
                all.extend(shell_text(number, value.trim()));
            }
            // A mapping's script, and programs of methods and of wireless options.
            "script" | "client" | "provider" | "wpa-action" | "wpa-roam" | "wpa-cli" => {
                all.push(setting(number, key, value));
            }
            // ifupdown puts options into the commands that it gives to a shell.
            _ if !whole.trim_start().starts_with('#')
                && value.contains([';', '|', '&', '$', '`', '(', '<', '>']) =>
            {
                all.push(setting(number, key, value));
            }
            _ => {}
        }
    }
    all
}

/// config(5) of OpenSSL: what loads a library, and other files.
fn openssl(text: &str) -> Vec<Part> {
    const LOADING: &[&str] = &["dynamic_path", "module", "so_path", "module_path"];
    let mut all = Vec::new();
    let (lines, unfinished) = joined_lines(text, "");
    for (number, line) in lines.into_iter().chain(unfinished) {
        let line = line.trim();
        if line.starts_with(".include") {
            all.push(setting(
                number,
                ".include",
                line.trim_start_matches(".include"),
            ));
        } else if let Some((key, value)) = line.split_once('=') {
            // `section::key`
            let key = key.rsplit("::").next().unwrap_or(key).trim().to_lowercase();
            if LOADING.contains(&key.as_str()) || value.contains('$') {
                all.push(setting(number, &key, value));
            }
        }
    }
    all
}

/// ssh_config(5): what runs a program, loads a library or reads another file.
fn ssh(text: &str) -> Vec<Part> {
    const RUNNING: &[&str] = &[
        "proxycommand",
        "localcommand",
        "knownhostscommand",
        "pkcs11provider",
        "smartcarddevice",
        "securitykeyprovider",
        "xauthlocation",
        "include",
    ];
    let mut all = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let line = line.trim();
        let (key, value) = line
            .split_once(|c: char| c.is_whitespace() || c == '=')
            .unwrap_or((line, ""));
        let key = key.trim_matches('"').to_lowercase();
        let runs = key == "match" && value.to_lowercase().contains("exec");
        if runs || RUNNING.contains(&key.as_str()) {
            let value = value.trim_start_matches(|c: char| c.is_whitespace() || c == '=');
            all.push(setting(n + 1, &key, value));
        }
    }
    all
}

/// sources.list(5): sources whose packages are taken without a signature.
fn sources(text: &str) -> Vec<Part> {
    const OPEN: &[&str] = &["trusted", "allow-insecure", "allow-weak"];
    let mut all = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let bare: String = line.to_lowercase().split_whitespace().collect();
        let opens = OPEN.iter().any(|key| {
            ["=", ":"].iter().any(|sign| {
                let said = bare.split(&format!("{key}{sign}")).nth(1);
                said.is_some_and(|value| !value.starts_with("no"))
            })
        });
        if opens && !bare.starts_with('#') {
            all.push(setting(n + 1, "source", line));
        }
    }
    all
}

/// logrotate(8): scripts, and programs that pack.
fn rotation(text: &str) -> Vec<Part> {
    const SCRIPTS: &[&str] = &[
        "prerotate",
        "postrotate",
        "firstaction",
        "lastaction",
        "preremove",
    ];
    const PROGRAMS: &[&str] = &[
        "compresscmd",
        "uncompresscmd",
        "compressoptions",
        "include",
        "mail",
    ];
    let mut all = Vec::new();
    let mut inside: Option<(usize, String)> = None;
    for (n, line) in text.lines().enumerate() {
        if let Some((_, text)) = &mut inside
            && line.split_whitespace().next() != Some("endscript")
        {
            text.push_str(line);
            text.push('\n');
            continue;
        }
        // Directives may stand beside the braces.
        for part in line.split(['{', '}']) {
            let word = part.split_whitespace().next().unwrap_or_default();
            if word == "endscript" {
                if let Some((first, text)) = inside.take() {
                    let parts = script(&text).into_iter();
                    all.extend(parts.map(|(line, part)| (first + line, part)));
                }
            } else if SCRIPTS.contains(&word) {
                inside = Some((n + 1, String::new()));
            } else if PROGRAMS.contains(&word) {
                all.push(setting(n + 1, word, part.trim().trim_start_matches(word)));
            }
        }
    }
    // A script that does not end takes the rest.
    if let Some((first, text)) = inside {
        let parts = script(&text).into_iter();
        all.extend(parts.map(|(line, part)| (first + line, part)));
    }
    all
}

/// The configuration of cloud-init: each of its outermost keys, and the commands of those that run commands.
fn cloud(text: &str) -> Vec<Part> {
    if text.starts_with("#!") {
        return match is_for_shell(text) {
            Some(true) => script(text),
            _ => vec![(0, StartPart::Code)],
        };
    }
    // Forms of user data that are no mapping of settings.
    const FORMS: &[&str] = &[
        "#include",
        "#cloud-boothook",
        "#cloud-config-archive",
        "#cloud-config-jsonp",
        "#part-handler",
        "#upstart",
        "## template",
    ];
    if FORMS.iter().any(|form| text.starts_with(form)) {
        return vec![(0, StartPart::Code)];
    }
    let value = match crate::evidence::linux::yaml::parse(text) {
        Ok(serde_yaml_ng::Value::Mapping(map)) => map,
        Ok(serde_yaml_ng::Value::Null) => return Vec::new(),
        _ => return vec![(0, StartPart::Code)],
    };
    let mut all = Vec::new();
    for (key, value) in &value {
        let name = key.as_str().unwrap_or_default();
        let line = text.lines().position(|l| {
            let bare = l.trim_start_matches(['"', '\'']);
            bare.strip_prefix(name).is_some_and(|rest| {
                rest.trim_start_matches(['"', '\''])
                    .trim_start()
                    .starts_with(':')
            })
        });
        let line = line.map_or(0, |n| n + 1);
        let commands = match (name, value) {
            ("bootcmd" | "runcmd", serde_yaml_ng::Value::Sequence(list)) => list.as_slice(),
            _ => {
                let shown = serde_json::to_string(value).unwrap_or_default();
                all.push(setting(line, name, &shown));
                continue;
            }
        };
        for entry in commands {
            match entry {
                serde_yaml_ng::Value::String(text) => all.extend(shell_text(line, text)),
                // A list is started as it stands.
                serde_yaml_ng::Value::Sequence(words) if words.iter().all(|w| w.is_string()) => {
                    let words: Vec<String> = words
                        .iter()
                        .filter_map(|w| w.as_str().map(str::to_owned))
                        .collect();
                    all.push((line, command(words)));
                }
                _ => all.push(setting(line, name, "?")),
            }
        }
    }
    all
}

/// udev(7): each match that runs something and each assignment of a rule.
fn rules(text: &str) -> Vec<Part> {
    let mut all = Vec::new();
    let (lines, unfinished) = joined_lines(text, "");
    for (number, rule) in lines {
        let rule = rule.trim();
        if rule.is_empty() || rule.starts_with('#') {
            continue;
        }
        match rule_tokens(rule) {
            Some(tokens) => {
                for (key, op, value) in tokens {
                    let matches = matches!(op, "==" | "!=");
                    if !matches || key.starts_with("PROGRAM") || key.starts_with("IMPORT") {
                        all.push(setting(number, &key, &value));
                    }
                }
            }
            None => all.push(setting(number, "rule", rule)),
        }
    }
    if let Some((number, rule)) = unfinished.filter(|(_, rule)| !rule.trim().is_empty()) {
        all.push(setting(number, "rule", &rule));
    }
    all
}

/// The tokens of a rule: key with its attribute, operator, value; `None` where it is none.
fn rule_tokens(rule: &str) -> Option<Vec<(String, &str, String)>> {
    let mut all = Vec::new();
    let mut rest = rule;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return Some(all);
        }
        let end = rest.find(['=', '!', '+', '-', ':', '"'])?;
        // Names of attributes hold `-` and `:` too.
        let end = match rest.find('{') {
            Some(open) if open < end => {
                let close = rest.find('}')?;
                close + 1 + rest[close + 1..].find(['=', '!', '+', '-', ':'])?
            }
            _ => end,
        };
        let key = rest[..end].trim().to_owned();
        rest = &rest[end..];
        let op = ["==", "!=", "+=", "-=", ":=", "="]
            .into_iter()
            .find(|op| rest.starts_with(op))?;
        rest = rest[op.len()..].trim_start();
        // e"…" holds escapes.
        rest = rest.strip_prefix('"')?;
        let close = rest.find('"')?;
        if rest[..close].ends_with('\\') {
            return None;
        }
        all.push((key, op, rest[..close].to_owned()));
        rest = &rest[close + 1..];
    }
}

/// apt.conf(5): each setting by its full name.
fn apt(text: &str) -> Vec<Part> {
    let mut all = Vec::new();
    let mut scopes: Vec<String> = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut first = 1;
    let mut in_comment = false;
    for (n, line) in text.lines().enumerate() {
        let mut chars = line.chars().peekable();
        let mut word = String::new();
        let mut quoted = false;
        while let Some(c) = chars.next() {
            if in_comment {
                if c == '*' && chars.next_if_eq(&'/').is_some() {
                    in_comment = false;
                }
                continue;
            }
            match c {
                '"' => {
                    quoted = !quoted;
                    // A value that is empty is a value.
                    word.push('\u{1}');
                }
                _ if quoted => word.push(c),
                '/' if chars.peek() == Some(&'/') => break,
                '/' if chars.peek() == Some(&'*') => {
                    chars.next();
                    in_comment = true;
                }
                // `#include` and `#clear` are statements, any other `#` begins a comment.
                '#' if !["include", "clear"].iter().any(|w| {
                    let rest: String = chars.clone().take(w.len()).collect();
                    rest.eq_ignore_ascii_case(w)
                }) =>
                {
                    break;
                }
                '{' => {
                    words.extend(take(&mut word));
                    scopes.push(std::mem::take(&mut words).join(" "));
                }
                '}' | ';' => {
                    words.extend(take(&mut word));
                    if !words.is_empty() {
                        all.push(statement(first, &scopes, &words));
                    }
                    words.clear();
                    if c == '}' {
                        scopes.pop();
                    }
                }
                c if c.is_whitespace() => words.extend(take(&mut word)),
                c => {
                    if words.is_empty() && word.is_empty() {
                        first = n + 1;
                    }
                    word.push(c);
                }
            }
        }
        words.extend(take(&mut word));
    }
    if !words.is_empty() {
        all.push(statement(first, &scopes, &words));
    }
    all
}

fn take(word: &mut String) -> Option<String> {
    let word = std::mem::take(word);
    (!word.is_empty()).then(|| word.replace('\u{1}', "\""))
}

fn statement(line: usize, scopes: &[String], words: &[String]) -> Part {
    let (name, value) = match words {
        [value] if value.starts_with('"') => (String::new(), value.clone()),
        [name, value @ ..] => (name.clone(), value.join(" ")),
        [] => (String::new(), String::new()),
    };
    let mut names: Vec<&str> = scopes.iter().map(String::as_str).collect();
    if !name.is_empty() {
        names.push(&name);
    }
    setting(line, &names.join("::"), value.trim_matches('"'))
}
