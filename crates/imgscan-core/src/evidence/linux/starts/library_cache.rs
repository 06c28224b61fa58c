//! `/etc/ld.so.cache` of glibc (`glibc-ld.so.cache1.1`): which file is loaded for the name of a library. Numbers are
//! in the byte order of the machine, which is little endian on every system that is read. Source: sysdeps/generic/dl-cache.h
//! of glibc 2.36.

use crate::bytes::le32;

/// The format before 2.2, which may stand in front.
const OLD: &[u8] = b"ld.so-1.7.0";
const NEW: &[u8] = b"glibc-ld.so.cache1.1";
/// Bytes of the heads, and of one entry of each format.
const OLD_HEAD: usize = 16;
const OLD_ENTRY: usize = 12;
const HEAD: usize = 48;
const ENTRY: usize = 24;
/// Entries that are read.
const MAX_ENTRIES: usize = 65_536;

/// The entries: name of the library and the file; `None` where it is no such index.
pub(super) fn entries(bytes: &[u8]) -> Option<Vec<(String, String)>> {
    let start = match bytes.starts_with(OLD) {
        true => {
            let count = le32(bytes, 12)? as usize;
            let end = count.checked_mul(OLD_ENTRY)?.checked_add(OLD_HEAD)?;
            end.checked_next_multiple_of(8)?
        }
        false => 0,
    };
    let cache = bytes.get(start..)?;
    if !cache.starts_with(NEW) {
        return None;
    }
    let count = le32(cache, NEW.len())? as usize;
    if count > MAX_ENTRIES {
        return None;
    }
    let text = |at: u32| {
        let rest = cache.get(at as usize..)?;
        let end = rest.iter().take(4096).position(|b| *b == 0)?;
        Some(crate::text::lossless(&rest[..end]))
    };
    let mut all = Vec::new();
    for entry in 0..count {
        let at = HEAD + entry * ENTRY;
        all.push((text(le32(cache, at + 4)?)?, text(le32(cache, at + 8)?)?));
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::entries;

    /// Built by the layout of dl-cache.h.
    fn cache(entries: &[(&str, &str)]) -> Vec<u8> {
        let mut b = b"glibc-ld.so.cache1.1".to_vec();
        b.extend((entries.len() as u32).to_le_bytes());
        b.resize(48, 0);
        let mut strings = Vec::new();
        let base = 48 + 24 * entries.len();
        for (name, path) in entries {
            b.extend(1u32.to_le_bytes());
            for text in [name, path] {
                b.extend(((base + strings.len()) as u32).to_le_bytes());
                strings.extend(text.bytes());
                strings.push(0);
            }
            b.extend([0; 12]);
        }
        b.extend(strings);
        b
    }

    #[test]
    fn entries_are_read() {
        let whole = cache(&[("libc.so.6", "/lib/libc.so.6"), ("a", "/srv/b")]);
        let wanted = [("libc.so.6", "/lib/libc.so.6"), ("a", "/srv/b")];
        let wanted: Vec<_> = wanted.map(|(a, b)| (a.to_owned(), b.to_owned())).into();
        assert_eq!(entries(&whole), Some(wanted.clone()));
        let mut old = b"ld.so-1.7.0\0".to_vec();
        old.extend(1u32.to_le_bytes());
        old.resize(32, 0);
        old.extend(&whole);
        assert_eq!(entries(&old), Some(wanted));
        assert_eq!(entries(b"other"), None);
        assert_eq!(entries(&whole[..60]), None);
        let mut many = whole;
        many[20..24].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(entries(&many), None);
    }
}
