//! Reads a source on several threads and hands its bytes over in order, so that decompression runs
//! on all cores while a digest or a writer sees one stream.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};

use super::{ReadAt, check_range};
use crate::error::{Layer, Result};
use crate::parallel::{Limits, map_in_order};

/// Bytes that one thread reads at once. Chunks begin at multiples of it, which every qcow2 cluster
/// size divides.
const CHUNK: u64 = 2 << 20;
/// A hole inside a chunk that is not longer than this is read as zeros with the rest.
const SMALL_HOLE: u64 = 64 << 10;
/// Most threads, and most chunks in memory: 56 MiB.
const MAX_THREADS: usize = 13;
const MAX_WINDOW: usize = 28;

/// A piece of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chunk<'a> {
    /// Bytes as they are.
    Data(&'a [u8]),
    /// This many zeros, which nothing had to be read for.
    Zeros(u64),
}

impl Chunk<'_> {
    /// Length in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Data(data) => data.len() as u64,
            Self::Zeros(n) => *n,
        }
    }
}

/// Reads the bytes `range` of `source` on `threads` threads (on the caller's where that is one) and
/// hands them to `consume` in order, on the caller's thread. Holes come as [`Chunk::Zeros`].
///
/// At most `2 * threads + 2` chunks of 2 MiB are in memory, and never more than 56 MiB.
///
/// # Errors
/// What reading or `consume` fails with, whichever comes first in the stream; everything before it
/// has then been handed over.
pub fn stream(
    source: &dyn ReadAt,
    range: Range<u64>,
    threads: usize,
    consume: &mut dyn FnMut(Chunk<'_>) -> Result<()>,
) -> Result<()> {
    let len = range.end.saturating_sub(range.start);
    check_range(Layer::Source, range.start, len, source.len())?;
    let plan = Plan {
        source,
        pos: range.start,
        end: range.start.saturating_add(len),
        known: None,
    };
    let threads = if len <= CHUNK {
        1
    } else {
        threads.clamp(1, MAX_THREADS)
    };
    let window = threads.saturating_add(1).saturating_mul(2).min(MAX_WINDOW);
    // Buffers to use again.
    let idle = Mutex::new(Vec::new());
    let mut result = Ok(());
    map_in_order(
        plan,
        Limits {
            threads,
            ahead: window,
        },
        |_| false,
        |job| {
            let buffer = lock(&idle).pop().unwrap_or_default();
            run(source, job, buffer)
        },
        |ready| {
            result = match ready {
                Ready::Failed(e) => Err(e),
                Ready::Zeros(n) => consume(Chunk::Zeros(n)),
                Ready::Data(buffer, len) => {
                    let (data, _) = buffer.split_at(len);
                    let result = consume(Chunk::Data(data));
                    lock(&idle).push(buffer);
                    result
                }
            };
            result.is_ok()
        },
    );
    result
}

fn lock(idle: &Mutex<Vec<Vec<u8>>>) -> MutexGuard<'_, Vec<Vec<u8>>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run(source: &dyn ReadAt, job: Job, mut buffer: Vec<u8>) -> Ready {
    match job {
        Job::Zeros(n) => Ready::Zeros(n),
        Job::Failed(e) => Ready::Failed(e),
        Job::Read(range) => {
            // At most CHUNK.
            let len = range.end.saturating_sub(range.start);
            let len = usize::try_from(len).unwrap_or(usize::MAX);
            if buffer.len() < len {
                buffer.resize(len, 0);
            }
            let (piece, _) = buffer.split_at_mut(len);
            match source.read_at(piece, range.start) {
                Ok(()) => Ready::Data(buffer, len),
                Err(e) => Ready::Failed(e),
            }
        }
    }
}

/// The SHA-256 of all of `source`, read on `threads` threads. `progress` is told from time to time
/// how many bytes are done.
///
/// # Errors
/// As [`ReadAt::read_at`].
pub fn digest(
    source: &dyn ReadAt,
    threads: usize,
    progress: &mut dyn FnMut(u64),
) -> Result<[u8; 32]> {
    let mut hash = Sha256::new();
    let mut done = 0_u64;
    stream(source, 0..source.len(), threads, &mut |chunk| {
        match chunk {
            Chunk::Data(data) => hash.update(data),
            Chunk::Zeros(mut n) => {
                while n > 0 {
                    let part = ZEROS.len().min(usize::try_from(n).unwrap_or(usize::MAX));
                    let (zeros, _) = ZEROS.split_at(part);
                    hash.update(zeros);
                    n = n.saturating_sub(part as u64);
                    done = done.saturating_add(part as u64);
                    progress(done);
                }
                return Ok(());
            }
        }
        done = done.saturating_add(chunk.bytes());
        progress(done);
        Ok(())
    })?;
    Ok(hash.finalize().into())
}

static ZEROS: [u8; 64 << 10] = [0; 64 << 10];

/// What is to be read next.
struct Plan<'a> {
    source: &'a dyn ReadAt,
    pos: u64,
    end: u64,
    /// The range of data that was found last, as far as it is not planned yet.
    known: Option<Range<u64>>,
}

enum Job {
    Zeros(u64),
    Read(Range<u64>),
    Failed(crate::Error),
}

