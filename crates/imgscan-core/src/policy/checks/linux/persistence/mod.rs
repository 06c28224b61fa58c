//! LNX-PERSIST-001 to 004: what starts by itself is explained.

mod explained;
mod harmless;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::linux::StartKind;
use crate::policy::checks::registry::Parameters;
use crate::policy::{Context, Outcome};

/// No parameters of their own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct StartPlaces {}

impl Parameters for StartPlaces {
    const SHARED: &'static [&'static str] = &["linux_starts"];
}

/// LNX-PERSIST-001: what the dynamic loader and interpreters load into every program.
pub(in crate::policy::checks) fn loader(context: &Context<'_>, _: &StartPlaces) -> Outcome {
    explained::judge(
        context,
        &[
            StartKind::DynamicLoader,
            StartKind::Interpreter,
            StartKind::LoadedByProgram,
            StartKind::Environment,
        ],
    )
}

/// LNX-PERSIST-002: what runs by the clock.
pub(in crate::policy::checks) fn schedules(context: &Context<'_>, _: &StartPlaces) -> Outcome {
    explained::judge(
        context,
        &[
            StartKind::Crontab,
            StartKind::ClockScript,
            StartKind::LogRotation,
        ],
    )
}

/// LNX-PERSIST-003: what runs when the system starts.
pub(in crate::policy::checks) fn services(context: &Context<'_>, _: &StartPlaces) -> Outcome {
    explained::judge(
        context,
        &[
            StartKind::SystemUnit,
            StartKind::UserUnit,
            StartKind::Generator,
            StartKind::BusService,
            StartKind::InitScript,
            StartKind::LocalScript,
            StartKind::Defaults,
            StartKind::StartedProgram,
            StartKind::ProgramFormat,
            StartKind::MadeFile,
            StartKind::CloudConfiguration,
        ],
    )
}

/// LNX-PERSIST-004: what runs for logins, devices, the network and package managers.
pub(in crate::policy::checks) fn hooks(context: &Context<'_>, _: &StartPlaces) -> Outcome {
    explained::judge(
        context,
        &[
            StartKind::DeviceRule,
            StartKind::LoginScript,
            StartKind::ClientConfiguration,
            StartKind::NetworkHook,
            StartKind::PackageHook,
            StartKind::ApplicationStart,
            StartKind::HidingProgram,
        ],
    )
}
