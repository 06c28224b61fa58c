//! Initial file systems, read on a thread of their own while other things are examined.

use std::collections::BTreeMap;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Mutex, PoisonError};
use std::thread::Scope;

use super::read::{self, ArchiveMember};
use super::wanted;
use crate::cpio::Contents;
use crate::error::{Layer, Result, contained};
use crate::evidence::files::sha256;
use crate::evidence::linux::Boot;
use crate::evidence::linux::reader::Reader;
use crate::guest::Located;
use crate::source::ReadAt;

/// Initial file systems that are read ahead.
const MAX_AHEAD: usize = 2;

/// The members of an initramfs.
pub(super) struct Archive {
    /// SHA-256 of the file, lower-case hexadecimal.
    pub(super) sha256: String,
    pub(super) items: Vec<ArchiveMember>,
    pub(super) contents: Contents,
}

impl Archive {
    fn read(at: &Located) -> Result<Self> {
        contained(
            Layer::Cpio,
            || say!(doing_initramfs),
            || Self::of(at.open()?.as_ref()),
        )
    }

    pub(super) fn of(file: &dyn ReadAt) -> Result<Self> {
        let sha256 = sha256(file)?;
        let (items, contents) = read::items(file);
        Ok(Self {
            sha256,
            items,
            contents,
        })
    }
}

/// Initial file systems that are read while other things are examined.
pub(in crate::evidence::linux) struct Archives(Mutex<Coming>);

/// Those that are still to come, and those that came, by path.
struct Coming {
    to_come: Receiver<(Vec<u8>, Result<Archive>)>,
    here: BTreeMap<Vec<u8>, Result<Archive>>,
}

impl Archives {
    /// Begins to read those of the entries that may boot: that is long work and needs nothing but
    /// the menu.
    pub(in crate::evidence::linux) fn begin<'s>(
        scope: &'s Scope<'s, '_>,
        reader: Reader<'s>,
        boot: &'s Boot,
    ) -> Self {
        let (send, to_come) = mpsc::channel();
        scope.spawn(move || {
            // What can't be found is told by who asks for them.
            let places = wanted(&reader, boot, &[], &mut Vec::new());
            for at in places.into_iter().take(MAX_AHEAD) {
                let archive = Archive::read(&at);
                if send.send((at.path, archive)).is_err() {
                    return;
                }
            }
        });
        Self(Mutex::new(Coming {
            to_come,
            here: BTreeMap::new(),
        }))
    }

    /// The one at `at`, waited for where it is being read.
    pub(super) fn take(&self, at: &Located) -> Result<Archive> {
        let mut coming = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(archive) = coming.here.remove(&at.path) {
                return archive;
            }
            match coming.to_come.recv() {
                Ok((path, archive)) => _ = coming.here.insert(path, archive),
                Err(_) => return Archive::read(at),
            }
        }
    }
}
