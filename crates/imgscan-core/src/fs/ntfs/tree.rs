//! The volume as a [`FileSystem`].

use std::collections::HashSet;
use std::sync::Arc;

use crate::descriptor::Descriptor;
use crate::error::{Error, Layer, Result};
use crate::fs::{Attributes, Directory, FileKind, FileSystem, FsInfo, Metadata, NodeId, Stream};
use crate::source::{MemorySource, ReadAt, read_all};
use crate::text::{Text, terminal_bytes};

use super::index::FileName;
use super::name::{from_wtf8, to_wtf8, units};
use super::node::Attribute;
use super::record::{Reference, kind};
use super::reparse::{self, Purpose};
use super::secure::MAX_DESCRIPTOR;
use super::standard::{Standard, links};
use super::{Ntfs, WOF_STREAM, corrupt, system};

/// Names that are told where several stand for one.
const TOLD: usize = 4;

impl Ntfs {
    /// That entries of one folder have names that Windows takes for the same.
    fn same_names(&self, dir: NodeId, found: &[(Reference, Vec<u8>)]) -> Error {
        let names = found.iter().take(TOLD).map(|(reference, name)| {
            let record = reference.record;
            let name = terminal_bytes(&to_wtf8(name));
            format!("\"{name}\" (record {record})")
        });
        let names: Vec<String> = names.collect();
        let offset = self.node(dir).ok().map(|node| node.record.offset);
        corrupt(offset, say!(error_ntfs_same_names, names = names))
    }
}

impl FileSystem for Ntfs {
    fn info(&self) -> FsInfo {
        let boot = &self.volume.boot;
        let mut details = Vec::new();
        if let Some((major, minor)) = self.version {
            details.push(("version", Text::verbatim(format!("{major}.{minor}"))));
        }
        let mut fact = |name, value: String| details.push((name, Text::verbatim(value)));
        fact("sector size", boot.sector.to_string());
        fact("MFT record size", boot.record.to_string());
        fact("MFT records", self.volume.mft.count().to_string());
        fact("index block size", boot.index.to_string());
        fact("dirty", self.dirty.to_string());
        FsInfo {
            kind: "ntfs",
            label: self.label.clone(),
            uuid: Some(format!("{:016X}", boot.serial)),
            block_size: boot.cluster,
            size: boot.sectors.saturating_mul(u64::from(boot.sector)),
            details,
        }
    }

    fn warnings(&self) -> Vec<Error> {
        self.warnings.clone()
    }

    fn unclean(&self) -> Vec<Text> {
        let flags = [
            (self.dirty, Text::verbatim("VOLUME_IS_DIRTY")),
            (self.in_use, say!(ntfs_log_no_clean_flag)),
        ];
        flags
            .into_iter()
            .filter_map(|(on, name)| on.then_some(name))
            .collect()
    }

    fn ignores_case(&self) -> bool {
        true
    }

    fn root(&self) -> NodeId {
        NodeId(system::ROOT)
    }

    fn metadata(&self, id: NodeId) -> Result<Metadata> {
        let node = self.node(id)?;
        let standard = Standard::of(&node)?;
        let purpose = self.purpose(&node)?;
        let file_kind = Self::kind(&node, purpose.as_ref());
        let mut attributes = standard.attributes();
        let size = match (&file_kind, &purpose) {
            (FileKind::Directory, _) => 0,
            (FileKind::Symlink, Some((_, Purpose::Link(target)))) => target.len() as u64,
            (FileKind::Symlink, _) => 0,
            _ => node
                .find_or_damage(kind::DATA, &[])?
                .map_or(0, Attribute::size),
        };
        if let Some((_, Purpose::Wof(_))) = purpose {
            attributes |= Attributes::COMPRESSED;
        }
        Ok(Metadata {
            id,
            kind: file_kind,
            size,
            links: links(&node),
            mode: None,
            uid: None,
            gid: None,
            device: None,
            created: standard.created,
            modified: standard.modified,
            changed: standard.changed,
            accessed: standard.accessed,
            attributes,
            reparse_tag: purpose.map(|(tag, _)| tag),
        })
    }

    fn damage(&self, id: NodeId) -> Result<Vec<Error>> {
        Ok(self.node(id)?.damage)
    }

    fn read_dir(&self, id: NodeId) -> Result<Directory> {
        let index = self.directory(id)?;
        let mut listing = Directory::default();
        let mut named = HashSet::new();
        let mut short: Vec<(Reference, Vec<u8>)> = Vec::new();
        let mut unsound = 0_usize;
        let damage = index.scan(&mut |entry| match entry.file_name() {
            None => unsound = unsound.saturating_add(1),
            Some(name) if name.short => short.push((name.reference, name.name.to_vec())),
            Some(name) => {
                let number = name.reference.record;
                named.insert(number);
                let of_system = id.0 == system::ROOT
                    && number < system::FIRST_USER
                    && (name.name.starts_with(b"$\0") || name.name == b".\0");
                if !of_system {
                    self.list(name, &mut listing);
                }
            }
        });
        // A short name normally stands beside its long one; alone it would hide a file.
        for (reference, name) in &short {
            if named.insert(reference.record) {
                let name = FileName {
                    reference: *reference,
                    short: true,
                    name,
                };
                self.list(name, &mut listing);
            }
        }
        listing.damage.extend(damage);
        if unsound > 0 {
            let what = say!(error_ntfs_names, record = id.0, count = unsound);
            listing.damage.push(corrupt(None, what));
        }
        Ok(listing)
    }

