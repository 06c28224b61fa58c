//! The ntfs reader.

use std::sync::Arc;

use super::FileSystem;
use crate::error::{Error, Layer, Result};
use crate::source::ReadAt;

/// Opens the ntfs file system on `volume`.
///
/// # Errors
/// If its superblock is not sound or needs a feature that is not supported.
pub fn open(_volume: Arc<dyn ReadAt>) -> Result<Arc<dyn FileSystem>> {
    Err(Error::unsupported(Layer::Ntfs, 0, "ntfs is not read yet"))
}
