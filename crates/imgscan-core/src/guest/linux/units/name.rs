//! Unit names of paths: systemd.unit(5), "String escaping for inclusion in unit names".

/// The longest unit name that is not hashed: `UNIT_NAME_MAX` of systemd, with its end mark.
const MAX_NAME: usize = 255;

/// The name of the unit of kind `kind` for the absolute `path` (`/usr/local`, `mount` →
/// `usr-local.mount`); `None` where it is so long that systemd hashes it.
#[must_use]
pub(crate) fn of_path(path: &[u8], kind: &str) -> Option<String> {
    let parts: Vec<&[u8]> = path
        .split(|b| *b == b'/')
        .filter(|p| !p.is_empty() && *p != b".")
        .collect();
    let mut name = String::new();
    if parts.is_empty() {
        name.push('-');
    }
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            name.push('-');
        }
        for (at, byte) in part.iter().enumerate() {
            let plain = byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'.');
            if plain && !(i == 0 && at == 0 && *byte == b'.') {
                name.push(char::from(*byte));
            } else {
                name.push_str(&format!("\\x{byte:02x}"));
            }
        }
    }
    name.push('.');
    name.push_str(kind);
    (name.len() <= MAX_NAME).then_some(name)
}

/// The path that a unit name stands for (`usr-local.mount` → `/usr/local`); `None` for a name that
/// is no escaped path.
#[must_use]
pub(crate) fn to_path(name: &str) -> Option<Vec<u8>> {
    let (stem, _) = name.rsplit_once('.')?;
    if stem == "-" {
        return Some(b"/".to_vec());
    }
    let mut path = vec![b'/'];
    let mut rest = stem.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        match first {
            b'-' => path.push(b'/'),
            b'\\' => {
                let (digits, behind) = tail.strip_prefix(b"x")?.split_first_chunk::<2>()?;
                let digits = std::str::from_utf8(digits).ok()?;
                path.push(u8::from_str_radix(digits, 16).ok()?);
                rest = behind;
            }
            byte => path.push(*byte),
        }
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names as `systemd-escape --path --suffix=mount` (252) prints them.
    #[test]
    fn names_are_those_of_systemd_escape() {
        for (path, name) in [
            ("/", "-.mount"),
            ("/usr/local", "usr-local.mount"),
            ("//usr//local/", "usr-local.mount"),
            ("/usr/local-x", "usr-local\\x2dx.mount"),
            ("/.hidden/.x", "\\x2ehidden-.x.mount"),
            ("/a b,c", "a\\x20b\\x2cc.mount"),
        ] {
            assert_eq!(of_path(path.as_bytes(), "mount").as_deref(), Some(name));
        }
        assert_eq!(
            to_path("usr-local\\x2dx.mount"),
            Some(b"/usr/local-x".to_vec())
        );
        assert_eq!(to_path("-.mount"), Some(b"/".to_vec()));
        assert_eq!(to_path("a\\xzz.mount"), None);
        assert_eq!(of_path(&[b'a'; 300], "mount"), None);
    }
}
