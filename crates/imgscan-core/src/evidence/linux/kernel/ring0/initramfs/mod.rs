//! The initial file systems of what may boot: every member of every archive is explained by a file
//! of the root file system, by what a package brings, or by being derived from the other members;
//! the rest is listed.
//!
//! Whatever makes an initramfs, its programs, scripts and modules come from files of the system
//! (measured on Debian 12: 237 of 297 files equal the same path, 47 a package's file elsewhere, 13
//! are generated).

mod ahead;
mod explain;
mod fonts;
mod generated;
mod hooks;
mod index;
mod microcode;
mod multicall;
mod read;
mod shell;
mod stripped;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::sync::Arc;

use super::module::{KernelModule, Modules};
use super::modules::{examine, releases, take};
use super::programs::Booting;
use super::signatures::unread;
use super::{Facts, Object, ObjectKind, Ring0, Ring0Fact};
use crate::cpio::{Limits, MemberKind, Segment};
use crate::error::{Error, Layer, Result, contained};
use crate::evidence::linux::reader::Reader;
use crate::evidence::linux::{Boot, BootEntry};
use crate::evidence::{Found, Gap, Location};
use crate::guest::Located;
use crate::source::{MemorySource, ReadAt};
use crate::text::{Text, lossless, terminal};
use crate::trust::pe::Pe;
use ahead::Archive;
pub(in crate::evidence::linux) use ahead::Archives;
use read::ArchiveMember;
pub(in crate::evidence::linux) use written::settings;

/// The longest module, in bytes.
const MAX_MODULE: u64 = 64 << 20;
/// Initial file systems that are examined, one after the other.
const MAX_ARCHIVES: usize = 32;
/// Members that are listed as left over; the rest is counted.
const MAX_LEFT: usize = 1000;

/// What a member can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemberClass {
    /// A kernel module.
    Module,
    /// An ELF program or library.
    Program,
    /// A script, or another file with the x bit.
    Script,
    /// Text that the early system acts upon: sourced by scripts, rules, units.
    Config,
    /// A key, or a file that says whose key opens the system.
    Key,
    /// Anything else.
    Data,
}

/// Why a member is listed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Nothing of the system explains it.
    Unknown,
    /// The system has a file that it should be a copy of, with other bytes.
    Differs {
        /// That file.
        path: String,
    },
    /// It equals a file of the system, but that file's package recorded another digest.
    Recorded {
        /// That file.
        path: String,
        /// Its package.
        package: String,
    },
    /// It equals a file of the system that no package owns.
    Unowned {
        /// That file.
        path: String,
    },
    /// It is not what its sources give.
    Derived {
        /// How it differs.
        how: Text,
    },
    /// It equals a file of the system that belongs to a package's settings, which were changed after
    /// it was installed.
    Changed {
        /// That file.
        path: String,
        /// Its package.
        package: String,
    },
    /// It equals a program with many names, and its own is none of these.
    NoApplet {
        /// That program.
        path: String,
    },
    /// It names keys whose holders are let in before the system starts.
    Admits,
    /// It equals a key of the system, which every copy of the image has.
    Secret {
        /// That file.
        path: String,
    },
    /// dracut writes such files for the machine that it runs on: what it gives is not derived here.
    Dracut,
    /// A module that is not proven by the key of its kernel.
    Unproven,
}

/// A member that is not explained, or not by something that a package brings.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Leftover {
    /// Its name in the archive.
    pub name: String,
    /// What it can do.
    pub class: MemberClass,
    /// Why it is listed.
    pub cause: Cause,
    /// Bytes.
    pub bytes: u64,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// The segment that it is in, from 0.
    pub segment: usize,
    /// The archive that it is in, counted over all segments, from 0.
    pub archive: usize,
    /// Where its header begins in the unpacked segment, in bytes.
    pub offset: u64,
}

/// An initramfs.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Initramfs {
    /// Its parts.
    pub segments: Vec<Segment>,
    /// Members of all archives.
    pub members: usize,
    /// Regular files among them.
    pub files: usize,
    /// Kernel modules among these.
    pub modules: usize,
    /// Files that equal the same path of the root file system.
    pub same: usize,
    /// Files that equal another file of the system which they are made from.
    pub copied: usize,
    /// Files that are derived from other members and are what these give, and empty files.
    pub derived: usize,
    /// What is not explained so, by name.
    pub left: Vec<Leftover>,
    /// Programs, scripts and settings of which only a package's unsigned record speaks.
    pub recorded: usize,
}

