//! Every place from which programs start, file by file: whose file it is, and of what no package vouches for, what
//! stands in it, part by part. What each part means is not judged here.

mod library_cache;
mod parts;
pub(super) mod places;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use places::{
    ALTERNATIVES, FIRST_LIBRARIES, HOME, LIBRARIES, LIBRARY_CACHE, MODULES, OWN_PROGRAMS, PLACES,
    PYTHON, Shape,
};

use super::accounts::Accounts;
use super::packages::{Provenance, Vendor};
use super::reader::{PATH, Reader, base, join};
use super::services::{MadeAtBoot, Run, TmpLine};
use crate::error::{Error, Layer};
use crate::evidence::{Found, Gap, Location};
use crate::fs::FileKind;
use crate::text::lossless;

/// Files of start places that one system may have.
const MAX_FILES: usize = 16_384;
/// Folders inside one another.
const MAX_DEPTH: usize = 6;
/// The longest file that is taken apart, in bytes.
const MAX_TEXT: u64 = 1024 * 1024;
/// The longest index of libraries, in bytes.
const MAX_CACHE: u64 = 16 * 1024 * 1024;
/// Parts that are kept of all files.
const MAX_PARTS: usize = 50_000;
/// Homes that are looked into.
const MAX_HOMES: usize = 65_536;

/// What reads a place and starts what stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StartKind {
    /// A unit of the service manager, or a drop-in of one.
    SystemUnit,
    /// A unit of the sessions' service managers.
    UserUnit,
    /// A program that systemd runs before any unit, or when the system goes down.
    Generator,
    /// A service that the message bus starts when it is asked for.
    BusService,
    /// A script of a run level.
    InitScript,
    /// `rc.local` and its like.
    LocalScript,
    /// A table of cron.
    Crontab,
    /// A script that runs by the clock.
    ClockScript,
    /// Rules of udev.
    DeviceRule,
    /// What a shell or a session reads when somebody comes in.
    LoginScript,
    /// What runs when the network comes or goes.
    NetworkHook,
    /// What package managers run.
    PackageHook,
    /// What logrotate runs.
    LogRotation,
    /// An application that a desktop starts.
    ApplicationStart,
    /// Libraries that are loaded into programs.
    DynamicLoader,
    /// Settings by which programs load libraries or run others: OpenSSL, GSSAPI.
    LoadedByProgram,
    /// Variables of sessions and of users' services.
    Environment,
    /// What ssh(1) runs when it connects.
    ClientConfiguration,
    /// Formats of programs that the kernel gives to another program.
    ProgramFormat,
    /// Code that an interpreter runs with every program.
    Interpreter,
    /// Settings that scripts and units read.
    Defaults,
    /// A program in the place of one of the same name.
    HidingProgram,
    /// A program that a packaged start line runs.
    StartedProgram,
    /// What systemd makes at boot (tmpfiles.d).
    MadeFile,
    /// What cloud-init is told by the image.
    CloudConfiguration,
}

/// Whose a file is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// It is what its package brought, by the package's own record.
    Package,
    /// Its bytes are those of this file, which stands as its package brought it.
    CopyOf(String),
    /// A package brought it, and it was changed since.
    Changed,
    /// No package brought it.
    Foreign,
    /// It can't be told.
    Unknown,
}

/// Something in a file that no package vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartPart {
    /// A command: its words, assignments in front included, and its redirections.
    Command {
        /// The words.
        words: Vec<String>,
        /// The redirections, as they stand.
        redirects: Vec<String>,
        /// A shell runs it; otherwise it is started as it stands.
        by_shell: bool,
        /// Each substitution in its words is told as commands of its own, and no word becomes several.
        cut: bool,
    },
    /// A setting, or a line of a grammar of its own.
    Setting {
        /// The key.
        key: String,
        /// The value.
        value: String,
    },
    /// A function of this name is defined.
    Function(String),
    /// A loop sets this variable.
    LoopVariable(String),
    /// Shell text that shells may read in several ways; what stands behind it is not told.
    Unclear(String),
    /// The index of libraries leads from a name to this file.
    Library {
        /// The name that programs ask for.
        name: String,
        /// The file.
        path: String,
    },
    /// The file is code that is not read: a program, a library, a script of another language.
    Code,
}

