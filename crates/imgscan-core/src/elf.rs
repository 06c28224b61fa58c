//! ELF files as far as scanning needs them: sections and symbols of little-endian 64-bit and
//! 32-bit objects. Works on bytes only.
//!
//! Source: System V ABI, "Object Files" (gABI 4.1), chapters 4 and 5.

#![warn(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::indexing_slicing
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::indexing_slicing
    )
)]

use crate::bytes::{le16, le32, le64};
use crate::error::{Error, Layer, Result};

/// `e_type` of an object that the linker has not yet put together: what a kernel module is.
pub const ET_REL: u16 = 1;
/// `e_machine` of eBPF programs.
pub const EM_BPF: u16 = 247;
/// Sections that one file may have.
const MAX_SECTIONS: usize = 65_536;
/// Symbols that are looked at.
const MAX_SYMBOLS: usize = 1 << 23;

/// A section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section<'a> {
    /// Its name, without the NUL.
    pub name: &'a [u8],
    /// `sh_type`.
    pub kind: u32,
    /// Its bytes; empty for one that has none in the file.
    pub data: &'a [u8],
    /// `sh_link`.
    link: u32,
}

/// A symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Symbol<'a> {
    /// Its name, without the NUL.
    pub name: &'a [u8],
    /// It is not defined in this file.
    pub undefined: bool,
}

/// An ELF file.
#[derive(Debug, Clone)]
pub struct Elf<'a> {
    /// `e_type`.
    pub kind: u16,
    /// `e_machine`.
    pub machine: u16,
    /// Sections in their order.
    pub sections: Vec<Section<'a>>,
    wide: bool,
}

/// `e_type` and `e_machine`, where `head` begins a little-endian ELF file.
#[must_use]
pub fn head(head: &[u8]) -> Option<(u16, u16)> {
    let little = head.starts_with(b"\x7fELF") && head.get(5) == Some(&1);
    little.then_some(())?;
    Some((le16(head, 16)?, le16(head, 18)?))
}

/// A program as the kernel would start it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Startable {
    /// Where in the file its first instruction stands.
    pub entry_at: u64,
    /// The program that loads it, where it names one.
    pub interpreter: Option<Vec<u8>>,
}

/// How the kernel would start the program of `len` bytes that begins with `head`; `None` where it
/// can't: no executable, no segment that holds its first instruction and may be executed, or a
/// segment outside of the file. Program headers and interpreter are looked for in `head`.
#[must_use]
pub fn startable(head: &[u8], len: u64) -> Option<Startable> {
    let (kind, _) = self::head(head)?;
    // ET_EXEC and ET_DYN.
    if kind != 2 && kind != 3 {
        return None;
    }
    let wide = head.get(4) == Some(&2);
    let long = |at: usize| {
        if wide {
            le64(head, at)
        } else {
            le32(head, at).map(u64::from)
        }
    };
    let entry = long(24)?;
    let table = usize::try_from(long(if wide { 32 } else { 28 })?).ok()?;
    let at_size: usize = if wide { 54 } else { 42 };
    let size = usize::from(le16(head, at_size)?);
    let count = usize::from(le16(head, at_size.checked_add(2)?)?);
    if size < if wide { 56 } else { 32 } {
        return None;
    }
    let mut entry_at = None;
    let mut interpreter = None;
    for i in 0..count {
        let at = i.checked_mul(size)?.checked_add(table)?;
        let part = |offset: usize| long(at.checked_add(offset)?);
        let kind = le32(head, at)?;
        let flags = le32(head, at.checked_add(if wide { 4 } else { 24 })?)?;
        let (offset, address, held) = if wide {
            (part(8)?, part(16)?, part(32)?)
        } else {
            (part(4)?, part(8)?, part(16)?)
        };
        let end = offset.checked_add(held)?;
        match kind {
            // PT_LOAD
            1 => {
                if end > len {
                    return None;
                }
                let inside = entry
                    .checked_sub(address)
                    .filter(|within| *within < held && flags & 1 != 0);
                if let Some(within) = inside {
                    entry_at = offset.checked_add(within);
                }
            }
            // PT_INTERP
            3 => {
                let start = usize::try_from(offset).ok()?;
                let end = usize::try_from(end).ok()?;
                let path = head.get(start..end)?;
                interpreter = Some(path.split(|b| *b == 0).next()?.to_vec());
            }
            _ => {}
        }
    }
    Some(Startable {
        entry_at: entry_at?,
        interpreter,
    })
}

fn bad(at: usize, what: crate::text::Text) -> Error {
    Error::corrupt(Layer::Kernel, at as u64, what)
}

fn word(bytes: &[u8], at: usize, wide: bool) -> Option<usize> {
    if wide {
        usize::try_from(le64(bytes, at)?).ok()
    } else {
        usize::try_from(le32(bytes, at)?).ok()
    }
}

/// The text up to the first NUL behind `at`.
fn text(bytes: &[u8], at: usize) -> &[u8] {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.split(|b| *b == 0).next().unwrap_or_default()
}

