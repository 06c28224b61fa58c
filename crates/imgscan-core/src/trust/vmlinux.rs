//! The unpacked kernel: an ELF file, or the plain `Image` of other processors.
//!
//! Sources: the ELF specification (64-bit and 32-bit, little-endian); Linux `init/version.c`
//! (banner), `kernel/configs.c` (`IKCFG_ST`, the gzip stream, `IKCFG_ED`), elf(5) (notes).

use memchr::memmem;

use super::unpack::{self, Packing};
use crate::bytes::{le16, le32, le64};
use crate::error::{Error, Layer, Result};
use crate::text::lossless;

/// Program and section headers that are looked at.
const MAX_HEADERS: usize = 256;
/// Places of one kernel that are tried for a banner or a configuration.
const MAX_TRIED: usize = 256;
/// The longest embedded configuration, in bytes; today's have about 300 KiB.
const MAX_CONFIG: usize = 8 * 1024 * 1024;
const BANNER: &[u8] = b"Linux version ";

/// A part of the file that is loaded, or a section.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Span {
    name: String,
    address: u64,
    start: usize,
    len: usize,
}

/// The headers of an unpacked kernel that is an ELF file.
#[derive(Debug, Clone)]
pub struct Vmlinux<'a> {
    bytes: &'a [u8],
    segments: Vec<Span>,
    notes: Vec<Span>,
    sections: Vec<Span>,
}

impl<'a> Vmlinux<'a> {
    /// Reads the headers of `bytes`; `None` where it is no little-endian ELF file. A header that
    /// points outside the file is left out.
    #[must_use]
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let wide = match bytes.get(..6)? {
            [0x7F, b'E', b'L', b'F', 2, 1] => true,
            [0x7F, b'E', b'L', b'F', 1, 1] => false,
            _ => return None,
        };
        let mut this = Self {
            bytes,
            segments: Vec::new(),
            notes: Vec::new(),
            sections: Vec::new(),
        };
        this.read_segments(wide);
        this.read_sections(wide);
        Some(this)
    }

    fn span(&self, name: String, address: u64, at: u64, len: u64) -> Option<Span> {
        let start = usize::try_from(at).ok()?;
        let len = usize::try_from(len).ok()?;
        self.bytes.get(start..start.checked_add(len)?)?;
        Some(Span {
            name,
            address,
            start,
            len,
        })
    }

    /// The bytes of a span of this file.
    fn bytes_of(&self, span: &Span) -> Option<&'a [u8]> {
        self.bytes.get(span.start..)?.get(..span.len)
    }

    #[expect(
        clippy::arithmetic_side_effects,
        reason = "rows begin below usize::MAX / 2 and a few MiB more (table_rows)"
    )]
    fn read_segments(&mut self, wide: bool) {
        let b = self.bytes;
        let (table, size, count) = if wide {
            (le64(b, 32), le16(b, 54), le16(b, 56))
        } else {
            (le32(b, 28).map(u64::from), le16(b, 42), le16(b, 44))
        };
        for at in table_rows(table, size, count) {
            let kind = le32(b, at);
            let fields = if wide {
                [le64(b, at + 16), le64(b, at + 8), le64(b, at + 32)]
            } else {
                [8, 4, 16].map(|o| le32(b, at + o).map(u64::from))
            };
            let [Some(address), Some(offset), Some(len)] = fields else {
                break;
            };
            let Some(span) = self.span(String::new(), address, offset, len) else {
                continue;
            };
            match kind {
                Some(1) => self.segments.push(span),
                Some(4) => self.notes.push(span),
                _ => {}
            }
        }
    }

    #[expect(
        clippy::arithmetic_side_effects,
        reason = "rows begin below usize::MAX / 2 and a few MiB more (table_rows)"
    )]
    fn read_sections(&mut self, wide: bool) {
        let b = self.bytes;
        let (table, size, count, names) = if wide {
            (le64(b, 40), le16(b, 58), le16(b, 60), le16(b, 62))
        } else {
            (
                le32(b, 32).map(u64::from),
                le16(b, 46),
                le16(b, 48),
                le16(b, 50),
            )
        };
        let row = |at: usize| {
            let name = le32(b, at)?;
            let kind = le32(b, at + 4)?;
            let fields = if wide {
                [le64(b, at + 16), le64(b, at + 24), le64(b, at + 32)]
            } else {
                [12, 16, 20].map(|o| le32(b, at + o).map(u64::from))
            };
            let [Some(address), Some(offset), Some(len)] = fields else {
                return None;
            };
            Some((name, kind, address, offset, len))
        };
        let rows: Vec<_> = table_rows(table, size, count).map_while(row).collect();
        let strings = rows.get(usize::from(names.unwrap_or(0))).copied();
        let strings = strings.and_then(|(_, _, _, at, len)| self.span(String::new(), 0, at, len));
        for (name, kind, address, offset, len) in rows {
            // SHT_NULL, and SHT_NOBITS, which has no bytes in the file.
            if kind == 0 || kind == 8 {
                continue;
            }
            let text = strings.as_ref().and_then(|s| {
                let rest = self.bytes_of(s)?.get(usize::try_from(name).ok()?..)?;
                let end = rest.iter().take(64).position(|c| *c == 0)?;
                Some(lossless(rest.get(..end)?))
            });
            if let Some(span) = self.span(text.unwrap_or_default(), address, offset, len) {
                self.sections.push(span);
            }
        }
    }

    /// The bytes of the section called `name`.
    #[must_use]
    pub fn section(&self, name: &str) -> Option<&'a [u8]> {
        let found = self.sections.iter().find(|s| s.name == name)?;
        self.bytes_of(found)
    }

    /// What is loaded at the virtual address `address`, up to the end of its segment.
    #[must_use]
    pub fn at_address(&self, address: u64) -> Option<&'a [u8]> {
        self.segments.iter().find_map(|s| {
            let inside = usize::try_from(address.checked_sub(s.address)?).ok()?;
            let rest = self.bytes_of(s)?.get(inside..)?;
            Some(rest).filter(|rest| !rest.is_empty())
        })
    }

    /// The build id: the note of the owner `GNU` and type 3.
    #[must_use]
    pub fn build_id(&self) -> Option<&'a [u8]> {
        let named = self.sections.iter().filter(|s| s.name.starts_with(".note"));
        self.notes
            .iter()
            .chain(named)
            .find_map(|s| note(self.bytes_of(s)?))
    }
}

