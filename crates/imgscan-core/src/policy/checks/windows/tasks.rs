use super::matches;
use super::programs::{Judged, Programs};
use crate::error::Result;
use crate::evidence::windows::{Action, Image, Service, Signed, Task};
use crate::evidence::{Found, Location};
use crate::policy::Effect as Level;
use crate::policy::checks::findings::Findings;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// How a task counts that runs and whose file is gone.
    missing_file: Level,
    /// The first build of Windows that keeps the security descriptors of tasks in the registry's
    /// tree; on an earlier one their absence says nothing unless other tasks have theirs.
    security_since: u32,
    /// Patterns of the paths of programs and libraries of Windows: those that nobody signed are
    /// told in one line.
    system_files: Vec<String>,
    /// Patterns of the names of tasks whose commands are Windows' own.
    system_tasks: Vec<String>,
}

const SERVICES: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\*";

/// Programs in folders of Windows that nobody signed.
#[derive(Default)]
struct Unsigned {
    files: Vec<String>,
}

/// WIN-PERSIST-003: services and scheduled tasks are known, none is hidden.
pub(super) fn known(context: &Context<'_>) -> Result<Outcome> {
    let with: With = context.check.with()?;
    let programs = Programs::of(context)?;
    let mut out = Findings::default();
    let mut unsigned = Unsigned::default();
    let services = match context.evidence.windows.services() {
        Ok(services) => services,
        Err(gap) => return Ok(super::cloudbase::unreadable(gap)),
    };
    out.gaps.extend(services.gaps.iter().cloned());
    for service in services.items.iter().filter(|s| !s.is_driver()) {
        out.gaps.extend(service.gaps.iter().cloned());
        of_service(context, &with, &programs, service, &mut out, &mut unsigned);
    }
    for failure in out.keep(context.evidence.windows.values(SERVICES, "FailureCommand")) {
        let command = failure.fact.data.to_string();
        if !command.is_empty() {
            let what = Text::new("runs when the service fails", "服务失败时执行");
            let judged = programs.judge(context, &command, &failure.at);
            add(&with, judged, &failure.at, &what, &mut out, &mut unsigned);
        }
    }
    let tasks = out.keep(context.evidence.windows.tasks());
    let count = tasks.len();
    let build = context.evidence.guest.os.build.as_deref();
    let build = build.and_then(|b| b.split('.').next()?.parse::<u32>().ok());
    let has = |t: &Found<Task>| {
        let registered = t.fact.registered.as_ref();
        registered.is_some_and(|r| r.has_security)
    };
    let secured = build.is_none_or(|b| b >= with.security_since) || tasks.iter().any(has);
    for task in &tasks {
        hidden(&with, &task.fact, secured, &mut out);
        of_task(
            context,
            &with,
            &programs,
            &task.fact,
            &mut out,
            &mut unsigned,
        );
    }
    if !unsigned.files.is_empty() {
        unsigned.files.sort();
        unsigned.files.dedup();
        let number = unsigned.files.len();
        let files = unsigned.files.join(", ");
        let item = Item::new(
            services.at.clone(),
            format!(
                "{number} programs in folders of Windows carry no signature, and no catalog lists them: {files}"
            ),
            format!("系统目录中有 {number} 个程序没有数字签名，也没有目录文件收录：{files}"),
        );
        out.add(Status::Warn, item);
    }
    let number = services.items.iter().filter(|s| !s.is_driver()).count();
    Ok(out.outcome(
        Text::new(
            "{} services or scheduled tasks are hidden or suspect",
            "发现 {} 个隐藏或可疑的服务与计划任务",
        ),
        Text::new(
            "{} findings on services or scheduled tasks are worth a look",
            "服务与计划任务有 {} 处需关注",
        ),
        Text::new(
            format!("{number} services and {count} scheduled tasks, none hidden or suspect"),
            format!("{number} 个服务与 {count} 个计划任务，均无隐藏或可疑"),
        ),
    ))
}

