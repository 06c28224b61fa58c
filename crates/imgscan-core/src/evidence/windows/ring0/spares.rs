//! Programs under other names than their own: kernels and loaders in `System32`, and programs of
//! an EFI system partition that are not called `.efi`.

use serde::Serialize;

use super::{EFI_DEPTH, MAX_FILE};
use crate::bytes::hex;
use crate::error::{Error, Layer, Result, contained};
use crate::evidence::files::Files;
use crate::evidence::windows::Windows;
use crate::evidence::{Collected, Gap, Location};
use crate::fs::FileKind;
use crate::guest::{Located, PathSpace};
use crate::source::{ReadAt, read_all, read_vec};
use crate::trust::pe::looks_like_pe;
use crate::trust::{DigestKind, Version};

/// Names that kernels and their loaders give themselves.
const ORIGINALS: &[&str] = &[
    "ntoskrnl.exe",
    "ntkrnlmp.exe",
    "ntkrnlpa.exe",
    "ntkrpamp.exe",
    "osloader.exe",
    "winload.exe",
    "winload.efi",
];
/// Programs in `System32`: real ones have about 700.
const MAX_PROGRAMS: usize = 8192;

/// A program on an EFI system partition that is not called `.efi`, or that stands outside of
/// `\EFI`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HiddenProgram {
    /// The names of its version resource.
    pub names: Vec<String>,
}

/// The original and the internal name in the version resource of `file`; empty where it has none,
/// or is no PE image.
fn names(file: &dyn ReadAt) -> Vec<String> {
    match Version::read(file) {
        Ok(Some(version)) => version.names(),
        _ => Vec::new(),
    }
}

fn is_program(at: &Located) -> Result<bool> {
    if at.metadata.kind != FileKind::Regular || at.metadata.size < 2 {
        return Ok(false);
    }
    Ok(looks_like_pe(&read_vec(at.open()?.as_ref(), 0, 2)?))
}

/// The programs of `System32` that call themselves a kernel or a loader, those that stand under
/// their own names included.
pub(super) fn renamed(windows: &Windows<'_>, gaps: &mut Vec<Gap>) -> Vec<Located> {
    let mut all = Vec::new();
    let folder = format!(r"{}\System32", windows.roots().windows);
    let listed = match Files::new(&windows.guest.paths).names(&folder) {
        Ok(listed) => listed.unwrap_or_default(),
        Err(gap) => {
            gaps.push(gap);
            return all;
        }
    };
    gaps.extend(listed.gaps);
    let is = |n: &&String| n.to_ascii_lowercase().ends_with(".exe");
    for (count, name) in listed.names.iter().filter(is).enumerate() {
        let path = format!(r"{folder}\{name}");
        if count >= MAX_PROGRAMS {
            let what = say!(error_too_many, most = MAX_PROGRAMS, what = "programs");
            let limit = Error::limit(Layer::Guest, None, what);
            gaps.push(Gap::at_path(path.replace('\\', "/"), &limit));
            break;
        }
        let found = contained(
            Layer::Pe,
            || say!(doing_program_names),
            || {
                let Some(at) = windows.guest.paths.find(path.as_bytes())? else {
                    return Ok(None);
                };
                if !is_program(&at)? {
                    return Ok(None);
                }
                let own = names(at.open()?.as_ref());
                let is = |n: &String| ORIGINALS.iter().any(|o| o.eq_ignore_ascii_case(n));
                Ok(own.iter().any(is).then_some(at))
            },
        );
        match found {
            Ok(Some(at)) => all.push(at),
            Ok(None) => {}
            Err(e) => gaps.push(Gap::at_path(path.replace('\\', "/"), &e)),
        }
    }
    all
}

/// The programs on FAT volumes with a folder `\EFI` that are no boot programs of `\EFI` by name.
pub(in crate::evidence::windows) fn hidden(windows: &Windows<'_>) -> Collected<HiddenProgram> {
    let mut out = Collected::default();
    for volume in windows.guest.paths.volumes() {
        let Some(fs) = volume.file_system() else {
            continue;
        };
        let Ok(paths) = PathSpace::new(volume) else {
            continue;
        };
        if !fs.info().kind.starts_with("fat") {
            continue;
        }
        match paths.find(b"/EFI") {
            Ok(Some(_)) => {}
            Ok(None) => continue,
            Err(e) => {
                out.gaps.push(Gap::at_path("/EFI", &e));
                continue;
            }
        }
        let tree = match Files::new(&paths).tree("", EFI_DEPTH + 1) {
            Ok(tree) => tree.whole(EFI_DEPTH + 1),
            Err(gap) => {
                out.gaps.push(gap);
                continue;
            }
        };
        out.gaps.extend(tree.gaps);
        for path in tree.names {
            let lower = path.to_ascii_lowercase();
            if lower.starts_with("/efi/") && lower.ends_with(".efi") {
                continue;
            }
            match hidden_one(&paths, &path) {
                Ok(Some((fact, at))) => out.push(fact, at),
                Ok(None) => {}
                Err(e) => out.gaps.push(Gap::at_path(path, &e)),
            }
        }
    }
    out
}

fn hidden_one(paths: &PathSpace, path: &str) -> Result<Option<(HiddenProgram, Location)>> {
    contained(
        Layer::Pe,
        || say!(doing_efi_program),
        || {
            let Some(at) = paths.find(path.as_bytes())? else {
                return Ok(None);
            };
            if !is_program(&at)? {
                return Ok(None);
            }
            let data = at.open()?;
            paths.pay_digests(1, data.len().min(MAX_FILE))?;
            let bytes = read_all(data.as_ref(), MAX_FILE)?;
            let sha256 = Some(hex(&DigestKind::Sha256.of(&bytes)));
            let names = names(&crate::source::MemorySource(bytes));
            let place = Location {
                sha256,
                ..Location::of(&at)
            };
            Ok(Some((HiddenProgram { names }, place)))
        },
    )
}
