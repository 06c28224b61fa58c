//! Descriptors as text, in the security descriptor definition language: \[MS-DTYP\] 2.5.1.

use super::{Descriptor, Effect, Entry};
use crate::text::Text;

/// Letters of a text that is read.
const MAX_TEXT: usize = 64 * 1024;
/// Rights by two letters.
const RIGHTS: [(&str, u32); 32] = [
    ("GA", 0x1000_0000),
    ("GX", 0x2000_0000),
    ("GW", 0x4000_0000),
    ("GR", 0x8000_0000),
    ("RC", 0x2_0000),
    ("SD", 0x1_0000),
    ("WD", 0x4_0000),
    ("WO", 0x8_0000),
    ("CC", 0x1),
    ("DC", 0x2),
    ("LC", 0x4),
    ("SW", 0x8),
    ("RP", 0x10),
    ("WP", 0x20),
    ("DT", 0x40),
    ("LO", 0x80),
    ("CR", 0x100),
    ("FA", 0x1F_01FF),
    ("FR", 0x12_0089),
    ("FW", 0x12_0116),
    ("FX", 0x12_00A0),
    ("KA", 0xF_003F),
    ("KR", 0x2_0019),
    ("KW", 0x2_0006),
    ("KX", 0x2_0019),
    ("NR", 0x2),
    ("NW", 0x1),
    ("NX", 0x4),
    ("AS", 0x100_0000),
    ("MA", 0x200_0000),
    ("VR", 0x10),
    ("VW", 0x20),
];
/// Flags of entries by two letters.
const FLAGS: [(&str, u8); 9] = [
    ("OI", 1),
    ("CI", 2),
    ("NP", 4),
    ("IO", 8),
    ("ID", 0x10),
    ("SA", 0x40),
    ("FA", 0x80),
    ("TP", 0x40),
    ("CR", 0x20),
];
/// Identities by two letters. Those of a domain stand with the end of their number.
const NAMES: [(&str, &str); 55] = [
    ("AN", "S-1-5-7"),
    ("AO", "S-1-5-32-548"),
    ("AU", "S-1-5-11"),
    ("BA", "S-1-5-32-544"),
    ("BG", "S-1-5-32-546"),
    ("BO", "S-1-5-32-551"),
    ("BU", "S-1-5-32-545"),
    ("CD", "S-1-5-32-574"),
    ("CG", "S-1-3-1"),
    ("CO", "S-1-3-0"),
    ("CY", "S-1-5-32-569"),
    ("ED", "S-1-5-9"),
    ("ER", "S-1-5-32-573"),
    ("ES", "S-1-5-32-576"),
    ("HA", "S-1-5-32-578"),
    ("HI", "S-1-16-12288"),
    ("IS", "S-1-5-32-568"),
    ("IU", "S-1-5-4"),
    ("LS", "S-1-5-19"),
    ("LU", "S-1-5-32-559"),
    ("LW", "S-1-16-4096"),
    ("ME", "S-1-16-8192"),
    ("MP", "S-1-16-8448"),
    ("MS", "S-1-5-32-577"),
    ("MU", "S-1-5-32-558"),
    ("NO", "S-1-5-32-556"),
    ("NS", "S-1-5-20"),
    ("NU", "S-1-5-2"),
    ("OW", "S-1-3-4"),
    ("PO", "S-1-5-32-550"),
    ("PS", "S-1-5-10"),
    ("PU", "S-1-5-32-547"),
    ("RA", "S-1-5-32-575"),
    ("RC", "S-1-5-12"),
    ("RD", "S-1-5-32-555"),
    ("RE", "S-1-5-32-552"),
    ("RM", "S-1-5-32-580"),
    ("RU", "S-1-5-32-554"),
    ("SI", "S-1-16-16384"),
    ("SO", "S-1-5-32-549"),
    ("SS", "S-1-18-2"),
    ("AS", "S-1-18-1"),
    ("SU", "S-1-5-6"),
    ("SY", "S-1-5-18"),
    ("UD", "S-1-5-84-0-0-0-0-0"),
    ("WD", "S-1-1-0"),
    ("WR", "S-1-5-33"),
    ("AC", "S-1-15-2-1"),
    ("AA", "S-1-5-32-579"),
    ("LA", "S-1-5-21-*-500"),
    ("LG", "S-1-5-21-*-501"),
    ("DA", "S-1-5-21-*-512"),
    ("DU", "S-1-5-21-*-513"),
    ("DG", "S-1-5-21-*-514"),
    ("EA", "S-1-5-21-*-519"),
];

impl Descriptor {
    /// Reads a descriptor from its text. Its list of what is logged is not read.
    ///
    /// # Errors
    /// If a part of it is not understood.
    pub fn parse_text(text: &str) -> Result<Self, Text> {
        read(text.trim()).ok_or_else(|| say!(error_descriptor_text))
    }
}

