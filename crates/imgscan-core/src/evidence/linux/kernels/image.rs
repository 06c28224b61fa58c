//! Kernel images: what sort, and the version banner where the format carries one in the plain.

use crate::bytes::{le16, le32};
use crate::error::Result;
use crate::source::ReadAt;
use crate::text::lossless;

/// What sort of kernel image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KernelFormat {
    /// x86 boot protocol (`HdrS` at byte 0x202).
    BzImage,
    /// A unified kernel image: a PE file with a `.linux` section.
    UnifiedImage,
    /// AArch64 or RISC-V `Image`, plain or as PE.
    Image,
    /// gzip-compressed `Image`.
    Gzip,
    /// ELF (`vmlinux`, a Xen hypervisor).
    Elf,
    /// Anything else.
    Unknown,
}

/// Bytes of the head that are looked at: the banner of a bzImage lies in its setup code, which
/// is at most 64 sectors long.
const HEAD: usize = 64 * 1024;
/// Sections of a unified kernel image that are looked at.
const MAX_SECTIONS: u16 = 96;

/// The sort of the kernel image `data` and its version banner.
///
/// # Errors
/// If its head can't be read.
pub(super) fn read(data: &dyn ReadAt) -> Result<(KernelFormat, Option<String>)> {
    let mut head = vec![0; usize::try_from(data.len().min(HEAD as u64)).unwrap_or(HEAD)];
    data.read_at(&mut head, 0)?;
    // A unified image is a PE file too, so its sections are asked first.
    if head.starts_with(b"MZ")
        && let Some(sections) = sections(&head)
    {
        let find = |name: &[u8]| sections.iter().find(|s| s.0 == name);
        if let Some((_, offset, _)) = find(b".linux") {
            let banner = match find(b".uname") {
                Some((_, at, len)) => text_at(data, *at, (*len).min(256))?,
                None => {
                    let mut inner = vec![0; HEAD.min(left(data, *offset))];
                    data.read_at(&mut inner, *offset)?;
                    banner(&inner)
                }
            };
            return Ok((KernelFormat::UnifiedImage, banner));
        }
    }
    if head.get(0x202..0x206) == Some(b"HdrS") {
        return Ok((KernelFormat::BzImage, banner(&head)));
    }
    let magic = |at: usize, m: &[u8]| head.get(at..).is_some_and(|h| h.starts_with(m));
    let format = if magic(0, b"\x7fELF") {
        KernelFormat::Elf
    } else if magic(56, b"ARM\x64") || magic(56, b"RSC\x05") {
        KernelFormat::Image
    } else if magic(0, b"\x1f\x8b") {
        KernelFormat::Gzip
    } else {
        KernelFormat::Unknown
    };
    Ok((format, None))
}

fn left(data: &dyn ReadAt, offset: u64) -> usize {
    usize::try_from(data.len().saturating_sub(offset)).unwrap_or(usize::MAX)
}

/// The banner of a bzImage: the 16-bit value at 0x20E plus 0x200 is its place (Linux x86 boot
/// protocol, `kernel_version`).
fn banner(head: &[u8]) -> Option<String> {
    if head.get(0x202..0x206) != Some(b"HdrS") {
        return None;
    }
    let at = usize::from(le16(head, 0x20e).filter(|v| *v != 0)?) + 0x200;
    let text = head.get(at..)?;
    let end = text.iter().take(256).position(|b| *b == 0)?;
    Some(lossless(&text[..end])).filter(|t| !t.is_empty())
}

fn text_at(data: &dyn ReadAt, offset: u64, len: u64) -> Result<Option<String>> {
    let len = usize::try_from(len).unwrap_or(0).min(left(data, offset));
    let mut text = vec![0; len];
    data.read_at(&mut text, offset)?;
    let end = text.iter().position(|b| *b == 0).unwrap_or(len);
    Ok(Some(lossless(text[..end].trim_ascii())).filter(|t| !t.is_empty()))
}

/// The sections of a PE file: (name, file offset, length in bytes). PE format, COFF file header
/// and section table.
fn sections(head: &[u8]) -> Option<Vec<(&[u8], u64, u64)>> {
    let pe = usize::try_from(le32(head, 0x3c)?).ok()?;
    if head.get(pe..pe.checked_add(4)?)? != b"PE\0\0" {
        return None;
    }
    let count = le16(head, pe + 6)?.min(MAX_SECTIONS);
    let table = pe + 24 + usize::from(le16(head, pe + 20)?);
    (0..usize::from(count))
        .map(|i| {
            let at = table + i * 40;
            let name = head.get(at..at + 8)?;
            let end = name.iter().position(|b| *b == 0).unwrap_or(8);
            let virtual_size = le32(head, at + 8)?;
            let raw_size = le32(head, at + 16)?;
            Some((
                &name[..end],
                u64::from(le32(head, at + 20)?),
                u64::from(virtual_size.min(raw_size)),
            ))
        })
        .collect()
}

#[cfg(test)]
pub(crate) fn test_bzimage(banner: &str, payload: &[u8]) -> Vec<u8> {
    let mut b = vec![0; 0x400];
    b[0x1fe] = 0x55;
    b[0x1ff] = 0xaa;
    b[0x202..0x206].copy_from_slice(b"HdrS");
    b[0x20e..0x210].copy_from_slice(&0x100u16.to_le_bytes());
    b[0x300..0x300 + banner.len()].copy_from_slice(banner.as_bytes());
    b.extend_from_slice(payload);
    b
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemorySource;

    #[test]
    fn the_banner_of_a_bzimage_is_where_the_boot_protocol_says() {
        let image = test_bzimage("6.1.0-50-amd64 (builder) #1 SMP", b"code");
        let got = read(&MemorySource(image)).unwrap();
        let banner = "6.1.0-50-amd64 (builder) #1 SMP".to_owned();
        assert_eq!(got, (KernelFormat::BzImage, Some(banner)));
    }

    #[test]
    fn a_head_that_points_nowhere_has_no_banner() {
        let mut image = test_bzimage("x", b"");
        image[0x20e..0x210].copy_from_slice(&0xffffu16.to_le_bytes());
        assert_eq!(
            read(&MemorySource(image)).unwrap(),
            (KernelFormat::BzImage, None)
        );
        assert_eq!(
            read(&MemorySource(b"MZ".to_vec())).unwrap().0,
            KernelFormat::Unknown
        );
    }
}
