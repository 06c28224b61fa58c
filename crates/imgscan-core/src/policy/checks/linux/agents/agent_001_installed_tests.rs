//! LNX-AGENT-001 and LNX-AGENT-002.

use crate::evidence::linux::testing::{Build, elf, guest};
use crate::policy::Status;
use crate::policy::checks::find;
use crate::policy::checks::linux::testing::{check, check_guest, status};
use crate::policy::load::Node;
use crate::text::Lang;

const LINE: &str = "* * * * * /usr/local/sa/agent/secu-tcs-agent-mon-safe.sh >/dev/null 2>&1\n";
const SPOOL: &str = "/var/spool/cron/crontabs/root";

fn cron(build: Build) -> Build {
    build
        .file("/usr/lib/systemd/systemd", 0o755, elf(64))
        .file("/usr/sbin/cron", 0o755, elf(64))
        .file(
            "/usr/lib/systemd/system/cron.service",
            0o644,
            "[Service]\nExecStart=/usr/sbin/cron -f\n",
        )
        .file(
            "/usr/lib/systemd/system/multi-user.target",
            0o644,
            "[Unit]\nRequires=basic.target\n",
        )
        .link(
            "/usr/lib/systemd/system/default.target",
            "multi-user.target",
        )
        .link(
            "/etc/systemd/system/multi-user.target.wants/cron.service",
            "/usr/lib/systemd/system/cron.service",
        )
}

fn agent_tree(build: Build) -> Build {
    build
        .file("/usr/local/sa/agent/secu-tcs-agent", 0o755, elf(8192))
        .file(
            "/usr/local/sa/agent/secu-tcs-agent-mon-safe.sh",
            0o755,
            "#!/bin/sh\n/usr/local/sa/agent/secu-tcs-agent\n",
        )
}

fn clean() -> Build {
    agent_tree(cron(Build::debian())).file(SPOOL, 0o600, LINE)
}

fn onion(build: Build) -> Status {
    status("LNX-AGENT-001", build)
}

#[test]
fn present_and_started_by_an_enabled_cron_passes_with_file_and_line() {
    let result = check("LNX-AGENT-001", clean());
    assert_eq!(result.status, Status::Pass, "{result:?}");
    let line = result
        .evidence
        .iter()
        .find(|i| i.at.path.as_deref() == Some(SPOOL));
    assert_eq!(line.and_then(|i| i.at.line), Some(1));
}

#[test]
fn no_tree_or_an_empty_tree_fails() {
    assert_eq!(onion(cron(Build::debian())), Status::Fail);
    assert_eq!(
        onion(cron(Build::debian()).dir("/usr/local/sa")),
        Status::Fail
    );
    assert_eq!(
        onion(
            cron(Build::debian())
                .dir("/usr/local/sa/agent")
                .file(SPOOL, 0o600, LINE)
        ),
        Status::Fail
    );
}

#[test]
fn a_program_that_can_not_be_the_agent_fails() {
    let with =
        |mode, data: Vec<u8>| onion(clean().file("/usr/local/sa/agent/secu-tcs-agent", mode, data));
    assert_eq!(with(0o755, Vec::new()), Status::Fail);
    assert_eq!(with(0o755, b"#!/bin/sh\n".to_vec()), Status::Fail);
    assert_eq!(with(0o644, elf(8192)), Status::Fail);
    let mut arm = elf(8192);
    arm[18] = 183;
    assert_eq!(with(0o755, arm), Status::Fail);
    let link = clean()
        .file("/bin/true", 0o755, elf(64))
        .link("/usr/local/sa/agent/secu-tcs-agent", "/bin/true");
    assert_eq!(onion(link), Status::Fail);
    let owner = clean().with("/usr/local/sa/agent/secu-tcs-agent", |m| m.uid = Some(1000));
    assert_eq!(onion(owner), Status::Fail);
}

#[test]
fn a_start_line_that_does_not_run_is_none() {
    let line = |text: &str| onion(clean().file(SPOOL, 0o600, text));
    assert_eq!(line(&format!("# {LINE}")), Status::Fail);
    assert_eq!(
        line("* * * * * rm -f /usr/local/sa/agent/secu-tcs-agent-mon-safe.sh\n"),
        Status::Fail
    );
    assert_eq!(line(""), Status::Fail);
    let orphan = clean()
        .file(SPOOL, 0o600, "")
        .file("/var/spool/cron/crontabs/ghost", 0o600, LINE);
    assert_eq!(onion(orphan), Status::Fail);
    let gone = clean().link("/usr/local/sa/agent/secu-tcs-agent-mon-safe.sh", "/nowhere");
    assert_eq!(onion(gone), Status::Fail);
}

#[test]
fn rc_local_needs_its_x_bit_its_unit_and_its_place() {
    let line = "#!/bin/sh\n/usr/local/sa/agent/secu-tcs-agent-mon-safe.sh\nexit 0\n";
    let unit = |b: Build| {
        b.file(
            "/usr/lib/systemd/system/rc-local.service",
            0o644,
            "[Service]\nExecStart=/etc/rc.local start\n",
        )
    };
    let base = || agent_tree(cron(Build::debian()));
    assert_eq!(
        onion(unit(base()).file("/etc/rc.local", 0o755, line)),
        Status::Pass
    );
    assert_eq!(
        onion(unit(base()).file("/etc/rc.local", 0o644, line)),
        Status::Fail
    );
    assert_eq!(
        onion(base().file("/etc/rc.local", 0o755, line)),
        Status::Fail
    );
    assert_eq!(
        onion(unit(base()).file("/etc/rc.d/rc.local", 0o755, line)),
        Status::Fail
    );
    let after = "#!/bin/sh\nexit 0\n/usr/local/sa/agent/secu-tcs-agent-mon-safe.sh\n";
    assert_eq!(
        onion(unit(base()).file("/etc/rc.local", 0o755, after)),
        Status::Fail
    );
    let masked = unit(base())
        .file("/etc/rc.local", 0o755, line)
        .link("/etc/systemd/system/rc-local.service", "/dev/null");
    assert_eq!(onion(masked), Status::Fail);
}

