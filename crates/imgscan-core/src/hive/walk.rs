//! Walks all keys of a hive, in bounded time however its cells point to each other.

use std::sync::atomic::{AtomicBool, Ordering};

use super::Hive;
use super::key::{Children, Element, Key, Order};
use super::store::corrupt;
use super::value::Value;
use crate::error::{Error, Layer, Result};

/// Levels below the root that are walked; Windows allows 512.
const MAX_DEPTH: usize = 512;

/// What is wrong with the keys of a hive is told this many times.
const MAX_FAULTS: usize = 20;

/// Bins of this many bytes are read ahead of a walk.
const AHEAD: u64 = 1024 * 1024;

/// Ends the reading ahead when the walk is left.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A key on a walk.
pub struct Visit<'a, 'h> {
    /// Its path from where the walk began, `\a\b`; empty for that key itself.
    pub path: &'a str,
    /// Levels below the key where the walk began; 0 for that key itself.
    pub depth: usize,
    /// The key.
    pub key: &'a Key<'h>,
    /// Its values.
    pub values: &'a Children<Value<'h>>,
}

impl Hive {
    /// Visits `from` and every key below it, depth first in the order of the lists. Returns what
    /// could not be read.
    ///
    /// A key is visited once. In a sound hive every list and every datum belongs to one key, so
    /// their total is bounded by the length of the hive; the walk ends where a hostile one
    /// exceeds that.
    ///
    /// # Errors
    /// The first error of `visit`, which ends the walk.
    pub fn walk<'h>(
        &'h self,
        from: &Key<'h>,
        visit: impl FnMut(&Visit<'_, 'h>) -> Result<()>,
    ) -> Result<Vec<Error>> {
        // A walk from the root wants all of the hive.
        if from.cell_offset() != self.base.root || self.store.len() < AHEAD {
            return self.walk_here(from, visit);
        }
        let ahead = self.store.whole();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| ahead(&done));
            // Set on the way out of a panic as well.
            let _done = Done(&done);
            self.walk_here(from, visit)
        })
    }

    fn walk_here<'h>(
        &'h self,
        from: &Key<'h>,
        mut visit: impl FnMut(&Visit<'_, 'h>) -> Result<()>,
    ) -> Result<Vec<Error>> {
        let mut damage = Vec::new();
        let mut seen = VisitedCells::new(self.store.len());
        seen.insert(from.cell_offset());
        let mut budget = Budget(self.store.len().saturating_mul(2));
        let mut path = String::new();
        let mut stack = Vec::new();
        self.enter(from, (&path, 0), &mut budget, &mut damage, &mut visit)?;
        stack.push((self.below(from, &mut budget, &mut damage), 0));
        while let Some((below, parent_len)) = stack.last_mut() {
            let Some((at, _)) = below.next() else {
                path.truncate(*parent_len);
                stack.pop();
                continue;
            };
            if !seen.insert(at) {
                damage.push(corrupt(at.into(), say!(error_hive_key_twice)));
                continue;
            }
            let key = match Key::here(self, at).map_or_else(|| Key::read(self, at), Ok) {
                Ok(key) => key,
                Err(e) => {
                    damage.push(e);
                    continue;
                }
            };
            let len = path.len();
            path.push('\\');
            path.push_str(key.name());
            let at = (path.as_str(), stack.len());
            self.enter(&key, at, &mut budget, &mut damage, &mut visit)?;
            if stack.len() >= MAX_DEPTH {
                path.truncate(len);
                damage.push(Error::limit(
                    Layer::Hive,
                    key.offset(),
                    say!(error_hive_depth, most = MAX_DEPTH),
                ));
                continue;
            }
            stack.push((self.below(&key, &mut budget, &mut damage), len));
        }
        Ok(damage)
    }

    /// Visits `key` alone, with its values bounded as in [`Hive::walk`]. Returns what could not be
    /// read.
    ///
    /// # Errors
    /// The error of `visit`.
    pub fn visit<'h>(
        &'h self,
        key: &Key<'h>,
        mut visit: impl FnMut(&Visit<'_, 'h>) -> Result<()>,
    ) -> Result<Vec<Error>> {
        let mut damage = Vec::new();
        let mut budget = Budget(self.store.len().saturating_mul(2));
        self.enter(key, ("", 0), &mut budget, &mut damage, &mut visit)?;
        Ok(damage)
    }

    /// What Windows would repair or drop of the keys when it loads the hive, at most 20
    /// faults: lists that can't be read, keys out of order, two of one name, keys that
    /// their hint does not lead to, keys in two places.
    #[must_use]
    pub fn faults(&self) -> Vec<Error> {
        let mut out = Vec::new();
        let root = match self.root() {
            Ok(root) => root,
            Err(e) => return vec![e],
        };
        let mut seen = VisitedCells::new(self.store.len());
        seen.insert(root.cell_offset());
        let mut budget = Budget(self.store.len().saturating_mul(2));
        let mut todo = vec![root];
        while let Some(parent) = todo.pop() {
            if out.len() >= MAX_FAULTS {
                break;
            }
            let mut order = Order::new();
            for (at, hint) in self.below(&parent, &mut budget, &mut out) {
                if !seen.insert(at) {
                    out.push(corrupt(at.into(), say!(error_hive_key_twice)));
                    continue;
                }
                match Key::here(self, at).map_or_else(|| Key::read(self, at), Ok) {
                    Ok(key) => {
                        out.extend(order.next(parent.cell_offset(), hint, &key));
                        todo.push(key);
                    }
                    Err(e) => out.push(e),
                }
            }
        }
        out.truncate(MAX_FAULTS);
        out
    }

    fn enter<'h>(
        &'h self,
        key: &Key<'h>,
        (path, depth): (&str, usize),
        budget: &mut Budget,
        damage: &mut Vec<Error>,
        visit: &mut impl FnMut(&Visit<'_, 'h>) -> Result<()>,
    ) -> Result<()> {
        let mut values = key.values();
        let cost: u64 = values
            .items
            .iter()
            .map(|v| u64::from(v.data_len()).min(self.store.len()))
            .map(|len| len.saturating_add(4))
            .sum();
        if !budget.spend(cost) {
            values.items.clear();
            values.damage.push(budget_error(key));
        }
        damage.extend(values.damage.iter().cloned());
        visit(&Visit {
            path,
            depth,
            key,
            values: &values,
        })
    }

    /// The cells of the keys below `key`.
    fn below(
        &self,
        key: &Key<'_>,
        budget: &mut Budget,
        damage: &mut Vec<Error>,
    ) -> std::vec::IntoIter<Element> {
        let (elements, bad) = key.elements();
        damage.extend(bad);
        if !budget.spend((elements.len() as u64).saturating_mul(4)) {
            damage.push(budget_error(key));
            return Vec::new().into_iter();
        }
        elements.into_iter()
    }
}

/// The cells that were visited: a bit for every place where one can begin.
struct VisitedCells(Vec<u64>);

impl VisitedCells {
    /// For bins of `len` bytes.
    fn new(len: u64) -> Self {
        let places = usize::try_from(len / 8).unwrap_or_default();
        Self(vec![0; (places / 64).saturating_add(1)])
    }

    /// False where the cell at `at` was visited before.
    fn insert(&mut self, at: u32) -> bool {
        let place = at as usize / 8;
        let Some(word) = self.0.get_mut(place / 64) else {
            return true; // Behind the bins: reading it tells.
        };
        let bit = 1 << (place % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }
}

/// Bytes of lists and data that a walk may still read.
struct Budget(u64);

impl Budget {
    fn spend(&mut self, cost: u64) -> bool {
        match self.0.checked_sub(cost) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => {
                self.0 = 0;
                false
            }
        }
    }
}

fn budget_error(key: &Key<'_>) -> Error {
    Error::limit(Layer::Hive, key.offset(), say!(error_hive_budget))
}
