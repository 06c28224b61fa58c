//! x86 bzImage: its payload, and the certificates that are built into the kernel inside.
//!
//! Source: Linux `Documentation/arch/x86/boot.rst`, "The Real-Mode Kernel Header": `setup_sects`
//! 0x1F1, `header` 0x202, `version` 0x206, `payload_offset` 0x248, `payload_length` 0x24C.

use super::certificate::{Certificate, MAX_CERTIFICATE};
use super::unpack::{self, Packing};
use super::vmlinux::{Inside, Passing, Window};
use crate::bytes::{le16, le32};
use crate::error::{Error, Layer, Result};

/// The longest kernel that is unpacked, in bytes.
pub const MAX_VMLINUX: usize = 512 * 1024 * 1024;
/// Certificates of one kernel.
const MAX_FOUND: usize = 256;
/// Places of one kernel that are tried for a certificate.
const MAX_TRIED: usize = 65_536;

fn corrupt(at: u64, detail: crate::text::Text) -> Error {
    Error::corrupt(Layer::Kernel, at, detail)
}

/// The packed kernel inside a bzImage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payload<'a> {
    /// How it is packed.
    pub packing: Packing,
    /// Where it begins in the file, in bytes.
    pub offset: u64,
    /// The packed stream.
    pub packed: &'a [u8],
    /// Length of the unpacked kernel in bytes, as it stands behind the stream.
    pub unpacked: u32,
}

/// Finds the payload of the bzImage `file`.
///
/// # Errors
/// If it is no bzImage, is older than boot protocol 2.08 (Linux 2.6.26), has a payload that
/// crosses its end, or one of an unknown packing.
pub fn payload(file: &[u8]) -> Result<Payload<'_>> {
    if file.get(0x202..0x206) != Some(b"HdrS") {
        return Err(corrupt(0x202, say!(error_magic, expected = "HdrS")));
    }
    let version = le16(file, 0x206).unwrap_or(0);
    if version < 0x208 {
        return Err(Error::unsupported(
            Layer::Kernel,
            0x206,
            say!(error_kernel_protocol, version = format!("{version:#x}")),
        ));
    }
    let field = |at| le32(file, at).map(u64::from);
    let (Some(offset), Some(len)) = (field(0x248), field(0x24C)) else {
        return Err(corrupt(0x248, say!(error_kernel_setup_cut)));
    };
    let start = setup_len(file).saturating_add(offset);
    let range = usize::try_from(start).ok().zip(usize::try_from(len).ok());
    let bytes = range.and_then(|(s, n)| file.get(s..s.checked_add(n)?));
    // The build appends the length (scripts/Makefile.lib, `size_append`); gzip ends with it.
    let parts = bytes
        .filter(|b| b.len() > 8)
        .and_then(|b| Some((b, b.split_last_chunk::<4>()?)));
    let (bytes, (stream, length)) = parts.ok_or_else(|| {
        corrupt(
            0x248,
            say!(
                error_kernel_payload,
                len = len,
                start = start,
                size = file.len()
            ),
        )
    })?;
    let packing = unpack::packing(bytes).ok_or_else(|| {
        Error::unsupported(
            Layer::Kernel,
            start,
            say!(
                error_kernel_packing,
                found = crate::bytes::hex(bytes.get(..4).unwrap_or(bytes))
            ),
        )
    })?;
    Ok(Payload {
        packing,
        offset: start,
        packed: if packing == Packing::Gzip {
            bytes
        } else {
            stream
        },
        unpacked: u32::from_le_bytes(*length),
    })
}

