//! Names and text of a hive.

use std::borrow::Cow;

/// UTF-16, little-endian, as text; up to the first NUL where `to_nul`. What is no valid UTF-16
/// stays visible: an unpaired surrogate as `\u{d800}`, an odd last byte as `\xNN`.
pub(crate) fn utf16(bytes: &[u8], to_nul: bool) -> String {
    use std::fmt::Write as _;
    let (units, odd) = bytes.as_chunks::<2>();
    if odd.is_empty()
        && units
            .iter()
            .all(|[low, high]| *high == 0 && low.is_ascii() && *low != 0)
    {
        let low = units.iter().map(|[low, _]| *low).collect();
        return String::from_utf8(low).unwrap_or_default();
    }
    let units = units.iter().map(|u| u16::from_le_bytes(*u));
    let mut out = String::with_capacity(bytes.len() / 2);
    for unit in char::decode_utf16(units) {
        match unit {
            Ok('\0') if to_nul => return out,
            Ok(c) => out.push(c),
            Err(e) => {
                let _ = write!(out, "\\u{{{:x}}}", e.unpaired_surrogate());
            }
        }
    }
    if let [odd] = odd {
        let _ = write!(out, "\\x{odd:02x}");
    }
    out
}

/// The bytes where they are no valid UTF-16, so that [`utf16`] does not show them as they are.
fn invalid(bytes: &[u8]) -> Option<Box<[u8]>> {
    let (units, odd) = bytes.as_chunks::<2>();
    let units = units.iter().map(|u| u16::from_le_bytes(*u));
    let bad = !odd.is_empty() || char::decode_utf16(units).any(|c| c.is_err());
    bad.then(|| bytes.into())
}

/// A name as text.
#[derive(Clone)]
pub(super) enum Name<'h> {
    /// As it stands in the hive.
    Plain(&'h str),
    /// Decoded from what stands there.
    Made(Box<Decoded>),
}

#[derive(Clone)]
pub(super) struct Decoded {
    text: String,
    /// The bytes where they are no valid UTF-16, so that the text does not show them as they are.
    invalid: Option<Box<[u8]>>,
}

impl<'h> Name<'h> {
    /// The name in `raw`: compressed, as each byte the low byte of a UTF-16 unit, that is Latin-1,
    /// or in UTF-16.
    #[inline(always)]
    pub(super) fn read(raw: Cow<'h, [u8]>, compressed: bool) -> Self {
        if let Cow::Borrowed(raw) = raw
            && compressed
            && let Ok(text) = str::from_utf8(raw)
            && text.is_ascii()
        {
            return Self::Plain(text);
        }
        Self::made(&raw, compressed)
    }

    #[cold]
    fn made(raw: &[u8], compressed: bool) -> Self {
        let text = match compressed {
            true => raw.iter().map(|b| char::from(*b)).collect(),
            false => utf16(raw, false),
        };
        let invalid = (!compressed).then(|| invalid(raw)).flatten();
        Self::Made(Box::new(Decoded { text, invalid }))
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Made(made) => &made.text,
        }
    }

    pub(super) fn invalid(&self) -> Option<&[u8]> {
        match self {
            Self::Plain(_) => None,
            Self::Made(made) => made.invalid.as_deref(),
        }
    }
}

/// A character as the registry compares it: upper case where that is one character. What is not
/// ASCII never becomes ASCII (Windows has no such pair; Unicode has `ſ` and `ı`).
pub(super) fn upper(c: char) -> char {
    let mut all = c.to_uppercase();
    match (all.next(), all.next()) {
        (Some(one), None) if c.is_ascii() || !one.is_ascii() => one,
        _ => c,
    }
}

/// True where the registry takes two names for one.
pub(super) fn same(a: &str, b: &str) -> bool {
    a == b || a.chars().map(upper).eq(b.chars().map(upper))
}

/// The order of two names in lists of subkeys: by their upper-case UTF-16 units.
pub(super) fn order(a: &str, b: &str) -> std::cmp::Ordering {
    if a.is_ascii() && b.is_ascii() {
        let upper = |b: u8| b.to_ascii_uppercase();
        return a.bytes().map(upper).cmp(b.bytes().map(upper));
    }
    let units = |s: &str| {
        let upper: String = s.chars().map(upper).collect();
        upper.encode_utf16().collect::<Vec<u16>>()
    };
    units(a).cmp(&units(b))
}

/// The hash of a name in an `lh` list: over the upper-case UTF-16 units, times 37 each.
pub(super) fn hash(name: &str) -> u32 {
    let mut units = [0; 2];
    name.chars().map(upper).fold(0, |sum: u32, c| {
        c.encode_utf16(&mut units).iter().fold(sum, |sum, unit| {
            sum.wrapping_mul(37).wrapping_add((*unit).into())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_as_windows_does_and_invalid_ones_stay_visible() {
        assert!(same("System", "SYSTEM"));
        assert!(same("größe", "GRÖßE"));
        assert!(!same("ſystem", "System"));
        assert!(!same("straße", "STRASSE"));
        assert_eq!(utf16(&[0x41, 0, 0, 0xd8, 0x42], false), "A\\u{d800}\\x42");
        assert_eq!(utf16(&[0x41, 0, 0, 0, 0x42, 0], true), "A");
        assert_eq!(Name::read(Cow::Borrowed(&[0x41, 0xe9]), true).text(), "Aé");
    }
}
