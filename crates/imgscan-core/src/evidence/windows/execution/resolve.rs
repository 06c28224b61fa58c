//! From the text of an entry to the files that really run.

use std::collections::BTreeSet;

use super::hosts::{Carried, carried, paths_to_programs};
use super::paths::{Unresolved, absolute};
use super::words::{file_name, program_name, readings};
use super::{Executed, Role, Target};
use crate::error::{Error, Layer};
use crate::evidence::windows::{Windows, batch};
use crate::evidence::{Gap, Location};
use crate::guest::windows::expand;
use crate::text::Text;

/// Programs that carry programs that carry programs.
const MAX_DEPTH: usize = 8;
/// Parts of one entry.
const MAX_PARTS: usize = 256;
/// Longer scripts are not followed, in bytes.
const MAX_SCRIPT: u64 = 1024 * 1024;

/// Follows one entry.
pub(super) struct Resolver<'r, 'g> {
    windows: &'r Windows<'g>,
    /// Where the entry stands.
    at: &'r Location,
    /// What its variables stand for, before those of the machine.
    variables: Vec<(String, String)>,
    /// The folder that a program found by the entry lies in: libraries and relative paths start
    /// there.
    folder: Option<String>,
    pub(super) parts: Vec<Executed>,
}

/// Where in the chain a text stands.
#[derive(Clone, Copy)]
struct Link {
    by: Option<usize>,
    depth: usize,
}

impl<'r, 'g> Resolver<'r, 'g> {
    pub(super) fn new(
        windows: &'r Windows<'g>,
        at: &'r Location,
        own: Vec<(String, String)>,
    ) -> Self {
        let mut variables = own;
        variables.extend(windows.variables_at(at));
        Self {
            windows,
            at,
            variables,
            folder: None,
            parts: Vec::new(),
        }
    }

    /// A command line as CreateProcess and the shell read it.
    pub(super) fn command(&mut self, text: &str) {
        self.line(text, FIRST);
    }

    /// A program and its arguments, each by itself.
    pub(super) fn program(&mut self, program: &str, arguments: &str) {
        let program = self.expanded(program);
        let arguments = self.expanded(arguments);
        let program = program.trim().trim_matches('"').to_owned();
        self.first_of(&[(program, arguments)], FIRST);
    }

    /// A library by its path, or by its name alone.
    pub(super) fn library(&mut self, text: &str) {
        self.load(Role::Library, text, FIRST);
    }

    /// A class by its CLSID.
    pub(super) fn class(&mut self, id: &str) {
        self.class_of(id, FIRST);
    }

    /// A file that the shell opens.
    pub(super) fn opened(&mut self, path: &str) {
        let path = path.to_owned();
        self.first_of(&[(path, String::new())], FIRST);
    }

    /// A file that is carried out.
    pub(super) fn file(&mut self, path: &str) {
        self.load(Role::Script, path, FIRST);
    }

    /// One or more commands of the command processor.
    pub(super) fn commands(&mut self, text: &str) {
        self.shell(text, FIRST);
    }

    /// Code that stands in the entry itself.
    pub(super) fn code(&mut self, text: &str) {
        self.add(Role::Code, text, Target::Inline, FIRST);
    }

    fn expanded(&self, text: &str) -> String {
        let pairs = self.variables.iter();
        let extra: Vec<(&str, &str)> = pairs.map(|(n, v)| (n.as_str(), v.as_str())).collect();
        expand(text, &self.windows.roots(), &extra)
    }

    fn add(&mut self, role: Role, named: &str, target: Target, link: Link) -> usize {
        if self.parts.len() < MAX_PARTS {
            self.parts.push(Executed {
                role,
                named: named.to_owned(),
                carried_by: link.by,
                target,
            });
        } else if let Some(last) = self.parts.last_mut() {
            let limit = say!(error_too_many, most = MAX_PARTS, what = "parts");
            let error = Error::limit(Layer::Guest, None, limit);
            last.target = Target::Unknown(Gap::new(self.at.clone(), &error));
        }
        self.parts.len().saturating_sub(1)
    }

