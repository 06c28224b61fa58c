//! Windows guests: volumes with `\Windows\System32\config`, what the registry there says of the
//! system, and the drive letters it gives to the volumes.

mod drives;
mod image_path;
mod registry;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use image_path::{Roots, candidates, expand, of_kernel};
pub use registry::{ControlSet, GuestHive};

use super::linux::mounts::MountPlan;
use super::{Family, Gap, Guest, Location, MAX_GUESTS, Os, PathSpace};
use crate::error::{Error, Kind, Layer, Result};
use crate::fs::OpenVolume;
use crate::hive::Data;

/// Folders that Windows was installed in over time.
const SYSTEM_ROOTS: &[&str] = &["Windows", "WINNT"];
/// The key of SOFTWARE that says which Windows it is.
pub const CURRENT_VERSION: &str = r"Microsoft\Windows NT\CurrentVersion";

/// Finds every Windows system on `volumes`.
pub(super) fn find(volumes: &[OpenVolume]) -> Vec<Guest> {
    volumes
        .iter()
        .filter_map(|volume| {
            let fs = volume.file_system()?;
            if !fs.ignores_case() {
                return None;
            }
            let paths = PathSpace::new(volume).ok()?;
            let root = system_root(&paths)?;
            Some(guest(volumes, volume, paths, root))
        })
        .take(MAX_GUESTS + 1)
        .collect()
}

/// The folder of the system drive that Windows is installed in; `None` where there is none.
///
/// A folder whose hives can't be read counts: a Windows that can't be seen is not absent.
#[must_use]
pub fn system_root(paths: &PathSpace) -> Option<&'static str> {
    SYSTEM_ROOTS.iter().copied().find(|root| {
        let there = |path: String| paths.find(path.as_bytes());
        let hives = ["SYSTEM", "SOFTWARE"].map(|h| there(format!("{root}/System32/config/{h}")));
        hives.iter().any(|h| matches!(h, Ok(Some(_))))
            || hives.iter().any(Result::is_err)
                && !matches!(there(format!("{root}/System32")), Ok(None))
    })
}

fn guest(volumes: &[OpenVolume], volume: &OpenVolume, mut paths: PathSpace, root: &str) -> Guest {
    let mut os = Os {
        id: Some("windows".into()),
        ..Os::default()
    };
    // Each with the hive that it is of.
    let mut problems: Vec<(&str, Error)> = Vec::new();
    let mut letter = None;
    let mut letters = Vec::new();
    let mut of_hive = Vec::new();
    match GuestHive::software(&paths, root) {
        Ok(software) => {
            of_hive.extend(software.problems());
            of_hive.extend(product(&software, &mut os, &mut letter).err());
        }
        Err(e) => of_hive.push(e),
    }
    problems.extend(of_hive.drain(..).map(|e| ("SOFTWARE", e)));
    match GuestHive::system(&paths, root) {
        Ok(system) => {
            of_hive.extend(system.problems());
            let found = computer(&system, &mut os, &mut of_hive);
            of_hive.extend(found.err());
            match drives::letters(&system.hive, volumes) {
                Ok(found) => letters = found,
                Err(e) => of_hive.push(e),
            }
        }
        Err(e) => of_hive.push(e),
    }
    problems.extend(of_hive.into_iter().map(|e| ("SYSTEM", e)));
    let own = |l: &&(u8, usize)| {
        let other = volumes.get(l.1);
        other.is_some_and(|other| other.volume.name == volume.volume.name)
    };
    let mounted = letters.iter().find(own).map(|l| l.0);
    let system_drive = mounted.or(letter).unwrap_or(b'C');
    paths.set_system_drive(system_drive);
    paths.set_volumes(volumes);
    for (letter, index) in letters {
        let Some((other, fs)) = volumes.get(index).and_then(|v| Some((v, v.file_system()?))) else {
            continue;
        };
        if letter != system_drive && other.volume.name != volume.volume.name {
            paths.add_drive(letter, &other.volume.name, Arc::clone(fs));
        }
    }
    let drive = char::from(system_drive);
    let place = |hive: &str| Location {
        volume: Some(volume.volume.name.clone()),
        ..Location::of_path(format!("{drive}:/{root}/System32/config/{hive}"))
    };
    let problems = problems.iter();
    let problems = problems.map(|(hive, e)| Gap::new(place(hive), e)).collect();
    Guest {
        family: Family::Windows,
        os,
        root_volume: volume.volume.name.clone(),
        paths,
        mounts: MountPlan::default(),
        problems,
        disk: None,
    }
}

