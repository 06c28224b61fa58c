//! What the reading of one image may cost. An image of kilobytes can claim files of terabytes and folders
//! of millions: where the budget is spent every further read fails, so that whatever was not read
//! becomes a gap, and the image is never accepted.
//!
//! Only what is counted alike on every machine and with any number of threads is in it; time is not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, Layer, Result};
use crate::source::ReadAt;

/// What may be spent on one image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that are read from the disk, and as many that are read of files: a hole is read of a file,
    /// but not from the disk.
    pub read: u64,
    /// Questions to file systems: names that are looked up or listed, records that are read, files that are
    /// opened; and pieces of [`PIECE`] bytes of files that are read whole, as what is parsed is.
    pub steps: u64,
}

impl Limits {
    /// For what reads everything that is there, and bounds itself.
    pub const NONE: Self = Self {
        read: u64::MAX,
        steps: u64::MAX,
    };
}

/// 64 GiB and 20 million questions: some hundred times what a large server image needs.
impl Default for Limits {
    fn default() -> Self {
        Self {
            read: 64 << 30,
            steps: 20_000_000,
        }
    }
}

/// Bytes of a file that is read whole which cost a step. A text costs time for each of its lines, and one text may
/// be there under many names.
const PIECE: u64 = 64;

/// What is left of the [`Limits`] of one image.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    from_disk: AtomicU64,
    of_files: AtomicU64,
    steps: AtomicU64,
}

impl Budget {
    /// All of `limits` is left.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            from_disk: AtomicU64::new(0),
            of_files: AtomicU64::new(0),
            steps: AtomicU64::new(0),
        }
    }

    /// What of it is spent, if anything is.
    #[must_use]
    pub fn spent(&self) -> Option<Error> {
        let over = |count: &AtomicU64, most| count.load(Ordering::Relaxed) > most;
        if over(&self.from_disk, self.limits.read) || over(&self.of_files, self.limits.read) {
            let what = say!(error_budget_read, most = self.limits.read);
            return Some(Error::limit(Layer::Budget, None, what));
        }
        over(&self.steps, self.limits.steps).then(|| {
            let what = say!(error_budget_steps, most = self.limits.steps);
            Error::limit(Layer::Budget, None, what)
        })
    }

    /// Takes `count` questions to a file system.
    ///
    /// # Errors
    /// [`crate::Kind::Limit`] where the budget is spent.
    pub(crate) fn step(&self, count: u64) -> Result<()> {
        self.take(&self.steps, count)
    }

    /// Takes what reading a file of `bytes` bytes whole costs.
    ///
    /// # Errors
    /// As [`Budget::step`].
    pub(crate) fn whole_file(&self, bytes: u64) -> Result<()> {
        self.step(bytes.div_ceil(PIECE))
    }

    fn take(&self, from: &AtomicU64, count: u64) -> Result<()> {
        from.fetch_add(count, Ordering::Relaxed);
        self.spent().map_or(Ok(()), Err)
    }
}

/// Which bytes a [`Metered`] source counts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bytes {
    /// Those of the guest's disk.
    FromDisk,
    /// Those of a file.
    OfFile,
}

/// A source whose reads are paid from a budget.
pub(crate) struct Metered {
    source: Arc<dyn ReadAt>,
    budget: Arc<Budget>,
    bytes: Bytes,
}

impl Metered {
    pub(crate) fn new(source: Arc<dyn ReadAt>, budget: &Arc<Budget>, bytes: Bytes) -> Arc<Self> {
        Arc::new(Self {
            source,
            budget: Arc::clone(budget),
            bytes,
        })
    }
}

impl ReadAt for Metered {
    fn len(&self) -> u64 {
        self.source.len()
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        let from = match self.bytes {
            Bytes::FromDisk => &self.budget.from_disk,
            Bytes::OfFile => &self.budget.of_files,
        };
        self.budget.take(from, buf.len() as u64)?;
        self.source.read_at(buf, offset)
    }

    fn next_data(&self, from: u64) -> Result<Option<std::ops::Range<u64>>> {
        self.source.next_data(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemorySource;

    #[test]
    fn what_is_spent_is_spent_for_all() {
        let limits = Limits {
            read: 100,
            steps: 3,
        };
        let budget = Arc::new(Budget::new(limits));
        let file = Metered::new(Arc::new(MemorySource(vec![1; 80])), &budget, Bytes::OfFile);
        let disk = Metered::new(
            Arc::new(MemorySource(vec![1; 80])),
            &budget,
            Bytes::FromDisk,
        );
        let mut buffer = [0; 60];
        file.read_at(&mut buffer, 0).unwrap();
        disk.read_at(&mut buffer, 0).unwrap();
        assert!(budget.spent().is_none());
        let e = file.read_at(&mut buffer, 20).unwrap_err();
        assert_eq!(e.kind, crate::Kind::Limit);
        assert!(budget.spent().is_some());
        assert!(disk.read_at(&mut [0], 0).is_err());
        let budget = Budget::new(limits);
        budget.step(3).unwrap();
        assert!(budget.step(1).is_err());
        // The pieces of a text count like its lines.
        let budget = Budget::new(limits);
        budget.whole_file(3 * PIECE).unwrap();
        assert!(budget.whole_file(1).is_err());
    }
}
