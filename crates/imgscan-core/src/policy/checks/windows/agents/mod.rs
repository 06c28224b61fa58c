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
pub(super) mod service;
