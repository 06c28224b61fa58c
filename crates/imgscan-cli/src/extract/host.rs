//! The host's side of `extract`: everything is made relative to a handle of its folder, and no
//! symbolic link is ever followed, whoever made it.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use imgscan_core::fs::Timestamp;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, ResolveFlags, Timespec, Timestamps, UTIME_OMIT};
use rustix::io::Errno;

use super::names::{Made, attempt};

/// Tries for a free name before giving up.
const ATTEMPTS: u32 = 1000;
/// Flags for folders: a link in the place of a folder is an error.
const FOLDER: OFlags = OFlags::DIRECTORY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// An open folder of the host, and what was made in it.
pub(super) struct Folder {
    handle: OwnedFd,
    made: Made,
}

impl Folder {
    /// The folder that the user named; made where it is not there. Links in its path are the
    /// user's own and are followed.
    pub(super) fn target(path: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(path)?;
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
        let handle = rustix::fs::openat(CWD, path, flags, Mode::empty())?;
        Ok(Self::new(handle))
    }

    fn new(handle: OwnedFd) -> Self {
        Self {
            handle,
            made: Made::default(),
        }
    }

    /// Makes something under the first free form of `name`; gives that form.
    fn first_free<T>(
        &mut self,
        name: &[u8],
        mut make: impl FnMut(&OwnedFd, &OsStr, bool) -> rustix::io::Result<T>,
    ) -> io::Result<(Vec<u8>, T)> {
        for number in 1..=ATTEMPTS {
            let candidate = attempt(name, number);
            let ours = self.made.contains(&candidate);
            match make(&self.handle, OsStr::from_bytes(&candidate), ours) {
                Ok(made) => {
                    self.made.insert(&candidate);
                    return Ok((candidate, made));
                }
                Err(Errno::EXIST) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Err(Errno::EXIST.into())
    }

    /// A folder in this one: new, or one that stood there before this run.
    pub(super) fn folder(&mut self, name: &[u8]) -> io::Result<(Vec<u8>, Self)> {
        let (name, handle) = self.first_free(name, |dir, name, ours| {
            match rustix::fs::mkdirat(dir, name, Mode::RWXU) {
                Ok(()) => {}
                Err(Errno::EXIST) if !ours => {}
                Err(e) => return Err(e),
            }
            match rustix::fs::openat(dir, name, FOLDER, Mode::empty()) {
                // Something else than a folder stands there: try the next name.
                Err(Errno::NOTDIR | Errno::LOOP) => Err(Errno::EXIST),
                other => other,
            }
        })?;
        Ok((name, Self::new(handle)))
    }

    /// The folder `name`, made in this run or before, for one of several paths through it.
    pub(super) fn shared_folder(&mut self, name: &[u8]) -> io::Result<Self> {
        let os = OsStr::from_bytes(name);
        match rustix::fs::mkdirat(&self.handle, os, Mode::RWXU | Mode::RGRP | Mode::XGRP) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(e) => return Err(e.into()),
        }
        let handle = rustix::fs::openat(&self.handle, os, FOLDER, Mode::empty())?;
        Ok(Self::new(handle))
    }

    /// A new empty file, readable by its owner only.
    pub(super) fn file(&mut self, name: &[u8]) -> io::Result<(Vec<u8>, File)> {
        let flags =
            OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let (name, handle) = self.first_free(name, |dir, name, _| {
            rustix::fs::openat(dir, name, flags, Mode::RUSR | Mode::WUSR)
        })?;
        Ok((name, File::from(handle)))
    }

    /// A symbolic link; nothing is checked of its target, which nothing here follows.
    pub(super) fn link(
        &mut self,
        name: &[u8],
        target: &[u8],
        modified: Option<Timestamp>,
    ) -> io::Result<Vec<u8>> {
        let target = OsStr::from_bytes(target);
        let (name, ()) = self.first_free(name, |dir, name, _| {
            rustix::fs::symlinkat(target, dir, name)
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
    pub(super) fn hard_link(
        &mut self,
        root: &Self,
        path: &[u8],
        name: &[u8],
    ) -> io::Result<Vec<u8>> {
        let first = rustix::fs::openat2(
            &root.handle,
            OsStr::from_bytes(path),
            OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC,
            Mode::empty(),
            ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS,
        )?;
        let through = format!("/proc/self/fd/{}", first.as_raw_fd());
        let (name, ()) = self.first_free(name, |dir, name, _| {
            rustix::fs::linkat(CWD, through.as_str(), dir, name, AtFlags::SYMLINK_FOLLOW)
        })?;
        Ok(name)
    }

    /// Gives the folder its final mode and time.
    pub(super) fn finish(&self, mode: u32, modified: Option<Timestamp>) -> io::Result<()> {
        finish(&self.handle, mode, modified)
    }

    /// A second handle of the same folder.
    pub(super) fn again(&self) -> io::Result<Self> {
        Ok(Self::new(self.handle.try_clone()?))
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
