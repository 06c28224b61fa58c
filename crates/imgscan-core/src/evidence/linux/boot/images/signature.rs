//! The Authenticode signature of an image, and whom it leads to.

use std::sync::Arc;

use crate::bytes::hex;
use crate::error::Error;
use crate::source::ReadAt;
use crate::trust::pe::{Pe, looks_like_pe};
use crate::trust::{Anchor, Bundle, PeSignature, Role, Verification, authenticode};

/// Words by which the names of the certificates of an operating system's vendor are told (`ID` of
/// os-release, words of the subject).
const VENDORS: &[(&str, &[&str])] = &[
    ("debian", &["Debian"]),
    ("ubuntu", &["Canonical"]),
    ("rhel", &["Red Hat"]),
    ("centos", &["CentOS", "Red Hat"]),
    ("almalinux", &["AlmaLinux"]),
    ("rocky", &["Rocky"]),
    ("fedora", &["Fedora", "fedoraca", "Red Hat"]),
    ("ol", &["Oracle"]),
    ("sles", &["SUSE"]),
    ("opensuse-leap", &["openSUSE", "SUSE"]),
    ("opensuse-tumbleweed", &["openSUSE", "SUSE"]),
    ("tencentos", &["TencentOS"]),
    ("uos", &["Uniontech", "UnionTech", "uos"]),
    ("deepin", &["deepin", "Deepin"]),
];

/// How the signatures of an image stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignState {
    /// It is no PE image, and so can't be signed.
    NoPe,
    /// A PE image without a signature.
    Unsigned,
    /// Digest and signature are right, and the chain ends at a pinned certificate.
    Trusted,
    /// Digest and signature are right, but no pinned certificate vouches for the signer.
    Unanchored,
    /// The signer says that a pinned authority issued it, and that authority's key says no.
    Forged,
    /// The bytes are not those that were signed, or the key does not verify the signature.
    Changed,
    /// It can't be told.
    Unread(Error),
}

/// The signature of an image that decides, of several the best.
#[derive(Debug, Clone)]
pub struct Signature {
    /// How it stands.
    pub state: SignState,
    /// The common name of the signer's certificate.
    pub signer: Option<String>,
    /// The signer's subject.
    pub subject: Option<String>,
    /// Lower-case hexadecimal SHA-256 of the signer's certificate.
    pub signer_sha256: Option<String>,
    /// The last moment of the signer's certificate, as written. Reported, never judged.
    pub not_after: Option<String>,
    /// What vouches for the signer.
    pub anchor: Option<Arc<Anchor>>,
    /// Whether the anchor is the vendor's of the system; `None` where that is not known.
    pub vendor: Option<bool>,
    /// The digest that was signed, with its kind before it (`sha256:…`).
    pub signed: Option<String>,
    /// The digest of the bytes by the same algorithm.
    pub computed: Option<String>,
    /// The common names of all signers and the anchors that their chains end at.
    pub all: Vec<(String, Option<String>)>,
}

impl Signature {
    fn new(state: SignState) -> Self {
        Self {
            state,
            signer: None,
            subject: None,
            signer_sha256: None,
            not_after: None,
            anchor: None,
            vendor: None,
            signed: None,
            computed: None,
            all: Vec::new(),
        }
    }

    pub(super) fn unread(error: Error) -> Self {
        Self::new(SignState::Unread(error))
    }

    /// The common name of the anchor.
    #[must_use]
    pub fn anchor_name(&self) -> Option<&str> {
        Some(self.anchor.as_ref()?.certificate.common_name())
    }
}

/// Whether the vendor of the system `os` is the one of `anchor`; `None` where that is not known.
fn same_vendor(os: Option<&str>, anchor: &Anchor) -> Option<bool> {
    // Whom the user trusts is as good as the vendor.
    if anchor.role == Role::User {
        return Some(true);
    }
    let (_, words) = VENDORS.iter().find(|(id, _)| Some(*id) == os)?;
    let subject = &anchor.certificate.subject;
    Some(words.iter().any(|w| subject.contains(w)))
}

/// Judges the image `file` by its signatures.
pub(super) fn judge(
    file: &dyn ReadAt,
    bundle: &Bundle,
    roles: &[Role],
    os: Option<&str>,
) -> Signature {
    let mut head = [0; 2];
    if file.len() < 2 || file.read_at(&mut head, 0).is_ok() && !looks_like_pe(&head) {
        return Signature::new(SignState::NoPe);
    }
    let found = Pe::parse(file).and_then(|pe| authenticode(&pe, file, bundle, roles));
    let found = match found {
        Ok(found) => found,
        Err(e) => return Signature::unread(e),
    };
    let rank = |s: &PeSignature| match (&s.verification, &s.chain.anchor) {
        // Of several anchors the one of the system's own vendor.
        (Verification::Trusted, Some(anchor)) => match same_vendor(os, anchor) {
            Some(true) => 6,
            None => 5,
            Some(false) => 4,
        },
        (Verification::Trusted, None) => 4,
        (Verification::Bad(_), _) => 3,
        (Verification::Unanchored, _) => 2,
        (Verification::Unproven(_), _) => 1,
    };
    let Some(best) = found
        .signatures
        .iter()
        .max_by_key(|s| (rank(s), std::cmp::Reverse(s.index)))
    else {
        let problem = found.problems.into_iter().next();
        return Signature::new(problem.map_or(SignState::Unsigned, SignState::Unread));
    };
    let problem = found.problems.first();
    let state = match (&best.verification, problem) {
        (Verification::Trusted, _) => SignState::Trusted,
        (Verification::Bad(_), _) => SignState::Changed,
        (_, Some(e)) => SignState::Unread(e.clone()),
        (Verification::Unproven(e), _) => SignState::Unread(e.clone()),
        (Verification::Unanchored, _) if forged(best, bundle) => SignState::Forged,
        (Verification::Unanchored, _) => SignState::Unanchored,
    };
    let text = |digest: &[u8]| format!("{}:{}", best.signed.kind.name(), hex(digest));
    let signer = best.signer.as_ref();
    Signature {
        state,
        signer: signer.map(|c| c.common_name().to_owned()),
        subject: signer.map(|c| c.subject.clone()),
        signer_sha256: signer.map(crate::trust::Certificate::sha256),
        not_after: signer.map(|c| c.not_after.clone()),
        anchor: best.chain.anchor.clone(),
        vendor: best.chain.anchor.as_ref().and_then(|a| same_vendor(os, a)),
        signed: Some(text(&best.signed.digest)),
        computed: Some(text(&best.computed)),
        all: found.signatures.iter().map(names).collect(),
    }
}

fn names(of: &PeSignature) -> (String, Option<String>) {
    let signer = of.signer.as_ref();
    let anchor = of.chain.anchor.as_ref();
    (
        signer.map_or_else(|| "?".to_owned(), |c| c.common_name().to_owned()),
        anchor.map(|a| a.certificate.common_name().to_owned()),
    )
}

/// True where the chain stops below a name that a pinned authority has: were the certificate the
/// authority's, its key would have verified it.
fn forged(of: &PeSignature, bundle: &Bundle) -> bool {
    let Some(last) = of.chain.certificates.last() else {
        return false;
    };
    bundle.by_subject(&last.issuer_der).any(|a| {
        matches!(a.role, Role::DistroSecureBoot | Role::UefiDb)
            && a.certificate.der != last.der
            && a.confirmed
            && !matches!(last.signed_by(&a.certificate), Ok(true))
    })
}
