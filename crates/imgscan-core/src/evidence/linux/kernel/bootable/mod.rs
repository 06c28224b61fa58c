//! Kernels: the images that a boot loader could start.

mod image;

use std::collections::BTreeMap;

use md5::{Digest as _, Md5};
use sha2::Sha256;

pub use image::KernelFormat;
#[cfg(test)]
pub(crate) use image::{seal, sound_bzimage, sound_bzimage_built, test_bzimage};

use crate::bytes::hex;
use crate::error::{Error, Layer, Result};
use crate::evidence::linux::packages::{self, FileDigest, Owner, Packages};
use crate::evidence::linux::reader::{Reader, base, join};
use crate::evidence::{Found, Gap, Location};
use crate::fs::{FileKind, NodeId};
use crate::guest::Located;
use crate::text::lossless;
use crate::trust::DigestKind;

/// A kernel image.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Kernel {
    /// Its path in the guest, links followed.
    pub path: String,
    /// Other names that lead to it by links.
    pub links: Vec<String>,
    /// What sort of image.
    pub format: KernelFormat,
    /// The version banner of the image (`6.1.0-50-amd64 (debian-kernel@…) #1 SMP …`).
    pub banner: Option<String>,
    /// The release: first word of the banner (`6.1.0-50-amd64`).
    pub release: Option<String>,
    /// Size in bytes.
    pub bytes: u64,
    /// Lower-case hexadecimal SHA-256.
    pub sha256: String,
    /// Lower-case hexadecimal MD5, for comparing with package databases only.
    pub md5: String,
    /// Its package.
    pub owner: Owner,
}

/// The kernels of a guest.
#[derive(Debug, Clone, Default)]
pub struct Kernels {
    /// The kernels, by path.
    pub items: Vec<Found<Kernel>>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

impl Kernels {
    /// The kernel that `path` leads to.
    #[must_use]
    pub fn at_path(&self, path: &str) -> Option<&Found<Kernel>> {
        self.items
            .iter()
            .find(|k| k.fact.path == path || k.fact.links.iter().any(|l| l == path))
    }

