//! `imgscan hash`: the SHA-256 of every regular file and stream, as `sha256sum` prints it.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::io::Write as _;
use std::sync::{Arc, Mutex, TryLockError};

use imgscan_core::bytes::hex;
use imgscan_core::fs::walk::Step;
use imgscan_core::fs::{FileKind, FileSystem, Metadata, NodeId};
use imgscan_core::parallel::{self, Limits, map_in_order};
use imgscan_core::source::{ReadAt, digest};
use imgscan_core::text::terminal;
use imgscan_core::{Error, Result};
use sha2::{Digest as _, Sha256};

use crate::args::HashArgs;
use crate::budget::Budget;
use crate::exit::{Failure, Outcome};
use crate::image::{self, Target};
use crate::output::{Ui, stdout};
use crate::progress::Progress;

/// Bytes that a worker reads at once.
const PIECE: usize = 1 << 20;
/// Files that may be under way: far more than are worked on, so that the other files go on while
/// a large one takes its time, and so that large ones are found and begin early.
const AHEAD: usize = 2048;
/// Files above this many bytes are read by several threads.
const LARGE: u64 = 16 << 20;
/// Most threads that read one file: its digest takes one core, decompression about two.
const READERS: usize = 4;

/// A thing to read, or to report.
struct Job {
    /// The path with the name of its stream, where it is one.
    path: Vec<u8>,
    what: What,
}

enum What {
    Read {
        fs: Arc<dyn FileSystem>,
        key: Key,
        bytes: u64,
        /// The object has further names.
        shared: bool,
        /// Its record is to be checked: once for an object.
        check: bool,
    },
    /// A further name of something that was read before.
    Again(Key),
    /// Nothing to read, but a record to be checked.
    Check(Arc<dyn FileSystem>, NodeId),
    /// What could not be read before.
    Damage(Error),
}

/// Which contents of which object: mount, id, stream (`None` for the main contents).
type Key = (usize, NodeId, Option<Vec<u8>>);

struct Done {
    path: Vec<u8>,
    /// The contents that were read, where they have further names, or that have this further name.
    key: Option<Key>,
    again: bool,
    digest: Option<[u8; 32]>,
    damage: Vec<Error>,
    bytes: u64,
}

pub(crate) fn run(args: &HashArgs, ui: &Ui) -> Result<Outcome, Failure> {
    let image = image::open(&args.image, ui)?;
    let mut outcome = Outcome::Accept;
    let mut progress = ui.progress();
    let mut budget = image.budget();
    let targets = match &args.path {
        Some(path) => vec![image.target(Some(path), true)?],
        None => {
            if image.report_gaps(ui) {
                outcome = Outcome::Failed;
            }
            image.roots()?
        }
    };
    for target in targets {
        if tree(&target, ui, &mut progress, &mut budget)? != Outcome::Accept {
            outcome = Outcome::Failed;
        }
    }
    Ok(outcome)
}

/// Prints the digests of everything in and below `target`.
fn tree(
    target: &Target,
    ui: &Ui,
    progress: &mut Progress,
    budget: &mut Budget,
) -> Result<Outcome, Failure> {
    let mut plan = Plan {
        budget,
        seen: HashSet::new(),
    };
    let own = plan.jobs(&target.fs, 0, &target.path, &target.metadata);
    let mut walk = target.walk();
    let mut queue = own.into_iter();
    let jobs = std::iter::from_fn(|| {
        loop {
            if let Some(job) = queue.next() {
                return Some(job);
            }
            let walk = walk.as_mut()?;
            let (path, error) = match walk.next()? {
                Step::Damage { path, error } => (path, error),
                Step::Entry(e) => match e.metadata {
                    Ok(meta) => {
                        let fs = walk.file_system(e.mount);
                        queue = plan.jobs(fs, e.mount, &e.path, &meta).into_iter();
                        continue;
                    }
                    Err(error) => (e.path, error),
                },
            };
            let what = What::Damage(error);
            return Some(Job { path, what });
        }
    });
    let threads = parallel::threads();
    let limits = Limits {
        threads,
        ahead: AHEAD,
    };
    let pipeline = Mutex::new(());
    let mut out = stdout();
    let mut outcome = Outcome::Accept;
    let mut failure = None;
    let mut known: HashMap<Key, Option<[u8; 32]>> = HashMap::new();
    map_in_order(
        jobs,
        limits,
        |job| matches!(&job.what, What::Read { bytes, .. } if *bytes > LARGE),
        |job| work(job, threads, &pipeline),
        |mut done| {
            progress.file(done.bytes);
            for e in &done.damage {
                progress.suspend(|| ui.damage(&target.shown(&done.path), e));
                outcome = Outcome::Failed;
            }
            if let Some(key) = done.key {
                if done.again {
                    // What was wrong with it was told at its first name.
                    done.digest = known.get(&key).copied().flatten();
                } else {
                    known.insert(key, done.digest);
                }
            }
            if let Some(digest) = done.digest
                && let Err(e) = out.write_all(&line(&target.prefix, &done.path, &digest))
            {
                failure = Some(e);
                return false;
            }
            true
        },
    );
    if let Some(e) = failure {
        return Err(e.into());
    }
    out.flush()?;
    Ok(outcome)
}

