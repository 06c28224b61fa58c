//! Kernel images: what sort, and the version banner where the format carries one in the plain.

use crate::bytes::{le16, le32};
use crate::error::Result;
use crate::source::ReadAt;
use crate::text::lossless;
use crate::trust::{bzimage, unpack};

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
    /// `Image` compressed otherwise (zstd, xz, …), for a boot loader that unpacks it.
    Packed,
    /// A PE file that unpacks the `Image` in it (EFI zboot).
    Zboot,
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
    if head.starts_with(b"MZ") && head.get(4..8) == Some(b"zimg") {
        let banner = whole(data)?.and_then(|file| {
            let kernel = bzimage::zboot(&file).ok().flatten()?.unpack().ok()?;
            find_banner(&kernel)
        });
        return Ok((KernelFormat::Zboot, banner));
    }
    let magic = |at: usize, m: &[u8]| head.get(at..).is_some_and(|h| h.starts_with(m));
    let format = if magic(0, b"\x7fELF") {
        KernelFormat::Elf
    } else if magic(56, b"ARM\x64") || magic(56, b"RSC\x05") {
        KernelFormat::Image
    } else if magic(0, b"\x1f\x8b") {
        KernelFormat::Gzip
    } else if unpack::packing(&head).is_some() {
        KernelFormat::Packed
    } else {
        KernelFormat::Unknown
    };
    let banner = match format {
        KernelFormat::Image | KernelFormat::Elf => plain_banner(data)?,
        KernelFormat::Gzip => unpacked(data)?.and_then(|image| find_banner(&image)),
        KernelFormat::Packed => whole(data)?.and_then(|file| {
            let how = unpack::packing(&file)?;
            let image = unpack::unpack(how, &file, bzimage::MAX_VMLINUX, 0).ok()?;
            find_banner(&image)
        }),
        _ => None,
    };
    Ok((format, banner))
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

/// How the banner of an uncompressed kernel begins (`linux_banner` of init/version.c).
const BANNER: &[u8] = b"Linux version ";
/// Bytes of an image that are searched at a time.
const PIECE: usize = 1024 * 1024;
/// Bytes of an uncompressed kernel that are searched; today's have about 50 MiB.
const MAX_IMAGE: u64 = 96 * 1024 * 1024;
/// Bytes of a compressed kernel that are unpacked; today's have about 15 MiB.
const MAX_PACKED: u64 = 32 * 1024 * 1024;

/// The banner of a kernel that is not compressed, without its first two words.
fn plain_banner(data: &dyn ReadAt) -> Result<Option<String>> {
    let mut offset = 0;
    let mut buf = vec![0; PIECE];
    while offset < data.len().min(MAX_IMAGE) {
        let n = left(data, offset).min(PIECE);
        data.read_at(&mut buf[..n], offset)?;
        if let Some(banner) = find_banner(&buf[..n]) {
            return Ok(Some(banner));
        }
        if n < PIECE {
            break;
        }
        // A banner may lie across the border of two pieces.
        offset += (PIECE - 1024) as u64;
    }
    Ok(None)
}

fn find_banner(bytes: &[u8]) -> Option<String> {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|b| *b == BANNER[0]) {
        rest = &rest[at..];
        if let Some(text) = rest.strip_prefix(BANNER)
            && text.first().is_some_and(u8::is_ascii_digit)
        {
            let end = text.iter().take(512).position(|b| *b == 0 || *b == b'\n')?;
            return Some(lossless(&text[..end]));
        }
        rest = &rest[1..];
    }
    None
}

/// A compressed kernel whole; `None` where none is that long.
fn whole(data: &dyn ReadAt) -> Result<Option<Vec<u8>>> {
    if data.len() > MAX_PACKED {
        return Ok(None);
    }
    crate::source::read_all(data, MAX_PACKED).map(Some)
}

