//! What fast commits change: newer inodes, ranges of blocks and names, which reading applies to
//! what the disk holds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::place::Place;
use crate::fs::{DirEntry, NodeId};

/// What fast commits change.
#[derive(Default)]
pub(super) struct FastCommits {
    /// Number of records.
    pub(super) records: usize,
    pub(super) inodes: BTreeMap<u32, Vec<u8>>,
    pub(super) ranges: BTreeMap<u32, Ranges>,
    pub(super) names: BTreeMap<u32, Names>,
    pub(super) new_directories: BTreeSet<u32>,
}

/// Ranges of a file's blocks that are elsewhere than the block map says.
#[derive(Default)]
pub(super) struct Ranges(BTreeMap<u64, (u64, Option<Place>)>);

/// Names of a directory that were added (with their inode) or removed.
#[derive(Default)]
pub(super) struct Names(pub(super) HashMap<Vec<u8>, Option<NodeId>>);

impl Ranges {
    /// Start, end and place (`None` for a hole) in ascending order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, u64, Option<Place>)> + '_ {
        self.0
            .iter()
            .map(|(start, (end, place))| (*start, *end, *place))
    }

    /// Replaces what was known of blocks `start` to `end`.
    pub(super) fn set(&mut self, start: u64, end: u64, place: Option<Place>) {
        let overlapping: Vec<_> = self
            .0
            .range(..end)
            .rev()
            .take_while(|(_, (e, _))| *e > start)
            .map(|(s, (e, p))| (*s, *e, *p))
            .collect();
        for (s, e, p) in overlapping {
            self.0.remove(&s);
            if s < start {
                self.0.insert(s, (start, p));
            }
            if e > end {
                let moved = match p {
                    Some(Place::Data(block)) => {
                        Some(Place::Data(block.saturating_add(end.saturating_sub(s))))
                    }
                    other => other,
                };
                self.0.insert(end, (e, moved));
            }
        }
        self.0.insert(start, (end, place));
    }
}

impl Names {
    /// Applies the changes to what the directory's blocks hold.
    pub(super) fn apply(&self, entries: &mut Vec<DirEntry>) {
        let mut kept = std::collections::HashSet::new();
        entries.retain(|e| match self.0.get(&e.name) {
            None => true,
            Some(now) => *now == Some(e.id) && kept.insert(e.name.clone()),
        });
        let mut added: Vec<_> = self
            .0
            .iter()
            .filter_map(|(name, id)| Some((name, (*id)?)))
            .filter(|(name, _)| !kept.contains(*name))
            .collect();
        added.sort_unstable();
        let entry = |(name, id): (&Vec<u8>, NodeId)| DirEntry {
            name: name.clone(),
            id,
            kind: None,
        };
        entries.extend(added.into_iter().map(entry));
    }

    /// What became of `name`: added, removed (`Some(None)`) or unknown (`None`).
    pub(super) fn lookup(&self, name: &[u8]) -> Option<Option<NodeId>> {
        self.0.get(name).copied()
    }
}

impl FastCommits {
    /// The inode `number` as a fast commit gives it: its fields are newer, its block map is not.
    pub(super) fn inode(&self, number: u32) -> Option<&[u8]> {
        self.inodes.get(&number).map(Vec::as_slice)
    }

    /// Changed ranges of inode `number`.
    pub(super) fn ranges(&self, number: u32) -> Option<&Ranges> {
        self.ranges.get(&number)
    }

    /// Changed names of directory `number`.
    pub(super) fn names(&self, number: u32) -> Option<&Names> {
        self.names.get(&number)
    }

    /// True where directory `number` was made by a fast commit.
    pub(super) fn is_new_directory(&self, number: u32) -> bool {
        self.new_directories.contains(&number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_range_replaces_the_part_of_earlier_ones_that_it_covers() {
        let mut ranges = Ranges::default();
        ranges.set(10, 20, Some(Place::Data(100)));
        ranges.set(30, 40, Some(Place::Data(200)));
        ranges.set(15, 35, None);
        ranges.set(17, 18, Some(Place::Unwritten));
        let got: Vec<_> = ranges.iter().collect();
        assert_eq!(
            got,
            [
                (10, 15, Some(Place::Data(100))),
                (15, 17, None),
                (17, 18, Some(Place::Unwritten)),
                (18, 35, None),
                (35, 40, Some(Place::Data(205))),
            ]
        );
    }
}
