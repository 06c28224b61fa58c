//! WIN-LEAK-001: no password in answer files, scripts, histories or key files.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::Location;
use crate::fs::FileKind;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::matches;
use crate::policy::checks::windows::rules::{self, Rule};
use crate::policy::{Context, Effect, Item, Outcome, Status};
use crate::text::{Text, hidden};

/// The longest file whose lines are looked at, in bytes.
const MAX_TEXT: u64 = 16 * 1024 * 1024;

/// Where passwords and keys are left.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks::windows) struct Secrets {
    /// Patterns of the paths of answer files.
    answer_files: Vec<String>,
    /// Texts that Windows puts in place of a password that it has taken out.
    deleted: Vec<String>,
    /// Files with secrets in their lines.
    texts: Vec<SecretLines>,
    /// Files that are a secret, or the traces of one.
    files: Vec<SecretFiles>,
    /// Registry values that hold one.
    rules: Vec<Rule>,
}

/// Files with secrets in their lines.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SecretLines {
    /// Patterns of their paths.
    paths: Vec<String>,
    /// Patterns of lines that hold a secret.
    secret: Vec<String>,
    /// Patterns of such lines that hold none.
    #[serde(default)]
    unless: Vec<String>,
    /// What such a line is.
    note: Text,
}

/// Files that are a secret, or the traces of one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SecretFiles {
    /// Patterns of their paths.
    paths: Vec<String>,
    /// Patterns of names that do not count.
    #[serde(default)]
    unless: Vec<String>,
    /// What such a file counts as.
    status: Effect,
    /// What such a file is.
    note: Text,
}

impl Parameters for Secrets {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::entries("answer_files", &self.answer_files)?;
        valid::entries("deleted", &self.deleted)?;
        for (i, lines) in self.texts.iter().enumerate() {
            valid::some(&format!("texts[{i}].paths"), &lines.paths)?;
            valid::some(&format!("texts[{i}].secret"), &lines.secret)?;
            valid::entries(&format!("texts[{i}].unless"), &lines.unless)?;
        }
        for (i, files) in self.files.iter().enumerate() {
            valid::some(&format!("files[{i}].paths"), &files.paths)?;
            valid::entries(&format!("files[{i}].unless"), &files.unless)?;
        }
        rules::validate(&self.rules, "rules")
    }
}

pub(in crate::policy::checks::windows) fn run(context: &Context<'_>, with: &Secrets) -> Outcome {
    let mut found = Findings::new();
    answers(context, with, &mut found);
    for text in &with.texts {
        for path in &text.paths {
            for file in found.keep(context.evidence.windows.texts(path, MAX_TEXT)) {
                lines(text, &file.fact, &file.at, &mut found);
            }
        }
    }
    files(context, with, &mut found);
    rules::apply(context, &with.rules, &mut found);
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_leak_001_fail, count = count),
        Status::Unknown => say!(win_leak_001_unknown, count = count),
        Status::Warn => say!(win_leak_001_warn, count = count),
        _ => say!(win_leak_001_pass),
    })
}

/// Where a file is, as a command takes it.
fn path(at: &Location) -> String {
    at.path.as_deref().unwrap_or_default().replace('/', r"\")
}

fn answers(context: &Context<'_>, with: &Secrets, found: &mut Findings) {
    let windows = &context.evidence.windows;
    let asked = with.answer_files.iter();
    let asked = asked.map(|pattern| windows.answer_passwords(pattern));
    let mut seen = BTreeSet::new();
    for list in asked.chain([windows.found_answer_passwords()]) {
        for password in found.keep(list) {
            // Some files are found by several patterns.
            let place = (password.at.to_string(), password.fact.element.clone());
            if !seen.insert(place) {
                continue;
            }
            let it = &password.fact;
            let mut deleted = with.deleted.iter();
            if deleted.any(|d| d.eq_ignore_ascii_case(&it.text)) {
                continue;
            }
            let element = it.element.as_str();
            found.fix(say!(
                win_leak_001_fix_answer,
                path = path(&password.at),
                element = element
            ));
            let note = say!(win_leak_001_answer, element = element);
            let item = Item::at(password.at, note);
            found.fail(item.compare(say!(win_leak_001_no_password), hidden(&it.text)));
        }
    }
}

fn lines(rule: &SecretLines, lines: &[String], at: &Location, found: &mut Findings) {
    for (i, line) in lines.iter().enumerate() {
        let any = |patterns: &[String]| patterns.iter().any(|p| matches(p, line));
        if any(&rule.secret) && !any(&rule.unless) {
            found.fix(say!(
                win_leak_001_fix_line,
                path = path(at),
                line = i.saturating_add(1)
            ));
            let at = at.clone().line(i.saturating_add(1));
            let item = Item::at(at, rule.note.clone());
            found.fail(item.compare(say!(win_leak_001_no_secret), hidden(line)));
        }
    }
}

fn files(context: &Context<'_>, with: &Secrets, found: &mut Findings) {
    for rule in &with.files {
        for pattern in &rule.paths {
            for file in found.keep(context.evidence.windows.find(pattern)) {
                let full = file.at.path.clone().unwrap_or_default();
                let name = full.rsplit('/').next().unwrap_or_default();
                let not = file.fact.kind != FileKind::Regular
                    || file.fact.size == 0
                    || rule.unless.iter().any(|p| matches(p, name));
                if not {
                    continue;
                }
                found.fix(say!(win_fix_file, path = path(&file.at)));
                let item = Item::at(file.at, rule.note.clone());
                let shown = say!(win_leak_bytes, bytes = file.fact.size);
                found.add(rule.status.into(), item.compare(say!(win_absent), shown));
            }
        }
    }
}
