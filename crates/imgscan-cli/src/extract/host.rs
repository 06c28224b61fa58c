//! The host's side of `extract`: everything is made relative to a handle of its folder, and no
//! symbolic link is ever followed, whoever made it.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use imgscan_core::fs::Timestamp;
use rustix::fs::{
    AtFlags, CWD, Dir, FileType, FlockOperation, Mode, OFlags, RenameFlags, ResolveFlags, Timespec,
    Timestamps, UTIME_OMIT,
};
use rustix::io::Errno;

use super::MAX_DEPTH;
use super::names::{attempt, is_part, part};

/// Tries for a free name before giving up.
const ATTEMPTS: u32 = 1000;
/// Flags for folders: a link in the place of a folder is an error.
const FOLDER: OFlags = OFlags::DIRECTORY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// An open folder of the host, and what was made in it.
pub(super) struct Folder {
    handle: OwnedFd,
    made: Mutex<Made>,
    /// What stood there before this run is replaced.
    force: bool,
}

/// What was made in one folder during this run.
#[derive(Default)]
struct Made {
    names: HashSet<Vec<u8>>,
    /// Device and inode number: a name may be found under another spelling.
    objects: HashSet<(u64, u64)>,
    /// Files that were begun.
    parts: u64,
}

/// A file under its temporary name, which goes when this is dropped.
pub(super) struct Part {
    folder: Arc<Folder>,
    name: Vec<u8>,
    pub(super) file: File,
}

impl Drop for Part {
    fn drop(&mut self) {
        // Renamed, it is not there any more.
        let name = OsStr::from_bytes(&self.name);
        let _ = rustix::fs::unlinkat(&self.folder.handle, name, AtFlags::empty());
    }
}

impl Part {
    /// Gives the file the first free form of `name`, and returns that.
    pub(super) fn keep(self, name: &[u8]) -> io::Result<Vec<u8>> {
        let object = identity(&self.file)?;
        let from = OsStr::from_bytes(&self.name);
        let dir = &self.folder.handle;
        let place = |to: &OsStr, replace| match replace {
            true => rustix::fs::renameat(dir, from, dir, to),
            false => rename_new(dir, from, to),
        };
        let (name, ()) = self.folder.first_free(name, place)?;
        self.folder.made().objects.insert(object);
        Ok(name)
    }
}

/// Renames `from` to `to`, where nothing is.
fn rename_new(dir: &OwnedFd, from: &OsStr, to: &OsStr) -> rustix::io::Result<()> {
    match rustix::fs::renameat_with(dir, from, dir, to, RenameFlags::NOREPLACE) {
        // A file system that does not know the flag.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => match look(dir, to) {
            Ok(_) => Err(Errno::EXIST),
            Err(Errno::NOENT) => rustix::fs::renameat(dir, from, dir, to),
            Err(e) => Err(e),
        },
        other => other,
    }
}

/// A handle of whatever has the name, by which nothing can be read.
fn look(dir: &OwnedFd, name: &OsStr) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(dir, name, flags, Mode::empty())
}

fn identity(of: impl AsFd) -> rustix::io::Result<(u64, u64)> {
    let stat = rustix::fs::fstat(of)?;
    Ok((stat.st_dev, stat.st_ino))
}