/// The places of a table's rows.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "the table begins below usize::MAX / 2 and has at most MAX_HEADERS rows of 64 KiB"
)]
fn table_rows(
    at: Option<u64>,
    size: Option<u16>,
    count: Option<u16>,
) -> impl Iterator<Item = usize> {
    let at = at.and_then(|at| usize::try_from(at).ok());
    let size = usize::from(size.unwrap_or(0));
    let count = usize::from(count.unwrap_or(0)).min(MAX_HEADERS);
    // A row is at least 32 bytes long, so that none of them is read twice.
    let known = at.filter(|at| *at > 0 && size >= 32 && *at < usize::MAX / 2);
    known
        .into_iter()
        .flat_map(move |at| (0..count).map(move |i| at + i * size))
}

/// The descriptor of the build id among the notes in `bytes`.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "the first number stands at `at`, so that the length of the slice is more"
)]
fn note(bytes: &[u8]) -> Option<&[u8]> {
    let mut at = 0_usize;
    for _ in 0..MAX_HEADERS {
        let name_len = usize::try_from(le32(bytes, at)?).ok()?;
        let len = usize::try_from(le32(bytes, at + 4)?).ok()?;
        let kind = le32(bytes, at + 8)?;
        let name_at = at + 12;
        let start = name_at.checked_add(name_len.checked_next_multiple_of(4)?)?;
        let end = start.checked_add(len)?;
        let name = bytes.get(name_at..name_at.checked_add(name_len)?)?;
        if kind == 3 && name == b"GNU\0" && (4..=64).contains(&len) {
            return bytes.get(start..end);
        }
        at = end.checked_next_multiple_of(4)?;
    }
    None
}

/// The version banner taken apart (`linux_banner` of `init/version.c`).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Banner {
    /// All of it, without the line break.
    pub text: String,
    /// The release (`6.1.0-50-amd64`).
    pub release: String,
    /// Who built it where (`user@host`).
    pub builder: Option<String>,
    /// The compiler's own words.
    pub compiler: Option<String>,
    /// What follows: `#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-10-02)`.
    pub build: String,
}

/// The banner of the unpacked kernel `bytes`, up to its line break. Since Linux 6.1 there is a
/// second one without the number of the build (`init/version.c`, weak); the whole one counts.
#[must_use]
pub fn banner(bytes: &[u8]) -> Option<Banner> {
    let mut first = None;
    for at in memmem::find_iter(bytes, BANNER).take(MAX_TRIED) {
        let rest = bytes.get(at..).unwrap_or_default();
        let end = rest.iter().take(1024).position(|b| matches!(b, 0 | b'\n'));
        let Some(line) = end.and_then(|end| rest.get(..end)) else {
            continue;
        };
        // `Linux version %s (%s)` is a format, and no banner.
        if !line.get(BANNER.len()).is_some_and(u8::is_ascii_digit) {
            continue;
        }
        let Some(banner) = parse_banner(&lossless(line)) else {
            continue;
        };
        let number = banner.build.strip_prefix('#');
        if number.is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit())) {
            return Some(banner);
        }
        first.get_or_insert(banner);
    }
    first
}

