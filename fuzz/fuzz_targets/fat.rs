//! FAT volumes: everything in the tree is listed, looked up and read, as far as the bounds of this
//! target go.

#![no_main]

use std::sync::Arc;

use imgscan_core::fs::walk::{Step, Walk};
use imgscan_core::fs::{FileKind, fat};
use imgscan_core::source::{MemorySource, ReadAt};
use libfuzzer_sys::fuzz_target;

/// Entries and bytes after which one input has told enough.
const ENTRIES: usize = 2000;
const BYTES: u64 = 1 << 22;

fuzz_target!(|data: &[u8]| {
    let volume: Arc<dyn ReadAt> = Arc::new(MemorySource(data.to_vec()));
    let Ok(fs) = fat::open(volume) else {
        return;
    };
    let _ = (fs.info(), fs.warnings());
    let mut left = BYTES;
    let mut buf = vec![0; 4096];
    for step in Walk::new(Arc::clone(&fs), fs.root(), Vec::new()).take(ENTRIES) {
        let Step::Entry(entry) = step else { continue };
        let Ok(meta) = entry.metadata else { continue };
        if entry.depth == 1 {
            let _ = fs.lookup(fs.root(), &entry.entry.name);
        }
        if meta.kind != FileKind::Regular {
            continue;
        }
        let Ok(file) = fs.open(meta.id) else { continue };
        let mut at = 0;
        while at < file.len() && left > 0 {
            let n = (file.len() - at).min(buf.len() as u64);
            if file.read_at(&mut buf[..n as usize], at).is_err() {
                break;
            }
            at += n;
            left = left.saturating_sub(n);
        }
    }
});
