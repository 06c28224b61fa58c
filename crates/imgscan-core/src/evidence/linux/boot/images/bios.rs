//! What a BIOS starts: the disk's first sector and GRUB's core, taken apart and compared with the
//! files that they are made of; or extlinux.

use std::collections::BTreeMap;

use super::Facts;
use crate::bytes::hex;
use crate::error::{Error, Layer, Result, contained};
use crate::evidence::linux::packages::{FileDigest, Listed, key_of, listed};
use crate::evidence::{Gap, Location};
use crate::fs::OpenVolume;
use crate::source::{ReadAt, read_all, read_vec};
use crate::text::lossless;
use crate::trust::{DigestKind, grub};

/// Folders of GRUB's files for a BIOS: those of packages, then its own.
const FOLDERS: &[&str] = &[
    "/usr/lib/grub/i386-pc",
    "/usr/share/grub2/i386-pc",
    "/usr/lib/grub2/i386-pc",
    "/boot/grub/i386-pc",
    "/boot/grub2/i386-pc",
];
/// The longest of those files, and all of the core, in bytes.
const MAX_FILE: u64 = 4 << 20;
const MAX_CORE: usize = 2 << 20;

/// A piece of what starts.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct BiosPart {
    /// What it is (`boot.img`, `ext2.mod`).
    pub name: String,
    /// Bytes.
    pub bytes: usize,
    /// Lower-case hexadecimal SHA-256.
    pub sha256: String,
    /// The file that it is made of.
    pub of: Option<String>,
    /// The package that owns that file, and whether it recorded its digest.
    pub package: Option<(String, Option<bool>)>,
}

/// What a BIOS starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BiosBoot {
    /// The disk's first sector, with the digest of its code.
    pub at: Location,
    /// Its pieces in the order in which they start.
    pub parts: Vec<BiosPart>,
    /// Commands that run first, and the folder of GRUB's files.
    pub config: Vec<String>,
    /// Why the rest could not be taken apart.
    pub problem: Option<Error>,
}

/// Reads the first sector; `None` where it holds no code, or the disk is not known.
pub(super) fn collect(facts: &Facts<'_>, gaps: &mut Vec<Gap>) -> Option<BiosBoot> {
    let disk = facts.disk?;
    let at = Location {
        volume: Some("disk".into()),
        offset: Some(0),
        ..Location::default()
    };
    let sector = match read_vec(disk, 0, grub::SECTOR) {
        Ok(sector) => sector,
        Err(e) => {
            gaps.push(Gap::new(at, &e));
            return None;
        }
    };
    let code = &sector[..grub::CODE];
    if !grub::holds_code(&sector) {
        return None;
    }
    let mut found = BiosBoot {
        at: Location {
            sha256: Some(hex(&DigestKind::Sha256.of(code))),
            ..at
        },
        parts: Vec::new(),
        config: Vec::new(),
        problem: None,
    };
    let mut originals = Originals::new(facts, gaps);
    let taken = contained(
        Layer::Boot,
        || say!(doing_grub_core),
        || take_apart(disk, &sector, &mut originals, &mut found),
    );
    found.problem = taken.err();
    Some(found)
}

fn take_apart(
    disk: &dyn ReadAt,
    sector: &[u8],
    originals: &mut Originals<'_>,
    found: &mut BiosBoot,
) -> Result<()> {
    let code = &sector[..grub::CODE];
    let own = originals.equal("boot.img", |file| grub::is_boot_sector(sector, file));
    let is_grub = own.is_some();
    if !is_grub && super::extlinux::take_apart(disk, sector, originals, found)? {
        return Ok(());
    }
    found.parts.push(originals.part("boot.img", code, own));
    let not = |what: crate::text::Text| Err(Error::unsupported(Layer::Boot, 0, what));
    if !is_grub {
        return not(say!(error_bios_code));
    }
    let place = grub::loads(sector).and_then(|s| s.checked_mul(grub::SECTOR as u64));
    let place =
        place.ok_or_else(|| Error::corrupt(Layer::Boot, 0x5C, say!(error_bios_core_place)))?;
    let first = read_vec(disk, place, grub::SECTOR)?;
    let own = originals.equal("diskboot.img", |file| grub::is_disk_boot(&first, file));
    found
        .parts
        .push(originals.part("diskboot.img", &first, own));
    let mut core = Vec::new();
    for (start, sectors) in grub::lists(&first) {
        let len = usize::from(sectors) * grub::SECTOR;
        if core.len() + len > MAX_CORE {
            return Err(Error::limit(
                Layer::Boot,
                place,
                say!(error_bios_core_long, most = MAX_CORE),
            ));
        }
        let start = start.saturating_mul(grub::SECTOR as u64);
        core.extend(read_vec(disk, start, len)?);
    }
    let name = "lzma_decompress.img";
    let own = originals.equal(name, |file| grub::is_decompressor(&core, file));
    let Some((path, stub)) = own else {
        found.parts.push(originals.part("core.img", &core, None));
        return not(say!(error_bios_unpacker));
    };
    let length = stub.len();
    let part = originals.part(name, &core[..length], Some((path, stub)));
    found.parts.push(part);
    let plain = grub::unpack(&core, length)?;
    let (end, objects) = grub::objects(&plain)?;
    let kernel = &plain[..end];
    let own = originals.equal("kernel.img", |file| grub::loaded(file) == Some(kernel));
    found.parts.push(originals.part("kernel.img", kernel, own));
    for (kind, range) in objects {
        let object = &plain[range];
        let part = match kind {
            grub::ObjectKind::Module => {
                let name = format!("{}.mod", module_name(object));
                let own = originals.equal(&name, |file| grub::is_module(object, file));
                originals.part(&name, object, own)
            }
            grub::ObjectKind::Config | grub::ObjectKind::Prefix => {
                let end = object.iter().position(|b| *b == 0);
                let text = &object[..end.unwrap_or(object.len())];
                found.config.push(lossless(text.trim_ascii()));
                continue;
            }
            grub::ObjectKind::Other(1) => originals.part("a memory disk", object, None),
            grub::ObjectKind::Other(n) => originals.part(&format!("object {n}"), object, None),
        };
        found.parts.push(part);
    }
    if !grub::codes_agree(&core, length)? {
        let what = say!(error_bios_codes);
        return Err(Error::corrupt(Layer::Boot, place, what));
    }
    Ok(())
}

