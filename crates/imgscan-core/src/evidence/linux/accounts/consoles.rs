//! Consoles that let in without asking: agetty(8), mingetty(8), login(1), and services that give a
//! terminal to a shell (systemd.exec(5), StandardInput=).

use crate::evidence::Found;
use crate::evidence::linux::services::{Run, RunCommand, Start, Starter};

const GETTYS: &[&str] = &["agetty", "getty", "mingetty", "fgetty", "mgetty"];
const LOGINS: &[&str] = &["login", "/bin/login", "/usr/bin/login"];
const SHELLS: &[&str] = &["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "busybox"];

/// The commands that do, as they stand.
pub(in crate::evidence::linux) fn collect(run: &Run, start: &Start) -> Vec<Found<String>> {
    let mut all: Vec<Found<String>> = run
        .commands
        .iter()
        .filter(|command| is_open(&command.fact))
        .map(|command| Found {
            fact: command.fact.text(),
            at: command.at.clone(),
        })
        .collect();
    for line in &start.lines {
        let fact = &line.fact;
        let unit = fact.when.as_deref().and_then(|name| start.units.get(name));
        let Some(unit) = unit.filter(|_| fact.starter == Starter::Systemd) else {
            continue;
        };
        let mut inputs = unit.settings.iter().rev();
        let input = inputs.find(|s| s.fact.key == "StandardInput");
        let on_terminal = input.is_some_and(|s| s.fact.value.starts_with("tty"));
        let shell = || {
            let calls = fact.calls(&|_| None);
            let mut names = calls.iter().map(|c| c.program.rsplit('/').next());
            names.any(|name| name.is_some_and(|n| SHELLS.contains(&n)))
        };
        if fact.inactive.is_none() && on_terminal && shell() {
            all.push(Found {
                fact: fact.command.clone(),
                at: line.at.clone(),
            });
        }
    }
    all.sort_by(|a, b| a.at.cmp(&b.at));
    all.dedup();
    all
}

fn is_open(command: &RunCommand) -> bool {
    if command.foreign {
        return false;
    }
    let words: Vec<&str> = command.operands().collect();
    let value = |short: &str, long: &str| {
        words.iter().enumerate().find_map(|(i, word)| {
            let behind = word.strip_prefix(long).and_then(|w| w.strip_prefix('='));
            let joined = word.strip_prefix(short).filter(|w| !w.is_empty());
            match *word == short || *word == long {
                true => words.get(i + 1).copied(),
                false => behind.or(joined.filter(|_| !word.starts_with("--"))),
            }
        })
    };
    match command.name() {
        name if GETTYS.contains(&name) => {
            let options = value("-o", "--login-options").unwrap_or_default();
            let forced = options.split(['\'', '"', ' ']).any(|w| w == "-f");
            value("-a", "--autologin").is_some()
                || value("-l", "--login-program").is_some_and(|p| !LOGINS.contains(&p))
                || forced
        }
        "login" => value("-f", "--force").is_some(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gettys_that_ask_are_told_from_those_that_do_not() {
        let of = |words: &[&str]| {
            is_open(&RunCommand {
                words: words.iter().map(|w| (*w).to_owned()).collect(),
                redirects: Vec::new(),
                foreign: false,
                file: None,
            })
        };
        // agetty(8) of util-linux 2.38, login(1); the first is getty@.service of systemd 252.
        for asks in [
            &["/sbin/agetty", "-o", "-p -- \\u", "--noclear", "-", "$TERM"][..],
            &[
                "/sbin/agetty",
                "--keep-baud",
                "115200,9600",
                "ttyS0",
                "vt220",
            ],
            &["agetty", "-l", "/bin/login", "tty1"],
            &["login", "root"],
        ] {
            assert!(!of(asks), "{asks:?}");
        }
        for open in [
            &["/sbin/agetty", "--autologin", "root", "--noclear", "tty1"][..],
            &["/sbin/agetty", "-a", "root", "tty1"],
            &["/sbin/agetty", "--autologin=root", "tty1"],
            &["/sbin/agetty", "-n", "-l", "/bin/sh", "tty1"],
            &["/sbin/agetty", "-o", "-f root", "tty1"],
            &["/bin/login", "-f", "root"],
        ] {
            assert!(of(open), "{open:?}");
        }
    }
}