fn of_service(
    context: &Context<'_>,
    with: &With,
    programs: &Programs,
    service: &Service,
    out: &mut Findings,
    unsigned: &mut Unsigned,
) {
    // One that is switched off starts nothing.
    if service.start.as_ref().is_some_and(|s| s.fact == 4) {
        return;
    }
    let name = &service.name;
    if let Some(image) = &service.image_path {
        let what = Text::new(format!("service {name}"), format!("服务 {name}"));
        let judged = programs.judge(context, &image.fact, &image.at);
        add(with, judged, &image.at, &what, out, unsigned);
    }
    if let Some(dll) = &service.service_dll {
        let what = Text::new(
            format!("library of service {name}"),
            format!("服务 {name} 的库"),
        );
        let judged = programs.judge(context, &format!("\"{}\"", dll.fact), &dll.at);
        add(with, judged, &dll.at, &what, out, unsigned);
    }
}

/// Adds a judged command unless nothing is to be said of it.
fn add(
    with: &With,
    mut judged: Judged,
    at: &Location,
    what: &Text,
    out: &mut Findings,
    unsigned: &mut Unsigned,
) {
    out.gaps.append(&mut judged.gaps);
    if judged.status == Status::Pass || judged.own && judged.status == Status::Warn {
        return;
    }
    if judged.status == Status::Warn
        && judged.started.signed == Some(Signed::None)
        && let Image::File(file) = &judged.started.image
        && let Some(path) = &file.at.path
        && is_system(with, path)
    {
        unsigned.files.push(path.clone());
        return;
    }
    out.add(judged.status, judged.item(at, what, "known, or signed"));
}

fn is_system(with: &With, path: &str) -> bool {
    let path = path.get(2..).unwrap_or_default().replace('/', "\\");
    with.system_files.iter().any(|p| matches(p, &path))
}

fn of_task(
    context: &Context<'_>,
    with: &With,
    programs: &Programs,
    task: &Task,
    out: &mut Findings,
    unsigned: &mut Unsigned,
) {
    let name = &task.name;
    let author = task.author.as_deref().unwrap_or("-");
    let what = Text::new(
        format!("task {name} by {author}"),
        format!("计划任务 {name}（创建者 {author}）"),
    );
    let system = is_own(with, name);
    for (at, action) in &task.actions {
        if !matches!(action, Action::Run { .. }) {
            continue;
        }
        let mut judged = programs.judge(context, &action.text(), at);
        // Tasks of Windows name many programs that an edition does not have.
        judged.own |= system;
        if task.registered.is_none() && judged.status == Status::Fail {
            // A file alone is not registered, so it does not run.
            judged.status = Status::Warn;
        }
        add(with, judged, at, &what, out, unsigned);
    }
}

/// What hides a task.
fn hidden(with: &With, task: &Task, secured: bool, out: &mut Findings) {
    let name = &task.name;
    let Some(registered) = &task.registered else {
        return;
    };
    let at = &registered.at;
    let place = |value: &str| Location {
        value: Some(value.into()),
        ..at.clone()
    };
    if secured && !registered.has_security {
        let item = Item::new(
            place("SD"),
            format!("task {name} is hidden: it has no security descriptor, so no program shows it"),
            format!("计划任务 {name} 被隐藏：缺少安全描述符，任何工具都不显示它"),
        );
        out.add(Status::Fail, item.compare("SD", "not there"));
    }
    // Windows gives this index to tasks of its own that are switched off.
    if registered.index_zero && !is_own(with, name) {
        let item = Item::new(
            place("Index"),
            format!("task {name} may be hidden: its index is 0"),
            format!("计划任务 {name} 可能被隐藏：Index 为 0"),
        );
        out.add(Status::Warn, item.compare("not 0", "0"));
    }
    if task.file.is_none() && registered.task.is_some() {
        let item = Item::new(
            at.clone(),
            format!("task {name} runs, but its file is gone"),
            format!("计划任务 {name} 会执行，但其文件已不存在"),
        );
        let path = format!(r"%SystemRoot%\System32\Tasks{name}");
        out.add(with.missing_file.into(), item.compare(path, "no such file"));
    }
}

fn is_own(with: &With, name: &str) -> bool {
    with.system_tasks.iter().any(|p| matches(p, name))
}
