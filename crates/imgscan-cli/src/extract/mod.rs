//! `imgscan extract`: files of the image into a folder of the host, never outside it.

mod hives;
mod host;
mod names;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;

use imgscan_core::Error;
use imgscan_core::fs::walk::{Step, Walk, Walked};
use imgscan_core::fs::{FileKind, FileSystem, Metadata, NodeId, Timestamp};
use imgscan_core::parallel::{Limits, map_in_order};
use imgscan_core::source::ReadAt;
use imgscan_core::text::{Text, lossless};

use crate::args::ExtractArgs;
use crate::budget::Budget;
use crate::exit::{Failure, Outcome, why};
use crate::image::{self, Target};
use crate::output::Ui;
use crate::progress::Progress;
use crate::sandbox::Access;
use host::{Folder, Part};

/// Bytes that a worker copies at once.
const PIECE: usize = 256 * 1024;
/// Files that may be open for writing for each worker.
const AHEAD: usize = 16;
/// Folders inside each other: one open handle each, within the usual limit of a process.
const MAX_DEPTH: usize = 512;
/// The longest path by which a further name of a file is linked, in bytes.
const MAX_PATH: usize = 4000;

pub(crate) fn run(args: &ExtractArgs, ui: &Ui) -> Result<Outcome, Failure> {
    let new = !args.dir.exists();
    let result = extract(args, ui);
    if new && !ui.in_sandbox() && !matches!(result, Ok(Outcome::Accept)) {
        leave_no_empty(&args.dir);
    }
    result
}

/// Removes the folder that was made for files which did not come.
pub(crate) fn leave_no_empty(folder: &Path) {
    // One that holds something stays.
    let _ = std::fs::remove_dir(folder);
}

/// Removes what an extraction into `folder` had begun that was killed.
pub(crate) fn remove_begun(folder: &Path) {
    if folder.is_dir()
        && let Ok(folder) = Folder::target(folder, false)
    {
        folder.clean_all(0);
    }
}

fn extract(args: &ExtractArgs, ui: &Ui) -> Result<Outcome, Failure> {
    let unwritten = |e: io::Error| Failure::unwritten(args.dir.display().to_string(), &e);
    let options = args.image.options(ui)?;
    let root = Folder::target(&args.dir, args.force).map_err(unwritten)?;
    ui.enter(&Access {
        write: Some(&args.dir),
        ..Access::default()
    })?;
    let image = image::inside(&args.image, &options, ui)?;
    let mut outcome = Outcome::Accept;
    let budget = RefCell::new(image.budget());
    let mut targets = Vec::new();
    if args.hives {
        let (hives, gaps) = hives::targets(&image, ui)?;
        targets = hives;
        if gaps {
            outcome = Outcome::Failed;
        }
    } else if args.paths.is_empty() {
        if image.report_gaps(ui) {
            outcome = Outcome::Failed;
        }
        targets = image.roots()?;
    }
    for path in &args.paths {
        targets.push(image.target(Some(path), false)?);
    }
    let mut progress = ui.progress();
    for target in apart(&targets) {
        let mut tree = Tree {
            ui,
            target,
            fs: Arc::clone(&target.fs),
            mount: 0,
            budget: &budget,
            root: &root,
            special_bits: args.special_bits,
            levels: Vec::new(),
            met: HashSet::new(),
            host_path: Vec::new(),
            failed: false,
        };
        let done = match tree.open_parents() {
            Ok(()) => tree.run(&mut progress),
            Err(e) => {
                tree.say(&target.path, &not_extracted(&e));
                false
            }
        };
        if !done {
            outcome = Outcome::Failed;
        }
    }
    Ok(outcome)
}

/// The targets without those that are in another one.
fn apart(targets: &[Target]) -> impl Iterator<Item = &Target> {
    let within = |inner: &Target, outer: &Target| {
        let rest = inner.path.strip_prefix(outer.path.as_slice());
        inner.prefix == outer.prefix && rest.is_some_and(|r| r.is_empty() || r.starts_with(b"/"))
    };
    targets.iter().enumerate().filter_map(move |(at, target)| {
        let others = targets.iter().enumerate();
        let mut others = others.filter(|(other, _)| *other != at);
        // Of two that are equal the first one stays.
        let covered = others
            .any(|(other, outer)| within(target, outer) && (other < at || !within(outer, target)));
        (!covered).then_some(target)
    })
}

