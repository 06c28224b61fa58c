//! Keys as aws-lc wants them, and what it takes.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::digest::{Algorithm, Digest, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512};
use aws_lc_rs::signature::ParsedPublicKey;

use super::DigestKind;
use crate::error::{Error, Layer, Result};
use crate::text::Text;

/// A key in aws-lc's form, one for each digest that it is used with. Made when it first verifies
/// something: most pinned keys never do. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Prepared(Arc<[OnceLock<Option<ParsedPublicKey>>; 4]>);

impl Prepared {
    /// True where `signature` is over `digest`; `make` makes the key for digests of `kind`.
    ///
    /// # Errors
    /// [`crate::Kind::Unsupported`] for a digest or a key that aws-lc refuses; `name` is the
    /// key's.
    pub(super) fn verify(
        &self,
        name: &str,
        kind: DigestKind,
        digest: &[u8],
        signature: &[u8],
        make: impl FnOnce() -> Option<ParsedPublicKey>,
    ) -> Result<bool> {
        let Some((slot, algorithm)) = algorithm(kind) else {
            return Err(refused(digest_refused(name, kind)));
        };
        let slot = self.0.get(slot);
        let key = slot.and_then(|slot| slot.get_or_init(make).as_ref());
        let key = key.ok_or_else(|| refused(say!(error_signature_key_unsound, key = name)))?;
        let digest = Digest::import_less_safe(digest, algorithm);
        Ok(digest.is_ok_and(|d| key.verify_digest_sig(&d, signature).is_ok()))
    }
}

/// The digest as aws-lc names it, and its place among the prepared keys.
fn algorithm(kind: DigestKind) -> Option<(usize, &'static Algorithm)> {
    Some(match kind {
        DigestKind::Sha1 => (0, &SHA1_FOR_LEGACY_USE_ONLY),
        DigestKind::Sha256 => (1, &SHA256),
        DigestKind::Sha384 => (2, &SHA384),
        DigestKind::Sha512 => (3, &SHA512),
        DigestKind::Md5 | DigestKind::Sha224 => return None,
    })
}

/// Digests of `kind` are not accepted with the key called `name`.
pub(super) fn digest_refused(name: &str, kind: DigestKind) -> Text {
    say!(
        error_signature_digest_refused,
        key = name,
        digest = kind.name()
    )
}

/// A signature that proves nothing, whatever it is over.
pub(super) fn refused(why: Text) -> Error {
    Error::unsupported(Layer::Signature, None, why)
}
