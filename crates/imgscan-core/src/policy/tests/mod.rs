//! The tests that prove checks. A test sees evidence and parameters, never a file system.

mod findings;
mod image;
mod linux;
mod stopped;
#[cfg(test)]
mod stopped_tests;
mod windows;

use super::{Context, Outcome};
use crate::error::Result;

/// A test. An error means that the policy's parameters do not fit.
pub type Test = fn(&Context<'_>) -> Result<Outcome>;

/// Every test by the name that policies use.
#[must_use]
pub fn find(name: &str) -> Option<Test> {
    let all = image::TESTS
        .iter()
        .chain(linux::TESTS)
        .chain(windows::TESTS);
    all.into_iter()
        .find(|(n, _)| *n == name)
        .map(|(_, test)| *test)
}
