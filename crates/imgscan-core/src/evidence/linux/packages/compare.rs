//! The files of one package against what stands in the image.

use super::owner::stands_for;
use super::{Contents, FileDigest, Package};
use crate::error::Result;
use crate::evidence::linux::reader::Reader;
use crate::evidence::{Gap, Location};
use crate::fs::FileKind;
use crate::rpm::File;
use crate::source::ReadAt;
use crate::text::lossless;
use crate::trust::DigestKind;

/// `S_IFMT` and `S_IFREG` of st_mode.
pub(super) const TYPE: u32 = 0o170_000;
pub(super) const REGULAR: u32 = 0o100_000;

/// Bytes that are read at once.
const PIECE: usize = 256 * 1024;

/// How the files of a package stand.
#[derive(Debug, Clone, Default)]
pub struct Compared {
    /// Files that equal what the package recorded.
    pub equal: usize,
    /// Files that differ; those of configuration are in [`Compared::configured`].
    pub differs: Vec<Difference>,
    /// Configuration files that differ, as they may.
    pub configured: Vec<Difference>,
    /// Files that are not there.
    pub missing: Vec<String>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where.
    pub at: Location,
    /// What the package recorded.
    pub expected: FileDigest,
    /// What is there; `None` for something that is no file.
    pub found: Option<FileDigest>,
}

/// Compares the files of `package` with its record; of a dpkg package nothing, for its records are
/// not in its database.
pub(in crate::evidence::linux) fn compare(reader: &Reader<'_>, package: &Package) -> Compared {
    let mut all = Compared::default();
    let Some(contents) = &package.contents else {
        return all;
    };
    for file in &contents.files.items {
        let path = contents.files.path(file);
        let Some(expected) = expected(contents, file, &path) else {
            continue;
        };
        let Some(at) = reader.find(&path, &mut all.gaps) else {
            // A `%ghost` need not be there.
            if !file.ghost {
                all.missing.push(lossless(&path));
            }
            continue;
        };
        let found = match at.metadata.kind {
            FileKind::Regular => {
                let read = at.open().and_then(|f| digest(expected.kind, f.as_ref()));
                match read {
                    Ok(digest) => Some(digest),
                    Err(e) => {
                        all.gaps.push(Gap::new(Location::of(&at), &e));
                        continue;
                    }
                }
            }
            _ => None,
        };
        if found.as_ref() == Some(&expected) {
            all.equal += 1;
            continue;
        }
        let list = if file.config {
            &mut all.configured
        } else {
            &mut all.differs
        };
        list.push(Difference {
            at: Location::of(&at),
            expected,
            found,
        });
    }
    all
}

/// The digest that the file at `path` must have, where the package says one.
fn expected(contents: &Contents, file: &File, path: &[u8]) -> Option<FileDigest> {
    if file.ghost {
        return stands_for(contents, path).map(|(_, digest)| digest);
    }
    // apk tells no type: a link's digest is that of its target, and nothing here compares it.
    let regular = file.mode & TYPE == REGULAR;
    let digest = file
        .digest
        .as_deref()
        .filter(|_| regular && !file.changes)?;
    FileDigest::of(digest)
}

/// The digest of `kind` of all of `data`.
pub(in crate::evidence::linux) fn digest(
    kind: DigestKind,
    data: &dyn ReadAt,
) -> Result<FileDigest> {
    let mut hasher = kind.hasher();
    let piece = usize::try_from(data.len()).map_or(PIECE, |len| len.min(PIECE));
    let mut buf = vec![0; piece];
    let mut offset = 0;
    while offset < data.len() {
        let n = usize::try_from((data.len() - offset).min(buf.len() as u64)).unwrap_or(buf.len());
        data.read_at(&mut buf[..n], offset)?;
        hasher.update(&buf[..n]);
        offset += n as u64;
    }
    Ok(FileDigest {
        kind,
        hex: crate::bytes::hex(&hasher.finish()),
    })
}
