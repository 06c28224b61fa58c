//! Security catalogs (`.cat`): a signed list of digests of files that carry no signature of their
//! own.
//!
//! A catalog is a PKCS#7 SignedData whose content is a certificate trust list. Sources: Microsoft
//! "[MS-CAESO]" and the CTL syntax of wincrypt.h (CTL_INFO), "Windows Authenticode Portable
//! Executable Signature Format" for SpcIndirectDataContent in a member's attributes.

use std::collections::HashSet;

use super::chain::{DataSignature, verify_data};
use super::der::{Reader, tag};
use super::key::DigestKind;
use super::pkcs7::{self, SignedData};
use super::{Bundle, Role};
use crate::error::{Error, Layer, Result};

/// Type of the content: certificate trust list.
const CTL: &str = "1.3.6.1.4.1.311.10.1";
/// The list's use: szOID_CATALOG_LIST.
const CATALOG_LIST: &str = "1.3.6.1.4.1.311.12.1.1";
/// Members are named by the digest itself: szOID_CATALOG_LIST_MEMBER2.
const MEMBER_2: &str = "1.3.6.1.4.1.311.12.1.3";
const SPC_INDIRECT_DATA: &str = "1.3.6.1.4.1.311.2.1.4";
/// Members of one catalog that are looked at.
const MAX_MEMBERS: usize = 4_000_000;

/// A catalog, parsed; not verified yet.
#[derive(Debug)]
pub struct Catalog<'a> {
    data: SignedData<'a>,
    members: Reader<'a>,
    by_digest: bool,
}

/// What may be the digests (SHA-1, SHA-256) of members of the catalog in `bytes`: every OCTET
/// STRING of their length. A quick look without reading its structure, which never misses one
/// that is there.
pub fn digests_in(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        loop {
            let at = rest.iter().position(|b| *b == tag::OCTET_STRING)?;
            rest = rest.get(at..)?.split_first()?.1;
            if let Some((len @ (20 | 32), behind)) = rest.split_first()
                && let Some(digest) = behind.get(..usize::from(*len))
            {
                return Some(digest);
            }
        }
    })
}

/// The digests of `wanted` among [`digests_in`] it.
#[must_use]
pub fn may_hold<'w>(bytes: &[u8], wanted: &'w HashSet<Vec<u8>>) -> Vec<&'w Vec<u8>> {
    let mut found = Vec::new();
    for known in digests_in(bytes).filter_map(|d| wanted.get(d)) {
        if !found.contains(&known) {
            found.push(known);
        }
    }
    found
}

impl<'a> Catalog<'a> {
    /// Reads the catalog `der`.
    ///
    /// # Errors
    /// If it is no PKCS#7 with a catalog list, or is not sound.
    pub fn parse(der: &'a [u8]) -> Result<Self> {
        let data = pkcs7::parse(der, 0)?;
        if data.content_type != CTL {
            return Err(Error::corrupt(
                Layer::Signature,
                0,
                say!(
                    error_signature_content,
                    found = &data.content_type,
                    expected = CTL
                ),
            ));
        }
        let list = data
            .content
            .ok_or_else(|| Error::corrupt(Layer::Signature, 0, say!(error_signature_no_content)))?;
        let mut reader = Reader::new(list, offset_in(der, list));
        reader.optional(tag::INTEGER)?;
        let usage = reader.sequence()?.oid()?;
        if usage != CATALOG_LIST {
            return Err(Error::corrupt(
                Layer::Signature,
                reader.offset(),
                say!(error_catalog_use, found = usage),
            ));
        }
        reader.optional(tag::OCTET_STRING)?;
        reader.optional(tag::INTEGER)?;
        // This update, and where it is there the next one.
        while matches!(reader.peek(), Some(tag::UTC_TIME | tag::GENERALIZED_TIME)) {
            reader.any()?;
        }
        let algorithm = reader.sequence()?.oid()?;
        let members = match reader.peek() {
            Some(tag::SEQUENCE) => reader.sequence()?,
            _ => Reader::new(&[], reader.offset()),
        };
        Ok(Self {
            data,
            members,
            by_digest: algorithm == MEMBER_2,
        })
    }

    /// Which of `digests` are members: by the digest of a member's attributes, or where members
    /// are named by their digest by that name.
    ///
    /// # Errors
    /// If a member is damaged, or there are more than four million.
    pub fn members_among<'d>(&self, digests: &[&'d [u8]]) -> Result<Vec<&'d [u8]>> {
        let mut found = Vec::new();
        let mut reader = self.members;
        let mut left = MAX_MEMBERS;
        while !reader.is_empty() {
            let Some(fewer) = left.checked_sub(1) else {
                let why = say!(
                    error_signature_too_many,
                    most = MAX_MEMBERS,
                    what = "members"
                );
                return Err(Error::limit(Layer::Signature, reader.offset(), why));
            };
            left = fewer;
            let mut member = reader.sequence()?;
            let name = member.expect(tag::OCTET_STRING)?;
            let mut has = |digest: &[u8]| {
                let known = digests.iter().find(|d| **d == digest);
                found.extend(known.filter(|k| !found.contains(*k)).copied());
            };
            if self.by_digest {
                has(name.body);
            }
            let Some(attributes) = member.optional(tag::SET)? else {
                continue;
            };
            let mut attributes = attributes.reader();
            while !attributes.is_empty() {
                let mut attribute = attributes.sequence()?;
                if attribute.oid()? == SPC_INDIRECT_DATA {
                    let mut value = attribute.expect(tag::SET)?.reader().sequence()?;
                    value.expect(tag::SEQUENCE)?;
                    let mut info = value.sequence()?;
                    let oid = info.sequence()?.oid()?;
                    let digest = info.expect(tag::OCTET_STRING)?.body;
                    if DigestKind::from_oid(&oid).is_some() {
                        has(digest);
                    }
                }
            }
        }
        Ok(found)
    }

    /// Verifies the signature; the first signer that a pinned certificate vouches for counts.
    ///
    /// # Errors
    /// If it has no signer.
    pub fn verify(&self, bundle: &Bundle, roles: &[Role]) -> Result<DataSignature> {
        verify_data(&self.data, bundle, roles)
    }
}

/// Where `inner`, a part of `outer`, begins in it.
fn offset_in(outer: &[u8], inner: &[u8]) -> u64 {
    let at = (inner.as_ptr() as usize).checked_sub(outer.as_ptr() as usize);
    at.map_or(0, |at| at as u64)
}

#[cfg(test)]
#[path = "catalog_tests.rs"]
mod tests;
