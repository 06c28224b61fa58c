//! What a command of administration does, as far as it is understood: `sc`, `net`, `bcdedit` and
//! what the command processor does itself.
//!
//! Microsoft's manuals of these commands.

use super::agents;
use crate::evidence::windows::words;
use crate::policy::Policy;
use crate::text::Text;

/// What an action does to the system.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Effect {
    /// Nothing that anybody must know.
    Harmless,
    /// What only an attack does on an image for others.
    Attack(Text),
    /// That is not understood.
    Unclear,
}

/// Services whose end takes protection or record away, besides those that the policy asks for.
const PROTECTION: &[&str] = &[
    "windefend",
    "mpssvc",
    "eventlog",
    "bfe",
    "wdnissvc",
    "sense",
];
/// Groups whose members rule the machine or enter it from afar.
const GROUPS: &[&str] = &[
    "administrators",
    "remote desktop users",
    "remote management users",
];
/// Elements of the boot configuration that take the check of signatures away or open the kernel.
const BOOT: &[&str] = &[
    "testsigning",
    "nointegritychecks",
    "debug",
    "bootdebug",
    "kernel",
    "hal",
    "loadoptions",
    "disableelamdrivers",
];
/// Folders in which setup's own leavings are deleted.
const LEAVINGS: &[&str] = &[
    r"\windows\temp\",
    r"\windows\panther\",
    r"\windows\setup\scripts\",
    r"\system32\sysprep\",
    "%temp%",
    "%tmp%",
    "%0",
    "%~",
];

/// The effect of the command `text`.
pub(super) fn effect(policy: &Policy, text: &str) -> Effect {
    let all = words(text);
    let mut all = all.iter().map(|w| w.to_lowercase());
    let name = all.next().unwrap_or_default();
    let name = name.rsplit(['\\', '/']).next().unwrap_or_default();
    let name = name.strip_suffix(".exe").unwrap_or(name).to_owned();
    let rest: Vec<String> = all.collect();
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    match name.as_str() {
        "sc" => service_control(policy, &rest),
        "net" | "net1" => net(policy, &rest),
        "bcdedit" => boot(&rest),
        "netsh" => firewall(&rest),
        "schtasks" => match rest.first() {
            Some(&"/run" | &"/query") => Effect::Harmless,
            _ => Effect::Unclear,
        },
        "reg" => match rest.first() {
            Some(&"query" | &"compare") => Effect::Harmless,
            _ => Effect::Unclear,
        },
        "md" | "mkdir" => Effect::Harmless,
        "set" => variable(&rest),
        "del" | "erase" | "rd" | "rmdir" => {
            let mut files = rest.iter().filter(|w| !w.starts_with('/'));
            let leaving = |file: &&str| {
                let file = file.replace('/', "\\");
                !file.contains("..") && LEAVINGS.iter().any(|l| file.contains(l))
            };
            match files.all(|f| leaving(f)) {
                true => Effect::Harmless,
                false => Effect::Unclear,
            }
        }
        _ => Effect::Unclear,
    }
}

/// True for a service that the policy asks for, or that protects the system.
fn is_guarded(policy: &Policy, service: &str) -> bool {
    agents::is_required(policy, service) || PROTECTION.contains(&service)
}

fn stops(policy: &Policy, service: Option<&&str>) -> Effect {
    match service {
        Some(service) if is_guarded(policy, service) => {
            Effect::Attack(say!(win_action_stops, service = *service))
        }
        _ => Effect::Unclear,
    }
}

fn service_control(policy: &Policy, words: &[&str]) -> Effect {
    let words = match words.first() {
        Some(first) if first.starts_with(r"\\") => &words[1..],
        _ => words,
    };
    let service = words.get(1);
    // `start= auto`, with the blank or without.
    let line = words.join(" ").replace("= ", "=");
    let option = |name: &str| {
        let at = line.split(' ').find_map(|w| w.strip_prefix(name));
        at.map(str::to_owned)
    };
    match words.first().copied().unwrap_or_default() {
        "start" | "query" | "queryex" | "qc" | "description" | "failureflag" | "qfailure" => {
            Effect::Harmless
        }
        "failure" if option("command=").is_none() => Effect::Harmless,
        "config" => {
            let others = ["binpath=", "obj=", "depend=", "type=", "password="];
            let start = option("start=");
            match start.as_deref() {
                Some("disabled") => stops(policy, service),
                _ if others.iter().any(|o| option(o).is_some()) => Effect::Unclear,
                Some("auto" | "delayed-auto" | "demand") | None => Effect::Harmless,
                Some(_) => Effect::Unclear,
            }
        }
        "create" => match option("type=").as_deref() {
            Some("kernel" | "filesys" | "rec") => Effect::Attack(say!(win_action_driver)),
            _ => Effect::Unclear,
        },
        "delete" | "stop" | "pause" => stops(policy, service),
        _ => Effect::Unclear,
    }
}

