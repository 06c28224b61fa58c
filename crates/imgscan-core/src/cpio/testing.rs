//! Writes archives for tests.

use super::TRAILER;

/// A newc archive of members `(name, mode, body)`, ended by its trailer.
pub(crate) fn newc(members: &[(&str, u32, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (i, (name, mode, data)) in members.iter().enumerate() {
        member(&mut out, name.as_bytes(), *mode, i as u32 + 1, 1, data);
    }
    member(&mut out, TRAILER, 0, 0, 1, b"");
    out
}

/// Appends one member.
pub(crate) fn member(
    out: &mut Vec<u8>,
    name: &[u8],
    mode: u32,
    inode: u32,
    links: u32,
    data: &[u8],
) {
    let len = name.len() as u32 + 1;
    let size = data.len() as u32;
    let fields = [inode, mode, 0, 0, links, 0, size, 0, 0, 0, 0, len, 0];
    out.extend(b"070701");
    for field in fields {
        out.extend(format!("{field:08X}").bytes());
    }
    out.extend(name);
    out.push(0);
    out.resize(out.len().next_multiple_of(4), 0);
    out.extend(data);
    out.resize(out.len().next_multiple_of(4), 0);
}
