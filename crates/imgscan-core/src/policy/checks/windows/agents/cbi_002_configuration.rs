//! WIN-CBI-002: the configuration of cloudbase-init suits the provider.

use schemars::JsonSchema;
use serde::Deserialize;

use super::service::named;
use crate::evidence::windows::IniEntry;
use crate::evidence::{Found, Location};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::values::Values;
use crate::policy::checks::windows::{matches, one_of};
use crate::policy::{Context, Effect, Item, Outcome, Status};
use crate::text::Text;

/// The configuration of cloudbase-init.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Configuration {
    /// The service, whose command names the file.
    service: String,
    /// The file where the command names none.
    file: String,
    /// The section that counts.
    section: String,
    /// What values of that section must be.
    rules: Vec<Rule>,
    /// Scripts that belong to it.
    scripts: Vec<String>,
    /// Patterns of streams that mark a file as downloaded.
    marks: Vec<String>,
    /// The keys below which it keeps what it has done (`HKLM\SOFTWARE\…\*`).
    state: String,
}

/// A value of the file and what it must be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Rule {
    /// The name of the value.
    name: String,
    /// Patterns, each of which an element of the value must match.
    #[serde(default)]
    contains: Vec<String>,
    /// Patterns that no element may match.
    #[serde(default)]
    without: Vec<String>,
    /// Values, one of which it must be, in any case.
    #[serde(default)]
    is: Vec<String>,
    /// What a violation counts as.
    violated: Effect,
    /// What its absence counts as, where the program's default is not in order.
    #[serde(default)]
    absent: Option<Effect>,
    /// A value that satisfies all rules of that name, for the advice to write it.
    #[serde(default)]
    advice: Option<String>,
}

impl Parameters for Configuration {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::text("service", &self.service)?;
        valid::text("file", &self.file)?;
        valid::text("section", &self.section)?;
        valid::at_least_one("rules", &self.rules)?;
        for (i, rule) in self.rules.iter().enumerate() {
            let at = format!("rules[{i}]");
            valid::text(&format!("{at}.name"), &rule.name)?;
            valid::entries(&format!("{at}.contains"), &rule.contains)?;
            valid::entries(&format!("{at}.without"), &rule.without)?;
            valid::entries(&format!("{at}.is"), &rule.is)?;
            if rule.contains.is_empty() && rule.without.is_empty() && rule.is.is_empty() {
                return Err(BadParameter::new(at, say!(policy_bad_rule)));
            }
            let advice = rule.advice.as_deref();
            if let Some(advice) = advice
                && let Some(broken) = self
                    .rules
                    .iter()
                    .find(|r| r.name == rule.name && !r.met_by(advice))
            {
                return Err(BadParameter::new(
                    format!("{at}.advice"),
                    say!(policy_bad_advice, name = broken.name.as_str()),
                ));
            }
        }
        valid::entries("scripts", &self.scripts)?;
        valid::entries("marks", &self.marks)?;
        valid::key("state", &self.state)
    }
}

/// The elements of a value, which are divided by commas or lines.
fn elements(value: &str) -> Vec<&str> {
    let all = value.split([',', '\n']).map(str::trim);
    all.filter(|e| !e.is_empty()).collect()
}

impl Rule {
    fn met_by(&self, value: &str) -> bool {
        let elements = elements(value);
        let any = |pattern: &String| elements.iter().any(|e| matches(pattern, e));
        self.contains.iter().all(any)
            && !self.without.iter().any(any)
            && (self.is.is_empty() || self.is.iter().any(|v| v.eq_ignore_ascii_case(value)))
    }

    /// What it wants, for people.
    fn expected(&self) -> Text {
        let mut parts = Vec::new();
        if !self.contains.is_empty() {
            parts.push(say!(win_cbi_002_contains, values = self.contains.clone()));
        }
        if !self.without.is_empty() {
            parts.push(say!(win_cbi_002_without, values = self.without.clone()));
        }
        if !self.is.is_empty() {
            parts.push(one_of(&self.is));
        }
        match &parts[..] {
            [only] => only.clone(),
            _ => Text::list(parts),
        }
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Configuration) -> Outcome {
    let mut found = Findings::new();
    let path = path(context, with, &mut found);
    let entries = match context.evidence.windows.ini(&path) {
        Ok(entries) => entries,
        Err(gap) => {
            found.gap(gap);
            return found.unreadable();
        }
    };
    let Some(entries) = entries else {
        let at = Location::of_path(path.replace('\\', "/"));
        let item = Item::at(at, say!(win_cbi_002_no_file));
        found.fail(item.compare(Text::verbatim(&path), say!(win_file_absent)));
        for rule in &with.rules {
            advise(with, rule, &path, &mut found);
        }
        return found.conclude(|_, _| say!(win_cbi_002_absent));
    };
    let entries = found.keep(entries);
    for rule in &with.rules {
        judge(with, rule, &entries, &path, &mut found);
    }
    for script in &with.scripts {
        marked(context, with, script, &mut found);
    }
    for key in Values::of(context).keys(&mut found, &with.state) {
        let place = key.at.key.clone().unwrap_or_default();
        found.warn(Item::at(
            key.at,
            say!(win_cbi_002_state, instance = key.fact),
        ));
        found.fix(say!(win_fix_key_delete, key = place));
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_cbi_002_fail, count = count),
        Status::Warn => say!(win_cbi_002_warn, count = count),
        _ => say!(win_cbi_002_pass),
    })
}

