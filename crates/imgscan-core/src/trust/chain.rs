//! Chains from a signer to a pinned certificate, and the Authenticode verification of a PE image.

use std::sync::Arc;

use super::bundle::Bundle;
use super::certificate::Certificate;
use super::key::DigestKind;
use super::pe::{self, Pe};
use super::pinned::{Anchor, Role};
use super::pkcs7::{self, Fault, SignedData, Signer};
use crate::error::{Error, Result};
use crate::source::ReadAt;

/// Certificates in one chain.
const MAX_DEPTH: usize = 8;
/// How deep signatures may be nested in each other.
const MAX_NESTING: usize = 4;
/// Signatures of one file.
const MAX_SIGNATURES: usize = 256;

/// The way from a signer's certificate up.
#[derive(Debug, Clone, Default)]
pub struct Chain {
    /// The certificates from the signer's up, the anchor last where one was reached.
    pub certificates: Vec<Arc<Certificate>>,
    /// The pinned certificate that the chain ends at.
    pub anchor: Option<Arc<Anchor>>,
}

impl Chain {
    /// Builds the chain from `leaf` up: each step's signature is verified. It ends at the first
    /// pinned authority whose role is in `roles`; a signer that is itself pinned counts where no
    /// authority is reached. Validity times are not judged.
    #[must_use]
    pub fn build(
        leaf: &Certificate,
        others: &[Certificate],
        bundle: &Bundle,
        roles: &[Role],
    ) -> Self {
        let mut last = Arc::new(leaf.clone());
        let mut chain = Self {
            certificates: vec![Arc::clone(&last)],
            anchor: None,
        };
        let mut signer = None;
        loop {
            let pinned = bundle
                .by_subject(&last.subject_der)
                .find(|a| roles.contains(&a.role) && a.certificate.der == last.der);
            match pinned {
                Some(anchor) if anchor.role == Role::DistroSigner => {
                    signer.get_or_insert_with(|| Arc::clone(anchor));
                }
                Some(anchor) => {
                    chain.anchor = Some(Arc::clone(anchor));
                    return chain;
                }
                None => {}
            }
            let end = chain.certificates.len() >= MAX_DEPTH || last.issuer_der == last.subject_der;
            match issuer(&last, others, bundle, roles).filter(|_| !end) {
                Some(next) => {
                    chain.certificates.push(Arc::clone(&next));
                    last = next;
                }
                None => {
                    chain.anchor = signer;
                    return chain;
                }
            }
        }
    }
}

/// The certificate that signed `of`: a pinned one first, then one that came along.
fn issuer(
    of: &Certificate,
    others: &[Certificate],
    bundle: &Bundle,
    roles: &[Role],
) -> Option<Arc<Certificate>> {
    let signed = |c: &Certificate| of.signed_by(c).unwrap_or(false);
    let helps = |a: &&Arc<Anchor>| roles.contains(&a.role) || a.role == Role::WindowsIntermediate;
    bundle
        .by_subject(&of.issuer_der)
        .filter(helps)
        .map(|a| Arc::clone(&a.certificate))
        .find(|c| signed(c))
        .or_else(|| {
            // What came along is no anchor: it must at least be allowed to sign certificates.
            others
                .iter()
                .find(|c| c.ca == Some(true) && signed(c))
                .map(|c| Arc::new(c.clone()))
        })
}

/// What one signature of a PE image says.
#[derive(Debug, Clone)]
pub struct PeSignature {
    /// Index of the entry in the certificate table, and of the nesting (0 for the entry itself).
    pub index: (usize, usize),
    /// The digest that was signed.
    pub signed: pe::IndirectDigest,
    /// The digest of the file by the same algorithm.
    pub computed: Vec<u8>,
    /// The signer's certificate, where it came along or is pinned.
    pub signer: Option<Certificate>,
    /// The way up.
    pub chain: Chain,
    /// How the verification ended.
    pub verification: Verification,
    /// When a time stamp says that it was made: reported, never judged.
    pub stamp: Option<String>,
}

/// How a verification ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verification {
    /// Digest and signature are right, and the chain ends at a pinned certificate.
    Trusted,
    /// Digest and signature are right, but no pinned certificate vouches for the signer.
    Unanchored,
    /// The file's digest is not the signed one, or the key does not verify the signature.
    Bad(Fault),
    /// It can't be told.
    Unproven(Error),
}

