//! Every file of every package against what its package recorded, as `dpkg --verify`, `rpm -Va` and `apk audit` do.
//!
//! The records are the image's own: that a file equals them proves nothing, that it differs tells of a change that
//! somebody did not hide.

use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, HashMap, VecDeque};

use super::compare::{REGULAR, TYPE, digest};
use super::owner::{Entry, entries, held_entries, key_of, owner};
use super::{FileDigest, Owner, Package, PackageSystem, Packages, Vendor};
use crate::error::{Error, Kind, Layer, Result};
use crate::evidence::linux::reader::Reader;
use crate::evidence::{Found, Gap, Location};
use crate::fs::FileKind;
use crate::guest::{Located, PathSpace};
use crate::parallel::{Limits, map_in_order};
use crate::rpm::File;
use crate::text::lossless;
use crate::trust::DigestKind;

/// Files that a processor takes at once.
const CHUNK: usize = 64;
/// Bytes of text whose reading takes as long as the record of a file that is not there: a step.
const STEP: u64 = 64;
/// Differences that are kept.
const MAX_KEPT: usize = 20_000;
/// Missing files of data that are kept; the others are counted.
const MAX_MISSING_DATA: usize = 20;
/// What could not be read, each told by itself.
const MAX_GAPS: usize = 500;
/// Files beside the packages of which all lists are asked whose they are.
const MAX_ASKED: usize = 20;
/// Diversions that are looked at; a system with drivers of graphics has some thirty.
const MAX_DIVERSIONS: usize = 1_000;
/// The longest target of a link.
const MAX_TARGET: usize = 4096;
/// What a program may not gain: the rights of its owner or group for whoever runs it, and to be written by others.
const GAINED: u32 = 0o6022;

/// Folders that images leave out, and `path-exclude` of dpkg.cfg(5), `--nodocs` and `%_install_langs` of rpm: texts for
/// people, by [`key_of`].
const PRUNED: &[&str] = &[
    "share/doc/",
    "share/man/",
    "share/info/",
    "share/locale/",
    "share/locale-langpack/",
    "share/help/",
    "share/help-langpack/",
    "share/gnome/help/",
    "share/gtk-doc/",
    "share/omf/",
    "share/groff/",
    "share/licenses/",
    "share/lintian/",
    "share/linda/",
    "share/i18n/",
    "share/doc-base/",
    "local/share/man/",
    "local/share/doc/",
    "lib/locale/",
];
/// Folders of data that nothing runs by itself.
const DATA: &[&str] = &["share/", "include/", "src/", "lib/firmware/"];

/// How the files of all packages stand.
#[derive(Debug, Clone, Default)]
pub struct PackageFiles {
    /// Files and links that equal what their packages recorded.
    pub equal: u64,
    /// Texts for people and compiled Python that are not there, as images leave them out.
    pub pruned: u64,
    /// Files of data that are not there, besides those among [`PackageFiles::changes`].
    pub missing_data: u64,
    /// What differs, in the order of the packages.
    pub changes: Vec<Found<FileChange>>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// A file that is not as its package recorded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// The package.
    pub package: String,
    /// The path that it recorded.
    pub path: String,
    /// It is a setting: `Conffiles`, `%config`, or for apk a file in `/etc`.
    pub config: bool,
    /// What is there may be executed: its permissions say so.
    pub executable: bool,
    /// What is there is a program by its first bytes: ELF, or `#!`.
    pub program: bool,
    /// What differs.
    pub what: Change,
}

impl FileChange {
    /// Its path without the slash at the beginning and without `usr/`, so that a merged `/usr` makes no difference.
    #[must_use]
    pub fn key(&self) -> &str {
        key_of(&self.path)
    }

    /// True for the name of a shared object: `libx.so`, `libx.so.1`.
    #[must_use]
    pub fn is_library(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        name.ends_with(".so") || name.contains(".so.")
    }

