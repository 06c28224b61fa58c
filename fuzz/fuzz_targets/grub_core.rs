//! GRUB's core. The input is the length of the decompressor (two bytes, little-endian), and what
//! follows the core's first sector; it is also taken as that sector and as an unpacked core.
#![no_main]

use imgscan_core::trust::grub;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = grub::lists(data);
    let _ = grub::loaded(data);
    let all = |plain: &[u8]| {
        if let Ok((kernel, objects)) = grub::objects(plain) {
            assert!(kernel <= plain.len());
            assert!(objects.iter().all(|(_, range)| range.end <= plain.len()));
        }
    };
    all(data);
    if let Some((length, core)) = data.split_first_chunk() {
        let length = usize::from(u16::from_le_bytes(*length));
        let _ = grub::codes_agree(core, length);
        if let Ok(plain) = grub::unpack(core, length) {
            all(&plain);
        }
    }
});
