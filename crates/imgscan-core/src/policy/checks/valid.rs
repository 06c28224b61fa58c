//! What parameters have in common that their types can't say.

use std::collections::BTreeSet;

use super::registry::BadParameter;

type Valid = Result<(), BadParameter>;

/// Refuses the list at `path` where an entry is empty or duplicated.
pub(crate) fn entries(path: &str, list: &[impl AsRef<str>]) -> Valid {
    let mut seen = BTreeSet::new();
    for (i, entry) in list.iter().enumerate() {
        let entry = entry.as_ref();
        text(&format!("{path}[{i}]"), entry)?;
        if !seen.insert(entry) {
            return Err(BadParameter::new(
                format!("{path}[{i}]"),
                say!(policy_bad_duplicated, entry = entry.to_string()),
            ));
        }
    }
    Ok(())
}

/// As [`entries`]; the list may not be empty either.
pub(crate) fn some(path: &str, list: &[impl AsRef<str>]) -> Valid {
    at_least_one(path, list)?;
    entries(path, list)
}

/// Refuses an empty list.
pub(crate) fn at_least_one<T>(path: &str, list: &[T]) -> Valid {
    if list.is_empty() {
        return Err(BadParameter::new(path, say!(policy_bad_none)));
    }
    Ok(())
}

/// Refuses an empty text.
pub(crate) fn text(path: &str, text: &str) -> Valid {
    if text.trim().is_empty() {
        return Err(BadParameter::new(path, say!(policy_bad_empty)));
    }
    Ok(())
}

/// Refuses what is no key of the registry below a root that images have.
pub(crate) fn key(path: &str, key: &str) -> Valid {
    let known = [
        r"HKLM\SYSTEM\",
        r"HKLM\SOFTWARE\",
        r"HKLM\SAM\",
        r"HKLM\SECURITY\",
        r"HKU\",
    ];
    if known.iter().any(|root| key.starts_with(root)) && !key.ends_with('\\') {
        return Ok(());
    }
    let problem = say!(policy_bad_key, key = key);
    Err(BadParameter::new(path, problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_and_duplicated_entries_are_refused_with_their_place() {
        assert_eq!(some("a", &["x", "X"]), Ok(()));
        let path = |valid: Valid| valid.unwrap_err().path;
        assert_eq!(path(some("a", &[""; 0])), "a");
        assert_eq!(path(entries("a.b", &["x", " "])), "a.b[1]");
        assert_eq!(path(entries("a", &["x", "y", "x"])), "a[2]");
        assert_eq!(key("k", r"HKLM\SYSTEM\CurrentControlSet"), Ok(()));
        assert_eq!(path(key("k", r"HKLM\SYSTEM")), "k");
    }
}
