//! What explains each member.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use md5::{Digest as _, Md5};
use sha2::Sha256;

use super::fonts;
use super::generated::Sources;
use super::hooks::{Hooks, merged};
use super::multicall;
use super::read::{ArchiveMember, Index};
use super::stripped::same_when_loaded;
use super::written::{self, Writers};
use super::{Cause, Initramfs, MemberClass, leftover, microcode};
use crate::bytes::hex;
use crate::cpio::{Limits, MemberKind};
use crate::error::Result;
use crate::evidence::files::{Files, sha256};
use crate::evidence::linux::kernel::ring0::modinfo::is_module;
use crate::evidence::linux::kernel::ring0::module::{KernelModule, Modules};
use crate::evidence::linux::kernel::ring0::{Facts, ModuleInfo};
use crate::evidence::linux::packages::{Listed, conffiles, key_of, listed};
use crate::evidence::{Found, Gap};
use crate::fs::FileKind;
use crate::source::ReadAt;
use crate::text::lossless;
use crate::trust::DigestKind;

/// Where dracut keeps what it puts into an initramfs under another path.
const DRACUT: &str = "/usr/lib/dracut";
/// Levels below it.
const DEPTH: usize = 8;
/// Files of one name there that are looked at.
const MAX_SAME: usize = 64;
/// Where dracut puts them.
const BY_DRACUT: &[&str] = &[
    "/usr/lib/dracut/",
    "/usr/lib/systemd/",
    "/usr/lib/udev/rules.d/",
    "/etc/udev/rules.d/",
    "/lib/dracut/",
    "/lib/udev/rules.d/",
];
/// Members that are derived from others.
const MAX_DERIVED: usize = 1000;
/// The longest program that is compared without its symbols, in bytes.
const MAX_PROGRAM: u64 = 64 << 20;
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
    "/cryptroot/",
    "/etc/cmdline",
    "/etc/conf.d/",
    "/etc/inittab",
    "/etc/mdev.conf",
    "/etc/network/",
    "/etc/profile",
    "/.profile",
    "/.ash",
    "/.bash",
];
/// Where dracut writes arguments of its own; programs and scripts are none of them.
const ARGUMENTS: &str = "/etc/cmdline.d/";
/// Folders whose text programs read as settings or source, and those below them with other things.
const TEXTS: &[&str] = &["/etc/", "/usr/lib/", "/lib/"];
const NO_TEXTS: &[&str] = &["firmware/", "modules/", "locale/", "udev/hwdb"];
/// Text in `/etc` that leads to no program.
const INERT: &[&str] = &[
    "adjtime",
    "console-setup/",
    "debian_version",
    "default/console-setup",
    "default/keyboard",
    "fonts/",
    "fstab",
    "hostid",
    "hostname",
    "hosts",
    "initiatorname.iscsi",
    "initrd-release",
    "iscsi/initiatorname.iscsi",
    "issue",
    "ld.so.conf",
    "locale.conf",
    "localtime",
    "machine-id",
    "mdadm",
    "motd",
    "mtab",
    "multipath/",
    "nsswitch.conf",
    "nvme/",
    "os-release",
    "plymouth/",
    "protocols",
    "resolv.conf",
    "services",
    "ssl/",
    "timezone",
    "vconsole.conf",
    "zfs/zpool.cache",
];
/// Where fontconfig keeps its caches.
const FONTS: &str = "/var/cache/fontconfig/";
/// Accounts: the system's own are inert, others let somebody in.
const ACCOUNTS: &[&str] = &["/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow"];
const KEYS: &[&str] = &[
    "authorized_keys",
    "/dropbear",
    "/.ssh/",
    "/cryptroot/keyfiles/",
    "/keyfile",
];

