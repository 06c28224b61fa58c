//! Texts in the code page of the system: scripts are read as bytes of it.

use encoding_rs::{
    BIG5, EUC_KR, Encoding, GBK, IBM866, SHIFT_JIS, WINDOWS_874, WINDOWS_1250, WINDOWS_1251,
    WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1255, WINDOWS_1256, WINDOWS_1257,
    WINDOWS_1258,
};

use super::{KeyAt, Windows, sysprep};

/// Where the code pages stand in a control set. Microsoft, "Code Page Identifiers".
const KEY: &str = r"Control\Nls\CodePage";

/// Which code page a program reads by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    /// That of consoles: `cmd.exe`.
    Oem,
    /// That of programs with windows: PowerShell.
    Ansi,
}

/// The text of a script: UTF-8 and UTF-16 as they are, everything else in the code page of the
/// system. Bytes of a page that is not known stand as `\xNN`.
pub(super) fn text(windows: &Windows<'_>, bytes: &[u8], page: Page) -> String {
    decoded(windows, bytes, page).unwrap_or_else(|| sysprep::text(bytes))
}

/// As [`text`]; `None` where the page of the bytes is not known.
pub(super) fn decoded(windows: &Windows<'_>, bytes: &[u8], page: Page) -> Option<String> {
    let marked = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    if marked || std::str::from_utf8(bytes).is_ok() {
        return Some(sysprep::text(bytes));
    }
    let encoding = match set_by(bytes) {
        Some(own) => own?,
        None => encoding(windows, page)?,
    };
    let (text, wrong) = encoding.decode_without_bom_handling(bytes);
    (!wrong).then(|| text.into_owned())
}

/// A text as Python opens it: in the code page of the system, with nothing let pass that its codec refuses
/// (the manual, "open" and "codecs"; the tables of `cp1252` and its like leave some bytes undefined, that of
/// `gbk` knows neither single bytes above 0x7F nor four of them). `None` where it fails, or the page is not known.
pub(super) fn strict(windows: &Windows<'_>, bytes: &[u8]) -> Option<String> {
    if bytes.is_ascii() {
        return Some(sysprep::text(bytes));
    }
    strict_in(encoding(windows, Page::Ansi)?, bytes)
}

fn strict_in(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    let (text, wrong) = encoding.decode_without_bom_handling(bytes);
    let refused = wrong
        || match encoding == GBK {
            true => !is_in_pairs(bytes),
            // What a page leaves undefined stands as a control character of Unicode.
            false => text.chars().any(|c| ('\u{80}'..='\u{9f}').contains(&c)),
        };
    (!refused).then(|| text.into_owned())
}

/// True where each byte above 0x7F begins a character of two bytes.
fn is_in_pairs(bytes: &[u8]) -> bool {
    let mut bytes = bytes.iter();
    while let Some(first) = bytes.next() {
        let fits = match first {
            0..=0x7F => true,
            0x80 | 0xFF => false,
            _ => bytes
                .next()
                .is_some_and(|b| matches!(b, 0x40..=0x7E | 0x80..=0xFE)),
        };
        if !fits {
            return false;
        }
    }
    true
}

