//! Words for the Authenticode signatures of kernels and boot loaders.

use crate::evidence::Location;
use crate::evidence::linux::{SignState, Signature};
use crate::policy::checks::findings::Findings;
use crate::policy::{Item, Status};
use crate::text::{Text, terminal};

/// What `note` says of the signature of `at`: with its signer and anchor, and both digests, where
/// there are any.
pub(in crate::policy::checks::linux) fn signed_item(
    at: Location,
    signature: &Signature,
    note: Text,
) -> Item {
    let item = match &signature.signer {
        Some(signer) => Item::at(
            at,
            say!(
                linux_signature_by,
                note = note,
                signer = terminal(signer),
                sha256 = signature.signer_sha256.as_deref().unwrap_or("?"),
                day = signature.not_after.as_deref().map_or("?".into(), day),
                anchor = anchor(signature)
            ),
        ),
        None => Item::at(at, note),
    };
    match (&signature.signed, &signature.computed) {
        (Some(signed), Some(computed)) => {
            item.compare(Text::verbatim(signed), Text::verbatim(computed))
        }
        _ => item,
    }
}

fn anchor(signature: &Signature) -> Text {
    match &signature.anchor {
        Some(anchor) => {
            let name = terminal(anchor.certificate.common_name());
            if anchor.confirmed {
                say!(linux_signature_anchor, name = name)
            } else {
                let source = anchor.source.as_str();
                say!(linux_signature_anchor_once, name = name, source = source)
            }
        }
        None => say!(linux_signature_no_anchor),
    }
}

/// The day of a moment as RFC 3339 writes it; any other text stays as it is.
fn day(moment: &str) -> String {
    let day = moment.split_once('T').map_or(moment, |(day, _)| day);
    terminal(day)
}

/// Adds what the state of `signature` says of `at`, whatever signature there should be, and gives
/// its status. What is trusted, and what can't be read, is the caller's.
pub(in crate::policy::checks::linux) fn by_state(
    at: &Location,
    signature: &Signature,
    found: &mut Findings,
) -> Option<Status> {
    let (status, note) = match &signature.state {
        SignState::Trusted | SignState::Unread(_) => return None,
        SignState::Changed => (Status::Fail, say!(linux_signature_changed)),
        SignState::Forged => (Status::Fail, say!(linux_signature_forged)),
        SignState::Unanchored => (Status::Unknown, say!(linux_signature_unanchored)),
        SignState::Unsigned | SignState::NoPe => (Status::Unknown, say!(linux_signature_none)),
    };
    found.add(status, signed_item(at.clone(), signature, note));
    Some(status)
}
