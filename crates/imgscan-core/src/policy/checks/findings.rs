//! What a check found: items by what each means for the outcome, and what could not be read.

use crate::evidence::gaps::told;
use crate::evidence::{Collected, Found, Gap};
use crate::policy::{Item, Outcome, Status};
use crate::text::{Arg, Text};

/// Items of one status that an outcome keeps; the others are counted.
const MAX_SHOWN: usize = 500;
/// Fixes that an outcome keeps.
const MAX_FIXES: usize = 50;
/// Fixes of one kind that are said one by one, where one fix mends all of them.
const MAX_ALIKE: usize = 5;

/// What ends an argument in quotation marks.
const MARKS: &[char] = &['"', '\n', '\r'];
/// And what ends one that PowerShell gets in single ones: it takes the typographic ones, too.
const POWERSHELL_MARKS: &[char] = &['"', '\n', '\r', '\'', '‘', '’', '‚', '‛'];

/// What mends an item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fix {
    text: Text,
    /// What mends it and the others of its kind at once.
    all: Option<Text>,
}

impl From<Text> for Fix {
    fn from(text: Text) -> Self {
        Self { text, all: None }
    }
}

impl Fix {
    /// What it says by itself.
    #[cfg(test)]
    pub(crate) fn text(&self) -> &Text {
        &self.text
    }

    /// `text`; or `all` in place of it and of the others with the same `all`, where there are many.
    pub(crate) fn one_of_many(text: Text, all: Text) -> Self {
        Self {
            text,
            all: Some(all),
        }
    }
}

/// What a check found so far. Each item counts as a failure, as something that can't be told, as a
/// warning, or as met; the worst decides.
#[derive(Default)]
pub(crate) struct Findings {
    /// Those that are kept: [`MAX_SHOWN`] of each rank, in the order in which they were added.
    items: Vec<Item>,
    /// How many there are of each rank.
    met: [usize; 4],
    /// What the item that was added last counts as.
    last: Option<Status>,
    gaps: Vec<Gap>,
    fixes: Vec<Fix>,
    /// What makes the answer known, where it is not.
    fixes_of_unknown: Vec<Fix>,
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
        self.last = Some(status);
        let met = &mut self.met[usize::from(status.rank())];
        *met += 1;
        if *met <= MAX_SHOWN {
            self.items.push(item);
        }
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
    pub(crate) fn fix(&mut self, fix: impl Into<Fix>) {
        match self.last {
            Some(Status::Unknown) => self.fix_of_unknown(fix),
            _ => push(&mut self.fixes, fix.into()),
        }
    }

    /// As [`Findings::fix`], with several steps.
    pub(crate) fn fix_by(&mut self, fixes: impl IntoIterator<Item = impl Into<Fix>>) {
        for fix in fixes {
            self.fix(fix);
        }
    }

    /// What makes the answer known, where it is not.
    pub(crate) fn fix_of_unknown(&mut self, fix: impl Into<Fix>) {
        push(&mut self.fixes_of_unknown, fix.into());
    }

    /// What could not be read; it does not count any more.
    pub(crate) fn take_gaps(&mut self) -> Vec<Gap> {
        std::mem::take(&mut self.gaps)
    }

    /// Takes over what `other` found.
    pub(crate) fn absorb(&mut self, other: Self) {
        let dropped = other.dropped();
        for item in other.items {
            self.add(item.status, item);
        }
        for (met, dropped) in self.met.iter_mut().zip(dropped) {
            *met += dropped;
        }
        self.last = other.last.or(self.last);
        self.gaps.extend(other.gaps);
        for fix in other.fixes {
            self.fix(fix);
        }
    }

    /// Takes over the items of `other` as mere evidence: what it found, did not read and would
    /// mend does not matter for the outcome.
    pub(crate) fn show(&mut self, other: Self) {
        let dropped: usize = other.dropped().iter().sum();
        for item in other.items {
            self.pass(item);
        }
        self.met[usize::from(Status::Pass.rank())] += dropped;
    }

    /// How many items of each rank were not kept.
    fn dropped(&self) -> [usize; 4] {
        self.met.map(|met| met.saturating_sub(MAX_SHOWN))
    }

    /// True where nothing was found; gaps do not count.
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// True where everything that was asked for could be read.
    pub(crate) fn complete(&self) -> bool {
        self.gaps.is_empty()
    }

