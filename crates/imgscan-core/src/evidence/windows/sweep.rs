//! The files of Windows that no entry names: programs and libraries, known by their contents, and
//! other files that carry code, known by their endings.
//!
//! Windows and its programs load libraries by name from the folders of the system, from the store
//! of side-by-side assemblies and from the cache of assemblies of .NET (Microsoft, "Dynamic-link
//! library search order", "Isolated applications and side-by-side assemblies" and "How the runtime
//! locates assemblies"). Each file is read once, whatever names it has.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::command::{Said, listed, of_script, said, stem, with_catalogs};
use super::execution::is_host;
use super::{Catalogs, ProgramFile, Signed, Windows, xml};
use crate::error::{Error, Layer, Result, contained};
use crate::evidence::files::{FileFact, sha256};
use crate::evidence::{Gap, Location};
use crate::fs::{FileKind, FileSystem, NodeId};
use crate::guest::Located;
use crate::guest::windows::expand;
use crate::source::{ReadAt, read_all, read_vec};
use crate::text::{Text, lossless, matches};
use crate::trust::pe::looks_like_pe;

/// Files below the folder of Windows; a full system has about 250,000 names.
const MAX_FILES: usize = 1_000_000;
/// Folders below that one deep.
const MAX_DEPTH: usize = 64;
/// Longer programs are not read, in bytes.
const MAX_PROGRAM: u64 = 1 << 30;
/// Longer files of other kinds are not read, in bytes.
const MAX_SCRIPT: u64 = 64 << 20;
/// Programs are asked for in the catalogs by so many at once.
const BATCH: usize = 65_536;

/// Which files are looked at besides programs and libraries, which are known by their contents.
#[derive(Debug, Clone, Default)]
pub struct SweepPlan {
    /// Patterns of folders that are left out, with all below them; variables are replaced.
    pub skip: Vec<String>,
    /// Files that carry code and are no programs.
    pub code: Vec<CodeFiles>,
}

/// Files that carry code, by their endings.
#[derive(Debug, Clone, Default)]
pub struct CodeFiles {
    /// Patterns of the folders that they lie in; variables are replaced.
    pub folders: Vec<String>,
    /// The ends of their names, in lower case.
    pub endings: Vec<String>,
    /// What they hold where they carry code, in lower case with single blanks; nothing where every
    /// one does.
    pub holds: Vec<String>,
}

/// What was found below the folder of Windows.
#[derive(Debug, Default)]
pub struct Sweep {
    /// Programs and libraries that were looked at.
    pub programs: usize,
    /// Other files that carry code.
    pub scripts: usize,
    /// Folders that were left out and are there.
    pub skipped: Vec<String>,
    /// Those that no signature under their own name speaks for, by path.
    pub unproven: Vec<Swept>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// A file that no signature under its own name speaks for.
#[derive(Debug, Clone)]
pub struct Swept {
    /// The file; its digest is known.
    pub file: ProgramFile,
    /// Its path as Windows writes it, `C:\Windows\…`.
    pub path: String,
    /// It carries code and is no program.
    pub is_script: bool,
    /// Its maker gave it the name of a program that carries out what it is told.
    pub is_host: bool,
}

/// A file by its record, with its names: there are hundreds of thousands.
struct Record {
    volume: Arc<str>,
    fs: Arc<dyn FileSystem>,
    id: NodeId,
    names: Vec<String>,
}

impl Record {
    fn open(&self) -> Result<Arc<dyn ReadAt>> {
        match self.fs.damage(self.id)?.into_iter().next() {
            Some(damage) => Err(damage),
            None => self.fs.open(self.id),
        }
    }
}

/// What a file is by its contents.
enum Kind {
    Other,
    Program(Box<Said>),
    /// What it says of its signer, and the digests that a catalog would list it by.
    Script(Option<Signed>, Vec<Vec<u8>>),
}

/// The walk over the folders.
struct Walk<'w, 'g> {
    windows: &'w Windows<'g>,
    skip: Vec<String>,
    records: Vec<Record>,
    /// Where the record of a file stands in `records`.
    known: HashMap<(Arc<str>, NodeId), usize>,
    folders: HashSet<(Arc<str>, NodeId)>,
    names: usize,
    out: Sweep,
}

impl Walk<'_, '_> {
    fn gap(&mut self, path: &str, e: &Error) {
        self.out.gaps.push(Gap::at_path(path, e));
    }