impl Folder {
    /// The folder that the user named; made where it is not there. Links in its path are the
    /// user's own and are followed. What stands there is replaced where `force` says so.
    ///
    /// # Errors
    /// Also where another process extracts into it.
    pub(super) fn target(path: &Path, force: bool) -> io::Result<Self> {
        std::fs::create_dir_all(path)?;
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
        let handle = rustix::fs::openat(CWD, path, flags, Mode::empty())?;
        // Two of them would take each other's temporary files for left over. Some file systems
        // have no locks.
        let lock = FlockOperation::NonBlockingLockExclusive;
        if rustix::fs::flock(&handle, lock) == Err(Errno::WOULDBLOCK) {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        let folder = Self::new(handle, force);
        folder.clean();
        Ok(folder)
    }

    fn new(handle: OwnedFd, force: bool) -> Self {
        Self {
            handle,
            made: Mutex::default(),
            force,
        }
    }

    fn made(&self) -> MutexGuard<'_, Made> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes temporary files that an extraction left which was killed.
    fn clean(&self) {
        let Ok(entries) = Dir::read_from(&self.handle) else {
            return;
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_bytes();
            if entry.file_type() != FileType::Directory && is_part(name) {
                let name = OsStr::from_bytes(name);
                let _ = rustix::fs::unlinkat(&self.handle, name, AtFlags::empty());
            }
        }
    }

    /// Removes the temporary files of a run that was killed, here and in the folders below.
    pub(super) fn clean_all(&self, depth: usize) {
        self.clean();
        let Ok(entries) = Dir::read_from(&self.handle) else {
            return;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let below = depth < MAX_DEPTH
                && entry.file_type() == FileType::Directory
                && !matches!(name.to_bytes(), b"." | b"..");
            if below
                && let Ok(handle) = rustix::fs::openat(&self.handle, name, FOLDER, Mode::empty())
            {
                Self::new(handle, false).clean_all(depth + 1);
            }
        }
    }

    /// Makes something under the first form of `name` that nothing of this run has; gives that
    /// form. What stood there before the run is an error, or `make` is told to replace it.
    fn first_free<T>(
        &self,
        name: &[u8],
        mut make: impl FnMut(&OsStr, bool) -> rustix::io::Result<T>,
    ) -> io::Result<(Vec<u8>, T)> {
        for number in 1..=ATTEMPTS {
            let candidate = attempt(name, number);
            if self.made().names.contains(&candidate) {
                continue;
            }
            let os = OsStr::from_bytes(&candidate);
            let made = match make(os, false) {
                Err(Errno::EXIST) if self.is_ours(os) => continue,
                Err(Errno::EXIST) if self.force => make(os, true),
                other => other,
            };
            let made = made?;
            self.made().names.insert(candidate.clone());
            return Ok((candidate, made));
        }
        Err(Errno::EXIST.into())
    }

    /// True where what has the name was made in this run, under whatever spelling.
    fn is_ours(&self, name: &OsStr) -> bool {
        let object = look(&self.handle, name).and_then(identity);
        object.is_ok_and(|object| self.made().objects.contains(&object))
    }

    /// True where something has the name that this run did not make and may not replace.
    pub(super) fn is_taken(&self, name: &[u8]) -> bool {
        let os = OsStr::from_bytes(name);
        let ours = self.made().names.contains(name);
        !ours && !self.force && look(&self.handle, os).is_ok() && !self.is_ours(os)
    }

    /// A folder in this one: new, or one that stood there before this run.
    pub(super) fn folder(&self, name: &[u8]) -> io::Result<(Vec<u8>, Self)> {
        let mut old = false;
        let (name, handle) = self.first_free(name, |name, _| {
            let open = || self.open_folder(name);
            match rustix::fs::mkdirat(&self.handle, name, Mode::RWXU) {
                Ok(()) => open(),
                Err(Errno::EXIST) if !self.is_ours(name) => {
                    old = true;
                    open()
                }
                Err(e) => Err(e),
            }
        })?;
        self.made().objects.insert(identity(&handle)?);
        let folder = Self::new(handle, self.force);
        if old {
            folder.clean();
        }
        Ok((name, folder))
    }

    /// The folder `name`, made in this run or before, for one of several paths through it.
    pub(super) fn shared_folder(&self, name: &[u8]) -> io::Result<Self> {
        let os = OsStr::from_bytes(name);
        match rustix::fs::mkdirat(&self.handle, os, Mode::RWXU | Mode::RGRP | Mode::XGRP) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(e) => return Err(e.into()),
        }
        let folder = Self::new(self.open_folder(os)?, self.force);
        folder.clean();
        Ok(folder)
    }

    fn open_folder(&self, name: &OsStr) -> rustix::io::Result<OwnedFd> {
        match rustix::fs::openat(&self.handle, name, FOLDER, Mode::empty()) {
            Err(Errno::LOOP) => Err(Errno::NOTDIR),
            other => other,
        }
    }

    /// A new empty file under a temporary name, readable by its owner only.
    pub(super) fn file(self: &Arc<Self>) -> io::Result<Part> {
        let flags =
            OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let (name, handle) = self
            .part(|name| rustix::fs::openat(&self.handle, name, flags, Mode::RUSR | Mode::WUSR))?;
        Ok(Part {
            folder: Arc::clone(self),
            name,
            file: File::from(handle),
        })
    }

