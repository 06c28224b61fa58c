//! PE/COFF images and their Authenticode digest.
//!
//! Source: Microsoft "PE Format", "Windows Authenticode Portable Executable Signature Format".

use std::ops::Range;

use super::der::{Reader, tag};
use super::key::DigestKind;
use super::pkcs7;
use crate::bytes::{le16, le32};
use crate::error::{Error, Layer, Result};
use crate::source::{ReadAt, read_vec};

/// Sections of one image: the format allows 65,535, Windows loads at most 96.
const MAX_SECTIONS: usize = 96;
/// Bytes of all certificates of one image.
const MAX_CERTIFICATES: u64 = 16 * 1024 * 1024;
/// Entries of the certificate table.
const MAX_ENTRIES: usize = 64;
/// Bytes of one section that is read into memory.
const MAX_SECTION_BYTES: u64 = 256 * 1024 * 1024;

/// Bytes that are digested at once.
const BUFFER: usize = 256 * 1024;

const SPC_INDIRECT_DATA: &str = "1.3.6.1.4.1.311.2.1.4";

/// A section of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its name, a long one taken from the COFF string table.
    pub name: String,
    /// Its bytes in the file.
    pub file: Range<u64>,
    /// Its size in memory, in bytes; less than the file's where the rest is padding.
    pub virtual_size: u32,
}

/// A PE image.
#[derive(Debug, Clone)]
pub struct Pe {
    /// Machine of the COFF header.
    pub machine: u16,
    /// True for PE32+.
    pub pe32_plus: bool,
    /// Subsystem (10 to 13 are EFI).
    pub subsystem: u16,
    /// The sections in the order of their headers.
    pub sections: Vec<Section>,
    /// The certificate table in the file; empty where there is none.
    pub certificates: Range<u64>,
    /// Length of the file in bytes.
    pub len: u64,
    checksum_at: u64,
    security_at: Option<u64>,
    headers_len: u64,
}

/// One PKCS#7 of the certificate table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateEntry {
    /// Where its bytes begin in the file.
    pub offset: u64,
    /// The DER bytes with the padding that follows them.
    pub der: Vec<u8>,
}

/// The digest that an Authenticode signature speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndirectDigest {
    /// The algorithm.
    pub kind: DigestKind,
    /// The digest.
    pub digest: Vec<u8>,
}

fn corrupt(at: u64, detail: crate::text::Text) -> Error {
    Error::corrupt(Layer::Pe, at, detail)
}

/// True where the first bytes of a file can be those of a PE image.
#[must_use]
pub fn looks_like_pe(head: &[u8]) -> bool {
    head.starts_with(b"MZ")
}

