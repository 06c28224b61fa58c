//! Extended attributes: behind the fields of the inode, in a block of their own, and large values
//! in inodes of their own. Access control lists are stored shorter than the kernel returns them.

use super::Core;
use super::checksum::crc32c;
use super::inode::{EA_INODE, INLINE_DATA, Inode, MAP_LEN};
use crate::bytes::{le16, le32};
use crate::error::{Error, Layer, Result};
use crate::fs::{FileKind, NodeId, Xattr};
use crate::source::read_all;
use crate::text::Text;

const MAGIC: u32 = 0xEA02_0000;
/// Bytes of a block before the first entry.
const BLOCK_HEAD: usize = 32;
/// Bytes of an entry before its name.
const ENTRY: usize = 16;
/// Longest value that the kernel keeps, in bytes.
const MAX_VALUE: u64 = 65536;
/// Most bytes of all values of one inode: values may overlap on a hostile disk.
const MAX_VALUES: usize = 16 << 20;
const INDEX_SYSTEM: u8 = 7;

/// An entry as it stands on the disk.
struct XattrEntry<'a> {
    index: u8,
    name: &'a [u8],
    inode: u32,
    size: u32,
    /// The value, where it stands beside the entry.
    value: &'a [u8],
}

impl Core {
    /// All attributes of `inode`, sorted by name, as the kernel lists and returns them.
    pub(super) fn xattrs(&self, inode: &Inode) -> Result<Vec<Xattr>> {
        let mut found = Vec::new();
        let mut total = 0_usize;
        self.each(inode, &mut |entry| {
            let Some(prefix) = prefix(entry.index) else {
                return Ok(());
            };
            let value = match self.value(&entry, inode)? {
                v if matches!(entry.index, 2 | 3) => acl(&v, inode)?,
                v => v,
            };
            total = total.saturating_add(value.len());
            if total > MAX_VALUES {
                return Err(Error::limit(
                    Layer::Ext,
                    inode.at,
                    say!(
                        error_ext_attributes_long,
                        most = MAX_VALUES,
                        inode = inode.number
                    ),
                ));
            }
            found.push(([prefix, entry.name].concat(), value));
            Ok(())
        })?;
        found.sort();
        Ok(found)
    }

    /// The contents of an inode that has them in itself.
    pub(super) fn inline_data(&self, inode: &Inode) -> Result<Vec<u8>> {
        let (in_map, in_attribute) = self.inline_parts(inode)?;
        let mut data = [in_map, &in_attribute].concat();
        let have = data.len() as u64;
        if inode.size() > have {
            return Err(Error::corrupt(
                Layer::Ext,
                inode.at.saturating_add(4),
                say!(error_ext_inline_short, size = inode.size(), found = have),
            ));
        }
        data.truncate(usize::try_from(inode.size()).unwrap_or(0));
        Ok(data)
    }

    /// The two places of contents in the inode: the map area and the attribute `system.data`.
    pub(super) fn inline_parts<'i>(&self, inode: &'i Inode) -> Result<(&'i [u8], Vec<u8>)> {
        let mut data = Vec::new();
        let wanted = |e: &XattrEntry<'_>| e.index == INDEX_SYSTEM && e.name == b"data";
        let (tail, at) = inode.tail();
        if le32(tail, 0) == Some(MAGIC) {
            let at = inode.at.saturating_add(at as u64).saturating_add(4);
            entries(tail.get(4..).unwrap_or_default(), 0, at, &mut |e| {
                if wanted(&e) {
                    data = self.value(&e, inode)?;
                }
                Ok(())
            })?;
        }
        let map = inode.map();
        Ok((map.get(..MAP_LEN).unwrap_or(map), data))
    }

    /// What is wrong with the attributes, though they may be readable.
    pub(super) fn xattr_damage(&self, inode: &Inode) -> Vec<Error> {
        let mut damage: Vec<Error> = self.xattrs(inode).err().into_iter().collect();
        let block = inode.attribute_block();
        if block != 0
            && self.sb.has_metadata_csum()
            && let Ok((bytes, at)) = self.attribute_block(inode)
        {
            let number = crc32c(self.sb.seed, &block.to_le_bytes());
            let part = |range: std::ops::Range<usize>| bytes.get(range).unwrap_or_default();
            let crc = crc32c(crc32c(number, part(0..16)), &[0; 4]);
            let expected = crc32c(crc, part(20..bytes.len()));
            let found = le32(&bytes, 16).unwrap_or(0);
            if expected != found {
                damage.push(Error::corrupt(
                    Layer::Ext,
                    at.saturating_add(16),
                    say!(
                        error_ext_checksum,
                        what = say!(ext_attribute_block),
                        expected = format!("{expected:#010x}"),
                        found = format!("{found:#010x}")
                    ),
                ));
            }
        }
        damage
    }

    fn each(
        &self,
        inode: &Inode,
        take: &mut dyn FnMut(XattrEntry<'_>) -> Result<()>,
    ) -> Result<()> {
        let (tail, at) = inode.tail();
        if le32(tail, 0) == Some(MAGIC) {
            let at = inode.at.saturating_add(at as u64).saturating_add(4);
            entries(tail.get(4..).unwrap_or_default(), 0, at, take)?;
        }
        if inode.attribute_block() != 0 {
            let (bytes, at) = self.attribute_block(inode)?;
            entries(&bytes, BLOCK_HEAD, at, take)?;
        }
        Ok(())
    }

    fn attribute_block(&self, inode: &Inode) -> Result<(super::cache::Bytes, u64)> {
        let block = inode.attribute_block();
        let size = self.sb.block_size;
        if block >= self.sb.blocks {
            return Err(Error::corrupt(
                Layer::Ext,
                inode.at.saturating_add(104),
                say!(
                    error_ext_attribute_outside,
                    block = block,
                    blocks = self.sb.blocks
                ),
            ));
        }
        let at = block.saturating_mul(size.into());
        let bytes = self.cache.read(at, size as usize)?;
        match (le32(&bytes, 0), le32(&bytes, 8)) {
            (Some(MAGIC), Some(1)) => Ok((bytes, at)),
            (magic, blocks) => Err(Error::corrupt(
                Layer::Ext,
                at,
                say!(
                    error_ext_attribute_magic,
                    magic = format!("{:#x}", magic.unwrap_or(0)),
                    blocks = blocks.unwrap_or(0)
                ),
            )),
        }
    }

    fn value(&self, entry: &XattrEntry<'_>, inode: &Inode) -> Result<Vec<u8>> {
        if entry.inode == 0 {
            return Ok(entry.value.to_vec());
        }
        let holder = self.inode(NodeId(entry.inode.into()))?;
        let sound = holder.has(EA_INODE)
            && holder.kind() == FileKind::Regular
            && !holder.has(INLINE_DATA)
            && holder.size() == u64::from(entry.size);
        if !sound {
            return Err(Error::corrupt(
                Layer::Ext,
                holder.at,
                say!(
                    error_ext_attribute_inode,
                    value = entry.inode,
                    size = entry.size,
                    inode = inode.number
                ),
            ));
        }
        read_all(self.contents(&holder)?.as_ref(), MAX_VALUE)
    }
}

