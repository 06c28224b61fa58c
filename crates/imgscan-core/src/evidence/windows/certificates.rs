//! The certificate stores of the registry.
//!
//! A certificate is the value `Blob` of a key named by its SHA-1. The blob is a list of
//! properties, each with its number, an encoding and the length of its data (4 bytes each,
//! little-endian); number 32 (`CERT_CERT_PROP_ID` in `wincrypt.h`) is the certificate in DER.

use serde::Serialize;
use sha1::Digest as _;

use super::{KeyAt, Windows, registry};
use crate::bytes::{hex, le32};
use crate::error::{Error, Layer, Result};
use crate::evidence::{Collected, Found, Gap};
use crate::trust::Certificate;

/// Keys that stores stand below: of the machine, of an enterprise, of policies, of services, of users.
const PLACES: &[&str] = &[
    r"HKLM\SOFTWARE\Microsoft\Cryptography\Services\*\SystemCertificates",
    r"HKLM\SOFTWARE\WOW6432Node\Microsoft\SystemCertificates",
    r"HKLM\SOFTWARE\WOW6432Node\Microsoft\EnterpriseCertificates",
    r"HKLM\SOFTWARE\Microsoft\SystemCertificates",
    r"HKLM\SOFTWARE\Microsoft\EnterpriseCertificates",
    r"HKLM\SOFTWARE\Policies\Microsoft\SystemCertificates",
    r"HKU\*\Software\Microsoft\SystemCertificates",
    r"HKU\*\Software\Policies\Microsoft\SystemCertificates",
];
const CERTIFICATE: u32 = 32;
/// Properties of one blob.
const MAX_PROPERTIES: usize = 256;

/// A certificate of a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stored {
    /// The store (`ROOT`, `TrustedPublisher`).
    pub store: String,
    /// The name of its key.
    pub key: String,
    /// SHA-1 of the certificate, lower-case hexadecimal: the thumbprint that Windows shows.
    pub sha1: String,
    /// Subject and issuer; `None` where the certificate is of a form that is not read.
    pub names: Option<(String, String)>,
    /// Extended key usages, dotted; empty where it is good for any.
    pub usages: Vec<String>,
    /// Last moment of validity, as the certificate writes it.
    pub not_after: Option<String>,
}

impl Stored {
    /// True where it names itself as its issuer.
    #[must_use]
    pub fn is_root(&self) -> bool {
        let names = self.names.as_ref();
        names.is_some_and(|(subject, issuer)| subject == issuer)
    }
}

/// A physical store that a registration makes part of another one (`CertRegisterPhysicalStore`): what it
/// holds counts there. Those that every Windows has need no registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinedStore {
    /// The store that it is part of (`ROOT`).
    pub store: String,
    /// The name of its key (`.Contoso`).
    pub name: String,
    /// The store of the registry, or the file, that it stands for (`OpenParameters`).
    pub holds: Option<String>,
}

/// What `read` makes of the keys called `kind` of all stores, each with the name of its store.
fn of_stores<T>(
    windows: &Windows<'_>,
    kind: &str,
    mut read: impl FnMut(&KeyAt<'_>, String, &mut Vec<Gap>) -> Option<Found<T>>,
) -> Collected<T> {
    let mut out = Collected::default();
    let mut gaps = Vec::new();
    for place in PLACES {
        let pattern = format!(r"{place}\*\{kind}\*");
        registry::each(windows, &pattern, &mut gaps, &mut |key, gaps| {
            let store = key.path.rsplit('\\').nth(2).unwrap_or_default();
            out.items.extend(read(key, store.to_owned(), gaps));
        });
    }
    gaps.sort();
    gaps.dedup();
    out.gaps = gaps;
    out
}

/// The physical stores that somebody registered.
pub(super) fn joined(windows: &Windows<'_>) -> Collected<JoinedStore> {
    of_stores(windows, "PhysicalStores", |key, store, gaps| {
        let holds = key.text("OpenParameters").unwrap_or_else(|gap| {
            gaps.push(gap);
            None
        });
        let fact = JoinedStore {
            store,
            name: key.key.name().to_owned(),
            holds: holds.map(|found| found.fact),
        };
        let at = key.location();
        Some(Found { fact, at })
    })
}

/// The certificates of all stores.
pub(super) fn collect(windows: &Windows<'_>) -> Collected<Stored> {
    of_stores(windows, "Certificates", |key, store, gaps| {
        let mut told = |gap| {
            gaps.push(gap);
            None
        };
        let blob = match key.value("Blob", |v| v.bytes().map(Some)) {
            Ok(blob) => blob?,
            Err(gap) => return told(gap),
        };
        let der = match certificate(&blob.fact) {
            // A key may hold properties of a certificate that another store has.
            Ok(der) => der?,
            Err(e) => return told(Gap::new(blob.at, &e)),
        };
        let read = Certificate::parse(der).ok();
        let fact = Stored {
            store,
            key: key.key.name().to_owned(),
            sha1: hex(&sha1::Sha1::digest(der)),
            usages: read
                .as_ref()
                .map_or_else(Vec::new, |c| c.extended_usage.clone()),
            not_after: read.as_ref().map(|c| c.not_after.clone()),
            names: read.map(|c| (c.subject, c.issuer)),
        };
        Some(Found { fact, at: blob.at })
    })
}

/// The lists of trusted certificates (CTL) of all stores, each by its store.
pub(super) fn lists(windows: &Windows<'_>) -> Collected<String> {
    of_stores(windows, "CTLs", |key, store, _| {
        let at = key.location();
        Some(Found { fact: store, at })
    })
}

/// The certificate in a blob.
fn certificate(blob: &[u8]) -> Result<Option<&[u8]>> {
    let mut at = 0_usize;
    for _ in 0..MAX_PROPERTIES {
        if at >= blob.len() {
            return Ok(None);
        }
        let corrupt = || {
            let what = say!(error_blob_property, at = at);
            Error::corrupt(Layer::Signature, None, what)
        };
        let id = le32(blob, at).ok_or_else(corrupt)?;
        let len = le32(blob, at + 8).ok_or_else(corrupt)? as usize;
        let end = (at + 12).checked_add(len).ok_or_else(corrupt)?;
        let data = blob.get(at + 12..end).ok_or_else(corrupt)?;
        if id == CERTIFICATE {
            return Ok(Some(data));
        }
        at = end;
    }
    let what = say!(error_too_many, most = MAX_PROPERTIES, what = "properties");
    Err(Error::limit(Layer::Signature, None, what))
}
