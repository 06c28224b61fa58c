//! What a mount names as its source, and which volume of the image that is.

use crate::error::{Error, Layer};
use crate::fs::{Content, OpenVolume, Signature};
use crate::text::lossless;

/// What a source means for an image of one disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// A tag: `UUID`, `LABEL`, `PARTUUID` or `PARTLABEL`, and its value.
    Tag(&'static str, String),
    /// A partition by number on a disk (`vda`, `nvme0n1`).
    Partition {
        /// The disk's name.
        disk: String,
        /// Partition number; 0 is the whole disk.
        number: u32,
    },
    /// Anything else, such as a mapped device.
    Other,
}

const TAGS: [(&str, &str, &str); 4] = [
    ("UUID", "UUID=", "/dev/disk/by-uuid/"),
    ("LABEL", "LABEL=", "/dev/disk/by-label/"),
    ("PARTUUID", "PARTUUID=", "/dev/disk/by-partuuid/"),
    ("PARTLABEL", "PARTLABEL=", "/dev/disk/by-partlabel/"),
];

/// Reads a source (8.2d).
pub(super) fn source(spec: &str) -> Source {
    for (tag, prefix, folder) in TAGS {
        if let Some(value) = spec.strip_prefix(prefix) {
            return Source::Tag(tag, value.trim_matches('"').into());
        }
        if let Some(value) = spec.strip_prefix(folder) {
            return Source::Tag(tag, udev_unescape(value));
        }
    }
    let Some(device) = spec.strip_prefix("/dev/") else {
        return Source::Other;
    };
    let stem = device.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = device.strip_prefix(stem).unwrap_or_default();
    // Without a number it is the whole disk; one that is too large is no partition.
    let number = match number {
        "" => Some(0),
        digits => digits.parse().ok(),
    };
    let Some(number) = number else {
        return Source::Other;
    };
    for kind in ["sd", "vd", "xvd", "hd"] {
        if stem
            .strip_prefix(kind)
            .is_some_and(|l| !l.is_empty() && l.chars().all(|c| c.is_ascii_lowercase()))
        {
            return Source::Partition {
                disk: stem.into(),
                number,
            };
        }
    }
    let numbered = ["nvme", "mmcblk"].iter().any(|k| device.starts_with(k));
    match stem.strip_suffix('p') {
        Some(disk) if numbered && disk.ends_with(|c: char| c.is_ascii_digit()) => {
            Source::Partition {
                disk: disk.into(),
                number,
            }
        }
        _ => Source::Other,
    }
}

/// udev writes what a file name can't hold as `\x20`.
fn udev_unescape(name: &str) -> String {
    let mut out = Vec::new();
    let mut rest = name.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let digits = rest
            .strip_prefix(b"\\x")
            .and_then(|digits| digits.split_first_chunk::<2>());
        let escaped = digits.and_then(|(digits, behind)| {
            let digits = std::str::from_utf8(digits).ok()?;
            Some((u8::from_str_radix(digits, 16).ok()?, behind))
        });
        let (byte, behind) = escaped.unwrap_or((*first, tail));
        out.push(byte);
        rest = behind;
    }
    lossless(&out)
}

/// What `volume` carries for `tag`.
pub(crate) fn tag_of(volume: &OpenVolume, tag: &str) -> Option<String> {
    let info = || volume.file_system().map(|fs| fs.info());
    let is_swap = matches!(volume.content, Content::Nothing(Signature::Swap));
    match tag {
        "UUID" | "LABEL" if is_swap => swap_tag(volume, tag),
        "UUID" => info()?.uuid,
        "LABEL" => info()?.label,
        "PARTUUID" => volume.volume.part_uuid.clone(),
        _ => volume.volume.label.clone(),
    }
}

/// The id or label of swap space: `struct swap_header_v1_2` of util-linux. udev names volumes by
/// these too.
fn swap_tag(volume: &OpenVolume, tag: &str) -> Option<String> {
    let mut header = [0; 44];
    volume.volume.data.read_at(&mut header, 1024).ok()?;
    let (_, ids) = header.split_first_chunk::<12>()?;
    let (id, label) = ids.split_first_chunk::<16>()?;
    if tag == "LABEL" {
        let label = label.split(|b| *b == 0).next().unwrap_or_default();
        return Some(lossless(label)).filter(|label| !label.is_empty());
    }
    let mut text = String::new();
    for (i, byte) in id.iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    Some(text)
}

