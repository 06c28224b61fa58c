//! Commands by their names.

use super::{
    Command, Deed, answers, features, files, firewall, forms, network, registry, remote, services,
    unclear,
};
use crate::evidence::windows::{
    Image, carries_code, is_of_shell, is_script_switch, keeps_addresses, waits,
};
use crate::policy::Status;
use crate::policy::checks::windows::agents;
use crate::policy::checks::windows::explained::may_be_put;
use crate::policy::checks::windows::programs::signature;

/// Commands that change nothing, or nothing that outlives them.
const HARMLESS: [&str; 32] = [
    "",
    "break",
    "chcp",
    "cls",
    "color",
    "dir",
    "echo",
    "endlocal",
    "exit",
    "find",
    "findstr",
    "goto",
    "gpupdate",
    "hostname",
    "md",
    "mkdir",
    "more",
    "popd",
    "prompt",
    "rem",
    "setlocal",
    "shift",
    "systeminfo",
    "tasklist",
    "title",
    "type",
    "tzutil",
    "ver",
    "verify",
    "vol",
    "where",
    "whoami",
];
/// Variables that decide which programs run.
const DECIDING: [&str; 8] = [
    "path",
    "pathext",
    "comspec",
    "systemroot",
    "windir",
    "psmodulepath",
    "programdata",
    "programfiles",
];
/// Switches of bcdedit that weaken what boots.
const WEAKENING: [&str; 6] = [
    "testsigning",
    "nointegritychecks",
    "safeboot",
    "loadoptions",
    "debug",
    "disableelamdrivers",
];

/// The longest that the boot menu may be shown, in seconds.
const MAX_MENU: u64 = 60;

pub(super) fn of(it: &Command<'_>) -> Deed {
    let name = it.name();
    if let Some(doubt) = replaced(it, &name) {
        return doubt;
    }
    let done = by_name(it, &name);
    if done != Deed::Harmless {
        return done;
    }
    if let Some(path) = asks_another(it, &name) {
        return Deed::Unclear(say!(win_first_remote, path = path));
    }
    match it.is_once || changes_nothing(it, &name) {
        true => Deed::Harmless,
        false => Deed::Unclear(say!(win_first_repeated)),
    }
}

fn by_name(it: &Command<'_>, name: &str) -> Deed {
    match name {
        "sort" => sorted(it),
        name if HARMLESS.contains(&name) => Deed::Harmless,
        "set" => set(it),
        // Without an address what starts now finds nobody.
        "ipconfig" if keeps_addresses(it.rest(1)) => Deed::Harmless,
        "ipconfig" => unclear(),
        "cd" | "chdir" | "pushd" => moved(it),
        "ping" | "timeout" | "choice" | "sleep" => wait(waits(name, &it.words).flatten()),
        "powercfg" => power(it),
        // What an answer file says of a user.
        "answersettings" => answers::of(it),
        "localaccount" => Deed::Hostile(say!(win_first_user)),
        "sc" | "net" | "net1" | "taskkill" => services::of(it, name),
        "reg" => registry::of(it),
        "del" | "erase" | "rd" | "rmdir" => files::deleted(it),
        "copy" | "xcopy" | "robocopy" | "move" | "ren" | "rename" => files::copied(it),
        "cmd" | "start" | "call" if it.followed => Deed::Harmless,
        "powershell" | "pwsh" if it.followed => Deed::Harmless,
        "powershell" | "pwsh" => encoded(it),
        "bcdedit" => boot(it),
        "netsh" => net_shell(it),
        "attrib" => files::marked(it),
        "icacls" if files::tightens(it) => Deed::Harmless,
        "certutil" => certificates(it),
        "slmgr" | "slmgr.vbs" => activation(it, it.rest(1)),
        "cscript" | "wscript" => host(it),
        "schtasks" if it.word(1) == "/query" => Deed::Harmless,
        // Its lines stand behind it.
        "diskpart" if it.followed => Deed::Harmless,
        "auditpol" if it.word(1) == "/get" => Deed::Harmless,
        "dism" if features::enables(it) => Deed::Harmless,
        "winrm" | "winrm.cmd" if remote::is_usual(it) => Deed::Harmless,
        name if forms::is_known(it, name) => Deed::Harmless,
        _ if script(name) => followed_or_missing(it),
        _ => program(it),
    }
}

