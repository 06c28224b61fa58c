//! What gives modprobe other modules or settings than its own folders, and what sets the programs
//! that the kernel starts by itself: variables, tmpfiles.d, credentials, commands.

use super::sysctl::HELPERS;
use super::{Autoload, LoadKind, add, line, programs};
use crate::evidence::Found;
use crate::evidence::files::Files;
use crate::evidence::linux::reader::Reader;
use crate::evidence::linux::services::{MadeAtBoot, Run, RunCommand};

/// Where the environment of services is set.
const ENVIRONMENTS: &[&str] = &[
    "/etc/systemd",
    "/usr/local/lib/systemd",
    "/usr/lib/systemd/system.conf.d",
    "/etc/environment",
    "/etc/environment.d",
    "/etc/default",
];
const DEPTH: usize = 3;
/// modprobe(8) takes options of it.
const OPTIONS: &str = "MODPROBE_OPTIONS";

pub(super) fn collect(reader: &Reader<'_>, made: &MadeAtBoot, run: &Run, all: &mut Autoload) {
    variables(reader, all);
    for file in &made.tmpfiles {
        let key = HELPERS.iter().find(|key| file.fact.changes(&path_of(key)));
        let (Some(key), Some(value)) = (key, &file.fact.argument) else {
            continue;
        };
        let mut one = line(LoadKind::Helper, &format!("{} {value}", file.fact.path));
        one.programs = programs(reader, command_of(key, value));
        one.module = Some((*key).to_owned());
        add(all, file.at.clone(), one);
    }
    let paths: Vec<String> = HELPERS.iter().map(|key| path_of(key)).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    for Found { fact, at } in &run.commands {
        let kind = if takes_other_modules(fact) {
            LoadKind::Options
        } else if sets_a_helper(fact, &paths) {
            LoadKind::Sets
        } else {
            continue;
        };
        add(all, at.clone(), line(kind, &fact.text()));
    }
}

/// The file of a setting of the kernel.
fn path_of(key: &str) -> String {
    format!("/proc/sys/{}", key.replace('.', "/"))
}

/// The command in the value of a setting: a core is given to a program only behind a bar.
pub(super) fn command_of<'v>(key: &str, value: &'v str) -> &'v str {
    match key {
        "kernel.core_pattern" => value.strip_prefix('|').unwrap_or(""),
        _ => value,
    }
}

fn variables(reader: &Reader<'_>, all: &mut Autoload) {
    for place in ENVIRONMENTS {
        let tree = match Files::new(reader.paths()).tree(place, DEPTH) {
            Ok(tree) => tree.whole(DEPTH),
            Err(gap) => {
                all.gaps.push(gap);
                continue;
            }
        };
        all.gaps.extend(tree.gaps);
        let mut names = tree.names;
        names.push((*place).to_owned());
        for path in names {
            let Some(file) = reader.text(&path, &mut all.gaps) else {
                continue;
            };
            for (n, text) in file.lines() {
                let text = text.trim();
                if !text.starts_with(['#', ';']) && text.contains(OPTIONS) {
                    add(all, file.line(n), line(LoadKind::Options, text));
                }
            }
        }
    }
}

/// `modprobe` with a configuration or a folder of modules of its own (modprobe(8)).
fn takes_other_modules(command: &RunCommand) -> bool {
    let word = |w: &str| w.rsplit('/').next() == Some("modprobe");
    let by = command.words.iter().position(|w| word(w));
    let Some(by) = by.filter(|_| !command.foreign) else {
        return false;
    };
    let set = command.words[..by].iter().any(|w| w.contains(OPTIONS));
    set || command.words[by + 1..].iter().any(|w| {
        let long = ["--config", "--dirname", "--set-version"];
        let short = w.strip_prefix('-').filter(|s| !s.starts_with('-'));
        long.iter().any(|l| w.starts_with(l)) || short.is_some_and(|s| s.contains(['C', 'd', 'S']))
    })
}

/// A command that sets which program the kernel starts, or that may (sysctl(8)).
fn sets_a_helper(command: &RunCommand, paths: &[&str]) -> bool {
    let names = |word: &str| paths.iter().any(|path| word.contains(path));
    if command.touches(&names, paths).is_some() {
        return true;
    }
    if command.foreign || command.name() != "sysctl" {
        return false;
    }
    let mut rest = command.operands().peekable();
    while let Some(word) = rest.next() {
        let file = match word {
            "-p" | "-f" | "--load" => rest.peek().copied(),
            _ => ["-p", "-f", "--load="]
                .iter()
                .find_map(|option| word.strip_prefix(option)),
        };
        let key = word.split('=').next().unwrap_or_default().replace('/', ".");
        if word.contains('=') && HELPERS.contains(&key.as_str())
            || file.is_some_and(|f| !f.starts_with("/etc/sysctl.") && !f.starts_with('-'))
        {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(text: &str) -> RunCommand {
        let (words, redirects): (Vec<&str>, Vec<&str>) =
            text.split_whitespace().partition(|w| !w.starts_with('>'));
        RunCommand {
            words: words.into_iter().map(str::to_owned).collect(),
            redirects: redirects.into_iter().map(str::to_owned).collect(),
            foreign: false,
            file: None,
        }
    }

    #[test]
    fn options_of_modprobe_that_lead_elsewhere() {
        // modprobe(8) of kmod 30.
        for odd in [
            "/sbin/modprobe -d /srv helper",
            "modprobe -C /srv/c.conf fat",
            "modprobe -qC/srv/c.conf fat",
            "env MODPROBE_OPTIONS=-C/srv/c modprobe fat",
            "modprobe --dirname=/srv helper",
        ] {
            assert!(takes_other_modules(&command(odd)), "{odd}");
        }
        for usual in ["modprobe -qba loop", "/sbin/modprobe -r fat", "echo -d"] {
            assert!(!takes_other_modules(&command(usual)), "{usual}");
        }
    }

    #[test]
    fn commands_that_set_what_the_kernel_starts() {
        let paths = ["/proc/sys/kernel/modprobe", "/proc/sys/kernel/core_pattern"];
        // proc(5), sysctl(8).
        for odd in [
            "echo /srv/x >/proc/sys/kernel/modprobe",
            "tee /proc/sys/kernel/core_pattern",
            "cp /srv/x /proc/sys/kernel/core_*",
            "sysctl -w kernel.core_pattern=|/srv/x",
            "sysctl kernel/modprobe=/srv/x",
            "sysctl -p /srv/x.conf",
            "sysctl --load=/srv/x.conf",
        ] {
            assert!(sets_a_helper(&command(odd), &paths), "{odd}");
        }
        for usual in [
            "cat /proc/sys/kernel/core_pattern",
            "sysctl -w vm.swappiness=1",
            "sysctl --system",
            "sysctl -p",
            "sysctl -q -p /etc/sysctl.d/99-x.conf",
            "echo 1 >/proc/sys/vm/drop_caches",
        ] {
            assert!(!sets_a_helper(&command(usual), &paths), "{usual}");
        }
    }
}
