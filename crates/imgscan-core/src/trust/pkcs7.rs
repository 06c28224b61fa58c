//! PKCS#7 / CMS SignedData (RFC 2315, RFC 5652): what Authenticode, catalogs and kernel modules
//! carry.

use super::certificate::Certificate;
use super::der::{Reader, tag};
use super::key::DigestKind;
use crate::error::{Error, Layer, Result};

/// Certificates in one SignedData.
const MAX_CERTIFICATES: usize = 256;
/// Signers in one SignedData.
const MAX_SIGNERS: usize = 32;
/// Nested signatures in one signer.
const MAX_NESTED: usize = 32;

const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const NESTED_SIGNATURE: &str = "1.3.6.1.4.1.311.2.4.1";

/// A parsed SignedData.
#[derive(Debug, Clone)]
pub struct SignedData<'a> {
    /// Object identifier of the content's type.
    pub content_type: String,
    /// The content's bytes as the message digest covers them (value without tag and length);
    /// `None` where the content is detached.
    pub content: Option<&'a [u8]>,
    /// The certificates it brings along.
    pub certificates: Vec<Certificate>,
    /// Its signers.
    pub signers: Vec<Signer<'a>>,
}

/// One signer.
#[derive(Debug, Clone)]
pub struct Signer<'a> {
    /// How the signer's certificate is named.
    pub identity: Identity<'a>,
    /// The digest algorithm.
    pub digest: DigestKind,
    /// The signature.
    pub signature: &'a [u8],
    /// The signed attributes as they were signed (with the tag of a SET), where there are any.
    signed_attributes: Option<Vec<u8>>,
    /// The message digest among them.
    pub message_digest: Option<&'a [u8]>,
    /// The content type among them.
    pub attribute_content_type: Option<String>,
    /// Nested SignedData in the unsigned attributes (a second Authenticode signature).
    pub nested: Vec<&'a [u8]>,
    /// When a time stamp among them says that the signature was made; who stamped is not verified.
    pub stamp: Option<String>,
}

/// How a signer's certificate is named.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Identity<'a> {
    /// By issuer (DER) and serial number.
    IssuerSerial(&'a [u8], &'a [u8]),
    /// By subject key identifier.
    KeyId(&'a [u8]),
}

impl Identity<'_> {
    /// True where it names `certificate`.
    #[must_use]
    pub fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::IssuerSerial(issuer, serial) => {
                certificate.issuer_der == *issuer && certificate.serial == *serial
            }
            Self::KeyId(id) => certificate.subject_key_id.as_deref() == Some(id),
        }
    }

    /// For people: the issuer and the serial number, or the key identifier, in hexadecimal.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::IssuerSerial(issuer, serial) => {
                let name = Reader::new(issuer, 0).sequence();
                let name = name.and_then(super::certificate::name_text);
                let name = name.unwrap_or_else(|_| "?".into());
                format!("{name}, {}", crate::bytes::hex(serial))
            }
            Self::KeyId(id) => crate::bytes::hex(id),
        }
    }
}

/// Reads a ContentInfo with SignedData. `offset` is where `der` begins in its file.
///
/// # Errors
/// If it is not sound, or has more certificates or signers than are worked with.
pub fn parse(der: &[u8], offset: u64) -> Result<SignedData<'_>> {
    let mut info = Reader::new(der, offset).sequence()?;
    let kind = info.oid()?;
    if kind != SIGNED_DATA {
        return Err(Error::corrupt(
            Layer::Signature,
            offset,
            say!(
                error_signature_content,
                found = &kind,
                expected = "SignedData"
            ),
        ));
    }
    let mut data = info.expect(tag::context(0))?.reader().sequence()?;
    data.expect(tag::INTEGER)?;
    data.expect(tag::SET)?;
    let mut encapsulated = data.sequence()?;
    let content_type = encapsulated.oid()?;
    let content = match encapsulated.optional(tag::context(0))? {
        Some(explicit) => Some(explicit.reader().any()?.body),
        None => None,
    };
    let mut certificates = Vec::new();
    if let Some(set) = data.optional(tag::context(0))? {
        let mut reader = set.reader();
        while !reader.is_empty() {
            let element = reader.any()?;
            if certificates.len() >= MAX_CERTIFICATES {
                return Err(Error::limit(
                    Layer::Signature,
                    element.offset,
                    say!(
                        error_signature_too_many,
                        most = MAX_CERTIFICATES,
                        what = "certificates"
                    ),
                ));
            }
            // Attribute certificates and other forms stand under context tags.
            if element.tag == tag::SEQUENCE {
                certificates.push(Certificate::parse(element.raw)?);
            }
        }
    }
    data.optional(tag::context(1))?;
    let mut signers = Vec::new();
    let mut reader = data.expect(tag::SET)?.reader();
    while !reader.is_empty() {
        if signers.len() >= MAX_SIGNERS {
            return Err(Error::limit(
                Layer::Signature,
                reader.offset(),
                say!(
                    error_signature_too_many,
                    most = MAX_SIGNERS,
                    what = "signers"
                ),
            ));
        }
        signers.push(signer(reader.sequence()?)?);
    }
    Ok(SignedData {
        content_type,
        content,
        certificates,
        signers,
    })
}

