//! Commands of PowerShell by their names.

use super::power::Piece;
use super::{Command, Deed, deeds, features, files, firewall, registry, services, unclear};

/// Commands that change nothing. A command of another name may come with a module.
const HARMLESS: [&str; 54] = [
    "clear-host",
    "convertfrom-json",
    "convertto-json",
    "format-list",
    "format-table",
    "get-appxpackage",
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
    "get-partitionsupportedsize",
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
    "stop-transcript",
    "test-connection",
    "test-path",
    "write-debug",
    "write-error",
    "write-host",
    "write-output",
    "write-warning",
];
/// Names that stand for a command where cmd.exe has another one.
const ALIASES: [(&str, &str); 22] = [
    ("?", "where-object"),
    ("%", "foreach-object"),
    ("cat", "get-content"),
    ("cd", "set-location"),
    ("chdir", "set-location"),
    ("cls", "clear-host"),
    ("clear", "clear-host"),
    ("dir", "get-childitem"),
    ("echo", "write-output"),
    ("fl", "format-list"),
    ("ft", "format-table"),
    ("gc", "get-content"),
    ("gi", "get-item"),
    ("gwmi", "get-wmiobject"),
    ("ls", "get-childitem"),
    ("popd", "pop-location"),
    ("pushd", "push-location"),
    ("select", "select-object"),
    ("sleep", "start-sleep"),
    ("sort", "sort-object"),
    ("type", "get-content"),
    ("where", "where-object"),
];
/// Names that PowerShell takes for commands of its own, which do something else than those of
/// cmd.exe or change something.
const OTHER: [&str; 34] = [
    "sc", "set", "start", "del", "erase", "rd", "rmdir", "rm", "ri", "copy", "cp", "cpi", "move",
    "mv", "mi", "ren", "rni", "md", "mkdir", "kill", "spps", "si", "sp", "ni", "more", "call",
    "rem", "title", "setlocal", "endlocal", "shift", "goto", "ver", "vol",
];
/// Names of the rules that let remote desktop through.
const DESKTOP_RULES: [&str; 7] = [
    "remote desktop",
    "远程桌面",
    "remotedesktop",
    "@firewallapi.dll,-28752",
    "remotedesktop-usermode-in-tcp",
    "remotedesktop-usermode-in-udp",
    "remotedesktop-shadow-in-tcp",
];

/// The parameters of a command: each with its value, in lower case. `None` where one is not plain.
fn parameters(pieces: &[Piece]) -> Option<Vec<(&str, String)>> {
    let mut out: Vec<(&str, String)> = Vec::new();
    for piece in pieces {
        let text = match piece {
            Piece::Bare(word) if word.starts_with('-') && word.len() > 1 => {
                let (name, value) = word.split_once(':').unwrap_or((word, ""));
                out.push((name, value.to_owned()));
                continue;
            }
            Piece::Bare(word) if word == "$true" || word == "$false" => &word[1..],
            Piece::Bare(word) if word.contains(['$', '>', '<']) => return None,
            Piece::Quoted(text) if text.contains('$') => return None,
            Piece::Bare(text) | Piece::Quoted(text) => text.as_str(),
            Piece::Group(..) => return None,
        };
        match out.last_mut() {
            Some((_, value)) => value.push_str(text),
            None => out.push(("", text.to_owned())),
        }
    }
    Some(out)
}

/// Where the output goes: `None` where that can't be told.
fn redirected(it: &Command<'_>, pieces: &[Piece]) -> Deed {
    let mut out = Deed::Harmless;
    let mut pieces = pieces.iter();
    while let Some(piece) = pieces.next() {
        let Piece::Bare(word) = piece else { continue };
        let Some((_, target)) = word.rsplit_once('>') else {
            continue;
        };
        let target = match (target, pieces.as_slice().first()) {
            ("", Some(Piece::Bare(next) | Piece::Quoted(next))) => next.as_str(),
            (target, _) => target,
        };
        if ["$null", "&1", "&2"].contains(&target) {
            continue;
        }
        out = out.or(match target.contains('$') {
            true => unclear(),
            false => files::written(it, target),
        });
    }
    out
}

/// What the command `name` does; the groups among its parameters are looked at by the caller.
pub(super) fn of(it: &Command<'_>, name: &str, rest: &[Piece]) -> Deed {
    let alias = ALIASES.iter().find(|(short, _)| *short == name);
    let name = alias.map_or(name, |(_, long)| long);
    redirected(it, rest).or(named(it, name, rest))
}

/// `Start-Sleep`: for how long.
fn slept(rest: &[Piece]) -> Deed {
    let given = parameters(rest).unwrap_or_default();
    let seconds = match given.as_slice() {
        [("" | "-s" | "-seconds", value)] => value.parse().ok(),
        [("-m" | "-milliseconds", value)] => value.parse::<u64>().ok().map(|ms| ms / 1000),
        _ => None,
    };
    deeds::wait(seconds)
}

