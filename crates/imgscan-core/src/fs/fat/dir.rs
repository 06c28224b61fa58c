//! Directory entries: Microsoft's FAT specification 1.03, sections 6 and 7.

use crate::bytes::{le16, le32};
use crate::fs::Timestamp;

/// Length of an entry in bytes.
pub(super) const ENTRY: usize = 32;
/// Attribute bits of an entry.
pub(super) const READ_ONLY: u8 = 0x01;
pub(super) const HIDDEN: u8 = 0x02;
pub(super) const SYSTEM: u8 = 0x04;
pub(super) const VOLUME_ID: u8 = 0x08;
pub(super) const DIRECTORY: u8 = 0x10;
pub(super) const ARCHIVE: u8 = 0x20;
/// The attributes of a piece of a long name.
const LONG_NAME: u8 = 0x0F;

/// An entry with a short name: a file, a directory or the label.
#[derive(Debug, Clone)]
pub(super) struct Short {
    /// Where it stands on the volume, in bytes.
    pub(super) offset: u64,
    pub(super) raw: [u8; ENTRY],
    /// Its long name in UTF-16 units, where a sound one stands before it.
    pub(super) long: Option<Vec<u16>>,
}

impl Short {
    pub(super) fn new(offset: u64, raw: [u8; ENTRY]) -> Self {
        Self {
            offset,
            raw,
            long: None,
        }
    }

    pub(super) fn attributes(&self) -> u8 {
        self.raw[11]
    }

    pub(super) fn is_directory(&self) -> bool {
        self.attributes() & DIRECTORY != 0
    }

    /// First cluster; the upper half counts on FAT32 only.
    pub(super) fn first_cluster(&self, wide: bool) -> u32 {
        let low = u32::from(le16(&self.raw, 26).unwrap_or(0));
        let high = u32::from(le16(&self.raw, 20).unwrap_or(0));
        if wide { high << 16 | low } else { low }
    }

    /// Size in bytes as the entry says.
    pub(super) fn size(&self) -> u64 {
        u64::from(le32(&self.raw, 28).unwrap_or(0))
    }

    /// The long name, or the short one.
    pub(super) fn name(&self) -> Vec<u8> {
        match &self.long {
            Some(units) => wtf8(units),
            None => self.short_name().into_bytes(),
        }
    }

    /// The 8.3 name, in the case that Windows NT's flags (byte 12) give it.
    pub(super) fn short_name(&self) -> String {
        let part = |from: usize, to: usize, lower: bool| {
            let bytes = self.raw.get(from..to).unwrap_or_default();
            let last = bytes.iter().rposition(|b| *b != b' ');
            let used = last.map_or(&[][..], |last| bytes.get(..=last).unwrap_or_default());
            let text: String = used
                .iter()
                .enumerate()
                // The byte E5 marks deleted entries, so a name that begins with it is stored
                // with 05.
                .map(|(i, b)| {
                    cp437(if (from, i) == (0, 0) && *b == 5 {
                        0xE5
                    } else {
                        *b
                    })
                })
                .collect();
            if lower { text.to_lowercase() } else { text }
        };
        let flags = self.raw[12];
        let stem = part(0, 8, flags & 0x08 != 0);
        let extension = part(8, 11, flags & 0x10 != 0);
        if extension.is_empty() {
            stem
        } else {
            format!("{stem}.{extension}")
        }
    }

    pub(super) fn created(&self) -> Option<Timestamp> {
        let mut at = Timestamp::from_dos(le16(&self.raw, 16)?, le16(&self.raw, 14)?)?;
        // Hundredths of a second, up to 1.99 s.
        let hundredths = u32::from(self.raw[13].min(199));
        at.secs = at.secs.saturating_add(i64::from(hundredths / 100));
        at.nanos = (hundredths % 100).saturating_mul(10_000_000);
        Some(at)
    }

    pub(super) fn modified(&self) -> Option<Timestamp> {
        Timestamp::from_dos(le16(&self.raw, 24)?, le16(&self.raw, 22)?)
    }

