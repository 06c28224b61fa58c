//! The logs of a hive: the input is `u32 length of .LOG1` and `u32 length of .LOG2` (both
//! little-endian), the two, and `.LOG` as the rest. The hive is a sound one of the test data, marked
//! as dirty, so that its logs are always asked for.
#![no_main]

mod pieces;
mod sums;

use std::sync::Arc;

use imgscan_core::hive::{Hive, Logs};
use imgscan_core::source::{MemorySource, ReadAt};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use pieces::pieces;

const HIVE: &[u8] = include_bytes!("../../testdata/hives/kinds.hive");

fn source(bytes: &[u8]) -> Option<Arc<dyn ReadAt>> {
    (!bytes.is_empty()).then(|| Arc::new(MemorySource(bytes.to_vec())) as Arc<dyn ReadAt>)
}

fuzz_target!(|data: &[u8]| {
    let Some(parts) = pieces(data) else { return };
    let [log1, log2, log] = parts.map(|range| source(&data[range]));
    let logs = Logs { log, log1, log2 };
    let mut dirty = HIVE.to_vec();
    // The primary sequence number: a write was begun. Its checksum no longer holds either.
    dirty[4] = dirty[4].wrapping_add(1);
    let Ok(hive) = Hive::open(Arc::new(MemorySource(dirty)), &logs) else {
        return;
    };
    let _ = hive.warnings();
    let Ok(root) = hive.root() else { return };
    let _ = hive.walk(&root, |visit| {
        for value in &visit.values.items {
            let _ = value.data();
        }
        Ok(())
    });
});

// Mostly the sums are right: a log whose sums are wrong is not replayed.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let size = fuzzer_mutate(data, size, max_size);
    if seed % 8 != 0
        && let Some(parts) = pieces(&data[..size])
    {
        parts.into_iter().for_each(|log| sums::hive_log(&mut data[log]));
    }
    size
});