    /// True for what runs: a program, or a library by its name.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.executable || self.program || self.is_library()
    }
}

/// What differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The contents.
    Contents {
        /// As recorded.
        expected: FileDigest,
        /// As they are.
        actual: FileDigest,
    },
    /// The contents, in a program that prelink(8) changed: what it was is not undone here.
    Prelinked {
        /// As recorded.
        expected: FileDigest,
        /// As they are.
        actual: FileDigest,
    },
    /// A symbolic link is there in place of a file, or one that leads elsewhere.
    Link {
        /// Where the recorded one leads, where a link was recorded.
        expected: Option<String>,
        /// Where it leads.
        target: String,
    },
    /// A link of a package of dpkg, which records no targets, leads to a program or library that no package has.
    Leads {
        /// Where it leads.
        target: String,
    },
    /// Something that is neither a file nor a link, or no link where one was recorded.
    Kind(FileKind),
    /// Nothing is there, or a link to `/dev/null`.
    Missing {
        /// A program of the same name that is found before it.
        shadow: Option<String>,
    },
    /// Permissions were added.
    Mode {
        /// As recorded.
        expected: u32,
        /// As they are.
        actual: u32,
    },
    /// The package lists it and has no digest of it.
    Unrecorded,
    /// It stands where a package's file was diverted from, and is not of the package that diverted it.
    InPlace,
}

/// A file of a package, to be compared.
struct Job {
    item: usize,
    path: Box<[u8]>,
    digest: Option<FileDigest>,
    /// Where the recorded link leads.
    target: Option<Box<[u8]>>,
    /// Recorded permissions.
    mode: Option<u32>,
    config: bool,
    /// The record says that it is a regular file; dpkg and apk record no type.
    regular: bool,
    /// The package says that the contents may change.
    changes: bool,
    /// Of which system the package is.
    system: PackageSystem,
}

/// How a file stands.
enum Stands {
    Equal,
    /// Nothing was recorded that could be compared.
    Silent,
    Pruned,
    Differs(Box<Found<FileChange>>),
    Unreadable(Box<Gap>),
}

pub(in crate::evidence::linux) fn collect(
    reader: &Reader<'_>,
    packages: &Packages,
    vendor: &Vendor,
) -> PackageFiles {
    let mut all = PackageFiles {
        gaps: packages.gaps.clone(),
        ..PackageFiles::default()
    };
    let mut plan = Plan::new(reader, packages);
    let (mut kept_data, mut more, mut unread) = (0, false, 0_usize);
    let jobs = std::iter::from_fn(|| plan.next());
    let work = |chunk: Vec<Job>| {
        let mut eye = Eye::new(reader, packages, vendor);
        chunk.iter().map(|job| eye.look(job)).collect::<Vec<_>>()
    };
    map_in_order(
        jobs,
        Limits::of_machine(8),
        |_| false,
        work,
        |done| {
            for stands in done {
                match stands {
                    Stands::Silent => {}
                    Stands::Equal => all.equal += 1,
                    Stands::Pruned => all.pruned += 1,
                    Stands::Unreadable(gap) => {
                        unread += 1;
                        if unread <= MAX_GAPS {
                            all.gaps.push(*gap);
                        }
                    }
                    Stands::Differs(found) => {
                        let missing = matches!(found.fact.what, Change::Missing { shadow: None });
                        let key = key_of(&found.fact.path);
                        if missing && DATA.iter().any(|dir| key.starts_with(dir)) {
                            kept_data += 1;
                            if kept_data > MAX_MISSING_DATA {
                                all.missing_data += 1;
                                continue;
                            }
                        }
                        if all.changes.len() < MAX_KEPT {
                            all.changes.push(*found);
                        } else {
                            more = true;
                        }
                    }
                }
            }
            true
        },
    );
    if more {
        let what = say!(error_too_many, most = MAX_KEPT, what = "changes");
        let why = Error::limit(Layer::Packages, None, what);
        all.gaps.push(Gap::new(Location::default(), &why));
    }
    let Plan { gaps, diverted, .. } = plan;
    all.gaps.extend(gaps);
    several_owners(packages, &mut all);
    in_place(reader, vendor, diverted, &mut all);
    links(reader, packages, &mut all);
    all
}

