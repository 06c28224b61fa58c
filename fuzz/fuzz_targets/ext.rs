//! An ext volume. The first byte chooses a sound volume of testdata/ext, as it is or without checksums of its
//! metadata; then follow changes as `patched` reads them. With a first byte of 0xFF the rest is the volume.
#![no_main]

mod changes;
mod ext_volume;
mod patched;
mod unchecked;

use std::sync::{Arc, LazyLock};

use changes::{Ground, mutate};
use ext_volume::{VOLUMES, visit};
use imgscan_core::source::MemorySource;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

const WHOLE: u8 = 0xFF;

/// The volumes with their used blocks: as they are, and then without checksums.
static GROUNDS: LazyLock<Vec<(Vec<u8>, Vec<usize>)>> = LazyLock::new(|| {
    let without = VOLUMES.iter().map(|volume| {
        let mut volume = volume.clone();
        unchecked::unchecked(&mut volume);
        volume
    });
    let with_used = |volume: Vec<u8>| {
        let used = patched::used(&volume);
        (volume, used)
    };
    VOLUMES.iter().cloned().chain(without).map(with_used).collect()
});

fn ground(choice: u8) -> &'static (Vec<u8>, Vec<usize>) {
    &GROUNDS[usize::from(choice) % GROUNDS.len()]
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, rest)) = data.split_first() else { return };
    if *choice == WHOLE {
        return visit(Arc::new(MemorySource(rest.to_vec())));
    }
    let (volume, used) = ground(*choice);
    visit(patched::patched(volume, used, rest));
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let choice = data[..size].first().copied().unwrap_or_default();
    if choice == WHOLE {
        return fuzzer_mutate(data, size, max_size);
    }
    let (volume, used) = ground(choice);
    mutate(&Ground { volume, used, head: 1 }, data, size, max_size, seed)
});
