//! extlinux as a BIOS starts it: the first sector, the boot sector of the active partition, `ldlinux.sys` and the modules
//! beside it, compared with the program that put them there and with the modules of packages.

use super::bios::{BiosBoot, File, Originals};
use crate::error::{Error, Layer, Result};
use crate::fs::{FileKind, OpenVolume};
use crate::guest::PathSpace;
use crate::source::{ReadAt, read_all, read_vec};
use crate::text::{Text, lossless};
use crate::trust::grub::{CODE, SECTOR};
use crate::trust::syslinux::{self, Program};

/// The program that puts everything in its place, and holds most of it.
const PROGRAMS: &[&str] = &["/usr/bin/extlinux", "/sbin/extlinux", "/usr/sbin/extlinux"];
/// Code for the first sector that starts the active partition.
const FIRST: &[&str] = &[
    "/usr/lib/EXTLINUX/mbr.bin",
    "/usr/lib/syslinux/mbr/mbr.bin",
    "/usr/lib/syslinux/bios/mbr.bin",
    "/usr/share/syslinux/mbr.bin",
];
/// Folders of the modules of packages.
const MODULES: &[&str] = &[
    "/usr/lib/syslinux/modules/bios",
    "/usr/lib/syslinux/bios",
    "/usr/share/syslinux",
];
/// The longest module, in bytes.
const MAX_MODULE: u64 = 4 << 20;
/// Modules beside `ldlinux.sys`.
const MAX_MODULES: usize = 256;

/// Takes it apart; `false` where the first sector is none that a package has for extlinux.
pub(super) fn take_apart(
    disk: &dyn ReadAt,
    sector: &[u8],
    originals: &Originals<'_>,
    found: &mut BiosBoot,
) -> Result<bool> {
    let code = &sector[..CODE];
    let Some(first) = originals.at(FIRST, |file| syslinux::is_first_sector(sector, file)) else {
        return Ok(false);
    };
    found
        .parts
        .push(originals.part("mbr.bin", code, Some(first)));
    let not = |what: Text| Error::unsupported(Layer::Boot, 0, what);
    let start = syslinux::active(sector).ok_or_else(|| not(say!(error_bios_active)))?;
    let start = u64::from(start).saturating_mul(SECTOR as u64);
    let boot = read_vec(disk, start, SECTOR)?;
    let of = |boot: &[u8]| {
        originals.at(PROGRAMS, |file| {
            Program::parse(file).is_some_and(|p| p.loads(boot).is_some())
        })
    };
    let Some((path, file)) = of(&boot) else {
        found
            .parts
            .push(originals.part("the active partition's boot sector", &boot, None));
        return Err(not(say!(error_bios_boot_sector)));
    };
    let program = Program::parse(&file).ok_or_else(|| not(say!(error_bios_boot_sector)))?;
    let own = || Some((path.clone(), file.clone()));
    let part = originals.part("the active partition's boot sector", &boot, own());
    found.parts.push(part);

    let bad = || Error::corrupt(Layer::Boot, start, say!(error_bios_ldlinux));
    let sectors = |at: u64, count: usize| {
        let at = at
            .checked_mul(SECTOR as u64)
            .and_then(|at| at.checked_add(start));
        read_vec(disk, at.ok_or_else(bad)?, count.saturating_mul(SECTOR))
    };
    let mut core = sectors(program.loads(&boot).ok_or_else(bad)?, 1)?;
    for n in 0.. {
        let (at, count) = program.extent(&core, n).ok_or_else(bad)?;
        if count == 0 {
            break;
        }
        if core.len() / SECTOR + count > syslinux::MAX_SECTORS {
            return Err(bad());
        }
        core.extend(sectors(at, count)?);
    }
    let whole = program.is_core(&core);
    let part = originals.part("ldlinux.sys", &core, if whole { own() } else { None });
    found.parts.push(part);
    let (folder, vectors) = program.settings(&core).filter(|_| whole).ok_or_else(bad)?;
    for vector in vectors {
        if !syslinux::is_empty_vector(&sectors(vector, 1)?) {
            return Err(not(say!(error_bios_once)));
        }
    }
    found.config.push(lossless(folder.as_bytes()));
    let volumes = originals.volumes();
    let volume = volumes.iter().find(|v| v.volume.offset == start);
    let volume = volume.ok_or_else(|| not(say!(error_bios_active)))?;
    modules(volume, &folder, &program, &own, originals, found)?;
    Ok(true)
}

/// The modules in the folder of `ldlinux.sys`, which loads the first of them, `ldlinux.c32`.
fn modules(
    volume: &OpenVolume,
    folder: &str,
    program: &Program<'_>,
    own: &dyn Fn() -> Option<File>,
    originals: &Originals<'_>,
    found: &mut BiosBoot,
) -> Result<()> {
    let space = PathSpace::new(volume)?;
    let list = space.list(folder.as_bytes())?;
    if let Some(damage) = list.damage.into_iter().next() {
        return Err(damage);
    }
    let names = list.names.iter().map(|name| lossless(name));
    let names: Vec<String> = names
        .filter(|n| n.to_ascii_lowercase().ends_with(".c32"))
        .collect();
    if names.len() > MAX_MODULES {
        let what = say!(error_too_many, most = MAX_MODULES, what = "modules");
        return Err(Error::limit(Layer::Boot, None, what));
    }
    let first = names.iter().any(|n| n == "ldlinux.c32");
    for name in names {
        let at = space.resolve(format!("{folder}/{name}").as_bytes())?;
        if at.metadata.kind != FileKind::Regular {
            continue;
        }
        let bytes = read_all(at.open()?.as_ref(), MAX_MODULE)?;
        let of = if program.holds(&bytes) {
            own()
        } else {
            let paths: Vec<String> = MODULES.iter().map(|f| format!("{f}/{name}")).collect();
            let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
            originals.at(&paths, |file| file == bytes)
        };
        found.parts.push(originals.part(&name, &bytes, of));
    }
    if first {
        return Ok(());
    }
    Err(Error::unsupported(
        Layer::Boot,
        None,
        say!(error_bios_ldlinux),
    ))
}
