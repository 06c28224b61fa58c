//! What building a kernel, or putting one in by hand, leaves behind.

use std::collections::BTreeSet;

use super::Autoload;
use crate::error::Result;
use crate::evidence::files::Files;
use crate::evidence::linux::packages::{Packages, key_of, listed};
use crate::evidence::linux::reader::{Reader, base};
use crate::evidence::{Found, Location};
use crate::fs::FileKind;
use crate::guest::Located;
use crate::text::lossless;

/// Folders where somebody may have left packages of a kernel, and levels below them.
const LEFT: &[&str] = &[
    "/root",
    "/home",
    "/tmp",
    "/var/tmp",
    "/opt",
    "/usr/src",
    "/usr/local/src",
];
const DEPTH: usize = 4;
const MAX_HISTORY: u64 = 4 << 20;
/// Where the tools that make a key to sign modules keep it: DKMS (`mok_signing_key` of its settings),
/// and `update-secureboot-policy` of Debian's and Ubuntu's shim-signed.
const KEYS: &[&str] = &["/var/lib/dkms/mok.key", "/var/lib/shim-signed/mok/MOK.priv"];
/// DKMS's settings; further ones are in the folder `framework.conf.d` beside.
const DKMS: &str = "/etc/dkms/framework.conf";
/// What one types to build or install a kernel.
const TYPED: &[&str] = &[
    "make modules_install",
    "make bindeb-pkg",
    "make deb-pkg",
    "make rpm-pkg",
    "make binrpm-pkg",
    "make -C /lib/modules",
    "dkms install",
];

/// A sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Residue {
    /// Source of a kernel that no package owns.
    Source,
    /// A package of a kernel outside of the package manager's own folders.
    PackageFile,
    /// `build` or `source` of a kernel's modules leads to a tree that no package owns.
    BuildTree,
    /// A kernel that `make install` set aside.
    SetAside,
    /// A module that DKMS built.
    Dkms,
    /// A command in a shell's history.
    History,
    /// A private key that signs modules.
    SigningKey,
}

pub(super) fn collect(reader: &Reader<'_>, packages: &Packages, all: &mut Autoload) {
    let mut found: Vec<(Residue, Location)> = Vec::new();
    let mut gaps = Vec::new();
    let mut children = |folder: &str| reader.children(folder.as_bytes(), &mut gaps);
    let is_dir = |path: &[u8]| {
        let at: Result<Located> = reader.paths().resolve(path);
        at.ok().filter(|at| at.metadata.kind == FileKind::Directory)
    };
    for path in children("/usr/src")
        .into_iter()
        .chain(children("/usr/src/kernels"))
    {
        let name = lossless(base(&path));
        let digit = name.strip_prefix("linux-").or(Some(&name));
        let version = digit.is_some_and(|d| d.starts_with(|c: char| c.is_ascii_digit()));
        let version =
            version && (name.starts_with("linux-") || path.starts_with(b"/usr/src/kernels/"));
        if let Some(at) = is_dir(&path).filter(|_| version || name == "linux") {
            let make = format!("{}/Makefile", at.path_text());
            found.push((Residue::Source, Location::of(&at)));
            if reader.find(make.as_bytes(), &mut all.gaps).is_some() {
                found.push((Residue::Source, Location::of_path(make)));
            }
        }
    }
    let mut keys: Vec<String> = KEYS.iter().map(|k| (*k).to_owned()).collect();
    let trees = children("/usr/src")
        .into_iter()
        .chain(children("/usr/src/kernels"));
    keys.extend(trees.map(|tree| format!("{}/certs/signing_key.pem", lossless(&tree))));
    let settings = children("/etc/dkms/framework.conf.d");
    for folder in children("/lib/modules") {
        for name in ["build", "source"] {
            let path = [folder.as_slice(), b"/", name.as_bytes()].concat();
            if let Some(at) = is_dir(&path) {
                found.push((Residue::BuildTree, Location::of(&at)));
            }
        }
    }
    for path in children("/boot") {
        let name = lossless(base(&path));
        if name.ends_with(".old")
            && ["vmlinuz", "System.map", "config", "initr"]
                .iter()
                .any(|p| name.starts_with(p))
        {
            found.push((Residue::SetAside, Location::of_path(lossless(&path))));
        }
    }
    for path in children("/var/lib/dkms") {
        if let Some(at) = is_dir(&path) {
            found.push((Residue::Dkms, Location::of(&at)));
        }
    }
    all.gaps.extend(gaps);
    for path in settings.into_iter().chain([DKMS.into()]) {
        let file = reader.text(&path, &mut all.gaps);
        let named = file.iter().flat_map(|f| f.lines());
        keys.extend(named.filter_map(|(_, line)| signing_key(line)));
    }
    for path in keys {
        let at = reader.find(path.as_bytes(), &mut all.gaps);
        let file = |at: &Located| at.metadata.kind == FileKind::Regular && at.metadata.size > 0;
        if let Some(at) = at.filter(file) {
            found.push((Residue::SigningKey, Location::of(&at)));
        }
    }
    package_files(reader, all, &mut found);
    history(reader, all, &mut found);
    unowned(reader, packages, all, &mut found);
    found.sort_by(|a, b| (&a.1, a.0).cmp(&(&b.1, b.0)));
    found.dedup();
    all.residue = found
        .into_iter()
        .map(|(fact, at)| Found { fact, at })
        .collect();
}

