//! Which volume an entry's `root=` names, by the rules of the kernel and of udev (rules 6.1c, 6.5).

use super::arguments::values;
use super::menu::Boot;
use crate::evidence::{Found, Location};
use crate::fs::OpenVolume;
use crate::guest::linux::mounts::tag_of;

/// Disks by which a system may call its first one.
const FIRST_DISKS: &[&str] = &["vda", "sda", "xvda", "hda", "nvme0n1", "mmcblk0"];
/// GPT types of root partitions of x86-64 and AArch64 (UAPI.2, discoverable partitions).
const ROOT_TYPES: &[&str] = &[
    "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709",
    "B921B045-1DF0-41C3-AF44-4C6F280D3FAE",
];

/// What `root=` of an entry leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Root {
    /// One volume of the image, by its name.
    Volume(String),
    /// Several volumes of the image.
    Several(Vec<String>),
    /// No volume of the image.
    None,
    /// A disk that is not this image.
    OtherDisk,
    /// A device that is made at boot, or a form that is not followed.
    Unfollowed,
    /// The kernel and the initramfs read different values.
    Differs(String),
}

/// What the root of an entry is called, and what that leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootOf {
    /// The value as it stands; `None` where there is no `root=`.
    pub value: Option<String>,
    /// Where it leads.
    pub root: Root,
    /// `rootfstype=` is not the type of the file system that was read there.
    pub other_type: Option<String>,
    /// Its entry starts only where a person chooses it.
    pub chosen: bool,
}

/// The roots of all entries.
pub(in crate::evidence::linux) fn collect(
    boot: &Boot,
    volumes: &[OpenVolume],
) -> Vec<Found<RootOf>> {
    let once = boot.one_shot.as_ref().and_then(|(entry, _)| *entry);
    let certain = boot.default.is_some() && boot.doubts.is_empty();
    let mut all: Vec<Found<RootOf>> = Vec::new();
    for (i, entry) in boot.entries.iter().enumerate() {
        let boots = !certain || boot.default == Some(i) || once == Some(i);
        if entry.fact.by.is_some() || entry.fact.starts.is_empty() {
            continue;
        }
        let found = Found {
            fact: RootOf {
                chosen: !boots,
                ..of(&entry.fact.bytes, volumes)
            },
            at: Location {
                sha256: None,
                ..entry.at.clone()
            },
        };
        if !all.contains(&found) {
            all.push(found);
        }
    }
    all
}

/// The root that a command line names.
pub(in crate::evidence::linux) fn of(line: &[u8], volumes: &[OpenVolume]) -> RootOf {
    let (kernel, initramfs) = values(line, "root");
    let bare = |value: &str| value.replace('"', "");
    let root = match (&kernel, &initramfs) {
        (kernel, Some(other)) if kernel.as_deref().map(bare) != Some(bare(other)) => {
            Root::Differs(other.clone())
        }
        (Some(value), _) => named(value, volumes),
        (None, _) => discovered(volumes),
    };
    let (kind, _) = values(line, "rootfstype");
    let read = match &root {
        Root::Volume(name) => volumes
            .iter()
            .find(|v| v.volume.name == *name)
            .and_then(|v| Some(v.file_system()?.info().kind)),
        _ => None,
    };
    let other_type = kind.zip(read).and_then(|(kind, read)| {
        let fits =
            |k: &str| k == read || k == "auto" || k.starts_with("ext") && read.starts_with("ext");
        (!kind.split(',').any(fits)).then_some(kind)
    });
    RootOf {
        value: kernel,
        root,
        other_type,
        chosen: false,
    }
}

fn one(found: Vec<&OpenVolume>) -> Root {
    let mut names: Vec<String> = found.iter().map(|v| v.volume.name.clone()).collect();
    match names.len() {
        0 => Root::None,
        1 => Root::Volume(names.remove(0)),
        _ => Root::Several(names),
    }
}

/// Without `root=` the generator of systemd takes the partition whose type says that it is a root.
fn discovered(volumes: &[OpenVolume]) -> Root {
    let typed = |v: &&OpenVolume| ROOT_TYPES.contains(&v.volume.kind.as_str());
    one(volumes.iter().filter(typed).collect())
}