fn net(policy: &Policy, words: &[&str]) -> Effect {
    let adds = words.contains(&"/add");
    let named: Vec<&&str> = words.iter().filter(|w| !w.starts_with('/')).collect();
    match named.first().map_or("", |w| **w) {
        "start" => Effect::Harmless,
        "stop" | "pause" => stops(policy, named.get(1).copied()),
        "user" | "users" if adds => Effect::Attack(say!(win_action_account)),
        "user" | "users" => match named.len() {
            // A password in the script is everybody's.
            3.. => Effect::Attack(say!(win_action_password)),
            _ => Effect::Unclear,
        },
        "localgroup" if adds => match named.get(1) {
            Some(group) if GROUPS.contains(*group) => Effect::Attack(say!(win_action_account)),
            _ => Effect::Unclear,
        },
        "accounts" => Effect::Harmless,
        _ => Effect::Unclear,
    }
}

fn boot(words: &[&str]) -> Effect {
    match words.first().copied().unwrap_or_default() {
        "" | "/enum" | "/v" => Effect::Harmless,
        _ if words.iter().any(|w| BOOT.contains(w)) && !words.contains(&"/deletevalue") => {
            Effect::Attack(say!(win_action_boot))
        }
        _ => Effect::Unclear,
    }
}

fn firewall(words: &[&str]) -> Effect {
    let off = words.ends_with(&["state", "off"]) || words.contains(&"disable");
    match words.first().copied().unwrap_or_default() {
        "advfirewall" | "firewall" if off => Effect::Attack(say!(win_action_firewall)),
        _ => Effect::Unclear,
    }
}

/// `set` of a variable that no program is found or started by.
fn variable(words: &[&str]) -> Effect {
    const LEAD: &[&str] = &[
        "path",
        "pathext",
        "comspec",
        "systemroot",
        "windir",
        "systemdrive",
    ];
    let line = words.join(" ");
    let name = line.split('=').next().unwrap_or_default().trim();
    match LEAD.contains(&name) {
        true => Effect::Unclear,
        false => Effect::Harmless,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Effect {
        effect(&Policy::built_in("tencent-marketplace").unwrap(), text)
    }

    #[test]
    fn actions_are_told_by_what_they_do() {
        for harmless in [
            "sc config cloudbase-init start= auto",
            "sc.exe config cloudbase-init start=delayed-auto",
            "net start cloudbase-init",
            r"C:\Windows\System32\net.exe start WinAgent",
            r"del /q C:\Windows\Panther\unattend.xml",
            r"rd /s /q C:\Windows\Temp\install",
            "set name=value",
            r"mkdir C:\data",
        ] {
            assert_eq!(of(harmless), Effect::Harmless, "{harmless}");
        }
        for attack in [
            "sc config cloudbase-init start= disabled",
            "sc stop WinDefend",
            r"sc create evil type= kernel start= boot binPath= C:\ProgramData\x\evil.sys",
            "net user hax P@ss.2024 /add",
            "net user Administrator P@ss.2024",
            "net localgroup Administrators hax /add",
            "bcdedit /set testsigning on",
            "netsh advfirewall set allprofiles state off",
        ] {
            assert!(matches!(of(attack), Effect::Attack(_)), "{attack}");
        }
        for unclear in [
            r"sc create web binPath= C:\web\web.exe start= auto",
            r"sc config web binPath= C:\x.exe start= auto",
            "sc stop wuauserv",
            r"reg add HKLM\SOFTWARE\x /v a /d b /f",
            r"copy a C:\Windows\System32\sethc.exe",
            r"del C:\Windows\System32\drivers\*.sys",
            r"del C:\Windows\Temp\..\System32\x.dll",
            r"set path=C:\x",
            "",
        ] {
            assert_eq!(of(unclear), Effect::Unclear, "{unclear}");
        }
    }
}
