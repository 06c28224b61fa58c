//! WIN-KERNEL-005 on code integrity policies, which are those of testdata/recipes/ci-policies.sh.

use super::testing::{boot, found, hive, item, of_file, on, proven, result, signed, spoilt};
use crate::fs::memory::MemoryFs;
use crate::policy::Status;

macro_rules! policy {
    ($name:literal) => {
        include_bytes!(concat!("../../../../../../../testdata/policies/", $name)).as_slice()
    };
}

const CHECK: &str = "WIN-KERNEL-005";
const ACTIVE: &str = "Windows/System32/CodeIntegrity/CiPolicies/Active";

fn with(policy: &[u8]) -> MemoryFs {
    proven().file(&format!("/{ACTIVE}/{{1}}.cip"), 0o644, policy)
}

#[test]
fn a_policy_passes_by_its_signer_and_fails_where_it_lets_every_driver_run() {
    let mut changed = policy!("signed.cip").to_vec();
    let at = changed.windows(2).position(|w| w == b"*\0").unwrap();
    changed[at] = b'?';
    for (bytes, wanted, says) in [
        (policy!("signed.cip"), Status::Pass, "signed"),
        (
            policy!("allow-all.cip"),
            Status::Fail,
            "unsigned policy that lets every driver",
        ),
        (
            policy!("path-all.cip"),
            Status::Fail,
            "unsigned policy that lets every driver",
        ),
        (
            policy!("foreign.cip"),
            Status::Unknown,
            "another signer that lets every driver",
        ),
        (
            policy!("programs-all.cip"),
            Status::Unknown,
            "custom policy, unsigned",
        ),
        (
            policy!("block.cip"),
            Status::Unknown,
            "custom policy, unsigned",
        ),
        (
            policy!("block-signer.cip"),
            Status::Unknown,
            "custom policy, unsigned",
        ),
        (
            policy!("newer.cip"),
            Status::Unknown,
            "custom policy, unsigned",
        ),
        (
            policy!("folder.cip"),
            Status::Unknown,
            "custom policy, unsigned",
        ),
        (policy!("audit.cip"), Status::Warn, "only logs"),
        (&changed, Status::Fail, "changed after it was signed"),
        (
            &policy!("allow-all.cip")[..200],
            Status::Unknown,
            "can't be read",
        ),
        (b"text", Status::Unknown, "can't be read"),
    ] {
        let judged = on(with(bytes), CHECK);
        assert_eq!(judged.status, wanted, "{says}");
        let item = of_file(&judged, &format!("C:/{ACTIVE}/{{1}}.cip"));
        assert!(item.note.en.contains(says), "{}", item.note.en);
    }
    let judged = on(with(policy!("signed.cip")), CHECK);
    let item = of_file(&judged, &format!("C:/{ACTIVE}/{{1}}.cip"));
    assert_eq!(found(item), "Policy Signer ca, anchor Policy Root ca");
    assert!(item.note.en.ends_with("name Allow all"));
    // A signature that is cut is no policy at all.
    let cut = on(with(&policy!("signed.cip")[..300]), CHECK);
    assert_eq!(cut.status, Status::Unknown);
}

#[test]
fn policies_stand_in_several_places() {
    let bytes = policy!("allow-all.cip");
    for name in ["SIPolicy.p7b", "driversipolicy.p7b"] {
        let path = format!("Windows/System32/CodeIntegrity/{name}");
        let judged = on(proven().file(&format!("/{path}"), 0o644, bytes), CHECK);
        assert_eq!(judged.status, Status::Fail, "{name}");
        of_file(&judged, &format!("C:/{path}"));
    }
    for name in ["SkuSiPolicy.p7b", "CiPolicies/Active/{2}.cip"] {
        let path = format!("/EFI/Microsoft/Boot/{name}");
        let boot = boot(hive!("bcd-good")).file(&path, 0o644, bytes);
        let judged = result(boot, proven(), CHECK);
        assert_eq!(judged.status, Status::Fail, "{name}");
        let item = of_file(&judged, &path);
        assert_eq!(item.at.volume.as_deref(), Some("p1"));
    }
}

#[test]
fn letting_every_boot_driver_in_fails_where_one_is_not_signed() {
    // The blocklist is off, and every driver is let in: a look, as the boot-start driver is signed.
    let signed = on(spoilt(), CHECK);
    assert_eq!(signed.status, Status::Warn);
    let value = item(&signed, "7");
    assert_eq!(value.at.value.as_deref(), Some("DriverLoadPolicy"));
    let path = "/Windows/System32/drivers/boot.sys";
    for driver in [signed!("unsigned.sys"), signed!("self.sys")] {
        let judged = on(spoilt().file(path, 0o644, driver), CHECK);
        assert_eq!(judged.status, Status::Fail);
        let file = of_file(&judged, "C:/Windows/System32/drivers/boot.sys");
        assert!(file.note.en.contains("let in"));
    }
}
