//! The files of a file system as facts.

use std::io::Read;
use std::sync::Arc;

use imgscan_core::bytes::hex;
use imgscan_core::fs::walk::{Step, Walk};
use imgscan_core::fs::{FileKind, FileSystem, NodeId};
use imgscan_core::source::{ReadAt, read_all};
use imgscan_core::text::lossless;
use sha2::{Digest as _, Sha256};

use crate::{Disk, Facts};

/// The longest file whose contents are compared, in bytes.
const MOST: u64 = 64 << 20;

/// Everything in `fs` by its path: `directory`, a file's size and SHA-256, a link and its target,
/// streams as `path:stream`, what else it is as `special`. Behind it stands the number of its record
/// where `numbers`.
#[must_use]
pub fn tree(fs: &Arc<dyn FileSystem>, numbers: bool) -> Facts {
    let mut facts = Facts::new();
    for step in Walk::new(Arc::clone(fs), fs.root(), Vec::new()) {
        let Step::Entry(entry) = step else { continue };
        let path = lossless(&entry.path);
        let number = |id: NodeId| match numbers {
            true => format!(" #{}", id.0),
            false => String::new(),
        };
        let fact = match &entry.metadata {
            Err(e) => format!("unreadable: {e}"),
            Ok(meta) => {
                for stream in fs.streams(meta.id).unwrap_or_default() {
                    let contents = fs.open_stream(meta.id, &stream.name);
                    let name = format!("{path}:{}", lossless(&stream.name));
                    add(&mut facts, name, &read(contents));
                }
                let what = match meta.kind {
                    FileKind::Directory => "directory".into(),
                    FileKind::Regular => read(fs.open(meta.id)),
                    FileKind::Symlink => match fs.read_link(meta.id) {
                        Ok(target) => format!("link to {}", lossless(&target)),
                        Err(e) => format!("unreadable: {e}"),
                    },
                    _ => "special".into(),
                };
                what + &number(meta.id)
            }
        };
        add(&mut facts, path, &fact);
    }
    facts
}

/// Adds a fact; a second one of the same name, as damaged directories have them, is written behind
/// the first.
pub fn add(facts: &mut Facts, name: String, fact: &str) {
    let known = facts.entry(name).or_default();
    if !known.is_empty() {
        known.push_str(" and ");
    }
    known.push_str(fact);
}

fn read(file: imgscan_core::Result<Arc<dyn ReadAt>>) -> String {
    match file {
        Ok(file) => contents(file.len(), &mut Disk::new(file)),
        Err(e) => format!("unreadable: {e}"),
    }
}

/// What a file of `size` bytes holds, as [`tree`] writes it: all that `file` gives counts, and of a
/// very long one only the size.
pub fn contents(size: u64, file: &mut dyn Read) -> String {
    if size > MOST {
        return format!("{size} bytes");
    }
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    let mut got = 0;
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => {
                hash.update(&buffer[..n]);
                got += n as u64;
            }
            Err(e) => return format!("unreadable: {e}"),
        }
        if got > MOST {
            return "more than its size".into();
        }
    }
    format!("{got} of {size} bytes {}", hex(&hash.finalize()))
}

/// All bytes of a volume, for crates that want them in memory; `None` for more than 512 MiB.
#[must_use]
pub fn whole(volume: &Arc<dyn ReadAt>) -> Option<Vec<u8>> {
    read_all(volume.as_ref(), 512 << 20).ok()
}

/// The SHA-256 of `bytes` in hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
