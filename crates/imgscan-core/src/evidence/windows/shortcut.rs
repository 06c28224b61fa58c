//! Shell links (`.lnk`): the path that one leads to.
//!
//! Microsoft, "[MS-SHLLINK] Shell Link Binary File Format". Integers are little-endian.

use crate::bytes::{le16, le32};

const HAS_ID_LIST: u32 = 1;
const HAS_LINK_INFO: u32 = 2;

/// True where the file begins as a shell link does: the length of its header and its class.
pub(super) fn is_shortcut(bytes: &[u8]) -> bool {
    le32(bytes, 0) == Some(0x4C) && le32(bytes, 4) == Some(0x0002_1401)
}

/// The local path in the `LinkInfo` of the shell link `bytes`; `None` where they are none, or
/// where it has none. Bytes of a code page stand as `\xNN` where they are not UTF-8.
pub(super) fn target(bytes: &[u8]) -> Option<String> {
    if !is_shortcut(bytes) {
        return None;
    }
    let flags = le32(bytes, 20)?;
    let mut at = 0x4C;
    if flags & HAS_ID_LIST != 0 {
        at += 2 + usize::from(le16(bytes, at)?);
    }
    if flags & HAS_LINK_INFO == 0 {
        return None;
    }
    let size = le32(bytes, at)? as usize;
    let info = bytes.get(at..at.checked_add(size)?)?;
    // A header of 0x24 bytes or more also has the path in UTF-16.
    if le32(info, 4)? >= 0x24
        && let wide @ 1.. = le32(info, 28)? as usize
    {
        let units: Vec<u16> = info
            .get(wide..)?
            .as_chunks::<2>()
            .0
            .iter()
            .map(|u| u16::from_le_bytes(*u))
            .take_while(|u| *u != 0)
            .collect();
        return Some(String::from_utf16_lossy(&units));
    }
    let start = le32(info, 16)? as usize;
    let path = info.get(start..).filter(|_| start > 0)?;
    let end = path.iter().position(|b| *b == 0)?;
    Some(crate::text::lossless(&path[..end]))
}