/// The name that a module gives itself; `?` where that can't be part of a path.
fn module_name(object: &[u8]) -> String {
    let elf = crate::elf::Elf::parse(object).ok();
    let section = elf.and_then(|e| e.sections.iter().find(|s| s.name == b".modname").copied());
    let name = section.map_or_else(String::new, |s| lossless(s.data));
    let name = name.trim_end_matches("\\x00").trim_end_matches('\0');
    let sound = |c: char| c.is_ascii_alphanumeric() || "_-+".contains(c);
    if name.is_empty() || !name.chars().all(sound) {
        return "?".into();
    }
    name.to_owned()
}

/// A file and its bytes.
pub(super) type File = (String, Vec<u8>);

/// The files that boot loaders are made of.
pub(super) struct Originals<'a> {
    facts: &'a Facts<'a>,
    owners: BTreeMap<String, Listed>,
}

impl<'a> Originals<'a> {
    fn new(facts: &'a Facts<'a>, gaps: &mut Vec<Gap>) -> Self {
        let mut owners = BTreeMap::new();
        if facts.packages.has_database() {
            let of_loaders = |path: &str| {
                let parts = ["/i386-pc/", "/EXTLINUX/", "/syslinux/"];
                path.ends_with("/extlinux") || parts.iter().any(|p| path.contains(p))
            };
            owners = listed(&facts.reader, facts.packages, of_loaders, gaps);
        }
        Self { facts, owners }
    }

    /// The first file called `name` that `is` takes.
    fn equal(&self, name: &str, is: impl Fn(&[u8]) -> bool) -> Option<File> {
        let paths: Vec<String> = FOLDERS.iter().map(|f| format!("{f}/{name}")).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        self.at(&paths, is)
    }

    /// The first of the files at `paths` that `is` takes.
    pub(super) fn at(&self, paths: &[&str], is: impl Fn(&[u8]) -> bool) -> Option<File> {
        paths.iter().find_map(|path| {
            let at = self.facts.reader.paths().find(path.as_bytes()).ok()??;
            let bytes = read_all(at.open().ok()?.as_ref(), MAX_FILE).ok()?;
            is(&bytes).then(|| (at.path_text(), bytes))
        })
    }

    /// The volumes of the disk.
    pub(super) fn volumes(&self) -> &'a [OpenVolume] {
        self.facts.reader.paths().volumes()
    }

    pub(super) fn part(&self, name: &str, bytes: &[u8], of: Option<File>) -> BiosPart {
        let package = of.as_ref().and_then(|(path, original)| {
            let owner = self.owners.get(key_of(path))?;
            let same = |d: &FileDigest| d.hex == hex(&d.kind.of(original));
            Some((owner.package.clone(), owner.digest.as_ref().map(same)))
        });
        BiosPart {
            name: name.to_owned(),
            bytes: bytes.len(),
            sha256: hex(&DigestKind::Sha256.of(bytes)),
            of: of.map(|(path, _)| path),
            package,
        }
    }
}

impl BiosPart {
    /// A package owns the file that it is made of, and recorded no other digest of it.
    #[must_use]
    pub fn explained(&self) -> bool {
        let recorded = self.package.as_ref().map(|(_, same)| *same);
        matches!(recorded, Some(Some(true) | None))
    }

    /// A package owns the file that it is made of and recorded another digest of it.
    #[must_use]
    pub fn changed(&self) -> bool {
        matches!(&self.package, Some((_, Some(false))))
    }
}
