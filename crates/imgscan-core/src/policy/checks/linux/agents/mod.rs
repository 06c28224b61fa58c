//! Agents of the provider.

pub(super) mod agent_001_installed;
#[cfg(test)]
mod agent_001_installed_tests;
mod hindrance;
mod start;
