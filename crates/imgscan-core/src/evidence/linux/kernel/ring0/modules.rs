//! The modules of the kernels that may boot.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::modinfo::{self, MAX_KEPT, MAX_MODULE, ModuleInfo, is_module};
use super::module::{KernelModule, ModuleSignature, Modules};
use super::programs::Booting;
use super::signatures::unread;
use super::{Facts, Object, ObjectKind, Ring0, Ring0Fact};
use crate::bytes::hex;
use crate::error::{Error, Kind, Layer, Result, contained};
use crate::evidence::files::Files;
use crate::evidence::linux::packages::{FileDigest, Listed, key_of, listed};
use crate::evidence::{Found, Gap, Location};
use crate::fs::FileKind;
use crate::guest::PathSpace;
use crate::source::read_all_into;
use crate::text::{Text, lossless, terminal};
use crate::trust::DigestKind;
use crate::trust::module::{self, ModuleDigests, Proof, verify_with};
use crate::trust::unpack::{packing, unpack};

/// Folders below `/lib/modules/<release>` that are looked at.
const DEPTH: usize = 24;
/// Folders that links below one release lead to.
const MAX_FOLDERS: usize = 64;

/// What a module costs, beside a text of its length: its bytes are hashed, and no lines are looked at.
const PART_OF_A_TEXT: u64 = 16;
/// Bytes of text that cost as much as a field or a symbol of a module.
const LINE: u64 = 64;

