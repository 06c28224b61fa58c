//! Where desktops are: the folders that the registry and the profiles name.

use super::super::{KeyAt, Windows, outside, place};
use crate::error::{Error, Layer};
use crate::evidence::{Gap, Location};
use crate::guest::windows::{GuestHive, expand};
use crate::hive::Data;

/// Keys of Explorer in a hive of a user, and of the machine without `Software`; 32-bit programs have
/// their own.
const EXPLORER: [&str; 2] = [
    r"Microsoft\Windows\CurrentVersion\Explorer",
    r"WOW6432Node\Microsoft\Windows\CurrentVersion\Explorer",
];
/// Below them: where folders are, and copies of the same for old programs.
const SHELL_FOLDERS: [&str; 2] = ["User Shell Folders", "Shell Folders"];
/// Known folders: the desktop, the one that stays local where OneDrive has the desktop, and that of
/// all users (KnownFolders.h).
const DESKTOP: &str = "{B4BFCC3A-DB2C-424C-B029-7FE99A87C641}";
const LOCAL_DESKTOP: &str = "{754AC886-DF64-4CBA-86B5-F7FBF4FBCEF5}";
const PUBLIC_DESKTOP: &str = "{C4AA340D-F20F-4863-AFEF-F87EF2E6BA25}";
/// Values that name the desktop of a user, or of all.
const NAMES: [&str; 5] = [
    "Desktop",
    DESKTOP,
    LOCAL_DESKTOP,
    "Common Desktop",
    PUBLIC_DESKTOP,
];
/// The folders that a known folder can stand below, in this drive or in a profile.
const PARENTS: [(&str, &str); 5] = [
    ("{5E6C858F-0E22-4760-9AFE-EA3317B67173}", "%UserProfile%"),
    ("{DFDF76A2-C82A-4D63-906A-5644AC457385}", "%Public%"),
    ("{62AB5D82-FDC1-4DC3-A9DD-070D1D495D97}", "%ProgramData%"),
    ("{F38BF404-1D43-42F2-9305-67DE0B28FC23}", "%SystemRoot%"),
    (
        "{0762D272-C50A-4BB0-A382-697DCD729B80}",
        r"%SystemDrive%\Users",
    ),
];
/// Folders of a profile that are desktops by name.
const DESKTOP_NAMES: &[&str] = &["Desktop", "桌面"];
/// Bounds the folders that descriptions make of all profiles.
const MAX_PLACES: usize = 4096;

/// A folder that is a desktop.
pub(super) struct Place {
    /// Its path, variables replaced as far as they are known.
    pub(super) path: String,
    /// What names it.
    pub(super) at: Location,
    /// Only a copy that Windows writes anew says so: what is not in the image is no gap.
    pub(super) is_copy: bool,
}

/// A profile with the hive of its user.
struct User {
    folder: String,
    hives: Vec<GuestHive>,
}

/// All desktops that something names, whether or not they are there.
pub(super) fn collect(windows: &Windows<'_>, gaps: &mut Vec<Gap>) -> Vec<Place> {
    let mut out = Vec::new();
    let profiles = windows.profiles();
    gaps.extend(profiles.gaps.iter().cloned());
    let mut users: Vec<User> = Vec::new();
    for profile in &profiles.items {
        let folder = profile.fact.folder.clone();
        by_name(windows, &folder, &mut out, gaps);
        let files = ["NTUSER.MAN", "NTUSER.DAT"];
        let files = files.map(|file| format!("{folder}/{file}"));
        let hives = hives(windows, &files, &folder, gaps);
        users.push(User { folder, hives });
    }
    let config = format!("{}/System32/config", windows.roots().windows);
    // The hive of the system's own account stands beside its profile, which need not be there.
    let own = format!("{config}/systemprofile").replace('\\', "/");
    let hives = hives(windows, &[format!("{config}/DEFAULT")], "S-1-5-18", gaps);
    by_name(windows, &own, &mut out, gaps);
    users.push(User { folder: own, hives });
    match windows.software() {
        Ok(software) => machine(windows, software, &users, &mut out, gaps),
        Err(gap) => gaps.push(gap),
    }
    for user in &users {
        for hive in &user.hives {
            for explorer in EXPLORER {
                let explorer = format!(r"Software\{explorer}");
                of_user(windows, hive, &explorer, user, &mut out, gaps);
            }
        }
    }
    out
}

/// What SOFTWARE says: of the desktop of all users, and of what is the same for each.
fn machine(
    windows: &Windows<'_>,
    software: &GuestHive,
    users: &[User],
    out: &mut Vec<Place>,
    gaps: &mut Vec<Gap>,
) {
    let public = expand("%Public%", &windows.roots(), &[]);
    let public = User {
        folder: public,
        hives: Vec::new(),
    };
    for explorer in EXPLORER {
        named(windows, software, explorer, &public, out, gaps);
        let everybody = [
            (DESKTOP, true),
            (LOCAL_DESKTOP, true),
            (PUBLIC_DESKTOP, false),
        ];
        for (id, each) in everybody {
            let only = std::slice::from_ref(&public);
            let folders = if each { users } else { only };
            described(windows, software, explorer, id, folders, out, gaps);
        }
    }
}

/// What a hive of a user says.
fn of_user(
    windows: &Windows<'_>,
    hive: &GuestHive,
    explorer: &str,
    user: &User,
    out: &mut Vec<Place>,
    gaps: &mut Vec<Gap>,
) {
    named(windows, hive, explorer, user, out, gaps);
    for id in [DESKTOP, LOCAL_DESKTOP] {
        let folders = std::slice::from_ref(user);
        described(windows, hive, explorer, id, folders, out, gaps);
    }
}

