//! Tests of Linux guests.

mod accounts;
mod agent;
mod autoload;
mod boot_chain;
mod initramfs;
mod kernel;
mod kernel_image;
mod kernel_signature;
mod kernel_support;
mod modules;
mod network;
mod signed;
mod ssh;
mod whole;
mod wording;

use super::Test;
use super::findings::tidy;
use crate::evidence::Gap;
use crate::policy::{Outcome, Status};

pub(super) const TESTS: &[(&str, Test)] = &[
    ("linux_agent", agent::agent),
    ("linux_empty_password", accounts::empty_password),
    ("linux_kernel_knobs", autoload::knobs),
    ("linux_kernel_residue", autoload::residue),
    ("linux_module_hooks", autoload::hooks),
    ("linux_other_kernels", autoload::other_kernels),
    ("linux_rootkits", autoload::rootkits),
    ("linux_initramfs", initramfs::explained),
    ("linux_kernel_authentic", whole::authentic),
    ("linux_kernel_command_line", whole::command_line),
    ("linux_boot_chain", boot_chain::chain),
    ("linux_kernel_builder", kernel_image::builder),
    ("linux_kernel_checksum", kernel_image::checksum),
    ("linux_kernel_companions", kernel_image::companions),
    ("linux_kernel_signature", kernel_signature::signature),
    ("linux_kernel_structure", kernel_image::structure),
    ("linux_kernel_support", kernel_support::support),
    ("linux_kernel_vendor", kernel_signature::vendor),
    ("linux_kernel_inventory", kernel::inventory),
    ("linux_kernel_reference", whole::reference),
    ("linux_kernel_owned", kernel::owned),
    ("linux_live_patches", modules::live_patches),
    ("linux_modules_consistent", modules::consistent),
    ("linux_modules_owned", modules::owned),
    ("linux_modules_signed", modules::signed),
    ("linux_kernel_signed_package", signed::packages),
    ("linux_resolvers", network::resolvers),
    ("linux_root_accounts", accounts::root_accounts),
    ("linux_ssh_keys", ssh::keys),
    ("linux_time_sync", network::time_sync),
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
    let fold = |s: &str| -> Vec<char> {
        s.chars()
            .filter(|c| !c.is_whitespace())
            .flat_map(char::to_lowercase)
            .collect()
    };
    let (pattern, text) = (fold(pattern), fold(text));
    // One star is remembered at a time, which is enough and never slow.
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        if p < pattern.len() && pattern[p] == '*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && pattern[p] == text[t] {
            p += 1;
            t += 1;
        } else if let Some((at, from)) = star {
            p = at + 1;
            t = from + 1;
            star = Some((at, t));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
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
