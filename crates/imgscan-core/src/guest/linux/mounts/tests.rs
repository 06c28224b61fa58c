//! Facts behind these tests: units written by systemd-fstab-generator 252 for the same lines (its
//! folders `local-fs.target.requires` and `.wants` tell what is mounted), and mount(8) 2.38.

use super::*;
use crate::error::Error;
use crate::fs::memory::MemoryFs;
use crate::fs::{Content, Signature};
use crate::guest::Guest;
use crate::guest::linux::find;
use crate::guest::linux::tests::{ESP, esp, fs, root, volume};

fn data() -> MemoryFs {
    MemoryFs::default()
        .file("/agent", 0o755, "from the volume")
        .uuid("bbbb")
        .kind("ext4")
}

fn with(root: MemoryFs) -> Guest {
    let volumes = [volume(1, "", fs(root)), volume(2, "", fs(data()))];
    find(&volumes).remove(0)
}

fn line(fstab: &str) -> Guest {
    with(root(fstab).file("/usr/local/agent", 0o755, "below"))
}

fn agent(guest: &Guest) -> Option<String> {
    let file = guest.paths.read(b"/usr/local/agent", 100).ok()?;
    Some(lossless(&file.bytes))
}

/// Codes of the doubts with their lines.
fn doubts(guest: &Guest) -> Vec<(String, Option<u32>)> {
    let all = guest.mounts.doubts.iter();
    all.map(|d| (d.reason.code.to_string(), d.at.line))
        .collect()
}

fn doubt(code: &str, line: impl Into<Option<u32>>) -> Vec<(String, Option<u32>)> {
    vec![(code.to_owned(), line.into())]
}

#[test]
fn what_is_noauto_is_not_mounted() {
    for (options, mounted) in [
        ("defaults", true),
        ("noauto", false),
        ("noauto,auto", true),
        ("auto,noauto", false),
        // The generator pulls in `usr-local.automount` all the same.
        ("noauto,x-systemd.automount", true),
        ("nofail", true),
    ] {
        let guest = line(&format!("UUID=bbbb /usr/local ext4 {options} 0 2\n"));
        let expected = if mounted { "from the volume" } else { "below" };
        assert_eq!(agent(&guest).as_deref(), Some(expected), "{options}");
        assert!(guest.mounts.doubts.is_empty(), "{:?}", guest.mounts.doubts);
    }
}

#[test]
fn boot_loaders_read_a_boot_volume_that_is_noauto() {
    let boot = MemoryFs::default()
        .file("/vmlinuz-1", 0o644, "k")
        .uuid("bbbb")
        .kind("ext4");
    let volumes = [
        volume(1, "", fs(root("UUID=bbbb /boot ext4 noauto 0 2\n"))),
        volume(2, "", fs(boot)),
    ];
    let guest = find(&volumes).remove(0);
    assert!(guest.paths.find(b"/boot/vmlinuz-1").unwrap().is_some());
    assert_eq!(guest.mounts.mounts[0].origin, Origin::Loader);
}

#[test]
fn an_empty_file_system_hides_what_is_below_it() {
    for kind in ["tmpfs", "ramfs"] {
        let guest = line(&format!("{kind} /usr/local {kind} defaults 0 0\n"));
        assert_eq!(agent(&guest), None);
        assert!(guest.paths.find(b"/usr/local").unwrap().is_some());
        let mount = &guest.mounts.mounts[0];
        assert_eq!((&mount.shows, mount.hides), (&Shows::Empty, 1));
        let told = &guest.mounts.notices[0];
        assert_eq!(
            (&*told.reason.code, told.at.line),
            ("error-mount-hides", Some(1))
        );
        assert!(guest.mounts.doubts.is_empty());
    }
}

#[test]
fn usual_lines_are_nothing_to_speak_of() {
    let fstab = "proc /proc proc defaults 0 0\nsysfs /sys sysfs defaults 0 0\n\
        devpts /dev/pts devpts gid=5 0 0\ntmpfs /dev/shm tmpfs nosuid 0 0\n\
        tmpfs /run tmpfs defaults 0 0\ntmpfs /tmp tmpfs defaults 0 0\n\
        /swapfile none swap sw 0 0\nUUID=cccc swap swap defaults 0 0\n\
        /dev/sr0 /media/cdrom0 udf,iso9660 user,noauto 0 0\n\
        /dev/vdb1 /home ext4 noauto 0 0\n\
        LABEL=cloudimg-rootfs / ext4 discard,errors=remount-ro,x-systemd.growfs 0 1\n\
        /dev/disk/cloud/azure_resource-part1 /mnt auto defaults,nofail,x-systemd.requires=cloud-init.service,comment=cloudconfig 0 2\n";
    let guest = line(fstab);
    assert_eq!(crate::evidence::gaps::guest_gaps(&guest), []);
    // Who looks there is told that it can't be read.
    assert!(guest.paths.find(b"/mnt/x").is_err());
}

