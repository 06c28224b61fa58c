//! The certificate that shim carries: the authority whose signatures it accepts besides the
//! firmware's.
//!
//! Source: shim `cert.S`: section `.vendor_cert` is four little-endian 32-bit numbers (length of
//! the authorised and of the revoked data, and where each begins in the section), then the data.

use super::certificate::Certificate;
use super::pe::Pe;
use crate::bytes::le32;
use crate::error::{Error, Layer, Result};
use crate::source::ReadAt;

/// The vendor's authority in the shim `file`; `None` where it is no shim, or one without.
///
/// # Errors
/// If the section is not sound; [`crate::Kind::Unsupported`] where it holds a signature database
/// in place of one certificate.
pub fn vendor_certificate(pe: &Pe, file: &dyn ReadAt) -> Result<Option<Certificate>> {
    let Some(section) = pe.section(".vendor_cert") else {
        return Ok(None);
    };
    let bytes = pe.section_bytes(file, section)?;
    certificate_in(&bytes, section.file.start)
}

fn certificate_in(bytes: &[u8], at: u64) -> Result<Option<Certificate>> {
    let field = |at: usize| le32(bytes, at).and_then(|n| usize::try_from(n).ok());
    let (len, start) = field(0).zip(field(8)).unwrap_or((usize::MAX, 0));
    if len == 0 {
        return Ok(None);
    }
    let data = start.checked_add(len).and_then(|end| bytes.get(start..end));
    let data = data.ok_or_else(|| {
        let what = format!("a vendor certificate of {len} bytes at {start}");
        Error::corrupt(Layer::Pe, at, what)
    })?;
    if data.first() != Some(&0x30) {
        return Err(Error::unsupported(
            Layer::Pe,
            at,
            "a vendor database in place of a certificate is not read by this version",
        ));
    }
    Certificate::parse(data).map(Some)
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
        let kind = |b: &[u8]| certificate_in(b, 0).map_err(|e| e.kind);
        assert_eq!(kind(&section(17, 16)), Err(Kind::Corrupt));
        assert_eq!(kind(&section(u32::MAX, u32::MAX)), Err(Kind::Corrupt));
        assert_eq!(kind(&section(16, 16)), Err(Kind::Unsupported));
        assert_eq!(kind(&section(0, 16)), Ok(None));
        assert_eq!(kind(&[0; 3]), Err(Kind::Corrupt));
    }
}
