//! Reads a disk image without booting or mounting it and judges it against a policy.
//!
//! Data passes the stations in one direction; each module knows only those before it:
//! [`source`] → [`container`] → [`volume`] → [`fs`] → [`hive`] → [`guest`] → [`evidence`] →
//! [`policy`] → [`report`]. [`inspect`] walks them from the image file to its guests.

#[macro_use]
mod messages;

pub mod baseline;
pub mod bytes;
pub mod container;
pub mod cpio;
pub mod elf;
pub mod error;
pub mod eventlog;
pub mod evidence;
pub mod fs;
pub mod glob;
pub mod guest;
pub mod hive;
pub mod inspect;
pub mod parallel;
pub mod policy;
pub mod report;
pub mod rpm;
pub mod scan;
pub mod source;
pub mod text;
pub mod time;
pub mod trust;
pub mod volume;

pub use error::{Error, Kind, Layer, Result, contained};
