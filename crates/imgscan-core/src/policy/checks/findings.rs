//! What a check found: items by what each means for the outcome, and what could not be read.

use crate::evidence::{Collected, Found, Gap};
use crate::policy::{Item, Outcome, Status};
use crate::text::{Arg, Text};

/// Items of one status that an outcome keeps; the others are counted.
const MAX_SHOWN: usize = 500;
/// Fixes that an outcome keeps.
const MAX_FIXES: usize = 50;

/// What a check found so far. Each item counts as a failure, as something that can't be told, as a
/// warning, or as met; the worst decides.
#[derive(Default)]
pub(crate) struct Findings {
    items: Vec<Item>,
    gaps: Vec<Gap>,
    fixes: Vec<Text>,
    /// What makes the answer known, where it is not.
    fixes_of_unknown: Vec<Text>,
}

impl Findings {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Nothing yet but `gaps`.
    pub(crate) fn with_gaps(gaps: &[Gap]) -> Self {
        Self {
            gaps: gaps.to_vec(),
            ..Self::default()
        }
    }

    /// Files `item` under `status`.
    pub(crate) fn add(&mut self, status: Status, mut item: Item) {
        item.status = status;
        self.items.push(item);
    }

    /// What breaks the rule.
    pub(crate) fn fail(&mut self, item: Item) {
        self.add(Status::Fail, item);
    }

    /// What can't be told, though everything could be read.
    pub(crate) fn unknown(&mut self, item: Item) {
        self.add(Status::Unknown, item);
    }

    /// What is worth a look.
    pub(crate) fn warn(&mut self, item: Item) {
        self.add(Status::Warn, item);
    }

    /// What meets the rule.
    pub(crate) fn pass(&mut self, item: Item) {
        self.add(Status::Pass, item);
    }

    /// Files `item` as a failure where `counts`, and as a warning where not.
    pub(crate) fn fail_if(&mut self, counts: bool, item: Item) {
        self.add(if counts { Status::Fail } else { Status::Warn }, item);
    }

    /// What could not be read.
    pub(crate) fn gap(&mut self, gap: Gap) {
        self.gaps.push(gap);
    }

    /// What could not be read.
    pub(crate) fn gaps(&mut self, gaps: impl IntoIterator<Item = Gap>) {
        self.gaps.extend(gaps);
    }

    /// A value, or its gap.
    pub(crate) fn read<T: Default>(&mut self, read: Result<T, Gap>) -> T {
        read.unwrap_or_else(|gap| {
            self.gap(gap);
            T::default()
        })
    }

    /// What was collected; its gaps are kept.
    pub(crate) fn keep<T>(&mut self, found: Collected<T>) -> Vec<Found<T>> {
        self.gaps.extend(found.gaps);
        found.items
    }

    /// What mends the item that was added last: a whole command, or a file and what it should hold.
    /// Where the answer is unknown, only what mends unknown items is said.
    pub(crate) fn fix(&mut self, fix: Text) {
        match self.items.last() {
            Some(item) if item.status == Status::Unknown => self.fix_of_unknown(fix),
            _ => push(&mut self.fixes, fix),
        }
    }

    /// What makes the answer known, where it is not.
    pub(crate) fn fix_of_unknown(&mut self, fix: Text) {
        push(&mut self.fixes_of_unknown, fix);
    }

    /// What could not be read; it does not count any more.
    pub(crate) fn take_gaps(&mut self) -> Vec<Gap> {
        std::mem::take(&mut self.gaps)
    }

