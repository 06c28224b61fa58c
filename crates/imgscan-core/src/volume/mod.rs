//! Partition tables: from the bytes of a disk to its named volumes.

#![warn(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::indexing_slicing
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::indexing_slicing
    )
)]

mod gpt;
mod layout;
mod mbr;

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::source::{ReadAt, Section};
use mbr::BootRecord;

/// How a disk is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Scheme {
    /// A GUID partition table.
    Gpt,
    /// A master boot record, with extended boot records where there are logical partitions.
    Mbr,
    /// No table: the whole disk is one volume.
    None,
}

/// A partition, or the whole disk where there is no table.
#[derive(Clone)]
pub struct Volume {
    /// How reports and commands name it: `p1`, `p2` … by partition number, or `disk`.
    pub name: String,
    /// Partition number as Linux counts (logical partitions of an MBR from 5); 0 for `disk`.
    pub number: u32,
    /// First byte on the disk.
    pub offset: u64,
    /// Length in bytes.
    pub len: u64,
    /// GPT type GUID in upper case, or the MBR type as two hexadecimal digits; empty for `disk`.
    pub kind: String,
    /// GPT partition name.
    pub label: Option<String>,
    /// The id that Linux calls PARTUUID, in lower case.
    pub part_uuid: Option<String>,
    /// MBR active flag, or GPT legacy BIOS bootable.
    pub bootable: bool,
    /// GPT attribute bits as the entry holds them; 0 elsewhere.
    pub attributes: u64,
    /// Its bytes.
    pub data: Arc<dyn ReadAt>,
}

/// An extended partition of an MBR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extended {
    /// Partition number.
    pub number: u32,
    /// First byte on the disk.
    pub offset: u64,
    /// Length in bytes.
    pub len: u64,
    /// The MBR type as two hexadecimal digits.
    pub kind: String,
}

/// The division of a disk.
#[derive(Clone)]
pub struct Table {
    /// Which kind of table.
    pub scheme: Scheme,
    /// Logical sector size in bytes by which the table counts.
    pub sector_size: u32,
    /// GPT disk GUID (lower case) or MBR disk signature (8 hexadecimal digits).
    pub disk_id: Option<String>,
    /// The volumes, by their number.
    pub volumes: Vec<Volume>,
    /// Extended partitions of an MBR: they hold the logical ones and nothing of their own.
    pub extended: Vec<Extended>,
    /// What is damaged or unusual in the table. What hides no volume is of
    /// [`crate::Kind::Notice`].
    pub warnings: Vec<Error>,
}

/// Reads the partition table of `disk`. A disk without one is a single volume `disk`.
///
/// # Errors
/// If the disk itself can't be read. A damaged table is not an error: what is sound in it is
/// taken, and the damage stands in [`Table::warnings`].
pub fn open(disk: &Arc<dyn ReadAt>) -> Result<Table> {
    let mut warnings = Vec::new();
    // A first sector that can't be read may still have a GPT behind it.
    let (mbr, unreadable) = match BootRecord::read(disk.as_ref()) {
        Ok(mbr) => (mbr, None),
        Err(e) => (None, Some(e)),
    };
    let mut table = gpt::open(disk, mbr.as_ref(), &mut warnings)?;
    if let (None, Some(e)) = (&table, unreadable) {
        return Err(e);
    }
    if let (None, Some(mbr)) = (&table, &mbr) {
        table = mbr::open(disk, mbr)?;
    }
    let mut table = table.unwrap_or_else(|| whole(disk));
    warnings.append(&mut table.warnings);
    table.warnings = warnings;
    Ok(table)
}

/// A disk without a table: one volume.
fn whole(disk: &Arc<dyn ReadAt>) -> Table {
    Table {
        scheme: Scheme::None,
        sector_size: 512,
        disk_id: None,
        volumes: vec![Volume {
            name: "disk".into(),
            number: 0,
            offset: 0,
            len: disk.len(),
            kind: String::new(),
            label: None,
            part_uuid: None,
            bootable: false,
            attributes: 0,
            data: Arc::new(Section::new(Arc::clone(disk), 0, disk.len())),
        }],
        extended: Vec::new(),
        warnings: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
