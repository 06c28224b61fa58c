//! Signature packets, versions 3, 4 and 6. Format: RFC 9580, section 5.2; version 3: RFC 4880,
//! section 5.2.2.

use super::packet::{Fields, Packet, corrupt, length, packets, tag};
use crate::bytes::array;
use crate::error::{Error, Layer, Result};
use crate::trust::der::bare;
use crate::trust::{DigestKind, Hasher, PublicKey};

/// Subpackets of one signature.
const MAX_SUBPACKETS: usize = 256;

/// Types of signatures.
pub(super) mod of {
    pub(in super::super) const BINARY: u8 = 0;
    pub(in super::super) const USER_ID: std::ops::RangeInclusive<u8> = 0x10..=0x13;
    pub(in super::super) const SUBKEY: u8 = 0x18;
    pub(in super::super) const BACK: u8 = 0x19;
    pub(in super::super) const DIRECT: u8 = 0x1F;
    pub(in super::super) const KEY_REVOKED: u8 = 0x20;
    pub(in super::super) const SUBKEY_REVOKED: u8 = 0x28;
}

/// A signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    pub(super) kind: u8,
    version: u8,
    /// Number of the key's algorithm.
    algorithm: u8,
    /// The digest that is signed; a number that is none of those worked with.
    digest: Result<DigestKind, u8>,
    /// When it was made, in seconds since 1970.
    pub created: Option<u32>,
    /// The keys that it says may have made it, by the last (version 6: first) 8 bytes of their
    /// fingerprints.
    pub issuers: Vec<[u8; 8]>,
    /// Seconds after the key's creation when it expires.
    pub(super) key_expires: Option<u32>,
    /// What the key may do.
    pub(super) flags: Option<u8>,
    /// A signature within: that of a signing subkey over its primary key.
    pub(super) embedded: Option<Box<Signature>>,
    /// Hashed before the data.
    salt: Vec<u8>,
    /// Hashed behind the data.
    trailer: Vec<u8>,
    left: [u8; 2],
    /// The signature's integers, or all the rest for the newer algorithms.
    values: Vec<Vec<u8>>,
}