    /// Lists all below `root`.
    fn run(&mut self, root: &str) {
        let paths = &self.windows.guest.paths;
        let mut todo = match paths.find(root.as_bytes()) {
            Ok(Some(at)) => vec![(at, root.to_owned(), 0)],
            Ok(None) => return,
            Err(e) => return self.gap(root, &e),
        };
        while let Some((at, path, depth)) = todo.pop() {
            let lower = path.to_lowercase();
            if self.skip.iter().any(|skip| matches(skip, &lower)) {
                self.out.skipped.push(path);
                continue;
            }
            let volume: Arc<str> = at.volume.as_str().into();
            if !self.folders.insert((Arc::clone(&volume), at.id)) {
                continue;
            }
            if depth > MAX_DEPTH {
                let why = say!(error_sweep_deep, most = MAX_DEPTH);
                self.gap(&path, &Error::limit(Layer::Guest, None, why));
                continue;
            }
            let listing = match at.fs.read_dir(at.id) {
                Ok(listing) => listing,
                Err(e) => {
                    self.gap(&path, &e);
                    continue;
                }
            };
            for e in &listing.damage {
                self.gap(&path, e);
            }
            let mut entries = listing.entries;
            entries.sort_by(|a, b| a.name.cmp(&b.name));
            let mut below = Vec::new();
            for entry in entries {
                let name = lossless(&entry.name);
                let full = format!(r"{path}\{name}");
                self.names = self.names.saturating_add(1);
                if self.names > MAX_FILES {
                    let what = say!(error_too_many, most = MAX_FILES, what = "files");
                    self.gap(&path, &Error::limit(Layer::Guest, None, what));
                    return;
                }
                // A file with several names is read once.
                if self.is_known(&volume, entry.id, &full) {
                    continue;
                }
                let metadata = match at.fs.metadata(entry.id) {
                    Ok(metadata) => metadata,
                    Err(e) => {
                        self.gap(&full, &e);
                        continue;
                    }
                };
                let mut inner = Located {
                    volume: at.volume.clone(),
                    path: [at.path.as_slice(), b"/", &entry.name].concat(),
                    fs: Arc::clone(&at.fs),
                    id: entry.id,
                    metadata,
                };
                if inner.metadata.kind == FileKind::Symlink {
                    match paths.find(full.as_bytes()) {
                        Ok(Some(target)) => inner = target,
                        Ok(None) => continue,
                        Err(e) => {
                            self.gap(&full, &e);
                            continue;
                        }
                    }
                }
                match inner.metadata.kind {
                    FileKind::Directory => below.push((inner, full, depth + 1)),
                    FileKind::Regular if inner.metadata.size > 0 => {
                        let of_this = *inner.volume == *volume;
                        let volume = match of_this {
                            true => Arc::clone(&volume),
                            false => inner.volume.as_str().into(),
                        };
                        self.file(volume, inner, full);
                    }
                    _ => {}
                }
            }
            below.reverse();
            todo.extend(below);
        }
    }

    /// True for a file that has another name, too: this one is added.
    fn is_known(&mut self, volume: &Arc<str>, id: NodeId, name: &str) -> bool {
        let record = self.known.get(&(Arc::clone(volume), id));
        match record.and_then(|record| self.records.get_mut(*record)) {
            Some(record) => {
                record.names.push(name.to_owned());
                true
            }
            None => false,
        }
    }

