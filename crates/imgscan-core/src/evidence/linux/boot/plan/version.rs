//! The order of versions that boot loaders use: rpmvercmp, with `~` before and `^` behind
//! everything, as UAPI.10 and rpm define it.

use std::cmp::Ordering;

/// Compares two versions as boot loaders order them.
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        a = skip(a);
        b = skip(b);
        match (a.first(), b.first()) {
            (Some(b'~'), Some(b'~')) | (Some(b'^'), Some(b'^')) => {
                a = &a[1..];
                b = &b[1..];
                continue;
            }
            (Some(b'~'), _) => return Ordering::Less,
            (_, Some(b'~')) => return Ordering::Greater,
            (Some(b'^'), None) => return Ordering::Greater,
            (None, Some(b'^')) => return Ordering::Less,
            (Some(b'^'), _) => return Ordering::Less,
            (_, Some(b'^')) => return Ordering::Greater,
            (None, None) => return Ordering::Equal,
            (None, _) => return Ordering::Less,
            (_, None) => return Ordering::Greater,
            _ => {}
        }
        let digits = a[0].is_ascii_digit();
        if digits != b[0].is_ascii_digit() {
            // A number is newer than letters.
            return if digits {
                Ordering::Greater
            } else {
                Ordering::Less
            };
        }
        let (x, rest_a) = run(a, digits);
        let (y, rest_b) = run(b, digits);
        let order = if digits {
            let (x, y) = (trim_zeros(x), trim_zeros(y));
            x.len().cmp(&y.len()).then(x.cmp(y))
        } else {
            x.cmp(y)
        };
        if order != Ordering::Equal {
            return order;
        }
        a = rest_a;
        b = rest_b;
    }
}

/// Compares two names of entry files as `blscfg` does: name, version and release by themselves,
/// parted at the last two hyphens (rule 3.6f).
pub(super) fn packages(a: &str, b: &str) -> Ordering {
    let parts = |id: &'_ str| -> [String; 3] {
        let (rest, release) = id.rsplit_once('-').unwrap_or((id, ""));
        let (name, version) = rest.rsplit_once('-').unwrap_or((rest, ""));
        [name.into(), version.into(), release.into()]
    };
    let (a, b) = (parts(a), parts(b));
    let mut both = a.iter().zip(&b).map(|(a, b)| compare(a, b));
    both.find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
}

/// Compares two file names as `blsuki` does, by gnulib's `filevercmp`: runs of digits count as
/// numbers, `~` comes before everything, letters before other characters (rule 3.6f).
pub(super) fn file_names(a: &str, b: &str) -> Ordering {
    let (x, y) = (without_endings(a), without_endings(b));
    natural(x, y).then_with(|| natural(a, b))
}

/// The name without what looks like endings: `(\.[A-Za-z~][A-Za-z0-9~]*)*$`.
fn without_endings(name: &str) -> &str {
    let mut rest = name;
    while let Some((front, ending)) = rest.rsplit_once('.') {
        let mut chars = ending.chars();
        let first = chars
            .next()
            .is_some_and(|c| c.is_ascii_alphabetic() || c == '~');
        if front.is_empty() || !first || !chars.all(|c| c.is_ascii_alphanumeric() || c == '~') {
            break;
        }
        rest = front;
    }
    rest
}

fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    let order = |c: Option<&u8>| match c {
        None => 0,
        Some(c) if c.is_ascii_digit() => 0,
        Some(c) if c.is_ascii_alphabetic() => i32::from(*c),
        Some(b'~') => -1,
        Some(c) => i32::from(*c) + 256,
    };
    while !a.is_empty() || !b.is_empty() {
        let digit = |s: &[u8]| s.first().is_some_and(u8::is_ascii_digit);
        while !a.is_empty() && !digit(a) || !b.is_empty() && !digit(b) {
            let (x, y) = (order(a.first()), order(b.first()));
            if x != y {
                return x.cmp(&y);
            }
            a = a.get(1..).unwrap_or_default();
            b = b.get(1..).unwrap_or_default();
        }
        let ((x, rest_a), (y, rest_b)) = (run(a, true), run(b, true));
        let (x, y) = (trim_zeros(x), trim_zeros(y));
        let found = x.len().cmp(&y.len()).then(x.cmp(y));
        if found.is_ne() {
            return found;
        }
        (a, b) = (rest_a, rest_b);
    }
    Ordering::Equal
}

