use std::ops::Range;
use std::sync::Arc;

use super::{ReadAt, check_range};
use crate::error::{Layer, Result};

/// A range of another source, for example a partition of a disk. What the outer source is too
/// short for is part of the length, but can't be read.
#[derive(Clone)]
pub struct Section {
    outer: Arc<dyn ReadAt>,
    start: u64,
    len: u64,
}

impl Section {
    /// The `len` bytes of `outer` from byte `start`.
    pub fn new(outer: Arc<dyn ReadAt>, start: u64, len: u64) -> Self {
        Self {
            outer,
            start,
            len: len.min(u64::MAX.saturating_sub(start)),
        }
    }
}

impl ReadAt for Section {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        check_range(Layer::Volume, offset, buf.len() as u64, self.len)?;
        self.outer.read_at(buf, self.start.saturating_add(offset))
    }

    fn next_data(&self, from: u64) -> Result<Option<Range<u64>>> {
        if from >= self.len {
            return Ok(None);
        }
        let end = self.start.saturating_add(self.len);
        let next = self.outer.next_data(self.start.saturating_add(from))?;
        let inside = |at: u64| at.min(end).saturating_sub(self.start);
        Ok(next
            .filter(|r| r.start < end)
            .map(|r| inside(r.start)..inside(r.end)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemorySource;

    #[test]
    fn a_section_reads_its_own_range_and_nothing_behind_it() {
        let outer = Arc::new(MemorySource((0..100).collect()));
        let section = Section::new(outer, 10, 20);
        let mut buf = [0; 4];
        section.read_at(&mut buf, 16).unwrap();
        assert_eq!(buf, [26, 27, 28, 29]);
        assert!(section.read_at(&mut buf, 17).is_err());
        assert!(section.read_at(&mut buf, u64::MAX).is_err());
        assert_eq!(section.next_data(5).unwrap(), Some(5..20));
        assert_eq!(section.next_data(20).unwrap(), None);
    }

    #[test]
    fn a_section_past_the_end_of_the_disk_fails_where_the_disk_ends() {
        let outer = Arc::new(MemorySource(vec![7; 15]));
        let section = Section::new(outer, 10, 20);
        let mut buf = [0; 5];
        section.read_at(&mut buf, 0).unwrap();
        assert!(section.read_at(&mut buf, 1).is_err());
    }
}
