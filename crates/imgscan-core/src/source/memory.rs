use super::{ReadAt, check_range};
use crate::error::{Layer, Result};

/// Bytes in memory, for tests and for small decoded files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemorySource(pub Vec<u8>);

impl ReadAt for MemorySource {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        check_range(Layer::Source, offset, buf.len() as u64, self.len())?;
        // In range, so it fits: the vector is indexed by usize.
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        buf.copy_from_slice(&self.0[start..start + buf.len()]);
        Ok(())
    }
}
