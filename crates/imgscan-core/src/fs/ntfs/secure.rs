//! Owners: security descriptors in `$Secure`, found by number through its index `$SII`.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::bytes::{le16, le32, le64};
use crate::error::{Error, Result};
use crate::source::{ReadAt, read_vec};
use crate::text::Text;

use super::index::{Index, SECURITY_IDS};
use super::node::Node;
use super::record::kind;
use super::{Volume, corrupt};

/// The stream `$SDS` in UTF-16LE.
const STREAM: &[u8] = b"$\0S\0D\0S\0";
/// Every block of 256 KiB of the stream is followed by a copy of itself.
const MIRROR: u64 = 256 * 1024;
/// A descriptor with the largest possible access lists.
const MAX_DESCRIPTOR: u64 = 256 * 1024;

/// The descriptors of a volume.
pub(super) struct Secure {
    stream: Arc<dyn ReadAt>,
    /// Offset and length (header included) of each descriptor by its number.
    places: HashMap<u32, (u64, u64)>,
    /// Damage of the index: a number that is not found may be behind it.
    damage: Option<Error>,
    owners: RwLock<HashMap<u32, Option<String>>>,
}

impl Secure {
    /// Opens `$Secure`.
    pub(super) fn open(volume: &Volume, node: &Node) -> Result<Self> {
        let missing = |why: Text| node.record.bad(0, why);
        let stream = node
            .find_or_damage(kind::DATA, STREAM)?
            .ok_or_else(|| missing(say!(error_ntfs_secure_stream)))?;
        let stream = volume.contents(stream)?;
        let index = Index::open(volume, node, SECURITY_IDS)?
            .ok_or_else(|| missing(say!(error_ntfs_secure_index)))?;
        let mut places = HashMap::new();
        let damage = index.scan(&mut |entry| {
            if let Some((id, place)) = place(entry.bytes, entry.key) {
                places.insert(id, place);
            }
        });
        Ok(Self {
            stream,
            places,
            damage: damage.into_iter().next(),
            owners: RwLock::default(),
        })
    }

    /// The owner in descriptor number `id`.
    pub(super) fn owner(&self, id: u32) -> Result<Option<String>> {
        let known = self.owners.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(owner) = known.get(&id) {
            return Ok(owner.clone());
        }
        drop(known);
        let Some((offset, len)) = self.places.get(&id).copied() else {
            let absent = || corrupt(None, say!(error_ntfs_secure_absent, number = id));
            return Err(self.damage.clone().unwrap_or_else(absent));
        };
        let descriptor = self.descriptor(id, offset, len).or_else(|e| {
            self.descriptor(id, offset.saturating_add(MIRROR), len)
                .map_err(|_| e)
        })?;
        let owner = owner(&descriptor)
            .map_err(|why| corrupt(None, say!(error_ntfs_secure, number = id, why = why)))?;
        let mut known = self.owners.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(id, owner.clone());
        Ok(owner)
    }

    /// A descriptor: behind a header of 20 bytes (hash, number, offset, length).
    fn descriptor(&self, id: u32, offset: u64, len: u64) -> Result<Vec<u8>> {
        let len = usize::try_from(len).unwrap_or(0);
        let bytes = read_vec(self.stream.as_ref(), offset, len)?;
        let Some(descriptor) = bytes.get(20..).filter(|_| le32(&bytes, 4) == Some(id)) else {
            return Err(corrupt(
                None,
                say!(error_ntfs_secure_place, at = offset, number = id),
            ));
        };
        Ok(descriptor.to_vec())
    }
}

/// Number and place of a descriptor from an entry of `$SII`: the key is the number; the data,
/// at the 16-bit offset that the entry begins with, repeats the header of the descriptor.
fn place(entry: &[u8], key: &[u8]) -> Option<(u32, (u64, u64))> {
    let id = le32(key, 0)?;
    let data = usize::from(le16(entry, 0)?);
    let offset = le64(entry, data.checked_add(8)?)?;
    let len = u64::from(le32(entry, data.checked_add(16)?)?);
    // The mirror's offset must not overflow either.
    (offset < 1 << 48 && len <= MAX_DESCRIPTOR).then_some((id, (offset, len)))
}

/// The owner in a self-relative security descriptor (MS-DTYP 2.4.6), where it has one.
pub(super) fn owner(descriptor: &[u8]) -> std::result::Result<Option<String>, Text> {
    if descriptor.len() < 20 || descriptor.first() != Some(&1) {
        return Err(say!(error_ntfs_descriptor));
    }
    match le32(descriptor, 4).unwrap_or(0) as usize {
        0 => Ok(None),
        at => descriptor
            .get(at..)
            .and_then(sid)
            .map(Some)
            .ok_or_else(|| say!(error_ntfs_owner)),
    }
}

/// A security identifier as text: MS-DTYP 2.4.2.
fn sid(bytes: &[u8]) -> Option<String> {
    use std::fmt::Write as _;
    let count = usize::from(*bytes.get(1)?);
    if bytes.first() != Some(&1) || count > 15 {
        return None;
    }
    let authority = bytes
        .get(2..8)?
        .iter()
        .fold(0_u64, |all, b| all << 8 | u64::from(*b));
    let mut text = if authority >> 32 == 0 {
        format!("S-1-{authority}")
    } else {
        format!("S-1-{authority:#014x}")
    };
    for at in (8..).step_by(4).take(count) {
        let _ = write!(text, "-{}", le32(bytes, at)?);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of MS-DTYP 2.4.2.4: Administrators and Local System.
    #[test]
    fn well_known_identifiers_have_their_published_text() {
        let administrators = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0];
        assert_eq!(sid(&administrators).unwrap(), "S-1-5-32-544");
        assert_eq!(
            sid(&[1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0]).unwrap(),
            "S-1-5-18"
        );
        assert_eq!(sid(&[1, 2, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0]), None);
        let mut descriptor = vec![
            1, 0, 4, 0x80, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ];
        descriptor.extend(administrators);
        assert_eq!(owner(&descriptor).unwrap().unwrap(), "S-1-5-32-544");
        assert!(owner(&descriptor[..30]).is_err());
        assert!(owner(&[]).is_err());
    }
}
