//! The modules of the kernels that may boot.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::modinfo::{self, ModuleInfo};
use super::parts::Booting;
use super::stray::Stray;
use super::{Facts, Level, Object, ObjectKind, Ring0, judge};
use crate::bytes::hex;
use crate::error::{Error, Layer, Result, contained};
use crate::evidence::files::Files;
use crate::evidence::linux::packages::{FileDigest, Listed, key_of, listed};
use crate::evidence::{Found, Gap, Location};
use crate::fs::FileKind;
use crate::guest::PathSpace;
use crate::source::read_all_into;
use crate::text::lossless;
use crate::trust::DigestKind;
use crate::trust::module::{self, ModuleDigests, Proof, verify_with};
use crate::trust::unpack::{packing, unpack};

/// The longest module, packed and unpacked, in bytes.
pub(super) const MAX_MODULE: usize = 64 * 1024 * 1024;
/// Folders below `/lib/modules/<release>` that are looked at.
const DEPTH: usize = 24;
/// Folders that links below one release lead to.
const MAX_FOLDERS: usize = 64;
const ENDINGS: &[&str] = &[".ko", ".ko.gz", ".ko.xz", ".ko.zst"];

thread_local! {
    /// What a thread reads one module after the other into: fresh memory costs more than reading.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// A module of a kernel that may boot.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct KernelModule {
    /// The release of the kernel that would load it.
    pub release: String,
    /// What its signature says.
    pub signature: ModuleSignature,
    /// That kernel's keys were read; without them no signature was verified.
    pub keys_read: bool,
    /// That kernel has keys for modules.
    pub has_keys: bool,
    /// The package that owns it.
    pub package: Option<String>,
    /// Whether that package recorded the same digest, where it recorded one that was compared.
    pub recorded: Option<bool>,
    /// The package whose sources DKMS built it from, where no package owns it.
    pub built_from: Option<String>,
    /// What it says of itself.
    pub info: Option<ModuleInfo>,
    /// The initramfs that it is in, where it is in one and equal to no file of the root.
    pub initramfs: Option<String>,
}