#[test]
fn a_cron_that_is_not_enabled_starts_nothing() {
    let off = agent_tree(Build::debian())
        .file("/usr/lib/systemd/systemd", 0o755, elf(64))
        .file(SPOOL, 0o600, LINE);
    assert_eq!(onion(off), Status::Fail);
    let masked = clean().link("/etc/systemd/system/cron.service", "/dev/null");
    assert_eq!(onion(masked), Status::Fail);
}

fn yunjing() -> Build {
    let root = "/usr/local/qcloud/YunJing";
    cron(Build::debian())
        .file(&format!("{root}/YDEyes/YDService"), 0o755, elf(8192))
        .file(&format!("{root}/YDLive/YDLive"), 0o755, elf(8192))
        .file(&format!("{root}/YDCrontab.sh"), 0o755, "#!/bin/sh\n./YDLive/YDLive\n")
        .file("/etc/cron.d/yunjing", 0o644, "*/30 * * * * root /usr/local/qcloud/YunJing/YDCrontab.sh > /dev/null 2>&1 &\n@reboot root sleep 30 && /usr/local/qcloud/YunJing/YDCrontab.sh\n")
}

#[test]
fn the_newer_agent_alone_warns_and_a_strict_policy_fails_it() {
    assert_eq!(onion(yunjing()), Status::Warn);
    let strict = check_guest("LNX-AGENT-001", &guest(yunjing()), |policy| {
        policy.params.insert("strict".into(), true.into());
    });
    assert_eq!(strict.status, Status::Fail);
}

#[test]
fn what_can_not_be_read_is_unknown_and_never_a_failure() {
    assert_eq!(
        onion(cron(Build::debian()).missing("/usr/local")),
        Status::Unknown
    );
    let hidden = clean().file(SPOOL, 0o600, "").missing("/etc/cron.d");
    assert_eq!(onion(hidden), Status::Unknown);
    // What was found proves the pass, whatever else is hidden.
    assert_eq!(onion(clean().missing("/etc/cron.d")), Status::Pass);
}

#[test]
fn an_agent_that_the_policy_calls_optional_may_be_absent() {
    let result = check_guest("LNX-AGENT-001", &guest(cron(Build::debian())), |policy| {
        for check in &mut policy.checks {
            check.with.insert("optional".into(), true.into());
        }
    });
    assert_eq!(result.status, Status::NotApplicable, "{result:?}");
}

#[test]
fn the_monitor_of_either_generation() {
    let monitor = |b: Build| status("LNX-AGENT-002", b);
    let legacy = || {
        cron(Build::debian())
            .file("/usr/local/agenttools/agent/agent", 0o755, elf(8192))
            .file(
                "/usr/local/agenttools/agent/startagent.sh",
                0o755,
                "#!/bin/sh\n./agent\n",
            )
    };
    let line = "* * * * * root /usr/local/agenttools/agent/startagent.sh\n";
    assert_eq!(monitor(legacy()), Status::Fail);
    assert_eq!(
        monitor(legacy().file("/etc/cron.d/agent", 0o644, line)),
        Status::Pass
    );
    assert_eq!(
        monitor(legacy().file("/etc/cron.d/agent.sh", 0o644, line)),
        Status::Fail
    );
    // The bare folder, shared with unrelated helpers, is no proof.
    assert_eq!(
        monitor(cron(Build::debian()).file(
            "/usr/local/qcloud/irq/net_smp_affinity.sh",
            0o755,
            "x"
        )),
        Status::Fail
    );
    let barad = || {
        cron(Build::debian()).file(
            "/usr/local/qcloud/monitor/barad/bin/barad_agent",
            0o755,
            elf(8192),
        )
    };
    let own = "* * * * * root /usr/local/qcloud/monitor/barad/admin/trystart.sh\n";
    let alone = barad()
        .file(
            "/usr/local/qcloud/monitor/barad/admin/trystart.sh",
            0o755,
            "#!/bin/sh\n./start\n",
        )
        .file("/etc/cron.d/barad", 0o644, own);
    assert_eq!(monitor(alone), Status::Warn);
    let task = "* * * * * root flock -xn /tmp/stargate.lock -c '/usr/local/qcloud/stargate/admin/start.sh > /dev/null 2>&1 &'\n";
    let both = barad()
        .file("/usr/local/qcloud/stargate/bin/sgagent64", 0o755, elf(8192))
        .file(
            "/usr/local/qcloud/stargate/admin/start.sh",
            0o755,
            "#!/bin/sh\n./start\n",
        )
        .file("/etc/cron.d/sgagenttask", 0o644, task);
    assert_eq!(monitor(both), Status::Pass);
}

/// `clean` with another start line in root's crontab.
fn started_by(line: &str) -> Status {
    onion(clean().file(SPOOL, 0o600, format!("{line}\n")))
}

const MON: &str = "/usr/local/sa/agent/secu-tcs-agent-mon-safe.sh";

