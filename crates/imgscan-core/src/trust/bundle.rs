//! The trust bundle: pinned public certificates and OpenPGP keys, each with where it came from.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::Certificate;
use super::keyring::{Keyring, PinnedKey};
use super::pinned::{ANCHORS, Anchor, REVISION, Role};
use super::pkcs7::Identity;
use crate::error::{Error, Layer, Result};

/// A set of pinned certificates and OpenPGP keys.
#[derive(Debug, Clone, Default)]
pub struct Bundle {
    anchors: Vec<Arc<Anchor>>,
    by_subject: HashMap<Vec<u8>, Vec<usize>>,
    /// Whether the compiled-in OpenPGP keys are among its keys.
    pinned_keys: bool,
    user_keys: Keyring,
    by_serial: HashMap<Vec<u8>, Vec<usize>>,
}

impl Bundle {
    /// The bundle that is compiled in.
    #[must_use]
    pub fn built_in() -> &'static Self {
        static BUNDLE: OnceLock<Bundle> = OnceLock::new();
        BUNDLE.get_or_init(|| {
            let mut bundle = Self {
                pinned_keys: true,
                ..Self::default()
            };
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

    /// A copy of this bundle with what a user's file holds as anchors: certificates (DER, or PEM
    /// with any number of them) or OpenPGP public keys (armoured or not).
    ///
    /// # Errors
    /// If the file holds neither.
    pub fn with_user_file(&self, bytes: &[u8], source: &str) -> Result<Self> {
        let mut bundle = self.clone();
        let before = bundle.anchors.len();
        let binary_keys = bytes.first().is_some_and(|b| b & 0x80 != 0);
        let ders = match bytes.first() {
            Some(0x30) => vec![bytes.to_vec()],
            _ if binary_keys => Vec::new(),
            _ => pem(bytes),
        };
        for der in ders {
            bundle.add(Certificate::parse(&der)?, Role::User, source, true);
        }
        let armour = b"-----BEGIN PGP PUBLIC KEY BLOCK-----";
        let keys = binary_keys || bytes.windows(armour.len()).any(|w| w == armour);
        if keys {
            bundle.user_keys.add_file(bytes, source)?;
        }
        if bundle.anchors.len() == before && !keys {
            return Err(Error::corrupt(
                Layer::Signature,
                0,
                say!(error_trust_file, file = source),
            ));
        }
        Ok(bundle)
    }

    /// All OpenPGP keys.
    pub fn keys(&self) -> impl Iterator<Item = &Arc<PinnedKey>> {
        let own = self.user_keys.keys().iter();
        own.chain(self.pinned().into_iter().flat_map(Keyring::keys))
    }

    /// The OpenPGP keys that have, or have a subkey that has, this ID.
    pub fn keys_by_id(&self, id: [u8; 8]) -> impl Iterator<Item = &Arc<PinnedKey>> {
        let own = self.user_keys.by_id(id);
        own.chain(self.pinned().into_iter().flat_map(move |r| r.by_id(id)))
    }

    fn pinned(&self) -> Option<&'static Keyring> {
        self.pinned_keys.then(Keyring::built_in)
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
            .filter_map(|i| self.anchors.get(*i))
    }

    /// The pinned certificate that a signer names.
    #[must_use]
    pub fn by_identity(&self, identity: &Identity<'_>) -> Option<&Arc<Anchor>> {
        let names = |a: &&Arc<Anchor>| identity.names(&a.certificate);
        match identity {
            Identity::IssuerSerial(_, serial) => {
                let places = self.by_serial.get(*serial).into_iter().flatten();
                places.filter_map(|i| self.anchors.get(*i)).find(names)
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
