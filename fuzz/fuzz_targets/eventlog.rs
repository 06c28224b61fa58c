//! An event log, all of its events.
#![no_main]

use imgscan_core::eventlog;
use imgscan_core::source::MemorySource;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = eventlog::read(&MemorySource(data.to_vec()), &|_, _| true);
});
