//! What protects a Windows guest.

pub(super) mod def_001_antimalware;
#[cfg(test)]
mod def_001_antimalware_tests;
pub(super) mod def_002_settings;
#[cfg(test)]
mod def_002_settings_tests;
mod descriptors;
mod exclusions;
mod openings;
mod rights;
mod shares;
mod trusted;