/// The file that a line of DKMS's settings names for its private key.
fn signing_key(line: &str) -> Option<String> {
    let value = line.trim().strip_prefix("mok_signing_key=")?;
    let path = value.trim_matches(['"', '\'']);
    path.starts_with('/').then(|| path.to_owned())
}

fn package_files(reader: &Reader<'_>, all: &mut Autoload, found: &mut Vec<(Residue, Location)>) {
    for folder in LEFT {
        let tree = match Files::new(reader.paths()).tree(folder, DEPTH) {
            Ok(tree) => tree,
            Err(gap) => {
                all.gaps.push(gap);
                continue;
            }
        };
        for path in tree.names {
            let name = path.rsplit('/').next().unwrap_or_default();
            let kernel = ["linux-image", "linux-modules", "kernel-"]
                .iter()
                .any(|k| name.starts_with(k));
            let package = [".deb", ".rpm", ".apk"].iter().any(|e| name.ends_with(e));
            if (kernel && package) || name == "Module.symvers" {
                let kind = if package {
                    Residue::PackageFile
                } else {
                    Residue::Source
                };
                found.push((kind, Location::of_path(path)));
            }
        }
        all.gaps.extend(tree.gaps);
    }
}

/// Only the line's number is told: a history holds secrets.
fn history(reader: &Reader<'_>, all: &mut Autoload, found: &mut Vec<(Residue, Location)>) {
    let mut homes = reader.children(b"/home", &mut all.gaps);
    homes.push(b"/root".to_vec());
    for home in homes {
        for name in [".bash_history", ".zsh_history", ".ash_history"] {
            let path = [home.as_slice(), b"/", name.as_bytes()].concat();
            let Some(file) = reader.text_to(&path, MAX_HISTORY, &mut all.gaps) else {
                continue;
            };
            for (n, text) in file.lines() {
                if TYPED.iter().any(|t| text.contains(t)) {
                    found.push((Residue::History, file.line(n)));
                }
            }
        }
    }
}

/// Takes out trees that a package owns: those of headers.
fn unowned(
    reader: &Reader<'_>,
    packages: &Packages,
    all: &mut Autoload,
    found: &mut Vec<(Residue, Location)>,
) {
    if !packages.has_database() {
        return;
    }
    let key = |at: &Location| key_of(at.path.as_deref().unwrap_or_default()).to_owned();
    let trees = |kind: Residue| matches!(kind, Residue::Source | Residue::BuildTree);
    let wanted: BTreeSet<String> = found
        .iter()
        .filter(|f| trees(f.0))
        .map(|f| key(&f.1))
        .collect();
    if wanted.is_empty() {
        return;
    }
    let owners = listed(reader, packages, |p| wanted.contains(p), &mut all.gaps);
    found.retain(|f| !trees(f.0) || !owners.contains_key(&key(&f.1)));
}
