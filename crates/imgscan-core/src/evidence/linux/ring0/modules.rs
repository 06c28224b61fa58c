//! The modules of the kernels that may boot.

use std::collections::BTreeMap;

use md5::{Digest as _, Md5};

use super::parts::Booting;
use super::{Facts, Level, Object, ObjectKind, Ring0, judge};
use crate::bytes::hex;
use crate::error::{Error, Layer, Result, contained};
use crate::evidence::Gap;
use crate::evidence::files::Files;
use crate::evidence::linux::packages::{Listed, listed_below};
use crate::fs::FileKind;
use crate::fs::walk::map_in_order;
use crate::guest::PathSpace;
use crate::source::read_all;
use crate::trust::module::{self, Proof, verify_with};
use crate::trust::unpack::{packing, unpack};

/// The longest module, packed and unpacked, in bytes.
const MAX_MODULE: usize = 64 * 1024 * 1024;
/// Folders below `/lib/modules/<release>` that are looked at.
const DEPTH: usize = 24;
const ENDINGS: &[&str] = &[".ko", ".ko.gz", ".ko.xz", ".ko.zst"];

/// The modules of all `kernels`, verified on all processors.
pub(super) fn modules(facts: &Facts<'_>, kernels: &[Booting], all: &mut Ring0) {
    // Several images may be of one release: the least proven of them decides.
    let mut releases: BTreeMap<&str, &Booting> = BTreeMap::new();
    for kernel in kernels {
        let chosen = releases.entry(&kernel.release).or_insert(kernel);
        if chosen.proven && !kernel.proven {
            *chosen = kernel;
        }
    }
    let mut owners = BTreeMap::new();
    if !releases.is_empty() && facts.packages.has_dpkg {
        owners = listed_below(&facts.reader, facts.packages, "lib/modules/", &mut all.gaps);
    }
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    for (release, kernel) in releases {
        if release.contains('/') || release.starts_with('.') {
            let why = Error::corrupt(Layer::Kernel, None, "a release that is no folder name");
            all.gaps.push(Gap::at_path(kernel.path.clone(), &why));
            continue;
        }
        let names = names(facts, &format!("/lib/modules/{release}"), &mut all.gaps);
        let paths = facts.reader.paths();
        let mut objects = Vec::new();
        map_in_order(
            names.into_iter(),
            (threads, threads * 2),
            |_| false,
            |path| module(paths, &path, kernel, &owners, facts.packages.has_dpkg),
            |object| {
                objects.push(object);
                true
            },
        );
        all.objects.extend(objects);
    }
}

/// The paths of the modules below `root`.
fn names(facts: &Facts<'_>, root: &str, gaps: &mut Vec<Gap>) -> Vec<String> {
    let paths = facts.reader.paths();
    let tree = match Files::new(paths).tree(root, DEPTH) {
        Ok(tree) => tree,
        Err(gap) => {
            gaps.push(gap);
            return Vec::new();
        }
    };
    gaps.extend(tree.gaps);
    let mut found = Vec::new();
    for path in tree.names {
        if ENDINGS.iter().any(|e| path.ends_with(e)) {
            found.push(path);
            continue;
        }
        // depmod follows links to folders, except for these two.
        let skipped = [format!("{root}/build"), format!("{root}/source")];
        let is = |found: Result<crate::guest::Located>, kind| {
            found.is_ok_and(|at| at.metadata.kind == kind)
        };
        if is(paths.resolve_link(path.as_bytes()), FileKind::Symlink)
            && is(paths.resolve(path.as_bytes()), FileKind::Directory)
            && !skipped.contains(&path)
        {
            let why = Error::unsupported(
                Layer::Kernel,
                None,
                "modules behind a link to a folder are not looked at by this version",
            );
            gaps.push(Gap::at_path(path, &why));
        }
    }
    found
}

fn module(
    paths: &PathSpace,
    path: &str,
    kernel: &Booting,
    owners: &BTreeMap<String, Listed>,
    has_database: bool,
) -> Object {
    let mut object = Object::new(path.to_owned(), None, ObjectKind::Module);
    let read = contained(Layer::Kernel, "a module", || {
        let at = paths.resolve(path.as_bytes())?;
        let stored = read_all(at.open()?.as_ref(), MAX_MODULE as u64)?;
        Ok((at, stored))
    });
    let Some((at, stored)) = judge::unread(&mut object, read) else {
        return object;
    };
    object.path = at.path_text();
    object.volume = Some(at.volume);
    object.bytes = Some(stored.len() as u64);
    let sums = module::sums(&stored);
    object.sha256 = Some(hex(&sums.whole));
    let key = object.path.trim_start_matches("/usr").to_owned();
    let listed = owners.get(key.trim_start_matches('/'));
    object.package = listed.map(|l| l.package.clone());
    let md5 = listed.and_then(|l| l.md5.as_deref());
    if listed.is_none() && has_database {
        object.note("no package owns it", "不属于任何软件包");
    }
    let proof = contained(Layer::Kernel, "a module's signature", || {
        let keys = kernel.keys.as_deref().unwrap_or_default();
        let proof = match packing(&stored) {
            Some(how) => verify_with(&unpack(how, &stored, MAX_MODULE, 0)?, keys, None),
            None => verify_with(&stored, keys, Some(&sums)),
        };
        proof.map(|proof| match proof {
            Proof::Unsigned => Signed::No,
            Proof::Good(key) => Signed::Good(key.common_name().to_owned()),
            Proof::Foreign(name) => Signed::Foreign(name),
            Proof::Bad(key, _) => Signed::Bad(key.common_name().to_owned()),
        })
    });
    if let Some(signed) = judge::unread(&mut object, proof) {
        // MD5 is slow, and says nothing of a module that a proven kernel's key proves.
        let proven = kernel.proven && matches!(signed, Signed::Good(_));
        let equal = md5
            .filter(|_| !proven)
            .map(|md5| md5 == hex(&Md5::digest(&stored)));
        judge(&mut object, signed, kernel, equal);
    }
    object
}

