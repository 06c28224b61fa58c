//! Everything that is wrong with a value, not only the first thing.

use serde::de::DeserializeOwned;

use super::Found;
use super::de::{Mistake, Problem};
use super::words::nearest;
use super::yaml::{Node, Tree};
use crate::text::Text;

/// The most faults that are told of one value.
const MAX_FAULTS: usize = 50;

/// A value as its type; `None` where too little of it fits. What is wrong is added to `found`;
/// the value is then as it would be with a misspelt key put right and without what can't be read.
pub(crate) fn fit<T: DeserializeOwned>(node: &Node, found: &mut Vec<Found>) -> Option<T> {
    let mut mending = Mending {
        node: node.clone(),
        removed: Vec::new(),
        left: MAX_FAULTS,
    };
    loop {
        match T::deserialize(&mending.node) {
            Ok(value) => return Some(value),
            Err(mistake) => {
                if !mending.mend(&mistake, found) {
                    return None;
                }
            }
        }
    }
}

/// As [`fit`], where only a value without any fault is of use.
pub(crate) fn fit_whole<T: DeserializeOwned>(node: &Node, found: &mut Vec<Found>) -> Option<T> {
    let before = found.len();
    fit(node, found).filter(|_| found.len() == before)
}

struct Mending {
    node: Node,
    /// Keys whose values were removed, for they don't fit: not missing.
    removed: Vec<String>,
    left: usize,
}

impl Mending {
    /// Notes `mistake` and takes it out; false where nothing more can be found.
    fn mend(&mut self, mistake: &Mistake, found: &mut Vec<Found>) -> bool {
        if let Problem::Missing(key) = &mistake.problem
            && self.removed.iter().any(|removed| removed == key)
        {
            return false;
        }
        let at = mistake.at.unwrap_or(self.node.at);
        found.push((at, self.text(mistake)));
        self.left = self.left.saturating_sub(1);
        self.left > 0 && self.take_out(mistake).is_some()
    }

    /// What is wrong. A key that is not there yet is more likely meant than one that is.
    fn text(&self, mistake: &Mistake) -> Text {
        if let Problem::UnknownKey(key, known) = &mistake.problem
            && let Some(meant) = nearest(key, self.absent(mistake, known))
        {
            return say!(policy_unknown_key_meant, key = key, meant = meant);
        }
        mistake.text()
    }

    /// Which of the keys `known` the map of `mistake` does not have.
    fn absent(&self, mistake: &Mistake, known: &'static [&'static str]) -> Vec<&'static str> {
        let mut node = Some(&self.node);
        for step in mistake.path.iter().skip(1).rev() {
            node = node.and_then(|node| match &node.value {
                Tree::List(items) => items.get(*step),
                Tree::Map(entries) => entries.get(*step).map(|entry| &entry.value),
                _ => None,
            });
        }
        let has = |key: &str| node.is_some_and(|node| node.get(key).is_some());
        known.iter().copied().filter(|key| !has(key)).collect()
    }

    fn take_out(&mut self, mistake: &Mistake) -> Option<()> {
        let meant = match &mistake.problem {
            Problem::Missing(_) => return None,
            Problem::UnknownKey(key, known) => nearest(key, self.absent(mistake, known)),
            _ => None,
        };
        let (last, way) = mistake.path.split_first()?;
        let mut node = &mut self.node;
        for step in way.iter().rev() {
            node = match &mut node.value {
                Tree::List(items) => items.get_mut(*step)?,
                Tree::Map(entries) => &mut entries.get_mut(*step)?.value,
                _ => return None,
            };
        }
        match &mut node.value {
            Tree::List(items) if *last < items.len() => drop(items.remove(*last)),
            Tree::Map(entries) if *last < entries.len() => {
                let entry = entries.remove(*last);
                match &mistake.problem {
                    Problem::UnknownKey(..) => {
                        if let Some(meant) = meant {
                            let key = meant.to_owned();
                            entries.insert(*last, super::yaml::MapEntry { key, ..entry });
                        }
                    }
                    _ => self.removed.push(entry.key),
                }
            }
            _ => return None,
        }
        Some(())
    }
}
