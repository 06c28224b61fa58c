//! A hive and its logs: the input is `u32 length of the hive, u32 length of .LOG1` (both
//! little-endian), the hive, .LOG1, and .LOG2 as the rest. Without a plausible head all of it is
//! the hive.
#![no_main]

use std::sync::Arc;

use imgscan_core::hive::{Hive, Logs};
use imgscan_core::source::{MemorySource, ReadAt};
use libfuzzer_sys::fuzz_target;

fn source(bytes: &[u8]) -> Arc<dyn ReadAt> {
    Arc::new(MemorySource(bytes.to_vec()))
}

/// Splits the input; `None` where its head does not fit.
fn parts(data: &[u8]) -> Option<[&[u8]; 3]> {
    let (head, rest) = data.split_at_checked(8)?;
    let hive_len = u32::from_le_bytes(head[..4].try_into().ok()?);
    let log_len = u32::from_le_bytes(head[4..].try_into().ok()?);
    let (hive, rest) = rest.split_at_checked(hive_len as usize)?;
    let (log1, log2) = rest.split_at_checked(log_len as usize)?;
    Some([hive, log1, log2])
}

fuzz_target!(|data: &[u8]| {
    let [hive, log1, log2] = parts(data).unwrap_or([data, &[], &[]]);
    let logs = Logs {
        log: None,
        log1: Some(source(log1)),
        log2: Some(source(log2)),
    };
    let Ok(hive) = Hive::open(source(hive), &logs) else {
        return;
    };
    let _ = hive.warnings();
    let _ = hive.key("ControlSet001\\Services\\a");
    let Ok(root) = hive.root() else { return };
    let _ = hive.walk(&root, |visit| {
        let _ = (visit.key.class_name(), visit.key.security());
        for value in &visit.values.items {
            let _ = value.data();
        }
        Ok(())
    });
});
