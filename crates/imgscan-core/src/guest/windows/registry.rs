//! The hives of a guest, opened where Windows keeps them, with the logs beside them.

use std::sync::Arc;

use crate::error::{Error, Layer, Result};
use crate::guest::{Located, PathSpace};
use crate::hive::{Hive, Logs, Recovery};
use crate::source::ReadAt;

/// A hive of a guest, and where it stands.
pub struct GuestHive {
    /// The hive.
    pub hive: Hive,
    /// Its file.
    pub at: Located,
    /// The key that Windows loads it under (`HKLM\SYSTEM`).
    pub root: String,
    /// Logs that are there and can't be read.
    unreadable_logs: Vec<Error>,
}

impl GuestHive {
    /// The hive in the file `path`, which Windows loads under `root`.
    ///
    /// # Errors
    /// If there is no such file, or no hive in it.
    pub fn open(paths: &PathSpace, path: &str, root: impl Into<String>) -> Result<Self> {
        let at = paths.resolve(path.as_bytes())?;
        Self::with_logs(at, root, |ending| {
            paths.find(format!("{path}{ending}").as_bytes())
        })
    }

    /// The hive in the file `at`, which Windows loads under `root`; `find` gives the log whose
    /// name has this ending (`.LOG1`), `None` where there is none.
    ///
    /// # Errors
    /// If there is no hive in the file.
    pub fn with_logs(
        at: Located,
        root: impl Into<String>,
        mut find: impl FnMut(&str) -> Result<Option<Located>>,
    ) -> Result<Self> {
        let mut unreadable_logs = Vec::new();
        let mut log = |ending: &str| -> Option<Arc<dyn ReadAt>> {
            match find(ending).and_then(|log| log.map(|log| log.open()).transpose()) {
                Ok(log) => log,
                Err(e) => {
                    unreadable_logs.push(e);
                    None
                }
            }
        };
        let logs = Logs {
            log: log(".LOG"),
            log1: log(".LOG1"),
            log2: log(".LOG2"),
        };
        let hive = Hive::open(at.open()?, &logs)?;
        Ok(Self {
            hive,
            at,
            root: root.into(),
            unreadable_logs,
        })
    }

    /// The SYSTEM hive of the Windows in folder `system_root` of the system drive.
    ///
    /// # Errors
    /// As [`GuestHive::open`].
    pub fn system(paths: &PathSpace, system_root: &str) -> Result<Self> {
        let path = format!("{system_root}/System32/config/SYSTEM");
        Self::open(paths, &path, r"HKLM\SYSTEM")
    }

    /// The SOFTWARE hive.
    ///
    /// # Errors
    /// As [`GuestHive::open`].
    pub fn software(paths: &PathSpace, system_root: &str) -> Result<Self> {
        let path = format!("{system_root}/System32/config/SOFTWARE");
        Self::open(paths, &path, r"HKLM\SOFTWARE")
    }

    /// Why the hive does not show what Windows would see: it is dirty and could not be
    /// recovered, or a log that recovery may need can't be read.
    #[must_use]
    pub fn unreliable(&self) -> Option<&Error> {
        match self.hive.recovery() {
            Recovery::Failed(e) => Some(e),
            Recovery::Replayed { .. } => self.unreadable_logs.first(),
            Recovery::Clean => None,
        }
    }

    /// What is wrong with it as a whole; a replay is told as a notice.
    #[must_use]
    pub fn problems(&self) -> Vec<Error> {
        let name = |e: Error| e.within(&self.root);
        let mut out: Vec<Error> = self.hive.warnings().into_iter().map(name).collect();
        if let Recovery::Replayed { entries, pages, .. } = self.hive.recovery() {
            out.push(Error::notice(
                Layer::Hive,
                None,
                say!(
                    error_registry_replayed,
                    root = &self.root,
                    entries = *entries,
                    pages = *pages
                ),
            ));
            out.extend(self.unreadable_logs.iter().cloned().map(name));
        }
        out
    }
}

/// The control set that Windows uses at its next boot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlSet {
    /// Its number, `Select\Default`.
    pub number: u32,
    /// The name of its key (`ControlSet001`).
    pub name: String,
    /// The one that the last boot used, `Select\Current`, where the value is there.
    pub current: Option<u32>,
}

impl ControlSet {
    /// The control set that `Select\Default` names.
    ///
    /// # Errors
    /// If the value is not there, or the control set is not.
    pub fn next_boot(system: &Hive) -> Result<Self> {
        let select = system.key("Select")?.ok_or_else(|| {
            Error::not_found(
                Layer::Hive,
                say!(error_registry_absent, key = r"HKLM\SYSTEM\Select"),
            )
        })?;
        let number = |name: &str| match select.value(name)? {
            Some(value) => value.number(),
            None => Ok(None),
        };
        let default = number("Default")?
            .ok_or_else(|| Error::not_found(Layer::Hive, say!(error_registry_select)))?;
        let name = format!("ControlSet{default:03}");
        if system.key(&name)?.is_none() {
            return Err(Error::not_found(
                Layer::Hive,
                say!(error_registry_control_set, name = &name),
            ));
        }
        Ok(Self {
            number: default,
            name,
            current: number("Current")?,
        })
    }
}