/// A diversion, as dpkg-divert(1) has it.
struct Diverted<'a> {
    from: &'a str,
    to: &'a str,
    by: &'a str,
    /// The package that diverts brings a file there itself.
    own: bool,
}

/// Hands out the files of all packages, some at a time.
struct Plan<'a> {
    reader: &'a Reader<'a>,
    packages: &'a Packages,
    /// The package that comes next, and how many of the files that its header holds were handed out.
    next: usize,
    held: usize,
    waiting: VecDeque<Job>,
    diverted: Vec<Diverted<'a>>,
    by_path: HashMap<&'a [u8], usize>,
    gaps: Vec<Gap>,
}

impl<'a> Plan<'a> {
    fn new(reader: &'a Reader<'a>, packages: &'a Packages) -> Self {
        let all = packages.diversions.iter();
        let diverted: Vec<Diverted<'_>> = all
            .map(|(from, to, by)| Diverted {
                from,
                to,
                by,
                own: false,
            })
            .collect();
        let by_path = diverted.iter().enumerate();
        let by_path = by_path.map(|(i, d)| (d.from.as_bytes(), i)).collect();
        Self {
            reader,
            packages,
            next: 0,
            held: 0,
            waiting: VecDeque::new(),
            diverted,
            by_path,
            gaps: Vec::new(),
        }
    }

    fn next(&mut self) -> Option<Vec<Job>> {
        while self.waiting.is_empty() {
            let package = self.packages.items.get(self.next)?;
            self.fill(&package.fact);
        }
        let count = self.waiting.len().min(CHUNK);
        Some(self.waiting.drain(..count).collect())
    }

    /// The files of `package`; of one whose header holds them some, until all are handed out.
    fn fill(&mut self, package: &Package) {
        let item = self.next;
        let Self {
            waiting,
            diverted,
            by_path,
            gaps,
            ..
        } = self;
        let conffiles = &self.packages.conffiles;
        let take = |entry: Entry<'_>| {
            let mut path = entry.path;
            if path.first() != Some(&b'/') || path == b"/." {
                return;
            }
            if entry.file.is_none() && !by_path.is_empty() {
                // Where /usr is merged, what diverts `/lib/x` brings `/usr/lib/x` itself.
                let bare = path.strip_prefix(b"/usr");
                let other = match bare.filter(|rest| rest.starts_with(b"/")) {
                    Some(rest) => rest.to_vec(),
                    None => [b"/usr", path].concat(),
                };
                let found = by_path.get(other.as_slice());
                if let Some(diverted) = found.and_then(|i| diverted.get_mut(*i)) {
                    diverted.own |= diverted.by == package.name;
                }
            }
            if entry.file.is_none()
                && let Some(diverted) = by_path.get(path).and_then(|i| diverted.get_mut(*i))
            {
                if diverted.by == package.name {
                    diverted.own = true;
                } else {
                    path = diverted.to.as_bytes();
                }
            }
            let job = match entry.file {
                None => Some(of_dpkg(item, path, &entry, conffiles)),
                Some(file) => of_header(item, package.system, path, file, entry.digest),
            };
            waiting.extend(job);
        };
        match &package.contents {
            Some(contents) => {
                let all = &contents.files.items;
                let end = self.held.saturating_add(CHUNK).min(all.len());
                let some = all.get(self.held..end).unwrap_or_default();
                held_entries(contents, some, &|_| true, take);
                self.held = end;
                if end < all.len() {
                    return;
                }
            }
            None => entries(self.reader, self.packages, package, &|_| true, gaps, take),
        }
        self.held = 0;
        self.next += 1;
    }
}

