//! FAT12, FAT16 and FAT32, after Microsoft's FAT specification 1.03 and, where practice differs,
//! as Linux reads them.
//!
//! Nothing is kept between calls but the geometry, a small table, and where directories begin: an
//! object's id is the place of its directory entry, and a file's chain is resolved into runs when it
//! is opened.

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

mod bpb;
mod dir;
mod table;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::names::{NameTable, NameTables};
use super::{Attributes, DirEntry, Directory, FileKind, FileSystem, FsInfo, Metadata, NodeId};
use crate::error::{Error, Layer, Result};
use crate::source::{ReadAt, check_range, read_vec};
use crate::text::Text;
use bpb::{Bpb, Width};
use dir::{ENTRY, LongName, Short};
use table::{Chain, Run, Table};

/// The root directory has no entry of its own; byte 0 is the boot sector, so no entry has this id.
const ROOT: NodeId = NodeId(0);
/// The longest directory that is read, in bytes: four times what the specification permits.
const MAX_DIRECTORY: u64 = 8 * 1024 * 1024;
/// What a cluster of a directory is read in at once, at most.
const PIECE: u64 = 64 * 1024;

/// Opens the FAT file system on `volume`.
///
/// # Errors
/// If the boot sector is not sound or the file allocation table can't be read.
pub fn open(volume: Arc<dyn ReadAt>) -> Result<Arc<dyn FileSystem>> {
    let bpb = Bpb::read(volume.as_ref())?;
    let table = Table::open(Arc::clone(&volume), bpb.clone())?;
    let mut fat = Fat {
        volume,
        bpb,
        table,
        label: None,
        warnings: Vec::new(),
        tables: NameTables::default(),
        begins: Mutex::default(),
    };
    fat.look_around();
    Ok(Arc::new(fat))
}

struct Fat {
    volume: Arc<dyn ReadAt>,
    bpb: Bpb,
    table: Table,
    label: Option<String>,
    warnings: Vec<Error>,
    tables: NameTables,
    /// Where the directories begin that were listed, and which they are.
    begins: Mutex<BTreeMap<u64, NodeId>>,
}

/// What one pass over a directory gives.
#[derive(Default)]
struct Listing {
    entries: Vec<Short>,
    label: Option<String>,
    damage: Vec<Error>,
}

impl Fat {
    /// Finds the label and what is wrong with the volume as a whole.
    fn look_around(&mut self) {
        if self.bpb.size > self.volume.len() {
            self.warnings.push(Error::corrupt(
                Layer::Fat,
                19,
                say!(
                    error_fs_past_end,
                    size = self.bpb.size,
                    found = self.volume.len()
                ),
            ));
        }
        if self.unclean() {
            self.warnings.push(Error::notice(
                Layer::Fat,
                self.bpb.fat_start,
                say!(error_fat_unclean),
            ));
        }
        if self.bpb.active != 0 {
            self.warnings.push(Error::notice(
                Layer::Fat,
                40,
                say!(error_fat_active, table = self.bpb.active),
            ));
        }
        let boot_label = self
            .bpb
            .label
            .map(|raw| label(&raw))
            .filter(|l| !l.is_empty() && l != "NO NAME");
        self.label = self.list(ROOT).ok().and_then(|l| l.label).or(boot_label);
    }

    fn unclean(&self) -> bool {
        self.bpb.dirty || matches!(self.table.clean(), Ok(false))
    }

    fn wide(&self) -> bool {
        self.bpb.width == Width::Fat32
    }

    /// The entry that `id` names.
    fn entry(&self, id: NodeId) -> Result<Short> {
        let unknown = || Error::not_found(Layer::Fat, say!(error_fat_no_entry, number = id.0));
        let offset = id.0.checked_mul(ENTRY as u64).ok_or_else(unknown)?;
        if offset < self.bpb.root_start.min(self.bpb.data_start) {
            return Err(unknown());
        }
        let mut raw = [0; ENTRY];
        self.volume.read_at(&mut raw, offset)?;
        Ok(Short::new(offset, raw))
    }

