//! Files by patterns of their paths, as checks ask for them, and how much lies in a folder.

use super::{AnswerPassword, NamedStream, Windows, answers, streams, xml};
use crate::error::{Error, Kind, Layer, Result};
use crate::evidence::{Collected, Gap, Location};
use crate::fs::{Attributes, FileKind};
use crate::glob::Pattern;
use crate::guest::Located;
use crate::guest::windows::expand;

/// Names that one pattern looks at.
const MAX_NAMES: usize = 100_000;
/// What a pattern of every profile begins with.
const PROFILE: &str = r"%UserProfile%\";

/// A file that a pattern found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Bytes.
    pub size: u64,
    /// What it is.
    pub kind: FileKind,
    /// It is encrypted: its contents can't be judged.
    pub encrypted: bool,
}

/// The objects whose path `pattern` matches: folders separated by `\`, `*` for any characters of
/// one name, `%SystemRoot%` and its like, `%UserProfile%\` first for the folder of each profile.
pub(super) fn find(windows: &Windows<'_>, pattern: &str) -> Collected<Match> {
    let mut out = Collected::default();
    let mut add = |at: Located, _: &mut Vec<Gap>| {
        let fact = Match {
            size: at.metadata.size,
            kind: at.metadata.kind,
            encrypted: at.metadata.attributes.contains(Attributes::ENCRYPTED),
        };
        out.items.push(crate::evidence::Found {
            fact,
            at: Location::of(&at),
        });
    };
    let mut gaps = Vec::new();
    if pattern.starts_with(PROFILE) {
        gaps.extend(windows.profiles().gaps.iter().cloned());
    }
    for root in roots(windows, pattern) {
        below(windows, &root, &mut gaps, &mut add);
    }
    out.gaps = gaps;
    out
}

/// The files that `pattern` matches as in [`find`], one after the other, as `each` takes their bytes
/// and their place. What is longer than `limit` bytes, can't be read or is refused by `each` is a gap.
pub(super) fn read<T>(
    windows: &Windows<'_>,
    pattern: &str,
    limit: u64,
    mut each: impl FnMut(&[u8], Location, &mut Collected<T>) -> Result<()>,
) -> Collected<T> {
    let found = find(windows, pattern);
    let mut out = Collected {
        items: Vec::new(),
        gaps: found.gaps,
    };
    for file in found.items {
        if file.fact.kind != FileKind::Regular {
            continue;
        }
        let path = file.at.path.clone().unwrap_or_default();
        let read = windows.guest.paths.read(path.as_bytes(), limit);
        let done = read.and_then(|read| each(&read.bytes, Location::of_file(&read), &mut out));
        if let Err(e) = done {
            out.gap(file.at, &e);
        }
    }
    out
}

/// The files that `pattern` matches as in [`find`], as their lines; those longer than `limit`
/// bytes are a gap.
pub(super) fn texts(windows: &Windows<'_>, pattern: &str, limit: u64) -> Collected<Vec<String>> {
    read(windows, pattern, limit, |bytes, at, out| {
        let text = xml::decode(bytes);
        out.push(text.lines().map(str::to_owned).collect(), at);
        Ok(())
    })
}

/// How many files lie below the folders that `pattern` matches, and how many bytes they have.
pub(super) fn sizes(windows: &Windows<'_>, pattern: &str) -> Collected<(u64, u64)> {
    let found = find(windows, pattern);
    let mut out = Collected {
        items: Vec::new(),
        gaps: found.gaps,
    };
    let paths = &windows.guest.paths;
    for top in found.items {
        let (mut files, mut bytes, mut left) = (0_u64, 0_u64, MAX_NAMES);
        let mut todo = vec![top.at.path.clone().unwrap_or_default().into_bytes()];
        while let Some(path) = todo.pop() {
            let at = match paths.resolve_link(&path) {
                Ok(at) => at,
                Err(e) => {
                    out.gap(Location::of_path(crate::text::lossless(&path)), &e);
                    continue;
                }
            };
            match at.metadata.kind {
                FileKind::Regular => {
                    files += 1;
                    bytes = bytes.saturating_add(at.metadata.size);
                }
                FileKind::Directory => match paths.list(&path) {
                    Ok(listing) => {
                        let damage = listing.damage.iter();
                        out.gaps
                            .extend(damage.map(|e| Gap::new(Location::of(&at), e)));
                        for name in listing.names {
                            // What is beyond the bound only makes the sum larger.
                            if left == 0 {
                                break;
                            }
                            left -= 1;
                            todo.push([&path[..], b"/", &name].concat());
                        }
                    }
                    Err(e) => out.gap(Location::of(&at), &e),
                },
                _ => {}
            }
        }
        out.push((files, bytes), top.at);
    }
    out
}

