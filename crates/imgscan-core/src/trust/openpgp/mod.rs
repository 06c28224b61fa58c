//! OpenPGP: public keys and detached signatures of versions 3, 4 and 6, verification only.
//!
//! A key that was pinned is trusted for its fingerprint; who certified it is not looked at. A subkey
//! counts where its primary key bound it for signing and it signed back. Time decides nothing:
//! expiry and revocation are told, for a package that was signed before stays signed.

mod packet;
mod signature;

pub use signature::Signature;

use packet::{Fields, Packet, armoured, corrupt, packets, tag};
use signature::of;

use super::dsa::DsaKey;
use super::ecdsa::EcKey;
use super::{DigestKind, PublicKey};
use crate::bytes::hex;
use crate::error::{Error, Layer, Result};

/// Packets of one file of keys; a keyring of a distribution has some hundreds.
const MAX_PACKETS: usize = 20_000;

/// A primary key with its subkeys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The primary key.
    pub primary: KeyPart,
    /// The first user ID.
    pub user: Option<String>,
    /// Subkeys, as they stand there.
    pub subkeys: Vec<Subkey>,
    /// The signatures over the primary key and its user IDs, each with the user ID.
    certifications: Vec<(Option<Vec<u8>>, Signature)>,
}

/// A key that can sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPart {
    /// The key.
    pub key: PublicKey,
    /// Its fingerprint.
    pub fingerprint: Vec<u8>,
    /// What signatures name it by.
    pub id: [u8; 8],
    /// When it was made, in seconds since 1970.
    pub created: u32,
    version: u8,
    /// The body of its packet, which is hashed.
    body: Vec<u8>,
}

/// A subkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subkey {
    /// The key.
    pub part: KeyPart,
    signatures: Vec<Signature>,
}

/// What is known of a key's validity; told, not judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct State {
    /// Its owner revoked it.
    pub revoked: bool,
    /// When it expires, in seconds since 1970.
    pub expires: Option<u64>,
}

impl Key {
    /// The keys of a file, armoured or not. Packets that are not worked with are passed over.
    ///
    /// # Errors
    /// If there is none, or a packet is not whole.
    pub fn read_all(bytes: &[u8]) -> Result<Vec<Self>> {
        let blocks = if bytes.first().is_some_and(|b| b & 0x80 != 0) {
            vec![bytes.to_vec()]
        } else {
            armoured(bytes, "PGP PUBLIC KEY BLOCK")
        };
        let mut keys = Vec::new();
        for block in blocks {
            Self::read_block(&block, &mut keys)?;
        }
        if keys.is_empty() {
            return Err(corrupt(0, say!(error_openpgp_no_key)));
        }
        Ok(keys)
    }

    fn read_block(block: &[u8], keys: &mut Vec<Self>) -> Result<()> {
        /// What the signatures that follow are about.
        enum About {
            Nothing,
            Key,
            User(Vec<u8>),
            Subkey,
        }
        let mut about = About::Nothing;
        for packet in packets(block, MAX_PACKETS)? {
            match (packet.tag, keys.last_mut()) {
                (tag::KEY, _) => {
                    keys.push(Self {
                        primary: KeyPart::read(&packet)?,
                        user: None,
                        subkeys: Vec::new(),
                        certifications: Vec::new(),
                    });
                    about = About::Key;
                }
                (tag::USER_ID, Some(key)) => {
                    key.user
                        .get_or_insert_with(|| crate::text::lossless(packet.body));
                    about = About::User(packet.body.to_vec());
                }
                (tag::SUBKEY, Some(key)) => match KeyPart::read(&packet) {
                    Ok(part) => {
                        key.subkeys.push(Subkey {
                            part,
                            signatures: Vec::new(),
                        });
                        about = About::Subkey;
                    }
                    Err(_) => about = About::Nothing,
                },
                (tag::SIGNATURE, Some(key)) => {
                    // Of a third party's signature that is not read nothing is wanted.
                    let Ok(signature) = Signature::read(&packet, 0) else {
                        continue;
                    };
                    match &about {
                        About::Key => key.certifications.push((None, signature)),
                        About::User(user) => {
                            key.certifications.push((Some(user.clone()), signature));
                        }
                        About::Subkey => {
                            if let Some(subkey) = key.subkeys.last_mut() {
                                subkey.signatures.push(signature);
                            }
                        }
                        About::Nothing => {}
                    }
                }
                _ => about = About::Nothing,
            }
        }
        Ok(())
    }

