//! WIN-KERNEL-004 and WIN-BOOT-001 on boot configurations that pass and that fail: those of
//! testdata/recipes/hives.py.

use crate::fs::memory::MemoryFs;
use crate::policy::checks::windows::kernel::testing::{boot, hive, item, result, windows};
use crate::policy::checks::windows::tests::good;
use crate::policy::{CheckResult, Item, Status};

fn on_bcd(bcd: &[u8], check: &str) -> CheckResult {
    result(boot(bcd), windows(), check)
}

const OBJECTS: &str = r"HKLM\BCD00000000\Objects";
const LOADER: &str = "{11111111-1111-1111-1111-111111111111}";
const GLOBAL: &str = "{7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e}";

fn assert_element(item: &Item, object: &str, element: &str) {
    assert_eq!(item.at.volume.as_deref(), Some("p1"));
    assert_eq!(item.at.path.as_deref(), Some("/Boot/BCD"));
    let key = format!(r"{OBJECTS}\{object}\Elements\{element}");
    assert_eq!(item.at.key.as_deref(), Some(key.as_str()));
    assert_eq!(item.at.value.as_deref(), Some("Element"));
}

#[test]
fn a_plain_boot_configuration_passes_and_leads_to_its_loader() {
    for check in ["WIN-KERNEL-004", "WIN-BOOT-001"] {
        assert_eq!(on_bcd(hive!("bcd-good"), check).status, Status::Pass);
    }
    let found = on_bcd(hive!("bcd-good"), "WIN-BOOT-001");
    let loader = |i: &&Item| i.at.path.as_deref() == Some("/Windows/system32/winload.exe");
    let loader = found.evidence.iter().find(loader).unwrap();
    assert_eq!(loader.at.volume.as_deref(), Some("p2"));
    item(&found, "partition at byte 34603008 of disk 5711aa01 = p2");
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
    assert_eq!(found.status, Status::Warn);
    assert_element(item(&found, "yes"), LOADER, "260000a0");
}

#[test]
fn a_boot_configuration_that_leads_nowhere_fails() {
    let check = "WIN-BOOT-001";
    let found = on_bcd(hive!("bcd-other-disk"), check);
    assert_eq!(found.status, Status::Fail);
    let device = item(&found, "partition at byte 34603008 of disk 12345678");
    assert_element(device, LOADER, "11000001");
    let found = on_bcd(hive!("bcd-no-default"), check);
    assert_eq!(found.status, Status::Fail);
    item(&found, "{33333333-3333-3333-3333-333333333333}");
    let no_loader = result(boot(hive!("bcd-good")), good(), check);
    assert_eq!(no_loader.status, Status::Fail);
    assert_element(
        item(&no_loader, r"\Windows\system32\winload.exe"),
        LOADER,
        "12000002",
    );
    let no_manager = MemoryFs::new(true).file("/Boot/BCD", 0o644, hive!("bcd-good"));
    let no_manager = result(no_manager, windows(), check);
    assert_eq!(no_manager.status, Status::Fail);
    let file = item(&no_manager, "no such file");
    assert_eq!(file.at.path.as_deref(), Some("/bootmgr"));
    let none = result(MemoryFs::new(true), windows(), check);
    assert_eq!(none.status, Status::Fail);
}

#[test]
fn a_boot_configuration_that_can_t_be_read_is_unknown() {
    let mut cut = hive!("bcd-testsigning").to_vec();
    cut.truncate(5000);
    let mut dirty = hive!("bcd-good").to_vec();
    dirty[8] ^= 0xFF;
    for bytes in [&cut[..], &dirty, b"regf", b""] {
        for check in ["WIN-KERNEL-004", "WIN-BOOT-001"] {
            let found = on_bcd(bytes, check);
            assert_eq!(found.status, Status::Unknown, "{check} {}", bytes.len());
            assert!(!found.gaps.is_empty());
        }
    }
    let none = result(MemoryFs::new(true), windows(), "WIN-KERNEL-004");
    assert_eq!(none.status, Status::Unknown);
}
