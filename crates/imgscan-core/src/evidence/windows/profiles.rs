//! User profiles.

use std::collections::BTreeSet;

use super::{KeyAt, Windows, outside};
use crate::error::{Error, Kind, Layer};
use crate::evidence::{Collected, Gap, Location};
use crate::fs::FileKind;
use crate::guest::windows::{CURRENT_VERSION, expand};

/// Folders below which every folder is a profile.
const PROFILE_FOLDERS: &[&str] = &["Users", "Documents and Settings"];

/// A user's profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The user's SID, where the registry lists the profile.
    pub sid: Option<String>,
    /// Its folder, all links followed (`C:/Users/Administrator`).
    pub folder: String,
}

pub(super) fn collect(windows: &Windows<'_>) -> Collected<Profile> {
    let mut out = Collected::default();
    let mut seen = BTreeSet::new();
    if let Err(gap) = from_registry(windows, &mut out, &mut seen) {
        out.gaps.push(gap);
    }
    for folder in PROFILE_FOLDERS {
        let path = format!(r"{}\{folder}", windows.roots().drive);
        if let Err(gap) = from_folder(windows, &path, &mut out, &mut seen) {
            out.gaps.push(gap);
        }
    }
    out
}

fn from_registry(
    windows: &Windows<'_>,
    out: &mut Collected<Profile>,
    seen: &mut BTreeSet<String>,
) -> Result<(), Gap> {
    let software = windows.software()?;
    let path = format!(r"{CURRENT_VERSION}\ProfileList");
    let Some(list) = KeyAt::open(software, &path)? else {
        return Ok(());
    };
    let children = list.key.subkeys();
    out.gaps
        .extend(children.damage.iter().map(|e| list.gap(None, e)));
    for key in children.items {
        let sid = key.name().to_owned();
        let key = KeyAt {
            hive: software,
            path: format!(r"{path}\{sid}"),
            key,
        };
        match key.text("ProfileImagePath") {
            Ok(Some(image)) => {
                let folder = expand(&image.fact, &windows.roots(), &[]);
                add(windows, &folder, Some(sid), image.at, out, seen);
            }
            Ok(None) => {}
            Err(gap) => out.gaps.push(gap),
        }
    }
    for name in ["Public", "Default"] {
        match list.text(name) {
            Ok(Some(image)) => {
                let folder = expand(&image.fact, &windows.roots(), &[]);
                add(windows, &folder, None, image.at, out, seen);
            }
            Ok(None) => {}
            Err(gap) => out.gaps.push(gap),
        }
    }
    Ok(())
}

fn from_folder(
    windows: &Windows<'_>,
    path: &str,
    out: &mut Collected<Profile>,
    seen: &mut BTreeSet<String>,
) -> Result<(), Gap> {
    let paths = &windows.guest.paths;
    let gap = |e| Gap::at_path(path, &e);
    let Some(_) = paths.find(path.as_bytes()).map_err(gap)? else {
        return Ok(());
    };
    let listing = paths.list(path.as_bytes()).map_err(gap)?;
    out.gaps
        .extend(listing.damage.iter().map(|e| Gap::at_path(path, e)));
    for name in listing.names {
        if std::str::from_utf8(&name).is_err() {
            let what = say!(error_name_utf16);
            let error = Error::unsupported(Layer::Guest, None, what);
            let shown = format!(r"{path}\{}", crate::text::lossless(&name));
            out.gaps.push(Gap::at_path(shown, &error));
            continue;
        }
        let folder = format!(r"{path}\{}", crate::text::lossless(&name));
        add(
            windows,
            &folder,
            None,
            Location::of_path(&folder),
            out,
            seen,
        );
    }
    Ok(())
}

/// Adds the profile in `folder`, if it is a folder and not yet known. A folder that is not there
/// has nothing to look at.
fn add(
    windows: &Windows<'_>,
    folder: &str,
    sid: Option<String>,
    at: Location,
    out: &mut Collected<Profile>,
    seen: &mut BTreeSet<String>,
) {
    if folder.starts_with(r"\\") {
        out.gaps.push(Gap::new(at, &outside(folder)));
        return;
    }
    match windows.guest.paths.resolve(folder.as_bytes()) {
        Ok(found) if found.metadata.kind == FileKind::Directory => {
            let folder = found.path_text();
            if seen.insert(folder.to_lowercase()) {
                let volume = Some(found.volume.clone());
                let at = Location {
                    volume: at.volume.clone().or(volume),
                    ..at
                };
                out.push(Profile { sid, folder }, at);
            }
        }
        Ok(_) => {}
        Err(e) if e.kind == Kind::NotFound => {}
        Err(e) => out.gaps.push(Gap::new(at, &e)),
    }
}
