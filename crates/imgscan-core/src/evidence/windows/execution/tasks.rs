//! Scheduled tasks.

use super::reading::MAX_TEXT;
use super::sources::Collector;
use super::{Account, Execution, Occasion, Subject};
use crate::bytes::{le16, utf16_to_nul};
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

    /// Tasks of the first scheduler (`C:\Windows\Tasks\*.job`).
    pub(super) fn jobs(&mut self) {
        let folder = format!(r"{}\Tasks", self.windows.roots().windows);
        for name in self.names(&folder) {
            if !name.to_lowercase().ends_with(".job") {
                continue;
            }
            let path = format!(r"{folder}\{name}");
            let Some(file) = self.contents(&path, MAX_TEXT) else {
                continue;
            };
            let at = Location::of_file(&file);
            let what = (Subject::Task, KIND, name.as_str());
            let runs = (Occasion::Schedule, Account::System);
            match job(&file.bytes) {
                Some((program, arguments)) => {
                    let command = format!("{program} {arguments}");
                    self.add(what, runs, command.trim(), at, |r| {
                        r.program(&program, &arguments);
                    });
                }
                None => self.add(what, runs, &path, at, |r| r.unclear_value(&path)),
            }
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
            let mut resolver = self.resolver_with(at, variables);
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

/// The program of a job and its arguments (\[MS-TSCH\] 2.4): the offset of the first text stands at
/// byte 20; each text begins with how many characters it has, with its NUL.
fn job(bytes: &[u8]) -> Option<(String, String)> {
    let at = usize::from(le16(bytes, 20)?);
    let (program, at) = counted(bytes, at)?;
    let (arguments, _) = counted(bytes, at)?;
    (!program.is_empty()).then_some((program, arguments))
}

/// The text at `at`, and where the next one begins.
fn counted(bytes: &[u8], at: usize) -> Option<(String, usize)> {
    let len = usize::from(le16(bytes, at)?).checked_mul(2)?;
    let start = at.checked_add(2)?;
    let end = start.checked_add(len)?;
    Some((utf16_to_nul(bytes.get(start..end)?), end))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A job as \[MS-TSCH\] 2.4 lays it out.
    #[test]
    fn a_job_names_its_program_and_arguments() {
        let text = |text: &str| {
            let units: Vec<u16> = text.encode_utf16().chain([0]).collect();
            let len = u16::try_from(units.len()).unwrap_or_default();
            let all = std::iter::once(len).chain(units);
            all.flat_map(u16::to_le_bytes).collect::<Vec<u8>>()
        };
        let mut bytes = vec![0; 70];
        bytes[20] = 70;
        bytes.extend(text(r"C:\x\x.exe"));
        bytes.extend(text("/quiet"));
        let found = job(&bytes);
        assert_eq!(found, Some((r"C:\x\x.exe".into(), "/quiet".into())));
        assert_eq!(job(bytes.get(..80).unwrap_or_default()), None);
        assert_eq!(job(&[]), None);
    }
}
