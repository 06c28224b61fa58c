//! Statements of PowerShell.

use super::{Command, Deed, deeds, services, unclear};

/// Parts of statements that attacks are made of.
const HOSTILE: [&str; 24] = [
    "downloadstring",
    "downloadfile",
    "downloaddata",
    "invoke-expression",
    "frombase64string",
    "start-bitstransfer",
    "new-localuser",
    "add-localgroupmember",
    "enable-psremoting",
    "add-mppreference",
    "set-mppreference",
    "set-netfirewallprofile",
    "uninstall-windowsfeature",
    "-encodedcommand",
    "virtualalloc",
    "reflection.assembly",
    "amsiutils",
    "net.sockets",
    "net.webclient",
    "invoke-webrequest",
    "invoke-restmethod",
    "disable-localuser",
    "import-certificate",
    "remove-service",
];
/// Words that are attacks by themselves.
const HOSTILE_WORDS: [&str; 5] = ["iex", "iwr", "irm", "curl", "wget"];
/// Nouns and verbs of commands that change nothing.
const HARMLESS_VERBS: [&str; 10] = [
    "get-", "test-", "write-", "format-", "select-", "where-", "sort-", "measure-", "join-",
    "split-",
];
const HARMLESS: [&str; 16] = [
    "start-sleep",
    "out-null",
    "out-string",
    "out-host",
    "foreach-object",
    "set-location",
    "push-location",
    "pop-location",
    "set-executionpolicy",
    "set-strictmode",
    "set-timezone",
    "clear-host",
    "new-timespan",
    "convertto-json",
    "convertfrom-json",
    "stop-transcript",
];
const KEYWORDS: [&str; 22] = [
    "if", "elseif", "else", "try", "catch", "finally", "foreach", "for", "while", "do", "until",
    "function", "param", "begin", "process", "end", "return", "exit", "break", "continue",
    "switch", "throw",
];

pub(super) fn of(it: &Command<'_>) -> Deed {
    if let Some(part) = HOSTILE.iter().find(|p| it.has(p)) {
        return Deed::Hostile(say!(win_first_power, part = *part));
    }
    let tokens = |c: char| !(c.is_alphanumeric() || "-_.$".contains(c));
    let words: Vec<&str> = it.lower.split(tokens).filter(|w| !w.is_empty()).collect();
    if let Some(word) = words.iter().find(|w| HOSTILE_WORDS.contains(*w)) {
        return Deed::Hostile(say!(win_first_power, part = *word));
    }
    // Methods of types and objects, blocks that are called, variables of other drives.
    let odd = ["::", ").", "$(", "[", "& ", "-join", "-f ", "$env:path"];
    let text = it.lower.trim();
    let text = text.trim_start_matches(['(', ')', '$', ' ']);
    let first = text.split(|c: char| c.is_whitespace() || c == '(').next();
    let first = first.unwrap_or_default();
    if first.is_empty() {
        return Deed::Harmless;
    }
    if first == "start-service" || first == "restart-service" {
        let name = it.rest(1).iter().rfind(|w| !w.starts_with('-'));
        let line = format!("net start {}", name.map_or("", String::as_str));
        return services::of(&Command::new(it.context, &line, false), "net");
    }
    if odd.iter().any(|o| it.lower.contains(o)) {
        return unclear();
    }
    let commands = words.iter().filter(|w| {
        let named = w.split_once('-');
        named.is_some_and(|(verb, noun)| {
            !verb.is_empty() && verb.chars().all(char::is_alphabetic) && !noun.is_empty()
        })
    });
    let known =
        |w: &&&str| HARMLESS.contains(*w) || HARMLESS_VERBS.iter().any(|verb| w.starts_with(verb));
    let all = commands.clone().all(|w| known(&w));
    let assigns = it.text.trim_start().starts_with('$');
    if KEYWORDS.contains(&first) || assigns {
        return if all { Deed::Harmless } else { unclear() };
    }
    if known(&&first) {
        return if all { Deed::Harmless } else { unclear() };
    }
    if first.contains('-') {
        return unclear();
    }
    deeds::of(it)
}
