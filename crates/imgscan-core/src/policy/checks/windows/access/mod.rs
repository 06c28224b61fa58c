//! What instances need to be used: the remote desktop, and the services for making images.

pub(super) mod cap_001_remote_desktop;
#[cfg(test)]
mod cap_001_remote_desktop_tests;
mod cap_001_sessions;
pub(super) mod cap_002_basic_services;
#[cfg(test)]
mod cap_002_basic_services_tests;
pub(super) mod cap_003_foreign_tools;
#[cfg(test)]
mod cap_003_foreign_tools_tests;
