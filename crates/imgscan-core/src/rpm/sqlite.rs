//! The table `Packages` of a SQLite database. Format: sqlite.org/fileformat2.html. Integers are
//! big-endian.

use std::collections::BTreeMap;

use super::{Each, MAX_BLOB, Record, SeenPages, corrupt};
use crate::bytes::{be16, be32, be64, le32};
use crate::error::{Error, Layer, Result};
use crate::source::{ReadAt, read_vec};
use crate::text::Text;

pub(super) const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Levels of a b-tree; 2^32 pages need fewer.
const MAX_DEPTH: usize = 20;
const INTERIOR: u8 = 5;
const LEAF: u8 = 13;

struct Database<'a> {
    file: &'a dyn ReadAt,
    wal: Option<&'a dyn ReadAt>,
    /// Where the log holds a newer copy of a page.
    newer: BTreeMap<u32, u64>,
    page: usize,
    /// Bytes of a page without those reserved at its end.
    usable: usize,
    pages: u64,
}

pub(super) fn records(
    file: &dyn ReadAt,
    wal: Option<&dyn ReadAt>,
    each: &mut Each<'_>,
) -> Result<()> {
    let db = Database::open(file, wal)?;
    let root = db.packages()?;
    let mut seen = SeenPages::new(db.pages);
    let mut go = true;
    db.walk(root, 0, &mut seen, &mut go, &mut |db, seen, found| {
        let record = found.and_then(|cell| db.record(&cell, seen));
        each(record)
    });
    Ok(())
}

/// A cell of a table's leaf.
struct Cell {
    rowid: u64,
    /// Where its payload begins in the file.
    at: u64,
    /// Bytes of the payload, those on overflow pages included.
    total: u64,
    local: Vec<u8>,
    overflow: u32,
}

