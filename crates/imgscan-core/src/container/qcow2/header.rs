//! The header, its feature bits and its extensions. All integers are big-endian.

use crate::bytes::{be16, be32, be64};
use crate::error::{Error, Layer, Result};
use crate::source::{ReadAt, read_vec};
use crate::text::{Text, lossless, terminal};

/// Smallest and largest cluster: 512 bytes and 2 MiB, as a power of two.
const CLUSTER_BITS: std::ops::RangeInclusive<u32> = 9..=21;
/// QEMU's bound of an L1 table, in bytes.
const MAX_L1_BYTES: u64 = 32 << 20;
/// The specification's bound of a backing file's name, in bytes.
const MAX_NAME: u32 = 1023;

/// Incompatible feature bits that this reader knows.
const DIRTY: u64 = 1;
const CORRUPT: u64 = 1 << 1;
const DATA_FILE: u64 = 1 << 2;
const COMPRESSION: u64 = 1 << 3;
const EXTENDED_L2: u64 = 1 << 4;
const KNOWN: u64 = DIRTY | CORRUPT | DATA_FILE | COMPRESSION | EXTENDED_L2;

/// How compressed clusters are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    /// Raw deflate.
    Zlib,
    /// Zstandard frames.
    Zstd,
}

/// Where an L1 table stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct L1 {
    /// Byte offset in the image file, a multiple of the cluster size.
    pub(super) offset: u64,
    /// Number of 8-byte entries.
    pub(super) entries: u32,
}

/// The facts of a header, checked.
#[derive(Debug, Clone)]
pub(super) struct Header {
    pub(super) version: u32,
    /// Cluster size as a power of two.
    pub(super) cluster_bits: u32,
    /// Virtual size in bytes.
    pub(super) size: u64,
    pub(super) l1: L1,
    pub(super) snapshots: u32,
    pub(super) snapshots_offset: u64,
    pub(super) compression: Compression,
    pub(super) extended_l2: bool,
    pub(super) dirty: bool,
    pub(super) corrupt: bool,
    /// Raw bytes of the backing file's name.
    pub(super) backing: Option<Vec<u8>>,
    /// Backing format name of the header extension.
    pub(super) backing_format: Option<String>,
    /// True where the clusters stand in an external data file.
    pub(super) has_data_file: bool,
    /// Raw bytes of the data file's name of the header extension.
    pub(super) data_file: Option<Vec<u8>>,
    /// Number of persistent bitmaps; their content says nothing about the disk.
    pub(super) bitmaps: Option<u32>,
}

/// What the header extensions say.
#[derive(Default)]
struct Extensions {
    backing_format: Option<String>,
    data_file: Option<Vec<u8>>,
    bitmaps: Option<u32>,
    /// (type, bit, name) of the feature name table.
    features: Vec<(u8, u8, String)>,
}

fn corrupt(offset: u64, detail: Text) -> Error {
    Error::corrupt(Layer::Qcow2, offset, detail)
}

fn short(offset: u64) -> Error {
    corrupt(offset, say!(error_qcow2_header_short))
}

impl Header {
    /// Cluster size in bytes.
    pub(super) fn cluster_size(&self) -> u64 {
        1 << self.cluster_bits
    }

    /// Reads and checks the header of `file` (QEMU's docs/interop/qcow2, sections "Header" and
    /// "Header extensions").
    ///
    /// # Errors
    /// If it contradicts the format, is encrypted, or needs a feature that is not known.
    pub(super) fn read(file: &dyn ReadAt) -> Result<Self> {
        let head = read_vec(file, 0, usize::try_from(file.len().min(112)).unwrap_or(112))?;
        let u32_at = |at: usize| be32(&head, at).ok_or_else(|| short(at as u64));
        let u64_at = |at: usize| be64(&head, at).ok_or_else(|| short(at as u64));
        let version = u32_at(4)?;
        if !(2..=3).contains(&version) {
            return Err(Error::unsupported(
                Layer::Qcow2,
                4,
                say!(error_qcow2_version, found = version),
            ));
        }
        let cluster_bits = u32_at(20)?;
        if !CLUSTER_BITS.contains(&cluster_bits) {
            return Err(corrupt(
                20,
                say!(error_qcow2_cluster, bits = cluster_bits, least = 9),
            ));
        }
        let v3 = version >= 3;
        let (incompatible, length) = if v3 {
            (u64_at(72)?, u32_at(100)?)
        } else {
            (0, 72)
        };
        if v3 && (length < 104 || u64::from(length) > 1 << cluster_bits) {
            return Err(corrupt(
                100,
                say!(error_qcow2_header_length, found = length),
            ));
        }
        let backing_offset = u64_at(8)?;
        let area_end = match backing_offset {
            0 => 1 << cluster_bits,
            at => at.min(1 << cluster_bits),
        };
        let extensions = Extensions::read(file, u64::from(length), area_end)?;
        let unknown = incompatible & !KNOWN;
        if unknown != 0 {
            return Err(extensions.unknown_feature(unknown));
        }
        let crypt = u32_at(32)?;
        if crypt != 0 {
            let name = match crypt {
                1 => Text::verbatim("AES"),
                2 => Text::verbatim("LUKS"),
                n => say!(qcow2_encryption_method, number = n),
            };
            return Err(Error::unsupported(
                Layer::Qcow2,
                32,
                say!(error_qcow2_encrypted, method = name),
            ));
        }
        let kind = if v3 && length > 104 {
            *head.get(104).ok_or_else(|| short(104))?
        } else {
            0
        };
        let extended_l2 = incompatible & EXTENDED_L2 != 0;
        if extended_l2 && cluster_bits < 14 {
            return Err(corrupt(
                20,
                say!(error_qcow2_cluster, bits = cluster_bits, least = 14),
            ));
        }
        let header = Self {
            version,
            cluster_bits,
            size: u64_at(24)?,
            l1: L1 {
                offset: u64_at(40)?,
                entries: u32_at(36)?,
            },
            snapshots: u32_at(60)?,
            snapshots_offset: u64_at(64)?,
            compression: compression(incompatible & COMPRESSION != 0, kind)?,
            extended_l2,
            dirty: incompatible & DIRTY != 0,
            corrupt: incompatible & CORRUPT != 0,
            backing: backing_name(file, backing_offset, u32_at(16)?)?,
            backing_format: extensions.backing_format,
            has_data_file: incompatible & DATA_FILE != 0,
            data_file: extensions.data_file,
            bitmaps: extensions.bitmaps,
        };
        header.check_l1(header.l1, header.size, file.len(), 40)?;
        Ok(header)
    }

