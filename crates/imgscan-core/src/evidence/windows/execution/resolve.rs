//! From the text of an entry to the files that really run.

mod configured;
mod swept;
mod told;
mod wrapped;

pub(in crate::evidence::windows) use swept::Products;

use std::collections::BTreeSet;

use super::classes::assembly_files;
use super::hosts::{
    Carried, carried, is_of_powershell, is_plain, is_told_code, passed_on, paths_to_programs,
};
use super::paths::{Unresolved, absolute};
use super::variables::loads;
use super::words::{file_name, program_name, readings, words};
use super::{Executed, Role, Target};
use crate::error::{Error, Layer};
use crate::evidence::files::Executable;
use crate::evidence::windows::{Language, ProgramFile, Signed, Windows, batch, pages};
use crate::evidence::{Gap, Location};
use crate::fs::FileKind;
use crate::guest::windows::expand;
use crate::text::{Text, lossless};

/// Programs that carry programs that carry programs.
const MAX_DEPTH: usize = 8;
/// The longest command line that is followed, in bytes. Windows starts none of more than 32,767 characters
/// (Microsoft, "CreateProcessW function"), of which each may take three bytes.
const MAX_LINE: usize = 3 * 32_767;
/// Parts of one entry.
pub(super) const MAX_PARTS: usize = 1024;
/// Folders in which a program looks for its assemblies.
const MAX_PROBED: usize = 64;
/// Names of libraries that the files of one folder import.
const MAX_IMPORTED: usize = 4096;
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
    /// The folder that the entry runs in, where it names one.
    current: Option<String>,
    /// The command processor looks for programs by more endings.
    in_shell: bool,
    /// A program of 32 bits sees other files under the names of the system's folder.
    is_wow: bool,
    /// Letters of a script stand as the numbers of their bytes: its code page is not known.
    is_numbered: bool,
    /// Parts that are kept, one at least.
    most: usize,
    pub(super) parts: Vec<Executed>,
}

/// Where in the chain a text stands.
#[derive(Clone, Copy)]
struct Link {
    by: Option<usize>,
    depth: usize,
    /// The text holds what comes from outside of its script: see [`Executed::from_outside`].
    from_outside: bool,
}

impl<'r, 'g> Resolver<'r, 'g> {
    pub(super) fn new(
        windows: &'r Windows<'g>,
        at: &'r Location,
        own: Vec<(String, String)>,
        most: usize,
    ) -> Self {
        let mut variables = own;
        variables.extend(windows.variables_at(at));
        Self {
            windows,
            at,
            variables,
            folder: None,
            current: None,
            in_shell: false,
            is_wow: false,
            is_numbered: false,
            most: most.max(1),
            parts: Vec::new(),
        }
    }

    /// It is of a program of 32 bits.
    pub(super) fn is_of_32_bits(&mut self) {
        self.is_wow = true;
    }

    /// The command line of a server of COM. What it says beside its program and switches is what a
    /// program that is known by its file alone may act on.
    ///
    /// Microsoft, "LocalServer32": COM itself adds `-Embedding` and its like.
    pub(super) fn server(&mut self, text: &str) {
        self.command(text);
        let [only] = self.parts.as_slice() else {
            return;
        };
        let Target::File(_) = only.target else {
            return;
        };
        let program = program_name(&only.named);
        let expanded = self.expanded(text);
        let mut all = readings(&expanded).into_iter();
        let Some(rest) = all.find_map(|r| (program_name(&r.program) == program).then_some(r.rest))
        else {
            return;
        };
        let mut words = super::words::words(&rest).into_iter();
        if carried(&program, &rest).is_none() && !words.all(|word| is_plain_switch(&word)) {
            self.unclear_value(text);
        }
    }

    /// A command line as CreateProcess and the shell read it.
    pub(super) fn command(&mut self, text: &str) {
        self.line(text, FIRST);
    }

    /// A value of which it can't be told what is made of it.
    pub(super) fn unclear_value(&mut self, text: &str) {
        let why = say!(error_execution_unclear, text = text);
        self.unclear(Role::Code, text, why, FIRST);
    }

