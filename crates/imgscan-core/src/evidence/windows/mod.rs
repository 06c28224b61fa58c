//! Facts of a Windows guest.

use crate::guest::Guest;

/// The collectors for a Windows guest.
pub struct Windows<'a> {
    guest: &'a Guest,
}

impl<'a> Windows<'a> {
    pub(super) fn new(guest: &'a Guest) -> Self {
        Self { guest }
    }

    /// The guest that the facts are of.
    #[must_use]
    pub fn guest(&self) -> &'a Guest {
        self.guest
    }
}
