//! META-003: the system was stopped when its disk was copied.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::error::{Error, Layer};
use crate::evidence::linux::PowerEvent;
use crate::evidence::{Gap, Location};
use crate::fs::Content;
use crate::guest::Family;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, matches};

/// The log of Windows that says when it was started and stopped, and who says so.
const LOG: &str = "System.evtx";
const PROVIDER: &str = "EventLog";
const STARTED: u32 = 6005;
const STOPPED: u32 = 6006;
/// Levels of `/run` that are looked at.
const DEPTH: usize = 3;
/// Leftovers that are shown.
const MAX_SHOWN: usize = 20;

/// What only a running system makes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Leftovers {
    /// Patterns of paths below `/run`, `*` for any characters.
    run: Vec<String>,
}

impl Parameters for Leftovers {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::entries("run", &self.run)
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Leftovers) -> Outcome {
    let mut found = Findings::new();
    volumes(context, &mut found);
    match context.evidence.guest.family {
        Family::Linux => linux(context, with, &mut found),
        Family::Windows => windows(context, &mut found),
    }
    found.conclude(|status, count| match status {
        Status::Warn => say!(meta_003_warn, count = count),
        _ => say!(meta_003_pass),
    })
}

/// How each file system was left.
fn volumes(context: &Context<'_>, found: &mut Findings) {
    let all = context.evidence.guest.paths.volumes();
    if all.is_empty() {
        let why = Error::not_found(Layer::Guest, say!(meta_003_no_volumes));
        found.gap(Gap::new(Location::default(), &why));
    }
    for volume in all {
        let at = Location {
            volume: Some(volume.volume.name.clone()),
            ..Location::default()
        };
        match &volume.content {
            Content::FileSystem(fs) => {
                let flags = fs.unclean();
                let kind = fs.info().kind;
                if flags.is_empty() {
                    let note = say!(meta_003_unmounted, kind = kind.to_string());
                    found.pass(Item::at(at, note));
                } else {
                    let flags = Text::list(&flags);
                    let shown = say!(ui_field, name = kind.to_string(), value = flags);
                    found.warn(
                        Item::at(at, say!(meta_003_mounted)).compare(say!(meta_003_closed), shown),
                    );
                }
            }
            Content::Nothing(_) => {}
            Content::Gap(_, e) => found.gap(Gap::new(at, e)),
        }
    }
}

fn linux(context: &Context<'_>, with: &Leftovers, found: &mut Findings) {
    match context.evidence.files.tree("/run", DEPTH) {
        Ok(tree) => {
            found.gaps(tree.gaps);
            let left = |n: &&String| with.run.iter().any(|p| matches(p, n));
            for name in tree.names.iter().filter(left).take(MAX_SHOWN) {
                found.warn(
                    Item::at(Location::of_path(name.clone()), say!(meta_003_left_over))
                        .compare(say!(meta_003_absent), say!(meta_003_present)),
                );
            }
        }
        Err(gap) => found.gap(gap),
    }
    if let Some(last) = found.read(context.evidence.linux.last_power_event()) {
        let (record, records) = (last.fact.record, last.fact.records);
        match last.fact.event {
            PowerEvent::Stop => found.pass(Item::at(
                last.at,
                say!(meta_003_shutdown, record = record, records = records),
            )),
            PowerEvent::Start => found.warn(Item::at(last.at, say!(meta_003_no_shutdown)).compare(
                Text::verbatim("shutdown"),
                say!(meta_003_reboot, record = record, records = records),
            )),
        }
    }
    let journal = "/var/log/journal";
    let names = found.read(context.evidence.files.names(journal));
    if names.is_some_and(|names| !names.names.is_empty()) {
        let at = Location::of_path(journal);
        found.pass(Item::at(at, say!(meta_003_journal)));
    }
}

fn windows(context: &Context<'_>, found: &mut Findings) {
    let windows = &context.evidence.windows;
    for hive in found.keep(windows.hive_states()) {
        let it = &hive.fact;
        let sequences = it.sequences.filter(|(first, second)| first != second);
        if let Some((first, second)) = sequences {
            let numbers = format!("{}: {first}, {second}", it.name);
            found.warn(
                Item::at(hive.at, say!(meta_003_hive))
                    .compare(say!(meta_003_equal_numbers), Text::verbatim(numbers)),
            );
        } else if let Some(e) = &it.failed {
            found.gap(Gap::new(hive.at, e));
        }
    }
    let wanted = |provider: &str, id: u32| provider == PROVIDER && matches!(id, STARTED | STOPPED);
    let Some(log) = found.read(windows.events(LOG, &wanted)) else {
        return;
    };
    found.gaps(log.gaps);
    let Some(last) = log.items.into_iter().next_back() else {
        return;
    };
    let event = |id: u32| {
        say!(
            meta_003_event,
            id = id,
            record = last.fact.record,
            time = last.fact.time.to_string()
        )
    };
    match last.fact.id {
        STOPPED => {
            let note = say!(meta_003_stop_event, event = event(STOPPED));
            found.pass(Item::at(last.at, note));
        }
        id => {
            let item = Item::at(last.at.clone(), say!(meta_003_no_stop_event));
            found.warn(item.compare(say!(meta_003_stop_wanted, id = STOPPED), event(id)));
        }
    }
}