impl Pe {
    /// Reads the headers of `file`.
    ///
    /// # Errors
    /// If it is no PE image, or if its headers, sections or certificate table do not fit the file.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "sums of a few values of 32 bits, one of them times 18, in 64 bits"
    )]
    pub fn parse(file: &dyn ReadAt) -> Result<Self> {
        let len = file.len();
        let head = read_vec(file, 0, usize::try_from(len.min(4096)).unwrap_or(0))?;
        if !head.starts_with(b"MZ") {
            return Err(corrupt(0, say!(error_magic, expected = "MZ")));
        }
        let pe_at = u64::from(le32(&head, 60).ok_or_else(|| corrupt(60, say!(error_pe_cut)))?);
        let coff = header(file, pe_at, 24)?;
        if !coff.starts_with(b"PE\0\0") {
            return Err(corrupt(pe_at, say!(error_magic, expected = "PE")));
        }
        let u16_at = |at| le16(&coff, at).unwrap_or(0);
        let u32_at = |at| le32(&coff, at).unwrap_or(0);
        let (machine, count) = (u16_at(4), usize::from(u16_at(6)));
        let (symbols, symbol_count) = (u64::from(u32_at(12)), u64::from(u32_at(16)));
        let optional_len = u64::from(u16_at(20));
        let optional_at = pe_at + 24;
        let optional = header(file, optional_at, optional_len)?;
        let pe32_plus = match le16(&optional, 0) {
            Some(0x10B) => false,
            Some(0x20B) => true,
            other => {
                return Err(corrupt(
                    optional_at,
                    say!(
                        error_pe_optional,
                        found = format!("{:#x}", other.unwrap_or(0))
                    ),
                ));
            }
        };
        let headers_len = u64::from(le32(&optional, 60).unwrap_or(0));
        let subsystem = le16(&optional, 68).unwrap_or(0);
        // The number of directories; the entry of the fifth one.
        let (count_at, security) = if pe32_plus { (108, 144) } else { (92, 128) };
        let directory_count = le32(&optional, count_at).unwrap_or(0);
        let mut certificates = len..len;
        let mut security_at = None;
        if directory_count > 4
            && let Some(at) = le32(&optional, security)
            && let Some(size) = le32(&optional, security + 4)
        {
            security_at = Some(optional_at + security as u64);
            certificates = certificate_range(at, size, len)?.unwrap_or(len..len);
        }
        if count > MAX_SECTIONS {
            return Err(Error::limit(
                Layer::Pe,
                pe_at + 6,
                say!(error_pe_sections, count = count, most = MAX_SECTIONS),
            ));
        }
        let table_at = optional_at + optional_len;
        let table = header(file, table_at, count as u64 * 40)?;
        let strings_at = symbols + symbol_count * 18;
        let mut sections = Vec::with_capacity(count);
        for (i, entry) in table.as_chunks::<40>().0.iter().enumerate() {
            let at = table_at + i as u64 * 40;
            let size = u64::from(le32(entry, 16).unwrap_or(0));
            let start = u64::from(le32(entry, 20).unwrap_or(0));
            if size > 0 && start + size > len {
                return Err(corrupt(
                    at,
                    say!(
                        error_pe_end,
                        start = start,
                        len = size,
                        end = len,
                        what = "section"
                    ),
                ));
            }
            sections.push(Section {
                name: section_name(file, &entry[..8], strings_at, symbols),
                file: if size > 0 { start..start + size } else { 0..0 },
                virtual_size: le32(entry, 8).unwrap_or(0),
            });
        }
        if headers_len > len || headers_len < table_at + table.len() as u64 {
            return Err(corrupt(
                optional_at + 60,
                say!(error_pe_headers, len = headers_len),
            ));
        }
        Ok(Self {
            machine,
            pe32_plus,
            subsystem,
            sections,
            certificates,
            len,
            checksum_at: optional_at + 64,
            security_at,
            headers_len,
        })
    }

    /// The fields that signing writes, as (offset, length): the checksum and the directory entry
    /// of the certificate table.
    #[must_use]
    pub fn signing_fields(&self) -> Vec<(u64, usize)> {
        let mut fields = vec![(self.checksum_at, 4)];
        fields.extend(self.security_at.map(|at| (at, 8)));
        fields
    }

    /// The section called `name`.
    #[must_use]
    pub fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|s| s.name == name)
    }

    /// The bytes of a section as far as they count: at most its size in memory.
    ///
    /// # Errors
    /// If it can't be read or is longer than 256 MiB.
    pub fn section_bytes(&self, file: &dyn ReadAt, section: &Section) -> Result<Vec<u8>> {
        let stored = section.file.end.saturating_sub(section.file.start);
        let used = match u64::from(section.virtual_size) {
            0 => stored,
            size => stored.min(size),
        };
        if used > MAX_SECTION_BYTES {
            return Err(Error::limit(
                Layer::Pe,
                section.file.start,
                say!(
                    error_pe_section_long,
                    name = &section.name,
                    len = used,
                    most = MAX_SECTION_BYTES
                ),
            ));
        }
        read_vec(file, section.file.start, usize::try_from(used).unwrap_or(0))
    }

    /// The Authenticode digest of `file`: headers without checksum and certificate directory,
    /// the sections by their place in the file, then what follows up to the certificate table.
    ///
    /// # Errors
    /// If sections overlap each other, the headers or the certificate table (the digest would
    /// then not cover what is loaded), or if the file can't be read.
    pub fn authenticode(&self, file: &dyn ReadAt, kinds: &[DigestKind]) -> Result<Vec<Vec<u8>>> {
        let after = self.checksum_at.saturating_add(4);
        let mut parts = Vec::with_capacity(self.sections.len().saturating_add(5));
        parts.push(0..self.checksum_at);
        match self.security_at {
            Some(at) => parts.extend([after..at, at.saturating_add(8)..self.headers_len]),
            None => parts.push(after..self.headers_len),
        }
        let mut sections: Vec<Range<u64>> = self
            .sections
            .iter()
            .map(|s| s.file.clone())
            .filter(|r| !r.is_empty())
            .collect();
        sections.sort_by_key(|r| r.start);
        let mut end = self.headers_len;
        for section in &sections {
            if section.start < end {
                return Err(corrupt(
                    section.start,
                    say!(error_pe_overlap, start = section.start, end = end),
                ));
            }
            end = section.end;
        }
        // Bytes between sections are part of no section: Windows and EFI loaders do not map them,
        // and the digest leaves them out.
        parts.extend(sections);
        let tail = self.certificates.start;
        if tail < end {
            return Err(corrupt(tail, say!(error_pe_table_overlap)));
        }
        parts.push(end..tail);
        // The table is the last thing in a sound file; what follows it is covered as well.
        parts.push(self.certificates.end..self.len);
        let mut hashers: Vec<_> = kinds.iter().map(|k| k.hasher()).collect();
        let mut buffer = vec![0; BUFFER];
        for part in parts {
            for at in part.clone().step_by(BUFFER) {
                let left = usize::try_from(part.end.saturating_sub(at)).unwrap_or(BUFFER);
                let (piece, _) = buffer.split_at_mut(left.min(BUFFER));
                file.read_at(piece, at)?;
                for hasher in &mut hashers {
                    hasher.update(piece);
                }
            }
        }
        // An unsigned image is digested as if padded to eight bytes, as signing tools pad it.
        if self.certificates.is_empty() && !self.len.is_multiple_of(8) {
            let over = usize::try_from(self.len % 8).unwrap_or(0);
            let (_, padding) = [0; 8].split_at(over);
            for hasher in &mut hashers {
                hasher.update(padding);
            }
        }
        Ok(hashers
            .into_iter()
            .map(super::key::Hasher::finish)
            .collect())
    }

    /// The PKCS#7 entries of the certificate table.
    ///
    /// # Errors
    /// If an entry overruns the table, or the table is longer than 16 MiB.
    pub fn entries(&self, file: &dyn ReadAt) -> Result<Vec<CertificateEntry>> {
        let mut entries = Vec::new();
        let mut at = self.certificates.start;
        while at.saturating_add(8) <= self.certificates.end {
            let head = header(file, at, 8)?;
            let len = u64::from(le32(&head, 0).unwrap_or(0));
            let kind = le16(&head, 6).unwrap_or(0);
            if len == 0 {
                break;
            }
            if len < 8 || len > self.certificates.end.saturating_sub(at) {
                return Err(corrupt(at, say!(error_pe_entry, len = len)));
            }
            if entries.len() >= MAX_ENTRIES {
                return Err(Error::limit(
                    Layer::Pe,
                    at,
                    say!(
                        error_signature_too_many,
                        most = MAX_ENTRIES,
                        what = "entries"
                    ),
                ));
            }
            // WIN_CERT_TYPE_PKCS_SIGNED_DATA
            if kind == 2 {
                let offset = at.saturating_add(8);
                let bytes = usize::try_from(len.saturating_sub(8)).unwrap_or(usize::MAX);
                let der = read_vec(file, offset, bytes)?;
                entries.push(CertificateEntry { offset, der });
            }
            at = at.saturating_add(len.next_multiple_of(8));
        }
        Ok(entries)
    }
}

