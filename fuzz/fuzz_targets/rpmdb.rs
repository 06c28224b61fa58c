//! A package database of any form. The input is `u32 length of the database` (little-endian), the
//! database, and its write-ahead log as the rest; without a plausible head all of it is the
//! database.
#![no_main]

use imgscan_core::rpm::{Header, records};
use imgscan_core::source::{MemorySource, ReadAt};
use libfuzzer_sys::fuzz_target;

/// Splits the input; `None` where its head does not fit.
fn parts(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (head, rest) = data.split_at_checked(4)?;
    let length = u32::from_le_bytes(head.try_into().ok()?);
    rest.split_at_checked(length as usize)
}

fuzz_target!(|data: &[u8]| {
    let (file, log) = parts(data).unwrap_or((data, &[]));
    let (file, log) = (MemorySource(file.to_vec()), MemorySource(log.to_vec()));
    let wal = (!log.is_empty()).then_some(&log as &dyn ReadAt);
    // What is handed over comes from pages that are each read once.
    let most = 2 * (file.len() + log.len()) + 65_536;
    let mut bytes = 0;
    let _ = records(&file, wal, &mut |record| {
        if let Ok(record) = record {
            bytes += record.blob.len() as u64;
            assert!(bytes <= most, "{bytes} bytes from a database of {most}");
            if let Ok(header) = Header::parse(&record.blob) {
                let _ = (header.region(), header.files());
            }
        }
        true
    });
});