/// Commands that are known to harm nobody and change something all the same.
const CHANGING: [&str; 3] = ["resize-partition", "set-executionpolicy", "set-timezone"];
/// Commands that act, and may do so again and again.
const REPEATED: [&str; 3] = ["start-service", "start-sleep", "start-transcript"];

fn named(it: &Command<'_>, name: &str, rest: &[Piece]) -> Deed {
    let done = by_name(it, name, rest);
    let reads = HARMLESS.contains(&name) && !CHANGING.contains(&name)
        || REPEATED.contains(&name)
        || ["foreach-object", "where-object"].contains(&name);
    // A program is judged as a command of its own.
    let acts = name.contains('-') && !reads;
    match done {
        Deed::Harmless if acts && !it.is_once => Deed::Unclear(say!(win_first_repeated)),
        done => done,
    }
}

fn by_name(it: &Command<'_>, name: &str, rest: &[Piece]) -> Deed {
    if HARMLESS.contains(&name) {
        return if own_modules(it) && !asks_another(rest) {
            Deed::Harmless
        } else {
            unclear()
        };
    }
    match name {
        "start-sleep" => slept(rest),
        // `foreach-object name` calls a method; its block is a statement of its own.
        "foreach-object" | "where-object" if rest.is_empty() => Deed::Harmless,
        "where-object" => {
            let plain = |p: &Piece| !matches!(p, Piece::Group(..));
            if rest.iter().all(plain) {
                Deed::Harmless
            } else {
                unclear()
            }
        }
        // How far a volume grows harms nobody.
        "resize-partition" if own_modules(it) => Deed::Harmless,
        _ if name.contains('-') => match parameters(rest) {
            Some(given) if own_modules(it) => acting(it, name, &given),
            _ => unclear(),
        },
        _ if OTHER.contains(&name) => unclear(),
        _ => program(it, name, rest),
    }
}

/// True where a parameter names another computer.
fn asks_another(rest: &[Piece]) -> bool {
    rest.iter().any(|piece| match piece {
        Piece::Bare(word) => {
            let word = word.split(':').next().unwrap_or_default();
            word == "-cn"
                || word.len() > 4 && "-computername".starts_with(word)
                || word.len() > 3 && "-cimsession".starts_with(word)
        }
        _ => false,
    })
}

/// A program with its arguments, as cmd.exe would start it.
fn program(it: &Command<'_>, name: &str, rest: &[Piece]) -> Deed {
    let mut line = name.to_owned();
    let mut plain = true;
    for piece in rest {
        line.push(' ');
        match piece {
            Piece::Bare(word) => {
                plain &= !word.contains('$');
                line.push_str(word);
            }
            Piece::Quoted(text) => {
                plain &= !text.contains(['$', '"']);
                line.push('"');
                line.push_str(text);
                line.push('"');
            }
            Piece::Group(..) => plain = false,
        }
    }
    let mut inner = it.inner(&line);
    // What the statement as a whole starts is known of it.
    if plain && inner.words == it.words {
        inner.followed = it.followed;
        inner.missing.clone_from(&it.missing);
    }
    let done = deeds::of(&inner);
    if plain { done } else { done.or(unclear()) }
}

