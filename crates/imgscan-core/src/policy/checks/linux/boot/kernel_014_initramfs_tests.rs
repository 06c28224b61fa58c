//! LNX-KERNEL-014 on initial file systems that are made here member by member.

use crate::cpio::testing::newc;
use crate::evidence::linux::testing::{Build, elf, keyless, ko_of};
use crate::policy::Status;
use crate::policy::checks::linux::testing::{check, status};

const RELEASE: &str = "6.1.0-9-amd64";
const IMAGE: &str = "/boot/initrd.img-6.1.0-9-amd64";
const INIT: &[u8] = b"#!/bin/sh\nexec run-init\n";
const DEP: &str = "usr/lib/modules/6.1.0-9-amd64/modules.dep";
const MODULE: &str = "usr/lib/modules/6.1.0-9-amd64/kernel/a.ko";

type Members = Vec<(&'static str, u32, Vec<u8>)>;

/// What initramfs-tools makes of [`root`].
fn members() -> Members {
    let order = "/scripts/init-top/udev \"$@\"\n[ -e /conf/param.conf ] && . /conf/param.conf\n";
    vec![
        (".", 0o040_755, vec![]),
        ("bin", 0o120_777, b"usr/bin".to_vec()),
        ("conf/arch.conf", 0o100_644, b"DPKG_ARCH=amd64\n".to_vec()),
        ("etc/fstab", 0o100_644, vec![]),
        ("init", 0o100_755, INIT.to_vec()),
        ("scripts/init-top/ORDER", 0o100_644, order.into()),
        (
            "scripts/init-top/udev",
            0o100_755,
            b"#!/bin/sh\nudevd\n".to_vec(),
        ),
        ("usr/bin/cat", 0o100_755, elf(100)),
        ("usr/bin/udevadm", 0o100_755, elf(200)),
        (MODULE, 0o100_644, ko_of(RELEASE, "a")),
        (DEP, 0o100_644, b"kernel/a.ko:\n".to_vec()),
    ]
}

fn root() -> Build {
    let module = format!("/{MODULE}");
    Build::debian()
        .link("/lib", "usr/lib")
        .kernel(RELEASE, &keyless(RELEASE))
        .owned("linux-modules", &[(&module, 0o644, &ko_of(RELEASE, "a"))])
        .owned("udev", &[("/bin/udevadm", 0o755, &elf(200))])
        .link("/usr/bin/udevadm", "/bin/udevadm")
        .owned(
            "initramfs-tools-core",
            &[
                ("/usr/share/initramfs-tools/init", 0o755, INIT),
                (
                    "/usr/share/initramfs-tools/scripts/init-top/udev",
                    0o755,
                    b"#!/bin/sh\nudevd\n",
                ),
            ],
        )
        .owned(
            "klibc-utils",
            &[("/usr/lib/klibc/bin/cat", 0o755, &elf(100))],
        )
}

fn archive(members: &Members) -> Vec<u8> {
    let members: Vec<_> = members
        .iter()
        .map(|(n, m, d)| (*n, *m, d.as_slice()))
        .collect();
    newc(&members)
}

fn of(bytes: Vec<u8>) -> Build {
    root().file(IMAGE, 0o644, zstd::bulk::compress(&bytes, 3).unwrap())
}

fn changed(change: impl FnOnce(&mut Members)) -> crate::policy::CheckResult {
    let mut members = members();
    change(&mut members);
    check("LNX-KERNEL-014", of(archive(&members)))
}

fn replace(members: &mut Members, name: &str, data: &[u8]) {
    for m in members.iter_mut().filter(|m| m.0 == name) {
        m.2 = data.to_vec();
    }
}

fn fails(name: &str, result: &crate::policy::CheckResult) {
    assert_eq!(result.status, Status::Fail, "{result:?}");
    let item = &result.evidence[0];
    assert_eq!(item.at.path.as_deref(), Some(IMAGE));
    assert!(item.note.en.starts_with(name), "{}", item.note.en);
}

#[test]
fn what_the_system_gives_is_explained_member_by_member() {
    let result = changed(|_| {});
    assert_eq!(result.status, Status::Pass, "{result:?}");
    let note = &result.evidence[0].note.en;
    assert!(
        note.starts_with("9 files (1 module) in 1 archive: 2 equal"),
        "{note}"
    );
    assert!(
        note.contains("3 a file elsewhere, 4 derived or empty, 0 unexplained"),
        "{note}"
    );
    assert_eq!(status("LNX-KERNEL-014", root()), Status::NotApplicable);
}

#[test]
fn the_whole_kernel_names_the_initramfs_and_how_many_files_match_nothing() {
    let mut evil = members();
    replace(&mut evil, "init", b"#!/bin/sh\nevil\n");
    evil.push(("sbin/evil", 0o100_755, elf(300)));
    let result = check("LNX-KERNEL-001", of(archive(&evil)));
    assert_eq!(result.status, Status::Fail, "{result:?}");
    assert_eq!(
        result.reason.en,
        format!("{IMAGE} holds 2 files that match nothing in this system (level K1)")
    );
    assert_eq!(
        result.reason.zh,
        format!("{IMAGE} 中有 2 个文件与本系统的任何文件都不相符（K1 级）")
    );
    let fixes: Vec<&str> = result.fix.iter().map(|fix| fix.en.as_str()).collect();
    assert_eq!(
        fixes,
        ["Make the initramfs anew: update-initramfs -u -k all"]
    );
}

#[test]
fn a_changed_or_added_member_is_named() {
    let evil = b"#!/bin/sh\nevil\n";
    fails(
        "init (archive 1): differs from /usr/share",
        &changed(|m| replace(m, "init", evil)),
    );
    fails(
        "usr/bin/cat",
        &changed(|m| replace(m, "usr/bin/cat", &elf(101))),
    );
    fails(
        "sbin/evil",
        &changed(|m| m.push(("sbin/evil", 0o100_755, elf(300)))),
    );
    fails(
        "conf/conf.d/x",
        &changed(|m| m.push(("conf/conf.d/x", 0o100_644, b"evil".to_vec()))),
    );
    fails(
        "etc/ld.so.preload",
        &changed(|m| m.push(("etc/ld.so.preload", 0o100_644, b"/x".to_vec()))),
    );
    fails(
        "root/.ssh/authorized_keys",
        &changed(|m| {
            m.push((
                "root/.ssh/authorized_keys",
                0o100_600,
                b"ssh-rsa A".to_vec(),
            ));
        }),
    );
    fails(
        "scripts/init-top/ORDER",
        &changed(|m| {
            replace(
                m,
                "scripts/init-top/ORDER",
                b"/scripts/init-top/udev \"$@\"\n/x \"$@\"\n",
            );
        }),
    );
    fails(
        MODULE,
        &changed(|m| replace(m, MODULE, &ko_of(RELEASE, "b"))),
    );
    let data = changed(|m| m.push(("usr/share/x.bin", 0o100_644, b"x".to_vec())));
    assert_eq!(data.status, Status::Warn);
}

#[test]
fn a_second_archive_and_a_record_of_another_digest_are_named() {
    let mut bytes = zstd::bulk::compress(&archive(&members()), 3).unwrap();
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes.extend(newc(&[("init", 0o100_755, b"#!/bin/evil\n")]));
    let result = check("LNX-KERNEL-014", root().file(IMAGE, 0o644, bytes));
    fails("init (archive 2)", &result);
    let sums = "/var/lib/dpkg/info/klibc-utils.md5sums";
    let other = of(archive(&members())).file(
        sums,
        0o644,
        format!("{}  usr/lib/klibc/bin/cat\n", "0".repeat(32)),
    );
    fails(
        "usr/bin/cat (archive 1): equals /usr/lib/klibc/bin/cat, but klibc-utils recorded another",
        &check("LNX-KERNEL-014", other),
    );
    let lists = "/var/lib/dpkg/info/klibc-utils.list";
    let unowned = of(archive(&members())).file(lists, 0o644, "");
    assert_eq!(status("LNX-KERNEL-014", unowned), Status::Warn);
}

/// A unified kernel image: the form of PE is that of Microsoft's "PE Format", the names of the
/// sections those of the UAPI group's "Unified Kernel Image".
fn unified(sections: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = vec![0; 1024];
    bytes[..2].copy_from_slice(b"MZ");
    bytes[60] = 64;
    bytes[64..70].copy_from_slice(b"PE\0\0\x64\x86");
    bytes[70] = sections.len() as u8;
    bytes[84] = 240;
    bytes[88..90].copy_from_slice(&[0x0B, 2]);
    bytes[148..152].copy_from_slice(&1024_u32.to_le_bytes());
    bytes[196] = 16;
    for (i, (name, data)) in sections.iter().enumerate() {
        let at = 328 + 40 * i;
        let start = bytes.len() as u32;
        let len = data.len() as u32;
        bytes[at..at + name.len()].copy_from_slice(name.as_bytes());
        for (field, value) in [(8, len), (12, start), (16, len), (20, start)] {
            bytes[at + field..at + field + 4].copy_from_slice(&value.to_le_bytes());
        }
        bytes.extend_from_slice(data);
    }
    bytes
}

#[test]
fn the_initramfs_inside_a_unified_image_is_examined() {
    let image = "/boot/efi/EFI/Linux/debian.efi";
    let with = |members: &Members| {
        let packed = zstd::bulk::compress(&archive(members), 3).unwrap();
        let kernel = keyless(RELEASE);
        let bytes = unified(&[(".linux", kernel.as_slice()), (".initrd", &packed)]);
        root()
            .file("/boot/efi/loader/loader.conf", 0o644, "timeout 0\n")
            .file(image, 0o644, bytes)
    };
    let result = check("LNX-KERNEL-014", with(&members()));
    assert_eq!(result.status, Status::Pass, "{result:?}");
    let mut evil = members();
    replace(&mut evil, "init", b"#!/bin/sh\nevil\n");
    let result = check("LNX-KERNEL-014", with(&evil));
    assert_eq!(result.status, Status::Fail, "{result:?}");
    let item = &result.evidence[0];
    let place = format!("{image}:.initrd");
    assert_eq!(item.at.path.as_deref(), Some(place.as_str()));
    assert!(item.note.en.starts_with("init (archive 1): differs"));
}

#[test]
fn what_can_not_be_read_is_unknown() {
    let whole = archive(&members());
    let cut = root().file(IMAGE, 0o644, &whole[..whole.len() / 2]);
    assert_eq!(status("LNX-KERNEL-014", cut), Status::Unknown);
    let junk = root().file(IMAGE, 0o644, "no archive");
    assert_eq!(status("LNX-KERNEL-014", junk), Status::Unknown);
    let up = changed(|m| m.push(("../../etc/passwd", 0o100_644, vec![])));
    assert_eq!(up.status, Status::Unknown);
    let gone = root().file(
        "/boot/grub/grub.cfg",
        0o600,
        "menuentry a {\nlinux /boot/vmlinuz-6.1.0-9-amd64\ninitrd /boot/gone\n}\n",
    );
    assert_eq!(status("LNX-KERNEL-014", gone), Status::Unknown);
}

/// dracut is not measured: what it strips and writes is told, and a foreign program still fails.
#[test]
fn what_dracut_changes_is_told_and_what_is_foreign_fails() {
    let members = |more: &[(&'static str, u32, &[u8])]| {
        let mut all: Vec<_> = vec![
            (
                "usr/lib/dracut/hooks/cmdline/00-x.sh",
                0o100_755,
                &b"x=1\n"[..],
            ),
            (
                "usr/bin/udevadm",
                0o100_755,
                &[0x7f, b'E', b'L', b'F', 2, 1][..],
            ),
        ];
        all.extend(more);
        newc(&all)
    };
    let with = |bytes: Vec<u8>| root().package("dracut", "1").file(IMAGE, 0o644, bytes);
    assert_eq!(status("LNX-KERNEL-014", with(members(&[]))), Status::Warn);
    let evil = members(&[("usr/bin/evil", 0o100_755, b"\x7fELF")]);
    assert_eq!(status("LNX-KERNEL-014", with(evil)), Status::Fail);
    // Not where the tools of Debian made it, or dracut is not installed.
    let mixed = members(&[("scripts/init-top/udev", 0o100_755, b"#!/bin/sh\nudevd\n")]);
    assert_eq!(status("LNX-KERNEL-014", with(mixed)), Status::Fail);
    assert_eq!(
        status("LNX-KERNEL-014", root().file(IMAGE, 0o644, members(&[]))),
        Status::Fail
    );
}
