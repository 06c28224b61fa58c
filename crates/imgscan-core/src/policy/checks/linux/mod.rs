//! Tests of Linux guests.

mod accounts;
mod agents;
mod boot;
mod commands;
#[cfg(test)]
mod fixes_tests;
mod integrity;
mod kernel;
mod modules;
mod mounts;
mod network;
mod persistence;
mod wording;

use super::registry::{Test, Typed};

/// The checks of Linux guests, sorted by name.
pub(super) const TESTS: &[&dyn Test] = &[
    &Typed {
        name: "linux_agent_001_installed",
        run: agents::agent_001_installed::run,
    },
    &Typed {
        name: "linux_acct_001_empty_password",
        run: accounts::acct_001_empty_password::run,
    },
    &Typed {
        name: "linux_kernel_024_settings",
        run: modules::kernel_024_settings::run,
    },
    &Typed {
        name: "linux_kernel_018_hand_built",
        run: modules::kernel_018_hand_built::run,
    },
    &Typed {
        name: "linux_kernel_012_module_hooks",
        run: modules::kernel_012_module_hooks::run,
    },
    &Typed {
        name: "linux_kernel_022_other_kernels",
        run: modules::kernel_022_other_kernels::run,
    },
    &Typed {
        name: "linux_kernel_023_rootkits",
        run: modules::kernel_023_rootkits::run,
    },
    &Typed {
        name: "linux_kernel_015_live_patches",
        run: modules::kernel_015_live_patches::run,
    },
    &Typed {
        name: "linux_kernel_011_module_info",
        run: modules::kernel_011_module_info::run,
    },
    &Typed {
        name: "linux_kernel_010_module_owners",
        run: modules::kernel_010_module_owners::run,
    },
    &Typed {
        name: "linux_kernel_009_module_signatures",
        run: modules::kernel_009_module_signatures::run,
    },
    &Typed {
        name: "linux_net_001_resolvers",
        run: network::net_001_resolvers::run,
    },
    &Typed {
        name: "linux_acct_003_root",
        run: accounts::acct_003_root::run,
    },
    &Typed {
        name: "linux_acct_004_ssh_keys",
        run: accounts::acct_004_ssh_keys::run,
    },
    &Typed {
        name: "linux_acct_005_sudo",
        run: accounts::acct_005_sudo::run,
    },
    &Typed {
        name: "linux_time_001_sync",
        run: network::time_001_sync::run,
    },
    &Typed {
        name: "linux_kernel_001_authentic",
        run: kernel::kernel_001_authentic::run,
    },
    &Typed {
        name: "linux_kernel_002_inventory",
        run: boot::kernel_002_inventory::run,
    },
    &Typed {
        name: "linux_kernel_003_owned",
        run: kernel::kernel_003_owned::run,
    },
    &Typed {
        name: "linux_kernel_004_package_signature",
        run: kernel::kernel_004_package_signature::run,
    },
    &Typed {
        name: "linux_kernel_005_signature",
        run: kernel::kernel_005_signature::run,
    },
    &Typed {
        name: "linux_kernel_006_structure",
        run: kernel::kernel_006_structure::run,
    },
    &Typed {
        name: "linux_kernel_007_checksum",
        run: kernel::kernel_007_checksum::run,
    },
    &Typed {
        name: "linux_kernel_008_builder",
        run: kernel::kernel_008_builder::run,
    },
    &Typed {
        name: "linux_boot_003_mounts",
        run: mounts::boot_003_mounts::run,
    },
    &Typed {
        name: "linux_persist_001_loader",
        run: persistence::loader,
    },
    &Typed {
        name: "linux_persist_002_schedules",
        run: persistence::schedules,
    },
    &Typed {
        name: "linux_persist_003_services",
        run: persistence::services,
    },
    &Typed {
        name: "linux_persist_004_hooks",
        run: persistence::hooks,
    },
    &Typed {
        name: "linux_integ_001_package_files",
        run: integrity::integ_001_package_files::run,
    },
    &Typed {
        name: "linux_kernel_013_command_line",
        run: boot::kernel_013_command_line::run,
    },
    &Typed {
        name: "linux_kernel_014_initramfs",
        run: boot::kernel_014_initramfs::run,
    },
    &Typed {
        name: "linux_kernel_016_companions",
        run: kernel::kernel_016_companions::run,
    },
    &Typed {
        name: "linux_kernel_017_boot_chain",
        run: boot::kernel_017_boot_chain::run,
    },
    &Typed {
        name: "linux_kernel_019_vendor",
        run: kernel::kernel_019_vendor::run,
    },
    &Typed {
        name: "linux_kernel_020_reference",
        run: kernel::kernel_020_reference::run,
    },
    &Typed {
        name: "linux_kernel_021_support",
        run: kernel::kernel_021_support::run,
    },
];

/// True where `text` has the form `pattern`, in which `*` stands for any characters, compared
/// without case and without white space (the guide's own text has both wrong).
fn fits(pattern: &str, text: &str) -> bool {
    let without_space = |s: &str| s.split_whitespace().collect::<String>();
    crate::text::matches(&without_space(pattern), &without_space(text))
}

#[cfg(test)]
mod testing {
    use crate::evidence::Evidence;
    use crate::evidence::linux::testing::{Build, guest};
    use crate::guest::Guest;
    use crate::policy::{CheckResult, Policy, Status, run};

    pub(super) fn check(id: &str, build: Build) -> CheckResult {
        check_guest(id, &guest(build), |_| {})
    }

    pub(super) fn status(id: &str, build: Build) -> Status {
        check(id, build).status
    }

    pub(super) fn check_guest(
        id: &str,
        guest: &Guest,
        change: impl FnOnce(&mut Policy),
    ) -> CheckResult {
        let mut policy = Policy::built_in("tencent-marketplace").unwrap();
        change(&mut policy);
        policy.checks.retain(|c| c.id == id);
        let mut results = run(&policy, &[Evidence::new(guest)], &[], &|_| {});
        assert_eq!(results.len(), 1, "{id} stands in the policy once");
        results.remove(0)
    }

    #[test]
    fn patterns_ignore_case_and_white_space() {
        assert!(super::fits("secu-tcs-agent*", "Secu-tcs- agent-mon"));
        assert!(super::fits("ntp*.tencent.com", "ntp3.tencent.com"));
        assert!(super::fits("*", ""));
        assert!(!super::fits("agent", "agents"));
        assert!(!super::fits("a*b*c", "a-b"));
    }
}
