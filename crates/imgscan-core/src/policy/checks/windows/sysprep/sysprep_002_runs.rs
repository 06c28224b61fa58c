//! WIN-SYSPREP-002: how often, and how, sysprep ran.

use schemars::JsonSchema;
use serde::Deserialize;

use super::run::{OPTIONS, is_before, item};
use crate::evidence::Found;
use crate::evidence::windows::{Run, Sysprep};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::values::Values;
use crate::policy::checks::windows::{commands, matches, one_of};
use crate::policy::{Context, Generalization, Item, Outcome, Status};
use crate::text::Text;

/// How sysprep is run.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Runs {
    /// Patterns of answer files that need no look.
    answer_files: Vec<String>,
}

impl Parameters for Runs {
    const SHARED: &'static [&'static str] = &["sysprep"];

    fn validate(&self) -> Result<(), BadParameter> {
        valid::entries("answer_files", &self.answer_files)
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Runs) -> Outcome {
    let mut found = Findings::new();
    let traces = context.evidence.windows.sysprep();
    found.gaps(traces.gaps.iter().cloned());
    let key = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion";
    let installed = Values::of(context).number(&mut found, key, "InstallDate");
    let (base, own): (Vec<&Found<Run>>, Vec<&Found<Run>>) = traces
        .runs
        .iter()
        .partition(|run| of_the_base(&run.fact, installed.as_ref()));
    for run in &base {
        found.pass(item(run));
    }
    if let (false, Some(date)) = (base.is_empty(), &installed) {
        let note = say!(win_sysprep_002_base, count = base.len());
        found.pass(Item::at(date.at.clone(), note));
    }
    let Some((last, earlier)) = own.split_last() else {
        return without_runs(context.shared.sysprep, &traces, found);
    };
    for run in earlier {
        found.warn(item(run));
        found.fix(say!(win_sysprep_002_fix_once));
    }
    if last.fact.succeeded.is_none() {
        let place = last.at.to_string();
        found.fail(item(last));
        found.fix(say!(win_sysprep_fix_error, place = place));
        return found.conclude(|_, _| say!(win_sysprep_002_fail));
    }
    found.pass(item(last));
    let before = found.count(Status::Warn);
    odd(context, with, last, &mut found);
    let odd = found.count(Status::Warn) > before;
    found.conclude(|status, _| match status {
        Status::Warn if odd => say!(win_sysprep_002_odd),
        Status::Warn => say!(win_sysprep_002_warn, count = own.len()),
        _ => say!(win_sysprep_002_pass),
    })
}

/// True where a run of the log is older than the installation.
fn of_the_base(run: &Run, installed: Option<&Found<u64>>) -> bool {
    let secs = installed.and_then(|installed| i64::try_from(installed.fact).ok());
    secs.is_some_and(|secs| is_before(run, secs))
}

fn without_runs(rule: Generalization, traces: &Sysprep, found: Findings) -> Outcome {
    let (status, reason) = match rule {
        Generalization::Required if traces.log.is_none() && traces.tag.is_some() => {
            (Status::Warn, say!(win_sysprep_002_log_gone))
        }
        Generalization::Required => (Status::Unknown, say!(win_sysprep_002_no_log)),
        _ => (Status::NotApplicable, say!(win_sysprep_002_not_asked)),
    };
    found.concluded(status, |_, _| reason.clone())
}

/// Warns of what is unusual about the last run.
fn odd(context: &Context<'_>, with: &Runs, last: &Found<Run>, found: &mut Findings) {
    for option in OPTIONS {
        if !last.fact.has(option) {
            let item = Item::at(last.at.clone(), say!(win_sysprep_002_option));
            found.warn(item.compare(Text::verbatim(option), say!(win_value_absent)));
            found.fix(say!(win_sysprep_002_fix_once));
        }
    }
    if let Some((_, line)) = last.fact.options.iter().find(|(name, _)| name == "AUDIT") {
        let mut at = last.at.clone();
        at.line = Some(*line);
        let item = Item::at(at, say!(win_sysprep_002_audit));
        found.warn(item.compare(Text::verbatim("OOBE"), Text::verbatim("AUDIT")));
        found.fix(say!(win_sysprep_002_fix_once));
    }
    if let Some(file) = &last.fact.answer_file
        && !with.answer_files.iter().any(|p| matches(p, file))
    {
        let item = Item::at(last.at.clone(), say!(win_sysprep_002_answer_file));
        found.warn(item.compare(one_of(&with.answer_files), Text::verbatim(file)));
        found.fix(match with.answer_files.first() {
            Some(known) => say!(win_sysprep_002_fix_answer, known = known),
            None => say!(win_sysprep_002_fix_once),
        });
    }
    let key = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform";
    let skip = Values::of(context).number(found, key, "SkipRearm");
    if let Some(skip) = skip.filter(|s| s.fact != 0) {
        let item = Item::at(skip.at, say!(win_sysprep_002_rearm));
        let shown = Text::verbatim(skip.fact.to_string());
        found.warn(item.compare(Text::verbatim("0"), shown));
        found.fix(commands::set_value(key, "SkipRearm", "REG_DWORD", "0"));
    }
    for start in found.keep(context.evidence.windows.autostarts()) {
        let command = start.fact.command.unwrap_or_default();
        if command.to_ascii_lowercase().contains("sysprep") {
            let fix = commands::delete(&start.at);
            let item = Item::at(start.at, say!(win_sysprep_002_autostart));
            found.warn(item.compare(say!(win_none), Text::verbatim(command)));
            found.fix(fix);
        }
    }
}
