//! Linux guests in memory for tests of collectors and checks.

use std::sync::Arc;

use ::md5::{Digest as _, Md5};

use crate::bytes::hex;
use crate::error::{Error, Layer};
use crate::fs::memory::MemoryFs;
use crate::fs::{Metadata, NodeId};
use crate::guest::{Family, Guest, Os, PathSpace};

pub(crate) use super::kernels::test_bzimage as bzimage;

/// A guest under construction.
pub(crate) struct Build {
    fs: MemoryFs,
    status: Option<String>,
    missing: Vec<String>,
}

pub(crate) fn md5(bytes: &[u8]) -> String {
    hex(&Md5::digest(bytes))
}

/// A minimal ELF file for x86-64 of `len` bytes.
pub(crate) fn elf(len: usize) -> Vec<u8> {
    let mut b = b"\x7fELF\x02\x01\x01".to_vec();
    b.resize(18, 0);
    b.extend(62u16.to_le_bytes());
    b.resize(len.max(64), 0);
    b
}

impl Build {
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
            status: None,
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
        if path == "/var/lib/dpkg/status" {
            self.status = None;
        }
        self.fs = self.fs.file(path, mode, data);
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

/// The guest that was built.
pub(crate) fn guest(build: Build) -> Guest {
    let mut fs = build.fs;
    if let Some(status) = build.status {
        fs = fs.file("/var/lib/dpkg/status", 0o644, status);
    }
    let mut paths = PathSpace::from_fs("p1", Arc::new(fs.uuid("root-uuid")), NodeId(0));
    for path in &build.missing {
        paths.mark_unavailable(
            path.as_bytes(),
            Error::unsupported(Layer::Guest, None, "not in the image"),
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
        problems: Vec::new(),
    }
}
