//! Shell links (`.lnk`): the path that one leads to.
//!
//! Microsoft, "[MS-SHLLINK] Shell Link Binary File Format". Integers are little-endian.

use crate::bytes::{le16, le32};

const HAS_ID_LIST: u32 = 1;
const HAS_LINK_INFO: u32 = 2;
const IS_UNICODE: u32 = 0x80;

/// True where the file begins as a shell link does: the length of its header and its class.
pub(super) fn is_shortcut(bytes: &[u8]) -> bool {
    le32(bytes, 0) == Some(0x4C) && le32(bytes, 4) == Some(0x0002_1401)
}

/// What a shell link starts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Link {
    /// The path that it leads to, with the variables of its block where it has one.
    pub(super) target: Option<String>,
    /// What its items lead to beside that: Windows follows them where the first is not there.
    pub(super) items: Option<String>,
    /// What follows the program.
    pub(super) arguments: Option<String>,
    /// It names what it leads to in a way that is not read, or in two ways that differ: by items of
    /// the shell, which Windows follows first, or by a package.
    pub(super) names_more: bool,
}

impl Link {
    /// The shell link `bytes`; `None` where they are none, or are cut off.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        const HAS_EXP_STRING: u32 = 0x200;
        const HAS_DARWIN_ID: u32 = 0x1000;
        let (flags, mut at) = start(bytes)?;
        if flags & HAS_LINK_INFO != 0 {
            at = at.checked_add(le32(bytes, at)? as usize)?;
        }
        // Name, relative path, working folder, arguments, icon.
        let mut texts = [const { None }; 5];
        for (i, text) in texts.iter_mut().enumerate() {
            if flags & (4 << i) != 0 {
                let count = usize::from(le16(bytes, at)?);
                let size = count.checked_mul(if flags & IS_UNICODE != 0 { 2 } else { 1 })?;
                let from = at.checked_add(2)?;
                let end = from.checked_add(size)?;
                let found = bytes.get(from..end)?;
                *text = Some(match flags & IS_UNICODE {
                    0 => crate::text::lossless(found),
                    _ => utf16(found),
                });
                at = end;
            }
        }
        let variables = environment(bytes, at).filter(|_| flags & HAS_EXP_STRING != 0);
        let [_, relative, _, arguments, _] = texts;
        let items = (flags & HAS_ID_LIST != 0).then(|| items(bytes));
        let local = target(bytes);
        let same = |a: &String, b: &String| a.replace('/', "\\").eq_ignore_ascii_case(b);
        // What the items say comes first; another path beside it is for people's eyes.
        let differs = match (&items, &local) {
            (Some(Some(path)), Some(local)) => !same(path, local),
            (Some(None), _) => true,
            _ => false,
        };
        let items = items.flatten();
        let named = variables.or_else(|| items.clone()).or(local).or(relative);
        Some(Self {
            items: items.filter(|path| named.as_ref() != Some(path)),
            target: named,
            arguments: arguments.filter(|a| !a.trim().is_empty()),
            names_more: differs || flags & HAS_DARWIN_ID != 0,
        })
    }
}

/// The flags of a link, and where what follows its list of items begins.
fn start(bytes: &[u8]) -> Option<(u32, usize)> {
    if !is_shortcut(bytes) {
        return None;
    }
    let flags = le32(bytes, 20)?;
    let mut at = 0x4C;
    if flags & HAS_ID_LIST != 0 {
        at += 2 + usize::from(le16(bytes, at)?);
    }
    Some((flags, at))
}

/// The path that the items of the shell make: the computer, a drive, folders, a file. `None` where an
/// item is of another kind.
///
/// The forms of these items are those of Joachim Metz, "Windows Shell Item format specification":
/// the class is the third byte; a drive's name stands behind it, a file's short name at byte 14, its
/// long one in a block with the signature 0xBEEF0004.
fn items(bytes: &[u8]) -> Option<String> {
    let len = usize::from(le16(bytes, 0x4C)?);
    let list = bytes.get(0x4E..0x4E_usize.checked_add(len)?)?;
    let mut out = String::new();
    let mut at = 0;
    loop {
        let size = usize::from(le16(list, at)?);
        if size == 0 {
            return (!out.is_empty()).then_some(out);
        }
        let item = list.get(at..at.checked_add(size)?)?;
        match *item.get(2)? {
            // The computer itself.
            0x1F if at == 0 => {}
            0x2F | 0x23 | 0x25 | 0x29 | 0x2A | 0x2E if out.is_empty() => {
                let name = item.get(3..)?;
                let end = name.iter().position(|b| *b == 0)?;
                out = crate::text::lossless(name.get(..end)?);
                out.truncate(out.trim_end_matches('\\').len());
            }
            0x30..=0x3F if !out.is_empty() => {
                out.push('\\');
                out.push_str(&file_item(item)?);
            }
            _ => return None,
        }
        at = at.checked_add(size)?;
    }
}

