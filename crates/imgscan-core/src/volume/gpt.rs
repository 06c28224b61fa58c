use std::sync::Arc;

use super::Table;
use crate::error::Result;
use crate::source::ReadAt;

pub(super) fn open(_disk: &Arc<dyn ReadAt>) -> Result<Option<Table>> {
    Ok(None)
}
