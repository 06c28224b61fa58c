use std::sync::Arc;

use super::*;
use crate::error::{Error, Layer};
use crate::fs::memory::MemoryFs;
use crate::fs::{Content, Signature};
use crate::source::MemorySource;
use crate::volume::Volume;

pub(crate) fn volume(number: u32, kind: &str, content: Content) -> OpenVolume {
    OpenVolume {
        volume: Volume {
            name: format!("p{number}"),
            number,
            offset: 0,
            len: 0,
            kind: kind.into(),
            label: None,
            part_uuid: Some(format!("0000000{number}-0000-0000-0000-000000000000")),
            bootable: false,
            attributes: 0,
            data: Arc::new(MemorySource(Vec::new())),
        },
        content,
        also: Vec::new(),
    }
}

pub(crate) fn fs(fs: MemoryFs) -> Content {
    Content::FileSystem(Arc::new(fs))
}

fn elf(machine: u16) -> Vec<u8> {
    let mut b = b"\x7fELF\x02\x01\x01".to_vec();
    b.resize(18, 0);
    b.extend(machine.to_le_bytes());
    b.resize(64, 0);
    b
}

pub(crate) fn root(fstab: &str) -> MemoryFs {
    MemoryFs::default()
        .file(
            "/usr/lib/os-release",
            0o644,
            "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian 12\"\n",
        )
        .link("/etc/os-release", "../usr/lib/os-release")
        .file("/etc/hostname", 0o644, "vm-1\n")
        .file("/etc/fstab", 0o644, fstab)
        .file("/usr/bin/dash", 0o755, elf(62))
        .link("/usr/bin/sh", "dash")
        .link("/bin", "usr/bin")
        .dir("/boot/efi")
        .dir("/var")
        .dir("/usr/local")
        .uuid("aaaa")
        .kind("ext4")
}

pub(crate) const ESP: &str = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";

pub(crate) fn esp() -> MemoryFs {
    MemoryFs::new(true)
        .file("/EFI/debian/grub.cfg", 0o644, "x")
        .uuid("1234-ABCD")
        .kind("fat32")
}

/// ostree(1): deployments are at `/ostree/deploy/OS/deploy/COMMIT.N` of a volume without a root of its own.
#[test]
fn deployments_of_ostree_are_named() {
    let deployed = MemoryFs::default().dir("/ostree/repo").file(
        "/ostree/deploy/fcos/deploy/0a.0/etc/os-release",
        0o644,
        "ID=fedora\n",
    );
    let volumes = [volume(1, "", fs(deployed)), volume(2, "", fs(root("")))];
    assert_eq!(find(&volumes).len(), 1);
    let unread = unread(&volumes);
    assert_eq!(unread.len(), 1);
    assert_eq!(
        (unread[0].layer, unread[0].kind),
        (Layer::Guest, Kind::Unsupported)
    );
}

#[test]
fn a_root_is_found_and_says_what_it_is() {
    let guests = find(&[
        volume(1, ESP, fs(esp())),
        volume(
            2,
            "",
            fs(root(
                "UUID=aaaa / ext4 defaults 0 1\nUUID=1234-ABCD /boot/efi vfat umask=0077 0 1\n",
            )),
        ),
    ]);
    let [guest] = guests.as_slice() else {
        panic!("{} guests", guests.len());
    };
    assert_eq!(guest.os.id.as_deref(), Some("debian"));
    assert_eq!(guest.os.version.as_deref(), Some("12"));
    assert_eq!(guest.os.host_name.as_deref(), Some("vm-1"));
    assert_eq!(guest.os.architecture.as_deref(), Some("x86_64"));
    assert_eq!(guest.root_volume, "p2");
    assert!(
        guest
            .paths
            .find(b"/boot/efi/efi/debian/grub.cfg")
            .unwrap()
            .is_some()
    );
    assert!(guest.problems.is_empty(), "{:?}", guest.problems);
}

#[test]
fn what_cannot_be_read_of_a_guest_has_its_path() {
    let looped = MemoryFs::default()
        .file("/etc/os-release", 0o644, "ID=debian\n")
        .file("/etc/fstab", 0o644, "")
        .link("/bin/sh", "sh");
    let guests = find(&[volume(1, "", fs(looped))]);
    let [guest] = guests.as_slice() else {
        panic!("{} guests", guests.len());
    };
    assert_eq!(guest.os.architecture, None);
    let places = guest.problems.iter().map(|p| p.at.path.as_deref());
    assert_eq!(places.collect::<Vec<_>>(), [Some("/bin/sh")]);
}

