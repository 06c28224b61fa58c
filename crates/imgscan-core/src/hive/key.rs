//! Keys: their cells, their lists of subkeys and values.

use std::borrow::Cow;
use std::collections::HashSet;

use super::Hive;
use super::name::{self, Name};
use super::store::{Cell, NOWHERE, corrupt, file_offset, pairs, unexpected, words};
use super::value::Value;
use crate::bytes::{le16, le32, le64};
use crate::error::{Error, Layer, Result};
use crate::fs::Timestamp;

/// Bytes of a key's cell before its name.
const NODE_HEAD: usize = 76;
/// Bytes of the name behind the head of a key's cell.
fn name_len(head: &[u8; NODE_HEAD]) -> usize {
    le16(head, 72).unwrap_or_default().into()
}

/// Flag: the name is stored as Latin-1.
const COMPRESSED_NAME: u16 = 0x20;
/// Flag: the key is a symbolic link to another key.
const SYMBOLIC_LINK: u16 = 0x10;

/// What stands below a key, as far as it could be read.
#[derive(Debug, Clone)]
pub struct Children<T> {
    /// In the order of the hive's lists.
    pub items: Vec<T>,
    /// What of the lists could not be read, and so may hide more.
    pub damage: Vec<Error>,
}

impl<T> Default for Children<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            damage: Vec::new(),
        }
    }
}

/// A key of a hive.
#[derive(Clone)]
pub struct Key<'h> {
    hive: &'h Hive,
    at: u32,
    name: Name<'h>,
    filetime: u64,
    flags: u16,
    subkeys: (u32, u32),
    values: (u32, u32),
    security: u32,
    class: (u32, u16),
}

impl std::fmt::Debug for Key<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({:?} at {})", self.name(), self.offset())
    }
}

/// An element of a list of subkeys: the key's cell, and what the list says of its name.
pub(super) type Element = (u32, Hint);

/// What a list of subkeys says of the name of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    /// Nothing (`li`).
    None,
    /// Its first four characters (`lf`); 0 where they are no single bytes.
    Start(u32),
    /// Its hash (`lh`).
    Hash(u32),
}

impl Hint {
    /// True where it leads to a key of that name. What is not ASCII is not held against it.
    fn fits(self, name: &str) -> bool {
        match self {
            Self::None | Self::Start(0) => true,
            _ if !name.is_ascii() => true,
            Self::Start(start) => {
                let mut head = [0; 4];
                for (to, from) in head.iter_mut().zip(name.bytes()) {
                    *to = from;
                }
                head.eq_ignore_ascii_case(&start.to_le_bytes())
            }
            Self::Hash(hash) => hash == name::hash(name),
        }
    }
}

/// Looks at the keys of a list in its order: Windows drops a key that is out of order when it
/// loads the hive, and does not find one behind a wrong hint.
pub(super) struct Order {
    last: Option<String>,
}

impl Order {
    pub(super) fn new() -> Self {
        Self { last: None }
    }

    /// What is wrong with `key`, the next one, that `hint` leads to, below the key at `parent`.
    pub(super) fn next(&mut self, parent: u32, hint: Hint, key: &Key<'_>) -> Option<Error> {
        let name = key.name();
        if !hint.fits(name) {
            return Some(corrupt(parent.into(), say!(error_hive_hash, key = name)));
        }
        let last = self.last.as_deref();
        match last.map(|last| (name::order(last, name), last)) {
            Some((std::cmp::Ordering::Equal, _)) => {
                return Some(corrupt(
                    parent.into(),
                    say!(error_hive_key_same, key = name),
                ));
            }
            Some((std::cmp::Ordering::Greater, last)) => {
                return Some(corrupt(
                    parent.into(),
                    say!(error_hive_order, key = name, before = last),
                ));
            }
            _ => {}
        }
        self.last = Some(name.to_owned());
        None
    }
}

impl<'h> Key<'h> {
    /// The key whose cell is at `at`, where that lies in one piece. `None` tells nothing:
    /// [`Key::read`] does.
    #[inline(always)]
    pub(super) fn here(hive: &'h Hive, at: u32) -> Option<Self> {
        let (head, rest) = hive.store.contents(at)?.split_first_chunk::<NODE_HEAD>()?;
        let name = rest.get(..name_len(head))?;
        (head[..2] == *b"nk").then(|| Self::new(hive, at, head, Cow::Borrowed(name)))
    }

