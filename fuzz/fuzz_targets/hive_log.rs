//! The logs of a hive: the input is `u32 length of .LOG1` and `u32 length of .LOG2` (both
//! little-endian), the two, and `.LOG` as the rest. The hive is a sound one of the test data, marked
//! as dirty, so that its logs are always asked for.
#![no_main]

use std::sync::Arc;

use imgscan_core::hive::{Hive, Logs};
use imgscan_core::source::{MemorySource, ReadAt};
use libfuzzer_sys::fuzz_target;

const HIVE: &[u8] = include_bytes!("../../testdata/hives/kinds.hive");

fn source(bytes: &[u8]) -> Option<Arc<dyn ReadAt>> {
    (!bytes.is_empty()).then(|| Arc::new(MemorySource(bytes.to_vec())) as Arc<dyn ReadAt>)
}

/// The logs of the input; `None` where its head does not fit.
fn logs(data: &[u8]) -> Option<Logs> {
    let (head, rest) = data.split_at_checked(8)?;
    let first = u32::from_le_bytes(head[..4].try_into().ok()?);
    let second = u32::from_le_bytes(head[4..].try_into().ok()?);
    let (log1, rest) = rest.split_at_checked(first as usize)?;
    let (log2, log) = rest.split_at_checked(second as usize)?;
    Some(Logs {
        log: source(log),
        log1: source(log1),
        log2: source(log2),
    })
}

fuzz_target!(|data: &[u8]| {
    let Some(logs) = logs(data) else { return };
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
