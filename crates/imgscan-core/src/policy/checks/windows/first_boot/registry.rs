//! Commands that write the registry.

use super::{Command, Deed, deeds, files, unclear};
use crate::policy::checks::windows::agents;
use crate::text::matches;

/// Keys and values that decide what runs or who gets in, as `key|value`.
const HOSTILE: [&str; 14] = [
    r"*\image file execution options\*|*",
    r"*\silentprocessexit\*|*",
    r"*\windows nt\currentversion\winlogon|shell",
    r"*\windows nt\currentversion\winlogon|userinit",
    r"*\windows nt\currentversion\winlogon|taskman",
    r"*\windows nt\currentversion\windows|appinit_dlls",
    r"*\windows nt\currentversion\windows|loadappinit_dlls",
    r"*\control\lsa|* packages",
    r"*\control\session manager\appcertdlls*|*",
    r"*\session manager|bootexecute",
    r"*\windows defender*|disable*",
    r"*\windows defender\exclusions*|*",
    r"*\winlogon\specialaccounts\userlist|*",
    r"*\currentversion\policies\system|localaccounttokenfilterpolicy",
];
/// Keys and values of Windows that harm nobody.
const HARMLESS: [&str; 67] = [
    r"*\control\terminal server|fdenytsconnections=0",
    r"*\control\session manager\power|hiberbootenabled",
    r"*\control\power|hibernateenabled*",
    r"*\control\timezoneinformation|realtimeisuniversal",
    r"*\control\filesystem|longpathsenabled",
    r"*\control\filesystem|ntfsdisable*",
    r"*\control\crashcontrol|alwayskeepmemorydump",
    r"*\control\crashcontrol|autoreboot",
    r"*\control\crashcontrol|crashdumpenabled",
    r"*\control\crashcontrol|logevent",
    r"*\control\crashcontrol|nmicrashdump",
    r"*\control\crashcontrol|overwrite",
    r"*\control\crashcontrol|sendalert",
    r"*\control\terminal server\winstations\rdp-tcp|userauthentication=1",
    r"*\services\disk|timeoutvalue",
    r"*\services\w32time\config|max*phasecorrection",
    r"*\currentversion\windowsupdate\auto update|auoptions=3",
    r"*\currentversion\windowsupdate\auto update|auoptions=4",
    r"*\services\lanmanserver\parameters|smb1=0",
    r"*\currentversion\policies\system|enablelua=1",
    r"*\windows nt\currentversion\winlogon|autoadminlogon=0",
    r"*\control\session manager\memory management|pagingfiles",
    r"*\control\session manager\memory management|clearpagefileatshutdown",
    r"*\control\computername\*|computername",
    r"*\schannel\protocols\ssl 2.0\*|enabled=0",
    r"*\schannel\protocols\ssl 2.0\*|disabledbydefault=1",
    r"*\schannel\protocols\ssl 3.0\*|enabled=0",
    r"*\schannel\protocols\ssl 3.0\*|disabledbydefault=1",
    r"*\schannel\protocols\tls 1.0\*|enabled=0",
    r"*\schannel\protocols\tls 1.0\*|disabledbydefault=1",
    r"*\schannel\protocols\tls 1.2\*|enabled=1",
    r"*\schannel\protocols\tls 1.2\*|disabledbydefault=0",
    r"*\services\tcpip\parameters|keepalive*",
    r"*\services\tcpip\parameters|tcptimedwaitdelay",
    r"*\services\tcpip\parameters|maxuserport",
    r"*\services\tcpip\parameters|hostname",
    r"*\services\tcpip\parameters|nv hostname",
    r"*\services\tcpip6\parameters|disabledcomponents",
    r"*\microsoft\servermanager*|*",
    r"*\currentversion\explorer\advanced|*",
    r"*\currentversion\oobe|*",
    r"*\currentversion\setup\oobe|*",
    r"*\control panel\desktop|screensave*",
    r"*\control panel\international*|*",
    r"*\control panel\mouse|*",
    r"*\control panel\keyboard|*",
    r"*\windows nt\currentversion|registered*",
    r"*\windows nt\currentversion\softwareprotectionplatform|keymanagementservicename=*.tencentyun.com",
    r"*\windows nt\currentversion\softwareprotectionplatform|keymanagementserviceport",
    r"*\windows nt\currentversion\winlogon|shutdownwithoutlogon",
    r"*\currentversion\policies\system|legalnotice*",
    r"*\currentversion\policies\system|dontdisplaylastusername",
    r"*\currentversion\policies\system|shutdownwithoutlogon",
    r"*\currentversion\policies\system|disablecad",
    r"*\currentversion\policies\system|verbosestatus",
    r"*\policies\microsoft\windows\windowsupdate*|*auto*",
    r"*\policies\microsoft\windows\windowsupdate*|noauto*",
    r"*\policies\microsoft\windows\windowsupdate\au|auoptions",
    r"*\policies\microsoft\windows\windowsupdate\au|scheduledinstallday",
    r"*\policies\microsoft\windows\windowsupdate\au|scheduledinstalltime",
    r"*\policies\microsoft\windows\oobe|*",
    r"*\policies\microsoft\windows nt\reliability|*",
    r"*\policies\microsoft\sqmclient\windows|*",
    r"*\microsoft\.netframework*|schusestrongcrypto",
    r"*\microsoft\active setup\installed components\{a509b1a7*|isinstalled",
    r"*\microsoft\active setup\installed components\{a509b1a8*|isinstalled",
    r"*\microsoft\internet explorer\main|*",
];
/// Values that nobody misses.
const LEFTOVERS: [&str; 5] = [
    r"*\windows nt\currentversion\winlogon|autoadminlogon",
    r"*\windows nt\currentversion\winlogon|autologoncount",
    r"*\windows nt\currentversion\winlogon|defaultdomainname",
    r"*\windows nt\currentversion\winlogon|defaultpassword",
    r"*\windows nt\currentversion\winlogon|defaultusername",
];
/// Parts of keys that belong to Windows or to agents: what a value below them does has to be known.
const OF_WINDOWS: [&str; 18] = [
    r"\microsoft\",
    r"\policies\",
    r"\classes",
    r"\system\",
    r"\sam",
    r"\security",
    r"\environment",
    r"\command processor",
    r"\python\",
    r"\openssh\",
    r"\khronos\",
    r"\clients\",
    r"\odbc",
    r"\cloudbase solutions\",
    // Agents of the cloud.
    r"\tencent\",
    r"\qcloud",
    "winagent",
    "win-agent",
];

