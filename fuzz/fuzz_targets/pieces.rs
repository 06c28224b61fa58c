//! An input of three pieces: `u32 length of the first, u32 length of the second` (both little-endian), the two,
//! and the third as the rest.

use std::ops::Range;

/// Where the three stand in `data`; `None` where its head does not fit.
pub fn pieces(data: &[u8]) -> Option<[Range<usize>; 3]> {
    let (head, _) = data.split_at_checked(8)?;
    let first = 8 + u32::from_le_bytes(head[..4].try_into().ok()?) as usize;
    let second = first + u32::from_le_bytes(head[4..].try_into().ok()?) as usize;
    (second <= data.len()).then_some([8..first, first..second, second..data.len()])
}
