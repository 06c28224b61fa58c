//! WIN-SYSPREP-001: the image is generalized, as far as the policy wants it.

use super::run::is_before;
use super::{COMPLETE, GENERALIZED, STATE, run};
use crate::evidence::windows::{Image, Sysprep};
use crate::evidence::{Found, Location};
use crate::guest::windows::expand;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::Parameters;
use crate::policy::checks::windows::programs::signature;
use crate::policy::checks::windows::values::Values;
use crate::policy::{Context, Generalization, Item, Outcome, Status};
use crate::text::Text;

/// Seconds after a run of sysprep within which the machine is shut down.
const USED: i64 = 2 * 86_400;
const SETUP: &str = r"HKLM\SYSTEM\Setup";

/// The test takes no parameters of its own.
#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct State {}

impl Parameters for State {
    const SHARED: &'static [&'static str] = &["sysprep"];
}

/// What one place says of the state of the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    /// Generalized, and the next start runs the setup.
    Generalized,
    /// Set up, in use.
    Complete,
    /// A state that no finished image has.
    Wrong,
    /// Nothing.
    Silent,
}

impl Says {
    fn of_image_state(text: &str) -> Self {
        match text {
            GENERALIZED => Self::Generalized,
            COMPLETE => Self::Complete,
            _ => Self::Wrong,
        }
    }

    /// What `place` says, in a sentence.
    fn note(self, place: &str) -> Text {
        match self {
            Self::Generalized => say!(win_sysprep_001_generalized, place = place),
            Self::Complete => say!(win_sysprep_001_complete, place = place),
            Self::Wrong => say!(win_sysprep_001_wrong, place = place),
            Self::Silent => say!(win_sysprep_001_silent, place = place),
        }
    }
}

/// The places that tell the state, each with its evidence.
struct Signs {
    /// `ImageState` in the registry; `None` where there is no such value.
    image: Option<Says>,
    /// `ImageState` in State.ini.
    file: Says,
    /// Whether the next start runs the setup.
    setup: Says,
    /// The file that a successful run leaves.
    tag: bool,
    /// The last run in the log.
    log: Says,
    items: Vec<Sign>,
}

/// What one place says.
struct Sign {
    at: Location,
    place: &'static str,
    says: Says,
    found: Text,
    /// What a generalized image and one in use have there, where that decides.
    wanted: Option<[Text; 2]>,
}

