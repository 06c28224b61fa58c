//! How collectors read text files and directories of the guest: what is not there is `None`, what
//! can't be read is a gap.

use crate::error::{Error, Layer, Result};
use crate::evidence::{Gap, Location};
use crate::fs::{FileKind, Metadata};
use crate::glob::{Flags, Pattern};
use crate::guest::{Located, PathSpace};
use crate::source::read_all;
use crate::text::lossless;

/// The longest configuration file that is read, in bytes.
const MAX_TEXT: u64 = 8 * 1024 * 1024;
/// Names of one directory that collectors look at.
const MAX_NAMES: usize = 65_536;

/// A text file that was read whole.
#[derive(Debug, Clone)]
pub struct TextFile {
    /// Where, with links followed, and its digest.
    pub at: Location,
    /// The path that was asked for.
    pub asked: String,
    /// Metadata.
    pub metadata: Metadata,
    /// Its text; bytes that are not UTF-8 as `\xNN`.
    pub text: String,
}

impl TextFile {
    /// Its lines with their numbers, from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(i, l)| (i + 1, l))
    }

    /// Its place at line `line`.
    #[must_use]
    pub fn line(&self, line: usize) -> Location {
        self.at.clone().line(line)
    }
}

/// Reads for collectors.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    paths: &'a PathSpace,
}

impl<'a> Reader<'a> {
    pub(super) fn new(paths: &'a PathSpace) -> Self {
        Self { paths }
    }

    pub(super) fn paths(&self) -> &'a PathSpace {
        self.paths
    }

    /// What is at `path` with links followed; `None` where there is certainly nothing.
    pub(super) fn find(&self, path: &[u8], gaps: &mut Vec<Gap>) -> Option<Located> {
        self.paths.find(path).unwrap_or_else(|e| {
            gaps.push(Gap::at_path(lossless(path), &e));
            None
        })
    }

    /// The regular file at `path` as text.
    pub(super) fn text(&self, path: impl AsRef<[u8]>, gaps: &mut Vec<Gap>) -> Option<TextFile> {
        self.text_to(path, MAX_TEXT, gaps)
    }

    /// As [`Reader::text`], with another bound.
    pub(super) fn text_to(
        &self,
        path: impl AsRef<[u8]>,
        limit: u64,
        gaps: &mut Vec<Gap>,
    ) -> Option<TextFile> {
        let path = path.as_ref();
        let at = self.find(path, gaps)?;
        if at.metadata.kind != FileKind::Regular {
            return None;
        }
        match self.paths.read(path, limit) {
            Ok(file) => Some(TextFile {
                at: Location::of_file(&file),
                asked: lossless(path),
                metadata: file.at.metadata,
                text: lossless(&file.bytes),
            }),
            Err(e) => {
                gaps.push(Gap::new(Location::of(&at), &e));
                None
            }
        }
    }

    /// The bytes of the regular file at `path`, without its digest.
    pub(super) fn bytes(&self, path: &[u8], limit: u64, gaps: &mut Vec<Gap>) -> Option<Vec<u8>> {
        let at = self.find(path, gaps)?;
        if at.metadata.kind != FileKind::Regular {
            return None;
        }
        match at.open().and_then(|data| read_all(data.as_ref(), limit)) {
            Ok(bytes) => Some(bytes),
            Err(e) => {
                gaps.push(Gap::new(Location::of(&at), &e));
                None
            }
        }
    }

    /// The full paths of what the directory at `dir` holds, sorted; empty where there is none.
    pub(super) fn children(&self, dir: &[u8], gaps: &mut Vec<Gap>) -> Vec<Vec<u8>> {
        let Some(at) = self.find(dir, gaps) else {
            return Vec::new();
        };
        if at.metadata.kind != FileKind::Directory {
            return Vec::new();
        }
        let listing = match self.paths.list(dir) {
            Ok(listing) => listing,
            Err(e) => {
                gaps.push(Gap::at_path(lossless(dir), &e));
                return Vec::new();
            }
        };
        for damage in &listing.damage {
            gaps.push(Gap::at_path(lossless(dir), damage));
        }
        if listing.names.len() > MAX_NAMES {
            let why = Error::limit(
                Layer::Guest,
                None,
                say!(
                    error_names_many,
                    count = listing.names.len(),
                    most = MAX_NAMES
                ),
            );
            gaps.push(Gap::at_path(lossless(dir), &why));
        }
        listing
            .names
            .iter()
            .take(MAX_NAMES)
            .map(|name| join(dir, name))
            .collect()
    }

    /// The regular files in the directory at `dir` whose names end with one of `endings` (all
    /// where there is none), as text.
    pub(super) fn texts_in(
        &self,
        dir: &[u8],
        endings: &[&str],
        gaps: &mut Vec<Gap>,
    ) -> Vec<TextFile> {
        let wanted =
            |p: &Vec<u8>| endings.is_empty() || endings.iter().any(|e| p.ends_with(e.as_bytes()));
        self.children(dir, gaps)
            .into_iter()
            .filter(wanted)
            .filter_map(|path| self.text(path, gaps))
            .collect()
    }
}

impl Reader<'_> {
    /// The paths that the absolute `pattern` stands for, sorted, as glob(3) of OpenSSH finds them.
    /// Without wildcards it is the path itself.
    ///
    /// # Errors
    /// As [`Pattern::new`].
    pub(super) fn glob(&self, pattern: &[u8], gaps: &mut Vec<Gap>) -> Result<Vec<Vec<u8>>> {
        let flags = Flags::PATH | Flags::LEADING_DOT | Flags::PLAIN_CARET;
        // Brackets don't go over a slash, so that each component is a pattern of its own.
        Pattern::new(pattern, flags)?;
        let mut found: Vec<Vec<u8>> = vec![Vec::new()];
        for part in pattern.split(|b| *b == b'/').filter(|p| !p.is_empty()) {
            let part = Pattern::new(part, flags)?;
            let literal = part.literal();
            let mut next = Vec::new();
            for dir in &found {
                if let Some(name) = &literal {
                    next.push([dir.as_slice(), b"/", name].concat());
                    continue;
                }
                let dir = if dir.is_empty() { b"/" } else { dir.as_slice() };
                let children = self.children(dir, gaps).into_iter();
                next.extend(children.filter(|path| part.matches(base(path))));
                if next.len() > MAX_NAMES {
                    let why = say!(error_glob_names, count = next.len(), most = MAX_NAMES);
                    let why = Error::limit(Layer::Guest, None, why);
                    gaps.push(Gap::at_path(lossless(pattern), &why));
                    next.truncate(MAX_NAMES);
                    break;
                }
            }
            found = next;
        }
        Ok(found)
    }
}

/// `name` in `dir`.
pub(super) fn join(dir: &[u8], name: &[u8]) -> Vec<u8> {
    let mut path = dir.to_vec();
    if path.last() != Some(&b'/') {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path
}

/// The last component of `path`.
pub(super) fn base(path: &[u8]) -> &[u8] {
    path.rsplit(|b| *b == b'/').next().unwrap_or(path)
}
