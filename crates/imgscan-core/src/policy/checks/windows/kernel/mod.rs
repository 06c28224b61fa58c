//! What runs in ring 0.

pub(super) mod kernel_001_verdict;
#[cfg(test)]
mod kernel_001_verdict_tests;
pub(super) mod kernel_002_signatures;
#[cfg(test)]
mod kernel_002_signatures_tests;
pub(super) mod kernel_003_catalogs;
#[cfg(test)]
mod kernel_003_catalogs_tests;
pub(super) mod kernel_005_code_integrity;
#[cfg(test)]
mod kernel_005_code_integrity_tests;
mod kernel_006_data;
pub(super) mod kernel_006_drivers;
#[cfg(test)]
mod kernel_006_drivers_tests;
mod kernel_006_stack;
pub(super) mod kernel_007_early_values;
#[cfg(test)]
mod kernel_007_early_values_tests;
pub(super) mod kernel_007_pending;
mod kernel_007_session;
pub(super) mod kernel_008_component_store;
#[cfg(test)]
mod kernel_008_component_store_tests;
pub(super) mod kernel_009_bypass;
#[cfg(test)]
mod kernel_009_bypass_tests;
mod kernel_009_sectors;
pub(super) mod kernel_010_events;
#[cfg(test)]
mod kernel_010_events_tests;
pub(super) mod kernel_011_build;
#[cfg(test)]
mod kernel_011_build_tests;
pub(super) mod kernel_012_reference;
#[cfg(test)]
mod kernel_012_reference_tests;
mod proof;
#[cfg(test)]
pub(super) mod testing;

pub(super) use kernel_005_code_integrity::unsigned_boot_drivers;
