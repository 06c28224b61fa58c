//! Guests: which operating systems an image holds, each with one path space over its volumes.

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

pub mod linux;
pub(crate) mod listing;
mod paths;
mod place;
pub mod windows;

pub use paths::{FileBytes, Listing, Located, PathSpace};
pub use place::{Collected, Found, Gap, Location};

use std::sync::Arc;

use crate::fs::OpenVolume;
use crate::source::ReadAt;

/// Operating systems of one image that are judged; a real one has one, and perhaps a second for recovery. One more
/// of a family is looked for, which tells that there are too many.
pub(crate) const MAX_GUESTS: usize = 8;

/// A family of operating systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Family {
    /// Linux of any distribution.
    Linux,
    /// Windows NT.
    Windows,
}

/// What an operating system says it is. What is not known stays `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Os {
    /// `ID` of os-release (`debian`); `windows`.
    pub id: Option<String>,
    /// The name for people: `PRETTY_NAME`, or the Windows product name.
    pub name: Option<String>,
    /// `VERSION_ID`, or the Windows version (`6.1`, `10.0`).
    pub version: Option<String>,
    /// Windows build and update revision (`7601`, `20348.169`).
    pub build: Option<String>,
    /// Windows edition (`ServerStandard`).
    pub edition: Option<String>,
    /// Processor architecture as Linux names it (`x86_64`, `aarch64`, `x86`).
    pub architecture: Option<String>,
    /// Host or computer name.
    pub host_name: Option<String>,
}

/// An operating system in the image.
#[derive(Clone)]
pub struct Guest {
    /// Which family.
    pub family: Family,
    /// What it says it is.
    pub os: Os,
    /// The volume that holds its root (or `\Windows`).
    pub root_volume: String,
    /// Its files under one roof.
    pub paths: PathSpace,
    /// What is mounted where, by whom, and what of it is uncertain (Linux).
    pub mounts: linux::mounts::MountPlan,
    /// What stops a part of it from being seen, besides [`PathSpace::unavailable`] and the doubts
    /// of its mounts.
    pub problems: Vec<Gap>,
    /// The disk that its volumes are parts of, where that is known: what the firmware starts
    /// stands outside of them.
    pub disk: Option<Arc<dyn ReadAt>>,
}

/// Why operating systems that the volumes seem to hold are not among those of [`find`].
#[must_use]
pub fn unread(volumes: &[OpenVolume]) -> Vec<crate::Error> {
    linux::unread(volumes)
}

/// Finds every operating system on the volumes, in the order of the volumes.
#[must_use]
pub fn find(volumes: &[OpenVolume]) -> Vec<Guest> {
    let mut guests = linux::find(volumes);
    guests.extend(windows::find(volumes));
    guests
}
