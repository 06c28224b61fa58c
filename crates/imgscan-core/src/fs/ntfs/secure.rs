//! Security descriptors in `$Secure`, found by number through its index `$SII`.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::bytes::{le16, le32, le64};
use crate::descriptor::Descriptor;
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
pub(super) const MAX_DESCRIPTOR: u64 = 256 * 1024;

/// The descriptors of a volume.
pub(super) struct Secure {
    stream: Arc<dyn ReadAt>,
    /// Offset and length (header included) of each descriptor by its number.
    places: HashMap<u32, (u64, u64)>,
    /// Damage of the index: a number that is not found may be behind it.
    damage: Option<Error>,
    /// Those that were read: files share them.
    read: RwLock<HashMap<u32, Arc<Descriptor>>>,
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
            read: RwLock::default(),
        })
    }

    /// Descriptor number `id`.
    pub(super) fn descriptor(&self, id: u32) -> Result<Arc<Descriptor>> {
        let known = self.read.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(descriptor) = known.get(&id) {
            return Ok(Arc::clone(descriptor));
        }
        drop(known);
        let Some((offset, len)) = self.places.get(&id).copied() else {
            let absent = || corrupt(None, say!(error_ntfs_secure_absent, number = id));
            return Err(self.damage.clone().unwrap_or_else(absent));
        };
        let bytes = self.bytes(id, offset, len).or_else(|e| {
            self.bytes(id, offset.saturating_add(MIRROR), len)
                .map_err(|_| e)
        })?;
        let parsed = Descriptor::parse(&bytes)
            .map_err(|why| corrupt(None, say!(error_ntfs_secure, number = id, why = why)))?;
        let parsed = Arc::new(parsed);
        let mut known = self.read.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(id, Arc::clone(&parsed));
        Ok(parsed)
    }

    /// A descriptor: behind a header of 20 bytes (hash, number, offset, length).
    fn bytes(&self, id: u32, offset: u64, len: u64) -> Result<Vec<u8>> {
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