    /// Checks that the table `l1`, named at byte `at`, stands in the file and covers `size` bytes.
    ///
    /// A table that begins inside the file and ends behind it is left to the reads that need the
    /// missing part.
    pub(super) fn check_l1(&self, l1: L1, size: u64, file_len: u64, at: u64) -> Result<()> {
        let bytes = u64::from(l1.entries).saturating_mul(8);
        if bytes > MAX_L1_BYTES {
            return Err(Error::limit(
                Layer::Qcow2,
                at,
                say!(error_qcow2_l1_long, bytes = bytes, most = MAX_L1_BYTES),
            ));
        }
        let needed = size.div_ceil(self.l2_span());
        if needed > u64::from(l1.entries) {
            return Err(corrupt(
                at,
                say!(
                    error_qcow2_l1_short,
                    found = l1.entries,
                    size = size,
                    needed = needed
                ),
            ));
        }
        if needed == 0 {
            return Ok(());
        }
        if !l1.offset.is_multiple_of(self.cluster_size()) {
            return Err(corrupt(at, say!(error_qcow2_l1_unaligned, at = l1.offset)));
        }
        if l1.offset == 0 || l1.offset >= file_len {
            return Err(corrupt(
                at,
                say!(error_qcow2_l1_outside, at = l1.offset, size = file_len),
            ));
        }
        Ok(())
    }

    /// Bytes of the disk that one L2 table maps.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "cluster_bits is 9 to 21 (CLUSTER_BITS)"
    )]
    pub(super) fn l2_span(&self) -> u64 {
        1 << (2 * self.cluster_bits - if self.extended_l2 { 4 } else { 3 })
    }
}

fn compression(flagged: bool, kind: u8) -> Result<Compression> {
    match (flagged, kind) {
        (false, 0) => Ok(Compression::Zlib),
        (true, 1) => Ok(Compression::Zstd),
        (true, 2..) => Err(Error::unsupported(
            Layer::Qcow2,
            104,
            say!(error_qcow2_compression, found = kind),
        )),
        _ => Err(corrupt(
            104,
            say!(error_qcow2_compression_flag, found = kind),
        )),
    }
}

fn backing_name(file: &dyn ReadAt, offset: u64, len: u32) -> Result<Option<Vec<u8>>> {
    if offset == 0 || len == 0 {
        return Ok(None);
    }
    if len > MAX_NAME {
        return Err(corrupt(
            16,
            say!(error_qcow2_name_long, found = len, most = MAX_NAME),
        ));
    }
    if offset
        .checked_add(u64::from(len))
        .is_none_or(|end| end > file.len())
    {
        return Err(corrupt(8, say!(error_qcow2_name_outside, at = offset)));
    }
    Ok(Some(read_vec(file, offset, len as usize)?))
}

impl Extensions {
    /// Reads the extensions from byte `start` up to `end`.
    fn read(file: &dyn ReadAt, start: u64, end: u64) -> Result<Self> {
        let mut found = Self::default();
        let end = end.min(file.len());
        let Some(len) = end.checked_sub(start) else {
            return Ok(found);
        };
        // At most one cluster, 2 MiB.
        let area = read_vec(file, start, usize::try_from(len).unwrap_or(0))?;
        let (mut at, mut rest) = (start, area.as_slice());
        while let (Some(kind), Some(len)) = (be32(rest, 0), be32(rest, 4)) {
            if kind == 0 {
                break;
            }
            let data = rest.get(8..).and_then(|r| r.get(..len as usize));
            let data = data.ok_or_else(|| {
                let kind = format!("{kind:#010x}");
                corrupt(at, say!(error_qcow2_extension, kind = kind, bytes = len))
            })?;
            found.take(kind, data);
            let whole = data.len().next_multiple_of(8).saturating_add(8);
            rest = rest.get(whole..).unwrap_or_default();
            at = at.saturating_add(whole as u64);
        }
        Ok(found)
    }

