//! What files and their names say to a person: names as they look, text in any encoding that
//! Windows shows, and what kind of file the first bytes are of.

use encoding_rs::{BIG5, GBK};

use crate::text::reorders_or_hides;

/// What the first bytes of a file are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// There are none.
    Empty,
    /// A program or library (PE).
    Program,
    /// A document, a picture, a film, or an archive that can hold them.
    Document,
    /// A compound file (OLE), which is an older document, an installer or a cache of pictures.
    Compound,
    /// Text without a form of its own.
    Text,
    /// Something else.
    Other,
}

/// The first bytes of documents, with their place.
const DOCUMENTS: &[(usize, &[u8])] = &[
    (0, b"%PDF"),
    (0, b"{\\rt"),
    (0, b"PK\x03\x04"),
    (0, b"PK\x05\x06"),
    (0, b"Rar!\x1a\x07"),
    (0, b"7z\xbc\xaf\x27\x1c"),
    (0, b"\x1f\x8b"),
    (0, b"\x89PNG"),
    (0, b"\xff\xd8\xff"),
    (0, b"GIF8"),
    (0, b"II*\0"),
    (0, b"MM\0*"),
    (0, b"RIFF"),
    (0, b"ITSF"),
    (0, b"%!PS"),
    (0, b"AT&TFORM"),
    (0, b"\x03\xd9\xa2\x9a"),
    (0, b"\x1a\x45\xdf\xa3"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
    // OneNote ([MS-ONESTORE] 2.3.1).
    (0, b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d"),
    (4, b"ftyp"),
];
/// A compound file ([MS-CFB] 2.2).
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
/// How far into a file the mark of PDF may stand.
const PDF_MARK: usize = 1024;

/// The kind of a file whose first bytes are `head`.
pub(super) fn kind(head: &[u8]) -> Kind {
    let has = |(at, mark): &(usize, &[u8])| head.get(*at..).is_some_and(|b| b.starts_with(mark));
    let start = head.get(..head.len().min(PDF_MARK)).unwrap_or(head);
    if head.is_empty() {
        Kind::Empty
    } else if head.starts_with(b"MZ") && head.len() > 64 {
        Kind::Program
    } else if head.starts_with(COMPOUND) {
        Kind::Compound
    } else if DOCUMENTS.iter().any(has)
        || start.windows(5).any(|w| w == b"%PDF-")
        || head.starts_with(b"BM") && head.get(6..10) == Some(&[0; 4])
    {
        Kind::Document
    } else if text(head).is_some() {
        Kind::Text
    } else {
        Kind::Other
    }
}

/// A text in the encoding that its bytes speak for: UTF-8, UTF-16 with a mark or without one, GBK
/// or Big5; `None` for what is no text.
pub(super) fn text(bytes: &[u8]) -> Option<String> {
    let plain = |text: &str| {
        let odd = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{1a}');
        let count = text.chars().filter(|c| odd(*c) || *c == '\u{FFFD}').count();
        // A cut at the end of what was read may spoil a character.
        count <= 1 && !text.is_empty()
    };
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.as_chunks::<2>().0.iter();
        String::from_utf16_lossy(&units.map(|u| unit(*u)).collect::<Vec<_>>())
    };
    let marked = match bytes {
        [0xFF, 0xFE, rest @ ..] => Some(wide(rest, u16::from_le_bytes)),
        [0xFE, 0xFF, rest @ ..] => Some(wide(rest, u16::from_be_bytes)),
        [0xEF, 0xBB, 0xBF, rest @ ..] => Some(String::from_utf8_lossy(rest).into_owned()),
        _ => None,
    };
    if let Some(text) = marked {
        return plain(&text).then_some(text);
    }
    let utf8 = String::from_utf8_lossy(bytes).into_owned();
    if plain(&utf8) {
        return Some(utf8);
    }
    // Without its mark UTF-16 shows itself by the blanks and ends of lines in it.
    let little = bytes.as_chunks::<2>().0.iter();
    let spaced = |unit: &[u8; 2]| matches!(unit, [b' ' | b'\n' | b'\r' | b'0'..=b'z', 0]);
    if little.clone().any(spaced) {
        let text = wide(bytes, u16::from_le_bytes);
        if plain(&text) {
            return Some(text);
        }
    }
    let spaced = |unit: &[u8; 2]| matches!(unit, [0, b' ' | b'\n' | b'\r' | b'0'..=b'z']);
    if little.clone().any(spaced) {
        let text = wide(bytes, u16::from_be_bytes);
        if plain(&text) {
            return Some(text);
        }
    }
    if bytes.contains(&0) {
        return None;
    }
    [GBK, BIG5].into_iter().find_map(|encoding| {
        let (text, _) = encoding.decode_without_bom_handling(bytes);
        plain(&text).then(|| text.into_owned())
    })
}

/// True where `bytes` hold one of `words`, in any case and in any encoding that Windows shows,
/// whatever stands around it.
pub(super) fn says(bytes: &[u8], words: &[String]) -> bool {
    let lower: Vec<u8> = bytes.to_ascii_lowercase();
    words.iter().any(|word| {
        let word = word.to_lowercase();
        let wide: Vec<u16> = word.encode_utf16().collect();
        let units = |f: fn(u16) -> [u8; 2]| wide.iter().flat_map(|u| f(*u)).collect::<Vec<u8>>();
        let mut forms = vec![
            word.clone().into_bytes(),
            units(u16::to_le_bytes),
            units(u16::to_be_bytes),
        ];
        for encoding in [GBK, BIG5] {
            let (form, _, lossy) = encoding.encode(&word);
            if !lossy {
                forms.push(form.to_ascii_lowercase());
            }
        }
        forms
            .iter()
            .any(|form| !form.is_empty() && memchr::memmem::find(&lower, form).is_some())
    })
}

/// A name as it looks to a person, in lower case: characters that are not seen are left out,
/// those of other widths and look-alikes of Latin letters are replaced.
pub(in crate::policy::checks::windows) fn plain_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        let c = match c {
            c if reorders_or_hides(c) => continue,
            '\u{0300}'..='\u{036F}'
            | '\u{115F}'
            | '\u{1160}'
            | '\u{3164}'
            | '\u{FFA0}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{E0100}'..='\u{E01EF}' => continue,
            '\u{FF01}'..='\u{FF5E}' => {
                char::from_u32(u32::from(c).saturating_sub(0xFEE0)).unwrap_or(c)
            }
            '。' | '｡' | '․' | '﹒' => '.',
            '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => ' ',
            c => look_alike(c),
        };
        out.extend(c.to_lowercase());
    }
    out.trim_end_matches(['.', ' ']).trim_start().to_owned()
}