/// The modules of the kernels that may boot, and modules in other places.
#[derive(Debug, Clone, Default)]
pub struct Modules {
    /// Those that the kernels may load by name, by release and path.
    pub items: Vec<Found<KernelModule>>,
    /// Files below `/lib/modules` of other releases that no package owns; empty where there is no
    /// database.
    pub spare: Vec<Found<String>>,
    /// Modules outside of `/lib/modules`, whatever they are called.
    pub stray: Vec<Found<Stray>>,
    /// There is a database of packages that tells who owns a file.
    pub has_database: bool,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// The modules of all `kernels`, verified on all processors.
pub(super) fn modules(facts: &Facts<'_>, kernels: &[Booting], all: &mut Ring0) -> Modules {
    let mut found = Modules {
        has_database: facts.packages.has_database(),
        ..Modules::default()
    };
    let releases = releases(kernels);
    let mut owners = BTreeMap::new();
    if found.has_database {
        let below = |path: &str| path.starts_with("lib/modules/");
        owners = listed(&facts.reader, facts.packages, below, &mut found.gaps);
    }
    let signed = signed(facts, &owners);
    for (release, kernel) in &releases {
        if release.contains('/') || release.starts_with('.') {
            let why = Error::corrupt(
                Layer::Kernel,
                None,
                say!(error_kernel_release, release = *release),
            );
            found.gaps.push(Gap::at_path(kernel.path.clone(), &why));
            continue;
        }
        let names = names(facts, &format!("/lib/modules/{release}"), &mut found.gaps);
        let paths = facts.reader.paths();
        crate::parallel::each(
            names,
            |path| {
                BUFFER.with_borrow_mut(|buffer| {
                    let known = (&owners, &signed);
                    module(paths, &path, kernel, known, found.has_database, buffer)
                })
            },
            |(object, module)| {
                let at = Location {
                    volume: object.volume.clone(),
                    path: Some(object.path.clone()),
                    sha256: object.sha256.clone(),
                    ..Location::default()
                };
                all.objects.push(object);
                found.items.push(Found { fact: module, at });
            },
        );
    }
    let known: Vec<&str> = releases.keys().copied().collect();
    spare(facts, &known, &owners, &mut found);
    found.stray = super::stray::collect(facts, &mut found.gaps);
    super::dkms::attribute(facts, &mut found);
    all.gaps.extend(found.gaps.iter().cloned());
    found
}

/// The packages that list a module and whose headers the system's vendor signed, and the key.
fn signed(facts: &Facts<'_>, owners: &BTreeMap<String, Listed>) -> BTreeMap<usize, String> {
    let items: BTreeSet<usize> = owners.values().map(|l| l.item).collect();
    let of = |item: usize| {
        let package = facts.packages.items.get(item)?;
        let seal = package.fact.seal(facts.references.trust);
        let vendors = seal.is_vendors(facts.os);
        Some((item, seal.anchor().filter(|_| vendors)?))
    };
    items.into_iter().filter_map(of).collect()
}

/// The kernel that modules of each release are judged by: several images may be of one release,
/// and the least proven of them decides.
pub(super) fn releases(kernels: &[Booting]) -> BTreeMap<&str, &Booting> {
    let mut releases: BTreeMap<&str, &Booting> = BTreeMap::new();
    for kernel in kernels {
        let chosen = releases.entry(&kernel.release).or_insert(kernel);
        if chosen.proven && !kernel.proven {
            *chosen = kernel;
        }
    }
    releases
}

/// True for the name of a module.
pub(super) fn is_module(path: &str) -> bool {
    ENDINGS.iter().any(|e| path.ends_with(e))
}

/// The paths of the modules below `root`. Links to folders are followed as depmod does, those
/// named `build` and `source` excepted.
fn names(facts: &Facts<'_>, root: &str, gaps: &mut Vec<Gap>) -> Vec<String> {
    let paths = facts.reader.paths();
    let skipped = [format!("{root}/build"), format!("{root}/source")];
    let mut todo = vec![root.to_owned()];
    let mut seen = BTreeSet::new();
    let mut found = BTreeSet::new();
    while let Some(folder) = todo.pop() {
        let real = match paths.find(folder.as_bytes()) {
            Ok(Some(at)) => at.path_text(),
            Ok(None) => continue,
            Err(e) => {
                gaps.push(Gap::at_path(folder, &e));
                continue;
            }
        };
        // A link may lead to a folder that holds it.
        let inside = seen.iter().any(|s: &String| below(&real, s));
        if inside || !seen.insert(real) {
            continue;
        }
        if seen.len() > MAX_FOLDERS {
            let why = Error::limit(
                Layer::Kernel,
                None,
                say!(error_too_many, most = MAX_FOLDERS, what = "links"),
            );
            gaps.push(Gap::at_path(folder, &why));
            break;
        }
        let tree = match Files::new(paths).tree(&folder, DEPTH) {
            Ok(tree) => tree,
            Err(gap) => {
                gaps.push(gap);
                continue;
            }
        };
        gaps.extend(tree.gaps);
        for path in tree.names {
            let is = |found: Result<crate::guest::Located>, kind| {
                found.is_ok_and(|at| at.metadata.kind == kind)
            };
            if is_module(&path) {
                found.insert(path);
            } else if is(paths.resolve_link(path.as_bytes()), FileKind::Symlink)
                && is(paths.resolve(path.as_bytes()), FileKind::Directory)
                && !skipped.contains(&path)
            {
                todo.push(path);
            }
        }
    }
    found.into_iter().collect()
}

/// True where `path` is `folder` or in it.
fn below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What no package owns below the folders of releases whose kernels do not boot.
fn spare(
    facts: &Facts<'_>,
    known: &[&str],
    owners: &BTreeMap<String, Listed>,
    found: &mut Modules,
) {
    if !found.has_database {
        return;
    }
    let reader = &facts.reader;
    for folder in reader.children(b"/lib/modules", &mut found.gaps) {
        let folder = lossless(&folder);
        let release = folder.rsplit('/').next().unwrap_or_default();
        if known.contains(&release) {
            continue;
        }
        for path in names(facts, &folder, &mut found.gaps) {
            let Some(at) = reader.find(path.as_bytes(), &mut found.gaps) else {
                continue;
            };
            if !owners.contains_key(key_of(&at.path_text())) {
                found.spare.push(Found {
                    at: Location::of(&at),
                    fact: release.to_owned(),
                });
            }
        }
    }
}

/// What is known of a module whose bytes are here.
pub(super) struct Examined {
    pub(super) signature: ModuleSignature,
    pub(super) info: Option<ModuleInfo>,
}

/// Verifies the module `stored`, packed or not, with the keys of `kernel`. `sums` are those of
/// `stored`, where they are known.
pub(super) fn examine(
    stored: &[u8],
    sums: Option<&ModuleDigests>,
    kernel: &Booting,
) -> Result<Examined> {
    contained(Layer::Kernel, "a module", || {
        let (plain, sums) = match packing(stored) {
            Some(how) => (Cow::Owned(unpack(how, stored, MAX_MODULE, 0)?), None),
            None => (Cow::Borrowed(stored), sums),
        };
        let keys = kernel.keys.as_deref().unwrap_or_default();
        let signature = match verify_with(&plain, keys, sums)? {
            Proof::Unsigned => ModuleSignature::None,
            Proof::Good(key) => ModuleSignature::Good(key.common_name().to_owned()),
            Proof::Foreign(name) => ModuleSignature::Foreign(name),
            Proof::Bad(key, _) => ModuleSignature::Bad(key.common_name().to_owned()),
        };
        let mut info = modinfo::read(&plain)?;
        // What a proven module takes from others proves nothing and is much.
        if let (ModuleSignature::Good(_), Some(info)) = (&signature, &mut info) {
            info.imports = Vec::new();
        }
        Ok(Examined { signature, info })
    })
}

fn module(
    paths: &PathSpace,
    path: &str,
    kernel: &Booting,
    (owners, signed): (&BTreeMap<String, Listed>, &BTreeMap<usize, String>),
    has_database: bool,
    buffer: &mut Vec<u8>,
) -> (Object, KernelModule) {
    let mut object = Object::new(path.to_owned(), None, ObjectKind::Module);
    let mut fact = KernelModule::of(kernel);
    let read = contained(Layer::Kernel, "a module", || {
        let at = paths.resolve(path.as_bytes())?;
        let stored = read_all_into(at.open()?.as_ref(), MAX_MODULE as u64, buffer)?;
        Ok((at, stored))
    });
    let Some((at, stored)) = judge::unread(&mut object, read) else {
        return (object, fact);
    };
    object.path = at.path_text();
    object.volume = Some(at.volume);
    object.bytes = Some(stored.len() as u64);
    let sums = module::sums(stored);
    object.sha256 = Some(hex(&sums.whole));
    let listed = owners.get(key_of(&object.path));
    object.package = listed.map(|l| l.package.clone());
    fact.package.clone_from(&object.package);
    if listed.is_none() && has_database {
        object.note("no package owns it", "不属于任何软件包");
    }
    // A signature by the kernel's own key proves more than a record that is not signed.
    let record = listed.and_then(|l| l.digest.as_ref());
    let equal = |d: &FileDigest| match d.kind {
        DigestKind::Sha256 => d.hex == hex(&sums.whole),
        kind => d.hex == hex(&kind.of(stored)),
    };
    let vendor = listed.and_then(|l| signed.get(&l.item));
    let examined = examine(stored, Some(&sums), kernel);
    let good = matches!(&examined, Ok(e) if matches!(e.signature, ModuleSignature::Good(_)));
    if vendor.is_some() || !(good && kernel.proven) {
        fact.recorded = record.map(equal);
    }
    match (vendor, fact.recorded) {
        (Some(key), Some(true)) => {
            // Its own signature is told and proves nothing more.
            let mut own = Object::new(object.path.clone(), None, ObjectKind::Module);
            take(&mut own, &mut fact, examined, kernel);
            (object.signer, object.anchor) = (own.signer, Some(key.clone()));
            object.note(
                "its digest is the one in the package's header, which a pinned key of this system's vendor signed",
                "其摘要与软件包头记录一致，该包头由本系统厂商的固定密钥签名",
            );
            return (object, fact);
        }
        (Some(_), Some(false)) => object.lower(
            Level::K0,
            "its digest is not the one in the package's header, which a pinned key of this system's vendor signed",
            "其摘要与软件包头记录不一致，而该包头由本系统厂商的固定密钥签名",
        ),
        _ => {}
    }
    take(&mut object, &mut fact, examined, kernel);
    (object, fact)
}

/// Judges a module by what was found of it.
pub(super) fn take(
    object: &mut Object,
    fact: &mut KernelModule,
    examined: Result<Examined>,
    kernel: &Booting,
) {
    if let Some(examined) = judge::unread(object, examined) {
        judge(object, examined.signature.clone(), kernel, fact.recorded);
        fact.signature = examined.signature;
        fact.info = examined.info;
    }
}

impl KernelModule {
    /// A module of `kernel` of which nothing is known yet.
    pub(super) fn of(kernel: &Booting) -> Self {
        Self {
            release: kernel.release.clone(),
            signature: ModuleSignature::Unread,
            keys_read: kernel.keys.is_some(),
            has_keys: kernel.keys.as_ref().is_some_and(|k| !k.is_empty()),
            package: None,
            recorded: None,
            built_from: None,
            info: None,
            initramfs: None,
        }
    }
}

/// What the signature of a module says.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ModuleSignature {
    /// There is none.
    None,
    /// A key that is built into its kernel made it, and the bytes are those that were signed.
    Good(String),
    /// Of another signer.
    Foreign(String),
    /// It names a built-in key, and the bytes are not those that were signed.
    Bad(String),
    /// It could not be read.
    Unread,
}

