//! The machine that runs a GRUB script.

mod files;
mod menu;

use std::collections::BTreeMap;

use super::super::script::{Part, Statement, Word, parse};
use super::super::{Boot, BootEntry};
use crate::error::{Error, Layer};
use crate::evidence::linux::reader::{Reader, TextFile};
use crate::evidence::{Found, Gap, Location};
use crate::text::Text;

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
    /// Stands while an entry's own block runs: what it starts.
    probe: Option<BootEntry>,
    /// What the script would start outside of any entry.
    outside: BootEntry,
    /// The entry that the script starts by itself.
    pub(super) forced: Option<usize>,
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
            outside: BootEntry::default(),
            forced: None,
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

    fn doubt(&mut self, line: usize, why: Text) {
        let at = self
            .file
            .as_ref()
            .map_or_else(Location::default, |f| f.line(line));
        self.boot.doubts.push(Found { fact: why, at });
    }

    fn run_file(&mut self, path: &str) -> bool {
        if self.files >= MAX_FILES {
            let why = Error::limit(
                Layer::Boot,
                None,
                say!(error_too_many, most = MAX_FILES, what = "configurations"),
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
            self.doubt(line, say!(boot_script_form));
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
                    self.doubt(0, say!(boot_script_endless));
                    self.stopped = true;
                    break;
                }
                status = self.statement(statement);
            }
        } else {
            self.doubt(0, say!(boot_script_deep));
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
                    self.doubt(*line, say!(boot_script_loop));
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
                self.doubt(line, say!(boot_script_condition));
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
            "linux" | "linux16" | "linuxefi" | "kernel" => {
                self.starts(name, args);
                true
            }
            "initrd" | "initrd16" | "initrdefi" => {
                self.initrd(args);
                true
            }
            "boot" => {
                self.boot_outside(line);
                true
            }
            name if STARTS.contains(&name)
                || OTHERS.contains(&name)
                || name == "insmod" && is_file(args) =>
            {
                self.remark(line, name, args);
                if STARTS.contains(&name) {
                    self.starts(name, args);
                }
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
}

/// Commands that load what is then started, beside those for Linux kernels. GNU GRUB manual,
/// "Command-line and menu entry commands".
const STARTS: &[&str] = &[
    "chainloader",
    "multiboot",
    "multiboot2",
    "module",
    "module2",
    "ntldr",
    "freedos",
    "kfreebsd",
    "knetbsd",
    "kopenbsd",
    "plan9",
    "truecrypt",
    "xen_hypervisor",
    "xen_linux",
    "xnu_kernel",
    "xnu_kernel64",
];

/// Commands that write to memory, to ports or to tables of the firmware, or load code.
const OTHERS: &[&str] = &[
    "acpi",
    "devicetree",
    "drivemap",
    "efi-memory",
    "fakebios",
    "loadbios",
    "loopback",
    "outb",
    "outl",
    "outw",
    "setpci",
    "write_byte",
    "write_dword",
    "write_word",
    "wrmsr",
];

/// True where a module is named as a file, not by its name in GRUB's own folder.
fn is_file(args: &[String]) -> bool {
    args.iter().any(|a| a.contains(['/', '(']))
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
