//! DSA signatures (FIPS 186-4, section 4.7), verification only: packages of old distributions.

use crypto_bigint::NonZero;
use crypto_bigint::modular::BoxedMontyForm;

use super::der::{Reader, bare};
use super::numbers::{below, bits, form, number, params};

/// Bits of the prime p that are worked with.
const P_BITS: std::ops::RangeInclusive<usize> = 512..=4096;
/// Bits of the prime q.
const Q_BITS: std::ops::RangeInclusive<usize> = 160..=512;

/// A DSA public key: p, q, g and y, big-endian without leading zeros.
#[derive(Clone, PartialEq, Eq)]
pub struct DsaKey {
    p: Vec<u8>,
    q: Vec<u8>,
    g: Vec<u8>,
    y: Vec<u8>,
}

impl std::fmt::Debug for DsaKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name(), crate::bytes::hex(&self.y))
    }
}

impl DsaKey {
    /// `None` where a number is out of the bounds that are worked with.
    pub(super) fn new(p: &[u8], q: &[u8], g: &[u8], y: &[u8]) -> Option<Self> {
        let key = Self {
            p: bare(p).to_vec(),
            q: bare(q).to_vec(),
            g: bare(g).to_vec(),
            y: bare(y).to_vec(),
        };
        let odd = |n: &[u8]| n.last().is_some_and(|b| b & 1 == 1);
        let sound = P_BITS.contains(&bits(&key.p))
            && Q_BITS.contains(&bits(&key.q))
            && odd(&key.p)
            && odd(&key.q);
        // g and y of 0 or 1, or not below p, would let anything pass.
        let inside = |n: &[u8]| n > &[1][..] || n.len() > 1;
        let member = |n: &[u8]| inside(n) && below(n, &key.p);
        (sound && member(&key.g) && member(&key.y)).then_some(key)
    }

    /// `DSA-1024` …
    pub(super) fn name(&self) -> String {
        format!("DSA-{}", bits(&self.p))
    }

    /// True where the DER sequence of r and s is this key's signature over `digest`.
    pub(super) fn verify_der(&self, digest: &[u8], signature: &[u8]) -> bool {
        let read = || {
            let mut both = Reader::new(signature, 0).sequence().ok()?;
            Some((both.unsigned().ok()?, both.unsigned().ok()?))
        };
        read().is_some_and(|(r, s)| self.verify(digest, r, s))
    }

    /// True where (`r`, `s`), big-endian, is this key's signature over `digest`.
    pub(super) fn verify(&self, digest: &[u8], r: &[u8], s: &[u8]) -> bool {
        self.check(digest, bare(r), bare(s)).unwrap_or(false)
    }

    fn check(&self, digest: &[u8], r: &[u8], s: &[u8]) -> Option<bool> {
        if r.is_empty() || s.is_empty() || !below(r, &self.q) || !below(s, &self.q) {
            return Some(false);
        }
        let q = params(&self.q)?;
        let p = params(&self.p)?;
        let q_bits = bits(&self.q);
        // The leftmost bits of the digest, as many as q has.
        let digest = digest.get(..q_bits.div_ceil(8)).unwrap_or(digest);
        let excess = digest.len().saturating_mul(8).saturating_sub(q_bits);
        let modulus = NonZero::new(q.modulus().as_ref().clone()).into_option()?;
        let z = number(digest, q.bits_precision())?;
        let z = z.shr(u32::try_from(excess).ok()?).rem(&modulus);
        // q is prime, so s to the power of q - 2 is the inverse of s.
        let two = number(&[2], q.bits_precision())?;
        let power = number(&self.q, q.bits_precision())?.wrapping_sub(&two);
        let w = form(s, &q)?.pow(&power);
        let u1 = BoxedMontyForm::new(z, &q).mul(&w).retrieve();
        let u2 = form(r, &q)?.mul(&w).retrieve();
        let v = form(&self.g, &p)?
            .pow(&u1)
            .mul(&form(&self.y, &p)?.pow(&u2));
        let modulus = NonZero::new(number(&self.q, p.bits_precision())?).into_option()?;
        let v = v.retrieve().rem(&modulus).to_be_bytes();
        Some(bare(&v) == r)
    }
}
