//! What a script leads to: the entries of the menu it leaves, and those that may start by
//! themselves.

use super::super::{Entry, raw::show};
use super::default::{choose, fallbacks, split};
use super::env::Value;
use super::machine::{Machine, Node, Saved, Status};
use super::{entry_of, explore, ready};
use crate::evidence::linux::boot::menu::BootCommand;
use crate::evidence::{Found, Location};
use crate::text::Text;

/// Submenus inside one another.
const MAX_DEPTH: usize = 8;
/// Ways that the conditions of one entry may take.
const MAX_WAYS: usize = 16;
/// Entries of all menus together.
const MAX_ENTRIES: usize = 4_000;

/// One way of the script, seen to its end.
#[derive(Default)]
pub(super) struct Picture {
    pub(super) entries: Vec<Found<Entry>>,
    /// Those that may start by themselves.
    pub(super) default: Vec<usize>,
    pub(super) doubts: Vec<Found<Text>>,
    pub(super) commands: Vec<Found<BootCommand>>,
    /// Where conditions stand that only the boot knows.
    pub(super) conditions: Vec<Location>,
    /// What the environment blocks hold after each of those starts.
    pub(super) saved: Vec<Saved>,
    pub(super) config: Option<Location>,
    /// All that were read up to what starts.
    pub(super) configs: Vec<Location>,
    pub(super) prefixes: Vec<(String, Location)>,
    pub(super) timeout: Option<String>,
    pub(super) next_entry: Option<Location>,
}

/// Follows a machine whose script has ended.
pub(super) fn evaluate(machine: Machine<'_>) -> Picture {
    let timeout = machine.variables.text("timeout");
    let mut picture = Picture {
        doubts: machine.doubts.clone(),
        commands: machine.commands.clone(),
        conditions: machine.choices.taken.iter().map(|t| t.2.clone()).collect(),
        config: machine.config.clone(),
        configs: machine.configs.clone(),
        prefixes: machine.prefixes.clone(),
        timeout: Some(show(timeout)).filter(|t| !t.is_empty()),
        next_entry: machine.next_entry.clone(),
        ..Picture::default()
    };
    let starts = !machine.booted && !machine.left;
    if machine.booted {
        // `boot` outside of any entry starts what was loaded, and no menu is shown (T4).
        let at = machine.ended_at.clone().unwrap_or_default();
        let mut entry = entry_of(&machine, "boot", None, "script".into(), at);
        entry.fact.forced = true;
        entry.fact.doubts.clear();
        picture.default.push(picture.entries.len());
        picture.entries.push(entry);
        picture.saved.push(machine.saved.clone());
    }
    if machine.left {
        picture.doubts.push(Found {
            fact: say!(boot_script_leaves),
            at: machine.ended_at.clone().unwrap_or_default(),
        });
    }
    level(&machine, &[], "", starts, &mut picture);
    picture
}

/// The entries of one menu. `starts` tells that it is shown at a start by itself.
fn level(
    machine: &Machine<'_>,
    place: &[usize],
    chosen: &str,
    starts: bool,
    picture: &mut Picture,
) {
    if place.len() >= MAX_DEPTH || picture.entries.len() > MAX_ENTRIES {
        picture.doubts.push(Found {
            fact: say!(boot_script_deep),
            at: picture.config.clone().unwrap_or_default(),
        });
        return;
    }
    let wanted = machine.variables.get("default");
    let build = machine.world.build;
    let mut picks = match starts {
        true => choose(build, &machine.menu, &wanted),
        false => Vec::new(),
    };
    let mut may_fail = false;
    let mut seen = Vec::new();
    for (i, node) in machine.menu.iter().enumerate() {
        let from = picture.entries.len();
        let here = [place, &[i]].concat();
        let fails = one(machine, node, &here, chosen, picks.contains(&i), picture);
        may_fail |= fails && picks.contains(&i);
        seen.push(from..picture.entries.len());
    }
    // What `fallback` names starts where the default fails (rule 3.4h).
    if may_fail {
        for i in fallbacks(&machine.menu, &machine.variables.get("fallback")) {
            if !picks.contains(&i) {
                picks.push(i);
                picture.default.extend(seen[i].clone());
            }
        }
    }
}

/// An entry or a submenu; tells whether starting it may fail.
fn one(
    machine: &Machine<'_>,
    node: &Node,
    place: &[usize],
    chosen: &str,
    starts: bool,
    picture: &mut Picture,
) -> bool {
    let name = node.id.replace('>', ">>");
    let chosen = match chosen {
        "" => name,
        outer => format!("{outer}>{name}"),
    };
    let shown: Vec<String> = place.iter().map(usize::to_string).collect();
    let shown = shown.join(">");
    let (ends, whole) = explore(MAX_WAYS, |choices| {
        let mut next = ready(machine, node, choices);
        next.variables.known("chosen", chosen.clone());
        if node.submenu {
            // A submenu is a context of its own, and its part of the default the rest (rule 3.4d).
            let rest = match machine.variables.get("default") {
                Value::Known(text) => Value::Known(split(&text).1.unwrap_or("").to_owned()),
                Value::Unknown => Value::Unknown,
            };
            next.variables = next.variables.inner();
            next.variables.known("chosen", chosen.clone());
            next.variables.set("default", rest);
        }
        next.block(&node.body);
        (next.choices.clone(), next)
    });
    let mut fails = false;
    for mut next in ends {
        for command in &next.commands {
            if !picture.commands.contains(command) {
                picture.commands.push(command.clone());
            }
        }
        for config in next.configs.iter().filter(|_| starts) {
            if !picture.configs.contains(config) {
                picture.configs.push(config.clone());
            }
        }
        for prefix in &next.prefixes {
            if !picture.prefixes.contains(prefix) {
                picture.prefixes.push(prefix.clone());
            }
        }
        if !whole {
            next.doubt(0, say!(boot_script_paths));
        }
        // What is loaded at the end is started, before the menu of a submenu is shown (rule 3.4f).
        let runs = next.loaded.is_some() && !next.left;
        // A plain entry may lead to another menu (`configfile`).
        let shows = node.submenu || !next.menu.is_empty();
        if shows && !next.booted && (!runs || next.last != Status::True) {
            level(&next, place, &chosen, starts, picture);
        }
        if shows && !runs {
            if starts {
                picture.doubts.append(&mut next.doubts);
            }
            continue;
        }
        let there = next.loaded.as_ref().is_some_and(|l| l.there);
        fails |= next.last != Status::True || !runs || !there;
        let id = Some(node.id.as_str()).filter(|id| *id != node.title);
        let mut entry = entry_of(&next, &node.title, id, shown.clone(), node.at.clone());
        entry.fact.forced = node.submenu;
        if starts {
            picture.default.push(picture.entries.len());
            picture.doubts.extend(entry.fact.doubts.iter().cloned());
            let taken = next.choices.taken.iter().map(|t| t.2.clone());
            picture.conditions.extend(taken);
            picture.saved.push(next.saved.clone());
        }
        picture.entries.push(entry);
    }
    fails
}
