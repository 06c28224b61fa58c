//! Conditions, devices and files of a GRUB script.

use super::super::environment;
use super::Machine;
use crate::fs::FileKind;
use crate::text::terminal;

impl Machine<'_> {
    /// Conditions of `[ … ]`: files, strings and numbers, `!`, `-a` and `-o`.
    pub(super) fn test(&mut self, args: &[String]) -> bool {
        if let Some(at) = args.iter().position(|a| a == "-o") {
            return self.test(&args[..at]) || self.test(&args[at + 1..]);
        }
        if let Some(at) = args.iter().position(|a| a == "-a") {
            return self.test(&args[..at]) && self.test(&args[at + 1..]);
        }
        let words: Vec<&str> = args.iter().map(String::as_str).collect();
        match words.as_slice() {
            [] => false,
            ["!", ..] => !self.test(&args[1..]),
            ["-n", text] => !text.is_empty(),
            ["-z", text] => text.is_empty(),
            ["-z"] => true,
            ["-n"] => false,
            [kind @ ("-f" | "-e" | "-s" | "-d"), path] => self.file_test(kind, path),
            [text] => !text.is_empty(),
            [a, op, b] => {
                let number = |s: &str| s.parse::<i64>().unwrap_or(0);
                match *op {
                    "=" | "==" => a == b,
                    "!=" => a != b,
                    "<" => a < b,
                    ">" => a > b,
                    "<=" => a <= b,
                    ">=" => a >= b,
                    "-eq" => number(a) == number(b),
                    "-ne" => number(a) != number(b),
                    "-lt" => number(a) < number(b),
                    "-le" => number(a) <= number(b),
                    "-gt" => number(a) > number(b),
                    "-ge" => number(a) >= number(b),
                    _ => {
                        self.assumed = true;
                        false
                    }
                }
            }
            _ => {
                self.assumed = true;
                false
            }
        }
    }

    pub(super) fn file_test(&mut self, kind: &str, path: &str) -> bool {
        let Some(path) = self.path(path) else {
            return false;
        };
        let at = self.reader.find(path.as_bytes(), &mut self.boot.gaps);
        at.is_some_and(|at| match kind {
            "-d" => at.metadata.kind == FileKind::Directory,
            "-s" => at.metadata.size > 0,
            "-f" => at.metadata.kind == FileKind::Regular,
            _ => true,
        })
    }

    /// A path of GRUB as a path of the guest; `None` where its device is none of the mounts.
    pub(super) fn path(&self, path: &str) -> Option<String> {
        let (device, rest) = match path.strip_prefix('(') {
            Some(tail) => tail.split_once(')')?,
            None => (self.variable("root"), path),
        };
        let mount = match device.strip_prefix('@') {
            Some(mount) => mount.to_owned(),
            None => self.mount_of(device)?,
        };
        let slash = if rest.starts_with('/') { "" } else { "/" };
        Some(format!("{mount}{slash}{rest}"))
    }

    /// Where `hd0,gpt2` is mounted: by partition number on the first disk.
    pub(super) fn mount_of(&self, device: &str) -> Option<String> {
        let (disk, part) = device.split_once(',')?;
        if disk != "hd0" {
            return None;
        }
        let number = part.trim_start_matches(|c: char| !c.is_ascii_digit());
        let volume = format!("p{number}");
        let mounts = self.reader.paths().mounts();
        let (at, _) = mounts.into_iter().find(|(_, v)| *v == volume)?;
        Some(if at == "/" { String::new() } else { at })
    }

    pub(super) fn load_env(&mut self, args: &[String]) -> bool {
        let mut path = format!("{}/grubenv", self.variable("prefix"));
        let mut only = Vec::new();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "-f" | "--file" => path = args.next().cloned().unwrap_or_default(),
                a if a.starts_with("--file=") => path = a[7..].to_owned(),
                a if a.starts_with('-') => {}
                a => only.push(a.to_owned()),
            }
        }
        let Some(path) = self.path(&path) else {
            return false;
        };
        let Some(file) = self.reader.text(&path, &mut self.boot.gaps) else {
            return false;
        };
        for (key, value) in environment(&file.text) {
            if !only.is_empty() && !only.contains(&key) {
                continue;
            }
            if key == "next_entry" && !value.is_empty() {
                let line = file
                    .lines()
                    .find(|(_, l)| l.starts_with("next_entry="))
                    .map_or(1, |l| l.0);
                self.next_entry = Some(file.line(line));
                if !self.take_next {
                    continue;
                }
            }
            self.variables.insert(key, value);
        }
        true
    }

    /// `search`: the variable gets the mount whose file system has the UUID, label or file.
    pub(super) fn search(&mut self, line: usize, name: &str, args: &[String]) -> bool {
        let mut by = name.strip_prefix("search.").unwrap_or("fs_uuid").to_owned();
        let mut variable = "root".to_owned();
        let mut plain = Vec::new();
        let mut args = args.iter().peekable();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "-u" | "--fs-uuid" => by = "fs_uuid".into(),
                "-l" | "--label" | "--fs-label" => by = "fs_label".into(),
                "-f" | "--file" => by = "file".into(),
                "-s" | "--set" => {
                    if args.peek().is_some_and(|a| !a.starts_with('-')) && args.len() > 1 {
                        variable = args.next().cloned().unwrap_or_default();
                    }
                }
                "-h" | "--hint" => {
                    args.next();
                }
                a if a.starts_with("--set=") => variable = a[6..].to_owned(),
                a if a.starts_with('-') => {}
                a => plain.push(a.to_owned()),
            }
        }
        let Some(target) = plain.first() else {
            return false;
        };
        if name.starts_with("search.")
            && let Some(given) = plain.get(1)
        {
            variable = given.clone();
        }
        let found = match by.as_str() {
            "fs_uuid" => self.reader.paths().mount_point_of_uuid(target),
            "file" => {
                let mounts = self.reader.paths().mounts();
                mounts.into_iter().find_map(|(at, _)| {
                    let at = if at == "/" { String::new() } else { at };
                    let path = format!("{at}{target}");
                    let here = self.reader.find(path.as_bytes(), &mut self.boot.gaps)?;
                    (here.metadata.kind == FileKind::Regular).then(|| at.into_bytes())
                })
            }
            _ => self.reader.paths().mount_point_of_label(target),
        };
        match found {
            Some(mount) => {
                self.variables
                    .insert(variable, format!("@{}", crate::text::lossless(&mount)));
                true
            }
            None => {
                if self.probe.is_none() && self.boot.entries.is_empty() {
                    self.doubt(line, say!(boot_no_volume, target = terminal(target)));
                }
                self.variables.insert(variable, "not-in-the-image".into());
                false
            }
        }
    }
}
