//! What the local group policy of the machine will set: the values of its `Registry.pol` that the registry has
//! not got yet. The client of group policies writes them at the next refresh, at the latest at the next start.
//!
//! Microsoft, \[MS-GPREG\] ("Registry Policy Message Syntax").

use super::{Datum, NamedValue, Windows};
use crate::bytes::hex;
use crate::evidence::{Found, Location};

/// Longer files of values are not read, in bytes.
pub(super) const MAX_POLICY: u64 = 4 << 20;
/// Values that are read of one file.
const MAX_VALUES: usize = 16_384;
/// Keys that hold nothing but what policies set, in lower case: what Windows does by them is judged by
/// the checks that read it.
const OF_POLICIES: [&str; 2] = [
    r"software\policies\",
    r"software\microsoft\windows\currentversion\policies\",
];

/// A value that a policy sets.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PolicyValue {
    /// The key below `HKLM` or that of the user.
    pub(super) key: String,
    pub(super) name: String,
    /// As text: a number in decimal digits, the texts of a list parted by blanks.
    pub(super) text: String,
    /// The texts of a list, or the one text.
    pub(super) texts: Vec<String>,
    /// As the registry would have it.
    pub(super) data: Datum,
}

impl PolicyValue {
    /// True where that is what it sets.
    pub(super) fn is(&self, data: &Datum) -> bool {
        data.to_string().eq_ignore_ascii_case(&self.text)
    }

    /// True where the registry of the machine already has it under `name`: the checks judge it there.
    pub(super) fn is_in_registry(&self, windows: &Windows<'_>, name: &str) -> bool {
        let now = windows.value(&format!(r"HKLM\{}", self.key), name);
        matches!(now, Some(Ok(Some(data))) if self.is(&data))
    }
}

/// The values of a `Registry.pol`, and whether all of it was understood.
pub(super) fn values(bytes: &[u8]) -> (Vec<PolicyValue>, bool) {
    let mut out = Vec::new();
    let Some(mut rest) = bytes.strip_prefix(b"PReg\x01\0\0\0") else {
        return (out, bytes.is_empty());
    };
    while !rest.is_empty() {
        match value(rest) {
            Some((value, behind)) if out.len() < MAX_VALUES => {
                out.push(value);
                rest = behind;
            }
            _ => return (out, false),
        }
    }
    (out, true)
}

/// `[key;name;type;size;data]`, in UTF-16LE but for the numbers and the data.
fn value(bytes: &[u8]) -> Option<(PolicyValue, &[u8])> {
    let rest = bytes.strip_prefix(b"[\0")?;
    let (key, rest) = text(rest)?;
    let (name, rest) = text(rest.strip_prefix(b";\0")?)?;
    let (kind, rest) = number(rest.strip_prefix(b";\0")?)?;
    let (size, rest) = number(rest.strip_prefix(b";\0")?)?;
    let rest = rest.strip_prefix(b";\0")?;
    let (data, rest) = rest.split_at_checked(usize::try_from(size).ok()?)?;
    let rest = rest.strip_prefix(b"]\0")?;
    let texts: Vec<String> = match kind {
        4 => vec![number(data)?.0.to_string()],
        1 | 2 | 7 => {
            let whole = utf16(data);
            let parts = whole.split('\0').filter(|t| !t.is_empty());
            parts.map(str::to_owned).collect()
        }
        _ if data.len() > 100 => vec![format!("{}…", hex(&data[..100]))],
        _ => vec![hex(data)],
    };
    let text = texts.join(" ");
    let data = match kind {
        4 => Datum::Number(number(data)?.0.into()),
        7 => Datum::List(texts.clone()),
        _ => Datum::Text(text.clone()),
    };
    Some((
        PolicyValue {
            key,
            name,
            text,
            texts,
            data,
        },
        rest,
    ))
}

fn utf16(bytes: &[u8]) -> String {
    let units = bytes
        .chunks_exact(2)
        .map(|p| u16::from_le_bytes([p[0], p[1]]));
    char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// A text that a NUL ends.
fn text(bytes: &[u8]) -> Option<(String, &[u8])> {
    let end = bytes
        .chunks_exact(2)
        .position(|p| p == [0, 0])?
        .checked_mul(2)?;
    let (text, rest) = bytes.split_at_checked(end)?;
    Some((utf16(text), rest.get(2..)?))
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_le_bytes(*number), rest))
}

/// True where `key` is one that `pattern` names.
pub(super) fn is_at(pattern: &str, key: &str) -> bool {
    let mut parts = key.split('\\');
    let same = pattern.split('\\').all(|name| {
        parts
            .next()
            .is_some_and(|part| name == "*" || name.eq_ignore_ascii_case(part))
    });
    same && parts.next().is_none()
}