/// Examines the initial file systems of what may boot.
pub(super) fn collect(
    facts: &Facts<'_>,
    kernels: &[Booting],
    modules: &mut Modules,
    all: &mut Ring0,
) -> Vec<Found<Initramfs>> {
    let mut found = Vec::new();
    for at in wanted(&facts.reader, facts.boot, kernels, &mut all.gaps) {
        let mut object = Object::new(
            at.path_text(),
            Some(at.volume.clone()),
            ObjectKind::Initramfs,
        );
        object.bytes = Some(at.metadata.size);
        let read = facts.archives.take(&at).and_then(|a| Ok((a, at.open()?)));
        let known = (facts, kernels, &mut *modules);
        found.extend(examined(known, object, Location::of(&at), read, all));
    }
    for kernel in kernels {
        let image = facts.images.kernel(&kernel.path);
        let Some(image) = image.filter(|i| i.fact.inside.initrd) else {
            continue;
        };
        // The section of a unified image is part of what its signature covers.
        let path = format!("{}:.initrd", kernel.path);
        let mut object = Object::new(path.clone(), image.at.volume.clone(), ObjectKind::Initramfs);
        let place = Location {
            volume: image.at.volume.clone(),
            path: Some(path),
            ..Location::default()
        };
        let read = section(facts, &kernel.path).and_then(|data| {
            object.bytes = Some(data.len());
            Ok((Archive::of(&data)?, Arc::new(data) as Arc<dyn ReadAt>))
        });
        if let (Ok((archive, _)), true) = (&read, kernel.proven) {
            object.sha256 = Some(archive.sha256.clone());
            object.anchor = Some(say!(
                ring0_anchor_kernel_image,
                kernel = terminal(&kernel.path)
            ));
            object.fact(Ring0Fact::PartOfKernel);
            all.objects.push(object);
            continue;
        }
        let known = (facts, kernels, &mut *modules);
        found.extend(examined(known, object, place, read, all));
    }
    found
}

/// The `.initrd` section of the unified kernel image at `path`.
fn section(facts: &Facts<'_>, path: &str) -> Result<MemorySource> {
    contained(
        Layer::Pe,
        || say!(doing_unified_kernel),
        || {
            let at = facts.reader.paths().resolve(path.as_bytes())?;
            let file = at.open()?;
            let pe = Pe::parse(file.as_ref())?;
            let section = pe.section(".initrd");
            let section = section.ok_or_else(|| {
                Error::not_found(
                    Layer::Pe,
                    say!(error_initramfs_section, section = ".initrd"),
                )
            })?;
            Ok(MemorySource(pe.section_bytes(file.as_ref(), section)?))
        },
    )
}

