//! The reference database: kernels, modules and boot files known good by their digests, with
//! where each came from. One JSON file, sorted, of a versioned form; nothing in it is signed, so
//! whoever keeps the file vouches for it.

#![warn(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::indexing_slicing
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::indexing_slicing
    )
)]

mod deb;
mod kind;
mod rpm;
mod tar;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Layer, Result};

pub use deb::{Package, deb};
use kind::key;
pub use kind::{FileKind, canonical, kind};
pub use rpm::rpm;

/// The form of the file.
const SCHEMA: &str = "imgscan-baseline/1";
/// The longest database that is read, in bytes.
pub const MAX_BYTES: u64 = 512 * 1024 * 1024;

/// Where an entry came from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The name of the image, package or folder that was added, without its path.
    pub name: String,
    /// Lower-case hexadecimal SHA-256 of that file; absent for a folder and an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// How far the file was proven in that image (`K2`, `K3`), where that is not by a vendor's
    /// signature or another reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
}

/// What an entry is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Known {
    /// Its path in a system, links and a merged `/usr` undone (`/lib/modules/…`).
    pub path: String,
    /// The package that brings it, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// The package's version or, of a Windows file, the version that it carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The package's architecture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
    /// What sort of file.
    pub kind: FileKind,
    /// Lower-case hexadecimal SHA-256 of the file as it is stored.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
}

/// A file known good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaselineEntry {
    /// What is known.
    #[serde(flatten)]
    pub known: Known,
    /// Where it came from.
    pub sources: BTreeSet<Source>,
}

/// How a file compares with the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match<'a> {
    /// Its bytes are known good.
    Equal(&'a Known),
    /// The same path of the same version of the same package is known with other bytes.
    Different(&'a Known),
    /// Nothing is known of this version of it.
    Absent,
}

/// The files known good.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    entries: BTreeMap<Known, BTreeSet<Source>>,
    by_digest: HashMap<String, Known>,
    by_path: HashMap<String, Vec<Known>>,
    /// Lower-case hexadecimal SHA-256 of the file it was read from; empty where it is new.
    pub sha256: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: String,
    entries: Vec<BaselineEntry>,
}

impl Baseline {
    /// Reads a database.
    ///
    /// # Errors
    /// If it is none, of another version of the form, or names a digest that is no SHA-256.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        use sha2::Digest as _;
        let bad = |detail: crate::text::Text| Error::corrupt(Layer::Policy, None, detail);
        let file: File = serde_json::from_slice(bytes)
            .map_err(|e| bad(say!(error_baseline, why = e.to_string())))?;
        if file.schema != SCHEMA {
            return Err(bad(say!(
                error_baseline_schema,
                expected = SCHEMA,
                found = file.schema
            )));
        }
        let mut all = Self::default();
        for entry in file.entries {
            let digest = &entry.known.sha256;
            let lower = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
            if digest.len() != 64 || !digest.bytes().all(lower) {
                return Err(bad(say!(
                    error_baseline_digest,
                    path = &entry.known.path,
                    digest = digest
                )));
            }
            for source in entry.sources {
                all.add(entry.known.clone(), source);
            }
        }
        all.sha256 = crate::bytes::hex(&sha2::Sha256::digest(bytes));
        Ok(all)
    }

    /// The database as it is written to its file: sorted, with a line end.
    #[must_use]
    pub fn to_json(&self) -> String {
        let file = File {
            schema: SCHEMA.into(),
            entries: self.iter().collect(),
        };
        let plain = serde_json::to_string_pretty(&file).unwrap_or_default();
        let mut text = crate::text::harmless_json(&plain);
        text.push('\n');
        text
    }

    /// Adds a file; true where it was not known before.
    pub fn add(&mut self, known: Known, source: Source) -> bool {
        if let Some(sources) = self.entries.get_mut(&known) {
            sources.insert(source);
            return false;
        }
        self.by_digest
            .entry(known.sha256.clone())
            .or_insert_with(|| known.clone());
        self.by_path
            .entry(key(&known.path))
            .or_default()
            .push(known.clone());
        self.entries.insert(known, BTreeSet::from([source]));
        true
    }

    /// All entries, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = BaselineEntry> {
        let all = self.entries.iter();
        all.map(|(known, sources)| BaselineEntry {
            known: known.clone(),
            sources: sources.clone(),
        })
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True where nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Where an entry came from, in one line.
    #[must_use]
    pub fn origin(&self, known: &Known) -> String {
        let sources = self.entries.get(known).into_iter().flatten();
        let names: Vec<String> = sources
            .map(|s| match &s.level {
                Some(level) => format!("{} ({level})", s.name),
                None => s.name.clone(),
            })
            .collect();
        names.join(", ")
    }

    /// The entry of these bytes.
    #[must_use]
    pub fn by_digest(&self, sha256: &str) -> Option<&Known> {
        self.by_digest.get(sha256)
    }

    /// Compares the file at `path` of `version` of `package` with what is known. Without a
    /// version only equal bytes say something.
    #[must_use]
    pub fn compare(
        &self,
        path: &str,
        package: Option<&str>,
        version: Option<&str>,
        sha256: &str,
    ) -> Match<'_> {
        if let Some(known) = self.by_digest.get(sha256) {
            return Match::Equal(known);
        }
        let same = |k: &&Known| {
            version.is_some()
                && k.version.as_deref() == version
                && (package.is_none() || k.package.is_none() || k.package.as_deref() == package)
        };
        let there = self.by_path.get(&key(path)).into_iter().flatten();
        there
            .into_iter()
            .find(same)
            .map_or(Match::Absent, Match::Different)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(path: &str, version: &str, digit: char) -> Known {
        Known {
            path: canonical(path),
            package: Some("linux".into()),
            version: Some(version.into()),
            architecture: None,
            kind: FileKind::Kernel,
            sha256: digit.to_string().repeat(64),
            bytes: 1,
        }
    }

    fn source(name: &str) -> Source {
        Source {
            name: name.into(),
            sha256: None,
            level: None,
        }
    }

    #[test]
    fn equal_other_and_unknown_bytes_are_told_apart() {
        let mut all = Baseline::default();
        assert!(all.add(known("/boot/vmlinuz-1", "1", 'a'), source("x.deb")));
        assert!(!all.add(known("/boot/vmlinuz-1", "1", 'a'), source("y.deb")));
        let ask = |version, digit: &str| {
            all.compare("/boot/vmlinuz-1", Some("linux"), version, &digit.repeat(64))
        };
        assert!(matches!(ask(Some("1"), "a"), Match::Equal(_)));
        assert!(matches!(ask(None, "a"), Match::Equal(_)));
        assert!(matches!(ask(Some("1"), "b"), Match::Different(_)));
        assert_eq!(ask(Some("2"), "b"), Match::Absent);
        assert_eq!(ask(None, "b"), Match::Absent);
        let back = Baseline::parse(all.to_json().as_bytes()).unwrap();
        assert_eq!(back.to_json(), all.to_json());
        assert_eq!(
            back.origin(&known("/boot/vmlinuz-1", "1", 'a')),
            "x.deb, y.deb"
        );
    }

    #[test]
    fn a_file_that_is_no_database_is_refused() {
        for text in [
            "",
            "{}",
            "[]",
            r#"{"schema":"imgscan-baseline/2","entries":[]}"#,
            r#"{"schema":"imgscan-baseline/1","entries":[{"path":"/x","kind":"kernel","sha256":"12","bytes":1,"sources":[]}]}"#,
        ] {
            assert!(Baseline::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
