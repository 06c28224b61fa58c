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
    // Tunnels and other services than a login need no shell.
    assert_eq!(empty(nologin), Status::Unknown);
    // Debian's own line: without an empty password it lets nobody in.
    assert_eq!(
        empty(Build::bare().file(
            "/etc/pam.d/common-auth",
            0o644,
            "auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\nauth required pam_permit.so\n"
        )),
        Status::Pass
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
    assert_eq!(with("/usr/sbin/nologin", "x"), Status::Unknown);
    assert_eq!(with("/bin/false", "x"), Status::Unknown);
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

#[test]
fn a_shell_is_what_it_holds() {
    let with = |build: Build| {
        build
            .file(
                "/etc/passwd",
                0o644,
                format!("{ROOT}ops:x:1200:1200::/:/usr/sbin/nologin\n"),
            )
            .file("/etc/shadow", 0o640, "root:*:1::::::\nops::1::::::\n")
    };
    let link = with(
        Build::bare()
            .file("/bin/bash", 0o755, "bash")
            .link("/usr/sbin/nologin", "/bin/bash"),
    );
    let result = check("LNX-ACCT-001", link);
    assert_eq!(result.status, Status::Fail);
    assert!(format!("{:?}", result.evidence).contains("nologin"));
    let copy = with(Build::bare().file("/bin/bash", 0o755, "bash").file(
        "/usr/sbin/nologin",
        0o755,
        "bash",
    ));
    assert_eq!(empty(copy), Status::Fail);
    let changed = with(Build::debian().owned("login", &[("/usr/sbin/nologin", 0o755, b"refuses")]))
        .file("/usr/sbin/nologin", 0o755, "lets in");
    assert_eq!(empty(changed), Status::Fail);
    let packaged =
        with(Build::debian().owned("login", &[("/usr/sbin/nologin", 0o755, b"refuses")]));
    assert_eq!(empty(packaged), Status::Unknown);
}

#[test]
fn a_hash_of_the_empty_password_is_an_empty_password() {
    let with = |hash: &str| {
        let shadow = format!("root:*:1::::::\nops:{hash}:1::::::\n");
        check(
            "LNX-ACCT-001",
            Build::bare()
                .file(
                    "/etc/passwd",
                    0o644,
                    format!("{ROOT}ops:x:1200:1200::/:/bin/sh\n"),
                )
                .file("/etc/shadow", 0o640, shadow),
        )
    };
    // `openssl passwd -5 -salt ab12 ""` and with "x"; the third costs hours.
    let empty = with("$5$ab12$8snOBRnzPe7NcTdP7nlm.AF3N8eW1ukjmhPxeAK6UR3");
    assert_eq!(empty.status, Status::Fail);
    assert_eq!(empty.evidence[0].at.line, Some(2));
    let set = with("$1$ab12$KpzewUzIvlZT4uadlKq6./");
    assert_eq!(set.status, Status::Pass);
    assert_eq!(with("$6$rounds=999999999$ab12$x").status, Status::Unknown);
}

#[test]
fn a_shadow_file_of_other_lines_is_no_shadow_file() {
    assert_eq!(
        empty(Build::bare().file("/etc/shadow", 0o640, "somebody:*:1::::::\n")),
        Status::Unknown
    );
}

#[test]
fn pam_and_what_runs_at_boot_may_let_somebody_in() {
    let pam = |line: &str| {
        let text = format!("{line}\nauth required pam_unix.so\n");
        empty(Build::bare().file("/etc/pam.d/sshd", 0o644, text))
    };
    assert_eq!(pam(""), Status::Pass);
    assert_eq!(pam("auth sufficient pam_permit.so"), Status::Fail);
    assert_eq!(pam("auth sufficient pam_own.so"), Status::Unknown);
    let seed = "#cloud-config\nchpasswd:\n  users:\n  - {name: root, password: x, type: text}\n";
    let cloud = Build::bare()
        .file("/usr/bin/cloud-init", 0o755, "#!/usr/bin/python3\n")
        .file("/var/lib/cloud/seed/nocloud/user-data", 0o644, seed);
    let result = check("LNX-ACCT-001", cloud);
    assert_eq!(result.status, Status::Fail);
    assert!(format!("{:?}", result.evidence).contains("seed"));
    let script = Build::bare().file(
        "/etc/rc.local",
        0o755,
        "#!/bin/sh\necho root:x | chpasswd\n",
    );
    assert_eq!(empty(script), Status::Unknown);
    let tmpfiles = |line: &str| empty(Build::bare().file("/etc/tmpfiles.d/a.conf", 0o644, line));
    assert_eq!(
        tmpfiles("C+ /etc/shadow - - - - /srv/shadow\n"),
        Status::Fail
    );
    assert_eq!(tmpfiles("r! /etc/shadow.lock\n"), Status::Pass);
    let held = "/etc/credstore/passwd.hashed-password.root";
    assert_eq!(empty(Build::bare().file(held, 0o600, "x")), Status::Fail);
}

/// agetty(8) and systemd.exec(5); systemd-getty-generator(8) starts one on the kernel's console.
#[test]
fn a_console_that_asks_nobody_is_found() {
    let with = |text: &str| {
        let build = Build::bare()
            .file("/usr/lib/systemd/systemd", 0o755, "x")
            .file(
                "/usr/lib/systemd/system/multi-user.target",
                0o644,
                "[Unit]\n",
            )
            .link(
                "/usr/lib/systemd/system/default.target",
                "multi-user.target",
            )
            .file("/etc/systemd/system/x.service", 0o644, text)
            .link(
                "/etc/systemd/system/multi-user.target.wants/x.service",
                "/etc/systemd/system/x.service",
            );
        check("LNX-ACCT-001", build)
    };
    let asks = with("[Service]\nExecStart=-/sbin/agetty --noclear tty1\nStandardInput=tty\n");
    assert_eq!(asks.status, Status::Pass, "{asks:?}");
    let own = with("[Service]\nExecStart=/bin/bash /srv/x\nStandardInput=null\n");
    assert_eq!(own.status, Status::Pass);
    for open in [
        "[Service]\nExecStart=-/sbin/agetty --autologin root --noclear tty1\n",
        "[Service]\nExecStart=/bin/bash\nStandardInput=tty\nTTYPath=/dev/tty9\n",
    ] {
        let found = with(open);
        assert_eq!(found.status, Status::Fail, "{open}");
        let at = &found.evidence[0].at;
        let place = (at.path.as_deref(), at.line);
        assert_eq!(place, (Some("/etc/systemd/system/x.service"), Some(2)));
    }
}

/// `sshd -T -C user=root` of OpenSSH 9.2 says `permitemptypasswords yes` for each of these.
#[test]
fn empty_passwords_are_accepted_however_that_is_written() {
    for text in [
        "PermitEmptyPasswords yes # comment",
        "\"PermitEmptyPasswords\" yes",
        "Permit\"EmptyPasswords\"yes",
        "PermitEmptyPasswords = \"yes\"",
        "PermitEmptyPasswords no\nMatch all\nPermitEmptyPasswords yes",
    ] {
        let text = format!("{text}\n");
        let build = Build::bare().file("/etc/ssh/sshd_config", 0o644, text.as_str());
        let found = check("LNX-ACCT-001", build);
        let told = found
            .evidence
            .iter()
            .any(|item| item.status == Status::Warn);
        assert!(told, "{text}: {found:?}");
    }
}
