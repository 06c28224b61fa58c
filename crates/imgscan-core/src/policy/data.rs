use serde::{Deserialize, Serialize};

use super::checks;
use crate::error::{Error, Layer, Result};
use crate::text::Text;

/// The policy compiled in, by name.
const BUILT_IN: &[(&str, &str)] = &[(
    "tencent-marketplace",
    include_str!("tencent-marketplace.yaml"),
)];

/// The longest policy file that is read, in bytes.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// What follows from a check that is not met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// The image is rejected.
    Block,
    /// A person must decide.
    Review,
    /// Advice; the verdict stays.
    Advisory,
    /// Information; the verdict stays.
    Info,
}

/// How much harm a violation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Information.
    Info,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

/// Which guests a check speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Os {
    /// Linux.
    Linux,
    /// Windows.
    Windows,
    /// Every image.
    Any,
}

/// A check: a rule of the marketplace, and the test that proves it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Its id (`LNX-AGENT-001`); never used again for another rule.
    pub id: String,
    /// The clauses of the guide it stands for (`T1`).
    pub clause: Vec<String>,
    /// Its title; where the policy gives none, the message `<id>-title`.
    #[serde(default)]
    pub title: Text,
    /// Which guests.
    pub os: Os,
    /// How bad a violation is.
    pub severity: Severity,
    /// What a violation does to the verdict.
    pub gate: Gate,
    /// The name of the test in Rust.
    pub test: String,
    /// Parameters of the test.
    #[serde(default)]
    pub with: serde_yaml_ng::Mapping,
    /// What a vendor should do, in the policy's own words; where it gives none, what the check says
    /// or the message `<id>-fix`.
    #[serde(default)]
    pub fix: Text,
}

/// A recorded exception, agreed beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The check it excuses.
    pub check: String,
    /// The image it is for: lower-case hexadecimal SHA-256 of the image file.
    pub image_sha256: String,
    /// Who agreed.
    pub approver: String,
    /// Where it is recorded.
    pub ticket: String,
    /// The last day it holds (`2027-01-31`).
    pub expires: String,
    /// Why.
    pub reason: String,
}

/// A marketplace's rules as data.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The format of this file: `imgscan-policy/1`.
    pub schema: String,
    /// Its name.
    pub id: String,
    /// Its revision.
    pub revision: String,
    /// Its title.
    pub title: Text,
    /// Parameters that several tests use, by name (`dns.approved`).
    #[serde(default)]
    pub params: serde_yaml_ng::Mapping,
    /// The checks, in the order of reports.
    pub checks: Vec<Check>,
    /// Recorded exceptions.
    #[serde(default)]
    pub waivers: Vec<Waiver>,
    /// SHA-256 of the file this was read from, lower-case hexadecimal.
    #[serde(skip)]
    pub sha256: String,
}

impl Policy {
    /// The policy compiled in under `name`.
    ///
    /// # Errors
    /// If there is none.
    pub fn built_in(name: &str) -> Result<Self> {
        match BUILT_IN.iter().find(|(id, _)| *id == name) {
            Some((_, text)) => Self::parse(text),
            None => {
                let names: Vec<&str> = BUILT_IN.iter().map(|(id, _)| *id).collect();
                Err(Error::not_found(
                    Layer::Policy,
                    Text::verbatim(format!(
                        "no built-in policy {name:?}; there is {}",
                        names.join(", ")
                    )),
                ))
            }
        }
    }

    /// Reads a policy from YAML.
    ///
    /// # Errors
    /// If it is no valid policy: an unknown field, an id that stands twice, a test that does not
    /// exist, or parameters that the test does not take.
    pub fn parse(text: &str) -> Result<Self> {
        use sha2::Digest as _;
        let bad = |detail: String| Error::corrupt(Layer::Policy, None, Text::verbatim(detail));
        if text.len() > MAX_BYTES {
            return Err(Error::limit(
                Layer::Policy,
                None,
                Text::verbatim(format!("longer than {MAX_BYTES} bytes")),
            ));
        }
        let mut policy: Self = serde_yaml_ng::from_str(text).map_err(|e| bad(e.to_string()))?;
        if policy.schema != "imgscan-policy/1" {
            return Err(bad(format!(
                "schema imgscan-policy/1 expected, found {:?}",
                policy.schema
            )));
        }
        let mut seen = std::collections::BTreeSet::new();
        for check in &mut policy.checks {
            if check.title.is_empty() {
                check.title = check
                    .words("title")
                    .ok_or_else(|| bad(format!("check {}: it has no title", check.id)))?;
            }
        }
        for check in &policy.checks {
            if !seen.insert(&check.id) {
                return Err(bad(format!("check {} stands twice", check.id)));
            }
            if checks::find(&check.test).is_none() {
                return Err(bad(format!(
                    "check {}: there is no test {:?}",
                    check.id, check.test
                )));
            }
        }
        for waiver in &policy.waivers {
            if !seen.contains(&waiver.check) {
                return Err(bad(format!(
                    "waiver for {}, which is no check",
                    waiver.check
                )));
            }
            let digest = &waiver.image_sha256;
            if digest.len() != 64 || !digest.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Err(bad(format!(
                    "waiver for {}: image_sha256 is not 64 hexadecimal digits",
                    waiver.check
                )));
            }
            if super::Date::parse(&waiver.expires).is_none() {
                return Err(bad(format!(
                    "waiver for {}: expires is no day written as 2027-01-31: {:?}",
                    waiver.check, waiver.expires
                )));
            }
        }
        policy.sha256 = crate::bytes::hex(&sha2::Sha256::digest(text.as_bytes()));
        Ok(policy)
    }
}

impl Check {
    /// The message of this check that is called `what`.
    pub(super) fn words(&self, what: &str) -> Option<Text> {
        crate::messages::find(&format!("{}-{what}", self.id.to_ascii_lowercase()))
    }
}
