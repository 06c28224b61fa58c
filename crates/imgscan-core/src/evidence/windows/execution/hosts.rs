//! Programs that run what their command line names: what such a line makes them run.
//!
//! A signature of such a program says nothing of what it carries. The switches are those of
//! Microsoft's manuals of each command, and of the LOLBAS project's list.

use super::words::{file_name, readings, words};

/// What a host runs or loads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Carried {
    /// A command line of its own.
    Command(String),
    /// A text for the command processor.
    Shell(String),
    /// A script, project or package that it carries out.
    Script(String),
    /// A library or assembly that it loads.
    Library(String),
    /// A library, and a line that one of its functions is given.
    Function(String, String),
    /// A class by its CLSID.
    Class(String),
    /// Code or an action in the command line itself.
    Code(String),
    /// Code for PowerShell.
    PowerShell(String),
    /// What it runs can't be told from the line.
    Unclear(String),
}

use Carried::{Class, Code, Command, Function, Library, PowerShell, Script, Shell, Unclear};

/// Longer lists of what one line carries are cut, and the rest is unclear.
const MAX_CARRIED: usize = 64;

/// Programs that carry out or load every file that they are given.
const TAKE_FILES: &[&str] = &[
    "msbuild",
    "csc",
    "vbc",
    "jsc",
    "ilasm",
    "microsoft.workflow.compiler",
    "installutil",
    "regasm",
    "regsvcs",
    "addinutil",
    "cmstp",
    "infdefaultinstall",
    "regini",
    "mmc",
    "control",
    "hh",
    "presentationhost",
    "diskshadow",
    "mofcomp",
    "msdt",
    "odbcconf",
    "autoit3",
    "autohotkey",
    "autohotkeyu64",
    "perl",
    "ruby",
    "php",
    "php-cgi",
    "tclsh",
    "rscript",
    "lua",
    "bash",
    "sh",
    "wsl",
    "winget",
    "dotnet",
];
/// Programs whose every use changes the system, fetches something, or runs what their line does not
/// plainly name: those of the LOLBAS project's list, and tools of administration.
const ACT: &[&str] = &[
    "addinutil",
    "adplus",
    "agentexecutor",
    "appcert",
    "appinstaller",
    "applauncher",
    "appvlp",
    "aspnet_compiler",
    "at",
    "atbroker",
    "auditpol",
    "bcdedit",
    "bginfo",
    "bitsadmin",
    "cacls",
    "cdb",
    "certoc",
    "certreq",
    "certutil",
    "cipher",
    "cmdkey",
    "cmdl32",
    "colorcpl",
    "computerdefaults",
    "configsecuritypolicy",
    "coregen",
    "createdump",
    "curl",
    "customshellhost",
    "datasvcutil",
    "defaultpack",
    "desktopimgdownldr",
    "devicecredentialdeployment",
    "devinit",
    "devtoolslauncher",
    "diantz",
    "diskpart",
    "dism",
    "dnscmd",
    "dsadd",
    "dsmod",
    "dsrm",
    "dtutil",
    "dump64",
    "dxcap",
    "esentutl",
    "eventvwr",
    "expand",
    "extexport",
    "extrac32",
    "finger",
    "fltmc",
    "fsi",
    "fsianycpu",
    "fsutil",
    "ftp",
    "gfxdownloadwrapper",
    "gpscript",
    "icacls",
    "ie4uinit",
    "iediagcmd",
    "imewdbld",
    "kd",
    "ldifde",
    "logman",
    "makecab",
    "manage-bde",
    "mavinject",
    "mftrace",
    "mofcomp",
    "mpcmdrun",
    "msdeploy",
    "mshtml",
    "msohtmed",
    "msxsl",
    "net",
    "net1",
    "netsh",
    "ngen",
    "nltest",
    "ntdsutil",
    "ntsd",
    "offlinescannershell",
    "onedrivestandaloneupdater",
    "openconsole",
    "paexec",
    "pcwrun",
    "pester",
    "pktmon",
    "pnputil",
    "print",
    "printbrm",
    "procdump",
    "procdump64",
    "protocolhandler",
    "provlaunch",
    "psexec",
    "psr",
    "pubprn",
    "rasautou",
    "rcsi",
    "rdrleakdiag",
    "reg",
    "regedit",
    "register-cimprovider",
    "replace",
    "robocopy",
    "route",
    "rpcping",
    "runas",
    "runexehelper",
    "runonce",
    "runscripthelper",
    "sc",
    "scp",
    "sdbinst",
    "secedit",
    "setres",
    "settingsynchost",
    "setx",
    "sftp",
    "sort",
    "sqldumper",
    "sqlps",
    "sqltoolsps",
    "ssh",
    "stordiag",
    "subst",
    "syncappvpublishingserver",
    "takeown",
    "tar",
    "taskkill",
    "tftp",
    "ttdinject",
    "tttinject",
    "tttracer",
    "unregmp2",
    "utilityfunctions",
    "verclsid",
    "visualuiaverifynative",
    "vsdiagnostics",
    "vshadow",
    "vsiisexelauncher",
    "vsjitdebugger",
    "vsls-agent",
    "vssadmin",
    "w32tm",
    "wab",
    "wbadmin",
    "wbemtest",
    "wevtutil",
    "wfc",
    "wget",
    "windbg",
    "winget",
    "winrm",
    "winrs",
    "workfolders",
    "wsreset",
    "wsusutil",
    "wt",
    "wuauclt",
    "wusa",
    "xcopy",
    "xsd",
    "xwizard",
];
/// Programs of Windows that change the system, or load or start something, by a word alone. The names
/// are too common to be known for them without their maker.
const OWN_ACT: &[&str] = &[
    "adprep",
    "appcmd",
    "aspnet_regiis",
    "aspnet_regsql",
    "bcdboot",
    "bootcfg",
    "bootsect",
    "change",
    "chglogon",
    "csvde",
    "dcpromo",
    "djoin",
    "drvinst",
    "dsacls",
    "fondue",
    "iexpress",
    "ksetup",
    "ldp",
    "lodctr",
    "logoff",
    "lpksetup",
    "migwiz",
    "mountvol",
    "msra",
    "netcfg",
    "netdom",
    "ocsetup",
    "oobeldr",
    "openfiles",
    "pkgmgr",
    "pnpunattend",
    "printui",
    "reagentc",
    "rendom",
    "repadmin",
    "rwinsta",
    "scrcons",
    "servicemodelreg",
    "servermanagercmd",
    "setspn",
    "setupcl",
    "setupugc",
    "shadow",
    "shutdown",
    "slidetoshutdown",
    "ssh-add",
    "ssh-agent",
    "ssh-keygen",
    "sysprep",
    "systemsettingsadminflows",
    "tapicfg",
    "tscon",
    "tsdiscon",
    "unlodctr",
    "wecutil",
    "wsatconfig",
];
/// Those of them that act without being told anything.
const ACT_ALONE: &[&str] = &["logoff", "slidetoshutdown", "tsdiscon"];
/// Programs that are not of Windows and whose every use fetches something, reaches another computer or
/// carries out what a folder holds; their manuals.
const REACH: &[&str] = &[
    "aria2c", "axel", "git", "kitty", "plink", "pscp", "psftp", "rclone", "rsync", "sshd", "svn",
    "winscp",
];
/// Functions of libraries of Windows that stop the machine or a session: library and function, in lower
/// case.
const STOPPING: &[(&str, &str)] = &[
    ("powrprof", "setsuspendstate"),
    ("user32", "exitwindowsex"),
    ("user32", "lockworkstation"),
    ("shell32", "shexitwindowsex"),
];
/// Programs of Windows that carry out what follows them, which others pass a line on to.
const PASSED_ON: &[&str] = &[
    "bitsadmin",
    "certutil",
    "cmd",
    "cscript",
    "forfiles",
    "installutil",
    "msbuild",
    "mshta",
    "powershell",
    "pwsh",
    "regsvr32",
    "rundll32",
    "schtasks",
    "wmic",
    "wscript",
];
/// Options that only PowerShell has, in lower case.
const OF_POWERSHELL: &[&str] = &[
    "enc",
    "enco",
    "encod",
    "encodedcommand",
    "windowstyle",
    "executionpolicy",
    "noprofile",
];
/// Programs of Windows to which what follows them is data: texts to show or to open for somebody who
/// reads, hosts to ask, volumes.
const TAKE_DATA: &[&str] = &[
    "calc",
    "chkdsk",
    "choice",
    "cleanmgr",
    "defrag",
    "eventcreate",
    "find",
    "findstr",
    "hostname",
    "ipconfig",
    "more",
    "msg",
    "mspaint",
    "notepad",
    "nslookup",
    "pathping",
    "ping",
    "systeminfo",
    "tasklist",
    "timeout",
    "tracert",
    "tree",
    "tzutil",
    "where",
    "whoami",
    "wordpad",
    "write",
];

