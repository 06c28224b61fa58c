//! An NTFS volume: that of testdata/ntfs with changes as `patched` reads them, or the input itself
//! where it begins as a volume does. Everything that can be listed is listed, looked up and read.
#![no_main]

mod patched;

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use imgscan_core::fs::{FileKind, ntfs};
use imgscan_core::source::{MemorySource, ReadAt};
use libfuzzer_sys::fuzz_target;

/// Bytes of one file that are read; sparse files may be as long as the format allows.
const MOST: u64 = 4 << 20;

static TINY: LazyLock<Vec<u8>> =
    LazyLock::new(|| patched::unpack(include_bytes!("../../testdata/ntfs/tiny.img.zst")));
static USED: LazyLock<Vec<usize>> = LazyLock::new(|| patched::used(&TINY));

fuzz_target!(|data: &[u8]| {
    let volume = if data.get(3..7) == Some(b"NTFS") {
        Arc::new(MemorySource(data.to_vec()))
    } else {
        patched::patched(&TINY, &USED, data)
    };
    let Ok(fs) = ntfs::open(volume) else { return };
    let _ = (fs.info(), fs.warnings());
    let mut known = BTreeSet::new();
    let mut todo = vec![fs.root()];
    let mut buf = vec![0; 1 << 16];
    while let Some(id) = todo.pop() {
        for name in [&b"$MFT"[..], b"$Secure", b"file", b"\xed\xa0\x80"] {
            let _ = fs.lookup(id, name);
        }
        for entry in fs.read_dir(id).map(|d| d.entries).unwrap_or_default() {
            let _ = fs.lookup(id, &entry.name);
            if !known.insert(entry.id) {
                continue;
            }
            let _ = fs.owner_sid(entry.id);
            let _ = fs.read_link(entry.id);
            if fs
                .metadata(entry.id)
                .is_ok_and(|m| m.kind == FileKind::Directory)
            {
                todo.push(entry.id);
            }
            let streams = fs.streams(entry.id).unwrap_or_default();
            let opened = streams.iter().map(|s| fs.open_stream(entry.id, &s.name));
            for file in opened.chain([fs.open(entry.id)]).flatten() {
                let mut at = 0;
                while at < file.len().min(MOST) {
                    let n = (file.len() - at).min(buf.len() as u64);
                    if file.read_at(&mut buf[..n as usize], at).is_err() {
                        break;
                    }
                    at += n;
                }
                let mut from = 0;
                for _ in 0..1000 {
                    match file.next_data(from) {
                        Ok(Some(range)) if range.end > from => from = range.end,
                        Ok(Some(range)) => panic!("no progress behind {from}: {range:?}"),
                        _ => break,
                    }
                }
            }
        }
    }
});
