//! Commands and settings that start nothing, change nothing that is judged, and load nothing, whoever wrote them.
//! Everything that is in none of these lists is a doubt.

use super::explained::{Judge, Meaning};
use crate::evidence::linux::{RunCommand, StartFile, StartKind, is_usual_in_path, is_usual_path};
use crate::text::{Text, terminal};

/// Words of the shell itself.
const BUILTINS: &[&str] = &[
    ":", ".", "[", "[[", "alias", "bg", "bind", "break", "builtin", "case", "cd", "command",
    "complete", "continue", "declare", "dirs", "echo", "eval", "exec", "exit", "export", "false",
    "fg", "for", "getopts", "hash", "history", "jobs", "kill", "let", "local", "popd", "printf",
    "pushd", "pwd", "read", "readonly", "return", "select", "set", "shift", "shopt", "source",
    "test", "time", "times", "trap", "true", "type", "typeset", "ulimit", "umask", "unalias",
    "unset", "wait",
];

/// Commands that only read, print or decide, whatever they are told.
const READERS: &[&str] = &[
    ":",
    "[",
    "[[",
    "break",
    "case",
    "cat",
    "cd",
    "clear",
    "continue",
    "cut",
    "df",
    "dircolors",
    "dirname",
    "basename",
    "du",
    "echo",
    "egrep",
    "exit",
    "false",
    "fgrep",
    "for",
    "free",
    "getent",
    "getopts",
    "grep",
    "groups",
    "head",
    "id",
    "jobs",
    "last",
    "lesspipe",
    "let",
    "local",
    "logname",
    "ls",
    "lsb_release",
    "lsblk",
    "lscpu",
    "md5sum",
    "mesg",
    "nproc",
    "pgrep",
    "pidof",
    "ps",
    "pwd",
    "readlink",
    "realpath",
    "return",
    "select",
    "sha256sum",
    "shift",
    "shopt",
    "sleep",
    "stat",
    "stty",
    "tail",
    "test",
    "times",
    "tput",
    "tr",
    "true",
    "tty",
    "type",
    "ulimit",
    "umask",
    "unalias",
    "uname",
    "unset",
    "uptime",
    "users",
    "w",
    "wait",
    "wc",
    "which",
    "who",
    "whoami",
    "zgrep",
];

/// Commands that start what stands behind them, and the options with which what they start is known.
const STARTERS: &[(&str, &[&str])] = &[
    ("nohup", &[]),
    ("setsid", &["-f", "-w", "-c"]),
    ("exec", &[]),
    ("nice", &["-n"]),
    ("ionice", &["-c", "-n", "-c2", "-c3", "-n7"]),
    ("timeout", &["-k", "-s"]),
    (
        "flock",
        &["-x", "-n", "-xn", "-nx", "-w", "-c", "-e", "-en", "-s"],
    ),
    ("env", &["-i"]),
    ("sudo", &["-u", "-n", "-E", "-H"]),
    ("su", &["-", "-l", "-c", "-s"]),
    ("runuser", &["-u", "-l", "-c", "-s", "--"]),
];
/// Shells, and the options with which they run what they are told.
const SHELLS: &[&str] = &["sh", "bash", "dash"];
const SHELL_OPTIONS: &[&str] = &[
    "-c", "-l", "-lc", "-cl", "-e", "-ec", "-ce", "-x", "-u", "-eu", "--login", "-",
];

/// Variables by which programs load, run or reach something else.
const HEAVY: &[&str] = &[
    "path",
    "fpath",
    "cdpath",
    "module_path",
    "XDG_RUNTIME_DIR",
    "PKCS11_MODULE_PATH",
    "GIO_MODULE_DIR",
    "GST_PLUGIN_PATH",
    "GTK_PATH",
    "GTK_MODULES",
    "QT_PLUGIN_PATH",
    "KRB5_TRACE",
    "GSS_USE_PROXY",
    "PERLLIB",
    "AWKPATH",
    "AWKLIBPATH",
    "SSH_AUTH_SOCK",
    "http_proxy",
    "https_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "all_proxy",
    "INPUTRC",
    "FCEDIT",
    "ZDOTDIR",
    "FPATH",
    "LESS",
    "MORE",
    "MANOPT",
    "TAR_OPTIONS",
    "RSYNC_RSH",
    "VIMINIT",
    "EXINIT",
    "APT_CONFIG",
    "WGETRC",
    "CURL_HOME",
    "MAILPATH",
    "ENV",
    "IFS",
    "PROMPT_COMMAND",
    "SHELLOPTS",
    "BASHOPTS",
    "GLIBC_TUNABLES",
    "GCONV_PATH",
    "LOCPATH",
    "NLSPATH",
    "RES_OPTIONS",
    "LOCALDOMAIN",
    "HOSTALIASES",
    "PAGER",
    "MANPAGER",
    "LESSOPEN",
    "LESSCLOSE",
    "EDITOR",
    "VISUAL",
    "SUDO_EDITOR",
    "SUDO_ASKPASS",
    "SSH_ASKPASS",
    "BROWSER",
    "CDPATH",
    "OPENSSL_CONF",
    "OPENSSL_ENGINES",
    "OPENSSL_MODULES",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "NODE_OPTIONS",
    "NODE_PATH",
    "JAVA_TOOL_OPTIONS",
    "_JAVA_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "CLASSPATH",
    "TERMINFO",
    "TERMCAP",
    "SHELL",
    "HOME",
    "KRB5_CONFIG",
    "DBUS_SYSTEM_BUS_ADDRESS",
    "DBUS_SESSION_BUS_ADDRESS",
    "XDG_CONFIG_DIRS",
    "XDG_DATA_DIRS",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "COMMAND_NOT_FOUND",
];
/// And their beginnings.
const HEAVY_BEGINNINGS: &[&str] = &[
    "LD_", "BASH_", "PYTHON", "PERL", "RUBY", "GIT_", "SYSTEMD_", "PS0", "DYLD_",
];
/// Variables that name the editor or the pager, and the programs that they may name.
const SHOWING: &[&str] = &[
    "EDITOR",
    "VISUAL",
    "PAGER",
    "MANPAGER",
    "SUDO_EDITOR",
    "SYSTEMD_PAGER",
];
const EDITORS: &[&str] = &[
    "vi",
    "vim",
    "vim.basic",
    "vim.tiny",
    "nvim",
    "nano",
    "pico",
    "emacs",
    "mcedit",
    "joe",
    "jed",
    "ne",
    "micro",
    "editor",
    "sensible-editor",
    "less",
    "more",
    "most",
    "cat",
    "pager",
    "sensible-pager",
];
/// Shells that accounts have.
const USUAL_SHELLS: &[&str] = &[
    "/bin/sh",
    "/bin/bash",
    "/usr/bin/bash",
    "/usr/bin/sh",
    "/bin/dash",
    "/usr/bin/dash",
];
/// Substitutions whose output is run by start-up files of Debian and Ubuntu: what they print sets the colours of
/// listings, and what less(1) shows.
const PRINTING: &[&str] = &[
    "$(dircolors)",
    "$(dircolors -b)",
    "$(dircolors -b ~/.dircolors)",
    "`dircolors`",
    "`dircolors -b`",
    "$(lesspipe)",
    "$(SHELL=/bin/sh lesspipe)",
];
/// Folders of what is made anew at each boot, and files of it.
const MADE_AT_BOOT: &[&str] = &[
    "/run/",
    "/var/run/",
    "/tmp/",
    "/dev/",
    "/proc/",
    "/sys/",
    "/mnt/",
    "/media/",
];
/// Folders in which no program belongs.
const OPEN: &[&str] = &["/tmp/", "/var/tmp/", "/dev/shm/"];
/// Folders in which files may be made and removed: nothing is started from there.
const FREE: &[&str] = &[
    "/var/lock/",
    "/run/lock/",
    "/var/log/",
    "/tmp/",
    "/var/cache/",
];

