//! WIN-PERSIST-003: services and scheduled tasks are known, and none is hidden.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::windows::{Execution, Runs, Subject, Task};
use crate::evidence::{Found, Location};
use crate::policy::checks::findings::{Findings, Fix};
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::explained::{Judged, Unexplained, explain, running};
use crate::policy::checks::windows::{agents, commands, matches};
use crate::policy::{Context, Effect, Item, Outcome, Status};
use crate::text::Text;

/// Its name in policies.
pub(in crate::policy::checks::windows) const NAME: &str = "windows_persist_003_services_and_tasks";
/// What this check judges of all that runs.
pub(in crate::policy::checks::windows) const SUBJECTS: [Subject; 2] =
    [Subject::Service, Subject::Task];

/// What Windows itself registers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Registered {
    /// What a task counts as that runs and whose file is gone.
    missing_file: Effect,
    /// The first build of Windows that keeps the security descriptors of tasks in the registry's
    /// tree; on an earlier one their absence says nothing unless other tasks have theirs.
    security_since: u32,
    /// Patterns of the names of tasks that Windows has: an edition may lack their programs, and some
    /// have no index.
    system_tasks: Vec<String>,
}

impl Parameters for Registered {
    const SHARED: &'static [&'static str] = &["windows_programs"];

    fn validate(&self) -> Result<(), BadParameter> {
        valid::entries("system_tasks", &self.system_tasks)
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Registered) -> Outcome {
    let mut found = Findings::new();
    let services = match context.evidence.windows.services() {
        Ok(services) => services,
        Err(gap) => {
            found.gap(gap);
            return found.unreadable();
        }
    };
    let count = services.items.iter().filter(|s| !s.is_driver()).count();
    for entry in running(context, &SUBJECTS, &mut found) {
        judge(context, with, entry).file(&mut found);
    }
    let tasks = found.keep(context.evidence.windows.tasks());
    for (_, sign) in hidden(context, with, &tasks) {
        sign.file(&mut found);
    }
    found.conclude(|status, bad| match status {
        Status::Fail => say!(win_persist_003_fail, count = bad),
        Status::Unknown => say!(win_persist_003_unknown, count = bad),
        Status::Warn => say!(win_persist_003_warn, count = bad),
        _ => say!(win_persist_003_pass, services = count, tasks = tasks.len()),
    })
}

/// What it says of a service or a task by what that runs.
pub(in crate::policy::checks::windows) fn judge(
    context: &Context<'_>,
    with: &Registered,
    entry: &Found<Execution>,
) -> Judged {
    let (name, at) = (entry.fact.name.as_str(), &entry.at);
    let is_task = entry.fact.subject == Subject::Task;
    let explained = explain(context, &entry.fact, Unexplained::Unknown);
    let failure = at
        .value
        .as_deref()
        .is_some_and(|v| v.eq_ignore_ascii_case("FailureCommand"));
    let what = match is_task {
        true => say!(win_persist_003_task, task = name),
        false if failure => say!(win_persist_003_failure),
        false => say!(win_persist_003_service, service = name),
    };
    let mut judged = explained.judged(entry, what).quiet();
    if is_task && is_system_task(with, name) && judged.status == Status::Warn {
        // Tasks of Windows name many programs that an edition does not have.
        judged.status = Status::Pass;
        judged.by.push(say!(win_persist_003_own_task));
    }
    judged.fix(|| {
        if failure {
            vec![commands::delete(at).into()]
        } else if is_task {
            mend_task(context, with, &entry.fact)
        } else {
            mend(context, &entry.fact)
        }
    })
}

fn mend_task(context: &Context<'_>, with: &Registered, entry: &Execution) -> Vec<Fix> {
    let name = entry.name.as_str();
    match place(entry).0 {
        Some(path) if is_system_task(with, name) && commands::is_inside_windows(context, path) => {
            vec![commands::restore_file(context, path)]
        }
        _ => vec![say!(win_persist_003_fix_task, task = name).into()],
    }
}

