//! A security catalog: the digests that it lists, and its signature.
#![no_main]

use std::collections::HashSet;

use imgscan_core::trust::catalog::{Catalog, may_hold};
use imgscan_core::trust::{Bundle, Role};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let wanted = HashSet::from([vec![0; 20], vec![0; 32]]);
    let _ = may_hold(data, &wanted);
    if let Ok(catalog) = Catalog::parse(data) {
        let _ = catalog.members_among(&[&[0; 20], &[0; 32]]);
        let _ = catalog.verify(Bundle::built_in(), &[Role::WindowsRoot]);
    }
});
