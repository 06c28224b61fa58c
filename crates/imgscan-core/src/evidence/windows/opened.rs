//! The hives of the machine and of its users, opened once.

use super::{Windows, place};
use crate::error::{Error, Layer, Result};
use crate::evidence::{Gap, Location};
use crate::guest::windows::{ControlSet, GuestHive};

impl Windows<'_> {
    /// The SYSTEM hive.
    ///
    /// # Errors
    /// A gap where it can't be read, or where it is dirty and does not show what Windows would
    /// see.
    pub fn system(&self) -> Result<&GuestHive, Gap> {
        let open = || self.machine("SYSTEM");
        self.system.get_or_init(open).as_ref().map_err(Gap::clone)
    }

    /// The SOFTWARE hive.
    ///
    /// # Errors
    /// As [`Windows::system`].
    pub fn software(&self) -> Result<&GuestHive, Gap> {
        let open = || self.machine("SOFTWARE");
        self.software.get_or_init(open).as_ref().map_err(Gap::clone)
    }

    /// The SAM hive.
    ///
    /// # Errors
    /// As [`Windows::system`].
    pub fn sam(&self) -> Result<&GuestHive, Gap> {
        let open = || self.machine("SAM");
        self.sam.get_or_init(open).as_ref().map_err(Gap::clone)
    }

    /// The SECURITY hive.
    ///
    /// # Errors
    /// As [`Windows::system`].
    pub fn security(&self) -> Result<&GuestHive, Gap> {
        let open = || self.machine("SECURITY");
        self.security.get_or_init(open).as_ref().map_err(Gap::clone)
    }

    /// The hive of the machine that Windows loads as `HKLM\<name>`.
    fn machine(&self, name: &str) -> Result<GuestHive, Gap> {
        let path = format!("{}/System32/config/{name}", self.roots().windows);
        let inner = format!("{}/System32/config/{name}", self.system_root());
        let opened = GuestHive::open(&self.guest.paths, &inner, format!(r"HKLM\{name}"));
        reliable(opened, path)
    }

    /// The control set that the next boot uses.
    ///
    /// # Errors
    /// A gap where the registry does not tell.
    pub fn control_set(&self) -> Result<ControlSet, Gap> {
        let system = self.system()?;
        ControlSet::next_boot(&system.hive)
            .map_err(|e| Gap::new(place(system, "Select", Some("Default"), None), &e))
    }

    /// The hives of the users, the system's own included, and what can't be read of them, or
    /// does not show what Windows would see.
    pub(super) fn users(&self) -> &(Vec<GuestHive>, Vec<Gap>) {
        self.users.get_or_init(|| {
            let mut out = Vec::new();
            let hives = self.hives();
            let mut gaps = hives.gaps;
            for file in hives.items {
                let Some(root) = file.fact.roots.first() else {
                    continue;
                };
                if root.starts_with(r"HKU\") && !root.ends_with("_Classes") {
                    match reliable(file.fact.open(root), file.fact.at.path_text()) {
                        Ok(hive) => out.push(hive),
                        Err(gap) => gaps.push(gap),
                    }
                }
            }
            (out, gaps)
        })
    }

    /// The hive that Windows loads under `root` (`HKU\S-1-5-18`), in any case.
    ///
    /// # Errors
    /// A gap where no hive of the image is loaded there, or as [`Windows::system`].
    pub(super) fn loaded(&self, root: &str) -> Result<GuestHive, Gap> {
        let hives = self.hives();
        let is = |loaded: &String| loaded.eq_ignore_ascii_case(root);
        let mut files = hives.items.iter();
        let found = files.find_map(|file| Some((file, file.fact.roots.iter().find(|r| is(r))?)));
        match found {
            Some((file, loaded)) => reliable(file.fact.open(loaded), file.fact.at.path_text()),
            None => Err(no_hive(root)),
        }
    }
}

/// No hive of the image is loaded under `root`: what stands there can't be told.
pub(super) fn no_hive(root: &str) -> Gap {
    let at = Location {
        key: Some(root.to_owned()),
        ..Location::default()
    };
    let why = say!(error_registry_no_hive, root = root);
    Gap::new(at, &Error::not_found(Layer::Hive, why))
}

/// A hive that shows what Windows would see, or the gap.
pub(super) fn reliable(opened: Result<GuestHive>, path: String) -> Result<GuestHive, Gap> {
    let hive = opened.map_err(|e| Gap::at_path(path.replace('\\', "/"), &e))?;
    match hive.unreliable() {
        Some(e) => Err(Gap::new(place(&hive, "", None, None), e)),
        None => Ok(hive),
    }
}