/// Commands that change something, in the forms that are known.
fn acting(it: &Command<'_>, name: &str, given: &[(&str, String)]) -> Deed {
    let only = |names: &[&str]| given.iter().all(|(n, _)| names.contains(n));
    let of = |name: &str| {
        let mut found = given.iter().filter(|(n, _)| *n == name);
        let value = found.next().map(|(_, v)| v.as_str());
        if found.next().is_some() { None } else { value }
    };
    let first = || of("-name").or_else(|| of(""));
    let service = |line: String| {
        let command = it.inner(&line);
        services::of(&command, &command.name())
    };
    let quiet = [
        "",
        "-name",
        "-force",
        "-passthru",
        "-erroraction",
        "-confirm",
    ];
    match (name, first()) {
        ("start-service" | "restart-service", Some(n)) if only(&quiet) => {
            service(format!("net start {n}"))
        }
        ("stop-service" | "suspend-service", Some(n)) => {
            service(format!("net stop {n}")).or(if only(&quiet) {
                Deed::Harmless
            } else {
                unclear()
            })
        }
        ("set-service", Some(n)) => {
            let kind = match of("-startuptype") {
                Some("automatic") => "auto",
                Some("manual") => "demand",
                Some("disabled") => "disabled",
                _ => "other",
            };
            let stops = of("-status").is_some_and(|s| s != "running");
            let done = match stops {
                true => service(format!("net stop {n}")),
                false => Deed::Harmless,
            };
            let known = only(&["", "-name", "-startuptype", "-status"]) && kind != "other";
            done.or(service(format!("sc config {n} start= {kind}")))
                .or(if known { Deed::Harmless } else { unclear() })
        }
        ("set-netfirewallprofile", _) => {
            let enabled = of("-enabled");
            match enabled {
                Some("false" | "0") => Deed::Hostile(say!(win_first_firewall_off)),
                Some("true" | "1") if only(&["", "-name", "-profile", "-all", "-enabled"]) => {
                    Deed::Harmless
                }
                _ => unclear(),
            }
        }
        ("enable-netfirewallrule" | "set-netfirewallrule", _) => {
            let named = of("-displaygroup")
                .or_else(|| of("-name"))
                .or_else(|| of("-group"));
            let desktop = named.is_some_and(|n| DESKTOP_RULES.contains(&n));
            let on = match name {
                "set-netfirewallrule" => of("-enabled").is_some_and(|e| e == "true" || e == "1"),
                _ => true,
            };
            let known = only(&["-displaygroup", "-name", "-group", "-enabled"]);
            if desktop && on && known {
                Deed::Harmless
            } else {
                unclear()
            }
        }
        ("new-netfirewallrule", _) if firewall::makes(given) => Deed::Harmless,
        // It asks for an account of the machine, and encrypts what is said.
        ("enable-psremoting", _) if only(&["-force", "-skipnetworkprofilecheck", "-confirm"]) => {
            Deed::Harmless
        }
        ("install-windowsfeature" | "add-windowsfeature", Some(names))
            if names.split(',').all(|n| features::is_usual(n.trim()))
                && only(&[
                    "",
                    "-name",
                    "-includemanagementtools",
                    "-includeallsubfeature",
                    "-restart",
                ]) =>
        {
            Deed::Harmless
        }
        ("set-netipinterface", None) if only(&["-dhcp"]) && of("-dhcp") == Some("enabled") => {
            Deed::Harmless
        }
        ("set-itemproperty" | "new-itemproperty", _) => {
            let path = of("-path").or_else(|| of(""));
            let known = only(&[
                "",
                "-path",
                "-name",
                "-value",
                "-type",
                "-propertytype",
                "-force",
            ]);
            match (path, of("-name"), of("-value")) {
                (Some(path), Some(name), Some(data)) if path.starts_with("hk") => {
                    let key = path.replacen(":\\", "\\", 1);
                    let done = registry::value_set(it, &key, name, data, false);
                    if known { done } else { done.or(unclear()) }
                }
                _ => unclear(),
            }
        }
        ("set-disk", _) if only(&["-isoffline"]) && of("-isoffline") == Some("false") => {
            Deed::Harmless
        }
        ("set-disk", _) if only(&["-isreadonly"]) && of("-isreadonly") == Some("false") => {
            Deed::Harmless
        }
        ("set-smbserverconfiguration", _)
            if only(&["-enablesmb1protocol", "-force", "-confirm"])
                && of("-enablesmb1protocol") == Some("false") =>
        {
            Deed::Harmless
        }
        ("set-dnsclientserveraddress", _)
            if given.len() == 1 && only(&["-resetserveraddresses"]) =>
        {
            Deed::Harmless
        }
        ("set-winuserlanguagelist", _) if only(&["", "-languagelist", "-force"]) => Deed::Harmless,
        ("rename-netadapter", _) if only(&["-name", "-newname"]) => Deed::Harmless,
        ("remove-item", _) => {
            let path = of("-path").or_else(|| of("-literalpath"));
            // A switch takes no value: what stands behind it is the path.
            let mut behind = given
                .iter()
                .filter(|(n, v)| !n.ends_with("path") && !v.is_empty());
            let path = path.or_else(|| behind.next().map(|(_, v)| v.as_str()));
            let known = only(&["", "-path", "-literalpath", "-recurse", "-force"]);
            match path {
                Some(path) if known && !path.contains(['"', ',']) => {
                    files::deleted(&it.inner(&format!("del \"{path}\"")))
                }
                _ => unclear(),
            }
        }
        ("start-transcript", _) => {
            let path = of("-path").or_else(|| of(""));
            match path {
                Some(path) if only(&["", "-path", "-append", "-force"]) => files::written(it, path),
                None if only(&["-append", "-force"]) => Deed::Harmless,
                _ => unclear(),
            }
        }
        _ => unclear(),
    }
}

/// Modules that every Windows brings in the folder for those of others.
const MODULES: [&str; 5] = [
    "microsoft.powershell.operation.validation",
    "packagemanagement",
    "pester",
    "powershellget",
    "psreadline",
];

/// False where a module of another maker may have a command of the same name.
fn own_modules(it: &Command<'_>) -> bool {
    let drive = &it.context.evidence.windows.roots().drive;
    let path = format!(r"{drive}\Program Files\WindowsPowerShell\Modules");
    match it.context.evidence.files.names(&path) {
        Ok(None) => true,
        Ok(Some(found)) => {
            let known = |n: &String| MODULES.contains(&n.to_lowercase().as_str());
            found.gaps.is_empty() && found.names.iter().all(known)
        }
        Err(_) => false,
    }
}