#[test]
fn a_line_that_never_starts_the_agent_fails() {
    assert_eq!(started_by(&format!("* * * * * {MON}")), Status::Pass);
    for line in [
        format!("* * * * * true || {MON}"),
        format!("* * * * * false && {MON}"),
        format!("* * * * * : ; exit 0 ; {MON}"),
        format!("* * * * * [ -x {MON} ]"),
        format!("* * * * * sudo rm -f {MON}"),
        format!("* * * * * sh -n {MON}"),
        format!("* * * * * sh /bin/other {MON}"),
        format!("* * * * * /usr/local/sa/agent/../../../bin/true {MON}"),
        format!("0 0 31 2 * {MON}"),
        format!("@never {MON}"),
        format!("#*/5 * * * * {MON}"),
        format!("SHELL=/bin/false\n* * * * * {MON}"),
    ] {
        assert_eq!(started_by(&line), Status::Fail, "{line}");
    }
    let unsure = started_by(&format!("* * * * * grep -q x /proc/cmdline && {MON}"));
    assert_eq!(unsure, Status::Unknown);
    // The file's last line has no end: Debian's cron passes over the file.
    let cut = clean().file(SPOOL, 0o600, format!("* * * * * {MON}"));
    assert_eq!(onion(cut), Status::Fail);
    let broken = clean().file(SPOOL, 0o600, format!("99 * * * * x\n* * * * * {MON}\n"));
    assert_eq!(onion(broken), Status::Fail);
}

#[test]
fn a_table_that_cron_does_not_read_starts_nothing() {
    let base = || agent_tree(cron(Build::debian()));
    let line = format!("* * * * * root {MON}\n");
    let d = |name: &str, mode, text: &str| {
        onion(base().file(&format!("/etc/cron.d/{name}"), mode, text))
    };
    assert_eq!(d("agent", 0o644, &line), Status::Pass);
    assert_eq!(d("agent.cron", 0o644, &line), Status::Fail);
    assert_eq!(d("agent", 0o666, &line), Status::Fail);
    assert_eq!(
        d("agent", 0o644, &line.replace("root", "ghost")),
        Status::Fail
    );
    let passwd = "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534::/:/bin/false\n";
    let other = base().file("/etc/passwd", 0o644, passwd).file(
        "/etc/cron.d/agent",
        0o644,
        line.replace("root", "nobody"),
    );
    assert_eq!(onion(other), Status::Fail);
    // Debian's cron reads /var/spool/cron/crontabs only.
    assert_eq!(
        onion(base().file("/var/spool/cron/root", 0o600, LINE)),
        Status::Fail
    );
    assert_eq!(onion(base().file(SPOOL, 0o644, LINE)), Status::Fail);
    let linked = base().file("/tmp/x", 0o600, LINE).link(SPOOL, "/tmp/x");
    assert_eq!(onion(linked), Status::Fail);
    // cronie wants a file that nobody can run.
    let rpm = |mode| {
        onion(
            agent_tree(cron(Build::bare()))
                .file("/var/lib/rpm/rpmdb.sqlite", 0o644, "x")
                .file("/var/spool/cron/root", mode, LINE),
        )
    };
    assert_eq!((rpm(0o600), rpm(0o700)), (Status::Pass, Status::Fail));
}

#[test]
fn what_another_init_reads_starts_nothing() {
    let base = || agent_tree(cron(Build::debian()));
    let inittab = format!("sa:2345:respawn:{MON}\n");
    assert_eq!(
        onion(base().file("/etc/inittab", 0o644, inittab)),
        Status::Fail
    );
    let anacron = format!("1 5 sa {MON}\n");
    assert_eq!(
        onion(base().file("/etc/anacrontab", 0o644, anacron)),
        Status::Fail
    );
    let openrc = agent_tree(Build::debian())
        .file("/usr/lib/systemd/systemd", 0o755, elf(64))
        .file("/usr/sbin/cron", 0o755, elf(64))
        .file("/etc/init.d/cron", 0o755, "#!/bin/sh\n")
        .link("/etc/runlevels/default/cron", "/etc/init.d/cron")
        .file(SPOOL, 0o600, LINE);
    assert_eq!(onion(openrc), Status::Fail);
    // The unit of cron starts something else.
    let other = clean().file(
        "/etc/systemd/system/cron.service.d/x.conf",
        0o644,
        "[Service]\nExecStart=\nExecStart=/bin/true\n",
    );
    assert_eq!(onion(other), Status::Fail);
}

#[test]
fn units_of_the_agent_must_be_able_to_start() {
    let unit = |more: &str, exec: &str| {
        onion(
            agent_tree(cron(Build::debian()))
                .file(
                    "/etc/systemd/system/sa.service",
                    0o644,
                    format!("[Unit]\n{more}\n[Service]\n{exec}\n"),
                )
                .link(
                    "/etc/systemd/system/multi-user.target.wants/sa.service",
                    "../sa.service",
                ),
        )
    };
    let exec = format!("ExecStart={MON}");
    assert_eq!(unit("", &exec), Status::Pass);
    assert_eq!(
        unit("ConditionPathExists=/usr/local/sa", &exec),
        Status::Pass
    );
    assert_eq!(unit("ConditionVirtualization=yes", &exec), Status::Pass);
    assert_eq!(
        unit("ConditionPathExists=!/usr/local/sa", &exec),
        Status::Fail
    );
    assert_eq!(unit("ConditionPathExists=/nowhere", &exec), Status::Fail);
    assert_eq!(unit("ConditionPathExists=/run/x", &exec), Status::Pass);
    assert_eq!(
        unit("", &format!("ExecStart=/bin/true && {MON}")),
        Status::Fail
    );
    assert_eq!(unit("", &format!("User=nobody\n{exec}")), Status::Fail);
}

#[test]
fn a_start_script_that_leads_elsewhere_or_does_nothing_is_none() {
    let with = |b: Build| onion(b);
    assert_eq!(
        with(clean().file(MON, 0o755, "#!/bin/sh\nexit 0\n")),
        Status::Fail
    );
    assert_eq!(
        with(clean().file(MON, 0o644, "#!/bin/sh\n./x\n")),
        Status::Fail
    );
    let out = clean()
        .file("/bin/true", 0o755, elf(64))
        .link(MON, "/bin/true");
    assert_eq!(with(out), Status::Fail);
    // The whole tree may stand elsewhere.
    let moved = cron(Build::debian())
        .file("/var/lib/sa/agent/secu-tcs-agent", 0o755, elf(8192))
        .file(
            "/var/lib/sa/agent/secu-tcs-agent-mon-safe.sh",
            0o755,
            "#!/bin/sh\n./x\n",
        )
        .link("/usr/local/sa", "/var/lib/sa")
        .file(SPOOL, 0o600, LINE);
    assert_eq!(with(moved), Status::Pass);
}