/// Compares two versions as systemd-boot does (UAPI.10, `strverscmp_improved`): what is no letter,
/// digit or one of `~-^.` is left out; then `~` comes before the end, the end before `-`, `-`
/// before `^`, `^` before `.`, and numbers before letters.
pub(super) fn uapi(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    let valid = |c: &u8| c.is_ascii_alphanumeric() || b"~-^.".contains(c);
    let skip = |s: &'_ [u8]| s.iter().position(valid).unwrap_or(s.len());
    loop {
        a = &a[skip(a)..];
        b = &b[skip(b)..];
        for mark in [Some(b'~'), None, Some(b'-'), Some(b'^'), Some(b'.')] {
            let at = |s: &[u8]| match mark {
                Some(mark) => s.first() == Some(&mark),
                None => s.is_empty(),
            };
            match (at(a), at(b), mark) {
                (true, true, None) => return Ordering::Equal,
                (true, true, Some(_)) => {
                    (a, b) = (&a[1..], &b[1..]);
                    break;
                }
                (true, false, _) => return Ordering::Less,
                (false, true, _) => return Ordering::Greater,
                (false, false, _) => {}
            }
        }
        let digits = |s: &[u8]| s.first().is_some_and(u8::is_ascii_digit);
        if digits(a) || digits(b) {
            let ((x, rest_a), (y, rest_b)) = (run(a, true), run(b, true));
            // Where only one begins with a number, that one is newer.
            let order = x.is_empty().cmp(&y.is_empty()).reverse();
            let (x, y) = (trim_zeros(x), trim_zeros(y));
            let order = order.then(x.len().cmp(&y.len())).then(x.cmp(y));
            if order.is_ne() {
                return order;
            }
            (a, b) = (rest_a, rest_b);
        } else {
            let ((x, rest_a), (y, rest_b)) = (run(a, false), run(b, false));
            // Capital letters come before small ones; a longer run is newer.
            let order = x.cmp(y);
            if order.is_ne() {
                return order;
            }
            (a, b) = (rest_a, rest_b);
        }
    }
}

fn skip(s: &[u8]) -> &[u8] {
    let at = s
        .iter()
        .position(|c| c.is_ascii_alphanumeric() || *c == b'~' || *c == b'^');
    &s[at.unwrap_or(s.len())..]
}

fn run(s: &[u8], digits: bool) -> (&[u8], &[u8]) {
    let same = |c: &u8| {
        if digits {
            c.is_ascii_digit()
        } else {
            c.is_ascii_alphabetic()
        }
    };
    let end = s.iter().position(|c| !same(c)).unwrap_or(s.len());
    s.split_at(end)
}

fn trim_zeros(s: &[u8]) -> &[u8] {
    let at = s.iter().position(|c| *c != b'0').unwrap_or(s.len());
    &s[at..]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of UAPI.10, "Examples".
    #[test]
    fn versions_are_ordered_as_the_specification_says() {
        for (a, b, want) in [
            ("11", "11", Ordering::Equal),
            ("systemd-123", "systemd-123", Ordering::Equal),
            ("bar-123", "foo-123", Ordering::Less),
            ("123a", "123", Ordering::Greater),
            ("123.a", "123", Ordering::Greater),
            ("123.a", "123.b", Ordering::Less),
            ("123a", "123.a", Ordering::Greater),
            ("11\u{3b1}", "11\u{3b2}", Ordering::Equal),
            ("A", "a", Ordering::Less),
            ("", "0", Ordering::Less),
            ("0.", "0", Ordering::Greater),
            ("0.0", "0", Ordering::Greater),
            ("0", "~", Ordering::Greater),
            ("", "~", Ordering::Greater),
            ("_1", "1", Ordering::Equal),
            ("1.", "1", Ordering::Greater),
        ] {
            assert_eq!(uapi(a, b), want, "{a} {b}");
        }
    }

    /// Pairs of gnulib's test-filevercmp.c.
    #[test]
    fn file_names_are_ordered_as_gnulib_orders_them() {
        for (a, b) in [
            ("a", "b"),
            ("gcc-c++-10.fc9", "gcc-c++-10.8.12-0.7rc2.fc9"),
            ("foo-0.1~rc1", "foo-0.1"),
            ("8.9", "8.10"),
            ("A", "a"),
        ] {
            assert_eq!(file_names(a, b), Ordering::Less, "{a} {b}");
        }
    }

    #[test]
    fn entry_files_are_ordered_by_name_version_and_release() {
        assert!(packages("m-6.1.0-9", "m-6.1.0-10").is_lt());
        assert!(packages("m-6.1.0-9", "m-6.2.0-1").is_lt());
        // A shorter name part comes first, whatever the version.
        assert!(packages("a-9-9", "b-1-1").is_lt());
        assert!(packages("a-01", "a-1").is_eq());
    }

    #[test]
    fn versions_are_ordered_as_rpm_orders_them() {
        // From rpm's own documentation of rpmvercmp.
        for (a, b, want) in [
            ("1.0", "1.0", Ordering::Equal),
            ("1.0", "2.0", Ordering::Less),
            ("2.0.1", "2.0.1a", Ordering::Less),
            ("5.5p10", "5.5p2", Ordering::Greater),
            ("10xyz", "10.1xyz", Ordering::Less),
            ("1.0~rc1", "1.0", Ordering::Less),
            ("1.0^", "1.0", Ordering::Greater),
            ("1.05", "1.5", Ordering::Equal),
            ("6.1.0-50", "6.1.0-9", Ordering::Greater),
            ("a", "1", Ordering::Less),
        ] {
            assert_eq!(compare(a, b), want, "{a} {b}");
        }
    }
}