/// A gzip-compressed kernel, unpacked; `None` where it is damaged or does not have the length that
/// its last four bytes say (RFC 1952, ISIZE), or one that no kernel of this size can have.
fn unpacked(data: &dyn ReadAt) -> Result<Option<Vec<u8>>> {
    if data.len() > MAX_PACKED {
        return Ok(None);
    }
    let packed = crate::source::read_all(data, MAX_PACKED)?;
    let length = packed
        .len()
        .checked_sub(4)
        .and_then(|at| le32(&packed, at))
        .map(u64::from);
    // DEFLATE packs at most 1,032 to one.
    let bound = (packed.len() as u64).saturating_mul(1032).min(MAX_IMAGE);
    let Some(length) = length.filter(|l| *l <= bound) else {
        return Ok(None);
    };
    let mut out = vec![0; usize::try_from(length).unwrap_or(0)];
    let done = libdeflater::Decompressor::new().gzip_decompress(&packed, &mut out);
    Ok(done.is_ok().then_some(out))
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

/// A sound bzImage: a set-up header with the banner, an ELF kernel packed with zstd whose banner
/// stands at 0xffffffff82000000, and the build's checksum.
#[cfg(test)]
pub(crate) fn sound_bzimage(release: &str, builder: &str) -> Vec<u8> {
    sound_bzimage_built(release, builder, "#1 SMP Mon Jan  1 00:00:00 UTC 2024")
}

/// The same with the banner's last part, from `#` on.
#[cfg(test)]
pub(crate) fn sound_bzimage_built(release: &str, builder: &str, build: &str) -> Vec<u8> {
    let banner = format!("Linux version {release} ({builder}) (gcc 12) {build}\n\0");
    let mut elf = b"\x7fELF\x02\x01\x01".to_vec();
    elf.resize(120, 0);
    elf[32..40].copy_from_slice(&64_u64.to_le_bytes());
    elf[54..58].copy_from_slice(&[56, 0, 1, 0]);
    elf[64..68].copy_from_slice(&1_u32.to_le_bytes());
    elf[72..80].copy_from_slice(&120_u64.to_le_bytes());
    elf[80..88].copy_from_slice(&0xffff_ffff_8200_0000_u64.to_le_bytes());
    elf[96..104].copy_from_slice(&(banner.len() as u64).to_le_bytes());
    elf.extend_from_slice(banner.as_bytes());
    let mut packed = zstd::bulk::compress(&elf, 3).unwrap();
    packed.extend(u32::try_from(elf.len()).unwrap().to_le_bytes());
    let mut image = test_bzimage(&format!("{release} ({builder}) {build}"), &packed);
    image[0x1f1] = 1;
    image[0x206..0x208].copy_from_slice(&0x20f_u16.to_le_bytes());
    let len = u32::try_from(packed.len()).unwrap();
    image[0x24c..0x250].copy_from_slice(&len.to_le_bytes());
    image.resize((image.len() + 4).next_multiple_of(16), 0);
    let units = u32::try_from((image.len() - 0x400) / 16).unwrap();
    image[0x1f4..0x1f8].copy_from_slice(&units.to_le_bytes());
    seal(&mut image);
    image
}

/// Writes the build's checksum at the end of `image`.
#[cfg(test)]
pub(crate) fn seal(image: &mut [u8]) {
    let at = image.len() - 4;
    let sum = crc32fast::hash(&image[..at]) ^ u32::MAX;
    image[at..].copy_from_slice(&sum.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemorySource;

    #[test]
    fn an_image_is_read_however_it_is_packed() {
        // include/linux/pe.h, linux_efi_zboot_header: "zimg" at 4, offset at 8, length at 12.
        let mut image = vec![0; 4096];
        image[56..60].copy_from_slice(b"ARM\x64");
        image.extend_from_slice(b"Linux version 6.1.0-9-arm64 (builder) #1 SMP\n\0");
        let zstd = zstd::bulk::compress(&image, 3).unwrap();
        let zboot = |packed: &[u8]| {
            let mut file = vec![0; 0x100];
            file[..2].copy_from_slice(b"MZ");
            file[4..8].copy_from_slice(b"zimg");
            file[8..12].copy_from_slice(&0x100_u32.to_le_bytes());
            let len = u32::try_from(packed.len()).unwrap();
            file[12..16].copy_from_slice(&len.to_le_bytes());
            file.extend_from_slice(packed);
            file
        };
        let inside = zboot(&zstd);
        for (file, format) in [
            (image, KernelFormat::Image),
            (zstd, KernelFormat::Packed),
            (inside, KernelFormat::Zboot),
        ] {
            let banner = Some("6.1.0-9-arm64 (builder) #1 SMP".to_owned());
            assert_eq!(read(&MemorySource(file)).unwrap(), (format, banner));
        }
    }

    #[test]
    fn the_banner_of_a_bzimage_is_where_the_boot_protocol_says() {
        let image = test_bzimage("6.1.0-50-amd64 (builder) #1 SMP", b"code");
        let got = read(&MemorySource(image)).unwrap();
        let banner = "6.1.0-50-amd64 (builder) #1 SMP".to_owned();
        assert_eq!(got, (KernelFormat::BzImage, Some(banner)));
    }

    #[test]
    fn a_kernel_of_another_processor_has_its_banner_in_the_plain() {
        // The header of an AArch64 Image has its magic at byte 56 (Documentation/arch/arm64/booting).
        let mut image = vec![0; 3 * PIECE];
        image[56..60].copy_from_slice(b"ARM\x64");
        // Across the border of two pieces; the first text that begins so is no banner.
        image[5000..5014].copy_from_slice(b"Linux version ");
        let text = b"Linux version 6.1.0-9-arm64 (builder) #1 SMP\n\0";
        image[PIECE - 10..PIECE - 10 + text.len()].copy_from_slice(text);
        let banner = Some("6.1.0-9-arm64 (builder) #1 SMP".to_owned());
        assert_eq!(
            read(&MemorySource(image.clone())).unwrap(),
            (KernelFormat::Image, banner.clone())
        );
        let mut packer = libdeflater::Compressor::new(libdeflater::CompressionLvl::fastest());
        let mut packed = vec![0; packer.gzip_compress_bound(image.len())];
        let n = packer.gzip_compress(&image, &mut packed).unwrap();
        packed.truncate(n);
        assert_eq!(
            read(&MemorySource(packed.clone())).unwrap(),
            (KernelFormat::Gzip, banner)
        );
        packed.truncate(n / 2);
        assert_eq!(
            read(&MemorySource(packed)).unwrap(),
            (KernelFormat::Gzip, None)
        );
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
