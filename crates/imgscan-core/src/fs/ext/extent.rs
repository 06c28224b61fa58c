//! Extent trees: header, then index entries or extents of 12 bytes, to a depth of 5.

use super::checksum::crc32c;
use super::inode::{EXTENT_MAGIC, Inode};
use super::map::{Builder, END};
use super::place::Place;
use crate::bytes::{le16, le32};
use crate::error::{Error, Layer, Result};
use crate::text::{Arg, Text};

const MAX_DEPTH: u16 = 5;
/// Bytes of the header and of each entry.
const ENTRY: usize = 12;
/// Lengths above this many blocks mark an extent that was never written.
const MAX_WRITTEN: u64 = 32768;

/// Reads the tree whose root is in `inode`.
pub(super) fn read(builder: &mut Builder<'_>, inode: &Inode) {
    let root = inode.map();
    match Header::parse(root, inode.map_at(), None) {
        Ok(header) => node(builder, root, inode.map_at(), &header, END),
        Err(e) => builder.bad(0, END, e),
    }
}

struct Header {
    entries: usize,
    capacity: usize,
    depth: u16,
}

impl Header {
    fn parse(node: &[u8], at: u64, depth: Option<u16>) -> Result<Self> {
        let field = |o| le16(node, o).unwrap_or(0);
        let err = |o: u64, what: Text| Error::corrupt(Layer::Ext, at.saturating_add(o), what);
        if field(0) != EXTENT_MAGIC {
            return Err(err(
                0,
                say!(error_ext_extent_magic, found = format!("{:#x}", field(0))),
            ));
        }
        let (entries, capacity, found) = (field(2), field(4), field(6));
        if depth.is_some_and(|d| d != found) || found > MAX_DEPTH {
            let expected: Arg = match depth {
                Some(depth) => depth.into(),
                None => say!(at_most, most = MAX_DEPTH).into(),
            };
            return Err(err(
                6,
                say!(error_ext_extent_depth, expected = expected, found = found),
            ));
        }
        let room = (node.len() / ENTRY).saturating_sub(1);
        if usize::from(capacity) > room || entries > capacity {
            return Err(err(
                2,
                say!(
                    error_ext_extent_entries,
                    entries = entries,
                    capacity = capacity,
                    room = room
                ),
            ));
        }
        Ok(Self {
            entries: entries.into(),
            capacity: capacity.into(),
            depth: found,
        })
    }
}

/// Adds what `bytes` (at byte `at`) maps below block `end` of the file.
fn node(builder: &mut Builder<'_>, bytes: &[u8], at: u64, header: &Header, end: u64) {
    let entries = bytes.chunks_exact(ENTRY).skip(1).take(header.entries);
    let mut places = (at.saturating_add(ENTRY as u64)..).step_by(ENTRY);
    let mut entries = entries.peekable();
    while let (Some(entry), Some(at)) = (entries.next(), places.next()) {
        if builder.full() {
            return;
        }
        let start = u64::from(le32(entry, 0).unwrap_or(0));
        if header.depth == 0 {
            extent(builder, entry, start, at, end);
            continue;
        }
        let next = entries
            .peek()
            .map_or(end, |n| u64::from(le32(n, 0).unwrap_or(0)).min(end));
        let block =
            u64::from(le32(entry, 4).unwrap_or(0)) | u64::from(le16(entry, 8).unwrap_or(0)) << 32;
        if let Err(e) = child(builder, block, header.depth.saturating_sub(1), next) {
            builder.bad(start, next, e);
        }
    }
}

fn child(builder: &mut Builder<'_>, block: u64, depth: u16, end: u64) -> Result<()> {
    let bytes = builder.node(block)?;
    let at = block.saturating_mul(builder.core.sb.block_size.into());
    let header = Header::parse(&bytes, at, Some(depth))?;
    if builder.core.sb.has_metadata_csum() {
        let tail = header.capacity.saturating_add(1).saturating_mul(ENTRY);
        let expected = crc32c(builder.seed, bytes.get(..tail).unwrap_or_default());
        if let Some(found) = le32(&bytes, tail).filter(|found| *found != expected) {
            builder.note(Error::corrupt(
                Layer::Ext,
                at.saturating_add(tail as u64),
                say!(
                    error_ext_checksum,
                    what = say!(ext_extent_node),
                    expected = format!("{expected:#010x}"),
                    found = format!("{found:#010x}")
                ),
            ));
        }
    }
    node(builder, &bytes, at, &header, end);
    Ok(())
}

fn extent(builder: &mut Builder<'_>, entry: &[u8], start: u64, at: u64, end: u64) {
    let len = u64::from(le16(entry, 4).unwrap_or(0));
    let (len, written) = match len.checked_sub(MAX_WRITTEN) {
        Some(unwritten) if unwritten > 0 => (unwritten, false),
        _ => (len, true),
    };
    let behind = start.saturating_add(len);
    let block =
        u64::from(le32(entry, 8).unwrap_or(0)) | u64::from(le16(entry, 6).unwrap_or(0)) << 32;
    if len == 0 || start < builder.next || behind > end {
        let next = builder.next;
        let error = Error::corrupt(
            Layer::Ext,
            at,
            say!(
                error_ext_extent,
                length = len,
                from = start,
                next = next,
                end = end
            ),
        );
        builder.bad(start, behind.min(end), error);
        return;
    }
    let place = if written {
        builder.data(block, len, at)
    } else {
        Place::Unwritten
    };
    builder.push(start, behind, place);
}
