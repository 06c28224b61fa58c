//! Linux guests: which volumes hold a root, what the system says it is, and its other volumes
//! joined under one roof as it mounts them.

mod arch;
pub mod mounts;
mod os_release;
pub(crate) mod units;

pub use os_release::assignments;

use super::{Family, Gap, Guest, Location, MAX_GUESTS, Os, PathSpace};
use crate::error::{Error, Kind, Layer, Result};
use crate::fs::{FileKind, OpenVolume};
use mounts::MountPlan;

/// The longest os-release or hostname file that is read, in bytes.
const MAX_TEXT: u64 = 256 * 1024;

/// Finds every Linux system on `volumes`: each volume whose root directory is laid out as the
/// root of a Linux system.
pub(super) fn find(volumes: &[OpenVolume]) -> Vec<Guest> {
    let mut guests = Vec::new();
    let mut doubts = Vec::new();
    for volume in volumes {
        let Some(fs) = volume.file_system() else {
            continue;
        };
        if fs.ignores_case() {
            continue;
        }
        let Ok(paths) = PathSpace::new(volume) else {
            continue;
        };
        match is_root(&paths) {
            Ok(true) if guests.len() > MAX_GUESTS => {}
            Ok(true) => guests.push(guest(paths, volume, volumes)),
            Ok(false) => {}
            // Damage where a root would show: said by every guest, for this may hide one.
            Err(e) => {
                let at = Location {
                    volume: Some(volume.volume.name.clone()),
                    ..Location::default()
                };
                doubts.push(Gap::new(at, &e));
            }
        }
    }
    for guest in &mut guests {
        guest.problems.extend(doubts.iter().cloned());
    }
    guests
}

/// Why systems on `volumes` are not read that are laid out in another way than as the root of a
/// volume: the deployments of OSTree (ostree(1), `/ostree/deploy/OS/deploy/COMMIT.N`).
pub(crate) fn unread(volumes: &[OpenVolume]) -> Vec<Error> {
    let deployed = |volume: &&OpenVolume| {
        let paths = volume
            .file_system()
            .and_then(|_| PathSpace::new(volume).ok());
        paths.is_some_and(|paths| there(&paths, b"/ostree/deploy") == Ok(true))
    };
    let name = |volume: &OpenVolume| {
        let name = volume.volume.name.as_str();
        Error::unsupported(Layer::Guest, None, say!(error_ostree, volume = name))
    };
    volumes.iter().filter(deployed).map(name).collect()
}

/// A root has an os-release file (or a link to one), or `/etc`, `/usr` and `/bin`.
fn is_root(paths: &PathSpace) -> Result<bool> {
    if !there(paths, b"/etc")? {
        return Ok(false);
    }
    if there(paths, b"/etc/os-release")? || there(paths, b"/usr/lib/os-release")? {
        return Ok(true);
    }
    Ok(there(paths, b"/usr")? && (there(paths, b"/bin")? || there(paths, b"/sbin")?))
}

fn there(paths: &PathSpace, path: &[u8]) -> Result<bool> {
    match paths.resolve_link(path) {
        Ok(_) => Ok(true),
        Err(e) if e.kind == Kind::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}

fn guest(mut paths: PathSpace, root: &OpenVolume, volumes: &[OpenVolume]) -> Guest {
    let mut problems = Vec::new();
    paths.set_volumes(volumes);
    let mounts = MountPlan::build(&mut paths, root, volumes, &[]);
    let os = describe(&paths, &mut problems);
    Guest {
        family: Family::Linux,
        os,
        root_volume: root.volume.name.clone(),
        paths,
        mounts,
        problems,
        disk: None,
    }
}

fn describe(paths: &PathSpace, problems: &mut Vec<Gap>) -> Os {
    let mut os = Os::default();
    let mut text = |path: &[u8]| match regular_text(paths, path) {
        Ok(text) => text,
        Err(e) => {
            problems.push(Gap::at_path(crate::text::lossless(path), &e));
            None
        }
    };
    if let Some(release) = text(b"/etc/os-release").or_else(|| text(b"/usr/lib/os-release")) {
        let get = |key: &str| {
            assignments(&release)
                .into_iter()
                .rfind(|(_, k, _)| k == key)
                .map(|(_, _, v)| v)
                .filter(|v| !v.is_empty())
        };
        os.id = get("ID");
        os.name = get("PRETTY_NAME").or_else(|| get("NAME"));
        os.version = get("VERSION_ID");
        os.build = get("BUILD_ID");
        os.edition = get("VARIANT");
    } else {
        os_release::from_older_files(&mut os, &mut text);
    }
    os.host_name = text(b"/etc/hostname").and_then(|text| {
        text.lines()
            .map(str::trim)
            .find(|l| !l.is_empty() && !l.starts_with('#'))
            .map(str::to_owned)
    });
    os.architecture = arch::of_guest(paths, problems);
    os
}

fn regular_text(paths: &PathSpace, path: &[u8]) -> Result<Option<String>> {
    match paths.find(path)? {
        Some(at) if at.metadata.kind == FileKind::Regular => {
            let file = paths.read_if_there(path, MAX_TEXT)?;
            Ok(file.map(|f| crate::text::lossless(&f.bytes)))
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
pub(crate) mod tests;
