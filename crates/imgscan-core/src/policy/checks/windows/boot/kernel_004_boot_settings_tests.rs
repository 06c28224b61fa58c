//! WIN-KERNEL-004.

use super::testing::{LOADER, assert_element, on_bcd};
use crate::fs::memory::MemoryFs;
use crate::policy::checks::windows::kernel::testing::{boot, hive, item, result, windows};
use crate::policy::{CheckResult, Item, Status};

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

#[test]
fn the_recovery_environment_is_usual_and_what_is_in_its_file_is_not_known() {
    let check = "WIN-KERNEL-004";
    let found = on_bcd(hive!("bcd-recovery"), check);
    assert_eq!(found.status, Status::Pass);
    item_of(&found, "starts when another entry fails");
    let wim = "/Recovery/WindowsRE/Winre.wim";
    let windows = windows().file(wim, 0o644, "MSWIM");
    let found = result(boot(hive!("bcd-recovery")), windows, check);
    assert_eq!(found.status, Status::Unknown);
    let nested = item_of(&found, wim);
    let third = "{33333333-3333-3333-3333-333333333333}";
    assert_element(nested, third, "11000001");
}

#[test]
fn entries_that_are_reached_by_another_way_than_the_menu_are_judged() {
    let found = on_bcd(hive!("bcd-tool"), "WIN-KERNEL-004");
    assert_eq!(found.status, Status::Fail);
    let tool = "{33333333-3333-3333-3333-333333333333}";
    assert_element(item(&found, r"\Windows\Temp\test.exe"), tool, "12000002");
    let after = "{44444444-4444-4444-4444-444444444444}";
    assert_element(item(&found, "yes"), after, "16000049");
    assert_eq!(item(&found, "10300008").status, Status::Unknown);
}

#[test]
fn what_is_not_understood_goes_to_a_person() {
    let found = on_bcd(hive!("bcd-strange"), "WIN-KERNEL-004");
    assert_eq!(found.status, Status::Fail);
    assert_element(item(&found, "2"), LOADER, "25000020");
    // Data of another length are not "off".
    assert_element(item(&found, "0100"), LOADER, "16000049");
    let texts = found
        .evidence
        .iter()
        .filter(|i| i.status == Status::Unknown);
    let keys: Vec<&str> = texts.filter_map(|i| i.at.key.as_deref()).collect();
    for element in ["22000199", "12000030"] {
        assert!(
            keys.iter().any(|k| k.ends_with(element)),
            "{element}: {keys:?}"
        );
    }
}

#[test]
fn another_windows_than_the_judged_one_goes_to_a_person() {
    let found = on_bcd(hive!("bcd-elsewhere"), "WIN-KERNEL-004");
    assert_eq!(found.status, Status::Unknown);
    assert_element(item(&found, r"p1:\Windows"), LOADER, "21000001");
}

#[test]
fn the_memory_of_a_hibernated_system_goes_to_a_person() {
    let slept = windows().file("/hiberfil.sys", 0o644, "HIBR and memory");
    let found = result(boot(hive!("bcd-good")), slept, "WIN-KERNEL-004");
    assert_eq!(found.status, Status::Unknown);
    let file = found.evidence.iter().find(|i| i.status == Status::Unknown);
    assert_eq!(file.unwrap().at.path.as_deref(), Some("/hiberfil.sys"));
    let woken = windows().file("/hiberfil.sys", 0o644, "wake");
    let found = result(boot(hive!("bcd-good")), woken, "WIN-KERNEL-004");
    assert_eq!(found.status, Status::Pass);
}

/// The evidence whose note has `text`.
fn item_of<'a>(result: &'a CheckResult, text: &str) -> &'a Item {
    let is = |i: &&Item| i.note.en.contains(text);
    let item = result.evidence.iter().find(is);
    item.unwrap_or_else(|| panic!("no {text} in {:#?}", result.evidence))
}