/// Decides what is read.
struct Plan<'a> {
    budget: &'a mut Budget,
    /// Objects with several names that were met.
    seen: HashSet<(usize, NodeId)>,
}

impl Plan<'_> {
    /// What is to be read of one object.
    fn jobs(
        &mut self,
        fs: &Arc<dyn FileSystem>,
        mount: usize,
        path: &[u8],
        meta: &Metadata,
    ) -> Vec<Job> {
        let shared = meta.links > 1 && meta.kind != FileKind::Directory;
        let again = shared && !self.seen.insert((mount, meta.id));
        let mut jobs = Vec::new();
        let mut check = !again;
        let mut push = |path: Vec<u8>, stream: Option<Vec<u8>>, bytes: u64| {
            let key = (mount, meta.id, stream);
            let what = match again {
                true => What::Again(key),
                false => match self.budget.take(bytes) {
                    Ok(()) => What::Read {
                        fs: Arc::clone(fs),
                        key,
                        bytes,
                        shared,
                        check: std::mem::take(&mut check),
                    },
                    Err(e) => What::Damage(e),
                },
            };
            jobs.push(Job { path, what });
        };
        if meta.kind == FileKind::Regular {
            push(path.to_vec(), None, meta.size);
        }
        let streams = fs.streams(meta.id);
        for stream in streams.as_ref().into_iter().flatten() {
            let mut path = path.to_vec();
            path.push(b':');
            path.extend_from_slice(&stream.name);
            push(path, Some(stream.name.clone()), stream.size);
        }
        let path = path.to_vec();
        if let Err(error) = streams {
            let what = What::Damage(error);
            jobs.push(Job { path, what });
        } else if check {
            let what = What::Check(Arc::clone(fs), meta.id);
            jobs.push(Job { path, what });
        }
        jobs
    }
}

/// Reads one thing; on a worker's thread. `pipeline` lets one file at a time have several threads.
fn work(job: Job, threads: usize, pipeline: &Mutex<()>) -> Done {
    let mut done = Done {
        path: job.path,
        key: None,
        again: false,
        digest: None,
        damage: Vec::new(),
        bytes: 0,
    };
    match job.what {
        What::Damage(error) => done.damage.push(error),
        What::Check(fs, id) => done.damage = record(fs.as_ref(), id),
        What::Again(key) => {
            done.key = Some(key);
            done.again = true;
        }
        What::Read {
            fs,
            key,
            bytes,
            shared,
            check,
        } => {
            if check {
                done.damage = record(fs.as_ref(), key.1);
            }
            let data = match &key.2 {
                Some(name) => fs.open_stream(key.1, name),
                None => fs.open(key.1),
            };
            done.bytes = bytes;
            match data.and_then(|d| sha256(d.as_ref(), threads, pipeline)) {
                Ok(digest) => done.digest = Some(digest),
                // The record's own damage is most often why.
                Err(e) if done.damage.contains(&e) => {}
                Err(e) => done.damage.push(e),
            }
            done.key = shared.then_some(key);
        }
    }
    done
}

/// What is wrong with the record of an object.
fn record(fs: &dyn FileSystem, id: NodeId) -> Vec<Error> {
    fs.damage(id).unwrap_or_else(|e| vec![e])
}

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

fn sha256(data: &dyn ReadAt, threads: usize, pipeline: &Mutex<()>) -> Result<[u8; 32]> {
    if data.len() > LARGE {
        let own = pipeline.try_lock();
        // A panic in another worker ends the command anyway.
        let threads = match own {
            Err(TryLockError::WouldBlock) => 1,
            Ok(_) | Err(TryLockError::Poisoned(_)) => threads.min(READERS),
        };
        return digest(data, threads, &mut |_| ());
    }
    BUFFER.with_borrow_mut(|buf| {
        let mut hasher = Sha256::new();
        let mut at = 0;
        while at < data.len() {
            let n = usize::try_from(data.len() - at).map_or(PIECE, |left| left.min(PIECE));
            if buf.len() < n {
                buf.resize(n, 0);
            }
            data.read_at(&mut buf[..n], at)?;
            hasher.update(&buf[..n]);
            at += n as u64;
        }
        Ok(hasher.finalize().into())
    })
}

