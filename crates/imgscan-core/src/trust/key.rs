//! Public keys and signatures: RSA PKCS#1 v1.5 and ECDSA, verification only.

use sha2::Digest as _;

use super::der::{Reader, tag};
use super::dsa::DsaKey;
use super::ecdsa::EcKey;
use super::rsa::RsaKey;
use crate::error::{Error, Layer, Result};

/// A message digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DigestKind {
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl DigestKind {
    /// By its object identifier, or that of a signature algorithm that names it (RFC 8017, RFC
    /// 5758).
    #[must_use]
    pub fn from_oid(oid: &str) -> Option<Self> {
        Some(match oid {
            "1.2.840.113549.2.5" | "1.2.840.113549.1.1.4" => Self::Md5,
            "1.3.14.3.2.26" | "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" | "1.2.840.10045.4.1" => {
                Self::Sha1
            }
            "2.16.840.1.101.3.4.2.4" | "1.2.840.113549.1.1.14" | "1.2.840.10045.4.3.1" => {
                Self::Sha224
            }
            "2.16.840.1.101.3.4.2.1" | "1.2.840.113549.1.1.11" | "1.2.840.10045.4.3.2" => {
                Self::Sha256
            }
            "2.16.840.1.101.3.4.2.2" | "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" => {
                Self::Sha384
            }
            "2.16.840.1.101.3.4.2.3" | "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" => {
                Self::Sha512
            }
            _ => return None,
        })
    }

    /// By its number in OpenPGP (RFC 9580, section 9.5).
    #[must_use]
    pub fn from_openpgp(number: u64) -> Option<Self> {
        Some(match number {
            1 => Self::Md5,
            2 => Self::Sha1,
            8 => Self::Sha256,
            9 => Self::Sha384,
            10 => Self::Sha512,
            11 => Self::Sha224,
            _ => return None,
        })
    }

    /// The digest of `data`.
    #[must_use]
    pub fn of(self, data: &[u8]) -> Vec<u8> {
        let mut hasher = self.hasher();
        hasher.update(data);
        hasher.finish()
    }

    /// A digest in the making.
    #[must_use]
    pub fn hasher(self) -> Hasher {
        match self {
            Self::Md5 => Hasher::Md5(md5::Md5::new()),
            Self::Sha1 => Hasher::Sha1(sha1::Sha1::new()),
            Self::Sha224 => Hasher::Sha224(sha2::Sha224::new()),
            Self::Sha256 => Hasher::Sha256(sha2::Sha256::new()),
            Self::Sha384 => Hasher::Sha384(sha2::Sha384::new()),
            Self::Sha512 => Hasher::Sha512(sha2::Sha512::new()),
        }
    }

    /// Bytes of a digest.
    #[must_use]
    pub fn size(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// True where nobody is known to find two messages of one digest.
    #[must_use]
    pub fn is_strong(self) -> bool {
        !matches!(self, Self::Md5 | Self::Sha1)
    }

    /// The name that OpenSSL uses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }
}

/// A digest in the making.
#[derive(Clone)]
#[non_exhaustive]
pub enum Hasher {
    /// MD5.
    Md5(md5::Md5),
    /// SHA-1.
    Sha1(sha1::Sha1),
    /// SHA-224.
    Sha224(sha2::Sha224),
    /// SHA-256.
    Sha256(sha2::Sha256),
    /// SHA-384.
    Sha384(sha2::Sha384),
    /// SHA-512.
    Sha512(sha2::Sha512),
}

impl Hasher {
    /// Adds bytes.
    pub fn update(&mut self, data: &[u8]) {
        match self {
            Self::Md5(h) => h.update(data),
            Self::Sha1(h) => h.update(data),
            Self::Sha224(h) => h.update(data),
            Self::Sha256(h) => h.update(data),
            Self::Sha384(h) => h.update(data),
            Self::Sha512(h) => h.update(data),
        }
    }

    /// The digest.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        match self {
            Self::Md5(h) => h.finalize().to_vec(),
            Self::Sha1(h) => h.finalize().to_vec(),
            Self::Sha224(h) => h.finalize().to_vec(),
            Self::Sha256(h) => h.finalize().to_vec(),
            Self::Sha384(h) => h.finalize().to_vec(),
            Self::Sha512(h) => h.finalize().to_vec(),
        }
    }
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublicKey {
    /// RSA.
    Rsa(RsaKey),
    /// An elliptic-curve key.
    Ec(EcKey),
    /// DSA, of OpenPGP keys only.
    Dsa(DsaKey),
    /// A key of another algorithm, by its object identifier; it verifies nothing here.
    Other(String),
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7).
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let at = reader.offset();
        let mut spki = reader.sequence()?;
        let mut algorithm = spki.sequence()?;
        let oid = algorithm.oid()?;
        let bits = spki.expect(tag::BIT_STRING)?;
        let key = bits
            .body
            .strip_prefix(&[0])
            .ok_or_else(|| Error::corrupt(Layer::Signature, at, say!(error_key_bits)))?;
        match oid.as_str() {
            "1.2.840.113549.1.1.1" => {
                let mut rsa = Reader::new(key, bits.offset).sequence()?;
                Self::rsa(rsa.unsigned()?, rsa.unsigned()?, at)
            }
            "1.2.840.10045.2.1" if algorithm.peek() == Some(tag::OID) => {
                Ok(Self::Ec(EcKey::new(algorithm.oid()?, key)))
            }
            _ => Ok(Self::Other(oid)),
        }
    }

    /// An RSA key from big-endian modulus and exponent.
    ///
    /// # Errors
    /// If the modulus or the exponent is out of the bounds that are worked with.
    pub fn rsa(n: &[u8], e: &[u8], at: u64) -> Result<Self> {
        RsaKey::new(n, e).map(Self::Rsa).ok_or_else(|| {
            Error::limit(
                Layer::Signature,
                at,
                say!(error_key_rsa, modulus = n.len(), exponent = e.len()),
            )
        })
    }

    /// `RSA-4096`, `EC-secp384r1` …
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Rsa(key) => key.name(),
            Self::Ec(key) => key.name(),
            Self::Dsa(key) => key.name(),
            Self::Other(oid) => oid.clone(),
        }
    }

    /// True where `signature` is this key's over a message whose digest of `kind` is `digest`.
    ///
    /// # Errors
    /// [`crate::Kind::Unsupported`] for an algorithm that is not verified here, or a digest or
    /// length of key that proves nothing: that is a gap, never a bad signature.
    pub fn verify(&self, kind: DigestKind, digest: &[u8], signature: &[u8]) -> Result<bool> {
        match self {
            Self::Rsa(key) => key.verify(kind, digest, signature),
            Self::Ec(key) => key.verify(kind, digest, signature),
            Self::Dsa(key) => Ok(key.verify_der(digest, signature)),
            Self::Other(oid) => Err(Error::unsupported(
                Layer::Signature,
                None,
                say!(error_key_algorithm, algorithm = oid),
            )),
        }
    }
}

#[cfg(test)]
#[path = "key_tests.rs"]
mod tests;
