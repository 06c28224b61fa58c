//! Chains from the firmware to a configuration, with programs that hold what tells them apart.

use super::super::{Plan, PlanFile, plan};
use crate::evidence::Location;
use crate::evidence::linux::boot::menu::Firmware;
use crate::evidence::linux::testing::{Build, guest};
use crate::fs::memory::MemoryFs;

/// A PE32+ image for x86-64 with these sections (Microsoft "PE Format").
fn pe(sections: &[(&str, &[u8])]) -> Vec<u8> {
    let headers = 64 + 24 + 112 + 40 * sections.len();
    let mut b = vec![0; headers];
    b[..2].copy_from_slice(b"MZ");
    b[60] = 64;
    b[64..68].copy_from_slice(b"PE\0\0");
    b[68..70].copy_from_slice(&0x8664_u16.to_le_bytes());
    b[70] = sections.len() as u8;
    b[84] = 112;
    b[88..90].copy_from_slice(&0x20B_u16.to_le_bytes());
    b[88 + 60..88 + 64].copy_from_slice(&(headers as u32).to_le_bytes());
    b[88 + 68] = 10;
    for (i, (name, data)) in sections.iter().enumerate() {
        let at = 200 + 40 * i;
        b[at..at + name.len()].copy_from_slice(name.as_bytes());
        let start = b.len() as u32;
        b[at + 8..at + 12].copy_from_slice(&(data.len() as u32).to_le_bytes());
        b[at + 16..at + 20].copy_from_slice(&(data.len() as u32).to_le_bytes());
        b[at + 20..at + 24].copy_from_slice(&start.to_le_bytes());
        b.extend_from_slice(data);
    }
    b
}

/// A GRUB of `vendor` with a prefix and commands that run first (`include/grub/kernel.h`).
fn grub(vendor: &str, prefix: &str, config: &str) -> Vec<u8> {
    let mut mods = b"mimg\0\0\0\0".to_vec();
    mods.extend(24_u64.to_le_bytes());
    mods.extend([0; 8]);
    for (kind, text) in [(2_u32, config), (3, prefix)] {
        if text.is_empty() {
            continue;
        }
        let data = [text.as_bytes(), b"\0"].concat();
        mods.extend(kind.to_le_bytes());
        mods.extend((data.len() as u32 + 8).to_le_bytes());
        mods.extend(data);
    }
    let size = mods.len() as u64;
    mods[16..24].copy_from_slice(&size.to_le_bytes());
    let sbat =
        format!("sbat,1,SBAT Version,sbat,1,x\ngrub,4,x,grub,2,x\ngrub.{vendor},1,x,grub2,2,x\n");
    pe(&[("mods", &mods), (".sbat", sbat.as_bytes())])
}

fn entry(kernel: &str) -> String {
    format!("menuentry A {{ linux (hd0,gpt1){kernel}; }}\n")
}

fn disk() -> Build {
    Build::bare()
        .file("/a", 0o644, "a")
        .file("/b", 0o644, "b")
        .file("/c", 0o644, "c")
}

fn of(build: Build) -> Plan {
    let built = guest(build);
    plan(built.paths.volumes(), None)
}

#[track_caller]
fn starts(build: Build, wanted: &str) {
    let plan = of(build);
    let doubts: Vec<&str> = plan.doubts.iter().map(|d| d.fact.en.as_str()).collect();
    assert_eq!(doubts, Vec::<&str>::new());
    match &plan.entries[plan.default.unwrap()].fact.kernel {
        Some(PlanFile::On(file)) => assert_eq!(file.path, wanted),
        other => panic!("{other:?}"),
    }
}

fn paths(places: &[Location]) -> Vec<&str> {
    let paths = places.iter().filter_map(|at| at.path.as_deref());
    paths.collect()
}

fn esp(build: Build, path: &str, data: impl Into<Vec<u8>>) -> Build {
    build.file(&format!("/boot/efi/EFI{path}"), 0o644, data)
}