/// The name in the item of a file or folder: the long one where there is one.
fn file_item(item: &[u8]) -> Option<String> {
    const LONG: [u8; 4] = [0x04, 0x00, 0xEF, 0xBE];
    let found = item.windows(4).position(|w| w == LONG);
    if let Some(block) = found.and_then(|found| found.checked_sub(4)) {
        let version = le16(item, block.checked_add(2)?)?;
        // Behind the times: more fields in later versions.
        let from = match version {
            0..=6 => 0x14,
            7 => 0x26,
            8 => 0x2A,
            _ => 0x2E,
        };
        let name = utf16(item.get(block.checked_add(from)?..)?);
        if !name.is_empty() {
            return Some(name);
        }
    }
    let name = item.get(14..)?;
    if item.get(2)? & 4 != 0 {
        return Some(utf16(name));
    }
    let end = name.iter().position(|b| *b == 0)?;
    Some(crate::text::lossless(name.get(..end)?))
}

/// The path of the block of variables, among those that stand from `at` on.
fn environment(bytes: &[u8], mut at: usize) -> Option<String> {
    const VARIABLES: u32 = 0xA000_0001;
    loop {
        let size = le32(bytes, at)? as usize;
        if size < 4 {
            return None;
        }
        if le32(bytes, at.checked_add(4)?)? == VARIABLES {
            // 260 bytes of text, then 260 UTF-16 units.
            let from = at.checked_add(8 + 260)?;
            let text = utf16(bytes.get(from..from.checked_add(520)?)?);
            return Some(text).filter(|t| !t.is_empty());
        }
        at = at.checked_add(size)?;
    }
}

/// UTF-16 up to the first NUL.
fn utf16(bytes: &[u8]) -> String {
    let units = bytes.as_chunks::<2>().0.iter();
    let units = units
        .map(|u| u16::from_le_bytes(*u))
        .take_while(|u| *u != 0);
    String::from_utf16_lossy(&units.collect::<Vec<u16>>())
}

/// The local path in the `LinkInfo` of the shell link `bytes`; `None` where they are none, or
/// where it has none. Bytes of a code page stand as `\xNN` where they are not UTF-8.
pub(super) fn target(bytes: &[u8]) -> Option<String> {
    let (flags, at) = start(bytes)?;
    if flags & HAS_LINK_INFO == 0 {
        return None;
    }
    let size = le32(bytes, at)? as usize;
    let info = bytes.get(at..at.checked_add(size)?)?;
    // A header of 0x24 bytes or more also has the path in UTF-16.
    if le32(info, 4)? >= 0x24
        && let wide @ 1.. = le32(info, 28)? as usize
    {
        return Some(utf16(info.get(wide..)?));
    }
    let start = le32(info, 16)? as usize;
    let path = info.get(start..).filter(|_| start > 0)?;
    let end = path.iter().position(|b| *b == 0)?;
    Some(crate::text::lossless(&path[..end]))
}

/// Flags of the parts of `StringData`, in their order, and of their form.
const STRINGS: [u32; 5] = [0x04, 0x08, 0x10, 0x20, 0x40];
const UNICODE: u32 = 0x80;

/// Adds the texts of `StringData` to `out`, as far as they go.
fn string_data(bytes: &[u8], out: &mut Vec<String>) -> Option<()> {
    let flags = le32(bytes, 20)?;
    let mut at = 0x4C_usize;
    if flags & HAS_ID_LIST != 0 {
        at = at.checked_add(2 + usize::from(le16(bytes, at)?))?;
    }
    if flags & HAS_LINK_INFO != 0 {
        at = at.checked_add(le32(bytes, at)? as usize)?;
    }
    for flag in STRINGS {
        if flags & flag == 0 {
            continue;
        }
        let count = usize::from(le16(bytes, at)?);
        let len = if flags & UNICODE != 0 {
            2 * count
        } else {
            count
        };
        at = at.checked_add(2)?;
        let end = at.checked_add(len)?;
        let text = bytes.get(at..end)?;
        out.push(if flags & UNICODE != 0 {
            let units = text.as_chunks::<2>().0.iter();
            String::from_utf16_lossy(&units.map(|u| u16::from_le_bytes(*u)).collect::<Vec<_>>())
        } else {
            crate::text::lossless(text)
        });
        at = end;
    }
    Some(())
}

