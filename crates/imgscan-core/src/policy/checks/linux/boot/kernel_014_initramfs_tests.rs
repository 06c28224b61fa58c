//! LNX-KERNEL-014 on initial file systems that are made here member by member.

use crate::cpio::testing::{member, newc};
use crate::evidence::linux::testing::{Build, NAMES, busybox, elf, keyless, ko_of};
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

/// mem(4), devices.txt: `member` makes a device of the numbers 0 and 0, which is none that is usual.
#[test]
fn a_device_that_nothing_explains_is_told() {
    let result = changed(|members| members.push(("dev/x", 0o020_666, vec![])));
    fails("dev/x", &result);
}

/// Whoever sits at the machine may choose any entry.
#[test]
fn the_initramfs_of_every_entry_is_examined() {
    const OTHER: &str = "6.1.0-8-amd64";
    let entry = |r: &str| {
        format!(
            "menuentry {r} {{\nlinux /boot/vmlinuz-{r} root=x\ninitrd /boot/initrd.img-{r}\n}}\n"
        )
    };
    let with = |init: &[u8]| {
        let mut other = members();
        replace(&mut other, "init", init);
        let build = of(archive(&members()))
            .kernel(OTHER, &keyless(OTHER))
            .file(&format!("/boot/initrd.img-{OTHER}"), 0o644, archive(&other))
            .file("/boot/grub/grub.cfg", 0o600, entry(RELEASE) + &entry(OTHER));
        check("LNX-KERNEL-014", build)
    };
    passes(&with(INIT));
    let result = with(b"#!/bin/sh\nevil\n");
    assert_eq!(result.status, Status::Fail, "{result:?}");
    let path = format!("/boot/initrd.img-{OTHER}");
    assert_eq!(result.evidence[0].at.path, Some(path));
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
    assert_eq!(data.status, Status::Unknown);
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
    assert_eq!(status("LNX-KERNEL-014", unowned), Status::Unknown);
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

const HOOK: &str = "/usr/share/initramfs-tools/hooks/more";

/// A root with a hook of a package and what it copies.
fn hooked(hook: &str, files: &[(&str, u32, &[u8])]) -> Build {
    let mut all: Vec<(&str, u32, &[u8])> = vec![(HOOK, 0o755, hook.as_bytes())];
    all.extend(files);
    root().owned("more", &all)
}

fn with(build: Build, more: &[(&'static str, u32, &[u8])]) -> crate::policy::CheckResult {
    let mut all = members();
    all.extend(more.iter().map(|(n, m, d)| (*n, *m, d.to_vec())));
    let packed = zstd::bulk::compress(&archive(&all), 3).unwrap();
    check("LNX-KERNEL-014", build.file(IMAGE, 0o644, packed))
}

fn passes(result: &crate::policy::CheckResult) {
    assert_eq!(result.status, Status::Pass, "{result:?}");
}

#[test]
fn a_program_with_many_names_is_explained_under_these_and_no_others() {
    let program = busybox(NAMES);
    let build = || root().owned("busybox", &[("/bin/busybox", 0o755, &program)]);
    let under = |name| with(build(), &[(name, 0o100_755, &program)]);
    passes(&under("usr/bin/wget"));
    passes(&under("usr/sbin/modprobe"));
    let link = |name| {
        with(
            build(),
            &[
                ("usr/bin/busybox", 0o100_755, &program),
                (name, 0o120_777, b"/bin/busybox"),
            ],
        )
    };
    let merged = |name| {
        with(
            build().link("/usr/bin/busybox", "/bin/busybox"),
            &[
                ("usr/bin/busybox", 0o100_755, &program),
                (name, 0o120_777, b"busybox"),
            ],
        )
    };
    passes(&link("usr/bin/sh"));
    passes(&merged("usr/bin/sh"));
    fails("usr/bin/sshd", &link("usr/bin/sshd"));
    fails("usr/bin/sshd", &merged("usr/bin/sshd"));
    fails(
        "usr/sbin/sshd (archive 1): equals /bin/busybox, which has no command of that name",
        &under("usr/sbin/sshd"),
    );
    fails(
        "usr/lib/udev/sh (archive 1): equals /bin/busybox, which has no command of that name",
        &under("usr/lib/udev/sh"),
    );
    let mut other = program.clone();
    other.push(0);
    fails(
        "usr/bin/wget",
        &with(build(), &[("usr/bin/wget", 0o100_755, &other)]),
    );
    let sums = "/var/lib/dpkg/info/busybox.md5sums";
    let recorded = build().file(sums, 0o644, format!("{}  bin/busybox\n", "0".repeat(32)));
    fails(
        "usr/bin/wget (archive 1): equals /bin/busybox, but busybox recorded another",
        &with(recorded, &[("usr/bin/wget", 0o100_755, &program)]),
    );
}

#[test]
fn a_copy_is_explained_by_the_hook_of_a_package_that_nobody_changed() {
    let text = "#!/bin/sh\ncopy_exec /usr/bin/growpart /sbin\n";
    let program = elf(300);
    let source: &[(&str, u32, &[u8])] = &[("/usr/bin/growpart", 0o755, &program)];
    let copy: &[(&'static str, u32, &[u8])] = &[("usr/sbin/growpart", 0o100_755, &program)];
    passes(&with(hooked(text, source), copy));
    fails(
        "usr/sbin/growpart",
        &with(hooked("#!/bin/sh\n", source), copy),
    );
    let changed = hooked("#!/bin/sh\n", source).file(HOOK, 0o755, text);
    fails("usr/sbin/growpart", &with(changed, copy));
    let own = root().owned("growpart", source).file(HOOK, 0o755, text);
    fails("usr/sbin/growpart", &with(own, copy));
    // The hook is the package's, what it copies is the owner's.
    let unowned = hooked(text, &[]).file("/usr/bin/growpart", 0o755, program.clone());
    let told = with(unowned, copy);
    assert_eq!(told.status, Status::Unknown, "{told:?}");
    // Another place than the hook tells.
    let other: &[(&'static str, u32, &[u8])] = &[("usr/bin/other", 0o100_755, &program)];
    fails("usr/bin/other", &with(hooked(text, source), other));
}

#[test]
fn what_a_hook_writes_is_explained_line_by_line() {
    let hook = "#!/bin/sh\necho \"hosts: files dns\" >> \"${DESTDIR}/etc/nsswitch.conf\"\n\
        echo \"root:*:0:0::${home#\"$DESTDIR\"}:/bin/sh\" > \"$DESTDIR/etc/passwd\"\n\
        echo \"ROOT=$root\" > $DESTDIR/conf/conf.d/root\n";
    let written = |name: &'static str, text: &str| {
        with(hooked(hook, &[]), &[(name, 0o100_644, text.as_bytes())])
    };
    passes(&written("etc/nsswitch.conf", "hosts: files dns\n"));
    passes(&written("etc/passwd", "root:*:0:0::/root-Xy:/bin/sh\n"));
    let more = written("etc/nsswitch.conf", "hosts: files dns\npasswd: evil\n");
    assert_eq!(more.status, Status::Unknown, "{more:?}");
    // Another account lets somebody in.
    for text in [
        "root:*:0:0::/root:x:/bin/sh\n",
        "root::0:0::/root:/bin/sh\n",
    ] {
        fails("etc/passwd", &written("etc/passwd", text));
    }
    // What `init` sources has no text that the hook does not tell.
    fails(
        "conf/conf.d/root",
        &written("conf/conf.d/root", "ROOT=/dev/sdb1\n"),
    );
}

#[test]
fn settings_of_the_owner_are_told_where_they_do_more_than_set() {
    let own = |text: &str| {
        let file = "/etc/initramfs-tools/conf.d/own";
        let build = root().file(file, 0o644, text);
        with(build, &[("conf/conf.d/own", 0o100_644, text.as_bytes())])
    };
    passes(&own("# mine\nKEYMAP=y\nRESUME=\"UUID=0a-1\"\n"));
    for text in [
        "ROOT=/dev/sdb1\n",
        "KEYMAP=y;/x\n",
        "KEYMAP=$(/x)\n",
        "/x\n",
        "init=/x\n",
    ] {
        assert_eq!(own(text).status, Status::Unknown, "{text}");
    }
}

/// initramfs-tools copies modprobe's configuration as it is.
#[test]
fn a_list_of_modules_that_stay_out_is_explained_whoever_wrote_it() {
    let own = |text: &str| {
        let build = root().file("/etc/modprobe.d/own.conf", 0o644, text);
        with(
            build,
            &[("etc/modprobe.d/own.conf", 0o100_644, text.as_bytes())],
        )
    };
    passes(&own(
        "# mine\nblacklist floppy\ninstall dccp /bin/false\noptions loop max_loop=8\n",
    ));
    assert_eq!(own("install ext4 /x\n").status, Status::Unknown);
}

#[test]
fn keys_that_let_somebody_in_fail_and_shared_ones_are_told() {
    let hook = "#!/bin/sh\ncp -pt \"$DESTDIR/etc/dropbear\" /etc/dropbear/initramfs/host_key\n";
    let build = || hooked(hook, &[]).file("/etc/dropbear/initramfs/host_key", 0o600, "secret");
    let host: (&'static str, u32, &[u8]) = ("etc/dropbear/host_key", 0o100_600, b"secret");
    assert_eq!(with(build(), &[host]).status, Status::Unknown);
    let keys: (&'static str, u32, &[u8]) = ("root-x/.ssh/authorized_keys", 0o100_600, b"ssh-rsa A");
    let build = build().file("/root-x/.ssh/authorized_keys", 0o600, "ssh-rsa A");
    fails(
        "root-x/.ssh/authorized_keys (archive 1): lets in",
        &with(build, &[host, keys]),
    );
}

#[test]
fn a_script_that_was_emptied_is_not_a_file_that_happens_to_be_empty() {
    fails(
        "scripts/init-top/udev (archive 1): differs",
        &changed(|m| replace(m, "scripts/init-top/udev", b"")),
    );
    fails(
        "scripts/init-top/ORDER",
        &changed(|m| replace(m, "scripts/init-top/ORDER", b"")),
    );
}

#[test]
fn text_that_is_read_as_settings_or_sourced_steers() {
    let text = b"/x\n";
    for name in [
        "etc/inittab",
        "etc/live/boot.conf",
        "usr/lib/cryptsetup/functions",
        ".profile",
    ] {
        fails(name, &with(root(), &[(name, 0o100_644, text)]));
    }
    let own = root().file("/etc/live/boot.conf", 0o644, *text);
    let told = with(own, &[("etc/live/boot.conf", 0o100_644, text)]);
    assert_eq!(told.status, Status::Unknown, "{told:?}");
    // A shell runs what stands behind any bytes.
    let bytes = b"\x00\x01\n/x\n";
    let own = root().file("/etc/live/boot.conf", 0o644, *bytes);
    let told = with(own, &[("etc/live/boot.conf", 0o100_644, bytes)]);
    assert_eq!(told.status, Status::Unknown, "{told:?}");
    let host = root().file("/etc/hostname", 0o644, *text);
    passes(&with(host, &[("etc/hostname", 0o100_644, text)]));
}

#[test]
fn a_link_in_place_of_a_packages_file_is_not_that_file() {
    let other = elf(300);
    let build = root()
        .owned("coreutils", &[("/usr/bin/true", 0o755, &other)])
        .owned(
            "cryptsetup-bin",
            &[("/usr/sbin/cryptsetup", 0o755, &elf(400))],
        );
    let build = build.link("/usr/sbin/cryptsetup", "/usr/bin/true");
    fails(
        "usr/sbin/cryptsetup (archive 1): equals /usr/sbin/cryptsetup, but cryptsetup-bin recorded",
        &with(build, &[("usr/sbin/cryptsetup", 0o100_755, &other)]),
    );
}

#[test]
fn what_the_kernel_may_read_otherwise_is_unknown() {
    let twice = with(
        root(),
        &[("etc/x", 0o120_777, b"y"), ("etc/x", 0o120_777, b"z")],
    );
    assert_eq!(twice.status, Status::Unknown, "{twice:?}");
    // Two names of one file with a body each: the second is written over the first.
    let mut bytes = Vec::new();
    member(&mut bytes, b"usr/bin/udevadm", 0o100_755, 9, 2, &elf(200));
    member(&mut bytes, b"usr/bin/cat", 0o100_755, 9, 2, &elf(100));
    bytes.extend(archive(&members()));
    let result = check("LNX-KERNEL-014", root().file(IMAGE, 0o644, bytes));
    assert_eq!(result.status, Status::Unknown, "{result:?}");
}

#[test]
fn what_holds_no_archive_is_unknown() {
    for bytes in [vec![], vec![0; 4096]] {
        let result = check("LNX-KERNEL-014", root().file(IMAGE, 0o644, bytes));
        assert_eq!(result.status, Status::Unknown, "{result:?}");
        assert!(
            result
                .gaps
                .iter()
                .any(|g| g.reason.en.contains("it holds no archive")),
            "{result:?}"
        );
    }
}

/// An initramfs of dracut is explained by its modules; what is none of these fails, and what dracut
/// writes for one machine is told.
#[test]
fn an_initramfs_of_dracut_is_explained_by_its_modules() {
    const MODULE: &str = "/usr/lib/dracut/modules.d/99base";
    let setup = "#!/bin/bash\ninst_hook cmdline 00 \"$moddir/x.sh\"\n";
    let build = || {
        let (setup_at, script_at) = (
            format!("{MODULE}/module-setup.sh"),
            format!("{MODULE}/x.sh"),
        );
        root().owned(
            "dracut",
            &[
                (&setup_at, 0o755, setup.as_bytes()),
                (&script_at, 0o755, b"x=1\n"),
                ("/usr/lib/dracut/dracut-init.sh", 0o755, b"#!/bin/bash\n"),
            ],
        )
    };
    let made = |more: &[(&'static str, u32, &[u8])]| {
        let mut all: Vec<(&str, u32, &[u8])> =
            vec![("usr/lib/dracut/hooks/cmdline/00-x.sh", 0o100_755, b"x=1\n")];
        all.extend(more);
        check("LNX-KERNEL-014", build().file(IMAGE, 0o644, newc(&all)))
    };
    passes(&made(&[]));
    let cmdline = |text: &'static [u8]| made(&[("etc/cmdline.d/90crypt.conf", 0o100_644, text)]);
    passes(&cmdline(b"rd.luks.uuid=luks-1 resume=UUID=1\n"));
    assert_eq!(cmdline(b"root=/dev/sdb1\n").status, Status::Unknown);
    let finished = "usr/lib/dracut/hooks/initqueue/finished/devexists-x.sh";
    passes(&made(&[(finished, 0o100_755, b"[ -e \"/dev/vda1\" ]\n")]));
    fails(
        finished,
        &made(&[(finished, 0o100_755, b"[ -e \"/dev/vda1\" ] || /x\n")]),
    );
    let hook = "usr/lib/dracut/hooks/pre-mount/99-x.sh";
    fails(hook, &made(&[(hook, 0o100_755, b"/x\n")]));
    // Rules of udev are the owner's where the file is that dracut made them of.
    let (rules, source) = ("etc/udev/rules.d/x.rules", "/etc/udev/rules.d/x.rules");
    let made_of_own = newc(&[
        ("usr/lib/dracut/hooks/cmdline/00-x.sh", 0o100_755, b"x=1\n"),
        (
            rules,
            0o100_644,
            b"RUN+=\"/x\"\nIMPORT{builtin}=\"blkid\"\n",
        ),
    ]);
    let own = build().file(source, 0o644, "RUN+=\"/x\"\nIMPORT BLKID\n");
    let own = own.file(IMAGE, 0o644, made_of_own);
    assert_eq!(status("LNX-KERNEL-014", own), Status::Unknown);
    fails(
        "usr/bin/evil",
        &made(&[("usr/bin/evil", 0o100_755, b"\x7fELF")]),
    );
    fails(
        "usr/bin/udevadm",
        &made(&[("usr/bin/udevadm", 0o100_755, &elf(201))]),
    );
}
