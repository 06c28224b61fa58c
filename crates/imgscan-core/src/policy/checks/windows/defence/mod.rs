//! What protects a Windows guest.

pub(super) mod def_001_antimalware;
pub(super) mod def_002_settings;
