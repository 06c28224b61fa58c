//! The version resource of a PE image: the file's own name and version.
//!
//! Source: Microsoft "VS_VERSIONINFO structure", "VS_FIXEDFILEINFO structure". Integers are little-endian, texts UTF-16.

use std::fmt;

use super::pe::Pe;
use crate::bytes::{le16, le32, utf16_to_nul};
use crate::error::Result;
use crate::source::ReadAt;

/// Texts of one resource.
const MAX_TEXTS: usize = 256;
/// Levels of blocks: the resource, `StringFileInfo`, a language, a text.
const MAX_DEPTH: usize = 4;
/// The key that begins the resource.
const KEY: &str = "VS_VERSION_INFO";
/// What begins the fixed part.
const SIGNATURE: u32 = 0xFEEF_04BD;

/// A file version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct FileVersion {
    /// Major.
    pub major: u16,
    /// Minor.
    pub minor: u16,
    /// Build.
    pub build: u16,
    /// Revision.
    pub revision: u16,
}

impl fmt::Display for FileVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            major,
            minor,
            build,
            revision,
        } = self;
        write!(f, "{major}.{minor}.{build}.{revision}")
    }
}

/// What an image says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Version {
    /// The file's version.
    pub file: FileVersion,
    /// Texts by name (`OriginalFilename`, `CompanyName`), in the order of the resource.
    pub texts: Vec<(String, String)>,
}

impl Version {
    /// The version resource of `file`; `None` where it has none.
    ///
    /// It is found by its key in the section of resources, so only one of several is seen.
    ///
    /// # Errors
    /// If it is no PE image, or the section can't be read.
    pub fn read(file: &dyn ReadAt) -> Result<Option<Self>> {
        let pe = Pe::parse(file)?;
        let Some(section) = pe.section(".rsrc") else {
            return Ok(None);
        };
        Ok(Self::find(&pe.section_bytes(file, section)?))
    }

    fn find(bytes: &[u8]) -> Option<Self> {
        let key: Vec<u8> = KEY.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut at = 0_usize;
        while let Some(found) = memchr(bytes.get(at..)?, &key) {
            let place = at.saturating_add(found);
            let start = place.checked_sub(6);
            if let Some(block) = start.and_then(|start| Block::read(bytes.get(start..)?))
                && le32(block.value, 0) == Some(SIGNATURE)
            {
                let half = |at| le16(block.value, at).unwrap_or(0);
                let mut out = Self {
                    file: FileVersion {
                        major: half(10),
                        minor: half(8),
                        build: half(14),
                        revision: half(12),
                    },
                    texts: Vec::new(),
                };
                out.children(block.children, 1);
                return Some(out);
            }
            at = place.saturating_add(key.len());
        }
        None
    }

    fn children(&mut self, mut bytes: &[u8], depth: usize) {
        while let Some(block) = Block::read(bytes) {
            if depth == MAX_DEPTH - 1 {
                let text = utf16_to_nul(block.value);
                self.texts.push((block.key, text));
            } else {
                self.children(block.children, depth.saturating_add(1));
            }
            if self.texts.len() >= MAX_TEXTS {
                return;
            }
            match bytes.get(block.len.next_multiple_of(4)..) {
                Some(rest) => bytes = rest,
                None => return,
            }
        }
    }

    /// The text called `name`.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        let mut all = self.texts.iter();
        all.find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, text)| text.as_str())
    }

    /// The names that the file gives itself: the original file name, then the internal one.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let names = ["OriginalFilename", "InternalName"].map(|name| self.text(name));
        names.into_iter().flatten().map(str::to_owned).collect()
    }
}

/// A block: its length in bytes (2), the value's length (2; characters where the type is 1), the
/// type (2), the key up to its NUL, and from the next multiple of 4 the value and the children.
struct Block<'a> {
    len: usize,
    key: String,
    value: &'a [u8],
    children: &'a [u8],
}

impl<'a> Block<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let len = usize::from(le16(bytes, 0)?);
        let block = bytes.get(..len).filter(|_| len > 6)?;
        let is_text = le16(block, 4)? == 1;
        let unit = if is_text { 2 } else { 1 };
        let value_len = usize::from(le16(block, 2)?).checked_mul(unit)?;
        let units = block.get(6..)?.as_chunks::<2>().0;
        let key_len = units.iter().position(|u| *u == [0, 0])?;
        let key = units.get(..key_len)?.as_flattened();
        // Behind the key its NUL.
        let value_at = key.len().checked_add(6 + 2)?.next_multiple_of(4).min(len);
        let end = value_at.checked_add(value_len)?.min(len);
        Some(Self {
            len,
            key: utf16_to_nul(key),
            value: block.get(value_at..end)?,
            children: block.get(end.next_multiple_of(4)..).unwrap_or_default(),
        })
    }
}

fn memchr(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|w| w == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(key: &str, kind: u16, value: &[u8], children: &[Vec<u8>]) -> Vec<u8> {
        let mut out = vec![0; 6];
        out.extend(key.encode_utf16().chain([0]).flat_map(u16::to_le_bytes));
        out.resize(out.len().next_multiple_of(4), 0);
        out.extend(value);
        for child in children {
            out.resize(out.len().next_multiple_of(4), 0);
            out.extend(child);
        }
        let units = if kind == 1 {
            value.len() / 2
        } else {
            value.len()
        };
        for (at, word) in [(0, out.len()), (2, units), (4, kind.into())] {
            out[at..at + 2].copy_from_slice(&(word as u16).to_le_bytes());
        }
        out
    }

    fn resource() -> Vec<u8> {
        let mut fixed = [0; 52];
        fixed[..4].copy_from_slice(&SIGNATURE.to_le_bytes());
        fixed[8..16].copy_from_slice(&[0, 0, 10, 0, 0x7C, 0x4F, 0x63, 0x45]);
        let utf16 = |t: &str| -> Vec<u8> {
            t.encode_utf16()
                .chain([0])
                .flat_map(u16::to_le_bytes)
                .collect()
        };
        let name = block("OriginalFilename", 1, &utf16("sethc.exe"), &[]);
        let maker = block("CompanyName", 1, &utf16("微软"), &[]);
        let table = block("040904B0", 1, &[], &[maker, name]);
        let info = block("StringFileInfo", 1, &[], &[table]);
        block(KEY, 0, &fixed, &[info])
    }

    #[test]
    fn names_and_versions_are_read_wherever_the_resource_stands() {
        let bytes = [&[7; 12][..], &resource(), &[1; 40]].concat();
        let version = Version::find(&bytes).unwrap();
        assert_eq!(version.text("OriginalFilename"), Some("sethc.exe"));
        assert_eq!(version.text("companyname"), Some("微软"));
        assert_eq!(version.file.to_string(), "10.0.17763.20348");
    }

    #[test]
    fn cut_and_random_resources_end() {
        let whole = resource();
        for len in 0..whole.len() {
            Version::find(&whole[..len]);
        }
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0xFF;
            Version::find(&bytes);
        }
    }
}
