//! Tests of Windows guests.

mod access;
mod accounts;
#[cfg(test)]
mod accounts_tests;
mod agent;
mod autostarts;
mod basics;
mod boot;
mod cloudbase;
mod conf;
mod defence;
mod desktop;
#[cfg(test)]
mod hostile_tests;
mod implants;
mod kernel;
mod leaks;
mod network;
mod passwords;
#[cfg(test)]
pub(super) mod persistence_tests;
mod probe;
mod programs;
mod rules;
mod service;
#[cfg(test)]
mod signature_tests;
#[cfg(test)]
mod state_tests;
mod sysprep;
#[cfg(test)]
mod sysprep_tests;
mod tasks;
#[cfg(test)]
pub(super) mod tests;
#[allow(dead_code)] // To go with the last caller of `probe`.
mod values;

use super::registry::{Test, Typed, Untyped};
use crate::text::matches;

pub(super) const TESTS: &[&dyn Test] = &[
    &Untyped {
        name: "windows_agent",
        run: agent::installed,
    },
    &Typed {
        name: "windows_def_001_antimalware",
        run: defence::def_001_antimalware::run,
    },
    &Untyped {
        name: "windows_authorities",
        run: implants::authorities,
    },
    &Untyped {
        name: "windows_autostarts",
        run: autostarts::known,
    },
    &Typed {
        name: "windows_cert_001_stores",
        run: leaks::cert_001_stores::run,
    },
    &Untyped {
        name: "windows_cloudbase_init",
        run: cloudbase::starts,
    },
    &Untyped {
        name: "windows_debuggers",
        run: implants::debuggers,
    },
    &Typed {
        name: "windows_def_002_settings",
        run: defence::def_002_settings::run,
    },
    &Untyped {
        name: "windows_desktop",
        run: desktop::clean,
    },
    &Untyped {
        name: "windows_sysprep",
        run: sysprep::state,
    },
    &Untyped {
        name: "windows_sysprep_runs",
        run: sysprep::runs,
    },
    &Untyped {
        name: "windows_identity",
        run: sysprep::identity,
    },
    &Untyped {
        name: "windows_administrator",
        run: accounts::administrator,
    },
    &Untyped {
        name: "windows_accounts",
        run: accounts::hidden,
    },
    &Untyped {
        name: "windows_2008_profile",
        run: accounts::profile,
    },
    &Untyped {
        name: "windows_passwords",
        run: passwords::known,
    },
    &Typed {
        name: "windows_kernel_009_bypass",
        run: kernel::kernel_009_bypass::run,
    },
    &Untyped {
        name: "windows_cloudbase_conf",
        run: conf::suits,
    },
    &Untyped {
        name: "windows_resolvers",
        run: network::resolvers,
    },
    &Untyped {
        name: "windows_time",
        run: network::time,
    },
    &Typed {
        name: "windows_boot_002_virtio",
        run: boot::boot_002_virtio::run,
    },
    &Typed {
        name: "windows_cap_003_foreign_tools",
        run: access::cap_003_foreign_tools::run,
    },
    &Untyped {
        name: "windows_remote_desktop",
        run: access::remote,
    },
    &Untyped {
        name: "windows_basic_services",
        run: basics::services,
    },
    &Untyped {
        name: "windows_automation_agent",
        run: basics::automation,
    },
    &Typed {
        name: "windows_kernel_010_events",
        run: kernel::kernel_010_events::run,
    },
    &Typed {
        name: "windows_leak_002_leftovers",
        run: leaks::leak_002_leftovers::run,
    },
    &Typed {
        name: "windows_leak_001_secrets",
        run: leaks::leak_001_secrets::run,
    },
    &Untyped {
        name: "windows_tasks",
        run: tasks::known,
    },
    &Typed {
        name: "windows_boot_001_loader",
        run: boot::boot_001_loader::run,
    },
    &Typed {
        name: "windows_kernel_004_boot_settings",
        run: boot::kernel_004_boot_settings::run,
    },
    &Typed {
        name: "windows_kernel_001_verdict",
        run: kernel::kernel_001_verdict::run,
    },
    &Typed {
        name: "windows_kernel_002_signatures",
        run: kernel::kernel_002_signatures::run,
    },
    &Typed {
        name: "windows_kernel_003_catalogs",
        run: kernel::kernel_003_catalogs::run,
    },
    &Typed {
        name: "windows_kernel_006_drivers",
        run: kernel::kernel_006_drivers::run,
    },
    &Typed {
        name: "windows_kernel_008_component_store",
        run: kernel::kernel_008_component_store::run,
    },
    &Typed {
        name: "windows_kernel_011_build",
        run: kernel::kernel_011_build::run,
    },
    &Typed {
        name: "windows_kernel_012_reference",
        run: kernel::kernel_012_reference::run,
    },
    &Typed {
        name: "windows_kernel_005_code_integrity",
        run: kernel::kernel_005_code_integrity::run,
    },
    &Typed {
        name: "windows_kernel_007_early_values",
        run: kernel::kernel_007_early_values::run,
    },
];
