//! Windows guests.

use super::Guest;
use crate::fs::OpenVolume;

/// Finds every Windows system on `volumes`.
pub(super) fn find(_volumes: &[OpenVolume]) -> Vec<Guest> {
    Vec::new()
}
