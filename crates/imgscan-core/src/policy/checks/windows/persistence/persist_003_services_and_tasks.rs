//! WIN-PERSIST-003: services and scheduled tasks are known, and none is hidden.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::windows::{Action, Image, Service, Signed, Task};
use crate::evidence::{Found, Location};
use crate::policy::checks::findings::{Findings, Fix};
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::programs::Assessed;
use crate::policy::checks::windows::{agents, commands, matches};
use crate::policy::{Context, Effect, Item, Outcome, Status};
use crate::text::Text;

const SERVICES: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\*";

/// What Windows itself registers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Registered {
    /// What a task counts as that runs and whose file is gone.
    missing_file: Effect,
    /// The first build of Windows that keeps the security descriptors of tasks in the registry's
    /// tree; on an earlier one their absence says nothing unless other tasks have theirs.
    security_since: u32,
    /// Patterns of the paths of programs and libraries of Windows, without the drive: those that
    /// nobody signed are told in one line.
    system_files: Vec<String>,
    /// Patterns of the names of tasks whose commands are Windows' own.
    system_tasks: Vec<String>,
}

impl Parameters for Registered {
    const SHARED: &'static [&'static str] = &["windows_programs"];

    fn validate(&self) -> Result<(), BadParameter> {
        valid::entries("system_files", &self.system_files)?;
        valid::entries("system_tasks", &self.system_tasks)
    }
}

/// What was found so far.
struct Search<'a> {
    with: &'a Registered,
    found: Findings,
    /// Programs in folders of Windows that nobody signed.
    unsigned: Vec<String>,
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Registered) -> Outcome {
    let mut search = Search {
        with,
        found: Findings::new(),
        unsigned: Vec::new(),
    };
    let services = match context.evidence.windows.services() {
        Ok(services) => services,
        Err(gap) => {
            search.found.gap(gap);
            return search.found.unreadable();
        }
    };
    search.found.gaps(services.gaps.iter().cloned());
    let mut count = 0_usize;
    for service in services.items.iter().filter(|s| !s.is_driver()) {
        count += 1;
        search.found.gaps(service.gaps.iter().cloned());
        search.service(context, service);
    }
    search.failure_commands(context);
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
        search.task(context, &task.fact);
    }
    search.unsigned_files(context, &services.at);
    search.found.conclude(|status, bad| match status {
        Status::Fail => say!(win_persist_003_fail, count = bad),
        Status::Warn => say!(win_persist_003_warn, count = bad),
        _ => say!(win_persist_003_pass, services = count, tasks = tasks.len()),
    })
}

