//! Programs that run what their command line names: what such a line makes them run.
//!
//! A signature of such a program says nothing of what it carries. The switches are those of
//! Microsoft's manuals of each command, and of the LOLBAS project's list.

mod runtimes;
mod shells;
mod windows;

use super::words::{file_name, readings, words};
use crate::text::{matches, strip_any_case};
pub(super) use runtimes::is_told_code;
use runtimes::{NODE_VALUES, browser, client, database, interpreter, interprets, java};
pub use shells::is_script_switch;
use shells::{command_processor, mshta, powershell, scripts, wmic};
use windows::{
    acting, after, attaches, conhost, dllhost, explorer, forfiles, msiexec, regsvr32, rundll32,
    scans, telemetry,
};

/// What a host runs or loads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Carried {
    /// A command line of its own.
    Command(String),
    /// A text for the command processor.
    Shell(String),
    /// A script, project or package that it carries out.
    Script(String),
    /// A script that is told something.
    Told {
        /// The script.
        script: String,
        /// What follows it, its words in quotation marks where they need them.
        arguments: String,
        /// The command line as a whole.
        line: String,
    },
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

use Carried::{Code, Command, Library, Script, Told, Unclear};

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
/// Interpreters and shells of other makers: every file that they are told of is code to them, and so is every
/// word that is no plain switch. Patterns in lower case.
const INTERPRETERS: &[&str] = &[
    "autohotkey*",
    "awk",
    "bun",
    "busybox*",
    "clisp",
    "dash",
    "deno",
    "elixir",
    "emacs",
    "emacsclient*",
    "erl",
    "escript",
    "expect",
    "gawk*",
    "gdb",
    "ghci",
    "gmake",
    "groovy*",
    "guile",
    "gvim",
    "julia",
    "kotlin",
    "ksh",
    "lua5*",
    "luajit",
    "make",
    "mawk",
    "mongo",
    "mongosh",
    "nawk",
    "ninja",
    "nmake",
    "nvim",
    "octave*",
    "perl5*",
    "qjs",
    "racket",
    "rterm",
    "rubyw",
    "runemacs",
    "runghc",
    "sbcl",
    "scala",
    "sqlite3",
    "swipl",
    "tclsh*",
    "ts-node",
    "tsx",
    "vim",
    "werl",
    "wish*",
    "wperl",
    "xonsh",
    "zsh",
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
    "arp",
    "aspnet_regiis",
    "aspnet_regsql",
    "bcdboot",
    "bdehdcfg",
    "bootcfg",
    "bootsect",
    "change",
    "chglogon",
    "chgport",
    "chgusr",
    "chkntfs",
    "cluster",
    "cmmon32",
    "convert",
    "csvde",
    "dcpromo",
    "dfscmd",
    "dfsutil",
    "diskperf",
    "diskraid",
    "djoin",
    "drvinst",
    "dsacls",
    "fondue",
    "format",
    "iexpress",
    "iscsicli",
    "klist",
    "ksetup",
    "ktmutil",
    "label",
    "ldp",
    "lodctr",
    "logoff",
    "lpksetup",
    "lpr",
    "migwiz",
    "mode",
    "mountvol",
    "msra",
    "mstsc",
    "netcfg",
    "netdom",
    "ocsetup",
    "oobeldr",
    "openfiles",
    "pkgmgr",
    "pnpunattend",
    "printui",
    "pushprinterconnections",
    "rasdial",
    "rasphone",
    "reagentc",
    "recover",
    "rendom",
    "repadmin",
    "repair-bde",
    "reset",
    "rwinsta",
    "scrcons",
    "servicemodelreg",
    "servermanagercmd",
    "setspn",
    "setupcl",
    "setupugc",
    "shadow",
    "shrpubw",
    "shutdown",
    "slidetoshutdown",
    "ssh-add",
    "ssh-agent",
    "ssh-keygen",
    "syskey",
    "sysprep",
    "systemreset",
    "systemsettingsadminflows",
    "tapicfg",
    "tcmsetup",
    "telnet",
    "tlntadmn",
    "tpmvscmgr",
    "tscon",
    "tsdiscon",
    "tsecimp",
    "tskill",
    "unlodctr",
    "verifier",
    "waitfor",
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
    "more",
    "msg",
    "mspaint",
    "notepad",
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
        "powershell" | "pwsh" => powershell(&words, rest, program == "pwsh"),
        "wscript" | "cscript" => scripts(program, &words, rest),
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
        "sqlcmd" | "osql" | "isql" | "mysql" | "mariadb" | "psql" => client(program, &words, rest),
        name if INTERPRETERS.iter().any(|p| matches(p, name)) => interprets(name, &words, rest),
        name if ACT.contains(&name) || REACH.contains(&name) => acts(program, rest),
        "mysqld" | "mysqld-nt" | "mariadbd" => database(&words),
        "dockerd" if is_open_to_the_network(rest) => acts(program, rest),
        _ => return None,
    };
    if out.len() > MAX_CARRIED {
        out.truncate(MAX_CARRIED);
        out.push(Unclear(rest.to_owned()));
    }
    Some(out)
}

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

