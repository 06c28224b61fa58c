//! Work on many items by all processors: results in the order of the items, memory bounded, and a
//! panic handed to the caller.
//!
//! rayon is not used: what it offers in order wants all results in memory, and what it streams has no
//! order.

use std::collections::{BTreeMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError, mpsc};

/// The processors that this process may use; two where the system does not say. The system is asked
/// once, which opens files of the host.
#[must_use]
pub fn threads() -> usize {
    static THREADS: OnceLock<usize> = OnceLock::new();
    *THREADS.get_or_init(|| std::thread::available_parallelism().map_or(2, usize::from))
}

/// How much is under way at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Threads that work; with one, the caller's thread does everything.
    pub threads: usize,
    /// Items that are under way, results that wait for their turn among them.
    pub ahead: usize,
}

impl Limits {
    /// All processors, and `each` items for each of them.
    #[must_use]
    pub fn of_machine(each: usize) -> Self {
        let threads = threads();
        Self {
            threads,
            ahead: threads.saturating_mul(each),
        }
    }
}

/// Applies `work` to every item on all processors and hands the results to `sink` in the order of
/// the items.
pub fn each<I: Send, R: Send>(
    items: impl IntoIterator<Item = I>,
    work: impl Fn(I) -> R + Sync,
    mut sink: impl FnMut(R),
) {
    let sink = |result| {
        sink(result);
        true
    };
    map_in_order(items, Limits::of_machine(2), |_| false, work, sink);
}

/// Items that wait for a worker.
struct Queue<I> {
    state: Mutex<Waiting<I>>,
    changed: Condvar,
}

struct Waiting<I> {
    urgent: VecDeque<(u64, I)>,
    others: VecDeque<(u64, I)>,
    closed: bool,
}

impl<I> Queue<I> {
    fn lock(&self) -> MutexGuard<'_, Waiting<I>> {
        // Nothing in between can panic: the state is sound.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, number: u64, item: I, urgent: bool) {
        let mut state = self.lock();
        let to = if urgent {
            &mut state.urgent
        } else {
            &mut state.others
        };
        to.push_back((number, item));
        self.changed.notify_one();
    }

    fn pop(&self) -> Option<(u64, I)> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            let next = state.urgent.pop_front();
            if let Some(next) = next.or_else(|| state.others.pop_front()) {
                return Some(next);
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Ends the workers when it is dropped: at the end, and where the caller's code panics.
struct Close<'a, I>(&'a Queue<I>);

impl<I> Drop for Close<'_, I> {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.changed.notify_all();
    }
}

/// Applies `work` to every item on threads of its own and hands the results to `sink`, on the
/// caller's thread, in the order of the items. Of those that wait, the `urgent` ones begin first:
/// what takes long should begin early.
///
/// Stops early, without an error, where `sink` returns `false`. A panic of `work` goes on in the
/// caller.
pub fn map_in_order<I, R>(
    items: impl IntoIterator<Item = I>,
    limits: Limits,
    urgent: impl Fn(&I) -> bool,
    work: impl Fn(I) -> R + Sync,
    mut sink: impl FnMut(R) -> bool,
) where
    I: Send,
    R: Send,
{
    if limits.threads <= 1 {
        for item in items {
            if !sink(work(item)) {
                return;
            }
        }
        return;
    }
    let (send_result, results) = mpsc::channel::<(u64, std::thread::Result<R>)>();
    let queue = Queue {
        state: Mutex::new(Waiting {
            urgent: VecDeque::new(),
            others: VecDeque::new(),
            closed: false,
        }),
        changed: Condvar::new(),
    };
    let (queue, work) = (&queue, &work);
    std::thread::scope(|scope| {
        // Owned here, so that the workers end when this closure is left.
        let results = results;
        let _close = Close(queue);
        for _ in 0..limits.threads {
            let send_result = send_result.clone();
            scope.spawn(move || {
                while let Some((number, item)) = queue.pop() {
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
        let mut items = items.into_iter().fuse();
        let mut waiting: BTreeMap<u64, R> = BTreeMap::new();
        let (mut sent, mut done) = (0_u64, 0_u64);
        loop {
            while sent - done < limits.ahead.max(1) as u64 {
                let Some(item) = items.next() else { break };
                let first = urgent(&item);
                queue.push(sent, item, first);
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
            Limits {
                threads: 4,
                ahead: 8,
            },
            |n| n % 7 == 0,
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
        map_in_order(
            0..100,
            Limits {
                threads: 2,
                ahead: 4,
            },
            |_| false,
            work,
            |()| true,
        );
    }

    #[test]
    fn a_sink_that_has_enough_ends_the_work() {
        let mut seen = 0;
        map_in_order(
            0..,
            Limits {
                threads: 2,
                ahead: 4,
            },
            |_| false,
            |n: u64| n,
            |_| {
                seen += 1;
                seen < 10
            },
        );
        assert_eq!(seen, 10);
    }

    #[test]
    fn one_thread_is_the_callers_own() {
        let own = std::thread::current().id();
        let limits = Limits {
            threads: 1,
            ahead: 1,
        };
        let mut out = Vec::new();
        let work = |n: u32| (n, std::thread::current().id() == own);
        map_in_order(
            0..5,
            limits,
            |_| false,
            work,
            |r| {
                out.push(r);
                r.0 < 3
            },
        );
        assert_eq!(out, [(0, true), (1, true), (2, true), (3, true)]);
    }

    #[test]
    fn what_is_urgent_begins_first() {
        use std::sync::Barrier;
        let (begun, order) = (Barrier::new(2), Mutex::new(Vec::new()));
        let limits = Limits {
            threads: 2,
            ahead: 6,
        };
        map_in_order(
            0..6,
            limits,
            |n| *n == 5,
            |n| {
                if n < 2 {
                    // Both threads are busy until all items wait.
                    begun.wait();
                    std::thread::sleep(std::time::Duration::from_millis(50));
                }
                order.lock().unwrap().push(n);
            },
            |()| true,
        );
        let order = order.into_inner().unwrap();
        assert!(order.iter().position(|n| *n == 5) < order.iter().position(|n| *n == 4));
    }
}
