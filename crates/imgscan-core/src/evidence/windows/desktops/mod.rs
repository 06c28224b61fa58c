//! Desktops, and what lies on them.

mod places;

use std::collections::BTreeSet;

use super::shortcut;
use super::{Windows, outside};
use crate::error::{Error, Kind, Layer};
use crate::evidence::{Collected, Gap, Location};
use crate::fs::{Attributes, FileKind, Timestamp};
use crate::guest::Located;
use crate::source::{ReadAt, read_vec};
use places::Place;

/// Objects on one desktop that are looked at, those in its folders included.
const MAX_FILES: usize = 10_000;
/// Levels of folders on a desktop that are entered.
const MAX_DEPTH: usize = 8;
/// The first bytes of each file that checks may look into.
const HEAD: u64 = 64 * 1024;

/// A desktop.
#[derive(Debug, Clone)]
pub struct Desktop {
    /// Its folder, all links followed.
    pub folder: String,
    /// What lies on it and in its folders, by path.
    pub files: Vec<DesktopFile>,
}

/// Something on a desktop.
#[derive(Debug, Clone)]
pub struct DesktopFile {
    /// Where, with its digest for a regular file.
    pub at: Location,
    /// Its name; that of the stream for a stream.
    pub name: String,
    /// What it is; a link that leads somewhere is what it leads to.
    pub kind: FileKind,
    /// It is a stream of a file or folder, which no listing shows.
    pub is_stream: bool,
    /// It is encrypted: its contents can't be judged.
    pub encrypted: bool,
    /// Bytes.
    pub size: u64,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When its contents last changed.
    pub modified: Option<Timestamp>,
    /// Its first bytes, at most 64 KiB.
    pub head: Vec<u8>,
    /// It is a shortcut by its contents.
    pub is_shortcut: bool,
    /// The path that a shortcut (`.lnk`), a junction or a link leads to, where it says so.
    pub target: Option<String>,
    /// All texts in a shortcut: its comment, arguments, and paths.
    pub texts: Vec<String>,
}

pub(super) fn collect(windows: &Windows<'_>) -> Collected<Desktop> {
    let mut out = Collected::default();
    let mut seen = BTreeSet::new();
    for place in places::collect(windows, &mut out.gaps) {
        desktop(windows, place, &mut out, &mut seen);
    }
    out.gaps.sort();
    out.gaps.dedup();
    out
}

fn desktop(
    windows: &Windows<'_>,
    place: Place,
    out: &mut Collected<Desktop>,
    seen: &mut BTreeSet<String>,
) {
    let Place { path, at, is_copy } = place;
    if path.is_empty() {
        return;
    }
    if path.starts_with(r"\\") || path.starts_with("//") || path.contains('%') {
        if !is_copy {
            out.gaps.push(Gap::new(at, &outside(path)));
        }
        return;
    }
    let found = match windows.guest.paths.resolve(path.as_bytes()) {
        Ok(found) => found,
        Err(e) if e.kind == Kind::NotFound || is_copy => return,
        Err(e) => return out.gaps.push(Gap::new(at, &e)),
    };
    let folder = found.path_text();
    if found.metadata.kind != FileKind::Directory || !seen.insert(folder.to_lowercase()) {
        return;
    }
    let mut walk = Walk {
        windows,
        files: Vec::new(),
        gaps: &mut out.gaps,
        entered: BTreeSet::from([folder.to_lowercase()]),
    };
    walk.streams(&found);
    walk.folder(&folder, 0);
    let files = walk.files;
    let volume = Some(found.volume.clone());
    out.push(
        Desktop { folder, files },
        Location {
            volume: at.volume.clone().or(volume),
            ..at
        },
    );
}

/// The way through one desktop.
struct Walk<'w, 'g> {
    windows: &'w Windows<'w>,
    files: Vec<DesktopFile>,
    gaps: &'g mut Vec<Gap>,
    /// Folders that were entered, for links that lead back.
    entered: BTreeSet<String>,
}

impl Walk<'_, '_> {
    fn folder(&mut self, folder: &str, depth: usize) {
        let paths = &self.windows.guest.paths;
        let listing = match paths.list(folder.as_bytes()) {
            Ok(listing) => listing,
            Err(e) => return self.gaps.push(Gap::at_path(folder, &e)),
        };
        let damage = listing.damage.iter();
        self.gaps.extend(damage.map(|e| Gap::at_path(folder, e)));
        for name in listing.names {
            let path = [folder.as_bytes(), b"/", &name].concat();
            let shown = crate::text::lossless(&path);
            if self.files.len() >= MAX_FILES || depth >= MAX_DEPTH {
                let limit = Error::limit(
                    Layer::Guest,
                    None,
                    say!(error_desktop_many, most = MAX_FILES, levels = MAX_DEPTH),
                );
                return self.gaps.push(Gap::at_path(shown, &limit));
            }
            match paths.resolve_link(&path) {
                Ok(at) if at.metadata.kind == FileKind::Symlink => {
                    self.link(at, &path, &name, depth);
                }
                Ok(at) => self.object(&at, &name, None, depth),
                Err(e) => self.gaps.push(Gap::at_path(shown, &e)),
            }
        }
    }