/// One target on its way to the host.
struct Tree<'a> {
    ui: &'a Ui,
    target: &'a Target,
    /// The file system of what is placed now, and its number among those of the walk.
    fs: Arc<dyn FileSystem>,
    mount: usize,
    budget: &'a RefCell<Budget>,
    root: &'a Folder,
    special_bits: bool,
    /// The folders that are open, the outermost first.
    levels: Vec<Level>,
    /// Files with several names of which one was met.
    met: HashSet<Object>,
    /// Names on the host from the root to the innermost folder.
    host_path: Vec<Vec<u8>>,
    failed: bool,
}

/// A file, by its mount and its number there.
type Object = (usize, NodeId);

struct Level {
    /// `None` where the folder could not be made: what is below it is left out.
    folder: Option<Arc<Folder>>,
    /// Mode and time that the folder gets when it is done; `None` for one that is only a way.
    finish: Option<(u32, Option<Timestamp>)>,
}

/// What is done in the order in which it was met, once a worker is through with it.
enum Job {
    Copy(Copy),
    /// A further name of a file.
    Name(Name),
    /// Nothing more comes into the folder.
    Close {
        folder: Arc<Folder>,
        mode: u32,
        modified: Option<Timestamp>,
    },
}

/// Contents to be copied by a worker.
struct Copy {
    name: Name,
    data: imgscan_core::Result<Arc<dyn ReadAt>>,
    part: Part,
    mode: u32,
    modified: Option<Timestamp>,
}

/// A name of a file.
struct Name {
    /// In the image.
    path: Vec<u8>,
    /// The folder, and the name that is wanted there.
    folder: Arc<Folder>,
    wanted: Vec<u8>,
    /// The name in the image, where another one is to be told.
    stored: Option<Vec<u8>>,
    /// The path of the folder on the host, and the file, where that has several names.
    shared: Option<(Vec<u8>, Object)>,
    /// How its contents are opened once more.
    source: Source,
}

/// Where contents are read from, and what the file gets.
struct Source {
    fs: Arc<dyn FileSystem>,
    id: NodeId,
    bytes: u64,
    mode: u32,
    modified: Option<Timestamp>,
}

/// What a worker made of a job.
enum Done {
    /// A file, whole under its temporary name or not.
    Copied {
        name: Name,
        part: Part,
        bytes: u64,
        failure: Option<Unwhole>,
    },
    Name(Name),
    Close {
        folder: Arc<Folder>,
        mode: u32,
        modified: Option<Timestamp>,
    },
}

/// Why a file is not whole.
enum Unwhole {
    Image(Error),
    Host(io::Error),
}

/// Gives files their names, in the order in which they were met.
struct Names<'a> {
    ui: &'a Ui,
    target: &'a Target,
    budget: &'a RefCell<Budget>,
    root: &'a Folder,
    /// First path on the host of files with several names.
    linked: HashMap<Object, Vec<u8>>,
    failed: bool,
}

impl Names<'_> {
    fn take(&mut self, done: Done, progress: &mut Progress) {
        match done {
            Done::Copied {
                name,
                part,
                bytes,
                failure,
            } => {
                progress.file(bytes);
                progress.suspend(|| self.copied(&name, part, failure));
            }
            Done::Name(name) => progress.suspend(|| self.further(name)),
            Done::Close {
                folder,
                mode,
                modified,
            } => {
                if let Err(e) = folder.finish(mode, modified) {
                    let text = say!(extract_not_finished, why = why(&e));
                    progress.suspend(|| self.tell(&self.target.path, &text));
                    self.failed = true;
                }
            }
        }
    }

    fn copied(&mut self, name: &Name, part: Part, failure: Option<Unwhole>) {
        let kept = match failure {
            Some(Unwhole::Image(e)) => {
                let text = say!(extract_failed, why = e.text());
                self.tell(&name.path, &text);
                self.failed = true;
                return;
            }
            Some(Unwhole::Host(e)) => Err(e),
            None => part.keep(&name.wanted),
        };
        self.named(name, kept);
    }

    /// A further name of a file that was met before; where it can't be linked, its contents are
    /// copied again.
    fn further(&mut self, name: Name) {
        let first = name.shared.as_ref().and_then(|(_, o)| self.linked.get(o));
        if let Some(first) = first
            && let Ok(made) = name.folder.hard_link(self.root, first, &name.wanted)
        {
            return self.named(&name, Ok(made));
        }
        if name.folder.is_taken(&name.wanted) {
            return self.named(&name, Err(io::ErrorKind::AlreadyExists.into()));
        }
        if let Err(e) = self.budget.borrow_mut().take(name.source.bytes) {
            self.ui.damage(&self.target.shown(&name.path), &e);
            self.failed = true;
            return;
        }
        let part = match name.folder.file() {
            Ok(part) => part,
            Err(e) => return self.named(&name, Err(e)),
        };
        let Source { mode, modified, .. } = name.source;
        let data = name.source.fs.open(name.source.id);
        let failure = whole(data, &part.file, mode, modified).err();
        self.copied(&name, part, failure);
    }

    /// The file of `name` has got its name on the host, or has not.
    fn named(&mut self, name: &Name, made: io::Result<Vec<u8>>) {
        let made = match made {
            Ok(made) => made,
            Err(e) => {
                self.tell(&name.path, &not_extracted(&e));
                self.failed = true;
                return;
            }
        };
        if name.stored.as_ref().is_some_and(|stored| *stored != made) {
            let text = say!(extract_renamed, name = lossless(&made));
            self.tell(&name.path, &text);
        }
        if let Some((folder, object)) = &name.shared {
            let mut path = folder.clone();
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(&made);
            if path.len() <= MAX_PATH {
                self.linked.entry(*object).or_insert(path);
            }
        }
    }

    fn tell(&self, path: &[u8], text: &Text) {
        self.ui.at(&self.target.shown(path), text);
    }
}

