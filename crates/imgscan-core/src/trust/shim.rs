//! What shim carries: whose signatures it accepts besides the firmware's, and what it refuses.
//!
//! Source: shim `cert.S`: section `.vendor_cert` is four little-endian 32-bit numbers (length of
//! the authorised and of the revoked data, and where each begins in the section), then the data: one
//! certificate (DER) or signature lists.

use super::certificate::Certificate;
use super::pe::Pe;
use crate::bytes::le32;
use crate::error::{Error, Layer, Result};
use crate::source::ReadAt;

/// Lists of a vendor database that are read.
const MAX_LISTS: usize = 4096;
/// Entries of all of its lists.
const MAX_ENTRIES: usize = 4096;
/// `EFI_CERT_X509_GUID` and `EFI_CERT_SHA256_GUID` (UEFI specification 2.10, 32.4.1), as they are
/// stored.
const X509: [u8; 16] = [
    0xA1, 0x59, 0xC0, 0xA5, 0xE4, 0x94, 0xA7, 0x4A, 0x87, 0xB5, 0xAB, 0x15, 0x5C, 0x2B, 0xF0, 0x72,
];
const SHA256: [u8; 16] = [
    0x26, 0x16, 0xC4, 0xC1, 0x4C, 0x50, 0x92, 0x40, 0xAC, 0xA9, 0x41, 0xF9, 0x36, 0x93, 0x43, 0x28,
];

/// What a shim accepts besides what the firmware does, and what it refuses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vendor {
    /// The authorities whose signatures it accepts.
    pub authorities: Vec<Certificate>,
    /// SHA-256 Authenticode digests that it accepts without a signature, hexadecimal.
    pub digests: Vec<String>,
    /// Certificates that it refuses.
    pub revoked: Vec<Certificate>,
    /// SHA-256 Authenticode digests that it refuses, hexadecimal.
    pub revoked_digests: Vec<String>,
    /// Why what it refuses could not be read.
    pub problem: Option<Error>,
}

/// What the shim `file` carries; `None` where it is no shim.
///
/// # Errors
/// If the section is not sound, or holds a list of a kind that is not known.
pub fn vendor(pe: &Pe, file: &dyn ReadAt) -> Result<Option<Vendor>> {
    let Some(section) = pe.section(".vendor_cert") else {
        return Ok(None);
    };
    let bytes = pe.section_bytes(file, section)?;
    vendor_in(&bytes, section.file.start).map(Some)
}

fn vendor_in(bytes: &[u8], at: u64) -> Result<Vendor> {
    let (authorities, digests) = database(bytes, (0, 8), at)?;
    let refused = database(bytes, (4, 12), at);
    let problem = refused.as_ref().err().cloned();
    let (revoked, revoked_digests) = refused.unwrap_or_default();
    Ok(Vendor {
        authorities,
        digests,
        revoked,
        revoked_digests,
        problem,
    })
}

/// One of the two parts: a certificate, or a signature database. `fields`: where its length and
/// its place stand.
fn database(
    bytes: &[u8],
    fields: (usize, usize),
    at: u64,
) -> Result<(Vec<Certificate>, Vec<String>)> {
    let field = |at: usize| le32(bytes, at).and_then(|n| usize::try_from(n).ok());
    let (len, start) = field(fields.0)
        .zip(field(fields.1))
        .unwrap_or((usize::MAX, 0));
    if len == 0 {
        return Ok((Vec::new(), Vec::new()));
    }
    let data = start.checked_add(len).and_then(|end| bytes.get(start..end));
    let data = data.ok_or_else(|| {
        let what = say!(error_shim_vendor, len = len, start = start);
        Error::corrupt(Layer::Pe, at, what)
    })?;
    if data.first() == Some(&0x30) {
        return Ok((vec![Certificate::parse(data)?], Vec::new()));
    }
    lists(data, at.saturating_add(start as u64))
}

