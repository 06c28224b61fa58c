//! What explains each member.

use std::collections::{BTreeMap, BTreeSet};

use super::generated::Sources;
use super::read::{ArchiveMember, Index};
use super::{Cause, Initramfs, MemberClass, leftover, microcode};
use crate::cpio::MemberKind;
use crate::error::Result;
use crate::evidence::files::{Files, sha256};
use crate::evidence::linux::kernel::ring0::modinfo::is_module;
use crate::evidence::linux::kernel::ring0::module::{KernelModule, Modules};
use crate::evidence::linux::kernel::ring0::{Facts, ModuleInfo};
use crate::evidence::linux::packages::{Listed, key_of, listed};
use crate::evidence::{Found, Gap};
use crate::fs::FileKind;
use crate::trust::DigestKind;

/// Where the programs that make an initramfs keep what they put into it under another path.
const SOURCES: &[&str] = &[
    "/usr/share/initramfs-tools",
    "/usr/lib/initramfs-tools",
    "/etc/initramfs-tools",
    "/usr/lib/klibc",
    "/usr/lib/dracut",
    "/usr/share/plymouth",
    "/usr/lib/cryptsetup",
    "/usr/share/cryptsetup",
    "/usr/share/mkinitfs",
];
/// Levels below them.
const DEPTH: usize = 8;
/// Files of one name there that are looked at.
const MAX_SAME: usize = 64;
/// Members that are derived from others.
const MAX_DERIVED: usize = 1000;
/// Text that the early system acts upon.
const ACTED_UPON: &[&str] = &[
    "/udev/rules.d/",
    "/modprobe.d/",
    "/modules-load.d/",
    "/systemd/system",
    "/dracut/",
    "/hooks/",
    "/sysctl.d/",
    "/tmpfiles.d/",
    "/etc/crypttab",
    "/etc/cmdline",
    "/etc/profile",
];
/// Where dracut writes what its own scripts act upon.
const WRITTEN: &[&str] = &[
    "/lib/dracut/hooks/",
    "/etc/cmdline.d/",
    "/etc/conf.d/",
    "/lib/dracut/build-parameter",
];
const KEYS: &[&str] = &[
    "authorized_keys",
    "/dropbear",
    "/.ssh/",
    "/cryptroot/keyfiles/",
    "/keyfile",
];

/// What a member can do.
pub(super) fn class(item: &ArchiveMember) -> MemberClass {
    let path = item.path.as_str();
    let starts = |folder: &str| path.starts_with(folder);
    if is_module(path) {
        return MemberClass::Module;
    }
    if item.head.starts_with(b"\x7fELF") {
        return MemberClass::Program;
    }
    if KEYS.iter().any(|k| path.contains(k)) {
        return MemberClass::Key;
    }
    if item.head.starts_with(b"#!") {
        return MemberClass::Script;
    }
    let config = [
        "/init",
        "/scripts/",
        "/conf/",
        "/bin/",
        "/sbin/",
        "/etc/ld.so.preload",
        "/etc/ld.so.cache",
    ];
    if config.iter().any(|c| starts(c))
        || ACTED_UPON.iter().any(|c| path.contains(c))
        || path.ends_with(".sh")
    {
        return MemberClass::Config;
    }
    // Every link has the x bit.
    if item.mode & 0o111 != 0 && item.kind == MemberKind::Regular {
        return MemberClass::Script;
    }
    MemberClass::Data
}

/// The root file system as a source of members.
struct Root<'a> {
    facts: &'a Facts<'a>,
    /// Files of [`SOURCES`] by their last name.
    sources: BTreeMap<String, Vec<String>>,
    digests: BTreeMap<String, Option<(String, String)>>,
}

