//! WIN-KERNEL-010: what the event logs say of drivers and files that were loaded.

use std::collections::BTreeMap;

use super::Found;
use crate::error::Result;
use crate::eventlog::Event;
use crate::evidence::Location;
use crate::policy::checks::windows::matches;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    logs: Vec<Log>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Log {
    /// Its name in `System32\winevt\Logs`.
    file: String,
    events: Vec<Rule>,
}

/// Events that are worth a look.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    ids: Vec<u32>,
    provider: String,
    /// Patterns of fields, of which one has to fit; none where every event counts.
    #[serde(default)]
    r#where: BTreeMap<String, Vec<String>>,
    /// The fields that are shown.
    fields: Vec<String>,
    note: Text,
}

impl Rule {
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

/// WIN-KERNEL-010.
pub(in crate::policy::checks::windows) fn quiet(context: &Context<'_>) -> Result<Outcome> {
    let with: With = context.check.with()?;
    let mut found = Found::new(&[]);
    for log in &with.logs {
        let wanted = |provider: &str, id: u32| log.events.iter().any(|r| r.names(provider, id));
        match context.evidence.windows.events(&log.file, &wanted) {
            Ok(Some(events)) => {
                found.gaps.extend(events.gaps.iter().cloned());
                read(log, &events, &mut found);
            }
            Ok(None) => {
                let root = context.evidence.windows.system_root_location();
                let folder = root.path.unwrap_or_default();
                let at = Location {
                    volume: root.volume,
                    ..Location::of_path(format!("{folder}/System32/winevt/Logs/{}", log.file))
                };
                let item = Item::new(at, "there is no such log", "日志不存在");
                found.add(Status::Unknown, item);
            }
            Err(gap) => found.gaps.push(gap),
        }
    }
    let told = (
        "a log speaks of drivers or files that want an explanation",
        "日志中有需要说明的驱动或文件记录",
    );
    Ok(found.outcome(
        (
            "no log speaks of a driver that was installed, refused or not verified",
            "日志中没有安装驱动、加载失败或未通过校验的记录",
        ),
        told,
        (
            "a log is not there or holds nothing, as after sysprep: what ran before can't be told",
            "日志不存在或为空（sysprep 之后属正常），无法得知此前的运行情况",
        ),
        told,
    ))
}

fn read(log: &Log, events: &crate::evidence::windows::Events, found: &mut Found) {
    for event in &events.items {
        let Some(rule) = log.events.iter().find(|r| r.meets(&event.fact)) else {
            continue;
        };
        let it = &event.fact;
        let what = format!("event {}, record {}, {}", it.id, it.record, it.time);
        let item = Item::new(
            event.at.clone(),
            format!("{}: {what}", rule.note.en),
            format!("{}：{what}", rule.note.zh),
        );
        let shown: Vec<&str> = rule.fields.iter().filter_map(|f| it.field(f)).collect();
        found.add(
            Status::Warn,
            item.compare("no such event", shown.join("; ")),
        );
    }
    let (status, en, zh) = match events.records {
        0 => (
            Status::Unknown,
            "the log holds no records".to_owned(),
            "日志中没有记录".to_owned(),
        ),
        n => (
            Status::Pass,
            format!("{n} records from number {}", events.first),
            format!("{n} 条记录，自第 {} 条起", events.first),
        ),
    };
    found.add(status, Item::new(events.at.clone(), en, zh));
}