    /// The key whose cell is at `at`.
    pub(super) fn read(hive: &'h Hive, at: u32) -> Result<Self> {
        let cell = hive.store.cell(at)?;
        let head = hive.store.head::<NODE_HEAD>(cell)?;
        if !head.starts_with(b"nk") {
            return Err(unexpected(at, "nk", &head));
        }
        let name = hive
            .store
            .in_cell(cell, NODE_HEAD as u64, name_len(&head))?;
        Ok(Self::new(hive, at, &head, name))
    }

    #[inline(always)]
    fn new(hive: &'h Hive, at: u32, head: &[u8; NODE_HEAD], name: Cow<'h, [u8]>) -> Self {
        // All offsets below lie inside the 76 bytes.
        let field = |from| le32(head, from).unwrap_or_default();
        let short = |from| le16(head, from).unwrap_or_default();
        let flags = short(2);
        Self {
            hive,
            at,
            name: Name::read(name, flags & COMPRESSED_NAME != 0),
            filetime: le64(head, 4).unwrap_or_default(),
            flags,
            subkeys: (field(20), field(28)),
            values: (field(36), field(40)),
            security: field(44),
            class: (field(48), short(74)),
        }
    }

    /// Its name. What is no valid UTF-16 in it stands as an escape.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.text()
    }

    /// Its name as stored, where that is no valid UTF-16 and the text shows escapes.
    #[must_use]
    pub fn invalid_name(&self) -> Option<&[u8]> {
        self.name.invalid()
    }

    /// Byte offset of its cell in the hive file.
    #[must_use]
    pub fn offset(&self) -> u64 {
        file_offset(self.at.into())
    }

    pub(super) fn cell_offset(&self) -> u32 {
        self.at
    }

    /// When it was last written, as FILETIME (100 ns since 1601-01-01 UTC).
    #[must_use]
    pub fn last_written_filetime(&self) -> u64 {
        self.filetime
    }

    /// When it was last written; `None` for the value 0.
    #[must_use]
    pub fn last_written(&self) -> Option<Timestamp> {
        Timestamp::from_filetime(self.filetime)
    }

    /// True for a symbolic link to another key; its target is the value `SymbolicLinkValue`.
    #[must_use]
    pub fn is_link(&self) -> bool {
        self.flags & SYMBOLIC_LINK != 0
    }

    /// Its class name, `None` where it has none.
    ///
    /// # Errors
    /// If the class name's cell is damaged.
    pub fn class_name(&self) -> Result<Option<String>> {
        let (at, len) = self.class;
        if at == NOWHERE || len == 0 {
            return Ok(None);
        }
        let cell = self.hive.store.cell(at)?;
        let raw = self.hive.store.in_cell(cell, 0, len.into())?;
        Ok(Some(name::utf16(&raw, false)))
    }

    /// Its security descriptor in self-relative form, `None` where it has none.
    ///
    /// # Errors
    /// If its cell is damaged.
    pub fn security(&self) -> Result<Option<Vec<u8>>> {
        if self.security == NOWHERE {
            return Ok(None);
        }
        let cell = self.hive.store.cell(self.security)?;
        let head = self.hive.store.in_cell(cell, 0, 20)?;
        if !head.starts_with(b"sk") {
            return Err(unexpected(self.security, "sk", &head));
        }
        let len = le32(&head, 16).unwrap_or_default() as usize;
        let raw = self.hive.store.in_cell(cell, 20, len)?;
        Ok(Some(raw.into_owned()))
    }

    /// Its subkeys.
    #[must_use]
    pub fn subkeys(&self) -> Children<Self> {
        let (elements, mut damage) = self.elements();
        let mut items = Vec::with_capacity(elements.len());
        let mut order = Order::new();
        let mut sound = true;
        for (at, hint) in elements {
            match Self::read(self.hive, at) {
                Ok(key) => {
                    // The first that is wrong tells of the list.
                    if sound && let Some(e) = order.next(self.at, hint, &key) {
                        damage.push(e);
                        sound = false;
                    }
                    items.push(key);
                }
                Err(e) => damage.push(e),
            }
        }
        Children { items, damage }
    }

    /// What is wrong with the order of its subkeys and with what its lists say of them; told once
    /// and then remembered.
    fn disorder(&self, elements: &[Element]) -> Option<Error> {
        let look = || {
            let mut order = Order::new();
            elements.iter().find_map(|(at, hint)| {
                let key = Self::here(self.hive, *at).map_or_else(|| Self::read(self.hive, *at), Ok);
                order.next(self.at, *hint, &key.ok()?)
            })
        };
        self.hive.order_of(self.at, look)
    }

    /// The subkey with that name in any case; `None` where it is certain that there is none.
    ///
    /// # Errors
    /// If part of the list that could hold it can't be read, or if Windows would not see the list
    /// as it stands: keys out of order, two of one name, one that its hash does not lead to.
    pub fn subkey(&self, name: &str) -> Result<Option<Self>> {
        let (elements, mut damage) = self.elements();
        if let Some(e) = self.disorder(&elements) {
            return Err(e);
        }
        let wanted = name::hash(name);
        let mut found: Option<(Self, bool)> = None;
        // What the hash points to is read first: mostly one cell. The others are read only
        // where that finds nothing, because a hash may be wrong.
        for by_hash in [true, false] {
            for (at, hash) in &elements {
                let fits = match hash {
                    Hint::Hash(hash) => *hash == wanted,
                    _ => true,
                };
                if fits != by_hash {
                    continue;
                }
                match Self::read(self.hive, *at) {
                    Ok(key) if name::same(key.name(), name) => match &found {
                        Some(_) => return Err(self.ambiguous("keys", name)),
                        None => found = Some((key, by_hash)),
                    },
                    Ok(_) => {}
                    Err(e) => damage.push(e),
                }
            }
            if found.is_some() {
                break;
            }
        }
        match found {
            Some((_, false)) if name.is_ascii() => {
                Err(corrupt(self.at.into(), say!(error_hive_hash, key = name)))
            }
            Some((key, _)) => Ok(Some(key)),
            None => damage.into_iter().next().map_or(Ok(None), Err),
        }
    }

    /// The key at `path` below this one, names separated by `\`.
    ///
    /// # Errors
    /// As [`Key::subkey`], and if a key on the way is a symbolic link.
    pub fn descend(&self, path: &str) -> Result<Option<Self>> {
        let mut here = self.clone();
        for part in path.split('\\').filter(|p| !p.is_empty()) {
            match here.subkey(part)? {
                Some(next) if next.is_link() => {
                    return Err(Error::unsupported(
                        Layer::Hive,
                        next.offset(),
                        say!(error_hive_link, key = part),
                    ));
                }
                Some(next) => here = next,
                None => return Ok(None),
            }
        }
        Ok(Some(here))
    }

    /// Its values. The default value has an empty name.
    #[must_use]
    pub fn values(&self) -> Children<Value<'h>> {
        let (count, list) = self.values;
        let mut out = Children::default();
        if count == 0 {
            return out;
        }
        let offsets = match self.value_offsets(list, count, &mut out.damage) {
            Ok(offsets) => offsets,
            Err(e) => {
                out.damage.push(e);
                return out;
            }
        };
        out.items.reserve_exact(offsets.len() / 4);
        for at in words(&offsets) {
            if let Some((head, name)) = Value::parts(self.hive, at) {
                let name = Cow::Borrowed(name);
                out.items.push(Value::new(self.hive, at, head, name));
                continue;
            }
            match Value::read(self.hive, at) {
                Ok(value) => out.items.push(value),
                Err(e) => out.damage.push(e),
            }
        }
        out
    }

    /// The list of its values' cells, 4 bytes each.
    fn value_offsets(
        &self,
        list: u32,
        count: u32,
        damage: &mut Vec<Error>,
    ) -> Result<Cow<'h, [u8]>> {
        if let Some(here) = self.hive.store.contents(list)
            && let Some(len) = (count as usize).checked_mul(4)
            && let Some(raw) = here.get(..len)
        {
            return Ok(Cow::Borrowed(raw));
        }
        let cell = self.hive.store.cell(list)?;
        let room = u32::try_from(cell.len / 4).unwrap_or(u32::MAX);
        if count > room {
            damage.push(corrupt(
                list.into(),
                say!(error_hive_list_room, count = count, room = room),
            ));
        }
        self.hive
            .store
            .in_cell(cell, 0, (count.min(room) as usize).saturating_mul(4))
    }

    /// The value with that name in any case (empty for the default value); `None` where it is
    /// certain that there is none.
    ///
    /// # Errors
    /// If part of the list that could hold it can't be read, or if two values have that name.
    pub fn value(&self, name: &str) -> Result<Option<Value<'h>>> {
        let all = self.values();
        let mut same = all.items.into_iter().filter(|v| name::same(v.name(), name));
        match (same.next(), same.next()) {
            (Some(_), Some(_)) => Err(self.ambiguous("values", name)),
            (Some(value), None) => Ok(Some(value)),
            (None, _) => all.damage.into_iter().next().map_or(Ok(None), Err),
        }
    }

    fn ambiguous(&self, what: &str, name: &str) -> Error {
        corrupt(
            self.at.into(),
            say!(
                error_hive_ambiguous,
                key = self.name(),
                what = what,
                name = name
            ),
        )
    }

    /// The elements of the one list of `count` subkeys at `at`, where that lies in one piece and
    /// is sound. `None` tells nothing: [`Lists`] does.
    fn plain_list(&self, at: u32, count: u32) -> Option<Vec<Element>> {
        let (head, rest) = self.hive.store.contents(at)?.split_first_chunk::<4>()?;
        let raw = rest.get(..(count as usize).checked_mul(8)?)?;
        let hashed = match head {
            [b'l', b'f', ..] => false,
            [b'l', b'h', ..] => true,
            _ => return None,
        };
        let same = u32::from(le16(head, 2)?) == count;
        same.then(|| {
            pairs(raw)
                .map(|(at, hint)| match hashed {
                    true => (at, Hint::Hash(hint)),
                    false => (at, Hint::Start(hint)),
                })
                .collect()
        })
    }

    /// The elements of its lists of subkeys.
    pub(super) fn elements(&self) -> (Vec<Element>, Vec<Error>) {
        let (count, list) = self.subkeys;
        let mut lists = Lists {
            hive: self.hive,
            elements: Vec::new(),
            damage: Vec::new(),
            seen: None,
        };
        if count == 0 {
            return (lists.elements, lists.damage);
        }
        if let Some(elements) = self.plain_list(list, count) {
            return (elements, lists.damage);
        }
        lists.read(list, true);
        // Lists may overlap, so their total is bounded by the keys that the hive has room for.
        if lists.elements.len() as u64 > lists.most() {
            lists.elements.clear();
        }
        if lists.elements.len() as u64 != u64::from(count) && lists.damage.is_empty() {
            lists.damage.push(corrupt(
                self.at.into(),
                say!(
                    error_hive_subkey_count,
                    key = self.name(),
                    count = count,
                    listed = lists.elements.len()
                ),
            ));
        }
        (lists.elements, lists.damage)
    }
}

