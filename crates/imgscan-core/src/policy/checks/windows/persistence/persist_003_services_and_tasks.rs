//! WIN-PERSIST-003: services and scheduled tasks are known, and none is hidden.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::windows::{Execution, Runs, Subject, Task};
use crate::evidence::{Found, Location};
use crate::policy::checks::findings::{Findings, Fix};
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::explained::{Unexplained, explain, running};
use crate::policy::checks::windows::{agents, commands, matches};
use crate::policy::{Context, Effect, Item, Outcome, Status};
use crate::text::Text;

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

/// What was found so far.
struct Search<'a> {
    with: &'a Registered,
    found: Findings,
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Registered) -> Outcome {
    let mut search = Search {
        with,
        found: Findings::new(),
    };
    let services = match context.evidence.windows.services() {
        Ok(services) => services,
        Err(gap) => {
            search.found.gap(gap);
            return search.found.unreadable();
        }
    };
    let count = services.items.iter().filter(|s| !s.is_driver()).count();
    for entry in running(
        context,
        &[Subject::Service, Subject::Task],
        &mut search.found,
    ) {
        search.entry(context, entry);
    }
    let tasks = search.found.keep(context.evidence.windows.tasks());
    let build = context.evidence.guest.os.build.as_deref();
    let build = build.and_then(|b| b.split('.').next()?.parse::<u32>().ok());
    let has = |t: &Found<Task>| {
        let registered = t.fact.registered.as_ref();
        registered.is_some_and(|r| r.has_security)
    };
    let secured = build.is_none_or(|b| b >= with.security_since) || tasks.iter().any(has);
    for task in &tasks {
        search.hidden(&task.fact, secured);
    }
    search.found.conclude(|status, bad| match status {
        Status::Fail => say!(win_persist_003_fail, count = bad),
        Status::Unknown => say!(win_persist_003_unknown, count = bad),
        Status::Warn => say!(win_persist_003_warn, count = bad),
        _ => say!(win_persist_003_pass, services = count, tasks = tasks.len()),
    })
}

impl Search<'_> {
    /// Judges a service or a task by what it runs.
    fn entry(&mut self, context: &Context<'_>, entry: &Found<Execution>) {
        let (name, at) = (entry.fact.name.as_str(), &entry.at);
        let is_task = entry.fact.subject == Subject::Task;
        let explained = explain(context, &entry.fact, Unexplained::Unknown, &mut self.found);
        let mut status = explained.status;
        if is_task && self.is_system_task(name) && status == Status::Warn {
            // Tasks of Windows name many programs that an edition does not have.
            status = Status::Pass;
        }
        if status == Status::Pass {
            return;
        }
        let failure = at
            .value
            .as_deref()
            .is_some_and(|v| v.eq_ignore_ascii_case("FailureCommand"));
        let what = match is_task {
            true => say!(win_persist_003_task, task = name),
            false if failure => say!(win_persist_003_failure),
            false => say!(win_persist_003_service, service = name),
        };
        self.found
            .add(status, explained.item(&entry.fact, at, what));
        self.found.fix_by(if failure {
            vec![commands::delete(at).into()]
        } else if is_task {
            self.mend_task(context, &entry.fact)
        } else {
            mend(context, &entry.fact)
        });
    }

    fn mend_task(&self, context: &Context<'_>, entry: &Execution) -> Vec<Fix> {
        let name = entry.name.as_str();
        match place(entry).0 {
            Some(path)
                if self.is_system_task(name) && commands::is_inside_windows(context, path) =>
            {
                vec![commands::restore_file(context, path)]
            }
            _ => vec![say!(win_persist_003_fix_task, task = name).into()],
        }
    }

    fn is_system_task(&self, name: &str) -> bool {
        self.with.system_tasks.iter().any(|p| matches(p, name))
    }

    /// What hides a task.
    fn hidden(&mut self, task: &Task, secured: bool) {
        let name = task.name.as_str();
        let Some(registered) = &task.registered else {
            return;
        };
        let at = &registered.at;
        let place = |value: &str| Location {
            value: Some(value.into()),
            ..at.clone()
        };
        let key = at.key.clone().unwrap_or_default();
        let system = self.is_system_task(name);
        let fix = || {
            if system {
                say!(win_persist_003_fix_own_task, task = name)
            } else {
                say!(win_persist_003_fix_hidden, task = name, key = &key)
            }
        };
        if secured && !registered.has_security {
            let item = Item::at(place("SD"), say!(win_persist_003_no_security, task = name));
            self.found
                .fail(item.compare(Text::verbatim("SD"), say!(win_value_absent)));
            self.found.fix(fix());
        }
        // Windows gives this index to tasks of its own that are switched off.
        if registered.index_zero && !system {
            let item = Item::at(place("Index"), say!(win_persist_003_index, task = name));
            let expected = say!(win_value_not, values = vec!["0"]);
            self.found.warn(item.compare(expected, Text::verbatim("0")));
            self.found.fix(fix());
        }
        if task.file.is_none() && registered.task.is_some() {
            let item = Item::at(at.clone(), say!(win_persist_003_file_gone, task = name));
            let path = format!(r"%SystemRoot%\System32\Tasks{name}");
            self.found.add(
                self.with.missing_file.into(),
                item.compare(Text::verbatim(path), say!(win_file_absent)),
            );
            self.found.fix(fix());
        }
    }
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
