//! extlinux and syslinux (rules 5.1a to 5.1d).

use super::raw::show;
use super::volumes::{Config, Target, Volumes};
use super::{Entry, Menu};
use crate::evidence::Found;
use crate::evidence::linux::boot::menu::{BootCommand, Loader};
use crate::text::terminal;

/// Where configurations are, in the order in which they are looked for.
pub(super) const CONFIGS: &[&str] = &[
    "/boot/extlinux/extlinux.conf",
    "/extlinux/extlinux.conf",
    "/boot/extlinux.conf",
    "/boot/syslinux/extlinux.conf",
    "/boot/syslinux/syslinux.cfg",
    "/syslinux/extlinux.conf",
    "/syslinux/syslinux.cfg",
    "/EFI/syslinux/syslinux.cfg",
    "/extlinux.conf",
    "/syslinux.cfg",
];

/// Endings of programs that are no Linux kernels.
const PROGRAMS: &[&str] = &[".c32", ".0", ".bin", ".bs", ".bss", ".img", ".cbt", ".com"];

/// The menu of the configuration at `path`.
pub(super) fn menu(volumes: &Volumes<'_>, volume: usize, path: &str) -> Menu {
    let Some(file) = volumes.config(volume, path) else {
        return Menu::default();
    };
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut reading = Reading {
        volume,
        folder,
        menu: Menu {
            loader: Some(Loader::Extlinux),
            config: file.at.clone(),
            configs: vec![file.at.clone()],
            ..Menu::default()
        },
        labels: Vec::new(),
        append: String::new(),
        default: None,
        on_timeout: None,
        menu_default: None,
    };
    reading.read(&file);
    reading.end()
}

struct Reading<'a> {
    volume: usize,
    folder: &'a str,
    menu: Menu,
    labels: Vec<String>,
    append: String,
    default: Option<String>,
    on_timeout: Option<String>,
    menu_default: Option<usize>,
}

