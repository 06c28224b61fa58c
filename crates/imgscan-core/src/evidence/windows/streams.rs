//! Named streams of files and folders (NTFS alternate data streams), which no listing shows.

use super::Windows;
use crate::error::{Error, Layer};
use crate::evidence::files::{Executable, executable_kind, sha256};
use crate::evidence::{Collected, Gap, Location};
use crate::fs::FileKind;
use crate::guest::Located;
use crate::source::read_vec;

/// Files and folders whose streams are looked at.
const MAX_OBJECTS: usize = 65_536;
/// Streams that are kept.
const MAX_STREAMS: usize = 10_000;
/// Longer streams have no digest, in bytes.
const MAX_HASHED: u64 = 64 << 20;
/// The first bytes of each that checks may look into.
const HEAD: u64 = 4096;

/// A stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedStream {
    /// The file or folder that has it.
    pub of: String,
    /// Its name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// What its first bytes say.
    pub executable: Option<Executable>,
    /// Its first bytes, at most 4096.
    pub head: Vec<u8>,
}

/// The streams of what stands in `folders`, each with the number of levels to go down: 0 is the
/// folder itself, 1 what it holds.
pub(super) fn collect(
    windows: &Windows<'_>,
    folders: &[(String, usize)],
) -> Collected<NamedStream> {
    let mut out = Collected::default();
    let mut left = MAX_OBJECTS;
    let paths = &windows.guest.paths;
    for (folder, depth) in folders {
        match paths.find(folder.as_bytes()) {
            Ok(Some(found)) => {
                let mut todo = vec![(found, *depth)];
                while let Some((at, depth)) = todo.pop() {
                    of(&at, &mut out);
                    if depth == 0 || at.metadata.kind != FileKind::Directory {
                        continue;
                    }
                    let listing = match paths.list(&at.path) {
                        Ok(listing) => listing,
                        Err(e) => {
                            out.gap(Location::of(&at), &e);
                            continue;
                        }
                    };
                    let damage = listing.damage.iter();
                    out.gaps
                        .extend(damage.map(|e| Gap::new(Location::of(&at), e)));
                    for name in listing.names.iter().rev() {
                        if left == 0 || out.items.len() >= MAX_STREAMS {
                            let limit = say!(error_too_many, most = MAX_STREAMS, what = "objects");
                            let limit = Error::limit(Layer::Guest, None, limit);
                            return out_of(out, Location::of(&at), &limit);
                        }
                        left -= 1;
                        let path = [&at.path[..], b"/", name].concat();
                        match paths.resolve_link(&path) {
                            Ok(found) => todo.push((found, depth - 1)),
                            Err(e) => out.gap(Location::of_path(crate::text::lossless(&path)), &e),
                        }
                    }
                }
            }
            Ok(None) => {}
            Err(e) => out.gap(Location::of_path(folder.clone()), &e),
        }
    }
    let key = |s: &crate::evidence::Found<NamedStream>| (s.at.clone(), s.fact.name.clone());
    out.items.sort_by_key(key);
    out.items.dedup();
    out.gaps.sort();
    out.gaps.dedup();
    out
}

fn out_of(mut out: Collected<NamedStream>, at: Location, e: &Error) -> Collected<NamedStream> {
    out.gap(at, e);
    out
}

/// The streams of one object.
fn of(at: &Located, out: &mut Collected<NamedStream>) {
    if at.metadata.kind == FileKind::Symlink {
        return;
    }
    let streams = match at.fs.streams(at.id) {
        Ok(streams) => streams,
        Err(e) => return out.gap(Location::of(at), &e),
    };
    for stream in streams {
        let name = crate::text::lossless(&stream.name);
        let of = at.path_text();
        let mut place = Location {
            path: Some(format!("{of}:{name}")),
            ..Location::of(at)
        };
        let read = at.fs.open_stream(at.id, &stream.name).and_then(|data| {
            let head = read_vec(data.as_ref(), 0, data.len().min(HEAD) as usize)?;
            let digest = (data.len() <= MAX_HASHED).then(|| sha256(data.as_ref()));
            let executable = executable_kind(data.as_ref())?;
            Ok((head, executable, digest.transpose()?))
        });
        let mut fact = NamedStream {
            of,
            name,
            size: stream.size,
            executable: None,
            head: Vec::new(),
        };
        match read {
            Ok((head, executable, sha256)) => {
                place.sha256 = sha256;
                fact.executable = executable;
                fact.head = head;
            }
            Err(e) => out.gap(place.clone(), &e),
        }
        out.push(fact, place);
    }
}
