//! What the reading of one image may cost. An image of kilobytes can claim files of terabytes and folders
//! of millions: where the budget is spent every further read fails, so that whatever was not read
//! becomes a gap, and the image is never accepted.
//!
//! Bytes that are read and questions are counted alike on every machine and with any number of threads; time is not in
//! it. Memory is what the program holds: threads that work at once hold more than one that works alone, by what each
//! has under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::error::{Error, Layer, Result};
use crate::source::ReadAt;

/// What may be spent on one image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Limits {
    /// Bytes that are read from the disk, and as many that are read of files: a hole is read of a file,
    /// but not from the disk.
    pub read: u64,
    /// Questions to file systems: names that are looked up or listed, records that are read, files that are
    /// opened; and pieces of 64 bytes of files that are read whole, as what is parsed is.
    pub steps: u64,
    /// Bytes of memory that are held at once, besides those that were held before the image was opened. Counted
    /// where the program tells what it holds ([`crate::container::OpenOptions::held`]).
    pub memory: u64,
}

/// Tells how many bytes of memory the program holds.
pub type Held = fn() -> u64;

impl Limits {
    /// For what reads everything that is there, and bounds itself.
    pub const NONE: Self = Self {
        read: u64::MAX,
        steps: u64::MAX,
        memory: u64::MAX,
    };
}

/// 64 GiB and 20 million questions are many times what a large server image needs, with the files of its packages, which
/// are compared with their digests: 12 GiB of those take all questions. 512 MiB are several times what it needs.
impl Default for Limits {
    fn default() -> Self {
        Self {
            read: 64 << 30,
            steps: 20_000_000,
            memory: 512 << 20,
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
    held: Option<Held>,
    /// Bytes that were held when the reading began.
    before: u64,
    /// More was held at some time: what is given back later buys nothing, or the end would look whole.
    filled: AtomicBool,
}

impl Budget {
    /// All of `limits` is left; `held` is asked for what the program holds.
    #[must_use]
    pub fn new(limits: Limits, held: Option<Held>) -> Self {
        Self {
            limits,
            held,
            before: in_all(held),
            filled: AtomicBool::new(false),
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
        if over(&self.steps, self.limits.steps) {
            let what = say!(error_budget_steps, most = self.limits.steps);
            return Some(Error::limit(Layer::Budget, None, what));
        }
        self.is_filled().then(|| {
            let what = say!(error_budget_memory, most = self.limits.memory);
            Error::limit(Layer::Budget, None, what)
        })
    }

    fn is_filled(&self) -> bool {
        if self.filled.load(Ordering::Relaxed) {
            return true;
        }
        let filled = in_all(self.held).saturating_sub(self.before) > self.limits.memory;
        if filled {
            self.filled.store(true, Ordering::Relaxed);
        }
        filled
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

/// Bytes that maps of memory hold, which no allocator knows.
static MAPPED: AtomicU64 = AtomicU64::new(0);

/// Counts a map of memory as long as it lives.
#[derive(Debug)]
pub(crate) struct Mapping(u64);

impl Mapping {
    /// A map of `bytes`.
    pub(crate) fn of(bytes: usize) -> Self {
        let bytes = bytes as u64;
        MAPPED.fetch_add(bytes, Ordering::Relaxed);
        Self(bytes)
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        MAPPED.fetch_sub(self.0, Ordering::Relaxed);
    }
}

/// What the program holds; nothing where nobody tells.
fn in_all(held: Option<Held>) -> u64 {
    held.map_or(0, |held| {
        held().saturating_add(MAPPED.load(Ordering::Relaxed))
    })
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
            ..Limits::NONE
        };
        let budget = Arc::new(Budget::new(limits, None));
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
        let budget = Budget::new(limits, None);
        budget.step(3).unwrap();
        assert!(budget.step(1).is_err());
        // The pieces of a text count like its lines.
        let budget = Budget::new(limits, None);
        budget.whole_file(3 * PIECE).unwrap();
        assert!(budget.whole_file(1).is_err());
    }

    #[test]
    fn memory_that_is_given_back_buys_no_more() {
        static HELD: AtomicU64 = AtomicU64::new(1_000);
        let limits = Limits {
            memory: 1 << 40,
            ..Limits::NONE
        };
        let budget = Budget::new(limits, Some(|| HELD.load(Ordering::Relaxed)));
        // What was there before does not count, and other tests map little beside this.
        HELD.store(1 << 39, Ordering::Relaxed);
        budget.step(1).unwrap();
        let map = Mapping::of(1 << 40);
        let e = budget.step(1).unwrap_err();
        assert_eq!((e.kind, e.layer), (crate::Kind::Limit, Layer::Budget));
        drop(map);
        HELD.store(0, Ordering::Relaxed);
        assert!(budget.step(1).is_err());
        assert!(budget.spent().is_some());
        assert!(Budget::new(limits, None).step(1).is_ok());
    }
}
