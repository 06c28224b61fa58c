//! Asks for registry values; what can't be read is filed among the findings.

use std::collections::BTreeSet;

use crate::error::{Error, Layer};
use crate::evidence::windows::{Datum, NamedValue, Windows};
use crate::evidence::{Found, Gap, Location};
use crate::policy::checks::findings::Findings;
use crate::policy::{Context, RegistryView};

/// Settings below the control set of the next boot.
pub(super) const SET: &str = r"HKLM\SYSTEM\CurrentControlSet";

/// The registry of the guest under test. Keys are written with their hive (`HKLM\SOFTWARE\…`);
/// `*` stands for every key at that level, or for every value.
#[derive(Clone, Copy)]
pub(super) struct Values<'c> {
    windows: &'c Windows<'c>,
    view: &'c RegistryView,
}

impl<'c> Values<'c> {
    pub(super) fn of(context: &Context<'c>) -> Self {
        Self {
            windows: &context.evidence.windows,
            view: context.registry,
        }
    }

    /// The values `name` of the keys that `pattern` names.
    pub(super) fn all(
        self,
        found: &mut Findings,
        pattern: &str,
        name: &str,
    ) -> Vec<Found<NamedValue>> {
        let mut values = found.keep(self.windows.values(pattern, name));
        let upcoming = self.windows.upcoming_values(pattern, name);
        if !upcoming.is_empty() {
            self.view.note_difference();
        }
        if self.view.is_after_policies() {
            let key = |value: &Found<NamedValue>| {
                let key = value.at.key.as_deref().unwrap_or_default();
                (key.to_lowercase(), value.fact.name.to_lowercase())
            };
            let set: BTreeSet<(String, String)> = upcoming.iter().map(key).collect();
            values.retain(|value| !set.contains(&key(value)));
            values.extend(upcoming);
        }
        values
    }

    /// The keys that `pattern` names.
    pub(super) fn keys(self, found: &mut Findings, pattern: &str) -> Vec<Found<String>> {
        let mut keys = found.keep(self.windows.keys(pattern));
        let upcoming = self.windows.upcoming_keys(pattern).into_iter();
        let is_new = |key: &Found<String>| {
            let same = |known: &Found<String>| {
                let (a, b) = (known.at.key.as_deref(), key.at.key.as_deref());
                a.zip(b).is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
            };
            !keys.iter().any(same)
        };
        let upcoming: Vec<Found<String>> = upcoming.filter(is_new).collect();
        if !upcoming.is_empty() {
            self.view.note_difference();
        }
        if self.view.is_after_policies() {
            keys.extend(upcoming);
        }
        keys
    }

    /// The first of such values.
    pub(super) fn first(
        self,
        found: &mut Findings,
        key: &str,
        name: &str,
    ) -> Option<Found<NamedValue>> {
        self.all(found, key, name).into_iter().next()
    }

    /// The value where it is a number. One of another type is a gap: who reads it may take it for
    /// none, or for its first bytes.
    pub(super) fn number(self, found: &mut Findings, key: &str, name: &str) -> Option<Found<u64>> {
        let value = self.first(found, key, name)?;
        match value.fact.data {
            Datum::Number(fact) => Some(Found { fact, at: value.at }),
            _ => {
                found.gap(odd(value.at, name));
                None
            }
        }
    }

    /// The value where it is text.
    pub(super) fn text(self, found: &mut Findings, key: &str, name: &str) -> Option<Found<String>> {
        let value = self.first(found, key, name)?;
        match value.fact.data {
            Datum::Text(fact) => Some(Found { fact, at: value.at }),
            _ => {
                found.gap(odd(value.at, name));
                None
            }
        }
    }

    /// Where a value would be.
    pub(super) fn place(self, key: &str, name: &str) -> Location {
        self.windows.place(key, Some(name))
    }
}

/// A value of a type that Windows does not write there.
fn odd(at: Location, name: &str) -> Gap {
    let why = say!(error_registry_type, name = name);
    Gap::new(at, &Error::unsupported(Layer::Hive, None, why))
}
