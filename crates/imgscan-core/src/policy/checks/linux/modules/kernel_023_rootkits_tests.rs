//! LNX-KERNEL-023.

use super::testing::{RELEASE, added, at, with_hooks};
use crate::evidence::linux::testing::ko;
use crate::policy::Status;
use crate::policy::checks::linux::testing::status;

#[test]
fn rootkits_are_told_by_name_file_and_what_they_take() {
    const ID: &str = "LNX-KERNEL-023";
    assert_eq!(status(ID, with_hooks()), Status::Pass);
    let module = "/lib/modules/6.1.0-9-amd64/extra/d.ko";
    let named = |key: &str, value: &str| ko(&[(key, value), ("vermagic", RELEASE)]);
    for (key, value) in [
        ("name", "diamorphine"),
        ("description", "The Reptile LKM"),
        ("author", "x, KBeast team"),
    ] {
        let build = with_hooks().file(module, 0o644, named(key, value));
        assert_eq!(status(ID, build), Status::Fail, "{value}");
    }
    let plain = with_hooks().file(module, 0o644, named("name", "d"));
    assert_eq!(status(ID, plain), Status::Pass);
    assert_eq!(
        added(ID, "/etc/modules", "diamorphine\n"),
        at(Status::Fail, "/etc/modules", 1)
    );
    assert_eq!(added(ID, "/reptile/x", "").0, Status::Fail);
    assert_eq!(
        added(ID, "/etc/rc.local", "#!/bin/sh\n/opt/bpfdoor &\n").0,
        Status::Fail
    );
}
