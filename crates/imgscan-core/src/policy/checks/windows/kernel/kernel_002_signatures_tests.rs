//! WIN-KERNEL-002, and that a system that is signed throughout passes the checks beside it.

use super::testing::{SYSTEM32, found, of_file, on, proven, signed, windows};
use crate::policy::Status;

#[test]
fn a_signed_kernel_with_its_drivers_passes() {
    for check in [
        "WIN-KERNEL-002",
        "WIN-KERNEL-003",
        "WIN-KERNEL-005",
        "WIN-KERNEL-006",
        "WIN-KERNEL-007",
        "WIN-KERNEL-009",
        "WIN-KERNEL-011",
    ] {
        let result = on(proven(), check);
        assert_eq!(result.status, Status::Pass, "{check}");
        assert!(!result.evidence.is_empty());
    }
    let listed = on(proven(), "WIN-KERNEL-003");
    let item = of_file(&listed, "C:/Windows/System32/drivers/driver.sys");
    let catalog = "Test Hardware Publisher, anchor Test Root; listed in C:/Windows/System32/CatRoot/{F750E6C3-38EE-11D1-85E5-00C04FC295EE}/oem1.cat";
    assert_eq!(found(item), catalog);
    // The boot manager of a BIOS system is no PE image, so the whole is K3.
    let whole = on(proven(), "WIN-KERNEL-001");
    assert_eq!(whole.status, Status::Warn);
    assert!(
        whole.reason.en.starts_with("level K3"),
        "{}",
        whole.reason.en
    );
}

#[test]
fn one_changed_byte_of_the_kernel_fails() {
    let mut kernel = signed!("kernel.exe").to_vec();
    kernel[600] ^= 1;
    let path = format!("{SYSTEM32}/ntoskrnl.exe");
    let changed = || proven().file(&path, 0o644, kernel.as_slice());
    for check in ["WIN-KERNEL-001", "WIN-KERNEL-002"] {
        let result = on(changed(), check);
        assert_eq!(result.status, Status::Fail, "{check}");
        let item = of_file(&result, "C:/Windows/System32/ntoskrnl.exe");
        assert!(item.at.sha256.is_some());
    }
    let result = on(changed(), "WIN-KERNEL-002");
    let item = of_file(&result, "C:/Windows/System32/ntoskrnl.exe");
    assert!(
        found(item).starts_with("not what Test Windows signed"),
        "{}",
        found(item)
    );
    let whole = on(changed(), "WIN-KERNEL-001");
    assert!(
        whole.reason.en.starts_with("level K0"),
        "{}",
        whole.reason.en
    );
}

#[test]
fn a_kernel_that_nobody_or_somebody_else_signed_fails() {
    let path = format!("{SYSTEM32}/ntoskrnl.exe");
    for bytes in [
        signed!("unsigned.sys"),
        signed!("foreign.sys"),
        signed!("self.sys"),
        b"MZ",
        b"text",
    ] {
        let result = on(proven().file(&path, 0o644, bytes), "WIN-KERNEL-002");
        let wanted = if bytes == b"MZ" {
            Status::Unknown
        } else {
            Status::Fail
        };
        assert_eq!(result.status, wanted, "{}", bytes.len());
    }
    let none = on(windows(), "WIN-KERNEL-002");
    assert_eq!(none.status, Status::Fail, "winload is text");
}
