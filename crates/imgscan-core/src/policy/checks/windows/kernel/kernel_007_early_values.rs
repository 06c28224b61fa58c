//! WIN-KERNEL-007: what runs before any logon is what Windows itself runs.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::windows::rules::{self, Rule};
use crate::policy::{Context, Outcome, Status};

/// Values that Windows reads early in its start.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks::windows) struct EarlyValues {
    /// What each may be.
    rules: Vec<Rule>,
}

impl Parameters for EarlyValues {
    fn validate(&self) -> Result<(), BadParameter> {
        rules::validate(&self.rules, "rules")
    }
}

pub(in crate::policy::checks::windows) fn run(
    context: &Context<'_>,
    with: &EarlyValues,
) -> Outcome {
    let mut found = Findings::new();
    rules::apply(context, &with.rules, &mut found);
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_kernel_007_fail, count = count),
        Status::Warn => say!(win_kernel_007_warn, count = count),
        _ => say!(win_kernel_007_pass),
    })
}