impl Root<'_> {
    /// The path with links followed and the digest of the regular file at `path`, where it has
    /// `size` bytes; with another size the digest is empty.
    fn digest(&mut self, path: &str, size: u64) -> Result<Option<(String, String)>> {
        if let Some(known) = self.digests.get(path) {
            return Ok(known.clone());
        }
        let at = self.facts.reader.paths().find(path.as_bytes())?;
        let Some(at) = at.filter(|at| at.metadata.kind == FileKind::Regular) else {
            return Ok(None);
        };
        if at.metadata.size != size {
            return Ok(Some((at.path_text(), String::new())));
        }
        let found = Some((at.path_text(), sha256(at.open()?.as_ref())?));
        self.digests.insert(path.to_owned(), found.clone());
        Ok(found)
    }

    /// Paths of the system that the member at `path` may be made from, its own first.
    fn candidates(&self, path: &str) -> Vec<String> {
        let mut all = vec![path.to_owned()];
        let base = path.rsplit('/').next().unwrap_or_default();
        let rest = path.trim_start_matches('/');
        for (inside, folder) in [
            ("init", "/usr/share/initramfs-tools/"),
            ("scripts/", "/etc/initramfs-tools/"),
            ("scripts/", "/usr/share/initramfs-tools/"),
            ("conf/conf.d/", "/usr/share/initramfs-tools/"),
        ] {
            if rest.starts_with(inside) {
                all.push(format!("{folder}{rest}"));
            }
        }
        if let Some(rest) = rest.strip_prefix("conf/") {
            all.push(format!("/etc/initramfs-tools/{rest}"));
        }
        // dracut puts a number before the name of a hook.
        let bare = base
            .split_once('-')
            .filter(|(n, _)| n.bytes().all(|b| b.is_ascii_digit()));
        for name in [Some(base), bare.map(|(_, name)| name)]
            .into_iter()
            .flatten()
        {
            all.extend(self.sources.get(name).into_iter().flatten().cloned());
        }
        all
    }
}

/// A member that equals a file of the system.
struct Match<'a> {
    item: &'a ArchiveMember,
    class: MemberClass,
    path: String,
    /// The file stands at the member's own path.
    same: bool,
}

/// Modules by SHA-256.
type BySum<'a> = BTreeMap<&'a str, Vec<&'a Found<KernelModule>>>;

/// Explains the members `items`; `infos` are of modules that are no file of the system.
pub(super) fn explain(
    facts: &Facts<'_>,
    modules: &Modules,
    items: &[ArchiveMember],
    infos: &BTreeMap<String, ModuleInfo>,
    one: &mut Initramfs,
    gaps: &mut Vec<Gap>,
) {
    let mut by_sum = BySum::new();
    for module in &modules.items {
        let sum = module.at.sha256.as_deref().unwrap_or_default();
        by_sum.entry(sum).or_default().push(module);
    }
    let known: BTreeMap<&str, &ModuleInfo> = modules
        .items
        .iter()
        .filter_map(|m| Some((m.at.sha256.as_deref()?, m.fact.info.as_ref()?)))
        .chain(infos.iter().map(|(sum, info)| (sum.as_str(), info)))
        .collect();
    let index = Index::new(items);
    let mut sources = Sources {
        items,
        index: &index,
        modules: BTreeMap::new(),
        architectures: BTreeSet::new(),
    };
    for package in &facts.packages.items {
        sources
            .architectures
            .insert(package.fact.architecture.as_str());
    }
    for item in items
        .iter()
        .filter(|i| i.kind == MemberKind::Regular && is_module(&i.path))
    {
        if let Some(info) = known.get(item.sha256.as_str()) {
            sources.modules.insert(&item.path, info);
        }
    }
    let mut root = Root {
        facts,
        sources: by_name(facts, gaps),
        digests: BTreeMap::new(),
    };
    let mut matches = Vec::new();
    let mut derived = 0;
    let dracut = by_dracut(facts, items);
    for item in items {
        match item.kind {
            MemberKind::Regular => {}
            MemberKind::Symlink => {
                link(&mut root, &index, item, one);
                continue;
            }
            _ => continue,
        }
        let class = class(item);
        if class == MemberClass::Module {
            module(&by_sum, item, one);
        } else if item.size == 0 {
            one.derived += 1;
        } else if let Some((path, same)) = equal(&mut root, item, gaps) {
            matches.push(Match {
                item,
                class,
                path,
                same,
            });
        } else if derived < MAX_DERIVED
            && let Some(compared) = sources.compare(item)
        {
            derived += 1;
            match compared {
                Ok(()) => one.derived += 1,
                Err(how) => {
                    // What names modules can name only members, which are proven one by one.
                    let index = item.path.contains("/lib/modules/");
                    let class = if index { MemberClass::Data } else { class };
                    one.left.push(leftover(item, class, Cause::Derived { how }));
                }
            }
        } else if item.path.contains("/microcode/")
            && item
                .bytes
                .as_deref()
                .is_some_and(|b| microcode::explained(facts, b))
        {
            one.copied += 1;
        } else {
            let other = root.candidates(&item.path).into_iter();
            let other = other
                .filter_map(|p| root.digest(&p, item.size).ok().flatten())
                .next();
            let cause = match other {
                Some(_) if dracut && class == MemberClass::Program => Cause::Dracut,
                Some((path, _)) => Cause::Differs { path },
                None if dracut && WRITTEN.iter().any(|w| item.path.contains(w)) => Cause::Dracut,
                None => Cause::Unknown,
            };
            one.left.push(leftover(item, class, cause));
        }
    }
    whose(facts, matches, one, gaps);
}