#[test]
fn rc_local_must_be_a_shell_script_that_comes_to_the_line() {
    let rc = |text: &str| {
        onion(
            agent_tree(cron(Build::debian()))
                .file(
                    "/usr/lib/systemd/system/rc-local.service",
                    0o644,
                    "[Service]\nExecStart=/etc/rc.local start\n",
                )
                .file("/etc/rc.local", 0o755, text),
        )
    };
    assert_eq!(
        rc(&format!("#!/bin/sh -e\n{MON} &\nexit 0\n")),
        Status::Pass
    );
    for text in [
        format!("{MON}\n"),
        format!("#!/bin/true\n{MON}\n"),
        format!("#!/bin/sh\n  exit 0\n{MON}\n"),
        format!("#!/bin/sh\nexec /bin/true\n{MON}\n"),
        format!("#!/bin/sh\nif false; then\n{MON}\nfi\n"),
        format!("#!/bin/sh\nf() {{\n{MON}\n}}\n"),
        format!("#!/bin/sh -e\nfalse\n{MON}\n"),
    ] {
        assert_eq!(rc(&text), Status::Fail, "{text}");
    }
}

/// A Red Hat image as the cloud ships it: cronie, the newer agents, their files in `/etc/cron.d`.
fn red_hat() -> Build {
    let root = "/usr/local/qcloud";
    Build::bare()
        .file("/var/lib/rpm/rpmdb.sqlite", 0o644, "x")
        .file("/usr/lib/systemd/systemd", 0o755, elf(64))
        .file("/usr/sbin/crond", 0o755, elf(64))
        .file("/etc/sysconfig/crond", 0o644, "CRONDARGS=\n")
        .file(
            "/usr/lib/systemd/system/crond.service",
            0o644,
            "[Unit]\nAfter=auditd.service\n[Service]\nEnvironmentFile=/etc/sysconfig/crond\nExecStart=/usr/sbin/crond -n $CRONDARGS\n",
        )
        .file(
            "/usr/lib/systemd/system/multi-user.target",
            0o644,
            "[Unit]\nRequires=basic.target\n",
        )
        .link("/etc/systemd/system/default.target", "/usr/lib/systemd/system/multi-user.target")
        .link(
            "/etc/systemd/system/multi-user.target.wants/crond.service",
            "/usr/lib/systemd/system/crond.service",
        )
        .file(&format!("{root}/YunJing/YDEyes/YDService"), 0o755, elf(8192))
        .file(&format!("{root}/YunJing/YDLive/YDLive"), 0o755, elf(8192))
        .file(
            &format!("{root}/YunJing/YDCrontab.sh"),
            0o755,
            "#!/bin/bash\ncd `dirname $0`\nif [ -f YDLive/YDLive ]; then\n  ./YDLive/YDLive\nfi\n",
        )
        .file(
            "/etc/cron.d/yunjing",
            0o644,
            "*/30 * * * * root /usr/local/qcloud/YunJing/YDCrontab.sh > /dev/null 2>&1\n@reboot root sleep 30 && /usr/local/qcloud/YunJing/YDCrontab.sh > /dev/null 2>&1 &\n",
        )
        .file(&format!("{root}/monitor/barad/bin/barad_agent"), 0o755, elf(8192))
        .file(&format!("{root}/stargate/bin/sgagent"), 0o755, elf(8192))
        .file(
            &format!("{root}/stargate/admin/start.sh"),
            0o755,
            "#!/bin/bash\nstart() {\n  $1/bin/sgagent -d\n}\nstart /usr/local/qcloud/stargate\n",
        )
        .file(
            "/etc/cron.d/sgagenttask",
            0o644,
            "#stargate agent\n* * * * * root flock -xn /tmp/stargate.lock -c '/usr/local/qcloud/stargate/admin/start.sh > /dev/null 2>&1 &'\n",
        )
}

/// Seen in cron of Debian: 3.0pl1-162 ends at `-x` with its usage; 3.0pl1-197 takes it with a value, of
/// which `test` runs no line. crond of cronie takes `-m off` and `-s`.
#[test]
fn options_of_the_daemon_decide_whether_it_runs_its_lines() {
    let with = |options: &str| {
        let setting = format!("CRONDARGS={options}\n");
        status(
            "LNX-AGENT-002",
            red_hat().file("/etc/sysconfig/crond", 0o644, setting),
        )
    };
    for options in ["", "-s", "\"-s -m off\"", "\"-L 5\"", "-L5"] {
        assert_eq!(with(options), Status::Pass, "{options}");
    }
    for options in [
        "-x",
        "\"-x test\"",
        "-h",
        "-V",
        "\"-c\"",
        "\"-s /srv/tabs\"",
    ] {
        assert_eq!(with(options), Status::Unknown, "{options}");
    }
}