/// The values of the shell folders.
fn named(
    windows: &Windows<'_>,
    hive: &GuestHive,
    explorer: &str,
    user: &User,
    out: &mut Vec<Place>,
    gaps: &mut Vec<Gap>,
) {
    for (i, folders) in SHELL_FOLDERS.iter().enumerate() {
        let path = format!(r"{explorer}\{folders}");
        for name in NAMES {
            let found = match text(hive, &path, name) {
                Ok(Some(found)) => found,
                Ok(None) => continue,
                Err(gap) => {
                    gaps.push(gap);
                    continue;
                }
            };
            let (text, at) = found;
            out.push(Place {
                path: expanded(windows, &text, &user.folder),
                at,
                is_copy: i > 0,
            });
        }
    }
}

/// The folder that a description of known folders makes the desktop of each of `users`.
fn described(
    windows: &Windows<'_>,
    hive: &GuestHive,
    explorer: &str,
    id: &str,
    users: &[User],
    out: &mut Vec<Place>,
    gaps: &mut Vec<Gap>,
) {
    let path = format!(r"{explorer}\FolderDescriptions\{id}");
    let mut read = |name: &str| {
        text(hive, &path, name).unwrap_or_else(|gap| {
            gaps.push(gap);
            None
        })
    };
    let Some((relative, at)) = read("RelativePath") else {
        return;
    };
    let parent = match read("ParentFolder") {
        None => "%UserProfile%".to_owned(),
        Some((id, at)) => {
            let known = PARENTS
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(&id));
            match known {
                Some((_, folder)) => (*folder).to_owned(),
                // Another known folder: where that is can't be told.
                None => return gaps.push(Gap::new(at, &outside(id))),
            }
        }
    };
    for user in users {
        if out.len() >= MAX_PLACES {
            let what = say!(error_too_many, most = MAX_PLACES, what = "desktops");
            return gaps.push(Gap::new(at, &Error::limit(Layer::Guest, None, what)));
        }
        let folder = format!(r"{parent}\{relative}");
        out.push(Place {
            path: expanded(windows, &folder, &user.folder),
            at: at.clone(),
            is_copy: false,
        });
    }
}

/// A value that holds a path; `None` where there is none. One of another type is a gap: programs
/// differ in what they make of it.
fn text(hive: &GuestHive, path: &str, name: &str) -> Result<Option<(String, Location)>, Gap> {
    let Some(key) = KeyAt::open(hive, path)? else {
        return Ok(None);
    };
    let Some(found) = key.value(name, |v| v.data().map(Some))? else {
        return Ok(None);
    };
    match found.fact {
        Data::Text(text) | Data::Expand(text) => Ok(Some((text, found.at))),
        Data::List(list) if list.len() == 1 => Ok(Some((
            list.into_iter().next().unwrap_or_default(),
            found.at,
        ))),
        _ => {
            let error =
                Error::unsupported(Layer::Hive, None, say!(error_registry_type, name = name));
            Err(Gap::new(found.at, &error))
        }
    }
}

/// The variables of `text` replaced, those of the profile `folder` too.
fn expanded(windows: &Windows<'_>, text: &str, folder: &str) -> String {
    let user = folder.rsplit(['/', '\\']).next().unwrap_or_default();
    let (drive, path) = folder.split_at_checked(2).unwrap_or(("", folder));
    let extra = [
        ("userprofile", folder),
        ("username", user),
        ("homedrive", drive),
        ("homepath", path),
    ];
    expand(text.trim(), &windows.roots(), &extra)
}

/// The hives in `files` that can be read.
fn hives(
    windows: &Windows<'_>,
    files: &[String],
    profile: &str,
    gaps: &mut Vec<Gap>,
) -> Vec<GuestHive> {
    let paths = &windows.guest.paths;
    let user = profile.rsplit('/').next().unwrap_or_default();
    let mut out = Vec::new();
    for path in files {
        match paths.find(path.as_bytes()) {
            Ok(Some(_)) => {}
            Ok(None) => continue,
            Err(e) => {
                gaps.push(Gap::at_path(path, &e));
                continue;
            }
        }
        match GuestHive::open(paths, path, format!(r"HKU\{user}")) {
            Ok(hive) => match hive.unreliable() {
                Some(e) => {
                    let key = format!(r"Software\{}\{}", EXPLORER[0], SHELL_FOLDERS[0]);
                    gaps.push(Gap::new(place(&hive, &key, Some("Desktop"), None), e));
                }
                None => out.push(hive),
            },
            Err(e) => gaps.push(Gap::at_path(path, &e)),
        }
    }
    out
}

/// The folders of a profile that are desktops by their name, OneDrive's included.
fn by_name(windows: &Windows<'_>, folder: &str, out: &mut Vec<Place>, gaps: &mut Vec<Gap>) {
    let mut add = |path: String| {
        out.push(Place {
            at: Location::of_path(path.as_str()),
            path,
            is_copy: false,
        });
    };
    for name in DESKTOP_NAMES {
        add(format!("{folder}/{name}"));
    }
    let paths = &windows.guest.paths;
    let listing = match paths.find(folder.as_bytes()) {
        Ok(Some(_)) => paths.list(folder.as_bytes()),
        Ok(None) => return,
        Err(e) => Err(e),
    };
    match listing {
        Ok(listing) => {
            gaps.extend(listing.damage.iter().map(|e| Gap::at_path(folder, e)));
            for name in listing.names {
                let name = crate::text::lossless(&name);
                if name.to_ascii_lowercase().starts_with("onedrive") {
                    for desktop in DESKTOP_NAMES {
                        add(format!("{folder}/{name}/{desktop}"));
                    }
                }
            }
        }
        Err(e) => gaps.push(Gap::at_path(folder, &e)),
    }
}
