//! A kernel module with a signature appended.
#![no_main]

use imgscan_core::trust::Bundle;
use imgscan_core::trust::module::{Proof, split, sums, verify, verify_with};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let keys: Vec<_> = Bundle::built_in()
        .anchors()
        .iter()
        .take(4)
        .map(|a| (*a.certificate).clone())
        .collect();
    if let Ok(Some(module)) = split(data) {
        assert!(module.content.len() < data.len());
    }
    let plain = verify(data, &keys);
    // A digest that is known beforehand changes nothing.
    let known = verify_with(data, &keys, Some(&sums(data)));
    assert_eq!(plain.is_ok(), known.is_ok());
    if let (Ok(a), Ok(b)) = (plain, known) {
        assert_eq!(a, b);
        assert!(!matches!(a, Proof::Good(_)), "nobody has the pinned keys");
    }
});
