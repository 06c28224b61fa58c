//! The signature appended to a kernel module.
//!
//! Source: Linux `include/linux/module_signature.h`: the module, the PKCS#7, a 12-byte trailer
//! with the length of the PKCS#7 (big-endian), then the marker.

use super::certificate::Certificate;
use super::key::DigestKind;
use super::pkcs7::{self, Fault, SignedData};
use crate::error::{Error, Layer, Result};
use crate::text::Text;

const MARKER: &[u8] = b"~Module signature appended~\n";
const TRAILER: usize = 12;
/// PKEY_ID_PKCS7.
const PKCS7: u8 = 2;

/// A module taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedModule<'a> {
    /// The bytes that are signed: the ELF object.
    pub content: &'a [u8],
    /// The PKCS#7, DER.
    pub signature: &'a [u8],
    /// Where the PKCS#7 begins, in bytes from the start of the module.
    pub offset: u64,
}

/// Takes the uncompressed module `bytes` apart; `None` for one without a signature.
///
/// # Errors
/// If there is a marker, but what stands before it is not sound.
pub fn split(bytes: &[u8]) -> Result<Option<SignedModule<'_>>> {
    let Some(rest) = bytes.strip_suffix(MARKER) else {
        return Ok(None);
    };
    let at = rest.len().saturating_sub(TRAILER);
    let bad = |what: Text| Error::corrupt(Layer::Signature, at as u64, what);
    let parts = rest.split_last_chunk::<TRAILER>();
    let (rest, trailer) = parts.ok_or_else(|| bad(say!(error_module_trailer)))?;
    let len = match *trailer {
        [0, 0, PKCS7, 0, 0, 0, 0, 0, a, b, c, d] => u32::from_be_bytes([a, b, c, d]),
        [_, _, kind, ..] => return Err(bad(say!(error_module_kind, kind = kind))),
    };
    let start = usize::try_from(len)
        .ok()
        .filter(|len| *len > 0)
        .and_then(|len| rest.len().checked_sub(len));
    let parts = start.and_then(|start| rest.split_at_checked(start));
    let (content, signature) =
        parts.ok_or_else(|| bad(say!(error_module_length, len = len, size = bytes.len())))?;
    Ok(Some(SignedModule {
        content,
        signature,
        offset: content.len() as u64,
    }))
}

impl<'a> SignedModule<'a> {
    /// The parsed signature.
    ///
    /// # Errors
    /// As [`pkcs7::parse`].
    pub fn parse(&self) -> Result<SignedData<'a>> {
        pkcs7::parse(self.signature, self.offset)
    }
}

/// The SHA-256 of a module as it is stored, and of the part that is signed: one pass for both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleDigests {
    /// Of all bytes.
    pub whole: Vec<u8>,
    /// Length of the signed part and its digest, where there is a signature.
    signed: Option<(usize, Vec<u8>)>,
}

/// The digests of `stored`, a module as the file holds it. Where that is packed, its signature is
/// not seen, and [`verify_with`] computes the digest of what is inside.
#[must_use]
pub fn sums(stored: &[u8]) -> ModuleDigests {
    let mut hasher = DigestKind::Sha256.hasher();
    let content = split(stored).ok().flatten().map(|m| m.content);
    let signed = content.map(|content| {
        hasher.update(content);
        (content.len(), hasher.clone().finish())
    });
    let signed_len = content.map_or(0, <[u8]>::len);
    hasher.update(stored.get(signed_len..).unwrap_or_default());
    ModuleDigests {
        whole: hasher.finish(),
        signed,
    }
}

/// What the signature of a module says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Proof<'k> {
    /// There is none.
    Unsigned,
    /// Every signer is one of the keys, and every signature is right; the first signer's key.
    Good(&'k Certificate),
    /// A signer is none of the keys; how the signature names it.
    Foreign(String),
    /// A key that the signature names does not verify it, or the signed digest is not the
    /// module's.
    Bad(&'k Certificate, Fault),
}

/// [`verify_with`], with no digest that was computed before.
///
/// # Errors
/// As [`verify_with`].
pub fn verify<'k>(bytes: &[u8], keys: &'k [Certificate]) -> Result<Proof<'k>> {
    verify_with(bytes, keys, None)
}

/// Verifies the signature of the uncompressed module `bytes` with `keys`, as the kernel does with
/// its key ring: the content is detached (a signature that brings its own is refused), a signer
/// is found by issuer and serial number or by key identifier, and no chain is built. `sums` are
/// those of the same bytes, where they are known.
///
/// # Errors
/// As [`split`] and [`SignedModule::parse`]; also for a signature with a content of its own or
/// without a signer, and for a key whose algorithm is not verified here.
pub fn verify_with<'k>(
    bytes: &[u8],
    keys: &'k [Certificate],
    sums: Option<&ModuleDigests>,
) -> Result<Proof<'k>> {
    let Some(module) = split(bytes)? else {
        return Ok(Proof::Unsigned);
    };
    let data = module.parse()?;
    let bad = |what: Text| Err(Error::corrupt(Layer::Signature, module.offset, what));
    if data.content.is_some() {
        return bad(say!(error_module_content));
    }
    let mut first = None;
    for signer in &data.signers {
        let mut named = keys.iter().filter(|k| signer.identity.names(k)).peekable();
        if named.peek().is_none() {
            return Ok(Proof::Foreign(signer.identity.text()));
        }
        let known = sums
            .filter(|_| signer.digest == DigestKind::Sha256)
            .and_then(|s| s.signed.as_ref())
            .filter(|(len, _)| *len == module.content.len());
        let digest = match known {
            Some((_, digest)) => digest.clone(),
            None => signer.digest.of(module.content),
        };
        let mut fault = None;
        let mut good = None;
        // Two kernels' keys may share issuer and number; any of them that verifies is the signer.
        for key in named {
            match signer.check(key, &digest)? {
                None => good = Some(key),
                Some(why) => fault = Some((key, why)),
            }
        }
        match (good, fault) {
            (Some(key), _) => _ = first.get_or_insert(key),
            (None, Some((key, why))) => return Ok(Proof::Bad(key, why)),
            (None, None) => return Ok(Proof::Foreign(signer.identity.text())),
        }
    }
    match first {
        Some(key) => Ok(Proof::Good(key)),
        None => bad(say!(error_signature_no_signer)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_longer_than_the_module_is_refused_with_the_trailers_offset() {
        let mut module = b"ELF".to_vec();
        module.extend([0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
        module.extend_from_slice(MARKER);
        assert_eq!(split(&module).unwrap_err().offset, Some(3));
        assert_eq!(split(b"ELF").unwrap(), None);
        assert!(split(MARKER).is_err());
    }
}
