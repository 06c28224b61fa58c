//! Facts with where each was read, and gaps where one could not be.

use std::fmt;

use super::paths::{FileBytes, Located};
use crate::error::{Error, Kind, Layer};
use crate::text::{Lang, Text};

/// Where a fact was read.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct Location {
    /// The volume's name (`p2`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume: Option<String>,
    /// The file's path in the guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The line in a text file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Byte offset in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// Registry key, with its hive as root (`HKLM\SYSTEM\ControlSet001\…`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Registry value name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// SHA-256 of the whole file, where it was read whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

impl Location {
    /// A place that was found, without its contents.
    #[must_use]
    pub fn of(at: &Located) -> Self {
        let path = at.path_text();
        // The volume stands by itself.
        let alone = path
            .strip_prefix(&format!("({})", at.volume))
            .map(str::to_owned);
        Self {
            volume: Some(at.volume.clone()),
            path: Some(alone.unwrap_or(path)),
            ..Self::default()
        }
    }

    /// A file that was read whole.
    #[must_use]
    pub fn of_file(file: &FileBytes) -> Self {
        Self {
            sha256: Some(file.sha256.clone()),
            ..Self::of(&file.at)
        }
    }

    /// A path of the guest, whether or not something is there.
    #[must_use]
    pub fn of_path(path: impl Into<String>) -> Self {
        Self {
            path: Some(path.into()),
            ..Self::default()
        }
    }

    /// The same place at line `line` (from 1).
    #[must_use]
    pub fn line(mut self, line: usize) -> Self {
        self.line = u32::try_from(line).ok();
        self
    }
}

/// `volume:path:line`, or the registry key and value.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(volume) = &self.volume {
            write!(f, "{volume}:")?;
        }
        if let Some(path) = &self.path {
            f.write_str(path)?;
        }
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(key) = &self.key {
            write!(f, "{}{key}", if self.path.is_some() { " " } else { "" })?;
        }
        if let Some(value) = &self.value {
            write!(f, "\\{value}")?;
        }
        Ok(())
    }
}

/// Something that could not be read, and so may hide anything.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Gap {
    /// Where.
    #[serde(flatten)]
    pub at: Location,
    /// The layer that failed.
    pub layer: Layer,
    /// What sort of failure.
    pub kind: Kind,
    /// Byte offset in that layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer_offset: Option<u64>,
    /// What was expected and what was found.
    pub reason: Box<Text>,
}

impl Gap {
    /// The gap that `error` leaves at `at`.
    #[must_use]
    pub fn new(at: Location, error: &Error) -> Self {
        Self {
            at,
            layer: error.layer,
            kind: error.kind,
            layer_offset: error.offset,
            reason: error.detail.clone(),
        }
    }

    /// The gap that `error` leaves at the guest path `path`.
    #[must_use]
    pub fn at_path(path: impl Into<String>, error: &Error) -> Self {
        Self::new(Location::of_path(path), error)
    }
}

impl Gap {
    /// The gap in one line in `lang`: where, and why.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        let error = Error::new(
            self.layer,
            self.kind,
            self.layer_offset,
            (*self.reason).clone(),
        );
        let at = self.at.to_string();
        if at.is_empty() {
            return error.message(lang);
        }
        let place = at.trim_end_matches(':');
        let text = say!(error_within, place = place, detail = error.text());
        text.get(lang).to_owned()
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Lang::En))
    }
}

/// A fact and where it was read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Found<T> {
    /// The fact.
    #[serde(flatten)]
    pub fact: T,
    /// Where it was read.
    pub at: Location,
}

/// Everything a collector found, and what it could not read. Without gaps the list is complete.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Collected<T> {
    /// The facts, in a fixed order.
    pub items: Vec<Found<T>>,
    /// What may hide more.
    pub gaps: Vec<Gap>,
}

impl<T> Default for Collected<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            gaps: Vec::new(),
        }
    }
}

impl<T> Collected<T> {
    /// Adds a fact.
    pub fn push(&mut self, fact: T, at: Location) {
        self.items.push(Found { fact, at });
    }

    /// Adds a gap.
    pub fn gap(&mut self, at: Location, error: &Error) {
        self.gaps.push(Gap::new(at, error));
    }
}
