//! Which files stand as their packages brought them.
//!
//! The records are the image's own: they explain a file, they prove nothing. What a file does by
//! its very words is judged whoever brought it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::{FileDigest, Listed, Packages, digest, key_of, listed};
use crate::evidence::Gap;
use crate::evidence::linux::reader::Reader;
use crate::fs::FileKind;
use crate::trust::DigestKind;

/// How a file stands towards the packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provenance {
    /// It is what its package brought.
    Unchanged,
    /// A package brought it, and it was changed since.
    Changed,
    /// No package brought it.
    Foreign,
    /// It can't be told: no database, no digest, or something could not be read.
    Unknown,
}

/// The files that packages brought.
#[derive(Debug, Default)]
pub struct Vendor {
    listed: BTreeMap<String, Listed>,
    conffiles: BTreeMap<String, FileDigest>,
    known: bool,
    /// The beginnings of the digests that packages recorded, sorted; made when first asked for.
    digests: OnceLock<Vec<u64>>,
    /// How the files stand that were asked for: many collectors ask for the same ones.
    compared: Mutex<HashMap<String, Provenance>>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// Folders of which no file starts or configures anything.
const DULL: &[&str] = &[
    "share/doc/",
    "share/locale/",
    "share/man/",
    "share/zoneinfo/",
    "share/i18n/",
    "include/",
    "src/",
    "lib/modules/",
];

pub(in crate::evidence::linux) fn collect(reader: &Reader<'_>, packages: &Packages) -> Vendor {
    let mut gaps = packages.gaps.clone();
    let wanted = |path: &str| !DULL.iter().any(|dir| path.starts_with(dir));
    let listed = listed(reader, packages, wanted, &mut gaps);
    let conffiles = packages.conffiles.iter();
    Vendor {
        listed,
        conffiles: conffiles
            .map(|(path, digest)| (key_of(path).to_owned(), digest.clone()))
            .collect(),
        known: packages.has_database(),
        digests: OnceLock::new(),
        compared: Mutex::default(),
        gaps,
    }
}

/// The kinds of digests that package databases hold.
const KINDS: [DigestKind; 4] = [
    DigestKind::Md5,
    DigestKind::Sha1,
    DigestKind::Sha256,
    DigestKind::Sha512,
];

/// The first eight bytes of a digest.
fn beginning(digest: &FileDigest) -> Option<u64> {
    u64::from_str_radix(digest.hex.get(..16)?, 16).ok()
}

impl Vendor {
    /// True where a package lists the file at `path`.
    pub(in crate::evidence::linux) fn lists(&self, path: &str) -> bool {
        self.listed.contains_key(key_of(path))
    }

    /// Folders in which packages have libraries.
    pub(in crate::evidence::linux) fn library_folders(&self) -> BTreeSet<String> {
        let keys = self.listed.keys().filter_map(|key| key.rsplit_once('/'));
        let keys = keys.filter(|(_, name)| name.contains(".so"));
        let folders = keys.filter(|(folder, _)| folder.starts_with("lib"));
        folders
            .map(|(folder, _)| format!("/usr/{folder}"))
            .collect()
    }

    /// The file of a package of which the file at `path`, whose content is `bytes`, is a copy under its own name:
    /// maintainer scripts make `/etc/profile` and `/root/.bashrc` of files below `/usr/share`, and useradd(8) the homes
    /// of accounts, `homes`, of those in `/etc/skel`.
    pub(in crate::evidence::linux) fn copied_from(
        &self,
        reader: &Reader<'_>,
        path: &str,
        bytes: &[u8],
        homes: &BTreeSet<String>,
    ) -> Option<String> {
        let digests = self.digests.get_or_init(|| {
            let recorded = self.listed.values().filter_map(|l| l.digest.as_ref());
            let mut all: Vec<u64> = recorded.filter_map(beginning).collect();
            all.sort_unstable();
            all.dedup();
            all
        });
        let name = path.rsplit('/').next().unwrap_or(path);
        let skeleton = format!("etc/skel/{name}");
        let of_skeleton = self.listed.get(&skeleton).and_then(|l| l.digest.as_ref());
        let of_skeleton = of_skeleton.or_else(|| self.conffiles.get(&skeleton));
        for kind in KINDS {
            let mut hasher = kind.hasher();
            hasher.update(bytes);
            let hex = crate::bytes::hex(&hasher.finish());
            let own = FileDigest { kind, hex };
            let of_home = path.starts_with("/home/")
                || path
                    .rsplit_once('/')
                    .is_some_and(|(folder, _)| homes.contains(folder));
            if of_home && of_skeleton == Some(&own) {
                return Some(format!("/{skeleton}"));
            }
            let known = beginning(&own).is_some_and(|b| digests.binary_search(&b).is_ok());
            // All that packages list is looked through.
            let price = (self.listed.len() as u64).saturating_mul(16);
            if !known || reader.paths().pay(price).is_err() {
                continue;
            }
            let same = |(path, listed): &(&String, &Listed)| {
                let other = path.rsplit('/').next().unwrap_or(path);
                listed.digest.as_ref() == Some(&own)
                    && path.starts_with("share/")
                    && (other == name || other.strip_prefix("dot").is_some_and(|rest| rest == name))
            };
            let found = self.listed.iter().find(same);
            let found = found.map(|(path, _)| format!("/usr/{path}"));
            if let Some(path) = found.filter(|p| self.of(reader, p) == Provenance::Unchanged) {
                return Some(path);
            }
        }
        None
    }