/// Rule 3.6i: grub-core/commands/blsuki.c of GRUB 2.14. A boot of Debian's 2.14-4 read no entry files of
/// `/boot/loader/entries`; its 2.06 has no such command, and its signed image has no such module built in.
#[test]
fn entry_files_of_debian_are_those_of_the_root_of_a_volume() {
    let boot = |vendor: &str, set: &str, folder: &str| {
        let script =
            format!("set root=hd0,gpt1\n{set}blscfg\nmenuentry B {{ linux /b; }}\nset default=0\n");
        let build = esp(disk(), "/debian/grub.cfg", script);
        let first = match vendor {
            "debian" => "normal (memdisk)/grub.cfg",
            _ => "",
        };
        let program = grub(vendor, "/EFI/debian", first);
        esp(build, "/BOOT/BOOTX64.EFI", program).file(
            &format!("{folder}/x.conf"),
            0o644,
            "linux /a\noptions ro\n",
        )
    };
    let usual = "/boot/loader/entries";
    starts(boot("debian", "", usual), "/b");
    starts(boot("fedora", "", usual), "/a");
    starts(boot("debian", "set blsdir=/other\n", "/other"), "/b");
    // Whether the command is there is known to the boot alone.
    let plan = of(boot("debian", "", "/loader/entries"));
    assert!(!plan.doubts.is_empty());
    let started = plan.entries.iter().filter_map(|e| match &e.fact.kernel {
        Some(PlanFile::On(file)) => Some(file.path.as_str()),
        _ => None,
    });
    let started: Vec<&str> = started.collect();
    // The kernel is told its name without a device, as the boot showed.
    let names: Vec<&str> = plan
        .entries
        .iter()
        .map(|e| e.fact.starts.as_str())
        .collect();
    assert!(names.contains(&"/a"), "{names:?}");
    assert!(
        started.contains(&"/a") && started.contains(&"/b"),
        "{started:?}"
    );
}

/// Rules 2.1, 3.1a to 3.1d: the configuration that the very binary reads, not one that lies about.
#[test]
fn a_grub_reads_from_its_own_prefix() {
    let memory_disk = "normal (memdisk)/grub.cfg";
    let base = || {
        let build = esp(disk(), "/debian/grub.cfg", entry("/a"));
        esp(build, "/BOOT/grub.cfg", entry("/b"))
    };
    let boot = |build, program| esp(build, "/BOOT/BOOTX64.EFI", program);
    starts(
        boot(base(), grub("debian", "/EFI/debian", memory_disk)),
        "/a",
    );
    // The folder of the platform comes first there.
    let more = esp(base(), "/debian/x86_64-efi/grub.cfg", entry("/c"));
    starts(boot(more, grub("debian", "/EFI/debian", memory_disk)), "/c");
    // GRUB as its authors publish it knows no such folder.
    let more = esp(base(), "/debian/x86_64-efi/grub.cfg", entry("/c"));
    starts(boot(more, grub("x", "/EFI/debian", "")), "/a");
    // Fedora's looks beside itself first (T7).
    starts(boot(base(), grub("rh", "/EFI/debian", "")), "/b");
    let beside = esp(disk(), "/debian/grub.cfg", entry("/a"));
    starts(boot(beside, grub("fedora", "/EFI/debian", "")), "/a");
    // Built-in commands come before any file.
    let built_in = "search.fs_uuid root-uuid root\nset prefix=($root)/boot/grub\n";
    let build = base().file("/boot/grub/grub.cfg", 0o600, entry("/c"));
    starts(boot(build, grub("x", "/EFI/debian", built_in)), "/c");
    let loads = "set root=hd0,gpt1\nlinux /c\nboot\n";
    starts(boot(base(), grub("x", "/EFI/debian", loads)), "/c");
    // Without a prefix it is the folder of the program.
    starts(boot(base(), grub("x", "", "")), "/b");
    // A memory disk's configuration is known of Debian's only.
    let other = of(boot(base(), grub("x", "/EFI/debian", memory_disk)));
    assert!(!other.doubts.is_empty());
}

