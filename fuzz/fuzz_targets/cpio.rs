//! An initramfs: archives of cpio one after another, plain or packed.
#![no_main]


use imgscan_core::cpio::{Limits, read};
use imgscan_core::source::MemorySource;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let limits = Limits {
        bytes: 16 << 20,
        members: 4096,
    };
    let mut members = 0;
    let contents = read(&MemorySource(data.to_vec()), limits, &mut |member, body| {
        members += 1;
        let mut first = [0; 100];
        // Every second body is left to be passed over.
        if members % 2 == 0 {
            let n = body.read(&mut first).unwrap_or(0);
            assert!(n as u64 <= u64::from(member.size));
        }
        Ok(())
    });
    assert!(members <= limits.members);
    let offsets: Vec<u64> = contents.segments.iter().map(|s| s.offset).collect();
    assert!(offsets.is_sorted());
});
