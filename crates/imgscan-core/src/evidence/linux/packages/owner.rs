//! Which package owns a file, and the digest that it recorded.

use std::collections::BTreeMap;

use super::{Package, Packages};
use crate::evidence::linux::kernels::{Owner, Recorded};
use crate::evidence::linux::reader::Reader;
use crate::evidence::{Found, Location};

const INFO: &str = "/var/lib/dpkg/info";
/// The longest list of one package, in bytes.
const MAX_LIST: u64 = 16 * 1024 * 1024;

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
    if !packages.has_dpkg {
        return Owner::NoDatabase;
    }
    let mut gaps = Vec::new();
    let (first, rest): (Vec<_>, Vec<_>) = packages
        .items
        .iter()
        .filter(|p| !matches!(p.fact.state.as_str(), "not-installed" | "config-files"))
        .partition(|p| likely(&p.fact.name));
    for package in first.into_iter().chain(rest) {
        let names = listed_as(packages, &package.fact.name, path);
        let Some(list) = info(reader, &package.fact, "list", &mut gaps) else {
            continue;
        };
        let has = list
            .split(|b| *b == b'\n')
            .any(|l| names.iter().any(|n| n.as_bytes() == l));
        if has {
            return owned(reader, package, &names);
        }
    }
    match gaps.into_iter().next() {
        Some(gap) => Owner::Unknown(gap),
        None => Owner::Nobody,
    }
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
    gaps: &mut Vec<crate::evidence::Gap>,
) -> Option<Vec<u8>> {
    info_paths(package, kind)
        .iter()
        .find_map(|path| reader.bytes(path.as_bytes(), MAX_LIST, gaps))
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
        md5: expected,
        at: recorded_at
            .or_else(|| sums.map(|s| s.at))
            .unwrap_or_else(place),
        gap: gaps.into_iter().next(),
    }))
}

/// A file as a package lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::evidence::linux) struct Listed {
    /// The package's name.
    pub(in crate::evidence::linux) package: String,
    /// The MD5 that it recorded, where it did and the file is not diverted.
    pub(in crate::evidence::linux) md5: Option<String>,
}

/// Everything that packages list and `wanted` accepts, keyed by path without the leading slash and
/// without `usr/`, so that a merged `/usr` makes no difference.
pub(in crate::evidence::linux) fn listed(
    reader: &Reader<'_>,
    packages: &Packages,
    wanted: impl Fn(&str) -> bool,
    gaps: &mut Vec<crate::evidence::Gap>,
) -> BTreeMap<String, Listed> {
    let key = |path: &str| {
        let path = path.trim_start_matches("./").trim_start_matches('/');
        let path = path.strip_prefix("usr/").unwrap_or(path);
        wanted(path).then(|| path.to_owned())
    };
    let diverted = |path: &str| {
        let both = |name: &String| key(name).as_deref() == Some(path);
        packages
            .diversions
            .iter()
            .any(|(a, b, _)| both(a) || both(b))
    };
    let mut all = BTreeMap::new();
    for package in &packages.items {
        if matches!(
            package.fact.state.as_str(),
            "not-installed" | "config-files"
        ) {
            continue;
        }
        let Some(list) = info(reader, &package.fact, "list", gaps) else {
            continue;
        };
        let list = crate::text::lossless(&list);
        let mine: Vec<String> = list.lines().filter_map(key).collect();
        if mine.is_empty() {
            continue;
        }
        let sums = info(reader, &package.fact, "md5sums", gaps).unwrap_or_default();
        let sums = crate::text::lossless(&sums);
        let sums: BTreeMap<String, &str> = sums
            .lines()
            .filter_map(|line| {
                let (digest, path) = line.split_once(char::is_whitespace)?;
                Some((key(path.trim_start_matches([' ', '*']))?, digest))
            })
            .collect();
        for path in mine {
            let md5 = sums.get(&path).filter(|_| !diverted(&path));
            let md5 = md5.map(|md5| md5.to_ascii_lowercase());
            let package = package.fact.name.clone();
            all.insert(path, Listed { package, md5 });
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
