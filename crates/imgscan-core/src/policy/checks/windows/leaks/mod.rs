//! What a vendor may have left in a Windows guest: passwords, logs and caches, certificates.

pub(super) mod cert_001_stores;
#[cfg(test)]
mod cert_001_stores_tests;
pub(super) mod contents;
pub(super) mod desk_001_documents;
#[cfg(test)]
mod desk_001_documents_tests;
pub(super) mod leak_001_secrets;
#[cfg(test)]
mod leak_001_secrets_tests;
pub(super) mod leak_002_leftovers;
#[cfg(test)]
mod leak_002_leftovers_tests;

use crate::evidence::Found;
use crate::evidence::windows::Stored;
use crate::policy::Context;
use crate::text::Text;
use crate::trust::known;

/// True where the thumbprint is of a root that Windows trusts, or that the policy adds.
pub(super) fn known_root(context: &Context<'_>, sha1: &str) -> bool {
    let mut added = context.shared.windows_roots.add.iter();
    known::windows_root(sha1).is_some() || added.any(|root| root.eq_ignore_ascii_case(sha1))
}

/// Whose certificate it is, and its thumbprint.
pub(super) fn shown_certificate(it: &Stored) -> Text {
    let subject = it.names.as_ref().map_or("?", |(subject, _)| subject);
    Text::verbatim(format!("{subject} ({})", it.sha1))
}

/// How a certificate is taken out of its store: by the key that holds it.
pub(super) fn remove_certificate(stored: &Found<Stored>) -> Text {
    let key = stored.at.key.as_deref().unwrap_or_default();
    super::commands::loaded(&stored.at, say!(win_fix_certificate, key = key))
}
