//! Part of WIN-DEF-002: what opens the machine beyond what Windows itself does: rights of everybody,
//! further listeners of the remote desktop, rules of the firewall for odd programs, and a server of
//! updates that nobody knows.

use super::def_002_settings::Defences;
use super::{descriptors, rights};
use crate::evidence::Location;
use crate::evidence::windows::{
    Account, Executed, Execution, Image, Language, Occasion, ProgramFile, Role, Runs, Subject,
};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::windows::explained::{Unexplained, explain};
use crate::policy::checks::windows::values::{SET, Values};
use crate::policy::checks::windows::{commands, firewall, matches, one_of};
use crate::policy::{Context, Item, Status};
use crate::text::Text;

/// Policies of the updates.
const UPDATES: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate";
/// Policies of the updates that a management sets, and those that the updates took over.
const MANAGED: [&str; 2] = [
    r"HKLM\SOFTWARE\Microsoft\PolicyManager\current\device\Update",
    r"HKLM\SOFTWARE\Microsoft\PolicyManager\providers\*\default\Device\Update",
];
const STATE_OF_POLICIES: &str = r"HKLM\SOFTWARE\Microsoft\WindowsUpdate\UpdatePolicy\PolicyState";
/// Listeners of the remote desktop that Windows, its virtual desktops and Citrix have; the second
/// one is judged by a check of its own.
const LISTENERS: [&str; 6] = [
    "Console",
    "RDP-Tcp",
    "31C5CE94259D4006A9E4*",
    "rdp-sxs*",
    "ICA-*",
    "EH-Tcp",
];
/// Ports of file sharing and of the remote management.
const SHARING: [u16; 3] = [135, 139, 445];
const MANAGEMENT: [u16; 1] = [5985];
const MANAGEMENT_BY_TLS: [u16; 1] = [5986];
/// Programs of Windows that carry out what they are given, and that nobody is to reach.
const HOSTS: [&str; 16] = [
    "cmd.exe",
    "powershell.exe",
    "powershell_ise.exe",
    "pwsh.exe",
    "wscript.exe",
    "cscript.exe",
    "mshta.exe",
    "rundll32.exe",
    "regsvr32.exe",
    "msbuild.exe",
    "installutil.exe",
    "regasm.exe",
    "regsvcs.exe",
    "certutil.exe",
    "bitsadmin.exe",
    "forfiles.exe",
];
/// Folders that no installer puts programs into which others are to reach.
const ODD_FOLDERS: [&str; 6] = [
    r"*:\programdata\*",
    r"*:\users\*",
    r"*:\windows\temp\*",
    r"*:\temp\*",
    r"*:\perflogs\*",
    r"*:\$recycle.bin\*",
];

pub(super) fn run(
    context: &Context<'_>,
    with: &Defences,
    rules: &[firewall::Rule],
    found: &mut Findings,
) {
    let values = Values::of(context);
    updates(values, with, found);
    listeners(values, found);
    descriptors::run(context, found);
    rights::run(context, found);
    for rule in rules {
        opened(context, rule, found);
    }
}

pub(super) fn delete(at: &Location) -> Text {
    let part = |part: &Option<String>| part.clone().unwrap_or_default();
    commands::delete_value(&part(&at.key), &part(&at.value))
}

fn updates(values: Values<'_>, with: &Defences, found: &mut Findings) {
    let used = values.number(found, &format!(r"{UPDATES}\AU"), "UseWUServer");
    if used.is_some_and(|used| used.fact != 0) {
        server_of(
            values,
            with,
            UPDATES,
            &["WUServer", "UpdateServiceUrlAlternate"],
            found,
        );
    }
    // A management needs no switch beside the server.
    for key in MANAGED {
        let names = ["UpdateServiceUrl", "UpdateServiceUrlAlternate"];
        server_of(values, with, key, &names, found);
    }
    let names = ["WUServer", "UpdateServiceUrlAlternate"];
    server_of(values, with, STATE_OF_POLICIES, &names, found);
}

/// Files the servers of updates that the values `names` of `key` name and nobody knows.
fn server_of(values: Values<'_>, with: &Defences, key: &str, names: &[&str], found: &mut Findings) {
    for server in names
        .iter()
        .flat_map(|name| values.all(found, key, name))
        .collect::<Vec<_>>()
    {
        let text = server.fact.data.to_string();
        let text = text.trim();
        let known = with.update_servers.iter().any(|p| matches(p, text));
        if !text.is_empty() && !known {
            let fix = delete(&server.at);
            let item = Item::at(server.at, say!(win_def_002_update_server));
            found.unknown(item.compare(one_of(&with.update_servers), Text::verbatim(text)));
            found.fix(fix);
        }
    }
}

