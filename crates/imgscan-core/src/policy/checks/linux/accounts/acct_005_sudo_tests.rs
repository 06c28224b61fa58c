//! LNX-ACCT-005.

use crate::evidence::linux::testing::Build;
use crate::policy::Status;
use crate::policy::checks::linux::testing::{check, status};

/// Debian's own file.
const OWN: &str = "Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n";

fn with(rule: &str) -> Status {
    let passwd = "root:x:0:0::/root:/bin/bash\nops:x:1000:1000::/home/ops:/bin/bash\n";
    let build = Build::bare()
        .file("/etc/passwd", 0o644, passwd)
        .file("/etc/sudoers", 0o440, OWN)
        .file("/etc/sudoers.d/a", 0o440, format!("{rule}\n"));
    status("LNX-ACCT-005", build)
}

#[test]
fn rules_are_judged_by_whom_they_make_root() {
    assert_eq!(with(""), Status::Pass);
    assert_eq!(with("nobody ALL=(ALL) NOPASSWD: ALL"), Status::Fail);
    assert_eq!(
        with("ops ALL=(ALL) NOPASSWD:/usr/bin/id, /bin/bash"),
        Status::Fail
    );
    assert_eq!(with("ALL ALL=(ALL) NOPASSWD:ALL"), Status::Fail);
    assert_eq!(with("ops ALL=(root) NOPASSWD:/usr/bin/id"), Status::Unknown);
    assert_eq!(with("ops ALL=(ALL) ALL"), Status::Unknown);
    assert_eq!(with("debian ALL=(ALL) NOPASSWD:ALL"), Status::Warn);
    assert_eq!(with("Defaults !authenticate"), Status::Unknown);
    assert_eq!(with("what is this"), Status::Unknown);
}

#[test]
fn whatever_includes_a_file_its_rules_are_found() {
    for include in [
        "#includedir /srv/sudo",
        "@includedir \"/srv/sudo\"",
        "#include /srv/sudo/a",
    ] {
        let build = Build::bare()
            .file("/etc/sudoers", 0o440, format!("{OWN}{include}\n"))
            .file("/srv/sudo/a", 0o440, "nobody ALL=(ALL) NOPASSWD: ALL\n");
        let result = check("LNX-ACCT-005", build);
        assert_eq!(result.status, Status::Fail, "{include}");
        assert_eq!(result.evidence[0].at.path.as_deref(), Some("/srv/sudo/a"));
    }
}

/// What cloud-init writes for the account that it makes (users_groups.py), on an image made of a
/// machine that ran.
#[test]
fn the_rule_of_cloud_init_is_as_good_as_its_account_is_closed() {
    let with = |file: &str, password: &str| {
        let passwd = "root:x:0:0::/root:/bin/bash\ndebian:x:1000:1000::/home/debian:/bin/bash\n";
        let build = Build::bare()
            .file("/etc/passwd", 0o644, passwd)
            .file(
                "/etc/shadow",
                0o640,
                format!("root:!:1::::::\ndebian:{password}:1::::::\n"),
            )
            .file("/etc/sudoers", 0o440, OWN)
            .file(
                file,
                0o440,
                "# User rules for debian\ndebian ALL=(ALL) NOPASSWD:ALL\n",
            );
        status("LNX-ACCT-005", build)
    };
    let own = "/etc/sudoers.d/90-cloud-init-users";
    let hash = "$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/";
    assert_eq!(with(own, "!"), Status::Pass);
    assert_eq!(with("/etc/sudoers.d/debian", "!"), Status::Warn);
    assert_eq!(with(own, hash), Status::Unknown);
    assert_eq!(with("/etc/sudoers.d/debian", hash), Status::Unknown);
}
