//! What a BIOS starts: the disk's first sector, and what that leads to (rules 2.4 to 2.4b).

use super::super::grub::{Platform, Start};
use super::super::volumes::Volumes;
use super::loader;
use super::{Way, Ways, any};
use crate::bytes::le32;
use crate::evidence::Location;
use crate::source::{ReadAt, read_vec};
use crate::trust::grub;

/// The longest core, in bytes.
const MAX_CORE: usize = 2 << 20;
/// Where the decompressor may end, in bytes.
const DECOMPRESSOR: std::ops::Range<usize> = 1024..6144;
/// Places of the packed part that are tried.
const MAX_TRIES: usize = 256;

/// Adds the ways of a BIOS; false where the first sector holds no code.
pub(super) fn ways(volumes: &Volumes<'_>, disk: &dyn ReadAt, all: &mut Ways) -> bool {
    let Ok(sector) = read_vec(disk, 0, grub::SECTOR) else {
        return false;
    };
    if !grub::holds_code(&sector) {
        return false;
    }
    let at = Location {
        volume: Some("disk".into()),
        offset: Some(0),
        ..Location::default()
    };
    all.chain.programs.push(at.clone());
    let Some(core) = core(disk, &sector) else {
        // Code that is not taken apart: whatever a loader could read may boot. That the code
        // itself is not known is told where boot code is judged.
        any(volumes, Platform::Bios, all);
        return true;
    };
    // What the core names without a drive is on the drive that the BIOS started (rule 2.4a).
    let prefix = match core.prefix.as_str() {
        text if text.starts_with("(,") => format!("(hd0{}", &text[1..]),
        text => text.to_owned(),
    };
    all.push(Way::Grub(Box::new(Start {
        build: core.build,
        platform: Platform::Bios,
        arch: None,
        folder: None,
        prefix: prefix.starts_with('(').then_some(prefix),
        embedded: core.embedded,
        config: None,
        at,
    })));
    true
}

/// The core that the first sector loads, taken apart as far as its objects.
fn core(disk: &dyn ReadAt, sector: &[u8]) -> Option<loader::Grub> {
    memchr::memmem::find(&sector[..grub::CODE], b"GRUB")?;
    let place = grub::loads(sector)?.checked_mul(grub::SECTOR as u64)?;
    let first = read_vec(disk, place, grub::SECTOR).ok()?;
    let mut core = Vec::new();
    for (start, sectors) in grub::lists(&first) {
        let len = usize::from(sectors) * grub::SECTOR;
        if core.len() + len > MAX_CORE {
            return None;
        }
        let start = start.checked_mul(grub::SECTOR as u64)?;
        core.extend(read_vec(disk, start, len).ok()?);
    }
    let plain = unpacked(&core)?;
    let (_, objects) = grub::objects(&plain).ok()?;
    let fw_path = memchr::memmem::find(&plain, b"fw_path\0").is_some();
    let text = |range| {
        plain
            .get::<std::ops::Range<usize>>(range)
            .map(<[u8]>::to_vec)
    };
    Some(loader::grub(&objects, text, &[], fw_path))
}

/// Finds where the packed part begins: an LZMA stream begins with a zero byte, and what is unpacked
/// from the right place ends with the list of objects.
fn unpacked(core: &[u8]) -> Option<Vec<u8>> {
    let packed = usize::try_from(le32(core, 8)?).ok()?;
    let fits = |at: &usize| {
        core.get(*at) == Some(&0) && at.checked_add(packed).is_some_and(|end| end <= core.len())
    };
    let mut tries = DECOMPRESSOR.filter(fits).take(MAX_TRIES);
    tries.find_map(|at| {
        let plain = grub::unpack(core, at).ok()?;
        grub::objects(&plain).is_ok().then_some(plain)
    })
}
