//! Chains from a signer to a pinned certificate, and the Authenticode verification of a PE image.

use std::sync::Arc;

use super::bundle::{Anchor, Bundle, Role};
use super::certificate::Certificate;
use super::pe::{self, Pe};
use super::pkcs7::{self, Fault, SignedData, Signer};
use crate::error::{Error, Result};
use crate::source::ReadAt;

/// Certificates in one chain.
const MAX_DEPTH: usize = 8;
/// How deep signatures may be nested in each other.
const MAX_NESTING: usize = 4;

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
        let mut chain = Self {
            certificates: vec![Arc::new(leaf.clone())],
            anchor: None,
        };
        let mut signer = None;
        loop {
            let last = Arc::clone(&chain.certificates[chain.certificates.len() - 1]);
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
                Some(next) => chain.certificates.push(next),
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
}

/// How a verification ended.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    for (i, entry) in pe.entries(file)?.iter().enumerate() {
        let mut todo = vec![(entry.der.as_slice(), entry.offset, 0)];
        let mut nesting = 0;
        while let Some((der, offset, depth)) = todo.pop() {
            let data = match pkcs7::parse(der, offset) {
                Ok(data) => data,
                Err(e) => {
                    found.problems.push(e);
                    continue;
                }
            };
            match one(pe, file, &data, offset, bundle, roles) {
                Ok(mut signatures) => {
                    for signature in &mut signatures {
                        signature.index = (i, nesting);
                        nesting += 1;
                    }
                    found.signatures.append(&mut signatures);
                }
                Err(e) => found.problems.push(e),
            }
            if depth < MAX_NESTING {
                let nested = data.signers.iter().flat_map(|s| &s.nested);
                todo.extend(nested.map(|n| (*n, offset, depth + 1)));
            }
        }
    }
    Ok(found)
}

fn one(
    pe: &Pe,
    file: &dyn ReadAt,
    data: &SignedData<'_>,
    offset: u64,
    bundle: &Bundle,
    roles: &[Role],
) -> Result<Vec<PeSignature>> {
    let signed = pe::indirect_digest(data, offset)?;
    let computed = pe.authenticode(file, &[signed.kind])?.swap_remove(0);
    Ok(data
        .signers
        .iter()
        .map(|signer| {
            let certificate = find_signer(signer, data, bundle);
            let mut chain = Chain::default();
            let verification = match &certificate {
                _ if computed != signed.digest => Verification::Bad(Fault::DigestMismatch),
                None => Verification::Unproven(Error::not_found(
                    crate::Layer::Signature,
                    "the signer's certificate is not among those that came along",
                )),
                Some(certificate) => {
                    chain = Chain::build(certificate, &data.certificates, bundle, roles);
                    verify(signer, certificate, data, &chain)
                }
            };
            PeSignature {
                index: (0, 0),
                signed: signed.clone(),
                computed: computed.clone(),
                signer: certificate,
                chain,
                verification,
            }
        })
        .collect())
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

/// The certificate that `signer` names: one that came along, or a pinned one.
fn find_signer(signer: &Signer<'_>, data: &SignedData<'_>, bundle: &Bundle) -> Option<Certificate> {
    let along = data.certificates.iter().find(|c| signer.identity.names(c));
    along.cloned().or_else(|| {
        let pinned = bundle
            .anchors()
            .iter()
            .find(|a| signer.identity.names(&a.certificate));
        pinned.map(|a| (*a.certificate).clone())
    })
}