/// True of a device that dracut and the kernel's own initial file system have before udev runs: character
/// devices by their numbers (devices.txt).
fn is_usual_device(item: &ArchiveMember) -> bool {
    const USUAL: &[(&str, (u32, u32))] = &[
        ("/dev/null", (1, 3)),
        ("/dev/zero", (1, 5)),
        ("/dev/random", (1, 8)),
        ("/dev/urandom", (1, 9)),
        ("/dev/kmsg", (1, 11)),
        ("/dev/tty", (5, 0)),
        ("/dev/console", (5, 1)),
    ];
    item.mode & 0o170_000 == 0o020_000 && USUAL.contains(&(item.path.as_str(), item.special))
}

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
    if KEYS.iter().any(|k| path.contains(k)) && !path.ends_with(".conf") {
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
        "/usr/bin/",
        "/usr/sbin/",
        "/etc/dropbear/",
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

/// What a member that only its bytes would make data can do at its place: text may be settings, or
/// be sourced. `dracut` writes such text of its own; what is `known` is a file of the system.
fn at_its_place(
    item: &ArchiveMember,
    class: MemberClass,
    dracut: bool,
    known: bool,
) -> MemberClass {
    let path = item.path.as_str();
    if class != MemberClass::Data {
        return class;
    }
    if ACCOUNTS.contains(&path) {
        return if known { class } else { MemberClass::Config };
    }
    let inert = path.strip_prefix("/etc/");
    let inert = inert.is_some_and(|name| INERT.iter().any(|i| name.starts_with(i)));
    let library = path
        .strip_prefix("/usr")
        .unwrap_or(path)
        .strip_prefix("/lib/");
    let inert = inert || library.is_some_and(|name| NO_TEXTS.iter().any(|n| name.starts_with(n)));
    let inert = inert || path.ends_with("/gconv/gconv-modules.cache");
    let top = !path.trim_start_matches('/').contains('/');
    // A shell runs the lines of any bytes, so whether it is text makes no difference.
    if (top || TEXTS.iter().any(|t| path.starts_with(t))) && !inert && !dracut {
        return MemberClass::Config;
    }
    class
}

/// The root file system as a source of members.
struct Root<'a> {
    facts: &'a Facts<'a>,
    hooks: &'a Hooks,
    /// Files of [`DRACUT`] by their last name, where dracut made the initramfs.
    sources: BTreeMap<String, Vec<String>>,
    digests: BTreeMap<String, Option<(String, String)>>,
    /// Programs with many names by their path: these names.
    applets: BTreeMap<&'static str, Vec<String>>,
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
        let mut from = |inside: &str, folders: &[&str]| {
            if let Some(rest) = path.strip_prefix(inside) {
                all.extend(folders.iter().map(|folder| format!("{folder}{rest}")));
            }
        };
        let (own, settings) = ("/usr/share/initramfs-tools/", "/etc/initramfs-tools/");
        from(
            "/scripts/",
            &[&format!("{settings}scripts/"), &format!("{own}scripts/")],
        );
        from("/conf/conf.d/", &[&format!("{own}conf.d/")]);
        from("/conf/", &[settings]);
        for folder in ["/bin/", "/usr/bin/"] {
            from(folder, &["/usr/lib/klibc/bin/"]);
        }
        match path {
            "/init" => all.extend([
                format!("{own}init"),
                "/usr/share/mkinitfs/initramfs-init".into(),
            ]),
            "/etc/passwd" | "/etc/group" | "/etc/fstab" => {
                all.push(format!("/usr/share/mkinitfs/{base}"));
            }
            _ => {}
        }
        all.extend(self.hooks.sources(path));
        if BY_DRACUT.iter().any(|folder| path.starts_with(folder)) {
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
        }
        all
    }

    /// True where the system's file at the path of the link `item` is what `to`, to which it leads,
    /// is: dracut makes a link of a second name.
    fn is_other_name(&mut self, item: &ArchiveMember, to: &ArchiveMember) -> bool {
        let own = self.digest(&item.path, to.size);
        own.is_ok_and(|own| own.is_some_and(|(_, sum)| sum == to.sha256))
    }

    /// The program with many names that the member `item` equals, and whether its name is one of
    /// them.
    fn multicall(&mut self, item: &ArchiveMember, gaps: &mut Vec<Gap>) -> Option<(String, bool)> {
        for path in multicall::PROGRAMS {
            let digest = self.digest(path, item.size);
            let Ok(Some((real, sum))) = digest else {
                continue;
            };
            if sum != item.sha256 {
                continue;
            }
            let known = self.has_applet(path, &item.path, gaps);
            return Some((real, known));
        }
        None
    }

    /// True where the name at `path` is one of the program at `program`.
    fn has_applet(&mut self, program: &'static str, path: &str, gaps: &mut Vec<Gap>) -> bool {
        let facts = self.facts;
        let names = self.applets.entry(program).or_insert_with(|| {
            let bytes = facts
                .reader
                .bytes(program.as_bytes(), multicall::MAX_PROGRAM, gaps);
            let bytes = bytes.unwrap_or_default();
            let names = multicall::applets(&bytes).into_iter();
            names.map(str::to_owned).collect()
        });
        let own = program.rsplit('/').next();
        multicall::name(path)
            .is_some_and(|name| Some(name) == own || names.iter().any(|n| n == name))
    }
}