/// A file of a start place.
#[derive(Debug, Clone)]
pub struct StartFile {
    /// What reads it.
    pub kind: StartKind,
    /// The path by which it is found there, links not followed.
    pub path: String,
    /// Whose it is.
    pub origin: Origin,
    /// The file itself, links followed; with its digest where its parts are read.
    pub at: Location,
    /// Its parts, where no package vouches for it.
    pub parts: Vec<Found<StartPart>>,
}

impl StartFile {
    /// A file that was not taken apart yet.
    fn new(kind: StartKind, path: String, origin: Origin, at: Location) -> Self {
        Self {
            kind,
            path,
            origin,
            at,
            parts: Vec::new(),
        }
    }
}

/// All start places.
#[derive(Debug, Clone, Default)]
pub struct Starts {
    /// The files.
    pub files: Vec<StartFile>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// What the collector needs.
pub(super) struct Facts<'a> {
    pub(super) reader: Reader<'a>,
    pub(super) vendor: &'a Vendor,
    pub(super) accounts: &'a Accounts,
    pub(super) made: &'a MadeAtBoot,
    pub(super) run: &'a Run,
}

struct Collector<'a> {
    facts: &'a Facts<'a>,
    all: Starts,
    /// Kinds and files, links followed, that were met.
    seen: BTreeSet<(StartKind, Vec<u8>)>,
    parts: usize,
    full: bool,
    /// Folders of accounts.
    homes: BTreeSet<String>,
}

pub(super) fn collect(facts: &Facts<'_>) -> Starts {
    let mut collector = Collector {
        facts,
        all: Starts::default(),
        seen: BTreeSet::new(),
        parts: 0,
        full: false,
        homes: homes(facts.accounts),
    };
    for place in PLACES {
        for path in place.paths {
            collector.place(place.kind, place.shape, path.as_bytes(), 0);
        }
    }
    collector.interpreters();
    collector.interfaces();
    collector.homes();
    collector.hiding_programs();
    collector.hiding_libraries();
    collector.hiding_modules();
    collector.alternatives();
    collector.library_cache();
    collector.started_programs();
    collector.made_files();
    collector.all
}