    pub(super) fn accessed(&self) -> Option<Timestamp> {
        Timestamp::from_dos(le16(&self.raw, 18)?, 0)
    }
}

/// Collects the pieces of long names while a directory is read.
#[derive(Default)]
pub(super) struct LongName {
    units: Vec<u16>,
    /// The number of the next piece, counting down; 0 when all are there.
    expected: u8,
    checksum: u8,
}

impl LongName {
    /// Takes the piece `raw`, if it is one.
    pub(super) fn piece(&mut self, raw: &[u8; ENTRY]) -> bool {
        if raw[11] & 0x3F != LONG_NAME {
            return false;
        }
        let (number, first) = (raw[0] & 0x1F, raw[0] & 0x40 != 0);
        if first && (1..=20).contains(&number) {
            self.units.clear();
            self.checksum = raw[13];
        } else if first || number == 0 || self.expected != number || self.checksum != raw[13] {
            self.drop_pieces();
            return true;
        }
        self.expected = number.saturating_sub(1);
        let at = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];
        let piece: Vec<u16> = at.iter().filter_map(|at| le16(raw, *at)).collect();
        // Pieces stand last first.
        self.units.splice(0..0, piece);
        true
    }

    /// The long name of the short entry `raw`, if the pieces before it belong to it.
    pub(super) fn take(&mut self, raw: &[u8; ENTRY]) -> Option<Vec<u16>> {
        let mut units = std::mem::take(&mut self.units);
        let complete = self.expected == 0 && !units.is_empty();
        self.expected = 0;
        let sum = raw[..11]
            .iter()
            .fold(0_u8, |sum, b| sum.rotate_right(1).wrapping_add(*b));
        if !complete || sum != self.checksum {
            return None;
        }
        if let Some(end) = units.iter().position(|u| *u == 0) {
            units.truncate(end);
        }
        (!units.is_empty() && units.len() <= 255).then_some(units)
    }

    /// Forgets pieces that belong to nothing.
    pub(super) fn drop_pieces(&mut self) {
        self.units.clear();
        self.expected = 0;
    }
}

/// UTF-16 as UTF-8, an unpaired surrogate as its three generalised bytes.
fn wtf8(units: &[u16]) -> Vec<u8> {
    let mut out = Vec::with_capacity(units.len().saturating_mul(3));
    for unit in char::decode_utf16(units.iter().copied()) {
        match unit {
            Ok(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Err(e) => {
                let u = e.unpaired_surrogate();
                // 1110xxxx 10xxxxxx 10xxxxxx
                out.push(0xE0 | (u >> 12) as u8);
                out.push(0x80 | (u >> 6 & 0x3F) as u8);
                out.push(0x80 | (u & 0x3F) as u8);
            }
        }
    }
    out
}

/// Code page 437, which Linux takes for short names.
pub(super) fn cp437(byte: u8) -> char {
    const HIGH: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
    match byte {
        0..=0x7F => char::from(byte),
        _ => HIGH
            .chars()
            .nth(usize::from(byte & 0x7F))
            .unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_page_437_has_128_upper_characters() {
        assert_eq!(cp437(0x80), 'Ç');
        assert_eq!(cp437(0xE1), 'ß');
        assert_eq!(cp437(0xFF), '\u{a0}');
    }

    /// `date -u -d '2024-02-29 12:34:56' +%s` and `date -u -d '1980-01-01' +%s`.
    #[test]
    fn dates_are_those_that_date_prints() {
        let date = ((2024 - 1980) << 9) | (2 << 5) | 29;
        let time = (12 << 11) | (34 << 5) | 28;
        assert_eq!(
            Timestamp::from_dos(date, time).map(|t| t.secs),
            Some(1_709_210_096)
        );
        assert_eq!(
            Timestamp::from_dos((1 << 5) | 1, 0).map(|t| t.secs),
            Some(315_532_800)
        );
        assert_eq!(Timestamp::from_dos(0, 0), None);
        assert_eq!(Timestamp::from_dos((2 << 5) | 30, 0), None, "30 February");
    }
}
