//! Tests of Linux guests.

mod accounts;
mod agents;
mod boot;
mod kernel;
mod modules;
mod network;
mod wording;

use super::registry::{Test, Typed, Untyped};
use crate::evidence::Gap;
use crate::policy::{Outcome, Status};

/// The checks of Linux guests, sorted by name.
pub(super) const TESTS: &[&dyn Test] = &[
    &Untyped {
        name: "linux_agent",
        run: agents::agent_001_installed::agent,
    },
    &Typed {
        name: "linux_acct_001_empty_password",
        run: accounts::acct_001_empty_password::run,
    },
    &Untyped {
        name: "linux_kernel_knobs",
        run: modules::autoload::knobs,
    },
    &Untyped {
        name: "linux_kernel_residue",
        run: modules::autoload::residue,
    },
    &Untyped {
        name: "linux_module_hooks",
        run: modules::autoload::hooks,
    },
    &Untyped {
        name: "linux_other_kernels",
        run: modules::autoload::other_kernels,
    },
    &Untyped {
        name: "linux_rootkits",
        run: modules::autoload::rootkits,
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
    &Untyped {
        name: "linux_live_patches",
        run: modules::modules::live_patches,
    },
    &Untyped {
        name: "linux_modules_consistent",
        run: modules::modules::consistent,
    },
    &Untyped {
        name: "linux_modules_owned",
        run: modules::modules::owned,
    },
    &Untyped {
        name: "linux_modules_signed",
        run: modules::modules::signed,
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

/// A failure that rests on something not being found: with a gap it may be there all the same, so
/// nothing is proven.
fn unless_hidden(mut outcome: Outcome, gaps: Vec<Gap>) -> Outcome {
    if outcome.status == Status::Fail && !gaps.is_empty() {
        outcome.status = Status::Unknown;
        outcome.gaps = gaps;
    }
    outcome
}

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