fn header(file: &dyn ReadAt, at: u64, len: u64) -> Result<Vec<u8>> {
    let cut = |_| corrupt(at, say!(error_past_end, bytes = len, size = file.len()));
    read_vec(file, at, usize::try_from(len).unwrap_or(usize::MAX)).map_err(cut)
}

/// The range of the certificate table, `None` where the directory is empty.
fn certificate_range(at: u32, size: u32, len: u64) -> Result<Option<Range<u64>>> {
    let (at, size) = (u64::from(at), u64::from(size));
    if size == 0 {
        return Ok(None);
    }
    let end = at.saturating_add(size);
    if end > len || at == 0 {
        return Err(corrupt(
            at,
            say!(
                error_pe_end,
                start = at,
                len = size,
                end = len,
                what = "table"
            ),
        ));
    }
    if size > MAX_CERTIFICATES {
        return Err(Error::limit(
            Layer::Pe,
            at,
            say!(error_pe_table_long, len = size, most = MAX_CERTIFICATES),
        ));
    }
    Ok(Some(at..end))
}

fn section_name(file: &dyn ReadAt, raw: &[u8], strings_at: u64, symbols: u64) -> String {
    let short = crate::text::lossless(raw.split(|b| *b == 0).next().unwrap_or(raw));
    let Some(offset) = short.strip_prefix('/').and_then(|n| n.parse::<u64>().ok()) else {
        return short;
    };
    if symbols == 0 {
        return short;
    }
    let at = strings_at.saturating_add(offset);
    let left = file.len().saturating_sub(at).min(64);
    let Ok(bytes) = read_vec(file, at, usize::try_from(left).unwrap_or(0)) else {
        return short;
    };
    let end = bytes.iter().position(|b| *b == 0);
    match end.and_then(|end| bytes.get(..end)) {
        Some(name) if !name.is_empty() => crate::text::lossless(name),
        _ => short,
    }
}

/// The digest inside the SpcIndirectDataContent of an Authenticode signature.
///
/// # Errors
/// If the content is something else.
pub fn indirect_digest(data: &pkcs7::SignedData<'_>, offset: u64) -> Result<IndirectDigest> {
    let content = data
        .content
        .filter(|_| data.content_type == SPC_INDIRECT_DATA);
    let content = content.ok_or_else(|| {
        Error::corrupt(
            Layer::Signature,
            offset,
            say!(
                error_signature_content,
                found = &data.content_type,
                expected = "SpcIndirectDataContent"
            ),
        )
    })?;
    let mut reader = Reader::new(content, offset);
    reader.expect(tag::SEQUENCE)?;
    let mut info = reader.sequence()?;
    let oid = info.sequence()?.oid()?;
    let kind = DigestKind::from_oid(&oid).ok_or_else(|| {
        Error::unsupported(
            Layer::Signature,
            offset,
            say!(error_signature_digest, digest = oid),
        )
    })?;
    Ok(IndirectDigest {
        kind,
        digest: info.expect(tag::OCTET_STRING)?.body.to_vec(),
    })
}