    fn file(&mut self, volume: Arc<str>, at: Located, name: String) {
        if self.is_known(&volume, at.id, &name) {
            return;
        }
        let key = (Arc::clone(&volume), at.id);
        self.known.insert(key, self.records.len());
        self.records.push(Record {
            volume,
            fs: at.fs,
            id: at.id,
            names: vec![name],
        });
    }
}

/// Patterns with their variables replaced, in lower case.
fn expanded(windows: &Windows<'_>, patterns: &[String]) -> Vec<String> {
    let roots = windows.roots();
    let plain = |p: &String| expand(p, &roots, &[]).to_lowercase();
    patterns.iter().map(plain).collect()
}

/// Kinds of files that carry code, with the folders of this guest.
struct Kinds(Vec<CodeFiles>);

impl Kinds {
    fn of(&self, names: &[String]) -> Vec<&CodeFiles> {
        let fits = |kind: &CodeFiles, name: &String| {
            let lower = name.to_lowercase();
            let (folder, _) = lower.rsplit_once('\\').unwrap_or(("", &lower));
            kind.endings.iter().any(|e| lower.ends_with(e.as_str()))
                && kind.folders.iter().any(|f| matches(f, folder))
        };
        let kinds = self.0.iter();
        kinds
            .filter(|kind| names.iter().any(|name| fits(kind, name)))
            .collect()
    }
}

/// True for a PE file, wherever in it its header begins.
fn is_program(data: &dyn ReadAt) -> Result<bool> {
    if data.len() < 64 {
        return Ok(false);
    }
    let head = read_vec(data, 0, 64)?;
    let at = match crate::bytes::le32(&head, 60) {
        Some(at) if looks_like_pe(&head) => u64::from(at),
        _ => return Ok(false),
    };
    if at.saturating_add(4) > data.len() {
        return Ok(false);
    }
    Ok(read_vec(data, at, 4)? == b"PE\0\0")
}

/// What the file at `record` is, and what it says of itself.
fn kind(windows: &Windows<'_>, record: &Record, kinds: &Kinds) -> Result<Kind> {
    let data = record.open()?;
    if is_program(data.as_ref())? {
        if data.len() > MAX_PROGRAM {
            let what = say!(error_program_long, len = data.len(), most = MAX_PROGRAM);
            return Err(Error::limit(Layer::Guest, None, what));
        }
        return Ok(Kind::Program(Box::new(said(windows, data.as_ref()))));
    }
    let kinds = kinds.of(&record.names);
    if kinds.is_empty() {
        return Ok(Kind::Other);
    }
    let bytes = read_all(data.as_ref(), MAX_SCRIPT)?;
    let text = || {
        let text = xml::decode(&bytes).to_lowercase();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let text = kinds.iter().all(|k| !k.holds.is_empty()).then(text);
    let carries = |kind: &&CodeFiles| {
        let mut signs = kind.holds.iter();
        let text = text.as_deref().unwrap_or_default();
        kind.holds.is_empty() || signs.any(|sign| text.contains(sign.as_str()))
    };
    if !kinds.iter().any(carries) {
        return Ok(Kind::Other);
    }
    let name = record.names.first().map_or("", String::as_str);
    let (signed, digests) = of_script(windows, name, &bytes);
    Ok(Kind::Script(signed, digests))
}

/// A file whose own signature is not enough, before the catalogs are asked.
struct Open {
    record: Record,
    signed: Option<Signed>,
    original: Option<String>,
    digests: Vec<Vec<u8>>,
    nameless: Option<Text>,
    is_script: bool,
}

impl Open {
    /// The names under which no signature speaks for it.
    fn settle(mut self, catalogs: &Catalogs, out: &mut Sweep) {
        if !self.digests.is_empty() {
            self.signed = with_catalogs(self.signed, listed(catalogs, &self.digests));
        }
        if let (Some(Signed::Trusted(_)), Some(why)) = (&self.signed, self.nameless.take()) {
            self.signed = Some(Signed::Unproven(why));
        }
        let is_host = self.original.as_deref().is_some_and(is_host);
        let mut fact: Option<FileFact> = None;
        for name in &self.record.names {
            let signed = match (&self.signed, &self.original) {
                (Some(Signed::Trusted(_)), None) => continue,
                (Some(Signed::Trusted(_)), Some(original)) if stem(original) == stem(name) => {
                    continue;
                }
                (Some(Signed::Trusted(by)), Some(original)) => {
                    Some(Signed::Renamed(by.clone(), original.clone()))
                }
                (signed, _) => signed.clone(),
            };
            let mut file = match &fact {
                Some(fact) => fact.clone(),
                None => match self.fact() {
                    Ok(read) => fact.insert(read).clone(),
                    Err(e) => return out.gaps.push(Gap::at_path(name.as_str(), &e)),
                },
            };
            file.at.path = Some(name.replace('\\', "/"));
            out.unproven.push(Swept {
                file: ProgramFile {
                    file,
                    signed,
                    original: self.original.clone(),
                },
                path: name.clone(),
                is_script: self.is_script,
                is_host,
            });
        }
    }

    /// The file, with its digest.
    fn fact(&self) -> Result<FileFact> {
        let data = self.record.open()?;
        Ok(FileFact {
            at: Location {
                volume: Some(self.record.volume.to_string()),
                sha256: Some(sha256(data.as_ref())?),
                ..Location::default()
            },
            through_link: false,
            metadata: self.record.fs.metadata(self.record.id)?,
            executable: None,
            startable: None,
        })
    }
}

/// Asks the catalogs for all that is open.
fn settle(windows: &Windows<'_>, open: &mut Vec<Open>, out: &mut Sweep) {
    let digests = open.iter().flat_map(|open| open.digests.iter().cloned());
    let wanted: HashSet<Vec<u8>> = digests.collect();
    let catalogs = match wanted.is_empty() {
        true => Catalogs::default(),
        false => windows.asked(&wanted),
    };
    for open in open.drain(..) {
        open.settle(&catalogs, out);
    }
}

fn collect(windows: &Windows<'_>, plan: &SweepPlan) -> Sweep {
    let root = windows.roots().windows;
    let mut walk = Walk {
        windows,
        skip: expanded(windows, &plan.skip),
        records: Vec::new(),
        known: HashMap::new(),
        folders: HashSet::new(),
        names: 0,
        out: Sweep::default(),
    };
    walk.run(&root);
    let (records, mut out) = (walk.records, walk.out);
    let kinds = plan.code.iter().map(|kind| CodeFiles {
        folders: expanded(windows, &kind.folders),
        endings: kind.endings.clone(),
        holds: kind.holds.clone(),
    });
    let kinds = Kinds(kinds.collect());
    let mut open: Vec<Open> = Vec::new();
    crate::parallel::each(
        records,
        |record| {
            let kind = contained(
                Layer::Pe,
                || say!(doing_ring0_file),
                || kind(windows, &record, &kinds),
            );
            (record, kind)
        },
        |(record, kind)| {
            match kind {
                Ok(Kind::Other) => {}
                Ok(Kind::Program(said)) => {
                    out.programs = out.programs.saturating_add(1);
                    let own = |name: &String| {
                        let original = said.original.as_deref();
                        original.is_none_or(|original| stem(original) == stem(name))
                    };
                    let trusted = matches!(said.signed, Signed::Trusted(_));
                    if trusted && said.nameless.is_none() && record.names.iter().all(own) {
                        return;
                    }
                    open.push(Open {
                        record,
                        signed: Some(said.signed),
                        original: said.original,
                        digests: said.digests,
                        nameless: said.nameless,
                        is_script: false,
                    });
                }
                Ok(Kind::Script(signed, digests)) => {
                    out.scripts = out.scripts.saturating_add(1);
                    open.push(Open {
                        record,
                        signed,
                        original: None,
                        digests,
                        nameless: None,
                        is_script: true,
                    });
                }
                Err(e) => {
                    let name = record.names.first().map_or("", String::as_str);
                    out.gaps.push(Gap::at_path(name, &e));
                }
            }
            if open.len() >= BATCH {
                settle(windows, &mut open, &mut out);
            }
        },
    );
    settle(windows, &mut open, &mut out);
    out.unproven.sort_by(|a, b| a.path.cmp(&b.path));
    out
}

impl Windows<'_> {
    /// Looks at every file below the folder of Windows.
    #[must_use]
    pub fn sweep(&self, plan: &SweepPlan) -> Sweep {
        collect(self, plan)
    }
}
