//! GRUB before version 1 (`menu.lst`).

use super::raw::show;
use super::volumes::{Device, Target, Volumes};
use super::{Entry, Menu};
use crate::evidence::Found;
use crate::evidence::linux::boot::menu::{BootCommand, Loader};
use crate::text::terminal;

/// Where its configurations are.
pub(super) const CONFIGS: &[&str] = &[
    "/boot/grub/menu.lst",
    "/boot/grub/grub.conf",
    "/grub/menu.lst",
    "/grub/grub.conf",
];

/// `(hd0,1)` counts partitions from 0.
fn device(volumes: &Volumes<'_>, text: &str) -> Option<usize> {
    let (disk, part) = text.split_once(',')?;
    let number = part.trim().parse::<u32>().ok()?.checked_add(1)?;
    match volumes.of_device(&format!("{disk},{number}")) {
        Device::Volume(volume) => Some(volume),
        _ => None,
    }
}

fn target(volumes: &Volumes<'_>, root: Option<usize>, path: &str) -> Target {
    let parted = path.strip_prefix('(').and_then(|p| p.split_once(')'));
    let (volume, rest) = match parted {
        Some((name, rest)) => (device(volumes, name), rest),
        None => (root, path),
    };
    match volume {
        Some(volume) if rest.starts_with('/') => Target::On {
            volume,
            path: rest.to_owned(),
        },
        _ => Target::Outside(show(path)),
    }
}

/// The menu of the configuration at `path`: `default N`, `title`, `root`, `kernel`, `initrd`.
pub(super) fn menu(volumes: &Volumes<'_>, volume: usize, path: &str) -> Menu {
    let Some(file) = volumes.config(volume, path) else {
        return Menu::default();
    };
    let mut menu = Menu {
        loader: Some(Loader::GrubLegacy),
        config: file.at.clone(),
        configs: vec![file.at.clone()],
        ..Menu::default()
    };
    let mut default = 0usize;
    let mut known = true;
    let mut root = Some(volume);
    for (i, line) in file.text.split('\n').enumerate() {
        let n = i + 1;
        let line = line.trim_matches([' ', '\t', '\r']);
        let end = line.find([' ', '\t', '=']).unwrap_or(line.len());
        let (word, rest) = line.split_at(end);
        let rest = rest.trim_start_matches([' ', '\t', '=']);
        match word {
            "default" => match rest.trim().parse() {
                Ok(number) => default = number,
                Err(_) => {
                    known = false;
                    let value = terminal(&show(rest));
                    menu.doubt(say!(boot_default_elsewhere, value = value), file.line(n));
                }
            },
            "timeout" => menu.timeout = Some(show(rest.trim())),
            "title" => {
                root = Some(volume);
                let place = menu.entries.len().to_string();
                menu.entries.push(Found {
                    fact: Entry {
                        title: show(rest.trim()),
                        place,
                        ..Entry::default()
                    },
                    at: file.line(n),
                });
            }
            "root" | "rootnoverify" => {
                let name = rest.trim().trim_matches(['(', ')']);
                root = device(volumes, name);
            }
            "kernel" => {
                let mut words = rest.split([' ', '\t']).filter(|w| !w.starts_with("--"));
                let path = words.next().unwrap_or("").to_owned();
                let arguments: Vec<&str> = words.collect();
                if let Some(entry) = menu.entries.last_mut() {
                    entry.fact.kernel = Some(target(volumes, root, &path));
                    entry.fact.starts = show(&path);
                    entry.fact.arguments = arguments.join(" ");
                }
            }
            "initrd" => {
                if let Some(entry) = menu.entries.last_mut() {
                    entry.fact.initrds.push(target(volumes, root, rest.trim()));
                }
            }
            "chainloader" | "module" | "modulenounzip" => {
                menu.commands.push(Found {
                    fact: BootCommand {
                        name: word.to_owned(),
                        arguments: show(rest.trim()),
                    },
                    at: file.line(n),
                });
                if let Some(entry) = menu.entries.last_mut()
                    && entry.fact.starts.is_empty()
                {
                    entry.fact.starts = show(rest.trim());
                    entry.fact.by = Some(word.to_owned());
                }
            }
            "configfile" | "map" | "fallback" | "savedefault" => {
                let what = terminal(&show(line));
                if word == "configfile" || word == "map" {
                    menu.doubt(say!(boot_script_command, command = what), file.line(n));
                }
            }
            _ => {}
        }
    }
    if known && default < menu.entries.len() {
        menu.first.push(default);
    }
    menu.settle();
    menu
}
