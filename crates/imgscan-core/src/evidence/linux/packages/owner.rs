//! Which package owns a file, and the digest that it recorded.

use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use super::{Contents, FileDigest, Package, Packages};
use crate::error::{Error, Layer};
use crate::evidence::linux::reader::Reader;
use crate::evidence::{Found, Gap, Location};
use crate::rpm::File;
use crate::text::lossless;
use crate::trust::DigestKind;

const INFO: &str = "/var/lib/dpkg/info";
/// The longest list of one package, in bytes.
const MAX_LIST: u64 = 16 * 1024 * 1024;
/// Bytes of all lists that are read in all: those of a large desktop have 50 MB, and some ten questions are asked.
const MAX_LISTS: u64 = 1 << 30;
/// Files of one list; the largest packages, of icons, have some 100,000.
const MAX_FILES: usize = 400_000;
/// The longest path.
const PATH_MAX: usize = 4096;

/// What the package database says of a file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Owner {
    /// A package owns it.
    Package(Box<Recorded>),
    /// The database was read and no package owns it.
    Nobody,
    /// Part of the database could not be read, so a package may own it.
    Unknown(Gap),
    /// There is no package database that this version reads.
    NoDatabase,
}

/// What a package recorded of a file that it owns. Whether that is signed tells [`Package::seal`].
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Recorded {
    /// The package.
    pub package: Package,
    /// The digest that the package recorded for it, where it did.
    pub digest: Option<FileDigest>,
    /// The file's own digest of that kind.
    pub actual: Option<FileDigest>,
    /// The file whose digest that is, where it is another's: a kernel in `/boot` that is a copy of
    /// the one beside its modules.
    pub stands_for: Option<String>,
    /// Where it is recorded, or where it would be.
    pub at: Location,
    /// Why the record could not be read.
    pub gap: Option<Gap>,
}

impl Recorded {
    /// Whether the file is what the package recorded; `None` where it recorded nothing.
    #[must_use]
    pub fn equal(&self) -> Option<bool> {
        let expected = self.digest.as_ref()?;
        Some(self.actual.as_ref() == Some(expected))
    }
}

/// Directories that a merged `/usr` makes two names of (`/lib` is a link to `usr/lib`).
const MERGED: &[&str] = &[
    "bin/", "sbin/", "lib/", "lib32/", "lib64/", "libx32/", "libo32/",
];

/// `path` and, for a merged `/usr`, its other name. Packages list either.
fn aliases(path: &str) -> Vec<String> {
    let mut names = vec![path.to_owned()];
    let bare = path.trim_start_matches('/');
    if let Some(rest) = bare.strip_prefix("usr/") {
        if MERGED.iter().any(|d| rest.starts_with(d)) {
            names.push(format!("/{rest}"));
        }
    } else if MERGED.iter().any(|d| bare.starts_with(d)) {
        names.push(format!("/usr/{bare}"));
    }
    names
}

/// The package that owns the file at the absolute `path`. Packages whose names `likely` accepts
/// are asked first, so that seldom all lists are read.
pub(in crate::evidence::linux) fn owner(
    reader: &Reader<'_>,
    packages: &Packages,
    path: &str,
    likely: impl Fn(&str) -> bool,
) -> Owner {
    if !packages.has_database() {
        return Owner::NoDatabase;
    }
    // A package whose record could not be read may be the owner.
    let mut gaps = packages.gaps.clone();
    let mut bare = None;
    let (first, rest): (Vec<_>, Vec<_>) = packages
        .items
        .iter()
        .filter(|p| !matches!(p.fact.state.as_str(), "not-installed" | "config-files"))
        .partition(|p| likely(&p.fact.name));
    for package in first.into_iter().chain(rest) {
        if let Some(contents) = &package.fact.contents {
            match held(package, contents, path) {
                Some(recorded) if recorded.digest.is_some() => {
                    return Owner::Package(Box::new(recorded));
                }
                // Another package may have a digest of it.
                found => bare = bare.or(found),
            }
            continue;
        }
        let names = listed_as(packages, &package.fact.name, path);
        let Some(list) = list(reader, packages, &package.fact, &mut gaps) else {
            continue;
        };
        let has = list
            .split(|b| *b == b'\n')
            .any(|l| names.iter().any(|n| n.as_bytes() == l));
        if has {
            return owned(reader, package, &names);
        }
    }
    if let Some(recorded) = bare {
        return Owner::Package(Box::new(recorded));
    }
    match gaps.into_iter().next() {
        Some(gap) => Owner::Unknown(gap),
        None => Owner::Nobody,
    }
}