thread_local! {
    /// What a thread reads one module after the other into: fresh memory costs more than reading.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
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
    let headers = signed_headers(facts, &owners);
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
        built_in(facts, release, &mut found);
        let names = names(facts, &format!("/lib/modules/{release}"), &mut found.gaps);
        let paths = facts.reader.paths();
        crate::parallel::each(
            names,
            |path| {
                BUFFER.with_borrow_mut(|buffer| {
                    let known = (&owners, &headers);
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
    found.misplaced = super::misplaced::collect(facts, &mut found.gaps);
    super::dkms::attribute(facts, &mut found);
    all.gaps.extend(found.gaps.iter().cloned());
    found
}

/// The modules that are built into the kernel of `release` (kbuild: `modules.builtin`).
fn built_in(facts: &Facts<'_>, release: &str, found: &mut Modules) {
    let list = format!("/lib/modules/{release}/modules.builtin");
    let Some(file) = facts.reader.text(list, &mut found.gaps) else {
        return;
    };
    for (_, line) in file.lines() {
        let name = line.trim().rsplit('/').next().unwrap_or_default();
        let name = name.split(".ko").next().unwrap_or_default();
        found.built_in.insert(name.replace('-', "_"));
    }
}

/// The packages that list a module and whose headers the system's vendor signed, and the key.
fn signed_headers(facts: &Facts<'_>, owners: &BTreeMap<String, Listed>) -> BTreeMap<usize, String> {
    let items: BTreeSet<usize> = owners.values().map(|l| l.item).collect();
    let of = |item: usize| {
        let package = facts.packages.items.get(item)?;
        let seal = package.fact.seal(facts.references.bundle());
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
            Ok(tree) => tree.whole(DEPTH),
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
    /// Its length in bytes where it was packed.
    unpacked: Option<usize>,
}

impl Examined {
    /// What it costs beside the bytes of its file, in bytes of text: those that it was unpacked to, and a line for
    /// whatever it says.
    fn cost(&self) -> u64 {
        let said = self.info.as_ref().map_or(0, ModuleInfo::said);
        let unpacked = self.unpacked.unwrap_or_default() as u64;
        unpacked / PART_OF_A_TEXT + LINE * said as u64
    }
}

/// Verifies the module `stored`, packed or not, with the keys of `kernel`. `sums` are those of
/// `stored`, where they are known.
pub(super) fn examine(
    stored: &[u8],
    sums: Option<&ModuleDigests>,
    kernel: &Booting,
) -> Result<Examined> {
    contained(
        Layer::Kernel,
        || say!(doing_module),
        || {
            let (plain, sums) = match packing(stored) {
                Some(how) => (Cow::Owned(unpack(how, stored, MAX_MODULE, 0)?), None),
                None => (Cow::Borrowed(stored), sums),
            };
            let keys = kernel.keys.as_deref().unwrap_or_default();
            let signature = match verify_with(&plain, keys, sums)? {
                Proof::Unsigned => ModuleSignature::None,
                Proof::Good(key) => ModuleSignature::Good(key.common_name().to_owned()),
                Proof::Foreign(name) => match verify_with(&plain, &kernel.given, sums)? {
                    Proof::Good(key) => ModuleSignature::Given(key.common_name().to_owned()),
                    Proof::Bad(key, _) => ModuleSignature::Bad(key.common_name().to_owned()),
                    _ => ModuleSignature::Foreign(name),
                },
                Proof::Bad(key, _) => ModuleSignature::Bad(key.common_name().to_owned()),
            };
            let mut info = modinfo::read(&plain)?;
            // What a proven module takes from others, and how its parameters are described, proves nothing and is
            // much.
            if let (ModuleSignature::Good(_), Some(info)) = (&signature, &mut info) {
                info.imports = Vec::new();
                info.fields
                    .retain(|(key, _)| !matches!(key.as_ref(), "parm" | "parmtype"));
                info.fields.shrink_to_fit();
            }
            let unpacked = matches!(plain, Cow::Owned(_)).then_some(plain.len());
            Ok(Examined {
                signature,
                info,
                unpacked,
            })
        },
    )
}

fn module(
    paths: &PathSpace,
    path: &str,
    kernel: &Booting,
    (owners, headers): (&BTreeMap<String, Listed>, &BTreeMap<usize, String>),
    has_database: bool,
    buffer: &mut Vec<u8>,
) -> (Object, KernelModule) {
    let mut object = Object::new(path.to_owned(), None, ObjectKind::Module);
    let mut fact = KernelModule::of(kernel);
    let read = contained(
        Layer::Kernel,
        || say!(doing_module),
        || {
            let at = paths.resolve(path.as_bytes())?;
            let data = at.open()?;
            paths.pay(data.len().min(MAX_MODULE as u64) / PART_OF_A_TEXT)?;
            let stored = read_all_into(data.as_ref(), MAX_MODULE as u64, buffer)?;
            Ok((at, stored))
        },
    );
    let Some((at, stored)) = unread(&mut object, read) else {
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
        object.fact(Ring0Fact::ModuleUnowned);
    }
    // A signature by the kernel's own key proves more than a record that is not signed.
    let record = listed.and_then(|l| l.digest.as_ref());
    let equal = |d: &FileDigest| match d.kind {
        DigestKind::Sha256 => d.hex == hex(&sums.whole),
        kind => d.hex == hex(&kind.of(stored)),
    };
    let vendor = listed.and_then(|l| headers.get(&l.item));
    let examined = examine(stored, Some(&sums), kernel);
    let cost = match &examined {
        Ok(examined) => examined.cost(),
        Err(e) if e.kind == Kind::Limit => LINE * MAX_KEPT as u64,
        Err(_) => 0,
    };
    let examined = paths.pay(cost).and(examined);
    let good = matches!(&examined, Ok(e) if matches!(e.signature, ModuleSignature::Good(_)));
    if vendor.is_some() || !(good && kernel.proven) {
        fact.recorded = record.map(equal);
    }
    match (vendor, fact.recorded) {
        (Some(key), Some(true)) => {
            // Its own signature is told and proves nothing more.
            let mut own = Object::new(object.path.clone(), None, ObjectKind::Module);
            take(&mut own, &mut fact, examined, kernel);
            object.signer = own.signer;
            object.anchor = Some(Text::verbatim(key.clone()));
            object.fact(Ring0Fact::InSignedHeader);
            return (object, fact);
        }
        (Some(_), Some(false)) => object.fact(Ring0Fact::NotInSignedHeader),
        _ => {}
    }
    take(&mut object, &mut fact, examined, kernel);
    (object, fact)
}

/// Adds what was found of a module.
pub(super) fn take(
    object: &mut Object,
    fact: &mut KernelModule,
    examined: Result<Examined>,
    kernel: &Booting,
) {
    if let Some(examined) = unread(object, examined) {
        signed(object, examined.signature.clone(), kernel, fact.recorded);
        fact.signature = examined.signature;
        fact.info = examined.info;
    } else if fact.recorded == Some(false) {
        object.fact(Ring0Fact::RecordDiffers);
    }
}

/// Adds what the signature of a module says. `equal`: whether its package recorded the same
/// digest, where one did.
fn signed(object: &mut Object, signed: ModuleSignature, kernel: &Booting, equal: Option<bool>) {
    match signed {
        ModuleSignature::Good(name) => {
            object.signer = Some(name);
            object.anchor = Some(say!(
                ring0_anchor_kernel_key,
                kernel = terminal(&kernel.path)
            ));
            object.fact(if kernel.proven {
                Ring0Fact::ByKernelKey
            } else {
                Ring0Fact::ByUnprovenKernel
            });
            if equal == Some(false) {
                object.fact(Ring0Fact::UnsignedRecordDiffers);
            }
        }
        ModuleSignature::Given(name) => {
            object.signer = Some(name.clone());
            object.anchor = Some(Text::verbatim(name));
            object.fact(Ring0Fact::ByGivenKey);
            if equal == Some(false) {
                object.fact(Ring0Fact::UnsignedRecordDiffers);
            }
        }
        ModuleSignature::Bad(name) => {
            object.signer = Some(name);
            object.fact(Ring0Fact::KernelKeyBytesDiffer);
        }
        ModuleSignature::Foreign(name) => {
            object.signer = Some(name);
            object.fact(if kernel.keys.is_some() {
                Ring0Fact::ForeignKey
            } else {
                Ring0Fact::KernelKeysUnread
            });
            by_record(object, equal);
        }
        ModuleSignature::Unread => {}
        ModuleSignature::None => {
            let no_keys = kernel.keys.as_ref().is_some_and(Vec::is_empty);
            object.fact(if no_keys {
                Ring0Fact::NoModuleKeys
            } else {
                Ring0Fact::ModuleUnsigned
            });
            by_record(object, equal);
        }
    }
}

/// Adds what the package's record says of a module that no signature proves.
fn by_record(object: &mut Object, equal: Option<bool>) {
    object.fact(match equal {
        Some(true) => Ring0Fact::RecordEqual,
        Some(false) => Ring0Fact::RecordDiffers,
        None => Ring0Fact::NothingSpeaks,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kernel(proven: bool, keys: Option<Vec<crate::trust::Certificate>>) -> Booting {
        Booting {
            given: Vec::new(),
            path: "/boot/vmlinuz-1".into(),
            release: "1".into(),
            keys,
            proven,
        }
    }

    fn facts(of: ModuleSignature, kernel: &Booting, equal: Option<bool>) -> Vec<Ring0Fact> {
        let mut object = Object::new("/x.ko".into(), None, ObjectKind::Module);
        signed(&mut object, of, kernel, equal);
        object.facts
    }

    #[test]
    fn a_module_is_never_better_than_what_vouches_for_it() {
        let good = || ModuleSignature::Good("key".into());
        let bad = || ModuleSignature::Bad("key".into());
        let foreign = || ModuleSignature::Foreign("other".into());
        let none = Some(Vec::new());
        use Ring0Fact::{
            ByGivenKey, ByKernelKey, ByUnprovenKernel, ForeignKey, KernelKeyBytesDiffer,
            KernelKeysUnread, ModuleUnsigned, NoModuleKeys, NothingSpeaks, RecordDiffers,
            RecordEqual,
        };
        let yes = Some(true);
        assert_eq!(facts(good(), &kernel(true, None), yes), [ByKernelKey]);
        assert_eq!(facts(good(), &kernel(false, None), yes), [ByUnprovenKernel]);
        // The user's own word does not rest on the kernel.
        let given = ModuleSignature::Given("key".into());
        assert_eq!(facts(given, &kernel(false, None), None), [ByGivenKey]);
        let found = facts(bad(), &kernel(true, None), yes);
        assert_eq!(found, [KernelKeyBytesDiffer]);
        let keyed = kernel(true, none.clone());
        assert_eq!(facts(foreign(), &keyed, yes), [ForeignKey, RecordEqual]);
        let found = facts(foreign(), &kernel(true, None), yes);
        assert_eq!(found, [KernelKeysUnread, RecordEqual]);
        let found = facts(foreign(), &kernel(true, None), None);
        assert_eq!(found, [KernelKeysUnread, NothingSpeaks]);
        let unsigned = |kernel: &Booting, equal| facts(ModuleSignature::None, kernel, equal);
        let found = unsigned(&kernel(true, None), yes);
        assert_eq!(found, [ModuleUnsigned, RecordEqual]);
        assert_eq!(unsigned(&keyed, yes), [NoModuleKeys, RecordEqual]);
        assert_eq!(unsigned(&keyed, None), [NoModuleKeys, NothingSpeaks]);
        let found = unsigned(&keyed, Some(false));
        assert_eq!(found, [NoModuleKeys, RecordDiffers]);
    }
}