type Visit<'v, 'a> = dyn FnMut(&Database<'a>, &mut SeenPages, Result<Cell>) -> bool + 'v;

impl<'a> Database<'a> {
    fn open(file: &'a dyn ReadAt, wal: Option<&'a dyn ReadAt>) -> Result<Self> {
        let mut head = [0; 100];
        let read = file.read_at(&mut head, 0);
        read.map_err(|_| corrupt(0, say!(error_rpm_short)))?;
        let page = match be16(&head, 16) {
            Some(1) => 65536,
            Some(size) if size >= 512 && size.is_power_of_two() => usize::from(size),
            other => {
                return Err(corrupt(
                    16,
                    say!(error_rpm_page_size, found = other.unwrap_or_default()),
                ));
            }
        };
        let usable = page.saturating_sub(head[20].into());
        if usable < 480 {
            return Err(corrupt(20, say!(error_sqlite_reserved, count = head[20])));
        }
        let mut db = Self {
            file,
            wal: wal.filter(|w| !w.is_empty()),
            newer: BTreeMap::new(),
            page,
            usable,
            pages: pages_in(file.len(), page),
        };
        if let Some(wal) = db.wal {
            db.replay(wal)?;
        }
        Ok(db)
    }

    /// Finds the pages that were committed to the write-ahead log (section 4 of the format).
    fn replay(&mut self, wal: &dyn ReadAt) -> Result<()> {
        let mut head = [0; 32];
        if wal.len() < head.len() as u64 {
            return Ok(());
        }
        wal.read_at(&mut head, 0)?;
        let in_log = |at: u64, why: Text| {
            Error::corrupt(Layer::Packages, at, say!(error_sqlite_wal, why = why))
        };
        let order: fn(&[u8], usize) -> Option<u32> = match be32(&head, 0) {
            Some(0x377f_0682) => le32,
            Some(0x377f_0683) => be32,
            other => {
                return Err(in_log(
                    0,
                    say!(
                        error_magic_found,
                        expected = "0x377f0682/3",
                        found = format!("{:#x}", other.unwrap_or_default())
                    ),
                ));
            }
        };
        // A log whose header is not whole was never begun, as SQLite sees it.
        let sum = checksum(&head[..24], (0, 0), order);
        if Some(sum) != be32(&head, 24).zip(be32(&head, 28)) {
            return Ok(());
        }
        if be32(&head, 8).map(u64::from) != Some(self.page as u64) {
            return Err(in_log(8, say!(error_sqlite_wal_page)));
        }
        let mut sum = sum;
        let mut pending: BTreeMap<u32, u64> = BTreeMap::new();
        let mut at = 32_u64;
        let frame_len = self.page.saturating_add(24);
        while wal.len().saturating_sub(at) >= frame_len as u64 {
            let frame = read_vec(wal, at, frame_len)?;
            let Some((frame_head, page)) = frame.split_first_chunk::<24>() else {
                break;
            };
            let Some((number, size)) = be32(frame_head, 0).zip(be32(frame_head, 4)) else {
                break;
            };
            sum = checksum(&frame_head[..8], sum, order);
            sum = checksum(page, sum, order);
            let good = Some(sum) == be32(frame_head, 16).zip(be32(frame_head, 20));
            if !good || frame_head[8..16] != head[16..24] || number == 0 {
                break;
            }
            pending.insert(number, at.saturating_add(24));
            if size != 0 {
                self.newer.append(&mut pending);
                self.pages = u64::from(size);
            }
            at = at.saturating_add(frame_len as u64);
        }
        let both = self.file.len().saturating_add(wal.len());
        let most = pages_in(both, self.page).saturating_add(1);
        if self.pages > most {
            return Err(in_log(at, say!(error_sqlite_wal_pages, count = self.pages)));
        }
        Ok(())
    }

    /// Page `number`, from 1, and where it begins in its file.
    fn read(&self, number: u32) -> Result<(Vec<u8>, u64)> {
        if let (Some(at), Some(wal)) = (self.newer.get(&number), self.wal) {
            return Ok((read_vec(wal, *at, self.page)?, *at));
        }
        let at = self.offset(number)?;
        let bytes = read_vec(self.file, at, self.page)
            .map_err(|e| Error::new(Layer::Packages, e.kind, at, *e.detail))?;
        Ok((bytes, at))
    }

    fn offset(&self, number: u32) -> Result<u64> {
        u64::from(number)
            .checked_sub(1)
            .and_then(|n| n.checked_mul(self.page as u64))
            .ok_or_else(|| corrupt(0, say!(error_sqlite_page_zero)))
    }

    /// The root page of the table `Packages`.
    fn packages(&self) -> Result<u32> {
        let mut found = None;
        let mut damage = None;
        let mut go = true;
        let mut seen = SeenPages::new(self.pages);
        self.walk(1, 0, &mut seen, &mut go, &mut |db, seen, cell| {
            match cell.and_then(|cell| db.schema(&cell, seen)) {
                Ok(Some(root)) => found = Some(root),
                Ok(None) => {}
                Err(e) => damage = Some(e),
            }
            found.is_none()
        });
        match (found, damage) {
            (Some(root), _) => Ok(root),
            (None, Some(e)) => Err(e),
            (None, None) => Err(corrupt(100, say!(error_sqlite_no_table))),
        }
    }

    /// The root page that a row of the schema table names, where it is the one of `Packages`.
    fn schema(&self, cell: &Cell, seen: &mut SeenPages) -> Result<Option<u32>> {
        let payload = self.payload(cell, seen)?;
        let columns = columns(&payload, cell.at)?;
        let text = |i: usize| columns.get(i).map(|(_, body)| *body);
        if text(0) != Some(b"table") || text(1) != Some(b"Packages") {
            return Ok(None);
        }
        let root = columns.get(3).and_then(|(_, body)| integer(body));
        let root = root.and_then(|r| u32::try_from(r).ok());
        root.map(Some)
            .ok_or_else(|| corrupt(cell.at, say!(error_sqlite_no_root)))
    }

    /// Visits the cells of the table b-tree at page `number` in their order.
    #[expect(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        reason = "a page has 512 bytes or more (open), counts and places are of 16 bits, a cell is \
                  not longer than a page, and the depth is at most MAX_DEPTH"
    )]
    fn walk(
        &self,
        number: u32,
        depth: usize,
        seen: &mut SeenPages,
        go: &mut bool,
        visit: &mut Visit<'_, 'a>,
    ) {
        let page = self.offset(number).and_then(|at| {
            if depth > MAX_DEPTH {
                return Err(corrupt(at, say!(error_sqlite_depth, most = MAX_DEPTH)));
            }
            seen.mark(u64::from(number), at)?;
            self.read(number)
        });
        let (page, at) = match page {
            Ok(found) => found,
            Err(e) => {
                *go = visit(self, seen, Err(e));
                return;
            }
        };
        let head = if number == 1 { 100 } else { 0 };
        let kind = page[head];
        let count = usize::from(be16(&page, head + 3).unwrap_or(0));
        let table = head + if kind == INTERIOR { 12 } else { 8 };
        if !matches!(kind, INTERIOR | LEAF) || table + count * 2 > self.usable {
            let what = say!(error_sqlite_page, kind = kind, count = count);
            *go = visit(self, seen, Err(corrupt(at, what)));
            return;
        }
        let mut used = 0;
        for i in 0..count {
            let place = usize::from(be16(&page, table + i * 2).unwrap_or(0));
            if kind == LEAF {
                let cell = self.cell(&page, place, at).and_then(|cell| {
                    // Cells lie side by side: more than the page holds are one used twice.
                    used += cell.local.len();
                    (used <= self.page)
                        .then_some(cell)
                        .ok_or_else(|| corrupt(at, say!(error_rpm_overlap, what = "cells")))
                });
                *go = visit(self, seen, cell);
                if used > self.page {
                    return;
                }
            } else {
                let child = be32(&page, place).unwrap_or(0);
                self.walk(child, depth + 1, seen, go, visit);
            }
            if !*go {
                return;
            }
        }
        if kind == INTERIOR {
            let right = be32(&page, head + 8).unwrap_or(0);
            self.walk(right, depth + 1, seen, go, visit);
        }
    }

    /// The leaf cell at byte `place` of `page`, which begins at `at` (section 1.6 of the format).
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "480 to 65,536 bytes of a page are usable (open), so that min < max < total where \
                  they are subtracted; a page's place is inside a file"
    )]
    fn cell(&self, page: &[u8], place: usize, at: u64) -> Result<Cell> {
        let at = at + place as u64;
        let cut = || corrupt(at, say!(error_sqlite_cell));
        let body = page.get(place..self.usable).ok_or_else(cut)?;
        let (total, body) = varint(body).ok_or_else(cut)?;
        let (rowid, body) = varint(body).ok_or_else(cut)?;
        let max = self.usable - 35;
        let local = if total <= max as u64 {
            usize::try_from(total).map_err(|_| cut())?
        } else {
            let min = (self.usable - 12) * 32 / 255 - 23;
            let rest = (total - min as u64) % (self.usable as u64 - 4);
            let k = min + usize::try_from(rest).map_err(|_| cut())?;
            if k <= max { k } else { min }
        };
        let spills = total > local as u64;
        Ok(Cell {
            rowid,
            at,
            total,
            local: body.get(..local).ok_or_else(cut)?.to_vec(),
            overflow: if spills {
                be32(body, local).ok_or_else(cut)?
            } else {
                0
            },
        })
    }

    /// The whole payload of a cell, gathered from its overflow pages.
    fn payload(&self, cell: &Cell, seen: &mut SeenPages) -> Result<Vec<u8>> {
        if cell.total > MAX_BLOB {
            let what = say!(error_rpm_package_long, len = cell.total, most = MAX_BLOB);
            return Err(Error::limit(Layer::Packages, cell.at, what));
        }
        if cell.total > self.pages.saturating_mul(self.page as u64) {
            return Err(corrupt(cell.at, say!(error_sqlite_row_long)));
        }
        let mut out = cell.local.clone();
        let mut next = cell.overflow;
        while (out.len() as u64) < cell.total {
            let at = self.offset(next)?;
            seen.mark(u64::from(next), at)?;
            let (page, _) = self.read(next)?;
            next = be32(&page, 0).unwrap_or(0);
            let left =
                usize::try_from(cell.total).map_or(usize::MAX, |n| n.saturating_sub(out.len()));
            let body = page.get(4..self.usable).unwrap_or_default();
            out.extend_from_slice(body.get(..left).unwrap_or(body));
        }
        Ok(out)
    }

    fn record(&self, cell: &Cell, seen: &mut SeenPages) -> Result<Record> {
        let payload = self.payload(cell, seen)?;
        let columns = columns(&payload, cell.at)?;
        // Packages(hnum INTEGER PRIMARY KEY, blob BLOB): the key itself is the row's number.
        match columns.get(1) {
            Some((kind, body)) if *kind >= 12 && kind % 2 == 0 => Ok(Record {
                number: cell.rowid,
                offset: cell.at,
                blob: body.to_vec(),
            }),
            _ => Err(corrupt(cell.at, say!(error_sqlite_no_blob))),
        }
    }
}

