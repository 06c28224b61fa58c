//! The journal of an ext volume that asks for replay: the input stands in place of the journal of
//! testdata/ext/dirty.img from its first block on.
#![no_main]

mod ext_volume;
mod patched;

use std::sync::{Arc, LazyLock};

use ext_volume::{VOLUMES, visit};
use libfuzzer_sys::fuzz_target;
use patched::Patched;

const BLOCK: usize = 1024;
/// Magic and type of a journal's superblock.
const SUPERBLOCK: [u8; 8] = [0xC0, 0x3B, 0x39, 0x98, 0, 0, 0, 4];

static JOURNAL: LazyLock<usize> = LazyLock::new(|| {
    let mut blocks = VOLUMES[1].chunks(BLOCK);
    blocks.position(|b| b.starts_with(&SUPERBLOCK)).expect("journal") * BLOCK
});

fuzz_target!(|data: &[u8]| {
    let pieces = vec![(*JOURNAL, data.to_vec())];
    visit(Arc::new(Patched { base: &VOLUMES[1], pieces }));
});
