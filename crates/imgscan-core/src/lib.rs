//! Reads a disk image without booting or mounting it and judges it against a policy.
//!
//! ```
//! use imgscan_core::{Image, Policy, ScanOptions};
//!
//! # fn main() -> imgscan_core::Result<()> {
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/demo/windows.qcow2");
//! let image = Image::open(path)?;
//! image.volumes().iter().for_each(|v| println!("{} {} bytes", v.volume.name, v.volume.len));
//! let hosts = image.read("/Windows/System32/drivers/etc/hosts").unwrap_or_default();
//! let product = image.registry_value(
//!     r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion", "ProductName")?;
//! let options = ScanOptions::new(Policy::built_in("tencent-marketplace")?);
//! let report = image.scan(&options)?;
//! println!("{} {product:?} {}", hosts.len(), imgscan_core::report::json(&report));
//! # Ok(())
//! # }
//! ```
//!
//! Data passes the stations in one direction; each module knows only those before it:
//! [`source`] → [`container`] → [`volume`] → [`fs`] → [`hive`] → [`guest`] → [`evidence`] →
//! [`policy`] → [`report`]. [`inspect`] walks them from the image file to its guests, [`scan`] from
//! there to the report; [`Image`] is the front of all.

#[macro_use]
mod messages;

pub mod baseline;
pub mod budget;
#[doc(hidden)] // For this project's own command line, tests and fuzz targets.
pub mod bytes;
pub mod container;
#[doc(hidden)] // For this project's own command line, tests and fuzz targets.
pub mod cpio;
pub mod declaration;
pub mod descriptor;
#[doc(hidden)] // For this project's own command line, tests and fuzz targets.
pub mod elf;
pub mod error;
#[doc(hidden)] // For this project's own command line, tests and fuzz targets.
pub mod eventlog;
pub mod evidence;
pub mod fs;
mod generations;
mod glob;
pub mod guest;
pub mod hive;
pub mod image;
pub mod inspect;
#[doc(hidden)] // For this project's own command line, tests and fuzz targets.
pub mod parallel;
pub mod policy;
pub mod report;
#[doc(hidden)] // For this project's own command line, tests and fuzz targets.
pub mod rpm;
pub mod scan;
pub mod source;
pub mod text;
mod time;
pub mod trust;
pub mod volume;

pub use container::OpenOptions;
pub use error::{Error, Kind, Layer, Result, contained};
pub use image::Image;
pub use policy::{Policy, Status, Verdict};
pub use report::Report;
pub use scan::ScanOptions;
pub use text::{Lang, Text};