#[test]
fn an_honest_image_of_another_distribution_is_not_hit() {
    assert_eq!(onion(red_hat()), Status::Warn);
    assert_eq!(status("LNX-AGENT-002", red_hat()), Status::Pass);
    // The guide's agent, started by rc.local as on Red Hat systems.
    let rc = red_hat()
        .file("/usr/local/sa/agent/secu-tcs-agent", 0o755, elf(8192))
        .file(MON, 0o755, "#!/bin/sh\npgrep agent || ./secu-tcs-agent\n")
        .file(
            "/usr/lib/systemd/system/rc-local.service",
            0o644,
            "[Unit]\nConditionFileIsExecutable=/etc/rc.d/rc.local\n[Service]\nExecStart=/etc/rc.d/rc.local start\n",
        )
        .file(
            "/etc/rc.d/rc.local",
            0o755,
            format!("#!/bin/bash\n# note\ntouch /var/lock/subsys/local\n{MON} > /dev/null 2>&1 &\n"),
        )
        .link("/etc/rc.local", "rc.d/rc.local");
    assert_eq!(onion(rc), Status::Pass);
    // Debian's own table, tabs and all, beside a clean agent.
    let table = "SHELL=/bin/sh\n# Example\n17 *\t* * *\troot\tcd / && run-parts --report /etc/cron.hourly\n25 6\t* * *\troot\ttest -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }\n#\n";
    let daily = agent_tree(cron(Build::debian()))
        .file("/etc/crontab", 0o644, table)
        .file("/bin/sh", 0o755, elf(64))
        .file("/etc/cron.daily/sa", 0o755, format!("#!/bin/sh\n{MON}\n"));
    assert_eq!(onion(daily), Status::Pass);
}

#[test]
fn an_argument_of_the_kernel_may_keep_all_of_it_from_starting() {
    let with = |arguments: &str| {
        onion(clean().file("/boot/vmlinuz-1", 0o644, "x").file(
            "/boot/grub/grub.cfg",
            0o600,
            format!("set default=0\nmenuentry a {{\nlinux /boot/vmlinuz-1 root=/dev/vda1 ro {arguments}\n}}\n"),
        ))
    };
    assert_eq!(with("quiet console=ttyS0 init=/sbin/init"), Status::Pass);
    assert_eq!(with("systemd.mask=cron.service"), Status::Unknown);
    assert_eq!(with("init=/bin/sh"), Status::Unknown);
    assert_eq!(with("systemd.unit=rescue.target"), Status::Unknown);
}

#[test]
fn parameters_that_can_not_be_met_are_refused_with_their_place() {
    let refused = |yaml: &str| {
        let with: serde_json::Value = serde_yaml_ng::from_str(yaml).unwrap();
        let test = find("linux_agent_001_installed").unwrap();
        let place = |why: crate::text::Text| -> Option<String> {
            why.args.get("place").map(|p| p.shown(Lang::En).into())
        };
        test.ready(&Node::from(&with)).err().and_then(place)
    };
    let whole = |families: &str| {
        format!("{{modern_only: warn, modern_only_strict: fail, families: {families}}}")
    };
    let family = "{name: a, roots: [/a], start: [x], programs: [{name: x}]}";
    assert_eq!(refused(&whole(&format!("[{family}]"))), None);
    let path = |yaml: &str| refused(yaml).unwrap_or_default();
    assert_eq!(path(&whole("[]")), "families");
    assert_eq!(
        path(&whole(&format!("[{family}, {family}]"))),
        "families[1]"
    );
    let rootless = family.replace("[/a]", "[]");
    assert_eq!(path(&whole(&format!("[{rootless}]"))), "families[0].roots");
    let word = whole(&format!("[{family}]")).replace("fail", "unknown");
    assert_eq!(path(&word), "modern_only_strict");
}

#[test]
fn a_program_is_one_that_the_kernel_could_start() {
    let with =
        |data: Vec<u8>| onion(clean().file("/usr/local/sa/agent/secu-tcs-agent", 0o755, data));
    assert_eq!(with(elf(8192)), Status::Pass);
    // What load_elf_binary (fs/binfmt_elf.c) refuses: the first bytes alone, an object, a program without code.
    let mut start = elf(8192)[..64].to_vec();
    assert_eq!(with(start.clone()), Status::Fail);
    start.resize(8192, 0);
    assert_eq!(with(start), Status::Fail);
    let mut object = elf(8192);
    object[16] = 1;
    assert_eq!(with(object), Status::Fail);
    let mut empty = elf(8192);
    empty[120..129].fill(0);
    assert_eq!(with(empty), Status::Fail);
}

