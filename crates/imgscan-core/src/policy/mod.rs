//! Policies: which checks a marketplace asks for, and the verdict over their outcomes.
//!
//! What a marketplace may change is data (a [`Policy`], YAML); what proves a check is a test in
//! `checks`, named by the policy.

mod built_in;
mod checks;
mod data;
mod gap_fixes;
mod levels;
mod load;
mod params;
mod reference;
mod run;
mod schema;
mod waiver;

pub use checks::{Declared, DeclaredDifference, DeclaredUse, Judgement, Judgements, executions};
pub use data::{Base, Check, Gate, Os, Policy, Severity, Waiver};
pub use levels::{Level, Standing, SystemStanding, counted, reasons, standing, system};
pub use load::{Fault, Faults};
pub use params::{
    ArgumentEffect, Dns, FullBoot, Generalization, KernelArguments, Ntp, Params, ProfiledTools,
    RenamedProgram, WindowsDefaults, WindowsPrograms, WindowsRoots,
};
pub use reference::{reference, with_reference};
pub use run::{CheckResult, Verdict, covers, effect, run, verdict};
pub use schema::{declaration_schema, schema};
pub use waiver::{Date, apply, waivable};

use std::sync::atomic::{AtomicBool, Ordering};

use crate::evidence::{Evidence, Gap, Location};
use crate::text::Text;

/// How a check ended.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The rule is met, and everything it needs was read.
    Pass,
    /// Met, but something is worth a person's look.
    Warn,
    /// Not met.
    Fail,
    /// Can't be told: something it needs was not read.
    Unknown,
    /// The rule does not speak of such an image.
    NotApplicable,
    /// The check itself failed.
    Error,
    /// Not met, and excused by a recorded waiver.
    Waived,
}

impl Status {
    /// How bad it is: met 0, a warning 1, what can't be told 2, a failure 3.
    #[must_use]
    pub(crate) fn rank(self) -> u8 {
        match self {
            Self::Pass | Self::NotApplicable | Self::Waived => 0,
            Self::Warn => 1,
            Self::Unknown => 2,
            Self::Fail | Self::Error => 3,
        }
    }
}

/// What a rule of a policy makes of what breaks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Effect {
    /// A warning.
    Warn,
    /// It can't be told what it means: a person has to look.
    Unknown,
    /// A failure.
    Fail,
}

impl From<Effect> for Status {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::Warn => Self::Warn,
            Effect::Unknown => Self::Unknown,
            Effect::Fail => Self::Fail,
        }
    }
}

/// A piece of evidence in an outcome: where, and what was expected and found there.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Item {
    /// What it means for the outcome.
    pub status: Status,
    /// Where.
    #[serde(flatten)]
    pub at: Location,
    /// What was found there, for people.
    pub note: Text,
    /// What the rule wants there (Required).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Text>,
    /// What is there (Actual). Secrets are masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Text>,
}

impl Item {
    /// What `note` says of a place.
    #[must_use]
    pub fn at(at: Location, note: Text) -> Self {
        Self {
            status: Status::Pass,
            at,
            note,
            expected: None,
            found: None,
        }
    }

    /// With what the rule wants and what is there.
    #[must_use]
    pub fn compare(mut self, expected: Text, found: Text) -> Self {
        self.expected = Some(expected);
        self.found = Some(found);
        self
    }
}

/// What a test says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// Why, in one sentence.
    pub reason: Text,
    /// The evidence, in a fixed order.
    pub evidence: Vec<Item>,
    /// How many more items there are, besides the evidence that is listed.
    pub omitted: usize,
    /// What could not be read of what the test needed.
    pub gaps: Vec<Gap>,
    /// What mends it, with everything filled in.
    pub fixes: Vec<Text>,
}

impl Outcome {
    /// An outcome without evidence.
    #[must_use]
    pub fn of(status: Status, reason: Text) -> Self {
        Self {
            status,
            reason,
            evidence: Vec::new(),
            omitted: 0,
            gaps: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// With evidence.
    #[must_use]
    pub fn evidence(mut self, items: impl IntoIterator<Item = Item>) -> Self {
        self.evidence.extend(items);
        self
    }

    /// With the gaps that the test met. A pass or a warning with a gap becomes unknown, and the
    /// reason says so: a gap never reads as a pass. A failure stays one, for it was proven by what
    /// was read.
    #[must_use]
    pub fn gaps(mut self, gaps: impl IntoIterator<Item = Gap>) -> Self {
        self.gaps.extend(gaps);
        if !self.gaps.is_empty()
            && matches!(
                self.status,
                Status::Pass | Status::Warn | Status::NotApplicable
            )
        {
            self.blind();
        }
        self
    }

    /// As [`Outcome::gaps`], where a failure rests on something that was not found: what could not
    /// be read may hold it, so nothing is proven.
    #[must_use]
    pub fn unless_hidden(mut self, gaps: impl IntoIterator<Item = Gap>) -> Self {
        self = self.gaps(gaps);
        if self.status == Status::Fail && !self.gaps.is_empty() {
            self.blind();
        }
        self
    }

    /// Makes it unknown because of its gaps, and with it what would have been a failure.
    fn blind(&mut self) {
        self.status = Status::Unknown;
        for item in &mut self.evidence {
            if item.status.rank() > Status::Unknown.rank() {
                item.status = Status::Unknown;
            }
        }
        let count = self.gaps.len();
        let place = self.gaps.first().map(|gap| gap.at.to_string());
        self.reason = match place.as_deref().map(|p| p.trim_end_matches(':')) {
            Some(place) if !place.is_empty() => say!(check_gaps, count = count, place = place),
            _ => say!(check_gaps_nowhere, count = count),
        };
    }
}

/// How a test sees the registry of a Windows: as it is, or as the next refresh of group policies leaves it.
#[derive(Debug, Default)]
pub struct RegistryView {
    after_policies: bool,
    differs: AtomicBool,
}

impl RegistryView {
    /// With what group policies will set.
    #[must_use]
    pub fn after_policies() -> Self {
        Self {
            after_policies: true,
            differs: AtomicBool::new(true),
        }
    }

    /// True where it is with what group policies will set.
    pub(crate) fn is_after_policies(&self) -> bool {
        self.after_policies
    }

    /// Notes that a test asked for what they will change.
    pub(crate) fn note_difference(&self) {
        self.differs.store(true, Ordering::Relaxed);
    }

    /// True where a test asked for what they will change.
    pub(crate) fn differs(&self) -> bool {
        self.differs.load(Ordering::Relaxed)
    }
}

/// What a test gets: the evidence, the whole policy and the check that names the test.
pub struct Context<'a> {
    /// The collectors of the guest under test.
    pub evidence: &'a Evidence<'a>,
    /// The policy.
    pub policy: &'a Policy,
    /// Its shared parameters.
    pub shared: &'a Params,
    /// The check.
    pub check: &'a Check,
    /// Gaps of the image as a whole: volumes, tables and containers that could not be read.
    pub image_gaps: &'a [Gap],
    /// How it sees the registry of a Windows.
    pub registry: &'a RegistryView,
}
