//! Rules over values of the registry, as a policy writes them.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use super::kernel::unsigned_boot_drivers;
use super::values::Values;
use super::{commands, matches};
use crate::evidence::Found;
use crate::evidence::windows::{Datum, NamedValue};
use crate::guest::windows::expand;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::BadParameter;
use crate::policy::checks::valid;
use crate::policy::{Context, Effect, Item, Status};
use crate::text::{Text, hidden};

/// What a registry value may be. Without `only` and `wrong` the value should not be there.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    /// The key: `HKLM\SYSTEM\CurrentControlSet\…`, `HKLM\SOFTWARE\…`, `HKLM\SAM\…`,
    /// `HKLM\SECURITY\…`, `HKU\*\…` for each user, `HKU\S-1-5-18\…` for one; `*` for each key at that
    /// level. What the image lacks is unknown.
    key: String,
    /// The value's name; `*` for every one. Not asked where the keys are judged.
    #[serde(default)]
    value: String,
    /// Patterns of what is right.
    #[serde(default)]
    only: Vec<String>,
    /// Patterns of what is wrong.
    #[serde(default)]
    wrong: Vec<String>,
    /// What of the value is held against the patterns.
    #[serde(default)]
    judge: Judge,
    /// Letters that divide a text into entries.
    #[serde(default)]
    split: String,
    /// The data is masked in reports; that of SAM and SECURITY is so anyway.
    #[serde(default)]
    secret: bool,
    /// What a violation counts as.
    status: Effect,
    /// What it counts as where a driver that starts with the system carries no valid signature.
    #[serde(default)]
    unsigned_boot: Option<Effect>,
    /// What the value is on a fresh system, for the command that restores it.
    #[serde(default)]
    default: Option<String>,
    /// What a violation is.
    #[serde(default)]
    note: Option<Text>,
}

/// What of a value is held against the patterns of its rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Judge {
    /// Each entry of a list or a divided text. `%SystemRoot%` is replaced in both.
    #[default]
    Entries,
    /// The value's name.
    Names,
    /// The key's name, whatever values it has.
    Keys,
    /// The data as it is written; of a list every entry must be right. A value that is right is
    /// shown, too.
    Whole,
}

/// Checks `rules`, which the parameter `path` holds.
///
/// # Errors
/// If a rule contradicts itself or there is none.
pub(super) fn validate(rules: &[Rule], path: &str) -> std::result::Result<(), BadParameter> {
    valid::at_least_one(path, rules)?;
    let mut seen = BTreeSet::new();
    for (i, rule) in rules.iter().enumerate() {
        let bad = |problem: Text| Err(BadParameter::new(format!("{path}[{i}]"), problem));
        valid::key(&format!("{path}[{i}].key"), &rule.key)?;
        if rule.judge != Judge::Keys {
            valid::text(&format!("{path}[{i}].value"), &rule.value)?;
        }
        if let Some(duplicate) = twice(&rule.only).or_else(|| twice(&rule.wrong)) {
            return bad(say!(policy_bad_duplicated, entry = duplicate));
        }
        if !rule.only.is_empty() && !rule.wrong.is_empty() {
            return bad(say!(policy_bad_only_wrong));
        }
        if rule.note.is_none() && rule.judge != Judge::Whole {
            return bad(say!(policy_bad_no_note));
        }
        if rule.judge == Judge::Whole && rule.only.is_empty() && rule.wrong.is_empty() {
            return bad(say!(policy_bad_no_list));
        }
        let none = rule.no_effect().into_iter().find(|(given, _)| *given);
        if let Some((_, name)) = none {
            let judge = rule.judge.word();
            let problem = say!(policy_bad_no_effect, name = name, judge = judge);
            return Err(BadParameter::new(format!("{path}[{i}].{name}"), problem));
        }
        let identity = (
            rule.key.to_lowercase(),
            rule.value.to_lowercase(),
            &rule.only,
            &rule.wrong,
        );
        if !seen.insert(identity) {
            return bad(say!(policy_bad_same_rule));
        }
    }
    Ok(())
}

/// An entry that `list` holds twice.
fn twice(list: &[String]) -> Option<&String> {
    let mut seen = BTreeSet::new();
    list.iter().find(|entry| !seen.insert(entry.as_str()))
}

