//! `imgscan hash`: the SHA-256 of every regular file and stream, as `sha256sum` prints it.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::Arc;

use imgscan_core::bytes::hex;
use imgscan_core::fs::walk::{Step, Walk, map_in_order};
use imgscan_core::fs::{FileKind, FileSystem, Metadata, NodeId};
use imgscan_core::source::ReadAt;
use imgscan_core::{Error, Result};
use sha2::{Digest as _, Sha256};

use crate::args::HashArgs;
use crate::exit::{Failure, Outcome};
use crate::image::{self, Target};
use crate::output::{Ui, stdout};
use crate::progress::Progress;

/// Bytes that a worker reads at once.
const PIECE: usize = 256 * 1024;
/// Files that may be under way for each worker.
const AHEAD: usize = 32;

/// A thing to read, or to report.
enum Job {
    /// The main contents of a file (`None`) or one of its streams; `shared` where the file has
    /// further names.
    Read {
        path: Vec<u8>,
        id: NodeId,
        stream: Option<Vec<u8>>,
        shared: bool,
    },
    /// A further name of something that was read before.
    Again {
        path: Vec<u8>,
        id: NodeId,
        stream: Option<Vec<u8>>,
    },
    /// What the walk could not read.
    Damage { path: Vec<u8>, error: Error },
}

/// Which contents of which object.
type Key = (NodeId, Option<Vec<u8>>);

struct Done {
    path: Vec<u8>,
    key: Option<Key>,
    shared: bool,
    /// `None`: as the earlier name of the same object.
    digest: Option<Result<[u8; 32]>>,
    bytes: u64,
}

pub(crate) fn run(args: &HashArgs, ui: &Ui) -> Result<Outcome, Failure> {
    let image = image::open(&args.image, ui)?;
    let mut outcome = Outcome::Accept;
    let mut progress = ui.progress();
    if args.path.is_some() {
        let target = image.target(args.path.as_deref(), true)?;
        return tree(&target, ui, &mut progress);
    }
    if image.report_gaps(ui) {
        outcome = Outcome::Failed;
    }
    for (volume, fs) in image.readable() {
        let id = fs.root();
        let target = Target {
            prefix: image.prefix(volume),
            fs: Arc::clone(fs),
            id,
            metadata: fs.metadata(id)?,
            path: Vec::new(),
        };
        if tree(&target, ui, &mut progress)? != Outcome::Accept {
            outcome = Outcome::Failed;
        }
    }
    Ok(outcome)
}

