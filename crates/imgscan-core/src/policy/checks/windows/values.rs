//! Asks for registry values; what can't be read is filed among the findings.

use crate::error::{Error, Layer};
use crate::evidence::windows::{Datum, NamedValue, Windows};
use crate::evidence::{Found, Gap, Location};
use crate::policy::Context;
use crate::policy::checks::findings::Findings;

/// Settings below the control set of the next boot.
pub(super) const SET: &str = r"HKLM\SYSTEM\CurrentControlSet";

/// The registry of the guest under test. Keys are written with their hive (`HKLM\SOFTWARE\…`);
/// `*` stands for every key at that level, or for every value.
#[derive(Clone, Copy)]
pub(super) struct Values<'c>(&'c Windows<'c>);

impl<'c> Values<'c> {
    pub(super) fn of(context: &Context<'c>) -> Self {
        Self(&context.evidence.windows)
    }

    /// The values `name` of the keys that `pattern` names.
    pub(super) fn all(
        self,
        found: &mut Findings,
        pattern: &str,
        name: &str,
    ) -> Vec<Found<NamedValue>> {
        found.keep(self.0.values(pattern, name))
    }

    /// The keys that `pattern` names.
    pub(super) fn keys(self, found: &mut Findings, pattern: &str) -> Vec<Found<String>> {
        found.keep(self.0.keys(pattern))
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
        self.0.place(key, Some(name))
    }
}

/// A value of a type that Windows does not write there.
fn odd(at: Location, name: &str) -> Gap {
    let why = say!(error_registry_type, name = name);
    Gap::new(at, &Error::unsupported(Layer::Hive, None, why))
}