    /// Upper-case hexadecimal fingerprint of the primary key, as gpg prints it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        hex(&self.primary.fingerprint).to_uppercase()
    }

    /// True where the primary key or a subkey has this ID.
    #[must_use]
    pub fn has(&self, id: [u8; 8]) -> bool {
        self.primary.id == id || self.subkeys.iter().any(|s| s.part.id == id)
    }

    /// True where this key made `signature` over the data that `feed` hands out.
    ///
    /// # Errors
    /// [`crate::Kind::Unsupported`] for algorithms that are not verified.
    pub fn verify(
        &self,
        signature: &Signature,
        feed: impl Fn(&mut dyn FnMut(&[u8])),
    ) -> Result<bool> {
        let digest = signature.data_digest(feed)?;
        self.verify_digest(signature, &digest)
    }

    /// True where this key made `signature` over what has `digest` ([`Signature::data_digest`]).
    ///
    /// # Errors
    /// [`crate::Kind::Unsupported`] for algorithms that are not verified.
    pub fn verify_digest(&self, signature: &Signature, digest: &[u8]) -> Result<bool> {
        if signature.kind != of::BINARY {
            return Ok(false);
        }
        let named =
            |part: &KeyPart| signature.issuers.is_empty() || signature.issuers.contains(&part.id);
        if named(&self.primary) && signature.is_by(&self.primary.key, digest)? {
            return Ok(true);
        }
        for subkey in self.subkeys.iter().filter(|s| named(&s.part)) {
            if signature.is_by(&subkey.part.key, digest)? && self.binds(subkey) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// True where the primary key bound `subkey` for signing, and the subkey signed back.
    fn binds(&self, subkey: &Subkey) -> bool {
        let by = |key: &PublicKey, signature: &Signature| {
            signed(
                signature,
                key,
                &[Over::Key(&self.primary), Over::Key(&subkey.part)],
            )
        };
        subkey.signatures.iter().any(|s| {
            s.kind == of::SUBKEY
                && s.flags.is_some_and(|f| f & 2 != 0)
                && by(&self.primary.key, s)
                && s.embedded
                    .as_ref()
                    .is_some_and(|b| b.kind == of::BACK && by(&subkey.part.key, b))
        })
    }

    /// Whether the key with `id` was revoked, and when it expires, as its owner signed it.
    #[must_use]
    pub fn state(&self, id: [u8; 8]) -> State {
        let mut state = State::default();
        let primary = &self.primary;
        let mut latest = 0;
        for (user, signature) in &self.certifications {
            let over: &[Over<'_>] = match user {
                Some(user) => &[Over::Key(primary), Over::User(user)],
                None => &[Over::Key(primary)],
            };
            let about = match signature.kind {
                of::KEY_REVOKED => user.is_none() || signature.issuers.contains(&primary.id),
                of::DIRECT => user.is_none(),
                kind => of::USER_ID.contains(&kind) && user.is_some(),
            };
            if !about || !signature.issuers.contains(&primary.id) {
                continue;
            }
            let over = if signature.kind == of::KEY_REVOKED {
                &[Over::Key(primary)][..]
            } else {
                over
            };
            if !signed(signature, &primary.key, over) {
                continue;
            }
            if signature.kind == of::KEY_REVOKED {
                state.revoked = true;
            } else if signature.created.unwrap_or(0) >= latest {
                latest = signature.created.unwrap_or(0);
                let after = signature.key_expires.map(u64::from);
                state.expires = after.map(|s| s.saturating_add(primary.created.into()));
            }
        }
        if let Some(subkey) = self.subkeys.iter().find(|s| s.part.id == id) {
            state.revoked |= subkey.signatures.iter().any(|s| {
                s.kind == of::SUBKEY_REVOKED
                    && signed(
                        s,
                        &primary.key,
                        &[Over::Key(primary), Over::Key(&subkey.part)],
                    )
            });
        }
        state
    }
}

impl Signature {
    /// The digest of the data that `feed` hands out, as this signature signs it.
    ///
    /// # Errors
    /// [`crate::Kind::Unsupported`] for a digest that is not worked with.
    pub fn data_digest(&self, feed: impl Fn(&mut dyn FnMut(&[u8]))) -> Result<Vec<u8>> {
        let mut hasher = self.begin()?;
        feed(&mut |piece| hasher.update(piece));
        Ok(self.end(hasher))
    }
}

/// What a certification covers (section 5.2.4).
enum Over<'a> {
    Key(&'a KeyPart),
    User(&'a [u8]),
}

/// True where `key` made `signature` over these, with a digest that still counts.
fn signed(signature: &Signature, key: &PublicKey, over: &[Over<'_>]) -> bool {
    let strong = signature.digest().is_ok_and(|d| d != DigestKind::Md5);
    let Some(mut hasher) = signature.begin().ok().filter(|_| strong) else {
        return false;
    };
    for what in over {
        match what {
            Over::Key(part) => part.hash(&mut |bytes| hasher.update(bytes)),
            Over::User(user) => {
                let len = u32::try_from(user.len()).unwrap_or(u32::MAX);
                hasher.update(&[0xB4]);
                hasher.update(&len.to_be_bytes());
                hasher.update(user);
            }
        }
    }
    let digest = signature.end(hasher);
    signature.is_by(key, &digest).unwrap_or(false)
}

impl KeyPart {
    /// A key packet (sections 5.5.2 and 5.5.4).
    fn read(packet: &Packet<'_>) -> Result<Self> {
        let mut fields = Fields::of(packet);
        let version = fields.u8()?;
        if !matches!(version, 2..=4 | 6) {
            let what = say!(error_openpgp_version, version = version, what = "key");
            return Err(Error::unsupported(Layer::Signature, packet.offset, what));
        }
        let created = fields.u32()?;
        if version < 4 {
            fields.take(2)?;
        }
        let algorithm = fields.u8()?;
        if version == 6 {
            fields.take(4)?;
        }
        let key = public_key(algorithm, &mut fields, packet.offset)?;
        let mut part = Self {
            key,
            fingerprint: Vec::new(),
            id: [0; 8],
            created,
            version,
            body: packet.body.to_vec(),
        };
        let kind = match version {
            4 => DigestKind::Sha1,
            6 => DigestKind::Sha256,
            _ => DigestKind::Md5,
        };
        let mut hasher = kind.hasher();
        if version < 4 {
            let PublicKey::Rsa(rsa) = &part.key else {
                return Err(corrupt(packet.offset, say!(error_openpgp_v3)));
            };
            let modulus = rsa.modulus();
            part.id = modulus.last_chunk().copied().unwrap_or([0; 8]);
            hasher.update(modulus);
            hasher.update(&rsa.exponent());
        } else {
            part.hash(&mut |bytes| hasher.update(bytes));
        }
        part.fingerprint = hasher.finish();
        let id = match version {
            4 => part.fingerprint.get(12..20),
            6 => part.fingerprint.get(..8),
            _ => None,
        };
        if let Some(id) = id {
            part.id = id.try_into().unwrap_or([0; 8]);
        }
        Ok(part)
    }

    /// Hands out what is hashed of the key (section 5.2.4).
    fn hash(&self, take: &mut dyn FnMut(&[u8])) {
        if self.version == 6 {
            let len = u32::try_from(self.body.len()).unwrap_or(u32::MAX);
            take(&[0x9B]);
            take(&len.to_be_bytes());
        } else {
            let len = u16::try_from(self.body.len()).unwrap_or(u16::MAX);
            take(&[0x99]);
            take(&len.to_be_bytes());
        }
        take(&self.body);
    }
}

/// The key material of an algorithm (section 5.5.5).
fn public_key(algorithm: u8, fields: &mut Fields<'_>, at: u64) -> Result<PublicKey> {
    match algorithm {
        1 | 3 => PublicKey::rsa(fields.mpi()?, fields.mpi()?, at),
        17 => {
            let (p, q, g, y) = (fields.mpi()?, fields.mpi()?, fields.mpi()?, fields.mpi()?);
            DsaKey::new(p, q, g, y)
                .map(PublicKey::Dsa)
                .ok_or_else(|| Error::limit(Layer::Signature, at, say!(error_openpgp_dsa)))
        }
        19 => {
            let n = usize::from(fields.u8()?);
            let oid = fields.take(n)?;
            let point = fields.mpi()?;
            let curve = match oid {
                [0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7] => "1.2.840.10045.3.1.7",
                [0x2B, 0x81, 4, 0, 0x22] => "1.3.132.0.34",
                [0x2B, 0x81, 4, 0, 0x23] => "1.3.132.0.35",
                other => return Ok(PublicKey::Other(format!("ECDSA {}", hex(other)))),
            };
            Ok(PublicKey::Ec(EcKey::new(curve, point)))
        }
        other => Ok(PublicKey::Other(match other {
            2 | 16 | 18 | 25 | 26 => "OpenPGP encryption".into(),
            22 | 27 => "EdDSA".into(),
            28 => "Ed448".into(),
            n => format!("OpenPGP {n}"),
        })),
    }
}
