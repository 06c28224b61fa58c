use super::gap_fixes;
use super::load::Node;
use super::{
    Check, Context, Gate, Item, Os, Outcome, Params, Policy, RegistryView, Severity, Status, checks,
};
use crate::error::{Layer, contained};
use crate::evidence::gaps::told;
use crate::evidence::{Evidence, Gap};
use crate::guest::Family;
use crate::inspect::{Progress, Step};
use crate::text::Text;

/// The outcome of one check.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct CheckResult {
    /// The check's id.
    pub check: String,
    /// Its clauses.
    pub clause: Vec<String>,
    /// Its title.
    pub title: Text,
    /// The root volume of the guest it speaks of, where the image holds several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guest: Option<String>,
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
    /// How many more items there are, besides the evidence that is listed.
    pub omitted: usize,
    /// What it needed and could not read.
    pub gaps: Vec<Gap>,
    /// What a vendor should do, where there is something to do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fix: Vec<Text>,
}

/// The verdict over an image.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Every check that can stop the image is met.
    Accept,
    /// A person must decide.
    Review,
    /// A blocking check is not met.
    Reject,
}

/// Runs every check of `policy` on every guest that it speaks of, in the order of the policy and
/// of the guests. Without a guest what speaks of an operating system is unknown, because none
/// could be found to look at.
#[must_use]
pub fn run(
    policy: &Policy,
    guests: &[Evidence<'_>],
    image_gaps: &[Gap],
    progress: Progress<'_>,
) -> Vec<CheckResult> {
    let mut results = Vec::new();
    let shared = checks::registry::shared(&policy.params);
    for check in &policy.checks {
        progress(Step::Check(&check.id));
        let spoken_of: Vec<&Evidence<'_>> = guests
            .iter()
            .filter(|e| speaks_of(check, e.guest.family))
            .collect();
        if spoken_of.is_empty() {
            let outcome = if guests.is_empty() {
                no_guest(image_gaps)
            } else {
                other_system()
            };
            results.push(result(check, None, outcome, image_gaps));
        }
        for evidence in spoken_of {
            let guest = (guests.len() > 1).then(|| evidence.guest.root_volume.clone());
            let outcome = outcome(policy, shared.as_ref(), check, evidence, image_gaps);
            results.push(result(check, guest, outcome, image_gaps));
        }
    }
    results
}

fn speaks_of(check: &Check, family: Family) -> bool {
    match check.os {
        Os::Any => true,
        Os::Linux => family == Family::Linux,
        Os::Windows => family == Family::Windows,
    }
}

/// True where a check of `policy` that can stop an image speaks of guests of `family`. An image
/// that holds a system of which the policy says nothing is not judged by it.
#[must_use]
pub fn covers(policy: &Policy, family: Family) -> bool {
    let stops = |check: &Check| matches!(check.gate, Gate::Block | Gate::Review);
    let mut checks = policy.checks.iter();
    checks.any(|check| stops(check) && speaks_of(check, family))
}

fn no_guest(image_gaps: &[Gap]) -> Outcome {
    let mut outcome = Outcome::of(Status::Unknown, say!(check_no_system));
    outcome.gaps = image_gaps.to_vec();
    outcome
}

fn other_system() -> Outcome {
    Outcome::of(Status::NotApplicable, say!(check_other_system))
}

fn outcome(
    policy: &Policy,
    shared: Result<&Params, &Text>,
    check: &Check,
    evidence: &Evidence<'_>,
    image_gaps: &[Gap],
) -> Outcome {
    let Some(test) = checks::find(&check.test) else {
        let reason = say!(check_no_such_test, test = check.test.as_str());
        return Outcome::of(Status::Error, reason);
    };
    // A policy that was loaded has parameters that fit; one that was put together may not.
    let bad = |problem: Text| {
        let reason = say!(check_bad_parameter, problem = problem);
        Outcome::of(Status::Error, reason)
    };
    let shared = match shared {
        Ok(shared) => shared,
        Err(problem) => return bad(problem.clone()),
    };
    let test = match test.ready(&Node::from(&check.with)) {
        Ok(test) => test,
        Err(problem) => return bad(problem),
    };
    let run = |registry: &RegistryView| {
        let context = Context {
            evidence,
            policy,
            shared,
            check,
            image_gaps,
            registry,
        };
        contained(
            Layer::Policy,
            || Text::verbatim(&check.id),
            || test(&context),
        )
        .unwrap_or_else(|e| Outcome::of(Status::Error, say!(check_error, error = e.text())))
    };
    let view = RegistryView::default();
    let now = run(&view);
    match view.differs() {
        true => with_upcoming(now, run(&RegistryView::after_policies())),
        false => now,
    }
}

/// The outcome over the registry as it is, with what the values that group policies will set add to it: whether
/// they are set before the first customer gets the image can't be told, so the worse counts.
fn with_upcoming(now: Outcome, next: Outcome) -> Outcome {
    let is_policy = |item: &&Item| {
        let path = item.at.path.as_deref().unwrap_or_default();
        path.ends_with("/Registry.pol") && item.status.rank() > 0
    };
    let file = next.evidence.iter().find(is_policy);
    let file = file.and_then(|item| item.at.path.clone());
    let (mut out, other) = match next.status.rank() > now.status.rank() {
        true => (next, now),
        false => (now, next),
    };
    for item in other.evidence {
        if item.status.rank() > 0 && !out.evidence.contains(&item) {
            out.evidence.push(item);
        }
    }
    out.evidence
        .sort_by_key(|item| std::cmp::Reverse(item.status.rank()));
    let more = other.gaps.into_iter();
    let more: Vec<Gap> = more.filter(|gap| !out.gaps.contains(gap)).collect();
    let mut out = out.gaps(more);
    if let Some(file) = file {
        out.fixes
            .insert(0, say!(win_fix_upcoming_policies, file = file));
    }
    out
}

/// True where a sentence that is named for a status stands under that status.
fn worded_for(outcome: &Outcome) -> bool {
    let named = [
        ("-pass", Status::Pass),
        ("-warn", Status::Warn),
        ("-fail", Status::Fail),
        ("-unknown", Status::Unknown),
    ];
    let code = &outcome.reason.code;
    named
        .iter()
        .all(|(end, status)| !code.ends_with(end) || outcome.status == *status)
}

/// True where no item is worse than the outcome that it is evidence for.
fn bounded(outcome: &Outcome) -> bool {
    let most = outcome.status.rank();
    outcome
        .evidence
        .iter()
        .all(|item| item.status.rank() <= most)
}

fn result(
    check: &Check,
    guest: Option<String>,
    outcome: Outcome,
    image_gaps: &[Gap],
) -> CheckResult {
    debug_assert!(
        worded_for(&outcome),
        "{}: {:?} under {:?}",
        check.id,
        outcome.reason,
        outcome.status
    );
    debug_assert!(
        bounded(&outcome),
        "{}: {:?} with {:?}",
        check.id,
        outcome.status,
        outcome.evidence
    );
    let fix = fixes(check, &outcome, image_gaps);
    CheckResult {
        check: check.id.clone(),
        clause: check.clause.clone(),
        title: check.title.clone(),
        guest,
        status: outcome.status,
        gate: check.gate,
        severity: check.severity,
        reason: outcome.reason,
        evidence: outcome.evidence,
        omitted: outcome.omitted,
        gaps: told(outcome.gaps),
        fix,
    }
}

/// What to do: of a rule that is not met what the check said, or else the rule's own words; of
/// what could not be read how it can be made readable.
fn fixes(check: &Check, outcome: &Outcome, image_gaps: &[Gap]) -> Vec<Text> {
    match outcome.status {
        Status::Fail | Status::Warn => own_fixes(check, outcome),
        Status::Unknown => {
            let mut fixes = outcome.fixes.clone();
            fixes.extend(gap_fixes::fixes(&outcome.gaps, image_gaps));
            if fixes.is_empty() {
                fixes = own_fixes(check, outcome);
            }
            fixes
        }
        _ => Vec::new(),
    }
}

/// The policy's own words, and what the check said; or else the rule's general words.
fn own_fixes(check: &Check, outcome: &Outcome) -> Vec<Text> {
    let policy = Some(&check.fix).filter(|fix| !fix.is_empty());
    let mut fixes: Vec<Text> = policy.into_iter().chain(&outcome.fixes).cloned().collect();
    if fixes.is_empty() {
        fixes.extend(check.words("fix"));
    }
    fixes
}

/// The verdict over `results`: the worst of what each status does under its gate.
///
/// A failure under `block` rejects. A failure under `review`, and under either of the two what
/// could not be decided, wants a person; so does a check that itself failed, whatever its gate,
/// because then this program has a fault. A warning is an acceptance with a note. `complete`
/// tells that an operating system was found, that the policy [`covers`] each one, and that the
/// image has no gap as a whole ([`crate::evidence::gaps::image_gaps`]): no check can speak for what nobody could read, so an
/// incomplete image is never accepted. Nor is one of which no check spoke at all.
#[must_use]
pub fn verdict(results: &[CheckResult], complete: bool) -> Verdict {
    let spoke = results.iter().any(|r| r.status != Status::NotApplicable);
    let floor = if complete && spoke {
        Verdict::Accept
    } else {
        Verdict::Review
    };
    results.iter().map(effect).fold(floor, Verdict::max)
}

/// What one result does to the verdict.
#[must_use]
pub fn effect(result: &CheckResult) -> Verdict {
    match (result.gate, result.status) {
        (Gate::Block, Status::Fail) => Verdict::Reject,
        (Gate::Review, Status::Fail)
        | (Gate::Block | Gate::Review, Status::Unknown)
        | (_, Status::Error) => Verdict::Review,
        (Gate::Advisory | Gate::Info, Status::Fail | Status::Unknown)
        | (_, Status::Pass | Status::Warn | Status::NotApplicable | Status::Waived) => {
            Verdict::Accept
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::fs::FileSystem as _;
    use crate::fs::memory::MemoryFs;
    use crate::guest::{Guest, PathSpace};

    fn with(gate: Gate, status: Status) -> CheckResult {
        let check = Check {
            id: "X-1".into(),
            clause: Vec::new(),
            title: Text::default(),
            os: Os::Any,
            severity: Severity::High,
            gate,
            test: "meta_001_complete".into(),
            with: serde_json::Map::new(),
            fix: Text::default(),
        };
        result(&check, None, Outcome::of(status, Text::default()), &[])
    }

    fn guest(family: Family, volume: &str) -> Guest {
        let fs = Arc::new(MemoryFs::default());
        let root = fs.root();
        Guest {
            family,
            os: crate::guest::Os::default(),
            root_volume: volume.into(),
            paths: PathSpace::from_fs(volume, fs, root),
            mounts: crate::guest::linux::mounts::MountPlan::default(),
            problems: Vec::new(),
            disk: None,
        }
    }

    fn policy(checks: &[(&str, Os)]) -> Policy {
        let mut policy = Policy::built_in("tencent-marketplace").unwrap();
        let check = |(id, os): &(&str, Os)| Check {
            id: (*id).into(),
            os: *os,
            gate: Gate::Block,
            ..policy.checks[0].clone()
        };
        policy.checks = checks.iter().map(check).collect();
        policy
    }

    #[test]
    fn every_guest_is_judged_and_named_where_there_are_several() {
        let policy = policy(&[("A-1", Os::Any), ("L-1", Os::Linux), ("W-1", Os::Windows)]);
        let guests = [guest(Family::Linux, "p1"), guest(Family::Linux, "p2")];
        let evidence: Vec<Evidence<'_>> = guests.iter().map(Evidence::new).collect();
        let results = run(&policy, &evidence, &[], &|_| {});
        let seen: Vec<_> = results
            .iter()
            .map(|r| (r.check.as_str(), r.guest.as_deref(), r.status))
            .collect();
        assert_eq!(
            seen,
            [
                ("A-1", Some("p1"), Status::Pass),
                ("A-1", Some("p2"), Status::Pass),
                ("L-1", Some("p1"), Status::Pass),
                ("L-1", Some("p2"), Status::Pass),
                ("W-1", None, Status::NotApplicable),
            ]
        );
        let alone = run(&policy, &evidence[..1], &[], &|_| {});
        assert!(alone.iter().all(|r| r.guest.is_none()));
        let none = run(&policy, &[], &[], &|_| {});
        assert!(none.iter().all(|r| r.status == Status::Unknown));
    }

    #[test]
    fn a_policy_covers_the_systems_that_its_stopping_checks_speak_of() {
        let linux = policy(&[("L-1", Os::Linux)]);
        assert!(covers(&linux, Family::Linux));
        assert!(!covers(&linux, Family::Windows));
        let mut advice = policy(&[("A-1", Os::Any)]);
        assert!(covers(&advice, Family::Windows));
        advice.checks[0].gate = Gate::Info;
        assert!(!covers(&advice, Family::Windows));
    }

    #[test]
    fn each_status_under_each_gate_has_its_effect() {
        use Verdict::{Accept, Reject, Review};
        let table = [
            // status, block, review, advisory, info
            (Status::Pass, [Accept, Accept, Accept, Accept]),
            (Status::Warn, [Accept, Accept, Accept, Accept]),
            (Status::Fail, [Reject, Review, Accept, Accept]),
            (Status::Unknown, [Review, Review, Accept, Accept]),
            (Status::NotApplicable, [Accept, Accept, Accept, Accept]),
            (Status::Error, [Review, Review, Review, Review]),
            (Status::Waived, [Accept, Accept, Accept, Accept]),
        ];
        let gates = [Gate::Block, Gate::Review, Gate::Advisory, Gate::Info];
        for (status, expected) in table {
            for (gate, expected) in gates.into_iter().zip(expected) {
                assert_eq!(effect(&with(gate, status)), expected, "{gate:?} {status:?}");
            }
        }
    }

    #[test]
    fn the_worst_effect_is_the_verdict_and_a_gap_is_never_accepted() {
        let pass = || with(Gate::Block, Status::Pass);
        let fail = || with(Gate::Block, Status::Fail);
        let unknown = || with(Gate::Block, Status::Unknown);
        assert_eq!(verdict(&[pass()], true), Verdict::Accept);
        assert_eq!(verdict(&[pass()], false), Verdict::Review);
        assert_eq!(verdict(&[unknown(), fail(), pass()], true), Verdict::Reject);
        assert_eq!(verdict(&[fail()], false), Verdict::Reject);
        assert_eq!(verdict(&[pass(), unknown()], true), Verdict::Review);
        assert_eq!(verdict(&[], true), Verdict::Review);
        let silent = with(Gate::Block, Status::NotApplicable);
        assert_eq!(verdict(&[silent], true), Verdict::Review);
    }
}
