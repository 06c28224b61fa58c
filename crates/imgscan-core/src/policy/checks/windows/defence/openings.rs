//! Part of WIN-DEF-002: what opens the machine beyond what Windows itself does: rights of everybody,
//! further listeners of the remote desktop, rules of the firewall for odd programs, and a server of
//! updates that nobody knows.

use super::def_002_settings::Defences;
use super::{descriptors, rights};
use crate::evidence::Location;
use crate::evidence::windows::Image;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::windows::programs::signature;
use crate::policy::checks::windows::values::{SET, Values};
use crate::policy::checks::windows::{commands, firewall, matches, one_of};
use crate::policy::{Context, Item, Status};
use crate::text::Text;

/// Policies of the updates.
const UPDATES: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate";
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
const MANAGEMENT: [u16; 2] = [5985, 5986];
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
    if used.is_none_or(|used| used.fact == 0) {
        return;
    }
    for name in ["WUServer", "UpdateServiceUrlAlternate"] {
        let Some(server) = values.first(found, UPDATES, name) else {
            continue;
        };
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

/// A rule that lets everybody in to file sharing or the remote management, and is none of Windows'
/// own, whose names are resources; or to a program where none is installed.
fn opened(context: &Context<'_>, rule: &firewall::Rule, found: &mut Findings) {
    if !rule.is_inbound(false) || rule.is_limited() {
        return;
    }
    let ranges = rule.ports().unwrap_or_default();
    let any = |ports: &[u16]| {
        let within = |port: &u16| ranges.iter().any(|(a, b)| (*a..=*b).contains(port));
        ports.iter().copied().find(within)
    };
    let named = |port: u16| Item::at(rule.at.clone(), say!(win_def_002_rule, port = port));
    let mut add = |status, item: Item| {
        found.add(status, item.compare(say!(win_absent), rule.shown()));
        found.fix(delete(&rule.at));
    };
    if !rule.has_name_of_windows() {
        if let Some(port) = any(&SHARING) {
            add(Status::Unknown, named(port));
        } else if let Some(port) = any(&MANAGEMENT) {
            add(Status::Warn, named(port));
        }
    }
    let Some(program) = rule.program() else {
        return;
    };
    let odd = ODD_FOLDERS.iter().any(|p| matches(p, program));
    if !odd {
        return;
    }
    let (image, signed) = context.evidence.windows.signed_file(program);
    let item = Item::at(rule.at.clone(), say!(win_def_002_program));
    match image {
        // It opens nothing before somebody puts a program there.
        Image::Missing(_) | Image::None => add(Status::Warn, item),
        Image::Unknown(gap) => found.gap(gap),
        Image::File(_) => {
            if signature(signed.as_ref()).0 != Status::Pass {
                add(Status::Unknown, item);
            }
        }
    }
}