impl Collector<'_> {
    fn place(&mut self, kind: StartKind, shape: Shape, path: &[u8], depth: usize) {
        match shape {
            Shape::File => self.file(kind, path),
            Shape::Folder(ending) => {
                for path in self.children(path) {
                    if path.ends_with(ending.as_bytes()) {
                        self.file(kind, &path);
                    }
                }
            }
            Shape::Tree => {
                for path in self.children(path) {
                    let link = self.facts.reader.paths().resolve_link(&path);
                    let is_folder = link.is_ok_and(|at| at.metadata.kind == FileKind::Directory);
                    if !is_folder {
                        self.file(kind, &path);
                    } else if depth < MAX_DEPTH {
                        self.place(kind, shape, &path, depth + 1);
                    } else {
                        self.limit(&path, MAX_DEPTH, "levels");
                    }
                }
            }
        }
    }

    fn children(&mut self, dir: &[u8]) -> Vec<Vec<u8>> {
        self.facts.reader.children(dir, &mut self.all.gaps)
    }

    fn limit(&mut self, path: &[u8], most: usize, what: &str) {
        let what = say!(error_too_many, most = most, what = what);
        let why = Error::limit(Layer::Config, None, what);
        self.all.gaps.push(Gap::at_path(lossless(path), &why));
    }

    /// A file of a start place.
    fn file(&mut self, kind: StartKind, path: &[u8]) {
        if self.full || !parts::is_read(kind, path) {
            return;
        }
        let reader = self.facts.reader;
        let Some(at) = reader.find(path, &mut self.all.gaps) else {
            return;
        };
        // An empty unit is masked, as is one that leads to /dev/null; an empty file of any kind does nothing.
        if at.metadata.kind != FileKind::Regular || at.metadata.size == 0 {
            return;
        }
        if !self.seen.insert((kind, at.path.clone())) {
            return;
        }
        if self.all.files.len() >= MAX_FILES {
            self.full = true;
            return self.limit(path, MAX_FILES, "files");
        }
        let real = at.path_text();
        let owner = match reader.paths().pay_digests(1, at.metadata.size) {
            Ok(()) => origin(self.facts.vendor.of(&reader, &real)),
            Err(e) => {
                self.full = true;
                self.all.gaps.push(Gap::new(Location::of(&at), &e));
                Origin::Unknown
            }
        };
        let mut file = StartFile::new(kind, lossless(path), owner, Location::of(&at));
        if file.origin != Origin::Package {
            self.take_apart(&mut file, &at.path, at.metadata.size);
        }
        self.all.files.push(file);
    }

    /// Reads what no package vouches for.
    fn take_apart(&mut self, file: &mut StartFile, real: &[u8], size: u64) {
        let reader = self.facts.reader;
        if size > MAX_TEXT {
            let at = file.at.clone();
            return self.push(file, StartPart::Code, at);
        }
        let bytes = match reader.paths().read_script(real, MAX_TEXT) {
            Ok(read) => {
                file.at = Location::of_file(&read);
                read.bytes
            }
            Err(e) => return self.all.gaps.push(Gap::new(file.at.clone(), &e)),
        };
        let vendor = self.facts.vendor;
        if let Some(of) = vendor.copied_from(&reader, &file.path, &bytes, &self.homes) {
            file.origin = Origin::CopyOf(of);
            return;
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => text,
            _ => {
                let at = file.at.clone();
                return self.push(file, StartPart::Code, at);
            }
        };
        for (line, part) in parts::parts(file.kind, &file.path, &text) {
            let at = match line {
                0 => file.at.clone(),
                line => file.at.clone().line(line),
            };
            self.push(file, part, at);
        }
    }

    fn push(&mut self, file: &mut StartFile, fact: StartPart, at: Location) {
        self.parts += 1;
        if self.parts <= MAX_PARTS {
            file.parts.push(Found { fact, at });
        } else if self.parts == MAX_PARTS + 1 {
            self.limit(file.path.clone().as_bytes(), MAX_PARTS, "commands");
        }
    }

    /// Code that interpreters run with every program.
    fn interpreters(&mut self) {
        for folder in self.folders(PYTHON) {
            for path in self.children(&folder) {
                self.file(StartKind::Interpreter, &path);
            }
        }
    }

    /// interfaces(5).
    fn interfaces(&mut self) {
        let reader = self.facts.reader;
        let files = super::services::follow::interface_files(&reader, &mut self.all.gaps);
        for file in files {
            if let Some(path) = file.at.path.clone() {
                self.file(StartKind::NetworkHook, path.as_bytes());
            }
        }
    }

    fn homes(&mut self) {
        let homes = self.homes.clone();
        if let Some(home) = homes.iter().nth(MAX_HOMES) {
            self.limit(home.as_bytes(), MAX_HOMES, "homes");
        }
        for home in homes.into_iter().take(MAX_HOMES) {
            let reader = self.facts.reader;
            let at = reader.find(home.as_bytes(), &mut self.all.gaps);
            if at.is_none_or(|at| at.metadata.kind != FileKind::Directory) {
                continue;
            }
            for (kind, shape, name) in HOME {
                let path = join(home.as_bytes(), name.as_bytes());
                self.place(*kind, *shape, &path, 0);
            }
        }
    }

    /// Programs in the folders that are searched first, which hide others of the same name.
    fn hiding_programs(&mut self) {
        let (first, later) = PATH.split_at(2);
        for folder in first {
            for path in self.children(folder.as_bytes()) {
                if self.hides(&path, later) {
                    self.file(StartKind::HidingProgram, &path);
                }
            }
        }
        // Of the folders of packages, /usr/sbin is searched before /usr/bin.
        for path in self.children(b"/usr/sbin") {
            if !self.facts.vendor.lists(&lossless(&path)) && self.hides(&path, ["/usr/bin"]) {
                self.file(StartKind::HidingProgram, &path);
            }
        }
        for home in self.homes.clone() {
            for name in OWN_PROGRAMS {
                for path in self.children(&join(home.as_bytes(), name.as_bytes())) {
                    if self.hides(&path, PATH) {
                        self.file(StartKind::HidingProgram, &path);
                    }
                }
            }
        }
    }

    /// True where one of the folders `later` has something of the same name as `path`.
    fn hides<D: AsRef<[u8]>>(&self, path: &[u8], later: impl IntoIterator<Item = D>) -> bool {
        later.into_iter().any(|dir| {
            let other = join(dir.as_ref(), base(path));
            matches!(self.facts.reader.paths().find(&other), Ok(Some(_)))
        })
    }

    fn folders(&mut self, patterns: &[&str]) -> BTreeSet<Vec<u8>> {
        let mut folders = BTreeSet::new();
        for pattern in patterns {
            let reader = self.facts.reader;
            let found = reader.glob(pattern.as_bytes(), &mut self.all.gaps);
            folders.extend(found.unwrap_or_default());
        }
        folders
    }

    /// Libraries in the folders that are searched first, which hide others of the same name.
    fn hiding_libraries(&mut self) {
        let later = self.folders(LIBRARIES);
        for folder in self.folders(FIRST_LIBRARIES) {
            for path in self.children(&folder) {
                if lossless(base(&path)).contains(".so") && self.hides(&path, &later) {
                    self.file(StartKind::DynamicLoader, &path);
                }
            }
        }
        // Programs are told by their own files (RUNPATH) to look into folders of their packages first.
        for folder in self.facts.vendor.library_folders() {
            for path in self.children(folder.as_bytes()) {
                let name = lossless(base(&path));
                let listed = self.facts.vendor.lists(&lossless(&path));
                if name.contains(".so") && !listed && self.hides(&path, &later) {
                    self.file(StartKind::DynamicLoader, &path);
                }
            }
        }
    }

    /// Modules of Perl and Python in folders that are searched before those of packages, under the name of a packaged
    /// one.
    fn hiding_modules(&mut self) {
        for (first, later) in MODULES {
            let later = self.folders(later);
            for folder in self.folders(first) {
                self.modules_below(&folder, &folder, &later, 0);
            }
        }
    }

    fn modules_below(
        &mut self,
        root: &[u8],
        folder: &[u8],
        later: &BTreeSet<Vec<u8>>,
        depth: usize,
    ) {
        for path in self.children(folder) {
            let below = path.get(root.len() + 1..).unwrap_or_default().to_vec();
            let hides = later.iter().any(|dir| {
                let other = join(dir, &below);
                matches!(self.facts.reader.paths().find(&other), Ok(Some(_)))
            });
            if !hides {
                continue;
            }
            let link = self.facts.reader.paths().resolve(&path);
            match link.is_ok_and(|at| at.metadata.kind == FileKind::Directory) {
                false => self.file(StartKind::HidingProgram, &path),
                true if depth < MAX_DEPTH => self.modules_below(root, &path, later, depth + 1),
                true => self.limit(&path, MAX_DEPTH, "levels"),
            }
        }
    }

    /// Programs to which the links of update-alternatives(1) lead; no package lists these links.
    fn alternatives(&mut self) {
        for path in self.children(ALTERNATIVES.as_bytes()) {
            let name = lossless(base(&path));
            // Pages of manuals.
            if !name.ends_with(".gz") {
                self.file(StartKind::StartedProgram, &path);
            }
        }
    }

    /// Entries of the loader's index that lead to no packaged file, or to one of another name.
    fn library_cache(&mut self) {
        let reader = self.facts.reader;
        let path = LIBRARY_CACHE.as_bytes();
        let Some(bytes) = reader.bytes(path, MAX_CACHE, &mut self.all.gaps) else {
            return;
        };
        let at = Location::of_path(LIBRARY_CACHE);
        let kind = StartKind::DynamicLoader;
        let mut file = StartFile::new(kind, LIBRARY_CACHE.to_owned(), Origin::Foreign, at.clone());
        let Some(entries) = library_cache::entries(&bytes) else {
            self.push(&mut file, StartPart::Code, at);
            return self.all.files.push(file);
        };
        let mut paid: BTreeSet<String> = BTreeSet::new();
        for (name, path) in entries {
            // What is not there is not loaded.
            let found = reader.find(path.as_bytes(), &mut self.all.gaps);
            let is_own = found.is_none_or(|at| {
                let real = at.path_text();
                let known =
                    paid.contains(&real) || reader.paths().pay_digests(1, at.metadata.size).is_ok();
                let is_own = known && self.facts.vendor.of(&reader, &real) == Provenance::Unchanged;
                paid.insert(real);
                is_own
            });
            if !is_own || path.rsplit('/').next() != Some(&name) {
                self.push(&mut file, StartPart::Library { name, path }, at.clone());
            }
        }
        self.all.files.push(file);
    }

    /// Programs that the commands of packaged files start.
    fn started_programs(&mut self) {
        let facts = self.facts;
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for command in &facts.run.commands {
            let Some(file) = command.fact.file.as_deref() else {
                continue;
            };
            let is_own = facts.vendor.of(&facts.reader, file) == Provenance::Unchanged;
            if is_own && !command.fact.foreign {
                names.extend(command.fact.program());
            }
        }
        for name in names {
            if name.starts_with('/') {
                self.file(StartKind::StartedProgram, name.as_bytes());
            } else if !name.contains(['/', '$', '`']) && !name.is_empty() {
                let found = facts.reader.program(name, &mut self.all.gaps);
                if let Some(at) = found {
                    self.file(StartKind::StartedProgram, &at.path);
                }
            }
        }
    }

    /// What systemd makes at boot by files that no package vouches for.
    fn made_files(&mut self) {
        let facts = self.facts;
        let mut files: BTreeMap<&str, Vec<&Found<TmpLine>>> = BTreeMap::new();
        for line in &facts.made.tmpfiles {
            if let Some(path) = line.at.path.as_deref() {
                files.entry(path).or_default().push(line);
            }
        }
        for (path, lines) in files {
            let origin = origin(facts.vendor.of(&facts.reader, path));
            let mut at = lines
                .first()
                .map(|line| line.at.clone())
                .unwrap_or_default();
            at.line = None;
            let mut file = StartFile::new(StartKind::MadeFile, path.to_owned(), origin, at);
            if file.origin != Origin::Package {
                for line in lines {
                    let (fact, at) = (&line.fact, line.at.clone());
                    let argument = fact.argument.as_deref().unwrap_or("-");
                    let key = format!("{}{}", fact.kind, fact.modifiers);
                    let value = format!("{} {} {} {argument}", fact.path, fact.mode, fact.user);
                    self.push(&mut file, StartPart::Setting { key, value }, at);
                }
            }
            self.all.files.push(file);
        }
    }
}

/// The folders of accounts that may log in, and of root.
fn homes(accounts: &Accounts) -> BTreeSet<String> {
    let homes = accounts.active().map(|user| user.fact.home.as_str());
    homes
        .filter(|home| home.starts_with('/') && *home != "/")
        .chain(["/root"])
        .map(|home| home.trim_end_matches('/').to_owned())
        .collect()
}

fn origin(provenance: Provenance) -> Origin {
    match provenance {
        Provenance::Unchanged => Origin::Package,
        Provenance::Changed => Origin::Changed,
        Provenance::Foreign => Origin::Foreign,
        Provenance::Unknown => Origin::Unknown,
    }
}
