//! MFT records and the attributes in them, as they stand on the disk.

use std::sync::Arc;

use crate::bytes::{le16, le32, le64};
use crate::error::{Error, Result};
use crate::text::Text;

use super::corrupt;

/// Attribute type codes.
pub(super) mod kind {
    pub(crate) const STANDARD_INFORMATION: u32 = 0x10;
    pub(crate) const ATTRIBUTE_LIST: u32 = 0x20;
    pub(crate) const FILE_NAME: u32 = 0x30;
    pub(crate) const SECURITY_DESCRIPTOR: u32 = 0x50;
    pub(crate) const VOLUME_NAME: u32 = 0x60;
    pub(crate) const VOLUME_INFORMATION: u32 = 0x70;
    pub(crate) const DATA: u32 = 0x80;
    pub(crate) const INDEX_ROOT: u32 = 0x90;
    pub(crate) const INDEX_ALLOCATION: u32 = 0xA0;
    pub(crate) const BITMAP: u32 = 0xB0;
    pub(crate) const REPARSE_POINT: u32 = 0xC0;
    pub(crate) const END: u32 = 0xFFFF_FFFF;
}

/// Record flag: in use.
const IN_USE: u16 = 1;
/// Record flag: has a name index, so is a directory.
const DIRECTORY: u16 = 2;

/// A reference to a record: its number and the sequence number that it must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) record: u64,
    pub(super) sequence: u16,
}

impl From<u64> for Reference {
    fn from(value: u64) -> Self {
        Self {
            record: value & 0xFFFF_FFFF_FFFF,
            sequence: (value >> 48) as u16,
        }
    }
}

/// A record whose update sequence was checked. Clones share the bytes.
#[derive(Clone)]
pub(super) struct Record {
    /// Bytes of several records that were read together.
    pub(super) bytes: Arc<Vec<u8>>,
    /// Where this one starts among them.
    pub(super) start: usize,
    /// Its length in bytes.
    pub(super) len: usize,
    /// Its number.
    pub(super) number: u64,
    /// Byte of the volume where it stands.
    pub(super) offset: u64,
}

impl Record {
    /// The bytes of the record.
    pub(super) fn bytes(&self) -> &[u8] {
        let rest = self.bytes.get(self.start..).unwrap_or_default();
        rest.get(..self.len).unwrap_or_default()
    }

    fn flags(&self) -> u16 {
        le16(self.bytes(), 22).unwrap_or(0)
    }

    pub(super) fn in_use(&self) -> bool {
        self.flags() & IN_USE != 0
    }

    pub(super) fn is_directory(&self) -> bool {
        self.flags() & DIRECTORY != 0
    }

    pub(super) fn sequence(&self) -> u16 {
        le16(self.bytes(), 16).unwrap_or(0)
    }

    /// The record that this one extends; number 0 (`$MFT`) with sequence 0 if it extends none.
    pub(super) fn base(&self) -> u64 {
        le64(self.bytes(), 32).unwrap_or(0)
    }

    /// An error at byte `at` of this record.
    pub(super) fn bad(&self, at: usize, why: Text) -> Error {
        corrupt(
            self.offset.saturating_add(at as u64),
            say!(error_ntfs_record, record = self.number, why = why),
        )
    }

    /// The attributes up to the end mark or to the first one that is not sound.
    pub(super) fn attributes(&self) -> Attributes<'_> {
        let bytes = self.bytes();
        let used = le32(bytes, 24).map_or(0, |u| u as usize);
        let first = usize::from(le16(bytes, 20).unwrap_or(0));
        Attributes {
            record: self,
            at: first,
            end: used.min(bytes.len()),
            done: false,
        }
    }
}

/// One attribute in a record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Raw<'a> {
    /// Type code.
    pub(super) kind: u32,
    /// Name in UTF-16LE.
    pub(super) name: &'a [u8],
    /// Number that is unique in the record.
    pub(super) id: u16,
    /// Compressed, encrypted, sparse.
    pub(super) flags: u16,
    /// Where it stands in the record.
    pub(super) at: usize,
    /// Contents.
    pub(super) body: RawBody<'a>,
}

/// The contents of an attribute, or where they are.
#[derive(Debug, Clone, Copy)]
pub(super) enum RawBody<'a> {
    /// Contents inside the record.
    Resident(&'a [u8]),
    /// Contents in clusters.
    NonResident {
        /// First cluster that this part maps.
        lowest: u64,
        /// Clusters of a compression unit as a power of two; 0 for none.
        unit: u8,
        /// Length in bytes.
        size: u64,
        /// Bytes that were ever written.
        initialized: u64,
        /// The encoded run list.
        runs: &'a [u8],
    },
}

impl RawBody<'_> {
    /// First cluster of this part: 0 for a resident attribute.
    pub(super) fn lowest(&self) -> u64 {
        match self {
            Self::Resident(_) => 0,
            Self::NonResident { lowest, .. } => *lowest,
        }
    }
}

/// Iterates over the attributes of a record.
pub(super) struct Attributes<'a> {
    record: &'a Record,
    at: usize,
    end: usize,
    done: bool,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Result<Raw<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let bytes = self.record.bytes();
        let used = bytes.get(..self.end).unwrap_or_default();
        let kind = le32(used, self.at);
        if kind == Some(kind::END) {
            self.done = true;
            return None;
        }
        let parsed = kind.and_then(|kind| {
            let len = le32(bytes, self.at.checked_add(4)?)? as usize;
            let behind = self.at.checked_add(len)?;
            let body = bytes.get(self.at..behind)?;
            // Each begins at a multiple of eight and none crosses the bytes in use.
            if len < 24 || !len.is_multiple_of(8) || behind > self.end {
                return None;
            }
            Some((parse(kind, body, self.at)?, behind))
        });
        match parsed {
            Some((raw, behind)) => {
                self.at = behind;
                Some(Ok(raw))
            }
            None => {
                self.done = true;
                let at = self.at.min(bytes.len());
                Some(Err(self.record.bad(at, say!(error_ntfs_attribute))))
            }
        }
    }
}

/// Parses the attribute that fills `bytes`.
fn parse(kind: u32, bytes: &[u8], at: usize) -> Option<Raw<'_>> {
    let name_len = usize::from(*bytes.get(9)?).saturating_mul(2);
    let name_at = usize::from(le16(bytes, 10)?);
    let name = if name_len == 0 {
        &[]
    } else {
        bytes.get(name_at..)?.get(..name_len)?
    };
    let body = if *bytes.get(8)? == 0 {
        let len = le32(bytes, 16)? as usize;
        let value_at = usize::from(le16(bytes, 20)?);
        RawBody::Resident(bytes.get(value_at..value_at.checked_add(len)?)?)
    } else {
        let lowest = le64(bytes, 16)?;
        let runs_at = usize::from(le16(bytes, 32)?);
        let (size, initialized) = (le64(bytes, 48)?, le64(bytes, 56)?);
        RawBody::NonResident {
            lowest,
            unit: *bytes.get(34)?,
            size,
            initialized,
            runs: bytes.get(runs_at..)?,
        }
    };
    Some(Raw {
        kind,
        name,
        id: le16(bytes, 14)?,
        flags: le16(bytes, 12)?,
        at,
        body,
    })
}
