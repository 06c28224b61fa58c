//! Evidence: facts of a guest with where each was read, and gaps where one could not be.
//!
//! A collector knows no rule. Collectors run when a check first asks for their facts and then
//! keep them, so an image is read only as far as the policy needs.

pub mod files;
pub mod gaps;
pub mod linux;
mod ring0;
pub mod windows;

pub use crate::guest::{Collected, Found, Gap, Location};
pub use ring0::{BuiltInKey, Nature, Object, ObjectKind, Ring0, Ring0Fact, Shortfall};

use crate::baseline::Baseline;
use crate::declaration::Declaration;
use crate::guest::Guest;
use crate::trust::Bundle;

/// What the user gave beside the image: what its parts are held against.
#[derive(Debug, Clone, Copy, Default)]
pub struct References<'a> {
    /// Pinned public keys and certificates; `None` for those that are compiled in, which are read when first asked for.
    pub trust: Option<&'a Bundle>,
    /// Files known good, where the user named such a database.
    pub baseline: Option<&'a Baseline>,
}

impl<'a> References<'a> {
    /// The pinned public keys and certificates.
    #[must_use]
    pub fn bundle(&self) -> &'a Bundle {
        match self.trust {
            Some(bundle) => bundle,
            None => Bundle::built_in(),
        }
    }
}

/// The evidence that checks ask for: collectors of one guest.
pub struct Evidence<'a> {
    /// The guest.
    pub guest: &'a Guest,
    /// What its parts are held against.
    pub references: References<'a>,
    /// Facts about single files.
    pub files: files::Files<'a>,
    /// Facts of a Linux guest; empty for another.
    pub linux: linux::Linux<'a>,
    /// Facts of a Windows guest; empty for another.
    pub windows: windows::Windows<'a>,
    /// What the vendor declares of the product, where the user gave that.
    pub declaration: Option<&'a Declaration>,
}

impl<'a> Evidence<'a> {
    /// The collectors for `guest` with what is compiled in; nothing is read yet.
    #[must_use]
    pub fn new(guest: &'a Guest) -> Self {
        Self::with(guest, References::default())
    }

    /// The collectors for `guest`, held against `references`; nothing is read yet.
    #[must_use]
    pub fn with(guest: &'a Guest, references: References<'a>) -> Self {
        Self {
            guest,
            references,
            files: files::Files::new(&guest.paths),
            linux: linux::Linux::new(guest, references),
            windows: windows::Windows::new(guest, references),
            declaration: None,
        }
    }

    /// With what the vendor declares of the product.
    #[must_use]
    pub fn declared(mut self, declaration: Option<&'a Declaration>) -> Self {
        self.declaration = declaration;
        self
    }
}