impl Payload<'_> {
    /// The unpacked kernel (an ELF file).
    ///
    /// # Errors
    /// As [`unpack::unpack`], bounded by [`MAX_VMLINUX`]; also where its length is not the one
    /// that stands behind the stream.
    pub fn unpack(&self) -> Result<Vec<u8>> {
        let limit = self.limit()?;
        let out = unpack::unpack(self.packing, self.packed, limit, self.offset)?;
        self.check(out.len(), limit)?;
        Ok(out)
    }

    /// What stands in the unpacked kernel, which is not held whole, and whether its banner is at
    /// `address`.
    ///
    /// # Errors
    /// As [`Payload::unpack`].
    pub fn look(&self, address: Option<u64>) -> Result<Inside> {
        let limit = self.limit()?;
        let (inside, len) = look(self.packing, self.packed, limit, self.offset, address)?;
        self.check(len, limit)?;
        Ok(inside)
    }

    fn limit(&self) -> Result<usize> {
        let limit = usize::try_from(self.unpacked).unwrap_or(usize::MAX);
        if limit > MAX_VMLINUX {
            return Err(Error::limit(
                Layer::Kernel,
                self.offset,
                say!(error_kernel_long, len = limit, most = MAX_VMLINUX),
            ));
        }
        Ok(limit)
    }

    fn check(&self, found: usize, expected: usize) -> Result<()> {
        if found == expected {
            return Ok(());
        }
        let what = say!(error_kernel_length, found = found, expected = expected);
        Err(corrupt(self.offset, what))
    }
}

/// What stands in the kernel that unpacks from `packed`, and its length.
fn look(
    how: Packing,
    packed: &[u8],
    limit: usize,
    offset: u64,
    address: Option<u64>,
) -> Result<(Inside, usize)> {
    let mut passing = Passing::new(address);
    let len = unpack::unpack_to(how, packed, limit, offset, &mut |bytes| passing.take(bytes))?;
    Ok((passing.finish(), len))
}

/// The certificates that stand in the unpacked kernel `vmlinux`: its built-in key ring, each with
/// the byte where it begins. The list `system_certificate_list` has no header of its own and the
/// symbol that names it is stripped, so every DER certificate of the file is taken.
///
/// # Errors
/// [`crate::Kind::Limit`] where there are more than 256, or too many places that look like one.
pub fn certificates(vmlinux: &[u8]) -> Result<Vec<(u64, Certificate)>> {
    let mut certificates = Certificates::default();
    certificates.look(Window::whole(vmlinux));
    certificates.finish()
}

/// Looks for certificates.
#[derive(Debug, Default)]
pub(super) struct Certificates {
    /// Where to look next.
    next: usize,
    tried: usize,
    found: Vec<(u64, Certificate)>,
    problem: Option<Error>,
}

impl Certificates {
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "places and lengths of less than 64 KiB in a kernel, whose length is at most isize::MAX"
    )]
    pub(super) fn look(&mut self, window: Window<'_>) {
        // SEQUENCE with a length of two bytes, and a SEQUENCE in it.
        let finder = memchr::memmem::Finder::new(&[0x30, 0x82]);
        while self.problem.is_none()
            && let Some(start) = window.find(&finder, self.next)
        {
            self.next = start + 1;
            let Some(&[_, _, a, b, 0x30]) = window.from(start).first_chunk() else {
                continue;
            };
            let len = usize::from(u16::from_be_bytes([a, b])) + 4;
            let der = window.get(start, len);
            let Some(der) = der.filter(|d| d.len() <= MAX_CERTIFICATE) else {
                continue;
            };
            self.tried += 1;
            if self.tried > MAX_TRIED || self.found.len() >= MAX_FOUND {
                let what = say!(error_kernel_certificates);
                self.problem = Some(Error::limit(Layer::Kernel, start as u64, what));
                return;
            }
            let Ok(certificate) = Certificate::parse(der) else {
                continue;
            };
            self.next = start + len;
            if self.found.iter().all(|(_, c)| c.der != certificate.der) {
                self.found.push((start as u64, certificate));
            }
        }
        self.next = self.next.max(window.own_end());
    }

    pub(super) fn finish(self) -> Result<Vec<(u64, Certificate)>> {
        match self.problem {
            Some(problem) => Err(problem),
            None => Ok(self.found),
        }
    }
}

/// The header that the boot protocol defines, as far as it is compared.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Setup {
    /// Version of the boot protocol (0x20F for 2.15).
    pub protocol: u16,
    /// The version text that the header points to; its first word is the release.
    pub version: Option<String>,
    /// Bytes up to where the CRC-32 of the build covers: `(setup_sects + 1) · 512 + syssize · 16`.
    pub end: u64,
}