fn is_system_task(with: &Registered, name: &str) -> bool {
    with.system_tasks.iter().any(|p| matches(p, name))
}

/// A sign that a task is hidden.
pub(in crate::policy::checks::windows) struct Sign {
    /// How it counts.
    pub(in crate::policy::checks::windows) status: Status,
    /// The evidence for it.
    pub(in crate::policy::checks::windows) item: Item,
    fix: Text,
}

impl Sign {
    fn file(self, found: &mut Findings) {
        found.add(self.status, self.item);
        found.fix(self.fix);
    }
}

/// What hides tasks: the name of the task, and the sign.
pub(in crate::policy::checks::windows) fn hidden(
    context: &Context<'_>,
    with: &Registered,
    tasks: &[Found<Task>],
) -> Vec<(String, Sign)> {
    let build = context.evidence.guest.os.build.as_deref();
    let build = build.and_then(|b| b.split('.').next()?.parse::<u32>().ok());
    let has = |t: &Found<Task>| {
        let registered = t.fact.registered.as_ref();
        registered.is_some_and(|r| r.has_security)
    };
    let secured = build.is_none_or(|b| b >= with.security_since) || tasks.iter().any(has);
    let named = tasks.iter().flat_map(|task| {
        let signs = signs(with, &task.fact, secured).into_iter();
        signs.map(|sign| (task.fact.name.clone(), sign))
    });
    named.collect()
}

/// What hides a task.
fn signs(with: &Registered, task: &Task, secured: bool) -> Vec<Sign> {
    let name = task.name.as_str();
    let mut signs = Vec::new();
    let Some(registered) = &task.registered else {
        return signs;
    };
    let at = &registered.at;
    let place = |value: &str| Location {
        value: Some(value.into()),
        ..at.clone()
    };
    let key = at.key.clone().unwrap_or_default();
    let system = is_system_task(with, name);
    let mut add = |status, item| {
        let fix = if system {
            say!(win_persist_003_fix_own_task, task = name)
        } else {
            say!(win_persist_003_fix_hidden, task = name, key = &key)
        };
        signs.push(Sign { status, item, fix });
    };
    if secured && !registered.has_security {
        let item = Item::at(place("SD"), say!(win_persist_003_no_security, task = name));
        let item = item.compare(Text::verbatim("SD"), say!(win_value_absent));
        add(Status::Fail, item);
    }
    // Windows gives this index to tasks of its own that are switched off.
    if registered.index_zero && !system {
        let item = Item::at(place("Index"), say!(win_persist_003_index, task = name));
        let expected = say!(win_value_not, values = vec!["0"]);
        add(Status::Warn, item.compare(expected, Text::verbatim("0")));
    }
    if task.file.is_none() && registered.task.is_some() {
        let item = Item::at(at.clone(), say!(win_persist_003_file_gone, task = name));
        let path = format!(r"%SystemRoot%\System32\Tasks{name}");
        let item = item.compare(Text::verbatim(path), say!(win_file_absent));
        add(with.missing_file.into(), item);
    }
    signs
}

/// The file that an entry starts, and whether it is missing.
fn place(entry: &Execution) -> (Option<&str>, bool) {
    match entry.parts.first().map(|part| &part.target) {
        Some(Runs::File(file)) => (file.file.at.path.as_deref(), false),
        Some(Runs::Missing(path)) => (Some(path), true),
        _ => (None, false),
    }
}

/// What mends the service `entry`: Windows needs its own services, and the policy those of agents,
/// so only another one may be deleted.
fn mend(context: &Context<'_>, entry: &Execution) -> Vec<Fix> {
    let name = entry.name.as_str();
    if commands::is_of_windows(name) {
        let (path, missing) = place(entry);
        return commands::mend_service(context, name, path, missing);
    }
    vec![if agents::is_required(context.policy, name) {
        say!(win_service_fix_install, service = name).into()
    } else {
        say!(win_persist_003_fix_service, service = name).into()
    }]
}
