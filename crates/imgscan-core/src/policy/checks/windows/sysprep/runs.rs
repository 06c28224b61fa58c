//! WIN-SYSPREP-002: how often, and how, sysprep ran.

use super::{Polarity, run_item};
use crate::error::Result;
use crate::evidence::Found;
use crate::evidence::windows::{Run, Sysprep};
use crate::fs::Timestamp;
use crate::policy::checks::windows::matches;
use crate::policy::checks::windows::probe::Probe;
use crate::policy::{Context, Outcome, Status};

/// Seconds that the local time of a log may be off the universal time: 14 hours.
const ZONES: i64 = 14 * 3_600;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// Patterns of answer files that need no look.
    answer_files: Vec<String>,
}

/// WIN-SYSPREP-002.
pub(in crate::policy::checks::windows) fn runs(context: &Context<'_>) -> Result<Outcome> {
    let polarity: Polarity = context.policy.param("sysprep")?;
    let with: With = context.check.with()?;
    let mut probe = Probe::new(context);
    let traces = probe.windows.sysprep();
    probe.gaps.extend(traces.gaps.iter().cloned());
    let installed = probe.number(
        r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion",
        "InstallDate",
    );
    let own: Vec<&Found<Run>> = (traces.runs.iter())
        .filter(|run| !of_the_base(&run.fact, installed.as_ref()))
        .collect();
    for run in &traces.runs {
        let item = run_item(run);
        probe.items.push(item);
    }
    if own.len() < traces.runs.len()
        && let Some(date) = &installed
    {
        let count = traces.runs.len() - own.len();
        probe.note(
            date.at.clone(),
            format!("{count} runs are older than this installation and belong to its base image"),
            format!("{count} 次运行早于本次安装，属于其基础镜像"),
        );
    }
    let Some(last) = own.last() else {
        return Ok(without_runs(probe, polarity, &traces));
    };
    if last.fact.succeeded.is_none() {
        return Ok(probe.end(
            Status::Fail,
            "the last run of sysprep did not succeed",
            "最后一次 sysprep 运行未成功",
        ));
    }
    let odd = odd(&mut probe, &with, last);
    let (status, en, zh) = match own.len() {
        _ if odd => (
            Status::Warn,
            "sysprep ran in a way that wants a look",
            "sysprep 的执行方式需要关注",
        ),
        1 => (Status::Pass, "sysprep ran once", "sysprep 执行了一次"),
        _ => (
            Status::Warn,
            "sysprep ran several times",
            "sysprep 执行了多次",
        ),
    };
    Ok(probe.end(status, en, zh))
}

/// True where a run of the log is older than the installation.
fn of_the_base(run: &Run, installed: Option<&Found<u64>>) -> bool {
    let (Some(time), Some(installed)) = (&run.time, installed) else {
        return false;
    };
    let Some(secs) = i64::try_from(installed.fact)
        .ok()
        .and_then(|s| s.checked_sub(ZONES))
    else {
        return false;
    };
    let limit = Timestamp { secs, nanos: 0 }.to_string();
    time.replace(' ', "T").as_str() < limit.as_str()
}

fn without_runs(probe: Probe<'_>, polarity: Polarity, traces: &Sysprep) -> Outcome {
    match polarity {
        Polarity::Required if traces.log.is_none() && traces.tag.is_some() => probe.end(
            Status::Warn,
            "sysprep left its tag file, but its log is gone",
            "存在 sysprep 标记文件，但日志已被删除",
        ),
        Polarity::Required => probe.end(
            Status::Unknown,
            "no log tells how sysprep was run",
            "没有记录 sysprep 执行方式的日志",
        ),
        _ => probe.end(
            Status::NotApplicable,
            "this policy does not ask for sysprep, and none was run",
            "策略不要求 sysprep，且未执行",
        ),
    }
}

/// True where something about the last run wants a look.
fn odd(probe: &mut Probe<'_>, with: &With, last: &Found<Run>) -> bool {
    let mut odd = false;
    for option in ["GENERALIZE", "OOBE"] {
        if !last.fact.has(option) {
            odd = true;
            probe.say(
                last.at.clone(),
                (
                    "the last run had not this option",
                    "最后一次运行未使用该选项",
                ),
                option,
                "not there",
            );
        }
    }
    if let Some((_, line)) = last.fact.options.iter().find(|(name, _)| name == "AUDIT") {
        odd = true;
        let mut at = last.at.clone();
        at.line = Some(*line);
        probe.say(
            at,
            (
                "the last run asked for audit mode",
                "最后一次运行进入审核模式",
            ),
            "OOBE",
            "AUDIT",
        );
    }
    if let Some(file) = &last.fact.answer_file
        && !with.answer_files.iter().any(|p| matches(p, file))
    {
        odd = true;
        probe.say(
            last.at.clone(),
            ("an answer file of unknown origin", "来源不明的应答文件"),
            with.answer_files.join(", "),
            file.as_str(),
        );
    }
    let key = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform";
    if let Some(skip) = probe.number(key, "SkipRearm").filter(|s| s.fact != 0) {
        odd = true;
        probe.say(
            skip.at,
            ("the activation was not reset", "未重置激活状态"),
            "0",
            skip.fact.to_string(),
        );
    }
    let autostarts = probe.windows.autostarts();
    for start in autostarts.items {
        let command = start.fact.command.unwrap_or_default();
        if command.to_ascii_lowercase().contains("sysprep") {
            odd = true;
            probe.say(
                start.at,
                (
                    "a program that starts by itself runs sysprep",
                    "自启动项会运行 sysprep",
                ),
                "no such command",
                command,
            );
        }
    }
    odd
}
