//! A Berkeley DB hash (`Packages`). Format: dbinc/db_page.h of Berkeley DB 4 to 5. Integers are in
//! the byte order of the machine that wrote it.

use super::{Each, MAX_BLOB, Record, SeenPages, corrupt};
use crate::bytes::{be16, be32, le16, le32};
use crate::error::{Error, Layer, Result};
use crate::source::{ReadAt, read_vec};

/// `DB_HASHMAGIC`.
pub(super) const MAGIC: u32 = 0x0006_1561;
/// Bytes of a page's head.
const HEAD: usize = 26;
/// Page types.
const HASH_UNSORTED: u8 = 2;
const OVERFLOW: u8 = 7;
const HASH_META: u8 = 8;
const HASH: u8 = 13;
/// Types of items on a hash page.
const KEYDATA: u8 = 1;
const OFFPAGE: u8 = 3;

struct Database<'a> {
    file: &'a dyn ReadAt,
    big: bool,
    page: usize,
    pages: u64,
}

pub(super) fn records(file: &dyn ReadAt, each: &mut Each<'_>) -> Result<()> {
    let mut meta = [0; 512];
    let read = file.read_at(&mut meta, 0);
    read.map_err(|_| corrupt(0, say!(error_rpm_short)))?;
    let mut db = Database {
        file,
        big: be32(&meta, 12) == Some(MAGIC),
        page: 0,
        pages: 0,
    };
    let page = db.u32(&meta, 20);
    if !(512..=65536).contains(&page) || !page.is_power_of_two() {
        return Err(corrupt(20, say!(error_rpm_page_size, found = page)));
    }
    db.page = usize::try_from(page).unwrap_or(512);
    db.pages = file.len().checked_div(page.into()).unwrap_or(0);
    if meta[25] != HASH_META {
        return Err(corrupt(25, say!(error_bdb_meta, kind = meta[25])));
    }
    if meta[24] != 0 || meta[26] & 1 != 0 {
        let what = say!(error_bdb_unsupported);
        return Err(Error::unsupported(Layer::Packages, 24, what));
    }
    let last = u64::from(db.u32(&meta, 32));
    if last >= db.pages {
        let what = say!(error_bdb_cut, last = last, pages = db.pages);
        // The pages that are there are read all the same.
        if !each(Err(corrupt(32, what))) {
            return Ok(());
        }
    }
    let buckets = u64::from(db.u32(&meta, 72));
    if buckets >= db.pages {
        return Err(corrupt(72, say!(error_bdb_buckets, count = buckets)));
    }
    let mut seen = SeenPages::new(db.pages);
    for bucket in 0..=buckets {
        // spares[] says how many pages lie before the buckets of each doubling.
        let doubling = 64_u32.saturating_sub(bucket.leading_zeros()) as usize;
        let at = doubling.saturating_mul(4).saturating_add(96);
        let spare = u64::from(db.u32(&meta, at));
        if !db.bucket(bucket.saturating_add(spare), &mut seen, each) {
            break;
        }
    }
    Ok(())
}