/// Why the path of a program hides it.
pub(super) fn hidden(path: &str) -> Option<Text> {
    if OPEN.iter().any(|folder| path.starts_with(folder)) {
        return Some(say!(lnx_persist_open_folder, path = terminal(path)));
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_hidden = name.len() > 1 && name.starts_with('.') && name != ".." || name.trim() != name;
    (path.starts_with('/') && is_hidden).then(|| say!(lnx_persist_hidden, path = terminal(path)))
}

/// True for a path that is made when the machine runs.
pub(super) fn is_made_at_boot(path: &str) -> bool {
    MADE_AT_BOOT.iter().any(|folder| path.starts_with(folder))
}

/// True for a substitution whose output start-up files of the system run.
pub(super) fn is_printing(name: &str) -> bool {
    PRINTING.contains(&name)
}

/// True for a word of the shell itself.
pub(super) fn is_builtin(name: &str) -> bool {
    BUILTINS.contains(&name)
}

fn unexplained() -> Meaning {
    Meaning::Unexplained(say!(lnx_persist_command))
}

fn when(harmless: bool) -> Meaning {
    match harmless {
        true => Meaning::Explained,
        false => unexplained(),
    }
}

/// Text that stands for other text when it runs, or that sets a variable.
fn is_substituted(word: &str) -> bool {
    let sets = |part: &str| {
        let inner = part.split('}').next().unwrap_or_default();
        inner.contains('=')
    };
    word.split("${").skip(1).any(sets)
        || word.contains('`')
        || word.contains("$(")
        || word.contains("<(")
        || word.contains(">(")
}

/// True for a variable that may be set to `value`.
fn is_harmless_variable(name: &str, value: &str) -> bool {
    if is_substituted(value) {
        return value == "$(cat /etc/debian_chroot)";
    }
    is_light_variable(name, value)
}

/// As [`is_harmless_variable`], whatever is put into the value: what a substitution runs is judged by itself.
fn is_light_variable(name: &str, value: &str) -> bool {
    let name = name.trim_end_matches('+');
    if name == "PATH" {
        let folders = value.split(':').map(|folder| folder.trim_matches('"'));
        // What is searched last hides nothing, and what hides others in an account's own folders is told.
        let own = [
            "$HOME/bin",
            "$HOME/.local/bin",
            "~/bin",
            "~/.local/bin",
            "${HOME}/bin",
            "${HOME}/.local/bin",
        ];
        let first: Vec<&str> = folders
            .take_while(|f| !matches!(*f, "$PATH" | "${PATH}"))
            .filter(|f| !own.contains(f))
            .collect();
        return first.iter().all(|f| is_usual_in_path(f)) || is_usual_path(&first.join(":"));
    }
    // A prompt is expanded once more each time that it is shown.
    if name.starts_with("PS") && name.len() == 3 && value.contains(['(', '`']) {
        return value.contains("debian_chroot") && !value.contains("$(") && !value.contains('`');
    }
    match name {
        "SHELL" if USUAL_SHELLS.contains(&value) => return true,
        "HOME" if matches!(value, "/" | "/root" | "/home") => return true,
        _ if SHOWING.contains(&name) => {
            let mut words = value.split_whitespace();
            let program = words.next().unwrap_or_default();
            let base = ["/usr/bin/", "/bin/"]
                .iter()
                .find_map(|dir| program.strip_prefix(dir));
            return EDITORS.contains(&base.unwrap_or(program))
                && words.all(|w| {
                    let letters = w.strip_prefix('-').unwrap_or_default();
                    !letters.is_empty() && letters.chars().all(|c| "RFXSMiqn".contains(c))
                });
        }
        _ => {}
    }
    !HEAVY.contains(&name) && !HEAVY_BEGINNINGS.iter().any(|b| name.starts_with(b))
}

/// True for a redirection that writes nothing that is judged.
fn is_harmless_redirect(judge: &Judge<'_>, redirect: &str) -> bool {
    let bare = redirect.trim_start_matches(|c: char| c.is_ascii_digit());
    if bare.starts_with("<>") {
        return false;
    }
    let end = bare.find(|c| !"<>&|".contains(c)).unwrap_or(bare.len());
    let (arrow, target) = bare.split_at(end);
    let target = target.trim();
    // What a here-document holds is given to the command, and its substitutions are judged by themselves.
    arrow == "<"
        || arrow.starts_with("<<")
        || target == "/dev/null"
        || arrow.ends_with('&') && target.chars().all(|c| c.is_ascii_digit() || c == '-')
        || is_free(judge, target)
        || matches!(
            target,
            "/dev/console" | "/dev/stderr" | "/dev/stdout" | "/dev/kmsg"
        )
}

/// True for a path at which files may be made and removed.
fn is_free(judge: &Judge<'_>, path: &str) -> bool {
    !path.contains("..")
        && !path.contains('{')
        && !path.contains(['$', '`', '*', '?', '['])
        && (FREE
            .iter()
            .any(|folder| path.starts_with(folder) && path.len() > folder.len())
            || path
                .strip_prefix("/run/")
                .or_else(|| path.strip_prefix("/var/run/"))
                .is_some_and(|name| {
                    // A file right below it: no folder of another program.
                    !name.contains('/') && name.ends_with(".pid")
                }))
        // A link of the image would lead it elsewhere.
        && judge.context.evidence.linux.is_own_place(path)
}

/// What a command means, its program aside; `cut` where its substitutions are commands of their own.
pub(super) fn command(judge: &Judge<'_>, command: &RunCommand, cut: bool) -> Meaning {
    let words: Vec<&str> = command.operands().collect();
    let name = command.program().unwrap_or_default();
    let base = name.rsplit('/').next().unwrap_or(name);
    let reads = READERS.contains(&base);
    let set = command.words.iter().take_while(|w| w.as_str() != name);
    for word in set {
        let (variable, value) = word.split_once('=').unwrap_or((word, ""));
        let harmless = is_harmless_variable(variable, value)
            || cut && is_light_variable(variable, value) && !HEAVY_BEGINNINGS.contains(&variable);
        if !harmless
            || variable.starts_with("PS")
                && variable.len() == 3
                && is_substituted(value)
                && !is_harmless_variable(variable, value)
        {
            return Meaning::Unexplained(say!(lnx_persist_variable, name = terminal(variable)));
        }
    }
    if !command
        .redirects
        .iter()
        .all(|r| is_harmless_redirect(judge, r))
    {
        return unexplained();
    }
    // Only what prints or decides may be given text.
    if command.redirects.iter().any(|r| r.contains("<<"))
        && !(reads || name.is_empty() || matches!(name, "read" | "logger"))
    {
        return unexplained();
    }
    let inner = match name {
        "eval" => words.join(" "),
        _ => name.to_owned(),
    };
    if is_printing(&inner) {
        return Meaning::Explained;
    }
    if is_substituted(name) || words.iter().any(|w| is_substituted(w)) && !(cut && reads) {
        return unexplained();
    }
    if name.is_empty() {
        return Meaning::Explained;
    }
    // What is not there does not run; what runs from the agents' folders or is declared is explained with what it is
    // told.
    if name.starts_with('/') && (judge.is_missing(name) || judge.is_own(name)) {
        return Meaning::Explained;
    }
    let only = |allowed: &[&str]| words.iter().all(|w| allowed.contains(w));
    // What a variable holds may be an option.
    let open = words.iter().any(|w| w.contains('$'));
    match base {
        _ if reads => Meaning::Explained,
        _ if name.starts_with("/etc/init.d/") => when(is_restart(judge, &[base], &words)),
        "invoke-rc.d" | "service" => match words.split_first() {
            Some((service, verbs)) => when(is_restart(judge, &[service], verbs)),
            None => unexplained(),
        },
        "date" | "hostname" | "domainname" | "sort" | "uniq" | "hash" | "touch" | "mkdir"
        | "rm"
            if open =>
        {
            unexplained()
        }
        "ip" | "ethtool" => when(network(base, &words)),
        "date" => when(words.iter().all(|w| {
            w.starts_with('+')
                || matches!(*w, "-u" | "-R" | "-I" | "-d" | "--utc" | "--iso-8601")
                || w.starts_with("--date=")
        })),
        "hostname" | "domainname" => when(
            words
                .iter()
                .all(|w| matches!(*w, "-f" | "-s" | "-i" | "-I" | "-d" | "--fqdn")),
        ),
        // They write what they are told to.
        "sort" => when(!words.iter().any(|w| {
            let short = w.starts_with('-') && !w.starts_with("--");
            short && w.contains(['o', 'T'])
                || ["--o", "--comp", "--te"].iter().any(|o| w.starts_with(o))
        })),
        "uniq" => when(
            words
                .iter()
                .filter(|w| !w.starts_with('-') || **w == "-")
                .count()
                <= 1,
        ),
        "hash" => when(only(&["-r"])),
        "read" => when(
            words
                .iter()
                .filter(|w| !w.starts_with('-'))
                .all(|w| is_harmless_variable(w, "/")),
        ),
        "printf" => when(!words.contains(&"-v")),
        // Their scripts are judged by themselves.
        "run-parts" => when(words.iter().all(|w| {
            let places = ["/etc/cron.", "/etc/periodic/", "/etc/update-motd.d"];
            matches!(*w, "--report" | "--list" | "--lsbsysinit" | "--verbose")
                || places.iter().any(|p| w.starts_with(p)) && !w.contains("..")
        })),
        "logger" => Meaning::Explained,
        "set" => when(words.iter().take_while(|w| **w != "--").all(|w| {
            let letters = w.strip_prefix(['-', '+']).unwrap_or_default();
            *w == "pipefail"
                || !letters.is_empty() && letters.chars().all(|c| "eufxvCnbmhHBao".contains(c))
        })),
        "export" | "declare" | "readonly" | "local" | "typeset" => variables(&words),
        "alias" => aliases(judge, &words),
        // What they run stands in their words, and is a command of its own.
        "trap" => Meaning::Explained,
        "." | "source" => match words.first() {
            Some(path) if is_of_home(path) => Meaning::Explained,
            Some(path) if path.starts_with('/') && !path.contains('$') => {
                when(judge.is_explained_file(path))
            }
            _ => unexplained(),
        },
        "command" => when(matches!(words.first(), Some(&("-v" | "-V")))),
        "touch" | "mkdir" | "rm" => when(
            words
                .iter()
                .filter(|w| !w.starts_with('-'))
                .all(|w| is_free(judge, w) || *w == "/var/lock/subsys/local"),
        ),
        "systemctl" => {
            let mut plain = words
                .iter()
                .filter(|w| !matches!(**w, "-q" | "--quiet" | "--no-block" | "--no-pager"));
            match plain.next() {
                Some(
                    &("status" | "is-active" | "is-enabled" | "is-failed" | "show" | "list-units"
                    | "--version"),
                ) => Meaning::Explained,
                Some(verb) => {
                    let units: Vec<&str> = plain.copied().collect();
                    when(is_restart(judge, &units, &[verb]))
                }
                None => Meaning::Explained,
            }
        }
        base if SHELLS.contains(&base) => shell(judge, &words),
        // The scripts of packages that no user is meant to call, as their package calls them.
        _ if ["/usr/lib/", "/usr/libexec/", "/usr/share/"]
            .iter()
            .any(|dir| name.starts_with(dir))
            && judge.program(name) == Meaning::Explained
            && words
                .iter()
                .all(|w| w.chars().all(|c| c.is_ascii_lowercase() || c == '-')) =>
        {
            Meaning::Explained
        }
        base => match STARTERS.iter().find(|s| s.0 == base) {
            Some((_, options)) => when(words_of_starter(base, &words, options)),
            None if only(&["--version", "-V", "--help"]) && !words.is_empty() => Meaning::Explained,
            None => unexplained(),
        },
    }
}

/// True where services go on with other files or settings, and nothing is started that does not start by itself.
fn is_restart(judge: &Judge<'_>, services: &[&str], verbs: &[&str]) -> bool {
    let [verb] = verbs else { return false };
    let goes_on = matches!(
        *verb,
        "reload"
            | "force-reload"
            | "try-restart"
            | "condrestart"
            | "try-reload-or-restart"
            | "status"
            | "rotate"
    );
    let plain = |name: &&str| {
        name.chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.@".contains(c))
    };
    let starts = matches!(*verb, "start" | "restart" | "reload-or-restart");
    !services.is_empty()
        && (goes_on && services.iter().all(plain)
            || starts && services.iter().all(|name| judge.is_service(name)))
}

/// True for routes to networks of nobody else (RFC 1918), and for features of a device.
fn network(name: &str, words: &[&str]) -> bool {
    let plain = |w: &&str| {
        w.chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.:/@".contains(c))
    };
    if !words.iter().all(plain) {
        return false;
    }
    let words: Vec<&str> = words
        .iter()
        .copied()
        .filter(|w| !matches!(*w, "-4" | "-6"))
        .collect();
    match (name, words.as_slice()) {
        ("ip", ["route" | "r", "add" | "replace", to, rest @ ..]) => {
            let of_nobody = ["10.", "192.168."].iter().any(|b| to.starts_with(b))
                || to.strip_prefix("172.").is_some_and(|rest| {
                    let second = rest.split('.').next().and_then(|n| n.parse::<u8>().ok());
                    second.is_some_and(|n| (16..32).contains(&n))
                });
            of_nobody
                && rest.len() % 2 == 0
                && rest
                    .chunks(2)
                    .all(|pair| matches!(pair[0], "via" | "dev" | "metric" | "src" | "mtu"))
        }
        ("ip", ["link" | "l", "set", rest @ ..]) => rest
            .iter()
            .skip(usize::from(rest.first() == Some(&"dev")))
            .skip(1)
            .all(|w| {
                matches!(*w, "up" | "mtu" | "txqueuelen") || w.chars().all(|c| c.is_ascii_digit())
            }),
        (
            "ip",
            [
                "addr" | "address" | "route" | "link" | "neigh" | "rule" | "a" | "r" | "l",
                rest @ ..,
            ],
        ) => {
            matches!(rest.first(), None | Some(&("show" | "list" | "ls" | "get")))
        }
        ("ethtool", [option, ..]) => {
            ["-K", "-G", "-C", "-A", "-L", "-s", "-i", "-k", "-S"].contains(option)
        }
        _ => false,
    }
}

/// `export`, `declare`: names, or names with values.
fn variables(words: &[&str]) -> Meaning {
    for word in words {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        let fits = match word.starts_with(['-', '+']) {
            true => matches!(*word, "-x" | "-r" | "-g" | "-i" | "-p" | "-a"),
            false => is_harmless_variable(name, value) || !word.contains('=') && name == "PATH",
        };
        if !fits {
            return Meaning::Unexplained(say!(lnx_persist_variable, name = terminal(name)));
        }
    }
    Meaning::Explained
}

/// Aliases of listings, of commands that ask before they act, and of names that no program has.
fn aliases(judge: &Judge<'_>, words: &[&str]) -> Meaning {
    const NAMES: &[&str] = &[
        "ls", "ll", "la", "l", "l.", "dir", "vdir", "grep", "egrep", "fgrep", "zgrep", "xzgrep",
        "rm", "cp", "mv", "diff",
    ];
    // What is typed by everybody, whether it is installed or not.
    const TYPED: &[&str] = &[
        "sudo",
        "su",
        "doas",
        "ssh",
        "scp",
        "sftp",
        "passwd",
        "login",
        "vi",
        "vim",
        "nano",
        "curl",
        "wget",
        "apt",
        "apt-get",
        "yum",
        "dnf",
        "systemctl",
        "service",
        "docker",
        "kubectl",
        "git",
        "gpg",
        "openssl",
    ];
    const RUNNING: &[&str] = &[
        "sh", "bash", "dash", "zsh", "ksh", "env", "python", "python3", "perl", "ruby", "php",
        "node", "awk", "curl", "wget", "nc", "ncat", "socat", "ssh", "sudo", "eval", "exec",
        "source", "xargs", "find", "nohup",
    ];
    when(words.iter().all(|word| {
        let Some((name, value)) = word.split_once('=') else {
            return !word.starts_with('-') || *word == "--";
        };
        let mut parts = value.split_whitespace();
        let first = parts.next().unwrap_or_default();
        let same = first == name || first == "ls" && name.starts_with('l');
        let plain = |text: &str| {
            text.chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_= .".contains(c))
        };
        let known = NAMES.contains(&name) && same && plain(&value.replace("$LS_OPTIONS", ""));
        let new = !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !is_builtin(name)
            && !TYPED.contains(&name)
            && judge.is_missing(name)
            && !RUNNING.contains(&first)
            && !is_builtin(first)
            && !first.is_empty()
            && value
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_ ".contains(c))
            && judge.program(first) == Meaning::Explained;
        known || new
    }))
}

/// A file in the home of who logs in that is judged by itself.
fn is_of_home(path: &str) -> bool {
    let rest = ["~/", "$HOME/", "${HOME}/"]
        .iter()
        .find_map(|home| path.strip_prefix(home));
    matches!(
        rest,
        Some(".bashrc" | ".profile" | ".bash_profile" | ".bash_aliases")
    )
}

/// A shell that is told what to run.
fn shell(judge: &Judge<'_>, words: &[&str]) -> Meaning {
    let mut rest = words.iter().skip_while(|w| w.starts_with(['-', '+']));
    let options = words.iter().take_while(|w| w.starts_with(['-', '+']));
    let mut runs_text = false;
    for option in options {
        if !SHELL_OPTIONS.contains(option) {
            return unexplained();
        }
        runs_text |= option.contains('c') && !option.starts_with("--");
    }
    match rest.next() {
        // Its commands are parts of their own.
        Some(_) if runs_text => Meaning::Explained,
        Some(script) if script.starts_with('/') && !script.contains('$') => {
            judge.program(script).and(
                // A packaged script may be told anything.
                when(rest.next().is_none() || judge.is_own(script)),
            )
        }
        _ => unexplained(),
    }
}

/// True where the words of a command that starts another say plainly which.
fn words_of_starter(name: &str, words: &[&str], options: &[&str]) -> bool {
    if name == "exec" && words.is_empty() {
        return true;
    }
    let known = words
        .iter()
        .take_while(|w| w.starts_with('-') && w.len() > 1);
    let number = |w: &str| name == "nice" && w[1..].chars().all(|c| c.is_ascii_digit());
    let mut known = known.copied();
    if words.is_empty() || !known.all(|w| options.contains(&w) || number(w)) {
        return false;
    }
    let text = words.iter().position(|w| matches!(*w, "-c" | "--command"));
    // What a variable holds may be several words.
    let before = words
        .iter()
        .take_while(|w| w.starts_with('-') || name == "timeout");
    if before.clone().any(|w| w.contains('$')) {
        return false;
    }
    match (name, text) {
        ("su", None) => false,
        // It starts the shell of a login.
        ("runuser", None) => words.contains(&"-u"),
        ("su" | "runuser", Some(text)) => as_another(words, text),
        // The file of the lock stands right before.
        ("flock", Some(text)) => {
            let before = words[..text].iter().filter(|w| !w.starts_with('-'));
            let values = words.windows(2).filter(|w| w[0] == "-w").count();
            before.count() == 1 + values && words.len() == text + 2
        }
        _ => true,
    }
}

/// `su - USER -c TEXT`: a usual shell, one user, and nothing that the shell would take for a script.
fn as_another(words: &[&str], text: usize) -> bool {
    let shells = [
        "/bin/sh",
        "/bin/bash",
        "/usr/bin/sh",
        "/usr/bin/bash",
        "/bin/dash",
    ];
    let mut users = 0;
    let mut at = 0;
    while let Some(word) = words.get(at) {
        match *word {
            _ if at == text => at += 1,
            "-" | "-l" => {}
            "-s" if words
                .get(at + 1)
                .is_some_and(|shell| shells.contains(shell)) =>
            {
                at += 1
            }
            word if word.starts_with('-') => return false,
            _ => users += 1,
        }
        at += 1;
    }
    users <= 1
}

/// What it means that a function is defined. What it does is only said where it is called, and the shell of a login
/// keeps it.
pub(super) fn function(kind: StartKind, name: &str) -> Meaning {
    match kind {
        StartKind::LoginScript | StartKind::NetworkHook | StartKind::Defaults => {
            Meaning::Unexplained(say!(lnx_persist_function, name = terminal(name)))
        }
        _ => Meaning::Explained,
    }
}

/// What it means that a loop sets the variable `name`.
pub(super) fn loop_variable(name: &str) -> Meaning {
    match is_harmless_variable(name, "/") {
        true => Meaning::Explained,
        false => Meaning::Unexplained(say!(lnx_persist_variable, name = terminal(name))),
    }
}

/// What a setting means.
pub(super) fn setting(judge: &Judge<'_>, file: &StartFile, key: &str, value: &str) -> Meaning {
    let harmless = match file.kind {
        _ if key == "#!" => return interpreter(judge, value),
        StartKind::LoadedByProgram => match key {
            "dynamic_path" | "module" | "so_path" | "module_path" => {
                return match value.starts_with('/') {
                    true => judge.program(value),
                    false => Meaning::Unexplained(say!(lnx_persist_setting)),
                };
            }
            _ => false,
        },
        StartKind::Environment if file.path.contains("/systemd/") => match key {
            "DefaultEnvironment" | "ManagerEnvironment" => environment(value),
            key => !key.contains("Environment"),
        },
        StartKind::Environment => {
            let (name, value) = value.split_once('=').unwrap_or((value, ""));
            !value.contains('\\') && is_harmless_variable(name, value.trim_matches('"'))
        }
        StartKind::ClientConfiguration => match key {
            "include" => value == "/etc/ssh/ssh_config.d/*.conf",
            "xauthlocation" => return judge.program(value),
            _ => value.eq_ignore_ascii_case("none"),
        },
        StartKind::PackageHook if key == "source" => false,
        StartKind::SystemUnit | StartKind::UserUnit => unit(judge, key, value),
        StartKind::BusService => matches!(
            key,
            "Name" | "User" | "SystemdService" | "AssumedAppArmorLabel"
        ),
        StartKind::ApplicationStart => !matches!(key, "Exec" | "Path"),
        StartKind::Crontab => match key {
            "SHELL" => matches!(
                value,
                "/bin/sh" | "/bin/bash" | "/usr/bin/bash" | "/usr/bin/sh"
            ),
            "HOME" => value.starts_with('/'),
            "job" => false,
            key => is_harmless_variable(key, value),
        },
        StartKind::DeviceRule => rule(key, value),
        StartKind::DynamicLoader => return loaded(judge, key, value),
        StartKind::ProgramFormat => {
            let interpreter = value.split(value.chars().next().unwrap_or(':')).nth(6);
            return match interpreter.filter(|path| path.starts_with('/')) {
                Some(path) => judge.program(path),
                None => Meaning::Unexplained(say!(lnx_persist_setting)),
            };
        }
        StartKind::PackageHook if key == "dpkg" => dpkg(value),
        StartKind::PackageHook => apt(key, value),
        StartKind::LogRotation => match key {
            "compresscmd" | "uncompresscmd" => {
                let name = value.rsplit('/').next().unwrap_or(value);
                let packs = [
                    "gzip", "gunzip", "xz", "unxz", "bzip2", "bunzip2", "zstd", "unzstd", "pigz",
                ];
                return match packs.contains(&name) {
                    true => judge.program(value),
                    false => Meaning::Unexplained(say!(lnx_persist_setting)),
                };
            }
            "include" => value == "/etc/logrotate.d",
            "mail" => true,
            _ => value.split_whitespace().all(|w| w.starts_with('-')),
        },
        StartKind::MadeFile => made(judge, key, value),
        StartKind::CloudConfiguration => cloud(key, value),
        _ => false,
    };
    match harmless {
        true => Meaning::Explained,
        false => Meaning::Unexplained(say!(lnx_persist_setting)),
    }
}

/// Settings of units: those that start nothing else and load nothing. systemd.service(5), systemd.exec(5),
/// systemd.socket(5), systemd.resource-control(5), systemd.kill(5).
fn unit(judge: &Judge<'_>, key: &str, value: &str) -> bool {
    const INERT: &[&str] = &[
        "Type",
        "ExitType",
        "User",
        "Group",
        "SupplementaryGroups",
        "DynamicUser",
        "WorkingDirectory",
        "Restart",
        "RestartSec",
        "RestartSteps",
        "RestartMaxDelaySec",
        "RestartMode",
        "RestartPreventExitStatus",
        "RestartForceExitStatus",
        "SuccessExitStatus",
        "RemainAfterExit",
        "GuessMainPID",
        "PIDFile",
        "BusName",
        "NotifyAccess",
        "Sockets",
        "FileDescriptorStoreMax",
        "FileDescriptorName",
        "NonBlocking",
        "OOMPolicy",
        "OOMScoreAdjust",
        "Nice",
        "UMask",
        "KillMode",
        "KillSignal",
        "RestartKillSignal",
        "SendSIGHUP",
        "SendSIGKILL",
        "FinalKillSignal",
        "WatchdogSignal",
        "WatchdogSec",
        "Slice",
        "Delegate",
        "IgnoreSIGPIPE",
        "SyslogIdentifier",
        "SyslogFacility",
        "SyslogLevel",
        "SyslogLevelPrefix",
        "LogLevelMax",
        "LogRateLimitIntervalSec",
        "LogRateLimitBurst",
        "LogNamespace",
        "TTYPath",
        "TTYReset",
        "TTYVHangup",
        "TTYVTDisallocate",
        "NoNewPrivileges",
        "SecureBits",
        "CapabilityBoundingSet",
        "AmbientCapabilities",
        "KeyringMode",
        "DevicePolicy",
        "DeviceAllow",
        "InaccessiblePaths",
        "ReadOnlyPaths",
        "ReadWritePaths",
        "NoExecPaths",
        "ExecPaths",
        "InaccessibleDirectories",
        "ReadOnlyDirectories",
        "ReadWriteDirectories",
        "PermissionsStartOnly",
        "NUMAPolicy",
        "Personality",
        "UnsetEnvironment",
        "PassEnvironment",
        "Accept",
        "Backlog",
        "BindIPv6Only",
        "BindToDevice",
        "Broadcast",
        "DirectoryMode",
        "FreeBind",
        "KeepAlive",
        "MaxConnections",
        "MaxConnectionsPerSource",
        "NoDelay",
        "PassCredentials",
        "PassSecurity",
        "Priority",
        "ReceiveBuffer",
        "RemoveOnStop",
        "ReusePort",
        "SendBuffer",
        "Service",
        "SocketGroup",
        "SocketMode",
        "SocketProtocol",
        "SocketUser",
        "Transparent",
        "TriggerLimitBurst",
        "TriggerLimitIntervalSec",
        "Writable",
        "NetworkNamespace",
        "SELinuxContext",
        "AppArmorProfile",
        "Coredump",
        "UtmpIdentifier",
        "UtmpMode",
        "TimeoutCleanSec",
        "RuntimeMaxSec",
        "RuntimeRandomizedExtraSec",
        "RootDirectoryStartOnly",
    ];
    const BEGINNINGS: &[&str] = &[
        "Timeout",
        "Limit",
        "Protect",
        "Private",
        "Restrict",
        "SystemCall",
        "Memory",
        "CPU",
        "IO",
        "BlockIO",
        "Tasks",
        "IPAddress",
        "IPAccounting",
        "Lock",
        "RuntimeDirectory",
        "StateDirectory",
        "CacheDirectory",
        "LogsDirectory",
        "ConfigurationDirectory",
        "StartLimit",
        "StartupCPU",
        "StartupIO",
        "StartupMemory",
        "Listen",
        "Socket",
        "KeepAlive",
        "X-",
        "ManagedOOM",
        "DefaultMemory",
        "Allowed",
        "StartupAllowed",
        "ProcSubset",
    ];
    let (section, key) = key.split_once('.').unwrap_or(("", key));
    match section {
        "Install" | "Timer" | "Path" | "Slice" | "Target" | "Mount" | "Automount" | "Swap"
        | "Scope" => true,
        "Unit" => !key.ends_with("Action") && !key.starts_with("Reboot") || value == "none",
        "Service" | "Socket" => match key {
            _ if value.is_empty() => true,
            "Environment" => environment(value),
            "EnvironmentFile" => {
                let path = value.trim_start_matches('-');
                let places = ["/etc/default/", "/etc/sysconfig/", "/etc/conf.d/"];
                let plain = !path.contains(['*', '?', '[', '%']) && !path.contains("..");
                plain
                    && (places.iter().any(|p| path.starts_with(p)) || judge.is_explained_file(path))
            }
            "StandardInput" => matches!(value, "null" | "tty" | "socket" | "tty-force"),
            "StandardOutput" | "StandardError" => {
                let of_files = ["append:", "file:", "truncate:"]
                    .iter()
                    .find_map(|p| value.strip_prefix(p));
                match of_files {
                    Some(path) => is_free(judge, path),
                    None => !value.contains(':'),
                }
            }
            "Symlinks" | "RootDirectory" | "SystemCallLog" => false,
            key => INERT.contains(&key) || BEGINNINGS.iter().any(|b| key.starts_with(b)),
        },
        // Sections that systemd passes over.
        section => section.starts_with("X-"),
    }
}

/// Variables of systemd(1) that load, run and reach nothing else.
fn environment(value: &str) -> bool {
    // Escapes stand for other characters. Quotes hold blanks; a name is what stands before the first sign of equality.
    !value.contains('\\')
        && value.split([' ', '\t']).all(|word| {
            let word = word.trim_matches(['"', '\'']);
            word.split_once('=')
                .is_none_or(|(name, value)| is_harmless_variable(name, value))
        })
}

/// The line by which the kernel finds the shell of a script.
fn interpreter(judge: &Judge<'_>, line: &str) -> Meaning {
    let mut words = line.split_whitespace();
    let mut program = words.next().unwrap_or_default();
    if program == "/usr/bin/env" {
        program = words.next().unwrap_or_default();
    }
    let base = program.rsplit('/').next().unwrap_or(program);
    let usual = SHELLS.contains(&base) || matches!(base, "zsh" | "ksh" | "ash");
    let plain = |w: &str| {
        let letters = w.strip_prefix('-').unwrap_or_default();
        w == "--login"
            || w == "-"
            || !letters.is_empty() && letters.chars().all(|c| "euxlfv".contains(c))
    };
    match usual && words.all(plain) {
        true => judge.program(program),
        false => Meaning::Unexplained(say!(lnx_persist_setting)),
    }
}

/// Assignments of udev rules that start nothing: names, owners and properties of devices.
fn rule(key: &str, value: &str) -> bool {
    let inner = |outer: &str| {
        let rest = key.strip_prefix(outer)?;
        rest.strip_prefix('{')?.strip_suffix('}')
    };
    if value.contains('%') && key.starts_with("SYMLINK") || value.contains("$env") {
        return false;
    }
    if let Some(name) = inner("ENV") {
        // Of these the names of disks are made.
        let of_disks = name.starts_with("ID_FS_") || name.starts_with("ID_PART_");
        return name.starts_with("ID_") && !of_disks
            || matches!(
                name,
                "NM_UNMANAGED" | "UDISKS_IGNORE" | "LIBINPUT_IGNORE_DEVICE"
            );
    }
    if let Some(name) = inner("ATTR") {
        return ["queue/", "power/", "device/timeout", "bdi/"]
            .iter()
            .any(|b| name.starts_with(b));
    }
    match key {
        "NAME" => value.starts_with("eth") || value.starts_with("en"),
        "LABEL" | "GOTO" => true,
        "TAG" => value != "systemd",
        "OWNER" | "GROUP" => matches!(
            value,
            "root"
                | "disk"
                | "video"
                | "audio"
                | "dialout"
                | "plugdev"
                | "kvm"
                | "input"
                | "render"
                | "tty"
                | "cdrom"
                | "lp"
        ),
        "MODE" => {
            value.chars().all(|c| c.is_ascii_digit()) && !value.ends_with(['2', '3', '6', '7'])
        }
        "OPTIONS" => {
            matches!(value, "last_rule" | "nowatch" | "watch")
                || value.starts_with("link_priority=")
        }
        _ => false,
    }
}

/// An entry of the loader's index that leads to no packaged file, or to one of another name.
pub(super) fn library(judge: &Judge<'_>, name: &str, path: &str) -> Meaning {
    let is_other = path.rsplit('/').next() != Some(name);
    match is_other || judge.is_hidden_library(name, path) {
        true => Meaning::Unknown(say!(lnx_persist_libraries, path = terminal(path))),
        false => Meaning::Explained,
    }
}

/// What the dynamic loader is told.
fn loaded(judge: &Judge<'_>, key: &str, value: &str) -> Meaning {
    if key == "preload" {
        return match judge.program(value) {
            Meaning::Explained => Meaning::Explained,
            _ => Meaning::Attack(say!(lnx_persist_preload, path = terminal(value))),
        };
    }
    let bare = value.split('#').next().unwrap_or_default().trim();
    if let Some(pattern) = bare.strip_prefix("include") {
        return match pattern.trim().trim_start_matches("/etc/") {
            "ld.so.conf.d/*.conf" => Meaning::Explained,
            _ => Meaning::Unexplained(say!(lnx_persist_setting)),
        };
    }
    let of_system = ["/lib", "/usr/lib", "/usr/local/lib"];
    let is_of_system = of_system.iter().any(|dir| {
        let rest = bare.strip_prefix(dir);
        rest.is_some_and(|rest| {
            matches!(rest, "" | "/" | "64" | "32" | "x32")
                || rest.starts_with('/') && rest.ends_with("-linux-gnu") && !rest[1..].contains('/')
        })
    });
    let there = judge.context.evidence.linux.program(bare);
    match there {
        _ if is_of_system => Meaning::Explained,
        Ok(None) if !is_made_at_boot(bare) && bare.starts_with('/') => Meaning::Explained,
        _ => Meaning::Unexplained(say!(lnx_persist_libraries, path = terminal(bare))),
    }
}

/// Settings of dpkg that run nothing.
fn dpkg(value: &str) -> bool {
    let first = value.split([' ', '=', '\t']).next().unwrap_or_default();
    let first = first.trim_start_matches('-');
    matches!(
        first,
        "path-exclude" | "path-include" | "log" | "no-debsig" | "no-pager"
    ) || first.starts_with("force-")
        || first.starts_with("refuse-")
}

/// Settings of apt that run nothing and open nothing.
fn apt(key: &str, value: &str) -> bool {
    const NAMES: &[&str] = &[
        "apt::install-recommends",
        "apt::install-suggests",
        "apt::color",
        "apt::architecture",
        "apt::architectures",
        "apt::cache-limit",
        "apt::cache-start",
        "apt::default-release",
        "apt::autoremove",
        "apt::neverautoremove",
        "apt::never-markauto-sections",
        "apt::periodic",
        "apt::archives",
        "apt::get::assume-yes",
        "apt::get::show-versions",
        "apt::get::automaticremove",
        "apt::authentication::trustcdrom",
        "unattended-upgrade",
        "acquire::languages",
        "acquire::retries",
        "acquire::gzipindexes",
        "acquire::compressiontypes",
        "acquire::pdiffs",
        "acquire::queue-mode",
        "acquire::forceipv4",
        "acquire::forceipv6",
        "acquire::check-valid-until",
        "acquire::http::pipeline-depth",
        "acquire::http::timeout",
        "acquire::http::no-cache",
        "acquire::http::proxy",
        "acquire::https::proxy",
        "acquire::http::dl-limit",
        "acquire::by-hash",
        "acquire::indextargets",
        "dpkg::options",
        "dpkg::use-pty",
        "dpkg::progress-fancy",
        "dpkg::progress",
        "dir::cache",
        "dir::log",
        "apt::movemarkers",
    ];
    let name = key.to_lowercase();
    let name = name.trim_end_matches("::");
    let known = NAMES.iter().any(|known| {
        let rest = name.strip_prefix(known);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    });
    // Numbers and answers run nothing; those that open something name it.
    let opens = [
        "allow", "insecure", "unauth", "trust", "verify", "check", "weak", "sandbox",
    ];
    let is_plain = value.parse::<u64>().is_ok()
        || ["true", "false", "yes", "no", "on", "off"].contains(&value.to_lowercase().as_str());
    is_plain && !opens.iter().any(|o| name.contains(o))
        || known && !name.contains("detect") && (name != "dpkg::options" || dpkg(value))
}

/// Keys of cloud-init that run nothing and write nothing but what other checks judge (accounts, keys, resolvers, time,
/// mounts). cloud-init's documentation, "Module reference", 22.4 to 24.4.
fn cloud(key: &str, value: &str) -> bool {
    const KEYS: &[&str] = &[
        "datasource_list",
        "datasource",
        "manage_etc_hosts",
        "preserve_hostname",
        "hostname",
        "fqdn",
        "prefer_fqdn_over_hostname",
        "create_hostname_file",
        "disable_root",
        "disable_root_opts",
        "ssh_pwauth",
        "ssh_deletekeys",
        "ssh_genkeytypes",
        "ssh_quiet_keygen",
        "ssh_fp_console_blacklist",
        "ssh_key_console_blacklist",
        "no_ssh_fingerprints",
        "allow_public_ssh_keys",
        "ssh_publish_hostkeys",
        "ssh_authorized_keys",
        "ssh_import_id",
        "ssh_keys",
        "users",
        "user",
        "groups",
        "password",
        "chpasswd",
        "system_info",
        "growpart",
        "resize_rootfs",
        "locale",
        "timezone",
        "keyboard",
        "ntp",
        "package_update",
        "package_upgrade",
        "package_reboot_if_required",
        "apt_preserve_sources_list",
        "apt_pipelining",
        "network",
        "manage_resolv_conf",
        "resolv_conf",
        "cloud_init_modules",
        "cloud_config_modules",
        "cloud_final_modules",
        "syslog_fix_perms",
        "mount_default_fields",
        "mounts",
        "swap",
        "fs_setup",
        "disk_setup",
        "disable_vmware_customization",
        "disable_network_activation",
        "merge_type",
        "merge_how",
        "unverified_modules",
        "final_message",
        "byobu_by_default",
        "updates",
        "disable_ec2_metadata",
        "instance-id",
        "instance_id",
        "local-hostname",
        "public-keys",
        "network-interfaces",
        "warnings",
        "no_vendor_data",
        "version",
        "ethernets",
        "renderer",
        "config",
    ];
    match key {
        "apt" => {
            value == "{\"preserve_sources_list\":true}"
                || value == "{\"preserve_sources_list\":false}"
        }
        // A value may be a template, which runs code.
        _ if value.contains("template") && value.contains('#') => false,
        "vendor_data" | "vendor_data2" => value.contains("false"),
        "def_log_file" => value == "\"/var/log/cloud-init.log\"",
        "output" => value == "{\"all\":\"| tee -a /var/log/cloud-init-output.log\"}",
        key => KEYS.contains(&key) && value != "\"?\"" && value != "?",
    }
}

/// What systemd makes at boot: folders for programs' data, and values of the kernel that only tune it.
fn made(judge: &Judge<'_>, key: &str, value: &str) -> bool {
    let path = value.split_whitespace().next().unwrap_or_default();
    let plain = !path.contains("..") && !path.contains(['*', '?', '[', '%']);
    let below = |folders: &[&str]| folders.iter().any(|f| path.starts_with(f));
    match key.chars().next() {
        Some('d' | 'v' | 'q' | 'Q' | 'e') => {
            plain
                && below(&[
                    "/run/",
                    "/var/run/",
                    "/var/log/",
                    "/var/lib/",
                    "/var/cache/",
                    "/var/tmp/",
                    "/var/spool/",
                    "/tmp/",
                    "/srv/",
                    "/opt/",
                    "/home/",
                ])
        }
        Some('x' | 'X') => true,
        // An empty file.
        Some('f') => {
            let argument = value.split_whitespace().nth(3);
            plain && argument.is_none_or(|a| a == "-") && is_free(judge, path)
        }
        Some('w') => {
            plain
                && below(&[
                    "/sys/kernel/mm/",
                    "/sys/block/",
                    "/sys/devices/system/cpu/",
                    "/sys/class/block/",
                ])
        }
        _ => false,
    }
}
