//! A hive and its logs: the input is `u32 length of the hive, u32 length of .LOG1` (both
//! little-endian), the hive, .LOG1, and .LOG2 as the rest. Without a plausible head all of it is
//! the hive.
#![no_main]

mod pieces;
mod sums;

use std::sync::Arc;

use imgscan_core::hive::{Hive, Logs};
use imgscan_core::source::{MemorySource, ReadAt};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use pieces::pieces;

fn source(bytes: &[u8]) -> Arc<dyn ReadAt> {
    Arc::new(MemorySource(bytes.to_vec()))
}

fuzz_target!(|data: &[u8]| {
    let whole = [0..data.len(), 0..0, 0..0];
    let [hive, log1, log2] = pieces(data).unwrap_or(whole).map(|range| &data[range]);
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

// Mostly the sums are right: a hive whose sum is wrong is only compared with its logs.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let size = fuzzer_mutate(data, size, max_size);
    if seed % 8 != 0 {
        let data = &mut data[..size];
        match pieces(data) {
            None => sums::hive_base(data),
            Some([hive, log1, log2]) => {
                sums::hive_base(&mut data[hive]);
                sums::hive_log(&mut data[log1]);
                sums::hive_log(&mut data[log2]);
            }
        }
    }
    size
});
