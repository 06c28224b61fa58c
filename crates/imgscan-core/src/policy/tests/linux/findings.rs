//! Items by what they mean for the outcome, for tests that look at several objects.

use super::tidy;
use crate::evidence::Gap;
use crate::policy::{Item, Outcome, Status};

/// What a test found, and what it could not read.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) fails: Vec<Item>,
    pub(super) warns: Vec<Item>,
    pub(super) good: Vec<Item>,
    pub(super) gaps: Vec<Gap>,
}

impl Findings {
    /// The outcome: what is worst decides. `texts`: the reason for a failure, for a warning, and
    /// for a pass, each English and Chinese.
    pub(super) fn outcome(self, texts: [(&str, &str); 3]) -> Outcome {
        let (status, (en, zh)) = if !self.fails.is_empty() {
            (Status::Fail, texts[0])
        } else if !self.warns.is_empty() {
            (Status::Warn, texts[1])
        } else {
            (Status::Pass, texts[2])
        };
        Outcome::new(status, en, zh)
            .evidence(self.fails)
            .evidence(self.warns)
            .evidence(self.good)
            .gaps(tidy(self.gaps))
    }

    /// Files `item` as a failure where `counts`, and as a warning where not.
    pub(super) fn fail_if(&mut self, counts: bool, item: Item) {
        if counts {
            self.fails.push(item);
        } else {
            self.warns.push(item);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.fails.is_empty() && self.warns.is_empty() && self.good.is_empty()
    }
}