    /// Where the entries of directory `id` stand.
    fn directory(&self, id: NodeId) -> Result<Chain> {
        let (first, at) = if id == ROOT {
            if !self.wide() {
                let run = Run {
                    from: 0,
                    offset: self.bpb.root_start,
                    len: self.bpb.root_len,
                };
                return Ok(Chain {
                    runs: vec![run],
                    len: run.len,
                    damage: None,
                });
            }
            (self.bpb.root_cluster, 44)
        } else {
            let entry = self.entry(id)?;
            if !entry.is_directory() {
                return Err(Error::not_found(Layer::Fat, say!(error_fs_not_directory)));
            }
            (
                entry.first_cluster(self.wide()),
                entry.offset.saturating_add(26),
            )
        };
        let mut chain = self.table.chain(first, MAX_DIRECTORY + 1, at);
        if chain.len > MAX_DIRECTORY {
            chain.damage = Some(Error::limit(
                Layer::Fat,
                at,
                say!(error_fat_directory_long, most = MAX_DIRECTORY),
            ));
        }
        Ok(chain)
    }

    /// Long and short names of a directory: as they are, and folded.
    fn names_of(&self, dir: NodeId) -> Result<NameTable> {
        let listing = self.list(dir)?;
        let mut table = NameTable::default();
        for entry in &listing.entries {
            let (own, id) = (entry.name(), node(entry));
            table.add(&own, id);
            if let Ok(own) = std::str::from_utf8(&own) {
                table.add_folded(&folded(own), id);
            }
            table.add_folded(&folded(&entry.short_name()), id);
        }
        table.damage = listing.damage.into_iter().next();
        let at = dir.0.saturating_mul(ENTRY as u64);
        let most = MAX_DIRECTORY;
        let long = || Error::limit(Layer::Fat, at, say!(error_fat_directory_long, most = most));
        table.done().ok_or_else(long)
    }

    /// That no other entry leads to the clusters of the directory `id`: a directory that holds itself has no end.
    fn once(&self, id: NodeId, chain: &Chain) -> Result<()> {
        let Some(first) = chain.runs.first() else {
            return Ok(());
        };
        let mut begins = self.begins.lock().unwrap_or_else(PoisonError::into_inner);
        match *begins.entry(first.offset).or_insert(id) {
            known if known == id => Ok(()),
            _ => Err(Error::corrupt(
                Layer::Fat,
                id.0.saturating_mul(ENTRY as u64),
                say!(error_walk_twice),
            )),
        }
    }

    fn list(&self, id: NodeId) -> Result<Listing> {
        let mut chain = self.directory(id)?;
        self.once(id, &chain)?;
        let mut out = Listing::default();
        let mut reader = Reader {
            long: LongName::default(),
            in_root: id == ROOT,
            wide: self.wide(),
        };
        let mut ended = false;
        'runs: for run in &chain.runs {
            let mut done = 0;
            while done < run.len {
                let n = PIECE.min(run.len.saturating_sub(done));
                let at = run.offset.saturating_add(done);
                match read_vec(self.volume.as_ref(), at, usize::try_from(n).unwrap_or(0)) {
                    Ok(bytes) => {
                        if reader.piece(&bytes, at, &mut out) {
                            ended = true;
                            break 'runs;
                        }
                    }
                    Err(e) => {
                        reader.long.drop_pieces();
                        out.damage.push(Error {
                            offset: Some(at),
                            layer: Layer::Fat,
                            ..e
                        });
                    }
                }
                done = done.saturating_add(n);
            }
        }
        // An end mark before the place of the damage: nothing is hidden by it.
        if let Some(damage) = chain.damage.take().filter(|_| !ended) {
            if chain.runs.is_empty() {
                return Err(damage);
            }
            out.damage.push(damage);
        }
        twice(&mut out);
        Ok(out)
    }
}

/// A name stands once in a directory, as long name or as short one; which of two entries a system or
/// a firmware takes is its own matter.
fn twice(listing: &mut Listing) {
    let mut seen = std::collections::BTreeSet::new();
    for entry in &listing.entries {
        let long = folded(&crate::text::lossless(&entry.name()));
        let short = folded(&entry.short_name());
        let second = (short != long).then_some(short);
        for name in std::iter::once(long).chain(second) {
            if !seen.insert(name) {
                let why = Error::corrupt(Layer::Fat, entry.offset, say!(error_fat_twice));
                listing.damage.push(why);
                break;
            }
        }
    }
}

/// Turns the bytes of a directory into its entries.
struct Reader {
    long: LongName,
    in_root: bool,
    wide: bool,
}

