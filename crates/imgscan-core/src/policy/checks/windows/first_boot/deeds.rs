//! Commands by their names.

use super::{
    Command, Deed, answers, features, files, firewall, forms, registry, remote, services, unclear,
};
use crate::evidence::windows::Image;
use crate::policy::Status;
use crate::policy::checks::windows::agents;
use crate::policy::checks::windows::programs::signature;

/// Commands that change nothing, or nothing that outlives them.
const HARMLESS: [&str; 41] = [
    "",
    "break",
    "cd",
    "chcp",
    "chdir",
    "choice",
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
    "ipconfig",
    "md",
    "mkdir",
    "more",
    "ping",
    "popd",
    "powercfg",
    "prompt",
    "pushd",
    "rem",
    "setlocal",
    "shift",
    "sleep",
    "systeminfo",
    "tasklist",
    "timeout",
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
pub(super) const DECIDING: [&str; 8] = [
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

pub(super) fn of(it: &Command<'_>) -> Deed {
    let name = it.name();
    if let Some(doubt) = replaced(it, &name) {
        return doubt;
    }
    match name.as_str() {
        "sort" => sorted(it),
        name if HARMLESS.contains(&name) => Deed::Harmless,
        "set" => set(it),
        // What an answer file says of a user.
        "answersettings" => answers::of(it),
        "localaccount" => Deed::Hostile(say!(win_first_user)),
        "sc" | "net" | "net1" | "taskkill" => services::of(it, &name),
        "reg" => registry::of(it),
        "del" | "erase" | "rd" | "rmdir" => files::deleted(it),
        "copy" | "xcopy" | "robocopy" | "move" | "ren" | "rename" => files::copied(it),
        "cmd" | "start" | "call" if it.followed => Deed::Harmless,
        "powershell" | "pwsh" if it.followed => Deed::Harmless,
        "powershell" | "pwsh" => encoded(it),
        "bcdedit" => boot(it),
        "netsh" => network(it),
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
        _ if script(&name) => followed_or_missing(it),
        _ => program(it),
    }
}

/// Commands that are no programs: `cmd.exe` has them itself.
const OF_SHELL: [&str; 38] = [
    "", "break", "call", "cd", "chdir", "cls", "color", "copy", "date", "del", "dir", "echo",
    "endlocal", "erase", "exit", "for", "goto", "if", "md", "mkdir", "move", "path", "pause",
    "popd", "prompt", "pushd", "rd", "rem", "ren", "rename", "rmdir", "set", "setlocal", "shift",
    "start", "time", "title", "ver",
];
/// Programs of Windows that are known here by their names.
const PROGRAMS: [&str; 38] = [
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
    let path = written.contains(['\\', '/']) && !OF_SHELL.contains(&written);
    let program = PROGRAMS.contains(&name) || forms::has_forms_of(name);
    if !path && (OF_SHELL.contains(&name) || !program) {
        return None;
    }
    if path && !program && !OF_SHELL.contains(&name) && !HARMLESS.contains(&name) {
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
        && !OF_SHELL
            .iter()
            .any(|own| !own.is_empty() && written.starts_with(&format!("{own}\\")))
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
    let name = it.lower.get(3..).unwrap_or_default();
    let name = name.trim().trim_start_matches('"');
    let name = name.split('=').next().unwrap_or_default().trim();
    if DECIDING.contains(&name) {
        return unclear();
    }
    Deed::Harmless
}

/// A script that is not there is not run; one on another drive may be there.
fn followed_or_missing(it: &Command<'_>) -> Deed {
    let drive = it.context.evidence.windows.roots().drive.to_lowercase();
    if it.followed || it.word(0).starts_with(&drive) {
        return Deed::Harmless;
    }
    unclear()
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
    let drive = it.context.evidence.windows.roots().drive.to_lowercase();
    let file = it.words.iter().find(|word| word.ends_with(".ps1"));
    match file {
        // A script that is not there is not run.
        Some(file) if file.starts_with(&drive) && !it.has("-command") => Deed::Harmless,
        _ => unclear(),
    }
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
    if it.words.len() == 1 || it.word(1) == "/enum" || forms::is_known(it, "bcdedit") {
        return Deed::Harmless;
    }
    unclear()
}

fn network(it: &Command<'_>) -> Deed {
    let off = it.has("state off") || it.has("opmode") && it.has("disable");
    if it.has("firewall") && off {
        return Deed::Hostile(say!(win_first_firewall_off));
    }
    if it.words.iter().any(|w| w == "show") || forms::is_known(it, "netsh") || firewall::opens(it) {
        return Deed::Harmless;
    }
    unclear()
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
    let at = it.rest(1).iter().position(|w| !w.starts_with("//"));
    let Some((script, given)) = at.and_then(|at| it.rest(1 + at).split_first()) else {
        return unclear();
    };
    let system = it.context.evidence.windows.roots().windows.to_lowercase();
    let usual = [
        "slmgr.vbs".to_owned(),
        "slmgr".to_owned(),
        format!(r"{system}\system32\slmgr.vbs"),
    ];
    if usual.contains(script) && !it.has("//e:") {
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
