//! The demonstration image of a Windows, scanned with changes. The first byte chooses the image: the sound one
//! without the authority that signed its programs, or one with several faults, with it; then follow the changes as
//! `patched` reads them.
#![no_main]

mod changes;
mod patched;
mod scanned;

use std::sync::LazyLock;

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use scanned::{Case, Cases, disk, replace};

const IMAGE: &[u8] = include_bytes!("../../testdata/demo/windows.qcow2");
const AUTHORITY: &[u8] = include_bytes!("../../testdata/demo/windows-ca.der");
/// What vouches for the kernel is a signature of Microsoft's.
const NEVER: &[&str] = &["WIN-KERNEL-002", "WIN-KERNEL-008"];

static CASES: LazyLock<Cases> = LazyLock::new(|| {
    let mut faulty = disk(IMAGE);
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    // The code of all programs is another than that which was signed.
    replace(&mut faulty, b"\x31\xc0\xc3\0\0\0", b"\x31\xc9\xc3\0\0\0");
    // The first start adds an account.
    replace(&mut faulty, b"sc config cloudbase-init start= auto", b"net user support P4ssw0r! /add & rem");
    // The system was not generalized, and an agent's service starts another program.
    replace(&mut faulty, &wide("IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"), &wide("IMAGE_STATE_SPECIALIZE_RESEAL_TO_OOBE"));
    replace(&mut faulty, &wide(r"C:\WinAgent\WinAgent.exe"), &wide(r"C:\WinAgent\WinAgenx.exe"));
    Cases([
        Case::unsigned(disk(IMAGE), AUTHORITY, NEVER),
        Case::faulty(faulty, AUTHORITY, 5),
    ])
});

fuzz_target!(|data: &[u8]| CASES.visit(data));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    CASES.mutate(data, size, max_size, seed)
});
