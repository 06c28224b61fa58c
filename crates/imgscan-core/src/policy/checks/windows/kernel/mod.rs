//! What runs in ring 0.

mod boot;
#[cfg(test)]
mod boot_tests;
mod bypass;
#[cfg(test)]
mod bypass_tests;
mod drivers;
mod events;
#[cfg(test)]
mod events_tests;
mod files;
pub(super) mod kernel_005_code_integrity;
pub(super) mod kernel_007_early_values;
#[cfg(test)]
mod link_tests;
#[cfg(test)]
mod policy_tests;
#[cfg(test)]
mod reference_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod verdict_tests;
mod whole;

pub(super) use boot::{resolves, weakened};
pub(super) use bypass::none as no_bypass;
pub(super) use drivers::drivers;
pub(super) use events::quiet;
pub(super) use files::{core, linked, listed, reference};
pub(super) use kernel_005_code_integrity::unsigned_boot_drivers;
pub(super) use whole::{builds, verdict};

use crate::evidence::Gap;
use crate::policy::checks::findings::{rank, worse};
use crate::policy::{Item, Outcome, Status};

/// A sentence in English and in Chinese.
type Words<'a> = (&'a str, &'a str);
/// Findings that are shown; the worst come first.
const MAX_SHOWN: usize = 500;

/// The findings of one check.
struct Found {
    worst: Status,
    items: Vec<(u8, Item)>,
    gaps: Vec<Gap>,
}

impl Found {
    fn new(gaps: &[Gap]) -> Self {
        Self {
            worst: Status::Pass,
            items: Vec::new(),
            gaps: gaps.to_vec(),
        }
    }

    fn add(&mut self, status: Status, item: Item) {
        self.worst = worse(self.worst, status);
        self.items.push((rank(status), item));
    }

    /// The outcome, worded by its status: pass, warn, unknown, fail.
    fn outcome(
        mut self,
        pass: Words<'_>,
        warn: Words<'_>,
        unknown: Words<'_>,
        fail: Words<'_>,
    ) -> Outcome {
        let (en, zh) = match self.worst {
            Status::Pass => pass,
            Status::Warn => warn,
            Status::Unknown => unknown,
            _ => fail,
        };
        self.items.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
        let items = self.items.into_iter().map(|(_, item)| item);
        Outcome::new(self.worst, en, zh)
            .evidence(items.take(MAX_SHOWN))
            .gaps(self.gaps)
    }
}