    fn lookup(&self, dir: NodeId, name: &[u8]) -> Result<Option<NodeId>> {
        let index = self.kept_directory(dir)?;
        let Some(wanted) = from_wtf8(name).filter(|n| !n.is_empty()) else {
            return Ok(None);
        };
        let (found, damage) = match index.find(&wanted, &self.upcase) {
            Ok(found) => (found, None),
            Err(damage) => {
                // By the tree it can't be told: every entry is compared.
                let mut found = Vec::new();
                index.scan(&mut |entry| {
                    if let Some(key) = entry.file_name()
                        && self
                            .upcase
                            .compare(units(key.name), wanted.iter().copied())
                            .is_eq()
                    {
                        found.push((key.reference, key.name.to_vec()));
                    }
                });
                (found, Some(damage))
            }
        };
        // Which of several Windows opens depends on more than the name: a short name may equal the
        // long one of another entry, and names may differ by case alone.
        if let Some((first, _)) = found.first()
            && found.iter().any(|(other, _)| other.record != first.record)
        {
            return Err(self.same_names(dir, &found));
        }
        match (found.first(), damage) {
            (Some((reference, _)), _) => {
                self.volume.mft.referred(*reference)?;
                Ok(Some(NodeId(reference.record)))
            }
            (None, Some(damage)) => Err(damage),
            (None, None) => Ok(None),
        }
    }

    fn read_link(&self, id: NodeId) -> Result<Vec<u8>> {
        let node = self.node(id)?;
        match self.purpose(&node)? {
            Some((_, Purpose::Link(target))) => Ok(target),
            Some((tag, Purpose::Malformed(why))) if reparse::is_link(tag) => Err(node.record.bad(
                0,
                say!(error_ntfs_reparse, tag = reparse::name(tag), why = why),
            )),
            _ => Err(Error::not_found(
                Layer::Ntfs,
                say!(error_ntfs_not_link, record = id.0),
            )),
        }
    }

    fn open(&self, id: NodeId) -> Result<Arc<dyn ReadAt>> {
        let node = self.node(id)?;
        let purpose = self.purpose(&node)?;
        if Self::kind(&node, purpose.as_ref()) != FileKind::Regular {
            let what = say!(error_ntfs_not_file, record = id.0);
            return Err(Error::not_found(Layer::Ntfs, what));
        }
        match purpose {
            None => {}
            Some((_, Purpose::Wof(algorithm))) => return self.open_wof(&node, algorithm),
            Some((tag, Purpose::Malformed(why))) => {
                let why = say!(error_ntfs_reparse, tag = reparse::name(tag), why = why);
                return Err(node.record.bad(0, why));
            }
            Some((_, Purpose::Cloud)) if self.is_here(&node)? => {}
            Some((tag, _)) => {
                let what = say!(error_ntfs_elsewhere, tag = reparse::name(tag));
                return Err(Error::unsupported(Layer::Ntfs, node.record.offset, what));
            }
        }
        match node.find_or_damage(kind::DATA, &[])? {
            Some(data) => self.volume.contents(data),
            None => Ok(Arc::new(MemorySource::default())),
        }
    }

    fn streams(&self, id: NodeId) -> Result<Vec<Stream>> {
        let node = self.node(id)?;
        if let Some(damage) = node.damage.first() {
            return Err(damage.clone());
        }
        let tag = self.volume.reparse(&node)?.map(|(tag, _)| tag);
        let storage = tag.is_some_and(reparse::is_wof);
        Ok(node
            .attributes
            .iter()
            .filter(|a| a.kind == kind::DATA && !a.name.is_empty())
            .filter(|a| !(storage && a.name == WOF_STREAM))
            .map(|a| Stream {
                name: to_wtf8(&a.name),
                size: a.size(),
            })
            .collect())
    }

    fn open_stream(&self, id: NodeId, name: &[u8]) -> Result<Arc<dyn ReadAt>> {
        let node = self.node(id)?;
        let wanted: Vec<u8> = from_wtf8(name)
            .unwrap_or_default()
            .into_iter()
            .flat_map(u16::to_le_bytes)
            .collect();
        let found = if wanted.is_empty() {
            None
        } else {
            node.find_or_damage(kind::DATA, &wanted)?
        };
        match found {
            Some(data) => self.volume.contents(data),
            None => Err(Error::not_found(
                Layer::Ntfs,
                say!(
                    error_ntfs_no_stream,
                    record = id.0,
                    name = terminal_bytes(name)
                ),
            )),
        }
    }

    fn descriptor(&self, id: NodeId) -> Result<Option<Arc<Descriptor>>> {
        let node = self.node(id)?;
        // Volumes of old versions have it in each record.
        if let Some(own) = node.find(kind::SECURITY_DESCRIPTOR, &[]) {
            let bytes = read_all(self.volume.contents(own)?.as_ref(), MAX_DESCRIPTOR)?;
            let parsed = Descriptor::parse(&bytes);
            let parsed = parsed.map_err(|what| corrupt(own.offset, what))?;
            return Ok(Some(Arc::new(parsed)));
        }
        match Standard::of(&node)?.security {
            Some(number) => self.secure()?.descriptor(number).map(Some),
            None => Ok(None),
        }
    }
}