/// What the signature of a module says.
enum Signed {
    No,
    Good(String),
    Foreign(String),
    Bad(String),
}

/// The level of a module. `equal`: whether its package recorded the same digest, where one did.
fn judge(object: &mut Object, signed: Signed, kernel: &Booting, equal: Option<bool>) {
    let no_keys = kernel.keys.as_ref().is_some_and(Vec::is_empty);
    match signed {
        Signed::Good(name) => {
            object.signer = Some(name);
            object.anchor = Some(format!("built-in key of the kernel {}", kernel.path));
            if !kernel.proven {
                object.lower(
                    Level::K3,
                    "the kernel's own key signed it, but the kernel itself is not proven",
                    "由内核内置密钥签名，但该内核本身未经证明",
                );
            }
            if equal == Some(false) {
                object.note(
                    "the package recorded another digest (which is not signed)",
                    "软件包记录的摘要不同（该记录未签名）",
                );
            }
        }
        Signed::Bad(name) => {
            object.signer = Some(name);
            object.lower(
                Level::K0,
                "it names the kernel's own key, and the bytes are not those that were signed",
                "签名指向内核内置密钥，但内容与签名不符",
            );
        }
        Signed::Foreign(name) => {
            object.signer = Some(name);
            if kernel.keys.is_some() {
                object.lower(
                    Level::K2,
                    "signed by a key that is not built into the kernel",
                    "由非内核内置的密钥签名",
                );
            } else {
                object.lower(
                    Level::K3,
                    "the kernel's keys could not be read, so its signature was not verified",
                    "无法读取内核的内置密钥，因此未验证其签名",
                );
            }
            by_record(object, equal);
        }
        Signed::No => {
            if no_keys {
                object.lower(
                    Level::K3,
                    "not signed, as this kernel has no keys for modules",
                    "没有签名；该内核没有模块密钥",
                );
            } else {
                object.lower(Level::K2, "it is not signed", "没有签名");
            }
            by_record(object, equal);
        }
    }
}

/// The part of the package's record for a module that no signature proves.
fn by_record(object: &mut Object, equal: Option<bool>) {
    match equal {
        Some(true) => object.note(
            "the package recorded the same digest (which is not signed)",
            "软件包记录的摘要相同（该记录未签名）",
        ),
        Some(false) => object.lower(
            Level::K0,
            "the package recorded another digest",
            "软件包记录的摘要不同",
        ),
        None => object.lower(
            Level::K2,
            "neither a signature nor a package's record speaks for it",
            "既无可验证的签名，也无软件包记录",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kernel(proven: bool, keys: Option<Vec<crate::trust::Certificate>>) -> Booting {
        Booting {
            path: "/boot/vmlinuz-1".into(),
            release: "1".into(),
            keys,
            proven,
        }
    }

    fn level(signed: Signed, kernel: &Booting, equal: Option<bool>) -> Level {
        let mut object = Object::new("/x.ko".into(), None, ObjectKind::Module);
        judge(&mut object, signed, kernel, equal);
        object.level
    }

    #[test]
    fn a_module_is_never_better_than_what_vouches_for_it() {
        let good = || Signed::Good("key".into());
        let bad = || Signed::Bad("key".into());
        let foreign = || Signed::Foreign("other".into());
        let none = Some(Vec::new());
        assert_eq!(level(good(), &kernel(true, None), Some(true)), Level::K5);
        assert_eq!(level(good(), &kernel(false, None), Some(true)), Level::K3);
        assert_eq!(level(bad(), &kernel(true, None), Some(true)), Level::K0);
        let keyed = kernel(true, none.clone());
        assert_eq!(level(foreign(), &keyed, Some(true)), Level::K2);
        assert_eq!(level(foreign(), &kernel(true, None), Some(true)), Level::K3);
        assert_eq!(level(foreign(), &kernel(true, None), None), Level::K2);
        assert_eq!(
            level(Signed::No, &kernel(true, None), Some(true)),
            Level::K2
        );
        assert_eq!(level(Signed::No, &keyed, Some(true)), Level::K3);
        assert_eq!(level(Signed::No, &keyed, None), Level::K2);
        assert_eq!(level(Signed::No, &keyed, Some(false)), Level::K0);
    }
}
