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
use crate::bytes::{be32, le16};
use crate::error::Result;
use crate::source::ReadAt;
use crate::text::Text;

/// What the first (and a few later) bytes of a volume say it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Signature {
    /// ext2, ext3 or ext4.
    Ext,
    /// NTFS.
    Ntfs,
    /// FAT12, FAT16 or FAT32.
    Fat,
    /// exFAT.
    ExFat,
    /// XFS.
    Xfs,
    /// btrfs.
    Btrfs,
    /// LUKS encryption.
    Luks,
    /// BitLocker encryption.
    BitLocker,
    /// An LVM2 physical volume.
    Lvm2,
    /// A Linux software RAID member.
    MdRaid,
    /// Linux swap space.
    Swap,
    /// SquashFS.
    Squashfs,
    /// EROFS.
    Erofs,
    /// ISO 9660.
    Iso9660,
    /// ZFS.
    Zfs,
    /// An external ext journal.
    ExtJournal,
    /// GRUB's core image in a BIOS boot partition.
    BiosBoot,
    /// Only zeros where something would begin.
    Blank,
    /// Nothing that is recognised.
    Unknown,
}

impl Signature {
    /// The word that users see.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Ext => Text::verbatim("ext2/3/4"),
            Self::Ntfs => Text::verbatim("NTFS"),
            Self::Fat => Text::verbatim("FAT"),
            Self::ExFat => Text::verbatim("exFAT"),
            Self::Xfs => Text::verbatim("XFS"),
            Self::Btrfs => Text::verbatim("btrfs"),
            Self::Luks => say!(signature_luks),
            Self::BitLocker => say!(signature_bitlocker),
            Self::Lvm2 => say!(signature_lvm2),
            Self::MdRaid => say!(signature_raid),
            Self::Swap => say!(signature_swap),
            Self::Squashfs => Text::verbatim("SquashFS"),
            Self::Erofs => Text::verbatim("EROFS"),
            Self::Iso9660 => Text::verbatim("ISO 9660"),
            Self::Zfs => Text::verbatim("ZFS"),
            Self::ExtJournal => say!(signature_ext_journal),
            Self::BiosBoot => say!(signature_bios),
            Self::Blank => say!(signature_blank),
            Self::Unknown => say!(signature_unknown),
        }
    }
}

/// Recognises the content of `volume` by its magic bytes.
///
/// # Errors
/// If the first bytes of the volume can't be read.
pub fn signature(volume: &dyn ReadAt) -> Result<Signature> {
    let read = |offset: u64, len: usize| -> Result<Vec<u8>> {
        let left = volume.len().saturating_sub(offset).min(len as u64);
        let mut buf = vec![0; usize::try_from(left).unwrap_or(0)];
        if !buf.is_empty() {
            volume.read_at(&mut buf, offset)?;
        }
        Ok(buf)
    };
    let head = read(0, 4096)?;
    // Of a volume that the disk is too short for, only the later places can't be read: nothing is
    // recognised by them then.
    let at =
        |offset: u64, len: usize| -> Result<Vec<u8>> { Ok(read(offset, len).unwrap_or_default()) };
    let has =
        |offset: usize, magic: &[u8]| head.get(offset..).is_some_and(|h| h.starts_with(magic));
    if has(0, b"LUKS\xba\xbe") {
        return Ok(Signature::Luks);
    }
    if has(3, b"-FVE-FS-") {
        return Ok(Signature::BitLocker);
    }
    if has(3, b"NTFS    ") {
        return Ok(Signature::Ntfs);
    }
    if has(3, b"EXFAT   ") {
        return Ok(Signature::ExFat);
    }
    if has(0, b"XFSB") {
        return Ok(Signature::Xfs);
    }
    if has(0, b"hsqs") {
        return Ok(Signature::Squashfs);
    }
    if has(1024, &0xE0F5_E1E2_u32.to_le_bytes()) {
        return Ok(Signature::Erofs);
    }
    for sector in [0, 512, 1024, 1536] {
        if has(sector, b"LABELONE") && has(sector.saturating_add(24), b"LVM2 001") {
            return Ok(Signature::Lvm2);
        }
    }
    if le16(&head, 1024 + 56) == Some(0xEF53) {
        // The incompatible feature bit 8 marks a device that is only a journal.
        let journal = crate::bytes::le32(&head, 1024 + 96).is_some_and(|f| f & 8 != 0);
        return Ok(if journal {
            Signature::ExtJournal
        } else {
            Signature::Ext
        });
    }
    if is_md_raid(&head, volume, &at)? {
        return Ok(Signature::MdRaid);
    }
    // The last ten bytes of the first page, of every size that pages have.
    for tail in [4086, 8182, 16374, 65526] {
        let tail = at(tail, 10)?;
        if tail == b"SWAPSPACE2" || tail == b"SWAP-SPACE" {
            return Ok(Signature::Swap);
        }
    }
    if at(65536 + 64, 8)? == b"_BHRfS_M" {
        return Ok(Signature::Btrfs);
    }
    if at(32769, 5)? == b"CD001" {
        return Ok(Signature::Iso9660);
    }
    if is_fat(&head) {
        return Ok(Signature::Fat);
    }
    for uber in [128, 129, 130, 131] {
        let uber = at(1024_u64.saturating_mul(uber), 8)?;
        if crate::bytes::le64(&uber, 0) == Some(0x00BA_B10C)
            || crate::bytes::be64(&uber, 0) == Some(0x00BA_B10C)
        {
            return Ok(Signature::Zfs);
        }
    }
    if is_ntfs_without_start(volume, &at) {
        return Ok(Signature::Ntfs);
    }
    if super::ext::has_backup(volume) {
        return Ok(Signature::Ext);
    }
    if is_blank(volume, &head)? {
        return Ok(Signature::Blank);
    }
    if has(0, &[0xEB, 0x63, 0x90])
        || has(0, &[0x52, 0xE8, 0x28, 0x01])
        || has(0, b"\x52\xbf\xf4\x81")
    {
        return Ok(Signature::BiosBoot);
    }
    Ok(Signature::Unknown)
}