#[test]
fn whatever_keeps_cron_from_running_keeps_the_agent() {
    let drop_in = |text: &str| {
        check(
            "LNX-AGENT-001",
            clean().file("/etc/systemd/system/cron.service.d/x.conf", 0o644, text),
        )
    };
    let failing = drop_in("[Service]\nExecStartPre=/bin/false\n");
    assert_eq!(failing.status, Status::Fail);
    assert!(format!("{:?}", failing.evidence).contains("cron.service.d/x.conf"));
    assert_eq!(
        drop_in("[Service]\nExecStartPre=-/bin/false\n").status,
        Status::Pass
    );
    assert_eq!(
        drop_in("[Unit]\nConditionPathExists=/never\n").status,
        Status::Fail
    );
    assert_eq!(
        drop_in("[Unit]\nConditionPathExists=/run/x\n").status,
        Status::Unknown
    );
    assert_eq!(
        drop_in("[Service]\nExecSearchPath=/x\n").status,
        Status::Unknown
    );
    // systemd.resource-control(5), systemd.service(5), systemd.unit(5): what cron's work depends on.
    for (usual, odd) in [
        ("[Service]\nTasksMax=512\n", "[Service]\nTasksMax=1\n"),
        (
            "[Service]\nLimitNOFILE=65535\n",
            "[Service]\nLimitNOFILE=2\n",
        ),
        ("[Service]\nType=simple\n", "[Service]\nType=notify\n"),
        (
            "[Unit]\nConflicts=shutdown.target x.service\n",
            "[Unit]\nConflicts=multi-user.target\n",
        ),
        (
            "[Service]\nSlice=system.slice\n",
            "[Service]\nSlice=x.slice\n",
        ),
        (
            "[Unit]\nRequires=basic.target\n",
            "[Unit]\nRequires=x.service\nAfter=x.service\n",
        ),
        (
            "[Unit]\nAfter=dev-x.device\n",
            "[Unit]\nBindsTo=dev-x.device\n",
        ),
        (
            "[Unit]\nJobTimeoutSec=infinity\n",
            "[Unit]\nJobTimeoutSec=1\n",
        ),
        (
            "[Service]\nTimeoutStartSec=1min\n",
            "[Service]\nTimeoutStartSec=1us\n",
        ),
        (
            "[Service]\nStandardOutput=journal\n",
            "[Service]\nStandardOutput=file:/none/x\n",
        ),
        (
            "[Service]\nStandardInput=null\n",
            "[Service]\nStandardInput=file:/none/x\n",
        ),
        (
            "[Service]\nNotifyAccess=main\n",
            "[Service]\nNotifyAccess=none\n",
        ),
        ("[Service]\nGroup=root\n", "[Service]\nGroup=nosuch\n"),
        (
            "[Service]\nExecStartPost=-/bin/true\n",
            "[Service]\nExecStartPost=/bin/false\n",
        ),
    ] {
        assert_eq!(drop_in(usual).status, Status::Pass, "{usual}");
        assert_eq!(drop_in(odd).status, Status::Unknown, "{odd}");
    }
    // The daemon of a package starts as its package knows: systemd.service(5), Type=.
    let packaged = |line: &str| {
        let unit: &[u8] = b"[Service]\nExecStart=/usr/sbin/cron -f\n";
        let text = format!("[Service]\n{line}\n");
        let build = clean()
            .owned(
                "cron",
                &[("/usr/lib/systemd/system/cron.service", 0o644, unit)],
            )
            .file("/etc/systemd/system/cron.service.d/x.conf", 0o644, text);
        onion(build)
    };
    assert_eq!(packaged("Type=exec"), Status::Pass);
    assert_eq!(packaged("PIDFile=/run/x"), Status::Pass);
    assert_eq!(packaged("Type=forking"), Status::Unknown);
    let variable = "[Service]\nEnvironmentFile=/etc/default/cron\n";
    let preloaded = clean()
        .file("/etc/systemd/system/cron.service.d/x.conf", 0o644, variable)
        .file("/etc/default/cron", 0o644, "LD_PRELOAD=/srv/x.so\n");
    assert_eq!(onion(preloaded), Status::Unknown);
    let table = |shell: &str| clean().file(SPOOL, 0o600, format!("SHELL={shell}\n{LINE}"));
    assert_eq!(
        onion(table("/bin/false").file("/bin/false", 0o755, elf(64))),
        Status::Fail
    );
    let linked = table("/srv/sh")
        .file("/bin/true", 0o755, elf(64))
        .link("/srv/sh", "/bin/true");
    assert_eq!(onion(linked), Status::Fail);
    let shell = table("/bin/sh")
        .file("/bin/dash", 0o755, elf(64))
        .link("/bin/sh", "dash");
    assert_eq!(onion(shell), Status::Pass);
    let pam = |line: &str| {
        let text = format!("{line}\naccount required pam_unix.so\n");
        check(
            "LNX-AGENT-001",
            clean().file("/etc/pam.d/cron", 0o644, text),
        )
    };
    assert_eq!(pam("").status, Status::Pass);
    let denied = pam("account required pam_deny.so");
    assert_eq!(denied.status, Status::Fail);
    assert!(format!("{:?}", denied.evidence).contains("pam.d/cron"));
    assert_eq!(pam("account required pam_time.so").status, Status::Unknown);
    // limits.conf(5): root is bound by lines with the name alone.
    let limits = |line: &str| {
        let path = "/etc/security/limits.d/x.conf";
        onion(clean().file(path, 0o644, format!("{line}\n")))
    };
    for usual in [
        "* hard nproc 0",
        "@root hard as 1",
        "root soft nofile 65535",
        "root - core 0",
        "root hard nproc unlimited",
        "#root hard as 1",
    ] {
        assert_eq!(limits(usual), Status::Pass, "{usual}");
    }
    for tight in [
        "root hard as 1",
        "root - nofile 3",
        "root hard cpu 1",
        "root - fsize 0",
    ] {
        assert_eq!(limits(tight), Status::Unknown, "{tight}");
    }
    let shadow = "root:*:19000:0:99999:7::19001:\n";
    let expired = clean()
        .file("/etc/pam.d/cron", 0o644, "account required pam_unix.so\n")
        .file("/etc/shadow", 0o640, shadow);
    assert_eq!(onion(expired), Status::Unknown);
}

