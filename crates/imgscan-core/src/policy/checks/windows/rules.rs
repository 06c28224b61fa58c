//! Rules over values of the registry, as a policy writes them.

use std::collections::BTreeSet;

use super::matches;
use super::programs::Programs;
use crate::evidence::windows::{Datum, Signed};
use crate::evidence::{Gap, Location};
use crate::guest::windows::expand;
use crate::policy::checks::findings::Findings;
use crate::policy::{Context, Item, Status};
use crate::text::{Text, masked};

/// What a value may be.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    /// The key: `HKLM\SYSTEM\CurrentControlSet\…`, `HKLM\SOFTWARE\…`, `HKU\*\…` for each user; `*`
    /// for each key at that level.
    key: String,
    /// The value; `*` for every one.
    value: String,
    /// Patterns of what is right; an entry of a list, or between the letters of `split`, at a
    /// time. Without `only` and `wrong` the value itself is wrong.
    #[serde(default)]
    only: Vec<String>,
    /// Patterns of what is wrong.
    #[serde(default)]
    wrong: Vec<String>,
    /// Letters that divide a text into entries.
    #[serde(default)]
    split: String,
    /// The names of the values are judged, not their data.
    #[serde(default)]
    by_name: bool,
    /// What is not right is judged as a program or library: a signed one warns.
    #[serde(default)]
    library: bool,
    /// The data is masked.
    #[serde(default)]
    secret: bool,
    /// How a violation counts.
    status: Level,
    /// What a violation is.
    note: Text,
}

/// How a violation counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    /// A warning.
    Warn,
    /// A failure.
    Fail,
}

impl Level {
    pub(super) fn status(self) -> Status {
        match self {
            Self::Warn => Status::Warn,
            Self::Fail => Status::Fail,
        }
    }
}

/// Applies `rules`.
pub(super) fn apply(
    context: &Context<'_>,
    rules: &[Rule],
    programs: &Programs,
    out: &mut Findings,
) {
    // What an earlier rule failed is not told again.
    let mut failed = BTreeSet::new();
    for rule in rules {
        let values = context.evidence.windows.values(&rule.key, &rule.value);
        for value in out.keep(values) {
            let entries = if rule.by_name {
                vec![value.fact.name.clone()]
            } else {
                entries(&value.fact.data, &rule.split)
            };
            for entry in entries {
                if failed.contains(&value.at) && rule.status == Level::Warn {
                    continue;
                }
                let found = one(context, rule, programs, &entry, &value.at, &mut out.gaps);
                if let Some((status, item)) = found {
                    if status == Status::Fail {
                        failed.insert(value.at.clone());
                    }
                    out.add(status, item);
                }
            }
        }
    }
}

/// The entries of a value.
fn entries(data: &Datum, split: &str) -> Vec<String> {
    let all: Vec<String> = match data {
        Datum::List(list) => list.clone(),
        other => vec![other.to_string()],
    };
    let parts = all
        .iter()
        .flat_map(|text| text.split(|c| split.contains(c)));
    let parts = parts.map(|t| t.trim().to_owned());
    parts.filter(|t| !t.is_empty()).collect()
}

fn one(
    context: &Context<'_>,
    rule: &Rule,
    programs: &Programs,
    entry: &str,
    at: &Location,
    gaps: &mut Vec<Gap>,
) -> Option<(Status, Item)> {
    let roots = context.evidence.windows.roots();
    let plain = |text: &str| expand(text, &roots, &[]);
    let text = plain(entry);
    let any = |patterns: &[String]| patterns.iter().any(|p| matches(&plain(p), &text));
    if any(&rule.only) || (rule.only.is_empty() && !rule.wrong.is_empty() && !any(&rule.wrong)) {
        return None;
    }
    let wanted = if rule.only.is_empty() {
        "not there".to_owned()
    } else {
        rule.only.join(", ")
    };
    if !rule.library {
        let shown = if rule.secret {
            masked(entry)
        } else {
            entry.to_owned()
        };
        let item = Item::new(at.clone(), &rule.note.en, &rule.note.zh).compare(wanted, shown);
        return Some((rule.status.status(), item));
    }
    // A library may be named without its ending.
    let name = entry.rsplit('\\').next().unwrap_or_default();
    let file = if name.contains('.') {
        format!("\"{text}\"")
    } else {
        format!("\"{text}.dll\"")
    };
    let mut judged = programs.judge(context, &file, at);
    gaps.append(&mut judged.gaps);
    let signed = matches!(
        judged.started.signed,
        Some(Signed::Trusted(_) | Signed::Unanchored(_))
    );
    let status = match judged.status {
        Status::Fail => Status::Fail,
        _ if signed => Status::Warn,
        _ => rule.status.status(),
    };
    Some((status, judged.item(at, &rule.note, &wanted)))
}
