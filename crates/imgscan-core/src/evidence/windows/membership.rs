//! Groups of accounts by member: the index that the security accounts manager keeps beside the
//! lists of its groups, and by which it answers whose member somebody is.
//!
//! Below `Aliases\Members` stands a key for each domain, named by its SID, and below that one for
//! each member, named by eight hexadecimal digits of its relative identifier. Its default value holds
//! the identifiers of the groups (4 bytes each, little-endian). The hives of Windows 7 to 11 show it
//! so.

use super::KeyAt;
use crate::bytes::le32;
use crate::error::{Error, Layer};
use crate::evidence::{Found, Gap};
use crate::guest::windows::GuestHive;

/// A member of groups, by the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedMember {
    /// `Account` or `Builtin`: whose groups.
    pub domain: &'static str,
    /// The member's SID.
    pub sid: String,
    /// The relative identifiers of its groups.
    pub groups: Vec<u32>,
}

/// The index of the groups of `domain`.
pub(super) fn index(
    hive: &GuestHive,
    domain: &'static str,
    gaps: &mut Vec<Gap>,
) -> Vec<Found<IndexedMember>> {
    let path = format!(r"SAM\Domains\{domain}\Aliases\Members");
    let root = match KeyAt::open(hive, &path) {
        Ok(Some(root)) => root,
        Ok(None) => return Vec::new(),
        Err(gap) => {
            gaps.push(gap);
            return Vec::new();
        }
    };
    let mut out = Vec::new();
    for of in root.subkeys(gaps) {
        for member in of.subkeys(gaps) {
            let rid = u32::from_str_radix(member.key.name(), 16);
            let found = member.value("", |v| v.bytes().map(Some));
            match (rid, found) {
                (Ok(rid), Ok(Some(found))) => {
                    let (all, rest) = found.fact.as_chunks::<4>();
                    if !rest.is_empty() {
                        gaps.push(odd(&member));
                    }
                    out.push(Found {
                        fact: IndexedMember {
                            domain,
                            sid: format!("{}-{rid}", of.key.name()),
                            groups: all.iter().map(|b| u32::from_le_bytes(*b)).collect(),
                        },
                        at: found.at,
                    });
                }
                (Ok(_), Ok(None)) => {}
                (_, Err(gap)) => gaps.push(gap),
                (Err(_), Ok(_)) => gaps.push(odd(&member)),
            }
        }
    }
    out
}

fn odd(key: &KeyAt<'_>) -> Gap {
    let why = say!(error_sam_name, name = key.key.name());
    key.gap(
        None,
        &Error::corrupt(Layer::Hive, Some(key.key.offset()), why),
    )
}

/// The groups of a user's own record: pairs of a relative identifier and flags (4 bytes each).
pub(super) fn groups_of_record(bytes: &[u8]) -> Vec<u32> {
    let pairs = bytes.as_chunks::<8>().0.iter();
    pairs.filter_map(|pair| le32(pair, 0)).collect()
}
