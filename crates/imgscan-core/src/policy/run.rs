use super::{Check, Context, Gate, Item, Os, Outcome, Policy, Severity, Status, tests};
use crate::evidence::{Evidence, Gap};
use crate::guest::{Family, Guest};
use crate::text::Text;

/// The outcome of one check.
#[derive(Debug, Clone, serde::Serialize)]
pub struct CheckResult {
    /// The check's id.
    pub check: String,
    /// Its clauses.
    pub clause: Vec<String>,
    /// Its title.
    pub title: Text,
    /// How it ended.
    pub status: Status,
    /// What a violation does to the verdict.
    pub gate: Gate,
    /// How bad a violation is.
    pub severity: Severity,
    /// Why, in one sentence.
    pub reason: Text,
    /// The evidence.
    pub evidence: Vec<Item>,
    /// What it needed and could not read.
    pub gaps: Vec<Gap>,
    /// What a vendor should do, where there is something to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Text>,
}

/// The verdict over an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Every check that can stop the image is met.
    Accept,
    /// A person must decide.
    Review,
    /// A blocking check is not met.
    Reject,
}

/// Runs every check of `policy` on `guest`; without a guest what speaks of an operating system is
/// unknown, because none could be found to look at.
#[must_use]
pub fn run(policy: &Policy, guest: Option<&Guest>, image_gaps: &[Gap]) -> Vec<CheckResult> {
    let evidence = guest.map(Evidence::new);
    policy
        .checks
        .iter()
        .map(|check| {
            let outcome = outcome(policy, check, evidence.as_ref(), image_gaps);
            result(check, outcome)
        })
        .collect()
}

fn outcome(
    policy: &Policy,
    check: &Check,
    evidence: Option<&Evidence<'_>>,
    image_gaps: &[Gap],
) -> Outcome {
    let Some(evidence) = evidence else {
        return Outcome::new(
            Status::Unknown,
            "no operating system was found in what could be read of the image",
            "在镜像可读取的部分中未找到操作系统",
        )
        .gaps(image_gaps.iter().cloned());
    };
    let speaks = match check.os {
        Os::Any => true,
        Os::Linux => evidence.guest.family == Family::Linux,
        Os::Windows => evidence.guest.family == Family::Windows,
    };
    if !speaks {
        return Outcome::new(
            Status::NotApplicable,
            "the rule speaks of another operating system",
            "该规则针对其他操作系统",
        );
    }
    let Some(test) = tests::find(&check.test) else {
        return Outcome::new(Status::Error, "no such test", "没有该检测项");
    };
    let context = Context {
        evidence,
        policy,
        check,
        image_gaps,
    };
    test(&context)
        .unwrap_or_else(|e| Outcome::new(Status::Error, e.to_string(), format!("检测项出错：{e}")))
}

fn result(check: &Check, outcome: Outcome) -> CheckResult {
    let fix = matches!(
        outcome.status,
        Status::Warn | Status::Fail | Status::Unknown
    )
    .then(|| check.fix.clone());
    CheckResult {
        check: check.id.clone(),
        clause: check.clause.clone(),
        title: check.title.clone(),
        status: outcome.status,
        gate: check.gate,
        severity: check.severity,
        reason: outcome.reason,
        evidence: outcome.evidence,
        gaps: outcome.gaps,
        fix,
    }
}

/// The verdict over `results`: the worst of what each status does under its gate. Unknown on a
/// blocking check means review; an image without any result can't be accepted.
#[must_use]
pub fn verdict(results: &[CheckResult]) -> Verdict {
    let one = |r: &CheckResult| match (r.gate, r.status) {
        (Gate::Block, Status::Fail) => Verdict::Reject,
        (Gate::Block | Gate::Review, Status::Fail | Status::Unknown | Status::Error) => {
            Verdict::Review
        }
        _ => Verdict::Accept,
    };
    results.iter().map(one).max().unwrap_or(Verdict::Review)
}
