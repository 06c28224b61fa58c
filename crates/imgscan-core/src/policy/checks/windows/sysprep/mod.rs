//! The state that sysprep left: WIN-SYSPREP-001 to -003.

mod identity;
mod runs;

pub(super) use identity::identity;
pub(super) use runs::runs;

use super::probe::Probe;
use crate::error::Result;
use crate::evidence::Found;
use crate::evidence::windows::{Run, Sysprep};
use crate::policy::{Context, Item, Outcome, Status};

const STATE: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\State";
const SETUP: &str = r"HKLM\SYSTEM\Setup";
const GENERALIZED: &str = "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE";
const COMPLETE: &str = "IMAGE_STATE_COMPLETE";

/// Whether images have to be generalized by sysprep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Polarity {
    Required,
    Forbidden,
    Any,
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
    fn en(self) -> &'static str {
        match self {
            Self::Generalized => "generalized",
            Self::Complete => "set up and in use",
            Self::Wrong => "unfinished or wrong",
            Self::Silent => "nothing",
        }
    }

    fn zh(self) -> &'static str {
        match self {
            Self::Generalized => "已通用化",
            Self::Complete => "已完成安装并使用",
            Self::Wrong => "未完成或异常",
            Self::Silent => "无",
        }
    }
}

/// The places that tell the state.
struct Signs {
    /// `ImageState` in the registry; `None` where there is no such value.
    image: Option<Says>,
    /// `ImageState` in State.ini.
    file: Says,
    /// Whether the next start runs the setup.
    setup: Says,
    tag: bool,
    /// The last run in the log.
    log: Says,
}

/// WIN-SYSPREP-001.
pub(super) fn state(context: &Context<'_>) -> Result<Outcome> {
    let polarity: Polarity = context.policy.param("sysprep")?;
    let mut probe = Probe::new(context);
    let traces = probe.windows.sysprep();
    probe.gaps.extend(traces.gaps.iter().cloned());
    let signs = signs(&mut probe, &traces);
    let (status, en, zh) = match polarity {
        Polarity::Required => required(&signs),
        Polarity::Forbidden => forbidden(&signs),
        Polarity::Any => any(&signs),
    };
    // What was not read might be what speaks against a failure.
    let status = if status == Status::Fail && !probe.gaps.is_empty() && signs.image.is_none() {
        Status::Unknown
    } else {
        status
    };
    Ok(probe.end(status, en, zh))
}

type Verdict = (Status, &'static str, &'static str);

impl Signs {
    /// True where some place says another thing than `state`.
    fn deny(&self, state: Says) -> bool {
        [self.file, self.setup]
            .iter()
            .any(|s| *s != state && *s != Says::Silent)
    }
}

fn required(signs: &Signs) -> Verdict {
    match signs.image {
        Some(Says::Generalized) if signs.deny(Says::Generalized) || signs.log == Says::Wrong => (
            Status::Fail,
            "ImageState says generalized, but other places contradict it",
            "ImageState 显示已通用化，但其他位置与之矛盾",
        ),
        Some(Says::Generalized) if signs.tag && signs.log == Says::Generalized => (
            Status::Pass,
            "the image is generalized and was not started since",
            "镜像已通用化，且此后未启动",
        ),
        Some(Says::Generalized) if signs.tag || signs.log == Says::Generalized => (
            Status::Warn,
            "the image is generalized, but the tag file or the log of a successful run is missing",
            "镜像已通用化，但缺少标记文件或成功运行的日志",
        ),
        Some(Says::Generalized) => (
            Status::Unknown,
            "only settings that a script can write say that the image is generalized; neither the tag file nor a log of sysprep is there",
            "仅有可被脚本写入的设置表明已通用化，没有 sysprep 的标记文件或日志",
        ),
        Some(Says::Complete) if signs.setup == Says::Generalized => (
            Status::Fail,
            "ImageState says set up and in use, but SYSTEM\\Setup says generalized",
            "ImageState 显示已完成安装，但 SYSTEM\\Setup 显示已通用化",
        ),
        Some(Says::Complete) if signs.tag && signs.log == Says::Generalized => (
            Status::Warn,
            "sysprep ran, and the system was started again since",
            "已执行 sysprep，但此后系统被再次启动",
        ),
        Some(Says::Complete) => (
            Status::Fail,
            "the image was not generalized by sysprep",
            "镜像未执行 sysprep 通用化",
        ),
        Some(_) => (
            Status::Fail,
            "the image is in a state that no finished image has",
            "镜像处于未完成的状态",
        ),
        None => (
            Status::Fail,
            "the registry holds no ImageState",
            "注册表中没有 ImageState",
        ),
    }
}

