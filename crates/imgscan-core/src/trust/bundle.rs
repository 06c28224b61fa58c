//! The trust bundle: pinned public certificates, each with where it came from.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::Certificate;
use super::pkcs7::Identity;
use crate::error::{Error, Layer, Result};

include!("anchors.rs");

/// What a pinned certificate may vouch for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The firmware's signature database: boot loaders.
    UefiDb,
    /// A distribution's secure-boot authority, as shim carries it.
    DistroSecureBoot,
    /// A distribution's end-entity signer, pinned exactly.
    DistroSigner,
    /// A Windows root.
    WindowsRoot,
    /// A Windows intermediate: helps to build chains, is no anchor.
    WindowsIntermediate,
    /// A kernel module or live-patch signer.
    KernelModule,
    /// Known, and no anchor: firmware key exchange, revoked signers, historic roots.
    KnownOnly,
    /// Given by the user.
    User,
}

/// A pinned certificate.
#[derive(Debug, Clone)]
pub struct Anchor {
    /// The certificate.
    pub certificate: Arc<Certificate>,
    /// What it may vouch for.
    pub role: Role,
    /// Where it came from.
    pub source: String,
    /// True where two or more independent sources agree on it; a report that rests on a single
    /// source says so.
    pub confirmed: bool,
}

/// A set of pinned certificates.
#[derive(Debug, Clone, Default)]
pub struct Bundle {
    anchors: Vec<Arc<Anchor>>,
    by_subject: HashMap<Vec<u8>, Vec<usize>>,
    by_serial: HashMap<Vec<u8>, Vec<usize>>,
}

impl Bundle {
    /// The bundle that is compiled in.
    #[must_use]
    pub fn built_in() -> &'static Self {
        static BUNDLE: OnceLock<Bundle> = OnceLock::new();
        BUNDLE.get_or_init(|| {
            let mut bundle = Self::default();
            for (der, role, source, confirmed) in ANCHORS {
                // A pinned certificate whose algorithm is not read (SM2) can't verify anything.
                if let Ok(certificate) = Certificate::parse(der) {
                    bundle.add(certificate, *role, source, *confirmed);
                }
            }
            bundle
        })
    }

    /// The revision of the compiled-in bundle.
    #[must_use]
    pub fn revision() -> &'static str {
        REVISION
    }

    /// Adds a certificate.
    pub fn add(&mut self, certificate: Certificate, role: Role, source: &str, confirmed: bool) {
        let subject = certificate.subject_der.clone();
        self.by_subject
            .entry(subject)
            .or_default()
            .push(self.anchors.len());
        let serial = certificate.serial.clone();
        self.by_serial
            .entry(serial)
            .or_default()
            .push(self.anchors.len());
        self.anchors.push(Arc::new(Anchor {
            certificate: Arc::new(certificate),
            role,
            source: source.into(),
            confirmed,
        }));
    }

    /// A copy of this bundle with the certificates of a user's file (DER, or PEM with any number
    /// of certificates) as anchors.
    ///
    /// # Errors
    /// If the file holds no certificate.
    pub fn with_user_file(&self, bytes: &[u8], source: &str) -> Result<Self> {
        let mut bundle = self.clone();
        let before = bundle.anchors.len();
        let ders = if bytes.starts_with(b"\x30") {
            vec![bytes.to_vec()]
        } else {
            pem(bytes)
        };
        for der in ders {
            bundle.add(Certificate::parse(&der)?, Role::User, source, true);
        }
        if bundle.anchors.len() == before {
            return Err(Error::corrupt(
                Layer::Signature,
                0,
                format!("{source}: no certificate"),
            ));
        }
        Ok(bundle)
    }

    /// All pinned certificates.
    #[must_use]
    pub fn anchors(&self) -> &[Arc<Anchor>] {
        &self.anchors
    }

    /// Pinned certificates with this subject (DER).
    pub fn by_subject(&self, subject_der: &[u8]) -> impl Iterator<Item = &Arc<Anchor>> {
        self.by_subject
            .get(subject_der)
            .into_iter()
            .flatten()
            .map(|i| &self.anchors[*i])
    }

    /// The pinned certificate that a signer names.
    #[must_use]
    pub fn by_identity(&self, identity: &Identity<'_>) -> Option<&Arc<Anchor>> {
        let names = |a: &&Arc<Anchor>| identity.names(&a.certificate);
        match identity {
            Identity::IssuerSerial(_, serial) => {
                let places = self.by_serial.get(*serial).into_iter().flatten();
                places.map(|i| &self.anchors[*i]).find(names)
            }
            Identity::KeyId(_) => self.anchors.iter().find(names),
        }
    }
}

/// The DER bodies of the `CERTIFICATE` blocks of a PEM file.
fn pem(text: &[u8]) -> Vec<Vec<u8>> {
    use base64::Engine as _;
    let text = String::from_utf8_lossy(text);
    let blocks = text.split("-----BEGIN CERTIFICATE-----").skip(1);
    blocks
        .filter_map(|block| {
            let body = block.split("-----END CERTIFICATE-----").next()?;
            let joined: String = body.chars().filter(|c| !c.is_whitespace()).collect();
            base64::engine::general_purpose::STANDARD
                .decode(joined)
                .ok()
        })
        .collect()
}