    /// The folder that the entry runs in; empty for that of the system.
    pub(super) fn starts_in(&mut self, folder: &str) {
        let folder = self.expanded(folder.trim().trim_matches('"'));
        if !folder.is_empty() {
            self.current = absolute(self.windows, &folder, None).ok();
        }
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

    /// An assembly by its name, in every version that is there.
    pub(super) fn assembly(&mut self, name: &str) {
        match assembly_files(self.windows, name) {
            Ok(files) => files.iter().for_each(|file| self.library(file)),
            Err(gap) => {
                self.add(Role::Library, name, Target::Unknown(gap), FIRST);
            }
        }
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

    /// The library that the description at `path` names; the description itself where it can't be read.
    pub(super) fn file_unless_read(&mut self, path: &str, library: Option<String>) {
        match library {
            Some(library) => self.library(&library),
            None => self.file(path),
        }
    }

    /// One or more commands of the command processor.
    pub(super) fn commands(&mut self, text: &str) {
        self.shell(text, FIRST);
    }

    /// Code that stands in the entry itself.
    pub(super) fn code(&mut self, text: &str, language: Language) {
        let at = self.add(Role::Code, text, Target::Inline, FIRST);
        if let Some(part) = self.parts.get_mut(at) {
            part.language = language;
        }
    }

    fn expanded(&self, text: &str) -> String {
        let pairs = self.variables.iter();
        let extra: Vec<(&str, &str)> = pairs.map(|(n, v)| (n.as_str(), v.as_str())).collect();
        expand(text, &self.windows.roots(), &extra)
    }

    fn add(&mut self, role: Role, named: &str, target: Target, link: Link) -> usize {
        if self.parts.len() < self.most {
            self.parts.push(Executed {
                role,
                named: named.to_owned(),
                carried_by: link.by,
                target,
                language: Language::Command,
                from_outside: link.from_outside,
            });
        } else {
            self.tell_full();
        }
        self.parts.len().saturating_sub(1)
    }

    /// The last part tells that there would be more.
    fn tell_full(&mut self) {
        if let Some(last) = self.parts.last_mut() {
            let limit = say!(error_too_many, most = self.most, what = "parts");
            let error = Error::limit(Layer::Guest, None, limit);
            last.target = Target::Unknown(Gap::new(self.at.clone(), &error));
        }
    }

    /// True where nothing more is followed, which is told: scripts that call each other many times over would be
    /// read for ever.
    fn ends_here(&mut self) -> bool {
        let full = self.parts.len() >= self.most;
        if full {
            self.tell_full();
        }
        full
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
            ..link
        };
        if self.ends_here() {
            return None;
        }
        if next.depth <= MAX_DEPTH {
            return Some(next);
        }
        let why = say!(error_execution_deep, most = MAX_DEPTH);
        self.unclear(Role::Code, named, why, next);
        None
    }

    fn line(&mut self, text: &str, link: Link) {
        let text = self.expanded(text);
        if text.len() > MAX_LINE {
            let limit = say!(error_too_many, most = MAX_LINE, what = "characters");
            let start = text.chars().take(64).collect::<String>();
            return self.unclear(Role::Program, &start, limit, link);
        }
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
                let usual = path.ends_with(".exe") || file_name(program).contains('.');
                if missing.is_none() && usual && (!bare || path.starts_with(&system)) {
                    missing = Some((program.clone(), path, rest.clone()));
                }
            }
        }
        let Some((program, path, rest)) = missing else {
            return;
        };
        if self.is_numbered && program.contains("\\x") {
            let why = say!(error_execution_unclear, text = program.as_str());
            return self.unclear(Role::Program, &program, why, link);
        }
        // Where a relative name is looked for depends on what runs before.
        let relative = program.contains(['\\', '/']) && !is_absolute(&program);
        if relative || self.current.is_some() && !is_absolute(&program) {
            let why = say!(error_execution_relative, path = program.as_str());
            return self.unclear(Role::Program, &program, why, link);
        }
        // Which host is missing tells what its line would carry.
        let by = self.add(Role::Program, &program, Target::Missing(path.clone()), link);
        // A script that names a program of Windows does what that does, where an edition has it.
        let root = format!(r"{}\", self.windows.roots().windows).to_lowercase();
        let is_own = self.in_shell && path.to_lowercase().starts_with(&root);
        self.payload(&program_name(&path), &rest, is_own, by, link);
    }

    /// The paths that `program` may mean, in order; without a folder it is searched for.
    fn places(&self, program: &str) -> Result<Vec<String>, Unresolved> {
        let endings: &[&str] = match self.in_shell {
            true => &SHELL_ENDINGS,
            false => &[".exe", ".com", ".bat", ".cmd"],
        };
        let with_endings = |path: String| -> Vec<String> {
            let all = endings.iter().map(|ending| format!("{path}{ending}"));
            match file_name(&path).contains('.') {
                true => std::iter::once(path.clone()).chain(all).collect(),
                false => all.collect(),
            }
        };
        if program.contains('%') {
            return Err(Unresolved::Variable(program.to_owned()));
        }
        let lower = program.to_lowercase();
        if lower.contains("shell:") || lower.contains("::{") {
            return Err(Unresolved::Device(program.to_owned()));
        }
        if lower.contains("://") && !lower.starts_with("file:") {
            return Err(Unresolved::Remote(program.to_owned()));
        }
        if program.contains(['\\', '/', ':']) {
            let from = self.current.as_deref().or(self.folder.as_deref());
            let path = absolute(self.windows, program, from)?;
            return Ok(self
                .seen_as(path)
                .into_iter()
                .flat_map(with_endings)
                .collect());
        }
        let folders = self.current.clone().into_iter().chain(self.folder.clone());
        let folders = folders.chain(self.windows.search_path(&self.variables));
        let folders = folders.flat_map(|f| self.seen_as(f));
        let mut out: Vec<String> = folders
            .flat_map(|f| with_endings(format!(r"{f}\{program}")))
            .collect();
        // The shell knows programs by their names, too.
        let name = match program.contains('.') {
            true => program.to_owned(),
            false => format!("{program}.exe"),
        };
        for path in self.windows.application_paths(&name) {
            let path = self.expanded(path.trim_matches('"'));
            out.extend(absolute(self.windows, &path, None).ok());
        }
        Ok(out)
    }