/// Reads the set-up header of the bzImage `file`.
///
/// # Errors
/// If the boot flag or `HdrS` is missing, or the kernel is cut.
pub fn setup(file: &[u8]) -> Result<Setup> {
    if file.get(0x1FE..0x200) != Some(&[0x55, 0xAA]) {
        return Err(corrupt(0x1FE, say!(error_magic, expected = "0xAA55")));
    }
    if file.get(0x202..0x206) != Some(b"HdrS") {
        return Err(corrupt(0x202, say!(error_magic, expected = "HdrS")));
    }
    let (Some(protocol), Some(text), Some(units)) =
        (le16(file, 0x206), le16(file, 0x20E), le32(file, 0x1F4))
    else {
        return Err(corrupt(0x206, say!(error_kernel_setup_cut)));
    };
    let end = setup_len(file).saturating_add(u64::from(units) * 16);
    if end > file.len() as u64 {
        let what = say!(error_kernel_cut, len = end, size = file.len());
        return Err(corrupt(0x1F4, what));
    }
    let version = file
        .get(usize::from(text) + 0x200..)
        .filter(|_| text != 0)
        .and_then(|rest| {
            let end = rest.iter().take(256).position(|b| *b == 0)?;
            Some(crate::text::lossless(rest.get(..end)?))
        })
        .filter(|t| !t.is_empty());
    Ok(Setup {
        protocol,
        version,
        end,
    })
}

/// Bytes of the set-up code: the first sector, and as many behind it as it says (0x1F1; 0 stands
/// for 4).
fn setup_len(file: &[u8]) -> u64 {
    let behind = match file.get(0x1F1) {
        Some(0) | None => 4,
        Some(n) => u64::from(*n),
    };
    behind.saturating_add(1).saturating_mul(512)
}

/// The CRC-32 that the build appended (`arch/x86/boot/tools/build.c`, before Linux 6.15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Crc {
    /// What it should be: that of all before it, with the fields that signing changes as zeros.
    pub computed: u32,
    /// What stands there.
    pub stored: u32,
}

/// The CRC of the bzImage `file`. Signing writes the PE checksum and the certificate directory
/// (`fields`, (offset, length)) into what the build summed up with zeros there.
#[must_use]
pub fn crc(file: &[u8], setup: &Setup, fields: &[(u64, usize)]) -> Option<Crc> {
    let end = usize::try_from(setup.end).ok()?;
    let (covered, stored) = file.get(..end)?.split_last_chunk::<4>()?;
    let mut hasher = crc32fast::Hasher::new();
    let mut fields = fields.to_vec();
    fields.sort_unstable();
    let mut at = 0;
    for (start, len) in fields {
        let start = usize::try_from(start).ok()?;
        hasher.update(covered.get(at..start)?);
        hasher.update(&vec![0; len.min(64)]);
        at = start.checked_add(len)?;
    }
    hasher.update(covered.get(at..)?);
    Some(Crc {
        // The build leaves out the last inversion.
        computed: hasher.finalize() ^ u32::MAX,
        stored: u32::from_le_bytes(*stored),
    })
}

/// The packed kernel inside an EFI zboot image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zboot<'a> {
    packing: Packing,
    offset: u64,
    packed: &'a [u8],
}

/// What an EFI zboot image packs (`include/linux/pe.h`, `linux_efi_zboot_header`): `zimg` at byte
/// 4, offset and length of the packed kernel at 8 and 12. `None` where it is no such image.
///
/// # Errors
/// If the packed kernel crosses the end of the file, or its packing is not known.
pub fn zboot(file: &[u8]) -> Result<Option<Zboot<'_>>> {
    if !file.starts_with(b"MZ") || file.get(4..8) != Some(b"zimg") {
        return Ok(None);
    }
    let field = |at| le32(file, at).and_then(|n| usize::try_from(n).ok());
    let range = field(8).zip(field(12));
    let bytes = range.and_then(|(at, len)| file.get(at..at.checked_add(len)?));
    let packed = bytes.ok_or_else(|| corrupt(8, say!(error_kernel_end)))?;
    let packing = unpack::packing(packed);
    let packing = packing.ok_or_else(|| {
        Error::unsupported(
            Layer::Kernel,
            8,
            say!(
                error_kernel_packing,
                found = crate::bytes::hex(packed.get(..4).unwrap_or(packed))
            ),
        )
    })?;
    Ok(Some(Zboot {
        packing,
        offset: field(8).unwrap_or(0) as u64,
        packed,
    }))
}

