//! Reparse points: links, the Windows Overlay Filter, and the tags whose contents are elsewhere.
//!
//! Layouts and tags: Microsoft MS-FSCC 2.1.2, and `wofapi.h` for the overlay filter.

use crate::bytes::{le16, le32};
use crate::text::Text;

use super::compressed::Algorithm;
use super::name::to_wtf8;

const SYMLINK: u32 = 0xA000_000C;
const MOUNT_POINT: u32 = 0xA000_0003;
const LX_SYMLINK: u32 = 0xA000_001D;
const WOF: u32 = 0x8000_0017;
const AF_UNIX: u32 = 0x8000_0023;
const LX_FIFO: u32 = 0x8000_0024;
const LX_CHR: u32 = 0x8000_0025;
const LX_BLK: u32 = 0x8000_0026;
/// Files of cloud providers: 0x9000_001A to 0x9000_F01A.
const CLOUD: u32 = 0x9000_001A;

/// What a reparse point is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A link to this target (WTF-8).
    Link(Vec<u8>),
    /// Contents compressed by the overlay filter.
    Wof(Algorithm),
    /// A socket, pipe or device of the Windows Subsystem for Linux.
    Special(crate::fs::FileKind),
    /// A file of a cloud provider: its contents may be there.
    Cloud,
    /// Anything else: contents, if any, need the tag's owner.
    Other,
    /// The data contradicts the tag.
    Malformed(Text),
}

/// True for the tags that make a file or directory a link.
pub(super) fn is_link(tag: u32) -> bool {
    matches!(tag, SYMLINK | MOUNT_POINT | LX_SYMLINK)
}

/// True for the overlay filter's tag.
pub(super) fn is_wof(tag: u32) -> bool {
    tag == WOF
}

/// Reads the value of `$REPARSE_POINT`: tag, length of the data, 2 bytes unused, data.
pub(super) fn parse(value: &[u8]) -> Purpose {
    use crate::fs::FileKind;
    let (Some(tag), Some(len)) = (le32(value, 0), le16(value, 4)) else {
        return Purpose::Malformed(say!(error_ntfs_reparse_short));
    };
    let Some(data) = value.get(8..).and_then(|data| data.get(..usize::from(len))) else {
        return Purpose::Malformed(say!(error_ntfs_reparse_data));
    };
    match tag {
        // Four 16-bit offsets and lengths; a symbolic link has 32 bits of flags in addition.
        SYMLINK => link(data, 12),
        MOUNT_POINT => link(data, 8),
        LX_SYMLINK => match data.get(4..) {
            Some(target) => Purpose::Link(target.to_vec()),
            None => Purpose::Malformed(say!(error_ntfs_reparse_target)),
        },
        WOF => wof(data),
        AF_UNIX => Purpose::Special(FileKind::Socket),
        LX_FIFO => Purpose::Special(FileKind::Fifo),
        LX_CHR => Purpose::Special(FileKind::CharDevice),
        LX_BLK => Purpose::Special(FileKind::BlockDevice),
        cloud if cloud & 0xFFFF_0FFF == CLOUD => Purpose::Cloud,
        _ => Purpose::Other,
    }
}

/// The substitute name: what Windows follows. The print name beside it is only shown.
fn link(data: &[u8], names: usize) -> Purpose {
    let name = le16(data, 0).zip(le16(data, 2)).and_then(|(at, len)| {
        let names = data.get(names..)?;
        names.get(usize::from(at)..)?.get(..usize::from(len))
    });
    match name {
        Some(name) if !name.is_empty() => Purpose::Link(to_wtf8(name)),
        _ => Purpose::Malformed(say!(error_ntfs_reparse_target)),
    }
}

/// Version 1 of the filter's provider "file" (2): version and algorithm.
fn wof(data: &[u8]) -> Purpose {
    match (le32(data, 0), le32(data, 4), le32(data, 8), le32(data, 12)) {
        (Some(1), Some(2), Some(1), Some(algorithm)) => match algorithm {
            0 => Purpose::Wof(Algorithm::Xpress(4096)),
            1 => Purpose::Wof(Algorithm::Lzx),
            2 => Purpose::Wof(Algorithm::Xpress(8192)),
            3 => Purpose::Wof(Algorithm::Xpress(16384)),
            _ => Purpose::Other,
        },
        // Provider 1: the contents stand in a WIM file.
        (Some(_), Some(_), _, _) => Purpose::Other,
        _ => Purpose::Malformed(say!(error_ntfs_reparse_short)),
    }
}

/// A tag as documents name it.
pub(super) fn name(tag: u32) -> Text {
    let shown = format!("{tag:#010x}");
    let known = match tag {
        SYMLINK => say!(ntfs_tag_symlink),
        MOUNT_POINT => say!(ntfs_tag_mount_point),
        LX_SYMLINK => say!(ntfs_tag_wsl_symlink),
        WOF => Text::verbatim("Windows Overlay Filter"),
        0x8000_0013 => say!(ntfs_tag_dedup),
        0x8000_001B => say!(ntfs_tag_app),
        0x8000_0014 => Text::verbatim("NFS"),
        0x8000_0018 | 0x9000_1018 => say!(ntfs_tag_container),
        0x9000_001C => say!(ntfs_tag_projected),
        0xC000_0004 | 0x8000_0006 => say!(ntfs_tag_hierarchical),
        0x8000_0007 => say!(ntfs_tag_single),
        cloud if cloud & 0xFFFF_0FFF == CLOUD => say!(ntfs_tag_cloud),
        _ => return say!(ntfs_tag, tag = shown),
    };
    say!(ntfs_tag_known, tag = shown, name = known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(tag: u32, data: &[u8]) -> Vec<u8> {
        let mut bytes = tag.to_le_bytes().to_vec();
        bytes.extend((data.len() as u16).to_le_bytes());
        bytes.extend([0, 0]);
        bytes.extend(data);
        bytes
    }

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn the_substitute_name_is_the_target() {
        let substitute = utf16("\\??\\C:\\Users");
        let print = utf16("C:\\Elsewhere");
        let mut data = Vec::new();
        for n in [print.len(), substitute.len(), 0, print.len()] {
            data.extend((n as u16).to_le_bytes());
        }
        let junction = [&data[..], &print, &substitute].concat();
        assert_eq!(
            parse(&value(MOUNT_POINT, &junction)),
            Purpose::Link(b"\\??\\C:\\Users".to_vec())
        );
        let symlink = [&data[..], &[0; 4], &print, &substitute].concat();
        assert_eq!(
            parse(&value(SYMLINK, &symlink)),
            Purpose::Link(b"\\??\\C:\\Users".to_vec())
        );
        assert!(matches!(
            parse(&value(SYMLINK, &data)),
            Purpose::Malformed(_)
        ));
    }

    #[test]
    fn lengths_that_lie_are_malformed() {
        let mut bytes = value(WOF, &[1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
        assert_eq!(parse(&bytes), Purpose::Wof(Algorithm::Lzx));
        bytes.truncate(12);
        assert!(matches!(parse(&bytes), Purpose::Malformed(_)));
        assert!(matches!(parse(&[]), Purpose::Malformed(_)));
        assert_eq!(parse(&value(0x9000_601A, &[])), Purpose::Cloud);
    }
}
