//! The journal of an ext volume that asks for replay. The first byte chooses the volume: testdata/ext/dirty.img, whose
//! journal has no checksums, or checked.img; the rest stands in place of its journal from the first block on.
#![no_main]

mod ext_volume;
mod patched;
mod sums;

use std::sync::{Arc, LazyLock};

use ext_volume::{VOLUMES, visit};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use patched::Patched;

const BLOCK: usize = 1024;
/// Magic and type of a journal's superblock.
const SUPERBLOCK: [u8; 8] = [0xC0, 0x3B, 0x39, 0x98, 0, 0, 0, 4];

/// The volumes with where their journals begin.
static JOURNALS: LazyLock<[(&[u8], usize); 2]> = LazyLock::new(|| {
    [&VOLUMES[1], &VOLUMES[3]].map(|volume| {
        let block = volume.chunks(BLOCK).position(|b| b.starts_with(&SUPERBLOCK));
        (volume.as_slice(), block.expect("journal") * BLOCK)
    })
});

fuzz_target!(|data: &[u8]| {
    let Some((choice, journal)) = data.split_first() else { return };
    let (volume, at) = JOURNALS[usize::from(choice & 1)];
    let pieces = vec![(at, journal.to_vec())];
    visit(Arc::new(Patched { base: volume, pieces }));
});

// Mostly the sums are right: a transaction whose sums are wrong is not replayed.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let size = fuzzer_mutate(data, size, max_size);
    if let Some((choice, journal)) = data[..size].split_first_mut()
        && *choice & 1 == 1
        && seed % 8 != 0
    {
        sums::journal(journal, BLOCK);
    }
    size
});