impl Reading<'_> {
    /// A path below the folder of the configuration, or from the volume's root.
    fn target(&mut self, path: &str, file: &Config, line: usize) -> Target {
        if path.contains([':', '(']) {
            let shown = terminal(&show(path));
            self.menu
                .doubt(say!(boot_script_outside, path = shown), file.line(line));
            return Target::Outside(show(path));
        }
        let path = match path.starts_with('/') {
            true => path.to_owned(),
            false => format!("{}/{path}", self.folder),
        };
        Target::On {
            volume: self.volume,
            path,
        }
    }

    fn initrds(&mut self, files: &str, file: &Config, line: usize) {
        let names = files.split([',', ' ', '\t']).filter(|f| !f.is_empty());
        let all: Vec<Target> = names.map(|f| self.target(f, file, line)).collect();
        if let Some(entry) = self.menu.entries.last_mut() {
            entry.fact.initrds.extend(all);
        }
    }

    fn read(&mut self, file: &Config) {
        for (i, line) in file.text.split('\n').enumerate() {
            let n = i + 1;
            let line = line.trim_matches([' ', '\t', '\r']);
            let (word, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
            let rest = rest.trim_matches([' ', '\t']);
            self.line(&word.to_ascii_lowercase(), rest, file, n);
        }
    }

    fn line(&mut self, word: &str, rest: &str, file: &Config, n: usize) {
        let in_label = !self.menu.entries.is_empty();
        match word {
            "default" => self.default = Some(rest.to_owned()),
            "ontimeout" => self.on_timeout = Some(rest.to_owned()),
            "timeout" => self.menu.timeout = Some(show(rest)),
            "ui" => {
                let program = rest.split([' ', '\t']).next().unwrap_or("");
                let known = program.ends_with("menu.c32");
                if !known {
                    self.odd(word, rest, file, n);
                }
            }
            "label" => {
                let place = self.menu.entries.len().to_string();
                self.labels.push(rest.to_owned());
                self.menu.entries.push(Found {
                    fact: Entry {
                        title: show(rest),
                        id: Some(show(rest)),
                        place,
                        arguments: self.append.clone(),
                        ..Entry::default()
                    },
                    at: file.line(n),
                });
            }
            "kernel" | "linux" if in_label => {
                let (path, more) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
                let program = PROGRAMS.iter().any(|p| path.ends_with(p)) && word == "kernel";
                let kernel = self.target(path, file, n);
                if let Some(entry) = self.menu.entries.last_mut() {
                    entry.fact.kernel = Some(kernel);
                    entry.fact.starts = show(path);
                    entry.fact.by = program.then(|| word.to_owned());
                    if !more.is_empty() {
                        entry.fact.arguments = more.to_owned();
                    }
                }
            }
            "initrd" => self.initrds(rest, file, n),
            "append" => self.append(rest, file, n),
            "com32" | "boot" | "bss" | "pxe" | "localboot" | "config" => {
                self.command(word, rest, file, n);
                if let Some(entry) = self.menu.entries.last_mut() {
                    entry.fact.starts = show(rest);
                    entry.fact.by = Some(word.to_owned());
                }
                if !in_label {
                    self.odd(word, rest, file, n);
                }
            }
            "fdt" | "fdtdir" | "devicetree" | "devicetreedir" | "fdtoverlays"
            | "devicetree-overlay" => self.command(word, rest, file, n),
            "menu" => {
                let (sub, value) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
                match (
                    sub.to_ascii_lowercase().as_str(),
                    self.menu.entries.last_mut(),
                ) {
                    ("label", Some(entry)) => {
                        entry.fact.title = show(&value.trim().replace('^', ""));
                    }
                    ("default", Some(_)) => self.menu_default = Some(self.menu.entries.len() - 1),
                    ("include", _) => self.include(value, file, n),
                    _ => {}
                }
            }
            "include" => self.include(rest, file, n),
            _ => {}
        }
    }

    fn append(&mut self, rest: &str, file: &Config, n: usize) {
        let rest = if rest == "-" { "" } else { rest };
        if self.menu.entries.is_empty() {
            self.append = rest.to_owned();
            return;
        }
        let words = rest.split([' ', '\t']);
        let loaded = words.filter_map(|w| w.strip_prefix("initrd="));
        let loaded: Vec<&str> = loaded.collect();
        self.initrds(&loaded.join(","), file, n);
        if let Some(entry) = self.menu.entries.last_mut() {
            entry.fact.arguments = rest.to_owned();
        }
    }

    fn command(&mut self, word: &str, rest: &str, file: &Config, n: usize) {
        self.menu.commands.push(Found {
            fact: BootCommand {
                name: word.to_owned(),
                arguments: show(rest),
            },
            at: file.line(n),
        });
    }

    fn include(&mut self, name: &str, file: &Config, n: usize) {
        let name = terminal(&show(name.trim()));
        self.menu
            .doubt(say!(boot_include, file = name), file.line(n));
    }

    fn odd(&mut self, word: &str, rest: &str, file: &Config, n: usize) {
        let what = terminal(&show(&format!("{word} {rest}")));
        self.menu
            .doubt(say!(boot_script_command, command = what), file.line(n));
    }

    /// What starts without a person: what `ONTIMEOUT` says, else the menu's or the first default.
    fn end(mut self) -> Menu {
        let named = |wanted: &Option<String>| {
            let wanted = wanted.as_ref()?;
            let label = wanted.split([' ', '\t']).next().unwrap_or("");
            self.labels.iter().position(|l| l == label)
        };
        let program = self.default.as_ref().is_some_and(|d| {
            d.split([' ', '\t'])
                .next()
                .unwrap_or("")
                .ends_with("menu.c32")
        });
        let chosen = match (&self.on_timeout, program) {
            (Some(_), _) => named(&self.on_timeout),
            (None, true) => self.menu_default.or(Some(0)),
            (None, false) => self
                .menu_default
                .or_else(|| named(&self.default))
                .or_else(|| self.default.is_none().then_some(0)),
        };
        match chosen.filter(|i| *i < self.menu.entries.len()) {
            Some(i) => self.menu.first.push(i),
            None if !self.menu.entries.is_empty() => {
                let value = self.on_timeout.as_ref().or(self.default.as_ref());
                let value = terminal(&show(value.map_or("", String::as_str)));
                let at = self.menu.config.clone();
                self.menu
                    .doubt(say!(boot_default_elsewhere, value = value), at);
            }
            None => {}
        }
        self.menu.settle();
        self.menu
    }
}