/// Rule 2.1: a program that is not known may start anything.
#[test]
fn an_unknown_program_is_a_doubt() {
    let build = esp(disk(), "/debian/grub.cfg", entry("/a"));
    let plan = of(esp(build, "/BOOT/BOOTX64.EFI", pe(&[(".text", b"x")])));
    assert!(!plan.doubts.is_empty());
    // One under another name is not started on a machine without variables.
    let build = esp(disk(), "/debian/grub.cfg", entry("/a"));
    let build = esp(build, "/BOOT/BOOTX64.EFI", grub("x", "/EFI/debian", ""));
    starts(esp(build, "/x/x.efi", pe(&[(".text", b"x")])), "/a");
}

/// Rules 2.2 and 2.2a: shim's second stage from its own folder, or what the first list names.
#[test]
fn shim_starts_the_fallback_program_or_its_second_stage() {
    let shim = || shim_of("shim");
    let list = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let base = || {
        let build = esp(disk(), "/one/grub.cfg", entry("/a"));
        let build = esp(build, "/two/grub.cfg", entry("/b"));
        let build = esp(build, "/BOOT/BOOTX64.EFI", shim());
        let build = esp(build, "/one/grubx64.efi", grub("x", "/EFI/one", ""));
        esp(build, "/two/grubx64.efi", grub("x", "/EFI/two", ""))
    };
    let second = esp(base(), "/BOOT/grubx64.efi", grub("x", "/EFI/two", ""));
    starts(second, "/b");
    let fallback = pe(&[
        (
            ".sbat",
            b"sbat,1,SBAT Version,sbat,1,x\nshim,4,x,shim,1,x\n",
        ),
        (".data", b"B\0O\0O\0T\0.\0C\0S\0V\0"),
    ]);
    let with = |build, lines: &str| {
        let build = esp(build, "/BOOT/fbx64.efi", fallback.clone());
        let build = esp(build, "/one/shimx64.efi", shim());
        esp(build, "/one/BOOTX64.CSV", list(lines))
    };
    let second = || esp(base(), "/BOOT/grubx64.efi", grub("x", "/EFI/two", ""));
    starts(with(second(), "shimx64.efi,x,,y\n"), "/a");
    // Every program and every file on the way is told, in order.
    let plan = of(with(second(), "shimx64.efi,x,,y\n"));
    let [way] = plan.ways.as_slice() else {
        panic!("{:?}", plan.ways);
    };
    assert_eq!(way.firmware, Some(Firmware::Uefi));
    assert_eq!(
        paths(&way.programs),
        [
            "/EFI/BOOT/BOOTX64.EFI",
            "/EFI/BOOT/fbx64.efi",
            "/EFI/one/shimx64.efi",
            "/EFI/one/grubx64.efi"
        ]
    );
    assert_eq!(
        paths(&way.configs),
        ["/EFI/one/BOOTX64.CSV", "/EFI/one/grub.cfg"]
    );
    let [start] = way.next.as_slice() else {
        panic!("{:?}", way.next);
    };
    assert_eq!((start.at.line, way.later.len()), (Some(1), 1));
    // Options name another program.
    let plan = of(with(base(), "shimx64.efi,x,\\EFI\\two\\x.efi,y\n"));
    assert!(!plan.doubts.is_empty());
    // A line behind those that are followed may start.
    let mut lines = "there_is_none.efi,x,,y\n".repeat(16);
    lines.push_str("\\..\\two\\grubx64.efi,x,,y\n");
    assert!(!of(with(base(), &lines)).doubts.is_empty());
    // Two lines may both start.
    let plan = of(with(
        base(),
        "shimx64.efi,x,,y\n\\..\\two\\grubx64.efi,x,,y\n",
    ));
    assert!(!plan.doubts.is_empty());
}

