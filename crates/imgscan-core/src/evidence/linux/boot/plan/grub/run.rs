//! What the commands do.

use std::rc::Rc;

use super::super::raw::show;
use super::super::script::Block;
use super::super::volumes::{Device, Target};
use super::commands::{Kind, kind};
use super::env::Value;
use super::machine::{Arg, Flow, Loaded, Machine, Status};
use crate::evidence::Found;
use crate::evidence::linux::boot::menu::BootCommand;
use crate::fs::FileKind;
use crate::text::terminal;

impl Machine<'_> {
    pub(super) fn run(
        &mut self,
        line: usize,
        name: &str,
        args: &[Arg],
        block: Option<&Block>,
    ) -> Status {
        match kind(name) {
            Some(Kind::Followed) => self.follow(line, name, args, block),
            Some(Kind::Starts) => {
                self.remark(line, name, args);
                self.starts(line, name, args)
            }
            Some(Kind::Changes) => {
                self.remark(line, name, args);
                let what = terminal(&show(name));
                self.doubt(line, say!(boot_script_changes, command = what));
                // What is set up here can be named later on.
                for arg in args {
                    self.ask(line, name, arg);
                }
                Status::Undecided
            }
            Some(Kind::Quiet) => Status::True,
            Some(Kind::Harmless) => Status::Undecided,
            Some(Kind::Asks) => {
                for arg in args {
                    self.ask(line, name, arg);
                }
                // Ubuntu's: whether a list names the machine's graphics.
                if name == "hwmatch" {
                    self.variables.set("match", Value::Unknown);
                }
                if name == "read" {
                    for arg in args.iter().filter(|a| !a.text.starts_with('-')) {
                        self.variables.set(&arg.text, Value::Unknown);
                    }
                }
                Status::Undecided
            }
            Some(Kind::Leaves) => {
                // `fwsetup --is-supported` only asks.
                if name == "fwsetup" && args.iter().any(|a| a.text.starts_with('-')) {
                    return Status::Undecided;
                }
                self.left = true;
                self.ended_at = Some(self.place(line));
                self.flow = Flow::Stop;
                Status::Undecided
            }
            None => self.unknown_command(line, name, args),
        }
    }

    /// `--set=NAME` of a command that asks the firmware.
    fn ask(&mut self, line: usize, command: &str, arg: &Arg) {
        if let Some(name) = arg.text.strip_prefix("--set=") {
            let name = name.rsplit(':').next().unwrap_or(name).to_owned();
            self.variables.set(&name, Value::Unknown);
        } else if arg.text == "--set" || arg.text == "-s" || !arg.known {
            let command = terminal(&show(command));
            self.doubt(line, say!(boot_script_value, command = command));
        }
    }

    fn follow(&mut self, line: usize, name: &str, args: &[Arg], block: Option<&Block>) -> Status {
        match name {
            "set" => match args.first() {
                Some(arg) => self.assign(line, arg),
                None => Status::True,
            },
            "unset" => {
                for arg in args {
                    self.variables.unset(&arg.text);
                }
                Status::True
            }
            "export" => {
                for arg in args {
                    self.variables.export(&arg.text);
                }
                Status::True
            }
            "false" => Status::False,
            "[" | "test" => self.test_command(line, name, args),
            "eval" => {
                if args.iter().any(|a| !a.known) {
                    self.doubt(line, say!(boot_script_value, command = "eval"));
                    return Status::Undecided;
                }
                let text: Vec<&str> = args.iter().map(|a| a.text.as_str()).collect();
                self.run_text(line, &text.join(" "))
            }
            "break" | "continue" => {
                let n = args.first().and_then(|a| a.text.parse().ok()).unwrap_or(1);
                self.flow = match name {
                    "break" => Flow::Break(n),
                    _ => Flow::Continue(n),
                };
                Status::True
            }
            "return" => {
                self.flow = Flow::Return;
                match args.first() {
                    None => self.last,
                    Some(arg) if !arg.known => Status::Undecided,
                    Some(arg) => Status::of(arg.text.trim_start_matches('0').is_empty()),
                }
            }
            "setparams" => {
                self.params = args.to_vec();
                Status::True
            }
            "shift" => {
                let n = args.first().and_then(|a| a.text.parse().ok()).unwrap_or(1);
                self.params.drain(..self.params.len().min(n));
                Status::True
            }
            "source" | "." => self.source(line, name, args),
            "configfile" => self.configfile(line, args),
            "normal" => self.normal(line, args),
            "extract_entries_source" | "extract_entries_configfile" => {
                // Only the entries are taken over.
                let mut inner = self.clone();
                inner.menu.clear();
                let status = inner.source(line, name, args);
                self.menu.append(&mut inner.menu);
                self.doubts = inner.doubts;
                self.configs = inner.configs;
                self.choices = inner.choices;
                status
            }
            "menuentry" | "submenu" => self.menu_entry(line, name == "submenu", args, block),
            "blscfg" | "blsuki" => self.boot_loader_specification(line, name == "blsuki", args),
            "load_env" => self.load_env(line, args),
            "save_env" => self.save_env(args),
            "increment" | "decrement" => self.count(line, name == "increment", args),
            "search" | "search.file" | "search.fs_label" | "search.fs_uuid" => {
                self.search(line, name, args)
            }
            "probe" => self.probe(line, args),
            "regexp" => {
                for arg in args {
                    self.ask(line, name, arg);
                }
                Status::Undecided
            }
            "boot" => {
                if self.loaded.is_none() {
                    return Status::False;
                }
                self.booted = true;
                self.ended_at = Some(self.place(line));
                self.flow = Flow::Stop;
                Status::True
            }
            "linux" | "linux16" | "linuxefi" => self.starts(line, name, args),
            "initrd" | "initrd16" | "initrdefi" => self.initrd(line, args),
            "insmod" => {
                if args.iter().any(|a| !a.known || a.text.contains(['/', '('])) {
                    self.remark(line, name, args);
                    self.doubt(line, say!(boot_script_changes, command = "insmod"));
                }
                Status::Undecided
            }
            _ => self.unknown_command(line, name, args),
        }
    }

    /// Records a command that runs or changes something other than a Linux kernel.
    pub(super) fn remark(&mut self, line: usize, name: &str, args: &[Arg]) {
        let at = self.place(line);
        let texts: Vec<&str> = args.iter().map(|a| a.text.as_str()).collect();
        let fact = BootCommand {
            name: name.to_owned(),
            arguments: show(&texts.join(" ")),
        };
        let found = Found { fact, at };
        if !self.commands.contains(&found) {
            self.commands.push(found);
        }
    }

    /// What a file name leads to (rules 3.2a, 3.2b); a name without a device is one on `$root`.
    pub(super) fn target(&self, arg: &Arg) -> Target {
        let outside = || Target::Outside(show(&arg.text));
        if !arg.known {
            return outside();
        }
        let root;
        let (device, path) = match arg.text.strip_prefix('(').map(|t| t.split_once(')')) {
            Some(Some(parts)) => parts,
            Some(None) => return outside(),
            None => {
                let Value::Known(value) = self.variables.get("root") else {
                    return outside();
                };
                root = value;
                (root.as_str(), arg.text.as_str())
            }
        };
        match self.world.volumes.of_device(device) {
            // Without a slash it is a list of blocks.
            Device::Volume(volume) if path.starts_with('/') => Target::On {
                volume,
                path: path.to_owned(),
            },
            _ => outside(),
        }
    }

    /// What kind of object a target is; `None` where that can't be told, `Some(None)` where there
    /// is none.
    pub(super) fn look(&self, target: &Target) -> Option<Option<(FileKind, u64)>> {
        match target {
            Target::On { volume, path } => {
                let found = self.world.volumes.find(*volume, path);
                Some(found.map(|at| (at.metadata.kind, at.metadata.size)))
            }
            Target::Outside(_) => None,
        }
    }

    fn outside(&mut self, line: usize, arg: &Arg) -> Status {
        let path = terminal(&show(&arg.text));
        self.doubt(line, say!(boot_script_outside, path = path));
        Status::Undecided
    }

    fn source(&mut self, line: usize, name: &str, args: &[Arg]) -> Status {
        let Some(arg) = args.first() else {
            return Status::False;
        };
        match self.target(arg) {
            Target::On { volume, path } => self.run_config(volume, &path).unwrap_or(Status::False),
            Target::Outside(_) => {
                let _ = name;
                self.outside(line, arg)
            }
        }
    }

    /// `configfile`: a menu of its own in a context of its own. Where that has no entries, this
    /// script goes on (rules 3.3g, 3.3h).
    fn configfile(&mut self, line: usize, args: &[Arg]) -> Status {
        let Some(arg) = args.first() else {
            return Status::False;
        };
        let Target::On { volume, path } = self.target(arg) else {
            return self.outside(line, arg);
        };
        let inner = self.variables.inner();
        let outer = std::mem::replace(&mut self.variables, inner);
        let menu = std::mem::take(&mut self.menu);
        let status = self.run_config(volume, &path);
        if self.flow == Flow::Stop || !self.menu.is_empty() {
            self.flow = Flow::Stop;
        } else {
            self.variables = outer;
            self.menu = menu;
        }
        status.unwrap_or(Status::False)
    }

    /// `normal`: the menu of a configuration; behind it comes only the command line (rule 3.1c).
    fn normal(&mut self, line: usize, args: &[Arg]) -> Status {
        let given = args.iter().find(|a| !a.text.starts_with('-'));
        let files = match given {
            Some(arg) if arg.text == "(memdisk)/grub.cfg" => {
                if self.world.build.has_usual_memdisk() {
                    let status = self.run_text(line, super::DEBIAN_MEMORY_DISK);
                    self.flow = Flow::Stop;
                    return status;
                }
                vec![arg.clone()]
            }
            Some(arg) => vec![arg.clone()],
            None => self.usual_configs(),
        };
        for arg in files {
            match self.target(&arg) {
                Target::On { volume, path } => {
                    if let Some(status) = self.run_config(volume, &path) {
                        self.flow = Flow::Stop;
                        return status;
                    }
                }
                Target::Outside(_) => {
                    self.outside(line, &arg);
                }
            }
        }
        self.flow = Flow::Stop;
        Status::False
    }

    /// Where `normal` looks for a configuration: in the order of the build.
    fn usual_configs(&self) -> Vec<Arg> {
        let mut names = Vec::new();
        if self.world.build.reads_fw_path() {
            names.push(self.variables.get("fw_path"));
        }
        names.push(self.variables.get("prefix"));
        let folders = names
            .into_iter()
            .filter(|v| *v != Value::Known(String::new()));
        folders
            .map(|value| match value {
                Value::Known(folder) => Arg {
                    text: format!("{folder}/grub.cfg"),
                    known: true,
                },
                Value::Unknown => Arg {
                    text: "grub.cfg".into(),
                    known: false,
                },
            })
            .collect()
    }

    /// The line that GRUB hands to the kernel (rule 3.4l): an argument with blanks gets quotes,
    /// and `\`, `'` and `"` get a backslash (`lib/cmdline.c`).
    fn command_line(args: &[Arg]) -> String {
        let one = |arg: &Arg| {
            let mut out = String::new();
            for c in arg.text.chars() {
                if matches!(c, '\\' | '\'' | '"') {
                    out.push('\\');
                }
                out.push(c);
            }
            if arg.text.contains(' ') {
                format!("\"{out}\"")
            } else {
                out
            }
        };
        let all: Vec<String> = args.iter().map(one).collect();
        all.join(" ")
    }

    /// A command that loads what `boot` starts. Under a hypervisor the first module is the kernel.
    fn starts(&mut self, line: usize, name: &str, args: &[Arg]) -> Status {
        let skipped = args.iter().take_while(|a| a.text.starts_with("--")).count();
        let Some((file, rest)) = args[skipped..].split_first() else {
            return Status::False;
        };
        if !rest.iter().all(|a| a.known) {
            let command = terminal(&show(name));
            self.doubt(line, say!(boot_script_value, command = command));
        }
        let linux = name.starts_with("linux");
        let module = name.contains("module");
        let before = self.loaded.as_ref();
        let hypervisor =
            before.is_some_and(|l| l.starts.contains("xen") || l.starts.contains("tboot"));
        if module && before.is_some() && !hypervisor {
            return Status::Undecided;
        }
        let target = self.target(file);
        let there = self.look(&target);
        let status = match there {
            None => self.outside(line, file),
            Some(None) => Status::False,
            Some(Some(_)) => Status::True,
        };
        if status == Status::False && self.loaded.is_some() {
            // What was loaded before stays.
            self.doubt(line, say!(boot_script_before));
        }
        self.loaded = Some(Loaded {
            by: if linux || module && hypervisor {
                String::new()
            } else {
                name.to_owned()
            },
            kernel: target,
            starts: show(&file.text),
            arguments: Self::command_line(rest),
            initrds: Vec::new(),
            there: status == Status::True,
        });
        status
    }

    /// The files of `initrd`, in place of those before (rules 3.4g, 3.4m).
    fn initrd(&mut self, line: usize, args: &[Arg]) -> Status {
        let mut files = Vec::new();
        let mut status = Status::True;
        for arg in args.iter().filter(|a| !a.text.starts_with("--")) {
            let mut file = arg.clone();
            // `newc:NAME:FILE` puts the file into an archive under a name.
            if let Some(rest) = arg.text.strip_prefix("newc:") {
                let (name, path) = rest.split_once(':').unwrap_or(("", rest));
                let name = terminal(&show(name));
                self.doubt(line, say!(boot_script_newc, name = name));
                file.text = path.to_owned();
            }
            let target = self.target(&file);
            match self.look(&target) {
                None => status = self.outside(line, &file),
                Some(None) if status == Status::True => status = Status::False,
                Some(_) => {}
            }
            files.push(target);
        }
        match &mut self.loaded {
            Some(loaded) => {
                loaded.initrds = files;
                status
            }
            None => Status::False,
        }
    }

    /// `increment NAME` of Fedora's branch.
    fn count(&mut self, line: usize, up: bool, args: &[Arg]) -> Status {
        let Some(arg) = args.first() else {
            return Status::False;
        };
        match self.variables.get(&arg.text) {
            Value::Known(value) => {
                let n = value.trim().parse::<i64>().unwrap_or(0);
                let n = if up {
                    n.saturating_add(1)
                } else {
                    n.saturating_sub(1)
                };
                self.variables.known(&arg.text, n.to_string());
                Status::True
            }
            Value::Unknown => {
                let _ = line;
                Status::Undecided
            }
        }
    }

    pub(super) fn file_rc(&self) -> Option<Rc<super::super::volumes::Config>> {
        self.file.clone()
    }
}
