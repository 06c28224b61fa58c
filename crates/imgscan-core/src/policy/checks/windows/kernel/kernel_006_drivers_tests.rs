//! WIN-KERNEL-006.

use super::testing::{SERVICES, SYSTEM32, found, hive, item, of_file, on, proven, signed, spoilt};
use crate::fs::memory::MemoryFs;
use crate::policy::Status;

#[test]
fn drivers_without_a_signature_or_elsewhere_fail_with_their_service() {
    let result = on(spoilt(), "WIN-KERNEL-006");
    assert_eq!(result.status, Status::Fail);
    let unsigned = of_file(&result, "C:/Windows/System32/drivers/unsigned.sys");
    assert!(found(unsigned).starts_with("not signed"));
    assert!(unsigned.note.en.contains("service unsigned"));
    let own = of_file(&result, "C:/Windows/Temp/self.sys");
    assert!(found(own).contains("which signed itself"));
    let foreign = of_file(&result, "C:/Windows/System32/drivers/foreign.sys");
    assert!(found(foreign).starts_with("Test Vendor, no pinned"));
    for (service, path) in [
        ("self", "C:/Windows/Temp/self.sys"),
        ("outside", "C:/Windows/System32/outside.sys"),
        ("gone", r"\??\C:\Windows\System32\gone.sys: no such file"),
    ] {
        let key = format!(r"{SERVICES}\{service}");
        let item = item(&result, path);
        assert_eq!(item.at.key.as_deref(), Some(key.as_str()));
        assert_eq!(item.at.value.as_deref(), Some("ImagePath"));
    }
    let foreign = on(
        proven().file(
            &format!("{SYSTEM32}/drivers/named.sys"),
            0o644,
            signed!("foreign.sys"),
        ),
        "WIN-KERNEL-006",
    );
    assert_eq!(foreign.status, Status::Unknown);
    let gone = on(spoilt(), "WIN-KERNEL-003");
    assert_eq!(gone.status, Status::Fail);
    of_file(&gone, "C:/Windows/System32/drivers/unsigned.sys");
}

#[test]
fn the_time_stamp_of_a_signature_is_told() {
    let stamped = include_bytes!("../../../../../../../testdata/stamped/rfc3161.exe");
    let path = format!("{SYSTEM32}/drivers/named.sys");
    let windows = proven().file(&path, 0o644, stamped.as_slice());
    let judged = on(windows, "WIN-KERNEL-006");
    // Its time changes nothing: nobody vouches for the signer.
    assert_eq!(judged.status, Status::Unknown);
    let item = of_file(&judged, &format!("C:{path}"));
    assert_eq!(
        found(item),
        "Stamped signer, no pinned certificate vouches for it; stamped 2023-11-14T22:13:20Z"
    );
}

/// [`proven`] with the SYSTEM hive in which values load drivers in ways of their own.
fn session() -> MemoryFs {
    let unsigned = signed!("unsigned.sys");
    proven()
        .file(
            &format!("{SYSTEM32}/config/SYSTEM"),
            0o644,
            hive!("system-session"),
        )
        .file("/Windows/root.sys", 0o644, unsigned)
        .file(&format!("{SYSTEM32}/early.sys"), 0o644, unsigned)
        .file(&format!("{SYSTEM32}/drivers/unsigned.sys"), 0o644, unsigned)
        .file("/x/script.sys", 0o644, unsigned)
        .file(
            "/Windows/Setup/Scripts/SetupComplete.cmd",
            0o644,
            "sc create x type= kernel binPath= \"C:\\x\\script.sys\"\r\n",
        )
}

#[test]
fn drivers_without_a_usual_service_are_found_by_what_loads_them() {
    let result = on(session(), "WIN-KERNEL-006");
    assert_eq!(result.status, Status::Fail);
    for (path, by) in [
        ("C:/Windows/root.sys", "service root"),
        ("C:/Windows/System32/early.sys", "service early"),
        ("C:/Windows/System32/drivers/unsigned.sys", "DumpFilters"),
        ("C:/x/script.sys", "SetupComplete.cmd"),
    ] {
        let driver = of_file(&result, path);
        assert_eq!(driver.status, Status::Fail, "{path}");
        assert!(driver.note.en.contains(by), "{}", driver.note.en);
    }
    // A device by its kernel name is known only to a running system.
    let gap = result.gaps.iter().find(|g| {
        let key = g.at.key.as_deref().unwrap_or_default();
        key.ends_with(r"Services\device")
    });
    assert!(gap.is_some(), "{:?}", result.gaps);
}

#[test]
fn filters_that_are_missing_and_types_of_no_driver_are_told() {
    let result = on(session(), "WIN-KERNEL-006");
    let of = |text: &str, status: Status| {
        let is = |i: &&crate::policy::Item| i.note.en.contains(text) && i.status == status;
        let item = result.evidence.iter().find(is);
        item.unwrap_or_else(|| panic!("{text}")).at.key.clone()
    };
    let set = r"HKLM\SYSTEM\ControlSet001\Control\Class";
    let disks = format!(r"{set}\{{4d36e967-e325-11ce-bfc1-08002be10318}}");
    let lost = of("filter lost of devices that Windows needs", Status::Fail);
    assert_eq!(lost, Some(disks));
    let keyboards = format!(r"{set}\{{4d36e96b-e325-11ce-bfc1-08002be10318}}");
    let lost = of("filter lost of a device", Status::Unknown);
    assert_eq!(lost, Some(keyboards));
    let odd = of("the type of odd", Status::Unknown);
    assert_eq!(odd, Some(format!(r"{SERVICES}\odd")));
}

/// Chains of imports end at what they come back to.
#[test]
fn a_library_that_a_driver_is_linked_with_counts_as_that_driver_does() {
    let linked = crate::trust::imports::testing::linked;
    let windows = proven()
        .file(
            &format!("{SYSTEM32}/drivers/named.sys"),
            0o644,
            linked("First.sys"),
        )
        .file(
            &format!("{SYSTEM32}/first.sys"),
            0o644,
            linked("second.dll"),
        )
        .file(
            &format!("{SYSTEM32}/second.dll"),
            0o644,
            linked("first.sys"),
        )
        .file(
            &format!("{SYSTEM32}/third.dll"),
            0o644,
            signed!("unsigned.sys"),
        );
    let result = on(windows, "WIN-KERNEL-006");
    let looked = |name: &str| {
        let path = format!("C:/Windows/System32/{name}");
        let of = |at: &crate::evidence::Location| at.path.as_deref() == Some(&path);
        let gap = result.gaps.iter().any(|g| of(&g.at));
        gap || result.evidence.iter().any(|i| of(&i.at))
    };
    assert!(looked("first.sys") && looked("second.dll"));
    assert!(!looked("third.dll"));
}
