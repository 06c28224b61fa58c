//! The files that decide what boots and with which arguments, as objects of the bill.

use std::collections::BTreeMap;

use super::{Facts, Level, Object, ObjectKind, Ring0};
use crate::evidence::linux::Effect;
use crate::evidence::linux::boot::cmdline::{Use, effect};
use crate::evidence::{Location, linux::CommandLine};
use crate::text::terminal;

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
        let starts = terminal(&entry.fact.starts);
        if let Some(by) = &entry.fact.by {
            object.lower(
                Level::K2,
                format!("line {line} starts {starts} with {by}, which is no Linux kernel"),
                format!("第 {line} 行用 {by} 启动 {starts}，并非 Linux 内核"),
            );
        } else if entry.fact.forced {
            object.lower(
                Level::K2,
                format!("line {line} starts {starts} before any menu is shown"),
                format!("第 {line} 行在显示菜单之前就启动 {starts}"),
            );
        }
    }
    for command in &facts.boot.commands {
        if let Some(object) = command.at.path.as_ref().and_then(|p| files.get_mut(p)) {
            let line = command.at.line.unwrap_or(0);
            let what = terminal(&format!("{} {}", command.fact.name, command.fact.arguments));
            object.lower(
                Level::K2,
                format!("line {line} runs: {what}"),
                format!("第 {line} 行执行：{what}"),
            );
        }
    }
    for found in &facts.command_lines.items {
        let file = found.at.path.as_ref().and_then(|p| files.get_mut(p));
        if let (Some(object), true) = (file, found.fact.use_ != Use::Later) {
            arguments(object, &found.fact, found.at.line.unwrap_or(0));
        }
    }
    for (_, mut object) in files {
        if object.level == Level::K5 {
            object.note(
                "not signed; its entries start only what this list names, and no argument redirects or weakens",
                "未签名；其启动项只启动本清单所列的内核，且没有改变启动或削弱保护的参数",
            );
        }
        all.objects.push(object);
    }
}

fn arguments(object: &mut Object, line: &CommandLine, number: u32) {
    for argument in line.arguments() {
        let shown = terminal(argument);
        match effect(argument) {
            Some(Effect::Redirects) => object.lower(
                Level::K2,
                format!("line {number}: {shown} makes another program run"),
                format!("第 {number} 行：{shown} 会运行其他程序"),
            ),
            Some(Effect::Weakens) => object.lower(
                Level::K2,
                format!("line {number}: {shown} switches a protection off"),
                format!("第 {number} 行：{shown} 关闭了保护机制"),
            ),
            None => {}
        }
    }
}