/// The signatures of a PE image.
#[derive(Debug, Clone)]
pub struct Authenticode {
    /// Each signature, in the order of the certificate table, a nested one behind its outer.
    pub signatures: Vec<PeSignature>,
    /// Entries that could not be read.
    pub problems: Vec<Error>,
}

/// Verifies every signature of `file`.
///
/// # Errors
/// If the certificate table overruns or the image's sections overlap, so that no digest can be
/// computed.
pub fn authenticode(
    pe: &Pe,
    file: &dyn ReadAt,
    bundle: &Bundle,
    roles: &[Role],
) -> Result<Authenticode> {
    let mut found = Authenticode {
        signatures: Vec::new(),
        problems: Vec::new(),
    };
    let entries = pe.entries(file)?;
    let parsed = parse_all(&entries, &mut found.problems);
    let mut kinds: Vec<DigestKind> = parsed.iter().map(|p| p.signed.kind).collect();
    kinds.sort();
    kinds.dedup();
    if kinds.is_empty() {
        return Ok(found);
    }
    let digests = match pe.authenticode(file, &kinds) {
        Ok(digests) => digests,
        Err(e) => {
            found.problems.push(e);
            return Ok(found);
        }
    };
    for one in &parsed {
        let at = kinds.iter().position(|k| *k == one.signed.kind);
        let Some(computed) = at.and_then(|i| digests.get(i)) else {
            continue;
        };
        let signers = one.data.signers.iter().enumerate();
        found.signatures.extend(signers.map(|(i, signer)| {
            let index = (one.index.0, one.index.1.saturating_add(i));
            judge(one, signer, index, computed, (bundle, roles))
        }));
    }
    Ok(found)
}

/// Verifies every signature of `entry`, which speak of a text and not of an image: `takes` tells which say
/// so, `digest` is what they should be of.
pub(super) fn of_text(
    entry: &pe::CertificateEntry,
    takes: impl Fn(&SignedData<'_>) -> bool,
    digest: impl Fn(&pe::IndirectDigest) -> Vec<u8>,
    bundle: &Bundle,
    roles: &[Role],
) -> Authenticode {
    let mut found = Authenticode {
        signatures: Vec::new(),
        problems: Vec::new(),
    };
    for one in parse_all(std::slice::from_ref(entry), &mut found.problems) {
        if !takes(&one.data) {
            let why = say!(error_signature_block_form);
            let error = Error::unsupported(crate::Layer::Signature, None, why);
            found.problems.push(error);
            continue;
        }
        let computed = digest(&one.signed);
        let signers = one.data.signers.iter().enumerate();
        found.signatures.extend(signers.map(|(i, signer)| {
            let index = (one.index.0, one.index.1.saturating_add(i));
            judge(&one, signer, index, &computed, (bundle, roles))
        }));
    }
    found
}

/// A SignedData of the certificate table, and the digest that it speaks of.
struct Parsed<'a> {
    index: (usize, usize),
    data: SignedData<'a>,
    signed: pe::IndirectDigest,
}

/// Every SignedData, a nested one behind its outer; what could not be read goes to `problems`.
fn parse_all<'a>(
    entries: &'a [pe::CertificateEntry],
    problems: &mut Vec<Error>,
) -> Vec<Parsed<'a>> {
    let mut parsed = Vec::new();
    let mut signers = 0_usize;
    for (i, entry) in entries.iter().enumerate() {
        let mut todo = vec![(entry.der.as_slice(), 0_usize)];
        let mut nesting = 0_usize;
        while let Some((der, depth)) = todo.pop() {
            let data = pkcs7::parse(der, entry.offset)
                .and_then(|data| Ok((pe::indirect_digest(&data, entry.offset)?, data)));
            let (signed, data) = match data {
                Ok(both) => both,
                Err(e) => {
                    problems.push(e);
                    continue;
                }
            };
            signers = signers.saturating_add(data.signers.len());
            if signers > MAX_SIGNATURES {
                let what = say!(
                    error_signature_too_many,
                    most = MAX_SIGNATURES,
                    what = "signatures"
                );
                problems.push(Error::limit(crate::Layer::Signature, entry.offset, what));
                return parsed;
            }
            if depth < MAX_NESTING {
                let nested = data.signers.iter().flat_map(|s| &s.nested);
                todo.extend(nested.map(|n| (*n, depth.saturating_add(1))));
            }
            let index = (i, nesting);
            nesting = nesting.saturating_add(data.signers.len());
            parsed.push(Parsed {
                index,
                data,
                signed,
            });
        }
    }
    parsed
}

