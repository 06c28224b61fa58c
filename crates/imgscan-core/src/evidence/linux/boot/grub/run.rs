//! The machine that runs a GRUB script.

use std::collections::BTreeMap;

use super::super::script::{Part, Statement, Word, parse};
use super::super::{Boot, BootEntry, bls};
use super::environment;
use crate::error::{Error, Layer};
use crate::evidence::linux::reader::{Reader, TextFile};
use crate::evidence::{Found, Gap, Location};
use crate::fs::FileKind;

/// Statements that one configuration may run.
const MAX_STEPS: usize = 100_000;
/// Files that lead to one another.
const MAX_FILES: usize = 16;
/// Functions that call one another, and blocks inside one another.
const MAX_CALLS: usize = 64;

/// A place in the menu.
#[derive(Debug)]
pub(super) enum Node {
    Entry {
        title: String,
        id: Option<String>,
        /// In the entries of the menu.
        index: usize,
    },
    Submenu {
        title: String,
        id: Option<String>,
        children: Vec<Node>,
    },
}

impl Node {
    pub(super) fn is_called(&self, name: &str) -> bool {
        let (Self::Entry { title, id, .. } | Self::Submenu { title, id, .. }) = self;
        title == name || id.as_deref() == Some(name)
    }
}

/// Runs scripts and holds what they made.
pub(super) struct Machine<'a> {
    reader: &'a Reader<'a>,
    pub(super) boot: Boot,
    pub(super) menu: Vec<Node>,
    /// Where the environment sets the entry of the next boot alone.
    pub(super) next_entry: Option<Location>,
    take_next: bool,
    variables: BTreeMap<String, String>,
    functions: BTreeMap<String, Vec<Statement>>,
    /// Places of the submenus around.
    place: Vec<usize>,
    files: usize,
    calls: usize,
    steps: usize,
    /// The script that runs.
    file: Option<TextFile>,
    /// Stands while an entry's own block runs: what it starts, as it stands, and as a path.
    probe: Option<(String, Option<String>, String)>,
    /// A condition that can't be told is around.
    assumed: bool,
    stopped: bool,
}

impl<'a> Machine<'a> {
    /// A machine whose `prefix` is the folder of `path`. `take_next` puts the one-shot entry of
    /// the environment in force.
    pub(super) fn new(reader: &'a Reader<'a>, path: &str, take_next: bool) -> Self {
        let mut variables = BTreeMap::new();
        for feature in [
            "menuentry_id",
            "default_font_path",
            "platform_search_hint",
            "timeout_style",
            "all_video_module",
            "200_final",
            "chainloader_bpb",
            "ntldr",
            "nativedisk_cmd",
        ] {
            variables.insert(format!("feature_{feature}"), "y".to_owned());
        }
        let folder = path.rsplit_once('/').map_or("", |(f, _)| f);
        let mount = crate::text::lossless(&reader.paths().mount_point(path.as_bytes()));
        let below = folder.strip_prefix(&mount).unwrap_or(folder);
        variables.insert("root".into(), format!("@{mount}"));
        variables.insert("prefix".into(), format!("(@{mount}){below}"));
        variables.insert("config_directory".into(), format!("(@{mount}){below}"));
        variables.insert("cmdpath".into(), format!("(@{mount}){below}"));
        let esp = path.contains("/EFI/");
        variables.insert(
            "grub_platform".into(),
            if esp { "efi" } else { "pc" }.into(),
        );
        variables.insert("grub_cpu".into(), "x86_64".into());
        Self {
            reader,
            boot: Boot::default(),
            menu: Vec::new(),
            next_entry: None,
            take_next,
            variables,
            functions: BTreeMap::new(),
            place: Vec::new(),
            files: 0,
            calls: 0,
            steps: 0,
            file: None,
            probe: None,
            assumed: false,
            stopped: false,
        }
    }

    /// The value of a variable; empty where it is not set.
    pub(super) fn variable(&self, name: &str) -> &str {
        self.variables.get(name).map_or("", String::as_str)
    }

    /// Runs the configuration at the guest path `path`.
    pub(super) fn start(&mut self, path: &str) {
        self.run_file(path);
    }

