//! The regular files of a tar archive, read once from front to back.
//!
//! Source: POSIX.1-1988 ustar header, 512 bytes, numbers in octal text; GNU tar manual, "Basic Tar
//! Format" (base-256 numbers, long names); POSIX.1-2001 pax records (`LENGTH KEY=VALUE\n`).

use std::io::Read;

use crate::error::{Error, Layer, Result};

/// The longest long name or pax header, in bytes.
const MAX_NAME: u64 = 1024 * 1024;

/// Hands each regular file (name, size in bytes, contents) to `take`. What `take` leaves of the
/// contents is passed over.
///
/// # Errors
/// Where the archive is cut, a header's checksum is wrong, or `take` ends it.
pub(super) fn files(
    mut from: impl Read,
    mut take: impl FnMut(&str, u64, &mut dyn Read) -> Result<()>,
) -> Result<()> {
    let mut at = 0u64;
    let (mut long, mut pax_size) = (None::<String>, None::<u64>);
    loop {
        let mut header = [0u8; 512];
        if !fill(&mut from, &mut header, at)? || header.iter().all(|b| *b == 0) {
            return Ok(());
        }
        let here = at;
        let bad = |what: crate::text::Text| Error::corrupt(Layer::Packages, here, what);
        let sum = number(&header[148..156])
            .ok_or_else(|| bad(say!(error_tar_number, what = "checksum")))?;
        // The checksum's own field counts as blanks.
        let summed = [&header[..148], &[b' '; 8], &header[156..]];
        let real: u64 = summed.into_iter().flatten().map(|b| u64::from(*b)).sum();
        if sum != real {
            return Err(bad(say!(error_tar_checksum)));
        }
        let stated =
            number(&header[124..136]).ok_or_else(|| bad(say!(error_tar_number, what = "size")))?;
        let kind = header[156];
        let size = match kind {
            b'0' | 0 => pax_size.take().unwrap_or(stated),
            _ => stated,
        };
        at = at.saturating_add(512);
        let padded = size
            .checked_next_multiple_of(512)
            .ok_or_else(|| bad(say!(error_tar_number, what = "size")))?;
        let mut body = (&mut from).take(size);
        match kind {
            b'L' | b'x' => {
                if size > MAX_NAME {
                    return Err(bad(say!(error_tar_name, most = MAX_NAME)));
                }
                let mut text = Vec::new();
                body.read_to_end(&mut text).map_err(|e| cut(at, &e))?;
                if kind == b'L' {
                    long = Some(crate::text::lossless(until_nul(&text)));
                } else {
                    pax(&text, &mut long, &mut pax_size)
                        .ok_or_else(|| bad(say!(error_tar_number, what = "size")))?;
                }
            }
            b'0' | 0 => {
                let name = long.take().unwrap_or_else(|| plain_name(&header));
                take(&name, size, &mut body)?;
            }
            b'g' | b'K' => {}
            _ => {
                long = None;
                pax_size = None;
            }
        }
        let left = body.limit();
        let rest = left.saturating_add(padded.saturating_sub(size));
        let passed = std::io::copy(&mut (&mut from).take(rest), &mut std::io::sink());
        if passed.map_err(|e| cut(at, &e))? < rest {
            return Err(Error::corrupt(
                Layer::Packages,
                at,
                say!(error_package_cut, what = "tar"),
            ));
        }
        at = at.saturating_add(padded);
    }
}

fn cut(at: u64, why: &std::io::Error) -> Error {
    Error::corrupt(
        Layer::Packages,
        at,
        say!(
            error_package_read,
            format = "tar",
            why = Error::of_reader(why)
        ),
    )
}

/// Fills `buffer`; false at the end of the archive.
fn fill(from: &mut impl Read, buffer: &mut [u8], at: u64) -> Result<bool> {
    let mut have = 0_usize;
    while let Some(rest) = buffer.get_mut(have..).filter(|rest| !rest.is_empty()) {
        match from.read(rest) {
            Ok(0) if have == 0 => return Ok(false),
            Ok(0) => {
                return Err(Error::corrupt(
                    Layer::Packages,
                    at,
                    say!(error_package_cut, what = "header"),
                ));
            }
            Ok(n) => have = have.saturating_add(n),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(cut(at, &e)),
        }
    }
    Ok(true)
}

/// Octal text, or base 256 where the first bit is set.
fn number(field: &[u8]) -> Option<u64> {
    let (first, rest) = field.split_first()?;
    if first & 0x80 != 0 {
        let first = u64::from(first & 0x7F);
        return rest
            .iter()
            .try_fold(first, |n, b| n.checked_mul(256)?.checked_add(u64::from(*b)));
    }
    let text = std::str::from_utf8(field).ok()?;
    let text = text.trim_matches([' ', '\0']);
    u64::from_str_radix(text, 8).ok()
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|b| *b == 0).next().unwrap_or_default()
}

fn plain_name(header: &[u8; 512]) -> String {
    let field = |range: std::ops::Range<usize>| {
        crate::text::lossless(until_nul(header.get(range).unwrap_or_default()))
    };
    let name = field(0..100);
    let prefix = if &header[257..262] == b"ustar" && header[262] == 0 {
        field(345..500)
    } else {
        String::new()
    };
    if prefix.is_empty() {
        name
    } else {
        format!("{prefix}/{name}")
    }
}

/// `path` and `size` of pax records; `None` for a size that is no number.
fn pax(text: &[u8], path: &mut Option<String>, size: &mut Option<u64>) -> Option<()> {
    let mut rest = text;
    while let Some(blank) = rest.iter().position(|b| *b == b' ') {
        let length = rest.get(..blank).and_then(|t| std::str::from_utf8(t).ok());
        let length = length.and_then(|t| t.parse::<usize>().ok());
        let Some((record, behind)) = length.and_then(|n| rest.split_at_checked(n)) else {
            return Some(());
        };
        // Behind the blank, without the line break.
        let Some([_, record @ .., _]) = record.get(blank..) else {
            return Some(());
        };
        if let Some(value) = record.strip_prefix(b"path=") {
            *path = Some(crate::text::lossless(value));
        } else if let Some(value) = record.strip_prefix(b"size=") {
            *size = Some(std::str::from_utf8(value).ok()?.parse().ok()?);
        }
        rest = behind;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_pax_give_path_and_size_and_a_size_that_is_no_number_is_told() {
        let read = |text: &str| {
            let (mut path, mut size) = (None, None);
            pax(text.as_bytes(), &mut path, &mut size).map(|()| (path, size))
        };
        let both = read("10 path=a\n12 size=300\n");
        assert_eq!(both, Some((Some("a".to_owned()), Some(300))));
        assert_eq!(read("10 path"), Some((None, None)));
        assert_eq!(read("2 x"), Some((None, None)));
        assert_eq!(read("30 size=18446744073709551616\n"), Some((None, None)));
        assert_eq!(read("29 size=18446744073709551616\n"), None);
    }
}