#[test]
fn a_file_is_bound_over_a_file() {
    let system = root("/root/.s /etc/hostname none bind 0 0\n").file("/root/.s", 0o600, "evil\n");
    let guest = with(system);
    assert_eq!(
        guest.paths.read(b"/etc/hostname", 100).unwrap().bytes,
        b"evil\n"
    );
    assert_eq!(guest.os.host_name.as_deref(), Some("evil"));
    let mount = &guest.mounts.mounts[0];
    assert_eq!(mount.shows, Shows::Path("p1".into(), "/root/.s".into()));
    assert_eq!(mount.hides, 1);
}

/// Parents come before children and sources before what is bound, whatever the order of the lines;
/// `rbind` takes along what is mounted below, `bind` does not.
#[test]
fn mounts_are_ordered_by_path() {
    let fstab = |bind: &str| {
        format!("/data /usr/local none {bind} 0 0\nUUID=bbbb /data/in ext4 defaults 0 0\n")
    };
    let system = |bind: &str| {
        root(&fstab(bind))
            .dir("/data/in")
            .file("/data/x", 0o644, "")
    };
    let read = |guest: &Guest| guest.paths.find(b"/usr/local/in/agent").unwrap().is_some();
    let bound = with(system("bind"));
    assert!(bound.paths.find(b"/usr/local/x").unwrap().is_some() && !read(&bound));
    // The child of /data waits for nothing, and is there before /data is bound.
    assert!(read(&with(system("rbind"))));
    let child_first =
        "UUID=bbbb /usr/local/deep ext4 defaults 0 0\ntmpfs /usr/local tmpfs defaults 0 0\n";
    let guest = line(child_first);
    assert!(
        guest
            .paths
            .find(b"/usr/local/deep/agent")
            .unwrap()
            .is_some()
    );
    // mount(8) goes line by line: the second hides the first.
    let other = root(child_first)
        .file("/usr/bin/busybox", 0o755, "x")
        .link("/sbin/init", "/usr/bin/busybox");
    let guest = with(other);
    assert!(
        guest
            .paths
            .find(b"/usr/local/deep/agent")
            .unwrap()
            .is_none()
    );
}

/// mount_namespaces(7): mounts of a shared directory are seen wherever it is bound. A boot of Debian 12
/// showed the second of these mounts in both places.
#[test]
fn what_is_mounted_below_a_bound_directory_is_seen_in_both_places() {
    let lines = "/srv/a /opt/a none bind 0 0\n/srv/evil /opt/a/x none bind 0 0\n";
    let system = root(lines)
        .file("/srv/a/x", 0o644, "good\n")
        .dir("/opt/a")
        .file("/srv/evil", 0o644, "evil\n");
    let guest = with(system.clone());
    for path in [b"/opt/a/x", b"/srv/a/x"] {
        assert_eq!(guest.paths.read(path, 100).unwrap().bytes, b"evil\n");
    }
    let places: Vec<&str> = guest.mounts.mounts.iter().map(|m| m.at.as_str()).collect();
    assert_eq!(places, ["/opt/a", "/opt/a/x", "/srv/a/x"]);
    // Without systemd mounts are private.
    let other = system
        .file("/usr/bin/busybox", 0o755, "x")
        .link("/sbin/init", "/usr/bin/busybox");
    let guest = with(other);
    assert_eq!(guest.paths.read(b"/srv/a/x", 100).unwrap().bytes, b"good\n");
    // Nothing sets the order of a bind and of a mount below the directory that it shows.
    let lines = "/data /usr/local none bind 0 0\nUUID=bbbb /data/in ext4 defaults 0 0\n";
    let guest = with(root(lines).dir("/data/in"));
    assert_eq!(doubts(&guest), doubt("error-mount-order", 1));
}

#[test]
fn of_two_lines_for_one_place_systemd_takes_the_first() {
    let two = "tmpfs /usr/local tmpfs defaults 0 0\nUUID=bbbb //usr//local/ ext4 defaults 0 0\n";
    let guest = line(two);
    assert_eq!(agent(&guest), None);
    assert_eq!(doubts(&guest), doubt("error-mount-twice", 2));
    let same = "UUID=bbbb /usr/local ext4 defaults 0 0\nUUID=bbbb /usr/local ext4 defaults 0 0\n";
    assert_eq!(doubts(&line(same)), []);
    // "Duplicate entry": the first blocks the second also where it is noauto.
    let guest = line("UUID=x /usr/local ext4 noauto 0 0\nUUID=bbbb /usr/local ext4 defaults 0 0\n");
    assert_eq!(agent(&guest).as_deref(), Some("below"));
}