/// True where dracut is installed and the members are of its making.
fn by_dracut(facts: &Facts<'_>, items: &[ArchiveMember]) -> bool {
    let here = facts.packages.listed().any(|p| p.fact.name == "dracut");
    let has = |part: &str| items.iter().any(|i| i.path.contains(part));
    here && has("/lib/dracut/") && !has("/scripts/init-top") && !has("/conf/initramfs.conf")
}

/// The files of [`SOURCES`] by their last name.
fn by_name(facts: &Facts<'_>, gaps: &mut Vec<Gap>) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for folder in SOURCES {
        match Files::new(facts.reader.paths()).tree(folder, DEPTH) {
            Ok(tree) => {
                gaps.extend(tree.gaps);
                for path in tree.names {
                    let base = path.rsplit('/').next().unwrap_or_default().to_owned();
                    let same = all.entry(base).or_default();
                    if same.len() < MAX_SAME {
                        same.push(path);
                    }
                }
            }
            Err(gap) => gaps.push(gap),
        }
    }
    all
}

/// A file of the system with the same bytes, and whether it stands at the same path.
fn equal(root: &mut Root<'_>, item: &ArchiveMember, gaps: &mut Vec<Gap>) -> Option<(String, bool)> {
    for (i, path) in root.candidates(&item.path).into_iter().enumerate() {
        match root.digest(&path, item.size) {
            Ok(Some((real, sum))) if sum == item.sha256 => return Some((real, i == 0)),
            Ok(_) => {}
            Err(e) => gaps.push(Gap::at_path(path, &e)),
        }
    }
    None
}

/// A module that is one of the root file system, under the same last name.
fn module(by_sum: &BySum<'_>, item: &ArchiveMember, one: &mut Initramfs) {
    let base = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let mine = base(&item.path);
    let all = by_sum.get(item.sha256.as_str()).into_iter().flatten();
    let mut all = all.filter(|m| m.at.path.as_deref().is_some_and(|p| base(p) == mine));
    match all.next() {
        Some(m) if m.fact.initramfs.is_none() => one.same += 1,
        // Verified by itself; listed there where it is not proven.
        Some(_) => one.copied += 1,
        None => one
            .left
            .push(leftover(item, MemberClass::Module, Cause::Unknown)),
    }
}

/// A link in place of something that runs leads to a member, or is one of the system.
fn link(root: &mut Root<'_>, index: &Index<'_>, item: &ArchiveMember, one: &mut Initramfs) {
    let runs = !matches!(class(item), MemberClass::Data);
    if !runs || index.find(&item.path).is_some() {
        return;
    }
    let paths = root.facts.reader.paths();
    let own = paths.resolve_link(item.path.as_bytes()).ok();
    let own = own.filter(|at| at.metadata.kind == FileKind::Symlink);
    let target = own.and_then(|at| at.fs.read_link(at.id).ok());
    if target.is_none() || target != item.bytes {
        one.left
            .push(leftover(item, MemberClass::Script, Cause::Unknown));
    }
}

/// Whether the package recorded the digest of `item`; `None` where it recorded none that is known
/// of it.
fn recorded(listed: &Listed, item: &ArchiveMember) -> Option<bool> {
    let digest = listed.digest.as_ref()?;
    let own = match digest.kind {
        DigestKind::Md5 => item.md5.as_ref()?,
        DigestKind::Sha256 => &item.sha256,
        _ => return None,
    };
    Some(digest.hex == *own)
}

/// Asks the packages about the files that members equal.
fn whose(facts: &Facts<'_>, matches: Vec<Match<'_>>, one: &mut Initramfs, gaps: &mut Vec<Gap>) {
    let mut owners = BTreeMap::new();
    if facts.packages.has_database() {
        let wanted: BTreeSet<&str> = matches.iter().map(|m| key_of(&m.path)).collect();
        owners = listed(&facts.reader, facts.packages, |p| wanted.contains(p), gaps);
    }
    for Match {
        item,
        class,
        path,
        same,
    } in matches
    {
        let owner = owners.get(key_of(&path));
        let cause = match owner {
            None if facts.packages.has_database() && class != MemberClass::Data => {
                Some(Cause::Unowned { path })
            }
            Some(listed) if recorded(listed, item) == Some(false) => Some(Cause::Recorded {
                path,
                package: listed.package.clone(),
            }),
            _ => None,
        };
        if let Some(cause) = cause {
            one.left.push(leftover(item, class, cause));
            continue;
        }
        if class != MemberClass::Data {
            one.recorded += 1;
        }
        if same {
            one.same += 1;
        } else {
            one.copied += 1;
        }
    }
}
