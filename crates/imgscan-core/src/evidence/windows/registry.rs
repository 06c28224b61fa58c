//! Values and keys of the registry by their full names, as checks ask for them.

use super::{Datum, KeyAt, Windows, place};
use crate::error::{Error, Layer};
use crate::evidence::{Collected, Gap};
use crate::guest::windows::GuestHive;

/// Keys that one look-up visits.
const MAX_KEYS: usize = 65_536;

/// A value that was looked up.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct NamedValue {
    /// Its name; empty for the default value.
    pub name: String,
    /// Its data.
    pub data: Datum,
}

/// The values called `name` (`*` for every one) of the keys that `pattern` names.
pub(super) fn values(windows: &Windows<'_>, pattern: &str, name: &str) -> Collected<NamedValue> {
    let mut out = Collected::default();
    let mut gaps = Vec::new();
    each(windows, pattern, &mut gaps, &mut |key, gaps| {
        let listed = if name == "*" {
            let values = key.key.values();
            gaps.extend(values.damage.iter().map(|e| key.gap(None, e)));
            values.items
        } else {
            match key.key.value(name) {
                Ok(value) => value.into_iter().collect(),
                Err(e) => return gaps.push(key.gap(Some(name), &e)),
            }
        };
        for value in listed {
            let name = value.name().to_owned();
            let at = place(key.hive, &key.path, Some(&name), Some(value.offset()));
            match value.data() {
                Ok(data) => {
                    let data = Datum::of(data);
                    out.push(NamedValue { name, data }, at);
                }
                Err(e) => gaps.push(Gap::new(at, &e)),
            }
        }
    });
    out.gaps = gaps;
    out
}

/// The value `name` of the key `key` of `HKLM\\SYSTEM` or `HKLM\\SOFTWARE`, whose names are matched
/// without regard to case; `None` for a key of another hive.
pub(super) fn value(
    windows: &Windows<'_>,
    key: &str,
    name: &str,
) -> Option<Result<Option<Datum>, Gap>> {
    let read = |(hive, path): (&GuestHive, String)| {
        let Some(key) = KeyAt::open(hive, path.trim_end_matches('\\'))? else {
            return Ok(None);
        };
        let gap = |e| key.gap(Some(name), &e);
        let Some(value) = key.key.value(name).map_err(gap)? else {
            return Ok(None);
        };
        value.data().map(|data| Some(Datum::of(data))).map_err(gap)
    };
    Some(in_hive(windows, key)?.and_then(read))
}

/// The hive of a key of `HKLM\SYSTEM` or `HKLM\SOFTWARE`, and the key's path in it;
/// `CurrentControlSet` is the one of the next boot. `None` for a key of another hive.
fn in_hive<'w>(
    windows: &'w Windows<'_>,
    key: &str,
) -> Option<Result<(&'w GuestHive, String), Gap>> {
    let below = |text: &str, names: &[&str]| {
        let (first, rest) = text.split_once('\\').unwrap_or((text, ""));
        let same = names.iter().any(|name| name.eq_ignore_ascii_case(first));
        same.then(|| rest.to_owned())
    };
    let rest = below(key, &["HKLM", "HKEY_LOCAL_MACHINE"])?;
    if let Some(path) = below(&rest, &["SYSTEM"]) {
        let path = match below(&path, &["CurrentControlSet"]) {
            Some(path) => windows
                .control_set()
                .map(|set| format!(r"{}\{path}", set.name)),
            None => Ok(path),
        };
        return Some(path.and_then(|path| Ok((windows.system()?, path))));
    }
    let path = below(&rest, &["SOFTWARE"])?;
    Some(windows.software().map(|hive| (hive, path)))
}

/// The names of the keys that `pattern` names.
pub(super) fn keys(windows: &Windows<'_>, pattern: &str) -> Collected<String> {
    let mut out = Collected::default();
    let mut gaps = Vec::new();
    each(windows, pattern, &mut gaps, &mut |key, _| {
        out.push(key.key.name().to_owned(), key.location());
    });
    out.gaps = gaps;
    out
}

/// Visits the keys that `pattern` names: `HKLM\SYSTEM\…` (`CurrentControlSet` is the one of the
/// next boot), `HKLM\SOFTWARE\…`, `HKU\*\…` for the hive of each user. A name `*` in it stands
/// for every key at that level.
pub(super) fn each(
    windows: &Windows<'_>,
    pattern: &str,
    gaps: &mut Vec<Gap>,
    visit: &mut dyn FnMut(&KeyAt<'_>, &mut Vec<Gap>),
) {
    if let Some(path) = pattern.strip_prefix(r"HKU\*\") {
        let users = windows.users();
        gaps.extend(users.1.iter().cloned());
        for hive in &users.0 {
            below(hive, path, gaps, visit);
        }
        return;
    }
    let in_software = || windows.software().map(|hive| (hive, pattern.to_owned()));
    let found = in_hive(windows, pattern).unwrap_or_else(in_software);
    match found {
        Ok((hive, path)) => below(hive, &path, gaps, visit),
        Err(gap) => gaps.push(gap),
    }
}

/// Visits the keys of `hive` that `pattern` names from its root.
pub(super) fn below(
    hive: &GuestHive,
    pattern: &str,
    gaps: &mut Vec<Gap>,
    visit: &mut dyn FnMut(&KeyAt<'_>, &mut Vec<Gap>),
) {
    let mut parts = pattern.split(r"\*");
    let first = parts.next().unwrap_or_default();
    let mut keys = match KeyAt::open(hive, first) {
        Ok(key) => Vec::from_iter(key),
        Err(gap) => return gaps.push(gap),
    };
    let mut left = MAX_KEYS;
    for part in parts {
        let part = part.trim_start_matches('\\');
        let mut next = Vec::new();
        for key in keys {
            for child in key.subkeys(gaps) {
                if left == 0 {
                    let limit = say!(error_too_many, most = MAX_KEYS, what = "keys");
                    return gaps.push(key.gap(None, &Error::limit(Layer::Hive, None, limit)));
                }
                left -= 1;
                match child.descend(part) {
                    Ok(found) => next.extend(found),
                    Err(gap) => gaps.push(gap),
                }
            }
        }
        keys = next;
    }
    for key in &keys {
        visit(key, gaps);
    }
}