    /// How many items count as `status`, or as one of its rank.
    pub(crate) fn count(&self, status: Status) -> usize {
        self.met[usize::from(status.rank())]
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
        outcome.omitted = self.dropped().iter().sum();
        outcome.evidence = self.items;
        let mut outcome = outcome.gaps(told(self.gaps));
        let mut fixes = self.fixes_of_unknown;
        if outcome.status != Status::Unknown {
            fixes = [self.fixes, fixes].concat();
        }
        outcome.fixes = fixes.into_iter().map(|fix| fix.text).collect();
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

/// Adds `fix` once; more than are kept are not compared any more. A command for Windows has its
/// arguments in quotation marks: one that holds such a mark itself would end the command and begin
/// another, so the command is left out.
fn push(fixes: &mut Vec<Fix>, mut fix: Fix) {
    if fix.text.code.starts_with("win-") {
        let marks: &[char] = if fix.text.en.contains("powershell \"") {
            POWERSHELL_MARKS
        } else {
            MARKS
        };
        if fix.text.args.values().any(|arg| breaks_out(arg, marks)) {
            fix = say!(check_fix_by_hand).into();
        }
    }
    if fixes.len() > MAX_FIXES || fixes.contains(&fix) {
        return;
    }
    let Some(all) = &fix.all else {
        return fixes.push(fix);
    };
    if fixes.iter().any(|known| known.text == *all) {
        return;
    }
    let alike = |known: &Fix| known.all == fix.all;
    let first = fixes.iter().position(alike);
    match first {
        Some(first) if fixes.iter().filter(|known| alike(known)).count() >= MAX_ALIKE => {
            let all = all.clone().into();
            fixes.retain(|known| !alike(known));
            fixes.insert(first, all);
        }
        _ => fixes.push(fix),
    }
}

fn breaks_out(argument: &Arg, marks: &[char]) -> bool {
    match argument {
        Arg::Text(text) => text.contains(marks),
        Arg::Number(_) => false,
        Arg::List(parts) => parts.iter().any(|part| breaks_out(part, marks)),
        Arg::Message(text) => text.args.values().any(|arg| breaks_out(arg, marks)),
    }
}

/// The worse of both.
pub(crate) fn worse(a: Status, b: Status) -> Status {
    if a.rank() >= b.rank() { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixes(all: impl IntoIterator<Item = Fix>) -> Vec<String> {
        let mut found = Findings::default();
        found.fix_by(all);
        let outcome = found.concluded(Status::Warn, |_, _| Text::default());
        outcome.fixes.into_iter().map(|fix| fix.en).collect()
    }

    #[test]
    fn a_name_that_would_end_a_command_of_windows_is_put_into_none() {
        let fix = |service: &str| {
            let fix = say!(win_cap_003_fix_service, service = service);
            fixes([fix.into()]).remove(0)
        };
        assert!(fix("Spooler").contains("sc delete \"Spooler\""));
        let by_hand = say!(check_fix_by_hand).en;
        assert_eq!(fix("x\" & calc.exe & \""), by_hand);
        let stream = |name: &str| {
            let fix = say!(win_persist_001_fix_stream, file = r"C:\x", stream = name);
            fixes([fix.into()]).remove(0)
        };
        assert!(stream("evil").contains("-Stream 'evil'"));
        assert_eq!(stream("x'; calc; '"), by_hand);
        assert_eq!(stream("x’; calc; ’"), by_hand);
        // So in the fix that another one holds, too.
        let inner = say!(win_fix_key_delete, key = "HKU\\x\"y");
        let outer = say!(win_fix_hive, fix = inner, root = "HKU\\x", file = "C:\\x");
        assert_eq!(fixes([outer.into()]), [by_hand]);
    }

    #[test]
    fn of_many_items_some_are_kept_and_all_are_counted() {
        let item = || Item::at(crate::evidence::Location::default(), Text::default());
        let mut found = Findings::default();
        found.warn(item());
        for _ in 0..MAX_SHOWN + 7 {
            found.fail(item());
        }
        let mut whole = Findings::default();
        whole.fail(item());
        whole.absorb(found);
        assert_eq!(whole.count(Status::Fail), MAX_SHOWN + 8);
        let mut shown = Findings::default();
        let outcome = whole.conclude(|_, _| Text::default());
        assert_eq!(outcome.status, Status::Fail);
        assert_eq!(
            (outcome.evidence.len(), outcome.omitted),
            (MAX_SHOWN + 1, 8)
        );
        let mut found = Findings::default();
        for _ in 0..=MAX_SHOWN {
            found.fail(item());
        }
        shown.show(found);
        assert_eq!(shown.count(Status::Pass), MAX_SHOWN + 1);
        assert_eq!(shown.worst(), Status::Pass);
    }

    #[test]
    fn many_fixes_of_a_kind_become_the_one_that_mends_all() {
        let of = |n: usize| {
            let each = (0..n).map(|i| {
                let one = Text::verbatim(i.to_string());
                Fix::one_of_many(one, Text::verbatim("all"))
            });
            let other = |text: &str| Fix::from(Text::verbatim(text));
            fixes(
                std::iter::once(other("first"))
                    .chain(each)
                    .chain([other("last")]),
            )
        };
        assert_eq!(of(5), ["first", "0", "1", "2", "3", "4", "last"]);
        assert_eq!(of(6), ["first", "all", "last"]);
        assert_eq!(of(500), ["first", "all", "last"]);
    }
}