/// The volume that `spec` names. The second part tells what the volume is called where that
/// differs in case: systemd and mount compare the text (8.2d).
///
/// # Errors
/// Where the image holds none, several, or only another disk could.
pub(super) fn volume<'a>(
    spec: &str,
    kind: &str,
    all: &'a [OpenVolume],
    disk: Option<&str>,
) -> Result<(&'a OpenVolume, Option<String>), Error> {
    let outside = |why| Error::unsupported(Layer::Guest, None, why);
    let found: Vec<&OpenVolume> = match source(spec) {
        Source::Tag(tag, value) => {
            let has = |v: &&OpenVolume| tag_of(v, tag).is_some_and(|have| have == value);
            let exact: Vec<&OpenVolume> = all.iter().filter(has).collect();
            if exact.is_empty() && matches!(tag, "UUID" | "PARTUUID") {
                let near = |v: &&OpenVolume| {
                    tag_of(v, tag).is_some_and(|have| have.eq_ignore_ascii_case(&value))
                };
                if let Some(near) = all.iter().find(near) {
                    return Ok((near, tag_of(near, tag)));
                }
            }
            exact
        }
        Source::Partition {
            disk: named,
            number,
        } => {
            if disk != Some(named.as_str()) {
                return Err(outside(say!(error_mount_other_disk)));
            }
            all.iter().filter(|v| v.volume.number == number).collect()
        }
        Source::Other => return Err(outside(say!(error_mount_outside, kind = kind))),
    };
    match found.as_slice() {
        [one] => Ok((*one, None)),
        [] => Err(outside(say!(error_mount_no_volume))),
        many => Err(Error::corrupt(
            Layer::Guest,
            None,
            say!(error_mount_ambiguous, count = many.len()),
        )),
    }
}

/// The name by which `specs` call the disk of this image: that of its root, otherwise the first
/// disk of any kind.
pub(super) fn boot_disk(root: Option<&str>, specs: &[String]) -> Option<String> {
    let disk = |spec: &str| match source(spec) {
        Source::Partition { disk, .. } => Some(disk),
        _ => None,
    };
    root.and_then(disk).or_else(|| {
        let first = ["vda", "sda", "xvda", "hda", "nvme0n1", "mmcblk0"];
        let mut all = specs.iter().filter_map(|spec| disk(spec));
        all.find(|d| first.contains(&d.as_str()))
    })
}

/// True where a mount of type `kind` reads a file system of the kind `read` (8.2n).
pub(super) fn fits(kind: &str, read: &str) -> bool {
    let families: [&[&str]; 3] = [
        &["ext2", "ext3", "ext4"],
        &["fat12", "fat16", "fat32", "vfat", "msdos"],
        &[
            "ntfs",
            "ntfs3",
            "ntfs-3g",
            "lowntfs-3g",
            "fuseblk",
            "fuse.ntfs-3g",
        ],
    ];
    kind.split(',').any(|kind| {
        matches!(kind, "" | "auto" | "none")
            || kind == read
            || families
                .iter()
                .any(|f| f.contains(&kind) && f.contains(&read))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_tags_partitions_or_something_else() {
        let part = |disk: &str, number| Source::Partition {
            disk: disk.into(),
            number,
        };
        assert_eq!(source("UUID=\"Ab-1\""), Source::Tag("UUID", "Ab-1".into()));
        assert_eq!(
            source("/dev/disk/by-label/my\\x20disk"),
            Source::Tag("LABEL", "my disk".into())
        );
        assert_eq!(source("/dev/vda1"), part("vda", 1));
        assert_eq!(source("/dev/xvda12"), part("xvda", 12));
        assert_eq!(source("/dev/nvme0n1p3"), part("nvme0n1", 3));
        assert_eq!(source("/dev/vdb"), part("vdb", 0));
        assert_eq!(source("/dev/mapper/vg-root"), Source::Other);
        assert_eq!(source("/dev/sda1x"), Source::Other);
        assert_eq!(source("/dev/sda4294967296"), Source::Other);
    }

    #[test]
    fn a_type_fits_its_family_and_what_is_probed_fits_all() {
        assert!(fits("ext4", "ext3") && fits("vfat", "fat16") && fits("auto", "ntfs"));
        assert!(fits("udf,ext2", "ext4") && fits("", "ext4"));
        assert!(!fits("btrfs", "ext4") && !fits("xfs", "fat32"));
    }
}
