//! The volumes of a guest under one roof, as its fstab says; and where fstab is silent, as the
//! boot volumes are used in practice.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::fstab::{self, FstabEntry, Source};
use crate::error::{Error, Layer};
use crate::fs::{Content, FileKind, OpenVolume};
use crate::guest::PathSpace;
use crate::text::{Text, lossless};

/// GPT type of an EFI system partition (UEFI specification 2.10, 5.3.3).
const ESP: &str = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";
/// GPT type of an extended boot loader partition (UAPI group, discoverable partitions).
const XBOOTLDR: &str = "BC13C2FF-59E6-4262-A352-B275FD6F7172";
/// The longest fstab that is read, in bytes.
const MAX_FSTAB: u64 = 1024 * 1024;
/// Mounts that one fstab may ask for.
const MAX_MOUNTS: usize = 256;

/// Types that hide nothing that an image could hold: memory, kernel views, swap, removable media.
const WITHOUT_VOLUME: &[&str] = &[
    "swap",
    "tmpfs",
    "ramfs",
    "proc",
    "sysfs",
    "devpts",
    "devtmpfs",
    "cgroup",
    "cgroup2",
    "debugfs",
    "tracefs",
    "securityfs",
    "configfs",
    "efivarfs",
    "mqueue",
    "hugetlbfs",
    "pstore",
    "bpf",
    "binfmt_misc",
    "selinuxfs",
    "usbfs",
    "rpc_pipefs",
    "iso9660",
    "udf",
    "none",
    "ignore",
];

/// Mounts the other volumes into `paths`. What fstab asks for and the image does not give is
/// marked as unavailable.
pub(super) fn volumes(
    paths: &mut PathSpace,
    root: &OpenVolume,
    all: &[OpenVolume],
    problems: &mut Vec<Error>,
) {
    let mut used = BTreeSet::from([root.volume.name.clone()]);
    let entries = match paths.read_if_there(b"/etc/fstab", MAX_FSTAB) {
        Ok(Some(file)) => fstab::parse(&lossless(&file.bytes)),
        Ok(None) => Vec::new(),
        Err(e) => {
            problems.push(e);
            Vec::new()
        }
    };
    if entries.len() > MAX_MOUNTS {
        problems.push(Error::limit(
            Layer::Guest,
            None,
            say!(error_fstab_many, count = entries.len(), most = MAX_MOUNTS),
        ));
    }
    let disk = boot_disk(&entries);
    for entry in entries.iter().take(MAX_MOUNTS) {
        let wanted = entry.at.starts_with(b"/")
            && entry.at.iter().any(|b| *b != b'/')
            && (is_bind(entry) || !WITHOUT_VOLUME.contains(&entry.kind.as_str()));
        if !wanted {
            continue;
        }
        let at = canonical(paths, &entry.at);
        match fulfil(paths, entry, &at, all, disk.as_deref()) {
            Ok(Some(volume)) => {
                used.insert(volume);
            }
            Ok(None) => {}
            Err(e) => paths.mark_unavailable(&at, e),
        }
    }
    boot_volumes(paths, all, &mut used, problems);
}

fn is_bind(entry: &FstabEntry) -> bool {
    entry.options.iter().any(|o| o == "bind" || o == "rbind")
}

/// The mount point with links in it followed, as mount(8) does.
fn canonical(paths: &PathSpace, at: &[u8]) -> Vec<u8> {
    paths
        .resolve(at)
        .map_or_else(|_| at.to_vec(), |located| located.path)
}

/// Mounts what `entry` asks for; gives the name of the volume.
fn fulfil(
    paths: &mut PathSpace,
    entry: &FstabEntry,
    at: &[u8],
    all: &[OpenVolume],
    disk: Option<&str>,
) -> Result<Option<String>, Error> {
    let unsupported = |why: Text| {
        let detail = say!(
            error_fstab_line,
            line = entry.line,
            spec = &entry.spec,
            why = why
        );
        Error::unsupported(Layer::Guest, None, detail)
    };
    if is_bind(entry) {
        let source = paths.resolve(entry.spec.as_bytes())?;
        if source.metadata.kind == FileKind::Directory {
            paths.mount_dir(at, &source.volume, source.fs, source.id);
        }
        return Ok(None);
    }
    let found: Vec<&OpenVolume> = match fstab::source(&entry.spec) {
        Source::Tag(tag, value) => all
            .iter()
            .filter(|v| fstab::carries(v, tag, &value))
            .collect(),
        Source::Partition {
            disk: named,
            number,
        } => {
            if disk != Some(named.as_str()) {
                return Err(unsupported(say!(error_fstab_other_disk)));
            }
            all.iter().filter(|v| v.volume.number == number).collect()
        }
        Source::Other => {
            return Err(unsupported(say!(error_fstab_outside, kind = &entry.kind)));
        }
    };
    let volume = match found.as_slice() {
        [one] => *one,
        [] => return Err(unsupported(say!(error_fstab_no_volume))),
        many => {
            return Err(Error::corrupt(
                Layer::Guest,
                None,
                say!(
                    error_fstab_ambiguous,
                    line = entry.line,
                    count = many.len(),
                    spec = &entry.spec
                ),
            ));
        }
    };
    match &volume.content {
        Content::FileSystem(fs) => {
            paths.mount(at, &volume.volume.name, Arc::clone(fs));
            Ok(Some(volume.volume.name.clone()))
        }
        Content::Nothing(sig) => Err(unsupported(say!(error_fstab_holds, what = sig.text()))),
        Content::Gap(_, e) => Err(e.clone()),
    }
}

