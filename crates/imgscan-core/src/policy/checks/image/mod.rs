//! What concerns every image.

mod meta_001_complete;
mod meta_002_hives;
#[cfg(test)]
mod meta_002_hives_tests;
mod meta_003_stopped;
#[cfg(test)]
mod meta_003_stopped_tests;
mod meta_005_sectors;
#[cfg(test)]
mod meta_005_sectors_tests;

use super::registry::{Test, Typed};

/// The checks of every image, sorted by name.
pub(super) const TESTS: &[&dyn Test] = &[
    &Typed {
        name: "meta_001_complete",
        run: meta_001_complete::run,
    },
    &Typed {
        name: "meta_002_hives",
        run: meta_002_hives::run,
    },
    &Typed {
        name: "meta_003_stopped",
        run: meta_003_stopped::run,
    },
    &Typed {
        name: "meta_005_sectors",
        run: meta_005_sectors::run,
    },
];
