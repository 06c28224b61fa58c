//! Items by what they mean for the outcome, for tests that look at several objects.

use crate::evidence::{Collected, Found, Gap};
use crate::policy::{Item, Outcome, Status};
use crate::text::Text;

/// Failures, and warnings, that [`Findings::first`] keeps.
const MAX_SHOWN: usize = 200;

/// What a test found, with how each counts (a failure, a warning or a pass), and what it could
/// not read.
#[derive(Default)]
pub(super) struct Findings {
    items: Vec<(Status, Item)>,
    pub(super) gaps: Vec<Gap>,
}

impl Findings {
    /// Nothing yet but `gaps`.
    pub(super) fn with_gaps(gaps: &[Gap]) -> Self {
        Self {
            items: Vec::new(),
            gaps: gaps.to_vec(),
        }
    }

    pub(super) fn add(&mut self, status: Status, item: Item) {
        self.items.push((status, item));
    }

    pub(super) fn fail(&mut self, item: Item) {
        self.add(Status::Fail, item);
    }

    pub(super) fn warn(&mut self, item: Item) {
        self.add(Status::Warn, item);
    }

    pub(super) fn good(&mut self, item: Item) {
        self.add(Status::Pass, item);
    }

    /// Files `item` as a failure where `counts`, and as a warning where not.
    pub(super) fn fail_if(&mut self, counts: bool, item: Item) {
        self.add(if counts { Status::Fail } else { Status::Warn }, item);
    }

    /// What was collected; its gaps are kept.
    pub(super) fn keep<T>(&mut self, found: Collected<T>) -> Vec<Found<T>> {
        self.gaps.extend(found.gaps);
        found.items
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// How many items count as `status`.
    pub(super) fn count(&self, status: Status) -> usize {
        self.items.iter().filter(|(s, _)| *s == status).count()
    }

    /// The worst of all.
    pub(super) fn worst(&self) -> Status {
        self.items.iter().map(|(s, _)| *s).fold(Status::Pass, worse)
    }

    /// The outcome: what is worst decides. `fail`, `warn` and `pass` are its reasons, `{}` in them
    /// the number of items that count so.
    pub(super) fn outcome(
        self,
        fail: impl Into<Text>,
        warn: impl Into<Text>,
        pass: impl Into<Text>,
    ) -> Outcome {
        self.concluded(usize::MAX, [fail.into(), warn.into(), pass.into()])
    }

    /// As [`Findings::outcome`], with the first failures and warnings only, where an image may
    /// have any number.
    pub(super) fn first(
        self,
        fail: impl Into<Text>,
        warn: impl Into<Text>,
        pass: impl Into<Text>,
    ) -> Outcome {
        self.concluded(MAX_SHOWN, [fail.into(), warn.into(), pass.into()])
    }

    fn concluded(mut self, most: usize, [fail, warn, pass]: [Text; 3]) -> Outcome {
        let worst = self.worst();
        let count = self.count(worst).to_string();
        let text = match worst {
            Status::Fail => fail,
            Status::Warn => warn,
            _ => pass,
        };
        self.items
            .sort_by_key(|(status, _)| std::cmp::Reverse(rank(*status)));
        let mut left = [most; 2];
        self.items.retain(|(status, _)| {
            let left = match status {
                Status::Fail => &mut left[0],
                Status::Warn => &mut left[1],
                _ => return true,
            };
            let keep = *left > 0;
            *left = left.saturating_sub(1);
            keep
        });
        let said = |text: &str| text.replace("{}", &count);
        Outcome::new(worst, said(&text.en), said(&text.zh))
            .evidence(self.items.into_iter().map(|(_, item)| item))
            .gaps(tidy(self.gaps))
    }
}

/// Better results first: a pass, a warning, what can't be told, a failure.
pub(super) fn rank(status: Status) -> u8 {
    match status {
        Status::Pass | Status::NotApplicable => 0,
        Status::Warn => 1,
        Status::Unknown => 2,
        _ => 3,
    }
}

/// The worse of both.
pub(super) fn worse(a: Status, b: Status) -> Status {
    if rank(a) >= rank(b) { a } else { b }
}

/// Gaps in a fixed order, each once.
pub(super) fn tidy(mut gaps: Vec<Gap>) -> Vec<Gap> {
    gaps.sort();
    gaps.dedup();
    gaps
}