impl Signs {
    /// True where some place says another thing than `state`.
    fn deny(&self, state: Says) -> bool {
        [self.file, self.setup]
            .iter()
            .any(|s| *s != state && *s != Says::Silent)
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, _: &State) -> Outcome {
    let rule = context.shared.sysprep;
    let mut found = Findings::new();
    let traces = context.evidence.windows.sysprep();
    found.gaps(traces.gaps.iter().cloned());
    let signs = signs(context, &traces, &mut found);
    let (mut status, mut reason) = match rule {
        Generalization::Required => required(&signs),
        Generalization::Forbidden => forbidden(&signs),
        Generalization::Any => any(&signs),
    };
    if status == Status::Pass
        && signs.image == Some(Says::Generalized)
        && used_since(context, &traces, &mut found)
    {
        status = Status::Unknown;
        reason = say!(win_sysprep_001_used_since);
    }
    let wanted = match (rule, signs.image) {
        (Generalization::Forbidden, _) | (Generalization::Any, Some(Says::Complete)) => {
            Says::Complete
        }
        _ => Says::Generalized,
    };
    let bad = if matches!(status, Status::Fail | Status::Warn) {
        status
    } else {
        Status::Pass
    };
    let weigh = |says| {
        if says == wanted || says == Says::Silent {
            Status::Pass
        } else {
            bad
        }
    };
    for sign in signs.items {
        let item = Item::at(sign.at, sign.says.note(sign.place));
        let expected = match sign.wanted {
            Some([_, complete]) if wanted == Says::Complete => complete,
            Some([generalized, _]) => generalized,
            None => say!(win_value_any),
        };
        found.add(weigh(sign.says), item.compare(expected, sign.found));
    }
    if let Some(last) = traces.runs.last() {
        found.add(weigh(signs.log), run::item(last));
        if let (None, Some((line, text))) = (last.fact.succeeded, &last.fact.last_error) {
            let mut at = last.at.clone();
            at.line = Some(*line);
            if status == Status::Fail && signs.log == Says::Wrong {
                found.fix(say!(win_sysprep_fix_error, place = at.to_string()));
            }
            let item = Item::at(at, say!(win_sysprep_001_last_error));
            found.add(
                weigh(signs.log),
                item.compare(say!(win_sysprep_001_no_error), Text::verbatim(text)),
            );
        }
    } else if let Some(log) = &traces.log {
        found.pass(Item::at(log.clone(), say!(win_sysprep_001_no_run)));
    }
    if wanted == Says::Complete && status == Status::Fail {
        found.fix(say!(win_sysprep_001_fix_forbidden));
    }
    let outcome = found.concluded(status, |_, _| reason.clone());
    // What was not read might be what speaks against a failure.
    if signs.image.is_none() {
        return outcome.unless_hidden([]);
    }
    outcome
}

/// True where the system was in use after the last run of its log: what says that it is generalized
/// may have been written by anybody.
fn used_since(context: &Context<'_>, traces: &Sysprep, found: &mut Findings) -> bool {
    let Some(last) = traces.runs.last() else {
        return false;
    };
    let key = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion";
    let installed = Values::of(context).number(found, key, "InstallDate");
    let later = installed.filter(|date| {
        let secs = i64::try_from(date.fact).unwrap_or(i64::MAX);
        is_before(&last.fact, secs)
    });
    if let Some(date) = later {
        let shown = Text::verbatim(date.fact.to_string());
        let item = Item::at(date.at, say!(win_sysprep_001_installed_since));
        found.unknown(item.compare(say!(win_sysprep_001_before_run), shown));
        return true;
    }
    // The registry was written long after the machine was shut down.
    let written = context.evidence.windows.last_seen();
    let secs = written.map_or(i64::MIN, |t| t.secs.saturating_sub(USED));
    if is_before(&last.fact, secs) {
        let item = Item::at(last.at.clone(), say!(win_sysprep_001_written_since));
        let shown = written.map_or_else(String::new, |t| t.to_string());
        let time = last.fact.time.clone().unwrap_or_default();
        found.unknown(item.compare(Text::verbatim(time), Text::verbatim(shown)));
        return true;
    }
    false
}

/// The program that the setup starts with is Windows' own, where it is there.
fn deploys(context: &Context<'_>, command: &Found<String>, found: &mut Findings) -> bool {
    let windows = &context.evidence.windows;
    let roots = windows.roots();
    let folder = format!(r"{}\System32\oobe", roots.windows).to_lowercase();
    let text = expand(command.fact.trim().trim_matches('"'), &roots, &[]).to_lowercase();
    let named = [
        r"oobe\windeploy.exe".to_owned(),
        format!(r"{folder}\windeploy.exe"),
    ];
    if !named.contains(&text) {
        return false;
    }
    let path = format!(r"{folder}\windeploy.exe");
    let (image, signed) = windows.signed_file(&path);
    let file = match image {
        Image::File(file) => file,
        Image::Unknown(gap) => {
            found.gap(gap);
            return true;
        }
        Image::Missing(_) | Image::None => return true,
    };
    let name = found.read(windows.original_name(&path));
    let own = name.is_none_or(|n| n.to_lowercase().starts_with("windeploy.exe"));
    let (status, why) = signature(signed.as_ref());
    let status = if own { status } else { Status::Fail };
    if status != Status::Pass {
        let item = Item::at(file.at, say!(win_sysprep_001_other_deploy, why = why));
        found.fail(item);
        found.fix(say!(win_sysprep_001_restore_deploy));
    }
    status == Status::Pass
}

fn required(signs: &Signs) -> (Status, Text) {
    match signs.image {
        Some(Says::Generalized) if signs.deny(Says::Generalized) || signs.log == Says::Wrong => {
            (Status::Fail, say!(win_sysprep_001_generalized_contradicted))
        }
        Some(Says::Generalized) if signs.tag && signs.log == Says::Generalized => {
            (Status::Pass, say!(win_sysprep_001_pass))
        }
        Some(Says::Generalized) if signs.tag || signs.log == Says::Generalized => {
            (Status::Unknown, say!(win_sysprep_001_trace_missing))
        }
        Some(Says::Generalized) => (Status::Unknown, say!(win_sysprep_001_no_trace)),
        Some(Says::Complete) if signs.setup == Says::Generalized => {
            (Status::Fail, say!(win_sysprep_001_setup_contradicts))
        }
        Some(Says::Complete) if signs.tag && signs.log == Says::Generalized => {
            (Status::Warn, say!(win_sysprep_001_started_since))
        }
        Some(Says::Complete) => (Status::Fail, say!(win_sysprep_001_not_generalized)),
        Some(_) => (Status::Fail, say!(win_sysprep_001_unfinished)),
        None => (Status::Fail, say!(win_sysprep_001_no_state)),
    }
}

fn forbidden(signs: &Signs) -> (Status, Text) {
    match signs.image {
        Some(Says::Complete) if signs.deny(Says::Complete) => {
            (Status::Fail, say!(win_sysprep_001_complete_contradicted))
        }
        // The provider's own base image was generalized before.
        Some(Says::Complete) if signs.tag && signs.log != Says::Silent => {
            (Status::Warn, say!(win_sysprep_001_started_since))
        }
        Some(Says::Complete) => (Status::Pass, say!(win_sysprep_001_pass_forbidden)),
        Some(Says::Generalized) => (Status::Fail, say!(win_sysprep_001_forbidden)),
        _ => required(signs),
    }
}

fn any(signs: &Signs) -> (Status, Text) {
    match signs.image {
        Some(state @ (Says::Generalized | Says::Complete)) if signs.deny(state) => {
            (Status::Fail, say!(win_sysprep_001_contradictory))
        }
        Some(Says::Generalized | Says::Complete) => (Status::Pass, say!(win_sysprep_001_pass_any)),
        _ => required(signs),
    }
}

/// Looks at every place.
fn signs(context: &Context<'_>, traces: &Sysprep, found: &mut Findings) -> Signs {
    let values = Values::of(context);
    let mut items = Vec::new();
    let states = || Some([GENERALIZED, COMPLETE].map(Text::verbatim));
    let image = values.text(found, STATE, "ImageState");
    let says = image.as_ref().map(|s| Says::of_image_state(&s.fact));
    let (at, shown) = match image {
        Some(state) => (state.at, Text::verbatim(state.fact)),
        None => (values.place(STATE, "ImageState"), say!(win_value_absent)),
    };
    items.push(Sign {
        at,
        place: "ImageState",
        says: says.unwrap_or(Says::Wrong),
        found: shown,
        wanted: states(),
    });
    let mut file = Says::Silent;
    if let Some(state) = &traces.state {
        file = Says::of_image_state(&state.fact);
        items.push(Sign {
            at: state.at.clone(),
            place: "State.ini",
            says: file,
            found: Text::verbatim(&state.fact),
            wanted: states(),
        });
    }
    let setup = setup(context, values, &mut items, found);
    if let Some(tag) = &traces.tag {
        let written = tag
            .fact
            .map_or_else(|| say!(win_time_unknown), |t| Text::verbatim(t.to_string()));
        items.push(Sign {
            at: tag.at.clone(),
            place: "Sysprep_succeeded.tag",
            says: Says::Generalized,
            found: say!(win_sysprep_001_tag, written = written),
            wanted: None,
        });
    }
    let log = traces.runs.last().map_or(Says::Silent, |last| {
        let run = &last.fact;
        match (run.succeeded, run::OPTIONS.iter().all(|o| run.has(o))) {
            (Some(_), true) => Says::Generalized,
            _ => Says::Wrong,
        }
    });
    Signs {
        image: says,
        file,
        setup,
        tag: traces.tag.is_some(),
        log,
        items,
    }
}

/// `SYSTEM\Setup`: a generalized image starts the setup (`SetupType` 2, `CmdLine`
/// `oobe\windeploy.exe`). The values of `SysprepStatus` are shown and prove nothing: scripts set
/// them, and a system in use keeps 7.
fn setup(
    context: &Context<'_>,
    values: Values<'_>,
    items: &mut Vec<Sign>,
    found: &mut Findings,
) -> Says {
    let mut read = Findings::new();
    let kind = values.number(&mut read, SETUP, "SetupType");
    let command = values.text(&mut read, SETUP, "CmdLine");
    let running = values.number(&mut read, SETUP, "SystemSetupInProgress");
    let asks = command.as_ref().is_some_and(|c| !c.fact.trim().is_empty());
    let deploys = command.as_ref().is_some_and(|c| deploys(context, c, found));
    let number = |found: &Option<Found<u64>>| found.as_ref().map_or(0, |f| f.fact);
    let says = match (number(&kind), asks) {
        _ if !read.complete() => Says::Silent,
        (2, true) if deploys => Says::Generalized,
        (0, false) if number(&running) == 0 => Says::Complete,
        _ => Says::Wrong,
    };
    found.absorb(read);
    let mut sign = |at, place, found: String, wanted| {
        items.push(Sign {
            at,
            place,
            says,
            found: Text::verbatim(found),
            wanted,
        });
    };
    if let Some(kind) = kind {
        let wanted = Some(["2", "0"].map(Text::verbatim));
        sign(kind.at, "SetupType", kind.fact.to_string(), wanted);
    }
    if let Some(running) = running {
        let wanted = Some([say!(win_value_any), Text::verbatim("0")]);
        let shown = running.fact.to_string();
        sign(running.at, "SystemSetupInProgress", shown, wanted);
    }
    if let Some(command) = command {
        let wanted = Some([Text::verbatim(r"oobe\windeploy.exe"), say!(win_nothing)]);
        sign(command.at, "CmdLine", command.fact, wanted);
    }
    let status = r"HKLM\SYSTEM\Setup\Status\SysprepStatus";
    let weak = [
        (SETUP, "OOBEInProgress"),
        (SETUP, "CloneTag"),
        (status, "GeneralizationState"),
        (status, "CleanupState"),
    ];
    for (key, name) in weak {
        if let Some(value) = values.first(found, key, name) {
            let item = Item::at(value.at, say!(win_sysprep_001_weak, name = name));
            let shown = Text::verbatim(value.fact.data.to_string());
            found.pass(item.compare(say!(win_value_any), shown));
        }
    }
    says
}
