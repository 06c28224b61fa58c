//! RSA signatures (RSASSA-PKCS1-v1_5, RFC 8017), verification only.

use aws_lc_rs::signature::{
    RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA384, RsaParameters,
    RsaPublicKeyComponents,
};

use super::DigestKind;
use super::der::bare;
use super::numbers::{below, form, number, params};
use super::prepared::{Prepared, digest_refused, refused};
use crate::error::Result;
use crate::text::Text;

/// Bits of the moduli that are read; what is shorter than the least of the algorithms below is
/// named in reports and verifies nothing. No boot or package key is longer.
const BITS: std::ops::RangeInclusive<usize> = 512..=8192;
/// Bits of the longest exponent that aws-lc takes.
const EXPONENT_BITS: u32 = 33;

/// An RSA public key.
#[derive(Clone)]
pub struct RsaKey {
    /// Modulus, big-endian, without leading zeros.
    modulus: Vec<u8>,
    exponent: u64,
    bits: usize,
    prepared: Prepared,
}

impl std::fmt::Debug for RsaKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name(), crate::bytes::hex(&self.modulus))
    }
}

impl PartialEq for RsaKey {
    fn eq(&self, other: &Self) -> bool {
        self.modulus == other.modulus && self.exponent == other.exponent
    }
}

impl Eq for RsaKey {}

impl RsaKey {
    /// `None` where the modulus is even or out of bounds, or the exponent is even, 1 or longer
    /// than 64 bits.
    pub(super) fn new(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let modulus = bare(modulus);
        let zeros = usize::try_from(modulus.first()?.leading_zeros()).ok()?;
        let bits = modulus.len().checked_mul(8)?.checked_sub(zeros)?;
        if !BITS.contains(&bits) || exponent.len() > 8 {
            return None;
        }
        let exponent = exponent.iter().fold(0_u64, |e, b| e << 8 | u64::from(*b));
        if exponent < 3 || exponent.is_multiple_of(2) {
            return None;
        }
        if modulus.last()? % 2 == 0 {
            return None;
        }
        Some(Self {
            modulus: modulus.to_vec(),
            exponent,
            bits,
            prepared: Prepared::default(),
        })
    }

    /// `RSA-4096` …
    pub(super) fn name(&self) -> String {
        format!("RSA-{}", self.bits)
    }

    /// The modulus, big-endian, without leading zeros.
    pub(super) fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    /// The exponent, big-endian, without leading zeros.
    pub(super) fn exponent(&self) -> Vec<u8> {
        bare(&self.exponent.to_be_bytes()).to_vec()
    }

    /// The signature whose number is `number`, big-endian: as long as the modulus, where it is
    /// not longer already. OpenPGP leaves out leading zeros, which RSA's signatures have.
    pub(super) fn signature_of(&self, number: &[u8]) -> Vec<u8> {
        let zeros = self.modulus.len().saturating_sub(number.len());
        [&vec![0; zeros], number].concat()
    }

    /// True where `signature` is over `digest`. One that is not as long as the modulus never is,
    /// and one that is over something else is not, whatever its algorithm.
    ///
    /// # Errors
    /// [`crate::Kind::Unsupported`] for one that is right, but of an algorithm or a key that
    /// aws-lc refuses: it proves nothing.
    pub(super) fn verify(&self, kind: DigestKind, digest: &[u8], signature: &[u8]) -> Result<bool> {
        match self.algorithm(kind) {
            Ok(algorithm) => self.verify_by(algorithm, kind, digest, signature),
            Err(_) if !self.holds(digest, signature) => Ok(false),
            Err(why) => Err(refused(why)),
        }
    }

    /// The algorithm for digests of `kind`, or why signatures of it prove nothing.
    fn algorithm(&self, kind: DigestKind) -> std::result::Result<&'static RsaParameters, Text> {
        let name = self.name();
        let Some(algorithm) = algorithm(kind) else {
            return Err(digest_refused(&name, kind));
        };
        let least = algorithm.min_modulus_len();
        if self.bits < usize::try_from(least).unwrap_or(usize::MAX) {
            return Err(say!(
                error_signature_key_short,
                key = name,
                digest = kind.name(),
                bits = least
            ));
        }
        if self.exponent >> EXPONENT_BITS != 0 {
            return Err(say!(
                error_signature_key_exponent,
                key = name,
                bits = EXPONENT_BITS
            ));
        }
        Ok(algorithm)
    }

    /// True where the number that `signature` was made of ends with `digest` and begins as PKCS#1
    /// wants it (RFC 8017, section 9.2). Tells a wrong signature from a right one that proves
    /// nothing; never takes part in a proof.
    fn holds(&self, digest: &[u8], signature: &[u8]) -> bool {
        let made_of = || {
            if signature.len() != self.modulus.len() || !below(signature, &self.modulus) {
                return None;
            }
            let n = params(&self.modulus)?;
            let power = number(&self.exponent.to_be_bytes(), 64)?;
            let whole = form(signature, &n)?.pow(&power).retrieve().to_be_bytes();
            Some(bare(&whole).to_vec())
        };
        // The first byte, a zero, is gone.
        made_of().is_some_and(|m| m.first() == Some(&1) && m.ends_with(digest))
    }

    fn verify_by(
        &self,
        algorithm: &'static RsaParameters,
        kind: DigestKind,
        digest: &[u8],
        signature: &[u8],
    ) -> Result<bool> {
        if signature.len() != self.modulus.len() {
            return Ok(false);
        }
        let make = || {
            let parts = RsaPublicKeyComponents {
                n: self.modulus.as_slice(),
                e: &self.exponent(),
            };
            parts.to_parsed_public_key(algorithm).ok()
        };
        self.prepared
            .verify(&self.name(), kind, digest, signature, make)
    }
}

/// The least demanding algorithm that aws-lc has with digests of `kind`.
fn algorithm(kind: DigestKind) -> Option<&'static RsaParameters> {
    match kind {
        DigestKind::Sha1 => Some(&RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY),
        DigestKind::Sha256 => Some(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
        DigestKind::Sha384 => Some(&RSA_PKCS1_2048_8192_SHA384),
        DigestKind::Sha512 => Some(&RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY),
        DigestKind::Md5 | DigestKind::Sha224 => None,
    }
}
