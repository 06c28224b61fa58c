//! X.509 certificates (RFC 5280), as far as boot files and drivers need them.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::der::{Reader, tag};
use super::key::{DigestKind, PublicKey};
use crate::bytes::hex;
use crate::error::{Error, Layer, Result};
use crate::time::Timestamp;

/// The longest certificate that is read, in bytes.
pub(crate) const MAX_CERTIFICATE: usize = 64 * 1024;

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// All of it, DER.
    pub der: Arc<[u8]>,
    /// Issuer as text (`CN=…,O=…`, most specific first).
    pub issuer: String,
    /// Subject as text.
    pub subject: String,
    /// Issuer, DER: what is compared.
    pub issuer_der: Vec<u8>,
    /// Subject, DER.
    pub subject_der: Vec<u8>,
    /// Serial number, big-endian, without leading zeros.
    pub serial: Vec<u8>,
    /// First moment of validity, as RFC 3339; what is no time as it stands.
    pub not_before: String,
    /// Last moment of validity. Reported, never judged: boot files outlive their certificates.
    pub not_after: String,
    /// Public key.
    pub key: PublicKey,
    /// Basic constraints: `Some(true)` for a certificate authority.
    pub ca: Option<bool>,
    /// Subject key identifier.
    pub subject_key_id: Option<Vec<u8>>,
    /// Extended key usages, dotted.
    pub extended_usage: Vec<String>,
    /// Where what is signed stands in `der`.
    tbs: std::ops::Range<usize>,
    signature_digest: Option<DigestKind>,
    signature_algorithm: String,
    signature: Vec<u8>,
}

impl Certificate {
    /// Reads the certificate that `der` begins with.
    ///
    /// # Errors
    /// If it is no certificate, or longer than 64 KiB.
    pub fn parse(der: &[u8]) -> Result<Self> {
        let whole = Reader::new(der, 0).expect(tag::SEQUENCE)?;
        if whole.raw.len() > MAX_CERTIFICATE {
            return Err(Error::limit(
                Layer::Signature,
                0,
                say!(error_certificate_long, most = MAX_CERTIFICATE),
            ));
        }
        let mut outer = whole.reader();
        let tbs = outer.expect(tag::SEQUENCE)?;
        let signature_algorithm = outer.sequence()?.oid()?;
        let bits = outer.expect(tag::BIT_STRING)?;
        let signature = bits.body.strip_prefix(&[0]).unwrap_or_default().to_vec();

        let mut reader = tbs.reader();
        reader.optional(tag::context(0))?;
        let serial = reader.unsigned()?.to_vec();
        reader.expect(tag::SEQUENCE)?;
        let issuer = reader.expect(tag::SEQUENCE)?;
        let mut validity = reader.sequence()?;
        let not_before = time(&mut validity)?;
        let not_after = time(&mut validity)?;
        let subject = reader.expect(tag::SEQUENCE)?;
        let key = PublicKey::read(&mut reader)?;
        let start = usize::try_from(tbs.offset).unwrap_or(0);
        let mut certificate = Self {
            der: Arc::from(whole.raw),
            issuer: name_text(issuer.reader())?,
            subject: name_text(subject.reader())?,
            issuer_der: issuer.raw.to_vec(),
            subject_der: subject.raw.to_vec(),
            serial,
            not_before,
            not_after,
            key,
            ca: None,
            subject_key_id: None,
            extended_usage: Vec::new(),
            tbs: start..start.saturating_add(tbs.raw.len()),
            signature_digest: DigestKind::from_oid(&signature_algorithm),
            signature_algorithm,
            signature,
        };
        reader.optional(tag::implicit(1))?;
        reader.optional(tag::implicit(2))?;
        if let Some(extensions) = reader.optional(tag::context(3))? {
            certificate.read_extensions(extensions.reader().sequence()?)?;
        }
        Ok(certificate)
    }

