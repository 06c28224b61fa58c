//! A kernel image: header, checksum, packed kernel, and what is read in that. Without a header the
//! input is also taken as the unpacked kernel, and as a stream of each packing.
#![no_main]

use imgscan_core::trust::vmlinux::{self, Vmlinux};
use imgscan_core::trust::{bzimage, unpack};
use libfuzzer_sys::fuzz_target;

/// Small, so that what unpacks to much does not fill the memory.
const LIMIT: usize = 4 * 1024 * 1024;

fn look(kernel: &[u8]) {
    let _ = vmlinux::banner(kernel);
    let _ = vmlinux::config(kernel);
    let _ = bzimage::certificates(kernel);
    if let Some(elf) = Vmlinux::parse(kernel) {
        let _ = (elf.build_id(), elf.section(".BTF"));
        let _ = elf.at_address(0xffff_ffff_8200_0000);
    }
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
