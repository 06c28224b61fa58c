//! LZNT1: the first two bytes are the length of the output.
#![no_main]

use imgscan_core::fs::ntfs::compress::lznt1;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some((len, input)) = data.split_first_chunk() {
        let mut out = vec![0; usize::from(u16::from_le_bytes(*len)) + 1];
        let _ = lznt1::decompress(input, &mut out);
    }
});