/// Visits the entries of `area` from byte `first`; `at` is the byte of `area` on the volume. Values
/// are placed from the start of `area`.
fn entries(
    area: &[u8],
    first: usize,
    at: u64,
    take: &mut dyn FnMut(XattrEntry<'_>) -> Result<()>,
) -> Result<()> {
    let mut offset = first;
    loop {
        let rest = area.get(offset..).unwrap_or_default();
        // Four zero bytes, or the end of the area, end the list.
        if rest.len() < 4 || le32(rest, 0) == Some(0) {
            return Ok(());
        }
        let here = at.saturating_add(offset as u64);
        let err = |what: Text| Error::corrupt(Layer::Ext, here, what);
        let (Some(&name_len), Some(&index)) = (rest.first(), rest.get(1)) else {
            return Ok(());
        };
        let whole = ENTRY.saturating_add(name_len.into());
        let name = rest
            .get(ENTRY..whole)
            .ok_or_else(|| err(say!(error_ext_attribute_name)))?;
        let (inode, size) = (le32(rest, 4).unwrap_or(0), le32(rest, 8).unwrap_or(0));
        let value = if inode != 0 || size == 0 {
            &[]
        } else {
            let from = usize::from(le16(rest, 2).unwrap_or(0));
            usize::try_from(size)
                .ok()
                .and_then(|size| area.get(from..from.checked_add(size)?))
                .ok_or_else(|| err(say!(error_ext_attribute_value, size = size)))?
        };
        if u64::from(size) > MAX_VALUE {
            return Err(err(say!(
                error_ext_attribute_long,
                size = size,
                most = MAX_VALUE
            )));
        }
        take(XattrEntry {
            index,
            name,
            inode,
            size,
            value,
        })?;
        offset = offset.saturating_add(whole.next_multiple_of(4));
    }
}

/// The name's beginning that an index stands for; `None` for what the kernel never lists: the
/// contents in `system.data`, encryption contexts and verity descriptors.
fn prefix(index: u8) -> Option<&'static [u8]> {
    Some(match index {
        1 => b"user.",
        2 => b"system.posix_acl_access",
        3 => b"system.posix_acl_default",
        4 => b"trusted.",
        6 => b"security.",
        8 => b"system.richacl",
        10 => b"gnu.",
        _ => return None,
    })
}

/// An access control list in the form of `getxattr`: version 2, then tag, permissions and id of
/// each entry. On the disk (version 1) only named users and groups have an id.
fn acl(stored: &[u8], inode: &Inode) -> Result<Vec<u8>> {
    const NAMED: [u16; 2] = [2, 8];
    const NO_ID: u32 = u32::MAX;
    let err = || {
        Error::corrupt(
            Layer::Ext,
            inode.at,
            say!(error_ext_acl, inode = inode.number),
        )
    };
    if le32(stored, 0) != Some(1) {
        return Err(err());
    }
    let mut out = 2_u32.to_le_bytes().to_vec();
    let mut rest = stored.get(4..).unwrap_or_default();
    while !rest.is_empty() {
        let (entry, behind) = rest.split_at_checked(4).ok_or_else(err)?;
        let tag = le16(entry, 0).ok_or_else(err)?;
        out.extend_from_slice(entry);
        rest = behind;
        let id = if NAMED.contains(&tag) {
            let id = le32(rest, 0).ok_or_else(err)?;
            rest = rest.get(4..).unwrap_or_default();
            id
        } else {
            NO_ID
        };
        out.extend_from_slice(&id.to_le_bytes());
    }
    Ok(out)
}
