//! LNX-KERNEL-004 on roots that rpm itself made (testdata/recipes).

use crate::evidence::linux::testing::{Build, guest};
use crate::evidence::{Evidence, References};
use crate::guest::Guest;
use crate::policy::checks::linux::testing::{check_guest, status};
use crate::policy::{CheckResult, Policy, Status, run};
use crate::trust::Bundle;

const ROOT: &[u8] = include_bytes!("../../../../../../../testdata/rpm/root.sqlite.zst");
const EDITED: &[u8] = include_bytes!("../../../../../../../testdata/rpm/edited.sqlite.zst");
const KEY: &[u8] = include_bytes!("../../../../../../../testdata/rpm/key.asc");
const KERNEL: &[u8] = include_bytes!("../../../../../../../testdata/rpm/kernel");
const BOOT: &str = "/boot/vmlinuz-6.1.0-1.test";

/// The root that rpm made, with the files as its packages put them.
fn root(database: &[u8]) -> Build {
    Build::bare()
        .file(
            "/var/lib/rpm/rpmdb.sqlite",
            0o644,
            zstd::stream::decode_all(database).unwrap(),
        )
        .file("/lib/modules/6.1.0-1.test/vmlinuz", 0o644, KERNEL)
        .file(BOOT, 0o644, KERNEL)
        .file("/lib/modules/6.1.0-1.test/kernel/x.ko", 0o644, "module\n")
        .file("/usr/bin/kmod", 0o755, "kmod\n")
        .file("/etc/kmod.conf", 0o644, "setting\n")
        .file("/usr/bin/local", 0o755, "local\n")
}

fn system(build: Build, id: &str) -> Guest {
    let mut guest = guest(build);
    guest.os.id = Some(id.into());
    guest
}

fn with_key(guest: &Guest) -> CheckResult {
    let trust = Bundle::built_in().with_user_file(KEY, "key.asc").unwrap();
    let references = References {
        trust: Some(&trust),
        baseline: None,
    };
    let mut policy = Policy::built_in("tencent-marketplace").unwrap();
    policy.checks.retain(|c| c.id == "LNX-KERNEL-004");
    let evidence = Evidence::with(guest, references);
    run(&policy, &[evidence], &[], &|_| {}).remove(0)
}

#[test]
fn packages_of_a_key_that_the_user_trusts_pass_and_every_change_is_named() {
    let passed = with_key(&system(root(ROOT), "rocky"));
    assert_eq!(passed.status, Status::Pass, "{passed:?}");
    let paths = |result: &CheckResult| -> Vec<String> {
        let places = result.evidence.iter().filter_map(|i| i.at.path.clone());
        places.collect()
    };
    for path in [
        "/lib/modules/6.1.0-1.test/vmlinuz",
        "/lib/modules/6.1.0-1.test/kernel/x.ko",
        "/usr/bin/kmod",
        BOOT,
    ] {
        let changed = with_key(&system(root(ROOT).file(path, 0o644, "x"), "rocky"));
        assert_eq!(changed.status, Status::Fail, "{path}");
        assert_eq!(paths(&changed)[0], path);
    }
    // A setting may be changed, and what is not chosen is not looked at.
    let setting =
        root(ROOT)
            .file("/etc/kmod.conf", 0o644, "other")
            .file("/usr/bin/local", 0o755, "other");
    assert_eq!(with_key(&system(setting, "rocky")).status, Status::Pass);
}

#[test]
fn a_header_with_one_digit_changed_fails_even_where_the_file_was_changed_to_match() {
    assert_eq!(
        with_key(&system(root(EDITED), "rocky")).status,
        Status::Fail
    );
}

#[test]
fn without_a_pinned_key_nothing_is_proven() {
    let rocky = system(root(ROOT), "rocky");
    let result = check_guest("LNX-KERNEL-004", &rocky, |_| {});
    assert_eq!(result.status, Status::Unknown);
    // A vendor of which no key is known would never get beyond that.
    let tencent = system(root(ROOT), "tencentos");
    let result = check_guest("LNX-KERNEL-004", &tencent, |_| {});
    assert_eq!(result.status, Status::Warn);
}

#[test]
fn a_database_that_is_gone_or_broken_is_unknown_and_another_system_not_applicable() {
    let gone = system(Build::bare(), "rocky");
    let result = check_guest("LNX-KERNEL-004", &gone, |_| {});
    assert_eq!(result.status, Status::Unknown);
    let broken = root(ROOT).file("/var/lib/rpm/rpmdb.sqlite", 0o644, "x");
    let result = check_guest("LNX-KERNEL-004", &system(broken, "unheard"), |_| {});
    assert_eq!(result.status, Status::Unknown);
    assert_eq!(
        status("LNX-KERNEL-004", Build::debian()),
        Status::NotApplicable
    );
}

#[test]
fn the_ghost_kernel_is_held_against_the_one_beside_its_modules() {
    let owned = |build| check_guest("LNX-KERNEL-003", &system(build, "rocky"), |_| {});
    assert_ne!(owned(root(ROOT)).status, Status::Fail);
    let evil = owned(root(ROOT).file(BOOT, 0o644, "another kernel"));
    assert_eq!(evil.status, Status::Fail);
    assert!(
        evil.evidence
            .iter()
            .any(|i| i.at.path.as_deref() == Some(BOOT))
    );
}