fn shim_of(component: &str) -> Vec<u8> {
    let sbat = format!("sbat,1,SBAT Version,sbat,1,x\n{component},4,x,shim,1,x\n");
    let mut image = pe(&[(".sbat", sbat.as_bytes()), ("/4", b"x")]);
    // A section name of more than eight bytes stands in the string table.
    let table = image.len() as u32;
    image[64 + 12..64 + 16].copy_from_slice(&table.to_le_bytes());
    image.extend(17_u32.to_le_bytes());
    image.extend(b".vendor_cert\0");
    image
}

/// Rule 2.1a: two volumes that firmware reads.
#[test]
fn two_partitions_with_a_loader_count_both() {
    let with = |kernel: &str| {
        let other = MemoryFs::new(true)
            .kind("fat32")
            .file("/EFI/BOOT/BOOTX64.EFI", 0o644, grub("x", "/EFI/x", ""))
            .file("/EFI/x/grub.cfg", 0o644, entry(kernel));
        let build = esp(disk(), "/BOOT/BOOTX64.EFI", grub("x", "/EFI/x", ""));
        esp(build, "/x/grub.cfg", entry("/a")).volume(other)
    };
    starts(with("/a"), "/a");
    let plan = of(with("/b"));
    assert!(!plan.doubts.is_empty());
    assert!(plan.entries.iter().any(|e| e.fact.starts.ends_with("/b")));
}

/// Rules 4.1a to 4.2e.
#[test]
fn systemd_boot_reads_its_own_volume() {
    let loader = || pe(&[(".text", b"#### LoaderInfo: systemd-boot 255 ####")]);
    let with = |files: &[(&str, &str)]| {
        let mut build = esp(disk(), "/BOOT/BOOTX64.EFI", loader())
            .file("/boot/efi/k1", 0o644, "k")
            .file("/boot/efi/k2", 0o644, "k");
        for (path, text) in files {
            build = build.file(&format!("/boot/efi/loader/{path}"), 0o644, *text);
        }
        build
    };
    // Without loader.conf the first entry starts; the newest id is the first.
    starts(
        with(&[
            ("entries/a-1.conf", "linux /k1\n"),
            ("entries/a-2.conf", "linux /k2\n"),
        ]),
        "/k2",
    );
    // Entries beyond those that are read are told once.
    let mut many = with(&[]);
    for i in 0..1003 {
        let path = format!("/boot/efi/loader/entries/a-{i}.conf");
        many = many.file(&path, 0o644, "linux /k1\n");
    }
    assert_eq!(of(many).gaps.len(), 1);
    // An entry whose loader is not there is left out (T12).
    starts(
        with(&[
            ("entries/a-1.conf", "linux /k1\n"),
            ("entries/a-2.conf", "linux /none\n"),
        ]),
        "/k1",
    );
    // One with a sort key comes first.
    starts(
        with(&[
            ("entries/a-1.conf", "linux /k1\nsort-key z\n"),
            ("entries/a-2.conf", "linux /k2\n"),
        ]),
        "/k1",
    );
    // The last of two counts, and lines end at CR.
    starts(with(&[("entries/a.conf", "linux /k1\rlinux /k2\r")]), "/k2");
    starts(
        with(&[
            ("loader.conf", "default a-1.conf\n"),
            ("entries/a-1.conf", "linux /k1\n"),
            ("entries/a-2.conf", "linux /k2\n"),
        ]),
        "/k1",
    );
    let plan = of(with(&[(
        "entries/a.conf",
        "linux /k1\noptions a\ninitrd /i1\noptions b c\ninitrd /i2\n",
    )]));
    let fact = &plan.entries[0].fact;
    assert_eq!(fact.arguments, b"a b c");
    assert_eq!(fact.initrds.len(), 2);
    // A counter runs out, and then another entry is the first (T11).
    let plan = of(with(&[
        ("entries/a-1.conf", "linux /k1\n"),
        ("entries/a-2+1.conf", "linux /k2\n"),
    ]));
    assert!(plan.one_shot.is_some());
}
