//! The small volumes of testdata/ext with changes, and everything that can be asked of a volume.

#![allow(dead_code)]

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use imgscan_core::fs::ext;
use imgscan_core::source::ReadAt;

use crate::patched::unpack;

/// Names that are visited, and bytes that are read of each file: a small volume can claim both
/// without end.
const NAMES: usize = 1000;
const BYTES: u64 = 1 << 18;

pub static VOLUMES: LazyLock<[Vec<u8>; 4]> = LazyLock::new(|| {
    [
        unpack(include_bytes!("../../../testdata/ext/small.img.zst")),
        unpack(include_bytes!("../../../testdata/ext/dirty.img.zst")),
        unpack(include_bytes!("../../../testdata/ext/indirect.img.zst")),
        unpack(include_bytes!("../../../testdata/ext/checked.img.zst")),
    ]
});

/// Opens the volume and asks for everything.
pub fn visit(volume: Arc<dyn ReadAt>) {
    let Ok(fs) = ext::open(volume) else { return };
    let _ = (fs.info(), fs.warnings());
    let mut seen = BTreeSet::from([fs.root()]);
    let mut todo = vec![fs.root()];
    while let Some(id) = todo.pop() {
        let _ = (fs.metadata(id), fs.damage(id), fs.xattrs(id), fs.read_link(id));
        if let Ok(file) = fs.open(id) {
            read(file.as_ref());
        }
        let Ok(listing) = fs.read_dir(id) else { continue };
        for entry in listing.entries.iter().take(3) {
            let _ = fs.lookup(id, &entry.name);
        }
        let _ = fs.lookup(id, b"no such name");
        for entry in listing.entries {
            if seen.len() < NAMES && seen.insert(entry.id) {
                todo.push(entry.id);
            }
        }
    }
}

fn read(file: &dyn ReadAt) {
    let mut at = 0;
    let mut buf = [0; 4096];
    let mut left = BYTES;
    while let Ok(Some(range)) = file.next_data(at) {
        assert!(range.start >= at && range.end > range.start && range.end <= file.len());
        let len = (range.end - range.start).min(buf.len() as u64).min(left);
        let _ = file.read_at(&mut buf[..len as usize], range.start);
        left -= len;
        at = range.start + len;
        if left == 0 {
            return;
        }
    }
}
