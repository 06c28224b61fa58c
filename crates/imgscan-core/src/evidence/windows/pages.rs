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
    let marked = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    if !marked
        && std::str::from_utf8(bytes).is_err()
        && !changes(bytes)
        && let Some(encoding) = encoding(windows, page)
    {
        let (text, wrong) = encoding.decode_without_bom_handling(bytes);
        if !wrong {
            return text.into_owned();
        }
    }
    sysprep::text(bytes)
}

/// True where a script sets another code page itself.
fn changes(bytes: &[u8]) -> bool {
    let mut windows = bytes.windows(4);
    windows.any(|w| w.eq_ignore_ascii_case(b"chcp"))
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