/// The two running sums of the write-ahead log (section 4.2 of the format).
fn checksum(bytes: &[u8], from: (u32, u32), order: fn(&[u8], usize) -> Option<u32>) -> (u32, u32) {
    let (mut a, mut b) = from;
    for pair in bytes.as_chunks::<8>().0 {
        let (x, y) = (order(pair, 0), order(pair, 4));
        a = a.wrapping_add(x.unwrap_or(0)).wrapping_add(b);
        b = b.wrapping_add(y.unwrap_or(0)).wrapping_add(a);
    }
    (a, b)
}

/// A variable-length integer of at most nine bytes, and what follows it.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    let mut rest = bytes;
    for i in 0..9 {
        let (&byte, behind) = rest.split_first()?;
        rest = behind;
        if i == 8 {
            return Some((value << 8 | u64::from(byte), rest));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some((value, rest));
        }
    }
    None
}

/// Whole pages in `len` bytes.
fn pages_in(len: u64, page: usize) -> u64 {
    len.checked_div(page as u64).unwrap_or(0)
}

/// The columns of a row: serial type and body (section 2.1 of the format).
fn columns(row: &[u8], at: u64) -> Result<Vec<(u64, &[u8])>> {
    let cut = || corrupt(at, say!(error_sqlite_row_cut));
    let (len, _) = varint(row).ok_or_else(cut)?;
    let len = usize::try_from(len).map_err(|_| cut())?;
    let (head, mut rest) = row.split_at_checked(len).ok_or_else(cut)?;
    let (_, mut types) = varint(head).ok_or_else(cut)?;
    let mut out = Vec::new();
    while !types.is_empty() {
        let (kind, behind) = varint(types).ok_or_else(cut)?;
        types = behind;
        let size = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return Err(corrupt(at, say!(error_sqlite_column))),
            other => other.saturating_sub(12) / 2,
        };
        let size = usize::try_from(size).map_err(|_| cut())?;
        let (body, behind) = rest.split_at_checked(size).ok_or_else(cut)?;
        rest = behind;
        out.push((kind, body));
    }
    Ok(out)
}

/// A big-endian integer of up to eight bytes that is not negative.
fn integer(body: &[u8]) -> Option<u64> {
    let mut whole = [0; 8];
    whole
        .get_mut(8_usize.checked_sub(body.len())?..)?
        .copy_from_slice(body);
    be64(&whole, 0).filter(|_| body.first().is_none_or(|b| *b < 0x80))
}
