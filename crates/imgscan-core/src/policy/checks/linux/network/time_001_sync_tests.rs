//! LNX-TIME-001.

use crate::evidence::linux::testing::{Build, elf};
use crate::policy::Status;
use crate::policy::checks::linux::testing::check;

fn systemd(build: Build, service: &str) -> Build {
    let program = match service {
        "chrony" => "chronyd",
        "ntpsec" => "ntpd",
        other => other,
    };
    build
        .file(&format!("/usr/sbin/{program}"), 0o755, elf(64))
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
            format!("[Service]\nEnvironmentFile=-/etc/default/{service}\nExecStart=/usr/sbin/{program} $DAEMON_OPTS\n"),
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

/// As the unit of ntpsec in Debian 12 starts its daemon.
#[test]
fn a_script_of_its_package_may_start_the_daemon() {
    let script = "#!/bin/sh\nDAEMON=/usr/sbin/ntpd\nif [ -r /etc/default/ntpsec ]; then\n. /etc/default/ntpsec\nfi\n(\nif flock -w 180 9; then\nexec $DAEMON -p $PIDFILE $NTPD_OPTS\nfi\n) 9>$LOCKFILE\n";
    let conf: String = (1..6)
        .map(|n| format!("server time{n}.tencentyun.com iburst\n"))
        .collect();
    let wrapper = "/usr/libexec/ntpsec/ntp-systemd-wrapper";
    let with = |options: &str, shipped: &str| {
        let build = systemd(Build::debian(), "ntpsec")
            .owned(
                "ntpsec",
                &[
                    (wrapper, 0o755, script.as_bytes()),
                    ("/etc/default/ntpsec", 0o644, shipped.as_bytes()),
                ],
            )
            .file("/etc/default/ntpsec", 0o644, options)
            .file(
                "/usr/lib/systemd/system/ntpsec.service",
                0o644,
                format!("[Service]\nType=forking\nExecStart={wrapper}\n"),
            )
            .file("/etc/ntpsec/ntp.conf", 0o644, conf.as_str());
        time(build)
    };
    let own = "NTPD_OPTS=\"-g -N\"\n";
    assert_eq!(with(own, own), Status::Pass);
    // What the script reads decides what it starts, and how.
    assert_eq!(
        with("NTPD_OPTS=\"-c /srv/ntp.conf\"\n", own),
        Status::Unknown
    );
    assert_ne!(with("DAEMON=/bin/true\n", own), Status::Pass);
}

#[test]
fn a_cron_job_of_the_cloud_passes_and_needs_its_program() {
    assert_eq!(
        time(job(JOB).file("/usr/sbin/ntpdate", 0o755, elf(64))),
        Status::Pass
    );
    assert_eq!(time(job(JOB)), Status::Fail);
    assert_eq!(
        time(job(&format!("#{JOB}")).file("/usr/sbin/ntpdate", 0o755, elf(64))),
        Status::Fail
    );
    let other = JOB.replace("ntpupdate.tencentyun.com", "pool.ntp.org");
    assert_eq!(
        time(job(&other).file("/usr/sbin/ntpdate", 0o755, elf(64))),
        Status::Unknown
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
        Status::Unknown
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

const APPROVED: &str = "server time1.tencentyun.com iburst\nserver time2.tencentyun.com iburst\n";

fn chrony(conf: &str) -> Build {
    systemd(Build::debian(), "chrony").file("/etc/chrony/chrony.conf", 0o644, conf)
}

/// chrony.conf(5) of 4.3.
#[test]
fn who_decides_about_the_time_is_judged() {
    let with = |more: &str| time(chrony(&format!("{APPROVED}{more}\n")));
    assert_eq!(
        with("sourcedir /etc/chrony/sources.d\nmakestep 1 3"),
        Status::Pass
    );
    // One of three is outvoted, four behind a name or a preferred one are not.
    assert_eq!(with("server 203.0.113.1 iburst"), Status::Pass);
    assert_eq!(
        with("server 203.0.113.1 prefer trust iburst"),
        Status::Unknown
    );
    assert_eq!(with("pool pool.example iburst"), Status::Unknown);
    assert_eq!(with("server 203.0.113.1 noselect"), Status::Pass);
    assert_eq!(with("initstepslew 30 203.0.113.1"), Status::Unknown);
    assert_eq!(with("authselectmode require"), Status::Unknown);
    assert_eq!(with("nonsense"), Status::Unknown);
    let all = |option: &str| time(chrony(&APPROVED.replace("iburst", option)));
    assert_eq!(all("iburst noselect"), Status::Unknown);
    assert_eq!(all("offline"), Status::Unknown);
    assert_eq!(all("offset 3600"), Status::Unknown);
    let dropped = chrony(&format!("{APPROVED}sourcedir /etc/chrony/sources.d\n")).file(
        "/etc/chrony/sources.d/x.sources",
        0o644,
        "server 203.0.113.1 trust\n",
    );
    assert_eq!(time(dropped), Status::Unknown);
}

#[test]
fn the_daemon_counts_as_its_unit_starts_it() {
    let on = || chrony(APPROVED);
    assert_eq!(time(on()), Status::Pass);
    let drop_in =
        |text: &str| time(on().file("/etc/systemd/system/chrony.service.d/x.conf", 0o644, text));
    assert_eq!(
        drop_in("[Unit]\nConditionKernelCommandLine=never\n"),
        Status::Unknown
    );
    assert_eq!(
        drop_in("[Unit]\nConditionPathExists=/run/never\n"),
        Status::Unknown
    );
    assert_eq!(drop_in("[Unit]\nAssertPathExists=/never\n"), Status::Fail);
    assert_eq!(
        drop_in("[Service]\nExecStartPre=/bin/false\n"),
        Status::Fail
    );
    assert_eq!(
        drop_in("[Service]\nExecStartPre=-/bin/false\n"),
        Status::Pass
    );
    assert_eq!(drop_in("[Service]\nUser=nobody-here\n"), Status::Fail);
    assert_eq!(drop_in("[Service]\nEnvironmentFile=/never\n"), Status::Fail);
    assert_eq!(
        drop_in("[Service]\nExecStart=\nExecStart=/usr/sbin/chronyd -x\n"),
        Status::Fail
    );
    assert_eq!(drop_in("[Service]\nPrivateNetwork=yes\n"), Status::Unknown);
    assert_eq!(drop_in("[Service]\nRestart=always\n"), Status::Pass);
    let other = |text: &str| {
        time(on().file("/etc/default/chrony", 0o644, text).file(
            "/srv/c.conf",
            0o644,
            "server 203.0.113.1\n",
        ))
    };
    assert_eq!(other("DAEMON_OPTS=\"-F 1\"\n"), Status::Pass);
    assert_eq!(
        other("DAEMON_OPTS=\"-F 1 -f /srv/c.conf\"\n"),
        Status::Unknown
    );
    assert_eq!(other("DAEMON_OPTS=\"-f /srv/none\"\n"), Status::Fail);
}

#[test]
fn what_sets_the_clock_otherwise_is_told() {
    let script = |text: &str| {
        let text = format!("#!/bin/sh\n{text}\n");
        let unit = "[Service]\nExecStart=/srv/run\n";
        let build = chrony(APPROVED).file("/srv/run", 0o755, text).file(
            "/etc/systemd/system/n.service",
            0o644,
            unit,
        );
        time(build.link(
            "/etc/systemd/system/multi-user.target.wants/n.service",
            "../n.service",
        ))
    };
    assert_eq!(script("date"), Status::Pass);
    assert_eq!(script("date -s '2001-01-01'"), Status::Unknown);
    for command in [
        "date 010100002030",
        "date -us @1",
        "systemctl stop 'chro*'",
        "/etc/init.d/chrony stop",
        "pkill chron",
        "hwclock --set --date 2001-01-01",
        "busctl call org.freedesktop.timedate1 /x y SetTime xbb 1 false false",
    ] {
        assert_eq!(script(command), Status::Unknown, "{command}");
    }
    for command in [
        "date -d 20240101",
        "date -Iseconds",
        "date +%s",
        "pkill java",
    ] {
        assert_eq!(script(command), Status::Pass, "{command}");
    }
    assert_eq!(script("systemctl stop chrony"), Status::Unknown);
    assert_eq!(script("chronyc add server 203.0.113.1"), Status::Unknown);
    assert_eq!(script("timedatectl set-ntp false"), Status::Unknown);
    assert_eq!(script("timedatectl set-ntp true"), Status::Pass);
}
