//! Decoders of the compressions that NTFS files use: LZNT1 in compressed attributes, XPRESS with
//! Huffman codes and LZX (the variant of WIM files) behind the Windows Overlay Filter.

mod bits;
mod huffman;
pub mod lznt1;
pub mod lzx;
pub mod xpress;

/// Compressed bytes that contradict their format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Malformed {}

/// Copies `len` bytes within `out` from `offset` bytes before `at` to `at`; the ranges may
/// overlap, and then the copied bytes repeat.
///
/// # Errors
/// If the match begins before the output or ends behind it.
#[inline]
fn copy_match(out: &mut [u8], at: usize, offset: usize, len: usize) -> Result<(), Malformed> {
    if offset == 0 || offset > at {
        return Err(Malformed("a match begins before the output"));
    }
    let left = out.len() - at;
    if len > left {
        return Err(Malformed("a match ends behind the output"));
    }
    // Eight bytes at a time may write up to seven bytes more than asked for: they are still free.
    if offset >= 8 && len + 8 <= left {
        let mut done = 0;
        while done < len {
            let from = at - offset + done;
            let mut word = [0; 8];
            word.copy_from_slice(&out[from..from + 8]);
            out[at + done..at + done + 8].copy_from_slice(&word);
            done += 8;
        }
        return Ok(());
    }
    if offset == 1 {
        let byte = out[at - 1];
        out[at..at + len].fill(byte);
        return Ok(());
    }
    if offset >= len {
        out.copy_within(at - offset..at - offset + len, at);
    } else {
        for i in at..at + len {
            out[i] = out[i - offset];
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_repeat_and_never_leave_the_output() {
        let mut out = *b"abc.......";
        copy_match(&mut out, 3, 3, 7).unwrap();
        assert_eq!(&out, b"abcabcabca");
        assert!(copy_match(&mut out, 3, 4, 1).is_err());
        assert!(copy_match(&mut out, 3, 0, 1).is_err());
        assert!(copy_match(&mut out, 3, 1, 8).is_err());
    }
}
