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
mod config_drive;
mod kept_off;
mod options;
mod python;
mod python_files;
mod released;
pub(super) mod service;
#[cfg(test)]
mod service_tests;

use super::matches;
use crate::evidence::windows::Image;
use crate::policy::{Context, Policy};

/// The programs of the services that checks of the policy ask for: their paths in lower case, with
/// slashes (`c:/winagent/winagent.exe`).
pub(super) fn programs(context: &Context<'_>) -> Vec<String> {
    let Ok(services) = context.evidence.windows.services() else {
        return Vec::new();
    };
    let program = |service| match context.evidence.windows.image(service) {
        Image::File(file) => Some(file.at.path?.to_lowercase()),
        _ => None,
    };
    let asked = services.items.iter().filter_map(|service| {
        let program = program(service)?;
        let named = is_required(context.policy, &service.name);
        (named || is_program(context.policy, &program)).then_some(program)
    });
    asked.collect()
}

/// True where a check of `policy` asks for the program at `path`.
fn is_program(policy: &Policy, path: &str) -> bool {
    let agents = policy.checks.iter();
    let agents = agents.filter(|check| check.test == agent_001_installed::NAME);
    agents
        .flat_map(|check| listed(&serde_json::Value::Object(check.with.clone()), "families"))
        .flat_map(|family| listed(&family, "services"))
        .flat_map(|service| listed(&service, "programs"))
        .any(|program| {
            let pattern = program.as_str().map(|p| p.replace('\\', "/"));
            pattern.is_some_and(|pattern| matches(&pattern, path))
        })
}

/// The list `key` of `of`.
fn listed(of: &serde_json::Value, key: &str) -> Vec<serde_json::Value> {
    let list = of.get(key).and_then(|l| l.as_array());
    list.cloned().unwrap_or_default()
}

/// True where a check of `policy` asks for the service `name`.
pub(super) fn is_required(policy: &Policy, name: &str) -> bool {
    is_wanted(policy, |pattern| matches(pattern, name))
}

/// True where a check of `policy` asks for the service `name` and judges its file at `path` (in lower
/// case) whoever signed it: the programs of cloudbase-init, which nobody signs, and those of agents of
/// which no signature is asked.
pub(super) fn judges(policy: &Policy, name: &str, path: &str) -> bool {
    const CLOUDBASE: &str = r"*:\program files*\cloudbase solutions\cloudbase-init\*";
    let text = |of: &serde_json::Value| of.as_str().map(str::to_owned);
    policy.checks.iter().any(|check| {
        let with = serde_json::Value::Object(check.with.clone());
        let is_service = || {
            // One that is not asked for is judged by nobody.
            if check.with.get("required") == Some(&serde_json::Value::Bool(false)) {
                return false;
            }
            let service = check.with.get("service").and_then(|s| s.as_str());
            service.is_some_and(|s| s.eq_ignore_ascii_case(name))
        };
        let any = |list: Vec<serde_json::Value>, of: &str| {
            let mut patterns = list.iter().filter_map(text);
            patterns.any(|p| matches(&p.to_lowercase(), of))
        };
        match check.test.as_str() {
            cbi_001_starts::NAME => is_service() && matches(CLOUDBASE, path),
            agent_003_automation::NAME => is_service() && any(listed(&with, "programs"), path),
            agent_001_installed::NAME => {
                let signature = check.with.get("require_signature");
                let is = |key: &str, of: &serde_json::Value| {
                    of.get(key).and_then(serde_json::Value::as_bool) == Some(true)
                };
                signature.and_then(serde_json::Value::as_bool) == Some(false)
                    && listed(&with, "families")
                        .iter()
                        .filter(|family| is("listed", family))
                        .flat_map(|family| listed(family, "services"))
                        .any(|service| {
                            any(listed(&service, "names"), &name.to_lowercase())
                                && any(listed(&service, "programs"), path)
                        })
            }
            _ => false,
        }
    })
}

/// True where a check of `policy` tells a service that it asks for by a name for which `is` holds.
fn is_wanted(policy: &Policy, is: impl Fn(&str) -> bool) -> bool {
    policy.checks.iter().any(|check| match check.test.as_str() {
        cbi_001_starts::NAME | agent_003_automation::NAME => {
            let service = check.with.get("service").and_then(|s| s.as_str());
            service.is_some_and(&is)
        }
        agent_001_installed::NAME => {
            let families = listed(&serde_json::Value::Object(check.with.clone()), "families");
            let services = families.iter().flat_map(|f| listed(f, "services"));
            let mut names = services.flat_map(|service| listed(&service, "names"));
            names.any(|name| name.as_str().is_some_and(&is))
        }
        _ => false,
    })
}