/// Applies `rules`.
pub(super) fn apply(context: &Context<'_>, rules: &[Rule], found: &mut Findings) {
    // A warning about what an earlier rule failed would say less.
    let mut failed = BTreeSet::new();
    for rule in rules {
        if rule.judge == Judge::Keys {
            rule.keys(context, found);
            continue;
        }
        for value in Values::of(context).all(found, &rule.key, &rule.value) {
            if rule.judge == Judge::Whole {
                rule.whole(context, &value, found);
                continue;
            }
            let entries = match rule.judge {
                Judge::Names => vec![value.fact.name.clone()],
                _ => entries(&value.fact.data, &rule.split),
            };
            for entry in entries {
                if failed.contains(&value.at) && rule.status == Effect::Warn {
                    continue;
                }
                if rule.entry(context, &entry, &value, found) == Status::Fail {
                    failed.insert(value.at.clone());
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

impl Judge {
    /// As policies write it.
    fn word(self) -> &'static str {
        match self {
            Self::Entries => "entries",
            Self::Names => "names",
            Self::Keys => "keys",
            Self::Whole => "whole",
        }
    }
}

impl Judge {
    /// True where a name is judged, which is there or not.
    fn of_names(self) -> bool {
        [Self::Names, Self::Keys].contains(&self)
    }
}

impl Rule {
    /// What has no effect with what is judged, each with whether it is given.
    fn no_effect(&self) -> [(bool, &'static str); 5] {
        let (keys, whole) = (self.judge == Judge::Keys, self.judge == Judge::Whole);
        let names = keys || self.judge == Judge::Names;
        [
            (!self.value.is_empty() && keys, "value"),
            (self.secret && whole, "secret"),
            (!self.split.is_empty() && (names || whole), "split"),
            (self.unsigned_boot.is_some() && !whole, "unsigned_boot"),
            (self.default.is_some() && names, "default"),
        ]
    }

    /// True where reports mask the data: where the rule says so, and of the hives that keep
    /// passwords.
    fn is_masked(&self) -> bool {
        let hives = [r"HKLM\SAM\", r"HKLM\SECURITY\"];
        self.secret || hives.iter().any(|hive| self.key.starts_with(hive))
    }

    /// True where `text` is right, by patterns that `fits` compares.
    fn accepts(&self, fits: impl Fn(&String) -> bool) -> bool {
        let any = |patterns: &[String]| patterns.iter().any(&fits);
        match (self.only.is_empty(), self.wrong.is_empty()) {
            (false, _) => any(&self.only),
            (true, false) => !any(&self.wrong),
            (true, true) => false,
        }
    }

    /// What the rule wants, for people.
    fn expected(&self) -> Text {
        let shown = |patterns: &[String]| {
            let shown = patterns.iter().map(|p| match p.as_str() {
                "" => say!(win_value_empty),
                pattern => Text::verbatim(pattern),
            });
            shown.collect::<Vec<Text>>()
        };
        let any = |patterns: &[String]| patterns.iter().any(|p| p == "*");
        if any(&self.only) {
            say!(win_value_any)
        } else if !self.only.is_empty() {
            Text::list(shown(&self.only))
        } else if self.wrong.is_empty() || any(&self.wrong) || self.judge.of_names() {
            say!(win_value_absent)
        } else {
            say!(win_value_not, values = shown(&self.wrong))
        }
    }

    /// Judges the names of the keys.
    fn keys(&self, context: &Context<'_>, found: &mut Findings) {
        for key in Values::of(context).keys(found, &self.key) {
            if self.is_right(context, &key.fact) {
                continue;
            }
            let path = key.at.key.clone().unwrap_or_default();
            let fix = say!(win_fix_key_delete, key = path);
            found.fix(commands::loaded(&key.at, fix));
            let note = self.note.clone().unwrap_or_default();
            let item =
                Item::at(key.at, note).compare(say!(win_key_absent), Text::verbatim(key.fact));
            found.add(self.status.into(), item);
        }
    }

    /// Judges a value as a whole.
    fn whole(&self, context: &Context<'_>, value: &Found<NamedValue>, found: &mut Findings) {
        let texts = match &value.fact.data {
            Datum::List(list) => list.clone(),
            other => vec![other.to_string()],
        };
        let right = |text: &String| self.accepts(|pattern| matches(pattern, text));
        let odd = !texts.iter().all(right);
        let mut status = if odd {
            self.status.into()
        } else {
            Status::Pass
        };
        if let Some(effect) = self.unsigned_boot.filter(|_| odd)
            && unsigned_boot_drivers(context, effect, found)
        {
            status = effect.into();
        }
        let note = match &self.note {
            Some(note) if odd => note.clone(),
            _ => say!(win_value, name = &value.fact.name),
        };
        let data = value.fact.data.to_string();
        let shown = if self.is_masked() {
            hidden(&data)
        } else {
            Text::verbatim(data)
        };
        found.add(
            status,
            Item::at(value.at.clone(), note).compare(self.expected(), shown),
        );
        if odd {
            found.fix(self.fix(context, value, None));
        }
    }

    /// Judges an entry of a value, or its name; what it counts as.
    fn entry(
        &self,
        context: &Context<'_>,
        entry: &str,
        value: &Found<NamedValue>,
        found: &mut Findings,
    ) -> Status {
        if self.is_right(context, entry) {
            return Status::Pass;
        }
        let note = self.note.clone().unwrap_or_default();
        let shown = if self.is_masked() {
            hidden(entry)
        } else {
            Text::verbatim(entry)
        };
        let status = self.status.into();
        let item = Item::at(value.at.clone(), note).compare(self.expected(), shown);
        found.add(status, item);
        found.fix(self.fix(context, value, Some(entry)));
        status
    }

    /// The command that mends a value: by its default, or what alone is right, or by removing what
    /// is wrong (`entry` of a list, or the value).
    fn fix(&self, context: &Context<'_>, value: &Found<NamedValue>, entry: Option<&str>) -> Text {
        let key = value.at.key.as_deref().unwrap_or(&self.key);
        let name = value.at.value.as_deref().unwrap_or_default();
        let literal = |p: &&String| !p.contains(['*', '?', '%']);
        let wanted = self.default.as_ref().or(self.only.first().filter(literal));
        let (kind, list) = match value.fact.data {
            Datum::Number(_) => ("REG_DWORD", false),
            Datum::Text(_) | Datum::Hidden(_) => ("REG_SZ", false),
            Datum::List(_) => ("REG_MULTI_SZ", true),
        };
        let fix = match (wanted, entry) {
            _ if self.judge == Judge::Names => commands::delete_value(key, name),
            (Some(data), _) => {
                let expands = data.contains('%');
                let kind = if expands { "REG_EXPAND_SZ" } else { kind };
                commands::set_value(key, name, kind, data)
            }
            (None, Some(entry)) if !self.is_masked() && (list || !self.split.is_empty()) => {
                match self.without_wrong(context, value) {
                    Some(data) => commands::set_value(key, name, kind, data),
                    None => say!(win_fix_reg_entry, key = key, value = name, entry = entry),
                }
            }
            (None, _) if !self.only.is_empty() => {
                let wanted = self.expected();
                say!(
                    win_fix_reg_restore,
                    key = key,
                    value = name,
                    wanted = wanted
                )
            }
            (None, _) => commands::delete_value(key, name),
        };
        commands::loaded(&value.at, fix)
    }

    /// The list of a value without the entries that are wrong, as reg.exe takes it; `None` where
    /// that would be none, or one that a command line can't hold.
    fn without_wrong(&self, context: &Context<'_>, value: &Found<NamedValue>) -> Option<String> {
        let entries = entries(&value.fact.data, &self.split);
        let right = entries.iter().filter(|e| self.is_right(context, e));
        let right: Vec<&str> = right.map(String::as_str).collect();
        let between = match &value.fact.data {
            Datum::List(_) => "\\0",
            _ => self.split.get(..1)?,
        };
        let whole = right.join(between);
        (!whole.is_empty() && !whole.contains('"')).then_some(whole)
    }

    /// True where `entry` of a value is right.
    fn is_right(&self, context: &Context<'_>, entry: &str) -> bool {
        let roots = context.evidence.windows.roots();
        let plain = |text: &str| expand(text, &roots, &[]);
        let text = plain(entry);
        self.accepts(|pattern| matches(&plain(pattern), &text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Evidence;
    use crate::fs::memory::MemoryFs;
    use crate::guest::windows::testing::guests;
    use crate::policy::checks::windows::testing::{CONFIG, good, hive};
    use crate::policy::{CheckResult, Policy, run};

    /// What the check with the rule finds on the Windows of `fs`.
    fn ruled(fs: MemoryFs, rule: &str) -> CheckResult {
        let mut policy = Policy::built_in("tencent-marketplace").unwrap();
        policy.checks.retain(|c| c.id == "WIN-KERNEL-005");
        let rules: serde_json::Value = serde_yaml_ng::from_str(&format!("[{rule}]")).unwrap();
        policy.checks[0].with = serde_json::Map::from_iter([("rules".to_owned(), rules)]);
        let guests = guests(fs);
        let evidence: Vec<Evidence<'_>> = guests.iter().map(Evidence::new).collect();
        run(&policy, &evidence, &[], &|_| {}).remove(0)
    }

    #[test]
    fn a_rule_reads_the_accounts_and_the_secrets_and_shows_neither() {
        for (hive, file, key, value) in [
            ("SAM", hive!("sam"), r"SAM\Domains\Account\Users\*", "V"),
            (
                "SECURITY",
                hive!("security"),
                r"Policy\Secrets\*\CurrVal",
                "*",
            ),
        ] {
            let rule = |judge: &str| {
                format!(
                    "{{key: 'HKLM\\{hive}\\{key}', value: '{value}', status: fail, note: x, {judge}}}"
                )
            };
            for judge in ["wrong: ['*']", "judge: whole, wrong: ['*']"] {
                let with = good().file(&format!("{CONFIG}/{hive}"), 0o644, file);
                let found = ruled(with, &rule(judge));
                assert_eq!(found.status, Status::Fail, "{hive}: {found:?}");
                let shown = found.evidence[0].found.as_ref().unwrap();
                assert_eq!(shown.code, "secret-masked", "{shown:?}");
                // Without the hive it can't be told.
                let without = ruled(good(), &rule(judge));
                assert_eq!(without.status, Status::Unknown, "{hive}");
                assert_eq!(without.gaps.len(), 1);
            }
        }
    }

    #[test]
    fn a_rule_over_keys_tells_each_key_that_is_there() {
        let key = r"HKLM\SYSTEM\CurrentControlSet\Services";
        let of = |last: &str| {
            ruled(
                good(),
                &format!(r"{{key: '{key}\{last}', judge: keys, status: fail, note: x}}"),
            )
        };
        let found = of("OnionX");
        assert_eq!(found.status, Status::Fail, "{found:?}");
        assert_eq!(found.evidence.len(), 1);
        assert_eq!(of("nothere").status, Status::Pass);
    }

    const VALUE: &str = r"key: 'HKLM\SYSTEM\Setup', value: CmdLine, status: warn, note: x";

    /// Where and why rules of a policy are refused.
    fn refused(rules: &str) -> (String, String) {
        let rules: Vec<Rule> = serde_yaml_ng::from_str(rules).unwrap();
        let bad = validate(&rules, "rules").unwrap_err();
        (bad.path, bad.problem.en)
    }

    #[test]
    fn rules_that_contradict_themselves_are_refused_with_their_place() {
        let good: Vec<Rule> = serde_yaml_ng::from_str(&format!("[{{{VALUE}}}]")).unwrap();
        assert_eq!(validate(&good, "rules"), Ok(()));
        for (rules, path, problem) in [
            ("[]".to_owned(), "rules", "at least one"),
            (
                format!("[{{{VALUE}, only: [a], wrong: [b]}}]"),
                "rules[0]",
                "exclude",
            ),
            (
                format!("[{{{VALUE}, only: [a, a]}}]"),
                "rules[0]",
                "a is duplicated",
            ),
            (
                format!("[{{{VALUE}, judge: whole}}]"),
                "rules[0]",
                "missing",
            ),
            (
                format!("[{{{VALUE}}}, {{{VALUE}}}]"),
                "rules[1]",
                "duplicated",
            ),
            (
                format!("[{{{VALUE}, judge: whole, only: [a], secret: true}}]"),
                "rules[0].secret",
                "no effect with \"judge: whole\"",
            ),
            (
                format!("[{{{VALUE}, judge: names, only: [a], split: ','}}]"),
                "rules[0].split",
                "no effect",
            ),
            (
                format!("[{{{VALUE}, judge: keys, only: [a]}}]"),
                "rules[0].value",
                "no effect",
            ),
            (
                format!("[{{{VALUE}, only: [a], unsigned_boot: fail}}]"),
                "rules[0].unsigned_boot",
                "no effect",
            ),
            (
                format!("[{{{VALUE}, judge: names, only: [a], default: '1'}}]"),
                "rules[0].default",
                "no effect",
            ),
            (
                "[{key: 'HKCR\\x', value: y, status: warn}]".to_owned(),
                "rules[0].key",
                "no key",
            ),
            (
                r"[{key: 'HKU\*\x', value: y, status: warn}]".to_owned(),
                "rules[0]",
                "note is missing",
            ),
        ] {
            let (at, why) = refused(&rules);
            assert_eq!(at, path, "{rules}");
            assert!(why.contains(problem), "{rules}: {why}");
        }
    }
}
