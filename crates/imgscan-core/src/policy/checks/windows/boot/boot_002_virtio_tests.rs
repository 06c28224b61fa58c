//! WIN-BOOT-002.

use crate::policy::checks::windows::testing::{
    CATALOGS, SERVICES, SYSTEM, assert_at, assert_ready_and_wrong, assert_unknown_without, item,
    pe, ready, result, signed, status, wrong,
};
use crate::policy::{Item, Status};

#[test]
fn the_ready_server_passes_and_the_wrong_one_does_not() {
    assert_ready_and_wrong("WIN-BOOT-002", Status::Pass, Status::Fail);
}

#[test]
fn without_the_hive_that_it_needs_it_is_unknown() {
    assert_unknown_without("WIN-BOOT-002", "SYSTEM");
}

#[test]
fn a_driver_that_starts_late_is_named() {
    let virtio = result(wrong(), "WIN-BOOT-002");
    assert_at(
        item(&virtio, "3"),
        SYSTEM,
        &format!(r"{SERVICES}\viostor\StartOverride"),
        "0",
    );
}

#[test]
fn a_signed_driver_passes() {
    let gone = result(
        ready().file(
            "/Windows/System32/drivers/viostor.sys",
            0o644,
            signed!("kernel.exe"),
        ),
        "WIN-BOOT-002",
    );
    assert_eq!(gone.status, Status::Pass);
}

#[test]
fn virtio_drivers_have_to_be_signed() {
    let check = "WIN-BOOT-002";
    let mut changed = signed!("dual.sys").to_vec();
    changed[600] ^= 1;
    for name in ["viostor", "netkvm"] {
        let path = format!("/Windows/System32/drivers/{name}.sys");
        for (program, wanted, says) in [
            (
                signed!("kernel.exe"),
                Status::Pass,
                "signed by Test Windows",
            ),
            (signed!("unsigned.sys"), Status::Warn, "no catalog lists it"),
            (signed!("foreign.sys"), Status::Warn, "Test Vendor"),
            (&changed, Status::Fail, "not of this file"),
            (b"MZ", Status::Warn, "not a PE file"),
            // The header of a PE image that ends behind it.
            (&pe(), Status::Unknown, "can't be verified"),
        ] {
            let found = result(ready().file(&path, 0o644, program), check);
            assert_eq!(found.status, wanted, "{name}: {says}");
            let at = format!("C:{path}");
            let is = |i: &&Item| i.at.path.as_ref() == Some(&at);
            let item = found.evidence.iter().find(is).unwrap();
            assert!(item.note.en.contains(says), "{}", item.note.en);
        }
        let listed = ready().file(&path, 0o644, signed!("driver.sys"));
        assert_eq!(status(listed.clone(), check), Status::Warn);
        let catalog = format!("{CATALOGS}/oem1.cat");
        let listed = listed.file(&catalog, 0o644, signed!("driver.cat"));
        assert_eq!(status(listed, check), Status::Pass);
    }
}