/// Prints the digests of everything in and below `target`.
fn tree(target: &Target, ui: &Ui, progress: &mut Progress) -> Result<Outcome, Failure> {
    let fs = target.fs.as_ref();
    let mut seen: HashMap<NodeId, ()> = HashMap::new();
    let mut jobs = |path: &[u8], meta: &Metadata| jobs_of(fs, path, meta, &mut seen);
    let own = jobs(&target.path, &target.metadata);
    let below = (target.metadata.kind == FileKind::Directory)
        .then(|| Walk::new(Arc::clone(&target.fs), target.id, target.path.clone()));
    let steps = below.into_iter().flatten().flat_map(|step| match step {
        Step::Damage { path, error } => vec![Job::Damage { path, error }],
        Step::Entry(e) => match &e.metadata {
            Ok(meta) => jobs(&e.path, meta),
            Err(error) => vec![Job::Damage {
                error: error.clone(),
                path: e.path,
            }],
        },
    });
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let mut out = stdout();
    let mut outcome = Outcome::Accept;
    let mut failure = None;
    let mut known: HashMap<Key, Option<[u8; 32]>> = HashMap::new();
    map_in_order(
        own.into_iter().chain(steps),
        threads,
        threads * AHEAD,
        |job| work(fs, job),
        |done| {
            progress.file(done.bytes);
            let digest = match done.digest {
                Some(Ok(digest)) => Some(digest),
                Some(Err(e)) => {
                    let mut place = target.prefix.clone().into_bytes();
                    place.extend_from_slice(&done.path);
                    progress.suspend(|| ui.damage(&place, &e));
                    outcome = Outcome::Failed;
                    None
                }
                // The earlier name's error was told already.
                None => done
                    .key
                    .as_ref()
                    .and_then(|k| known.get(k))
                    .copied()
                    .flatten(),
            };
            if let Some(key) = done.key.filter(|_| done.shared) {
                known.insert(key, digest);
            }
            if let Some(digest) = digest
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

/// What is to be read of one object.
fn jobs_of(
    fs: &dyn FileSystem,
    path: &[u8],
    meta: &Metadata,
    seen: &mut HashMap<NodeId, ()>,
) -> Vec<Job> {
    let mut jobs = Vec::new();
    let shared = meta.links > 1 && meta.kind != FileKind::Directory;
    let again = shared && seen.insert(meta.id, ()).is_some();
    let mut push = |path: Vec<u8>, stream: Option<Vec<u8>>| {
        let id = meta.id;
        jobs.push(if again {
            Job::Again { path, id, stream }
        } else {
            Job::Read {
                path,
                id,
                stream,
                shared,
            }
        });
    };
    if meta.kind == FileKind::Regular {
        push(path.to_vec(), None);
    }
    match fs.streams(meta.id) {
        Ok(streams) => {
            for stream in streams {
                let mut path = path.to_vec();
                path.push(b':');
                path.extend_from_slice(&stream.name);
                push(path, Some(stream.name));
            }
        }
        Err(error) => jobs.push(Job::Damage {
            path: path.to_vec(),
            error,
        }),
    }
    jobs
}

/// Reads one thing; on a worker's thread.
fn work(fs: &dyn FileSystem, job: Job) -> Done {
    match job {
        Job::Damage { path, error } => Done {
            path,
            key: None,
            shared: false,
            digest: Some(Err(error)),
            bytes: 0,
        },
        Job::Again { path, id, stream } => Done {
            path,
            key: Some((id, stream)),
            shared: false,
            digest: None,
            bytes: 0,
        },
        Job::Read {
            path,
            id,
            stream,
            shared,
        } => {
            let data = match &stream {
                Some(name) => fs.open_stream(id, name),
                None => fs.open(id),
            };
            let bytes = data.as_ref().map_or(0, |d| d.len());
            Done {
                path,
                key: Some((id, stream)),
                shared,
                digest: Some(data.and_then(|d| sha256(d.as_ref()))),
                bytes,
            }
        }
    }
}

fn sha256(data: &dyn ReadAt) -> Result<[u8; 32]> {
    let mut hasher = Sha256::new();
    let mut buf = vec![0; usize::try_from(data.len()).map_or(PIECE, |len| len.min(PIECE))];
    let mut at = 0;
    while at < data.len() {
        let n = usize::try_from(data.len() - at).map_or(PIECE, |left| left.min(PIECE));
        data.read_at(&mut buf[..n], at)?;
        hasher.update(&buf[..n]);
        at += n as u64;
    }
    Ok(hasher.finalize().into())
}

/// A line of `sha256sum`: where the name holds a backslash or a line break, these are escaped and
/// the line begins with a backslash.
fn line(prefix: &str, path: &[u8], digest: &[u8; 32]) -> Vec<u8> {
    let mut name = prefix.as_bytes().to_vec();
    name.extend_from_slice(path);
    let special = name.iter().any(|b| matches!(b, b'\\' | b'\n' | b'\r'));
    let mut out = Vec::with_capacity(name.len() + 70);
    if special {
        out.push(b'\\');
    }
    out.extend_from_slice(hex(digest).as_bytes());
    out.extend_from_slice(b"  ");
    for b in name {
        match b {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b => out.push(b),
        }
    }
    out.push(b'\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
