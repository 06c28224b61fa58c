//! A kernel image: header, checksum, packed kernel, and what is read in that. Without a header the
//! input is also taken as the unpacked kernel, and as a stream of each packing.
#![no_main]

use imgscan_core::trust::vmlinux::{Inside, Passing};
use imgscan_core::trust::{bzimage, unpack};
use libfuzzer_sys::fuzz_target;

/// Small, so that what unpacks to much does not fill the memory.
const LIMIT: usize = 4 * 1024 * 1024;

/// An address as System.map has it.
const ADDRESS: Option<u64> = Some(0xffff_ffff_8200_0000);

fn look(kernel: &[u8]) {
    let mut passing = Passing::new(ADDRESS);
    for piece in kernel.chunks(1000) {
        passing.take(piece);
    }
    let (passed, whole) = (passing.finish(), Inside::of(kernel, ADDRESS));
    assert_eq!(passed.banner, whole.banner);
    assert_eq!(passed.build_id, whole.build_id);
}

fuzz_target!(|data: &[u8]| {
    look(data);
    if let Some(how) = unpack::packing(data)
        && let Ok(out) = unpack::unpack(how, data, LIMIT, 0)
    {
        assert!(out.len() <= LIMIT);
        look(&out);
    }
    if let Ok(setup) = bzimage::setup(data) {
        let _ = bzimage::crc(data, &setup, &[(0x40, 4)]);
    }
    if let Ok(payload) = bzimage::payload(data)
        && let Ok(out) = unpack::unpack(payload.packing, payload.packed, LIMIT, 0)
    {
        look(&out);
    }
});