/// What SOFTWARE says: product, edition, version, build, and the drive of its folder.
fn product(software: &GuestHive, os: &mut Os, letter: &mut Option<u8>) -> Result<()> {
    let key = software
        .hive
        .key(CURRENT_VERSION)?
        .ok_or_else(|| absent(software, CURRENT_VERSION))?;
    let text = |name: &str| -> Result<Option<String>> {
        match key.value(name)? {
            Some(value) => value.text(),
            None => Ok(None),
        }
    };
    let number = |name: &str| -> Result<Option<u32>> {
        match key.value(name)? {
            Some(value) => value.number(),
            None => Ok(None),
        }
    };
    os.name = text("ProductName")?;
    os.edition = text("EditionID")?;
    os.version = match (
        number("CurrentMajorVersionNumber")?,
        number("CurrentMinorVersionNumber")?,
    ) {
        (Some(major), Some(minor)) => Some(format!("{major}.{minor}")),
        // Windows 10 keeps 6.3 in CurrentVersion for old programs; before it, this is the number.
        _ => text("CurrentVersion")?,
    };
    let build = match text("CurrentBuild")? {
        Some(build) => Some(build),
        None => text("CurrentBuildNumber")?,
    };
    os.build = match (build, number("UBR")?) {
        (Some(build), Some(ubr)) => Some(format!("{build}.{ubr}")),
        (build, _) => build,
    };
    if let Some([drive, b':', ..]) = text("SystemRoot")?.as_deref().map(str::as_bytes)
        && drive.is_ascii_alphabetic()
    {
        *letter = Some(drive.to_ascii_uppercase());
    }
    Ok(())
}

/// What SYSTEM says of the control set that the next boot uses: computer name, processor.
fn computer(system: &GuestHive, os: &mut Os, problems: &mut Vec<Error>) -> Result<()> {
    let set = ControlSet::next_boot(&system.hive)?;
    if let Some(current) = set.current.filter(|c| *c != set.number) {
        problems.push(Error::notice(
            Layer::Hive,
            None,
            say!(
                error_registry_next_control_set,
                next = set.number,
                current = current
            ),
        ));
    }
    let text = |path: &str, name: &str| -> Result<Option<String>> {
        let Some(key) = system.hive.key(&format!(r"{}\{path}", set.name))? else {
            return Ok(None);
        };
        match key.value(name)? {
            Some(value) => value.text(),
            None => Ok(None),
        }
    };
    os.host_name = text(r"Control\ComputerName\ComputerName", "ComputerName")?;
    let processor = text(
        r"Control\Session Manager\Environment",
        "PROCESSOR_ARCHITECTURE",
    )?;
    os.architecture = processor.map(|p| match p.to_ascii_uppercase().as_str() {
        "AMD64" => "x86_64".into(),
        "ARM64" => "aarch64".into(),
        "X86" => "x86".into(),
        other => other.to_ascii_lowercase(),
    });
    Ok(())
}

fn absent(hive: &GuestHive, key: &str) -> Error {
    Error::new(
        Layer::Hive,
        Kind::NotFound,
        None,
        say!(error_registry_absent, key = format!(r"{}\{key}", hive.root)),
    )
}

/// The machine number of the COFF header for an architecture as [`Os::architecture`] names it.
#[must_use]
pub fn machine(architecture: &str) -> Option<u16> {
    Some(match architecture {
        "x86_64" => 0x8664,
        "aarch64" => 0xAA64,
        "x86" => 0x014C,
        _ => return None,
    })
}

/// A value's data as people read it, at most 200 characters.
#[must_use]
pub fn shown(data: &Data) -> String {
    let text = match data {
        Data::Text(text) | Data::Expand(text) => text.clone(),
        Data::List(list) => list.join("; "),
        Data::Number(number) => number.to_string(),
        Data::Long(number) => number.to_string(),
        Data::Bytes(bytes) => crate::bytes::hex(bytes.get(..100).unwrap_or(bytes)),
    };
    text.chars().take(200).collect()
}
