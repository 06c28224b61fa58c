//! Who may do what: the security descriptors of files, of keys, and those that stand in values.

use std::sync::Arc;

use super::{KeyAt, Windows, registry};
use crate::descriptor::Descriptor;
use crate::error::{Error, Layer};
use crate::evidence::{Collected, Found, Gap, Location};
use crate::fs::FileKind;
use crate::guest::Located;
use crate::hive::Data;
use crate::text::terminal_bytes;

/// Objects of a folder that are looked at, and folders in folders.
const MAX_OBJECTS: usize = 20_000;
const MAX_LEVELS: usize = 24;

/// A file or folder with its descriptor.
#[derive(Debug, Clone)]
pub struct Guarded {
    /// Its path (`C:/Windows/System32`).
    pub path: String,
    /// It is a folder.
    pub is_folder: bool,
    /// Its descriptor; `None` where it has none.
    pub descriptor: Option<Arc<Descriptor>>,
}

impl Windows<'_> {
    /// The descriptors in the values `name` of the keys that `pattern` names, as bytes or as text.
    #[must_use]
    pub fn descriptors(&self, pattern: &str, name: &str) -> Collected<Descriptor> {
        let mut out = Collected::default();
        let mut gaps = Vec::new();
        registry::each(self, pattern, &mut gaps, &mut |key, gaps| {
            let read = key.value(name, |value| {
                let text = match value.data()? {
                    Data::Text(text) | Data::Expand(text) => Some(text),
                    _ => None,
                };
                Ok(Some(match text {
                    // Values of text are there and empty where nothing is set.
                    Some(text) if text.trim().is_empty() => return Ok(None),
                    Some(text) => Descriptor::parse_text(&text),
                    None => Descriptor::parse(&value.bytes()?),
                }))
            });
            match read {
                Ok(Some(Found { fact, at })) => match fact {
                    Ok(descriptor) => out.push(descriptor, at),
                    Err(why) => gaps.push(unread(at, why)),
                },
                Ok(None) => {}
                Err(gap) => gaps.push(gap),
            }
        });
        out.gaps = gaps;
        out
    }

    /// The descriptors of the keys that `pattern` names.
    #[must_use]
    pub fn key_descriptors(&self, pattern: &str) -> Collected<Descriptor> {
        let mut out = Collected::default();
        let mut gaps = Vec::new();
        registry::each(
            self,
            pattern,
            &mut gaps,
            &mut |key, gaps| match of_key(key) {
                Ok(Some(descriptor)) => out.push(descriptor, key.location()),
                Ok(None) => {}
                Err(gap) => gaps.push(gap),
            },
        );
        out.gaps = gaps;
        out
    }

    /// The descriptor of the file or folder at `path`; `None` where there is no such.
    ///
    /// # Errors
    /// A gap where it can't be read.
    pub fn guarded(&self, path: &str) -> Result<Option<Found<Guarded>>, Gap> {
        let at = self.guest.paths.find(path.as_bytes());
        let at = at.map_err(|e| Gap::at_path(path, &e))?;
        at.map(|at| of_file(&at)).transpose()
    }

    /// What is in the folder at `path`, and in the folders there where `below` is set, besides what
    /// links lead to. Empty where there is no such folder.
    #[must_use]
    pub fn guarded_in(&self, path: &str, below: bool) -> Collected<Guarded> {
        let mut out = Collected::default();
        let mut todo = match self.guest.paths.find(path.as_bytes()) {
            Ok(at) => Vec::from_iter(at.map(|at| (at, 0_usize))),
            Err(e) => {
                out.gaps.push(Gap::at_path(path, &e));
                Vec::new()
            }
        };
        let mut left = MAX_OBJECTS;
        while let Some((folder, level)) = todo.pop() {
            if folder.metadata.kind != FileKind::Directory {
                continue;
            }
            let place = Location::of(&folder);
            let listing = match folder.fs.read_dir(folder.id) {
                Ok(listing) => listing,
                Err(e) => {
                    out.gaps.push(Gap::new(place, &e));
                    continue;
                }
            };
            let damage = listing.damage.iter().map(|e| Gap::new(place.clone(), e));
            out.gaps.extend(damage);
            for entry in listing.entries {
                if left == 0 || level >= MAX_LEVELS {
                    let limit = say!(error_too_many, most = MAX_OBJECTS, what = "files");
                    let limit = Error::limit(Layer::Guest, None, limit);
                    out.gaps.push(Gap::new(place.clone(), &limit));
                    return out;
                }
                left -= 1;
                let metadata = match folder.fs.metadata(entry.id) {
                    Ok(metadata) => metadata,
                    Err(e) => {
                        out.gaps.push(Gap::new(place.clone(), &e));
                        continue;
                    }
                };
                let mut path = folder.path.clone();
                path.push(b'/');
                path.extend(&entry.name);
                let at = Located {
                    volume: folder.volume.clone(),
                    path,
                    fs: Arc::clone(&folder.fs),
                    id: entry.id,
                    metadata,
                };
                match of_file(&at) {
                    Ok(Found { fact, at }) => out.push(fact, at),
                    Err(gap) => out.gaps.push(gap),
                }
                if below {
                    todo.push((at, level + 1));
                }
            }
        }
        out
    }
}

fn unread(at: Location, why: crate::text::Text) -> Gap {
    Gap::new(at, &Error::corrupt(Layer::Hive, None, why))
}

fn of_file(at: &Located) -> Result<Found<Guarded>, Gap> {
    let place = Location::of(at);
    let read = at.fs.descriptor(at.id);
    let descriptor = read.map_err(|e| Gap::new(place.clone(), &e))?;
    let path = place.path.clone();
    Ok(Found {
        fact: Guarded {
            path: path.unwrap_or_else(|| terminal_bytes(&at.path)),
            is_folder: at.metadata.kind == FileKind::Directory,
            descriptor,
        },
        at: place,
    })
}

/// The descriptor of a key; `None` where it has none.
pub(super) fn of_key(key: &KeyAt<'_>) -> Result<Option<Descriptor>, Gap> {
    let bytes = key.key.security().map_err(|e| key.gap(None, &e))?;
    let parsed = bytes.map(|bytes| Descriptor::parse(&bytes)).transpose();
    parsed.map_err(|why| unread(key.location(), why))
}