    fn doubt(&mut self, line: usize, what: impl Into<String>) {
        let at = self
            .file
            .as_ref()
            .map_or_else(Location::default, |f| f.line(line));
        self.boot.doubts.push(Found {
            fact: what.into(),
            at,
        });
    }

    fn run_file(&mut self, path: &str) -> bool {
        if self.files >= MAX_FILES {
            let why = Error::limit(
                Layer::Boot,
                None,
                format!("more than {MAX_FILES} files lead to one another"),
            );
            self.boot.gaps.push(Gap::at_path(path, &why));
            return false;
        }
        let mut gaps = Vec::new();
        let file = self.reader.text(path, &mut gaps);
        self.boot.gaps.append(&mut gaps);
        let Some(file) = file else { return false };
        self.files += 1;
        let (statements, trouble) = parse(&file.text);
        self.boot.config = Some(file.at.clone());
        let before = self.file.replace(file);
        if let Some(line) = trouble {
            self.doubt(line, "the script can't be understood from here on");
        }
        self.block(&statements);
        self.file = before;
        self.files -= 1;
        true
    }

    fn block(&mut self, statements: &[Statement]) -> bool {
        self.calls += 1;
        let mut status = true;
        if self.calls <= MAX_CALLS {
            for statement in statements {
                if self.stopped {
                    break;
                }
                self.steps += 1;
                if self.steps > MAX_STEPS {
                    self.doubt(0, "the script does not end");
                    self.stopped = true;
                    break;
                }
                status = self.statement(statement);
            }
        } else {
            self.doubt(0, "blocks or functions too deep");
            self.stopped = true;
        }
        self.calls -= 1;
        status
    }

    fn statement(&mut self, statement: &Statement) -> bool {
        match statement {
            Statement::Command { line, words, block } => {
                self.command(*line, words, block.as_deref())
            }
            Statement::Function { name, body } => {
                self.functions.insert(name.clone(), body.clone());
                true
            }
            Statement::For {
                variable,
                words,
                body,
            } => {
                for value in self.expand(words) {
                    self.variables.insert(variable.clone(), value);
                    self.block(body);
                }
                true
            }
            Statement::Loop { line, body } => {
                if makes_menu(body) {
                    self.doubt(*line, "a loop makes part of the menu");
                }
                true
            }
            Statement::If {
                line,
                branches,
                otherwise,
            } => self.condition(*line, branches, otherwise),
        }
    }

    fn condition(
        &mut self,
        line: usize,
        branches: &[(Vec<Statement>, Vec<Statement>)],
        otherwise: &[Statement],
    ) -> bool {
        for (condition, body) in branches {
            let before = std::mem::replace(&mut self.assumed, false);
            let holds = self.block(condition);
            let assumed = std::mem::replace(&mut self.assumed, before);
            if assumed && (makes_menu(body) || makes_menu(otherwise)) {
                self.doubt(
                    line,
                    "a condition that is only known at boot decides about the menu",
                );
            }
            if holds {
                return self.block(body);
            }
        }
        self.block(otherwise)
    }

    fn expand(&self, words: &[Word]) -> Vec<String> {
        let mut out = Vec::new();
        for word in words {
            let mut current: Option<String> = word.quoted.then(String::new);
            for part in &word.parts {
                match part {
                    Part::Text(text) => current.get_or_insert_with(String::new).push_str(text),
                    Part::Variable { name, quoted: true } => {
                        current
                            .get_or_insert_with(String::new)
                            .push_str(self.variable(name));
                    }
                    Part::Variable {
                        name,
                        quoted: false,
                    } => {
                        let value = self.variable(name);
                        for (i, field) in value.split_whitespace().enumerate() {
                            if i > 0 {
                                out.extend(current.take());
                            }
                            current.get_or_insert_with(String::new).push_str(field);
                        }
                    }
                }
            }
            out.extend(current);
        }
        out
    }

    fn command(&mut self, line: usize, words: &[Word], block: Option<&[Statement]>) -> bool {
        let words = self.expand(words);
        let Some((name, args)) = words.split_first() else {
            return true;
        };
        match name.as_str() {
            "!" => return args.is_empty() || !self.simple(line, &args[0], &args[1..]),
            "menuentry" => self.entry(line, args, block.unwrap_or(&[])),
            "submenu" => self.submenu(args, block.unwrap_or(&[])),
            name => return self.simple(line, name, args),
        }
        true
    }

