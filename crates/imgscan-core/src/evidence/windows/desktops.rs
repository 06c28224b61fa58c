//! Desktops, and what lies on them.

use std::collections::BTreeSet;

use super::shortcut;
use super::{KeyAt, Windows, outside, place};
use crate::error::{Error, Kind, Layer};
use crate::evidence::{Collected, Gap, Location};
use crate::fs::{Attributes, FileKind, Timestamp};
use crate::guest::Located;
use crate::guest::windows::{GuestHive, expand};
use crate::source::read_vec;

/// Where Explorer keeps the folders of a user, or those of all users.
const SHELL_FOLDERS: &str =
    r"Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders";
/// Folders of a profile that are desktops by name.
const DESKTOP_NAMES: &[&str] = &["Desktop", "桌面"];
/// Objects on one desktop that are looked at, those in its folders included.
const MAX_FILES: usize = 10_000;
/// Levels of folders on a desktop that are entered.
const MAX_DEPTH: usize = 8;
/// The first bytes of each file that checks may look into.
const HEAD: u64 = 64 * 1024;

/// A desktop.
#[derive(Debug, Clone)]
pub struct Desktop {
    /// Its folder, all links followed.
    pub folder: String,
    /// What lies on it and in its folders, by path.
    pub files: Vec<DesktopFile>,
}

/// Something on a desktop.
#[derive(Debug, Clone)]
pub struct DesktopFile {
    /// Where, with its digest for a regular file.
    pub at: Location,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: FileKind,
    /// It is encrypted: its contents can't be judged.
    pub encrypted: bool,
    /// Bytes.
    pub size: u64,
    /// When it was made, and last changed.
    pub created: Option<Timestamp>,
    /// When its contents last changed.
    pub modified: Option<Timestamp>,
    /// Its first bytes, at most 64 KiB.
    pub head: Vec<u8>,
    /// It is a shortcut by its contents.
    pub is_shortcut: bool,
    /// The path that a shortcut (`.lnk`) leads to, where it says so.
    pub target: Option<String>,
}

pub(super) fn collect(windows: &Windows<'_>) -> Collected<Desktop> {
    let mut out = Collected::default();
    let profiles = windows.profiles();
    out.gaps.extend(profiles.gaps.iter().cloned());
    let mut seen = BTreeSet::new();
    let mut add = |path: &str, at: Location, out: &mut Collected<Desktop>| {
        desktop(windows, path, at, out, &mut seen);
    };
    match common(windows) {
        Ok(Some((path, at))) => add(&path, at, &mut out),
        Ok(None) => {}
        Err(gap) => out.gaps.push(gap),
    }
    for profile in &profiles.items {
        let folder = &profile.fact.folder;
        for path in by_name(windows, folder, &mut out.gaps) {
            add(&path, Location::of_path(&path), &mut out);
        }
        match redirected(windows, folder) {
            Ok(Some((path, at))) => add(&path, at, &mut out),
            Ok(None) => {}
            Err(gap) => out.gaps.push(gap),
        }
    }
    out
}

/// The folders of a profile that are desktops by their name, OneDrive's included.
fn by_name(windows: &Windows<'_>, folder: &str, gaps: &mut Vec<Gap>) -> Vec<String> {
    let mut out: Vec<String> = DESKTOP_NAMES
        .iter()
        .map(|name| format!("{folder}/{name}"))
        .collect();
    match windows.guest.paths.list(folder.as_bytes()) {
        Ok(listing) => {
            gaps.extend(listing.damage.iter().map(|e| Gap::at_path(folder, e)));
            for name in listing.names {
                let name = crate::text::lossless(&name);
                if name.to_ascii_lowercase().starts_with("onedrive") {
                    out.extend(DESKTOP_NAMES.iter().map(|d| format!("{folder}/{name}/{d}")));
                }
            }
        }
        Err(e) => gaps.push(Gap::at_path(folder, &e)),
    }
    out
}