impl<'a> Elf<'a> {
    /// Reads the section table of `bytes`.
    ///
    /// # Errors
    /// [`crate::Kind::Unsupported`] for no ELF or another byte order, [`crate::Kind::Corrupt`] for
    /// tables or sections outside of the file; offsets are those in the file.
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        let Some((kind, machine)) = head(bytes) else {
            let what = say!(error_elf_none);
            return Err(Error::unsupported(Layer::Kernel, 0, what));
        };
        let wide = bytes.get(4) == Some(&2);
        let cut = |at| bad(at, say!(error_elf_cut));
        // Behind the size of a header stand their number and the one of the names.
        let (at_table, at_size, at_count, at_names) = if wide {
            (40, 58, 60, 62)
        } else {
            (32, 46, 48, 50)
        };
        let table = word(bytes, at_table, wide).ok_or_else(|| cut(at_table))?;
        let half = |at| le16(bytes, at).map(usize::from).ok_or_else(|| cut(at));
        let (size, mut count) = (half(at_size)?, half(at_count)?);
        let mut names = half(at_names)?;
        let least = if wide { 64 } else { 40 };
        let mut elf = Self {
            kind,
            machine,
            sections: Vec::new(),
            wide,
        };
        if table == 0 {
            return Ok(elf);
        }
        if size < least {
            return Err(bad(at_size, say!(error_elf_size, len = size)));
        }
        let header = |i: usize| {
            let at = i.checked_mul(size).and_then(|n| n.checked_add(table));
            at.and_then(|at| Some((at, bytes.get(at..at.checked_add(least)?)?)))
                .ok_or_else(|| bad(table, say!(error_elf_outside, number = i, what = "header")))
        };
        // More than 65,279 sections: the numbers stand in the first header.
        let (_, first) = header(0)?;
        let at_len = if wide { 32 } else { 20 };
        if count == 0 {
            count = word(first, at_len, wide).unwrap_or(0);
        }
        if names == 0xFFFF {
            names = le32(first, if wide { 40 } else { 24 }).map_or(0, |n| n as usize);
        }
        if count > MAX_SECTIONS {
            return Err(bad(
                table,
                say!(error_elf_sections, count = count, most = MAX_SECTIONS),
            ));
        }
        let most = bytes.len().checked_div(least).unwrap_or(0);
        let mut found = Vec::with_capacity(count.min(most));
        for i in 0..count {
            let (at, h) = header(i)?;
            let name = le32(h, 0).map_or(0, |n| n as usize);
            let kind = le32(h, 4).unwrap_or(0);
            let (o, l, k) = if wide { (24, 32, 40) } else { (16, 20, 24) };
            let start = word(h, o, wide).unwrap_or(usize::MAX);
            let len = word(h, l, wide).unwrap_or(usize::MAX);
            // SHT_NOBITS takes no bytes; SHT_NULL means nothing.
            let data = if kind == 8 || kind == 0 {
                &[][..]
            } else {
                let end = start.checked_add(len);
                end.and_then(|end| bytes.get(start..end))
                    .ok_or_else(|| bad(at, say!(error_elf_outside, number = i, what = "section")))?
            };
            found.push((name, kind, data, le32(h, k).unwrap_or(0)));
        }
        let table = found.get(names).map_or(&[][..], |s| s.2);
        let section = |(name, kind, data, link): (usize, u32, &'a [u8], u32)| Section {
            name: text(table, name),
            kind,
            data,
            link,
        };
        elf.sections = found.into_iter().map(section).collect();
        Ok(elf)
    }

    /// The section with the name `name`.
    #[must_use]
    pub fn section(&self, name: &str) -> Option<&Section<'a>> {
        self.sections.iter().find(|s| s.name == name.as_bytes())
    }

    /// The symbols that have a name.
    pub fn symbols(&self) -> impl Iterator<Item = Symbol<'a>> {
        // SHT_SYMTAB
        let table = self.sections.iter().find(|s| s.kind == 2);
        let strings = table
            .and_then(|t| self.sections.get(t.link as usize))
            .map_or(&[][..], |s| s.data);
        let size = if self.wide { 24 } else { 16 };
        let at_index = if self.wide { 6 } else { 14 };
        let data = table.map_or(&[][..], |t| t.data);
        data.chunks_exact(size)
            .take(MAX_SYMBOLS)
            .filter_map(move |s| {
                let name = text(strings, le32(s, 0)? as usize);
                let undefined = le16(s, at_index)? == 0;
                (!name.is_empty()).then_some(Symbol { name, undefined })
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::linux::testing;

    #[test]
    fn only_what_the_kernel_starts_is_a_program() {
        // What load_elf_binary (fs/binfmt_elf.c of Linux 6.1) takes and refuses.
        let whole = testing::elf(4096);
        assert_eq!(startable(&whole, 4096).map(|s| s.entry_at), Some(0x78));
        assert_eq!(startable(&whole, 100), None);
        assert_eq!(startable(&whole[..64], 64), None);
        let mut object = whole.clone();
        object[16] = 1;
        assert_eq!(startable(&object, 4096), None);
        let mut data = whole;
        data[68] = 4;
        assert_eq!(startable(&data, 4096), None);
    }
}
