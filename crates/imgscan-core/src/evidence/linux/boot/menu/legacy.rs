//! GRUB before version 1 (`menu.lst`) and extlinux.

use super::{Boot, BootCommand, BootEntry, Loader};
use crate::evidence::Found;
use crate::evidence::linux::reader::Reader;
use crate::text::terminal;

/// The kernel path of an entry as a path of the guest: boot volumes hold it without `/boot`.
fn kernel_path(reader: &Reader<'_>, path: &str, boot: &mut Boot) -> Option<String> {
    let path = path.split_once(')').map_or(path, |(_, rest)| rest);
    let candidates = if path.starts_with('/') {
        vec![path.to_owned(), format!("/boot{path}")]
    } else {
        vec![format!("/boot/{path}"), format!("/boot/extlinux/{path}")]
    };
    candidates
        .into_iter()
        .find(|p| reader.find(p.as_bytes(), &mut boot.gaps).is_some())
}

/// Adds the files of an `initrd` line to the last entry.
fn initrd(reader: &Reader<'_>, files: &str, boot: &mut Boot) {
    let files = files.split([',', ' ', '\t']).filter(|f| !f.is_empty());
    let paths: Vec<String> = files
        .map(|f| kernel_path(reader, f, boot).unwrap_or_else(|| f.to_owned()))
        .collect();
    if let Some(entry) = boot.entries.last_mut() {
        entry.fact.initrds.extend(paths);
    }
}

/// GRUB legacy: `default N`, `title`, `kernel`.
pub(super) fn grub(reader: &Reader<'_>) -> Option<Boot> {
    let mut boot = Boot::default();
    let paths = [
        "/boot/grub/menu.lst",
        "/boot/grub/grub.conf",
        "/etc/grub.conf",
    ];
    let file = paths.iter().find_map(|p| reader.text(p, &mut boot.gaps))?;
    boot.loader = Some(Loader::GrubLegacy);
    boot.config = Some(file.at.clone());
    let mut default = 0usize;
    for (n, line) in file.lines() {
        let line = line.trim();
        let end = line.find([' ', '\t', '=']).unwrap_or(line.len());
        let (word, rest) = line.split_at(end);
        let rest = rest.trim_start_matches([' ', '\t', '=']);
        match word {
            "default" => match rest.trim().parse() {
                Ok(number) => default = number,
                Err(_) => boot.doubts.push(Found {
                    fact: say!(boot_default_elsewhere, value = terminal(rest)),
                    at: file.line(n),
                }),
            },
            "timeout" => boot.timeout = Some(rest.trim().to_owned()),
            "title" => {
                let place = boot.entries.len().to_string();
                boot.entries.push(Found {
                    fact: BootEntry {
                        title: rest.trim().to_owned(),
                        place,
                        ..BootEntry::default()
                    },
                    at: file.line(n),
                });
            }
            "kernel" => {
                let mut words = rest.split_whitespace().filter(|w| !w.starts_with("--"));
                let path = words.next().unwrap_or("").to_owned();
                let arguments = words.collect::<Vec<_>>().join(" ");
                let kernel = kernel_path(reader, &path, &mut boot);
                if let Some(entry) = boot.entries.last_mut() {
                    entry.fact.kernel = kernel;
                    entry.fact.starts = path;
                    entry.fact.arguments = arguments;
                }
            }
            "initrd" => initrd(reader, rest, &mut boot),
            "chainloader" | "module" | "modulenounzip" => {
                let fact = BootCommand {
                    name: word.to_owned(),
                    arguments: rest.trim().to_owned(),
                };
                boot.commands.push(Found {
                    fact,
                    at: file.line(n),
                });
                if let Some(entry) = boot.entries.last_mut()
                    && entry.fact.starts.is_empty()
                {
                    entry.fact.starts = rest.trim().to_owned();
                    entry.fact.by = Some(word.to_owned());
                }
            }
            _ => {}
        }
    }
    boot.default = (default < boot.entries.len()).then_some(default);
    Some(boot)
}

/// extlinux: `DEFAULT label`, `LABEL`, `KERNEL` or `LINUX`.
pub(super) fn extlinux(reader: &Reader<'_>) -> Option<Boot> {
    let mut boot = Boot::default();
    let paths = [
        "/boot/extlinux/extlinux.conf",
        "/boot/extlinux.conf",
        "/boot/syslinux/syslinux.cfg",
        "/extlinux.conf",
    ];
    let file = paths.iter().find_map(|p| reader.text(p, &mut boot.gaps))?;
    boot.loader = Some(Loader::Extlinux);
    boot.config = Some(file.at.clone());
    let mut default: Option<String> = None;
    let mut menu_default: Option<usize> = None;
    for (n, line) in file.lines() {
        let line = line.trim();
        let (word, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
        let rest = rest.trim();
        match word.to_ascii_lowercase().as_str() {
            // DEFAULT may also name the menu program.
            "default" if !rest.ends_with(".c32") => default = Some(rest.to_owned()),
            "ontimeout" => default = Some(rest.to_owned()),
            "timeout" => boot.timeout = Some(rest.to_owned()),
            "label" => {
                let place = boot.entries.len().to_string();
                boot.entries.push(Found {
                    fact: BootEntry {
                        title: rest.to_owned(),
                        id: Some(rest.to_owned()),
                        place,
                        ..BootEntry::default()
                    },
                    at: file.line(n),
                });
            }
            "kernel" | "linux" => {
                let kernel = kernel_path(reader, rest, &mut boot);
                if let Some(entry) = boot.entries.last_mut() {
                    entry.fact.kernel = kernel;
                    entry.fact.starts = rest.to_owned();
                }
            }
            "initrd" => initrd(reader, rest, &mut boot),
            "append" => {
                let loaded = rest.split_whitespace();
                let loaded = loaded.filter_map(|w| w.strip_prefix("initrd="));
                let loaded: Vec<&str> = loaded.flat_map(|l| l.split(',')).collect();
                initrd(reader, &loaded.join(","), &mut boot);
                if let Some(entry) = boot.entries.last_mut() {
                    entry.fact.arguments = rest.to_owned();
                }
            }
            "fdt" | "com32" | "boot" | "bss" | "pxe" | "fdtdir" => {
                boot.commands.push(Found {
                    fact: BootCommand {
                        name: word.to_ascii_lowercase(),
                        arguments: rest.to_owned(),
                    },
                    at: file.line(n),
                });
            }
            "menu" => {
                let (sub, value) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
                match (sub.to_ascii_lowercase().as_str(), boot.entries.last_mut()) {
                    ("label", Some(entry)) => entry.fact.title = value.trim().replace('^', ""),
                    ("default", Some(_)) => menu_default = Some(boot.entries.len() - 1),
                    _ => {}
                }
            }
            "include" => boot.doubts.push(Found {
                fact: say!(boot_include, file = terminal(rest)),
                at: file.line(n),
            }),
            _ => {}
        }
    }
    let named = default.and_then(|d| {
        boot.entries
            .iter()
            .position(|e| e.fact.id.as_deref() == Some(&d))
    });
    boot.default = menu_default
        .or(named)
        .or((!boot.entries.is_empty()).then_some(0));
    Some(boot)
}
