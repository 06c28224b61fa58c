//! Public keys and signatures: RSA PKCS#1 v1.5 and ECDSA, verification only.

use std::sync::{Arc, OnceLock};

use sha2::Digest as _;

use super::der::{Reader, tag};
use super::dsa::DsaKey;
use super::montgomery::Modulus;
use crate::error::{Error, Layer, Result};

/// RSA moduli beyond this many bits are refused: no boot or package key is that long, and the
/// work grows with the square.
const MAX_RSA_BITS: usize = 8192;
/// A message digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum DigestKind {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
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

    /// The DER prefix of DigestInfo for this digest (RFC 8017, 9.2, note 1), up to the digest.
    fn digest_info(self) -> &'static [u8] {
        match self {
            Self::Md5 => &[
                0x30, 0x20, 0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05,
                0x05, 0x00, 0x04, 0x10,
            ],
            Self::Sha1 => &[
                0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04,
                0x14,
            ],
            Self::Sha224 => &[
                0x30, 0x2d, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                0x04, 0x05, 0x00, 0x04, 0x1c,
            ],
            Self::Sha256 => &[
                0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                0x01, 0x05, 0x00, 0x04, 0x20,
            ],
            Self::Sha384 => &[
                0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                0x02, 0x05, 0x00, 0x04, 0x30,
            ],
            Self::Sha512 => &[
                0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                0x03, 0x05, 0x00, 0x04, 0x40,
            ],
        }
    }
}

/// A digest in the making.
#[derive(Clone)]
#[allow(missing_docs)]
pub enum Hasher {
    Md5(md5::Md5),
    Sha1(sha1::Sha1),
    Sha224(sha2::Sha224),
    Sha256(sha2::Sha256),
    Sha384(sha2::Sha384),
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
pub enum PublicKey {
    /// RSA.
    Rsa(RsaKey),
    /// An elliptic-curve key: the curve's object identifier and the encoded point.
    Ec {
        /// Object identifier of the named curve.
        curve: String,
        /// The point as SEC 1 encodes it.
        point: Vec<u8>,
    },
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
            .ok_or_else(|| Error::corrupt(Layer::Signature, at, "a key that is no whole bytes"))?;
        match oid.as_str() {
            "1.2.840.113549.1.1.1" => {
                let mut rsa = Reader::new(key, bits.offset).sequence()?;
                Self::rsa(rsa.unsigned()?, rsa.unsigned()?, at)
            }
            "1.2.840.10045.2.1" if algorithm.peek() == Some(tag::OID) => Ok(Self::Ec {
                curve: algorithm.oid()?,
                point: key.to_vec(),
            }),
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
                format!(
                    "RSA key of {} bytes, exponent of {} bytes",
                    n.len(),
                    e.len()
                ),
            )
        })
    }

    /// `RSA-4096`, `EC-secp384r1` …
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Rsa(key) => format!("RSA-{}", key.bits),
            Self::Ec { curve, .. } => match curve.as_str() {
                "1.2.840.10045.3.1.7" => "EC-prime256v1".into(),
                "1.3.132.0.34" => "EC-secp384r1".into(),
                "1.3.132.0.35" => "EC-secp521r1".into(),
                other => format!("EC-{other}"),
            },
            Self::Dsa(key) => key.name(),
            Self::Other(oid) => oid.clone(),
        }
    }

    /// True where `signature` is this key's over a message whose digest of `kind` is `digest`.
    ///
    /// # Errors
    /// [`crate::Kind::Unsupported`] for a key algorithm that is not verified here: that is a gap,
    /// never a bad signature.
    pub fn verify(&self, kind: DigestKind, digest: &[u8], signature: &[u8]) -> Result<bool> {
        match self {
            Self::Rsa(key) => Ok(key.verify(kind, digest, signature)),
            Self::Ec { curve, point } => ecdsa(curve, point, digest, signature),
            Self::Dsa(key) => Ok(key.verify_der(digest, signature)),
            Self::Other(oid) => Err(Error::unsupported(
                Layer::Signature,
                None,
                format!("a key of algorithm {oid} is not verified by this version"),
            )),
        }
    }
}

/// An RSA public key, ready to verify.
#[derive(Clone)]
pub struct RsaKey {
    /// Modulus, big-endian, without leading zeros.
    modulus: Vec<u8>,
    exponent: u64,
    bits: usize,
    /// Made when it first verifies something: most pinned keys never do.
    arithmetic: Arc<OnceLock<Option<Modulus>>>,
}

impl std::fmt::Debug for RsaKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RSA-{} {}", self.bits, crate::bytes::hex(&self.modulus))
    }
}

impl PartialEq for RsaKey {
    fn eq(&self, other: &Self) -> bool {
        self.modulus == other.modulus && self.exponent == other.exponent
    }
}

impl Eq for RsaKey {}

impl RsaKey {
    /// The modulus, big-endian, without leading zeros.
    pub(super) fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    /// The exponent, big-endian, without leading zeros.
    pub(super) fn exponent(&self) -> Vec<u8> {
        let bytes = self.exponent.to_be_bytes();
        let zeros = bytes.iter().take_while(|b| **b == 0).count();
        bytes[zeros..].to_vec()
    }