#[test]
fn what_stops_the_agent_when_the_machine_runs_is_told() {
    let with = |text: &str| {
        let unit = "[Service]\nExecStart=/etc/rc.local start\n";
        onion(
            clean()
                .file("/usr/lib/systemd/system/rc-local.service", 0o644, unit)
                .link(
                    "/etc/systemd/system/multi-user.target.wants/rc-local.service",
                    "/usr/lib/systemd/system/rc-local.service",
                )
                .file(
                    "/etc/rc.local",
                    0o755,
                    format!("#!/bin/sh\n{text}\nexit 0\n"),
                ),
        )
    };
    assert_eq!(with("true"), Status::Pass);
    assert_eq!(with("systemctl stop cron"), Status::Unknown);
    assert_eq!(with("rm -rf /usr/local/sa"), Status::Unknown);
    assert_eq!(with("pkill -9 secu-tcs-agent"), Status::Unknown);
    // systemctl(1), pkill(1), kill(1), telinit(8).
    for command in [
        "systemctl stop 'cro*'",
        "systemctl --now mask cron.service",
        "/etc/init.d/cron stop",
        "invoke-rc.d cron stop",
        "pkill -f secu-tcs",
        "pkill '^cron$'",
        "pkill -u root",
        "killall -9 cron",
        "kill -9 -1",
        "kill -9 $(pidof secu-tcs-agent)",
        "telinit 1",
    ] {
        assert_eq!(with(command), Status::Unknown, "{command}");
    }
    for command in [
        "systemctl restart 'cro*'",
        "systemctl stop apache2 'ngin*'",
        "/etc/init.d/cron start",
        "pkill -f java",
        "pkill -9 nginx",
        "kill -1 1234",
        "kill $PID",
    ] {
        assert_eq!(with(command), Status::Pass, "{command}");
    }
    // busctl(1), crontab(1), chmod(1), mv(1).
    for command in [
        "busctl call org.freedesktop.systemd1 /x org.freedesktop.systemd1.Manager StopUnit ss cron.service replace",
        "crontab -r",
        "crontab /srv/x",
        "chmod 0 /usr/sbin/cron",
        "rm /var/spool/cron/crontabs/root",
        "mv /usr/local /srv/x",
        "rm -rf /usr/local/*",
        "chmod -R 0 /usr/local",
    ] {
        assert_eq!(with(command), Status::Unknown, "{command}");
    }
    for command in [
        "busctl list",
        "crontab -l",
        "chmod 755 /usr/local",
        "mv /srv/x /usr/local",
        "cat /var/spool/cron/crontabs/root",
        "rm -rf /tmp/x",
    ] {
        assert_eq!(with(command), Status::Pass, "{command}");
    }
}

#[test]
fn an_unreadable_database_makes_no_start_line() {
    // On Debian this table is not read, whether the packages can be told or not.
    let wrong = || {
        agent_tree(cron(Build::debian()))
            .file("/etc/debian_version", 0o644, "12.1\n")
            .file("/var/spool/cron/root", 0o600, LINE)
    };
    assert_eq!(onion(wrong()), Status::Fail);
    assert_ne!(onion(wrong().missing("/var/lib")), Status::Pass);
}

#[test]
fn what_runs_before_or_inside_of_everything_must_be_of_a_package() {
    // ld.so(8): a library of this list is loaded into every program.
    let list = "/etc/ld.so.preload";
    let preload = check(
        "LNX-AGENT-001",
        clean().file(list, 0o644, "# none\n/srv/x.so\n"),
    );
    assert_eq!(preload.status, Status::Unknown);
    let mut places = preload
        .evidence
        .iter()
        .map(|i| (i.at.path.as_deref(), i.at.line));
    assert!(places.any(|at| at == (Some(list), Some(2))), "{preload:?}");
    assert_eq!(onion(clean().file(list, 0o644, "# none\n")), Status::Pass);
    let own = clean()
        .owned("libx", &[("/usr/lib/libx.so", 0o644, &elf(64))])
        .file(list, 0o644, "/usr/lib/libx.so\n");
    assert_eq!(onion(own), Status::Pass);
    let init = |build: Build| onion(build.link("/sbin/init", "/usr/lib/systemd/systemd"));
    let systemd = || clean().owned("systemd", &[("/usr/lib/systemd/systemd", 0o755, &elf(64))]);
    assert_eq!(init(systemd()), Status::Pass);
    let script = systemd().file("/sbin/init", 0o755, "#!/bin/sh\nexec /bin/sh\n");
    assert_eq!(onion(script), Status::Unknown);
}

#[test]
fn programs_on_the_way_to_the_agent_must_not_have_been_changed() {
    let script = "#!/bin/sh\npgrep -x secu-tcs-agent || /usr/local/sa/agent/secu-tcs-agent\n";
    let with = || {
        clean()
            .owned("procps", &[("/usr/bin/pgrep", 0o755, b"pgrep")])
            .file(
                "/usr/local/sa/agent/secu-tcs-agent-mon-safe.sh",
                0o755,
                script,
            )
    };
    assert_eq!(onion(with()), Status::Pass);
    let changed = with().file("/usr/bin/pgrep", 0o755, "#!/bin/sh\nexit 0\n");
    let result = check("LNX-AGENT-001", changed);
    assert_eq!(result.status, Status::Unknown);
    assert!(format!("{:?}", result.evidence).contains("/usr/bin/pgrep"));
}

#[test]
fn lines_of_tmpfiles_may_take_the_agent_away_at_boot() {
    // tmpfiles.d(5).
    let with =
        |line: &str| onion(clean().file("/etc/tmpfiles.d/x.conf", 0o644, format!("{line}\n")));
    for line in [
        "R! /usr/local/sa",
        "r! /var/spool/cron/crontabs/root",
        "z /usr/local/sa/agent/secu-tcs-agent 0644 root root -",
        "Z /usr/local 0600 nobody nogroup",
        "e /usr/local/sa - - - 1d",
        "L+ /var/spool/cron - - - - /srv/cron",
    ] {
        assert_eq!(with(line), Status::Unknown, "{line}");
    }
    for line in [
        "d /var/spool/cron 0755 root root -",
        "r! /var/lock/x",
        "z /var/spool/cron 0755 root root",
        "e /tmp - - - 10d",
    ] {
        assert_eq!(with(line), Status::Pass, "{line}");
    }
}

