//! What a GRUB script puts into the menu.

use super::super::super::script::Statement;
use super::super::super::{BootEntry, bls};
use super::{Machine, Node};
use crate::evidence::{Found, Location};

impl Machine<'_> {
    pub(super) fn entry(&mut self, line: usize, args: &[String], body: &[Statement]) {
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

    pub(super) fn add(
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
        let Some(probe) = &mut self.probe else { return };
        let module = name.starts_with("module");
        if probe.0.is_empty() || module && (probe.0.contains("xen") || probe.0.contains("tboot")) {
            *probe = (path.clone(), kernel, arguments);
        }
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