/// A line of `sha256sum`: where the name holds a backslash or a line break, these are escaped and
/// the line begins with a backslash. So it does for what could steer a terminal, or make it show
/// another name than it is: each byte of that is `\xNN`.
fn line(prefix: &str, path: &[u8], digest: &[u8; 32]) -> Vec<u8> {
    let mut name = Vec::with_capacity(path.len());
    let whole = [prefix.as_bytes(), path].concat();
    for chunk in whole.utf8_chunks() {
        let valid = chunk.valid();
        if !valid.contains('\\') && terminal(valid) == valid {
            name.extend_from_slice(valid.as_bytes());
        } else {
            valid.chars().for_each(|c| put(c, &mut name));
        }
        for byte in chunk.invalid() {
            match byte {
                // Control characters of terminals that take a byte for a character.
                0x80..=0x9f => name.extend_from_slice(format!("\\x{byte:02x}").as_bytes()),
                byte => name.push(*byte),
            }
        }
    }
    let mut out = Vec::with_capacity(name.len() + 70);
    if name != whole {
        out.push(b'\\');
    }
    out.extend_from_slice(hex(digest).as_bytes());
    out.extend_from_slice(b"  ");
    out.extend_from_slice(&name);
    out.push(b'\n');
    out
}

/// A character of a name.
fn put(c: char, name: &mut Vec<u8>) {
    let mut bytes = [0; 4];
    let plain = &*c.encode_utf8(&mut bytes);
    match c {
        '\\' => name.extend_from_slice(b"\\\\"),
        '\n' => name.extend_from_slice(b"\\n"),
        '\r' => name.extend_from_slice(b"\\r"),
        _ if terminal(plain) == plain => name.extend_from_slice(plain.as_bytes()),
        _ => {
            for byte in plain.bytes() {
                name.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_beyond_the_budget_is_told_and_the_others_are_read() {
        use imgscan_core::fs::memory::MemoryFs;
        let fs = MemoryFs::default()
            .file("/huge", 0o644, "")
            .with("/huge", |meta| meta.size = 1 << 50)
            .file("/small", 0o644, "small");
        let fs: Arc<dyn FileSystem> = Arc::new(fs);
        let mut budget = Budget::new(1 << 20);
        let mut plan = Plan {
            budget: &mut budget,
            seen: HashSet::new(),
        };
        let mut first = |name: &[u8]| {
            let id = fs.lookup(fs.root(), name).unwrap().unwrap();
            let meta = fs.metadata(id).unwrap();
            plan.jobs(&fs, 0, name, &meta).swap_remove(0)
        };
        let pipeline = Mutex::new(());
        let huge = work(first(b"huge"), 1, &pipeline);
        assert_eq!(huge.digest, None);
        assert_eq!(huge.damage[0].kind, imgscan_core::Kind::Limit);
        let small = work(first(b"small"), 1, &pipeline);
        assert_eq!(small.digest, Some(Sha256::digest(b"small").into()));
        assert!(small.damage.is_empty());
    }

    /// `printf '' > 'a\b' ; sha256sum 'a\b'` with GNU coreutils 9.1.
    #[test]
    fn lines_are_those_of_sha256sum() {
        let empty: [u8; 32] = Sha256::digest(b"").into();
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(
            line("", b"/a b", &empty),
            format!("{hex}  /a b\n").into_bytes()
        );
        assert_eq!(
            line("", b"a\\b\nc", &empty),
            format!("\\{hex}  a\\\\b\\nc\n").into_bytes()
        );
    }

    #[test]
    fn what_steers_a_terminal_is_escaped_and_no_two_names_are_one() {
        let shown = |name: &[u8]| {
            let line = String::from_utf8(line("", name, &[0; 32])).unwrap();
            let digest = "0".repeat(64);
            line.replacen(&digest, "", 1)
        };
        assert_eq!(shown(b"/a\x1b[2Jb\tc"), "\\  /a\\x1b[2Jb\\x09c\n");
        assert_eq!(
            shown("/\u{202e}gpj".as_bytes()),
            "\\  /\\xe2\\x80\\xaegpj\n"
        );
        assert_eq!(shown("/\u{85}".as_bytes()), "\\  /\\xc2\\x85\n");
        assert_eq!(shown(b"/\x9b2J"), "\\  /\\x9b2J\n");
        assert_eq!(shown(br"/\x1b"), "\\  /\\\\x1b\n");
        assert_eq!(line("", b"/\xff", &[0; 32])[64..], *b"  /\xff\n");
    }
}
