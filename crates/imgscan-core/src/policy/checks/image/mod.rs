//! What concerns every image.

mod meta_001_complete;
mod meta_003_stopped;
#[cfg(test)]
mod meta_003_stopped_tests;

use super::registry::{Test, Untyped};

/// The checks of every image, sorted by name.
pub(super) const TESTS: &[&dyn Test] = &[
    &Untyped {
        name: "scan_complete",
        run: meta_001_complete::scan_complete,
    },
    &Untyped {
        name: "stopped",
        run: meta_003_stopped::stopped,
    },
];
