//! fstab(5): what belongs where.

use crate::fs::OpenVolume;
use crate::text::lossless;

/// An entry of fstab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FstabEntry {
    /// The line, from 1.
    pub(super) line: usize,
    /// What: a device or a tag.
    pub(super) spec: String,
    /// Where, as bytes.
    pub(super) at: Vec<u8>,
    /// File system type.
    pub(super) kind: String,
    /// Options.
    pub(super) options: Vec<String>,
}

/// The entries of fstab `text`. `\040` and the other octal escapes are resolved.
pub(super) fn parse(text: &str) -> Vec<FstabEntry> {
    text.lines()
        .enumerate()
        .filter_map(|(i, line)| {
            let mut fields = line.split_whitespace();
            let spec = fields.next().filter(|f| !f.starts_with('#'))?;
            let at = fields.next()?;
            let kind = fields.next().unwrap_or("auto");
            let options = fields.next().unwrap_or("defaults");
            Some(FstabEntry {
                line: i.saturating_add(1),
                spec: lossless(&unescape(spec)),
                at: unescape(at),
                kind: kind.into(),
                options: options.split(',').map(str::to_owned).collect(),
            })
        })
        .collect()
}

fn unescape(field: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let (byte, behind) = match rest {
            [
                b'\\',
                a @ b'0'..=b'3',
                b @ b'0'..=b'7',
                c @ b'0'..=b'7',
                behind @ ..,
            ] => ((a & 3) << 6 | (b & 7) << 3 | c & 7, behind),
            _ => (*first, tail),
        };
        out.push(byte);
        rest = behind;
    }
    out
}

/// What an fstab source means for an image of one disk.
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

/// Reads an fstab source.
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

/// True where `volume` carries the tag.
pub(super) fn carries(volume: &OpenVolume, tag: &str, value: &str) -> bool {
    let same = |have: Option<String>| have.is_some_and(|have| have.eq_ignore_ascii_case(value));
    let info = volume.file_system().map(|fs| fs.info());
    match tag {
        "UUID" => same(info.and_then(|i| i.uuid)),
        "LABEL" => info.and_then(|i| i.label).as_deref() == Some(value),
        "PARTUUID" => same(volume.volume.part_uuid.clone()),
        _ => volume.volume.label.as_deref() == Some(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_comments_and_octal_escapes() {
        let text = "# /dev/sda1 / ext4\n\nUUID=aa / ext4 rw,noatime 0 1\n/dev/vdb1 /a\\040b xfs\n";
        let got = parse(text);
        assert_eq!(got.len(), 2);
        assert_eq!((got[0].line, got[0].options.len()), (3, 2));
        assert_eq!(
            (got[1].at.as_slice(), got[1].kind.as_str()),
            (&b"/a b"[..], "xfs")
        );
    }

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
}
