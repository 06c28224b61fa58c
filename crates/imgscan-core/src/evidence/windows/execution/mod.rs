//! One list of everything that runs or is loaded without a person choosing it: what stands there,
//! when and as whom it runs, and the files that really run.

mod associations;
mod classes;
mod com;
#[cfg(test)]
mod com_tests;
mod environment;
mod files;
mod hosts;
#[cfg(test)]
mod hosts_tests;
mod ini;
mod moved;
mod named;
pub(super) mod options;
pub(super) mod paths;
mod phantoms;
mod places;
mod policies;
mod reading;
mod remote;
pub(super) mod resolve;
#[cfg(test)]
mod resolve_tests;
mod services;
mod sources;
mod startup;
mod system;
mod tasks;
mod users;
pub(super) mod variables;
mod waiting;
mod web;
pub(super) mod words;

use serde::Serialize;

pub use com::CLASS_OF_MACHINE;
pub(super) use environment::Environment;
pub use hosts::{is_script_switch, keeps_addresses};
pub use named::NAMED_BY_A_VALUE;
pub(super) use resolve::Products;

use super::command::ProgramFile;
use super::{FirstCommand, Language, Windows};
use crate::evidence::{Found, Gap};

/// What an entry is of. The names are part of reports and of policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Run keys, start-up folders, shells, Active Setup and their like.
    Autostart,
    /// What a part of Windows loads: print monitors, helpers, providers of time and network.
    Extension,
    /// Scripts of group policies and of PowerShell, and what runs before each command.
    Script,
    /// What runs in place of another program, or with it.
    Debugger,
    /// Services, their libraries and what they start when they fail.
    Service,
    /// Scheduled tasks.
    Task,
    /// Libraries of the security authority and of the logon.
    Logon,
    /// What setup runs at the first start.
    FirstBoot,
    /// Classes and associations that stand for others.
    Class,
    /// Variables that make programs load something.
    Environment,
    /// Event consumers of WMI.
    Event,
    /// Programs that every Windows starts, and the libraries that they import.
    System,
}

/// When it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// At every start of the machine.
    Boot,
    /// At the first start of a copy of the image.
    FirstBoot,
    /// When somebody logs on.
    Logon,
    /// By a task's triggers.
    Schedule,
    /// When something else asks for it: a demand-started service, a class, a crash.
    Demand,
    /// Switched off as it stands.
    Dormant,
}

/// As whom it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// The machine's own account.
    System,
    /// Who logs on.
    User,
    /// The account of this name.
    Named(String),
}

/// What a part of an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A program that starts.
    Program,
    /// A library or assembly that is loaded.
    Library,
    /// A script, project or package that a program carries out.
    Script,
    /// A class by its CLSID.
    Class,
    /// Code or an action in the text itself.
    Code,
}

/// What a part leads to.
#[derive(Debug, Clone)]
pub enum Target {
    /// A file of the image.
    File(Box<ProgramFile>),
    /// The path at which there is no file, or the class that is not registered.
    Missing(String),
    /// It is complete as it stands.
    Inline,
    /// That can't be told.
    Unknown(Gap),
}

/// Something that an entry runs or loads.
#[derive(Debug, Clone)]
pub struct Executed {
    /// What it is.
    pub role: Role,
    /// How it is named, variables replaced.
    pub named: String,
    /// The part that runs it, by its index; `None` for what Windows itself starts.
    pub carried_by: Option<usize>,
    /// What it leads to.
    pub target: Target,
    /// For code: how it is written.
    pub language: Language,
    /// Its text holds what the caller of its script, the entry or the machine puts in: parameters,
    /// variables, a folder to run in.
    pub from_outside: bool,
}

/// Something that runs or is loaded without a person choosing it.
#[derive(Debug, Clone)]
pub struct Execution {
    /// What it is of.
    pub subject: Subject,
    /// What names it: the kind of place (`Run`, `Winlogon`), or `service`, `task`.
    pub kind: String,
    /// The name of the value, service, task or file.
    pub name: String,
    /// When it runs.
    pub occasion: Occasion,
    /// As whom.
    pub account: Account,
    /// What stands there.
    pub command: String,
    /// It is one entry of a value that lists several.
    pub is_listed: bool,
    /// The command that it is among those of the first start.
    pub step: Option<Box<FirstCommand>>,
    /// What runs: first what Windows itself starts, then what that carries.
    pub parts: Vec<Executed>,
}

/// All entries, and what may hide more.
#[derive(Debug, Default)]
pub struct Executions {
    /// The entries.
    pub items: Vec<Found<Execution>>,
    /// What could not be read, and what it is of.
    pub gaps: Vec<(Subject, Gap)>,
}

/// True for the name of a program that carries out what it is told.
pub(super) fn is_host(name: &str) -> bool {
    let name = words::program_name(name);
    let name = words::program_name(name.trim_end_matches(".mui"));
    hosts::carried(&name, "").is_some()
}

impl Windows<'_> {
    /// Everything that runs or is loaded without a person choosing it, besides what runs in ring 0;
    /// read once.
    pub fn executions(&self) -> &Executions {
        self.executions.get_or_init(|| sources::collect(self))
    }

    /// True where an entry leads to a file below `folder` (in lower case, with `\\`), be it there or not.
    pub fn runs_below(&self, folder: &str) -> bool {
        let files = self.files_that_run.get_or_init(|| {
            let entries = self.executions().items.iter();
            let parts = entries.flat_map(|entry| &entry.fact.parts);
            let paths = parts.filter_map(|part| match &part.target {
                Target::File(file) => file.file.at.path.as_deref(),
                Target::Missing(path) => Some(path.as_str()),
                _ => None,
            });
            paths
                .map(|path| path.replace('/', r"\").to_lowercase())
                .collect()
        });
        let below = format!(r"{folder}\");
        let mut behind = files.range(below.clone()..);
        behind.next().is_some_and(|file| file.starts_with(&below))
    }
}
