//! Names and text of a hive.

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
pub(super) fn invalid(bytes: &[u8]) -> Option<Box<[u8]>> {
    let (units, odd) = bytes.as_chunks::<2>();
    let units = units.iter().map(|u| u16::from_le_bytes(*u));
    let bad = !odd.is_empty() || char::decode_utf16(units).any(|c| c.is_err());
    bad.then(|| bytes.into())
}

/// A compressed name: each byte is the low byte of a UTF-16 unit, that is Latin-1.
pub(super) fn latin1(bytes: &[u8]) -> String {
    match str::from_utf8(bytes) {
        Ok(text) if bytes.is_ascii() => text.to_owned(),
        _ => bytes.iter().map(|b| char::from(*b)).collect(),
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
        assert_eq!(latin1(&[0x41, 0xe9]), "Aé");
    }
}
