//! Whole trees: a deterministic walk, and work on its files by all cores in a stable order.

use std::collections::{BTreeMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, mpsc};
use std::vec::IntoIter;

use super::{DirEntry, FileKind, FileSystem, Metadata, NodeId};
use crate::error::{Error, Layer, Result};

/// The deepest directory that is entered: more than any path that a kernel opens has names.
const MAX_DEPTH: usize = 4096;

/// One step of a walk.
#[derive(Debug)]
pub enum Step {
    /// A name in the tree.
    Entry(Walked),
    /// Something that may hide names.
    Damage {
        /// The directory in question.
        path: Vec<u8>,
        /// What is wrong.
        error: Error,
    },
}

/// A name in the tree.
#[derive(Debug)]
pub struct Walked {
    /// Its path from the root of the file system, with `/` before each name. Names from a hostile
    /// image may hold `/` themselves: never take it apart again.
    pub path: Vec<u8>,
    /// Number of names in the path.
    pub depth: usize,
    /// The entry.
    pub entry: DirEntry,
    /// What it leads to, or why that can't be read.
    pub metadata: Result<Metadata>,
}

/// A depth-first walk; each directory's names come in byte order, a directory before what is in
/// it. A directory that was entered before (a loop or a second hard link) is not entered again.
pub struct Walk {
    fs: Arc<dyn FileSystem>,
    stack: Vec<Level>,
    entered: HashSet<NodeId>,
    pending: Vec<Step>,
    shallow: bool,
}

struct Level {
    path: Vec<u8>,
    left: IntoIter<DirEntry>,
}

impl Walk {
    /// Walks what is below directory `root`, whose own path is `path` (empty for the root of the
    /// file system).
    pub fn new(fs: Arc<dyn FileSystem>, root: NodeId, path: Vec<u8>) -> Self {
        let mut walk = Self {
            fs,
            stack: Vec::new(),
            entered: HashSet::new(),
            pending: Vec::new(),
            shallow: false,
        };
        walk.enter(root, path);
        walk
    }

    /// Lists the one directory only.
    #[must_use]
    pub fn shallow(mut self) -> Self {
        self.shallow = true;
        self
    }

    fn enter(&mut self, id: NodeId, path: Vec<u8>) {
        let damage = |path: &[u8], error| Step::Damage {
            path: path.to_vec(),
            error,
        };
        if !self.entered.insert(id) {
            self.pending.push(damage(
                &path,
                Error::corrupt(
                    Layer::Volume,
                    None,
                    "a second name of a directory that was listed before, perhaps its own parent",
                ),
            ));
            return;
        }
        if self.stack.len() >= MAX_DEPTH {
            self.pending.push(damage(
                &path,
                Error::limit(
                    Layer::Volume,
                    None,
                    format!("more than {MAX_DEPTH} directories deep"),
                ),
            ));
            return;
        }
        match self.fs.read_dir(id) {
            Ok(mut listing) => {
                for error in listing.damage {
                    self.pending.push(damage(&path, error));
                }
                listing.entries.sort_by(|a, b| a.name.cmp(&b.name));
                self.stack.push(Level {
                    path,
                    left: listing.entries.into_iter(),
                });
            }
            Err(error) => self.pending.push(damage(&path, error)),
        }
        // Taken from the end.
        self.pending.reverse();
    }
}

impl Iterator for Walk {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        if let Some(step) = self.pending.pop() {
            return Some(step);
        }
        loop {
            let depth = self.stack.len();
            let level = self.stack.last_mut()?;
            let Some(entry) = level.left.next() else {
                self.stack.pop();
                continue;
            };
            let mut path = Vec::with_capacity(level.path.len() + 1 + entry.name.len());
            path.extend_from_slice(&level.path);
            path.push(b'/');
            path.extend_from_slice(&entry.name);
            let metadata = self.fs.metadata(entry.id);
            let kind = metadata.as_ref().map_or(entry.kind, |m| Some(m.kind));
            if kind == Some(FileKind::Directory) && !self.shallow {
                self.enter(entry.id, path.clone());
            }
            return Some(Step::Entry(Walked {
                path,
                depth,
                entry,
                metadata,
            }));
        }
    }
}

