//! How collectors read text files and directories of the guest: what is not there is `None`, what
//! can't be read is a gap.

use crate::error::Result;
use crate::evidence::{Gap, Location};
use crate::fs::{FileKind, Metadata};
pub(super) use crate::guest::listing::{base, join};
use crate::guest::{FileBytes, Located, PathSpace, listing};
use crate::text::lossless;

/// The longest configuration file that is read, in bytes.
const MAX_TEXT: u64 = 8 * 1024 * 1024;

/// Bytes of all texts of one folder: what is made of their lines takes many times as much memory.
const MAX_FOLDER: u64 = 16 * 1024 * 1024;

/// Folders that commands without a path are looked for in, in the order that Debian, Enterprise Linux
/// and systemd set.
pub(crate) const PATH: &[&str] = &[
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
];

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

    /// The program that a command named `name`, without a path, runs.
    pub(super) fn program(&self, name: &str, gaps: &mut Vec<Gap>) -> Option<Located> {
        let path = |dir: &&str| format!("{dir}/{name}").into_bytes();
        PATH.iter()
            .map(path)
            .find_map(|path| self.find(&path, gaps))
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
        self.text_by(PathSpace::read, path.as_ref(), limit, gaps)
    }

    /// As [`Reader::text_to`], of a script that is followed: the budget pays for its lines too.
    pub(super) fn script(&self, path: &[u8], limit: u64, gaps: &mut Vec<Gap>) -> Option<TextFile> {
        self.text_by(PathSpace::read_script, path, limit, gaps)
    }

    fn text_by(
        &self,
        read: impl Fn(&PathSpace, &[u8], u64) -> Result<FileBytes>,
        path: &[u8],
        limit: u64,
        gaps: &mut Vec<Gap>,
    ) -> Option<TextFile> {
        let at = self.find(path, gaps)?;
        if at.metadata.kind != FileKind::Regular {
            return None;
        }
        match read(self.paths, path, limit) {
            Ok(file) => Some(TextFile {
                at: Location::of_file(&file),
                asked: lossless(path),
                metadata: file.at.metadata,
                text: String::from_utf8(file.bytes).unwrap_or_else(|e| lossless(e.as_bytes())),
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
        match at.read(limit) {
            Ok(bytes) => Some(bytes),
            Err(e) => {
                gaps.push(Gap::new(Location::of(&at), &e));
                None
            }
        }
    }

    /// The full paths of what the directory at `dir` holds, sorted; empty where there is none.
    pub(super) fn children(&self, dir: &[u8], gaps: &mut Vec<Gap>) -> Vec<Vec<u8>> {
        listing::children(self.paths, dir, gaps)
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
        let mut left = MAX_FOLDER;
        let mut out = Vec::new();
        for path in self.children(dir, gaps).into_iter().filter(wanted) {
            let told = gaps.len();
            match self.text_to(path, left.min(MAX_TEXT), gaps) {
                Some(file) => {
                    left = left.saturating_sub(file.text.len() as u64);
                    out.push(file);
                }
                // The gap names the first that is not read; nor is what follows.
                None if gaps.len() > told && left < MAX_TEXT => break,
                None => {}
            }
        }
        out
    }
}

impl Reader<'_> {
    /// The paths that the absolute `pattern` stands for, sorted, as glob(3) of OpenSSH finds them.
    /// Without wildcards it is the path itself.
    ///
    /// # Errors
    /// As [`Pattern::new`].
    pub(super) fn glob(&self, pattern: &[u8], gaps: &mut Vec<Gap>) -> Result<Vec<Vec<u8>>> {
        listing::glob(self.paths, pattern, gaps)
    }
}