/// True where a service of containers takes orders over the network (Docker, "dockerd": `--host`).
pub(super) fn is_open_to_the_network(rest: &str) -> bool {
    let lower = rest.to_lowercase();
    lower.contains("tcp://") || lower.contains("ssh://")
}

/// The line that a program which is no known host passes on to one of Windows: `run -- powershell -c …`.
pub(super) fn passed_on(rest: &str) -> Option<String> {
    let all = words(rest);
    let is_host = |word: &String| PASSED_ON.contains(&super::words::program_name(word).as_str());
    let at = all.iter().position(is_host)?;
    Some(joined(all.get(at..).unwrap_or_default()))
}

/// A line of `words`: in quotation marks where they need them.
fn joined(words: &[String]) -> String {
    let quoted = |word: &String| match word.is_empty() || word.contains([' ', '\t', '"']) {
        true => format!("\"{}\"", word.replace('"', "\\\"")),
        false => word.clone(),
    };
    let line: Vec<String> = words.iter().map(quoted).collect();
    line.join(" ")
}

/// A script, and the words that it is told.
fn script(file: &str, arguments: String, line: String) -> Carried {
    match arguments.trim() {
        "" => Script(file.to_owned()),
        _ => Told {
            script: file.to_owned(),
            arguments,
            line,
        },
    }
}

/// True for arguments that only PowerShell understands: a program that is told them is one under
/// another name.
pub(super) fn is_of_powershell(rest: &str) -> bool {
    words(rest).iter().any(|word| {
        let name = word.strip_prefix(['-', '/']).map(str::to_lowercase);
        name.is_some_and(|name| OF_POWERSHELL.contains(&name.as_str()))
    })
}

fn files(words: &[String]) -> Vec<Carried> {
    let mut out = Vec::new();
    let mut other = Vec::new();
    for word in words {
        let logger = strip_any_case(word, "/logger:").or_else(|| strip_any_case(word, "-logger:"));
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
        // Who answers there is sent credentials.
        return super::remote::stranger(rest, &[]).is_none();
    }
    if rest.trim().is_empty() {
        return !ACT_ALONE.contains(&name);
    }
    match name {
        "ipconfig" => return keeps_addresses(&words(rest)),
        // A name that is asked of a server carries what it says there.
        "nslookup" => return words(rest).iter().filter(|word| !is_switch(word)).count() < 2,
        "powercfg" => return keeps_awake(&words(rest)),
        // It restarts the machine, or ends the session, where a policy asks for that.
        "gpupdate" => {
            let ends = ["boot", "logoff"];
            return words(rest).iter().all(|word| {
                let switch = word.trim_start_matches(['/', '-']).to_lowercase();
                !ends.contains(&switch.as_str())
            });
        }
        _ => {}
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

/// True where `ipconfig` is told nothing that takes an address away (Microsoft, "ipconfig").
pub fn keeps_addresses(words: &[String]) -> bool {
    const KEEPING: [&str; 10] = [
        "?",
        "all",
        "allcompartments",
        "displaydns",
        "flushdns",
        "registerdns",
        "renew",
        "renew6",
        "showclassid",
        "showclassid6",
    ];
    words
        .iter()
        .all(|word| match word.strip_prefix(['/', '-']) {
            Some(switch) => KEEPING.contains(&switch.to_lowercase().as_str()),
            None => true,
        })
}

/// True where `powercfg` only shows something, takes a scheme, or lets nothing sleep (Microsoft, "Powercfg
/// command-line options").
fn keeps_awake(words: &[String]) -> bool {
    const SHOWS: [&str; 15] = [
        "?",
        "a",
        "aliases",
        "availablesleepstates",
        "batteryreport",
        "devicequery",
        "energy",
        "getactivescheme",
        "l",
        "lastwake",
        "list",
        "q",
        "query",
        "requests",
        "waketimers",
    ];
    let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let Some((first, rest)) = lower.split_first() else {
        return true;
    };
    let first = first.trim_start_matches(['/', '-']);
    match (first, rest) {
        (first, _) if SHOWS.contains(&first) => true,
        ("s" | "setactive", [_]) | ("h" | "hibernate", ["off"]) => true,
        ("x" | "change", [setting, "0"]) => setting.contains("timeout"),
        _ => false,
    }
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
        if runs(path) {
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