fn forbidden(signs: &Signs) -> Verdict {
    match signs.image {
        Some(Says::Complete) if signs.deny(Says::Complete) => (
            Status::Fail,
            "ImageState says set up and in use, but other places contradict it",
            "ImageState 显示已完成安装，但其他位置与之矛盾",
        ),
        // The provider's own base image was generalized before.
        Some(Says::Complete) if signs.tag && signs.log != Says::Silent => (
            Status::Warn,
            "sysprep ran, and the system was started again since",
            "已执行 sysprep，但此后系统被再次启动",
        ),
        Some(Says::Complete) => (
            Status::Pass,
            "the image was not generalized, as this policy wants it",
            "镜像未执行 sysprep，符合策略要求",
        ),
        Some(Says::Generalized) => (
            Status::Fail,
            "the image is generalized, which this policy forbids",
            "镜像已执行 sysprep，策略不允许",
        ),
        _ => required(signs),
    }
}

fn any(signs: &Signs) -> Verdict {
    match signs.image {
        Some(state @ (Says::Generalized | Says::Complete)) if signs.deny(state) => (
            Status::Fail,
            "the places that tell the state of the image contradict each other",
            "各处记录的镜像状态相互矛盾",
        ),
        Some(Says::Generalized | Says::Complete) => (
            Status::Pass,
            "this policy takes images with and without sysprep",
            "策略对是否执行 sysprep 不作要求",
        ),
        _ => required(signs),
    }
}

fn image_state(text: &str) -> Says {
    match text {
        GENERALIZED => Says::Generalized,
        COMPLETE => Says::Complete,
        _ => Says::Wrong,
    }
}

/// Looks at every place and writes each into the evidence.
fn signs(probe: &mut Probe<'_>, traces: &Sysprep) -> Signs {
    let image = probe.text(STATE, "ImageState");
    let says = image.as_ref().map(|s| image_state(&s.fact));
    let (at, found) = match image {
        Some(state) => (state.at, state.fact),
        None => (probe.place(STATE, "ImageState"), "not there".into()),
    };
    sign(
        probe,
        at,
        ("ImageState", says.unwrap_or(Says::Wrong)),
        &found,
    );
    let file = match &traces.state {
        Some(state) => {
            let says = image_state(&state.fact);
            sign(probe, state.at.clone(), ("State.ini", says), &state.fact);
            says
        }
        None => Says::Silent,
    };
    let setup = setup(probe);
    if let Some(tag) = &traces.tag {
        let time = tag.fact.map_or_else(|| "-".into(), |t| t.to_string());
        sign(
            probe,
            tag.at.clone(),
            ("Sysprep_succeeded.tag", Says::Generalized),
            &format!("written {time}"),
        );
    }
    Signs {
        image: says,
        file,
        setup,
        tag: traces.tag.is_some(),
        log: log(probe, traces),
    }
}

fn sign(
    probe: &mut Probe<'_>,
    at: crate::evidence::Location,
    (what, says): (&str, Says),
    found: &str,
) {
    let note = (
        format!("{what} says: {}", says.en()),
        format!("{what} 表明：{}", says.zh()),
    );
    probe.say(at, note, GENERALIZED_FORM, found);
}

/// What a generalized image has, in words.
const GENERALIZED_FORM: &str = "what sysprep /generalize /oobe leaves";