#[test]
fn mount_points_are_followed_through_links() {
    let system = root("UUID=bbbb /data ext4 defaults 0 0\n").link("/data", "usr/local");
    assert!(agent(&with(system)).is_some());
    let guest = line("UUID=bbbb /var/../usr/local ext4 defaults 0 0\n");
    assert_eq!(guest.mounts.mounts[0].at, "/usr/local");
}

#[test]
fn what_readers_dispute_is_a_doubt_with_its_line() {
    let guest = line("# x\nUUID=bbbb /usr/loc\\141l ext4 defaults 0 0\n");
    assert_eq!(doubts(&guest), doubt("error-mount-readers", 2));
    let guest = line("UUID=bbbb /usr/local ext4 defaults x y\n");
    assert_eq!(doubts(&guest), doubt("error-mount-readers", 1));
    // A no-break space separates nothing: this is one field.
    let guest = line("UUID=bbbb\u{a0}/usr/local ext4 defaults 0 0\n");
    assert_eq!(agent(&guest).as_deref(), Some("below"));
}

#[test]
fn an_fstab_that_is_too_long_or_too_full_or_unreadable_is_a_gap_with_its_path() {
    let long = format!(
        "{}\nUUID=bbbb /usr/local ext4 defaults 0 0\n",
        "#".repeat(1 << 20)
    );
    let many = "tmpfs /mnt/x tmpfs defaults 0 0\n".repeat(300);
    let unreadable = root("x").damaged("/etc/fstab");
    let at_boot = root("").link("/etc/fstab", "/run/fstab");
    for system in [root(&long), root(&many), unreadable, at_boot] {
        let guest = with(system);
        let gaps = crate::evidence::gaps::guest_gaps(&guest);
        assert!(
            gaps.iter()
                .any(|g| g.at.path.as_deref() == Some("/etc/fstab")),
            "{gaps:?}"
        );
    }
}

#[test]
fn another_file_system_than_was_read_is_a_doubt() {
    let guest = line("UUID=bbbb /usr/local btrfs defaults 0 0\n");
    assert!(guest.paths.find(b"/usr/local/agent").is_err());
    let guest = line("UUID=aaaa / btrfs defaults 0 1\n");
    assert_eq!(doubts(&guest), doubt("error-mount-type", 1));
    let guest = line("UUID=bbbb / ext4 defaults 0 1\n");
    assert_eq!(doubts(&guest), doubt("error-mount-root", 1));
    let guest = line("UUID=BBBB /usr/local ext4 defaults 0 1\n");
    assert_eq!(doubts(&guest), doubt("error-mount-case", 1));
}

#[test]
fn a_volume_that_nothing_mounts_is_told() {
    let guest = line("");
    let told = &guest.mounts.notices[0];
    assert_eq!(
        (&*told.reason.code, told.at.volume.as_deref()),
        ("error-mount-unused", Some("p2"))
    );
}

const UNIT: &str = "[Mount]\nWhat=/dev/disk/by-uuid/bbbb\nWhere=/usr/local\nType=ext4\n";

fn unit(system: MemoryFs, folder: &str, text: &str) -> MemoryFs {
    system.file(
        &format!("{folder}/systemd/system/usr-local.mount"),
        0o644,
        text,
    )
}

fn wanted(system: MemoryFs) -> MemoryFs {
    system.link(
        "/etc/systemd/system/local-fs.target.requires/usr-local.mount",
        "../usr-local.mount",
    )
}