/// A file of rpm or apk; nothing for one that its package only owns.
fn of_header(
    item: usize,
    system: PackageSystem,
    path: &[u8],
    file: &File,
    digest: Option<FileDigest>,
) -> Option<Job> {
    let apk = system == PackageSystem::Apk;
    let regular = file.mode & TYPE == REGULAR;
    (!file.ghost).then(|| Job {
        item,
        path: path.into(),
        digest: digest.filter(|_| !file.changes),
        target: file.target.clone(),
        mode: Some(file.mode & 0o7777).filter(|_| !file.mode_changes && (apk || regular)),
        config: file.config || apk && path.starts_with(b"/etc/"),
        regular,
        changes: file.changes,
        system,
    })
}

fn of_dpkg(
    item: usize,
    path: &[u8],
    entry: &Entry<'_>,
    conffiles: &BTreeMap<String, FileDigest>,
) -> Job {
    let recorded = std::str::from_utf8(entry.path).ok();
    let setting = recorded.and_then(|path| conffiles.get(path));
    Job {
        item,
        path: path.into(),
        digest: entry.digest.clone().or_else(|| setting.cloned()),
        target: None,
        mode: None,
        config: setting.is_some(),
        regular: false,
        changes: false,
        system: PackageSystem::Dpkg,
    }
}

/// Looks at files, one after the other: most are in the folder of the one before.
struct Eye<'a> {
    reader: &'a Reader<'a>,
    packages: &'a Packages,
    vendor: &'a Vendor,
    folder: Option<(Box<[u8]>, Result<Located>)>,
}

impl<'a> Eye<'a> {
    fn new(reader: &'a Reader<'a>, packages: &'a Packages, vendor: &'a Vendor) -> Self {
        Self {
            reader,
            packages,
            vendor,
            folder: None,
        }
    }

    fn look(&mut self, job: &Job) -> Stands {
        let found = self.paths().pay(STEP).and_then(|()| self.find(&job.path));
        let stands = found.and_then(|at| match at {
            Some(at) => self.compare(job, &at),
            None => Ok(self.missing(job)),
        });
        stands
            .unwrap_or_else(|e| Stands::Unreadable(Box::new(Gap::at_path(lossless(&job.path), &e))))
    }