    /// The kernel of a package that `kernel`, which no package owns, is a copy of.
    #[must_use]
    pub fn packaged_twin(&self, kernel: &Found<Kernel>) -> Option<&Found<Kernel>> {
        if kernel.fact.owner != Owner::Nobody {
            return None;
        }
        self.items.iter().find(|other| {
            other.fact.sha256 == kernel.fact.sha256 && matches!(other.fact.owner, Owner::Package(_))
        })
    }
}

/// Names that kernel images have in `/boot`.
fn is_kernel_name(name: &[u8]) -> bool {
    let begins = ["vmlinuz", "vmlinux", "bzImage", "Image", "kernel", "xen"];
    begins.iter().any(|b| name.starts_with(b.as_bytes())) && !ends_as_companion(name)
}

/// Files beside a kernel that share its name.
fn ends_as_companion(name: &[u8]) -> bool {
    let ends = [
        ".hmac",
        ".sig",
        ".cfg",
        ".config",
        ".sha512hmac",
        ".efi.extra.d",
        ".old.cfg",
    ];
    ends.iter().any(|e| name.ends_with(e.as_bytes()))
}

/// The kernels in the usual places and those at `booted`, the paths that boot entries name.
pub(in crate::evidence::linux) fn collect(
    reader: &Reader<'_>,
    packages: &Packages,
    booted: &[String],
) -> Kernels {
    let mut all = Kernels::default();
    let mut paths: Vec<Vec<u8>> = Vec::new();
    let in_boot = reader.children(b"/boot", &mut all.gaps);
    paths.extend(in_boot.into_iter().filter(|p| is_kernel_name(base(p))));
    let modules = reader.find(b"/lib/modules", &mut all.gaps);
    let modules = modules.map_or_else(Vec::new, |at| reader.children(&at.path, &mut all.gaps));
    paths.extend(modules.iter().map(|dir| join(dir, b"vmlinuz")));
    for esp in ["/boot/efi", "/efi", "/boot"] {
        let folder = format!("{esp}/EFI/Linux");
        let images = reader.children(folder.as_bytes(), &mut all.gaps);
        paths.extend(
            images
                .into_iter()
                .filter(|p| p.to_ascii_lowercase().ends_with(b".efi")),
        );
    }
    paths.extend([b"/vmlinuz".to_vec(), b"/vmlinuz.old".to_vec()]);
    paths.extend(booted.iter().map(|p| p.clone().into_bytes()));

    covered(reader, &mut all);
    let mut seen: BTreeMap<(String, NodeId), Names> = BTreeMap::new();
    for path in paths {
        let Some(at) = reader.find(&path, &mut all.gaps) else {
            continue;
        };
        if at.metadata.kind != FileKind::Regular {
            continue;
        }
        let shown = lossless(&path);
        let key = (at.volume.clone(), at.id);
        let real = at.path_text();
        let names = seen.entry(key).or_insert_with(|| Names::of(at));
        if real != names.at.path_text() && !names.others.contains(&real) {
            names.others.push(real);
        }
        if shown != names.at.path_text() && !names.links.contains(&shown) {
            names.links.push(shown);
        }
    }
    for mut names in seen.into_values() {
        names.links.sort();
        let at = names.at.clone();
        match kernel(reader, packages, names) {
            Ok(kernel) => {
                let mut location = Location::of(&at);
                location.sha256 = Some(kernel.sha256.clone());
                all.items.push(Found {
                    fact: kernel,
                    at: location,
                });
            }
            Err(e) => all.gaps.push(Gap::new(Location::of(&at), &e)),
        }
    }
    all.items.sort_by(|a, b| a.fact.path.cmp(&b.fact.path));
    all
}

/// Kernels in the root volume's own `/boot` where another volume or folder is mounted over it: a
/// boot loader knows nothing of mounts and may start them.
fn covered(reader: &Reader<'_>, all: &mut Kernels) {
    let is_boot = |(at, _): &(String, String)| at == "/boot";
    if !reader.paths().mounts().iter().any(is_boot) {
        return;
    }
    let alone = reader.paths().root_alone();
    let below = Reader::new(&alone);
    for path in below.children(b"/boot", &mut all.gaps) {
        if !is_kernel_name(base(&path)) {
            continue;
        }
        if let Some(at) = below.find(&path, &mut all.gaps)
            && at.metadata.kind == FileKind::Regular
        {
            let why = Error::unsupported(Layer::Guest, None, say!(error_kernel_hidden));
            all.gaps.push(Gap::new(Location::of(&at), &why));
        }
    }
}

/// A file and its names.
struct Names {
    at: Located,
    /// Paths that lead to it.
    links: Vec<String>,
    /// Its other names as a file: hard links.
    others: Vec<String>,
}

impl Names {
    fn of(at: Located) -> Self {
        Self {
            at,
            links: Vec::new(),
            others: Vec::new(),
        }
    }
}

fn kernel(reader: &Reader<'_>, packages: &Packages, names: Names) -> Result<Kernel> {
    let Names { at, links, others } = names;
    let data = at.open()?;
    let (format, banner) = image::read(data.as_ref())?;
    let (sha256, md5) = digests(data.as_ref())?;
    let path = at.path_text();
    let release = banner
        .as_deref()
        .and_then(|b| b.split_whitespace().next())
        .map(str::to_owned);
    let likely = |name: &str| {
        name.starts_with("linux-") || name.contains("kernel") || name.contains("vmlinu")
    };
    let mut owner = packages::owner(reader, packages, &path, likely);
    // A kernel's package may bring it under another name, and link it into /boot.
    for other in others {
        if owner == Owner::Nobody {
            owner = packages::owner(reader, packages, &other, likely);
        }
    }
    if let Owner::Package(recorded) = &mut owner
        && let Some(kind) = recorded.digest.as_ref().map(|d| d.kind)
    {
        recorded.actual = Some(match kind {
            DigestKind::Sha256 => FileDigest {
                kind,
                hex: sha256.clone(),
            },
            DigestKind::Md5 => FileDigest {
                kind,
                hex: md5.clone(),
            },
            _ => packages::digest(kind, data.as_ref())?,
        });
    }
    Ok(Kernel {
        links,
        format,
        release,
        banner,
        bytes: data.len(),
        sha256,
        md5,
        owner,
        path,
    })
}

/// SHA-256 and MD5 of all of `data` in one pass.
fn digests(data: &dyn crate::source::ReadAt) -> Result<(String, String)> {
    let (mut sha, mut md5) = (Sha256::new(), Md5::new());
    let mut buf = vec![0; 256 * 1024];
    let mut offset = 0;
    while offset < data.len() {
        let n = usize::try_from((data.len() - offset).min(buf.len() as u64)).unwrap_or(buf.len());
        data.read_at(&mut buf[..n], offset)?;
        sha.update(&buf[..n]);
        md5.update(&buf[..n]);
        offset += n as u64;
    }
    Ok((hex(&sha.finalize()), hex(&md5.finalize())))
}
