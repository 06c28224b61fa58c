//! The last part of `docs/policy.md`: every key of policy files, with what the types say of it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use super::schema;

/// The heading that it begins with.
const HEADING: &str = "## Every key";

/// Every key of policy files, as Markdown.
#[must_use]
pub fn reference() -> String {
    let schema = schema();
    let mut pages = Pages {
        schema: &schema,
        told: BTreeSet::new(),
        text: format!("{HEADING}\n"),
    };
    pages.part("Of the file", &schema);
    let tests = schema["$defs"]["Check"]["allOf"].as_array();
    for test in tests.into_iter().flatten() {
        let name = test["if"]["properties"]["test"]["const"].as_str();
        let with = pages.resolved(&test["then"]["properties"]["with"]);
        if !keys(with).is_empty() {
            let title = format!("Of `with` for `{}`", name.unwrap_or_default());
            pages.part(&title, with);
        }
    }
    pages.text
}

/// The document `text` with its last part written anew.
#[must_use]
pub fn with_reference(text: &str) -> String {
    let own = text.split_once(HEADING).map_or(text, |(own, _)| own);
    format!("{}\n\n{}", own.trim_end(), reference())
}

struct Pages<'s> {
    schema: &'s Value,
    /// Definitions whose keys were told.
    told: BTreeSet<String>,
    text: String,
}

/// The keys of a form.
fn keys(form: &Value) -> Vec<(&String, &Value)> {
    let properties = form["properties"].as_object();
    properties.into_iter().flatten().collect()
}

/// The forms that `form` is made of: of each item, of each value, of each alternative.
fn within(form: &Value) -> Vec<&Value> {
    let lists = ["anyOf", "oneOf", "allOf"].into_iter();
    let alternatives = lists.filter_map(|list| form[list].as_array()).flatten();
    let inner = ["items", "additionalProperties"].into_iter();
    let inner = inner.map(|key| &form[key]).filter(|form| form.is_object());
    alternatives.chain(inner).collect()
}

/// What the types say of `form`, in one line.
fn said(form: &Value) -> String {
    let said = form["description"].as_str().unwrap_or_default();
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl<'s> Pages<'s> {
    /// `form`, or the definition that it refers to.
    fn resolved(&self, form: &'s Value) -> &'s Value {
        match form["$ref"].as_str() {
            Some(name) => {
                let found = self.schema.pointer(name.trim_start_matches('#'));
                found.unwrap_or(form)
            }
            None => form,
        }
    }

    fn part(&mut self, title: &str, form: &'s Value) {
        let _ = writeln!(self.text, "\n### {title}\n");
        self.list(form, 0);
    }

    /// The keys of `form`, `depth` levels in.
    fn list(&mut self, form: &'s Value, depth: usize) {
        for (key, value) in keys(form) {
            let indent = "  ".repeat(depth);
            let words = self.words(value);
            let words = match words.as_slice() {
                [] => String::new(),
                words => format!(" One of {}.", words.join(", ")),
            };
            let again = if self.was_told(value) {
                " Its keys are those above."
            } else {
                ""
            };
            let said = said(value);
            let _ = writeln!(self.text, "{indent}- `{key}`: {said}{words}{again}");
            self.below(value, depth + 1);
        }
    }

    /// True where the keys of what `form` holds were told.
    fn was_told(&self, form: &Value) -> bool {
        let named = form["$ref"].as_str();
        named.is_some_and(|name| self.told.contains(name))
            || within(form).into_iter().any(|inner| self.was_told(inner))
    }

    /// The words that `form` is one of.
    fn words(&self, form: &'s Value) -> Vec<String> {
        let form = self.resolved(form);
        let consts = form["oneOf"].as_array().into_iter().flatten();
        let consts = consts.filter_map(|one| one["const"].as_str());
        let named = form["enum"].as_array().into_iter().flatten();
        // The names of tests are the headings below.
        let named = named
            .filter_map(Value::as_str)
            .filter(|n| !n.contains("_0"));
        consts
            .chain(named)
            .map(|word| format!("`{word}`"))
            .collect()
    }

    /// The keys of what `form` holds; those of a definition that was told are not told again.
    fn below(&mut self, form: &'s Value, depth: usize) {
        if let Some(name) = form["$ref"].as_str() {
            let target = self.resolved(form);
            let is_form = !keys(target).is_empty();
            if is_form && !self.told.insert(name.to_owned()) {
                return;
            }
            return self.below(target, depth);
        }
        // A sentence is one text, or one for each language.
        let languages = keys(form)
            .iter()
            .all(|(key, _)| matches!(key.as_str(), "en" | "zh"));
        if !languages {
            self.list(form, depth);
        }
        for inner in within(form) {
            self.below(inner, depth);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = include_str!("../../../../docs/policy.md");

    /// Every key in `form`.
    fn all(form: &Value, found: &mut BTreeSet<String>) {
        match form {
            Value::Object(map) => {
                let properties = map.get("properties").and_then(Value::as_object);
                found.extend(properties.into_iter().flatten().map(|(key, _)| key.clone()));
                map.values().for_each(|inner| all(inner, found));
            }
            Value::Array(items) => items.iter().for_each(|inner| all(inner, found)),
            _ => {}
        }
    }

    #[test]
    fn every_key_of_the_schema_is_described_in_the_document() {
        let mut keys = BTreeSet::new();
        all(&schema(), &mut keys);
        assert!(keys.len() > 150, "{}", keys.len());
        for key in keys {
            assert!(DOCUMENT.contains(&format!("`{key}`")), "{key}");
        }
        let described = reference();
        let empty = described.lines().find(|line| line.ends_with("`: "));
        assert_eq!(empty, None);
    }

    #[test]
    fn the_document_says_what_the_types_say() {
        assert!(
            with_reference(DOCUMENT) == DOCUMENT,
            "write it again: cargo run -p imgscan-core --example policy_schema"
        );
    }
}