/// systemd-system.conf(5), systemd.slice(5), pam_env(8), pam_env.conf(5), binfmt.d(5).
#[test]
fn what_holds_for_all_that_starts_holds_for_the_agent() {
    let with = |path: &str, text: &str| {
        let result = check("LNX-AGENT-001", clean().file(path, 0o644, text));
        let named = format!("{:?}", result.evidence).contains(path);
        (result.status, named)
    };
    for (path, text) in [
        ("/etc/systemd/system.conf", "[Manager]\nDefaultTasksMax=1\n"),
        (
            "/etc/systemd/system.conf.d/x.conf",
            "[Manager]\nDefaultEnvironment=LD_PRELOAD=/srv/x.so\n",
        ),
        (
            "/etc/systemd/system/system.slice.d/x.conf",
            "[Slice]\nMemoryMax=1M\n",
        ),
        ("/etc/systemd/system/-.slice", "[Slice]\nCPUQuota=1%\n"),
        ("/etc/environment", "LD_PRELOAD=/srv/x.so\n"),
        ("/etc/environment", "PATH=/srv/bin:/usr/bin\n"),
        (
            "/etc/security/pam_env.conf",
            "LD_PRELOAD DEFAULT=/srv/x.so\n",
        ),
        ("/etc/binfmt.d/x.conf", ":x:M::\\x7fELF::/srv/x:\n"),
    ] {
        assert_eq!(with(path, text), (Status::Unknown, true), "{path}: {text}");
    }
    for (path, text) in [
        (
            "/etc/systemd/system.conf",
            "[Manager]\n#DefaultTasksMax=1\nDefaultLimitNOFILE=1024:524288\n",
        ),
        (
            "/etc/environment",
            "# LD_PRELOAD=/x\nPATH=\"/usr/local/sbin:/usr/bin:/snap/bin\"\nLANG=C\n",
        ),
        ("/etc/security/pam_env.conf", "#LD_PRELOAD DEFAULT=/x\n"),
    ] {
        assert_eq!(with(path, text).0, Status::Pass, "{path}: {text}");
    }
}

/// systemd.unit(5): another unit stops cron, or lets it wait; systemd.device(5): a rule starts one.
#[test]
fn another_unit_may_stop_cron_or_let_it_wait() {
    let with = |unit: &str, settings: &str| {
        let name = format!("/etc/systemd/system/{unit}");
        let link = format!("/etc/systemd/system/multi-user.target.wants/{unit}");
        onion(clean().file(&name, 0o644, settings).link(&link, &name))
    };
    let oneshot = "[Service]\nType=oneshot\nExecStart=/bin/sleep infinity\n";
    let before = format!("[Unit]\nBefore=cron.service\n{oneshot}");
    assert_eq!(with("x.service", &before), Status::Unknown);
    assert_eq!(
        with("x.service", &format!("{before}TimeoutStartSec=10\n")),
        Status::Pass
    );
    assert_eq!(
        with("x.target", "[Unit]\nConflicts=cron.service\n"),
        Status::Unknown
    );
    assert_eq!(
        with(
            "x.service",
            "[Unit]\nConflicts=y.service\n[Service]\nExecStart=/x\n"
        ),
        Status::Pass
    );
    let wanted = |rule: &str| {
        let unit = "[Service]\nExecStart=/bin/systemctl stop cron\n";
        let build = clean().file("/etc/systemd/system/x.service", 0o644, unit);
        onion(build.file("/etc/udev/rules.d/x.rules", 0o644, rule))
    };
    assert_eq!(
        wanted("KERNEL==\"vda\", ENV{SYSTEMD_WANTS}+=\"x.service\"\n"),
        Status::Unknown
    );
    assert_eq!(wanted("KERNEL==\"vda\", MODE=\"0600\"\n"), Status::Pass);
}

/// pam.conf(5), pam_exec(8): cron opens a session for every job.
#[test]
fn a_session_that_pam_refuses_or_that_runs_a_program_is_a_doubt() {
    let pam = |line: &str| {
        let text = format!("account required pam_unix.so\n{line}\n");
        onion(clean().file("/etc/pam.d/cron", 0o644, text))
    };
    // pam-auth-update's common-session-noninteractive.
    let usual = "session [default=1] pam_permit.so\nsession requisite pam_deny.so\nsession required pam_permit.so\nsession required pam_unix.so";
    assert_eq!(pam(usual), Status::Pass);
    assert_eq!(
        pam("session required pam_exec.so /bin/false"),
        Status::Unknown
    );
    assert_eq!(
        pam("session optional pam_exec.so quiet /srv/x"),
        Status::Unknown
    );
    assert_eq!(pam("session required pam_deny.so"), Status::Fail);
}

/// crontab(5): what does not come every day may not have come for months.
#[test]
fn a_line_that_seldom_runs_starts_no_agent() {
    for (schedule, status) in [
        ("*/20 * * * *", Status::Pass),
        ("@reboot", Status::Pass),
        ("0 0 1 1 *", Status::Unknown),
        ("@monthly", Status::Unknown),
    ] {
        let line = LINE.replace("* * * * *", schedule);
        assert_eq!(
            onion(clean().file(SPOOL, 0o600, line)),
            status,
            "{schedule}"
        );
    }
}

/// systemd-rc-local-generator(8): drop-ins hold for the unit that it starts.
#[test]
fn the_unit_of_rc_local_is_judged_like_any_other() {
    let line = "#!/bin/sh\n/usr/local/sa/agent/secu-tcs-agent-mon-safe.sh\nexit 0\n";
    let unit = "[Unit]\nConditionFileIsExecutable=/etc/rc.local\n[Service]\nExecStart=/etc/rc.local start\n";
    let with = |drop_in: &str| {
        onion(
            agent_tree(cron(Build::debian()))
                .file("/usr/lib/systemd/system/rc-local.service", 0o644, unit)
                .file("/etc/rc.local", 0o755, line)
                .file(
                    "/etc/systemd/system/rc-local.service.d/x.conf",
                    0o644,
                    drop_in,
                ),
        )
    };
    assert_eq!(with(""), Status::Pass);
    assert_eq!(
        with("[Service]\nTemporaryFileSystem=/usr/local\n"),
        Status::Unknown
    );
    assert_eq!(with("[Unit]\nConditionPathExists=/never\n"), Status::Fail);
}