/// Why something of the image is not on the host.
fn not_extracted(e: &io::Error) -> Text {
    match e.kind() {
        io::ErrorKind::AlreadyExists => say!(extract_exists),
        _ => say!(extract_failed, why = why(e)),
    }
}

impl Tree<'_> {
    /// Opens the folders above the target: the volume's where there are several, and those of
    /// its path.
    fn open_parents(&mut self) -> io::Result<()> {
        let mut folder = self.root.again()?;
        let volume = self.target.prefix.trim_end_matches(':').as_bytes();
        let mut parents: Vec<&[u8]> = self
            .target
            .path
            .split(|b| *b == b'/')
            .filter(|p| !p.is_empty())
            .collect();
        parents.pop();
        let volume = (!volume.is_empty()).then_some(volume);
        for name in volume.into_iter().chain(parents) {
            let name = names::on_host(name);
            folder = folder.shared_folder(&name)?;
            self.host_path.push(name);
        }
        self.levels.push(Level {
            folder: Some(Arc::new(folder)),
            finish: None,
        });
        Ok(())
    }

    /// Extracts the target; true where all of it was.
    fn run(&mut self, progress: &mut Progress) -> bool {
        let target = self.target;
        let mut names = Names {
            ui: self.ui,
            target,
            budget: self.budget,
            root: self.root,
            linked: HashMap::new(),
            failed: false,
        };
        let root_only = target.path.is_empty();
        let own_name = target.path.rsplit(|b| *b == b'/').next().unwrap_or(b"");
        let mut first = Vec::new();
        let base = self.levels.len();
        if !root_only {
            self.place(&target.path, own_name, &target.metadata, &mut first);
        }
        let below = self.levels.len();
        let entered = root_only || below > base;
        let mut walk = if entered { target.walk() } else { None };
        let mut queue = first.into_iter();
        let mut done = false;
        let jobs = std::iter::from_fn(|| {
            loop {
                if let Some(job) = queue.next() {
                    return Some(job);
                }
                if done {
                    return None;
                }
                let mut jobs = Vec::new();
                match walk.as_mut().and_then(Walk::next) {
                    Some(step) => {
                        if let (Step::Entry(e), Some(walk)) = (&step, &walk) {
                            self.mount = e.mount;
                            self.fs = Arc::clone(walk.file_system(e.mount));
                        }
                        self.step(step, below, &mut jobs);
                    }
                    None => {
                        self.close_down_to(0, &mut jobs);
                        done = true;
                    }
                }
                queue = jobs.into_iter();
            }
        });
        map_in_order(
            jobs,
            Limits::of_machine(AHEAD),
            |_| false,
            work,
            |done| {
                names.take(done, progress);
                true
            },
        );
        !self.failed && !names.failed
    }

    fn step(&mut self, step: Step, below: usize, jobs: &mut Vec<Job>) {
        match step {
            Step::Damage { path, error } => self.damage(&path, &error),
            Step::Entry(Walked {
                path,
                depth,
                entry,
                metadata,
                ..
            }) => {
                // Names at depth 1 stand in the target's own folder.
                self.close_down_to(below + depth - 1, jobs);
                match metadata {
                    Ok(meta) => self.place(&path, &entry.name, &meta, jobs),
                    Err(e) => self.damage(&path, &e),
                }
            }
        }
    }

    /// Finishes folders until `keep` are open.
    fn close_down_to(&mut self, keep: usize, jobs: &mut Vec<Job>) {
        while self.levels.len() > keep {
            let Some(level) = self.levels.pop() else {
                return;
            };
            if let (Some(folder), Some((mode, modified))) = (level.folder, level.finish) {
                jobs.push(Job::Close {
                    folder,
                    mode,
                    modified,
                });
            }
            self.host_path.pop();
        }
    }

    /// Makes `name` in the innermost folder; contents to copy are added to `jobs`.
    fn place(&mut self, path: &[u8], name: &[u8], meta: &Metadata, jobs: &mut Vec<Job>) {
        let wanted = names::on_host(name);
        match self.fs.damage(meta.id) {
            Ok(damage) => damage.iter().for_each(|e| self.damage(path, e)),
            Err(e) => self.damage(path, &e),
        }
        if self.levels.last().is_some_and(|l| l.folder.is_none()) {
            if meta.kind == FileKind::Directory {
                self.enter(None, wanted, meta);
            }
            return;
        }
        let made = match meta.kind {
            FileKind::Directory => self.directory(path, &wanted, meta),
            FileKind::Regular => self.regular(path, name, &wanted, meta, jobs).map(|()| None),
            FileKind::Symlink => self.symlink(path, &wanted, meta),
            kind => {
                self.say(path, &say!(extract_special, kind = word(kind)));
                return;
            }
        };
        match made {
            Ok(Some(made)) if made != name => {
                self.say(path, &say!(extract_renamed, name = lossless(&made)));
            }
            Ok(_) => {}
            Err(e) => {
                self.say(path, &not_extracted(&e));
                self.failed = true;
            }
        }
        self.streams(path, &wanted, meta, jobs);
    }

    fn directory(
        &mut self,
        path: &[u8],
        wanted: &[u8],
        meta: &Metadata,
    ) -> io::Result<Option<Vec<u8>>> {
        if self.levels.len() >= MAX_DEPTH {
            self.say(path, &say!(extract_too_deep, most = MAX_DEPTH));
            self.failed = true;
            self.enter(None, wanted.to_vec(), meta);
            return Ok(None);
        }
        let Some(parent) = self.parent() else {
            return Ok(None);
        };
        match parent.folder(wanted) {
            Ok((made, folder)) => {
                self.enter(Some(Arc::new(folder)), made.clone(), meta);
                Ok(Some(made))
            }
            Err(e) => {
                self.enter(None, wanted.to_vec(), meta);
                Err(e)
            }
        }
    }

    fn enter(&mut self, folder: Option<Arc<Folder>>, name: Vec<u8>, meta: &Metadata) {
        let mode = self.mode(meta, 0o755);
        self.levels.push(Level {
            folder,
            finish: Some((mode, meta.modified)),
        });
        self.host_path.push(name);
    }

    fn regular(
        &mut self,
        path: &[u8],
        stored: &[u8],
        wanted: &[u8],
        meta: &Metadata,
        jobs: &mut Vec<Job>,
    ) -> io::Result<()> {
        let Some(folder) = self.parent() else {
            return Ok(());
        };
        if folder.is_taken(wanted) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let mode = self.mode(meta, 0o644);
        let object = (self.mount, meta.id);
        let name = Name {
            path: path.to_vec(),
            wanted: wanted.to_vec(),
            stored: Some(stored.to_vec()),
            shared: (meta.links > 1).then(|| (self.host_path.join(&b'/'), object)),
            source: self.source(meta, meta.size, mode),
            folder,
        };
        if meta.links > 1 && !self.met.insert(object) {
            jobs.push(Job::Name(name));
            return Ok(());
        }
        let data = self.fs.open(meta.id);
        self.copy(name, data, meta.size, jobs)
    }

    fn source(&self, meta: &Metadata, bytes: u64, mode: u32) -> Source {
        Source {
            fs: Arc::clone(&self.fs),
            id: meta.id,
            bytes,
            mode,
            modified: meta.modified,
        }
    }

    /// A job that copies `data` into a new file, where the budget allows it.
    fn copy(
        &mut self,
        name: Name,
        data: imgscan_core::Result<Arc<dyn ReadAt>>,
        bytes: u64,
        jobs: &mut Vec<Job>,
    ) -> io::Result<()> {
        let taken = self.budget.borrow_mut().take(bytes);
        if let Err(e) = taken {
            self.damage(&name.path, &e);
            return Ok(());
        }
        let part = name.folder.file()?;
        let Source { mode, modified, .. } = name.source;
        jobs.push(Job::Copy(Copy {
            name,
            data,
            part,
            mode,
            modified,
        }));
        Ok(())
    }

    fn symlink(
        &mut self,
        path: &[u8],
        wanted: &[u8],
        meta: &Metadata,
    ) -> io::Result<Option<Vec<u8>>> {
        let target = match self.fs.read_link(meta.id) {
            Ok(target) => target,
            Err(e) => {
                self.damage(path, &e);
                return Ok(None);
            }
        };
        match self.parent() {
            Some(parent) => parent.link(wanted, &target, meta.modified).map(Some),
            None => Ok(None),
        }
    }

    /// Named streams become files beside their object, `name:stream`.
    fn streams(&mut self, path: &[u8], wanted: &[u8], meta: &Metadata, jobs: &mut Vec<Job>) {
        let streams = match self.fs.streams(meta.id) {
            Ok(streams) => streams,
            Err(e) => return self.damage(path, &e),
        };
        // A folder's own level is the innermost by now.
        let into = self.levels.len() - usize::from(meta.kind == FileKind::Directory);
        for stream in streams {
            let joined = |base: &[u8]| [base, b":", stream.name.as_slice()].concat();
            let path = joined(path);
            let level = into.checked_sub(1).and_then(|at| self.levels.get(at));
            let Some(folder) = level.and_then(|l| l.folder.clone()) else {
                continue;
            };
            let mode = self.mode(meta, 0o644) & 0o666;
            let name = Name {
                wanted: names::on_host(&joined(wanted)),
                stored: None,
                shared: None,
                source: self.source(meta, stream.size, mode),
                folder,
                path,
            };
            let path = name.path.clone();
            let made = match name.folder.is_taken(&name.wanted) {
                true => Err(io::ErrorKind::AlreadyExists.into()),
                false => {
                    let data = self.fs.open_stream(meta.id, &stream.name);
                    self.copy(name, data, stream.size, jobs)
                }
            };
            if let Err(e) = made {
                self.say(&path, &not_extracted(&e));
                self.failed = true;
            }
        }
    }

    fn parent(&self) -> Option<Arc<Folder>> {
        self.levels.last()?.folder.clone()
    }

    /// Permission bits on the host: those of the image, without set-id and sticky bits unless
    /// they were asked for.
    fn mode(&self, meta: &Metadata, default: u32) -> u32 {
        let mask = if self.special_bits { 0o7777 } else { 0o777 };
        meta.mode.unwrap_or(default) & mask
    }

    fn damage(&mut self, path: &[u8], error: &Error) {
        self.ui.damage(&self.target.shown(path), error);
        self.failed = true;
    }

    fn say(&self, path: &[u8], text: &Text) {
        self.ui.at(&self.target.shown(path), text);
    }
}