pub(super) fn of(it: &Command<'_>) -> Deed {
    match it.word(1) {
        "query" | "compare" | "flags" => Deed::Harmless,
        "export" | "save" => kept(it),
        "add" => written(it, false),
        "delete" => written(it, true),
        _ => unclear(),
    }
}

/// Hives that hold the accounts and the secrets of the system, below `HKLM`.
const SECRET: [&str; 2] = ["sam", "security"];

/// `reg export` and `reg save`: which key is written to which file.
fn kept(it: &Command<'_>) -> Deed {
    let key = it.word(2).replace('/', "\\");
    let key = key.trim_start_matches(r"\\.\");
    let mut names = key.split('\\');
    let of_machine = names
        .next()
        .is_some_and(|root| ["hklm", "hkey_local_machine"].contains(&root));
    let hive = names.next().unwrap_or_default();
    if of_machine && (hive.is_empty() || SECRET.contains(&hive)) {
        return Deed::Hostile(say!(win_first_secrets));
    }
    let path = it.word(3);
    if deeds::of_another(path).is_some() {
        return Deed::Hostile(say!(win_first_sends, path = path));
    }
    match it.word(1) {
        "export" => files::written(it, path),
        _ => unclear(),
    }
}

fn written(it: &Command<'_>, deletes: bool) -> Deed {
    let key = it.word(2).trim_end_matches('\\').to_owned();
    let behind = |switch: &str| {
        let at = it.words.iter().position(|w| w == switch)?;
        Some(it.word(at + 1).to_owned())
    };
    let value = behind("/v").unwrap_or_default();
    let data = behind("/d").unwrap_or_default();
    value_set(it, &key, &value, &data, deletes)
}

/// What setting `value` of `key` does; all in lower case.
pub(super) fn value_set(
    it: &Command<'_>,
    key: &str,
    value: &str,
    data: &str,
    deletes: bool,
) -> Deed {
    let key = key.replace('/', "\\");
    let fits = |pattern: &&&str| {
        let (of, name) = pattern.split_once('|').unwrap_or((pattern, "*"));
        let (name, wanted) = name.split_once('=').unwrap_or((name, ""));
        matches(of, &key) && matches(name, value) && (wanted.is_empty() || matches(wanted, data))
    };
    if let Some((_, service)) = key.split_once(r"\services\") {
        let service = service.split('\\').next().unwrap_or_default();
        if agents::is_required(it.context.policy, service) && !(value == "start" && data == "2") {
            return Deed::Hostile(say!(win_first_stops));
        }
    }
    if !deletes && HOSTILE.iter().any(|p| fits(&p)) {
        return Deed::Hostile(say!(win_first_registry));
    }
    let leftover = deletes && LEFTOVERS.iter().any(|p| fits(&p));
    if leftover || deletes && HARMLESS.iter().any(|p| fits(&p)) {
        return Deed::Harmless;
    }
    if HARMLESS.iter().any(|p| fits(&p)) {
        return match is_weaker(it, &key, value, data) {
            true => unclear(),
            false => Deed::Harmless,
        };
    }
    let root = key.split('\\').next().unwrap_or_default();
    let roots = ["hklm", "hkey_local_machine", "hkcu", "hkey_current_user"];
    let whole = format!("{key}\\");
    let windows = OF_WINDOWS.iter().any(|part| whole.contains(part));
    let names = !deletes && names_code(it, data);
    if roots.contains(&root) && whole.contains(r"\software\") && !windows && !names {
        return Deed::Harmless;
    }
    unclear()
}

/// True for data that the image's own checks would not pass over in a value that the lists above know.
fn is_weaker(it: &Command<'_>, key: &str, value: &str, data: &str) -> bool {
    let hex = data.strip_prefix("0x");
    let number = match hex {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => data.parse::<u32>().ok(),
    };
    match value {
        // Names of hosts of the cloud are part of their rule.
        "keymanagementservicename" => false,
        // The file is made anew at each start, whatever it is now.
        "pagingfiles" => !is_page_file(data),
        "maxposphasecorrection" | "maxnegphasecorrection" => number.is_none_or(|n| n == 0),
        "auoptions" => number.is_none_or(|n| !(2..=5).contains(&n)),
        "noautoupdate" => number != Some(0),
        "autoreboot" | "schusestrongcrypto" => number != Some(1),
        // Others for updates are the times of them, and whether somebody is logged on.
        _ if key.contains(r"\windowsupdate") => number.is_none(),
        _ => names_code(it, data),
    }
}

/// True for data of `PagingFiles` that name the usual file: `C:\pagefile.sys 0 0`, `?:\pagefile.sys`, or
/// none.
fn is_page_file(data: &str) -> bool {
    let mut words = data.split_whitespace();
    let Some(path) = words.next() else {
        return true;
    };
    let usual = path
        .split_once(':')
        .is_some_and(|(drive, rest)| drive.chars().count() == 1 && rest == r"\pagefile.sys");
    usual && words.all(|w| w.chars().all(|c| c.is_ascii_digit()))
}

/// True for data (in lower case) that name an address, or something that is there and that nobody
/// vouches for: a program of some maker may load it from there.
fn names_code(it: &Command<'_>, data: &str) -> bool {
    if data.contains("://") || data.starts_with(r"\\") {
        return true;
    }
    let windows = &it.context.evidence.windows;
    let Some(at) = data.find(r":\").and_then(|at| at.checked_sub(1)) else {
        return false;
    };
    let path = data.get(at..).unwrap_or_default().trim_matches('"');
    let of_programs = path.contains(r":\program files") && !path.contains("..");
    match it.context.evidence.files.names(path) {
        // A folder: what lies in it can't be told one by one.
        Ok(Some(_)) => !of_programs,
        Ok(None) => match windows.is_listed(path) {
            Ok(Some(trusted)) => !trusted && !is_document(path),
            // What is not there, and no program, is a place for data.
            Ok(None) => is_code(path),
            Err(_) => true,
        },
        // A disk that the image does not have.
        Err(_) if !path.starts_with(&windows.roots().drive.to_lowercase()) => is_code(path),
        Err(_) => true,
    }
}

/// Endings of what programs load or start.
const CODE: [&str; 9] = [
    ".exe", ".dll", ".cmd", ".bat", ".ps1", ".vbs", ".js", ".jar", ".py",
];

/// True for a path (in lower case) that has the ending of a program, library or script.
fn is_code(path: &str) -> bool {
    CODE.iter().any(|ending| path.contains(ending))
}

/// True for a file that holds text or records for people.
fn is_document(path: &str) -> bool {
    [".log", ".txt", ".md", ".rtf", ".pdf"]
        .iter()
        .any(|ending| path.ends_with(ending))
}
