//! An ext volume. The first byte chooses a sound volume of testdata/ext; then follow changes:
//! which of its blocks that hold anything (16 bits), the byte in the block (16 bits), a length
//! (8 bits, low five used) and the new bytes. With a first byte of 0xFF the rest is the volume.
#![no_main]

mod ext_volume;

use std::sync::{Arc, LazyLock};

use ext_volume::{Patched, VOLUMES, visit};
use imgscan_core::source::MemorySource;
use libfuzzer_sys::fuzz_target;

const BLOCK: usize = 1024;

/// The blocks of each volume that are not zeros throughout.
static USED: LazyLock<Vec<Vec<usize>>> = LazyLock::new(|| {
    let used = |v: &Vec<u8>| {
        let blocks = v.chunks(BLOCK).enumerate();
        blocks.filter(|(_, b)| b.iter().any(|b| *b != 0)).map(|(i, _)| i).collect()
    };
    VOLUMES.iter().map(used).collect()
});

fuzz_target!(|data: &[u8]| {
    let Some((choice, mut rest)) = data.split_first() else { return };
    if *choice == 0xFF {
        return visit(Arc::new(MemorySource(rest.to_vec())));
    }
    let number = usize::from(*choice) % VOLUMES.len();
    let mut pieces = Vec::new();
    while let Some((&[a, b, c, d, len], tail)) = rest.split_first_chunk() {
        let block = USED[number][usize::from(u16::from_le_bytes([a, b])) % USED[number].len()];
        let at = block * BLOCK + usize::from(u16::from_le_bytes([c, d])) % BLOCK;
        let len = usize::from(len % 32).min(tail.len()).min(VOLUMES[number].len() - at);
        pieces.push((at, tail[..len].to_vec()));
        rest = &tail[len..];
    }
    visit(Arc::new(Patched { base: &VOLUMES[number], pieces }));
});
