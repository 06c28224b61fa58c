//! GRUB's configuration: the input is grub.cfg, and behind a zero byte its environment block.
#![no_main]

use std::sync::Arc;

use imgscan_core::evidence::Evidence;
use imgscan_core::fs::FileSystem as _;
use imgscan_core::fs::memory::MemoryFs;
use imgscan_core::guest::linux::mounts::MountPlan;
use imgscan_core::guest::{Family, Guest, Os, PathSpace};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let end = data.iter().position(|b| *b == 0).unwrap_or(data.len());
    let environment = data.get(end + 1..).unwrap_or_default();
    let fs = MemoryFs::default()
        .file("/boot/grub/grub.cfg", 0o600, data[..end].to_vec())
        .file("/boot/grub/grubenv", 0o644, environment.to_vec())
        .file("/boot/loader/entries/a.conf", 0o644, environment.to_vec())
        .file("/boot/vmlinuz-1", 0o644, b"x".to_vec());
    let root = fs.root();
    let guest = Guest {
        family: Family::Linux,
        os: Os::default(),
        root_volume: "p1".into(),
        paths: PathSpace::from_fs("p1", Arc::new(fs), root),
        mounts: MountPlan::default(),
        problems: Vec::new(),
        disk: None,
    };
    let evidence = Evidence::new(&guest);
    let boot = evidence.linux.boot();
    let _ = boot.default_entry();
    let _ = boot.boots_by_default("/boot/vmlinuz-1");
    let _ = evidence.linux.command_lines();
});
