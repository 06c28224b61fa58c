//! WIN-KERNEL-010: what the event logs say of drivers and files that were loaded.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::eventlog::Event;
use crate::evidence::Location;
use crate::evidence::windows::Events;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::matches;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

/// Logs and the events in them that are worth a look.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks::windows) struct Logs {
    /// The logs.
    logs: Vec<Log>,
}

/// A log.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Log {
    /// Its name in `System32\winevt\Logs`.
    file: String,
    /// Events that are worth a look.
    events: Vec<EventRule>,
}

/// Events that are worth a look.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EventRule {
    /// Their numbers.
    ids: Vec<u32>,
    /// Who writes them.
    provider: String,
    /// Patterns of fields, of which one has to fit; none where every event counts.
    #[serde(default)]
    r#where: BTreeMap<String, Vec<String>>,
    /// The fields that are shown.
    fields: Vec<String>,
    /// What such an event means.
    note: Text,
}

impl Parameters for Logs {
    fn validate(&self) -> Result<(), BadParameter> {
        let files: Vec<String> = self.logs.iter().map(|l| l.file.to_lowercase()).collect();
        valid::some("logs", &files)?;
        for (i, log) in self.logs.iter().enumerate() {
            for (k, rule) in log.events.iter().enumerate() {
                let path = |field: &str| format!("logs[{i}].events[{k}].{field}");
                let ids: Vec<String> = rule.ids.iter().map(u32::to_string).collect();
                valid::some(&path("ids"), &ids)?;
                valid::text(&path("provider"), &rule.provider)?;
                valid::entries(&path("fields"), &rule.fields)?;
            }
        }
        Ok(())
    }
}

impl EventRule {
    fn names(&self, provider: &str, id: u32) -> bool {
        self.ids.contains(&id) && self.provider.eq_ignore_ascii_case(provider)
    }

    fn meets(&self, event: &Event) -> bool {
        let fits = |(name, patterns): (&String, &Vec<String>)| {
            let text = event.field(name).unwrap_or_default();
            patterns.iter().any(|p| matches(p, text))
        };
        self.names(&event.provider, event.id)
            && (self.r#where.is_empty() || self.r#where.iter().any(fits))
    }
}

pub(in crate::policy::checks::windows) fn run(context: &Context<'_>, with: &Logs) -> Outcome {
    let mut found = Findings::new();
    for log in &with.logs {
        let wanted = |provider: &str, id: u32| log.events.iter().any(|r| r.names(provider, id));
        match context.evidence.windows.events(&log.file, &wanted) {
            Ok(Some(events)) => {
                found.gaps(events.gaps.iter().cloned());
                read(log, &events, &mut found);
            }
            Ok(None) => {
                let root = context.evidence.windows.system_root_location();
                let folder = root.path.unwrap_or_default();
                let at = Location {
                    volume: root.volume,
                    ..Location::of_path(format!("{folder}/System32/winevt/Logs/{}", log.file))
                };
                found.unknown(Item::at(at, say!(win_kernel_010_absent)));
                found.fix(say!(win_kernel_010_fix_unknown));
            }
            Err(gap) => found.gap(gap),
        }
    }
    found.conclude(|status, count| match status {
        Status::Warn => say!(win_kernel_010_warn, count = count),
        Status::Unknown => say!(win_kernel_010_unknown, count = count),
        _ => say!(win_kernel_010_pass),
    })
}

fn read(log: &Log, events: &Events, found: &mut Findings) {
    for event in &events.items {
        let Some(rule) = log.events.iter().find(|r| r.meets(&event.fact)) else {
            continue;
        };
        let it = &event.fact;
        let note = say!(
            win_kernel_010_event,
            note = &rule.note,
            id = it.id,
            record = it.record,
            time = it.time.to_string(),
        );
        let shown: Vec<&str> = rule.fields.iter().filter_map(|f| it.field(f)).collect();
        let item = Item::at(event.at.clone(), note);
        found.warn(item.compare(
            say!(win_kernel_010_wanted),
            Text::verbatim(shown.join("; ")),
        ));
    }
    let (status, note) = match events.records {
        0 => (Status::Unknown, say!(win_kernel_010_empty)),
        count => (
            Status::Pass,
            say!(win_kernel_010_records, count = count, first = events.first),
        ),
    };
    found.add(status, Item::at(events.at.clone(), note));
    if status == Status::Unknown {
        found.fix(say!(win_kernel_010_fix_unknown));
    }
}
