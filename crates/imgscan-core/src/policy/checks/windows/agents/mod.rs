//! Agents of the provider, and cloudbase-init.

pub(super) mod agent_001_installed;
pub(super) mod agent_003_automation;
pub(super) mod cbi_001_starts;
pub(super) mod cbi_002_configuration;
pub(super) mod service;