#[test]
fn a_unit_is_mounted_where_something_wants_it() {
    let guest = with(wanted(unit(root(""), "/etc", UNIT)));
    assert_eq!(agent(&guest).as_deref(), Some("from the volume"));
    assert_eq!(guest.mounts.mounts[0].origin, Origin::Unit);
    assert_eq!(
        guest.mounts.mounts[0].place.path.as_deref(),
        Some("/etc/systemd/system/usr-local.mount")
    );
    assert!(guest.mounts.doubts.is_empty() && guest.mounts.notices.is_empty());
    let guest = with(unit(root(""), "/etc", UNIT).file("/etc/machine-id", 0o444, "x"));
    assert_eq!(agent(&guest), None);
    assert!(guest.mounts.doubts.is_empty());
    // The first boot enables what has an [Install] section and no preset disables.
    let guest = with(unit(
        root(""),
        "/etc",
        &format!("{UNIT}[Install]\nWantedBy=local-fs.target\n"),
    ));
    assert_eq!(doubts(&guest), doubt("error-mount-first-boot", None));
    // A service that starts needs a path below it.
    let service = "[Unit]\nRequiresMountsFor=/usr/local/x\n";
    let system = unit(root(""), "/etc", UNIT)
        .file("/etc/systemd/system/x.service", 0o644, service)
        .link(
            "/etc/systemd/system/sysinit.target.wants/x.service",
            "../x.service",
        );
    assert!(agent(&with(system)).is_some());
}

#[test]
fn a_unit_of_etc_beats_fstab_and_one_of_usr_does_not() {
    let tmpfs = "[Mount]\nWhat=tmpfs\nWhere=/usr/local\nType=tmpfs\n";
    let fstab = "UUID=bbbb /usr/local ext4 defaults 0 0\n";
    assert_eq!(agent(&with(unit(root(fstab), "/etc", tmpfs))), None);
    assert!(agent(&with(unit(root(fstab), "/usr/lib", tmpfs))).is_some());
    let masked = root(fstab).link("/etc/systemd/system/usr-local.mount", "/dev/null");
    let guest = with(masked);
    assert_eq!(agent(&guest), None);
    assert_eq!(&*guest.mounts.notices[0].reason.code, "error-mount-masked");
    // What local-fs.target requires and is masked keeps others from being started, by chance.
    let mask = "/etc/systemd/system/usr-local.mount";
    assert_eq!(doubts(&guest), doubt("error-mount-masked-required", None));
    for option in ["nofail", "noauto"] {
        let fstab = format!("UUID=bbbb /usr/local ext4 {option} 0 0\n");
        assert_eq!(doubts(&with(root(&fstab).link(mask, "/dev/null"))), []);
    }
    let empty = unit(root(fstab), "/etc", "");
    assert_eq!(agent(&with(empty)), None);
    let generator = "/etc/systemd/system-generators/systemd-fstab-generator";
    assert_eq!(agent(&with(root(fstab).link(generator, "/dev/null"))), None);
}

#[test]
fn drop_ins_change_units_and_lines() {
    let fstab = "UUID=bbbb /usr/local ext4 defaults 0 0\n";
    for folder in ["usr-local.mount.d", "usr-.mount.d", "mount.d"] {
        let drop_in = format!("/etc/systemd/system/{folder}/x.conf");
        let system = root(fstab).file(&drop_in, 0o644, "[Mount]\nWhat=tmpfs\nType=tmpfs\n");
        let guest = with(system);
        assert_eq!(agent(&guest), None, "{folder}");
        assert_eq!(
            guest.mounts.mounts[0].place.path.as_deref(),
            Some(drop_in.as_str())
        );
    }
}

/// `systemd-analyze verify` (252): "Where= setting doesn't match unit name. Refusing."
#[test]
fn a_unit_of_another_name_is_refused_and_a_condition_of_the_machine_is_a_doubt() {
    let other = UNIT.replace("/usr/local", "/opt");
    let guest = with(wanted(unit(root(""), "/etc", &other)));
    assert_eq!(guest.mounts.mounts, []);
    assert_eq!(
        &*guest.mounts.notices[0].reason.code,
        "error-mount-unit-refused"
    );
    let condition = format!("[Unit]\nConditionVirtualization=kvm\n{UNIT}");
    let guest = with(wanted(unit(root(""), "/etc", &condition)));
    assert_eq!(doubts(&guest), doubt("error-mount-condition", None));
    let condition = format!("[Unit]\nConditionPathExists=/nowhere\n{UNIT}");
    let guest = with(wanted(unit(root(""), "/etc", &condition)));
    assert_eq!(guest.mounts.mounts, []);
}

#[test]
fn specifiers_are_a_doubt_and_a_unit_that_is_only_wanted_may_fail() {
    let specifier = UNIT.replace("Type=ext4", "Type=ext4\nOptions=x-%H");
    let guest = with(wanted(unit(root(""), "/etc", &specifier)));
    assert_eq!(doubts(&guest), doubt("error-mount-specifier", None));
    // tmp.mount of systemd 257 has `size=50%%`, which is 50 percent.
    let literal = UNIT.replace("Type=ext4", "Type=ext4\nOptions=size=50%%,nr_inodes=1m");
    let guest = with(wanted(unit(root(""), "/etc", &literal)));
    assert_eq!(doubts(&guest), []);
    let gone = "[Mount]\nWhat=/dev/vdb1\nWhere=/data\n";
    for (folder, required) in [
        ("local-fs.target.requires", true),
        ("local-fs.target.wants", false),
    ] {
        let system = root("")
            .file("/etc/systemd/system/data.mount", 0o644, gone)
            .link(
                &format!("/etc/systemd/system/{folder}/data.mount"),
                "../data.mount",
            );
        let guest = with(system);
        let mount = &guest.mounts.mounts[0];
        assert_eq!((&mount.shows, mount.required), (&Shows::Absent, required));
    }
}