/// `SYSTEM\Setup`: a generalized image starts the setup (`SetupType` 2, `CmdLine`
/// `oobe\windeploy.exe`). The values of `SysprepStatus` are shown and prove nothing: scripts set
/// them, and a system in use keeps 7.
fn setup(probe: &mut Probe<'_>) -> Says {
    let before = probe.gaps.len();
    let kind = probe.number(SETUP, "SetupType");
    let command = probe.text(SETUP, "CmdLine");
    let running = probe.number(SETUP, "SystemSetupInProgress");
    let asks = command.as_ref().is_some_and(|c| !c.fact.trim().is_empty());
    let deploys = command
        .as_ref()
        .is_some_and(|c| c.fact.to_ascii_lowercase().contains("windeploy.exe"));
    let number = |found: &Option<Found<u64>>| found.as_ref().map_or(0, |f| f.fact);
    let says = match (number(&kind), asks) {
        _ if probe.gaps.len() > before => Says::Silent,
        (2, true) if deploys => Says::Generalized,
        (0, false) if number(&running) == 0 => Says::Complete,
        _ => Says::Wrong,
    };
    let numbers = [("SetupType", kind), ("SystemSetupInProgress", running)];
    for (name, found) in numbers {
        if let Some(found) = found {
            sign(probe, found.at, (name, says), &found.fact.to_string());
        }
    }
    if let Some(command) = command {
        sign(probe, command.at, ("CmdLine", says), &command.fact);
    }
    let weak = [
        (SETUP, "OOBEInProgress"),
        (SETUP, "CloneTag"),
        (
            r"HKLM\SYSTEM\Setup\Status\SysprepStatus",
            "GeneralizationState",
        ),
        (r"HKLM\SYSTEM\Setup\Status\SysprepStatus", "CleanupState"),
    ];
    for (key, name) in weak {
        if let Some(value) = probe.value(key, name) {
            let item = Item::new(
                value.at,
                format!("{name}, which scripts set too: it proves nothing by itself"),
                format!("{name}：脚本也会设置该值，单独不构成证明"),
            );
            let found = value.fact.data.to_string();
            probe.items.push(item.compare("any", found));
        }
    }
    says
}

/// What the last run in the log says.
fn log(probe: &mut Probe<'_>, traces: &Sysprep) -> Says {
    let Some(last) = traces.runs.last() else {
        if let Some(log) = &traces.log {
            probe.note(
                log.clone(),
                "no run of sysprep in the log",
                "日志中没有 sysprep 运行记录",
            );
        }
        return Says::Silent;
    };
    let run = &last.fact;
    let says = match (run.succeeded, run.has("GENERALIZE"), run.has("OOBE")) {
        (Some(_), true, true) => Says::Generalized,
        _ => Says::Wrong,
    };
    let item = run_item(last);
    probe.items.push(item);
    if let (None, Some((line, text))) = (run.succeeded, &run.last_error) {
        let mut at = last.at.clone();
        at.line = Some(*line);
        probe.say(
            at,
            ("the last error of that run", "该次运行的最后一个错误"),
            "no error",
            text.as_str(),
        );
    }
    says
}

/// A run in one line.
fn run_item(run: &Found<Run>) -> Item {
    let it = &run.fact;
    let options: Vec<&str> = it.options.iter().map(|(name, _)| name.as_str()).collect();
    let time = it.time.as_deref().unwrap_or("-");
    let (end_en, end_zh) = match it.succeeded {
        Some(_) => ("succeeded", "成功"),
        None => ("did not succeed", "未成功"),
    };
    let file = it.answer_file.as_deref().unwrap_or("-");
    Item::new(
        run.at.clone(),
        format!("run of sysprep at {time} (local time), {end_en}; answer file {file}"),
        format!("sysprep 运行于 {time}（本地时间），{end_zh}；应答文件 {file}"),
    )
    .compare(
        "GENERALIZE, OOBE; succeeded",
        format!("{}; {end_en}", options.join(", ")),
    )
}
