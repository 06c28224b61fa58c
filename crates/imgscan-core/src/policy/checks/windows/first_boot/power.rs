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
/// Commands that change nothing. A command of another name may come with a module.
const HARMLESS: [&str; 60] = [
    "clear-host",
    "convertfrom-json",
    "convertto-json",
    "foreach-object",
    "format-list",
    "format-table",
    "get-childitem",
    "get-ciminstance",
    "get-command",
    "get-computerinfo",
    "get-content",
    "get-date",
    "get-disk",
    "get-executionpolicy",
    "get-host",
    "get-item",
    "get-itemproperty",
    "get-location",
    "get-member",
    "get-netadapter",
    "get-netipaddress",
    "get-partition",
    "get-process",
    "get-random",
    "get-service",
    "get-variable",
    "get-volume",
    "get-wmiobject",
    "join-path",
    "measure-object",
    "new-timespan",
    "out-host",
    "out-null",
    "out-string",
    "pop-location",
    "push-location",
    "resolve-path",
    "select-object",
    "select-string",
    "set-executionpolicy",
    "set-location",
    "set-strictmode",
    "set-timezone",
    "sort-object",
    "split-path",
    "start-sleep",
    "start-transcript",
    "stop-transcript",
    "test-connection",
    "test-path",
    "where-object",
    "write-debug",
    "write-error",
    "write-eventlog",
    "write-host",
    "write-information",
    "write-output",
    "write-progress",
    "write-verbose",
    "write-warning",
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
    if odd.iter().any(|o| it.lower.contains(o)) || calls_method(&it.lower) {
        return unclear();
    }
    let commands = words.iter().filter(|w| {
        let named = w.split_once('-');
        named.is_some_and(|(verb, noun)| {
            !verb.is_empty() && verb.chars().all(char::is_alphabetic) && !noun.is_empty()
        })
    });
    let known = |w: &&&str| HARMLESS.contains(*w);
    let all = commands.clone().all(|w| known(&w));
    let assigns = it.text.trim_start().starts_with('$') && it.has("=");
    if KEYWORDS.contains(&first) || assigns {
        return if all { Deed::Harmless } else { unclear() };
    }
    if known(&&first) {
        return if all { Deed::Harmless } else { unclear() };
    }
    if first.contains('-') || it.text.trim_start().starts_with('$') {
        return unclear();
    }
    deeds::of(it)
}

/// True where a method of an object is called: `.name(`.
fn calls_method(text: &str) -> bool {
    let mut parts = text.split('.').skip(1);
    parts.any(|part| {
        let name = part.find(|c: char| !c.is_alphanumeric() && c != '_');
        name.is_some_and(|end| end > 0 && part[end..].starts_with('('))
    })
}