#[test]
fn a_file_system_that_is_made_first_is_empty() {
    let blank = volume(2, "", Content::Nothing(Signature::Blank));
    let mounted = |options: &str| {
        let fstab = format!("/dev/vda1 / ext4 defaults 0 1\n/dev/vda2 /opt ext4 {options} 0 2\n");
        let guest = find(&[
            volume(1, "", fs(root(&fstab).file("/opt/x", 0o644, ""))),
            blank.clone(),
        ]);
        guest[0].paths.find(b"/opt/x").map(|at| at.is_some())
    };
    assert_eq!(mounted("x-systemd.makefs"), Ok(false));
    assert!(mounted("defaults").is_err());
}

#[test]
fn usr_on_a_volume_of_its_own_is_there_before_units_are_read() {
    let lib = "/lib/systemd/system";
    let usr = MemoryFs::default()
        .file(&format!("{lib}/default.target"), 0o644, "")
        .file(
            &format!("{lib}/local-fs.target.wants/usr-local.mount"),
            0o644,
            "x",
        )
        .file(
            &format!("{lib}/usr-local.mount"),
            0o644,
            "[Mount]\nWhat=tmpfs\nWhere=/usr/local\nType=tmpfs\n",
        )
        .file("/local/agent", 0o755, "below")
        .uuid("cccc")
        .kind("ext4");
    let system = |fstab: &str| {
        MemoryFs::default()
            .dir("/bin")
            .dir("/usr")
            .file("/etc/os-release", 0o644, "ID=debian\n")
            .file("/etc/fstab", 0o644, fstab)
            .uuid("aaaa")
            .kind("ext4")
    };
    let check = |system: MemoryFs| {
        let volumes = [volume(1, "", fs(system)), volume(2, "", fs(usr.clone()))];
        let guest = find(&volumes).remove(0);
        assert!(
            guest
                .paths
                .find(b"/usr/lib/systemd/system")
                .unwrap()
                .is_some()
        );
        assert_eq!(agent(&guest), None);
        assert!(guest.mounts.doubts.is_empty(), "{:?}", guest.mounts.doubts);
    };
    // `/usr` loses noauto.
    check(system("UUID=cccc /usr ext4 ro,noauto 0 0\n"));
    let unit = "[Mount]\nWhat=/dev/disk/by-uuid/cccc\nWhere=/usr\nType=ext4\n";
    check(system("").file("/etc/systemd/system/usr.mount", 0o644, unit));
}

#[test]
fn arguments_of_the_kernel_mount_too() {
    let volumes = [
        volume(1, "", fs(root("UUID=bbbb /usr/local ext4 defaults 0 0\n"))),
        volume(2, "", fs(data())),
    ];
    let built = |arguments: &[&str]| {
        let mut paths = PathSpace::new(&volumes[0]).unwrap();
        let plan = MountPlan::build(&mut paths, &volumes[0], &volumes, arguments);
        let there = paths.find(b"/usr/local/agent").unwrap().is_some();
        let opt = paths.find(b"/opt/agent").is_ok_and(|at| at.is_some());
        (there, opt, plan)
    };
    let (there, _, plan) = built(&["ro", "quiet", "rootfstype=ext4"]);
    assert!(there && plan.doubts.is_empty());
    assert_eq!(plan.affects_mounts("quiet"), None);
    assert_eq!(plan.affects_mounts("rootfstype=ext3"), None);
    for argument in [
        "fstab=no",
        "systemd.mount-extra=tmpfs:/etc",
        "rootfstype=btrfs",
        "systemd.volatile=yes",
    ] {
        assert!(plan.affects_mounts(argument).is_some(), "{argument}");
    }
    let (there, _, plan) = built(&["fstab=no"]);
    assert!(!there && plan.doubts.is_empty() && plan.affects_mounts("fstab=no").is_none());
    let (there, ..) = built(&["mount.usr=UUID=bbbb", "mount.usrfstype=ext4", "fstab=no"]);
    assert!(!there);
    let (_, opt, plan) = built(&["systemd.mount-extra=UUID=bbbb:/opt:ext4:ro"]);
    assert!(opt && plan.mounts.iter().any(|m| m.origin == Origin::Argument));
    for argument in [
        "systemd.volatile=yes",
        "rootfstype=btrfs",
        "rd.systemd.mount-extra=a:/b",
    ] {
        let (.., plan) = built(&[argument]);
        assert_eq!(&*plan.doubts[0].reason.code, "error-mount-argument");
    }
}

