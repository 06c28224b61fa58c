//! What directories hold, and the paths that a pattern stands for. What can't be read is a gap.

use super::{Gap, PathSpace};
use crate::error::{Error, Kind, Layer, Result};
use crate::fs::FileKind;
use crate::glob::{Flags, Pattern};
use crate::text::lossless;

/// Names of one directory that are looked at.
const MAX_NAMES: usize = 65_536;

/// The full paths of what the directory at `dir` holds, sorted; empty where there is none.
pub(crate) fn children(paths: &PathSpace, dir: &[u8], gaps: &mut Vec<Gap>) -> Vec<Vec<u8>> {
    let listing = match paths.find(dir) {
        Ok(Some(at)) if at.metadata.kind == FileKind::Directory => paths.list(dir),
        Ok(_) => return Vec::new(),
        Err(e) => Err(e),
    };
    let listing = match listing {
        Ok(listing) => listing,
        Err(e) if e.kind == Kind::NotFound => return Vec::new(),
        Err(e) => {
            gaps.push(Gap::at_path(lossless(dir), &e));
            return Vec::new();
        }
    };
    for damage in &listing.damage {
        gaps.push(Gap::at_path(lossless(dir), damage));
    }
    let count = listing.names.len();
    if count > MAX_NAMES {
        let why = say!(error_names_many, count = count, most = MAX_NAMES);
        let why = Error::limit(Layer::Guest, None, why);
        gaps.push(Gap::at_path(lossless(dir), &why));
    }
    let names = listing.names.iter().take(MAX_NAMES);
    names.map(|name| join(dir, name)).collect()
}

/// The paths that the absolute `pattern` stands for, sorted, as glob(3) of OpenSSH finds them.
/// Without wildcards it is the path itself.
///
/// # Errors
/// As [`Pattern::new`].
pub(crate) fn glob(paths: &PathSpace, pattern: &[u8], gaps: &mut Vec<Gap>) -> Result<Vec<Vec<u8>>> {
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
            let children = children(paths, dir, gaps);
            paths.pay(children.len().saturating_mul(pattern.len()) as u64)?;
            let children = children.into_iter();
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

/// `name` in `dir`.
pub(crate) fn join(dir: &[u8], name: &[u8]) -> Vec<u8> {
    let mut path = dir.to_vec();
    if path.last() != Some(&b'/') {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path
}

/// The last component of `path`.
pub(crate) fn base(path: &[u8]) -> &[u8] {
    path.rsplit(|b| *b == b'/').next().unwrap_or(path)
}
