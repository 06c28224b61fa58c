//! Kernel modules in places that the kernel does not load them from by name.

use std::collections::BTreeSet;

use super::Facts;
use super::modinfo::{self, ModuleInfo, is_module};
use crate::elf::{EM_BPF, ET_REL};
use crate::error::{Error, Kind, Layer, contained};
use crate::evidence::linux::packages::{key_of, listed};
use crate::evidence::{Found, Gap, Location};
use crate::fs::walk::{Step, Walk, Walked};
use crate::fs::{FileKind, FileSystem, NodeId};
use crate::source::read_all;
use crate::text::lossless;
use crate::trust::unpack::{packing, unpack};

/// The longest module that is looked at, packed and unpacked, in bytes.
const MAX_MODULE: u64 = 64 << 20;
/// Files whose first bytes are looked at.
const MAX_LOOKED: usize = 200_000;
/// Bytes of the files that are read whole.
const MAX_READ: u64 = 1 << 30;
/// Where a module belongs, and what is no part of the image.
const PASSED: &[&[u8]] = &[b"/lib/modules/", b"/usr/lib/modules/", b"/proc/", b"/sys/"];
/// Where files of any name are looked at: places for what is no part of the system proper.
const LOOKED: &[&[u8]] = &[
    b"/root/",
    b"/home/",
    b"/tmp/",
    b"/opt/",
    b"/srv/",
    b"/var/",
    b"/usr/local/",
    b"/etc/",
    b"/dev/",
    b"/run/",
    b"/mnt/",
    b"/media/",
    b"/lib/firmware/",
    b"/usr/lib/firmware/",
    b"/boot/",
];

/// A module, or an eBPF program, in an odd place.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct MisplacedModule {
    /// It is a file of eBPF programs rather than a module.
    pub bpf: bool,
    /// The package that owns it.
    pub package: Option<String>,
    /// The package whose sources DKMS built it from, where it stands in DKMS's tree.
    pub built_from: Option<String>,
    /// What it says of itself.
    pub info: ModuleInfo,
}

/// Walks the root file system and what is mounted into it.
pub(super) fn collect(facts: &Facts<'_>, gaps: &mut Vec<Gap>) -> Vec<Found<MisplacedModule>> {
    let paths = facts.reader.paths();
    let root = match paths.resolve(b"/") {
        Ok(root) => root,
        Err(e) => {
            gaps.push(Gap::at_path("/", &e));
            return Vec::new();
        }
    };
    let mut walk = Walk::new(root.fs, root.id, Vec::new()).across(paths.mounted());
    let (mut looked, mut left) = (0, MAX_READ);
    let mut found: Vec<Found<MisplacedModule>> = Vec::new();
    while let Some(step) = walk.next() {
        // Damage of the tree is told by those who need what it hides.
        let Step::Entry(entry) = step else { continue };
        let Some(size) = plausible(&entry) else {
            continue;
        };
        looked += 1;
        let path = lossless(&entry.path);
        let read = if size > MAX_MODULE { 0 } else { size };
        if looked > MAX_LOOKED || read > left {
            let why = Error::limit(
                Layer::Kernel,
                None,
                say!(error_too_many, most = MAX_LOOKED, what = "modules"),
            );
            gaps.push(Gap::at_path(path, &why));
            break;
        }
        let fs = walk.file_system(entry.mount);
        let module = contained(
            Layer::Kernel,
            || say!(doing_misplaced),
            || examine(fs.as_ref(), entry.entry.id, size, is_module(&path)),
        );
        match module {
            Ok(None) => {}
            Ok(Some(module)) => {
                left -= read;
                let at = paths.resolve_link(&entry.path).map(|at| Location::of(&at));
                let at = at.unwrap_or_else(|_| Location::of_path(path));
                found.push(Found { fact: module, at });
            }
            Err(e) if e.kind == Kind::Unsupported => {}
            Err(e) => gaps.push(Gap::at_path(path, &e)),
        }
    }
    own(facts, &mut found, gaps);
    found
}

/// The size of a file that may be a module.
fn plausible(entry: &Walked) -> Option<u64> {
    let metadata = entry.metadata.as_ref().ok()?;
    let size = metadata.size;
    if metadata.kind != FileKind::Regular || size < 64 {
        return None;
    }
    let path = entry.path.as_slice();
    if PASSED.iter().any(|p| path.starts_with(p)) {
        return None;
    }
    let named = is_module(&lossless(path.rsplit(|b| *b == b'/').next()?));
    let looked = size <= MAX_MODULE && LOOKED.iter().any(|p| path.starts_with(p));
    (named || looked).then_some(size)
}

fn examine(
    fs: &dyn FileSystem,
    id: NodeId,
    size: u64,
    named: bool,
) -> crate::Result<Option<MisplacedModule>> {
    let file = fs.open(id)?;
    let mut first = [0; 64];
    file.read_at(&mut first, 0)?;
    // Whatever its name: a packed file is looked into where it is named as a module.
    let how = packing(&first).filter(|_| named);
    let kind = crate::elf::head(&first);
    if how.is_none() && kind.is_none_or(|(kind, _)| kind != ET_REL) {
        return Ok(None);
    }
    // By its name and its head it is one, whatever it says of itself.
    if size > MAX_MODULE {
        return Ok(Some(MisplacedModule {
            bpf: false,
            package: None,
            built_from: None,
            info: ModuleInfo::default(),
        }));
    }
    let stored = read_all(file.as_ref(), MAX_MODULE.min(size))?;
    let plain = match how {
        Some(how) => unpack(how, &stored, MAX_MODULE as usize, 0)?,
        None => stored,
    };
    let Some(info) = modinfo::read(&plain)? else {
        return Ok(None);
    };
    let bpf = crate::elf::head(&plain).is_some_and(|(_, machine)| machine == EM_BPF);
    Ok((bpf || info.is_module()).then_some(MisplacedModule {
        bpf,
        package: None,
        built_from: None,
        info,
    }))
}

/// Who owns them.
fn own(facts: &Facts<'_>, found: &mut [Found<MisplacedModule>], gaps: &mut Vec<Gap>) {
    let path =
        |s: &Found<MisplacedModule>| key_of(s.at.path.as_deref().unwrap_or_default()).to_owned();
    let wanted: BTreeSet<String> = found.iter().map(path).collect();
    if wanted.is_empty() || !facts.packages.has_database() {
        return;
    }
    let owners = listed(&facts.reader, facts.packages, |p| wanted.contains(p), gaps);
    for module in found {
        module.fact.package = owners.get(&path(module)).map(|l| l.package.clone());
    }
}