/// What the database itself records of the file at `path` for `package`.
fn held(package: &Found<Package>, contents: &Contents, path: &str) -> Option<Recorded> {
    let names = aliases(path);
    let found = names
        .iter()
        .find_map(|n| Some((n, contents.files.find(n.as_bytes())?)));
    let (name, file) = found?;
    let (stands_for, digest) = match file.digest.as_deref().filter(|_| !file.ghost) {
        Some(digest) => (None, FileDigest::of(digest)),
        None => stands_for(contents, name.as_bytes()).unzip(),
    };
    Some(Recorded {
        package: package.fact.clone(),
        digest,
        actual: None,
        stands_for,
        at: package.at.clone(),
        gap: None,
    })
}

/// A kernel in `/boot` that its package only owns (`%ghost`, as EL 8 and later, Fedora and others
/// have it) is a copy of the one beside its modules: the path of that one and its digest.
pub(super) fn stands_for(contents: &Contents, path: &[u8]) -> Option<(String, FileDigest)> {
    let path = std::str::from_utf8(path).ok()?;
    let release = path.strip_prefix("/boot/vmlinuz-")?;
    let original = format!("/lib/modules/{release}/vmlinuz");
    let file = aliases(&original)
        .iter()
        .find_map(|n| contents.files.find(n.as_bytes()))?;
    let digest = FileDigest::of(file.digest.as_deref().filter(|_| !file.ghost)?)?;
    Some((original, digest))
}

/// The names under which `package` would list what now stands at `path`, diversions undone.
fn listed_as(packages: &Packages, package: &str, path: &str) -> Vec<String> {
    let mut names = Vec::new();
    for name in aliases(path) {
        let diverted = packages
            .diversions
            .iter()
            .find(|(from, _, by)| *from == name && by != package);
        if diverted.is_none() {
            names.push(name.clone());
        }
        for (from, to, by) in &packages.diversions {
            if *to == name && by != package {
                names.push(from.clone());
            }
        }
    }
    names
}

/// The contents of a file of the database for `package`.
fn info(
    reader: &Reader<'_>,
    package: &Package,
    kind: &str,
    gaps: &mut Vec<Gap>,
) -> Option<Vec<u8>> {
    info_paths(package, kind)
        .iter()
        .find_map(|path| reader.bytes(path.as_bytes(), MAX_LIST, gaps))
}

/// The list of the files of `package`. dpkg keeps one for each package that it unpacked, also for one
/// without files; where it is not there, what the package owns is not known.
fn list(
    reader: &Reader<'_>,
    packages: &Packages,
    package: &Package,
    gaps: &mut Vec<Gap>,
) -> Option<Vec<u8>> {
    if packages.lists_read.load(Ordering::Relaxed) > MAX_LISTS {
        let why = Error::limit(
            Layer::Packages,
            None,
            say!(error_lists_long, most = MAX_LISTS),
        );
        let gap = Gap::at_path(INFO, &why);
        if gaps.last() != Some(&gap) {
            gaps.push(gap);
        }
        return None;
    }
    let before = gaps.len();
    let list = info(reader, package, "list", gaps);
    let read = list.as_ref().map_or(0, Vec::len);
    packages
        .lists_read
        .fetch_add(read as u64, Ordering::Relaxed);
    if list.is_none() && gaps.len() == before {
        let name = package.name.as_str();
        let why = Error::not_found(Layer::Packages, say!(error_no_list, package = name));
        let [path, _] = info_paths(package, "list");
        gaps.push(Gap::at_path(path, &why));
    }
    list
}

fn info_paths(package: &Package, kind: &str) -> [String; 2] {
    let plain = format!("{INFO}/{}.{kind}", package.name);
    let by_arch = format!("{INFO}/{}:{}.{kind}", package.name, package.architecture);
    if package.by_arch {
        [by_arch, plain]
    } else {
        [plain, by_arch]
    }
}