    fn read_extensions(&mut self, mut reader: Reader<'_>) -> Result<()> {
        while !reader.is_empty() {
            let mut extension = reader.sequence()?;
            let oid = extension.oid()?;
            extension.optional(tag::BOOLEAN)?;
            let value = extension.expect(tag::OCTET_STRING)?;
            let mut inner = Reader::new(value.body, value.offset);
            match oid.as_str() {
                "2.5.29.19" => {
                    let flag = inner.sequence()?.optional(tag::BOOLEAN)?;
                    self.ca = Some(flag.is_some_and(|f| f.body.first().is_some_and(|b| *b != 0)));
                }
                "2.5.29.14" => {
                    self.subject_key_id = Some(inner.expect(tag::OCTET_STRING)?.body.to_vec());
                }
                "2.5.29.37" => {
                    let mut usages = inner.sequence()?;
                    while !usages.is_empty() {
                        self.extended_usage.push(usages.oid()?);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Lower-case hexadecimal SHA-256 of the whole certificate.
    #[must_use]
    pub fn sha256(&self) -> String {
        hex(&Sha256::digest(&self.der))
    }

    /// The common name of the subject, or all of the subject where there is none.
    #[must_use]
    pub fn common_name(&self) -> &str {
        self.subject
            .split(',')
            .find_map(|part| part.strip_prefix("CN="))
            .unwrap_or(&self.subject)
    }

    /// True where `issuer` signed this certificate: its subject is this one's issuer, and its key
    /// verifies the signature.
    ///
    /// # Errors
    /// [`crate::Kind::Unsupported`] for an algorithm that is not verified here.
    pub fn signed_by(&self, issuer: &Self) -> Result<bool> {
        if issuer.subject_der != self.issuer_der {
            return Ok(false);
        }
        let Some(kind) = self.signature_digest else {
            return Err(Error::unsupported(
                Layer::Signature,
                None,
                say!(
                    error_signature_algorithm,
                    algorithm = &self.signature_algorithm
                ),
            ));
        };
        let Some(signed) = self.der.get(self.tbs.clone()) else {
            return Ok(false);
        };
        let digest = kind.of(signed);
        issuer.key.verify(kind, &digest, &self.signature)
    }
}

fn time(reader: &mut Reader<'_>) -> Result<String> {
    let element = reader.any()?;
    if !matches!(element.tag, tag::UTC_TIME | tag::GENERALIZED_TIME) {
        return Err(Error::corrupt(
            Layer::Signature,
            element.offset,
            say!(error_certificate_time),
        ));
    }
    let read = Timestamp::from_asn1(element.body, element.tag == tag::UTC_TIME);
    // What is no time is shown as it stands: nothing is judged by it.
    Ok(read.map_or_else(|| crate::text::lossless(element.body), |t| t.to_string()))
}

/// A Name as text, most specific part first, control characters escaped.
pub(crate) fn name_text(mut reader: Reader<'_>) -> Result<String> {
    let mut parts = Vec::new();
    while !reader.is_empty() {
        let mut set = reader.expect(tag::SET)?.reader();
        while !set.is_empty() {
            let mut pair = set.sequence()?;
            let oid = pair.oid()?;
            let value = pair.any()?;
            let label = match oid.as_str() {
                "2.5.4.3" => "CN",
                "2.5.4.5" => "serialNumber",
                "2.5.4.6" => "C",
                "2.5.4.7" => "L",
                "2.5.4.8" => "ST",
                "2.5.4.10" => "O",
                "2.5.4.11" => "OU",
                "1.2.840.113549.1.9.1" => "emailAddress",
                other => other,
            };
            parts.push(format!("{label}={}", string_text(value.tag, value.body)));
        }
    }
    parts.reverse();
    Ok(parts.join(","))
}

/// The text of a directory string: BMPString is UTF-16 big-endian, the others are taken as UTF-8.
fn string_text(tag: u8, body: &[u8]) -> String {
    if tag == 0x1E {
        let units = body.as_chunks::<2>().0.iter();
        let units = units.map(|c| u16::from_be_bytes(*c));
        return char::decode_utf16(units)
            .map(|c| c.unwrap_or('\u{FFFD}'))
            .collect();
    }
    crate::text::lossless(body)
}