impl Reader {
    /// Takes the entries of `bytes`, which stand at byte `at` of the volume. True at the end mark.
    fn piece(&mut self, bytes: &[u8], at: u64, out: &mut Listing) -> bool {
        let places = (at..).step_by(ENTRY);
        for (raw, at) in bytes.as_chunks::<ENTRY>().0.iter().zip(places) {
            match raw[0] {
                0 => return true,
                0xE5 => {
                    self.long.drop_pieces();
                    continue;
                }
                _ => {}
            }
            if self.long.piece(raw) {
                continue;
            }
            let mut entry = Short::new(at, *raw);
            if entry.attributes() & dir::VOLUME_ID != 0 {
                self.long.drop_pieces();
                self.volume_label(&entry, out);
                continue;
            }
            if entry.raw.starts_with(b".          ") || entry.raw.starts_with(b"..         ") {
                self.long.drop_pieces();
                continue;
            }
            entry.long = self.long.take(raw);
            out.entries.push(entry);
        }
        false
    }

    /// A label entry; one with contents or outside the root hides them from every system.
    fn volume_label(&self, entry: &Short, out: &mut Listing) {
        if entry.first_cluster(self.wide) != 0 || !self.in_root {
            out.damage.push(Error::corrupt(
                Layer::Fat,
                entry.offset,
                say!(error_fat_label),
            ));
        } else if out.label.is_none() {
            let mut raw = [0; 11];
            raw.copy_from_slice(&entry.raw[..11]);
            out.label = Some(label(&raw)).filter(|l| !l.is_empty());
        }
    }
}

/// A label without its padding.
fn label(raw: &[u8; 11]) -> String {
    let text: String = raw
        .iter()
        .enumerate()
        .map(|(i, b)| dir::cp437(if i == 0 && *b == 5 { 0xE5 } else { *b }))
        .collect();
    text.trim_end_matches([' ', '\0']).to_owned()
}

fn node(entry: &Short) -> NodeId {
    NodeId(entry.offset.checked_div(ENTRY as u64).unwrap_or(0))
}

fn kind(entry: &Short) -> FileKind {
    if entry.is_directory() {
        FileKind::Directory
    } else {
        FileKind::Regular
    }
}

/// Case folding as far as FAT needs it: one character for one.
fn folded(name: &str) -> String {
    name.chars()
        .flat_map(|c| {
            let mut upper = c.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(one), None) => Some(one),
                _ => Some(c),
            }
        })
        .collect()
}

impl FileSystem for Fat {
    fn info(&self) -> FsInfo {
        let b = &self.bpb;
        FsInfo {
            kind: b.kind(),
            label: self.label.clone(),
            uuid: b
                .serial
                .filter(|s| *s != 0)
                .map(|s| format!("{:04X}-{:04X}", s >> 16, s & 0xFFFF)),
            block_size: u32::try_from(b.cluster).unwrap_or(u32::MAX),
            size: b.size,
            details: vec![
                ("sector_size", Text::verbatim(b.sector.to_string())),
                ("clusters", Text::verbatim(b.clusters.to_string())),
                ("tables", Text::verbatim(b.fats.to_string())),
                (
                    "oem_name",
                    Text::verbatim(b.oem.iter().map(|b| dir::cp437(*b)).collect::<String>()),
                ),
                ("times", say!(fat_times)),
            ],
        }
    }

    fn warnings(&self) -> Vec<Error> {
        self.warnings.clone()
    }

    fn unclean(&self) -> Vec<Text> {
        match self.unclean() {
            true => vec![say!(fat_dirty_flag)],
            false => Vec::new(),
        }
    }

    fn ignores_case(&self) -> bool {
        true
    }

    fn root(&self) -> NodeId {
        ROOT
    }

    fn metadata(&self, id: NodeId) -> Result<Metadata> {
        let mut meta = Metadata {
            id,
            kind: FileKind::Directory,
            size: 0,
            links: 1,
            mode: None,
            uid: None,
            gid: None,
            device: None,
            created: None,
            modified: None,
            changed: None,
            accessed: None,
            attributes: Attributes::empty(),
            reparse_tag: None,
        };
        if id == ROOT {
            return Ok(meta);
        }
        let entry = self.entry(id)?;
        meta.kind = kind(&entry);
        if meta.kind == FileKind::Regular {
            meta.size = entry.size();
        }
        meta.created = entry.created();
        meta.modified = entry.modified();
        meta.accessed = entry.accessed();
        for (bit, name) in [
            (dir::READ_ONLY, Attributes::READ_ONLY),
            (dir::HIDDEN, Attributes::HIDDEN),
            (dir::SYSTEM, Attributes::SYSTEM),
            (dir::ARCHIVE, Attributes::ARCHIVE),
        ] {
            meta.attributes.set(name, entry.attributes() & bit != 0);
        }
        Ok(meta)
    }

