//! What is mounted.

pub(super) mod boot_003_mounts;