/// The code page that a script sets first of all, where it sets one; what is read by several pages
/// is read by none.
fn set_by(bytes: &[u8]) -> Option<Option<&'static Encoding>> {
    let chcp = |line: &[u8]| {
        let head = line
            .get(..4)
            .is_some_and(|w| w.eq_ignore_ascii_case(b"chcp"));
        head.then(|| {
            line.get(4..)
                .unwrap_or_default()
                .trim_ascii_start()
                .to_owned()
        })
    };
    let mut said = bytes.windows(4);
    said.find(|w| w.eq_ignore_ascii_case(b"chcp"))?;
    let again = said.any(|w| w.eq_ignore_ascii_case(b"chcp"));
    let mut lines = bytes.split(|b| *b == b'\n').map(|line| {
        let line = line.trim_ascii();
        line.strip_prefix(b"@").unwrap_or(line)
    });
    // Nothing before it may lead past it.
    let harmless = |line: &&[u8]| {
        let lower = line.to_ascii_lowercase();
        let begins = ["rem ", "::", "title "]
            .iter()
            .any(|w| lower.starts_with(w.as_bytes()));
        let whole = [&b""[..], b"echo off", b"rem", b"cls", b"setlocal"].contains(&&lower[..]);
        (begins || whole) && lower.is_ascii() && !lower.contains(&b'&')
    };
    let number = lines
        .find(|line| !harmless(line))
        .and_then(chcp)
        .filter(|_| !again);
    let number = number.unwrap_or_default();
    let end = number.iter().position(|b| !b.is_ascii_digit());
    let number = number
        .get(..end.unwrap_or(number.len()))
        .unwrap_or_default();
    Some(of(std::str::from_utf8(number).unwrap_or_default()))
}

fn encoding(windows: &Windows<'_>, page: Page) -> Option<&'static Encoding> {
    let set = windows.control_set().ok()?;
    let hive = windows.system().ok()?;
    let key = KeyAt::open(hive, &format!(r"{}\{KEY}", set.name)).ok()??;
    let name = match page {
        Page::Oem => "OEMCP",
        Page::Ansi => "ACP",
    };
    let number = key.text(name).ok()??;
    of(number.fact.trim())
}

fn of(number: &str) -> Option<&'static Encoding> {
    Some(match number {
        "866" => IBM866,
        "874" => WINDOWS_874,
        "932" => SHIFT_JIS,
        "936" => GBK,
        "949" => EUC_KR,
        "950" => BIG5,
        "1250" => WINDOWS_1250,
        "1251" => WINDOWS_1251,
        "1252" => WINDOWS_1252,
        "1253" => WINDOWS_1253,
        "1254" => WINDOWS_1254,
        "1255" => WINDOWS_1255,
        "1256" => WINDOWS_1256,
        "1257" => WINDOWS_1257,
        "1258" => WINDOWS_1258,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers of Python 3.11's codecs.
    #[test]
    fn python_refuses_bytes_that_a_page_leaves_undefined() {
        for (encoding, bytes, is_text) in [
            (WINDOWS_1252, &b"# \x81\n"[..], false),
            (WINDOWS_1252, b"# \x80 \xe9\n", true),
            (WINDOWS_1251, b"# \x98\n", false),
            (WINDOWS_1251, b"# \xcf\xf0\n", true),
            (GBK, b"# \x81\n", false),
            (GBK, b"# \x80\n", false),
            (GBK, b"# \xd6\xd0\n", true),
            (GBK, b"# \x81\x30\x81\x30\n", false),
            // "\u{4e2d}\u{6587}\u{3002}" in UTF-8.
            (GBK, b"# \xe4\xb8\xad\xe6\x96\x87\xe3\x80\x82\n", false),
        ] {
            assert_eq!(strict_in(encoding, bytes).is_some(), is_text, "{bytes:x?}");
        }
    }

    #[test]
    fn a_script_may_set_its_code_page_before_anything_else() {
        for (text, page) in [
            ("@echo off\r\nchcp 936 >nul\r\n", Some(Some(GBK))),
            (
                "@ECHO OFF\r\nrem x\r\n@CHCP 1252\r\n",
                Some(Some(WINDOWS_1252)),
            ),
            ("@echo off\r\necho x\r\n", None),
            ("chcp 65001\r\n", Some(None)),
            // It is passed by, or not the only one.
            ("goto x\r\nchcp 936\r\n:x\r\n", Some(None)),
            ("rem chcp 936\r\n", Some(None)),
            ("chcp 936\r\nchcp 1252\r\n", Some(None)),
            ("rem \u{4f60}\r\nchcp 936\r\n", Some(None)),
        ] {
            assert_eq!(set_by(text.as_bytes()), page, "{text}");
        }
    }
}