/// What `program` (its name without folder and ending, in lower case) runs when `rest` follows it on
/// the line; `None` where it is no host that is known here.
pub(super) fn carried(program: &str, rest: &str) -> Option<Vec<Carried>> {
    let words = words(rest);
    let mut out = match program {
        "cmd" => command_processor(rest),
        "powershell" => powershell(&words, rest, PowerShell),
        "pwsh" => powershell(&words, rest, Script),
        "wscript" | "cscript" => scripts(&words, "//"),
        "mshta" => mshta(rest),
        "rundll32" => rundll32(rest),
        "regsvr32" => regsvr32(&words),
        "msiexec" => msiexec(&words),
        "forfiles" => forfiles(&words, rest),
        "pcalua" => after(&words, rest, &["-a", "/a"], &[]),
        "scriptrunner" => after(&words, rest, &["-appvscript"], &[]),
        "wlrmdr" => after(&words, rest, &["-u"], &[]),
        "conhost" => conhost(&words, rest),
        "explorer" => explorer(&words),
        "schtasks" => acting(&words, rest, &["/tr", "-tr"]),
        "wmic" => wmic(rest),
        "dllhost" => dllhost(&words),
        "compattelrunner" => telemetry(&words),
        "java" | "javaw" => java(&words),
        "node" | "nodejs" => interpreter(&words, &["-e", "--eval", "-p", "--print"], NODE_VALUES),
        name if is_python(name) => {
            interpreter(&words, &["-c"], &["-W", "-X", "--check-hash-based-pycs"])
        }
        "msedge" | "chrome" => browser(&words, rest),
        "start" | "call" => vec![Command(rest.to_owned())],
        // It loads that one from its own folder first.
        "mpcmdrun" if scans(&words) => vec![Library("MpClient.dll".to_owned())],
        "vsjitdebugger" | "windbg" | "cdb" | "ntsd" if attaches(&words) => Vec::new(),
        // Without a file they take a project of the folder that they run in.
        "msbuild" if !words.iter().any(|w| !is_switch(w)) => {
            vec![Unclear(format!("{program} {rest}"))]
        }
        name if TAKE_FILES.contains(&name) => files(&words),
        name if ACT.contains(&name) || REACH.contains(&name) => acts(program, rest),
        "mysqld" | "mysqld-nt" | "mariadbd" => database(&words),
        "dockerd" if listens(rest) => acts(program, rest),
        _ => return None,
    };
    if out.len() > MAX_CARRIED {
        out.truncate(MAX_CARRIED);
        out.push(Unclear(rest.to_owned()));
    }
    Some(out)
}