/// Characters of a text that stands in a shortcut.
const SHORTEST: usize = 4;

/// All texts in the shell link `bytes`: first those of its `StringData` (comment, relative path,
/// working folder, arguments, icon), then whatever stands in it as UTF-16 or as bytes of a code page.
/// What is no text may be among the latter.
pub(super) fn texts(bytes: &[u8]) -> Vec<String> {
    let mut out = Vec::new();
    string_data(bytes, &mut out);
    for start in [0, 1] {
        let units = bytes.get(start..).unwrap_or_default().as_chunks::<2>().0;
        let units: Vec<u16> = units.iter().map(|u| u16::from_le_bytes(*u)).collect();
        let shown = |u: &u16| *u >= 0x20 && !(0xD800..0xE000).contains(u) && *u < 0xFFF0;
        for run in units.split(|u| !shown(u)).filter(|r| r.len() >= SHORTEST) {
            out.push(String::from_utf16_lossy(run));
        }
    }
    for run in bytes.split(|b| *b < 0x20).filter(|r| r.len() >= SHORTEST) {
        out.push(crate::text::lossless(run));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An item of a folder or file, as Windows 10 writes it (Metz, "Windows Shell Item format
    /// specification", extension block 0xBEEF0004 of version 9).
    fn item(class: u8, long: &str) -> Vec<u8> {
        let mut out = vec![class, 0];
        out.extend([0; 4]); // size
        out.extend([0; 4]); // time
        out.extend([0x20, 0]); // attributes
        out.extend(b"SHORT~1\0");
        let block = out.len() + 2;
        let name: Vec<u8> = long.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut extension = vec![9, 0, 0x04, 0x00, 0xEF, 0xBE];
        extension.extend([0; 10]); // times, unknown
        extension.extend([0; 18]); // reference
        extension.extend([0; 2]); // size of the long name
        extension.extend([0; 8]); // unknown
        extension.extend(name);
        extension.extend([0, 0]);
        extension.extend(u16::try_from(block).unwrap().to_le_bytes());
        let len = u16::try_from(extension.len() + 2).unwrap();
        out.extend(len.to_le_bytes());
        out.extend(extension);
        let size = u16::try_from(out.len() + 2).unwrap();
        [size.to_le_bytes().to_vec(), out].concat()
    }

    /// A link with these items, and a local path beside them.
    fn link(items: &[Vec<u8>], local: &str) -> Vec<u8> {
        let mut computer = vec![20, 0, 0x1F, 0x50];
        computer.extend([0; 16]);
        let mut drive = vec![25, 0, 0x2F];
        drive.extend(b"C:\\\0");
        drive.resize(25, 0);
        let list: Vec<u8> = [&[computer, drive], items].concat().concat();
        let mut out = vec![0; 0x4C];
        out[..8].copy_from_slice(&[0x4C, 0, 0, 0, 1, 0x14, 2, 0]);
        out[20] = 3;
        let len = u16::try_from(list.len() + 2).unwrap();
        out.extend(len.to_le_bytes());
        out.extend(list);
        out.extend([0, 0]);
        let len = u8::try_from(28 + local.len() + 1).unwrap();
        for word in [len, 28, 1, 0, 28, 0, 0] {
            out.extend([word, 0, 0, 0]);
        }
        out.extend(local.as_bytes());
        out.push(0);
        out
    }

    #[test]
    fn the_items_of_the_shell_come_before_the_path_beside_them() {
        let items = [item(0x31, "Program Files"), item(0x32, "app.exe")];
        let path = r"C:\Program Files\app.exe";
        let same = Link::read(&link(&items, path)).unwrap();
        assert_eq!(same.target.as_deref(), Some(path));
        assert!(!same.names_more);
        let decoy = Link::read(&link(&items, r"C:\Windows\notepad.exe")).unwrap();
        assert_eq!(decoy.target.as_deref(), Some(path));
        assert!(decoy.names_more);
        // An item of another kind can't be followed.
        let other = [item(0x31, "Program Files"), item(0x74, "app.exe")];
        let unknown = Link::read(&link(&other, path)).unwrap();
        assert!(unknown.names_more);
        let whole = link(&items, path);
        for len in 0..whole.len() {
            let _ = Link::read(&whole[..len]);
        }
    }
}
