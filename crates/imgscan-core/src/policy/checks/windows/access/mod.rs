//! What instances need to be used: the remote desktop, and the services for making images.

pub(super) mod cap_001_remote_desktop;
pub(super) mod cap_002_basic_services;
pub(super) mod cap_003_foreign_tools;
