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