/// The word by which a message tells the kind of a special file.
fn word(kind: FileKind) -> &'static str {
    match kind {
        FileKind::CharDevice => "char-device",
        FileKind::BlockDevice => "block-device",
        FileKind::Fifo => "fifo",
        FileKind::Socket => "socket",
        _ => "other",
    }
}

/// What a worker's thread does.
fn work(job: Job) -> Done {
    match job {
        Job::Name(name) => Done::Name(name),
        Job::Close {
            folder,
            mode,
            modified,
        } => Done::Close {
            folder,
            mode,
            modified,
        },
        Job::Copy(copy) => {
            let bytes = copy.data.as_ref().map_or(0, |data| data.len());
            let failure = whole(copy.data, &copy.part.file, copy.mode, copy.modified).err();
            Done::Copied {
                name: copy.name,
                part: copy.part,
                bytes,
                failure,
            }
        }
    }
}

/// Copies one file's contents and gives it its mode and time. Holes stay holes.
fn whole(
    data: imgscan_core::Result<Arc<dyn ReadAt>>,
    file: &File,
    mode: u32,
    modified: Option<Timestamp>,
) -> Result<(), Unwhole> {
    contents(data.map_err(Unwhole::Image)?.as_ref(), file)?;
    host::finish(file, mode, modified).map_err(Unwhole::Host)
}

fn contents(data: &dyn ReadAt, file: &File) -> Result<(), Unwhole> {
    let mut buf = vec![0; usize::try_from(data.len()).map_or(PIECE, |len| len.min(PIECE))];
    let mut at = 0;
    loop {
        let range = match data.next_data(at).map_err(Unwhole::Image)? {
            Some(range) if range.end > range.start => range,
            _ => break,
        };
        at = range.start;
        while at < range.end {
            let n = usize::try_from(range.end - at).map_or(buf.len(), |n| n.min(buf.len()));
            let piece = &mut buf[..n];
            data.read_at(piece, at).map_err(Unwhole::Image)?;
            file.write_all_at(piece, at).map_err(Unwhole::Host)?;
            at += n as u64;
        }
    }
    file.set_len(data.len()).map_err(Unwhole::Host)
}
