//! Asks for registry values and keeps what can't be read.

use crate::evidence::windows::{Datum, Entry, Windows};
use crate::evidence::{Found, Gap, Location};
use crate::policy::{Context, Item, Outcome, Status};

/// Settings below the control set of the next boot.
pub(super) const SET: &str = r"HKLM\SYSTEM\CurrentControlSet";

/// The evidence and the gaps of one test.
pub(super) struct Probe<'c> {
    pub(super) windows: &'c Windows<'c>,
    pub(super) items: Vec<Item>,
    pub(super) gaps: Vec<Gap>,
}

impl<'c> Probe<'c> {
    pub(super) fn new(context: &Context<'c>) -> Self {
        Self {
            windows: &context.evidence.windows,
            items: Vec::new(),
            gaps: Vec::new(),
        }
    }

    /// What was read, with its gap kept.
    pub(super) fn keep<T: Default>(&mut self, read: Result<T, Gap>) -> T {
        read.unwrap_or_else(|gap| {
            self.gaps.push(gap);
            T::default()
        })
    }

    /// True where nothing was met yet that may hide what is not found.
    pub(super) fn sure(&self) -> bool {
        self.gaps.is_empty()
    }

    /// The values `name` of the keys that `pattern` names.
    pub(super) fn values(&mut self, pattern: &str, name: &str) -> Vec<Found<Entry>> {
        let found = self.windows.values(pattern, name);
        self.gaps.extend(found.gaps);
        found.items
    }

    /// The keys that `pattern` names.
    pub(super) fn keys(&mut self, pattern: &str) -> Vec<Found<String>> {
        let found = self.windows.keys(pattern);
        self.gaps.extend(found.gaps);
        found.items
    }

    pub(super) fn value(&mut self, key: &str, name: &str) -> Option<Found<Entry>> {
        self.values(key, name).into_iter().next()
    }

    /// The value where it is a number.
    pub(super) fn number(&mut self, key: &str, name: &str) -> Option<Found<u64>> {
        let found = self.value(key, name)?;
        match found.fact.data {
            Datum::Number(number) => Some(Found {
                fact: number,
                at: found.at,
            }),
            _ => None,
        }
    }

    /// The value where it is text.
    pub(super) fn text(&mut self, key: &str, name: &str) -> Option<Found<String>> {
        let found = self.value(key, name)?;
        match found.fact.data {
            Datum::Text(text) => Some(Found {
                fact: text,
                at: found.at,
            }),
            _ => None,
        }
    }

    /// Where a value would stand.
    pub(super) fn place(&self, key: &str, name: &str) -> Location {
        self.windows.place(key, Some(name))
    }

    /// Evidence with what was wanted and what was found.
    pub(super) fn say(
        &mut self,
        at: Location,
        note: (impl Into<String>, impl Into<String>),
        expected: impl Into<crate::text::Text>,
        found: impl Into<crate::text::Text>,
    ) {
        let item = Item::new(at, note.0, note.1).compare(expected, found);
        self.items.push(item);
    }

    /// Evidence without a comparison.
    pub(super) fn note(&mut self, at: Location, en: impl Into<String>, zh: impl Into<String>) {
        self.items.push(Item::new(at, en, zh));
    }

    /// The outcome, with all that was kept.
    pub(super) fn end(
        mut self,
        status: Status,
        en: impl Into<String>,
        zh: impl Into<String>,
    ) -> Outcome {
        self.gaps.sort();
        self.gaps.dedup();
        let (mut en, mut zh) = (en.into(), zh.into());
        if !self.gaps.is_empty() && matches!(status, Status::Pass | Status::Warn) {
            en = format!("not everything could be read; what was read says: {en}");
            zh = format!("部分内容无法读取；已读取的部分显示：{zh}");
        }
        Outcome::new(status, en, zh)
            .evidence(self.items)
            .gaps(self.gaps)
    }
}
