//! Facts of a Linux guest. Each collector runs when its facts are first asked for.

mod accounts;
mod kernels;
mod packages;
mod reader;
mod start;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

pub use accounts::{Account, Accounts, Database, Group, Password, ShadowEntry};
pub use kernels::{Kernel, KernelFormat, Kernels, Owner, Recorded};
pub use packages::{ForeignDatabase, Package, Packages};
pub use reader::TextFile;
pub use start::{Inactive, Start, StartLine, Starter, programs};

use crate::guest::Guest;
use reader::Reader;

/// The collectors for a Linux guest.
pub struct Linux<'a> {
    guest: &'a Guest,
    accounts: OnceLock<Accounts>,
    packages: OnceLock<Packages>,
    kernels: OnceLock<Kernels>,
    start: OnceLock<Start>,
}

impl<'a> Linux<'a> {
    pub(super) fn new(guest: &'a Guest) -> Self {
        Self {
            guest,
            accounts: OnceLock::new(),
            packages: OnceLock::new(),
            kernels: OnceLock::new(),
            start: OnceLock::new(),
        }
    }

    /// The guest that the facts are of.
    #[must_use]
    pub fn guest(&self) -> &'a Guest {
        self.guest
    }

    /// Users, groups and the class of each password.
    pub fn accounts(&self) -> &Accounts {
        self.accounts
            .get_or_init(|| accounts::collect(&self.reader()))
    }

    /// Installed packages.
    pub fn packages(&self) -> &Packages {
        self.packages
            .get_or_init(|| packages::collect(&self.reader()))
    }

    /// Kernels that could be booted, with the packages that own them.
    pub fn kernels(&self) -> &Kernels {
        self.kernels
            .get_or_init(|| kernels::collect(&self.reader(), self.packages(), &[]))
    }

    /// What starts by itself.
    pub fn start(&self) -> &Start {
        self.start.get_or_init(|| {
            let debian = self.packages().has_dpkg;
            start::collect(&self.reader(), self.accounts(), debian)
        })
    }

    fn reader(&self) -> Reader<'a> {
        Reader::new(&self.guest.paths)
    }
}
