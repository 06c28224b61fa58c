//! Devices, file systems and the environment block.

use super::super::raw::show;
use super::super::volumes::{Device, Target};
use super::env::{Block, Value};
use super::machine::{Arg, Machine, Status};
use crate::evidence::{Found, Location};
use crate::text::terminal;

/// The longest environment block that is read, in bytes.
const MAX_BLOCK: u64 = 64 * 1024;

impl Machine<'_> {
    /// `search` (rule 3.2d): the first device that fits, hints first; where none fits, the
    /// variable keeps its value. Where several fit, only the machine's own order tells.
    pub(super) fn search(&mut self, line: usize, name: &str, args: &[Arg]) -> Status {
        let mut by = name.strip_prefix("search.").unwrap_or("file").to_owned();
        let mut variable = None;
        let mut hints = Vec::new();
        let mut plain = Vec::new();
        let mut args = args.iter().peekable();
        let platform = format!("--hint-{}", self.world.platform.hint());
        while let Some(arg) = args.next() {
            match arg.text.as_str() {
                "-u" | "--fs-uuid" => by = "fs_uuid".into(),
                "-l" | "--label" | "--fs-label" => by = "fs_label".into(),
                "-f" | "--file" => by = "file".into(),
                "-n" | "--no-floppy" | "--efidisk-only" | "--root-dev-only" => {}
                "-s" | "--set" => {
                    // The value may be left out, and then is `root`.
                    let behind = args.clone().filter(|a| !a.text.starts_with('-')).count();
                    let next = args.peek().is_some_and(|a| !a.text.starts_with('-'));
                    variable = match next && behind > 1 {
                        true => args.next().map(|a| a.text.clone()),
                        false => Some("root".to_owned()),
                    };
                }
                "-h" | "--hint" => hints.extend(args.next().map(|a| a.text.clone())),
                text => match text.split_once('=') {
                    Some(("--set", value)) => variable = Some(value.to_owned()),
                    Some(("--hint", value)) => hints.push(value.to_owned()),
                    Some((name, value)) if name == platform => hints.push(value.to_owned()),
                    _ if text.starts_with("--hint-") => {}
                    _ if text.starts_with('-') => {
                        return self.unknown_command(line, name, std::slice::from_ref(arg));
                    }
                    _ => plain.push(arg.clone()),
                },
            }
        }
        let Some(target) = plain.first() else {
            return Status::False;
        };
        if name.starts_with("search.") {
            variable = variable.or(plain.get(1).map(|a| a.text.clone()));
            hints.extend(plain.iter().skip(2).map(|a| a.text.clone()));
        } else {
            hints.extend(plain.iter().skip(1).map(|a| a.text.clone()));
        }
        let variable = variable.unwrap_or_else(|| "root".to_owned());
        if !target.known {
            self.doubt(line, say!(boot_script_value, command = "search"));
            self.variables.set(&variable, Value::Unknown);
            return Status::Undecided;
        }
        let volumes = self.world.volumes;
        let found = match by.as_str() {
            "fs_uuid" => volumes.with_uuid(&target.text),
            "fs_label" => volumes.with_label(&target.text),
            _ => {
                let there = |i: &usize| volumes.find(*i, &target.text).is_some();
                volumes.readable().filter(there).collect()
            }
        };
        let hinted = hints.iter().find_map(|hint| {
            let hint = hint.trim_matches(['(', ')']);
            match volumes.of_device(hint) {
                Device::Volume(i) => found.contains(&i).then_some(i),
                _ => None,
            }
        });
        let volume = match (hinted, found.as_slice()) {
            (Some(volume), _) => volume,
            (None, [one]) => *one,
            (None, []) => {
                // A volume that can't be read may be the one.
                let what = terminal(&show(&target.text));
                self.doubt(line, say!(boot_no_volume, target = what));
                return Status::False;
            }
            (None, several) => several[self.choose(line, several.len())],
        };
        self.variables.known(&variable, volumes.device(volume));
        Status::True
    }

    /// `probe --set=NAME -u|-l|-f DEVICE` (rule 3.2e).
    pub(super) fn probe(&mut self, line: usize, args: &[Arg]) -> Status {
        let mut variable = None;
        let mut what = None;
        let mut device = None;
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.text.as_str() {
                "-s" | "--set" => variable = args.next().map(|a| a.text.clone()),
                text if text.starts_with("--set=") => variable = Some(text[6..].to_owned()),
                text if text.starts_with('-') => what = Some(text.to_owned()),
                _ => device = Some(arg.clone()),
            }
        }
        let (Some(variable), Some(device)) = (variable, device) else {
            return Status::Undecided;
        };
        let name = device.text.trim_matches(['(', ')']);
        let value = match self.world.volumes.of_device(name) {
            Device::Volume(i) if device.known => {
                let volume = &self.world.volumes.all()[i];
                let info = volume.file_system().map(|fs| fs.info());
                match what.as_deref() {
                    Some("-u" | "--fs-uuid") => info.and_then(|i| i.uuid),
                    Some("-l" | "--label") => info.and_then(|i| i.label),
                    _ => None,
                }
            }
            _ => None,
        };
        match value {
            Some(value) => {
                self.variables.known(&variable, value);
                Status::True
            }
            None => {
                let _ = line;
                self.variables.set(&variable, Value::Unknown);
                Status::Undecided
            }
        }
    }

    /// The file of `load_env` and `save_env`, and the names behind it.
    fn environment_file(&self, args: &[Arg]) -> (Arg, Vec<Arg>) {
        let mut file = match self.variables.get("prefix") {
            Value::Known(prefix) => Arg {
                text: format!("{prefix}/grubenv"),
                known: true,
            },
            Value::Unknown => Arg {
                text: "grubenv".into(),
                known: false,
            },
        };
        let mut names = Vec::new();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.text.as_str() {
                "-f" | "--file" => {
                    if let Some(next) = args.next() {
                        file = next.clone();
                    }
                }
                text if text.starts_with("--file=") => {
                    file = Arg {
                        text: text[7..].to_owned(),
                        known: arg.known,
                    };
                }
                text if text.starts_with('-') => {}
                _ => names.push(arg.clone()),
            }
        }
        (file, names)
    }

    /// The block, as scripts of boots before have left it, and where it is.
    fn block_of(&self, volume: usize, path: &str) -> Option<(Block, Location)> {
        let volumes = self.world.volumes;
        let place = volumes.place(volume, path);
        if let Some(saved) = self.saved.get(&(volume, path.to_owned())) {
            return Some((saved.clone(), place));
        }
        let bytes = volumes.read(volume, path, MAX_BLOCK)?;
        let block = Block::read(&super::super::raw::raw(&bytes))?;
        Some((block, place))
    }

    /// `load_env` (rules 3.5a, 3.5b): any variable may be in the block.
    pub(super) fn load_env(&mut self, line: usize, args: &[Arg]) -> Status {
        let (file, names) = self.environment_file(args);
        let Target::On { volume, path } = self.target(&file) else {
            let path = terminal(&show(&file.text));
            self.doubt(line, say!(boot_script_outside, path = path));
            return Status::Undecided;
        };
        let Some((block, place)) = self.block_of(volume, &path) else {
            return Status::False;
        };
        self.has_read(place.clone());
        if block.odd {
            let at = place.clone();
            self.doubts.push(Found {
                fact: say!(boot_environment_form),
                at,
            });
        }
        for (name, value) in &block.values {
            if !names.is_empty() && !names.iter().any(|n| n.text == *name) {
                continue;
            }
            if name == "next_entry" && !value.is_empty() && self.next_entry.is_none() {
                let text = self.world.volumes.read(volume, &path, MAX_BLOCK);
                let text = super::super::raw::raw(&text.unwrap_or_default());
                let line = text.lines().position(|l| l.starts_with("next_entry="));
                self.next_entry = Some(place.clone().line(line.map_or(1, |l| l + 1)));
            }
            self.variables.known(name, value.clone());
        }
        Status::True
    }

    /// `save_env NAME…` changes the block for the boots to come, where there is one.
    pub(super) fn save_env(&mut self, args: &[Arg]) -> Status {
        let (file, names) = self.environment_file(args);
        let Target::On { volume, path } = self.target(&file) else {
            return Status::Undecided;
        };
        let Some((mut block, _)) = self.block_of(volume, &path) else {
            return Status::False;
        };
        for name in names {
            if let Value::Known(value) = self.variables.get(&name.text) {
                block.set(&name.text, value);
            }
        }
        self.saved.insert((volume, path), block);
        // A block that is not plain sectors of the disk can't be written.
        Status::Undecided
    }
}