fn judge(
    one: &Parsed<'_>,
    signer: &Signer<'_>,
    index: (usize, usize),
    computed: &[u8],
    (bundle, roles): (&Bundle, &[Role]),
) -> PeSignature {
    let data = &one.data;
    let certificate = find_signer(signer, data, bundle);
    let mut chain = Chain::default();
    let verification = match &certificate {
        _ if computed != one.signed.digest => Verification::Bad(Fault::DigestMismatch),
        None => Verification::Unproven(Error::not_found(
            crate::Layer::Signature,
            say!(error_signature_no_certificate),
        )),
        Some(certificate) => {
            chain = Chain::build(certificate, &data.certificates, bundle, roles);
            verify(signer, certificate, data, &chain)
        }
    };
    PeSignature {
        index,
        signed: one.signed.clone(),
        computed: computed.to_vec(),
        signer: certificate,
        chain,
        verification,
        stamp: signer.stamp.clone(),
    }
}

fn verify(
    signer: &Signer<'_>,
    certificate: &Certificate,
    data: &SignedData<'_>,
    chain: &Chain,
) -> Verification {
    let content = signer.digest.of(data.content.unwrap_or_default());
    match signer.check(certificate, &content) {
        Ok(None) if chain.anchor.is_some() => Verification::Trusted,
        Ok(None) => Verification::Unanchored,
        Ok(Some(fault)) => Verification::Bad(fault),
        Err(e) => Verification::Unproven(e),
    }
}

/// How the signature of a SignedData that brings its content along ended: of a catalog, of a code
/// integrity policy.
#[derive(Debug, Clone)]
pub struct DataSignature {
    /// The signer's certificate, where it came along or is pinned.
    pub signer: Option<Certificate>,
    /// The way up.
    pub chain: Chain,
    /// How the verification ended.
    pub verification: Verification,
    /// When a time stamp says that it was made: reported, never judged.
    pub stamp: Option<String>,
}

/// Verifies the signature of `data`; the first signer that a pinned certificate vouches for
/// counts.
///
/// # Errors
/// If it has no signer.
pub(super) fn verify_data(
    data: &SignedData<'_>,
    bundle: &Bundle,
    roles: &[Role],
) -> Result<DataSignature> {
    let mut all = data.signers.iter().map(|signer| {
        let Some(certificate) = find_signer(signer, data, bundle) else {
            let why = say!(error_signature_no_certificate);
            return DataSignature {
                signer: None,
                chain: Chain::default(),
                verification: Verification::Unproven(Error::not_found(
                    crate::Layer::Signature,
                    why,
                )),
                stamp: signer.stamp.clone(),
            };
        };
        let chain = Chain::build(&certificate, &data.certificates, bundle, roles);
        let verification = verify(signer, &certificate, data, &chain);
        DataSignature {
            signer: Some(certificate),
            chain,
            verification,
            stamp: signer.stamp.clone(),
        }
    });
    let first = all.next().ok_or_else(|| {
        Error::corrupt(crate::Layer::Signature, 0, say!(error_signature_no_signer))
    })?;
    if first.verification == Verification::Trusted {
        return Ok(first);
    }
    Ok(all
        .find(|s| s.verification == Verification::Trusted)
        .unwrap_or(first))
}

/// The certificate that `signer` names: one that came along, or a pinned one.
fn find_signer(signer: &Signer<'_>, data: &SignedData<'_>, bundle: &Bundle) -> Option<Certificate> {
    let along = data.certificates.iter().find(|c| signer.identity.names(c));
    along.cloned().or_else(|| {
        let pinned = bundle.by_identity(&signer.identity);
        pinned.map(|a| (*a.certificate).clone())
    })
}
