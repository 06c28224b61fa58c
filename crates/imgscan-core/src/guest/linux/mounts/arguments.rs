//! Arguments of the kernel that decide what is mounted (10.1 to 10.5, 11).

/// What an argument does to the mounts of the running system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// `fstab=no`: fstab is not read (8.2q).
    NoFstab,
    /// `mount.usr=`, `mount.usrfstype=`, `mount.usrflags=` (10.1c): the name behind `mount.usr`
    /// (empty, `fstype`, `flags`) and the value.
    Usr(&'static str, String),
    /// `systemd.mount-extra=` (10.1e) and its value.
    Extra(String),
    /// `rootfstype=` and its value.
    RootType(String),
    /// Something else, which is not followed.
    Other,
}

/// Options of the root that change nothing of which files are there.
pub(super) const HARMLESS_FLAGS: &[&str] = &[
    "ro",
    "rw",
    "defaults",
    "relatime",
    "noatime",
    "nodiratime",
    "strictatime",
    "lazytime",
    "discard",
    "nodiscard",
    "errors",
    "data",
    "barrier",
    "nobarrier",
    "commit",
    "acl",
    "user_xattr",
    "uquota",
    "pquota",
    "gquota",
    "prjquota",
    "usrquota",
    "grpquota",
    "quota",
    "nouuid",
    "inode64",
    "compress",
    "compress-force",
    "ssd",
    "nossd",
    "space_cache",
    "autodefrag",
    "x-systemd.growfs",
];

/// Names whose presence alone, or any value but those that switch off, changes what is mounted.
const OTHER: &[&str] = &[
    "overlayroot",
    "overlayroot_cfgdisk",
    "systemd.volatile",
    "systemd.unit",
    "systemd.wants",
    "systemd.mask",
    "systemd.set_credential",
    "systemd.set_credential_binary",
    "systemd.condition_first_boot",
    "systemd.image_policy",
    "systemd.gpt_auto",
    "systemd.fstab",
    "systemd.sysroot_fstab",
    "systemd.pull",
    "roothash",
    "usrhash",
    "SYSTEMD_FSTAB",
    "SYSTEMD_SYSROOT_FSTAB",
    "SYSTEMD_UNIT_PATH",
    "SYSTEMD_GENERATOR_PATH",
    "SYSTEMD_PROC_CMDLINE",
    "LIBMOUNT_FSTAB",
    "ostree",
    "live_media",
    "fromiso",
    "findiso",
    "iso_scan/filename",
    "toram",
    "persistence",
    "overlay",
    "cow_label",
    "cow_device",
    "rd.overlay",
    "rd.overlayfs",
    "rd.writable.fsimg",
    "union",
];

/// Names of a distribution's own first programs; whether they are its packages' is judged elsewhere.
const INITS: &[&str] = &[
    "/init",
    "/sbin/init",
    "/usr/sbin/init",
    "/bin/systemd",
    "/usr/bin/systemd",
    "/lib/systemd/systemd",
    "/usr/lib/systemd/systemd",
];

