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
    /// Swap space that holds a hibernated system, which a boot with `resume=` brings back.
    Hibernated,
    /// SquashFS.
    Squashfs,
    /// EROFS.
    Erofs,
    /// ISO 9660.
    Iso9660,
    /// ZFS.
    Zfs,
    /// JFS.
    Jfs,
    /// ReiserFS.
    ReiserFs,
    /// F2FS.
    F2fs,
    /// NILFS2.
    Nilfs2,
    /// UDF.
    Udf,
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
            Self::Hibernated => say!(signature_hibernated),
            Self::Squashfs => Text::verbatim("SquashFS"),
            Self::Erofs => Text::verbatim("EROFS"),
            Self::Iso9660 => Text::verbatim("ISO 9660"),
            Self::Zfs => Text::verbatim("ZFS"),
            Self::Jfs => Text::verbatim("JFS"),
            Self::ReiserFs => Text::verbatim("ReiserFS"),
            Self::F2fs => Text::verbatim("F2FS"),
            Self::Nilfs2 => Text::verbatim("NILFS2"),
            Self::Udf => Text::verbatim("UDF"),
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
        // util-linux, libblkid/src/superblocks/swap.c: `probe_swsuspend`.
        let marks: [&[u8]; 4] = [b"S1SUSPEND", b"S2SUSPEND", b"ULSUSPEND", b"LINHIB0001"];
        if marks.iter().any(|mark| tail.starts_with(mark)) {
            return Ok(Signature::Hibernated);
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

/// What `volume` carries the signature of besides `found`, by which it is read: blkid(8) calls such
/// a volume ambivalent, udev gives it no name, and the kernel may mount it as the other. The checks
/// follow libblkid where an older use leaves remains (FAT, NTFS, swap, ext, btrfs, ZFS, LUKS2); the
/// others look at the magic alone and may say more than blkid does.
#[must_use]
pub fn others(volume: &dyn ReadAt, found: Signature) -> Vec<Signature> {
    use Signature as S;
    // A whole device of another layer: blkid looks no further either.
    let layers = [S::Luks, S::BitLocker, S::Lvm2, S::MdRaid];
    if layers.contains(&found) || matches!(found, S::Blank | S::Unknown | S::BiosBoot) {
        return Vec::new();
    }
    // What can't be read carries no signature that anyone could find.
    let at = |offset: u64, len: usize| -> Vec<u8> {
        let end = offset
            .checked_add(len as u64)
            .filter(|end| *end <= volume.len());
        let mut buf = vec![0; if end.is_some() { len } else { 0 }];
        if volume.read_at(&mut buf, offset).is_err() {
            buf.clear();
        }
        buf
    };
    let head = at(0, 4096);
    let is = |offset: usize, magic: &[u8]| head.get(offset..).is_some_and(|h| h.starts_with(magic));
    let far = |offset: u64, magic: &[u8]| at(offset, magic.len()) == magic;
    let unit = |offset: u64| far(offset, b"\x01BEA01") || far(offset, b"\x01BOOT2");
    let carried = [
        (S::Luks, is(0, b"LUKS\xba\xbe") || has_second_luks(&at)),
        (S::Lvm2, has_lvm(&head)),
        (
            S::MdRaid,
            is_md_raid(&head, volume, &|o, l| Ok(at(o, l))).unwrap_or(false),
        ),
        (S::Fat, is_whole_fat(&head)),
        (S::Swap, is_whole_swap(&at)),
        (S::Xfs, is(0, b"XFSB")),
        (S::Ext, is_whole_ext(&head)),
        (
            S::ReiserFs,
            far(65536 + 52, b"ReIsEr") || far(8192 + 52, b"ReIsEr"),
        ),
        (S::Jfs, far(32768, b"JFS1")),
        (
            S::Udf,
            unit(32768) && (far(34816, b"\x01NSR0") || far(36864, b"\x01NSR0")),
        ),
        (S::Iso9660, far(32769, b"CD001")),
        (S::Zfs, has_uberblocks(&at)),
        (S::Ntfs, is_whole_ntfs(&head, &at)),
        (S::Squashfs, is(0, b"hsqs")),
        (
            S::Btrfs,
            far(65536 + 64, b"_BHRfS_M") && far(65536 + 48, &65536_u64.to_le_bytes()),
        ),
        (
            S::Nilfs2,
            is(1024 + 6, &0x3434_u16.to_le_bytes()) && is(1024, &2_u32.to_le_bytes()),
        ),
        (S::ExFat, is(3, b"EXFAT   ") && is(11, &[0; 53])),
        (S::F2fs, is(1024, &0xF2F5_2010_u32.to_le_bytes())),
        (S::Erofs, is(1024, &0xE0F5_E1E2_u32.to_le_bytes())),
    ];
    let found = if found == S::ExtJournal {
        S::Ext
    } else {
        found
    };
    let mut all: Vec<Signature> = carried
        .into_iter()
        .filter_map(|(sig, there)| there.then_some(sig))
        .filter(|sig| *sig != found)
        .collect();
    // These two are made to stand on one disc.
    if matches!(found, S::Iso9660 | S::Udf) {
        all.retain(|sig| !matches!(sig, S::Iso9660 | S::Udf));
    }
    all
}

/// The second header of LUKS2, which says where it stands.
fn has_second_luks(at: &dyn Fn(u64, usize) -> Vec<u8>) -> bool {
    (14..=22).map(|bits| 1_u64 << bits).any(|offset| {
        let header = at(offset, 264);
        header.starts_with(b"SKUL\xba\xbe\x00\x02")
            && crate::bytes::be64(&header, 256) == Some(offset)
    })
}

fn has_lvm(head: &[u8]) -> bool {
    [0_usize, 512, 1024, 1536].into_iter().any(|sector| {
        let label = head.get(sector..).unwrap_or_default();
        label.starts_with(b"LABELONE")
            && label
                .get(24..)
                .is_some_and(|kind| kind.starts_with(b"LVM2 001"))
            && crate::bytes::le64(label, 8) == Some((sector / 512) as u64)
    })
}

/// A FAT boot sector whose sums fit (`fat_valid_superblock`).
fn is_whole_fat(head: &[u8]) -> bool {
    let named = [
        (0x52, &b"MSWIN"[..]),
        (0x52, b"FAT32   "),
        (0x36, b"MSDOS"),
        (0x36, b"FAT16   "),
        (0x36, b"FAT12   "),
        (0x36, b"FAT     "),
    ];
    let starts = |at: usize, text: &[u8]| head.get(at..).is_some_and(|h| h.starts_with(text));
    let is_named = named.iter().any(|(at, text)| starts(*at, text));
    let is_marked =
        starts(510, &[0x55, 0xAA]) && !starts(0x36, b"JFS     ") && !starts(0x36, b"HPFS    ");
    let sums = || -> Option<bool> {
        let word = |at: usize| le16(head, at).map(u64::from);
        let sector = word(11)?;
        let cluster = u64::from(*head.get(13)?);
        let (reserved, fats) = (word(14)?, u64::from(*head.get(16)?));
        let media = *head.get(21)?;
        let large = |at: usize| crate::bytes::le32(head, at).map(u64::from);
        let sectors = word(19).filter(|n| *n != 0).or_else(|| large(32))?;
        let short = word(22)?;
        let length = if short == 0 { large(36)? } else { short };
        let names = word(17)?.checked_mul(32)?.div_ceil(sector.max(1));
        let before = reserved
            .checked_add(fats.checked_mul(length)?)?
            .checked_add(names)?;
        let clusters = sectors.checked_sub(before)?.checked_div(cluster)?;
        let most = if short == 0 { 0x0FFF_FFF6 } else { 0xFFF4 };
        Some(
            fats > 0
                && reserved > 0
                && (media >= 0xF8 || media == 0xF0)
                && cluster.is_power_of_two()
                && matches!(sector, 512 | 1024 | 2048 | 4096)
                && clusters <= most,
        )
    };
    (is_named || is_marked) && sums() == Some(true)
}

/// Swap space of version 1 that has pages (`probe_swap`), in the sizes that pages have.
fn is_whole_swap(at: &dyn Fn(u64, usize) -> Vec<u8>) -> bool {
    let tails = [4086, 8182, 16374, 32758, 65526];
    let marked = tails.into_iter().any(|tail| {
        let tail = at(tail, 10);
        tail == b"SWAPSPACE2" || tail == b"SWAP-SPACE"
    });
    let header = at(1024, 8);
    let number = |offset: usize| crate::bytes::le32(&header, offset);
    marked && number(0) == Some(1) && number(4).is_some_and(|pages| pages != 0)
}

fn is_whole_ext(head: &[u8]) -> bool {
    let log = crate::bytes::le32(head, 1024 + 24);
    le16(head, 1024 + 56) == Some(0xEF53) && log.is_some_and(|log| log < 32)
}

/// At least four uberblocks in the first label (`probe_zfs`).
fn has_uberblocks(at: &dyn Fn(u64, usize) -> Vec<u8>) -> bool {
    let label = at(131_072, 131_072);
    let magic = |block: &[u8]| {
        crate::bytes::le64(block, 0) == Some(0x00BA_B10C)
            || crate::bytes::be64(block, 0) == Some(0x00BA_B10C)
    };
    label.chunks(1024).filter(|block| magic(block)).count() >= 4
}

/// An NTFS boot sector that leads to a file record (`probe_ntfs`).
fn is_whole_ntfs(head: &[u8], at: &dyn Fn(u64, usize) -> Vec<u8>) -> bool {
    let record = || -> Option<u64> {
        let sector = u64::from(le16(head, 11)?);
        // More than 128 is a negative power of two.
        let cluster = match *head.get(13)? {
            n @ 0..=128 => u64::from(n),
            n => 1_u64.checked_shl(u32::from(n.wrapping_neg()))?,
        };
        let mft = crate::bytes::le64(head, 48)?;
        mft.checked_mul(cluster)?.checked_mul(sector)
    };
    head.get(3..11) == Some(b"NTFS    ") && record().is_some_and(|offset| at(offset, 4) == b"FILE")
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemorySource;

    fn disk(parts: &[(usize, &[u8])]) -> MemorySource {
        let mut bytes = vec![0; 1 << 20];
        for (at, part) in parts {
            bytes[*at..*at + part.len()].copy_from_slice(part);
        }
        MemorySource(bytes)
    }

    const EXT: (usize, &[u8]) = (1080, &[0x53, 0xEF]);
    const BTRFS: (usize, &[u8]) = (65600, b"_BHRfS_M");

    /// util-linux, libblkid/src/superblocks/swap.c: the marks that a hibernated system leaves in the
    /// place of the swap space's own.
    #[test]
    fn swap_space_that_holds_a_hibernated_system_is_no_plain_one() {
        let marked = |mark: &[u8]| signature(&disk(&[(4086, mark)])).unwrap();
        assert_eq!(marked(b"SWAPSPACE2"), Signature::Swap);
        for mark in [
            &b"S1SUSPEND\0"[..],
            b"S2SUSPEND\0",
            b"ULSUSPEND\0",
            b"LINHIB0001",
        ] {
            assert_eq!(marked(mark), Signature::Hibernated);
        }
    }

    /// `blkid -p` (2.38) says "ambivalent result" of an ext4 superblock with a btrfs one at 64 KiB,
    /// and of ext4 with a whole FAT boot sector; and takes no notice of remains without their sums.
    #[test]
    fn a_second_signature_is_found_where_it_is_whole() {
        let at = 65536_u64.to_le_bytes();
        let both = disk(&[EXT, BTRFS, (65584, &at)]);
        assert_eq!(signature(&both).unwrap(), Signature::Ext);
        assert_eq!(others(&both, Signature::Ext), [Signature::Btrfs]);
        let elsewhere = disk(&[EXT, BTRFS]);
        assert_eq!(others(&elsewhere, Signature::Ext), []);
        let boot: &[u8] = &[
            0xEB, 0x3C, 0x90, b'm', b'k', b'f', b's', b'.', b'f', b'a', b't', 0, 2, 4, 4, 0, 2, 0,
            2, 0, 8, 0xF8, 2, 0,
        ];
        let fat = disk(&[EXT, (0, boot), (510, &[0x55, 0xAA])]);
        assert_eq!(others(&fat, Signature::Ext), [Signature::Fat]);
        let code = disk(&[EXT, (0, &boot[..11]), (510, &[0x55, 0xAA])]);
        assert_eq!(others(&code, Signature::Ext), []);
        let raid = disk(&[EXT, (4096, &0xA92B_4EFC_u32.to_le_bytes())]);
        assert_eq!(others(&raid, Signature::Ext), [Signature::MdRaid]);
        let ntfs = disk(&[(3, b"NTFS    ")]);
        assert_eq!(others(&ntfs, Signature::Ntfs), []);
        assert_eq!(others(&disk(&[EXT, (3, b"NTFS    ")]), Signature::Ext), []);
    }
}
