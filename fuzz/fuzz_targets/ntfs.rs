//! An NTFS volume. The first byte chooses a sound one: that of testdata/ntfs, or the small one of fuzz/volumes; then
//! follow changes as `patched` reads them. An input that begins as a volume does is the volume. Everything that can
//! be listed is listed, looked up and read.
#![no_main]

mod changes;
mod patched;

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use changes::{Ground, mutate};
use imgscan_core::fs::{FileKind, ntfs};
use imgscan_core::source::{MemorySource, ReadAt};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

/// Bytes of one stream that are read: some units of compression. What stands behind is met in the other files.
const MOST: u64 = 1 << 18;

static VOLUMES: LazyLock<[(Vec<u8>, Vec<usize>); 2]> = LazyLock::new(|| {
    let tiny = patched::unpack(include_bytes!("../../testdata/ntfs/tiny.img.zst"));
    let small = patched::unpack_by(include_bytes!("../volumes/ntfs.img.zst"), &tiny);
    [tiny, small].map(|volume| {
        let used = patched::used(&volume);
        (volume, used)
    })
});

fn whole(data: &[u8]) -> bool {
    data.get(3..7) == Some(b"NTFS")
}

fn chosen(data: &[u8]) -> &'static (Vec<u8>, Vec<usize>) {
    &VOLUMES[usize::from(data.first().copied().unwrap_or_default() & 1)]
}

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if whole(&data[..size]) {
        return fuzzer_mutate(data, size, max_size);
    }
    let (volume, used) = chosen(&data[..size]);
    mutate(&Ground { volume, used, head: 1 }, data, size, max_size, seed)
});

fuzz_target!(|data: &[u8]| {
    let volume = if whole(data) {
        Arc::new(MemorySource(data.to_vec()))
    } else {
        let (volume, used) = chosen(data);
        patched::patched(volume, used, data.get(1..).unwrap_or_default())
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