/// Options of node that take a value.
const NODE_VALUES: &[&str] = &["-C", "--conditions"];

fn is_python(name: &str) -> bool {
    let version = name
        .strip_prefix("pythonw")
        .or_else(|| name.strip_prefix("python"))
        .or_else(|| {
            name.strip_prefix("py")
                .filter(|rest| matches!(*rest, "" | "w"))
        });
    version.is_some_and(|v| {
        v.chars()
            .all(|c| c.is_ascii_digit() || c == '.' || c == 'w')
    })
}

fn is_switch(word: &str) -> bool {
    word.starts_with(['-', '/'])
}

fn acts(program: &str, rest: &str) -> Vec<Carried> {
    match rest.trim() {
        "" => Vec::new(),
        rest => vec![Code(format!("{program} {rest}"))],
    }
}

/// True where Defender's own program looks for what harms, or looks after itself, as the tasks of
/// Windows have it do (Microsoft Learn, "Configure and manage Microsoft Defender Antivirus with the
/// mpcmdrun.exe command-line tool").
fn scans(words: &[String]) -> bool {
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
fn attaches(words: &[String]) -> bool {
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

/// The text behind the first `/c`, `/k` or `/r`; before it stand only switches.
fn command_processor(rest: &str) -> Vec<Carried> {
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
fn unquoted(text: &str, strip: bool) -> &str {
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

/// A switch of PowerShell is known by any beginning of its name that no other has.
fn powershell(words: &[String], rest: &str, bare: fn(String) -> Carried) -> Vec<Carried> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let name = word.trim_start_matches(['-', '/', '\u{2013}', '\u{2014}', '\u{2015}']);
        let is_option = name.len() < word.len();
        let name = name.to_lowercase();
        let following = || words.get(at + 1..).unwrap_or_default();
        let one = |of: &str, least: usize| name.len() >= least && of.starts_with(&name);
        if !is_option {
            return bare_text(words.get(at..).unwrap_or_default(), bare);
        }
        if name.is_empty() {
            return vec![Unclear(rest.to_owned())];
        }
        if one("file", 1) {
            let file = following().first().cloned().unwrap_or_default();
            return vec![Script(file)];
        }
        if one("command", 1) || one("commandwithargs", 8) || name == "cwa" {
            return bare_text(following(), PowerShell);
        }
        if one("encodedcommand", 1) && !name.starts_with("ex") || name == "ec" {
            return vec![PowerShell(rest.to_owned())];
        }
        at += if SWITCHES.iter().any(|s| one(s, 3)) {
            1
        } else {
            // Every other option takes a value.
            2
        };
        if one("psconsolefile", 3) || one("configurationname", 3) || one("configurationfile", 3) {
            return vec![Unclear(rest.to_owned())];
        }
    }
    Vec::new()
}

/// Options of PowerShell without a value.
const SWITCHES: &[&str] = &[
    "noprofile",
    "nologo",
    "noninteractive",
    "noexit",
    "noprofileloadtime",
    "interactive",
    "login",
    "mta",
    "sta",
    "sshservermode",
];

/// A text for PowerShell: a script that it calls, or code.
fn bare_text(words: &[String], make: fn(String) -> Carried) -> Vec<Carried> {
    let text = words.join(" ");
    let call = text.trim().trim_start_matches(['&', '.', '{', ' ']);
    let (file, rest) = match call.strip_prefix(['\'', '"']) {
        Some(quoted) => quoted.split_once(['\'', '"']).unwrap_or((quoted, "")),
        None => call.split_once(' ').unwrap_or((call, "")),
    };
    let plain = !rest.contains([';', '|', '&', '(', '{', '$', '`']);
    if plain && file_name(file).ends_with(".ps1") {
        return vec![Script(file.to_owned())];
    }
    match text.trim() {
        "" => Vec::new(),
        text => vec![make(text.to_owned())],
    }
}

fn scripts(words: &[String], option: &str) -> Vec<Carried> {
    let mut words = words.iter().filter(|w| !w.starts_with(option));
    let file = words.next().map(|f| Script(f.clone()));
    let mut out: Vec<Carried> = file.into_iter().collect();
    // Some scripts of Windows run what they are told of.
    let told = |w: &&String| {
        let w = w.to_lowercase();
        w.contains("script:") || w.contains("://")
    };
    out.extend(words.find(told).map(|w| Code(w.clone())));
    out
}

fn mshta(rest: &str) -> Vec<Carried> {
    let text = rest.trim().trim_matches('"');
    let lower = text.to_lowercase();
    match text {
        "" => Vec::new(),
        _ if lower.contains("script:") || lower.contains("://") => vec![Code(text.to_owned())],
        _ => vec![Script(text.to_owned())],
    }
}

fn rundll32(rest: &str) -> Vec<Carried> {
    let mut rest = rest.trim();
    // Microsoft uses `/d` in tasks of its own; the library follows.
    while let Some(behind) = strip(rest, "/d").filter(|b| b.starts_with([' ', '\t'])) {
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

fn regsvr32(words: &[String]) -> Vec<Carried> {
    let mut out = Vec::new();
    let mut argument = None;
    for word in words {
        if let Some(of_i) = strip(word, "/i:").or_else(|| strip(word, "-i:")) {
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

fn strip<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

fn msiexec(words: &[String]) -> Vec<Carried> {
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
        } else if let Some(list) = strip(word, "TRANSFORMS=").or_else(|| strip(word, "PATCH=")) {
            out.extend(list.split(';').map(|f| Script(f.to_owned())));
        }
    }
    out
}

/// The command behind one of the switches; what else stands there is not understood.
fn after(words: &[String], rest: &str, switches: &[&str], none: &[&str]) -> Vec<Carried> {
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
fn forfiles(words: &[String], rest: &str) -> Vec<Carried> {
    let is = |w: &&String| w.eq_ignore_ascii_case("/c") || w.eq_ignore_ascii_case("-c");
    if !words.iter().any(|w| is(&w)) {
        return Vec::new();
    }
    // `@file` and `0xNN` stand for what is known only when it runs.
    if rest.contains('@') || rest.to_lowercase().contains("0x") {
        return vec![Unclear(rest.to_owned())];
    }
    after(words, rest, &["/c", "-c"], &[])
}

fn acting(words: &[String], rest: &str, switches: &[&str]) -> Vec<Carried> {
    let is = |w: &String| switches.iter().any(|s| s.eq_ignore_ascii_case(w));
    match words.iter().position(is) {
        Some(at) => words
            .get(at + 1)
            .map(|c| vec![Command(c.clone())])
            .unwrap_or_default(),
        None => acts("schtasks", rest),
    }
}

fn conhost(words: &[String], rest: &str) -> Vec<Carried> {
    // The console's own use: a handle and `-ForceV1`.
    let own = |w: &String| strip(w, "0x").is_some() || w.eq_ignore_ascii_case("-ForceV1");
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

fn explorer(words: &[String]) -> Vec<Carried> {
    let Some(word) = words.first() else {
        return Vec::new();
    };
    let line = words.join(" ");
    // A process of its own shows what follows.
    if let Some(behind) = strip(word, "/separate,") {
        let more = words.iter().skip(1).cloned();
        return explorer(
            &std::iter::once(behind.to_owned())
                .chain(more)
                .collect::<Vec<_>>(),
        );
    }
    // By its number; a path may stand behind that.
    if let Some(item) = strip(word, "/idlist,")
        && let Some(path) = item.split(',').find(|part| part.contains(":\\"))
    {
        return vec![Command(path.trim_matches('"').to_owned())];
    }
    let named = strip(word, "/root,")
        .or_else(|| strip(word, "/e,"))
        .or_else(|| strip(word, "/select,"));
    match named {
        Some(named) => vec![Command(named.trim_matches('"').to_owned())],
        None if words.len() == 1
            && EXPLORER_SHOWS
                .iter()
                .any(|show| strip(word, show).is_some()) =>
        {
            Vec::new()
        }
        None if is_switch(word) => vec![Unclear(line)],
        None => vec![Command(line)],
    }
}

/// What makes Explorer show a folder that its caller names, or start without a privilege.
const EXPLORER_SHOWS: [&str; 2] = ["/nouaccheck", "/idlist,"];

/// Options of a database server that name SQL which it carries out at its start, and libraries (MySQL,
/// "Server Command Options": `init_file`, `plugin_dir`, `plugin_load`).
fn database(words: &[String]) -> Vec<Carried> {
    let mut out = Vec::new();
    for word in words {
        let plain = word.to_lowercase().replace('_', "-");
        let Some((name, _)) = plain.trim_start_matches('-').split_once('=') else {
            continue;
        };
        let value = word.split_once('=').map_or("", |(_, value)| value);
        let value = value.trim_matches('"').to_owned();
        match name {
            "init-file" => out.push(Script(value)),
            "plugin-dir" | "plugin-load" | "plugin-load-add" | "early-plugin-load"
            | "init-connect" | "lc-messages-dir" | "character-sets-dir" => {
                out.push(Unclear(word.clone()));
            }
            _ => {}
        }
    }
    out
}

/// True where a service of containers takes orders over the network (Docker, "dockerd": `--host`).
fn listens(rest: &str) -> bool {
    let lower = rest.to_lowercase();
    lower.contains("tcp://") || lower.contains("ssh://")
}

/// The line that a program which is no known host passes on to one of Windows: `run -- powershell -c …`.
pub(super) fn passed_on(rest: &str) -> Option<String> {
    let all = words(rest);
    let is_host = |word: &String| PASSED_ON.contains(&super::words::program_name(word).as_str());
    let at = all.iter().position(is_host)?;
    let quoted = |word: &String| match word.is_empty() || word.contains([' ', '\t', '"']) {
        true => format!("\"{}\"", word.replace('"', "\\\"")),
        false => word.clone(),
    };
    let line: Vec<String> = all.iter().skip(at).map(quoted).collect();
    Some(line.join(" "))
}

/// True for arguments that only PowerShell understands: a program that is told them is one under
/// another name.
pub(super) fn is_of_powershell(rest: &str) -> bool {
    words(rest).iter().any(|word| {
        let name = word.strip_prefix(['-', '/']).map(str::to_lowercase);
        name.is_some_and(|name| OF_POWERSHELL.contains(&name.as_str()))
    })
}

fn wmic(rest: &str) -> Vec<Carried> {
    let lower = rest.to_ascii_lowercase();
    if let Some(at) = lower.find("call create") {
        let behind = rest.get(at + "call create".len()..).unwrap_or_default();
        return vec![Command(behind.trim().trim_matches(['"', '\'']).to_owned())];
    }
    acts("wmic", rest)
}

fn dllhost(words: &[String]) -> Vec<Carried> {
    words
        .iter()
        .map(|word| match strip(word, "/Processid:") {
            Some(id) => Class(id.to_owned()),
            None => Unclear(word.clone()),
        })
        .collect()
}

/// Options of java that run or load something (manual of the command `java`).
const JAVA_CARRIES: [&str; 9] = [
    "-agentlib:",
    "-Xbootclasspath",
    "-XX:OnError=",
    "-XX:OnOutOfMemoryError=",
    "-XX:Flags=",
    "-XX:VMOptionsFile=",
    "-Djava.ext.dirs=",
    "-Djava.endorsed.dirs=",
    "--patch-module",
];

/// The runner of the tasks of telemetry: `-m:` is a library and `-f:` its function.
fn telemetry(words: &[String]) -> Vec<Carried> {
    let known = |word: &String| strip(word, "-f:").is_some() || is_plain("", word);
    let carried = |word: &String| match strip(word, "-m:") {
        Some(library) => Some(Library(library.to_owned())),
        None if known(word) => None,
        None => Some(Unclear(word.clone())),
    };
    words.iter().filter_map(carried).collect()
}

fn java(words: &[String]) -> Vec<Carried> {
    let mut out = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-jar" => {
                out.extend(words.next().map(|f| Library(f.clone())));
                return out;
            }
            "-cp" | "-classpath" | "--class-path" | "-p" | "--module-path" => {
                if let Some(list) = words.next() {
                    let parts = list.split(';').filter(|p| !p.is_empty());
                    out.extend(parts.map(|p| Library(p.to_owned())));
                }
            }
            option if option.starts_with("-javaagent:") || option.starts_with("-agentpath:") => {
                let file = option.split_once(':').map_or("", |(_, f)| f);
                let file = file.split('=').next().unwrap_or_default();
                out.push(Library(file.to_owned()));
            }
            option
                if option.starts_with('@')
                    || JAVA_CARRIES.iter().any(|o| option.starts_with(o)) =>
            {
                out.push(Unclear(option.to_owned()));
            }
            option if option.starts_with('-') => {}
            // The class that begins; its file is one of those named before.
            class => {
                if out.is_empty() {
                    out.push(Unclear(class.to_owned()));
                }
                return out;
            }
        }
    }
    out
}

/// An interpreter: the first word that is no option is its script.
fn interpreter(words: &[String], code: &[&str], values: &[&str]) -> Vec<Carried> {
    let mut out = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            word if code.contains(&word) => {
                let text: Vec<&str> = rest.map(String::as_str).collect();
                out.push(Code(text.join(" ")));
                return out;
            }
            "-m" => {
                out.push(Unclear(rest.next().cloned().unwrap_or_default()));
                return out;
            }
            "-r" | "--require" | "--import" => {
                out.extend(rest.next().map(|f| Script(f.clone())));
            }
            "-" => {
                out.push(Unclear("-".into()));
                return out;
            }
            option if carries(option) => {
                out.push(Unclear(option.to_owned()));
                return out;
            }
            option if values.contains(&option) => {
                rest.next();
            }
            option if option.starts_with('-') => {}
            file => {
                out.push(Script(file.to_owned()));
                return out;
            }
        }
    }
    out
}

/// True for an option of python or node that names code in one word with it: `-Ic…`, `--require=…`.
fn carries(option: &str) -> bool {
    const LONG: [&str; 9] = [
        "--require=",
        "--import=",
        "--loader=",
        "--experimental-loader",
        "--eval",
        "--print",
        "--env-file",
        "--openssl-config",
        "--check-hash-based-pycs=",
    ];
    let short = |option: &str| {
        let letters = option.strip_prefix('-').unwrap_or_default();
        let flags = letters.find(['W', 'X']).unwrap_or(letters.len());
        let letters = letters.get(..flags).unwrap_or_default();
        !letters.starts_with('-') && letters.contains(['c', 'm', 'e', 'p', 'r'])
    };
    short(option) || LONG.iter().any(|long| strip(option, long).is_some())
}

fn browser(words: &[String], rest: &str) -> Vec<Carried> {
    const CARRY: &[&str] = &[
        "--load-extension",
        "--utility-cmd-prefix",
        "--gpu-launcher",
        "--renderer-cmd-prefix",
    ];
    let carries = |w: &String| CARRY.iter().any(|c| strip(w, c).is_some());
    match words.iter().any(carries) {
        true => vec![Code(rest.to_owned())],
        false => Vec::new(),
    }
}

fn files(words: &[String]) -> Vec<Carried> {
    let mut out = Vec::new();
    let mut other = Vec::new();
    for word in words {
        let logger = strip(word, "/logger:").or_else(|| strip(word, "-logger:"));
        if let Some(logger) = logger {
            let parts = logger.split([',', ';']).filter(|p| p.contains('.'));
            out.extend(parts.map(|p| Library(p.trim_matches('"').to_owned())));
        } else if is_switch(word) || word.starts_with('@') {
            other.push(word.as_str());
        } else {
            out.push(Script(word.clone()));
        }
    }
    let plain = |w: &&str| {
        matches!(
            w.to_lowercase().as_str(),
            "/nologo" | "-nologo" | "/s" | "/q"
        )
    };
    other.retain(|w| !plain(w));
    if !other.is_empty() {
        out.push(Unclear(other.join(" ")));
    }
    out
}

/// True where what follows the program `name` of Windows carries nothing: switches and plain words
/// that name no file, address or key, and what Explorer puts in for the file that somebody opens.
pub(super) fn is_plain(name: &str, rest: &str) -> bool {
    if TAKE_DATA.contains(&name) {
        return true;
    }
    if rest.trim().is_empty() {
        return !ACT_ALONE.contains(&name);
    }
    let plain = |word: &String| {
        let text = word.trim_start_matches(['-', '/', '+']);
        let filled = ["%1", "%l", "%*", "%d", "%ld", "%s"];
        let sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '#' | '$' | '?');
        // What COM adds for a server of the run-time: a name under which classes are registered.
        let server = text.split_once(':').is_some_and(|(switch, class)| {
            switch.eq_ignore_ascii_case("ServerName") && class.chars().all(|c| sign(c) || c == '.')
        });
        let filled = filled.iter().any(|f| f.eq_ignore_ascii_case(text));
        filled || server || text.chars().all(sign)
    };
    !OWN_ACT.contains(&name) && words(rest).iter().all(plain)
}

/// The parts of `text` that look like a path to something that can be run or loaded: what a program
/// that is no known host may be told to start.
pub(super) fn paths_to_programs(text: &str) -> Vec<String> {
    const ENDINGS: &[&str] = &[
        ".exe", ".com", ".dll", ".cpl", ".ocx", ".bat", ".cmd", ".ps1", ".vbs", ".vbe", ".js",
        ".jse", ".wsf", ".hta", ".jar", ".py", ".pyw", ".msi", ".msc", ".sys", ".lnk", ".mjs",
        ".cjs", ".tcl", ".pl", ".rb", ".php", ".lua", ".groovy", ".au3", ".a3x", ".ahk", ".sh",
        ".pyz", ".pyc", ".psm1", ".psd1", ".sct", ".wsc", ".wsh", ".war", ".sql", ".reg", ".inf",
        ".scr", ".kix", ".r",
    ];
    let runs = |path: &str| {
        let name = file_name(path);
        ENDINGS.iter().any(|e| name.ends_with(e))
    };
    let mut out = Vec::new();
    for word in words(text) {
        // `--app=C:\x.exe` and `/p:C:\x.dll` name a path behind their option.
        let start = word.match_indices(":\\").map(|(at, _)| at);
        let start = start.chain(word.match_indices(":/").map(|(at, _)| at));
        let drive = |at: &usize| {
            let before = at.checked_sub(1)?;
            let letter = *word.as_bytes().get(before)?;
            letter.is_ascii_alphabetic().then_some(before)
        };
        let path = start
            .filter_map(|at| drive(&at))
            .min()
            .and_then(|at| word.get(at..));
        let path = path.unwrap_or(&word).trim_matches(['"', '\'', ',', ';']);
        if runs(path) && out.len() < MAX_CARRIED {
            out.push(path.to_owned());
        }
    }
    // A path without quotation marks may hold blanks.
    if out.is_empty() {
        let whole = readings(text).into_iter().map(|r| r.program);
        out.extend(
            whole
                .filter(|p| p.contains(":\\") && p.contains(' ') && runs(p))
                .take(1),
        );
    }
    out
}