/// systemd-gpt-auto-generator(8): by type, on an empty directory, unless bit 63 is set.
/// The generator writes `Requires=x.service` and `After=x.service` into the unit of such a line.
#[test]
fn lines_pull_units_in() {
    let guest = line(
        "UUID=aaaa / ext4 x-systemd.requires=a.service 0 1\n\
         /swapfile none swap x-systemd.requires=b.service 0 0\n\
         UUID=bbbb /opt ext4 noauto,x-systemd.requires=c.service 0 0\n\
         UUID=bbbb /opt/x ext4 x-systemd.requires=/dev/x 0 0\n",
    );
    let pulls = guest
        .mounts
        .pulls
        .iter()
        .map(|p| (p.fact.as_str(), p.at.line));
    let pulls: Vec<_> = pulls.collect();
    let expected = [
        ("a.service", Some(1)),
        ("b.service", Some(2)),
        // The mount point above is needed, and so is not left out.
        ("opt-x.mount", Some(4)),
        ("opt.mount", Some(3)),
    ];
    assert_eq!(pulls, expected);
    let units = |fstab: &str| {
        let system = root(fstab)
            .file("/usr/lib/systemd/systemd", 0o755, "x")
            .link("/sbin/init", "/usr/lib/systemd/systemd")
            .file(
                "/etc/systemd/system/evil.service",
                0o644,
                "[Service]\nExecStart=/evil\n",
            )
            .file(
                "/etc/systemd/system/opt.mount.d/x.conf",
                0o644,
                "[Unit]\nRequires=evil.service\n",
            );
        let guest = with(system);
        let evidence = crate::evidence::Evidence::new(&guest);
        evidence.linux.start().services.contains_key("evil")
    };
    assert!(!units(""));
    assert!(units(
        "UUID=bbbb /usr/local ext4 x-systemd.requires=evil.service 0 0\n"
    ));
    assert!(units("UUID=bbbb /opt ext4 defaults 0 0\n"));
}

#[test]
fn partitions_are_mounted_by_their_type() {
    let generator = "/usr/lib/systemd/system-generators/systemd-gpt-auto-generator";
    let srv = "3B8F8425-20E0-4F3B-907F-1A25A76F98E8";
    let mounted = |system: MemoryFs, attributes: u64| {
        let mut part = volume(2, srv, fs(data()));
        part.volume.attributes = attributes;
        let guest = find(&[volume(1, "", fs(system)), part]).remove(0);
        guest.paths.find(b"/srv/agent").unwrap().is_some()
    };
    let system = || root("").dir("/srv").file(generator, 0o755, "x");
    assert!(mounted(system(), 0));
    assert!(!mounted(system(), 1 << 63));
    assert!(!mounted(system().file("/srv/x", 0o644, ""), 0));
    assert!(!mounted(root("").dir("/srv"), 0));
    assert!(!mounted(
        system().link(
            "/etc/systemd/system-generators/systemd-gpt-auto-generator",
            "/dev/null"
        ),
        0
    ));
}

#[test]
fn extensions_and_generators_of_ones_own_are_doubts() {
    let system = root("")
        .file(
            "/usr/lib/systemd/system/systemd-sysext.service",
            0o644,
            "[Service]\nExecStart=/x\n",
        )
        .dir("/var/lib/extensions/evil");
    assert!(with(system.clone()).mounts.doubts.is_empty());
    let guest = with(system.link(
        "/etc/systemd/system/sysinit.target.wants/systemd-sysext.service",
        "/x",
    ));
    assert_eq!(doubts(&guest), doubt("error-mount-extension", None));
    let guest = with(root("").file("/etc/systemd/system-generators/x", 0o755, "#!/bin/sh\n"));
    assert_eq!(doubts(&guest), doubt("error-mount-generator", None));
}

