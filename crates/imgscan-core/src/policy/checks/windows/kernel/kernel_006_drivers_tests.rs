//! WIN-KERNEL-006.

use super::testing::{SERVICES, SYSTEM32, found, item, of_file, on, proven, signed, spoilt};
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
