//! What the signature of an image says of it.

use std::sync::Arc;

use crate::error::Result;
use crate::evidence::linux::boot::images::{SignState, Signature};
use crate::evidence::{Object, Ring0Fact};
use crate::text::Text;
use crate::trust::Anchor;

/// Adds what `signature` says of the image. The anchor where one vouches for it.
pub(super) fn signatures(object: &mut Object, signature: &Signature) -> Option<Arc<Anchor>> {
    object.signer.clone_from(&signature.signer);
    object.fact(match &signature.state {
        SignState::Trusted => {
            let anchor = signature.anchor.clone()?;
            trusted(object, signature, &anchor);
            return Some(anchor);
        }
        SignState::Changed => Ring0Fact::SignedBytesDiffer,
        SignState::Forged => Ring0Fact::IssuerForged,
        SignState::Unread(e) => Ring0Fact::SignatureUnread { why: e.text() },
        SignState::NoPe => Ring0Fact::NoPe,
        SignState::Unsigned => Ring0Fact::Unsigned,
        SignState::Unanchored => Ring0Fact::Unanchored,
    });
    None
}

fn trusted(object: &mut Object, signature: &Signature, anchor: &Anchor) {
    object.anchor = Some(Text::verbatim(anchor.certificate.common_name()));
    object.fact(Ring0Fact::Trusted);
    if let Some(day) = &signature.not_after {
        let day = day.to_string();
        object.fact(Ring0Fact::SignerEnds { day });
    }
    if !anchor.confirmed {
        let source = Some(anchor.source.to_string());
        object.fact(Ring0Fact::AnchorOneSource { source });
    }
}

/// Adds a failure to read the object itself.
pub(super) fn unread<T>(object: &mut Object, result: Result<T>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(e) => {
            object.fact(Ring0Fact::Unread { why: e.text() });
            None
        }
    }
}