/// What the word `argument` of the kernel's command line does to what is mounted; `None` where it
/// does nothing. Which volume `root=` names is no matter of this module.
pub(super) fn effect(argument: &str) -> Option<Effect> {
    let (name, value) = argument.split_once('=').unwrap_or((argument, ""));
    // systemd takes `-` and `_` for the same in most names (10.3).
    let name = name.replace('-', "_");
    let plain = name.strip_prefix("rd.").unwrap_or(&name);
    let off = matches!(value, "no" | "0" | "off" | "false" | "n" | "f" | "disabled");
    match plain {
        "fstab" if off => Some(Effect::NoFstab),
        "mount.usr" => Some(Effect::Usr("", value.into())),
        "mount.usrfstype" => Some(Effect::Usr("fstype", value.into())),
        "mount.usrflags" => Some(Effect::Usr("flags", value.into())),
        "systemd.mount_extra" => Some(Effect::Extra(value.into())),
        "rootfstype" => Some(Effect::RootType(value.into())),
        "rootflags" => {
            let harmless = value.split(',').all(|option| {
                let option = option.split_once('=').map_or(option, |(name, _)| name);
                HARMLESS_FLAGS.contains(&option)
            });
            (!harmless).then_some(Effect::Other)
        }
        "root" => root(value).then_some(Effect::Other),
        // Another first program mounts what it likes.
        "init" | "rdinit" => (!INITS.contains(&value)).then_some(Effect::Other),
        "boot" if matches!(value, "live" | "casper" | "nfs") => Some(Effect::Other),
        "systemd.volatile" | "overlayroot" if off || value.is_empty() => None,
        "systemd.condition_first_boot" | "systemd.image_policy" if value.is_empty() => None,
        _ if plain.starts_with("systemd.verity") || plain.starts_with("live.") => {
            Some(Effect::Other)
        }
        _ if OTHER.contains(&plain) || OTHER.contains(&name.as_str()) => Some(Effect::Other),
        _ => None,
    }
}

/// Forms of `root=` that name no volume of a disk (7, 10.1a, 11.2).
fn root(value: &str) -> bool {
    let forms = [
        "gpt-auto",
        "fstab",
        "tmpfs",
        "dissect",
        "bind:",
        "live:",
        "nfs",
        "cifs",
        "iscsi:",
        "block:/dev/loop",
        "/dev/nfs",
        "/dev/cifs",
        "/dev/ram",
        "/dev/loop",
        "http:",
        "nbd:",
    ];
    let path = value.starts_with('/') && !value.starts_with("/dev/");
    path || forms.iter().any(|form| value.starts_with(form))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// kernel-command-line(7) and systemd-fstab-generator(8) of systemd 252 to 255.
    #[test]
    fn arguments_that_mount_are_known_and_usual_ones_are_nothing() {
        let other = Some(Effect::Other);
        for (argument, expected) in [
            ("fstab=no", Some(Effect::NoFstab)),
            ("rd.fstab=0", Some(Effect::NoFstab)),
            (
                "mount.usr=/dev/vda3",
                Some(Effect::Usr("", "/dev/vda3".into())),
            ),
            (
                "mount.usrflags=subvol=x",
                Some(Effect::Usr("flags", "subvol=x".into())),
            ),
            ("systemd.mount-extra=a:b", Some(Effect::Extra("a:b".into()))),
            ("systemd.mount_extra=a:b", Some(Effect::Extra("a:b".into()))),
            ("rootfstype=btrfs", Some(Effect::RootType("btrfs".into()))),
            ("rootflags=subvol=evil", other.clone()),
            ("systemd.volatile=yes", other.clone()),
            ("overlayroot=tmpfs", other.clone()),
            ("SYSTEMD_FSTAB=/x", other.clone()),
            ("usrhash=00", other.clone()),
            ("root=gpt-auto", other.clone()),
            ("root=/etc/x", other.clone()),
            ("systemd.unit=x.target", other.clone()),
            ("init=/opt/start", other.clone()),
            ("rdinit=/bin/sh", other),
            ("init=/sbin/init", None),
            ("init=/usr/lib/systemd/systemd", None),
            ("rdinit=/init", None),
            // Local file systems are mounted before these stop.
            ("single", None),
            ("root=UUID=aa", None),
            ("root=/dev/vda1", None),
            ("rootflags=relatime,data=ordered", None),
            ("overlayroot=disabled", None),
            ("systemd.volatile=no", None),
            ("fstab=yes", None),
            ("ro", None),
            ("quiet", None),
            ("console=ttyS0,115200", None),
            ("net.ifnames=0", None),
            ("systemd.swap-extra=/dev/vda9", None),
        ] {
            assert_eq!(effect(argument), expected, "{argument}");
        }
    }
}
