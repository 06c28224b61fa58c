//! The names of the libraries that a PE image is linked with.
//!
//! Source: Microsoft "PE Format", the import table (`.idata`): a directory of entries of 20 bytes,
//! each with the address of a name in its fourth word, up to an entry without one.

use crate::bytes::{le16, le32};

/// Entries of one image.
const MAX_IMPORTS: usize = 4096;
/// Sections that Windows loads at most.
const MAX_SECTIONS: usize = 96;
/// The longest name of a library.
const MAX_NAME: usize = 1024;
const ENTRY: usize = 20;

/// The names in the import table of the image `bytes`, as they stand there; none for what is no PE
/// image. `None` where its table leads out of the file, or is longer than any that is known.
#[must_use]
pub fn imports(bytes: &[u8]) -> Option<Vec<String>> {
    let Some((pe, optional, count_at)) = headers(bytes) else {
        return Some(Vec::new());
    };
    // The second directory is the import table.
    if le32(bytes, count_at)? < 2 {
        return Some(Vec::new());
    }
    let address = le32(bytes, count_at.checked_add(12)?)?;
    if address == 0 {
        return Some(Vec::new());
    }
    let image = Image {
        bytes,
        sections: optional.checked_add(usize::from(le16(bytes, pe.checked_add(20)?)?))?,
        count: usize::from(le16(bytes, pe.checked_add(6)?)?).min(MAX_SECTIONS),
    };
    let table = image.at(address)?;
    let mut names = Vec::new();
    for entry in table.chunks_exact(ENTRY).take(MAX_IMPORTS) {
        // Windows looks no further than an entry without a name.
        let name = le32(entry, 12)?;
        if name == 0 {
            return Some(names);
        }
        let name = image.at(name)?;
        let end = name.iter().take(MAX_NAME).position(|b| *b == 0)?;
        names.push(crate::text::lossless(name.get(..end)?));
    }
    None
}

/// Where the header, the optional header and the number of directories of a PE image stand.
fn headers(bytes: &[u8]) -> Option<(usize, usize, usize)> {
    let pe = usize::try_from(le32(bytes, 60)?).ok()?;
    let optional = pe.checked_add(24)?;
    if bytes.get(pe..pe.checked_add(4)?)? != b"PE\0\0" {
        return None;
    }
    let directories = match le16(bytes, optional)? {
        0x10B => 92_usize,
        0x20B => 108,
        _ => return None,
    };
    Some((pe, optional, optional.checked_add(directories)?))
}

struct Image<'b> {
    bytes: &'b [u8],
    /// Where the headers of the sections begin.
    sections: usize,
    count: usize,
}

impl<'b> Image<'b> {
    /// The bytes of the file from the address `address` in memory to the end of its section.
    fn at(&self, address: u32) -> Option<&'b [u8]> {
        let headers = self.bytes.get(self.sections..)?.chunks_exact(40);
        headers.take(self.count).find_map(|header| {
            let size = le32(header, 16)?.max(le32(header, 8)?);
            let within = address.checked_sub(le32(header, 12)?)?;
            if within >= size {
                return None;
            }
            let start = usize::try_from(le32(header, 20)?).ok()?;
            let stored = usize::try_from(le32(header, 16)?).ok()?;
            let section = self.bytes.get(start..start.checked_add(stored)?)?;
            section.get(usize::try_from(within).ok()?..)
        })
    }
}

/// Images for tests.
#[cfg(test)]
pub(crate) mod testing {
    /// A PE32+ with one section at 0x1000, which stands at byte 512 of the file.
    pub(crate) fn image(section: &[u8], table: u32) -> Vec<u8> {
        let mut out = vec![0; 512];
        out[60] = 64;
        out[64..68].copy_from_slice(b"PE\0\0");
        out[70] = 1;
        out[84] = 240;
        out[88..90].copy_from_slice(&[0x0B, 0x02]);
        out[196] = 16;
        out[208..212].copy_from_slice(&table.to_le_bytes());
        let header = 328;
        out[header + 8] = 0xFF;
        out[header + 13] = 0x10;
        out[header + 16..header + 18].copy_from_slice(&(section.len() as u16).to_le_bytes());
        out[header + 21] = 2;
        out.extend(section);
        out
    }

    /// One that is linked with the library `name`.
    pub(crate) fn linked(name: &str) -> Vec<u8> {
        let mut section = vec![0; 128];
        section[12..16].copy_from_slice(&0x1040_u32.to_le_bytes());
        section[64..64 + name.len()].copy_from_slice(name.as_bytes());
        let mut out = image(&section, 0x1000);
        out[..2].copy_from_slice(b"MZ");
        out
    }
}

#[cfg(test)]
mod tests {
    use super::testing::image;
    use super::*;

    #[test]
    fn names_are_read_up_to_the_entry_of_zeros() {
        let mut section = vec![0; 96];
        section[12..16].copy_from_slice(&0x1040_u32.to_le_bytes());
        section[64..73].copy_from_slice(b"CLFS.SYS\0");
        let good = image(&section, 0x1000);
        assert_eq!(imports(&good), Some(vec!["CLFS.SYS".into()]));
        assert_eq!(imports(&image(&section, 0)), Some(vec![]));
        // A table or a name outside of the file.
        assert_eq!(imports(&image(&section, 0x9000)), None);
        section[13] = 0x90;
        assert_eq!(imports(&image(&section, 0x1000)), None);
        assert_eq!(imports(b"MZ"), Some(vec![]));
        for len in 0..good.len() {
            let _ = imports(&good[..len]);
        }
    }
}