    /// An entry has no checksum, and what of its chain fails shows when it is read.
    fn damage(&self, id: NodeId) -> Result<Vec<Error>> {
        self.metadata(id)?;
        Ok(Vec::new())
    }

    fn read_dir(&self, id: NodeId) -> Result<Directory> {
        let listing = self.list(id)?;
        Ok(Directory {
            entries: listing
                .entries
                .iter()
                .map(|e| DirEntry {
                    name: e.name(),
                    id: node(e),
                    kind: Some(kind(e)),
                })
                .collect(),
            damage: listing.damage,
        })
    }

    fn lookup(&self, dir: NodeId, name: &[u8]) -> Result<Option<NodeId>> {
        let table = match self.tables.get(dir) {
            Some(table) => table,
            None => self.tables.keep(dir, self.names_of(dir)?),
        };
        let mut fitting: Vec<NodeId> = table.find(name).collect();
        if let Ok(name) = std::str::from_utf8(name) {
            fitting.extend(table.find_folded(&folded(name)));
        }
        fitting.sort_unstable();
        fitting.dedup();
        match (fitting.as_slice(), &table.damage) {
            ([id], _) => Ok(Some(*id)),
            ([], Some(damage)) => Err(damage.clone()),
            ([], None) => Ok(None),
            ([_, other, ..], _) => Err(Error::corrupt(
                Layer::Fat,
                other.0.saturating_mul(ENTRY as u64),
                say!(error_fat_twice),
            )),
        }
    }

    fn read_link(&self, _id: NodeId) -> Result<Vec<u8>> {
        Err(Error::not_found(Layer::Fat, say!(error_fat_no_links)))
    }

    fn open(&self, id: NodeId) -> Result<Arc<dyn ReadAt>> {
        if id == ROOT {
            return Err(Error::not_found(Layer::Fat, say!(error_fs_not_file)));
        }
        let entry = self.entry(id)?;
        if entry.is_directory() {
            return Err(Error::not_found(Layer::Fat, say!(error_fs_not_file)));
        }
        let size = entry.size();
        let first = entry.first_cluster(self.wide());
        let chain = if size == 0 {
            Chain::default()
        } else {
            self.table
                .chain(first, size, entry.offset.saturating_add(26))
        };
        Ok(Arc::new(FatFile {
            volume: Arc::clone(&self.volume),
            entry: entry.offset,
            size,
            chain,
        }))
    }
}

/// The contents of a file.
struct FatFile {
    volume: Arc<dyn ReadAt>,
    /// Where its directory entry stands, for errors.
    entry: u64,
    size: u64,
    chain: Chain,
}

impl ReadAt for FatFile {
    fn len(&self) -> u64 {
        self.size
    }

    fn read_at(&self, mut buf: &mut [u8], mut offset: u64) -> Result<()> {
        check_range(Layer::Fat, offset, buf.len() as u64, self.size)?;
        let runs = &self.chain.runs;
        let mut at = runs.partition_point(|r| r.from.saturating_add(r.len) <= offset);
        while !buf.is_empty() {
            let Some(run) = runs.get(at) else {
                return Err(self.chain.damage.clone().unwrap_or_else(|| {
                    Error::corrupt(
                        Layer::Fat,
                        self.entry.saturating_add(28),
                        say!(
                            error_fat_file_short,
                            size = self.size,
                            found = self.chain.len
                        ),
                    )
                }));
            };
            let within = offset.saturating_sub(run.from);
            let n = run.len.saturating_sub(within).min(buf.len() as u64);
            // At most the buffer's length.
            let (head, tail) = buf.split_at_mut(usize::try_from(n).unwrap_or(0));
            self.volume
                .read_at(head, run.offset.saturating_add(within))?;
            buf = tail;
            offset = offset.saturating_add(n);
            at = at.saturating_add(1);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
