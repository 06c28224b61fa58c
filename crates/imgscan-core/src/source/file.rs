use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::{ReadAt, check_range};
use crate::error::{Error, Layer, Result};

/// A file (or block device) of the host, opened read-only.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    len: u64,
}

impl FileSource {
    /// Opens `path` for reading.
    ///
    /// # Errors
    /// If the host can't open it or tell its length, or if it is a folder.
    pub fn open(path: &Path) -> Result<Self> {
        let shown = path.display().to_string();
        let io = |e| Error::io(None, &shown, &e);
        let meta = std::fs::metadata(path).map_err(io)?;
        if meta.is_dir() {
            return Err(Error::unsupported(
                Layer::Source,
                None,
                format!("{shown} is a folder"),
            ));
        }
        let file = File::open(path).map_err(io)?;
        // A block device has no length in its metadata; its end can be sought.
        let len = if meta.is_file() {
            file.metadata().map_err(io)?.len()
        } else {
            use std::io::{Seek as _, SeekFrom};
            (&file).seek(SeekFrom::End(0)).map_err(io)?
        };
        Ok(Self { file, len })
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
            .map_err(|e| Error::io(offset, "read", &e))
    }

    fn next_data(&self, from: u64) -> Result<Option<Range<u64>>> {
        // Holes of host files need lseek(SEEK_DATA), which std does not offer safely positional;
        // the file is taken as data throughout.
        Ok((from < self.len).then_some(from..self.len))
    }
}
