//! WIN-PERSIST-004: no event consumer, package of the security authority or credential provider but
//! those of Windows.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::windows::Subject;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::explained::{Unexplained, explain, remove, running};
use crate::policy::checks::windows::rules::{self, Rule};
use crate::policy::checks::windows::{matches, one_of};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// Entries that are files which make consumers.
const MOF: &str = "WMI mof";

/// What Windows itself adds to the security authority, the logon and WMI.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Authorities {
    /// Values of the security authority and its neighbours.
    rules: Vec<Rule>,
    /// Patterns of `Class name` of event consumers that Windows has.
    consumers: Vec<String>,
    /// Classes of consumers that run a script.
    script_classes: Vec<String>,
    /// Classes of consumers that run a command.
    command_classes: Vec<String>,
}

impl Parameters for Authorities {
    const SHARED: &'static [&'static str] = &["windows_programs"];

    fn validate(&self) -> Result<(), BadParameter> {
        rules::validate(&self.rules, "rules")?;
        valid::entries("consumers", &self.consumers)?;
        valid::entries("script_classes", &self.script_classes)?;
        valid::entries("command_classes", &self.command_classes)
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Authorities) -> Outcome {
    let mut found = Findings::new();
    rules::apply(context, &with.rules, &mut found);
    libraries(context, &mut found);
    consumers(context, with, &mut found);
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_persist_004_fail, count = count),
        Status::Unknown => say!(win_persist_004_unknown, count = count),
        Status::Warn => say!(win_persist_004_warn, count = count),
        _ => say!(win_persist_004_pass),
    })
}

/// Libraries that see passwords, or decide who logs on.
fn libraries(context: &Context<'_>, found: &mut Findings) {
    for entry in running(context, &[Subject::Logon], found) {
        let explained = explain(context, &entry.fact, Unexplained::Fails, found);
        if explained.status == Status::Pass {
            continue;
        }
        let what = say!(
            win_persist_004_library,
            kind = entry.fact.kind.as_str(),
            name = entry.fact.name.as_str()
        );
        found.add(
            explained.status,
            explained.item(&entry.fact, &entry.at, what),
        );
        found.fix(remove(entry));
    }
}

fn consumers(context: &Context<'_>, with: &Authorities, found: &mut Findings) {
    for consumer in running(context, &[Subject::Event], found) {
        let it = &consumer.fact;
        if it.kind == MOF {
            let explained = explain(context, it, Unexplained::Unknown, found);
            if explained.status != Status::Pass {
                let what = Text::verbatim(MOF);
                found.add(explained.status, explained.item(it, &consumer.at, what));
                found.fix(remove(consumer));
            }
            continue;
        }
        let shown = format!("{} {}", it.kind, it.name);
        let known = with.consumers.iter().any(|p| matches(p, &shown));
        let runs = |classes: &[String]| classes.contains(&it.kind);
        let text = it.command.clone();
        let (status, note) = if known {
            (Status::Pass, say!(win_persist_004_consumer))
        } else if runs(&with.script_classes) {
            (Status::Fail, say!(win_persist_004_consumer_script))
        } else if runs(&with.command_classes) {
            (Status::Fail, say!(win_persist_004_consumer_command))
        } else {
            (Status::Unknown, say!(win_persist_004_consumer_foreign))
        };
        if status != Status::Pass {
            let (class, name) = (it.kind.as_str(), it.name.as_str());
            found.fix(say!(
                win_persist_004_fix_consumer,
                class = class,
                name = name
            ));
        }
        let shown = if text.is_empty() {
            shown
        } else {
            format!("{shown}: {text}")
        };
        let item = Item::at(
            consumer.at.clone(),
            say!(win_persist_004_by_text, what = note),
        );
        found.add(
            status,
            item.compare(one_of(&with.consumers), Text::verbatim(shown)),
        );
    }
}
