//! WIN-CAP-002: what making an image and shutting down need. WIN-AGENT-003: the automation agent.

use super::matches;
use super::probe::{Probe, SET};
use super::service::{State, judge};
use crate::error::Result;
use crate::evidence::windows::Datum;
use crate::policy::checks::findings::worse;
use crate::policy::{Context, Outcome, Status};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct BasicsWith {
    /// Services without which no image can be made.
    needed: Vec<String>,
    /// Services whose absence is a warning.
    wanted: Vec<String>,
}

/// WIN-CAP-002.
pub(super) fn services(context: &Context<'_>) -> Result<Outcome> {
    let with: BasicsWith = context.check.with()?;
    let mut probe = Probe::new(context);
    let services = match context.evidence.windows.services() {
        Ok(services) => services,
        Err(gap) => return Ok(super::cloudbase::unreadable(gap)),
    };
    let mut status = Status::Pass;
    let lists = [(&with.needed, Status::Fail), (&with.wanted, Status::Warn)];
    for (names, effect) in lists {
        for name in names {
            let found = services
                .items
                .iter()
                .find(|s| s.name.eq_ignore_ascii_case(name));
            let start = found.and_then(|s| s.start.as_ref());
            let (at, shown) = match (found, start) {
                (_, Some(start)) => (start.at.clone(), start.fact.to_string()),
                (Some(service), None) => {
                    probe.gaps.extend(service.gaps.iter().cloned());
                    (service.at.clone(), "no start type".into())
                }
                (None, _) => {
                    probe.gaps.extend(services.gaps.iter().cloned());
                    (services.at.clone(), "no such service".into())
                }
            };
            if start.map_or(probe.sure(), |s| s.fact >= 4) {
                status = worse(status, effect);
                let note = (
                    format!("{name} is disabled or missing"),
                    format!("{name} 被禁用或缺失"),
                );
                probe.say(at, note, "0 to 3", shown);
            }
        }
    }
    status = worse(status, pending(&mut probe));
    status = worse(status, hibernated(&mut probe));
    let (en, zh) = match status {
        Status::Pass => (
            "the services that image making and shutting down need are there",
            "制作镜像与关机所需的服务均可用",
        ),
        Status::Warn => (
            "something is unfinished or off; see the evidence",
            "存在未完成或被禁用的项目，见所列证据",
        ),
        _ => (
            "a service that image making or the start needs is disabled",
            "制作镜像或启动所需的服务被禁用",
        ),
    };
    Ok(probe.end(status, en, zh))
}

/// Changes that wait for a restart.
fn pending(probe: &mut Probe<'_>) -> Status {
    let mut status = Status::Pass;
    let manager = format!(r"{SET}\Control\Session Manager");
    if let Some(found) = probe.value(&manager, "PendingFileRenameOperations") {
        let waits = !matches!(&found.fact.data, Datum::List(list) if list.is_empty());
        if waits {
            status = Status::Warn;
            let note = (
                "files wait for a restart to be renamed or deleted",
                "存在重启后才执行的文件改名或删除",
            );
            let shown: String = found.fact.data.to_string().chars().take(200).collect();
            probe.say(found.at, note, "nothing", shown);
        }
    }
    let servicing =
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending";
    for key in probe.keys(servicing) {
        status = Status::Warn;
        let note = ("updates wait for a restart", "更新等待重启");
        probe.say(key.at, note, "no such key", key.fact);
    }
    status
}

/// A hibernated system: its memory stands in a file, and its volumes are not closed.
fn hibernated(probe: &mut Probe<'_>) -> Status {
    let path = format!(r"{}\hiberfil.sys", probe.windows.roots().drive);
    let read = probe.windows.head(&path, 4);
    let found = probe.keep(read);
    match found {
        Some((at, head)) if matches!(head.to_ascii_lowercase().as_slice(), b"hibr" | b"wake") => {
            let note = (
                "the system was hibernated, not shut down",
                "系统处于休眠状态，未正常关机",
            );
            probe.say(
                at,
                note,
                "no image of the memory",
                crate::text::lossless(&head),
            );
            Status::Warn
        }
        _ => Status::Pass,
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct AgentWith {
    /// False where the marketplace does not ask for it.
    required: bool,
    /// Its service.
    service: String,
    /// Patterns of its program's place.
    programs: Vec<String>,
}

/// WIN-AGENT-003.
pub(super) fn automation(context: &Context<'_>) -> Result<Outcome> {
    let with: AgentWith = context.check.with()?;
    let mut probe = Probe::new(context);
    if !with.required {
        return Ok(probe.end(
            Status::NotApplicable,
            "this policy does not ask for the agent",
            "策略不要求该组件",
        ));
    }
    let services = match context.evidence.windows.services() {
        Ok(services) => services,
        Err(gap) => return Ok(super::cloudbase::unreadable(gap)),
    };
    let found = services
        .items
        .iter()
        .find(|s| s.name.eq_ignore_ascii_case(&with.service));
    let Some(service) = found else {
        probe.gaps.extend(services.gaps.iter().cloned());
        let note = ("there is no such service", "不存在该服务");
        probe.say(
            services.at.clone(),
            note,
            with.service.as_str(),
            "no such key",
        );
        return Ok(probe.end(
            Status::Warn,
            "the automation agent is not installed",
            "未安装自动化助手",
        ));
    };
    let judged = judge(context, service);
    let mut status = match judged.state() {
        State::Good => Status::Pass,
        State::Manual | State::Bad => Status::Warn,
    };
    if let Some(program) = &judged.program {
        let usual = |p: &String| matches(&p.replace('\\', "/"), program);
        if !with.programs.iter().any(usual) {
            status = Status::Warn;
            let note = (
                "its program is not where the agent's is",
                "程序文件不在组件的安装位置",
            );
            let at = crate::evidence::Location::of_path(program);
            probe.say(at, note, with.programs.join(", "), program.as_str());
        }
    }
    probe.items.extend(judged.items);
    probe.gaps.extend(judged.gaps);
    let (en, zh) = match status {
        Status::Pass => (
            "the automation agent starts automatically",
            "自动化助手已设置为自动启动",
        ),
        _ => (
            "the automation agent does not start",
            "自动化助手无法自动启动",
        ),
    };
    Ok(probe.end(status, en, zh))
}
