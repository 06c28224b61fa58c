//! WIN-KERNEL-004.

use super::testing::{LOADER, assert_element, on_bcd};
use crate::fs::memory::MemoryFs;
use crate::policy::Status;
use crate::policy::checks::windows::kernel::testing::{hive, item, result, windows};

const GLOBAL: &str = "{7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e}";

#[test]
fn a_plain_boot_configuration_passes() {
    let found = on_bcd(hive!("bcd-good"), "WIN-KERNEL-004");
    assert_eq!(found.status, Status::Pass);
}

#[test]
fn test_signing_fails_in_both_encodings_and_by_inheritance() {
    let check = "WIN-KERNEL-004";
    let found = on_bcd(hive!("bcd-testsigning"), check);
    assert_eq!(found.status, Status::Fail);
    assert_element(item(&found, "yes"), LOADER, "16000049");
    let found = on_bcd(hive!("bcd-legacy"), check);
    assert_eq!(found.status, Status::Fail);
    let keys: Vec<_> = found
        .evidence
        .iter()
        .filter(|i| i.found.is_some())
        .collect();
    assert_element(keys[0], LOADER, "26000026");
    assert_element(keys[1], LOADER, "26000027");
    let found = on_bcd(hive!("bcd-inherit"), check);
    assert_eq!(found.status, Status::Fail);
    assert_element(item(&found, "yes"), GLOBAL, "16000049");
}

#[test]
fn what_the_entry_switches_off_itself_is_off_for_it() {
    // Another entry would still inherit it, so it is shown.
    let found = on_bcd(hive!("bcd-hidden"), "WIN-KERNEL-004");
    assert_eq!(found.status, Status::Fail);
    let keys: Vec<_> = found
        .evidence
        .iter()
        .filter(|i| i.found.is_some())
        .collect();
    assert_eq!(keys.len(), 1);
    assert_element(
        keys[0],
        "{6efb52bf-1766-41db-a6b3-0ee5eff72bd7}",
        "16000048",
    );
}

#[test]
fn another_kernel_loader_or_option_fails() {
    let found = on_bcd(hive!("bcd-kernel"), "WIN-KERNEL-004");
    assert_eq!(found.status, Status::Fail);
    assert_element(item(&found, "ntkrnlmp2.exe"), LOADER, "22000011");
    assert_element(
        item(&found, "/ddisable_integrity_checks"),
        LOADER,
        "12000030",
    );
    assert_element(
        item(&found, r"\Windows\Temp\winload.exe"),
        LOADER,
        "12000002",
    );
    assert_element(item(&found, "yes"), LOADER, "260000e1");
    let found = on_bcd(hive!("bcd-debug"), "WIN-KERNEL-004");
    assert_eq!(found.status, Status::Unknown);
    assert_element(item(&found, "yes"), LOADER, "260000a0");
}

#[test]
fn a_boot_configuration_that_can_t_be_read_is_unknown() {
    let mut cut = hive!("bcd-testsigning").to_vec();
    cut.truncate(5000);
    let mut dirty = hive!("bcd-good").to_vec();
    dirty[8] ^= 0xFF;
    for bytes in [&cut[..], &dirty, b"regf", b""] {
        let found = on_bcd(bytes, "WIN-KERNEL-004");
        assert_eq!(found.status, Status::Unknown, "{}", bytes.len());
        assert!(!found.gaps.is_empty());
    }
    let none = result(MemoryFs::new(true), windows(), "WIN-KERNEL-004");
    assert_eq!(none.status, Status::Unknown);
}