/// The level of a module. `equal`: whether its package recorded the same digest, where one did.
fn judge(object: &mut Object, signed: ModuleSignature, kernel: &Booting, equal: Option<bool>) {
    let no_keys = kernel.keys.as_ref().is_some_and(Vec::is_empty);
    match signed {
        ModuleSignature::Good(name) => {
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
        ModuleSignature::Bad(name) => {
            object.signer = Some(name);
            object.lower(
                Level::K0,
                "it names the kernel's own key, and the bytes are not those that were signed",
                "签名指向内核内置密钥，但内容与签名不符",
            );
        }
        ModuleSignature::Foreign(name) => {
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
        ModuleSignature::Unread => {}
        ModuleSignature::None => {
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

    fn level(signed: ModuleSignature, kernel: &Booting, equal: Option<bool>) -> Level {
        let mut object = Object::new("/x.ko".into(), None, ObjectKind::Module);
        judge(&mut object, signed, kernel, equal);
        object.level
    }

    #[test]
    fn a_module_is_never_better_than_what_vouches_for_it() {
        let good = || ModuleSignature::Good("key".into());
        let bad = || ModuleSignature::Bad("key".into());
        let foreign = || ModuleSignature::Foreign("other".into());
        let none = Some(Vec::new());
        assert_eq!(level(good(), &kernel(true, None), Some(true)), Level::K5);
        assert_eq!(level(good(), &kernel(false, None), Some(true)), Level::K3);
        assert_eq!(level(bad(), &kernel(true, None), Some(true)), Level::K0);
        let keyed = kernel(true, none.clone());
        assert_eq!(level(foreign(), &keyed, Some(true)), Level::K2);
        assert_eq!(level(foreign(), &kernel(true, None), Some(true)), Level::K3);
        assert_eq!(level(foreign(), &kernel(true, None), None), Level::K2);
        assert_eq!(
            level(ModuleSignature::None, &kernel(true, None), Some(true)),
            Level::K2
        );
        assert_eq!(level(ModuleSignature::None, &keyed, Some(true)), Level::K3);
        assert_eq!(level(ModuleSignature::None, &keyed, None), Level::K2);
        assert_eq!(level(ModuleSignature::None, &keyed, Some(false)), Level::K0);
    }
}