impl Plan<'_> {
    fn next_data(&mut self, from: u64) -> Result<Option<Range<u64>>> {
        if let Some(known) = &self.known
            && known.contains(&from)
        {
            return Ok(Some(from..known.end.min(self.end)));
        }
        self.known = self.source.next_data(from)?;
        Ok(self
            .known
            .clone()
            .filter(|r| r.start < self.end && r.end > from)
            .map(|r| r.start.max(from)..r.end.min(self.end)))
    }
}

impl Iterator for Plan<'_> {
    type Item = Job;

    fn next(&mut self) -> Option<Job> {
        if self.pos >= self.end {
            return None;
        }
        let start = self.pos;
        let range = match self.next_data(start) {
            Ok(Some(range)) => range,
            Ok(None) => {
                self.pos = self.end;
                return Some(Job::Zeros(self.end.saturating_sub(start)));
            }
            Err(e) => {
                self.pos = self.end;
                return Some(Job::Failed(e));
            }
        };
        if range.start > start {
            self.pos = range.start;
            return Some(Job::Zeros(range.start.saturating_sub(start)));
        }
        let border = (start / CHUNK).saturating_add(1).saturating_mul(CHUNK);
        let border = border.min(self.end);
        let mut end = range.end.min(border);
        while end < border {
            // An error stands at its own place in the stream: it is met again there.
            match self.next_data(end) {
                Ok(Some(more))
                    if more.start.saturating_sub(end) <= SMALL_HOLE && more.start < border =>
                {
                    end = more.end.min(border);
                }
                _ => break,
            }
        }
        self.pos = end;
        Some(Job::Read(start..end))
    }
}

/// A chunk that waits for its turn.
enum Ready {
    Zeros(u64),
    Data(Vec<u8>, usize),
    Failed(crate::Error),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::source::MemorySource;

    /// 64 KiB blocks of which every third holds data; block `bad` can't be read.
    struct Striped {
        len: u64,
        bad: Option<u64>,
    }

    const BLOCK: u64 = 64 << 10;

    impl Striped {
        fn byte(pos: u64) -> u8 {
            let block = pos / BLOCK;
            if block.is_multiple_of(3) {
                (pos % 251) as u8 | 1
            } else {
                0
            }
        }
    }

    impl ReadAt for Striped {
        fn len(&self) -> u64 {
            self.len
        }
        fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
            for (i, b) in buf.iter_mut().enumerate() {
                let pos = offset + i as u64;
                if self.bad == Some(pos / BLOCK) {
                    return Err(Error::corrupt(Layer::Source, pos, say!(error_fs_record)));
                }
                *b = Self::byte(pos);
            }
            Ok(())
        }
        fn next_data(&self, from: u64) -> Result<Option<Range<u64>>> {
            let block = from.div_ceil(BLOCK).next_multiple_of(3);
            let start = if (from / BLOCK).is_multiple_of(3) {
                from
            } else {
                block * BLOCK
            };
            let end = ((start / BLOCK + 1) * BLOCK).min(self.len);
            Ok((start < self.len).then_some(start..end))
        }
    }

    fn collect(source: &dyn ReadAt, range: Range<u64>, threads: usize) -> (Vec<u8>, Result<()>) {
        let mut out = Vec::new();
        let result = stream(source, range, threads, &mut |chunk| {
            match chunk {
                Chunk::Data(data) => out.extend_from_slice(data),
                Chunk::Zeros(n) => out.resize(out.len() + n as usize, 0),
            }
            Ok(())
        });
        (out, result)
    }

    #[test]
    fn every_byte_comes_once_and_in_order() {
        let source = Striped {
            len: 9 * CHUNK + 12_345,
            bad: None,
        };
        for threads in [1, 2, 5] {
            for range in [0..source.len, 100_000..7 * CHUNK + 3, 5..5, 70_000..70_001] {
                let (out, result) = collect(&source, range.clone(), threads);
                result.unwrap();
                assert!(
                    out.iter().copied().eq(range.clone().map(Striped::byte)),
                    "{range:?} on {threads} threads"
                );
            }
        }
        assert!(collect(&source, 0..source.len + 1, 2).1.is_err());
    }

    #[test]
    fn an_error_comes_behind_everything_before_it() {
        let source = Striped {
            len: 9 * CHUNK,
            bad: Some(102),
        };
        for threads in [1, 4] {
            let (out, result) = collect(&source, 0..source.len, threads);
            assert_eq!(result.unwrap_err().offset, Some(102 * BLOCK));
            assert!(out.len() as u64 >= 102 * BLOCK / CHUNK * CHUNK);
            assert!(out.len() as u64 <= 102 * BLOCK);
        }
    }

    #[test]
    fn a_consumer_that_fails_ends_the_stream() {
        let source = MemorySource(vec![1; 40 << 20]);
        let mut calls = 0;
        let result = stream(&source, 0..source.len(), 3, &mut |_| {
            calls += 1;
            if calls < 3 {
                return Ok(());
            }
            Err(Error::limit(Layer::Source, None, say!(error_fs_record)))
        });
        assert!(result.is_err());
        assert_eq!(calls, 3);
    }

    #[test]
    fn the_digest_of_zeros_is_the_one_that_sha256sum_prints() {
        // head -c 5000000 /dev/zero | sha256sum
        let want = "b39781589c4403fb82174c9647a010464cff38bad976547d339899b00053a545";
        let mut last = 0;
        let got = digest(&MemorySource(vec![0; 5_000_000]), 2, &mut |n| last = n).unwrap();
        assert_eq!(crate::bytes::hex(&got), want);
        assert_eq!(last, 5_000_000);
    }
}
