use std::fs::{File, Metadata};
use std::ops::Range;
use std::os::unix::fs::{FileExt, FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{Mode, OFlags, SeekFrom};
use rustix::io::{Errno, retry_on_intr};

use super::{ReadAt, check_range};
use crate::error::{Error, Layer, Result};

/// A file (or block device) of the host, opened read-only.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    /// Where it was opened, for messages.
    path: PathBuf,
    len: u64,
    /// The range of data that was found last: whoever asks for the next data again and again
    /// asks inside it most of the time.
    data: Mutex<Range<u64>>,
}

/// Opens `path` for reading, without waiting for anything: a file, or a block device.
///
/// # Errors
/// If the host can't open it, or if it is something else: a folder, or a pipe, socket or character
/// device, which may block and have no length.
pub fn open_file(path: &Path) -> Result<File> {
    let io = |e| Error::io(None, &path.display().to_string(), &e);
    // To open some devices does something to them.
    check_kind(&std::fs::metadata(path).map_err(io)?, path)?;
    // It may have become a pipe since. By `openat`, the one call that a sandbox with a folder leaves.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = retry_on_intr(|| rustix::fs::openat(rustix::fs::CWD, path, flags, Mode::empty()));
    let file = File::from(file.map_err(|e| io(e.into()))?);
    check_kind(&file.metadata().map_err(io)?, path)?;
    Ok(file)
}

fn check_kind(meta: &Metadata, path: &Path) -> Result<()> {
    let kind = meta.file_type();
    if kind.is_file() || kind.is_block_device() {
        return Ok(());
    }
    let what = path.display().to_string();
    let why = if kind.is_dir() {
        say!(error_io_folder, what = what)
    } else if kind.is_fifo() {
        say!(error_io_pipe, what = what)
    } else if kind.is_socket() {
        say!(error_io_socket, what = what)
    } else {
        say!(error_io_device, what = what)
    };
    Err(Error::unsupported(Layer::Source, None, why))
}

impl FileSource {
    /// Opens `path` for reading.
    ///
    /// # Errors
    /// As [`open_file`]; also where the host can't tell its length.
    pub fn open(path: &Path) -> Result<Self> {
        Self::from_file(open_file(path)?, path)
    }

    /// A second handle of `file`, which was opened at `path` for reading.
    ///
    /// # Errors
    /// If the host has no more handles, or as [`FileSource::from_file`].
    pub fn of_open(file: &File, path: &Path) -> Result<Self> {
        let io = |e| Error::io(None, &path.display().to_string(), &e);
        Self::from_file(file.try_clone().map_err(io)?, path)
    }

    /// Takes `file`, which was opened at `path` for reading.
    ///
    /// # Errors
    /// If the host can't tell its length, or if it is neither a file nor a block device.
    pub fn from_file(file: File, path: &Path) -> Result<Self> {
        let shown = path.display().to_string();
        let io = |e| Error::io(None, &shown, &e);
        let meta = file.metadata().map_err(io)?;
        check_kind(&meta, path)?;
        // A block device has no length in its metadata; its end can be sought.
        let len = if meta.is_file() {
            meta.len()
        } else {
            rustix::fs::seek(&file, SeekFrom::End(0)).map_err(|e| io(e.into()))?
        };
        Ok(Self {
            file,
            path: path.into(),
            len,
            data: Mutex::default(),
        })
    }

    /// Device and inode number, where the host tells them.
    pub(crate) fn identity(&self) -> Option<(u64, u64)> {
        let meta = self.file.metadata().ok()?;
        Some((meta.dev(), meta.ino()))
    }
}

impl ReadAt for FileSource {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        check_range(Layer::Source, offset, buf.len() as u64, self.len)?;
        self.file
            .read_exact_at(buf, offset)
            .map_err(|e| Error::io(offset, &self.path.display().to_string(), &e))
    }

    /// Holes are those that the host's file system tells.
    fn next_data(&self, from: u64) -> Result<Option<Range<u64>>> {
        if from >= self.len {
            return Ok(None);
        }
        let mut data = self.data.lock().unwrap_or_else(PoisonError::into_inner);
        if data.contains(&from) {
            return Ok(Some(from..data.end));
        }
        // Seeking moves the cursor of the file, which nobody uses: all reads are positional.
        let start = match rustix::fs::seek(&self.file, SeekFrom::Data(from)) {
            Ok(start) => start,
            Err(Errno::NXIO) => return Ok(None),
            // Devices and some file systems can't tell.
            Err(_) => from,
        };
        let end = rustix::fs::seek(&self.file, SeekFrom::Hole(start)).unwrap_or(self.len);
        if start >= self.len {
            return Ok(None);
        }
        *data = start..end.clamp(start.saturating_add(1), self.len);
        Ok(Some(data.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_zeros_and_data_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sparse");
        let file = File::create(&path).unwrap();
        file.set_len(64 << 20).unwrap();
        file.write_all_at(b"data", 32 << 20).unwrap();
        let source = FileSource::open(&path).unwrap();
        let (mut pos, mut hit) = (0, false);
        while let Some(range) = source.next_data(pos).unwrap() {
            assert!(range.start >= pos && range.end > range.start && range.end <= 64 << 20);
            hit |= range.contains(&(32 << 20));
            pos = range.end;
        }
        assert!(hit);
        assert_eq!(source.next_data(64 << 20).unwrap(), None);
        let mut buf = [0; 6];
        source.read_at(&mut buf, (32 << 20) - 1).unwrap();
        assert_eq!(&buf, b"\0data\0");
        assert!(source.read_at(&mut buf, (64 << 20) - 5).is_err());
    }

    #[test]
    fn what_may_block_is_refused_and_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let (fifo, socket) = (dir.path().join("fifo"), dir.path().join("socket"));
        let mode = Mode::from_raw_mode(0o600);
        let kind = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, kind, mode, 0).unwrap();
        let _bound = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let (zero, folder) = (Path::new("/dev/zero"), dir.path());
        for path in [&*fifo, &*socket, zero, Path::new("/dev/tty"), folder] {
            let kind = open_file(path).unwrap_err().kind;
            assert_eq!(kind, crate::Kind::Unsupported, "{path:?}");
        }
        let device = File::open(zero).unwrap();
        assert!(FileSource::from_file(device, zero).is_err());
        let file = folder.join("file");
        std::fs::write(&file, "x").unwrap();
        std::os::unix::fs::symlink(&file, folder.join("link")).unwrap();
        assert!(open_file(&folder.join("link")).is_ok());
    }
}