    /// A junction or symbolic link: what it leads to lies on the desktop.
    fn link(&mut self, link: Located, path: &[u8], name: &[u8], depth: usize) {
        match self.windows.guest.paths.resolve(path) {
            Ok(at) => self.object(&at, name, Some(&link), depth),
            Err(e) if e.kind == Kind::NotFound => self.object(&link, name, None, depth),
            Err(e) => self.gaps.push(Gap::new(Location::of(&link), &e)),
        }
    }

    /// What lies on the desktop as `name`: `at`, or what the link `link` leads to.
    fn object(&mut self, at: &Located, name: &[u8], link: Option<&Located>, depth: usize) {
        let mut file = file(at, name, self.gaps);
        if let Some(link) = link {
            file.target = Some(at.path_text());
            file.at = Location {
                sha256: file.at.sha256.take(),
                ..Location::of(link)
            };
        }
        self.files.push(file);
        self.streams(at);
        let inside = at.path_text();
        if at.metadata.kind == FileKind::Directory && self.entered.insert(inside.to_lowercase()) {
            self.folder(&inside, depth + 1);
        }
    }

    /// The streams of an object. They are files that Explorer does not show.
    fn streams(&mut self, of: &Located) {
        if of.metadata.kind == FileKind::Symlink {
            return;
        }
        let streams = match of.fs.streams(of.id) {
            Ok(streams) => streams,
            Err(e) => return self.gaps.push(Gap::new(Location::of(of), &e)),
        };
        for stream in streams {
            let name = crate::text::lossless(&stream.name);
            let mut file = DesktopFile {
                at: Location {
                    path: Some(format!("{}:{name}", of.path_text())),
                    ..Location::of(of)
                },
                name,
                kind: FileKind::Regular,
                is_stream: true,
                size: stream.size,
                ..blank(of)
            };
            match of.fs.open_stream(of.id, &stream.name) {
                Ok(data) => read(data.as_ref(), &mut file, self.gaps),
                Err(e) => self.gaps.push(Gap::new(file.at.clone(), &e)),
            }
            self.files.push(file);
        }
    }
}

/// An object without what its contents say.
fn blank(at: &Located) -> DesktopFile {
    let meta = &at.metadata;
    DesktopFile {
        at: Location::of(at),
        name: String::new(),
        kind: meta.kind,
        is_stream: false,
        encrypted: meta.attributes.contains(Attributes::ENCRYPTED),
        size: meta.size,
        created: meta.created,
        modified: meta.modified,
        head: Vec::new(),
        is_shortcut: false,
        target: None,
        texts: Vec::new(),
    }
}

fn file(at: &Located, name: &[u8], gaps: &mut Vec<Gap>) -> DesktopFile {
    let mut out = DesktopFile {
        name: crate::text::lossless(name),
        ..blank(at)
    };
    if at.metadata.kind != FileKind::Regular {
        return out;
    }
    match at.open() {
        Ok(data) => read(data.as_ref(), &mut out, gaps),
        Err(e) => gaps.push(Gap::new(out.at.clone(), &e)),
    }
    out
}

/// Reads the first bytes and the digest of a file.
fn read(data: &dyn ReadAt, out: &mut DesktopFile, gaps: &mut Vec<Gap>) {
    let head = read_vec(data, 0, data.len().min(HEAD) as usize);
    let read = head.and_then(|head| Ok((head, crate::evidence::files::sha256(data)?)));
    match read {
        Ok((head, sha256)) => {
            out.at.sha256 = Some(sha256);
            out.is_shortcut = shortcut::is_shortcut(&head);
            if out.is_shortcut {
                out.target = shortcut::target(&head);
                out.texts = shortcut::texts(&head);
                if data.len() > HEAD {
                    let what = say!(error_source_long, bytes = data.len(), most = HEAD);
                    gaps.push(Gap::new(
                        out.at.clone(),
                        &Error::limit(Layer::Guest, None, what),
                    ));
                }
            }
            out.head = head;
        }
        Err(e) => gaps.push(Gap::new(out.at.clone(), &e)),
    }
}
