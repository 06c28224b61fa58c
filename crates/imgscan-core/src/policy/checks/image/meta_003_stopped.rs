//! META-003: that the system was stopped when its disk was copied.

use crate::error::Result;
use crate::evidence::linux::Turn;
use crate::evidence::{Gap, Location};
use crate::fs::Content;
use crate::guest::Family;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::matches;

/// The log of Windows that says when it was started and stopped, and who says so.
const LOG: &str = "System.evtx";
const PROVIDER: &str = "EventLog";
const STARTED: u32 = 6005;
const STOPPED: u32 = 6006;
/// Levels of `/run` that are looked at.
const DEPTH: usize = 3;
/// Leftovers that are shown.
const MAX_SHOWN: usize = 20;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// Patterns of what only a running Linux makes.
    run: Vec<String>,
}

#[derive(Default)]
struct Signs {
    /// What says that it was running.
    running: Vec<Item>,
    /// What says that it was not, or says nothing.
    others: Vec<Item>,
    gaps: Vec<Gap>,
}

impl Signs {
    fn running(&mut self, at: Location, en: &str, zh: &str, expected: &str, found: String) {
        let item = Item::new(at, en, zh).compare(expected, found);
        self.running.push(item);
    }

    fn other(&mut self, at: Location, en: impl Into<String>, zh: impl Into<String>) {
        self.others.push(Item::new(at, en, zh));
    }
}

/// META-003.
pub(in crate::policy::checks) fn stopped(context: &Context<'_>) -> Result<Outcome> {
    let with: With = context.check.with()?;
    let mut signs = Signs::default();
    volumes(context, &mut signs);
    match context.evidence.guest.family {
        Family::Linux => linux(context, &with, &mut signs),
        Family::Windows => windows(context, &mut signs),
    }
    signs.gaps.sort();
    signs.gaps.dedup();
    let outcome = match signs.running.len() {
        0 => Outcome::new(
            Status::Pass,
            "nothing says that the system was running when its disk was copied",
            "未发现系统在运行中被制作成镜像的迹象",
        ),
        n => Outcome::new(
            Status::Warn,
            format!("{n} signs that the system was running when its disk was copied"),
            format!("有 {n} 处迹象表明镜像取自运行中的系统"),
        ),
    };
    Ok(outcome
        .evidence(signs.running)
        .evidence(signs.others)
        .gaps(signs.gaps))
}

/// How each file system was left.
fn volumes(context: &Context<'_>, signs: &mut Signs) {
    let all = context.evidence.guest.paths.volumes();
    if all.is_empty() {
        let why = crate::error::Error::not_found(
            crate::Layer::Guest,
            "the volumes of this system are not known",
        );
        signs.gaps.push(Gap::new(Location::default(), &why));
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
                    signs.other(
                        at,
                        format!("{kind}: closed in order"),
                        format!("{kind}：已正常卸载"),
                    );
                } else {
                    signs.running(
                        at,
                        "the file system was in use",
                        "文件系统未正常卸载",
                        "closed in order",
                        format!("{kind}: {}", flags.join(", ")),
                    );
                }
            }
            Content::Nothing(_) => {}
            Content::Gap(_, e) => signs.gaps.push(Gap::new(at, e)),
        }
    }
}

fn linux(context: &Context<'_>, with: &With, signs: &mut Signs) {
    match context.evidence.files.tree("/run", DEPTH) {
        Ok(tree) => {
            signs.gaps.extend(tree.gaps);
            let left = |n: &&String| with.run.iter().any(|p| matches(p, n));
            for name in tree.names.iter().filter(left).take(MAX_SHOWN) {
                signs.running(
                    Location::of_path(name.clone()),
                    "only a running system makes this",
                    "仅运行中的系统会产生此文件",
                    "not there",
                    "there".into(),
                );
            }
        }
        Err(gap) => signs.gaps.push(gap),
    }
    match context.evidence.linux.last_turn() {
        Ok(Some(last)) => {
            let it = &last.fact;
            let place = format!("record {} of {}", it.record, it.records);
            match it.turn {
                Turn::Stop => signs.other(
                    last.at,
                    format!("the last start or stop is a shutdown: {place}"),
                    format!("最后一次启停记录为关机：{place}"),
                ),
                Turn::Start => signs.running(
                    last.at,
                    "no shutdown follows the last start",
                    "最后一次启动之后没有关机记录",
                    "shutdown",
                    format!("reboot, {place}"),
                ),
            }
        }
        Ok(None) => {}
        Err(gap) => signs.gaps.push(gap),
    }
    let journal = "/var/log/journal";
    match context.evidence.files.names(journal) {
        Ok(Some(names)) if !names.names.is_empty() => signs.other(
            Location::of_path(journal),
            "the journal of systemd is not read",
            "未读取 systemd 日志",
        ),
        Ok(_) => {}
        Err(gap) => signs.gaps.push(gap),
    }
}

fn windows(context: &Context<'_>, signs: &mut Signs) {
    let windows = &context.evidence.windows;
    let hives = windows.hive_states();
    signs.gaps.extend(hives.gaps);
    for hive in hives.items {
        let it = &hive.fact;
        let sequences = it.sequences.filter(|(first, second)| first != second);
        if let Some((first, second)) = sequences {
            signs.running(
                hive.at,
                "the hive was in use",
                "注册表文件未正常关闭",
                "equal sequence numbers",
                format!("{}: {first}, {second}", it.name),
            );
        } else if let Some(e) = &it.failed {
            signs.gaps.push(Gap::new(hive.at, e));
        }
    }
    let wanted = |provider: &str, id: u32| provider == PROVIDER && matches!(id, STARTED | STOPPED);
    match windows.events(LOG, &wanted) {
        Ok(Some(log)) => {
            signs.gaps.extend(log.gaps);
            let Some(last) = log.items.into_iter().next_back() else {
                return;
            };
            let place = format!(
                "event {}, record {}, {}",
                last.fact.id, last.fact.record, last.fact.time
            );
            match last.fact.id {
                STOPPED => signs.other(
                    last.at,
                    format!("the last start or stop is a stop: {place}"),
                    format!("最后一次启停记录为停止：{place}"),
                ),
                _ => signs.running(
                    last.at,
                    "no stop follows the last start",
                    "最后一次启动之后没有停止记录",
                    "event 6006",
                    place,
                ),
            }
        }
        Ok(None) => {}
        Err(gap) => signs.gaps.push(gap),
    }
}
