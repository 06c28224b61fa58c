//! LNX-ACCT-001.

use crate::evidence::linux::testing::Build;
use crate::policy::Status;
use crate::policy::checks::linux::testing::{check, status};

const ROOT: &str = "root:x:0:0:root:/root:/bin/bash\n";

fn empty(build: Build) -> Status {
    status("LNX-ACCT-001", build)
}

#[test]
fn an_empty_password_is_found_with_file_and_line() {
    assert_eq!(empty(Build::bare()), Status::Pass);
    let result = check(
        "LNX-ACCT-001",
        Build::bare()
            .file(
                "/etc/passwd",
                0o644,
                format!("{ROOT}eve:x:1000:1000::/home/eve:/bin/sh\n"),
            )
            .file("/etc/shadow", 0o640, "root:*:1::::::\neve::1::::::\n"),
    );
    assert_eq!(result.status, Status::Fail);
    let at = &result.evidence[0].at;
    assert_eq!(
        (at.path.as_deref(), at.line),
        (Some("/etc/shadow"), Some(2))
    );
    assert_eq!(
        empty(Build::bare().file("/etc/passwd", 0o644, "root::0:0::/root:/bin/sh\n")),
        Status::Fail
    );
}

#[test]
fn what_only_prepares_for_empty_passwords_warns() {
    let nologin = Build::bare()
        .file(
            "/etc/passwd",
            0o644,
            format!("{ROOT}d:x:9:9::/:/usr/sbin/nologin\n"),
        )
        .file("/etc/shadow", 0o640, "root:*:1::::::\nd::1::::::\n");
    assert_eq!(empty(nologin), Status::Warn);
    assert_eq!(
        empty(Build::bare().file(
            "/etc/pam.d/common-auth",
            0o644,
            "auth [success=1 default=ignore] pam_unix.so nullok\n"
        )),
        Status::Warn
    );
    assert_eq!(
        empty(Build::bare().file(
            "/etc/pam.d/common-auth",
            0o644,
            "# auth required pam_unix.so nullok\npassword required pam_unix.so nullok\n"
        )),
        Status::Pass
    );
    assert_eq!(
        empty(Build::bare().file("/etc/ssh/sshd_config", 0o644, "PermitEmptyPasswords yes\n")),
        Status::Warn
    );
    assert_eq!(
        empty(Build::bare().file("/etc/ssh/sshd_config", 0o644, "PermitEmptyPasswords no\n")),
        Status::Pass
    );
    assert_eq!(
        empty(Build::bare().file("/etc/shadow-", 0o600, "root::1::::::\n")),
        Status::Warn
    );
    let hash = check(
        "LNX-ACCT-001",
        Build::bare().file(
            "/etc/passwd",
            0o644,
            "root:$6$x$SECRET:0:0::/root:/bin/sh\n",
        ),
    );
    assert_eq!(hash.status, Status::Warn);
    assert!(!format!("{hash:?}").contains("SECRET"));
}

#[test]
fn a_shell_counts_as_closed_only_as_a_program_of_the_system() {
    let with = |shell: &str, field: &str| {
        empty(
            Build::bare()
                .file(
                    "/etc/passwd",
                    0o644,
                    format!("{ROOT}eve:{field}:1000:1000::/home/eve:{shell}\n"),
                )
                .file("/etc/shadow", 0o640, "root:*:1::::::\neve::1::::::\n"),
        )
    };
    assert_eq!(with("/usr/sbin/nologin", "x"), Status::Warn);
    assert_eq!(with("/bin/false", "x"), Status::Warn);
    assert_eq!(with("/tmp/nologin", "x"), Status::Fail);
    assert_eq!(with("", "x"), Status::Fail);
    // pam_unix looks into shadow for *NP* too.
    assert_eq!(with("/bin/sh", "*NP*"), Status::Fail);
}

#[test]
fn without_shadow_nothing_is_known() {
    assert_eq!(empty(Build::bare().missing("/etc/shadow")), Status::Unknown);
    assert_eq!(
        empty(Build::bare().link("/etc/shadow", "/nowhere")),
        Status::Unknown
    );
}
