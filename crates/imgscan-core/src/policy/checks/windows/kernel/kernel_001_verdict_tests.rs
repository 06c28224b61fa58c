//! WIN-KERNEL-001: the verdict over ring 0 of a UEFI system whose every file the test authority
//! signed, and of the same with one thing changed.

use super::testing::{found, hive, of_file, proven, result, signed};
use crate::fs::memory::MemoryFs;
use crate::policy::{CheckResult, Status};

const SYSTEM32: &str = "/Windows/System32";

fn efi() -> MemoryFs {
    MemoryFs::new(true)
        .file("/EFI/Microsoft/Boot/BCD", 0o644, hive!("bcd-efi"))
        .file(
            "/EFI/Microsoft/Boot/bootmgfw.efi",
            0o644,
            signed!("kernel.exe"),
        )
}

fn windows() -> MemoryFs {
    proven().file(
        &format!("{SYSTEM32}/winload.efi"),
        0o644,
        signed!("kernel.exe"),
    )
}

fn judged(efi: MemoryFs, windows: MemoryFs) -> CheckResult {
    result(efi, windows, "WIN-KERNEL-001")
}

#[test]
fn a_system_that_is_signed_throughout_passes() {
    let all = judged(efi(), windows());
    assert_eq!(all.status, Status::Pass);
    assert_eq!(all.reason.en, "level K5");
}

#[test]
fn a_driver_that_nobody_vouches_for_warns_and_is_named() {
    for driver in ["foreign.sys", "unsigned.sys"] {
        let bytes = match driver {
            "foreign.sys" => signed!("foreign.sys"),
            _ => signed!("unsigned.sys"),
        };
        let path = format!("{SYSTEM32}/drivers/named.sys");
        let all = judged(efi(), windows().file(&path, 0o644, bytes));
        assert_eq!(all.status, Status::Warn, "{driver}");
        let item = of_file(&all, &format!("C:{path}"));
        assert_eq!(found(item), "K2");
        assert!(item.at.sha256.is_some());
    }
}

#[test]
fn a_boot_program_that_was_changed_or_is_another_s_fails() {
    let mut changed = signed!("kernel.exe").to_vec();
    changed[600] ^= 1;
    let manager = "/EFI/Microsoft/Boot/bootmgfw.efi";
    for (bytes, level) in [(&changed[..], "K0"), (signed!("unsigned.sys"), "K1")] {
        let all = judged(efi().file(manager, 0o644, bytes), windows());
        assert_eq!(all.status, Status::Fail);
        let item = of_file(&all, manager);
        assert_eq!(found(item), level);
        assert_eq!(item.at.volume.as_deref(), Some("p1"));
    }
    // Signed throughout, and started without asking for signatures.
    let test_signing = MemoryFs::new(true)
        .file("/bootmgr", 0o644, signed!("kernel.exe"))
        .file("/Boot/BCD", 0o644, hive!("bcd-testsigning"));
    let all = judged(test_signing, windows());
    assert_eq!(all.status, Status::Fail);
    assert!(all.reason.en.starts_with("level K1"), "{}", all.reason.en);
    let element = all.evidence.iter().find(|i| i.at.value.is_some()).unwrap();
    assert!(element.at.key.as_ref().unwrap().ends_with("16000049"));
}
