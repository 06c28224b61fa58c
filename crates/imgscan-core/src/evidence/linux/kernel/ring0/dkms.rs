//! Modules that DKMS built on the system from sources that a package brought.
//!
//! Source: dkms(8). `/usr/src/<name>-<version>/dkms.conf` tells what is built,
//! `/var/lib/dkms/<name>/<version>/<release>/<arch>/module/` keeps what was built, and a copy of
//! that is installed below `/lib/modules/<release>`, packed or not.

use std::collections::{BTreeMap, BTreeSet};

use super::Facts;
use super::misplaced::MisplacedModule;
use super::modinfo::{MAX_MODULE, is_module};
use super::module::Modules;
use crate::error::{Layer, contained};
use crate::evidence::linux::packages::{key_of, listed};
use crate::evidence::linux::reader::base;
use crate::evidence::{Found, Gap};
use crate::source::read_all;
use crate::text::lossless;
use crate::trust::DigestKind;
use crate::trust::unpack::{packing, unpack};

const TREE: &str = "/var/lib/dkms";
/// Modules whose bytes are compared.
const MAX_COMPARED: usize = 512;

/// A version of a module in DKMS's tree, and the package that brought its sources.
struct Version {
    folder: String,
    package: String,
}

/// Tells of each module that no package owns, and that no key of its kernel signed, the package
/// whose sources DKMS built it from: the tree keeps the same bytes under the same name.
pub(super) fn attribute(facts: &Facts<'_>, found: &mut Modules) {
    if !found.has_database {
        return;
    }
    let mut gaps = Vec::new();
    let versions = versions(facts, &mut gaps);
    for version in &versions {
        for module in &mut found.misplaced {
            in_tree(module, version);
        }
    }
    let mut built: BTreeMap<(String, String), Vec<(String, &Version)>> = BTreeMap::new();
    for version in &versions {
        let releases = facts.reader.children(version.folder.as_bytes(), &mut gaps);
        for release in releases {
            for arch in facts.reader.children(&release, &mut gaps) {
                let folder = [arch.as_slice(), b"/module"].concat();
                for path in facts.reader.children(&folder, &mut gaps) {
                    let path = lossless(&path);
                    if is_module(&path) {
                        let key = (lossless(base(&release)), stem(&path).to_owned());
                        built.entry(key).or_default().push((path, version));
                    }
                }
            }
        }
    }
    let mut compared = 0;
    for module in &mut found.items {
        let fact = &mut module.fact;
        let proven = fact.signature.proves();
        let path = module.at.path.as_deref().unwrap_or_default();
        if proven || fact.package.is_some() || fact.initramfs.is_some() {
            continue;
        }
        let Some(same) = built.get(&(fact.release.clone(), stem(path).to_owned())) else {
            continue;
        };
        if compared >= MAX_COMPARED {
            break;
        }
        let own = plain(facts, path, &mut gaps);
        for (other, version) in same {
            compared += 1;
            if compared > MAX_COMPARED {
                break;
            }
            if own.is_some() && own == plain(facts, other, &mut gaps) {
                fact.built_from = Some(version.package.clone());
            }
        }
    }
    found.gaps.extend(gaps);
}

/// The versions in DKMS's tree whose `dkms.conf` a package owns.
fn versions(facts: &Facts<'_>, gaps: &mut Vec<Gap>) -> Vec<Version> {
    let reader = &facts.reader;
    let mut folders: BTreeMap<String, String> = BTreeMap::new();
    for name in reader.children(TREE.as_bytes(), gaps) {
        for version in reader.children(&name, gaps) {
            let (name, version) = (lossless(base(&name)), lossless(&version));
            let number = version.rsplit('/').next().unwrap_or_default();
            let conf = format!("/usr/src/{name}-{number}/dkms.conf");
            folders.insert(key_of(&conf).to_owned(), version);
        }
    }
    if folders.is_empty() {
        return Vec::new();
    }
    let wanted: BTreeSet<&str> = folders.keys().map(String::as_str).collect();
    let owners = listed(reader, facts.packages, |p| wanted.contains(p), gaps);
    let version = |(conf, folder): (String, String)| {
        let package = owners.get(&conf)?.package.clone();
        Some(Version { folder, package })
    };
    folders.into_iter().filter_map(version).collect()
}

/// A module that DKMS keeps in its tree.
fn in_tree(module: &mut Found<MisplacedModule>, version: &Version) {
    let path = module.at.path.as_deref().unwrap_or_default();
    let rest = path.strip_prefix(version.folder.as_str());
    if rest.is_some_and(|r| r.starts_with('/') && r.contains("/module/")) {
        module.fact.built_from = Some(version.package.clone());
    }
}

/// The name of a module's file without its endings.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.split(".ko").next().unwrap_or_default()
}

/// The digest of the module at `path` without its packing.
fn plain(facts: &Facts<'_>, path: &str, gaps: &mut Vec<Gap>) -> Option<Vec<u8>> {
    let read = contained(
        Layer::Kernel,
        || say!(doing_module),
        || {
            let at = facts.reader.paths().resolve(path.as_bytes())?;
            let stored = read_all(at.open()?.as_ref(), MAX_MODULE as u64)?;
            let bytes = match packing(&stored) {
                Some(how) => unpack(how, &stored, MAX_MODULE, 0)?,
                None => stored,
            };
            Ok(DigestKind::Sha256.of(&bytes))
        },
    );
    read.map_err(|e| gaps.push(Gap::at_path(path, &e))).ok()
}
