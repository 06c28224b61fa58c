//! Tests of Windows guests.

mod access;
mod accounts;
mod agents;
mod boot;
mod commands;
mod declared;
#[cfg(test)]
mod declared_tests;
mod defence;
#[cfg(test)]
mod every_check_on_spoilt_hives_tests;
mod explained;
mod firewall;
mod first_boot;
#[cfg(test)]
mod fixes_tests;
mod kernel;
mod leaks;
mod listed;
mod network;
mod persistence;
mod programs;
mod rules;
mod sysprep;
#[cfg(test)]
pub(super) mod testing;
mod values;

pub use declared::{Declared, DeclaredDifference, DeclaredUse};
pub use listed::{Judgement, Judgements, executions};

use super::registry::{Test, Typed};
use crate::policy::Policy;
use crate::text::{Text, matches};

pub(super) const TESTS: &[&dyn Test] = &[
    &Typed {
        name: "windows_acct_001_administrator",
        run: accounts::acct_001_administrator::run,
    },
    &Typed {
        name: accounts::acct_002_hidden::NAME,
        run: accounts::acct_002_hidden::run,
    },
    &Typed {
        name: "windows_acct_003_passwords",
        run: accounts::acct_003_passwords::run,
    },
    &Typed {
        name: "windows_acct_004_profile",
        run: accounts::acct_004_profile::run,
    },
    &Typed {
        name: agents::agent_001_installed::NAME,
        run: agents::agent_001_installed::run,
    },
    &Typed {
        name: agents::agent_003_automation::NAME,
        run: agents::agent_003_automation::run,
    },
    &Typed {
        name: "windows_boot_001_loader",
        run: boot::boot_001_loader::run,
    },
    &Typed {
        name: "windows_boot_002_virtio",
        run: boot::boot_002_virtio::run,
    },
    &Typed {
        name: "windows_cap_001_remote_desktop",
        run: access::cap_001_remote_desktop::run,
    },
    &Typed {
        name: "windows_cap_002_basic_services",
        run: access::cap_002_basic_services::run,
    },
    &Typed {
        name: "windows_cap_003_foreign_tools",
        run: access::cap_003_foreign_tools::run,
    },
    &Typed {
        name: agents::cbi_001_starts::NAME,
        run: agents::cbi_001_starts::run,
    },
    &Typed {
        name: "windows_cbi_002_configuration",
        run: agents::cbi_002_configuration::run,
    },
    &Typed {
        name: "windows_cert_001_stores",
        run: leaks::cert_001_stores::run,
    },
    &Typed {
        name: "windows_def_001_antimalware",
        run: defence::def_001_antimalware::run,
    },
    &Typed {
        name: "windows_def_002_settings",
        run: defence::def_002_settings::run,
    },
    &Typed {
        name: "windows_desk_001_documents",
        run: leaks::desk_001_documents::run,
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
        name: "windows_kernel_004_boot_settings",
        run: boot::kernel_004_boot_settings::run,
    },
    &Typed {
        name: "windows_kernel_005_code_integrity",
        run: kernel::kernel_005_code_integrity::run,
    },
    &Typed {
        name: "windows_kernel_006_drivers",
        run: kernel::kernel_006_drivers::run,
    },
    &Typed {
        name: kernel::kernel_007_early_values::NAME,
        run: kernel::kernel_007_early_values::run,
    },
    &Typed {
        name: "windows_kernel_008_component_store",
        run: kernel::kernel_008_component_store::run,
    },
    &Typed {
        name: "windows_kernel_009_bypass",
        run: kernel::kernel_009_bypass::run,
    },
    &Typed {
        name: "windows_kernel_010_events",
        run: kernel::kernel_010_events::run,
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
        name: "windows_leak_001_secrets",
        run: leaks::leak_001_secrets::run,
    },
    &Typed {
        name: "windows_leak_002_leftovers",
        run: leaks::leak_002_leftovers::run,
    },
    &Typed {
        name: "windows_net_001_resolvers",
        run: network::net_001_resolvers::run,
    },
    &Typed {
        name: persistence::persist_001_autostarts::NAME,
        run: persistence::persist_001_autostarts::run,
    },
    &Typed {
        name: persistence::persist_002_debuggers::NAME,
        run: persistence::persist_002_debuggers::run,
    },
    &Typed {
        name: persistence::persist_003_services_and_tasks::NAME,
        run: persistence::persist_003_services_and_tasks::run,
    },
    &Typed {
        name: persistence::persist_004_authorities::NAME,
        run: persistence::persist_004_authorities::run,
    },
    &Typed {
        name: "windows_sysprep_001_state",
        run: sysprep::sysprep_001_state::run,
    },
    &Typed {
        name: "windows_sysprep_002_runs",
        run: sysprep::sysprep_002_runs::run,
    },
    &Typed {
        name: "windows_sysprep_003_identity",
        run: sysprep::sysprep_003_identity::run,
    },
    &Typed {
        name: "windows_time_001_source",
        run: network::time_001_source::run,
    },
];

/// The texts of the list `key` that the checks of the policy with the test `test` have.
fn texts_of(policy: &Policy, test: &str, key: &str) -> Vec<String> {
    let checks = policy.checks.iter().filter(|check| check.test == test);
    let lists = checks.filter_map(|check| check.with.get(key)?.as_array());
    let texts = lists.flatten().filter_map(|text| text.as_str());
    texts.map(str::to_owned).collect()
}

/// What a rule wants: one of `values`.
fn one_of(values: &[impl AsRef<str>]) -> Text {
    match values {
        [] => say!(win_none),
        [only] => Text::verbatim(only.as_ref()),
        _ => {
            let values: Vec<&str> = values.iter().map(AsRef::as_ref).collect();
            say!(win_one_of, values = values)
        }
    }
}
