//! `imgscan extract`: files of the image into a folder of the host, never outside it.

mod hives;
mod host;
mod names;

use std::collections::HashMap;
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
use host::Folder;

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

fn extract(args: &ExtractArgs, ui: &Ui) -> Result<Outcome, Failure> {
    let unwritten = |e: io::Error| Failure::unwritten(args.dir.display().to_string(), &e);
    let options = args.image.options(ui)?;
    let root = Folder::target(&args.dir).map_err(unwritten)?;
    ui.enter(&Access {
        write: Some(&args.dir),
        ..Access::default()
    })?;
    let image = image::inside(&args.image, &options, ui)?;
    let mut outcome = Outcome::Accept;
    let mut budget = image.budget();
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
    for target in targets {
        let mut tree = Tree {
            ui,
            target: &target,
            fs: Arc::clone(&target.fs),
            mount: 0,
            budget: &mut budget,
            root: &root,
            special_bits: args.special_bits,
            levels: Vec::new(),
            linked: HashMap::new(),
            host_path: Vec::new(),
            failed: false,
        };
        tree.open_parents().map_err(unwritten)?;
        tree.run(&mut progress);
        if tree.failed {
            outcome = Outcome::Failed;
        }
    }
    Ok(outcome)
}

/// One target on its way to the host.
struct Tree<'a> {
    ui: &'a Ui,
    target: &'a Target,
    /// The file system of what is placed now, and its number among those of the walk.
    fs: Arc<dyn FileSystem>,
    mount: usize,
    budget: &'a mut Budget,
    root: &'a Folder,
    special_bits: bool,
    /// The folders that are open, the outermost first.
    levels: Vec<Level>,
    /// First path on the host of files with several names.
    linked: HashMap<(usize, NodeId), Vec<u8>>,
    /// Names on the host from the root to the innermost folder.
    host_path: Vec<Vec<u8>>,
    failed: bool,
}

struct Level {
    /// `None` where the folder could not be made: what is below it is left out.
    folder: Option<Folder>,
    /// Mode and time that the folder gets when it is done; `None` for one that is only a way.
    finish: Option<(u32, Option<Timestamp>)>,
}

/// Contents to be copied by a worker.
struct Copy {
    path: Vec<u8>,
    data: imgscan_core::Result<Arc<dyn ReadAt>>,
    file: File,
    mode: u32,
    modified: Option<Timestamp>,
}

