//! LNX-KERNEL-010.

use super::testing::{FOLDER, RELEASE, with_file, with_module};
use crate::evidence::linux::testing::{ko, ko_of};
use crate::policy::Status;
use crate::policy::checks::linux::testing::{check, status};

#[test]
fn a_module_of_no_package_is_found_wherever_it_is() {
    assert_eq!(status("LNX-KERNEL-010", with_module()), Status::Pass);
    let evil = || ko_of(RELEASE, "evil");
    for path in [
        "/root/.cache/x",
        "/usr/share/doc/evil.ko",
        "/usr/lib/firmware/a.bin",
        "/opt/a.so",
    ] {
        let result = check("LNX-KERNEL-010", with_module().file(path, 0o644, evil()));
        assert_eq!(result.status, Status::Fail, "{path}");
        let found = result.evidence[0].at.path.clone().unwrap_or_default();
        assert!(path.ends_with(found.trim_start_matches("/usr")), "{found}");
    }
    assert_eq!(
        status("LNX-KERNEL-010", with_file("extra/evil.ko", evil())),
        Status::Fail
    );
    let linked = with_module()
        .file("/srv/modules/evil.ko", 0o644, evil())
        .link(&format!("{FOLDER}/updates"), "/srv/modules");
    assert_eq!(status("LNX-KERNEL-010", linked), Status::Fail);
    let packaged = with_module().owned("src", &[("/opt/x.ko", 0o644, &evil())]);
    assert_eq!(status("LNX-KERNEL-010", packaged), Status::Pass);
    let object = with_module().file("/opt/plain.o", 0o644, no_module());
    assert_eq!(status("LNX-KERNEL-010", object), Status::Pass);
    let spare = with_module().file("/usr/lib/modules/5.0/kernel/x.ko", 0o644, evil());
    assert_eq!(status("LNX-KERNEL-010", spare), Status::Warn);
}

/// An ELF object that is no module.
fn no_module() -> Vec<u8> {
    let text = b".gnu.linkonce";
    let mut bytes = ko(&[]);
    let at = bytes.windows(text.len()).position(|w| w == text).unwrap();
    bytes[at + 1] = b'x';
    bytes
}
