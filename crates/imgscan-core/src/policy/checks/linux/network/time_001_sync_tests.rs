//! LNX-TIME-001.

use crate::evidence::linux::testing::{Build, elf};
use crate::policy::Status;
use crate::policy::checks::linux::testing::check;

fn systemd(build: Build, service: &str) -> Build {
    build
        .file(&format!("/usr/sbin/{service}"), 0o755, elf(64))
        .file("/usr/lib/systemd/systemd", 0o755, elf(64))
        .link(
            "/usr/lib/systemd/system/default.target",
            "multi-user.target",
        )
        .file(
            "/usr/lib/systemd/system/multi-user.target",
            0o644,
            "[Unit]\n",
        )
        .file(
            &format!("/usr/lib/systemd/system/{service}.service"),
            0o644,
            format!("[Service]\nExecStart=/usr/sbin/{service}\n"),
        )
        .link(
            &format!("/etc/systemd/system/multi-user.target.wants/{service}.service"),
            "/x",
        )
}

/// The status, which the worst item has too.
fn time(build: Build) -> Status {
    let found = check("LNX-TIME-001", build);
    let worst = found.evidence.iter().map(|item| item.status.rank()).max();
    if found.gaps.is_empty() && worst.is_some() {
        assert_eq!(worst, Some(found.status.rank()), "{found:?}");
    }
    found.status
}

const JOB: &str = "*/20 * * * * /usr/sbin/ntpdate ntpupdate.tencentyun.com >/dev/null &\n";

fn job(line: &str) -> Build {
    systemd(Build::debian(), "cron").file("/var/spool/cron/crontabs/root", 0o600, line)
}

#[test]
fn a_cron_job_of_the_cloud_passes_and_needs_its_program() {
    assert_eq!(
        time(job(JOB).file("/usr/sbin/ntpdate", 0o755, elf(64))),
        Status::Pass
    );
    assert_eq!(time(job(JOB)), Status::Warn);
    assert_eq!(
        time(job(&format!("#{JOB}")).file("/usr/sbin/ntpdate", 0o755, elf(64))),
        Status::Fail
    );
    let other = JOB.replace("ntpupdate.tencentyun.com", "pool.ntp.org");
    assert_eq!(
        time(job(&other).file("/usr/sbin/ntpdate", 0o755, elf(64))),
        Status::Warn
    );
}

#[test]
fn daemons_need_to_be_enabled_and_an_approved_server() {
    let chrony = |b: Build, conf: &str| b.file("/etc/chrony/chrony.conf", 0o644, conf);
    let on = || systemd(Build::debian(), "chrony");
    assert_eq!(time(Build::debian()), Status::Fail);
    assert_eq!(
        time(chrony(
            Build::debian(),
            "server time1.tencentyun.com iburst\n"
        )),
        Status::Fail
    );
    assert_eq!(
        time(chrony(on(), "server time1.tencentyun.com iburst\n")),
        Status::Pass
    );
    assert_eq!(
        time(chrony(
            on(),
            "# server time1.tencentyun.com\npool 2.debian.pool.ntp.org iburst\n"
        )),
        Status::Warn
    );
    assert_eq!(
        time(chrony(on(), "sourcedir /run/chrony-dhcp\n")),
        Status::Unknown
    );
    let timesyncd = systemd(Build::debian(), "systemd-timesyncd").file(
        "/etc/systemd/timesyncd.conf",
        0o644,
        "[Time]\nNTP=time2.tencentyun.com\n",
    );
    assert_eq!(time(timesyncd), Status::Pass);
    let two = systemd(chrony(on(), "server time1.tencentyun.com\n"), "ntpsec");
    assert_eq!(time(two), Status::Warn);
    assert_eq!(
        time(Build::debian().missing("/etc/systemd/system")),
        Status::Unknown
    );
}