/// Adds `object`, an initramfs whose members are `read`, and the modules of its own.
fn examined(
    (facts, kernels, modules): (&Facts<'_>, &[Booting], &mut Modules),
    mut object: Object,
    mut place: Location,
    read: Result<(Archive, Arc<dyn ReadAt>)>,
    all: &mut Ring0,
) -> Option<Found<Initramfs>> {
    let read = contained(
        Layer::Cpio,
        || say!(doing_initramfs),
        || {
            let (archive, file) = read?;
            let mut gaps = Vec::new();
            place.sha256 = Some(archive.sha256.clone());
            let source = (file.as_ref(), archive);
            let (one, own) = examine_one(facts, kernels, modules, source, &place, &mut gaps);
            Ok((one, own, gaps))
        },
    );
    let (one, own, gaps) = match read {
        Ok(read) => read,
        Err(e) => {
            all.gaps.push(Gap::new(place, &e));
            unread::<()>(&mut object, Err(e));
            all.objects.push(object);
            return None;
        }
    };
    object.sha256.clone_from(&place.sha256);
    members(&mut object, &one, &own, facts.packages.has_database());
    if let Some(gap) = gaps.first() {
        let why = (*gap.reason).clone();
        object.fact(Ring0Fact::PartsUnread { why });
    }
    all.gaps.extend(gaps);
    all.objects.push(object);
    all.objects.extend(own);
    Some(Found {
        fact: one,
        at: place,
    })
}

/// The initial file systems that any entry loads, those that may boot by themselves first, and those
/// of the kernels that may boot by the names that distributions give them.
fn wanted(
    reader: &Reader<'_>,
    boot: &Boot,
    kernels: &[Booting],
    gaps: &mut Vec<Gap>,
) -> Vec<Located> {
    let once = boot.one_shot.as_ref().and_then(|(entry, _)| *entry);
    let told = boot.default.filter(|_| boot.doubts.is_empty());
    let mut found: Vec<Located> = Vec::new();
    let mut add = |path: &str, must: bool, at: Location, gaps: &mut Vec<Gap>| {
        let there = reader.find(path.as_bytes(), gaps);
        let Some(there) = there.filter(|t| t.metadata.kind == crate::fs::FileKind::Regular) else {
            if must {
                let what = say!(error_boot_not_there, path = terminal(path));
                gaps.push(Gap::new(at, &Error::not_found(Layer::Boot, what)));
            }
            return;
        };
        // Those beyond the limit are missed where what the entries start is counted.
        if found.len() < MAX_ARCHIVES && !found.iter().any(|f| f.path == there.path) {
            found.push(there);
        }
    };
    let mut entries: Vec<(bool, &Found<BootEntry>)> = Vec::new();
    for (i, entry) in boot.entries.iter().enumerate() {
        let by_itself = told.is_none() || told == Some(i) || once == Some(i);
        entries.push((by_itself, entry));
    }
    entries.sort_by_key(|(by_itself, _)| !by_itself);
    for (by_itself, entry) in entries {
        for path in &entry.fact.initrds {
            add(path, by_itself, entry.at.clone(), gaps);
        }
    }
    for kernel in kernels {
        let release = &kernel.release;
        for path in [
            format!("/boot/initrd.img-{release}"),
            format!("/boot/initramfs-{release}.img"),
            format!("/boot/initrd-{release}"),
        ] {
            add(&path, false, Location::default(), gaps);
        }
    }
    found
}

fn examine_one(
    facts: &Facts<'_>,
    kernels: &[Booting],
    modules: &mut Modules,
    (file, archive): (&dyn ReadAt, Archive),
    place: &Location,
    gaps: &mut Vec<Gap>,
) -> (Initramfs, Vec<Object>) {
    let Archive {
        items, contents, ..
    } = archive;
    let mut one = Initramfs {
        segments: contents.segments,
        members: items.len(),
        ..Initramfs::default()
    };
    if let Some(e) = contents.error {
        gaps.push(Gap::new(place.clone(), &e));
    } else if items.is_empty() {
        // Zeros, or nothing at all: the kernel would find nothing to start in it.
        let none = Error::corrupt(Layer::Cpio, 0, say!(error_initramfs_none));
        gaps.push(Gap::new(place.clone(), &none));
    }
    for odd in read::contradictions(&items) {
        let what = say!(error_initramfs_twice, name = lossless(&odd.name));
        let at = Location {
            offset: Some(odd.offset),
            ..place.clone()
        };
        gaps.push(Gap::new(at, &Error::corrupt(Layer::Cpio, odd.offset, what)));
    }
    for item in &items {
        if let Some(odd) = read::odd(&item.name) {
            let what = say!(
                error_initramfs_name,
                what = odd,
                name = lossless(&item.name)
            );
            let at = Location {
                offset: Some(item.offset),
                ..place.clone()
            };
            gaps.push(Gap::new(
                at,
                &Error::corrupt(Layer::Cpio, item.offset, what),
            ));
        }
        one.files += usize::from(item.kind == MemberKind::Regular);
    }
    let own = own_modules(kernels, modules, file, &items, place, &mut one);
    explain::explain(facts, modules, (file, &items), &own.infos, &mut one, gaps);
    one.left
        .sort_by(|a, b| (&a.name, a.archive).cmp(&(&b.name, b.archive)));
    (one, own.objects)
}

/// Modules of an initramfs that are no file of the root file system.
#[derive(Default)]
struct Own {
    objects: Vec<Object>,
    /// What the modules say of themselves, by SHA-256.
    infos: BTreeMap<String, super::ModuleInfo>,
}

/// Verifies the modules that equal none of the root file system, as those are verified.
fn own_modules(
    kernels: &[Booting],
    modules: &mut Modules,
    file: &dyn ReadAt,
    items: &[ArchiveMember],
    place: &Location,
    one: &mut Initramfs,
) -> Own {
    let mut own = Own::default();
    let mut known = BTreeSet::new();
    for module in &modules.items {
        known.insert(module.at.sha256.clone().unwrap_or_default());
    }
    let is =
        |i: &&ArchiveMember| i.kind == MemberKind::Regular && super::modinfo::is_module(&i.path);
    one.modules = items.iter().filter(is).count();
    let new = items
        .iter()
        .filter(is)
        .filter(|i| !known.contains(&i.sha256));
    let new: BTreeMap<(usize, u64), &ArchiveMember> =
        new.map(|i| ((i.segment, i.offset), i)).collect();
    if new.is_empty() {
        return own;
    }
    let releases = releases(kernels);
    let archive = place.path.clone().unwrap_or_default();
    crate::cpio::read(file, Limits::of(file.len()), &mut |member, body| {
        let Some(item) = new.get(&(member.segment, member.offset)) else {
            return Ok(());
        };
        let name = lossless(&item.name);
        let mut object = Object::new(
            format!("{archive}:{name}"),
            place.volume.clone(),
            ObjectKind::Module,
        );
        (object.bytes, object.sha256) = (Some(item.size), Some(item.sha256.clone()));
        let release = item.path.split("/modules/").nth(1);
        let release = release
            .and_then(|r| r.split('/').next())
            .unwrap_or_default();
        let Some(kernel) = releases.get(release) else {
            object.fact(Ring0Fact::ForNoBootingKernel);
            own.objects.push(object);
            return Ok(());
        };
        let mut bytes = Vec::new();
        let mut fact = KernelModule::of(kernel);
        fact.initramfs = Some(archive.clone());
        let read = body.take(MAX_MODULE).read_to_end(&mut bytes);
        let examined = match read {
            Ok(n) if (n as u64) < item.size => Err(Error::limit(
                Layer::Kernel,
                None,
                say!(error_module_long, most = MAX_MODULE),
            )),
            Ok(_) => examine(&bytes, None, kernel),
            Err(e) => Err(Error::corrupt(Layer::Cpio, None, Error::of_reader(&e))),
        };
        take(&mut object, &mut fact, examined, kernel);
        if let Some(info) = &fact.info {
            own.infos.insert(item.sha256.clone(), info.clone());
        }
        let at = Location {
            volume: place.volume.clone(),
            path: Some(object.path.clone()),
            sha256: object.sha256.clone(),
            ..Location::default()
        };
        if !fact.signature.proves() {
            one.left
                .push(leftover(item, MemberClass::Module, Cause::Unproven));
        }
        modules.items.push(Found { fact, at });
        own.objects.push(object);
        Ok(())
    });
    own
}

fn leftover(item: &ArchiveMember, class: MemberClass, cause: Cause) -> Leftover {
    Leftover {
        name: lossless(&item.name),
        class,
        cause,
        bytes: item.size,
        sha256: item.sha256.clone(),
        segment: item.segment,
        archive: item.archive,
        offset: item.offset,
    }
}

/// Adds how the members of an initramfs are explained.
fn members(object: &mut Object, one: &Initramfs, own: &[Object], has_database: bool) {
    // Those that nobody runs say least: they do not stand before what somebody does.
    let of = |data: bool| {
        let all = one.left.iter();
        all.filter(move |l| (l.class == MemberClass::Data) == data)
    };
    for left in of(false).chain(of(true)).take(MAX_LEFT) {
        object.fact(Ring0Fact::LeftOver {
            name: left.name.clone(),
            cause: left.cause.clone(),
            data: left.class == MemberClass::Data,
        });
    }
    for module in own.iter().filter(|m| !m.is_proven()) {
        object.fact(Ring0Fact::CarriesModule {
            path: module.path.clone(),
            facts: module.facts.clone(),
        });
    }
    object.fact(Ring0Fact::Members {
        files: one.files,
        same: one.same,
        modules: one.modules,
        copied: one.copied,
        derived: one.derived,
        left: one.left.len(),
    });
    if !has_database {
        object.fact(Ring0Fact::NobodyOwns);
    } else if one.recorded > 0 {
        let files = one.recorded;
        object.fact(Ring0Fact::OnlyRecorded { files });
    }
}