/// The path in a text (in lower case) that names another computer.
pub(super) fn of_another(text: &str) -> Option<&str> {
    let ends = |c: char| c.is_whitespace() || "\"'`,;=()".contains(c);
    text.split(ends).find_map(|word| {
        // `/x:\\host\share`, `FileSystem::\\host\share`
        let behind = match word.starts_with(['/', '-']) {
            true => word.split_once(':'),
            false => word.rsplit_once("::"),
        };
        let paths = [Some(word), behind.map(|(_, path)| path)];
        paths.into_iter().flatten().find(|path| is_of_another(path))
    })
}

fn is_of_another(path: &str) -> bool {
    let whole = path.replace('/', "\\");
    let Some(rest) = whole.strip_prefix(r"\\") else {
        return false;
    };
    if let Some(device) = rest.strip_prefix(['.', '?']) {
        return device.starts_with(r"\unc\") || !device.is_empty() && !device.starts_with('\\');
    }
    let (host, _) = rest.split_once('\\').unwrap_or((rest, ""));
    let named = host
        .chars()
        .all(|c| c.is_alphanumeric() || "-_.:@%$[]".contains(c));
    // `//nologo` is a switch.
    let shares = rest.contains('\\') || path.starts_with('\\');
    !host.is_empty() && named && shares
}

/// True for the path of another computer that names something of it.
pub(super) fn has_share(path: &str) -> bool {
    path.get(2..).is_some_and(|rest| rest.contains(['\\', '/']))
}

/// Commands whose words are a text for people, or a value.
const OF_TEXT: [&str; 7] = ["echo", "msg", "prompt", "rem", "set", "title", "label"];

/// The other computer that a command asks, to which it tells who it runs as.
fn asks_another<'i>(it: &'i Command<'_>, name: &str) -> Option<&'i str> {
    if OF_TEXT.contains(&name) {
        return None;
    }
    let behind = || {
        let takes = [
            "tasklist",
            "systeminfo",
            "taskkill",
            "schtasks",
            "driverquery",
        ];
        let at = it.words.iter().position(|w| w == "/s" || w == "-s")?;
        takes.contains(&name).then(|| it.word(at + 1))
    };
    // `\\d` may be a pattern; `net view \\host` has no share.
    let asks = |path: &&str| ["net", "net1"].contains(&name) || has_share(path);
    it.rest(1)
        .iter()
        .find_map(|w| of_another(w).filter(asks))
        .or_else(behind)
}

/// True for a command that may be done again and again: it changes nothing.
fn changes_nothing(it: &Command<'_>, name: &str) -> bool {
    let first = it.word(1);
    let only = |known: &[&str]| it.rest(1).iter().all(|w| known.contains(&w.as_str()));
    match name {
        "ipconfig" => only(&["/all", "/displaydns", "/flushdns"]),
        "tzutil" => only(&["/g", "/l"]),
        "set" | "cd" | "chdir" | "pushd" | "sort" => true,
        "ping" | "timeout" | "choice" | "sleep" => true,
        "reg" => ["query", "compare"].contains(&first),
        "sc" => ["query", "queryex", "qc", "sdshow", "qfailure", "start"].contains(&first),
        "net" | "net1" => {
            first == "start" || it.words.len() <= 2 || first == "statistics" || first == "view"
        }
        "netsh" => it.words.last().is_some_and(|w| w == "show") || it.has(" show "),
        "w32tm" => ["", "/resync", "/query"].contains(&first),
        "wevtutil" => ["el", "gl"].contains(&first),
        "bcdedit" => ["", "/enum"].contains(&first),
        "powercfg" => {
            let asks = ["", "l", "list", "q", "query", "qh", "getactivescheme"];
            asks.contains(&first.trim_start_matches(['/', '-']))
        }
        "schtasks" => first == "/query",
        "auditpol" => first == "/get",
        "vssadmin" => first == "list",
        "fsutil" => it.word(2) == "query",
        "defrag" | "cleanmgr" => true,
        "del" | "erase" | "rd" | "rmdir" => files::is_temporary(it),
        "cmd" | "start" | "call" | "powershell" | "pwsh" => it.followed,
        _ if HARMLESS.contains(&name) || script(name) => true,
        // Agents, and what else `program` knows by its path.
        _ => !forms::has_forms_of(name) && program(it) == Deed::Harmless,
    }
}

/// Programs of Windows that are known here by their names.
const PROGRAMS: [&str; 39] = [
    "attrib",
    "auditpol",
    "bcdedit",
    "certutil",
    "chcp",
    "choice",
    "cmd",
    "cscript",
    "find",
    "findstr",
    "gpupdate",
    "hostname",
    "ipconfig",
    "more",
    "net",
    "net1",
    "netsh",
    "ping",
    "powercfg",
    "powershell",
    "reg",
    "robocopy",
    "sc",
    "schtasks",
    "sort",
    "systeminfo",
    "taskkill",
    "tasklist",
    "timeout",
    "tzutil",
    "verify",
    "vol",
    "w32tm",
    "wevtutil",
    "where",
    "whoami",
    "wscript",
    "xcopy",
    "sleep",
];

/// What a name stands for that another program may have taken: a path to another folder, a file of
/// that name that is found first, a program that is not Windows' own.
fn replaced(it: &Command<'_>, name: &str) -> Option<Deed> {
    let windows = &it.context.evidence.windows;
    let written = it.word(0).trim_start_matches('@');
    let system = format!(r"{}\System32", windows.roots().windows);
    let path = written.contains(['\\', '/']) && !is_of_shell(written);
    let program = PROGRAMS.contains(&name) || forms::has_forms_of(name);
    if !path && (is_of_shell(name) || !program) {
        return None;
    }
    if path && !program && !is_of_shell(name) && !HARMLESS.contains(&name) {
        return None;
    }
    // `cmd/c` and `cd\` have no folder before their name.
    let folder = written.rsplit_once('\\').map(|(folder, _)| folder);
    let folders = [
        system.to_lowercase(),
        format!(r"{system}\WindowsPowerShell\v1.0").to_lowercase(),
    ];
    if let Some(folder) = folder.filter(|f| !f.is_empty() && written.contains(name))
        && !folders.iter().any(|f| f == folder)
        && !written
            .split_once('\\')
            .is_some_and(|(own, _)| is_of_shell(own))
    {
        return Some(unclear());
    }
    if !program {
        return None;
    }
    let own = match name {
        "chcp" | "more" | "tree" | "mode" | "format" => "com",
        _ => "exe",
    };
    if is_taken(it, name, own) {
        return Some(unclear());
    }
    let file = match name {
        "powershell" => format!(r"{system}\WindowsPowerShell\v1.0\powershell.exe"),
        _ => format!(r"{system}\{name}.exe"),
    };
    let (image, signed) = windows.signed_file(&file);
    match image {
        Image::File(_) => {}
        Image::Unknown(gap) => return Some(Deed::Unclear((*gap.reason).clone())),
        Image::Missing(_) | Image::None => return None,
    }
    let trusted = signature(signed.as_ref()).0 == Status::Pass;
    let original = windows.original_name(&file).ok().flatten();
    let own = original.is_none_or(|o| o.to_lowercase().starts_with(name));
    (!trusted || !own).then(unclear)
}

/// True where another file may start as `name` than that of `System32` with the ending `own`.
pub(super) fn is_taken(it: &Command<'_>, name: &str, own: &str) -> bool {
    let windows = &it.context.evidence.windows.roots().windows;
    let system = format!(r"{windows}\System32");
    let scripts = format!(r"{windows}\Setup\Scripts");
    let free = |folder: &String, ending: &&str| {
        let path = format!(r"{folder}\{name}.{ending}");
        *folder == system && *ending == own
            || matches!(it.context.evidence.files.file(&path), Ok(None))
    };
    let endings = ["com", "exe", "bat", "cmd"];
    let mut folders = [&system, windows, &scripts].into_iter();
    !folders.all(|folder| endings.iter().all(|ending| free(folder, ending)))
}

fn script(name: &str) -> bool {
    [".cmd", ".bat", ".ps1"].iter().any(|e| name.ends_with(e))
}

fn set(it: &Command<'_>) -> Deed {
    let text = it.text.get(3..).unwrap_or_default();
    let text = text.trim().trim_start_matches('"');
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    match decides(name.trim(), value.trim_end_matches('"')) {
        true => unclear(),
        false => Deed::Harmless,
    }
}

/// True for a variable that makes programs load something, or that says where they are.
pub(super) fn decides(name: &str, value: &str) -> bool {
    DECIDING.contains(&name.to_lowercase().as_str()) || carries_code(name, value)
}

/// A change of the folder: what is not of this image may hold any program.
fn moved(it: &Command<'_>) -> Deed {
    let roots = it.context.evidence.windows.roots();
    let words = it.rest(1).iter().filter(|w| !w.starts_with('/'));
    let folder = words.cloned().collect::<Vec<_>>().join(" ");
    let own = roots.drive.to_lowercase();
    let drive = folder.get(..2).filter(|d| d.ends_with(':'));
    let known = drive.is_none_or(|drive| {
        drive == own || matches!(it.context.evidence.files.names(&folder), Ok(Some(_)))
    });
    match known && !folder.starts_with(r"\\") {
        true => Deed::Harmless,
        false => unclear(),
    }
}

/// The longest that a command may wait, in seconds.
const MAX_WAIT: u64 = 900;

/// What waiting for so many seconds does; `None` where that can't be told.
pub(super) fn wait(seconds: Option<u64>) -> Deed {
    match seconds {
        Some(seconds) if seconds <= MAX_WAIT => Deed::Harmless,
        _ => Deed::Unclear(say!(win_first_waits, most = MAX_WAIT)),
    }
}

/// Sub-groups of a power scheme that put the machine to sleep.
const SLEEP: [&str; 2] = ["sub_sleep", "238c9fa8-0aad-41ed-83f4-97be242c8f20"];

/// Settings of power: those that put no machine to sleep.
fn power(it: &Command<'_>) -> Deed {
    let switch = it.word(1).trim_start_matches(['/', '-']);
    let (first, last) = (it.word(2), it.words.last().map_or("", String::as_str));
    let harmless = match switch {
        ""
        | "?"
        | "l"
        | "list"
        | "q"
        | "query"
        | "qh"
        | "getactivescheme"
        | "a"
        | "availablesleepstates"
        | "devicequery"
        | "aliases"
        | "requests"
        | "waketimers"
        | "s"
        | "setactive"
        | "changename"
        | "duplicatescheme"
        | "restoredefaultschemes" => true,
        "h" | "hibernate" => ["off", "/type", "-type"].contains(&first),
        "x" | "change" => {
            let sleeps = ["standby", "hibernate"];
            !sleeps.iter().any(|s| first.contains(s)) || last == "0"
        }
        "setacvalueindex" | "setdcvalueindex" => !SLEEP.contains(&it.word(3)) || last == "0",
        _ => false,
    };
    match harmless {
        true => Deed::Harmless,
        false => unclear(),
    }
}

/// A script whose commands stand behind it, or one that is not there: that is not run, but where others than
/// administrators may put it.
fn followed_or_missing(it: &Command<'_>) -> Deed {
    match &it.missing {
        _ if it.followed => Deed::Harmless,
        Some(path) if may_be_put(it.context, &path.to_lowercase()) => {
            Deed::Unclear(say!(win_first_missing, path = path))
        }
        Some(_) => Deed::Harmless,
        None => unclear(),
    }
}

fn encoded(it: &Command<'_>) -> Deed {
    let encoded = it.words.iter().any(|word| {
        let switch = word.trim_start_matches(['-', '/', '\u{2013}', '\u{2014}', '\u{2015}']);
        switch.len() < word.len()
            && (switch == "ec" || !switch.is_empty() && "encodedcommand".starts_with(switch))
    });
    if encoded {
        return Deed::Hostile(say!(win_first_encoded));
    }
    followed_or_missing(it)
}

fn boot(it: &Command<'_>) -> Deed {
    if let Some(switch) = WEAKENING.iter().find(|s| it.has(s))
        && !it.has("/deletevalue")
    {
        let off = it.words.last().is_some_and(|w| w == "off" || w == "no");
        if !off {
            return Deed::Hostile(say!(win_first_boot_changed, setting = *switch));
        }
    }
    // How long the menu is shown, in seconds.
    if it.word(1) == "/timeout" && it.words.len() == 3 {
        return match it.word(2).parse::<u64>() {
            Ok(seconds) if seconds <= MAX_MENU => Deed::Harmless,
            _ => unclear(),
        };
    }
    if it.words.len() == 1 || it.word(1) == "/enum" || forms::is_known(it, "bcdedit") {
        return Deed::Harmless;
    }
    unclear()
}

fn net_shell(it: &Command<'_>) -> Deed {
    let off = it.has("state off") || it.has("opmode") && it.has("disable");
    if it.has("firewall") && off {
        return Deed::Hostile(say!(win_first_firewall_off));
    }
    let writes = [
        "add", "set", "delete", "exec", "import", "-f", "-r", "/f", "/r",
    ];
    let shows = it.words.iter().any(|w| w == "show")
        && !it.words.iter().any(|w| writes.contains(&w.as_str()));
    let known =
        shows || forms::is_known(it, "netsh") || network::is_harmless(it) || firewall::opens(it);
    match known {
        true => Deed::Harmless,
        false => unclear(),
    }
}

fn certificates(it: &Command<'_>) -> Deed {
    if forms::is_known(it, "certutil") {
        return Deed::Harmless;
    }
    let does = ["addstore", "urlcache", "decode", "importpfx"];
    if does.iter().any(|d| it.has(d)) {
        return Deed::Hostile(say!(win_first_certutil));
    }
    unclear()
}

/// The script of Windows that activates it, with the arguments `given`.
fn activation(it: &Command<'_>, given: &[String]) -> Deed {
    let windows = &it.context.evidence.windows;
    let path = format!(r"{}\System32\slmgr.vbs", windows.roots().windows);
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    let known = match given.as_slice() {
        ["/skms" | "-skms", host] => forms::is_own_host(host),
        ["/ipk" | "-ipk", key] => key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'),
        [switch] => {
            let switch = switch.trim_start_matches(['/', '-']);
            ["ato", "dlv", "dli", "xpr", "ckms", "rearm"].contains(&switch)
        }
        _ => false,
    };
    match windows.is_listed(&path) {
        Ok(Some(false)) => unclear(),
        Ok(_) if is_taken(it, "slmgr", "vbs") => unclear(),
        Ok(_) if known => Deed::Harmless,
        Ok(_) => unclear(),
        Err(gap) => Deed::Unclear((*gap.reason).clone()),
    }
}

/// `sort /o file` writes a file.
fn sorted(it: &Command<'_>) -> Deed {
    let mut words = it.rest(1).iter();
    match words.find(|w| w.starts_with("/o")) {
        None => Deed::Harmless,
        Some(switch) if switch == "/o" => {
            files::written(it, words.next().map_or("", String::as_str))
        }
        Some(_) => unclear(),
    }
}

fn host(it: &Command<'_>) -> Deed {
    let at = it.rest(1).iter().position(|w| !is_script_switch(w));
    let Some((script, given)) = at.and_then(|at| it.rest(1 + at).split_first()) else {
        return unclear();
    };
    let system = it.context.evidence.windows.roots().windows.to_lowercase();
    let usual = [
        "slmgr.vbs".to_owned(),
        "slmgr".to_owned(),
        format!(r"{system}\system32\slmgr.vbs"),
    ];
    if usual.contains(script) && !it.has("/e:") {
        return activation(it, given);
    }
    unclear()
}

/// Another program: those that a check asks for are known.
fn program(it: &Command<'_>) -> Deed {
    let windows = &it.context.evidence.windows;
    let at = crate::evidence::Location::default();
    let started = windows.started(&it.text, &at);
    let Image::File(file) = started.image else {
        return unclear();
    };
    let path = file.at.path.unwrap_or_default().to_lowercase();
    if agents::programs(it.context).contains(&path) {
        return Deed::Harmless;
    }
    // cloudbase-init runs itself once more, from the answer file that it brings.
    let own = "/cloudbase solutions/cloudbase-init/";
    if let Some((root, rest)) = path.split_once(own)
        && rest == "python/scripts/cloudbase-init.exe"
    {
        let folder = format!("{root}{own}conf/").replace('/', "\\");
        let mut words = it.rest(1).iter();
        let only = std::iter::from_fn(|| {
            let word = words.next()?;
            Some((word.as_str(), words.next().map_or("", String::as_str)))
        });
        let mut pairs: Vec<(&str, &str)> = only.collect();
        pairs.retain(|(name, value)| !(*name == "--config-file" && value.starts_with(&folder)));
        if pairs.is_empty() {
            return Deed::Harmless;
        }
    }
    unclear()
}
