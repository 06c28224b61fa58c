//! The qcow2 container.

use std::path::Path;
use std::sync::Arc;

use super::{Container, OpenOptions};
use crate::error::{Error, Layer, Result};
use crate::source::FileSource;

/// True where `head`, the first bytes of a file, are those of qcow2 version 2 or later.
#[must_use]
pub fn matches(head: &[u8]) -> bool {
    head.starts_with(b"QFI\xfb") && crate::bytes::be32(head, 4).is_some_and(|v| v >= 2)
}

/// Opens the qcow2 image `file`, which stands at `path`.
///
/// # Errors
/// If the header is not sound or needs a feature that is not supported.
pub fn open(_path: &Path, _file: Arc<FileSource>, _options: &OpenOptions) -> Result<Container> {
    Err(Error::unsupported(Layer::Qcow2, 0, "qcow2 is not read yet"))
}
