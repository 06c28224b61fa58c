//! What a script puts into the menu.

use std::rc::Rc;

use super::super::raw::show;
use super::super::script::{Block, parse};
use super::super::volumes::{Device, Target};
use super::super::{bls, version};
use super::Build;
use super::env::Value;
use super::machine::{Arg, Machine, Node, Status};
use crate::evidence::Found;
#[cfg(test)]
use crate::evidence::Location;
use crate::text::terminal;

/// The longest line of arguments that is made, in bytes.
const MAX_LINE: usize = 256 * 1024;
/// Entries of one menu.
const MAX_ENTRIES: usize = 1_000;

impl Node {
    #[cfg(test)]
    pub(super) fn named(title: &str, id: &str) -> Self {
        Self {
            title: title.into(),
            id: id.into(),
            submenu: false,
            body: Block::default(),
            params: Vec::new(),
            at: Location::default(),
            file: None,
            doubts: Vec::new(),
        }
    }
}

impl Machine<'_> {
    /// `menuentry` and `submenu` (rule 3.4a): the body runs when the entry is chosen.
    pub(super) fn menu_entry(
        &mut self,
        line: usize,
        submenu: bool,
        args: &[Arg],
        block: Option<&Block>,
    ) -> Status {
        let mut id = None;
        let mut source = None;
        let mut params: Vec<Arg> = Vec::new();
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            let option = arg.text.split_once('=').unwrap_or((&arg.text, ""));
            let given = arg.text.contains('=').then(|| Arg {
                text: option.1.to_owned(),
                known: arg.known,
            });
            match option.0 {
                "--id" => id = given.or_else(|| rest.next().cloned()),
                "--source" => source = given.or_else(|| rest.next().cloned()),
                "--class" | "--users" | "--hotkey" => {
                    if given.is_none() {
                        rest.next();
                    }
                }
                "--unrestricted" => {}
                text if text.starts_with("--") => {
                    let name = if submenu { "submenu" } else { "menuentry" };
                    return self.unknown_command(line, name, args);
                }
                _ => params.push(arg.clone()),
            }
        }
        let Some(title) = params.first().cloned() else {
            return Status::False;
        };
        if self.menu.len() >= MAX_ENTRIES {
            self.doubt(line, say!(boot_script_endless));
            return Status::False;
        }
        let named = title.known && id.as_ref().is_none_or(|i| i.known);
        let body = match (&source, block) {
            (None, Some(block)) => Some(Rc::clone(block)),
            (Some(text), None) if text.known => {
                let script = parse(&text.text, false);
                script.trouble.is_empty().then_some(script.statements)
            }
            _ => None,
        };
        if !named || body.is_none() {
            self.doubt(line, say!(boot_script_value, command = "menuentry"));
        }
        let at = self.place(line);
        let file = self.file_rc().filter(|_| source.is_none());
        self.menu.push(Node {
            id: id.map_or_else(|| title.text.clone(), |i| i.text),
            title: title.text,
            submenu,
            body: body.unwrap_or_default(),
            params,
            at,
            file,
            doubts: Vec::new(),
        });
        Status::True
    }

    /// `blscfg` of Fedora's branch and `blsuki` (rules 3.6a to 3.6g): entries are made of files,
    /// and each is the text of a script.
    pub(super) fn boot_loader_specification(
        &mut self,
        line: usize,
        uki: bool,
        args: &[Arg],
    ) -> Status {
        // Debian and Ubuntu have it as its authors publish it (rule 3.6i).
        let upstream = self.world.build == Build::Debian;
        let known = |a: &Arg| !upstream && a.text.starts_with(['/', '(']);
        if !args.iter().all(known) || upstream && uki {
            let name = if uki { "blsuki" } else { "blscfg" };
            return self.unknown_command(line, name, args);
        }
        // Before 2.14 there is none, and no module of it is loaded under Secure Boot.
        if upstream && self.choose(line, 2) == 1 {
            return Status::False;
        }
        let uki = uki || upstream;
        if upstream && self.variables.get("root") == Value::Unknown {
            self.doubt(line, say!(boot_script_value, command = "blscfg"));
        }
        let folder = match upstream {
            true => self.folder_on("root", &["/loader/entries"]),
            false => self.entries_folder(line, args.first()),
        };
        let Some((volume, folder, root)) = folder else {
            return Status::False;
        };
        let names = self
            .world
            .volumes
            .names(volume, &folder)
            .unwrap_or_default();
        let mut files: Vec<bls::EntryFile> = names
            .iter()
            .filter(|n| n.len() > 5 && !n.starts_with('.') && n.ends_with(".conf"))
            .filter_map(|name| bls::EntryFile::read(self.world.volumes, volume, &folder, name))
            .collect();
        let order = |a: &bls::EntryFile, b: &bls::EntryFile| {
            let (a, b) = (show(&a.id), show(&b.id));
            match uki {
                true => version::file_names(&format!("{b}.conf"), &format!("{a}.conf")),
                false => version::packages(&b, &a),
            }
        };
        files.sort_by(order);
        if let Some(pair) = files.windows(2).find(|p| order(&p[0], &p[1]).is_eq()) {
            let at = pair[1].at.clone();
            self.doubts.push(Found {
                fact: say!(boot_entries_tie),
                at,
            });
        }
        for file in files {
            if let Some(node) = self.entry_of(&file, uki, &root) {
                self.menu.push(node);
            }
        }
        Status::True
    }

    /// The folder of the entries, and the variable that names its device. `/boot/loader/entries`
    /// is read only where the first can't be (rule 3.6a). Older builds take the device of `$boot`.
    fn entries_folder(
        &mut self,
        line: usize,
        given: Option<&Arg>,
    ) -> Option<(usize, String, String)> {
        let set = match self.variables.get("blsdir") {
            Value::Known(text) if text.is_empty() => None,
            Value::Known(text) => Some(Arg { text, known: true }),
            Value::Unknown => Some(Arg {
                text: String::new(),
                known: false,
            }),
        };
        if let Some(arg) = given.cloned().or(set) {
            let Target::On { volume, path } = self.target(&arg) else {
                let path = terminal(&show(&arg.text));
                self.doubt(line, say!(boot_script_outside, path = path));
                return None;
            };
            return Some((volume, path, "root".into()));
        }
        for variable in ["root", "boot"] {
            if self.variables.get(variable) == Value::Unknown {
                self.doubt(line, say!(boot_script_value, command = "blscfg"));
            }
            let folders = ["/loader/entries", "/boot/loader/entries"];
            if let Some(found) = self.folder_on(variable, &folders) {
                return Some(found);
            }
        }
        None
    }

    /// The first of `folders` that is on the device of this variable.
    fn folder_on(&self, variable: &str, folders: &[&str]) -> Option<(usize, String, String)> {
        let Value::Known(device) = self.variables.get(variable) else {
            return None;
        };
        let Device::Volume(volume) = self.world.volumes.of_device(&device) else {
            return None;
        };
        let there = |folder: &&&str| self.world.volumes.names(volume, folder).is_some();
        let folder = folders.iter().find(there)?;
        Some((volume, (*folder).to_owned(), variable.to_owned()))
    }

    /// The menu entry that an entry file makes: its values become the text of a script
    /// (rules 3.6c to 3.6e).
    fn entry_of(&mut self, file: &bls::EntryFile, uki: bool, root: &str) -> Option<Node> {
        let pairs = file.as_grub_reads_it(uki);
        let first = |key: &str| {
            let found = pairs.iter().find(|(k, _)| k == key);
            found.map(|(_, value)| value.as_str())
        };
        let linux = first("linux")?;
        // Variables that only Fedora's branch reads.
        let upstream = self.world.build == Build::Debian;
        let own = |name: &str| match upstream {
            true => Value::Known(String::new()),
            false => self.variables.get(name),
        };
        let mut doubts = Vec::new();
        let mut doubt = |fact| {
            doubts.push(Found {
                fact,
                at: file.at.clone(),
            });
        };
        // A single character is taken for none.
        let options = match first("options").filter(|o| o.len() > 1) {
            Some(options) => self.with_variables(options),
            None => match own("default_kernelopts") {
                Value::Known(text) => Some(text),
                Value::Unknown => None,
            },
        };
        if options.is_none() {
            doubt(say!(boot_script_value, command = "blscfg"));
        }
        let options = options.unwrap_or_default();
        let initrds: Vec<&str> = pairs
            .iter()
            .filter(|(k, _)| k == "initrd")
            .map(|(_, value)| value.as_str())
            .collect();
        let device = match upstream {
            true => String::new(),
            false => format!("(${root})"),
        };
        let mut text = String::new();
        if upstream && !self.variables.text("blsuki_save_default").is_empty() {
            doubt(say!(boot_script_value, command = "blscfg"));
        }
        if own("save_default") == Value::Known("true".into()) && self.has_function("savedefault") {
            text.push_str("savedefault\n");
        }
        if !upstream && self.has_function("load_video") {
            text.push_str("load_video\n");
        }
        text.push_str(&format!("linux {device}{linux} {options}\n"));
        let mut line = String::new();
        let beside = initrds.first().copied().unwrap_or(linux);
        let folder = beside.rsplit_once('/').map_or("", |(folder, _)| folder);
        match own("early_initrd") {
            Value::Known(early) => {
                for name in early.split_ascii_whitespace() {
                    line.push_str(&format!(" {device}{folder}/{name}"));
                }
            }
            Value::Unknown => doubt(say!(boot_script_value, command = "early_initrd")),
        }
        for value in &initrds {
            line.push_str(&format!(" {device}{value}"));
        }
        if !line.is_empty() {
            text.push_str(&format!("initrd{line}\n"));
        }
        let tree = first("devicetree").map(str::to_owned);
        let tree = tree.map_or_else(|| own("devicetree"), Value::Known);
        if let Value::Known(tree) = tree
            && !tree.is_empty()
        {
            text.push_str(&format!("devicetree {device}{tree}\n"));
        }
        let script = parse(&text, false);
        if !script.trouble.is_empty() {
            doubt(say!(boot_script_form));
        }
        let title = first("title").unwrap_or(linux).to_owned();
        Some(Node {
            params: vec![Arg {
                text: title.clone(),
                known: true,
            }],
            title,
            id: file.id.clone(),
            submenu: false,
            body: script.statements,
            at: file.at.clone(),
            file: None,
            doubts,
        })
    }

    /// `$name` replaced as blscfg does before the script is made: a blank is put behind the value
    /// and one that follows is eaten; `\$` stays (rule 3.6d). `None` where a value is not known.
    fn with_variables(&self, text: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            if out.len() > MAX_LINE {
                return None;
            }
            let (before, behind) = rest.split_at(at);
            // A piece of one character is taken for none.
            if before.len() > 1 || before == "\\" {
                out.push_str(before);
            }
            let behind = &behind[1..];
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let end = behind.find(|c| !fits(c)).unwrap_or(behind.len());
            let (name, tail) = behind.split_at(end);
            if before.ends_with('\\') || name.is_empty() {
                if self.world.build == Build::Debian {
                    return None;
                }
                out.push('$');
                rest = behind;
                continue;
            }
            if name.len() == 1 && (tail.is_empty() || tail.starts_with('$')) {
                rest = tail;
                continue;
            }
            let mut value = self.variables.get(name);
            if name == "kernelopts" && value == Value::Known(String::new()) {
                value = self.variables.get("default_kernelopts");
            }
            match value {
                // No blank stands behind a variable that is not set, so words may grow together.
                Value::Known(value)
                    if value.is_empty() && !out.ends_with(' ') && !out.is_empty() =>
                {
                    return None;
                }
                Value::Known(value) => out.push_str(&value),
                Value::Unknown => return None,
            }
            out.push(' ');
            rest = tail.strip_prefix(' ').unwrap_or(tail);
        }
        if rest.len() != 1 {
            out.push_str(rest);
        }
        Some(out)
    }
}
