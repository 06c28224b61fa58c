//! An ext volume. The first byte chooses a sound volume of testdata/ext; then follow changes as
//! `patched` reads them. With a first byte of 0xFF the rest is the volume.
#![no_main]

mod ext_volume;
mod patched;

use std::sync::{Arc, LazyLock};

use ext_volume::{VOLUMES, visit};
use imgscan_core::source::MemorySource;
use libfuzzer_sys::fuzz_target;

static USED: LazyLock<Vec<Vec<usize>>> =
    LazyLock::new(|| VOLUMES.iter().map(|v| patched::used(v)).collect());

fuzz_target!(|data: &[u8]| {
    let Some((choice, rest)) = data.split_first() else { return };
    if *choice == 0xFF {
        return visit(Arc::new(MemorySource(rest.to_vec())));
    }
    let number = usize::from(*choice) % VOLUMES.len();
    visit(patched::patched(&VOLUMES[number], &USED[number], rest));
});
