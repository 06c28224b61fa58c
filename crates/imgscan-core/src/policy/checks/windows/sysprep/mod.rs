//! The state that sysprep left.

mod run;
pub(super) mod sysprep_001_state;
#[cfg(test)]
mod sysprep_001_state_tests;
pub(super) mod sysprep_002_runs;
#[cfg(test)]
mod sysprep_002_runs_tests;
pub(super) mod sysprep_003_identity;
#[cfg(test)]
mod sysprep_003_identity_tests;

/// The key that holds `ImageState`.
const STATE: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\State";
const GENERALIZED: &str = "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE";
const COMPLETE: &str = "IMAGE_STATE_COMPLETE";