    fn take(&mut self, kind: u32, data: &[u8]) {
        match kind {
            0xe279_2aca => self.backing_format = Some(lossless(data)),
            0x4441_5441 => self.data_file = Some(data.to_vec()),
            0x2385_2875 => self.bitmaps = be32(data, 0),
            0x6803_f857 => {
                for entry in data.chunks_exact(48).take(192) {
                    let [kind, bit, name @ ..] = entry else {
                        continue;
                    };
                    let name = name.split(|b| *b == 0).next().unwrap_or_default();
                    self.features.push((*kind, *bit, lossless(name)));
                }
            }
            _ => {}
        }
    }

    fn unknown_feature(&self, bits: u64) -> Error {
        let list: Vec<Text> = (0..64_u8)
            .filter(|bit| bits >> bit & 1 != 0)
            .map(|bit| {
                match self
                    .features
                    .iter()
                    .find(|(kind, at, _)| *kind == 0 && *at == bit)
                {
                    Some((_, _, name)) => Text::verbatim(format!("{bit} (\"{}\")", terminal(name))),
                    None => Text::verbatim(bit.to_string()),
                }
            })
            .collect();
        Error::unsupported(Layer::Qcow2, 72, say!(error_qcow2_feature, bits = list))
    }
}

/// An entry of the snapshot table.
#[derive(Debug, Clone)]
pub(super) struct SnapshotEntry {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) l1: L1,
    /// Virtual size in bytes; `None` where the entry is too old to say.
    pub(super) size: Option<u64>,
    /// Where the entry stands in the file.
    pub(super) offset: u64,
}

/// QEMU's bounds: number of snapshots, and bytes of extra data in an entry.
const MAX_SNAPSHOTS: u32 = 65_536;
const MAX_EXTRA: u32 = 1024;
/// Bytes of all names together that are kept.
const MAX_SNAPSHOT_TABLE: u64 = 16 << 20;

/// Reads the snapshot table: what is sound of it, and the error that ended it.
pub(super) fn snapshots(file: &dyn ReadAt, header: &Header) -> (Vec<SnapshotEntry>, Option<Error>) {
    let mut found = Vec::new();
    let mut at = header.snapshots_offset;
    if header.snapshots > MAX_SNAPSHOTS {
        let detail = say!(
            error_qcow2_snapshots,
            found = header.snapshots,
            most = MAX_SNAPSHOTS
        );
        return (found, Some(Error::limit(Layer::Qcow2, 60, detail)));
    }
    for _ in 0..header.snapshots {
        match snapshot(file, at) {
            Ok((entry, next)) => {
                found.push(entry);
                at = next;
            }
            Err(e) => return (found, Some(e)),
        }
        if at.saturating_sub(header.snapshots_offset) > MAX_SNAPSHOT_TABLE {
            let detail = say!(error_qcow2_snapshots_long, most = MAX_SNAPSHOT_TABLE);
            return (found, Some(Error::limit(Layer::Qcow2, at, detail)));
        }
    }
    (found, None)
}

/// One entry and where the next one begins (specification, section "Snapshots").
fn snapshot(file: &dyn ReadAt, at: u64) -> Result<(SnapshotEntry, u64)> {
    let cut = || corrupt(at, say!(error_qcow2_snapshots_short));
    let read = |offset: u64, len: usize| -> Result<Vec<u8>> {
        match offset.checked_add(len as u64) {
            Some(end) if end <= file.len() => read_vec(file, offset, len),
            _ => Err(cut()),
        }
    };
    let fixed = read(at, 40)?;
    let id_len = be16(&fixed, 12).ok_or_else(cut)?;
    let name_len = be16(&fixed, 14).ok_or_else(cut)?;
    let extra_len = be32(&fixed, 36).ok_or_else(cut)?;
    if extra_len > MAX_EXTRA {
        return Err(corrupt(
            at.saturating_add(36),
            say!(
                error_qcow2_snapshot_extra,
                found = extra_len,
                most = MAX_EXTRA
            ),
        ));
    }
    let extra = extra_len as usize;
    let (id_len, name_len) = (usize::from(id_len), usize::from(name_len));
    let variable = extra.saturating_add(id_len).saturating_add(name_len);
    let rest = read(at.saturating_add(40), variable)?;
    let names = rest.get(extra..).ok_or_else(cut)?;
    let (id, name) = names.split_at_checked(id_len).ok_or_else(cut)?;
    let entry = SnapshotEntry {
        l1: L1 {
            offset: be64(&fixed, 0).ok_or_else(cut)?,
            entries: be32(&fixed, 8).ok_or_else(cut)?,
        },
        size: (extra >= 16).then(|| be64(&rest, 8)).flatten(),
        id: lossless(id),
        name: lossless(name),
        offset: at,
    };
    let len = variable.saturating_add(40).next_multiple_of(8);
    Ok((entry, at.saturating_add(len as u64)))
}