#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a page has 512 to 65,536 bytes (records), counts and places are of 16 bits, and no \
              item is empty (item); a page's place is inside the file (read)"
)]
impl Database<'_> {
    fn u32(&self, bytes: &[u8], at: usize) -> u32 {
        let read = if self.big { be32 } else { le32 };
        read(bytes, at).unwrap_or(0)
    }

    fn u16(&self, bytes: &[u8], at: usize) -> usize {
        let read = if self.big { be16 } else { le16 };
        usize::from(read(bytes, at).unwrap_or(0))
    }

    /// Page `number` and its place, once.
    fn read(&self, number: u64, seen: &mut SeenPages) -> Result<(Vec<u8>, u64)> {
        let at = number.saturating_mul(self.page as u64);
        if number >= self.pages {
            return Err(corrupt(at, say!(error_rpm_page_end, page = number)));
        }
        seen.mark(number, at)?;
        let page = read_vec(self.file, at, self.page)?;
        let own = u64::from(self.u32(&page, 8));
        Ok((page, at)).and_then(|found| {
            if own == number || found.0[25] == 0 {
                Ok(found)
            } else {
                Err(corrupt(at, say!(error_bdb_page, page = number, own = own)))
            }
        })
    }

    /// The records of the chain of pages that begins at page `number`; `false` to end.
    fn bucket(&self, mut number: u64, seen: &mut SeenPages, each: &mut Each<'_>) -> bool {
        loop {
            let (page, at) = match self.read(number, seen) {
                Ok(found) => found,
                Err(e) => return each(Err(e)),
            };
            match page[25] {
                // A bucket that was never written.
                0 => return true,
                HASH | HASH_UNSORTED => {}
                other => {
                    let what = say!(error_bdb_bucket, kind = other);
                    return each(Err(corrupt(at, what)));
                }
            }
            let count = self.u16(&page, 20);
            if HEAD + count * 2 > self.page || !count.is_multiple_of(2) {
                return each(Err(corrupt(at, say!(error_bdb_items, count = count))));
            }
            // Items lie side by side from the end of the page downwards: none is used twice.
            let place = |i: usize| self.u16(&page, HEAD + i * 2);
            if (1..count).any(|i| place(i) >= place(i - 1)) {
                return each(Err(corrupt(at, say!(error_rpm_overlap, what = "items"))));
            }
            for pair in 0..count / 2 {
                let record = self.pair(&page, at, pair * 2, seen);
                if let Some(record) = record.transpose()
                    && !each(record)
                {
                    return false;
                }
            }
            number = u64::from(self.u32(&page, 16));
            if number == 0 {
                return true;
            }
        }
    }

    /// Item `i` of a page.
    fn item<'p>(&self, page: &'p [u8], at: u64, i: usize) -> Result<&'p [u8]> {
        let start = self.u16(page, HEAD + i * 2);
        let end = match i {
            0 => self.page,
            _ => self.u16(page, HEAD + (i - 1) * 2),
        };
        page.get(start..end)
            .filter(|item| !item.is_empty() && start >= HEAD)
            .ok_or_else(|| {
                corrupt(
                    at,
                    say!(error_bdb_item, number = i, start = start, end = end),
                )
            })
    }

    /// The package at items `i` (key) and `i + 1`; `None` for the counter of packages.
    fn pair(&self, page: &[u8], at: u64, i: usize, seen: &mut SeenPages) -> Result<Option<Record>> {
        let key = self.item(page, at, i)?;
        let data = self.item(page, at, i + 1)?;
        if key[0] != KEYDATA || key.len() != 5 {
            return Err(corrupt(at, say!(error_bdb_key)));
        }
        let number = u64::from(self.u32(key, 1));
        if number == 0 {
            return Ok(None);
        }
        let (offset, blob) = match data[0] {
            KEYDATA => {
                let place = self.u16(page, HEAD + (i + 1) * 2) as u64;
                (at + place + 1, data[1..].to_vec())
            }
            OFFPAGE if data.len() >= 12 => {
                let first = u64::from(self.u32(data, 4));
                let length = u64::from(self.u32(data, 8));
                let offset = first.saturating_mul(self.page as u64) + HEAD as u64;
                (offset, self.overflow(first, length, at, seen)?)
            }
            other => return Err(corrupt(at, say!(error_bdb_item_type, kind = other))),
        };
        Ok(Some(Record {
            number,
            offset,
            blob,
        }))
    }

    /// The `length` bytes on the chain of overflow pages that begins at page `number`.
    fn overflow(
        &self,
        mut number: u64,
        length: u64,
        at: u64,
        seen: &mut SeenPages,
    ) -> Result<Vec<u8>> {
        if length > MAX_BLOB {
            let what = say!(error_rpm_package_long, len = length, most = MAX_BLOB);
            return Err(Error::limit(Layer::Packages, at, what));
        }
        let mut out = Vec::new();
        while (out.len() as u64) < length {
            let (page, at) = self.read(number, seen)?;
            let have = self.u16(&page, 22);
            if page[25] != OVERFLOW || have == 0 || HEAD + have > self.page {
                let what = say!(error_bdb_overflow, kind = page[25], bytes = have);
                return Err(corrupt(at, what));
            }
            out.extend_from_slice(&page[HEAD..HEAD + have]);
            number = u64::from(self.u32(&page, 16));
        }
        if out.len() as u64 != length {
            let what = say!(error_bdb_package, found = out.len(), len = length);
            return Err(corrupt(at, what));
        }
        Ok(out)
    }
}