/// The digest that `package` recorded for the file that it lists under one of `names`.
fn owned(reader: &Reader<'_>, package: &Found<Package>, names: &[String]) -> Owner {
    let mut gaps = Vec::new();
    let sums = info_paths(&package.fact, "md5sums")
        .iter()
        .find_map(|path| reader.text_to(path, MAX_LIST, &mut gaps));
    let mut expected = None;
    let mut recorded_at = None;
    if let Some(sums) = &sums {
        for (n, line) in sums.lines() {
            // md5sum(1): digest, a blank, a blank or an asterisk, the path without its slash.
            let Some((digest, path)) = line.split_once(char::is_whitespace) else {
                continue;
            };
            let path = path.trim_start_matches([' ', '*']);
            let path = path.trim_start_matches("./").trim_start_matches('/');
            if names.iter().any(|n| n.trim_start_matches('/') == path) {
                expected = Some(digest.to_ascii_lowercase());
                recorded_at = Some(sums.line(n));
                break;
            }
        }
    }
    let place = || Location::of_path(info_paths(&package.fact, "md5sums")[0].clone());
    Owner::Package(Box::new(Recorded {
        package: package.fact.clone(),
        digest: expected.map(md5),
        actual: None,
        stands_for: None,
        at: recorded_at
            .or_else(|| sums.map(|s| s.at))
            .unwrap_or_else(place),
        gap: gaps.into_iter().next(),
    }))
}

fn md5(hex: String) -> FileDigest {
    let kind = DigestKind::Md5;
    FileDigest { kind, hex }
}

/// A file as a package lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::evidence::linux) struct Listed {
    /// The package's name.
    pub(in crate::evidence::linux) package: String,
    /// Which of [`Packages::items`] it is.
    pub(in crate::evidence::linux) item: usize,
    /// The digest that it recorded, where it did and the file is not diverted.
    pub(in crate::evidence::linux) digest: Option<FileDigest>,
}

/// The path as [`listed`] keys it: without the leading slash and `usr/`, so that a merged `/usr`
/// makes no difference.
pub(in crate::evidence::linux) fn key_of(path: &str) -> &str {
    let bare = path.trim_start_matches('/');
    bare.strip_prefix("usr/").unwrap_or(bare)
}

/// A file of a package as its record has it.
pub(super) struct Entry<'a> {
    /// The path as it is recorded.
    pub(super) path: &'a [u8],
    /// The digest that the package recorded.
    pub(super) digest: Option<FileDigest>,
    /// What else the database itself holds of it; dpkg's holds nothing.
    pub(super) file: Option<&'a File>,
}

