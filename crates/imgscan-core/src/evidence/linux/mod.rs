//! Facts of a Linux guest.

use crate::guest::Guest;

/// The collectors for a Linux guest.
pub struct Linux<'a> {
    guest: &'a Guest,
}

impl<'a> Linux<'a> {
    pub(super) fn new(guest: &'a Guest) -> Self {
        Self { guest }
    }

    /// The guest that the facts are of.
    #[must_use]
    pub fn guest(&self) -> &'a Guest {
        self.guest
    }
}