    /// Where a program really looks for `path`: one of 32 bits sees the system's folder of 32 bits
    /// (Microsoft, "File System Redirector").
    fn seen_as(&self, path: String) -> Vec<String> {
        let root = &self.windows.roots().windows;
        let native = format!(r"{root}\Sysnative").to_lowercase();
        let system = format!(r"{root}\System32").to_lowercase();
        let lower = path.to_lowercase();
        let below = |folder: &str| lower == folder || lower.starts_with(&format!(r"{folder}\"));
        if below(&native) {
            let rest = path.get(native.len()..).unwrap_or_default();
            return vec![format!(r"{root}\System32{rest}")];
        }
        if self.is_wow && below(&system) {
            let rest = path.get(system.len()..).unwrap_or_default();
            return vec![format!(r"{root}\SysWOW64{rest}"), path];
        }
        vec![path]
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
        let wow = format!(r"{}\SysWOW64\", self.windows.roots().windows).to_lowercase();
        self.is_wow |= path.to_lowercase().starts_with(&wow);
        if link.depth == 0 {
            self.folder = path.rsplit_once('\\').map(|(folder, _)| folder.to_owned());
        }
        let ending = name.rsplit('.').next().unwrap_or_default().to_owned();
        if matches!(file.file.executable, Some(Executable::Pe { .. })) {
            self.beside(path, by, link);
        }
        match ending.as_str() {
            "bat" | "cmd" => self.batch_file(path, rest, by, link),
            "lnk" => self.shortcut(path, by, link),
            _ => {
                if role == Role::Script {
                    self.near(path, file, by, link);
                }
                // A host is known by its name, and by that which its maker gave it.
                let own = program_name(path);
                let original = file.original.as_deref().map(program_name);
                let original = original.map(|o| o.trim_end_matches(".mui").to_owned());
                let original = original.map(|o| program_name(&o));
                let configured = match &original {
                    Some(original) if !configured::reads_settings(&own) => original.clone(),
                    _ => own.clone(),
                };
                let name = match original {
                    Some(original) if carried(&own, rest).is_none() => original,
                    _ => own,
                };
                let is_own = match role {
                    Role::Script if self.is_script_of_windows(path, file) => true,
                    _ => self.is_of_windows(path, file),
                };
                self.payload(&name, rest, is_own, by, link);
                if configured::reads_settings(&configured)
                    && let Some(link) = self.deeper(link, by, rest)
                {
                    self.configured(&configured, path, rest, link);
                }
            }
        }
    }

    /// What lies beside a program and is loaded into it: libraries that it imports, which Windows
    /// looks for there first, and files that name code.
    ///
    /// Microsoft, "Dynamic-link library search order", "Configuration file schema for the .NET
    /// Framework" (`appDomainManagerAssembly`, `codeBase`) and ".NET application host"; manuals of
    /// Electron and WinSW.
    fn beside(&mut self, path: &str, by: usize, link: Link) {
        let Some((folder, _)) = path.rsplit_once('\\') else {
            return;
        };
        let link = Link {
            by: Some(by),
            ..link
        };
        let mut probed = Vec::new();
        if let Some(text) = self.text_of(&format!("{path}.config"), link) {
            probed = probing_paths(&text);
            if probed.len() > MAX_PROBED {
                self.load(Role::Script, &format!("{path}.config"), link);
            }
            if CARRYING_CONFIGURATION
                .iter()
                .any(|sign| text.contains(sign))
            {
                self.load(Role::Script, &format!("{path}.config"), link);
            }
            self.named_types(&text, folder, link);
        }
        let local = format!("{path}.local");
        if self.is_there(&local, link) {
            let why = say!(error_execution_unclear, text = local.as_str());
            self.unclear(Role::Script, &local, why, link);
        }
        let manifest = format!("{path}.manifest");
        if let Some(text) = self.text_of(&manifest, link)
            && text.contains("loadfrom")
        {
            self.load(Role::Script, &manifest, link);
        }
        // What every program loads from there is listed by itself.
        let root = &self.windows.roots().windows;
        let system = ["System32", "SysWOW64"].map(|name| format!(r"{root}\{name}"));
        if system.iter().any(|s| s.eq_ignore_ascii_case(folder)) {
            return;
        }
        self.imported(path, folder, link);
        self.others_in(folder, link);
        for name in probed.iter().take(MAX_PROBED) {
            self.others_in(&format!(r"{folder}\{name}"), link);
        }
        let stem = path.get(..path.len().saturating_sub(4)).unwrap_or(path);
        self.of_net(stem, link);
        self.packaged(folder, link);
        self.below(path, link);
        for code in [r"resources\app.asar", r"resources\app\package.json"] {
            let code = format!(r"{folder}\{code}");
            if self.is_there(&code, link) {
                self.load(Role::Script, &code, link);
            }
        }
        self.wrapped(&format!("{stem}.xml"), by, link);
        // Its third version reads the same as YAML, too.
        let settings = format!("{stem}.yml");
        if let Some(text) = self.text_of(&settings, link)
            && text.lines().any(|line| line.starts_with("executable:"))
        {
            self.load(Role::Script, &settings, link);
        }
    }

    /// The libraries in `folder` that the program at `path` imports, and those that they import.
    fn imported(&mut self, path: &str, folder: &str, link: Link) {
        let mut seen = BTreeSet::from([path.to_lowercase()]);
        let mut todo = vec![path.to_owned()];
        while let Some(one) = todo.pop() {
            let names = match self.windows.imports_of(&one) {
                Ok(names) => names,
                Err(gap) => {
                    self.add(Role::Library, &one, Target::Unknown(gap), link);
                    continue;
                }
            };
            for name in names {
                let library = format!(r"{folder}\{name}");
                if !seen.insert(library.to_lowercase()) {
                    continue;
                }
                if seen.len() > MAX_IMPORTED {
                    let what = say!(error_too_many, most = MAX_IMPORTED, what = "libraries");
                    let limit = Gap::at_path(&one, &Error::limit(Layer::Guest, None, what));
                    self.add(Role::Library, &library, Target::Unknown(limit), link);
                    return;
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
    }

    /// Libraries in `folder`: a program loads those by their names when it needs them, whether it imports
    /// them or not, and finds them beside itself first. What somebody vouches for is not told, but for
    /// those that have the name of one of Windows.
    fn others_in(&mut self, folder: &str, link: Link) {
        let paths = &self.windows.guest.paths;
        let names = match paths.find(folder.as_bytes()) {
            Ok(Some(found)) if found.metadata.kind == FileKind::Directory => {
                paths.list(folder.as_bytes()).map(|listing| listing.names)
            }
            Ok(_) => return,
            Err(e) => Err(e),
        };
        let names = match names {
            Ok(names) => names,
            Err(e) => {
                let gap = Gap::at_path(folder, &e);
                self.add(Role::Library, folder, Target::Unknown(gap), link);
                return;
            }
        };
        let names = names.iter().map(|name| crate::text::lossless(name));
        let is_library = |name: &String| {
            let lower = name.to_lowercase();
            LIBRARIES.iter().any(|ending| lower.ends_with(ending))
        };
        let libraries: Vec<String> = names
            .filter(is_library)
            .map(|name| format!(r"{folder}\{name}"))
            .collect();
        self.windows.foresee(libraries.iter().cloned().collect());
        for library in libraries {
            let known = |p: &Executed| p.named.eq_ignore_ascii_case(&library);
            if self.parts.iter().any(known) {
                continue;
            }
            let target = match self.windows.program(&library).as_ref() {
                Ok(Some(file)) => match (&file.signed, self.is_named_as_of_windows(&library)) {
                    (Some(Signed::Trusted(_)), false) => continue,
                    // Makers give their libraries other names; their programs load them by these.
                    (Some(Signed::Renamed(..)), false) => continue,
                    _ => Target::File(Box::new(file.clone())),
                },
                Ok(None) => continue,
                Err(gap) => Target::Unknown(gap.clone()),
            };
            self.add(Role::Library, &library, target, link);
        }
    }

    /// True for the name of a library of Windows.
    fn is_named_as_of_windows(&self, path: &str) -> bool {
        let name = file_name(path);
        let system = format!(r"{}\System32\{name}", self.windows.roots().windows);
        let found = self.windows.guest.paths.find(system.as_bytes());
        SIDE_LOADED.contains(&name.as_str()) || !matches!(found, Ok(None))
    }

    fn is_there(&mut self, path: &str, link: Link) -> bool {
        match self.windows.guest.paths.find(path.as_bytes()) {
            Ok(found) => found.is_some(),
            Err(e) => {
                let gap = Gap::at_path(path, &e);
                self.add(Role::Script, path, Target::Unknown(gap), link);
                false
            }
        }
    }

    /// The text of a file in lower case, where it is there.
    fn text_of(&mut self, path: &str, link: Link) -> Option<String> {
        let read = self
            .windows
            .guest
            .paths
            .read_if_there(path.as_bytes(), MAX_SCRIPT);
        match read {
            Ok(file) => Some(crate::evidence::windows::xml::decode(&file?.bytes).to_lowercase()),
            Err(e) => {
                let gap = Gap::at_path(path, &e);
                self.add(Role::Script, path, Target::Unknown(gap), link);
                None
            }
        }
    }

    /// What the program `name` makes of `rest`. What a program of Windows itself makes of anything but
    /// plain words is not known where its manual was not read here.
    fn payload(&mut self, name: &str, rest: &str, is_own: bool, by: usize, link: Link) {
        let is_first = link.by.is_none();
        let Some(link) = self.deeper(link, by, rest) else {
            return;
        };
        let line = format!("{name} {rest}");
        if words(rest).iter().any(|w| self.sets_variable(w)) {
            return self.carried(Carried::Unclear(line), link);
        }
        let all = carried(name, rest);
        // Many look for what they start, or for a project, in the folder that they run in.
        let follows_nothing = all.as_ref().is_none_or(Vec::is_empty);
        if is_own && is_first && follows_nothing && self.runs_elsewhere() {
            return self.carried(Carried::Unclear(line), link);
        }
        match all {
            Some(all) => {
                for one in all {
                    self.carried(one, link);
                }
            }
            None => {
                if is_own && !is_plain(name, rest) {
                    self.carried(Carried::Code(line), link);
                } else if let Some(passed) = passed_on(rest).filter(|_| !is_own) {
                    return self.carried(Carried::Command(passed), link);
                } else if !is_own && (is_of_powershell(rest) || is_told_code(&words(rest))) {
                    self.carried(Carried::Code(line), link);
                } else if !is_own {
                    self.told_of(rest, link);
                }
                for path in paths_to_programs(rest) {
                    self.argument(&path, link);
                }
            }
        }
    }

    /// True for a text that gives a variable by which programs load something a value.
    fn sets_variable(&self, text: &str) -> bool {
        let text = text.trim().trim_matches('"');
        text.split_once('=')
            .is_some_and(|(name, value)| loads(self.windows, &name.to_lowercase(), value))
    }

    /// True where the entry names a folder outside of that of Windows to run in.
    fn runs_elsewhere(&self) -> bool {
        let root = format!(r"{}\", self.windows.roots().windows).to_lowercase();
        let current = self.current.as_deref();
        current.is_some_and(|folder| !format!(r"{folder}\").to_lowercase().starts_with(&root))
    }

    /// True for a program or library that is a part of Windows, wherever it lies now.
    fn is_of_windows(&self, path: &str, file: &ProgramFile) -> bool {
        const PUBLISHERS: [&str; 2] = ["Microsoft Windows", "Microsoft Windows Publisher"];
        /// What drivers bring lies there.
        const OTHERS: [&str; 3] = [
            r"system32\driverstore\",
            r"system32\spool\",
            r"syswow64\driverstore\",
        ];
        let signer = match &file.signed {
            Some(Signed::Trusted(by) | Signed::Renamed(by, _)) => Some(by.name.as_str()),
            _ => None,
        };
        if signer.is_some_and(|name| PUBLISHERS.contains(&name)) {
            return true;
        }
        let root = format!(r"{}\", self.windows.roots().windows).to_lowercase();
        let lower = path.to_lowercase();
        let inside = lower.strip_prefix(&root);
        // Makers of hardware put programs there, too.
        let foreign = signer.is_some_and(|s| !s.contains("Microsoft") && !s.contains("Windows"));
        let foreign = foreign || signer.is_some_and(|s| s.contains("Hardware Compatibility"));
        inside.is_some_and(|rest| !OTHERS.iter().any(|o| rest.starts_with(o))) && !foreign
    }

    fn carried(&mut self, what: Carried, link: Link) {
        match what {
            Carried::Command(line) => self.line(&line, link),
            Carried::Shell(text) => self.shell(&text, link),
            Carried::Script(file) => self.load(Role::Script, &file, link),
            Carried::Told {
                script,
                arguments,
                line,
            } => self.told(&script, &arguments, line, link),
            Carried::Library(file) => self.load(Role::Library, &file, link),
            Carried::Function(file, line) => self.function(&file, &line, link),
            Carried::Class(id) => self.class_of(&id, link),
            Carried::Code(text) => {
                self.add(Role::Code, &text, Target::Inline, link);
            }
            Carried::PowerShell(text) => {
                let at = self.add(Role::Code, &text, Target::Inline, link);
                if let Some(part) = self.parts.get_mut(at) {
                    part.language = Language::PowerShell;
                }
            }
            Carried::Unclear(text) => {
                let why = say!(error_execution_unclear, text = text.as_str());
                self.unclear(Role::Code, &text, why, link);
            }
        }
    }

    /// A script that is told something. What one of Windows, or one that a catalog lists, makes of
    /// more than plain words is not known: some carry it out. Others may start the files that they
    /// are told of.
    fn told(&mut self, script: &str, arguments: &str, line: String, link: Link) {
        let at = self.parts.len();
        self.load(Role::Script, script, link);
        let loaded = self.parts.get(at).and_then(|part| match &part.target {
            Target::File(file) => Some((part.named.clone(), file.clone())),
            _ => None,
        });
        let Some((path, file)) = loaded else { return };
        if !self.is_script_of_windows(&path, &file) {
            for path in paths_to_programs(arguments) {
                self.argument(&path, link);
            }
        } else if !is_plain("", arguments) || self.runs_elsewhere() {
            self.carried(Carried::Code(line), link);
        }
    }

    /// What a script that somebody vouches for may start beside itself: no signature of the script
    /// speaks for that. The files below the folder of Windows are looked at by themselves.
    fn near(&mut self, path: &str, file: &ProgramFile, by: usize, link: Link) {
        let Some(Signed::Trusted(signer)) = &file.signed else {
            return;
        };
        let root = &self.windows.roots().windows;
        let drive = &self.windows.roots().drive;
        let lower = path.to_lowercase();
        let inside = |folder: &str| lower.starts_with(&folder.to_lowercase());
        if inside(&format!(r"{root}\")) {
            return;
        }
        let link = Link {
            by: Some(by),
            ..link
        };
        // One of Windows elsewhere finds there what somebody put beside it.
        if signer.catalog.is_some() && !inside(&format!(r"{drive}\Program Files")) {
            let why = say!(error_execution_unclear, text = path);
            return self.unclear(Role::Code, path, why, link);
        }
        let Some(text) = self.text_of(path, link) else {
            return;
        };
        if !OWN_PLACE.iter().any(|sign| text.contains(sign)) {
            return;
        }
        let Some((folder, _)) = path.rsplit_once('\\') else {
            return;
        };
        let above = folder.rsplit_once('\\').map(|(above, _)| above);
        let up = text.contains(r"..\") || text.contains("../");
        // Not the drive itself, nor the folder of all programs.
        let wide =
            above.is_none_or(|a| !a.contains('\\') || file_name(a).starts_with("program files"));
        let folder = above.filter(|_| up && !wide).unwrap_or(folder).to_owned();
        let mut found = Vec::new();
        self.code_in(&folder, 0, &mut found, link);
        for path in found {
            let known = |p: &Executed| p.named.eq_ignore_ascii_case(&path);
            if self.parts.iter().any(known) {
                continue;
            }
            let target = match self.windows.program(&path).as_ref() {
                Ok(Some(file)) => match &file.signed {
                    Some(Signed::Trusted(_) | Signed::Renamed(..)) => continue,
                    _ => Target::File(Box::new(file.clone())),
                },
                Ok(None) => continue,
                Err(gap) => Target::Unknown(gap.clone()),
            };
            self.add(Role::Script, &path, target, link);
        }
    }

    /// Files in `folder` and below it that carry code by their names.
    fn code_in(&mut self, folder: &str, depth: usize, out: &mut Vec<String>, link: Link) {
        let files = crate::evidence::files::Files::new(&self.windows.guest.paths);
        let listed = match files.names(folder) {
            Ok(Some(listed)) => listed,
            Ok(None) => return,
            Err(gap) => {
                self.add(Role::Script, folder, Target::Unknown(gap), link);
                return;
            }
        };
        for gap in listed.gaps {
            self.add(Role::Script, folder, Target::Unknown(gap), link);
        }
        for name in listed.names {
            let path = format!(r"{folder}\{name}");
            let is_folder = match self.windows.guest.paths.find(path.as_bytes()) {
                Ok(found) => found.is_some_and(|f| f.metadata.kind == FileKind::Directory),
                Err(e) => {
                    let gap = Gap::at_path(&path, &e);
                    self.add(Role::Script, &path, Target::Unknown(gap), link);
                    continue;
                }
            };
            if is_folder && depth < MAX_DEPTH {
                self.code_in(&path, depth + 1, out, link);
            } else if is_folder || out.len() >= MAX_PARTS {
                let why = say!(error_execution_deep, most = MAX_DEPTH);
                return self.unclear(Role::Script, &path, why, link);
            } else if !paths_to_programs(&format!("\"{path}\"")).is_empty() {
                out.push(path);
            }
        }
    }

    /// True for a script that is a part of Windows, or that a catalog lists as one of a package.
    fn is_script_of_windows(&self, path: &str, file: &ProgramFile) -> bool {
        let Some(Signed::Trusted(by)) = &file.signed else {
            return false;
        };
        by.catalog.is_some() || self.is_of_windows(path, file)
    }

    /// A library of which a function is given the rest of `line`. What those of Windows do with it is
    /// not known.
    fn function(&mut self, library: &str, line: &str, link: Link) {
        self.load(Role::Library, library, link);
        let loaded = self.parts.last().and_then(|part| match &part.target {
            Target::File(file) => Some((part.named.clone(), file.clone())),
            _ => None,
        });
        match loaded {
            Some((path, file)) if !self.is_of_windows(&path, &file) => {
                for path in paths_to_programs(line).into_iter().skip(1) {
                    self.argument(&path, link);
                }
            }
            _ => self.carried(Carried::Code(line.to_owned()), link),
        }
    }

    /// A file that a program which is no known host is told of: it may start it.
    fn argument(&mut self, named: &str, link: Link) {
        let from = self.current.as_deref().or(self.folder.as_deref());
        let Ok(path) = absolute(self.windows, named, from) else {
            return;
        };
        match self.windows.program(&path).as_ref() {
            Ok(Some(_)) => self.found(&path, "", link),
            Ok(None) => {}
            Err(gap) => {
                self.add(Role::Program, named, Target::Unknown(gap.clone()), link);
            }
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
                        self.batch_file(path, "", by, link);
                    } else if role == Role::Script && link.by.is_some() {
                        self.near(path, file, by, link);
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
        if self.is_numbered && named.contains("\\x") {
            let why = say!(error_execution_unclear, text = named.as_str());
            return self.unclear(role, &named, why, link);
        }
        // A host looks for a relative name where it runs.
        let carried = link.by.is_some() && role == Role::Script;
        if !is_absolute(&named)
            && (carried || named.contains(['\\', '/']) || self.current.is_some())
        {
            let why = say!(error_execution_relative, path = named.as_str());
            return self.unclear(role, &named, why, link);
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
            let from = self.current.as_deref().or(self.folder.as_deref());
            let path = absolute(self.windows, &named, from)?;
            return Ok(self.seen_as(path).into_iter().map(ending).collect());
        }
        let name = ending(named);
        let folders = self.current.clone().into_iter().chain(self.folder.clone());
        let folders = folders.chain(self.windows.search_path(&self.variables));
        let folders = folders.flat_map(|f| self.seen_as(f));
        Ok(folders.map(|folder| format!(r"{folder}\{name}")).collect())
    }

    /// A text for the command processor.
    fn shell(&mut self, text: &str, link: Link) {
        self.in_shell = true;
        let text = self.unquoted(text);
        self.batch(&batch::inline(&text), None, link);
    }

    /// `text` without the one pair of quotation marks that cmd.exe takes off: it keeps those around the path
    /// of a program that is there ("cmd /?").
    fn unquoted(&self, text: &str) -> String {
        let behind = text.strip_prefix('"').and_then(|t| t.split_once('"'));
        let Some((inner, rest)) = behind.filter(|(_, rest)| !rest.contains('"')) else {
            return text.to_owned();
        };
        let special = ['&', '<', '>', '(', ')', '@', '^', '|'];
        let is_path = inner.contains([' ', '\t']) && !inner.contains(special);
        let is_there = |path: &String| !matches!(self.windows.program(path).as_ref(), Ok(None));
        let places = self.places(&self.expanded(inner));
        match is_path && places.is_ok_and(|places| places.iter().any(is_there)) {
            true => text.to_owned(),
            false => format!("{inner}{rest}"),
        }
    }

    /// The batch file at `path` starts, and `rest` follows it.
    fn batch_file(&mut self, path: &str, rest: &str, by: usize, link: Link) {
        let Some(mut link) = self.deeper(link, by, path) else {
            return;
        };
        // Its commands may act on the folder that the entry chose.
        link.from_outside = self.runs_elsewhere();
        match self
            .windows
            .guest
            .paths
            .read_script(path.as_bytes(), MAX_SCRIPT)
        {
            Ok(file) => {
                let text = pages::decoded(self.windows, &file.bytes, pages::Page::Oem);
                self.is_numbered |= text.is_none();
                let text = text.unwrap_or_else(|| lossless(&file.bytes));
                let own = batch::commands(&text);
                // Plain words decide where it goes; what they are a part of is not its own text.
                let words = is_plain("", rest) && !rest.contains(['%', '?']);
                match words && !rest.trim().is_empty() {
                    true => {
                        let call = batch::Call {
                            arguments: Some(rest.split_whitespace().map(str::to_owned).collect()),
                            ..batch::Call::default()
                        };
                        let told = batch::commands_of(&text, &call);
                        self.batch(&told, Some(&own), link);
                    }
                    false => self.batch(&own, None, link),
                }
            }
            Err(e) => {
                let gap = Gap::at_path(path, &e);
                self.add(Role::Script, path, Target::Unknown(gap), link);
            }
        }
    }

    /// The commands of `script`; `own` is the same script as it stands, without what it was told.
    fn batch(&mut self, script: &batch::Script, own: Option<&batch::Script>, link: Link) {
        self.in_shell = true;
        let own: Option<BTreeSet<(usize, &str, &[String])>> = own.map(|own| {
            let all = own.commands.iter();
            all.map(|c| (c.number, c.text.as_str(), c.writes.as_slice()))
                .collect()
        });
        for command in &script.commands {
            if self.ends_here() {
                return;
            }
            let text = command.text.trim();
            let mut all = std::iter::once(text).chain(command.writes.iter().map(String::as_str));
            let link = Link {
                from_outside: link.from_outside
                    || all.any(|text| self.is_filled(text))
                    || own.as_ref().is_some_and(|own| {
                        !own.contains(&(command.number, &*command.text, &*command.writes))
                    }),
                ..link
            };
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
            let name = command.name();
            // What is fed to a program may be what it carries out.
            if (command.piped || !command.reads.is_empty()) && !FILTERS.contains(&name.as_str()) {
                let why = say!(error_execution_unclear, text = text);
                self.unclear(Role::Code, text, why, link);
            }
            match name.as_str() {
                "" => {}
                "cd" | "chdir" | "pushd" => self.change_folder(text),
                name if HARMLESS.contains(&name) => {}
                "set" if self.sets_variable(text.get("set".len()..).unwrap_or_default()) => {
                    let why = say!(error_execution_unclear, text = text);
                    self.unclear(Role::Code, text, why, link);
                }
                name if BUILT_IN.contains(&name) => {
                    self.add(Role::Code, text, Target::Inline, link);
                }
                "start" => {
                    let (folder, line) = started(text);
                    if let Some(folder) = folder {
                        self.change_folder(&format!("cd {folder}"));
                    }
                    self.line(&line, link);
                }
                _ => self.line(text, link),
            }
        }
        for (line, why) in &script.doubts {
            let error = Error::unsupported(Layer::Guest, None, why.clone());
            let at = self.at.clone().line(*line);
            self.add(Role::Code, "", Target::Unknown(Gap::new(at, &error)), link);
        }
    }

    /// True where `text` of a batch file holds parameters, or variables that its caller, the entry or
    /// the machine sets.
    fn is_filled(&self, text: &str) -> bool {
        let plain = expand(text, &self.windows.roots(), &[]);
        !plain.eq_ignore_ascii_case(&self.expanded(text))
            || plain.contains('%')
            || plain.matches('!').count() > 1
    }

    /// `cd` and its like: programs and files without a folder are looked for there from now on.
    fn change_folder(&mut self, text: &str) {
        let words = batch::words(text);
        let mut words = words.iter().skip(1).filter(|w| !w.starts_with('/'));
        let Some(folder) = words.next() else {
            return;
        };
        let folder = self.expanded(folder);
        let from = self.current.clone().or_else(|| self.folder.clone());
        let folder = absolute(self.windows, &folder, from.as_deref());
        // Not known where: what follows by a relative name is not found, and told.
        self.current = Some(folder.unwrap_or_else(|_| r"?:\".to_owned()));
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
                if found.names_more {
                    let why = say!(error_execution_link);
                    self.unclear(Role::Program, path, why, link);
                }
                let target = found.target.unwrap_or_default();
                let target = self.expanded(&target);
                let arguments = self.expanded(&found.arguments.unwrap_or_default());
                let other = found.items.map(|path| self.expanded(&path));
                let other = other.filter(|path| !path.eq_ignore_ascii_case(&target));
                self.first_of(&[(target, arguments.clone())], link);
                // Which of two that differ Windows takes depends on what is there then.
                if let Some(other) = other {
                    self.first_of(&[(other, arguments)], link);
                }
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

/// True for a switch that names no place: `-Embedding`, `/Processid:{…}`, `-ServerName:App.App`.
fn is_plain_switch(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:={}".contains(c);
    let drive = |rest: &str| rest.contains(":\\") || rest.contains("://");
    word.strip_prefix(['-', '/'])
        .is_some_and(|rest| !drive(rest) && rest.chars().all(plain))
}

/// Words of a program's configuration that make it load code, in lower case.
pub(super) const CARRYING_CONFIGURATION: [&str; 4] = [
    "appdomainmanager",
    "<codebase",
    "<developmentmode",
    "<linkedconfiguration",
];

/// Folders below that of a program of .NET in which it looks for its assemblies by `text`, its
/// configuration in lower case (Microsoft, "`<probing>` element").
fn probing_paths(text: &str) -> Vec<String> {
    let Some(behind) = text.split("privatepath").nth(1) else {
        return Vec::new();
    };
    let behind = behind.trim_start().trim_start_matches('=').trim_start();
    let mark = if behind.starts_with('\'') { '\'' } else { '"' };
    let list = behind.split(mark).nth(1).unwrap_or_default();
    let folders = list.split(';').map(|f| f.trim().replace('/', "\\"));
    folders.filter(|f| !f.is_empty()).collect()
}

/// What a script names its own place or the folder that it runs in by, in lower case.
const OWN_PLACE: [&str; 7] = [
    "psscriptroot",
    "pscommandpath",
    "myinvocation",
    "scriptfullname",
    "currentdirectory",
    r".\",
    "./",
];

/// Ends of the names of libraries that programs load by their names, in lower case.
const LIBRARIES: [&str; 6] = [".dll", ".ocx", ".ax", ".node", ".pyd", ".cpl"];

/// Libraries of Windows that programs are most often made to load from their own folder
/// (hijacklibs.net); others are known by being in `System32`.
const SIDE_LOADED: &[&str] = &[
    "bcrypt.dll",
    "cryptbase.dll",
    "cryptsp.dll",
    "dbgcore.dll",
    "dbghelp.dll",
    "dnsapi.dll",
    "dpapi.dll",
    "dwmapi.dll",
    "dxgi.dll",
    "iphlpapi.dll",
    "mscoree.dll",
    "mswsock.dll",
    "netapi32.dll",
    "netutils.dll",
    "ntmarta.dll",
    "profapi.dll",
    "propsys.dll",
    "sspicli.dll",
    "srvcli.dll",
    "textshaping.dll",
    "urlmon.dll",
    "userenv.dll",
    "uxtheme.dll",
    "version.dll",
    "wer.dll",
    "winhttp.dll",
    "wininet.dll",
    "winmm.dll",
    "winsta.dll",
    "wkscli.dll",
    "wtsapi32.dll",
];

const FIRST: Link = Link {
    by: None,
    depth: 0,
    from_outside: false,
};

/// Commands of the command processor that change nothing beyond its own process.
const HARMLESS: &[&str] = &[
    "echo", "rem", "title", "color", "cls", "exit", "pause", "popd", "setlocal", "endlocal", "ver",
    "vol", "verify", "prompt", "shift", "break", "date", "time",
];
/// Commands of the command processor that change files or what follows, or read what they are told.
const BUILT_IN: &[&str] = &[
    "copy", "del", "erase", "move", "ren", "rename", "rd", "rmdir", "md", "mkdir", "mklink", "set",
    "assoc", "ftype", "for", "if", "goto", "path", "dir", "type",
];

/// The folder and the line that `start` starts: without its title and its switches.
fn started(text: &str) -> (Option<String>, String) {
    let mut folder = None;
    let mut rest = text.trim().get("start".len()..).unwrap_or_default().trim();
    if let Some(quoted) = rest.strip_prefix('"') {
        rest = quoted.split_once('"').map_or("", |(_, rest)| rest).trim();
    }
    let word = |rest: &str| -> (String, String) {
        let rest = rest.trim();
        let (word, behind) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => rest.split_once([' ', '\t']).unwrap_or((rest, "")),
        };
        (word.to_owned(), behind.trim().to_owned())
    };
    let mut rest = rest.to_owned();
    while rest.starts_with('/') {
        let lower = rest.to_lowercase();
        if lower.starts_with("/d") && !lower.starts_with("/desktop") {
            let (named, behind) = word(rest.get(2..).unwrap_or_default());
            folder = Some(named);
            rest = behind;
            continue;
        }
        let (switch, behind) = word(&rest);
        rest = behind;
        if ["/node", "/affinity", "/machine"].contains(&switch.to_lowercase().as_str()) {
            rest = word(&rest).1;
        }
    }
    (folder, rest)
}

/// True for a path from a drive's root, from the root, or one that begins with a variable.
fn is_absolute(path: &str) -> bool {
    let path = path.trim_matches('"');
    path.starts_with(['\\', '/', '%']) || path.get(1..3).is_some_and(|p| p == ":\\" || p == ":/")
}

/// The endings by which the command processor knows a program (`PATHEXT`).
pub(in crate::evidence::windows) const SHELL_ENDINGS: [&str; 11] = [
    ".com", ".exe", ".bat", ".cmd", ".vbs", ".vbe", ".js", ".jse", ".wsf", ".wsh", ".msc",
];
/// Programs that only pass on what they are fed.
const FILTERS: [&str; 5] = ["find", "findstr", "more", "sort", "clip"];
