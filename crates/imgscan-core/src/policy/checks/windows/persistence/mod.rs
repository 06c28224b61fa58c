//! What starts by itself.

pub(super) mod persist_001_autostarts;
#[cfg(test)]
mod persist_001_autostarts_tests;
pub(super) mod persist_002_debuggers;
#[cfg(test)]
mod persist_002_debuggers_tests;
pub(super) mod persist_003_services_and_tasks;
#[cfg(test)]
mod persist_003_services_and_tasks_tests;
pub(super) mod persist_004_authorities;
#[cfg(test)]
mod persist_004_authorities_tests;
mod system_files;
#[cfg(test)]
mod system_files_tests;
