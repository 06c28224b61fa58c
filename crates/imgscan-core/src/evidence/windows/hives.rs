//! Where the registry hives of a guest stand, and under which key Windows loads each.

use std::collections::BTreeSet;

use super::Windows;
use crate::bytes::le32;
use crate::error::{Error, Result};
use crate::evidence::{Collected, Gap, Location};
use crate::fs::{Content, NodeId, OpenVolume};
use crate::guest::windows::GuestHive;
use crate::guest::{Located, PathSpace};
use crate::hive::Recovery;
use crate::source::read_vec;

/// The account whose hive is `DEFAULT`: the system itself.
const LOCAL_SYSTEM: &str = "S-1-5-18";
/// Files of the installation, from the folder of Windows, and the keys they are loaded under.
/// Amcache and BBI are loaded under no name that programs use.
const MACHINE: &[(&str, &[&str])] = &[
    (r"System32\config\SYSTEM", &[r"HKLM\SYSTEM"]),
    (r"System32\config\SOFTWARE", &[r"HKLM\SOFTWARE"]),
    (r"System32\config\SAM", &[r"HKLM\SAM"]),
    (r"System32\config\SECURITY", &[r"HKLM\SECURITY"]),
    (
        r"System32\config\DEFAULT",
        &[r"HKU\.DEFAULT", r"HKU\S-1-5-18"],
    ),
    (r"System32\config\COMPONENTS", &[r"HKLM\COMPONENTS"]),
    (r"System32\config\DRIVERS", &[r"HKLM\DRIVERS"]),
    (r"System32\config\ELAM", &[r"HKLM\ELAM"]),
    (r"System32\config\BBI", &[]),
    (r"AppCompat\Programs\Amcache.hve", &[]),
];
/// The hive of a user's classes, from the profile's folder: since Windows Vista, and before.
const CLASSES: &[&str] = &[
    r"AppData\Local\Microsoft\Windows\UsrClass.dat",
    r"Local Settings\Application Data\Microsoft\Windows\UsrClass.dat",
];
/// The boot configuration of UEFI and of BIOS systems, from the root of a volume.
const BOOT: &[&str] = &["EFI/Microsoft/Boot/BCD", "Boot/BCD"];
/// The key that the boot configuration is loaded under.
const BOOT_ROOT: &str = r"HKLM\BCD00000000";
/// Endings of the logs beside a hive.
const LOGS: [&str; 3] = [".LOG1", ".LOG2", ".LOG"];

/// A hive's file.
#[derive(Clone)]
pub struct HiveFile {
    /// The keys that Windows loads it under (`HKLM\SYSTEM`, `HKU\S-1-5-21-…-500`); a user's also
    /// by the name of the profile's folder (`HKU\Administrator`). Empty for one that has no such
    /// key.
    pub roots: Vec<String>,
    /// The file.
    pub at: Located,
    /// The logs beside it by the ending of their names, or why that can't be told.
    logs: Vec<(&'static str, Result<Option<Located>>)>,
}

impl HiveFile {
    /// The file `path` of `paths`, whose hive is loaded under `roots`; `None` where it is not
    /// there.
    ///
    /// # Errors
    /// If that can't be told.
    pub fn find(paths: &PathSpace, path: &str, roots: Vec<String>) -> Result<Option<Self>> {
        let Some(at) = paths.find(path.as_bytes())? else {
            return Ok(None);
        };
        let log = |ending| (ending, paths.find(format!("{path}{ending}").as_bytes()));
        Ok(Some(Self {
            roots,
            at,
            logs: LOGS.map(log).into(),
        }))
    }

    /// Opens the hive as loaded under `root`.
    ///
    /// # Errors
    /// If there is no hive in the file.
    pub fn open(&self, root: &str) -> Result<GuestHive> {
        GuestHive::with_logs(self.at.clone(), root, |ending| {
            let found = self.logs.iter().find(|(of, _)| *of == ending);
            found.map_or(Ok(None), |(_, log)| log.clone())
        })
    }