#[test]
fn an_efi_partition_that_fstab_does_not_name_is_still_seen() {
    let guests = find(&[volume(1, ESP, fs(esp())), volume(2, "", fs(root("")))]);
    assert_eq!(
        guests[0].paths.mounts(),
        [("/".into(), "p2".into()), ("/boot/efi".into(), "p1".into())]
    );
}

#[test]
fn a_boot_volume_that_fstab_does_not_name_is_still_seen() {
    let boot = MemoryFs::default()
        .file("/vmlinuz-1", 0o644, "k")
        .dir("/grub2");
    let guests = find(&[volume(1, "", fs(boot)), volume(2, "", fs(root("")))]);
    assert!(guests[0].paths.find(b"/boot/vmlinuz-1").unwrap().is_some());
}

#[test]
fn what_the_image_does_not_give_is_unavailable_and_never_absent() {
    let fstab = "/dev/vda2 / ext4 defaults 0 1\n\
                 /dev/vda1 /usr/local ext4 defaults 0 2\n\
                 /dev/vdb1 /srv ext4 nofail 0 2\n\
                 UUID=gone /var ext4 defaults 0 2\n\
                 /dev/mapper/vg-home /home xfs defaults 0 2\n\
                 tmpfs /tmp tmpfs defaults 0 0\n\
                 /swapfile none swap sw 0 0\n";
    let gap = Content::Gap(
        Signature::Xfs,
        Error::unsupported(
            Layer::Volume,
            0,
            crate::text::Text::verbatim("XFS is not read by this version"),
        ),
    );
    let guests = find(&[volume(1, "", gap), volume(2, "", fs(root(fstab)))]);
    let paths = &guests[0].paths;
    let names: Vec<String> = paths
        .unavailable()
        .iter()
        .map(|(p, _)| crate::text::lossless(p))
        .collect();
    assert_eq!(names, ["/home", "/srv", "/usr/local", "/var"]);
    assert!(paths.find(b"/usr/local/sa").is_err());
    assert!(paths.find(b"/tmp/x").unwrap().is_none());
}

#[test]
fn bind_mounts_and_partition_numbers_join_too() {
    let data = MemoryFs::default().file("/sa/x", 0o644, "x").kind("ext4");
    let fstab = "/dev/sda1 / ext4 defaults 0 1\n/dev/sda2 /data ext4 defaults 0 0\n/data/sa /usr/local/sa none bind 0 0\n";
    let guests = find(&[volume(1, "", fs(root(fstab))), volume(2, "", fs(data))]);
    assert!(guests[0].paths.find(b"/data/sa/x").unwrap().is_some());
    assert!(guests[0].paths.find(b"/usr/local/sa/x").unwrap().is_some());
}

#[test]
fn bind_mounts_that_take_one_another_along_end() {
    let line = |n: usize| format!("/ /srv/c{n} none rbind 0 0\n/srv /srv/c{n}/d none rbind 0 0\n");
    let fstab: String = (0..100).map(line).collect();
    let mut fs_of_root = root(&fstab);
    for n in 0..100 {
        fs_of_root = fs_of_root.file(&format!("/srv/c{n}/d/x"), 0o644, "");
    }
    let guests = find(&[volume(1, "", fs(fs_of_root))]);
    assert!(guests[0].paths.mounts().len() <= 1024);
    assert!(!guests[0].paths.unavailable().is_empty());
}

#[test]
fn two_volumes_of_one_uuid_are_not_guessed_between() {
    let one = || fs(MemoryFs::default().uuid("bbbb"));
    let guests = find(&[
        volume(1, "", fs(root("UUID=bbbb /var ext4 defaults 0 2\n"))),
        volume(2, "", one()),
        volume(3, "", one()),
    ]);
    assert!(guests[0].paths.find(b"/var/lib").is_err());
}

#[test]
fn several_roots_are_several_guests_and_a_data_volume_is_none() {
    let guests = find(&[
        volume(1, "", fs(root(""))),
        volume(2, "", fs(root(""))),
        volume(3, "", fs(MemoryFs::default().file("/etc/x", 0o644, ""))),
    ]);
    assert_eq!(guests.len(), 2);
    let many = (1..40).map(|n| volume(n, "", fs(root(""))));
    let many: Vec<OpenVolume> = many.collect();
    assert_eq!(find(&many).len(), crate::guest::MAX_GUESTS + 1);
}
