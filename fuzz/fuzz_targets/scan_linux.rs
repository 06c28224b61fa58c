//! The demonstration image of a Linux, scanned with changes. The first byte chooses the image: the sound one
//! without the authority that signed its kernel, or the tampered one with it; then follow the changes as `patched`
//! reads them. The checksums of ext4's metadata are switched off, which an attacker would make right again.
#![no_main]

mod changes;
mod patched;
mod scanned;
mod unchecked;

use std::sync::LazyLock;

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use scanned::{Case, Cases, disk};

const AUTHORITY: &[u8] = include_bytes!("../../testdata/demo/linux-ca.der");
/// What vouches for kernel and loader is a signature of the distribution's.
const NEVER: &[&str] = &["LNX-KERNEL-001", "LNX-KERNEL-005"];

static CASES: LazyLock<Cases> = LazyLock::new(|| {
    let image = |packed| {
        let mut disk = disk(packed);
        unchecked::unchecked(&mut disk);
        disk
    };
    Cases([
        Case::unsigned(image(include_bytes!("../../testdata/demo/clean-linux.qcow2")), AUTHORITY, NEVER),
        Case::faulty(image(include_bytes!("../../testdata/demo/tampered-linux.qcow2")), AUTHORITY, 7),
    ])
});

fuzz_target!(|data: &[u8]| CASES.visit(data));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    CASES.mutate(data, size, max_size, seed)
});
