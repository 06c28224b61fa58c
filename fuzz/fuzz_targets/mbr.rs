//! Partition tables: seeds that hold an MBR.

#![no_main]

mod table;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| table::visit(data));
