//! Names: UTF-16 on the disk, WTF-8 for callers, and how the volume compares them.

use std::cmp::Ordering;

use crate::source::{ReadAt, read_vec};

/// UTF-16LE as WTF-8: UTF-8, where an unpaired surrogate becomes its three generalised bytes.
pub(super) fn to_wtf8(utf16: &[u8]) -> Vec<u8> {
    // Nearly every name is ASCII.
    let pairs = utf16.as_chunks::<2>().0;
    if pairs.iter().all(|[low, high]| *high == 0 && *low < 0x80) {
        return pairs.iter().map(|[low, _]| *low).collect();
    }
    let mut out = Vec::with_capacity(utf16.len());
    let mut buf = [0; 4];
    for c in char::decode_utf16(units(utf16)) {
        match c {
            Ok(c) => out.extend_from_slice(c.encode_utf8(&mut buf).as_bytes()),
            Err(e) => {
                let unit = e.unpaired_surrogate();
                out.push(0xE0 | (unit >> 12) as u8);
                out.push(0x80 | (unit >> 6 & 0x3F) as u8);
                out.push(0x80 | (unit & 0x3F) as u8);
            }
        }
    }
    out
}

/// The UTF-16 units of little-endian bytes.
pub(super) fn units(utf16: &[u8]) -> impl Iterator<Item = u16> + '_ {
    let pairs = utf16.as_chunks::<2>().0;
    pairs.iter().map(|unit| u16::from_le_bytes(*unit))
}

/// WTF-8 as UTF-16 units; `None` where the bytes are neither UTF-8 nor generalised surrogates,
/// so that no name on NTFS can equal them.
pub(super) fn from_wtf8(mut name: &[u8]) -> Option<Vec<u16>> {
    let mut out = Vec::with_capacity(name.len());
    loop {
        let (valid, rest) = match std::str::from_utf8(name) {
            Ok(text) => (text, &[][..]),
            Err(e) => {
                let (valid, rest) = name.split_at(e.valid_up_to());
                (std::str::from_utf8(valid).ok()?, rest)
            }
        };
        out.extend(valid.encode_utf16());
        if rest.is_empty() {
            return Some(out);
        }
        match rest {
            [0xED, b @ 0xA0..=0xBF, c @ 0x80..=0xBF, tail @ ..] => {
                out.push(0xD000 | u16::from(b & 0x3F) << 6 | u16::from(c & 0x3F));
                name = tail;
            }
            _ => return None,
        }
    }
}

/// The volume's table of capital letters, one for each UTF-16 unit.
pub(super) struct UpCase(Vec<u16>);

impl UpCase {
    /// Reads `$UpCase`: 65,536 little-endian units.
    pub(super) fn read(data: &dyn ReadAt) -> crate::Result<Self> {
        let bytes = read_vec(data, 0, 65536 * 2)?;
        Ok(Self(units(&bytes).collect()))
    }

    /// A table by Unicode's simple mapping, for volumes whose own can't be read.
    pub(super) fn simple() -> Self {
        let upper = |unit: u16| {
            let mut mapped = char::from_u32(u32::from(unit))?.to_uppercase();
            let first = mapped.next()?;
            let single = mapped.next().is_none();
            single
                .then(|| u16::try_from(u32::from(first)).ok())
                .flatten()
        };
        Self((0..=u16::MAX).map(|u| upper(u).unwrap_or(u)).collect())
    }

    fn upper(&self, unit: u16) -> u16 {
        self.0.get(usize::from(unit)).copied().unwrap_or(unit)
    }

    /// Compares as a directory index is sorted, without regard to case: by capital letters, unit
    /// by unit.
    pub(super) fn compare(
        &self,
        a: impl Iterator<Item = u16>,
        b: impl Iterator<Item = u16>,
    ) -> Ordering {
        a.map(|u| self.upper(u)).cmp(b.map(|u| self.upper(u)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn le(units: &[u16]) -> Vec<u8> {
        units.iter().flat_map(|u| u.to_le_bytes()).collect()
    }

    #[test]
    fn names_survive_both_ways_unpaired_surrogates_included() {
        for name in ["plain.txt", "名前😀", ""] {
            let utf16: Vec<u16> = name.encode_utf16().collect();
            assert_eq!(to_wtf8(&le(&utf16)), name.as_bytes());
            assert_eq!(from_wtf8(name.as_bytes()), Some(utf16));
        }
        // The Unicode value of an unpaired surrogate in WTF-8: Sapin, "The WTF-8 encoding".
        let lone = [0x61, 0xD800, 0x62, 0xDC00];
        assert_eq!(to_wtf8(&le(&lone)), b"a\xed\xa0\x80b\xed\xb0\x80");
        assert_eq!(
            from_wtf8(b"a\xed\xa0\x80b\xed\xb0\x80"),
            Some(lone.to_vec())
        );
        assert_eq!(from_wtf8(b"\xff"), None);
        assert_eq!(from_wtf8(b"\xed\xa0"), None);
    }

    #[test]
    fn comparison_ignores_case() {
        let table = UpCase::simple();
        let compare = |b: &str| table.compare("Straße.TXT".encode_utf16(), b.encode_utf16());
        assert_eq!(compare("STRAßE.txt"), Ordering::Equal);
        assert_eq!(compare("STRAßE.txu"), Ordering::Less);
        assert_eq!(compare("STRAßE"), Ordering::Greater);
    }
}