    /// Takes over what `other` found.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.items.extend(other.items);
        self.gaps.extend(other.gaps);
        for fix in other.fixes {
            self.fix(fix);
        }
    }

    /// Takes over the items of `other` as mere evidence: what it found, did not read and would
    /// mend does not matter for the outcome.
    pub(crate) fn show(&mut self, other: Self) {
        for item in other.items {
            self.pass(item);
        }
    }

    /// True where nothing was found; gaps do not count.
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// True where everything that was asked for could be read.
    pub(crate) fn complete(&self) -> bool {
        self.gaps.is_empty()
    }

    /// How many items count as `status`.
    pub(crate) fn count(&self, status: Status) -> usize {
        self.items.iter().filter(|i| i.status == status).count()
    }

    /// The worst of all items.
    pub(crate) fn worst(&self) -> Status {
        let all = self.items.iter().map(|item| item.status);
        all.fold(Status::Pass, worse)
    }

    /// The outcome: the worst item decides. `reason` words it, given that status and how many
    /// items have it. It is asked for `Unknown` only where an item is so; where a gap hides the
    /// answer the reason names the gap.
    pub(crate) fn conclude(self, reason: impl Fn(Status, usize) -> Text) -> Outcome {
        let worst = self.worst();
        self.concluded(worst, reason)
    }

    /// As [`Findings::conclude`], with a status that does not follow from the items alone.
    pub(crate) fn concluded(
        mut self,
        status: Status,
        reason: impl Fn(Status, usize) -> Text,
    ) -> Outcome {
        let reason = reason(status, self.count(status));
        self.items
            .sort_by_key(|item| std::cmp::Reverse(item.status.rank()));
        let mut outcome = Outcome::of(status, reason);
        let mut seen = [0_usize; 4];
        for item in self.items {
            let seen = &mut seen[usize::from(item.status.rank())];
            *seen += 1;
            if *seen <= MAX_SHOWN {
                outcome.evidence.push(item);
            } else {
                outcome.omitted += 1;
            }
        }
        let mut outcome = outcome.gaps(tidy(self.gaps));
        if outcome.status != Status::Unknown {
            outcome.fixes = self.fixes;
        }
        outcome.fixes.extend(self.fixes_of_unknown);
        if outcome.fixes.len() > MAX_FIXES {
            outcome.fixes.truncate(MAX_FIXES);
            outcome.fixes.push(say!(fix_more));
        }
        outcome
    }

    /// The outcome where the gaps leave nothing to judge.
    pub(crate) fn unreadable(self) -> Outcome {
        let mut outcome = self.concluded(Status::Pass, |_, _| say!(check_unreadable));
        outcome.status = Status::Unknown;
        outcome
    }
}

/// Adds `fix` once. More than are kept are not compared any more.
/// Adds `fix` once. A command for Windows has its arguments in quotation marks: one that holds such
/// a mark itself would end the command and begin another, so the command is left out.
fn push(fixes: &mut Vec<Text>, fix: Text) {
    let fix = if fix.code.starts_with("win-") && fix.args.values().any(breaks_out) {
        say!(check_fix_by_hand)
    } else {
        fix
    };
    if fixes.len() <= MAX_FIXES && !fixes.contains(&fix) {
        fixes.push(fix);
    }
}

fn breaks_out(argument: &Arg) -> bool {
    match argument {
        Arg::Text(text) => text.contains(['"', '\n', '\r']),
        Arg::Number(_) => false,
        Arg::List(parts) => parts.iter().any(breaks_out),
        Arg::Message(text) => text.args.values().any(breaks_out),
    }
}

/// The worse of both.
pub(crate) fn worse(a: Status, b: Status) -> Status {
    if a.rank() >= b.rank() { a } else { b }
}

/// Gaps in a fixed order, each once.
pub(crate) fn tidy(mut gaps: Vec<Gap>) -> Vec<Gap> {
    gaps.sort();
    gaps.dedup();
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_would_end_a_command_of_windows_is_put_into_none() {
        let fixes = |service: &str| {
            let mut found = Findings::default();
            found.fix(say!(win_cap_003_fix_service, service = service));
            found.fixes
        };
        assert!(fixes("Spooler")[0].en.contains("sc delete \"Spooler\""));
        let hostile = fixes("x\" & calc.exe & \"");
        assert_eq!(hostile[0].code, "check-fix-by-hand");
    }
}