/// Signature lists (UEFI specification 2.10, 32.4.1, `EFI_SIGNATURE_LIST`): type, then three
/// little-endian 32-bit numbers (length of the list, of its header, of each entry); an entry is
/// its owner's GUID and the data.
fn lists(data: &[u8], base: u64) -> Result<(Vec<Certificate>, Vec<String>)> {
    let (mut certificates, mut digests) = (Vec::new(), Vec::new());
    let (mut at, mut entries) = (0_usize, 0_usize);
    let mut bad = None;
    for _ in 0..MAX_LISTS {
        if at == data.len() {
            return bad.map_or(Ok((certificates, digests)), Err);
        }
        let field = |i: usize| le32(data, at.checked_add(i)?).and_then(|n| usize::try_from(n).ok());
        let here = base.saturating_add(at as u64);
        let fault = |what: crate::text::Text| Error::corrupt(Layer::Pe, here, what);
        let (Some(len), Some(head), Some(size)) = (field(16), field(20), field(24)) else {
            return Err(fault(say!(error_shim_list_cut)));
        };
        let list = at.checked_add(len).and_then(|end| data.get(at..end));
        let parts = list.and_then(|l| Some((l, l.get(head.checked_add(28)?..)?)));
        let (list, body) = parts
            .filter(|(_, b)| size > 16 && b.len().is_multiple_of(size))
            .ok_or_else(|| fault(say!(error_shim_list)))?;
        for entry in body.chunks_exact(size) {
            entries = entries.saturating_add(1);
            if entries > MAX_ENTRIES {
                return Err(Error::limit(
                    Layer::Pe,
                    here,
                    say!(
                        error_signature_too_many,
                        most = MAX_ENTRIES,
                        what = "signatures"
                    ),
                ));
            }
            match entry.get(16..) {
                Some(value) if list.starts_with(&X509) => {
                    certificates.push(Certificate::parse(value)?);
                }
                Some(value) if list.starts_with(&SHA256) && value.len() == 32 => {
                    digests.push(crate::bytes::hex(value));
                }
                _ => bad = Some(Error::unsupported(Layer::Pe, here, say!(error_shim_kind))),
            }
        }
        at = at.saturating_add(len);
    }
    Err(Error::limit(
        Layer::Pe,
        base,
        say!(error_signature_too_many, most = MAX_LISTS, what = "lists"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn a_vendor_certificate_that_crosses_its_section_is_refused() {
        let section = |len: u32, at: u32| {
            let words = [len, 0, at, 0];
            let mut b: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
            b.extend([1; 16]);
            b
        };
        let kind = |b: &[u8]| vendor_in(b, 0).map_err(|e| e.kind);
        assert_eq!(kind(&section(17, 16)), Err(Kind::Corrupt));
        assert_eq!(kind(&section(u32::MAX, u32::MAX)), Err(Kind::Corrupt));
        assert_eq!(kind(&section(16, 16)), Err(Kind::Corrupt));
        assert_eq!(kind(&section(0, 16)), Ok(Vendor::default()));
        assert_eq!(kind(&[0; 3]), Err(Kind::Corrupt));
    }

    #[test]
    fn signature_lists_give_certificates_and_digests() {
        let pinned = &crate::trust::Bundle::built_in().anchors()[0];
        let der = pinned.certificate.der.to_vec();
        let list = |kind: [u8; 16], value: &[u8]| {
            let size = u32::try_from(16 + value.len()).unwrap();
            let words = [28 + size, 0, size];
            let words = words.iter().flat_map(|w| w.to_le_bytes());
            let mut list: Vec<u8> = kind.into_iter().chain(words).collect();
            list.extend([7; 16]);
            list.extend(value);
            list
        };
        let both = [list(X509, &der), list(SHA256, &[0xAB; 32])].concat();
        let (certificates, digests) = lists(&both, 0).unwrap();
        assert_eq!(certificates, [(*pinned.certificate).clone()]);
        assert_eq!(digests, ["ab".repeat(32)]);
        assert_eq!(
            lists(&both[..both.len() - 1], 0).unwrap_err().kind,
            Kind::Corrupt
        );
        let mut zero = list(SHA256, &[0; 32]);
        zero[24..28].fill(0);
        assert_eq!(lists(&zero, 0).unwrap_err().kind, Kind::Corrupt);
        let mut endless = list(SHA256, &[0; 32]);
        endless[16..20].fill(0);
        assert_eq!(lists(&endless, 0).unwrap_err().kind, Kind::Corrupt);
        assert_eq!(
            lists(&list([1; 16], &[0; 32]), 0).map_err(|e| e.kind),
            Err(Kind::Unsupported)
        );
    }
}