    /// The logs that are there.
    pub fn logs(&self) -> impl Iterator<Item = &Located> {
        self.logs
            .iter()
            .filter_map(|(_, log)| log.as_ref().ok()?.as_ref())
    }
}

/// The hives of one guest.
pub(super) fn collect(windows: &Windows<'_>) -> Collected<HiveFile> {
    let mut found = Search::default();
    let paths = &windows.guest.paths;
    let folder = windows.roots().windows;
    for (file, roots) in MACHINE {
        let roots = roots.iter().map(|r| (*r).to_owned()).collect();
        found.add(paths, format!(r"{folder}\{file}"), roots);
    }
    let profiles = windows.profiles();
    found.out.gaps.extend(profiles.gaps.iter().cloned());
    for profile in &profiles.items {
        let folder = &profile.fact.folder;
        let name = folder.rsplit(['/', '\\']).next().unwrap_or_default();
        // The system's own key is the hive DEFAULT, not the one in its profile.
        let sid = profile.fact.sid.as_deref().filter(|s| *s != LOCAL_SYSTEM);
        let roots = |ending: &str| {
            let names = sid.into_iter().chain([name]);
            names.map(|n| format!(r"HKU\{n}{ending}")).collect()
        };
        // A mandatory profile is loaded in place of the other.
        for file in ["NTUSER.DAT", "NTUSER.MAN"] {
            found.add(paths, format!(r"{folder}\{file}"), roots(""));
        }
        for file in CLASSES {
            found.add(paths, format!(r"{folder}\{file}"), roots("_Classes"));
        }
    }
    found.out
}

/// How a hive was left.
#[derive(Debug, Clone)]
pub struct HiveState {
    /// The key that Windows loads it under, or its path.
    pub name: String,
    /// The two sequence numbers of its base block, where it has one.
    pub sequences: Option<(u32, u32)>,
    /// Entries of its logs that were replayed; `None` where it was clean.
    pub replayed: Option<u32>,
    /// Why it does not show what Windows would see.
    pub failed: Option<Error>,
    /// What Windows would repair or drop of its keys on loading it.
    pub faults: Vec<Error>,
}

/// The state of each hive. A file that holds no hive is one that failed.
pub(super) fn states(windows: &Windows<'_>) -> Collected<HiveState> {
    let hives = collect(windows);
    let mut out = Collected {
        items: Vec::new(),
        gaps: hives.gaps,
    };
    for file in hives.items {
        let root = file.fact.roots.first().cloned();
        let name = root.unwrap_or_else(|| file.fact.at.path_text());
        let sequences = file.fact.at.open().and_then(|data| {
            let head = read_vec(data.as_ref(), 0, 12)?;
            Ok(head
                .starts_with(b"regf")
                .then_some((le32(&head, 4), le32(&head, 8))))
        });
        let sequences = match sequences {
            Ok(Some((Some(first), Some(second)))) => Some((first, second)),
            _ => None,
        };
        let opened = file.fact.open(&name);
        let faults = opened.as_ref().map(|hive| hive.hive.faults());
        let faults = faults.unwrap_or_default();
        let (replayed, failed) = match &opened {
            Ok(hive) => match (hive.hive.recovery(), hive.unreliable()) {
                (_, Some(e)) => (None, Some(e.clone())),
                _ if !hive.hive.warnings().is_empty() => {
                    (None, hive.hive.warnings().into_iter().next())
                }
                (Recovery::Replayed { entries, .. }, None) => (Some(*entries), None),
                _ => (None, None),
            },
            Err(e) => (None, Some(e.clone())),
        };
        let fact = HiveState {
            name,
            sequences,
            replayed,
            failed,
            faults,
        };
        out.push(fact, file.at);
    }
    out
}

/// The boot configurations on `volumes`: a hive in the place of UEFI systems or of BIOS systems.
#[must_use]
pub fn boot_configurations(volumes: &[OpenVolume]) -> Collected<HiveFile> {
    let mut found = Search::default();
    for volume in volumes {
        match &volume.content {
            Content::FileSystem(fs) if fs.ignores_case() => {
                let Ok(paths) = PathSpace::new(volume) else {
                    continue;
                };
                for path in BOOT {
                    found.add(&paths, (*path).to_owned(), vec![BOOT_ROOT.into()]);
                }
            }
            Content::Gap(_, e) => {
                let at = Location {
                    volume: Some(volume.volume.name.clone()),
                    ..Location::default()
                };
                found.out.gap(at, e);
            }
            _ => {}
        }
    }
    found.out
}

/// Hives that were found. One file may be reached by several paths (links between folders).
#[derive(Default)]
struct Search {
    out: Collected<HiveFile>,
    seen: BTreeSet<(String, NodeId)>,
}

impl Search {
    fn add(&mut self, paths: &PathSpace, path: String, roots: Vec<String>) {
        match HiveFile::find(paths, &path, roots) {
            Ok(Some(file)) => {
                for (ending, log) in &file.logs {
                    if let Err(e) = log {
                        let gap = Gap::at_path(format!("{path}{ending}"), e);
                        self.out.gaps.push(gap);
                    }
                }
                if self.seen.insert((file.at.volume.clone(), file.at.id)) {
                    let at = Location::of(&file.at);
                    self.out.push(file, at);
                }
            }
            Ok(None) => {}
            Err(e) => self.out.gaps.push(Gap::at_path(path, &e)),
        }
    }
}
