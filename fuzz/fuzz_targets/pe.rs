//! A PE image: its headers, its signatures, and what a shim in it carries.
#![no_main]

use imgscan_core::source::MemorySource;
use imgscan_core::trust::pe::Pe;
use imgscan_core::trust::{Bundle, Role, authenticode, pkcs7, sbat, shim};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = pkcs7::parse(data, 0);
    let file = MemorySource(data.to_vec());
    let Ok(pe) = Pe::parse(&file) else { return };
    let roles = [Role::UefiDb, Role::DistroSecureBoot, Role::DistroSigner];
    let _ = authenticode(&pe, &file, Bundle::built_in(), &roles);
    let _ = shim::vendor(&pe, &file);
    let _ = sbat::components(&pe, &file);
});
