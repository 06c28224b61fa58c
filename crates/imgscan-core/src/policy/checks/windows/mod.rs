//! Tests of Windows guests.

mod access;
mod accounts;
#[cfg(test)]
mod accounts_tests;
mod agent;
mod autostarts;
mod basics;
mod cloudbase;
mod conf;
mod defence;
mod desktop;
mod drivers;
#[cfg(test)]
mod hostile_tests;
mod implants;
mod kernel;
mod leaks;
mod network;
mod passwords;
#[cfg(test)]
mod persistence_tests;
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
    &Untyped {
        name: "windows_antimalware",
        run: defence::antimalware,
    },
    &Untyped {
        name: "windows_authorities",
        run: implants::authorities,
    },
    &Untyped {
        name: "windows_autostarts",
        run: autostarts::known,
    },
    &Untyped {
        name: "windows_certificates",
        run: leaks::certificates,
    },
    &Untyped {
        name: "windows_cloudbase_init",
        run: cloudbase::starts,
    },
    &Untyped {
        name: "windows_debuggers",
        run: implants::debuggers,
    },
    &Untyped {
        name: "windows_defence",
        run: defence::settings,
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
    &Untyped {
        name: "windows_bypass",
        run: kernel::no_bypass,
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
    &Untyped {
        name: "windows_virtio",
        run: drivers::virtio,
    },
    &Untyped {
        name: "windows_foreign_tools",
        run: drivers::foreign_tools,
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
    &Untyped {
        name: "windows_events",
        run: kernel::quiet,
    },
    &Untyped {
        name: "windows_hives",
        run: leaks::hives,
    },
    &Untyped {
        name: "windows_leftovers",
        run: leaks::leftovers,
    },
    &Untyped {
        name: "windows_secrets",
        run: leaks::secrets,
    },
    &Untyped {
        name: "windows_tasks",
        run: tasks::known,
    },
    &Untyped {
        name: "windows_boot_resolves",
        run: kernel::resolves,
    },
    &Untyped {
        name: "windows_boot_weakened",
        run: kernel::weakened,
    },
    &Untyped {
        name: "windows_kernel",
        run: kernel::verdict,
    },
    &Untyped {
        name: "windows_kernel_signed",
        run: kernel::core,
    },
    &Untyped {
        name: "windows_kernel_catalogs",
        run: kernel::listed,
    },
    &Untyped {
        name: "windows_kernel_drivers",
        run: kernel::drivers,
    },
    &Untyped {
        name: "windows_kernel_components",
        run: kernel::linked,
    },
    &Untyped {
        name: "windows_kernel_build",
        run: kernel::builds,
    },
    &Untyped {
        name: "windows_kernel_reference",
        run: kernel::reference,
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
