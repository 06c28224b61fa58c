//! Linux guests in memory for tests of collectors and checks.

use std::collections::BTreeSet;
use std::sync::Arc;

use ::md5::{Digest as _, Md5};

use crate::bytes::hex;
use crate::error::{Error, Layer};
use crate::fs::memory::MemoryFs;
use crate::fs::{Content, FileSystem, Metadata, NodeId, OpenVolume};
use crate::guest::linux::mounts::MountPlan;
use crate::guest::{Family, Guest, Os, PathSpace};
use crate::source::MemorySource;
use crate::volume::Volume;

pub(crate) use super::kernel::{seal, sound_bzimage, sound_bzimage_built, test_bzimage as bzimage};

/// A guest under construction.
pub(crate) struct Build {
    fs: MemoryFs,
    /// The EFI system partition, mounted at `/boot/efi`.
    esp: MemoryFs,
    has_esp: bool,
    /// Further volumes, which nothing mounts.
    more: Vec<MemoryFs>,
    status: Option<String>,
    /// A status file of the test's own.
    own_status: String,
    /// Paths of files.
    files: BTreeSet<String>,
    /// Packages whose lists are lost.
    unlisted: Vec<String>,
    missing: Vec<String>,
}

pub(crate) fn md5(bytes: &[u8]) -> String {
    hex(&Md5::digest(bytes))
}

/// A static program for x86-64 that exits at once, of `len` bytes. Where that is too few for one,
/// the first bytes of such a program.
pub(crate) fn elf(len: usize) -> Vec<u8> {
    // xor edi, edi; mov eax, 60; syscall
    let code = [0x31, 0xff, 0xb8, 60, 0, 0, 0, 0x0f, 0x05];
    let whole = len.max(120 + code.len());
    let mut b = b"\x7fELF\x02\x01\x01".to_vec();
    b.resize(16, 0);
    b.extend(2u16.to_le_bytes());
    b.extend(62u16.to_le_bytes());
    b.extend(1u32.to_le_bytes());
    b.extend(0x40_0078u64.to_le_bytes());
    b.extend(64u64.to_le_bytes());
    b.extend(0u64.to_le_bytes());
    b.extend(0u32.to_le_bytes());
    for half in [64u16, 56, 1, 0, 0, 0] {
        b.extend(half.to_le_bytes());
    }
    b.extend(1u32.to_le_bytes());
    b.extend(5u32.to_le_bytes());
    for long in [0, 0x40_0000, 0x40_0000, whole as u64, whole as u64, 0x1000] {
        b.extend(long.to_le_bytes());
    }
    b.extend(code);
    b.resize(len, 0);
    b
}

/// Applets of busybox of Debian 12.
pub(crate) const NAMES: &[&str] = &[
    "[", "[[", "ash", "awk", "base64", "basename", "bc", "cat", "chmod", "chroot", "cp", "cut",
    "date", "dd", "init", "kill", "ls", "modprobe", "mount", "sh", "umount", "wget",
];

/// A busybox with `names` for its applets.
pub(crate) fn busybox(names: &[&str]) -> Vec<u8> {
    let mut b = elf(100);
    b.extend(b"\0BusyBox v1.35.0 (Debian)\0zz\0aa\0");
    for name in names {
        b.extend(name.bytes());
        b.push(0);
    }
    b.extend(b"Usage: %s\0b\0c\0");
    b
}

/// A bzImage with a packed kernel in it, which has no keys for modules.
pub(crate) fn keyless(release: &str) -> Vec<u8> {
    let mut image = bzimage(&format!("{release} (debian) #1 SMP"), b"");
    image[0x1F1] = 1;
    image[0x206..0x208].copy_from_slice(&0x20F_u16.to_le_bytes());
    let kernel = format!("\x7fELF Linux version {release} (x)\n");
    let mut packed = zstd::bulk::compress(kernel.as_bytes(), 3).unwrap();
    packed.extend((kernel.len() as u32).to_le_bytes());
    image[0x24C..0x250].copy_from_slice(&(packed.len() as u32).to_le_bytes());
    image.extend(packed);
    image
}

/// An unsigned kernel module: an ELF object with `.modinfo`.
pub(crate) fn ko(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut info: Vec<u8> = Vec::new();
    for (key, value) in fields {
        info.extend(format!("{key}={value}\0").bytes());
    }
    object(&[
        (".modinfo", 1, 0, &info),
        (".gnu.linkonce.this_module", 1, 0, b"this"),
    ])
}