    /// What is at `path`; a link in the last place is not followed.
    fn find(&mut self, path: &[u8]) -> Result<Option<Located>> {
        let end = path.iter().rposition(|b| *b == b'/').unwrap_or(0);
        let (dir, name) = path.split_at_checked(end).unwrap_or((b"", path));
        let name = name.strip_prefix(b"/").unwrap_or(name);
        let found = if name.is_empty() || matches!(name, b"." | b"..") {
            self.paths().resolve(path)
        } else {
            if self
                .folder
                .as_ref()
                .is_none_or(|(known, _)| **known != *dir)
            {
                let dir_path = if dir.is_empty() { b"/" } else { dir };
                let found = self.paths().resolve(dir_path);
                self.folder = Some((dir.into(), found));
            }
            match &self.folder {
                Some((_, Ok(folder))) => self.paths().child(folder, name),
                Some((_, Err(e))) => Err(e.clone()),
                None => self.paths().resolve_link(path),
            }
        };
        match found {
            Ok(at) => Ok(Some(at)),
            Err(e) if e.kind == Kind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    fn paths(&self) -> &'a PathSpace {
        self.reader.paths()
    }

    fn compare(&self, job: &Job, at: &Located) -> Result<Stands> {
        match at.metadata.kind {
            FileKind::Regular => self.file(job, at, at),
            FileKind::Symlink => self.link(job, at),
            FileKind::Directory if job.digest.is_none() && job.target.is_none() => {
                // A folder, or a link that the system's own change made one.
                Ok(match job.regular {
                    true => self.differs(job, at, Change::Kind(at.metadata.kind)),
                    false => Stands::Silent,
                })
            }
            _ if job.digest.is_none() && job.target.is_none() && !job.regular => Ok(Stands::Silent),
            kind => Ok(self.differs(job, at, Change::Kind(kind))),
        }
    }

    /// The regular file `real`, found at the place `at`.
    fn file(&self, job: &Job, at: &Located, real: &Located) -> Result<Stands> {
        if job.target.is_some() {
            return Ok(self.differs(job, at, Change::Kind(real.metadata.kind)));
        }
        let Some(expected) = &job.digest else {
            let stands = self.differs(job, at, Change::Unrecorded);
            return Ok(match &stands {
                Stands::Differs(found) if !job.config && !job.changes && found.fact.runs() => {
                    stands
                }
                _ => self.permissions(job, at, real, Stands::Silent),
            });
        };
        let actual = self.digest(expected.kind, real)?;
        if actual == *expected {
            return Ok(self.permissions(job, at, real, Stands::Equal));
        }
        let expected = expected.clone();
        let what = if self.is_prelinked(real)? {
            Change::Prelinked { expected, actual }
        } else {
            Change::Contents { expected, actual }
        };
        Ok(self.differs_as(job, at, real, what))
    }

    fn digest(&self, kind: DigestKind, file: &Located) -> Result<FileDigest> {
        let data = file.open()?;
        // Three quarters: tools for graphics processors are some ten gigabytes, and the whole budget buys 12 GiB.
        self.paths().pay_digests(3, data.len() / 4)?;
        digest(kind, data.as_ref())
    }

    /// Whether the permissions of `real` are what was recorded, where its contents are.
    fn permissions(&self, job: &Job, at: &Located, real: &Located, else_: Stands) -> Stands {
        let (Some(expected), Some(actual)) = (job.mode, real.metadata.mode) else {
            return else_;
        };
        if actual & !expected & GAINED == 0 {
            return else_;
        }
        self.differs_as(job, at, real, Change::Mode { expected, actual })
    }

    fn link(&self, job: &Job, at: &Located) -> Result<Stands> {
        at.sound()?;
        let target = at.fs.read_link(at.id)?;
        if target.len() > MAX_TARGET {
            return Err(Error::limit(
                Layer::Packages,
                None,
                say!(error_too_many, most = MAX_TARGET, what = "bytes"),
            ));
        }
        let shown = || lossless(&target);
        if let Some(expected) = &job.target {
            return Ok(if **expected == *target {
                Stands::Equal
            } else if target == b"/dev/null" {
                self.missing(job)
            } else {
                let expected = Some(lossless(expected));
                let target = shown();
                self.differs(job, at, Change::Link { expected, target })
            });
        }
        let of_target = job.digest.as_ref();
        if let Some(expected) = of_target.filter(|_| job.system == PackageSystem::Apk)
            && crate::bytes::hex(&expected.kind.of(&target)) == expected.hex
        {
            return Ok(Stands::Equal);
        }
        let real = match self.paths().resolve(&at.path) {
            Ok(real) => Some(real),
            Err(e) if e.kind == Kind::NotFound => None,
            Err(e) => return Err(e),
        };
        let real = real.filter(|real| real.metadata.kind == FileKind::Regular);
        let elsewhere = || Change::Link {
            expected: None,
            target: shown(),
        };
        if job.digest.is_none() && !job.regular {
            let foreign = |real: &Located| {
                job.system == PackageSystem::Dpkg && !self.vendor.lists(&real.path_text())
            };
            let Some(real) = real.filter(foreign) else {
                return Ok(Stands::Silent);
            };
            let target = shown();
            let stands = self.differs_as(job, at, &real, Change::Leads { target });
            return Ok(match &stands {
                Stands::Differs(found) if found.fact.runs() => stands,
                _ => Stands::Silent,
            });
        }
        // What counts is what is read there.
        match (&job.digest, &real) {
            (Some(expected), Some(real)) if self.digest(expected.kind, real)? == *expected => {
                Ok(self.permissions(job, at, real, Stands::Equal))
            }
            _ if target == b"/dev/null" => Ok(self.missing(job)),
            (_, Some(real)) => Ok(self.differs_as(job, at, real, elsewhere())),
            (_, None) => Ok(self.differs(job, at, elsewhere())),
        }
    }

    fn missing(&self, job: &Job) -> Stands {
        if job.digest.is_none() && job.target.is_none() && !job.regular {
            return Stands::Silent;
        }
        let path = lossless(&job.path);
        let key = key_of(&path);
        let compiled =
            key.ends_with(".pyc") || key.ends_with(".pyo") || key.contains("/__pycache__/");
        if compiled || PRUNED.iter().any(|dir| key.starts_with(dir)) {
            return Stands::Pruned;
        }
        let shadow = self.shadow(key);
        Stands::Differs(Box::new(Found {
            fact: FileChange {
                package: self.package(job),
                config: job.config,
                executable: false,
                program: false,
                what: Change::Missing { shadow },
                path: path.clone(),
            },
            at: Location::of_path(path),
        }))
    }

    /// The program in `/usr/local` that runs in place of the one that is missing.
    fn shadow(&self, key: &str) -> Option<String> {
        let name = key
            .strip_prefix("bin/")
            .or_else(|| key.strip_prefix("sbin/"))?;
        let places = ["/usr/local/sbin/", "/usr/local/bin/"].map(|dir| format!("{dir}{name}"));
        places.into_iter().find(|path| {
            let found = self.paths().find(path.as_bytes());
            !matches!(found, Ok(None))
        })
    }

    fn package(&self, job: &Job) -> String {
        let package = self.packages.items.get(job.item);
        package.map(|p| p.fact.name.clone()).unwrap_or_default()
    }

    fn differs(&self, job: &Job, at: &Located, what: Change) -> Stands {
        self.differs_as(job, at, at, what)
    }

    fn differs_as(&self, job: &Job, at: &Located, real: &Located, what: Change) -> Stands {
        let (executable, program) = nature(real);
        Stands::Differs(Box::new(Found {
            fact: FileChange {
                package: self.package(job),
                path: lossless(&job.path),
                config: job.config,
                executable,
                program,
                what,
            },
            at: Location::of(at),
        }))
    }

    /// True for a program that prelink(8) changed, on a system that has it: it keeps what it overwrote in a section of
    /// this name.
    fn is_prelinked(&self, real: &Located) -> Result<bool> {
        const MAX: u64 = 64 << 20;
        let mut all = self.packages.items.iter();
        if !all.any(|p| p.fact.name == "prelink") || !nature(real).1 || real.metadata.size > MAX {
            return Ok(false);
        }
        let bytes = real.read(MAX)?;
        let name = b"\0.gnu.prelink_undo\0";
        Ok(bytes.starts_with(b"\x7fELF") && memchr::memmem::find(&bytes, name).is_some())
    }
}

/// Whether the regular file `real` may be executed, and whether it is a program by its first bytes. What can't be read is
/// told where it is compared.
fn nature(real: &Located) -> (bool, bool) {
    if real.metadata.kind != FileKind::Regular {
        return (false, false);
    }
    let executable = real.metadata.mode.is_some_and(|mode| mode & 0o111 != 0);
    let mut head = [0; 4];
    let program = real.open().and_then(|data| {
        let len = usize::try_from(data.len()).map_or(head.len(), |len| len.min(head.len()));
        data.read_at(&mut head[..len], 0)
    });
    let program = program.is_ok() && (head == *b"\x7fELF" || head.starts_with(b"#!"));
    (executable, program)
}

/// Of several packages that have a file in one place, for two architectures, one brought what is there: the records of the
/// others speak of what it replaced.
fn several_owners(packages: &Packages, all: &mut PackageFiles) {
    let of_database = |p: &Found<Package>| p.fact.contents.is_some();
    if all.changes.is_empty() || !packages.items.iter().any(of_database) {
        return;
    }
    let mut by_key: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (i, change) in all.changes.iter().enumerate() {
        let key = key_of(&change.fact.path).to_owned();
        by_key.entry(key).or_default().push(i);
    }
    let mut explained = vec![false; all.changes.len()];
    for package in &packages.items {
        let Some(contents) = &package.fact.contents else {
            continue;
        };
        for file in contents.files.items.iter().filter(|file| !file.ghost) {
            let path = lossless(&contents.files.path(file));
            let Some(mine) = by_key.get(key_of(&path)) else {
                continue;
            };
            for &i in mine {
                let equal = match &all.changes[i].fact.what {
                    Change::Contents { actual, .. } => {
                        let digest = file.digest.as_deref();
                        digest.and_then(FileDigest::of).as_ref() == Some(actual)
                    }
                    Change::Link { target, .. } => {
                        file.target.as_deref().map(lossless).as_ref() == Some(target)
                    }
                    Change::Mode { actual, .. } => file.mode & 0o7777 == *actual,
                    _ => false,
                };
                explained[i] |= equal;
            }
        }
    }
    let mut explained = explained.into_iter();
    all.changes.retain(|_| !explained.next().unwrap_or(false));
}

/// What stands where a package's file was diverted from must be of the package that diverted it, or a link to a
/// package's (an alternative). An administrator's diversion (`:`) has a file of nobody there.
fn in_place(
    reader: &Reader<'_>,
    vendor: &Vendor,
    diverted: Vec<Diverted<'_>>,
    all: &mut PackageFiles,
) {
    if diverted.len() > MAX_DIVERSIONS {
        let what = say!(error_too_many, most = MAX_DIVERSIONS, what = "diversions");
        let why = Error::limit(Layer::Packages, None, what);
        all.gaps
            .push(Gap::at_path("/var/lib/dpkg/diversions", &why));
    }
    let foreign = diverted.into_iter().filter(|d| !d.own);
    for diversion in foreign.take(MAX_DIVERSIONS) {
        let Some(real) = reader.find(diversion.from.as_bytes(), &mut all.gaps) else {
            continue;
        };
        let path = real.path_text();
        let elsewhere = key_of(&path) != key_of(diversion.from);
        if real.metadata.kind != FileKind::Regular || elsewhere && vendor.lists(&path) {
            continue;
        }
        let (executable, program) = nature(&real);
        let fact = FileChange {
            package: diversion.by.to_owned(),
            path: diversion.from.to_owned(),
            config: false,
            executable,
            program,
            what: Change::InPlace,
        };
        if fact.runs() {
            let at = Location::of(&real);
            all.changes.push(Found { fact, at });
        }
    }
}

/// Links of packages that lead to a file in one of the folders of which [`Vendor`] keeps no list: asks all lists.
fn links(reader: &Reader<'_>, packages: &Packages, all: &mut PackageFiles) {
    let mut asked: BTreeMap<String, bool> = BTreeMap::new();
    all.changes.retain(|change| {
        if !matches!(change.fact.what, Change::Leads { .. }) {
            return true;
        }
        let Ok(real) = reader.paths().resolve(change.fact.path.as_bytes()) else {
            return true;
        };
        let many = asked.len() >= MAX_ASKED;
        match asked.entry(real.path_text()) {
            Slot::Occupied(known) => !*known.get(),
            Slot::Vacant(_) if many => true,
            Slot::Vacant(free) => {
                let owner = owner(reader, packages, free.key(), |_| false);
                !*free.insert(matches!(owner, Owner::Package(_)))
            }
        }
    });
}