fn listeners(values: Values<'_>, found: &mut Findings) {
    let base = format!(r"{SET}\Control\Terminal Server\WinStations");
    for station in values.keys(found, &format!(r"{base}\*")) {
        let name = station.fact.as_str();
        if LISTENERS.iter().any(|p| matches(p, name)) {
            continue;
        }
        let key = format!(r"{base}\{name}");
        let on = values.number(found, &key, "fEnableWinStation");
        let port = values.number(found, &key, "PortNumber");
        if let Some(port) = port.filter(|_| on.is_none_or(|on| on.fact != 0)) {
            let item = Item::at(port.at, say!(win_def_002_listener));
            let shown = Text::verbatim(format!("{name}: {}", port.fact));
            found.unknown(item.compare(Text::verbatim("RDP-Tcp"), shown));
            found.fix(say!(win_fix_key_delete, key = key));
        }
    }
}

/// A rule that lets strangers in: to file sharing or the remote management, to all that Windows
/// itself serves, to a program that carries others, or to one that nothing explains. The rules that
/// Windows has are for neighbours or for a domain there; by its name a rule is nobody's.
fn opened(context: &Context<'_>, rule: &firewall::Rule, found: &mut Findings) {
    if !rule.is_inbound(false) || !rule.is_of_strangers() {
        return;
    }
    let ranges = rule.ports().unwrap_or_default();
    let any = |ports: &[u16]| {
        let within = |port: &u16| ranges.iter().any(|(a, b)| (*a..=*b).contains(port));
        ports.iter().copied().find(within)
    };
    let named = |port: u16| say!(win_def_002_rule, port = port);
    // Windows itself opens the management to private networks.
    let public = rule.is_of_profile(firewall::Profile::Public);
    if let Some(port) = any(&SHARING) {
        tell(rule, Status::Unknown, named(port), found);
    } else if let Some(port) = any(&MANAGEMENT).filter(|_| public) {
        tell(rule, Status::Unknown, named(port), found);
    } else if let Some(port) = any(&MANAGEMENT_BY_TLS).filter(|_| public) {
        tell(rule, Status::Warn, named(port), found);
    } else if rule.is_of_every_service() {
        let note = say!(win_def_002_every_service);
        tell(rule, Status::Unknown, note, found);
    }
    if let Some(program) = rule.program() {
        program_of(context, rule, program, found);
    }
}

fn tell(rule: &firewall::Rule, status: Status, note: Text, found: &mut Findings) {
    let item = Item::at(rule.at.clone(), note);
    found.add(status, item.compare(say!(win_absent), rule.shown()));
    found.fix(delete(&rule.at));
}

/// The program of a rule: a host gets what strangers send, and a file that nothing explains waits
/// for them.
fn program_of(context: &Context<'_>, rule: &firewall::Rule, program: &str, found: &mut Findings) {
    let windows = &context.evidence.windows;
    let started = windows.started(&format!("\"{program}\""), &rule.at);
    let name = started.command.trim_matches('"').to_lowercase();
    let host = name.rsplit(['\\', '/']).next().unwrap_or_default();
    if HOSTS.contains(&host) {
        let note = say!(win_def_002_host, program = host);
        return tell(rule, Status::Unknown, note, found);
    }
    let odd = ODD_FOLDERS.iter().any(|p| matches(p, &name));
    match started.image {
        // It opens nothing before somebody puts a program there.
        Image::Missing(_) | Image::None if odd => {
            tell(rule, Status::Warn, say!(win_def_002_program), found);
        }
        Image::Missing(_) | Image::None => {}
        Image::Unknown(gap) => found.gap(gap),
        Image::File(file) => {
            let entry = Execution {
                subject: Subject::Autostart,
                kind: "Firewall rule".to_owned(),
                name: rule.name.clone(),
                occasion: Occasion::Demand,
                account: Account::User,
                command: program.to_owned(),
                is_listed: false,
                step: None,
                parts: vec![Executed {
                    role: Role::Program,
                    named: name.clone(),
                    carried_by: None,
                    target: Runs::File(Box::new(ProgramFile {
                        original: None,
                        signed: started.signed,
                        file: *file,
                    })),
                    language: Language::Command,
                    from_outside: false,
                }],
            };
            let explained = explain(context, &entry, Unexplained::Unknown);
            found.gaps(explained.gaps);
            if explained.status != Status::Pass {
                let note = match odd {
                    true => say!(win_def_002_program),
                    false => say!(win_def_002_unexplained, why = explained.why),
                };
                tell(rule, Status::Unknown, note, found);
            }
        }
    }
}
