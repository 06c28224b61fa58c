//! Where the blocks of a file are.

/// Where a run of blocks is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the volume from this block on.
    Data(u64),
    /// Allocated, but never written: zeros.
    Unwritten,
    /// Not known: the error of this number says why.
    Bad(u16),
}

/// `len` blocks of a file from block `logical`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// First block of the file.
    pub logical: u32,
    /// Number of blocks.
    pub len: u32,
    /// Where they are.
    pub place: Place,
}

impl Run {
    /// The block behind the last.
    pub(super) fn end(&self) -> u64 {
        u64::from(self.logical).saturating_add(self.len.into())
    }
}