impl Signature {
    /// The first signature packet of `bytes`.
    ///
    /// # Errors
    /// If there is none, or it is not whole; [`crate::Kind::Unsupported`] for another version.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let all = packets(bytes, 16)?;
        let first = all.iter().find(|p| p.tag == tag::SIGNATURE);
        let first = first.ok_or_else(|| corrupt(0, say!(error_openpgp_no_signature)))?;
        Self::read(first, 0)
    }

    pub(super) fn read(packet: &Packet<'_>, depth: usize) -> Result<Self> {
        let mut fields = Fields::of(packet);
        match fields.u8()? {
            version @ (2 | 3) => Self::read_v3(version, &mut fields, packet),
            version @ (4 | 6) => Self::read_v4(version, &mut fields, packet, depth),
            other => Err(Error::unsupported(
                Layer::Signature,
                packet.offset,
                say!(error_openpgp_version, version = other, what = "signature"),
            )),
        }
    }

    fn read_v3(version: u8, fields: &mut Fields<'_>, packet: &Packet<'_>) -> Result<Self> {
        if fields.u8()? != 5 {
            return Err(corrupt(packet.offset, say!(error_openpgp_cut)));
        }
        // Type and time are what is hashed.
        let trailer = fields.array::<5>()?;
        let [kind, created @ ..] = trailer;
        let issuer = fields.take(8)?;
        let (algorithm, digest) = (fields.u8()?, fields.u8()?);
        let left = [fields.u8()?, fields.u8()?];
        Ok(Self {
            kind,
            version,
            algorithm,
            digest: DigestKind::from_openpgp(digest.into()).ok_or(digest),
            created: Some(u32::from_be_bytes(created)),
            issuers: issuer.try_into().into_iter().collect(),
            key_expires: None,
            flags: None,
            embedded: None,
            salt: Vec::new(),
            trailer: trailer.to_vec(),
            left,
            values: values(algorithm, fields)?,
        })
    }

    fn read_v4(
        version: u8,
        fields: &mut Fields<'_>,
        packet: &Packet<'_>,
        depth: usize,
    ) -> Result<Self> {
        let (kind, algorithm, digest) = (fields.u8()?, fields.u8()?, fields.u8()?);
        let area = |fields: &mut Fields<'_>| match version {
            4 => fields.u16().map(usize::from),
            _ => fields.u32().map(|n| n as usize),
        };
        let length = area(fields)?;
        let hashed = fields.take(length)?;
        // From the version to the end of the hashed part, then its length (section 5.2.4).
        let head: usize = if version == 4 { 6 } else { 8 };
        let covered = packet.body.get(..head.saturating_add(hashed.len()));
        let covered =
            covered.ok_or_else(|| corrupt(packet.offset, say!(error_openpgp_signature)))?;
        let mut trailer = covered.to_vec();
        trailer.extend([version, 0xFF]);
        let total = u32::try_from(covered.len()).unwrap_or(u32::MAX);
        trailer.extend(total.to_be_bytes());
        let length = area(fields)?;
        let unhashed = fields.take(length)?;
        let left = [fields.u8()?, fields.u8()?];
        let salt = match version {
            4 => Vec::new(),
            _ => {
                let n = usize::from(fields.u8()?);
                fields.take(n)?.to_vec()
            }
        };
        let mut signature = Self {
            kind,
            version,
            algorithm,
            digest: DigestKind::from_openpgp(digest.into()).ok_or(digest),
            created: None,
            issuers: Vec::new(),
            key_expires: None,
            flags: None,
            embedded: None,
            salt,
            trailer,
            left,
            values: values(algorithm, fields)?,
        };
        signature.subpackets(hashed, true, packet, depth)?;
        signature.subpackets(unhashed, false, packet, depth)?;
        Ok(signature)
    }

    /// Section 5.2.3.7. Only hints are taken from the part that is not hashed.
    fn subpackets(
        &mut self,
        mut area: &[u8],
        hashed: bool,
        packet: &Packet<'_>,
        depth: usize,
    ) -> Result<()> {
        let wrong = || corrupt(packet.offset, say!(error_openpgp_subpacket));
        for count in 0.. {
            if area.is_empty() {
                break;
            }
            let (len, n) = length(area, 0).ok_or_else(wrong)?;
            let behind = area.get(n..).and_then(|rest| rest.split_at_checked(len));
            let (body, rest) = behind.ok_or_else(wrong)?;
            area = rest;
            let Some((kind, body)) = body.split_first() else {
                continue;
            };
            if count >= MAX_SUBPACKETS {
                return Err(corrupt(
                    packet.offset,
                    say!(
                        error_signature_too_many,
                        most = MAX_SUBPACKETS,
                        what = "subpackets"
                    ),
                ));
            }
            match (kind & 0x7F, hashed) {
                (2, true) => self.created = crate::bytes::be32(body, 0),
                (9, true) => self.key_expires = crate::bytes::be32(body, 0).filter(|s| *s != 0),
                (27, true) => self.flags = body.first().copied(),
                (16, _) => self.issuer(body.try_into().ok()),
                // Issuer fingerprint: the version of the key, then the fingerprint.
                (33, _) if body.len() == 21 => self.issuer(array(body, 13)),
                (33, _) if body.len() == 33 => self.issuer(array(body, 1)),
                (32, _) if depth == 0 => {
                    let inner = Packet {
                        tag: tag::SIGNATURE,
                        body,
                        offset: packet.offset,
                    };
                    self.embedded = Self::read(&inner, 1).ok().map(Box::new);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn issuer(&mut self, id: Option<[u8; 8]>) {
        if let Some(id) = id
            && !self.issuers.contains(&id)
            && self.issuers.len() < 8
        {
            self.issuers.push(id);
        }
    }

    /// The digest that is signed.
    ///
    /// # Errors
    /// [`crate::Kind::Unsupported`] for one that is not worked with.
    pub fn digest(&self) -> Result<DigestKind> {
        self.digest.map_err(|n| {
            let what = say!(error_openpgp_digest, number = n);
            Error::unsupported(Layer::Signature, None, what)
        })
    }

    /// A digest of what this signature covers, over data that is added next.
    pub(super) fn begin(&self) -> Result<Hasher> {
        let mut hasher = self.digest()?.hasher();
        hasher.update(&self.salt);
        Ok(hasher)
    }

    pub(super) fn end(&self, mut hasher: Hasher) -> Vec<u8> {
        hasher.update(&self.trailer);
        hasher.finish()
    }

    /// The number of an RSA signature, big-endian, as it is written.
    #[cfg(test)]
    pub(in crate::trust) fn rsa_number(&self) -> &[u8] {
        &self.values[0]
    }

    /// True where `key` made this signature over what has `digest`.
    ///
    /// # Errors
    /// [`crate::Kind::Unsupported`] for an algorithm that is not verified.
    pub(super) fn is_by(&self, key: &PublicKey, digest: &[u8]) -> Result<bool> {
        let kind = self.digest()?;
        let [one, more @ ..] = self.values.as_slice() else {
            return Ok(false);
        };
        let signature = match (key, self.algorithm, more) {
            (PublicKey::Other(_), ..) => return key.verify(kind, digest, one),
            (PublicKey::Rsa(key), 1 | 3, []) => key.signature_of(one),
            (PublicKey::Dsa(_), 17, [s]) | (PublicKey::Ec(_), 19, [s]) => der(one, s),
            _ => return Ok(false),
        };
        if digest.get(..2) != Some(&self.left) {
            return Ok(false);
        }
        key.verify(kind, digest, &signature)
    }
}

/// The DER sequence of two integers.
fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
    let integer = |n: &[u8]| {
        let mut body = bare(n).to_vec();
        if body.first().is_none_or(|b| b & 0x80 != 0) {
            body.insert(0, 0);
        }
        tlv(0x02, &body)
    };
    tlv(0x30, &[integer(r), integer(s)].concat())
}

fn tlv(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match u8::try_from(body.len()) {
        Ok(n) if n < 0x80 => out.push(n),
        _ => {
            let n = u16::try_from(body.len()).unwrap_or(u16::MAX);
            out.push(0x82);
            out.extend(n.to_be_bytes());
        }
    }
    out.extend_from_slice(body);
    out
}

fn values(algorithm: u8, fields: &mut Fields<'_>) -> Result<Vec<Vec<u8>>> {
    Ok(match algorithm {
        1 | 3 => vec![fields.mpi()?.to_vec()],
        17 | 19 | 22 => vec![fields.mpi()?.to_vec(), fields.mpi()?.to_vec()],
        _ => vec![fields.rest.to_vec()],
    })
}
