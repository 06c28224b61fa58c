//! `$STANDARD_INFORMATION` and what else of a file's metadata is read from small attributes.

use crate::bytes::{le32, le64};
use crate::error::Result;
use crate::fs::{Attributes, Timestamp};

use super::node::{Attribute, Node};
use super::record::kind;

/// The fields of `$STANDARD_INFORMATION`: four times, attributes, and since NTFS 3.0 the number
/// of the security descriptor.
pub(super) struct Standard {
    pub(super) created: Option<Timestamp>,
    pub(super) modified: Option<Timestamp>,
    pub(super) changed: Option<Timestamp>,
    pub(super) accessed: Option<Timestamp>,
    pub(super) flags: u32,
    pub(super) security: Option<u32>,
}

impl Standard {
    pub(super) fn of(node: &Node) -> Result<Self> {
        let value = node
            .find_or_damage(kind::STANDARD_INFORMATION, &[])?
            .and_then(Attribute::resident)
            .filter(|v| v.len() >= 48)
            .ok_or_else(|| node.record.bad(0, say!(error_ntfs_standard)))?;
        let time = |at| le64(value, at).and_then(Timestamp::from_filetime);
        Ok(Self {
            created: time(0),
            modified: time(8),
            changed: time(16),
            accessed: time(24),
            flags: le32(value, 32).unwrap_or(0),
            security: le32(value, 52).filter(|id| *id != 0),
        })
    }

    pub(super) fn attributes(&self) -> Attributes {
        const NAMES: [(u32, Attributes); 7] = [
            (0x1, Attributes::READ_ONLY),
            (0x2, Attributes::HIDDEN),
            (0x4, Attributes::SYSTEM),
            (0x20, Attributes::ARCHIVE),
            (0x200, Attributes::SPARSE),
            (0x800, Attributes::COMPRESSED),
            (0x4000, Attributes::ENCRYPTED),
        ];
        NAMES
            .into_iter()
            .filter(|(bit, _)| self.flags & bit != 0)
            .fold(Attributes::empty(), |all, (_, one)| all | one)
    }
}

/// Number of names, where a long name and its short form are one.
pub(super) fn links(node: &Node) -> u32 {
    const DOS: u8 = 2;
    let names = node.attributes.iter().filter(|a| {
        a.kind == kind::FILE_NAME && a.resident().and_then(|v| v.get(65)) != Some(&DOS)
    });
    u32::try_from(names.count()).unwrap_or(u32::MAX)
}
