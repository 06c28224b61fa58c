//! ECDSA signatures (FIPS 186-5), verification only.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA1_ASN1, ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1,
    ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA512_ASN1,
    EcdsaVerificationAlgorithm, ParsedPublicKey,
};

use super::DigestKind;
use super::prepared::{Prepared, refused};
use crate::error::Result;

const P256: &str = "1.2.840.10045.3.1.7";
const P384: &str = "1.3.132.0.34";
const P521: &str = "1.3.132.0.35";

/// An elliptic-curve public key.
#[derive(Clone)]
pub struct EcKey {
    /// Object identifier of the named curve.
    curve: String,
    /// The point as SEC 1 encodes it.
    point: Vec<u8>,
    prepared: Prepared,
}

impl std::fmt::Debug for EcKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name(), crate::bytes::hex(&self.point))
    }
}

impl PartialEq for EcKey {
    fn eq(&self, other: &Self) -> bool {
        self.curve == other.curve && self.point == other.point
    }
}

impl Eq for EcKey {}

impl EcKey {
    pub(super) fn new(curve: impl Into<String>, point: &[u8]) -> Self {
        Self {
            curve: curve.into(),
            point: point.to_vec(),
            prepared: Prepared::default(),
        }
    }

    /// `EC-secp384r1` …
    pub(super) fn name(&self) -> String {
        match self.curve.as_str() {
            P256 => "EC-prime256v1".into(),
            P384 => "EC-secp384r1".into(),
            P521 => "EC-secp521r1".into(),
            other => format!("EC-{other}"),
        }
    }

    /// True where `signature`, the DER sequence of r and s, is over `digest`; never with a digest
    /// that aws-lc does not take with the curve.
    ///
    /// # Errors
    /// [`crate::Kind::Unsupported`] for another curve than P-256 and P-384, and for a point that
    /// is none of the curve.
    pub(super) fn verify(&self, kind: DigestKind, digest: &[u8], signature: &[u8]) -> Result<bool> {
        let curve = self.curve.as_str();
        if !matches!(curve, P256 | P384) {
            return Err(refused(say!(error_signature_curve, curve = curve)));
        }
        let name = self.name();
        // No vendor signs so (docs/dependencies.md): whoever names such a digest gains nothing.
        let Some(algorithm) = algorithm(curve, kind) else {
            return Ok(false);
        };
        // Compressed or not; aws-lc would also take a whole SubjectPublicKeyInfo here.
        let make = || {
            let point = self.point.first().is_some_and(|b| matches!(b, 2..=4));
            let key = || ParsedPublicKey::new(algorithm, &self.point).ok();
            point.then(key).flatten()
        };
        self.prepared.verify(&name, kind, digest, signature, make)
    }
}

fn algorithm(curve: &str, kind: DigestKind) -> Option<&'static EcdsaVerificationAlgorithm> {
    Some(match (curve, kind) {
        (P256, DigestKind::Sha1) => &ECDSA_P256_SHA1_ASN1,
        (P256, DigestKind::Sha256) => &ECDSA_P256_SHA256_ASN1,
        (P256, DigestKind::Sha384) => &ECDSA_P256_SHA384_ASN1,
        (P256, DigestKind::Sha512) => &ECDSA_P256_SHA512_ASN1,
        (P384, DigestKind::Sha256) => &ECDSA_P384_SHA256_ASN1,
        (P384, DigestKind::Sha384) => &ECDSA_P384_SHA384_ASN1,
        (P384, DigestKind::Sha512) => &ECDSA_P384_SHA512_ASN1,
        _ => return None,
    })
}