/// An ELF object of these sections: name, type, the section that it refers to, and content.
pub(crate) fn object(sections: &[(&str, u8, u8, &[u8])]) -> Vec<u8> {
    let mut names = vec![0];
    let mut b = vec![0; 64];
    b[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    b[16] = 1;
    b[18] = 62;
    let mut headers = vec![0; 64];
    let all: String = sections
        .iter()
        .map(|(name, ..)| format!("{name}\0"))
        .collect();
    let all = format!("\0{all}.shstrtab\0");
    let last = (".shstrtab", 3, 0, all.as_bytes());
    for (name, kind, link, data) in sections.iter().copied().chain([last]) {
        let mut h = vec![0; 64];
        h[..4].copy_from_slice(&(names.len() as u32).to_le_bytes());
        h[4] = kind;
        h[24..32].copy_from_slice(&(b.len() as u64).to_le_bytes());
        h[32..40].copy_from_slice(&(data.len() as u64).to_le_bytes());
        h[40] = link;
        headers.extend(h);
        b.extend_from_slice(data);
        names.extend(name.bytes().chain([0]));
    }
    let at = b.len() as u64;
    b[40..48].copy_from_slice(&at.to_le_bytes());
    b[58] = 64;
    b[60] = sections.len() as u8 + 2;
    b[62] = sections.len() as u8 + 1;
    b.extend(headers);
    b
}

/// The module `name` of the kernel `release`, as kernels of Debian have them.
pub(crate) fn ko_of(release: &str, name: &str) -> Vec<u8> {
    let magic = format!("{release} SMP preempt mod_unload modversions ");
    ko(&[
        ("name", name),
        ("intree", "Y"),
        ("license", "GPL"),
        ("vermagic", &magic),
    ])
}

impl Build {
    /// Files that the package `name` brings.
    pub(crate) fn owned(self, name: &str, files: &[(&str, u32, &[u8])]) -> Self {
        let info = format!("/var/lib/dpkg/info/{name}");
        let list: String = files.iter().map(|(path, ..)| format!("{path}\n")).collect();
        let sums = files
            .iter()
            .map(|(path, _, data)| format!("{}  {}\n", md5(data), path.trim_start_matches('/')));
        let sums: String = sums.collect();
        let mut build = self
            .package(name, "1-1")
            .file(&format!("{info}.list"), 0o644, list)
            .file(&format!("{info}.md5sums"), 0o644, sums);
        for (path, mode, data) in files {
            build = build.file(path, *mode, *data);
        }
        build
    }

    /// A root without a package database.
    pub(crate) fn bare() -> Self {
        let fs = MemoryFs::default()
            .file("/etc/os-release", 0o644, "ID=debian\nVERSION_ID=12\n")
            .file("/etc/passwd", 0o644, "root:x:0:0:root:/root:/bin/bash\n")
            .file("/etc/shadow", 0o640, "root:*:19000:0:99999:7:::\n")
            .file("/etc/group", 0o644, "root:x:0:\nsudo:x:27:\n")
            .dir("/usr/bin")
            .dir("/root");
        Self {
            fs,
            esp: MemoryFs::new(true).kind("fat32").uuid("ESP0-0000"),
            has_esp: false,
            more: Vec::new(),
            status: None,
            own_status: String::new(),
            files: BTreeSet::new(),
            unlisted: Vec::new(),
            missing: Vec::new(),
        }
    }

    /// A root with an empty dpkg database.
    pub(crate) fn debian() -> Self {
        Self {
            status: Some(String::new()),
            ..Self::bare()
        }
    }

    pub(crate) fn file(mut self, path: &str, mode: u32, data: impl Into<Vec<u8>>) -> Self {
        let data = data.into();
        if path == "/var/lib/dpkg/status" {
            self.status = None;
            self.own_status = String::from_utf8_lossy(&data).into_owned();
        }
        self.files.insert(path.to_owned());
        if let Some(path) = path.strip_prefix("/boot/efi/") {
            self.esp = self.esp.file(&format!("/{path}"), mode, data);
            self.fs = self.fs.dir("/boot/efi");
            self.has_esp = true;
            return self;
        }
        self.fs = self.fs.file(path, mode, data);
        self
    }

    /// A volume that nothing mounts: `p3` and on.
    pub(crate) fn volume(mut self, fs: MemoryFs) -> Self {
        self.more.push(fs);
        self
    }

    pub(crate) fn link(mut self, path: &str, target: &str) -> Self {
        self.fs = self.fs.link(path, target);
        self
    }

    pub(crate) fn dir(mut self, path: &str) -> Self {
        self.fs = self.fs.dir(path);
        self
    }

    pub(crate) fn with(mut self, path: &str, change: impl FnOnce(&mut Metadata)) -> Self {
        self.fs = self.fs.with(path, change);
        self
    }

    /// What is below `path` can't be read.
    pub(crate) fn missing(mut self, path: &str) -> Self {
        self.missing.push(path.into());
        self
    }

    /// An installed package without files.
    pub(crate) fn package(mut self, name: &str, version: &str) -> Self {
        let status = self.status.get_or_insert_with(String::new);
        status.push_str(&format!(
            "Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\n"
        ));
        self
    }

    /// The list of files of `package` is lost.
    pub(crate) fn unlisted(mut self, package: &str) -> Self {
        self.unlisted.push(package.into());
        self
    }

    /// The kernel package of `release` with its image in `/boot`.
    pub(crate) fn kernel(self, release: &str, image: &[u8]) -> Self {
        let name = format!("linux-image-{release}");
        let info = format!("/var/lib/dpkg/info/{name}");
        self.package(&name, "1-1")
            .file(
                &format!("{info}.list"),
                0o644,
                format!("/.\n/boot\n/boot/vmlinuz-{release}\n"),
            )
            .file(
                &format!("{info}.md5sums"),
                0o644,
                format!("{}  boot/vmlinuz-{release}\n", md5(image)),
            )
            .file(&format!("/boot/vmlinuz-{release}"), 0o644, image)
    }
}

/// A partition of a GPT.
fn open(number: u32, kind: &str, fs: Arc<dyn FileSystem>) -> OpenVolume {
    OpenVolume {
        volume: Volume {
            name: format!("p{number}"),
            number,
            offset: u64::from(number) << 30,
            len: 1 << 30,
            kind: kind.into(),
            label: None,
            part_uuid: Some(format!("00000000-0000-0000-0000-{number:012}")),
            bootable: false,
            attributes: 0,
            data: Arc::new(MemorySource(Vec::new())),
        },
        content: Content::FileSystem(fs),
        also: Vec::new(),
    }
}

/// The guest that was built.
pub(crate) fn guest(build: Build) -> Guest {
    let mut fs = build.fs;
    let status = build.status.as_ref().unwrap_or(&build.own_status);
    // dpkg keeps a list for each package, also for one without files.
    for package in status.lines().filter_map(|l| l.strip_prefix("Package: ")) {
        let list = format!("/var/lib/dpkg/info/{package}.list");
        if !build.files.contains(&list) && !build.unlisted.iter().any(|p| p == package) {
            fs = fs.file(&list, 0o644, "/.\n");
        }
    }
    if let Some(status) = build.status {
        fs = fs.file("/var/lib/dpkg/status", 0o644, status);
    }
    let root: Arc<dyn FileSystem> = Arc::new(fs.uuid("root-uuid"));
    let mut paths = PathSpace::from_fs("p1", Arc::clone(&root), NodeId(0));
    let mut volumes = vec![open(1, "0FC63DAF-8483-4772-8E79-3D69D8477DE4", root)];
    if build.has_esp {
        let esp: Arc<dyn FileSystem> = Arc::new(build.esp);
        paths.mount(b"/boot/efi", "p2", Arc::clone(&esp));
        volumes.push(open(2, "C12A7328-F81F-11D2-BA4B-00A0C93EC93B", esp));
    }
    for (i, fs) in build.more.into_iter().enumerate() {
        let kind = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";
        volumes.push(open(3 + u32::try_from(i).unwrap(), kind, Arc::new(fs)));
    }
    // What can't be read below a mount point can't be read on its volume either.
    if build.missing.iter().any(|m| m == "/boot") {
        volumes.clear();
    }
    paths.set_volumes(&volumes);
    for path in &build.missing {
        paths.mark_unavailable(
            path.as_bytes(),
            Error::unsupported(
                Layer::Guest,
                None,
                crate::text::Text::verbatim("not in the image"),
            ),
        );
    }
    Guest {
        family: Family::Linux,
        os: Os {
            id: Some("debian".into()),
            architecture: Some("x86_64".into()),
            ..Os::default()
        },
        root_volume: "p1".into(),
        paths,
        mounts: MountPlan::default(),
        problems: Vec::new(),
        disk: None,
    }
}