    /// How the file at `path` (links followed) stands.
    pub(in crate::evidence::linux) fn of(&self, reader: &Reader<'_>, path: &str) -> Provenance {
        let compared = || self.compared.lock().unwrap_or_else(PoisonError::into_inner);
        let known = compared().get(path).copied();
        known.unwrap_or_else(|| {
            let provenance = self.compare(reader, path);
            compared().insert(path.to_owned(), provenance);
            provenance
        })
    }

    fn compare(&self, reader: &Reader<'_>, path: &str) -> Provenance {
        if !self.known {
            return Provenance::Unknown;
        }
        let key = key_of(path);
        let conffile = self.conffiles.get(key);
        let listed = self.listed.get(key);
        let expected = listed.and_then(|l| l.digest.as_ref()).or(conffile);
        let Some(expected) = expected else {
            return match listed {
                None if self.gaps.is_empty() => Provenance::Foreign,
                _ => Provenance::Unknown,
            };
        };
        let mut gaps = Vec::new();
        let Some(at) = reader.find(path.as_bytes(), &mut gaps) else {
            return Provenance::Unknown;
        };
        if at.metadata.kind != FileKind::Regular {
            return Provenance::Changed;
        }
        let actual = at
            .open()
            .and_then(|data| digest(expected.kind, data.as_ref()));
        match actual {
            Ok(actual) if actual == *expected => Provenance::Unchanged,
            Ok(_) => Provenance::Changed,
            Err(_) => Provenance::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Evidence;
    use crate::evidence::linux::testing::{Build, guest, md5};

    /// dpkg(1): a package that was removed and not purged leaves its configuration, as it was, and its
    /// record of it.
    #[test]
    fn what_a_removed_package_left_is_as_it_brought_it() {
        let status = format!(
            "Package: x\nStatus: deinstall ok config-files\nVersion: 1\nConffiles:\n /etc/x {}\n /etc/y {}\nDescription: a\n\nPackage: z\nStatus: install ok installed\nVersion: 1\n\n",
            md5(b"kept"),
            md5(b"old")
        );
        let guest = guest(
            Build::bare()
                .file("/var/lib/dpkg/status", 0o644, status)
                .file("/var/lib/dpkg/info/x.list", 0o644, "/etc/x\n/etc/y\n")
                .file("/var/lib/dpkg/info/z.list", 0o644, "/.\n")
                .file("/etc/x", 0o644, "kept")
                .file("/etc/y", 0o644, "new")
                .file("/etc/w", 0o644, "own"),
        );
        let evidence = Evidence::new(&guest);
        let of = |path| evidence.linux.provenance(path);
        assert_eq!(of("/etc/x"), Provenance::Unchanged);
        assert_eq!(of("/etc/y"), Provenance::Changed);
        assert_eq!(of("/etc/w"), Provenance::Foreign);
    }

    #[test]
    fn files_are_told_from_what_packages_brought() {
        let status = format!(
            "Package: x\nStatus: install ok installed\nVersion: 1\nConffiles:\n /etc/x {}\n /etc/y {}\nDescription: a\n\n",
            md5(b"kept"),
            md5(b"old")
        );
        let guest = guest(
            Build::bare()
                .file("/var/lib/dpkg/status", 0o644, status)
                .file(
                    "/var/lib/dpkg/info/x.list",
                    0o644,
                    "/etc/x\n/etc/y\n/usr/bin/x\n/usr/bin/z\n",
                )
                .file(
                    "/var/lib/dpkg/info/x.md5sums",
                    0o644,
                    format!("{}  usr/bin/x\n", md5(b"program")),
                )
                .file("/etc/x", 0o644, "kept")
                .file("/etc/y", 0o644, "new")
                .file("/usr/bin/x", 0o755, "program")
                .file("/usr/bin/z", 0o755, "program")
                .file("/usr/bin/own", 0o755, "program"),
        );
        let evidence = Evidence::new(&guest);
        let of = |path| evidence.linux.provenance(path);
        assert_eq!(of("/etc/x"), Provenance::Unchanged);
        assert_eq!(of("/etc/y"), Provenance::Changed);
        assert_eq!(of("/usr/bin/x"), Provenance::Unchanged);
        assert_eq!(of("/usr/bin/z"), Provenance::Unknown);
        assert_eq!(of("/usr/bin/own"), Provenance::Foreign);
    }
}
