//! The state that sysprep left.

mod run;
pub(super) mod sysprep_001_state;
pub(super) mod sysprep_002_runs;
pub(super) mod sysprep_003_identity;

/// The key that holds `ImageState`.
const STATE: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\State";
const GENERALIZED: &str = "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE";
const COMPLETE: &str = "IMAGE_STATE_COMPLETE";
