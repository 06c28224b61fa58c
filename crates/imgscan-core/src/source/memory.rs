use super::{ReadAt, check_range};
use crate::error::{Error, Layer, Result};

/// Bytes in memory, for tests and for small decoded files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemorySource(pub Vec<u8>);

impl ReadAt for MemorySource {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        check_range(Layer::Source, offset, buf.len() as u64, self.len())?;
        let len = buf.len();
        let from = usize::try_from(offset).ok().and_then(|at| self.0.get(at..));
        let from = from.and_then(|rest| rest.get(..len));
        let past_end = || Error::past_end(Layer::Source, offset, len as u64, self.len());
        buf.copy_from_slice(from.ok_or_else(past_end)?);
        Ok(())
    }
}
