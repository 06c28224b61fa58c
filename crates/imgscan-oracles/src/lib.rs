//! What the tests of this crate share. Each test compares a reader of imgscan with an independent
//! crate on all images of the corpus and on the fixtures of `testdata`.
//!
//! Both sides are written down as [`Facts`]. Where they differ, the crate is wrong for a reason that
//! the test's table of [`Fault`]s names; a difference that is not in the table fails the test,
//! and so does a line of the table that nothing differs on any more.

#![allow(clippy::panic, clippy::unwrap_used)] // Tests: what is unexpected ends them.

mod comparison;
mod disk;
mod images;
mod tree;

pub use comparison::{Comparison, Facts, Fault, contained};
pub use disk::Disk;
pub use images::{Image, bytes, each_file, each_image, each_volume, fixture};
pub use tree::{add, contents, sha256, tree, whole};
