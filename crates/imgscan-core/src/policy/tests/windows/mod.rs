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

use super::Test;
use crate::text::matches;

pub(super) const TESTS: &[(&str, Test)] = &[
    ("windows_agent", agent::installed),
    ("windows_antimalware", defence::antimalware),
    ("windows_authorities", implants::authorities),
    ("windows_autostarts", autostarts::known),
    ("windows_certificates", leaks::certificates),
    ("windows_cloudbase_init", cloudbase::starts),
    ("windows_debuggers", implants::debuggers),
    ("windows_defence", defence::settings),
    ("windows_desktop", desktop::clean),
    ("windows_sysprep", sysprep::state),
    ("windows_sysprep_runs", sysprep::runs),
    ("windows_identity", sysprep::identity),
    ("windows_administrator", accounts::administrator),
    ("windows_accounts", accounts::hidden),
    ("windows_2008_profile", accounts::profile),
    ("windows_passwords", passwords::known),
    ("windows_bypass", kernel::no_bypass),
    ("windows_cloudbase_conf", conf::suits),
    ("windows_resolvers", network::resolvers),
    ("windows_time", network::time),
    ("windows_virtio", drivers::virtio),
    ("windows_foreign_tools", drivers::foreign_tools),
    ("windows_remote_desktop", access::remote),
    ("windows_basic_services", basics::services),
    ("windows_automation_agent", basics::automation),
    ("windows_events", kernel::quiet),
    ("windows_hives", leaks::hives),
    ("windows_leftovers", leaks::leftovers),
    ("windows_secrets", leaks::secrets),
    ("windows_tasks", tasks::known),
    ("windows_boot_resolves", kernel::resolves),
    ("windows_boot_weakened", kernel::weakened),
    ("windows_kernel", kernel::verdict),
    ("windows_kernel_signed", kernel::core),
    ("windows_kernel_catalogs", kernel::listed),
    ("windows_kernel_drivers", kernel::drivers),
    ("windows_kernel_components", kernel::linked),
    ("windows_kernel_build", kernel::builds),
    ("windows_kernel_reference", kernel::reference),
    ("windows_early_values", kernel::values),
    ("windows_code_integrity", kernel::integrity),
];