    fn simple(&mut self, line: usize, name: &str, args: &[String]) -> bool {
        match name {
            "set" => {
                if let Some((key, value)) = args.first().and_then(|a| a.split_once('=')) {
                    self.variables.insert(key.into(), value.into());
                }
                true
            }
            "unset" => {
                for key in args {
                    self.variables.remove(key);
                }
                true
            }
            "true" | ":" => true,
            // No key is held and no button pressed at an ordinary boot.
            "false" | "keystatus" | "cmostest" => false,
            "[" | "test" => {
                let args = args.strip_suffix(&["]".to_owned()]).unwrap_or(args);
                self.test(args)
            }
            "load_env" => self.load_env(args),
            "search" | "search.fs_uuid" | "search.fs_label" | "search.file" => {
                self.search(line, name, args)
            }
            "source" | "." | "configfile" | "normal" | "extract_entries_source" => {
                let Some(path) = args.first().and_then(|p| self.path(p)) else {
                    return false;
                };
                let found = self.run_file(&path);
                if name == "configfile" && found && self.probe.is_none() {
                    // Its menu takes the place of this one.
                    self.stopped = true;
                }
                found
            }
            "blscfg" => {
                self.blscfg();
                true
            }
            "linux" | "linux16" | "linuxefi" | "kernel" | "chainloader" | "multiboot"
            | "multiboot2" | "module" | "module2" => {
                self.starts(name, args);
                true
            }
            "exit" | "return" | "halt" | "reboot" => {
                if name != "return" && self.probe.is_none() {
                    self.stopped = true;
                }
                true
            }
            // An assignment without `set`, as grub-mkconfig itself writes.
            name if name.contains('=') => {
                if let Some((key, value)) = name.split_once('=') {
                    self.variables.insert(key.into(), value.into());
                }
                true
            }
            name => match self.functions.get(name).cloned() {
                Some(body) => self.block(&body),
                None => {
                    let known = [
                        "insmod",
                        "loadfont",
                        "terminal_output",
                        "terminal_input",
                        "sleep",
                        "echo",
                        "export",
                        "save_env",
                        "recordfail",
                        "background_image",
                        "serial",
                        "initrd",
                        "initrd16",
                        "initrdefi",
                        "clear",
                        "gfxmode",
                        "play",
                        "nativedisk",
                    ];
                    if !known.contains(&name) {
                        self.assumed = true;
                    }
                    true
                }
            },
        }
    }

