//! A store of boot configuration data: its objects with what they inherit, its default and its entries.
#![no_main]

use std::sync::Arc;

use imgscan_core::evidence::windows::{BootStore, Firmware};
use imgscan_core::fs::FileSystem as _;
use imgscan_core::fs::memory::MemoryFs;
use imgscan_core::guest::PathSpace;
use imgscan_core::guest::windows::GuestHive;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let fs = MemoryFs::new(true).file("/Boot/BCD", 0o644, data);
    let root = fs.root();
    let paths = PathSpace::from_fs("p1", Arc::new(fs), root);
    let Ok(hive) = GuestHive::open(&paths, "Boot/BCD", "BCD") else {
        return;
    };
    let store = BootStore::read(&hive, Firmware::Bios);
    let mut gaps = Vec::new();
    for object in &store.objects {
        let _ = store.effective(object, &mut gaps);
    }
    let _ = (store.default_id(), store.entries());
});