impl Search<'_> {
    fn service(&mut self, context: &Context<'_>, service: &Service) {
        // One that is switched off starts nothing.
        if service.start.as_ref().is_some_and(|s| s.fact == 4) {
            return;
        }
        let name = service.name.as_str();
        let fix = |image: &Image| mend(context, name, image);
        if let Some(image) = &service.image_path {
            let what = say!(win_persist_003_service, service = name);
            self.program(context, &image.fact, &image.at, what, fix);
        }
        if let Some(dll) = &service.service_dll {
            let what = say!(win_persist_003_library, service = name);
            let command = format!("\"{}\"", dll.fact);
            self.program(context, &command, &dll.at, what, fix);
        }
    }

    /// What services start when they fail.
    fn failure_commands(&mut self, context: &Context<'_>) {
        let values = context.evidence.windows.values(SERVICES, "FailureCommand");
        for failure in self.found.keep(values) {
            let command = failure.fact.data.to_string();
            if !command.is_empty() {
                let what = say!(win_persist_003_failure);
                let fix = |_: &Image| vec![commands::delete(&failure.at).into()];
                self.program(context, &command, &failure.at, what, fix);
            }
        }
    }

    /// Judges the program of a command.
    fn program(
        &mut self,
        context: &Context<'_>,
        command: &str,
        at: &Location,
        what: Text,
        fix: impl FnOnce(&Image) -> Vec<Fix>,
    ) {
        let programs = &context.shared.windows_programs;
        let assessed = programs.assess(context, command, at, &mut self.found);
        self.add(&assessed, at, what, fix);
    }

    /// Files a command unless nothing is to be said of it.
    fn add(
        &mut self,
        assessed: &Assessed,
        at: &Location,
        what: Text,
        fix: impl FnOnce(&Image) -> Vec<Fix>,
    ) {
        let status = assessed.status;
        if status == Status::Pass || assessed.own && status == Status::Warn {
            return;
        }
        if status == Status::Warn
            && assessed.started.signed == Some(Signed::None)
            && let Image::File(file) = &assessed.started.image
            && let Some(path) = &file.at.path
            && self.is_system_file(path)
        {
            self.unsigned.push(path.clone());
            return;
        }
        let expected = say!(win_persist_003_expected);
        self.found.add(status, assessed.item(at, what, expected));
        self.found.fix_by(fix(&assessed.started.image));
    }

    fn is_system_file(&self, path: &str) -> bool {
        let path = path.get(2..).unwrap_or_default().replace('/', "\\");
        self.with.system_files.iter().any(|p| matches(p, &path))
    }

    fn is_system_task(&self, name: &str) -> bool {
        self.with.system_tasks.iter().any(|p| matches(p, name))
    }

    /// Programs in folders of Windows that nobody signed, in one line.
    fn unsigned_files(&mut self, context: &Context<'_>, at: &Location) {
        if self.unsigned.is_empty() {
            return;
        }
        self.unsigned.sort();
        self.unsigned.dedup();
        let files = self.unsigned.clone();
        let note = say!(win_persist_003_unsigned, count = files.len(), files = files);
        self.found.warn(Item::at(at.clone(), note));
        self.found.fix(commands::restore_all(context));
    }

    fn task(&mut self, context: &Context<'_>, task: &Task) {
        let name = task.name.as_str();
        let system = self.is_system_task(name);
        for (at, action) in &task.actions {
            if !matches!(action, Action::Run { .. }) {
                continue;
            }
            let programs = &context.shared.windows_programs;
            let command = action.text();
            let mut assessed = programs.assess(context, &command, at, &mut self.found);
            // Tasks of Windows name many programs that an edition does not have.
            assessed.own |= system;
            if task.registered.is_none() && assessed.status == Status::Fail {
                // A file alone is not registered, so it does not run.
                assessed.status = Status::Warn;
            }
            let what = match &task.author {
                Some(author) => {
                    say!(win_persist_003_task_by, task = name, author = author)
                }
                None => say!(win_persist_003_task, task = name),
            };
            let fix = |image: &Image| match place(image) {
                (Some(path), _) if system && commands::is_inside_windows(context, path) => {
                    vec![commands::restore_file(context, path)]
                }
                _ => vec![say!(win_persist_003_fix_task, task = name).into()],
            };
            self.add(&assessed, at, what, fix);
        }
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

/// The file that something starts, and whether it is missing.
fn place(image: &Image) -> (Option<&str>, bool) {
    match image {
        Image::File(file) => (file.at.path.as_deref(), false),
        Image::Missing(path) => (Some(path), true),
        Image::None | Image::Unknown(_) => (None, false),
    }
}

/// What mends the service `name`, which starts `image`: Windows needs its own services, and the
/// policy those of agents, so only another one may be deleted.
fn mend(context: &Context<'_>, name: &str, image: &Image) -> Vec<Fix> {
    if commands::is_of_windows(name) {
        let (path, missing) = place(image);
        return commands::mend_service(context, name, path, missing);
    }
    vec![if agents::is_required(context.policy, name) {
        say!(win_service_fix_install, service = name).into()
    } else {
        say!(win_persist_003_fix_service, service = name).into()
    }]
}
