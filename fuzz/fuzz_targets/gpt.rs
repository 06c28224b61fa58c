//! Partition tables: seeds that hold a GPT.

#![no_main]

mod sums;
mod table;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|data: &[u8]| table::visit(data));

// Half of the mutations are of the table alone: the protective MBR, the header and 16 KiB of entries. Mostly the
// sums are right: a header or entries whose sum is wrong is not followed.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    const TABLE: usize = 512 + 512 + 16_384;
    let size = if seed % 2 == 0 && size > TABLE {
        let mut table = data[..TABLE].to_vec();
        fuzzer_mutate(&mut table, TABLE, TABLE);
        data[..TABLE].copy_from_slice(&table);
        size
    } else {
        fuzzer_mutate(data, size, max_size)
    };
    if seed / 2 % 8 != 0 {
        let data = &mut data[..size];
        for sector in [512, 4096] {
            let last = size.saturating_sub(sector) / sector * sector;
            sums::gpt(data, sector, sector);
            sums::gpt(data, last, sector);
        }
    }
    size
});