    /// Makes something under a temporary name.
    fn part<T>(&self, make: impl Fn(&OsStr) -> rustix::io::Result<T>) -> io::Result<(Vec<u8>, T)> {
        for _ in 0..ATTEMPTS {
            let name = {
                let mut made = self.made();
                made.parts += 1;
                part(made.parts)
            };
            match make(OsStr::from_bytes(&name)) {
                Err(Errno::EXIST) => {}
                made => return Ok((name, made?)),
            }
        }
        Err(Errno::EXIST.into())
    }

    /// Makes something that is whole at once under the first free form of `name`, over what stands
    /// there where it may be replaced.
    fn at_once(
        &self,
        name: &[u8],
        make: impl Fn(&OsStr) -> rustix::io::Result<()>,
    ) -> io::Result<Vec<u8>> {
        let (name, ()) = self.first_free(name, |to, replace| {
            if !replace {
                return make(to);
            }
            let begun = self.part(&make);
            let (from, ()) = begun.map_err(|e| Errno::from_io_error(&e).unwrap_or(Errno::IO))?;
            let from = OsStr::from_bytes(&from);
            let done = rustix::fs::renameat(&self.handle, from, &self.handle, to);
            // Of two names of one file both stay.
            let _ = rustix::fs::unlinkat(&self.handle, from, AtFlags::empty());
            done
        })?;
        let object = look(&self.handle, OsStr::from_bytes(&name)).and_then(identity)?;
        self.made().objects.insert(object);
        Ok(name)
    }

    /// A symbolic link; nothing is checked of its target, which nothing here follows.
    pub(super) fn link(
        &self,
        name: &[u8],
        target: &[u8],
        modified: Option<Timestamp>,
    ) -> io::Result<Vec<u8>> {
        let target = OsStr::from_bytes(target);
        let name = self.at_once(name, |name| {
            rustix::fs::symlinkat(target, &self.handle, name)
        })?;
        // Some file systems keep no times for links.
        let _ = rustix::fs::utimensat(
            &self.handle,
            OsStr::from_bytes(&name),
            &times(modified),
            AtFlags::SYMLINK_NOFOLLOW,
        );
        Ok(name)
    }

    /// A further name for the file at `path` below `root`.
    pub(super) fn hard_link(&self, root: &Self, path: &[u8], name: &[u8]) -> io::Result<Vec<u8>> {
        let first = rustix::fs::openat2(
            &root.handle,
            OsStr::from_bytes(path),
            OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC,
            Mode::empty(),
            ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS,
        )?;
        let through = format!("/proc/self/fd/{}", first.as_raw_fd());
        self.at_once(name, |name| {
            let (dir, follow) = (&self.handle, AtFlags::SYMLINK_FOLLOW);
            rustix::fs::linkat(CWD, through.as_str(), dir, name, follow)
        })
    }

    /// Gives the folder its final mode and time.
    pub(super) fn finish(&self, mode: u32, modified: Option<Timestamp>) -> io::Result<()> {
        finish(&self.handle, mode, modified)
    }

    /// A second handle of the same folder.
    pub(super) fn again(&self) -> io::Result<Self> {
        Ok(Self::new(self.handle.try_clone()?, self.force))
    }
}

/// Gives a file its final mode and time.
pub(super) fn finish(
    handle: impl std::os::fd::AsFd,
    mode: u32,
    modified: Option<Timestamp>,
) -> io::Result<()> {
    rustix::fs::fchmod(handle.as_fd(), Mode::from_raw_mode(mode))?;
    rustix::fs::futimens(handle.as_fd(), &times(modified))?;
    Ok(())
}

/// Only the time of change; the host sets the time of access itself.
fn times(modified: Option<Timestamp>) -> Timestamps {
    let omit = Timespec {
        tv_sec: 0,
        tv_nsec: UTIME_OMIT,
    };
    Timestamps {
        last_access: omit,
        last_modification: modified.map_or(omit, |m| Timespec {
            tv_sec: m.secs,
            tv_nsec: m.nanos.min(999_999_999).into(),
        }),
    }
}
