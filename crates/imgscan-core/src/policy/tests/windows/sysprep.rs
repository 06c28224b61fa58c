//! The state that sysprep left: WIN-SYSPREP-001 to -003.

use super::probe::Probe;
use crate::error::Result;
use crate::evidence::Found;
use crate::evidence::windows::{Run, Sysprep};
use crate::fs::Timestamp;
use crate::policy::{Context, Item, Outcome, Status};

const STATE: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\State";
const SETUP: &str = r"HKLM\SYSTEM\Setup";
const GENERALIZED: &str = "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE";
const COMPLETE: &str = "IMAGE_STATE_COMPLETE";
/// Hours that the local time of a log may be off the universal time.
const ZONES: i64 = 14 * 3_600;

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

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RunsWith {
    /// Patterns of answer files that need no look.
    answer_files: Vec<String>,
}

/// WIN-SYSPREP-002.
pub(super) fn runs(context: &Context<'_>) -> Result<Outcome> {
    let polarity: Polarity = context.policy.param("sysprep")?;
    let with: RunsWith = context.check.with()?;
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
fn odd(probe: &mut Probe<'_>, with: &RunsWith, last: &Found<Run>) -> bool {
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
        && !with.answer_files.iter().any(|p| super::matches(p, file))
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

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct IdentityWith {
    /// SIDs of machines that base images have, which no finished image may share.
    base_sids: Vec<String>,
    /// Digests of the GUIDs of such machines (`MachineGuid` in lower case): hexadecimal SHA-256, as
    /// the check prints them.
    base_guids: Vec<String>,
}

/// WIN-SYSPREP-003.
pub(super) fn identity(context: &Context<'_>) -> Result<Outcome> {
    let with: IdentityWith = context.check.with()?;
    let mut probe = Probe::new(context);
    let read = probe.windows.accounts();
    let accounts = match read {
        Ok(accounts) => accounts,
        Err(gap) => {
            probe.gaps.push(gap);
            return Ok(probe.end(
                Status::Unknown,
                "the machine's SID can't be read",
                "无法读取机器 SID",
            ));
        }
    };
    let sid = accounts.machine_sid.clone();
    let at = accounts.at.clone();
    probe.say(
        at.clone(),
        ("the machine's SID", "机器 SID"),
        "not that of another machine",
        sid.as_deref().unwrap_or("not there"),
    );
    let guid = guid(&mut probe);
    let state = probe.text(STATE, "ImageState");
    let waits = state.as_ref().is_some_and(|s| s.fact == GENERALIZED);
    if let Some(state) = state {
        probe.say(
            state.at,
            ("the state of the image", "镜像状态"),
            GENERALIZED,
            state.fact,
        );
    }
    let updates = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate";
    let left = probe.value(updates, "SusClientId");
    if let Some(left) = &left {
        probe.say(
            left.at.clone(),
            (
                "the identifier of this machine at an update server was kept",
                "保留了更新服务器客户端标识",
            ),
            "not there",
            "there",
        );
    }
    let known = sid.as_ref().is_some_and(|sid| with.base_sids.contains(sid));
    let same = guid.is_some_and(|g| with.base_guids.iter().any(|b| b.eq_ignore_ascii_case(&g)));
    let (status, en, zh) = match (waits, known, sid) {
        (false, true, _) => (
            Status::Fail,
            "the machine has the SID of its base image",
            "机器 SID 与基础镜像相同",
        ),
        (false, ..) if same => (
            Status::Fail,
            "the machine has the GUID of its base image",
            "机器 GUID 与基础镜像相同",
        ),
        (_, _, None) => (
            Status::Unknown,
            "the machine's SID can't be read",
            "无法读取机器 SID",
        ),
        (true, ..) if left.is_some() => (
            Status::Warn,
            "a new SID is made at the next start, but an identifier of this machine was kept",
            "下次启动时会生成新的 SID，但保留了本机的一个标识",
        ),
        (true, ..) => (
            Status::Pass,
            "a new SID is made when the image is started",
            "镜像启动时会生成新的 SID",
        ),
        (false, false, _) if !with.base_sids.is_empty() => (
            Status::Pass,
            "the machine's SID and GUID are those of no base image the policy knows",
            "机器 SID 与 GUID 均不同于策略所列的基础镜像",
        ),
        (false, false, _) => (
            Status::NotApplicable,
            "the policy lists no SIDs of base images to compare with",
            "策略未列出可供比较的基础镜像 SID",
        ),
    };
    Ok(probe.end(status, en, zh))
}

/// The digest of the machine's GUID, where it has one.
fn guid(probe: &mut Probe<'_>) -> Option<String> {
    use sha2::Digest as _;
    let key = r"HKLM\SOFTWARE\Microsoft\Cryptography";
    let found = probe.text(key, "MachineGuid")?;
    let digest = crate::bytes::hex(&sha2::Sha256::digest(found.fact.to_lowercase().as_bytes()));
    probe.say(
        found.at,
        ("digest of the machine's GUID", "机器 GUID 的摘要"),
        "not that of another machine",
        format!("sha256 {digest}"),
    );
    Some(digest)
}