fn named(value: &str, volumes: &[OpenVolume]) -> Root {
    let tags = [
        ("UUID", "/dev/disk/by-uuid/"),
        ("LABEL", "/dev/disk/by-label/"),
        ("PARTUUID", "/dev/disk/by-partuuid/"),
        ("PARTLABEL", "/dev/disk/by-partlabel/"),
    ];
    for (tag, folder) in tags {
        let by_tag = value.strip_prefix(tag).and_then(|v| v.strip_prefix('='));
        if let Some(wanted) = by_tag.or(value.strip_prefix(folder)) {
            return tagged(tag, wanted, volumes);
        }
    }
    if value == "gpt-auto" {
        return discovered(volumes);
    }
    let Some(device) = value.strip_prefix("/dev/") else {
        return Root::Unfollowed;
    };
    let stem = device.trim_end_matches(|c: char| c.is_ascii_digit());
    let (disk, number) = match device
        .strip_prefix("nvme")
        .or(device.strip_prefix("mmcblk"))
    {
        Some(_) => match device.rsplit_once('p') {
            Some((disk, number)) if number.chars().all(|c| c.is_ascii_digit()) => (disk, number),
            _ => (device, ""),
        },
        None => (stem, &device[stem.len()..]),
    };
    let letters = |prefix: &str| {
        let rest = disk.strip_prefix(prefix);
        rest.is_some_and(|r| !r.is_empty() && r.chars().all(|c| c.is_ascii_lowercase()))
    };
    let is_disk = ["sd", "vd", "xvd", "hd"].iter().any(|p| letters(p))
        || disk.starts_with("nvme")
        || disk.starts_with("mmcblk");
    if !is_disk {
        return Root::Unfollowed;
    }
    if !FIRST_DISKS.contains(&disk) {
        return Root::OtherDisk;
    }
    let number = match number {
        "" => Some(0),
        digits => digits.parse::<u32>().ok(),
    };
    let fits = |v: &&OpenVolume| Some(v.volume.number) == number;
    one(volumes.iter().filter(fits).collect())
}

fn tagged(tag: &str, wanted: &str, volumes: &[OpenVolume]) -> Root {
    let wanted = wanted.trim_matches('"');
    // Swap space has such names too, and udev makes one link of each.
    let fits = |v: &&OpenVolume| {
        let has = tag_of(v, tag);
        has.is_some_and(|has| match tag {
            "UUID" | "PARTUUID" => has.eq_ignore_ascii_case(wanted),
            _ => has == wanted,
        })
    };
    let found: Vec<&OpenVolume> = volumes.iter().filter(fits).collect();
    // The kernel by itself compares only as far as it is told and takes the first partition, where
    // udev finds none (T16).
    let begins = |v: &&OpenVolume| {
        let has = v
            .volume
            .part_uuid
            .as_deref()
            .and_then(|u| u.get(..wanted.len()));
        has.is_some_and(|u| u.eq_ignore_ascii_case(wanted))
    };
    if tag == "PARTUUID"
        && found.is_empty()
        && (wanted.contains('/') || volumes.iter().any(|v| begins(&v)))
    {
        return Root::Unfollowed;
    }
    one(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::linux::testing::{Build, guest};
    use crate::fs::memory::MemoryFs;

    #[test]
    fn a_root_is_one_volume_of_the_image() {
        // p1 has the UUID `root-uuid`, p3 that of another; partitions are named by their number.
        let built = guest(Build::debian().volume(MemoryFs::default().uuid("other-uuid")));
        let volumes = built.paths.volumes();
        let p = |name: &str| Root::Volume(name.into());
        for (line, wanted) in [
            ("root=UUID=root-uuid ro", p("p1")),
            ("root=UUID=\"root-uuid\"", p("p1")),
            ("root=/dev/disk/by-uuid/OTHER-UUID", p("p3")),
            (
                "root=PARTUUID=00000000-0000-0000-0000-000000000003",
                p("p3"),
            ),
            ("root=PARTUUID=00000000-0000", Root::Unfollowed),
            ("root=PARTUUID=1/PARTNROFF=1", Root::Unfollowed),
            ("root=/dev/vda1", p("p1")),
            ("root=/dev/nvme0n1p3", p("p3")),
            ("root=/dev/sda2", Root::None),
            ("root=/dev/vdb1", Root::OtherDisk),
            ("root=/dev/nvme1n1p1", Root::OtherDisk),
            ("root=/dev/mapper/x", Root::Unfollowed),
            ("root=801", Root::Unfollowed),
            ("root=LABEL=x", Root::None),
            ("ro", Root::None),
            // The last one counts.
            ("root=/dev/vdb1 root=/dev/vda3", p("p3")),
            (
                "root=/dev/vda1 x=\"a root=/dev/vda3 b\"",
                Root::Differs("/dev/vda3".into()),
            ),
        ] {
            assert_eq!(of(line.as_bytes(), volumes).root, wanted, "{line}");
        }
        let typed = of(b"root=/dev/vda1 rootfstype=btrfs", volumes);
        assert_eq!(typed.other_type.as_deref(), Some("btrfs"));
        assert_eq!(of(b"root=/dev/vda1", volumes).other_type, None);
    }
}