#[test]
fn names_of_disks_new_partitions_and_maps_of_the_automounter_are_doubts() {
    let rule = |text: &str| root("").file("/etc/udev/rules.d/1.rules", 0o644, text);
    let usual = "SUBSYSTEM==\"net\", NAME=\"eth0\"\nKERNEL==\"vd*\", SYMLINK+=\"disk0\"\n";
    assert!(with(rule(usual)).mounts.doubts.is_empty());
    let guest = with(rule(
        "# x\nKERNEL==\"vda2\", SYMLINK+=\"disk/by-uuid/aaaa\"\n",
    ));
    assert_eq!(doubts(&guest), doubt("error-mount-udev", 2));
    // udev(7), SYMLINK and substitutions; 60-persistent-storage.rules of systemd 252.
    for names in [
        r#"KERNEL=="vdb", SYMLINK+="disk/$env{X}""#,
        r#"KERNEL=="vdb",SYMLINK+="x %E{X}""#,
        r#"KERNEL=="vdb" SYMLINK:="d%c{1}""#,
        r#"KERNEL=="vdb", ENV{ID_FS_UUID_ENC}="a-b""#,
    ] {
        assert_eq!(
            doubts(&with(rule(names))),
            doubt("error-mount-udev", 1),
            "{names}"
        );
    }
    for harmless in [
        r#"KERNEL=="vdb", SYMLINK+="disk0 disk/azure/$env{X} oracleasm/%E{X} %k-x""#,
        r#"ENV{ID_FS_TYPE}=="ext4", SYMLINK=="disk/by-uuid/*", MODE="0600""#,
    ] {
        assert!(with(rule(harmless)).mounts.doubts.is_empty(), "{harmless}");
    }
    let service = |system: MemoryFs, name: &str| {
        let unit = format!("/usr/lib/systemd/system/{name}.service");
        let link = format!("/etc/systemd/system/sysinit.target.wants/{name}.service");
        system.file(&unit, 0o644, "[Service]\n").link(&link, &unit)
    };
    let repart = |text: &str| {
        service(root(""), "systemd-repart").file("/usr/lib/repart.d/50-root.conf", 0o644, text)
    };
    assert!(
        with(repart("[Partition]\nType=root\n"))
            .mounts
            .doubts
            .is_empty()
    );
    let guest = with(repart("[Partition]\nType=usr\nCopyFiles=/x:/\n"));
    assert_eq!(doubts(&guest), doubt("error-mount-repart", 3));
    let maps = |text: &str| service(root(""), "autofs").file("/etc/auto.master", 0o644, text);
    assert!(
        with(maps("+dir:/etc/auto.master.d\n/misc /etc/auto.misc\n"))
            .mounts
            .doubts
            .is_empty()
    );
    let guest = with(maps("/usr/local /etc/auto.x\n"));
    assert_eq!(doubts(&guest), doubt("error-mount-automounter", 1));
}

#[test]
fn an_overlay_shows_its_layers_together() {
    let fstab = "overlay /usr/local overlay lowerdir=/usr/local:/data,upperdir=/up,workdir=/w 0 0\n\
        UUID=bbbb /data ext4 defaults 0 0\n";
    let system = root(fstab)
        .dir("/data")
        .file("/usr/local/x", 0o644, "below")
        .file("/up/x", 0o644, "upper");
    let guest = with(system);
    let read = |path: &str| guest.paths.read(path.as_bytes(), 100).unwrap().bytes;
    assert_eq!(read("/usr/local/x"), b"upper");
    assert_eq!(read("/usr/local/agent"), b"from the volume");
    assert!(guest.mounts.doubts.is_empty());
}

/// mount(8), "EXTERNAL HELPERS".
#[test]
fn a_helper_that_mounts_in_the_place_of_the_kernel_is_a_doubt() {
    let fstab = "UUID=bbbb /data ext4 defaults 0 0\n";
    let guest = with(root(fstab).file("/sbin/mount.ext4", 0o755, "#!/bin/sh\n"));
    assert_eq!(doubts(&guest), doubt("error-mount-helper", 1));
    // systemd-remount-fs(8) has mount(8) mount the root anew.
    let own = "/dev/vda1 / ext4 defaults 0 1\n";
    let guest = with(root(own).file("/sbin/mount.ext4", 0o755, "#!/bin/sh\n"));
    assert!(doubts(&guest).contains(&doubt("error-mount-helper", 1)[0]));
    let guest = with(root(fstab).file("/sbin/mount.nfs", 0o755, "x"));
    assert!(guest.mounts.doubts.is_empty());
    let guest = line("x /data fuse.evil nofail 0 0\nx /mnt fuse.sshfs nofail 0 0\n");
    assert_eq!(doubts(&guest), doubt("error-mount-helper", 1));
}

