//! Scheduled tasks.

use super::resolve::Resolver;
use super::sources::Collector;
use super::{Account, Execution, Occasion, Subject};
use crate::evidence::Location;
use crate::evidence::windows::{Action, Task};

const KIND: &str = "task";

impl Collector<'_, '_> {
    pub(super) fn tasks(&mut self) {
        let tasks = self.windows.tasks();
        for task in self.keep(tasks) {
            self.task(&task.fact);
        }
    }

    fn task(&mut self, task: &Task) {
        // A file that is not registered runs nothing.
        let occasion = match task.registered {
            Some(_) => Occasion::Schedule,
            None => Occasion::Dormant,
        };
        for (at, action) in &task.actions {
            let mut resolver = self.resolver(at);
            match action {
                Action::Run {
                    command,
                    arguments,
                    folder,
                } => {
                    let lower = command.to_lowercase();
                    let of_user = ["%localappdata%", "%appdata%", "%userprofile%"];
                    if of_user
                        .iter()
                        .any(|v| lower.trim_matches('"').starts_with(v))
                    {
                        self.task_of_users(task, occasion, action, at);
                        continue;
                    }
                    resolver.starts_in(folder);
                    resolver.program(command, arguments);
                }
                Action::Class(id) => resolver.class(id),
                Action::Other(_) => continue,
            }
            let parts = resolver.parts;
            let what = (Subject::Task, KIND, task.name.as_str());
            let runs = (occasion, Account::System);
            let entry = Execution::new(what, runs, &action.text(), parts);
            self.push(entry, at.clone());
        }
    }

    /// A task whose program lies in the folder of whoever it runs for: each user may be.
    fn task_of_users(&mut self, task: &Task, occasion: Occasion, action: &Action, at: &Location) {
        let Action::Run {
            command,
            arguments,
            folder,
        } = action
        else {
            return;
        };
        for profile in &self.windows.profiles().items {
            let home = profile.fact.folder.clone();
            let variables = vec![
                ("localappdata".into(), format!(r"{home}\AppData\Local")),
                ("appdata".into(), format!(r"{home}\AppData\Roaming")),
                ("userprofile".into(), home),
            ];
            let mut resolver = Resolver::new(self.windows, at, variables);
            resolver.starts_in(folder);
            resolver.program(command, arguments);
            let parts = resolver.parts;
            let what = (Subject::Task, KIND, task.name.as_str());
            let runs = (occasion, Account::User);
            let entry = Execution::new(what, runs, &action.text(), parts);
            self.push(entry, at.clone());
            self.drop_last_where_missing();
        }
    }
}
