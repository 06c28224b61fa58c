//! A qcow2 image in memory; no file of the host may be opened. The first snapshot is read as well.
//! Reads must end, and what is said about holes must agree with what is read.
#![no_main]

use std::sync::Arc;

use imgscan_core::container::{OpenOptions, qcow2};
use imgscan_core::source::{MemorySource, ReadAt};
use libfuzzer_sys::fuzz_target;

fn look(disk: &dyn ReadAt) {
    let len = disk.len();
    let mut buf = vec![0; 9000];
    // The beginning in steps, then places all over the disk.
    let steps = (0..40).map(|i| i * 700);
    let places = (1..=16).map(|i| len / 16 * i);
    for at in steps.chain(places).chain([len.saturating_sub(1)]) {
        for want in [1, 512, 9000] {
            let n = usize::try_from(len.saturating_sub(at)).map_or(want, |left| left.min(want));
            let _ = disk.read_at(&mut buf[..n], at);
        }
    }
    let mut pos = 0;
    for _ in 0..64 {
        let Ok(next) = disk.next_data(pos) else { break };
        let end = next.as_ref().map_or(len, |r| r.start);
        assert!(end >= pos && end <= len);
        let n = usize::try_from(end - pos).map_or(4096, |n| n.min(4096));
        if disk.read_at(&mut buf[..n], pos).is_ok() {
            assert!(buf[..n].iter().all(|b| *b == 0), "a hole holds data");
        }
        let Some(range) = next else { break };
        assert!(range.end > range.start && range.end <= len);
        pos = range.end;
    }
}

fuzz_target!(|data: &[u8]| {
    let file: Arc<dyn ReadAt> = Arc::new(MemorySource(data.to_vec()));
    let Ok(image) = qcow2::open_source(Arc::clone(&file), &OpenOptions::default()) else {
        return;
    };
    look(&*image.disk);
    if let Some(snapshot) = image.snapshots.first() {
        let options = OpenOptions {
            snapshot: Some(snapshot.id.clone()),
            ..OpenOptions::default()
        };
        if let Ok(image) = qcow2::open_source(file, &options) {
            look(&*image.disk);
        }
    }
});