/// `mkswap -U bbbbbbbb-… -L data` (2.38) writes both at 1036; blkid and udev name the volume by them.
#[test]
fn swap_space_of_the_same_name_is_a_second_holder() {
    let mut bytes = vec![0; 4096];
    bytes[1036..1052].copy_from_slice(&[0xbb; 16]);
    bytes[1052..1056].copy_from_slice(b"data");
    let mut swap = volume(3, "", Content::Nothing(Signature::Swap));
    swap.volume.data = std::sync::Arc::new(crate::source::MemorySource(bytes));
    let id = "bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb";
    let system = root(&format!("UUID={id} /usr/local ext4 defaults 0 0\n"));
    let volumes = [
        volume(1, "", fs(system)),
        volume(2, "", fs(data().uuid(id))),
        swap,
    ];
    let guest = find(&volumes).remove(0);
    assert!(guest.paths.find(b"/usr/local/agent").is_err());
    let one = find(&volumes[..2]).remove(0);
    assert!(one.paths.find(b"/usr/local/agent").unwrap().is_some());
}

#[test]
fn programs_do_not_start_where_noexec_counts() {
    for (options, kept) in [
        ("noexec", true),
        ("noexec,exec", false),
        ("defaults", false),
    ] {
        let guest = line(&format!("UUID=bbbb /usr/local ext4 {options} 0 2\n"));
        assert_eq!(
            guest.mounts.keeps_from_running("/usr/local/agent"),
            kept,
            "{options}"
        );
        assert!(!guest.mounts.keeps_from_running("/usr/localx"));
    }
}

#[test]
fn a_mount_over_units_that_systemd_has_read_is_a_doubt() {
    let system = root("UUID=bbbb /etc/systemd ext4 defaults 0 0\n").file(
        "/etc/systemd/system/x.service",
        0o644,
        "[Service]\n",
    );
    assert_eq!(doubts(&with(system)), doubt("error-mount-hides-units", 1));
}

/// mount(8), ext4(5).
#[test]
fn options_of_a_judged_mount_that_are_not_usual_are_doubts() {
    let doubts = |fstab: &str| {
        let data = crate::fs::memory::MemoryFs::default()
            .uuid("bbbb")
            .kind("ext4");
        let volumes = [volume(1, "", fs(root(fstab))), volume(2, "", fs(data))];
        find(&volumes).remove(0).mounts.doubts.len()
    };
    for usual in [
        "defaults",
        "noatime,nofail,x-systemd.device-timeout=5",
        "ro,data=ordered",
    ] {
        assert_eq!(doubts(&format!("UUID=bbbb /opt ext4 {usual} 0 2\n")), 0);
    }
    for other in ["sb=32768", "noload", "nosymfollow", "something"] {
        assert_eq!(doubts(&format!("UUID=bbbb /opt ext4 {other} 0 2\n")), 1);
        assert_eq!(doubts(&format!("UUID=bbbb /data ext4 {other} 0 2\n")), 0);
    }
    assert_eq!(doubts("/dev/vda1 / ext4 errors=remount-ro,noload 0 1\n"), 1);
}

#[test]
fn what_can_not_be_read_is_a_gap_where_it_is_judged_or_needed() {
    let gap = || {
        Content::Gap(
            Signature::Xfs,
            Error::unsupported(Layer::Volume, 0, crate::text::Text::verbatim("not read")),
        )
    };
    let gaps = |fstab: &str| {
        let volumes = [
            volume(1, "", fs(root(fstab))),
            volume(3, ESP, fs(esp())),
            volume(2, "", gap()),
        ];
        let guest = find(&volumes).remove(0);
        crate::evidence::gaps::guest_gaps(&guest).len()
    };
    assert_eq!(
        gaps("/dev/vda1 / ext4 defaults 0 1\n/dev/vda2 /usr/local xfs nofail 0 0\n"),
        1
    );
    assert_eq!(gaps("UUID=gone /data ext4 defaults 0 0\n"), 1);
    assert_eq!(gaps("UUID=gone /data ext4 nofail 0 0\n"), 0);
    assert_eq!(gaps("//host/share /data cifs _netdev 0 0\n"), 0);
    assert_eq!(gaps("//host/share /etc/ssh cifs _netdev 0 0\n"), 1);
    // Nothing is at these paths.
    assert_eq!(
        gaps("overlay /opt overlay lowerdir=/a,upperdir=/b,workdir=/c 0 0\n"),
        1
    );
    assert_eq!(gaps("/tmp/x /etc/shadow none bind 0 0\n"), 1);
    assert_eq!(gaps("/nowhere /etc/shadow none bind 0 0\n"), 1);
}
