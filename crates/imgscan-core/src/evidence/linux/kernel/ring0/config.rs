//! The files that decide what boots and with which arguments, as objects of ring 0.

use std::collections::BTreeMap;

use super::{Facts, Object, ObjectKind, Ring0, Ring0Fact};
use crate::evidence::Nature;
use crate::evidence::linux::boot::cmdline::Use;
use crate::evidence::{Location, linux::CommandLine};

/// Adds an object for each file from which an entry or a command line of the next boots comes.
pub(super) fn files(facts: &Facts<'_>, all: &mut Ring0) {
    let mut files: BTreeMap<String, Object> = BTreeMap::new();
    let mut of = |at: &Location| -> Option<String> {
        let path = at.path.clone()?;
        let new = || {
            let mut object = Object::new(path.clone(), at.volume.clone(), ObjectKind::BootConfig);
            object.sha256.clone_from(&at.sha256);
            object
        };
        files.entry(path.clone()).or_insert_with(new);
        Some(path)
    };
    let menu = facts.boot.entries.iter().map(|e| &e.at);
    let script = facts.boot.commands.iter().map(|c| &c.at);
    let once = facts.boot.one_shot.iter().map(|(_, at)| at);
    let names = menu.chain(script).chain(once).chain(&facts.boot.config);
    let paths: Vec<String> = names.filter_map(&mut of).collect();
    drop(paths);
    for entry in &facts.boot.entries {
        let Some(object) = entry.at.path.as_ref().and_then(|p| files.get_mut(p)) else {
            continue;
        };
        let line = entry.at.line.unwrap_or(0);
        let starts = entry.fact.starts.clone();
        if let Some(by) = &entry.fact.by {
            let by = by.clone();
            object.fact(Ring0Fact::StartsForeign { line, starts, by });
        } else if entry.fact.forced {
            object.fact(Ring0Fact::StartsEarly { line, starts });
        }
    }
    for command in &facts.boot.commands {
        if let Some(object) = command.at.path.as_ref().and_then(|p| files.get_mut(p)) {
            let line = command.at.line.unwrap_or(0);
            let what = format!("{} {}", command.fact.name, command.fact.arguments);
            object.fact(Ring0Fact::Runs { line, what });
        }
    }
    for found in &facts.command_lines.items {
        let file = found.at.path.as_ref().and_then(|p| files.get_mut(p));
        if let (Some(object), true) = (file, found.fact.use_ != Use::Later) {
            arguments(object, &found.fact, found.at.line.unwrap_or(0));
        }
    }
    for (_, mut object) in files {
        if !object.facts.iter().any(|f| f.nature() == Nature::Doubt) {
            object.fact(Ring0Fact::ConfigExplained);
        }
        all.objects.push(object);
    }
}

fn arguments(object: &mut Object, line: &CommandLine, number: u32) {
    for argument in line.arguments() {
        object.fact(Ring0Fact::Argument {
            line: number,
            argument: argument.to_owned(),
        });
    }
}
