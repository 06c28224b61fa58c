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
mod kept_off;
mod python;
mod python_files;
pub(super) mod service;
#[cfg(test)]
mod service_tests;

use super::matches;
use crate::evidence::windows::{Image, Service};
use crate::guest::windows::candidates;
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
    is_wanted(policy, |key, pattern| {
        key == "names" && matches(pattern, name)
    })
}

/// True where a check of the policy asks for `service`, by its name, its display name or its
/// program.
pub(super) fn asks_for(context: &Context<'_>, service: &Service) -> bool {
    let roots = context.evidence.windows.roots();
    let programs = service.image_path.as_ref().map_or_else(Vec::new, |path| {
        candidates(&path.fact, service.is_driver(), &roots)
    });
    is_wanted(context.policy, |key, pattern| match key {
        "names" => matches(pattern, &service.name),
        "display_names" => {
            let name = service.display_name.as_deref();
            name.is_some_and(|name| matches(pattern, name))
        }
        _ => programs.iter().any(|p| matches(pattern, p)),
    })
}

/// True where `is` holds for one of the patterns that tell a service which a check of `policy` asks
/// for. It gets what each is a pattern of: `names`, `display_names` or `programs`.
fn is_wanted(policy: &Policy, is: impl Fn(&str, &str) -> bool) -> bool {
    policy.checks.iter().any(|check| match check.test.as_str() {
        cbi_001_starts::NAME | agent_003_automation::NAME => {
            let service = check.with.get("service").and_then(|s| s.as_str());
            service.is_some_and(|s| is("names", s))
        }
        agent_001_installed::NAME => {
            let families = listed(&serde_json::Value::Object(check.with.clone()), "families");
            let mut services = families.iter().flat_map(|f| listed(f, "services"));
            services.any(|service| {
                ["names", "display_names", "programs"].iter().any(|key| {
                    let mut patterns = listed(&service, key).into_iter();
                    patterns.any(|p| p.as_str().is_some_and(|p| is(key, p)))
                })
            })
        }
        _ => false,
    })
}
