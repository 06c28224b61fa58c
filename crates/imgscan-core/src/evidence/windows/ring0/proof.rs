//! How far one file is proven: by signatures inside it, or by a catalog that lists its digest.

use std::sync::Arc;

use serde::Serialize;

use crate::bytes::hex;
use crate::error::{Error, Result};
use crate::source::{MemorySource, ReadAt};
use crate::text::Text;
use crate::trust::pe::{Pe, looks_like_pe};
use crate::trust::{
    Bundle, Certificate, Chain, DigestKind, PeSignature, Role, Verification, authenticode, packed,
};

/// Pinned certificates that may vouch for what Windows loads. Which of them a marketplace accepts
/// is the matter of its policy.
pub(super) const ROLES: &[Role] = &[Role::WindowsRoot, Role::UefiDb, Role::User];

/// What a file's signatures say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// A right signature that ends at a pinned certificate.
    Trusted,
    /// A right signature that ends at none.
    Unanchored,
    /// A right signature whose certificate signed itself.
    SelfSigned,
    /// There is a signature, and the bytes are not those that were signed.
    Modified,
    /// No signature, and no catalog lists it.
    Unsigned,
    /// No PE image, and no catalog lists it.
    NoPe,
    /// It can't be told, and why.
    Unproven(Text),
}

/// How far a file is proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// What its signatures say.
    pub standing: Standing,
    /// The common name of the signer's certificate.
    pub signer: Option<String>,
    /// Lower-case hexadecimal SHA-256 of the signer's certificate.
    pub signer_sha256: Option<String>,
    /// Extended key usages of the signer's certificate, dotted.
    pub usages: Vec<String>,
    /// The common name of the pinned certificate that vouches.
    pub anchor: Option<String>,
    /// The pinned certificate was given by the user.
    pub by_user: bool,
    /// The pinned certificate rests on one source.
    pub one_source: bool,
    /// The last moment of the signer's validity, as written: reported, never judged.
    pub not_after: Option<String>,
    /// When a time stamp says that it was signed: reported, never judged.
    pub stamp: Option<String>,
    /// The catalog that lists the file, where one does.
    pub catalog: Option<String>,
    /// The byte of the file from which the program is packed that the signature is of. What stands
    /// before it is not signed.
    pub packed: Option<usize>,
    /// The digest that was signed, in hexadecimal, where it is not the file's.
    pub signed_digest: Option<String>,
    /// The file's Authenticode digests (SHA-1, SHA-256) in hexadecimal; its flat ones where it
    /// is no PE image.
    pub digests: Vec<String>,
}

impl Proof {
    pub(super) fn new(standing: Standing) -> Self {
        Self {
            standing,
            signer: None,
            signer_sha256: None,
            usages: Vec::new(),
            anchor: None,
            by_user: false,
            one_source: false,
            not_after: None,
            stamp: None,
            catalog: None,
            packed: None,
            signed_digest: None,
            digests: Vec::new(),
        }
    }

    pub(super) fn signed_by(&mut self, signer: Option<&Certificate>, chain: &Chain) {
        if let Some(signer) = signer {
            self.signer = Some(signer.common_name().to_owned());
            self.signer_sha256 = Some(signer.sha256());
            self.usages.clone_from(&signer.extended_usage);
            self.not_after = Some(signer.not_after.clone());
        }
        self.anchor = None;
        if let Some(anchor) = &chain.anchor {
            self.anchor = Some(anchor.certificate.common_name().to_owned());
            self.by_user = anchor.role == Role::User;
            self.one_source = !anchor.confirmed;
        }
    }
}

/// The standing that a verification gives.
pub(super) fn standing(verification: &Verification, chain: &Chain) -> Standing {
    match verification {
        Verification::Trusted => Standing::Trusted,
        Verification::Unanchored => {
            let alone = |c: &Arc<Certificate>| c.subject_der == c.issuer_der;
            match chain.certificates.as_slice() {
                [only] if alone(only) => Standing::SelfSigned,
                _ => Standing::Unanchored,
            }
        }
        Verification::Bad(_) => Standing::Modified,
        Verification::Unproven(e) => Standing::Unproven(e.text()),
    }
}

/// The proof inside of `file`, and the digests to look for in catalogs where that is not enough.
pub(super) fn embedded(file: &dyn ReadAt, trust: &Bundle) -> (Proof, Vec<Vec<u8>>) {
    let kinds = [DigestKind::Sha1, DigestKind::Sha256];
    let head = crate::source::read_vec(file, 0, usize::from(file.len() >= 2) * 2);
    let parsed = match head {
        Ok(head) if looks_like_pe(&head) => Pe::parse(file),
        Ok(_) => return flat(file, &kinds, trust),
        Err(e) => Err(e),
    };
    let read = parsed.and_then(|pe| {
        let digests = pe.authenticode(file, &kinds)?;
        let found = authenticode(&pe, file, trust, ROLES)?;
        Ok((digests, found))
    });
    let (digests, found) = match read {
        Ok(read) => read,
        Err(e) => return (Proof::new(Standing::Unproven(e.text())), Vec::new()),
    };
    let mut proof = match best(&found.signatures) {
        Some(signature) => {
            let mut proof = Proof::new(standing(&signature.verification, &signature.chain));
            proof.signed_by(signature.signer.as_ref(), &signature.chain);
            proof.stamp.clone_from(&signature.stamp);
            if proof.standing == Standing::Modified {
                proof.signed_digest = Some(hex(&signature.signed.digest));
            }
            proof
        }
        None => Proof::new(match found.problems.first() {
            Some(e) => Standing::Unproven(e.text()),
            None => Standing::Unsigned,
        }),
    };
    proof.digests = digests.iter().map(|d| hex(d)).collect();
    (proof, digests)
}

/// A file that is no PE image: a catalog can list it, by its plain digest, or it is a boot manager
/// whose packed program carries a signature.
fn flat(file: &dyn ReadAt, kinds: &[DigestKind], trust: &Bundle) -> (Proof, Vec<Vec<u8>>) {
    let read: Result<Vec<u8>, Error> = crate::source::read_all(file, file.len());
    match read {
        Ok(bytes) => {
            let digests: Vec<Vec<u8>> = kinds.iter().map(|k| k.of(&bytes)).collect();
            let mut proof = match packed(&bytes) {
                Some(packed) => {
                    let (mut proof, _) = embedded(&MemorySource(packed.program), trust);
                    proof.packed = Some(packed.offset);
                    proof
                }
                None => Proof::new(Standing::NoPe),
            };
            proof.digests = digests.iter().map(|d| hex(d)).collect();
            (proof, digests)
        }
        Err(e) => (Proof::new(Standing::Unproven(e.text())), Vec::new()),
    }
}

/// The signature that counts: a trusted one, for any of several is enough; but where none is, one
/// that the bytes contradict, before one that nobody vouches for.
fn best(signatures: &[PeSignature]) -> Option<&PeSignature> {
    let rank = |s: &&PeSignature| match s.verification {
        Verification::Trusted => 0,
        Verification::Bad(_) => 1,
        Verification::Unanchored => 2,
        Verification::Unproven(_) => 3,
    };
    signatures.iter().min_by_key(rank)
}
