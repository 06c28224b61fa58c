//! The version that a PE image carries (VS_VERSIONINFO). Source: Microsoft "VS_FIXEDFILEINFO
//! structure"; the block is found by its key in the section of resources, not by the tree that
//! leads to it.

use std::fmt;

use crate::bytes::le32;
use crate::source::ReadAt;
use crate::trust::pe::Pe;

/// `VS_VERSION_INFO` in UTF-16.
const KEY: &[u8] = b"V\0S\0_\0V\0E\0R\0S\0I\0O\0N\0_\0I\0N\0F\0O\0";
/// Bytes behind the key in which the fixed part begins: its padding.
const NEAR: usize = 8;
const SIGNATURE: u32 = 0xFEEF_04BD;

/// A file version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct FileVersion {
    /// Major.
    pub major: u16,
    /// Minor.
    pub minor: u16,
    /// Build.
    pub build: u16,
    /// Revision.
    pub revision: u16,
}

impl fmt::Display for FileVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            major,
            minor,
            build,
            revision,
        } = self;
        write!(f, "{major}.{minor}.{build}.{revision}")
    }
}

/// The version in the resources of `file`; `None` where it carries none.
pub(super) fn file_version(file: &dyn ReadAt) -> Option<FileVersion> {
    let pe = Pe::parse(file).ok()?;
    let bytes = pe.section_bytes(file, pe.section(".rsrc")?).ok()?;
    let at = bytes.windows(KEY.len()).position(|w| w == KEY)? + KEY.len();
    let fixed = (at..at + NEAR).find(|at| le32(&bytes, *at) == Some(SIGNATURE))?;
    let (most, least) = (le32(&bytes, fixed + 8)?, le32(&bytes, fixed + 12)?);
    let halves = |word: u32| ((word >> 16) as u16, (word & 0xFFFF) as u16);
    let ((major, minor), (build, revision)) = (halves(most), halves(least));
    Some(FileVersion {
        major,
        minor,
        build,
        revision,
    })
}