impl Zboot<'_> {
    /// The unpacked kernel.
    ///
    /// # Errors
    /// As [`unpack::unpack`], bounded by [`MAX_VMLINUX`].
    pub fn unpack(&self) -> Result<Vec<u8>> {
        unpack::unpack(self.packing, self.packed, MAX_VMLINUX, self.offset)
    }

    /// What stands in the unpacked kernel, which is not held whole.
    ///
    /// # Errors
    /// As [`Zboot::unpack`].
    pub fn look(&self, address: Option<u64>) -> Result<Inside> {
        let found = look(self.packing, self.packed, MAX_VMLINUX, self.offset, address);
        found.map(|(inside, _)| inside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn image(offset: u32, len: u32, payload: &[u8]) -> Vec<u8> {
        let mut b = vec![0; 0x400];
        b[0x1F1] = 1;
        b[0x202..0x206].copy_from_slice(b"HdrS");
        b[0x206..0x208].copy_from_slice(&0x20F_u16.to_le_bytes());
        b[0x248..0x24C].copy_from_slice(&offset.to_le_bytes());
        b[0x24C..0x250].copy_from_slice(&len.to_le_bytes());
        b.extend_from_slice(payload);
        b
    }

    #[test]
    fn a_payload_is_where_the_boot_protocol_says() {
        let mut packed = zstd::bulk::compress(b"\x7fELF Linux version 6.1 (x)\n", 3).unwrap();
        packed.extend(27_u32.to_le_bytes());
        let len = u32::try_from(packed.len()).unwrap();
        let file = image(0, len, &packed);
        let found = payload(&file).unwrap();
        assert_eq!((found.offset, found.packing), (0x400, Packing::Zstd));
        let kernel = found.unpack().unwrap();
        assert_eq!(kernel, b"\x7fELF Linux version 6.1 (x)\n");
        let banner = found.look(None).unwrap().banner.unwrap();
        assert_eq!(banner.release, "6.1");
        // Another length behind it: too long, or too short.
        for (wrong, kind) in [
            (26_u32, Kind::Limit),
            (28, Kind::Corrupt),
            (u32::MAX, Kind::Limit),
        ] {
            let at = packed.len() - 4;
            packed[at..].copy_from_slice(&wrong.to_le_bytes());
            let file = image(0, len, &packed);
            let got = payload(&file).and_then(|p| p.unpack()).unwrap_err();
            assert_eq!(got.kind, kind, "{wrong}");
            let got = payload(&file).and_then(|p| p.look(None)).unwrap_err();
            assert_eq!(got.kind, kind, "{wrong}");
        }
    }

    #[test]
    fn a_payload_that_crosses_the_end_is_refused() {
        for (offset, len) in [(0, 101), (1, 100), (u32::MAX, u32::MAX), (0, 0)] {
            let got = payload(&image(offset, len, &[0x28; 100])).unwrap_err();
            assert_eq!((got.kind, got.offset), (Kind::Corrupt, Some(0x248)));
        }
        let got = payload(&image(0, 100, &[0x28; 100])).unwrap_err();
        assert_eq!((got.kind, got.offset), (Kind::Unsupported, Some(0x400)));
        assert!(payload(b"MZ").is_err());
    }

    #[test]
    fn bytes_that_look_like_many_certificates_end_the_search() {
        let hostile = [0x30, 0x82, 0, 1, 0x30].repeat(MAX_TRIED + 2);
        assert_eq!(certificates(&hostile).unwrap_err().kind, Kind::Limit);
        assert_eq!(certificates(&[0x30, 0x82]).unwrap(), []);
        assert_eq!(certificates(&[0x30, 0x82, 0xFF, 0xFF, 0x30]).unwrap(), []);
    }
}
