//! What a GRUB script puts into the menu.

use super::super::super::script::Statement;
use super::super::super::{BootCommand, BootEntry, bls};
use super::{Machine, Node};
use crate::evidence::{Found, Location};

impl Machine<'_> {
    pub(super) fn entry(&mut self, line: usize, args: &[String], body: &[Statement]) {
        let (title, id) = titles(args);
        let root = self.variables.get("root").cloned();
        self.probe = Some(Default::default());
        self.block(body);
        let mut entry = self.probe.take().unwrap_or_default();
        (entry.title, entry.id) = (title, id);
        if let Some(root) = root {
            self.variables.insert("root".into(), root);
        }
        let at = self
            .file
            .as_ref()
            .map_or_else(Location::default, |f| f.line(line));
        self.add(entry, at);
    }

    /// Adds an entry to the menu; its place is the next one.
    pub(super) fn add(&mut self, mut entry: BootEntry, at: Location) {
        let mut place: Vec<String> = self.place.iter().map(usize::to_string).collect();
        place.push(self.menu.len().to_string());
        entry.place = place.join(">");
        let index = self.boot.entries.len();
        self.menu.push(Node::Entry {
            title: entry.title.clone(),
            id: entry.id.clone(),
            index,
        });
        self.boot.entries.push(Found { fact: entry, at });
    }

    /// `boot` outside of any entry starts what was loaded before, and no menu is shown.
    pub(super) fn boot_outside(&mut self, line: usize) {
        if self.probe.is_some() || self.outside.starts.is_empty() {
            return;
        }
        let mut entry = std::mem::take(&mut self.outside);
        entry.title = "boot".into();
        entry.place = "script".into();
        entry.forced = true;
        let at = self
            .file
            .as_ref()
            .map_or_else(Location::default, |f| f.line(line));
        self.forced = Some(self.boot.entries.len());
        self.boot.entries.push(Found { fact: entry, at });
        self.stopped = true;
    }

    /// Records a command that runs or changes something other than a Linux kernel.
    pub(super) fn remark(&mut self, line: usize, name: &str, args: &[String]) {
        let at = self
            .file
            .as_ref()
            .map_or_else(Location::default, |f| f.line(line));
        let fact = BootCommand {
            name: name.to_owned(),
            arguments: args.join(" "),
        };
        let found = Found { fact, at };
        if !self.boot.commands.contains(&found) {
            self.boot.commands.push(found);
        }
    }

    /// The files of `initrd`.
    pub(super) fn initrd(&mut self, args: &[String]) {
        let files = args.iter().filter(|a| !a.starts_with("--"));
        // `newc:name:file` puts a file into an archive that GRUB makes.
        let files = files.map(|a| match a.strip_prefix("newc:") {
            Some(rest) => rest.split_once(':').map_or(rest, |(_, file)| file),
            None => a.as_str(),
        });
        let paths = files.map(|a| self.path(a).unwrap_or_else(|| a.to_owned()));
        let paths: Vec<String> = paths.collect();
        let entry = self.probe.as_mut().unwrap_or(&mut self.outside);
        entry.initrds = paths;
    }

    pub(super) fn submenu(&mut self, args: &[String], body: &[Statement]) {
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
    pub(super) fn starts(&mut self, name: &str, args: &[String]) {
        let mut rest = args.iter().skip_while(|a| a.starts_with("--"));
        let Some(path) = rest.next() else { return };
        let arguments = rest.cloned().collect::<Vec<_>>().join(" ");
        let kernel = self.path(path);
        let entry = self.probe.as_mut().unwrap_or(&mut self.outside);
        let module = name.starts_with("module");
        let hypervisor = entry.starts.contains("xen") || entry.starts.contains("tboot");
        if entry.starts.is_empty() || !module || hypervisor {
            entry.starts.clone_from(path);
            entry.kernel = kernel;
            entry.arguments = arguments;
            let linux = ["linux", "linux16", "linuxefi", "kernel"].contains(&name);
            entry.by = (!(linux || module && hypervisor)).then(|| name.to_owned());
        }
    }

    /// `path`, or `file` below `/boot`: where /boot is no volume of its own, entries may leave it
    /// out.
    fn below_boot(&self, path: String, file: &str) -> String {
        if self.reader.find(path.as_bytes(), &mut Vec::new()).is_some() {
            return path;
        }
        format!("/boot/{}", file.trim_start_matches('/'))
    }

    /// `$name` replaced as blscfg does: what is not set is nothing, and `kernelopts` then is
    /// `default_kernelopts`.
    fn with_variables(&self, text: &str) -> String {
        let words = text.split_whitespace().map(|word| {
            let Some(name) = word.strip_prefix('$').filter(|n| !n.is_empty()) else {
                return word;
            };
            match (name, self.variable(name)) {
                ("kernelopts", "") => self.variable("default_kernelopts"),
                (_, value) => value,
            }
        });
        let words: Vec<&str> = words.filter(|w| !w.is_empty()).collect();
        words.join(" ")
    }

    pub(super) fn blscfg(&mut self) {
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
                let kernel = self
                    .path(&format!("({root}){}", entry.kernel))
                    .map(|k| self.below_boot(k, &entry.kernel));
                let initrds = entry.initrds.iter().map(|file| {
                    let path = self.path(&format!("({root}){file}"));
                    path.map_or_else(|| file.clone(), |p| self.below_boot(p, file))
                });
                let fact = BootEntry {
                    title: entry.title,
                    id: Some(entry.id),
                    kernel,
                    initrds: initrds.collect(),
                    starts: entry.kernel,
                    arguments: self.with_variables(&entry.arguments),
                    ..BootEntry::default()
                };
                self.add(fact, entry.file.at);
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
