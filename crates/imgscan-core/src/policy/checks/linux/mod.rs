//! Tests of Linux guests.

mod accounts;
mod agents;
mod boot;
mod commands;
mod kernel;
mod modules;
mod network;
mod wording;

use super::registry::{Test, Typed, Untyped};

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
    &Untyped {
        name: "linux_initramfs",
        run: boot::kernel_014_initramfs::explained,
    },
    &Untyped {
        name: "linux_kernel_authentic",
        run: kernel::whole::authentic,
    },
    &Untyped {
        name: "linux_kernel_command_line",
        run: kernel::whole::command_line,
    },
    &Untyped {
        name: "linux_boot_chain",
        run: boot::kernel_017_boot_chain::chain,
    },
    &Untyped {
        name: "linux_kernel_builder",
        run: kernel::kernel_image::builder,
    },
    &Untyped {
        name: "linux_kernel_checksum",
        run: kernel::kernel_image::checksum,
    },
    &Untyped {
        name: "linux_kernel_companions",
        run: kernel::kernel_image::companions,
    },
    &Untyped {
        name: "linux_kernel_signature",
        run: kernel::kernel_signature::signature,
    },
    &Untyped {
        name: "linux_kernel_structure",
        run: kernel::kernel_image::structure,
    },
    &Untyped {
        name: "linux_kernel_support",
        run: kernel::kernel_support::support,
    },
    &Untyped {
        name: "linux_kernel_vendor",
        run: kernel::kernel_signature::vendor,
    },
    &Untyped {
        name: "linux_kernel_inventory",
        run: kernel::kernel::inventory,
    },
    &Untyped {
        name: "linux_kernel_reference",
        run: kernel::whole::reference,
    },
    &Untyped {
        name: "linux_kernel_owned",
        run: kernel::kernel::owned,
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
    &Untyped {
        name: "linux_kernel_signed_package",
        run: kernel::signed::packages,
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
        name: "linux_time_001_sync",
        run: network::time_001_sync::run,
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