/// `pattern` with its variables replaced: one, or one for each profile.
fn roots(windows: &Windows<'_>, pattern: &str) -> Vec<String> {
    match pattern.strip_prefix(PROFILE) {
        Some(rest) => {
            let profiles = windows.profiles().items.iter();
            profiles
                .map(|p| format!("{}/{rest}", p.fact.folder))
                .collect()
        }
        None => vec![expand(pattern, &windows.roots(), &[])],
    }
}

fn below(
    windows: &Windows<'_>,
    pattern: &str,
    gaps: &mut Vec<Gap>,
    visit: &mut dyn FnMut(Located, &mut Vec<Gap>),
) {
    let paths = &windows.guest.paths;
    let parts: Vec<&str> = pattern
        .split(['\\', '/'])
        .filter(|p| !p.is_empty())
        .collect();
    let mut left = MAX_NAMES;
    let mut now = vec![Vec::new()];
    let mut fixed = 0;
    for (i, part) in parts.iter().enumerate() {
        if !part.contains('*') {
            continue;
        }
        let literal = parts[fixed..i].join("/");
        fixed = i + 1;
        let fits = Pattern::stars(part);
        let mut next = Vec::new();
        for folder in now {
            let folder = joined(&folder, &literal);
            let listing = match paths.find(&folder).and_then(|found| match found {
                Some(at) if at.metadata.kind == FileKind::Directory => {
                    paths.list(&folder).map(Some)
                }
                _ => Ok(None),
            }) {
                Ok(Some(listing)) => listing,
                Ok(None) => continue,
                Err(e) => {
                    gaps.push(Gap::at_path(crate::text::lossless(&folder), &e));
                    continue;
                }
            };
            let damage = listing.damage.iter();
            gaps.extend(damage.map(|e| Gap::new(Location::of(&listing.at), e)));
            for name in &listing.names {
                if left == 0 {
                    let limit = say!(error_pattern_names, most = MAX_NAMES, pattern = pattern);
                    let limit = Error::limit(Layer::Guest, None, limit);
                    return gaps.push(Gap::new(Location::of(&listing.at), &limit));
                }
                left -= 1;
                if fits.matches(crate::text::lossless(name).as_bytes()) {
                    next.push([&folder[..], b"/", name].concat());
                }
            }
        }
        now = next;
    }
    let literal = parts[fixed..].join("/");
    for folder in now {
        let path = joined(&folder, &literal);
        match paths.find(&path) {
            Ok(Some(at)) => visit(at, gaps),
            Ok(None) => {}
            Err(e) if e.kind == Kind::NotFound => {}
            Err(e) => gaps.push(Gap::at_path(crate::text::lossless(&path), &e)),
        }
    }
}

fn joined(folder: &[u8], more: &str) -> Vec<u8> {
    match (folder.is_empty(), more.is_empty()) {
        (true, _) => more.as_bytes().to_vec(),
        (_, true) => folder.to_vec(),
        _ => [folder, b"/", more.as_bytes()].concat(),
    }
}

impl Windows<'_> {
    /// The objects whose path `pattern` matches: folders separated by `\`, `*` for any characters
    /// of one name, `%SystemRoot%` and its like, `%UserProfile%\` first for each profile.
    #[must_use]
    pub fn find(&self, pattern: &str) -> Collected<Match> {
        find(self, pattern)
    }

    /// The files that `pattern` matches ([`Windows::find`]) as their lines; one of more than
    /// `limit` bytes is a gap.
    #[must_use]
    pub fn texts(&self, pattern: &str, limit: u64) -> Collected<Vec<String>> {
        texts(self, pattern, limit)
    }

    /// Files and their bytes in and below what `pattern` matches ([`Windows::find`]).
    #[must_use]
    pub fn sizes(&self, pattern: &str) -> Collected<(u64, u64)> {
        sizes(self, pattern)
    }

    /// Passwords in the answer files that `pattern` matches ([`Windows::find`]).
    #[must_use]
    pub fn answer_passwords(&self, pattern: &str) -> Collected<AnswerPassword> {
        answers::collect(self, pattern)
    }

    /// Passwords in the answer files that Windows' setup finds, wherever it looks for one.
    #[must_use]
    pub fn found_answer_passwords(&self) -> Collected<AnswerPassword> {
        answers::found(self)
    }

    /// The named streams of what stands in `folders`, each with the number of levels to go down:
    /// 0 is the folder itself, 1 what it holds.
    #[must_use]
    pub fn streams(&self, folders: &[(String, usize)]) -> Collected<NamedStream> {
        streams::collect(self, folders)
    }
}
