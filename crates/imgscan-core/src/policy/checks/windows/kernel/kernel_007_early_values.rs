//! WIN-KERNEL-007: what runs before any logon is what Windows itself runs.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{kernel_007_pending as pending, kernel_007_session as session};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::rules::{self, Rule};
use crate::policy::{Context, Outcome, Status};

/// The test's name in policies.
pub(in crate::policy::checks::windows) const NAME: &str = "windows_kernel_007_early_values";

/// Values that Windows reads early in its start.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks::windows) struct EarlyValues {
    /// What each may be.
    rules: Vec<Rule>,
    /// Names of the libraries that the subsystem of Windows loads, without ending.
    pub(super) server_libraries: Vec<String>,
    /// Patterns of its other parameters.
    pub(super) subsystem_parameters: Vec<String>,
    /// What setup may run at the next start.
    pub(super) setup: Vec<SetupCommand>,
    /// Patterns of paths that no start may rename, delete or replace.
    pub(super) protected: Vec<String>,
    /// Patterns of paths of temporary files, which may be deleted at a start.
    pub(super) harmless: Vec<String>,
}

/// A program of setup.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetupCommand {
    /// The whole command, in any case.
    pub(super) command: String,
    /// The program's path from the folder of Windows.
    pub(super) program: String,
}

impl Parameters for EarlyValues {
    fn validate(&self) -> Result<(), BadParameter> {
        rules::validate(&self.rules, "rules")?;
        valid::entries("server_libraries", &self.server_libraries)?;
        valid::entries("subsystem_parameters", &self.subsystem_parameters)?;
        let commands: Vec<&str> = self.setup.iter().map(|s| s.command.as_str()).collect();
        valid::entries("setup", &commands)?;
        valid::entries("protected", &self.protected)?;
        valid::entries("harmless", &self.harmless)
    }
}

pub(in crate::policy::checks::windows) fn run(
    context: &Context<'_>,
    with: &EarlyValues,
) -> Outcome {
    let mut found = Findings::new();
    rules::apply(context, &with.rules, &mut found);
    session::commands(context, &mut found);
    session::subsystems(context, with, &mut found);
    session::known_libraries(context, &mut found);
    session::devices(context, &mut found);
    session::setup(context, with, &mut found);
    pending::run(context, with, &mut found);
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_kernel_007_fail, count = count),
        Status::Unknown => say!(win_kernel_007_unknown, count = count),
        Status::Warn => say!(win_kernel_007_warn, count = count),
        _ => say!(win_kernel_007_pass),
    })
}