/// The name by which fstab calls the disk of this image: that of its root, otherwise the first
/// disk of any kind.
fn boot_disk(entries: &[FstabEntry]) -> Option<String> {
    let disk = |e: &FstabEntry| match fstab::source(&e.spec) {
        Source::Partition { disk, .. } => Some(disk),
        _ => None,
    };
    let root = entries.iter().find(|e| e.at == b"/").and_then(disk);
    root.or_else(|| {
        let first = ["vda", "sda", "xvda", "hda", "nvme0n1", "mmcblk0"];
        entries
            .iter()
            .filter_map(disk)
            .find(|d| first.contains(&d.as_str()))
    })
}

/// Where fstab says nothing of it: a volume of boot files on an empty `/boot` (systemd mounts an
/// extended boot loader partition so), and the EFI system partition on an empty `/boot/efi` or
/// `/efi`. Many images boot from an EFI system partition that their fstab does not name.
fn boot_volumes(
    paths: &mut PathSpace,
    all: &[OpenVolume],
    used: &mut BTreeSet<String>,
    problems: &mut Vec<Error>,
) {
    if is_empty_dir(paths, b"/boot", &[b"efi"]) {
        let free = all.iter().filter(|v| !used.contains(&v.volume.name));
        let boot: Vec<&OpenVolume> = free.filter(|v| holds_boot_files(v)).collect();
        match boot.as_slice() {
            [] => {}
            [one] => {
                used.insert(one.volume.name.clone());
                if let Some(fs) = one.file_system() {
                    paths.mount(b"/boot", &one.volume.name, Arc::clone(fs));
                }
            }
            _ => problems.push(Error::unsupported(
                Layer::Guest,
                None,
                say!(error_fstab_boot),
            )),
        }
    }
    let Some(esp) = all.iter().find(|v| {
        (v.volume.kind == ESP || v.volume.kind.eq_ignore_ascii_case("ef"))
            && !used.contains(&v.volume.name)
    }) else {
        return;
    };
    let Some(at) = [&b"/boot/efi"[..], b"/efi"]
        .into_iter()
        .find(|at| is_empty_dir(paths, at, &[]))
    else {
        return;
    };
    match &esp.content {
        Content::FileSystem(fs) => paths.mount(at, &esp.volume.name, Arc::clone(fs)),
        Content::Gap(_, e) => paths.mark_unavailable(at, e.clone()),
        Content::Nothing(_) => {}
    }
}

fn is_empty_dir(paths: &PathSpace, at: &[u8], except: &[&[u8]]) -> bool {
    let taken = paths.unavailable().iter().any(|(p, _)| p == at);
    let mounted = lossless(at);
    !taken
        && !paths.mounts().iter().any(|(p, _)| *p == mounted)
        && paths.list(at).is_ok_and(|l| {
            l.damage.is_empty()
                && l.names
                    .iter()
                    .all(|n| n == b"lost+found" || except.contains(&n.as_slice()))
        })
}

/// A file system whose root has kernels or a boot loader's folder, and no `/etc`.
fn holds_boot_files(volume: &OpenVolume) -> bool {
    let Some(fs) = volume.file_system() else {
        return false;
    };
    if volume.volume.kind == ESP {
        return false;
    }
    let Ok(dir) = fs.read_dir(fs.root()) else {
        return false;
    };
    let has = |name: &[u8]| dir.entries.iter().any(|e| e.name == name);
    let kernel = dir.entries.iter().any(|e| e.name.starts_with(b"vmlinuz"));
    !has(b"etc") && (volume.volume.kind == XBOOTLDR || kernel || has(b"grub") || has(b"grub2"))
}