/// The desktop of all users, where SOFTWARE names one.
fn common(windows: &Windows<'_>) -> Result<Option<(String, Location)>, Gap> {
    let software = windows.software()?;
    let path = SHELL_FOLDERS.trim_start_matches(r"Software\");
    let Some(key) = KeyAt::open(software, path)? else {
        return Ok(None);
    };
    let found = key.text("Common Desktop")?;
    Ok(found.map(|v| (expand(&v.fact, &windows.roots(), &[]), v.at)))
}

/// The desktop that the user's own hive names.
fn redirected(windows: &Windows<'_>, profile: &str) -> Result<Option<(String, Location)>, Gap> {
    let paths = &windows.guest.paths;
    for file in ["NTUSER.DAT", "NTUSER.MAN"] {
        let path = format!("{profile}/{file}");
        let gap = |e| Gap::at_path(&path, &e);
        if paths.find(path.as_bytes()).map_err(gap)?.is_none() {
            continue;
        }
        let user = profile.rsplit('/').next().unwrap_or_default();
        let hive = GuestHive::open(paths, &path, format!(r"HKU\{user}")).map_err(gap)?;
        if let Some(e) = hive.unreliable() {
            return Err(Gap::new(
                place(&hive, SHELL_FOLDERS, Some("Desktop"), None),
                e,
            ));
        }
        let Some(key) = KeyAt::open(&hive, SHELL_FOLDERS)? else {
            continue;
        };
        let Some(found) = key.text("Desktop")? else {
            continue;
        };
        let extra = [("userprofile", profile), ("username", user)];
        return Ok(Some((
            expand(&found.fact, &windows.roots(), &extra),
            found.at,
        )));
    }
    Ok(None)
}

fn desktop(
    windows: &Windows<'_>,
    path: &str,
    at: Location,
    out: &mut Collected<Desktop>,
    seen: &mut BTreeSet<String>,
) {
    if path.starts_with(r"\\") || path.starts_with("//") || path.contains('%') {
        out.gaps.push(Gap::new(at, &outside(path)));
        return;
    }
    let found = match windows.guest.paths.resolve(path.as_bytes()) {
        Ok(found) => found,
        Err(e) if e.kind == Kind::NotFound => return,
        Err(e) => return out.gaps.push(Gap::new(at, &e)),
    };
    let folder = found.path_text();
    if found.metadata.kind != FileKind::Directory || !seen.insert(folder.to_lowercase()) {
        return;
    }
    let mut files = Vec::new();
    walk(windows, &folder, &mut files, &mut out.gaps, 0);
    let volume = Some(found.volume.clone());
    out.push(
        Desktop { folder, files },
        Location {
            volume: at.volume.clone().or(volume),
            ..at
        },
    );
}

fn walk(
    windows: &Windows<'_>,
    folder: &str,
    files: &mut Vec<DesktopFile>,
    gaps: &mut Vec<Gap>,
    depth: usize,
) {
    let paths = &windows.guest.paths;
    let listing = match paths.list(folder.as_bytes()) {
        Ok(listing) => listing,
        Err(e) => return gaps.push(Gap::at_path(folder, &e)),
    };
    gaps.extend(listing.damage.iter().map(|e| Gap::at_path(folder, e)));
    for name in listing.names {
        let path = [folder.as_bytes(), b"/", &name].concat();
        let shown = crate::text::lossless(&path);
        if files.len() >= MAX_FILES || depth >= MAX_DEPTH {
            let limit = Error::limit(
                Layer::Guest,
                None,
                say!(error_desktop_many, most = MAX_FILES, levels = MAX_DEPTH),
            );
            return gaps.push(Gap::at_path(shown, &limit));
        }
        match paths.resolve_link(&path) {
            Ok(at) => {
                let kind = at.metadata.kind;
                files.push(file(at, &name, gaps));
                if kind == FileKind::Directory {
                    walk(windows, &shown, files, gaps, depth + 1);
                }
            }
            Err(e) => gaps.push(Gap::at_path(shown, &e)),
        }
    }
}

fn file(at: Located, name: &[u8], gaps: &mut Vec<Gap>) -> DesktopFile {
    let meta = &at.metadata;
    let mut out = DesktopFile {
        at: Location::of(&at),
        name: crate::text::lossless(name),
        kind: meta.kind,
        encrypted: meta.attributes.contains(Attributes::ENCRYPTED),
        size: meta.size,
        created: meta.created,
        modified: meta.modified,
        head: Vec::new(),
        is_shortcut: false,
        target: None,
    };
    if meta.kind != FileKind::Regular {
        return out;
    }
    let read = at.open().and_then(|data| {
        let head = read_vec(data.as_ref(), 0, data.len().min(HEAD) as usize)?;
        Ok((head, crate::evidence::files::sha256(data.as_ref())?))
    });
    match read {
        Ok((head, sha256)) => {
            out.at.sha256 = Some(sha256);
            out.is_shortcut = shortcut::is_shortcut(&head);
            out.target = shortcut::target(&head);
            out.head = head;
        }
        Err(e) => gaps.push(Gap::new(out.at.clone(), &e)),
    }
    out
}
