//! XPRESS with Huffman codes: the first two bytes are the length of the output.
#![no_main]

use imgscan_core::fs::ntfs::compress::xpress::Decoder;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some((len, input)) = data.split_first_chunk() {
        let mut out = vec![0; usize::from(u16::from_le_bytes(*len)) + 1];
        let mut decoder = Decoder::default();
        let first = decoder.decompress(input, &mut out);
        let made = out.clone();
        // A decoder that was used before gives the same.
        assert_eq!(decoder.decompress(input, &mut out), first);
        assert!(first.is_err() || made == out);
    }
});
