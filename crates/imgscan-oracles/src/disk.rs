//! Bytes at positions as the stream that the crates ask for.

use std::io::{Error, Read, Result, Seek, SeekFrom, Write};
use std::sync::Arc;

use imgscan_core::source::ReadAt;

/// A disk or volume with a cursor. Writing fails.
#[derive(Clone)]
pub struct Disk {
    data: Arc<dyn ReadAt>,
    at: u64,
}

impl Disk {
    /// A cursor at the start of `data`.
    #[must_use]
    pub fn new(data: Arc<dyn ReadAt>) -> Self {
        Self { data, at: 0 }
    }
}

impl std::fmt::Debug for Disk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.data.len())
    }
}

impl Read for Disk {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        let left = self.data.len().saturating_sub(self.at);
        let n = usize::try_from(left).map_or(buf.len(), |left| left.min(buf.len()));
        let read = self.data.read_at(&mut buf[..n], self.at);
        read.map_err(|e| Error::other(e.to_string()))?;
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for Disk {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(n) => self.data.len().checked_add_signed(n),
            SeekFrom::Current(n) => self.at.checked_add_signed(n),
        };
        self.at = at.ok_or_else(|| Error::other("a position before the start"))?;
        Ok(self.at)
    }
}

impl Write for Disk {
    fn write(&mut self, _: &[u8]) -> Result<usize> {
        Err(Error::other("the oracles only read"))
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}