    fn unclear(&mut self, role: Role, named: &str, why: Text, link: Link) {
        let error = Error::unsupported(Layer::Guest, None, why);
        let gap = Gap::new(self.at.clone(), &error);
        self.add(role, named, Target::Unknown(gap), link);
    }

    fn deeper(&mut self, link: Link, by: usize, named: &str) -> Option<Link> {
        let next = Link {
            by: Some(by),
            depth: link.depth + 1,
        };
        if next.depth <= MAX_DEPTH {
            return Some(next);
        }
        let why = say!(error_execution_deep, most = MAX_DEPTH);
        self.unclear(Role::Code, named, why, next);
        None
    }

    fn line(&mut self, text: &str, link: Link) {
        let text = self.expanded(text);
        let readings = readings(&text);
        let all: Vec<(String, String)> =
            readings.into_iter().map(|r| (r.program, r.rest)).collect();
        self.first_of(&all, link);
    }

    /// Takes the first of the readings whose program is there.
    fn first_of(&mut self, readings: &[(String, String)], link: Link) {
        let mut missing: Option<(String, String, String)> = None;
        for (program, rest) in readings {
            let places = match self.places(program) {
                Ok(places) => places,
                Err(why) => return self.unclear(Role::Program, program, why.text(), link),
            };
            for path in places {
                match self.windows.program(&path).as_ref() {
                    Ok(Some(_)) => return self.found(&path, rest, link),
                    Ok(None) => {}
                    Err(gap) => {
                        self.add(Role::Program, program, Target::Unknown(gap.clone()), link);
                        return;
                    }
                }
                // Told by the folder that is searched last among those of the entry and `System32`.
                let system = format!(r"{}\System32\", self.windows.roots().windows);
                let bare = !program.contains(['\\', '/']);
                if missing.is_none() && (!bare || path.starts_with(&system)) {
                    missing = Some((program.clone(), path, rest.clone()));
                }
            }
        }
        let Some((program, path, rest)) = missing else {
            return;
        };
        // Which host is missing tells what its line would carry.
        let by = self.add(Role::Program, &program, Target::Missing(path.clone()), link);
        self.payload(&program_name(&path), &rest, by, link);
    }

    /// The paths that `program` may mean, in order; without a folder it is searched for.
    fn places(&self, program: &str) -> Result<Vec<String>, Unresolved> {
        let with_ending = |path: &str| {
            let name = file_name(path);
            match name.contains('.') {
                true => path.to_owned(),
                false => format!("{path}.exe"),
            }
        };
        if program.contains('%') {
            return Err(Unresolved::Variable(program.to_owned()));
        }
        if program.contains(['\\', '/', ':']) {
            let path = absolute(self.windows, program, self.folder.as_deref())?;
            return Ok(vec![with_ending(&path)]);
        }
        let name = with_ending(program);
        let folders = self.folder.clone().into_iter();
        let folders = folders.chain(self.windows.search_path(&self.variables));
        let mut out: Vec<String> = folders.map(|f| format!(r"{f}\{name}")).collect();
        // The shell knows programs by their names, too.
        for path in self.windows.application_paths(&name) {
            let path = self.expanded(path.trim_matches('"'));
            out.extend(absolute(self.windows, &path, None).ok());
        }
        Ok(out)
    }

    /// The file at `path` starts, and `rest` follows it.
    fn found(&mut self, path: &str, rest: &str, link: Link) {
        let name = file_name(path);
        let looked = self.windows.program(path);
        let Ok(Some(file)) = looked.as_ref() else {
            return;
        };
        let role = match name.rsplit('.').next().unwrap_or_default() {
            "bat" | "cmd" | "ps1" | "vbs" | "vbe" | "js" | "jse" | "wsf" | "wsh" | "hta"
            | "sct" | "py" | "pyw" | "reg" | "inf" => Role::Script,
            _ => Role::Program,
        };
        let by = self.add(role, path, Target::File(Box::new(file.clone())), link);
        if link.depth == 0 {
            self.folder = path.rsplit_once('\\').map(|(folder, _)| folder.to_owned());
        }
        let ending = name.rsplit('.').next().unwrap_or_default().to_owned();
        if file.signed.is_some() {
            self.beside(path, by, link);
        }
        match ending.as_str() {
            "bat" | "cmd" => self.batch_file(path, by, link),
            "lnk" => self.shortcut(path, by, link),
            _ => {
                // A host is known by its name, and by that which its maker gave it.
                let own = program_name(path);
                let original = file.original.as_deref().map(program_name);
                let original = original.map(|o| o.trim_end_matches(".mui").to_owned());
                let original = original.map(|o| program_name(&o));
                match original {
                    Some(original) if carried(&own, rest).is_none() => {
                        self.payload(&original, rest, by, link);
                    }
                    _ => self.payload(&own, rest, by, link),
                }
            }
        }
    }

    /// What lies beside a program and is loaded into it: libraries that it imports, which Windows
    /// looks for there first, and a configuration that names code.
    ///
    /// Microsoft, "Dynamic-link library search order" and "Configuration file schema for the .NET
    /// Framework" (`appDomainManagerAssembly`, `codeBase`).
    fn beside(&mut self, path: &str, by: usize, link: Link) {
        let Some((folder, _)) = path.rsplit_once('\\') else {
            return;
        };
        let root = &self.windows.roots().windows;
        let system = ["System32", "SysWOW64"].map(|name| format!(r"{root}\{name}"));
        // What every program loads from there is Windows' own.
        if system.iter().any(|s| s.eq_ignore_ascii_case(folder)) {
            return;
        }
        let link = Link {
            by: Some(by),
            depth: link.depth,
        };
        let mut seen = BTreeSet::from([path.to_lowercase()]);
        let mut todo = vec![path.to_owned()];
        while let Some(one) = todo.pop() {
            for name in self.windows.imports_of(&one) {
                let library = format!(r"{folder}\{name}");
                if !seen.insert(library.to_lowercase()) || seen.len() > MAX_PARTS {
                    continue;
                }
                match self.windows.program(&library).as_ref() {
                    Ok(Some(file)) => {
                        let target = Target::File(Box::new(file.clone()));
                        self.add(Role::Library, &library, target, link);
                        todo.push(library);
                    }
                    Ok(None) => {}
                    Err(gap) => {
                        self.add(Role::Library, &library, Target::Unknown(gap.clone()), link);
                    }
                }
            }
        }
        for (ending, signs) in [(".local", &[""][..]), (".config", &CARRYING_CONFIGURATION)] {
            let path = format!("{path}{ending}");
            let read = self.windows.guest.paths.find(path.as_bytes());
            let is_there = match read {
                Ok(Some(found)) if ending == ".config" => {
                    let found = found.path_text();
                    let read = self.windows.guest.paths.read(found.as_bytes(), MAX_SCRIPT);
                    match read {
                        Ok(file) => {
                            let text = crate::evidence::windows::xml::decode(&file.bytes);
                            let text = text.to_lowercase();
                            signs.iter().any(|sign| text.contains(sign))
                        }
                        Err(e) => {
                            let gap = Gap::at_path(&path, &e);
                            self.add(Role::Script, &path, Target::Unknown(gap), link);
                            false
                        }
                    }
                }
                Ok(found) => found.is_some(),
                Err(e) => {
                    let gap = Gap::at_path(&path, &e);
                    self.add(Role::Script, &path, Target::Unknown(gap), link);
                    false
                }
            };
            if is_there {
                self.load(Role::Script, &path, link);
            }
        }
    }

    /// What the program `name` makes of `rest`.
    fn payload(&mut self, name: &str, rest: &str, by: usize, link: Link) {
        let Some(link) = self.deeper(link, by, rest) else {
            return;
        };
        match carried(name, rest) {
            Some(all) => {
                for one in all {
                    self.carried(one, link);
                }
            }
            None => {
                for path in paths_to_programs(rest) {
                    self.argument(&path, link);
                }
            }
        }
    }

    fn carried(&mut self, what: Carried, link: Link) {
        match what {
            Carried::Command(line) => self.line(&line, link),
            Carried::Shell(text) => self.shell(&text, link),
            Carried::Script(file) => self.load(Role::Script, &file, link),
            Carried::Library(file) => self.load(Role::Library, &file, link),
            Carried::Class(id) => self.class_of(&id, link),
            Carried::Code(text) => {
                self.add(Role::Code, &text, Target::Inline, link);
            }
            Carried::Unclear(text) => {
                let why = say!(error_execution_unclear, text = text.as_str());
                self.unclear(Role::Code, &text, why, link);
            }
        }
    }

    /// A file that a program which is no known host is told of: it may start it.
    fn argument(&mut self, named: &str, link: Link) {
        let Ok(path) = absolute(self.windows, named, self.folder.as_deref()) else {
            return;
        };
        if let Ok(Some(_)) = self.windows.program(&path).as_ref() {
            self.found(&path, "", link);
        }
    }

    /// A script or library by its path, or by its name alone.
    fn load(&mut self, role: Role, named: &str, link: Link) {
        let named = self.expanded(named.trim().trim_matches(['"', '\'']));
        if named.is_empty() {
            return;
        }
        let places = match self.loaded_from(role, &named) {
            Ok(places) => places,
            Err(why) => return self.unclear(role, &named, why.text(), link),
        };
        for path in &places {
            match self.windows.program(path).as_ref() {
                Ok(Some(file)) => {
                    let name = file_name(path);
                    let by = self.add(role, path, Target::File(Box::new(file.clone())), link);
                    if name.ends_with(".bat") || name.ends_with(".cmd") {
                        self.batch_file(path, by, link);
                    }
                    return;
                }
                Ok(None) => {}
                Err(gap) => {
                    self.add(role, &named, Target::Unknown(gap.clone()), link);
                    return;
                }
            }
        }
        let system = format!(r"{}\System32\", self.windows.roots().windows);
        let told = places.iter().find(|p| p.starts_with(&system));
        let told = told.or(places.first()).cloned();
        let last = told.unwrap_or_else(|| named.clone());
        self.add(role, &named, Target::Missing(last), link);
    }

    fn loaded_from(&self, role: Role, named: &str) -> Result<Vec<String>, Unresolved> {
        let lower = named.to_lowercase();
        if lower.contains("://") && !lower.starts_with("file:") {
            return Err(Unresolved::Remote(named.to_owned()));
        }
        let named = lower.strip_prefix("file:").map_or_else(
            || named.to_owned(),
            |rest| rest.trim_start_matches('/').to_owned(),
        );
        if named.contains('%') {
            return Err(Unresolved::Variable(named));
        }
        let ending = |path: String| match role {
            Role::Library if !file_name(&path).contains('.') => format!("{path}.dll"),
            _ => path,
        };
        if named.contains(['\\', '/', ':']) {
            let path = absolute(self.windows, &named, self.folder.as_deref())?;
            return Ok(vec![ending(path)]);
        }
        let name = ending(named);
        let folders = self.folder.clone().into_iter();
        let folders = folders.chain(self.windows.search_path(&self.variables));
        Ok(folders.map(|folder| format!(r"{folder}\{name}")).collect())
    }

    /// A text for the command processor.
    fn shell(&mut self, text: &str, link: Link) {
        self.batch(&batch::inline(text), link);
    }

    fn batch_file(&mut self, path: &str, by: usize, link: Link) {
        let Some(link) = self.deeper(link, by, path) else {
            return;
        };
        match self.windows.guest.paths.read(path.as_bytes(), MAX_SCRIPT) {
            Ok(file) => {
                let script = batch::commands(&crate::evidence::windows::xml::decode(&file.bytes));
                self.batch(&script, link);
            }
            Err(e) => {
                let gap = Gap::at_path(path, &e);
                self.add(Role::Script, path, Target::Unknown(gap), link);
            }
        }
    }

    fn batch(&mut self, script: &batch::Script, link: Link) {
        for command in &script.commands {
            let text = command.text.trim();
            for file in &command.writes {
                if !file.eq_ignore_ascii_case("nul") {
                    self.add(
                        Role::Code,
                        &format!("{text} > {file}"),
                        Target::Inline,
                        link,
                    );
                }
            }
            match command.name().as_str() {
                "" => {}
                name if HARMLESS.contains(&name) => {}
                name if BUILT_IN.contains(&name) => {
                    self.add(Role::Code, text, Target::Inline, link);
                }
                "start" => self.line(&started(text), link),
                _ => self.line(text, link),
            }
        }
        for (line, why) in &script.doubts {
            let error = Error::unsupported(Layer::Guest, None, why.clone());
            let at = self.at.clone().line(*line);
            self.add(Role::Code, "", Target::Unknown(Gap::new(at, &error)), link);
        }
    }

    fn shortcut(&mut self, path: &str, by: usize, link: Link) {
        let Some(link) = self.deeper(link, by, path) else {
            return;
        };
        let paths = &self.windows.guest.paths;
        let read = paths.read(path.as_bytes(), MAX_SCRIPT);
        let found = read.map(|file| crate::evidence::windows::shortcut::Link::read(&file.bytes));
        match found {
            Ok(Some(found)) if found.target.is_some() => {
                let target = found.target.unwrap_or_default();
                let target = self.expanded(&target);
                let arguments = self.expanded(&found.arguments.unwrap_or_default());
                self.first_of(&[(target, arguments)], link);
            }
            Ok(Some(found)) if found.arguments.is_none() && !found.names_more => {}
            Ok(_) => {
                let why = say!(error_execution_link);
                self.unclear(Role::Program, path, why, link);
            }
            Err(e) => {
                let gap = Gap::at_path(path, &e);
                self.add(Role::Program, path, Target::Unknown(gap), link);
            }
        }
    }

    fn class_of(&mut self, id: &str, link: Link) {
        let id = id.trim().to_owned();
        let by = self.add(Role::Class, &id, Target::Inline, link);
        let Some(link) = self.deeper(link, by, &id) else {
            return;
        };
        let servers = self.windows.class_servers(&id);
        for gap in servers.gaps {
            self.add(Role::Class, &id, Target::Unknown(gap), link);
        }
        if servers.items.is_empty() {
            self.add(Role::Class, &id, Target::Missing(id.clone()), link);
        }
        for server in servers.items {
            use super::classes::Server;
            match server {
                Server::Library(file) => self.load(Role::Library, &file, link),
                Server::Program(line) => self.line(&line, link),
                Server::Class(other) => self.class_of(&other, link),
                Server::Code(text) => {
                    self.add(Role::Code, &text, Target::Inline, link);
                }
            }
        }
    }
}

/// Words of a program's configuration that make it load code, in lower case.
const CARRYING_CONFIGURATION: [&str; 3] = ["appdomainmanager", "<codebase", "<developmentmode"];

const FIRST: Link = Link { by: None, depth: 0 };

/// Commands of the command processor that change nothing beyond its own process.
const HARMLESS: &[&str] = &[
    "echo", "rem", "cd", "chdir", "title", "color", "cls", "exit", "pause", "pushd", "popd",
    "setlocal", "endlocal", "ver", "vol", "verify", "type", "dir", "prompt", "shift", "break",
    "date", "time",
];
/// Commands of the command processor that change files or what follows.
const BUILT_IN: &[&str] = &[
    "copy", "del", "erase", "move", "ren", "rename", "rd", "rmdir", "md", "mkdir", "mklink", "set",
    "assoc", "ftype", "for", "if", "goto", "path",
];

/// The line that `start` starts: without its title and its switches.
fn started(text: &str) -> String {
    let mut rest = text.trim().get("start".len()..).unwrap_or_default().trim();
    if let Some(quoted) = rest.strip_prefix('"') {
        rest = quoted.split_once('"').map_or("", |(_, rest)| rest).trim();
    }
    while rest.starts_with('/') {
        let (switch, behind) = rest.split_once(' ').unwrap_or((rest, ""));
        rest = behind.trim();
        if switch.eq_ignore_ascii_case("/d") || switch.eq_ignore_ascii_case("/node") {
            rest = rest.split_once(' ').map_or("", |(_, rest)| rest).trim();
        }
    }
    rest.to_owned()
}
