//! Tables of the names of large folders, so that looking up many names reads a folder once.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::NodeId;
use crate::error::Error;
use crate::generations::Generations;

/// Most names of one table.
const MAX_NAMES: usize = 1 << 22;
/// Bytes of the tables that are kept, and what one costs besides its names.
const MAX_KEPT: usize = 16 << 20;
const OVERHEAD: usize = 128;

/// What goes into the digest of a folded form, so that it is unlike that of a name.
const FOLDED: u64 = 1;

/// Where the names of one folder lead.
#[derive(Default)]
pub(super) struct NameTable {
    /// Digests of names, each with the object that the name leads to, sorted; equal ones in the order
    /// in which they were added.
    names: Vec<(u64, NodeId)>,
    /// Why a name that is not in it may be in the folder all the same.
    pub damage: Option<Error>,
    hash: RandomState,
    full: bool,
}

impl NameTable {
    /// Adds a name; what is added first is found first.
    pub(super) fn add(&mut self, name: &[u8], id: NodeId) {
        self.push(self.hash.hash_one(name), id);
    }

    /// Adds the form of a name by which it is compared without regard to case.
    pub(super) fn add_folded(&mut self, name: &str, id: NodeId) {
        self.push(self.hash.hash_one((FOLDED, name)), id);
    }

    fn push(&mut self, hash: u64, id: NodeId) {
        if self.names.len() < MAX_NAMES {
            self.names.push((hash, id));
        } else {
            self.full = true;
        }
    }

    /// Ready to be asked; `None` where the folder has more names than a table holds.
    pub(super) fn done(mut self) -> Option<Self> {
        self.names.sort_by_key(|(hash, _)| *hash);
        (!self.full).then_some(self)
    }

    /// What `name` leads to, in the order in which it was added.
    pub(super) fn find(&self, name: &[u8]) -> impl Iterator<Item = NodeId> + '_ {
        self.of(self.hash.hash_one(name))
    }

    /// What a folded form leads to.
    pub(super) fn find_folded(&self, name: &str) -> impl Iterator<Item = NodeId> + '_ {
        self.of(self.hash.hash_one((FOLDED, name)))
    }

    /// The digest is keyed by a number that an image can't know, so no two names have the same.
    fn of(&self, wanted: u64) -> impl Iterator<Item = NodeId> + '_ {
        let from = self.names.partition_point(|(hash, _)| *hash < wanted);
        let rest = self.names.get(from..).unwrap_or_default();
        rest.iter()
            .take_while(move |(hash, _)| *hash == wanted)
            .map(|(_, id)| *id)
    }
}

/// The tables of a file system's folders, as long as they are used.
pub(super) struct NameTables(Mutex<Generations<NodeId, Arc<NameTable>>>);

impl Default for NameTables {
    fn default() -> Self {
        Self(Mutex::new(Generations::new(MAX_KEPT)))
    }
}

impl NameTables {
    /// The table of a folder, where one was kept.
    pub(super) fn get(&self, folder: NodeId) -> Option<Arc<NameTable>> {
        self.lock().get(&folder)
    }

    pub(super) fn keep(&self, folder: NodeId, table: NameTable) -> Arc<NameTable> {
        let bytes = table.names.len().saturating_mul(size_of::<(u64, NodeId)>());
        let table = Arc::new(table);
        let kept = Arc::clone(&table);
        self.lock()
            .insert(folder, kept, bytes.saturating_add(OVERHEAD));
        table
    }

    fn lock(&self) -> MutexGuard<'_, Generations<NodeId, Arc<NameTable>>> {
        // No invariant spans a panic: the tables are a cache.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{NameTable, NameTables, NodeId};

    #[test]
    fn the_first_of_equal_names_is_found_first() {
        let mut table = NameTable::default();
        for (name, id) in [("a", 1), ("b", 2), ("a", 3)] {
            table.add(name.as_bytes(), NodeId(id));
        }
        let table = table.done().expect("three names");
        assert_eq!(table.find_folded("a").next(), None);
        let found = |name: &str| table.find(name.as_bytes()).collect::<Vec<_>>();
        assert_eq!(found("a"), [NodeId(1), NodeId(3)]);
        assert_eq!(found("b"), [NodeId(2)]);
        assert_eq!(found("c"), []);
    }

    #[test]
    fn what_is_kept_is_given_again_until_there_is_too_much() {
        let tables = NameTables::default();
        let of = |names: usize| {
            let mut table = NameTable::default();
            for name in 0..names {
                table.add(&name.to_le_bytes(), NodeId(1));
            }
            table.done().expect("few names")
        };
        let many = super::MAX_KEPT / 16;
        tables.keep(NodeId(1), of(3));
        tables.keep(NodeId(2), of(3));
        assert!(tables.get(NodeId(1)).is_some());
        tables.keep(NodeId(3), of(many));
        tables.keep(NodeId(4), of(many));
        assert!(tables.get(NodeId(1)).is_none());
        assert!(tables.get(NodeId(4)).is_some());
    }
}
