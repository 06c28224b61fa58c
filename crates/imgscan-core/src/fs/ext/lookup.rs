//! Looking one name up: by the hash index where there is one, else from the first to the last.

use std::ops::ControlFlow;

use super::Core;
use super::dir::Damage;
use super::htree;
use super::inode::{CASEFOLD, ENCRYPTED, INDEX, INLINE_DATA, Inode};
use super::superblock::COMPAT_DIR_INDEX;
use crate::error::Result;
use crate::fs::NodeId;
use crate::fs::names::NameTable;

/// The size in bytes up to which a directory is read for each name that its index doesn't find.
const SMALL: u64 = 16 * 1024;

impl Core {
    /// The inode that `name` leads to in directory `inode`.
    ///
    /// The index only makes this fast. What it does not find is looked for in the whole
    /// directory: an index that hides a name must not make a file look absent.
    pub(super) fn lookup(&self, inode: &Inode, name: &[u8]) -> Result<Option<NodeId>> {
        if let Some(found) = self
            .fast
            .names(inode.number)
            .and_then(|edits| edits.lookup(name))
        {
            return Ok(found);
        }
        if let Some(found) = self.lookup_indexed(inode, name) {
            return Ok(Some(found));
        }
        let id = NodeId(inode.number.into());
        if let Some(table) = self.tables.get(id) {
            return self.in_table(inode, &table, name);
        }
        if inode.size() > SMALL
            && let Some(table) = self.table(inode)?
        {
            return self.in_table(inode, &self.tables.keep(id, table), name);
        }
        let mut damage = Damage::default();
        let mut found = None;
        let mut folded = None;
        let wanted = inode.has(CASEFOLD).then(|| fold(name)).flatten();
        self.scan(inode, &mut damage, &mut |entry| {
            if entry.name == name {
                found = Some(entry.inode);
                return ControlFlow::Break(());
            }
            if wanted.is_some() && folded.is_none() && fold(entry.name) == wanted {
                folded = Some(entry.inode);
            }
            ControlFlow::Continue(())
        })?;
        match (found.or(folded), damage.0.into_iter().next()) {
            (Some(number), _) => Ok(Some(NodeId(number.into()))),
            (None, Some(damage)) => Err(damage),
            (None, None) => Ok(None),
        }
    }

    /// The names of a directory as a table; of one without regard to case, their folded forms, too.
    fn table(&self, inode: &Inode) -> Result<Option<NameTable>> {
        let mut damage = Damage::default();
        let mut table = NameTable::default();
        let folds = inode.has(CASEFOLD);
        self.scan(inode, &mut damage, &mut |entry| {
            let id = NodeId(entry.inode.into());
            table.add(entry.name, id);
            if folds && let Some(folded) = fold(entry.name) {
                table.add_folded(&folded, id);
            }
            ControlFlow::Continue(())
        })?;
        table.damage = damage.0.into_iter().next();
        Ok(table.done())
    }

    fn in_table(&self, inode: &Inode, table: &NameTable, name: &[u8]) -> Result<Option<NodeId>> {
        let folded = || {
            let wanted = inode.has(CASEFOLD).then(|| fold(name)).flatten()?;
            table.find_folded(&wanted).next()
        };
        match (table.find(name).next().or_else(folded), &table.damage) {
            (Some(id), _) => Ok(Some(id)),
            (None, Some(damage)) => Err(damage.clone()),
            (None, None) => Ok(None),
        }
    }

    /// The same by the hash index alone. `None` tells nothing.
    pub(super) fn lookup_indexed(&self, inode: &Inode, name: &[u8]) -> Option<NodeId> {
        let hashed = self.sb.compat & COMPAT_DIR_INDEX != 0
            && inode.has(INDEX)
            // Their hashes are of folded names, or keyed.
            && inode.flags() & (INLINE_DATA | CASEFOLD | ENCRYPTED) == 0;
        if !hashed {
            return None;
        }
        htree::find(self, inode, name)
    }
}

/// A name as case-insensitive directories compare it. The kernel folds by Unicode 12.1 after
/// canonical decomposition; here each character's simple lower case counts, without decomposition.
/// Names that are not UTF-8 have no folded form.
fn fold(name: &[u8]) -> Option<String> {
    Some(std::str::from_utf8(name).ok()?.to_lowercase())
}
