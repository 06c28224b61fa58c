//! `$ATTRIBUTE_LIST`: which record holds which attribute of a file that needs several records.

use std::sync::Arc;

use crate::bytes::{le16, le32, le64};
use crate::error::{Error, Layer, Result};
use crate::source::ReadAt;

use super::boot::Boot;
use super::record::{RawBody, Record, Reference, kind};
use super::runs::{Extents, Part, Runs};

/// Windows keeps a list within 256 KiB.
const MAX_LIST: u64 = 256 * 1024;

/// One line of the list.
#[derive(Debug, Clone, Copy)]
pub(super) struct AttributeListEntry<'a> {
    /// Attribute type.
    pub(super) kind: u32,
    /// Attribute name in UTF-16LE.
    pub(super) name: &'a [u8],
    /// First cluster that the part maps.
    pub(super) lowest: u64,
    /// The record with the part.
    pub(super) reference: Reference,
    /// Number of the attribute in that record.
    pub(super) id: u16,
}

/// The list of the file that `record` is the base of; `None` where it has none.
///
/// # Errors
/// If it can't be read or the record is damaged in front of it.
pub(super) fn read(
    record: &Record,
    volume: &Arc<dyn ReadAt>,
    boot: &Boot,
    clusters: u64,
) -> Result<Option<Vec<u8>>> {
    for raw in record.attributes() {
        // Attributes are sorted by type: what follows a damaged one may well have been the list.
        let raw = raw?;
        if raw.kind != kind::ATTRIBUTE_LIST {
            continue;
        }
        let at = record.offset.saturating_add(raw.at as u64);
        return match raw.body {
            RawBody::Resident(bytes) => Ok(Some(bytes.to_vec())),
            RawBody::NonResident {
                size,
                initialized,
                runs,
                ..
            } => {
                if size > MAX_LIST {
                    return Err(Error::limit(
                        Layer::Ntfs,
                        at,
                        say!(error_ntfs_list_long, size = size, most = MAX_LIST),
                    ));
                }
                let part = Part {
                    lowest: 0,
                    encoded: runs.to_vec(),
                    offset: at,
                };
                let extents = Extents {
                    volume: Arc::clone(volume),
                    runs: Runs::decode(&[part], boot, clusters)?,
                    cluster: u64::from(boot.cluster),
                    size,
                    initialized,
                    offset: record.offset,
                };
                crate::source::read_all(&extents, MAX_LIST).map(Some)
            }
        };
    }
    Ok(None)
}

/// The entries of the list `bytes` of the file with base record `base`.
pub(super) fn entries<'a>(
    bytes: &'a [u8],
    base: &'a Record,
) -> impl Iterator<Item = Result<AttributeListEntry<'a>>> {
    let mut at = 0_usize;
    std::iter::from_fn(move || {
        let rest = bytes.get(at..).filter(|rest| rest.len() >= 26)?;
        let len = usize::from(le16(rest, 4).unwrap_or(0));
        let entry = rest.get(..len).filter(|e| e.len() >= 26).and_then(parse);
        match entry {
            Some(entry) => {
                at = at.saturating_add(len);
                Some(Ok(entry))
            }
            None => {
                let bad = base.bad(0, say!(error_ntfs_list, at = at));
                at = bytes.len();
                Some(Err(bad))
            }
        }
    })
}

fn parse(bytes: &[u8]) -> Option<AttributeListEntry<'_>> {
    let name_len = usize::from(*bytes.get(6)?).saturating_mul(2);
    let name_at = usize::from(*bytes.get(7)?);
    let name = if name_len == 0 {
        &[]
    } else {
        bytes.get(name_at..)?.get(..name_len)?
    };
    Some(AttributeListEntry {
        kind: le32(bytes, 0)?,
        name,
        lowest: le64(bytes, 8)?,
        reference: le64(bytes, 16)?.into(),
        id: le16(bytes, 24)?,
    })
}
