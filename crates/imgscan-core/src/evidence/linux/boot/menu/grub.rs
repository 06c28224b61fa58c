//! GRUB 2: its script run as far as it makes the menu, with the environment block of the image.
//! GNU GRUB manual, "Configuration" and "GRUB environment variables".

mod run;

use std::collections::BTreeMap;

use super::{Boot, Loader};
use crate::evidence::Found;
use crate::evidence::linux::reader::Reader;
use crate::text::terminal;
use run::{Machine, Node};

/// Where a GRUB that the firmware starts looks for its configuration.
const BIOS: &[&str] = &["/boot/grub/grub.cfg", "/boot/grub2/grub.cfg"];

/// The menu of GRUB 2, where the image has its configuration.
pub(super) fn collect(reader: &Reader<'_>) -> Option<Boot> {
    let mut starts: Vec<String> = BIOS.iter().map(|p| (*p).to_owned()).collect();
    let mut found = Boot::default();
    for esp in ["/boot/efi/EFI", "/efi/EFI", "/boot/EFI"] {
        for vendor in reader.children(esp.as_bytes(), &mut found.gaps) {
            starts.push(format!("{}/grub.cfg", crate::text::lossless(&vendor)));
        }
    }
    let mut menus: Vec<Boot> = Vec::new();
    for path in starts {
        if reader.find(path.as_bytes(), &mut found.gaps).is_none() {
            continue;
        }
        let mut boot = menu(reader, &path);
        // A stub that leads to the main configuration gives the same menu.
        if let Some(first) = menus.first_mut() {
            let kernel = |b: &Boot| {
                b.default_entry()
                    .map(|e| (e.fact.kernel.clone(), e.at.clone()))
            };
            if kernel(first) != kernel(&boot) && !boot.entries.is_empty() {
                first.doubts.push(Found {
                    fact: say!(boot_other_config),
                    at: boot.config.clone().unwrap_or_default(),
                });
            }
            let known: Vec<_> = first.entries.iter().map(|e| e.at.clone()).collect();
            boot.entries.retain(|e| !known.contains(&e.at));
            first.entries.append(&mut boot.entries);
            boot.commands.retain(|c| !first.commands.contains(c));
            first.commands.append(&mut boot.commands);
            first.gaps.append(&mut boot.gaps);
            continue;
        }
        menus.push(boot);
    }
    let mut first = menus.into_iter().next()?;
    first.gaps.append(&mut found.gaps);
    Some(first)
}

/// The menu that the configuration at `path` makes.
fn menu(reader: &Reader<'_>, path: &str) -> Boot {
    let mut machine = Machine::new(reader, path, false);
    machine.start(path);
    let next = machine.next_entry.take();
    let (mut boot, default) = finish(machine);
    boot.loader = Some(Loader::Grub);
    boot.default = default;
    if let Some(at) = next {
        // The same script with the one-shot choice in force.
        let mut machine = Machine::new(reader, path, true);
        machine.start(path);
        boot.one_shot = Some((finish(machine).1, at));
    }
    boot
}

fn finish(machine: Machine<'_>) -> (Boot, Option<usize>) {
    let wanted = machine.variable("default").to_owned();
    let timeout = machine.variable("timeout").to_owned();
    let Machine {
        mut boot,
        menu,
        forced,
        ..
    } = machine;
    boot.timeout = Some(timeout).filter(|t| !t.is_empty());
    // What the script starts by itself boots before any menu is shown.
    let default = match forced {
        Some(entry) => Some(entry),
        None => choose(&menu, &wanted, &mut boot),
    };
    (boot, default)
}

/// The entry that `default` names: a number, a title or an id, with `>` for submenus. What names
/// no entry means the first.
fn choose(menu: &[Node], wanted: &str, boot: &mut Boot) -> Option<usize> {
    let mut level = menu;
    let mut rest = Some(wanted);
    loop {
        let (head, tail) = match rest {
            Some(text) => match split(text) {
                (head, Some(tail)) => (head, Some(tail)),
                (head, None) => (head, None),
            },
            None => (String::new(), None),
        };
        let at = pick(level, &head);
        match level.get(at)? {
            Node::Entry { index, .. } => return Some(*index),
            Node::Submenu { children, .. } if tail.is_some() => {
                level = children;
                rest = tail;
            }
            Node::Submenu { title, .. } => {
                boot.doubts.push(Found {
                    fact: say!(boot_default_is_submenu, title = terminal(title)),
                    at: boot.config.clone().unwrap_or_default(),
                });
                return None;
            }
        }
    }
}

fn pick(level: &[Node], wanted: &str) -> usize {
    let wanted = wanted.trim();
    if let Ok(number) = wanted.parse::<usize>() {
        return if number < level.len() { number } else { 0 };
    }
    level.iter().position(|n| n.is_called(wanted)).unwrap_or(0)
}

/// The part before the first `>` (`>>` stands for one) and the part behind it.
fn split(text: &str) -> (String, Option<&str>) {
    let mut head = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        if c == '>' && chars.next_if(|(_, c)| *c == '>').is_none() {
            return (head, Some(&text[i + 1..]));
        }
        head.push(c);
    }
    (head, None)
}

/// The variables of an environment block: 1,024 bytes of `name=value` lines behind
/// `# GRUB Environment Block`, filled with `#`.
fn environment(text: &str) -> BTreeMap<String, String> {
    if !text.starts_with("# GRUB Environment Block") {
        return BTreeMap::new();
    }
    let mut out = BTreeMap::new();
    for line in text.lines() {
        if line.starts_with('#') {
            continue;
        }
        if let Some((name, value)) = line.split_once('=') {
            out.insert(name.to_owned(), value.replace("\\\\", "\\"));
        }
    }
    out
}
