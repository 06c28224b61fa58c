//! The generations of a boot loader's parts, by which old ones are refused.
//!
//! Source: shim `SBAT.md`: section `.sbat`, lines of
//! `component,generation,vendor,package,version,URL`.

use super::pe::Pe;
use crate::error::{Error, Layer, Result};
use crate::source::ReadAt;

/// Lines of one section.
const MAX_LINES: usize = 256;

/// One part of a boot loader.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Component {
    /// Its name (`shim`, `grub`, `grub.debian`).
    pub name: String,
    /// Its generation: lower ones are refused once a flaw was found.
    pub generation: u32,
    /// The package's version.
    pub version: String,
}

/// The components that the PE image `file` names; `None` where it has no such section.
///
/// # Errors
/// If a line is no entry.
pub fn components(pe: &Pe, file: &dyn ReadAt) -> Result<Option<Vec<Component>>> {
    let Some(section) = pe.section(".sbat") else {
        return Ok(None);
    };
    let bytes = pe.section_bytes(file, section)?;
    parse(&bytes, section.file.start).map(Some)
}

fn parse(bytes: &[u8], at: u64) -> Result<Vec<Component>> {
    let text = bytes.split(|b| *b == 0).next().unwrap_or_default();
    let text = crate::text::lossless(text);
    let mut all = Vec::new();
    for line in text.lines().filter(|l| !l.trim().is_empty()) {
        if all.len() >= MAX_LINES {
            return Err(Error::limit(
                Layer::Pe,
                at,
                say!(error_signature_too_many, most = MAX_LINES, what = "sbat"),
            ));
        }
        let mut fields = line.split(',');
        let name = fields.next().unwrap_or_default().trim();
        let generation = fields.next().and_then(|g| g.trim().parse().ok());
        let generation = generation.filter(|_| !name.is_empty()).ok_or_else(|| {
            let what = say!(error_sbat_line, line = all.len().saturating_add(1));
            Error::corrupt(Layer::Pe, at, what)
        })?;
        all.push(Component {
            name: name.to_owned(),
            generation,
            version: fields.nth(2).unwrap_or_default().trim().to_owned(),
        });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_shim_writes_them() {
        // From SBAT.md.
        let text = b"sbat,1,SBAT Version,sbat,1,https://example.invalid\nshim,4,UEFI shim,shim,15.8,https://example.invalid\n\0\0";
        let got = parse(text, 0).unwrap();
        let seen: Vec<_> = got
            .iter()
            .map(|c| (c.name.as_str(), c.generation, c.version.as_str()))
            .collect();
        assert_eq!(seen, [("sbat", 1, "1"), ("shim", 4, "15.8")]);
        assert!(parse(b"shim,x,", 0).is_err());
        assert!(parse("shim,1\n".repeat(300).as_bytes(), 0).is_err());
    }
}