/// True for a key that holds nothing but what policies set.
pub(super) fn is_of_policies(key: &str) -> bool {
    let key = format!(r"{}\", key.to_lowercase());
    OF_POLICIES.iter().any(|policies| key.starts_with(policies))
}

/// The upcoming values of the machine. A file that can't be read is a gap of what runs by itself.
pub(super) fn upcoming(windows: &Windows<'_>) -> Vec<Found<NamedValue>> {
    let root = windows.roots().windows;
    let path = format!(r"{root}\System32\GroupPolicy\Machine\Registry.pol");
    let read = windows
        .guest
        .paths
        .read_if_there(path.as_bytes(), MAX_POLICY);
    let Ok(Some(file)) = read else {
        return Vec::new();
    };
    let at = Location::of_file(&file);
    let mut out = Vec::new();
    for value in values(&file.bytes).0 {
        let name = value.name.trim_start_matches("**soft.");
        // `**del.` and its like take values away.
        let sets = is_of_policies(&value.key) && !name.starts_with("**");
        if !sets || value.is_in_registry(windows, name) {
            continue;
        }
        let at = Location {
            key: Some(format!(r"HKLM\{}", value.key)),
            value: Some(name.to_owned()),
            ..at.clone()
        };
        let name = name.to_owned();
        let data = value.data;
        out.push(Found {
            fact: NamedValue { name, data },
            at,
        });
    }
    out
}

/// The part of `key` that `pattern` names: the whole of it, or a key above it.
fn above(pattern: &str, key: &str) -> Option<String> {
    let names = pattern.split('\\').count();
    let part: Vec<&str> = key.split('\\').take(names).collect();
    let part = part.join(r"\");
    is_at(pattern, &part).then_some(part)
}

impl Windows<'_> {
    /// The values called `name` (`*` for every one) that the local group policy will set in the keys of the
    /// machine that `pattern` names, as [`Windows::values`] takes it, and that the registry has not got.
    #[must_use]
    pub fn upcoming_values(&self, pattern: &str, name: &str) -> Vec<Found<NamedValue>> {
        let all = self.upcoming_policies().iter();
        let fits = |value: &&Found<NamedValue>| {
            let key = value.at.key.as_deref().unwrap_or_default();
            (name == "*" || name.eq_ignore_ascii_case(&value.fact.name)) && is_at(pattern, key)
        };
        all.filter(fits).cloned().collect()
    }

    /// The keys of such values, and of those below, that `pattern` names.
    #[must_use]
    pub fn upcoming_keys(&self, pattern: &str) -> Vec<Found<String>> {
        let mut out: Vec<Found<String>> = Vec::new();
        for value in self.upcoming_policies() {
            let key = value.at.key.as_deref().unwrap_or_default();
            let Some(key) = above(pattern, key) else {
                continue;
            };
            let known = |found: &Found<String>| {
                let known = found.at.key.as_deref();
                known.is_some_and(|known| known.eq_ignore_ascii_case(&key))
            };
            if out.iter().any(known) {
                continue;
            }
            let at = Location {
                key: Some(key.clone()),
                value: None,
                ..value.at.clone()
            };
            let fact = key.rsplit('\\').next().unwrap_or_default().to_owned();
            out.push(Found { fact, at });
        }
        out
    }

    fn upcoming_policies(&self) -> &[Found<NamedValue>] {
        self.upcoming_policies.get_or_init(|| upcoming(self))
    }
}

/// An entry of a `Registry.pol`, as \[MS-GPREG\] lays it out.
#[cfg(test)]
pub(crate) fn entry(key: &str, name: &str, kind: u32, data: &[u8]) -> Vec<u8> {
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let mut out = wide(&format!("[{key}\0;{name}\0;"));
    out.extend(kind.to_le_bytes());
    out.extend(wide(";"));
    out.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
    out.extend(wide(";"));
    out.extend(data);
    out.extend(wide("]"));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_policy_are_read_and_what_is_cut_is_told() {
        let mut bytes = b"PReg\x01\0\0\0".to_vec();
        bytes.extend(entry(r"Software\A", "n", 4, &7_u32.to_le_bytes()));
        bytes.extend(entry(r"Software\B", "t", 1, b"x\0;\0]\0\0\0"));
        let (found, is_whole) = values(&bytes);
        assert!(is_whole);
        let shown: Vec<_> = found
            .iter()
            .map(|v| (&*v.key, &*v.name, &*v.text))
            .collect();
        assert_eq!(
            shown,
            [(r"Software\A", "n", "7"), (r"Software\B", "t", "x;]")]
        );
        let (found, is_whole) = values(&bytes[..bytes.len() - 3]);
        assert_eq!((found.len(), is_whole), (1, false));
        assert_eq!(values(b"PReg\x02\0\0\0"), (Vec::new(), false));
    }

    #[test]
    fn keys_above_a_value_are_named_by_patterns() {
        let key = r"HKLM\Software\Policies\Microsoft\Windows\SrpV2\Exe\{1}";
        let above = |pattern: &str| above(pattern, key);
        let exe = r"HKLM\Software\Policies\Microsoft\Windows\SrpV2\Exe";
        assert_eq!(
            above(r"HKLM\SOFTWARE\Policies\Microsoft\Windows\SrpV2\*").as_deref(),
            Some(exe)
        );
        assert_eq!(
            above(r"HKLM\SOFTWARE\Policies\Microsoft\Windows\SrpV2\*\*").as_deref(),
            Some(key)
        );
        assert_eq!(above(r"HKLM\SOFTWARE\Policies\Google\*"), None);
    }
}
