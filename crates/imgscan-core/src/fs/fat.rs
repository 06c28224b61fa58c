//! The fat reader.

use std::sync::Arc;

use super::FileSystem;
use crate::error::{Error, Layer, Result};
use crate::source::ReadAt;

/// Opens the fat file system on `volume`.
///
/// # Errors
/// If its superblock is not sound or needs a feature that is not supported.
pub fn open(_volume: Arc<dyn ReadAt>) -> Result<Arc<dyn FileSystem>> {
    Err(Error::unsupported(Layer::Fat, 0, "fat is not read yet"))
}