/// A member that equals a file of the system.
struct Match<'a> {
    item: &'a ArchiveMember,
    class: MemberClass,
    path: String,
    /// The path that leads there, where a link does.
    asked: String,
    /// The file stands at the member's own path.
    same: bool,
    /// Its digests where they are not those of the member.
    other: Option<Digests>,
}

/// SHA-256 and MD5, lower-case hexadecimal.
type Digests = (String, String);

/// Modules by SHA-256.
type BySum<'a> = BTreeMap<&'a str, Vec<&'a Found<KernelModule>>>;

/// Explains the members `items` of `file`; `infos` are of modules that are no file of the system.
pub(super) fn explain(
    facts: &Facts<'_>,
    modules: &Modules,
    (file, items): (&dyn ReadAt, &[ArchiveMember]),
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
    let hooks = Hooks::of(facts, gaps);
    let index = Index::new(items);
    let mut sources = Sources {
        items,
        index: &index,
        modules: BTreeMap::new(),
        architectures: BTreeSet::new(),
        loads: loads(facts, &hooks, gaps),
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
    let dracut = by_dracut(facts, items);
    let mut root = Root {
        facts,
        hooks: &hooks,
        sources: if dracut {
            by_name(facts, gaps)
        } else {
            BTreeMap::new()
        },
        digests: BTreeMap::new(),
        applets: BTreeMap::new(),
    };
    let writers = Writers {
        facts,
        hooks: &hooks,
    };
    let mut matches = Vec::new();
    let mut stripped = Vec::new();
    let mut derived = 0;
    for item in items {
        match item.kind {
            MemberKind::Regular => {}
            MemberKind::Symlink => {
                link(&mut root, &index, item, one, gaps);
                continue;
            }
            MemberKind::Special if is_usual_device(item) => {
                one.derived += 1;
                continue;
            }
            MemberKind::Special => {
                one.left
                    .push(leftover(item, MemberClass::Config, Cause::Unknown));
                continue;
            }
            _ => continue,
        }
        let class = class(item);
        if class == MemberClass::Module {
            module(&by_sum, item, one);
        } else if class == MemberClass::Key && admits(item) {
            one.left.push(leftover(item, class, Cause::Admits));
        } else if let Some((path, asked, same)) = equal(&mut root, item, gaps) {
            matches.push(Match {
                item,
                class: at_its_place(item, class, dracut, true),
                path,
                asked,
                same,
                other: None,
            });
        } else if let Some((path, bytes)) = writers.rules(item) {
            let digests = (hex(&Sha256::digest(&bytes)), hex(&Md5::digest(&bytes)));
            matches.push(Match {
                item,
                class,
                asked: path.clone(),
                path,
                same: false,
                other: Some(digests),
            });
        } else if derived < MAX_DERIVED
            && let Some(compared) = sources
                .compare(item)
                .or_else(|| writers.compare(item, at_its_place(item, class, dracut, true)))
        {
            derived += 1;
            match compared {
                Ok(()) => one.derived += 1,
                Err(how) => {
                    // What names modules can name only members, which are proven one by one.
                    let index = item.path.contains("/lib/modules/");
                    let class = if index {
                        MemberClass::Data
                    } else {
                        at_its_place(item, class, dracut, false)
                    };
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
        } else if let Some(name) = item.path.strip_prefix(FONTS)
            && hooks.are_proven("/usr/share/initramfs-tools/hooks/plymouth")
            && item
                .bytes
                .as_deref()
                .is_some_and(|b| fonts::sound(name, b, |path| index.find(path).is_some()))
        {
            one.derived += 1;
        } else if let Some((path, known)) = root.multicall(item, gaps) {
            if known {
                matches.push(Match {
                    item,
                    class,
                    asked: path.clone(),
                    path,
                    same: false,
                    other: None,
                });
            } else {
                one.left
                    .push(leftover(item, class, Cause::NoApplet { path }));
            }
        } else {
            let other = root.candidates(&item.path).into_iter();
            let other = other
                .filter_map(|p| root.digest(&p, item.size).ok().flatten())
                .next();
            match other {
                // An empty file runs nothing, but may stand in for one that does.
                None if item.size == 0 => one.derived += 1,
                Some(_) if item.size == 0 && class == MemberClass::Data => one.derived += 1,
                Some((path, _)) if dracut && class == MemberClass::Program => {
                    stripped.push((item, path));
                }
                // The setting was edited since: what is here is what its package brought.
                Some((path, _)) if is_original(facts, &path, item) => matches.push(Match {
                    item,
                    class,
                    asked: path.clone(),
                    path,
                    same: false,
                    other: None,
                }),
                other => {
                    let class = at_its_place(item, class, dracut, false);
                    let arguments =
                        class == MemberClass::Config && item.path.starts_with(ARGUMENTS);
                    let cause = match other {
                        Some((path, _)) => Cause::Differs { path },
                        None if dracut && arguments => Cause::Dracut,
                        None => Cause::Unknown,
                    };
                    one.left.push(leftover(item, class, cause));
                }
            }
        }
    }
    without_symbols(facts, file, stripped, &mut matches, one);
    whose(facts, matches, one, gaps);
}

/// True where `item` names keys whose holders are let in.
fn admits(item: &ArchiveMember) -> bool {
    item.path.contains("authorized_keys") && item.size > 0
}

/// The modules that hooks and the settings of initramfs-tools ask for.
fn loads(facts: &Facts<'_>, hooks: &Hooks, gaps: &mut Vec<Gap>) -> BTreeSet<String> {
    let mut all = hooks.loads.clone();
    let mut files = vec![b"/etc/initramfs-tools/modules".to_vec()];
    let folder = b"/usr/share/initramfs-tools/modules.d";
    files.extend(facts.reader.children(folder, gaps));
    for file in files {
        if let Some(text) = facts.reader.text(&file, gaps) {
            let words = text
                .lines()
                .filter_map(|(_, l)| l.split_whitespace().next());
            all.extend(words.map(str::to_owned));
        }
    }
    all
}

/// Programs that are files of the system but for their symbols.
fn without_symbols<'a>(
    facts: &Facts<'_>,
    file: &dyn ReadAt,
    stripped: Vec<(&'a ArchiveMember, String)>,
    matches: &mut Vec<Match<'a>>,
    one: &mut Initramfs,
) {
    if stripped.is_empty() {
        return;
    }
    let mut wanted: BTreeMap<(usize, u64), (&ArchiveMember, String)> = BTreeMap::new();
    for (item, path) in stripped {
        wanted.insert((item.segment, item.offset), (item, path));
    }
    let mut same = BTreeMap::new();
    crate::cpio::read(file, Limits::of(file.len()), &mut |member, body| {
        let at = (member.segment, member.offset);
        let Some((item, path)) = wanted.get(&at) else {
            return Ok(());
        };
        let mut bytes = Vec::new();
        // What can't be read is told by who reads the archive.
        let read = body.take(MAX_PROGRAM).read_to_end(&mut bytes);
        let whole = read.is_ok_and(|n| n as u64 == item.size);
        let own = facts
            .reader
            .bytes(path.as_bytes(), MAX_PROGRAM, &mut Vec::new());
        if let Some(own) = own.filter(|own| whole && same_when_loaded(own, &bytes)) {
            let digests = (hex(&Sha256::digest(&own)), hex(&Md5::digest(&own)));
            same.insert(at, digests);
        }
        Ok(())
    });
    for (at, (item, path)) in wanted {
        match same.remove(&at) {
            Some(digests) => matches.push(Match {
                item,
                class: MemberClass::Program,
                same: path == item.path,
                asked: item.path.clone(),
                path,
                other: Some(digests),
            }),
            None => {
                let cause = Cause::Differs { path };
                one.left.push(leftover(item, MemberClass::Program, cause));
            }
        }
    }
}

/// True where dracut is installed and the members are of its making.
fn by_dracut(facts: &Facts<'_>, items: &[ArchiveMember]) -> bool {
    let here = facts
        .packages
        .listed()
        .any(|p| matches!(p.fact.name.as_str(), "dracut" | "dracut-core"));
    let has = |part: &str| items.iter().any(|i| i.path.contains(part));
    here && has("/lib/dracut/") && !has("/scripts/init-top") && !has("/conf/initramfs.conf")
}

/// The files of [`DRACUT`] by their last name.
fn by_name(facts: &Facts<'_>, gaps: &mut Vec<Gap>) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    match Files::new(facts.reader.paths()).tree(DRACUT, DEPTH) {
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
    all
}

/// A file of the system with the same bytes, the path that led there, and whether that is the
/// member's own.
fn equal(
    root: &mut Root<'_>,
    item: &ArchiveMember,
    gaps: &mut Vec<Gap>,
) -> Option<(String, String, bool)> {
    for (i, path) in root.candidates(&item.path).into_iter().enumerate() {
        // No tool copies these from the same path, and no system has them there.
        if i == 0 && is_of_initramfs_alone(&item.path) {
            continue;
        }
        match root.digest(&path, item.size) {
            Ok(Some((real, sum))) if sum == item.sha256 => return Some((real, path, i == 0)),
            Ok(_) => {}
            Err(e) => gaps.push(Gap::at_path(path, &e)),
        }
    }
    None
}

/// True of the program that the kernel starts and of the scripts and settings that initramfs-tools
/// keeps at the top (initramfs-tools(7)).
fn is_of_initramfs_alone(path: &str) -> bool {
    let path = path.trim_start_matches('/');
    let folders = ["scripts/", "conf/", "hooks/"];
    path == "init" || folders.iter().any(|f| path.starts_with(f))
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

/// Where the early system begins, and what it runs by its folder.
fn begins(path: &str) -> bool {
    path == "/init" || path.starts_with("/scripts/") || path.contains("/dracut/hooks/")
}

/// A link in place of something that runs leads where the system's own link leads, or is one that a
/// hook makes, or a name of the program that it leads to.
fn link(
    root: &mut Root<'_>,
    index: &Index<'_>,
    item: &ArchiveMember,
    one: &mut Initramfs,
    gaps: &mut Vec<Gap>,
) {
    if matches!(class(item), MemberClass::Data) {
        return;
    }
    let paths = root.facts.reader.paths();
    let own = paths.resolve_link(item.path.as_bytes()).ok();
    let own = own.filter(|at| at.metadata.kind == FileKind::Symlink);
    let target = own.and_then(|at| at.fs.read_link(at.id).ok());
    if target.is_some() && target == item.bytes {
        return;
    }
    // Where it points, which may be a link itself.
    let direct = lossless(item.bytes.as_deref().unwrap_or_default());
    let explained = match index.leads(&item.path) {
        // What is neither in a folder for programs nor where the early system begins is run by no
        // name of its own.
        _ if multicall::name(&item.path).is_none() && !begins(&item.path) => {
            index.find(&item.path).is_some()
        }
        None => false,
        Some(to) => {
            let system = paths.find(item.path.as_bytes()).ok().flatten();
            system.is_some_and(|at| merged(&at.path_text()) == merged(&to.path))
                || root.hooks.make_link(&item.path, &direct)
                || root.is_other_name(item, to)
                || multicall::PROGRAMS
                    .iter()
                    .any(|p| merged(p) == merged(&to.path) && root.has_applet(p, &item.path, gaps))
        }
    };
    if !explained {
        one.left
            .push(leftover(item, MemberClass::Script, Cause::Unknown));
    }
}

/// Whether the package recorded the digest of a file; `None` where it recorded none that is known
/// of it.
fn recorded(listed: &Listed, sha256: &str, md5: Option<&String>) -> Option<bool> {
    let digest = listed.digest.as_ref()?;
    let own = match digest.kind {
        DigestKind::Md5 => md5?.as_str(),
        DigestKind::Sha256 => sha256,
        _ => return None,
    };
    Some(digest.hex == own)
}

/// Asks the packages about the files that members equal.
/// True for a member that is what a package brought as the setting at `path`, by its own record.
fn is_original(facts: &Facts<'_>, path: &str, item: &ArchiveMember) -> bool {
    let recorded = facts.packages.conffiles.get(path);
    recorded.is_some_and(|own| own.kind == DigestKind::Md5 && item.md5.as_ref() == Some(&own.hex))
}

fn whose(facts: &Facts<'_>, matches: Vec<Match<'_>>, one: &mut Initramfs, gaps: &mut Vec<Gap>) {
    let mut owners = BTreeMap::new();
    let mut settings = BTreeMap::new();
    let database = facts.packages.has_database();
    if database {
        let both = |m: &'_ Match<'_>| [key_of(&m.path).to_owned(), key_of(&m.asked).to_owned()];
        let wanted: BTreeSet<String> = matches.iter().flat_map(both).collect();
        owners = listed(&facts.reader, facts.packages, |p| wanted.contains(p), gaps);
        settings = conffiles(&facts.reader, |p| wanted.contains(p), gaps);
    }
    for Match {
        item,
        class,
        path,
        asked,
        same,
        other,
    } in matches
    {
        let key = key_of(&path).to_owned();
        let (sha256, md5) = match &other {
            Some((sha256, md5)) => (sha256, Some(md5)),
            None => (&item.sha256, item.md5.as_ref()),
        };
        let runs = class != MemberClass::Data;
        // What `init` sources, where it only sets what leads nowhere else.
        let harmless = || {
            let bytes = item.bytes.as_deref();
            let modprobe = item.path.contains("/modprobe.d/") && item.path.ends_with(".conf");
            item.path.starts_with("/conf/") && bytes.is_some_and(written::settings)
                || modprobe && bytes.is_some_and(written::modprobe)
        };
        // A package's file whose place a link has taken is not what the package brought.
        let place = owners.get(key_of(&asked));
        let place = place.filter(|own| recorded(own, sha256, md5) == Some(false));
        let cause = match owners.get(&key) {
            _ if place.is_some() && key_of(&asked) != key => place.map(|own| Cause::Recorded {
                path: asked,
                package: own.package.clone(),
            }),
            None if database && class == MemberClass::Key => Some(Cause::Secret { path }),
            None if database && runs && !harmless() => Some(Cause::Unowned { path }),
            None => None,
            Some(listed) => match recorded(listed, sha256, md5) {
                Some(true) => None,
                Some(false) => Some(Cause::Recorded {
                    path,
                    package: listed.package.clone(),
                }),
                None => {
                    let changed = settings.get(&key).is_some_and(|own| Some(own) != md5);
                    (changed && runs && !harmless()).then(|| Cause::Changed {
                        path,
                        package: listed.package.clone(),
                    })
                }
            },
        };
        if let Some(cause) = cause {
            one.left.push(leftover(item, class, cause));
            continue;
        }
        if runs {
            one.recorded += 1;
        }
        if same {
            one.same += 1;
        } else {
            one.copied += 1;
        }
    }
}