/// The lists of subkeys of one key: `lf`, `lh`, `li`, or an `ri` of those.
struct Lists<'h> {
    hive: &'h Hive,
    elements: Vec<Element>,
    damage: Vec<Error>,
    /// The lists that were read, once there are several.
    seen: Option<HashSet<u32>>,
}

impl<'h> Lists<'h> {
    /// More keys than this do not fit in the hive.
    fn most(&self) -> u64 {
        const LEAST: u64 = NODE_HEAD as u64 + 4;
        self.hive.store.len() / LEAST
    }

    fn read(&mut self, at: u32, may_be_root: bool) {
        if let Err(e) = self.try_read(at, may_be_root) {
            self.damage.push(e);
        }
    }

    fn try_read(&mut self, at: u32, may_be_root: bool) -> Result<()> {
        if self.seen.as_mut().is_some_and(|seen| !seen.insert(at)) {
            return Err(corrupt(at.into(), say!(error_hive_list_twice)));
        }
        let store = &self.hive.store;
        let cell = store.cell(at)?;
        let head = store.head::<4>(cell)?;
        let [kind @ .., low, high] = head;
        let count = u16::from_le_bytes([low, high]);
        let size = match &kind {
            b"lf" | b"lh" => 8,
            b"li" => 4,
            b"ri" if may_be_root => 4,
            _ => return Err(unexpected(at, "lf/lh/li/ri", &head)),
        };
        if self.elements.len() as u64 > self.most() {
            return Err(corrupt(at.into(), say!(error_hive_subkeys_too_many)));
        }
        let raw = self.list(cell, at, count, size)?;
        match &kind {
            b"ri" => {
                self.seen = Some(HashSet::from([at]));
                for list in words(&raw) {
                    self.read(list, false);
                }
            }
            b"lf" => self
                .elements
                .extend(pairs(&raw).map(|(at, start)| (at, Hint::Start(start)))),
            b"lh" => self
                .elements
                .extend(pairs(&raw).map(|(at, hash)| (at, Hint::Hash(hash)))),
            _ => self.elements.extend(words(&raw).map(|at| (at, Hint::None))),
        }
        Ok(())
    }

    /// The elements' bytes; as many as there is room for.
    fn list(&mut self, cell: Cell<'h>, at: u32, count: u16, size: u64) -> Result<Cow<'h, [u8]>> {
        let room = cell.len.saturating_sub(4).checked_div(size).unwrap_or(0);
        let taken = u64::from(count).min(room);
        if taken < u64::from(count) {
            self.damage.push(corrupt(
                at.into(),
                say!(error_hive_list_room, count = count, room = room),
            ));
        }
        let len = usize::try_from(taken.saturating_mul(size)).unwrap_or(usize::MAX);
        self.hive.store.in_cell(cell, 4, len)
    }
}
