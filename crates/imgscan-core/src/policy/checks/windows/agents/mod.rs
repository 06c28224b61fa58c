//! Agents of the provider, and cloudbase-init.

pub(super) mod agent_001_installed;
#[cfg(test)]
mod agent_001_installed_tests;
pub(super) mod agent_003_automation;
#[cfg(test)]
mod agent_003_automation_tests;
pub(super) mod cbi_001_starts;
#[cfg(test)]
mod cbi_001_starts_tests;
pub(super) mod cbi_002_configuration;
#[cfg(test)]
mod cbi_002_configuration_tests;
mod python;
pub(super) mod service;

use super::matches;
use crate::evidence::windows::Image;
use crate::policy::{Context, Policy};

/// The programs of the services that checks of the policy ask for: their paths in lower case, with
/// slashes (`c:/winagent/winagent.exe`).
pub(super) fn programs(context: &Context<'_>) -> Vec<String> {
    let Ok(services) = context.evidence.windows.services() else {
        return Vec::new();
    };
    let asked = services
        .items
        .iter()
        .filter(|s| is_required(context.policy, &s.name));
    let program = |service| match context.evidence.windows.image(service) {
        Image::File(file) => Some(file.at.path?.to_lowercase()),
        _ => None,
    };
    asked.filter_map(program).collect()
}

/// True where a check of `policy` asks for the service `name`.
pub(super) fn is_required(policy: &Policy, name: &str) -> bool {
    policy.checks.iter().any(|check| match check.test.as_str() {
        cbi_001_starts::NAME | agent_003_automation::NAME => {
            let service = check.with.get("service").and_then(|s| s.as_str());
            service.is_some_and(|s| s.eq_ignore_ascii_case(name))
        }
        agent_001_installed::NAME => {
            let list = |of: &serde_json::Value, key: &str| {
                let list = of.get(key).and_then(|l| l.as_array());
                list.cloned().unwrap_or_default()
            };
            let families = list(&serde_json::Value::Object(check.with.clone()), "families");
            let services = families.iter().flat_map(|f| list(f, "services"));
            let mut names = services.flat_map(|s| list(&s, "names"));
            names.any(|n| n.as_str().is_some_and(|n| matches(n, name)))
        }
        _ => false,
    })
}