/// The file that the service's command names, or the usual one.
fn path(context: &Context<'_>, with: &Configuration, found: &mut Findings) -> String {
    let command = match context.evidence.windows.services() {
        Ok(services) => named(services, &with.service).and_then(|s| s.image_path.clone()),
        Err(gap) => {
            found.gap(gap);
            None
        }
    };
    let named = command.and_then(|c| option(&c.fact, "--config-file"));
    named.unwrap_or_else(|| with.file.clone())
}

/// The value of an option in a command line, with or without quotes.
fn option(command: &str, name: &str) -> Option<String> {
    let (_, rest) = command.split_once(name)?;
    let rest = rest.trim_start_matches(['=', ' ']);
    let value = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => rest.split(' ').next()?,
    };
    (!value.is_empty()).then(|| value.to_owned())
}

fn judge(
    with: &Configuration,
    rule: &Rule,
    entries: &[Found<IniEntry>],
    path: &str,
    found: &mut Findings,
) {
    let same = |e: &&Found<IniEntry>| {
        e.fact.section.eq_ignore_ascii_case(&with.section)
            && e.fact.name.eq_ignore_ascii_case(&rule.name)
    };
    let name = rule.name.as_str();
    // The last one counts where a name is duplicated.
    let Some(entry) = entries.iter().rev().find(same) else {
        let at = Location::of_path(path.replace('\\', "/"));
        let item = Item::at(at, say!(win_cbi_002_not_set, name = name));
        let item = item.compare(rule.expected(), say!(win_value_absent));
        if let Some(effect) = rule.absent {
            found.add(effect.into(), item);
            advise(with, rule, path, found);
        } else {
            found.pass(item);
        }
        return;
    };
    let status = if rule.met_by(&entry.fact.value) {
        Status::Pass
    } else {
        advise(with, rule, path, found);
        rule.violated.into()
    };
    let shown = Text::verbatim(elements(&entry.fact.value).join(", "));
    let item = Item::at(entry.at.clone(), say!(win_cbi_002_value, name = name));
    found.add(status, item.compare(rule.expected(), shown));
}

/// Says what to write.
fn advise(with: &Configuration, rule: &Rule, path: &str, found: &mut Findings) {
    let same = with.rules.iter().filter(|r| r.name == rule.name);
    let Some(advice) = same.filter_map(|r| r.advice.as_deref()).next() else {
        return;
    };
    found.fix(say!(
        win_cbi_002_fix_value,
        file = path,
        section = with.section.as_str(),
        line = format!("{}={advice}", rule.name)
    ));
}

/// A script that must be there, and not marked as downloaded: PowerShell then refuses to run it.
fn marked(context: &Context<'_>, with: &Configuration, script: &str, found: &mut Findings) {
    match context.evidence.windows.stream_names(script) {
        Ok(Some((at, streams))) => {
            let mark = |s: &&String| with.marks.iter().any(|m| matches(m, s));
            let Some(stream) = streams.iter().find(mark) else {
                return found.pass(Item::at(at, say!(win_cbi_002_script)));
            };
            let item = Item::at(at, say!(win_cbi_002_script_marked));
            found.warn(item.compare(say!(win_stream_absent), Text::verbatim(stream)));
            found.fix(say!(win_cbi_002_fix_unblock, file = script));
        }
        Ok(None) => {
            let at = Location::of_path(script.replace('\\', "/"));
            let item = Item::at(at, say!(win_cbi_002_script_missing));
            found.warn(item.compare(Text::verbatim(script), say!(win_file_absent)));
            found.fix(say!(win_cbi_002_fix_script, file = script));
        }
        Err(gap) => found.gap(gap),
    }
}

#[cfg(test)]
mod tests {
    use super::option;

    #[test]
    fn the_file_is_taken_from_the_command() {
        let name = |command| option(command, "--config-file");
        let quoted = r#""C:\a b\x.exe" x "C:\y.exe" --config-file "C:\a b\c.conf" --debug"#;
        assert_eq!(name(quoted).as_deref(), Some(r"C:\a b\c.conf"));
        assert_eq!(
            name(r"x --config-file=C:\c.conf").as_deref(),
            Some(r"C:\c.conf")
        );
        assert_eq!(name("x --config-file"), None);
    }
}