/// The Latin letter that a Cyrillic or Greek one looks like.
fn look_alike(c: char) -> char {
    match c {
        'а' | 'А' | 'Α' => 'a',
        'е' | 'Е' | 'Ε' => 'e',
        'о' | 'О' | 'ο' | 'Ο' => 'o',
        'р' | 'Р' | 'Ρ' => 'p',
        'с' | 'С' => 'c',
        'х' | 'Х' | 'Χ' => 'x',
        'у' | 'У' => 'y',
        'і' | 'І' | 'Ι' => 'i',
        'ѕ' | 'Ѕ' => 's',
        'ԁ' => 'd',
        'ѡ' | 'ԝ' => 'w',
        'т' | 'Т' | 'Τ' => 't',
        'ⅿ' => 'm',
        c => c,
    }
}

/// True where `name`, as it looks, holds one of `words`; blanks and marks between letters of it do
/// not hide one.
pub(super) fn named(name: &str, words: &[String]) -> bool {
    let name = plain_name(name);
    let close: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    words.iter().any(|word| {
        let word = word.to_lowercase();
        // What is written closely is looked for in words that are long enough to mean something.
        name.contains(&word)
            || word.chars().count() >= 6 && close.contains(&word)
            || !word.is_ascii() && close.contains(&word)
    })
}

/// True where `bytes` are what Windows writes into `desktop.ini`: sections, and values that name
/// files, resources, numbers or a short name.
pub(super) fn is_desktop_ini(bytes: &[u8]) -> bool {
    /// Characters of a name that a folder shows.
    const NAME: usize = 64;
    if bytes.is_empty() {
        return true;
    }
    let Some(text) = text(bytes) else {
        return false;
    };
    let text = text.trim_start_matches('\u{FEFF}');
    let mut section = false;
    text.lines().map(str::trim).all(|line| {
        if line.is_empty() {
            return true;
        }
        if let Some(name) = line.strip_prefix('[') {
            section = true;
            return name.ends_with(']') && name.len() <= NAME;
        }
        let Some((key, value)) = line.split_once('=') else {
            return false;
        };
        section && key.chars().count() <= NAME && value_of_ini(value.trim())
    })
}

/// True where the bytes of a stream say where a file came from, or are too short to tell a secret.
pub(super) fn is_mark(bytes: &[u8]) -> bool {
    /// Characters of a mark without a form.
    const SHORT: usize = 16;
    const KEYS: [&str; 7] = [
        "zoneid",
        "referrerurl",
        "hosturl",
        "hostipaddress",
        "appzoneid",
        "appdefinedzoneid",
        "lastwriterpackagefamilyname",
    ];
    let Some(text) = text(bytes) else {
        return bytes.len() <= 4 * SHORT && kind(bytes) != Kind::Document;
    };
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    match lines.next() {
        Some("[ZoneTransfer]") => lines.all(|line| {
            let key = line.split_once('=').map(|(key, _)| key.to_lowercase());
            key.is_some_and(|key| KEYS.contains(&key.as_str()))
        }),
        Some(word) => text.trim().len() <= SHORT && word.chars().all(char::is_alphanumeric),
        None => true,
    }
}

