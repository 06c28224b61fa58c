use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::checks;
use crate::text::Text;

/// The format of policy files.
pub(super) const SCHEMA: &str = "imgscan-policy/1";

/// What follows from a check that is not met.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
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
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
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
    /// The name of the test that proves it.
    pub test: String,
    /// Parameters of the test.
    #[serde(default)]
    pub with: serde_json::Map<String, serde_json::Value>,
    /// What a vendor should do, in the policy's own words; where it gives none, what the check says
    /// or the message `<id>-fix`.
    #[serde(default)]
    pub fix: Text,
}

/// A recorded exception, agreed beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// A policy file as it is written: of one that extends another, `schema`, `revision` and `title`
/// may be absent, and a check of the other policy needs its `id` and what changes only.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    bound(deserialize = "P: Deserialize<'de>, C: Deserialize<'de>, W: Deserialize<'de>")
)]
#[schemars(rename = "Policy")]
#[allow(dead_code)] // Most are read from the tree, by their places.
pub(super) struct Form<P, C, W> {
    /// The format of this file: `imgscan-policy/1`.
    pub(super) schema: Option<String>,
    /// The policy that this one changes: one that is compiled in, or a file in the same folder.
    extends: Option<String>,
    /// Its name.
    id: Option<String>,
    /// Its revision.
    revision: Option<String>,
    /// Its title.
    title: Option<Text>,
    /// Ids of checks of the extended policy that this one does not have.
    remove: Option<Vec<String>>,
    /// Ids of checks in the order of reports; those that are not named here follow.
    order: Option<Vec<String>>,
    /// Parameters that several tests share; over those of an extended policy key by key.
    params: Option<P>,
    /// The checks. One with the id of a check of the extended policy changes that: field by field,
    /// and `with` key by key.
    checks: Option<Vec<C>>,
    /// Recorded exceptions.
    waivers: Option<Vec<W>>,
}

/// A policy that another extends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// Its name.
    pub id: String,
    /// Its revision.
    pub revision: String,
    /// SHA-256 of its text, lower-case hexadecimal.
    pub sha256: String,
}

/// A marketplace's rules as data.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The format of its file: `imgscan-policy/1`.
    pub schema: String,
    /// Its name.
    pub id: String,
    /// Its revision.
    pub revision: String,
    /// Its title.
    pub title: Text,
    /// Parameters that several tests share, by name (`dns`).
    pub params: serde_json::Map<String, serde_json::Value>,
    /// The checks, in the order of reports.
    pub checks: Vec<Check>,
    /// Recorded exceptions.
    pub waivers: Vec<Waiver>,
    /// The policies that it extends, one on the other; the last is the one that it names.
    pub bases: Vec<Base>,
    /// SHA-256 of the text it was read from, lower-case hexadecimal. Of a policy that extends
    /// others: of one line `<SHA-256 of the text>  <id> <revision>` for each of [`Policy::bases`]
    /// and for itself.
    pub sha256: String,
}

impl Check {
    /// What a vendor should do: the policy's own words, or else what the rule says in general.
    #[must_use]
    pub fn advice(&self) -> Option<Text> {
        let own = Some(&self.fix).filter(|fix| !fix.is_empty());
        own.cloned().or_else(|| self.words("fix"))
    }

    /// The policy's shared parameters (`params`) that its test reads besides its own.
    #[must_use]
    pub fn shared(&self) -> &'static [&'static str] {
        checks::find(&self.test).map_or(&[], |test| test.shared())
    }

    /// The message of this check that is called `what`.
    pub(super) fn words(&self, what: &str) -> Option<Text> {
        crate::messages::find(&format!("{}-{what}", self.id.to_ascii_lowercase()))
    }
}