    /// Conditions of `[ … ]`: files, strings and numbers, `!`, `-a` and `-o`.
    fn test(&mut self, args: &[String]) -> bool {
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

    fn file_test(&mut self, kind: &str, path: &str) -> bool {
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
    fn path(&self, path: &str) -> Option<String> {
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
    fn mount_of(&self, device: &str) -> Option<String> {
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

    fn load_env(&mut self, args: &[String]) -> bool {
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
    fn search(&mut self, line: usize, name: &str, args: &[String]) -> bool {
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
                    self.doubt(line, format!("no mounted volume is {target}"));
                }
                self.variables.insert(variable, "not-in-the-image".into());
                false
            }
        }
    }

    fn entry(&mut self, line: usize, args: &[String], body: &[Statement]) {
        let (title, id) = titles(args);
        let root = self.variables.get("root").cloned();
        self.probe = Some(Default::default());
        self.block(body);
        let (starts, kernel, arguments) = self.probe.take().unwrap_or_default();
        if let Some(root) = root {
            self.variables.insert("root".into(), root);
        }
        let at = self
            .file
            .as_ref()
            .map_or_else(Location::default, |f| f.line(line));
        self.add(title, id, kernel, starts, arguments, at);
    }

    fn add(
        &mut self,
        title: String,
        id: Option<String>,
        kernel: Option<String>,
        starts: String,
        arguments: String,
        at: Location,
    ) {
        let mut place: Vec<String> = self.place.iter().map(usize::to_string).collect();
        place.push(self.menu.len().to_string());
        let index = self.boot.entries.len();
        self.boot.entries.push(Found {
            fact: BootEntry {
                title: title.clone(),
                id: id.clone(),
                place: place.join(">"),
                kernel,
                starts,
                arguments,
            },
            at,
        });
        self.menu.push(Node::Entry { title, id, index });
    }

    fn submenu(&mut self, args: &[String], body: &[Statement]) {
        let (title, id) = titles(args);
        let outer = std::mem::take(&mut self.menu);
        self.place.push(outer.len());
        // A submenu runs in a context of its own.
        let variables = self.variables.clone();
        self.block(body);
        self.variables = variables;
        self.place.pop();
        let children = std::mem::replace(&mut self.menu, outer);
        self.menu.push(Node::Submenu {
            title,
            id,
            children,
        });
    }

    /// A command that names what an entry starts. Under a hypervisor the first module is the
    /// kernel.
    fn starts(&mut self, name: &str, args: &[String]) {
        let mut rest = args.iter().skip_while(|a| a.starts_with("--"));
        let Some(path) = rest.next() else { return };
        let arguments = rest.cloned().collect::<Vec<_>>().join(" ");
        let kernel = self.path(path);
        let Some(probe) = &mut self.probe else { return };
        let module = name.starts_with("module");
        if probe.0.is_empty() || module && (probe.0.contains("xen") || probe.0.contains("tboot")) {
            *probe = (path.clone(), kernel, arguments);
        }
    }

    fn blscfg(&mut self) {
        let root = match self.variable("boot") {
            "" => self.variable("root").to_owned(),
            boot => boot.to_owned(),
        };
        // The entries lie on the boot volume: `/loader/entries` there.
        let mut folders = vec![
            format!("({root})/loader/entries"),
            format!("({root})/boot/loader/entries"),
        ];
        if let Some(given) = self.variables.get("blsdir") {
            folders.insert(0, given.clone());
        }
        for folder in folders {
            let Some(path) = self.path(&folder) else {
                continue;
            };
            let all = bls::entries(self.reader, &path, &mut self.boot);
            if all.is_empty() {
                continue;
            }
            for entry in all {
                let kernel = self.path(&format!("({root}){}", entry.kernel)).map(|k| {
                    // Where /boot is no volume of its own, entries may leave it out.
                    if self.reader.find(k.as_bytes(), &mut Vec::new()).is_none() {
                        format!("/boot{}", entry.kernel)
                    } else {
                        k
                    }
                });
                self.add(
                    entry.title,
                    Some(entry.id),
                    kernel,
                    entry.kernel,
                    entry.arguments,
                    entry.file.at,
                );
            }
            return;
        }
    }
}

/// (title, id) of a menu entry's words.
fn titles(args: &[String]) -> (String, Option<String>) {
    let mut title = None;
    let mut id = None;
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--id" => id = args.next().cloned(),
            "--class" | "--users" | "--hotkey" | "--source" => {
                args.next();
            }
            a if a.starts_with("--id=") => id = Some(a[5..].to_owned()),
            a if a.starts_with("--") => {}
            a => {
                title.get_or_insert_with(|| a.to_owned());
            }
        }
    }
    (title.unwrap_or_default(), id)
}

/// True where the statements change which entries there are or which is the default.
fn makes_menu(statements: &[Statement]) -> bool {
    statements.iter().any(|s| match s {
        Statement::Command { words, .. } => {
            let word = |i: usize| match words.get(i).map(|w| w.parts.as_slice()) {
                Some([Part::Text(text), ..]) => text.as_str(),
                _ => "",
            };
            match word(0) {
                "menuentry" | "submenu" | "configfile" | "source" | "." | "blscfg" | "load_env" => {
                    true
                }
                "set" => word(1).starts_with("default="),
                word if word.starts_with("default=") => true,
                _ => false,
            }
        }
        Statement::If {
            branches,
            otherwise,
            ..
        } => branches.iter().any(|(_, b)| makes_menu(b)) || makes_menu(otherwise),
        Statement::For { body, .. } | Statement::Loop { body, .. } => makes_menu(body),
        Statement::Function { .. } => false,
    })
}
