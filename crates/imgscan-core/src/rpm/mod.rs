//! rpm's package database and the package headers in it. Works on bytes only.
//!
//! A database holds one header for each package. Its part that the vendor signed (the immutable
//! region) is told apart from what the installing system added, so that a record which was
//! written into the database later can't pass for the vendor's.

#![warn(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::indexing_slicing
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::indexing_slicing
    )
)]

mod bdb;
mod header;
mod ndb;
mod sqlite;

pub use header::{File, Files, HEADER_MAGIC, Header, Region, tag};

use crate::bytes::{be32, le32};
use crate::error::{Error, Layer, Result};
use crate::source::ReadAt;

/// The longest package header that is read, in bytes; those of kernels have about 2 MiB.
const MAX_BLOB: u64 = 32 * 1024 * 1024;

/// How a database is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// SQLite (`rpmdb.sqlite`), rpm 4.16 and later.
    Sqlite,
    /// rpm's own (`Packages.db`), as SUSE has it.
    Ndb,
    /// Berkeley DB hash (`Packages`), up to rpm 4.15.
    Bdb,
}

/// A package's header as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The number that rpm gave the package.
    pub number: u64,
    /// Where it begins in the database, in bytes.
    pub offset: u64,
    /// The header.
    pub blob: Vec<u8>,
}

/// What is done with each record, or with why one could not be read; `false` ends the reading.
pub type Each<'a> = dyn FnMut(Result<Record>) -> bool + 'a;

/// The form of the database in `file`, by its magic.
///
/// # Errors
/// If it has none of the three, or can't be read.
pub fn form(file: &dyn ReadAt) -> Result<Form> {
    let mut head = [0; 16];
    if file.len() < 16 {
        return Err(corrupt(0, say!(error_rpm_short)));
    }
    file.read_at(&mut head, 0)?;
    if head == *sqlite::MAGIC {
        Ok(Form::Sqlite)
    } else if le32(&head, 0) == Some(ndb::MAGIC) {
        Ok(Form::Ndb)
    } else if [le32(&head, 12), be32(&head, 12)].contains(&Some(bdb::MAGIC)) {
        Ok(Form::Bdb)
    } else {
        Err(corrupt(0, say!(error_rpm_form)))
    }
}

/// Hands every package's header in the database `file` to `each`, in the order in which they are
/// stored. `wal` is the write-ahead log beside a SQLite database: what was committed there counts.
///
/// # Errors
/// If the database's own structure can't be read; single records that can't be are handed over as
/// errors.
pub fn records(file: &dyn ReadAt, wal: Option<&dyn ReadAt>, each: &mut Each<'_>) -> Result<Form> {
    let form = form(file)?;
    match form {
        Form::Sqlite => sqlite::records(file, wal, each)?,
        Form::Ndb => ndb::records(file, each)?,
        Form::Bdb => bdb::records(file, each)?,
    }
    Ok(form)
}

fn corrupt(offset: u64, what: crate::text::Text) -> Error {
    Error::corrupt(Layer::Packages, offset, what)
}

/// Which pages were seen: none is read twice, so that no loop or shared tail makes work without end.
struct SeenPages(Vec<u64>);

impl SeenPages {
    fn new(pages: u64) -> Self {
        let words = usize::try_from((pages / 64).saturating_add(1)).unwrap_or(0);
        Self(vec![0; words])
    }

    /// Marks `page`; an error where it was marked before or is none of the file's.
    fn mark(&mut self, page: u64, at: u64) -> Result<()> {
        let word = usize::try_from(page / 64)
            .ok()
            .and_then(|i| self.0.get_mut(i))
            .ok_or_else(|| corrupt(at, say!(error_rpm_page_end, page = page)))?;
        if *word >> (page % 64) & 1 == 1 {
            return Err(corrupt(at, say!(error_rpm_page_twice, page = page)));
        }
        *word |= 1 << (page % 64);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