/// Takes the banner `text` apart: `Linux version R (user@host) (compiler) #N …`.
#[must_use]
pub fn parse_banner(text: &str) -> Option<Banner> {
    let rest = text.strip_prefix("Linux version ")?;
    let (release, mut rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let mut groups = Vec::new();
    while groups.len() < 2 {
        rest = rest.trim_start();
        let parts = group_end(rest).and_then(|end| rest.split_at_checked(end));
        let Some((group, behind)) = parts else { break };
        groups.push(group.strip_prefix('(').unwrap_or(group).to_owned());
        rest = behind.strip_prefix(')').unwrap_or(behind);
    }
    let mut groups = groups.into_iter();
    Some(Banner {
        text: text.to_owned(),
        release: release.to_owned(),
        builder: groups.next(),
        compiler: groups.next(),
        build: rest.trim().to_owned(),
    })
}

/// Where the parenthesis that `text` begins with is closed.
fn group_end(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (i, c) in text.char_indices() {
        match c {
            '(' => depth = depth.checked_add(1)?,
            ')' if depth == 1 => return Some(i),
            ')' => depth = depth.checked_sub(1)?,
            _ if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// The configuration that is embedded in the unpacked kernel `bytes`, where it was built with one.
///
/// # Errors
/// If its stream is damaged, or unpacks to more than 8 MiB.
pub fn config(bytes: &[u8]) -> Result<Option<String>> {
    for at in memmem::find_iter(bytes, b"IKCFG_ST").take(MAX_TRIED) {
        let start = at.saturating_add(8);
        let rest = bytes.get(start..).unwrap_or_default();
        let rest = rest.get(..MAX_CONFIG).unwrap_or(rest);
        if !rest.starts_with(&[0x1F, 0x8B]) {
            continue;
        }
        let Some(len) = memmem::find(rest, b"IKCFG_ED") else {
            return Err(Error::corrupt(
                Layer::Kernel,
                at as u64,
                say!(error_kernel_config),
            ));
        };
        let packed = rest.get(..len).unwrap_or(rest);
        let text = unpack::unpack(Packing::Gzip, packed, MAX_CONFIG, start as u64)?;
        return Ok(Some(lossless(&text)));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banners_are_taken_apart() {
        // Debian's, as `uname -a` and /proc/version show it, and an old one with gcc's own form.
        let debian = "Linux version 6.1.0-50-amd64 (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40) #1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-10-02)";
        let got = parse_banner(debian).unwrap();
        assert_eq!(got.release, "6.1.0-50-amd64");
        assert_eq!(
            got.builder.as_deref(),
            Some("debian-kernel@lists.debian.org")
        );
        assert_eq!(
            got.compiler.as_deref(),
            Some("gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40")
        );
        assert_eq!(
            got.build,
            "#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-10-02)"
        );
        let bare = parse_banner("Linux version 5.0").unwrap();
        assert_eq!((bare.release.as_str(), bare.builder), ("5.0", None));
        assert_eq!(parse_banner("Linux"), None);
        let open = parse_banner("Linux version 5 (a (b) #1").unwrap();
        assert_eq!((open.builder, open.build.as_str()), (None, "(a (b) #1"));
    }

    #[test]
    fn headers_that_point_nowhere_give_nothing() {
        let mut elf = b"\x7fELF\x02\x01\x01".to_vec();
        elf.resize(64, 0);
        elf[32..40].copy_from_slice(&u64::MAX.to_le_bytes());
        elf[40..48].copy_from_slice(&60_u64.to_le_bytes());
        for at in [54, 58] {
            elf[at..at + 2].copy_from_slice(&64_u16.to_le_bytes());
        }
        for at in [56, 60, 62] {
            elf[at..at + 2].copy_from_slice(&u16::MAX.to_le_bytes());
        }
        let got = Vmlinux::parse(&elf).unwrap();
        assert_eq!((got.build_id(), got.section(".BTF")), (None, None));
        assert_eq!(got.at_address(0), None);
        assert!(Vmlinux::parse(b"MZ").is_none());
    }

    #[test]
    fn a_configuration_without_an_end_is_told() {
        assert_eq!(config(b"IKCFG_ST but no stream").unwrap(), None);
        assert!(config(b"xIKCFG_ST\x1f\x8b...").is_err());
        assert!(config(b"IKCFG_ST\x1f\x8b...IKCFG_ED").is_err());
    }
}