    /// `None` where the modulus is even or out of bounds, or the exponent is even, 1 or longer
    /// than 64 bits.
    fn new(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let modulus = &modulus[modulus.iter().position(|b| *b != 0)?..];
        let bits = modulus.len() * 8 - usize::try_from(modulus.first()?.leading_zeros()).ok()?;
        if !(512..=MAX_RSA_BITS).contains(&bits) || exponent.len() > 8 {
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
            arithmetic: Arc::default(),
        })
    }

    /// `signature` raised to the exponent, big-endian, as long as the modulus; `None` where it is
    /// not below the modulus. Everything here is public, so nothing needs constant time.
    fn raise(&self, signature: &[u8]) -> Option<Vec<u8>> {
        let modulus = self.arithmetic.get_or_init(|| Modulus::new(&self.modulus));
        let power = modulus.as_ref()?.power(signature, self.exponent)?;
        let excess = power.len().checked_sub(self.modulus.len())?;
        Some(power[excess..].to_vec())
    }

    /// RSASSA-PKCS1-v1_5 (RFC 8017, 8.2.2): the whole encoded message is built and compared, so
    /// nothing of the padding is left to a parser.
    fn verify(&self, kind: DigestKind, digest: &[u8], signature: &[u8]) -> bool {
        let prefix = kind.digest_info();
        let used = 3 + prefix.len() + digest.len();
        let padding = self.modulus.len().checked_sub(used).filter(|p| *p >= 8);
        let (Some(padding), Some(m)) = (padding, self.raise(signature)) else {
            return false;
        };
        let mut expected = vec![0, 1];
        expected.resize(2 + padding, 0xFF);
        expected.push(0);
        expected.extend_from_slice(prefix);
        expected.extend_from_slice(digest);
        expected == m
    }
}

fn ecdsa(curve: &str, point: &[u8], digest: &[u8], signature: &[u8]) -> Result<bool> {
    macro_rules! check {
        ($curve:ident) => {{
            use $curve::ecdsa::signature::hazmat::PrehashVerifier as _;
            use $curve::ecdsa::{DerSignature, VerifyingKey};
            let Ok(key) = VerifyingKey::from_sec1_bytes(point) else {
                return Ok(false);
            };
            let Ok(signature) = DerSignature::try_from(signature) else {
                return Ok(false);
            };
            Ok(key.verify_prehash(digest, &signature).is_ok())
        }};
    }
    match curve {
        "1.2.840.10045.3.1.7" => check!(p256),
        "1.3.132.0.34" => check!(p384),
        other => Err(Error::unsupported(
            Layer::Signature,
            None,
            format!("keys on curve {other} are not verified by this version"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use crate::trust::{Bundle, PublicKey};

    /// Certificates that sign themselves, made by others: by `openssl req -x509` with RSA keys of
    /// 1031 bits (exponent 3), 2048, 3072, 4096, 5000 and 8192 bits, and the pinned ones of
    /// Microsoft, Debian and others.
    #[test]
    fn certificates_of_others_verify_and_no_longer_do_with_one_bit_changed() {
        let made = include_bytes!("../../../../testdata/trust/rsa.pem");
        let made = Bundle::default().with_user_file(made, "openssl").unwrap();
        assert_eq!(made.anchors().len(), 6);
        let mut seen = std::collections::BTreeSet::new();
        for anchor in made.anchors().iter().chain(Bundle::built_in().anchors()) {
            let of = &anchor.certificate;
            let own = of.issuer_der == of.subject_der;
            if !own || !matches!(of.key, PublicKey::Rsa(_)) {
                continue;
            }
            let Ok(good) = of.signed_by(of) else { continue };
            assert!(good, "{} {}", anchor.source, of.key.name());
            seen.insert(of.key.name());
            let mut der = of.der.to_vec();
            let last = der.len() - 3;
            der[last] ^= 0x10;
            let changed = crate::trust::Certificate::parse(&der).unwrap();
            assert!(!changed.signed_by(of).unwrap(), "{}", anchor.source);
        }
        for name in [
            "RSA-1031", "RSA-2048", "RSA-3072", "RSA-4096", "RSA-5000", "RSA-8192",
        ] {
            assert!(seen.contains(name), "{name}: {seen:?}");
        }
    }

    #[test]
    fn a_signature_that_is_not_below_the_modulus_is_refused() {
        let made = include_bytes!("../../../../testdata/trust/rsa.pem");
        let made = Bundle::default().with_user_file(made, "openssl").unwrap();
        for anchor in made.anchors() {
            let PublicKey::Rsa(key) = &anchor.certificate.key else {
                panic!("RSA");
            };
            assert_eq!(key.raise(&key.modulus), None);
            assert_eq!(key.raise(&[&[1], key.modulus.as_slice()].concat()), None);
            assert_eq!(key.raise(&[]), Some(vec![0; key.modulus.len()]));
        }
    }
}
