//! A cache that is bounded by the bytes of what it holds.

use std::collections::HashMap;
use std::hash::Hash;

/// A map that forgets what was not used for long: entries live in a young and an old generation;
/// a full young one becomes the old one, and what the old one held is dropped. Every step takes
/// constant time.
pub(crate) struct Generations<K, V> {
    young: HashMap<K, (V, usize)>,
    old: HashMap<K, (V, usize)>,
    young_bytes: usize,
    /// Bytes of one generation.
    limit: usize,
}

impl<K: Eq + Hash + Copy, V: Clone> Generations<K, V> {
    /// Holds `limit` bytes at most, but for one value that is longer.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
            young_bytes: 0,
            limit: limit / 2,
        }
    }

    pub(crate) fn get(&mut self, key: &K) -> Option<V> {
        if let Some((value, _)) = self.young.get(key) {
            return Some(value.clone());
        }
        let (value, bytes) = self.old.remove(key)?;
        self.insert(*key, value.clone(), bytes);
        Some(value)
    }

    /// Keeps a value of so many bytes.
    pub(crate) fn insert(&mut self, key: K, value: V, bytes: usize) {
        if self.young_bytes.saturating_add(bytes) > self.limit && !self.young.is_empty() {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        if let Some((_, before)) = self.young.insert(key, (value, bytes)) {
            self.young_bytes = self.young_bytes.saturating_sub(before);
        }
        self.young_bytes = self.young_bytes.saturating_add(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::Generations;

    #[test]
    fn generations_stay_in_their_bound_and_keep_what_is_used() {
        let mut cache = Generations::new(1000);
        for i in 0..10_000_u32 {
            cache.insert(i, i, 10);
            assert_eq!(cache.get(&0), Some(0), "used all the time, so kept");
            assert!(cache.young.len() + cache.old.len() <= 102);
        }
        assert_eq!(cache.get(&1), None);
        assert_eq!(cache.get(&9_999), Some(9_999));
    }
}
