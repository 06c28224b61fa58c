//! Registry hives, read from their own files: keys, values, security descriptors, class names,
//! with transaction logs replayed in memory as Windows does it.
//!
//! A hive is a file format of its own (a SYSTEM hive, a user's NTUSER.DAT, a boot configuration),
//! so it stands between the file systems that hold it and the guests that it describes.
//!
//! The format: M. Suhanov, "Windows registry file format specification". All integers are
//! little-endian; offsets on disk count from the first hive bin, 4,096 bytes into the file.

#![warn(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::indexing_slicing
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::indexing_slicing
    )
)]

mod base;
mod key;
#[doc(hidden)] // For the fuzz targets, which write logs.
pub mod marvin;
mod name;
mod replay;
#[cfg(test)]
pub(crate) mod replay_tests;
#[cfg(test)]
pub(crate) mod spoilt_tests;
mod store;
#[cfg(test)]
mod tests;
mod value;
mod walk;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

pub use base::BaseBlock;
pub use key::{Children, Key};
pub(crate) use name::utf16;
pub use replay::Logs;
pub use value::{Data, Value, ValueType};
pub use walk::Visit;

use crate::error::{Error, Layer, Result};
use crate::source::ReadAt;
use store::{Overlay, Store};

/// The longest hive that is read, in bytes. Windows itself allows 2 GiB; hives of real systems
/// stay below a quarter of a GiB.
pub const MAX_HIVE: u64 = 512 * 1024 * 1024;

/// Whether a hive needed its logs, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recovery {
    /// The last write to it was complete.
    Clean,
    /// It was dirty, and its logs were replayed.
    Replayed {
        /// Log entries that were applied (1 for a log of the old format).
        entries: u32,
        /// Pages of 512 bytes that they replaced.
        pages: usize,
        /// Why entries behind those were not applied, where they are damaged.
        stopped: Option<Error>,
    },
    /// It is dirty, and no log applies: what it shows is not what Windows would see.
    Failed(Error),
}

/// A registry hive.
pub struct Hive {
    store: Store,
    base: BaseBlock,
    recovery: Recovery,
    /// Keys whose lists of subkeys were looked at, with what is wrong with them.
    orders: Mutex<HashMap<u32, Option<Error>>>,
}

impl Hive {
    /// Opens the hive in `data`; where it is dirty, `logs` are replayed over it.
    ///
    /// # Errors
    /// If it is no hive, of an unknown version, or longer than [`MAX_HIVE`]. Damage inside is
    /// met when keys are read.
    pub fn open(data: Arc<dyn ReadAt>, logs: &Logs) -> Result<Self> {
        if data.len() > MAX_HIVE + base::BASE_LEN {
            return Err(Error::limit(
                Layer::Hive,
                None,
                say!(error_hive_too_long, len = data.len(), most = MAX_HIVE),
            ));
        }
        let base = BaseBlock::read(data.as_ref());
        let (base, overlay, recovery) = match base {
            Ok(base) if !base.is_dirty() => (base, Overlay::new(), Recovery::Clean),
            base => {
                let done = replay::replay(data.as_ref(), base, logs)?;
                (done.base, done.overlay, done.recovery)
            }
        };
        if u64::from(base.bins_len) > MAX_HIVE {
            return Err(Error::limit(
                Layer::Hive,
                40,
                say!(
                    error_hive_bins_too_long,
                    len = base.bins_len,
                    most = MAX_HIVE
                ),
            ));
        }
        Ok(Self {
            store: Store::new(data, base.bins_len, overlay),
            base,
            recovery,
            orders: Mutex::default(),
        })
    }

    /// What `look` finds wrong with the list of subkeys of the key at `at`; looked for once.
    fn order_of(&self, at: u32, look: impl FnOnce() -> Option<Error>) -> Option<Error> {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        orders.entry(at).or_insert_with(look).clone()
    }

    /// Its base block; after a replay with the sequence numbers of the last entry.
    #[must_use]
    pub fn base(&self) -> &BaseBlock {
        &self.base
    }

    /// Whether it needed its logs.
    #[must_use]
    pub fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    /// What is wrong with it as a whole: it is dirty without usable logs, a log is damaged, or
    /// the file is cut.
    #[must_use]
    pub fn warnings(&self) -> Vec<Error> {
        let mut out = Vec::new();
        match &self.recovery {
            Recovery::Failed(e) => out.push(e.clone()),
            Recovery::Replayed {
                stopped: Some(e), ..
            } => out.push(e.clone()),
            _ => {}
        }
        let missing = self.store.missing();
        if missing > 0 {
            out.push(Error::corrupt(
                Layer::Hive,
                store::file_offset(self.store.len().saturating_sub(missing)),
                say!(error_hive_cut, bytes = missing),
            ));
        }
        out
    }

    /// The root key.
    ///
    /// # Errors
    /// If its cell is damaged.
    pub fn root(&self) -> Result<Key<'_>> {
        Key::read(self, self.base.root)
    }

    /// The key at `path` from the root, names separated by `\` and compared without case; `None`
    /// where it is certain that there is none.
    ///
    /// # Errors
    /// As [`Key::descend`].
    pub fn key(&self, path: &str) -> Result<Option<Key<'_>>> {
        self.root()?.descend(path)
    }
}