/// How a copy went.
struct Copied {
    path: Vec<u8>,
    bytes: u64,
    image: Option<Error>,
    host: Option<io::Error>,
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
            folder: Some(folder),
            finish: None,
        });
        Ok(())
    }

    fn run(&mut self, progress: &mut Progress) {
        let (ui, target) = (self.ui, self.target);
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
        let mut failed = false;
        let mut queue = first.into_iter();
        let mut done = false;
        let copies = std::iter::from_fn(|| {
            loop {
                if let Some(copy) = queue.next() {
                    return Some(copy);
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
                        self.close_down_to(0);
                        done = true;
                    }
                }
                queue = jobs.into_iter();
            }
        });
        let limits = Limits::of_machine(AHEAD);
        map_in_order(
            copies,
            limits,
            |_| false,
            copy,
            |copied| {
                progress.file(copied.bytes);
                let place = target.shown(&copied.path);
                if let Some(e) = copied.image {
                    progress.suspend(|| ui.damage(&place, &e));
                    failed = true;
                }
                if let Some(e) = copied.host {
                    let text = say!(extract_not_whole, why = why(&e));
                    progress.suspend(|| ui.at(&place, &text));
                    failed = true;
                }
                true
            },
        );
        self.failed |= failed;
    }

    fn step(&mut self, step: Step, below: usize, jobs: &mut Vec<Copy>) {
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
                self.close_down_to(below + depth - 1);
                match metadata {
                    Ok(meta) => self.place(&path, &entry.name, &meta, jobs),
                    Err(e) => self.damage(&path, &e),
                }
            }
        }
    }

    /// Finishes folders until `keep` are open.
    fn close_down_to(&mut self, keep: usize) {
        while self.levels.len() > keep {
            let Some(level) = self.levels.pop() else {
                return;
            };
            if let (Some(folder), Some((mode, modified))) = (level.folder, level.finish)
                && let Err(e) = folder.finish(mode, modified)
            {
                self.say(
                    &self.target.path,
                    &say!(extract_not_finished, why = why(&e)),
                );
                self.failed = true;
            }
            self.host_path.pop();
        }
    }

    /// Makes `name` in the innermost folder; contents to copy are added to `jobs`.
    fn place(&mut self, path: &[u8], name: &[u8], meta: &Metadata, jobs: &mut Vec<Copy>) {
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
            FileKind::Regular => self.regular(path, &wanted, meta, jobs),
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
                self.say(path, &say!(extract_failed, why = why(&e)));
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
                self.enter(Some(folder), made.clone(), meta);
                Ok(Some(made))
            }
            Err(e) => {
                self.enter(None, wanted.to_vec(), meta);
                Err(e)
            }
        }
    }

    fn enter(&mut self, folder: Option<Folder>, name: Vec<u8>, meta: &Metadata) {
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
        wanted: &[u8],
        meta: &Metadata,
        jobs: &mut Vec<Copy>,
    ) -> io::Result<Option<Vec<u8>>> {
        if meta.links > 1
            && let Some(first) = self.linked.get(&(self.mount, meta.id)).cloned()
        {
            let root = self.root;
            if let Some(Ok(made)) = self.parent().map(|p| p.hard_link(root, &first, wanted)) {
                return Ok(Some(made));
            }
            // Where the host can't link, the contents are copied again.
        }
        if let Err(e) = self.budget.take(meta.size) {
            self.damage(path, &e);
            return Ok(None);
        }
        let mode = self.mode(meta, 0o644);
        let Some(parent) = self.parent() else {
            return Ok(None);
        };
        let (made, file) = parent.file(wanted)?;
        if meta.links > 1 {
            let mut full = self.host_path.join(&b'/');
            if !full.is_empty() {
                full.push(b'/');
            }
            full.extend_from_slice(&made);
            if full.len() <= MAX_PATH {
                self.linked.entry((self.mount, meta.id)).or_insert(full);
            }
        }
        jobs.push(Copy {
            path: path.to_vec(),
            data: self.fs.open(meta.id),
            file,
            mode,
            modified: meta.modified,
        });
        Ok(Some(made))
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
    fn streams(&mut self, path: &[u8], wanted: &[u8], meta: &Metadata, jobs: &mut Vec<Copy>) {
        let streams = match self.fs.streams(meta.id) {
            Ok(streams) => streams,
            Err(e) => return self.damage(path, &e),
        };
        // A folder's own level is the innermost by now.
        let into = self.levels.len() - usize::from(meta.kind == FileKind::Directory);
        for stream in streams {
            let joined = |base: &[u8]| [base, b":", stream.name.as_slice()].concat();
            let path = joined(path);
            if let Err(e) = self.budget.take(stream.size) {
                self.damage(&path, &e);
                continue;
            }
            let name = names::on_host(&joined(wanted));
            let mode = self.mode(meta, 0o644) & 0o666;
            let parent = into
                .checked_sub(1)
                .and_then(|at| self.levels.get_mut(at))
                .and_then(|l| l.folder.as_mut());
            match parent.map(|p| p.file(&name)) {
                Some(Ok((_, file))) => jobs.push(Copy {
                    data: self.fs.open_stream(meta.id, &stream.name),
                    path,
                    file,
                    mode,
                    modified: meta.modified,
                }),
                Some(Err(e)) => {
                    self.say(&path, &say!(extract_failed, why = why(&e)));
                    self.failed = true;
                }
                None => {}
            }
        }
    }

    fn parent(&mut self) -> Option<&mut Folder> {
        self.levels.last_mut()?.folder.as_mut()
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

/// Copies one file's contents; on a worker's thread. Holes stay holes. A file with damage ends at
/// its first byte that can't be read: what is behind it would look like zeros.
fn copy(job: Copy) -> Copied {
    let mut copied = Copied {
        path: job.path,
        bytes: 0,
        image: None,
        host: None,
    };
    match job.data {
        Ok(data) => {
            copied.bytes = data.len();
            match contents(data.as_ref(), &job.file) {
                Ok(damage) => copied.image = damage,
                Err(e) => copied.host = Some(e),
            }
        }
        Err(e) => copied.image = Some(e),
    }
    if let Err(e) = host::finish(&job.file, job.mode, job.modified) {
        copied.host.get_or_insert(e);
    }
    copied
}

fn contents(data: &dyn ReadAt, file: &File) -> io::Result<Option<Error>> {
    let mut buf = vec![0; usize::try_from(data.len()).map_or(PIECE, |len| len.min(PIECE))];
    let mut at = 0;
    loop {
        let range = match data.next_data(at) {
            Ok(Some(range)) if range.end > range.start => range,
            Ok(_) => break,
            Err(e) => {
                file.set_len(at)?;
                return Ok(Some(e));
            }
        };
        at = range.start;
        while at < range.end {
            let n = usize::try_from(range.end - at).map_or(buf.len(), |n| n.min(buf.len()));
            if let Err(e) = data.read_at(&mut buf[..n], at) {
                let good = readable(data, &mut buf[..n], at);
                file.write_all_at(&buf[..good], at)?;
                file.set_len(at + good as u64)?;
                return Ok(Some(e));
            }
            file.write_all_at(&buf[..n], at)?;
            at += n as u64;
        }
    }
    file.set_len(data.len())?;
    Ok(None)
}

/// How many bytes from `at` can be read before the damage, in steps of a sector; they are in
/// `buf` then.
fn readable(data: &dyn ReadAt, buf: &mut [u8], at: u64) -> usize {
    let mut good = 0;
    for piece in buf.chunks_mut(512) {
        if data.read_at(piece, at + good as u64).is_err() {
            break;
        }
        good += piece.len();
    }
    good
}