/// True for a resource (`@file,-1`), a path with an index, a number, a GUID, or nothing.
fn value_of_ini(value: &str) -> bool {
    let file = |text: &str| {
        let name = text.split(',').next().unwrap_or_default().to_lowercase();
        [".dll", ".exe", ".ico", ".icl", ".cpl", ".mui"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    let index = |text: &str| {
        let last = text.rsplit(',').next().unwrap_or_default();
        !last.is_empty() && last.chars().all(|c| c.is_ascii_digit() || c == '-')
    };
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let id = value.strip_prefix('{').and_then(|v| v.strip_suffix('}'));
    value.is_empty()
        || value.starts_with('@') && index(value)
        || file(value)
        || id.is_some_and(plain)
        || value.len() <= 20 && value.chars().all(|c| c.is_ascii_digit() || c == '-')
        // FolderType and the like are one word.
        || value.len() <= 20 && value.chars().all(|c| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_look() {
        assert_eq!(plain_name("产品.txt\u{200b}"), "产品.txt");
        assert_eq!(plain_name("ｐａｓｓｗｏｒｄ．ini"), "password.ini");
        assert_eq!(plain_name("Readme.txt . "), "readme.txt");
        assert_eq!(plain_name("р\u{ad}аsswоrd"), "password");
        let words = ["password".to_owned(), "密码".to_owned(), "使用".to_owned()];
        for name in [
            "P A S S W O R D",
            "pass_word.dat",
            "密 码",
            "ПАПКА РASSWORD",
        ] {
            assert!(named(name, &words), "{name}");
        }
        for name in [
            "Server Manager.lnk",
            "pass.dat",
            "密.码本".trim_end_matches("码本"),
        ] {
            assert!(!named(name, &words), "{name}");
        }
    }

    /// The bytes are those of Python's codecs.
    #[test]
    fn text_is_read_in_the_encodings_that_windows_shows() {
        let words = ["密码".to_owned()];
        for bytes in [
            "管理员密码: x".as_bytes(),
            b"\xb9\xdc\xc0\xed\xd4\xb1\xc3\xdc\xc2\xeb: x",
            b"\xba\xde\xb2\xcf\xad\xfb\xb1\x4b\xbd\x58",
            b"\xa1\x7b\x06\x74\x58\x54\xc6\x5b\x01\x78: x",
        ] {
            let says_it = says(bytes, &words) || says(bytes, &["密碼".to_owned()]);
            assert!(says_it, "{bytes:x?}");
        }
        assert_eq!(text("密码 x".as_bytes()).as_deref(), Some("密码 x"));
        assert_eq!(text(b"\xc6\x5b\x01\x78 \0x\0").as_deref(), Some("密码 x"));
        assert_eq!(text(b"\xc3\xdc\xc2\xeb x").as_deref(), Some("密码 x"));
        assert_eq!(text(b"\0\x01\x02\x03\x04\x05"), None);
        assert_eq!(kind(b"PK\x03\x04xyz"), Kind::Document);
        assert_eq!(kind(b"junk %PDF-1.7"), Kind::Document);
        assert_eq!(kind(b"notes of mine"), Kind::Text);
        assert_eq!(kind(b"\0\x01\x02\x03\x04\x05"), Kind::Other);
    }

    #[test]
    fn the_mark_of_a_download_is_no_place_for_a_secret() {
        let mark = b"[ZoneTransfer]\r\nZoneId=3\r\nHostUrl=https://example.com/x.zip\r\n";
        assert!(is_mark(mark) && is_mark(b"") && is_mark(b"Anaheim"));
        for bytes in [
            &b"Administrator / Sup3r.Secret"[..],
            b"[ZoneTransfer]\r\nZoneId=3\r\nAdministrator Sup3r",
            b"[ZoneTransfer]\r\nPassword=Sup3r",
        ] {
            assert!(!is_mark(bytes));
        }
    }

    #[test]
    fn what_windows_writes_into_desktop_ini_is_known_and_other_text_is_not() {
        let windows = "[.ShellClassInfo]\r\nLocalizedResourceName=@%SystemRoot%\\system32\\shell32.dll,-21769\r\n\
            IconResource=%SystemRoot%\\system32\\imageres.dll,-183\r\nInfoTip=@%SystemRoot%\\system32\\shell32.dll,-12688\r\n\
            [LocalizedFileNames]\r\nServer Manager.lnk=@%SystemRoot%\\system32\\ServerManager.exe,-1\r\n\
            [ViewState]\r\nMode=\r\nVid=\r\nFolderType=Generic\r\n";
        let wide: Vec<u8> = windows.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [
            windows.as_bytes(),
            &[&b"\xff\xfe"[..], &wide].concat(),
            &wide,
            b"",
        ] {
            assert!(is_desktop_ini(bytes));
        }
        for bytes in [
            "Administrator Sup3r.Secret",
            "[.ShellClassInfo]\r\nInfoTip=log on as Administrator, Sup3r.Secret",
            "; Administrator Sup3r",
            "a=b",
        ] {
            assert!(!is_desktop_ini(bytes.as_bytes()), "{bytes}");
        }
        assert!(!is_desktop_ini(b"\0\x01\x02\x03\x04\x05"));
    }
}