fn read(text: &str) -> Option<Descriptor> {
    if text.len() > MAX_TEXT || !text.is_ascii() {
        return None;
    }
    let mut out = Descriptor {
        owner: None,
        group: None,
        list: None,
    };
    let mut rest = text;
    while !rest.is_empty() {
        let (part, behind) = (rest.get(..2)?, rest.get(2..)?);
        rest = match part {
            "O:" => {
                let (sid, rest) = identity(behind)?;
                out.owner = Some(sid);
                rest
            }
            "G:" => {
                let (sid, rest) = identity(behind)?;
                out.group = Some(sid);
                rest
            }
            "D:" => {
                let (list, rest) = list(behind)?;
                out.list = list;
                rest
            }
            // What is logged.
            "S:" => return Some(out),
            _ => return None,
        };
    }
    Some(out)
}

/// An identity at the beginning of `text`, and what stands behind it.
fn identity(text: &str) -> Option<(String, &str)> {
    if text.get(..2)?.eq_ignore_ascii_case("S-") {
        let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        let (sid, rest) = text.split_at(end.unwrap_or(text.len()));
        // The name of the next part begins behind it.
        let (sid, rest) = match rest.starts_with(':') {
            true => text.split_at(sid.len().checked_sub(1)?),
            false => (sid, rest),
        };
        return Some((sid.to_ascii_uppercase().replace("0X", "0x"), rest));
    }
    let (name, rest) = (text.get(..2)?, text.get(2..)?);
    let found = NAMES.iter().find(|(n, _)| n.eq_ignore_ascii_case(name))?;
    Some((found.1.to_owned(), rest))
}

/// The flags of a list and its entries, and what stands behind them.
fn list(text: &str) -> Option<(Option<Vec<Entry>>, &str)> {
    const NOTHING: &str = "NO_ACCESS_CONTROL";
    let end = text.find(['(', ':']).unwrap_or(text.len());
    let mut flags = text.get(..end)?;
    let mut rest = text.get(end..)?;
    if rest.starts_with(':') {
        // The letter before it names the next part.
        let at = end.checked_sub(1)?;
        (flags, rest) = (text.get(..at)?, text.get(at..)?);
    }
    if flags.eq_ignore_ascii_case(NOTHING) {
        return Some((None, rest));
    }
    let left = flags.replace("AI", "").replace("AR", "").replace('P', "");
    if !left.is_empty() {
        return None;
    }
    let mut out = Vec::new();
    while let Some(inside) = rest.strip_prefix('(') {
        let (entry, behind) = closed(inside)?;
        out.extend(self::entry(entry)?);
        rest = behind;
    }
    Some((Some(out), rest))
}

/// What stands before the bracket that closes, and behind it; brackets of conditions are counted.
fn closed(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    for (at, sign) in text.char_indices() {
        match sign {
            '(' => depth = depth.checked_add(1)?,
            ')' if depth == 0 => return Some((text.get(..at)?, text.get(at.checked_add(1)?..)?)),
            ')' => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    None
}

/// One entry; `None` inside for one that gives and takes no rights.
fn entry(text: &str) -> Option<Option<Entry>> {
    let parts: Vec<&str> = text.splitn(7, ';').collect();
    let [kind, flags, rights, object, _, who, condition @ ..] = parts.as_slice() else {
        return None;
    };
    let kind = kind.trim().to_ascii_uppercase();
    let effect = match kind.as_str() {
        "A" | "OA" | "XA" | "ZA" => Effect::Allows,
        "D" | "OD" | "XD" => Effect::Denies,
        "AU" | "AL" | "OU" | "OL" | "ML" | "XU" | "RA" | "SP" | "TL" | "FL" => return Some(None),
        _ => return None,
    };
    let (sid, behind) = identity(who.trim())?;
    if !behind.is_empty() {
        return None;
    }
    Some(Some(Entry {
        effect,
        flags: letters(flags.trim(), &FLAGS)?,
        mask: mask(rights.trim())?,
        sid,
        is_limited: !object.trim().is_empty() || !condition.is_empty() || kind.starts_with('X'),
    }))
}

fn mask(text: &str) -> Option<u32> {
    let lower = text.to_ascii_lowercase();
    if let Some(digits) = lower.strip_prefix("0x") {
        return u32::from_str_radix(digits, 16).ok();
    }
    if text.starts_with('0') && text.len() > 1 {
        return u32::from_str_radix(text, 8).ok();
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return text.parse().ok();
    }
    letters(text, &RIGHTS)
}

/// The bits that pairs of letters stand for, all together.
fn letters<T: Copy + Default + std::ops::BitOr<Output = T>>(
    text: &str,
    table: &[(&str, T)],
) -> Option<T> {
    let mut out = T::default();
    let mut rest = text;
    while !rest.is_empty() {
        let (pair, behind) = (rest.get(..2)?, rest.get(2..)?);
        let found = table.iter().find(|(n, _)| n.eq_ignore_ascii_case(pair))?;
        out = out | found.1;
        rest = behind;
    }
    Some(out)
}