fn signer<'a>(mut reader: Reader<'a>) -> Result<Signer<'a>> {
    let at = reader.offset();
    reader.expect(tag::INTEGER)?;
    let identity = match reader.optional(tag::implicit(0))? {
        Some(id) => Identity::KeyId(id.body),
        None => {
            let mut pair = reader.sequence()?;
            let issuer = pair.expect(tag::SEQUENCE)?.raw;
            Identity::IssuerSerial(issuer, pair.unsigned()?)
        }
    };
    let oid = reader.sequence()?.oid()?;
    let digest = DigestKind::from_oid(&oid).ok_or_else(|| {
        Error::unsupported(
            Layer::Signature,
            at,
            say!(error_signature_digest, digest = &oid),
        )
    })?;
    let mut signer = Signer {
        identity,
        digest,
        signature: &[],
        signed_attributes: None,
        message_digest: None,
        attribute_content_type: None,
        nested: Vec::new(),
        stamp: None,
    };
    if let Some(attributes) = reader.optional(tag::context(0))? {
        let tagged = attributes.raw.iter().skip(1);
        let signed = [tag::SET].iter().chain(tagged).copied().collect();
        signer.signed_attributes = Some(signed);
        each_attribute(attributes.reader(), |oid, mut values| {
            match oid {
                MESSAGE_DIGEST => {
                    signer.message_digest = Some(values.expect(tag::OCTET_STRING)?.body);
                }
                CONTENT_TYPE => signer.attribute_content_type = Some(values.oid()?),
                _ => {}
            }
            Ok(())
        })?;
    }
    reader.expect(tag::SEQUENCE)?;
    signer.signature = reader.expect(tag::OCTET_STRING)?.body;
    if let Some(attributes) = reader.optional(tag::context(1))? {
        let mut stamped = false;
        each_attribute(attributes.reader(), |oid, mut values| {
            if super::stamp::is_stamp(oid) && !std::mem::replace(&mut stamped, true) {
                signer.stamp = super::stamp::read(oid, values, signer.signature);
            }
            while oid == NESTED_SIGNATURE && !values.is_empty() {
                let nested = values.expect(tag::SEQUENCE)?;
                if signer.nested.len() >= MAX_NESTED {
                    return Err(Error::limit(
                        Layer::Signature,
                        nested.offset,
                        say!(error_signature_too_many, most = MAX_NESTED, what = "nested"),
                    ));
                }
                signer.nested.push(nested.raw);
            }
            Ok(())
        })?;
    }
    Ok(signer)
}

fn each_attribute<'a>(
    mut reader: Reader<'a>,
    mut take: impl FnMut(&str, Reader<'a>) -> Result<()>,
) -> Result<()> {
    while !reader.is_empty() {
        let mut attribute = reader.sequence()?;
        let oid = attribute.oid()?;
        take(&oid, attribute.expect(tag::SET)?.reader())?;
    }
    Ok(())
}

/// Why a signer does not vouch for a content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Fault {
    /// The content's digest is another than the signed one: the content was changed.
    DigestMismatch,
    /// The key does not verify the signature.
    BadSignature,
}

impl Fault {
    /// The word that messages select by.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::DigestMismatch => "digest",
            Self::BadSignature => "key",
        }
    }
}

impl Signer<'_> {
    /// Checks that `certificate`'s key signed a content whose digest (by [`Signer::digest`]) is
    /// `content_digest`. `None` means that it did.
    ///
    /// # Errors
    /// [`crate::Kind::Unsupported`] for a key that is not verified here.
    pub fn check(&self, certificate: &Certificate, content_digest: &[u8]) -> Result<Option<Fault>> {
        let signed = match &self.signed_attributes {
            None => content_digest.to_vec(),
            Some(attributes) => {
                if self.message_digest != Some(content_digest) {
                    return Ok(Some(Fault::DigestMismatch));
                }
                self.digest.of(attributes)
            }
        };
        let good = certificate
            .key
            .verify(self.digest, &signed, self.signature)?;
        Ok((!good).then_some(Fault::BadSignature))
    }
}
