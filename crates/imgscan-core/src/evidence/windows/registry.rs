//! Values and keys of the registry by their full names, as checks ask for them.

use super::opened::no_hive;
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

/// The value `name` of the key `key` of a hive of the machine ([`in_hive`]), whose names are matched
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

/// The hive of a key of `HKLM\SYSTEM`, `HKLM\SOFTWARE`, `HKLM\SAM` or `HKLM\SECURITY`, and the key's
/// path in it; `CurrentControlSet` is the one of the next boot. `None` for a key of another hive.
fn in_hive<'w>(
    windows: &'w Windows<'_>,
    key: &str,
) -> Option<Result<(&'w GuestHive, String), Gap>> {
    let rest = behind(key, &["HKLM", "HKEY_LOCAL_MACHINE"])?;
    if let Some(path) = behind(rest, &["SYSTEM"]) {
        let path = match behind(path, &["CurrentControlSet"]) {
            Some(path) => windows
                .control_set()
                .map(|set| format!(r"{}\{path}", set.name)),
            None => Ok(path.to_owned()),
        };
        return Some(path.and_then(|path| Ok((windows.system()?, path))));
    }
    let (path, hive) = if let Some(path) = behind(rest, &["SOFTWARE"]) {
        (path, windows.software())
    } else if let Some(path) = behind(rest, &["SAM"]) {
        (path, windows.sam())
    } else {
        (behind(rest, &["SECURITY"])?, windows.security())
    };
    Some(hive.map(|hive| (hive, path.to_owned())))
}

/// What stands behind the first name of the path `text`, where that is one of `names`.
fn behind<'t>(text: &'t str, names: &[&str]) -> Option<&'t str> {
    let (first, rest) = text.split_once('\\').unwrap_or((text, ""));
    let same = names.iter().any(|name| name.eq_ignore_ascii_case(first));
    same.then_some(rest)
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

/// Visits the keys that `pattern` names, of a hive of the machine ([`in_hive`]), `HKU\*\…` of the
/// hive of each user, or `HKU\<name>\…` of that of one. A name `*` in it stands for every key at
/// that level. A hive that is not there is a gap.
pub(super) fn each(
    windows: &Windows<'_>,
    pattern: &str,
    gaps: &mut Vec<Gap>,
    visit: &mut dyn FnMut(&KeyAt<'_>, &mut Vec<Gap>),
) {
    if let Some(rest) = behind(pattern, &["HKU", "HKEY_USERS"]) {
        let (name, path) = rest.split_once('\\').unwrap_or((rest, ""));
        if name != "*" {
            match windows.loaded(&format!(r"HKU\{name}")) {
                Ok(hive) => below(&hive, path, gaps, visit),
                Err(gap) => gaps.push(gap),
            }
            return;
        }
        let users = windows.users();
        gaps.extend(users.1.iter().cloned());
        for hive in &users.0 {
            below(hive, path, gaps, visit);
        }
        return;
    }
    match in_hive(windows, pattern).unwrap_or_else(|| Err(no_hive(pattern))) {
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

impl Windows<'_> {
    /// The values called `name` (`*` for every one) of the keys that `pattern` names:
    /// `HKLM\SYSTEM\CurrentControlSet\…` (the control set of the next boot), `HKLM\SOFTWARE\…`,
    /// `HKLM\SAM\…`, `HKLM\SECURITY\…`, `HKU\*\…` (every user), `HKU\S-1-5-18\…` (one). A name `*`
    /// in it stands for every key there. A hive that is not there is a gap.
    #[must_use]
    pub fn values(&self, pattern: &str, name: &str) -> Collected<NamedValue> {
        values(self, pattern, name)
    }

    /// The value `name` of the key `key` of `HKLM\SYSTEM`, `HKLM\SOFTWARE`, `HKLM\SAM` or
    /// `HKLM\SECURITY`, whose names are matched without regard to case; `None` for a key of another
    /// hive.
    ///
    /// # Errors
    /// Where the hive can't be read.
    #[must_use]
    pub fn value(&self, key: &str, name: &str) -> Option<Result<Option<Datum>, Gap>> {
        value(self, key, name)
    }

    /// The names of the keys that `pattern` names, as [`Windows::values`] takes it.
    #[must_use]
    pub fn keys(&self, pattern: &str) -> Collected<String> {
        keys(self, pattern)
    }
}