/// Hands every file of `package` whose [`key_of`] `wanted` accepts over to `take`. Nothing longer than PATH_MAX can
/// stand on a Linux system.
pub(super) fn entries(
    reader: &Reader<'_>,
    packages: &Packages,
    package: &Package,
    wanted: &dyn Fn(&str) -> bool,
    gaps: &mut Vec<Gap>,
    mut take: impl FnMut(Entry<'_>),
) {
    if matches!(package.state.as_str(), "not-installed" | "config-files") {
        return;
    }
    if let Some(contents) = &package.contents {
        return held_entries(contents, &contents.files.items, wanted, take);
    }
    let key = |path: &[u8]| {
        let path = lossless(path);
        let path = key_of(path.trim_start_matches("./"));
        wanted(path).then(|| path.to_owned())
    };
    let Some(list) = list(reader, packages, package, gaps) else {
        return;
    };
    let mut mine: Vec<(&[u8], String)> = lines(&list)
        .filter(|path| path.len() <= PATH_MAX)
        .filter_map(|path| Some((path, key(path)?)))
        .take(MAX_FILES + 1)
        .collect();
    if mine.is_empty() {
        return;
    }
    if mine.len() > MAX_FILES {
        mine.truncate(MAX_FILES);
        let what = say!(error_too_many, most = MAX_FILES, what = "names");
        let limit = Error::limit(Layer::Packages, None, what);
        let [path, _] = info_paths(package, "list");
        gaps.push(Gap::at_path(path, &limit));
    }
    let sums = info(reader, package, "md5sums", gaps).unwrap_or_default();
    // md5sum(1): digest, a blank, a blank or an asterisk, the path without its slash.
    let sums: BTreeMap<String, &str> = lines(&sums)
        .filter_map(|line| {
            let end = line.iter().position(u8::is_ascii_whitespace)?;
            let (digest, path) = line.split_at_checked(end)?;
            let name = path
                .iter()
                .position(|b| !matches!(b, b' ' | b'*' | b'\t'))?;
            let digest = std::str::from_utf8(digest).ok()?;
            Some((key(path.get(name..)?)?, digest))
        })
        .collect();
    for (path, key) in mine {
        let sum = sums.get(&key).map(|sum| md5(sum.to_ascii_lowercase()));
        take(Entry {
            path,
            digest: sum,
            file: None,
        });
    }
}

/// Hands those of `files`, which `contents` holds, over to `take` that `wanted` accepts.
pub(super) fn held_entries(
    contents: &Contents,
    files: &[File],
    wanted: &dyn Fn(&str) -> bool,
    mut take: impl FnMut(Entry<'_>),
) {
    for file in files {
        let dir = contents.files.dirs.get(file.dir as usize);
        if dir.is_none_or(|d| d.len() > PATH_MAX) {
            continue;
        }
        let path = contents.files.path(file);
        if wanted(key_of(&lossless(&path))) {
            take(Entry {
                path: &path,
                digest: file.digest.as_deref().and_then(FileDigest::of),
                file: Some(file),
            });
        }
    }
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = text.split(|b| *b == b'\n');
    lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

/// Everything that packages list and `wanted` accepts, keyed by [`key_of`] of its path.
pub(in crate::evidence::linux) fn listed(
    reader: &Reader<'_>,
    packages: &Packages,
    wanted: impl Fn(&str) -> bool,
    gaps: &mut Vec<Gap>,
) -> BTreeMap<String, Listed> {
    let diverted: BTreeSet<&str> = packages
        .diversions
        .iter()
        .flat_map(|(from, to, _)| [key_of(from), key_of(to)])
        .collect();
    let mut all: BTreeMap<String, Listed> = BTreeMap::new();
    for (item, package) in packages.items.iter().enumerate() {
        let package = &package.fact;
        entries(reader, packages, package, &wanted, gaps, |entry| {
            let path = lossless(entry.path);
            let path = key_of(path.trim_start_matches("./"));
            let counts = match entry.file {
                Some(file) => !file.ghost,
                None => !diverted.contains(path),
            };
            let listed = Listed {
                package: package.name.clone(),
                item,
                digest: entry.digest.filter(|_| counts),
            };
            match all.entry(path.to_owned()) {
                // Of several owners the one with a digest speaks; dpkg knows one at a time.
                Slot::Occupied(mut old) if listed.digest.is_some() || entry.file.is_none() => {
                    old.insert(listed);
                }
                Slot::Occupied(_) => {}
                Slot::Vacant(free) => {
                    free.insert(listed);
                }
            }
        });
    }
    all
}

/// What dpkg recorded of the settings of packages that `wanted` accepts (`Conffiles`), which stand in
/// no list of sums: MD5 by [`key_of`] of the path.
pub(in crate::evidence::linux) fn conffiles(
    reader: &Reader<'_>,
    wanted: impl Fn(&str) -> bool,
    gaps: &mut Vec<Gap>,
) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let Some(status) = reader.text_to("/var/lib/dpkg/status", super::dpkg::MAX_STATUS, gaps) else {
        return all;
    };
    let mut inside = false;
    for (_, line) in status.lines() {
        if !line.starts_with(' ') {
            inside = line.trim_end().eq_ignore_ascii_case("conffiles:");
            continue;
        }
        let mut words = line.split_whitespace();
        if let (true, Some(path), Some(md5)) = (inside, words.next(), words.next())
            && wanted(key_of(path))
        {
            all.insert(key_of(path).to_owned(), md5.to_ascii_lowercase());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merged_usr_gives_two_names() {
        assert_eq!(aliases("/boot/vmlinuz-1"), ["/boot/vmlinuz-1"]);
        assert_eq!(
            aliases("/usr/lib/modules/1/vmlinuz"),
            ["/usr/lib/modules/1/vmlinuz", "/lib/modules/1/vmlinuz"]
        );
        assert_eq!(aliases("/bin/sh"), ["/bin/sh", "/usr/bin/sh"]);
        assert_eq!(aliases("/usr/libexec/x"), ["/usr/libexec/x"]);
    }
}