/// Applies `work` to every item on `threads` threads and hands the results to `sink` in the order
/// of the items. At most `ahead` items are under way, so memory does not grow with the input.
///
/// Stops early, without an error, where `sink` returns `false`.
pub fn map_in_order<I, R>(
    items: impl Iterator<Item = I>,
    threads: usize,
    ahead: usize,
    work: impl Fn(I) -> R + Sync,
    mut sink: impl FnMut(R) -> bool,
) where
    I: Send,
    R: Send,
{
    let (send_item, items_of_workers) = mpsc::channel::<(u64, I)>();
    let (send_result, results) = mpsc::channel::<(u64, std::thread::Result<R>)>();
    let queue = Mutex::new(items_of_workers);
    let (queue, work) = (&queue, &work);
    std::thread::scope(|scope| {
        // Owned here, so that it is gone and the workers end when this closure returns.
        let send_item = send_item;
        let results = results;
        for _ in 0..threads.max(1) {
            let send_result = send_result.clone();
            scope.spawn(move || {
                loop {
                    // A poisoned lock means that another worker panicked: stop.
                    let Ok(next) = queue.lock().map(|q| q.recv()) else {
                        return;
                    };
                    let Ok((number, item)) = next else { return };
                    // A panic must reach the caller: a result that never comes would be waited for
                    // without end. Nothing that `work` left half done is used again.
                    let result = std::panic::catch_unwind(AssertUnwindSafe(|| work(item)));
                    if send_result.send((number, result)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send_result);
        let mut items = items.fuse();
        let mut waiting: BTreeMap<u64, R> = BTreeMap::new();
        let (mut sent, mut done) = (0_u64, 0_u64);
        loop {
            while sent - done < ahead.max(1) as u64 {
                let Some(item) = items.next() else { break };
                if send_item.send((sent, item)).is_err() {
                    return;
                }
                sent += 1;
            }
            if sent == done {
                return;
            }
            let Ok((number, result)) = results.recv() else {
                return;
            };
            let result = match result {
                Ok(result) => result,
                Err(payload) => std::panic::resume_unwind(payload),
            };
            waiting.insert(number, result);
            while let Some(result) = waiting.remove(&done) {
                done += 1;
                if !sink(result) {
                    return;
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::memory::MemoryFs;

    #[test]
    fn a_walk_is_depth_first_in_byte_order() {
        let fs = MemoryFs::new(false)
            .file("/b/2", 0o644, "")
            .file("/b/1", 0o644, "")
            .file("/a", 0o644, "")
            .file("/b.txt", 0o644, "");
        let fs: Arc<dyn FileSystem> = Arc::new(fs);
        let paths: Vec<String> = Walk::new(Arc::clone(&fs), fs.root(), Vec::new())
            .map(|step| match step {
                Step::Entry(e) => String::from_utf8(e.path).unwrap(),
                Step::Damage { error, .. } => panic!("{error}"),
            })
            .collect();
        assert_eq!(paths, ["/a", "/b", "/b/1", "/b/2", "/b.txt"]);
    }

    #[test]
    fn results_keep_the_order_and_the_input_is_not_read_far_ahead() {
        use std::sync::atomic::{AtomicU64, Ordering};
        let taken = AtomicU64::new(0);
        let items = (0..1000_u64).inspect(|_| {
            taken.fetch_add(1, Ordering::SeqCst);
        });
        let mut out = Vec::new();
        map_in_order(
            items,
            4,
            8,
            |n| n * 2,
            |n| {
                assert!(taken.load(Ordering::SeqCst) <= out.len() as u64 + 8);
                out.push(n);
                true
            },
        );
        assert_eq!(out, (0..1000).map(|n| n * 2).collect::<Vec<_>>());
    }

    #[test]
    #[should_panic(expected = "item 5")]
    fn a_panic_in_a_worker_reaches_the_caller() {
        let work = |n: u64| assert!(n != 5, "item {n}");
        map_in_order(0..100, 2, 4, work, |()| true);
    }

    #[test]
    fn a_sink_that_has_enough_ends_the_work() {
        let mut seen = 0;
        map_in_order(
            0..,
            2,
            4,
            |n: u64| n,
            |_| {
                seen += 1;
                seen < 10
            },
        );
        assert_eq!(seen, 10);
    }
}
