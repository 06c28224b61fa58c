//! A file with all its attributes, from however many records they stand in.

use std::collections::{HashMap, HashSet};

use crate::error::{Error, Result};

use super::record::{Raw, RawBody, Record, Reference};
use super::runs::Part;
use super::{Volume, list};

/// Attribute flag: compression method (1: LZNT1).
pub(super) const COMPRESSION_MASK: u16 = 0x00FF;
/// Attribute flag: encrypted by EFS.
pub(super) const ENCRYPTED: u16 = 0x4000;

/// The contents of an attribute.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// Inside a record, which stands at this byte of the volume.
    Resident(Vec<u8>),
    /// In clusters.
    Mapped(Mapped),
}

/// An attribute in clusters.
#[derive(Debug, Clone)]
pub(super) struct Mapped {
    /// Length in bytes.
    pub(super) size: u64,
    /// Bytes that were ever written.
    pub(super) initialized: u64,
    /// Clusters of a compression unit as a power of two.
    pub(super) unit: u8,
    /// The run lists.
    pub(super) parts: Vec<Part>,
}

/// An attribute of a file.
#[derive(Debug, Clone)]
pub(super) struct Attribute {
    /// Type code.
    pub(super) kind: u32,
    /// Name in UTF-16LE.
    pub(super) name: Vec<u8>,
    /// Compressed, encrypted, sparse.
    pub(super) flags: u16,
    /// Byte of the volume where it (its first part) stands.
    pub(super) offset: u64,
    /// Contents.
    pub(super) value: Value,
}

impl Attribute {
    /// Length of the contents in bytes.
    pub(super) fn size(&self) -> u64 {
        match &self.value {
            Value::Resident(bytes) => bytes.len() as u64,
            Value::Mapped(mapped) => mapped.size,
        }
    }

    /// The contents where they are resident.
    pub(super) fn resident(&self) -> Option<&[u8]> {
        match &self.value {
            Value::Resident(bytes) => Some(bytes),
            Value::Mapped(_) => None,
        }
    }
}

/// A file.
pub(super) struct Node {
    /// Its base record.
    pub(super) record: Record,
    /// What could be read of its attributes.
    pub(super) attributes: Vec<Attribute>,
    /// What could not.
    pub(super) damage: Vec<Error>,
}

impl Node {
    /// Puts together the file whose base record is `record`.
    ///
    /// # Errors
    /// If the record extends another one.
    pub(super) fn of(volume: &Volume, record: Record) -> Result<Self> {
        if record.base() != 0 {
            return Err(Error::not_found(
                crate::Layer::Ntfs,
                say!(error_ntfs_part, record = record.number),
            ));
        }
        let mut node = Self {
            record,
            attributes: Vec::new(),
            damage: Vec::new(),
        };
        let base = node.record.clone();
        match list::read(&base, &volume.data, &volume.boot, volume.clusters) {
            Ok(None) => {
                for raw in base.attributes() {
                    match raw {
                        Ok(raw) => node.add(&base, &raw),
                        Err(damage) => node.damage.push(damage),
                    }
                }
            }
            Ok(Some(bytes)) => node.collect(volume, &base, &bytes),
            Err(damage) => {
                // What the base record holds is still worth having.
                node.damage.push(damage);
                for raw in base.attributes().map_while(Result::ok) {
                    node.add(&base, &raw);
                }
            }
        }
        Ok(node)
    }

    /// Follows the attribute list.
    fn collect(&mut self, volume: &Volume, base: &Record, bytes: &[u8]) {
        let mut records: HashMap<u64, Option<Record>> = HashMap::new();
        let mut damaged = Vec::new();
        let mut added = HashSet::new();
        for entry in list::entries(bytes, base) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(damage) => {
                    self.damage.push(damage);
                    break;
                }
            };
            let number = entry.reference.record;
            let slot = records.entry(number).or_insert_with(|| {
                extension(volume, base, entry.reference)
                    .inspect_err(|damage| damaged.push(damage.clone()))
                    .ok()
            });
            self.damage.append(&mut damaged);
            let Some(record) = slot.clone() else {
                continue;
            };
            let found = record.attributes().map_while(Result::ok).find(|raw| {
                raw.kind == entry.kind
                    && raw.id == entry.id
                    && raw.name == entry.name
                    && raw.body.lowest() == entry.lowest
            });
            match found {
                // A list that names an attribute again and again must not multiply it.
                Some(raw) if !added.insert((number, raw.at)) => {}
                Some(raw) => self.add(&record, &raw),
                None => self.damage.push(record.bad(
                    0,
                    say!(
                        error_ntfs_attribute_missing,
                        kind = format!("{:#x}", entry.kind),
                        number = entry.id,
                        base = base.number
                    ),
                )),
            }
        }
    }

    /// Adds an attribute, or a further part of one.
    fn add(&mut self, record: &Record, raw: &Raw<'_>) {
        let offset = record.offset.saturating_add(raw.at as u64);
        let value = match raw.body {
            RawBody::Resident(bytes) => Value::Resident(bytes.to_vec()),
            RawBody::NonResident {
                lowest,
                unit,
                size,
                initialized,
                runs,
            } => {
                let part = Part {
                    lowest,
                    encoded: runs.to_vec(),
                    offset,
                };
                if lowest > 0 {
                    let first = self.attributes.iter_mut().find_map(|a| {
                        let same = a.kind == raw.kind && a.name == raw.name;
                        match &mut a.value {
                            Value::Mapped(mapped) if same => Some(mapped),
                            _ => None,
                        }
                    });
                    match first {
                        Some(mapped) => mapped.parts.push(part),
                        None => self
                            .damage
                            .push(record.bad(raw.at, say!(error_ntfs_attribute_later))),
                    }
                    return;
                }
                Value::Mapped(Mapped {
                    size,
                    initialized,
                    unit,
                    parts: vec![part],
                })
            }
        };
        self.attributes.push(Attribute {
            kind: raw.kind,
            name: raw.name.to_vec(),
            flags: raw.flags,
            offset,
            value,
        });
    }

    /// The attribute of this type and name (UTF-16LE).
    pub(super) fn find(&self, kind: u32, name: &[u8]) -> Option<&Attribute> {
        self.attributes
            .iter()
            .find(|a| a.kind == kind && a.name == name)
    }

    /// As [`Node::find`]; where it is not there, the damage that may hide it is the error.
    pub(super) fn find_or_damage(&self, kind: u32, name: &[u8]) -> Result<Option<&Attribute>> {
        match (self.find(kind, name), self.damage.first()) {
            (Some(attribute), _) => Ok(Some(attribute)),
            (None, Some(damage)) => Err(damage.clone()),
            (None, None) => Ok(None),
        }
    }
}

/// The record `reference` of the file whose base record is `base`.
fn extension(volume: &Volume, base: &Record, reference: Reference) -> Result<Record> {
    if reference.record == base.number {
        return Ok(base.clone());
    }
    let record = volume.mft.referred(reference)?;
    if Reference::from(record.base()).record != base.number {
        return Err(record.bad(32, say!(error_ntfs_record_foreign, base = base.number)));
    }
    Ok(record)
}