/// NTFS whose boot sector is destroyed: its copy stands in the last sector of the partition.
fn is_ntfs_without_start(volume: &dyn ReadAt, at: &dyn Fn(u64, usize) -> Result<Vec<u8>>) -> bool {
    [512, 4096].into_iter().any(|sector| {
        let copy = volume.len().checked_sub(sector);
        // An unreadable tail tells nothing.
        let copy = copy
            .and_then(|offset| at(offset, 512).ok())
            .unwrap_or_default();
        copy.get(3..11) == Some(b"NTFS    ") && copy.ends_with(&[0x55, 0xAA])
    })
}

/// md superblocks 1.1 (at 0) and 1.2 (at 4096), and 0.90/1.0 near the end of the device.
fn is_md_raid(
    head: &[u8],
    volume: &dyn ReadAt,
    at: &dyn Fn(u64, usize) -> Result<Vec<u8>>,
) -> Result<bool> {
    const MAGIC: [u8; 4] = 0xA92B_4EFC_u32.to_le_bytes();
    if head.starts_with(&MAGIC) || at(4096, 4)? == MAGIC {
        return Ok(true);
    }
    let len = volume.len();
    let v090 = (len & !0xFFFF).checked_sub(0x10000);
    let v10 = (len & !511).checked_sub(8 * 1024).map(|o| o & !4095);
    for offset in [v090, v10].into_iter().flatten() {
        // An unreadable tail is the file system's matter, not a RAID member.
        let tail = at(offset, 4).unwrap_or_default();
        if tail == MAGIC || be32(&tail, 0) == Some(0xA92B_4EFC) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A FAT boot sector by its BIOS parameter block: Microsoft FAT specification 1.03.
fn is_fat(head: &[u8]) -> bool {
    let (Some(sector), Some(reserved)) = (le16(head, 11), le16(head, 14)) else {
        return false;
    };
    let (Some(&per_cluster), Some(&fats), Some(&media)) =
        (head.get(13), head.get(16), head.get(21))
    else {
        return false;
    };
    matches!(sector, 512 | 1024 | 2048 | 4096)
        && per_cluster.is_power_of_two()
        && reserved > 0
        && matches!(fats, 1 | 2)
        && (media == 0xF0 || media >= 0xF8)
        && (head.first() == Some(&0xEB) || head.first() == Some(&0xE9))
}

/// True where every megabyte's first and last sector that may hold data is zero. A volume of
/// zeros is read through where it is small; a larger one counts as blank only if its allocation
/// map says so or its first 16 MiB are zeros.
fn is_blank(volume: &dyn ReadAt, head: &[u8]) -> Result<bool> {
    const PROBE: u64 = 16 * 1024 * 1024;
    if head.iter().any(|b| *b != 0) {
        return Ok(false);
    }
    let end = volume.len().min(PROBE);
    let mut buf = vec![0; 65536];
    let mut offset = 0;
    while offset < end {
        let Some(range) = volume.next_data(offset)? else {
            return Ok(true);
        };
        offset = range.start;
        if offset >= end {
            break;
        }
        let left = usize::try_from(end.saturating_sub(offset)).unwrap_or(usize::MAX);
        let (block, _) = buf.split_at_mut(left.min(65536));
        volume.read_at(block, offset)?;
        if block.iter().any(|b| *b != 0) {
            return Ok(false);
        }
        offset = offset.saturating_add(block.len() as u64);
    }
    Ok(true)
}
